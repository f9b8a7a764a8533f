/*
 * Tables of counts: every cell of a cube against a plain count over the records that were written down; equations against the cells; and what
 * is wrong with a table, named by its row.
 */
#include "unit.h"

#include "geo/init.h"
#include "policy/cube.h"
#include "policy/rules.h"

static geo_err err;

static const char *const BY[] = {"age", "sex", NULL};
static const char *const AGES[] = {"0-15", "16-64", "65+"}, *const SEXES[] = {"F", "M"};

/* A borough by hand: output areas in LSOAs in MSOAs, and in wards that cut across them. */
#define OAS 60
static size_t lsoa_of(size_t oa)
{
    return oa / 5;
}
static size_t msoa_of(size_t oa)
{
    return oa / 20;
}
static size_t ward_of(size_t oa)
{
    return (oa + 7) / 13;
}

static const char *write_lookup(void)
{
    static char text[OAS * 64];
    size_t n = (size_t)sprintf(text, "oa21cd,lsoa21cd,msoa21cd,wd24cd,note\n");
    for (size_t i = 0; i < OAS; i++)
        n += (size_t)sprintf(text + n, "O%03zu,L%03zu,M%03zu,W%03zu,x\n", i, lsoa_of(i), msoa_of(i), ward_of(i));
    return unit_write("lookup.csv", text, n);
}

typedef struct record {
    size_t oa, age, sex;
} record;

static bool node_has(const cube_variable *v, uint32_t node, const record *r)
{
    const char *t = v->text[node];
    if (strcmp(t, "Total") == 0)
        return true;
    if (!v->areas)
        return strcmp(t, strcmp(v->field, "age") == 0 ? AGES[r->age] : SEXES[r->sex]) == 0;
    const size_t number = strtoul(t + 1, NULL, 10);
    return number == (t[0] == 'O' ? r->oa : t[0] == 'L' ? lsoa_of(r->oa) : t[0] == 'M' ? msoa_of(r->oa) : ward_of(r->oa));
}

static void check_cells(const geo_cube *c, const record *records, size_t n)
{
    for (size_t k = 0; k < c->cells_n; k++) {
        uint32_t node[CUBE_VARIABLES];
        int64_t count = 0;
        geo_cube_nodes(c, k, node);
        for (size_t r = 0; r < n; r++) {
            bool in = true;
            for (size_t i = 0; i < c->variables_n; i++)
                in = in && node_has(&c->v[i], node[i], &records[r]);
            count += in;
        }
        CHECK(c->count[k] == count, "cell %zu: %lld, by hand %lld", k, (long long)c->count[k], (long long)count);
    }
}

static void check_equations(geo_cube *c, const bool *shown, size_t least_n)
{
    geo_equations e;
    CHECK_OK(geo_cube_equations(c, shown, false, &e, &err), &err);
    CHECK(e.n >= least_n, "%zu equations, at least %zu expected", e.n, least_n);
    for (size_t i = 0; i < e.n; i++) {
        int64_t sum = 0;
        assert_true(e.at[i + 1] - e.at[i] >= 2);
        for (size_t k = e.at[i] + 1; k < e.at[i + 1]; k++)
            sum += c->count[e.cells[k]];
        CHECK(sum == c->count[e.cells[e.at[i]]], "equation %zu does not hold", i);
    }
}

