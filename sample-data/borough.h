/*
 * Exemplar Borough: an invented place in the open sea, made in steps that each fill their part of one struct.
 *
 *   borough_land.c     coast, output areas (OA), and the areas above them
 *   borough_region.c   connected groups of areas, for the steps above
 *   borough_homes.c    postcodes and addresses
 *   borough_figures.c  deprivation, census, libraries, surgeries, library members
 *   borough_users.c    service users, with the faults of real lists planted in counted numbers
 *   borough_write.c    the files of all these
 *   borough_truths.c   what must come out of any correct use of the files
 *
 * Each of these makes, writes and counts one subject that came later; what they hold stays in the one struct:
 *
 *   borough_electors.c   polling districts, electors now and forecast
 *   borough_vintage.c    the LSOAs of an earlier census, and figures on them
 *   borough_roads.c      roads and where they meet; borough_routes.c the ways along them and the files
 *   borough_lives.c      schools, households under the benefit cap, houses in multiple occupation
 *   borough_habitat.c    covariates of a habitat model and the likelihood surface; borough_raster.c writes them
 *   borough_bats.c       bat records drawn from that surface, and planning applications
 *
 * Everything that reaches a file is made with whole numbers and + - * / and square roots, which IEEE 754 defines to the last bit, and
 * every step draws from a random stream of its own: the same bytes on any machine, and a change in one step leaves the others' draws alone.
 */
#ifndef SAMPLE_BOROUGH_H
#define SAMPLE_BOROUGH_H

#include "output.h"
#include "partition.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNITS_PER_M = 10 }; /* the grid of all coordinates: 0.1 m */

enum borough_stream {
    STREAM_LAND = 1,
    STREAM_BORDERS,
    STREAM_LSOAS,
    STREAM_MSOAS,
    STREAM_WARDS,
    STREAM_HOMES,
    STREAM_DEPRIVATION,
    STREAM_DOMAINS,
    STREAM_CENSUS,
    STREAM_LIBRARIES,
    STREAM_SURGERIES,
    STREAM_MEMBERS,
    STREAM_USERS,
    STREAM_FAULTS,
    STREAM_DISTRICTS,
    STREAM_ELECTORS,
    STREAM_VINTAGE,
    STREAM_OLD_FIGURES,
    STREAM_ROADS,
    STREAM_STREETS,
    STREAM_ROUTES,
    STREAM_SCHOOLS,
    STREAM_CAP,
    STREAM_CAP_FIGURES,
    STREAM_HMOS,
    STREAM_HMO_FIGURES,
    STREAM_HABITAT,
    STREAM_COVER,
    STREAM_BATS,
    STREAM_PLANNING
};

enum { WARDS_N = 20, LIBRARIES_N = 9, SURGERIES_N = 14, USERS_N = 20000, DOMAINS_N = 7 };
enum { TOWNS_N = 3, SCHOOLS_N = 19, CAPPED_N = 420, HMOS_N = 260, BATS_N = 480, APPLICATIONS_N = 640, COVARIATES_N = 5 };

/* Areas stand in the order of their codes: OAs of one LSOA, LSOAs of one MSOA follow each other. */
enum area_kind { AREA_OA = 0, AREA_LSOA = 1, AREA_MSOA = 2, AREA_WARD = 5, AREA_BOROUGH = 8 };

/* "Exemplar 001" and "Exemplar 001A". */
typedef struct area_name {
    char text[24];
} area_name;

typedef struct oa {
    uint32_t lsoa, msoa, ward;
    grid_xy centre;     /* a seed, so inside */
    double deprivation; /* 0 none .. 1 much: what all figures follow */
    uint32_t first_address, addresses_n;
    int64_t population, households, age_0_15, age_16_64, age_65_plus, no_car, social_rented, unemployed, long_term_ill, one_person;
} oa;

typedef struct lsoa {
    uint32_t msoa, letter; /* named by its MSOA's number and a letter */
    uint32_t oas_n;
    grid_xy centre;
    double deprivation;
    int64_t score, domain[DOMAINS_N]; /* thousandths */
    uint32_t rank, decile;
} lsoa;

typedef struct postcode {
    char text[9]; /* "EB1 2CD" */
    grid_xy at;
    uint32_t oa, street;
    uint32_t first_address, addresses_n; /* none for a terminated one */
    int introduced, terminated;          /* months since the year 0; 0: still in use */
} postcode;

typedef struct address {
    grid_xy at;
    uint32_t postcode, number;
    bool is_commercial;
} address;

typedef struct facility {
    const char *name;
    uint32_t postcode;
    int64_t figure; /* year of opening; patients */
} facility;

