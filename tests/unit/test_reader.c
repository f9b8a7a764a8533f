/*
 * Reading CSV: the cases of RFC 4180 by hand, then random files against a parser that goes character by character over the whole file.
 */
#include "unit.h"

#include "geo/init.h"
#include "geo/reader.h"

#include <zlib.h>

/* ---- a table as text, to compare ---- */

typedef struct text {
    char *s;
    size_t n, room;
} text;

static void put(text *t, const char *s, size_t n)
{
    if (t->room - t->n < n + 1 || !t->s) {
        t->room = (t->n + n + 1) * 2;
        t->s = realloc(t->s, t->room);
        if (!t->s)
            abort();
    }
    memcpy(t->s + t->n, s, n);
    t->n += n;
    t->s[t->n] = '\0';
}

static void put_line_number(text *t, int64_t line)
{
    char s[32];
    put(t, s, (size_t)sprintf(s, "%" PRId64 ":", line));
}

/* One field: ~ for no value, else <its characters>. */
static void put_field(text *t, const char *s, size_t n)
{
    if (!s) {
        put(t, "~", 1);
        return;
    }
    put(t, "<", 1);
    put(t, s, n);
    put(t, ">", 1);
}

static void put_faults(text *t, const geo_faults *f)
{
    for (int k = 0; k < GEO_FAULTS_N; k++)
        for (int64_t i = 0; i < f->n[k]; i++) {
            char s[64];
            put(t, s, (size_t)sprintf(s, "fault %d line %" PRId64 "\n", k, i < GEO_FAULT_LINES ? f->line[k][i] : -1));
        }
}

/* Rows of a batch: line, the row's own text, every field. */
static void put_batch(text *t, const geo_batch *b)
{
    for (size_t r = 0; r < b->rows_n; r++) {
        put_line_number(t, geo_batch_line(b, r));
        put(t, b->text + b->row_at[r], b->row_len[r]);
        put(t, "|", 1);
        for (size_t i = 0; i < b->schema->fields_n; i++) {
            size_t n;
            const char *s = geo_column_text(&b->columns[i], r, &n);
            put_field(t, s, n);
        }
        put(t, "\n", 1);
    }
}

/* ---- the slow parser ---- */

typedef enum ending { FINE, UNTERMINATED } ending;

/*
 * RFC 4180 as the library documents it: a quote opens a quoted field only where a field starts; a blank line is passed over; a row with
 * another number of fields is a fault (0: GEO_FAULT_RAGGED), as is text after a closing quote (1: GEO_FAULT_QUOTE), whose row ends with
 * the line on which that text stands.
 */
static ending parse_slowly(const char *s, size_t n, size_t fields_n, text *out)
{
    geo_faults faults = {0};
    int64_t line = 1;
    size_t i = n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    for (bool header = true; i < n; header = false) {
        const size_t row_at = i;
        const int64_t row_line = line;
        size_t k = 0, row_end = 0;
        bool bad_quote = false, row_done = false;
        text fields = {0};
        while (!row_done) {
            text f = {0};
            const bool quoted = i < n && s[i] == '"';
            put(&f, "", 0);
            if (quoted) {
                for (i++;; i++) {
                    if (i >= n) {
                        free(f.s);
                        free(fields.s);
                        return UNTERMINATED;
                    }
                    if (s[i] == '"' && i + 1 < n && s[i + 1] == '"')
                        i++;
                    else if (s[i] == '"')
                        break;
                    line += s[i] == '\n';
                    put(&f, &s[i], 1);
                }
                i++;
                row_end = i;
                const size_t after = i < n && s[i] == '\r' && (i + 1 == n || s[i + 1] == '\n') ? i + 1 : i;
                if (after < n && s[after] != ',' && s[after] != '\n') {
                    bad_quote = true;
                    while (i < n && s[i] != '\n')
                        i++;
                } else {
                    i = after;
                }
            } else {
                const size_t from = i;
                while (i < n && s[i] != ',' && s[i] != '\n')
                    i++;
                row_end = i;
                if ((i == n || s[i] == '\n') && i > from && s[i - 1] == '\r')
                    row_end--;
                put(&f, s + from, row_end - from);
            }
            row_done = bad_quote || i >= n || s[i] == '\n';
            put_field(&fields, quoted || f.n ? f.s : NULL, f.n);
            free(f.s);
            k++;
            line += i < n && s[i] == '\n';
            i++;
        }
        if (bad_quote) {
            geo_faults_add(&faults, GEO_FAULT_QUOTE, row_line);
        } else if (k == fields_n && !header) {
            put_line_number(out, row_line);
            put(out, s + row_at, row_end - row_at);
            put(out, "|", 1);
            put(out, fields.s, fields.n);
            put(out, "\n", 1);
        } else if (!header && !(k == 1 && row_end == row_at)) {
            geo_faults_add(&faults, GEO_FAULT_RAGGED, row_line);
        }
        free(fields.s);
    }
    put_faults(out, &faults);
    return FINE;
}

/* ---- the library, two ways ---- */

static geo_status read_by_next(const char *file, const geo_reader_options *o, text *out, geo_err *err)
{
    geo_reader *r;
    geo_status st = geo_reader_open(file, o, &r, err);
    if (st < 0)
        return st;
    const geo_batch *b;
    int64_t rows_n = 0;
    while ((st = geo_reader_next(r, &b, err)) == GEO_OK) {
        assert_true(b->rows_n > 0);
        put_batch(out, b);
        rows_n += (int64_t)b->rows_n;
    }
    assert_int_equal(geo_reader_rows(r), rows_n);
    put_faults(out, geo_reader_faults(r));
    geo_reader_close(r);
    return st;
}

