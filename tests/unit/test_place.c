/* Postcodes, keys and dates. */
#define _DEFAULT_SOURCE /* timegm */
#include "unit.h"

#include "geo/keys.h"
#include "geo/postcode.h"
#include "geo/table.h"

#include <time.h>

/* Samples of real form, one or more of each of the six, and GIR 0AA: BS 7666-2:2006, annex; published addresses of public offices. */
static void postcodes_of_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *in, *bare, *printed;
    } CASES[] = {
        {"M1 1AE", "M11AE", "M1 1AE"},       {"B33 8TH", "B338TH", "B33 8TH"},           {"CR2 6XH", "CR26XH", "CR2 6XH"},
        {"DN55 1PD", "DN551PD", "DN55 1PD"}, {"W1A 0AX", "W1A0AX", "W1A 0AX"},           {"EC1A 1BB", "EC1A1BB", "EC1A 1BB"},
        {"SW1A 1AA", "SW1A1AA", "SW1A 1AA"}, {"GIR 0AA", "GIR0AA", "GIR 0AA"},           {"gir0aa", "GIR0AA", "GIR 0AA"},
        {"sw1a1aa", "SW1A1AA", "SW1A 1AA"},  {" s w 1 a 1 a a ", "SW1A1AA", "SW1A 1AA"}, {"M1\t1AE", "M11AE", "M1 1AE"},
        {"M1   1AE", "M11AE", "M1 1AE"},     {"BX1 1LT", "BX11LT", "BX1 1LT"},           {"N1C 4UQ", "N1C4UQ", "N1C 4UQ"},
        {"WC2H 7LT", "WC2H7LT", "WC2H 7LT"}, {"E20 2ST", "E202ST", "E20 2ST"},           {"LS1 1UR", "LS11UR", "LS1 1UR"},
        {"CF10 1EP", "CF101EP", "CF10 1EP"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char bare[GEO_POSTCODE_ROOM], printed[GEO_POSTCODE_PRINT_ROOM];
        const size_t n = geo_postcode_normalise(CASES[i].in, strlen(CASES[i].in), bare);
        CHECK(n == strlen(CASES[i].bare) && strcmp(bare, CASES[i].bare) == 0, "'%s'", CASES[i].in);
        assert_int_equal(geo_postcode_print(bare, n, printed), strlen(CASES[i].printed));
        assert_string_equal(printed, CASES[i].printed);
    }
}

static void not_postcodes(void **state)
{
    (void)state;
    static const char *const CASES[] = {"",         " ",        "M",       "M1",      "M1 1",      "M11A",          "1M 1AE",
                                        "M1 A1E",   "M1 11E",   "M1 1A1",  "SW1A 1A", "SW1A 11AA", "SW1A 1AAA",     "SW1AA1AA",
                                        "SWA 1AA",  "ABC1 1AA", "GIR 1AA", "GIR 0AB", "M1-1AE",    "M1 1A\xC3\x89", "E01000001",
                                        "A111 1AA", "AAA 1AA",  "0AA",     "AA 1AA",  "A1AA 1AA"};
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char out[GEO_POSTCODE_ROOM] = "kept...";
        CHECK(geo_postcode_normalise(CASES[i], strlen(CASES[i]), out) == 0, "'%s'", CASES[i]);
        assert_string_equal(out, "kept...");
    }
    char out[GEO_POSTCODE_ROOM];
    assert_int_equal(geo_postcode_normalise("M1\0001AE", 6, out), 0);
}

/* The letters in use at each place, BS 7666-2:2006: not QVX first, not IJZ second, ABCDEFGHJKPSTUW third, ABEHMNPRVWXY fourth, not CIKMOV
   in the inward part. */
