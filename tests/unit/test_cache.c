/*
 * Stores and what geojoin keeps in them: found whole or not at all, whatever byte is changed and wherever they end; and memory that holds
 * anything is no way out of an index. That a kept index answers as the one it came from, and both as brute force, is for property_areas;
 * geojoin --cache as a whole for tests/cli/cache.
 */
#include "unit.h"

#include "core/checksum.h"
#include "geo/init.h"
#include "geo/join.h"
#include "geometry/areas_save.h"
#include "io/store.h"

#include <fcntl.h>
#include <sys/stat.h>

static char source[320], store[320];

static geo_status open_store(const char *purpose, geo_err *err)
{
    geo_store *s = NULL;
    *err = (geo_err){.msg = ""};
    const geo_status st = geo_store_open(store, source, purpose, 1, NULL, &s, err);
    geo_store_close(s);
    return st;
}

static void every_byte_counts(const char *purpose)
{
    geo_err err;
    assert_int_equal(open_store(purpose, &err), GEO_OK);
    size_t n = 0;
    char *all = unit_read(store, &n);
    assert_non_null(all);
    const int fd = open(store, O_WRONLY);
    assert_true(fd >= 0);
    geo_random rnd = unit_random("changed bytes");
    const size_t step = n / unit_tries(30000) + 1; /* of a large one not all */
    for (size_t i = geo_random_below(&rnd, step); i < n; i += i < 2000 ? 1 : 1 + geo_random_below(&rnd, 2 * step - 1)) {
        const char other = (char)(all[i] ^ (1 << geo_random_below(&rnd, 8)));
        assert_int_equal(pwrite(fd, &other, 1, (off_t)i), 1);
        CHECK(open_store(purpose, &err) == GEO_SKIP && err.msg[0], "byte %zu of %zu changed, and nobody notices", i, n);
        assert_int_equal(pwrite(fd, all + i, 1, (off_t)i), 1);
    }
    assert_int_equal(open_store(purpose, &err), GEO_OK);
    for (size_t left = n; left-- > 0; left -= left < 2000 ? 0 : geo_random_below(&rnd, left / 8000 * 8 + 1)) {
        assert_int_equal(ftruncate(fd, (off_t)left), 0);
        CHECK(open_store(purpose, &err) == GEO_SKIP && err.msg[0], "cut to %zu bytes of %zu, and nobody notices", left, n);
    }
    close(fd);
    free(all);
}

static geo_store_source now(void)
{
    geo_store_source s;
    geo_err err;
    CHECK_OK(geo_store_look(source, &s, &err), &err);
    s.at_rest = true; /* as if it were older */
    return s;
}

static void a_store(void **state)
{
    (void)state;
    geo_err err = {.msg = ""};
    unit_text("areas", "some bytes");
    static double numbers[300];
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        numbers[i] = (double)i;
    const geo_store_part parts[] = {{"a", 1}, {NULL, 0}, {numbers, sizeof numbers}, {"the end", 7}};
    assert_int_equal(open_store("a test", &err), GEO_SKIP);
    assert_string_equal(err.msg, "");
    const geo_store_source before = now();
    geo_store_source young = before, other = before;
    young.at_rest = false;
    other.data_ns ^= 1;
    assert_int_equal(geo_store_write(store, source, &young, "a test", parts, 4, 1, NULL, &err), GEO_SKIP);
    assert_int_equal(geo_store_write(store, source, &other, "a test", parts, 4, 1, NULL, &err), GEO_SKIP);
    assert_int_equal(unit_files(), 1);
    CHECK_OK(geo_store_write(store, source, &before, "a test", parts, 4, 2, NULL, &err), &err);
    geo_store *s = NULL;
    CHECK_OK(geo_store_open(store, source, "a test", 2, NULL, &s, &err), &err);
    size_t n;
    const geo_store_part *got = geo_store_parts(s, &n);
    assert_int_equal(n, 4);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(got[i].n, parts[i].n);
        assert_int_equal((uintptr_t)got[i].data % 64, 0);
        assert_true(parts[i].n == 0 || memcmp(got[i].data, parts[i].data, parts[i].n) == 0);
    }
    assert_false(geo_store_is_moved(s));
    geo_store_close(s);
    assert_int_equal(open_store("another test", &err), GEO_SKIP);
    assert_int_equal(open_store("a tes", &err), GEO_SKIP);
    every_byte_counts("a test");
}

