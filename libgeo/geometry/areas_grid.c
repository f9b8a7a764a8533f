/*
 * The grid over the areas. For every area: mark the cells its edges may touch, along a walk padded against rounding; what lies between
 * them in a row of cells is wholly inside or wholly outside, and one exact test says which. A cell that lists an area without need costs
 * a test; one that fails to list it would cost the answer, so the padding errs one way only.
 */
#include "areas.h"

#include "geo/parallel.h"

#include <stdlib.h>
#include <string.h>

#define CELLS_PER_AREA 200
#define LEAST_CELLS 256.0
#define MOST_CELLS ((double)(1 << 23))
#define MOST_COVERED ((double)(1 << 26)) /* cells in the boxes of all areas together: large areas that overlap get larger cells */
#define AREAS_AT_ONCE 64

/* Cells first .. last of a row: all of them covered whole by the area, or all touched by its edges. */
typedef struct run {
    int32_t row, first, last;
    uint32_t area_whole; /* area << 1 | whole */
} run;

typedef struct gridding {
    geo_areas *s;
    geo_vec *runs; /* one list for each AREAS_AT_ONCE areas, so that the result does not depend on the threads */
    const geo_watch *watch;
    bool *failed;
} gridding;

static int32_t column_of(const geo_areas *s, double x)
{
    return geo_grid_step(x, s->x0, s->cells_per_unit, s->columns_n);
}

static int32_t row_of(const geo_areas *s, double y)
{
    return geo_grid_step(y, s->y0, s->cells_per_unit, s->rows_n);
}

static void choose_cells(geo_areas *s)
{
    geo_xy low = {0, 0}, high = {0, 0};
    if (!geo_areas_box(s, &low, &high))
        low = high = (geo_xy){0, 0};
    const double width = high.x - low.x, height = high.y - low.y, longest = fmax(fmax(width, height), 1e-80);
    double boxes = 0;
    for (size_t i = 0; i < s->areas.n; i++) {
        const area *a = (const area *)s->areas.items + i;
        if (a->vertices_n)
            boxes += (a->x_max - a->x_min) / longest * ((a->y_max - a->y_min) / longest);
    }
    const double cells = fmin(fmax((double)s->areas.n * CELLS_PER_AREA, LEAST_CELLS), MOST_CELLS);
    const double plane = fmax(width / longest * (height / longest), 1e-6);
    s->cell_size = longest * sqrt(fmax(plane / cells, boxes / MOST_COVERED));
    s->cells_per_unit = 1 / s->cell_size;
    s->x0 = low.x;
    s->y0 = low.y;
    s->columns_n = (int32_t)(width * s->cells_per_unit) + 1;
    s->rows_n = (int32_t)(height * s->cells_per_unit) + 1;
    const double largest = fmax(fmax(fabs(low.x), fabs(low.y)), fmax(fabs(high.x), fabs(high.y)));
    s->pad = fmax(s->cell_size * 1e-6, largest * 0x1p-48);
}

/* The cells of one area's box: 0, or 1 where an edge may touch. */
typedef struct mask {
    uint8_t *touched;
    size_t room;
    int32_t row0, column0, rows_n, columns_n;
} mask;

static void mark(mask *m, int32_t row, int32_t first, int32_t last)
{
    uint8_t *cells = m->touched + (size_t)(row - m->row0) * (size_t)m->columns_n - m->column0;
    for (int32_t c = first; c <= last; c++)
        cells[c] = 1;
}

static void mark_edge(const geo_areas *s, mask *m, geo_xy a, geo_xy b)
{
    if (a.y > b.y) {
        const geo_xy t = a;
        a = b;
        b = t;
    }
    const double west = fmin(a.x, b.x) - s->pad, east = fmax(a.x, b.x) + s->pad;
    const int32_t low = row_of(s, a.y - s->pad), high = row_of(s, b.y + s->pad);
    const int32_t first = column_of(s, west), last = column_of(s, east);
    if (low == high || first == last || b.y - a.y <= s->pad) {
        for (int32_t row = low; row <= high; row++)
            mark(m, row, first, last);
        return;
    }
    const double slope = (b.x - a.x) / (b.y - a.y), slack = s->pad * (1 + fabs(slope)) + s->pad;
    for (int32_t row = low; row <= high; row++) {
        const double y_low = fmax(a.y, s->y0 + row * s->cell_size), y_high = fmin(b.y, s->y0 + (row + 1) * s->cell_size);
        const double x_low = a.x + (y_low - a.y) * slope, x_high = a.x + (y_high - a.y) * slope;
        mark(m, row, column_of(s, fmax(west, fmin(x_low, x_high) - slack)), column_of(s, fmin(east, fmax(x_low, x_high) + slack)));
    }
}

