/* Places to be addresses and points, of kinds that are hard in different ways, for the tests of masking. */
#ifndef GEO_TESTS_PLACES_H
#define GEO_TESTS_PLACES_H

#include "unit.h"

#include "geo/mask.h"
#include "geo/predicates.h"

#define MOST 3000

typedef struct places {
    double x[MOST], y[MOST];
    int32_t group[MOST];
    size_t n;
} places;

enum { SCATTERED, LATTICE, COINCIDENT, COLLINEAR, CLUSTERED, HUGE_COORDINATES, KINDS };

/* n places of a kind; quarters of a metre on the lattice, so that distances are often equal. */
static inline void draw_places(geo_random *r, places *p, int kind, size_t n)
{
    p->n = n;
    for (size_t i = 0; i < n; i++) {
        const double u = geo_random_uniform(r), v = geo_random_uniform(r);
        const double near = 100 * u * u * u, far = 1000 * floor(5 * v);
        p->x[i] = kind == LATTICE      ? 350000 + floor(20 * u) / 4
                  : kind == COINCIDENT ? floor(3 * u) * 100
                  : kind == COLLINEAR  ? 7
                  : kind == CLUSTERED  ? far + near
                                       : 1000 * u;
        p->y[i] = kind == LATTICE ? 160000 + floor(20 * v) / 4 : kind == COINCIDENT ? floor(2 * v) * 100 : 1000 * v;
        if (kind == HUGE_COORDINATES) {
            p->x[i] = (2 * u - 1) * 1e9;
            p->y[i] = (2 * v - 1) * 1e9;
        }
        p->group[i] = (int32_t)(4 * u);
    }
}

static inline geo_addresses *new_addresses(const places *p, bool grouped)
{
    geo_err err;
    geo_addresses *addresses = NULL;
    CHECK_OK(geo_addresses_new(p->x, p->y, grouped ? p->group : NULL, p->n, &addresses, &err), &err);
    return addresses;
}

static inline double squared(const places *p, size_t i, double x, double y)
{
    const double dx = p->x[i] - x, dy = p->y[i] - y;
    return dx * dx + dy * dy;
}

static inline void shuffle(geo_random *r, places *p)
{
    for (size_t i = p->n; i > 1; i--) {
        const size_t j = geo_random_below(r, i);
        const double x = p->x[j], y = p->y[j];
        const int32_t group = p->group[j];
        p->x[j] = p->x[i - 1];
        p->y[j] = p->y[i - 1];
        p->group[j] = p->group[i - 1];
        p->x[i - 1] = x;
        p->y[i - 1] = y;
        p->group[i - 1] = group;
    }
}

#endif
