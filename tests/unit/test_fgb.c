/* FlatGeobuf: what is written is read back, and nothing that is cut or spoilt is taken for a table. */
#define _GNU_SOURCE /* memmem */
#include "unit.h"

#include "../../libgeo/io/flat.h"
#include "../../libgeo/table/shapes.h"
#include "geo/init.h"
#include "geo/writer.h"

static geo_err err;

#define ROWS 9

static const char *const SHAPES[ROWS] = {"POINT (1 2)",
                                         "LINESTRING (0 0, 1 1, 2 0)",
                                         "POLYGON ((0 0, 9 0, 9 9, 0 0), (1 1, 2 1, 2 2, 1 1))",
                                         "MULTIPOINT ((1 2), (3 4))",
                                         "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3, 4 2))",
                                         "MULTILINESTRING ((0 0, 1 1))",
                                         "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0), (1 1, 2 1, 2 2, 1 1)), ((20 20, 21 20, 21 21, 20 20)))",
                                         "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)))",
                                         NULL};
static const char TEXT[] = "007D\xC5\xB5r\n\"quoted\", comma";
static const int64_t OFFSETS[ROWS + 1] = {0, 3, 7, 7, 7, 23, 23, 23, 23, 23}, INTS[ROWS] = {INT64_MIN, INT64_MAX, -1, 0, 1, 2, 3, 4, 5};
static const double DOUBLES[ROWS] = {0.1, -1e300, 5e-324, 0, 1, 2, 3, 4, 5};
static const uint8_t BOOLS[ROWS] = {1, 0, 1, 0, 1, 0, 1, 0, 1}, VALID[2] = {0xF7, 1}; /* row 3 has no values; row 2 has an empty text */
static const int32_t DAYS[ROWS] = {-1, 0, 19782, -25567, 0, 0, 0, 0, 0};

static const geo_field FIELDS[] = {
    {.name = "text", .type = GEO_TEXT}, {.name = "int", .type = GEO_INT},  {.name = "real", .type = GEO_DOUBLE},
    {.name = "flag", .type = GEO_BOOL}, {.name = "day", .type = GEO_DATE}, {.name = "geometry", .type = GEO_GEOMETRY, .crs = "EPSG:27700"},
};

/* The whole table, of which the first rows are written, as bytes of a file. */
static char *written(size_t rows_n, bool with_shapes, size_t *n)
{
    const geo_schema schema = {COUNT_OF(FIELDS) - !with_shapes, FIELDS};
    geo_shapes shapes = {0};
    geo_arena arena = {0};
    geo_column columns[COUNT_OF(FIELDS)] = {
        {.type = GEO_TEXT, .held = true, .values = TEXT, .offsets = OFFSETS, .valid = VALID},
        {.type = GEO_INT, .held = true, .values = INTS, .valid = VALID},
        {.type = GEO_DOUBLE, .held = true, .values = DOUBLES, .valid = VALID},
        {.type = GEO_BOOL, .held = true, .values = BOOLS, .valid = VALID},
        {.type = GEO_DATE, .held = true, .values = DAYS, .valid = VALID},
    };
    for (size_t r = 0; r < ROWS; r++)
        assert_int_equal(SHAPES[r] ? geo_shapes_add_wkt(&shapes, SHAPES[r], strlen(SHAPES[r])) : geo_shapes_add_none(&shapes), GEO_OK);
    assert_true(geo_shapes_column(&shapes, &arena, &columns[5]));
    const geo_batch b = {.rows_n = rows_n, .schema = &schema, .columns = columns, .class_ = GEO_CLASS_OFFICIAL};
    char out[320];
    geo_writer *w;
    geo_bytes bytes = {0};
    strcpy(out, unit_path("out.fgb"));
    CHECK_OK(geo_writer_open(out, &schema, &(geo_writer_options){.force = true}, &w, &err), &err);
    if (rows_n) {
        CHECK_OK(geo_writer_encode(w, &b, &bytes, &err), &err);
        CHECK_OK(geo_writer_put(w, &b, &bytes, &err), &err);
    }
    CHECK_OK(geo_writer_finish(w, &err), &err);
    geo_writer_close(w);
    geo_bytes_clear(&bytes);
    geo_shapes_clear(&shapes);
    geo_arena_clear(&arena);
    char *all = unit_read(out, n);
    assert_non_null(all);
    return all;
}

