/* Reading a table into a cube: rows first, by the numbers of their texts; then nodes; then cells. */
#include "cube.h"

#include "../core/trim.h"
#include "../table/column.h"
#include "geo/cellkey.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_CELLS ((size_t)1 << 31)
#define JOINT 6        /* fields that are one variable together */
#define JOINT_MARK '+' /* between their names, and their texts */
#define LARGEST_COUNT ((int64_t)1 << 52)

/* Counts that are none. */
enum { COUNT_TEXT = -2, COUNT_NEGATIVE = -3, COUNT_FRACTION = -4, COUNT_EMPTY = -5, COUNT_LARGE = -6 };

typedef struct reading {
    geo_cube *c;
    size_t fields_n;                          /* variables that are fields: */
    const char *names[CUBE_VARIABLES][JOINT]; /* one, or several together */
    size_t names_n[CUBE_VARIABLES], field[CUBE_VARIABLES][JOINT];
    size_t *count_at, counts_n;
    ptrdiff_t id_at, value_at, who_at; /* negative: not asked for */
    size_t points_at;                  /* of a grid */
    geo_transform *transform;
    geo_pool *who;
    geo_vec parts; /* cube_part of each row, without their cells */
    const uint8_t *secret;
    geo_keys *keys; /* of the areas */
    geo_pool *pool[CUBE_VARIABLES];
    bool blank[CUBE_VARIABLES];
    geo_vec ids[CUBE_VARIABLES]; /* int32_t of each row; negative: blank */
    geo_vec counts;              /* int64_t, counts_n of each row */
    geo_vec record_keys;         /* uint64_t of each row */
    geo_vec lines;               /* uint32_t */
    bool begun;
} reading;

static const char *shown(const geo_cube *c)
{
    return geo_name_shown(c->o->file);
}

/* ---- counts ---- */

static const char *const CONFIDENTIAL[] = {"[c]", NULL};

