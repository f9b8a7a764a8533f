/* Additive rounding, inside the library only: how cells hang together, and the search for the ways they go. */
#ifndef GEO_POLICY_ROUNDING_H
#define GEO_POLICY_ROUNDING_H

#include "geo/rounding.h"

/*
 * Every sum follows from one equation, its rule. Another equation of the same sum says the same of the same inner cells in another way, and
 * holds by itself; or it ties cells together that have nothing else in common: that is a tie, which must come out even.
 *
 * Nodes are what cells count in: first the sums, each after those it is made of, then the ties.
 */
typedef struct geo_round_rules {
    const geo_equations *equations;
    size_t *rule;    /* of each cell the equation it follows from; GEO_ROUND_INNER: none */
    uint32_t *order; /* cells of the nodes that are sums */
    size_t *tie;     /* equations of those that are ties */
    size_t sums_n, ties_n;
    size_t *parent_at; /* cell c stands in the equations of nodes parent[parent_at[c] .. parent_at[c + 1]) */
    uint32_t *parent;
} geo_round_rules;

#define GEO_ROUND_INNER SIZE_MAX

/* GEO_EARG for equations that go round in a circle. To be cleared in any case. */
geo_status geo_round_rules_init(geo_round_rules *rules, const geo_equations *equations, geo_err *err);
void geo_round_rules_clear(geo_round_rules *rules);

/* Work out every sum from the inner cells. */
void geo_round_rules_add_up(const geo_round_rules *rules, int64_t *count);

/* An inner cell that can be rounded. */
typedef struct geo_round_cell {
    uint32_t cell;
    bool taken;     /* it is to be rounded; else it stays as it is */
    bool up;        /* to the multiple above, not the one below */
    int32_t over;   /* what is left over above the one below, 1 to base - 1 */
    double cost[2]; /* what the search minds of its own going down and up */
} geo_round_cell;

/* What the search works on: cell i counts in nodes node[at[i] .. at[i + 1]), times[...] times in each. */
typedef struct geo_round_search {
    int32_t base;
    geo_round_cell *cells;
    size_t cells_n;
    size_t *at;
    uint32_t *node;
    int32_t *times;
    double *change;         /* of each node, by all cells taken */
    size_t sums_n, nodes_n; /* nodes from sums_n on are ties */
} geo_round_search;

/*
 * Fill in where the cells that are there count, among nodes that matter: sums that are shown (all, when NULL) and ties. To be cleared in
 * any case.
 */
geo_status geo_round_search_init(geo_round_search *search, const geo_round_rules *rules, const uint8_t *shown, geo_err *err);
void geo_round_search_clear(geo_round_search *search);

/* No cell is taken. */
void geo_round_search_restart(geo_round_search *search);

/* Begin to round cell i: whichever way is better as things stand. */
void geo_round_search_take(geo_round_search *search, size_t i);

/* What the search makes small: squared changes of the nodes and of the cells taken. */
double geo_round_search_cost(const geo_round_search *search);

/* Improve the ways that the taken cells go: thoroughly, or only as long as each change helps. */
geo_status geo_round_search_run(geo_round_search *search, bool thorough, geo_random *random, const geo_watch *watch, geo_err *err);

#endif
