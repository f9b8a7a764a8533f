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
    const geo_hidden *hidden;
    const geo_changes *changes;
    const double *value; /* a table that looks the same as the true one, or a multiple of one */
    bool whole;
} geo_near;

/*
 * Bounds of wanted cells (non-zero in wanted) within neighbourhoods of at most `largest` hidden cells, while those around keep their values:
 * low and high are moved outwards to what can be reached. complete[c] becomes 1 where a cell that cannot move there cannot move at all.
 */
geo_status geo_suppress_bounds_near(const geo_near *near, const uint8_t *wanted, uint32_t largest, double *low, double *high,
                                    uint8_t *complete, geo_err *err);

/*
 * Hide further cells until all narrow ones can reach as far as they must. worth: of publishing, by cell. low, high: what is proved to be
 * reached. *helpless_n += those that cannot whatever is hidden.
 */
geo_status geo_suppress_repair(const geo_near *near, const double *worth, const uint8_t *narrow, double *low, double *high, uint8_t *cell,
                               size_t *helpless_n, geo_err *err);

/* The tables that a search left possible, as far as they have been looked at. Zero it; clear it in any case. */
typedef struct geo_widths {
    geo_changes changes;
    geo_walk walk;
    double *tables;  /* of the walk */
    uint8_t *narrow; /* by cell: unsafe, and nothing proves a wide interval */
    uint8_t *fixed;  /* by cell: it cannot move at all, so far as no width is demanded; narrow as well */
    bool any_narrow, any_fixed;
} geo_widths;

geo_status geo_widths_look(geo_widths *widths, const geo_near *near, geo_err *err);
void geo_widths_clear(geo_widths *widths);

#endif
