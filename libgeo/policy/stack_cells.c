/* Every published cell as the classes that it is made of; one that several releases publish is one. */
#include "stack.h"

#include <math.h>
#include <string.h>

#define MOST_CLASSES ((size_t)1 << 22)
#define MOST_TERMS ((size_t)1 << 26)

/* The classes of every node of a variable of a publication; by counting, as cells have parts. */
static geo_status list_parts(stacking *s, size_t v, size_t p, geo_err *err)
{
    const differ_variable *x = &s->w.v[v];
    const publication_variable *own = x->own[p] < 0 ? NULL : &s->pub[p]->v[x->own[p]];
    const size_t nodes_n = own ? own->nodes_n : 1, levels_n = own ? own->levels_n : 1;
    uint32_t *at = s->part_at[v][p] = geo_arena_array(&s->w.arena, nodes_n + 2, sizeof *at);
    uint32_t *part = s->part[v][p] = geo_arena_array(&s->w.arena, (size_t)x->classes_n * levels_n + 1, sizeof *part);
    if (!at || !part || (size_t)x->classes_n * levels_n > UINT32_MAX)
        return geo_err_nomem(err);
    memset(at, 0, (nodes_n + 2) * sizeof *at);
    for (size_t l = 0; l < levels_n; l++)
        for (uint32_t c = 0; c < x->classes_n; c++)
            if (x->in[p][l][c] != DIFFER_NOWHERE)
                at[x->in[p][l][c] + 2]++;
    for (size_t i = 2; i <= nodes_n; i++)
        at[i] += at[i - 1];
    for (size_t l = 0; l < levels_n; l++)
        for (uint32_t c = 0; c < x->classes_n; c++)
            if (x->in[p][l][c] != DIFFER_NOWHERE)
                part[at[x->in[p][l][c] + 1]++] = c;
    return GEO_OK;
}

bool geo_stack_has(const stacking *s, size_t p, size_t cell)
{
    const geo_publication *pub = s->pub[p];
    for (size_t i = 0; i < pub->variables_n; i++) {
        bool has = false;
        for (size_t v = 0; v < s->w.variables_n; v++)
            has = has || s->w.v[v].own[p] == (ptrdiff_t)i;
        const publication_level *l = &pub->v[i].levels[geo_publication_level(&pub->v[i], pub->node[cell * pub->variables_n + i])];
        if (!has && (*l->name || !*pub->v[i].field))
            return false;
    }
    return true;
}

/* The classes of a cell, ascending, into `classes`. */
static bool classes_of(const stacking *s, size_t p, size_t cell, geo_vec *classes)
{
    const geo_publication *pub = s->pub[p];
    const uint32_t *part[DIFFER_VARIABLES];
    uint32_t n[DIFFER_VARIABLES], at[DIFFER_VARIABLES] = {0};
    classes->n = 0;
    for (size_t v = 0; v < s->w.variables_n; v++) {
        const ptrdiff_t own = s->w.v[v].own[p];
        const uint32_t node = own < 0 ? 0 : pub->node[cell * pub->variables_n + (size_t)own];
        part[v] = s->part[v][p] + s->part_at[v][p][node];
        n[v] = s->part_at[v][p][node + 1] - s->part_at[v][p][node];
        if (!n[v])
            return true;
    }
    for (bool more = true; more;) {
        uint32_t class_ = 0;
        for (size_t v = 0; v < s->w.variables_n; v++)
            class_ += part[v][at[v]] * (uint32_t)s->stride[v];
        if (!geo_vec_append(classes, &class_, 1, sizeof class_))
            return false;
        size_t v = s->w.variables_n;
        while (v > 0 && ++at[v - 1] == n[v - 1])
            at[--v] = 0;
        more = v > 0;
    }
    return true;
}

static geo_status take_cell(stacking *s, size_t p, size_t cell, geo_vec *classes, geo_err *err)
{
    const double low = s->pub[p]->low[cell], high = s->pub[p]->high[cell];
    int32_t id;
    int is_new;
    if (!classes_of(s, p, cell, classes))
        return geo_err_nomem(err);
    if (!classes->n)
        return GEO_OK;
    const geo_status st = geo_pool_add(s->cells, classes->items, classes->n * sizeof(uint32_t), &id, &is_new, err);
    if (st < 0)
        return st;
    if (is_new) {
        bool good = geo_vec_append(&s->class_at, &s->classes.n, 1, sizeof(size_t))
                    && geo_vec_append(&s->classes, classes->items, classes->n, sizeof(uint32_t)) && s->classes.n <= MOST_TERMS;
        for (int all = 0; good && all < 2; all++)
            good = geo_vec_append(&s->low[all], &(double){0}, 1, sizeof(double))
                   && geo_vec_append(&s->high[all], &(double){INFINITY}, 1, sizeof(double));
        if (!good)
            return geo_err_nomem(err);
    }
    for (int all = p == 0; all < 2; all++) {
        double *l = (double *)s->low[all].items + id, *h = (double *)s->high[all].items + id;
        *l = fmax(*l, low);
        *h = fmin(*h, high);
        s->contradicts = s->contradicts || *l > *h;
    }
    return GEO_OK;
}

geo_status geo_stack_begin(stacking *s, geo_err *err)
{
    s->cells = geo_pool_new();
    geo_status st = s->cells ? geo_world_begin(&s->w, s->pub, s->pubs_n, true, err) : geo_err_nomem(err);
    s->classes_n = 1;
    for (size_t v = s->w.variables_n; st == GEO_OK && v-- > 0;) {
        s->stride[v] = s->classes_n;
        if (s->w.v[v].classes_n > MOST_CLASSES / s->classes_n)
            return GEO_SKIP;
        s->classes_n *= s->w.v[v].classes_n;
        s->part_at[v] = geo_arena_array(&s->w.arena, s->pubs_n + 1, sizeof **s->part_at);
        s->part[v] = geo_arena_array(&s->w.arena, s->pubs_n + 1, sizeof **s->part);
        if (!s->part_at[v] || !s->part[v])
            return geo_err_nomem(err);
        for (size_t p = 0; st == GEO_OK && p < s->pubs_n; p++)
            st = list_parts(s, v, p, err);
    }
    geo_vec classes = {0};
    for (size_t p = 0; p < s->pubs_n; p++) {
        for (size_t k = 0; st == GEO_OK && k < s->pub[p]->cells_n; k++)
            if (geo_stack_has(s, p, k))
                st = take_cell(s, p, k, &classes, err);
        s->proposed_n = p == 0 ? s->class_at.n : s->proposed_n;
    }
    geo_vec_clear(&classes);
    if (st == GEO_OK && !geo_vec_append(&s->class_at, &s->classes.n, 1, sizeof(size_t)))
        st = geo_err_nomem(err);
    return st;
}

void geo_stack_end(stacking *s)
{
    for (int all = 0; all < 2; all++) {
        geo_vec_clear(&s->low[all]);
        geo_vec_clear(&s->high[all]);
    }
    geo_vec_clear(&s->class_at);
    geo_vec_clear(&s->classes);
    geo_pool_free(s->cells);
    geo_world_end(&s->w);
}
