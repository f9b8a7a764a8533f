/*
 * Areas over the same pieces: those of the same code are one. An area that is an atom in one publication and made of finer ones in another
 * (LSOAs here, output areas there) comes to what it is made of there.
 */
#include "differ.h"

#include <stdlib.h>
#include <string.h>

#define DEEPEST CUBE_LEVELS           /* levels below each other; more would go in a circle */
#define MOST_PIECES ((size_t)1 << 27) /* of a publication */

/* An area that some publication knows the parts of. */
typedef struct coarse {
    size_t pub;
    uint32_t node;
} coarse;

typedef struct joining {
    differ_world *w;
    const publication_variable *const *own;
    uint32_t **part_at, **part; /* of each publication: atoms of node i are part[part_at[i] .. part_at[i + 1]) */
    geo_pool *coarse_codes, *codes;
    geo_vec coarse; /* of each code */
} joining;

/* The atoms of every node, by counting. */
static geo_status list_parts(joining *k, size_t p, geo_err *err)
{
    const publication_variable *v = k->own[p];
    uint32_t *at = k->part_at[p] = geo_arena_array(&k->w->arena, (size_t)v->nodes_n + 2, sizeof *at);
    uint32_t *part = k->part[p] = geo_arena_array(&k->w->arena, (size_t)v->atoms_n * v->levels_n + 1, sizeof *part);
    if (!at || !part || (size_t)v->atoms_n * v->levels_n > UINT32_MAX)
        return geo_err_nomem(err);
    memset(at, 0, ((size_t)v->nodes_n + 2) * sizeof *at);
    for (size_t l = 0; l < v->levels_n; l++)
        for (uint32_t a = 0; a < v->atoms_n; a++)
            if (v->levels[l].in[a] != PUBLICATION_NOWHERE)
                at[v->levels[l].in[a] + 2]++;
    for (uint32_t i = 2; i <= v->nodes_n + 1; i++)
        at[i] += at[i - 1];
    for (size_t l = 0; l < v->levels_n; l++) /* at[i + 1] moves from the start of node i to its end, the start of the next */
        for (uint32_t a = 0; a < v->atoms_n; a++)
            if (v->levels[l].in[a] != PUBLICATION_NOWHERE)
                part[at[v->levels[l].in[a] + 1]++] = a;
    return GEO_OK;
}

/* Codes of areas that are more than an atom of the same code; the first publication that knows one is believed. */
static geo_status list_coarse(joining *k, size_t p, geo_err *err)
{
    const publication_variable *v = k->own[p];
    for (uint32_t i = 0; i < v->nodes_n; i++) {
        const uint32_t from = k->part_at[p][i], n = k->part_at[p][i + 1] - from;
        if (!n || !*v->levels[geo_publication_level(v, i)].name || (n == 1 && strcmp(v->atom[k->part[p][from]], v->text[i]) == 0))
            continue;
        int32_t id;
        int is_new;
        const geo_status st = geo_pool_add(k->coarse_codes, v->text[i], strlen(v->text[i]), &id, &is_new, err);
        if (st < 0)
            return st;
        if (is_new && !geo_vec_append(&k->coarse, &(coarse){p, i}, 1, sizeof(coarse)))
            return geo_err_nomem(err);
    }
    return GEO_OK;
}

/* The pieces of an area, appended. */
static geo_status resolve(joining *k, differ_pieces *out, geo_vec *piece, const char *code, size_t depth, geo_err *err)
{
    const size_t n = strlen(code);
    const int32_t at = depth < DEEPEST ? geo_pool_find(k->coarse_codes, code, n) : GEO_POOL_NONE;
    geo_status st = GEO_OK;
    if (at != GEO_POOL_NONE) {
        const coarse *c = (const coarse *)k->coarse.items + at;
        const uint32_t *part = k->part[c->pub], to = k->part_at[c->pub][c->node + 1];
        for (uint32_t i = k->part_at[c->pub][c->node]; st == GEO_OK && i < to; i++)
            st = resolve(k, out, piece, k->own[c->pub]->atom[part[i]], depth + 1, err);
        return st;
    }
    int32_t id;
    int is_new;
    st = geo_pool_add(k->codes, code, n, &id, &is_new, err);
    if (st == GEO_OK && is_new) {
        out->n++;
        if (!geo_vec_append(&out->name, &code, 1, sizeof code))
            st = geo_err_nomem(err);
    }
    if (st == GEO_OK && (piece->n >= MOST_PIECES || !geo_vec_append(piece, &(uint32_t){(uint32_t)id}, 1, sizeof(uint32_t))))
        st = geo_err_nomem(err);
    return st;
}

static geo_status take_atoms(joining *k, differ_pieces *out, size_t p, geo_err *err)
{
    const publication_variable *v = k->own[p];
    geo_status st = GEO_OK;
    for (uint32_t a = 0; st == GEO_OK && a <= v->atoms_n; a++) {
        if (!geo_vec_append(&out->at[p], &(uint32_t){(uint32_t)out->piece[p].n}, 1, sizeof(uint32_t)))
            return geo_err_nomem(err);
        if (a < v->atoms_n)
            st = resolve(k, out, &out->piece[p], v->atom[a], 0, err);
    }
    return st;
}

geo_status geo_world_areas(differ_world *w, const publication_variable *const *own, differ_pieces *out, geo_err *err)
{
    joining k = {.w = w, .own = own, .coarse_codes = geo_pool_new(), .codes = geo_pool_new()};
    k.part_at = geo_arena_array(&w->arena, w->pubs_n + 1, sizeof *k.part_at);
    k.part = geo_arena_array(&w->arena, w->pubs_n + 1, sizeof *k.part);
    geo_status st = k.coarse_codes && k.codes && k.part_at && k.part ? GEO_OK : geo_err_nomem(err);
    for (size_t p = 0; st == GEO_OK && p < w->pubs_n; p++)
        if (own[p] && (st = list_parts(&k, p, err)) == GEO_OK)
            st = list_coarse(&k, p, err);
    for (size_t p = 0; st == GEO_OK && p < w->pubs_n; p++)
        if (own[p])
            st = take_atoms(&k, out, p, err);
    geo_vec_clear(&k.coarse);
    geo_pool_free(k.coarse_codes);
    geo_pool_free(k.codes);
    return st;
}
