/* Sidecars and policies: which class an input has. */
#include "unit.h"

#include "geo/init.h"
#include "geo/policy.h"
#include "geo/sidecar.h"

/* BLAKE2b-256, as b2sum -l 256 and RFC 7693's reference code give it. */
#define EMPTY "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"
#define ABC "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"

static int notes_n;
static char last_note[1000];

static void note(void *ctx, const char *text)
{
    (void)ctx;
    notes_n++;
    snprintf(last_note, sizeof last_note, "%s", text);
}

static const geo_watch WATCH = {.note = note};

static void digests(void **state)
{
    (void)state;
    geo_err err;
    char hex[65];
    CHECK_OK(geo_digest_file(unit_text("empty", ""), hex, NULL, &err), &err);
    assert_string_equal(hex, EMPTY);
    CHECK_OK(geo_digest_file(unit_text("abc", "abc"), hex, NULL, &err), &err);
    assert_string_equal(hex, ABC);
    geo_digest_bytes("", 0, hex);
    assert_string_equal(hex, EMPTY);
    geo_digest_bytes("abcd", 3, hex);
    assert_string_equal(hex, ABC);
    assert_int_equal(geo_digest_file(unit_path("none"), hex, NULL, &err), GEO_EIO);
    static const volatile sig_atomic_t stop = 1;
    const geo_watch stopped = {.stop = &stop};
    assert_int_equal(geo_digest_file(unit_path("abc"), hex, &stopped, &err), GEO_ESTOP);
}

static void sidecars_parse(void **state)
{
    (void)state;
    static const char WHOLE[] =
        "{\"sdc\": 1, \"class\": \"open\", \"source\": \"ONS\", \"licence\": \"OGL-UK-3.0\", \"blake2b\": \"" ABC "\"}";
    geo_err err;
    geo_label label = {0};
    char hex[65];
    CHECK_OK(geo_sidecar_parse(WHOLE, sizeof WHOLE - 1, &label, hex, &err), &err);
    assert_true(label.known && label.class_ == GEO_CLASS_OPEN);
    assert_string_equal(label.source, "ONS");
    assert_string_equal(label.licence, "OGL-UK-3.0");
    assert_string_equal(hex, ABC);
    static const char BRIEF[] = "{\"blake2b\": \"" ABC "\", \"class\": \"special\", \"sdc\": 1}";
    CHECK_OK(geo_sidecar_parse(BRIEF, sizeof BRIEF - 1, &label, hex, &err), &err);
    assert_int_equal(label.class_, GEO_CLASS_SPECIAL);
    assert_string_equal(label.source, "");
}

static void malformed_sidecars(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        "",
        "{",
        "[]",
        "null",
        "\"open\"",
        "{}",
        "{\"class\": \"open\", \"blake2b\": \"" ABC "\"}",
        "{\"sdc\": 2, \"class\": \"open\", \"blake2b\": \"" ABC "\"}",
        "{\"sdc\": \"1\", \"class\": \"open\", \"blake2b\": \"" ABC "\"}",
        "{\"sdc\": true, \"class\": \"open\", \"blake2b\": \"" ABC "\"}",
        "{\"sdc\": 1, \"class\": \"public\", \"blake2b\": \"" ABC "\"}",
        "{\"sdc\": 1, \"class\": 0, \"blake2b\": \"" ABC "\"}",
        "{\"sdc\": 1, \"blake2b\": \"" ABC "\"}",
        "{\"sdc\": 1, \"class\": \"open\"}",
        "{\"sdc\": 1, \"class\": \"open\", \"blake2b\": \"" ABC "0\"}",
        "{\"sdc\": 1, \"class\": \"open\", \"blake2b\": \"abc\"}",
        "{\"sdc\": 1, \"class\": \"open\", \"blake2b\": \"gddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319\"}",
        "{\"sdc\": 1, \"class\": \"open\", \"blake2b\": 5}",
        "{\"sdc\": 1, \"class\": \"open\", \"source\": null, \"blake2b\": \"" ABC "\"}",
        "{\"sdc\": 1, \"class\": \"open\", \"colour\": \"red\", \"blake2b\": \"" ABC "\"}",
        "{\"sdc\": 1, \"class\": \"personal\", \"class\": \"open\", \"blake2b\": \"" ABC "\"}",
        "{\"sdc\": 1, \"class\": \"open\", \"blake2b\": \"" ABC "\"} x",
        "{\"sdc\": 1, \"class\": \"open\", \"blake2b\": \"" ABC "\",}",
        "{'sdc': 1, 'class': 'open', 'blake2b': '" ABC "'}",
        "{\"sdc\": 1, \"class\": \"op\\u0000en\", \"blake2b\": \"" ABC "\"}",
        "{\"sdc\": 1, \"class\": \"open\", \"source\": \"\xFF\", \"blake2b\": \"" ABC "\"}",
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_err err = {0};
        geo_label label = {.class_ = GEO_CLASS_PERSONAL};
        char hex[65] = "kept";
        CHECK(geo_sidecar_parse(CASES[i], strlen(CASES[i]), &label, hex, &err) == GEO_EFORMAT, "'%s'", CASES[i]);
        assert_true(err.msg[0] && !label.known && label.class_ == GEO_CLASS_PERSONAL);
        assert_string_equal(hex, "kept");
    }
    char deep[3000] = "";
    memset(deep, '[', 2999);
    geo_label label;
    char hex[65];
    geo_err err;
    assert_int_equal(geo_sidecar_parse(deep, 2999, &label, hex, &err), GEO_EFORMAT);
}

