/* UTF-8 and Windows-1252. */
#include "text.h"

#include <stdlib.h>

bool geo_bytes_reserve(geo_bytes *b, size_t more)
{
    if (b->data && b->room - b->n >= more)
        return true;
    if (more > SIZE_MAX / 4 - b->n)
        return false;
    const size_t room = (b->n + more) * 3 / 2 + 4096;
    char *data = realloc(b->data, room);
    if (!data)
        return false;
    b->data = data;
    b->room = room;
    return true;
}

void geo_bytes_clear(geo_bytes *b)
{
    free(b->data);
    *b = (geo_bytes){0};
}

/* Length of the well-formed character at s (n > 0 bytes left), or 0. */
static size_t character(const unsigned char *s, size_t n)
{
    const unsigned c = s[0];
    if (c < 0x80)
        return 1;
    const size_t len = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || n < len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    const unsigned second = s[1];
    if ((c == 0xE0 && second < 0xA0) || (c == 0xED && second > 0x9F) || (c == 0xF0 && second < 0x90) || (c == 0xF4 && second > 0x8F))
        return 0;
    return len;
}

size_t geo_utf8_check(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n) {
        uint64_t word;
        while (n - i >= 8 && (memcpy(&word, s + i, 8), (word & 0x8080808080808080u) == 0))
            i += 8;
        if (i == n)
            break;
        const size_t len = character((const unsigned char *)s + i, n - i);
        if (len == 0)
            return i;
        i += len;
    }
    return n;
}

bool geo_windows_1252(geo_bytes *out, const char *s, size_t n)
{
    static const uint16_t HIGH[32] = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                      0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};
    if (n > SIZE_MAX / 8 || !geo_bytes_reserve(out, 3 * n))
        return false;
    char *p = out->data + out->n;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)s[i];
        const unsigned u = c >= 0x80 && c < 0xA0 ? HIGH[c - 0x80] : c;
        if (u < 0x80) {
            *p++ = (char)u;
        } else if (u < 0x800) {
            *p++ = (char)(0xC0 | u >> 6);
            *p++ = (char)(0x80 | (u & 0x3F));
        } else {
            *p++ = (char)(0xE0 | u >> 12);
            *p++ = (char)(0x80 | (u >> 6 & 0x3F));
            *p++ = (char)(0x80 | (u & 0x3F));
        }
    }
    out->n = (size_t)(p - out->data);
    return true;
}

bool geo_name_is_sequence(const char *name)
{
    static const char *const ENDS[] = {".geojsonl", ".geojsons", ".geojsonseq", ".ndjson"};
    bool found = false;
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++)
        found |= geo_name_ends(name, ENDS[i]);
    return found;
}
