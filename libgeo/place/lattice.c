/* Levels and the lookups between them. A lookup is kept as numbers: for each row the area of each of its levels. */
#include "geo/lattice.h"

#include "../core/vec.h"
#include "geo/number.h"
#include "lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_LEVELS GEO_LATTICE_MOST

typedef struct level {
    char *name;
    geo_keys *areas;
} level;

typedef struct lookup {
    size_t levels_n;
    size_t level[MOST_LEVELS]; /* of each column */
    geo_vec area[MOST_LEVELS]; /* int32_t, by row: negative: none */
    geo_vec weight;            /* double, by row; not used without weights */
    bool weighted, best_fit;
} lookup;

struct geo_lattice {
    level levels[MOST_LEVELS];
    size_t levels_n;
    geo_vec lookups; /* lookup * */
    geo_class class_;
};

geo_lattice *geo_lattice_new(void)
{
    return calloc(1, sizeof(geo_lattice));
}

static void free_lookup(lookup *l)
{
    for (size_t i = 0; i < l->levels_n; i++)
        geo_vec_clear(&l->area[i]);
    geo_vec_clear(&l->weight);
    free(l);
}

void geo_lattice_free(geo_lattice *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->levels_n; i++) {
        free(l->levels[i].name);
        geo_keys_free(l->levels[i].areas);
    }
    for (size_t i = 0; i < l->lookups.n; i++)
        free_lookup(((lookup **)l->lookups.items)[i]);
    geo_vec_clear(&l->lookups);
    free(l);
}

ptrdiff_t geo_lattice_level(const geo_lattice *l, const char *name)
{
    for (size_t i = 0; i < l->levels_n; i++)
        if (strcasecmp(l->levels[i].name, name) == 0)
            return (ptrdiff_t)i;
    return -1;
}

size_t geo_lattice_levels(const geo_lattice *l)
{
    return l->levels_n;
}

const char *geo_lattice_name(const geo_lattice *l, size_t i)
{
    return l->levels[i].name;
}

const geo_keys *geo_lattice_areas(const geo_lattice *l, size_t i)
{
    return l->levels[i].areas;
}

geo_class geo_lattice_class(const geo_lattice *l)
{
    return l->class_;
}

/* ---- reading ---- */

typedef struct reading {
    geo_lattice *lattice;
    lookup *lookup;
    const char *unit;
    size_t at[MOST_LEVELS]; /* columns of the levels in the file */
    ptrdiff_t weight_at;    /* negative: none */
} reading;

/* What one parcel holds. */
typedef struct rows {
    geo_key_texts codes[MOST_LEVELS];
    double *weight;
} rows;

/* Codes that mean "none" are none. */
static void blank_nowhere(const geo_keys *keys, geo_key_texts *codes, size_t rows_n)
{
    int64_t written = 0;
    for (size_t k = 0, read = 0; geo_keys_kind(keys) == GEO_KEY_GSS && k < rows_n; k++) {
        const char *code = codes->bytes + read;
        const size_t n = (size_t)codes->offsets[k + 1] - read;
        read += n;
        if (!geo_gss_is_none(code, n)) {
            memmove(codes->bytes + written, code, n);
            written += (int64_t)n;
        }
        codes->offsets[k + 1] = written;
    }
}

static geo_status normalise(void *ctx, geo_parcel *p, geo_err *err)
{
    const reading *r = ctx;
    rows *out = p->extra = geo_arena_alloc(p->arena, sizeof *out);
    if (!out)
        return geo_err_nomem(err);
    out->weight = NULL;
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < r->lookup->levels_n; i++) {
        const geo_keys *keys = r->lattice->levels[r->lookup->level[i]].areas;
        st = geo_keys_normalise(keys, &p->in->columns[r->at[i]], p->in->rows_n, p->arena, &out->codes[i], err);
        if (st == GEO_OK)
            blank_nowhere(keys, &out->codes[i], p->in->rows_n);
    }
    if (st < 0 || r->weight_at < 0)
        return st;
    out->weight = geo_arena_array(p->arena, p->in->rows_n + 1, sizeof *out->weight);
    if (!out->weight)
        return geo_err_nomem(err);
    for (size_t k = 0; k < p->in->rows_n; k++)
        if (!geo_column_number(&p->in->columns[r->weight_at], k, &out->weight[k]))
            out->weight[k] = NAN;
    return GEO_OK;
}

static geo_status check_weights(const reading *r, const geo_batch *b, const double *weight, geo_err *err)
{
    for (size_t k = 0; k < b->rows_n; k++)
        if (!(weight[k] >= 0 && weight[k] <= 1e300))
            return geo_err_set(err, GEO_EFORMAT, "the weight on %s %lld is missing, negative or no number", r->unit,
                               (long long)geo_batch_line(b, k));
    return GEO_OK;
}

