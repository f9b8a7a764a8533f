/* Masking points by catchments: against the definition of halving, written out; whose a point is; where a middle may be. */
#include "places.h"

#define K_LEAST 3

/* ---- memory that runs out: the linker wraps these in the library ---- */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static long allocations_n, failing; /* the how-manieth fails; 0: none */

void *__wrap_malloc(size_t n)
{
    return ++allocations_n == failing ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return ++allocations_n == failing ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return ++allocations_n == failing ? NULL : __real_realloc(p, n);
}

/* ---- the definition ---- */

typedef struct range {
    double x_min, x_max, y_min, y_max;
} range;

static geo_xy place[MOST];
static bool along_y;

static int along(const void *a, const void *b)
{
    const geo_xy *p = a, *q = b;
    const double first = along_y ? p->y - q->y : p->x - q->x, second = along_y ? p->x - q->x : p->y - q->y;
    return first != 0 ? (first > 0) - (first < 0) : (second > 0) - (second < 0);
}

static bool same(size_t i, size_t j)
{
    return place[i].x == place[j].x && place[i].y == place[j].y;
}

static bool hides(size_t lo, size_t hi, size_t k)
{
    bool apart = false;
    for (size_t i = lo; i < hi; i++)
        apart |= !same(i, lo);
    return apart && hi - lo >= k;
}

/* Sizes of the catchments of place[lo .. hi - 1], from the first half to the last. */
static void halve(size_t lo, size_t hi, size_t k, size_t *size, size_t *n)
{
    range r = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (size_t i = lo; i < hi; i++)
        r = (range){fmin(r.x_min, place[i].x), fmax(r.x_max, place[i].x), fmin(r.y_min, place[i].y), fmax(r.y_max, place[i].y)};
    along_y = r.y_max - r.y_min > r.x_max - r.x_min;
    qsort(place + lo, hi - lo, sizeof *place, along);
    const size_t middle = lo + (hi - lo) / 2;
    size_t from = middle, to = middle + 1;
    while (from > lo && same(from - 1, middle))
        from--;
    while (to < hi && same(to, middle))
        to++;
    const size_t cut = from > lo && (to == hi || middle - from <= to - middle) ? from : to;
    if (cut < hi && hides(lo, cut, k) && hides(cut, hi, k)) {
        halve(lo, cut, k, size, n);
        halve(cut, hi, k, size, n);
    } else if (hides(lo, hi, k))
        size[(*n)++] = hi - lo;
}

static geo_catchments *new_catchments(const geo_addresses *addresses, size_t k)
{
    geo_err err;
    geo_catchments *catchments = NULL;
    CHECK_OK(geo_catchments_new(addresses, k, &catchments, &err), &err);
    return catchments;
}

static size_t snap(const geo_catchments *catchments, const double *x, const double *y, const int32_t *group, size_t n, int threads,
                   double *to_x, double *to_y, int32_t *of)
{
    geo_err err;
    size_t refused_n, counted = 0;
    CHECK_OK(geo_mask_snap(catchments, x, y, group, n, threads, to_x, to_y, of, &refused_n, &err), &err);
    for (size_t i = 0; i < n; i++) {
        CHECK((of[i] < 0) == (isnan(to_x[i]) != 0) && (of[i] < 0) == (isnan(to_y[i]) != 0), "point %zu", i);
        counted += of[i] < 0;
    }
    assert_int_equal(counted, refused_n);
    return refused_n;
}

static void catchments_by_the_definition(void **state)
{
    (void)state;
    geo_random r = unit_random("snap sizes");
    static places p;
    static double to_x[MOST], to_y[MOST];
    static int32_t of[MOST];
    static size_t size[MOST], got[MOST];
    for (size_t run = 0; run < unit_tries(120); run++) {
        draw_places(&r, &p, (int)(run % KINDS), geo_random_below(&r, run % 3 ? 60 : 2000));
        const size_t k = K_LEAST + geo_random_below(&r, 30);
        geo_addresses *addresses = new_addresses(&p, false);
        geo_catchments *catchments = new_catchments(addresses, k);
        size_t n = 0, in = 0;
        for (size_t i = 0; i < p.n; i++)
            place[i] = (geo_xy){p.x[i], p.y[i]};
        if (p.n)
            halve(0, p.n, k, size, &n);
        CHECK(geo_catchments_count(catchments) == n, "run %zu: %zu catchments, not %zu", run, geo_catchments_count(catchments), n);
        snap(catchments, p.x, p.y, NULL, p.n, 2, to_x, to_y, of);
        memset(got, 0, sizeof got);
        for (size_t i = 0; i < p.n; i++)
            if (of[i] >= 0)
                got[of[i]]++;
        for (size_t i = 0; i < n; i++) {
            size_t addresses_n;
            double x, y;
            geo_catchments_get(catchments, i, &x, &y, &addresses_n);
            CHECK(addresses_n == size[i] && got[i] == size[i], "run %zu, catchment %zu: %zu and %zu, not %zu", run, i, addresses_n, got[i],
                  size[i]);
            in += size[i];
        }
        CHECK(in == (n ? p.n : 0), "run %zu: %zu of %zu addresses", run, in, p.n);
        for (size_t i = 0; i < n && (run % KINDS == SCATTERED || run % KINDS == COLLINEAR); i++) /* none coincide */
            CHECK(size[i] >= k && size[i] < 2 * k, "run %zu: %zu addresses for k %zu", run, size[i], k);
        geo_catchments_free(catchments);
        geo_addresses_free(addresses);
    }
}

