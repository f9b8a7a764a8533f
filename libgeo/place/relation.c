/* How two levels relate: the parts of each area of the first among those of the other, one area's after another's. */
#include "../core/vec.h"
#include "lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct geo_relation {
    size_t from_n, to_n;
    size_t *part_at; /* from_n + 1 */
    geo_vec parts;   /* geo_share */
    bool best_fit;
    size_t several_n, unknown_n;    /* areas with more than one part; of which nobody knows how large */
    uint8_t *change_of, *change_to; /* geo_change; NULL: no change of one geography */
};

static geo_relation *new_relation(size_t from_n, size_t to_n, bool best_fit)
{
    geo_relation *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->from_n = from_n;
    r->to_n = to_n;
    r->best_fit = best_fit;
    r->part_at = calloc(from_n + 1, sizeof *r->part_at);
    if (r->part_at && geo_vec_reserve(&r->parts, from_n + 1, sizeof(geo_share)))
        return r;
    geo_relation_free(r);
    return NULL;
}

void geo_relation_free(geo_relation *r)
{
    if (!r)
        return;
    free(r->part_at);
    geo_vec_clear(&r->parts);
    free(r->change_of);
    free(r->change_to);
    free(r);
}

/*
 * End the parts of area i, which are those since the last one ended, in the order of their areas: one part is the whole, whatever it weighs,
 * and of several parts all are unknown when one is.
 */
static void end_area(geo_relation *r, size_t i)
{
    geo_share *parts = (geo_share *)r->parts.items + r->part_at[i];
    const size_t n = r->parts.n - r->part_at[i];
    r->part_at[i + 1] = r->parts.n;
    bool known = true;
    for (size_t k = 0; k < n; k++)
        known &= !isnan(parts[k].share);
    for (size_t k = 0; k < n; k++)
        if (n == 1 || !known)
            parts[k].share = n == 1 ? 1 : NAN;
    r->several_n += n > 1;
    r->unknown_n += n > 1 && !known;
}

/* ---- from the rows of a lookup ---- */

static int by_areas(const void *a, const void *b)
{
    const geo_pair *p = a, *q = b;
    if (p->from != q->from)
        return p->from < q->from ? -1 : 1;
    if (p->to != q->to)
        return p->to < q->to ? -1 : 1;
    return p->weight < q->weight ? -1 : p->weight > q->weight; /* so that sums do not depend on the order of the rows */
}

/* The parts of one area, of which these are all the pairs. Parts that weigh nothing are none, if others do. */
static bool add_area(geo_relation *r, const geo_pair *pairs, size_t n, bool weighted)
{
    double all = 0;
    for (size_t k = 0; weighted && k < n; k++)
        all += pairs[k].weight;
    if (!geo_vec_reserve(&r->parts, n, sizeof(geo_share)))
        return false;
    for (size_t k = 0, next; k < n; k = next) {
        double weight = 0;
        for (next = k; next < n && pairs[next].to == pairs[k].to; next++)
            weight += pairs[next].weight;
        const double share = all > 0 ? weight / all : NAN;
        if (share != 0) /* nor those that weigh nothing beside the others */
            ((geo_share *)r->parts.items)[r->parts.n++] = (geo_share){pairs[k].to, share};
    }
    end_area(r, (size_t)pairs[0].from);
    return true;
}

geo_status geo_relation_of_pairs(geo_pair *pairs, size_t n, size_t from_n, size_t to_n, bool weighted, bool best_fit, geo_relation **out,
                                 geo_err *err)
{
    geo_relation *r = new_relation(from_n, to_n, best_fit);
    bool ok = r != NULL;
    qsort(pairs, n, sizeof *pairs, by_areas);
    size_t k = 0;
    for (size_t i = 0; ok && i < from_n; i++) {
        const size_t first = k;
        while (k < n && (size_t)pairs[k].from == i)
            k++;
        if (k > first)
            ok = add_area(r, pairs + first, k - first, weighted);
        else
            r->part_at[i + 1] = r->part_at[i];
    }
    if (!ok) {
        geo_relation_free(r);
        return geo_err_nomem(err);
    }
    *out = r;
    return GEO_OK;
}

geo_status geo_relation_new(size_t from_n, size_t to_n, const size_t *part_at, const geo_share *shares, geo_fit fit, geo_relation **out,
                            geo_err *err)
{
    geo_relation *r = new_relation(from_n, to_n, fit == GEO_FIT_BEST);
    if (!r || !geo_vec_append(&r->parts, shares, part_at[from_n], sizeof *shares)) {
        geo_relation_free(r);
        return geo_err_nomem(err);
    }
    memcpy(r->part_at, part_at, (from_n + 1) * sizeof *part_at);
    for (size_t i = 0; i < from_n; i++)
        r->several_n += part_at[i + 1] - part_at[i] > 1;
    *out = r;
    return GEO_OK;
}

/* ---- chains ---- */

static int by_area(const void *a, const void *b)
{
    const geo_share *p = a, *q = b;
    if (p->area != q->area)
        return p->area < q->area ? -1 : 1;
    return p->share < q->share ? -1 : p->share > q->share;
}

