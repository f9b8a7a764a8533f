/* Perturbing counts by a table. Whatever can fail is looked at before anything is written. */
#include "ptable.h"

#include "geo/parallel.h"

#include <stdlib.h>

#define CELLS_A_PART 65536
#define LARGEST ((int64_t)1 << 52)

void geo_ptable_free(geo_ptable *t)
{
    if (!t)
        return;
    free(t->add);
    free(t->row_at);
    free(t->rows);
    free(t);
}

const geo_ptable_row *geo_ptable_rows(const geo_ptable *t, int64_t i, size_t *n)
{
    *n = 0;
    if (t->add || i < t->first || i > t->last)
        return NULL;
    const size_t *at = t->row_at + (i - t->first);
    *n = at[1] - at[0];
    return t->rows + at[0];
}

typedef struct cells {
    const geo_ptable *table;
    const int64_t *count;
    const uint64_t *key;
    bool zeros;
    int64_t *out;
} cells;

static int added_by_integers(const geo_ptable *t, int64_t count, uint64_t key)
{
    const int64_t pcv =
        count <= GEO_PTABLE_LAST_PCV ? count : (count - 1) % GEO_PTABLE_PCV_PERIOD + GEO_PTABLE_LAST_PCV - GEO_PTABLE_PCV_PERIOD + 1;
    return t->add[(size_t)(pcv - t->first) * t->keys_n + (key & (t->keys_n - 1))];
}

static int added_by_fractions(const geo_ptable *t, int64_t count, uint64_t key)
{
    const double fraction = (double)key * 0x1p-64; /* up to 1, which the last row ends at */
    const geo_ptable_row *row = t->rows + t->row_at[(count < t->last ? count : t->last) - t->first];
    while (row->to < fraction)
        row++;
    return row->add;
}

static void perturb(void *ctx, size_t lo, size_t hi)
{
    const cells *c = ctx;
    for (size_t k = lo; k < hi; k++) {
        const int64_t count = c->count[k];
        if (count == 0 && !c->zeros)
            c->out[k] = 0;
        else
            c->out[k] =
                count + (c->table->add ? added_by_integers(c->table, count, c->key[k]) : added_by_fractions(c->table, count, c->key[k]));
    }
}

geo_status geo_ptable_perturb(const geo_ptable *t, const int64_t *count, const uint64_t *key, size_t n, bool zeros, int64_t *out,
                              int threads, geo_err *err)
{
    const int64_t least = zeros ? t->first : 0;
    for (size_t k = 0; k < n; k++) {
        if (count[k] < 0 || count[k] > LARGEST)
            return geo_err_set(err, GEO_EARG, "count of cell %zu is negative or above 2^52", k);
        if (count[k] < least)
            return geo_err_set(err, GEO_EFORMAT, "the table of perturbations has no row for cells without people");
    }
    geo_parallel_for(n, CELLS_A_PART, threads, perturb, &(cells){t, count, key, zeros, out});
    return GEO_OK;
}
