/*
 * geo_join_run on small files whose answers can be counted on a plan: three squares in a row, and what the header promises of classes,
 * names, sums and files.
 */
#include "unit.h"

#include "geo/init.h"
#include "geo/join.h"

/* Squares A [0,10) x [0,10), B [10,20) and C [20,30) beside each other, British National Grid. */
#define SQUARE(code, name, x0, x1)                                                                                                         \
    "{\"type\":\"Feature\",\"properties\":{\"code\":\"" code "\",\"name\":\"" name                                                         \
    "\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":"                                                                              \
    "[[[" x0 ",0],[" x1 ",0],[" x1 ",10],[" x0 ",10],[" x0 ",0]]]}}"
static const char AREAS[] =
    "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"urn:ogc:def:crs:EPSG::27700\"}},"
    "\"features\":[" SQUARE("A", "Ash", "0", "10") "," SQUARE("B", "Birch", "10", "20") "," SQUARE("C", "Cedar", "20", "30") "]}";
static const char RECORDS[] = "id,easting,northing,v,kind\n"
                              "1,5,5,1.5,x\n"        /* A */
                              "2,6,5,*,y\n"          /* A, suppressed */
                              "3,10,5,2,x\n"         /* B: on the border, the east */
                              "4,15,5,,x\n"          /* B, missing */
                              "5,99,5,100,y\n"       /* outside */
                              "6,,,7,\n"             /* no place */
                              "7,16,5,abc,x\n"       /* B, no number */
                              "8,15,6,0.25,\"x\"\n"; /* B */
static const char WARDS[] = "code,ward,pop\nA,W1,10\nB,W2,20\nC,W1,30\n";

static char areas[320], records[320], wards[320], output[320];
static geo_policy *all_open;
static geo_join_report report;
static geo_err err;

static void place_files(void)
{
    unit_empty();
    strcpy(areas, unit_text("areas.geojson", AREAS));
    strcpy(records, unit_text("records.csv", RECORDS));
    strcpy(wards, unit_text("wards.csv", WARDS));
    strcpy(output, unit_path("out.csv"));
}

static geo_join_options plan(const geo_join_step *steps, size_t steps_n)
{
    return (geo_join_options){.steps = steps, .steps_n = steps_n, .records = records, .output = output, .policy = all_open, .threads = 2};
}

/* Run, and compare the whole output. */
static void check_run(const char *name, const geo_join_options *o, const char *expected)
{
    unlink(output);
    err = (geo_err){0};
    const geo_status st = geo_join_run(o, &report, &err);
    CHECK(st == GEO_OK, "%s: %s", name, err.msg);
    char *got = unit_read(output, NULL);
    assert_non_null(got);
    CHECK(strcmp(got, expected) == 0, "%s:\n%snot\n%s", name, got, expected);
    free(got);
}

/* Nothing comes out, and nothing stays: three inputs in the directory and no more. */
static void check_failure(const char *name, const geo_join_options *o, geo_status expected, const char *words)
{
    const int before = unit_files();
    err = (geo_err){.msg = "no message"};
    const geo_status st = geo_join_run(o, &report, &err);
    CHECK(st == expected, "%s: status %d: %s", name, st, err.msg);
    CHECK(strstr(err.msg, words) != NULL, "%s: '%s' does not say '%s'", name, err.msg, words);
    CHECK(unit_files() == before, "%s: a file was left", name);
}

#define BY_PLACE                                                                                                                           \
    {                                                                                                                                      \
        .by_place = true, .file = areas                                                                                                    \
    }

