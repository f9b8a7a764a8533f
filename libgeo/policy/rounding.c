/* Rounding counts. */
#include "rounding.h"

#include "../core/sum.h"
#include "../core/wide.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BASE_MOST 1000
#define TRIES_MOST 50
#define TRIES_WORK 500000 /* cells of a search times sums that each counts in, of all tries together */
#define FEW 0.005         /* share of the cells taken so far that is not worth a thorough search when it joins them */
#define HIDDEN_SHARE 0.01 /* how much the change of a cell that is not shown weighs */
#define SMALL_SHARE 2     /* how much the Hellinger distance of an inner cell weighs beside its squared change, in squares of a count */

/* ---- each for itself ---- */

static void check(int64_t count, int base)
{
    assert(count >= 0 && count <= GEO_ROUND_LARGEST);
    assert(base >= 1 && base <= BASE_MOST);
    (void)count, (void)base;
}

int64_t geo_round_nearest(int64_t count, int base)
{
    check(count, base);
    const int64_t over = count % base;
    return 2 * over < base ? count - over : count - over + base;
}

int64_t geo_round_random(int64_t count, int base, uint64_t draw)
{
    check(count, base);
    const int64_t over = count % base;
    uint64_t low;
    return geo_multiply_high(draw, (uint64_t)base, &low) < (uint64_t)over ? count - over + base : count - over;
}

int64_t geo_round_midpoint(int64_t count, int base)
{
    check(count, base);
    assert(base % 2 == 0);
    return count ? (count + base - 1) / base * base - base / 2 : 0;
}

/* ---- all together ---- */

static bool is_shown(const geo_round_options *o, size_t cell)
{
    return !o->shown || o->shown[cell];
}

/* The first equation that does not hold, or their number. Counts are 0 or more, so that nothing can overflow. */
static size_t first_wrong(const geo_equations *q, const int64_t *count)
{
    for (size_t e = 0; e < q->n; e++) {
        int64_t left = count[q->cells[q->at[e]]];
        for (size_t k = q->at[e] + 1; k < q->at[e + 1] && left >= 0; k++)
            left -= count[q->cells[k]];
        if (left != 0)
            return e;
    }
    return q->n;
}

static geo_status check_all(const geo_equations *q, const geo_round_options *o, const int64_t *count, geo_err *err)
{
    if (o->base < 2 || o->base > BASE_MOST)
        return geo_err_set(err, GEO_EARG, "the base of rounding is not from 2 to %d", BASE_MOST);
    for (size_t c = 0; c < q->cells_n; c++)
        if (count[c] < 0 || count[c] > GEO_ROUND_LARGEST)
            return geo_err_set(err, GEO_EARG, "count of cell %zu is negative or above 2^52", c);
    const size_t wrong = first_wrong(q, count);
    return wrong == q->n ? GEO_OK : geo_err_set(err, GEO_EARG, "the cells of equation %zu do not add up", wrong);
}

/* (sqrt(a) - sqrt(b))^2 */
static double hellinger(int64_t a, int64_t b)
{
    const double d = sqrt((double)a) - sqrt((double)b);
    return d * d;
}

/* The inner cells that are no multiple: all, or the small ones. */
static geo_status find_cells(const geo_round_rules *r, const geo_round_options *o, const int64_t *count, geo_round_search *s, geo_err *err)
{
    const size_t cells_n = r->equations->cells_n;
    s->cells = malloc((cells_n + 1) * sizeof *s->cells);
    if (!s->cells)
        return geo_err_nomem(err);
    for (size_t c = 0; c < cells_n; c++) {
        const int over = (int)(count[c] % o->base), left = o->base - over;
        if (r->rule[c] != GEO_ROUND_INNER || over == 0 || (o->which == GEO_ROUND_SMALL && count[c] >= o->base))
            continue;
        const double share = is_shown(o, c) ? 1 : HIDDEN_SHARE;
        s->cells[s->cells_n++] = (geo_round_cell){
            .cell = (uint32_t)c,
            .over = over,
            .cost = {share * (over * over + SMALL_SHARE * hellinger(count[c], count[c] - over)),
                     share * (left * left + SMALL_SHARE * hellinger(count[c], count[c] + left))},
        };
    }
    return GEO_OK;
}

/* Is it a cell, or part of a shown sum, that is now or was from 1 to base - 1? */
static bool must_be_taken(const geo_round_search *s, const geo_round_rules *r, const geo_round_options *o, const int64_t *count, size_t i)
{
    if (o->which == GEO_ROUND_ALL || is_shown(o, s->cells[i].cell))
        return true;
    for (size_t k = s->at[i]; k < s->at[i + 1]; k++) {
        const uint32_t node = s->node[k];
        if (node < s->sums_n && (double)count[r->order[node]] + s->change[node] < o->base)
            return true; /* it is above 0, as this cell is */
    }
    return false;
}

