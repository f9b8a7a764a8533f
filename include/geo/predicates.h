/**
 * @file predicates.h
 * Geometric questions answered exactly, whatever the rounding.
 */
#ifndef GEO_PREDICATES_H
#define GEO_PREDICATES_H

#include "geo/status.h"

GEO_BEGIN

/** A place: x easting or longitude, y northing or latitude. */
typedef struct geo_xy {
    double x, y;
} geo_xy;

/**
 * On which side of the directed line a -> b is p?
 *
 * @return 1 left, -1 right, 0 exactly on the line (or a equals b). Exact for coordinates that are 0 or of magnitude 1e-90 to 1e100;
 *         beyond that products may underflow or overflow.
 *
 * A floating-point filter settles nearly every call in six operations; the rest is done in expansion arithmetic.
 * Source: Shewchuk (1997), Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates, Discrete & Computational
 * Geometry 18:305-363, doi:10.1007/PL00009321.
 */
GEO_API int geo_orient(geo_xy a, geo_xy b, geo_xy p);

GEO_END
#endif
