/*
 * Memory that runs out: the nth allocation of the library fails, for every n, over whole joins. The linker wraps malloc, calloc and realloc
 * in the objects of this program and the static library only, so GDAL and PROJ have all they want.
 *
 * Every run must end in GEO_ENOMEM (or whatever else says so cleanly) with nothing on disk, or in the right bytes.
 */
#include "unit.h"

#include "geo/attack.h"
#include "geo/init.h"
#include "geo/join.h"
#include "geo/overlap.h"
#include "io/store.h"

#include <pthread.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool counting, for_good; /* for_good: all later ones fail too */
static long allocations_n, failing;

static bool fails(void)
{
    pthread_mutex_lock(&lock);
    bool now = false;
    if (counting) {
        allocations_n++;
        now = failing && (for_good ? allocations_n >= failing : allocations_n == failing);
    }
    pthread_mutex_unlock(&lock);
    return now;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails() ? NULL : __real_realloc(p, n);
}

static const char AREAS[] =
    "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"urn:ogc:def:crs:EPSG::27700\"}},"
    "\"features\":[{\"type\":\"Feature\",\"properties\":{\"code\":\"A\",\"n\":4},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":"
    "[[[0,0],[10,0],[10,10],[0,10],[0,0]]]}},{\"type\":\"Feature\",\"properties\":{\"code\":\"B\",\"n\":5},\"geometry\":{\"type\":"
    "\"Polygon\",\"coordinates\":[[[10,0],[20,0],[20,10],[10,10],[10,0]]]}}]}";
static const char RECORDS[] = "\xEF\xBB\xBF"
                              "easting,northing,v,kind,sdc_class\n5,5,1,\"x \"\"y\"\"\",open\n15,5,*,z,official\n99,5,3,z,\n";
static const char WKT[] =
    "id,\"the \"\"shape\"\"\",v,kind\n1,\"POINT (5 5)\",1,\"x \"\"y\"\"\"\n2,\"POINT \"\"(15 5)\",2,z\n3,POINT (15 5),2,z\n";
static const char WARDS[] = "code,ward\nA,\"W \"\"1\"\"\"\nB,W2\nB,W3\n";
static const char FIGURES[] = "oa,n,n_missing,rate,kind\nA,10,1,3,x\nB,20,0,4,x\nB,5,0,6,y\nZ,1,0,*,x\n";
static const char OLD_TO_NEW[] = "oa,FID,new,w\nA,1,N1,1\nA,2,N2,3\nB,3,N2,1\nC,4,,1\n", NEW_TO_WARD[] = "new,FID,ward\nN1,1,W1\nN2,2,W1\n";
static const char POLICY[] = "dataset *.csv class open\ndataset *.geojson class open source \"x\"\n"
                             "class personal areas lsoa ward threshold 10\ngrid squares 1km 2km\n";

static char areas[320], records[320], wkt[320], wards[320], figures[320], old_to_new[320], new_to_ward[320], output[320], layer[320],
    rules[320], cache[340];
static bool forget; /* the cache, before each run */

static geo_status run(geo_join_options o, geo_err *err)
{
    static geo_join_report report;
    geo_policy *policy = NULL;
    if (forget)
        unlink(cache);
    counting = true;
    geo_status st = geo_policy_read(rules, &policy, err);
    o.policy = policy;
    if (st == GEO_OK)
        st = geo_join_run(&o, &report, err);
    geo_policy_free(policy);
    counting = false;
    return st;
}

static void fail_every_allocation(const char *name, const geo_join_options *o)
{
    geo_err err = {0};
    allocations_n = failing = 0;
    unlink(o->output);
    CHECK(run(*o, &err) == GEO_OK, "%s: %s", name, err.msg);
    size_t expected_n = 0, got_n = 0;
    char *expected = unit_read(o->output, &expected_n);
    const long all = allocations_n;
    const int inputs_n = unit_files() - 1 - (access(cache, F_OK) == 0);
    assert_true(all > 20);
    int wrong = 0;
    for (int both = 0; both < 2; both++)
        for (long n = 1; n <= all; n += getenv("GEO_TEST_SLOW") ? 17 : 1) {
            unlink(o->output);
            err = (geo_err){.msg = ""};
            allocations_n = 0;
            failing = n;
            for_good = both;
            const geo_status st = run(*o, &err);
            if (st < 0) {
                CHECK(err.msg[0] && err.code == st, "%s, allocation %ld: status %d without a story", name, n, st);
                CHECK(unit_files() == inputs_n + (access(cache, F_OK) == 0), "%s, allocation %ld: a file was left", name, n);
            } else {
                char *got = unit_read(o->output, &got_n);
                if ((!got || got_n != expected_n || memcmp(got, expected, got_n) != 0) && wrong++ == 0)
                    print_error("%s, allocation %ld of %ld fails and nobody notices:\n%snot\n%s", name, n, all, got ? got : "(no file)\n",
                                expected);
                free(got);
            }
        }
    unlink(o->output);
    print_message("%s: %ld allocations\n", name, all);
    free(expected);
    assert_int_equal(wrong, 0);
}