static void records_get_their_area(void **state)
{
    (void)state;
    const geo_join_step steps[] = {{.by_place = true, .file = areas, .fields = (const char *const[]){"name:area_name", NULL}}};
    geo_join_options o = plan(steps, 1);
    check_run("keep", &o,
              "id,easting,northing,v,kind,code,area_name,sdc_class\n1,5,5,1.5,x,A,Ash,open\n2,6,5,*,y,A,Ash,open\n3,10,5,2,x,B,Birch,open\n"
              "4,15,5,,x,B,Birch,open\n5,99,5,100,y,,,open\n6,,,7,,,,open\n7,16,5,abc,x,B,Birch,open\n8,15,6,0.25,\"x\",B,Birch,open\n");
    assert_true(report.records_n == 8 && report.matched_n == 6 && report.written_n == 8);
    assert_true(report.faults.n[GEO_FAULT_OUTSIDE] == 1 && report.faults.line[GEO_FAULT_OUTSIDE][0] == 6);
    assert_true(report.faults.n[GEO_FAULT_PLACELESS] == 1 && report.faults.line[GEO_FAULT_PLACELESS][0] == 7);
    assert_string_equal(report.unit, "line");
    o.unmatched = GEO_UNMATCHED_DROP;
    check_run("drop", &o,
              "id,easting,northing,v,kind,code,area_name,sdc_class\n1,5,5,1.5,x,A,Ash,open\n2,6,5,*,y,A,Ash,open\n3,10,5,2,x,B,Birch,open\n"
              "4,15,5,,x,B,Birch,open\n7,16,5,abc,x,B,Birch,open\n8,15,6,0.25,\"x\",B,Birch,open\n");
    assert_int_equal(report.written_n, 6);
    o.unmatched = GEO_UNMATCHED_ONLY;
    check_run("only", &o, "id,easting,northing,v,kind,code,area_name,sdc_class\n5,99,5,100,y,,,open\n6,,,7,,,,open\n");
    o.writing.release = true;
    check_run("release", &o, "id,easting,northing,v,kind,code,area_name\n5,99,5,100,y,,\n6,,,7,,,\n");
}

static void counts_and_sums(void **state)
{
    (void)state;
    const geo_join_step steps[] = {BY_PLACE};
    geo_join_options o = plan(steps, 1);
    o.count = true;
    check_run("count", &o, "code,count,sdc_class\nA,2,open\nB,4,open\n,2,open\n");
    o.all_areas = true;
    o.count_name = "homes";
    check_run("all areas", &o, "code,homes,sdc_class\nA,2,open\nB,4,open\nC,0,open\n,2,open\n");
    o.sums = (const char *const[]){"v", NULL};
    /* A: 1.5, one suppressed; B: 2 + 0.25, an empty one and one that is no number; C: the sum of nothing; outside: 100 + 7. */
    check_run("sum", &o, "code,homes,v_sum,v_missing,sdc_class\nA,2,1.5,1,open\nB,4,2.25,2,open\nC,0,0,0,open\n,2,107,0,open\n");
    assert_true(report.faults.n[GEO_FAULT_SUPPRESSED] == 1 && report.faults.line[GEO_FAULT_SUPPRESSED][0] == 3);
    assert_true(report.faults.n[GEO_FAULT_MISSING] == 1 && report.faults.line[GEO_FAULT_MISSING][0] == 5);
    assert_true(report.faults.n[GEO_FAULT_NUMBER] == 1 && report.faults.line[GEO_FAULT_NUMBER][0] == 8);
    o.means = (const char *const[]){"v", NULL};
    check_run(
        "mean", &o,
        "code,homes,v_sum,v_mean,v_missing,sdc_class\nA,2,1.5,1.5,1,open\nB,4,2.25,1.125,2,open\nC,0,0,,0,open\n,2,107,53.5,0,open\n");
    o.sums = o.means = NULL;
    o.by = "kind";
    check_run("by", &o, "code,homes,homes_none,homes_x,homes_y,sdc_class\nA,2,0,1,1,open\nB,4,0,4,0,open\nC,0,0,0,0,open\n,2,1,0,1,open\n");
    o.unmatched = GEO_UNMATCHED_DROP;
    o.by = NULL;
    check_run("matched only", &o, "code,homes,sdc_class\nA,2,open\nB,4,open\nC,0,open\n");
}

