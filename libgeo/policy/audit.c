/* The attacker's audit of published tables. */
#include "audit.h"

#include "../core/trim.h"
#include "../table/column.h"
#include "cube_sheet.h"
#include "rules.h"
#include "geo/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

geo_status geo_audit_begin(geo_audit *a, geo_cube *c, geo_err *err)
{
    *a = (geo_audit){.c = c};
    a->low = malloc(c->cells_n * sizeof *a->low);
    a->high = malloc(c->cells_n * sizeof *a->high);
    a->hidden = calloc(c->cells_n, 1);
    a->shown = calloc(c->patterns_n, sizeof *a->shown);
    if (!a->low || !a->high || !a->hidden || !a->shown)
        return geo_err_nomem(err);
    for (size_t k = 0; k < c->cells_n; k++) {
        a->low[k] = 0;
        a->high[k] = INFINITY;
    }
    return GEO_OK;
}

void geo_audit_end(geo_audit *a)
{
    free(a->low);
    free(a->high);
    free(a->hidden);
    free(a->shown);
}

bool geo_audit_tell(geo_audit *a, size_t cell, int64_t count, int64_t off)
{
    const double low = (double)(count - off), high = (double)(count + off);
    a->shown[geo_cube_pattern(a->c, cell)] = true;
    a->low[cell] = fmax(a->low[cell], low);
    a->high[cell] = fmin(a->high[cell], high);
    return a->low[cell] <= a->high[cell];
}

/* ---- marks ---- */

/* What "MARK=LOW..HIGH" says of a hidden count; without it 0 or more. Of several marks the widest, since cells do not tell which they had. */
static geo_status bounds_of_marks(const geo_sdc_table *o, double *low, double *high, geo_err *err)
{
    *low = 0;
    *high = INFINITY;
    bool any = false;
    for (const char *const *mark = o->marks; mark && *mark; mark++) {
        const char *equals = strrchr(*mark, '='), *dots = equals ? strstr(equals, "..") : NULL;
        double l = 0, h = INFINITY;
        if (equals
            && (!dots || !geo_number_parse(equals + 1, (size_t)(dots - equals - 1), &l)
                || (dots[2] && !geo_number_parse(dots + 2, strlen(dots + 2), &h)) || l < 0 || h < l))
            return geo_err_set(err, GEO_EARG, "a mark stands alone, or with the least and the most that it hides: *=1..4");
        *low = any ? fmin(*low, l) : l;
        *high = any ? fmax(*high, h) : h;
        any = true;
    }
    return GEO_OK;
}

/* ---- further tables ---- */

typedef struct joined {
    size_t field[CUBE_VARIABLES], count_at;
    bool has[CUBE_VARIABLES];
} joined;

/* The name that a variable has in the further table. */
static const char *name_there(const geo_sdc_also *also, const char *variable, char *room, size_t size)
{
    for (const char *const *f = also->fields; f && *f; f++) {
        const char *equals = strchr(*f, '=');
        if (!equals || strcasecmp(equals + 1, variable) != 0 || (size_t)(equals - *f) >= size)
            continue;
        memcpy(room, *f, (size_t)(equals - *f));
        room[equals - *f] = '\0';
        return room;
    }
    return variable;
}

/* Variables that the further table does not have are taken all together. */
static geo_status bind(const geo_cube *c, const geo_sdc_also *also, const geo_schema *schema, joined *j, geo_err *err)
{
    bool any = false;
    for (size_t i = 0; i < c->variables_n; i++) {
        char room[256];
        const char *name = c->v[i].field ? name_there(also, c->v[i].field, room, sizeof room) : NULL;
        const ptrdiff_t at = name ? geo_schema_find(schema, name) : -1;
        if (name == room && at < 0)
            return geo_schema_missing(schema, name, err);
        any = any || at >= 0;
        j->has[i] = at >= 0;
        j->field[i] = at < 0 ? 0 : (size_t)at;
    }
    if (!any)
        return geo_err_set(err, GEO_EARG, "it has no field of the first table: say FIELD=VARIABLE");
    return geo_schema_pick(schema, also->count, &j->count_at, err);
}

