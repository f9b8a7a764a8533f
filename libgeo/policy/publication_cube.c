/* Publications: made of cubes and of tables. */
#include "publication.h"

#include "audit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void geo_publication_free(geo_publication *p)
{
    if (!p)
        return;
    geo_arena_clear(&p->arena);
    free(p);
}

geo_status geo_publication_call(geo_publication *p, int64_t id, const char *name, geo_err *err)
{
    const char *copy = geo_arena_text(&p->arena, name, strlen(name));
    if (!copy)
        return geo_err_nomem(err);
    p->id = id;
    p->name = copy;
    return GEO_OK;
}

const publication_variable *geo_publication_variable(const geo_publication *p, const char *field)
{
    for (size_t i = 0; i < p->variables_n; i++)
        if (strcasecmp(p->v[i].field, field) == 0)
            return &p->v[i];
    return NULL;
}

size_t geo_publication_level(const publication_variable *v, uint32_t node)
{
    size_t l = 0;
    while (l + 1 < v->levels_n && node >= v->levels[l + 1].first)
        l++;
    return l;
}

/* ---- variables ---- */

static const char *copy_text(geo_publication *p, const char *s)
{
    return geo_arena_text(&p->arena, s, strlen(s));
}

static bool copy_texts(geo_publication *p, const char *const *from, size_t n, const char ***out)
{
    const char **to = *out = geo_arena_array(&p->arena, n + 1, sizeof *to);
    for (size_t i = 0; to && i < n; i++)
        if (!(to[i] = copy_text(p, from[i])))
            return false;
    return to != NULL;
}

/* Areas and categories: the levels of the cube, over its atoms where it has finer ones than its cells. */
static bool take_levels(geo_publication *p, publication_variable *to, const cube_variable *from)
{
    const bool finer = from->atoms_n > 0;
    to->atoms_n = finer ? from->atoms_n : from->levels[0].n;
    to->nodes_n = from->nodes_n;
    to->levels_n = from->levels_n;
    if (!copy_texts(p, finer ? from->atom : from->text, to->atoms_n, &to->atom) || !copy_texts(p, from->text, to->nodes_n, &to->text))
        return false;
    for (size_t l = 0; l < from->levels_n; l++) {
        publication_level *level = &to->levels[l];
        *level = (publication_level){.name = copy_text(p, from->levels[l].name), .first = from->levels[l].first, .n = from->levels[l].n};
        level->in = geo_arena_array(&p->arena, (size_t)to->atoms_n + 1, sizeof *level->in);
        if (!level->name || !level->in)
            return false;
        for (uint32_t a = 0; a < to->atoms_n; a++)
            level->in[a] = from->up[l][finer ? from->atom_in[a] : a];
    }
    return true;
}

/*
 * Fields of counts: those that are no sum of others are atoms, level 0; each sum is a level of its own, of the fields that it comes to. A field
 * that is a sum in two ways (men and women, young and old) is taken by the first: the parts of the other stay without a whole. number[k]: the
 * node of field k.
 */
static bool take_counts(geo_publication *p, publication_variable *to, const cube_variable *from, uint32_t *number)
{
    const uint32_t n = from->nodes_n;
    size_t *sum = geo_arena_array(&p->arena, (size_t)n + 1, sizeof *sum);
    to->atom = geo_arena_array(&p->arena, (size_t)n + 1, sizeof *to->atom);
    to->text = geo_arena_array(&p->arena, (size_t)n + 1, sizeof *to->text);
    if (!sum || !to->atom || !to->text)
        return false;
    for (uint32_t k = 0; k < n; k++) {
        sum[k] = 0; /* none, else its number and one */
        for (size_t s = from->sums_n; s-- > 0;)
            sum[k] = from->whole[s] == k ? s + 1 : sum[k];
    }
    size_t wholes_n = 0;
    for (uint32_t k = 0; k < n; k++)
        if (sum[k] && ++wholes_n >= CUBE_LEVELS) /* no room for a level of its own */
            sum[k] = 0;
    for (uint32_t k = 0; k < n; k++)
        if (!sum[k]) {
            number[k] = to->atoms_n;
            if (!(to->text[to->atoms_n] = to->atom[to->atoms_n] = copy_text(p, from->text[k])))
                return false;
            to->atoms_n++;
        }
    to->nodes_n = to->atoms_n;
    to->levels[to->levels_n++] = (publication_level){.name = "", .first = 0, .n = to->atoms_n};
    for (uint32_t k = 0; k < n; k++)
        if (sum[k]) {
            number[k] = to->nodes_n;
            to->levels[to->levels_n++] = (publication_level){.name = "", .first = to->nodes_n, .n = 1};
            if (!(to->text[to->nodes_n++] = copy_text(p, from->text[k])))
                return false;
        }
    for (size_t l = 0; l < to->levels_n; l++) {
        publication_level *level = &to->levels[l];
        if (!(level->in = geo_arena_array(&p->arena, (size_t)to->atoms_n + 1, sizeof *level->in)))
            return false;
        for (uint32_t a = 0; a < to->atoms_n; a++)
            level->in[a] = l ? PUBLICATION_NOWHERE : a;
    }
    /* what each whole comes to: sums of sums are gone down as often as there may be any */
    for (uint32_t k = 0; k < n; k++) {
        if (!sum[k])
            continue;
        bool *within = geo_arena_array(&p->arena, (size_t)n + 1, sizeof *within);
        if (!within)
            return false;
        memset(within, 0, n * sizeof *within);
        within[k] = true;
        for (size_t again = 0; again < wholes_n; again++)
            for (uint32_t w = 0; w < n; w++)
                for (size_t i = sum[w] && within[w] ? from->part_at[sum[w] - 1] : SIZE_MAX; sum[w] && i < from->part_at[sum[w]]; i++)
                    within[from->parts[i]] = true;
        const size_t l = geo_publication_level(to, number[k]);
        for (uint32_t w = 0; w < n; w++)
            if (!sum[w] && within[w])
                to->levels[l].in[number[w]] = number[k];
    }
    return true;
}

