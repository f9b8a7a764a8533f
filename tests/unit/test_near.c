/* Every area that a point is in, and the nearest to one that is in none: against looking at all of them, in long double. */
#include "unit.h"

#include "geo/near.h"

#include <float.h>

#define AREAS 60
#define CORNERS 9

/* A star-shaped polygon about a middle: its corners in the order of their angles. */
typedef struct star {
    double x[CORNERS + 1], y[CORNERS + 1];
} star;

static star draw_star(geo_random *r)
{
    star s;
    const double x = geo_random_uniform(r) * 100, y = geo_random_uniform(r) * 100, size = 1 + geo_random_uniform(r) * 15;
    for (int k = 0; k < CORNERS; k++) {
        const double angle = (k + geo_random_uniform(r) * 0.9) * 2 * 3.14159265358979 / CORNERS,
                     reach = size * (0.3 + geo_random_uniform(r));
        s.x[k] = x + reach * cos(angle);
        s.y[k] = y + reach * sin(angle);
    }
    s.x[CORNERS] = s.x[0];
    s.y[CORNERS] = s.y[0];
    return s;
}

static bool holds(const star *s, double x, double y)
{
    bool in = false;
    for (int k = 0; k < CORNERS; k++)
        if ((s->y[k] > y) != (s->y[k + 1] > y)) {
            const long double t = ((long double)y - s->y[k]) / ((long double)s->y[k + 1] - s->y[k]);
            in ^= x < s->x[k] + t * ((long double)s->x[k + 1] - s->x[k]);
        }
    return in;
}

static long double distance(const star *s, double x, double y, double x_m, double y_m)
{
    long double least = LDBL_MAX;
    for (int k = 0; k < CORNERS; k++) {
        const long double ax = ((long double)s->x[k] - x) * x_m, ay = ((long double)s->y[k] - y) * y_m;
        const long double dx = ((long double)s->x[k + 1] - s->x[k]) * x_m, dy = ((long double)s->y[k + 1] - s->y[k]) * y_m;
        long double t = -(ax * dx + ay * dy) / (dx * dx + dy * dy);
        t = t < 0 ? 0 : t > 1 ? 1 : t;
        const long double d = hypotl(ax + t * dx, ay + t * dy);
        least = d < least ? d : least;
    }
    return least;
}

/* The areas of n stars, ranked backwards: the last comes first. */
static geo_areas *build(const star *stars, size_t n)
{
    geo_err err;
    geo_areas *areas = geo_areas_new();
    int32_t rank[AREAS];
    for (size_t i = 0; i < n; i++) {
        const uint8_t kind = GEO_POLYGON;
        const int64_t one[] = {0, 1}, vertices[] = {0, CORNERS + 1};
        const geo_geometries g = {&kind, one, one, vertices, stars[i].x, stars[i].y};
        const geo_column c = {.type = GEO_GEOMETRY, .held = true, .geometries = &g};
        CHECK_OK(geo_areas_add(areas, &c, 1, &err), &err);
        rank[i] = (int32_t)(n - i);
    }
    CHECK_OK(geo_areas_build(areas, rank, 1000, 1, NULL, &err), &err);
    return areas;
}

static void check_all(const geo_areas *areas, const star *stars, size_t n, double x, double y)
{
    int32_t got[AREAS], few[3];
    const size_t got_n = geo_areas_locate_all(areas, x, y, got, AREAS);
    size_t k = 0;
    for (size_t i = n; i-- > 0;) /* by rank */
        if (holds(&stars[i], x, y)) {
            CHECK(k < got_n && got[k] == (int32_t)i, "(%a, %a): area %zu is not number %zu of %zu", x, y, i, k, got_n);
            k++;
        }
    assert_int_equal(k, got_n);
    assert_int_equal(geo_areas_locate_all(areas, x, y, few, 3), got_n);
    for (k = 0; k < 3 && k < got_n; k++)
        assert_int_equal(few[k], got[k]);
    assert_int_equal(geo_areas_locate_all(areas, x, y, NULL, 0), got_n);
}

