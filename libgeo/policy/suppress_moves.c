/*
 * Tables that nobody can tell from the true one: a walk along the variables that are left, each as far as no hidden cell falls below 0.
 *
 * It proves most intervals wide without linear programming, since every table on the way is a witness. From the middle of the room more can
 * be reached than from the true table, where zeros stand in the way; hence a walk, not a step along each variable.
 * Source: Smith (1984), Efficient Monte Carlo Procedures for Generating Points Uniformly Distributed over Bounded Regions, Operations
 * Research 32(6):1296-1308, with directions along the coordinates.
 */
#include "suppress.h"

#include "geo/random.h"

#include <math.h>

#define LARGEST_FACTOR 4096 /* larger ones are fractions modulo the prime */

static int32_t small(uint64_t factor)
{
    if (factor <= LARGEST_FACTOR)
        return (int32_t)factor;
    return GEO_PRIME - factor <= LARGEST_FACTOR ? -(int32_t)(GEO_PRIME - factor) : 0;
}

bool geo_changes_make(geo_changes *x, const geo_hidden *h, size_t cells_n)
{
    const geo_terms *rows = h->rows.items;
    size_t *end = calloc((size_t)h->variables_n + 1, sizeof *end); /* of each variable; goes down to its start as changes are filled in */
    *x = (geo_changes){.at = end};
    if (!end)
        return false;
    for (size_t c = 0; c < cells_n; c++)
        for (uint32_t k = 0; h->row_of[c] != GEO_HIDDEN_NONE && k < rows[h->row_of[c]].n; k++)
            end[rows[h->row_of[c]].at[k].of]++;
    for (uint32_t v = 1; v <= h->variables_n; v++)
        end[v] += end[v - 1];
    x->changes = malloc((end[h->variables_n] + 1) * sizeof *x->changes);
    if (!x->changes)
        return false;
    for (size_t c = cells_n; c-- > 0;)
        for (uint32_t k = 0; h->row_of[c] != GEO_HIDDEN_NONE && k < rows[h->row_of[c]].n; k++) {
            const geo_term *t = &rows[h->row_of[c]].at[k];
            x->changes[--end[t->of]] = (geo_change){(uint32_t)c, small(geo_mod_times(t->factor, h->factor_of[c]))};
        }
    return true;
}

void geo_changes_clear(geo_changes *x)
{
    free(x->at);
    free(x->changes);
    *x = (geo_changes){0};
}

/* How far a variable can go down (sign -1) or up. */
static double room(const geo_walk *w, bool whole, const geo_change *from, const geo_change *to, int sign)
{
    double most = INFINITY;
    for (const geo_change *c = from; c < to; c++)
        if (c->by * sign < 0)
            most = fmin(most, w->now[c->cell] / fabs((double)c->by));
    return whole ? floor(most) : most;
}

static void note(geo_walk *w, const geo_change *from, const geo_change *to, double step)
{
    for (const geo_change *c = from; c < to; c++) {
        const double v = fmax(0, w->now[c->cell] + step * c->by);
        w->low[c->cell] = fmin(w->low[c->cell], v);
        w->high[c->cell] = fmax(w->high[c->cell], v);
    }
}

static void step_along(geo_walk *w, bool whole, geo_random *r, const geo_change *from, const geo_change *to)
{
    const double down = room(w, whole, from, to, -1), up = room(w, whole, from, to, 1);
    if (!(down + up > 0))
        return;
    note(w, from, to, -down);
    note(w, from, to, up);
    const double u = geo_random_uniform(r);
    const double low = isfinite(down) ? -down : isfinite(up) ? -up : -1, high = isfinite(up) ? up : isfinite(down) ? down : 1;
    const double step = whole ? low + floor(u * (high - low + 1)) : low + u * (high - low);
    for (const geo_change *c = from; c < to; c++)
        w->now[c->cell] = fmax(0, w->now[c->cell] + step * c->by);
}

static bool all_wide(const geo_walk *w, const geo_suppress_options *o, const uint8_t *cell, size_t cells_n)
{
    for (size_t c = 0; c < cells_n; c++)
        if (cell[c] == GEO_CELL_UNSAFE && !geo_suppress_is_wide(o, c, w->low[c], w->high[c]))
            return false;
    return true;
}

static bool is_whole(const geo_change *from, const geo_change *to)
{
    for (const geo_change *c = from; c < to; c++)
        if (c->by == 0)
            return false;
    return true;
}

void geo_suppress_walk(geo_walk *w, const geo_suppress_options *options, const uint8_t *cell, size_t cells_n, const geo_changes *changes,
                       size_t variables_n, int rounds_n)
{
    for (int round = 0; round < rounds_n && !all_wide(w, options, cell, cells_n); round++) {
        for (size_t v = 0; v < variables_n; v++) {
            const geo_change *from = changes->changes + changes->at[v], *to = changes->changes + changes->at[v + 1];
            if (is_whole(from, to))
                step_along(w, options->whole, &w->random, from, to);
        }
        for (size_t c = 0; c < cells_n; c++)
            w->sum[c] += w->now[c];
        w->sum_n++;
    }
}