/* Nothing but suppressed values: the sum is not known, so it is empty and never zero. */
static void sums_of_unknowns_are_empty(void **state)
{
    (void)state;
    const geo_join_step steps[] = {BY_PLACE};
    geo_join_options o = plan(steps, 1);
    strcpy(records, unit_text("records.csv", "easting,northing,v\n5,5,*\n5,6,[c]\n"));
    o.count = true;
    o.sums = o.means = (const char *const[]){"v", NULL};
    check_run("unknown", &o, "code,count,v_sum,v_mean,v_missing,sdc_class\nA,2,,,2,open\n");
}

/* 1e16 + 1 + 1 - 1e16: two, which only compensation gets (plain addition gives 0 or 4). */
static void sums_are_compensated(void **state)
{
    (void)state;
    const geo_join_step steps[] = {BY_PLACE};
    geo_join_options o = plan(steps, 1);
    strcpy(records, unit_text("records.csv", "easting,northing,v\n5,5,1e16\n5,5,1\n5,5,1\n5,5,-1e16\n"));
    o.count = true;
    o.sums = (const char *const[]){"v", NULL};
    check_run("compensated", &o, "code,count,v_sum,v_missing,sdc_class\nA,4,2,0,open\n");
}

static void lookups(void **state)
{
    (void)state;
    const geo_join_step chain[] = {BY_PLACE, {.file = wards, .on = "code"}};
    geo_join_options o = plan(chain, 2);
    strcpy(records, unit_text("records.csv", "id,easting,northing\n1,5,5\n2,15,5\n3,25,5\n4,99,5\n"));
    check_run(
        "area, then lookup", &o,
        "id,easting,northing,code,ward,pop,sdc_class\n1,5,5,A,W1,10,open\n2,15,5,B,W2,20,open\n3,25,5,C,W1,30,open\n4,99,5,,,,open\n");
    o.count = true; /* by the lookup's first field: W1 has A and C */
    const geo_join_step by_ward[] = {BY_PLACE, {.file = wards, .on = "code", .fields = (const char *const[]){"ward", NULL}}};
    o.steps = by_ward;
    check_run("count by ward", &o, "ward,count,sdc_class\nW1,2,open\nW2,1,open\n,1,open\n");
    const geo_join_step by_key[] = {{.file = wards, .on = "area", .key = "code", .fields = (const char *const[]){"pop:people", NULL}}};
    o = plan(by_key, 1);
    strcpy(records, unit_text("records.csv", "id,area\n1, A \n2,Z\n3,\n4,B\n"));
    check_run("by key", &o, "id,area,people,sdc_class\n1, A ,10,open\n2,Z,,open\n3,,,open\n4,B,20,open\n");
    assert_true(report.faults.n[GEO_FAULT_UNKNOWN_KEY] == 1 && report.faults.line[GEO_FAULT_UNKNOWN_KEY][0] == 3);
    assert_true(report.faults.n[GEO_FAULT_NO_KEY] == 1 && report.faults.line[GEO_FAULT_NO_KEY][0] == 4);
}

static void keys_by_kind(void **state)
{
    (void)state;
    char lookup[320];
    strcpy(lookup, unit_text("lookup.csv", "pc,v\nSW1A1AA,1\nM1 1AE,2\nSW1A 1AA,3\n"));
    const geo_join_step postcode[] = {{.file = lookup, .on = "postcode", .key = "pc"}};
    geo_join_options o = plan(postcode, 1);
    strcpy(records, unit_text("records.csv", "postcode\nsw1a 1aa\nM11AE\nB33 8TH\n"));
    check_run("postcodes", &o, "postcode,v,sdc_class\nsw1a 1aa,1,open\nM11AE,2,open\nB33 8TH,,open\n"); /* the first row of a key counts */
    strcpy(lookup, unit_text("lookup.csv", "uprn,v\n000123,1\n456,2\n"));
    const geo_join_step uprn[] = {{.file = lookup, .on = "UPRN", .key = "uprn"}};
    o = plan(uprn, 1);
    strcpy(records, unit_text("records.csv", "UPRN\n123\n0000456\n"));
    check_run("UPRNs", &o, "UPRN,v,sdc_class\n123,1,open\n0000456,2,open\n");
}

