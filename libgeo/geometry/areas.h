/* The index behind geo/areas.h, shared by its builder and its search. */
#ifndef GEO_GEOMETRY_AREAS_H
#define GEO_GEOMETRY_AREAS_H

#include "../core/vec.h"
#include "geo/areas.h"

#include <math.h>

/*
 * One area: its edges are cut into horizontal stripes of equal height, so that a point meets only those beside it. One cache line.
 * Stripe k of the area holds the edges edge[stripe_at[first_stripe + k] .. stripe_at[first_stripe + k + 1]); edge e runs from vertex e to
 * vertex e + 1.
 */
typedef struct area {
    double x_min, x_max, y_min, y_max; /* x_min > x_max: no extent */
    double stripes_per_y;
    uint32_t first_stripe, stripes_n;
    uint32_t first_vertex, vertices_n; /* closed rings one after another */
    uint32_t first_ring, rings_n;
} area;

/*
 * A grid cell holds the number of the only area that covers it whole, NOTHING, or ~start of its list in `candidates`: a count, then
 * area << 1 | whole for each area that has an edge in the cell or covers it.
 */
#define NOTHING INT32_MAX

struct geo_areas {
    geo_vec vertices;   /* geo_xy */
    geo_vec ring_start; /* uint32_t: first vertex of each ring, ascending */
    geo_vec areas;      /* area */
    int32_t *rank;
    uint8_t *tangled;
    uint32_t *stripe_at, *edge;
    size_t stripes_n;
    double x0, y0, cells_per_unit, cell_size, pad;
    int32_t columns_n, rows_n;
    int32_t *cell;
    uint32_t *candidates;
};

/* Monotone in y, and the same for points and edges: no edge is missed through rounding. */
static inline uint32_t geo_area_stripe(const area *a, double y)
{
    const double k = (y - a->y_min) * a->stripes_per_y;
    return k <= 0 ? 0 : k >= a->stripes_n - 1 ? a->stripes_n - 1 : (uint32_t)k;
}

static inline int32_t geo_grid_step(double v, double origin, double per_unit, int32_t n)
{
    const double k = (v - origin) * per_unit;
    return k <= 0 ? 0 : k >= n - 1 ? n - 1 : (int32_t)k;
}

static inline double geo_flush_tiny(double v)
{
    return fabs(v) < 1e-90 ? 0.0 : v;
}

/* Is the point inside the area, by the rule of geo/areas.h? Parity of the edges to its east. */
bool geo_area_holds(const geo_areas *s, const area *a, geo_xy p);

/* Is the point exactly on an edge of the area? */
bool geo_area_touches(const geo_areas *s, const area *a, geo_xy p);

/* Do the rings of an area cross, or touch where rings of a valid polygon must not? */
bool geo_area_is_tangled(const geo_areas *s, const area *a);

/* Lay the grid over the finished stripes. */
geo_status geo_areas_build_grid(geo_areas *s, int threads, const geo_watch *watch, geo_err *err);

#endif
