/* Sparse linear combinations modulo a prime: sums by merging. */
#include "suppress_rows.h"

uint64_t geo_mod_inverse(uint64_t a)
{
    if (a == 1 || a == GEO_PRIME - 1)
        return a;
    /* Fermat: a^(p - 2); p - 2 is all ones but for its second lowest bit */
    uint64_t result = a, power = a;
    for (int bit = 1; bit < 61; bit++) {
        power = geo_mod_times(power, power);
        if (bit != 1)
            result = geo_mod_times(result, power);
    }
    return result;
}

bool geo_terms_set(geo_terms *to, const geo_term *terms, size_t n)
{
    if (n > to->room) {
        geo_term *at = n <= UINT32_MAX ? realloc(to->at, n * sizeof *at) : NULL;
        if (!at)
            return false;
        to->at = at;
        to->room = (uint32_t)n;
    }
    if (n)
        memcpy(to->at, terms, n * sizeof *terms);
    to->n = (uint32_t)n;
    return true;
}

bool geo_terms_add(geo_terms *to, uint64_t factor, const geo_terms *b, geo_terms_work *work)
{
    if (!geo_vec_reserve(&work->sum, (size_t)to->n + b->n, sizeof(geo_term)) || !geo_vec_reserve(&work->fresh, b->n, sizeof(uint32_t))
        || !geo_vec_reserve(&work->gone, b->n, sizeof(uint32_t)))
        return false;
    geo_term *sum = work->sum.items;
    uint32_t *fresh = work->fresh.items, *gone = work->gone.items;
    size_t n = 0, fresh_n = 0, gone_n = 0;
    for (size_t i = 0, k = 0; i < to->n || k < b->n;) {
        if (k == b->n || (i < to->n && to->at[i].of < b->at[k].of)) {
            sum[n++] = to->at[i++];
        } else if (i == to->n || b->at[k].of < to->at[i].of) {
            fresh[fresh_n++] = b->at[k].of;
            sum[n++] = (geo_term){geo_mod_times(factor, b->at[k].factor), b->at[k].of};
            k++;
        } else {
            const uint64_t both = geo_mod_add(to->at[i].factor, geo_mod_times(factor, b->at[k].factor));
            if (both)
                sum[n++] = (geo_term){both, b->at[k].of};
            else
                gone[gone_n++] = b->at[k].of;
            i++;
            k++;
        }
    }
    work->fresh.n = fresh_n;
    work->gone.n = gone_n;
    return geo_terms_set(to, sum, n);
}

uint64_t geo_terms_factor(const geo_terms *terms, uint32_t of)
{
    size_t lo = 0, hi = terms->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (terms->at[mid].of < of)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < terms->n && terms->at[lo].of == of ? terms->at[lo].factor : 0;
}

void geo_terms_free(geo_terms *terms)
{
    free(terms->at);
    *terms = (geo_terms){0};
}

void geo_terms_work_clear(geo_terms_work *work)
{
    geo_vec_clear(&work->sum);
    geo_vec_clear(&work->fresh);
    geo_vec_clear(&work->gone);
}