/* Records, counted in every way: 60 areas on four levels and all, 3 ages and all, 2 sexes and all. */
static void records(void **state)
{
    (void)state;
    geo_random r = unit_random("records");
    for (size_t turn = 0; turn < unit_tries(60); turn++) {
        const size_t n = 1 + geo_random_below(&r, 400);
        record *all = calloc(n, sizeof *all);
        char *text = malloc(n * 40 + 40);
        size_t len = (size_t)sprintf(text, "oa,age,sex,name\n");
        for (size_t i = 0; i < n; i++) {
            all[i] = (record){geo_random_below(&r, OAS), geo_random_below(&r, 3), geo_random_below(&r, 2)};
            len += (size_t)sprintf(text + len, "o%03zu, %s,%s,x\n", all[i].oa, AGES[all[i].age], SEXES[all[i].sex]);
        }
        for (size_t i = 0; i < len; i++)
            text[i] = text[i] == 'o' && i + 1 < len && text[i + 1] >= '0' && text[i + 1] <= '9' ? 'O' : text[i];
        const geo_sdc_file lookup = {write_lookup(), NULL};
        const geo_sdc_table o = {.file = unit_write("records.csv", text, len),
                                 .area = "oa=oa21cd",
                                 .by = BY,
                                 .lookups = &lookup,
                                 .lookups_n = 1,
                                 .margins = true,
                                 .threads = 1 + (int)geo_random_below(&r, 3)};
        geo_cube *c = NULL;
        CHECK_OK(geo_cube_read(&o, NULL, &c, &err), &err);
        assert_int_equal(c->v[0].levels_n, 5);
        assert_int_equal(c->class_, GEO_CLASS_PERSONAL);
        check_cells(c, all, n);
        bool shown[CUBE_PATTERNS] = {false};
        memset(shown, true, c->patterns_n);
        check_equations(c, shown, 1);
        check_equations(c, c->shown, 1);
        geo_cube_free(c);
        free(text);
        free(all);
    }
}

/* MSOAs are made of LSOAs and not of wards; wards of output areas, as they cut across LSOAs. */
static void lattice(void **state)
{
    (void)state;
    char text[OAS * 8 + 20];
    size_t n = (size_t)sprintf(text, "oa21cd\n");
    for (size_t i = 0; i < OAS; i++)
        n += (size_t)sprintf(text + n, "O%03zu\n", i);
    const geo_sdc_file lookup = {write_lookup(), NULL};
    const geo_sdc_table o = {
        .file = unit_write("records.csv", text, n), .area = "oa21cd", .lookups = &lookup, .lookups_n = 1, .threads = 1};
    geo_cube *c = NULL;
    CHECK_OK(geo_cube_read(&o, NULL, &c, &err), &err);
    const cube_variable *v = &c->v[0];
    static const char *const NAMES[] = {"oa21cd", "lsoa21cd", "wd24cd", "msoa21cd", ""};
    static const uint32_t SIZES[] = {60, 12, 6, 3, 1};
    for (size_t l = 0; l < 5; l++) {
        assert_string_equal(v->levels[l].name, NAMES[l]);
        assert_int_equal(v->levels[l].n, SIZES[l]);
    }
    assert_true(v->nests[1][3] && v->nests[0][2] && v->nests[2][4]);
    assert_false(v->nests[1][2] || v->nests[2][3]);
    /* 12 LSOAs and 6 wards of output areas, 3 MSOAs of LSOAs; all of wards, and of MSOAs */
    assert_int_equal(v->sums_n, 12 + 6 + 3 + 2);
    geo_cube_free(c);
}

static geo_status read_text(const char *text, const geo_sdc_table *like, geo_cube **c)
{
    geo_sdc_table o = *like;
    o.file = unit_text("table.csv", text);
    o.threads = 1;
    const geo_status st = geo_cube_read(&o, NULL, c, &err);
    return st;
}

static int64_t count_at(const geo_cube *c, const char *a, const char *b)
{
    for (size_t k = 0; k < c->cells_n; k++) {
        uint32_t node[CUBE_VARIABLES];
        geo_cube_nodes(c, k, node);
        if (strcmp(c->v[0].text[node[0]], a) == 0 && (!b || strcmp(c->v[1].text[node[1]], b) == 0))
            return c->count[k];
    }
    fail_msg("no cell %s %s", a, b ? b : "");
    return 0;
}

