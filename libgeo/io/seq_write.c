/*
 * GeoJSON text sequences out: one feature a line (RFC 7946, without the record separators of RFC 8142, which no line tool knows). Features
 * that are not in longitude and latitude say so, each of them, in the "crs" member of GeoJSON 2008.
 */
#include "../table/column.h"
#include "geo/crs.h"
#include "geo/number.h"
#include "geo/pool.h"
#include "sink.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct seq_out {
    geo_output *file;
    geo_schema schema;
    geo_arena arena;
    ptrdiff_t class_at, geometry; /* fields, or -1 */
    bool release;
    const char **name; /* of each field that becomes a property: "NAME": as it goes out; NULL: none */
    const char *tail;  /* behind the geometry, up to the end of the line */
} seq_out;

static bool put(geo_bytes *out, const char *s, size_t n)
{
    if (!geo_bytes_room(out, n))
        return false;
    memcpy(out->data + out->n, s, n);
    out->n += n;
    return true;
}

static bool put_word(geo_bytes *out, const char *s)
{
    return put(out, s, strlen(s));
}

/* A string in its quotes. */
static bool put_string(geo_bytes *out, const char *s, size_t n)
{
    static const char ESCAPED[] = "\b\f\n\r\t\"\\", LETTERS[] = "bfnrt\"\\";
    if (n > SIZE_MAX / 8 || !geo_bytes_room(out, 6 * n + 2))
        return false;
    char *p = out->data + out->n;
    *p++ = '"';
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            *p++ = s[i];
            continue;
        }
        const char *known = c ? strchr(ESCAPED, c) : NULL;
        *p++ = '\\';
        if (known)
            *p++ = LETTERS[known - ESCAPED];
        else
            p += sprintf(p, "u%04x", c);
    }
    *p++ = '"';
    out->n = (size_t)(p - out->data);
    return true;
}

static bool put_value(geo_bytes *out, const geo_column *c, size_t r)
{
    const ptrdiff_t v = geo_column_place(c, r);
    if (v < 0)
        return put(out, "null", 4);
    if (c->type == GEO_TEXT)
        return put_string(out, (const char *)c->values + c->offsets[v], (size_t)(c->offsets[v + 1] - c->offsets[v]));
    char room[GEO_VALUE_ROOM];
    size_t n;
    const char *s = geo_column_print(c, r, room, &n);
    if (c->type == GEO_DATE)
        return put_string(out, s, n);
    return n ? put(out, s, n) : put(out, "null", 4); /* a number that JSON has none for */
}

static bool put_position(geo_bytes *out, const geo_geometries *g, int64_t v)
{
    char *p;
    if (!geo_bytes_room(out, 2 * GEO_NUMBER_ROOM + 4))
        return false;
    p = out->data + out->n;
    *p++ = '[';
    p += geo_number_print(g->x[v], p);
    *p++ = ',';
    p += geo_number_print(g->y[v], p);
    *p++ = ']';
    out->n = (size_t)(p - out->data);
    return true;
}

static bool put_line(geo_bytes *out, const geo_geometries *g, int64_t ring)
{
    bool ok = put(out, "[", 1);
    for (int64_t v = g->vertex_at[ring]; ok && v < g->vertex_at[ring + 1]; v++)
        ok = (v == g->vertex_at[ring] || put(out, ",", 1)) && put_position(out, g, v);
    return ok && put(out, "]", 1);
}

/* The coordinates of a part: a position, a line of them, or the rings of a polygon. */
static bool put_part(geo_bytes *out, const geo_geometries *g, int64_t part, geo_geometry_kind kind)
{
    const int64_t from = g->ring_at[part];
    if (kind == GEO_POINT)
        return put_position(out, g, g->vertex_at[from]);
    if (kind == GEO_LINESTRING)
        return put_line(out, g, from);
    bool ok = put(out, "[", 1);
    for (int64_t ring = from; ok && ring < g->ring_at[part + 1]; ring++)
        ok = (ring == from || put(out, ",", 1)) && put_line(out, g, ring);
    return ok && put(out, "]", 1);
}

