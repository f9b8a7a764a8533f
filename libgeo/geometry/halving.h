/*
 * Places halved again and again: a tree for counting and for the nearest, and a division into compact parts of neighbours. Inside the library
 * only.
 *
 * A range of places is cut where half of them lie on each side, across the longer side of its envelope; places that coincide stay together, so
 * the cut is at the boundary nearest to the middle. What is made of a set of places does not depend on their order.
 */
#ifndef GEO_GEOMETRY_HALVING_H
#define GEO_GEOMETRY_HALVING_H

#include "../core/vec.h"
#include "geo/predicates.h"
#include "geo/status.h"

/* Coordinates that are squared safely, and with them a plane on which metres can be told apart. */
#define GEO_HALVING_FARTHEST 1e9

/* Nodes on the way from the root to a leaf, at most; where many places coincide there are more than the logarithm of all. */
#define GEO_HALVING_DEPTH 256

/* Halves have at least so many places, where none coincide. */
#define GEO_HALVING_LEAST 3

/* The k of geo_halving_reach goes up to this. */
#define GEO_HALVING_MOST_K 1000

/* Places lo .. hi - 1 and their envelope. The lower half is the next node, the upper half node number `upper`; 0: this is a leaf. */
typedef struct geo_half {
    double x_min, x_max, y_min, y_max;
    uint32_t lo, hi, upper;
} geo_half;

/* The places of a group; node: of which they are the whole. */
typedef struct geo_half_group {
    int32_t group;
    uint32_t node;
} geo_half_group;

typedef struct geo_halving {
    double *x, *y; /* in the order of the tree; in a leaf from west to east, then from south to north */
    geo_vec nodes; /* geo_half; the first is the root, there is none without places */
    geo_half_group *groups;
    size_t n, groups_n; /* groups in ascending order */
} geo_halving;

/*
 * A tree of n places.
 *
 * @param group  of each place: groups are halved, by the middles of their envelopes, until they stand alone, so each is a node of the tree. NULL:
 *               all are one group.
 * @return GEO_EARG for a place that is not finite or beyond GEO_HALVING_FARTHEST. Expected O(n log n).
 */
geo_status geo_halving_build(geo_halving *t, const double *x, const double *y, const int32_t *group, size_t n, geo_err *err);
void geo_halving_clear(geo_halving *t);

/*
 * The distances below are squared ones, of rounded differences: a place is counted or not as by looking at all of them. Nothing is near a place
 * that is not finite or beyond GEO_HALVING_FARTHEST.
 */

static inline double geo_halving_distance2(const geo_halving *t, uint32_t i, double x, double y)
{
    const double dx = t->x[i] - x, dy = t->y[i] - y;
    return dx * dx + dy * dy;
}

/* How many places lie within, the rim included; counting may stop at `enough`. */
size_t geo_halving_within(const geo_halving *t, double x, double y, double distance2, size_t enough);

/* Distance of the k-th nearest, k up to GEO_HALVING_MOST_K; infinite when there are fewer. */
double geo_halving_reach(const geo_halving *t, double x, double y, size_t k);

/* Number (in the order of the tree) of the place of a node that is nearest; of equally near ones the most western, of those the most southern. */
#define GEO_HALVING_NONE UINT32_MAX
uint32_t geo_halving_nearest(const geo_halving *t, uint32_t node, double x, double y);

/* Nodes on the way through a tree that are still to be looked at. */
typedef struct geo_half_waiting {
    uint32_t node[GEO_HALVING_DEPTH + 2];
    int n;
} geo_half_waiting;

/* Small ones are looked at place by place, which is faster than to go on halving. */
static inline bool geo_half_is_large(const geo_half *h)
{
    return h->upper && h->hi - h->lo > 16;
}

static inline const geo_half *geo_half_at(const geo_halving *t, uint32_t node)
{
    return (const geo_half *)t->nodes.items + node;
}

/* Of the square of the distance between a place and an envelope: the least and the most. Rounded as the distances of the places in it are. */
static inline double geo_half_nearest(const geo_half *h, double x, double y)
{
    const double dx = h->x_min > x ? h->x_min - x : x > h->x_max ? x - h->x_max : 0;
    const double dy = h->y_min > y ? h->y_min - y : y > h->y_max ? y - h->y_max : 0;
    return dx * dx + dy * dy;
}

static inline double geo_half_farthest(const geo_half *h, double x, double y)
{
    const double west = x - h->x_min, east = h->x_max - x, south = y - h->y_min, north = h->y_max - y;
    const double dx = west > east ? west : east, dy = south > north ? south : north;
    return dx * dx + dy * dy;
}

#endif
