/* The index behind geo/areas.h, shared by its builder and its search. */
#ifndef GEO_GEOMETRY_AREAS_H
#define GEO_GEOMETRY_AREAS_H

#include "../core/vec.h"
#include "geo/areas.h"
#include "orient.h"

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
 * The grid has two levels: cells, and where areas are small enough for it to pay, 8 x 8 fine cells in a cell. A cell holds the number of
 * the only area that covers it whole; NOTHING; GEO_FINE + slot when it is divided: its fine cells are cell[cells_n + 64 * slot ...], row by
 * row; or ~start of its list in `candidates`: a count, then area << 1 | whole for each area that has an edge in it or covers it whole.
 */
#define NOTHING INT32_MAX
#define GEO_FINE (INT32_MAX / 2 + 1) /* above every area number */

/* Do the rings of an area cross, or touch or hold each other where rings of a valid polygon must not? */
typedef enum geo_tangle {
    GEO_UNTANGLED,
    GEO_TANGLED,
    GEO_UNSETTLED /* not seen; there are places where it could be missed */
} geo_tangle;

struct geo_areas {
    geo_vec vertices;   /* geo_xy */
    geo_vec ring_start; /* uint32_t: first vertex of each ring, ascending */
    geo_vec ring_hole;  /* bool: is each ring a hole of its polygon? */
    geo_vec areas;      /* area */
    int32_t *rank;
    uint8_t *tangle; /* geo_tangle of each area */
    uint32_t *stripe_at, *edge;
    size_t stripes_n, edges_n; /* their lengths */
    double reach;              /* lengths of all edges along both axes */
    double x0, y0, fine_per_unit, fine_size, pad;
    int32_t columns_n, rows_n;     /* of fine cells: multiples of 8; those at the sides reach as far as there are areas */
    size_t cells_n;                /* of the coarse level */
    size_t places_n;               /* of all cells: */
    int32_t *cell;                 /* coarse, then fine */
    uint32_t overlap_a, overlap_b; /* two areas that cover the same cell, if `overlaps` */
    bool overlaps;
    uint32_t *candidates;
    size_t candidates_n;
    bool lent; /* all arrays but the ranks are somebody else's */
};

/* Like fmin and fmax for numbers that are not NaN, but inlined. */
static inline double geo_min(double a, double b)
{
    return a < b ? a : b;
}

static inline double geo_max(double a, double b)
{
    return a > b ? a : b;
}

/* Monotone in y, and the same for points and edges: no edge is missed through rounding. */
static inline uint32_t geo_area_stripe(const area *a, double y)
{
    const double k = (y - a->y_min) * a->stripes_per_y;
    return k <= 0 ? 0 : k >= a->stripes_n - 1 ? a->stripes_n - 1 : (uint32_t)k;
}

static inline int32_t geo_clamp_step(double k, int32_t n)
{
    return k <= 0 ? 0 : k >= n - 1 ? n - 1 : (int32_t)k;
}

static inline int32_t geo_fine_step(double v, double origin, double per_unit, int32_t n)
{
    return geo_clamp_step((v - origin) * per_unit, n);
}

static inline int32_t geo_fine_column(const geo_areas *s, double x)
{
    return geo_fine_step(x, s->x0, s->fine_per_unit, s->columns_n);
}

static inline int32_t geo_fine_row(const geo_areas *s, double y)
{
    return geo_fine_step(y, s->y0, s->fine_per_unit, s->rows_n);
}

static inline double geo_flush_tiny(double v)
{
    return fabs(v) < 1e-90 ? 0.0 : v;
}

/* Does the edge count for the parity of a point at p: does it pass strictly east of p, half-open in y (low end counts)? */
static inline bool geo_passes_east(geo_xy a, geo_xy b, geo_xy p)
{
    if ((a.y > p.y) == (b.y > p.y))
        return false;
    if (p.x < a.x && p.x < b.x)
        return true;
    if (p.x >= a.x && p.x >= b.x)
        return false;
    if (a.y > b.y) /* canonical direction: two neighbours evaluate the same expression */
        return geo_orient_filtered(b, a, p) > 0;
    return geo_orient_filtered(a, b, p) > 0;
}

/* Behind the last vertex of a ring of the area. */
static inline uint32_t geo_ring_end(const geo_areas *s, const area *a, uint32_t ring)
{
    return ring + 1 < a->first_ring + a->rings_n ? ((const uint32_t *)s->ring_start.items)[ring + 1] : a->first_vertex + a->vertices_n;
}

/* The ring of the area that a vertex is in. */
static inline uint32_t geo_ring_of(const geo_areas *s, const area *a, uint32_t vertex)
{
    const uint32_t *start = s->ring_start.items;
    uint32_t lo = a->first_ring, hi = a->first_ring + a->rings_n;
    while (hi - lo > 1) {
        const uint32_t mid = lo + (hi - lo) / 2;
        *(start[mid] <= vertex ? &lo : &hi) = mid;
    }
    return lo;
}

/* Every edge of an area: from vertex e to e + 1, never across two rings. */
#define FOR_EACH_EDGE(s, a, e)                                                                                                             \
    for (uint32_t ring_ = (a)->first_ring; ring_ < (a)->first_ring + (a)->rings_n; ring_++)                                                \
        for (uint32_t e = ((const uint32_t *)(s)->ring_start.items)[ring_], end_ = geo_ring_end(s, a, ring_); e + 1 < end_; e++)

/* Is the point inside the area, by the rule of geo/areas.h? Parity of the edges to its east. */
bool geo_area_holds(const geo_areas *s, const area *a, geo_xy p);

/* Is the point exactly on an edge of the area? */
bool geo_area_touches(const geo_areas *s, const area *a, geo_xy p);

/* Needs the stripes of the area. */
geo_tangle geo_area_tangle(const geo_areas *s, const area *a);

/* Cut the edges of all areas into stripes, and see which are tangled if that is asked for. */
geo_status geo_areas_build_stripes(geo_areas *s, bool find_tangles, int threads, geo_err *err);

/* Lay the grid over the finished stripes. */
geo_status geo_areas_build_grid(geo_areas *s, int64_t points_n, int threads, const geo_watch *watch, geo_err *err);

#endif
