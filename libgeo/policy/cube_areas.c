/* The nodes of a variable: categories, and areas with the levels that lookups lead to. */
#include "cube.h"

#include "../core/trim.h"
#include "../table/column.h"
#include "geo/lattice.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- sorting texts into nodes ---- */

typedef struct item {
    const char *s;
    size_t n;
    uint32_t id;
} item;

static int by_text(const void *a, const void *b)
{
    const item *x = a, *y = b;
    return geo_text_order(x->s, x->n, y->s, y->n);
}

static const char *total_word(const geo_cube *c)
{
    return c->o->total ? c->o->total : "Total";
}

/* Is it the word for all together, in any letter case? */
static bool is_total(const geo_cube *c, const char *s, size_t n)
{
    const char *word = total_word(c);
    return strlen(word) == n && strncasecmp(word, s, n) == 0;
}

/* The last level: one node, of all. up[] of it is filled for as many nodes of level 0 as there are. */
geo_status geo_cube_close_levels(geo_cube *c, cube_variable *v, geo_err *err)
{
    const size_t l = v->levels_n++;
    v->levels[l] = (cube_level){"", v->nodes_n, 1};
    v->text[v->nodes_n] = total_word(c);
    uint32_t *up = v->up[l] = geo_arena_array(&c->arena, (size_t)v->levels[0].n + 1, sizeof *up);
    if (!up)
        return geo_err_nomem(err);
    for (uint32_t i = 0; i < v->levels[0].n; i++)
        up[i] = v->nodes_n;
    v->nodes_n++;
    return GEO_OK;
}

static geo_status own_level(geo_cube *c, cube_variable *v, const char *name, uint32_t n, geo_err *err)
{
    v->levels[0] = (cube_level){name, 0, n};
    v->levels_n = 1;
    v->nodes_n = n;
    uint32_t *up = v->up[0] = geo_arena_array(&c->arena, (size_t)n + 1, sizeof *up);
    if (!up)
        return geo_err_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        up[i] = i;
    return GEO_OK;
}

geo_status geo_cube_categories(geo_cube *c, cube_variable *v, const geo_pool *pool, bool blank, uint32_t *node, geo_err *err)
{
    const size_t n = geo_pool_count(pool);
    item *items = geo_arena_array(&c->arena, n + 1, sizeof *items);
    v->text = geo_arena_array(&c->arena, n + 2, sizeof *v->text);
    if (!items || !v->text)
        return geo_err_nomem(err);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        items[kept].s = geo_pool_text(pool, (int32_t)i, &items[kept].n);
        items[kept].id = (uint32_t)i;
        if (is_total(c, items[kept].s, items[kept].n))
            node[i] = CUBE_NOWHERE; /* for now */
        else
            kept++;
    }
    qsort(items, kept, sizeof *items, by_text);
    uint32_t at = 0;
    if (blank)
        v->text[at++] = "";
    for (size_t i = 0; i < kept; i++) {
        node[items[i].id] = at;
        if (!(v->text[at++] = geo_arena_text(&c->arena, items[i].s, items[i].n)))
            return geo_err_nomem(err);
    }
    geo_status st = own_level(c, v, v->field, at, err);
    if (st == GEO_OK)
        st = geo_cube_close_levels(c, v, err);
    for (size_t i = 0; i < n; i++)
        if (node[i] == CUBE_NOWHERE)
            node[i] = at;
    return st;
}

/* ---- lookups ---- */

static bool ends(const char *s, const char *end)
{
    const size_t n = strlen(s), m = strlen(end);
    return n >= m && strcasecmp(s + n - m, end) == 0;
}

static bool is_named(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcasecmp(*names, name) == 0)
            return true;
    return false;
}

/* Does a column of a lookup hold codes of areas? Those that the caller names do, and those that are called so. */
static bool is_level(const geo_cube *c, const char *own, const char *name)
{
    return is_named(c->o->levels, name) || strcasecmp(own, name) == 0 || ends(name, "cd") || ends(name, "code");
}

