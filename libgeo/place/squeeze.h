/* Text in capitals without its blanks and tabs, the form in which codes of places are compared; inside the library only. */
#ifndef GEO_PLACE_SQUEEZE_H
#define GEO_PLACE_SQUEEZE_H

#include <stddef.h>

/* Into out, which has room for `most` characters; returns how many, or 0 when they are more. No NUL is added. */
static inline size_t geo_squeeze(const char *s, size_t n, char *out, size_t most)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        const char c = s[i];
        if (c == ' ' || c == '\t')
            continue;
        if (k == most)
            return 0;
        out[k++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return k;
}

#endif