bool geo_cube_is_mark(const geo_sdc_table *o, const char *s, size_t n)
{
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
    const reading *r = ctx;
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

static geo_status bad_count(const reading *r, const geo_batch *b, size_t row, size_t k, int64_t what, geo_err *err)
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

/* Is this variable squares of a grid? */
static bool is_grid(const geo_cube *c, size_t i)
{
    return c->v[i].areas && c->o->grid_n;
}

/* Text of one field without the blanks around it. */
static const char *text_of(const geo_column *column, size_t r, char room[GEO_VALUE_ROOM], size_t *n)
{
    const char *s = geo_column_print(column, r, room, n);
    if (s)
        geo_trim(&s, n);
    return s;
}

/* Texts of a variable, one after another; of several fields joined by a mark, unless all are empty. */
static geo_status variable_texts(const reading *r, const geo_batch *b, size_t i, geo_arena *arena, geo_key_texts *out, geo_err *err)
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
static geo_status add_texts(reading *r, const geo_parcel *p, size_t i, geo_err *err)
{
    const size_t n = p->in->rows_n;
    geo_vec *ids = &r->ids[i];
    geo_key_texts texts;
    if (!geo_vec_reserve(ids, n, sizeof(int32_t)))
        return geo_err_nomem(err);
    int32_t *fill = (int32_t *)ids->items + ids->n;
    ids->n += n;
    if (is_grid(r->c, i)) {
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

static geo_status add_record_keys(reading *r, const geo_batch *b, geo_err *err)
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
static geo_status add_parts(reading *r, const geo_batch *b, geo_err *err)
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
    reading *r = ctx;
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

static geo_status add_variable(reading *r, const char *field, bool areas, geo_err *err)
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
static geo_status plan_variables(reading *r, geo_err *err)
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

static geo_status bind_fields(reading *r, const geo_schema *schema, geo_err *err)
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

static geo_status read_rows(reading *r, geo_err *err)
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

/* ---- nodes and cells ---- */

/* Fields of counts as a variable: a category each, and sums where the caller says so; nothing is all of them together. */
static geo_status count_variable(reading *r, cube_variable *v, geo_err *err)
{
    geo_cube *c = r->c;
    const geo_sdc_table *o = c->o;
    const uint32_t n = (uint32_t)r->counts_n;
    size_t sums_n = 0;
    while (o->sums && o->sums[sums_n])
        sums_n++;
    v->levels[0] = (cube_level){"", 0, n};
    v->levels_n = 1;
    v->nodes_n = n;
    v->nests[0][0] = true;
    v->level_of = geo_arena_alloc(&c->arena, n);
    v->text = geo_arena_array(&c->arena, n, sizeof *v->text);
    v->up[0] = geo_arena_array(&c->arena, n, sizeof **v->up);
    v->whole = geo_arena_array(&c->arena, sums_n + 1, sizeof *v->whole);
    v->part_at = geo_arena_array(&c->arena, sums_n + 1, sizeof *v->part_at);
    v->parts = geo_arena_array(&c->arena, sums_n * n + 1, sizeof *v->parts);
    if (!v->level_of || !v->text || !v->up[0] || !v->whole || !v->part_at || !v->parts)
        return geo_err_nomem(err);
    for (uint32_t k = 0; k < n; k++) {
        v->text[k] = o->counts[k];
        v->up[0][k] = k;
    }
    memset(v->level_of, 0, n);
    size_t parts_n = 0;
    v->part_at[0] = 0;
    for (size_t s = 0; s < sums_n; s++) {
        const char *p = o->sums[s];
        for (char mark = '='; mark; p += *p != '\0') {
            const size_t len = strcspn(p, "=+");
            uint32_t k = 0;
            while (k < n && (strlen(v->text[k]) != len || memcmp(v->text[k], p, len) != 0))
                k++;
            const bool first = p == o->sums[s];
            if (k == n || (first && p[len] != '=') || (!first && p[len] == '='))
                return geo_err_set(err, GEO_EARG, "'%s' is no sum of fields of counts, such as all=women+men", o->sums[s]);
            if (first)
                v->whole[v->sums_n++] = k;
            else if (parts_n < sums_n * n)
                v->parts[parts_n++] = k;
            p += len;
            mark = *p;
        }
        v->part_at[s + 1] = parts_n;
    }
    return GEO_OK;
}

static geo_status make_nodes(reading *r, uint32_t **node, geo_err *err)
{
    geo_cube *c = r->c;
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < r->fields_n; i++) {
        cube_variable *v = &c->v[i];
        const geo_pool *pool = v->areas && !is_grid(c, i) ? geo_keys_pool(r->keys) : r->pool[i];
        node[i] = geo_arena_array(&c->arena, geo_pool_count(pool) + 1, sizeof **node);
        st = !node[i]        ? geo_err_nomem(err)
             : is_grid(c, i) ? geo_cube_grid(c, v, pool, node[i], err)
             : v->areas      ? geo_cube_areas(c, v, r->keys, r->blank[i], node[i], err)
                             : geo_cube_categories(c, v, pool, r->blank[i], node[i], err);
        if (st == GEO_OK)
            st = geo_cube_relate(c, v, err);
    }
    if (st == GEO_OK && c->variables_n > r->fields_n)
        st = count_variable(r, &c->v[r->fields_n], err);
    if (st < 0)
        return st;
    c->cells_n = c->patterns_n = 1;
    for (size_t i = c->variables_n; i-- > 0;) {
        c->stride[i] = c->cells_n;
        if (c->v[i].nodes_n > MOST_CELLS / c->cells_n || c->v[i].levels_n > CUBE_PATTERNS / c->patterns_n)
            return geo_err_set(err, GEO_ENOMEM, "the table would have more than 2,147,483,648 cells: name fewer categories");
        c->cells_n *= c->v[i].nodes_n;
        c->patterns_n *= c->v[i].levels_n;
    }
    return GEO_OK;
}

static geo_status no_area(const reading *r, size_t row, size_t unknown_n, geo_err *err)
{
    const geo_cube *c = r->c;
    return geo_err_set(
        err, GEO_EFORMAT,
        "'%s' %s %lld: the area in field '%s' is not in the lookups, nor are those of %zu more rows: are they of another year?", shown(c),
        c->unit, (long long)((uint32_t *)r->lines.items)[row], c->v[0].field, unknown_n - 1);
}

/* The cell of a row, without the counts' own variable; whether it has no area where lookups know all of them, or one that they do not have. */
static size_t cell_of(const reading *r, uint32_t *const *node, size_t row, bool *blank, bool *unknown)
{
    const geo_cube *c = r->c;
    size_t cell = 0;
    *blank = *unknown = false;
    for (size_t i = 0; i < r->fields_n; i++) {
        const int32_t id = ((int32_t *)r->ids[i].items)[row];
        const uint32_t n = id >= 0 ? node[i][id] : 0; /* a blank category is the first */
        *blank = *blank || (id < 0 && c->v[i].areas && (c->o->lookups_n || c->o->grid_n));
        *unknown = *unknown || (id >= 0 && n == CUBE_NOWHERE);
        cell += (id >= 0 && n == CUBE_NOWHERE ? 0 : n) * c->stride[i];
    }
    return cell;
}

/* Put the rows into their cells. */
static geo_status fill(reading *r, uint32_t *const *node, geo_err *err)
{
    geo_cube *c = r->c;
    size_t unknown_n = 0, first_unknown = 0;
    for (size_t row = 0; row < r->lines.n; row++) {
        bool blank, unknown;
        const size_t cell = cell_of(r, node, row, &blank, &unknown);
        if (unknown && unknown_n++ == 0)
            first_unknown = row;
        if (blank)
            geo_faults_add(&c->faults, c->o->grid_n ? GEO_FAULT_PLACELESS : GEO_FAULT_NO_KEY, ((uint32_t *)r->lines.items)[row]);
        if (c->part)
            c->part[row].cell = blank || unknown ? CUBE_NOWHERE : (uint32_t)cell;
        if (blank || unknown)
            continue;
        if (c->records) {
            c->count[cell]++;
            if (c->key)
                c->key[cell] += ((uint64_t *)r->record_keys.items)[row];
            if (c->value)
                c->value[cell] += c->part[row].amount;
            continue;
        }
        for (size_t k = 0; k < r->counts_n; k++) {
            if (c->cell[cell + k] != GEO_CELL_UNSEEN)
                return geo_err_set(err, GEO_EFORMAT, "'%s' %s %lld: this cell stands in an earlier row already", shown(c), c->unit,
                                   (long long)((uint32_t *)r->lines.items)[row]);
            c->cell[cell + k] = GEO_CELL_SHOWN;
            c->count[cell + k] = ((int64_t *)r->counts.items)[row * r->counts_n + k];
        }
    }
    return unknown_n ? no_area(r, first_unknown, unknown_n, err) : GEO_OK;
}

/*
 * Cells that the table could have and has not are 0: those of areas that are in it, in the patterns that it has. (A table that was coarsened
 * has rows of some areas only; of the others it says nothing.)
 */
static geo_status fill_absent(reading *r, geo_err *err)
{
    geo_cube *c = r->c;
    const cube_variable *areas = r->fields_n && c->v[0].areas ? &c->v[0] : NULL;
    const size_t nodes_n = areas ? areas->nodes_n : 1, block = c->cells_n / nodes_n;
    bool *there = geo_arena_array(&c->arena, nodes_n, sizeof *there), several = false;
    c->shown = geo_arena_array(&c->arena, c->patterns_n, sizeof *c->shown);
    if (!there || !c->shown)
        return geo_err_nomem(err);
    memset(there, 0, nodes_n * sizeof *there);
    memset(c->shown, 0, c->patterns_n * sizeof *c->shown);
    for (size_t k = 0; k < c->cells_n; k++)
        if (c->cell[k] == GEO_CELL_SHOWN) {
            there[k / block] = true;
            c->shown[geo_cube_pattern(c, k)] = true;
        }
    for (uint32_t a = 0; areas && a + 1 < areas->nodes_n; a++)
        several = several || (there[a] && a >= areas->levels[0].n);
    for (uint32_t a = 0; areas && !several && a < areas->levels[0].n; a++)
        there[a] = true;
    for (size_t k = 0; k < c->cells_n; k++)
        if (c->cell[k] == GEO_CELL_UNSEEN && there[k / block] && c->shown[geo_cube_pattern(c, k)]) {
            c->cell[k] = GEO_CELL_SHOWN;
            c->count[k] = 0;
        }
    return GEO_OK;
}

static geo_status wrong_sum(const geo_cube *c, size_t cell, geo_err *err)
{
    char name[200];
    geo_cube_pattern_name(c, geo_cube_pattern(c, cell), name, sizeof name);
    return geo_err_set(err, GEO_EFORMAT, "'%s': the totals of %s do not add up (--rounded BASE says that counts were rounded)", shown(c),
                       name);
}

static geo_status build(reading *r, geo_err *err)
{
    geo_cube *c = r->c;
    uint32_t *node[CUBE_VARIABLES] = {0};
    geo_status st = make_nodes(r, node, err);
    if (st < 0)
        return st;
    c->records = !c->o->counts;
    c->count = malloc(c->cells_n * sizeof *c->count);
    c->cell = malloc(c->cells_n);
    c->key = r->secret ? calloc(c->cells_n, sizeof *c->key) : NULL;
    c->value = r->value_at >= 0 ? calloc(c->cells_n, sizeof *c->value) : NULL;
    if (!c->count || !c->cell || (r->secret && !c->key) || (r->value_at >= 0 && !c->value))
        return geo_err_nomem(err);
    c->part = r->parts.items;
    r->parts = (geo_vec){0};
    for (size_t k = 0; k < c->cells_n; k++) {
        c->count[k] = c->records && geo_cube_pattern(c, k) == 0 ? 0 : CUBE_HIDDEN;
        c->cell[k] = GEO_CELL_UNSEEN;
    }
    st = fill(r, node, err);
    if (st == GEO_OK && c->records) {
        c->shown = geo_arena_array(&c->arena, c->patterns_n, sizeof *c->shown);
        if (!c->shown)
            return geo_err_nomem(err);
        memset(c->shown, 0, c->patterns_n * sizeof *c->shown);
        for (size_t k = 0; k < c->cells_n; k++)
            if (geo_cube_pattern(c, k) == 0)
                c->cell[k] = GEO_CELL_SHOWN;
        c->shown[0] = true;
    } else if (st == GEO_OK)
        st = fill_absent(r, err);
    size_t wrong;
    if (st == GEO_OK && !c->o->rounded && !geo_cube_add_up(c, &wrong))
        st = wrong_sum(c, wrong, err);
    return st == GEO_OK ? geo_cube_tables(c, err) : st;
}

static geo_status begin(reading *r, const geo_sdc_table *o, const uint8_t *secret, geo_err *err)
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
        if (r->c->v[i].areas && !is_grid(r->c, i) ? !(r->keys = geo_keys_new()) : !(r->pool[i] = geo_pool_new()))
            st = geo_err_nomem(err);
    return st;
}

geo_status geo_cube_read(const geo_sdc_table *o, const uint8_t *secret, geo_cube **out, geo_err *err)
{
    reading r = {0};
    geo_status st = begin(&r, o, secret, err);
    if (st == GEO_OK)
        st = read_rows(&r, err);
    if (st == GEO_OK)
        st = build(&r, err);
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
