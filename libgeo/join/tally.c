/*
 * Counts and sums by the area of the last step, in the pass over the records. Adding up happens in the order of the file, with
 * compensation (Neumaier 1974), so the sums are the same with any number of threads. A value that is missing, suppressed or no number is
 * never taken for zero: it is left out, and counted in a column of its own.
 */
#include "join.h"

#include "../core/trim.h"
#include "../table/column.h"
#include "geo/pool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_CATEGORIES 1000

/* One summed or averaged field. */
typedef struct measure {
    const char *field;
    size_t at;             /* in the records */
    bool sum, mean;        /* which of them comes out */
    double *total, *carry; /* groups_n */
    int64_t *used_n, *missing_n;
} measure;

struct tally {
    size_t groups_n;   /* and one more for records without */
    int32_t *group_of; /* row of the step to group, negative: none; NULL: the same */
    int32_t *row_of;   /* group to a row of the step that shows it */
    int64_t *count;
    measure *measures;
    size_t measures_n;
    ptrdiff_t by_at;
    geo_pool *categories;
    geo_vec by_counts; /* int64_t, categories x (groups_n + 1), category after category */
};

/* ---- setting up ---- */

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

static geo_status add_measure(tally *t, const geo_schema *records, const char *field, bool mean, geo_err *err)
{
    size_t at;
    const geo_status st = geo_schema_pick(records, field, &at, err);
    if (st < 0)
        return st;
    for (size_t i = 0; i < t->measures_n; i++)
        if (t->measures[i].at == at) {
            *(mean ? &t->measures[i].mean : &t->measures[i].sum) = true;
            return GEO_OK;
        }
    measure *m = &t->measures[t->measures_n];
    *m = (measure){.field = records->fields[at].name, .at = at, .sum = !mean, .mean = mean};
    m->total = calloc(t->groups_n + 1, sizeof *m->total);
    m->carry = calloc(t->groups_n + 1, sizeof *m->carry);
    m->used_n = calloc(t->groups_n + 1, sizeof *m->used_n);
    m->missing_n = calloc(t->groups_n + 1, sizeof *m->missing_n);
    t->measures_n++;
    return m->total && m->carry && m->used_n && m->missing_n ? GEO_OK : geo_err_nomem(err);
}

geo_status geo_tally_new(join *j, geo_err *err)
{
    const geo_schema *records = geo_reader_schema(j->reader);
    const step *s = last_step(j);
    if (j->o->out_crs && (!s->by_place || geo_join_to_csv(j))) /* told before the work, not after */
        return geo_join_plan_move(j, NULL, err);
    tally *t = j->tally = calloc(1, sizeof *t);
    if (!t)
        return geo_err_nomem(err);
    geo_status st = GEO_OK;
    size_t measures_n = 0;
    for (const char *const *f = j->o->sums; f && *f; f++)
        measures_n++;
    for (const char *const *f = j->o->means; f && *f; f++)
        measures_n++;
    t->measures = calloc(measures_n + 1, sizeof *t->measures);
    if (!s->by_place)
        st = group_rows(t, s->table, err);
    else
        t->groups_n = geo_table_rows(s->table);
    t->count = calloc(t->groups_n + 1, sizeof *t->count);
    if (st == GEO_OK && (!t->measures || !t->count))
        st = geo_err_nomem(err);
    for (const char *const *f = j->o->sums; st == GEO_OK && f && *f; f++)
        st = add_measure(t, records, *f, false, err);
    for (const char *const *f = j->o->means; st == GEO_OK && f && *f; f++)
        st = add_measure(t, records, *f, true, err);
    t->by_at = -1;
    if (st == GEO_OK && j->o->by) {
        size_t at = 0;
        st = geo_schema_pick(records, j->o->by, &at, err);
        t->by_at = (ptrdiff_t)at;
        if (st == GEO_OK && !(t->categories = geo_pool_new()))
            st = geo_err_nomem(err);
    }
    return st;
}

