/* Sidecars and policies: which class an input has. */
#include "unit.h"

#include "geo/init.h"
#include "geo/policy.h"
#include "geo/sidecar.h"

#include <sys/stat.h>

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

/* A character that a text may have: any of Unicode's but the control characters, in UTF-8. */
static size_t put_character(geo_random *r, char *out)
{
    static const uint32_t WIDEST[] = {0x7E, 0x7FF, 0xFFFF, 0x10FFFF};
    uint32_t c;
    do
        c = 0x20 + (uint32_t)geo_random_below(r, WIDEST[geo_random_below(r, 4)] - 0x1F);
    while (c == 0x7F || (c >= 0xD800 && c < 0xE000));
    const size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char FIRST[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(FIRST[n] | c);
    return n;
}

/* Text of any length that there is room for, the largest often. */
static void put_text(geo_random *r, char *out, size_t room)
{
    const size_t most = geo_random_below(r, 4) ? (size_t)geo_random_below(r, room) : room - 1;
    char c[4];
    size_t n = 0;
    for (size_t k; (k = put_character(r, c)) + n <= most; n += k)
        memcpy(out + n, c, k);
    while (n < most && geo_random_below(r, 8))
        out[n++] = "\"\\/ :{}%"[geo_random_below(r, 8)];
    out[n] = '\0';
}

static void labels_are_read_as_written(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"plain.csv",    "with blank.csv", "-.csv",           "new\nline.csv",
                                        "quo\"te'.csv", "%s%n.csv",       "l\xC3\xB6ss.csv", "\xFF.csv"};
    geo_random r = unit_random("labels");
    geo_err err;
    for (size_t k = 0; k < unit_tries(2000); k++) {
        char bytes[20], file[320];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)geo_random_next(&r);
        strcpy(file, unit_write(NAMES[k % COUNT_OF(NAMES)], bytes, (size_t)geo_random_below(&r, sizeof bytes)));
        geo_label label = {.class_ = (geo_class)geo_random_below(&r, 4)}, found = {0};
        put_text(&r, label.source, sizeof label.source);
        put_text(&r, label.licence, sizeof label.licence);
        notes_n = 0;
        CHECK_OK(geo_sidecar_write(file, &label, true, &WATCH, &err), &err);
        CHECK_OK(geo_sidecar_read(file, &found, &WATCH, &err), &err);
        CHECK(found.known && found.class_ == label.class_ && strcmp(found.source, label.source) == 0
                  && strcmp(found.licence, label.licence) == 0 && notes_n == 0,
              "'%s' '%s'", label.source, label.licence);
    }
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        char name[100];
        unlink(unit_path(NAMES[i]));
        snprintf(name, sizeof name, "%s.sdc", NAMES[i]);
        assert_int_equal(unlink(unit_path(name)), 0);
    }
}