static geo_status count_rows(void *ctx, geo_parcel *p, geo_err *err)
{
    (void)ctx, (void)err;
    for (size_t r = 0; r < p->in->rows_n; r++)
        geo_faults_add(p->faults, GEO_FAULT_OUTSIDE, p->in->line[r]); /* one a row: their lines come out in order */
    return GEO_OK;
}

static geo_status put_parcel(void *ctx, const geo_parcel *p, geo_err *err)
{
    (void)err;
    put_batch(ctx, &p->out);
    return GEO_OK;
}

static geo_status read_by_flow(const char *file, const geo_reader_options *o, int threads, text *out, geo_err *err)
{
    geo_reader *r;
    geo_status st = geo_reader_open(file, o, &r, err);
    if (st < 0)
        return st;
    geo_faults faults = {0};
    const geo_flow flow = {count_rows, put_parcel, out};
    st = geo_flow_run(r, &flow, threads, &faults, err);
    if (st == GEO_OK) {
        assert_int_equal(faults.n[GEO_FAULT_OUTSIDE], geo_reader_rows(r));
        const char *p = out->s;
        for (int64_t i = 0; i < faults.n[GEO_FAULT_OUTSIDE] && i < GEO_FAULT_LINES && !strchr(out->s, '"'); i++) {
            assert_int_equal(strtoll(p, NULL, 10),
                             faults.line[GEO_FAULT_OUTSIDE][i]); /* quoted fields may hold line ends: then not compared */
            p = strchr(p, '\n') + 1;
        }
    }
    put_faults(out, geo_reader_faults(r));
    geo_reader_close(r);
    return st;
}

/* ---- by hand ---- */

