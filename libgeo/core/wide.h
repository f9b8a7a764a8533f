/* 64 x 64 -> 128 bit product, inside the library only. */
#ifndef GEO_CORE_WIDE_H
#define GEO_CORE_WIDE_H

#include <stdint.h>

__extension__ typedef unsigned __int128 geo_u128;

static inline uint64_t geo_multiply_high(uint64_t a, uint64_t b, uint64_t *low)
{
    const geo_u128 product = (geo_u128)a * b;
    *low = (uint64_t)product;
    return (uint64_t)(product >> 64);
}

#endif
