/*
 * Rounding. The handbook's table is from the Handbook on Statistical Disclosure Control, chapter 5.5; exPSD and e6, and what
 * SmallCountRounding 1.2.5 makes of them, from that package's documentation; the rest are definitions, brute force and properties.
 */
#include "unit.h"

#include "geo/rounding.h"

static geo_err err;

/* ---- each for itself ---- */

static void nearest(void **state)
{
    (void)state;
    /* Handbook: A(1,0,1) B(3,3,6) C(12,20,32) T(16,23,39) by base 5; and the 10-5 rule's 752 and 753. */
    static const int64_t FROM[] = {1, 0, 1, 3, 3, 6, 12, 20, 32, 16, 23, 39, 752, 753};
    static const int64_t TO[] = {0, 0, 0, 5, 5, 5, 10, 20, 30, 15, 25, 40, 750, 755};
    for (size_t i = 0; i < COUNT_OF(FROM); i++)
        CHECK(geo_round_nearest(FROM[i], 5) == TO[i], "%" PRId64, FROM[i]);
    assert_int_equal(geo_round_nearest(5, 10), 10); /* the header: half of it up */
    assert_int_equal(geo_round_nearest(7, 1), 7);
    assert_int_equal(geo_round_nearest(GEO_ROUND_LARGEST, 1000), (GEO_ROUND_LARGEST + 500) / 1000 * 1000);
}

static void midpoint(void **state)
{
    (void)state;
    /* OpenSAFELY's documentation: ceil(x / 6) * 6 - (x != 0) * 3. */
    static const int64_t CASES[][2] = {{0, 0}, {1, 3}, {6, 3}, {7, 9}, {12, 9}, {13, 15}, {100, 99}};
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        CHECK(geo_round_midpoint(CASES[i][0], 6) == CASES[i][1], "%" PRId64, CASES[i][0]);
    for (int64_t x = 0; x < 500; x++)
        assert_int_equal(geo_round_midpoint(x, 6), (int64_t)ceil((double)x / 6) * 6 - (x != 0) * 3);
}

static void at_random(void **state)
{
    (void)state;
    geo_random r = unit_random("random rounding");
    /* Up with probability r / base: draws at equal distances, so that exactly that share of them goes up, but for one. */
    for (int base = 1; base <= 12; base++)
        for (int64_t count = 0; count < 3 * base; count++) {
            const int steps = 1000;
            int up_n = 0;
            for (int i = 0; i < steps; i++) {
                const int64_t to = geo_round_random(count, base, UINT64_MAX / (uint64_t)steps * (uint64_t)i);
                assert_true(to % base == 0 && to > count - base && to < count + base);
                up_n += to > count;
            }
            assert_true(fabs(up_n - (double)steps * (double)(count % base) / base) <= 1);
        }
    double sum = 0;
    const int n = 100000;
    for (int i = 0; i < n; i++) /* without bias: standard deviation sqrt(r (b - r)) = sqrt(6) each, six of the mean's */
        sum += (double)geo_round_random(13, 5, geo_random_next(&r));
    assert_true(fabs(sum / n - 13) < 6 * sqrt(6.0 / n));
    assert_int_equal(geo_round_random(13, 5, UINT64_MAX), 10);
    assert_int_equal(geo_round_random(13, 5, 0), 15);
}

/* ---- all together ---- */

#define MOST 4000

typedef struct tables {
    size_t cells_n, n, used;
    size_t at[MOST];
    uint32_t cells[8 * MOST];
    int64_t count[MOST];
} tables;

/* The cell `of` is the sum of n others, from `first` on in steps. */
static void add_sum(tables *t, size_t of, size_t first, size_t step, size_t n)
{
    t->cells[t->used++] = (uint32_t)of;
    for (size_t i = 0; i < n; i++)
        t->cells[t->used++] = (uint32_t)(first + i * step);
    t->at[++t->n] = t->used;
}

