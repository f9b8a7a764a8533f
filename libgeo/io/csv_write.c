/*
 * CSV out. Rows that came as text go out as the same bytes, and new columns follow; other rows are formatted. Line ends are LF. In a file
 * whose name ends in .gz each batch is a gzip member, packed by the thread that encodes it, and so is the header.
 */
#include "../table/column.h"
#include "../table/shapes.h"
#include "geo/number.h"
#include "sink.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct csv_out {
    geo_output *file;
    geo_bytes header; /* until the first batch has passed the gate */
    geo_schema schema;
    geo_arena arena;
    size_t text_fields_n;
    ptrdiff_t class_at; /* field that is sdc_class, or -1 */
    bool release, packed;
    bool *written; /* fields that become columns by formatting */
} csv_out;

/* ---- fields ---- */

static inline bool put_bytes(geo_bytes *out, const char *s, size_t n)
{
    if (!geo_bytes_room(out, n))
        return false;
    if (n)
        memcpy(out->data + out->n, s, n);
    out->n += n;
    return true;
}

static inline bool put_text(geo_bytes *out, const char *s, size_t n)
{
    if (n > SIZE_MAX / 4 || !geo_bytes_room(out, 2 * n + 2))
        return false;
    geo_csv_put(out, s, n);
    return true;
}

static bool put_point(geo_bytes *out, const geo_column *c, size_t r)
{
    char x[GEO_NUMBER_ROOM] = "", y[GEO_NUMBER_ROOM] = "";
    size_t xn = 0, yn = 0;
    if (!geo_column_is_null(c, r)) {
        const geo_geometries *g = c->geometries;
        const int64_t row = c->index ? c->index[r] : (int64_t)r;
        const int64_t v = g->kind ? g->vertex_at[g->ring_at[g->part_at[row]]] : row;
        xn = geo_number_print(g->x[v], x);
        yn = geo_number_print(g->y[v], y);
    }
    return put_bytes(out, x, xn) && put_bytes(out, ",", 1) && put_bytes(out, y, yn);
}

static bool put_shape(geo_bytes *out, const geo_column *c, size_t r)
{
    const ptrdiff_t v = geo_column_place(c, r);
    geo_vec text = {0};
    const bool ok = v < 0 || (geo_geometries_wkt(c->geometries, (size_t)v, &text) && put_text(out, text.items, text.n));
    geo_vec_clear(&text);
    return ok;
}

static bool put_value(geo_bytes *out, const geo_field *f, const geo_column *c, size_t r)
{
    if (c->type == GEO_GEOMETRY)
        return f->kind == GEO_POINT ? put_point(out, c, r) : put_shape(out, c, r);
    if (c->type == GEO_TEXT) {
        const ptrdiff_t v = geo_column_place(c, r);
        return v < 0 || put_text(out, (const char *)c->values + c->offsets[v], (size_t)(c->offsets[v + 1] - c->offsets[v]));
    }
    char room[GEO_VALUE_ROOM];
    size_t n;
    const char *s = geo_column_print(c, r, room, &n);
    return put_bytes(out, s, n);
}

static bool put_class(geo_bytes *out, const geo_batch *b, size_t r)
{
    const char *name = geo_class_name(geo_batch_class(b, r));
    return put_bytes(out, name, strlen(name));
}

/* ---- rows ---- */

/* The row's own text; its class column brought up to date, or in a release cut out. */
static bool put_row_text(const csv_out *w, const geo_batch *b, size_t r, geo_bytes *out)
{
    const char *row = b->text + b->row_at[r];
    const size_t n = b->row_len[r];
    if (!b->class_at)
        return put_bytes(out, row, n);
    const size_t at = b->class_at[r], len = b->class_len[r];
    const char *name = geo_class_name(geo_batch_class(b, r));
    if (w->release) {
        const bool first = at == 0;
        const size_t cut_from = first ? at : at - 1, cut_to = first && at + len < n ? at + len + 1 : at + len;
        return put_bytes(out, row, cut_from) && put_bytes(out, row + cut_to, n - cut_to);
    }
    if (strlen(name) == len && memcmp(row + at, name, len) == 0)
        return put_bytes(out, row, n);
    return put_bytes(out, row, at) && put_class(out, b, r) && put_bytes(out, row + at + len, n - at - len);
}

static bool put_row(const csv_out *w, const geo_batch *b, size_t r, geo_bytes *out)
{
    bool first = true, ok = true;
    if (w->text_fields_n) {
        ok = put_row_text(w, b, r, out);
        first = w->release && w->class_at >= 0 && w->text_fields_n == 1;
    }
    for (size_t i = w->text_fields_n; ok && i < w->schema.fields_n; i++) {
        if (!w->written[i])
            continue;
        ok = (first || put_bytes(out, ",", 1))
             && ((ptrdiff_t)i == w->class_at ? put_class(out, b, r) : put_value(out, &w->schema.fields[i], &b->columns[i], r));
        first = false;
    }
    if (ok && !w->release && w->class_at < 0)
        ok = (first || put_bytes(out, ",", 1)) && put_class(out, b, r);
    return ok && put_bytes(out, "\n", 1);
}

static geo_status encode_rows(const csv_out *w, const geo_batch *b, geo_bytes *out, geo_err *err)
{
    for (size_t r = 0; r < b->rows_n; r++)
        if (!put_row(w, b, r, out))
            return geo_err_nomem(err);
    return GEO_OK;
}

