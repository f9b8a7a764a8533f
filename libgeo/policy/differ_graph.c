/* Which cells of two patterns have something in common: by each variable the nodes that do, and of these every combination. */
#include "differ.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- relations of levels ---- */

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The first node of a level of a publication, and how many it has; a variable that it has not is one node. */
static void level_of(const differ_world *w, size_t variable, size_t pub, size_t level, uint32_t *first, uint32_t *n)
{
    const ptrdiff_t own = w->v[variable].own[pub];
    const publication_level *l = own < 0 ? NULL : &w->pub[pub]->v[own].levels[level];
    *first = l ? l->first : 0;
    *n = l ? l->n : 1;
}

static size_t second(const differ_world *w)
{
    return w->pubs_n - 1; /* of a publication with itself there is but one */
}

static geo_status relate(differ_pair *p, size_t variable, size_t la, size_t lb, differ_relation *r, geo_err *err)
{
    const differ_variable *v = &p->w->v[variable];
    const uint32_t *in[2] = {v->in[0][la], v->in[second(p->w)][lb]};
    uint32_t first[2];
    level_of(p->w, variable, 0, la, &first[0], &r->n[0]);
    level_of(p->w, variable, second(p->w), lb, &first[1], &r->n[1]);
    uint64_t *both = malloc(((size_t)v->classes_n + 1) * sizeof *both);
    r->at = geo_arena_array(&p->arena, (size_t)r->n[0] + 1, sizeof *r->at);
    r->to = geo_arena_array(&p->arena, (size_t)v->classes_n + 1, sizeof *r->to);
    r->many = geo_arena_array(&p->arena, (size_t)r->n[1] + 1, sizeof *r->many);
    for (int s = 0; s < 2; s++)
        r->part[s] = geo_arena_alloc(&p->arena, (size_t)r->n[s] + 1);
    if (!both || !r->at || !r->to || !r->many || !r->part[0] || !r->part[1]) {
        free(both);
        return geo_err_nomem(err);
    }
    size_t n = 0, kept = 0;
    memset(r->part[0], 0, r->n[0]);
    memset(r->part[1], 0, r->n[1]);
    memset(r->at, 0, ((size_t)r->n[0] + 1) * sizeof *r->at);
    memset(r->many, 0, r->n[1] * sizeof *r->many);
    for (uint32_t c = 0; c < v->classes_n; c++) {
        if (in[0][c] != DIFFER_NOWHERE && in[1][c] != DIFFER_NOWHERE)
            both[n++] = (uint64_t)(in[0][c] - first[0]) << 32 | (in[1][c] - first[1]);
        else if (in[0][c] != DIFFER_NOWHERE)
            r->part[0][in[0][c] - first[0]] = 1;
        else if (in[1][c] != DIFFER_NOWHERE)
            r->part[1][in[1][c] - first[1]] = 1;
    }
    qsort(both, n, sizeof *both, by_value);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || both[i] != both[i - 1]) {
            r->to[kept++] = (uint32_t)both[i];
            r->at[(both[i] >> 32) + 1]++;
            r->many[(uint32_t)both[i]]++;
        }
    free(both);
    r->nests[0] = r->nests[1] = true;
    for (uint32_t i = 0; i < r->n[0]; i++) {
        r->part[0][i] |= r->at[i + 1] == 0; /* of which nothing is known: what it holds lies elsewhere */
        r->nests[0] = r->nests[0] && !r->part[0][i] && r->at[i + 1] == 1;
        r->at[i + 1] += r->at[i];
    }
    for (uint32_t i = 0; i < r->n[1]; i++) {
        r->part[1][i] |= r->many[i] == 0;
        r->nests[1] = r->nests[1] && !r->part[1][i] && r->many[i] == 1;
    }
    r->known = true;
    return GEO_OK;
}

static geo_status relation_of(differ_pair *p, size_t variable, size_t la, size_t lb, const differ_relation **out, geo_err *err)
{
    differ_relation *r = &p->relation[(variable * CUBE_LEVELS + la) * CUBE_LEVELS + lb];
    *out = r;
    return r->known ? GEO_OK : relate(p, variable, la, lb, r, err);
}

geo_status geo_pair_begin(differ_pair *p, const differ_world *w, const differ_patterns *a, const differ_patterns *b, geo_err *err)
{
    *p = (differ_pair){.w = w, .patterns = {a, b}};
    p->relation = calloc(w->variables_n * CUBE_LEVELS * CUBE_LEVELS + 1, sizeof *p->relation);
    return p->relation ? GEO_OK : geo_err_nomem(err);
}

void geo_pair_end(differ_pair *p)
{
    free(p->relation);
    geo_arena_clear(&p->arena);
}