static geo_status read_lookup(geo_cube *c, geo_lattice *lattice, const geo_sdc_file *file, const char *own, geo_err *err)
{
    const geo_sdc_table *o = c->o;
    geo_reader_options reading = {
        .layer = file->layer, .encoding = o->reading.encoding, .steady = true, .raise = o->raise, .watch = o->watch};
    geo_reader *reader = NULL;
    geo_status st = geo_label_find(file->file, o->policy, &reading.label, o->watch, err);
    if (st == GEO_OK)
        st = geo_reader_open(file->file, &reading, &reader, err);
    if (st < 0)
        return st;
    const geo_schema *schema = geo_reader_schema(reader);
    const char **levels = geo_arena_array(&c->arena, schema->fields_n + 1, sizeof *levels);
    size_t n = 0;
    for (size_t i = 0; levels && i < schema->fields_n; i++)
        if (schema->fields[i].type != GEO_GEOMETRY && is_level(c, own, schema->fields[i].name))
            levels[n++] = schema->fields[i].name;
    if (!levels)
        st = geo_err_nomem(err);
    else if (n < 2)
        st = geo_err_set(err, GEO_EARG, "'%s' does not say of areas what they lie in: name its columns of codes with --levels",
                         geo_name_shown(file->file));
    else {
        levels[n] = NULL;
        const geo_lattice_lookup about = {.levels = levels, .best_fit = o->best_fit};
        st = geo_lattice_read(lattice, reader, &about, o->threads, err);
        if (st < 0)
            geo_err_wrap(err, st, "'%s'", geo_name_shown(file->file));
    }
    geo_reader_close(reader);
    return st;
}

/* ---- finding codes ---- */

/* Number of a text among the areas of a level, or -1. */
static int32_t find(const geo_lattice *lattice, size_t level, const char *s, size_t n)
{
    const geo_keys *areas = geo_lattice_areas(lattice, level);
    char room[GEO_KEY_ROOM];
    size_t len;
    const char *form = geo_key_normalise(geo_keys_kind(areas), s, n, room, &len);
    return geo_pool_find(geo_keys_pool(areas), form, len);
}

/* The level that the codes are of: as named, else the one with most areas of those that have any of the codes. */
static geo_status find_own(const geo_lattice *lattice, const geo_keys *keys, const char *own, bool said, size_t *level, geo_err *err)
{
    const ptrdiff_t named = geo_lattice_level(lattice, own);
    if (named >= 0 || said) {
        *level = (size_t)named;
        return named >= 0 ? GEO_OK : geo_err_set(err, GEO_EARG, "no lookup has a column '%s'", own);
    }
    size_t best = 0, n;
    for (size_t l = 0; l < geo_lattice_levels(lattice); l++) {
        size_t hits = 0;
        for (size_t i = 0; i < geo_pool_count(geo_keys_pool(keys)); i++) {
            const char *s = geo_pool_text(geo_keys_pool(keys), (int32_t)i, &n);
            hits += find(lattice, l, s, n) >= 0;
        }
        const size_t areas_n = geo_pool_count(geo_keys_pool(geo_lattice_areas(lattice, l)));
        if (hits && areas_n > best) {
            best = areas_n;
            *level = l;
        }
    }
    return best ? GEO_OK : geo_err_set(err, GEO_EFORMAT, "no code of field '%s' is in the lookups: are they of another year?", own);
}

/* ---- levels ---- */

typedef struct climb {
    size_t levels_n, level[CUBE_LEVELS]; /* numbers in the lattice, finest first */
    geo_relation *to[CUBE_LEVELS];       /* from the own level; [0] is NULL */
} climb;

static geo_status relate(const geo_cube *c, const geo_lattice *lattice, climb *k, size_t level, geo_err *err)
{
    geo_relation *r = NULL;
    const bool named = is_named(c->o->levels, geo_lattice_name(lattice, level));
    const geo_status st = geo_lattice_relate(lattice, k->level[0], level, &r, err);
    if (st < 0)
        return named || st != GEO_EARG ? st : GEO_OK;
    if (geo_relation_fit(r) > GEO_FIT_BEST) {
        geo_relation_free(r);
        return named ? geo_err_set(err, GEO_EFORMAT,
                                   "some areas of '%s' lie in several of '%s': counts cannot climb there (--best-fit says that each goes "
                                   "whole where it fits best)",
                                   geo_lattice_name(lattice, k->level[0]), geo_lattice_name(lattice, level))
                     : GEO_OK;
    }
    if (k->levels_n + 1 >= CUBE_LEVELS) {
        geo_relation_free(r);
        return geo_err_set(err, GEO_EARG, "the lookups lead to more than %d levels: name those to climb by with --levels", CUBE_LEVELS - 2);
    }
    k->to[k->levels_n] = r;
    k->level[k->levels_n++] = level;
    return GEO_OK;
}

static size_t areas_of(const geo_lattice *lattice, size_t level)
{
    return geo_pool_count(geo_keys_pool(geo_lattice_areas(lattice, level)));
}

