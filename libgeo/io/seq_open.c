/*
 * Opening a GeoJSON text sequence. It has no header: which properties there are and of what type is told by its features, all of them in a
 * file, those of the first chunk in a pipe.
 */
#define _GNU_SOURCE /* memrchr */
#include "seq_read.h"

#include "geo/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_SEPARATOR '\x1E'
#define MOST_PROPERTIES 10000
#define EXACT (INT64_C(1) << 53) /* whole numbers up to here are exact as doubles */

/* What values of a property have been seen. */
typedef struct seen {
    bool text, truth, whole, large, fraction, last;
} seen;

typedef struct scanning {
    geo_vec properties; /* seen; their names are in the pool */
    int64_t features_n, points_n, shapes_n;
    bool whole; /* all features have been seen */
} scanning;

static void seq_close(void *state)
{
    geo_seq *s = state;
    if (!s)
        return;
    geo_chunks_close(&s->chunks);
    geo_filter_free(s->filter);
    geo_pool_free(s->names);
    geo_arena_clear(&s->arena);
    free(s);
}

static void seq_abandon(void *state)
{
    geo_input_abandon(((geo_seq *)state)->chunks.in);
}

static const geo_driver DRIVER = {geo_seq_fetch, geo_seq_decode, NULL, seq_abandon, seq_close};

static size_t whole_lines(const char *text, size_t n)
{
    const char *feed = n ? memrchr(text, '\n', n) : NULL;
    return feed ? (size_t)(feed - text) + 1 : 0;
}

static size_t whole_records(const char *text, size_t n)
{
    const char *mark = n ? memrchr(text, RECORD_SEPARATOR, n) : NULL;
    return mark ? (size_t)(mark - text) : 0;
}

/* ---- what there is ---- */

static geo_status add_property(geo_seq *s, scanning *w, const geo_json_value *name, geo_err *err)
{
    char room[GEO_SEQ_NAME];
    size_t n;
    int32_t id;
    const char *text = geo_seq_name(name, room, &n);
    if (!text || memchr(text, '\0', n))
        return geo_err_set(err, GEO_EFORMAT, "'%s' has a property whose name is no text, or longer than %d bytes", s->chunks.name,
                           GEO_SEQ_NAME);
    if (w->properties.n >= MOST_PROPERTIES)
        return geo_err_set(err, GEO_EFORMAT, "'%s' has features with more than %d different properties", s->chunks.name, MOST_PROPERTIES);
    if (!geo_vec_reserve(&w->properties, 1, sizeof(seen)))
        return geo_err_nomem(err);
    ((seen *)w->properties.items)[w->properties.n++] = (seen){0};
    s->properties_n = w->properties.n;
    return geo_pool_add(s->names, text, n, &id, NULL, err);
}

static void see(seen *p, const geo_json_value *v)
{
    int64_t n;
    const bool whole = v->kind == GEO_JSON_NUMBER && v->plain;
    const bool fits = whole && geo_number_parse_int(v->at, v->n, &n);
    p->text |= v->kind == GEO_JSON_STRING || v->kind >= GEO_JSON_ARRAY || (whole && !fits);
    p->truth |= v->kind == GEO_JSON_TRUE || v->kind == GEO_JSON_FALSE;
    p->whole |= fits;
    p->large |= fits && (n > EXACT || n < -EXACT);
    p->fraction |= v->kind == GEO_JSON_NUMBER && !v->plain;
}

static geo_status scan_properties(geo_seq *s, scanning *w, const geo_json_value *properties, geo_err *err)
{
    geo_json_walk walk = {properties->at, false};
    geo_json_value name, value;
    size_t guess = 0;
    if (!properties->at || properties->kind == GEO_JSON_NULL)
        return GEO_OK;
    while (geo_json_next(&walk, &name)) {
        walk.p = geo_json_pass(walk.p, &value);
        ptrdiff_t i = geo_seq_property(s, &name, guess);
        if (i < 0) {
            const geo_status st = add_property(s, w, &name, err);
            if (st < 0)
                return st;
            i = (ptrdiff_t)w->properties.n - 1;
        }
        guess = (size_t)i + 1;
        see((seen *)w->properties.items + i, &value);
    }
    return GEO_OK;
}

static void scan_geometry(scanning *w, const geo_json_value *geometry)
{
    if (!geometry->at || geometry->kind != GEO_JSON_OBJECT)
        return;
    geo_json_walk walk = {geometry->at, false};
    geo_json_value name, type = {0}, other;
    w->shapes_n++;
    while (geo_json_next(&walk, &name)) {
        const bool is_type = geo_json_is(&name, "type");
        walk.p = geo_json_pass(walk.p, is_type ? &type : &other);
    }
    w->points_n += type.kind == GEO_JSON_STRING && geo_json_is(&type, "Point");
}

