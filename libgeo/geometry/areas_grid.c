/*
 * The grid over the areas. For every area: mark the cells its edges may touch, along a walk padded against rounding; what lies between
 * them in a row of cells is wholly inside or wholly outside, and one exact test says which. A cell that lists an area without need costs
 * a test; one that fails to list it would cost the answer, so the padding errs one way only.
 *
 * Cells where small areas meet are divided into 8 x 8: points are where people live, people live in small areas, and a fine cell that one
 * area covers whole answers without any test.
 */
#include "areas.h"

#include "geo/parallel.h"

#include <stdlib.h>
#include <string.h>

#define CELLS_PER_AREA 200
#define LEAST_CELLS 256.0
#define MOST_CELLS ((double)(1 << 23))
#define MOST_COVERED ((double)(1 << 26)) /* cells in the boxes of all areas together: large areas that overlap get larger cells */
#define MOST_DIVIDED ((size_t)1 << 17)   /* 33 MiB of fine cells */
#define TRAFFIC 128                      /* an area's points, shared among its cells */
#define LEAST_TRAFFIC 4                  /* a cell is divided from 1/32 of an area's points on */
#define AREAS_AT_ONCE 64
#define LARGEST_WALKED 256 /* cells across: larger areas are taken to touch all of a divided cell that they touch */

/* Cells first .. last (places): all of them covered whole by the area, or all touched by its edges. */
typedef struct run {
    int32_t first, last;
    uint32_t area_whole; /* area << 1 | whole */
} run;

/* One area in one divided cell: a bit a fine cell. */
typedef struct patch {
    uint64_t touched, whole;
    int32_t slot;
    uint32_t area;
} patch;

typedef struct gridding {
    geo_areas *s;
    geo_vec *runs;    /* one list for each AREAS_AT_ONCE areas, so that the result does not depend on the threads */
    geo_vec *patches; /* likewise */
    const geo_watch *watch;
    bool *failed;
} gridding;

static void choose_cells(geo_areas *s)
{
    geo_xy low = {0, 0}, high = {0, 0};
    if (!geo_areas_box(s, &low, &high))
        low = high = (geo_xy){0, 0};
    const double width = high.x - low.x, height = high.y - low.y, longest = geo_max(geo_max(width, height), 1e-80);
    double boxes = 0;
    for (size_t i = 0; i < s->areas.n; i++) {
        const area *a = (const area *)s->areas.items + i;
        if (a->vertices_n)
            boxes += (a->x_max - a->x_min) / longest * ((a->y_max - a->y_min) / longest);
    }
    const double cells = geo_min(geo_max((double)s->areas.n * CELLS_PER_AREA, LEAST_CELLS), MOST_CELLS);
    const double plane = geo_max(width / longest * (height / longest), 1e-6);
    s->fine_size = longest * sqrt(geo_max(plane / cells, boxes / MOST_COVERED)) / 8;
    s->fine_per_unit = 1 / s->fine_size;
    s->x0 = low.x;
    s->y0 = low.y;
    s->columns_n = ((int32_t)(width * s->fine_per_unit) / 8 + 1) * 8;
    s->rows_n = ((int32_t)(height * s->fine_per_unit) / 8 + 1) * 8;
    s->cells_n = (size_t)(s->columns_n / 8) * (size_t)(s->rows_n / 8);
    const double largest = geo_max(geo_max(fabs(low.x), fabs(low.y)), geo_max(fabs(high.x), fabs(high.y)));
    s->pad = geo_max(s->fine_size * 1e-6, largest * 0x1p-48);
}

