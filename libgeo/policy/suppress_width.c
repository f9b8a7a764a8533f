/*
 * Which unsafe cells lie in too narrow an interval. Tables found by walking settle most, and programmes over what is near the rest, so that
 * time grows with the number of cells. A cell for which nothing proves a wide interval counts as narrow.
 */
#include "suppress_near.h"

#include <math.h>

#define NEAR 300 /* hidden cells: about an MSOA by ages and sexes */
#define MIDDLE 2000
#define WALK 64    /* steps along each variable */
#define SLACK 1e-6 /* of a bound, and at least so much: what linear programming leaves undecided */

static double slack(double v)
{
    return isfinite(v) ? SLACK * fmax(1, fabs(v)) : 0;
}

static bool demands_width(const geo_suppress_options *o)
{
    return o->low || o->high;
}

/* Bounds out of a programme. Where no width is demanded, those that differ by rounding errors are no interval. */
static bool is_wide(const geo_suppress_options *o, size_t c, double low, double high)
{
    const double give = demands_width(o) ? 1 : -1;
    if (o->whole)
        return geo_suppress_is_wide(o, c, ceil(low - slack(low)), floor(high + slack(high)));
    return geo_suppress_is_wide(o, c, low - give * slack(low), high + give * slack(high));
}

/* From a table of the walk. */
static geo_status look_near(geo_widths *w, const geo_near *near, uint8_t *complete, geo_err *err)
{
    double *low = w->walk.low, *high = w->walk.high;
    const geo_status st = geo_suppress_bounds_near(near, w->narrow, NEAR, low, high, complete, err);
    for (size_t c = 0; st == GEO_OK && c < near->equations->cells_n; c++)
        if (w->narrow[c] && is_wide(near->options, c, low[c], high[c]))
            w->narrow[c] = 0;
    return st;
}

/*
 * From the middle: the sum of the tables of the walk, which is a table as well, so many times as large. What is 0 in it was 0 in all of
 * them, so fewer zeros stand in the way.
 */
static geo_status look_from_middle(geo_widths *w, geo_near near, uint8_t *complete, geo_err *err)
{
    const size_t n = near.equations->cells_n;
    double *low = malloc((n + 1) * sizeof *low), *high = malloc((n + 1) * sizeof *high);
    geo_status st = low && high ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK) {
        memcpy(low, w->walk.sum, n * sizeof *low);
        memcpy(high, w->walk.sum, n * sizeof *high);
        near.value = w->walk.sum;
        near.whole = false;
        st = geo_suppress_bounds_near(&near, w->narrow, MIDDLE, low, high, complete, err);
    }
    for (size_t c = 0; st == GEO_OK && c < n; c++) {
        if (!w->narrow[c])
            continue;
        w->fixed[c] = !demands_width(near.options) && complete[c] && !(high[c] - low[c] > slack(high[c]));
        w->walk.low[c] = fmin(w->walk.low[c], low[c] / w->walk.sum_n);
        w->walk.high[c] = fmax(w->walk.high[c], high[c] / w->walk.sum_n);
        w->narrow[c] = w->fixed[c] || !is_wide(near.options, c, w->walk.low[c], w->walk.high[c]);
    }
    free(high);
    free(low);
    return st;
}

static bool start(geo_widths *w, const geo_near *near)
{
    const size_t n = near->equations->cells_n;
    w->tables = malloc((4 * n + 1) * sizeof *w->tables);
    w->narrow = calloc(n + 1, 1);
    w->fixed = calloc(n + 1, 1);
    if (!w->tables || !w->narrow || !w->fixed || !geo_changes_make(&w->changes, near->hidden, n))
        return false;
    w->walk = (geo_walk){.now = w->tables, .sum = w->tables + n, .low = w->tables + 2 * n, .high = w->tables + 3 * n, .sum_n = 1};
    for (size_t i = 0; i < 4; i++)
        memcpy(w->tables + i * n, near->options->value, n * sizeof *w->tables);
    geo_random_init(&w->walk.random, 0x67656F, 2);
    return true;
}

geo_status geo_widths_look(geo_widths *w, const geo_near *around, geo_err *err)
{
    const size_t n = around->equations->cells_n;
    const geo_suppress_options *o = around->options;
    uint8_t *complete = calloc(n + 1, 1);
    if (!complete || !start(w, around)) {
        free(complete);
        return geo_err_nomem(err);
    }
    geo_near near = *around;
    near.changes = &w->changes;
    near.value = w->walk.now;
    near.whole = o->whole && !demands_width(o); /* whole numbers take much longer, and make no difference worth it */
    geo_suppress_walk(&w->walk, o, near.cell, n, &w->changes, near.hidden->variables_n, WALK);
    for (size_t c = 0; c < n; c++)
        w->narrow[c] = near.cell[c] == GEO_CELL_UNSAFE && !geo_suppress_is_wide(o, c, w->walk.low[c], w->walk.high[c]);
    geo_status st = GEO_OK;
    if (memchr(w->narrow, 1, n))
        st = look_near(w, &near, complete, err);
    if (st == GEO_OK && memchr(w->narrow, 1, n))
        st = look_from_middle(w, near, complete, err);
    w->any_narrow = st == GEO_OK && memchr(w->narrow, 1, n);
    w->any_fixed = st == GEO_OK && memchr(w->fixed, 1, n);
    free(complete);
    return st;
}

void geo_widths_clear(geo_widths *w)
{
    geo_changes_clear(&w->changes);
    free(w->tables);
    free(w->narrow);
    free(w->fixed);
    *w = (geo_widths){0};
}
