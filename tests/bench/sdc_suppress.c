/*
 * Secondary suppression on generated tables: what is hidden, and what can be worked out of the rest, by an elimination of its own modulo
 * another prime.
 *
 * usage: sdc_suppress AREAS SEED THREADS MODE..., where MODE is
 *   zeros    counts of 0 are safe, and published before all others; else they are unsafe like all small ones
 *   singles  counts of 1 are one contributor's, who knows them
 *   widths   the interval of an unsafe cell must be as wide as the unsafe counts
 *   inner    counts of the smallest areas by age and sex belong to no table
 *
 * Prints cells, seconds, unsafe cells, cells hidden for others, what they hold together, exposed ones, those that follow, MiB.
 */
#include "bench.h"
#include "hierarchy.h"

#include "geo/suppress.h"

#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>

static void *need(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);
    if (!p)
        abort();
    return p;
}

/* ---- what follows ---- */

#define PRIME 2147483647u /* 2^31 - 1 */

typedef struct item {
    uint32_t cell, factor;
} item;

typedef struct list {
    item *items;
    size_t n;
} list;

static uint64_t inverse(uint64_t a)
{
    uint64_t r = 1;
    for (uint32_t e = PRIME - 2; e; e >>= 1, a = a * a % PRIME)
        if (e & 1)
            r = r * a % PRIME;
    return r;
}

/* a - (factor / b's first) * b */
static void take_off(list *a, uint64_t factor, const list *b)
{
    const uint64_t times = PRIME - factor * inverse(b->items[0].factor) % PRIME;
    list sum = {need(a->n + b->n, sizeof(item)), 0};
    for (size_t i = 0, k = 0; i < a->n || k < b->n;) {
        item next;
        if (k == b->n || (i < a->n && a->items[i].cell < b->items[k].cell)) {
            next = a->items[i++];
        } else {
            next = (item){b->items[k].cell, (uint32_t)(times * b->items[k].factor % PRIME)};
            if (i < a->n && a->items[i].cell == next.cell)
                next.factor = (uint32_t)(((uint64_t)next.factor + a->items[i++].factor) % PRIME);
            k++;
        }
        if (next.factor)
            sum.items[sum.n++] = next;
    }
    free(a->items);
    *a = sum;
}

static int by_cell(const void *a, const void *b)
{
    const uint32_t x = ((const item *)a)->cell, y = ((const item *)b)->cell;
    return (x > y) - (x < y);
}

/* Put an equation with those before it: of two that start with the same cell the shorter one stays. */
static void put(list *starting_with, list row)
{
    while (row.n && starting_with[row.items[0].cell].n) {
        list *there = &starting_with[row.items[0].cell];
        if (row.n < there->n) {
            const list longer = *there;
            *there = row;
            row = longer;
        }
        take_off(&row, row.items[0].factor, there);
    }
    if (row.n)
        starting_with[row.items[0].cell] = row;
    else
        free(row.items);
}

/* Unsafe cells that are alone in an equation, once those of hidden cells are solved for one another. */
static size_t count_recovered(const geo_equations *e, const uint8_t *cell)
{
    list *starting_with = need(e->cells_n, sizeof *starting_with);
    for (size_t i = 0; i < e->n; i++) {
        list row = {need(e->at[i + 1] - e->at[i], sizeof(item)), 0};
        for (size_t k = e->at[i]; k < e->at[i + 1]; k++)
            if (cell[e->cells[k]] != GEO_CELL_SHOWN)
                row.items[row.n++] = (item){e->cells[k], k == e->at[i] ? PRIME - 1 : 1};
        qsort(row.items, row.n, sizeof *row.items, by_cell);
        put(starting_with, row);
    }
    size_t found = 0;
    for (size_t c = e->cells_n; c-- > 0;) {
        list *row = &starting_with[c];
        for (size_t k = 1; k < row->n;) {
            const list *later = &starting_with[row->items[k].cell];
            if (later->n)
                take_off(row, row->items[k].factor, later);
            else
                k++;
        }
        found += row->n == 1 && cell[c] == GEO_CELL_UNSAFE;
    }
    for (size_t c = 0; c < e->cells_n; c++)
        free(starting_with[c].items);
    free(starting_with);
    return found;
}

/* ---- the run ---- */

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    bool zeros = false, singles = false, widths = false, inner = false;
    for (int i = 4; i < argc; i++) {
        zeros |= strcmp(argv[i], "zeros") == 0;
        singles |= strcmp(argv[i], "singles") == 0;
        widths |= strcmp(argv[i], "widths") == 0;
        inner |= strcmp(argv[i], "inner") == 0;
    }
    const size_t areas_n = strtoul(argv[1], NULL, 10);
    hierarchy h;
    hierarchy_make(&h, areas_n, strtoull(argv[2], NULL, 10));
    const size_t n = h.equations.cells_n;
    uint8_t *cell = need(n, 1), *single = need(n, 1);
    double *worth = need(n, sizeof *worth), *low = need(n, sizeof *low), *high = need(n, sizeof *high);
    for (size_t c = 0; c < n; c++) {
        const double v = h.count[c];
        const size_t area = c / ((AGES + 1) * (SEXES + 1)), age = c / (SEXES + 1) % (AGES + 1), sex = c % (SEXES + 1);
        cell[c] = v <= SMALL && (v > 0 || !zeros) ? GEO_CELL_UNSAFE : GEO_CELL_SHOWN;
        if (inner && area < areas_n && age < AGES && sex < SEXES)
            cell[c] = GEO_CELL_UNSEEN;
        single[c] = v == 1;
        worth[c] = v == 0 && zeros ? 1e9 : v + 1;
        low[c] = fmax(0, v - floor(SMALL / 2));
        high[c] = low[c] + SMALL;
    }
    geo_suppress_options options = {.value = h.count, .worth = worth, .whole = true, .threads = (int)strtol(argv[3], NULL, 10)};
    options.single = singles ? single : NULL;
    options.low = widths ? low : NULL;
    options.high = widths ? high : NULL;
    geo_suppress_report report;
    geo_err err;
    const double start = now();
    must(geo_suppress(&h.equations, &options, cell, &report, &err), &err);
    const double took_s = now() - start;
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    double held = 0;
    for (size_t c = 0; c < n; c++)
        held += cell[c] == GEO_CELL_SECONDARY ? h.count[c] : 0;
    printf("%zu %.3f %zu %zu %.0f %zu %zu %ld\n", n, took_s, report.unsafe_n, report.secondary_n, held, report.exposed_n,
           count_recovered(&h.equations, cell), use.ru_maxrss / 1024);
    free(high);
    free(low);
    free(worth);
    free(single);
    free(cell);
    hierarchy_free(&h);
    return 0;
}
