/* A protected cube as a table: a row for each cell, or for each place of cells that stand side by side. */
#include "cube_sheet.h"
#include "protect.h"

#include "geo/number.h"

#include <math.h>
#include <string.h>

static bool is_hidden(uint8_t cell)
{
    return cell == GEO_CELL_UNSAFE || cell == GEO_CELL_SECONDARY;
}

/* One column of counts of the rows that wait, k cells behind their places; as text where some are hidden. */
static geo_status fill(const protection *p, cube_sheet *s, size_t column, size_t k, geo_arena *arena, geo_err *err)
{
    const bool text = s->fields[column].type == GEO_TEXT;
    const size_t n = s->rows_n, mark_n = strlen(p->report->mark), longest = mark_n > GEO_NUMBER_ROOM ? mark_n : GEO_NUMBER_ROOM;
    int64_t *values = geo_arena_array(arena, n + 1, sizeof *values);
    uint8_t *valid = geo_arena_alloc(arena, n / 8 + 1);
    char *bytes = text ? geo_arena_array(arena, n, longest) : NULL;
    if (!values || !valid || (text && !bytes))
        return geo_err_nomem(err);
    memset(valid, 0, n / 8 + 1);
    size_t at = 0;
    for (size_t r = 0; r < n; r++) {
        const size_t cell = s->cell[r] + k;
        valid[r / 8] |= (uint8_t)((p->cell[cell] != GEO_CELL_UNSEEN) << r % 8);
        values[r] = text ? (int64_t)at : p->count[cell];
        if (!text)
            continue;
        char room[GEO_NUMBER_ROOM];
        const size_t len = is_hidden(p->cell[cell]) ? mark_n : geo_number_print_int(p->count[cell], room);
        memcpy(bytes + at, is_hidden(p->cell[cell]) ? p->report->mark : room, len);
        at += len;
    }
    values[n] = (int64_t)at;
    s->columns[column] = text ? (geo_column){.type = GEO_TEXT, .held = true, .values = bytes, .offsets = values, .valid = valid}
                              : (geo_column){.type = GEO_INT, .held = true, .values = values, .valid = valid};
    return GEO_OK;
}

/* The amount, a column behind the counts: as text where some are hidden. */
static geo_status fill_amount(const protection *p, cube_sheet *s, size_t column, geo_arena *arena, geo_err *err)
{
    const bool text = s->fields[column].type == GEO_TEXT;
    const size_t n = s->rows_n, mark_n = strlen(p->report->mark), longest = mark_n > GEO_NUMBER_ROOM ? mark_n : GEO_NUMBER_ROOM;
    int64_t *offsets = geo_arena_array(arena, n + 1, sizeof *offsets);
    double *values = geo_arena_array(arena, n + 1, sizeof *values);
    char *bytes = geo_arena_array(arena, text ? n : 1, longest);
    if (!offsets || !values || !bytes)
        return geo_err_nomem(err);
    size_t at = 0;
    for (size_t r = 0; r < n; r++) {
        const bool hidden = is_hidden(p->cell[s->cell[r]]);
        char room[GEO_NUMBER_ROOM];
        values[r] = p->c->value[s->cell[r]];
        offsets[r] = (int64_t)at;
        const size_t len = !text ? 0 : hidden ? mark_n : geo_number_print(values[r], room);
        memcpy(bytes + at, hidden ? p->report->mark : room, len);
        at += len;
    }
    offsets[n] = (int64_t)at;
    s->columns[column] = text ? (geo_column){.type = GEO_TEXT, .held = true, .values = bytes, .offsets = offsets}
                              : (geo_column){.type = GEO_DOUBLE, .held = true, .values = values};
    return GEO_OK;
}

/* A ratio of two numbers of a cell, to some decimals: percentages and means. */
typedef struct ratio {
    const char *name;
    size_t above, below; /* of the counts that stand side by side; above SIZE_MAX: the amount */
    double times, digits;
    bool of_released;
} ratio;

/* What goes out besides variables and counts. */
typedef struct plan {
    size_t counts_n, first, ratios_n;
    ratio *ratios;
} plan;

static geo_status fill_ratio(const protection *p, cube_sheet *s, size_t column, const ratio *q, geo_arena *arena, geo_err *err)
{
    const size_t n = s->rows_n;
    double *values = geo_arena_array(arena, n + 1, sizeof *values);
    uint8_t *valid = geo_arena_alloc(arena, n / 8 + 1);
    if (!values || !valid)
        return geo_err_nomem(err);
    memset(valid, 0, n / 8 + 1);
    for (size_t r = 0; r < n; r++) {
        const int64_t *count = q->of_released ? p->count : p->c->count;
        const size_t cell = s->cell[r], below = cell + q->below, above = q->above == SIZE_MAX ? cell : cell + q->above;
        const bool shown = p->cell[below] == GEO_CELL_SHOWN && p->cell[above] == GEO_CELL_SHOWN && count[below] > 0;
        const double over = q->above == SIZE_MAX ? p->c->value[cell] : (double)count[above];
        values[r] = shown ? round(q->times * over / (double)count[below] * q->digits) / q->digits : 0;
        valid[r / 8] |= (uint8_t)(shown << r % 8);
    }
    s->columns[column] = (geo_column){.type = GEO_DOUBLE, .held = true, .values = values, .valid = valid};
    return GEO_OK;
}

