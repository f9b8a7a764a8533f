/*
 * Open addressing with linear probing. A slot is eight bytes, half of them hash, so that a probe that misses seldom touches the texts;
 * the texts stand in one growing buffer in the order of their numbers.
 */
#define _GNU_SOURCE /* getentropy */
#include "geo/pool.h"

#include "wide.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_SLOTS ((size_t)64)
#define AHEAD 16 /* texts looked up together, so that their cache misses overlap */

typedef struct slot {
    uint32_t tag; /* high half of the hash */
    int32_t id;   /* GEO_POOL_NONE: empty */
} slot;

struct geo_pool {
    slot *slots;
    size_t mask; /* slots - 1, a power of two less one */
    size_t texts_n;
    size_t ends_room;
    uint32_t *ends; /* text i is bytes[ends[i - 1] .. ends[i]) */
    char *bytes;
    size_t bytes_room;
    uint64_t seed[2];
};

/* Fold of the 128-bit product: mixes 64 bits into 64 in one multiplication. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t low;
    const uint64_t high = geo_multiply_high(a, b, &low);
    return low ^ high;
}

static uint64_t hash_of(const geo_pool *pool, const char *s, size_t n)
{
    uint64_t h = pool->seed[0] ^ n;
    for (; n > 8; s += 8, n -= 8)
        h = mix(h ^ geo_load_few(s, 8), pool->seed[1]);
    return mix(mix(h ^ geo_load_few(s, n), pool->seed[1]), pool->seed[0] | 1);
}

geo_pool *geo_pool_new(void)
{
    geo_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->slots = malloc(FIRST_SLOTS * sizeof *pool->slots);
    if (!pool->slots || getentropy(pool->seed, sizeof pool->seed) != 0) {
        geo_pool_free(pool);
        return NULL;
    }
    pool->seed[1] |= 1;
    memset(pool->slots, 0xFF, FIRST_SLOTS * sizeof *pool->slots);
    pool->mask = FIRST_SLOTS - 1;
    return pool;
}

void geo_pool_free(geo_pool *pool)
{
    if (!pool)
        return;
    free(pool->slots);
    free(pool->ends);
    free(pool->bytes);
    free(pool);
}

size_t geo_pool_count(const geo_pool *pool)
{
    return pool->texts_n;
}

const char *geo_pool_text(const geo_pool *pool, int32_t id, size_t *n)
{
    const size_t start = id ? pool->ends[id - 1] : 0;
    *n = pool->ends[id] - start;
    return pool->bytes + start;
}

/* The slot that holds the text, or the empty one where it would go. */
static size_t probe(const geo_pool *pool, uint64_t hash, const char *s, size_t n)
{
    const uint32_t tag = (uint32_t)(hash >> 32);
    for (size_t i = hash & pool->mask;; i = (i + 1) & pool->mask) {
        const slot *at = &pool->slots[i];
        if (at->id == GEO_POOL_NONE)
            return i;
        if (at->tag == tag) {
            size_t text_n;
            const char *text = geo_pool_text(pool, at->id, &text_n);
            if (text_n == n && memcmp(text, s, n) == 0)
                return i;
        }
    }
}

/* More slots. A slot keeps only half its hash, so the texts are hashed again, in their order in memory. */
static geo_status grow_slots(geo_pool *pool, size_t slots_n, geo_err *err)
{
    slot *slots = malloc(slots_n * sizeof *slots);
    if (!slots)
        return geo_err_nomem(err);
    memset(slots, 0xFF, slots_n * sizeof *slots);
    for (size_t id = 0; id < pool->texts_n; id++) {
        size_t n;
        const char *text = geo_pool_text(pool, (int32_t)id, &n);
        const uint64_t hash = hash_of(pool, text, n);
        size_t i = hash & (slots_n - 1);
        while (slots[i].id != GEO_POOL_NONE)
            i = (i + 1) & (slots_n - 1);
        slots[i] = (slot){(uint32_t)(hash >> 32), (int32_t)id};
    }
    free(pool->slots);
    pool->slots = slots;
    pool->mask = slots_n - 1;
    return GEO_OK;
}

void geo_pool_reserve(geo_pool *pool, size_t texts_n)
{
    size_t slots_n = pool->mask + 1;
    while (slots_n / 4 * 3 < texts_n && slots_n < (size_t)INT32_MAX)
        slots_n *= 2;
    if (slots_n > pool->mask + 1)
        (void)grow_slots(pool, slots_n, NULL);
}

