/*
 * Additive rounding of one table: LSOAs, MSOAs (of five each) and all of them, by 18 ages and all, by two sexes and both; every cell shown,
 * or ("margins") all but the counts of one LSOA, age and sex, small ones rounded as far as they must be.
 * Counts are Poisson of a gamma of shape 1 and scale 6, which is geometric of mean 6.
 *
 * usage: sdc_rounding LSOAS all|small|margins BASE SEED
 */
#include "bench.h"
#include "geo/rounding.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { AGES = 18, SEXES = 2, LSOAS_AN_MSOA = 5 };

/* Areas are LSOAs, then MSOAs, then all; cells go area by area, age by age (the last is all), sex by sex (the last is both). */
typedef struct table {
    size_t lsoas_n, msoas_n, areas_n, cells_n, n, used;
    size_t *at;
    uint32_t *cells;
    int64_t *count;
} table;

static uint32_t cell(size_t area, size_t age, size_t sex)
{
    return (uint32_t)((area * (AGES + 1) + age) * (SEXES + 1) + sex);
}

/* The cell `of` is the sum of n others, from `first` on in steps. */
static void add_sum(table *t, uint32_t of, uint32_t first, uint32_t step, size_t n)
{
    t->cells[t->used++] = of;
    for (uint32_t i = 0; i < n; i++)
        t->cells[t->used++] = first + i * step;
    t->at[++t->n] = t->used;
}

static void add_equations(table *t)
{
    const uint32_t area = cell(1, 0, 0), age = cell(0, 1, 0), sex = cell(0, 0, 1);
    for (size_t a = 0; a < t->areas_n; a++)
        for (size_t s = 0; s <= SEXES; s++)
            add_sum(t, cell(a, AGES, s), cell(a, 0, s), age, AGES);
    for (size_t a = 0; a < t->areas_n; a++)
        for (size_t i = 0; i <= AGES; i++)
            add_sum(t, cell(a, i, SEXES), cell(a, i, 0), sex, SEXES);
    for (size_t i = 0; i <= AGES; i++)
        for (size_t s = 0; s <= SEXES; s++) {
            for (size_t m = 0; m < t->msoas_n; m++)
                add_sum(t, cell(t->lsoas_n + m, i, s), cell(m * LSOAS_AN_MSOA, i, s), area, LSOAS_AN_MSOA);
            add_sum(t, cell(t->areas_n - 1, i, s), cell(t->lsoas_n, i, s), area, t->msoas_n);
        }
}

static void draw_counts(table *t)
{
    geo_random r;
    geo_random_init(&r, 1, 0);
    for (size_t a = 0; a < t->lsoas_n; a++)
        for (size_t i = 0; i < AGES; i++)
            for (size_t s = 0; s < SEXES; s++) {
                const int64_t n = (int64_t)(log(1 - geo_random_uniform(&r)) / log(6 / 7.0));
                const size_t areas[] = {a, t->lsoas_n + a / LSOAS_AN_MSOA, t->areas_n - 1}, ages[] = {i, AGES}, sexes[] = {s, SEXES};
                for (int k = 0; k < 12; k++)
                    t->count[cell(areas[k / 4], ages[k / 2 % 2], sexes[k % 2])] += n;
            }
}

int main(int argc, char **argv)
{
    if (argc != 5 || atoll(argv[1]) < LSOAS_AN_MSOA)
        return 2;
    table t = {.msoas_n = (size_t)atoll(argv[1]) / LSOAS_AN_MSOA};
    t.lsoas_n = t.msoas_n * LSOAS_AN_MSOA;
    t.areas_n = t.lsoas_n + t.msoas_n + 1;
    t.cells_n = t.areas_n * (AGES + 1) * (SEXES + 1);
    t.at = calloc(3 * t.cells_n + 1, sizeof *t.at);
    t.cells = calloc(8 * t.cells_n, sizeof *t.cells);
    t.count = calloc(t.cells_n, sizeof *t.count);
    if (!t.at || !t.cells || !t.count)
        return 1;
    add_equations(&t);
    draw_counts(&t);
    const geo_equations q = {t.cells_n, t.n, t.at, t.cells};
    uint8_t *margins = calloc(t.cells_n, 1);
    if (!margins)
        return 1;
    for (size_t a = 0; a < t.areas_n; a++)
        for (size_t i = 0; i <= AGES; i++)
            for (size_t s = 0; s <= SEXES; s++)
                margins[cell(a, i, s)] = a >= t.lsoas_n || i == AGES || s == SEXES;
    const geo_round_options o = {.base = atoi(argv[3]),
                                 .which = strcmp(argv[2], "all") == 0 ? GEO_ROUND_ALL : GEO_ROUND_SMALL,
                                 .shown = strcmp(argv[2], "margins") == 0 ? margins : NULL,
                                 .seed = strtoull(argv[4], NULL, 10)};
    geo_round_report report;
    geo_err err;
    const double start = now();
    must(geo_round_additive(&q, &o, t.count, &report, &err), &err);
    printf("  rounding %s, base %d: %zu cells in %.2f s; largest change %" PRId64 ", mean %.3f, utility %.6f\n", argv[2], o.base, t.cells_n,
           now() - start, report.largest, report.mean, report.utility);
    free(margins);
    free(t.at);
    free(t.cells);
    free(t.count);
    return 0;
}
