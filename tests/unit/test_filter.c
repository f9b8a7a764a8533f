/*
 * Filters over CSV: random records and random filters, against GDAL's own reader of CSV; then what the reader promises about lines and
 * faults of records that do not pass.
 */
#include "unit.h"

#include "geo/init.h"
#include "geo/reader.h"

#include <gdal.h>
#include <ogr_api.h>

#define LONGEST 100000

/* The ids of the records that pass, one after another. */
typedef struct ids {
    size_t n;
    int64_t id[LONGEST];
} ids;

static ids ours, theirs;

static void add_id(ids *to, const char *s, size_t n)
{
    char text[24] = "";
    assert_true(n > 0 && n < sizeof text && to->n < LONGEST);
    memcpy(text, s, n);
    to->id[to->n++] = strtoll(text, NULL, 10);
}

static geo_status pass(void *ctx, geo_parcel *p, geo_err *err)
{
    (void)ctx, (void)p, (void)err;
    return GEO_OK;
}

static geo_status take_ids(void *ctx, const geo_parcel *p, geo_err *err)
{
    (void)err;
    for (size_t r = 0; r < p->in->rows_n; r++) {
        size_t n;
        const char *s = geo_column_text(&p->in->columns[0], r, &n);
        add_id(ctx, s, n);
    }
    return GEO_OK;
}

static void read_ours(const char *file, const char *where, size_t chunk, int threads)
{
    const geo_reader_options o = {.where = where, .chunk_bytes = chunk, .columns = (const char *const[]){"id", NULL}};
    geo_reader *r;
    geo_err err;
    CHECK_OK(geo_reader_open(file, &o, &r, &err), &err);
    ours.n = 0;
    const geo_flow flow = {pass, take_ids, &ours};
    CHECK_OK(geo_flow_run(r, &flow, threads, NULL, &err), &err);
    assert_int_equal(geo_reader_rows(r), ours.n);
    geo_reader_close(r);
}

/* As `ogr2ogr -where` does it. No field of the random files is "": GDAL's reader takes it for none here, and ours does not. */
static void read_theirs(const char *file, const char *where)
{
    const char *const options[] = {"EMPTY_STRING_AS_NULL=YES", NULL};
    GDALDatasetH d = GDALOpenEx(file, GDAL_OF_VECTOR, (const char *const[]){"CSV", NULL}, options, NULL);
    assert_non_null(d);
    OGRLayerH layer = GDALDatasetGetLayer(d, 0);
    CHECK(OGR_L_SetAttributeFilter(layer, where) == OGRERR_NONE, "GDAL does not take: %s", where);
    theirs.n = 0;
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(layer));) {
        const char *id = OGR_F_GetFieldAsString(f, 0);
        add_id(&theirs, id, strlen(id));
        OGR_F_Destroy(f);
    }
    GDALClose(d);
}

static const char *one_of(geo_random *r, const char *const *words, size_t n)
{
    return words[geo_random_below(r, n)];
}

/* Records with everything that CSV may hold, and values that filters like: numbers, near numbers, dates, other letter cases. */
static void write_records(geo_random *r, const char *path, size_t rows_n)
{
    static const char *const NAMES[] = {"Ann", "ann", "\"Smith, J\"", "\"say \"\"hi\"\"\"", "\"two\nlines\"", "", "Llŷr",
                                        "50%", "a_b", "O'Neil"};
    static const char *const SPENT[] = {"", "0", "7", "-3", "100", "1000", "99.5", "1e3", "*", "x", "007", "\"12\"", " 5"};
    static const char *const DAYS[] = {"2024-02-29", "2023-01-01", "", "soon", "2024/02/29"};
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs("id,Name,spend,\"the day\",other\n", f);
    for (size_t i = 0; i < rows_n; i++)
        fprintf(f, "%zu,%s,%s,%s,%" PRIu64 "\n", i, one_of(r, NAMES, COUNT_OF(NAMES)), one_of(r, SPENT, COUNT_OF(SPENT)),
                one_of(r, DAYS, COUNT_OF(DAYS)), geo_random_below(r, 50));
    assert_int_equal(fclose(f), 0);
}

