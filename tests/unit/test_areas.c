/*
 * The orientation predicate against rationals, and the corners of the area index: what tests/property/property_areas.c does not draw.
 */
#include "unit.h"

#include "geo/areas.h"

#include <gmp.h>

/* ---- orientation ---- */

/* (a - p) x (b - p) in rationals. */
static int exact_orient(geo_xy a, geo_xy b, geo_xy p)
{
    mpq_t v[6], left, right;
    const double from[6] = {a.x, a.y, b.x, b.y, p.x, p.y};
    for (int i = 0; i < 6; i++) {
        mpq_init(v[i]);
        mpq_set_d(v[i], from[i]);
    }
    mpq_inits(left, right, NULL);
    mpq_sub(v[0], v[0], v[4]);
    mpq_sub(v[1], v[1], v[5]);
    mpq_sub(v[2], v[2], v[4]);
    mpq_sub(v[3], v[3], v[5]);
    mpq_mul(left, v[0], v[3]);
    mpq_mul(right, v[1], v[2]);
    const int sign = mpq_cmp(left, right);
    mpq_clears(left, right, NULL);
    for (int i = 0; i < 6; i++)
        mpq_clear(v[i]);
    return (sign > 0) - (sign < 0);
}

static void check_orient(geo_xy a, geo_xy b, geo_xy p)
{
    const int expected = exact_orient(a, b, p);
    CHECK(geo_orient(a, b, p) == expected, "(%a %a) (%a %a) (%a %a): %d, not %d", a.x, a.y, b.x, b.y, p.x, p.y, geo_orient(a, b, p),
          expected);
    CHECK(geo_orient(b, a, p) == -expected, "reversed: (%a %a) (%a %a) (%a %a)", a.x, a.y, b.x, b.y, p.x, p.y);
}

static double steps(double v, int n)
{
    for (; n > 0; n--)
        v = nextafter(v, INFINITY);
    for (; n < 0; n++)
        v = nextafter(v, -INFINITY);
    return v;
}

/* Points on a line and up to a few representable numbers beside it, at every scale the header promises. */
static void orientation_near_lines(void **state)
{
    (void)state;
    geo_random r = unit_random("orient");
    static const double SCALES[] = {1, 1e-6, 1e5, 0x1p-200, 0x1p250, 1e-80, 1e90};
    for (size_t i = unit_tries(60000); i-- > 0;) {
        const double scale = SCALES[geo_random_below(&r, COUNT_OF(SCALES))];
        const double shift = geo_random_below(&r, 2) ? 0 : scale * (double)geo_random_below(&r, 1000000);
        const geo_xy a = {(geo_random_uniform(&r) - 0.5) * scale + shift, (geo_random_uniform(&r) - 0.5) * scale + shift};
        geo_xy b = {(geo_random_uniform(&r) - 0.5) * scale + shift, (geo_random_uniform(&r) - 0.5) * scale + shift};
        if (geo_random_below(&r, 8) == 0)
            b.y = a.y;
        const double t = geo_random_below(&r, 4) ? geo_random_uniform(&r) * 3 - 1 : (double)geo_random_below(&r, 3) / 2;
        geo_xy p = {a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t};
        p.x = steps(p.x, (int)geo_random_below(&r, 5) - 2);
        p.y = steps(p.y, (int)geo_random_below(&r, 5) - 2);
        if (fabs(p.x) < 1e-88 || fabs(p.y) < 1e-88)
            continue; /* below the range of the promise */
        check_orient(a, b, p);
    }
}

/* Shewchuk's picture (1997, figure 2): a grid of neighbouring doubles by (0.5, 0.5) against the line through (12, 12) and (24, 24). */
static void orientation_grid_of_ulps(void **state)
{
    (void)state;
    const int n = getenv("GEO_TEST_SLOW") ? 16 : 64;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const geo_xy p = {0.5 + i * 0x1p-53, 0.5 + j * 0x1p-53};
            check_orient(p, (geo_xy){12, 12}, (geo_xy){24, 24});
        }
}

