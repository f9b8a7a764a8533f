/**
 * @file areas.h
 * Which area is a point in? An index over polygons that answers exactly, millions of times a second.
 *
 * The rule. A point inside one area belongs to it. A point exactly on a border belongs to the area one reaches by moving it a hair to the
 * east and, by a far smaller hair, to the north: a coverage without gaps or overlaps thus gives every point exactly one area, and the
 * order of the areas does not matter. Where that step leads out of every area (the outer border), the point belongs to the area on whose
 * border it lies. Of several such areas, or of areas that overlap, the one of least rank is taken. Holes, islands and areas inside the
 * hole of another need no special case. Rings that cross themselves are read by the even-odd rule.
 *
 * Edges are straight in the plane of the coordinates, whatever their unit. All decisions are exact (geo_orient). Coordinates closer to
 * zero than 1e-90 count as zero.
 */
#ifndef GEO_AREAS_H
#define GEO_AREAS_H

#include "geo/predicates.h"
#include "geo/table.h"
#include "geo/watch.h"

GEO_BEGIN

typedef struct geo_areas geo_areas;

/** No area. */
#define GEO_NO_AREA (-1)

/** An empty set of areas; NULL when memory is out. */
GEO_API geo_areas *geo_areas_new(void);
GEO_API void geo_areas_free(geo_areas *areas);

/**
 * Add one area for each of rows_n rows of a geometry column, numbered on from those there are. A row that is no polygon or multipolygon,
 * or has a coordinate beyond 1e100, becomes an area without extent: no point is in it (geo_areas_is_empty).
 */
GEO_CHECKED geo_status geo_areas_add(geo_areas *areas, const geo_column *geometry, size_t rows_n, geo_err *err);

/** Make room for vertices_n vertices in all, when it is known roughly: gathering is then a copy. Never needed; failure does not matter. */
GEO_API void geo_areas_reserve(geo_areas *areas, size_t vertices_n);

/** How many areas there are. */
GEO_API size_t geo_areas_count(const geo_areas *areas);

/**
 * Build the index. Call once, after the last geo_areas_add.
 *
 * @param rank   one number an area: which to take of several that a point is in. Copied. NULL: the area's own number.
 * @param points_n  how many points will be asked for, roughly: with many it pays to build a finer index. Negative: unknown, many.
 * @return GEO_ENOMEM beyond 2^32 - 2 vertices, or when memory is out; GEO_ESTOP.
 *
 * O(v + cells) time; memory about 30 bytes a vertex and 4 bytes a grid cell, of which there are at most 2^23, and as many
 * again that are finer, with the areas that have edges in each.
 * Sources: y-stripes as in tidwall/tg's notes; true-hit cells: Kipf et al. (2020), Adaptive Main-Memory Indexing for High-Performance
 * Point-Polygon Joins, EDBT, doi:10.5441/002/edbt.2020.31.
 */
GEO_CHECKED geo_status geo_areas_build(geo_areas *areas, const int32_t *rank, int64_t points_n, int threads, const geo_watch *watch,
                                       geo_err *err);

/**
 * What building found out about area i: it has no extent; its rings cross or touch themselves or each other where they must not, or lie
 * in each other where they must not. Not found: rings that cross in vertices alone and have no other vertex on the wrong side.
 */
GEO_API bool geo_areas_is_empty(const geo_areas *areas, size_t i);
GEO_API bool geo_areas_is_tangled(const geo_areas *areas, size_t i);

/** Did building come across two areas that cover the same ground, a cell of the grid or more? Then *a < *b are two such. */
GEO_API bool geo_areas_overlap(const geo_areas *areas, size_t *a, size_t *b);

/** Smallest box around all areas; false when there is none. */
GEO_API bool geo_areas_box(const geo_areas *areas, geo_xy *low, geo_xy *high);

/**
 * The area of each of n points.
 *
 * @param x,y   coordinates in the plane of the areas; not finite: no area.
 * @param area  [out] n area numbers, or GEO_NO_AREA.
 * @param hits  [out] n counts of the areas that hold the point (255: or more); may be NULL. 0 with an area: the point is on an outer border.
 *
 * O(1) expected for areas of bounded complexity. Safe from several threads at once.
 */
GEO_API void geo_areas_locate(const geo_areas *areas, const double *x, const double *y, size_t n, int32_t *area, uint8_t *hits);

/**
 * Every area that a point is in, by rank; none for one on an outer border.
 *
 * @param area  [out] the first `room` of them; may be NULL when room is 0.
 * @return how many there are. O(areas that have edges in the point's cell). Safe from several threads at once.
 */
GEO_API size_t geo_areas_locate_all(const geo_areas *areas, double x, double y, int32_t *area, size_t room);

GEO_END
#endif
