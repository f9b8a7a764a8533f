/*
 * CSV by RFC 4180, streaming: quoted fields with commas, quotes and line feeds, LF or CRLF line ends, a UTF-8 byte-order mark. A quote
 * opens a quoted field only where a field starts; elsewhere it is an ordinary character. Blank lines between rows are passed over.
 *
 * fetch() cuts the input into pieces at row ends; decode() finds the fields of a piece and has the wanted ones made into columns.
 */
#define _GNU_SOURCE /* memrchr */
#include "csv.h"

#include "csv_scan.h"
#include "text.h"

#include <stdlib.h>

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

size_t geo_csv_whole_rows(const char *text, size_t n)
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

geo_status geo_csv_fetch(void *state, geo_piece *piece, geo_err *err)
{
    return geo_chunks_fetch(&((geo_csv *)state)->chunks, piece, err);
}

/* ---- finding fields ---- */

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
static bool find_fields(const geo_csv *c, const char *text, size_t n, geo_csv_rows *out, geo_faults *faults)
{
    geo_csv_scan scan = {text, n, 0, 0};
    geo_csv_seek(&scan, 0);
    const size_t fields_n = c->fields_n, decoded_n = c->decoded_n;
    const int32_t *slot = c->slot;
    size_t row_at = 0, field_at = 0, field = 0, quoted_end = 0;
    uint32_t line = 0, feeds_inside = 0;
    geo_csv_span *spans = out->spans;
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
            geo_csv_span *s = &spans[slot[field]];
            if (quoted_end)
                *s = (geo_csv_span){(uint32_t)(field_at + 1) | GEO_CSV_QUOTED, (uint32_t)(quoted_end - field_at - 2)};
            else
                *s = (geo_csv_span){(uint32_t)field_at, (uint32_t)(end - field_at)};
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
    const geo_csv_rows *rows;
} filtering;

/* The value of a field for the filter: none where nothing stands, not even quotes. */
static bool filter_value(const void *ctx, size_t row, size_t field, geo_bytes *out, bool *null)
{
    const filtering *f = ctx;
    const geo_csv_span *s = &f->rows->spans[row * f->c->decoded_n + (size_t)f->c->slot[field]];
    const char *p = f->text + (s->at & ~GEO_CSV_QUOTED);
    *null = s->len == 0 && !(s->at & GEO_CSV_QUOTED);
    if (!geo_bytes_reserve(out, s->len))
        return false;
    if (s->at & GEO_CSV_QUOTED) {
        out->n += geo_csv_unquote(out->data + out->n, p, s->len);
    } else {
        memcpy(out->data + out->n, p, s->len);
        out->n += s->len;
    }
    return true;
}

/* Take out the rows that the filter does not let pass. */
static geo_status filter_rows(const geo_csv *c, geo_piece *piece, geo_csv_rows *found, geo_err *err)
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

/* ---- decoding ---- */

/* Text that is no UTF-8, or no text at all. */
static geo_status check_text(const geo_csv *c, geo_piece *piece, geo_err *err)
{
    const char *nul = memchr(piece->raw.data, '\0', piece->raw.n);
    const size_t bad = nul ? (size_t)(nul - piece->raw.data) : geo_utf8_check(piece->raw.data, piece->raw.n);
    if (bad == piece->raw.n)
        return GEO_OK;
    piece->bad_line = (int64_t)geo_csv_count_feeds(piece->raw.data, bad);
    if (nul)
        return geo_err_set(err, GEO_EFORMAT, "'%s' is not text", c->chunks.name);
    return geo_err_set(err, GEO_EFORMAT, "'%s' is not UTF-8; if it came from Windows or Excel, say --encoding windows-1252",
                       c->chunks.name);
}

/* Replace the raw text by its UTF-8 form. */
static bool to_utf8(geo_piece *piece)
{
    geo_bytes converted = {0};
    if (!geo_windows_1252(&converted, piece->raw.data, piece->raw.n) || !geo_bytes_reserve(&converted, GEO_CHUNK_PADDING)) {
        geo_bytes_clear(&converted);
        return false;
    }
    memset(converted.data + converted.n, 0, GEO_CHUNK_PADDING);
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
    const size_t feeds_n = geo_csv_count_feeds(piece->raw.data, piece->raw.n), commas_n = c->fields_n - 1;
    size_t most = commas_n ? piece->raw.n / commas_n : feeds_n; /* a row has its commas and, but for the last, its line feed */
    most = (most < feeds_n ? most : feeds_n) + 1;
    geo_csv_rows found = {.at = geo_arena_array(arena, most, sizeof *found.at),
                          .len = geo_arena_array(arena, most, sizeof *found.len),
                          .line = geo_arena_array(arena, most, sizeof *found.line),
                          .spans = geo_arena_array(arena, most * (c->decoded_n + 1), sizeof *found.spans)};
    geo_column *columns = geo_arena_array(arena, c->schema.fields_n + 1, sizeof *columns);
    if (!found.at || !found.len || !found.line || !found.spans || !columns)
        return geo_err_nomem(err);
    if (!find_fields(c, piece->raw.data, piece->raw.n, &found, &piece->faults)) {
        piece->bad_line = found.lines_n;
        return geo_err_set(err, GEO_EFORMAT, "a quoted field of '%s' is never closed: the file is cut short or a quote is missing",
                           c->chunks.name);
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
    if (geo_csv_make_columns(c, &found, piece, columns))
        return GEO_OK;
    return piece->bad_line < 0 ? geo_err_nomem(err) : geo_err_set(err, GEO_EFORMAT, "'%s' changed while it was read", c->chunks.name);
}