/* Level that a pattern of side s has of a variable of the world. */
static size_t level_in(const differ_pair *p, int s, const differ_pattern *pattern, size_t variable)
{
    const ptrdiff_t own = p->w->v[variable].own[s ? second(p->w) : 0];
    return own < 0 ? 0 : pattern->level[own];
}

/* ---- pairs that need no look ---- */

/* Does side s have `pattern` also at level l of its variable `own`, all of it shown? `but`: not as this one. */
static bool has_coarser(const differ_pair *p, int s, const differ_pattern *pattern, ptrdiff_t own, size_t l, const differ_pattern *but)
{
    const differ_patterns *all = p->patterns[s];
    for (size_t i = 0; i < all->n; i++) {
        bool same = &all->pattern[i] != but && all->pattern[i].hidden_n == 0 && all->pattern[i].n == all->pattern[i].room;
        for (size_t k = 0; same && k < all->pub->variables_n; k++)
            same = all->pattern[i].level[k] == ((ptrdiff_t)k == own ? l : pattern->level[k]);
        if (same)
            return true;
    }
    return false;
}

/* Can side s be had at a level that fits the other's exactly, where now it is finer? */
static geo_status is_needlessly_fine(differ_pair *p, int s, const differ_pattern *const pattern[2], size_t variable, bool *fine,
                                     geo_err *err)
{
    const ptrdiff_t own = p->w->v[variable].own[s ? second(p->w) : 0];
    const size_t other = level_in(p, !s, pattern[!s], variable);
    const differ_relation *r;
    *fine = false;
    if (own < 0)
        return GEO_OK;
    const size_t level = pattern[s]->level[own];
    geo_status st = relation_of(p, variable, s ? other : level, s ? level : other, &r, err);
    if (st < 0 || !r->nests[s] || r->nests[!s])
        return st;
    for (size_t l = 0; l < p->patterns[s]->pub->v[own].levels_n && !*fine; l++) {
        if (l == level || !has_coarser(p, s, pattern[s], own, l, pattern[!s]))
            continue;
        st = relation_of(p, variable, s ? other : l, s ? l : other, &r, err);
        if (st < 0)
            return st;
        *fine = r->nests[0] && r->nests[1];
    }
    return GEO_OK;
}

geo_status geo_pair_is_idle(differ_pair *p, const differ_pattern *a, const differ_pattern *b, bool *idle, geo_err *err)
{
    const differ_pattern *const pattern[2] = {a, b};
    *idle = false;
    for (size_t v = 0; v < p->w->variables_n; v++)
        for (int s = 0; s < 2 && !*idle; s++) {
            const geo_status st = is_needlessly_fine(p, s, pattern, v, idle, err);
            if (st < 0)
                return st;
        }
    return GEO_OK;
}

/* ---- graphs ---- */

static bool take_side(differ_graph *g, int s, const differ_patterns *p, const differ_pattern *pattern, uint32_t *number)
{
    differ_side *side = &g->side[s];
    side->cell = geo_arena_array(&g->arena, pattern->n + 1, sizeof *side->cell);
    side->low = geo_arena_array(&g->arena, pattern->n + 1, sizeof *side->low);
    side->high = geo_arena_array(&g->arena, pattern->n + 1, sizeof *side->high);
    side->open = geo_arena_alloc(&g->arena, pattern->n + 1);
    side->at = geo_arena_array(&g->arena, pattern->n + 2, sizeof *side->at);
    if (!side->cell || !side->low || !side->high || !side->open || !side->at)
        return false;
    for (size_t i = pattern->from; i < pattern->from + pattern->n; i++) {
        const uint32_t cell = p->cell[i];
        if (number)
            number[cell] = DIFFER_NOWHERE;
        if (!geo_cell_is_shown(p->pub, cell))
            continue;
        if (number)
            number[cell] = (uint32_t)side->n;
        side->cell[side->n] = cell;
        side->low[side->n] = (int64_t)p->pub->low[cell];
        side->high[side->n++] = (int64_t)p->pub->high[cell];
    }
    memset(side->open, 0, side->n);
    memset(side->at, 0, (side->n + 2) * sizeof *side->at);
    return true;
}

typedef struct joining {
    differ_pair *p;
    const differ_pattern *pattern[2];
    size_t n; /* variables */
    const differ_relation *r[DIFFER_VARIABLES];
    uint64_t stride[DIFFER_VARIABLES]; /* of the second's keys */
    uint32_t *number;                  /* in the graph, of the second's cells */
    geo_vec end[2];
} joining;

/* Node of a cell of side s by a variable of the world, from the first of its level. */
static uint32_t node_of(const joining *j, int s, uint32_t cell, size_t variable)
{
    const differ_world *w = j->p->w;
    const size_t pub = s ? second(w) : 0;
    const geo_publication *p = w->pub[pub];
    const ptrdiff_t own = w->v[variable].own[pub];
    return own < 0 ? 0 : p->node[cell * p->variables_n + (size_t)own] - p->v[own].levels[j->pattern[s]->level[own]].first;
}

