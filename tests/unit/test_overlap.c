/*
 * Sizes and overlaps of areas whose answers are known in closed form. tests/property/property_overlap.c and property_scribbles.c draw the rest.
 *
 * An area is written as its rings, `x y x y ...`, closed here: the first of a part opens it, those after `/` are holes in it; `;` begins another
 * part, `|` another area.
 */
#include "unit.h"

#include "geo/overlap.h"

#define MOST 40000

typedef struct shapes {
    double x[MOST], y[MOST];
    int64_t vertex_at[MOST], ring_at[MOST], part_at[MOST];
    uint8_t kind[MOST];
    size_t v, rings, parts, areas;
} shapes;

/* How a case is laid on the plane: the answer scales, and nothing else may change. */
typedef struct laying {
    const char *name;
    double scale, east, north;
    bool turned, backwards; /* by a right angle; rings the other way round */
} laying;

static const laying AS_IS = {"as it is", 1, 0, 0, false, false};

static void add_vertex(shapes *s, double x, double y, const laying *l)
{
    s->x[s->v] = l->east + l->scale * (l->turned ? -y : x);
    s->y[s->v++] = l->north + l->scale * (l->turned ? x : y);
}

static void close_ring(shapes *s, bool backwards)
{
    const size_t from = (size_t)s->vertex_at[s->rings];
    for (size_t i = from, j = s->v - 1; backwards && i < j; i++, j--) {
        const double x = s->x[i], y = s->y[i];
        s->x[i] = s->x[j];
        s->y[i] = s->y[j];
        s->x[j] = x;
        s->y[j] = y;
    }
    s->x[s->v] = s->x[from];
    s->y[s->v++] = s->y[from];
    s->vertex_at[++s->rings] = (int64_t)s->v;
}

static void close_part(shapes *s)
{
    s->ring_at[++s->parts] = (int64_t)s->rings;
}

static void close_area(shapes *s)
{
    s->kind[s->areas] = GEO_MULTIPOLYGON;
    s->part_at[++s->areas] = (int64_t)s->parts;
}

static void parse(shapes *s, const char *text, const laying *l)
{
    s->v = s->rings = s->parts = s->areas = 0;
    s->vertex_at[0] = s->ring_at[0] = s->part_at[0] = 0;
    for (const char *p = text;;) {
        p += strspn(p, " ");
        if (*p == '\0' || *p == '/' || *p == ';' || *p == '|') {
            close_ring(s, l->backwards);
            if (*p != '/')
                close_part(s);
            if (*p == '\0' || *p == '|')
                close_area(s);
            if (*p++ == '\0')
                return;
            continue;
        }
        char *end;
        const double x = strtod(p, &end), y = strtod(end, &end);
        assert_true(end > p);
        add_vertex(s, x, y, l);
        p = end;
    }
}

static geo_areas *build_shapes(const shapes *s)
{
    const geo_geometries g = {s->kind, s->part_at, s->ring_at, s->vertex_at, s->x, s->y};
    const geo_column column = {.type = GEO_GEOMETRY, .held = true, .geometries = &g};
    geo_err err;
    geo_areas *areas = geo_areas_new();
    assert_non_null(areas);
    CHECK_OK(geo_areas_add(areas, &column, s->areas, &err), &err);
    CHECK_OK(geo_areas_build(areas, NULL, 0, 2, NULL, &err), &err);
    return areas;
}

static geo_areas *make(const char *text, const laying *l)
{
    static shapes s;
    parse(&s, text, l);
    return build_shapes(&s);
}

/* Of the only pair there may be; 0 when there is none. */
static double shared(const geo_areas *a, const geo_areas *b)
{
    geo_err err;
    geo_overlap *pairs;
    size_t n;
    CHECK_OK(geo_areas_overlaps(a, b, 2, NULL, &pairs, &n, &err), &err);
    assert_true(n <= 1);
    const double size = n ? pairs[0].size : 0;
    assert_true(n == 0 || (pairs[0].first == 0 && pairs[0].second == 0 && size > 0));
    free(pairs);
    return size;
}

static double size_of(const geo_areas *a)
{
    geo_err err;
    double size;
    assert_int_equal(geo_areas_count(a), 1);
    CHECK_OK(geo_areas_sizes(a, 1, NULL, &size, &err), &err);
    return size;
}

