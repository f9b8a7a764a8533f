/*
 * Secondary suppression: small tables by hand, and random ones against an elimination of the plain kind over another prime.
 */
#include "unit.h"

#include "geo/init.h"
#include "geo/suppress.h"

static geo_err err;

#define PRIME 2147483647u
#define MOST_CELLS 256

/* A table of rows by columns with all margins: cell (r, c), the last of each being the total. */
typedef struct table {
    size_t rows, columns, cells_n, at[2 * MOST_CELLS];
    uint32_t cells[8 * MOST_CELLS];
    double value[MOST_CELLS];
    geo_equations equations;
} table;

static size_t number(const table *t, size_t r, size_t c)
{
    return r * (t->columns + 1) + c;
}

static void make(table *t, size_t rows, size_t columns, const double *inner)
{
    size_t n = 0, used = 0;
    t->rows = rows;
    t->columns = columns;
    t->cells_n = (rows + 1) * (columns + 1);
    memset(t->value, 0, sizeof t->value);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) {
            const double v = inner[r * columns + c];
            t->value[number(t, r, c)] = v;
            t->value[number(t, r, columns)] += v;
            t->value[number(t, rows, c)] += v;
            t->value[number(t, rows, columns)] += v;
        }
    for (size_t r = 0; r <= rows; r++) {
        t->at[n++] = used;
        t->cells[used++] = (uint32_t)number(t, r, columns);
        for (size_t c = 0; c < columns; c++)
            t->cells[used++] = (uint32_t)number(t, r, c);
    }
    for (size_t c = 0; c <= columns; c++) {
        t->at[n++] = used;
        t->cells[used++] = (uint32_t)number(t, rows, c);
        for (size_t r = 0; r < rows; r++)
            t->cells[used++] = (uint32_t)number(t, r, c);
    }
    t->at[n] = used;
    t->equations = (geo_equations){t->cells_n, n, t->at, t->cells};
}

static uint64_t power(uint64_t a, uint32_t e)
{
    uint64_t r = 1;
    for (; e; e >>= 1, a = a * a % PRIME)
        if (e & 1)
            r = r * a % PRIME;
    return r;
}

/*
 * Does a hidden cell follow? The equations in the hidden cells alone, brought into echelon form with that cell's column last: it follows when
 * some row has nothing but it.
 */
static bool follows(const table *t, const uint8_t *cell, size_t wanted)
{
    static uint64_t row[2 * MOST_CELLS][MOST_CELLS];
    size_t column[MOST_CELLS], columns_n = 0, done = 0;
    for (size_t k = 0; k < t->cells_n; k++)
        if (k != wanted && cell[k] != GEO_CELL_SHOWN)
            column[columns_n++] = k;
    column[columns_n++] = wanted;
    const size_t rows_n = t->equations.n;
    for (size_t i = 0; i < rows_n; i++) {
        for (size_t j = 0; j < columns_n; j++)
            row[i][j] = 0;
        for (size_t p = t->at[i]; p < t->at[i + 1]; p++)
            for (size_t j = 0; j < columns_n; j++)
                if (column[j] == t->cells[p])
                    row[i][j] = p == t->at[i] ? PRIME - 1 : 1;
    }
    for (size_t j = 0; j + 1 < columns_n; j++) {
        size_t pivot = done;
        while (pivot < rows_n && !row[pivot][j])
            pivot++;
        if (pivot == rows_n)
            continue;
        for (size_t k = 0; k < columns_n; k++) {
            const uint64_t x = row[pivot][k];
            row[pivot][k] = row[done][k];
            row[done][k] = x;
        }
        for (size_t i = done + 1; i < rows_n; i++) {
            const uint64_t times = (PRIME - row[i][j] * power(row[done][j], PRIME - 2) % PRIME) % PRIME;
            for (size_t k = j; times && k < columns_n; k++)
                row[i][k] = (row[i][k] + times * row[done][k]) % PRIME;
        }
        done++;
    }
    for (size_t i = done; i < rows_n; i++)
        if (row[i][columns_n - 1])
            return true;
    return false;
}

static size_t suppress(const table *t, const geo_suppress_options *like, double small, uint8_t *cell, geo_suppress_report *report)
{
    geo_suppress_options o = *like;
    o.value = t->value;
    o.whole = true;
    o.threads = 1;
    for (size_t k = 0; k < t->cells_n; k++)
        cell[k] = t->value[k] <= small && t->value[k] > 0 ? GEO_CELL_UNSAFE : GEO_CELL_SHOWN;
    CHECK_OK(geo_suppress(&t->equations, &o, cell, report, &err), &err);
    return report->secondary_n;
}