/* The node of a text, or CUBE_NOWHERE: levels are sorted by text. */
static uint32_t find_node(const cube_variable *v, const char *s, size_t n)
{
    for (size_t l = 0; l < v->levels_n; l++) {
        uint32_t from = v->levels[l].first, to = from + v->levels[l].n;
        while (from < to) {
            const uint32_t mid = from + (to - from) / 2;
            const int order = geo_text_order(v->text[mid], strlen(v->text[mid]), s, n);
            if (order == 0)
                return mid;
            if (order < 0)
                from = mid + 1;
            else
                to = mid;
        }
    }
    return CUBE_NOWHERE;
}

/* The cell that a row of the further table speaks of; false: one that the first table does not have. */
static bool cell_of(const geo_cube *c, const joined *j, const geo_batch *b, size_t r, size_t *cell)
{
    *cell = 0;
    for (size_t i = 0; i < c->variables_n; i++) {
        const cube_variable *v = &c->v[i];
        uint32_t node = v->nodes_n - 1;
        if (j->has[i]) {
            char room[GEO_VALUE_ROOM];
            size_t n;
            const char *s = geo_column_print(&b->columns[j->field[i]], r, room, &n);
            if (s)
                geo_trim(&s, &n);
            node = find_node(v, s ? s : "", n);
        }
        if (node == CUBE_NOWHERE)
            return false;
        *cell += node * c->stride[i];
    }
    return true;
}

static geo_status take_rows(geo_audit *a, const geo_sdc_also *also, geo_reader *reader, const joined *j, geo_err *err)
{
    const geo_batch *b;
    geo_status st;
    size_t taken_n = 0, elsewhere_n = 0;
    while ((st = geo_reader_next(reader, &b, err)) == GEO_OK)
        for (size_t r = 0; r < b->rows_n; r++) {
            double count;
            size_t cell;
            a->c->class_ = geo_class_join(a->c->class_, geo_batch_class(b, r));
            if (!cell_of(a->c, j, b, r, &cell)) {
                elsewhere_n++;
                continue;
            }
            if (!geo_column_number(&b->columns[j->count_at], r, &count))
                continue; /* hidden here too */
            if (count < 0 || count != floor(count) || count > 9e15)
                return geo_err_set(err, GEO_EFORMAT, "row %lld: the count in field '%s' is no count", (long long)geo_batch_line(b, r),
                                   also->count);
            if (!geo_audit_tell(a, cell, (int64_t)count, also->rounded / 2))
                return geo_err_set(err, GEO_EFORMAT, "row %lld contradicts the first table", (long long)geo_batch_line(b, r));
            taken_n++;
        }
    if (st != GEO_DONE)
        return st;
    geo_watch_detail(a->c->o->watch, "'%s': %zu totals are of the table's cells; %zu are of others and tell nothing",
                     geo_name_shown(also->file), taken_n, elsewhere_n);
    return taken_n ? GEO_OK : geo_err_set(err, GEO_EFORMAT, "none of its rows is of a cell of the first table");
}

geo_status geo_audit_also(geo_audit *a, const geo_sdc_also *also, geo_err *err)
{
    const geo_sdc_table *o = a->c->o;
    geo_reader_options reading = {.layer = also->layer, .encoding = o->reading.encoding, .raise = o->raise, .watch = o->watch};
    geo_reader *reader = NULL;
    joined j;
    geo_status st = geo_label_find(also->file, o->policy, &reading.label, o->watch, err);
    if (st == GEO_OK)
        st = geo_reader_open(also->file, &reading, &reader, err);
    if (st < 0)
        return st;
    st = bind(a->c, also, geo_reader_schema(reader), &j, err);
    if (st == GEO_OK)
        st = take_rows(a, also, reader, &j, err);
    geo_reader_close(reader);
    return st < 0 ? geo_err_wrap(err, st, "'%s'", geo_name_shown(also->file)) : GEO_OK;
}

/* ---- the attack ---- */