/* A star of five points, its ring crossing itself five times: the pentagon in its middle is inside twice, and so outside. */
#define STAR                                                                                                                               \
    "0 1 0.58778525229247312 -0.80901699437494742 -0.95105651629515357 0.30901699437494742 0.95105651629515357 0.30901699437494742 \
-0.58778525229247312 -0.80901699437494742"

/* Two triangles, a star of six points, that cross each other in vertices of both and nowhere else; the hexagon that they share. */
#define UPRIGHT "0 0 4 0 8 0 12 0 10 3 8 6 6 9 4 6 2 3"
#define OVERTURNED "0 6 2 3 4 0 6 -3 8 0 10 3 12 6 8 6 4 6"
#define HEXAGON "4 0 8 0 10 3 8 6 4 6 2 3"

static const struct {
    const char *name, *first, *second;
    double first_size, second_size, shared;
} CASES[] = {
    {"the same square", "0 0 2 0 2 2 0 2", "0 0 2 0 2 2 0 2", 4, 4, 4},
    {"the same from another vertex, with one more", "0 0 2 0 2 2 0 2", "2 2 0 2 0 1 0 0 2 0", 4, 4, 4},
    {"a quarter", "0 0 2 0 2 2 0 2", "1 1 3 1 3 3 1 3", 4, 4, 1},
    {"a cross", "1 0 2 0 2 3 1 3", "0 1 3 1 3 2 0 2", 3, 3, 1},
    {"within", "0 0 4 0 4 4 0 4", "1 1 2 1 2 2 1 2", 16, 1, 1},
    {"within, along a border", "0 0 2 0 2 2 0 2", "0 0 1 0 1 2 0 2", 4, 2, 2},
    {"within, from border to border", "0 0 3 0 3 3 0 3", "1 0 2 0 2 3 1 3", 9, 3, 3},
    {"side by side", "0 0 1 0 1 1 0 1", "1 0 2 0 2 1 1 1", 1, 1, 0},
    {"side by side, shifted", "0 0 1 0 1 1 0 1", "1 0.5 2 0.5 2 1.5 1 1.5", 1, 1, 0},
    {"corner to corner", "0 0 1 0 1 1 0 1", "1 1 2 1 2 2 1 2", 1, 1, 0},
    {"apart in one box", "0 0 3 0 0 3", "4 4 4 2 2 4", 4.5, 2, 0},
    {"halves of a square", "0 0 1 0 0 1", "1 0 1 1 0 1", 0.5, 0.5, 0},
    {"triangle and square", "0 0 4 0 0 4", "1 1 4 1 4 4 1 4", 8, 9, 2},
    {"diamond around a square", "0 -2 2 0 0 2 -2 0", "-1 -1 1 -1 1 1 -1 1", 8, 4, 4},
    {"a quarter of a diamond", "0 -2 2 0 0 2 -2 0", "0 0 2 0 2 2 0 2", 8, 4, 2},
    {"L and what it lacks", "0 0 2 0 2 1 1 1 1 2 0 2", "1 1 2 1 2 2 1 2", 3, 1, 0},
    {"L and its box", "0 0 2 0 2 1 1 1 1 2 0 2", "0 0 2 0 2 2 0 2", 3, 4, 3},
    {"two Ls", "0 0 2 0 2 1 1 1 1 2 0 2", "2 2 0 2 0 1 1 1 1 0 2 0", 3, 3, 2},
    {"comb and bar", "0 0 7 0 7 3 6 3 6 1 5 1 5 3 4 3 4 1 3 1 3 3 2 3 2 1 1 1 1 3 0 3", "-1 2 8 2 8 4 -1 4", 15, 18, 4},
    {"two combs", "0 0 5 0 5 3 4 3 4 1 3 1 3 3 2 3 2 1 1 1 1 3 0 3", "0 4 5 4 5 1 4 1 4 2.5 3 2.5 3 1 2 1 2 2.5 1 2.5 1 1 0 1", 11, 12, 6},
    {"in a hole", "0 0 4 0 4 4 0 4 / 1 1 3 1 3 3 1 3", "1 1 3 1 3 3 1 3", 12, 4, 0},
    {"over a hole", "0 0 4 0 4 4 0 4 / 1 1 3 1 3 3 1 3", "0 0 4 0 4 4 0 4", 12, 16, 12},
    {"over part of a hole", "0 0 4 0 4 4 0 4 / 1 1 3 1 3 3 1 3", "2 0 6 0 6 4 2 4", 12, 16, 6},
    {"hole over hole", "0 0 4 0 4 4 0 4 / 1 1 3 1 3 3 1 3", "0 0 4 0 4 4 0 4 / 2 2 3 2 3 3 2 3", 12, 15, 12},
    {"a hole in a corner", "0 0 4 0 4 4 0 4 / 0 0 2 1 1 2", "0 0 2 0 2 2 0 2", 14.5, 4, 2.5},
    {"an island in a hole", "0 0 6 0 6 6 0 6 / 1 1 5 1 5 5 1 5 ; 2 2 4 2 4 4 2 4", "3 3 7 3 7 7 3 7", 24, 16, 6},
    {"two parts", "0 0 1 0 1 1 0 1 ; 2 0 3 0 3 1 2 1", "0 0 3 0 3 1 0 1", 2, 3, 2},
    {"what lies between two parts", "0 0 1 0 1 1 0 1 ; 2 0 3 0 3 1 2 1", "1 0 2 0 2 1 1 1", 2, 1, 0},
    {"parts that share a border", "0 0 1 0 1 1 0 1 ; 1 0 2 0 2 1 1 1", "0.5 0 1.5 0 1.5 1 0.5 1", 2, 1, 1},
    {"a part in a part: a hole by the even-odd rule", "0 0 4 0 4 4 0 4 ; 1 1 3 1 3 3 1 3", "0 0 2 0 2 2 0 2", 12, 4, 3},
    {"the same ring twice: nothing", "0 0 4 0 4 4 0 4 ; 0 0 4 0 4 4 0 4", "0 0 2 0 2 2 0 2", 0, 4, 0},
    {"bow tie and its lower half", "0 0 2 2 2 0 0 2", "0 0 2 0 2 1 0 1", 2, 2, 1},
    {"bow tie and its right half", "0 0 2 2 2 0 0 2", "1 0 2 0 2 2 1 2", 2, 2, 1},
    {"bow tie and the other one", "0 0 2 2 2 0 0 2", "0 0 2 2 0 2 2 0", 2, 2, 0},
    {"bow tie and the square", "0 0 2 2 2 0 0 2", "0 0 2 0 2 2 0 2", 2, 4, 2},
    {"triangles that cross in vertices alone", UPRIGHT " ; " OVERTURNED, HEXAGON, 36, 36, 0},
    {"and one of them", UPRIGHT " ; " OVERTURNED, UPRIGHT, 36, 54, 18},
    {"a spike", "0 0 2 0 2 1 5 1 2 1 2 2 0 2", "2 0 6 0 6 2 2 2", 4, 8, 0},
    {"a spike across", "0 0 2 0 2 1 5 1 2 1 2 2 0 2", "1 0 6 0 6 2 1 2", 4, 10, 2},
    {"a spike inwards", "0 0 4 0 4 2 1 2 4 2 4 4 0 4", "2 1 3 1 3 3 2 3", 16, 2, 2},
    {"a ring there and back", "0 0 2 0 2 2 0 2 ; 0 0 5 5", "1 1 4 1 4 4 1 4", 4, 9, 1},
    {"a line", "0 0 1 1 3 3", "0 0 2 0 2 2 0 2", 0, 4, 0},
    {"a point", "1 1 1 1", "0 0 2 0 2 2 0 2", 0, 4, 0},
    {"a sliver, cut in half", "0 0 1024 1024 1024 1024.0009765625 0 0.0009765625", "0 0 1024 0 1024 512 0 512", 1, 524288,
     0.49999952316284180},
    {"five-pointed star in a square", STAR, "-1 -1 1 -1 1 1 -1 1", NAN, 4, NAN},
};

