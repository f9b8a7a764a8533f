/* What is told to people: errors, faults by line, the names of classes. */
#include "unit.h"

#include "geo/faults.h"
#include "geo/label.h"

static void error_keeps_code_and_text(void **state)
{
    (void)state;
    geo_err err;
    assert_int_equal(geo_err_set(&err, GEO_EIO, "cannot open '%s'", "a.csv"), GEO_EIO);
    assert_int_equal(err.code, GEO_EIO);
    assert_string_equal(err.msg, "cannot open 'a.csv'");
    assert_int_equal(geo_err_wrap(&err, GEO_EFORMAT, "line %d", 7), GEO_EFORMAT);
    assert_int_equal(err.code, GEO_EFORMAT);
    assert_string_equal(err.msg, "line 7: cannot open 'a.csv'");
    assert_int_equal(geo_err_set(NULL, GEO_EARG, "x"), GEO_EARG);
    assert_int_equal(geo_err_wrap(NULL, GEO_EARG, "x"), GEO_EARG);
    assert_int_equal(geo_err_nomem(&err), GEO_ENOMEM);
    assert_int_equal(geo_err_nomem(NULL), GEO_ENOMEM);
}

/* Length of s when it is whole UTF-8 made of these four characters only, else -1: written out, since the alphabet is ours. */
static int whole_characters(const char *s)
{
    int n = 0;
    for (; *s; n++) {
        const size_t len = *s == 'a'                               ? 1
                           : memcmp(s, "\xC3\xA9", 2) == 0         ? 2
                           : memcmp(s, "\xE2\x82\xAC", 3) == 0     ? 3
                           : memcmp(s, "\xF0\x9F\x98\x80", 4) == 0 ? 4
                                                                   : 0;
        if (len == 0)
            return -1;
        s += len;
    }
    return n;
}

/* Every alignment of characters of one to four bytes against the end of the message. */
static void errors_are_cut_between_characters(void **state)
{
    (void)state;
    static const char *const CHARACTERS[] = {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t c = 0; c < COUNT_OF(CHARACTERS); c++)
        for (size_t lead = 0; lead < 8; lead++) {
            char text[700] = "";
            for (size_t i = 0; i < lead; i++)
                strcat(text, "a");
            while (strlen(text) < 600)
                strcat(text, CHARACTERS[c]);
            geo_err err;
            geo_err_set(&err, GEO_EIO, "%s", text);
            CHECK(whole_characters(err.msg) >= 0, "set, character %zu, lead %zu", c, lead);
            CHECK(strlen(err.msg) + 4 >= sizeof err.msg - 1, "set cuts too much: %zu", strlen(err.msg));
            geo_err_wrap(&err, GEO_EIO, "%s", "aaa");
            CHECK(whole_characters(strchr(err.msg, ' ') + 1) >= 0, "wrap, character %zu, lead %zu", c, lead);
            geo_err_set(&err, GEO_EIO, "%s", "a");
            geo_err_wrap(&err, GEO_EIO, "%s", text);
            CHECK(whole_characters(err.msg) >= 0, "wrap by a long text, character %zu, lead %zu", c, lead);
        }
}

/* A text that just fits is not cut at all. */
static void errors_that_fit_stay_whole(void **state)
{
    (void)state;
    char text[512];
    geo_err err;
    memset(text, 'a', 511);
    text[511] = '\0';
    geo_err_set(&err, GEO_EIO, "%s", text);
    assert_string_equal(err.msg, text);
    memcpy(text + 509, "\xC3\xA9", 2);
    geo_err_set(&err, GEO_EIO, "%s", text);
    assert_string_equal(err.msg, text);
}