/* "EPSG:27700" of {"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::27700"}}; NULL for what says it otherwise. */
static const char *crs_name(geo_seq *s)
{
    char room[128];
    size_t n = 0;
    geo_json_walk walk = {s->crs, false};
    geo_json_value name, value, properties = {0};
    while (s->crs[0] == '{' && geo_json_next(&walk, &name))
        walk.p = geo_json_pass(walk.p, geo_json_is(&name, "properties") ? &properties : &value);
    walk = (geo_json_walk){properties.at, false};
    while (properties.kind == GEO_JSON_OBJECT && geo_json_next(&walk, &name)) {
        walk.p = geo_json_pass(walk.p, &value);
        if (!geo_json_is(&name, "name") || value.kind != GEO_JSON_STRING || value.n >= sizeof room || !geo_json_text(&value, room, &n))
            continue;
        room[n] = '\0';
        char authority[40], code[40];
        if (sscanf(room, "urn:ogc:def:crs:%39[^:]:%*[^:]:%39s", authority, code) != 2
            && sscanf(room, "urn:ogc:def:crs:%39[^:]::%39s", authority, code) != 2)
            return geo_arena_text(&s->arena, room, n);
        char text[96];
        const bool lon_lat =
            (strcmp(authority, "OGC") == 0 && strcmp(code, "CRS84") == 0) || (strcmp(authority, "EPSG") == 0 && strcmp(code, "4326") == 0);
        const int k = snprintf(text, sizeof text, "%s", lon_lat ? "OGC:CRS84" : "");
        const int m = lon_lat ? k : snprintf(text, sizeof text, "%s:%s", authority, code);
        return geo_arena_text(&s->arena, text, (size_t)m);
    }
    return NULL;
}

static geo_status scan_chunk(geo_seq *s, scanning *w, const geo_bytes *raw, geo_err *err)
{
    size_t at = 0;
    for (;;) {
        geo_seq_feature f;
        geo_status st = geo_seq_record(s, raw->data, raw->n, &at, &f, NULL, err);
        if (st == GEO_DONE)
            return GEO_OK;
        if (st == GEO_OK)
            st = scan_properties(s, w, &f.properties, err);
        if (st < 0)
            return geo_err_wrap(err, st, "feature %lld", (long long)w->features_n + 1);
        scan_geometry(w, &f.geometry);
        if (w->features_n++ == 0 && f.crs.at) {
            s->crs = geo_arena_text(&s->arena, f.crs.at, f.crs.n);
            s->crs_n = f.crs.n;
            if (!s->crs)
                return geo_err_nomem(err);
        }
    }
}

static geo_status scan(geo_seq *s, scanning *w, geo_err *err)
{
    geo_bytes raw = {0};
    geo_status st = GEO_OK;
    w->whole = geo_input_size(s->chunks.in) > 0;
    do {
        st = geo_chunks_next(&s->chunks, &raw, s->chunks.bytes, err);
        if (st == GEO_OK && raw.n)
            st = scan_chunk(s, w, &raw, err);
    } while (st == GEO_OK && w->whole && raw.n);
    if (st == GEO_OK && w->whole && !geo_chunks_rewind(&s->chunks))
        st = geo_err_set(err, GEO_EIO, "cannot read '%s' a second time", s->chunks.name);
    else if (st == GEO_OK && !w->whole && !geo_chunks_return(&s->chunks, &raw))
        st = geo_err_nomem(err);
    geo_bytes_clear(&raw);
    return st;
}

/* ---- fields ---- */

/*
 * The type of a property. In a pipe a number that was whole so far may have a fraction later: it is a double, which prints whole numbers as
 * such, unless it has been too large for one.
 */
static geo_type type_of(const seen *p, bool whole)
{
    const bool number = p->whole || p->fraction;
    if (p->text || (p->truth && number) || (p->large && p->fraction) || !(number || p->truth))
        return GEO_TEXT;
    if (p->truth)
        return GEO_BOOL;
    return p->fraction || (!whole && !p->large) ? GEO_DOUBLE : GEO_INT;
}

