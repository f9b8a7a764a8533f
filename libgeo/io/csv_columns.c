/* Making columns of the fields that were found in a piece of CSV. */
#include "csv.h"

#include "columns.h"
#include "geo/number.h"
#include "text.h"

#include <math.h>
#include <string.h>

typedef struct making {
    const geo_csv *c;
    const char *text;
    const geo_csv_rows *rows;
    geo_piece *piece;
} making;

static const geo_csv_span *span_of(const making *m, size_t row, size_t field)
{
    return &m->rows->spans[row * m->c->decoded_n + (size_t)m->c->slot[field]];
}

/* A field's characters; quoted ones with "" inside are unquoted into the arena. False when memory is out. */
static bool characters(const making *m, const geo_csv_span *s, const char **out, size_t *n)
{
    const char *p = m->text + (s->at & ~GEO_CSV_QUOTED);
    *out = p;
    *n = s->len;
    if (!(s->at & GEO_CSV_QUOTED) || !memchr(p, '"', s->len))
        return true;
    char *copy = geo_arena_alloc(&m->piece->arena, s->len);
    if (!copy)
        return false;
    *n = geo_csv_unquote(copy, p, s->len);
    *out = copy;
    return true;
}

static bool make_text(const making *m, size_t field, geo_column *out)
{
    const size_t rows_n = m->rows->n;
    size_t bytes = 0;
    for (size_t r = 0; r < rows_n; r++)
        bytes += span_of(m, r, field)->len;
    char *values = geo_arena_alloc(&m->piece->arena, bytes);
    int64_t *offsets = geo_arena_array(&m->piece->arena, rows_n + 1, sizeof *offsets);
    uint8_t *valid = geo_validity_make(&m->piece->arena, rows_n);
    if (!values || !offsets || !valid)
        return false;
    size_t at = 0;
    offsets[0] = 0;
    for (size_t r = 0; r < rows_n; r++) {
        const geo_csv_span *s = span_of(m, r, field);
        const char *p = m->text + (s->at & ~GEO_CSV_QUOTED);
        if (s->at & GEO_CSV_QUOTED) {
            at += geo_csv_unquote(values + at, p, s->len);
        } else {
            memcpy(values + at, p, s->len);
            at += s->len;
            if (s->len == 0)
                geo_leave_out(m->piece, valid, r, false);
        }
        offsets[r + 1] = (int64_t)at;
    }
    *out = (geo_column){.type = GEO_TEXT, .held = true, .valid = valid, .values = values, .offsets = offsets};
    return true;
}

/* Columns of a settled type. The settling pass has seen that every value fits: one that does not was not there then. */
static bool make_typed(const making *m, size_t field, geo_type type, geo_column *out)
{
    const size_t rows_n = m->rows->n;
    void *values = geo_arena_array(&m->piece->arena, rows_n + 1, 8);
    uint8_t *valid = geo_validity_make(&m->piece->arena, rows_n);
    if (!values || !valid)
        return false;
    for (size_t r = 0; r < rows_n; r++) {
        const char *s;
        size_t n;
        bool ok;
        if (!characters(m, span_of(m, r, field), &s, &n))
            return false;
        if (type == GEO_INT)
            ok = geo_number_parse_int(s, n, (int64_t *)values + r);
        else if (type == GEO_DOUBLE)
            ok = geo_number_parse(s, n, (double *)values + r);
        else
            ok = geo_date_parse(s, n, (int32_t *)values + r);
        if (!ok && n) {
            m->piece->bad_line = m->rows->line[r];
            return false;
        }
        if (!ok)
            geo_leave_out(m->piece, valid, r, false);
    }
    *out = (geo_column){.type = type, .held = true, .valid = valid, .values = values};
    return true;
}

/* One coordinate of every row: NAN where empty, and a fault where it is neither a number nor empty. */
static double *make_coordinate(const making *m, size_t field)
{
    double *v = geo_arena_array(&m->piece->arena, m->rows->n + 1, sizeof *v);
    for (size_t r = 0; v && r < m->rows->n; r++) {
        const geo_csv_span *s = span_of(m, r, field);
        if (!geo_number_parse(m->text + (s->at & ~GEO_CSV_QUOTED), s->len, &v[r]))
            v[r] = s->len ? INFINITY : NAN; /* INFINITY: there, but no number */
    }
    return v;
}

