/*
 * Masking points by the donut: what is counted, against looking at all addresses; the published measure; what a draw must be, and where there must
 * be none.
 */
#include "places.h"

#include "geo/init.h"

static const uint8_t SECRET[GEO_SECRET_BYTES] = "what nobody outside may ever see";

static int ascending(const void *a, const void *b)
{
    const double *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

/* ---- counting ---- */

static void counts_as_by_looking_at_all(void **state)
{
    (void)state;
    geo_random r = unit_random("mask counts");
    static places p;
    static double distance2[MOST];
    static const size_t SIZES[] = {0, 1, 2, 5, 6, 16, 17, 100, 1000};
    for (size_t run = 0; run < unit_tries(60); run++) {
        const int kind = (int)(run % KINDS);
        draw_places(&r, &p, kind, SIZES[geo_random_below(&r, COUNT_OF(SIZES))]);
        geo_addresses *addresses = new_addresses(&p, run % 2);
        for (int q = 0; q < 50; q++) {
            const size_t any = p.n ? geo_random_below(&r, p.n) : 0;
            const bool on = p.n && geo_random_below(&r, 2);
            const double scale = kind == HUGE_COORDINATES ? 1e9 : 1000;
            const double x = on ? p.x[any] : scale * geo_random_uniform(&r), y = on ? p.y[any] : scale * geo_random_uniform(&r);
            for (size_t i = 0; i < p.n; i++)
                distance2[i] = squared(&p, i, x, y);
            qsort(distance2, p.n, sizeof *distance2, ascending);
            for (int c = 0; c < 4; c++) {
                const double radius = c == 0          ? 0
                                      : c == 1 && p.n ? sqrt(distance2[geo_random_below(&r, p.n)])
                                                      : scale * geo_random_uniform(&r);
                size_t expected = 0;
                while (expected < p.n && distance2[expected] <= radius * radius)
                    expected++;
                const size_t got = geo_addresses_within(addresses, x, y, radius);
                CHECK(got == expected, "kind %d, %zu places, (%a, %a), %a: %zu, not %zu", kind, p.n, x, y, radius, got, expected);
                const size_t k = 1 + geo_random_below(&r, p.n + 2);
                const double reach = k > p.n ? (double)INFINITY : sqrt(distance2[k - 1]);
                CHECK(geo_addresses_reach(addresses, x, y, k) == reach, "kind %d, %zu places, (%a, %a): not %a", kind, p.n, x, y, reach);
            }
        }
        assert_int_equal(geo_addresses_within(addresses, NAN, 0, 1e9), 0);
        assert_int_equal(geo_addresses_within(addresses, 0, 0, NAN), 0);
        assert_int_equal(geo_addresses_within(addresses, 0, 0, -1), 0);
        assert_int_equal(geo_addresses_within(addresses, 0, 0, INFINITY), p.n);
        assert_true(isinf(geo_addresses_reach(addresses, 0, INFINITY, 1)));
        geo_addresses_free(addresses);
    }
}

static void addresses_without_a_place(void **state)
{
    (void)state;
    static const double WRONG[] = {NAN, INFINITY, -INFINITY, 1.000001e9, -1e300};
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        const double x[] = {1, WRONG[i]}, y[] = {1, 2};
        geo_addresses *addresses = NULL;
        geo_err err;
        assert_int_equal(geo_addresses_new(x, y, NULL, 2, &addresses, &err), GEO_EARG);
        assert_int_equal(geo_addresses_new(y, x, NULL, 2, &addresses, &err), GEO_EARG);
        assert_null(addresses);
        assert_non_null(strstr(err.msg, "place 2"));
    }
    geo_addresses_free(NULL);
    geo_rings_free(NULL);
    geo_catchments_free(NULL);
}

/*
 * The cases of MaskMyPy's tests/test_analysis.py. It has 2 for the place at -1, where it counts the true address twice: once as the true one, once
 * because its circle, a polygon, has a corner just there. At 1, 2 and 3 the polygon passes the true address by, and it is counted once, as here.
 */
