/* Counts by the area of the last step: which group a record belongs to, and the table of areas that comes out. */
#include "tally.h"

#include "../table/column.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- groups ---- */

static const step *last_step(const join *j)
{
    return &j->steps[j->o->steps_n - 1];
}

/* A lookup has many rows for one area: rows with the same first field are one group. */
static geo_status group_rows(tally *t, const geo_table *table, geo_err *err)
{
    const size_t rows_n = geo_table_rows(table);
    const geo_column *first = &geo_table_columns(table)[0];
    geo_pool *pool = geo_pool_new();
    t->group_of = malloc((rows_n + 1) * sizeof *t->group_of);
    t->row_of = malloc((rows_n + 1) * sizeof *t->row_of);
    geo_status st = pool && t->group_of && t->row_of ? GEO_OK : geo_err_nomem(err);
    for (size_t r = 0; st == GEO_OK && r < rows_n; r++) {
        char room[GEO_VALUE_ROOM];
        size_t n;
        const char *s = geo_column_print(first, r, room, &n);
        int is_new = 0;
        t->group_of[r] = -1; /* without an area */
        if (n)
            st = geo_pool_add(pool, s, n, &t->group_of[r], &is_new, err);
        if (is_new)
            t->row_of[t->groups_n++] = (int32_t)r;
    }
    geo_pool_free(pool);
    return st;
}

/* The field of the last step by which rates are made: it must be one of those that go out. */
static geo_status find_denominator(const join *j, size_t *at, geo_err *err)
{
    const step *s = last_step(j);
    for (*at = 0; *at < s->fields_n; ++*at)
        if (strcasecmp(s->names[*at], j->o->denominator) == 0)
            return GEO_OK;
    return geo_err_set(err, GEO_EARG, "--denominator '%s' is no field of what is counted by: attach it with %s", j->o->denominator,
                       s->by_place ? "--area-fields" : "--fields");
}

geo_status geo_tally_new(join *j, geo_err *err)
{
    const step *s = last_step(j);
    if (j->o->out_crs && (!s->by_place || geo_join_to_csv(j))) /* told before the work, not after */
        return geo_join_plan_move(j, NULL, err);
    tally *t = j->tally = calloc(1, sizeof *t);
    if (!t)
        return geo_err_nomem(err);
    geo_status st = j->o->denominator ? find_denominator(j, &(size_t){0}, err) : GEO_OK;
    if (st == GEO_OK && !s->by_place)
        st = group_rows(t, s->table, err);
    if (st == GEO_OK)
        st = geo_tally_start(j, t, NULL, err);
    if (st == GEO_OK)
        st = geo_tally_room(t, s->by_place ? geo_table_rows(s->table) : t->groups_n, false, err);
    if (st == GEO_OK && j->o->by) {
        size_t at = 0;
        st = geo_schema_pick(geo_reader_schema(j->reader), j->o->by, &at, err);
        t->by_at = (ptrdiff_t)at;
        if (st == GEO_OK && !(t->categories = geo_pool_new()))
            st = geo_err_nomem(err);
    }
    return st;
}

geo_status geo_tally_group(const join *j, geo_parcel *p, found *f, geo_err *err)
{
    const tally *t = j->tally;
    const int32_t *row = f->wide[j->o->steps_n - 1];
    f->group = geo_arena_array(p->arena, f->wide_n + 1, sizeof *f->group);
    if (!f->group)
        return geo_err_nomem(err);
    for (size_t r = 0; r < f->wide_n; r++)
        f->group[r] = !f->matched[r] ? -1 : t->group_of ? t->group_of[row[r]] : row[r];
    return GEO_OK;
}

/* ---- writing ---- */

/* The sheet, and the group that each of its rows shows. */
typedef struct page {
    sheet sheet;
    const int32_t *group;
} page;

static geo_status add_counts(page *p, const char *name, const int64_t *by_group, geo_err *err)
{
    int64_t *values = geo_arena_array(&p->sheet.j->arena, p->sheet.rows_n + 1, sizeof *values);
    if (!values || !name)
        return geo_err_nomem(err);
    for (size_t r = 0; r < p->sheet.rows_n; r++)
        values[r] = by_group[p->group[r]];
    return geo_sheet_counts(&p->sheet, name, values, err);
}

