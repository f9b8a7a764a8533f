/* Areas made ready for overlaps: the sign of each ring, the size of each area, and edges that stand for tangled ones. */
#include "overlap.h"

#include "geo/parallel.h"

#include <string.h>

#define AREAS_AT_ONCE 64
#define UNCUT UINT32_MAX

/* Twice the size within a ring, its corners counted from a place near by: positive when it runs counter-clockwise. */
static double twice_in_ring(const geo_xy *v, uint32_t n, geo_xy o)
{
    geo_sum twice = {0, 0};
    for (uint32_t i = 0; i + 1 < n; i++)
        geo_sum_add(&twice, (v[i].x - o.x) * (v[i + 1].y - o.y) - (v[i + 1].x - o.x) * (v[i].y - o.y));
    return geo_sum_value(&twice);
}

static void survey_areas(void *ctx, size_t lo, size_t hi)
{
    overlap_side *side = ctx;
    const geo_areas *s = side->s;
    for (size_t i = lo; i < hi; i++) {
        const area *a = (const area *)s->areas.items + i;
        double twice = 0;
        for (uint32_t ring = a->first_ring; ring < a->first_ring + a->rings_n; ring++) {
            const uint32_t from = ((const uint32_t *)s->ring_start.items)[ring];
            const double own =
                twice_in_ring((const geo_xy *)s->vertices.items + from, geo_ring_end(s, a, ring) - from, (geo_xy){a->x_min, a->y_min});
            const bool hole = ((const bool *)s->ring_hole.items)[ring];
            side->ring_sign[ring] = (own > 0) == hole ? -1 : 1;
            twice += hole ? -fabs(own) : fabs(own);
        }
        side->size[i] = geo_max(twice, 0) / 2;
    }
}

/* What lies west of the pieces of a cut area in its box, with signs. */
static double size_of_cut(const geo_xy *v, size_t n, const area *a)
{
    geo_sum twice = {0, 0};
    for (size_t i = 0; i + 1 < n; i += 2)
        geo_sum_add(&twice, ((v[i].x - a->x_min) + (v[i + 1].x - a->x_min)) * (v[i + 1].y - v[i].y));
    return geo_max(geo_sum_value(&twice), 0) / 2;
}

/* Append an area of pieces, each a ring of two vertices to whoever goes through them. */
static geo_status add_cut(overlap_side *side, const area *a, const geo_vec *pieces, geo_err *err)
{
    geo_areas *c = side->cut;
    if (c->vertices.n + pieces->n >= UINT32_MAX)
        return geo_err_set(err, GEO_ENOMEM, "the rings of the areas cross too often");
    if (!geo_vec_reserve(&c->vertices, pieces->n, sizeof(geo_xy)) || !geo_vec_reserve(&c->ring_start, pieces->n / 2, sizeof(uint32_t))
        || !geo_vec_reserve(&c->areas, 1, sizeof(area)))
        return geo_err_nomem(err);
    area *own = (area *)c->areas.items + c->areas.n++;
    *own = *a;
    own->first_vertex = (uint32_t)c->vertices.n;
    own->vertices_n = (uint32_t)pieces->n;
    own->first_ring = (uint32_t)c->ring_start.n;
    own->rings_n = (uint32_t)pieces->n / 2;
    for (size_t i = 0; i < pieces->n; i += 2)
        ((uint32_t *)c->ring_start.items)[c->ring_start.n++] = (uint32_t)(c->vertices.n + i);
    if (pieces->n)
        memcpy((geo_xy *)c->vertices.items + c->vertices.n, pieces->items, pieces->n * sizeof(geo_xy));
    c->vertices.n += pieces->n;
    return GEO_OK;
}

typedef struct untangling {
    overlap_side *side;
    const uint32_t *tangled; /* numbers of areas */
    const geo_watch *watch;
    geo_vec *pieces; /* geo_xy, of each */
    geo_status *status;
} untangling;

