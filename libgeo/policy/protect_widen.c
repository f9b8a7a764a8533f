/*
 * Wide intervals for everything that is hidden. Suppression sees to it that no hidden cell is a combination of shown ones; but counts are not
 * negative, so one may still lie between bounds that tell too much. The attacker's own bounds say which; for each of them one more cell of an
 * equation that it is in is hidden, until there are none left. Hiding more never tells anybody more.
 */
#include "protect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 500
#define NO_CELL SIZE_MAX

/* Equations by cell: those of cell c are of[at[c] .. at[c + 1]). */
typedef struct widening {
    protection *p;
    size_t *at;
    uint32_t *of;
    double *low, *high;
    uint8_t *narrow; /* cells not known to be wide; one that is stays so, whatever else is hidden */
    uint8_t *added;  /* cells hidden here, which are to be protected like others: one that followed from what is shown would hide nothing */
    bool *known;     /* cells whose bounds were looked at */
    bool *touched;   /* equations in which something was hidden in this round */
} widening;

static bool is_hidden(const widening *w, size_t cell)
{
    return w->p->cell[cell] == GEO_CELL_UNSAFE || w->p->cell[cell] == GEO_CELL_SECONDARY;
}

static geo_status begin(widening *w, geo_err *err)
{
    const geo_equations *e = &w->p->equations;
    const size_t n = w->p->c->cells_n, total = e->n ? e->at[e->n] : 0;
    w->at = calloc(n + 2, sizeof *w->at);
    w->of = malloc((total + 1) * sizeof *w->of);
    w->low = malloc((n + 1) * sizeof *w->low);
    w->high = malloc((n + 1) * sizeof *w->high);
    w->narrow = malloc(n + 1);
    w->touched = malloc((e->n + 1) * sizeof *w->touched);
    w->added = calloc(n + 1, 1);
    w->known = calloc(n + 1, sizeof *w->known);
    if (!w->at || !w->of || !w->low || !w->high || !w->narrow || !w->touched || !w->added || !w->known)
        return geo_err_nomem(err);
    for (size_t k = 0; k < n; k++)
        w->narrow[k] = (w->known[k] = is_hidden(w, k));
    for (size_t k = 0; k < total; k++)
        w->at[e->cells[k] + 2]++;
    for (size_t c = 0; c < n; c++)
        w->at[c + 2] += w->at[c + 1];
    for (size_t i = 0; i < e->n; i++)
        for (size_t k = e->at[i]; k < e->at[i + 1]; k++)
            w->of[w->at[e->cells[k] + 1]++] = (uint32_t)i;
    return GEO_OK;
}

static void end(widening *w)
{
    free(w->at);
    free(w->of);
    free(w->low);
    free(w->high);
    free(w->narrow);
    free(w->touched);
    free(w->added);
    free(w->known);
}

static geo_status attack(widening *w, geo_err *err)
{
    const geo_cube *c = w->p->c;
    for (size_t k = 0; k < c->cells_n; k++) {
        w->low[k] = w->p->cell[k] == GEO_CELL_SHOWN ? (double)c->count[k] : 0;
        w->high[k] = w->p->cell[k] == GEO_CELL_SHOWN ? (double)c->count[k] : INFINITY;
    }
    const geo_attack_options o = {.whole = true, .wanted = w->narrow, .threads = c->o->threads, .watch = c->o->watch};
    geo_attack_report report;
    return geo_attack(&w->p->equations, &o, w->low, w->high, NULL, &report, err);
}

/* Is one cell more worth hiding than another? It should leave as much room as is needed, and tell as little more as can be. */
static bool is_better(int64_t count, int64_t than, int64_t room)
{
    return (count >= room) != (than >= room) ? count >= room : count >= room ? count < than : count > than;
}

/*
 * The best cell to hide for a narrow one, of those that are shown in an equation with it; NO_CELL: there is none. Totals go last: hiding one
 * ties what adds up to it to all that it adds up to.
 */