static geo_status plan_climb(const geo_cube *c, const geo_lattice *lattice, size_t own, climb *k, geo_err *err)
{
    k->level[0] = own;
    k->levels_n = 1;
    geo_status st = GEO_OK;
    for (const char *const *name = c->o->levels; st == GEO_OK && name && *name; name++)
        if (geo_lattice_level(lattice, *name) < 0)
            st = geo_err_set(err, GEO_EARG, "no lookup has a column '%s'", *name);
    for (size_t l = 0; st == GEO_OK && l < geo_lattice_levels(lattice); l++)
        if (l != own && (!c->o->levels || is_named(c->o->levels, geo_lattice_name(lattice, l)))
            && areas_of(lattice, l) <= areas_of(lattice, own))
            st = relate(c, lattice, k, l, err);
    for (size_t i = 1; i < k->levels_n; i++) /* most areas first, so that parts come before what they make up */
        for (size_t j = i; j > 1 && areas_of(lattice, k->level[j]) > areas_of(lattice, k->level[j - 1]); j--) {
            const size_t level = k->level[j];
            geo_relation *to = k->to[j];
            k->level[j] = k->level[j - 1], k->to[j] = k->to[j - 1];
            k->level[j - 1] = level, k->to[j - 1] = to;
        }
    return st;
}

/* What area i of the own level lies in at level l of the climb, or -1. */
static int32_t above(const climb *k, size_t l, size_t i)
{
    size_t n;
    const geo_share *parts = l ? geo_relation_parts(k->to[l], i, &n) : NULL;
    return !l ? (int32_t)i : n ? parts[0].area : -1;
}

/* Which areas of each level are in play: those of the rows, what they lie in, and what else lies in the coarsest of these. */
static geo_status choose(const geo_lattice *lattice, const climb *k, const int32_t *at_level, const int32_t *at, size_t n, bool **in,
                         geo_err *err)
{
    const size_t own_n = areas_of(lattice, k->level[0]);
    for (size_t l = 0; l < k->levels_n; l++)
        if (!(in[l] = calloc(areas_of(lattice, k->level[l]) + 1, sizeof **in)))
            return geo_err_nomem(err);
    for (size_t i = 0; i < n; i++)
        if (at_level[i] >= 0)
            in[at_level[i]][at[i]] = true;
    for (size_t i = 0; i < own_n; i++) /* areas of coarser rows and of own ones; up to the coarsest level */
        for (size_t l = 1; in[0][i] && l < k->levels_n; l++)
            if (above(k, l, i) >= 0)
                in[l][above(k, l, i)] = true;
    if (k->levels_n == 1)
        return GEO_OK;
    for (size_t i = 0; i < own_n; i++)
        for (size_t l = 1; l < k->levels_n; l++)
            in[0][i] = in[0][i] || (above(k, l, i) >= 0 && in[l][above(k, l, i)]);
    for (size_t i = 0; i < own_n; i++)
        for (size_t l = 1; in[0][i] && l < k->levels_n; l++)
            if (above(k, l, i) >= 0)
                in[l][above(k, l, i)] = true;
    return GEO_OK;
}

/* Nodes of the chosen areas of one level, by their codes; number[a]: the node of area a. */
static geo_status add_level(geo_cube *c, cube_variable *v, const geo_lattice *lattice, size_t level, const bool *in, uint32_t *number,
                            geo_err *err)
{
    const geo_pool *pool = geo_keys_pool(geo_lattice_areas(lattice, level));
    const size_t n = geo_pool_count(pool);
    item *items = malloc((n + 1) * sizeof *items);
    size_t kept = 0;
    if (!items)
        return geo_err_nomem(err);
    for (size_t a = 0; a < n; a++)
        if (in[a]) {
            items[kept].s = geo_pool_text(pool, (int32_t)a, &items[kept].n);
            items[kept++].id = (uint32_t)a;
        }
    qsort(items, kept, sizeof *items, by_text);
    for (size_t a = 0; a < n; a++)
        number[a] = CUBE_NOWHERE;
    const char *name = geo_arena_text(&c->arena, geo_lattice_name(lattice, level), strlen(geo_lattice_name(lattice, level)));
    geo_status st = name ? GEO_OK : geo_err_nomem(err);
    v->levels[v->levels_n++] = (cube_level){name, v->nodes_n, (uint32_t)kept};
    for (size_t i = 0; st == GEO_OK && i < kept; i++) {
        number[items[i].id] = v->nodes_n;
        if (!(v->text[v->nodes_n++] = geo_arena_text(&c->arena, items[i].s, items[i].n)))
            st = geo_err_nomem(err);
    }
    free(items);
    return st;
}

