/* Reading tables of perturbations. A table that is not whole is no table: noise that is missing would be no noise. */
#include "ptable.h"

#include "../core/vec.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROWS ((size_t)(GEO_PTABLE_LAST_PCV + 1) * GEO_PTABLE_MOST_KEYS)
#define MOST_COUNT 1000000 /* largest i of the real form, and largest v */
#define SAME_FRACTION 1e-9 /* ends of intervals that are printed with fewer digits than they have */

/* A row as it is read: pcv, ckey, pvalue; or i, lb, v, and ub. */
typedef struct entry {
    int32_t i, add;
    double from, to; /* ckey is from */
    int64_t line;
} entry;

typedef struct columns {
    size_t i, add, from, to;
    bool fractions;
} columns;

/* ---- rows ---- */

static bool find(const geo_schema *schema, const char *name, const char *other, size_t *at)
{
    ptrdiff_t found = geo_schema_find(schema, name);
    if (found < 0 && other)
        found = geo_schema_find(schema, other);
    *at = found < 0 ? 0 : (size_t)found;
    return found >= 0;
}

static geo_status find_columns(const geo_schema *schema, columns *c, geo_err *err)
{
    c->fractions = false;
    if (find(schema, "pcv", NULL, &c->i) && find(schema, "ckey", NULL, &c->from) && find(schema, "pvalue", NULL, &c->add)) {
        c->to = c->from;
        return GEO_OK;
    }
    c->fractions = true;
    if (find(schema, "i", NULL, &c->i) && find(schema, "v", NULL, &c->add) && find(schema, "lb", "p_int_lb", &c->from)
        && find(schema, "ub", "p_int_ub", &c->to))
        return GEO_OK;
    return geo_err_set(err, GEO_EFORMAT, "a table of perturbations has the fields pcv, ckey and pvalue, or i, v, lb and ub");
}

/* A number of a row between two others, whole if it must be. */
static geo_status read_number(const geo_batch *b, size_t column, size_t r, double least, double most, bool whole, double *value,
                              geo_err *err)
{
    const char *name = b->schema->fields[column].name;
    if (!geo_column_number(&b->columns[column], r, value) || (whole && *value != floor(*value)))
        return geo_err_set(err, GEO_EFORMAT, "line %" PRId64 ": '%s' is no %snumber", geo_batch_line(b, r), name, whole ? "whole " : "");
    if (!(*value >= least && *value <= most))
        return geo_err_set(err, GEO_EFORMAT, "line %" PRId64 ": '%s' is not from %.0f to %.0f", geo_batch_line(b, r), name, least, most);
    return GEO_OK;
}

static geo_status read_row(const geo_batch *b, const columns *c, size_t r, entry *e, geo_err *err)
{
    double i, add;
    e->line = geo_batch_line(b, r);
    geo_status st = read_number(b, c->i, r, 0, c->fractions ? MOST_COUNT : GEO_PTABLE_LAST_PCV, true, &i, err);
    if (st == GEO_OK)
        st = read_number(b, c->add, r, c->fractions ? -MOST_COUNT : INT16_MIN + 1, c->fractions ? MOST_COUNT : INT16_MAX, true, &add, err);
    if (st == GEO_OK)
        st = read_number(b, c->from, r, 0, c->fractions ? 1 : GEO_PTABLE_MOST_KEYS - 1, !c->fractions, &e->from, err);
    if (st == GEO_OK)
        st = read_number(b, c->to, r, 0, c->fractions ? 1 : GEO_PTABLE_MOST_KEYS - 1, !c->fractions, &e->to, err);
    if (st < 0)
        return st;
    e->i = (int32_t)i;
    e->add = (int32_t)add;
    if (i + add < 0)
        return geo_err_set(err, GEO_EFORMAT, "line %" PRId64 ": it would make a count negative", e->line);
    return e->to < e->from ? geo_err_set(err, GEO_EFORMAT, "line %" PRId64 ": it ends before it begins", e->line) : GEO_OK;
}

/* Rows that the reader has left out, or read without one of their values. */
static geo_status check_faults(const geo_reader *reader, geo_err *err)
{
    char text[200];
    const geo_faults *faults = geo_reader_faults(reader);
    for (int kind = 0; kind <= GEO_FAULT_VALUE; kind++)
        if (faults->n[kind]) {
            geo_faults_lines(faults, (geo_fault)kind, geo_reader_unit(reader), text, sizeof text);
            return geo_err_set(err, GEO_EFORMAT, "rows that cannot be read: %s", text);
        }
    return GEO_OK;
}