static void orientation_degenerate(void **state)
{
    (void)state;
    const geo_xy a = {1.5, 2.5}, b = {0.1, 0.2};
    assert_int_equal(geo_orient(a, a, b), 0);
    assert_int_equal(geo_orient(a, b, a), 0);
    assert_int_equal(geo_orient(a, b, b), 0);
    check_orient((geo_xy){0, 0}, (geo_xy){1e100, 1e100}, (geo_xy){1e-90, 1e-90});
    check_orient((geo_xy){1e100, -1e100}, (geo_xy){-1e100, 1e100}, (geo_xy){1e-90, -1e-90});
    check_orient((geo_xy){1e100, 1}, (geo_xy){-1e100, -1}, (geo_xy){0, 0});
    check_orient((geo_xy){-1e100, -1e-90}, (geo_xy){1e100, 1e-90}, (geo_xy){1e-90, 0});
}

/* ---- areas ---- */

/* A row is rings, each a NULL-free run of vertices ended by {NAN, NAN}; a row ends with {INFINITY, INFINITY}. */
#define RING_ENDS                                                                                                                          \
    {                                                                                                                                      \
        NAN, NAN                                                                                                                           \
    }
#define ROW_ENDS                                                                                                                           \
    {                                                                                                                                      \
        INFINITY, INFINITY                                                                                                                 \
    }

static geo_areas *build(const geo_xy *v, size_t rows_n, const int32_t *rank)
{
    static double x[4000], y[4000];
    static int64_t vertex_at[400], ring_at[400], part_at[400];
    uint8_t kind[400];
    int64_t n = 0, rings = 0, parts = 0;
    for (size_t r = 0; r < rows_n; r++, v++) {
        part_at[r] = parts;
        kind[r] = isinf(v->x) ? GEO_NO_GEOMETRY : GEO_POLYGON;
        if (kind[r] == GEO_POLYGON)
            ring_at[parts++] = rings;
        while (!isinf(v->x)) {
            vertex_at[rings++] = n;
            for (; !isnan(v->x); v++, n++)
                x[n] = v->x, y[n] = v->y;
            v++;
        }
    }
    part_at[rows_n] = parts;
    ring_at[parts] = rings;
    vertex_at[rings] = n;
    const geo_geometries g = {kind, part_at, ring_at, vertex_at, x, y};
    const geo_column column = {.type = GEO_GEOMETRY, .held = true, .geometries = &g};
    geo_err err;
    geo_areas *areas = geo_areas_new();
    assert_non_null(areas);
    CHECK_OK(geo_areas_add(areas, &column, rows_n, &err), &err);
    CHECK_OK(geo_areas_build(areas, rank, -1, 2, NULL, &err), &err);
    assert_int_equal(geo_areas_count(areas), rows_n);
    return areas;
}

static void check_point(const geo_areas *areas, double x, double y, int32_t area, int hits)
{
    int32_t got = -7;
    uint8_t got_hits = 77;
    geo_areas_locate(areas, &x, &y, 1, &got, &got_hits);
    CHECK(got == area && got_hits == hits, "(%.17g, %.17g): area %d, %d hits; not %d, %d", x, y, got, got_hits, area, hits);
    geo_areas_locate(areas, &x, &y, 1, &got, NULL);
    assert_int_equal(got, area);
}

#define SQUARE(x0, y0, x1, y1) {x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}, RING_ENDS

