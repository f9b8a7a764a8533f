/* xoshiro256++ (Blackman and Vigna 2021), seeded by SplitMix64; interval reduction by Lemire (2019). */
#include "geo/random.h"

#include "wide.h"

static uint64_t splitmix64(uint64_t *x)
{
    uint64_t z = (*x += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

void geo_random_init(geo_random *r, uint64_t seed, uint64_t stream)
{
    uint64_t x = stream;
    x = seed ^ (stream ? splitmix64(&x) : 0); /* stream 0 is the plain seed, as in the published generator */
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix64(&x);
}

uint64_t geo_random_next(geo_random *r)
{
    uint64_t *s = r->s;
    const uint64_t result = rotl(s[0] + s[3], 23) + s[0];
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

double geo_random_uniform(geo_random *r)
{
    return (double)(geo_random_next(r) >> 11) * 0x1p-53;
}

uint64_t geo_random_below(geo_random *r, uint64_t n)
{
    if (n == 0)
        return 0;
    uint64_t low, high = geo_multiply_high(geo_random_next(r), n, &low);
    if (low < n) {
        const uint64_t floor = (0 - n) % n;
        while (low < floor)
            high = geo_multiply_high(geo_random_next(r), n, &low);
    }
    return high;
}
