/*
 * Which unsafe cells lie in too narrow an interval. Tables found by walking settle most, and programmes over what is near the rest, so that
 * time grows with the number of cells. A cell for which nothing proves a wide interval counts as narrow.
 */
#include "suppress_near.h"

#include <math.h>

#define NEAR 300 /* hidden cells: about an MSOA by ages and sexes */
#define FAR 2000
#define WALK 64 /* steps along each variable */
#define WALK_ON 3
#define LOOKS 10
#define SLACK 1e-6 /* of a bound, and at least so much: what linear programming leaves undecided */

static double slack(double v)
{
    return isfinite(v) ? SLACK * fmax(1, fabs(v)) : 0;
}

/* Bounds out of a programme. Where no width is demanded, those that differ by rounding errors are no interval. */
static bool is_wide(const geo_suppress_options *o, size_t c, double low, double high)
{
    const double give = o->low || o->high ? 1 : -1;
    return geo_suppress_is_wide(o, c, low - give * slack(low), high + give * slack(high));
}

/* Wanted cells that can be made wide are no longer wanted. */
static geo_status look(const geo_near *near, uint32_t largest, geo_walk *walk, uint8_t *wanted, uint8_t *complete, geo_err *err)
{
    const geo_status st = geo_suppress_bounds_near(near, wanted, largest, walk->low, walk->high, complete, err);
    for (size_t c = 0; st == GEO_OK && c < near->equations->cells_n; c++)
        if (wanted[c] && is_wide(near->options, c, walk->low[c], walk->high[c]))
            wanted[c] = 0;
    return st;
}

/*
 * The same from the middle: the sum of the tables of the walk, which is a table as well, so many times as large. What is 0 in it was 0 in
 * all of them, so fewer zeros stand in the way. fixed: [out] cells that cannot move at all.
 */
static geo_status look_from_middle(geo_near near, geo_walk *walk, uint8_t *wanted, uint8_t *fixed, uint8_t *complete, geo_err *err)
{
    const size_t n = near.equations->cells_n;
    double *low = malloc((n + 1) * sizeof *low), *high = malloc((n + 1) * sizeof *high);
    geo_status st = low && high ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK) {
        memcpy(low, walk->sum, n * sizeof *low);
        memcpy(high, walk->sum, n * sizeof *high);
        near.value = walk->sum;
        near.whole = false;
        st = geo_suppress_bounds_near(&near, wanted, FAR, low, high, complete, err);
    }
    for (size_t c = 0; st == GEO_OK && c < n; c++) {
        if (!wanted[c])
            continue;
        const bool whole = near.options->whole, moves = high[c] - low[c] > slack(high[c]);
        const double l = low[c] / walk->sum_n, h = high[c] / walk->sum_n;
        fixed[c] = complete[c] && !moves;
        wanted[c] = !fixed[c] && !is_wide(near.options, c, whole ? ceil(l - slack(l)) : l, whole ? floor(h + slack(h)) : h);
    }
    free(high);
    free(low);
    return st;
}

static geo_status settle(geo_near *near, geo_walk *walk, uint8_t *narrow, geo_err *err)
{
    const size_t n = near->equations->cells_n;
    uint8_t *fixed = calloc(n + 1, 1), *complete = calloc(n + 1, 1);
    geo_status st = fixed && complete ? GEO_OK : geo_err_nomem(err);
    for (size_t c = 0; st == GEO_OK && c < n; c++)
        narrow[c] = near->cell[c] == GEO_CELL_UNSAFE && !geo_suppress_is_wide(near->options, c, walk->low[c], walk->high[c]);
    if (st == GEO_OK && memchr(narrow, 1, n))
        st = look(near, NEAR, walk, narrow, complete, err);
    if (st == GEO_OK && memchr(narrow, 1, n))
        st = look_from_middle(*near, walk, narrow, fixed, complete, err);
    for (int i = 0; st == GEO_OK && i < LOOKS && memchr(narrow, 1, n); i++) {
        geo_suppress_walk(walk, near->options, near->cell, n, near->changes, near->hidden->variables_n, WALK_ON);
        st = look(near, FAR, walk, narrow, complete, err);
    }
    for (size_t c = 0; st == GEO_OK && c < n; c++)
        narrow[c] |= fixed[c];
    free(complete);
    free(fixed);
    return st;
}

geo_status geo_suppress_narrow(const geo_equations *equations, const geo_cell_index *index, const geo_suppress_options *options,
                               const uint8_t *cell, const geo_hidden *hidden, uint8_t *narrow, bool *any, geo_err *err)
{
    const size_t n = equations->cells_n;
    double *tables = malloc((4 * n + 1) * sizeof *tables);
    geo_changes changes = {0};
    if (!tables || !geo_changes_make(&changes, hidden, n)) {
        free(tables);
        geo_changes_clear(&changes);
        return geo_err_nomem(err);
    }
    geo_walk walk = {.now = tables, .sum = tables + n, .low = tables + 2 * n, .high = tables + 3 * n, .sum_n = 1};
    for (int i = 0; i < 4; i++)
        memcpy(tables + (size_t)i * n, options->value, n * sizeof *tables);
    geo_random_init(&walk.random, 0x67656F, 2);
    geo_suppress_walk(&walk, options, cell, n, &changes, hidden->variables_n, WALK);
    geo_near near = {equations, index, options, cell, walk.now, options->whole, hidden, &changes};
    const geo_status st = settle(&near, &walk, narrow, err);
    *any = st == GEO_OK && memchr(narrow, 1, n);
    geo_changes_clear(&changes);
    free(tables);
    return st;
}
