/*
 * Dominance: cells whose amount tells too much of a contributor.
 *
 * p %: the second largest, who knows his own part, could tell the largest one's to within p %. (n, k): the n largest make up more than k %.
 * Source: Handbook on Statistical Disclosure Control, chapter 4.2, for both and for how wide the interval about such a cell must be.
 */
#include "rules.h"

#include "../core/sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LARGEST 100 /* of (n, k) */

static int by_cell(const void *a, const void *b)
{
    const cube_part *x = a, *y = b;
    return x->cell != y->cell ? (x->cell < y->cell ? -1 : 1) : x->who != y->who ? (x->who < y->who ? -1 : 1) : 0;
}

/* The largest contributions to a cell, largest first. */
typedef struct largest {
    double amount[MOST_LARGEST];
    size_t n, most;
    geo_sum total;
} largest;

static void add(largest *l, double amount)
{
    geo_sum_add(&l->total, amount);
    size_t at = l->n;
    if (l->n < l->most)
        l->n++;
    else if (l->amount[--at] >= amount)
        return;
    for (; at > 0 && l->amount[at - 1] < amount; at--)
        l->amount[at] = l->amount[at - 1];
    l->amount[at] = amount;
}

/* How far an attacker must be kept from the amount; 0: no rule is broken. */
static double needed(const largest *l, const geo_rules *rules)
{
    const double total = geo_sum_value(&l->total), first = l->n ? l->amount[0] : 0, second = l->n > 1 ? l->amount[1] : 0;
    double need = 0, top = 0;
    if (rules->p_percent > 0 && total - first - second < rules->p_percent / 100 * first)
        need = rules->p_percent / 100 * first - (total - first - second);
    for (size_t i = 0; i < l->n && i < (size_t)rules->dominance_n; i++)
        top += l->amount[i];
    if (rules->dominance_k > 0 && top > rules->dominance_k / 100 * total)
        need = fmax(need, 100 / rules->dominance_k * top - total);
    return need;
}

static void mark(const cube_part *parts, size_t n, size_t most, const geo_rules *rules, uint8_t *breaks, double *need)
{
    for (size_t from = 0, to; from < n; from = to) {
        largest l = {.most = most};
        for (to = from; to < n && parts[to].cell == parts[from].cell;) {
            geo_sum his = {0};
            for (const int32_t who = parts[to].who; to < n && parts[to].cell == parts[from].cell && parts[to].who == who; to++)
                geo_sum_add(&his, parts[to].amount);
            add(&l, geo_sum_value(&his));
        }
        need[parts[from].cell] = needed(&l, rules);
        if (need[parts[from].cell] > 0)
            breaks[parts[from].cell] |= BREAKS_DOMINATED;
    }
}

geo_status geo_rules_mark_dominated(const geo_cube *c, const geo_rules *rules, uint8_t *breaks, double *need, geo_err *err)
{
    if (!c->value || (!(rules->p_percent > 0) && !(rules->dominance_k > 0)))
        return GEO_OK;
    const size_t n = (size_t)c->rows_n, wanted = rules->dominance_n > 2 ? (size_t)rules->dominance_n : 2;
    cube_part *parts = malloc((n + 1) * sizeof *parts);
    if (!parts)
        return geo_err_nomem(err);
    for (size_t p = 0; p < c->patterns_n; p++) {
        size_t level[CUBE_VARIABLES], kept = 0;
        geo_cube_levels(c, p, level);
        for (size_t r = 0; r < n; r++) {
            const size_t above = c->part[r].cell == CUBE_NOWHERE ? SIZE_MAX : geo_cube_above(c, c->part[r].cell, level);
            if (above != SIZE_MAX) {
                parts[kept] = c->part[r];
                parts[kept++].cell = (uint32_t)above;
            }
        }
        qsort(parts, kept, sizeof *parts, by_cell);
        mark(parts, kept, wanted < MOST_LARGEST ? wanted : MOST_LARGEST, rules, breaks, need);
    }
    free(parts);
    return GEO_OK;
}
