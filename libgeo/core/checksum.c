/*
 * Every step is one-to-one in the word that is taken in, and in what was there before, so a single word that differs can never be lost
 * again. Four words at a time, since a multiplication takes as long as four others need to start.
 */
#include "checksum.h"

#include "geo/parallel.h"

#include <stdlib.h>
#include <string.h>

#define PIECE ((size_t)1 << 20)
#define MOST_PIECES 4096 /* whose sums are on the stack; longer stretches have longer pieces */

/* An odd multiplier, the fraction of the golden ratio, spreads every bit upwards, and the turn brings the upper ones down. */
static inline uint64_t take(uint64_t h, uint64_t word)
{
    h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return h << 29 | h >> 35;
}

static inline uint64_t load(const unsigned char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

uint64_t geo_checksum(const void *data, size_t n)
{
    const unsigned char *p = data;
    uint64_t a = n, b = ~(uint64_t)n, c = UINT64_C(0x243F6A8885A308D3) ^ n, d = UINT64_C(0x13198A2E03707344) ^ n; /* digits of pi */
    size_t left = n;
    for (; left >= 32; p += 32, left -= 32) {
        a = take(a, load(p));
        b = take(b, load(p + 8));
        c = take(c, load(p + 16));
        d = take(d, load(p + 24));
    }
    for (; left >= 8; p += 8, left -= 8)
        a = take(a, load(p));
    uint64_t rest = 0;
    if (left)
        memcpy(&rest, p, left);
    return take(take(take(take(take(a, rest), b), c), d), n);
}

typedef struct summing {
    const char *data;
    size_t n, piece;
    uint64_t sums[MOST_PIECES];
} summing;

static void sum_pieces(void *ctx, size_t lo, size_t hi)
{
    summing *w = ctx;
    for (size_t i = lo; i < hi; i++) {
        const size_t from = i * w->piece, left = w->n - from;
        w->sums[i] = geo_checksum(w->data + from, left < w->piece ? left : w->piece);
    }
}

uint64_t geo_checksum_parallel(const void *data, size_t n, int threads)
{
    summing w = {.data = data, .n = n, .piece = PIECE};
    while (n / w.piece >= MOST_PIECES)
        w.piece *= 2;
    const size_t pieces_n = n / w.piece + (n % w.piece != 0);
    geo_parallel_for(pieces_n, 1, threads, sum_pieces, &w);
    return geo_checksum(w.sums, pieces_n * sizeof *w.sums);
}
