/* What follows from small random tables, against all ways to fill them in. */
#include "book.h"

/* Cells 0 .. base_n are free, each later one the sum of earlier ones. */
typedef struct puzzle {
    book b;
    size_t base_n;
    double truth[CELLS];
    double low[CELLS], high[CELLS]; /* as given */
} puzzle;

static void make_puzzle(puzzle *z, geo_random *r, bool honest)
{
    const size_t base_n = 2 + geo_random_below(r, 4), sums_n = 1 + geo_random_below(r, 6);
    book_init(&z->b, base_n + sums_n);
    z->base_n = base_n;
    for (size_t c = 0; c < base_n; c++)
        z->truth[c] = (double)geo_random_below(r, 7);
    for (size_t c = base_n; c < base_n + sums_n; c++) {
        uint32_t e[CELLS] = {(uint32_t)c};
        size_t n = 1;
        z->truth[c] = 0;
        for (size_t part = 0; part < c; part++)
            if (geo_random_below(r, part < base_n ? 2 : 5) == 0) {
                e[n++] = (uint32_t)part;
                z->truth[c] += z->truth[part];
            }
        if (n == 1) {
            e[n++] = 0;
            z->truth[c] = z->truth[0];
        }
        /* the cells of an equation in any order but for the first */
        for (size_t i = n - 1; i > 1; i--) {
            const size_t k = 1 + geo_random_below(r, i);
            const uint32_t swap = e[i];
            e[i] = e[k];
            e[k] = swap;
        }
        book_add(&z->b, n, e);
    }
    for (size_t c = 0; c < base_n + sums_n; c++) {
        const bool base = c < base_n;
        const double v = honest ? z->truth[c] : fmax(0, z->truth[c] + (double)geo_random_below(r, 5) - 2);
        switch (geo_random_below(r, 5)) {
        case 0:
            z->b.low[c] = 0;
            z->b.high[c] = base ? 6 : INFINITY;
            break;
        case 1:
            z->b.low[c] = fmax(0, v - (double)geo_random_below(r, 3));
            z->b.high[c] = v + (double)geo_random_below(r, 3);
            break;
        case 2:
            z->b.low[c] = 0;
            z->b.high[c] = fmax(6, v);
            break;
        default:
            if (base) {
                z->b.low[c] = 0;
                z->b.high[c] = 6;
            } else {
                book_give(&z->b, (uint32_t)c, v);
            }
        }
    }
    memcpy(z->low, z->b.low, sizeof z->low);
    memcpy(z->high, z->b.high, sizeof z->high);
}

/* Sums of all cells from the free ones; false: some bound is broken by more than `slack`. */
static bool fill_puzzle(const puzzle *z, double *v, double slack)
{
    const geo_equations *s = &z->b.equations;
    for (size_t e = 0; e < s->n; e++) {
        double sum = 0;
        for (size_t i = s->at[e] + 1; i < s->at[e + 1]; i++)
            sum += v[s->cells[i]];
        v[s->cells[s->at[e]]] = sum;
    }
    for (size_t c = 0; c < s->cells_n; c++)
        if (v[c] < z->low[c] - slack || v[c] > z->high[c] + slack)
            return false;
    return true;
}

static void widen(const puzzle *z, const double *v, double *low, double *high)
{
    for (size_t c = 0; c < z->b.equations.cells_n; c++) {
        low[c] = fmin(low[c], v[c]);
        high[c] = fmax(high[c], v[c]);
    }
}

/* All ways to fill in whole numbers. */
static size_t enumerate(const puzzle *z, double *low, double *high)
{
    double v[CELLS];
    size_t n = 0, at;
    for (size_t c = 0; c < z->base_n; c++)
        v[c] = z->low[c];
    do {
        if (fill_puzzle(z, v, 0)) {
            widen(z, v, low, high);
            n++;
        }
        for (at = 0; at < z->base_n && v[at] == z->high[at]; at++)
            v[at] = z->low[at];
        if (at < z->base_n)
            v[at]++;
    } while (at < z->base_n);
    return n;
}