/* Read bytes as a table; its rows, or -1 with the reason in err. Every value is looked at. */
static int64_t rows_of(const char *bytes, size_t n, uint64_t *hash)
{
    geo_reader *r;
    const geo_batch *b;
    int64_t rows = 0;
    geo_status st = geo_reader_open(unit_write("in.fgb", bytes, n), &(geo_reader_options){.try_geometry = true}, &r, &err);
    if (st < 0)
        return -1;
    while ((st = geo_reader_next(r, &b, &err)) == GEO_OK) {
        rows += (int64_t)b->rows_n;
        for (size_t i = 0; i < b->schema->fields_n; i++)
            for (size_t row = 0; row < b->rows_n; row++) {
                char room[GEO_VALUE_ROOM];
                size_t value_n;
                const char *s = geo_column_print(&b->columns[i], row, room, &value_n);
                for (size_t k = 0; s && k < value_n; k++)
                    *hash = (*hash ^ (unsigned char)s[k]) * UINT64_C(1099511628211);
            }
    }
    geo_reader_close(r);
    return st == GEO_DONE ? rows : -1;
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    size_t n;
    char *all = written(ROWS, true, &n);
    geo_reader *r;
    const geo_batch *b;
    CHECK_OK(geo_reader_open(unit_write("in.fgb", all, n), &(geo_reader_options){.try_geometry = true}, &r, &err), &err);
    const geo_schema *schema = geo_reader_schema(r);
    static const char *const NAMES[] = {"text", "int", "real", "flag", "day", "sdc_class", "geometry"};
    static const geo_type TYPES[] = {GEO_TEXT, GEO_INT, GEO_DOUBLE, GEO_BOOL, GEO_DATE, GEO_TEXT, GEO_GEOMETRY};
    assert_int_equal(schema->fields_n, COUNT_OF(NAMES));
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        assert_string_equal(schema->fields[i].name, NAMES[i]);
        assert_int_equal(schema->fields[i].type, TYPES[i]);
    }
    assert_string_equal(schema->fields[6].crs, "EPSG:27700");
    CHECK_OK(geo_reader_next(r, &b, &err), &err);
    assert_int_equal(b->rows_n, ROWS);
    for (size_t row = 0; row < ROWS; row++) {
        const bool there = row != 3;
        size_t text_n;
        const char *text = geo_column_text(&b->columns[0], row, &text_n);
        assert_int_equal(text_n, there ? OFFSETS[row + 1] - OFFSETS[row] : 0);
        assert_memory_equal(text ? text : "", TEXT + OFFSETS[row], text_n);
        for (size_t i = 0; i < 5; i++)
            assert_int_equal(geo_column_is_null(&b->columns[i], row), !there);
        assert_int_equal(geo_batch_class(b, row), GEO_CLASS_OFFICIAL);
        geo_vec wkt = {0};
        assert_true(geo_geometries_wkt(b->columns[6].geometries, row, &wkt));
        assert_int_equal(wkt.n, SHAPES[row] ? strlen(SHAPES[row]) : 0);
        assert_memory_equal(wkt.items ? wkt.items : "", SHAPES[row] ? SHAPES[row] : "", wkt.n);
        geo_vec_clear(&wkt);
        if (!there)
            continue;
        assert_int_equal(((const int64_t *)b->columns[1].values)[row], INTS[row]);
        assert_memory_equal((const double *)b->columns[2].values + row, DOUBLES + row, 8);
        assert_int_equal(((const uint8_t *)b->columns[3].values)[row], BOOLS[row]);
        assert_int_equal(((const int32_t *)b->columns[4].values)[row], DAYS[row]);
    }
    assert_int_equal(geo_reader_next(r, &b, &err), GEO_DONE);
    geo_reader_close(r);
    free(all);
}

