/*
 * CSV by RFC 4180, streaming: quoted fields with commas, quotes and line feeds, LF or CRLF line ends, a UTF-8 byte-order mark. A quote
 * opens a quoted field only where a field starts; elsewhere it is an ordinary character. Blank lines between rows are passed over.
 *
 * fetch() cuts the input into pieces at row ends; decode() finds the fields of a piece and turns the wanted ones into columns.
 */
#define _GNU_SOURCE /* memrchr */
#include "csv.h"

#include "../table/shapes.h"
#include "csv_scan.h"
#include "geo/number.h"
#include "text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define READ_BYTES ((size_t)1 << 12) /* least worth a call */
#define ROW_BYTES ((size_t)1 << 28)  /* a row longer than 256 MiB is a missing quote */
#define QUOTED 0x80000000u

/* A field of a row: text from at (less the QUOTED bit, which says that "" inside stands for "). */
typedef struct span {
    uint32_t at, len;
} span;

/* ---- fetching ---- */

/*
 * Where to go on after a closing quote that ends at `after`: there if the field ends there too; else at the end of the line, as skip_row
 * does in a piece. False when the text is too short to tell.
 */
static bool ends_well(const char *text, size_t after, size_t n, size_t *at)
{
    *at = after;
    if (after >= n || (text[after] == '\r' && after + 1 >= n))
        return false;
    if (text[after] == ',' || text[after] == '\n' || (text[after] == '\r' && text[after + 1] == '\n'))
        return true;
    const char *feed = memchr(text + after, '\n', n - after);
    *at = feed ? (size_t)(feed - text) : n;
    return feed != NULL;
}

/* Bytes of text[0 .. n), which starts at a row, that make whole rows. */
static size_t whole_rows(const char *text, size_t n)
{
    size_t at = 0, end = 0;
    for (;;) {
        const char *q = at < n ? memchr(text + at, '"', n - at) : NULL;
        const size_t stop = q ? (size_t)(q - text) : n;
        const char *feed = stop > at ? memrchr(text + at, '\n', stop - at) : NULL;
        if (feed)
            end = (size_t)(feed - text) + 1;
        if (!q)
            return end;
        if (stop > 0 && text[stop - 1] != ',' && text[stop - 1] != '\n') {
            at = stop + 1;
            continue;
        }
        const size_t close = geo_csv_closing_quote(text, stop + 1, n);
        if (close == n || !ends_well(text, close + 1, n, &at))
            return end;
    }
}

/* A byte-order mark at the start of the file says nothing that is not known. */
static void skip_mark(geo_csv *c, geo_bytes *raw)
{
    if (c->started || (raw->n < 3 && !c->at_end))
        return;
    if (raw->n >= 3 && memcmp(raw->data, "\xEF\xBB\xBF", 3) == 0)
        memmove(raw->data, raw->data + 3, raw->n -= 3);
    c->started = true;
}

/* Read until raw holds `most` bytes, the input ends, or it is silent and there is a row to go on with. */
static geo_status fill(geo_csv *c, geo_bytes *raw, size_t most, geo_err *err)
{
    if (!geo_bytes_reserve(raw, most - raw->n + GEO_CSV_PADDING))
        return geo_err_nomem(err);
    while (!c->at_end && raw->n < most) {
        if (!c->steady && c->started && raw->n && geo_input_is_silent(c->in) && whole_rows(raw->data, raw->n))
            break;
        size_t got;
        const geo_status st = geo_input_read(c->in, raw->data + raw->n, most - raw->n, &got, err);
        if (st < 0)
            return st;
        raw->n += got;
        c->at_end = got == 0;
        skip_mark(c, raw);
    }
    return GEO_OK;
}

