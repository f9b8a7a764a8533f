/* Points moved into rings around them. The rings of all addresses are known beforehand, so that of a masked place it can be said whose they are. */
#include "geo/parallel.h"
#include "mask.h"

#include <math.h>
#include <string.h>

#define ADDRESSES_AT_A_TIME 4096
#define POINTS_AT_A_TIME 1024

#define RING_HOLDS 3 /* times k */

struct geo_rings {
    const geo_halving *places;
    geo_donut donut;
    size_t holds;      /* addresses in the circle of a ring, as far as it may grow */
    double *area;      /* of each address, the square of its ring's outer radius */
    double *node_area; /* the greatest of a node's addresses */
};

/* ---- the radius of a ring ---- */

/* Radii are 1, 1.25, 1.5 or 1.75 times a power of two: the one at or above r. */
static double step_at(double r)
{
    int exponent;
    const double mantissa = frexp(r, &exponent);
    return ldexp(ceil(mantissa * 8) / 8, exponent);
}

static double step_below(double step)
{
    int exponent;
    const double mantissa = frexp(step, &exponent);
    return mantissa > 0.5 ? ldexp(mantissa - 0.125, exponent) : ldexp(0.4375, exponent);
}

static double step_above(double step)
{
    int exponent;
    const double mantissa = frexp(step, &exponent);
    return ldexp(mantissa + 0.125, exponent);
}

static bool holds_enough(const geo_rings *rings, double x, double y, double r)
{
    return geo_halving_within(rings->places, x, y, r * r, rings->holds) >= rings->holds;
}

/* The outer radius about a place. The search starts at *step, a guess, and leaves there where it ended; what it finds does not depend on it. */
static double outer_radius(const geo_rings *rings, double x, double y, double *step)
{
    const double least = step_at(rings->donut.least_m), most = rings->donut.most_m;
    while (*step < most && !holds_enough(rings, x, y, *step))
        *step = step_above(*step);
    while (*step > least && holds_enough(rings, x, y, step_below(*step)))
        *step = step_below(*step);
    return *step < most ? *step : most;
}

/* A guess for a place: the ring of an address that is not far. */
static double guess_step(const geo_rings *rings, double x, double y)
{
    const geo_halving *t = rings->places;
    if (t->n == 0)
        return step_at(rings->donut.least_m);
    uint32_t at = 0;
    for (uint32_t upper; (upper = geo_half_at(t, at)->upper) != 0;)
        at = geo_half_nearest(geo_half_at(t, upper), x, y) < geo_half_nearest(geo_half_at(t, at + 1), x, y) ? upper : at + 1;
    return step_at(sqrt(rings->area[geo_half_at(t, at)->lo]));
}

static void find_rings(void *ctx, size_t lo, size_t hi)
{
    geo_rings *rings = ctx;
    double step = step_at(rings->donut.least_m);
    for (size_t i = lo; i < hi; i++) {
        const double r = outer_radius(rings, rings->places->x[i], rings->places->y[i], &step);
        rings->area[i] = r * r;
    }
}

/* ---- whose rings a place is in ---- */

/*
 * For how many addresses a masked place could stand: those whose ring it is in, none of the k - 1 nearest to it (reach2: square of the distance
 * of the k-th). The wider a ring the less likely is a draw of it to fall there, so an address counts by the area of the smallest of the rings
 * over that of its own.
 */
static double stands_for(const geo_rings *rings, double x, double y, double reach2)
{
    const geo_halving *t = rings->places;
    const double inner2 = rings->donut.inner * rings->donut.inner;
    geo_half_waiting w = {.n = t->n > 0 && reach2 < INFINITY};
    w.node[0] = 0;
    double sum = 0, least = INFINITY; /* sum: in units of the least */
    while (w.n > 0) {
        const uint32_t at = w.node[--w.n];
        const geo_half *h = geo_half_at(t, at);
        if (geo_half_nearest(h, x, y) > rings->node_area[at] || geo_half_farthest(h, x, y) < reach2)
            continue;
        if (h->upper) {
            w.node[w.n++] = h->upper;
            w.node[w.n++] = at + 1;
            continue;
        }
        for (uint32_t i = h->lo; i < h->hi; i++) {
            const double d = geo_halving_distance2(t, i, x, y), area = rings->area[i];
            if (d > area || d < inner2 * area || d < reach2)
                continue;
            if (area < least) {
                sum *= least < INFINITY ? area / least : 0;
                least = area;
            }
            sum += least / area;
        }
    }
    return sum;
}

double geo_rings_k(const geo_rings *rings, double masked_x, double masked_y)
{
    return stands_for(rings, masked_x, masked_y, geo_halving_reach(rings->places, masked_x, masked_y, rings->donut.k));
}

