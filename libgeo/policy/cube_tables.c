/* Which tables are shown: "age*lsoa + sex:ward". */
#include "cube.h"

#include "../core/trim.h"

#include <string.h>
#include <strings.h>

/* The variable and level that a name is of; false: none is called so. */
static bool find_name(const geo_cube *c, const char *s, size_t n, size_t *variable, size_t *level)
{
    for (size_t i = 0; i < c->variables_n; i++) {
        const cube_variable *v = &c->v[i];
        if (v->field && strlen(v->field) == n && strncasecmp(v->field, s, n) == 0) {
            *variable = i;
            *level = 0;
            return true;
        }
        for (size_t l = 0; l + 1 < v->levels_n; l++)
            if (strlen(v->levels[l].name) == n && strncasecmp(v->levels[l].name, s, n) == 0) {
                *variable = i;
                *level = l;
                return true;
            }
    }
    return false;
}

/* A term: for each variable the level it is shown at, and whether with its total; variables that are not named are shown all together. */
typedef struct term {
    size_t level[CUBE_VARIABLES];
    bool named[CUBE_VARIABLES], crossed; /* crossed: with all totals */
} term;

static geo_status parse_term(const geo_cube *c, const char *s, size_t n, term *t, geo_err *err)
{
    *t = (term){.crossed = true};
    for (size_t i = 0; i < c->variables_n; i++)
        t->level[i] = c->v[i].levels_n - 1;
    for (size_t from = 0; from <= n;) {
        size_t to = from;
        while (to < n && s[to] != '*' && s[to] != ':')
            to++;
        const char *name = s + from;
        size_t len = to - from, variable, level;
        geo_trim(&name, &len);
        if (!find_name(c, name, len, &variable, &level))
            return geo_err_set(err, GEO_EARG, "--tables names '%.*s', which is no field of the table and no level of its areas", (int)len,
                               name);
        if (t->named[variable])
            return geo_err_set(err, GEO_EARG, "--tables names '%s' twice in one table", c->v[variable].field);
        t->named[variable] = true;
        t->level[variable] = level;
        if (to < n && s[to] == ':')
            t->crossed = false;
        from = to + 1;
    }
    if (!t->crossed && memchr(s, '*', n))
        return geo_err_set(err, GEO_EARG, "--tables mixes '*' (with totals) and ':' (without) in one table: write two");
    return GEO_OK;
}

/* Show the patterns of a term. */
static void show(geo_cube *c, const term *t)
{
    size_t level[CUBE_VARIABLES];
    for (size_t p = 0; p < c->patterns_n; p++) {
        bool fits = true;
        geo_cube_levels(c, p, level);
        for (size_t i = 0; i < c->variables_n; i++)
            fits = fits && (level[i] == t->level[i] || (t->crossed && level[i] + 1 == c->v[i].levels_n) || !c->v[i].field);
        c->shown[p] = c->shown[p] || fits;
    }
}

static geo_status by_formula(geo_cube *c, const char *formula, geo_err *err)
{
    geo_status st = GEO_OK;
    memset(c->shown, 0, c->patterns_n * sizeof *c->shown);
    for (const char *s = formula; st == GEO_OK;) {
        const size_t n = strcspn(s, "+");
        term t;
        st = parse_term(c, s, n, &t, err);
        if (st == GEO_OK)
            show(c, &t);
        if (!s[n])
            break;
        s += n + 1;
    }
    return st;
}

/* The totals of all that is shown. */
static void add_margins(geo_cube *c)
{
    size_t level[CUBE_VARIABLES];
    for (size_t p = c->patterns_n; p-- > 0;) {
        if (!c->shown[p])
            continue;
        geo_cube_levels(c, p, level);
        term t = {.crossed = true};
        memcpy(t.level, level, sizeof level);
        show(c, &t);
    }
}

geo_status geo_cube_tables(geo_cube *c, geo_err *err)
{
    if (!c->o->tables && !c->o->margins)
        return GEO_OK;
    geo_status st = c->o->tables ? by_formula(c, c->o->tables, err) : GEO_OK;
    if (st == GEO_OK && c->o->margins)
        add_margins(c);
    for (size_t k = 0; st == GEO_OK && k < c->cells_n; k++)
        c->cell[k] = c->shown[geo_cube_pattern(c, k)] ? GEO_CELL_SHOWN : GEO_CELL_UNSEEN;
    return st;
}
