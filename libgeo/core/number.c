/*
 * Decimal text and doubles. Reading: a mantissa below 2^53 and a power of ten up to 22 are both exact doubles, so one multiplication or
 * division rounds correctly (Clinger 1990, doi:10.1145/93542.93557); all else goes to the C library in the C locale. Writing: the
 * fewest decimals that read back, by the same exact step; the C library for the rest.
 */
#define _GNU_SOURCE /* strtod_l, newlocale */
#include "geo/number.h"

#include "trim.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double POWER_OF_TEN[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The slow way: s[0..n) is known to be a well-formed decimal number. */
static bool parse_by_libc(const char *s, size_t n, double *value)
{
    char small[128], *copy = n < sizeof small ? small : malloc(n + 1);
    if (!copy)
        return false;
    memcpy(copy, s, n);
    copy[n] = '\0';
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const double v = c_locale ? strtod_l(copy, NULL, c_locale) : HUGE_VAL;
    if (c_locale)
        freelocale(c_locale);
    if (copy != small)
        free(copy);
    if (!isfinite(v))
        return false;
    *value = v;
    return true;
}

bool geo_number_parse(const char *s, size_t n, double *value)
{
    geo_trim(&s, &n);
    const char *p = s, *end = s + n;
    const bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    uint64_t mantissa = 0;
    int digits_n = 0, decimals_n = 0; /* digits_n: significant ones, so that 19 always fit the mantissa */
    bool any = false;
    for (; p < end && is_digit(*p); p++, any = true) {
        mantissa = digits_n < 19 ? mantissa * 10 + (uint64_t)(*p - '0') : mantissa;
        digits_n += digits_n || *p != '0';
    }
    if (p < end && *p == '.')
        for (p++; p < end && is_digit(*p); p++, any = true) {
            mantissa = digits_n < 19 ? mantissa * 10 + (uint64_t)(*p - '0') : mantissa;
            digits_n += digits_n || *p != '0';
            decimals_n += decimals_n < 10000;
        }
    if (!any)
        return false;
    bool plain = true;
    if (p < end && (*p == 'e' || *p == 'E')) {
        plain = false;
        p++;
        if (p < end && (*p == '-' || *p == '+'))
            p++;
        if (p == end || !is_digit(*p))
            return false;
        while (p < end && is_digit(*p))
            p++;
    }
    if (p != end)
        return false;
    if (!plain || digits_n > 19 || mantissa > (UINT64_C(1) << 53) || decimals_n > 22)
        return parse_by_libc(s, n, value);
    const double v = (double)mantissa / POWER_OF_TEN[decimals_n];
    *value = negative ? -v : v;
    return true;
}

