/* GSS codes: a letter and eight digits, whose first two tell the kind of area. */
#include "geo/gss.h"

#include "squeeze.h"

#include <string.h>

#define CODE_N 9

static bool nation(char c)
{
    return c && strchr("EJKLMNSW", c);
}

static bool digits(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    return true;
}

size_t geo_gss_normalise(const char *s, size_t n, char out[GEO_GSS_ROOM])
{
    char code[GEO_GSS_ROOM] = "";
    if (geo_squeeze(s, n, code, CODE_N) != CODE_N || !nation(code[0]) || !digits(code + 1, CODE_N - 1))
        return 0;
    memcpy(out, code, sizeof code);
    return CODE_N;
}

bool geo_gss_is_none(const char *s, size_t n)
{
    char code[GEO_GSS_ROOM] = "";
    return geo_squeeze(s, n, code, CODE_N) == CODE_N && (nation(code[0]) || code[0] == '9')
           && memcmp(code + 1, "99999999", CODE_N - 1) == 0;
}

static int number(const char *s, size_t n)
{
    int value = 0;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + (s[i] - '0');
    return value;
}

bool geo_gss_parse(const char *s, size_t n, geo_gss *out)
{
    char code[GEO_GSS_ROOM];
    if (!geo_gss_normalise(s, n, code) || geo_gss_is_none(code, CODE_N))
        return false;
    *out = (geo_gss){code[0], number(code + 1, 2), number(code + 3, 6)};
    return true;
}

const char *geo_gss_entity_name(char letter, int entity)
{
    static const struct {
        char prefix[4];
        const char *name;
    } NAMES[] = {
        /* censuses */
        {"E00", "output area"},
        {"W00", "output area"},
        {"S00", "output area"},
        {"N00", "Northern Ireland small area"},
        {"E01", "LSOA"},
        {"W01", "LSOA"},
        {"S01", "Scottish data zone"},
        {"N20", "Northern Ireland data zone"},
        {"N21", "Northern Ireland super data zone"},
        {"E02", "MSOA"},
        {"W02", "MSOA"},
        {"S02", "Scottish intermediate zone"},
        {"E33", "workplace zone"},
        {"W35", "workplace zone"},
        {"S34", "workplace zone"},
        {"N19", "workplace zone"},
        /* administration */
        {"E04", "parish"},
        {"W04", "community"},
        {"E05", "ward"},
        {"W05", "ward"},
        {"S13", "ward"},
        {"N08", "ward"},
        {"N10", "district electoral area"},
        {"E58", "county electoral division"},
        {"E06", "unitary authority"},
        {"E07", "non-metropolitan district"},
        {"E08", "metropolitan district"},
        {"E09", "London borough"},
        {"W06", "Welsh unitary authority"},
        {"S12", "Scottish council area"},
        {"N09", "Northern Ireland district"},
        {"E10", "county"},
        {"E11", "metropolitan county"},
        {"E47", "combined authority"},
        {"E12", "region"},
        {"E92", "country"},
        {"W92", "country"},
        {"S92", "country"},
        {"N92", "country"},
        {"K02", "United Kingdom"},
        {"K03", "Great Britain"},
        {"K04", "England and Wales"},
        {"L93", "Channel Islands"},
        {"M83", "Isle of Man"},
        /* elections */
        {"E14", "constituency"},
        {"W07", "constituency"},
        {"S14", "constituency"},
        {"N05", "constituency"},
        {"N06", "constituency"},
        {"E32", "London Assembly constituency"},
        {"W09", "Senedd constituency"},
        {"W10", "Senedd region"},
        {"S16", "Scottish Parliament constituency"},
        {"S17", "Scottish Parliament region"},
        /* services, parks, work */
        {"E38", "sub-integrated care board"},
        {"E54", "integrated care board"},
        {"E40", "NHS England region"},
        {"W11", "local health board"},
        {"S08", "health board"},
        {"E23", "police force area"},
        {"W15", "police force area"},
        {"E26", "National Park"},
        {"W18", "National Park"},
        {"S21", "National Park"},
        {"E30", "travel to work area"},
        {"W22", "travel to work area"},
        {"S22", "travel to work area"},
        {"N12", "travel to work area"},
        {"K01", "travel to work area"},
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (NAMES[i].prefix[0] == letter && number(NAMES[i].prefix + 1, 2) == entity)
            return NAMES[i].name;
    return NULL;
}