static void labels_that_would_not_hold(void **state)
{
    (void)state;
    static const char GPKG[100] = "SQLite format 3";
    char gpkg[100], file[320], long_name[260];
    geo_err err;
    geo_label good = {.class_ = GEO_CLASS_OPEN, .source = "ONS"}, label;
    memcpy(gpkg, GPKG, sizeof gpkg);
    memcpy(gpkg + 68, "GPKG", 4);
    const int before = unit_files();
    struct {
        const char *file, *why;
    } cases[] = {
        {"-", "no file"},
        {unit_path("none.csv"), "no file"},
        {unit_place, "no file"},
        {"PG:dbname=x", "no file"},
        {unit_write("a.shp", "\0\0\x27\x0A", 4), "more than the one file"},
        {unit_text("a.vrt", "<OGRVRTDataSource>"), "more than the one file"},
        {unit_text("notes.txt", "abc"), "more than the one file"},
        {unit_write("logged.gpkg", gpkg, sizeof gpkg), "-wal"},
    };
    unit_text("logged.gpkg-wal", "x");
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK(geo_sidecar_write(cases[i].file, &good, true, NULL, &err) == GEO_EARG && strstr(err.msg, cases[i].why), "%s: %s",
              cases[i].file, err.msg);
    unlink(unit_path("logged.gpkg-wal"));
    CHECK_OK(geo_sidecar_write(unit_path("logged.gpkg"), &good, false, NULL, &err), &err);
    strcpy(file, unit_text("a.csv", "x\n1\n"));
    static const char *const TEXTS[] = {"\xFF", "a\nb", "\x1B[2J", "a\x7F", "\xED\xA0\x80"};
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
        label = good;
        strcpy(label.source, TEXTS[i]);
        CHECK(geo_sidecar_write(file, &label, true, NULL, &err) == GEO_EARG && strstr(err.msg, "source"), "%zu: %s", i, err.msg);
        label = good;
        strcpy(label.licence, TEXTS[i]);
        CHECK(geo_sidecar_write(file, &label, true, NULL, &err) == GEO_EARG && strstr(err.msg, "licence"), "%zu: %s", i, err.msg);
    }
    label = good;
    memset(label.source, 'a', sizeof label.source); /* without an end */
    assert_int_equal(geo_sidecar_write(file, &label, true, NULL, &err), GEO_EARG);
    label = good;
    label.class_ = (geo_class)4;
    assert_int_equal(geo_sidecar_write(file, &label, true, NULL, &err), GEO_EARG);
    memset(long_name, 'a', sizeof long_name);
    strcpy(long_name + 250, ".csv"); /* itself short enough, but not with .sdc behind it */
    assert_int_equal(geo_sidecar_write(unit_text(long_name, "x"), &good, true, NULL, &err), GEO_EIO);
    static const volatile sig_atomic_t stopped = 1;
    const geo_watch watch = {.stop = &stopped};
    assert_int_equal(geo_sidecar_write(file, &good, true, &watch, &err), GEO_ESTOP);
    assert_int_equal(unit_files() - before, 7); /* the six files, and one label */
    unit_empty();
}

static void classes_are_lowered_by_force_only(void **state)
{
    (void)state;
    char file[320], name[330];
    geo_err err;
    geo_label special = {.class_ = GEO_CLASS_SPECIAL}, open = {.class_ = GEO_CLASS_OPEN}, found = {0};
    strcpy(file, unit_text("a.csv", "x\n1\n"));
    snprintf(name, sizeof name, "%s.sdc", file);
    assert_int_equal(chmod(file, 0640), 0);
    CHECK_OK(geo_sidecar_write(file, &open, false, NULL, &err), &err);
    CHECK_OK(geo_sidecar_write(file, &special, false, NULL, &err), &err);
    CHECK_OK(geo_sidecar_write(file, &special, false, NULL, &err), &err); /* the same again */
    assert_true(geo_sidecar_write(file, &open, false, NULL, &err) == GEO_EARG && strstr(err.msg, "special"));
    unit_text("a.csv", "x\n2\n"); /* no longer holds, but said so */
    assert_int_equal(geo_sidecar_write(file, &open, false, NULL, &err), GEO_EARG);
    CHECK_OK(geo_sidecar_write(file, &open, true, NULL, &err), &err);
    CHECK_OK(geo_sidecar_read(file, &found, NULL, &err), &err);
    assert_true(found.known && found.class_ == GEO_CLASS_OPEN);
    struct stat about;
    assert_true(stat(name, &about) == 0 && (about.st_mode & 0777) == 0640);
    unit_text("a.csv.sdc", "{\"sdc\": 2, \"class\": \"special\"}");
    assert_int_equal(geo_sidecar_write(file, &special, false, NULL, &err), GEO_EARG); /* who knows what it said */
    CHECK_OK(geo_sidecar_write(file, &special, true, NULL, &err), &err);
    assert_int_equal(unit_files(), 2);
    unit_empty();
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
        cmocka_unit_test(labels_are_read_as_written),
        cmocka_unit_test(labels_that_would_not_hold),
        cmocka_unit_test(classes_are_lowered_by_force_only),
        cmocka_unit_test(policy_rules),
        cmocka_unit_test(policy_errors_say_where),
        cmocka_unit_test(policy_files),
        cmocka_unit_test(sidecar_before_policy),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
