/**
 * @file overlap.h
 * How much ground do areas of one set share with areas of another? What figures are moved by from one geography to another.
 *
 * Areas are those of geo/areas.h: edges straight in the plane, rings that cross themselves read by the even-odd rule, holes, islands and
 * parts without special cases. Sizes are in square units of that plane: square metres where the coordinates are metres, and nothing that
 * means a size on the ground where they are degrees. Borders may coincide, wholly, in part or nearly.
 */
#ifndef GEO_OVERLAP_H
#define GEO_OVERLAP_H

#include "geo/areas.h"

GEO_BEGIN

/** What area number `first` of one set and area number `second` of the other have in common. */
typedef struct geo_overlap {
    int32_t first, second;
    double size;
} geo_overlap;

/**
 * The size of every area.
 *
 * @param areas   built.
 * @param size    [out] geo_areas_count(areas) numbers; 0 for an area without extent.
 * @return GEO_ENOMEM, GEO_ESTOP; GEO_EARG when geo_areas_build was not called. *size is written on success only.
 *
 * Cost and error as of geo_areas_overlaps.
 */
GEO_CHECKED geo_status geo_areas_sizes(const geo_areas *areas, int threads, const geo_watch *watch, double *size, geo_err *err);

/**
 * All pairs of an area of `first` and an area of `second` that overlap, by `first`, then `second`. The two sets may be the same one.
 *
 * What rounding can do is told from what is there, by the size of the smaller area of a pair: an overlap is left out when it is not more than
 * 1e-12 of that, and is exactly that, as geo_areas_sizes has it, when no more than 1e-12 is missing. (Where an area is so thin in its box that
 * rounding does more than that, the bound of the error takes the place of 1e-12.) So areas that only touch make no pair, and one that nests in
 * another, along shared borders too, is in it whole.
 *
 * @param first,second  built; may be in use by other readers.
 * @param out     [out] *n pairs, the caller's to free().
 * @return GEO_ENOMEM, GEO_ESTOP; GEO_EARG when one of them was not built. *out and *n are written on success only.
 *
 * The error is a few times 1e-16 of the box that the boxes of both areas share, for each edge that a line from west to east meets in it. The
 * bytes are the same with any number of threads.
 *
 * O((p + q) k) for a pair with p and q edges in that box, k of which pass a line from west to east; edges beyond the box cost a comparison,
 * and where the box is a small part of a large area, its stripes spare most of these. Memory: the pairs whose boxes meet. A tangled area is
 * first cut up along its crossings, by a sweep in time O(edges x edges beside each other), more where very many cross.
 * Method: the size of A and B together is the sum, over each edge of A and each of B, of the ground west of both, with sign; it is a
 * continuous function of the coordinates, so that no configuration is special and no intersection is ever constructed.
 */
GEO_CHECKED geo_status geo_areas_overlaps(const geo_areas *first, const geo_areas *second, int threads, const geo_watch *watch,
                                          geo_overlap **out, size_t *n, geo_err *err);

GEO_END
#endif
