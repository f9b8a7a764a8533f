/*
 * Generated tables of counts: small areas in larger ones in all, by 18 ages and their total, by 2 sexes and their total, with the small
 * counts hidden. Counts are negative binomial of size 1 and mean 6, as in a published timing of another program on tables of this shape.
 */
#ifndef GEO_TESTS_HIERARCHY_H
#define GEO_TESTS_HIERARCHY_H

#include "geo/equations.h"
#include "geo/random.h"

#include <math.h>
#include <stdlib.h>

enum { AGES = 18, SEXES = 2, AREAS_EACH = 5, SMALL = 4 };

typedef struct hierarchy {
    geo_equations equations;
    size_t *at;
    uint32_t *cells;
    double *count;
    uint8_t *hidden;
    size_t hidden_n;
} hierarchy;

static inline uint32_t hierarchy_cell(size_t area, size_t age, size_t sex)
{
    return (uint32_t)((area * (AGES + 1) + age) * (SEXES + 1) + sex);
}

/* One equation more: first is the sum of n cells from `from`, `step` apart. */
static inline void hierarchy_add(hierarchy *h, uint32_t first, uint32_t from, size_t n, size_t step)
{
    size_t i = h->at[h->equations.n];
    h->cells[i++] = first;
    for (size_t k = 0; k < n; k++)
        h->cells[i++] = (uint32_t)(from + k * step);
    h->at[++h->equations.n] = i;
}

/* Sum up every equation in the order in which they were added. */
static inline void hierarchy_sum(hierarchy *h)
{
    for (size_t e = 0; e < h->equations.n; e++) {
        double sum = 0;
        for (size_t i = h->at[e] + 1; i < h->at[e + 1]; i++)
            sum += h->count[h->cells[i]];
        h->count[h->cells[h->at[e]]] = sum;
    }
}

/* Small counts, then the next smallest count of every equation of which one cell is hidden, again and again. */
static inline void hierarchy_hide(hierarchy *h)
{
    for (size_t c = 0; c < h->equations.cells_n; c++)
        h->hidden[c] = h->count[c] <= SMALL;
    for (int more = 1; more;) {
        more = 0;
        for (size_t e = 0; e < h->equations.n; e++) {
            size_t hidden_n = 0;
            uint32_t least = UINT32_MAX;
            for (size_t i = h->at[e]; i < h->at[e + 1]; i++) {
                const uint32_t c = h->cells[i];
                hidden_n += h->hidden[c];
                if (!h->hidden[c] && (least == UINT32_MAX || h->count[c] < h->count[least]))
                    least = c;
            }
            if (hidden_n == 1 && least != UINT32_MAX)
                more = h->hidden[least] = 1;
        }
    }
    h->hidden_n = 0;
    for (size_t c = 0; c < h->equations.cells_n; c++)
        h->hidden_n += h->hidden[c];
}

/* areas_n: a multiple of AREAS_EACH. */
static inline void hierarchy_make(hierarchy *h, size_t areas_n, uint64_t seed)
{
    const size_t groups_n = areas_n / AREAS_EACH, all_n = areas_n + groups_n + 1, each = (AGES + 1) * (SEXES + 1);
    *h = (hierarchy){.equations = {.cells_n = all_n * each}};
    h->at = calloc(all_n * (AGES + 1 + SEXES + 1) + (groups_n + 1) * each + 1, sizeof *h->at);
    h->cells = calloc(all_n * each * 4 + each * 2, sizeof *h->cells);
    h->count = calloc(h->equations.cells_n, sizeof *h->count);
    h->hidden = calloc(h->equations.cells_n, 1);
    if (!h->at || !h->cells || !h->count || !h->hidden)
        abort();
    geo_random r;
    geo_random_init(&r, seed, 0);
    for (size_t a = 0; a < areas_n; a++)
        for (size_t age = 0; age < AGES; age++)
            for (size_t sex = 0; sex < SEXES; sex++)
                while (geo_random_below(&r, 7)) /* the failures before a success of chance 1 / 7 */
                    h->count[hierarchy_cell(a, age, sex)]++;
    for (size_t age = 0; age < AGES; age++)
        for (size_t sex = 0; sex < SEXES; sex++) {
            for (size_t g = 0; g < groups_n; g++)
                hierarchy_add(h, hierarchy_cell(areas_n + g, age, sex), hierarchy_cell(g * AREAS_EACH, age, sex), AREAS_EACH, each);
            hierarchy_add(h, hierarchy_cell(all_n - 1, age, sex), hierarchy_cell(areas_n, age, sex), groups_n, each);
        }
    for (size_t a = 0; a < all_n; a++) {
        for (size_t age = 0; age < AGES; age++)
            hierarchy_add(h, hierarchy_cell(a, age, SEXES), hierarchy_cell(a, age, 0), SEXES, 1);
        for (size_t sex = 0; sex <= SEXES; sex++)
            hierarchy_add(h, hierarchy_cell(a, AGES, sex), hierarchy_cell(a, 0, sex), AGES, SEXES + 1);
        hierarchy_add(h, hierarchy_cell(a, AGES, SEXES), hierarchy_cell(a, AGES, 0), SEXES, 1);
    }
    for (size_t age = 0; age <= AGES; age++)
        for (size_t sex = 0; sex <= SEXES; sex++) {
            if (age < AGES && sex < SEXES)
                continue;
            for (size_t g = 0; g < groups_n; g++)
                hierarchy_add(h, hierarchy_cell(areas_n + g, age, sex), hierarchy_cell(g * AREAS_EACH, age, sex), AREAS_EACH, each);
            hierarchy_add(h, hierarchy_cell(all_n - 1, age, sex), hierarchy_cell(areas_n, age, sex), groups_n, each);
        }
    h->equations.at = h->at;
    h->equations.cells = h->cells;
    hierarchy_sum(h);
    hierarchy_hide(h);
}

/* What a reader knows: shown counts, and of hidden ones that they are none below 0. */
static inline void hierarchy_known(const hierarchy *h, double *low, double *high)
{
    for (size_t c = 0; c < h->equations.cells_n; c++) {
        low[c] = h->hidden[c] ? 0 : h->count[c];
        high[c] = h->hidden[c] ? INFINITY : h->count[c];
    }
}

static inline void hierarchy_free(hierarchy *h)
{
    free(h->at);
    free(h->cells);
    free(h->count);
    free(h->hidden);
}

#endif
