/*
 * Intervals narrowed equation by equation: what a cell can be when the others of an equation are as small, or as large, as they may be.
 *
 * The equations wait in a queue; one whose cell was narrowed is looked at again. For an equation by itself the bounds that come out are
 * sharp, and where the equations form a tree they are so for all of it.
 */
#include "attack.h"

#include "../core/sum.h"

#include <stdlib.h>

/* Narrowing by ever smaller steps has to end somewhere; the programmes do the rest. */
#define LOOKS_EACH 100
#define LOOKS_PER_WATCH 4096

typedef struct queue {
    uint32_t *waiting; /* a ring of n */
    uint8_t *queued;
    uint8_t *looks_n;
    size_t n, first, held;
    bool dropped; /* one had been looked at too often */
} queue;

static void queue_add(queue *q, uint32_t e)
{
    if (q->queued[e])
        return;
    if (q->looks_n[e] == LOOKS_EACH) {
        q->dropped = true;
        return;
    }
    q->queued[e] = 1;
    q->waiting[(q->first + q->held++) % q->n] = e;
}

static uint32_t queue_take(queue *q)
{
    const uint32_t e = q->waiting[q->first];
    q->first = (q->first + 1) % q->n;
    q->held--;
    q->queued[e] = 0;
    q->looks_n[e]++;
    return e;
}

/* A sum of bounds, some of which may be infinite. */
typedef struct reach {
    geo_sum finite;
    size_t infinite_n;
} reach;

static void reach_add(reach *r, double v)
{
    if (isinf(v))
        r->infinite_n++;
    else
        geo_sum_add(&r->finite, v);
}

/* The sum without one of its terms; sign: of the infinity it is when others are infinite. */
static double reach_without(const reach *r, double v, double sign)
{
    if (r->infinite_n > (isinf(v) ? 1U : 0U))
        return sign * INFINITY;
    return geo_sum_value(&r->finite) - (isinf(v) ? 0 : v);
}

/* What cell c adds to the equation at most, and at least: the first cell stands on the other side. */
static double most(const geo_attack_work *w, uint32_t c, bool first)
{
    return first ? -w->low[c] : w->high[c];
}

static double least(const geo_attack_work *w, uint32_t c, bool first)
{
    return first ? -w->high[c] : w->low[c];
}

typedef struct move {
    geo_attack_work *w;
    queue *q;
    uint32_t equation;
    double slack, noise;
} move;

/* Cell c lies in [low, high] too, says the equation, rounding aside; false: it cannot. */
static bool meet(const move *m, uint32_t c, double low, double high)
{
    geo_attack_work *w = m->w;
    const bool whole = w->options->whole;
    low = whole ? ceil(low - m->slack) : low - m->slack;
    high = whole ? floor(high + m->slack) : high + m->slack;
    const double step = whole ? 0 : m->slack; /* less is no progress, and might go on for ever */
    const bool rises = low > w->low[c] + step, falls = high < w->high[c] - step;
    if (!rises && !falls)
        return true;
    low = rises ? low : w->low[c];
    high = falls ? high : w->high[c];
    if (low > high) {
        if (whole || low - high > m->noise)
            return false;
        w->state[c] |= GEO_ATTACK_SETTLED; /* rounding: what it was is as good */
        return true;
    }
    w->low[c] = low;
    w->high[c] = high;
    if (low == high || (!whole && high - low <= 4 * m->slack))
        w->state[c] |= GEO_ATTACK_SETTLED;
    for (size_t i = w->at[c]; i < w->at[c + 1]; i++)
        if (w->of[i] != m->equation)
            queue_add(m->q, w->of[i]);
    return true;
}

/* One look at equation e, which narrows all its cells from what was known before; false: it cannot hold. */
static bool look(geo_attack_work *w, queue *q, uint32_t e)
{
    const geo_equations *s = w->equations;
    const uint32_t *cells = s->cells + s->at[e];
    const size_t n = s->at[e + 1] - s->at[e];
    reach low = {0}, high = {0};
    double magnitude = 0;
    for (size_t i = 0; i < n; i++) {
        const double lo = least(w, cells[i], i == 0), hi = most(w, cells[i], i == 0);
        reach_add(&low, lo);
        reach_add(&high, hi);
        magnitude += fmax(isinf(lo) ? 0 : fabs(lo), isinf(hi) ? 0 : fabs(hi));
    }
    const bool whole = w->options->whole;
    const move m = {w, q, e, geo_attack_slack(whole, magnitude), whole ? geo_attack_slack(whole, magnitude) : magnitude * GEO_ATTACK_NOISE};
    if ((low.infinite_n == 0 && geo_sum_value(&low.finite) > m.noise) || (high.infinite_n == 0 && geo_sum_value(&high.finite) < -m.noise))
        return false;
    for (size_t i = 0; i < n; i++) {
        const uint32_t c = cells[i];
        if (w->state[c] & GEO_ATTACK_SETTLED)
            continue;
        const double others_low = reach_without(&low, least(w, c, i == 0), -1), others_high = reach_without(&high, most(w, c, i == 0), 1);
        if (!(i == 0 ? meet(&m, c, others_low, others_high) : meet(&m, c, -others_high, -others_low)))
            return false;
    }
    return true;
}

geo_status geo_attack_narrow(geo_attack_work *w, bool *converged, geo_err *err)
{
    const size_t n = w->equations->n;
    queue q = {.waiting = malloc((n + 1) * sizeof *q.waiting), .queued = calloc(n + 1, 1), .looks_n = calloc(n + 1, 1), .n = n};
    geo_status st = q.waiting && q.queued && q.looks_n ? GEO_OK : geo_err_nomem(err);
    for (size_t e = 0; st == GEO_OK && e < n; e++)
        queue_add(&q, (uint32_t)e);
    for (size_t looks_n = 1; st == GEO_OK && q.held; looks_n++) {
        const uint32_t e = queue_take(&q);
        if (!look(w, &q, e))
            st =
                geo_err_set(err, GEO_EFORMAT, "equation %zu of the tables and those that hang together with it cannot all hold", (size_t)e);
        else if (looks_n % LOOKS_PER_WATCH == 0 && geo_watch_stopped(w->options->watch))
            st = geo_err_set(err, GEO_ESTOP, "interrupted");
    }
    *converged = !q.dropped;
    free(q.waiting);
    free(q.queued);
    free(q.looks_n);
    return st;
}
