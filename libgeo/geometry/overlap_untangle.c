/*
 * The even-odd rule in signs. A sweep goes from south to north over the heights of all vertices; between two of them the edges stand side by
 * side, and, from west to east, are in turn -1 and +1. Where some change places on the way, their crossings cut the stretch further. Signs
 * thus alternate by construction: edges that coincide or nearly do may stand in either order, and the ground between them, none or next to
 * none, is all that can be wrong.
 */
#include "overlap.h"

#include <string.h>

#define STEPS_PER_LOOK 256 /* between two looks at the watch */

/* An edge that runs north, as far as the sweep has come. */
typedef struct runner {
    geo_xy low, high;
    double x, x_next; /* at both ends of the stretch */
    double x_middle;
    geo_xy from; /* where its present sign began */
    int sign;    /* 0: it has none yet */
} runner;

typedef struct sweep {
    geo_vec edges;     /* runner, by their low ends */
    geo_vec heights;   /* double: of all vertices, each once */
    geo_vec beside;    /* runner: those of the stretch, from west to east */
    geo_vec turned;    /* runner: the same by their places at its end */
    geo_vec crossings; /* double: heights where two change places */
    geo_vec *cut;
    const geo_watch *watch;
    bool stopped;
} sweep;

/* Now and then: does the caller want to stop? */
static bool must_stop(sweep *w, size_t step)
{
    w->stopped = w->stopped || (step % STEPS_PER_LOOK == 0 && geo_watch_stopped(w->watch));
    return w->stopped;
}

static int by_low_end(const void *a, const void *b)
{
    const runner *p = a, *q = b;
    if (p->low.y != q->low.y)
        return p->low.y < q->low.y ? -1 : 1;
    return (p->low.x > q->low.x) - (p->low.x < q->low.x);
}

