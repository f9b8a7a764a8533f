/*
 * The search for the ways that cells go, up or down, such that sums change little.
 *
 * Each cell in turn is turned round when that helps, or hurts less than an allowance drawn at random, which shrinks from sweep to sweep;
 * the last sweeps allow nothing. One cell alone can be turned, whatever hangs together with it, so it works for any equations. It is
 * sequential: a sweep over a city's tables takes milliseconds.
 *
 * Source: Kirkpatrick, Gelatt and Vecchi (1983), Optimization by Simulated Annealing, Science 220:671-680.
 */
#include "rounding.h"

#include "../core/vec.h"

#include <stdlib.h>

#define SWEEPS_N 200      /* with an allowance; more of them gain little */
#define LAST_SWEEPS_N 100 /* without: a few are enough, as each must help */
#define WARMEST 0.5       /* mean allowance of the first sweep, in squares of the base */
#define COOLING 0.981     /* of each in that of the one before: a fiftieth is left in the end */
#define TIE_COSTS 1e6     /* a tie that is not even, in sums that change as much */
#define TIMES_MOST 1024   /* that a cell may count in a sum */

/* ---- where cells count ---- */

/* What a cell counts in, while it is being found: nodes in order, and for all nodes how many times. */
typedef struct climb {
    geo_vec found; /* uint32_t */
    int64_t *times;
    uint8_t *seen;
} climb;

static bool add_node(climb *c, size_t after, uint32_t node)
{
    if (!geo_vec_reserve(&c->found, 1, sizeof(uint32_t)))
        return false;
    uint32_t *nodes = c->found.items;
    size_t k = c->found.n++;
    for (; k > after && nodes[k - 1] > node; k--)
        nodes[k] = nodes[k - 1];
    nodes[k] = node;
    c->seen[node] = 1;
    return true;
}

/* A cell counts `times` times in what is wanted; so it does in its parents. False when memory is out. */
static bool climb_from(const geo_round_rules *r, climb *c, uint32_t cell, int64_t times, size_t after)
{
    for (size_t k = r->parent_at[cell]; k < r->parent_at[cell + 1]; k++) {
        const uint32_t node = r->parent[k];
        if (!c->seen[node] && !add_node(c, after, node))
            return false;
        const bool left = node >= r->sums_n && r->equations->cells[r->equations->at[r->tie[node - r->sums_n]]] == cell;
        c->times[node] += left ? -times : times;
    }
    return true;
}

/* All nodes that a cell counts in, by way of others too. Parents have higher numbers, so each is complete when its turn comes. */
static geo_status climb_all(const geo_round_rules *r, climb *c, uint32_t cell, geo_err *err)
{
    if (!climb_from(r, c, cell, 1, 0))
        return geo_err_nomem(err);
    for (size_t i = 0; i < c->found.n; i++) {
        const uint32_t node = ((const uint32_t *)c->found.items)[i];
        if (c->times[node] > TIMES_MOST || c->times[node] < -TIMES_MOST)
            return geo_err_set(err, GEO_EARG, "a cell counts more than %d times in a sum", TIMES_MOST);
        if (node < r->sums_n && !climb_from(r, c, r->order[node], c->times[node], i + 1))
            return geo_err_nomem(err);
    }
    return GEO_OK;
}

geo_status geo_round_search_init(geo_round_search *s, const geo_round_rules *r, const uint8_t *shown, geo_err *err)
{
    const size_t nodes_n = r->sums_n + r->ties_n;
    climb c = {.times = calloc(nodes_n + 1, sizeof *c.times), .seen = calloc(nodes_n + 1, 1)};
    geo_vec node = {0}, times = {0};
    s->sums_n = r->sums_n;
    s->nodes_n = nodes_n;
    s->at = malloc((s->cells_n + 1) * sizeof *s->at);
    s->change = calloc(nodes_n + 1, sizeof *s->change);
    geo_status st = s->at && s->change && c.times && c.seen ? GEO_OK : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < s->cells_n; i++) {
        s->at[i] = node.n;
        c.found.n = 0;
        st = climb_all(r, &c, s->cells[i].cell, err);
        for (size_t k = 0; st == GEO_OK && k < c.found.n; k++) {
            const uint32_t up = ((const uint32_t *)c.found.items)[k];
            const int32_t n = (int32_t)c.times[up];
            c.times[up] = c.seen[up] = 0;
            if (n != 0 && (up >= r->sums_n || !shown || shown[r->order[up]])
                && (!geo_vec_append(&node, &up, 1, sizeof up) || !geo_vec_append(&times, &n, 1, sizeof n)))
                st = geo_err_nomem(err);
        }
    }
    if (s->at)
        s->at[s->cells_n] = node.n;
    s->node = node.items;
    s->times = times.items;
    geo_vec_clear(&c.found);
    free(c.times);
    free(c.seen);
    return st;
}

