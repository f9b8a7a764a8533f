/* GeoJSON text sequences: what is read of them, what is refused, and what is cut. */
#include "unit.h"

#include "../../libgeo/table/shapes.h"
#include "geo/init.h"
#include "geo/reader.h"

static geo_err err;

/* Read a text as a sequence: rows, or -1. The values go to out as lines of CSV without quotes, geometries as well-known text. */
static int64_t read_text(const char *text, size_t n, const geo_reader_options *options, char *out, size_t room)
{
    geo_reader *r;
    const geo_batch *b;
    int64_t rows = 0;
    size_t at = 0;
    out[0] = '\0';
    geo_status st = geo_reader_open(unit_write("in.geojsonl", text, n), options, &r, &err);
    if (st < 0)
        return -1;
    while ((st = geo_reader_next(r, &b, &err)) == GEO_OK) {
        rows += (int64_t)b->rows_n;
        for (size_t row = 0; row < b->rows_n; row++)
            for (size_t i = 0; i < b->schema->fields_n; i++) {
                char value[GEO_VALUE_ROOM];
                geo_vec wkt = {0};
                size_t k = 0;
                const char *s = geo_column_print(&b->columns[i], row, value, &k);
                if (b->columns[i].type == GEO_GEOMETRY && b->columns[i].held) {
                    assert_true(geo_geometries_wkt(b->columns[i].geometries, row, &wkt));
                    s = wkt.items;
                    k = wkt.n;
                }
                if (at < room)
                    at += (size_t)snprintf(out + at, room - at, "%.*s%s", (int)k, s ? s : "", i + 1 < b->schema->fields_n ? "|" : "\n");
                geo_vec_clear(&wkt);
            }
    }
    geo_reader_close(r);
    return st == GEO_DONE ? rows : -1;
}

static const geo_reader_options ALL = {.try_geometry = true};

static void check(const char *text, const char *expected)
{
    char out[4096];
    const int64_t rows = read_text(text, strlen(text), &ALL, out, sizeof out);
    CHECK(rows >= 0, "%s\n%s", text, err.msg);
    CHECK(strcmp(out, expected) == 0, "%s\ngives\n%snot\n%s", text, out, expected);
}

/* Expected by hand from RFC 7946 and 8259. */
static void features_are_read(void **state)
{
    (void)state;
    check("{\"type\":\"Feature\",\"properties\":{\"a\":\"x\",\"n\":1},\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,2]}}\n",
          "x|1|POINT (1 2)\n");
    check(" { \"geometry\" : null , \"properties\" : { \"a\" : \"\" } , \"id\" : 7 , \"type\" : \"Feature\" } \r\n\n", "|\n");
    check("\n \r\n{\"type\":\"Feature\",\"properties\":{\"a\":1},\"geometry\":null}\n", "1|\n");
    check("\xEF\xBB\xBF\n\x1E{\"type\":\"Feature\",\"properties\":{\"a\":1},\n\"geometry\":null}\n", "1|\n");
    check("\x1E{\"type\":\"Feature\",\"properties\":{\"a\":1},\n "
          "\"geometry\":null}\n\x1E{\"type\":\"Feature\",\n\"properties\":{\"a\":2},\"geometry\":null}\n",
          "1|\n2|\n");
    check("{\"type\":\"Feature\",\"properties\":{\"\\u0061\":\"\\u00e9\\ud83d\\ude00\\n\\\"\\\\\\/\"},\"geometry\":null}",
          "\xC3\xA9\xF0\x9F\x98\x80\n\"\\/|\n");
    check("{\"type\":\"Feature\",\"properties\":{\"a\":\"\\ud83d\",\"b\":\"\\u0000\",\"c\":{\"x\":[1,{}]},\"d\":true},\"geometry\":null}",
          "||{\"x\":[1,{}]}|true|\n");
    check("{\"type\":\"Feature\",\"properties\":{\"a\":1},\"geometry\":null}\n{\"type\":\"Feature\",\"properties\":{\"b\":null,\"a\":\"x\"}"
          ",\"geometry\":null}\n",
          "1||\nx||\n");
    check("{\"type\":\"Feature\",\"properties\":{\"a\":9007199254740993,\"b\":1.5,\"c\":-0.0,\"d\":1e2},\"geometry\":null}\n",
          "9007199254740993|1.5|0|100|\n");
    check("{\"type\":\"Feature\",\"properties\":null,\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0,5],[9,0],[9,9],[0,0]]]}}\n",
          "POLYGON ((0 0, 9 0, 9 9, 0 0))\n");
    check("{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"coordinates\":[[[[0,0],[9,0],[9,9],[0,0]]],[]],\"type\":"
          "\"MultiPolygon\"}}\n",
          "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)))\n");
    check("{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"MultiPoint\",\"coordinates\":[]}}\n", "\n");
}

