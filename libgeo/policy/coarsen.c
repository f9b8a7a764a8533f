/*
 * Coarsening: from the finest level that the rules allow, areas with an unsafe cell are merged, with all that lie in the same coarser one,
 * level by level. What comes out is a cover: every area once, at some level.
 *
 * Levels are climbed along one chain, each nesting in the next; a lattice of two branches (MSOAs and wards) is climbed by the first, as the
 * other's areas would overlap with it.
 */
#include "protect.h"

#include <string.h>

/* The levels to climb by, from the finest allowed: those of the areas that nest one in the other, all together left out. */
static size_t chain_of(const cube_variable *v, const geo_rules *rules, size_t chain[CUBE_LEVELS])
{
    size_t n = 0;
    for (size_t l = 0; l + 1 < v->levels_n; l++)
        if ((!n || v->nests[chain[n - 1]][l]) && geo_rules_allow_level(v, l, rules))
            chain[n++] = l;
    return n;
}

/* Would any cell of this area be unsafe, in the tables that are shown? So is one that nobody knows: the table tells of what lies above it. */
static bool *unsafe_nodes(const protection *p, const cube_variable *v, size_t run, const bool *others)
{
    bool *unsafe = geo_arena_array(&p->c->arena, v->nodes_n, sizeof *unsafe);
    if (!unsafe)
        return NULL;
    for (uint32_t node = 0; node < v->nodes_n; node++) {
        unsafe[node] = false;
        for (size_t k = 0; k < run && !unsafe[node]; k++)
            unsafe[node] = others[k] && (p->breaks[node * run + k] || p->c->count[node * run + k] == CUBE_HIDDEN);
    }
    return unsafe;
}

/* Which combinations of the other variables are shown with areas at all. */
static bool *shown_with_areas(geo_cube *c, size_t run)
{
    const cube_variable *v = &c->v[0];
    bool *others = geo_arena_array(&c->arena, run, sizeof *others);
    if (!others)
        return NULL;
    memset(others, 0, run * sizeof *others);
    for (uint32_t node = 0; node + 1 < v->nodes_n; node++)
        for (size_t k = 0; k < run; k++)
            others[k] = others[k] || c->cell[node * run + k] == GEO_CELL_SHOWN;
    return others;
}

/* Level by level: an area of the next level takes in what lies in it when any of that is unsafe. cover[i]: index in chain, of level 0 node i. */
static void climb(const cube_variable *v, const size_t *chain, size_t chain_n, const bool *unsafe, bool uniform, bool *taken,
                  uint8_t *cover)
{
    const uint32_t n = v->levels[0].n;
    memset(cover, 0, n);
    for (size_t k = 0; k + 1 < chain_n; k++) {
        bool any = false;
        memset(taken, 0, v->nodes_n * sizeof *taken);
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t here = v->up[chain[k]][i], above = v->up[chain[k + 1]][i];
            if (cover[i] == k && here != CUBE_NOWHERE && above != CUBE_NOWHERE && unsafe[here])
                any = taken[above] = true;
        }
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t above = v->up[chain[k + 1]][i];
            if (above != CUBE_NOWHERE && (uniform ? any : taken[above]))
                cover[i] = (uint8_t)(k + 1);
        }
    }
}

geo_status geo_coarsen(protection *p, geo_err *err)
{
    geo_cube *c = p->c;
    const cube_variable *v = &c->v[0];
    if (!c->variables_n || !v->areas)
        return geo_err_set(err, GEO_EARG, "coarsening merges areas: name the field of their codes with --area");
    const size_t run = c->stride[0];
    size_t chain[CUBE_LEVELS];
    const size_t chain_n = chain_of(v, p->rules, chain);
    if (!chain_n)
        return geo_err_set(
            err, GEO_EREFUSED,
            "refused: the areas are finer than the policy allows, and no lookup leads to any that are coarser: name one with "
            "--lookup");
    bool *others = shown_with_areas(c, run), *unsafe = others ? unsafe_nodes(p, v, run, others) : NULL;
    bool *taken = geo_arena_array(&c->arena, v->nodes_n, sizeof *taken), *in = geo_arena_array(&c->arena, v->nodes_n, sizeof *in);
    uint8_t *cover = geo_arena_alloc(&c->arena, v->levels[0].n);
    if (!unsafe || !taken || !in || !cover)
        return geo_err_nomem(err);
    climb(v, chain, chain_n, unsafe, p->how->uniform, taken, cover);
    memset(in, 0, v->nodes_n * sizeof *in);
    for (uint32_t i = 0; i < v->levels[0].n; i++) {
        const uint32_t node = v->up[chain[cover[i]]][i];
        p->report->merged_n += chain[cover[i]] != 0;
        if (node != CUBE_NOWHERE)
            in[node] = true;
    }
    for (uint32_t node = 0; node + 1 < v->nodes_n; node++)
        for (size_t k = 0; k < run; k++)
            p->cell[node * run + k] = in[node] && others[k] && c->count[node * run + k] != CUBE_HIDDEN ? GEO_CELL_SHOWN : GEO_CELL_UNSEEN;
    for (size_t k = 0; k < run; k++) /* the total of all areas stays if it was there */
        p->cell[(v->nodes_n - 1) * run + k] = c->cell[(v->nodes_n - 1) * run + k];
    return GEO_OK;
}