static void tables_by_hand(void **state)
{
    (void)state;
    static const struct {
        const char *name, *csv, *rows; /* after RFC 4180 and the head of io/csv_read.c */
    } CASES[] = {
        {"plain", "a,b\n1,2\n", "2:1,2|<1><2>\n"},
        {"no final line end", "a,b\n1,2", "2:1,2|<1><2>\n"},
        {"last field empty at the end", "a,b\n1,", "2:1,|<1>~\n"},
        {"CRLF", "a,b\r\n1,2\r\n3,4\r\n", "2:1,2|<1><2>\n3:3,4|<3><4>\n"},
        {"CRLF without the last LF", "a,b\r\n1,2\r", "2:1,2|<1><2>\n"},
        {"byte-order mark",
         "\xEF\xBB\xBF"
         "a,b\n1,2\n",
         "2:1,2|<1><2>\n"},
        {"byte-order mark and quotes", "\xEF\xBB\xBF\"a\",\"b\"\n1,2\n", "2:1,2|<1><2>\n"},
        {"quotes", "a,b\n\"1\",\"2\"\n", "2:\"1\",\"2\"|<1><2>\n"},
        {"comma in quotes", "a,b\n\"1,1\",2\n", "2:\"1,1\",2|<1,1><2>\n"},
        {"doubled quotes", "a,b\n\"say \"\"hi\"\"\",2\n", "2:\"say \"\"hi\"\"\",2|<say \"hi\"><2>\n"},
        {"nothing but a doubled quote", "a,b\n\"\"\"\",2\n", "2:\"\"\"\",2|<\"><2>\n"},
        {"line end in quotes", "a,b\n\"1\n1\",2\n3,4\n", "2:\"1\n1\",2|<1\n1><2>\n4:3,4|<3><4>\n"},
        {"CRLF in quotes and after", "a,b\r\n1,\"2\r\n2\"\r\n3,4\r\n", "2:1,\"2\r\n2\"|<1><2\r\n2>\n4:3,4|<3><4>\n"},
        {"empty and quoted empty", "a,b\n,\"\"\n", "2:,\"\"|~<>\n"},
        {"quote inside an unquoted field", "a,b\n5\" nail,2\n", "2:5\" nail,2|<5\" nail><2>\n"},
        {"blanks belong to fields", "a,b\n 1 , 2 \n", "2: 1 , 2 |< 1 >< 2 >\n"},
        {"blank lines", "a,b\n\n1,2\n\r\n\n3,4\n\n", "3:1,2|<1><2>\n6:3,4|<3><4>\n"},
        {"ragged", "a,b\n1\n1,2\n1,2,3\n4,5\n", "3:1,2|<1><2>\n5:4,5|<4><5>\nfault 0 line 2\nfault 0 line 4\n"},
        {"ragged after line ends in quotes", "a,b\n\"\n\n\",2\n1\n3,4\n", "2:\"\n\n\",2|<\n\n><2>\n6:3,4|<3><4>\nfault 0 line 5\n"},
        {"text after a closing quote", "a,b\n\"1\"x,2\n3,4\n", "3:3,4|<3><4>\nfault 1 line 2\n"},
        {"blank after a closing quote", "a,b\n\"1\" ,2\n3,4\n", "3:3,4|<3><4>\nfault 1 line 2\n"},
        {"return after a closing quote", "a,b\n\"1\"\rx,2\n3,4\n", "3:3,4|<3><4>\nfault 1 line 2\n"},
        {"header only", "a,b\n", ""},
        {"header only, no line end", "a,b", ""},
        {"header of two lines", "\"a\n1\",b\n1,2\n", "3:1,2|<1><2>\n"},
        {"one column", "a\n1\n2\n", "2:1|<1>\n3:2|<2>\n"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const char *file = unit_text("hand.csv", CASES[i].csv);
        for (int threads = 0; threads <= 2; threads++) {
            geo_err err = {0};
            text got = {0};
            put(&got, "", 0);
            const geo_status st = threads ? read_by_flow(file, &(geo_reader_options){0}, threads, &got, &err)
                                          : read_by_next(file, &(geo_reader_options){0}, &got, &err);
            CHECK(st >= 0, "%s: %s", CASES[i].name, err.msg);
            CHECK(strcmp(got.s, CASES[i].rows) == 0, "%s:\n%snot\n%s", CASES[i].name, got.s, CASES[i].rows);
            free(got.s);
        }
    }
}

static void header_names(void **state)
{
    (void)state;
    static const struct {
        const char *csv;
        const char *names[4];
    } CASES[] = {
        {"a,b,c\n", {"a", "b", "c"}},
        {"\xEF\xBB\xBF"
         "a,b\n",
         {"a", "b"}},
        {"\xEF\xBB\xBF\"a, x\",b\r\n", {"a, x", "b"}},
        {"\"a\"\"b\",c\n", {"a\"b", "c"}},
        {"\"a\nb\",c\r\n", {"a\nb", "c"}},
        {"a,,c", {"a", "", "c"}},
        {"caf\xC3\xA9,b\n", {"caf\xC3\xA9", "b"}},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_err err;
        geo_reader *r;
        CHECK_OK(geo_reader_open(unit_text("header.csv", CASES[i].csv), &(geo_reader_options){0}, &r, &err), &err);
        const geo_schema *schema = geo_reader_schema(r);
        for (size_t k = 0; k < schema->fields_n; k++)
            assert_string_equal(schema->fields[k].name, CASES[i].names[k]);
        assert_true(schema->fields_n == 4 || !CASES[i].names[schema->fields_n]);
        geo_reader_close(r);
    }
}

/* An error has the right status and names the line. */
static void check_error(const char *name, const char *csv, size_t n, const geo_reader_options *o, geo_status expected, const char *words)
{
    const char *file = unit_write("error.csv", csv, n);
    for (int threads = 0; threads <= 2; threads++) {
        geo_err err = {.msg = "no message"};
        text got = {0};
        const geo_status st = threads ? read_by_flow(file, o, threads, &got, &err) : read_by_next(file, o, &got, &err);
        CHECK(st == expected, "%s: status %d: %s", name, st, err.msg);
        CHECK(err.code == expected, "%s: code %d", name, err.code);
        CHECK(strstr(err.msg, words) != NULL, "%s: '%s' does not say '%s'", name, err.msg, words);
        free(got.s);
    }
}

static void errors_name_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *name, *csv;
        size_t n; /* 0: strlen */
        const char *words;
    } CASES[] = {
        {"empty", "", 0, "empty"},
        {"unterminated", "a,b\n1,2\n3,\"4\n5,6\n", 0, "line 3"},
        {"unterminated in the last field", "a,b\n1,2\n3,\"", 0, "line 3"},
        {"UTF-8", "a,b\n1,2\n3,\xE9\n5,6\n", 0, "line 3"},
        {"UTF-8 after line ends in quotes", "a,b\n\"1\n\n\",2\n3,\xE9\n5,6\n", 0, "line 5"},
        {"UTF-8 cut at the end", "a,b\n1,\xC3", 0, "line 2"},
        {"surrogate", "a,b\n1,\xED\xA0\x80\n", 0, "line 2"},
        {"NUL", "a,b\n1,2\n3,\0\n", 12, "not text"},
        {"NUL in the header", "a,\0\n1,2\n", 8, "not text"},
        {"header not UTF-8", "a,\xE9\n1,2\n", 0, "UTF-8"},
        {"header with text after a closing quote", "\"a\"x,b\n1,2\n", 0, "closing quote"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        check_error(CASES[i].name, CASES[i].csv, CASES[i].n ? CASES[i].n : strlen(CASES[i].csv), &(geo_reader_options){0}, GEO_EFORMAT,
                    CASES[i].words);
}

/* The same when the file is read beforehand to find its types. */
static void errors_name_the_line_when_settling(void **state)
{
    (void)state;
    static const char CSV[] = "a,b\n1,2\n3,\xE9\n5,6\n";
    check_error("settling", CSV, sizeof CSV - 1, &(geo_reader_options){.settle_types = true}, GEO_EFORMAT, "line 3");
}

/* The line is right in a later piece of the file too. */
static void errors_far_down(void **state)
{
    (void)state;
    text csv = {0};
    put(&csv, "a,b\n", 4);
    for (int i = 0; i < 5000; i++)
        put(&csv, "1234567,\"x\ny\"\n", 14); /* two lines each: the next row is line 10002 */
    put(&csv, "1,\xFF\n1,2\n", 8);
    check_error("far down", csv.s, csv.n, &(geo_reader_options){.chunk_bytes = 1}, GEO_EFORMAT, "line 10002");
    memcpy(csv.s + csv.n - 8, "1,\"\n1,2\n", 8);
    check_error("far down", csv.s, csv.n, &(geo_reader_options){.chunk_bytes = 1}, GEO_EFORMAT, "line 10002");
    free(csv.s);
}

static void errors_of_files(void **state)
{
    (void)state;
    geo_err err;
    geo_reader *r;
    assert_int_equal(geo_reader_open(unit_path("none.csv"), &(geo_reader_options){0}, &r, &err), GEO_EIO);
    const char *file = unit_text("some.csv", "alpha,beta\n1,2\n");
    assert_int_equal(geo_reader_open(file, &(geo_reader_options){.columns = (const char *const[]){"alhpa", NULL}}, &r, &err), GEO_EARG);
    assert_non_null(strstr(err.msg, "'alpha'")); /* the near name */
    assert_int_equal(geo_reader_open(file, &(geo_reader_options){.layer = "x"}, &r, &err), GEO_EARG);
    assert_int_equal(geo_reader_open(file, &(geo_reader_options){.want_geometry = true}, &r, &err), GEO_EARG);
    assert_int_equal(geo_reader_open(file, &(geo_reader_options){.want_geometry = true, .x = "alpha"}, &r, &err), GEO_EARG);
    assert_int_equal(geo_reader_open(file, &(geo_reader_options){.want_geometry = true, .x = "alpha", .y = "beta"}, &r, &err), GEO_ECRS);
    assert_int_equal(
        geo_reader_open(file, &(geo_reader_options){.want_geometry = true, .x = "alpha", .y = "gamma", .crs = "EPSG:27700"}, &r, &err),
        GEO_EARG);
    assert_int_equal(geo_reader_open(file, &(geo_reader_options){.want_geometry = true, .geometry_field = "gamma"}, &r, &err), GEO_EARG);
}

/* ---- random files ---- */

/* A random table of `bytes` or so. wrong: rows with text after a closing quote, and stray quotes behind it. */
static void make_csv(geo_random *r, size_t bytes, size_t fields_n, bool wrong, text *csv)
{
    static const char *const PARTS[] = {"a", "bc", "\xC3\xA9", "\xE2\x82\xAC", " ", "\r", "\"", "12", "x y z"};
    static const char *const QUOTED[] = {"a", "\"\"", "\n", ",", "\r\n", "\xF0\x9F\x98\x80", ",\n", "\"\",", "\n\"\""};
    const char *end = geo_random_below(r, 2) ? "\n" : "\r\n";
    if (geo_random_below(r, 2))
        put(csv, "\xEF\xBB\xBF", 3);
    for (size_t i = 0; i < fields_n; i++) {
        char name[32];
        put(csv, name, (size_t)sprintf(name, "%sf%zu", i ? "," : "", i));
    }
    put(csv, end, strlen(end));
    const uint64_t longest = 1 + geo_random_below(r, 30);
    while (csv->n < bytes) {
        if (geo_random_below(r, 20) == 0)
            put(csv, end, strlen(end));
        const size_t n = geo_random_below(r, 15) ? fields_n : geo_random_below(r, 2 * fields_n) + 1;
        for (size_t i = 0; i < n; i++) {
            if (i)
                put(csv, ",", 1);
            const uint64_t kind = geo_random_below(r, 3), parts_n = geo_random_below(r, longest);
            if (kind == 0)
                continue;
            if (kind == 1)
                put(csv, "\"", 1);
            for (uint64_t k = 0; k < parts_n; k++) {
                const char *part = kind == 1 ? QUOTED[geo_random_below(r, COUNT_OF(QUOTED))] : PARTS[geo_random_below(r, COUNT_OF(PARTS))];
                if (kind == 2 && k == 0 && *part == '"')
                    part = "q";
                put(csv, part, strlen(part));
            }
            if (kind == 1)
                put(csv, "\"", 1);
            if (kind == 1 && wrong && geo_random_below(r, 20) == 0)
                put(csv, geo_random_below(r, 2) ? "x " : "\rx", 2);
        }
        put(csv, end, strlen(end));
    }
    if (geo_random_below(r, 2))
        csv->n -= strlen(end);
}

static void check_file(const text *csv, const char *file, const char *expected, ending how, size_t chunk, int threads)
{
    text got = {0};
    geo_err err = {0};
    const geo_reader_options o = {.chunk_bytes = chunk};
    put(&got, "", 0);
    const geo_status st = threads ? read_by_flow(file, &o, threads, &got, &err) : read_by_next(file, &o, &got, &err);
    if (how == UNTERMINATED) {
        CHECK(st == GEO_EFORMAT, "%zu bytes, pieces of %zu, %d threads: an unterminated quote is accepted", csv->n, chunk, threads);
    } else {
        CHECK(st >= 0, "%zu bytes, pieces of %zu, %d threads: %s", csv->n, chunk, threads, err.msg);
        if (strcmp(got.s, expected) != 0) {
            size_t i = 0, start = 0;
            for (; got.s[i] == expected[i]; i++)
                start = got.s[i] == '\n' ? i + 1 : start;
            CHECK(false, "%zu bytes, pieces of %zu, %d threads: the tables part at\n%.200s\nnot\n%.200s", csv->n, chunk, threads,
                  got.s + start, expected + start);
        }
    }
    free(got.s);
}

static void check_random_files(const char *what, bool wrong, size_t files_n)
{
    geo_random r = unit_random(what);
    for (size_t i = 0; i < files_n; i++) {
        text csv = {0}, expected = {0};
        const size_t fields_n = 2 + geo_random_below(&r, 5);
        make_csv(&r, geo_random_below(&r, 2) ? 300 : 4000 + geo_random_below(&r, 20000), fields_n, wrong, &csv);
        put(&expected, "", 0);
        const char *file = unit_write("random.csv", csv.s, csv.n);
        const ending how = parse_slowly(csv.s, csv.n, fields_n, &expected);
        static const int THREADS[] = {0, 1, 2, 7};
        for (size_t k = 0; k < 8; k++)
            check_file(&csv, file, expected.s, how, k < 4 ? 1 + geo_random_below(&r, 3000) : 1 + geo_random_below(&r, csv.n),
                       THREADS[k % 4]);
        free(csv.s);
        free(expected.s);
    }
}

static void random_files(void **state)
{
    (void)state;
    check_random_files("random files", false, unit_tries(150));
}

/* Rows that are wrong end with their line, wherever the pieces are cut. */
static void random_files_with_wrong_quotes(void **state)
{
    (void)state;
    check_random_files("wrong quotes", true, unit_tries(150));
}

static void every_chunk_size(void **state)
{
    (void)state;
    geo_random r = unit_random("every chunk size");
    text csv = {0}, expected = {0};
    make_csv(&r, 6000, 4, false, &csv);
    const char *file = unit_write("chunks.csv", csv.s, csv.n);
    const ending how = parse_slowly(csv.s, csv.n, 4, &expected);
    /* Reading rounds up to 4 KiB or so: beyond 1500 the file is one piece anyway, and a few sizes will do. */
    for (size_t chunk = 1; chunk <= csv.n; chunk += getenv("GEO_TEST_SLOW") ? 501 : chunk < 1500 ? 1 : 97)
        check_file(&csv, file, expected.s, how, chunk, chunk % 64 == 0 ? 2 : 0);
    free(csv.s);
    free(expected.s);
}

/* A byte-order mark does not stop the first header field from being quoted, wherever the pieces are cut. */
static void mark_before_a_quoted_header(void **state)
{
    (void)state;
    text csv = {0}, expected = {0};
    put(&csv, "\xEF\xBB\xBF\"x,\",b\n", 10);
    for (int i = 0; i < 3000; i++)
        put(&csv, "1,\"2\n3\"\n", 8);
    const char *file = unit_write("mark.csv", csv.s, csv.n);
    const ending how = parse_slowly(csv.s, csv.n, 2, &expected);
    for (size_t chunk = 1; chunk <= 40; chunk++)
        check_file(&csv, file, expected.s, how, chunk, 0);
    free(csv.s);
    free(expected.s);
}

/* ---- gzip ---- */

static void gzip(void **state)
{
    (void)state;
    geo_random r = unit_random("gzip");
    text csv = {0}, expected = {0}, got = {0};
    geo_err err;
    make_csv(&r, 20000, 3, false, &csv);
    (void)parse_slowly(csv.s, csv.n, 3, &expected);
    char path[320];
    strcpy(path, unit_path("packed.csv.gz"));
    gzFile gz = gzopen(path, "wb");
    assert_int_equal(gzwrite(gz, csv.s, (unsigned)csv.n), csv.n);
    assert_int_equal(gzclose(gz), Z_OK);
    assert_int_equal(read_by_next(path, &(geo_reader_options){.chunk_bytes = 1000}, &got, &err), GEO_DONE);
    assert_string_equal(got.s, expected.s);
    size_t n = 0;
    char *packed = unit_read(path, &n);
    for (size_t cut = 2; cut < n; cut += cut < 20 || n - cut < 20 ? 1 : 997) {
        text partial = {0};
        const char *file = unit_write("cut.csv.gz", packed, cut);
        const geo_status st = read_by_next(file, &(geo_reader_options){.chunk_bytes = 1000}, &partial, &err);
        CHECK(st == GEO_EFORMAT, "cut after %zu of %zu bytes: status %d", cut, n, st);
        free(partial.s);
    }
    packed[n / 2] ^= 0x55;
    text damaged = {0};
    assert_int_equal(read_by_next(unit_write("damaged.csv.gz", packed, n), &(geo_reader_options){0}, &damaged, &err), GEO_EFORMAT);
    free(damaged.s);
    free(packed);
    free(csv.s);
    free(got.s);
    free(expected.s);
}

/* ---- columns with a meaning ---- */

static geo_reader *open_text(const char *csv, const geo_reader_options *o, const geo_batch **b)
{
    geo_err err;
    geo_reader *r;
    CHECK_OK(geo_reader_open(unit_text("meaning.csv", csv), o, &r, &err), &err);
    CHECK_OK(geo_reader_next(r, b, &err), &err);
    return r;
}

static void coordinates_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *header, *crs; /* NULL: the caller must say */
    } CASES[] = {
        {"easting,northing", "EPSG:27700"},
        {"Easting,NORTHING", "EPSG:27700"},
        {"eastings,northings", "EPSG:27700"},
        {"lon,lat", "OGC:CRS84"},
        {"Longitude,Latitude", "OGC:CRS84"},
        {"lng,lat", "OGC:CRS84"},
        {"long,lat", "OGC:CRS84"},
        {"x,y", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char csv[100];
        const geo_batch *b;
        snprintf(csv, sizeof csv, "%s\n1.5,2.5\n,\n\"3\",4\n5,x\n6,\n", CASES[i].header);
        if (!CASES[i].crs) {
            geo_reader *none;
            geo_err err;
            assert_int_equal(geo_reader_open(unit_text("m.csv", csv), &(geo_reader_options){.want_geometry = true}, &none, &err), GEO_ECRS);
        }
        const geo_reader_options o = {.want_geometry = true, .crs = CASES[i].crs ? NULL : "EPSG:27700"};
        geo_reader *r = open_text(csv, &o, &b);
        const geo_schema *schema = geo_reader_schema(r);
        const ptrdiff_t at = geo_schema_geometry(schema);
        assert_int_equal(at, 2);
        assert_string_equal(schema->fields[2].crs, CASES[i].crs ? CASES[i].crs : "EPSG:27700");
        assert_true(schema->fields[2].made && schema->fields[2].kind == GEO_POINT);
        const geo_geometries *g = b->columns[at].geometries;
        assert_null(g->kind);
        assert_true(g->x[0] == 1.5 && g->y[0] == 2.5 && g->x[2] == 3 && g->y[2] == 4);
        assert_true(isnan(g->x[1]) && isnan(g->y[1]));                                     /* none there */
        assert_true(isinf(g->x[3]) && isinf(g->y[3]) && isinf(g->x[4]) && isinf(g->y[4])); /* there, and no good */
        assert_true(geo_column_is_null(&b->columns[at], 1) && geo_column_is_null(&b->columns[at], 3)
                    && !geo_column_is_null(&b->columns[at], 0));
        const geo_faults *f = geo_reader_faults(r);
        assert_int_equal(f->n[GEO_FAULT_GEOMETRY], 2);
        assert_true(f->line[GEO_FAULT_GEOMETRY][0] == 5 && f->line[GEO_FAULT_GEOMETRY][1] == 6);
        geo_reader_close(r);
    }
}