/* Cells row by row, row sums, column sums, all. The total is a sum twice, as it is known twice. */
static void make_two_way(tables *t, size_t rows_n, size_t columns_n, const int64_t *inner)
{
    *t = (tables){.cells_n = (rows_n + 1) * (columns_n + 1)};
    const size_t rows = rows_n * columns_n, columns = rows + rows_n, all = columns + columns_n;
    for (size_t i = 0; i < rows_n; i++)
        add_sum(t, rows + i, i * columns_n, 1, columns_n);
    add_sum(t, all, rows, 1, rows_n);
    add_sum(t, all, columns, 1, columns_n);
    for (size_t k = 0; k < columns_n; k++)
        add_sum(t, columns + k, k, columns_n, rows_n);
    for (size_t c = 0; c < rows; c++) {
        t->count[c] = inner[c];
        t->count[rows + c / columns_n] += inner[c];
        t->count[columns + c % columns_n] += inner[c];
        t->count[all] += inner[c];
    }
}

static geo_equations equations_of(const tables *t)
{
    return (geo_equations){t->cells_n, t->n, t->at, t->cells};
}

/* Round a copy and see that it does what the header says, but for how well. */
static geo_round_report round_all(const tables *t, const geo_round_options *o, int64_t *to)
{
    const geo_equations q = equations_of(t);
    geo_round_report report = {0};
    memcpy(to, t->count, t->cells_n * sizeof *to);
    CHECK_OK(geo_round_additive(&q, o, to, &report, &err), &err);
    uint8_t is_sum[MOST] = {0};
    for (size_t e = 0; e < t->n; e++) {
        int64_t left = to[t->cells[t->at[e]]];
        for (size_t k = t->at[e] + 1; k < t->at[e + 1]; k++)
            left -= to[t->cells[k]];
        CHECK(left == 0, "equation %zu", e);
        is_sum[t->cells[t->at[e]]] = 1;
    }
    double moved = 0, distance = 0, before = 0;
    size_t shown_n = 0, changed_n = 0;
    int64_t largest = 0;
    for (size_t c = 0; c < t->cells_n; c++) {
        const int64_t from = t->count[c], change = llabs(to[c] - from);
        const bool shown = !o->shown || o->shown[c];
        if (o->which == GEO_ROUND_ALL)
            CHECK(to[c] % o->base == 0, "cell %zu is no multiple", c);
        else if (shown)
            CHECK(to[c] <= 0 || to[c] >= o->base, "cell %zu is small", c);
        if (!is_sum[c]) {
            CHECK(change < o->base && to[c] >= 0, "inner cell %zu is no neighbour", c);
            CHECK(change == 0 || to[c] % o->base == 0, "inner cell %zu", c);
            CHECK(change == 0 || o->which == GEO_ROUND_ALL || from < o->base, "inner cell %zu need not change", c);
        }
        if (!shown)
            continue;
        shown_n++;
        changed_n += change != 0;
        largest = change > largest ? change : largest;
        moved += (double)change;
        before += (double)from;
        distance += pow(sqrt((double)from) - sqrt((double)to[c]), 2);
    }
    assert_int_equal(report.changed_n, changed_n);
    assert_int_equal(report.largest, largest);
    assert_true(fabs(report.mean - (shown_n ? moved / (double)shown_n : 0)) < 1e-12);
    assert_true(fabs(report.utility - (before > 0 ? 1 - sqrt(distance / 2) / sqrt(before) : 1)) < 1e-9);
    return report;
}

static double squares(const tables *t, const int64_t *to)
{
    double sum = 0;
    for (size_t c = 0; c < t->cells_n; c++)
        sum += pow((double)(to[c] - t->count[c]), 2);
    return sum;
}

