/* The layout of a cube: cells, patterns, sums. */
#include "cube.h"

#include "../core/sum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void geo_cube_free(geo_cube *c)
{
    if (!c)
        return;
    free(c->count);
    free(c->cell);
    free(c->key);
    free(c->value);
    free(c->part);
    geo_arena_clear(&c->arena);
    free(c);
}

void geo_cube_nodes(const geo_cube *c, size_t cell, uint32_t node[CUBE_VARIABLES])
{
    for (size_t i = 0; i < c->variables_n; i++) {
        node[i] = (uint32_t)(cell / c->stride[i]);
        cell %= c->stride[i];
    }
}

size_t geo_cube_pattern(const geo_cube *c, size_t cell)
{
    uint32_t node[CUBE_VARIABLES];
    geo_cube_nodes(c, cell, node);
    size_t pattern = 0;
    for (size_t i = 0; i < c->variables_n; i++)
        pattern = pattern * c->v[i].levels_n + c->v[i].level_of[node[i]];
    return pattern;
}

size_t geo_cube_above(const geo_cube *c, size_t cell, const size_t level[CUBE_VARIABLES])
{
    uint32_t node[CUBE_VARIABLES];
    size_t above = 0;
    geo_cube_nodes(c, cell, node);
    for (size_t i = 0; i < c->variables_n; i++) {
        const uint32_t up = c->v[i].up[level[i]][node[i]];
        if (up == CUBE_NOWHERE)
            return SIZE_MAX;
        above += up * c->stride[i];
    }
    return above;
}

void geo_cube_levels(const geo_cube *c, size_t pattern, size_t level[CUBE_VARIABLES])
{
    for (size_t i = c->variables_n; i-- > 0;) {
        level[i] = pattern % c->v[i].levels_n;
        pattern /= c->v[i].levels_n;
    }
}

void geo_cube_pattern_name(const geo_cube *c, size_t pattern, char *room, size_t n)
{
    size_t level[CUBE_VARIABLES], used = 0;
    geo_cube_levels(c, pattern, level);
    snprintf(room, n, "all together");
    for (size_t i = 0; i < c->variables_n; i++) {
        const cube_variable *v = &c->v[i];
        if (v->field && level[i] + 1 < v->levels_n && used < n)
            used += (size_t)snprintf(room + used, n - used, "%s%s", used ? " by " : "", v->levels[level[i]].name);
    }
}

/* ---- what adds up to what ---- */

/* Does every node of level a lie in one of b, as far as nodes of level 0 tell? seen: room for the nodes of a. */
static bool lies_in(const cube_variable *v, size_t a, size_t b, uint32_t *seen)
{
    const cube_level *la = &v->levels[a];
    for (uint32_t i = 0; i < la->n; i++)
        seen[i] = CUBE_NOWHERE;
    for (uint32_t i = 0; i < v->levels[0].n; i++) {
        const uint32_t in = v->up[a][i], to = v->up[b][i];
        if (in == CUBE_NOWHERE)
            continue;
        if (to == CUBE_NOWHERE || (seen[in - la->first] != CUBE_NOWHERE && seen[in - la->first] != to))
            return false;
        seen[in - la->first] = to;
    }
    return true;
}

/* Do the nodes of level a make up those of b, with no level between them that they could go by? */
static bool is_step(const cube_variable *v, size_t a, size_t b)
{
    if (a >= b || !v->nests[a][b])
        return false;
    for (size_t m = a + 1; m < b; m++)
        if (v->nests[a][m] && v->nests[m][b])
            return false;
    return true;
}

/* The sums of level b out of level a, after those there are. */
static bool add_sums(cube_variable *v, size_t a, size_t b, geo_vec *whole, geo_vec *at, geo_vec *parts, uint32_t *order)
{
    const cube_level *la = &v->levels[a], *lb = &v->levels[b];
    /* the node of b for each of a, then the parts of each by counting */
    uint32_t *in = order, *start = order + la->n;
    for (uint32_t i = 0; i < la->n; i++)
        in[i] = CUBE_NOWHERE;
    for (uint32_t i = 0; i < v->levels[0].n; i++)
        if (v->up[a][i] != CUBE_NOWHERE)
            in[v->up[a][i] - la->first] = v->up[b][i];
    memset(start, 0, ((size_t)lb->n + 1) * sizeof *start);
    for (uint32_t i = 0; i < la->n; i++)
        if (in[i] != CUBE_NOWHERE)
            start[in[i] - lb->first + 1]++;
    for (uint32_t k = 0; k < lb->n; k++)
        start[k + 1] += start[k];
    const size_t total = start[lb->n], base = parts->n;
    if (!geo_vec_reserve(parts, total, sizeof(uint32_t)) || !geo_vec_reserve(whole, lb->n, sizeof(uint32_t))
        || !geo_vec_reserve(at, lb->n, sizeof(size_t)))
        return false;
    for (uint32_t k = 0; k < lb->n; k++)
        if (start[k + 1] > start[k]) {
            ((uint32_t *)whole->items)[whole->n++] = lb->first + k;
            ((size_t *)at->items)[at->n++] = base + start[k];
        }
    uint32_t *fill = (uint32_t *)parts->items + base;
    for (uint32_t i = 0; i < la->n; i++)
        if (in[i] != CUBE_NOWHERE)
            fill[start[in[i] - lb->first]++] = la->first + i;
    parts->n += total;
    return true;
}

