/* Publications over the same classes: variables by their fields, their atoms in pieces, pieces that nobody tells apart in classes. */
#include "differ.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- variables ---- */

static bool has_variable(const differ_world *w, const char *field)
{
    for (size_t i = 0; i < w->variables_n; i++)
        if (strcasecmp(w->v[i].field, field) == 0)
            return true;
    return false;
}

static geo_status list_variables(differ_world *w, bool first_only, geo_err *err)
{
    for (size_t p = 0; p < (first_only ? 1 : w->pubs_n); p++)
        for (size_t i = 0; i < w->pub[p]->variables_n; i++) {
            if (has_variable(w, w->pub[p]->v[i].field))
                continue;
            if (w->variables_n == DIFFER_VARIABLES)
                return geo_err_set(err, GEO_EARG, "the tables go by more than %d variables together", DIFFER_VARIABLES);
            w->v[w->variables_n++].field = w->pub[p]->v[i].field;
        }
    return GEO_OK;
}

/* ---- pieces ---- */

static void clear_pieces(const differ_world *w, differ_pieces *k)
{
    for (size_t p = 0; p < w->pubs_n; p++) {
        if (k->piece)
            geo_vec_clear(&k->piece[p]);
        if (k->at)
            geo_vec_clear(&k->at[p]);
    }
    geo_vec_clear(&k->name);
    free(k->piece);
    free(k->at);
}

/* The pieces that a level's nodes have; of each piece the node. */
static void pieces_of_level(const differ_pieces *k, size_t p, const publication_level *l, uint32_t atoms_n, uint32_t *node)
{
    const uint32_t *at = k->at[p].items, *piece = k->piece[p].items;
    for (uint32_t i = 0; i < k->n; i++)
        node[i] = DIFFER_NOWHERE;
    for (uint32_t a = 0; a < atoms_n; a++)
        for (uint32_t i = at[a]; i < at[a + 1]; i++)
            if (l->in[a] != PUBLICATION_NOWHERE)
                node[piece[i]] = l->in[a];
}

/*
 * A publication with one field of counts beside others that have several: it counts what has the same name there. A name that nobody else has is
 * something else, and there is nothing to compare.
 */
static void pieces_of_count(const differ_world *w, const differ_pieces *k, const publication_variable *const *own, const char *count,
                            uint32_t *node)
{
    for (uint32_t i = 0; i < k->n; i++)
        node[i] = DIFFER_NOWHERE;
    for (size_t p = 0; p < w->pubs_n; p++)
        for (uint32_t t = 0; own[p] && t < own[p]->nodes_n; t++) {
            if (strcasecmp(own[p]->text[t], count) != 0)
                continue;
            const publication_level *l = &own[p]->levels[geo_publication_level(own[p], t)];
            const uint32_t *at = k->at[p].items, *piece = k->piece[p].items;
            for (uint32_t a = 0; a < own[p]->atoms_n; a++)
                for (uint32_t i = at[a]; l->in[a] == t && i < at[a + 1]; i++)
                    node[piece[i]] = 0;
        }
}

/* ---- classes ---- */

typedef struct splitting {
    uint32_t class_, node, piece;
} splitting;

static int by_class(const void *a, const void *b)
{
    const splitting *x = a, *y = b;
    return x->class_ != y->class_ ? (x->class_ < y->class_ ? -1 : 1)
           : x->node != y->node   ? (x->node < y->node ? -1 : 1)
                                  : (x->piece > y->piece) - (x->piece < y->piece);
}

/* Split the classes by the nodes that their pieces lie in. room: for n. */
static void split(uint32_t *class_, uint32_t *classes_n, const uint32_t *node, uint32_t n, splitting *room)
{
    bool even = true;
    for (uint32_t i = 0; i < *classes_n; i++)
        room[i].piece = DIFFER_NOWHERE;
    for (uint32_t i = 0; i < n && even; i++) { /* most levels split nothing that others have not */
        splitting *first = &room[class_[i]];
        if (first->piece == DIFFER_NOWHERE)
            *first = (splitting){0, node[i], i};
        even = first->node == node[i];
    }
    if (even)
        return;
    for (uint32_t i = 0; i < n; i++)
        room[i] = (splitting){class_[i], node[i], i};
    qsort(room, n, sizeof *room, by_class);
    *classes_n = 0;
    for (uint32_t i = 0; i < n; i++) {
        *classes_n += i == 0 || room[i].class_ != room[i - 1].class_ || room[i].node != room[i - 1].node;
        class_[room[i].piece] = *classes_n - 1;
    }
}