/* What a lookup's keys are, by their looks; and what is done with a key that is not there as it stands. */
static void keys_in_every_form(void **state)
{
    (void)state;
    char lookup[320];
    geo_join_step steps[] = {{.file = lookup, .on = "k", .key = "id"}};
    geo_join_options o = plan(steps, 1);
    const int64_t *n = report.faults.n;

    strcpy(lookup, unit_text("lookup.csv", "id,v\nE01000001,1\ne01 000 002,2\nL99999999,3\n"));
    strcpy(records, unit_text("records.csv", "k\n e01000001\nE01 000002\nl99999999\n999999999\nM99999999\nE01000003\n"));
    check_run("GSS codes", &o,
              "k,v,sdc_class\n e01000001,1,open\nE01 000002,2,open\nl99999999,3,open\n999999999,,open\nM99999999,,open\n"
              "E01000003,,open\n");
    assert_true(n[GEO_FAULT_NO_KEY] == 2 && n[GEO_FAULT_UNKNOWN_KEY] == 1);
    assert_string_equal(report.hint, "");

    /* Not called uprn, and known by their length; the same with shorter ones is text. */
    strcpy(lookup, unit_text("lookup.csv", "id,v\n100023336956,1\n010002333695,2\n"));
    strcpy(records, unit_text("records.csv", "k\n10 0023 336956\n10002333695\n1.00012E+11\n7\n\"\"\n"));
    check_run("UPRNs", &o, "k,v,sdc_class\n10 0023 336956,1,open\n10002333695,2,open\n1.00012E+11,,open\n7,,open\n\"\",,open\n");
    assert_true(n[GEO_FAULT_ROUNDED_KEY] == 1 && report.faults.line[GEO_FAULT_ROUNDED_KEY][0] == 4);
    assert_true(n[GEO_FAULT_UNKNOWN_KEY] == 1 && n[GEO_FAULT_NO_KEY] == 1);
    strcpy(lookup, unit_text("lookup.csv", "id,v\n007,1\n7,2\n"));
    strcpy(records, unit_text("records.csv", "k\n007\n7\n0007\n"));
    check_run("short numbers", &o, "k,v,sdc_class\n007,1,open\n7,2,open\n0007,,open\n");
}

/* Two UPRNs that a spreadsheet has rounded alike are not the same property. */
static void rounded_uprns_never_match(void **state)
{
    (void)state;
    char lookup[320];
    const geo_join_step steps[] = {{.file = lookup, .on = "uprn"}};
    const geo_join_options o = plan(steps, 1);
    strcpy(lookup, unit_text("lookup.csv", "uprn,v\n1.00012E+11,1\n100012000001,2\n"));
    strcpy(records, unit_text("records.csv", "uprn\n1.00012E+11\n100012000001\n"));
    check_run("rounded", &o, "uprn,v,sdc_class\n1.00012E+11,,open\n100012000001,2,open\n");
    assert_int_equal(report.faults.n[GEO_FAULT_ROUNDED_KEY], 1);
}