/* Tables of counts, with totals and without, with hidden counts, with counts side by side. */
static void tables(void **state)
{
    (void)state;
    static const char *const AGE[] = {"age", NULL}, *const N[] = {"n", NULL}, *const WIDE[] = {"all", "f", "m", NULL};
    static const char *const SUMS[] = {"all=f+m", NULL};
    const geo_sdc_table by_age = {.area = "area", .by = AGE, .counts = N};
    geo_cube *c = NULL;
    /* absent cells are 0 */
    CHECK_OK(read_text("area,age,n\nA,old,3\nB,young,4\n", &by_age, &c), &err);
    assert_int_equal(count_at(c, "A", "young"), 0);
    assert_int_equal(count_at(c, "Total", "old"), 3);
    assert_int_equal(count_at(c, "Total", "Total"), 7);
    geo_cube_free(c);
    /* totals in the table, in any letter case */
    CHECK_OK(read_text("area,age,n\nA,old,3\nB,young,4\nA,total,3\nB,TOTAL,4\nTotal,Total,7\n", &by_age, &c), &err);
    assert_int_equal(c->v[1].levels[0].n, 2);
    geo_cube_free(c);
    /* hidden: its total is what the table says; without a total nobody knows it */
    CHECK_OK(read_text("area,age,n\nA,old,[c]\nA,young,4\nB,old,5\nB,young,6\nA,Total,7\nB,Total,11\n", &by_age, &c), &err);
    assert_int_equal(count_at(c, "A", "old"), CUBE_HIDDEN);
    assert_int_equal(count_at(c, "A", "Total"), 7);
    assert_int_equal(count_at(c, "Total", "old"), CUBE_HIDDEN);
    assert_int_equal(count_at(c, "Total", "Total"), 18);
    geo_cube_free(c);
    const geo_sdc_table wide = {.area = "area", .counts = WIDE, .sums = SUMS};
    CHECK_OK(read_text("area,all,f,m\nA,7,3,4\nB,9,9,0\n", &wide, &c), &err);
    assert_int_equal(c->v[1].sums_n, 1);
    assert_int_equal(count_at(c, "Total", "all"), 16);
    geo_cube_free(c);
}

/* Everything that is no table of counts is an error that names its row. */
static void bad_tables(void **state)
{
    (void)state;
    static const char *const AGE[] = {"age", NULL}, *const N[] = {"n", NULL}, *const WIDE[] = {"all", "f", "m", NULL};
    static const char *const SUMS[] = {"all=f+m", NULL}, *const NO_SUMS[] = {"all=f+x", NULL};
    const geo_sdc_table by_age = {.area = "area", .by = AGE, .counts = N}, wide = {.area = "area", .counts = WIDE, .sums = SUMS},
                        no_sum = {.area = "area", .counts = WIDE, .sums = NO_SUMS}, nothing = {.counts = N};
    static const struct {
        const char *text, *says;
    } CASES[] = {
        {"area,age,n\nA,old,3\nA,young,-1\n", "line 3: the count in field 'n' is negative"},
        {"area,age,n\nA,old,3\nA,young,1.5\n", "line 3: the count in field 'n' is no whole number"},
        {"area,age,n\nA,old,nan\n", "line 2: the count in field 'n' is neither a number nor one of the marks"},
        {"area,age,n\nA,old,\n", "line 2: the count in field 'n' is empty"},
        {"area,age,n\nA,old,*\n", "line 2: the count in field 'n' is neither"},
        {"area,age,n\nA,old,1e300\n", "line 2: the count in field 'n' is too large"},
        {"area,age,n\nA,old,1\nB,old,1\nA,old,2\n", "line 4: this cell stands in an earlier row already"},
        {"area,age,n\nA,old,1\nA,Total,2\n", "the totals of area do not add up"},
        {"area,age,n\n", "has no rows"},
    };
    geo_cube *c = NULL;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CHECK(read_text(CASES[i].text, &by_age, &c) == GEO_EFORMAT, "case %zu", i);
        CHECK(strstr(err.msg, CASES[i].says), "case %zu: %s", i, err.msg);
    }
    assert_int_equal(read_text("area,all,f,m\nA,8,3,4\n", &wide, &c), GEO_EFORMAT);
    assert_int_equal(read_text("area,all,f,m\nA,7,3,4\n", &no_sum, &c), GEO_EARG);
    assert_int_equal(read_text("n\n3\n", &nothing, &c), GEO_EARG);
    assert_int_equal(read_text("area,n\nA,3\n", &by_age, &c), GEO_EARG);
    /* an area that the lookup does not have is named by its row, never by its code */
    const geo_sdc_file lookup = {write_lookup(), NULL};
    const geo_sdc_table areas = {.area = "area=lsoa21cd", .counts = N, .lookups = &lookup, .lookups_n = 1};
    assert_int_equal(read_text("area,n\nL001,3\nSECRET,4\n", &areas, &c), GEO_EFORMAT);
    assert_non_null(strstr(err.msg, "line 3: the area in field 'area' is not in the lookups"));
    assert_null(strstr(err.msg, "SECRET"));
}

