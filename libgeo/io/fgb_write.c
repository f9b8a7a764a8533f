/*
 * FlatGeobuf out, without an index: the header, then each row as a feature, whether it has a geometry or not. The last feature of a batch
 * waits for the next one, since the very last is marked as such (fgb.h).
 */
#include "fgb_write.h"

#include "../table/column.h"
#include "flat.h"
#include "flat_out.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POINT_BYTES 68 /* of a feature that is a point, up to its values */

/* ---- values ---- */

static bool put_number(geo_bytes *out, int32_t column, const geo_column *c, ptrdiff_t v)
{
    if (!geo_bytes_room(out, 2 + 8))
        return false;
    char *p = out->data + out->n;
    geo_flat_put_u16(p, (uint16_t)column);
    if (c->type == GEO_BOOL) {
        p[2] = ((const char *)c->values)[v];
        out->n += 3;
        return true;
    }
    uint64_t bits;
    memcpy(&bits, (const char *)c->values + 8 * v, 8);
    geo_flat_put_u32(p + 2, (uint32_t)bits);
    geo_flat_put_u32(p + 6, (uint32_t)(bits >> 32));
    out->n += 10;
    return true;
}

static bool put_text(geo_bytes *out, int32_t column, const char *s, size_t n)
{
    if (n > UINT32_MAX / 4 || !geo_bytes_room(out, 6 + n))
        return false;
    char *p = out->data + out->n;
    geo_flat_put_u16(p, (uint16_t)column);
    geo_flat_put_u32(p + 2, (uint32_t)n);
    memcpy(p + 6, s, n);
    out->n += 6 + n;
    return true;
}

static bool put_value(geo_bytes *out, int32_t column, const geo_column *c, size_t r)
{
    const ptrdiff_t v = geo_column_place(c, r);
    if (v < 0)
        return true;
    if (c->type == GEO_TEXT)
        return put_text(out, column, (const char *)c->values + c->offsets[v], (size_t)(c->offsets[v + 1] - c->offsets[v]));
    if (c->type != GEO_DATE)
        return put_number(out, column, c, v);
    char room[GEO_VALUE_ROOM];
    size_t n;
    const char *s = geo_column_print(c, r, room, &n);
    return put_text(out, column, s, n);
}

/* The values of a row behind their length, and the end of the feature: padded, so that the next one is aligned, and its size in front. */
static bool end_feature(const geo_fgb_out *w, const geo_batch *b, size_t r, size_t base, geo_bytes *out)
{
    const size_t length_at = out->n - 4;
    bool ok = true;
    for (size_t i = 0; ok && i < w->schema.fields_n; i++)
        if (w->column[i] >= 0 && (ptrdiff_t)i != w->class_at)
            ok = put_value(out, w->column[i], &b->columns[i], r);
    if (ok && w->class_column >= 0) {
        const char *name = geo_class_name(geo_batch_class(b, r));
        ok = put_text(out, w->class_column, name, strlen(name));
    }
    if (!ok || out->n - base > UINT32_MAX / 4 || !geo_bytes_room(out, 8))
        return false;
    geo_flat_put_u32(out->data + length_at, (uint32_t)(out->n - length_at - 4));
    const size_t pad = (8 - (out->n - base) % 8) % 8;
    memset(out->data + out->n, 0, pad);
    out->n += pad;
    geo_flat_put_u32(out->data + base, (uint32_t)(out->n - base - 4));
    return true;
}

/* ---- geometries ---- */

/* The usual case by a template: vtables and tables of feature and geometry, and a vector of two ordinates. */
static bool put_point(const geo_fgb_out *w, const geo_batch *b, size_t r, double x, double y, geo_bytes *out)
{
    static const unsigned char FRONT[POINT_BYTES] = {0, 0, 0,  0, 12, 0, 0, 0,              /* size; the feature's table at 16 */
                                                     8, 0, 12, 0, 4,  0, 8, 0,              /* 8: its vtable: geometry, properties */
                                                     8, 0, 0,  0, 16, 0, 0, 0, 40, 0, 0, 0, /* 16: at 36, at 64 */
                                                     8, 0, 8,  0, 0,  0, 4, 0,              /* 28: vtable of the geometry: xy */
                                                     8, 0, 0,  0, 4,  0, 0, 0,              /* 36: at 44 */
                                                     2, 0, 0,  0, 0,  0, 0, 0, 0,  0, 0, 0,
                                                     0, 0, 0,  0, 0,  0, 0, 0}; /* 44: two, x at 48, y at 56; 64: length of the values */
    const size_t base = out->n;
    if (!geo_bytes_room(out, POINT_BYTES))
        return false;
    char *p = out->data + base;
    memcpy(p, FRONT, POINT_BYTES);
    geo_flat_put_double(p + 48, x);
    geo_flat_put_double(p + 56, y);
    out->n += POINT_BYTES;
    return end_feature(w, b, r, base, out);
}

