/*
 * One part of the equations as a linear programme.
 *
 * The solver works with tolerances, and nothing that it says is believed. Bounds are worked out from its prices in numbers that are not
 * rounded, points are put into the equations. (Neumaier and Shcherbina (2004), Safe bounds in linear and mixed-integer linear programming,
 * Mathematical Programming 99:283-296, do so with directed rounding.)
 */
#include "attack_part.h"

#include "../core/sum.h"

#include <limits.h>

/*
 * Prices are taken as multiples of 1 / 720720, which is divisible by all numbers to 16: with factors of 1 and -1 nearly all prices are such.
 * Others cost some sharpness, not truth.
 */
#define PRICE_UNITS 720720.0
/* How far from a whole number the solver's may be to be taken for it; the equations are then put to it. */
#define WHOLE_ENOUGH 1e-5
/* In other numbers, a bound that a point comes so near to, as a share, is taken as reached. */
#define REACHED 1e-9

static double *numbers(geo_part *p, size_t n)
{
    double *v = geo_arena_array(&p->arena, n, sizeof *v);
    for (size_t i = 0; v && i < n; i++)
        v[i] = 0;
    return v;
}

static bool allocate(geo_part *p, size_t entries_n)
{
    const size_t cells_n = p->cells_n, rows_n = p->rows_n;
    double **const of_cells[] = {&p->low, &p->high, &p->seen_low, &p->seen_high, &p->cost, &p->point, &p->known, &p->was_low, &p->was_high};
    double **const of_rows[] = {&p->sum, &p->blur, &p->prices};
    p->start = geo_arena_array(&p->arena, cells_n + 1, sizeof *p->start);
    p->row = geo_arena_array(&p->arena, entries_n, sizeof *p->row);
    p->open = geo_arena_array(&p->arena, cells_n, 1);
    p->factor = numbers(p, entries_n);
    bool ok = p->start && p->row && p->open && p->factor;
    for (size_t i = 0; ok && i < sizeof of_cells / sizeof *of_cells; i++)
        ok = (*of_cells[i] = numbers(p, cells_n)) != NULL;
    for (size_t i = 0; ok && i < sizeof of_rows / sizeof *of_rows; i++)
        ok = (*of_rows[i] = numbers(p, rows_n)) != NULL;
    return ok;
}

/* What the cells of the part must sum to in an equation: the others moved to the other side. */
static void sum_row(geo_part *p, size_t r)
{
    const geo_attack_work *w = p->w;
    const geo_equations *s = w->equations;
    const uint32_t e = p->equations[r];
    geo_sum sum = {0};
    for (size_t i = s->at[e]; i < s->at[e + 1]; i++) {
        const uint32_t c = s->cells[i];
        if (!(w->state[c] & GEO_ATTACK_SETTLED))
            continue;
        const double v = w->low[c] == w->high[c] ? w->low[c] : w->low[c] / 2 + w->high[c] / 2;
        geo_sum_add(&sum, i == s->at[e] ? v : -v);
        p->blur[r] += w->high[c] - w->low[c];
    }
    p->sum[r] = geo_sum_value(&sum);
}

static int row_of_equation(const geo_part *p, uint32_t e)
{
    size_t lo = 0, hi = p->rows_n;
    while (hi - lo > 1) {
        const size_t mid = lo + (hi - lo) / 2;
        *(p->equations[mid] <= e ? &lo : &hi) = mid;
    }
    return (int)lo;
}

static void open_cell(geo_part *p, size_t i)
{
    const uint8_t *wanted = p->w->options->wanted;
    p->open[i] = 0;
    if (wanted && !wanted[p->cells[i]])
        return;
    p->open[i] = GEO_PART_LOW | GEO_PART_HIGH;
    p->open_low_n++;
    p->open_high_n++;
}

bool geo_part_init(geo_part *p, geo_attack_work *w, const geo_attack_parts *parts, size_t which)
{
    *p = (geo_part){.w = w,
                    .cells = parts->cells + parts->cell_at[which],
                    .equations = parts->equations + parts->equation_at[which],
                    .cells_n = parts->cell_at[which + 1] - parts->cell_at[which],
                    .rows_n = parts->equation_at[which + 1] - parts->equation_at[which]};
    size_t entries_n = 0;
    for (size_t i = 0; i < p->cells_n; i++)
        entries_n += w->at[p->cells[i] + 1] - w->at[p->cells[i]];
    if (entries_n > INT_MAX / 2 || p->cells_n > INT_MAX / 2 || p->rows_n > INT_MAX / 2 || !allocate(p, entries_n))
        return false;
    int n = 0;
    for (size_t i = 0; i < p->cells_n; i++) {
        const uint32_t c = p->cells[i];
        p->start[i] = n;
        for (size_t k = w->at[c]; k < w->at[c + 1]; k++) {
            p->row[n] = row_of_equation(p, w->of[k]);
            p->factor[n++] = w->equations->cells[w->equations->at[w->of[k]]] == c ? -1 : 1;
        }
        p->low[i] = w->low[c];
        p->high[i] = w->high[c];
        p->seen_low[i] = INFINITY;
        p->seen_high[i] = -INFINITY;
        open_cell(p, i);
    }
    p->start[p->cells_n] = n;
    for (size_t r = 0; r < p->rows_n; r++)
        sum_row(p, r);
    return true;
}