static int by_value(const void *a, const void *b)
{
    const double *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

static void sort_once(geo_vec *values)
{
    double *v = values->items;
    size_t kept = 0;
    if (values->n > 1)
        qsort(v, values->n, sizeof *v, by_value);
    for (size_t i = 0; i < values->n; i++)
        if (kept == 0 || v[kept - 1] != v[i])
            v[kept++] = v[i];
    values->n = kept;
}

static bool push_value(geo_vec *values, double v)
{
    if (!geo_vec_reserve(values, 1, sizeof v))
        return false;
    ((double *)values->items)[values->n++] = v;
    return true;
}

static double x_at(const runner *r, double y)
{
    if (y >= r->high.y)
        return r->high.x;
    return r->low.x + (y - r->low.y) * ((r->high.x - r->low.x) / (r->high.y - r->low.y));
}

static bool emit(sweep *w, const runner *r, geo_xy to)
{
    if (r->sign == 0 || !(r->from.y < to.y))
        return true;
    if (!geo_vec_reserve(w->cut, 2, sizeof(geo_xy)))
        return false;
    geo_xy *out = (geo_xy *)w->cut->items + w->cut->n;
    out[r->sign < 0] = r->from;
    out[r->sign > 0] = to;
    w->cut->n += 2;
    return true;
}

/* Sort runners that are nearly in order. */
typedef bool order(const runner *a, const runner *b);

static bool starts_west(const runner *a, const runner *b)
{
    return a->x != b->x ? a->x < b->x : a->x_next < b->x_next;
}

static bool ends_west(const runner *a, const runner *b)
{
    return a->x_next < b->x_next;
}

static bool middle_west(const runner *a, const runner *b)
{
    return a->x_middle < b->x_middle;
}

/* Also notes, when asked, at what height two change places; false when memory is out. */
static bool settle(geo_vec *runners, order *west_of, double y, double y_next, geo_vec *crossings)
{
    runner *r = runners->items;
    for (size_t i = 1; i < runners->n; i++) {
        const runner own = r[i];
        size_t k = i;
        for (; k > 0 && west_of(&own, &r[k - 1]); k--) {
            if (crossings) {
                const double apart = own.x - r[k - 1].x, apart_next = r[k - 1].x_next - own.x_next;
                if (!push_value(crossings, y + (y_next - y) * (apart / (apart + apart_next))))
                    return false;
            }
            r[k] = r[k - 1];
        }
        r[k] = own;
    }
    return true;
}

static bool in_order_at_the_end(const geo_vec *runners)
{
    const runner *r = runners->items;
    for (size_t i = 1; i < runners->n; i++)
        if (ends_west(&r[i], &r[i - 1]))
            return false;
    return true;
}

/* From height y on, signs alternate in the order that there is. */
static bool alternate(sweep *w, double y)
{
    runner *r = w->beside.items;
    for (size_t i = 0; i < w->beside.n; i++) {
        const int sign = i % 2 ? 1 : -1;
        if (r[i].sign == sign)
            continue;
        const geo_xy here = {y == r[i].low.y ? r[i].low.x : x_at(&r[i], y), y};
        if (!emit(w, &r[i], here))
            return false;
        r[i].from = here;
        r[i].sign = sign;
    }
    return true;
}

/* A stretch in which some cross: from one crossing to the next they do not. */
static bool alternate_between_crossings(sweep *w, double y, double y_next)
{
    if (!geo_vec_reserve(&w->turned, w->beside.n, sizeof(runner)))
        return false;
    memcpy(w->turned.items, w->beside.items, w->beside.n * sizeof(runner));
    w->turned.n = w->beside.n;
    w->crossings.n = 0;
    if (!push_value(&w->crossings, y) || !settle(&w->turned, ends_west, y, y_next, &w->crossings) || !push_value(&w->crossings, y_next))
        return false;
    sort_once(&w->crossings);
    const double *at = w->crossings.items;
    for (size_t k = 0; k + 1 < w->crossings.n; k++) {
        runner *r = w->beside.items;
        if (must_stop(w, k + 1))
            return false;
        const double part = ((at[k] - y) / 2 + (at[k + 1] - y) / 2) / (y_next - y);
        for (size_t i = 0; i < w->beside.n; i++)
            r[i].x_middle = r[i].x + (r[i].x_next - r[i].x) * part;
        if (at[k] >= y && at[k] < y_next && (!settle(&w->beside, middle_west, 0, 0, NULL) || !alternate(w, at[k])))
            return false;
    }
    return true;
}

/* Those that end at height y go, those that begin there come; then the stretch to the next height. */
static bool step(sweep *w, double y, double y_next, size_t *next)
{
    runner *r = w->beside.items;
    const runner *e = w->edges.items;
    size_t kept = 0;
    for (size_t i = 0; i < w->beside.n; i++) {
        if (r[i].high.y > y) {
            r[kept] = r[i];
            r[kept++].x = r[i].x_next;
        } else if (!emit(w, &r[i], r[i].high)) {
            return false;
        }
    }
    w->beside.n = kept;
    for (; *next < w->edges.n && e[*next].low.y == y; ++*next) {
        if (!geo_vec_reserve(&w->beside, 1, sizeof *r))
            return false;
        r = w->beside.items;
        r[w->beside.n] = e[*next];
        r[w->beside.n++].x = e[*next].low.x;
    }
    for (size_t i = 0; i < w->beside.n; i++)
        r[i].x_next = x_at(&r[i], y_next);
    settle(&w->beside, starts_west, 0, 0, NULL);
    return in_order_at_the_end(&w->beside) ? alternate(w, y) : alternate_between_crossings(w, y, y_next);
}

static bool gather(sweep *w, const geo_areas *s, const area *a)
{
    const geo_xy *v = s->vertices.items;
    FOR_EACH_EDGE (s, a, e) {
        const bool north = v[e].y < v[e + 1].y;
        if (v[e].y == v[e + 1].y)
            continue;
        if (!geo_vec_reserve(&w->edges, 1, sizeof(runner)) || !push_value(&w->heights, v[e].y) || !push_value(&w->heights, v[e + 1].y))
            return false;
        ((runner *)w->edges.items)[w->edges.n++] = (runner){.low = v[north ? e : e + 1], .high = v[north ? e + 1 : e]};
    }
    if (w->edges.n > 1)
        qsort(w->edges.items, w->edges.n, sizeof(runner), by_low_end);
    sort_once(&w->heights);
    return true;
}

geo_status geo_area_untangle(const geo_areas *s, const area *a, const geo_watch *watch, geo_vec *cut, geo_err *err)
{
    sweep w = {.cut = cut, .watch = watch};
    bool ok = gather(&w, s, a);
    const double *at = w.heights.items;
    for (size_t k = 0, next = 0; ok && k < w.heights.n; k++)
        ok = !must_stop(&w, k) && step(&w, at[k], k + 1 < w.heights.n ? at[k + 1] : at[k], &next);
    geo_vec_clear(&w.edges);
    geo_vec_clear(&w.heights);
    geo_vec_clear(&w.beside);
    geo_vec_clear(&w.turned);
    geo_vec_clear(&w.crossings);
    if (w.stopped)
        return geo_err_set(err, GEO_ESTOP, "interrupted");
    return ok ? GEO_OK : geo_err_nomem(err);
}
