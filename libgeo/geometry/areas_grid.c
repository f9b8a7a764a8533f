/*
 * The grid over the areas. Cells where small areas meet are divided into 8 x 8: points are where people live, people live in small areas,
 * and a fine cell that one area covers whole answers without any test.
 */
#include "areas_cover.h"

#include "geo/parallel.h"

#include <stdlib.h>
#include <string.h>

#define CELLS_PER_AREA 50 /* twice that when the cells are not divided */
#define LEAST_CELLS 256.0
#define MOST_CELLS ((double)(1 << 23))
#define MOST_COVERED ((double)(1 << 25)) /* cells in the boxes of all areas together: large areas that overlap get larger cells */
#define MOST_TOUCHED ((double)(1 << 22)) /* cells that edges pass: so do many long and thin ones */
#define MOST_DIVIDED ((size_t)1 << 17)   /* 33 MiB of fine cells */
#define ROUNDING 0x1p-48                 /* of a coordinate, with some to spare */
#define TRIMMED 64                       /* one area in so many may lie far out on either side */
#define FAR_OUT 8                        /* so many times as far apart as the rest */
#define TRAFFIC 128                      /* an area's points, shared among its cells */
#define LEAST_TRAFFIC 4                  /* a cell is divided from 1/32 of an area's points on */
#define WORTH_FINE 60                    /* points an area for which fine cells pay */
#define AREAS_AT_ONCE 64
#define CELLS_AT_ONCE ((size_t)1 << 18)

/* Two areas that cover the same ground. */
typedef struct overlap {
    uint32_t a, b;
    bool there;
} overlap;

typedef struct gridding {
    geo_areas *s;
    cover *covers; /* one for each AREAS_AT_ONCE areas, so that the result does not depend on the threads */
    size_t covers_n;
    bool fine;
    bool *failed;
    const geo_watch *watch;
    size_t parts_n;    /* of the cells, for filling them in parallel */
    overlap *overlaps; /* the first in each part */
    bool listing;
} gridding;

static int by_value(const void *a, const void *b)
{
    const double *p = a, *q = b;
    return *p < *q ? -1 : *p > *q;
}

/* From where to where most of n values lie, and as much again; the whole range when that is not much more. */
static void trim(double *values, size_t n, double *low, double *high)
{
    if (n / TRIMMED == 0)
        return;
    qsort(values, n, sizeof *values, by_value);
    const double from = values[n / TRIMMED], to = values[n - 1 - n / TRIMMED], wide = to - from;
    if (wide > 0 && *high - *low > FAR_OUT * wide) {
        *low = geo_max(*low, from - wide / 2);
        *high = geo_min(*high, to + wide / 2);
    }
}

/* The part of the plane that gets cells of its own: one area far from all others must not make the cells of the others large. */
static bool choose_extent(const geo_areas *s, geo_xy *low, geo_xy *high)
{
    double *x = malloc((2 * s->areas.n + 1) * sizeof *x), *y = x + s->areas.n;
    size_t n = 0;
    if (!x)
        return false;
    if (!geo_areas_box(s, low, high))
        *low = *high = (geo_xy){0, 0};
    for (size_t i = 0; i < s->areas.n; i++) {
        const area *a = (const area *)s->areas.items + i;
        if (a->vertices_n == 0)
            continue;
        x[n] = a->x_min / 2 + a->x_max / 2;
        y[n++] = a->y_min / 2 + a->y_max / 2;
    }
    trim(x, n, &low->x, &high->x);
    trim(y, n, &low->y, &high->y);
    free(x);
    return true;
}

