/**
 * @file mask.h
 * Masking points: moving them so that each could be any of at least k addresses.
 */
#ifndef GEO_MASK_H
#define GEO_MASK_H

#include "geo/random.h"
#include "geo/watch.h"

#include <stdbool.h>
#include <stddef.h>

GEO_BEGIN

/** Addresses, found by place. Coordinates are metres in a plane (National Grid). */
typedef struct geo_addresses geo_addresses;

/** Copies n points; GEO_EARG when one is not finite. O(n log n). */
GEO_CHECKED geo_status geo_addresses_new(const double *x, const double *y, size_t n, geo_addresses **out, geo_err *err);
GEO_API void geo_addresses_free(geo_addresses *addresses);

/** How many lie within a distance of a place, its rim included. Safe from several threads. */
GEO_API size_t geo_addresses_within(const geo_addresses *addresses, double x, double y, double radius_m);

/** Distance to the k-th nearest; infinite when there are fewer. Safe from several threads. */
GEO_API double geo_addresses_reach(const geo_addresses *addresses, double x, double y, size_t k);

/**
 * How many addresses the masked place could stand for, by somebody who knows how far points move at most: 1 (the true one) and all others
 * within the distance between true and masked place, of the masked place.
 */
GEO_API size_t geo_mask_k(const geo_addresses *addresses, double true_x, double true_y, double masked_x, double masked_y);

/**
 * Move points into a ring around them, uniformly over its area and in all directions.
 *
 * The ring's outer radius is such that a circle of it about the point holds k addresses by the density around it (radius_m = sqrt(k / (pi
 * density)), the density from the nearest of them), at most most_m; its inner radius is `inner` of that. A draw that does not reach k
 * (geo_mask_k) is drawn again, `tries` times at most; a point that never reaches it is refused, and never passed on where it is.
 *
 * @param masked_x,masked_y  [out] NaN for refused ones.
 * @param secret_seed  of the draws, each from its own stream by its place in the list; who knows it can undo the masking.
 * @return GEO_OK, with *refused_n points refused; GEO_EARG for a k of 0, an inner share outside [0, 1), places that are not finite.
 *
 * Source: Hampton et al. (2010), Mapping Health Data: Improved Privacy Protection With Donut Method Geomasking, American Journal of
 * Epidemiology 172(9):1062-1069.
 */
typedef struct geo_donut {
    size_t k;
    double inner, most_m;
    int tries;
} geo_donut;
GEO_CHECKED geo_status geo_mask_donut(const geo_addresses *addresses, const geo_donut *donut, uint64_t secret_seed, const double *x,
                                      const double *y, size_t n, int threads, double *masked_x, double *masked_y, size_t *refused_n,
                                      geo_err *err);

/**
 * Divide addresses into catchments of at least k each, compact and of neighbours, and snap points to the middle of theirs.
 *
 * Catchments come from halving the addresses along the longer side of their envelope until no half can be halved: each then holds k to 2k - 1
 * (more where addresses coincide). A point belongs to the catchment of its nearest address. The place is the mean of the addresses, which is
 * nobody's: where it falls on one of them, it is moved to the middle of two.
 *
 * @param catchment  [out] of each point, -1: there are fewer than k addresses in all, and it is refused. May be NULL.
 */
typedef struct geo_catchments geo_catchments;
GEO_CHECKED geo_status geo_catchments_new(const geo_addresses *addresses, size_t k, geo_catchments **out, geo_err *err);
GEO_API void geo_catchments_free(geo_catchments *catchments);
GEO_API size_t geo_catchments_count(const geo_catchments *catchments);

/** Middle of catchment i, and how many addresses it holds. */
GEO_API void geo_catchments_get(const geo_catchments *catchments, size_t i, double *x, double *y, size_t *addresses_n);
GEO_CHECKED geo_status geo_mask_snap(const geo_catchments *catchments, const double *x, const double *y, size_t n, int threads,
                                     double *masked_x, double *masked_y, int32_t *catchment, geo_err *err);

GEO_END
#endif
