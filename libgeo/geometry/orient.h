/* geo_orient where a call would cost more than the answer, inside geometry only. */
#ifndef GEO_GEOMETRY_ORIENT_H
#define GEO_GEOMETRY_ORIENT_H

#include "geo/predicates.h"

#include <float.h>
#include <math.h>

#define GEO_ORIENT_BOUND ((3.0 + 16.0 * (DBL_EPSILON / 2)) * (DBL_EPSILON / 2)) /* ccwerrboundA of Shewchuk (1997) */

/* The sign, in expansion arithmetic throughout. */
int geo_orient_exactly(geo_xy a, geo_xy b, geo_xy p);

/* The sign: by the filter if it can tell, else exactly. */
static inline int geo_orient_filtered(geo_xy a, geo_xy b, geo_xy p)
{
    const double left = (a.x - p.x) * (b.y - p.y), right = (a.y - p.y) * (b.x - p.x), det = left - right;
    const double bound = GEO_ORIENT_BOUND * (fabs(left) + fabs(right));
    return det > bound ? 1 : det < -bound ? -1 : geo_orient_exactly(a, b, p);
}

#endif