static bool choose_cells(geo_areas *s, bool fine)
{
    geo_xy low = {0, 0}, high = {0, 0}, far_low = {0, 0}, far_high = {0, 0};
    if (!choose_extent(s, &low, &high))
        return false;
    (void)geo_areas_box(s, &far_low, &far_high);
    const double width = high.x - low.x, height = high.y - low.y, longest = geo_max(geo_max(width, height), 1e-80);
    double boxes = 0;
    for (size_t i = 0; i < s->areas.n; i++) {
        const area *a = (const area *)s->areas.items + i;
        const double across = geo_min(a->x_max, high.x) - geo_max(a->x_min, low.x),
                     up = geo_min(a->y_max, high.y) - geo_max(a->y_min, low.y);
        if (a->vertices_n && across > 0 && up > 0)
            boxes += across / longest * (up / longest);
    }
    const double cells = geo_min(geo_max((double)s->areas.n * CELLS_PER_AREA * (fine ? 1 : 2), LEAST_CELLS), MOST_CELLS);
    const double plane = geo_max(width / longest * (height / longest), 1e-6);
    const double largest = geo_max(geo_max(fabs(far_low.x), fabs(far_low.y)), geo_max(fabs(far_high.x), fabs(far_high.y)));
    const double size = geo_max(longest * sqrt(geo_max(plane / cells, boxes / MOST_COVERED)), s->reach / MOST_TOUCHED);
    s->fine_size = geo_max(size / 8, largest * ROUNDING * 8); /* else the padding alone would touch every cell */
    s->fine_per_unit = 1 / s->fine_size;
    s->x0 = low.x;
    s->y0 = low.y;
    s->columns_n = ((int32_t)(width * s->fine_per_unit) / 8 + 1) * 8;
    s->rows_n = ((int32_t)(height * s->fine_per_unit) / 8 + 1) * 8;
    s->cells_n = (size_t)(s->columns_n / 8) * (size_t)(s->rows_n / 8);
    s->pad = geo_max(s->fine_size * 1e-6, largest * ROUNDING);
    return true;
}

static void cover_areas(void *ctx, size_t lo, size_t hi)
{
    const gridding *w = ctx;
    cover_room room = {0};
    bool ok = !geo_watch_stopped(w->watch);
    for (size_t i = lo; ok && i < hi; i++)
        ok = geo_cover_area(w->s, (uint32_t)i, w->fine, &room, &w->covers[lo / AREAS_AT_ONCE]);
    free(room.mask);
    if (!ok)
        w->failed[lo / AREAS_AT_ONCE] = true;
}

/* ---- dividing cells ---- */

/*
 * Traffic of every cell: taking each area's points to be equally many and evenly spread, what share of them falls into the cell. Runs and
 * patches of a cover stand in the order of its areas.
 */
static void measure_traffic(const gridding *w, uint8_t *traffic)
{
    for (size_t k = 0; k < w->covers_n; k++) {
        const run *runs = w->covers[k].runs.items;
        const patch *patches = w->covers[k].patches.items;
        size_t r = 0;
        for (size_t p = 0, end; p < w->covers[k].patches.n; p = end) {
            size_t cells_n = 0;
            for (end = p; end < w->covers[k].patches.n && patches[end].area == patches[p].area; end++)
                cells_n++;
            for (; r < w->covers[k].runs.n && runs[r].area <= patches[p].area; r++)
                cells_n += runs[r].area == patches[p].area ? (size_t)(runs[r].last - runs[r].first) + 1 : 0;
            const unsigned share = (unsigned)(TRAFFIC / cells_n);
            for (size_t i = p; share && i < end; i++) {
                const unsigned sum = traffic[patches[i].place] + share;
                traffic[patches[i].place] = (uint8_t)(sum > 255 ? 255 : sum);
            }
        }
    }
}

static void zero_cells(void *ctx, size_t lo, size_t hi)
{
    const geo_areas *s = ctx;
    memset(s->cell + lo, 0, (hi - lo) * sizeof *s->cell);
}

/* Divide the cells with most traffic. */
static geo_status divide_cells(const gridding *w, int threads, geo_err *err)
{
    geo_areas *s = w->s;
    uint8_t *traffic = calloc(s->cells_n, 1);
    if (!traffic)
        return geo_err_nomem(err);
    size_t cells_with[256] = {0}, divided_n = 0;
    int least = 256;
    if (w->fine) {
        measure_traffic(w, traffic);
        for (size_t c = 0; c < s->cells_n; c++)
            cells_with[traffic[c]]++;
        while (least > LEAST_TRAFFIC && divided_n + cells_with[least - 1] <= MOST_DIVIDED)
            divided_n += cells_with[--least];
    }
    s->places_n = s->cells_n + divided_n * 64;
    s->cell = malloc(s->places_n * sizeof *s->cell);
    if (s->cell) /* fresh memory is slow to touch, and slower when it is read first: all threads write it */
        geo_parallel_for(s->places_n, CELLS_AT_ONCE, threads, zero_cells, s);
    for (size_t c = 0, slot = 0; s->cell && slot < divided_n; c++)
        if (traffic[c] >= least)
            s->cell[c] = GEO_FINE + (int32_t)slot++;
    free(traffic);
    return s->cell ? GEO_OK : geo_err_nomem(err);
}

