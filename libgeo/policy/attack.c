/*
 * The attacker: intervals narrowed equation by equation, cells that follow in any case by elimination, and programmes for what is left,
 * one part of the equations after another.
 */
#include "attack.h"

#include "geo/parallel.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static geo_status check_equations(const geo_equations *s, geo_err *err)
{
    if (s->cells_n >= UINT32_MAX || s->n >= UINT32_MAX)
        return geo_err_set(err, GEO_ENOMEM, "tables of over 4 thousand million cells or equations");
    uint32_t *last = calloc(s->cells_n + 1, sizeof *last); /* the last equation a cell was met in, and one */
    if (!last)
        return geo_err_nomem(err);
    geo_status st = GEO_OK;
    for (size_t e = 0; st == GEO_OK && e < s->n; e++) {
        if (s->at[e + 1] < s->at[e] || s->at[e + 1] - s->at[e] < 2)
            st = geo_err_set(err, GEO_EARG, "equation %zu has fewer than two cells", e);
        for (size_t i = s->at[e]; st == GEO_OK && i < s->at[e + 1]; i++) {
            if (s->cells[i] >= s->cells_n)
                st = geo_err_set(err, GEO_EARG, "equation %zu names a cell that is not there", e);
            else if (last[s->cells[i]] == e + 1)
                st = geo_err_set(err, GEO_EARG, "equation %zu names a cell twice", e);
            else
                last[s->cells[i]] = (uint32_t)e + 1;
        }
    }
    free(last);
    return st;
}

/* What the caller knows, in whole numbers where cells hold such. */
static geo_status take_bounds(geo_attack_work *w, const double *low, const double *high, geo_err *err)
{
    for (size_t c = 0; c < w->equations->cells_n; c++) {
        const bool fine = low[c] <= high[c] && low[c] < INFINITY && high[c] > -INFINITY;
        if (!fine || (isfinite(low[c]) && fabs(low[c]) > GEO_ATTACK_EXACT) || (isfinite(high[c]) && fabs(high[c]) > GEO_ATTACK_EXACT))
            return geo_err_set(err, GEO_EARG, "bounds of cell %zu: not a least and a most, or beyond 2^53", c);
        w->low[c] = w->options->whole ? ceil(low[c]) : low[c];
        w->high[c] = w->options->whole ? floor(high[c]) : high[c];
        if (w->low[c] > w->high[c])
            return geo_err_set(err, GEO_EFORMAT, "no whole number fits the bounds of cell %zu", c);
        w->state[c] = w->low[c] == w->high[c] ? GEO_ATTACK_SETTLED : GEO_ATTACK_HIDDEN;
    }
    return GEO_OK;
}

/* The equations of each cell. */
static void index_cells(geo_attack_work *w)
{
    const geo_equations *s = w->equations;
    for (size_t i = s->n ? s->at[0] : 0; s->n && i < s->at[s->n]; i++)
        w->at[s->cells[i] + 1]++;
    for (size_t c = 0; c < s->cells_n; c++)
        w->at[c + 1] += w->at[c];
    for (size_t e = 0; e < s->n; e++)
        for (size_t i = s->at[e]; i < s->at[e + 1]; i++)
            w->of[w->at[s->cells[i]]++] = (uint32_t)e;
    for (size_t c = s->cells_n; c > 0; c--)
        w->at[c] = w->at[c - 1];
    w->at[0] = 0;
}

/* ---- all parts ---- */

/* Fewer cells are done before a thread has started. */
#define CELLS_FOR_THREADS 256

typedef struct run {
    geo_attack_work *w;
    const geo_attack_parts *parts;
    const size_t *order; /* of the parts, the largest first, so that no thread is left with it at the end */
    bool converged;
    geo_status *status;
    atomic_size_t done_n;
    atomic_flag telling;
} run;

static void run_parts(void *ctx, size_t lo, size_t hi)
{
    run *r = ctx;
    for (size_t i = lo; i < hi; i++) {
        const size_t p = r->order[i];
        r->status[p] = geo_attack_part(r->w, r->parts, p, r->converged);
        atomic_fetch_add(&r->done_n, r->parts->cell_at[p + 1] - r->parts->cell_at[p]);
        if (atomic_flag_test_and_set(&r->telling)) /* somebody else is telling: one at a time */
            continue;
        geo_watch_progress(r->w->options->watch, "bounds", (int64_t)atomic_load(&r->done_n), (int64_t)r->parts->cell_at[r->parts->n]);
        atomic_flag_clear(&r->telling);
    }
}

/* The numbers of the parts, by size. */
static geo_status order_parts(const geo_attack_parts *parts, size_t **order, geo_err *err)
{
    size_t largest = 0;
    for (size_t p = 0; p < parts->n; p++)
        if (parts->cell_at[p + 1] - parts->cell_at[p] > largest)
            largest = parts->cell_at[p + 1] - parts->cell_at[p];
    size_t *at = calloc(largest + 2, sizeof *at);
    *order = malloc((parts->n + 1) * sizeof **order);
    if (at && *order) {
        for (size_t p = 0; p < parts->n; p++)
            at[largest - (parts->cell_at[p + 1] - parts->cell_at[p]) + 1]++;
        for (size_t i = 0; i <= largest; i++)
            at[i + 1] += at[i];
        for (size_t p = 0; p < parts->n; p++)
            (*order)[at[largest - (parts->cell_at[p + 1] - parts->cell_at[p])]++] = p;
    }
    free(at);
    return at && *order ? GEO_OK : geo_err_nomem(err);
}

