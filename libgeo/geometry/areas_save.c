/*
 * A finished index to and from the parts of a store. What comes from a file is not believed: every number that leads somewhere
 * is compared with the length of what it leads into, and coordinates with the bounds that geo_areas_add keeps, so that no file can make
 * a search read elsewhere. Whether the answers are right is another matter, and that of the store's checksums.
 */
#include "areas_save.h"

#include "areas.h"
#include "geo/parallel.h"

#include <stdatomic.h>
#include <string.h>

#define LARGEST_COORDINATE 1e100
#define MOST_AREAS ((size_t)INT32_MAX / 2)
#define AT_ONCE ((size_t)1 << 18)
#define AREAS_AT_ONCE 256

enum { FIXED, AREAS, TANGLES, VERTICES, STRIPES, EDGES, CELLS, CANDIDATES, RINGS, HOLES };

void geo_areas_save(const geo_areas *s, geo_areas_fixed *fixed, geo_store_part parts[GEO_AREAS_PARTS])
{
    *fixed = (geo_areas_fixed){.x0 = s->x0,
                               .y0 = s->y0,
                               .fine_per_unit = s->fine_per_unit,
                               .fine_size = s->fine_size,
                               .pad = s->pad,
                               .columns_n = s->columns_n,
                               .rows_n = s->rows_n,
                               .cells_n = s->cells_n,
                               .overlap_a = s->overlap_a,
                               .overlap_b = s->overlap_b,
                               .overlaps = s->overlaps};
    parts[FIXED] = (geo_store_part){fixed, sizeof *fixed};
    parts[AREAS] = (geo_store_part){s->areas.items, s->areas.n * sizeof(area)};
    parts[TANGLES] = (geo_store_part){s->tangle, s->areas.n * sizeof *s->tangle};
    parts[VERTICES] = (geo_store_part){s->vertices.items, s->vertices.n * sizeof(geo_xy)};
    parts[STRIPES] = (geo_store_part){s->stripe_at, s->stripes_n * sizeof *s->stripe_at};
    parts[EDGES] = (geo_store_part){s->edge, s->edges_n * sizeof *s->edge};
    parts[CELLS] = (geo_store_part){s->cell, s->places_n * sizeof *s->cell};
    parts[CANDIDATES] = (geo_store_part){s->candidates, s->candidates_n * sizeof *s->candidates};
    parts[RINGS] = (geo_store_part){s->ring_start.items, s->ring_start.n * sizeof(uint32_t)};
    parts[HOLES] = (geo_store_part){s->ring_hole.items, s->ring_hole.n * sizeof(bool)};
}

/* ---- checking ---- */

/* Where the lists of a stretch of cells start and end; both 0 when it has none. */
typedef struct lists {
    size_t from, to;
} lists;

typedef struct checking {
    const geo_areas *s;
    lists *lists; /* of each AT_ONCE cells */
    _Atomic bool bad;
} checking;

static bool is_usual(double v)
{
    return fabs(v) <= LARGEST_COORDINATE && v == geo_flush_tiny(v); /* false for what is no number */
}

/* Vertices and rings of an area are those behind the area before it, and its rings are in order. */
static bool has_good_rings(const geo_areas *s, size_t i)
{
    const area *a = (const area *)s->areas.items + i, *before = i ? a - 1 : NULL;
    const uint32_t *start = s->ring_start.items;
    const uint32_t vertex = before ? before->first_vertex + before->vertices_n : 0,
                   ring = before ? before->first_ring + before->rings_n : 0;
    if (a->first_vertex != vertex || a->vertices_n > s->vertices.n - vertex || a->first_ring != ring || a->rings_n > s->ring_start.n - ring
        || (a->rings_n == 0 && a->vertices_n > 0))
        return false;
    bool ok = a->rings_n == 0 || start[ring] == vertex;
    for (uint32_t k = ring; k < ring + a->rings_n; k++)
        ok &= start[k] <= geo_ring_end(s, a, k);
    return ok;
}

