/* Helpers on UTF-8 text and CSV fields, inside io only. */
#ifndef GEO_IO_TEXT_H
#define GEO_IO_TEXT_H

#include "../core/wide.h"
#include "geo/reader.h"

#include <string.h>
#include <strings.h>

/* Does the name of a file end so, in any letter case? */
static inline bool geo_name_ends(const char *name, const char *end)
{
    const size_t n = strlen(name), k = strlen(end);
    return n >= k && strcasecmp(name + n - k, end) == 0;
}

/* Does a file say by its name that it is a GeoJSON text sequence? */
bool geo_name_is_sequence(const char *name);

/* Is it a connection to a database, by what messages must not show of it? */
static inline bool geo_name_is_database(const char *name)
{
    return geo_name_shown(name) != name;
}

/* First byte that is not valid UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF), or n. */
size_t geo_utf8_check(const char *s, size_t n);

/* Append n bytes of Windows-1252 as UTF-8. The five unassigned bytes become U+0081 and so on, as in the WHATWG encoding standard. */
bool geo_windows_1252(geo_bytes *out, const char *s, size_t n);

/* As geo_bytes_reserve, without a call where there is room. */
static inline bool geo_bytes_room(geo_bytes *b, size_t more)
{
    return (b->data && b->room - b->n >= more) || geo_bytes_reserve(b, more);
}

/* A mark at every byte of the word that is c, and perhaps at others above such a byte. */
static inline uint64_t geo_bytes_equal(uint64_t word, unsigned char c)
{
    const uint64_t ones = 0x0101010101010101u, v = word ^ ones * c;
    return (v - ones) & ~v & 0x8080808080808080u;
}

/* True when a CSV field must stand in quotes: it has a comma, a quote or a line end. */
static inline bool geo_csv_needs_quotes(const char *s, size_t n)
{
    for (;;) {
        const size_t few = n < 8 ? n : 8;
        const uint64_t word = geo_load_few(s, few);
        if (geo_bytes_equal(word, ',') | geo_bytes_equal(word, '"') | geo_bytes_equal(word, '\n') | geo_bytes_equal(word, '\r'))
            return true;
        if (n <= 8)
            return false;
        s += 8;
        n -= 8;
    }
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