/* Lay the chosen areas out as nodes. */
static geo_status lay_out(geo_cube *c, cube_variable *v, const geo_lattice *lattice, const climb *k, bool *const *in, uint32_t **number,
                          geo_err *err)
{
    size_t all = 1;
    for (size_t l = 0; l < k->levels_n; l++)
        all += areas_of(lattice, k->level[l]);
    v->text = geo_arena_array(&c->arena, all, sizeof *v->text);
    geo_status st = v->text ? GEO_OK : geo_err_nomem(err);
    for (size_t l = 0; st == GEO_OK && l < k->levels_n; l++) {
        number[l] = geo_arena_array(&c->arena, areas_of(lattice, k->level[l]) + 1, sizeof **number);
        st = number[l] ? add_level(c, v, lattice, k->level[l], in[l], number[l], err) : geo_err_nomem(err);
    }
    for (size_t l = 0; st == GEO_OK && l < k->levels_n; l++) {
        uint32_t *up = v->up[l] = geo_arena_array(&c->arena, (size_t)v->levels[0].n + 1, sizeof *up);
        if (!up)
            return geo_err_nomem(err);
        for (size_t i = 0; i < areas_of(lattice, k->level[0]); i++)
            if (number[0][i] != CUBE_NOWHERE)
                up[number[0][i]] = above(k, l, i) < 0 ? CUBE_NOWHERE : number[l][above(k, l, i)];
    }
    return st == GEO_OK ? geo_cube_close_levels(c, v, err) : st;
}

/* Find every code of the rows at some level. */
static void place(const geo_cube *c, const geo_lattice *lattice, const climb *k, const geo_keys *keys, int32_t *at_level, int32_t *at)
{
    const geo_pool *pool = geo_keys_pool(keys);
    for (size_t i = 0; i < geo_pool_count(pool); i++) {
        size_t n;
        const char *s = geo_pool_text(pool, (int32_t)i, &n);
        at_level[i] = is_total(c, s, n) ? -2 : -1;
        for (size_t l = 0; l < k->levels_n && at_level[i] == -1; l++)
            if ((at[i] = find(lattice, k->level[l], s, n)) >= 0)
                at_level[i] = (int32_t)l;
    }
}

static geo_status build(geo_cube *c, cube_variable *v, const geo_lattice *lattice, const climb *k, const geo_keys *keys, uint32_t *node,
                        geo_err *err)
{
    const size_t n = geo_pool_count(geo_keys_pool(keys));
    int32_t *at_level = geo_arena_array(&c->arena, n + 1, sizeof *at_level), *at = geo_arena_array(&c->arena, n + 1, sizeof *at);
    bool *in[CUBE_LEVELS] = {0};
    uint32_t *number[CUBE_LEVELS] = {0};
    if (!at_level || !at)
        return geo_err_nomem(err);
    place(c, lattice, k, keys, at_level, at);
    geo_status st = choose(lattice, k, at_level, at, n, in, err);
    if (st == GEO_OK)
        st = lay_out(c, v, lattice, k, in, number, err);
    if (st == GEO_OK)
        st = geo_cube_atoms(c, v, lattice, k->level[0], number[0], err);
    for (size_t i = 0; st == GEO_OK && i < n; i++)
        node[i] = at_level[i] >= 0 ? number[at_level[i]][at[i]] : at_level[i] == -2 ? v->nodes_n - 1 : CUBE_NOWHERE;
    for (size_t l = 0; l < k->levels_n; l++)
        free(in[l]);
    return st;
}

geo_status geo_cube_areas(geo_cube *c, cube_variable *v, const geo_keys *keys, bool blank, uint32_t *node, geo_err *err)
{
    const geo_sdc_table *o = c->o;
    const char *equals = strchr(o->area, '='), *own = equals ? equals + 1 : v->field;
    geo_lattice *lattice = o->lookups_n ? geo_lattice_new() : NULL;
    if (!o->lookups_n) /* all together is all there is above them */
        return geo_cube_categories(c, v, geo_keys_pool(keys), blank, node, err);
    geo_status st = lattice ? GEO_OK : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < o->lookups_n; i++)
        st = read_lookup(c, lattice, &o->lookups[i], own, err);
    climb k = {0};
    size_t level = 0;
    if (st == GEO_OK)
        st = find_own(lattice, keys, own, equals != NULL, &level, err);
    if (st == GEO_OK)
        st = plan_climb(c, lattice, level, &k, err);
    if (st == GEO_OK)
        st = build(c, v, lattice, &k, keys, node, err);
    if (st == GEO_OK)
        c->class_ = geo_class_join(c->class_, geo_lattice_class(lattice));
    for (size_t l = 0; l < k.levels_n; l++)
        geo_relation_free(k.to[l]);
    geo_lattice_free(lattice);
    return st;
}