/* So are its stripes, and the edges in them are its own. An area whose box holds no point is never looked into. */
static bool has_good_stripes(const geo_areas *s, const area *a)
{
    if (a->x_min > a->x_max)
        return true;
    if (!is_usual(a->x_min) || !is_usual(a->x_max) || !is_usual(a->y_min) || !is_usual(a->y_max))
        return false;
    if (!(a->stripes_per_y >= 0 && isfinite(a->stripes_per_y)))
        return false;
    if (a->stripes_n == 0 || (size_t)a->first_stripe + a->stripes_n >= s->stripes_n)
        return false;
    const uint32_t *at = s->stripe_at + a->first_stripe;
    bool ok = at[a->stripes_n] <= s->edges_n;
    for (uint32_t k = 0; k < a->stripes_n; k++)
        ok &= at[k] <= at[k + 1];
    uint32_t most = 0; /* an edge runs to the next vertex */
    for (uint32_t e = at[0]; ok && e < at[a->stripes_n]; e++) {
        const uint32_t from_first = s->edge[e] - a->first_vertex; /* wraps around for one before the first */
        most = from_first > most ? from_first : most;
    }
    return ok && (at[0] == at[a->stripes_n] || (a->vertices_n > 1 && most < a->vertices_n - 1));
}

static void check_areas(void *ctx, size_t lo, size_t hi)
{
    checking *w = ctx;
    bool ok = true;
    for (size_t i = lo; ok && i < hi; i++)
        ok = has_good_stripes(w->s, (const area *)w->s->areas.items + i);
    if (!ok)
        w->bad = true;
}

/* All areas together have all vertices and rings, and not more edges than there are, so that none is gone through again and again. */
static bool have_good_parts(const geo_areas *s)
{
    const area *a = s->areas.items, *last = a + s->areas.n - 1;
    const uint8_t *hole = s->ring_hole.items; /* in C no other byte than 0 and 1 is a bool */
    size_t edges_n = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < s->areas.n; i++) {
        ok = has_good_rings(s, i);
        if (ok && a[i].x_min <= a[i].x_max && (size_t)a[i].first_stripe + a[i].stripes_n < s->stripes_n) {
            const uint32_t *at = s->stripe_at + a[i].first_stripe;
            edges_n += at[a[i].stripes_n] - at[0];
        }
    }
    for (size_t k = 0; ok && k < s->ring_hole.n; k++)
        ok = hole[k] <= 1;
    return ok && last->first_vertex + last->vertices_n == s->vertices.n && last->first_ring + last->rings_n == s->ring_start.n
           && edges_n <= s->edges_n;
}

static void check_vertices(void *ctx, size_t lo, size_t hi)
{
    checking *w = ctx;
    const geo_xy *v = w->s->vertices.items;
    bool ok = true;
    for (size_t i = lo; i < hi; i++)
        ok = ok && is_usual(v[i].x) && is_usual(v[i].y);
    if (!ok)
        w->bad = true;
}

/* A list in its place behind the one before it: so no list is gone through twice, however many cells there are. */
static bool is_good_list(const geo_areas *s, size_t at, lists *stretch)
{
    if (stretch->to == 0)
        stretch->from = stretch->to = at;
    if (at != stretch->to || at >= s->candidates_n || s->candidates[at] >= s->candidates_n - at)
        return false;
    const uint32_t n = s->candidates[at];
    bool ok = true;
    for (uint32_t k = 1; k <= n; k++)
        ok &= s->candidates[at + k] >> 1 < s->areas.n;
    stretch->to = at + 1 + n;
    return ok;
}

static void check_cells(void *ctx, size_t lo, size_t hi)
{
    checking *w = ctx;
    const geo_areas *s = w->s;
    const size_t slots_n = (s->places_n - s->cells_n) / 64;
    lists stretch = {0, 0};
    bool ok = true;
    for (size_t c = lo; ok && c < hi; c++) {
        const int32_t held = s->cell[c];
        if (held == NOTHING)
            continue;
        if (held >= GEO_FINE)
            ok = c < s->cells_n && (size_t)(held - GEO_FINE) < slots_n;
        else if (held >= 0)
            ok = (size_t)held < s->areas.n;
        else
            ok = is_good_list(s, (uint32_t)~held, &stretch);
    }
    w->lists[lo / AT_ONCE] = stretch;
    if (!ok)
        w->bad = true;
}

static geo_status check(const geo_areas *s, int threads, geo_err *err)
{
    const size_t stretches_n = s->places_n / AT_ONCE + 1;
    checking w = {.s = s, .lists = calloc(stretches_n, sizeof *w.lists)};
    if (!w.lists)
        return geo_err_nomem(err);
    w.bad = !have_good_parts(s);
    if (!w.bad)
        geo_parallel_for(s->areas.n, AREAS_AT_ONCE, threads, check_areas, &w);
    geo_parallel_for(s->vertices.n, AT_ONCE, threads, check_vertices, &w);
    geo_parallel_for(s->places_n, AT_ONCE, threads, check_cells, &w);
    size_t at = 0;
    bool ok = !w.bad;
    for (size_t k = 0; ok && k < stretches_n; k++)
        if (w.lists[k].to) {
            ok = w.lists[k].from == at;
            at = w.lists[k].to;
        }
    free(w.lists);
    return ok && at == s->candidates_n ? GEO_OK : geo_err_set(err, GEO_EFORMAT, "it is no index of areas");
}

