/* Opening a FlatGeobuf stream: its header, and which of its columns are wanted. */
#include "fgb_read.h"

#include "columns.h"
#include "flat.h"
#include "geo/crs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LARGEST_HEADER ((size_t)1 << 24)
#define MOST_COLUMNS 65536 /* features number them with 16 bits */
#define ITEM_BYTES 40      /* of a node of the index: a box and an offset */

static void fgb_close(void *state)
{
    geo_fgb *f = state;
    if (!f)
        return;
    geo_chunks_close(&f->chunks);
    geo_filter_free(f->filter);
    geo_arena_clear(&f->arena);
    free(f);
}

static void fgb_abandon(void *state)
{
    geo_input_abandon(((geo_fgb *)state)->chunks.in);
}

static const geo_driver DRIVER = {geo_fgb_fetch, geo_fgb_decode, NULL, fgb_abandon, fgb_close};

/* Features one after another, each behind its size. */
static size_t whole_features(const char *bytes, size_t n)
{
    size_t at = 0;
    while (n - at >= 4 && geo_flat_u32(bytes + at) <= n - at - 4)
        at += 4 + (size_t)geo_flat_u32(bytes + at);
    return at;
}

static geo_status damaged(const geo_fgb *f, const char *what, geo_err *err)
{
    return geo_err_set(err, GEO_EFORMAT, "'%s' is a damaged FlatGeobuf file: its header %s", f->chunks.name, what);
}

/* A text of the header, NULL when there is none; an empty one when memory is out is told by *ok. */
static const char *text_of(geo_fgb *f, geo_flat *b, const geo_flat_table *t, unsigned slot, bool *ok)
{
    size_t n;
    const char *s = geo_flat_vector(b, t, slot, 1, &n), *copy = s ? geo_arena_text(&f->arena, s, n) : NULL;
    *ok &= !s || copy;
    b->bad |= s && memchr(s, '\0', n);
    return copy;
}

/* "ORG:CODE" where the header has it, else WKT; longitude and latitude are in that order in every FlatGeobuf. */
static const char *crs_of(geo_fgb *f, geo_flat *b, const geo_flat_table *header, bool *ok)
{
    const geo_flat_table t = geo_flat_inner(b, header, FGB_CRS);
    if (!t.at)
        return NULL;
    const size_t code_at = geo_flat_field(b, &t, FGB_CRS_CODE, 4);
    const int32_t code = code_at ? (int32_t)geo_flat_u32(b->data + code_at) : 0;
    const char *org = text_of(f, b, &t, FGB_CRS_ORG, ok), *word = text_of(f, b, &t, FGB_CRS_CODE_STRING, ok);
    char text[128] = "";
    if (code > 0)
        snprintf(text, sizeof text, "%.60s:%d", org && *org ? org : "EPSG", code);
    else if (org && *org && word && *word)
        snprintf(text, sizeof text, "%.60s:%.60s", org, word);
    if (!*text) {
        const char *wkt = text_of(f, b, &t, FGB_CRS_WKT, ok);
        return wkt && *wkt ? wkt : NULL;
    }
    const char *name = strcasecmp(text, "EPSG:4326") == 0 || strcasecmp(text, "EPSG:4979") == 0 ? "OGC:CRS84" : text;
    const char *copy = geo_arena_text(&f->arena, name, strlen(name));
    *ok &= copy != NULL;
    return copy;
}

static geo_type type_of(uint8_t type, bool date)
{
    switch (type) {
    case FGB_BOOL: return GEO_BOOL;
    case FGB_FLOAT:
    case FGB_DOUBLE: return GEO_DOUBLE;
    case FGB_STRING:
    case FGB_JSON: return GEO_TEXT;
    case FGB_DATETIME: return date ? GEO_DATE : GEO_TEXT;
    default: return GEO_INT;
    }
}