geo_status geo_rings_new(const geo_addresses *addresses, const geo_donut *donut, int threads, geo_rings **out, geo_err *err)
{
    if (donut->k < 1 || donut->k > GEO_MASK_MOST_K)
        return geo_err_set(err, GEO_EARG, "k must be from 1 to %d", GEO_MASK_MOST_K);
    if (!(donut->inner >= 0 && donut->inner < 1))
        return geo_err_set(err, GEO_EARG, "the inner radius must be a share of the outer one, from 0 to below 1");
    if (!(donut->least_m >= 1 && donut->least_m <= donut->most_m && donut->most_m <= GEO_HALVING_FARTHEST))
        return geo_err_set(err, GEO_EARG, "the outer radius must be 1 m at least, and its least not above its most");
    if (donut->tries < 1)
        return geo_err_set(err, GEO_EARG, "there must be one try at least");
    const geo_halving *t = &addresses->places;
    geo_rings *rings = calloc(1, sizeof *rings);
    if (rings) {
        rings->places = t;
        rings->donut = *donut;
        rings->holds = (size_t)ceil(RING_HOLDS * (double)donut->k / (1 - donut->inner * donut->inner));
        rings->area = calloc(t->n + 1, sizeof *rings->area);
        rings->node_area = calloc(t->nodes.n + 1, sizeof *rings->node_area);
    }
    if (!rings || !rings->area || !rings->node_area) {
        geo_rings_free(rings);
        return geo_err_nomem(err);
    }
    geo_parallel_for(t->n, ADDRESSES_AT_A_TIME, threads, find_rings, rings);
    for (size_t at = t->nodes.n; at-- > 0;) {
        const geo_half *h = geo_half_at(t, (uint32_t)at);
        double most = 0;
        if (h->upper)
            most = fmax(rings->node_area[at + 1], rings->node_area[h->upper]);
        else
            for (uint32_t i = h->lo; i < h->hi; i++)
                most = fmax(most, rings->area[i]);
        rings->node_area[at] = most;
    }
    *out = rings;
    return GEO_OK;
}

void geo_rings_free(geo_rings *rings)
{
    if (!rings)
        return;
    free(rings->area);
    free(rings->node_area);
    free(rings);
}

/* ---- drawing ---- */

typedef struct drawing {
    const geo_rings *rings;
    const uint8_t *secret;
    const uint64_t *key;
    const double *x, *y;
    double *masked_x, *masked_y;
} drawing;

/* What makes a stream: little-endian words. The radius is among them, so that draws from rings of two sizes do not lie on a line to the point. */
static void start_stream(geo_secret_stream *s, const drawing *d, size_t i, double r)
{
    const geo_donut *donut = &d->rings->donut;
    const double number[] = {d->x[i] + 0.0, d->y[i] + 0.0, r, donut->inner}; /* + 0.0: -0 is 0 */
    uint64_t word[7] = {donut->k, d->key != NULL, d->key ? d->key[i] : 0};
    memcpy(word + 3, number, sizeof number);
    uint8_t message[8 + sizeof word] = "donut 1";
    for (size_t b = 0; b < sizeof word; b++)
        message[8 + b] = (uint8_t)(word[b / 8] >> b % 8 * 8);
    geo_secret_stream_init(s, d->secret, message, sizeof message);
}

/* A place in the ring: a direction from the unit circle, by rejection, and a radius whose square is uniform. No sine: its bits differ by library. */
static void draw(geo_secret_stream *s, double inner, double r, double *dx, double *dy)
{
    double u, v, square;
    do {
        u = 2 * geo_secret_stream_uniform(s) - 1;
        v = 2 * geo_secret_stream_uniform(s) - 1;
        square = u * u + v * v;
    } while (square > 1 || square < 1e-6);
    const double distance = r * sqrt((inner * inner + geo_secret_stream_uniform(s) * (1 - inner * inner)) / square);
    *dx = u * distance;
    *dy = v * distance;
}

static void draw_points(void *ctx, size_t lo, size_t hi)
{
    const drawing *d = ctx;
    const geo_rings *rings = d->rings;
    const double inner = rings->donut.inner;
    for (size_t i = lo; i < hi; i++) {
        d->masked_x[i] = d->masked_y[i] = NAN;
        if (!(fabs(d->x[i]) <= GEO_HALVING_FARTHEST && fabs(d->y[i]) <= GEO_HALVING_FARTHEST))
            continue;
        double step = guess_step(rings, d->x[i], d->y[i]);
        const double r = outer_radius(rings, d->x[i], d->y[i], &step);
        geo_secret_stream s;
        start_stream(&s, d, i, r);
        for (int try = 0; try < rings->donut.tries; try++) {
            double dx, dy;
            draw(&s, inner, r, &dx, &dy);
            const double x = d->x[i] + dx, y = d->y[i] + dy;
            dx = x - d->x[i]; /* as it was rounded */
            dy = y - d->y[i];
            const double d2 = dx * dx + dy * dy, reach2 = geo_halving_reach(rings->places, x, y, rings->donut.k);
            if (d2 >= reach2 && d2 >= inner * inner * r * r && d2 <= r * r && stands_for(rings, x, y, reach2) >= (double)rings->donut.k) {
                d->masked_x[i] = x;
                d->masked_y[i] = y;
                break;
            }
        }
    }
}

void geo_mask_donut(const geo_rings *rings, const uint8_t secret[GEO_SECRET_BYTES], const uint64_t *key, const double *x, const double *y,
                    size_t n, int threads, double *masked_x, double *masked_y, size_t *refused_n)
{
    drawing d = {rings, secret, key, x, y, masked_x, masked_y};
    geo_parallel_for(n, POINTS_AT_A_TIME, threads, draw_points, &d);
    *refused_n = geo_mask_refused(masked_x, n);
}
