/*
 * The bytes of a publication: a JSON object, arrays of numbers for what there is much of.
 *
 *   {"publication": 1, "population": "", "count": "", "variables": [{"field": "ward", "areas": true, "atoms": ["E01..."], "levels":
 *   [{"name": "ward", "texts": ["E05..."], "in": [0, null]}]}], "nodes": [...], "low": [...], "high": [0, null]}
 *
 * Nodes are numbered through the levels of a variable; "in" has the number of one within its level for each atom; null is in none, and no
 * upper bound. Every size and number is checked on the way back: the bytes come out of a file.
 */
#include "publication.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- there ---- */

static json_t *texts_of(const char *const *text, size_t n)
{
    json_t *a = json_array();
    bool good = a != NULL;
    for (size_t i = 0; good && i < n; i++)
        good = json_array_append_new(a, json_string(text[i])) == 0; /* not UTF-8: NULL, which is refused */
    if (!good)
        json_decref(a);
    return good ? a : NULL;
}

static json_t *level_of(const publication_variable *v, const publication_level *l)
{
    json_t *in = json_array(), *o = json_object();
    bool good = in && o;
    for (uint32_t a = 0; good && a < v->atoms_n; a++)
        good = json_array_append_new(in, l->in[a] == PUBLICATION_NOWHERE ? json_null() : json_integer(l->in[a] - l->first)) == 0;
    good = good && json_object_set_new(o, "name", json_string(l->name)) == 0
           && json_object_set_new(o, "texts", texts_of(v->text + l->first, l->n)) == 0 && json_object_set(o, "in", in) == 0;
    json_decref(in);
    if (!good)
        json_decref(o);
    return good ? o : NULL;
}

static json_t *variable_of(const publication_variable *v)
{
    json_t *levels = json_array(), *o = json_object();
    bool good = levels && o;
    for (size_t l = 0; good && l < v->levels_n; l++)
        good = json_array_append_new(levels, level_of(v, &v->levels[l])) == 0;
    good = good && json_object_set_new(o, "field", json_string(v->field)) == 0
           && json_object_set_new(o, "areas", json_boolean(v->areas)) == 0
           && json_object_set_new(o, "atoms", texts_of(v->atom, v->atoms_n)) == 0 && json_object_set(o, "levels", levels) == 0;
    json_decref(levels);
    if (!good)
        json_decref(o);
    return good ? o : NULL;
}

static json_t *bounds_of(const double *bound, size_t n)
{
    json_t *a = json_array();
    bool good = a != NULL;
    for (size_t i = 0; good && i < n; i++)
        good = json_array_append_new(a, isfinite(bound[i]) ? json_integer((json_int_t)bound[i]) : json_null()) == 0;
    if (!good)
        json_decref(a);
    return good ? a : NULL;
}

static json_t *nodes_of(const geo_publication *p)
{
    json_t *a = json_array();
    bool good = a != NULL;
    for (size_t i = 0; good && i < p->cells_n * p->variables_n; i++)
        good = json_array_append_new(a, json_integer(p->node[i])) == 0;
    if (!good)
        json_decref(a);
    return good ? a : NULL;
}

geo_status geo_publication_print(const geo_publication *p, char **bytes, size_t *n, geo_err *err)
{
    json_t *o = json_object(), *variables = json_array();
    bool good = o && variables;
    for (size_t i = 0; good && i < p->variables_n; i++)
        good = json_array_append_new(variables, variable_of(&p->v[i])) == 0;
    good = good && json_object_set_new(o, "publication", json_integer(1)) == 0
           && json_object_set_new(o, "population", json_string(p->population)) == 0
           && json_object_set_new(o, "count", json_string(p->count)) == 0 && json_object_set(o, "variables", variables) == 0
           && json_object_set_new(o, "nodes", nodes_of(p)) == 0 && json_object_set_new(o, "low", bounds_of(p->low, p->cells_n)) == 0
           && json_object_set_new(o, "high", bounds_of(p->high, p->cells_n)) == 0;
    char *text = good ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(variables);
    json_decref(o);
    if (!text)
        return geo_err_set(err, GEO_ENOMEM, "out of memory, or a text of the table is not UTF-8");
    *bytes = text;
    *n = strlen(text);
    return GEO_OK;
}