static void tables_without_rows_or_shapes(void **state)
{
    (void)state;
    size_t n;
    uint64_t hash = 0;
    char *none = written(0, true, &n);
    assert_int_equal(rows_of(none, n, &hash), 0);
    free(none);
    char *plain = written(2, false, &n);
    geo_reader *r;
    assert_int_equal(rows_of(plain, n, &hash), 2);
    CHECK_OK(geo_reader_open(unit_write("in.fgb", plain, n), &(geo_reader_options){.try_geometry = true}, &r, &err), &err);
    assert_int_equal(geo_schema_geometry(geo_reader_schema(r)), -1);
    geo_reader_close(r);
    assert_int_equal(geo_reader_open(unit_path("in.fgb"), &(geo_reader_options){.want_geometry = true}, &r, &err), GEO_EARG);
    free(plain);
}

/* At every byte, also between two features. */
static void whatever_is_cut_is_an_error(void **state)
{
    (void)state;
    for (size_t rows_n = 0; rows_n <= ROWS; rows_n += 3) {
        size_t n;
        uint64_t hash = 0;
        char *all = written(rows_n, true, &n);
        assert_int_equal(rows_of(all, n, &hash), (int64_t)rows_n);
        for (size_t cut = 0; cut < n; cut++)
            CHECK(rows_of(all, cut, &hash) < 0, "%zu rows cut at %zu of %zu are a table", rows_n, cut, n);
        free(all);
    }
}

/* A bit of a spoilt file may say another thing, but nothing that reads outside of it. */
static void bits_may_flip(void **state)
{
    (void)state;
    size_t n;
    uint64_t hash = 0;
    char *all = written(ROWS, true, &n);
    geo_random random = unit_random("bits_may_flip");
    for (size_t bit = 0; bit < 8 * n; bit++) {
        if (bit % 8 && geo_random_below(&random, 8) >= unit_tries(4))
            continue;
        all[bit / 8] ^= (char)(1 << bit % 8);
        (void)rows_of(all, n, &hash);
        all[bit / 8] ^= (char)(1 << bit % 8);
    }
    free(all);
}

/* Promises of sizes that cannot be kept cost neither memory nor time. */
static void sizes_may_lie(void **state)
{
    (void)state;
    size_t n;
    uint64_t hash = 0;
    char *all = written(ROWS, true, &n);
    const size_t header_n = geo_flat_u32(all + 8), first = 12 + header_n;
    geo_flat b = {all + 12, header_n, false};
    const geo_flat_table header = geo_flat_root(&b);
    char *count = all + 12 + geo_flat_field(&b, &header, 8, 8), *node_size = all + 12 + geo_flat_field(&b, &header, 9, 2);
    assert_false(b.bad);
    count[7] = 0x10; /* 2^60 features */
    assert_int_equal(rows_of(all, n, &hash), -1);
    node_size[0] = 16; /* and an index of them */
    assert_int_equal(rows_of(all, n, &hash), -1);
    count[7] = 0;
    count[0] = 9; /* an index of nine, which is not there: features are taken for it */
    assert_int_equal(rows_of(all, n, &hash), -1);
    node_size[0] = 0;
    assert_int_equal(rows_of(all, n, &hash), ROWS);
    count[0] = 8;
    assert_int_equal(rows_of(all, n, &hash), -1);
    count[0] = 0;
    memset(all + first, 0xFF, 4);
    assert_int_equal(rows_of(all, n, &hash), -1);
    memset(all + first, 0, 4);
    assert_int_equal(rows_of(all, n, &hash), -1);
    memset(all + 8, 0xFF, 4);
    assert_int_equal(rows_of(all, n, &hash), -1);
    free(all);
}