geo_status geo_csv_next_rows(geo_csv *c, geo_bytes *raw, size_t least, geo_err *err)
{
    const size_t step = least < READ_BYTES ? READ_BYTES : least;
    raw->n = 0;
    if (!geo_bytes_reserve(raw, c->carry.n + step + GEO_CSV_PADDING))
        return geo_err_nomem(err);
    if (c->carry.n)
        memcpy(raw->data, c->carry.data, c->carry.n);
    raw->n = c->carry.n;
    c->carry.n = 0;
    for (size_t most = raw->n + step;; most = 2 * raw->n + step) {
        const geo_status st = fill(c, raw, most, err);
        if (st < 0)
            return st;
        const size_t rows = c->at_end ? raw->n : whole_rows(raw->data, raw->n);
        if (rows > 0 || raw->n == 0) {
            const size_t rest = raw->n - rows;
            if (!geo_bytes_reserve(&c->carry, rest))
                return geo_err_nomem(err);
            memcpy(c->carry.data, raw->data + rows, rest);
            c->carry.n = rest;
            raw->n = rows;
            memset(raw->data + rows, 0, GEO_CSV_PADDING);
            return GEO_OK;
        }
        if (raw->n > ROW_BYTES)
            return geo_err_set(err, GEO_EFORMAT, "a row of '%s' is longer than 256 MiB: is a closing quote missing?", c->name);
    }
}

geo_status geo_csv_fetch(void *state, geo_piece *piece, geo_err *err)
{
    geo_csv *c = state;
    const geo_status st = geo_csv_next_rows(c, &piece->raw, c->piece_bytes, err);
    if (st < 0)
        return st;
    geo_watch_progress(c->watch, c->name, geo_input_at(c->in), geo_input_size(c->in));
    return piece->raw.n ? GEO_OK : GEO_DONE;
}

/* ---- finding fields ---- */

typedef struct rows {
    size_t n;
    uint32_t *at, *len, *line;
    span *spans; /* decoded_n a row */
    uint32_t lines_n;
} rows;

/* Skip to behind the line feed that ends the row, whatever stands before it. */
static size_t skip_row(geo_csv_scan *s, size_t at)
{
    const char *feed = at < s->n ? memchr(s->text + at, '\n', s->n - at) : NULL;
    const size_t next = feed ? (size_t)(feed - s->text) + 1 : s->n;
    geo_csv_seek(s, next);
    return next;
}

/*
 * Find the fields of every row of the piece. Rows that do not fit the header are counted as faults and left out. False, with lines_n the
 * line where it opens, for a quoted field that is never closed: the file is cut, or a quote is missing, and nobody knows what is lost.
 */
static bool find_fields(const geo_csv *c, const char *text, size_t n, rows *out, geo_faults *faults)
{
    geo_csv_scan scan = {text, n, 0, 0};
    geo_csv_seek(&scan, 0);
    const size_t fields_n = c->fields_n, decoded_n = c->decoded_n;
    const int32_t *slot = c->slot;
    size_t row_at = 0, field_at = 0, field = 0, quoted_end = 0;
    uint32_t line = 0, feeds_inside = 0;
    span *spans = out->spans;
    while (row_at < n) {
        const size_t at = geo_csv_next(&scan);
        const char ch = at < n ? text[at] : '\n'; /* the last row may lack its line end */
        if (ch == '"') {
            if (at != field_at)
                continue; /* an ordinary character */
            const size_t close = geo_csv_closing_quote(text, at + 1, n), after = close + 1;
            if (close == n) {
                out->lines_n = line;
                return false;
            }
            feeds_inside += (uint32_t)geo_csv_count_feeds(text + at, close - at);
            const bool ends_well = after >= n || text[after] == ',' || text[after] == '\n'
                                   || (text[after] == '\r' && (after + 1 >= n || text[after + 1] == '\n'));
            if (!ends_well) {
                geo_faults_add(faults, GEO_FAULT_QUOTE, line);
                row_at = field_at = skip_row(&scan, after);
                line += feeds_inside + 1;
                feeds_inside = 0;
                field = 0;
                quoted_end = 0;
                continue;
            }
            quoted_end = after;
            geo_csv_seek(&scan, after);
            continue;
        }
        const bool row_ends = ch == '\n';
        size_t end = at;
        if (row_ends && end > field_at && text[end - 1] == '\r')
            end--;
        if (field < fields_n && slot[field] >= 0) {
            span *s = &spans[slot[field]];
            if (quoted_end)
                *s = (span){(uint32_t)(field_at + 1) | QUOTED, (uint32_t)(quoted_end - field_at - 2)};
            else
                *s = (span){(uint32_t)field_at, (uint32_t)(end - field_at)};
        }
        quoted_end = 0;
        field++;
        field_at = at + 1;
        if (!row_ends)
            continue;
        const bool blank = field == 1 && end == row_at && fields_n > 1;
        if (field == fields_n) {
            out->at[out->n] = (uint32_t)row_at;
            out->len[out->n] = (uint32_t)(end - row_at);
            out->line[out->n++] = line;
            spans += decoded_n;
        } else if (!blank) {
            geo_faults_add(faults, GEO_FAULT_RAGGED, line);
        }
        line += feeds_inside + 1;
        feeds_inside = 0;
        field = 0;
        row_at = field_at;
    }
    out->lines_n = line;
    return true;
}

