/* Cells as rows of a table. */
#include "cube_sheet.h"

#include <string.h>

#define LEVEL_COLUMN "area_level"
#define COUNTS_COLUMN "count" /* which of several fields of counts */

/* A dictionary of n texts. */
static geo_status dictionary(geo_arena *arena, const char *const *text, size_t n, geo_column *out, geo_err *err)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += strlen(text[i]);
    int64_t *offsets = geo_arena_array(arena, n + 1, sizeof *offsets);
    char *bytes = geo_arena_alloc(arena, total);
    if (!offsets || !bytes)
        return geo_err_nomem(err);
    int64_t at = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t len = strlen(text[i]);
        offsets[i] = at;
        memcpy(bytes + at, text[i], len);
        at += (int64_t)len;
    }
    offsets[n] = at;
    *out = (geo_column){.type = GEO_TEXT, .held = true, .values = bytes, .offsets = offsets};
    return GEO_OK;
}

static geo_status add_dictionary(cube_sheet *s, const char *name, const char *const *text, size_t n, geo_err *err)
{
    const size_t at = s->fields_n++;
    s->fields[at] = (geo_field){.name = name, .type = GEO_TEXT};
    if (!(s->node[at] = geo_arena_array(&s->c->arena, SHEET_ROWS, sizeof **s->node)))
        return geo_err_nomem(err);
    const geo_status st = dictionary(&s->c->arena, text, n, &s->columns[at], err);
    s->columns[at].index = s->node[at];
    return st;
}

static geo_status add_levels(cube_sheet *s, const cube_variable *v, geo_err *err)
{
    const char *names[CUBE_LEVELS];
    for (size_t l = 0; l < v->levels_n; l++)
        names[l] = l + 1 < v->levels_n ? v->levels[l].name : v->text[v->nodes_n - 1];
    s->level_at = s->fields_n;
    return add_dictionary(s, LEVEL_COLUMN, names, v->levels_n, err);
}

geo_status geo_rows_begin(cube_sheet *s, geo_cube *c, size_t places_n, size_t more_n, geo_err *err)
{
    *s = (cube_sheet){.c = c, .places_n = places_n, .level_at = SIZE_MAX, .shapes_at = SIZE_MAX};
    s->fields = geo_arena_array(&c->arena, CUBE_VARIABLES + 2 + more_n, sizeof *s->fields);
    s->columns = geo_arena_array(&c->arena, CUBE_VARIABLES + 2 + more_n, sizeof *s->columns);
    s->cell = geo_arena_array(&c->arena, SHEET_ROWS, sizeof *s->cell);
    geo_status st = s->fields && s->columns && s->cell ? GEO_OK : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < places_n; i++)
        st = add_dictionary(s, c->v[i].field ? c->v[i].field : COUNTS_COLUMN, c->v[i].text, c->v[i].nodes_n, err);
    return st == GEO_OK && c->v[0].areas && c->v[0].levels_n > 2 ? add_levels(s, &c->v[0], err) : st;
}

void geo_rows_field(cube_sheet *s, const char *name, geo_type type, size_t *at)
{
    *at = s->fields_n++;
    s->fields[*at] = (geo_field){.name = name, .type = type};
}

void geo_rows_squares(cube_sheet *s)
{
    if (!s->c->v[0].grid_m[0])
        return;
    geo_rows_field(s, "geometry", GEO_GEOMETRY, &s->shapes_at);
    s->fields[s->shapes_at].crs = GEO_GRID_CRS;
    s->fields[s->shapes_at].kind = GEO_POLYGON;
}

/* The squares of the rows that wait; all together has no shape. */
static geo_status fill_squares(cube_sheet *s, geo_arena *arena, geo_err *err)
{
    static const int RING[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}; /* closed, counter-clockwise */
    const cube_variable *v = &s->c->v[0];
    const size_t n = s->rows_n;
    uint8_t *kind = geo_arena_alloc(arena, n);
    int64_t *part_at = geo_arena_array(arena, n + 1, sizeof *part_at), *ring_at = geo_arena_array(arena, n + 1, sizeof *ring_at);
    int64_t *vertex_at = geo_arena_array(arena, n + 1, sizeof *vertex_at);
    double *x = geo_arena_array(arena, n * 5 + 1, sizeof *x), *y = geo_arena_array(arena, n * 5 + 1, sizeof *y);
    geo_geometries *g = geo_arena_alloc(arena, sizeof *g);
    if (!kind || !part_at || !ring_at || !vertex_at || !x || !y || !g)
        return geo_err_nomem(err);
    int64_t squares_n = 0;
    for (size_t r = 0; r < n; r++) {
        const uint32_t node = (uint32_t)s->node[0][r];
        const int size = v->grid_m[v->level_of[node]];
        double west, south;
        const bool is = size > 0 && geo_grid_corner(v->text[node], size, &west, &south);
        kind[r] = is ? GEO_POLYGON : GEO_NO_GEOMETRY;
        part_at[r] = squares_n;
        for (int k = 0; is && k < 5; k++) {
            x[squares_n * 5 + k] = west + RING[k][0] * size;
            y[squares_n * 5 + k] = south + RING[k][1] * size;
        }
        squares_n += is;
    }
    part_at[n] = squares_n;
    for (int64_t i = 0; i <= squares_n; i++) {
        ring_at[i] = i;
        vertex_at[i] = i * 5;
    }
    *g = (geo_geometries){kind, part_at, ring_at, vertex_at, x, y};
    s->columns[s->shapes_at] = (geo_column){.type = GEO_GEOMETRY, .held = true, .geometries = g};
    return GEO_OK;
}

bool geo_rows_add(cube_sheet *s, size_t cell)
{
    uint32_t node[CUBE_VARIABLES];
    geo_cube_nodes(s->c, cell, node);
    for (size_t i = 0; i < s->places_n; i++)
        s->node[i][s->rows_n] = (int32_t)node[i];
    if (s->level_at != SIZE_MAX)
        s->node[s->level_at][s->rows_n] = (int32_t)s->c->v[0].level_of[node[0]];
    s->cell[s->rows_n++] = cell;
    return s->rows_n == SHEET_ROWS;
}

geo_status geo_rows_put(cube_sheet *s, geo_writer *w, geo_class class_, geo_err *err)
{
    geo_arena arena = {0};
    geo_status st = s->shapes_at != SIZE_MAX ? fill_squares(s, &arena, err) : GEO_OK;
    const geo_schema schema = {s->fields_n, s->fields};
    const geo_batch batch = {.rows_n = s->rows_n, .schema = &schema, .columns = s->columns, .class_ = class_};
    geo_bytes bytes = {0};
    if (st == GEO_OK)
        st = geo_writer_encode(w, &batch, &bytes, err); /* without rows too: the gate judges the table */
    if (st == GEO_OK && s->rows_n)
        st = geo_writer_put(w, &batch, &bytes, err);
    geo_bytes_clear(&bytes);
    geo_arena_clear(&arena);
    s->rows_n = 0;
    return st;
}