/* ---- and back ---- */

static geo_status bad(geo_err *err, const char *what)
{
    return geo_err_set(err, GEO_EFORMAT, "an earlier release is damaged: %s", what);
}

static const char *take_text(geo_publication *p, const json_t *v)
{
    return json_is_string(v) ? geo_arena_text(&p->arena, json_string_value(v), json_string_length(v)) : NULL;
}

/* Texts into an array that has room for them. */
static bool take_texts(geo_publication *p, const json_t *array, const char **out)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (!(out[i] = take_text(p, json_array_get(array, i))))
            return false;
    return true;
}

/* No two atoms are called the same. */
static bool are_distinct(const char *const *text, size_t n)
{
    geo_pool *pool = geo_pool_new();
    bool good = pool != NULL;
    for (size_t i = 0; good && i < n; i++) {
        int32_t id;
        int new_ = 0;
        good = geo_pool_add(pool, text[i], strlen(text[i]), &id, &new_, NULL) == GEO_OK && new_;
    }
    geo_pool_free(pool);
    return good;
}

static geo_status parse_level(geo_publication *p, publication_variable *v, const json_t *o, geo_err *err)
{
    publication_level *l = &v->levels[v->levels_n];
    const json_t *texts = json_object_get(o, "texts"), *in = json_object_get(o, "in");
    *l = (publication_level){.name = take_text(p, json_object_get(o, "name")), .first = v->nodes_n, .n = (uint32_t)json_array_size(texts)};
    l->in = geo_arena_array(&p->arena, (size_t)v->atoms_n + 1, sizeof *l->in);
    if (!l->name || !l->in || !json_is_array(texts) || !json_is_array(in) || json_array_size(in) != v->atoms_n)
        return bad(err, "a level");
    if (!take_texts(p, texts, v->text + v->nodes_n) || !are_distinct(v->text + v->nodes_n, l->n))
        return bad(err, "the names in a level");
    for (uint32_t a = 0; a < v->atoms_n; a++) {
        const json_t *to = json_array_get(in, a);
        if (!json_is_null(to) && (!json_is_integer(to) || json_integer_value(to) < 0 || json_integer_value(to) >= (json_int_t)l->n))
            return bad(err, "what lies in what");
        l->in[a] = json_is_null(to) ? PUBLICATION_NOWHERE : l->first + (uint32_t)json_integer_value(to);
    }
    v->nodes_n += l->n;
    v->levels_n++;
    return GEO_OK;
}

static geo_status parse_variable(geo_publication *p, const json_t *o, geo_err *err)
{
    publication_variable *v = &p->v[p->variables_n];
    const json_t *levels = json_object_get(o, "levels"), *atoms = json_object_get(o, "atoms"), *areas = json_object_get(o, "areas");
    const size_t atoms_n = json_array_size(atoms), levels_n = json_array_size(levels);
    if (!json_is_array(atoms) || !json_is_boolean(areas) || atoms_n > INT32_MAX || levels_n < 1 || levels_n > CUBE_LEVELS)
        return bad(err, "a variable");
    size_t nodes_n = 0;
    for (size_t l = 0; l < levels_n; l++)
        nodes_n += json_array_size(json_object_get(json_array_get(levels, l), "texts"));
    if (nodes_n > INT32_MAX)
        return bad(err, "too many names");
    v->field = take_text(p, json_object_get(o, "field"));
    v->areas = json_is_true(areas);
    v->atoms_n = (uint32_t)atoms_n;
    v->atom = geo_arena_array(&p->arena, atoms_n + 1, sizeof *v->atom);
    v->text = geo_arena_array(&p->arena, nodes_n + 1, sizeof *v->text);
    if (!v->atom || !v->text)
        return geo_err_nomem(err);
    if (!v->field || geo_publication_variable(p, v->field) || !take_texts(p, atoms, v->atom) || !are_distinct(v->atom, atoms_n))
        return bad(err, "the names of a variable");
    geo_status st = GEO_OK;
    for (size_t l = 0; st == GEO_OK && l < levels_n; l++)
        st = parse_level(p, v, json_array_get(levels, l), err);
    p->variables_n++;
    return st;
}