/* ---- loading ---- */

/* The length of a part in items; false when it is not whole. */
static bool count(const geo_store_part *p, size_t size, size_t *n)
{
    *n = p->n / size;
    return p->n % size == 0;
}

/* The grid has the cells that it says, and 64 more for each slot. */
static bool is_good_grid(const geo_areas *s)
{
    if (s->columns_n < 8 || s->rows_n < 8 || s->columns_n % 8 || s->rows_n % 8)
        return false;
    if (s->cells_n != (size_t)(s->columns_n / 8) * (size_t)(s->rows_n / 8) || s->cells_n > INT32_MAX || s->cells_n > s->places_n
        || (s->places_n - s->cells_n) % 64)
        return false;
    return is_usual(s->x0) && is_usual(s->y0) && isfinite(s->fine_per_unit) && s->fine_per_unit > 0;
}

/* Arrays are lent by the store, which nobody writes to. */
static void *lend(const geo_store_part *p)
{
    return (void *)(uintptr_t)p->data;
}

geo_status geo_areas_load(const geo_store_part parts[GEO_AREAS_PARTS], int threads, geo_areas **out, geo_err *err)
{
    const geo_areas_fixed *f = parts[FIXED].data;
    size_t tangles_n;
    geo_areas *s = geo_areas_new();
    if (!s)
        return geo_err_nomem(err);
    s->lent = true;
    s->vertices.items = lend(&parts[VERTICES]);
    s->areas.items = lend(&parts[AREAS]);
    s->tangle = lend(&parts[TANGLES]);
    s->stripe_at = lend(&parts[STRIPES]);
    s->edge = lend(&parts[EDGES]);
    s->cell = lend(&parts[CELLS]);
    s->candidates = lend(&parts[CANDIDATES]);
    s->ring_start.items = lend(&parts[RINGS]);
    s->ring_hole.items = lend(&parts[HOLES]);
    bool ok = parts[FIXED].n == sizeof *f;
    ok &= count(&parts[RINGS], sizeof(uint32_t), &s->ring_start.n);
    ok &= count(&parts[HOLES], sizeof(bool), &s->ring_hole.n);
    ok &= count(&parts[VERTICES], sizeof(geo_xy), &s->vertices.n);
    ok &= count(&parts[AREAS], sizeof(area), &s->areas.n);
    ok &= count(&parts[TANGLES], sizeof *s->tangle, &tangles_n);
    ok &= count(&parts[STRIPES], sizeof *s->stripe_at, &s->stripes_n);
    ok &= count(&parts[EDGES], sizeof *s->edge, &s->edges_n);
    ok &= count(&parts[CELLS], sizeof *s->cell, &s->places_n);
    ok &= count(&parts[CANDIDATES], sizeof *s->candidates, &s->candidates_n);
    if (ok) {
        s->x0 = f->x0;
        s->y0 = f->y0;
        s->fine_per_unit = f->fine_per_unit;
        s->fine_size = f->fine_size;
        s->pad = f->pad;
        s->columns_n = f->columns_n;
        s->rows_n = f->rows_n;
        s->cells_n = (size_t)f->cells_n;
        s->overlap_a = f->overlap_a;
        s->overlap_b = f->overlap_b;
        s->overlaps = f->overlaps != 0;
        ok = s->areas.n > 0 && s->areas.n <= MOST_AREAS && tangles_n == s->areas.n && s->vertices.n < UINT32_MAX
             && s->ring_start.n < UINT32_MAX && s->ring_hole.n == s->ring_start.n && is_good_grid(s);
        ok = ok && (!s->overlaps || (s->overlap_a < s->areas.n && s->overlap_b < s->areas.n));
    }
    const geo_status st = ok ? check(s, threads, err) : geo_err_set(err, GEO_EFORMAT, "it is no index of areas");
    if (st < 0) {
        geo_areas_free(s);
        return st;
    }
    *out = s;
    return GEO_OK;
}

const int32_t *geo_areas_rank(const geo_areas *s)
{
    return s->rank;
}

void geo_areas_take_rank(geo_areas *s, int32_t *rank)
{
    free(s->rank);
    s->rank = rank;
}
