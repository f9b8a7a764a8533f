/* Postcodes: an outward part of 2 to 4 characters and an inward part of 3. */
#include "geo/postcode.h"

#include <string.h>

static bool letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool one_of(char c, const char *set)
{
    return c && strchr(set, c) != NULL;
}

static bool inward(const char *p)
{
    return digit(p[0]) && letter(p[1]) && letter(p[2]) && !one_of(p[1], "CIKMOV") && !one_of(p[2], "CIKMOV");
}

/* The letters that end an outward part depend on where they stand: A9A, AA9A. */
static bool outward(const char *p, size_t n)
{
    if (!letter(p[0]) || one_of(p[0], "QVX"))
        return false;
    if (digit(p[1]))
        return n == 2 || (n == 3 && (digit(p[2]) || one_of(p[2], "ABCDEFGHJKPSTUW")));
    if (!letter(p[1]) || one_of(p[1], "IJZ") || n < 3 || !digit(p[2]))
        return false;
    return n == 3 || digit(p[3]) || one_of(p[3], "ABEHMNPRVWXY");
}

size_t geo_postcode_normalise(const char *s, size_t n, char out[GEO_POSTCODE_ROOM])
{
    char p[GEO_POSTCODE_ROOM] = "";
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        const char c = s[i];
        if (c == ' ' || c == '\t')
            continue;
        if (k == GEO_POSTCODE_ROOM - 1)
            return 0;
        p[k++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    if (k < 5)
        return 0;
    const bool girobank = k == 6 && memcmp(p, "GIR0AA", 6) == 0;
    if (!girobank && !(inward(p + k - 3) && outward(p, k - 3)))
        return 0;
    memcpy(out, p, sizeof p);
    return k;
}

size_t geo_postcode_print(const char *normalised, size_t n, char out[GEO_POSTCODE_PRINT_ROOM])
{
    memcpy(out, normalised, n - 3);
    out[n - 3] = ' ';
    memcpy(out + n - 2, normalised + n - 3, 3);
    out[n + 1] = '\0';
    return n + 1;
}