static void measure_of_the_literature(void **state)
{
    (void)state;
    const places p = {.x = {0, 1, 2, 3, 4, 5, 7}, .n = 7};
    static const struct {
        double from, to;
        size_t k;
    } CASES[] = {{0, 1, 3}, {0, 2, 5}, {0, 3, 6}, {-7, 0, 8}, {0, -1, 1}, {0, 0, 1}, {0.5, 0.5, 1}};
    geo_addresses *addresses = new_addresses(&p, false);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const size_t k = geo_mask_k(addresses, CASES[i].from, 0, CASES[i].to, 0);
        CHECK(k == CASES[i].k, "%g to %g: %zu, not %zu", CASES[i].from, CASES[i].to, k, CASES[i].k);
    }
    geo_addresses_free(addresses);
}

/* ---- donut ---- */

static geo_rings *new_rings(const geo_addresses *addresses, geo_donut donut)
{
    geo_err err;
    geo_rings *rings = NULL;
    CHECK_OK(geo_rings_new(addresses, &donut, 2, &rings, &err), &err);
    return rings;
}

/* 100 by 100 addresses, 10 m apart. */
static void make_grid(double *x, double *y)
{
    for (size_t i = 0; i < 10000; i++) {
        x[i] = 400000 + (double)(i % 100) * 10;
        y[i] = 200000 + (double)(i / 100) * 10;
    }
}

/* Pearson's statistic of counts that should be equal. */
static double chi_square(const size_t *count, size_t bins, size_t n)
{
    const double expected = (double)n / (double)bins;
    double sum = 0;
    for (size_t i = 0; i < bins; i++)
        sum += ((double)count[i] - expected) * ((double)count[i] - expected) / expected;
    return sum;
}

/*
 * A million draws about one address, with keys of their own. There are addresses all around, so that the first draw is always taken. The directions and
 * the squares of the distances are uniform: the 99 % points of chi-square of 35 and 19 degrees of freedom are 57.34 and 36.19 in any table.
 */
static void draws_are_uniform(void **state)
{
    (void)state;
    static double grid_x[10000], grid_y[10000];
    make_grid(grid_x, grid_y);
    geo_err err;
    geo_addresses *addresses = NULL;
    CHECK_OK(geo_addresses_new(grid_x, grid_y, NULL, 10000, &addresses, &err), &err);
    const double inner = 0.6, at_x = 400500, at_y = 200500;
    geo_rings *rings = new_rings(addresses, (geo_donut){8, inner, 1, 1000, 1});
    /* 3 * 8 / (1 - 0.36) = 37.5: the lattice has 37 points within sqrt(10) steps and 45 within sqrt(13); 36.06 m is rounded up to 40 m. */
    const double outer = 40;
    const size_t n = unit_tries(1000000);
    double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y), *to_x = malloc(n * sizeof *x), *to_y = malloc(n * sizeof *y);
    uint64_t *key = malloc(n * sizeof *key);
    assert_true(x && y && to_x && to_y && key);
    for (size_t i = 0; i < n; i++) {
        x[i] = at_x;
        y[i] = at_y;
        key[i] = i;
    }
    size_t refused_n, direction[36] = {0}, ring[20] = {0};
    geo_mask_donut(rings, SECRET, key, x, y, n, 2, to_x, to_y, &refused_n);
    assert_int_equal(refused_n, 0);
    for (size_t i = 0; i < n; i++) {
        const double dx = to_x[i] - at_x, dy = to_y[i] - at_y, d2 = dx * dx + dy * dy, least = inner * inner * outer * outer;
        CHECK(d2 >= least && d2 <= outer * outer, "draw %zu: %a", i, sqrt(d2));
        direction[(size_t)((atan2(dy, dx) / 3.14159265358979323846 + 1) * 17.9999999)]++;
        ring[(size_t)((d2 - least) / (outer * outer - least) * 19.9999999)]++;
    }
    const double directions = chi_square(direction, 36, n), distances = chi_square(ring, 20, n);
    CHECK(directions < 57.34, "directions: chi-square %.2f", directions);
    CHECK(distances < 36.19, "squared distances: chi-square %.2f", distances);
    free(x);
    free(y);
    free(to_x);
    free(to_y);
    free(key);
    geo_rings_free(rings);
    geo_addresses_free(addresses);
}

/* The least of 1, 1.25, 1.5, 1.75 times a power of two that is not below r; from a list. */
static double rounded_up(double r)
{
    static const double STEPS[] = {1, 1.25, 1.5, 1.75};
    for (double power = 0x1p-4;; power *= 2)
        for (int i = 0; i < 4; i++)
            if (STEPS[i] * power >= r)
                return STEPS[i] * power;
}

