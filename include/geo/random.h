/**
 * @file random.h
 * Seeded random numbers: the same on any machine, for ever.
 *
 * Generator: xoshiro256++ seeded through SplitMix64. Integers and the 53-bit uniform need no floating-point functions, so a seed gives
 * the same stream with any compiler and C library. Not for secrets.
 * Source: Blackman and Vigna (2021), Scrambled Linear Pseudorandom Number Generators, ACM TOMS 47(4), doi:10.1145/3460772.
 */
#ifndef GEO_RANDOM_H
#define GEO_RANDOM_H

#include "geo/status.h"

#include <stdint.h>

GEO_BEGIN

/** Generator state; the caller's storage, one a thread. */
typedef struct geo_random {
    uint64_t s[4];
} geo_random;

/** Start stream number `stream` of a seed. Streams of one seed are independent for all practical purposes: give each part of the work its own. */
GEO_API void geo_random_init(geo_random *r, uint64_t seed, uint64_t stream);

/** The next 64 random bits. */
GEO_API uint64_t geo_random_next(geo_random *r);

/** Uniform in [0, 1), a multiple of 2^-53. */
GEO_API double geo_random_uniform(geo_random *r);

/**
 * Uniform integer in [0, n), without bias; 0 when n is 0.
 * Source: Lemire (2019), Fast Random Integer Generation in an Interval, ACM TOMACS 29(1), doi:10.1145/3230636.
 */
GEO_API uint64_t geo_random_below(geo_random *r, uint64_t n);

GEO_END
#endif
