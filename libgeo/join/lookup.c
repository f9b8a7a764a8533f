/* Tables found by key. Keys are brought into their form in parallel while the file is read, and go into a pool in the order of the file. */
#include "geo/lookup.h"

#include "../table/column.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct geo_lookup {
    geo_keys *keys;
    geo_table *table;
    size_t key_at; /* the key's field in the file */
    size_t *kept, kept_n;
    int64_t repeated_n, rounded_n;
    geo_class class_; /* highest of all rows */
};

/* ---- reading ---- */

/* Normalise the keys, on any thread. */
static geo_status work(void *ctx, geo_parcel *parcel, geo_err *err)
{
    const geo_lookup *l = ctx;
    const geo_batch *in = parcel->in;
    geo_key_texts *keys = parcel->extra = geo_arena_alloc(parcel->arena, sizeof *keys);
    return keys ? geo_keys_normalise(l->keys, &in->columns[l->key_at], in->rows_n, parcel->arena, keys, err) : geo_err_nomem(err);
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
    if (geo_keys_kind(l->keys) != GEO_KEY_UPRN)
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
    const geo_key_texts *keys = parcel->extra;
    int32_t *fresh = geo_arena_array(parcel->arena, in->rows_n + 1, sizeof *fresh); /* rows with a key of their own */
    int32_t *ids = geo_arena_array(parcel->arena, in->rows_n + 1, sizeof *ids);
    if (!fresh || !ids)
        return geo_err_nomem(err);
    const int64_t known_n = (int64_t)geo_table_rows(l->table);
    const geo_column *known = geo_table_columns(l->table);
    const geo_status st = geo_keys_add(l->keys, keys, in->rows_n, ids, err);
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
    return geo_table_append_rows(l->table, in, fresh_n == in->rows_n ? NULL : fresh, fresh_n, err);
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
    l->keys = geo_keys_new();
    st = l->kept && l->keys ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK && rows_n > 0)
        geo_keys_reserve(l->keys, (size_t)rows_n);
    for (size_t i = 0; st == GEO_OK && i < fields_n; i++)
        st = geo_schema_pick(schema, fields[i], &l->kept[i], err);
    if (st == GEO_OK)
        st = geo_table_new(schema, l->kept, fields_n, &l->table, err);
    const geo_flow flow = {work, put, l};
    if (st == GEO_OK) { /* the first batch tells the kind */
        const geo_batch *first;
        if ((st = geo_reader_next(reader, &first, err)) == GEO_OK) {
            geo_arena arena = {0};
            geo_keys_guess(l->keys, schema->fields[key_at].name, &first->columns[key_at], first->rows_n);
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
    geo_keys_free(l->keys);
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

const geo_keys *geo_lookup_keys(const geo_lookup *l)
{
    return l->keys;
}