void geo_part_clear(geo_part *p)
{
    geo_lp_free(p->lp);
    geo_vec_clear(&p->branches);
    geo_arena_clear(&p->arena);
    *p = (geo_part){0};
}

/*
 * For any prices y, cost x = y (A x) + (cost - y A) x, and A x is known: the least of the rest is each cell's by itself. All in units, where
 * y and cost - y A are whole numbers.
 */
double geo_part_least_cost(const geo_part *p, const double *cost, const double *prices)
{
    geo_sum least = {0};
    double magnitude = 0;
    for (size_t r = 0; r < p->rows_n; r++) {
        const double price = rint(prices[r] * PRICE_UNITS), t = price * p->sum[r];
        geo_sum_add(&least, t);
        geo_sum_add(&least, -fabs(price) * p->blur[r]);
        magnitude += fabs(t);
    }
    for (size_t i = 0; i < p->cells_n; i++) {
        double rest = cost ? cost[i] * PRICE_UNITS : 0;
        for (int k = p->start[i]; k < p->start[i + 1]; k++)
            rest -= p->factor[k] * rint(prices[p->row[k]] * PRICE_UNITS);
        if (rest == 0)
            continue;
        const double t = rest * (rest > 0 ? p->low[i] : p->high[i]);
        geo_sum_add(&least, t);
        magnitude += fabs(t);
    }
    if (!isfinite(magnitude))
        return -INFINITY;
    const double value = (geo_sum_value(&least) - geo_attack_slack(p->w->options->whole, magnitude)) / PRICE_UNITS;
    return value - fabs(value) * DBL_EPSILON;
}

bool geo_part_is_empty(geo_part *p)
{
    if (!geo_lp_proof(p->lp, p->prices))
        return false;
    double most = 0, noise = 0;
    for (size_t r = 0; r < p->rows_n; r++)
        most = fmax(most, fabs(p->prices[r]));
    if (!(most > 0) || isinf(most))
        return false;
    if (!p->w->options->whole)
        for (size_t r = 0; r < p->rows_n; r++)
            noise += fabs(p->sum[r]) * GEO_ATTACK_NOISE;
    /* the factors of a proof have no scale of their own; most often they are whole numbers as they come */
    const double scales[] = {1, -1, 1 / most, -1 / most};
    double was = 1;
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
        for (size_t r = 0; r < p->rows_n; r++)
            p->prices[r] *= scales[s] / was;
        was = scales[s];
        if (geo_part_least_cost(p, NULL, p->prices) > noise * fabs(scales[s]) * most)
            return true;
    }
    return false;
}

void geo_part_close(geo_part *p, size_t i, uint8_t side)
{
    if (p->open[i] & side & GEO_PART_LOW)
        p->open_low_n--;
    if (p->open[i] & side & GEO_PART_HIGH)
        p->open_high_n--;
    p->open[i] &= (uint8_t)~side;
}

/* Whole numbers that fit, exactly? */
static bool point_fits(const geo_part *p)
{
    double magnitude = 0;
    for (size_t r = 0; r < p->rows_n; r++)
        p->prices[r] = -p->sum[r];
    for (size_t i = 0; i < p->cells_n; i++) {
        if (!(p->point[i] >= p->low[i] && p->point[i] <= p->high[i]))
            return false;
        for (int k = p->start[i]; k < p->start[i + 1]; k++)
            p->prices[p->row[k]] += p->factor[k] * p->point[i];
        magnitude += fabs(p->point[i]);
    }
    for (size_t r = 0; r < p->rows_n; r++) {
        if (p->prices[r] != 0)
            return false;
        magnitude = fmax(magnitude, fabs(p->sum[r]));
    }
    return magnitude <= GEO_ATTACK_EXACT / 2;
}

static double nearness(const geo_part *p, double bound)
{
    return p->w->options->whole ? 0 : REACHED * fmax(1, fabs(bound));
}

bool geo_part_note_point(geo_part *p, const double *point)
{
    geo_attack_work *w = p->w;
    const bool whole = w->options->whole;
    for (size_t i = 0; i < p->cells_n; i++) {
        p->point[i] = whole ? rint(point[i]) : point[i];
        if (!(fabs(p->point[i] - point[i]) <= WHOLE_ENOUGH))
            return false;
    }
    if (whole && !point_fits(p))
        return false;
    memcpy(p->known, p->point, p->cells_n * sizeof *p->known);
    for (size_t i = 0; i < p->cells_n; i++) {
        const uint32_t c = p->cells[i];
        const double v = p->point[i];
        p->seen_low[i] = fmin(p->seen_low[i], v);
        p->seen_high[i] = fmax(p->seen_high[i], v);
        if (whole && (w->state[c] & GEO_ATTACK_SPANNED)) /* it holds the same in all points */
            w->low[c] = w->high[c] = v;
        if (p->seen_low[i] <= w->low[c] + nearness(p, w->low[c]))
            geo_part_close(p, i, GEO_PART_LOW);
        if (p->seen_high[i] >= w->high[c] - nearness(p, w->high[c]))
            geo_part_close(p, i, GEO_PART_HIGH);
        if (w->options->enough > 0 && p->seen_high[i] >= w->options->enough)
            geo_part_close(p, i, GEO_PART_LOW | GEO_PART_HIGH);
    }
    return true;
}