static void sidecars_beside_files(void **state)
{
    (void)state;
    geo_err err;
    geo_label label = {0};
    char file[320];
    strcpy(file, unit_text("data.csv", "abc"));
    CHECK_OK(geo_sidecar_read(file, &label, &WATCH, &err), &err);
    assert_true(!label.known && notes_n == 0); /* there is none: nothing to say */
    unit_text("data.csv.sdc", "{\"sdc\": 1, \"class\": \"official\", \"blake2b\": \"" ABC "\"}");
    CHECK_OK(geo_sidecar_read(file, &label, &WATCH, &err), &err);
    assert_true(label.known && label.class_ == GEO_CLASS_OFFICIAL && notes_n == 0);
    unit_text("data.csv", "abcd"); /* the file changes: the label no longer holds */
    label = (geo_label){0};
    assert_int_equal(geo_sidecar_read(file, &label, &WATCH, &err), GEO_SKIP);
    assert_true(!label.known && notes_n == 1);
    assert_non_null(strstr(last_note, "changed"));
    unit_text("data.csv.sdc", "{\"sdc\": 1}");
    assert_int_equal(geo_sidecar_read(file, &label, &WATCH, &err), GEO_SKIP);
    assert_true(!label.known && notes_n == 2);
    CHECK_OK(geo_label_find(file, NULL, &label, &WATCH, &err), &err);
    assert_true(!label.known && label.class_ == GEO_CLASS_PERSONAL);
}

static void policy_rules(void **state)
{
    (void)state;
    static const char POLICY[] = "# the borough's data\n"
                                 "\n"
                                 "dataset imd*.csv class open source \"MHCLG, 2019\" licence OGL-UK-3.0 # first\r\n"
                                 "  dataset\tcare_?.csv   class SPECIAL\n"
                                 "dataset \"with blank.csv\" class official\n"
                                 "dataset *.csv class official\n"
                                 "dataset imd_late.csv class special"; /* too late: the first rule that fits wins */
    static const struct {
        const char *file;
        bool known;
        geo_class class_;
    } CASES[] = {
        {"imd_2019.csv", true, GEO_CLASS_OPEN},
        {"/a/b/imd.csv", true, GEO_CLASS_OPEN},
        {"imd_late.csv", true, GEO_CLASS_OPEN},
        {"dir/care_1.csv", true, GEO_CLASS_SPECIAL},
        {"care_10.csv", true, GEO_CLASS_OFFICIAL},
        {"with blank.csv", true, GEO_CLASS_OFFICIAL},
        {"imd/other.gpkg", false, GEO_CLASS_PERSONAL},
        {"IMD.gpkg", false, GEO_CLASS_PERSONAL},
        {"-", false, GEO_CLASS_PERSONAL},
    };
    geo_policy *p;
    geo_err err;
    CHECK_OK(geo_policy_parse("p", POLICY, sizeof POLICY - 1, &p, &err), &err);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_label label;
        CHECK_OK(geo_label_find(CASES[i].file, p, &label, NULL, &err), &err);
        CHECK(label.known == CASES[i].known && label.class_ == CASES[i].class_, "%s: class %d", CASES[i].file, label.class_);
    }
    geo_label label;
    CHECK_OK(geo_label_find("imd.csv", p, &label, NULL, &err), &err);
    assert_string_equal(label.source, "MHCLG, 2019");
    assert_string_equal(label.licence, "OGL-UK-3.0");
    geo_policy_free(p);
    geo_policy_free(NULL);
    CHECK_OK(geo_policy_parse("p", "", 0, &p, &err), &err);
    geo_policy_free(p);
}

