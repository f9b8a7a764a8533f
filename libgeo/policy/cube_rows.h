/* The rows of a table on their way into a cube; between cube_read.c and cube_fill.c. */
#ifndef GEO_POLICY_CUBE_ROWS_H
#define GEO_POLICY_CUBE_ROWS_H

#include "cube.h"

#define JOINT 6 /* fields that are one variable together */

typedef struct cube_rows {
    geo_cube *c;
    size_t fields_n;                          /* variables that are fields: */
    const char *names[CUBE_VARIABLES][JOINT]; /* one, or several together */
    size_t names_n[CUBE_VARIABLES], field[CUBE_VARIABLES][JOINT];
    size_t *count_at, counts_n;
    ptrdiff_t id_at, value_at, who_at; /* negative: not asked for */
    size_t points_at;                  /* of a grid */
    geo_transform *transform;
    geo_pool *who;
    geo_vec parts; /* cube_part of each row, without their cells */
    const uint8_t *secret;
    geo_keys *keys; /* of the areas */
    geo_pool *pool[CUBE_VARIABLES];
    bool blank[CUBE_VARIABLES];
    geo_vec ids[CUBE_VARIABLES]; /* int32_t of each row; negative: blank */
    geo_vec counts;              /* int64_t, counts_n of each row */
    geo_vec record_keys;         /* uint64_t of each row */
    geo_vec lines;               /* uint32_t */
    bool begun;
} cube_rows;

/* Is this variable squares of a grid? */
static inline bool cube_is_grid(const geo_cube *c, size_t i)
{
    return c->v[i].areas && c->o->grid_n;
}

/* Nodes of what the rows name, cells of them, and what adds up to what. */
geo_status geo_cube_fill(cube_rows *r, geo_err *err);

#endif