bool geo_number_parse_int(const char *s, size_t n, int64_t *value)
{
    geo_trim(&s, &n);
    const bool negative = n && *s == '-';
    if (n && (*s == '-' || *s == '+'))
        s++, n--;
    if (n == 0)
        return false;
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(s[i]))
            return false;
        const uint64_t digit = (uint64_t)(s[i] - '0');
        if (v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    if (v > (uint64_t)INT64_MAX + negative)
        return false;
    *value = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

size_t geo_number_print_int(int64_t value, char s[GEO_NUMBER_ROOM])
{
    char digits[24];
    size_t n = 0, k = 0;
    uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        digits[n++] = (char)('0' + v % 10);
    while (v /= 10);
    if (value < 0)
        s[k++] = '-';
    while (n)
        s[k++] = digits[--n];
    s[k] = '\0';
    return k;
}

/* value = mantissa / 10^decimals, exactly the double; decimals <= 9. */
static size_t print_decimal(bool negative, uint64_t mantissa, int decimals_n, char *s)
{
    char digits[24];
    int n = 0;
    size_t k = 0;
    do
        digits[n++] = (char)('0' + mantissa % 10);
    while (mantissa /= 10);
    while (n <= decimals_n)
        digits[n++] = '0';
    if (negative)
        s[k++] = '-';
    while (n > decimals_n)
        s[k++] = digits[--n];
    if (decimals_n)
        s[k++] = '.';
    while (n)
        s[k++] = digits[--n];
    s[k] = '\0';
    return k;
}

/* Lay out the significant digits that "%.*e" gave: d.ddde+xx. */
static size_t print_scientific(const char *e, char *s)
{
    char digits[24];
    int n = 0, exponent = 0;
    size_t k = 0;
    if (*e == '-')
        s[k++] = *e++;
    for (; *e && *e != 'e'; e++)
        if (is_digit(*e))
            digits[n++] = *e; /* whatever stands between is the locale's decimal point */
    if (*e == 'e')
        exponent = atoi(e + 1);
    while (n > 1 && digits[n - 1] == '0')
        n--;
    if (exponent >= -5 && exponent < 17) {
        if (exponent < 0) {
            s[k++] = '0';
            s[k++] = '.';
            for (int i = exponent + 1; i < 0; i++)
                s[k++] = '0';
        }
        for (int i = 0; i < n || i <= exponent; i++) {
            if (i == exponent + 1 && i > 0)
                s[k++] = '.';
            s[k++] = i < n ? digits[i] : '0';
        }
        s[k] = '\0';
        return k;
    }
    s[k++] = digits[0];
    if (n > 1)
        s[k++] = '.';
    for (int i = 1; i < n; i++)
        s[k++] = digits[i];
    s[k++] = 'e';
    return k + (size_t)snprintf(s + k, GEO_NUMBER_ROOM - k, "%d", exponent);
}

static bool reads_back(const char *s, size_t n, double value)
{
    double back = 0;
    return geo_number_parse(s, n, &back) && back == value;
}

/* Add one unit to the last digit of "d.ddde+xx"; false when that would need another digit in front. */
static bool one_up(char *e)
{
    char *end = strchr(e, 'e');
    for (char *p = end; p && p-- > e;) {
        if (!is_digit(*p))
            continue;
        if (*p != '9') {
            ++*p;
            return true;
        }
        *p = '0';
    }
    return false;
}

size_t geo_number_print(double value, char s[GEO_NUMBER_ROOM])
{
    if (!isfinite(value)) {
        *s = '\0';
        return 0;
    }
    if (value == 0)
        return print_decimal(false, 0, 0, s);
    const double magnitude = fabs(value);
    for (int decimals_n = 0; decimals_n <= 9 && magnitude >= 1e-5; decimals_n++) {
        const double scaled = nearbyint(magnitude * POWER_OF_TEN[decimals_n]);
        if (scaled >= 1e15)
            break;
        if (scaled / POWER_OF_TEN[decimals_n] == magnitude) /* at most 15 digits, so no shorter text reads back */
            return print_decimal(value < 0, (uint64_t)scaled, decimals_n, s);
    }
    char text[40];
    for (int precision = magnitude < DBL_MIN ? 0 : 14; precision <= 16;
         precision++) { /* 15 digits are never too many for a normal double */
        snprintf(text, sizeof text, "%.*e", precision, value);
        const size_t n = print_scientific(text, s);
        if (reads_back(s, n, value))
            return n;
        if (precision == 15 && one_up(text)) { /* below a power of two the next decimal up may do where the nearest does not */
            const size_t up_n = print_scientific(text, s);
            if (reads_back(s, up_n, value))
                return up_n;
        }
    }
    return strlen(s);
}

bool geo_number_is_plain(const char *s, size_t n, bool *whole)
{
    const size_t sign = n && *s == '-';
    size_t digits_n = 0, point = n;
    bool zero = true;
    for (size_t i = sign; i < n; i++) {
        if (s[i] == '.' && point == n)
            point = i;
        else if (!is_digit(s[i]))
            return false;
        digits_n += s[i] != '.';
        zero &= s[i] == '0' || s[i] == '.';
    }
    const size_t before_n = point - sign, after_n = n - point;
    if (before_n == 0 || after_n == 1 || (s[sign] == '0' && before_n > 1) || (sign && zero))
        return false;
    int64_t ignored;
    *whole = point == n;
    return *whole ? geo_number_parse_int(s, n, &ignored) : digits_n <= 15;
}