void geo_tally_free(tally *t)
{
    if (!t)
        return;
    for (size_t i = 0; t->measures && i < t->measures_n; i++) {
        free(t->measures[i].total);
        free(t->measures[i].carry);
        free(t->measures[i].used_n);
        free(t->measures[i].missing_n);
    }
    free(t->measures);
    free(t->group_of);
    free(t->row_of);
    free(t->count);
    geo_pool_free(t->categories);
    geo_vec_clear(&t->by_counts);
    free(t);
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

static void add_number(measure *m, size_t g, double v)
{
    if (isnan(v)) {
        m->missing_n[g]++;
        return;
    }
    const double sum = m->total[g] + v;
    m->carry[g] += fabs(m->total[g]) >= fabs(v) ? (m->total[g] - sum) + v : (v - sum) + m->total[g];
    m->total[g] = sum;
    m->used_n[g]++;
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

geo_status geo_tally_add(join *j, const geo_parcel *p, const found *f, geo_err *err)
{
    tally *t = j->tally;
    const geo_batch *b = p->in;
    const int32_t *row = f->row[j->o->steps_n - 1];
    for (size_t r = 0; r < b->rows_n; r++) {
        const int32_t group = !f->matched[r] ? -1 : t->group_of ? t->group_of[row[r]] : row[r];
        const size_t g = group < 0 ? t->groups_n : (size_t)group;
        t->count[g]++;
        for (size_t i = 0; i < t->measures_n; i++)
            add_number(&t->measures[i], g, f->number[i][r]);
        if (t->by_at >= 0) {
            const geo_status st = add_category(t, &b->columns[t->by_at], r, g, err);
            if (st < 0)
                return st;
        }
    }
    return GEO_OK;
}

/* ---- writing ---- */

typedef struct sheet {
    join *j;
    geo_field *fields;
    geo_column *columns;
    size_t n;
    const int32_t *group; /* of each row of the output */
    size_t rows_n;
} sheet;

static geo_status add_column(sheet *s, const char *name, geo_column column, geo_err *err)
{
    const geo_schema so_far = {s->n, s->fields};
    if (!name)
        return geo_err_nomem(err);
    if (geo_names_class(name))
        return geo_err_set(err, GEO_EARG, "'" GEO_CLASS_COLUMN "' is the column of classes: call the other one something else");
    const ptrdiff_t same = geo_schema_find(&so_far, name);
    const bool csv = geo_join_to_csv(s->j);
    if (same >= 0 && strcmp(so_far.fields[same].name, name) == 0)
        return geo_err_set(err, GEO_EARG,
                           "two columns would have the same name: name the count with --count=NAME, or attach fields as FIELD:NEW_NAME");
    if (same >= 0 && !csv)
        return geo_err_set(err, GEO_EARG,
                           "two columns would have names that differ only in capital letters, which few formats can hold: write .csv, or "
                           "attach fields as FIELD:NEW_NAME");
    s->fields[s->n] = (geo_field){.name = name, .type = column.type};
    s->columns[s->n++] = column;
    return GEO_OK;
}

static geo_status add_counts(sheet *s, const char *name, const int64_t *by_group, geo_err *err)
{
    int64_t *values = geo_arena_array(&s->j->arena, s->rows_n + 1, sizeof *values);
    if (!values)
        return geo_err_nomem(err);
    for (size_t r = 0; r < s->rows_n; r++)
        values[r] = by_group[s->group[r]];
    return add_column(s, name, (geo_column){.type = GEO_INT, .held = true, .values = values}, err);
}

static const char *join_names(sheet *s, const char *a, const char *b, size_t bn)
{
    const size_t an = strlen(a);
    char *name = geo_arena_alloc(&s->j->arena, an + bn + 2);
    if (name) {
        memcpy(name, a, an);
        name[an] = '_';
        memcpy(name + an + 1, b, bn);
        name[an + 1 + bn] = '\0';
    }
    return name;
}

/* A sum of nothing is empty, not zero, when there were records whose value is not known. */
static geo_status add_measure_columns(sheet *s, const measure *m, bool mean, geo_err *err)
{
    double *values = geo_arena_array(&s->j->arena, s->rows_n + 1, sizeof *values);
    uint8_t *valid = geo_arena_alloc(&s->j->arena, s->rows_n / 8 + 1);
    if (!values || !valid)
        return geo_err_nomem(err);
    memset(valid, 0, s->rows_n / 8 + 1);
    for (size_t r = 0; r < s->rows_n; r++) {
        const int32_t g = s->group[r];
        const double total = m->total[g] + m->carry[g];
        if (!isfinite(total))
            return geo_err_set(err, GEO_EFORMAT, "the sum of field '%s' has gone beyond the largest number there is", m->field);
        const bool there = m->used_n[g] > 0 || (!mean && m->missing_n[g] == 0);
        values[r] = there ? (mean ? total / (double)m->used_n[g] : total) : 0;
        valid[r / 8] |= (uint8_t)(there << r % 8);
    }
    const char *suffix = mean ? "mean" : "sum";
    return add_column(s, join_names(s, m->field, suffix, strlen(suffix)),
                      (geo_column){.type = GEO_DOUBLE, .held = true, .values = values, .valid = valid}, err);
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

static geo_status add_categories(sheet *s, const char *count_name, geo_err *err)
{
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
        const char *name = join_names(s, count_name, text, all[i].n ? all[i].n : strlen(nothing));
        st = add_counts(s, name, (const int64_t *)t->by_counts.items + (size_t)all[i].id * (t->groups_n + 1), err);
    }
    return st;
}

/* Groups that come out, in the order of the areas; the records without an area last, under an empty key. */
static geo_status choose_groups(sheet *s, geo_err *err)
{
    const tally *t = s->j->tally;
    const geo_join_options *o = s->j->o;
    int32_t *group = geo_arena_array(&s->j->arena, t->groups_n + 2, sizeof *group);
    if (!group)
        return geo_err_nomem(err);
    for (size_t g = 0; g < t->groups_n; g++)
        if (o->unmatched != GEO_UNMATCHED_ONLY && (o->all_areas || t->count[g]))
            group[s->rows_n++] = (int32_t)g;
    if (o->unmatched != GEO_UNMATCHED_DROP && t->count[t->groups_n])
        group[s->rows_n++] = (int32_t)t->groups_n;
    s->group = group;
    return GEO_OK;
}

/* The row of the step that shows a column of each group, by row of the output: none where the rows of a group differ. */
static int32_t *rows_to_show(sheet *s, const geo_column *c, size_t rows_n)
{
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
        const size_t g = (size_t)s->group[r];
        index[r] = g == t->groups_n ? -1 : row_of ? row_of[g] : (int32_t)g;
    }
    return index;
}

/* The shapes go to --out-crs all of them, or none. */
static geo_status move_areas(sheet *s, size_t rows_n, geo_err *err)
{
    const geo_schema so_far = {s->n, s->fields};
    const ptrdiff_t at = geo_schema_geometry(&so_far);
    bool *unmoved = geo_arena_alloc(&s->j->arena, rows_n + 1);
    geo_status st = unmoved ? geo_join_plan_move(s->j, at < 0 ? NULL : &s->fields[at], err) : geo_err_nomem(err);
    if (st == GEO_OK)
        st = geo_join_move(s->j->out_transform, &s->columns[at], rows_n, &s->j->arena, unmoved, err);
    for (size_t r = 0; st == GEO_OK && r < rows_n; r++)
        if (unmoved[r])
            st = geo_err_set(err, GEO_EGEOM, "area %zu has vertices that cannot be moved to --out-crs", r + 1);
    return st;
}

/* The areas' own columns: key, fields, and the shape when it was kept. */
static geo_status add_area_columns(sheet *s, geo_err *err)
{
    const step *last = last_step(s->j);
    const geo_schema *schema = geo_table_schema(last->table);
    const geo_column *columns = geo_table_columns(last->table);
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < schema->fields_n; i++) {
        geo_column c = columns[i];
        c.index = rows_to_show(s, &c, geo_table_rows(last->table));
        if (!c.index)
            return geo_err_nomem(err);
        st = add_column(s, i < last->fields_n ? last->names[i] : schema->fields[i].name, c, err);
        if (st == GEO_OK && schema->fields[i].type == GEO_GEOMETRY) {
            s->fields[s->n - 1].crs = schema->fields[i].crs;
            s->fields[s->n - 1].kind = GEO_POLYGON;
        }
    }
    return st < 0 || !s->j->o->out_crs ? st : move_areas(s, geo_table_rows(last->table), err);
}

