/*
 * The orientation predicate. The determinant (a - p) x (b - p) expands to six products, px py cancelling; each product is an exact sum of
 * two doubles (TWO-PRODUCT), and adding them one by one to an expansion (GROW-EXPANSION) keeps the sum exact. Its sign is that of the last
 * non-zero component. Slower than Shewchuk's adaptive stages, but it runs only where the filter fails: points within rounding of a line.
 */
#include "orient.h"

#include <math.h>

/* a + b = sum + error, exactly. */
static double two_sum(double a, double b, double *error)
{
    const double sum = a + b, part = sum - a;
    *error = (a - (sum - part)) + (b - part);
    return sum;
}

/* Add one term to an expansion of n components of increasing magnitude; returns n + 1. */
static int grow(double *e, int n, double term)
{
    for (int i = 0; i < n; i++)
        term = two_sum(term, e[i], &e[i]);
    e[n] = term;
    return n + 1;
}

static int add_product(double *e, int n, double a, double b)
{
    const double product = a * b;
    n = grow(e, n, fma(a, b, -product));
    return grow(e, n, product);
}

int geo_orient_exactly(geo_xy a, geo_xy b, geo_xy p)
{
    double e[12];
    int n = 0;
    n = add_product(e, n, a.x, b.y);
    n = add_product(e, n, -a.x, p.y);
    n = add_product(e, n, -p.x, b.y);
    n = add_product(e, n, -a.y, b.x);
    n = add_product(e, n, a.y, p.x);
    n = add_product(e, n, p.y, b.x);
    while (n > 0 && e[n - 1] == 0)
        n--;
    return n == 0 ? 0 : e[n - 1] > 0 ? 1 : -1;
}

int geo_orient(geo_xy a, geo_xy b, geo_xy p)
{
    return geo_orient_filtered(a, b, p);
}
