/*
 * The smallest remainder that a class is in: a minimum cut.
 *
 * Take cells X of one side, `plus`, and the cells Y of the other that lie wholly in them. The count of the remainder is at most
 * high(X) - low(Y). To make that small for a class (x0, y0), with x0 among X and y0 not among Y, is a closure problem: y may be taken off only
 * when every x that it touches is taken, which costs high(x), and gains low(y). With any flow f that brings low(y) from every y to the x that
 * it touches, at most high(x) to each, the bound is
 *
 *     sum of f(x, y) over x in X, y not in Y, + sum of high(x) - f(x, .) over x in X,
 *
 * which has no negative term: a cut in the network with arcs x -> y of capacity f(x, y), y -> x without limit, and x -> sink of what f leaves
 * of x; the least cut that parts x0 from y0 and the sink is the answer, over all unions at once. (A flow exists whenever some true counts fit
 * both sides; the true counts of the classes would be one, but any does.) Only whether the cut is below the threshold matters, so at most that
 * many paths are sought a class, and none for the classes whose own arc is large enough.
 *
 * Source: Picard (1976), Maximal Closure of a Graph and Applications to Combinatorial Problems, Management Science 22(11):1268-1272, for the
 * closure; the use made of it here is our own.
 */
#include "differ.h"

#include <stdlib.h>
#include <string.h>

/* d more in f[at], or in spare[at]. */
typedef struct move {
    bool spare;
    uint32_t at;
    int64_t d;
} move;

typedef struct cutting {
    const differ_graph *g;
    const differ_side *x, *y;
    const uint32_t *x_of, *y_of; /* of each edge */
    int64_t limit;
    int64_t *f;                      /* of each edge: what may still go from x to y */
    int64_t *spare;                  /* of each x: what may still go to the sink */
    uint32_t *by_x, *by_y;           /* the edge by which each was reached */
    uint32_t *seen_x, *seen_y, turn; /* reached in this turn; UINT32_MAX: there is no need to come here again */
    uint32_t *queue;                 /* x as it is, y after all x */
    size_t head, tail;
    geo_vec moves;   /* move: what this query has changed */
    geo_pool *known; /* remainders told already */
    geo_vec plus, minus;
} cutting;

#define NO_EDGE UINT32_MAX

static bool is_open(const cutting *k, uint32_t y)
{
    return k->y->open[y];
}

/* ---- some counts that fit ---- */

static void fill_first(cutting *k, int64_t *left)
{
    for (int pass = 0; pass < 2; pass++) /* first those that have no choice */
        for (uint32_t y = 0; y < k->y->n; y++) {
            if (is_open(k, y) || (k->y->at[y + 1] - k->y->at[y] == 1) != (pass == 0))
                continue;
            left[y] = k->y->low[y];
            for (uint32_t i = k->y->at[y]; i < k->y->at[y + 1] && left[y]; i++) {
                const uint32_t e = k->y->edge[i];
                int64_t *spare = &k->spare[k->x_of[e]];
                const int64_t d = left[y] < *spare ? left[y] : *spare;
                k->f[e] += d;
                *spare -= d;
                left[y] -= d;
            }
        }
}

/* Put d more from y into the x that was found with something to spare, moving what is in the way. */
static int64_t shift(cutting *k, uint32_t y, uint32_t x, int64_t left)
{
    int64_t d = k->spare[x] < left ? k->spare[x] : left;
    for (uint32_t at = x;;) {
        const uint32_t from = k->y_of[k->by_x[at]];
        if (from == y)
            break;
        if (k->f[k->by_y[from]] < d)
            d = k->f[k->by_y[from]];
        at = k->x_of[k->by_y[from]];
    }
    k->spare[x] -= d;
    for (uint32_t at = x;;) {
        const uint32_t from = k->y_of[k->by_x[at]];
        k->f[k->by_x[at]] += d;
        if (from == y)
            break;
        k->f[k->by_y[from]] -= d;
        at = k->x_of[k->by_y[from]];
    }
    return d;
}

