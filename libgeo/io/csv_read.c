/*
 * CSV by RFC 4180, streaming: quoted fields with commas, quotes and line feeds, LF or CRLF line ends, a UTF-8 byte-order mark. A quote
 * opens a quoted field only where a field starts; elsewhere it is an ordinary character. Blank lines between rows are passed over.
 *
 * fetch() cuts the input into pieces at row ends; decode() finds the fields of a piece and turns the wanted ones into columns.
 */
#define _GNU_SOURCE /* memrchr */
#include "../core/vec.h"
#include "../table/shapes.h"
#include "csv_scan.h"
#include "geo/number.h"
#include "source.h"
#include "text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define PIECE_BYTES ((size_t)1 << 20)
#define ROW_BYTES ((size_t)1 << 28) /* a row longer than 256 MiB is a missing quote */
#define QUOTED 0x80000000u

/* A field of a row: text from at (less the QUOTED bit, which says that "" inside stands for "). */
typedef struct span {
    uint32_t at, len;
} span;

typedef struct csv {
    geo_input *in;
    geo_bytes carry; /* start of a row whose end has not been read yet */
    bool started; /* past a byte-order mark */
    bool at_end;
    size_t piece_bytes;
    geo_encoding encoding;
    const geo_watch *watch;
    char name[256];
    geo_arena arena;
    size_t fields_n;  /* in the file */
    geo_field *fields; /* fields_n, then the made geometry if any */
    geo_schema schema;
    int32_t *slot;    /* field to position among the decoded ones, or -1 */
    size_t *decoded;  /* decoded fields, in order of the file */
    size_t decoded_n;
    bool *held;       /* the caller asked for this column */
    ptrdiff_t x, y, wkt, class_at; /* fields, or -1 */
    geo_label label;
    geo_class raise;
} csv;

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

/* The next whole rows into raw; *n = 0 at the end of the file. */
static geo_status next_rows(csv *c, geo_bytes *raw, size_t least, geo_err *err)
{
    raw->n = 0;
    if (!geo_bytes_reserve(raw, c->carry.n + least + GEO_CSV_PADDING))
        return geo_err_nomem(err);
    if (c->carry.n)
        memcpy(raw->data, c->carry.data, c->carry.n);
    raw->n = c->carry.n;
    c->carry.n = 0;
    for (;;) {
        while (!c->at_end && raw->room - raw->n > GEO_CSV_PADDING) {
            size_t got;
            const geo_status st = geo_input_read(c->in, raw->data + raw->n, raw->room - raw->n - GEO_CSV_PADDING, &got, err);
            if (st < 0)
                return st;
            raw->n += got;
            c->at_end = got == 0;
        }
        if (!c->started && raw->n >= 3 && memcmp(raw->data, "\xEF\xBB\xBF", 3) == 0)
            memmove(raw->data, raw->data + 3, raw->n -= 3);
        c->started = true;
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
        if (!geo_bytes_reserve(raw, raw->n + least + GEO_CSV_PADDING))
            return geo_err_nomem(err);
    }
}

static geo_status fetch(void *state, geo_piece *piece, geo_err *err)
{
    csv *c = state;
    const geo_status st = next_rows(c, &piece->raw, c->piece_bytes, err);
    if (st < 0)
        return st;
    geo_watch_progress(c->watch, c->name, geo_input_at(c->in), geo_input_size(c->in));
    return piece->raw.n ? GEO_OK : GEO_DONE;
}

/* ---- finding fields ---- */

static size_t count_feeds(const char *s, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        k += s[i] == '\n';
    return k;
}

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
static bool find_fields(const csv *c, const char *text, size_t n, rows *out, geo_faults *faults)
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
            feeds_inside += (uint32_t)count_feeds(text + at, close - at);
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

/* ---- making columns ---- */