static void postcodes_that_were_meant(void **state)
{
    (void)state;
    char lookup[320], by_uprn[320];
    geo_join_step steps[] = {{.file = lookup, .on = "pc", .key = "id"}, {.file = lookup, .on = "pc", .key = "id"}};
    geo_join_options o = plan(steps, 1);
    const int64_t *n = report.faults.n;
    static const char RECORDS_[] = "pc\nM32 OAA\nMI OZZ\nM32 0AB\nQ1 OAA\nZZ9 9ZZ\n";
    strcpy(lookup, unit_text("lookup.csv", "id,v\nM32 0AA,1\nM32 0,2\nM1 0,3\n"));
    strcpy(records, unit_text("records.csv", RECORDS_));
    check_run("mended", &o, "pc,v,sdc_class\nM32 OAA,1,open\nMI OZZ,,open\nM32 0AB,,open\nQ1 OAA,,open\nZZ9 9ZZ,,open\n");
    assert_true(n[GEO_FAULT_MENDED_KEY] == 1 && n[GEO_FAULT_SECTOR_KEY] == 0 && n[GEO_FAULT_UNKNOWN_KEY] == 4);
    steps[0].or_sector = true;
    check_run("or their sector", &o, "pc,v,sdc_class\nM32 OAA,1,open\nMI OZZ,3,open\nM32 0AB,2,open\nQ1 OAA,,open\nZZ9 9ZZ,,open\n");
    assert_true(n[GEO_FAULT_MENDED_KEY] == 2 && n[GEO_FAULT_SECTOR_KEY] == 2 && n[GEO_FAULT_UNKNOWN_KEY] == 2);
    assert_true(report.faults.line[GEO_FAULT_SECTOR_KEY][0] == 3 && report.faults.line[GEO_FAULT_SECTOR_KEY][1] == 4);

    /* The same through a field that an earlier step attaches: told for each record that follows the chain. */
    strcpy(by_uprn, unit_text("uprn.csv", "uprn,pc\n1,MI OZZ\n2,M32 OAA\n3,ZZ9 9ZZ\n4,\n"));
    steps[0] = (geo_join_step){.file = by_uprn, .on = "uprn"};
    steps[1].or_sector = true;
    o.steps_n = 2;
    strcpy(records, unit_text("records.csv", "uprn\n1\n1\n2\n3\n4\n"));
    check_run("chained", &o, "uprn,pc,v,sdc_class\n1,MI OZZ,3,open\n1,MI OZZ,3,open\n2,M32 OAA,1,open\n3,ZZ9 9ZZ,,open\n4,,,open\n");
    assert_true(n[GEO_FAULT_MENDED_KEY] == 3 && n[GEO_FAULT_SECTOR_KEY] == 2 && n[GEO_FAULT_UNKNOWN_KEY] == 1 && n[GEO_FAULT_NO_KEY] == 1);

    o.steps_n = 1;
    steps[0] = (geo_join_step){.file = by_uprn, .on = "uprn", .or_sector = true};
    unlink(output);
    check_failure("no sectors", &o, GEO_EARG, "--or-sector");
}

static void hints_of_keys(void **state)
{
    (void)state;
    static const struct {
        const char *name, *lookup, *records, *hint;
    } CASES[] = {
        {"MSOA, LSOA", "k,v\nE01000001,1\nW01000002,2\n", "k\nE02000001\nE02000002\n",
         "field 'k' has MSOA codes (E02), and the lookup has LSOA codes (E01)"},
        {"England, Wales", "k,v\nW01000001,1\n", "k\nE01000001\n", "field 'k' has LSOA codes (E01), and the lookup has LSOA codes (W01)"},
        {"no name", "k,v\nE98000001,1\n", "k\nE01000001\n", "field 'k' has LSOA codes (E01), and the lookup has codes (E98)"},
        {"postcodes", "k,v\nE05000001,1\n", "k\nM1 1AE\n", "field 'k' has postcodes, and the lookup has ward codes (E05)"},
        {"UPRNs", "k,v\nM1 1AE,1\n", "k\n100023336956\n", "field 'k' has UPRNs, and the lookup has postcodes"},
        {"half of them", "k,v\nE01000001,1\n", "k\nE01000001\nE02000001\n", ""},
        {"less than half", "k,v\nE01000001,1\n", "k\nE01000001\nE02000001\nE02000002\n",
         "field 'k' has MSOA codes (E02), and the lookup has LSOA codes (E01)"},
        {"the same sort", "k,v\nE01000001,1\n", "k\nE01000002\nE01000003\n", ""},
        {"nothing in particular", "k,v\nE01000001,1\n", "k\nx\ny\nE02000001\n", ""},
        {"a lookup of no sort", "k,v\nx,1\n", "k\nE01000002\n", ""},
        {"an empty lookup", "k,v\n", "k\nE01000002\n", ""},
        {"empty keys", "k,v\nE01000001,1\n", "k\n999999999\n\"\"\n", ""},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char lookup[320];
        strcpy(lookup, unit_text("lookup.csv", CASES[i].lookup));
        strcpy(records, unit_text("records.csv", CASES[i].records));
        const geo_join_step steps[] = {{.file = lookup, .on = "k"}};
        geo_join_options o = plan(steps, 1);
        unlink(output);
        CHECK_OK(geo_join_run(&o, &report, &err), &err);
        CHECK(strcmp(report.hint, CASES[i].hint) == 0, "%s: '%s'", CASES[i].name, report.hint);
    }
}

