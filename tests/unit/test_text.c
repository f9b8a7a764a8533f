/* Character encodings, against a decoder written out from RFC 3629 and against iconv. */
#include "unit.h"

#include "io/text.h"

#include <iconv.h>

/* First bad byte, by decoding every character and looking at its code point. */
static size_t slow_check(const unsigned char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t u = s[i];
        size_t more;
        uint32_t least;
        if (u < 0x80) {
            i++;
            continue;
        }
        if (u >> 5 == 6)
            more = 1, least = 0x80, u &= 0x1F;
        else if (u >> 4 == 14)
            more = 2, least = 0x800, u &= 0x0F;
        else if (u >> 3 == 30)
            more = 3, least = 0x10000, u &= 0x07;
        else
            return i;
        if (n - i <= more)
            return i;
        for (size_t k = 1; k <= more; k++) {
            if (s[i + k] >> 6 != 2)
                return i;
            u = u << 6 | (s[i + k] & 0x3F);
        }
        if (u < least || u > 0x10FFFF || (u >= 0xD800 && u <= 0xDFFF))
            return i;
        i += more + 1;
    }
    return n;
}

/* Every first and second byte with third and fourth bytes at the ends of their ranges, at every distance from the start of an 8-byte word. */
static void utf8_equals_the_decoder(void **state)
{
    (void)state;
    static const unsigned char REST[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    const unsigned step = getenv("GEO_TEST_SLOW") ? 5 : 1;
    for (unsigned a = 0; a < 256; a += step)
        for (unsigned b = 0; b < 256; b++)
            for (size_t c = 0; c < COUNT_OF(REST); c++)
                for (size_t d = 0; d < COUNT_OF(REST); d++) {
                    const size_t lead = (a + b + c + d) % 9;
                    unsigned char s[32];
                    memset(s, 'x', sizeof s);
                    s[lead] = (unsigned char)a;
                    s[lead + 1] = (unsigned char)b;
                    s[lead + 2] = REST[c];
                    s[lead + 3] = REST[d];
                    for (size_t n = lead; n <= lead + 4; n++)
                        CHECK(geo_utf8_check((char *)s, n) == slow_check(s, n), "%02x %02x %02x %02x, %zu bytes", a, b, REST[c], REST[d],
                              n);
                    CHECK(geo_utf8_check((char *)s, sizeof s) == slow_check(s, sizeof s), "%02x %02x %02x %02x", a, b, REST[c], REST[d]);
                }
}

static void utf8_random(void **state)
{
    (void)state;
    geo_random r = unit_random("utf-8");
    static const char *const PARTS[] = {"a",           "abcdefgh", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF",
                                        "\xEE\x80\x80"};
    for (size_t i = unit_tries(50000); i-- > 0;) {
        char s[128];
        size_t n = 0;
        while (n < 60) {
            const char *part = PARTS[geo_random_below(&r, COUNT_OF(PARTS))];
            memcpy(s + n, part, strlen(part));
            n += strlen(part);
        }
        if (geo_random_below(&r, 2))
            s[geo_random_below(&r, n)] = (char)geo_random_below(&r, 256);
        assert_int_equal(geo_utf8_check(s, n), slow_check((unsigned char *)s, n));
    }
}

/* iconv's CP1252 for the assigned bytes; the WHATWG standard for the five others. */
static void windows_1252_equals_iconv(void **state)
{
    (void)state;
    iconv_t cd = iconv_open("UTF-8", "CP1252");
    if (cd == (iconv_t)-1) {
        print_message("skipped: Windows-1252 (no CP1252 in iconv)\n");
        skip();
    }
    for (int c = 0; c < 256; c++) {
        char byte = (char)c, expected[8] = "", *in = &byte, *out = expected;
        size_t in_n = 1, out_n = sizeof expected;
        if (iconv(cd, &in, &in_n, &out, &out_n) == (size_t)-1) {
            iconv(cd, NULL, NULL, NULL, NULL);
            assert_true(c == 0x81 || c == 0x8D || c == 0x8F || c == 0x90 || c == 0x9D); /* unassigned: U+0081 and so on */
            expected[0] = (char)0xC2;
            expected[1] = (char)c;
            out = expected + 2;
        }
        geo_bytes b = {0};
        assert_true(geo_windows_1252(&b, &byte, 1));
        assert_int_equal(b.n, out - expected);
        assert_memory_equal(b.data, expected, b.n);
        geo_bytes_clear(&b);
    }
    iconv_close(cd);
}

/* RFC 4180, rules 5 to 7; and back. */
static void csv_fields(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } CASES[] = {{"", ""},
                 {"a", "a"},
                 {"a,b", "\"a,b\""},
                 {"a\"b", "\"a\"\"b\""},
                 {"\"", "\"\"\"\""},
                 {"a\nb", "\"a\nb\""},
                 {"a\rb", "\"a\rb\""},
                 {" a ", " a "},
                 {"\"\"", "\"\"\"\"\"\""}};
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_bytes b = {0};
        const size_t n = strlen(CASES[i].in);
        assert_true(geo_bytes_reserve(&b, 2 * n + 2));
        geo_csv_put(&b, CASES[i].in, n);
        assert_int_equal(b.n, strlen(CASES[i].out));
        assert_memory_equal(b.data, CASES[i].out, b.n);
        if (b.n && b.data[0] == '"') {
            char back[32];
            assert_int_equal(geo_csv_unquote(back, b.data + 1, b.n - 2), n);
            assert_memory_equal(back, CASES[i].in, n);
        }
        geo_bytes_clear(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_equals_the_decoder),
        cmocka_unit_test(utf8_random),
        cmocka_unit_test(windows_1252_equals_iconv),
        cmocka_unit_test(csv_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