static double outer_radius(const places *p, const geo_donut *donut, double x, double y)
{
    static double distance2[MOST];
    const size_t holds = (size_t)ceil(3 * (double)donut->k / (1 - donut->inner * donut->inner));
    for (size_t i = 0; i < p->n; i++)
        distance2[i] = squared(p, i, x, y);
    qsort(distance2, p->n, sizeof *distance2, ascending);
    const double r = holds > p->n ? donut->most_m : rounded_up(fmax(sqrt(distance2[holds - 1]), donut->least_m));
    return fmin(r, donut->most_m);
}

/* For how many addresses a place stands, by the definition. */
static double stands_for(const places *p, const geo_donut *donut, const double *outer, double x, double y)
{
    static double distance2[MOST];
    for (size_t i = 0; i < p->n; i++)
        distance2[i] = squared(p, i, x, y);
    qsort(distance2, p->n, sizeof *distance2, ascending);
    const double reach2 = donut->k > p->n ? (double)INFINITY : distance2[donut->k - 1];
    double sum = 0, least = INFINITY;
    for (int second = 0; second < 2; second++)
        for (size_t i = 0; i < p->n; i++) {
            const double d2 = squared(p, i, x, y), area = outer[i] * outer[i];
            if (d2 < reach2 || d2 > area || d2 < donut->inner * donut->inner * area)
                continue;
            if (second)
                sum += least / area;
            else
                least = fmin(least, area);
        }
    return sum;
}

static void draws_stand_for_k(void **state)
{
    (void)state;
    geo_random r = unit_random("mask donut");
    static places p;
    static double outer[MOST], x[MOST], y[MOST], to_x[MOST], to_y[MOST];
    size_t all_n = 0, taken_n = 0;
    for (size_t run = 0; run < unit_tries(30); run++) {
        draw_places(&r, &p, (int)(run % HUGE_COORDINATES), 50 + geo_random_below(&r, 450));
        const geo_donut donut = {1 + geo_random_below(&r, 12), 0.9 * geo_random_uniform(&r), 1 + 20 * geo_random_uniform(&r),
                                 50 + 500 * geo_random_uniform(&r), 1 + (int)geo_random_below(&r, 8)};
        geo_addresses *addresses = new_addresses(&p, run % 2);
        geo_rings *rings = new_rings(addresses, donut);
        for (size_t i = 0; i < p.n; i++) {
            outer[i] = outer_radius(&p, &donut, p.x[i], p.y[i]);
            x[i] = p.x[i] + (i % 3 ? 0 : 3 * geo_random_uniform(&r)); /* some are not at an address */
            y[i] = p.y[i];
        }
        size_t refused_n, nan_n = 0;
        geo_mask_donut(rings, SECRET, NULL, x, y, p.n, 2, to_x, to_y, &refused_n);
        for (size_t i = 0; i < p.n; i++) {
            assert_true(isnan(to_x[i]) == isnan(to_y[i]));
            nan_n += isnan(to_x[i]) != 0;
            const double own = outer_radius(&p, &donut, x[i], y[i]), px = isnan(to_x[i]) ? x[i] + own : to_x[i],
                         py = isnan(to_x[i]) ? y[i] : to_y[i];
            const double expected = stands_for(&p, &donut, outer, px, py), got = geo_rings_k(rings, px, py);
            CHECK(fabs(got - expected) <= 1e-9 * (1 + expected), "(%a, %a) stands for %.12g, not %.12g", px, py, got, expected);
            if (isnan(to_x[i]))
                continue;
            const double moved = hypot(to_x[i] - x[i], to_y[i] - y[i]);
            CHECK(got >= (double)donut.k, "%zu stands for %g", i, got);
            CHECK(geo_addresses_within(addresses, to_x[i], to_y[i], moved * (1 + 1e-12)) >= donut.k, "%zu", i);
            CHECK(geo_mask_k(addresses, x[i], y[i], to_x[i], to_y[i]) >= donut.k, "%zu", i);
            CHECK(moved >= donut.inner * own * (1 - 1e-12) && moved <= own * (1 + 1e-12), "%zu moves %g, not to %g", i, moved, own);
        }
        assert_int_equal(nan_n, refused_n);
        all_n += p.n;
        taken_n += p.n - refused_n;
        geo_rings_free(rings);
        geo_addresses_free(addresses);
    }
    print_message("%zu of %zu points were moved\n", taken_n, all_n);
    assert_true(taken_n > all_n / 5);
}