static bool make_points(const making *m, geo_column *out)
{
    double *x = make_coordinate(m, (size_t)m->c->x), *y = make_coordinate(m, (size_t)m->c->y);
    geo_geometries *g = geo_arena_alloc(&m->piece->arena, sizeof *g);
    if (!x || !y || !g)
        return false;
    for (size_t r = 0; r < m->rows->n; r++) {
        if (isfinite(x[r]) && isfinite(y[r]))
            continue;
        const bool empty = isnan(x[r]) && isnan(y[r]);
        if (!empty)
            geo_faults_add(&m->piece->faults, GEO_FAULT_GEOMETRY, m->rows->line[r]);
        x[r] = y[r] = empty ? NAN : INFINITY;
    }
    *g = (geo_geometries){.x = x, .y = y};
    *out = (geo_column){.type = GEO_GEOMETRY, .held = true, .geometries = g};
    return true;
}

static bool make_wkt(const making *m, geo_column *out)
{
    geo_shapes shapes = {0};
    bool ok = true;
    for (size_t r = 0; ok && r < m->rows->n; r++) {
        const char *s;
        size_t n;
        if (!(ok = characters(m, span_of(m, r, (size_t)m->c->wkt), &s, &n)))
            break;
        const geo_status st = n ? geo_shapes_add_wkt(&shapes, s, n) : geo_shapes_add_none(&shapes);
        ok = geo_shape_judge(m->piece, m->rows->line[r], &shapes, st) == GEO_OK;
    }
    ok = ok && geo_shapes_column(&shapes, &m->piece->arena, out);
    geo_shapes_clear(&shapes);
    return ok;
}

/* Class of each row from its own column; a word that is none counts as the most sensitive. */
static bool make_classes(const making *m)
{
    geo_batch *b = &m->piece->batch;
    uint8_t *row_class = geo_arena_alloc(&m->piece->arena, m->rows->n + 1);
    uint32_t *at = geo_arena_array(&m->piece->arena, m->rows->n + 1, sizeof *at);
    uint32_t *len = geo_arena_array(&m->piece->arena, m->rows->n + 1, sizeof *len);
    if (!row_class || !at || !len)
        return false;
    for (size_t r = 0; r < m->rows->n; r++) {
        const geo_csv_span *s = span_of(m, r, (size_t)m->c->class_at);
        const uint32_t quote = (s->at & GEO_CSV_QUOTED) != 0;
        at[r] = (s->at & ~GEO_CSV_QUOTED) - quote - m->rows->at[r];
        len[r] = s->len + 2 * quote;
        geo_class k = m->c->label.class_;
        if (s->len && !geo_class_parse(m->text + (s->at & ~GEO_CSV_QUOTED), s->len, &k)) {
            k = GEO_CLASS_SPECIAL;
            geo_faults_add(&m->piece->faults, GEO_FAULT_CLASS, m->rows->line[r]);
        }
        row_class[r] = (uint8_t)geo_class_join(k, m->c->raise);
    }
    b->row_class = row_class;
    b->class_at = at;
    b->class_len = len;
    return true;
}

bool geo_csv_make_columns(const geo_csv *c, const geo_csv_rows *rows, geo_piece *piece, geo_column *columns)
{
    const making m = {c, piece->raw.data, rows, piece};
    bool ok = true;
    for (size_t i = 0; ok && i < c->schema.fields_n; i++) {
        const geo_field *f = &c->fields[i];
        columns[i] = (geo_column){.type = f->type};
        if (f->type == GEO_GEOMETRY)
            ok = c->wkt >= 0 ? make_wkt(&m, &columns[i]) : make_points(&m, &columns[i]);
        else if (c->held[i])
            ok = f->type == GEO_TEXT ? make_text(&m, i, &columns[i]) : make_typed(&m, i, f->type, &columns[i]);
    }
    return ok && (c->class_at < 0 || make_classes(&m));
}
