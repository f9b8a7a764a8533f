/* Small steps on 64-bit words, inside the library only: 64 x 64 -> 128 bit product, loading a few bytes. */
#ifndef GEO_CORE_WIDE_H
#define GEO_CORE_WIDE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 geo_u128;

static inline uint64_t geo_multiply_high(uint64_t a, uint64_t b, uint64_t *low)
{
    const geo_u128 product = (geo_u128)a * b;
    *low = (uint64_t)product;
    return (uint64_t)(product >> 64);
}

/*
 * The bytes s[0 .. n), n <= 8, in one word, each at least once and in places that depend on n alone; 0 for none. Two loads that overlap
 * are several times faster than a copy of variable length.
 */
static inline uint64_t geo_load_few(const char *s, size_t n)
{
    if (n >= 4) {
        uint32_t low, high;
        memcpy(&low, s, 4);
        memcpy(&high, s + n - 4, 4);
        return (uint64_t)high << 32 | low;
    }
    const unsigned char *u = (const unsigned char *)s;
    return n ? (uint64_t)u[0] << 16 | (uint64_t)u[n / 2] << 8 | u[n - 1] : 0;
}

#endif