static geo_status read_rows(geo_reader *reader, const columns *c, geo_vec *rows, geo_err *err)
{
    const geo_batch *b;
    geo_status st;
    while ((st = geo_reader_next(reader, &b, err)) == GEO_OK) {
        if (rows->n + b->rows_n > MOST_ROWS)
            return geo_err_set(err, GEO_EFORMAT, "more rows than a table of perturbations can have");
        if (!geo_vec_reserve(rows, b->rows_n, sizeof(entry)))
            return geo_err_nomem(err);
        for (size_t r = 0; r < b->rows_n; r++)
            if ((st = read_row(b, c, r, (entry *)rows->items + rows->n++, err)) < 0)
                return st;
    }
    if (st == GEO_DONE)
        st = check_faults(reader, err);
    return st == GEO_OK && rows->n == 0 ? geo_err_set(err, GEO_EFORMAT, "a table of perturbations without rows") : st;
}

/* ---- tables ---- */

static int by_place(const void *pa, const void *pb)
{
    const entry *a = pa, *b = pb;
    if (a->i != b->i)
        return a->i < b->i ? -1 : 1;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    if (a->to != b->to)
        return a->to < b->to ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

/* Rows in order: for each pcv every ckey once. */
static geo_status fill_integers(geo_ptable *t, const entry *rows, size_t n, geo_err *err)
{
    for (size_t k = 0; k < n; k++)
        t->keys_n = (uint64_t)rows[k].from + 1 > t->keys_n ? (uint64_t)rows[k].from + 1 : t->keys_n;
    if ((t->keys_n & (t->keys_n - 1)) != 0)
        return geo_err_set(err, GEO_EFORMAT, "the largest ckey is not one less than a power of two");
    t->add = malloc(n * sizeof *t->add);
    if (!t->add)
        return geo_err_nomem(err);
    const size_t all = (size_t)(GEO_PTABLE_LAST_PCV + 1 - t->first) * t->keys_n;
    for (size_t k = 0; k < all; k++) {
        const int64_t pcv = t->first + (int64_t)(k / t->keys_n), ckey = (int64_t)(k % t->keys_n);
        if (k > 0 && k < n && rows[k].i == rows[k - 1].i && rows[k].from == rows[k - 1].from)
            return geo_err_set(err, GEO_EFORMAT, "line %" PRId64 ": the same pcv and ckey again", rows[k].line);
        if (k >= n || rows[k].i != pcv || (int64_t)rows[k].from != ckey)
            return geo_err_set(err, GEO_EFORMAT, "there is no row for pcv %" PRId64 " and ckey %" PRId64, pcv, ckey);
        t->add[k] = (int16_t)rows[k].add;
    }
    return n == all ? GEO_OK : geo_err_set(err, GEO_EFORMAT, "line %" PRId64 ": the same pcv and ckey again", rows[all].line);
}

/* Rows in order: for each i the intervals from 0 to 1. */
static geo_status fill_fractions(geo_ptable *t, const entry *rows, size_t n, geo_err *err)
{
    t->last = rows[n - 1].i;
    t->rows = malloc(n * sizeof *t->rows);
    t->row_at = malloc((size_t)(t->last - t->first + 2) * sizeof *t->row_at);
    if (!t->rows || !t->row_at)
        return geo_err_nomem(err);
    size_t k = 0, used = 0;
    for (int64_t i = t->first; i <= t->last; i++) {
        double end = 0;
        t->row_at[i - t->first] = used;
        if (rows[k].i != i)
            return geo_err_set(err, GEO_EFORMAT, "line %" PRId64 ": there are no rows for the i before it", rows[k].line);
        for (; k < n && rows[k].i == i; k++) {
            if (fabs(rows[k].from - end) > SAME_FRACTION)
                return geo_err_set(err, GEO_EFORMAT, "line %" PRId64 ": it %s the row before it in this i", rows[k].line,
                                   rows[k].from < end ? "overlaps" : "leaves a gap to");
            if (rows[k].to > end) /* rows without room are never chosen */
                t->rows[used++] = (geo_ptable_row){rows[k].add, end, rows[k].to};
            end = rows[k].to > end ? rows[k].to : end;
        }
        if (end < 1 - SAME_FRACTION)
            return geo_err_set(err, GEO_EFORMAT, "line %" PRId64 ": the rows of this i end before 1", rows[k - 1].line);
        t->rows[used - 1].to = 1;
    }
    t->row_at[t->last - t->first + 1] = used;
    return GEO_OK;
}

geo_status geo_ptable_read(geo_reader *reader, geo_ptable **out, geo_err *err)
{
    columns c = {0};
    geo_vec rows = {0};
    geo_ptable *t = calloc(1, sizeof *t);
    geo_status st = t ? find_columns(geo_reader_schema(reader), &c, err) : geo_err_nomem(err);
    if (st == GEO_OK)
        st = read_rows(reader, &c, &rows, err);
    if (st == GEO_OK) {
        entry *e = rows.items;
        qsort(e, rows.n, sizeof *e, by_place);
        t->first = e[0].i ? 1 : 0;
        t->last = GEO_PTABLE_LAST_PCV;
        st = c.fractions ? fill_fractions(t, e, rows.n, err) : fill_integers(t, e, rows.n, err);
    }
    geo_vec_clear(&rows);
    if (st < 0) {
        geo_ptable_free(t);
        return st;
    }
    *out = t;
    return GEO_OK;
}
