/* Gathering areas and cutting their edges into stripes. */
#include "areas.h"

#include "geo/parallel.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define EDGES_PER_STRIPE 3
#define COPIES_PER_EDGE 3 /* ceiling for tall edges: an edge stands in every stripe it passes */
#define LARGEST_COORDINATE 1e100
#define AREAS_AT_ONCE 64

geo_areas *geo_areas_new(void)
{
    return calloc(1, sizeof(geo_areas));
}

void geo_areas_free(geo_areas *s)
{
    if (!s)
        return;
    free(s->rank);
    if (!s->lent) {
        geo_vec_clear(&s->vertices);
        geo_vec_clear(&s->ring_start);
        geo_vec_clear(&s->ring_hole);
        geo_vec_clear(&s->areas);
        free(s->tangle);
        free(s->stripe_at);
        free(s->edge);
        free(s->cell);
        free(s->candidates);
    }
    free(s);
}

void geo_areas_reserve(geo_areas *s, size_t vertices_n)
{
    if (s->vertices.items || vertices_n == 0 || vertices_n > UINT32_MAX)
        return;
    s->vertices.items = malloc(vertices_n * sizeof(geo_xy));
    s->vertices.room = s->vertices.items ? vertices_n : 0;
}

size_t geo_areas_count(const geo_areas *s)
{
    return s->areas.n;
}

bool geo_areas_is_empty(const geo_areas *s, size_t i)
{
    const area *a = (const area *)s->areas.items + i;
    return a->x_min > a->x_max;
}

bool geo_areas_is_tangled(const geo_areas *s, size_t i)
{
    return s->tangle && s->tangle[i] == GEO_TANGLED;
}

bool geo_areas_overlap(const geo_areas *s, size_t *a, size_t *b)
{
    *a = s->overlap_a;
    *b = s->overlap_b;
    return s->overlaps;
}

bool geo_areas_box(const geo_areas *s, geo_xy *low, geo_xy *high)
{
    *low = (geo_xy){INFINITY, INFINITY};
    *high = (geo_xy){-INFINITY, -INFINITY};
    for (size_t i = 0; i < s->areas.n; i++) {
        const area *a = (const area *)s->areas.items + i;
        low->x = geo_min(low->x, a->x_min);
        low->y = geo_min(low->y, a->y_min);
        high->x = geo_max(high->x, a->x_max);
        high->y = geo_max(high->y, a->y_max);
    }
    return low->x <= high->x;
}

/* ---- gathering ---- */

/* Append one ring without its repeated vertices. False when memory is out; *usable false for a coordinate out of bounds. */
static bool add_ring(geo_areas *s, area *a, bool hole, const double *x, const double *y, size_t n, bool *usable)
{
    if (!geo_vec_reserve(&s->vertices, n, sizeof(geo_xy)) || !geo_vec_reserve(&s->ring_start, 1, sizeof(uint32_t))
        || !geo_vec_reserve(&s->ring_hole, 1, sizeof(bool)))
        return false;
    ((uint32_t *)s->ring_start.items)[s->ring_start.n++] = (uint32_t)s->vertices.n;
    ((bool *)s->ring_hole.items)[s->ring_hole.n++] = hole;
    geo_xy *const start = (geo_xy *)s->vertices.items + s->vertices.n, *out = start;
    for (size_t i = 0; i < n; i++) {
        const geo_xy p = {geo_flush_tiny(x[i]), geo_flush_tiny(y[i])};
        *usable &= fabs(p.x) <= LARGEST_COORDINATE && fabs(p.y) <= LARGEST_COORDINATE;
        if (out > start && out[-1].x == p.x && out[-1].y == p.y)
            continue;
        *out++ = p;
        a->x_min = geo_min(a->x_min, p.x);
        a->x_max = geo_max(a->x_max, p.x);
        a->y_min = geo_min(a->y_min, p.y);
        a->y_max = geo_max(a->y_max, p.y);
    }
    s->vertices.n += (size_t)(out - start);
    return true;
}