static void the_source(void **state)
{
    (void)state;
    geo_err err;
    const geo_store_part part = {"x", 1};
    unit_text("areas", "some bytes");
    geo_store_source before = now();
    CHECK_OK(geo_store_write(store, source, &before, "p", &part, 1, 1, NULL, &err), &err);
    geo_store *s = NULL;
    unit_text("areas", "some bytes"); /* the same again, at another time */
    CHECK_OK(geo_store_open(store, source, "p", 1, NULL, &s, &err), &err);
    assert_true(geo_store_is_moved(s));
    assert_int_equal(geo_store_renew(s, store, source, 1, NULL, &err), GEO_SKIP); /* so young that it may still change unseen */
    geo_store_close(s);
    unit_text("areas", "same bytes");
    assert_int_equal(open_store("p", &err), GEO_SKIP);
    unit_text("areas", "some bytes and more");
    assert_int_equal(open_store("p", &err), GEO_SKIP);
    unlink(source);
    assert_int_equal(open_store("p", &err), GEO_SKIP);
}

static void sums(void **state)
{
    (void)state;
    unsigned char bytes[200];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        const uint64_t sum = geo_checksum(bytes, n);
        assert_true(n == sizeof bytes || sum != geo_checksum(bytes, n + 1));
        for (size_t i = 0; i < n * 8; i++) {
            bytes[i / 8] ^= (unsigned char)(1u << i % 8);
            CHECK(sum != geo_checksum(bytes, n), "%zu bytes, bit %zu", n, i);
            bytes[i / 8] ^= (unsigned char)(1u << i % 8);
        }
    }
    const size_t large_n = ((size_t)5 << 20) + 3;
    unsigned char *large = calloc(large_n, 1);
    assert_non_null(large);
    const uint64_t sum = geo_checksum_parallel(large, large_n, 1);
    assert_true(sum == geo_checksum_parallel(large, large_n, 4));
    for (size_t i = 0; i < large_n; i += 99991) {
        large[i] = 1;
        assert_true(sum != geo_checksum_parallel(large, large_n, 2));
        large[i] = 0;
    }
    free(large);
}

/* ---- the index ---- */

#define ACROSS 12
#define AREAS_N (ACROSS * ACROSS)

/* Squares side by side that overlap a little. */
static geo_areas *make_areas(void)
{
    static double x[AREAS_N * 5], y[AREAS_N * 5];
    static int64_t at[AREAS_N + 1], vertex_at[AREAS_N + 1];
    static uint8_t kind[AREAS_N];
    for (int i = 0; i < AREAS_N; i++) {
        const double corner[5][2] = {{0, 0}, {11, 0}, {11, 11}, {0, 11}, {0, 0}};
        kind[i] = GEO_POLYGON;
        at[i + 1] = i + 1;
        vertex_at[i + 1] = 5 * (i + 1);
        for (int k = 0; k < 5; k++) {
            x[5 * i + k] = i % ACROSS * 10 + corner[k][0];
            y[5 * i + k] = i / ACROSS * 10 + corner[k][1];
        }
    }
    const geo_geometries g = {kind, at, at, vertex_at, x, y};
    const geo_column c = {.type = GEO_GEOMETRY, .held = true, .geometries = &g};
    geo_areas *areas = geo_areas_new();
    geo_err err;
    CHECK_OK(geo_areas_add(areas, &c, AREAS_N, &err), &err);
    CHECK_OK(geo_areas_build(areas, NULL, -1, 1, NULL, &err), &err);
    return areas;
}