/* Round, see which sums have become small, round what they are made of too, and so on. */
static geo_status choose_once(const geo_round_rules *r, const geo_round_options *o, const int64_t *count, geo_round_search *s,
                              geo_random *random, geo_err *err)
{
    geo_round_search_restart(s);
    for (size_t all_n = 0;;) {
        size_t taken_n = 0;
        for (size_t i = 0; i < s->cells_n; i++)
            if (!s->cells[i].taken && must_be_taken(s, r, o, count, i)) {
                geo_round_search_take(s, i);
                taken_n++;
            }
        if (taken_n == 0)
            return GEO_OK;
        all_n += taken_n;
        const geo_status st = geo_round_search_run(s, taken_n >= FEW * (double)all_n, random, o->watch, err);
        if (st < 0)
            return st;
    }
}

/* The best of several searches: small tables, where a single cell matters, have time for many. */
static geo_status choose(const geo_round_rules *r, const geo_round_options *o, const int64_t *count, geo_round_search *s, geo_err *err)
{
    geo_round_cell *best = malloc((s->cells_n + 1) * sizeof *best);
    if (!best)
        return geo_err_nomem(err);
    size_t tries_n = TRIES_WORK / (s->at[s->cells_n] + 1);
    tries_n = tries_n < 1 ? 1 : tries_n > TRIES_MOST ? TRIES_MOST : tries_n;
    double least = INFINITY;
    geo_status st = GEO_OK;
    for (size_t n = 0; st == GEO_OK && n < tries_n; n++) {
        geo_random random;
        geo_random_init(&random, o->seed, n);
        st = choose_once(r, o, count, s, &random, err);
        const double cost = geo_round_search_cost(s);
        if (st == GEO_OK && cost < least) {
            least = cost;
            memcpy(best, s->cells, s->cells_n * sizeof *best);
        }
    }
    if (st == GEO_OK)
        memcpy(s->cells, best, s->cells_n * sizeof *best);
    free(best);
    return st;
}

static void put_rounded(const geo_round_rules *r, const geo_round_search *s, int64_t *count)
{
    for (size_t i = 0; i < s->cells_n; i++) {
        const geo_round_cell *c = &s->cells[i];
        if (c->taken)
            count[c->cell] += c->up ? s->base - c->over : -c->over;
    }
    geo_round_rules_add_up(r, count);
}

static geo_round_report compare(const geo_equations *q, const geo_round_options *o, const int64_t *before, const int64_t *after)
{
    geo_round_report report = {.utility = 1};
    geo_sum distance = {0}, total = {0}, moved = {0};
    size_t shown_n = 0;
    for (size_t c = 0; c < q->cells_n; c++) {
        if (!is_shown(o, c))
            continue;
        const int64_t change = before[c] > after[c] ? before[c] - after[c] : after[c] - before[c];
        shown_n++;
        report.changed_n += change != 0;
        report.largest = change > report.largest ? change : report.largest;
        geo_sum_add(&moved, (double)change);
        geo_sum_add(&distance, hellinger(before[c], after[c]));
        geo_sum_add(&total, (double)before[c]);
    }
    if (shown_n)
        report.mean = geo_sum_value(&moved) / (double)shown_n;
    if (geo_sum_value(&total) > 0)
        report.utility = 1 - sqrt(geo_sum_value(&distance) / 2 / geo_sum_value(&total));
    return report;
}

geo_status geo_round_additive(const geo_equations *q, const geo_round_options *o, int64_t *count, geo_round_report *report, geo_err *err)
{
    geo_status st = check_all(q, o, count, err);
    if (st < 0)
        return st;
    geo_round_rules rules;
    geo_round_search search = {.base = o->base};
    int64_t *after = malloc((q->cells_n + 1) * sizeof *after);
    st = geo_round_rules_init(&rules, q, err);
    if (st == GEO_OK && !after)
        st = geo_err_nomem(err);
    if (st == GEO_OK)
        st = find_cells(&rules, o, count, &search, err);
    if (st == GEO_OK)
        st = geo_round_search_init(&search, &rules, o->shown, err);
    if (st == GEO_OK)
        st = choose(&rules, o, count, &search, err);
    if (st == GEO_OK) {
        memcpy(after, count, q->cells_n * sizeof *after);
        put_rounded(&rules, &search, after);
        const size_t wrong = first_wrong(q, after); /* a tie that no way of rounding has made even */
        if (wrong < q->n)
            st = geo_err_set(err, GEO_EARG, "counts cannot be rounded so that equation %zu holds", wrong);
    }
    if (st == GEO_OK) {
        *report = compare(q, o, count, after);
        memcpy(count, after, q->cells_n * sizeof *after);
    }
    geo_round_search_clear(&search);
    geo_round_rules_clear(&rules);
    free(after);
    return st;
}
