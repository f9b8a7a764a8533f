/* Writing CSV and the gate in front of it: what the header of geo/writer.h promises, byte by byte. */
#include "unit.h"

#include "geo/init.h"
#include "geo/writer.h"

#include <sys/stat.h>

static geo_err err;

/* Read a CSV text and write it again, one batch after another. */
static geo_status copy(const char *csv, const char *name, geo_writer_options o, geo_status finish_expected)
{
    geo_reader *r;
    geo_writer *w;
    const geo_batch *b;
    geo_bytes bytes = {0};
    CHECK_OK(geo_reader_open(unit_text("in.csv", csv), &(geo_reader_options){.label = {.class_ = GEO_CLASS_OPEN}}, &r, &err), &err);
    o.text_fields_n = geo_reader_schema(r)->fields_n;
    geo_status st = geo_writer_open(name, geo_reader_schema(r), &o, &w, &err);
    if (st < 0) {
        geo_reader_close(r);
        return st;
    }
    while (st == GEO_OK && (st = geo_reader_next(r, &b, &err)) == GEO_OK) {
        bytes.n = 0;
        if ((st = geo_writer_encode(w, b, &bytes, &err)) == GEO_OK)
            st = geo_writer_put(w, b, &bytes, &err);
    }
    if (st == GEO_DONE)
        st = finish_expected == GEO_OK ? geo_writer_finish(w, &err) : finish_expected;
    geo_bytes_clear(&bytes);
    geo_writer_close(w);
    geo_reader_close(r);
    return st;
}

static void check_copy(const char *csv, geo_writer_options o, const char *expected)
{
    char out[320];
    strcpy(out, unit_path("out.csv"));
    unlink(out);
    const geo_status st = copy(csv, out, o, GEO_OK);
    CHECK(st == GEO_OK, "'%s': %s", csv, err.msg);
    char *got = unit_read(out, NULL);
    assert_non_null(got);
    CHECK(strcmp(got, expected) == 0, "'%s' gives\n%snot\n%s", csv, got, expected);
    free(got);
}

static void rows_stay_and_classes_come(void **state)
{
    (void)state;
    static const struct {
        const char *in, *working, *release;
    } CASES[] = {
        {"a,b\n1,2\n", "a,b,sdc_class\n1,2,open\n", "a,b\n1,2\n"},
        {"a\n1\n", "a,sdc_class\n1,open\n", "a\n1\n"},
        {"a,b\n\"x,\"\"y\"\"\n\", z \n", "a,b,sdc_class\n\"x,\"\"y\"\"\n\", z ,open\n", "a,b\n\"x,\"\"y\"\"\n\", z \n"},
        {"\"a,x\",b\n1,\"2\"\n", "\"a,x\",b,sdc_class\n1,\"2\",open\n", "\"a,x\",b\n1,\"2\"\n"},
        {"sdc_class,a,b\nopen,1,2\n", "sdc_class,a,b\nopen,1,2\n", "a,b\n1,2\n"},
        {"a,sdc_class,b\n1,open,2\n", "a,sdc_class,b\n1,open,2\n", "a,b\n1,2\n"},
        {"a,b,sdc_class\n1,2,\"open\"\n", "a,b,sdc_class\n1,2,open\n", "a,b\n1,2\n"},
        {"a,b,sdc_class\n1,2,\n", "a,b,sdc_class\n1,2,open\n", "a,b\n1,2\n"},
        {"a,sdc_class\n,open\n", "a,sdc_class\n,open\n", "a\n\n"},
        {"a,b,SDC_CLASS\n1,,Open\n", "a,b,SDC_CLASS\n1,,open\n", "a,b\n1,\n"},
        {"a,b\n", "a,b,sdc_class\n", "a,b\n"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        check_copy(CASES[i].in, (geo_writer_options){0}, CASES[i].working);
        check_copy(CASES[i].in, (geo_writer_options){.release = true}, CASES[i].release);
    }
    check_copy("sdc_class,a\nofficial,1\nsecret,2\n", (geo_writer_options){0}, "sdc_class,a\nofficial,1\nspecial,2\n");
}

static void refusals_leave_nothing(void **state)
{
    (void)state;
    static const char *const CASES[] = {"a,sdc_class\n1,open\n2,official\n", "a,sdc_class\n1,personal\n", "a,sdc_class\n1,special\n",
                                        "a,sdc_class\n1,what\n"};
    char out[320];
    strcpy(out, unit_path("out.csv"));
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        unit_empty();
        CHECK(copy(CASES[i], out, (geo_writer_options){.release = true}, GEO_OK) == GEO_EREFUSED, "'%s'", CASES[i]);
        assert_int_equal(unit_files(), 1); /* the input */
    }
    /* A caller that goes past geo_writer_encode meets the gate in geo_writer_put; the header is not written either. */
    geo_reader *r;
    geo_writer *w;
    const geo_batch *b;
    const geo_bytes stolen = {(char *)"1,2\n", 4, 4};
    CHECK_OK(geo_reader_open(unit_text("in.csv", CASES[1]), &(geo_reader_options){0}, &r, &err), &err);
    CHECK_OK(geo_reader_next(r, &b, &err), &err);
    CHECK_OK(geo_writer_open(out, geo_reader_schema(r), &(geo_writer_options){.release = true, .text_fields_n = 2}, &w, &err), &err);
    assert_int_equal(geo_writer_put(w, b, &stolen, &err), GEO_EREFUSED);
    geo_writer_close(w);
    geo_reader_close(r);
    assert_int_equal(unit_files(), 1);
}

