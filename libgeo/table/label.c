/* The chain of sensitivity classes. */
#include "geo/label.h"

#include <strings.h>
#include <string.h>

static const char *const NAMES[] = {"open", "official", "personal", "special"};

const char *geo_class_name(geo_class c)
{
    return NAMES[c];
}

bool geo_class_parse(const char *s, size_t n, geo_class *c)
{
    for (int i = 0; i < 4; i++)
        if (strlen(NAMES[i]) == n && strncasecmp(NAMES[i], s, n) == 0) {
            *c = (geo_class)i;
            return true;
        }
    return false;
}

geo_class geo_class_join(geo_class a, geo_class b)
{
    return a > b ? a : b;
}