/* ---- cells ---- */

static uint32_t of_node(const uint32_t *number, uint32_t node)
{
    return number ? number[node] : node;
}

typedef struct placed {
    const geo_publication *p;
    uint32_t *node;
} placed;

static int by_nodes(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    for (size_t i = 0; i < x->p->variables_n; i++)
        if (x->node[i] != y->node[i])
            return x->node[i] < y->node[i] ? -1 : 1;
    return 0;
}

/* Fields of counts are numbered anew, so cells may have to be sorted. */
static bool sort_cells(geo_publication *p)
{
    const size_t n = p->cells_n, v = p->variables_n;
    placed *order = malloc((n + 1) * sizeof *order);
    uint32_t *node = geo_arena_array(&p->arena, n * v + 1, sizeof *node);
    double *low = geo_arena_array(&p->arena, n + 1, sizeof *low), *high = geo_arena_array(&p->arena, n + 1, sizeof *high);
    const bool good = order && node && low && high;
    for (size_t k = 0; good && k < n; k++)
        order[k] = (placed){p, p->node + k * v};
    if (good)
        qsort(order, n, sizeof *order, by_nodes);
    for (size_t k = 0; good && k < n; k++) {
        const size_t from = (size_t)(order[k].node - p->node) / v;
        memcpy(node + k * v, order[k].node, v * sizeof *node);
        low[k] = p->low[from];
        high[k] = p->high[from];
    }
    if (good) {
        p->node = node;
        p->low = low;
        p->high = high;
    }
    free(order);
    return good;
}

static bool take_cells(geo_publication *p, const geo_cube *c, const uint8_t *cell, const double *low, const double *high,
                       const uint32_t *number)
{
    size_t n = 0;
    for (size_t k = 0; k < c->cells_n; k++)
        n += cell[k] != GEO_CELL_UNSEEN;
    p->node = geo_arena_array(&p->arena, n * c->variables_n + 1, sizeof *p->node);
    p->low = geo_arena_array(&p->arena, n + 1, sizeof *p->low);
    p->high = geo_arena_array(&p->arena, n + 1, sizeof *p->high);
    if (!p->node || !p->low || !p->high)
        return false;
    for (size_t k = 0; k < c->cells_n; k++) {
        if (cell[k] == GEO_CELL_UNSEEN)
            continue;
        uint32_t node[CUBE_VARIABLES];
        geo_cube_nodes(c, k, node);
        for (size_t i = 0; i < c->variables_n; i++)
            p->node[p->cells_n * c->variables_n + i] = of_node(c->v[i].field ? NULL : number, node[i]);
        p->low[p->cells_n] = fmax(ceil(low[k]), 0);
        p->high[p->cells_n++] = floor(high[k]);
    }
    return !number || sort_cells(p);
}

geo_status geo_publication_of_cube(const geo_cube *c, const uint8_t *cell, const double *low, const double *high, const char *population,
                                   geo_publication **out, geo_err *err)
{
    geo_publication *p = calloc(1, sizeof *p);
    if (!p)
        return geo_err_nomem(err);
    const bool several = c->variables_n && !c->v[c->variables_n - 1].field;
    uint32_t *number = several ? geo_arena_array(&p->arena, (size_t)c->v[c->variables_n - 1].nodes_n + 1, sizeof *number) : NULL;
    p->name = "";
    p->population = copy_text(p, population ? population : "");
    p->count = copy_text(p, c->o->counts && c->o->counts[0] && !several ? c->o->counts[0] : "");
    p->variables_n = c->variables_n;
    bool good = p->population && p->count && (number || !several);
    for (size_t i = 0; good && i < c->variables_n; i++) {
        publication_variable *v = &p->v[i];
        v->areas = c->v[i].areas;
        v->field = copy_text(p, c->v[i].field ? c->v[i].field : "");
        good = v->field && (c->v[i].field ? take_levels(p, v, &c->v[i]) : take_counts(p, v, &c->v[i], number));
    }
    good = good && take_cells(p, c, cell, low, high, number);
    if (!good) {
        geo_publication_free(p);
        return geo_err_nomem(err);
    }
    *out = p;
    return GEO_OK;
}

geo_status geo_publication_read(const geo_sdc_table *table, const char *population, geo_publication **out, geo_cube **cube, geo_err *err)
{
    geo_cube *c = NULL;
    geo_audit a = {0};
    geo_status st = geo_cube_read(table, NULL, &c, err);
    if (st < 0)
        return st;
    st = geo_audit_begin(&a, c, err);
    if (st == GEO_OK)
        st = geo_audit_tell_table(&a, err);
    if (st == GEO_OK)
        st = geo_publication_of_cube(c, c->cell, a.low, a.high, population, out, err);
    geo_audit_end(&a);
    if (st == GEO_OK && cube)
        *cube = c;
    else
        geo_cube_free(c);
    return st;
}
