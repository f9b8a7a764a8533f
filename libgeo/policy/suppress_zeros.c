/*
 * Why zeros are known to be 0: a sum of them, all with the same sign, follows from what is published and is 0, and nothing is below 0. Such
 * sums are relations among what the cells still are; protecting the sum is what lets them move again.
 */
#include "suppress.h"

typedef struct zeros {
    const geo_hidden *hidden;
    const uint32_t *cells;
    geo_terms *pivot; /* by variable: a combination of cells' rows that starts with it */
    geo_terms now;
    geo_terms_work work;
} zeros;

/*
 * The row of a cell without the variables that rows before it start with. Behind the variables stand the cells that were added up: cell k
 * as variable variables_n + k.
 */
static bool reduce(zeros *z, uint32_t k)
{
    const geo_hidden *h = z->hidden;
    const uint32_t cell = z->cells[k];
    const geo_terms none = {0}, *row = h->row_of[cell] == GEO_HIDDEN_NONE ? &none : (const geo_terms *)h->rows.items + h->row_of[cell];
    geo_terms self = {.at = &(geo_term){1, h->variables_n + k}, .n = 1};
    z->now.n = 0;
    if (!geo_terms_add(&z->now, row->n ? h->factor_of[cell] : 1, row, &z->work) || !geo_terms_add(&z->now, 1, &self, &z->work))
        return false;
    for (const geo_terms *p; z->now.at[0].of < h->variables_n && (p = &z->pivot[z->now.at[0].of])->n;) {
        const uint64_t factor = geo_mod_times(z->now.at[0].factor, geo_mod_minus(geo_mod_inverse(p->at[0].factor)));
        if (!geo_terms_add(&z->now, factor, p, &z->work))
            return false;
    }
    return true;
}

/* A relation is a sum when all its factors are the same. */
static bool is_sum(const geo_terms *relation)
{
    for (uint32_t k = 1; k < relation->n; k++)
        if (relation->at[k].factor != relation->at[0].factor)
            return false;
    return true;
}

bool geo_suppress_zero_sums(const geo_hidden *hidden, const uint32_t *cells, uint32_t n, geo_vec *sums)
{
    zeros z = {.hidden = hidden, .cells = cells, .pivot = calloc((size_t)hidden->variables_n + 1, sizeof *z.pivot)};
    bool ok = z.pivot != NULL;
    for (uint32_t k = 0; ok && k < n; k++) {
        ok = reduce(&z, k);
        if (!ok)
            break;
        if (z.now.at[0].of < hidden->variables_n) {
            z.pivot[z.now.at[0].of] = z.now;
            z.now = (geo_terms){0};
        } else if (is_sum(&z.now)) {
            for (uint32_t j = 0; ok && j < z.now.n; j++)
                ok = geo_vec_append(sums, &cells[z.now.at[j].of - hidden->variables_n], 1, sizeof *cells);
            const uint32_t end = GEO_HIDDEN_NONE;
            ok = ok && geo_vec_append(sums, &end, 1, sizeof end);
        }
    }
    for (uint32_t v = 0; z.pivot && v < hidden->variables_n; v++)
        geo_terms_free(&z.pivot[v]);
    free(z.pivot);
    geo_terms_free(&z.now);
    geo_terms_work_clear(&z.work);
    return ok;
}