void geo_walk_edge(const geo_areas *s, geo_xy a, geo_xy b, int32_t row_shift, geo_edge_row *fn, void *ctx)
{
    if (a.y > b.y) {
        const geo_xy t = a;
        a = b;
        b = t;
    }
    const double west = geo_min(a.x, b.x) - s->pad, east = geo_max(a.x, b.x) + s->pad;
    const int32_t low = geo_fine_row(s, a.y - s->pad) >> row_shift, high = geo_fine_row(s, b.y + s->pad) >> row_shift;
    const int32_t first = geo_fine_column(s, west), last = geo_fine_column(s, east);
    if (low == high || first == last || b.y - a.y <= s->pad) {
        for (int32_t row = low; row <= high; row++)
            fn(ctx, row, first, last);
        return;
    }
    const double height = s->fine_size * (1 << row_shift);
    const double slope = (b.x - a.x) / (b.y - a.y), slack = s->pad * (2 + fabs(slope));
    for (int32_t row = low; row <= high; row++) {
        const double y_low = geo_max(a.y, s->y0 + row * height), y_high = geo_min(b.y, s->y0 + (row + 1) * height);
        const double x_low = a.x + (y_low - a.y) * slope, x_high = a.x + (y_high - a.y) * slope;
        fn(ctx, row, geo_fine_column(s, geo_max(west, geo_min(x_low, x_high) - slack)),
           geo_fine_column(s, geo_min(east, geo_max(x_low, x_high) + slack)));
    }
}

/* ---- the coarse level ---- */

/* The cells of one area's box: 0, or 1 where an edge may touch. */
typedef struct mask {
    uint8_t *touched;
    size_t room;
    int32_t row0, column0, rows_n, columns_n;
} mask;

static void mark(void *ctx, int32_t row, int32_t first, int32_t last)
{
    const mask *m = ctx;
    uint8_t *cells = m->touched + (ptrdiff_t)(row - m->row0) * m->columns_n - m->column0;
    for (int32_t c = first >> 3; c <= last >> 3; c++)
        cells[c] = 1;
}

static bool start_mask(const geo_areas *s, mask *m, const area *a)
{
    m->row0 = geo_fine_row(s, a->y_min - s->pad) >> 3;
    m->column0 = geo_fine_column(s, a->x_min - s->pad) >> 3;
    m->rows_n = (geo_fine_row(s, a->y_max + s->pad) >> 3) - m->row0 + 1;
    m->columns_n = (geo_fine_column(s, a->x_max + s->pad) >> 3) - m->column0 + 1;
    const size_t cells_n = (size_t)m->rows_n * (size_t)m->columns_n;
    if (cells_n > m->room) {
        free(m->touched);
        m->room = cells_n * 2;
        m->touched = malloc(m->room);
        if (!m->touched) {
            m->room = 0;
            return false;
        }
    }
    memset(m->touched, 0, cells_n);
    return true;
}

/* Walk every edge of an area. */
static void walk_edges(const geo_areas *s, const area *a, int32_t row_shift, geo_edge_row *fn, void *ctx)
{
    const geo_xy *v = s->vertices.items;
    const uint32_t *ring_start = s->ring_start.items;
    for (uint32_t ring = 0; ring < a->rings_n; ring++) {
        const uint32_t from = ring_start[a->first_ring + ring];
        const uint32_t to = ring + 1 < a->rings_n ? ring_start[a->first_ring + ring + 1] : a->first_vertex + a->vertices_n;
        for (uint32_t e = from; e + 1 < to; e++)
            geo_walk_edge(s, v[e], v[e + 1], row_shift, fn, ctx);
    }
}

/* Middle of a fine cell, or with shift 3 of a coarse one. */
static geo_xy middle(const geo_areas *s, int32_t column, int32_t row, int32_t shift)
{
    const double size = s->fine_size * (1 << shift);
    return (geo_xy){s->x0 + (column + 0.5) * size, s->y0 + (row + 0.5) * size};
}

/* Turn a marked mask into runs. */
static bool push_runs(const geo_areas *s, const mask *m, uint32_t number, geo_vec *runs)
{
    const area *a = (const area *)s->areas.items + number;
    for (int32_t row = 0; row < m->rows_n; row++) {
        const uint8_t *cells = m->touched + (size_t)row * (size_t)m->columns_n;
        const int32_t place = (m->row0 + row) * (s->columns_n / 8) + m->column0;
        for (int32_t first = 0, last; first < m->columns_n; first = last + 1) {
            for (last = first; last + 1 < m->columns_n && cells[last + 1] == cells[first];)
                last++;
            const bool whole = !cells[first];
            if (whole && !geo_area_holds(s, a, middle(s, m->column0 + first, m->row0 + row, 3)))
                continue;
            if (!geo_vec_reserve(runs, 1, sizeof(run)))
                return false;
            ((run *)runs->items)[runs->n++] = (run){place + first, place + last, number << 1 | whole};
        }
    }
    return true;
}