geo_status geo_audit_run(geo_audit *a, double width, geo_sdc_audited *report, geo_err *err)
{
    geo_cube *c = a->c;
    geo_attack_report found = {0};
    for (size_t k = 0; k < c->cells_n; k++) {
        report->hidden_n += a->hidden[k];
        report->cells_n += c->cell[k] != GEO_CELL_UNSEEN;
    }
    report->width = width;
    geo_status st = geo_cube_equations(c, a->shown, false, &a->equations, err);
    const geo_attack_options o = {.whole = true, .wanted = a->hidden, .threads = c->o->threads, .watch = c->o->watch};
    if (st == GEO_OK && report->hidden_n)
        st = geo_attack(&a->equations, &o, a->low, a->high, NULL, &found, err);
    if (st == GEO_EFORMAT)
        return geo_err_set(
            err, st,
            "'%s': the counts contradict each other: do all totals count the same rows, and are the marks and the rounding as "
            "they were (--mark, --rounded, rounded=)?",
            geo_name_shown(c->o->file));
    if (st < 0)
        return st;
    for (size_t k = 0; k < c->cells_n; k++)
        if (a->hidden[k]) {
            report->exact_n += a->low[k] == a->high[k];
            report->narrow_n += a->low[k] < a->high[k] && a->high[k] - a->low[k] < width;
        }
    report->parts_n = found.parts_n;
    report->largest_n = found.largest_n;
    return GEO_OK;
}

/* ---- the whole ---- */

geo_status geo_audit_tell_table(geo_audit *a, geo_err *err)
{
    geo_cube *c = a->c;
    double low, high;
    const geo_status st = bounds_of_marks(c->o, &low, &high, err);
    for (size_t k = 0; st == GEO_OK && k < c->cells_n; k++) {
        if (c->cell[k] != GEO_CELL_SHOWN)
            continue;
        a->shown[geo_cube_pattern(c, k)] = true;
        if (c->count[k] != CUBE_HIDDEN) {
            geo_audit_tell(a, k, c->count[k], c->o->rounded / 2);
            continue;
        }
        a->hidden[k] = 1;
        a->low[k] = low;
        a->high[k] = high;
    }
    return st;
}

/* A row: what follows for a hidden cell, or for the sum of those that are hidden under a total. */
typedef struct bounds {
    size_t cell, cells_n;
    double low, high;
} bounds;

static geo_status write_rows(const geo_audit *a, cube_sheet *s, size_t at, const bounds *rows, geo_writer *w, geo_sdc_audited *report,
                             geo_err *err)
{
    geo_arena arena = {0};
    const size_t n = s->rows_n;
    int64_t *cells = geo_arena_array(&arena, n + 1, sizeof *cells);
    double *low = geo_arena_array(&arena, n + 1, sizeof *low), *high = geo_arena_array(&arena, n + 1, sizeof *high);
    uint8_t *exact = geo_arena_alloc(&arena, n + 1), *valid = geo_arena_alloc(&arena, n / 8 + 1);
    geo_status st = cells && low && high && exact && valid ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK)
        memset(valid, 0, n / 8 + 1);
    for (size_t r = 0; st == GEO_OK && r < n; r++) {
        cells[r] = (int64_t)rows[r].cells_n;
        low[r] = rows[r].low;
        high[r] = rows[r].high;
        exact[r] = low[r] == high[r];
        valid[r / 8] |= (uint8_t)(isfinite(high[r]) << r % 8); /* without end: empty */
    }
    s->columns[at] = (geo_column){.type = GEO_INT, .held = true, .values = cells};
    s->columns[at + 1] = (geo_column){.type = GEO_DOUBLE, .held = true, .values = low};
    s->columns[at + 2] = (geo_column){.type = GEO_DOUBLE, .held = true, .values = high, .valid = valid};
    s->columns[at + 3] = (geo_column){.type = GEO_BOOL, .held = true, .values = exact};
    report->written_n += (int64_t)n;
    if (st == GEO_OK)
        st = geo_rows_put(s, w, a->c->class_, err);
    geo_arena_clear(&arena);
    return st;
}