/* Of two pairs the one that suits the caller's system; one pair whatever the caller says. */
static void coordinates_by_system(void **state)
{
    (void)state;
    static const char GRS80[] =
        "GEOGCRS[\"x\",DATUM[\"European Terrestrial Reference System 1989\",ELLIPSOID[\"GRS 1980\",6378137,298.257222101]],"
        "CS[ellipsoidal,2],AXIS[\"latitude\",north],AXIS[\"longitude\",east],UNIT[\"degree\",0.0174532925199433]]";
    static const struct {
        const char *header, *crs, *taken, *x, *y;
        double got_x;
    } CASES[] = {
        {"easting,northing,lon,lat", NULL, "EPSG:27700", NULL, NULL, 1},
        {"easting,northing,lon,lat", "EPSG:27700", "EPSG:27700", NULL, NULL, 1},
        {"lon,lat,easting,northing", "EPSG:27700", "EPSG:27700", NULL, NULL, 3},
        {"easting,northing,lon,lat", "OGC:CRS84", "OGC:CRS84", NULL, NULL, 3},
        {"easting,northing,lon,lat", "EPSG:4326", "EPSG:4326", NULL, NULL, 3}, /* the same, axis order aside */
        {"easting,northing,longitude,latitude", "EPSG:4326", "EPSG:4326", NULL, NULL, 3},
        {"easting,northing,lon,lat", "EPSG:4258", "EPSG:4258", NULL, NULL, 3}, /* neither, but degrees */
        {"easting,northing,lon,lat", GRS80, GRS80, NULL, NULL, 3},
        {"lon,lat,easting,northing", "EPSG:32630", "EPSG:32630", NULL, NULL, 3}, /* neither, but metres */
        {"lon,lat,x,y", "EPSG:27700", "EPSG:27700", NULL, NULL, 3},              /* x and y may be anything */
        {"x,y,lon,lat", "EPSG:4326", "EPSG:4326", NULL, NULL, 3},
        {"easting,northing,a,b", "EPSG:4326", "EPSG:4326", NULL, NULL, 1}, /* the user overrides */
        {"a,b,lon,lat", "EPSG:27700", "EPSG:27700", NULL, NULL, 3},
        {"easting,northing,lon,lat", "EPSG:4326", "EPSG:4326", "easting", "northing", 1}, /* and names the columns */
        {"easting,northing,lon,lat", NULL, "OGC:CRS84", "lon", "lat", 3},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char csv[100];
        const geo_batch *b;
        snprintf(csv, sizeof csv, "%s\n1,2,3,4\n", CASES[i].header);
        const geo_reader_options o = {.want_geometry = true, .crs = CASES[i].crs, .x = CASES[i].x, .y = CASES[i].y};
        geo_reader *r = open_text(csv, &o, &b);
        CHECK(strcmp(geo_reader_schema(r)->fields[4].crs, CASES[i].taken) == 0, "%s as %s: %s", CASES[i].header,
              CASES[i].crs ? CASES[i].crs : "what it says", geo_reader_schema(r)->fields[4].crs);
        CHECK(b->columns[4].geometries->x[0] == CASES[i].got_x, "%s as %s: %g is taken", CASES[i].header,
              CASES[i].crs ? CASES[i].crs : "what it says", b->columns[4].geometries->x[0]);
        geo_reader_close(r);
    }
}

