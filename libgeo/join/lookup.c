/* Tables found by key. Keys are normalised in parallel while the file is read, and go into a pool in the order of the file. */
#define _GNU_SOURCE /* strcasestr */
#include "geo/lookup.h"

#include "../core/trim.h"
#include "../table/column.h"
#include "geo/pool.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LOOKED_AT 1000 /* keys that decide the kind */
#define LONG_UPRN 11   /* digits: shorter numbers may be anything */

struct geo_lookup {
    geo_pool *keys;
    geo_table *table;
    size_t key_at; /* the key's field in the file */
    size_t *kept, kept_n;
    geo_key_kind kind;
    int64_t repeated_n, rounded_n;
    geo_class class_; /* highest of all rows */
};

/* ---- keys ---- */

const char *geo_key_normalise(geo_key_kind kind, const char *s, size_t n, char room[GEO_KEY_ROOM], size_t *len)
{
    if (kind == GEO_KEY_POSTCODE
        && ((*len = geo_postcode_normalise(s, n, room)) > 0 || (*len = geo_postcode_sector_normalise(s, n, room)) > 0))
        return room;
    if (kind == GEO_KEY_GSS && (*len = geo_gss_normalise(s, n, room)) > 0)
        return room;
    if (kind == GEO_KEY_UPRN && ((*len = geo_uprn_normalise(s, n, room)) > 0 || geo_uprn_is_rounded(s, n)))
        return room;
    geo_trim(&s, &n);
    *len = n;
    return s;
}

/* Normalised keys of a column as one text column: offsets into bytes. */
typedef struct key_column {
    int64_t *offsets;
    char *bytes;
} key_column;

static bool normalise_keys(geo_key_kind kind, const geo_column *c, size_t rows_n, geo_arena *arena, key_column *out)
{
    size_t bytes_n = 0, n;
    char value[GEO_VALUE_ROOM], room[GEO_KEY_ROOM];
    for (size_t r = 0; r < rows_n; r++) {
        (void)geo_column_print(c, r, value, &n);
        bytes_n += n;
    }
    out->offsets = geo_arena_array(arena, rows_n + 1, sizeof *out->offsets);
    out->bytes = geo_arena_alloc(arena, bytes_n + 8);
    if (!out->offsets || !out->bytes)
        return false;
    int64_t at = 0;
    out->offsets[0] = 0;
    for (size_t r = 0; r < rows_n; r++) {
        const char *raw = geo_column_print(c, r, value, &n);
        size_t len;
        const char *key = geo_key_normalise(kind, raw, n, room, &len);
        if (len)
            memcpy(out->bytes + at, key, len);
        at += (int64_t)len;
        out->offsets[r + 1] = at;
    }
    return true;
}

static geo_key_kind guess_kind(const geo_field *field, const geo_column *c, size_t rows_n)
{
    if (strcasestr(field->name, "uprn"))
        return GEO_KEY_UPRN;
    size_t keys_n = 0, postcodes_n = 0, codes_n = 0, uprns_n = 0, long_n = 0;
    for (size_t r = 0; r < rows_n && keys_n < LOOKED_AT; r++) {
        char value[GEO_VALUE_ROOM], room[GEO_KEY_ROOM];
        size_t n;
        const char *s = geo_column_print(c, r, value, &n);
        geo_trim(&s, &n);
        if (n == 0)
            continue;
        keys_n++;
        postcodes_n += geo_postcode_normalise(s, n, room) > 0 || geo_postcode_sector_normalise(s, n, room) > 0;
        codes_n += geo_gss_normalise(s, n, room) > 0;
        uprns_n += geo_uprn_normalise(s, n, room) > 0;
        long_n += n >= LONG_UPRN;
    }
    return keys_n == 0                                ? GEO_KEY_TEXT
           : postcodes_n * 100 >= keys_n * 95         ? GEO_KEY_POSTCODE
           : codes_n * 100 >= keys_n * 95             ? GEO_KEY_GSS
           : uprns_n == keys_n && long_n * 2 > keys_n ? GEO_KEY_UPRN
                                                      : GEO_KEY_TEXT;
}

/* ---- reading ---- */