static geo_status bound_parts(geo_attack_work *w, bool converged, geo_err *err)
{
    geo_attack_parts parts = {0};
    size_t *order = NULL;
    geo_status st = geo_attack_split(w, 0, GEO_ATTACK_SETTLED, &parts, err);
    if (st == GEO_OK)
        st = order_parts(&parts, &order, err);
    geo_status *status = st == GEO_OK ? calloc(parts.n + 1, sizeof *status) : NULL;
    if (st == GEO_OK && !status)
        st = geo_err_nomem(err);
    if (st == GEO_OK) {
        run r = {.w = w, .parts = &parts, .order = order, .converged = converged, .status = status, .telling = ATOMIC_FLAG_INIT};
        geo_parallel_for(parts.n, 1, parts.cell_at[parts.n] < CELLS_FOR_THREADS ? 1 : w->options->threads, run_parts, &r);
    }
    for (size_t p = 0; st == GEO_OK && p < parts.n; p++) {
        st = status[p];
        if (st == GEO_EFORMAT)
            geo_err_set(err, st, "equation %zu of the tables and those that hang together with it cannot all hold",
                        (size_t)parts.equations[parts.equation_at[p]]);
        else if (st == GEO_ESTOP)
            geo_err_set(err, st, "interrupted");
        else if (st != GEO_OK)
            geo_err_nomem(err);
    }
    free(status);
    free(order);
    geo_attack_parts_clear(&parts);
    return st;
}

/* ---- the answer ---- */

static geo_status count_parts(geo_attack_work *w, geo_attack_report *report, geo_err *err)
{
    geo_attack_parts parts = {0};
    const geo_status st = geo_attack_split(w, GEO_ATTACK_HIDDEN, 0, &parts, err);
    report->parts_n = parts.n;
    for (size_t p = 0; p < parts.n; p++)
        if (parts.cell_at[p + 1] - parts.cell_at[p] > report->largest_n)
            report->largest_n = parts.cell_at[p + 1] - parts.cell_at[p];
    geo_attack_parts_clear(&parts);
    return st;
}

/*
 * Bounds of numbers that are not whole meet when they are as near as rounding lets them come: what is subtracted from a large total is no
 * more exact than that.
 */
#define MEET_OF_LARGEST 1e-12

static double largest_of(const double *low, const double *high, size_t n)
{
    double largest = 0;
    for (size_t c = 0; c < n; c++)
        largest = fmax(largest, fmax(isinf(low[c]) ? 0 : fabs(low[c]), isinf(high[c]) ? 0 : fabs(high[c])));
    return largest;
}

static void answer(const geo_attack_work *w, double *low, double *high, uint8_t *spanned, geo_attack_report *report)
{
    const size_t n = w->equations->cells_n;
    const double near = w->options->whole ? 0 : largest_of(low, high, n) * MEET_OF_LARGEST;
    memcpy(low, w->low, n * sizeof *low);
    memcpy(high, w->high, n * sizeof *high);
    for (size_t c = 0; c < n; c++) {
        const bool hidden = (w->state[c] & GEO_ATTACK_HIDDEN) && (!w->options->wanted || w->options->wanted[c]);
        const bool follows = hidden && (w->state[c] & GEO_ATTACK_SPANNED);
        report->hidden_n += hidden;
        report->spanned_n += follows;
        report->exact_n += hidden && (follows || high[c] - low[c] <= near);
        report->relaxed_n += hidden && (w->state[c] & GEO_ATTACK_RELAXED) && low[c] < high[c];
        if (spanned)
            spanned[c] = follows;
    }
}

static geo_status attack(geo_attack_work *w, geo_attack_report *report, geo_err *err)
{
    bool converged = false;
    index_cells(w);
    geo_status st = count_parts(w, report, err);
    if (st == GEO_OK)
        st = geo_attack_span(w, err);
    if (st == GEO_OK)
        st = geo_attack_narrow(w, &converged, err);
    return st == GEO_OK ? bound_parts(w, converged, err) : st;
}

geo_status geo_attack(const geo_equations *equations, const geo_attack_options *options, double *low, double *high, uint8_t *spanned,
                      geo_attack_report *report, geo_err *err)
{
    *report = (geo_attack_report){0};
    geo_status st = check_equations(equations, err);
    if (st != GEO_OK)
        return st;
    const size_t n = equations->cells_n, terms_n = equations->n ? equations->at[equations->n] - equations->at[0] : 0;
    geo_attack_work w = {.equations = equations, .options = options};
    w.at = calloc(n + 2, sizeof *w.at);
    w.of = malloc((terms_n + 1) * sizeof *w.of);
    w.low = malloc((n + 1) * sizeof *w.low);
    w.high = malloc((n + 1) * sizeof *w.high);
    w.state = calloc(n + 1, 1);
    st = w.at && w.of && w.low && w.high && w.state ? take_bounds(&w, low, high, err) : geo_err_nomem(err);
    if (st == GEO_OK)
        st = attack(&w, report, err);
    if (st == GEO_OK)
        answer(&w, low, high, spanned, report);
    free(w.at);
    free(w.of);
    free(w.low);
    free(w.high);
    free(w.state);
    return st;
}