/* The vertices of some rings, and where each ring ends if there are several. */
static void put_rings(geo_flat_out *o, const geo_flat_made *made, const geo_geometries *g, int64_t ring, int64_t ring_end)
{
    const int64_t from = g->vertex_at[ring], to = g->vertex_at[ring_end];
    const size_t xy = geo_flat_list(o, made->field[FGB_XY], 2 * (size_t)(to - from), 8);
    for (int64_t v = from; !o->bad && v < to; v++) {
        char *p = geo_flat_place(o, xy) + 4 + 16 * (v - from);
        geo_flat_put_double(p, g->x[v]);
        geo_flat_put_double(p + 8, g->y[v]);
    }
    if (!made->field[FGB_ENDS])
        return;
    const size_t ends = geo_flat_list(o, made->field[FGB_ENDS], (size_t)(ring_end - ring), 4);
    for (int64_t k = ring; !o->bad && k < ring_end; k++)
        geo_flat_put_u32(geo_flat_place(o, ends) + 4 + 4 * (k - ring), (uint32_t)(g->vertex_at[k + 1] - from));
}

static geo_flat_made make_geometry(geo_flat_out *o, bool ends, bool xy, bool kind, bool parts)
{
    const uint8_t size[FGB_GEOMETRY_SLOTS] = {
        [FGB_ENDS] = ends ? 4 : 0, [FGB_XY] = xy ? 4 : 0, [FGB_GEOMETRY_KIND] = kind, [FGB_PARTS] = parts ? 4 : 0};
    return geo_flat_make(o, size, FGB_GEOMETRY_SLOTS);
}

/* The geometry of a row whose table starts at the offset in `field`; its kind as the header has it, or its own where that is mixed. */
static void put_geometry(geo_flat_out *o, size_t field, const geo_geometries *g, int64_t row, uint8_t header_kind)
{
    const uint8_t kind = header_kind ? header_kind : g->kind[row];
    const int64_t part = g->part_at[row], part_end = g->part_at[row + 1], ring = g->ring_at[part], ring_end = g->ring_at[part_end];
    const bool parts = kind == GEO_MULTIPOLYGON; /* GDAL wants ends of a multi line even where it is one */
    const bool several = kind == GEO_MULTILINESTRING || (kind == GEO_POLYGON && ring_end - ring > 1);
    const geo_flat_made made = make_geometry(o, !parts && several, !parts, header_kind == 0, parts);
    geo_flat_point(o, field, made.at);
    if (header_kind == 0 && !o->bad)
        *geo_flat_place(o, made.field[FGB_GEOMETRY_KIND]) = (char)kind;
    if (!parts) {
        put_rings(o, &made, g, ring, ring_end);
        return;
    }
    const size_t list = geo_flat_list(o, made.field[FGB_PARTS], (size_t)(part_end - part), 4);
    for (int64_t p = part; !o->bad && p < part_end; p++) {
        const int64_t k = g->ring_at[p], k_end = g->ring_at[p + 1];
        const geo_flat_made polygon = make_geometry(o, k_end - k > 1, true, true, false);
        if (o->bad)
            return;
        *geo_flat_place(o, polygon.field[FGB_GEOMETRY_KIND]) = GEO_POLYGON;
        geo_flat_point(o, list + 4 + 4 * (size_t)(p - part), polygon.at);
        put_rings(o, &polygon, g, k, k_end);
    }
}