static void files_appear_when_finished(void **state)
{
    (void)state;
    static const geo_field FIELDS[] = {{.name = "a", .type = GEO_INT}};
    const geo_schema schema = {1, FIELDS};
    static const int64_t VALUES[] = {7};
    const geo_column column = {.type = GEO_INT, .held = true, .values = VALUES};
    const geo_batch b = {.rows_n = 1, .schema = &schema, .columns = &column};
    char out[320];
    unit_path("");
    unit_empty();
    strcpy(out, unit_path("whole.csv"));
    for (int finish = 0; finish < 2; finish++) {
        geo_writer *w;
        geo_bytes bytes = {0};
        CHECK_OK(geo_writer_open(out, &schema, &(geo_writer_options){0}, &w, &err), &err);
        CHECK_OK(geo_writer_encode(w, &b, &bytes, &err), &err);
        CHECK_OK(geo_writer_put(w, &b, &bytes, &err), &err);
        assert_int_not_equal(access(out, F_OK), 0);
        if (finish)
            CHECK_OK(geo_writer_finish(w, &err), &err);
        geo_writer_close(w);
        geo_bytes_clear(&bytes);
        assert_int_equal(unit_files(), finish);
    }
    char *got = unit_read(out, NULL);
    assert_string_equal(got, "a,sdc_class\n7,open\n");
    free(got);
    struct stat about;
    const mode_t mask = umask(022);
    umask(mask);
    assert_int_equal(stat(out, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0666 & ~mask); /* as any program's files */
    geo_writer_close(NULL);
}

/* All rows are there and the caller has asked to stop: the end may be that of a pipeline which the same Ctrl-C ended. */
static void a_stop_before_the_end_leaves_nothing(void **state)
{
    (void)state;
    static volatile sig_atomic_t stop;
    const geo_watch watch = {.stop = &stop};
    static const geo_field FIELDS[] = {{.name = "a", .type = GEO_INT}};
    const geo_schema schema = {1, FIELDS};
    static const char *const NAMES[] = {"stopped.csv", "stopped.gpkg"};
    unit_path("");
    unit_empty();
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        geo_writer *w;
        stop = 0;
        CHECK_OK(geo_writer_open(unit_path(NAMES[i]), &schema, &(geo_writer_options){.watch = &watch}, &w, &err), &err);
        stop = SIGINT;
        assert_int_equal(geo_writer_finish(w, &err), GEO_ESTOP);
        geo_writer_close(w);
        assert_int_equal(unit_files(), 0);
    }
}