static bool put_geometry(geo_bytes *out, const geo_column *c, size_t r)
{
    static const char *const NAMES[] = {"", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"};
    const ptrdiff_t row = geo_column_place(c, r);
    const geo_geometries *g = c->geometries;
    const geo_geometry_kind kind = row < 0                                      ? GEO_NO_GEOMETRY
                                   : g->kind                                    ? (geo_geometry_kind)g->kind[row]
                                   : isfinite(g->x[row]) && isfinite(g->y[row]) ? GEO_POINT
                                                                                : GEO_NO_GEOMETRY;
    if (kind == GEO_NO_GEOMETRY || kind == GEO_BAD_GEOMETRY)
        return put_word(out, "null");
    bool ok = put_word(out, "{\"type\":\"") && put_word(out, NAMES[kind]) && put_word(out, "\",\"coordinates\":");
    if (ok && !g->kind)
        return put_position(out, g, row) && put(out, "}", 1);
    const int64_t from = g->part_at[row];
    if (kind < GEO_MULTIPOINT)
        return ok && put_part(out, g, from, kind) && put(out, "}", 1);
    ok = ok && put(out, "[", 1);
    for (int64_t part = from; ok && part < g->part_at[row + 1]; part++)
        ok = (part == from || put(out, ",", 1)) && put_part(out, g, part, (geo_geometry_kind)(kind - 3));
    return ok && put(out, "]}", 2);
}

static bool put_row(const seq_out *w, const geo_batch *b, size_t r, geo_bytes *out)
{
    const char *class_ = geo_class_name(geo_batch_class(b, r));
    bool ok = put_word(out, "{\"type\":\"Feature\",\"properties\":{"), first = true;
    for (size_t i = 0; ok && i < w->schema.fields_n; i++) {
        if (!w->name[i])
            continue;
        ok = (first || put(out, ",", 1)) && put_word(out, w->name[i]);
        ok = ok && ((ptrdiff_t)i == w->class_at ? put_string(out, class_, strlen(class_)) : put_value(out, &b->columns[i], r));
        first = false;
    }
    if (ok && !w->release && w->class_at < 0)
        ok = (first || put(out, ",", 1)) && put_word(out, "\"" GEO_CLASS_COLUMN "\":") && put_string(out, class_, strlen(class_));
    ok = ok && put_word(out, "},\"geometry\":");
    ok = ok && (w->geometry >= 0 ? put_geometry(out, &b->columns[w->geometry], r) : put_word(out, "null"));
    if (ok && b->members && b->members_len[r] && !w->release) /* an object, which goes on in ours */
        ok = put(out, ",", 1) && put(out, b->members + b->members_at[r] + 1, b->members_len[r] - 2);
    return ok && put_word(out, w->tail);
}

static geo_status encode(const void *state, const geo_batch *b, geo_bytes *out, geo_err *err)
{
    for (size_t r = 0; r < b->rows_n; r++)
        if (!put_row(state, b, r, out))
            return geo_err_nomem(err);
    return GEO_OK;
}

static geo_status write_batch(void *state, const geo_batch *b, const geo_bytes *bytes, geo_err *err)
{
    (void)b;
    return bytes->n ? geo_output_write(((seq_out *)state)->file, bytes->data, bytes->n, err) : GEO_OK;
}

static geo_status finish(void *state, geo_err *err)
{
    return geo_output_commit(((seq_out *)state)->file, err);
}

static void seq_out_close(void *state)
{
    seq_out *w = state;
    if (!w)
        return;
    geo_output_close(w->file);
    geo_arena_clear(&w->arena);
    free(w);
}

static const geo_sink SINK = {encode, write_batch, finish, seq_out_close};

static const char *shown(const char *file)
{
    return strcmp(file, "-") == 0 ? "standard output" : geo_name_shown(file);
}

/* "EPSG:27700" as the features say it; longitude and latitude need no word, and nothing known is null. */
static geo_status make_tail(seq_out *w, const char *name, const geo_watch *watch, geo_err *err)
{
    const char *crs = w->geometry >= 0 ? w->schema.fields[w->geometry].crs : NULL;
    char text[256], authority[32] = "", code[32] = "", *wkt = NULL;
    if (w->geometry < 0 || !crs) {
        w->tail = w->geometry < 0 ? "}\n" : ",\"crs\":null}\n"; /* without a word they would be taken for longitude and latitude */
        return GEO_OK;
    }
    const geo_status st = geo_crs_describe(crs, authority, code, &wkt, err);
    free(wkt);
    if (st < 0)
        return st;
    if ((strcmp(authority, "OGC") == 0 && strcmp(code, "CRS84") == 0) || (strcmp(authority, "EPSG") == 0 && strcmp(code, "4326") == 0)) {
        w->tail = "}\n";
        return GEO_OK;
    }
    if (!authority[0])
        return geo_err_set(err, GEO_ECRS, "cannot write '%s': GeoJSON has no way to say its reference system; say --out-crs OGC:CRS84",
                           shown(name));
    snprintf(text, sizeof text, ",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"urn:ogc:def:crs:%s::%s\"}}}\n", authority, code);
    w->tail = geo_arena_text(&w->arena, text, strlen(text));
    if (strcmp(name, "-") != 0)
        geo_watch_note(watch, "the coordinates stay in %s:%s, which each feature says; the web wants --out-crs OGC:CRS84", authority, code);
    return w->tail ? GEO_OK : geo_err_nomem(err);
}

/* "NAME": of each property, escaped once for all; an object has each name once. */
static geo_status make_names(seq_out *w, const char *file, geo_err *err)
{
    geo_bytes text = {0};
    geo_pool *seen = geo_pool_new();
    geo_status st = seen ? GEO_OK : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < w->schema.fields_n; i++) {
        const geo_field *f = &w->schema.fields[i];
        int32_t id;
        int is_new = 1;
        w->name[i] = NULL;
        if (f->type == GEO_GEOMETRY || (w->release && (ptrdiff_t)i == w->class_at))
            continue;
        text.n = 0;
        if ((st = geo_pool_add(seen, f->name, strlen(f->name), &id, &is_new, err)) < 0)
            break;
        if (!put_string(&text, f->name, strlen(f->name)) || !put(&text, ":", 1)
            || !(w->name[i] = geo_arena_text(&w->arena, text.data, text.n)))
            st = geo_err_nomem(err);
        else if (!is_new)
            st = geo_err_set(err, GEO_EARG, "cannot write '%s': two fields are called '%.60s', and a GeoJSON feature has each name once",
                             shown(file), f->name);
    }
    geo_bytes_clear(&text);
    geo_pool_free(seen);
    return st;
}

geo_status geo_seq_create(const char *name, const geo_schema *schema, const geo_writer_options *o, geo_writer *writer, geo_err *err)
{
    seq_out *w = calloc(1, sizeof *w);
    if (!w)
        return geo_err_nomem(err);
    w->release = o->release;
    w->name = geo_arena_array(&w->arena, schema->fields_n + 1, sizeof *w->name);
    geo_status st = w->name && geo_schema_copy(&w->arena, schema, &w->schema) ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK) {
        w->class_at = geo_schema_find(&w->schema, GEO_CLASS_COLUMN);
        w->geometry = geo_schema_geometry(&w->schema);
        st = make_names(w, name, err);
        if (st == GEO_OK)
            st = make_tail(w, name, o->watch, err);
    }
    if (st == GEO_OK)
        st = geo_output_open(name, o, &w->file, err);
    if (st < 0) {
        seq_out_close(w);
        return st;
    }
    writer->sink = &SINK;
    writer->state = w;
    return GEO_OK;
}