static bool put_feature(const geo_fgb_out *w, const geo_batch *b, size_t r, geo_bytes *out)
{
    const geo_column *c = w->geometry >= 0 ? &b->columns[w->geometry] : NULL;
    const ptrdiff_t row = c ? geo_column_place(c, r) : -1;
    const geo_geometries *g = row >= 0 ? c->geometries : NULL;
    const bool there =
        g && (g->kind ? g->kind[row] != GEO_NO_GEOMETRY && g->kind[row] != GEO_BAD_GEOMETRY : isfinite(g->x[row]) && isfinite(g->y[row]));
    if (there && !g->kind && w->kind == GEO_POINT)
        return put_point(w, b, r, g->x[row], g->y[row], out);
    const int64_t ends[2] = {0, 1};
    const uint8_t point = GEO_POINT;
    const geo_geometries one = {.kind = &point,
                                .part_at = ends,
                                .ring_at = ends,
                                .vertex_at = ends,
                                .x = there ? g->x + row : NULL,
                                .y = there ? g->y + row : NULL};
    const size_t base = out->n;
    geo_flat_out o = {out, base, false};
    (void)geo_flat_room(&o, 8, 1, 0); /* the size, and where the table is */
    const uint8_t size[FGB_PROPERTIES + 1] = {[FGB_GEOMETRY] = there ? 4 : 0, [FGB_PROPERTIES] = 4};
    const geo_flat_made made = geo_flat_make(&o, size, FGB_PROPERTIES + 1);
    geo_flat_point(&o, 4, made.at);
    if (there)
        put_geometry(&o, made.field[FGB_GEOMETRY], g->kind ? g : &one, g->kind ? row : 0, w->kind);
    (void)geo_flat_list(&o, made.field[FGB_PROPERTIES], 0, 1);
    return !o.bad && end_feature(w, b, r, base, out);
}

static geo_status encode(const void *state, const geo_batch *b, geo_bytes *out, geo_err *err)
{
    for (size_t r = 0; r < b->rows_n; r++)
        if (!put_feature(state, b, r, out))
            return geo_err_nomem(err);
    return GEO_OK;
}

/*
 * The last feature, marked: its table anew, with one slot more, in front of what it points to. Both kinds of feature have their table at
 * the same place, the first; offsets grow by what is put between.
 */
static geo_status write_marked(geo_fgb_out *w, geo_err *err)
{
    geo_bytes *last = &w->last;
    const char *p = last->data;
    geo_bytes marked = {0};
    geo_flat_out o = {&marked, 0, false};
    geo_flat old = {p + 4, last->n - 4, false};
    const geo_flat_table t = geo_flat_root(&old);
    const size_t geometry = geo_flat_follow(&old, &t, FGB_GEOMETRY), values = geo_flat_follow(&old, &t, FGB_PROPERTIES);
    (void)geo_flat_room(&o, 8, 1, 0);
    const uint8_t size[FGB_FEATURE_SLOTS] = {[FGB_GEOMETRY] = geometry ? 4 : 0, [FGB_PROPERTIES] = 4, [FGB_LAST] = 1};
    const geo_flat_made made = geo_flat_make(&o, size, FGB_FEATURE_SLOTS);
    geo_flat_point(&o, 4, made.at);
    const size_t rest = geo_flat_room(&o, last->n, 8, 0);
    if (o.bad) {
        geo_bytes_clear(&marked);
        return geo_err_nomem(err);
    }
    memcpy(geo_flat_place(&o, rest), p, last->n); /* all of the old one, whose own front nobody looks at any more */
    if (geometry)
        geo_flat_point(&o, made.field[FGB_GEOMETRY], rest + 4 + geometry);
    geo_flat_point(&o, made.field[FGB_PROPERTIES], rest + 4 + values);
    *geo_flat_place(&o, made.field[FGB_LAST]) = 1;
    geo_flat_put_u32(marked.data, (uint32_t)(marked.n - 4));
    const geo_status st = geo_output_write(w->file, marked.data, marked.n, err);
    geo_bytes_clear(&marked);
    return st;
}

/* ---- the file ---- */

static geo_status write_header(geo_fgb_out *w, geo_err *err)
{
    const geo_status st = w->header.n ? geo_output_write(w->file, w->header.data, w->header.n, err) : GEO_OK;
    w->header.n = 0;
    return st;
}