static void targets(void **state)
{
    (void)state;
    char out[320];
    strcpy(out, unit_text("there.csv", "old\n"));
    assert_int_equal(copy("a\n1\n", out, (geo_writer_options){0}, GEO_OK), GEO_EARG);
    assert_int_equal(geo_writer_check(out, false, &err), GEO_EARG);
    assert_int_equal(geo_writer_check(out, true, &err), GEO_OK);
    assert_int_equal(geo_writer_check(unit_path("none.csv"), false, &err), GEO_OK);
    assert_int_equal(geo_writer_check(unit_place, true, &err), GEO_EARG);
    assert_int_equal(copy("a\n1\n", out, (geo_writer_options){.force = true}, GEO_ESTOP), GEO_ESTOP); /* given up before finish */
    char *got = unit_read(out, NULL);
    assert_string_equal(got, "old\n");
    free(got);
    assert_int_equal(copy("a\n1\n", out, (geo_writer_options){.force = true}, GEO_OK), GEO_OK);
    got = unit_read(out, NULL);
    assert_string_equal(got, "a,sdc_class\n1,open\n");
    free(got);
    assert_int_equal(copy("a\n1\n", "/nowhere/x.csv", (geo_writer_options){0}, GEO_OK), GEO_EIO);
    assert_int_equal(copy("a\n1\n", unit_place, (geo_writer_options){.format = "CSV", .force = true}, GEO_OK), GEO_EARG);
    if (access("/dev/full", W_OK) == 0) /* the disk is full */
        assert_int_equal(copy("a\n1\n", "/dev/full", (geo_writer_options){0}, GEO_OK), GEO_EIO);
    assert_int_equal(geo_writer_format("-", NULL), GEO_FORMAT_CSV);
    assert_int_equal(geo_writer_format("A.CSV", NULL), GEO_FORMAT_CSV);
    assert_int_equal(geo_writer_format("x.gpkg", "csv"), GEO_FORMAT_CSV);
    assert_int_equal(geo_writer_format("x.FGB", NULL), GEO_FORMAT_FGB);
    assert_int_equal(geo_writer_format("x.csv", "FlatGeobuf"), GEO_FORMAT_FGB);
    assert_int_equal(geo_writer_format("x.gpkg", NULL), GEO_FORMAT_GDAL);
    assert_int_equal(geo_writer_format("x.csv", "GPKG"), GEO_FORMAT_GDAL);
}

/* Every type as text: RFC 4180 quoting, ISO dates, shortest numbers, points in columns named after their system. */
static void values_are_formatted(void **state)
{
    (void)state;
    static const geo_field FIELDS[] = {
        {.name = "t", .type = GEO_TEXT},   {.name = "i", .type = GEO_INT},
        {.name = "d", .type = GEO_DOUBLE}, {.name = "b", .type = GEO_BOOL},
        {.name = "on", .type = GEO_DATE},  {.name = "geometry", .type = GEO_GEOMETRY, .crs = "EPSG:27700", .kind = GEO_POINT},
    };
    const geo_schema schema = {COUNT_OF(FIELDS), FIELDS};
    static const int64_t OFFSETS[] = {0, 3, 3}, INTS[] = {-5, 0};
    static const double DOUBLES[] = {0.1, 0}, X[] = {531245.5, NAN}, Y[] = {180200, NAN};
    static const uint8_t BOOLS[] = {1, 0}, FIRST = 1;
    static const int32_t DAYS[] = {11016, 0}; /* 2000-02-29 */
    static const geo_geometries POINTS = {.x = X, .y = Y};
    const geo_column columns[] = {
        {.type = GEO_TEXT, .held = true, .values = "a\"b", .offsets = OFFSETS, .valid = &FIRST},
        {.type = GEO_INT, .held = true, .values = INTS, .valid = &FIRST},
        {.type = GEO_DOUBLE, .held = true, .values = DOUBLES, .valid = &FIRST},
        {.type = GEO_BOOL, .held = true, .values = BOOLS, .valid = &FIRST},
        {.type = GEO_DATE, .held = true, .values = DAYS, .valid = &FIRST},
        {.type = GEO_GEOMETRY, .held = true, .geometries = &POINTS},
    };
    const geo_batch b = {.rows_n = 2, .schema = &schema, .columns = columns, .class_ = GEO_CLASS_OFFICIAL};
    char out[320];
    geo_writer *w;
    geo_bytes bytes = {0};
    strcpy(out, unit_path("values.csv"));
    CHECK_OK(geo_writer_open(out, &schema, &(geo_writer_options){0}, &w, &err), &err);
    CHECK_OK(geo_writer_encode(w, &b, &bytes, &err), &err);
    CHECK_OK(geo_writer_put(w, &b, &bytes, &err), &err);
    CHECK_OK(geo_writer_finish(w, &err), &err);
    geo_writer_close(w);
    geo_bytes_clear(&bytes);
    char *got = unit_read(out, NULL);
    assert_string_equal(
        got, "t,i,d,b,on,easting,northing,sdc_class\n\"a\"\"b\",-5,0.1,true,2000-02-29,531245.5,180200,official\n,,,,,,,official\n");
    free(got);
}

static int start(void **state)
{
    (void)state;
    return geo_init(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stay_and_classes_come),
        cmocka_unit_test(refusals_leave_nothing),
        cmocka_unit_test(files_appear_when_finished),
        cmocka_unit_test(a_stop_before_the_end_leaves_nothing),
        cmocka_unit_test(targets),
        cmocka_unit_test(values_are_formatted),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