static void faults_tell_lines(void **state)
{
    (void)state;
    static const struct {
        int64_t lines[8];
        int n;
        const char *text;
    } CASES[] = {
        {{3}, 1, "line 3"},
        {{3, 17}, 2, "lines 3 and 17"},
        {{3, 17, 18}, 3, "lines 3, 17 and 18"},
        {{3, 17, 18, 40, 41}, 5, "lines 3, 17, 18, 40 and 41"},
        {{3, 17, 18, 40, 41, 50}, 6, "lines 3, 17, 18, 40, 41 and 1 more"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_faults f = {0};
        char text[200];
        for (int k = 0; k < CASES[i].n; k++)
            geo_faults_add(&f, GEO_FAULT_OUTSIDE, CASES[i].lines[k]);
        const size_t n = geo_faults_lines(&f, GEO_FAULT_OUTSIDE, "line", text, sizeof text);
        assert_string_equal(text, CASES[i].text);
        assert_int_equal(n, strlen(text));
        for (size_t room = 1; room < 40; room++) { /* never past its room, always ended */
            char small[48];
            memset(small, '#', sizeof small);
            const size_t k = geo_faults_lines(&f, GEO_FAULT_OUTSIDE, "line", small, room);
            assert_true(k < room && small[k] == '\0' && small[room] == '#');
            assert_memory_equal(small, text, k);
        }
    }
    geo_faults f = {0};
    char text[200];
    for (int k = 0; k < 17; k++) /* the example in the header */
        geo_faults_add(&f, GEO_FAULT_CLASS, (const int64_t[]){3, 17, 18, 40, 41}[k < 5 ? k : 4]);
    geo_faults_lines(&f, GEO_FAULT_CLASS, "line", text, sizeof text);
    assert_string_equal(text, "lines 3, 17, 18, 40, 41 and 12 more");
}

/* Merging parts of random sizes is the same as adding everything to one. */
static void faults_merge_in_order(void **state)
{
    (void)state;
    geo_random r = unit_random("faults");
    for (int i = 0; i < 300; i++) {
        geo_faults whole = {0}, merged = {0};
        int64_t first_line = 2;
        for (int part_n = 0; part_n < 6; part_n++) {
            geo_faults part = {0};
            const int64_t lines = (int64_t)geo_random_below(&r, 9);
            for (int64_t line = 0; line < lines; line++) {
                const geo_fault kind = (geo_fault)geo_random_below(&r, GEO_FAULTS_N);
                geo_faults_add(&part, kind, line);
                geo_faults_add(&whole, kind, first_line + line);
            }
            geo_faults_merge(&merged, &part, first_line);
            first_line += lines;
        }
        assert_memory_equal(&merged, &whole, sizeof whole);
    }
}

/* A chain: the join is the greater one, so it is idempotent, commutative, associative, and open changes nothing. */
static void classes_are_a_lattice(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"open", "official", "personal", "special"}; /* the order that label.h documents */
    for (int a = 0; a < 4; a++) {
        geo_class c = GEO_CLASS_SPECIAL;
        assert_string_equal(geo_class_name((geo_class)a), NAMES[a]);
        assert_true(geo_class_parse(NAMES[a], strlen(NAMES[a]), &c));
        assert_int_equal(c, a);
        assert_int_equal(geo_class_join((geo_class)a, GEO_CLASS_OPEN), a);
        for (int b = 0; b < 4; b++)
            assert_int_equal(geo_class_join((geo_class)a, (geo_class)b), a > b ? a : b);
    }
    geo_class c = GEO_CLASS_OFFICIAL;
    assert_true(geo_class_parse("SpEcIaL", 7, &c) && c == GEO_CLASS_SPECIAL);
    static const char *const NONE[] = {"", "ope", "opens", " open", "open ", "secret", "3"};
    for (size_t i = 0; i < COUNT_OF(NONE); i++) {
        CHECK(!geo_class_parse(NONE[i], strlen(NONE[i]), &c), "'%s'", NONE[i]);
        assert_int_equal(c, GEO_CLASS_SPECIAL);
    }
    assert_false(geo_class_parse("open\0", 5, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_keeps_code_and_text),  cmocka_unit_test(errors_are_cut_between_characters),
        cmocka_unit_test(errors_that_fit_stay_whole), cmocka_unit_test(faults_tell_lines),
        cmocka_unit_test(faults_merge_in_order),      cmocka_unit_test(classes_are_a_lattice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