/* What a total leaves for the hidden cells under it; false where that says nothing that the cells alone do not. */
static bool left_by_total(const geo_audit *a, size_t e, bounds *out)
{
    const size_t from = a->equations.at[e] + 1, to = a->equations.at[e + 1], whole = a->equations.cells[from - 1];
    *out = (bounds){.cell = whole, .low = a->low[whole], .high = a->high[whole]};
    double least = 0, most = 0;
    if (a->hidden[whole] || !isfinite(a->high[whole]))
        return false;
    for (size_t k = from; k < to; k++) {
        const size_t part = a->equations.cells[k];
        if (a->hidden[part]) {
            out->cells_n++;
            least += a->low[part];
            most += a->high[part];
        } else {
            out->low -= a->high[part];
            out->high -= a->low[part];
        }
    }
    out->low = fmax(out->low, least);
    out->high = fmin(out->high, most);
    return out->cells_n > 1 && isfinite(out->low);
}

/* One more row; those that wait go out when there are enough. */
static geo_status add_row(const geo_audit *a, cube_sheet *s, size_t at, bounds *rows, bounds row, geo_writer *w, geo_sdc_audited *report,
                          geo_err *err)
{
    rows[s->rows_n] = row;
    return geo_rows_add(s, row.cell) ? write_rows(a, s, at, rows, w, report, err) : GEO_OK;
}

static geo_status write(const geo_audit *a, const char *output, const geo_writer_options *writing, geo_sdc_audited *report, geo_err *err)
{
    geo_cube *c = a->c;
    cube_sheet s;
    size_t at, next;
    bounds *rows = geo_arena_array(&c->arena, SHEET_ROWS, sizeof *rows), left;
    geo_status st = rows ? geo_rows_begin(&s, c, c->variables_n, 5, err) : geo_err_nomem(err);
    if (st < 0)
        return st;
    geo_rows_field(&s, "hidden_cells", GEO_INT, &at);
    geo_rows_field(&s, "low", GEO_DOUBLE, &next);
    geo_rows_field(&s, "high", GEO_DOUBLE, &next);
    geo_rows_field(&s, "exact", GEO_BOOL, &next);
    const geo_schema schema = {s.fields_n, s.fields};
    geo_writer *w = NULL;
    st = geo_writer_open(output, &schema, writing, &w, err);
    for (size_t k = 0; st == GEO_OK && k < c->cells_n; k++)
        if (a->hidden[k])
            st = add_row(a, &s, at, rows, (bounds){k, 1, a->low[k], a->high[k]}, w, report, err);
    for (size_t e = 0; st == GEO_OK && e < a->equations.n; e++)
        if (left_by_total(a, e, &left))
            st = add_row(a, &s, at, rows, left, w, report, err);
    if (st == GEO_OK)
        st = write_rows(a, &s, at, rows, w, report, err);
    if (st == GEO_OK)
        st = geo_writer_finish(w, err);
    geo_writer_close(w);
    return st;
}

geo_status geo_sdc_audit(const geo_sdc_table *table, const geo_sdc_also *also, size_t also_n, const char *audience, const char *output,
                         const geo_writer_options *writing, geo_sdc_audited *report, geo_err *err)
{
    *report = (geo_sdc_audited){.unit = ""};
    geo_cube *c = NULL;
    geo_audit a = {0};
    geo_status st = geo_cube_read(table, NULL, &c, err);
    if (st < 0)
        return st;
    report->rows_n = c->rows_n;
    report->faults = c->faults;
    report->unit = c->unit;
    st = geo_audit_begin(&a, c, err);
    if (st == GEO_OK)
        st = geo_audit_tell_table(&a, err);
    for (size_t i = 0; st == GEO_OK && i < also_n; i++)
        st = geo_audit_also(&a, &also[i], err);
    report->class_ = c->class_;
    if (st == GEO_OK)
        st = geo_audit_run(&a, geo_rules_width(geo_policy_rules(table->policy, c->class_, audience)), report, err);
    if (st == GEO_OK)
        st = write(&a, output, writing, report, err);
    geo_audit_end(&a);
    geo_cube_free(c);
    return st;
}
