/* Cells and equations around a cell, inside secondary suppression only. */
#ifndef GEO_POLICY_SUPPRESS_NEAR_H
#define GEO_POLICY_SUPPRESS_NEAR_H

#include "suppress.h"

/* The equations of each cell. */
typedef struct geo_cell_index {
    size_t *at; /* of cell c: of[at[c] .. at[c + 1]) */
    uint32_t *of;
} geo_cell_index;

bool geo_cell_index_make(geo_cell_index *index, const geo_equations *equations);
void geo_cell_index_clear(geo_cell_index *index);

/* Where to look from. */
typedef struct geo_near {
    const geo_equations *equations;
    const geo_cell_index *index;
    const geo_suppress_options *options;
    const uint8_t *cell;
    const double *value; /* a table that looks the same as the true one, or a multiple of one */
    bool whole;
    const geo_hidden *hidden;
    const geo_changes *changes;
} geo_near;

/*
 * Bounds of wanted cells (non-zero in wanted) within neighbourhoods of at most `largest` hidden cells, while those around keep their values:
 * low and high are moved outwards to what can be reached. complete[c] becomes 1 where a cell that cannot move there cannot move at all.
 */
geo_status geo_suppress_bounds_near(const geo_near *near, const uint8_t *wanted, uint32_t largest, double *low, double *high,
                                    uint8_t *complete, geo_err *err);

/*
 * Which unsafe cells can be worked out too narrowly. cell: as geo_suppress gives it back. hidden: what the search found. narrow: [out] by
 * cell; *any: there is one.
 */
geo_status geo_suppress_narrow(const geo_equations *equations, const geo_cell_index *index, const geo_suppress_options *options,
                               const uint8_t *cell, const geo_hidden *hidden, uint8_t *narrow, bool *any, geo_err *err);

#endif
