/* Reading a table into a cube: the rows, by the numbers of their texts. */
#include "cube_rows.h"

#include "../core/trim.h"
#include "../table/column.h"
#include "geo/cellkey.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define JOINT_MARK '+' /* between their names, and their texts */
#define LARGEST_COUNT ((int64_t)1 << 52)

/* Counts that are none. */
enum { COUNT_TEXT = -2, COUNT_NEGATIVE = -3, COUNT_FRACTION = -4, COUNT_EMPTY = -5, COUNT_LARGE = -6 };

static const char *shown(const geo_cube *c)
{
    return geo_name_shown(c->o->file);
}

/* ---- counts ---- */

static const char *const CONFIDENTIAL[] = {"[c]", NULL};

bool geo_cube_is_mark(const geo_sdc_table *o, const char *s, size_t n)
{
    if (!o->marks && o->policy && geo_policy_is_mark(o->policy, s, n))
        return true;
    for (const char *const *mark = o->marks ? o->marks : CONFIDENTIAL; *mark; mark++) {
        const char *equals = strrchr(*mark, '=');
        const size_t m = equals ? (size_t)(equals - *mark) : strlen(*mark);
        if (m == n && memcmp(*mark, s, n) == 0)
            return true;
    }
    return false;
}

static int64_t count_of(const geo_sdc_table *o, const geo_column *column, size_t r)
{
    double value;
    if (!geo_column_number(column, r, &value)) {
        size_t n;
        const char *s = geo_column_text(column, r, &n);
        if (!s)
            return column->type == GEO_DOUBLE && !geo_column_is_null(column, r) ? COUNT_TEXT : COUNT_EMPTY;
        geo_trim(&s, &n);
        return !n ? COUNT_EMPTY : geo_cube_is_mark(o, s, n) ? CUBE_HIDDEN : COUNT_TEXT;
    }
    return !isfinite(value)                ? COUNT_TEXT
           : value < 0                     ? COUNT_NEGATIVE
           : value != floor(value)         ? COUNT_FRACTION
           : value > (double)LARGEST_COUNT ? COUNT_LARGE
                                           : (int64_t)value;
}

static geo_status work(void *ctx, geo_parcel *p, geo_err *err)
{
    const cube_rows *r = ctx;
    const size_t n = p->in->rows_n;
    int64_t *counts = geo_arena_array(p->arena, n * r->counts_n + 1, sizeof *counts);
    if (!counts)
        return geo_err_nomem(err);
    for (size_t k = 0; k < r->counts_n; k++)
        for (size_t i = 0; i < n; i++)
            counts[i * r->counts_n + k] = count_of(r->c->o, &p->in->columns[r->count_at[k]], i);
    p->extra = counts;
    return GEO_OK;
}

static geo_status bad_count(const cube_rows *r, const geo_batch *b, size_t row, size_t k, int64_t what, geo_err *err)
{
    static const char *const WHAT[] = {
        [-COUNT_TEXT] = "is neither a number nor one of the marks for a hidden count (--mark)",
        [-COUNT_NEGATIVE] = "is negative",
        [-COUNT_FRACTION] = "is no whole number",
        [-COUNT_EMPTY] = "is empty",
        [-COUNT_LARGE] = "is too large for a count",
    };
    return geo_err_set(err, GEO_EFORMAT, "'%s' %s %lld: the count in field '%s' %s", shown(r->c), r->c->unit,
                       (long long)geo_batch_line(b, row), r->c->o->counts[k], WHAT[-what]);
}

/* ---- rows ---- */

/* Text of one field without the blanks around it. */
static const char *text_of(const geo_column *column, size_t r, char room[GEO_VALUE_ROOM], size_t *n)
{
    const char *s = geo_column_print(column, r, room, n);
    if (s)
        geo_trim(&s, n);
    return s;
}

/* Texts of a variable, one after another; of several fields joined by a mark, unless all are empty. */
static geo_status variable_texts(const cube_rows *r, const geo_batch *b, size_t i, geo_arena *arena, geo_key_texts *out, geo_err *err)
{
    size_t total = 0, len;
    char room[GEO_VALUE_ROOM];
    for (size_t k = 0; k < r->names_n[i]; k++)
        for (size_t row = 0; row < b->rows_n; row++) {
            text_of(&b->columns[r->field[i][k]], row, room, &len);
            total += len + 1;
        }
    out->offsets = geo_arena_array(arena, b->rows_n + 1, sizeof *out->offsets);
    out->bytes = geo_arena_alloc(arena, total);
    if (!out->offsets || !out->bytes)
        return geo_err_nomem(err);
    char *at = out->bytes;
    for (size_t row = 0; row < b->rows_n; row++) {
        char *start = at;
        bool any = false;
        out->offsets[row] = start - out->bytes;
        for (size_t k = 0; k < r->names_n[i]; k++) {
            const char *s = text_of(&b->columns[r->field[i][k]], row, room, &len);
            any = any || len;
            if (k)
                *at++ = JOINT_MARK;
            if (len)
                memcpy(at, s, len);
            at += len;
        }
        at = any ? at : start;
    }
    out->offsets[b->rows_n] = at - out->bytes;
    return GEO_OK;
}

