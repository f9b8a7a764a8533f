/*
 * Levels, lookups and how they relate. Expected relations are worked out by hand, or by adding up the weights of pairs the plain way; the
 * numbers of changes between real censuses stand in tests/cli/real.
 */
#include "unit.h"

#include "geo/init.h"
#include "geo/lattice.h"

static geo_err err;

static geo_status read_text(geo_lattice *l, const char *text, const char *const *levels, const char *weights, bool rows_weigh,
                            bool best_fit)
{
    static const geo_reader_options ALL = {.label = {.class_ = GEO_CLASS_OPEN, .known = true}};
    geo_reader *reader = NULL;
    CHECK_OK(geo_reader_open(unit_text("lookup.csv", text), &ALL, &reader, &err), &err);
    const geo_lattice_lookup about = {levels, weights, rows_weigh, best_fit};
    const geo_status st = geo_lattice_read(l, reader, &about, 2, &err);
    geo_reader_close(reader);
    return st;
}

static int32_t number_of(const geo_lattice *l, const char *level, const char *code)
{
    return geo_pool_find(geo_keys_pool(geo_lattice_areas(l, (size_t)geo_lattice_level(l, level))), code, strlen(code));
}

/* Share of an area of one level in one of another: 0 for none. */
static double share(const geo_lattice *l, const geo_relation *r, const char *from, const char *a, const char *to, const char *b)
{
    size_t n;
    const geo_share *parts = geo_relation_parts(r, (size_t)number_of(l, from, a), &n);
    for (size_t k = 0; k < n; k++)
        if (parts[k].area == (b ? number_of(l, to, b) : -1))
            return parts[k].share;
    return 0;
}

static geo_relation *relate(const geo_lattice *l, const char *from, const char *to)
{
    geo_relation *r = NULL;
    CHECK_OK(geo_lattice_relate(l, (size_t)geo_lattice_level(l, from), (size_t)geo_lattice_level(l, to), &r, &err), &err);
    return r;
}

/* One lookup with a row an output area: every pair of its levels. The sixth row repeats the fifth. */
static void wide_lookups(void **state)
{
    (void)state;
    static const char *const LEVELS[] = {"oa", "lsoa", "ward", NULL};
    geo_lattice *l = geo_lattice_new();
    CHECK_OK(read_text(l, "oa,name,LSOA,ward,people\n1,x,A,W,10\n2,x,A,V,30\n3,x,B,V,5\n4,x,B,V,0\n5,x,C,,7\n5,x,C,,7\n", LEVELS, "people",
                       false, false),
             &err);
    assert_int_equal(geo_lattice_levels(l), 3);
    assert_int_equal(geo_lattice_level(l, "LSOA"), 1);
    assert_int_equal(geo_lattice_level(l, "people"), -1);
    assert_int_equal(geo_lattice_class(l), GEO_CLASS_OPEN);
    geo_relation *r = relate(l, "oa", "lsoa");
    assert_int_equal(geo_relation_fit(r), GEO_FIT_NESTS);
    assert_false(geo_relation_is_change(r));
    for (int i = 0; i < 5; i++)
        assert_true(share(l, r, "oa", (const char *[]){"1", "2", "3", "4", "5"}[i], "lsoa", (const char *[]){"A", "A", "B", "B", "C"}[i])
                    == 1);
    geo_relation_free(r);
    r = relate(l, "lsoa", "ward");
    assert_int_equal(geo_relation_fit(r), GEO_FIT_SHARES);
    assert_true(share(l, r, "lsoa", "A", "ward", "W") == 0.25 && share(l, r, "lsoa", "A", "ward", "V") == 0.75);
    assert_true(share(l, r, "lsoa", "B", "ward", "V") == 1);
    assert_true(share(l, r, "lsoa", "C", "ward", NULL) == 1);
    geo_relation_free(r);
    geo_lattice_free(l);
}

