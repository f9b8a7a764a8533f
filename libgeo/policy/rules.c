/* Which cells break which rule, and which levels of areas may be shown. */
#include "rules.h"

#include "geo/gss.h"

#include <ctype.h>
#include <string.h>

/* ---- levels ---- */

/*
 * Kinds of areas by what people call them and how their columns are called, and those that they make up. What policies name is the first;
 * others are as in the ONS's lookups.
 */
static const struct {
    const char *name, *above[3], *also[6];
} KINDS[] = {
    {"oa", {"lsoa", "ward"}, {"output_area"}},
    {"lsoa", {"msoa"}, {0}},
    {"msoa", {"district"}, {0}},
    {"ward", {"district"}, {"wd"}},
    {"district", {"county"}, {"lad", "ltla", "borough", "authority", "la", "utla"}},
    {"county", {"region"}, {"cty", "ctyua"}},
    {"region", {"country"}, {"rgn"}},
    {"country", {0}, {"ctry", "nation"}},
    {"datazone", {"intermediatezone"}, {"dz"}},
    {"intermediatezone", {"council"}, {"iz"}},
    {"council", {"country"}, {"ca"}},
};
#define KINDS_N (sizeof KINDS / sizeof *KINDS)

/* "LSOA21CD", "lsoa_code", "lsoa" -> "lsoa", into room. */
static void plain_name(const char *name, char room[64])
{
    size_t n = 0;
    for (; *name && n < 63; name++)
        room[n++] = (char)tolower((unsigned char)*name);
    room[n] = '\0';
    static const char *const ENDS[] = {"_code", "code", "_cd", "cd", NULL};
    for (const char *const *end = ENDS; *end; end++) {
        const size_t m = strlen(*end);
        if (n > m && strcmp(room + n - m, *end) == 0) {
            n -= m;
            break;
        }
    }
    while (n > 1 && (isdigit((unsigned char)room[n - 1]) || room[n - 1] == '_'))
        n--;
    room[n] = '\0';
}

static size_t kind_of_name(const char *plain)
{
    for (size_t k = 0; k < KINDS_N; k++) {
        if (strcmp(KINDS[k].name, plain) == 0)
            return k;
        for (size_t i = 0; i < 6 && KINDS[k].also[i]; i++)
            if (strcmp(KINDS[k].also[i], plain) == 0)
                return k;
    }
    return KINDS_N;
}

static size_t kind_of_code(const char *code)
{
    static const struct {
        char nation;
        int entity;
        const char *kind;
    } CODES[] = {
        {'E', 0, "oa"},       {'W', 0, "oa"},       {'S', 0, "oa"},
        {'E', 1, "lsoa"},     {'W', 1, "lsoa"},     {'S', 1, "datazone"},
        {'E', 2, "msoa"},     {'W', 2, "msoa"},     {'S', 2, "intermediatezone"},
        {'E', 5, "ward"},     {'W', 5, "ward"},     {'S', 13, "ward"},
        {'E', 6, "district"}, {'E', 7, "district"}, {'E', 8, "district"},
        {'E', 9, "district"}, {'W', 6, "district"}, {'S', 12, "council"},
        {'E', 10, "county"},  {'E', 12, "region"},
    };
    geo_gss gss;
    if (!geo_gss_parse(code, strlen(code), &gss))
        return KINDS_N;
    for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
        if (CODES[i].nation == gss.nation && CODES[i].entity == gss.entity)
            return kind_of_name(CODES[i].kind);
    return KINDS_N;
}

/* Is kind a made of kind b, by what everybody knows? The same counts too. */
static bool is_made_of(size_t a, size_t b)
{
    if (a == b)
        return true;
    for (size_t i = 0; i < 3 && KINDS[b].above[i]; i++)
        if (is_made_of(a, kind_of_name(KINDS[b].above[i])))
            return true;
    return false;
}