/* Twice the area of a tip is its base, a side of the inner pentagon, times its height; of that pentagon the radius is (3 - sqrt 5) / 2. */
static double star_size(void)
{
    const double r = (3 - sqrt(5)) / 2, tenth = 0.62831853071795865;
    return 5 * r * sin(tenth) * (1 - r * cos(tenth));
}

static void check_near(const char *name, const laying *l, double got, double expected, double smaller)
{
    const double unit = l->scale * l->scale, limit = 1e-9 * (isnan(smaller) ? 1 : smaller) * unit;
    expected = (isnan(expected) ? star_size() : expected) * unit;
    CHECK(fabs(got - expected) <= limit, "%s, %s: %.17g, not %.17g", name, l->name, got, expected);
}

static void closed_forms(void **state)
{
    (void)state;
    static const laying LAYINGS[] = {
        {"as it is", 1, 0, 0, false, false},
        {"rings backwards", 1, 0, 0, false, true},
        {"turned", 1, 0, 0, true, false},
        {"in metres of a national grid", 1024, 529000, 181000, false, false},
        {"the same, turned, backwards", 1024, 529000, 181000, true, true},
        {"in degrees", 0x1p-9, -2.25, 53.5, false, true},
        {"very small", 0x1p-200, 0, 0, true, false},
        {"very large", 0x1p300, 0, 0, false, false},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        for (size_t k = 0; k < COUNT_OF(LAYINGS); k++) {
            const laying *l = &LAYINGS[k];
            geo_areas *a = make(CASES[i].first, l), *b = make(CASES[i].second, l);
            const double smaller = fmin(CASES[i].first_size, CASES[i].second_size);
            check_near(CASES[i].name, l, size_of(a), CASES[i].first_size, CASES[i].first_size);
            check_near(CASES[i].name, l, size_of(b), CASES[i].second_size, CASES[i].second_size);
            check_near(CASES[i].name, l, shared(a, b), CASES[i].shared, smaller);
            check_near(CASES[i].name, l, shared(b, a), CASES[i].shared, smaller);
            assert_true(shared(a, a) == size_of(a));
            geo_areas_free(a);
            geo_areas_free(b);
        }
}

/* The threshold is 1e-12 of the smaller area: less is nothing, and so is what is missing. */
static void rounding_is_told_from_ground(void **state)
{
    (void)state;
    static const struct {
        const char *second;
        double size;
    } cases[] = {
        {"0.99999999999999 0 2 0 2 1 0.99999999999999 1", 0}, /* 1e-14 in common */
        {"0.99999999 0 2 0 2 1 0.99999999 1", 1e-8},
        {"0.00000000000001 0 2 0 2 1 0.00000000000001 1", 1}, /* all but 1e-14 */
        {"0.00000001 0 2 0 2 1 0.00000001 1", 0.99999999},
    };
    geo_areas *a = make("0 0 1 0 1 1 0 1", &AS_IS);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        geo_areas *b = make(cases[i].second, &AS_IS);
        const double got = shared(a, b);
        const bool exact = cases[i].size == 0 || cases[i].size == 1;
        CHECK(exact ? got == cases[i].size : fabs(got - cases[i].size) < 1e-15, "%s: %.17g", cases[i].second, got);
        geo_areas_free(b);
    }
    geo_areas_free(a);
}

