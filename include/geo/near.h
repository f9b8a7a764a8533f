/**
 * @file near.h
 * The area nearest to a point that is in none: addresses on a pier, on a bridge, behind a coast that was generalised.
 */
#ifndef GEO_NEAR_H
#define GEO_NEAR_H

#include "geo/areas.h"

GEO_BEGIN

typedef struct geo_near geo_near;

/** @param areas  built; lent until geo_near_free. O(n log n) time, 40 bytes an area. */
GEO_CHECKED geo_status geo_near_new(const geo_areas *areas, geo_near **out, geo_err *err);
GEO_API void geo_near_free(geo_near *near);

/**
 * The area whose edges come nearest to a point.
 *
 * @param x,y  in the plane of the areas, finite.
 * @param x_m,y_m  metres in one unit of x and of y about the point: both 1 in National Grid; what a degree of longitude and of latitude
 *                 are there, in degrees. Distances are straight in the plane that is stretched so, which for some kilometres is as good.
 * @param within_m  how far to look; not negative.
 * @param area  [out] of areas equally near that of least rank; GEO_NO_AREA when none is within reach.
 * @param distance_m  [out] how far it is; may be NULL.
 * @return GEO_ENOMEM.
 *
 * O(log n + edges within reach). Safe from several threads at once.
 */
GEO_CHECKED geo_status geo_near_find(const geo_near *near, double x, double y, double x_m, double y_m, double within_m, int32_t *area,
                                     double *distance_m, geo_err *err);

/** Metres in a degree of longitude and of latitude at a latitude, on the ellipsoid WGS 84 (radii of curvature; Snyder 1987, eq. 4-18, 4-20). */
GEO_API void geo_metres_in_degree(double latitude_deg, double *lon_m, double *lat_m);

GEO_END
#endif