static geo_status write_sheet(sheet *s, geo_err *err)
{
    join *j = s->j;
    const geo_schema schema = {s->n, s->fields};
    geo_writer_options writing = j->o->writing;
    writing.watch = j->o->watch;
    writing.format = j->format;
    writing.text_fields_n = 0;
    geo_status st = geo_writer_open(j->o->output, &schema, &writing, &j->writer, err);
    if (st < 0)
        return st;
    geo_batch batch = {.rows_n = s->rows_n, .schema = &schema, .columns = s->columns, .class_ = geo_join_class(j)};
    geo_bytes bytes = {0};
    st = geo_writer_encode(j->writer, &batch, &bytes, err);
    if (st == GEO_OK && s->rows_n)
        st = geo_writer_put(j->writer, &batch, &bytes, err);
    geo_bytes_clear(&bytes);
    j->report->written_n = (int64_t)s->rows_n;
    return st;
}

geo_status geo_tally_write(join *j, geo_err *err)
{
    const tally *t = j->tally;
    const char *count_name = j->o->count_name ? j->o->count_name : "count";
    const size_t most =
        geo_table_schema(last_step(j)->table)->fields_n + 2 + 3 * t->measures_n + (t->categories ? geo_pool_count(t->categories) : 0);
    sheet s = {.j = j,
               .fields = geo_arena_array(&j->arena, most, sizeof(geo_field)),
               .columns = geo_arena_array(&j->arena, most, sizeof(geo_column))};
    if (!s.fields || !s.columns)
        return geo_err_nomem(err);
    geo_status st = choose_groups(&s, err);
    if (st == GEO_OK)
        st = add_area_columns(&s, err);
    if (st == GEO_OK)
        st = add_counts(&s, count_name, t->count, err);
    if (st == GEO_OK && t->categories)
        st = add_categories(&s, count_name, err);
    for (size_t i = 0; st == GEO_OK && i < t->measures_n; i++) {
        const measure *m = &t->measures[i];
        if (m->sum)
            st = add_measure_columns(&s, m, false, err);
        if (st == GEO_OK && m->mean)
            st = add_measure_columns(&s, m, true, err);
        if (st == GEO_OK)
            st = add_counts(&s, join_names(&s, m->field, "missing", 7), m->missing_n, err);
    }
    return st < 0 ? st : write_sheet(&s, err);
}
