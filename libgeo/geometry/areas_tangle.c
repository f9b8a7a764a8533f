/*
 * Do the rings of an area cross or touch themselves? Edges that meet share a stripe, so only those of a stripe are compared, in order of
 * their west ends. What OGC 06-103r4 (6.1.11) forbids and this finds: a ring that crosses or touches itself, two rings that cross or run
 * along each other, a hole outside its shell or in another, a shell in another shell. Of rings that cross in vertices alone it finds those
 * that have another vertex on the wrong side; the others have two vertices at least on each other, and are left unsettled.
 */
#include "areas.h"

#include <stdlib.h>

#define COMPARISONS_PER_EDGE 256 /* then the area is left unsettled: hostile input must not cost quadratic time */

#define FEW 64 /* edges of a stripe that are compared each with each */

typedef struct piece {
    double x_min, x_max;
    uint32_t edge;
} piece;

static int by_west_end(const void *a, const void *b)
{
    const piece *p = a, *q = b;
    if (p->x_min != q->x_min)
        return p->x_min < q->x_min ? -1 : 1;
    return p->edge < q->edge ? -1 : p->edge > q->edge;
}

static bool in_box(geo_xy a, geo_xy b, geo_xy p)
{
    return p.x >= geo_min(a.x, b.x) && p.x <= geo_max(a.x, b.x) && p.y >= geo_min(a.y, b.y) && p.y <= geo_max(a.y, b.y);
}

/* Edges p -> q and q -> r: does r turn back along the first? */
static bool folds_back(geo_xy p, geo_xy q, geo_xy r)
{
    return geo_orient_filtered(p, q, r) == 0 && (in_box(p, q, r) || in_box(q, r, p));
}

static bool share_point(geo_xy a, geo_xy b, geo_xy c, geo_xy d)
{
    const int abc = geo_orient_filtered(a, b, c), abd = geo_orient_filtered(a, b, d), cda = geo_orient_filtered(c, d, a),
              cdb = geo_orient_filtered(c, d, b);
    if (abc * abd < 0 && cda * cdb < 0)
        return true;
    return (abc == 0 && in_box(a, b, c)) || (abd == 0 && in_box(a, b, d)) || (cda == 0 && in_box(c, d, a)) || (cdb == 0 && in_box(c, d, b));
}

/* Cross in their interiors, or run along each other for a stretch. */
static bool cross(geo_xy a, geo_xy b, geo_xy c, geo_xy d)
{
    const int abc = geo_orient_filtered(a, b, c), abd = geo_orient_filtered(a, b, d);
    if (abc == 0 && abd == 0) {
        if (a.x != b.x)
            return geo_max(geo_min(a.x, b.x), geo_min(c.x, d.x)) < geo_min(geo_max(a.x, b.x), geo_max(c.x, d.x));
        return geo_max(geo_min(a.y, b.y), geo_min(c.y, d.y)) < geo_min(geo_max(a.y, b.y), geo_max(c.y, d.y));
    }
    return abc * abd < 0 && geo_orient_filtered(c, d, a) * geo_orient_filtered(c, d, b) < 0;
}

/* Two edges of a stripe that do not follow each other in their ring. */
static bool tangle(const geo_areas *s, const area *a, uint32_t e, uint32_t f)
{
    const geo_xy *v = s->vertices.items;
    const geo_xy p = v[e], q = v[e + 1], r = v[f], t = v[f + 1];
    if (geo_min(p.y, q.y) > geo_max(r.y, t.y) || geo_min(r.y, t.y) > geo_max(p.y, q.y))
        return false;
    const uint32_t ring = geo_ring_of(s, a, e);
    if (a->rings_n > 1 && ring != geo_ring_of(s, a, f))
        return cross(p, q, r, t);
    const uint32_t first = e < f ? e : f, second = e < f ? f : e, *start = s->ring_start.items;
    const uint32_t last = geo_ring_end(s, a, ring) - 2;
    return !(first == start[ring] && second == last) && share_point(p, q, r, t);
}

/* Does an edge of the ring turn back along the one before? Only then do the two share more than their vertex. */
static bool ring_folds(const geo_xy *v, uint32_t n)
{
    for (uint32_t i = 0; i + 1 < n; i++) {
        const geo_xy p = v[i], q = v[i + 1], r = i + 2 < n ? v[i + 2] : v[1];
        const bool turns = (q.x - p.x) * (r.x - q.x) + (q.y - p.y) * (r.y - q.y) <= 0;
        if (turns && folds_back(p, q, r))
            return true;
    }
    return false;
}

static bool any_ring_folds(const geo_areas *s, const area *a)
{
    const uint32_t *start = s->ring_start.items;
    for (uint32_t ring = a->first_ring; ring < a->first_ring + a->rings_n; ring++) {
        const uint32_t end = geo_ring_end(s, a, ring);
        if (ring_folds((const geo_xy *)s->vertices.items + start[ring], end - start[ring]))
            return true;
    }
    return false;
}

static bool follow(uint32_t e, uint32_t f)
{
    return e - f == 1 || f - e == 1;
}