/* ---- filtering ---- */

typedef struct filtering {
    const geo_csv *c;
    const char *text;
    const rows *rows;
} filtering;

/* The value of a field for the filter: none where nothing stands, not even quotes. */
static bool filter_value(const void *ctx, size_t row, size_t field, geo_bytes *out, bool *null)
{
    const filtering *f = ctx;
    const span *s = &f->rows->spans[row * f->c->decoded_n + (size_t)f->c->slot[field]];
    const char *p = f->text + (s->at & ~QUOTED);
    *null = s->len == 0 && !(s->at & QUOTED);
    if (!geo_bytes_reserve(out, s->len))
        return false;
    if (s->at & QUOTED) {
        out->n += geo_csv_unquote(out->data + out->n, p, s->len);
    } else {
        memcpy(out->data + out->n, p, s->len);
        out->n += s->len;
    }
    return true;
}

/* Take out the rows that the filter does not let pass. */
static geo_status filter_rows(const geo_csv *c, geo_piece *piece, rows *found, geo_err *err)
{
    const size_t decoded_n = c->decoded_n, n = found->n;
    bool *passes = geo_arena_alloc(&piece->arena, n + 1);
    if (!passes)
        return geo_err_nomem(err);
    const filtering f = {c, piece->raw.data, found};
    const geo_status st = geo_filter_rows(c->filter, n, &(geo_filter_values){filter_value, &f}, passes, err);
    if (st < 0)
        return st;
    found->n = 0;
    for (size_t r = 0; r < n; r++) {
        if (!passes[r])
            continue;
        const size_t to = found->n++;
        found->at[to] = found->at[r];
        found->len[to] = found->len[r];
        found->line[to] = found->line[r];
        memmove(&found->spans[to * decoded_n], &found->spans[r * decoded_n], decoded_n * sizeof *found->spans);
    }
    return GEO_OK;
}

/* ---- making columns ---- */

typedef struct making {
    const geo_csv *c;
    const char *text;
    const rows *rows;
    geo_piece *piece;
} making;

static const span *span_of(const making *m, size_t row, size_t field)
{
    return &m->rows->spans[row * m->c->decoded_n + (size_t)m->c->slot[field]];
}

/* A field's characters; quoted ones with "" inside are unquoted into the arena. */
static const char *characters(const making *m, const span *s, size_t *n)
{
    const char *p = m->text + (s->at & ~QUOTED);
    *n = s->len;
    if (!(s->at & QUOTED) || !memchr(p, '"', s->len))
        return p;
    char *copy = geo_arena_alloc(&m->piece->arena, s->len);
    if (!copy) {
        *n = 0;
        return p;
    }
    *n = geo_csv_unquote(copy, p, s->len);
    return copy;
}