/* A column of numbers to be filled, and which of them are there. */
static geo_status new_numbers(page *p, double **values, bool **there, geo_err *err)
{
    *values = geo_arena_array(&p->sheet.j->arena, p->sheet.rows_n + 1, sizeof **values);
    *there = geo_arena_array(&p->sheet.j->arena, p->sheet.rows_n + 1, sizeof **there);
    return *values && *there ? GEO_OK : geo_err_nomem(err);
}

/* A sum of nothing is empty, not zero, when there were records whose value is not known. */
static bool has_sum(const measure *m, size_t g)
{
    return m->used_n[g] > 0 || m->missing_n[g] == 0;
}

static const char *sum_name(page *p, const measure *m)
{
    return m->sum_name ? m->sum_name : geo_sheet_name(&p->sheet, m->field, "sum", 3);
}

static geo_status add_measure_column(page *p, const measure *m, bool mean, geo_err *err)
{
    double *values;
    bool *there;
    const geo_status st = new_numbers(p, &values, &there, err);
    if (st < 0)
        return st;
    for (size_t r = 0; r < p->sheet.rows_n; r++) {
        const int32_t g = p->group[r];
        const double total = geo_sum_value(&m->total[g]);
        if (!isfinite(total))
            return geo_err_set(err, GEO_EFORMAT, "the sum of field '%s' has gone beyond the largest number there is", m->field);
        there[r] = mean ? m->used_n[g] > 0 : has_sum(m, (size_t)g);
        values[r] = !there[r] ? 0 : mean ? total / (double)m->used_n[g] : total;
    }
    const char *name = !mean ? sum_name(p, m) : m->mean_name ? m->mean_name : geo_sheet_name(&p->sheet, m->field, "mean", 4);
    return geo_sheet_numbers(&p->sheet, name, values, there, err);
}

typedef struct category {
    const char *text;
    size_t n;
    int32_t id;
} category;

static int by_text(const void *a, const void *b)
{
    const category *p = a, *q = b;
    return geo_text_order(p->text, p->n, q->text, q->n);
}

static geo_status add_categories(page *p, const char *count_name, geo_err *err)
{
    sheet *s = &p->sheet;
    const tally *t = s->j->tally;
    const size_t n = geo_pool_count(t->categories);
    category *all = geo_arena_array(&s->j->arena, n + 1, sizeof *all);
    if (!all)
        return geo_err_nomem(err);
    for (size_t i = 0; i < n; i++) {
        all[i].id = (int32_t)i;
        all[i].text = geo_pool_text(t->categories, all[i].id, &all[i].n);
    }
    qsort(all, n, sizeof *all, by_text);
    geo_status st = GEO_OK;
    const char *nothing = geo_pool_find(t->categories, "none", 4) < 0 ? "none" : "(none)"; /* what records without a value are called */
    for (size_t i = 0; st == GEO_OK && i < n; i++) {
        const char *text = all[i].n ? all[i].text : nothing;
        const char *name = geo_sheet_name(s, count_name, text, all[i].n ? all[i].n : strlen(nothing));
        st = add_counts(p, name, (const int64_t *)t->by_counts.items + (size_t)all[i].id * (t->groups_n + 1), err);
    }
    return st;
}

/* The row of the step that shows a column of each group, by row of the output: none where the rows of a group differ. */
static int32_t *rows_to_show(page *p, const geo_column *c, size_t rows_n)
{
    sheet *s = &p->sheet;
    const tally *t = s->j->tally;
    int32_t *index = geo_arena_array(&s->j->arena, s->rows_n + 1, sizeof *index);
    int32_t *row_of = t->row_of ? geo_arena_array(&s->j->arena, t->groups_n + 1, sizeof *row_of) : NULL;
    if (!index || (t->row_of && !row_of))
        return NULL;
    if (row_of)
        memcpy(row_of, t->row_of, t->groups_n * sizeof *row_of);
    for (size_t r = 0; row_of && r < rows_n; r++) {
        const int32_t g = t->group_of[r];
        if (g >= 0 && row_of[g] >= 0 && !geo_column_same(c, r, c, (size_t)t->row_of[g]))
            row_of[g] = -1;
    }
    for (size_t r = 0; r < s->rows_n; r++) {
        const size_t g = (size_t)p->group[r];
        index[r] = g == t->groups_n ? -1 : row_of ? row_of[g] : (int32_t)g;
    }
    return index;
}

