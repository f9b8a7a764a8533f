/*
 * Finding the bytes that matter in CSV: commas, line feeds and quotes, 64 bytes at a time as a bit mask.
 * The text must be followed by 64 readable bytes.
 */
#ifndef GEO_IO_CSV_SCAN_H
#define GEO_IO_CSV_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef struct geo_csv_scan {
    const char *text;
    size_t n;
    size_t block;  /* start of the block whose mask this is */
    uint64_t mask; /* bytes of the block still to be visited */
} geo_csv_scan;

static inline uint64_t geo_csv_mask(const char *p)
{
    uint64_t mask = 0;
#ifdef __SSE2__
    const __m128i comma = _mm_set1_epi8(','), feed = _mm_set1_epi8('\n'), quote = _mm_set1_epi8('"');
    for (int i = 0; i < 4; i++) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
        const __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, comma), _mm_cmpeq_epi8(v, feed)), _mm_cmpeq_epi8(v, quote));
        mask |= (uint64_t)(unsigned)_mm_movemask_epi8(hit) << 16 * i;
    }
#else
    for (int i = 0; i < 64; i++)
        mask |= (uint64_t)(p[i] == ',' || p[i] == '\n' || p[i] == '"') << i;
#endif
    return mask;
}

/* Continue from byte `at`. */
static inline void geo_csv_seek(geo_csv_scan *s, size_t at)
{
    s->block = at & ~(size_t)63;
    s->mask = at < s->n ? geo_csv_mask(s->text + s->block) & ~UINT64_C(0) << (at & 63) : 0;
}

/* Position of the next comma, line feed or quote, or n. */
static inline size_t geo_csv_next(geo_csv_scan *s)
{
    while (s->mask == 0) {
        s->block += 64;
        if (s->block >= s->n)
            return s->n;
        s->mask = geo_csv_mask(s->text + s->block);
    }
    const size_t at = s->block + (size_t)__builtin_ctzll(s->mask);
    s->mask &= s->mask - 1;
    return at < s->n ? at : s->n;
}

/* Line feeds in n bytes. */
static inline size_t geo_csv_count_feeds(const char *s, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        k += s[i] == '\n';
    return k;
}

/* From just behind an opening quote: position of the closing quote, or n when there is none. */
static inline size_t geo_csv_closing_quote(const char *text, size_t at, size_t n)
{
    while (at < n) {
        const char *q = memchr(text + at, '"', n - at);
        if (!q)
            return n;
        at = (size_t)(q - text);
        if (at + 1 >= n || text[at + 1] != '"')
            return at;
        at += 2;
    }
    return n;
}

#endif