/* A filter of one to four conditions. */
static void make_filter(geo_random *r, char *out, size_t room)
{
    static const char *const CONDITIONS[] = {
        "name = 'ANN'",
        "NAME <> 'ann'",
        "Name LIKE 'a%'",
        "name ILIKE '%_i%'",
        "name IS NULL",
        "name = 'say \"hi\"'",
        "name = 'two\nlines'",
        "Name = 'O''Neil'",
        "name > 'B'",
        "name LIKE '50!%' ESCAPE '!'",
        "name = 'Llŷr'",
        "spend IS NOT NULL",
        "spend = '007'",
        "spend IN ('x', '100', '12')",
        "CAST(spend AS FLOAT) > 99",
        "CAST(SPEND AS INTEGER) <= 7",
        "CAST(spend AS FLOAT) BETWEEN -5 AND 99.5",
        "CAST(other AS INTEGER) % 3 = 1",
        "CAST(spend AS FLOAT) + CAST(other AS FLOAT) < 40",
        "\"the day\" > '2023-06-01'",
        "\"The Day\" IS NULL",
        "SUBSTR(\"the day\", 1, 4) = '2024'",
        "CONCAT(spend, other) = '77'",
    };
    size_t n = 0;
    for (uint64_t left = 1 + geo_random_below(r, 4); left > 0; left--)
        n += (size_t)snprintf(out + n, room - n, "%s(%s)%s", geo_random_below(r, 4) ? "" : "NOT ",
                              one_of(r, CONDITIONS, COUNT_OF(CONDITIONS)),
                              left == 1                ? ""
                              : geo_random_below(r, 2) ? " AND "
                                                       : " OR ");
    assert_true(n < room);
}

static void as_gdal_reads_csv(void **state)
{
    (void)state;
    geo_random r = unit_random("filters");
    size_t passed_n = 0, all_n = 0;
    for (size_t i = 0; i < unit_tries(60); i++) {
        const size_t rows_n = 1 + geo_random_below(&r, 3000);
        const char *file = unit_path("filter.csv");
        write_records(&r, file, rows_n);
        char where[600];
        make_filter(&r, where, sizeof where);
        read_theirs(file, where);
        for (int threads = 1; threads <= 3; threads += 2) {
            read_ours(file, where, 1 + geo_random_below(&r, 20000), threads);
            CHECK(ours.n == theirs.n && memcmp(ours.id, theirs.id, ours.n * sizeof *ours.id) == 0,
                  "%d threads, %zu records: %zu pass, not %zu: %s", threads, rows_n, ours.n, theirs.n, where);
        }
        passed_n += ours.n;
        all_n += rows_n;
    }
    assert_true(passed_n > all_n / 10 && passed_n < all_n - all_n / 10); /* or the filters would prove little */
}

/* ---- by hand ---- */

static void lines_and_faults(void **state)
{
    (void)state;
    geo_err err;
    geo_reader *r;
    const geo_batch *b;
    const char *file = unit_text("faults.csv", "id,k,easting,northing\n1,a,1,1\n2,b,x,1\n3,a\n4,a,y,1\n\"5\n5\",b,1,1\n6,a,1,1\n");
    const geo_reader_options o = {.where = "k = 'a'", .want_geometry = true, .columns = (const char *const[]){"id", NULL}};
    CHECK_OK(geo_reader_open(file, &o, &r, &err), &err);
    CHECK_OK(geo_reader_next(r, &b, &err), &err);
    assert_int_equal(b->rows_n, 3);
    assert_true(geo_batch_line(b, 0) == 2 && geo_batch_line(b, 1) == 5 && geo_batch_line(b, 2) == 8);
    assert_false(b->columns[1].held); /* read for the filter, not asked for */
    const geo_faults *f = geo_reader_faults(r);
    assert_true(f->n[GEO_FAULT_RAGGED] == 1 && f->line[GEO_FAULT_RAGGED][0] == 4);     /* nobody knows whether it would have passed */
    assert_true(f->n[GEO_FAULT_GEOMETRY] == 1 && f->line[GEO_FAULT_GEOMETRY][0] == 5); /* not line 3, which does not pass */
    assert_int_equal(geo_reader_next(r, &b, &err), GEO_DONE);
    assert_int_equal(geo_reader_rows(r), 3);
    geo_reader_close(r);
}

