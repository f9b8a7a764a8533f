/*
 * Counts by several variables at once, with all that they add up to; inside the library only.
 *
 * A variable has nodes: its categories or areas (level 0), coarser areas (further levels), and all together (the last level, one node).
 * A cell is one node of each; it is number sum(node[v] * stride[v]). Cells whose nodes have the same levels make up a pattern, as "LSOA by
 * age, both sexes"; tables show whole patterns.
 */
#ifndef GEO_POLICY_CUBE_H
#define GEO_POLICY_CUBE_H

#include "../core/vec.h"
#include "geo/crs.h"
#include "geo/faults.h"
#include "geo/lattice.h"
#include "geo/sdc.h"

#define CUBE_VARIABLES 8
#define CUBE_LEVELS 16
#define CUBE_PATTERNS 65536
#define CUBE_NOWHERE UINT32_MAX

#define CUBE_HIDDEN (-1) /* a count that the table does not tell */

typedef struct cube_level {
    const char *name; /* "": all together */
    uint32_t first, n;
} cube_level;

typedef struct cube_variable {
    const char *field; /* NULL: the fields of counts are its categories */
    bool areas;
    size_t levels_n;
    cube_level levels[CUBE_LEVELS];
    bool nests[CUBE_LEVELS][CUBE_LEVELS]; /* [a][b]: every node of a lies in one of b; of itself too */
    int grid_m[CUBE_LEVELS];              /* sizes of squares; 0: these are no squares */
    int least_m;                          /* the smallest that the policy lets go, 0: none */
    uint32_t nodes_n;
    uint8_t *level_of;         /* of each node */
    const char **text;         /* of each node */
    uint32_t *up[CUBE_LEVELS]; /* up[l][node of level 0]: what it lies in, CUBE_NOWHERE: in none */
    uint32_t atoms_n;          /* still finer areas that the lookups know, of which no cell speaks; 0: none */
    const char **atom;         /* their codes */
    uint32_t *atom_in;         /* node of level 0 that each lies in */
    size_t sums_n;             /* a node is the sum of others: */
    uint32_t *whole, *parts;
    size_t *part_at; /* sums_n + 1 */
} cube_variable;

/* What a row contributes to an amount. */
typedef struct cube_part {
    uint32_t cell; /* of level 0, CUBE_NOWHERE: none */
    int32_t who;
    double amount;
} cube_part;

typedef struct geo_cube {
    geo_arena arena;
    const geo_sdc_table *o;
    size_t variables_n;
    cube_variable v[CUBE_VARIABLES];
    size_t stride[CUBE_VARIABLES], cells_n, patterns_n;
    bool *shown;     /* of each pattern: the tables hold cells of it */
    uint8_t *cell;   /* geo_cell: SHOWN for those that the tables hold, else UNSEEN */
    int64_t *count;  /* CUBE_HIDDEN: not known */
    uint64_t *key;   /* sums of the records' keys; NULL: not asked for */
    double *value;   /* sums of an amount; NULL: not asked for */
    cube_part *part; /* what each row adds to it */
    bool records;    /* rows were records */
    int64_t rows_n;
    geo_class class_; /* the highest of all that was read */
    geo_faults faults;
    const char *unit;
} geo_cube;

/*
 * Read a table. GEO_EFORMAT, naming the row: counts that are none, negative or no whole numbers, areas that the lookups do not have, a cell
 * twice, totals that do not add up. A table without rows is GEO_EFORMAT too. Rows without an area are left out and counted in faults.
 */
geo_status geo_cube_read(const geo_sdc_table *o, const uint8_t *secret, geo_cube **out, geo_err *err);
void geo_cube_free(geo_cube *cube);

/* cube_areas.c: the levels of areas. codes are those of the rows, normalised by `keys`; node[i]: what each is. */
geo_status geo_cube_areas(geo_cube *c, cube_variable *v, const geo_keys *keys, bool blank, uint32_t *node, geo_err *err);
/* Levels that a variable's own do not lead to by lookups: none but all together. Texts are the variable's, sorted; node[i]: of each. */
geo_status geo_cube_categories(geo_cube *c, cube_variable *v, const geo_pool *pool, bool blank, uint32_t *node, geo_err *err);
/* The last level of all: one node, of all together. */
geo_status geo_cube_close_levels(geo_cube *c, cube_variable *v, geo_err *err);

/* cube_grid.c: squares of a grid. The name of one; those of points (moved by t, which may be NULL); and the levels of those in a pool. */
#define GEO_GRID_ROOM 64
#define GEO_GRID_CRS "EPSG:27700"
size_t geo_grid_print(int size_m, int32_t x, int32_t y, char room[GEO_GRID_ROOM]);
/* South-west corner, in metres; false when it is no square of that size. */
bool geo_grid_corner(const char *name, int size_m, double *x, double *y);
geo_status geo_grid_texts(const geo_column *points, size_t n, int size_m, geo_transform *t, geo_arena *arena, geo_key_texts *out,
                          geo_err *err);
geo_status geo_cube_grid(geo_cube *c, cube_variable *v, const geo_pool *pool, uint32_t *node, geo_err *err);

/* cube_atoms.c: the finest areas of the lattice that make up those of level 0. number[a]: node of area a of level `own`, or CUBE_NOWHERE. */
geo_status geo_cube_atoms(geo_cube *c, cube_variable *v, const geo_lattice *lattice, size_t own, const uint32_t *number, geo_err *err);
/* Once the nodes and `up` are there: what nests in what, and which node is the sum of which. */
geo_status geo_cube_relate(geo_cube *c, cube_variable *v, geo_err *err);

/* cube_tables.c: which patterns are shown by what the caller asks for, beside those that are already. */
geo_status geo_cube_tables(geo_cube *c, geo_err *err);

/* The cell that a cell of level 0 lies in, of the pattern with these levels; SIZE_MAX: in none. */
size_t geo_cube_above(const geo_cube *c, size_t cell, const size_t level[CUBE_VARIABLES]);

/* Pattern of a cell and the nodes of one. */
size_t geo_cube_pattern(const geo_cube *c, size_t cell);
void geo_cube_nodes(const geo_cube *c, size_t cell, uint32_t node[CUBE_VARIABLES]);
/* Levels of a pattern. */
void geo_cube_levels(const geo_cube *c, size_t pattern, size_t level[CUBE_VARIABLES]);
/* "LSOA21CD by age_band", into room. */
void geo_cube_pattern_name(const geo_cube *c, size_t pattern, char *room, size_t n);

/*
 * Add up what is known. A whole with a part that is not known is not known either, unless the table tells it; what the table tells must be the
 * sum of its parts where these are known: else the number of the first cell where it is not goes to *wrong.
 */
bool geo_cube_add_up(geo_cube *c, size_t *wrong);

/*
 * The equations between cells that matter to somebody who sees the patterns of `shown`: those of these patterns and of all that are finer than
 * one of them; with `known` only those between counts that are known. In the cube's arena.
 */
geo_status geo_cube_equations(geo_cube *c, const bool *shown, bool known, geo_equations *out, geo_err *err);

/* Is it one of the marks that stand for a hidden count? */
bool geo_cube_is_mark(const geo_sdc_table *o, const char *s, size_t n);

#endif