static void any_bytes_as_index(void **state)
{
    (void)state;
    geo_err err;
    geo_store_part parts[GEO_AREAS_PARTS];
    geo_areas_fixed fixed;
    geo_areas *areas = make_areas(), *loaded = NULL;
    geo_areas_save(areas, &fixed, parts);
    geo_random rnd = unit_random("changed indexes");
    size_t taken = 0;
    const size_t tries = unit_tries(4000);
    for (size_t try = 0; try < tries; try++) {
        char *copy[GEO_AREAS_PARTS]; /* of exactly their size, so that valgrind and the address checks see what leaves them */
        geo_store_part other[GEO_AREAS_PARTS];
        for (int i = 0; i < GEO_AREAS_PARTS; i++) {
            const bool cut = geo_random_below(&rnd, 40) == 0;
            other[i].n = cut && parts[i].n ? parts[i].n - (size_t)geo_random_below(&rnd, parts[i].n + 1) / 4 * 4 : parts[i].n;
            copy[i] = malloc(other[i].n + 1);
            assert_non_null(copy[i]);
            memcpy(copy[i], parts[i].data, other[i].n);
            other[i].data = copy[i];
        }
        for (uint64_t changes = geo_random_below(&rnd, 3); changes; changes--) {
            const size_t i = (size_t)geo_random_below(&rnd, GEO_AREAS_PARTS), at = (size_t)geo_random_below(&rnd, other[i].n / 4 + 1) * 4;
            const uint32_t values[] = {0,
                                       1,
                                       UINT32_MAX,
                                       INT32_MAX,
                                       INT32_MAX / 2 + 1,
                                       0x7FF00000,
                                       (uint32_t)geo_random_below(&rnd, 3000),
                                       (uint32_t)~geo_random_below(&rnd, 3000)};
            if (at + 4 <= other[i].n)
                memcpy(copy[i] + at, &values[geo_random_below(&rnd, COUNT_OF(values))], 4);
        }
        const geo_status st = geo_areas_load(other, 1, &loaded, &err);
        assert_true(st == GEO_OK || st == GEO_EFORMAT);
        if (st == GEO_OK) {
            double x[500], y[500];
            int32_t found[500];
            uint8_t hits[500];
            geo_areas_take_rank(loaded, calloc(geo_areas_count(loaded), sizeof(int32_t)));
            for (size_t i = 0; i < COUNT_OF(x); i++) {
                x[i] = (double)geo_random_below(&rnd, 1300) / 10 - 5;
                y[i] = (double)geo_random_below(&rnd, 1300) / 10 - 5;
            }
            geo_areas_locate(loaded, x, y, COUNT_OF(x), found, hits);
            for (size_t i = 0; i < COUNT_OF(x); i++)
                assert_true(found[i] >= GEO_NO_AREA && found[i] < AREAS_N);
            geo_areas_free(loaded);
            taken++;
        }
        for (int i = 0; i < GEO_AREAS_PARTS; i++)
            free(copy[i]);
    }
    print_message("%zu of %zu indexes were taken\n", taken, tries);
    assert_true(taken > tries / 8 && taken < tries);
    geo_areas_free(areas);
}

/* ---- geojoin's ---- */

static void a_cache(void **state)
{
    (void)state;
    geo_err err;
    unit_text(
        "areas.geojson",
        "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:27700\"}},\"features\":[{\"type\":"
        "\"Feature\",\"properties\":{\"code\":\"A\",\"n\":1},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":"
        "[[[0,0],[10,0],[10,10],[0,10],[0,0]]]}}]}");
    unit_text("records.csv", "easting,northing\n5,5\n50,5\n");
    strcpy(source, unit_path("areas.geojson"));
    strcpy(store, unit_path("areas.geojson.geoidx"));
    char records[320], output[320];
    strcpy(records, unit_path("records.csv"));
    strcpy(output, unit_path("out.csv"));
    sleep(GEO_STORE_REST_S + 1);
    const geo_join_step step = {.by_place = true, .file = source};
    const geo_join_options o = {.steps = &step, .steps_n = 1, .records = records, .output = output, .cache = true, .threads = 1};
    geo_join_report report;
    CHECK_OK(geo_join_run(&o, &report, &err), &err);
    size_t n;
    char *all = unit_read(store, &n), purpose[64] = "";
    snprintf(purpose, sizeof purpose, "layer \ncrs \nareas of libgeo %s, form 1\n", geo_version());
    assert_non_null(all);
    free(all);
    every_byte_counts(purpose);
}

static int start(void **state)
{
    (void)state;
    geo_err err;
    strcpy(source, unit_path("areas"));
    strcpy(store, unit_path("areas.store"));
    return geo_init(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums),    cmocka_unit_test(a_store), cmocka_unit_test(the_source), cmocka_unit_test(any_bytes_as_index),
        cmocka_unit_test(a_cache),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