static void records_with_areas_and_lookup(void **state)
{
    (void)state;
    const geo_join_step steps[] = {{.by_place = true, .file = areas}, {.file = wards, .on = "code"}};
    fail_every_allocation("records", &(geo_join_options){.steps = steps, .steps_n = 2, .records = records, .output = output, .threads = 1});
    fail_every_allocation(
        "selected records",
        &(geo_join_options){
            .steps = steps, .steps_n = 2, .records = records, .output = output, .threads = 1, .unmatched = GEO_UNMATCHED_DROP});
}

static void counts(void **state)
{
    (void)state;
    const geo_join_step steps[] = {{.by_place = true, .file = areas},
                                   {.file = wards, .on = "code", .fields = (const char *const[]){"ward", NULL}}};
    geo_join_options o = {.steps = steps,
                          .steps_n = 2,
                          .records = records,
                          .output = output,
                          .threads = 1,
                          .count = true,
                          .by = "kind",
                          .sums = (const char *const[]){"v", NULL},
                          .all_areas = true};
    fail_every_allocation("counts by ward", &o);
    o.steps_n = 1;
    fail_every_allocation("counts by area", &o);
}

static void figures_by_lookup(void **state)
{
    (void)state;
    const geo_join_step via[] = {{.file = old_to_new}, {.file = new_to_ward}};
    geo_join_figures f = {.from = "oa", .to = "new", .via = via, .via_n = 1, .weights = "w"};
    geo_join_options o = {.records = figures,
                          .output = output,
                          .threads = 1,
                          .figures = &f,
                          .sums = (const char *const[]){"n", "n_missing", NULL},
                          .means = (const char *const[]){"rate", NULL},
                          .keep = (const char *const[]){"kind", NULL},
                          .denominator = "n",
                          .rate_per = 100,
                          .all_areas = true};
    fail_every_allocation("figures by a lookup", &o);
    f.to = "ward:area";
    f.via_n = 2;
    fail_every_allocation("figures by two lookups", &o);
}

static void figures_by_ground(void **state)
{
    (void)state;
    const geo_join_step step = {.by_place = true, .file = areas, .key = "code:area"};
    const geo_join_figures f = {.areal = true};
    geo_join_options o = {.steps = &step, .steps_n = 1, .records = areas, .output = output, .threads = 1, .figures = &f};
    o.writing.format = "csv";
    fail_every_allocation("ground in common", &o);
    o.sums = (const char *const[]){"n", NULL};
    o.keep = (const char *const[]){"code", NULL};
    fail_every_allocation("figures by ground", &o);
}

/* Codes that the lookup lacks, while another column of it has them. */
static void codes_of_another_year(void **state)
{
    (void)state;
    char codes[320], lookup[320];
    strcpy(codes, unit_text("codes.csv", "code\nE01000001\nE01000002\nE01000003\n"));
    strcpy(lookup, unit_text("years.csv", "new,old,v\nE01000001,E01000001,1\nE01000009,E01000002,2\nE01000009,E01000003,2\n"));
    const geo_join_step step = {.file = lookup, .on = "code", .key = "new"};
    fail_every_allocation("another year",
                          &(geo_join_options){.steps = &step, .steps_n = 1, .records = codes, .output = output, .threads = 1});
}

static void points_in_text(void **state)
{
    (void)state;
    const geo_join_step steps[] = {{.by_place = true, .file = areas}};
    fail_every_allocation("WKT", &(geo_join_options){.steps = steps,
                                                     .steps_n = 1,
                                                     .records = wkt,
                                                     .output = output,
                                                     .threads = 1,
                                                     .reading = {.geometry_field = "the \"shape\"", .crs = "EPSG:27700"}});
    fail_every_allocation("filtered", &(geo_join_options){.steps = steps,
                                                          .steps_n = 1,
                                                          .records = wkt,
                                                          .output = output,
                                                          .threads = 1,
                                                          .reading = {.geometry_field = "the \"shape\"",
                                                                      .crs = "EPSG:27700",
                                                                      .where = "\"the \\\"shape\\\"\" LIKE '%5 5%' AND id < '3'"}});
    fail_every_allocation(
        "Windows-1252",
        &(geo_join_options){.steps = steps,
                            .steps_n = 1,
                            .records = records,
                            .output = output,
                            .threads = 1,
                            .reading = {.encoding = GEO_WINDOWS_1252, .x = "easting", .y = "northing", .crs = "EPSG:27700"}});
}