/* "What is made of several things takes the highest": label.h. */
static void classes_rise(void **state)
{
    (void)state;
    const geo_join_step steps[] = {BY_PLACE};
    geo_join_options o = plan(steps, 1);
    strcpy(records, unit_text("records.csv", "sdc_class,easting,northing\nopen,5,5\nspecial,5,5\nofficial,5,5\n"));
    check_run("own classes", &o, "sdc_class,easting,northing,code\nopen,5,5,A\nspecial,5,5,A\nofficial,5,5,A\n");
    o.raise = GEO_CLASS_PERSONAL;
    check_run("raised", &o, "sdc_class,easting,northing,code\npersonal,5,5,A\nspecial,5,5,A\npersonal,5,5,A\n");
    o.raise = GEO_CLASS_OPEN;
    o.count = true;
    check_run("a count of them", &o, "code,count,sdc_class\nA,3,special\n");
    o.policy = NULL; /* nobody says that the areas are open, so they count as personal */
    o.count = false;
    check_run("unlabelled areas", &o, "sdc_class,easting,northing,code\npersonal,5,5,A\nspecial,5,5,A\npersonal,5,5,A\n");
}

static void classes_of_lookup_rows_rise(void **state)
{
    (void)state;
    char lookup[320];
    strcpy(lookup, unit_text("lookup.csv", "code,v,sdc_class\nA,1,special\nB,2,open\n"));
    const geo_join_step steps[] = {{.file = lookup, .on = "code"}};
    geo_join_options o = plan(steps, 1);
    strcpy(records, unit_text("records.csv", "code\nA\n"));
    check_run("a special row of an open lookup", &o, "code,v,sdc_class\nA,1,special\n");
}

static void releases_are_guarded(void **state)
{
    (void)state;
    const geo_join_step steps[] = {BY_PLACE};
    geo_join_options o = plan(steps, 1);
    o.writing.release = true;
    strcpy(records, unit_text("records.csv", "easting,northing,sdc_class\n5,5,open\n6,5,personal\n"));
    check_failure("a personal record", &o, GEO_EREFUSED, "personal");
    o.count = true;
    check_failure("a count of them", &o, GEO_EREFUSED, "personal");
    o.policy = NULL;
    o.count = false;
    strcpy(records, unit_text("records.csv", "easting,northing,sdc_class\n5,5,open\n"));
    check_failure("unlabelled areas", &o, GEO_EREFUSED, "personal");
    static const char *const CUT[][2] = {
        {"sdc_class,easting,northing\nopen,5,5\n", "easting,northing,code\n5,5,A\n"},
        {"easting,sdc_class,northing\n5,\"open\",5\n", "easting,northing,code\n5,5,A\n"},
        {"easting,northing,sdc_class\n5,5,open\n", "easting,northing,code\n5,5,A\n"},
        {"easting,northing,SDC_Class\r\n5,5,Open\r\n", "easting,northing,code\n5,5,A\n"},
    };
    o.policy = all_open;
    for (size_t i = 0; i < COUNT_OF(CUT); i++) {
        strcpy(records, unit_text("records.csv", CUT[i][0]));
        check_run(CUT[i][0], &o, CUT[i][1]);
    }
}