static geo_status put(const protection *p, cube_sheet *s, const plan *out, geo_writer *w, geo_err *err)
{
    geo_arena arena = {0};
    geo_status st = GEO_OK;
    size_t column = out->first;
    p->report->written_n += (int64_t)s->rows_n;
    for (size_t k = 0; st == GEO_OK && k < out->counts_n; k++)
        st = fill(p, s, column++, k, &arena, err);
    if (st == GEO_OK && p->c->value)
        st = fill_amount(p, s, column++, &arena, err);
    for (size_t k = 0; st == GEO_OK && k < out->ratios_n; k++)
        st = fill_ratio(p, s, column++, &out->ratios[k], &arena, err);
    if (st == GEO_OK)
        st = geo_rows_put(s, w, p->report->class_, err);
    geo_arena_clear(&arena);
    return st;
}

/* All rows: the places at which any cell is shown or hidden. */
static geo_status put_all(const protection *p, cube_sheet *s, const plan *out, geo_writer *w, geo_err *err)
{
    geo_status st = GEO_OK;
    for (size_t k = 0; st == GEO_OK && k < p->c->cells_n; k += out->counts_n) {
        bool any = false;
        for (size_t i = 0; i < out->counts_n; i++)
            any = any || p->cell[k + i] != GEO_CELL_UNSEEN;
        if (any && geo_rows_add(s, k))
            st = put(p, s, out, w, err);
    }
    return st == GEO_OK ? put(p, s, out, w, err) : st;
}

/* Which field of counts a name is; false: none. */
static bool find_count(const geo_sdc_table *o, const char *s, size_t n, size_t *at)
{
    for (*at = 0; o->counts && o->counts[*at]; ++*at)
        if (strlen(o->counts[*at]) == n && memcmp(o->counts[*at], s, n) == 0)
            return true;
    return false;
}

static geo_status plan_ratios(const protection *p, plan *out, geo_err *err)
{
    const geo_sdc_protection *how = p->how;
    const geo_policy_terms *terms = p->c->o->policy ? geo_policy_get_terms(p->c->o->policy) : NULL;
    size_t n = how->mean != NULL;
    for (const char *const *percent = how->percents; percent && *percent; percent++)
        n++;
    if (!(out->ratios = geo_arena_array(&p->c->arena, n + 1, sizeof *out->ratios)))
        return geo_err_nomem(err);
    for (const char *const *percent = how->percents; percent && *percent; percent++) {
        ratio q = {.times = 100, .digits = 10, .of_released = !terms || terms->percent_of_rounded};
        const char *equals = strchr(*percent, '='), *over = equals ? strchr(equals, '/') : NULL;
        if (!over || equals == *percent || !find_count(p->c->o, equals + 1, (size_t)(over - equals - 1), &q.above)
            || !find_count(p->c->o, over + 1, strlen(over + 1), &q.below))
            return geo_err_set(err, GEO_EARG, "'%s' is no percentage of two fields of counts, such as share=women/all", *percent);
        if (!(q.name = geo_arena_text(&p->c->arena, *percent, (size_t)(equals - *percent))))
            return geo_err_nomem(err);
        out->ratios[out->ratios_n++] = q;
    }
    if (how->mean && !p->c->value)
        return geo_err_set(err, GEO_EARG, "a mean is of an amount: name its field with --value");
    if (how->mean)
        out->ratios[out->ratios_n++] = (ratio){how->mean, SIZE_MAX, 0, 1, 1000, !terms || terms->mean_of_protected};
    return GEO_OK;
}

geo_status geo_cube_write(const protection *p, const char *output, const geo_writer_options *writing, geo_err *err)
{
    const geo_sdc_table *o = p->c->o;
    plan out = {0};
    size_t at;
    bool text = false;
    while (o->counts && o->counts[out.counts_n])
        out.counts_n++;
    out.counts_n += !out.counts_n;
    for (size_t k = 0; k < p->c->cells_n && !text; k++)
        text = is_hidden(p->cell[k]);
    cube_sheet s;
    geo_status st = plan_ratios(p, &out, err);
    if (st == GEO_OK)
        st = geo_rows_begin(&s, p->c, p->c->variables_n - (out.counts_n > 1), out.counts_n + 1 + out.ratios_n, err);
    if (st < 0)
        return st;
    out.first = s.fields_n;
    for (size_t k = 0; k < out.counts_n; k++)
        geo_rows_field(&s, o->counts ? o->counts[k] : "count", text ? GEO_TEXT : GEO_INT, &at);
    if (p->c->value)
        geo_rows_field(&s, o->value, text ? GEO_TEXT : GEO_DOUBLE, &at);
    for (size_t k = 0; k < out.ratios_n; k++)
        geo_rows_field(&s, out.ratios[k].name, GEO_DOUBLE, &at);
    if (geo_writer_format(output, writing->format) != GEO_FORMAT_CSV)
        geo_rows_squares(&s);
    const geo_schema schema = {s.fields_n, s.fields};
    geo_writer *w = NULL;
    st = geo_writer_open(output, &schema, writing, &w, err);
    if (st == GEO_OK)
        st = put_all(p, &s, &out, w, err);
    if (st == GEO_OK)
        st = geo_writer_finish(w, err);
    geo_writer_close(w);
    return st;
}