static void handbook_table(void **state)
{
    (void)state;
    static const int64_t INNER[] = {1, 0, 3, 3, 12, 20};
    /* The handbook's solution: (5,0,5) (0,5,5) (10,20,30) (15,25,40). Ours need not be it, but changes no more in all. */
    static const int64_t THEIRS[] = {5, 0, 0, 5, 10, 20, 5, 5, 30, 15, 25, 40};
    static tables t;
    make_two_way(&t, 3, 2, INNER);
    int64_t theirs = 0;
    for (size_t c = 0; c < t.cells_n; c++)
        theirs += llabs(THEIRS[c] - t.count[c]);
    for (uint64_t seed = 0; seed < 20; seed++) {
        int64_t to[12], ours = 0;
        round_all(&t, &(geo_round_options){.base = 5, .seed = seed}, to);
        for (size_t c = 0; c < t.cells_n; c++) {
            ours += llabs(to[c] - t.count[c]);
            CHECK(llabs(to[c] - t.count[c]) < 5, "seed %" PRIu64 ", cell %zu: not one of the two multiples around it", seed, c);
        }
        CHECK(ours <= theirs, "seed %" PRIu64 ": %" PRId64 " and %" PRId64, seed, ours, theirs);
    }
}

/* exPSD by base 5, every cell shown, and only margins: no worse than SmallCountRounding. */
static void small_counts(void **state)
{
    (void)state;
    static const int64_t INNER[] = {6, 0, 1, 3, 4, 1, 2, 3, 1, 2, 0, 1, 1, 0, 2};
    static tables t;
    make_two_way(&t, 3, 5, INNER);
    uint8_t margins[24] = {0};
    memset(margins + 15, 1, 9);
    for (uint64_t seed = 0; seed < 50; seed++) {
        int64_t to[24];
        geo_round_report report = round_all(&t, &(geo_round_options){.base = 5, .which = GEO_ROUND_SMALL, .seed = seed}, to);
        CHECK(report.largest <= 4 && report.utility >= 0.7439578, "all, seed %" PRIu64 ": %" PRId64 ", %.7f", seed, report.largest,
              report.utility);
        report = round_all(&t, &(geo_round_options){.base = 5, .which = GEO_ROUND_SMALL, .seed = seed, .shown = margins}, to);
        CHECK(report.largest <= 2 && report.utility >= 0.9409510, "margins, seed %" PRIu64 ": %" PRId64 ", %.7f", seed, report.largest,
              report.utility);
    }
}

/* The utility of SmallCountRounding's own result for exPSD is the number that it prints, so the two mean the same by it. */
static void utility_is_theirs(void **state)
{
    (void)state;
    static const int64_t FROM[] = {6, 0, 1, 3, 4, 1, 2, 3, 1, 2, 0, 1, 1, 0, 2}, TO[] = {6, 0, 0, 5, 5, 0, 0, 5, 0, 0, 0, 0, 0, 0, 5};
    static tables t, u;
    make_two_way(&t, 3, 5, FROM);
    make_two_way(&u, 3, 5, TO);
    double distance = 0, before = 0;
    for (size_t c = 0; c < t.cells_n; c++) {
        distance += pow(sqrt((double)t.count[c]) - sqrt((double)u.count[c]), 2);
        before += (double)t.count[c];
    }
    assert_true(fabs(1 - sqrt(distance / 2) / sqrt(before) - 0.7439578) < 5e-8); /* the formula of round_all */
}

/* e6 by base 5: Iceland, Portugal, Spain, the EU among them, two years. Theirs: total 24 to 23, EU 21 to 23, the other 3 to 0. */
static void countries(void **state)
{
    (void)state;
    static const int64_t INNER[] = {2, 1, 3, 5, 7, 6};
    static tables t;
    make_two_way(&t, 3, 2, INNER);
    for (size_t k = 0; k < 3; k++) { /* EU 2018, 2019, both: 12 .. 14 */
        static const size_t FIRST[] = {2, 3, 7}, STEP[] = {2, 2, 1};
        add_sum(&t, 12 + k, FIRST[k], STEP[k], 2);
        t.count[12 + k] = t.count[FIRST[k]] + t.count[FIRST[k] + STEP[k]];
    }
    t.cells_n = 15;
    assert_int_equal(t.count[14], 21);
    assert_int_equal(t.count[11], 24);
    for (uint64_t seed = 0; seed < 20; seed++) {
        int64_t to[15];
        const geo_round_report report = round_all(&t, &(geo_round_options){.base = 5, .which = GEO_ROUND_SMALL, .seed = seed}, to);
        CHECK(report.largest <= 3, "seed %" PRIu64 ": %" PRId64, seed, report.largest);
    }
}