static void names_must_be_new(void **state)
{
    (void)state;
    const geo_join_step same[] = {{.by_place = true, .file = areas, .fields = (const char *const[]){"name:id", NULL}}};
    geo_join_options o = plan(same, 1);
    check_failure("a field of the records", &o, GEO_EARG, "'id'");
    const geo_join_step twice[] = {BY_PLACE, {.by_place = true, .file = areas}};
    o = plan(twice, 2);
    check_failure("an attached field", &o, GEO_EARG, "'code'");
    const geo_join_step renamed[] = {BY_PLACE, {.by_place = true, .file = areas, .key = "code:other"}};
    o = plan(renamed, 2);
    strcpy(records, unit_text("records.csv", "easting,northing\n5,5\n"));
    check_run("renamed", &o, "easting,northing,code,other,sdc_class\n5,5,A,A,open\n");
    o = plan(renamed, 1);
    o.count = true;
    o.count_name = "code";
    unlink(output);
    check_failure("the count", &o, GEO_EARG, "the same name");
}

static void failures_leave_nothing(void **state)
{
    (void)state;
    const geo_join_step good[] = {BY_PLACE}, no_file[] = {{.by_place = true, .file = "/nowhere/none.geojson"}},
                        no_field[] = {{.by_place = true, .file = areas, .fields = (const char *const[]){"nmae", NULL}}},
                        no_key[] = {{.file = wards, .on = "nothing"}};
    geo_join_options o = plan(no_file, 1);
    check_failure("no such areas", &o, GEO_EIO, "none.geojson");
    o = plan(no_field, 1);
    check_failure("no such field", &o, GEO_EARG, "name");
    o = plan(no_key, 1);
    check_failure("no such key", &o, GEO_EARG, "nothing");
    o = plan(good, 1);
    o.sums = (const char *const[]){"value", NULL};
    o.count = true;
    check_failure("no such number", &o, GEO_EARG, "value");
    o = plan(good, 1);
    o.output = unit_place;
    check_failure("a directory", &o, GEO_EARG, "directory");
    o.output = "/nowhere/out.csv";
    check_failure("no directory", &o, GEO_EIO, "/nowhere/out.csv");
    o = plan(good, 1);
    strcpy(records, unit_text("records.csv", "easting,northing\n5,5\n6,\"6\n"));
    check_failure("an unterminated quote", &o, GEO_EFORMAT, "line 3");
    strcpy(areas, unit_text("areas.geojson", "{\"type\":\"FeatureCollection\",\"features\":[" SQUARE("A", "x", "0", "1") "," SQUARE(
                                                 "A", "y", "1", "2") "]}"));
    check_failure("a repeated code", &o, GEO_EFORMAT, "'A'");
}

/* An existing output is replaced only by force, and not before the new one is whole. */
static void existing_outputs(void **state)
{
    (void)state;
    const geo_join_step steps[] = {BY_PLACE};
    geo_join_options o = plan(steps, 1);
    strcpy(records, unit_text("records.csv", "easting,northing\n5,5\n"));
    unit_text("out.csv", "precious\n");
    check_failure("without force", &o, GEO_EARG, "exists");
    o.writing.force = true;
    strcpy(records, unit_text("records.csv", "easting,northing\n5,5\n6,\"6\n"));
    check_failure("failing with force", &o, GEO_EFORMAT, "line 3");
    char *got = unit_read(output, NULL);
    assert_string_equal(got, "precious\n");
    free(got);
    strcpy(records, unit_text("records.csv", "easting,northing\n5,5\n"));
    CHECK_OK(geo_join_run(&o, &report, &err), &err);
    got = unit_read(output, NULL);
    assert_string_equal(got, "easting,northing,code,sdc_class\n5,5,A,open\n");
    free(got);
}