/* The edges of cell i of the first side. */
static bool join_cell(joining *j, differ_graph *g, uint32_t i)
{
    uint32_t at[DIFFER_VARIABLES], from[DIFFER_VARIABLES], to[DIFFER_VARIABLES];
    bool any = true;
    for (size_t v = 0; v < j->n; v++) {
        const uint32_t node = node_of(j, 0, g->side[0].cell[i], v);
        g->side[0].open[i] |= j->r[v]->part[0][node];
        at[v] = from[v] = j->r[v]->at[node];
        to[v] = j->r[v]->at[node + 1];
        any = any && to[v] > from[v];
    }
    while (any) {
        uint64_t key = 0;
        for (size_t v = 0; v < j->n; v++)
            key += j->r[v]->to[at[v]] * j->stride[v];
        const uint32_t cell = geo_patterns_find(j->p->patterns[1], j->pattern[1], key);
        const uint32_t k = cell == DIFFER_NOWHERE ? DIFFER_NOWHERE : j->number[cell];
        if (k == DIFFER_NOWHERE)
            g->side[0].open[i] = 1;
        else if (!geo_vec_append(&j->end[0], &i, 1, sizeof i) || !geo_vec_append(&j->end[1], &k, 1, sizeof k))
            return false;
        size_t v = 0;
        while (v < j->n && ++at[v] == to[v]) /* the next combination */
            at[v] = from[v], v++;
        any = v < j->n;
    }
    return true;
}

/* The edges of each cell, and which cells of the second side lie partly elsewhere. */
static bool index_edges(joining *j, differ_graph *g)
{
    for (int s = 0; s < 2; s++) {
        differ_side *side = &g->side[s];
        side->edge = geo_arena_array(&g->arena, g->edges_n + 1, sizeof *side->edge);
        if (!side->edge)
            return false;
        for (size_t e = 0; e < g->edges_n; e++)
            side->at[g->end[s][e] + 2]++;
        for (size_t i = 2; i <= side->n; i++)
            side->at[i] += side->at[i - 1];
        for (size_t e = 0; e < g->edges_n; e++)
            side->edge[side->at[g->end[s][e] + 1]++] = (uint32_t)e;
    }
    for (uint32_t k = 0; k < g->side[1].n; k++) {
        uint64_t all = 1;
        for (size_t v = 0; v < j->n; v++) {
            const uint32_t node = node_of(j, 1, g->side[1].cell[k], v);
            g->side[1].open[k] |= j->r[v]->part[1][node];
            all *= j->r[v]->many[node];
        }
        g->side[1].open[k] |= all != g->side[1].at[k + 1] - g->side[1].at[k];
    }
    return true;
}

geo_status geo_pair_graph(differ_pair *p, const differ_pattern *a, const differ_pattern *b, differ_graph *g, geo_err *err)
{
    const geo_publication *to = p->patterns[1]->pub;
    joining j = {.p = p, .pattern = {a, b}, .n = p->w->variables_n};
    *g = (differ_graph){.edges_n = 0};
    geo_status st = GEO_OK;
    for (size_t v = 0; st == GEO_OK && v < j.n; v++) {
        const ptrdiff_t own = p->w->v[v].own[second(p->w)];
        j.stride[v] = own < 0 ? 0 : b->stride[own];
        st = relation_of(p, v, level_in(p, 0, a, v), level_in(p, 1, b, v), &j.r[v], err);
    }
    if (st < 0)
        return st;
    j.number = malloc((to->cells_n + 1) * sizeof *j.number);
    bool good = j.number && take_side(g, 1, p->patterns[1], b, j.number) && take_side(g, 0, p->patterns[0], a, NULL);
    for (uint32_t i = 0; good && i < g->side[0].n; i++)
        good = join_cell(&j, g, i) && j.end[0].n < UINT32_MAX;
    g->edges_n = j.end[0].n;
    for (int s = 0; good && s < 2; s++) {
        g->end[s] = geo_arena_array(&g->arena, g->edges_n + 1, sizeof(uint32_t));
        good = g->end[s] != NULL;
        if (good && g->edges_n)
            memcpy(g->end[s], j.end[s].items, g->edges_n * sizeof(uint32_t));
    }
    good = good && index_edges(&j, g);
    free(j.number);
    geo_vec_clear(&j.end[0]);
    geo_vec_clear(&j.end[1]);
    return good ? GEO_OK : geo_err_nomem(err);
}

void geo_graph_end(differ_graph *g)
{
    geo_arena_clear(&g->arena);
}