/* A format of GDAL's, of which two runs give the same bytes. */
static void through_gdal(void **state)
{
    (void)state;
    const geo_join_step steps[] = {{.by_place = true, .file = areas}};
    geo_join_options o = {.steps = steps, .steps_n = 1, .records = records, .output = layer, .threads = 1};
    fail_every_allocation("points to GeoJSON", &o);
    o.count = o.all_areas = true;
    fail_every_allocation("areas to GeoJSON", &o);
}

/* The formats of pipes, each read and written. */
static void through_pipes(void **state)
{
    (void)state;
    static const char FEATURES[] = "{\"type\":\"Feature\",\"properties\":{\"n\\u0061me\":\"\\u00e9\",\"v\":1.5,\"day\":null},\"geometry\":{"
                                   "\"type\":\"Point\",\"coordinates\":"
                                   "[5,5],\"bbox\":[]},\"crs\":{\"properties\":{\"name\":\"EPSG:27700\"}},\"stac\":[1]}\n"
                                   "{\"type\":\"Feature\",\"properties\":{\"name\":\"x\",\"v\":2,\"flag\":true},\"geometry\":{\"type\":"
                                   "\"MultiPolygon\",\"coordinates\":"
                                   "[[[[0,0],[9,0],[9,9],[0,0]]]]},\"crs\":{\"properties\":{\"name\":\"EPSG:27700\"}}}\n";
    char seq[320], fgb[320], again[320];
    strcpy(seq, unit_text("in.geojsonl", FEATURES));
    strcpy(fgb, unit_path("out.fgb"));
    strcpy(again, unit_path("out.geojsonl"));
    const geo_join_step steps[] = {{.by_place = true, .file = areas}};
    const geo_join_options to_fgb = {.steps = steps, .steps_n = 1, .records = seq, .output = fgb, .threads = 1};
    geo_join_options to_seq = to_fgb;
    to_seq.output = again;
    to_seq.unmatched = GEO_UNMATCHED_DROP;
    fail_every_allocation("GeoJSON to FlatGeobuf", &to_fgb);
    fail_every_allocation("GeoJSON to GeoJSON", &to_seq);
    geo_err err;
    failing = 0;
    CHECK_OK(run(to_fgb, &err), &err);
    to_seq.records = fgb;
    to_seq.steps = (const geo_join_step[]){{.by_place = true, .file = areas, .key = "code:other"}};
    to_seq.reading.where = "v < 2";
    fail_every_allocation("FlatGeobuf to GeoJSON", &to_seq);
    unlink(fgb);
    unlink(seq);
}

static void two_threads(void **state)
{
    (void)state;
    const geo_join_step steps[] = {{.by_place = true, .file = areas}};
    fail_every_allocation("two threads",
                          &(geo_join_options){.steps = steps, .steps_n = 1, .records = records, .output = output, .threads = 2});
}

/* A square and a bow tie, built while there is memory. */
static geo_areas *square_and_bow_tie(void)
{
    static const double X[] = {0, 2, 2, 0, 0, 0, 2, 2, 0, 0}, Y[] = {0, 0, 2, 2, 0, 0, 2, 0, 2, 0};
    static const int64_t VERTEX_AT[] = {0, 5, 10}, ONE_EACH[] = {0, 1, 2};
    static const uint8_t KIND[] = {GEO_POLYGON, GEO_POLYGON};
    const geo_geometries g = {KIND, ONE_EACH, ONE_EACH, VERTEX_AT, X, Y};
    const geo_column column = {.type = GEO_GEOMETRY, .held = true, .geometries = &g};
    geo_err err;
    geo_areas *set = geo_areas_new();
    assert_non_null(set);
    assert_int_equal(geo_areas_add(set, &column, 2, &err), GEO_OK);
    assert_int_equal(geo_areas_build(set, NULL, 0, 1, NULL, &err), GEO_OK);
    return set;
}