static geo_status make_room(geo_pool *pool, size_t n, geo_err *err)
{
    const size_t used = pool->texts_n ? pool->ends[pool->texts_n - 1] : 0;
    if (n > UINT32_MAX - used || pool->texts_n >= INT32_MAX - 1)
        return geo_err_set(err, GEO_ENOMEM, "more distinct keys than a table can hold");
    if (used + n > pool->bytes_room || !pool->bytes) {
        const size_t room = (used + n) * 3 / 2 + 1024;
        char *bytes = realloc(pool->bytes, room);
        if (!bytes)
            return geo_err_nomem(err);
        pool->bytes = bytes;
        pool->bytes_room = room;
    }
    if (pool->texts_n == pool->ends_room) {
        const size_t room = pool->ends_room * 3 / 2 + 64;
        uint32_t *ends = realloc(pool->ends, room * sizeof *ends);
        if (!ends)
            return geo_err_nomem(err);
        pool->ends = ends;
        pool->ends_room = room;
    }
    return (pool->texts_n + 1) * 4 > (pool->mask + 1) * 3 ? grow_slots(pool, (pool->mask + 1) * 2, err) : GEO_OK;
}

/* Add a text whose hash is known. */
static geo_status add(geo_pool *pool, uint64_t hash, const char *s, size_t n, int32_t *id, int *is_new, geo_err *err)
{
    size_t i = probe(pool, hash, s, n);
    *is_new = pool->slots[i].id == GEO_POOL_NONE;
    if (*is_new) {
        const size_t mask = pool->mask;
        geo_status st = make_room(pool, n, err);
        if (st < 0)
            return st;
        if (mask != pool->mask)
            i = probe(pool, hash, s, n);
        const size_t start = pool->texts_n ? pool->ends[pool->texts_n - 1] : 0;
        if (n)
            memcpy(pool->bytes + start, s, n);
        pool->ends[pool->texts_n] = (uint32_t)(start + n);
        pool->slots[i] = (slot){(uint32_t)(hash >> 32), (int32_t)pool->texts_n++};
    }
    *id = pool->slots[i].id;
    return GEO_OK;
}

geo_status geo_pool_add(geo_pool *pool, const char *s, size_t n, int32_t *id, int *is_new, geo_err *err)
{
    int ignored;
    return add(pool, hash_of(pool, s, n), s, n, id, is_new ? is_new : &ignored, err);
}

geo_status geo_pool_add_many(geo_pool *pool, const int64_t *offsets, const char *bytes, size_t rows_n, int32_t *ids, geo_err *err)
{
    uint64_t hashes[AHEAD];
    geo_status st = GEO_OK;
    for (size_t start = 0; start < rows_n; start += AHEAD) {
        const size_t end = rows_n - start < AHEAD ? rows_n : start + AHEAD;
        for (size_t r = start; r < end; r++) {
            hashes[r - start] = hash_of(pool, bytes + offsets[r], (size_t)(offsets[r + 1] - offsets[r]));
            __builtin_prefetch(&pool->slots[hashes[r - start] & pool->mask]);
        }
        for (size_t r = start; r < end && st == GEO_OK; r++) {
            const size_t n = (size_t)(offsets[r + 1] - offsets[r]);
            int is_new;
            ids[r] = GEO_POOL_NONE;
            if (n)
                st = add(pool, hashes[r - start], bytes + offsets[r], n, &ids[r], &is_new, err);
        }
    }
    return st;
}

int32_t geo_pool_find(const geo_pool *pool, const char *s, size_t n)
{
    return pool->slots[probe(pool, hash_of(pool, s, n), s, n)].id;
}

void geo_pool_find_many(const geo_pool *pool, const int64_t *offsets, const char *bytes, size_t rows_n, int32_t *ids)
{
    uint64_t hashes[AHEAD];
    for (size_t start = 0; start < rows_n; start += AHEAD) {
        const size_t end = rows_n - start < AHEAD ? rows_n : start + AHEAD;
        for (size_t r = start; r < end; r++) {
            hashes[r - start] = hash_of(pool, bytes + offsets[r], (size_t)(offsets[r + 1] - offsets[r]));
            __builtin_prefetch(&pool->slots[hashes[r - start] & pool->mask]);
        }
        for (size_t r = start; r < end; r++) { /* the first slot is right nearly always: fetch what it points to */
            const slot *at = &pool->slots[hashes[r - start] & pool->mask];
            if (at->id > 0)
                __builtin_prefetch(&pool->ends[at->id - 1]);
        }
        for (size_t r = start; r < end; r++) {
            const slot *at = &pool->slots[hashes[r - start] & pool->mask];
            if (at->id > 0)
                __builtin_prefetch(pool->bytes + pool->ends[at->id - 1]);
        }
        for (size_t r = start; r < end; r++)
            ids[r] = pool->slots[probe(pool, hashes[r - start], bytes + offsets[r], (size_t)(offsets[r + 1] - offsets[r]))].id;
    }
}