/* Normalise the keys, on any thread. */
static geo_status work(void *ctx, geo_parcel *parcel, geo_err *err)
{
    const geo_lookup *l = ctx;
    const geo_batch *in = parcel->in;
    key_column *keys = parcel->extra = geo_arena_alloc(parcel->arena, sizeof *keys);
    if (!keys || !normalise_keys(l->kind, &in->columns[l->key_at], in->rows_n, parcel->arena, keys))
        return geo_err_nomem(err);
    return GEO_OK;
}

/* Does row r of the batch hold the same kept values as an earlier row: row `row` of the table, or of the batch when `have` is its columns?
 */
static bool same_values(const geo_lookup *l, const geo_column *have, bool in_batch, size_t row, const geo_batch *in, size_t r)
{
    bool same = true;
    for (size_t i = 0; same && i < l->kept_n; i++)
        same = geo_column_same(&have[in_batch ? l->kept[i] : i], row, &in->columns[l->kept[i]], r);
    return same;
}

static bool is_rounded(const geo_lookup *l, const geo_column *keys, size_t r)
{
    if (l->kind != GEO_KEY_UPRN)
        return false;
    char value[GEO_VALUE_ROOM];
    size_t n;
    const char *s = geo_column_print(keys, r, value, &n);
    return geo_uprn_is_rounded(s, n);
}

/* Add the keys that are new, in order, and append their rows. */
static geo_status put(void *ctx, const geo_parcel *parcel, geo_err *err)
{
    geo_lookup *l = ctx;
    const geo_batch *in = parcel->in;
    const key_column *keys = parcel->extra;
    int32_t *fresh = geo_arena_array(parcel->arena, in->rows_n + 1, sizeof *fresh); /* rows with a key of their own */
    int32_t *ids = geo_arena_array(parcel->arena, in->rows_n + 1, sizeof *ids);
    if (!fresh || !ids)
        return geo_err_nomem(err);
    const int64_t known_n = (int64_t)geo_table_rows(l->table);
    const geo_column *known = geo_table_columns(l->table);
    const geo_status st = geo_pool_add_many(l->keys, keys->offsets, keys->bytes, in->rows_n, ids, err);
    if (st < 0)
        return st;
    size_t fresh_n = 0;
    for (size_t r = 0; r < in->rows_n; r++) {
        l->class_ = geo_class_join(l->class_, geo_batch_class(in, r));
        if (ids[r] < 0) {
            l->rounded_n += is_rounded(l, &in->columns[l->key_at], r);
            continue;
        }
        if (ids[r] == known_n + (int64_t)fresh_n)
            fresh[fresh_n++] = (int32_t)r;
        else if (ids[r] >= known_n ? !same_values(l, in->columns, true, (size_t)fresh[ids[r] - known_n], in, r)
                                   : !same_values(l, known, false, (size_t)ids[r], in, r))
            l->repeated_n++;
    }
    if (fresh_n == in->rows_n)
        return geo_table_append(l->table, in, err);
    geo_column *picked = geo_arena_array(parcel->arena, in->schema->fields_n + 1, sizeof *picked);
    if (!picked)
        return geo_err_nomem(err);
    for (size_t i = 0; i < in->schema->fields_n; i++) {
        picked[i] = in->columns[i];
        picked[i].index = fresh; /* readers give plain columns, so this selects rows */
    }
    geo_batch some = *in;
    some.rows_n = fresh_n;
    some.columns = picked;
    return geo_table_append(l->table, &some, err);
}

