/* Postcodes: an outward part of 2 to 4 characters and an inward part of 3. */
#include "geo/postcode.h"

#include "../core/trim.h"
#include "squeeze.h"

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

static bool is_postcode(const char *p, size_t n)
{
    if (n < 5)
        return false;
    return (inward(p + n - 3) && outward(p, n - 3)) || (n == 6 && memcmp(p, "GIR0AA", 6) == 0);
}

size_t geo_postcode_normalise(const char *s, size_t n, char out[GEO_POSTCODE_ROOM])
{
    char p[GEO_POSTCODE_ROOM] = "";
    const size_t k = geo_squeeze(s, n, p, sizeof p - 1);
    if (!is_postcode(p, k))
        return 0;
    memcpy(out, p, sizeof p);
    return k;
}

/* The other of two characters that are taken for each other; 0 for the rest. */
static char twin(char c)
{
    static const char PAIRS[] = "O0I1";
    const char *at = c ? strchr(PAIRS, c) : NULL;
    return at ? PAIRS[(at - PAIRS) ^ 1] : '\0';
}

/* Every way to exchange some of them is tried: at most 127, and of seven places few hold any. */
size_t geo_postcode_mend(const char *s, size_t n, char out[GEO_POSTCODE_ROOM])
{
    char p[GEO_POSTCODE_ROOM] = "", mended[GEO_POSTCODE_ROOM] = "";
    size_t at[GEO_POSTCODE_ROOM], twins_n = 0, found_n = 0;
    const size_t k = geo_squeeze(s, n, p, sizeof p - 1);
    for (size_t i = 0; i < k; i++)
        if (twin(p[i]))
            at[twins_n++] = i;
    if (k < 5 || twins_n == 0 || is_postcode(p, k))
        return 0;
    for (unsigned which = 1; which < 1u << twins_n && found_n < 2; which++) {
        char q[GEO_POSTCODE_ROOM];
        memcpy(q, p, sizeof q);
        for (size_t i = 0; i < twins_n; i++)
            if (which >> i & 1)
                q[at[i]] = twin(p[at[i]]);
        if (!is_postcode(q, k))
            continue;
        found_n++;
        memcpy(mended, q, sizeof mended);
    }
    if (found_n != 1)
        return 0;
    memcpy(out, mended, sizeof mended);
    return k;
}

size_t geo_postcode_sector(const char *normalised, size_t n, char out[GEO_POSTCODE_ROOM])
{
    memcpy(out, normalised, n - 3);
    out[n - 3] = ' ';
    out[n - 2] = normalised[n - 3];
    out[n - 1] = '\0';
    return n - 1;
}

size_t geo_postcode_sector_normalise(const char *s, size_t n, char out[GEO_POSTCODE_ROOM])
{
    geo_trim(&s, &n);
    if (n < 4 || (s[n - 2] != ' ' && s[n - 2] != '\t'))
        return 0;
    char p[GEO_POSTCODE_ROOM] = "";
    const size_t k = geo_squeeze(s, n, p, 5);
    if (k == 0)
        return 0;
    memcpy(p + k, "AA", 2); /* a sector is what becomes a postcode so */
    return is_postcode(p, k + 2) ? geo_postcode_sector(p, k + 2, out) : 0;
}

size_t geo_postcode_print(const char *normalised, size_t n, char out[GEO_POSTCODE_PRINT_ROOM])
{
    memcpy(out, normalised, n - 3);
    out[n - 3] = ' ';
    memcpy(out + n - 2, normalised + n - 3, 3);
    out[n + 1] = '\0';
    return n + 1;
}