/* An x with something to spare that y can be brought to; NO_EDGE: there is none, nor will there be. */
static uint32_t find_spare(cutting *k, uint32_t y)
{
    const uint32_t xs = (uint32_t)k->x->n;
    k->head = k->tail = 0;
    k->turn++;
    k->seen_y[y] = k->turn;
    k->queue[k->tail++] = xs + y;
    while (k->head < k->tail) {
        const uint32_t at = k->queue[k->head++];
        if (at >= xs) {
            for (uint32_t i = k->y->at[at - xs]; i < k->y->at[at - xs + 1]; i++) {
                const uint32_t e = k->y->edge[i], x = k->x_of[e];
                if (k->seen_x[x] >= k->turn)
                    continue;
                k->seen_x[x] = k->turn;
                k->by_x[x] = e;
                if (k->spare[x] > 0)
                    return x;
                k->queue[k->tail++] = x;
            }
            continue;
        }
        for (uint32_t i = k->x->at[at]; i < k->x->at[at + 1]; i++) {
            const uint32_t e = k->x->edge[i], to = k->y_of[e];
            if (k->f[e] <= 0 || k->seen_y[to] >= k->turn)
                continue;
            k->seen_y[to] = k->turn;
            k->by_y[to] = e;
            k->queue[k->tail++] = xs + to;
        }
    }
    for (size_t i = 0; i < k->tail; i++) /* nothing leads out of what was reached, for good */
        if (k->queue[i] >= xs)
            k->seen_y[k->queue[i] - xs] = UINT32_MAX;
        else
            k->seen_x[k->queue[i]] = UINT32_MAX;
    return NO_EDGE;
}

/* False: the sides contradict each other. */
static bool find_fit(cutting *k, int64_t *left)
{
    bool fits = true;
    fill_first(k, left);
    for (uint32_t y = 0; y < k->y->n; y++)
        while (!is_open(k, y) && left[y] > 0) {
            const uint32_t x = k->seen_y[y] == UINT32_MAX ? NO_EDGE : find_spare(k, y);
            if (x == NO_EDGE) {
                fits = false;
                break;
            }
            left[y] -= shift(k, y, x, left[y]);
        }
    memset(k->seen_x, 0, k->x->n * sizeof *k->seen_x);
    memset(k->seen_y, 0, k->y->n * sizeof *k->seen_y);
    k->turn = 0;
    return fits;
}

/* ---- cuts ---- */

/* Reach out from x0 for y0 or the sink: the x from which the sink is had, or y0 as xs + y0, or NO_EDGE. */
static uint32_t reach(cutting *k, uint32_t x0, uint32_t y0)
{
    const uint32_t xs = (uint32_t)k->x->n;
    k->head = k->tail = 0;
    k->turn++;
    k->seen_x[x0] = k->turn;
    k->by_x[x0] = NO_EDGE;
    k->queue[k->tail++] = x0;
    while (k->head < k->tail) {
        const uint32_t at = k->queue[k->head++];
        if (at < xs) {
            if (k->spare[at] > 0)
                return at;
            for (uint32_t i = k->x->at[at]; i < k->x->at[at + 1]; i++) {
                const uint32_t e = k->x->edge[i], y = k->y_of[e];
                if (k->f[e] <= 0 || is_open(k, y) || k->seen_y[y] == k->turn)
                    continue;
                k->seen_y[y] = k->turn;
                k->by_y[y] = e;
                if (y == y0)
                    return xs + y;
                k->queue[k->tail++] = xs + y;
            }
            continue;
        }
        for (uint32_t i = k->y->at[at - xs]; i < k->y->at[at - xs + 1]; i++) {
            const uint32_t e = k->y->edge[i], x = k->x_of[e];
            if (k->seen_x[x] == k->turn)
                continue;
            k->seen_x[x] = k->turn;
            k->by_x[x] = e;
            k->queue[k->tail++] = x;
        }
    }
    return NO_EDGE;
}