static geo_status make_fields(geo_seq *s, const scanning *w, const geo_reader_options *o, geo_err *err)
{
    const seen *all = w->properties.items;
    const size_t n = w->properties.n;
    s->fields = geo_arena_array(&s->arena, n + 1, sizeof *s->fields);
    s->slot = geo_arena_array(&s->arena, n + 1, sizeof *s->slot);
    s->held = geo_arena_array(&s->arena, n + 1, sizeof *s->held);
    if (!s->fields || !s->slot || !s->held)
        return geo_err_nomem(err);
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        const char *text = geo_pool_text(s->names, (int32_t)i, &k), *name = geo_arena_text(&s->arena, text, k);
        if (!name)
            return geo_err_nomem(err);
        s->fields[i] = (geo_field){.name = name, .type = strcasecmp(name, GEO_CLASS_COLUMN) == 0 ? GEO_TEXT : type_of(&all[i], w->whole)};
    }
    const bool unknown = !o->crs && s->crs && strcmp(s->crs, "null") == 0; /* of 2008: no system can be assumed */
    const char *crs = o->crs ? geo_arena_text(&s->arena, o->crs, strlen(o->crs)) : s->crs && !unknown ? crs_name(s) : "OGC:CRS84";
    if (s->crs && !o->crs && !crs)
        return geo_err_set(err, GEO_ECRS, "'%s' says its reference system in a way that is not understood: add --crs", s->chunks.name);
    s->shapes = o->want_geometry || o->try_geometry;
    s->held[n] = s->shapes;
    s->fields[n] = (geo_field){.name = "geometry",
                               .type = GEO_GEOMETRY,
                               .crs = unknown ? NULL : crs,
                               .kind = w->points_n && w->points_n == w->shapes_n ? GEO_POINT : GEO_NO_GEOMETRY};
    s->schema = (geo_schema){n + 1, s->fields};
    return crs ? GEO_OK : geo_err_nomem(err);
}

static geo_status choose_columns(geo_seq *s, const geo_reader_options *o, geo_err *err)
{
    const geo_schema properties = {s->properties_n, s->fields};
    geo_status st = geo_schema_check_class(&properties, s->chunks.name, err);
    for (const char *const *n = o->columns; st == GEO_OK && n && *n; n++)
        if ((st = geo_schema_pick(&properties, *n, &(size_t){0}, err)) < 0)
            geo_err_wrap(err, st, "'%s'", s->chunks.name);
    if (st == GEO_OK && o->layer)
        st = geo_err_set(err, GEO_EARG, "--layer does not work on GeoJSON sequences ('%s'): they are one table, leave the option out",
                         s->chunks.name);
    if (st == GEO_OK && o->geometry_field && strcasecmp(o->geometry_field, "geometry") != 0)
        st = geo_err_set(err, GEO_EARG, "'%s' has no geometry '%s'; it has one, called geometry", s->chunks.name, o->geometry_field);
    if (st == GEO_OK && o->where && *o->where)
        st = geo_filter_new(o->where, s->chunks.name, &properties, NULL, &s->filter, err);
    s->class_at = geo_schema_find(&properties, GEO_CLASS_COLUMN);
    for (size_t i = 0; st == GEO_OK && i < s->properties_n; i++) {
        s->held[i] = geo_reader_asked_for(o, s->fields[i].name);
        const bool needed = s->held[i] || (s->filter && geo_filter_looks_at(s->filter, i));
        s->slot[i] = needed ? (int32_t)s->decoded_n++ : -1;
    }
    return st;
}

geo_status geo_seq_open(geo_chunks *chunks, const geo_reader_options *o, geo_reader *r, geo_err *err)
{
    geo_seq *s = calloc(1, sizeof *s);
    if (!s) {
        geo_chunks_close(chunks);
        return geo_err_nomem(err);
    }
    s->chunks = *chunks;
    s->marked = geo_chunks_first(&s->chunks) == RECORD_SEPARATOR;
    s->chunks.whole = s->marked ? whole_records : whole_lines;
    s->chunks.too_long = "is it one feature a line?";
    s->label = o->label;
    s->label.class_ = geo_class_join(o->label.class_, o->raise);
    s->raise = o->raise;
    s->members = o->members;
    s->names = geo_pool_new();
    scanning w = {0};
    geo_status st = s->names ? scan(s, &w, err) : geo_err_nomem(err);
    if (st == GEO_OK)
        st = make_fields(s, &w, o, err);
    geo_vec_clear(&w.properties);
    if (st == GEO_OK)
        st = choose_columns(s, o, err);
    if (st < 0) {
        seq_close(s);
        return st;
    }
    s->chunks.bytes = geo_chunk_bytes(s->chunks.bytes, s->decoded_n);
    r->driver = &DRIVER;
    r->state = s;
    r->schema = s->schema;
    r->has_text = false;
    r->unit = "feature";
    r->next_line = 1;
    return GEO_OK;
}