/* Is the level one that the policy calls so? By its codes, which tell more than what a column is called; else by its name. */
static bool is_called(const cube_variable *v, size_t level, const char *name)
{
    const size_t by_code = v->levels[level].n ? kind_of_code(v->text[v->levels[level].first]) : KINDS_N;
    char plain[64], wanted[64];
    plain_name(name, wanted);
    if (by_code < KINDS_N)
        return by_code == kind_of_name(wanted);
    plain_name(v->levels[level].name, plain);
    return strcmp(plain, wanted) == 0 || (kind_of_name(plain) < KINDS_N && kind_of_name(plain) == kind_of_name(wanted));
}

/* Is the level made of the kind that the policy names, though no lookup has that one? */
static bool is_known_above(const cube_variable *v, size_t level, const char *name)
{
    char plain[64], wanted[64];
    plain_name(name, wanted);
    plain_name(v->levels[level].name, plain);
    const size_t by_code = v->levels[level].n ? kind_of_code(v->text[v->levels[level].first]) : KINDS_N;
    const size_t kind = by_code < KINDS_N ? by_code : kind_of_name(plain), finest = kind_of_name(wanted);
    return kind < KINDS_N && finest < KINDS_N && is_made_of(kind, finest);
}

bool geo_rules_allow_level(const cube_variable *v, size_t level, const geo_rules *rules)
{
    if (!v->areas || !rules->areas || level + 1 == v->levels_n)
        return true;
    if (v->grid_m[0])
        return v->least_m > 0 && v->grid_m[level] >= v->least_m;
    for (const char *const *name = rules->areas; *name; name++) {
        if (is_known_above(v, level, *name))
            return true;
        for (size_t l = 0; l + 1 < v->levels_n; l++)
            if (is_called(v, l, *name) && v->nests[l][level])
                return true;
    }
    return false;
}

bool geo_rules_allow(const geo_cube *c, const bool *shown, const geo_rules *rules)
{
    size_t level[CUBE_VARIABLES];
    for (size_t p = 0; p < c->patterns_n; p++) {
        if (!shown[p])
            continue;
        geo_cube_levels(c, p, level);
        for (size_t i = 0; i < c->variables_n; i++)
            if (!geo_rules_allow_level(&c->v[i], level[i], rules))
                return false;
    }
    return true;
}

/* ---- cells ---- */

double geo_rules_width(const geo_rules *rules)
{
    return rules->threshold > 3 ? (double)rules->threshold - 2 : 1;
}

/*
 * Of a group all, or all but one, have the same answer: who knows somebody of the group knows his, and the one left over knows that of all
 * others. Groups are those of a category's total; areas are not answers.
 */
static void mark_same(const geo_cube *c, uint8_t *breaks)
{
    for (size_t i = 0; i < c->variables_n; i++) {
        const cube_variable *v = &c->v[i];
        const size_t run = c->stride[i], block = run * v->nodes_n;
        if (v->areas || !v->field || v->levels[0].n < 2)
            continue;
        for (size_t base = 0; base < c->cells_n; base += block)
            for (size_t s = 0; s < v->sums_n; s++)
                for (size_t k = 0; k < run; k++) {
                    const int64_t whole = c->count[base + v->whole[s] * run + k];
                    for (size_t p = v->part_at[s]; whole > 0 && p < v->part_at[s + 1]; p++) {
                        const size_t cell = base + v->parts[p] * run + k;
                        if (c->count[cell] > 0 && whole - c->count[cell] <= 1)
                            breaks[cell] |= BREAKS_SAME;
                    }
                }
    }
}

void geo_rules_mark(const geo_cube *c, const geo_rules *rules, uint8_t *breaks)
{
    for (size_t k = 0; k < c->cells_n; k++) {
        const int64_t n = c->count[k];
        breaks[k] = n == 0 && rules->protect_zeros ? BREAKS_ZERO : n > 0 && n < rules->threshold ? BREAKS_BELOW : 0;
    }
    if (rules->homogeneity)
        mark_same(c, breaks);
}
