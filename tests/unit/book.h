/* Small systems of equations for tests of what follows from them. */
#ifndef GEO_TESTS_BOOK_H
#define GEO_TESTS_BOOK_H

#include "unit.h"

#include "geo/attack.h"

enum { CELLS = 64, EQUATIONS = 32, TERMS = 512 };

/* Equations in the making. */
typedef struct book {
    geo_equations equations;
    size_t at[EQUATIONS + 1];
    uint32_t cells[TERMS];
    double low[CELLS], high[CELLS];
    uint8_t spanned[CELLS];
    geo_attack_report report;
} book;

static inline void book_init(book *b, size_t cells_n)
{
    *b = (book){.equations = {.cells_n = cells_n}};
    b->equations.at = b->at;
    b->equations.cells = b->cells;
    for (size_t c = 0; c < cells_n; c++)
        b->high[c] = INFINITY;
}

static inline void book_give(book *b, uint32_t c, double v)
{
    b->low[c] = b->high[c] = v;
}

/* cells[0] is the sum of the others. */
static inline void book_add(book *b, size_t n, const uint32_t *cells)
{
    const size_t from = b->at[b->equations.n];
    assert_true(from + n <= TERMS && b->equations.n < EQUATIONS);
    memcpy(b->cells + from, cells, n * sizeof *cells);
    b->at[++b->equations.n] = from + n;
}

#define ADD(b, ...) book_add((b), COUNT_OF(((const uint32_t[]){__VA_ARGS__})), (const uint32_t[]){__VA_ARGS__})

static inline geo_status book_attack_as(book *b, bool whole, geo_err *err)
{
    const geo_attack_options o = {.whole = whole, .threads = 2};
    return geo_attack(&b->equations, &o, b->low, b->high, b->spanned, &b->report, err);
}

static inline void book_attack(book *b, const char *name)
{
    geo_err err = {0};
    const geo_status st = book_attack_as(b, true, &err);
    CHECK(st == GEO_OK, "%s: %s", name, err.msg);
}

static inline void is_between(const char *name, const book *b, uint32_t c, double low, double high)
{
    CHECK(b->low[c] == low && b->high[c] == high, "%s: cell %u in [%g, %g], not [%g, %g]", name, c, b->low[c], b->high[c], low, high);
}

#endif