/* The numbers of one variable's texts, appended. */
static geo_status add_texts(cube_rows *r, const geo_parcel *p, size_t i, geo_err *err)
{
    const size_t n = p->in->rows_n;
    geo_vec *ids = &r->ids[i];
    geo_key_texts texts;
    if (!geo_vec_reserve(ids, n, sizeof(int32_t)))
        return geo_err_nomem(err);
    int32_t *fill = (int32_t *)ids->items + ids->n;
    ids->n += n;
    if (cube_is_grid(r->c, i)) {
        geo_status st = geo_grid_texts(&p->in->columns[r->points_at], n, r->c->o->grid_m[0], r->transform, p->arena, &texts, err);
        return st < 0 ? st : geo_pool_add_many(r->pool[i], texts.offsets, texts.bytes, n, fill, err);
    }
    if (r->c->v[i].areas) {
        const geo_column *column = &p->in->columns[r->field[i][0]];
        if (!r->begun)
            geo_keys_guess(r->keys, r->c->v[i].field, column, n);
        geo_status st = geo_keys_normalise(r->keys, column, n, p->arena, &texts, err);
        if (st == GEO_OK)
            st = geo_keys_add(r->keys, &texts, n, fill, err);
        for (size_t k = 0; st == GEO_OK && k < n; k++)
            r->blank[i] = r->blank[i] || fill[k] < 0;
        return st;
    }
    geo_status st = variable_texts(r, p->in, i, p->arena, &texts, err);
    if (st == GEO_OK)
        st = geo_pool_add_many(r->pool[i], texts.offsets, texts.bytes, n, fill, err);
    for (size_t k = 0; st == GEO_OK && k < n; k++)
        r->blank[i] = r->blank[i] || fill[k] < 0;
    return st;
}

static geo_status add_record_keys(cube_rows *r, const geo_batch *b, geo_err *err)
{
    if (!geo_vec_reserve(&r->record_keys, b->rows_n, sizeof(uint64_t)))
        return geo_err_nomem(err);
    uint64_t *fill = (uint64_t *)r->record_keys.items + r->record_keys.n;
    for (size_t k = 0; k < b->rows_n; k++) {
        char room[GEO_VALUE_ROOM];
        size_t n;
        const char *s = geo_column_print(&b->columns[r->id_at], k, room, &n);
        if (!s || !n)
            return geo_err_set(err, GEO_EFORMAT, "'%s' %s %lld: the id in field '%s' is empty, and cell keys are made of ids", shown(r->c),
                               r->c->unit, (long long)geo_batch_line(b, k), r->c->o->id);
        fill[k] = geo_record_key(r->secret, s, n);
    }
    r->record_keys.n += b->rows_n;
    return GEO_OK;
}

/* What each row adds to the amount, and who: the record itself where nobody says. */
static geo_status add_parts(cube_rows *r, const geo_batch *b, geo_err *err)
{
    const geo_sdc_table *o = r->c->o;
    if (!geo_vec_reserve(&r->parts, b->rows_n, sizeof(cube_part)))
        return geo_err_nomem(err);
    for (size_t k = 0; k < b->rows_n; k++) {
        cube_part part = {.who = (int32_t)r->parts.n};
        char room[GEO_VALUE_ROOM];
        size_t n = 0;
        const char *s = r->who_at >= 0 ? text_of(&b->columns[r->who_at], k, room, &n) : NULL;
        if (!geo_column_number(&b->columns[r->value_at], k, &part.amount) || !isfinite(part.amount) || part.amount < 0)
            return geo_err_set(err, GEO_EFORMAT, "'%s' %s %lld: the amount in field '%s' is no number, or negative", shown(r->c),
                               r->c->unit, (long long)geo_batch_line(b, k), o->value);
        if (r->who_at >= 0 && !n)
            return geo_err_set(err, GEO_EFORMAT, "'%s' %s %lld: nobody contributes: field '%s' is empty", shown(r->c), r->c->unit,
                               (long long)geo_batch_line(b, k), o->contributor);
        const geo_status st = n ? geo_pool_add(r->who, s, n, &part.who, NULL, err) : GEO_OK;
        if (st < 0)
            return st;
        ((cube_part *)r->parts.items)[r->parts.n++] = part;
    }
    return GEO_OK;
}