static void policy_errors_say_where(void **state)
{
    (void)state;
    static const struct {
        const char *text, *where;
    } CASES[] = {
        {"datasets a class open", "line 1 column 1"},
        {"\n\n  rounding 5", "line 3 column 3"},
        {"dataset", "line 1 column 8"},
        {"dataset a.csv", "line 1 column 14"},
        {"dataset a.csv class", "line 1 column 20"},
        {"dataset a.csv class secret", "line 1 column 21"},
        {"dataset a.csv class open colour red", "line 1 column 26"},
        {"dataset a.csv class open source \"x", "line 1 column 33"},
        {"dataset a.csv source x", "line 1 column"},
        {"dataset a.csv class open\ndataset b.csv klass open\n", "line 2 column 15"},
        {"dataset a.csv class special class open", "line 1 column 29"}, /* which of them? the grammar has one */
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_policy *p = NULL;
        geo_err err = {.msg = "accepted"};
        const geo_status st = geo_policy_parse("rules", CASES[i].text, strlen(CASES[i].text), &p, &err);
        geo_policy_free(p);
        CHECK(st == GEO_EFORMAT && strstr(err.msg, CASES[i].where) && strstr(err.msg, "'rules'"), "'%s': %s", CASES[i].text, err.msg);
        assert_null(p); /* outputs are written on success only */
    }
}

static void policy_files(void **state)
{
    (void)state;
    geo_err err;
    geo_policy *p;
    assert_int_equal(geo_policy_read(unit_path("none"), &p, &err), GEO_EIO);
    CHECK_OK(geo_policy_read(unit_text("rules", "dataset a class open\n"), &p, &err), &err);
    geo_policy_free(p);
    const size_t n = ((size_t)1 << 20) + 1;
    char *large = malloc(n);
    memset(large, '\n', n);
    assert_int_equal(geo_policy_read(unit_write("large", large, n), &p, &err), GEO_EFORMAT); /* 1 MiB at most */
    CHECK_OK(geo_policy_read(unit_write("large", large, n - 1), &p, &err), &err);
    geo_policy_free(p);
    free(large);
}

/* A sidecar that holds goes before the policy; one that does not keeps a rule from saying less than personal. */
static void sidecar_before_policy(void **state)
{
    (void)state;
    geo_err err;
    geo_policy *p;
    geo_label label;
    char file[320];
    strcpy(file, unit_text("both.csv", "abc"));
    CHECK_OK(geo_policy_parse("p", "dataset both.csv class open", 27, &p, &err), &err);
    unit_text("both.csv.sdc", "{\"sdc\": 1, \"class\": \"special\", \"blake2b\": \"" ABC "\"}");
    CHECK_OK(geo_label_find(file, p, &label, NULL, &err), &err);
    assert_int_equal(label.class_, GEO_CLASS_SPECIAL);
    unit_text("both.csv", "abcd");
    CHECK_OK(geo_label_find(file, p, &label, NULL, &err), &err);
    assert_int_equal(label.class_, GEO_CLASS_PERSONAL);
    geo_policy_free(p);
    CHECK_OK(geo_policy_parse("p", "dataset both.csv class special", 30, &p, &err), &err);
    CHECK_OK(geo_label_find(file, p, &label, NULL, &err), &err);
    assert_int_equal(label.class_, GEO_CLASS_SPECIAL);
    geo_policy_free(p);
    CHECK_OK(geo_label_find(file, NULL, &label, NULL, &err), &err);
    assert_int_equal(label.class_, GEO_CLASS_PERSONAL);
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
        cmocka_unit_test(digests),
        cmocka_unit_test(sidecars_parse),
        cmocka_unit_test(malformed_sidecars),
        cmocka_unit_test(sidecars_beside_files),
        cmocka_unit_test(policy_rules),
        cmocka_unit_test(policy_errors_say_where),
        cmocka_unit_test(policy_files),
        cmocka_unit_test(sidecar_before_policy),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
