/* What the programs of the benchmarks share: the time, and calls that must not fail. */
#ifndef GEO_TESTS_BENCH_H
#define GEO_TESTS_BENCH_H

#include "geo/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Wall time in seconds. */
static inline double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline void must(geo_status st, const geo_err *err)
{
    if (st < 0) {
        fprintf(stderr, "bench: %s\n", err->msg);
        exit(1);
    }
}

#endif