/* Weights that are all zero say nothing; without weights each row may count the same, if one says so. */
static void weights(void **state)
{
    (void)state;
    static const char *const LEVELS[] = {"a", "b", NULL};
    static const char TEXT[] = "a,b,w\nP,X,0\nP,Y,0\nQ,X,0\nR,X,1\nR,X,2\nR,Y,1\nS,Y,0\nS,X,3\n";
    for (int how = 0; how < 3; how++) {
        geo_lattice *l = geo_lattice_new();
        CHECK_OK(read_text(l, TEXT, LEVELS, how == 0 ? "w" : NULL, how == 1, false), &err);
        geo_relation *r = relate(l, "a", "b");
        const size_t unknown_n = how == 0 ? 1 : how == 1 ? 0 : 3;
        assert_int_equal(geo_relation_unknown(r), unknown_n);
        assert_int_equal(geo_relation_fit(r), unknown_n ? GEO_FIT_UNKNOWN : GEO_FIT_SHARES);
        assert_true(share(l, r, "a", "Q", "b", "X") == 1);
        const double p = share(l, r, "a", "P", "b", "X"), s = share(l, r, "a", "R", "b", "X"), t = share(l, r, "a", "S", "b", "X");
        assert_true(how == 0   ? isnan(p) && s == 0.75 && t == 1
                    : how == 1 ? p == 0.5 && s == 2 / 3.0 && t == 0.5
                               : isnan(p) && isnan(s) && isnan(t));
        geo_relation_free(r);
        geo_lattice_free(l);
    }
    geo_lattice *tiny = geo_lattice_new(); /* 1e-300 of 1e300 is a share of 0, in double precision */
    CHECK_OK(read_text(tiny, "a,b,w\nT,X,1e-300\nT,Y,1e300\n", LEVELS, "w", false, false), &err);
    geo_relation *whole = relate(tiny, "a", "b");
    size_t parts_n;
    assert_true(geo_relation_parts(whole, 0, &parts_n)->share == 1 && parts_n == 1);
    assert_true(share(tiny, whole, "a", "T", "b", "Y") == 1);
    geo_relation_free(whole);
    geo_lattice_free(tiny);
    static const char *const BAD[] = {"a,b,w\nP,X,\n", "a,b,w\nP,X,-1\n", "a,b,w\nP,X,1\nP,Y,*\n", "a,b,w\nP,X,1e301\n",
                                      "a,b,w\nP,X,nan\n"};
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        geo_lattice *l = geo_lattice_new();
        assert_int_equal(read_text(l, BAD[i], LEVELS, "w", false, false), GEO_EFORMAT);
        CHECK(strstr(err.msg, i == 2 ? "line 3" : "line 2"), "%s", err.msg);
        assert_int_equal(read_text(l, BAD[i], (const char *const[]){"a", "c", NULL}, NULL, false, false), GEO_EARG);
        geo_lattice_free(l);
    }
}

/* 2011 to 2021 as the Office for National Statistics sorts changes: U one to one, S one to many, M many to one, X the rest. */
static void changes(void **state)
{
    (void)state;
    static const char *const LEVELS[] = {"lsoa11cd", "lsoa21cd", NULL};
    geo_lattice *l = geo_lattice_new();
    CHECK_OK(
        read_text(l,
                  "lsoa11cd,lsoa21cd\nE01000001,E01000001\nE01000002,E01900001\nE01000003,E01900002\nE01000003,e01 900 003\nE01000004,"
                  "E01900004\nE01000005,E01900004\nE01000006,E01900005\nE01000007,E01900005\nE01000007,E01900006\nE01000008,E99999999\n",
                  LEVELS, NULL, false, false),
        &err);
    geo_relation *r = relate(l, "lsoa11cd", "lsoa21cd");
    assert_true(geo_relation_is_change(r));
    static const geo_change OF[] = {GEO_CHANGE_NONE,   GEO_CHANGE_NONE,    GEO_CHANGE_SPLIT,   GEO_CHANGE_MERGED,
                                    GEO_CHANGE_MERGED, GEO_CHANGE_COMPLEX, GEO_CHANGE_COMPLEX, GEO_CHANGE_NONE};
    for (int i = 0; i < 8; i++) {
        const char code[] = {'E', '0', '1', '0', '0', '0', '0', '0', (char)('1' + i), '\0'};
        CHECK(geo_relation_change_of(r, (size_t)number_of(l, "lsoa11cd", code)) == OF[i], "%s", code);
    }
    static const geo_change TO[] = {GEO_CHANGE_NONE,   GEO_CHANGE_SPLIT,   GEO_CHANGE_SPLIT,
                                    GEO_CHANGE_MERGED, GEO_CHANGE_COMPLEX, GEO_CHANGE_COMPLEX};
    for (int i = 0; i < 6; i++) {
        const char code[] = {'E', '0', '1', '9', '0', '0', '0', '0', (char)('1' + i), '\0'};
        CHECK(geo_relation_change_to(r, (size_t)number_of(l, "lsoa21cd", code)) == TO[i], "%s", code);
    }
    assert_true(share(l, r, "lsoa11cd", "E01000008", "lsoa21cd", NULL) == 1); /* became none */
    geo_relation_free(r);
    geo_lattice_free(l);
}

/* LSOAs nest in districts; they fit wards at best, as postcodes fit everything; and whoever declares it may be right about other codes. */
static void best_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool declared;
        geo_fit fit;
    } CASES[] = {
        {"a,b\nE01000001,E08000001\n", false, GEO_FIT_NESTS},
        {"a,b\nE01000001,E05000001\n", false, GEO_FIT_BEST},
        {"a,b\nM1 1AE,E00000001\n", false, GEO_FIT_BEST},
        {"a,b\nE05000001,E08000001\n", false, GEO_FIT_NESTS},
        {"a,b\nW01000001,W05000001\n", false, GEO_FIT_BEST},
        {"a,b\nX1,Y1\n", false, GEO_FIT_NESTS},
        {"a,b\nX1,Y1\n", true, GEO_FIT_BEST},
        {"a,b\nS01000001,S14000001\n", false, GEO_FIT_BEST},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_lattice *l = geo_lattice_new();
        CHECK_OK(read_text(l, CASES[i].text, (const char *const[]){"a", "b", NULL}, NULL, false, CASES[i].declared), &err);
        geo_relation *r = relate(l, "a", "b");
        CHECK(geo_relation_fit(r) == CASES[i].fit, "%s", CASES[i].text);
        geo_relation_free(r);
        geo_lattice_free(l);
    }
}