static void untangle_areas(void *ctx, size_t lo, size_t hi)
{
    const untangling *w = ctx;
    for (size_t k = lo; k < hi; k++) {
        const area *a = (const area *)w->side->s->areas.items + w->tangled[k];
        w->status[k] = geo_area_untangle(w->side->s, a, w->watch, &w->pieces[k], NULL);
        w->side->size[w->tangled[k]] = size_of_cut(w->pieces[k].items, w->pieces[k].n, a);
    }
}

static geo_status keep_cut(const untangling *w, size_t n, geo_err *err)
{
    overlap_side *side = w->side;
    geo_status st = GEO_OK;
    for (size_t k = 0; k < n && st == GEO_OK; k++) {
        side->cut_at[w->tangled[k]] = (uint32_t)k;
        if (w->status[k] == GEO_ESTOP)
            st = geo_err_set(err, GEO_ESTOP, "interrupted");
        else
            st = w->status[k] < 0 ? geo_err_nomem(err)
                                  : add_cut(side, (const area *)side->s->areas.items + w->tangled[k], &w->pieces[k], err);
    }
    return st;
}

static geo_status cut_tangled(overlap_side *side, const uint32_t *tangled, size_t n, int threads, const geo_watch *watch, geo_err *err)
{
    untangling w = {side, tangled, watch, calloc(n, sizeof *w.pieces), calloc(n, sizeof *w.status)};
    geo_status st = GEO_OK;
    side->cut = geo_areas_new();
    side->cut_at = malloc(side->s->areas.n * sizeof *side->cut_at);
    if (w.pieces && w.status && side->cut && side->cut_at) {
        memset(side->cut_at, 0xFF, side->s->areas.n * sizeof *side->cut_at);
        geo_parallel_for(n, 1, threads, untangle_areas, &w);
        st = keep_cut(&w, n, err);
        if (st == GEO_OK)
            st = geo_areas_build_stripes(side->cut, false, threads, err);
    } else {
        st = geo_err_nomem(err);
    }
    for (size_t k = 0; w.pieces && k < n; k++)
        geo_vec_clear(&w.pieces[k]);
    free(w.pieces);
    free(w.status);
    return st;
}

geo_status geo_overlap_side_open(overlap_side *side, const geo_areas *s, int threads, const geo_watch *watch, geo_err *err)
{
    const size_t n = s->areas.n;
    *side = (overlap_side){.s = s};
    if (!s->stripe_at || !s->tangle)
        return geo_err_set(err, GEO_EARG, "the index of the areas was not built");
    side->ring_sign = malloc(s->ring_start.n + 1);
    side->size = malloc((n + 1) * sizeof *side->size);
    uint32_t *tangled = malloc((n + 1) * sizeof *tangled);
    geo_status st = GEO_OK;
    if (side->ring_sign && side->size && tangled) {
        geo_parallel_for(n, AREAS_AT_ONCE, threads, survey_areas, side);
        size_t tangled_n = 0;
        for (size_t i = 0; i < n; i++)
            if (s->tangle[i] != GEO_UNTANGLED)
                tangled[tangled_n++] = (uint32_t)i;
        if (tangled_n)
            st = cut_tangled(side, tangled, tangled_n, threads, watch, err);
    } else {
        st = geo_err_nomem(err);
    }
    free(tangled);
    return st;
}

void geo_overlap_side_close(overlap_side *side)
{
    geo_areas_free(side->cut);
    free(side->cut_at);
    free(side->ring_sign);
    free(side->size);
    *side = (overlap_side){0};
}

outline geo_overlap_outline(const overlap_side *side, size_t i)
{
    if (side->cut && side->cut_at[i] != UNCUT)
        return (outline){side->cut, (const area *)side->cut->areas.items + side->cut_at[i], NULL};
    return (outline){side->s, (const area *)side->s->areas.items + i, side->ring_sign};
}

geo_status geo_areas_sizes(const geo_areas *areas, int threads, const geo_watch *watch, double *size, geo_err *err)
{
    overlap_side side;
    const geo_status st = geo_overlap_side_open(&side, areas, threads, watch, err);
    if (st == GEO_OK)
        memcpy(size, side.size, areas->areas.n * sizeof *size);
    geo_overlap_side_close(&side);
    return st;
}
