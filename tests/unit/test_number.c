/* Numbers in text, against the C library. */
#define _GNU_SOURCE /* newlocale */
#include "unit.h"

#include "geo/number.h"

#include <float.h>
#include <locale.h>

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void parse_accepts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value; /* the compiler's own reading of the literal, which gcc does with MPFR */
    } CASES[] = {
        {"0", 0.0},
        {"-0", -0.0},
        {"+5", 5.0},
        {".5", 0.5},
        {"5.", 5.0},
        {" 7 ", 7.0},
        {"\t7\t", 7.0},
        {"9007199254740992", 9007199254740992.0},
        {"9007199254740993", 9007199254740992.0}, /* 2^53 + 1: a tie, to even */
        {"9007199254740995", 9007199254740996.0},
        {"9007199254740993.0000000000000000000000001", 9007199254740994.0},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"100000000000000000000000", 1e23},
        {"1E5", 100000.0},
        {"1e+5", 100000.0},
        {"0.1", 0.1},
        {"0.30000000000000004", 0.30000000000000004},
        {"5e-324", 5e-324},
        {"2.4703282292062327208e-324", 0.0}, /* below half the least subnormal */
        {"2.4703282292062328e-324", 5e-324}, /* above half of it */
        {"1e-400", 0.0},
        {"-1e-400", -0.0},
        {"2.2250738585072011e-308", 2.2250738585072011e-308}, /* the number that hung Java and PHP */
        {"1.7976931348623157e308", DBL_MAX},
        {"0000000000000000000000000000000000000000000001", 1.0},
        {"0.00000000000000000000000000000000000000000000001", 1e-47},
        {"531245.123456789012345678901234567890", 531245.123456789012345678901234567890},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        double v = -77;
        CHECK(geo_number_parse(CASES[i].text, strlen(CASES[i].text), &v), "'%s' refused", CASES[i].text);
        CHECK(same(v, CASES[i].value), "'%s': %.17g, not %.17g", CASES[i].text, v, CASES[i].value);
    }
}

/* Longer than any buffer: the largest double as a whole number has 309 digits; a zero more overflows. */
static void parse_long_text(void **state)
{
    (void)state;
    char s[400];
    const int n = snprintf(s, sizeof s, "17976931348623157%0292d0", 0);
    double v = -77;
    assert_true(geo_number_parse(s, (size_t)n - 1, &v) && same(v, DBL_MAX));
    assert_false(geo_number_parse(s, (size_t)n, &v));
    snprintf(s, sizeof s, "%0300d.5", 0);
    assert_true(geo_number_parse(s, 302, &v) && v == 0.5);
}

static void parse_refuses(void **state)
{
    (void)state;
    static const char *const CASES[] = {"",
                                        " ",
                                        "3x",
                                        "1,234",
                                        "0x10",
                                        "nan",
                                        "NaN",
                                        "inf",
                                        "-inf",
                                        "infinity",
                                        "1e",
                                        "1e+",
                                        "--1",
                                        "+-1",
                                        "+",
                                        "-",
                                        ".",
                                        "-.",
                                        "1 2",
                                        "1.2.3",
                                        "e5",
                                        ".e5",
                                        "1e5.5",
                                        "1_000",
                                        "1e309",
                                        "-1e309",
                                        "1.7976931348623159e308",
                                        "1d5",
                                        ("\xC2\xA0"
                                         "7"),
                                        "7\n",
                                        "1e99999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        double v = -77;
        CHECK(!geo_number_parse(CASES[i], strlen(CASES[i]), &v), "'%s' accepted as %g", CASES[i], v);
        CHECK(v == -77, "'%s' touched the value", CASES[i]);
    }
    double v = -77;
    assert_false(geo_number_parse("1\0", 2, &v));             /* a NUL is no digit */
    assert_true(geo_number_parse("12345", 2, &v) && v == 12); /* only n characters are looked at */
}

/* Random decimals of every length and exponent: strtod in the C locale is the judge. */
static void parse_equals_strtod(void **state)
{
    (void)state;
    geo_random r = unit_random("parse");
    for (size_t i = unit_tries(300000); i-- > 0;) {
        char s[120];
        size_t n = 0;
        if (geo_random_below(&r, 2))
            s[n++] = '-';
        const uint64_t before = geo_random_below(&r, 24), after = geo_random_below(&r, 24);
        for (uint64_t k = 0; k < before + (after == 0); k++)
            s[n++] = (char)('0' + geo_random_below(&r, 10));
        if (after) {
            s[n++] = '.';
            for (uint64_t k = 0; k < after; k++)
                s[n++] = (char)('0' + geo_random_below(&r, 10));
        }
        if (geo_random_below(&r, 3) == 0)
            n += (size_t)sprintf(s + n, "e%d", (int)geo_random_below(&r, 640) - 330);
        s[n] = '\0';
        double v;
        const double expected = strtod(s, NULL); /* the process is in the C locale unless a test says otherwise */
        const bool ok = geo_number_parse(s, n, &v);
        CHECK(ok == (bool)isfinite(expected), "'%s' accepted: %d", s, ok);
        CHECK(!ok || same(v, expected), "'%s': %.17g, not %.17g", s, v, expected);
    }
}