static bool start_mask(const geo_areas *s, mask *m, const area *a)
{
    m->row0 = row_of(s, a->y_min - s->pad);
    m->column0 = column_of(s, a->x_min - s->pad);
    m->rows_n = row_of(s, a->y_max + s->pad) - m->row0 + 1;
    m->columns_n = column_of(s, a->x_max + s->pad) - m->column0 + 1;
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

static bool push_run(geo_vec *runs, run r)
{
    if (!geo_vec_reserve(runs, 1, sizeof r))
        return false;
    ((run *)runs->items)[runs->n++] = r;
    return true;
}

/* Turn a marked mask into runs. */
static bool push_runs(const geo_areas *s, const mask *m, uint32_t number, geo_vec *runs)
{
    const area *a = (const area *)s->areas.items + number;
    for (int32_t row = 0; row < m->rows_n; row++) {
        const uint8_t *cells = m->touched + (size_t)row * (size_t)m->columns_n;
        for (int32_t first = 0, last; first < m->columns_n; first = last + 1) {
            for (last = first; last + 1 < m->columns_n && cells[last + 1] == cells[first];)
                last++;
            const geo_xy centre = {s->x0 + (m->column0 + first + 0.5) * s->cell_size, s->y0 + (m->row0 + row + 0.5) * s->cell_size};
            const bool whole = !cells[first];
            if (whole && !geo_area_holds(s, a, centre))
                continue;
            if (!push_run(runs, (run){m->row0 + row, m->column0 + first, m->column0 + last, number << 1 | whole}))
                return false;
        }
    }
    return true;
}

static void cover_areas(void *ctx, size_t lo, size_t hi)
{
    const gridding *w = ctx;
    const geo_areas *s = w->s;
    const geo_xy *v = s->vertices.items;
    const uint32_t *ring_start = s->ring_start.items;
    mask m = {0};
    bool ok = !geo_watch_stopped(w->watch);
    for (size_t i = lo; ok && i < hi; i++) {
        const area *a = (const area *)s->areas.items + i;
        if (a->vertices_n == 0)
            continue;
        ok = start_mask(s, &m, a);
        for (uint32_t ring = 0; ok && ring < a->rings_n; ring++) {
            const uint32_t from = ring_start[a->first_ring + ring];
            const uint32_t to = ring + 1 < a->rings_n ? ring_start[a->first_ring + ring + 1] : a->first_vertex + a->vertices_n;
            for (uint32_t e = from; e + 1 < to; e++)
                mark_edge(s, &m, v[e], v[e + 1]);
        }
        ok = ok && push_runs(s, &m, (uint32_t)i, &w->runs[lo / AREAS_AT_ONCE]);
    }
    if (!ok)
        w->failed[lo / AREAS_AT_ONCE] = true;
    free(m.touched);
}

/* While counting, a cell is 0, or -1 - area when that area alone covers it whole, or else the length of its list. */
static void count_run(geo_areas *s, const run *r)
{
    int32_t *cell = s->cell + (size_t)r->row * (size_t)s->columns_n;
    for (int32_t c = r->first; c <= r->last; c++) {
        if (cell[c] == 0 && (r->area_whole & 1))
            cell[c] = -1 - (int32_t)(r->area_whole >> 1);
        else
            cell[c] = cell[c] < 0 ? 2 : cell[c] + 1;
    }
}

static void list_run(geo_areas *s, const run *r)
{
    const int32_t *cell = s->cell + (size_t)r->row * (size_t)s->columns_n;
    for (int32_t c = r->first; c <= r->last; c++)
        if (cell[c] < 0) {
            uint32_t *list = s->candidates + (uint32_t)~cell[c];
            list[++list[0]] = r->area_whole;
        }
}

static geo_status fill_cells(geo_areas *s, const geo_vec *runs, size_t lists_n, geo_err *err)
{
    const size_t cells_n = (size_t)s->rows_n * (size_t)s->columns_n;
    s->cell = calloc(cells_n, sizeof *s->cell);
    if (!s->cell)
        return geo_err_nomem(err);
    for (size_t k = 0; k < lists_n; k++)
        for (size_t i = 0; i < runs[k].n; i++)
            count_run(s, (const run *)runs[k].items + i);
    size_t at = 0;
    for (size_t c = 0; c < cells_n; c++) {
        const int32_t n = s->cell[c];
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
    for (size_t k = 0; k < lists_n; k++)
        for (size_t i = 0; i < runs[k].n; i++)
            list_run(s, (const run *)runs[k].items + i);
    return GEO_OK;
}

geo_status geo_areas_build_grid(geo_areas *s, int threads, const geo_watch *watch, geo_err *err)
{
    choose_cells(s);
    const size_t lists_n = s->areas.n / AREAS_AT_ONCE + 1;
    gridding w = {s, calloc(lists_n, sizeof *w.runs), watch, calloc(lists_n, sizeof *w.failed)};
    geo_status st = w.runs && w.failed ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK)
        geo_parallel_for(s->areas.n, AREAS_AT_ONCE, threads, cover_areas, &w);
    for (size_t k = 0; st == GEO_OK && k < lists_n; k++)
        if (w.failed[k])
            st = geo_watch_stopped(watch) ? geo_err_set(err, GEO_ESTOP, "interrupted") : geo_err_nomem(err);
    if (st == GEO_OK)
        st = fill_cells(s, w.runs, lists_n, err);
    for (size_t k = 0; w.runs && k < lists_n; k++)
        geo_vec_clear(&w.runs[k]);
    free(w.runs);
    free(w.failed);
    return st;
}