static void cover_areas(void *ctx, size_t lo, size_t hi)
{
    const gridding *w = ctx;
    const geo_areas *s = w->s;
    mask m = {0};
    bool ok = !geo_watch_stopped(w->watch);
    for (size_t i = lo; ok && i < hi; i++) {
        const area *a = (const area *)s->areas.items + i;
        if (a->vertices_n == 0)
            continue;
        ok = start_mask(s, &m, a);
        if (ok)
            walk_edges(s, a, 3, mark, &m);
        ok = ok && push_runs(s, &m, (uint32_t)i, &w->runs[lo / AREAS_AT_ONCE]);
    }
    if (!ok)
        w->failed[lo / AREAS_AT_ONCE] = true;
    free(m.touched);
}

/* ---- the fine level ---- */

/* Give a slot to every cell that is worth dividing; returns how many. Taking each area's points to be equally many, a cell's traffic is the
 * share of its areas' cells that it is. */
static geo_status divide_cells(geo_areas *s, const geo_vec *runs, size_t lists_n, size_t *slots_n, geo_err *err)
{
    uint8_t *traffic = calloc(s->cells_n, 1);
    if (!traffic)
        return geo_err_nomem(err);
    for (size_t k = 0; k < lists_n; k++) {
        const run *all = runs[k].items;
        for (size_t i = 0, end; i < runs[k].n; i = end) {
            size_t cells_n = 0;
            for (end = i; end < runs[k].n && all[end].area_whole >> 1 == all[i].area_whole >> 1; end++)
                cells_n += (size_t)(all[end].last - all[end].first) + 1;
            const unsigned share = (unsigned)(TRAFFIC / cells_n);
            for (size_t r = i; share && r < end; r++)
                for (int32_t c = all[r].first; !(all[r].area_whole & 1) && c <= all[r].last; c++)
                    traffic[c] = (uint8_t)(traffic[c] + share > 255 ? 255 : traffic[c] + share);
        }
    }
    size_t cells_with[256] = {0}, divided_n = 0;
    for (size_t c = 0; c < s->cells_n; c++)
        cells_with[traffic[c]]++;
    int least = 256;
    while (least > LEAST_TRAFFIC && divided_n + cells_with[least - 1] <= MOST_DIVIDED)
        divided_n += cells_with[--least];
    s->cell = calloc(s->cells_n + divided_n * 64, sizeof *s->cell);
    for (size_t c = 0, slot = 0; s->cell && c < s->cells_n; c++)
        if (traffic[c] >= least)
            s->cell[c] = GEO_FINE + (int32_t)slot++;
    free(traffic);
    *slots_n = divided_n;
    return s->cell ? GEO_OK : geo_err_nomem(err);
}

/* The divided cells that one area touches, being marked. */
typedef struct patching {
    const geo_areas *s;
    int32_t row0, column0, columns_n; /* the area's box, in coarse cells */
    int32_t *patch_at;                /* of each cell of the box: its patch, or -1 */
    patch *patches;                   /* this area's */
} patching;

static void mark_fine(void *ctx, int32_t row, int32_t first, int32_t last)
{
    const patching *p = ctx;
    const int32_t *patch_at = p->patch_at + (ptrdiff_t)((row >> 3) - p->row0) * p->columns_n - p->column0;
    for (int32_t c = first >> 3; c <= last >> 3; c++) {
        if (patch_at[c] < 0)
            continue;
        const int from = first > c * 8 ? first - c * 8 : 0, to = last < c * 8 + 7 ? last - c * 8 : 7;
        p->patches[patch_at[c]].touched |= (uint64_t)((0xFFu >> (7 - to)) & (0xFFu << from)) << (row & 7) * 8;
    }
}

