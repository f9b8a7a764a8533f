/*
 * Counts and sums by group, in the pass over the records. Adding up happens in the order of the file, with compensation, so the sums are the
 * same with any number of threads. A value that is missing, suppressed or no number is never taken for zero: it is left out, and counted
 * in a column of its own.
 */
#include "tally.h"

#include "../core/trim.h"
#include "../table/column.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_CATEGORIES 1000

/* ---- setting up ---- */

static geo_status add_measure(join *j, tally *t, const char *spec, bool mean, geo_err *err)
{
    const geo_schema *records = geo_reader_schema(j->reader);
    const char *name, *field = geo_join_field_name(&j->arena, spec, &name);
    size_t at;
    const geo_status st = field ? geo_schema_pick(records, field, &at, err) : geo_err_nomem(err);
    if (st < 0)
        return st;
    size_t i = 0;
    while (i < t->measures_n && t->measures[i].at != at)
        i++;
    measure *m = &t->measures[i];
    if (name != field)
        *(mean ? &m->mean_name : &m->sum_name) = name;
    *(mean ? &m->mean : &m->sum) = true;
    if (i < t->measures_n)
        return GEO_OK;
    m->field = records->fields[at].name;
    m->at = at;
    t->measures_n++;
    return GEO_OK;
}

geo_status geo_tally_start(join *j, tally *t, const char *denominator, geo_err *err)
{
    size_t measures_n = 1, at = 0;
    for (const char *const *f = j->o->sums; f && *f; f++)
        measures_n++;
    for (const char *const *f = j->o->means; f && *f; f++)
        measures_n++;
    t->measures = calloc(measures_n + 1, sizeof *t->measures);
    t->denominator = t->by_at = -1;
    geo_status st = t->measures ? GEO_OK : geo_err_nomem(err);
    for (const char *const *f = j->o->sums; st == GEO_OK && f && *f; f++)
        st = add_measure(j, t, *f, false, err);
    for (const char *const *f = j->o->means; st == GEO_OK && f && *f; f++)
        st = add_measure(j, t, *f, true, err);
    if (st < 0 || !denominator)
        return st;
    st = geo_schema_pick(geo_reader_schema(j->reader), denominator, &at, err);
    for (size_t i = 0; st == GEO_OK && i < t->measures_n; i++)
        if (t->measures[i].at == at)
            t->denominator = (ptrdiff_t)i;
    if (st < 0 || t->denominator >= 0)
        return st;
    t->denominator = (ptrdiff_t)t->measures_n;
    return add_measure(j, t, denominator, false, err); /* it goes out as a sum, too */
}

geo_status geo_tally_room(tally *t, size_t groups_n, bool weighed, geo_err *err)
{
    t->groups_n = groups_n;
    bool ok = (t->count = calloc(groups_n + 1, sizeof *t->count)) != NULL;
    for (size_t i = 0; i < t->measures_n; i++) {
        measure *m = &t->measures[i];
        m->total = calloc(groups_n + 1, sizeof *m->total);
        m->used_n = calloc(groups_n + 1, sizeof *m->used_n);
        m->missing_n = calloc(groups_n + 1, sizeof *m->missing_n);
        ok &= m->total && m->used_n && m->missing_n;
        if (!weighed || !m->mean)
            continue;
        m->weighted = calloc(groups_n + 1, sizeof *m->weighted);
        m->weight = calloc(groups_n + 1, sizeof *m->weight);
        ok &= m->weighted && m->weight;
    }
    return ok ? GEO_OK : geo_err_nomem(err);
}

void geo_tally_free(tally *t)
{
    if (!t)
        return;
    for (size_t i = 0; t->measures && i < t->measures_n; i++) {
        measure *m = &t->measures[i];
        free(m->total);
        free(m->used_n);
        free(m->missing_n);
        free(m->weighted);
        free(m->weight);
    }
    free(t->measures);
    free(t->group_of);
    free(t->row_of);
    free(t->count);
    geo_pool_free(t->categories);
    geo_vec_clear(&t->by_counts);
    free(t);
}

size_t geo_tally_measures(const tally *t)
{
    return t ? t->measures_n : 0;
}

/* ---- adding up ---- */

