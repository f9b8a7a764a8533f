/* Catchments are nodes of the tree of the addresses: the last ones of which a half would be too small. */
#include "../core/sum.h"
#include "geo/parallel.h"
#include "mask.h"

#include <math.h>

#define POINTS_AT_A_TIME 4096
#define CLEAR_M 1.0 /* of a middle from any address: whole metres in the output do not make them one */

/* The middle of a catchment, and how many addresses it has. */
typedef struct centre {
    double x, y;
    uint32_t n;
} centre;

struct geo_catchments {
    const geo_addresses *addresses;
    geo_vec items; /* centre, of each catchment */
    int32_t *of;   /* of each address; -1: none */
};

/* Fit for a catchment: enough addresses, and not all at one place, which would be the middle. */
static bool hides(const geo_half *h, size_t k)
{
    return h->hi - h->lo >= k && (h->x_min < h->x_max || h->y_min < h->y_max);
}

/*
 * How far a middle would be from the address nearest to it, squared. *own: that is one of the catchment's, so that what is there would be snapped to
 * the middle; of equally near ones in other groups there may be any.
 */
static double clearance(const geo_halving *t, uint32_t group, const geo_half *h, const centre *c, bool *own)
{
    const uint32_t i = geo_halving_nearest(t, group, c->x, c->y), any = geo_halving_nearest(t, 0, c->x, c->y);
    const double clear2 = geo_halving_distance2(t, any, c->x, c->y);
    *own = i >= h->lo && i < h->hi && geo_halving_distance2(t, i, c->x, c->y) == clear2;
    return clear2;
}

/*
 * The middle of a catchment: the mean of its addresses, where that is clear of all addresses and nearest to one of the catchment's; else the first
 * place between two of its addresses of which that is true, else whichever of them is farthest from any. False when all are on addresses.
 */
static bool find_middle(const geo_halving *t, uint32_t group, const geo_half *h, centre *c)
{
    geo_sum x = {0}, y = {0};
    for (uint32_t i = h->lo; i < h->hi; i++) {
        geo_sum_add(&x, t->x[i]);
        geo_sum_add(&y, t->y[i]);
    }
    c->n = h->hi - h->lo;
    centre next = {geo_sum_value(&x) / c->n, geo_sum_value(&y) / c->n, c->n};
    double farthest = 0;
    for (uint32_t i = h->lo;; i++) {
        bool own;
        const double clear2 = clearance(t, group, h, &next, &own);
        if (clear2 > farthest) {
            farthest = clear2;
            *c = next;
        }
        if (own && clear2 >= CLEAR_M * CLEAR_M) {
            *c = next;
            return true;
        }
        if (i + 1 == h->hi)
            return farthest > 0;
        next.x = (t->x[i] + t->x[i + 1]) / 2;
        next.y = (t->y[i] + t->y[i + 1]) / 2;
    }
}

/* Catchments of a node in that of a group; those of its halves where both hide. False when memory is out. */
static bool divide(geo_catchments *c, uint32_t group, uint32_t node, size_t k)
{
    const geo_halving *t = &c->addresses->places;
    const geo_half *h = geo_half_at(t, node);
    if (h->upper && hides(geo_half_at(t, node + 1), k) && hides(geo_half_at(t, h->upper), k))
        return divide(c, group, node + 1, k) && divide(c, group, h->upper, k);
    centre own;
    const bool fit = hides(h, k) && find_middle(t, group, h, &own);
    if (fit && !geo_vec_append(&c->items, &own, 1, sizeof own))
        return false;
    for (uint32_t i = h->lo; fit && i < h->hi; i++)
        c->of[i] = (int32_t)c->items.n - 1;
    return true;
}

geo_status geo_catchments_new(const geo_addresses *addresses, size_t k, geo_catchments **out, geo_err *err)
{
    if (k < GEO_HALVING_LEAST)
        return geo_err_set(err, GEO_EARG, "a catchment must have %d addresses at least", GEO_HALVING_LEAST);
    geo_catchments *c = calloc(1, sizeof *c);
    const geo_halving *t = &addresses->places;
    bool ok = c && (c->of = malloc((t->n + 1) * sizeof *c->of));
    for (size_t i = 0; ok && i < t->n; i++)
        c->of[i] = -1;
    if (ok)
        c->addresses = addresses;
    for (size_t g = 0; ok && g < t->groups_n; g++)
        ok = t->groups[g].group < 0 || divide(c, t->groups[g].node, t->groups[g].node, k);
    if (!ok) {
        geo_catchments_free(c);
        return geo_err_nomem(err);
    }
    *out = c;
    return GEO_OK;
}

void geo_catchments_free(geo_catchments *catchments)
{
    if (!catchments)
        return;
    geo_vec_clear(&catchments->items);
    free(catchments->of);
    free(catchments);
}

size_t geo_catchments_count(const geo_catchments *catchments)
{
    return catchments->items.n;
}

void geo_catchments_get(const geo_catchments *catchments, size_t i, double *x, double *y, size_t *addresses_n)
{
    const centre *c = (const centre *)catchments->items.items + i;
    *x = c->x;
    *y = c->y;
    *addresses_n = c->n;
}

typedef struct snapping {
    const geo_catchments *catchments;
    const double *x, *y;
    const int32_t *group;
    double *masked_x, *masked_y;
    int32_t *catchment;
} snapping;

/* The node of all addresses of a group; false when there are none. */
static bool find_group(const geo_halving *t, int32_t group, uint32_t *node)
{
    size_t lo = 0, hi = t->groups_n;
    while (lo < hi) {
        const size_t middle = lo + (hi - lo) / 2;
        if (t->groups[middle].group < group)
            lo = middle + 1;
        else
            hi = middle;
    }
    if (lo == t->groups_n || t->groups[lo].group != group)
        return false;
    *node = t->groups[lo].node;
    return true;
}

static void snap_points(void *ctx, size_t lo, size_t hi)
{
    const snapping *s = ctx;
    const geo_halving *t = &s->catchments->addresses->places;
    for (size_t i = lo; i < hi; i++) {
        uint32_t node, nearest = GEO_HALVING_NONE;
        if (find_group(t, s->group ? s->group[i] : 0, &node))
            nearest = geo_halving_nearest(t, node, s->x[i], s->y[i]);
        const int32_t of = nearest != GEO_HALVING_NONE ? s->catchments->of[nearest] : -1;
        s->masked_x[i] = s->masked_y[i] = NAN;
        if (of >= 0) {
            const centre *c = (const centre *)s->catchments->items.items + of;
            s->masked_x[i] = c->x;
            s->masked_y[i] = c->y;
        }
        if (s->catchment)
            s->catchment[i] = of;
    }
}

geo_status geo_mask_snap(const geo_catchments *catchments, const double *x, const double *y, const int32_t *group, size_t n, int threads,
                         double *masked_x, double *masked_y, int32_t *catchment, size_t *refused_n, geo_err *err)
{
    if (catchments->addresses->grouped != (group != NULL))
        return geo_err_set(err, GEO_EARG, "points must have groups where addresses have them, and only there");
    snapping s = {catchments, x, y, group, masked_x, masked_y, catchment};
    geo_parallel_for(n, POINTS_AT_A_TIME, threads, snap_points, &s);
    *refused_n = geo_mask_refused(masked_x, n);
    return GEO_OK;
}