/* The factors of the free cells in each cell. */
static void expand(const puzzle *z, double factor[CELLS][8])
{
    const geo_equations *s = &z->b.equations;
    memset(factor, 0, CELLS * sizeof *factor);
    for (size_t c = 0; c < z->base_n; c++)
        factor[c][c] = 1;
    for (size_t e = 0; e < s->n; e++)
        for (size_t i = s->at[e] + 1; i < s->at[e + 1]; i++)
            for (size_t k = 0; k < z->base_n; k++)
                factor[s->cells[s->at[e]]][k] += factor[s->cells[i]][k];
}

/* Solve a d x d system of small whole numbers by elimination; false: it has no single solution. */
static bool solve(size_t d, double a[8][9], double *x)
{
    for (size_t i = 0; i < d; i++) {
        size_t best = i;
        for (size_t r = i; r < d; r++)
            if (fabs(a[r][i]) > fabs(a[best][i]))
                best = r;
        if (fabs(a[best][i]) < 1e-9)
            return false;
        for (size_t k = 0; k <= d; k++) {
            const double swap = a[i][k];
            a[i][k] = a[best][k];
            a[best][k] = swap;
        }
        for (size_t r = 0; r < d; r++) {
            const double f = r == i ? 0 : a[r][i] / a[i][i];
            for (size_t k = i; f != 0 && k <= d; k++)
                a[r][k] -= f * a[i][k];
        }
    }
    for (size_t i = 0; i < d; i++)
        x[i] = a[i][d] / a[i][i];
    return true;
}

/* All corners of the set of real solutions: where as many bounds meet as there are free cells. */
static size_t corners(const puzzle *z, double *low, double *high)
{
    double factor[CELLS][8], a[8][9], v[CELLS];
    size_t bound_cell[2 * CELLS], chosen[8], n = 0, bounds_n = 0;
    double bound[2 * CELLS];
    expand(z, factor);
    for (size_t c = 0; c < z->b.equations.cells_n; c++) {
        bound_cell[bounds_n] = c;
        bound[bounds_n++] = z->low[c];
        if (z->high[c] == z->low[c] || isinf(z->high[c]))
            continue;
        bound_cell[bounds_n] = c;
        bound[bounds_n++] = z->high[c];
    }
    const size_t d = z->base_n;
    for (size_t i = 0; i < d; i++)
        chosen[i] = i;
    for (;;) {
        for (size_t i = 0; i < d; i++) {
            memcpy(a[i], factor[bound_cell[chosen[i]]], d * sizeof *a[i]);
            a[i][d] = bound[chosen[i]];
        }
        if (solve(d, a, v) && fill_puzzle(z, v, 1e-9)) {
            widen(z, v, low, high);
            n++;
        }
        size_t at = d;
        while (at > 0 && chosen[at - 1] == bounds_n - d + at - 1)
            at--;
        if (at == 0)
            return n;
        chosen[at - 1]++;
        for (size_t i = at; i < d; i++)
            chosen[i] = chosen[i - 1] + 1;
    }
}

/* Rank of the factors of the cells given as one number, and of a cell on top. */
static size_t rank(const puzzle *z, double factor[CELLS][8], size_t extra)
{
    double a[CELLS][8];
    size_t n = 0, r = 0;
    for (size_t c = 0; c < z->b.equations.cells_n; c++)
        if (z->low[c] == z->high[c] || c == extra)
            memcpy(a[n++], factor[c], sizeof a[0]);
    for (size_t k = 0; k < z->base_n && r < n; k++) {
        size_t best = r;
        for (size_t i = r; i < n; i++)
            if (fabs(a[i][k]) > fabs(a[best][k]))
                best = i;
        if (fabs(a[best][k]) < 1e-9)
            continue;
        double swap[8];
        memcpy(swap, a[best], sizeof swap);
        memcpy(a[best], a[r], sizeof swap);
        memcpy(a[r], swap, sizeof swap);
        for (size_t i = r + 1; i < n; i++) {
            const double f = a[i][k] / a[r][k];
            for (size_t j = k; j < z->base_n; j++)
                a[i][j] -= f * a[r][j];
        }
        r++;
    }
    return r;
}