/* Whatever else is in the lists, and in which order: a point has its place. */
static void a_point_has_its_place(void **state)
{
    (void)state;
    geo_random r = unit_random("mask order");
    static places p, q;
    static double to_x[MOST], to_y[MOST], again_x[MOST], again_y[MOST];
    static uint64_t key[MOST];
    draw_places(&r, &p, CLUSTERED, 2000);
    const geo_donut donut = {5, 0.4, 5, 500, 10};
    geo_addresses *addresses = new_addresses(&p, false);
    geo_rings *rings = new_rings(addresses, donut);
    size_t refused_n, again_n;
    for (size_t i = 0; i < p.n; i++)
        key[i] = geo_random_next(&r);
    for (int keyed = 0; keyed < 2; keyed++) {
        geo_mask_donut(rings, SECRET, keyed ? key : NULL, p.x, p.y, p.n, 1, to_x, to_y, &refused_n);
        assert_true(refused_n < p.n / 2);
        for (int threads = 2; threads < 6; threads++) {
            geo_mask_donut(rings, SECRET, keyed ? key : NULL, p.x, p.y, p.n, threads, again_x, again_y, &again_n);
            assert_memory_equal(to_x, again_x, p.n * sizeof *to_x);
            assert_memory_equal(to_y, again_y, p.n * sizeof *to_y);
        }
        const size_t from = 1 + geo_random_below(&r, p.n / 2); /* without the first ones */
        geo_mask_donut(rings, SECRET, keyed ? key + from : NULL, p.x + from, p.y + from, p.n - from, 2, again_x, again_y, &again_n);
        assert_memory_equal(to_x + from, again_x, (p.n - from) * sizeof *to_x);
        assert_memory_equal(to_y + from, again_y, (p.n - from) * sizeof *to_y);
    }
    geo_rings_free(rings);
    geo_addresses_free(addresses);

    q = p;
    shuffle(&r, &q);
    q.x[q.n] = 900000; /* a far address is new */
    q.y[q.n++] = 900000;
    addresses = new_addresses(&q, true);
    rings = new_rings(addresses, donut);
    geo_mask_donut(rings, SECRET, key, p.x, p.y, p.n, 2, again_x, again_y, &again_n);
    assert_memory_equal(to_x, again_x, p.n * sizeof *to_x);
    assert_memory_equal(to_y, again_y, p.n * sizeof *to_y);
    geo_rings_free(rings);
    geo_addresses_free(addresses);
}

/* The mean cosine of the angle between the moves of two maskings, in units of its standard deviation if they are independent. */
static double likeness(const double *x, const double *y, size_t n, const double *ax, const double *ay, const double *bx, const double *by)
{
    double sum = 0, taken_n = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(ax[i]) && !isnan(bx[i])) {
            const double ux = ax[i] - x[i], uy = ay[i] - y[i], vx = bx[i] - x[i], vy = by[i] - y[i];
            sum += (ux * vx + uy * vy) / (hypot(ux, uy) * hypot(vx, vy));
            taken_n++;
        }
    assert_true(taken_n > 500);
    return sum / sqrt(taken_n / 2);
}

