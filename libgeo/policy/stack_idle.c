/*
 * Which published sums say something that those before them do not: elimination over the numbers modulo a prime.
 *
 * A sum that is no combination of the others over the rationals is none modulo a prime either, unless the prime divides some determinant of
 * zeros and ones, for which no table will be made.
 */
#include "stack.h"

#include <stdlib.h>
#include <string.h>

#define MOST_RANK 4096             /* classes of which it is found out which cells follow from others */
#define PRIME UINT64_C(2147483647) /* 2^31 - 1 */

/* Sums of n unknowns, one after another. */
typedef struct ranking {
    size_t n, found_n; /* sums that say something: n of them say everything */
    uint64_t *row;
    uint32_t **at; /* the row that begins there */
} ranking;

static uint64_t power(uint64_t base, uint64_t exponent)
{
    uint64_t result = 1;
    for (; exponent; exponent >>= 1) {
        if (exponent & 1)
            result = result * base % PRIME;
        base = base * base % PRIME;
    }
    return result;
}

/* row += factor * other */
static void add_row(uint64_t *row, const uint32_t *other, uint64_t factor, size_t from, size_t n)
{
    for (size_t i = from; i < n; i++)
        row[i] = (row[i] + factor * other[i]) % PRIME;
}

static geo_status rank_begin(ranking *k, size_t n, geo_err *err)
{
    *k = (ranking){.n = n};
    k->row = malloc((n + 1) * sizeof *k->row);
    k->at = calloc(n + 1, sizeof *k->at);
    return k->row && k->at ? GEO_OK : geo_err_nomem(err);
}

static void rank_end(ranking *k)
{
    for (size_t i = 0; k->at && i < k->n; i++)
        free(k->at[i]);
    free(k->at);
    free(k->row);
}

/* *says: the sum of these does not follow from the earlier sums. */
static geo_status rank_add(ranking *k, const uint32_t *term, size_t terms_n, bool *says, geo_err *err)
{
    *says = false;
    if (k->found_n == k->n) /* everything is said */
        return GEO_OK;
    memset(k->row, 0, k->n * sizeof *k->row);
    size_t from = k->n;
    for (size_t i = 0; i < terms_n; i++) {
        k->row[term[i]] = 1;
        from = term[i] < from ? term[i] : from;
    }
    for (; from < k->n; from++) {
        if (!k->row[from])
            continue;
        if (!k->at[from])
            break;
        add_row(k->row, k->at[from], PRIME - k->row[from], from, k->n);
    }
    if (from == k->n)
        return GEO_OK;
    uint32_t *kept = k->at[from] = malloc(k->n * sizeof *kept);
    if (!kept)
        return geo_err_nomem(err);
    const uint64_t scale = power(k->row[from], PRIME - 2);
    for (size_t i = 0; i < k->n; i++)
        kept[i] = (uint32_t)(k->row[i] * scale % PRIME);
    k->found_n++;
    *says = true;
    return GEO_OK;
}

/* ---- cells ---- */

/* Numbers of the classes that are in some cell; how many. */
static size_t number_classes(const stacking *s, uint32_t *number)
{
    const uint32_t *class_ = s->classes.items;
    size_t n = 0;
    memset(number, 0xFF, s->classes_n * sizeof *number);
    for (size_t i = 0; i < s->classes.n; i++)
        if (number[class_[i]] == UINT32_MAX)
            number[class_[i]] = (uint32_t)n++;
    return n;
}

/* Drop exact cells that follow from others, the earlier ones' first; *news: the proposed release says something that the others do not. */
static geo_status drop_idle(stacking *s, const uint32_t *number, size_t n, bool *news, geo_err *err)
{
    const size_t *at = s->class_at.items;
    ranking rank = {.n = 0};
    uint32_t *term = malloc((n + 1) * sizeof *term);
    geo_status st = term ? rank_begin(&rank, n, err) : geo_err_nomem(err);
    for (int all = 0; all < 2; all++)
        for (size_t i = 0; st == GEO_OK && i < geo_stack_n(s); i++) {
            if (!geo_stack_is_exact(s, 1, i) || geo_stack_is_exact(s, 0, i) != (all == 0))
                continue;
            for (size_t k = at[i]; k < at[i + 1]; k++)
                term[k - at[i]] = number[((const uint32_t *)s->classes.items)[k]];
            bool says;
            st = rank_add(&rank, term, at[i + 1] - at[i], &says, err);
            s->idle[i] = !says;
            *news = *news || (says && all == 1);
            if (geo_watch_stopped(s->d->watch))
                st = geo_err_set(err, GEO_ESTOP, "interrupted");
        }
    free(term);
    rank_end(&rank);
    return st;
}

geo_status geo_stack_idle(stacking *s, bool *news, geo_err *err)
{
    uint32_t *number = malloc((s->classes_n + 1) * sizeof *number);
    s->idle = geo_arena_alloc(&s->w.arena, geo_stack_n(s) + 1);
    if (!number || !s->idle) {
        free(number);
        return geo_err_nomem(err);
    }
    memset(s->idle, 0, geo_stack_n(s));
    *news = false;
    for (size_t i = 0; i < geo_stack_n(s); i++) /* intervals, which no elimination judges */
        *news = *news
                || (!geo_stack_is_exact(s, 1, i)
                    && (geo_stack_bound(&s->low[0], i) != geo_stack_bound(&s->low[1], i)
                        || geo_stack_bound(&s->high[0], i) != geo_stack_bound(&s->high[1], i)));
    const size_t n = number_classes(s, number);
    geo_status st = GEO_OK;
    if (n <= MOST_RANK)
        st = drop_idle(s, number, n, news, err);
    else
        *news = true;
    free(number);
    return st;
}