/* The columns that a table can carry, as fields. */
static geo_status take_columns(geo_fgb *f, geo_flat *b, const geo_flat_table *header, const geo_reader_options *o, geo_err *err)
{
    size_t n;
    const char *columns = geo_flat_vector(b, header, FGB_COLUMNS, 4, &n);
    if (n > MOST_COLUMNS)
        return damaged(f, "has more columns than features can name", err);
    f->columns_n = n;
    f->type = geo_arena_alloc(&f->arena, n + 1);
    f->slot = geo_arena_array(&f->arena, n + 1, sizeof *f->slot);
    f->fields = geo_arena_array(&f->arena, n + 2, sizeof *f->fields);
    f->column_of = geo_arena_array(&f->arena, n + 2, sizeof *f->column_of);
    f->held = geo_arena_array(&f->arena, n + 2, sizeof *f->held);
    bool ok = f->type && f->slot && f->fields && f->column_of && f->held;
    size_t names_n = 0; /* parts of a buffer may be shared: a small one could hold very many long names */
    f->schema.fields = f->fields;
    for (size_t i = 0; ok && i < n; i++) {
        const geo_flat_table t = geo_flat_item(b, columns, i);
        const char *name = text_of(f, b, &t, FGB_COLUMN_NAME, &ok);
        names_n += ok && name ? strlen(name) : 0;
        size_t note_n;
        const char *note = geo_flat_vector(b, &t, FGB_COLUMN_METADATA, 1, &note_n);
        f->type[i] = geo_flat_byte(b, &t, FGB_COLUMN_TYPE, 0);
        f->slot[i] = -1;
        if (b->bad || f->type[i] >= FGB_TYPES || (ok && !name) || names_n > b->n || (ok && !geo_is_text(name, strlen(name))))
            return damaged(f, "has a column that is none", err);
        const bool date = note && note_n == strlen(GEO_FGB_DATE) && memcmp(note, GEO_FGB_DATE, note_n) == 0;
        if (ok && f->type[i] == FGB_BINARY && strcasecmp(name, GEO_CLASS_COLUMN) == 0)
            return geo_err_set(err, GEO_EFORMAT, "field '%s' of '%s' holds bytes, so the class of its records is not known", name,
                               f->chunks.name);
        if (ok && f->type[i] == FGB_BINARY) {
            if (geo_reader_asked_for(o, name))
                geo_watch_note(o->watch, "field '%s' of '%s' holds bytes, which a table cannot carry: left out", name, f->chunks.name);
            continue;
        }
        f->column_of[f->schema.fields_n] = (int32_t)i;
        f->fields[f->schema.fields_n++] = (geo_field){.name = name, .type = type_of(f->type[i], date)};
    }
    return ok ? GEO_OK : geo_err_nomem(err);
}

static geo_status take_geometry(geo_fgb *f, geo_flat *b, const geo_flat_table *header, bool made, const geo_reader_options *o, geo_err *err)
{
    bool ok = true;
    const char *crs = o->crs ? geo_arena_text(&f->arena, o->crs, strlen(o->crs)) : crs_of(f, b, header, &ok);
    if (!ok || (o->crs && !crs))
        return geo_err_nomem(err);
    const char *name = "geometry";
    if (o->geometry_field && strcasecmp(o->geometry_field, name) != 0)
        return geo_err_set(err, GEO_EARG, "'%s' has no geometry '%s'; it has one, without a name", f->chunks.name, o->geometry_field);
    f->held[f->schema.fields_n] = o->want_geometry || o->try_geometry;
    f->column_of[f->schema.fields_n] = -1;
    f->fields[f->schema.fields_n++] = (geo_field){

        .name = name,
        .type = GEO_GEOMETRY,
        .crs = crs,
        .made = made,
        .kind = f->kind <= GEO_MULTIPOLYGON ? (geo_geometry_kind)f->kind : GEO_NO_GEOMETRY};
    return GEO_OK;
}

static geo_status make_filter(geo_fgb *f, const char *where, geo_err *err)
{
    bool *times = geo_arena_alloc(&f->arena, f->schema.fields_n + 1);
    for (size_t i = 0; times && i < f->schema.fields_n; i++)
        times[i] = f->column_of[i] >= 0 && f->type[f->column_of[i]] == FGB_DATETIME && f->fields[i].type == GEO_TEXT;
    return times ? geo_filter_new(where, f->chunks.name, &f->schema, times, &f->filter, err) : geo_err_nomem(err);
}

static geo_status choose_columns(geo_fgb *f, const geo_reader_options *o, geo_err *err)
{
    geo_status st = geo_schema_check_class(&f->schema, f->chunks.name, err);
    for (const char *const *n = o->columns; st == GEO_OK && n && *n; n++)
        if ((st = geo_schema_pick(&f->schema, *n, &(size_t){0}, err)) < 0)
            geo_err_wrap(err, st, "'%s'", f->chunks.name);
    if (st == GEO_OK && o->where && *o->where)
        st = make_filter(f, o->where, err);
    f->class_at = geo_schema_find(&f->schema, GEO_CLASS_COLUMN);
    for (size_t i = 0; st == GEO_OK && i < f->schema.fields_n; i++) {
        if (f->column_of[i] < 0)
            continue;
        f->held[i] = geo_reader_asked_for(o, f->fields[i].name);
        if (f->held[i] || (f->filter && geo_filter_looks_at(f->filter, i)))
            f->slot[f->column_of[i]] = (int32_t)f->decoded_n++;
    }
    return st;
}

/* Nodes of a packed R-tree over n features, all levels together; 0 when there are too many to be true. */
static uint64_t nodes_of(uint64_t n, unsigned per_node)
{
    uint64_t nodes = n;
    if (per_node < 2 || n > UINT64_C(1) << 48)
        return 0;
    do { /* one feature has a root above it, too */
        n = (n + per_node - 1) / per_node;
        nodes += n;
    } while (n > 1);
    return nodes;
}