/* A bound: a whole number up to 2^53; null where it may be. */
static bool take_bound(const json_t *v, bool may_lack, double *out)
{
    *out = INFINITY;
    if (may_lack && json_is_null(v))
        return true;
    if (!json_is_integer(v) || json_integer_value(v) < 0 || (double)json_integer_value(v) > PUBLICATION_MOST)
        return false;
    *out = (double)json_integer_value(v);
    return true;
}

static geo_status parse_cells(geo_publication *p, const json_t *o, geo_err *err)
{
    const json_t *nodes = json_object_get(o, "nodes"), *low = json_object_get(o, "low"), *high = json_object_get(o, "high");
    const size_t n = json_array_size(low), v = p->variables_n;
    if (!json_is_array(nodes) || !json_is_array(low) || !json_is_array(high) || json_array_size(high) != n || v == 0
        || n > SIZE_MAX / CUBE_VARIABLES || json_array_size(nodes) != n * v)
        return bad(err, "the number of its cells");
    p->node = geo_arena_array(&p->arena, n * v + 1, sizeof *p->node);
    p->low = geo_arena_array(&p->arena, n + 1, sizeof *p->low);
    p->high = geo_arena_array(&p->arena, n + 1, sizeof *p->high);
    if (!p->node || !p->low || !p->high)
        return geo_err_nomem(err);
    p->cells_n = n;
    for (size_t k = 0; k < n; k++) {
        bool after = k == 0; /* the cell before it */
        for (size_t i = 0; i < v; i++) {
            const json_t *at = json_array_get(nodes, k * v + i);
            const json_int_t node = json_integer_value(at);
            if (!json_is_integer(at) || node < 0 || node >= (json_int_t)p->v[i].nodes_n)
                return bad(err, "the place of a cell");
            p->node[k * v + i] = (uint32_t)node;
            if (!after && p->node[k * v + i] < p->node[(k - 1) * v + i])
                return bad(err, "the order of its cells");
            after = after || p->node[k * v + i] > p->node[(k - 1) * v + i];
        }
        if (!after || !take_bound(json_array_get(low, k), false, &p->low[k]) || !take_bound(json_array_get(high, k), true, &p->high[k])
            || p->low[k] > p->high[k])
            return bad(err, "a cell");
    }
    return GEO_OK;
}

geo_status geo_publication_parse(const void *bytes, size_t n, geo_publication **out, geo_err *err)
{
    json_t *o = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, NULL);
    geo_publication *p = calloc(1, sizeof *p);
    if (!p) {
        json_decref(o);
        return geo_err_nomem(err);
    }
    const json_t *variables = json_object_get(o, "variables");
    p->name = "";
    p->population = take_text(p, json_object_get(o, "population"));
    p->count = take_text(p, json_object_get(o, "count"));
    geo_status st = GEO_OK;
    if (!json_is_object(o) || json_integer_value(json_object_get(o, "publication")) != 1)
        st = bad(err, "no JSON, or of another version");
    else if (!p->population || !p->count || !json_is_array(variables) || json_array_size(variables) > CUBE_VARIABLES)
        st = bad(err, "what it counts");
    for (size_t i = 0; st == GEO_OK && i < json_array_size(variables); i++)
        st = parse_variable(p, json_array_get(variables, i), err);
    if (st == GEO_OK)
        st = parse_cells(p, o, err);
    json_decref(o);
    if (st < 0)
        geo_publication_free(p);
    else
        *out = p;
    return st;
}