/* Small tables, every way of rounding tried: how much more than the least possible do the squares add up to? */
static void near_the_best(void **state)
{
    (void)state;
    geo_random r = unit_random("near the best");
    static tables t;
    double ours = 0, best = 0;
    for (size_t n = 0; n < unit_tries(100); n++) {
        int64_t inner[12], to[20], least_to[20];
        for (size_t c = 0; c < 12; c++)
            inner[c] = (int64_t)(geo_random_below(&r, 6) * geo_random_below(&r, 6));
        make_two_way(&t, 3, 4, inner);
        double least = INFINITY;
        for (unsigned ways = 0; ways < 1u << 12; ways++) {
            static tables u;
            int64_t way[12];
            bool twice = false;
            for (size_t c = 0; c < 12; c++) {
                way[c] = inner[c] / 3 * 3 + (ways >> c & 1 ? 3 : 0);
                twice = twice || (inner[c] % 3 == 0 && (ways >> c & 1));
            }
            if (twice)
                continue;
            make_two_way(&u, 3, 4, way);
            if (squares(&t, u.count) < least) {
                least = squares(&t, u.count);
                memcpy(least_to, u.count, sizeof least_to);
            }
        }
        round_all(&t, &(geo_round_options){.base = 3, .seed = n}, to);
        assert_true(squares(&t, to) >= least);
        ours += squares(&t, to);
        best += least;
    }
    print_message("near the best: %.3f times the least squares\n", ours / best);
    assert_true(ours <= 1.01 * best);
}

/* ---- properties ---- */

/* Units with a count for each of some categories, in two zonings that do not nest, one of them in regions, and all; not every sum has all. */
static void make_zonings(tables *t, geo_random *r)
{
    const size_t units_n = 2 + geo_random_below(r, 30), categories_n = 1 + geo_random_below(r, 4);
    const size_t zones_n[2] = {1 + geo_random_below(r, 5), 1 + geo_random_below(r, 7)};
    size_t zone[2][32];
    *t = (tables){0};
    const uint64_t most = 1 + geo_random_below(r, 30);
    for (size_t u = 0; u < units_n; u++) {
        for (int z = 0; z < 2; z++)
            zone[z][u] = geo_random_below(r, zones_n[z]);
        for (size_t k = 0; k < categories_n; k++)
            t->count[t->cells_n++] = (int64_t)(geo_random_below(r, most) * geo_random_below(r, 3));
    }
    const size_t all = t->cells_n;
    for (size_t k = 0; k < categories_n; k++) { /* all units, a category at a time */
        const size_t of = t->cells_n++;
        add_sum(t, of, k, categories_n, units_n);
        for (size_t u = 0; u < units_n; u++)
            t->count[of] += t->count[u * categories_n + k];
    }
    for (int z = 0; z < 2; z++)
        for (size_t k = 0; k < categories_n; k++) {
            const size_t first = t->cells_n;
            for (size_t i = 0; i < zones_n[z]; i++) {
                const size_t of = t->cells_n, start = t->used;
                t->cells[t->used++] = (uint32_t)of;
                for (size_t u = 0; u < units_n; u++)
                    if (zone[z][u] == i) {
                        t->cells[t->used++] = (uint32_t)(u * categories_n + k);
                        t->count[of] += t->count[u * categories_n + k];
                    }
                if (t->used == start + 1)
                    t->used = start; /* an empty zone is no cell */
                else
                    t->at[++t->n] = t->used, t->cells_n++;
            }
            add_sum(t, all + k, first, 1, t->cells_n - first); /* the zones of a zoning add up to all, too */
        }
}