/* Fine cells no edge touches are wholly in or out; neighbours among them agree, so few need a test. */
static void settle_patch(const geo_areas *s, const area *a, patch *p, int32_t column0, int32_t row0)
{
    for (int i = 0; i < 64; i++) {
        const uint64_t bit = UINT64_C(1) << i, west = i & 7 ? bit >> 1 : 0, south = i > 7 ? bit >> 8 : 0;
        if (p->touched & bit)
            continue;
        bool inside;
        if (west & ~p->touched)
            inside = (p->whole & west) != 0;
        else if (south & ~p->touched)
            inside = (p->whole & south) != 0;
        else
            inside = geo_area_holds(s, a, middle(s, column0 + (i & 7), row0 + (i >> 3), 0));
        if (inside)
            p->whole |= bit;
    }
}

static bool is_divided(int32_t held)
{
    return held >= GEO_FINE && held != NOTHING;
}

/* Patches of one area, from its runs; touched bits are still to be marked. */
static bool start_patches(const geo_areas *s, const run *runs, size_t n, geo_vec *patches)
{
    for (size_t r = 0; r < n; r++)
        for (int32_t c = runs[r].first; c <= runs[r].last; c++) {
            if (!is_divided(s->cell[c]))
                continue;
            if (!geo_vec_reserve(patches, 1, sizeof(patch)))
                return false;
            const uint64_t whole = runs[r].area_whole & 1 ? ~UINT64_C(0) : 0;
            ((patch *)patches->items)[patches->n++] = (patch){0, whole, c, runs[r].area_whole >> 1};
        }
    return true;
}

static bool patch_area(const geo_areas *s, const run *runs, size_t n, geo_vec *patches)
{
    const area *a = (const area *)s->areas.items + (runs[0].area_whole >> 1);
    const size_t from = patches->n;
    if (!start_patches(s, runs, n, patches))
        return false;
    const size_t own_n = patches->n - from;
    if (own_n == 0)
        return true;
    patching p = {.s = s, .patches = (patch *)patches->items + from};
    p.row0 = geo_fine_row(s, a->y_min - s->pad) >> 3;
    p.column0 = geo_fine_column(s, a->x_min - s->pad) >> 3;
    p.columns_n = (geo_fine_column(s, a->x_max + s->pad) >> 3) - p.column0 + 1;
    const int32_t rows_n = (geo_fine_row(s, a->y_max + s->pad) >> 3) - p.row0 + 1, across = s->columns_n / 8;
    const bool walk = p.columns_n <= LARGEST_WALKED && rows_n <= LARGEST_WALKED;
    if (walk) {
        const size_t box_n = (size_t)rows_n * (size_t)p.columns_n;
        p.patch_at = malloc(box_n * sizeof *p.patch_at);
        if (!p.patch_at)
            return false;
        memset(p.patch_at, 0xFF, box_n * sizeof *p.patch_at);
        for (size_t i = 0; i < own_n; i++) /* slot is still the place of the cell */
            if (!p.patches[i].whole)
                p.patch_at[(p.patches[i].slot / across - p.row0) * p.columns_n + p.patches[i].slot % across - p.column0] = (int32_t)i;
        walk_edges(s, a, 0, mark_fine, &p);
        free(p.patch_at);
    }
    for (size_t i = 0; i < own_n; i++) {
        patch *own = &p.patches[i];
        if (!own->whole && walk)
            settle_patch(s, a, own, own->slot % across * 8, own->slot / across * 8);
        else if (!own->whole)
            own->touched = ~UINT64_C(0);
        own->slot = s->cell[own->slot] - GEO_FINE;
    }
    return true;
}

static void patch_areas(void *ctx, size_t lo, size_t hi)
{
    const gridding *w = ctx;
    for (size_t k = lo; k < hi; k++) {
        const run *all = w->runs[k].items;
        bool ok = !geo_watch_stopped(w->watch);
        for (size_t i = 0, end; ok && i < w->runs[k].n; i = end) {
            for (end = i; end < w->runs[k].n && all[end].area_whole >> 1 == all[i].area_whole >> 1;)
                end++;
            ok = patch_area(w->s, all + i, end - i, &w->patches[k]);
        }
        if (!ok)
            w->failed[k] = true;
    }
}

/* ---- putting it together ---- */

/* While counting, a cell is 0, or -1 - area when that area alone covers it whole, or else the length of its list. */
static void count(int32_t *cell, uint32_t number, bool whole)
{
    if (*cell == 0 && whole)
        *cell = -1 - (int32_t)number;
    else
        *cell = *cell < 0 ? 2 : *cell + 1;
}