static geo_status add_rows(void *ctx, const geo_parcel *p, geo_err *err)
{
    reading *r = ctx;
    lookup *l = r->lookup;
    const rows *in = p->extra;
    const size_t n = p->in->rows_n;
    geo_status st = in->weight ? check_weights(r, p->in, in->weight, err) : GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < l->levels_n; i++) {
        geo_keys *keys = r->lattice->levels[l->level[i]].areas;
        if (!geo_vec_reserve(&l->area[i], n, sizeof(int32_t)))
            return geo_err_nomem(err);
        int32_t *area = (int32_t *)l->area[i].items + l->area[i].n;
        st = geo_keys_add(keys, &in->codes[i], n, area, err);
        l->area[i].n += n;
    }
    if (st == GEO_OK && in->weight && !geo_vec_append(&l->weight, in->weight, n, sizeof(double)))
        return geo_err_nomem(err);
    for (size_t k = 0; k < n; k++)
        r->lattice->class_ = geo_class_join(r->lattice->class_, geo_batch_class(p->in, k));
    return st;
}

/* The level of a column, which is new if no lookup before had one of its name. */
static geo_status add_level(geo_lattice *lattice, const char *name, size_t *at, geo_err *err)
{
    const ptrdiff_t known = geo_lattice_level(lattice, name);
    if (known >= 0) {
        *at = (size_t)known;
        return GEO_OK;
    }
    if (lattice->levels_n == MOST_LEVELS)
        return geo_err_set(err, GEO_EARG, "lookups with more than %d levels", MOST_LEVELS);
    level *l = &lattice->levels[lattice->levels_n];
    *l = (level){strdup(name), geo_keys_new()};
    if (!l->name || !l->areas) {
        free(l->name);
        geo_keys_free(l->areas);
        return geo_err_nomem(err);
    }
    *at = lattice->levels_n++;
    return GEO_OK;
}

/* Find the columns, and their levels. */
static geo_status bind(reading *r, const geo_schema *schema, const geo_lattice_lookup *about, geo_err *err)
{
    lookup *l = r->lookup;
    r->weight_at = -1;
    for (const char *const *name = about->levels; *name; name++) {
        if (l->levels_n == MOST_LEVELS)
            return geo_err_set(err, GEO_EARG, "a lookup with more than %d levels", MOST_LEVELS);
        geo_status st = geo_schema_pick(schema, *name, &r->at[l->levels_n], err);
        if (st == GEO_OK && schema->fields[r->at[l->levels_n]].type == GEO_GEOMETRY)
            st = geo_err_set(err, GEO_EARG, "field '%s' is a geometry, so it cannot be a level", *name);
        if (st == GEO_OK)
            st = add_level(r->lattice, *name, &l->level[l->levels_n], err);
        if (st < 0)
            return st;
        l->levels_n++;
    }
    l->weighted = about->weights || about->rows_weigh;
    l->best_fit = about->best_fit;
    size_t at;
    const geo_status st = about->weights ? geo_schema_pick(schema, about->weights, &at, err) : GEO_OK;
    if (about->weights && st == GEO_OK)
        r->weight_at = (ptrdiff_t)at;
    return st;
}

/* The first rows tell how the codes of levels are compared that no lookup before has had. */
static geo_status read_first(reading *r, geo_reader *reader, geo_err *err)
{
    const geo_batch *first;
    const geo_status st = geo_reader_next(reader, &first, err);
    if (st != GEO_OK)
        return st;
    for (size_t i = 0; i < r->lookup->levels_n; i++) {
        const level *l = &r->lattice->levels[r->lookup->level[i]];
        if (geo_pool_count(geo_keys_pool(l->areas)) == 0)
            geo_keys_guess(l->areas, l->name, &first->columns[r->at[i]], first->rows_n);
    }
    geo_arena arena = {0};
    geo_parcel parcel = {.in = first, .arena = &arena};
    geo_status added = normalise(r, &parcel, err);
    if (added == GEO_OK)
        added = add_rows(r, &parcel, err);
    geo_arena_clear(&arena);
    return added;
}

geo_status geo_lattice_read(geo_lattice *lattice, geo_reader *reader, const geo_lattice_lookup *about, int threads, geo_err *err)
{
    reading r = {.lattice = lattice, .lookup = calloc(1, sizeof(lookup)), .unit = geo_reader_unit(reader)};
    if (!r.lookup || !geo_vec_reserve(&lattice->lookups, 1, sizeof(lookup *))) {
        free(r.lookup);
        return geo_err_nomem(err);
    }
    ((lookup **)lattice->lookups.items)[lattice->lookups.n++] = r.lookup;
    geo_status st = bind(&r, geo_reader_schema(reader), about, err);
    if (st == GEO_OK)
        st = read_first(&r, reader, err);
    const geo_flow flow = {normalise, add_rows, &r};
    if (st == GEO_OK)
        st = geo_flow_run(reader, &flow, threads, NULL, err);
    if (st == GEO_DONE || geo_reader_rows(reader) == 0)
        lattice->class_ = geo_class_join(lattice->class_, geo_reader_class(reader));
    return st < 0 ? st : GEO_OK;
}

