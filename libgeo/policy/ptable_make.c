/*
 * Making tables of perturbations: for each count the distribution of most entropy among those allowed.
 *
 * Such a distribution over steps k is proportional to exp(a k + b k^2), b <= 0. The two numbers minimise a convex function, the dual, which
 * Newton's method does in a few steps; steps are measured in parts of the largest, so that both numbers are of like size.
 */
#include "ptable.h"

#include "../core/sum.h"
#include "../core/vec.h"

#include <math.h>
#include <stdlib.h>

#define MOST_MOST 100
#define STEPS_MOST (2 * MOST_MOST + 1)
#define NEWTON_MOST 500
#define GRADIENT_SMALL 1e-15 /* of steps in parts of the largest, and their squares */
#define AT_THE_EDGE 1e-9     /* of a variance, in parts of the largest step squared: only one distribution is left */

/* Steps that a count may make, in parts of the largest, and the variance that they may have. */
typedef struct problem {
    size_t n;
    int step[STEPS_MOST];
    double x[STEPS_MOST];
    double variance;
    double p[STEPS_MOST]; /* the distribution */
} problem;

/* Moments of x about 0: E[x], E[x^2], ... */
typedef struct moments {
    double m1, m2, m3, m4;
} moments;

/* The distribution of two numbers, its moments, and the value of the dual. */
static double evaluate(problem *q, double a, double b, moments *m)
{
    double top = -INFINITY, all = 0;
    for (size_t k = 0; k < q->n; k++)
        top = fmax(top, a * q->x[k] + b * q->x[k] * q->x[k]);
    for (size_t k = 0; k < q->n; k++)
        all += q->p[k] = exp(a * q->x[k] + b * q->x[k] * q->x[k] - top);
    *m = (moments){0};
    for (size_t k = 0; k < q->n; k++) {
        const double x = q->x[k], p = q->p[k] /= all;
        m->m1 += p * x;
        m->m2 += p * x * x;
        m->m3 += p * x * x * x;
        m->m4 += p * x * x * x * x;
    }
    return log(all) + top - b * q->variance;
}

/* Newton's method with halved steps where a whole one goes too far. Without a variance b stays as it is. */
static void minimise(problem *q, double *a, double *b, bool with_variance)
{
    moments m, next;
    double value = evaluate(q, *a, *b, &m);
    for (int n = 0; n < NEWTON_MOST; n++) {
        const double g1 = m.m1, g2 = with_variance ? m.m2 - q->variance : 0;
        if (fabs(g1) <= GRADIENT_SMALL && fabs(g2) <= GRADIENT_SMALL)
            break;
        const double h11 = m.m2 - m.m1 * m.m1, h12 = m.m3 - m.m1 * m.m2, h22 = m.m4 - m.m2 * m.m2, det = h11 * h22 - h12 * h12;
        const double da = with_variance ? -(h22 * g1 - h12 * g2) / det : -g1 / h11;
        const double db = with_variance ? -(h11 * g2 - h12 * g1) / det : 0;
        double part = 1, at = evaluate(q, *a + da, *b + db, &next);
        while (part > 1e-9 && !(at <= value + 1e-4 * part * (g1 * da + g2 * db) + 1e-15 * fabs(value)))
            part /= 2, at = evaluate(q, *a + part * da, *b + part * db, &next);
        if (!(part > 1e-9))
            break; /* as near as numbers come */
        *a += part * da;
        *b += part * db;
        value = at;
        m = next;
    }
    evaluate(q, *a, *b, &m);
}

/* Steps that count i may make: not below 0, not to where it must not be. */
static void find_steps(problem *q, int i, int most, int never)
{
    q->n = 0;
    for (int k = -most; k <= most; k++)
        if (i + k == 0 || i + k > never) {
            q->step[q->n] = k;
            q->x[q->n++] = (double)k / most;
        }
}