/* Which patterns a formula shows. */
static void formulas(void **state)
{
    (void)state;
    static const struct {
        const char *tables;
        size_t patterns_n;
        const char *says; /* NULL: it is one */
    } CASES[] = {
        {"area:age:sex", 1, NULL},     {"area*age*sex", 8, NULL}, {"area*age + area*sex", 6, NULL}, /* area, and all together, are in both */
        {"area : age + sex", 3, NULL},                                                              /* sex with its total */
        {"area:age*sex", 0, "mixes"},  {"area:area", 0, "twice"}, {"area:height", 0, "no field"},   {"", 0, "no field"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const geo_sdc_table o = {.area = "area", .by = BY, .tables = CASES[i].tables};
        geo_cube *c = NULL;
        const geo_status st = read_text("area,age,sex\nA,0-15,F\nB,65+,M\n", &o, &c);
        CHECK((st == GEO_OK) == !CASES[i].says, "%s: %s", CASES[i].tables, err.msg);
        if (st < 0) {
            CHECK(strstr(err.msg, CASES[i].says), "%s: %s", CASES[i].tables, err.msg);
            continue;
        }
        size_t n = 0;
        for (size_t p = 0; p < c->patterns_n; p++)
            n += c->shown[p];
        CHECK(n == CASES[i].patterns_n, "%s: %zu patterns", CASES[i].tables, n);
        geo_cube_free(c);
    }
}

/* Handbook, homogeneity: Married 6/0/6 is refused though its only count exceeds 5; Divorced 5/1/6: the one learns about the other five. */
static void rules(void **state)
{
    (void)state;
    static const char *const ANSWER[] = {"answer", NULL}, *const N[] = {"n", NULL};
    const geo_sdc_table o = {.area = "status", .by = ANSWER, .counts = N, .margins = true};
    const geo_rules only_same = {.homogeneity = true}, zeros = {.protect_zeros = true, .threshold = 3};
    geo_cube *c = NULL;
    CHECK_OK(read_text("status,answer,n\nMarried,yes,6\nMarried,no,0\nDivorced,yes,5\nDivorced,no,1\nSingle,yes,4\nSingle,no,2\n", &o, &c),
             &err);
    uint8_t *breaks = calloc(c->cells_n, 1);
    geo_rules_mark(c, &only_same, breaks);
    size_t n = 0;
    for (size_t k = 0; k < c->cells_n; k++) {
        n += breaks[k] != 0;
        uint32_t node[CUBE_VARIABLES];
        geo_cube_nodes(c, k, node);
        if (breaks[k]) /* "yes" of the married, and of the divorced */
            assert_true(strcmp(c->v[1].text[node[1]], "yes") == 0 && strcmp(c->v[0].text[node[0]], "Single") != 0);
    }
    assert_int_equal(n, 2);
    geo_rules_mark(c, &zeros, breaks);
    n = 0;
    for (size_t k = 0; k < c->cells_n; k++)
        n += breaks[k] != 0;
    assert_int_equal(n, 3 + 0); /* 0, 1 and 2; the totals are 6, 6, 6, 15 and 3 */
    free(breaks);
    geo_cube_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records),    cmocka_unit_test(lattice),  cmocka_unit_test(tables),
        cmocka_unit_test(bad_tables), cmocka_unit_test(formulas), cmocka_unit_test(rules),
    };
    if (geo_init(&err) < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