static void geometry_on_trial(void **state)
{
    (void)state;
    const geo_batch *b;
    geo_reader *r = open_text("a,b\n1,2\n", &(geo_reader_options){.try_geometry = true}, &b);
    assert_int_equal(geo_schema_geometry(geo_reader_schema(r)), -1);
    geo_reader_close(r);
    r = open_text("x,y\n1,2\n", &(geo_reader_options){.try_geometry = true}, &b); /* in who knows what: ordinary columns */
    assert_int_equal(geo_schema_geometry(geo_reader_schema(r)), -1);
    geo_reader_close(r);
    r = open_text("lon,lat\n1,2\n", &(geo_reader_options){.try_geometry = true}, &b);
    assert_int_equal(geo_schema_geometry(geo_reader_schema(r)), 2);
    geo_reader_close(r);
    r = open_text("lon,lat\n1,2\n", &(geo_reader_options){0}, &b); /* not asked for */
    assert_int_equal(geo_schema_geometry(geo_reader_schema(r)), -1);
    geo_reader_close(r);
    r = open_text("lon,lat\n1,2\n", &(geo_reader_options){.want_geometry = true, .crs = "EPSG:4258"}, &b);
    assert_string_equal(geo_reader_schema(r)->fields[2].crs, "EPSG:4258");
    geo_reader_close(r);
}