static geo_status encode(const void *state, const geo_batch *b, geo_bytes *out, geo_err *err)
{
    const csv_out *w = state;
    if (!w->packed || b->rows_n == 0)
        return encode_rows(w, b, out, err);
    geo_bytes plain = {0};
    geo_status st = encode_rows(w, b, &plain, err);
    if (st == GEO_OK)
        st = geo_gzip(plain.data, plain.n, out, err);
    geo_bytes_clear(&plain);
    return st;
}

static geo_status write_header(csv_out *w, geo_err *err)
{
    const geo_status st = w->header.n ? geo_output_write(w->file, w->header.data, w->header.n, err) : GEO_OK;
    w->header.n = 0;
    return st;
}

static geo_status put(void *state, const geo_batch *b, const geo_bytes *bytes, geo_err *err)
{
    (void)b;
    csv_out *w = state;
    const geo_status st = write_header(w, err);
    return st < 0 ? st : geo_output_write(w->file, bytes->data, bytes->n, err);
}

static geo_status finish(void *state, geo_err *err)
{
    csv_out *w = state;
    const geo_status st = write_header(w, err);
    return st < 0 ? st : geo_output_commit(w->file, err);
}

static void csv_out_close(void *state)
{
    csv_out *w = state;
    if (!w)
        return;
    geo_output_close(w->file);
    geo_bytes_clear(&w->header);
    geo_arena_clear(&w->arena);
    free(w);
}

static const geo_sink SINK = {encode, put, finish, csv_out_close};

/* ---- opening ---- */

/* Names of the two coordinate columns, or that of well-known text, so that they say what they are. */
static const char *geometry_names(const csv_out *w, const geo_field *f)
{
    if (f->kind != GEO_POINT)
        return geo_schema_find(&w->schema, "wkt") < 0 ? "wkt" : "geometry_wkt";
    const char *crs = f->crs;
    const bool grid = crs && strcasecmp(crs, "EPSG:27700") == 0;
    const bool degrees = crs && (strcasecmp(crs, "OGC:CRS84") == 0 || strcasecmp(crs, "EPSG:4326") == 0);
    if (grid && geo_schema_find(&w->schema, "easting") < 0 && geo_schema_find(&w->schema, "northing") < 0)
        return "easting,northing";
    if (degrees && geo_schema_find(&w->schema, "lon") < 0 && geo_schema_find(&w->schema, "lat") < 0)
        return "lon,lat";
    if (geo_schema_find(&w->schema, "x") < 0 && geo_schema_find(&w->schema, "y") < 0)
        return "x,y";
    return "geometry_x,geometry_y";
}

/* Which fields become columns: not the class in a release, not coordinates or shapes that are there already. */
static bool becomes_column(const csv_out *w, size_t i)
{
    const geo_field *f = &w->schema.fields[i];
    if (f->type == GEO_GEOMETRY)
        return !f->made;
    return !(w->release && (ptrdiff_t)i == w->class_at);
}

static bool put_names(csv_out *w, geo_bytes *out)
{
    bool first = true, ok = true;
    for (size_t i = 0; ok && i < w->schema.fields_n; i++) {
        const geo_field *f = &w->schema.fields[i];
        w->written[i] = becomes_column(w, i);
        if (!w->written[i])
            continue;
        const char *name = f->type == GEO_GEOMETRY ? geometry_names(w, f) : f->name;
        ok = (first || put_bytes(out, ",", 1))
             && (f->type == GEO_GEOMETRY ? put_bytes(out, name, strlen(name)) : put_text(out, name, strlen(name)));
        first = false;
    }
    if (ok && !w->release && w->class_at < 0)
        ok = (first || put_bytes(out, ",", 1)) && put_bytes(out, GEO_CLASS_COLUMN, strlen(GEO_CLASS_COLUMN));
    return ok && put_bytes(out, "\n", 1);
}

static geo_status make_header(csv_out *w, geo_err *err)
{
    geo_bytes names = {0};
    geo_status st = put_names(w, &names) ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK && w->packed)
        st = geo_gzip(names.data, names.n, &w->header, err);
    if (st < 0 || w->packed)
        geo_bytes_clear(&names);
    else
        w->header = names;
    return st;
}

geo_status geo_csv_create(const char *name, const geo_schema *schema, const geo_writer_options *o, geo_writer *writer, geo_err *err)
{
    if (geo_name_is_database(name))
        return geo_err_set(err, GEO_EARG, "a table of a database is no file: leave out --format, or name a file with -o");
    csv_out *w = calloc(1, sizeof *w);
    if (!w)
        return geo_err_nomem(err);
    w->release = o->release;
    w->packed = geo_writer_is_packed(name, o->format);
    w->text_fields_n = o->text_fields_n;
    w->written = geo_arena_array(&w->arena, schema->fields_n + 1, sizeof *w->written);
    geo_status st = w->written && geo_schema_copy(&w->arena, schema, &w->schema) ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK) {
        w->class_at = geo_schema_find(&w->schema, GEO_CLASS_COLUMN);
        st = geo_output_open(name, o, &w->file, err);
    }
    if (st == GEO_OK)
        st = make_header(w, err);
    if (st < 0) {
        csv_out_close(w);
        return st;
    }
    writer->sink = &SINK;
    writer->state = w;
    return GEO_OK;
}
