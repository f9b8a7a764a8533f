/*
 * Well-known binary: shapes one after another, each behind its length (two bytes, least first), go into one column. What is taken can be
 * written and taken again as the same bytes; what is refused leaves the column as it was.
 */
#include "../../libgeo/table/shapes.h"
#include "fuzz.h"

#include <math.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

static void check_offsets(const geo_geometries *g, size_t rows_n)
{
    REQUIRE(g->part_at[0] == 0 && g->ring_at[0] == 0 && g->vertex_at[0] == 0);
    for (size_t r = 0; r < rows_n; r++) {
        REQUIRE(g->part_at[r] <= g->part_at[r + 1] && g->kind[r] <= GEO_MULTIPOLYGON);
        for (int64_t p = g->part_at[r]; p < g->part_at[r + 1]; p++) {
            REQUIRE(g->ring_at[p] <= g->ring_at[p + 1]);
            for (int64_t k = g->ring_at[p]; k < g->ring_at[p + 1]; k++) {
                const int64_t from = g->vertex_at[k], to = g->vertex_at[k + 1];
                REQUIRE(from <= to);
                for (int64_t v = from; v < to; v++)
                    REQUIRE(isfinite(g->x[v]) && isfinite(g->y[v]));
                if (g->kind[r] == GEO_POLYGON || g->kind[r] == GEO_MULTIPOLYGON)
                    REQUIRE(to - from >= 4 && g->x[from] == g->x[to - 1] && g->y[from] == g->y[to - 1]);
            }
        }
    }
}

/* Adds a shape; returns 1 for taken. */
static int add(geo_shapes *s, const char *wkb, size_t n)
{
    const size_t rows_n = s->kind.n, vertices_n = s->x.n, rings_n = s->vertex_at.n ? s->vertex_at.n : 1;
    const geo_status st = geo_shapes_add_wkb(s, wkb, n);
    REQUIRE(st == GEO_OK || st == GEO_EGEOM);
    if (st == GEO_EGEOM)
        REQUIRE(s->kind.n == rows_n && s->x.n == vertices_n && s->y.n == vertices_n && s->vertex_at.n == rings_n
                && s->part_at.n == rows_n + 1);
    else
        REQUIRE(s->kind.n == rows_n + 1);
    return st == GEO_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    geo_shapes shapes = {0}, again = {0};
    geo_arena arena = {0};
    for (size_t at = 0; at + 2 <= n;) {
        size_t len = (size_t)data[at] | (size_t)data[at + 1] << 8;
        at += 2;
        if (len > n - at)
            len = n - at;
        char *wkb = fuzz_copy(data + at, len);
        (void)add(&shapes, wkb, len);
        free(wkb);
        at += len;
    }
    const size_t rows_n = shapes.kind.n;
    geo_column column, column_again;
    REQUIRE(geo_shapes_column(&shapes, &arena, &column));
    if (column.geometries->kind)
        check_offsets(column.geometries, rows_n);
    geo_vec first = {0}, second = {0};
    for (size_t r = 0; r < rows_n; r++) {
        const size_t from = first.n;
        REQUIRE(geo_geometries_wkb(column.geometries, r, &first));
        if (first.n > from)
            REQUIRE(add(&again, (const char *)first.items + from, first.n - from));
        else
            REQUIRE(geo_shapes_add_none(&again) == GEO_OK);
    }
    REQUIRE(geo_shapes_column(&again, &arena, &column_again));
    for (size_t r = 0; r < rows_n; r++)
        REQUIRE(geo_geometries_wkb(column_again.geometries, r, &second));
    REQUIRE(first.n == second.n && (first.n == 0 || memcmp(first.items, second.items, first.n) == 0));
    geo_vec_clear(&first);
    geo_vec_clear(&second);
    geo_shapes_clear(&shapes);
    geo_shapes_clear(&again);
    geo_arena_clear(&arena);
    return 0;
}