static void geometry_from_wkt(void **state)
{
    (void)state;
    const geo_batch *b;
    const geo_reader_options o = {.want_geometry = true, .crs = "EPSG:27700"};
    geo_reader *r = open_text("id,WKT\n1,POINT (3 4)\n2,\n3,\"POLYGON ((0 0,1 0,0 1,0 0))\"\n4,PINT (3 4)\n5,POINT EMPTY\n", &o, &b);
    const geo_geometries *g = b->columns[2].geometries;
    assert_non_null(g->kind);
    static const uint8_t KINDS[] = {GEO_POINT, GEO_NO_GEOMETRY, GEO_POLYGON, GEO_BAD_GEOMETRY, GEO_NO_GEOMETRY};
    assert_memory_equal(g->kind, KINDS, sizeof KINDS);
    assert_int_equal(geo_reader_faults(r)->n[GEO_FAULT_GEOMETRY], 1);
    assert_int_equal(geo_reader_faults(r)->line[GEO_FAULT_GEOMETRY][0], 5);
    geo_reader_close(r);
}

static void class_column(void **state)
{
    (void)state;
    const geo_batch *b;
    static const char CSV[] = "a,sdc_class,b\n1,open,x\n2,\"Official\",x\n3,,x\n4,secret,x\n5,SPECIAL,x\n";
    const geo_reader_options o = {.label = {.class_ = GEO_CLASS_PERSONAL}, .columns = (const char *const[]){"a", NULL}};
    geo_reader *r = open_text(CSV, &o, &b);
    /* A word that is none counts as special, an empty field as the label says: reader.h and faults.h. */
    static const geo_class EXPECTED[] = {GEO_CLASS_OPEN, GEO_CLASS_OFFICIAL, GEO_CLASS_PERSONAL, GEO_CLASS_SPECIAL, GEO_CLASS_SPECIAL};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(geo_batch_class(b, i), EXPECTED[i]);
    assert_int_equal(geo_reader_faults(r)->n[GEO_FAULT_CLASS], 1);
    assert_int_equal(geo_reader_faults(r)->line[GEO_FAULT_CLASS][0], 5);
    static const char *const THERE[] = {"open", "\"Official\"", "", "secret", "SPECIAL"}; /* where the writer will find it */
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(b->class_len[i], strlen(THERE[i]));
        assert_memory_equal(b->text + b->row_at[i] + b->class_at[i], THERE[i], strlen(THERE[i]));
    }
    geo_reader_close(r);
    geo_reader_options raised = o;
    raised.raise = GEO_CLASS_PERSONAL;
    r = open_text(CSV, &raised, &b);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(geo_batch_class(b, i), EXPECTED[i] > GEO_CLASS_PERSONAL ? EXPECTED[i] : GEO_CLASS_PERSONAL);
    geo_reader_close(r);
    r = open_text("a\n1\n", &(geo_reader_options){.label = {.class_ = GEO_CLASS_OFFICIAL}}, &b);
    assert_int_equal(geo_batch_class(b, 0), GEO_CLASS_OFFICIAL);
    geo_reader_close(r);
}