/* The rule by hand, on two unit squares side by side: a hair east, a smaller one north. */
static void two_squares(void **state)
{
    (void)state;
    static const geo_xy V[] = {SQUARE(0, 0, 1, 1), ROW_ENDS, SQUARE(1, 0, 2, 1), ROW_ENDS};
    geo_areas *a = build(V, 2, NULL);
    check_point(a, 0.5, 0.5, 0, 1);
    check_point(a, 1.0, 0.5, 1, 1); /* the common border: east of it */
    check_point(a, nextafter(1.0, 0), 0.5, 0, 1);
    check_point(a, nextafter(1.0, 2), 0.5, 1, 1);
    check_point(a, 0.0, 0.5, 0, 1); /* western outer border: the step leads in */
    check_point(a, 0.5, 0.0, 0, 1); /* southern: north leads in */
    check_point(a, 2.0, 0.5, 1, 0); /* eastern: the step leads out, so the border decides */
    check_point(a, 0.5, 1.0, 0, 0); /* northern */
    check_point(a, 1.0, 1.0, 0, 0); /* both squares' border: least rank */
    check_point(a, 1.0, 0.0, 1, 1);
    check_point(a, 0.0, 0.0, 0, 1);
    check_point(a, 2.0, 1.0, 1, 0);
    check_point(a, nextafter(2.0, 3), 0.5, GEO_NO_AREA, 0);
    check_point(a, nextafter(0.0, -1) - 1e-80, 0.5, GEO_NO_AREA, 0);
    check_point(a, 0.5, nextafter(1.0, 2), GEO_NO_AREA, 0);
    check_point(a, NAN, 0.5, GEO_NO_AREA, 0);
    check_point(a, 0.5, NAN, GEO_NO_AREA, 0);
    check_point(a, INFINITY, 0.5, GEO_NO_AREA, 0);
    check_point(a, 0.5, -INFINITY, GEO_NO_AREA, 0);
    check_point(a, 1e300, -1e300, GEO_NO_AREA, 0);
    check_point(a, 1e-300, 0.5, 0, 1); /* closer to zero than 1e-90: zero */
    check_point(a, -1e-300, 0.5, 0, 1);
    geo_areas_free(a);
    const int32_t rank[] = {5, -5};
    a = build(V, 2, rank);
    check_point(a, 1.0, 1.0, 1, 0);
    geo_xy low, high;
    assert_true(geo_areas_box(a, &low, &high));
    assert_true(low.x == 0 && low.y == 0 && high.x == 2 && high.y == 1);
    geo_areas_free(a);
}

/* A hole with an island in it, and the hole's other owner. */
static void hole_and_island(void **state)
{
    (void)state;
    static const geo_xy V[] = {
        SQUARE(0, 0, 9, 9), SQUARE(2, 2, 7, 7), SQUARE(4, 4, 5, 5), ROW_ENDS, SQUARE(2, 2, 7, 7), SQUARE(4, 4, 5, 5), ROW_ENDS};
    geo_areas *a = build(V, 2, NULL);
    check_point(a, 1, 1, 0, 1);
    check_point(a, 3, 3, 1, 1);
    check_point(a, 4.5, 4.5, 0, 1);
    check_point(a, 2, 3, 1, 1);
    check_point(a, 7, 3, 0, 1);
    check_point(a, 4, 4.5, 0, 1);
    check_point(a, 5, 4.5, 1, 1);
    check_point(a, 3, 7, 0, 1);
    assert_true(geo_areas_is_tangled(a, 0)); /* the island is written as a second hole, inside the first: read even-odd, and told */
    assert_false(geo_areas_is_tangled(a, 1));
    geo_areas_free(a);
}

static void overlaps_count(void **state)
{
    (void)state;
    geo_xy v[300 * 7];
    int32_t rank[300];
    for (size_t i = 0; i < 300; i++) { /* 300 squares with a common corner region */
        const geo_xy square[] = {SQUARE(0, 0, 1 + (double)i, 1 + (double)i), ROW_ENDS};
        memcpy(v + i * 7, square, sizeof square);
        rank[i] = (int32_t)((i * 7 + 3) % 300);
    }
    geo_areas *a = build(v, 300, rank);
    for (int inside = 0; inside <= 300; inside += 25) { /* at 300 - inside + 0.5 the largest `inside` squares hold the point */
        const double at = 300 - inside + 0.5;
        int32_t best = GEO_NO_AREA;
        for (int i = 300 - inside; i < 300; i++)
            best = best < 0 || rank[i] < rank[best] ? i : best;
        check_point(a, at, at, best, inside < 255 ? inside : 255);
    }
    geo_areas_free(a);
}

