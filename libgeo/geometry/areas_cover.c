/*
 * Covering an area with grid cells. Its edges mark the cells they may touch, along a walk padded against rounding; what lies between them
 * in a row of cells is wholly inside or wholly outside, and one exact test says which. A cell that lists an area without need costs a
 * test; one that failed to list it would cost the answer, so the padding errs one way only.
 */
#include "areas_cover.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST_FINE 256 /* coarse cells across: larger areas are not walked in fine steps */

/* An area's box of coarse cells, being marked. */
typedef struct box {
    uint64_t *mask;
    int32_t row0, column0, rows_n, columns_n;
    bool fine;
} box;

static void mark_row(const box *b, int32_t row, int32_t first, int32_t last)
{
    uint64_t *cells = b->mask + (ptrdiff_t)((row >> 3) - b->row0) * b->columns_n - b->column0;
    for (int32_t c = first >> 3; c <= last >> 3; c++) {
        const int from = first > c * 8 ? first - c * 8 : 0, to = last < c * 8 + 7 ? last - c * 8 : 7;
        cells[c] |= b->fine ? (uint64_t)((0xFFu >> (7 - to)) & (0xFFu << from)) << (row & 7) * 8 : ~UINT64_C(0);
    }
}

/* Mark every row that an edge passes with the columns it may touch there. Coarse boxes are walked in steps of eight fine rows. */
static void mark_edge(const geo_areas *s, const box *b, geo_xy p, geo_xy q)
{
    if (p.y > q.y) {
        const geo_xy t = p;
        p = q;
        q = t;
    }
    const int32_t step = b->fine ? 1 : 8;
    const double west = geo_min(p.x, q.x) - s->pad, east = geo_max(p.x, q.x) + s->pad;
    const int32_t low = geo_fine_row(s, p.y - s->pad) / step * step, high = geo_fine_row(s, q.y + s->pad) / step * step;
    const int32_t first = geo_fine_column(s, west), last = geo_fine_column(s, east);
    if (low == high || first == last || q.y - p.y <= s->pad) {
        for (int32_t row = low; row <= high; row += step)
            mark_row(b, row, first, last);
        return;
    }
    const double slope = (q.x - p.x) / (q.y - p.y), slack = s->pad * (2 + fabs(slope));
    for (int32_t row = low; row <= high; row += step) {
        const double y_low = row == 0 ? p.y : geo_max(p.y, s->y0 + row * s->fine_size); /* the outer rows have no end */
        const double y_high = row + step >= s->rows_n ? q.y : geo_min(q.y, s->y0 + (row + step) * s->fine_size);
        const double x_low = p.x + (y_low - p.y) * slope, x_high = p.x + (y_high - p.y) * slope;
        mark_row(b, row, geo_fine_column(s, geo_max(west, geo_min(x_low, x_high) - slack)),
                 geo_fine_column(s, geo_min(east, geo_max(x_low, x_high) + slack)));
    }
}

/* A vertex in cells from the south-west corner of the grid, and the inside of its cell, clear of the border by more than the padding. */
typedef struct stand {
    double x, y, west, east, south, north;
    bool clear; /* the vertex is in there */
} stand;

static inline bool is_clear(const stand *s)
{
    return s->x > s->west && s->x < s->east && s->y > s->south && s->y < s->north;
}

/* Most edges are shorter than a cell: those that stay inside one need no walk, since what led there has marked it. */
static void mark_ring(const geo_areas *s, const box *b, const geo_xy *v, uint32_t n)
{
    const int32_t shift = b->fine ? 0 : 3;
    const double cells_per_unit = s->fine_per_unit / (1 << shift), pad = s->pad * cells_per_unit;
    const double columns_n = s->columns_n >> shift, rows_n = s->rows_n >> shift;
    stand at = {.clear = false};
    for (uint32_t i = 0; i < n; i++) {
        at.x = (v[i].x - s->x0) * cells_per_unit;
        at.y = (v[i].y - s->y0) * cells_per_unit;
        if (at.clear && is_clear(&at))
            continue;
        mark_edge(s, b, v[i ? i - 1 : 0], v[i]);
        at.clear = at.x >= 0 && at.x < columns_n && at.y >= 0 && at.y < rows_n; /* not far out */
        if (!at.clear)
            continue;
        at.west = (int32_t)at.x + pad;
        at.east = (int32_t)at.x + 1 - pad;
        at.south = (int32_t)at.y + pad;
        at.north = (int32_t)at.y + 1 - pad;
        at.clear = is_clear(&at);
    }
}