static void types_settle(void **state)
{
    (void)state;
    static const struct {
        const char *values;
        geo_type type;
    } CASES[] = {
        {"1\n2\n-3\n", GEO_INT},
        {"1\n,\n3\n", GEO_INT}, /* the second row is ragged and left out */
        {"1\n2.5\n", GEO_DOUBLE},
        {"2024-02-29\n1970-01-01\n", GEO_DATE},
        {"2024-02-29\n1\n", GEO_TEXT},
        {"2023-02-29\n", GEO_TEXT},
        {"007\n8\n", GEO_TEXT},
        {"1\nx\n", GEO_TEXT},
        {"\"\"\n", GEO_TEXT}, /* nothing seen */
        {"9223372036854775807\n", GEO_INT},
        {"9223372036854775808\n", GEO_TEXT},   /* would lose digits */
        {"9007199254740993\n0.5\n", GEO_TEXT}, /* as a double, 2^53 + 1 would become 2^53 */
        {"1e5\n", GEO_TEXT},
        {"+1\n", GEO_TEXT},
        {"\"1\"\n2\n", GEO_INT},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char csv[200];
        const geo_batch *b;
        snprintf(csv, sizeof csv, "v\n%s", CASES[i].values);
        geo_reader *r = open_text(csv, &(geo_reader_options){.settle_types = true}, &b);
        CHECK(geo_reader_schema(r)->fields[0].type == CASES[i].type, "%s: type %d", csv, geo_reader_schema(r)->fields[0].type);
        assert_int_equal(b->columns[0].type, CASES[i].type);
        assert_int_equal(geo_batch_line(b, 0), 2); /* the second reading starts over */
        geo_reader_close(r);
    }
    const geo_batch *b;
    geo_reader *r = open_text("i,d,t\n-7,1.25,2000-02-29\n,,\n", &(geo_reader_options){.settle_types = true}, &b);
    double v;
    assert_int_equal(((const int64_t *)b->columns[0].values)[0], -7);
    assert_true(geo_column_number(&b->columns[1], 0, &v) && v == 1.25);
    assert_int_equal(((const int32_t *)b->columns[2].values)[0], 11016); /* date -u -d 2000-02-29 +%s / 86400 */
    for (int i = 0; i < 3; i++)
        assert_true(geo_column_is_null(&b->columns[i], 1));
    geo_reader_close(r);
}