static void pairs_come_in_order(void **state)
{
    (void)state;
    geo_err err;
    geo_overlap *pairs;
    size_t n;
    /* rows 0 and 2 of the first set are a point and nothing; strips of the second in falling order */
    geo_areas *a = make("5 5 5 5 | 0 0 3 0 3 2 0 2 | 7 7 | 1 0 2 0 2 2 1 2", &AS_IS);
    geo_areas *b = make("2 0 3 0 3 1 2 1 | 1 0 2 0 2 1 1 1 | 0 0 1 0 1 1 0 1 | 9 9 8 8 8 9", &AS_IS);
    static const geo_overlap EXPECTED[] = {{1, 0, 1}, {1, 1, 1}, {1, 2, 1}, {3, 1, 1}};
    CHECK_OK(geo_areas_overlaps(a, b, 1, NULL, &pairs, &n, &err), &err);
    assert_int_equal(n, COUNT_OF(EXPECTED));
    for (size_t i = 0; i < n; i++)
        assert_true(pairs[i].first == EXPECTED[i].first && pairs[i].second == EXPECTED[i].second && pairs[i].size == EXPECTED[i].size);
    free(pairs);
    geo_areas_free(a);
    geo_areas_free(b);
}

/* A regular polygon of n corners, with a spike if asked for; its size is n / 2 r^2 sin(2 pi / n). */
static geo_areas *polygon(size_t n, double radius, bool spike)
{
    static shapes s;
    s.v = s.rings = s.parts = s.areas = 0;
    for (size_t i = 0; i < n; i++) {
        const double angle = 6.283185307179586 * (double)i / (double)n;
        add_vertex(&s, radius * cos(angle), radius * sin(angle), &AS_IS);
        if (spike && i == n / 3) {
            add_vertex(&s, -2 * radius, 0.125 * radius, &AS_IS);
            add_vertex(&s, radius * cos(angle), radius * sin(angle), &AS_IS);
        }
    }
    close_ring(&s, false);
    close_part(&s);
    close_area(&s);
    return build_shapes(&s);
}

