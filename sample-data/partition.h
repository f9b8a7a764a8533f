/*
 * A map without gaps: seeds become cells, cells become areas, and neighbours share every vertex of their common border bit for bit.
 *
 * The border between two cells is one arc, made once and stored once; an area is nothing but the arcs with the area on one side only.
 * So a town, its districts and their wards fit together exactly, whatever was merged with what, and no overlay ever has to be computed.
 * Coordinates are whole numbers of a unit that the caller chooses (0.1 m, 1 mm), below 2^30, so that every test on them is exact.
 */
#ifndef SAMPLE_PARTITION_H
#define SAMPLE_PARTITION_H

#include "geo/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_AREA UINT32_MAX /* the sea: no cell, no area */

typedef struct grid_xy {
    int64_t x, y;
} grid_xy;

/* Where three cells meet: the Voronoi vertex, or the middle of the three seeds. The middle keeps any two nodes well apart, so that merged
   areas never touch themselves; it wants evenly spaced seeds, while the Voronoi vertex takes any. */
typedef enum partition_node { NODE_VORONOI, NODE_MIDDLE } partition_node;

typedef struct partition_style {
    partition_node node;
    int bends_min, bends_max; /* vertices between the two ends of an arc; few are more frequent than many; at most PARTITION_BENDS */
    double step;              /* but not so many that they come closer than this, units */
} partition_style;

#define PARTITION_BENDS 62

/* The border between two cells, end to end: xy[first .. first + n), left and right as one walks it. */
typedef struct partition_arc {
    uint32_t left, right; /* cells; right may be NO_AREA */
    uint32_t from, to;    /* nodes */
    size_t first, n;
} partition_arc;

typedef struct partition {
    grid_xy *xy;
    size_t xy_n, xy_room;
    partition_arc *arcs; /* in the order of (left, right) */
    size_t arcs_n;
} partition;

/* Cells round the first cells_n seeds; the others are sea, and there must be enough of them to surround the cells. Seeds must differ. */
void partition_build(partition *p, const grid_xy *seeds, uint32_t cells_n, uint32_t seeds_n, const partition_style *style, geo_random *r);
void partition_clear(partition *p);

/* Closed (last vertex = first); a shell runs counter-clockwise, a hole clockwise. */
typedef struct shape_ring {
    size_t first, n;
    bool is_hole;
} shape_ring;

/* One multipolygon an area: rings[area_rings[a] .. area_rings[a + 1]), each shell before its holes, the largest shell first. */
typedef struct shapes {
    grid_xy *xy;
    size_t xy_n, xy_room;
    shape_ring *rings;
    size_t rings_n, rings_room;
    size_t *area_rings;
    uint32_t areas_n;
} shapes;

/* Melt cells into areas: arcs between two cells of one area cancel. area_of[cell] < areas_n, or NO_AREA. */
void shapes_merge(shapes *s, const partition *p, const uint32_t *area_of, uint32_t areas_n);
void shapes_clear(shapes *s);

/* Twice the area, in square units; exact. */
int64_t shapes_area2(const shapes *s, uint32_t area);

/* Is the point in the area? A point on a border belongs to the area that one reaches by moving it a hair east and by a far smaller hair
   north, so it is always in exactly one. Exact. */
bool shapes_hold(const shapes *s, uint32_t area, grid_xy p);

/* The area that holds the point, or NO_AREA. Looks at every area: for some thousand questions, not for millions. */
uint32_t shapes_locate(const shapes *s, grid_xy p);

/* Is the point exactly on the area's border? */
bool shapes_touch(const shapes *s, uint32_t area, grid_xy p);

/* shapes_hold and the signed double area for one closed ring of n vertices. */
bool ring_holds(const grid_xy *ring, size_t n, grid_xy p);
int64_t ring_area2(const grid_xy *ring, size_t n);

#endif