static bool is_divided(int32_t held)
{
    return held >= GEO_FINE && held != NOTHING;
}

/* Only patches in divided cells need to know what the area covers there. */
static void settle_patches(void *ctx, size_t lo, size_t hi)
{
    const gridding *w = ctx;
    for (size_t k = lo; k < hi; k++) {
        patch *patches = w->covers[k].patches.items;
        for (size_t i = 0; i < w->covers[k].patches.n; i++)
            if (is_divided(w->s->cell[patches[i].place]))
                geo_settle_patch(w->s, &patches[i]);
    }
}

/* ---- filling cells ---- */

/* Of all pairs of areas that cover a cell whole together the first. */
static void note_overlap(overlap *first, uint32_t a, uint32_t b)
{
    if (!first->there || a < first->a || (a == first->a && b < first->b))
        *first = (overlap){a, b, true};
}

/*
 * First every area is counted in its cells, then listed there. While counting, a cell is 0, or -1 - area when that area alone covers it
 * whole, or else the length of its list.
 */
static void enter(const gridding *w, overlap *found, int32_t *cell, uint32_t number, bool whole)
{
    if (w->listing) {
        if (*cell < 0) {
            uint32_t *list = w->s->candidates + (uint32_t) ~*cell;
            if (whole && list[0] && list[list[0]] & 1)
                note_overlap(found, list[list[0]] >> 1, number);
            list[++list[0]] = number << 1 | whole;
        }
    } else if (*cell == 0 && whole) {
        *cell = -1 - (int32_t)number;
    } else {
        *cell = *cell < 0 ? 2 : *cell + 1;
    }
}

static void enter_fine(const gridding *w, overlap *found, int32_t slot, const patch *p, uint64_t touched, uint64_t whole)
{
    int32_t *fine = w->s->cell + w->s->cells_n + (size_t)slot * 64;
    for (uint64_t bits = touched | whole; bits; bits &= bits - 1) {
        const int b = __builtin_ctzll(bits);
        enter(w, found, &fine[b], p->area, whole >> b & 1);
    }
}

/* One part of the cells: every part goes through all areas and minds only its own cells, so the order in each list is that of the areas. */
static void fill_part(void *ctx, size_t lo, size_t hi)
{
    const gridding *w = ctx;
    geo_areas *s = w->s;
    overlap *found = &w->overlaps[lo];
    const int32_t from = (int32_t)(s->cells_n * lo / w->parts_n), to = (int32_t)(s->cells_n * hi / w->parts_n);
    for (size_t k = 0; k < w->covers_n; k++) {
        const run *runs = w->covers[k].runs.items;
        for (size_t i = 0; i < w->covers[k].runs.n; i++)
            for (int32_t c = runs[i].first < from ? from : runs[i].first; c <= runs[i].last && c < to; c++) {
                if (is_divided(s->cell[c]))
                    enter_fine(w, found, s->cell[c] - GEO_FINE, &(patch){0, 0, c, runs[i].area}, 0, ~UINT64_C(0));
                else
                    enter(w, found, &s->cell[c], runs[i].area, true);
            }
        const patch *patches = w->covers[k].patches.items;
        for (size_t i = 0; i < w->covers[k].patches.n; i++) {
            const int32_t c = patches[i].place;
            if (c < from || c >= to)
                continue;
            if (is_divided(s->cell[c]))
                enter_fine(w, found, s->cell[c] - GEO_FINE, &patches[i], patches[i].touched, patches[i].whole);
            else
                enter(w, found, &s->cell[c], patches[i].area, false);
        }
    }
}

/* A part of all cells, coarse and fine, for giving each list its place. */
typedef struct stretch {
    geo_areas *s;
    size_t *room; /* of each CELLS_AT_ONCE cells: how much their lists take, then where they start */
} stretch;

static void measure_lists(void *ctx, size_t lo, size_t hi)
{
    const stretch *w = ctx;
    size_t room = 0;
    for (size_t c = lo; c < hi; c++) {
        const int32_t n = w->s->cell[c];
        room += n > 0 && !is_divided(n) ? (size_t)n + 1 : 0;
    }
    w->room[lo / CELLS_AT_ONCE] = room;
}

