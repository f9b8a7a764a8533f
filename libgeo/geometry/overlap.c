/* Pairs whose boxes meet are found first, then measured on all cores, each into its own place. */
#include "overlap.h"

#include "geo/parallel.h"

#include <stdatomic.h>

#define AREAS_AT_ONCE 256
#define PAIRS_AT_ONCE 64
#define ROUNDING_SHARE 1e-12 /* of the smaller area */

typedef struct matching {
    const geo_areas *first;
    const geo_boxes *boxes; /* of the second */
    geo_vec *found;         /* geo_overlap, of each AREAS_AT_ONCE areas */
    bool *failed;
} matching;

static geo_box box_of(const area *a)
{
    return (geo_box){a->x_min, a->x_max, a->y_min, a->y_max};
}

static bool match_area(const matching *w, size_t i, geo_vec *numbers, geo_vec *found)
{
    const geo_box box = box_of((const area *)w->first->areas.items + i);
    numbers->n = 0;
    if (!geo_boxes_find(w->boxes, &box, numbers) || !geo_vec_reserve(found, numbers->n, sizeof(geo_overlap)))
        return false;
    for (size_t k = 0; k < numbers->n; k++)
        ((geo_overlap *)found->items)[found->n++] = (geo_overlap){(int32_t)i, (int32_t)((const uint32_t *)numbers->items)[k], 0};
    return true;
}

static void match_areas(void *ctx, size_t lo, size_t hi)
{
    const matching *w = ctx;
    const size_t part = lo / AREAS_AT_ONCE;
    geo_vec numbers = {0};
    bool ok = true;
    for (size_t i = lo; i < hi && ok; i++)
        ok = match_area(w, i, &numbers, &w->found[part]);
    w->failed[part] = !ok;
    geo_vec_clear(&numbers);
}

/* One list of all parts, in order. */
static geo_status join_parts(const matching *w, size_t parts_n, geo_vec *pairs, geo_err *err)
{
    size_t n = 0;
    for (size_t k = 0; k < parts_n; k++) {
        if (w->failed[k])
            return geo_err_nomem(err);
        n += w->found[k].n;
    }
    if (!geo_vec_reserve(pairs, n + 1, sizeof(geo_overlap)))
        return geo_err_nomem(err);
    for (size_t k = 0; k < parts_n; k++)
        for (size_t i = 0; i < w->found[k].n; i++)
            ((geo_overlap *)pairs->items)[pairs->n++] = ((const geo_overlap *)w->found[k].items)[i];
    return GEO_OK;
}

static geo_status index_boxes(const geo_areas *s, geo_boxes *boxes, geo_err *err)
{
    geo_box *box = malloc((s->areas.n + 1) * sizeof *box);
    if (!box)
        return geo_err_nomem(err);
    for (size_t i = 0; i < s->areas.n; i++)
        box[i] = box_of((const area *)s->areas.items + i);
    const geo_status st = geo_boxes_build(boxes, box, s->areas.n, err);
    free(box);
    return st;
}

/* All pairs whose boxes share ground, by first, then second. */
static geo_status match(const geo_areas *first, const geo_areas *second, int threads, geo_vec *pairs, geo_err *err)
{
    const size_t parts_n = first->areas.n / AREAS_AT_ONCE + 1;
    geo_boxes boxes = {0};
    matching w = {first, &boxes, calloc(parts_n, sizeof *w.found), calloc(parts_n, sizeof *w.failed)};
    geo_status st = w.found && w.failed ? index_boxes(second, &boxes, err) : geo_err_nomem(err);
    if (st == GEO_OK) {
        geo_parallel_for(first->areas.n, AREAS_AT_ONCE, threads, match_areas, &w);
        st = join_parts(&w, parts_n, pairs, err);
    }
    for (size_t k = 0; w.found && k < parts_n; k++)
        geo_vec_clear(&w.found[k]);
    free(w.found);
    free(w.failed);
    geo_boxes_clear(&boxes);
    return st;
}

typedef struct measuring {
    const overlap_side *first, *second;
    geo_overlap *pairs;
    const geo_watch *watch;
    _Atomic int status; /* of the first that went wrong */
} measuring;

/* Places where a tangled area was cut are rounded to coordinates: how much ground that may be worth along a side of a box so high. */
static double rounded_cuts(const outline *o, double height)
{
    const area *a = o->a;
    const double largest = geo_max(geo_max(fabs(a->x_min), fabs(a->x_max)), geo_max(fabs(a->y_min), fabs(a->y_max)));
    return o->ring_sign ? 0 : DBL_EPSILON * largest * height;
}

static geo_status measure_pair(const measuring *w, geo_overlap *p, overlap_room *room)
{
    const outline a = geo_overlap_outline(w->first, (size_t)p->first), b = geo_overlap_outline(w->second, (size_t)p->second);
    const double all = geo_min(w->first->size[p->first], w->second->size[p->second]);
    const double height = geo_min(a.a->y_max, b.a->y_max) - geo_max(a.a->y_min, b.a->y_min);
    double size, error;
    const geo_status st = geo_overlap_measure(&a, &b, w->watch, room, &size, &error);
    if (st < 0)
        return st;
    const double rounding = geo_max(ROUNDING_SHARE * all, error + rounded_cuts(&a, height) + rounded_cuts(&b, height));
    p->size = !(size > rounding) ? 0 : size >= all - rounding ? all : size;
    return GEO_OK;
}

static void measure_pairs(void *ctx, size_t lo, size_t hi)
{
    measuring *w = ctx;
    overlap_room room = {0};
    geo_status st = geo_watch_stopped(w->watch) ? GEO_ESTOP : GEO_OK;
    for (size_t i = lo; i < hi && st == GEO_OK && w->status == GEO_OK; i++)
        st = measure_pair(w, &w->pairs[i], &room);
    if (st < 0)
        w->status = st;
    geo_overlap_room_clear(&room);
}

static geo_status measure(const overlap_side *first, const overlap_side *second, int threads, const geo_watch *watch, geo_vec *pairs,
                          geo_err *err)
{
    measuring w = {.first = first, .second = second, .pairs = pairs->items, .watch = watch};
    geo_parallel_for(pairs->n, PAIRS_AT_ONCE, threads, measure_pairs, &w);
    if (w.status < 0)
        return w.status == GEO_ESTOP ? geo_err_set(err, GEO_ESTOP, "interrupted") : geo_err_nomem(err);
    size_t kept = 0;
    for (size_t i = 0; i < pairs->n; i++)
        if (w.pairs[i].size > 0)
            w.pairs[kept++] = w.pairs[i];
    pairs->n = kept;
    return GEO_OK;
}

geo_status geo_areas_overlaps(const geo_areas *first, const geo_areas *second, int threads, const geo_watch *watch, geo_overlap **out,
                              size_t *n, geo_err *err)
{
    overlap_side a = {0}, b = {0};
    geo_vec pairs = {0};
    geo_status st = geo_overlap_side_open(&a, first, threads, watch, err);
    if (st == GEO_OK)
        st = geo_overlap_side_open(&b, second, threads, watch, err);
    if (st == GEO_OK)
        st = match(first, second, threads, &pairs, err);
    if (st == GEO_OK)
        st = measure(&a, &b, threads, watch, &pairs, err);
    if (st == GEO_OK) {
        *out = pairs.items;
        *n = pairs.n;
    } else {
        geo_vec_clear(&pairs);
    }
    geo_overlap_side_close(&b);
    geo_overlap_side_close(&a);
    return st;
}