/* A file that changes after its types are settled: a value that does not fit is no empty one. The look back takes the first 64 KiB. */
static void a_change_under_the_reader_is_told(void **state)
{
    (void)state;
    enum { ROWS_N = 40000 };
    char *csv = malloc(2 + 4 * ROWS_N + 1), *at = csv + sprintf(csv, "n\n");
    for (int i = 0; i < ROWS_N; i++)
        at += sprintf(at, "123\n");
    geo_reader *r;
    geo_err err;
    const geo_batch *b;
    const char *file = unit_text("changes.csv", csv);
    CHECK_OK(geo_reader_open(file, &(geo_reader_options){.settle_types = true, .chunk_bytes = 4096}, &r, &err), &err);
    assert_int_equal(geo_reader_schema(r)->fields[0].type, GEO_INT);
    memcpy(csv + 2 + 4 * (ROWS_N - 1), "x23", 3);
    unit_text("changes.csv", csv);
    geo_status st;
    while ((st = geo_reader_next(r, &b, &err)) == GEO_OK)
        ;
    assert_int_equal(st, GEO_EFORMAT);
    CHECK(strstr(err.msg, "line 40001: ") && strstr(err.msg, "changed while it was read"), "%s", err.msg);
    geo_reader_close(r);
    free(csv);
}

static void windows_1252(void **state)
{
    (void)state;
    const geo_batch *b;
    geo_reader *r = open_text("caf\xE9,b\n\x80,\x93x\x94\n", &(geo_reader_options){.encoding = GEO_WINDOWS_1252}, &b);
    size_t n;
    assert_string_equal(geo_reader_schema(r)->fields[0].name, "caf\xC3\xA9");
    const char *s = geo_column_text(&b->columns[0], 0, &n);
    assert_int_equal(n, 3);
    assert_memory_equal(s, "\xE2\x82\xAC", 3); /* the euro sign */
    geo_reader_close(r);
}

/* Connections to databases hold passwords; names of files are shown as they are. */
static void names_are_shown_without_secrets(void **state)
{
    (void)state;
    static const char *const SECRET[] = {"PG:dbname=x password=ZQX",   "pg:password=ZQX",
                                         "PGB:password=ZQX",           "postgresql://me:ZQX@host/gis",
                                         "postgres://me:ZQX@host/gis", "MSSQL:server=x;PWD=ZQX",
                                         "MYSQL:gis,password=ZQX",     "WFS:https://me:ZQX@host/wfs",
                                         "OCI:me,Password = ZQX,gis",  "host=h pwd\t =ZQX tables=a.csv"};
    static const char *const PLAIN[] = {
        "-", "a.csv", "PG.gpkg", "pgb/a.csv", "a@b://c.csv", "/vsicurl/https://host/a.gpkg", "password.csv", "passwords and pwd.csv"};
    for (size_t i = 0; i < COUNT_OF(SECRET); i++)
        CHECK(!strstr(geo_name_shown(SECRET[i]), "ZQX") && strstr(geo_name_shown(SECRET[i]), "database"), "%s", SECRET[i]);
    for (size_t i = 0; i < COUNT_OF(PLAIN); i++)
        assert_string_equal(geo_name_shown(PLAIN[i]), PLAIN[i]);
}

static int start(void **state)
{
    (void)state;
    geo_err err;
    return geo_init(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_by_hand),
        cmocka_unit_test(header_names),
        cmocka_unit_test(errors_name_the_line),
        cmocka_unit_test(errors_name_the_line_when_settling),
        cmocka_unit_test(errors_far_down),
        cmocka_unit_test(errors_of_files),
        cmocka_unit_test(random_files),
        cmocka_unit_test(random_files_with_wrong_quotes),
        cmocka_unit_test(every_chunk_size),
        cmocka_unit_test(mark_before_a_quoted_header),
        cmocka_unit_test(gzip),
        cmocka_unit_test(coordinates_by_name),
        cmocka_unit_test(coordinates_by_system),
        cmocka_unit_test(geometry_on_trial),
        cmocka_unit_test(geometry_from_wkt),
        cmocka_unit_test(class_column),
        cmocka_unit_test(types_settle),
        cmocka_unit_test(a_change_under_the_reader_is_told),
        cmocka_unit_test(windows_1252),
        cmocka_unit_test(names_are_shown_without_secrets),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