/* One small cell in a table with totals needs three more: a rectangle (handbook, chapter 4.3). */
static void rectangle(void **state)
{
    (void)state;
    static const double INNER[] = {2, 20, 30, 40, 50, 60, 70, 80, 90};
    table t;
    make(&t, 3, 3, INNER);
    uint8_t cell[MOST_CELLS];
    geo_suppress_report report;
    assert_int_equal(suppress(&t, &(geo_suppress_options){0}, 3, cell, &report), 3);
    assert_int_equal(report.exposed_n, 0);
    assert_false(follows(&t, cell, number(&t, 0, 0)));
    /* the cheapest one: with 20, 40 and 50 beside it */
    assert_true(cell[number(&t, 0, 1)] == GEO_CELL_SECONDARY && cell[number(&t, 1, 0)] == GEO_CELL_SECONDARY
                && cell[number(&t, 1, 1)] == GEO_CELL_SECONDARY);
}

/* Two cells of one person each, 1 + 2 + 1 = 4: who is the one knows the other, so a third is hidden (research of R's GaussSuppression). */
static void single_contributors(void **state)
{
    (void)state;
    static const size_t at[] = {0, 4};
    static const uint32_t cells[] = {0, 1, 2, 3};
    static const double value[] = {4, 1, 2, 1};
    static const uint8_t single[] = {0, 1, 0, 1};
    const geo_equations equations = {4, 1, at, cells};
    geo_suppress_options o = {.value = value, .whole = true, .threads = 1};
    geo_suppress_report report;
    uint8_t without[] = {GEO_CELL_SHOWN, GEO_CELL_UNSAFE, GEO_CELL_SHOWN, GEO_CELL_UNSAFE};
    uint8_t with[] = {GEO_CELL_SHOWN, GEO_CELL_UNSAFE, GEO_CELL_SHOWN, GEO_CELL_UNSAFE};
    CHECK_OK(geo_suppress(&equations, &o, without, &report, &err), &err);
    assert_int_equal(report.secondary_n, 0);
    o.single = single;
    CHECK_OK(geo_suppress(&equations, &o, with, &report, &err), &err);
    assert_int_equal(report.secondary_n, 1);
}

/* Random tables: nothing unsafe follows, what is hidden stays so the second time and nothing is added, threads do not matter. */
static void random_tables(void **state)
{
    (void)state;
    geo_random r = unit_random("random_tables");
    size_t hidden_n = 0;
    for (size_t turn = 0; turn < unit_tries(400); turn++) {
        const size_t rows = 2 + geo_random_below(&r, 6), columns = 2 + geo_random_below(&r, 6);
        double inner[64];
        for (size_t k = 0; k < rows * columns; k++)
            inner[k] = (double)geo_random_below(&r, 12);
        table t;
        make(&t, rows, columns, inner);
        uint8_t cell[MOST_CELLS], again[MOST_CELLS];
        geo_suppress_report report, second;
        hidden_n += suppress(&t, &(geo_suppress_options){0}, 3, cell, &report);
        for (size_t k = 0; k < t.cells_n && !report.exposed_n; k++)
            CHECK(cell[k] != GEO_CELL_UNSAFE || !follows(&t, cell, k), "turn %zu: cell %zu follows", turn, k);
        memcpy(again, cell, sizeof again);
        const geo_suppress_options o = {.value = t.value, .whole = true, .threads = 2};
        CHECK_OK(geo_suppress(&t.equations, &o, again, &second, &err), &err);
        for (size_t k = 0; k < t.cells_n; k++)
            CHECK((again[k] != GEO_CELL_SHOWN) == (cell[k] != GEO_CELL_SHOWN), "turn %zu: cell %zu changes the second time", turn, k);
    }
    assert_true(hidden_n > unit_tries(400) / 4);
}

/* What is no table of counts is refused. */
static void refused(void **state)
{
    (void)state;
    static const size_t at[] = {0, 3};
    static const uint32_t cells[] = {0, 1, 2};
    static const double WRONG[][3] = {{5, 1, 3}, {-1, -1, 0}, {NAN, 1, 2}, {2.5, 1.5, 1}};
    const geo_equations equations = {3, 1, at, cells};
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        uint8_t cell[] = {GEO_CELL_SHOWN, GEO_CELL_UNSAFE, GEO_CELL_SHOWN};
        const geo_suppress_options o = {.value = WRONG[i], .whole = true, .threads = 1};
        geo_suppress_report report;
        CHECK(geo_suppress(&equations, &o, cell, &report, &err) == GEO_EARG, "case %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rectangle),
        cmocka_unit_test(single_contributors),
        cmocka_unit_test(random_tables),
        cmocka_unit_test(refused),
    };
    if (geo_init(&err) < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