static bool keep(geo_cube *c, const geo_vec *v, size_t size, void *out)
{
    void *copy = geo_arena_array(&c->arena, v->n + 1, size);
    if (copy && v->n)
        memcpy(copy, v->items, v->n * size);
    memcpy(out, &copy, sizeof copy);
    return copy != NULL;
}

geo_status geo_cube_relate(geo_cube *c, cube_variable *v, geo_err *err)
{
    uint32_t *room = geo_arena_array(&c->arena, (size_t)v->nodes_n * 2 + 2, sizeof *room);
    geo_vec whole = {0}, at = {0}, parts = {0};
    v->level_of = geo_arena_alloc(&c->arena, v->nodes_n);
    bool good = room && v->level_of;
    for (size_t l = 0; good && l < v->levels_n; l++)
        memset(v->level_of + v->levels[l].first, (int)l, v->levels[l].n);
    for (size_t a = 0; good && a < v->levels_n; a++)
        for (size_t b = a; b < v->levels_n; b++)
            v->nests[a][b] = a == b || lies_in(v, a, b, room);
    for (size_t b = 1; good && b < v->levels_n; b++)
        for (size_t a = 0; good && a < b; a++)
            if (is_step(v, a, b))
                good = add_sums(v, a, b, &whole, &at, &parts, room);
    v->sums_n = whole.n;
    good = good && geo_vec_append(&at, &parts.n, 1, sizeof(size_t)) && keep(c, &whole, sizeof(uint32_t), &v->whole)
           && keep(c, &at, sizeof(size_t), &v->part_at) && keep(c, &parts, sizeof(uint32_t), &v->parts);
    geo_vec_clear(&whole);
    geo_vec_clear(&at);
    geo_vec_clear(&parts);
    return good ? GEO_OK : geo_err_nomem(err);
}

/* One sum of a variable in one place of all others: `step` apart from whole to part, the run of cells behind each being `run` long. */
static bool add_one(geo_cube *c, const cube_variable *v, size_t base, size_t run, size_t s, size_t *wrong)
{
    const size_t whole = base + v->whole[s] * run, from = v->part_at[s], to = v->part_at[s + 1];
    for (size_t k = 0; k < run; k++) {
        int64_t sum = 0;
        for (size_t p = from; p < to && sum != CUBE_HIDDEN; p++) {
            const int64_t part = c->count[base + v->parts[p] * run + k];
            sum = part == CUBE_HIDDEN ? CUBE_HIDDEN : sum + part;
        }
        int64_t *at = &c->count[whole + k];
        if (c->cell[whole + k] == GEO_CELL_UNSEEN && *at == CUBE_HIDDEN)
            *at = sum;
        else if (sum != CUBE_HIDDEN && *at != CUBE_HIDDEN && *at != sum) {
            *wrong = whole + k;
            return false;
        }
    }
    for (size_t k = 0; c->value && k < run; k++) {
        geo_sum sum = {0};
        for (size_t p = from; p < to; p++)
            geo_sum_add(&sum, c->value[base + v->parts[p] * run + k]);
        c->value[whole + k] = geo_sum_value(&sum);
    }
    if (c->key)
        for (size_t k = 0; k < run; k++) {
            c->key[whole + k] = 0;
            for (size_t p = from; p < to; p++)
                c->key[whole + k] += c->key[base + v->parts[p] * run + k];
        }
    return true;
}

bool geo_cube_add_up(geo_cube *c, size_t *wrong)
{
    for (size_t i = 0; i < c->variables_n; i++) {
        const cube_variable *v = &c->v[i];
        const size_t run = c->stride[i], block = run * v->nodes_n;
        for (size_t base = 0; base < c->cells_n; base += block)
            for (size_t s = 0; s < v->sums_n; s++)
                if (!add_one(c, v, base, run, s, wrong))
                    return false;
    }
    return true;
}