static bool change(cutting *k, bool spare, uint32_t at, int64_t d)
{
    *(spare ? &k->spare[at] : &k->f[at]) += d;
    return geo_vec_append(&k->moves, &(move){spare, at, d}, 1, sizeof(move));
}

static void undo(cutting *k)
{
    for (size_t i = k->moves.n; i-- > 0;) {
        const move *m = (const move *)k->moves.items + i;
        *(m->spare ? &k->spare[m->at] : &k->f[m->at]) -= m->d;
    }
    k->moves.n = 0;
}

/* Send as much as goes, at most `most`, along the path that was found to `end`. */
static bool send(cutting *k, uint32_t end, int64_t most, int64_t *sent)
{
    const uint32_t xs = (uint32_t)k->x->n;
    int64_t d = end < xs && k->spare[end] < most ? k->spare[end] : most;
    const uint32_t last = end < xs ? k->by_x[end] : k->by_y[end - xs];
    bool into_y = end >= xs; /* the edge leads from its x to its y */
    for (uint32_t e = last; e != NO_EDGE; into_y = !into_y) {
        if (into_y && k->f[e] < d)
            d = k->f[e];
        e = into_y ? k->by_x[k->x_of[e]] : k->by_y[k->y_of[e]];
    }
    bool good = end >= xs || change(k, true, end, -d);
    into_y = end >= xs;
    for (uint32_t e = last; good && e != NO_EDGE; into_y = !into_y) {
        good = change(k, false, e, into_y ? -d : d);
        e = into_y ? k->by_x[k->x_of[e]] : k->by_y[k->y_of[e]];
    }
    *sent = d;
    return good;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* What the last reach came to is the remainder: all x and y that it has seen. *is_new: it was not told before. */
static geo_status take_cut(cutting *k, differ_cut *cut, bool *is_new, geo_err *err)
{
    const uint32_t xs = (uint32_t)k->x->n;
    int new_ = 0;
    int32_t id;
    k->plus.n = k->minus.n = 0;
    *cut = (differ_cut){.low = 0};
    qsort(k->queue, k->tail, sizeof *k->queue, by_number);
    for (size_t i = 0; i < k->tail; i++) {
        const uint32_t at = k->queue[i], number = at < xs ? at : at - xs;
        if (!geo_vec_append(at < xs ? &k->plus : &k->minus, &number, 1, sizeof number))
            return geo_err_nomem(err);
        cut->low += at < xs ? k->x->low[at] : -k->y->high[number];
        cut->high += at < xs ? k->x->high[at] : -k->y->low[number];
    }
    cut->plus = k->plus.items;
    cut->plus_n = k->plus.n;
    cut->minus = k->minus.items;
    cut->minus_n = k->minus.n;
    const geo_status st = k->minus.n ? geo_pool_add(k->known, (const char *)k->queue, k->tail * sizeof *k->queue, &id, &new_, err)
                                     : GEO_OK; /* nothing is taken off: published cells, which are no news */
    *is_new = new_;
    return st;
}

/* The class of x0 and y0 (NO_EDGE: and of what lies elsewhere). */
static geo_status query(cutting *k, uint32_t x0, uint32_t y0, geo_status (*each)(void *ctx, const differ_cut *cut, geo_err *err), void *ctx,
                        geo_err *err)
{
    int64_t total = 0;
    geo_status st = GEO_OK;
    while (st == GEO_OK && total < k->limit) {
        const uint32_t end = reach(k, x0, y0);
        if (end == NO_EDGE) {
            differ_cut cut;
            bool is_new = false;
            st = take_cut(k, &cut, &is_new, err);
            if (st == GEO_OK && is_new)
                st = each(ctx, &cut, err);
            break;
        }
        int64_t sent;
        if (!send(k, end, k->limit - total, &sent))
            st = geo_err_nomem(err);
        total += st == GEO_OK ? sent : 0;
    }
    undo(k);
    return st;
}

/* All classes of a cell x0. */
static geo_status query_cell(cutting *k, uint32_t x0, geo_status (*each)(void *ctx, const differ_cut *cut, geo_err *err), void *ctx,
                             geo_err *err)
{
    const uint32_t *edge = k->x->edge + k->x->at[x0];
    const uint32_t n = k->x->at[x0 + 1] - k->x->at[x0];
    bool elsewhere = k->x->open[x0], any = false;
    for (uint32_t i = 0; i < n; i++) {
        elsewhere = elsewhere || is_open(k, k->y_of[edge[i]]);
        any = any || !is_open(k, k->y_of[edge[i]]);
    }
    if (!any || k->x->high[x0] == 0 || k->spare[x0] >= k->limit) /* nothing to take off; known; too large in any case */
        return GEO_OK;
    geo_status st = elsewhere ? query(k, x0, NO_EDGE, each, ctx, err) : GEO_OK;
    for (uint32_t i = 0; i < n && st == GEO_OK; i++) {
        const uint32_t y = k->y_of[edge[i]];
        const bool whole = (n == 1 && !k->x->open[x0]) || k->y->at[y + 1] - k->y->at[y] == 1; /* a published cell */
        if (!is_open(k, y) && !whole && k->y->high[y] > 0 && k->f[edge[i]] + k->spare[x0] < k->limit)
            st = query(k, x0, y, each, ctx, err);
    }
    return st;
}

geo_status geo_graph_cuts(const differ_graph *g, int plus, int64_t limit,
                          geo_status (*each)(void *ctx, const differ_cut *cut, geo_err *err), void *ctx, bool *agrees, geo_err *err)
{
    const differ_side *x = &g->side[plus], *y = &g->side[!plus];
    cutting k = {.g = g, .x = x, .y = y, .x_of = g->end[plus], .y_of = g->end[!plus], .limit = limit, .known = geo_pool_new()};
    geo_arena arena = {0};
    k.f = geo_arena_array(&arena, g->edges_n + 1, sizeof *k.f);
    k.spare = geo_arena_array(&arena, x->n + 1, sizeof *k.spare);
    k.by_x = geo_arena_array(&arena, x->n + 1, sizeof *k.by_x);
    k.by_y = geo_arena_array(&arena, y->n + 1, sizeof *k.by_y);
    k.seen_x = geo_arena_array(&arena, x->n + 1, sizeof *k.seen_x);
    k.seen_y = geo_arena_array(&arena, y->n + 1, sizeof *k.seen_y);
    k.queue = geo_arena_array(&arena, x->n + y->n + 1, sizeof *k.queue);
    int64_t *left = geo_arena_array(&arena, y->n + 1, sizeof *left);
    geo_status st = GEO_OK;
    if (!k.known || !k.f || !k.spare || !k.by_x || !k.by_y || !k.seen_x || !k.seen_y || !k.queue || !left)
        st = geo_err_nomem(err);
    else {
        memset(k.f, 0, g->edges_n * sizeof *k.f);
        memset(k.seen_x, 0, x->n * sizeof *k.seen_x);
        memset(k.seen_y, 0, y->n * sizeof *k.seen_y);
        memcpy(k.spare, x->high, x->n * sizeof *k.spare);
        *agrees = find_fit(&k, left);
    }
    for (uint32_t x0 = 0; st == GEO_OK && x0 < x->n; x0++)
        st = query_cell(&k, x0, each, ctx, err);
    geo_vec_clear(&k.moves);
    geo_vec_clear(&k.plus);
    geo_vec_clear(&k.minus);
    geo_pool_free(k.known);
    geo_arena_clear(&arena);
    return st;
}
