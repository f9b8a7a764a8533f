/*
 * Categories over the same pieces: bands of numbers are cut at every number at which a band of any publication begins or ends; other texts are
 * equal, in whatever letter case, or have nothing to do with each other.
 */
#include "bands.h"
#include "differ.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct cutting {
    differ_world *w;
    const publication_variable *const *own;
    geo_band **band; /* of each publication: of its atoms; end 0: none. NULL: its bands overlap, so they are texts */
    geo_vec cut;     /* int64_t, ascending */
    bool open;       /* some band has no end */
    uint32_t *piece; /* of each range between two cuts; DIFFER_NOWHERE: no band has it */
    geo_pool *texts;
    uint32_t *text_piece;
    size_t texts_room;
} cutting;

static int by_number(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int by_first(const void *a, const void *b)
{
    const geo_band *x = a, *y = b;
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first) : (x->end > y->end) - (x->end < y->end);
}

/* Do any two overlap? Then they are no division of anything ("0-10", "10-20"). sorted: room for n. */
static bool overlap(const geo_band *band, size_t n, geo_band *sorted)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (band[i].end)
            sorted[kept++] = band[i];
    qsort(sorted, kept, sizeof *sorted, by_first);
    for (size_t i = 1; i < kept; i++)
        if (sorted[i].first < sorted[i - 1].end)
            return true;
    return false;
}

static geo_status read_bands(cutting *k, geo_err *err)
{
    for (size_t p = 0; p < k->w->pubs_n; p++) {
        const publication_variable *v = k->own[p];
        if (!v)
            continue;
        geo_band *band = geo_arena_array(&k->w->arena, (size_t)v->atoms_n + 1, sizeof *band),
                 *room = malloc((v->atoms_n + 1) * sizeof *room);
        if (!band || !room) {
            free(room);
            return geo_err_nomem(err);
        }
        for (uint32_t a = 0; a < v->atoms_n; a++)
            if (!geo_band_parse(v->atom[a], strlen(v->atom[a]), &band[a]))
                band[a] = (geo_band){0, 0};
        k->band[p] = overlap(band, v->atoms_n, room) ? NULL : band;
        free(room);
        for (uint32_t a = 0; k->band[p] && a < v->atoms_n; a++) {
            if (!band[a].end)
                continue;
            k->open = k->open || band[a].end == BAND_END;
            if (!geo_vec_append(&k->cut, &band[a].first, 1, sizeof(int64_t))
                || (band[a].end != BAND_END && !geo_vec_append(&k->cut, &band[a].end, 1, sizeof(int64_t))))
                return geo_err_nomem(err);
        }
    }
    int64_t *cut = k->cut.items;
    size_t n = 0;
    if (k->cut.n)
        qsort(cut, k->cut.n, sizeof *cut, by_number);
    for (size_t i = 0; i < k->cut.n; i++)
        if (!n || cut[n - 1] != cut[i])
            cut[n++] = cut[i];
    k->cut.n = n;
    return GEO_OK;
}

/* Number of a cut. */
static size_t cut_at(const cutting *k, int64_t number)
{
    if (number == BAND_END)
        return k->cut.n;
    const int64_t *at = bsearch(&number, k->cut.items, k->cut.n, sizeof number, by_number);
    return at ? (size_t)(at - (const int64_t *)k->cut.items) : k->cut.n;
}

static geo_status new_piece(cutting *k, differ_pieces *out, const char *name, uint32_t *piece, geo_err *err)
{
    const char *copy = geo_arena_text(&k->w->arena, name, strlen(name));
    if (!copy || !geo_vec_append(&out->name, &copy, 1, sizeof copy))
        return geo_err_nomem(err);
    *piece = out->n++;
    return GEO_OK;
}

/* The ranges of a band become pieces as they are met. */
static geo_status take_band(cutting *k, differ_pieces *out, geo_vec *piece, geo_band band, geo_err *err)
{
    const int64_t *cut = k->cut.items;
    geo_status st = GEO_OK;
    for (size_t i = cut_at(k, band.first); st == GEO_OK && i < cut_at(k, band.end); i++) {
        char name[64];
        if (i + 1 == k->cut.n)
            snprintf(name, sizeof name, "%" PRId64 "+", cut[i]);
        else if (cut[i + 1] == cut[i] + 1)
            snprintf(name, sizeof name, "%" PRId64, cut[i]);
        else
            snprintf(name, sizeof name, "%" PRId64 "-%" PRId64, cut[i], cut[i + 1] - 1);
        if (k->piece[i] == DIFFER_NOWHERE)
            st = new_piece(k, out, name, &k->piece[i], err);
        if (st == GEO_OK && !geo_vec_append(piece, &k->piece[i], 1, sizeof(uint32_t)))
            st = geo_err_nomem(err);
    }
    return st;
}

static geo_status take_text(cutting *k, differ_pieces *out, geo_vec *piece, const char *s, geo_err *err)
{
    const size_t n = strlen(s);
    char *folded = geo_arena_text(&k->w->arena, s, n);
    int32_t id;
    int is_new;
    if (!folded)
        return geo_err_nomem(err);
    for (size_t i = 0; i < n; i++)
        folded[i] = folded[i] >= 'A' && folded[i] <= 'Z' ? (char)(folded[i] + 32) : folded[i];
    geo_status st = geo_pool_add(k->texts, folded, n, &id, &is_new, err);
    if (st == GEO_OK && is_new)
        st = new_piece(k, out, s, &k->text_piece[id], err);
    if (st == GEO_OK && !geo_vec_append(piece, &k->text_piece[id], 1, sizeof(uint32_t)))
        st = geo_err_nomem(err);
    return st;
}

static geo_status take_atoms(cutting *k, differ_pieces *out, geo_err *err)
{
    geo_status st = GEO_OK;
    for (size_t p = 0; st == GEO_OK && p < k->w->pubs_n; p++) {
        const publication_variable *v = k->own[p];
        for (uint32_t a = 0; st == GEO_OK && v && a <= v->atoms_n; a++) {
            if (!geo_vec_append(&out->at[p], &(uint32_t){(uint32_t)out->piece[p].n}, 1, sizeof(uint32_t)))
                return geo_err_nomem(err);
            if (a < v->atoms_n)
                st = k->band[p] && k->band[p][a].end ? take_band(k, out, &out->piece[p], k->band[p][a], err)
                                                     : take_text(k, out, &out->piece[p], v->atom[a], err);
        }
    }
    return st;
}

geo_status geo_world_categories(differ_world *w, const publication_variable *const *own, differ_pieces *out, geo_err *err)
{
    cutting k = {.w = w, .own = own, .texts = geo_pool_new()};
    size_t atoms_n = 0;
    for (size_t p = 0; p < w->pubs_n; p++)
        atoms_n += own[p] ? own[p]->atoms_n : 0;
    k.band = geo_arena_array(&w->arena, w->pubs_n + 1, sizeof *k.band);
    k.text_piece = geo_arena_array(&w->arena, atoms_n + 1, sizeof *k.text_piece);
    geo_status st = k.texts && k.band && k.text_piece ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK) {
        memset(k.band, 0, w->pubs_n * sizeof *k.band);
        st = read_bands(&k, err);
    }
    if (st == GEO_OK && !(k.piece = geo_arena_array(&w->arena, k.cut.n + 1, sizeof *k.piece)))
        st = geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i <= k.cut.n; i++)
        k.piece[i] = DIFFER_NOWHERE;
    if (st == GEO_OK)
        st = take_atoms(&k, out, err);
    geo_vec_clear(&k.cut);
    geo_pool_free(k.texts);
    return st;
}