/* Markers by which publishers say that there is a value and they do not show it. */
static bool is_suppression_marker(const char *s, size_t n)
{
    static const char *const MARKERS[] = {"*", "**", "[c]", "[low]", "[x]", "[z]", "[u]",       "..",
                                          ":", "-",  "c",   "x",     "NA",  "N/A", "suppressed"};
    geo_trim(&s, &n);
    for (size_t i = 0; i < sizeof MARKERS / sizeof *MARKERS; i++)
        if (strlen(MARKERS[i]) == n && strncasecmp(MARKERS[i], s, n) == 0)
            return true;
    return false;
}

/* Read the summed fields of a parcel, on any thread. */
geo_status geo_tally_numbers(const join *j, geo_parcel *p, found *f, geo_err *err)
{
    const tally *t = j->tally;
    const geo_batch *b = p->in;
    f->number = geo_arena_array(p->arena, t->measures_n + 1, sizeof *f->number);
    if (!f->number)
        return geo_err_nomem(err);
    for (size_t i = 0; i < t->measures_n; i++)
        if (!(f->number[i] = geo_arena_array(p->arena, b->rows_n + 1, sizeof **f->number)))
            return geo_err_nomem(err);
    for (size_t r = 0; r < b->rows_n; r++)
        for (size_t i = 0; i < t->measures_n; i++) {
            const geo_column *c = &b->columns[t->measures[i].at];
            if (geo_column_number(c, r, &f->number[i][r]))
                continue;
            size_t n;
            const char *s = geo_column_text(c, r, &n);
            const geo_fault kind = n == 0 ? GEO_FAULT_MISSING : is_suppression_marker(s, n) ? GEO_FAULT_SUPPRESSED : GEO_FAULT_NUMBER;
            geo_faults_add(p->faults, kind, b->line ? b->line[r] : (int64_t)r);
            f->number[i][r] = NAN;
        }
    return GEO_OK;
}

static void add_number(measure *m, size_t g, double v, double denominator)
{
    if (isnan(v) || (m->weight && !(denominator >= 0))) {
        m->missing_n[g]++;
        return;
    }
    geo_sum_add(&m->total[g], v);
    m->used_n[g]++;
    if (!m->weight)
        return;
    geo_sum_add(&m->weighted[g], v * denominator);
    geo_sum_add(&m->weight[g], denominator);
}

static geo_status add_category(tally *t, const geo_column *c, size_t r, size_t g, geo_err *err)
{
    char room[GEO_VALUE_ROOM];
    size_t n;
    const char *s = geo_column_print(c, r, room, &n);
    int32_t id;
    int is_new;
    const geo_status st = geo_pool_add(t->categories, s ? s : "", n, &id, &is_new, err);
    if (st < 0)
        return st;
    if (is_new) {
        if (id >= MOST_CATEGORIES)
            return geo_err_set(err, GEO_EARG, "--by has more than %d different values: it takes a category, not a name or a number",
                               MOST_CATEGORIES);
        if (!geo_vec_reserve(&t->by_counts, t->groups_n + 1, sizeof(int64_t)))
            return geo_err_nomem(err);
        memset((int64_t *)t->by_counts.items + t->by_counts.n, 0, (t->groups_n + 1) * sizeof(int64_t));
        t->by_counts.n += t->groups_n + 1;
    }
    ((int64_t *)t->by_counts.items)[(size_t)id * (t->groups_n + 1) + g]++;
    return GEO_OK;
}

void geo_tally_row(tally *t, size_t g, double *const *number, size_t r, double denominator)
{
    t->count[g]++;
    for (size_t i = 0; i < t->measures_n; i++)
        add_number(&t->measures[i], g, number[i][r], denominator);
}

geo_status geo_tally_add(join *j, const geo_parcel *p, const found *f, geo_err *err)
{
    tally *t = j->tally;
    const geo_batch *b = p->in;
    for (size_t w = 0; w < f->wide_n; w++) {
        const size_t r = f->pick ? (size_t)f->pick[w] : w, g = f->group[w] < 0 ? t->groups_n : (size_t)f->group[w];
        geo_tally_row(t, g, f->number, r, t->denominator < 0 ? 0 : f->number[t->denominator][r]);
        if (t->by_at >= 0) {
            const geo_status st = add_category(t, &b->columns[t->by_at], r, g, err);
            if (st < 0)
                return st;
        }
    }
    return GEO_OK;
}