/* The number of the address nearest to a place, of those of a group (-1: of all); of equally near ones the most western, then the most southern. */
static size_t nearest(const places *p, double x, double y, int32_t group)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < p->n; i++) {
        if (group >= 0 && p->group[i] != group)
            continue;
        const double d = squared(p, i, x, y), least = best < p->n ? squared(p, best, x, y) : (double)INFINITY;
        if (d < least || (d == least && (p->x[i] != p->x[best] ? p->x[i] < p->x[best] : p->y[i] < p->y[best])))
            best = i;
    }
    return best;
}

/* A middle of catchment c: so far from all addresses, nearest to one of c. */
static bool will_do(const places *p, const int32_t *of, int32_t c, int32_t group, double x, double y, double clear_m)
{
    const size_t own = nearest(p, x, y, group), any = nearest(p, x, y, -1);
    return of[own] == c && squared(p, own, x, y) == squared(p, any, x, y) && squared(p, any, x, y) >= clear_m * clear_m;
}

static void a_point_goes_where_its_address_goes(void **state)
{
    (void)state;
    geo_random r = unit_random("snap points");
    static places p, q;
    static double x[MOST], y[MOST], to_x[MOST], to_y[MOST], address_x[MOST], address_y[MOST];
    static int32_t of[MOST], again[MOST], address_of[MOST], group[MOST];
    size_t means_n = 0, wrong_n = 0, middles_n = 0;
    for (size_t run = 0; run < unit_tries(40); run++) {
        const int kind = (int)(run % HUGE_COORDINATES);
        const bool grouped = run / HUGE_COORDINATES % 2;
        draw_places(&r, &p, kind, 20 + geo_random_below(&r, 600));
        const size_t k = K_LEAST + geo_random_below(&r, 20), n = 300;
        for (size_t i = 0; i < n; i++) {
            const size_t any = geo_random_below(&r, p.n);
            x[i] = p.x[any] + floor(9 * geo_random_uniform(&r)) / 8;
            y[i] = p.y[any] + floor(9 * geo_random_uniform(&r)) / 8;
            group[i] = i % 7 ? p.group[any] : (int32_t)geo_random_below(&r, 6); /* 4 and 5 have no addresses */
        }
        geo_addresses *addresses = new_addresses(&p, grouped);
        geo_catchments *catchments = new_catchments(addresses, k);
        snap(catchments, x, y, grouped ? group : NULL, n, 1, to_x, to_y, of);
        snap(catchments, p.x, p.y, grouped ? p.group : NULL, p.n, 3, address_x, address_y, address_of);
        for (size_t i = 0; i < n; i++) {
            const size_t own = nearest(&p, x[i], y[i], grouped ? group[i] : -1);
            CHECK(of[i] == (own == SIZE_MAX ? -1 : address_of[own]), "run %zu, point %zu: %d", run, i, of[i]);
        }
        /* Only addresses of one group are in a catchment, and the middle of it is on none of any. */
        static int32_t whose[MOST];
        memset(whose, -1, sizeof whose);
        for (size_t i = 0; i < p.n && grouped; i++)
            if (address_of[i] >= 0) {
                CHECK(whose[address_of[i]] < 0 || whose[address_of[i]] == p.group[i], "run %zu, address %zu", run, i);
                whose[address_of[i]] = p.group[i];
            }
        for (size_t c = 0; c < geo_catchments_count(catchments); c++) {
            double mx, my;
            size_t addresses_n;
            geo_catchments_get(catchments, c, &mx, &my, &addresses_n);
            CHECK(addresses_n >= k && geo_addresses_within(addresses, mx, my, 0) == 0, "run %zu, catchment %zu", run, c);
            double sum_x = 0, sum_y = 0;
            for (size_t i = 0; i < p.n; i++)
                if (address_of[i] == (int32_t)c) {
                    sum_x += p.x[i];
                    sum_y += p.y[i];
                }
            const double mean_x = sum_x / (double)addresses_n, mean_y = sum_y / (double)addresses_n;
            const bool is_mean = hypot(mx - mean_x, my - mean_y) < 1e-9;
            const bool mean_will_do = will_do(&p, address_of, (int32_t)c, grouped ? whose[c] : -1, mean_x, mean_y, 1 + 1e-9);
            CHECK(!mean_will_do || is_mean || geo_addresses_reach(addresses, mean_x, mean_y, 1) < 1 + 1e-9, "run %zu, catchment %zu", run,
                  c);
            means_n += is_mean;
            wrong_n += !will_do(&p, address_of, (int32_t)c, grouped ? whose[c] : -1, mx, my, 1 - 1e-9);
            middles_n++;
        }
        geo_catchments_free(catchments);
        geo_addresses_free(addresses);

        /* The order of the addresses does not matter, to the last bit. */
        q = p;
        shuffle(&r, &q);
        addresses = new_addresses(&q, grouped);
        catchments = new_catchments(addresses, k);
        snap(catchments, x, y, grouped ? group : NULL, n, 4, address_x, address_y, again);
        assert_memory_equal(of, again, n * sizeof *of);
        assert_memory_equal(to_x, address_x, n * sizeof *to_x);
        assert_memory_equal(to_y, address_y, n * sizeof *to_y);
        geo_catchments_free(catchments);
        geo_addresses_free(addresses);
    }
    print_message("%zu middles, %zu of them means, %zu too near to an address or nearest to one of another catchment\n", middles_n, means_n,
                  wrong_n);
    assert_true(means_n > middles_n / 4 && means_n < middles_n);
}