static geo_status add_area(geo_areas *s, const geo_geometries *g, size_t r, geo_err *err)
{
    if (!geo_vec_reserve(&s->areas, 1, sizeof(area)))
        return geo_err_nomem(err);
    area *a = (area *)s->areas.items + s->areas.n;
    *a = (area){.x_min = INFINITY,
                .x_max = -INFINITY,
                .y_min = INFINITY,
                .y_max = -INFINITY,
                .first_vertex = (uint32_t)s->vertices.n,
                .first_ring = (uint32_t)s->ring_start.n};
    const geo_geometry_kind kind = g->kind ? (geo_geometry_kind)g->kind[r] : GEO_POINT;
    bool usable = kind == GEO_POLYGON || kind == GEO_MULTIPOLYGON;
    for (int64_t p = usable ? g->part_at[r] : 0; usable && p < g->part_at[r + 1]; p++)
        for (int64_t k = g->ring_at[p]; k < g->ring_at[p + 1]; k++) {
            const int64_t from = g->vertex_at[k];
            const size_t n = (size_t)(g->vertex_at[k + 1] - from);
            if (s->vertices.n + n >= UINT32_MAX)
                return geo_err_set(err, GEO_ENOMEM, "the areas have more than 4 thousand million vertices");
            if (!add_ring(s, a, k > g->ring_at[p], g->x + from, g->y + from, n, &usable))
                return geo_err_nomem(err);
        }
    const bool a_point = a->x_min == a->x_max && a->y_min == a->y_max; /* all vertices are one */
    if (!usable || a_point || s->vertices.n == a->first_vertex) {
        s->vertices.n = a->first_vertex;
        s->ring_start.n = s->ring_hole.n = a->first_ring;
        a->x_min = a->y_min = INFINITY;
        a->x_max = a->y_max = -INFINITY;
    }
    a->vertices_n = (uint32_t)s->vertices.n - a->first_vertex;
    a->rings_n = (uint32_t)s->ring_start.n - a->first_ring;
    s->areas.n++;
    return GEO_OK;
}

geo_status geo_areas_add(geo_areas *s, const geo_column *geometry, size_t rows_n, geo_err *err)
{
    if (rows_n > (size_t)INT32_MAX / 2 - s->areas.n)
        return geo_err_set(err, GEO_ENOMEM, "more areas than an index can hold");
    for (size_t r = 0; r < rows_n; r++) {
        const geo_status st = add_area(s, geometry->geometries, r, err);
        if (st < 0)
            return st;
    }
    return GEO_OK;
}

/* ---- stripes ---- */

typedef struct striping {
    geo_areas *s;
    bool find_tangles;
    size_t room;           /* of s->edge */
    _Atomic size_t used_n; /* of it: each area takes the next places, whichever thread has it */
    double *reach;         /* of each area: lengths of its edges along both axes */
    bool *failed;          /* one for each AREAS_AT_ONCE areas */
} striping;

/* How many stripes an area gets, and its reach. */
static double choose_stripes(const geo_areas *s, area *a)
{
    const geo_xy *v = s->vertices.items;
    double widths = 0, heights = 0;
    size_t edges_n = 0;
    FOR_EACH_EDGE (s, a, e) {
        widths += fabs(v[e + 1].x - v[e].x);
        heights += fabs(v[e + 1].y - v[e].y);
        edges_n++;
    }
    const double height = a->y_max - a->y_min;
    double n = (double)edges_n / EDGES_PER_STRIPE;
    if (heights > 0)
        n = geo_min(n, COPIES_PER_EDGE * (double)edges_n * (height / heights));
    a->stripes_n = height > 0 && n > 1 ? (uint32_t)n : 1;
    a->stripes_per_y = height > 0 ? a->stripes_n / height : 0;
    return widths + heights;
}

/* Put the edges of an area into its stripes, given the stripe of each of its vertices. False when there are too many. */
static bool fill_stripes(striping *w, const area *a, const uint32_t *stripe_of)
{
    geo_areas *s = w->s;
    uint32_t *at = s->stripe_at + a->first_stripe, n = 0;
    memset(at, 0, ((size_t)a->stripes_n + 1) * sizeof *at);
    FOR_EACH_EDGE (s, a, e) { /* count by differences: one more from the first stripe on, one less behind the last */
        const uint32_t p = stripe_of[e - a->first_vertex], q = stripe_of[e + 1 - a->first_vertex];
        at[p < q ? p : q]++;
        at[(p < q ? q : p) + 1]--;
    }
    size_t sum = 0;
    for (uint32_t k = 0; k < a->stripes_n; k++) {
        n += at[k];
        at[k] = n;
        sum += n;
    }
    const size_t start = atomic_fetch_add(&w->used_n, sum);
    if (start > w->room || sum > w->room - start)
        return false;
    for (uint32_t k = 0, end = (uint32_t)start; k <= a->stripes_n; k++)
        at[k] = end += k < a->stripes_n ? at[k] : 0;
    FOR_EACH_EDGE (s, a, e) {
        const uint32_t p = stripe_of[e - a->first_vertex], q = stripe_of[e + 1 - a->first_vertex];
        for (uint32_t k = p < q ? p : q, to = p < q ? q : p; k <= to; k++)
            s->edge[--at[k]] = e;
    }
    return true;
}