static bool start_box(const geo_areas *s, const area *a, bool fine, cover_room *room, box *b)
{
    b->row0 = geo_fine_row(s, a->y_min - s->pad) >> 3;
    b->column0 = geo_fine_column(s, a->x_min - s->pad) >> 3;
    b->rows_n = (geo_fine_row(s, a->y_max + s->pad) >> 3) - b->row0 + 1;
    b->columns_n = (geo_fine_column(s, a->x_max + s->pad) >> 3) - b->column0 + 1;
    b->fine = fine && b->rows_n <= LARGEST_FINE && b->columns_n <= LARGEST_FINE;
    const size_t n = (size_t)b->rows_n * (size_t)b->columns_n;
    if (n > room->n) {
        free(room->mask);
        room->n = 0;
        room->mask = malloc(2 * n * sizeof *room->mask);
        if (!room->mask)
            return false;
        room->n = 2 * n;
    }
    b->mask = room->mask;
    memset(b->mask, 0, n * sizeof *b->mask);
    return true;
}

/* Middle of a fine cell, or of 8 x 8 of them. */
static geo_xy middle(const geo_areas *s, int32_t column, int32_t row, double size)
{
    return (geo_xy){s->x0 + (column + size / 2) * s->fine_size, s->y0 + (row + size / 2) * s->fine_size};
}

/* One row of the box: touched cells become patches; the stretches between them become runs when the area covers them. */
static bool push_row(const geo_areas *s, const box *b, int32_t row, uint32_t number, cover *out)
{
    const area *a = (const area *)s->areas.items + number;
    const uint64_t *mask = b->mask + (size_t)row * (size_t)b->columns_n;
    const int32_t place = (b->row0 + row) * (s->columns_n / 8) + b->column0;
    for (int32_t c = 0, end; c < b->columns_n; c = end) {
        end = c + 1;
        if (mask[c]) {
            if (!geo_vec_reserve(&out->patches, 1, sizeof(patch)))
                return false;
            ((patch *)out->patches.items)[out->patches.n++] = (patch){mask[c], 0, place + c, number};
            continue;
        }
        while (end < b->columns_n && !mask[end])
            end++;
        if (c == 0 || end == b->columns_n) /* what the area covers has edges on both sides within its box */
            continue;
        if (!geo_area_holds(s, a, middle(s, (b->column0 + c) * 8, (b->row0 + row) * 8, 8)))
            continue;
        if (!geo_vec_reserve(&out->runs, 1, sizeof(run)))
            return false;
        ((run *)out->runs.items)[out->runs.n++] = (run){place + c, place + end - 1, number};
    }
    return true;
}

bool geo_cover_area(const geo_areas *s, uint32_t i, bool fine, cover_room *room, cover *out)
{
    const area *a = (const area *)s->areas.items + i;
    const uint32_t *ring_start = s->ring_start.items;
    box b;
    if (a->vertices_n == 0)
        return true;
    if (!start_box(s, a, fine, room, &b))
        return false;
    for (uint32_t ring = 0; ring < a->rings_n; ring++) {
        const uint32_t from = ring_start[a->first_ring + ring];
        const uint32_t to = geo_ring_end(s, a, a->first_ring + ring);
        mark_ring(s, &b, (const geo_xy *)s->vertices.items + from, to - from);
    }
    bool ok = true;
    for (int32_t row = 0; ok && row < b.rows_n; row++)
        ok = push_row(s, &b, row, i, out);
    return ok;
}

void geo_settle_patch(const geo_areas *s, patch *p)
{
    const area *a = (const area *)s->areas.items + p->area;
    const int32_t across = s->columns_n / 8, column = p->place % across * 8, row = p->place / across * 8;
    for (int i = 0; i < 64; i++) {
        const uint64_t bit = UINT64_C(1) << i, west = i & 7 ? bit >> 1 : 0, south = i > 7 ? bit >> 8 : 0;
        if (p->touched & bit)
            continue;
        bool inside; /* neighbours that no edge touches agree, so few cells need a test */
        if (west & ~p->touched)
            inside = (p->whole & west) != 0;
        else if (south & ~p->touched)
            inside = (p->whole & south) != 0;
        else
            inside = geo_area_holds(s, a, middle(s, column + (i & 7), row + (i >> 3), 1));
        p->whole |= inside ? bit : 0;
    }
}