/* ---- relating ---- */

/* Areas of the census and postcodes do not nest in what is drawn for elections and parishes, and postcodes in nothing. */
static bool fits_at_best(const geo_keys *from, const geo_keys *to)
{
    static const char *const CENSUS[] = {"output area", "LSOA", "MSOA", "data zone", "small area", "intermediate zone", "workplace zone"};
    static const char *const DRAWN[] = {"ward", "parish", "constituency", "division", "community", "electoral"};
    size_t n, m;
    geo_gss a, b;
    if (geo_pool_count(geo_keys_pool(from)) == 0 || geo_pool_count(geo_keys_pool(to)) == 0)
        return false;
    if (geo_keys_kind(from) == GEO_KEY_POSTCODE)
        return true;
    const char *s = geo_pool_text(geo_keys_pool(from), 0, &n), *t = geo_pool_text(geo_keys_pool(to), 0, &m);
    const char *from_name = geo_gss_parse(s, n, &a) ? geo_gss_entity_name(a.nation, a.entity) : NULL;
    const char *to_name = geo_gss_parse(t, m, &b) ? geo_gss_entity_name(b.nation, b.entity) : NULL;
    bool census = false, drawn = false;
    for (size_t i = 0; from_name && i < sizeof CENSUS / sizeof *CENSUS; i++)
        census |= strstr(from_name, CENSUS[i]) != NULL;
    for (size_t i = 0; to_name && i < sizeof DRAWN / sizeof *DRAWN; i++)
        drawn |= strstr(to_name, DRAWN[i]) != NULL;
    return census && drawn;
}

static geo_status relate_columns(const geo_lattice *lattice, const lookup *l, size_t a, size_t b, geo_relation **out, geo_err *err)
{
    const geo_keys *from = lattice->levels[l->level[a]].areas, *to = lattice->levels[l->level[b]].areas;
    const size_t rows_n = l->area[a].n;
    geo_pair *pairs = malloc((rows_n + 1) * sizeof *pairs);
    if (!pairs)
        return geo_err_nomem(err);
    size_t n = 0;
    for (size_t r = 0; r < rows_n; r++) {
        const int32_t area = ((const int32_t *)l->area[a].items)[r];
        if (area >= 0)
            pairs[n++] = (geo_pair){area, ((const int32_t *)l->area[b].items)[r], l->weight.n ? ((const double *)l->weight.items)[r] : 1};
    }
    const geo_status st = geo_relation_of_pairs(pairs, n, geo_pool_count(geo_keys_pool(from)), geo_pool_count(geo_keys_pool(to)),
                                                l->weighted, l->best_fit || fits_at_best(from, to), out, err);
    free(pairs);
    return st;
}

/* A step on the way: by which lookup from which level, and its columns there. */
typedef struct leg {
    const lookup *by;
    size_t from, from_column, to_column;
} leg;

static ptrdiff_t column_of(const lookup *l, size_t of)
{
    for (size_t i = 0; i < l->levels_n; i++)
        if (l->level[i] == of)
            return (ptrdiff_t)i;
    return -1;
}

/* What a level is made of, the less the better to go through: codes of a known form; other text; numbers, which may be anything. */
enum { CODES, TEXTS, NUMBERS };

static int sort_of(const geo_keys *keys)
{
    bool numbers = geo_keys_kind(keys) == GEO_KEY_TEXT && geo_pool_count(geo_keys_pool(keys)) > 0;
    for (size_t i = 0; numbers && i < geo_pool_count(geo_keys_pool(keys)); i++) {
        size_t n;
        const char *code = geo_pool_text(geo_keys_pool(keys), (int32_t)i, &n);
        numbers = geo_number_parse(code, n, &(double){0});
    }
    return geo_keys_kind(keys) != GEO_KEY_TEXT ? CODES : numbers ? NUMBERS : TEXTS;
}

/*
 * Breadth first, through levels of no worse a sort than `sort`: last[k] is the last leg of the shortest way to level k, of several that are
 * as short the one from the level with most areas; its lookup is NULL where no way leads.
 */