/* Write all but the last feature, which takes the place of the one that waited. */
static geo_status put(void *state, const geo_batch *b, const geo_bytes *bytes, geo_err *err)
{
    (void)b;
    geo_fgb_out *w = state;
    size_t last = 0;
    for (size_t at = 0; at < bytes->n; at += 4 + (size_t)geo_flat_u32(bytes->data + at))
        last = at;
    if (bytes->n == 0)
        return GEO_OK;
    geo_status st = write_header(w, err);
    if (st == GEO_OK && w->last.n)
        st = geo_output_write(w->file, w->last.data, w->last.n, err);
    if (st == GEO_OK && last)
        st = geo_output_write(w->file, bytes->data, last, err);
    w->last.n = 0;
    if (st < 0 || !geo_bytes_reserve(&w->last, bytes->n - last))
        return st < 0 ? st : geo_err_nomem(err);
    memcpy(w->last.data, bytes->data + last, bytes->n - last);
    w->last.n = bytes->n - last;
    return GEO_OK;
}

static geo_status finish(void *state, geo_err *err)
{
    geo_fgb_out *w = state;
    geo_status st = w->last.n ? write_marked(w, err) : geo_fgb_make_header(w, false, err); /* where there is no last one, none is missing */
    if (st == GEO_OK)
        st = write_header(w, err);
    return st < 0 ? st : geo_output_commit(w->file, err);
}

static void fgb_out_close(void *state)
{
    geo_fgb_out *w = state;
    if (!w)
        return;
    geo_output_close(w->file);
    geo_bytes_clear(&w->header);
    geo_bytes_clear(&w->last);
    geo_arena_clear(&w->arena);
    free(w);
}

static const geo_sink SINK = {encode, put, finish, fgb_out_close};

/* Which fields become columns; layers of lines and polygons are said to hold multi ones, as those of the other formats. */
static geo_status plan(geo_fgb_out *w, geo_err *err)
{
    static const uint8_t KIND[] = {
        0, GEO_POINT, GEO_MULTILINESTRING, GEO_MULTIPOLYGON, GEO_MULTIPOINT, GEO_MULTILINESTRING, GEO_MULTIPOLYGON};
    int32_t n = 0;
    w->class_at = geo_schema_find(&w->schema, GEO_CLASS_COLUMN);
    w->geometry = geo_schema_geometry(&w->schema);
    w->class_column = -1;
    for (size_t i = 0; i < w->schema.fields_n; i++) {
        const bool is_class = (ptrdiff_t)i == w->class_at;
        w->column[i] = w->schema.fields[i].type == GEO_GEOMETRY || (is_class && w->release) ? -1 : n++;
        if (is_class)
            w->class_column = w->column[i];
    }
    if (!w->release && w->class_at < 0)
        w->class_column = n++;
    if (w->geometry >= 0)
        w->kind = KIND[w->schema.fields[w->geometry].kind];
    return n <= UINT16_MAX ? GEO_OK : geo_err_set(err, GEO_EARG, "a FlatGeobuf file has room for 65,535 fields, and there are %d", n);
}

geo_status geo_fgb_create(const char *name, const geo_schema *schema, const geo_writer_options *o, geo_writer *writer, geo_err *err)
{
    if (strcmp(name, "-") == 0 && isatty(STDOUT_FILENO))
        return geo_err_set(err, GEO_EARG, "FlatGeobuf is nothing for a terminal: say --format csv, or name a file with -o");
    geo_fgb_out *w = calloc(1, sizeof *w);
    if (!w)
        return geo_err_nomem(err);
    w->release = o->release;
    w->column = geo_arena_array(&w->arena, schema->fields_n + 1, sizeof *w->column);
    geo_status st = w->column && geo_schema_copy(&w->arena, schema, &w->schema) ? plan(w, err) : geo_err_nomem(err);
    if (st == GEO_OK)
        st = geo_output_open(name, o, &w->file, err);
    geo_layer_name(strcmp(name, "-") ? name : "records", o->layer, w->layer, sizeof w->layer);
    if (st == GEO_OK)
        st = geo_fgb_make_header(w, true, err);
    if (st < 0) {
        fgb_out_close(w);
        return st;
    }
    writer->sink = &SINK;
    writer->state = w;
    return GEO_OK;
}