static void set_null(uint8_t *valid, size_t r)
{
    valid[r / 8] &= (uint8_t) ~(1u << r % 8);
}

static uint8_t *all_valid(geo_arena *arena, size_t rows_n)
{
    uint8_t *valid = geo_arena_alloc(arena, rows_n / 8 + 1);
    if (valid)
        memset(valid, 0xFF, rows_n / 8 + 1);
    return valid;
}

static bool make_text(const making *m, size_t field, geo_column *out)
{
    const size_t rows_n = m->rows->n;
    size_t bytes = 0;
    for (size_t r = 0; r < rows_n; r++)
        bytes += span_of(m, r, field)->len;
    char *values = geo_arena_alloc(&m->piece->arena, bytes);
    int64_t *offsets = geo_arena_array(&m->piece->arena, rows_n + 1, sizeof *offsets);
    uint8_t *valid = all_valid(&m->piece->arena, rows_n);
    if (!values || !offsets || !valid)
        return false;
    size_t at = 0;
    offsets[0] = 0;
    for (size_t r = 0; r < rows_n; r++) {
        const span *s = span_of(m, r, field);
        const char *p = m->text + (s->at & ~QUOTED);
        if (s->at & QUOTED) {
            at += geo_csv_unquote(values + at, p, s->len);
        } else {
            memcpy(values + at, p, s->len);
            at += s->len;
            if (s->len == 0)
                set_null(valid, r);
        }
        offsets[r + 1] = (int64_t)at;
    }
    *out = (geo_column){.type = GEO_TEXT, .held = true, .valid = valid, .values = values, .offsets = offsets};
    return true;
}

/* Columns of a settled type; the settling pass has seen that every value fits. */
static bool make_typed(const making *m, size_t field, geo_type type, geo_column *out)
{
    const size_t rows_n = m->rows->n;
    void *values = geo_arena_array(&m->piece->arena, rows_n + 1, 8);
    uint8_t *valid = all_valid(&m->piece->arena, rows_n);
    if (!values || !valid)
        return false;
    for (size_t r = 0; r < rows_n; r++) {
        size_t n;
        const char *s = characters(m, span_of(m, r, field), &n);
        bool ok;
        if (type == GEO_INT)
            ok = geo_number_parse_int(s, n, (int64_t *)values + r);
        else if (type == GEO_DOUBLE)
            ok = geo_number_parse(s, n, (double *)values + r);
        else
            ok = geo_date_parse(s, n, (int32_t *)values + r);
        if (!ok)
            set_null(valid, r);
    }
    *out = (geo_column){.type = type, .held = true, .valid = valid, .values = values};
    return true;
}