/* The parts of the parts of area i; what the second lookup has no word of is in no area. */
static bool add_parts(const geo_relation *first, const geo_relation *then, size_t i, geo_vec *room)
{
    static const geo_share NOWHERE = {-1, 1};
    size_t n, m;
    const geo_share *parts = geo_relation_parts(first, i, &n);
    room->n = 0;
    for (size_t k = 0; k < n; k++) {
        const geo_share *more = parts[k].area < 0 ? NULL : geo_relation_parts(then, (size_t)parts[k].area, &m);
        if (!more || m == 0) {
            more = &NOWHERE;
            m = 1;
        }
        if (!geo_vec_reserve(room, m, sizeof(geo_share)))
            return false;
        for (size_t l = 0; l < m; l++)
            ((geo_share *)room->items)[room->n++] = (geo_share){more[l].area, parts[k].share * more[l].share};
    }
    return true;
}

/* Append parts in the order of their areas, each area once. */
static bool gather(geo_relation *r, const geo_vec *parts)
{
    geo_share *all = parts->items;
    if (parts->n)
        qsort(all, parts->n, sizeof *all, by_area);
    if (!geo_vec_reserve(&r->parts, parts->n + 1, sizeof(geo_share)))
        return false;
    for (size_t k = 0, next; k < parts->n; k = next) {
        geo_share sum = {all[k].area, 0};
        for (next = k; next < parts->n && all[next].area == all[k].area; next++)
            sum.share += all[next].share;
        sum.share = sum.share > 1 ? 1 : sum.share; /* rounding, beside parts of next to nothing */
        if (sum.share != 0)
            ((geo_share *)r->parts.items)[r->parts.n++] = sum;
    }
    return true;
}

geo_status geo_relation_chain(const geo_relation *first, const geo_relation *then, geo_relation **out, geo_err *err)
{
    geo_relation *r = new_relation(first->from_n, then->to_n, first->best_fit || then->best_fit);
    geo_vec room = {0};
    bool ok = r != NULL;
    for (size_t i = 0; ok && i < first->from_n; i++) {
        ok = add_parts(first, then, i, &room) && gather(r, &room);
        if (ok)
            end_area(r, i);
    }
    geo_vec_clear(&room);
    if (!ok) {
        geo_relation_free(r);
        return geo_err_nomem(err);
    }
    *out = r;
    return GEO_OK;
}

/* ---- changes ---- */

static size_t root_of(size_t *parent, size_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static geo_change change_of_group(uint32_t from_n, uint32_t to_n)
{
    return from_n > 1 ? (to_n > 1 ? GEO_CHANGE_COMPLEX : GEO_CHANGE_MERGED) : to_n > 1 ? GEO_CHANGE_SPLIT : GEO_CHANGE_NONE;
}

/* Areas of both years that hang together are a group; its kind is how many it has of each. */
geo_status geo_relation_find_changes(geo_relation *r, geo_err *err)
{
    const size_t all_n = r->from_n + r->to_n;
    size_t *parent = malloc((all_n + 1) * sizeof *parent);
    uint32_t *from_n = calloc(all_n + 1, sizeof *from_n), *to_n = calloc(all_n + 1, sizeof *to_n);
    r->change_of = malloc(r->from_n + 1);
    r->change_to = malloc(r->to_n + 1);
    const bool ok = parent && from_n && to_n && r->change_of && r->change_to;
    for (size_t i = 0; ok && i < all_n; i++)
        parent[i] = i;
    for (size_t i = 0; ok && i < r->from_n; i++) {
        size_t n;
        const geo_share *parts = geo_relation_parts(r, i, &n);
        for (size_t k = 0; k < n; k++)
            if (parts[k].area >= 0)
                parent[root_of(parent, i)] = root_of(parent, r->from_n + (size_t)parts[k].area);
    }
    for (size_t i = 0; ok && i < all_n; i++)
        (i < r->from_n ? from_n : to_n)[root_of(parent, i)]++;
    for (size_t i = 0; ok && i < all_n; i++) {
        const size_t group = root_of(parent, i);
        (i < r->from_n ? r->change_of + i : r->change_to + (i - r->from_n))[0] = (uint8_t)change_of_group(from_n[group], to_n[group]);
    }
    free(parent);
    free(from_n);
    free(to_n);
    return ok ? GEO_OK : geo_err_nomem(err);
}

/* ---- asking ---- */

geo_fit geo_relation_fit(const geo_relation *r)
{
    return r->unknown_n ? GEO_FIT_UNKNOWN : r->several_n ? GEO_FIT_SHARES : r->best_fit ? GEO_FIT_BEST : GEO_FIT_NESTS;
}

const geo_share *geo_relation_parts(const geo_relation *r, size_t i, size_t *n)
{
    *n = r->part_at[i + 1] - r->part_at[i];
    return (const geo_share *)r->parts.items + r->part_at[i];
}

bool geo_relation_is_best_fit(const geo_relation *r)
{
    return r->best_fit;
}

size_t geo_relation_unknown(const geo_relation *r)
{
    return r->unknown_n;
}

bool geo_relation_is_change(const geo_relation *r)
{
    return r->change_of != NULL;
}

geo_change geo_relation_change_of(const geo_relation *r, size_t i)
{
    return r->change_of ? (geo_change)r->change_of[i] : GEO_CHANGE_NONE;
}

geo_change geo_relation_change_to(const geo_relation *r, size_t i)
{
    return r->change_to ? (geo_change)r->change_to[i] : GEO_CHANGE_NONE;
}