/* ---- equations ---- */

/* Is every level of pattern a at least as coarse as that of b? */
static bool is_above(const geo_cube *c, const size_t *a, const size_t *b)
{
    bool above = true;
    for (size_t i = 0; i < c->variables_n; i++)
        above = above && c->v[i].nests[b[i]][a[i]];
    return above;
}

/* Patterns that matter: shown, or finer than one that is. */
static void mark_patterns(const geo_cube *c, const bool *shown, bool *matters)
{
    size_t a[CUBE_VARIABLES], b[CUBE_VARIABLES];
    for (size_t p = 0; p < c->patterns_n; p++) {
        matters[p] = shown[p];
        geo_cube_levels(c, p, b);
        for (size_t q = 0; q < c->patterns_n && !matters[p]; q++) {
            if (!shown[q])
                continue;
            geo_cube_levels(c, q, a);
            matters[p] = is_above(c, a, b);
        }
    }
}

/* The pattern of a cell with level l for variable i. */
static size_t with_level(const geo_cube *c, size_t pattern, size_t i, size_t l)
{
    size_t level[CUBE_VARIABLES], p = 0;
    geo_cube_levels(c, pattern, level);
    level[i] = l;
    for (size_t k = 0; k < c->variables_n; k++)
        p = p * c->v[k].levels_n + level[k];
    return p;
}

/* Are the counts of a sum known, the whole and its parts? */
static bool all_known(const geo_cube *c, size_t whole, size_t base, size_t run, const cube_variable *v, size_t s)
{
    bool known = c->count[whole] != CUBE_HIDDEN;
    for (size_t p = v->part_at[s]; known && p < v->part_at[s + 1]; p++)
        known = c->count[base + v->parts[p] * run] != CUBE_HIDDEN;
    return known;
}

geo_status geo_cube_equations(geo_cube *c, const bool *shown, bool known, geo_equations *out, geo_err *err)
{
    bool *matters = geo_arena_array(&c->arena, c->patterns_n, sizeof *matters);
    uint32_t *of = NULL; /* pattern of each cell */
    geo_vec at = {0}, cells = {0};
    if (!matters || c->cells_n > UINT32_MAX || !(of = malloc((c->cells_n + 1) * sizeof *of)))
        return geo_err_nomem(err);
    mark_patterns(c, shown, matters);
    for (size_t k = 0; k < c->cells_n; k++)
        of[k] = (uint32_t)geo_cube_pattern(c, k);
    bool good = true;
    for (size_t i = 0; i < c->variables_n; i++) {
        const cube_variable *v = &c->v[i];
        const size_t run = c->stride[i], block = run * v->nodes_n;
        for (size_t base = 0; good && base < c->cells_n; base += block)
            for (size_t s = 0; good && s < v->sums_n; s++) {
                const size_t from = v->part_at[s], n = v->part_at[s + 1] - from, part_level = v->level_of[v->parts[from]];
                for (size_t k = 0; good && k < run; k++) {
                    const size_t whole = base + v->whole[s] * run + k;
                    if (!matters[of[whole]] || !matters[with_level(c, of[whole], i, part_level)]
                        || (known && !all_known(c, whole, base + k, run, v, s)))
                        continue;
                    good = geo_vec_append(&at, &cells.n, 1, sizeof(size_t)) && geo_vec_reserve(&cells, n + 1, sizeof(uint32_t));
                    uint32_t *fill = good ? (uint32_t *)cells.items + cells.n : NULL;
                    for (size_t p = 0; good && p <= n; p++)
                        fill[p] = (uint32_t)(p ? base + v->parts[from + p - 1] * run + k : whole);
                    cells.n += good ? n + 1 : 0;
                }
            }
    }
    const size_t n = at.n;
    size_t *kept_at;
    uint32_t *kept;
    good = good && geo_vec_append(&at, &cells.n, 1, sizeof(size_t)) && keep(c, &at, sizeof(size_t), &kept_at)
           && keep(c, &cells, sizeof(uint32_t), &kept);
    free(of);
    geo_vec_clear(&at);
    geo_vec_clear(&cells);
    if (!good)
        return geo_err_nomem(err);
    *out = (geo_equations){.cells_n = c->cells_n, .n = n, .at = kept_at, .cells = kept};
    return GEO_OK;
}