/* One coordinate of every row: NAN where empty, and a fault where it is neither a number nor empty. */
static double *make_coordinate(const making *m, size_t field)
{
    double *v = geo_arena_array(&m->piece->arena, m->rows->n + 1, sizeof *v);
    for (size_t r = 0; v && r < m->rows->n; r++) {
        const span *s = span_of(m, r, field);
        if (!geo_number_parse(m->text + (s->at & ~QUOTED), s->len, &v[r]))
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
        size_t n;
        const char *s = characters(m, span_of(m, r, (size_t)m->c->wkt), &n);
        switch (n ? geo_shapes_add_wkt(&shapes, s, n) : geo_shapes_add_none(&shapes)) {
        case GEO_OK: break;
        case GEO_ENOMEM: ok = false; break;
        default: geo_faults_add(&m->piece->faults, GEO_FAULT_GEOMETRY, m->rows->line[r]); ok = geo_shapes_add_bad(&shapes) == GEO_OK;
        }
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
        const span *s = span_of(m, r, (size_t)m->c->class_at);
        const uint32_t quote = (s->at & QUOTED) != 0;
        at[r] = (s->at & ~QUOTED) - quote - m->rows->at[r];
        len[r] = s->len + 2 * quote;
        geo_class k = m->c->label.class_;
        if (s->len && !geo_class_parse(m->text + (s->at & ~QUOTED), s->len, &k)) {
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

static bool make_columns(const making *m, geo_column *columns)
{
    const geo_csv *c = m->c;
    bool ok = true;
    for (size_t i = 0; ok && i < c->schema.fields_n; i++) {
        const geo_field *f = &c->fields[i];
        columns[i] = (geo_column){.type = f->type};
        if (f->type == GEO_GEOMETRY)
            ok = c->wkt >= 0 ? make_wkt(m, &columns[i]) : make_points(m, &columns[i]);
        else if (c->held[i])
            ok = f->type == GEO_TEXT ? make_text(m, i, &columns[i]) : make_typed(m, i, f->type, &columns[i]);
    }
    return ok && (c->class_at < 0 || make_classes(m));
}

/* Text that is no UTF-8, or no text at all. */
static geo_status check_text(const geo_csv *c, geo_piece *piece, geo_err *err)
{
    const char *nul = memchr(piece->raw.data, '\0', piece->raw.n);
    const size_t bad = nul ? (size_t)(nul - piece->raw.data) : geo_utf8_check(piece->raw.data, piece->raw.n);
    if (bad == piece->raw.n)
        return GEO_OK;
    piece->bad_line = (int64_t)geo_csv_count_feeds(piece->raw.data, bad);
    if (nul)
        return geo_err_set(err, GEO_EFORMAT, "'%s' is not text", c->name);
    return geo_err_set(err, GEO_EFORMAT, "'%s' is not UTF-8; if it came from Windows or Excel, say --encoding windows-1252", c->name);
}

/* Replace the raw text by its UTF-8 form. */
static bool to_utf8(geo_piece *piece)
{
    geo_bytes converted = {0};
    if (!geo_windows_1252(&converted, piece->raw.data, piece->raw.n) || !geo_bytes_reserve(&converted, GEO_CSV_PADDING)) {
        geo_bytes_clear(&converted);
        return false;
    }
    memset(converted.data + converted.n, 0, GEO_CSV_PADDING);
    geo_bytes_clear(&piece->raw);
    piece->raw = converted;
    return true;
}

geo_status geo_csv_decode(const void *state, geo_piece *piece, geo_err *err)
{
    const geo_csv *c = state;
    geo_arena *arena = &piece->arena;
    if (c->encoding == GEO_WINDOWS_1252 && !to_utf8(piece))
        return geo_err_nomem(err);
    geo_status st = check_text(c, piece, err);
    if (st < 0)
        return st;
    const size_t most = geo_csv_count_feeds(piece->raw.data, piece->raw.n) + 1;
    rows found = {.at = geo_arena_array(arena, most, sizeof *found.at),
                  .len = geo_arena_array(arena, most, sizeof *found.len),
                  .line = geo_arena_array(arena, most, sizeof *found.line),
                  .spans = geo_arena_array(arena, most * (c->decoded_n + 1), sizeof *found.spans)};
    geo_column *columns = geo_arena_array(arena, c->schema.fields_n + 1, sizeof *columns);
    if (!found.at || !found.len || !found.line || !found.spans || !columns)
        return geo_err_nomem(err);
    if (!find_fields(c, piece->raw.data, piece->raw.n, &found, &piece->faults)) {
        piece->bad_line = found.lines_n;
        return geo_err_set(err, GEO_EFORMAT, "a quoted field of '%s' is never closed: the file is cut short or a quote is missing",
                           c->name);
    }
    piece->lines_n = found.lines_n;
    if (c->filter && (st = filter_rows(c, piece, &found, err)) < 0)
        return st;
    piece->batch = (geo_batch){.rows_n = found.n,
                               .schema = &c->schema,
                               .columns = columns,
                               .class_ = c->label.class_,
                               .text = piece->raw.data,
                               .row_at = found.at,
                               .row_len = found.len,
                               .line = found.line};
    const making m = {c, piece->raw.data, &found, piece};
    return make_columns(&m, columns) ? GEO_OK : geo_err_nomem(err);
}
