/* Helpers on UTF-8 text and CSV fields, inside io only. */
#ifndef GEO_IO_TEXT_H
#define GEO_IO_TEXT_H

#include "geo/reader.h"

#include <string.h>

/* First byte that is not valid UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF), or n. */
size_t geo_utf8_check(const char *s, size_t n);

/* Append n bytes of Windows-1252 as UTF-8. The five unassigned bytes become U+0081 and so on, as in the WHATWG encoding standard. */
bool geo_windows_1252(geo_bytes *out, const char *s, size_t n);

/* As geo_bytes_reserve, without a call where there is room. */
static inline bool geo_bytes_room(geo_bytes *b, size_t more)
{
    return (b->data && b->room - b->n >= more) || geo_bytes_reserve(b, more);
}

/* True when a CSV field must stand in quotes: it has a comma, a quote or a line end. Eight bytes at a time: a byte of v is zero where the
 * character is met, and only there (v - 0x01..) & ~v has its high bit, or above such a byte, where it does no harm. */
static inline bool geo_csv_needs_quotes(const char *s, size_t n)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    for (; n; s += n < 8 ? n : 8, n -= n < 8 ? n : 8) {
        uint64_t word = 0;
        memcpy(&word, s, n < 8 ? n : 8);
        uint64_t met = 0;
        const unsigned char special[] = {',', '"', '\n', '\r'};
        for (int i = 0; i < 4; i++) {
            const uint64_t v = word ^ ones * special[i];
            met |= (v - ones) & ~v & highs;
        }
        if (met)
            return true;
    }
    return false;
}

/* Append a CSV field, quoted if it must be; room for 2 * n + 2 bytes must be there. */
static inline void geo_csv_put(geo_bytes *out, const char *s, size_t n)
{
    char *p = out->data + out->n;
    if (!geo_csv_needs_quotes(s, n)) {
        if (n)
            memcpy(p, s, n);
        out->n += n;
        return;
    }
    char *start = p;
    *p++ = '"';
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '"')
            *p++ = '"';
        *p++ = s[i];
    }
    *p++ = '"';
    out->n += (size_t)(p - start);
}

/* Take the quotes off the inside of a quoted field: "" becomes ". Writes at most n bytes, returns how many. */
static inline size_t geo_csv_unquote(char *to, const char *s, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        to[k++] = s[i];
        if (s[i] == '"' && i + 1 < n && s[i + 1] == '"')
            i++;
    }
    return k;
}

#endif