static void any_tables(void **state)
{
    (void)state;
    geo_random r = unit_random("any tables");
    static tables t;
    for (size_t n = 0; n < unit_tries(150); n++) {
        make_zonings(&t, &r);
        uint8_t shown[MOST];
        int64_t to[MOST], again[MOST];
        const uint64_t share = geo_random_below(&r, 4);
        for (size_t c = 0; c < t.cells_n; c++)
            shown[c] = geo_random_below(&r, 4) >= share;
        geo_round_options o = {.base = 2 + (int)geo_random_below(&r, 10),
                               .which = n % 2 ? GEO_ROUND_SMALL : GEO_ROUND_ALL,
                               .seed = n,
                               .shown = share ? shown : NULL};
        round_all(&t, &o, to);
        round_all(&t, &o, again);
        assert_memory_equal(to, again, t.cells_n * sizeof *to);
        for (size_t c = 0; c < t.cells_n; c++) /* rounded once is rounded */
            t.count[c] = to[c];
        assert_int_equal(round_all(&t, &o, again).changed_n, 0);
    }
}

/*
 * A thousand areas by two: as research has it, counts are Poisson of a gamma of shape 1 and scale 6, that is geometric. The largest change
 * stays within twice the base, as SmallCountRounding's on a table of such counts (10 at base 5).
 */
static void larger_tables(void **state)
{
    (void)state;
    geo_random r = unit_random("larger tables");
    static tables t;
    static int64_t inner[2000], to[MOST];
    for (int n = 0; n < 4; n++) {
        for (size_t c = 0; c < COUNT_OF(inner); c++)
            inner[c] = (int64_t)(log(1 - geo_random_uniform(&r)) / log(6 / 7.0));
        make_two_way(&t, 50, 40, inner);
        const geo_round_report report =
            round_all(&t, &(geo_round_options){.base = 5, .which = n % 2 ? GEO_ROUND_SMALL : GEO_ROUND_ALL, .seed = 1}, to);
        CHECK(report.largest <= 10, "%" PRId64, report.largest);
    }
}

/* People by age and the same people by area, never both: the two totals are one cell, and must stay one. */
static void tables_that_share_only_a_total(void **state)
{
    (void)state;
    geo_random r = unit_random("ties");
    static tables t;
    for (size_t n = 0; n < unit_tries(200); n++) {
        const size_t ages_n = 1 + geo_random_below(&r, 20), areas_n = 1 + geo_random_below(&r, 20), all = ages_n + areas_n;
        t = (tables){.cells_n = all + 1};
        for (uint64_t k = geo_random_below(&r, 300); k-- > 0;) {
            t.count[geo_random_below(&r, ages_n)]++;
            t.count[ages_n + geo_random_below(&r, areas_n)]++;
            t.count[all]++;
        }
        add_sum(&t, all, 0, 1, ages_n);
        add_sum(&t, all, ages_n, 1, areas_n);
        int64_t to[MOST];
        round_all(&t, &(geo_round_options){.base = 2 + (int)geo_random_below(&r, 9), .seed = n}, to);
    }
    /* 3 in one area, and by age 10 and -- nothing that may change: the small one cannot go anywhere. Worked out by hand. */
    t = (tables){.cells_n = 4, .count = {13, 3, 10, 13}};
    add_sum(&t, 3, 0, 1, 1);
    add_sum(&t, 3, 1, 1, 2);
    const geo_equations q = equations_of(&t);
    geo_round_report report;
    const geo_round_options small = {.base = 5, .which = GEO_ROUND_SMALL};
    assert_int_equal(geo_round_additive(&q, &small, t.count, &report, &err), GEO_EARG);
    assert_string_equal(err.msg, "counts cannot be rounded so that equation 1 holds");
    assert_int_equal(t.count[1], 3); /* as it was */
}