static void overlaps(void **state)
{
    (void)state;
    static const double SHARED[] = {4, 2, 2, 2}; /* the bow tie covers half of its square */
    geo_areas *set = square_and_bow_tie();
    long all = 1;
    for (int both = 0; both < 2; both++)
        for (long n = 0; n <= all; n++) {
            geo_err err = {.msg = ""};
            geo_overlap *pairs = NULL;
            size_t pairs_n = 0;
            double size[2] = {0, 0};
            allocations_n = 0;
            failing = n;
            for_good = both;
            counting = true;
            geo_status st = geo_areas_sizes(set, 1, NULL, size, &err);
            if (st == GEO_OK)
                st = geo_areas_overlaps(set, set, 1, NULL, &pairs, &pairs_n, &err);
            counting = false;
            all = n == 0 ? allocations_n : all;
            CHECK(n == 0 ? st == GEO_OK : st == GEO_ENOMEM && err.code == st && !pairs, "allocation %ld: status %d", n, st);
            for (size_t i = 0; n == 0 && i < COUNT_OF(SHARED); i++)
                assert_true(pairs_n == COUNT_OF(SHARED) && pairs[i].size == SHARED[i]);
            free(pairs);
        }
    print_message("overlaps: %ld allocations\n", all);
    assert_true(all > 20);
    geo_areas_free(set);
}

/*
 * 11 = x + y + z + t, t = x + y, y + z = 2: t is in two of them, so that programmes are solved, and z odd, so that branches are searched.
 * The solver's own memory is not ours to fail.
 */
static void attacks(void **state)
{
    (void)state;
    enum { Z, Y, X, T, ALL, PAIR, N };
    static const size_t AT[] = {0, 3, 8, 11};
    static const uint32_t CELLS[] = {T, X, Y, ALL, X, Y, Z, T, PAIR, Y, Z};
    static const double LOW[N] = {0, 0, 0, 0, 11, 2}, HIGH[N] = {6, 6, 6, 6, 11, 2};
    const geo_equations equations = {N, 3, AT, CELLS};
    const geo_attack_options o = {.whole = true, .threads = 1};
    long all = 1;
    for (int both = 0; both < 2; both++)
        for (long n = 0; n <= all; n++) {
            geo_err err = {.msg = ""};
            geo_attack_report report;
            double low[N], high[N];
            memcpy(low, LOW, sizeof low);
            memcpy(high, HIGH, sizeof high);
            allocations_n = 0;
            failing = n;
            for_good = both;
            counting = true;
            const geo_status st = geo_attack(&equations, &o, low, high, NULL, &report, &err);
            counting = false;
            all = n == 0 ? allocations_n : all;
            CHECK(n == 0 ? st == GEO_OK : st == GEO_ENOMEM && err.code == st, "allocation %ld: status %d", n, st);
            if (n == 0)
                assert_true(low[Z] == 1 && high[Z] == 1 && low[Y] == 1 && high[Y] == 1 && low[T] == 5 && high[T] == 5);
            else
                assert_true(low[Z] == LOW[Z] && high[Z] == HIGH[Z]);
        }
    print_message("attacks: %ld allocations\n", all);
    assert_true(all > 20);
}

/* The cache is written, then taken; the lack of it is no failure, so most runs end well. */
static void caches(void **state)
{
    (void)state;
    const geo_join_step steps[] = {{.by_place = true, .file = areas}};
    const geo_join_options o = {.steps = steps, .steps_n = 1, .records = records, .output = output, .threads = 1, .cache = true};
    sleep(GEO_STORE_REST_S + 1);
    forget = true;
    fail_every_allocation("a cache that is written", &o);
    forget = false;
    unlink(cache);
    geo_err err;
    failing = 0;
    CHECK_OK(run(o, &err), &err);
    assert_int_equal(access(cache, F_OK), 0);
    fail_every_allocation("a cache that is taken", &o);
    unlink(cache);
}

static int start(void **state)
{
    (void)state;
    geo_err err;
    strcpy(areas, unit_text("areas.geojson", AREAS));
    snprintf(cache, sizeof cache, "%s.geoidx", areas);
    strcpy(records, unit_text("records.csv", RECORDS));
    strcpy(wkt, unit_text("wkt.csv", WKT));
    strcpy(wards, unit_text("wards.csv", WARDS));
    strcpy(figures, unit_text("figures.csv", FIGURES));
    strcpy(old_to_new, unit_text("old_to_new.csv", OLD_TO_NEW));
    strcpy(new_to_ward, unit_text("new_to_ward.csv", NEW_TO_WARD));
    strcpy(rules, unit_text("rules", POLICY));
    strcpy(output, unit_path("out.csv"));
    strcpy(layer, unit_path("out.geojson"));
    return geo_init(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_with_areas_and_lookup),
        cmocka_unit_test(counts),
        cmocka_unit_test(figures_by_lookup),
        cmocka_unit_test(figures_by_ground),
        cmocka_unit_test(codes_of_another_year),
        cmocka_unit_test(points_in_text),
        cmocka_unit_test(through_gdal),
        cmocka_unit_test(through_pipes),
        cmocka_unit_test(two_threads),
        cmocka_unit_test(overlaps),
        cmocka_unit_test(attacks),
        cmocka_unit_test(caches),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
