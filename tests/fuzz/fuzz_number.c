/* Numbers: what is taken is what strtod and strtoll say; what is written reads back, and no shorter text does. */
#include "fuzz.h"
#include "geo/number.h"

#include <errno.h>
#include <math.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

static int digits_of(const char *s)
{
    int n = 0, zeros = 0;
    for (; *s && *s != 'e'; s++) {
        if (*s < '0' || *s > '9' || (n == 0 && *s == '0'))
            continue;
        n++;
        zeros = *s == '0' ? zeros + 1 : 0;
    }
    return n - zeros;
}

static void print_and_back(double v)
{
    char s[GEO_NUMBER_ROOM], shortest[40];
    const size_t n = geo_number_print(v, s);
    REQUIRE(strlen(s) == n && n < GEO_NUMBER_ROOM);
    if (!isfinite(v)) {
        REQUIRE(n == 0);
        return;
    }
    double back = 1;
    REQUIRE(geo_number_parse(s, n, &back) && back == v);
    REQUIRE(strtod(s, NULL) == v);
    for (int k = 1; k <= 17; k++) {
        snprintf(shortest, sizeof shortest, "%.*e", k - 1, v);
        if (strtod(shortest, NULL) == v) {
            REQUIRE(digits_of(s) <= k);
            break;
        }
    }
}

static int is_number(const char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    s += *s == '-' || *s == '+';
    size_t digits = strspn(s, "0123456789");
    s += digits;
    if (*s == '.') {
        const size_t more = strspn(++s, "0123456789");
        digits += more;
        s += more;
    }
    if (digits == 0)
        return 0;
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '-' || *s == '+';
        const size_t e = strspn(s, "0123456789");
        if (e == 0)
            return 0;
        s += e;
    }
    s += strspn(s, " \t");
    return *s == '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    double v = -7;
    if (n >= 8) {
        memcpy(&v, data, 8);
        print_and_back(v);
        v = -7;
    }
    char *exact = fuzz_copy(data, n), *text = malloc(n + 1);
    REQUIRE(text);
    memcpy(text, exact, n);
    text[n] = '\0';
    const int well_formed = strlen(text) == n && is_number(text);
    const double expected = well_formed ? strtod(text, NULL) : 0;
    const bool taken = geo_number_parse(exact, n, &v);
    REQUIRE(taken == (well_formed && isfinite(expected)));
    REQUIRE(taken ? memcmp(&v, &expected, 8) == 0 : v == -7);
    if (taken)
        print_and_back(v);
    int64_t whole = -7;
    errno = 0;
    const long long w = strtoll(text, NULL, 10);
    const size_t lead = strspn(text, " \t"), sign = text[lead] == '-' || text[lead] == '+';
    const size_t digits = strspn(text + lead + sign, "0123456789"), after = lead + sign + digits;
    const int is_whole = strlen(text) == n && digits && text[after + strspn(text + after, " \t")] == '\0' && errno == 0;
    REQUIRE(geo_number_parse_int(exact, n, &whole) == (is_whole != 0));
    REQUIRE(whole == (is_whole ? w : -7));
    bool plain_whole = false;
    REQUIRE(!geo_number_is_plain(exact, n, &plain_whole)
            || (taken && text[0] != '+' && text[0] != ' ' && text[n - 1] != ' ' && (!plain_whole || is_whole)));
    char s[GEO_NUMBER_ROOM];
    REQUIRE(geo_number_print_int(w, s) == strlen(s) && strtoll(s, NULL, 10) == w);
    free(exact);
    free(text);
    return 0;
}