/* Number the classes in the order of their first pieces, and name them. */
static geo_status name_classes(differ_world *w, differ_variable *v, const differ_pieces *k, uint32_t *class_, uint32_t classes_n,
                               geo_err *err)
{
    uint32_t *number = geo_arena_array(&w->arena, (size_t)classes_n + 1, sizeof *number);
    v->name = geo_arena_array(&w->arena, (size_t)classes_n + 1, sizeof *v->name);
    v->atoms_n = geo_arena_array(&w->arena, (size_t)classes_n + 1, sizeof *v->atoms_n);
    if (!number || !v->name || !v->atoms_n)
        return geo_err_nomem(err);
    for (uint32_t i = 0; i < classes_n; i++)
        number[i] = DIFFER_NOWHERE;
    for (uint32_t i = 0; i < k->n; i++) {
        uint32_t *at = &number[class_[i]];
        if (*at == DIFFER_NOWHERE) {
            *at = v->classes_n++;
            v->name[*at] = ((const char *const *)k->name.items)[i];
            v->atoms_n[*at] = 0;
        }
        v->atoms_n[*at]++;
        class_[i] = *at;
    }
    return GEO_OK;
}

/* The nodes of every publication and level, by classes: `in`. */
static geo_status levels_of(differ_world *w, differ_variable *v, const publication_variable *const *own, const differ_pieces *k,
                            uint32_t *class_, uint32_t *node, splitting *room, geo_err *err)
{
    uint32_t classes_n = 1;
    memset(class_, 0, k->n * sizeof *class_);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t p = 0; p < w->pubs_n; p++) {
            const size_t levels_n = own[p] ? own[p]->levels_n : 1;
            for (size_t l = 0; l < levels_n; l++) {
                if (own[p])
                    pieces_of_level(k, p, &own[p]->levels[l], own[p]->atoms_n, node);
                else if (*v->field)
                    memset(node, 0, k->n * sizeof *node);
                else
                    pieces_of_count(w, k, own, w->pub[p]->count, node);
                if (pass == 0) {
                    split(class_, &classes_n, node, k->n, room);
                    continue;
                }
                uint32_t *in = v->in[p][l] = geo_arena_array(&w->arena, (size_t)v->classes_n + 1, sizeof *in);
                if (!in)
                    return geo_err_nomem(err);
                for (uint32_t i = 0; i < k->n; i++)
                    in[class_[i]] = node[i];
            }
        }
        const geo_status st = pass == 0 ? name_classes(w, v, k, class_, k->n ? classes_n : 0, err) : GEO_OK;
        if (st < 0)
            return st;
    }
    return GEO_OK;
}

static geo_status settle(differ_world *w, differ_variable *v, geo_err *err)
{
    const publication_variable **own = geo_arena_array(&w->arena, w->pubs_n + 1, sizeof *own);
    v->own = geo_arena_array(&w->arena, w->pubs_n + 1, sizeof *v->own);
    v->in = geo_arena_array(&w->arena, w->pubs_n + 1, sizeof *v->in);
    differ_pieces k = {.piece = calloc(w->pubs_n + 1, sizeof *k.piece), .at = calloc(w->pubs_n + 1, sizeof *k.at)};
    geo_status st = own && v->own && v->in && k.piece && k.at ? GEO_OK : geo_err_nomem(err);
    bool areas = false;
    for (size_t p = 0; st == GEO_OK && p < w->pubs_n; p++) {
        own[p] = geo_publication_variable(w->pub[p], v->field);
        v->own[p] = own[p] ? own[p] - w->pub[p]->v : -1;
        areas = areas || (own[p] && own[p]->areas);
    }
    if (st == GEO_OK)
        st = areas ? geo_world_areas(w, own, &k, err) : geo_world_categories(w, own, &k, err);
    uint32_t *class_ = malloc(((size_t)k.n + 1) * sizeof *class_), *node = malloc(((size_t)k.n + 1) * sizeof *node);
    splitting *room = malloc(((size_t)k.n + 1) * sizeof *room);
    if (st == GEO_OK)
        st = class_ && node && room ? levels_of(w, v, own, &k, class_, node, room, err) : geo_err_nomem(err);
    free(class_);
    free(node);
    free(room);
    clear_pieces(w, &k);
    return st;
}

geo_status geo_world_begin(differ_world *w, const geo_publication *const *pub, size_t pubs_n, bool first_only, geo_err *err)
{
    *w = (differ_world){.pub = pub, .pubs_n = pubs_n};
    geo_status st = list_variables(w, first_only, err);
    for (size_t i = 0; st == GEO_OK && i < w->variables_n; i++)
        st = settle(w, &w->v[i], err);
    return st;
}

void geo_world_end(differ_world *w)
{
    geo_arena_clear(&w->arena);
}
