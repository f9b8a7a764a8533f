/**
 * @file crs.h
 * Coordinate reference systems and moving points between them.
 *
 * x is easting or longitude and y northing or latitude, always, whatever axis order an authority's definition has. No grid or definition
 * is ever fetched from a network.
 */
#ifndef GEO_CRS_H
#define GEO_CRS_H

#include "geo/status.h"

#include <stdbool.h>
#include <stddef.h>

GEO_BEGIN

/**
 * Do the two texts ("EPSG:27700", WKT ...) name the same system for x and y? Axis order and heights aside, and a shift of datum (TOWGS84)
 * where the datum has a name.
 */
GEO_CHECKED geo_status geo_crs_same(const char *a, const char *b, bool *same, geo_err *err);

/** Are coordinates in this system degrees (rather than metres or another length)? */
GEO_CHECKED geo_status geo_crs_is_degrees(const char *crs, bool *degrees, geo_err *err);

/**
 * Other ways to say the same system: authority and code where it has them, else empty; and well-known text (WKT2:2019) in malloc'd memory.
 * GEO_ECRS for a text that is no system.
 */
GEO_CHECKED geo_status geo_crs_describe(const char *crs, char authority[32], char code[32], char **wkt, geo_err *err);

typedef struct geo_transform geo_transform;

/** How to move points. Zero it, then set what is needed. */
typedef struct geo_transform_options {
    const char *data_dir; /**< folder of ostn15.grid; NULL: share/libgeo beside the library's folder, then where libgeo is installed */
    bool require_grid;    /**< never between WGS 84 or ETRS89 and OSGB36 but by OSTN15 */
} geo_transform_options;

/**
 * Prepare to move points from one system to another.
 *
 * Between ETRS89 or WGS 84 (or projections on them) and National Grid (or others on its datum, OSGB36) points are moved by OSTN15, the
 * definitive transformation of Great Britain, to the millimetre, if its shifts are there; points outside its area, and all others, by PROJ.
 * Heights, and shifts of datum that the texts bring along (TOWGS84), do not matter here.
 *
 * @param options  may be NULL. With require_grid, missing shifts are GEO_ECRS, and points outside their area cannot be moved.
 * @return GEO_ECRS names the text that is no system, or says that there is no way between them; GEO_EFORMAT or GEO_EIO names a file of
 *         shifts that is damaged or cannot be read.
 */
GEO_CHECKED geo_status geo_transform_new(const char *from, const char *to, const geo_transform_options *options, geo_transform **out,
                                         geo_err *err);
GEO_API void geo_transform_free(geo_transform *t);

/** Would OSTN15 move the points, and its shifts are not there? */
GEO_API bool geo_transform_lacks_shifts(const geo_transform *t);

/**
 * Move n points in place; those that cannot be moved become NaN. Safe from several threads at once on one geo_transform.
 */
GEO_CHECKED geo_status geo_transform_points(geo_transform *t, double *x, double *y, size_t n, geo_err *err);

/**
 * Which operation has been used so far, and its accuracy in metres (negative: unknown); of several, the least accurate among the last one
 * of each call. Empty before the first point.
 */
GEO_API void geo_transform_used(geo_transform *t, char *text, size_t room, double *accuracy_m);

GEO_END
#endif
