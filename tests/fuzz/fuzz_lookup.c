/*
 * Lookups, from standard input (a CSV file in memory): its levels a, b and c, read whole and in small chunks, and every relation of two of
 * them. Shares of an area add up to 1 or are not known, name areas that are there, each once and in order, and do not depend on the chunks.
 * And the same table as a lookup of keys: every key is found where it stands.
 */
#define _GNU_SOURCE /* memfd_create */
#include "rows.h"

#include "geo/lattice.h"
#include "geo/lookup.h"

static const char *const LEVELS[] = {"a", "b", "c", NULL};

static uint64_t hash_parts(const geo_relation *r, size_t i, size_t to_n, uint64_t h)
{
    size_t n;
    const geo_share *parts = geo_relation_parts(r, i, &n);
    double all = 0;
    for (size_t k = 0; k < n; k++) {
        REQUIRE(parts[k].area >= -1 && parts[k].area < (int32_t)to_n && (k == 0 || parts[k].area > parts[k - 1].area));
        REQUIRE(isnan(parts[k].share) || (parts[k].share > 0 && parts[k].share <= 1));
        REQUIRE(isnan(parts[k].share) == isnan(parts[0].share));
        all += parts[k].share;
        h = mix(mix(h, &parts[k].area, 4), isnan(parts[k].share) ? "?" : (const char *)&parts[k].share, isnan(parts[k].share) ? 1 : 8);
    }
    REQUIRE(n == 0 || isnan(all) || fabs(all - 1) < 1e-9);
    REQUIRE(n == 1 ? all == 1 : 1);
    return h;
}

static uint64_t hash_relations(const geo_lattice *l)
{
    uint64_t h = 14695981039346656037u;
    for (size_t a = 0; a < geo_lattice_levels(l); a++)
        for (size_t b = 0; b < geo_lattice_levels(l); b++) {
            geo_relation *r = NULL;
            geo_err err;
            const geo_status st = geo_lattice_relate(l, a, b, &r, &err);
            REQUIRE(a == b ? st == GEO_EARG : st == GEO_OK);
            if (a == b)
                continue;
            const size_t from_n = geo_pool_count(geo_keys_pool(geo_lattice_areas(l, a)));
            const size_t to_n = geo_pool_count(geo_keys_pool(geo_lattice_areas(l, b)));
            for (size_t i = 0; i < from_n; i++)
                h = mix(hash_parts(r, i, to_n, h), &(int){(int)geo_relation_change_of(r, i)}, sizeof(int));
            for (size_t i = 0; i < to_n; i++)
                h = mix(h, &(int){(int)geo_relation_change_to(r, i)}, sizeof(int));
            geo_relation_free(r);
        }
    return h;
}

static geo_status read_levels(int fd, uint8_t what, size_t chunk_bytes, uint64_t *hash)
{
    geo_reader *reader = NULL;
    geo_err err;
    const geo_reader_options options = {.chunk_bytes = chunk_bytes, .label = {.class_ = GEO_CLASS_OPEN}};
    const geo_lattice_lookup about = {LEVELS, what & 1 ? "w" : NULL, what >> 1 & 1, what >> 2 & 1};
    REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
    geo_status st = geo_reader_open("-", &options, &reader, &err);
    geo_lattice *l = geo_lattice_new();
    REQUIRE(l);
    if (st == GEO_OK)
        st = geo_lattice_read(l, reader, &about, 1, &err);
    if (st == GEO_OK)
        *hash = hash_relations(l);
    geo_reader_close(reader);
    geo_lattice_free(l);
    return st;
}

static void read_keys(int fd)
{
    geo_reader *reader = NULL;
    geo_lookup *l = NULL;
    geo_err err;
    REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
    geo_status st = geo_reader_open("-", &(geo_reader_options){0}, &reader, &err);
    if (st == GEO_OK)
        st = geo_lookup_new(reader, "a", LEVELS + 1, 1, -1, 1, &l, &err);
    for (size_t i = 0; st == GEO_OK && i < geo_table_rows(geo_lookup_table(l)); i++) {
        size_t n, len;
        char room[GEO_KEY_ROOM];
        const geo_keys *keys = geo_lookup_keys(l);
        const char *key = geo_pool_text(geo_keys_pool(keys), (int32_t)i, &n);
        const char *form = geo_key_normalise(geo_keys_kind(keys), key, n, room, &len);
        REQUIRE(geo_pool_find(geo_keys_pool(keys), form, len) == (int32_t)i);
    }
    geo_lookup_free(l);
    geo_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char HEADER[] = "a,b,c,w\n";
    if (n < 2)
        return 0;
    const int fd = standard_input();
    REQUIRE(pwrite(fd, HEADER, sizeof HEADER - 1, 0) == sizeof HEADER - 1);
    REQUIRE(pwrite(fd, data + 2, n - 2, sizeof HEADER - 1) == (ssize_t)(n - 2));
    uint64_t whole = 0, pieces = 0;
    const geo_status st = read_levels(fd, data[0], 0, &whole);
    REQUIRE(read_levels(fd, data[0], 1 + data[1] % 64, &pieces) == st);
    /* The first batch decides how codes are compared: only where it held all of them must the chunks not matter. */
    REQUIRE(st < 0 || whole == pieces || n > 2 + 64 - sizeof HEADER || data[1] % 64 < 63);
    read_keys(fd);
    return 0;
}