/* Another secret, key, k, inner radius or outer radius: another draw, that has nothing to do with the first. */
static void other_settings_other_draws(void **state)
{
    (void)state;
    geo_random r = unit_random("mask independence");
    static places p;
    static double to_x[MOST], to_y[MOST], other_x[MOST], other_y[MOST];
    static uint64_t key[MOST];
    draw_places(&r, &p, SCATTERED, 2500);
    geo_addresses *addresses = new_addresses(&p, false);
    uint8_t secret[GEO_SECRET_BYTES];
    memcpy(secret, SECRET, sizeof secret);
    secret[31] ^= 1;
    static const geo_donut SETTINGS[] = {{8, 0.5, 1, 500, 20}, {9, 0.5, 1, 500, 20}, {8, 0.500001, 1, 500, 20}, {8, 0.5, 128, 500, 20}};
    for (size_t other = 0; other < COUNT_OF(SETTINGS) + 2; other++) {
        const bool same = other == 0, other_secret = other == COUNT_OF(SETTINGS), keyed = other == COUNT_OF(SETTINGS) + 1;
        geo_rings *rings = new_rings(addresses, SETTINGS[0]), *others = new_rings(addresses, SETTINGS[other_secret || keyed ? 0 : other]);
        size_t refused_n;
        geo_mask_donut(rings, SECRET, NULL, p.x, p.y, p.n, 2, to_x, to_y, &refused_n);
        geo_mask_donut(others, other_secret ? secret : SECRET, keyed ? key : NULL, p.x, p.y, p.n, 2, other_x, other_y, &refused_n);
        const double like = likeness(p.x, p.y, p.n, to_x, to_y, other_x, other_y);
        CHECK(same ? like > 50 : fabs(like) < 4, "settings %zu: %g", other, like);
        geo_rings_free(rings);
        geo_rings_free(others);
    }
    geo_addresses_free(addresses);
}

/* Draws by another implementation, with BLAKE2b from Python's hashlib and ChaCha20 written out from its definition (Bernstein 2008). */
static void as_another_implementation(void **state)
{
    (void)state;
    static double grid_x[10000], grid_y[10000];
    make_grid(grid_x, grid_y);
    geo_err err;
    geo_addresses *addresses = NULL;
    CHECK_OK(geo_addresses_new(grid_x, grid_y, NULL, 10000, &addresses, &err), &err);
    geo_rings *rings = new_rings(addresses, (geo_donut){8, 0.6, 1, 1000, 1}); /* of 40 m, as above */
    static const double X[] = {400500, 400500, 400333.25}, Y[] = {200500, 200500, 200666.5};
    static const uint64_t KEY[] = {0, 0x0123456789abcdef, 1};
    static const double EXPECTED[2][3][2] = {
        {{0x1.8715dd50f9438p+18, 0x1.87963ad83e6eap+17},
         {0x1.8715dd50f9438p+18, 0x1.87963ad83e6eap+17},
         {0x1.86fbe6e2d212fp+18, 0x1.87e45c4428436p+17}},
        {{0x1.871602de2444fp+18, 0x1.8795911a8e0e6p+17},
         {0x1.871ff4632a130p+18, 0x1.87a5d2013fd07p+17},
         {0x1.86ec271acb7ffp+18, 0x1.87f279d64f1e6p+17}},
    };
    for (int keyed = 0; keyed < 2; keyed++) {
        double to_x[3], to_y[3];
        size_t refused_n;
        geo_mask_donut(rings, SECRET, keyed ? KEY : NULL, X, Y, 3, 1, to_x, to_y, &refused_n);
        for (int i = 0; i < 3; i++)
            CHECK(to_x[i] == EXPECTED[keyed][i][0] && to_y[i] == EXPECTED[keyed][i][1], "%d, %d: %a %a", keyed, i, to_x[i], to_y[i]);
    }
    geo_rings_free(rings);
    geo_addresses_free(addresses);
}

/* n points on the addresses: how many are refused. */
static size_t refused(const geo_addresses *addresses, geo_donut donut, const double *x, const double *y, size_t n)
{
    static double to_x[MOST], to_y[MOST];
    size_t refused_n, nan_n = 0;
    geo_rings *rings = new_rings(addresses, donut);
    geo_mask_donut(rings, SECRET, NULL, x, y, n, 2, to_x, to_y, &refused_n);
    for (size_t i = 0; i < n; i++) {
        assert_true(isnan(to_x[i]) == isnan(to_y[i]));
        CHECK(isnan(to_x[i]) || to_x[i] != x[i] || to_y[i] != y[i], "%zu was passed on where it is", i);
        nan_n += isnan(to_x[i]) != 0;
    }
    assert_int_equal(nan_n, refused_n);
    geo_rings_free(rings);
    return refused_n;
}

