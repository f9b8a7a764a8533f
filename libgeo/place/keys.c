/* Keys in the forms in which they are compared, and sets of them. */
#define _GNU_SOURCE /* strcasestr */
#include "geo/keys.h"

#include "../core/trim.h"

#include <stdlib.h>
#include <string.h>

#define LOOKED_AT 1000 /* keys that decide the kind */
#define LONG_UPRN 11   /* digits: shorter numbers may be anything */

struct geo_keys {
    geo_pool *pool;
    geo_key_kind kind;
};

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

geo_keys *geo_keys_new(void)
{
    geo_keys *keys = calloc(1, sizeof *keys);
    if (keys && !(keys->pool = geo_pool_new())) {
        free(keys);
        keys = NULL;
    }
    return keys;
}

void geo_keys_free(geo_keys *keys)
{
    if (!keys)
        return;
    geo_pool_free(keys->pool);
    free(keys);
}

static size_t without_blanks(const char *s, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        k += s[i] != ' ' && s[i] != '\t';
    return k;
}

void geo_keys_guess(geo_keys *keys, const char *field, const geo_column *c, size_t rows_n)
{
    if (strcasestr(field, "uprn")) {
        keys->kind = GEO_KEY_UPRN;
        return;
    }
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
        codes_n += geo_gss_normalise(s, n, room) > 0 || geo_gss_is_none(s, n);
        uprns_n += geo_uprn_normalise(s, n, room) > 0;
        long_n += without_blanks(s, n) >= LONG_UPRN;
    }
    keys->kind = keys_n == 0                                ? GEO_KEY_TEXT
                 : postcodes_n * 100 >= keys_n * 95         ? GEO_KEY_POSTCODE
                 : codes_n * 100 >= keys_n * 95             ? GEO_KEY_GSS
                 : uprns_n == keys_n && long_n * 2 > keys_n ? GEO_KEY_UPRN
                                                            : GEO_KEY_TEXT;
}

geo_key_kind geo_keys_kind(const geo_keys *keys)
{
    return keys->kind;
}

const geo_pool *geo_keys_pool(const geo_keys *keys)
{
    return keys->pool;
}

void geo_keys_reserve(geo_keys *keys, size_t n)
{
    geo_pool_reserve(keys->pool, n);
}

geo_status geo_keys_normalise(const geo_keys *keys, const geo_column *c, size_t rows_n, geo_arena *arena, geo_key_texts *out, geo_err *err)
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
        return geo_err_nomem(err);
    int64_t at = 0;
    out->offsets[0] = 0;
    for (size_t r = 0; r < rows_n; r++) {
        const char *raw = geo_column_print(c, r, value, &n);
        size_t len;
        const char *key = geo_key_normalise(keys->kind, raw, n, room, &len);
        if (len)
            memcpy(out->bytes + at, key, len);
        at += (int64_t)len;
        out->offsets[r + 1] = at;
    }
    return GEO_OK;
}

geo_status geo_keys_add(geo_keys *keys, const geo_key_texts *texts, size_t rows_n, int32_t *ids, geo_err *err)
{
    return geo_pool_add_many(keys->pool, texts->offsets, texts->bytes, rows_n, ids, err);
}

geo_status geo_keys_find(const geo_keys *keys, const geo_column *column, size_t rows_n, geo_arena *arena, int32_t *ids, geo_err *err)
{
    geo_key_texts texts;
    const geo_status st = geo_keys_normalise(keys, column, rows_n, arena, &texts, err);
    if (st < 0)
        return st;
    geo_pool_find_many(keys->pool, texts.offsets, texts.bytes, rows_n, ids);
    for (size_t r = 0; r < rows_n; r++)
        if (ids[r] < 0)
            ids[r] = texts.offsets[r + 1] > texts.offsets[r] ? -2 : -1;
    return GEO_OK;
}

/* A postcode that is not there as it stands: mended, or by its sector, or both. */
static int32_t retry_postcode(const geo_keys *k, const char *s, size_t n, bool or_sector, unsigned *how)
{
    char code[GEO_POSTCODE_ROOM], sector[GEO_POSTCODE_ROOM];
    size_t code_n = geo_postcode_normalise(s, n, code);
    const unsigned mended = code_n ? 0 : GEO_KEY_MENDED;
    if (!code_n && !(code_n = geo_postcode_mend(s, n, code)))
        return GEO_POOL_NONE;
    int32_t row = mended ? geo_pool_find(k->pool, code, code_n) : GEO_POOL_NONE;
    *how = mended;
    if (row < 0 && or_sector) {
        row = geo_pool_find(k->pool, sector, geo_postcode_sector(code, code_n, sector));
        *how |= GEO_KEY_SECTOR;
    }
    if (row < 0)
        *how = 0;
    return row;
}

int32_t geo_keys_retry(const geo_keys *k, const geo_column *column, size_t r, bool or_sector, unsigned *how)
{
    char value[GEO_VALUE_ROOM];
    size_t n;
    const char *s = geo_column_print(column, r, value, &n);
    geo_trim(&s, &n);
    *how = 0;
    if (n == 0 || (k->kind == GEO_KEY_GSS && geo_gss_is_none(s, n)))
        return -1;
    if (k->kind == GEO_KEY_UPRN && geo_uprn_is_rounded(s, n))
        *how = GEO_KEY_ROUNDED;
    const int32_t row = k->kind == GEO_KEY_POSTCODE ? retry_postcode(k, s, n, or_sector, how) : GEO_POOL_NONE;
    return row < 0 ? -2 : row;
}
