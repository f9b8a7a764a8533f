/*
 * The CSV reader, from standard input (a file in memory) to close. The first byte chooses what is read, the second the size of the pieces.
 * However the input is cut into pieces, the same rows, values and faults come out, or the same kind of error; every line is a row or a
 * fault.
 */
#define _GNU_SOURCE /* memfd_create */
#include "geo/reader.h"
#include "stream.h"

#include <math.h>

typedef struct outcome {
    geo_status st;
    size_t fields_n;
    int64_t rows_n;
    uint64_t hash; /* of every row and value, in order */
    geo_faults faults;
    geo_err err;
} outcome;

static uint64_t mix_value(uint64_t h, const geo_column *c, size_t r)
{
    size_t n = 0;
    double v = 0;
    const uint8_t null = geo_column_is_null(c, r);
    h = mix(h, &null, 1);
    if (c->type == GEO_TEXT) {
        const char *s = geo_column_text(c, r, &n);
        REQUIRE(s || n == 0);
        return s ? mix(h, s, n) : h;
    }
    if (c->type != GEO_GEOMETRY)
        return !null && geo_column_number(c, r, &v) ? mix(h, &v, 8) : h;
    const geo_geometries *g = c->geometries;
    if (g->kind)
        return mix(h, &g->kind[r], 1);
    REQUIRE((isfinite(g->x[r]) && isfinite(g->y[r])) || (isnan(g->x[r]) && isnan(g->y[r])) || (isinf(g->x[r]) && isinf(g->y[r])));
    return isnan(g->x[r]) ? mix(h, "-", 1) : mix(mix(h, &g->x[r], 8), &g->y[r], 8);
}

static void add_batch(outcome *o, const geo_batch *b, int64_t *last_line)
{
    REQUIRE(b->rows_n > 0);
    for (size_t r = 0; r < b->rows_n; r++) {
        const int64_t line = geo_batch_line(b, r);
        const uint8_t class_ = (uint8_t)geo_batch_class(b, r);
        REQUIRE(line > *last_line && class_ <= GEO_CLASS_SPECIAL);
        *last_line = line;
        REQUIRE(!memchr(b->text + b->row_at[r], '\0', b->row_len[r]));
        o->hash = mix(mix(mix(o->hash, &line, 8), &class_, 1), b->text + b->row_at[r], b->row_len[r]);
        for (size_t i = 0; i < b->schema->fields_n; i++)
            if (b->columns[i].held)
                o->hash = mix_value(o->hash, &b->columns[i], r);
        if (b->class_at)
            REQUIRE((uint64_t)b->class_at[r] + b->class_len[r] <= b->row_len[r]);
    }
}

static outcome read_all(int fd, const geo_reader_options *options)
{
    outcome o = {.hash = 14695981039346656037u};
    geo_reader *reader = NULL;
    const geo_batch *batch;
    int64_t last_line = 0;
    REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
    o.st = geo_reader_open("-", options, &reader, &o.err);
    REQUIRE(o.st == GEO_OK ? reader != NULL : o.st < 0 && !reader && o.err.msg[0]);
    if (o.st < 0)
        return o;
    o.fields_n = geo_reader_schema(reader)->fields_n;
    while ((o.st = geo_reader_next(reader, &batch, &o.err)) == GEO_OK) {
        add_batch(&o, batch, &last_line);
        o.rows_n += (int64_t)batch->rows_n;
    }
    REQUIRE(o.st == GEO_DONE || o.st < 0);
    o.faults = *geo_reader_faults(reader);
    REQUIRE(geo_reader_rows(reader) == o.rows_n);
    geo_reader_close(reader);
    return o;
}

/* Lines that are not blank, after the header. */
static int64_t lines_of(const char *text, size_t n)
{
    int64_t lines = 0;
    size_t length = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] != '\n') {
            length++;
            continue;
        }
        lines += length > 0;
        length = 0;
    }
    return lines + (length > 0) - 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2)
        return 0;
    const char *text = (const char *)data + 2;
    const size_t text_n = n - 2;
    if (text_n == 0 || text[0] == '{' || text[0] == '\x1E' || (text_n >= 7 && memcmp(text, "fgb\3fgb", 7) == 0))
        return 0; /* another format */
    const int fd = standard_input();
    REQUIRE(pwrite(fd, text, text_n, 0) == (ssize_t)text_n);
    const int what = data[0];
    geo_reader_options options = {.try_geometry = what & 1,
                                  .settle_types = what >> 1 & 1,
                                  .encoding = what >> 2 & 1 ? GEO_WINDOWS_1252 : GEO_UTF8,
                                  .raise = what >> 3 & 1,
                                  .label = {.class_ = (geo_class)(what >> 4 & 3)}};
    static const char *const SOME[] = {"b", NULL};
    if (what >> 6 & 1)
        options.columns = SOME;
    if (what >> 7 & 1)
        options.crs = "EPSG:27700";
    const outcome whole = read_all(fd, &options);
    options.chunk_bytes = 1 + data[1] % 64;
    const outcome pieces = read_all(fd, &options);
    REQUIRE(whole.st == pieces.st);
    if (whole.st != GEO_DONE)
        return 0;
    REQUIRE(whole.fields_n == pieces.fields_n && whole.rows_n == pieces.rows_n && whole.hash == pieces.hash);
    REQUIRE(memcmp(&whole.faults, &pieces.faults, sizeof whole.faults) == 0);
    const char *feed = memchr(text, '\n', text_n);
    const bool several =
        memchr(text, ',', feed ? (size_t)(feed - text) : text_n) != NULL; /* in a table of one field a blank line is a row */
    const bool gzipped = text_n > 1 && (unsigned char)text[0] == 0x1f;
    if (several && !gzipped && !memchr(text, '"', text_n) && !memchr(text, '\r', text_n))
        REQUIRE(whole.rows_n + whole.faults.n[GEO_FAULT_RAGGED] == lines_of(text, text_n));
    return 0;
}
