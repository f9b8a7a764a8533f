/**
 * @file parallel.h
 * Work shared among the cores (OpenMP underneath; one thread where it was built without).
 *
 * What is computed must not depend on who computes it: parts write to places of their own, and sums are taken in a fixed order.
 */
#ifndef GEO_PARALLEL_H
#define GEO_PARALLEL_H

#include "geo/status.h"

#include <stddef.h>

GEO_BEGIN

/** Threads to use when the user named none: the processors this process may run on, at least 1. */
GEO_API int geo_threads_default(void);

/** Call fn(ctx, lo, hi) for consecutive ranges of at most `grain` that cover [0, n), on up to `threads` threads; returns when all are done. */
GEO_API void geo_parallel_for(size_t n, size_t grain, int threads, void (*fn)(void *ctx, size_t lo, size_t hi), void *ctx);

/** Run fn(ctx, 0) ... fn(ctx, threads - 1) at the same time, as far as threads can be had; returns when all have returned. */
GEO_API void geo_parallel_run(int threads, void (*fn)(void *ctx, int thread), void *ctx);

GEO_END
#endif