/* Every feature's other members, a line each, as they come for what is asked. */
static void check_members(geo_members what, const char *text, const char *expected)
{
    geo_reader *r;
    const geo_batch *b;
    char out[1000] = "";
    size_t n = 0;
    geo_status st = geo_reader_open(unit_text("in.geojsonl", text), &(geo_reader_options){.members = what}, &r, &err);
    CHECK(st == GEO_OK, "%s", err.msg);
    while ((st = geo_reader_next(r, &b, &err)) == GEO_OK)
        for (size_t row = 0; row < b->rows_n; row++)
            n += (size_t)snprintf(out + n, sizeof out - n, "%.*s\n", b->members ? (int)b->members_len[row] : 0,
                                  b->members ? b->members + b->members_at[row] : "");
    assert_int_equal(st, GEO_DONE);
    CHECK(strcmp(out, expected) == 0, "%s\ngives\n%snot\n%s", text, out, expected);
    geo_reader_close(r);
}

/* Expected by hand: as they stand, but on one line. */
static void other_members_are_kept(void **state)
{
    (void)state;
    static const char TEXT[] = "\x1E{\"id\":7,\"type\":\"Feature\",\"b\\u0062ox\" : [1,\n2],\"geometry\":null,\"x\":{\"y\":1e400}}\n"
                               "\x1E{\"type\":\"Feature\",\"properties\":{\"bbox\":1},\"geometry\":null}\n"
                               "\x1E{\"type\":\"Feature\",\"bbox\":null,\"x\":\"\\ud800\",\"properties\":null,\"x\":2}\n";
    check_members(GEO_MEMBERS_KEPT, TEXT,
                  "{\"id\":7,\"b\\u0062ox\" : [1, 2],\"x\":{\"y\":1e400}}\n\n{\"bbox\":null,\"x\":\"\\ud800\",\"x\":2}\n");
    check_members(GEO_MEMBERS_KEPT_MOVED, TEXT, "{\"id\":7,\"x\":{\"y\":1e400}}\n\n{\"x\":\"\\ud800\",\"x\":2}\n");
    check_members(GEO_MEMBERS_LEFT_OUT, TEXT, "\n\n\n");
    check_members(GEO_MEMBERS_UNREAD, TEXT, "\n\n\n");
}

/* Z, whatever it is called, and more; not where there is no vertex. */
static void heights_are_counted(void **state)
{
    (void)state;
    static const char *const FLAT[] = {"{\"type\":\"Point\",\"coordinates\":[1,2]}", "{\"type\":\"Point\",\"coordinates\":[]}", "null"},
                             *const HIGH[] = {"{\"type\":\"Point\",\"coordinates\":[1,2,3]}",
                                              "{\"type\":\"Point\",\"coordinates\":[1,2,3,4]}",
                                              "{\"type\":\"MultiLineString\",\"coordinates\":[[[1,2],[3,4]],[[5,6],[7,8,9]]]}"};
    for (size_t i = 0; i < 2 * COUNT_OF(FLAT); i++) {
        char text[400];
        geo_reader *r;
        const geo_batch *b;
        const char *shape = i % 2 ? HIGH[i / 2] : FLAT[i / 2];
        snprintf(text, sizeof text, "{\"type\":\"Feature\",\"properties\":{\"a\":1},\"geometry\":%s}\n", shape);
        CHECK_OK(geo_reader_open(unit_text("in.geojsonl", text), &ALL, &r, &err), &err);
        CHECK_OK(geo_reader_next(r, &b, &err), &err);
        CHECK(geo_reader_faults(r)->n[GEO_FAULT_FLATTENED] == (int64_t)(i % 2), "%s", shape);
        geo_reader_close(r);
    }
}