/* 1000 teeth, the full height each: the ceiling on copies of tall edges must not lose any. The comb's teeth are open to the north. */
static void tall_zigzag(void **state)
{
    (void)state;
    enum { TEETH = 1000 };
    static geo_xy v[2 * TEETH + 10];
    size_t n = 0;
    v[n++] = (geo_xy){0, -1};
    v[n++] = (geo_xy){2 * TEETH, -1};
    for (int i = TEETH; i > 0; i--) {
        v[n++] = (geo_xy){2 * i, 0};
        v[n++] = (geo_xy){2 * i - 1, 1e6};
    }
    v[n++] = (geo_xy){0, 0};
    v[n++] = (geo_xy){0, -1};
    v[n++] = (geo_xy)RING_ENDS;
    v[n++] = (geo_xy)ROW_ENDS;
    geo_areas *a = build(v, 1, NULL);
    geo_random r = unit_random("zigzag");
    for (size_t i = unit_tries(20000); i-- > 0;) {
        const double x = geo_random_uniform(&r) * 2 * TEETH, y = geo_random_uniform(&r) * 1e6;
        /* Closed form: within tooth floor(x / 2) the height is 1e6 times the distance from the nearer even number. */
        const double top = 1e6 * (1 - fabs(fmod(x, 2) - 1));
        if (fabs(y - top) > 1e-3)
            check_point(a, x, y, y < top ? 0 : GEO_NO_AREA, y < top);
    }
    for (int i = 1; i <= TEETH; i++) {
        check_point(a, 2 * i - 1, 1e6, 0, 0); /* the tips */
        check_point(a, 2 * i - 1, nextafter(1e6, 0), 0, 1);
    }
    geo_areas_free(a);
}

static void areas_without_extent(void **state)
{
    (void)state;
    static const geo_xy V[] = {
        ROW_ENDS, /* no geometry */
        {0, 0},
        {1, 0},
        {2, 0},
        {0, 0},
        RING_ENDS,
        ROW_ENDS, /* no height */
        {5, 5},
        {5, 5},
        {5, 5},
        {5, 5},
        RING_ENDS,
        ROW_ENDS, /* a point */
        {0, 0},
        {1e101, 0},
        {0, 1},
        {0, 0},
        RING_ENDS,
        ROW_ENDS, /* beyond the bounds */
        {3, 0},
        {3, 1},
        {3, 2},
        {3, 0},
        RING_ENDS,
        ROW_ENDS, /* no width */
        SQUARE(8, 8, 9, 9),
        ROW_ENDS,
    };
    geo_areas *a = build(V, 6, NULL);
    assert_true(geo_areas_is_empty(a, 0));
    assert_true(geo_areas_is_empty(a, 3));
    assert_true(geo_areas_is_empty(a, 2)); /* so it has no extent */
    assert_false(geo_areas_is_empty(a, 5));
    check_point(a, 0.5, 0, 1, 0);         /* on a border, if not in an area */
    check_point(a, 5, 5, GEO_NO_AREA, 0); /* a point is no border */
    check_point(a, 3, 1.5, 4, 0);
    check_point(a, 0.5, 0.1, GEO_NO_AREA, 0);
    check_point(a, 8.5, 8.5, 5, 1);
    geo_areas_free(a);
    a = build(V, 1, NULL);
    geo_xy low, high;
    assert_false(geo_areas_box(a, &low, &high));
    check_point(a, 0, 0, GEO_NO_AREA, 0);
    geo_areas_free(a);
    a = build(V, 0, NULL);
    check_point(a, 0, 0, GEO_NO_AREA, 0);
    geo_areas_free(a);
    geo_areas_free(NULL);
}

/* The same two triangles at sizes from tiny to huge; which side of the diagonal is known by construction. */
static void tiny_and_huge(void **state)
{
    (void)state;
    static const double SIZES[] = {1e-89, 1e-50, 1e-9, 1, 1e9, 1e50, 1e100};
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        const double s = SIZES[i];
        const geo_xy v[] = {{0, 0}, {s, 0}, {s, s}, {0, 0}, RING_ENDS, ROW_ENDS, {0, 0}, {s, s}, {0, s}, {0, 0}, RING_ENDS, ROW_ENDS};
        geo_areas *a = build(v, 2, NULL);
        check_point(a, s / 2, s / 4, 0, 1);
        check_point(a, s / 4, s / 2, 1, 1);
        check_point(a, s / 2, s / 2, 0, 1); /* on the diagonal, east of it */
        check_point(a, s / 2, nextafter(s / 2, s), 1, 1);
        check_point(a, nextafter(s / 2, 0), s / 2, 1, 1);
        check_point(a, s, s / 2, 0, 0);
        check_point(a, s, s, 0, 0);
        check_point(a, nextafter(s, 2 * s), s / 2, GEO_NO_AREA, 0);
        geo_areas_free(a);
    }
    static const geo_xy NOTHING_LEFT[] = {SQUARE(0, 0, 1e-300, 1e-300), ROW_ENDS}; /* all zeros: no extent */
    geo_areas *a = build(NOTHING_LEFT, 1, NULL);
    assert_true(geo_areas_is_empty(a, 0));
    check_point(a, 0, 0, GEO_NO_AREA, 0);
    check_point(a, 1, 1, GEO_NO_AREA, 0);
    geo_areas_free(a);
}

