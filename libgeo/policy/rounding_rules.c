/* How cells hang together: which equation each sum follows from, in what order, and which equations tie cells together besides. */
#include "rounding.h"

#include <assert.h>
#include <stdlib.h>

/* The first equation of each sum is its rule. */
static void choose_rules(geo_round_rules *r)
{
    const geo_equations *q = r->equations;
    for (size_t c = 0; c < q->cells_n; c++)
        r->rule[c] = GEO_ROUND_INNER;
    for (size_t e = q->n; e-- > 0;) {
        assert(q->at[e + 1] >= q->at[e] + 2);
        for (size_t k = q->at[e]; k < q->at[e + 1]; k++)
            assert(q->cells[k] < q->cells_n);
        r->rule[q->cells[q->at[e]]] = e;
    }
}

/* A walk through the rules, down from each sum: where it has come to in a rule, and the cells on the way there. */
typedef struct walk {
    size_t *next;   /* of each cell on the way, in equations->cells */
    uint8_t *state; /* of each cell: 0 not seen, 1 on the way, 2 done */
    uint32_t *way;
} walk;

/* Put a sum into the order, and before it what it is made of. */
static geo_status put_in_order(geo_round_rules *r, walk *w, uint32_t sum, geo_err *err)
{
    const geo_equations *q = r->equations;
    size_t way_n = 0;
    w->way[way_n++] = sum;
    w->next[sum] = q->at[r->rule[sum]] + 1;
    w->state[sum] = 1;
    while (way_n) {
        const uint32_t c = w->way[way_n - 1];
        if (w->next[c] == q->at[r->rule[c] + 1]) {
            w->state[c] = 2;
            r->order[r->sums_n++] = c;
            way_n--;
            continue;
        }
        const uint32_t child = q->cells[w->next[c]++];
        if (r->rule[child] == GEO_ROUND_INNER || w->state[child] == 2)
            continue;
        if (w->state[child] == 1)
            return geo_err_set(err, GEO_EARG, "equation %zu makes a cell a part of itself", r->rule[child]);
        w->way[way_n++] = child;
        w->next[child] = q->at[r->rule[child]] + 1;
        w->state[child] = 1;
    }
    return GEO_OK;
}

static geo_status find_order(geo_round_rules *r, geo_err *err)
{
    const geo_equations *q = r->equations;
    walk w = {malloc((q->cells_n + 1) * sizeof *w.next), calloc(q->cells_n + 1, 1), malloc((q->cells_n + 1) * sizeof *w.way)};
    geo_status st = w.next && w.state && w.way ? GEO_OK : geo_err_nomem(err);
    for (size_t e = 0; st == GEO_OK && e < q->n; e++) {
        const uint32_t sum = q->cells[q->at[e]];
        if (w.state[sum] == 0)
            st = put_in_order(r, &w, sum, err);
    }
    free(w.next);
    free(w.state);
    free(w.way);
    return st;
}

/*
 * Ties are equations whose two sides are not the same sum of inner cells. Give inner cells random numbers modulo 2^64 and add them up: two
 * sides that agree then are the same, but for a chance of 2^-64.
 */
static geo_status find_ties(geo_round_rules *r, geo_err *err)
{
    const geo_equations *q = r->equations;
    uint64_t *mark = malloc((q->cells_n + 1) * sizeof *mark);
    if (!mark)
        return geo_err_nomem(err);
    geo_random random;
    geo_random_init(&random, 1, 0);
    for (size_t c = 0; c < q->cells_n; c++)
        mark[c] = geo_random_next(&random);
    for (size_t i = 0; i < r->sums_n; i++) {
        const size_t e = r->rule[r->order[i]];
        uint64_t sum = 0;
        for (size_t k = q->at[e] + 1; k < q->at[e + 1]; k++)
            sum += mark[q->cells[k]];
        mark[r->order[i]] = sum;
    }
    for (size_t e = 0; e < q->n; e++) {
        uint64_t sum = 0;
        for (size_t k = q->at[e] + 1; k < q->at[e + 1]; k++)
            sum += mark[q->cells[k]];
        if (sum != mark[q->cells[q->at[e]]])
            r->tie[r->ties_n++] = e;
    }
    free(mark);
    return GEO_OK;
}

/* The parents of each cell: the sums whose rules it stands in, and the ties it stands in on either side. */
static geo_status find_parents(geo_round_rules *r, geo_err *err)
{
    const geo_equations *q = r->equations;
    const size_t nodes_n = r->sums_n + r->ties_n;
    for (int pass = 0; pass < 2; pass++) { /* how many of each, then which */
        for (size_t node = 0; node < nodes_n; node++) {
            const bool tie = node >= r->sums_n;
            const size_t e = tie ? r->tie[node - r->sums_n] : r->rule[r->order[node]];
            for (size_t k = q->at[e] + !tie; k < q->at[e + 1]; k++) {
                size_t *at = &r->parent_at[q->cells[k]];
                if (pass == 0)
                    ++*at;
                else
                    r->parent[--*at] = (uint32_t)node;
            }
        }
        if (pass == 1)
            break;
        for (size_t c = 0; c < q->cells_n; c++)
            r->parent_at[c + 1] += r->parent_at[c];
        r->parent = malloc((r->parent_at[q->cells_n] + 1) * sizeof *r->parent);
        if (!r->parent)
            return geo_err_nomem(err);
    }
    return GEO_OK;
}

geo_status geo_round_rules_init(geo_round_rules *r, const geo_equations *q, geo_err *err)
{
    *r = (geo_round_rules){.equations = q};
    if (q->cells_n > UINT32_MAX / 2 || q->n > UINT32_MAX / 2)
        return geo_err_set(err, GEO_ENOMEM, "more than 2^31 cells or equations");
    r->rule = malloc((q->cells_n + 1) * sizeof *r->rule);
    r->order = malloc((q->cells_n + 1) * sizeof *r->order);
    r->tie = malloc((q->n + 1) * sizeof *r->tie);
    r->parent_at = calloc(q->cells_n + 2, sizeof *r->parent_at);
    if (!r->rule || !r->order || !r->tie || !r->parent_at)
        return geo_err_nomem(err);
    choose_rules(r);
    geo_status st = find_order(r, err);
    if (st == GEO_OK)
        st = find_ties(r, err);
    return st == GEO_OK ? find_parents(r, err) : st;
}

void geo_round_rules_clear(geo_round_rules *r)
{
    free(r->rule);
    free(r->order);
    free(r->tie);
    free(r->parent_at);
    free(r->parent);
    *r = (geo_round_rules){0};
}

void geo_round_rules_add_up(const geo_round_rules *r, int64_t *count)
{
    const geo_equations *q = r->equations;
    for (size_t i = 0; i < r->sums_n; i++) {
        const size_t e = r->rule[r->order[i]];
        int64_t sum = 0;
        for (size_t k = q->at[e] + 1; k < q->at[e + 1]; k++)
            sum += count[q->cells[k]];
        count[r->order[i]] = sum;
    }
}
