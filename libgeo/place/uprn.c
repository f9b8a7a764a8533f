/* UPRNs, and what spreadsheets make of them. */
#include "geo/uprn.h"

#include "../core/trim.h"

#include <string.h>

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

size_t geo_uprn_normalise(const char *s, size_t n, char out[GEO_UPRN_ROOM])
{
    char p[GEO_UPRN_ROOM] = "";
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == ' ' || s[i] == '\t')
            continue;
        if (!digit(s[i]))
            return 0;
        if (k == 1 && p[0] == '0') /* so far nothing but zeros */
            k = 0;
        if (k == GEO_UPRN_ROOM - 1)
            return 0;
        p[k++] = s[i];
    }
    if (k == 0)
        return 0;
    memcpy(out, p, sizeof p);
    out[k] = '\0';
    return k;
}

bool geo_uprn_is_rounded(const char *s, size_t n)
{
    geo_trim(&s, &n);
    size_t i = 0;
    while (i < n && (digit(s[i]) || (i > 0 && s[i] == '.' && !memchr(s, '.', i))))
        i++;
    if (i == 0 || i == n || (s[i] != 'E' && s[i] != 'e'))
        return false;
    i += i + 1 < n && s[i + 1] == '+' ? 2 : 1;
    const size_t exponent = i;
    while (i < n && digit(s[i]))
        i++;
    return i == n && i > exponent && i - exponent <= 3;
}

geo_status geo_uprn_parse(const char *s, size_t n, int64_t *out, geo_err *err)
{
    char bare[GEO_UPRN_ROOM];
    const size_t k = geo_uprn_normalise(s, n, bare);
    if (k == 0 && geo_uprn_is_rounded(s, n))
        return geo_err_set(err, GEO_EFORMAT,
                           "a UPRN is shortened as spreadsheets do (1.00012E+11), so its last digits are lost: format the column as text");
    if (k == 0)
        return geo_err_set(err, GEO_EFORMAT, "a UPRN must be 1 to 12 digits");
    int64_t value = 0;
    for (size_t i = 0; i < k; i++)
        value = value * 10 + (bare[i] - '0');
    *out = value;
    return GEO_OK;
}