static geo_areas *chessboard(int across, double size)
{
    static shapes s;
    s.v = s.rings = s.parts = s.areas = 0;
    for (int j = 0; j < across; j++)
        for (int i = 0; i < across; i++) {
            const double x = (i - across / 2.0) * size, y = (j - across / 2.0) * size;
            add_vertex(&s, x, y, &AS_IS);
            add_vertex(&s, x + size, y, &AS_IS);
            add_vertex(&s, x + size, y + size, &AS_IS);
            add_vertex(&s, x, y + size, &AS_IS);
            close_ring(&s, false);
            close_part(&s);
            close_area(&s);
        }
    return build_shapes(&s);
}

/* A large area in many small ones, which look at a few of its stripes each: squares within it are in it whole, and all add up to it. */
static void a_large_area_in_squares(void **state)
{
    (void)state;
    const size_t n = 9000;
    const double radius = 1000, size = 50, expected = (double)n / 2 * radius * radius * sin(6.283185307179586 / (double)n);
    const int across = 41;
    geo_areas *board = chessboard(across, size);
    for (int spike = 0; spike < 2; spike++) {
        geo_areas *a = polygon(n, radius, spike);
        geo_err err;
        geo_overlap *pairs;
        size_t pairs_n;
        double sum = 0, whole_size;
        assert_true(geo_areas_is_tangled(a, 0) == (spike == 1));
        CHECK_OK(geo_areas_sizes(a, 1, NULL, &whole_size, &err), &err);
        CHECK(fabs(whole_size - expected) < 1e-9 * expected, "size %.17g, not %.17g", whole_size, expected);
        CHECK_OK(geo_areas_overlaps(a, board, 2, NULL, &pairs, &pairs_n, &err), &err);
        size_t whole_n = 0, expected_n = 0;
        for (size_t i = 0; i < pairs_n; i++) {
            whole_n += pairs[i].size == size * size;
            sum += pairs[i].size;
        }
        for (int j = 0; j < across; j++) /* the outermost corner of a square that is whole is in the polygon */
            for (int i = 0; i < across; i++)
                expected_n +=
                    hypot(abs(i - across / 2) + 0.5, abs(j - across / 2) + 0.5) * size < radius * cos(3.141592653589793 / (double)n);
        CHECK(fabs(sum - expected) < 1e-9 * size * size, "squares add up to %.17g, not %.17g", sum, expected);
        assert_int_equal(whole_n, expected_n);
        free(pairs);
        geo_areas_free(a);
    }
    geo_areas_free(board);
}

static void what_cannot_be(void **state)
{
    (void)state;
    geo_err err;
    geo_overlap *pairs = NULL;
    size_t n = 77;
    double size;
    const volatile sig_atomic_t stop = 1;
    const geo_watch watch = {.stop = &stop};
    geo_areas *built = make("0 0 2 2 2 0 0 2", &AS_IS), *raw = geo_areas_new();
    assert_int_equal(geo_areas_overlaps(built, raw, 1, NULL, &pairs, &n, &err), GEO_EARG);
    assert_int_equal(geo_areas_overlaps(raw, built, 1, NULL, &pairs, &n, &err), GEO_EARG);
    assert_int_equal(geo_areas_sizes(raw, 1, NULL, &size, &err), GEO_EARG);
    assert_int_equal(geo_areas_overlaps(built, built, 1, &watch, &pairs, &n, &err), GEO_ESTOP);
    assert_int_equal(geo_areas_sizes(built, 1, &watch, &size, &err), GEO_ESTOP);
    assert_true(pairs == NULL && n == 77);
    CHECK_OK(geo_areas_build(raw, NULL, 0, 1, NULL, &err), &err); /* no areas at all */
    CHECK_OK(geo_areas_overlaps(built, raw, 1, NULL, &pairs, &n, &err), &err);
    assert_int_equal(n, 0);
    free(pairs);
    CHECK_OK(geo_areas_overlaps(raw, built, 1, NULL, &pairs, &n, &err), &err);
    assert_int_equal(n, 0);
    free(pairs);
    geo_areas_free(built);
    geo_areas_free(raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_forms),        cmocka_unit_test(rounding_is_told_from_ground),
        cmocka_unit_test(pairs_come_in_order), cmocka_unit_test(a_large_area_in_squares),
        cmocka_unit_test(what_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
