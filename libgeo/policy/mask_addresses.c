/* Addresses, counted. */
#include "mask.h"

#include <math.h>

_Static_assert(GEO_MASK_MOST_K == GEO_HALVING_MOST_K, "the header says what the tree can do");

geo_status geo_addresses_new(const double *x, const double *y, const int32_t *group, size_t n, geo_addresses **out, geo_err *err)
{
    geo_addresses *addresses = calloc(1, sizeof *addresses);
    if (!addresses)
        return geo_err_nomem(err);
    const geo_status st = geo_halving_build(&addresses->places, x, y, group, n, err);
    if (st < 0) {
        free(addresses);
        return geo_err_wrap(err, st, "addresses");
    }
    addresses->grouped = group != NULL;
    *out = addresses;
    return GEO_OK;
}

void geo_addresses_free(geo_addresses *addresses)
{
    if (!addresses)
        return;
    geo_halving_clear(&addresses->places);
    free(addresses);
}

size_t geo_addresses_within(const geo_addresses *addresses, double x, double y, double radius_m)
{
    return radius_m >= 0 ? geo_halving_within(&addresses->places, x, y, radius_m * radius_m, SIZE_MAX) : 0;
}

double geo_addresses_reach(const geo_addresses *addresses, double x, double y, size_t k)
{
    return sqrt(geo_halving_reach(&addresses->places, x, y, k));
}

size_t geo_mask_k(const geo_addresses *addresses, double true_x, double true_y, double masked_x, double masked_y)
{
    const double dx = true_x - masked_x, dy = true_y - masked_y;
    const size_t there = geo_halving_within(&addresses->places, true_x, true_y, 0, 1);
    return geo_halving_within(&addresses->places, masked_x, masked_y, dx * dx + dy * dy, SIZE_MAX) + (there == 0);
}

size_t geo_mask_refused(const double *masked_x, size_t n)
{
    size_t refused_n = 0;
    for (size_t i = 0; i < n; i++)
        refused_n += isnan(masked_x[i]) != 0;
    return refused_n;
}