static void list(geo_areas *s, int32_t held, uint32_t number, bool whole)
{
    if (held >= 0)
        return;
    uint32_t *candidates = s->candidates + (uint32_t)~held;
    candidates[++candidates[0]] = number << 1 | whole;
}

/* Visit every cell of every area: to count them, or to list them. */
static void visit(geo_areas *s, const gridding *w, size_t lists_n, bool listing)
{
    for (size_t k = 0; k < lists_n; k++) {
        const run *runs = w->runs[k].items;
        for (size_t i = 0; i < w->runs[k].n; i++)
            for (int32_t c = runs[i].first; c <= runs[i].last; c++) {
                if (listing)
                    list(s, s->cell[c], runs[i].area_whole >> 1, runs[i].area_whole & 1);
                else if (!is_divided(s->cell[c]))
                    count(&s->cell[c], runs[i].area_whole >> 1, runs[i].area_whole & 1);
            }
        const patch *patches = w->patches[k].items;
        for (size_t i = 0; i < w->patches[k].n; i++) {
            int32_t *fine = s->cell + s->cells_n + (size_t)patches[i].slot * 64;
            for (uint64_t bits = patches[i].touched | patches[i].whole; bits; bits &= bits - 1) {
                const int b = __builtin_ctzll(bits);
                const bool whole = !(patches[i].touched >> b & 1);
                if (listing)
                    list(s, fine[b], patches[i].area, whole);
                else
                    count(&fine[b], patches[i].area, whole);
            }
        }
    }
}

static geo_status fill_cells(geo_areas *s, const gridding *w, size_t lists_n, size_t slots_n, geo_err *err)
{
    visit(s, w, lists_n, false);
    size_t at = 0;
    for (size_t c = 0; c < s->cells_n + slots_n * 64; c++) {
        const int32_t n = s->cell[c];
        if (is_divided(n))
            continue;
        if (n <= 0) {
            s->cell[c] = n == 0 ? NOTHING : -1 - n;
            continue;
        }
        if (at + (size_t)n + 1 >= (size_t)INT32_MAX)
            return geo_err_set(err, GEO_ENOMEM, "too many areas lie over each other");
        s->cell[c] = ~(int32_t)at;
        at += (size_t)n + 1;
    }
    s->candidates = calloc(at + 1, sizeof *s->candidates);
    if (!s->candidates)
        return geo_err_nomem(err);
    visit(s, w, lists_n, true);
    return GEO_OK;
}

static geo_status all_went_well(const gridding *w, size_t lists_n, geo_err *err)
{
    for (size_t k = 0; k < lists_n; k++)
        if (w->failed[k])
            return geo_watch_stopped(w->watch) ? geo_err_set(err, GEO_ESTOP, "interrupted") : geo_err_nomem(err);
    return GEO_OK;
}

geo_status geo_areas_build_grid(geo_areas *s, int threads, const geo_watch *watch, geo_err *err)
{
    choose_cells(s);
    const size_t lists_n = s->areas.n / AREAS_AT_ONCE + 1;
    size_t slots_n = 0;
    gridding w = {s, calloc(lists_n, sizeof *w.runs), calloc(lists_n, sizeof *w.patches), watch, calloc(lists_n, sizeof *w.failed)};
    geo_status st = w.runs && w.patches && w.failed ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK) {
        geo_parallel_for(s->areas.n, AREAS_AT_ONCE, threads, cover_areas, &w);
        st = all_went_well(&w, lists_n, err);
    }
    if (st == GEO_OK)
        st = divide_cells(s, w.runs, lists_n, &slots_n, err);
    if (st == GEO_OK) {
        geo_parallel_for(lists_n, 1, threads, patch_areas, &w);
        st = all_went_well(&w, lists_n, err);
    }
    if (st == GEO_OK)
        st = fill_cells(s, &w, lists_n, slots_n, err);
    for (size_t k = 0; k < lists_n; k++) {
        if (w.runs)
            geo_vec_clear(&w.runs[k]);
        if (w.patches)
            geo_vec_clear(&w.patches[k]);
    }
    free(w.runs);
    free(w.patches);
    free(w.failed);
    return st;
}