/* All at once for each area, while its vertices are in the cache. */
static void stripe_areas(void *ctx, size_t lo, size_t hi)
{
    striping *w = ctx;
    geo_areas *s = w->s;
    const geo_xy *v = s->vertices.items;
    uint32_t most = 1;
    for (size_t i = lo; i < hi; i++) {
        const area *a = (const area *)s->areas.items + i;
        most = a->vertices_n > most ? a->vertices_n : most;
    }
    uint32_t *stripe_of = malloc(most * sizeof *stripe_of);
    bool ok = stripe_of != NULL;
    for (size_t i = lo; ok && i < hi; i++) {
        area *a = (area *)s->areas.items + i;
        if (a->vertices_n == 0)
            continue;
        w->reach[i] = choose_stripes(s, a);
        for (uint32_t k = 0; k < a->vertices_n; k++)
            stripe_of[k] = geo_area_stripe(a, v[a->first_vertex + k].y);
        ok = fill_stripes(w, a, stripe_of);
        if (ok && w->find_tangles)
            s->tangle[i] = (uint8_t)geo_area_tangle(s, a);
    }
    free(stripe_of);
    w->failed[lo / AREAS_AT_ONCE] = !ok;
}

/* Room for the stripes of each area and the end of its last, and for the edges in them. */
static bool make_room(geo_areas *s, striping *w)
{
    size_t stripes_n = 0;
    for (size_t i = 0; i < s->areas.n; i++) {
        area *a = (area *)s->areas.items + i;
        a->first_stripe = (uint32_t)stripes_n;
        stripes_n += a->vertices_n / EDGES_PER_STRIPE + 2;
    }
    w->room = s->vertices.n * (COPIES_PER_EDGE + 2); /* more than are ever used: untouched memory costs nothing */
    if (w->room > UINT32_MAX)
        w->room = UINT32_MAX;
    s->stripes_n = stripes_n;
    s->stripe_at = stripes_n <= UINT32_MAX ? calloc(stripes_n + 1, sizeof *s->stripe_at) : NULL;
    s->edge = malloc((w->room + 1) * sizeof *s->edge);
    s->tangle = calloc(s->areas.n + 1, 1);
    w->reach = calloc(s->areas.n + 1, sizeof *w->reach);
    w->failed = calloc(s->areas.n / AREAS_AT_ONCE + 1, sizeof *w->failed);
    return s->stripe_at && s->edge && s->tangle && w->reach && w->failed;
}

geo_status geo_areas_build_stripes(geo_areas *s, bool find_tangles, int threads, geo_err *err)
{
    striping w = {.s = s, .find_tangles = find_tangles};
    bool ok = make_room(s, &w);
    if (ok)
        geo_parallel_for(s->areas.n, AREAS_AT_ONCE, threads, stripe_areas, &w);
    for (size_t k = 0; ok && k <= s->areas.n / AREAS_AT_ONCE; k++)
        ok = !w.failed[k];
    for (size_t i = 0; ok && i < s->areas.n; i++)
        s->reach += w.reach[i];
    s->edges_n = w.used_n;
    free(w.failed);
    free(w.reach);
    return ok ? GEO_OK : geo_err_nomem(err);
}

geo_status geo_areas_build(geo_areas *s, const int32_t *rank, int64_t points_n, int threads, const geo_watch *watch, geo_err *err)
{
    const size_t n = s->areas.n;
    s->rank = malloc((n + 1) * sizeof *s->rank);
    if (!s->rank)
        return geo_err_nomem(err);
    for (size_t i = 0; i < n; i++)
        s->rank[i] = rank ? rank[i] : (int32_t)i;
    const geo_status st = geo_areas_build_stripes(s, true, threads, err);
    if (st < 0)
        return st;
    if (geo_watch_stopped(watch))
        return geo_err_set(err, GEO_ESTOP, "interrupted");
    return geo_areas_build_grid(s, points_n, threads, watch, err);
}