static void parse_int_limits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } CASES[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"+7", true, 7},
        {" 12 ", true, 12},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"18446744073709551615", false, 0},
        {"18446744073709551616", false, 0},
        {"99999999999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"1 2", false, 0},
        {"0x1", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        int64_t v = 0;
        CHECK(geo_number_parse_int(CASES[i].text, strlen(CASES[i].text), &v) == CASES[i].ok, "'%s'", CASES[i].text);
        CHECK(v == CASES[i].value, "'%s': %" PRId64, CASES[i].text, v);
    }
}

static void print_int_equals_printf(void **state)
{
    (void)state;
    geo_random r = unit_random("print int");
    for (int i = 0; i < 20000; i++) {
        static const int64_t FIRST[] = {0, 1, -1, 9, 10, INT64_MAX, INT64_MIN};
        const int64_t v = i < (int)COUNT_OF(FIRST) ? FIRST[i] : (int64_t)(geo_random_next(&r) >> geo_random_below(&r, 64));
        char s[GEO_NUMBER_ROOM], expected[40];
        const int n = sprintf(expected, "%" PRId64, v);
        assert_int_equal(geo_number_print_int(v, s), n);
        assert_string_equal(s, expected);
    }
}

/* Significant digits of a decimal text, without zeros at either end; exact notation is checked elsewhere. */
static int significant(const char *s, char *digits)
{
    int n = 0;
    for (; *s && *s != 'e'; s++)
        if (*s >= '0' && *s <= '9' && (n || *s != '0'))
            digits[n++] = *s;
    while (n && digits[n - 1] == '0')
        n--;
    digits[n] = '\0';
    return n;
}

/* Brute force: the first of %.1g ... %.17g that strtod reads back. */
static void check_print(double v)
{
    char s[GEO_NUMBER_ROOM], brute[64] = "", ours[64], theirs[64];
    const size_t n = geo_number_print(v, s);
    CHECK(n == strlen(s) && n < GEO_NUMBER_ROOM, "%.17g: length", v);
    CHECK(strtod(s, NULL) == v, "%.17g printed as '%s' reads back as %.17g", v, s, strtod(s, NULL));
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(brute, sizeof brute, "%.*g", precision, v);
        if (strtod(brute, NULL) == v)
            break;
    }
    significant(s, ours);
    significant(brute, theirs);
    CHECK(strcmp(ours, theirs) == 0, "%.17g printed as '%s', shortest is '%s'", v, s, brute);
    const bool fixed = v == 0 || (fabs(v) >= 1e-5 && fabs(v) < 1e17);
    CHECK((strchr(s, 'e') == NULL) == fixed, "%.17g printed as '%s'", v, s);
}

static void print_is_shortest(void **state)
{
    (void)state;
    geo_random r = unit_random("print");
    for (size_t i = unit_tries(60000); i-- > 0;) {
        const uint64_t bits = geo_random_next(&r);
        double v;
        memcpy(&v, &bits, sizeof v);
        if (isfinite(v) && fabs(v) >= DBL_MIN)
            check_print(v);
        check_print((geo_random_uniform(&r) - 0.5) * pow(10, (double)geo_random_below(&r, 24) - 6));
        /* Coordinates as they stand in files: n decimals. */
        const double scale = pow(10, (double)geo_random_below(&r, 10));
        check_print(round(geo_random_uniform(&r) * 700000 * scale) / scale);
        check_print(round((geo_random_uniform(&r) * 360 - 180) * scale) / scale);
        check_print((double)(int64_t)(geo_random_next(&r) >> geo_random_below(&r, 64)));
    }
    for (int e = -307; e <= 308; e++) {
        char text[16];
        sprintf(text, "1e%d", e);
        check_print(strtod(text, NULL));
        check_print(nextafter(strtod(text, NULL), INFINITY));
        check_print(nextafter(strtod(text, NULL), 0));
    }
}

static void print_is_shortest_for_subnormals(void **state)
{
    (void)state;
    check_print(5e-324);
    check_print(1e-323);
    check_print(1e-310);
    geo_random r = unit_random("print subnormals");
    for (int i = 0; i < 1000; i++) {
        const uint64_t bits = geo_random_next(&r) >> (13 + geo_random_below(&r, 50));
        double v;
        memcpy(&v, &bits, sizeof v);
        if (v > 0 && v < DBL_MIN)
            check_print(v);
    }
}

