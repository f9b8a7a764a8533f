/*
 * Codes of areas that a lookup does not have because it is of another year. Most codes of two censuses are the same, so such a join loses a
 * few per cent and says nothing; here it is found out which year fits. The distinct codes of the records are kept while they pass, and at
 * the end, if some were not found, the lookup's other columns are tried, and the years that names and numbers tell.
 */
#include "join.h"

#include "../core/vec.h"
#include "../table/column.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define MOST_CODES 200000 /* distinct and unknown: more are no codes of one year */

struct vintage {
    geo_pool *unknown; /* codes that the lookup does not have */
    uint8_t *used;     /* by row of the lookup: some record has its code */
    bool lost;         /* memory was out: nothing is told */
};

void geo_vintage_free(vintage *v)
{
    if (!v)
        return;
    geo_pool_free(v->unknown);
    free(v->used);
    free(v);
}

static vintage *begin(const step *s)
{
    vintage *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    v->unknown = geo_pool_new();
    v->used = calloc(geo_table_rows(s->table) + 1, 1);
    v->lost = !v->unknown || !v->used;
    return v;
}

void geo_vintage_note(join *j, size_t i, const geo_parcel *p, const found *f)
{
    step *s = &j->steps[i];
    if (!s->vintage && !(s->vintage = begin(s)))
        return;
    vintage *v = s->vintage;
    const geo_column *keys = s->row_of ? &geo_table_columns(j->steps[s->from_step].table)[s->from_field] : &p->in->columns[s->key_field];
    for (size_t r = 0; !v->lost && r < p->in->rows_n; r++) {
        const int32_t row = f->row[i][r];
        if (row >= 0)
            v->used[row] = 1;
        if (row != -2 || geo_pool_count(v->unknown) >= MOST_CODES)
            continue;
        char value[GEO_VALUE_ROOM], code[GEO_GSS_ROOM];
        size_t n;
        const char *key = geo_column_print(keys, s->row_of ? (size_t)f->row[s->from_step][r] : r, value, &n);
        if (geo_gss_normalise(key, n, code))
            v->lost = geo_pool_add(v->unknown, code, GEO_GSS_ROOM - 1, &(int32_t){0}, NULL, NULL) < 0;
    }
}

/* ---- other columns of the lookup ---- */

/* How many of the records' codes a column has. */
typedef struct candidate {
    char *name;
    uint8_t *used, *unknown; /* which ones */
    size_t n;
} candidate;

static void count_code(const step *s, candidate *c, const char *code)
{
    const int32_t unknown = geo_pool_find(s->vintage->unknown, code, GEO_GSS_ROOM - 1);
    const int32_t row = geo_pool_find(geo_keys_pool(geo_lookup_keys(s->lookup)), code, GEO_GSS_ROOM - 1);
    uint8_t *mark = unknown >= 0 ? &c->unknown[unknown] : row >= 0 && s->vintage->used[row] ? &c->used[row] : NULL;
    c->n += mark && !*mark;
    if (mark)
        *mark = 1;
}

static geo_status count_rows(const step *s, geo_reader *reader, candidate *all, size_t n, geo_err *err)
{
    const geo_batch *b;
    geo_status st;
    while ((st = geo_reader_next(reader, &b, err)) == GEO_OK)
        for (size_t k = 0; k < n; k++)
            for (size_t r = 0; all[k].used && r < b->rows_n; r++) {
                char code[GEO_GSS_ROOM];
                size_t len;
                const char *text = geo_column_text(&b->columns[k], r, &len);
                if (text && geo_gss_normalise(text, len, code))
                    count_code(s, &all[k], code);
            }
    return st == GEO_DONE ? GEO_OK : st;
}

/* The column of the lookup that has most of the codes, read anew: its name into text, and how many; 0 for none. */
static size_t best_column(join *j, const step *s, const geo_join_step *o, char *text, size_t room)
{
    struct stat about;
    geo_reader *reader = NULL;
    step side = {0};
    geo_err ignored;
    if (stat(o->file, &about) != 0 || !S_ISREG(about.st_mode)
        || geo_join_open_side(j, o, &side, &(geo_reader_options){0}, &reader, &ignored) < 0)
        return 0;
    const geo_schema *schema = geo_reader_schema(reader);
    const size_t n = schema->fields_n, rows_n = geo_table_rows(s->table), unknown_n = geo_pool_count(s->vintage->unknown);
    candidate *all = calloc(n + 1, sizeof *all);
    bool ok = all != NULL;
    for (size_t k = 0; ok && k < n; k++) {
        if (schema->fields[k].type != GEO_TEXT)
            continue;
        all[k].used = calloc(rows_n + 1, 1);
        all[k].unknown = calloc(unknown_n + 1, 1);
        ok = all[k].used && all[k].unknown;
    }
    size_t best = 0;
    ok = ok && count_rows(s, reader, all, n, &ignored) == GEO_OK;
    for (size_t k = 1; ok && k < n; k++)
        best = all[k].n > all[best].n ? k : best;
    const size_t best_n = ok && n ? all[best].n : 0;
    if (best_n)
        snprintf(text, room, "%.60s", schema->fields[best].name);
    for (size_t k = 0; all && k < n; k++) {
        free(all[k].used);
        free(all[k].unknown);
    }
    free(all);
    geo_reader_close(reader);
    return best_n;
}

