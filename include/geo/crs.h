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

/** Do the two texts ("EPSG:27700", WKT ...) name the same system, axis order aside? */
GEO_CHECKED geo_status geo_crs_same(const char *a, const char *b, bool *same, geo_err *err);

/** Are coordinates in this system degrees (rather than metres or another length)? */
GEO_CHECKED geo_status geo_crs_is_degrees(const char *crs, bool *degrees, geo_err *err);

/**
 * Other ways to say the same system: authority and code where it has them, else empty; and well-known text (WKT2:2019) in malloc'd memory.
 * GEO_ECRS for a text that is no system.
 */
GEO_CHECKED geo_status geo_crs_describe(const char *crs, char authority[32], char code[32], char **wkt, geo_err *err);

typedef struct geo_transform geo_transform;

/** Prepare to move points from one system to another. GEO_ECRS names the text that is no system, or says that there is no way between them. */
GEO_CHECKED geo_status geo_transform_new(const char *from, const char *to, geo_transform **out, geo_err *err);
GEO_API void geo_transform_free(geo_transform *t);

/**
 * Move n points in place; those that cannot be moved become NaN. Safe from several threads at once on one geo_transform.
 */
GEO_CHECKED geo_status geo_transform_points(geo_transform *t, double *x, double *y, size_t n, geo_err *err);

/**
 * Which operation PROJ has used so far, and its accuracy in metres (negative: unknown); of several, the least accurate among the last one
 * of each call. Empty before the first point.
 */
GEO_API void geo_transform_used(geo_transform *t, char *text, size_t room, double *accuracy_m);

GEO_END
#endif