/* Where the first feature has its values, which are a text of three bytes, then numbers of eight behind the number of their column. */
static char *first_values(char *all)
{
    char *at = all + 12 + geo_flat_u32(all + 8);
    geo_flat b = {at + 4, geo_flat_u32(at), false};
    const geo_flat_table t = geo_flat_root(&b);
    size_t n;
    char *values = at + 4 + ((const char *)geo_flat_vector(&b, &t, 1, 1, &n) - b.data);
    assert_false(b.bad);
    return values;
}

static void a_value_twice_is_an_error(void **state)
{
    (void)state;
    size_t n;
    uint64_t hash = 0;
    char *all = written(ROWS, true, &n), *real = first_values(all) + 2 + 4 + 3 + 2 + 8;
    assert_int_equal(geo_flat_u16(real), 2);
    real[0] = 1; /* the whole number once more */
    assert_int_equal(rows_of(all, n, &hash), -1);
    assert_non_null(strstr(err.msg, "a field twice"));
    real[0] = 60; /* no column at all */
    assert_int_equal(rows_of(all, n, &hash), -1);
    free(all);
}

/* The mark of the last feature: missing there, or followed by more. */
static void marks_may_lie(void **state)
{
    (void)state;
    size_t n, at, last = 0;
    uint64_t hash = 0;
    char *all = written(ROWS, true, &n);
    const size_t first = 12 + geo_flat_u32(all + 8), first_n = 4 + geo_flat_u32(all + first);
    for (at = first; at < n; at += 4 + geo_flat_u32(all + at))
        last = at;
    geo_flat b = {all + last + 4, n - last - 4, false};
    const geo_flat_table t = geo_flat_root(&b);
    char *mark = all + last + 4 + geo_flat_field(&b, &t, 3, 1);
    assert_int_equal(*mark, 1);
    *mark = 2;
    assert_int_equal(rows_of(all, n, &hash), -1);
    *mark = 1;
    char *more = malloc(n + first_n);
    memcpy(more, all, n);
    memcpy(more + n, all + first, first_n);
    assert_int_equal(rows_of(more, n, &hash), ROWS);
    assert_int_equal(rows_of(more, n + first_n, &hash), -1);
    free(more);
    free(all);
}

/* A name that ends early could be another one, the class's for instance. */
static void names_have_no_zeros(void **state)
{
    (void)state;
    size_t n;
    uint64_t hash = 0;
    char *all = written(ROWS, true, &n);
    char *name = memmem(all, n, "real", 4);
    assert_non_null(name);
    name[1] = '\0';
    assert_int_equal(rows_of(all, n, &hash), -1);
    free(all);
}

/* Metadata that is damaged says nothing, but for a class that it had. */
static void damaged_metadata_never_lowers(void **state)
{
    (void)state;
    size_t n;
    char *all = written(ROWS, true, &n);
    char *version = memmem(all, n, "\"version\":\"", 11);
    geo_reader *r;
    assert_non_null(version);
    memcpy(version, "'sdc_class'", 11);
    const geo_reader_options o = {.label = {.class_ = GEO_CLASS_OPEN, .known = true}};
    CHECK_OK(geo_reader_open(unit_write("in.fgb", all, n), &o, &r, &err), &err);
    assert_int_equal(geo_reader_class(r), GEO_CLASS_SPECIAL);
    geo_reader_close(r);
    free(all);
}

static int start(void **state)
{
    (void)state;
    return geo_init(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(tables_without_rows_or_shapes),
        cmocka_unit_test(whatever_is_cut_is_an_error),
        cmocka_unit_test(bits_may_flip),
        cmocka_unit_test(sizes_may_lie),
        cmocka_unit_test(a_value_twice_is_an_error),
        cmocka_unit_test(marks_may_lie),
        cmocka_unit_test(names_have_no_zeros),
        cmocka_unit_test(damaged_metadata_never_lowers),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