geo_status geo_lookup_new(geo_reader *reader, const char *key, const char *const *fields, size_t fields_n, int64_t rows_n, int threads,
                          geo_lookup **out, geo_err *err)
{
    const geo_schema *schema = geo_reader_schema(reader);
    size_t key_at;
    geo_status st = geo_schema_pick(schema, key, &key_at, err);
    if (st < 0)
        return st;
    if (schema->fields[key_at].type == GEO_GEOMETRY)
        return geo_err_set(err, GEO_EARG, "field '%s' is a geometry, so it cannot be a key", key);
    geo_lookup *l = calloc(1, sizeof *l);
    if (!l)
        return geo_err_nomem(err);
    l->key_at = key_at;
    l->kept_n = fields_n;
    l->kept = calloc(fields_n + 1, sizeof *l->kept);
    l->keys = geo_pool_new();
    st = l->kept && l->keys ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK && rows_n > 0)
        geo_pool_reserve(l->keys, (size_t)rows_n);
    for (size_t i = 0; st == GEO_OK && i < fields_n; i++)
        st = geo_schema_pick(schema, fields[i], &l->kept[i], err);
    if (st == GEO_OK)
        st = geo_table_new(schema, l->kept, fields_n, &l->table, err);
    const geo_flow flow = {work, put, l};
    if (st == GEO_OK) { /* the first batch tells the kind */
        const geo_batch *first;
        if ((st = geo_reader_next(reader, &first, err)) == GEO_OK) {
            geo_arena arena = {0};
            l->kind = guess_kind(&schema->fields[key_at], &first->columns[key_at], first->rows_n);
            geo_parcel parcel = {.in = first, .out = *first, .arena = &arena};
            st = work(l, &parcel, err);
            if (st == GEO_OK)
                st = put(l, &parcel, err);
            geo_arena_clear(&arena);
        }
    }
    if (st == GEO_OK)
        st = geo_flow_run(reader, &flow, threads, NULL, err);
    if (st < 0) {
        geo_lookup_free(l);
        return st;
    }
    *out = l;
    return GEO_OK;
}

void geo_lookup_free(geo_lookup *l)
{
    if (!l)
        return;
    geo_pool_free(l->keys);
    geo_table_free(l->table);
    free(l->kept);
    free(l);
}

const geo_table *geo_lookup_table(const geo_lookup *l)
{
    return l->table;
}

geo_status geo_lookup_settle(geo_lookup *l, geo_err *err)
{
    return geo_table_settle(l->table, err);
}

geo_class geo_lookup_class(const geo_lookup *l)
{
    return l->class_;
}

int64_t geo_lookup_repeated(const geo_lookup *l)
{
    return l->repeated_n;
}

int64_t geo_lookup_rounded(const geo_lookup *l)
{
    return l->rounded_n;
}

geo_key_kind geo_lookup_kind(const geo_lookup *l)
{
    return l->kind;
}

const geo_pool *geo_lookup_keys(const geo_lookup *l)
{
    return l->keys;
}

geo_status geo_lookup_find(const geo_lookup *l, const geo_column *column, size_t rows_n, geo_arena *arena, int32_t *row, geo_err *err)
{
    key_column keys;
    if (!normalise_keys(l->kind, column, rows_n, arena, &keys))
        return geo_err_nomem(err);
    geo_pool_find_many(l->keys, keys.offsets, keys.bytes, rows_n, row);
    for (size_t r = 0; r < rows_n; r++)
        if (row[r] < 0)
            row[r] = keys.offsets[r + 1] > keys.offsets[r] ? -2 : -1;
    return GEO_OK;
}

/* A postcode that is not there as it stands: mended, or by its sector, or both. */
static int32_t retry_postcode(const geo_lookup *l, const char *s, size_t n, bool or_sector, unsigned *how)
{
    char code[GEO_POSTCODE_ROOM], sector[GEO_POSTCODE_ROOM];
    size_t k = geo_postcode_normalise(s, n, code);
    const unsigned mended = k ? 0 : GEO_KEY_MENDED;
    if (!k && !(k = geo_postcode_mend(s, n, code)))
        return GEO_POOL_NONE;
    int32_t row = mended ? geo_pool_find(l->keys, code, k) : GEO_POOL_NONE;
    *how = mended;
    if (row < 0 && or_sector) {
        row = geo_pool_find(l->keys, sector, geo_postcode_sector(code, k, sector));
        *how |= GEO_KEY_SECTOR;
    }
    if (row < 0)
        *how = 0;
    return row;
}

int32_t geo_lookup_retry(const geo_lookup *l, const geo_column *keys, size_t r, bool or_sector, unsigned *how)
{
    char value[GEO_VALUE_ROOM];
    size_t n;
    const char *s = geo_column_print(keys, r, value, &n);
    geo_trim(&s, &n);
    *how = 0;
    if (n == 0 || (l->kind == GEO_KEY_GSS && geo_gss_is_none(s, n)))
        return -1;
    if (l->kind == GEO_KEY_UPRN && geo_uprn_is_rounded(s, n))
        *how = GEO_KEY_ROUNDED;
    const int32_t row = l->kind == GEO_KEY_POSTCODE ? retry_postcode(l, s, n, or_sector, how) : GEO_POOL_NONE;
    return row < 0 ? -2 : row;
}