/* What was planted in a user's row; one thing at most. */
typedef enum planted {
    PLANTED_NOTHING,
    PLANTED_SPARSE_LSOA, /* one of the few in the LSOA that has hardly any */
    PLANTED_NO_COORDINATES,
    PLANTED_OUTSIDE,
    PLANTED_LETTER_O, /* the letter O for the digit 0 in the postcode */
    PLANTED_TYPING,   /* postcode in lower case, without its blank, or both */
    PLANTED_NO_SUCH_POSTCODE,
    PLANTED_BORDER_VERTEX,
    PLANTED_QUOTED_NOTE,
    PLANTED_NEWLINE_NOTE,
    PLANTED_FOREIGN_NOTE, /* letters beyond ASCII */
    PLANTED_KINDS_N
} planted;

typedef enum service { ADULT_CARE, LIBRARY, HOUSING, LEISURE, YOUTH, SERVICES_N } service;

typedef struct user {
    uint64_t uprn;
    uint32_t oa; /* where their point is; NO_AREA without a point or outside */
    grid_xy at;
    char postcode[9];
    service service;
    planted planted;
    const char *age_band, *note;
    int64_t visits, registered_days, spend_pence; /* days since 2015-01-01 */
} user;

/* What polling district XCB is: ward C, its second. */
typedef struct polling {
    uint32_t ward, letter;
    int64_t electors, forecast;
} polling;

/* An LSOA of the earlier census: unchanged (then `lsoa` is the present one) or given up. */
typedef struct old_lsoa {
    uint32_t lsoa, number; /* NO_AREA when given up; then numbered from 0 among those */
    area_name name;
    char change;                                      /* U, S, M or X */
    int64_t population, households, claimants, score; /* thousandths */
    uint32_t rank;
} old_lsoa;

typedef struct road_kind {
    const char *number, *classification, *function;
    bool is_primary, is_trunk;
} road_kind;

typedef struct road_link {
    uint32_t from, to; /* nodes */
    size_t first, n;   /* vertices in roads.xy */
    const road_kind *kind;
    const char *form;
    uint32_t street; /* a name; NO_STREET */
    double length_m;
} road_link;

typedef struct road_node {
    grid_xy at;
    uint32_t ends_n, component; /* link ends that meet here; 0 the mainland, 1 the island */
} road_node;

typedef struct road_network {
    road_node *nodes;
    road_link *links;
    grid_xy *xy;
    size_t nodes_n, nodes_room, links_n, links_room, xy_n, xy_room;
    uint32_t town[TOWNS_N], quay, village, island; /* nodes */
} road_network;

typedef struct bat_record {
    grid_xy at; /* as published, that is, blurred */
    uint32_t species, kind;
    int64_t days, precision_m;
} bat_record;

typedef struct application {
    grid_xy at;
    uint32_t kind, decision;
    int64_t days; /* since 2015-01-01 */
} application;

typedef struct borough {
    uint64_t seed;
    partition partition;
    uint32_t cells_n;
    grid_xy *cell_seeds;
    uint32_t *oa_of_cell;
    oa *oas;
    lsoa *lsoas;
    uint32_t oas_n, lsoas_n, msoas_n;
    shapes oa_shapes, lsoa_shapes, msoa_shapes, ward_shapes, whole_shapes;
    uint32_t enclave, round_enclave, with_island; /* OAs */
    uint32_t harbour_ward;
    postcode *postcodes;
    size_t postcodes_n, postcodes_room;
    address *addresses;
    size_t addresses_n, addresses_room;
    facility libraries[LIBRARIES_N], surgeries[SURGERIES_N];
    int64_t *members; /* lsoas_n x LIBRARIES_N */
    uint32_t sparse_lsoa;
    user *users;
    polling *districts;
    uint32_t *district_of_oa, districts_n;
    shapes district_shapes;
    old_lsoa *old_lsoas;
    uint32_t *old_lsoa_of_oa, old_lsoas_n;
    shapes old_lsoa_shapes;
    road_network roads;
    facility schools[SCHOOLS_N];
    uint32_t *capped, *hmos;                       /* homes */
    int16_t *covariate[COVARIATES_N], *likelihood; /* NO_DATA at sea */
    double *weight;                                /* the likelihood as it was drawn from; 0 at sea */
    bat_record *bats;
    application *applications;
} borough;

/* The steps, in the order in which they can run. */
void borough_make_land(borough *b);
void borough_make_homes(borough *b);
void borough_make_figures(borough *b);
void borough_make_users(borough *b);
void borough_make_electors(borough *b);
void borough_make_vintage(borough *b);
void borough_make_roads(borough *b);
void borough_make_lives(borough *b);
void borough_make_habitat(borough *b);
void borough_make_bats(borough *b);
void borough_write_areas(const borough *b, out_folder *folder);
void borough_write_tables(const borough *b, out_folder *folder);
void borough_write_electors(const borough *b, out_folder *folder);
void borough_write_vintage(const borough *b, out_folder *folder);
void borough_write_roads(const borough *b, out_folder *folder);
void borough_write_lives(const borough *b, out_folder *folder);
void borough_write_habitat(const borough *b, out_folder *folder);
void borough_write_bats(const borough *b, out_folder *folder);
void borough_write_truths(const borough *b, out_folder *folder);
void borough_clear(borough *b);