static void what_cannot_hide_is_refused(void **state)
{
    (void)state;
    geo_random r = unit_random("mask refusals");
    static places p;
    draw_places(&r, &p, SCATTERED, 999);
    geo_addresses *addresses = new_addresses(&p, false);
    const geo_donut good = {10, 0.5, 10, 1000, 100};
    assert_int_equal(refused(addresses, good, p.x, p.y, p.n), 0);
    geo_donut d = good;
    d.k = 1000; /* there are 999 */
    assert_int_equal(refused(addresses, d, p.x, p.y, p.n), p.n);
    d = good;
    d.most_m = 20; /* one address in 1000 m2 */
    assert_int_equal(refused(addresses, d, p.x, p.y, p.n), p.n);
    const double x[] = {NAN, 500, -INFINITY, 1e300, 1e8, 500}, y[] = {500, NAN, 500, 500, 500, 500};
    assert_int_equal(refused(addresses, good, x, y, 6), 5);
    assert_int_equal(refused(addresses, good, NULL, NULL, 0), 0);
    geo_addresses_free(addresses);

    for (size_t n = 0; n < 2; n++) { /* no address, and one */
        p.n = n;
        addresses = new_addresses(&p, false);
        assert_int_equal(refused(addresses, good, p.x, p.y, 999), 999);
        d = good;
        d.k = 1;
        d.inner = 0;
        assert_int_equal(refused(addresses, d, p.x, p.y, 1), 1 - n); /* 1 in 1 */
        geo_addresses_free(addresses);
    }
}

/* A block of flats by itself: its points move though their neighbours are where they are. */
static void flats_move(void **state)
{
    (void)state;
    static places p;
    static double to_x[MOST], to_y[MOST];
    for (p.n = 0; p.n < 200; p.n++)
        p.x[p.n] = p.y[p.n] = 1000;
    geo_addresses *addresses = new_addresses(&p, false);
    geo_rings *rings = new_rings(addresses, (geo_donut){20, 0.5, 40, 1000, 1});
    size_t refused_n;
    geo_mask_donut(rings, SECRET, NULL, p.x, p.y, p.n, 2, to_x, to_y, &refused_n);
    assert_int_equal(refused_n, 0);
    for (size_t i = 0; i < p.n; i++) {
        const double moved = hypot(to_x[i] - 1000, to_y[i] - 1000);
        CHECK(moved >= 20 - 1e-9 && moved <= 40 + 1e-9, "%g", moved);
        assert_true(geo_rings_k(rings, to_x[i], to_y[i]) == 200);
        assert_true(to_x[i] == to_x[0] && to_y[i] == to_y[0]);
    }
    geo_rings_free(rings);
    geo_addresses_free(addresses);
}

static void settings_that_cannot_be(void **state)
{
    (void)state;
    static const geo_donut WRONG[] = {{0, 0.5, 1, 100, 1},          {1001, 0.5, 1, 100, 1}, {8, -0.1, 1, 100, 1},     {8, 1, 1, 100, 1},
                                      {8, NAN, 1, 100, 1},          {8, 0.5, 0.9, 100, 1},  {8, 0.5, NAN, 100, 1},    {8, 0.5, 101, 100, 1},
                                      {8, 0.5, 1, 1.1e9, 1},        {8, 0.5, 1, NAN, 1},    {8, 0.5, 1, INFINITY, 1}, {8, 0.5, 1, 100, 0},
                                      {8, 0.5, 1, 100, -2147483647}};
    const places p = {.x = {1, 2, 3}, .n = 3};
    geo_addresses *addresses = new_addresses(&p, false);
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        geo_rings *rings = NULL;
        geo_err err = {0};
        CHECK(geo_rings_new(addresses, &WRONG[i], 1, &rings, &err) == GEO_EARG && !rings && err.msg[0], "settings %zu", i);
    }
    geo_addresses_free(addresses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_as_by_looking_at_all), cmocka_unit_test(addresses_without_a_place),
        cmocka_unit_test(measure_of_the_literature),   cmocka_unit_test(draws_are_uniform),
        cmocka_unit_test(draws_stand_for_k),           cmocka_unit_test(a_point_has_its_place),
        cmocka_unit_test(other_settings_other_draws),  cmocka_unit_test(as_another_implementation),
        cmocka_unit_test(what_cannot_hide_is_refused), cmocka_unit_test(flats_move),
        cmocka_unit_test(settings_that_cannot_be),
    };
    geo_err err;
    if (geo_init(&err) < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