/* A way over several lookups, and none; an area that was split is whole again where both its parts lie in one. */
static void chains(void **state)
{
    (void)state;
    geo_lattice *l = geo_lattice_new();
    CHECK_OK(read_text(l, "old,new\nA,B\nA,C\nD,E\nD,F\nG,H\nI,J\n", (const char *const[]){"old", "new", NULL}, NULL, false, false), &err);
    CHECK_OK(read_text(l, "new,ward\nB,V\nC,V\nE,V\nF,W\nH,\n", (const char *const[]){"new", "ward", NULL}, NULL, false, false), &err);
    CHECK_OK(read_text(l, "x,y\n1,2\n", (const char *const[]){"x", "y", NULL}, NULL, false, false), &err);
    geo_relation *r = relate(l, "old", "ward");
    assert_true(share(l, r, "old", "A", "ward", "V") == 1);
    assert_true(isnan(share(l, r, "old", "D", "ward", "V")) && isnan(share(l, r, "old", "D", "ward", "W")));
    assert_true(share(l, r, "old", "G", "ward", NULL) == 1 && share(l, r, "old", "I", "ward", NULL) == 1);
    assert_int_equal(geo_relation_unknown(r), 1);
    geo_relation_free(r);
    r = NULL;
    assert_int_equal(geo_lattice_relate(l, (size_t)geo_lattice_level(l, "old"), (size_t)geo_lattice_level(l, "y"), &r, &err), GEO_EARG);
    assert_int_equal(geo_lattice_relate(l, 0, 0, &r, &err), GEO_EARG);
    assert_null(r);
    geo_lattice_free(l);
}

#define AREAS 12

/* Random weighted lookups in a chain of three, against products of matrices; every area's shares add up to 1. */
static void chains_are_products(void **state)
{
    (void)state;
    geo_random random = unit_random("chains_are_products");
    for (size_t run = 0; run < unit_tries(200); run++) {
        double way[AREAS][AREAS + 1] = {{0}}; /* from an area of the first level to one of the level reached; the last: none */
        for (int i = 0; i < AREAS; i++)
            way[i][i] = 1;
        geo_lattice *l = geo_lattice_new();
        for (int k = 0; k < 3; k++) {
            double w[AREAS][AREAS + 1] = {{0}}, next[AREAS][AREAS + 1] = {{0}};
            char text[4000], a[2] = {(char)('a' + k), 0}, b[2] = {(char)('b' + k), 0};
            size_t used = (size_t)sprintf(text, "%s,%s,w\n", a, b);
            for (int row = 0; row < 40; row++) {
                const int from = (int)geo_random_below(&random, AREAS), to = (int)geo_random_below(&random, AREAS + 1);
                const int weight = (int)geo_random_below(&random, 9) + 1;
                w[from][to] += weight;
                used += (size_t)sprintf(text + used, "%c%d,", a[0], from);
                if (to < AREAS)
                    used += (size_t)sprintf(text + used, "%c%d", b[0], to);
                used += (size_t)sprintf(text + used, ",%d\n", weight);
            }
            CHECK_OK(read_text(l, text, (const char *const[]){a, b, NULL}, "w", false, false), &err);
            for (int i = 0; i < AREAS; i++) {
                next[i][AREAS] = way[i][AREAS];
                for (int j = 0; j < AREAS; j++) {
                    double all = 0;
                    for (int t = 0; t <= AREAS; t++)
                        all += w[j][t];
                    for (int t = 0; t <= AREAS; t++)
                        next[i][t] += way[i][j] * (all > 0 ? w[j][t] / all : t == AREAS);
                }
            }
            memcpy(way, next, sizeof way);
        }
        geo_relation *r = relate(l, "a", "d");
        for (int i = 0; i < AREAS; i++) {
            char from[16], to[16];
            double all = 0;
            sprintf(from, "a%d", i);
            if (number_of(l, "a", from) < 0)
                continue;
            for (int t = 0; t <= AREAS; t++) {
                sprintf(to, "d%d", t);
                const double got = t < AREAS && number_of(l, "d", to) < 0 ? 0 : share(l, r, "a", from, "d", t < AREAS ? to : NULL);
                CHECK(fabs(got - way[i][t]) < 1e-12, "run %zu: %s to %s: %g, not %g", run, from, to, got, way[i][t]);
                all += got;
            }
            CHECK(fabs(all - 1) < 1e-12, "run %zu: %s: %g", run, from, all);
        }
        geo_relation_free(r);
        geo_lattice_free(l);
    }
}

int main(void)
{
    if (geo_init(&err) < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_lookups), cmocka_unit_test(weights), cmocka_unit_test(changes),
        cmocka_unit_test(best_fit),     cmocka_unit_test(chains),  cmocka_unit_test(chains_are_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