/*
 * Are there two among a few edges of a stripe that tangle? Nearly all pairs are told apart by their boxes, in single precision: rounding
 * keeps the order, so boxes that meet still do. Edges of a stripe stand in falling order, so one that follows another is next to it.
 */
static bool few_tangle(const geo_areas *s, const area *a, const uint32_t *edge, size_t n)
{
    float west[FEW], east[FEW], south[FEW], north[FEW];
    const geo_xy *v = s->vertices.items;
    for (size_t i = 0; i < n; i++) {
        const geo_xy p = v[edge[i]], q = v[edge[i] + 1];
        west[i] = (float)geo_min(p.x, q.x);
        east[i] = (float)geo_max(p.x, q.x);
        south[i] = (float)geo_min(p.y, q.y);
        north[i] = (float)geo_max(p.y, q.y);
    }
    for (size_t i = 0; i + 1 < n; i++) {
        const size_t from = i + 1 + follow(edge[i], edge[i + 1]);
        int meet = 0;
        for (size_t j = from; j < n; j++)
            meet |= (west[j] <= east[i]) & (east[j] >= west[i]) & (south[j] <= north[i]) & (north[j] >= south[i]);
        for (size_t j = from; meet && j < n; j++)
            if (west[j] <= east[i] && east[j] >= west[i] && !follow(edge[i], edge[j]) && tangle(s, a, edge[i], edge[j]))
                return true;
    }
    return false;
}

/* The same among many, in order of their west ends; gives up after *left comparisons. */
static bool many_tangle(const geo_areas *s, const area *a, const uint32_t *edge, size_t n, size_t *left)
{
    const geo_xy *v = s->vertices.items;
    piece *pieces = malloc(n * sizeof *pieces);
    bool tangled = false;
    if (!pieces) {
        *left = 0;
        return false;
    }
    for (size_t i = 0; i < n; i++)
        pieces[i] = (piece){geo_min(v[edge[i]].x, v[edge[i] + 1].x), geo_max(v[edge[i]].x, v[edge[i] + 1].x), edge[i]};
    qsort(pieces, n, sizeof *pieces, by_west_end);
    for (size_t i = 0; i < n && !tangled && *left; i++)
        for (size_t j = i + 1; j < n && pieces[j].x_min <= pieces[i].x_max && !tangled && *left; j++) {
            --*left;
            tangled = !follow(pieces[i].edge, pieces[j].edge) && tangle(s, a, pieces[i].edge, pieces[j].edge);
        }
    free(pieces);
    return tangled;
}

/* How many rings but its own hold a vertex, as a parity; false in *clear when one of them touches it. */
static bool parity_of_others(const geo_areas *s, const area *a, uint32_t vertex, uint32_t ring, bool *clear, size_t *left)
{
    const geo_xy *v = s->vertices.items, p = v[vertex];
    const uint32_t k = a->first_stripe + geo_area_stripe(a, p.y);
    bool odd = false;
    *clear = true;
    for (uint32_t i = s->stripe_at[k]; i < s->stripe_at[k + 1] && *clear; i++) {
        const uint32_t e = s->edge[i];
        *left -= *left > 0;
        if (e >= ((const uint32_t *)s->ring_start.items)[ring] && e < geo_ring_end(s, a, ring))
            continue;
        odd ^= geo_passes_east(v[e], v[e + 1], p);
        *clear = !(in_box(v[e], v[e + 1], p) && geo_orient_filtered(v[e], v[e + 1], p) == 0);
    }
    return odd;
}

/*
 * Is there a vertex of a shell that other rings hold an odd number of times, or one of a hole that they hold an even number of times?
 * Counts the vertices that touch other rings.
 */
static bool any_ring_misplaced(const geo_areas *s, const area *a, size_t *left, size_t *touches)
{
    for (uint32_t ring = a->first_ring; a->rings_n > 1 && ring < a->first_ring + a->rings_n; ring++) {
        const uint32_t from = ((const uint32_t *)s->ring_start.items)[ring], to = geo_ring_end(s, a, ring);
        for (uint32_t v = from; v < to && *left; v++) {
            bool clear;
            const bool odd = parity_of_others(s, a, v, ring, &clear, left);
            *touches += !clear && v + 1 < to; /* the last repeats the first */
            if (clear && odd != ((const bool *)s->ring_hole.items)[ring])
                return true;
        }
    }
    return false;
}

geo_tangle geo_area_tangle(const geo_areas *s, const area *a)
{
    size_t left = (size_t)a->vertices_n * COMPARISONS_PER_EDGE, touches = 0;
    bool tangled = any_ring_folds(s, a);
    for (uint32_t k = a->first_stripe; k < a->first_stripe + a->stripes_n && !tangled; k++) {
        const uint32_t from = s->stripe_at[k];
        const size_t n = s->stripe_at[k + 1] - from;
        tangled = n <= FEW ? few_tangle(s, a, s->edge + from, n) : many_tangle(s, a, s->edge + from, n, &left);
    }
    if (tangled || any_ring_misplaced(s, a, &left, &touches))
        return GEO_TANGLED;
    return left == 0 || touches > 1 ? GEO_UNSETTLED : GEO_UNTANGLED;
}