/* From counts to what a finished cell holds; lists are empty yet. */
static void place_lists(void *ctx, size_t lo, size_t hi)
{
    const stretch *w = ctx;
    size_t at = w->room[lo / CELLS_AT_ONCE];
    for (size_t c = lo; c < hi; c++) {
        int32_t *cell = &w->s->cell[c];
        if (*cell <= 0) {
            *cell = *cell == 0 ? NOTHING : -1 - *cell;
        } else if (!is_divided(*cell)) {
            const size_t n = (size_t)*cell;
            w->s->candidates[at] = 0;
            *cell = ~(int32_t)at;
            at += n + 1;
        }
    }
}

static geo_status make_lists(geo_areas *s, int threads, geo_err *err)
{
    const size_t stretches_n = s->places_n / CELLS_AT_ONCE + 1;
    stretch w = {s, calloc(stretches_n, sizeof *w.room)};
    if (!w.room)
        return geo_err_nomem(err);
    geo_parallel_for(s->places_n, CELLS_AT_ONCE, threads, measure_lists, &w);
    size_t room = 0;
    for (size_t k = 0; k < stretches_n; k++) {
        const size_t own = w.room[k];
        w.room[k] = room;
        room += own;
    }
    geo_status st = GEO_OK;
    if (room >= (size_t)INT32_MAX)
        st = geo_err_set(err, GEO_ENOMEM, "too many areas lie over each other");
    else if (!(s->candidates = malloc((room + 1) * sizeof *s->candidates)))
        st = geo_err_nomem(err);
    else
        geo_parallel_for(s->places_n, CELLS_AT_ONCE, threads, place_lists, &w);
    s->candidates_n = room;
    free(w.room);
    return st;
}

static geo_status fill_cells(gridding *w, int threads, geo_err *err)
{
    w->parts_n = (size_t)(threads > 1 ? threads : 1);
    w->overlaps = calloc(w->parts_n, sizeof *w->overlaps);
    if (!w->overlaps)
        return geo_err_nomem(err);
    geo_parallel_for(w->parts_n, 1, threads, fill_part, w);
    const geo_status st = make_lists(w->s, threads, err);
    if (st < 0)
        return st;
    w->listing = true;
    geo_parallel_for(w->parts_n, 1, threads, fill_part, w);
    overlap first = {0};
    for (size_t k = 0; k < w->parts_n; k++)
        if (w->overlaps[k].there)
            note_overlap(&first, w->overlaps[k].a, w->overlaps[k].b);
    w->s->overlap_a = first.a;
    w->s->overlap_b = first.b;
    w->s->overlaps = first.there;
    return GEO_OK;
}

static geo_status build(gridding *w, int threads, geo_err *err)
{
    geo_parallel_for(w->s->areas.n, AREAS_AT_ONCE, threads, cover_areas, w);
    for (size_t k = 0; k < w->covers_n; k++)
        if (w->failed[k])
            return geo_watch_stopped(w->watch) ? geo_err_set(err, GEO_ESTOP, "interrupted") : geo_err_nomem(err);
    const geo_status st = divide_cells(w, threads, err);
    if (st < 0)
        return st;
    geo_parallel_for(w->covers_n, 1, threads, settle_patches, w);
    return fill_cells(w, threads, err);
}

geo_status geo_areas_build_grid(geo_areas *s, int64_t points_n, int threads, const geo_watch *watch, geo_err *err)
{
    const size_t n = s->areas.n / AREAS_AT_ONCE + 1;
    const bool fine = points_n < 0 || points_n / WORTH_FINE >= (int64_t)s->areas.n;
    if (!choose_cells(s, fine))
        return geo_err_nomem(err);
    gridding w = {
        .s = s, .covers = calloc(n, sizeof *w.covers), .covers_n = n, .failed = calloc(n, sizeof *w.failed), .watch = watch, .fine = fine};
    const geo_status st = w.covers && w.failed ? build(&w, threads, err) : geo_err_nomem(err);
    for (size_t k = 0; w.covers && k < n; k++) {
        geo_vec_clear(&w.covers[k].runs);
        geo_vec_clear(&w.covers[k].patches);
    }
    free(w.covers);
    free(w.failed);
    free(w.overlaps);
    return st;
}