/* ---- years ---- */

/* The year in the name of a column of codes, as publishers write it: lsoa11cd, WD24CD, ward_code_2023. 0: none. */
static int year_of_name(const char *name)
{
    const size_t n = strlen(name);
    for (size_t i = 0; i + 4 <= n; i++)
        if (isdigit((unsigned char)name[i]) && isdigit((unsigned char)name[i + 1]) && strcasecmp(name + i + 2, "cd") == 0
            && (i == 0 || !isdigit((unsigned char)name[i - 1])))
            return 2000 + (name[i] - '0') * 10 + (name[i + 1] - '0');
    const int year = n >= 4 ? atoi(name + n - 4) : 0;
    return year >= 2001 && year <= 2099 ? year : 0;
}

/*
 * LSOAs that are new in 2021 have higher numbers than any of 2011 had: E01033768 and W01001958 were the last.
 * Source: ONS, LSOA (2011) to LSOA (2021) exact fit lookup for England and Wales.
 */
static const struct {
    char nation;
    int last_of_2011;
} LSOAS[] = {{'E', 33768}, {'W', 1958}};

#define NATIONS_N (sizeof LSOAS / sizeof *LSOAS)

/* LSOAs of one nation in a list of codes: whether there are any, and any that are new in 2021. */
typedef struct lsoas {
    bool any[NATIONS_N], new_ones[NATIONS_N];
} lsoas;

static void add_lsoa(lsoas *l, const geo_pool *codes, size_t i)
{
    geo_gss g;
    size_t n;
    const char *code = geo_pool_text(codes, (int32_t)i, &n);
    for (size_t k = 0; geo_gss_parse(code, n, &g) && g.entity == 1 && k < NATIONS_N; k++)
        if (g.nation == LSOAS[k].nation) {
            l->any[k] = true;
            l->new_ones[k] |= g.number > LSOAS[k].last_of_2011;
        }
}

/*
 * Years of the records' codes and of the lookup's, by their numbers, or 0. A list with new codes is of 2021; where one of the two has them,
 * and the other lacks codes of that nation that the first knows nothing of, the other is of 2011.
 */
static void years_of_codes(const step *s, int *ours, int *theirs)
{
    const geo_pool *keys = geo_keys_pool(geo_lookup_keys(s->lookup)), *unknown = s->vintage->unknown;
    lsoas known = {{0}, {0}}, lookup = {{0}, {0}}, rest = {{0}, {0}};
    for (size_t i = 0; i < geo_pool_count(keys); i++) {
        add_lsoa(&lookup, keys, i);
        if (s->vintage->used[i])
            add_lsoa(&known, keys, i);
    }
    for (size_t i = 0; i < geo_pool_count(unknown); i++)
        add_lsoa(&rest, unknown, i);
    *ours = *theirs = 0;
    for (size_t k = 0; k < NATIONS_N; k++) {
        if (!lookup.any[k] || !rest.any[k])
            continue;
        *ours = rest.new_ones[k] || known.new_ones[k] ? 2021 : lookup.new_ones[k] ? 2011 : *ours;
        *theirs = lookup.new_ones[k] ? 2021 : rest.new_ones[k] ? 2011 : *theirs;
    }
}

/* ---- telling ---- */

static void tell(join *j, size_t i, size_t known_n, size_t unknown_n)
{
    const step *s = &j->steps[i];
    const geo_join_step *o = &j->o->steps[i];
    const char *key = o->key ? o->key : o->on;
    char column[64] = "", years[160] = "", better[200] = "";
    int ours, theirs;
    const bool most = known_n * 5 >= (known_n + unknown_n) * 4; /* else it may be a lookup of somewhere else */
    years_of_codes(s, &ours, &theirs);
    ours = ours ? ours : year_of_name(o->on);
    theirs = theirs ? theirs : year_of_name(key);
    const size_t best_n = best_column(j, s, o, column, sizeof column);
    if (best_n > known_n)
        snprintf(better, sizeof better, "; its column '%s' has %zu of them: --on %.60s=%s", column, best_n, o->on, column);
    if (most && ours && theirs && ours != theirs)
        snprintf(years, sizeof years, "; the records' codes seem to be of %d, the lookup's of %d", ours, theirs);
    if (best_n <= known_n && !years[0])
        return;
    if (best_n <= known_n)
        snprintf(better, sizeof better, " (figures move from one year's areas to another's by --from, --to and --via)");
    geo_watch_note(j->o->watch, "%zu of %zu codes of '%s' are in '%s' of lookup '%s', %zu %s not%s%s", known_n, known_n + unknown_n, o->on,
                   key, geo_name_shown(o->file), unknown_n, unknown_n == 1 ? "is" : "are", years, better);
}

void geo_vintage_tell(join *j)
{
    for (size_t i = 0; i < j->o->steps_n; i++) {
        const step *s = &j->steps[i];
        const size_t unknown_n = s->vintage && !s->vintage->lost ? geo_pool_count(s->vintage->unknown) : 0;
        size_t known_n = 0;
        for (size_t r = 0; unknown_n && r < geo_table_rows(s->table); r++)
            known_n += s->vintage->used[r];
        if (unknown_n)
            tell(j, i, known_n, unknown_n);
    }
}