/* Pass over bytes of the stream. */
static geo_status skip(geo_fgb *f, uint64_t n, geo_err *err)
{
    while (n) {
        const size_t step = n < GEO_CHUNK_BYTES ? (size_t)n : GEO_CHUNK_BYTES;
        const geo_status st = geo_chunks_look(&f->chunks, step, err);
        if (st < 0)
            return st;
        if (f->chunks.carry.n < step)
            return damaged(f, "promises an index that is not there", err);
        geo_chunks_drop(&f->chunks, step);
        n -= step;
    }
    return GEO_OK;
}

static geo_status skip_index(geo_fgb *f, geo_flat *b, const geo_flat_table *header, geo_err *err)
{
    const size_t count_at = geo_flat_field(b, header, FGB_COUNT, 8), node_at = geo_flat_field(b, header, FGB_NODE_SIZE, 2);
    const uint64_t count = count_at ? geo_flat_u64(b->data + count_at) : 0;
    const unsigned per_node = node_at ? geo_flat_u16(b->data + node_at) : 16;
    const bool indexed = per_node > 0 && count > 0;
    const uint64_t nodes = indexed ? nodes_of(count, per_node) : 0;
    if (b->bad || count > INT64_MAX || (indexed && !nodes))
        return damaged(f, "counts more features than there can be", err);
    f->expected_n = (int64_t)count;
    return skip(f, nodes * ITEM_BYTES, err);
}

static geo_status read_header(geo_fgb *f, const geo_reader_options *o, geo_err *err)
{
    geo_status st = geo_chunks_look(&f->chunks, 12, err);
    if (st < 0)
        return st;
    const size_t n = f->chunks.carry.n >= 12 ? geo_flat_u32(f->chunks.carry.data + 8) : 0;
    if (n < 8 || n > LARGEST_HEADER)
        return damaged(f, n ? "has a size that cannot be" : "is cut short", err);
    if ((st = geo_chunks_look(&f->chunks, 12 + n, err)) < 0)
        return st;
    if (f->chunks.carry.n < 12 + n)
        return damaged(f, "is cut short", err);
    char *copy = geo_arena_alloc(&f->arena, n);
    if (!copy)
        return geo_err_nomem(err);
    memcpy(copy, f->chunks.carry.data + 12, n);
    geo_chunks_drop(&f->chunks, 12 + n);
    geo_flat b = {copy, n, false};
    const geo_flat_table header = geo_flat_root(&b);
    bool ok = true;
    const char *layer = text_of(f, &b, &header, FGB_NAME, &ok);
    geo_fgb_about about;
    geo_fgb_about_parse(text_of(f, &b, &header, FGB_METADATA, &ok), &about);
    f->marks_last = about.marks_last;
    f->label.class_ = geo_class_join(f->label.class_, about.class_); /* the column may be lost: this raises, and never lowers */
    f->kind = geo_flat_byte(&b, &header, FGB_KIND, 0);
    if (b.bad)
        return damaged(f, "is none", err);
    if (ok && o->layer && (!layer || strcmp(layer, o->layer) != 0))
        return geo_err_set(err, GEO_EARG, "'%s' has no layer '%s'; its only one is '%.60s'", f->chunks.name, o->layer, layer ? layer : "");
    st = ok ? take_columns(f, &b, &header, o, err) : geo_err_nomem(err);
    if (st == GEO_OK && about.geometry)
        st = take_geometry(f, &b, &header, about.of_columns, o, err);
    else if (st == GEO_OK && o->want_geometry)
        st = geo_err_set(err, GEO_EARG, "'%s' has no shapes", f->chunks.name);
    return st < 0 ? st : b.bad ? damaged(f, "is none", err) : skip_index(f, &b, &header, err);
}

geo_status geo_fgb_open(geo_chunks *chunks, const geo_reader_options *o, geo_reader *r, geo_err *err)
{
    geo_fgb *f = calloc(1, sizeof *f);
    if (!f) {
        geo_chunks_close(chunks);
        return geo_err_nomem(err);
    }
    f->chunks = *chunks;
    f->chunks.whole = whole_features;
    f->chunks.too_long = "it is damaged";
    f->label = o->label;
    f->label.class_ = geo_class_join(o->label.class_, o->raise);
    f->raise = o->raise;
    geo_status st = read_header(f, o, err);
    if (st == GEO_OK)
        st = choose_columns(f, o, err);
    if (st < 0) {
        fgb_close(f);
        return st;
    }
    f->chunks.bytes = geo_chunk_bytes(f->chunks.bytes, f->decoded_n);
    r->class_ = f->label.class_;
    r->driver = &DRIVER;
    r->state = f;
    r->schema = f->schema;
    r->has_text = false;
    r->unit = "feature";
    r->next_line = 1;
    return GEO_OK;
}
