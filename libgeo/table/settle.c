/* Types of columns that came as text. */
#include "settle.h"

#include "geo/number.h"

#include <string.h>

#define LONGEST_EXACT 15 /* digits that a double holds, whatever they are */

void geo_settling_add(geo_settling *s, const char *text, size_t n)
{
    const unsigned all = 1u << GEO_INT | 1u << GEO_DOUBLE | 1u << GEO_DATE;
    bool whole;
    int32_t days;
    const bool first = !s->seen;
    s->seen = true;
    if (s->never == all)
        return;
    if (geo_date_parse(text, n, &days)) {
        s->never |= all & ~(1u << GEO_DATE);
        return;
    }
    s->never |= 1u << GEO_DATE;
    if (!geo_number_is_plain(text, n, &whole)) {
        s->never = all;
        return;
    }
    const char *point = whole ? NULL : memchr(text, '.', n);
    const size_t decimals_n = point ? (size_t)(text + n - point) - 1 : 0;
    s->never |= point ? 1u << GEO_INT : 0;
    s->never |= whole && n > LONGEST_EXACT ? 1u << GEO_DOUBLE : 0;
    s->padded |= point && text[n - 1] == '0';
    s->mixed |= !first && decimals_n != s->decimals_n;
    s->decimals_n = decimals_n;
}

geo_type geo_settling_type(const geo_settling *s, bool key)
{
    if (!s->seen)
        return GEO_TEXT;
    if (!(s->never & 1u << GEO_INT))
        return GEO_INT;
    if (!(s->never & 1u << GEO_DOUBLE))
        return key || (s->padded && s->mixed) ? GEO_TEXT : GEO_DOUBLE;
    return s->never & 1u << GEO_DATE ? GEO_TEXT : GEO_DATE;
}