static void show_puzzle(const puzzle *z)
{
    const geo_equations *s = &z->b.equations;
    for (size_t e = 0; e < s->n; e++)
        for (size_t i = s->at[e]; i < s->at[e + 1]; i++)
            print_error("%u%s", s->cells[i], i + 1 == s->at[e + 1] ? "\n" : i == s->at[e] ? " = " : " + ");
    for (size_t c = 0; c < s->cells_n; c++)
        print_error("cell %zu in [%g, %g]\n", c, z->low[c], z->high[c]);
}

static void check_puzzle(puzzle *z, size_t number, bool whole, size_t counts[3])
{
    double low[CELLS], high[CELLS], factor[CELLS][8];
    const size_t n = z->b.equations.cells_n;
    for (size_t c = 0; c < n; c++) {
        low[c] = INFINITY;
        high[c] = -INFINITY;
    }
    const size_t found_n = whole ? enumerate(z, low, high) : corners(z, low, high);
    geo_err err = {0};
    const geo_status st = book_attack_as(&z->b, whole, &err);
    counts[0]++;
    counts[1] += found_n == 0;
    CHECK(st == (found_n ? GEO_OK : GEO_EFORMAT), "puzzle %zu: %zu solutions, but %d %s", number, found_n, st, err.msg);
    if (st != GEO_OK)
        return;
    const double near = whole ? 0 : 1e-9;
    size_t hidden_n = 0, exact_n = 0;
    expand(z, factor);
    for (size_t c = 0; c < n; c++) {
        if (!(fabs(z->b.low[c] - low[c]) <= near && fabs(z->b.high[c] - high[c]) <= near))
            show_puzzle(z);
        CHECK(fabs(z->b.low[c] - low[c]) <= near && fabs(z->b.high[c] - high[c]) <= near,
              "puzzle %zu cell %zu: [%.12g, %.12g], not [%.12g, %.12g]", number, c, z->b.low[c], z->b.high[c], low[c], high[c]);
        CHECK(z->b.low[c] <= low[c] + 1e-13 && z->b.high[c] >= high[c] - 1e-13, "puzzle %zu cell %zu: narrower than the truth", number, c);
        const bool hidden = z->low[c] < z->high[c];
        hidden_n += hidden;
        exact_n += hidden && high[c] - low[c] < 1e-9;
        const bool spanned = hidden && rank(z, factor, c) == rank(z, factor, SIZE_MAX);
        CHECK(spanned == (z->b.spanned[c] != 0), "puzzle %zu cell %zu: follows %d", number, c, spanned);
        counts[2] += spanned;
    }
    assert_int_equal(z->b.report.hidden_n, hidden_n);
    assert_int_equal(z->b.report.exact_n, exact_n);
    assert_int_equal(z->b.report.relaxed_n, 0);
}

static void whole_numbers_by_enumeration(void **state)
{
    (void)state;
    geo_random r = unit_random("whole numbers");
    puzzle z;
    size_t counts[3] = {0};
    for (size_t i = 0; i < unit_tries(6000); i++) {
        make_puzzle(&z, &r, i % 5 != 0);
        check_puzzle(&z, i, true, counts);
    }
    print_message("whole numbers: %zu puzzles, %zu without solution, %zu cells that follow\n", counts[0], counts[1], counts[2]);
    assert_true(counts[1] > 0 && counts[1] < counts[0] / 2 && counts[2] > 0);
}

static void real_numbers_by_corners(void **state)
{
    (void)state;
    geo_random r = unit_random("real numbers");
    puzzle z;
    size_t counts[3] = {0};
    for (size_t i = 0; i < unit_tries(2000); i++) {
        make_puzzle(&z, &r, i % 5 != 0);
        check_puzzle(&z, i, false, counts);
    }
    print_message("real numbers: %zu puzzles, %zu without solution, %zu cells that follow\n", counts[0], counts[1], counts[2]);
    assert_true(counts[1] > 0 && counts[1] < counts[0] / 2 && counts[2] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_by_enumeration),
        cmocka_unit_test(real_numbers_by_corners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