static geo_status put(void *ctx, const geo_parcel *p, geo_err *err)
{
    cube_rows *r = ctx;
    geo_cube *c = r->c;
    const geo_batch *b = p->in;
    const int64_t *counts = p->extra;
    for (size_t i = 0; i < b->rows_n * r->counts_n; i++)
        if (counts[i] < CUBE_HIDDEN)
            return bad_count(r, &p->out, i / r->counts_n, i % r->counts_n, counts[i], err);
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < r->fields_n; i++)
        st = add_texts(r, p, i, err);
    r->begun = true;
    if (st == GEO_OK && r->id_at >= 0)
        st = add_record_keys(r, &p->out, err);
    if (st == GEO_OK && r->value_at >= 0)
        st = add_parts(r, &p->out, err);
    if (st < 0)
        return st;
    if (!geo_vec_append(&r->counts, counts, b->rows_n * r->counts_n, sizeof(int64_t))
        || !geo_vec_reserve(&r->lines, b->rows_n, sizeof(uint32_t)))
        return geo_err_nomem(err);
    for (size_t k = 0; k < b->rows_n; k++) {
        c->class_ = geo_class_join(c->class_, geo_batch_class(b, k));
        ((uint32_t *)r->lines.items)[r->lines.n++] = (uint32_t)geo_batch_line(&p->out, k);
    }
    if (r->lines.n > INT32_MAX)
        return geo_err_set(err, GEO_ENOMEM, "the table has more than 2,147,483,647 rows");
    return GEO_OK;
}

/* ---- fields ---- */

static geo_status add_variable(cube_rows *r, const char *field, bool areas, geo_err *err)
{
    geo_cube *c = r->c;
    if (c->variables_n == CUBE_VARIABLES)
        return geo_err_set(err, GEO_EARG, "a table can go by %d variables at most", CUBE_VARIABLES);
    if (!field)
        return geo_err_nomem(err);
    const size_t i = c->variables_n++;
    c->v[i].field = field;
    c->v[i].areas = areas;
    for (const char *s = field;; s++) {
        const size_t n = areas ? strlen(s) : strcspn(s, "+");
        if (r->names_n[i] == JOINT)
            return geo_err_set(err, GEO_EARG, "%d fields at most make one category together", JOINT);
        if (!(r->names[i][r->names_n[i]++] = geo_arena_text(&c->arena, s, n)))
            return geo_err_nomem(err);
        s += n;
        if (!*s)
            return GEO_OK;
    }
}

/* Variables by what the caller names; they are fields, but for that of several fields of counts. */
static geo_status plan_variables(cube_rows *r, geo_err *err)
{
    geo_cube *c = r->c;
    const geo_sdc_table *o = c->o;
    geo_status st = GEO_OK;
    if (o->area && o->grid_n)
        return geo_err_set(err, GEO_EARG, "areas are either squares of a grid or those of a field");
    if (o->grid_n) {
        c->v[c->variables_n].areas = true;
        c->v[c->variables_n++].field = "grid";
    }
    if (o->area) {
        const char *equals = strchr(o->area, '=');
        st = add_variable(r, geo_arena_text(&c->arena, o->area, equals ? (size_t)(equals - o->area) : strlen(o->area)), true, err);
    }
    for (const char *const *by = o->by; st == GEO_OK && by && *by; by++)
        st = add_variable(r, *by, false, err);
    if (st == GEO_OK && c->variables_n == 0)
        st = geo_err_set(err, GEO_EARG, "name what the table goes by: --area FIELD, --by FIELD");
    r->fields_n = c->variables_n;
    while (o->counts && o->counts[r->counts_n])
        r->counts_n++;
    if (st == GEO_OK && r->counts_n > 1) {
        if (c->variables_n == CUBE_VARIABLES)
            return geo_err_set(err, GEO_EARG, "a table can go by %d variables at most", CUBE_VARIABLES);
        c->variables_n++;
    }
    return st;
}

static geo_status bind_fields(cube_rows *r, const geo_schema *schema, geo_err *err)
{
    geo_cube *c = r->c;
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < r->fields_n; i++)
        for (size_t k = 0; st == GEO_OK && k < r->names_n[i]; k++)
            st = geo_schema_pick(schema, r->names[i][k], &r->field[i][k], err);
    if (st == GEO_OK && c->o->grid_n) {
        const ptrdiff_t at = geo_schema_geometry(schema);
        bool same = true;
        r->points_at = (size_t)at; /* the reader has promised it */
        st = geo_crs_same(schema->fields[at].crs, GEO_GRID_CRS, &same, err);
        if (st == GEO_OK && !same)
            st = geo_transform_new(schema->fields[at].crs, GEO_GRID_CRS, &c->o->moving, &r->transform, err);
    }
    r->count_at = geo_arena_array(&c->arena, r->counts_n + 1, sizeof *r->count_at);
    if (!r->count_at)
        return geo_err_nomem(err);
    for (size_t k = 0; st == GEO_OK && k < r->counts_n; k++)
        st = geo_schema_pick(schema, c->o->counts[k], &r->count_at[k], err);
    const char *const names[] = {r->secret ? c->o->id : NULL, c->o->value, c->o->value ? c->o->contributor : NULL};
    ptrdiff_t *const places[] = {&r->id_at, &r->value_at, &r->who_at};
    for (size_t k = 0; k < 3; k++) {
        size_t at = 0;
        if (st == GEO_OK && names[k])
            st = geo_schema_pick(schema, names[k], &at, err);
        *places[k] = names[k] ? (ptrdiff_t)at : -1;
    }
    return st < 0 ? geo_err_wrap(err, st, "'%s'", shown(c)) : GEO_OK;
}