/* Nine addresses about a tenth whose place is their mean: the middle is between two of them. */
static void no_middle_is_an_address(void **state)
{
    (void)state;
    static const places square = {.x = {0, 10, 20, 0, 10, 20, 0, 10, 20}, .y = {0, 0, 0, 10, 10, 10, 20, 20, 20}, .n = 9};
    geo_addresses *addresses = new_addresses(&square, false);
    geo_catchments *catchments = new_catchments(addresses, 5);
    double x, y;
    size_t n;
    assert_int_equal(geo_catchments_count(catchments), 1);
    geo_catchments_get(catchments, 0, &x, &y, &n);
    CHECK(n == 9 && geo_addresses_within(addresses, x, y, 4.99) == 0 && geo_addresses_within(addresses, x, y, 7.1) >= 2, "(%g, %g)", x, y);
    geo_catchments_free(catchments);
    geo_addresses_free(addresses);

    /* By hand: 3 and 3 addresses, means (1, 0) and (101, 0); the second one is an address, the first is 1 m from two of them. */
    static const places line = {.x = {0, 0, 3, 100, 101, 102}, .y = {0, 0, 0, 0, 0, 0}, .n = 6};
    addresses = new_addresses(&line, false);
    catchments = new_catchments(addresses, 3);
    assert_int_equal(geo_catchments_count(catchments), 2);
    geo_catchments_get(catchments, 0, &x, &y, &n);
    CHECK(n == 3 && x == 1 && y == 0, "(%g, %g)", x, y);
    geo_catchments_get(catchments, 1, &x, &y, &n);
    CHECK(n == 3 && x == 100.5 && y == 0, "(%g, %g)", x, y); /* half a metre is the most there is */
    geo_catchments_free(catchments);
    geo_addresses_free(addresses);
}

/* The mean of four addresses, (0, 16), is nearest to one of another group, at (0, 18); so are places between the outer ones, but not (0, 32). */
static void a_middle_is_its_own(void **state)
{
    (void)state;
    static const places p = {.x = {-10, 10, 0, 0, 0}, .y = {0, 0, 30, 34, 18}, .group = {0, 0, 0, 0, 1}, .n = 5};
    geo_addresses *addresses = new_addresses(&p, true);
    geo_catchments *catchments = new_catchments(addresses, 4);
    double x, y;
    size_t n;
    assert_int_equal(geo_catchments_count(catchments), 1);
    geo_catchments_get(catchments, 0, &x, &y, &n);
    CHECK(n == 4 && x == 0 && y == 32, "(%g, %g)", x, y);
    geo_catchments_free(catchments);
    geo_addresses_free(addresses);
}