/* A far origin leaves few bits: squares one representable number wide. */
static void squares_of_one_ulp(void **state)
{
    (void)state;
    const double x = 0x1p50, y = 0x1p51 + 1, u = 0x1p-2, w = 0x1p-1;
    const geo_xy v[] = {SQUARE(x, y, x + u, y + w), ROW_ENDS, SQUARE(x + u, y, x + 2 * u, y + w), ROW_ENDS};
    geo_areas *a = build(v, 2, NULL);
    check_point(a, x, y, 0, 1);
    check_point(a, x + u, y, 1, 1);
    check_point(a, x + 2 * u, y, 1, 0);
    check_point(a, x, y + w, 0, 0);
    check_point(a, x - u, y, GEO_NO_AREA, 0);
    check_point(a, x, y - w, GEO_NO_AREA, 0);
    check_point(a, x + 3 * u, y, GEO_NO_AREA, 0);
    geo_areas_free(a);
}

/* What the simple-features rules forbid, and what they allow. */
static void tangles(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        geo_xy v[20];
        bool tangled;
    } CASES[] = {
        {"square", {SQUARE(0, 0, 1, 1), ROW_ENDS}, false},
        {"clockwise", {{0, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 0}, RING_ENDS, ROW_ENDS}, false},
        {"repeated vertex", {{0, 0}, {1, 0}, {1, 0}, {1, 1}, {0, 0}, RING_ENDS, ROW_ENDS}, false},
        {"collinear vertex", {{0, 0}, {1, 0}, {2, 0}, {1, 1}, {0, 0}, RING_ENDS, ROW_ENDS}, false},
        {"bow tie", {{0, 0}, {1, 1}, {1, 0}, {0, 1}, {0, 0}, RING_ENDS, ROW_ENDS}, true},
        {"spike", {{0, 0}, {1, 0}, {3, 0}, {1, 0}, {1, 1}, {0, 0}, RING_ENDS, ROW_ENDS}, true},
        {"hole outside crossing", {SQUARE(0, 0, 2, 2), SQUARE(1, 1, 3, 3), ROW_ENDS}, true},
        {"hole sharing an edge", {SQUARE(0, 0, 2, 2), SQUARE(0, 0, 1, 1), ROW_ENDS}, true},
        {"hole touching in a point", {SQUARE(0, 0, 4, 4), {0, 2}, {1, 1}, {1, 3}, {0, 2}, RING_ENDS, ROW_ENDS}, false},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_areas *a = build(CASES[i].v, 1, NULL);
        CHECK(geo_areas_is_tangled(a, 0) == CASES[i].tangled, "%s", CASES[i].name);
        geo_areas_free(a);
    }
}

static void stop_is_heard(void **state)
{
    (void)state;
    static const volatile sig_atomic_t stop = 1;
    const geo_watch watch = {.stop = &stop};
    geo_err err;
    geo_areas *a = geo_areas_new();
    assert_int_equal(geo_areas_build(a, NULL, -1, 1, &watch, &err), GEO_ESTOP);
    geo_areas_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orientation_near_lines),
        cmocka_unit_test(orientation_grid_of_ulps),
        cmocka_unit_test(orientation_degenerate),
        cmocka_unit_test(two_squares),
        cmocka_unit_test(hole_and_island),
        cmocka_unit_test(overlaps_count),
        cmocka_unit_test(tall_zigzag),
        cmocka_unit_test(areas_without_extent),
        cmocka_unit_test(tiny_and_huge),
        cmocka_unit_test(squares_of_one_ulp),
        cmocka_unit_test(tangles),
        cmocka_unit_test(stop_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
