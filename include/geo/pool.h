/**
 * @file pool.h
 * A string pool: every distinct text once, numbered from 0 in the order of arrival. It is the hash table of the library: keys of a
 * lookup, values of a category, names already seen.
 */
#ifndef GEO_POOL_H
#define GEO_POOL_H

#include "geo/status.h"

#include <stddef.h>
#include <stdint.h>

GEO_BEGIN

typedef struct geo_pool geo_pool;

/** No such text. */
#define GEO_POOL_NONE (-1)

/** An empty pool; NULL when memory is out. The hash is seeded by the operating system, so hostile keys cannot be chosen to collide. */
GEO_API geo_pool *geo_pool_new(void);
GEO_API void geo_pool_free(geo_pool *pool);

/**
 * Number of a text, which is added if it is new (then *is_new, which may be NULL, is 1, else 0). GEO_ENOMEM past 2^31 - 2 texts, or 4 GiB of
 * them. Expected O(n).
 */
GEO_CHECKED geo_status geo_pool_add(geo_pool *pool, const char *s, size_t n, int32_t *id, int *is_new, geo_err *err);

/**
 * Add rows_n texts, bytes[offsets[r] .. offsets[r + 1]), in order: as geo_pool_add for each, with the memory fetched ahead. Empty texts
 * are passed over and get GEO_POOL_NONE. A text is new when its number is at least what geo_pool_count was, and comes for the first time.
 */
GEO_CHECKED geo_status geo_pool_add_many(geo_pool *pool, const int64_t *offsets, const char *bytes, size_t rows_n, int32_t *ids,
                                         geo_err *err);

/** Make room for texts_n texts in all, when it is known roughly; failure does not matter. */
GEO_API void geo_pool_reserve(geo_pool *pool, size_t texts_n);

/** Number of a text, or GEO_POOL_NONE. Safe from several threads while nobody adds. */
GEO_API int32_t geo_pool_find(const geo_pool *pool, const char *s, size_t n);

/**
 * Numbers of rows_n texts, bytes[offsets[r] .. offsets[r + 1]): as geo_pool_find for each, with the memory fetched ahead, which is
 * several times faster on a pool larger than the cache.
 */
GEO_API void geo_pool_find_many(const geo_pool *pool, const int64_t *offsets, const char *bytes, size_t rows_n, int32_t *ids);

/** How many texts the pool holds. */
GEO_API size_t geo_pool_count(const geo_pool *pool);

/** Text number id, not NUL-terminated, lent until the next addition; *n is its length. */
GEO_API const char *geo_pool_text(const geo_pool *pool, int32_t id, size_t *n);

GEO_END
#endif