typedef struct making {
    const csv *c;
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
        default:
            geo_faults_add(&m->piece->faults, GEO_FAULT_GEOMETRY, m->rows->line[r]);
            ok = geo_shapes_add_bad(&shapes) == GEO_OK;
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
    const csv *c = m->c;
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
static geo_status check_text(const csv *c, geo_piece *piece, geo_err *err)
{
    const char *nul = memchr(piece->raw.data, '\0', piece->raw.n);
    const size_t bad = nul ? (size_t)(nul - piece->raw.data) : geo_utf8_check(piece->raw.data, piece->raw.n);
    if (bad == piece->raw.n)
        return GEO_OK;
    piece->bad_line = (int64_t)count_feeds(piece->raw.data, bad);
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

static geo_status decode(const void *state, geo_piece *piece, geo_err *err)
{
    const csv *c = state;
    geo_arena *arena = &piece->arena;
    if (c->encoding == GEO_WINDOWS_1252 && !to_utf8(piece))
        return geo_err_nomem(err);
    const geo_status st = check_text(c, piece, err);
    if (st < 0)
        return st;
    const size_t most = count_feeds(piece->raw.data, piece->raw.n) + 1;
    rows found = {.at = geo_arena_array(arena, most, sizeof *found.at),
                  .len = geo_arena_array(arena, most, sizeof *found.len),
                  .line = geo_arena_array(arena, most, sizeof *found.line),
                  .spans = geo_arena_array(arena, most * (c->decoded_n + 1), sizeof *found.spans)};
    geo_column *columns = geo_arena_array(arena, c->schema.fields_n + 1, sizeof *columns);
    if (!found.at || !found.len || !found.line || !found.spans || !columns)
        return geo_err_nomem(err);
    if (!find_fields(c, piece->raw.data, piece->raw.n, &found, &piece->faults)) {
        piece->bad_line = found.lines_n;
        return geo_err_set(err, GEO_EFORMAT, "a quoted field of '%s' is never closed: the file is cut short or a quote is missing", c->name);
    }
    piece->lines_n = found.lines_n;
    piece->batch = (geo_batch){.rows_n = found.n, .schema = &c->schema, .columns = columns, .class_ = c->label.class_,
                               .text = piece->raw.data, .row_at = found.at, .row_len = found.len, .line = found.line};
    const making m = {c, piece->raw.data, &found, piece};
    return make_columns(&m, columns) ? GEO_OK : geo_err_nomem(err);
}

/* ---- opening ---- */

static void csv_close(void *state)
{
    csv *c = state;
    if (!c)
        return;
    geo_input_close(c->in);
    geo_bytes_clear(&c->carry);
    geo_arena_clear(&c->arena);
    free(c);
}

static const geo_driver DRIVER = {fetch, decode, NULL, csv_close};

/* Split the header line into field names. */
static geo_status read_header(csv *c, int64_t *lines_n, geo_err *err)
{
    geo_bytes rows_ = {0};
    geo_status st = next_rows(c, &rows_, c->piece_bytes, err);
    if (st == GEO_OK && rows_.n == 0)
        st = geo_err_set(err, GEO_EFORMAT, "'%s' is empty: not even a header line", c->name);
    if (st == GEO_OK && memchr(rows_.data, '\0', rows_.n))
        st = geo_err_set(err, GEO_EFORMAT, "'%s' is not text: a CSV file starts with a header line", c->name);
    if (st < 0) {
        geo_bytes_clear(&rows_);
        return st;
    }
    size_t at = 0, names_n = 0;
    bool ended = false;
    geo_vec names = {0};
    while (!ended) {
        size_t end;
        const bool quoted = at < rows_.n && rows_.data[at] == '"';
        const size_t start = at + quoted;
        if (quoted) {
            end = geo_csv_closing_quote(rows_.data, start, rows_.n);
            at = end < rows_.n ? end + 1 : end;
        } else {
            while (at < rows_.n && rows_.data[at] != ',' && rows_.data[at] != '\n')
                at++;
            end = at;
        }
        if (!quoted && end > start && rows_.data[end - 1] == '\r' && (end == rows_.n || rows_.data[end] == '\n'))
            end--;
        char *name = geo_arena_text(&c->arena, rows_.data + start, end - start);
        if (!name || !geo_vec_reserve(&names, 1, sizeof(char *))) {
            st = geo_err_nomem(err);
            break;
        }
        if (quoted)
            name[geo_csv_unquote(name, name, end - start)] = '\0';
        ((char **)names.items)[names.n++] = name;
        if (quoted && at < rows_.n && rows_.data[at] == '\r')
            at++;
        ended = at >= rows_.n || rows_.data[at] == '\n';
        if (!ended && rows_.data[at] != ',') {
            st = geo_err_set(err, GEO_EFORMAT, "the header of '%s' has text after a closing quote", c->name);
            break;
        }
        at++;
    }
    names_n = names.n;
    c->fields = st == GEO_OK ? geo_arena_array(&c->arena, names_n + 2, sizeof *c->fields) : NULL;
    if (st == GEO_OK && !c->fields)
        st = geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < names_n; i++) {
        char *name = ((char **)names.items)[i];
        if (c->encoding == GEO_WINDOWS_1252) {
            geo_bytes wide = {0};
            if (geo_windows_1252(&wide, name, strlen(name)))
                name = geo_arena_text(&c->arena, wide.data, wide.n);
            geo_bytes_clear(&wide);
        } else if (geo_utf8_check(name, strlen(name)) != strlen(name)) {
            st = geo_err_set(err, GEO_EFORMAT, "the header of '%s' is not UTF-8; if it came from Windows or Excel, say --encoding windows-1252",
                             c->name);
        }
        c->fields[i] = (geo_field){.name = name ? name : "", .type = GEO_TEXT};
    }
    geo_vec_clear(&names);
    if (st < 0) {
        geo_bytes_clear(&rows_);
        return st;
    }
    c->fields_n = names_n;
    at = at < rows_.n ? at : rows_.n;
    *lines_n = (int64_t)count_feeds(rows_.data, at);
    /* What follows the header is the start of the first piece. */
    geo_bytes rest = {0};
    if (!geo_bytes_reserve(&rest, rows_.n - at + c->carry.n)) {
        geo_bytes_clear(&rows_);
        return geo_err_nomem(err);
    }
    memcpy(rest.data, rows_.data + at, rows_.n - at);
    if (c->carry.n)
        memcpy(rest.data + rows_.n - at, c->carry.data, c->carry.n);
    rest.n = rows_.n - at + c->carry.n;
    geo_bytes_clear(&c->carry);
    geo_bytes_clear(&rows_);
    c->carry = rest;
    return GEO_OK;
}

static ptrdiff_t file_field(const csv *c, const char *name)
{
    const geo_schema own = {c->fields_n, c->fields};
    return geo_schema_find(&own, name);
}

static geo_status missing(const csv *c, const char *name, geo_err *err)
{
    const geo_schema own = {c->fields_n, c->fields};
    const geo_status st = geo_schema_missing(&own, name, err);
    return geo_err_wrap(err, st, "'%s'", c->name);
}

/* Columns whose names say what they hold. */
static const struct {
    const char *x, *y, *crs;
} COORDINATES[] = {
    {"easting", "northing", "EPSG:27700"}, {"eastings", "northings", "EPSG:27700"}, {"lon", "lat", "OGC:CRS84"},
    {"longitude", "latitude", "OGC:CRS84"}, {"lng", "lat", "OGC:CRS84"},            {"long", "lat", "OGC:CRS84"},
    {"x", "y", NULL},                       {"x_coordinate", "y_coordinate", NULL},
};

static geo_status find_coordinates(csv *c, const geo_reader_options *o, geo_err *err)
{
    const char *crs = NULL;
    c->x = c->y = c->wkt = -1;
    if (!o->want_geometry && !o->try_geometry)
        return GEO_OK;
    if (o->geometry_field) {
        c->wkt = file_field(c, o->geometry_field);
        if (c->wkt < 0)
            return missing(c, o->geometry_field, err);
    } else if (o->x || o->y) {
        if (!o->x || !o->y)
            return geo_err_set(err, GEO_EARG, "--x and --y go together: one of them is missing");
        c->x = file_field(c, o->x);
        c->y = file_field(c, o->y);
        if (c->x < 0 || c->y < 0)
            return missing(c, c->x < 0 ? o->x : o->y, err);
    }
    for (size_t i = 0; i < sizeof COORDINATES / sizeof *COORDINATES; i++) {
        const ptrdiff_t x = file_field(c, COORDINATES[i].x), y = file_field(c, COORDINATES[i].y);
        if (x < 0 || y < 0 || c->wkt >= 0 || (c->x >= 0 && (x != c->x || y != c->y)))
            continue;
        c->x = x;
        c->y = y;
        crs = COORDINATES[i].crs;
        break;
    }
    for (const char *const *n = (const char *const[]){"wkt", "geometry", "geom", NULL}; c->x < 0 && c->wkt < 0 && *n; n++)
        c->wkt = file_field(c, *n);
    if (c->x < 0 && c->wkt < 0) {
        if (o->try_geometry)
            return GEO_OK;
        return geo_err_set(err, GEO_EARG,
                           "'%s' has no columns named easting and northing, or lon and lat: name its coordinates with --x and --y, or its WKT "
                           "with --geometry-field",
                           c->name);
    }
    if (o->crs)
        crs = o->crs;
    if (!crs && o->try_geometry && !o->want_geometry) {
        c->x = c->y = c->wkt = -1; /* coordinates in who knows what are ordinary columns */
        return GEO_OK;
    }
    if (!crs)
        return geo_err_set(err, GEO_ECRS, "the coordinates of '%s' do not say what they are: add --crs, or --areas-crs for areas (EPSG:27700 for National "
                                          "Grid, OGC:CRS84 for longitude and latitude)",
                           c->name);
    crs = geo_arena_text(&c->arena, crs, strlen(crs));
    if (!crs)
        return geo_err_nomem(err);
    c->fields[c->fields_n] = (geo_field){.name = "geometry", .type = GEO_GEOMETRY, .crs = crs, .made = true,
                                          .kind = c->wkt >= 0 ? GEO_NO_GEOMETRY : GEO_POINT};
    c->schema.fields_n = c->fields_n + 1;
    return GEO_OK;
}

static bool asked_for(const geo_reader_options *o, const char *name)
{
    if (!o->columns)
        return true;
    for (const char *const *n = o->columns; *n; n++)
        if (strcasecmp(*n, name) == 0)
            return true;
    return false;
}

static geo_status choose_columns(csv *c, const geo_reader_options *o, geo_err *err)
{
    const geo_schema own = {c->fields_n, c->fields};
    c->schema = own;
    for (const char *const *n = o->columns; n && *n; n++)
        if (geo_schema_find(&own, *n) < 0)
            return missing(c, *n, err);
    geo_status st = geo_schema_check_class(&own, c->name, err);
    if (st == GEO_OK)
        st = find_coordinates(c, o, err);
    if (st < 0)
        return st;
    c->schema.fields = c->fields;
    c->class_at = file_field(c, GEO_CLASS_COLUMN);
    c->slot = geo_arena_array(&c->arena, c->fields_n + 1, sizeof *c->slot);
    c->decoded = geo_arena_array(&c->arena, c->fields_n + 1, sizeof *c->decoded);
    c->held = geo_arena_array(&c->arena, c->fields_n + 1, sizeof *c->held);
    if (!c->slot || !c->decoded || !c->held)
        return geo_err_nomem(err);
    for (size_t i = 0; i < c->fields_n; i++) {
        const ptrdiff_t f = (ptrdiff_t)i;
        c->held[i] = asked_for(o, c->fields[i].name) && geo_schema_find(&own, c->fields[i].name) == f;
        const bool needed = c->held[i] || f == c->x || f == c->y || f == c->wkt || f == c->class_at;
        c->slot[i] = needed ? (int32_t)c->decoded_n : -1;
        if (needed)
            c->decoded[c->decoded_n++] = i;
    }
    return GEO_OK;
}

/* What a value could be stored as: bit GEO_INT, GEO_DOUBLE, GEO_DATE. */
static unsigned fitting_types(const char *s, size_t n)
{
    bool whole;
    int32_t days;
    if (geo_date_parse(s, n, &days))
        return 1u << GEO_DATE;
    if (!geo_number_is_plain(s, n, &whole))
        return 0;
    return (n <= 15 || !whole ? 1u << GEO_DOUBLE : 0) | (whole ? 1u << GEO_INT : 0);
}

/* Read the whole file once and give each column the narrowest type that every value fits. */
static geo_status settle_types(csv *c, int64_t first_line, geo_err *err)
{
    unsigned *fits = geo_arena_array(&c->arena, c->fields_n + 1, sizeof *fits);
    bool *seen = geo_arena_array(&c->arena, c->fields_n + 1, sizeof *seen);
    if (!fits || !seen)
        return geo_err_nomem(err);
    for (size_t i = 0; i < c->fields_n; i++) {
        fits[i] = 1u << GEO_INT | 1u << GEO_DOUBLE | 1u << GEO_DATE;
        seen[i] = false;
    }
    geo_piece piece = {.bad_line = -1};
    geo_status st;
    while ((st = fetch(c, &piece, err)) == GEO_OK && (st = decode(c, &piece, err)) == GEO_OK) {
        for (size_t i = 0; i < c->fields_n; i++)
            for (size_t r = 0; c->held[i] && fits[i] && r < piece.batch.rows_n; r++) {
                size_t n;
                const char *s = geo_column_text(&piece.batch.columns[i], r, &n);
                if (n) {
                    fits[i] &= fitting_types(s, n);
                    seen[i] = true;
                }
            }
        geo_arena_reset(&piece.arena);
        first_line += piece.lines_n;
    }
    if (st < 0 && piece.bad_line >= 0)
        st = geo_err_wrap(err, st, "line %lld", (long long)(first_line + piece.bad_line));
    geo_arena_clear(&piece.arena);
    geo_bytes_clear(&piece.raw);
    if (st < 0)
        return st;
    for (size_t i = 0; i < c->fields_n; i++) {
        if (seen[i] && c->held[i] && (ptrdiff_t)i != c->class_at)
            c->fields[i].type = fits[i] & 1u << GEO_INT      ? GEO_INT
                                : fits[i] & 1u << GEO_DOUBLE ? GEO_DOUBLE
                                : fits[i] & 1u << GEO_DATE   ? GEO_DATE
                                                             : GEO_TEXT;
    }
    return GEO_OK;
}

/* Back to the first row after the header. */
static geo_status rewind_rows(csv *c, geo_err *err)
{
    geo_bytes rows_ = {0};
    c->carry.n = 0;
    c->at_end = c->started = false;
    if (!geo_input_rewind(c->in))
        return geo_err_set(err, GEO_EIO, "cannot read '%s' a second time", c->name);
    geo_field *fields = c->fields;
    const size_t fields_n = c->fields_n;
    int64_t ignored;
    const geo_status st = read_header(c, &ignored, err);
    geo_bytes_clear(&rows_);
    if (st == GEO_OK && c->fields_n != fields_n)
        return geo_err_set(err, GEO_EFORMAT, "'%s' changed while it was read", c->name);
    c->fields = fields;
    return st;
}

geo_status geo_csv_open(const char *name, const geo_reader_options *o, geo_reader *r, geo_err *err)
{
    csv *c = calloc(1, sizeof *c);
    if (!c)
        return geo_err_nomem(err);
    strncat(c->name, strcmp(name, "-") ? name : "standard input", sizeof c->name - 1);
    c->piece_bytes = o->chunk_bytes ? o->chunk_bytes : PIECE_BYTES;
    c->encoding = o->encoding;
    c->watch = o->watch;
    c->label = o->label;
    c->label.class_ = geo_class_join(o->label.class_, o->raise);
    c->raise = o->raise;
    int64_t header_lines = 0;
    geo_status st = geo_input_open(name, o->watch, &c->in, err);
    if (st == GEO_OK)
        st = read_header(c, &header_lines, err);
    if (st == GEO_OK)
        st = choose_columns(c, o, err);
    if (st == GEO_OK && o->settle_types && geo_input_size(c->in) > 0) {
        st = settle_types(c, header_lines + 1, err);
        if (st == GEO_OK)
            st = rewind_rows(c, err);
    }
    if (st < 0) {
        csv_close(c);
        return st;
    }
    r->driver = &DRIVER;
    r->state = c;
    r->schema = c->schema;
    r->has_text = true;
    r->unit = "line";
    r->next_line = header_lines + 1;
    return GEO_OK;
}