static size_t choose(const widening *w, size_t cell, int64_t room, bool *busy)
{
    const geo_equations *e = &w->p->equations;
    const int64_t *count = w->p->c->count;
    size_t best = NO_CELL, total = NO_CELL;
    *busy = false;
    for (size_t i = w->at[cell]; i < w->at[cell + 1]; i++) {
        const size_t equation = w->of[i], first = e->at[equation];
        *busy = *busy || w->touched[equation];
        for (size_t k = first; k < e->at[equation + 1]; k++) {
            const size_t other = e->cells[k];
            size_t *of = k > first ? &best : &total;
            if (w->p->cell[other] == GEO_CELL_SHOWN && (*of == NO_CELL || is_better(count[other], count[*of], room)))
                *of = other;
        }
    }
    return best == NO_CELL ? total : best;
}

/* Where all beside it are hidden already: the best beside those. */
static size_t choose_farther(const widening *w, size_t cell, int64_t room, bool *busy)
{
    const geo_equations *e = &w->p->equations;
    size_t best = NO_CELL;
    for (size_t i = w->at[cell]; i < w->at[cell + 1]; i++)
        for (size_t k = e->at[w->of[i]]; k < e->at[w->of[i] + 1]; k++) {
            bool near = false;
            const size_t beside = e->cells[k], other = beside == cell ? NO_CELL : choose(w, beside, room, &near);
            *busy = *busy || near;
            if (other != NO_CELL && (best == NO_CELL || is_better(w->p->c->count[other], w->p->c->count[best], room)))
                best = other;
        }
    return best;
}

static void hide(widening *w, size_t cell)
{
    w->p->cell[cell] = GEO_CELL_UNSAFE;
    w->added[cell] = 1;
    for (size_t i = w->at[cell]; i < w->at[cell + 1]; i++)
        w->touched[w->of[i]] = true;
}

/* One more for each narrow cell, unless something was hidden beside it already in this round. How many are narrow, and how many of them
 * nothing can be done for. */
static void widen(widening *w, double width, size_t *narrow_n, size_t *stuck_n)
{
    const size_t n = w->p->c->cells_n;
    *narrow_n = *stuck_n = 0;
    memset(w->touched, 0, w->p->equations.n * sizeof *w->touched);
    for (size_t k = 0; k < n; k++) {
        bool busy;
        const bool unsafe = w->p->cell[k] == GEO_CELL_UNSAFE && !w->added[k];
        w->narrow[k] = w->narrow[k] && w->high[k] - w->low[k] < (unsafe ? width : 1);
        if (!w->narrow[k])
            continue;
        size_t other = choose(w, k, (int64_t)width, &busy);
        if (other == NO_CELL)
            other = choose_farther(w, k, (int64_t)width, &busy);
        ++*narrow_n;
        if (other == NO_CELL)
            ++*stuck_n;
        else if (!busy)
            hide(w, other);
    }
}

geo_status geo_protect_widen(protection *p, const geo_suppress_options *options, geo_err *err)
{
    widening w = {.p = p};
    const double width = geo_rules_width(p->rules);
    size_t narrow_n = 1, stuck_n = 0;
    geo_status st = begin(&w, err);
    for (int round = 0; st == GEO_OK && narrow_n > stuck_n && round < ROUNDS; round++) {
        geo_suppress_report report;
        geo_watch_progress(p->c->o->watch, "hiding", round, 0);
        st = attack(&w, err);
        if (st == GEO_OK)
            widen(&w, width, &narrow_n, &stuck_n);
        if (st == GEO_OK && narrow_n > stuck_n)
            st = geo_suppress(&p->equations, options, p->cell, &report, err);
        for (size_t k = 0; st == GEO_OK && k < p->c->cells_n; k++) {
            w.narrow[k] = w.narrow[k] || (is_hidden(&w, k) && !w.known[k]);
            w.known[k] = is_hidden(&w, k);
        }
    }
    for (size_t k = 0; st == GEO_OK && k < p->c->cells_n; k++)
        if (w.added[k])
            p->cell[k] = GEO_CELL_SECONDARY;
    p->report->exposed_n += st == GEO_OK ? narrow_n : 0;
    end(&w);
    return st;
}