static void check_nearest(const geo_near *near, const star *stars, size_t n, double x, double y, double x_m, double y_m, double within_m)
{
    geo_err err;
    long double least = within_m;
    int32_t got, best = GEO_NO_AREA;
    double metres = -1;
    for (size_t i = n; i-- > 0;) {
        const long double d = distance(&stars[i], x, y, x_m, y_m);
        if (d <= least) {
            best = d < least || best == GEO_NO_AREA ? (int32_t)i : best;
            least = d;
        }
    }
    CHECK_OK(geo_near_find(near, x, y, x_m, y_m, within_m, &got, &metres, &err), &err);
    CHECK(got == best, "(%a, %a) within %g: %d, not %d at %Lg", x, y, within_m, got, best, least);
    CHECK(best < 0 || fabsl(metres - least) <= 1e-12L * (1 + least), "(%a, %a): %g, not %Lg", x, y, metres, least);
}

static void as_by_looking_at_all(void **state)
{
    (void)state;
    geo_random r = unit_random("near");
    for (size_t run = 0; run < unit_tries(60); run++) {
        star stars[AREAS];
        const size_t n = 1 + geo_random_below(&r, AREAS);
        for (size_t i = 0; i < n; i++)
            stars[i] = draw_star(&r);
        geo_areas *areas = build(stars, n);
        geo_near *near = NULL;
        geo_err err;
        CHECK_OK(geo_near_new(areas, &near, &err), &err);
        for (int i = 0; i < 300; i++) {
            const double x = geo_random_uniform(&r) * 160 - 30, y = geo_random_uniform(&r) * 160 - 30;
            check_all(areas, stars, n, x, y);
            const double stretched = geo_random_below(&r, 2) ? 1 : 0.55;
            check_nearest(near, stars, n, x, y, stretched, 1, geo_random_uniform(&r) * 40);
        }
        geo_near_free(near);
        geo_areas_free(areas);
    }
}

/* A square and points beside it: within exactly, at a corner; no area is within less. */
static void reach(void **state)
{
    (void)state;
    star square = {{0, 10, 10, 10, 10, 10, 10, 0, 0, 0}, {0, 0, 2, 4, 6, 8, 10, 10, 5, 0}};
    geo_areas *areas = build(&square, 1);
    geo_near *near = NULL;
    geo_err err;
    int32_t got;
    double metres;
    CHECK_OK(geo_near_new(areas, &near, &err), &err);
    static const struct {
        double x, y, within_m, distance_m; /* negative: none */
    } CASES[] = {{13, 5, 3, 3}, {13, 5, 2.999999, -1}, {13, 14, 5, 5}, {13, 14, 4.999999, -1},
                 {5, 5, 5, 5},  {5, 5, 4.9, -1},       {10, 3, 0, 0},  {-4, -3, 5, 5}};
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CHECK_OK(geo_near_find(near, CASES[i].x, CASES[i].y, 1, 1, CASES[i].within_m, &got, &metres, &err), &err);
        CHECK(got == (CASES[i].distance_m < 0 ? GEO_NO_AREA : 0), "case %zu", i);
        CHECK(got < 0 || fabs(metres - CASES[i].distance_m) < 1e-12, "case %zu: %g", i, metres);
    }
    geo_near_free(near);
    geo_areas_free(areas);
}

/* Lengths of a degree on WGS 84 at 0, 15, 30, 45, 60, 75 degrees, in metres: the table of Wikipedia's article on latitude and longitude. */
static void degrees(void **state)
{
    (void)state;
    static const double TABLE[][3] = {{0, 110574, 111320}, {15, 110649, 107550}, {30, 110852, 96486},
                                      {45, 111132, 78847}, {60, 111412, 55800},  {75, 111618, 28902}};
    for (size_t i = 0; i < COUNT_OF(TABLE); i++) {
        double lon_m, lat_m;
        geo_metres_in_degree(TABLE[i][0], &lon_m, &lat_m);
        CHECK(fabs(lat_m - TABLE[i][1]) < 0.51 && fabs(lon_m - TABLE[i][2]) < 0.51, "%g: %.2f %.2f", TABLE[i][0], lat_m, lon_m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_by_looking_at_all), cmocka_unit_test(reach), cmocka_unit_test(degrees)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
