/* Which boxes meet a box? A packed tree, inside geometry only. */
#ifndef GEO_GEOMETRY_BOXES_H
#define GEO_GEOMETRY_BOXES_H

#include "../core/vec.h"
#include "geo/status.h"

typedef struct geo_box {
    double x_min, x_max, y_min, y_max; /* x_min > x_max: none */
} geo_box;

#define GEO_BOXES_LEVELS 10 /* 16^10 boxes */

/* Level 0 holds the boxes, packed so that neighbours are near each other; box k of a level bounds boxes 16 k .. 16 k + 15 of the one below. */
typedef struct geo_boxes {
    geo_box *box;
    uint32_t *number; /* of each box of level 0 */
    size_t level_at[GEO_BOXES_LEVELS + 1];
    int levels_n;
} geo_boxes;

/*
 * A tree over boxes 0 .. n - 1; those without extent are left out. O(n log n).
 * Source: Leutenegger, Lopez and Edgington (1997), STR: a simple and efficient algorithm for R-tree packing, ICDE,
 * doi:10.1109/ICDE.1997.582015.
 */
geo_status geo_boxes_build(geo_boxes *t, const geo_box *box, size_t n, geo_err *err);
void geo_boxes_clear(geo_boxes *t);

/* Append the numbers (uint32_t) of all boxes that share more than a line with q, in ascending order; false when memory is out. */
bool geo_boxes_find(const geo_boxes *t, const geo_box *q, geo_vec *found);

#endif