/* Lines of truths.csv, for borough_write_truths. */
void borough_truth(out_file *f, const char *name, int64_t value);
void borough_truth_fixed(out_file *f, const char *name, int64_t value, int decimals_n);
void borough_truth_text(out_file *f, const char *name, const char *value);
void borough_truths_electors(const borough *b, out_file *f);
void borough_truths_vintage(const borough *b, out_file *f);
void borough_truths_roads(const borough *b, out_file *f);
void borough_truths_lives(const borough *b, out_file *f);
void borough_truths_habitat(const borough *b, out_file *f);
void borough_truths_bats(const borough *b, out_file *f);

/* Points of the map, in units of the grid: the quay at the head of the inlet, and the middles of the three towns, the main one first. */
grid_xy borough_at(grid_xy metres); /* from the origin of the map */
grid_xy borough_quay(void);
grid_xy borough_town(int i);

/* 1 at the place itself, 1/2 at `scale_m`, falling with the square of the distance beyond. */
double borough_nearness(grid_xy a, grid_xy b, double scale_m);
double borough_distance_m(grid_xy a, grid_xy b);

/* The grid of all rasters: cells in rows from the north, from a corner in metres of the frame on, all land well inside. */
enum {
    CELL_M = 25,
    GRID_WEST_M = -500,
    GRID_SOUTH_M = -500,
    GRID_COLUMNS = 520,
    GRID_ROWS = 440,
    GRID_N = GRID_COLUMNS * GRID_ROWS,
    NO_DATA = INT16_MIN
};

/* The cell of a point, counting its western and northern edge as its own; ends the program beyond the grid. */
int64_t borough_cell(grid_xy p);
grid_xy borough_cell_middle(int64_t cell);
void borough_write_raster(out_folder *folder, const char *name, const char *safety, const char *what, const int16_t *values);

#define NO_STREET UINT32_MAX

/* X00000001 and so on: no country's codes begin with X. */
typedef struct area_code {
    char text[10];
} area_code;
area_code borough_code(enum area_kind kind, uint32_t index);

area_name borough_msoa_name(uint32_t index);
area_name borough_lsoa_name(const borough *b, uint32_t index);
const char *borough_ward_name(const borough *b, uint32_t ward);
int borough_councillors(const borough *b, uint32_t ward);

/* "Sprat" and "Lane". */
const char *borough_street(uint32_t street);
const char *borough_street_kind(uint32_t street);
uint64_t borough_uprn(size_t home);

/* Some postcode of valid form in districts 1 to 5 of the area, there or not. */
void borough_draw_postcode(const char area[3], char text[9], geo_random *r);
const char *borough_service_name(service s);
const char *borough_planted_name(planted p);

/* Zeroed, but where two areas share a border: n x n. The areas are made of OAs; NULL: the OAs themselves. The caller frees. */
unsigned char *borough_adjacency(const borough *b, const uint32_t *area_of_oa, uint32_t n);

/* The shapes of n areas made of OAs. */
void borough_merge_oas(const borough *b, shapes *s, const uint32_t *area_of_oa, uint32_t n);

/* Pieces of files: "x,y", the parts of a GeoJSON layer (begin, properties by the caller, then one of three shapes), and a date that is so
   many days after 2015-01-01. */
void borough_put_point(out_file *f, grid_xy p, char between);
out_file *borough_layer_open(out_folder *folder, const char *name);
void borough_feature_begin(out_file *f, size_t index);
void borough_put_polygon(out_file *f, const shapes *s, uint32_t area);
void borough_put_line(out_file *f, const grid_xy *xy, size_t n);
void borough_put_place(out_file *f, grid_xy p);
void borough_layer_close(out_file *f);
void borough_put_date(out_file *f, int64_t days);

/* Of those in use, by number. */
uint32_t borough_nearest_postcode(const borough *b, grid_xy p);

/* The OA of an address, by the number of the address. */
uint32_t borough_oa_of_home(const borough *b, uint32_t home);

/**
 * Share n units among k connected groups of lowest to highest units each, as round as it goes.
 *
 * @param adjacent  n x n, not zero where two units are neighbours; the graph must be connected.
 * @param group_of  [out] n group numbers, in no particular order. Ends the program when a hundred attempts fail.
 */
void borough_region_share(uint32_t n, const unsigned char *adjacent, const grid_xy *centre, uint32_t k, uint32_t lowest, uint32_t highest,
                          geo_random *r, uint32_t *group_of);

/* The same for some of the OAs; `adjacent` is of all of them. */
void borough_region_share_some(const borough *b, const unsigned char *adjacent, const uint32_t *oas, uint32_t n, uint32_t k,
                               uint32_t lowest, uint32_t highest, geo_random *r, uint32_t *group_of);

#endif