static void print_forms(void **state)
{
    (void)state;
    /* Fixed from 1e-5 up to 1e17, scientific beyond: the header's words. */
    static const struct {
        double value;
        const char *text;
    } CASES[] = {
        {0.0, "0"},
        {-0.0, "0"},
        {1.0, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {100.0, "100"},
        {531245.12, "531245.12"},
        {1e-5, "0.00001"},
        {1e16, "10000000000000000"},
        {1e17, "1e17"},
        {1.5e17, "1.5e17"},
        {1e23, "1e23"},
        {1e-6, "1e-6"},
        {-2.5e-7, "-2.5e-7"},
        {9007199254740992.0, "9007199254740992"},
        {0.30000000000000004, "0.30000000000000004"},
        {DBL_MAX, "1.7976931348623157e308"},
        {NAN, ""},
        {INFINITY, ""},
        {-INFINITY, ""},
        {DBL_MIN, "2.2250738585072014e-308"},
        {123456789012345680.0, "1.2345678901234568e17"},
        {0.0001, "0.0001"},
        {0.000012345, "0.000012345"},
        {99999999999999984.0, "99999999999999980"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char s[GEO_NUMBER_ROOM];
        const size_t n = geo_number_print(CASES[i].value, s);
        assert_string_equal(s, CASES[i].text);
        assert_int_equal(n, strlen(CASES[i].text));
    }
}

/* At a power of two the double below is nearer than the one above, so 16 digits may do although the nearest 16 do not read back. */
static void print_is_shortest_at_powers_of_two(void **state)
{
    (void)state;
    int longer = 0;
    for (int e = -1000; e < 1000; e++) {
        const double v = ldexp(1, e);
        char s[GEO_NUMBER_ROOM], ours[64], text[64];
        geo_number_print(v, s);
        if (significant(s, ours) < 17)
            continue;
        snprintf(text, sizeof text, "%.15e", v);
        for (char *p = strchr(text, 'e') - 1;; p--) /* the next 16-digit decimal above */
            if (*p != '.') {
                if (*p != '9') {
                    ++*p;
                    break;
                }
                *p = '0';
            }
        if (strtod(text, NULL) == v && longer++ == 0)
            print_error("2^%d is printed as %s, and %s reads back too\n", e, s, text);
    }
    assert_int_equal(longer, 0);
}

static void locale_does_not_matter(void **state)
{
    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8") && !setlocale(LC_NUMERIC, "de_DE.utf8")) {
        print_message("skipped: numbers under a decimal comma (no German or French locale)\n");
        skip();
    }
    char s[GEO_NUMBER_ROOM];
    double v = 0;
    assert_string_equal(localeconv()->decimal_point, ",");
    assert_true(geo_number_parse("1.25", 4, &v) && v == 1.25);
    assert_true(geo_number_parse("0.30000000000000004", 19, &v) && v == 0.30000000000000004);
    assert_false(geo_number_parse("1,25", 4, &v));
    geo_number_print(0.30000000000000004, s);
    assert_string_equal(s, "0.30000000000000004");
    geo_number_print(1.5e300, s);
    assert_string_equal(s, "1.5e300");
    setlocale(LC_NUMERIC, "C");
}

static void is_plain(void **state)
{
    (void)state;
    /* The header's definition, word by word. */
    static const struct {
        const char *text;
        bool plain, whole;
    } CASES[] = {
        {"0", true, true},
        {"7", true, true},
        {"-7", true, true},
        {"1.5", true, false},
        {"0.5", true, false},
        {"-0.5", true, false},
        {"9223372036854775807", true, true},
        {"-9223372036854775808", true, true},
        {"9223372036854775808", false, false},
        {"123456789012.345", true, false}, /* 15 digits */
        {"1234567890123.456", false, false},
        {".5", false, false},
        {"5.", false, false},
        {"1e5", false, false},
        {"007", false, false},
        {"00.5", false, false},
        {"-05", false, false},
        {"+5", false, false},
        {" 5", false, false},
        {"5 ", false, false},
        {"5x", false, false},
        {"", false, false},
        {"-", false, false},
        {"--5", false, false},
        {"0x10", false, false},
        {"nan", false, false},
        {"1,2", false, false},
        {"1.2.3", false, false},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        bool whole = !CASES[i].whole;
        CHECK(geo_number_is_plain(CASES[i].text, strlen(CASES[i].text), &whole) == CASES[i].plain, "'%s'", CASES[i].text);
        CHECK(!CASES[i].plain || whole == CASES[i].whole, "'%s': whole %d", CASES[i].text, whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_accepts),
        cmocka_unit_test(parse_long_text),
        cmocka_unit_test(parse_refuses),
        cmocka_unit_test(parse_equals_strtod),
        cmocka_unit_test(parse_int_limits),
        cmocka_unit_test(print_int_equals_printf),
        cmocka_unit_test(print_is_shortest),
        cmocka_unit_test(print_is_shortest_for_subnormals),
        cmocka_unit_test(print_is_shortest_at_powers_of_two),
        cmocka_unit_test(print_forms),
        cmocka_unit_test(locale_does_not_matter),
        cmocka_unit_test(is_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