static geo_status read_rows(cube_rows *r, geo_err *err)
{
    geo_cube *c = r->c;
    const geo_sdc_table *o = c->o;
    geo_reader_options options = o->reading;
    options.raise = o->raise;
    options.watch = o->watch;
    options.steady = true;
    const char **columns = geo_arena_array(&c->arena, JOINT * r->fields_n + r->counts_n + 4, sizeof *columns);
    if (!columns)
        return geo_err_nomem(err);
    size_t n = 0;
    for (size_t i = 0; i < r->fields_n; i++)
        for (size_t k = 0; k < r->names_n[i]; k++)
            columns[n++] = r->names[i][k];
    for (size_t k = 0; k < r->counts_n; k++)
        columns[n++] = o->counts[k];
    if (r->secret)
        columns[n++] = o->id;
    if (o->value)
        columns[n++] = o->value;
    if (o->value && o->contributor)
        columns[n++] = o->contributor;
    columns[n] = NULL;
    options.columns = columns;
    options.want_geometry = o->grid_n > 0;
    options.keys = columns; /* codes stay as they are written */
    geo_reader *reader = NULL;
    geo_status st = geo_label_find(o->file, o->policy, &options.label, o->watch, err);
    if (st == GEO_OK)
        st = geo_reader_open(o->file, &options, &reader, err);
    if (st < 0)
        return st;
    st = bind_fields(r, geo_reader_schema(reader), err);
    c->unit = geo_reader_unit(reader);
    c->class_ = o->raise; /* the rows raise it */
    const geo_flow flow = {.work = work, .put = put, .ctx = r};
    if (st == GEO_OK)
        st = geo_flow_run(reader, &flow, o->threads, NULL, err);
    if (st == GEO_OK) {
        c->faults = *geo_reader_faults(reader);
        c->rows_n = (int64_t)r->lines.n;
        if (!c->rows_n)
            st = geo_err_set(err, GEO_EFORMAT, "'%s' has no rows", shown(c));
    }
    geo_reader_close(reader);
    return st;
}

static geo_status begin(cube_rows *r, const geo_sdc_table *o, const uint8_t *secret, geo_err *err)
{
    r->secret = secret;
    if (!(r->c = calloc(1, sizeof *r->c)))
        return geo_err_nomem(err);
    r->c->o = o;
    geo_status st = plan_variables(r, err);
    if (st == GEO_OK && secret && !o->id)
        st = geo_err_set(err, GEO_EARG, "cell keys are made of ids: name their field with --id");
    if (st == GEO_OK && o->value && o->counts)
        st = geo_err_set(err, GEO_EARG, "an amount is of records, and these rows are cells with their counts");
    if (st == GEO_OK && !(r->who = geo_pool_new()))
        st = geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < r->fields_n; i++)
        if (r->c->v[i].areas && !cube_is_grid(r->c, i) ? !(r->keys = geo_keys_new()) : !(r->pool[i] = geo_pool_new()))
            st = geo_err_nomem(err);
    return st;
}

geo_status geo_cube_read(const geo_sdc_table *o, const uint8_t *secret, geo_cube **out, geo_err *err)
{
    cube_rows r = {0};
    geo_status st = begin(&r, o, secret, err);
    if (st == GEO_OK)
        st = read_rows(&r, err);
    if (st == GEO_OK)
        st = geo_cube_fill(&r, err);
    geo_keys_free(r.keys);
    geo_pool_free(r.who);
    geo_transform_free(r.transform);
    geo_vec_clear(&r.parts);
    for (size_t i = 0; i < CUBE_VARIABLES; i++) {
        geo_pool_free(r.pool[i]);
        geo_vec_clear(&r.ids[i]);
    }
    geo_vec_clear(&r.counts);
    geo_vec_clear(&r.record_keys);
    geo_vec_clear(&r.lines);
    if (st < 0) {
        geo_cube_free(r.c);
        return st;
    }
    *out = r.c;
    return GEO_OK;
}