/*
 * The least variance is that of the two steps nearest to 0 on both sides, l * u for steps of -l and u: E[(x + l) (x - u)] cannot be negative
 * when no step lies between, and is E[x^2] - l u when the mean is 0. INFINITY when one side has none.
 */
static double least_variance(const problem *q, size_t *below, size_t *above)
{
    double l = -INFINITY, u = INFINITY;
    for (size_t k = 0; k < q->n; k++) {
        if (q->x[k] <= 0)
            l = q->x[ *below = k];
        if (q->x[k] >= 0 && u == INFINITY)
            u = q->x[ *above = k];
    }
    return -l * u;
}

static geo_status solve(problem *q, int i, geo_err *err)
{
    size_t below = 0, above = 0;
    const double least = least_variance(q, &below, &above);
    const bool both = q->n && q->step[0] < 0 && q->step[q->n - 1] > 0;
    if (i > 0 && (!both || least > q->variance + AT_THE_EDGE))
        return geo_err_set(err, GEO_EARG, "there is no noise of mean 0 and so small a variance for a count of %d", i);
    if (i == 0 || q->variance - least < AT_THE_EDGE) {
        for (size_t k = 0; k < q->n; k++)
            q->p[k] = 0;
        const double wide = q->x[above] - q->x[below];
        q->p[below] = wide > 0 ? q->x[above] / wide : 1;
        q->p[above] = wide > 0 ? -q->x[below] / wide : 1;
        return GEO_OK;
    }
    double a = 0, b = 0;
    minimise(q, &a, &b, false);
    moments m;
    evaluate(q, a, b, &m);
    if (m.m2 > q->variance)
        minimise(q, &a, &b, true);
    return GEO_OK;
}

static geo_status append_rows(const problem *q, geo_vec *rows, geo_err *err)
{
    geo_sum sum = {0};
    double end = 0;
    for (size_t k = 0; k < q->n; k++) {
        geo_sum_add(&sum, q->p[k]);
        const geo_ptable_row row = {q->step[k], end, fmin(geo_sum_value(&sum), 1)};
        if (row.to > row.from && !geo_vec_append(rows, &row, 1, sizeof row))
            return geo_err_nomem(err);
        end = fmax(end, row.to);
    }
    ((geo_ptable_row *)rows->items)[rows->n - 1].to = 1;
    return GEO_OK;
}

geo_status geo_ptable_make(int most, double variance, int never, geo_ptable **out, geo_err *err)
{
    if (most < 1 || most > MOST_MOST)
        return geo_err_set(err, GEO_EARG, "the largest noise is not from 1 to %d", MOST_MOST);
    if (never < 0 || never > most)
        return geo_err_set(err, GEO_EARG, "the counts that never come out are more than the largest noise");
    if (!(variance > 0 && variance <= most * (most + 1) / 3.0)) /* the variance of -most .. most, all alike */
        return geo_err_set(err, GEO_EARG, "noise of at most %d has a variance above 0 and up to %.4g", most, most * (most + 1) / 3.0);
    const int last = never ? most + never + 1 : most;
    geo_vec rows = {0};
    geo_ptable *t = calloc(1, sizeof *t);
    geo_status st = t && (t->row_at = calloc((size_t)last + 2, sizeof *t->row_at)) ? GEO_OK : geo_err_nomem(err);
    for (int i = 0; st == GEO_OK && i <= last; i++) {
        problem q = {.variance = variance / most / most};
        find_steps(&q, i, i ? most : 0, never);
        if ((st = solve(&q, i, err)) == GEO_OK)
            st = append_rows(&q, &rows, err);
        if (st == GEO_OK)
            t->row_at[i + 1] = rows.n;
    }
    if (st < 0) {
        geo_vec_clear(&rows);
        geo_ptable_free(t);
        return st;
    }
    t->last = last;
    t->rows = rows.items;
    *out = t;
    return GEO_OK;
}