void geo_round_search_clear(geo_round_search *s)
{
    free(s->cells);
    free(s->at);
    free(s->node);
    free(s->times);
    free(s->change);
    *s = (geo_round_search){0};
}

/* ---- which way they go ---- */

/* What it costs to add `by` to cell i: squared changes of all that it counts in. */
static double cost_of(const geo_round_search *s, size_t i, double by)
{
    double cost = 0;
    for (size_t k = s->at[i]; k < s->at[i + 1]; k++) {
        const double step = by * s->times[k], more = step * (2 * s->change[s->node[k]] + step);
        cost += s->node[k] < s->sums_n ? more : more * TIE_COSTS;
    }
    return cost;
}

static void add(geo_round_search *s, size_t i, double by)
{
    for (size_t k = s->at[i]; k < s->at[i + 1]; k++)
        s->change[s->node[k]] += by * s->times[k];
}

void geo_round_search_restart(geo_round_search *s)
{
    for (size_t i = 0; i < s->cells_n; i++)
        s->cells[i].taken = s->cells[i].up = false;
    for (size_t k = 0; k < s->nodes_n; k++)
        s->change[k] = 0;
}

void geo_round_search_take(geo_round_search *s, size_t i)
{
    geo_round_cell *c = &s->cells[i];
    const double down = -c->over, up = s->base - c->over;
    c->taken = true;
    c->up = cost_of(s, i, up) + c->cost[1] < cost_of(s, i, down) + c->cost[0];
    add(s, i, c->up ? up : down);
}

double geo_round_search_cost(const geo_round_search *s)
{
    double cost = 0;
    for (size_t k = 0; k < s->nodes_n; k++)
        cost += s->change[k] * s->change[k] * (k < s->sums_n ? 1 : TIE_COSTS);
    for (size_t i = 0; i < s->cells_n; i++)
        cost += s->cells[i].taken ? s->cells[i].cost[s->cells[i].up] : 0;
    return cost;
}

/*
 * A draw from the exponential distribution, nearly: whole halvings are exact, and the logarithm between is a straight line, so that it needs
 * no function that differs from one machine to another.
 */
static double exponential(geo_random *random)
{
    double draw = geo_random_uniform(random) + 0x1p-54, halvings = 0;
    while (draw < 0.5) {
        draw *= 2;
        halvings++;
    }
    return 0.6931471805599453 * (halvings + 2 - 2 * draw);
}

/* Turn round each cell for which that costs less than is allowed; how many. */
static size_t sweep(geo_round_search *s, double allowance, geo_random *random)
{
    size_t turned_n = 0;
    for (size_t i = 0; i < s->cells_n; i++) {
        geo_round_cell *c = &s->cells[i];
        if (!c->taken)
            continue;
        const double by = c->up ? -s->base : s->base;
        const double cost = cost_of(s, i, by) + c->cost[!c->up] - c->cost[c->up];
        if (cost < (allowance > 0 ? allowance * exponential(random) : 0)) {
            add(s, i, by);
            c->up = !c->up;
            turned_n++;
        }
    }
    return turned_n;
}

geo_status geo_round_search_run(geo_round_search *s, bool thorough, geo_random *random, const geo_watch *watch, geo_err *err)
{
    double allowance = WARMEST * s->base * s->base;
    for (int n = thorough ? 0 : SWEEPS_N; n < SWEEPS_N + LAST_SWEEPS_N; n++) {
        if (geo_watch_stopped(watch))
            return geo_err_set(err, GEO_ESTOP, "stopped");
        const bool last = n >= SWEEPS_N;
        if (sweep(s, last ? 0 : allowance, random) == 0 && last)
            break;
        allowance *= COOLING;
    }
    return GEO_OK;
}