/* Types are settled on what passes, as if the file held nothing else. */
static void types_of_what_passes(void **state)
{
    (void)state;
    geo_err err;
    geo_reader *r;
    const char *file = unit_text("types.csv", "v,k\n1,a\nx,b\n2,a\n");
    CHECK_OK(geo_reader_open(file, &(geo_reader_options){.where = "k = 'a'", .settle_types = true}, &r, &err), &err);
    assert_int_equal(geo_reader_schema(r)->fields[0].type, GEO_INT);
    geo_reader_close(r);
}

/* Names that GDAL gives to fields of its own are the file's where it has them, in any letter case, and else unknown. */
static void names_of_gdal(void **state)
{
    (void)state;
    static const struct {
        const char *csv, *where;
        geo_status st;
        size_t rows_n;
        const char *words;
    } CASES[] = {
        {"id,fid\n1,7\n2,8\n", "fid = '8'", GEO_OK, 1, NULL},
        {"id,fid\n1,7\n2,8\n", "FID = '8'", GEO_OK, 1, NULL},
        {"id,fid\n1,7\n2,8\n", "\"Fid\" = '8'", GEO_OK, 1, NULL},
        {"id,k\n1,7\n2,8\n", "fid = 1", GEO_EARG, 0, "no field 'FID'"},
        {"id,k\n1,7\n2,8\n", "k = '7' OR \"ogr_style\" = 'x'", GEO_EARG, 0, "no field 'OGR_STYLE'"},
        {"id,k\n1,7\n2,fid\n", "k = 'fid'", GEO_OK, 1, NULL},
        {"id,k\n1,7\n2,it's fid\n", "k = 'it''s fid'", GEO_OK, 1, NULL},
        {"id,my fid\n1,7\n2,8\n", "\"my fid\" = '8'", GEO_OK, 1, NULL},
        {"id,\"a\"\"b\"\n1,7\n2,8\n", "\"a\\\"b\" = '8'", GEO_OK, 1, NULL},
        {"id,k,K\n1,7,8\n2,8,7\n", "K = '8'", GEO_OK, 1, NULL},
        {"id,k\n1,7\n2,8\n", "", GEO_OK, 2, NULL},
        {"id,k\n1,7\n2,8\n", "1 = 1", GEO_OK, 2, NULL},
        {"id,k\n1,7\n2,8\n", "k > 7", GEO_EARG, 0, "CAST(FIELD AS FLOAT)"}, /* never compared as text in silence */
        {"id,k\n1,7\n2,8\n", "7 < k", GEO_EARG, 0, "CAST(FIELD AS FLOAT)"},
        {"id,k\n1,7\n2,8\n", "k IN (7)", GEO_EARG, 0, "CAST(FIELD AS FLOAT)"},
        {"id,k\n1,7\n2,8\n", "k BETWEEN '6' AND 8", GEO_EARG, 0, "CAST(FIELD AS FLOAT)"},
        {"id,k\n1,7\n2,8\n", "k + 1 = 8", GEO_EARG, 0, "CAST(FIELD AS FLOAT)"},
        {"code,kind\n1,7\n2,8\n", "kidn = '7'", GEO_EARG, 0, "no field 'kidn' (is it 'kind'?)"},
        {"id,k\n1,\n2,\"\"\n", "k IS NULL", GEO_OK, 1, NULL},
        {"id,k\n1,\n2,\"\"\n", "k = ''", GEO_OK, 1, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_err err = {.msg = ""};
        geo_reader *r = NULL;
        const geo_batch *b = NULL;
        const geo_status st =
            geo_reader_open(unit_text("names.csv", CASES[i].csv), &(geo_reader_options){.where = CASES[i].where}, &r, &err);
        CHECK(st == CASES[i].st, "%s: status %d: %s", CASES[i].where, st, err.msg);
        CHECK(!CASES[i].words || strstr(err.msg, CASES[i].words), "%s: '%s' does not say '%s'", CASES[i].where, err.msg, CASES[i].words);
        CHECK(st == GEO_OK || strstr(err.msg, "--where: '"), "%s: '%s'", CASES[i].where, err.msg);
        if (st < 0)
            continue;
        CHECK_OK(geo_reader_next(r, &b, &err), &err);
        CHECK(b->rows_n == CASES[i].rows_n, "%s: %zu rows", CASES[i].where, b->rows_n);
        geo_reader_close(r);
    }
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
        cmocka_unit_test(as_gdal_reads_csv),
        cmocka_unit_test(lines_and_faults),
        cmocka_unit_test(types_of_what_passes),
        cmocka_unit_test(names_of_gdal),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
