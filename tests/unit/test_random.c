/* The generator against its published sequences, and the reductions against their definitions. */
#include "unit.h"

/* xoshiro256++ from state {1, 2, 3, 4}: the first numbers of the reference implementation (prng.di.unimi.it/xoshiro256plusplus.c), as its
   other implementations publish them for a test. */
static void next_is_xoshiro(void **state)
{
    (void)state;
    static const uint64_t EXPECTED[] = {41943041u,
                                        58720359u,
                                        3588806011781223u,
                                        3591011842654386u,
                                        9228616714210784205u,
                                        9973669472204895162u,
                                        14011001112246962877u,
                                        12406186145184390807u,
                                        15849039046786891736u,
                                        10450023813501588000u};
    geo_random r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < COUNT_OF(EXPECTED); i++)
        assert_int_equal(geo_random_next(&r), EXPECTED[i]);
}

/* SplitMix64 from seed 1234567: the sequence that Rosetta Code and the JDK's tests give. The four words of the state are its first four. */
static void seeding_is_splitmix(void **state)
{
    (void)state;
    static const uint64_t EXPECTED[4] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u, 4593380528125082431u};
    geo_random r;
    geo_random_init(&r, 1234567, 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(r.s[i], EXPECTED[i]);
}

static void streams_differ(void **state)
{
    (void)state;
    for (uint64_t a = 0; a < 40; a++)
        for (uint64_t b = 0; b < a; b++) {
            geo_random r, s;
            geo_random_init(&r, 7, a);
            geo_random_init(&s, 7, b);
            assert_int_not_equal(geo_random_next(&r), geo_random_next(&s));
        }
}

static void uniform_is_the_upper_53_bits(void **state)
{
    (void)state;
    geo_random r = unit_random("uniform"), s = r;
    double sum = 0;
    const int n = 100000;
    for (int i = 0; i < n; i++) {
        const double u = geo_random_uniform(&r);
        assert_true(u >= 0 && u < 1);
        assert_true(u == ldexp((double)(geo_random_next(&s) >> 11), -53)); /* the header's definition */
        sum += u;
    }
    /* The mean of n uniforms has standard deviation 1 / sqrt(12 n); six of them. */
    assert_true(fabs(sum / n - 0.5) < 6 / sqrt(12.0 * n));
}

static void below_stays_below(void **state)
{
    (void)state;
    geo_random r = unit_random("below");
    static const uint64_t LIMITS[] = {1, 2, 3, 10, 1000003, UINT64_C(1) << 32, (UINT64_C(1) << 63) + 1, UINT64_MAX};
    assert_int_equal(geo_random_below(&r, 0), 0); /* the header says so */
    for (size_t k = 0; k < COUNT_OF(LIMITS); k++)
        for (int i = 0; i < 2000; i++)
            assert_true(geo_random_below(&r, LIMITS[k]) < LIMITS[k]);
}

/* Chi-square against the flat distribution. Critical values at 1 - 1e-6 from tables: 6 degrees of freedom 38.26, 99: 180.8. */
static void below_is_flat(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        double critical;
    } CASES[] = {{7, 38.26}, {100, 180.8}};
    geo_random r = unit_random("chi-square");
    for (size_t k = 0; k < COUNT_OF(CASES); k++) {
        double seen[100] = {0}, chi2 = 0;
        const double each = 2000, all = each * (double)CASES[k].n;
        for (int i = 0; i < (int)all; i++)
            seen[geo_random_below(&r, CASES[k].n)]++;
        for (uint64_t i = 0; i < CASES[k].n; i++)
            chi2 += (seen[i] - each) * (seen[i] - each) / each;
        CHECK(chi2 < CASES[k].critical, "n %" PRIu64 ": chi-square %g", CASES[k].n, chi2);
    }
}

/* With n = 3 * 2^62 a reduction by remainder would give the lower third twice as often as it should: 1/2 instead of 1/3. */
static void below_has_no_bias_at_large_limits(void **state)
{
    (void)state;
    geo_random r = unit_random("large limit");
    const uint64_t n = UINT64_C(3) << 62;
    int low = 0;
    const int tries = 30000;
    for (int i = 0; i < tries; i++)
        low += geo_random_below(&r, n) < n / 3;
    assert_true(abs(low - tries / 3) < 6 * sqrt(tries * 2.0 / 9)); /* six standard deviations of the binomial */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_is_xoshiro),
        cmocka_unit_test(seeding_is_splitmix),
        cmocka_unit_test(streams_differ),
        cmocka_unit_test(uniform_is_the_upper_53_bits),
        cmocka_unit_test(below_stays_below),
        cmocka_unit_test(below_is_flat),
        cmocka_unit_test(below_has_no_bias_at_large_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