/* A geometry that is none is a fault of its feature, and no more. */
static void geometries_may_be_wrong(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"{\"type\":\"Point\",\"coordinates\":[1]}",
                                        "{\"type\":\"Point\",\"coordinates\":[\"1\",2]}",
                                        "{\"type\":\"Point\",\"coordinates\":[1e999,2]}",
                                        "{\"type\":\"Point\"}",
                                        "{\"type\":\"LineString\",\"coordinates\":[1,2]}",
                                        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[0,0]]]}",
                                        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,1]]]}",
                                        "{\"type\":\"GeometryCollection\",\"geometries\":[]}",
                                        "{\"type\":\"Circle\",\"coordinates\":[1,2]}",
                                        "{\"type\":\"Point\",\"coordinates\":[1,2],\"coordinates\":[3,4]}",
                                        "{\"type\":\"Point\",\"type\":\"Point\",\"coordinates\":[3,4]}",
                                        "[1,2]",
                                        "\"x\""};
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        char text[400];
        geo_reader *r;
        const geo_batch *b;
        snprintf(text, sizeof text, "{\"type\":\"Feature\",\"properties\":{\"a\":1},\"geometry\":%s}\n", WRONG[i]);
        CHECK_OK(geo_reader_open(unit_text("in.geojsonl", text), &ALL, &r, &err), &err);
        CHECK_OK(geo_reader_next(r, &b, &err), &err);
        CHECK(geo_reader_faults(r)->n[GEO_FAULT_GEOMETRY] == 1, "%s", WRONG[i]);
        geo_reader_close(r);
    }
}

static void what_is_no_feature_is_an_error(void **state)
{
    (void)state;
    static const char *const WRONG[] = {
        "{}\n",
        "{\"type\":\"Feature\"",
        "{\"type\":\"FeatureCollection\",\"features\":[]}\n",
        "{\"type\":\"Point\",\"coordinates\":[1,2]}\n",
        "{\"type\":\"Feature\",\"type\":\"Feature\",\"properties\":{},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{},\"properties\":{},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":1,\"\\u0061\":2},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":[],\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{},\"geometry\":null}\x1E{\"type\":\"Feature\",\"properties\":{},\"geometry\":null}\n",
        "\x1E{\"type\":\"Feature\",\"properties\":{},\"geometry\":null}\n{\"type\":\"Feature\",\"properties\":{},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{},\"geometry\":null} {\"type\":\"Feature\",\"properties\":{},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\n\"properties\":{},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":NaN},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":01},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":+1},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":.5},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":1.},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":\"\\x\"},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":\"\\u12g4\"},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":tru},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":1,},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":[1,]},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":[1 2]},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":{\"b\" 1}},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":{}}}},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"a\":\"\xFF\"},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"\\ud800\":1},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{\"sdc_class\":\"open\",\"SDC_CLASS\":\"open\"},\"geometry\":null}\n",
        "{\"type\":\"Feature\",\"properties\":{},\"geometry\":null,\"SDC\\u005fclass\":\"special\"}\n",
        "{\"type\":\"Feature\",\"properties\":{},\"geometry\":null,\"crs\":null}\n{\"type\":\"Feature\",\"properties\":{},\"geometry\":"
        "null}\n",
        "{\"type\":\"Feature\",\"properties\":{},\"geometry\":null}\n{\"type\":\"Feature\",\"properties\":{},\"geometry\":null,\"crs\":{"
        "\"a\":1}}\n",
    };
    char out[400];
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        CHECK(read_text(WRONG[i], strlen(WRONG[i]), &ALL, out, sizeof out) < 0, "%s is a table:\n%s", WRONG[i], out);
    static const char ZEROS[] = "{\"type\":\"Feature\",\"properties\":{},\"geometry\":null}\n\0\0\0"; /* as a disk leaves them */
    assert_int_equal(read_text(ZEROS, sizeof ZEROS - 1, &ALL, out, sizeof out), -1);
    char deep[400] = "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"a\":";
    for (int depth = 60; depth <= 70; depth++) {
        char text[400];
        int n = snprintf(text, sizeof text, "%s", deep);
        for (int i = 0; i < depth; i++)
            text[n++] = '[';
        for (int i = 0; i < depth; i++)
            text[n++] = ']';
        snprintf(text + n, sizeof text - (size_t)n, "}}\n");
        assert_int_equal(read_text(text, strlen(text), &ALL, out, sizeof out) < 0, depth > 63); /* one level is the object of properties */
    }
}

/* Rows are counted by what separates them: features without would go beyond the room that there is for them. */
static void many_features_behind_one_separator(void **state)
{
    (void)state;
    static const char FEATURE[] = "{\"type\":\"Feature\",\"properties\":{\"a\":1},\"geometry\":null}";
    const size_t n = 5000, width = sizeof FEATURE;
    char *text = malloc(n * width + 1), out[100];
    for (int marked = 0; text && marked < 2; marked++) {
        text[0] = marked ? '\x1E' : ' ';
        for (size_t i = 0; i < n; i++) {
            memcpy(text + 1 + i * width, FEATURE, width);
            text[(i + 1) * width] = marked ? '\n' : '\x1E';
        }
        assert_int_equal(read_text(text + !marked, n * width + marked, &ALL, out, sizeof out), -1);
    }
    free(text);
}