/* A cell that counts twice, in an area and in a part of the city that is added to it. */
static void cells_that_count_twice(void **state)
{
    (void)state;
    geo_random r = unit_random("twice");
    static tables t;
    for (int n = 0; n < 100; n++) {
        t = (tables){.cells_n = 5, .count = {(int64_t)geo_random_below(&r, 20), (int64_t)geo_random_below(&r, 20)}};
        t.count[2] = t.count[0] + t.count[1];
        t.count[3] = t.count[0] + t.count[2];
        t.count[4] = t.count[2] + t.count[3];
        add_sum(&t, 4, 2, 1, 2);
        add_sum(&t, 2, 0, 1, 2);
        add_sum(&t, 3, 0, 2, 2);
        int64_t to[5];
        round_all(&t, &(geo_round_options){.base = 5}, to);
    }
}

static void what_is_refused(void **state)
{
    (void)state;
    static const int64_t INNER[] = {1, 2, 3, 4};
    static tables t;
    geo_round_report report;
    const struct {
        size_t cell;
        int64_t count;
        int base;
        const char *text;
    } CASES[] = {
        {0, -1, 5, "count of cell 0 is negative or above 2^52"}, {8, GEO_ROUND_LARGEST + 1, 5, "count of cell 8 is negative or above 2^52"},
        {8, 11, 5, "the cells of equation 2 do not add up"},     {1, GEO_ROUND_LARGEST, 5, "the cells of equation 0 do not add up"},
        {0, 1, 1, "the base of rounding is not from 2 to 1000"}, {0, 1, 1001, "the base of rounding is not from 2 to 1000"}};
    for (size_t k = 0; k < COUNT_OF(CASES); k++) {
        make_two_way(&t, 2, 2, INNER);
        t.count[CASES[k].cell] = CASES[k].count;
        const geo_equations q = equations_of(&t);
        assert_int_equal(geo_round_additive(&q, &(geo_round_options){.base = CASES[k].base}, t.count, &report, &err), GEO_EARG);
        assert_string_equal(err.msg, CASES[k].text);
    }
    t = (tables){.cells_n = 3};
    add_sum(&t, 0, 1, 1, 2);
    add_sum(&t, 1, 0, 2, 2);
    geo_equations q = equations_of(&t);
    assert_int_equal(geo_round_additive(&q, &(geo_round_options){.base = 5}, t.count, &report, &err), GEO_EARG);
    assert_string_equal(err.msg, "equation 0 makes a cell a part of itself");
    make_two_way(&t, 2, 2, INNER);
    q = equations_of(&t);
    const volatile sig_atomic_t stop = 1;
    const geo_watch watch = {.stop = &stop};
    assert_int_equal(geo_round_additive(&q, &(geo_round_options){.base = 5, .watch = &watch}, t.count, &report, &err), GEO_ESTOP);
    assert_int_equal(t.count[0], 1);
}

static void nothing_to_round(void **state)
{
    (void)state;
    static const int64_t INNER[] = {0, 10, 5, 0};
    static tables t;
    int64_t to[9];
    make_two_way(&t, 2, 2, INNER);
    assert_int_equal(round_all(&t, &(geo_round_options){.base = 5}, to).changed_n, 0);
    const size_t at = 0;
    const geo_equations none = {0, 0, &at, NULL};
    geo_round_report report;
    CHECK_OK(geo_round_additive(&none, &(geo_round_options){.base = 5}, to, &report, &err), &err);
    assert_true(report.utility == 1 && report.mean == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearest),
        cmocka_unit_test(midpoint),
        cmocka_unit_test(at_random),
        cmocka_unit_test(handbook_table),
        cmocka_unit_test(small_counts),
        cmocka_unit_test(utility_is_theirs),
        cmocka_unit_test(countries),
        cmocka_unit_test(near_the_best),
        cmocka_unit_test(any_tables),
        cmocka_unit_test(larger_tables),
        cmocka_unit_test(tables_that_share_only_a_total),
        cmocka_unit_test(cells_that_count_twice),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(nothing_to_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