static void what_has_no_catchment_is_refused(void **state)
{
    (void)state;
    geo_random r = unit_random("snap refusals");
    static places p;
    static double to_x[MOST], to_y[MOST];
    static int32_t of[MOST];
    geo_err err = {0};
    size_t refused_n;
    geo_catchments *catchments = NULL;
    draw_places(&r, &p, SCATTERED, 100);
    geo_addresses *addresses = new_addresses(&p, false);
    assert_int_equal(geo_catchments_new(addresses, 2, &catchments, &err), GEO_EARG);
    assert_null(catchments);
    catchments = new_catchments(addresses, 101);
    assert_int_equal(geo_catchments_count(catchments), 0);
    assert_int_equal(snap(catchments, p.x, p.y, NULL, p.n, 2, to_x, to_y, of), 100);
    assert_int_equal(geo_mask_snap(catchments, p.x, p.y, p.group, p.n, 1, to_x, to_y, of, &refused_n, &err), GEO_EARG);
    geo_catchments_free(catchments);
    catchments = new_catchments(addresses, 100);
    const double x[] = {NAN, 500, 1e300, 500}, y[] = {500, INFINITY, 500, 500};
    assert_int_equal(snap(catchments, x, y, NULL, 4, 2, to_x, to_y, of), 3);
    geo_catchments_free(catchments);
    geo_addresses_free(addresses);

    /* Group 0 has three addresses, group 1 four at one place, group 2 four, group -1 four. */
    static const places groups = {
        .x = {0, 1, 2, 9, 9, 9, 9, 10, 12, 14, 17, 20, 22, 24, 27}, .group = {0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, -1, -1, -1, -1}, .n = 15};
    addresses = new_addresses(&groups, true);
    catchments = new_catchments(addresses, 4);
    assert_int_equal(geo_catchments_count(catchments), 1);
    assert_int_equal(snap(catchments, groups.x, groups.y, groups.group, 15, 2, to_x, to_y, of), 11);
    for (size_t i = 0; i < 15; i++)
        assert_int_equal(of[i], groups.group[i] == 2 ? 0 : -1);
    assert_int_equal(geo_mask_snap(catchments, groups.x, groups.y, NULL, 15, 1, to_x, to_y, of, &refused_n, &err), GEO_EARG);
    geo_catchments_free(catchments);
    geo_addresses_free(addresses);

    p.n = 0;
    addresses = new_addresses(&p, false);
    catchments = new_catchments(addresses, 3);
    assert_int_equal(snap(catchments, groups.x, groups.y, NULL, 15, 2, to_x, to_y, of), 15);
    geo_catchments_free(catchments);
    geo_addresses_free(addresses);
}

/* All that is made of addresses; what was made is freed. */
static geo_status make_all(const places *p, bool grouped, geo_err *err)
{
    geo_addresses *addresses = NULL;
    geo_catchments *catchments = NULL;
    geo_rings *rings = NULL;
    geo_status st = geo_addresses_new(p->x, p->y, grouped ? p->group : NULL, p->n, &addresses, err);
    if (st == GEO_OK)
        st = geo_catchments_new(addresses, 5, &catchments, err);
    if (st == GEO_OK)
        st = geo_rings_new(addresses, &(geo_donut){5, 0.5, 1, 100, 1}, 1, &rings, err);
    geo_rings_free(rings);
    geo_catchments_free(catchments);
    geo_addresses_free(addresses);
    return st;
}

static void memory_runs_out(void **state)
{
    (void)state;
    geo_random r = unit_random("snap memory");
    static places p;
    draw_places(&r, &p, SCATTERED, 500);
    for (int grouped = 0; grouped < 2; grouped++) {
        geo_err err = {0};
        allocations_n = failing = 0;
        CHECK_OK(make_all(&p, grouped, &err), &err);
        const long all = allocations_n;
        assert_true(all > 15);
        for (long n = 1; n <= all; n++) {
            err = (geo_err){0};
            allocations_n = 0;
            failing = n;
            CHECK(make_all(&p, grouped, &err) == GEO_ENOMEM && err.msg[0], "allocation %ld of %ld", n, all);
        }
        failing = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catchments_by_the_definition),     cmocka_unit_test(a_point_goes_where_its_address_goes),
        cmocka_unit_test(no_middle_is_an_address),          cmocka_unit_test(a_middle_is_its_own),
        cmocka_unit_test(what_has_no_catchment_is_refused), cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