/* Rows go through byte for byte: odd quotes, blanks and line ends in quotes included. */
static void rows_pass_verbatim(void **state)
{
    (void)state;
    const geo_join_step steps[] = {BY_PLACE};
    const geo_join_options o = plan(steps, 1);
    strcpy(records, unit_text("records.csv", "note,easting,northing\r\n\"a,\"\"b\"\"\n c\", 5 ,\"5\"\r\n it\"s ,05.00,5e0\r\n"));
    check_run("verbatim", &o, "note,easting,northing,code,sdc_class\n\"a,\"\"b\"\"\n c\", 5 ,\"5\",A,open\n it\"s ,05.00,5e0,A,open\n");
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    geo_random r = unit_random("threads");
    const size_t rows_n = unit_tries(4000);
    char *csv = malloc(rows_n * 100 + 100), *first[2] = {NULL, NULL};
    size_t n = (size_t)sprintf(csv, "id,easting,northing,v,kind\n");
    for (size_t i = 0; i < rows_n; i++)
        n += (size_t)sprintf(csv + n, "%zu,%.3f,%.3f,%.17g,k%d\n", i, geo_random_uniform(&r) * 35, geo_random_uniform(&r) * 11,
                             geo_random_uniform(&r) * pow(10, (double)geo_random_below(&r, 20)), (int)geo_random_below(&r, 5));
    strcpy(records, unit_write("records.csv", csv, n));
    free(csv);
    const geo_join_step steps[] = {BY_PLACE};
    for (int k = 0; k < 2; k++)
        for (int threads = 1; threads <= 5; threads += threads) {
            geo_join_options o = plan(steps, 1);
            o.threads = threads == 4 ? 5 : threads;
            o.reading.chunk_bytes = threads == 1 ? 0 : 1;
            o.count = k;
            o.sums = o.means = k ? (const char *const[]){"v", NULL} : NULL;
            o.by = k ? "kind" : NULL;
            unlink(output);
            CHECK_OK(geo_join_run(&o, &report, &err), &err);
            char *got = unit_read(output, NULL);
            if (!first[k])
                first[k] = got;
            else {
                CHECK(strcmp(got, first[k]) == 0, "%d threads give other bytes than one", o.threads);
                free(got);
            }
        }
    free(first[0]);
    free(first[1]);
}

static int start(void **state)
{
    (void)state;
    if (geo_init(&err) < 0)
        return -1;
    return geo_policy_parse("test", "dataset * class open", 20, &all_open, &err);
}

static int stop(void **state)
{
    (void)state;
    geo_policy_free(all_open);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    unit_path("");
    place_files();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(records_get_their_area, fresh),
        cmocka_unit_test_setup(counts_and_sums, fresh),
        cmocka_unit_test_setup(sums_of_unknowns_are_empty, fresh),
        cmocka_unit_test_setup(sums_are_compensated, fresh),
        cmocka_unit_test_setup(lookups, fresh),
        cmocka_unit_test_setup(keys_by_kind, fresh),
        cmocka_unit_test_setup(keys_in_every_form, fresh),
        cmocka_unit_test_setup(rounded_uprns_never_match, fresh),
        cmocka_unit_test_setup(postcodes_that_were_meant, fresh),
        cmocka_unit_test_setup(hints_of_keys, fresh),
        cmocka_unit_test_setup(classes_rise, fresh),
        cmocka_unit_test_setup(classes_of_lookup_rows_rise, fresh),
        cmocka_unit_test_setup(releases_are_guarded, fresh),
        cmocka_unit_test_setup(names_must_be_new, fresh),
        cmocka_unit_test_setup(failures_leave_nothing, fresh),
        cmocka_unit_test_setup(existing_outputs, fresh),
        cmocka_unit_test_setup(rows_pass_verbatim, fresh),
        cmocka_unit_test_setup(threads_do_not_matter, fresh),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