static void find_way(const geo_lattice *lattice, size_t from, int sort, leg *last)
{
    size_t queue[MOST_LEVELS], legs_n[MOST_LEVELS] = {0}, read = 0, written = 0;
    memset(last, 0, MOST_LEVELS * sizeof *last);
    queue[written++] = from;
    while (read < written) {
        const size_t here = queue[read++], areas_n = geo_pool_count(geo_keys_pool(lattice->levels[here].areas));
        for (size_t i = 0; (here == from || sort_of(lattice->levels[here].areas) <= sort) && i < lattice->lookups.n; i++) {
            const lookup *l = ((lookup *const *)lattice->lookups.items)[i];
            const ptrdiff_t column = column_of(l, here);
            for (size_t k = 0; column >= 0 && k < l->levels_n; k++) {
                const size_t next = l->level[k];
                const bool is_new = next != from && !last[next].by;
                if (is_new) {
                    queue[written++] = next;
                    legs_n[next] = legs_n[here] + 1;
                } else if (next == from || legs_n[next] != legs_n[here] + 1
                           || areas_n <= geo_pool_count(geo_keys_pool(lattice->levels[last[next].from].areas)))
                    continue;
                last[next] = (leg){l, here, (size_t)column, k};
            }
        }
    }
}

/* The best way to a level: numbers of rows and counts of people that two lookups have in common link nothing, where codes do. */
static bool find_best_way(const geo_lattice *lattice, size_t from, size_t to, leg *last)
{
    last[to].by = NULL;
    for (int sort = CODES; from != to && !last[to].by && sort <= NUMBERS; sort++)
        find_way(lattice, from, sort, last);
    return last[to].by != NULL;
}

size_t geo_lattice_way(const geo_lattice *lattice, size_t from, size_t to, size_t way[GEO_LATTICE_MOST])
{
    leg last[MOST_LEVELS];
    size_t n = 0;
    if (!find_best_way(lattice, from, to, last))
        return 0;
    for (size_t here = to; here != from; here = last[here].from)
        n++;
    for (size_t here = to, k = n; k > 0; here = last[here].from)
        way[k--] = here;
    way[0] = from;
    return n + 1;
}

#define KINDS_N (26 * 100) /* of GSS codes: nation and entity */

/* How many kinds of areas these have that are none of the others. */
static size_t kinds_beyond(const geo_keys *these, const geo_keys *other)
{
    const geo_pool *const pools[] = {geo_keys_pool(other), geo_keys_pool(these)};
    bool seen[KINDS_N] = {false};
    size_t beyond_n = 0;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < geo_pool_count(pools[k]); i++) {
            size_t n;
            geo_gss g;
            const char *code = geo_pool_text(pools[k], (int32_t)i, &n);
            if (!geo_gss_parse(code, n, &g))
                continue;
            bool *kind = &seen[(size_t)(g.nation - 'A') * 100 + (size_t)g.entity];
            beyond_n += k == 1 && !*kind;
            *kind = true;
        }
    return beyond_n;
}

/*
 * Codes in common make two levels the same geography of two years; not where each has a kind of area that the other lacks, as lower and upper
 * tiers of local government, of which only the districts with one tier are in both.
 */
static bool are_years_of_one(const geo_keys *from, const geo_keys *to)
{
    bool any = false;
    for (size_t i = 0; !any && i < geo_pool_count(geo_keys_pool(from)); i++) {
        size_t n;
        const char *code = geo_pool_text(geo_keys_pool(from), (int32_t)i, &n);
        any = geo_pool_find(geo_keys_pool(to), code, n) >= 0;
    }
    return any && (kinds_beyond(from, to) == 0 || kinds_beyond(to, from) == 0);
}

geo_status geo_lattice_relate(const geo_lattice *lattice, size_t from, size_t to, geo_relation **out, geo_err *err)
{
    leg last[MOST_LEVELS];
    if (!find_best_way(lattice, from, to, last))
        return geo_err_set(err, GEO_EARG, from == to ? "'%s' and '%s' are the same level" : "no lookup leads from '%s' to '%s'",
                           lattice->levels[from].name, lattice->levels[to].name);
    geo_relation *way = NULL; /* from here to the end */
    geo_status st = GEO_OK;
    for (size_t here = to; st == GEO_OK && here != from; here = last[here].from) {
        geo_relation *one = NULL, *both = NULL;
        st = relate_columns(lattice, last[here].by, last[here].from_column, last[here].to_column, &one, err);
        if (st == GEO_OK && way)
            st = geo_relation_chain(one, way, &both, err);
        if (both)
            geo_relation_free(one);
        geo_relation_free(way);
        way = both ? both : one;
    }
    if (st == GEO_OK && are_years_of_one(lattice->levels[from].areas, lattice->levels[to].areas))
        st = geo_relation_find_changes(way, err);
    if (st < 0) {
        geo_relation_free(way);
        return st;
    }
    *out = way;
    return GEO_OK;
}