/* The areas' own columns: key, fields, and the shape when it was kept. */
static geo_status add_area_columns(page *p, geo_err *err)
{
    const step *last = last_step(p->sheet.j);
    const size_t rows_n = geo_table_rows(last->table);
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < geo_table_schema(last->table)->fields_n; i++) {
        int32_t *index = rows_to_show(p, &geo_table_columns(last->table)[i], rows_n);
        st = index ? geo_sheet_field(&p->sheet, last, i, index, err) : geo_err_nomem(err);
    }
    return st < 0 || !p->sheet.j->o->out_crs ? st : geo_sheet_move(&p->sheet, rows_n, err);
}

/* Counts, or the sums of a measure, for every so many of the denominator; none where that is not above zero. */
static geo_status add_rate(page *p, const char *of, const measure *m, geo_err *err)
{
    const join *j = p->sheet.j;
    double *values = NULL, below;
    bool *there = NULL;
    size_t at;
    geo_status st = find_denominator(j, &at, err);
    if (st == GEO_OK)
        st = new_numbers(p, &values, &there, err);
    if (st < 0)
        return st;
    const geo_column *c = &geo_table_columns(last_step(j)->table)[at];
    const int32_t *row = rows_to_show(p, c, geo_table_rows(last_step(j)->table));
    const char *name = geo_sheet_name(&p->sheet, of, "rate", 4);
    if (!row || !name)
        return geo_err_nomem(err);
    for (size_t r = 0; r < p->sheet.rows_n; r++) {
        const size_t g = (size_t)p->group[r];
        there[r] = row[r] >= 0 && (!m || has_sum(m, g)) && geo_column_number(c, (size_t)row[r], &below) && below > 0;
        values[r] = there[r] ? j->o->rate_per * (m ? geo_sum_value(&m->total[g]) : (double)j->tally->count[g]) / below : 0;
    }
    return geo_sheet_numbers(&p->sheet, name, values, there, err);
}

geo_status geo_tally_write(join *j, geo_err *err)
{
    const tally *t = j->tally;
    const char *count_name = j->o->count_name ? j->o->count_name : "count";
    page p = {{0}, NULL};
    geo_status st = geo_sheet_start(
        &p.sheet, j,
        geo_table_schema(last_step(j)->table)->fields_n + 3 + 4 * t->measures_n + (t->categories ? geo_pool_count(t->categories) : 0), err);
    if (st == GEO_OK)
        st = geo_sheet_choose(&p.sheet, t->count, t->groups_n, &p.group, err);
    if (st == GEO_OK)
        st = add_area_columns(&p, err);
    if (st == GEO_OK)
        st = add_counts(&p, count_name, t->count, err);
    if (st == GEO_OK && t->categories)
        st = add_categories(&p, count_name, err);
    for (size_t i = 0; st == GEO_OK && i < t->measures_n; i++) {
        const measure *m = &t->measures[i];
        if (m->sum)
            st = add_measure_column(&p, m, false, err);
        if (st == GEO_OK && m->mean)
            st = add_measure_column(&p, m, true, err);
        if (st == GEO_OK)
            st = add_counts(&p, geo_sheet_name(&p.sheet, m->field, "missing", 7), m->missing_n, err);
    }
    if (st == GEO_OK && j->o->denominator)
        st = add_rate(&p, count_name, NULL, err);
    for (size_t i = 0; st == GEO_OK && j->o->denominator && i < t->measures_n; i++)
        if (t->measures[i].sum)
            st = add_rate(&p, t->measures[i].sum_name ? t->measures[i].sum_name : t->measures[i].field, &t->measures[i], err);
    return st < 0 ? st : geo_sheet_write(&p.sheet, err);
}