static void letters_by_position(void **state)
{
    (void)state;
    static const struct {
        const char *form; /* ? is the letter tried */
        const char *allowed;
    } CASES[] = {
        {"?1 1AA", "ABCDEFGHIJKLMNOPRSTUWYZ"},   {"?11 1AA", "ABCDEFGHIJKLMNOPRSTUWYZ"},
        {"?A1 1AA", "ABCDEFGHIJKLMNOPRSTUWYZ"},  {"?1A 1AA", "ABCDEFGHIJKLMNOPRSTUWYZ"},
        {"?A1A 1AA", "ABCDEFGHIJKLMNOPRSTUWYZ"}, {"A?1 1AA", "ABCDEFGHKLMNOPQRSTUVWXY"},
        {"A?11 1AA", "ABCDEFGHKLMNOPQRSTUVWXY"}, {"A?1A 1AA", "ABCDEFGHKLMNOPQRSTUVWXY"},
        {"A1? 1AA", "ABCDEFGHJKPSTUW"},          {"AA1? 1AA", "ABEHMNPRVWXY"},
        {"A1 1?A", "ABDEFGHJLNPQRSTUWXYZ"},      {"A1 1A?", "ABDEFGHJLNPQRSTUWXYZ"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        for (char c = 'A'; c <= 'Z'; c++) {
            char s[12], out[GEO_POSTCODE_ROOM];
            strcpy(s, CASES[i].form);
            *strchr(s, '?') = c;
            const bool expected = strchr(CASES[i].allowed, c) != NULL;
            CHECK((geo_postcode_normalise(s, strlen(s), out) > 0) == expected, "'%s'", s);
        }
}

static void keys(void **state)
{
    (void)state;
    static const struct {
        geo_key_kind kind;
        const char *in, *out;
    } CASES[] = {
        {GEO_KEY_TEXT, " a b ", "a b"},
        {GEO_KEY_TEXT, "\tx\t", "x"},
        {GEO_KEY_TEXT, "", ""},
        {GEO_KEY_TEXT, "  ", ""},
        {GEO_KEY_TEXT, "007", "007"},
        {GEO_KEY_TEXT, "sw1a 1aa", "sw1a 1aa"},
        {GEO_KEY_UPRN, "000100", "100"},
        {GEO_KEY_UPRN, " 100 ", "100"},
        {GEO_KEY_UPRN, "0", "0"},
        {GEO_KEY_UPRN, "000", "0"},
        {GEO_KEY_UPRN, "00A1", "00A1"},
        {GEO_KEY_UPRN, "0 1", "1"},
        {GEO_KEY_UPRN, "1.00012E+11", ""}, /* a million properties: no key */
        {GEO_KEY_UPRN, "0123456789012 ", "123456789012"},
        {GEO_KEY_UPRN, "01234567890123", "01234567890123"},
        {GEO_KEY_UPRN, "", ""},
        {GEO_KEY_UPRN, "100091331234", "100091331234"},
        {GEO_KEY_UPRN, "000010002345678", "10002345678"},
        {GEO_KEY_POSTCODE, " sw1a  1aa", "SW1A1AA"},
        {GEO_KEY_POSTCODE, "none ", "none"},
        {GEO_KEY_POSTCODE, "", ""},
        {GEO_KEY_POSTCODE, "GIR 0AA", "GIR0AA"},
        {GEO_KEY_POSTCODE, " m32  0", "M32 0"},
        {GEO_KEY_POSTCODE, "M32 OAA", "M32 OAA"}, /* mending is a second try */
        {GEO_KEY_GSS, " e01 005 061", "E01005061"},
        {GEO_KEY_GSS, "l99999999", "L99999999"},
        {GEO_KEY_GSS, " 999999999 ", "999999999"},
        {GEO_KEY_GSS, " x ", "x"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char room[GEO_KEY_ROOM];
        size_t n;
        const char *key = geo_key_normalise(CASES[i].kind, CASES[i].in, strlen(CASES[i].in), room, &n);
        CHECK(n == strlen(CASES[i].out) && memcmp(key, CASES[i].out, n) == 0, "'%s' gives '%.*s'", CASES[i].in, (int)n, key);
    }
}

/* timegm and gmtime of the C library, which count from the same day in the same calendar: years -10000 to 10000. */
static void dates_agree_with_the_c_library(void **state)
{
    (void)state;
    const int32_t from = -4371953, to = 2932896, step = getenv("GEO_TEST_SLOW") ? 997 : 7;
    for (int32_t day = from; day <= to; day += step) {
        const time_t t = (time_t)day * 86400;
        struct tm tm;
        int year, month, dom;
        gmtime_r(&t, &tm);
        geo_date_civil(day, &year, &month, &dom);
        assert_true(year == tm.tm_year + 1900 && month == tm.tm_mon + 1 && dom == tm.tm_mday);
        tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
        assert_int_equal(geo_date_days(year, month, dom), timegm(&tm) / 86400);
    }
}

static void dates_as_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t days; /* date -u -d TEXT +%s, over 86400 */
        bool ok;
    } CASES[] = {
        {"1970-01-01", 0, true},
        {"1969-12-31", -1, true},
        {"2000-02-29", 11016, true},
        {"2024-02-29", 19782, true},
        {"1900-03-01", -25508, true},
        {"9999-12-31", 2932896, true},
        {"1900-02-29", 0, false},
        {"2100-02-29", 0, false},
        {"2023-02-29", 0, false},
        {"2023-04-31", 0, false},
        {"2023-13-01", 0, false},
        {"2023-00-01", 0, false},
        {"2023-01-00", 0, false},
        {"2023-01-32", 0, false},
        {"2023-1-01", 0, false},
        {"2023-01-1", 0, false},
        {"20230101", 0, false},
        {"2023/01/01", 0, false},
        {"2023-01-01 ", 0, false},
        {" 2023-01-01", 0, false},
        {"2023-01-0x", 0, false},
        {"-023-01-01", 0, false},
        {"", 0, false},
        {"2023-01-01T00:00:00", 0, false},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        int32_t days = 0;
        CHECK(geo_date_parse(CASES[i].text, strlen(CASES[i].text), &days) == CASES[i].ok && days == CASES[i].days, "'%s': %d",
              CASES[i].text, days);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(postcodes_of_every_form),
        cmocka_unit_test(not_postcodes),
        cmocka_unit_test(letters_by_position),
        cmocka_unit_test(keys),
        cmocka_unit_test(dates_agree_with_the_c_library),
        cmocka_unit_test(dates_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
