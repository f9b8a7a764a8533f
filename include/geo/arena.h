/**
 * @file arena.h
 * Memory that is given back all at once: what a batch of rows needs while it passes through.
 */
#ifndef GEO_ARENA_H
#define GEO_ARENA_H

#include "geo/status.h"

#include <stddef.h>

GEO_BEGIN

/** A growing heap of blocks; zero it ({0}) to start. One owner, one thread. */
typedef struct geo_arena {
    struct geo_arena_block *head; /**< newest block */
    size_t used_n;                /**< bytes given out of the newest block */
} geo_arena;

/** n bytes aligned for any type, contents undefined; NULL when memory is out or n is over 2^46. n = 0 gives a valid pointer. */
GEO_API void *geo_arena_alloc(geo_arena *a, size_t n);

/** As geo_arena_alloc for count items of size bytes; the product is checked. */
GEO_API void *geo_arena_array(geo_arena *a, size_t count, size_t size);

/** A copy of n bytes with a final NUL. */
GEO_API char *geo_arena_text(geo_arena *a, const char *s, size_t n);

/** Take everything back, keeping the largest block for the next use: a stream of equal batches then never calls malloc. */
GEO_API void geo_arena_reset(geo_arena *a);

/** Free everything; the arena is empty and usable again. */
GEO_API void geo_arena_clear(geo_arena *a);

GEO_END
#endif
