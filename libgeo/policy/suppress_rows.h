/*
 * Sparse linear combinations with coefficients modulo the prime 2^61 - 1, inside the library only.
 *
 * What depends linearly over the rationals depends modulo a prime as well, unless the prime divides a denominator; what depends modulo the
 * prime alone, by chance, only makes us hide a cell more.
 */
#ifndef GEO_POLICY_SUPPRESS_ROWS_H
#define GEO_POLICY_SUPPRESS_ROWS_H

#include "../core/vec.h"
#include "../core/wide.h"

#define GEO_PRIME (((uint64_t)1 << 61) - 1)

static inline uint64_t geo_mod_add(uint64_t a, uint64_t b)
{
    const uint64_t sum = a + b;
    return sum >= GEO_PRIME ? sum - GEO_PRIME : sum;
}

static inline uint64_t geo_mod_minus(uint64_t a)
{
    return a ? GEO_PRIME - a : 0;
}

static inline uint64_t geo_mod_times(uint64_t a, uint64_t b)
{
    uint64_t low;
    const uint64_t high = geo_multiply_high(a, b, &low);
    return geo_mod_add(low & GEO_PRIME, high << 3 | low >> 61);
}

/* 1 / a, a not 0. */
uint64_t geo_mod_inverse(uint64_t a);

typedef struct geo_term {
    uint64_t factor; /* 1 .. GEO_PRIME - 1 */
    uint32_t of;     /* number of the variable */
} geo_term;

/* A sum of terms, in order of their variables, each at most once. */
typedef struct geo_terms {
    geo_term *at;
    uint32_t n, room;
} geo_terms;

/* Space for the work of geo_terms_add; zero it to start. */
typedef struct geo_terms_work {
    geo_vec sum;   /* geo_term */
    geo_vec fresh; /* uint32_t: variables that the last sum brought in */
    geo_vec gone;  /* uint32_t: and those that it cancelled */
} geo_terms_work;

/* to += factor * b. False when memory is out. */
bool geo_terms_add(geo_terms *to, uint64_t factor, const geo_terms *b, geo_terms_work *work);

/* Replace what is there; false when memory is out. */
bool geo_terms_set(geo_terms *to, const geo_term *terms, size_t n);

/* The factor of a variable, 0 when it is not there. */
uint64_t geo_terms_factor(const geo_terms *terms, uint32_t of);

void geo_terms_free(geo_terms *terms);
void geo_terms_work_clear(geo_terms_work *work);

#endif
