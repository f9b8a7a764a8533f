/* Text without the blanks and tabs around it; inside the library only. */
#ifndef GEO_CORE_TRIM_H
#define GEO_CORE_TRIM_H

#include <stddef.h>

static inline void geo_trim(const char **s, size_t *n)
{
    while (*n && (**s == ' ' || **s == '\t'))
        (*s)++, (*n)--;
    while (*n && ((*s)[*n - 1] == ' ' || (*s)[*n - 1] == '\t'))
        (*n)--;
}

#endif