/* A feature collection is told for what it is, however many lines and chunks it has. */
static void collections_are_no_sequences(void **state)
{
    (void)state;
    const size_t most = (size_t)1 << 21;
    char *text = malloc(most), out[100];
    size_t n = (size_t)sprintf(text, "{\n\"type\": \"FeatureCollection\",\n\"features\": [\n");
    while (n < most - 200)
        n += (size_t)sprintf(text + n, "{ \"type\": \"Feature\", \"properties\": { \"a\": 1 }, \"geometry\": null },\n");
    assert_int_equal(read_text(text, n, &ALL, out, sizeof out), -1);
    assert_non_null(strstr(err.msg, "is one feature collection"));
    free(text);
}

/* A class that is no word, or a word that is none, counts as special; one that comes late is an error, never passed over. */
static void classes_are_not_lost(void **state)
{
    (void)state;
    static const char *const WORDS[] = {"1", "true", "{}", "\"x\"", "\"\\ud800\"", "\"open\\u0000\""};
    for (size_t i = 0; i < COUNT_OF(WORDS); i++) {
        char text[300];
        geo_reader *r;
        const geo_batch *b;
        snprintf(text, sizeof text, "{\"type\":\"Feature\",\"properties\":{\"sdc_class\":%s},\"geometry\":null}\n", WORDS[i]);
        const geo_reader_options o = {.label = {.class_ = GEO_CLASS_OPEN, .known = true}};
        CHECK_OK(geo_reader_open(unit_text("in.geojsonl", text), &o, &r, &err), &err);
        CHECK_OK(geo_reader_next(r, &b, &err), &err);
        CHECK(geo_batch_class(b, 0) == GEO_CLASS_SPECIAL, "%s", WORDS[i]);
        geo_reader_close(r);
    }
}

/* Inside of a feature; a cut between two cannot be told, and one before the last line end is none. */
static void whatever_is_cut_is_an_error(void **state)
{
    (void)state;
    static const char TEXT[] =
        "{\"type\":\"Feature\",\"properties\":{\"a\":\"x\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,2]}}\n"
        "{\"type\":\"Feature\",\"properties\":{\"a\":\"y\"},\"geometry\":null}\n";
    const size_t first = (size_t)(strchr(TEXT, '\n') - TEXT);
    char out[400];
    for (size_t cut = 1; cut < sizeof TEXT - 1; cut++) {
        const int64_t rows = read_text(TEXT, cut, &ALL, out, sizeof out);
        const int64_t expected = cut == first || cut == first + 1 ? 1 : cut == sizeof TEXT - 2 ? 2 : -1;
        CHECK(rows == expected, "cut at %zu: %lld rows", cut, (long long)rows);
    }
}

static void bits_may_flip(void **state)
{
    (void)state;
    char text[] =
        "{\"type\":\"Feature\",\"properties\":{\"a\":\"\\u00e9\",\"n\":-1.5e3},\"geometry\":{\"type\":\"MultiLineString\",\"coordinates\":"
        "[[[1,2],[3,4]],[[5,6],[7,8]]]}}\n{\"type\":\"Feature\",\"properties\":{\"a\":null},\"geometry\":null}\n";
    char out[1000];
    for (size_t bit = 0; bit < 8 * (sizeof text - 1); bit++) {
        text[bit / 8] ^= (char)(1 << bit % 8);
        (void)read_text(text, sizeof text - 1, &ALL, out, sizeof out);
        text[bit / 8] ^= (char)(1 << bit % 8);
    }
}

static int start(void **state)
{
    (void)state;
    return geo_init(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_are_read),
        cmocka_unit_test(other_members_are_kept),
        cmocka_unit_test(heights_are_counted),
        cmocka_unit_test(geometries_may_be_wrong),
        cmocka_unit_test(what_is_no_feature_is_an_error),
        cmocka_unit_test(many_features_behind_one_separator),
        cmocka_unit_test(collections_are_no_sequences),
        cmocka_unit_test(classes_are_not_lost),
        cmocka_unit_test(whatever_is_cut_is_an_error),
        cmocka_unit_test(bits_may_flip),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
