/*
 * A join workload of national size: areas in the shape of a country's small statistical areas, points as its addresses lie, and a postcode
 * lookup as long as the country's.
 *
 *   workload.c         command line
 *   workload_land.c    seeds, cells, areas
 *   workload_gpkg.c    areas.gpkg
 *   workload_points.c  pointsN.csv
 *   workload_keys.c    lookup.csv, postcodes.csv
 */
#ifndef SAMPLE_WORKLOAD_H
#define SAMPLE_WORKLOAD_H

#include "partition.h"

#include <stdbool.h>
#include <stdint.h>

enum workload_stream {
    STREAM_SEEDS = 1,
    STREAM_BORDERS,
    STREAM_KINDS,
    STREAM_POPULATION,
    STREAM_SCORES,
    STREAM_LOOKUP,
    STREAM_KEYS,
    STREAM_POINTS
};

/* The grid is 1 mm, all coordinates are positive. */
enum { MM_PER_M = 1000 };

typedef struct workload {
    uint64_t seed;
    uint32_t areas_n;       /* as asked for */
    uint32_t cells_n;       /* two cells make an area of two parts */
    uint32_t enclaves_n;    /* the last areas: each lies in a hole of an area before */
    uint32_t *enclave_host; /* its cell */
    uint32_t *area_of_cell;
    grid_xy *seeds; /* of the cells */
    partition partition;
    shapes shapes;       /* all areas but the enclaves, without the holes for them */
    int64_t *population; /* of every area */
} workload;

void workload_make_areas(workload *w);
void workload_write_areas(const workload *w, const char *outdir);
void workload_write_points(const workload *w, const char *outdir, uint64_t points_n, bool sorted);
void workload_write_keys(const workload *w, const char *outdir, uint64_t lookup_n, uint64_t keys_n);
void workload_clear(workload *w);

/* A place at random on sea or land, in the frame round the country. */
grid_xy workload_draw_place(geo_random *r);
bool workload_is_land(grid_xy p);

#endif
