/*
 * Searching the index. What a search costs is waiting for memory, so points go through in groups: every group fetches its cells, then its
 * candidates' headers, stripes and edges, each step prefetching for the next, and tests last.
 */
#include "areas.h"

#define GROUP 64
#define PAIRS 512 /* point-area pairs in flight */

static inline bool stripe_holds(const geo_areas *s, uint32_t from, uint32_t to, geo_xy p)
{
    const geo_xy *v = s->vertices.items;
    bool inside = false;
    for (uint32_t i = from; i < to; i++) {
        const geo_xy *e = v + s->edge[i];
        inside ^= geo_passes_east(e[0], e[1], p);
    }
    return inside;
}

bool geo_area_holds(const geo_areas *s, const area *a, geo_xy p)
{
    if (!(p.x >= a->x_min && p.x <= a->x_max && p.y >= a->y_min && p.y <= a->y_max))
        return false;
    const uint32_t k = a->first_stripe + geo_area_stripe(a, p.y);
    return stripe_holds(s, s->stripe_at[k], s->stripe_at[k + 1], p);
}

bool geo_area_touches(const geo_areas *s, const area *a, geo_xy p)
{
    if (!(p.x >= a->x_min && p.x <= a->x_max && p.y >= a->y_min && p.y <= a->y_max))
        return false;
    const geo_xy *v = s->vertices.items;
    const uint32_t k = a->first_stripe + geo_area_stripe(a, p.y);
    for (uint32_t i = s->stripe_at[k]; i < s->stripe_at[k + 1]; i++) {
        const geo_xy *e = v + s->edge[i];
        if (p.x >= geo_min(e[0].x, e[1].x) && p.x <= geo_max(e[0].x, e[1].x) && p.y >= geo_min(e[0].y, e[1].y)
            && p.y <= geo_max(e[0].y, e[1].y) && geo_orient_filtered(e[0], e[1], p) == 0)
            return true;
    }
    return false;
}

typedef struct group {
    geo_xy p[GROUP];
    int32_t cell[GROUP]; /* place of the coarse cell, -1 off the grid; then what the cell holds */
    uint8_t fine[GROUP]; /* fine cell in it */
    size_t at[GROUP];    /* place of the fine cell */
    int32_t best[GROUP]; /* area of least rank so far */
    uint8_t hits[GROUP];
} group;

typedef struct pair {
    uint32_t area;
    uint32_t stripe;
    uint8_t point;
} pair;

static inline void hit(const geo_areas *s, group *g, size_t i, int32_t found)
{
    if (g->hits[i] == 0 || s->rank[found] < s->rank[g->best[i]])
        g->best[i] = found;
    g->hits[i] += g->hits[i] < UINT8_MAX;
}

/* Test the pairs, fetching each one's memory some pairs ahead of its turn. */
static void test_pairs(const geo_areas *s, group *g, pair *pairs, size_t n)
{
    const area *areas = s->areas.items;
    const geo_xy *v = s->vertices.items;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const area *a = &areas[pairs[i].area];
        const geo_xy p = g->p[pairs[i].point];
        if (!(p.x >= a->x_min && p.x <= a->x_max && p.y >= a->y_min && p.y <= a->y_max))
            continue;
        pairs[kept] = pairs[i];
        pairs[kept].stripe = a->first_stripe + geo_area_stripe(a, p.y);
        __builtin_prefetch(&s->stripe_at[pairs[kept++].stripe]);
    }
    for (size_t i = 0; i < kept; i++)
        __builtin_prefetch(&s->edge[s->stripe_at[pairs[i].stripe]]);
    for (size_t i = 0; i < kept; i++) {
        const uint32_t from = s->stripe_at[pairs[i].stripe], to = s->stripe_at[pairs[i].stripe + 1];
        if (from < to) {
            __builtin_prefetch(&v[s->edge[from]]);
            __builtin_prefetch(&v[s->edge[to - 1]]);
            __builtin_prefetch(&v[s->edge[from + (to - from) / 2]]);
        }
    }
    for (size_t i = 0; i < kept; i++)
        if (stripe_holds(s, s->stripe_at[pairs[i].stripe], s->stripe_at[pairs[i].stripe + 1], g->p[pairs[i].point]))
            hit(s, g, pairs[i].point, (int32_t)pairs[i].area);
}

/* A point in no area that has edges in its cell may lie on one of them: the outer border. */
static void settle_outer_border(const geo_areas *s, group *g, size_t i)
{
    const area *areas = s->areas.items;
    const uint32_t *list = s->candidates + (uint32_t)~g->cell[i];
    for (uint32_t k = 1; k <= list[0]; k++) {
        const int32_t candidate = (int32_t)(list[k] >> 1);
        if (geo_area_touches(s, &areas[candidate], g->p[i]) && (g->best[i] == GEO_NO_AREA || s->rank[candidate] < s->rank[g->best[i]]))
            g->best[i] = candidate;
    }
}

static void locate_group(const geo_areas *s, group *g, size_t n)
{
    pair pairs[PAIRS];
    size_t pairs_n = 0;
    for (size_t i = 0; i < n; i++) { /* from the place of the coarse cell to what it holds, or to the place of the fine cell */
        const int32_t held = g->cell[i] < 0 ? NOTHING : s->cell[g->cell[i]];
        g->hits[i] = 0;
        g->best[i] = GEO_NO_AREA;
        g->at[i] = held >= GEO_FINE && held != NOTHING ? s->cells_n + (size_t)(held - GEO_FINE) * 64 + g->fine[i] : SIZE_MAX;
        g->cell[i] = held;
        if (g->at[i] != SIZE_MAX)
            __builtin_prefetch(&s->cell[g->at[i]]);
    }
    for (size_t i = 0; i < n; i++) {
        if (g->at[i] != SIZE_MAX)
            g->cell[i] = s->cell[g->at[i]];
        if (g->cell[i] < 0)
            __builtin_prefetch(&s->candidates[(uint32_t)~g->cell[i]]);
    }
    for (size_t i = 0; i < n; i++) {
        if (g->cell[i] == NOTHING)
            continue;
        if (g->cell[i] >= 0) {
            hit(s, g, i, g->cell[i]);
            continue;
        }
        const uint32_t *list = s->candidates + (uint32_t)~g->cell[i];
        for (uint32_t k = 1; k <= list[0]; k++) {
            if (list[k] & 1) {
                hit(s, g, i, (int32_t)(list[k] >> 1));
                continue;
            }
            if (pairs_n == PAIRS) {
                test_pairs(s, g, pairs, pairs_n);
                pairs_n = 0;
            }
            pairs[pairs_n++] = (pair){list[k] >> 1, 0, (uint8_t)i};
            __builtin_prefetch((const area *)s->areas.items + (list[k] >> 1));
        }
    }
    test_pairs(s, g, pairs, pairs_n);
    for (size_t i = 0; i < n; i++)
        if (g->hits[i] == 0 && g->cell[i] < 0)
            settle_outer_border(s, g, i);
}

/* Place of the coarse cell of a point and its fine cell there; -1 for what is no number. What lies beyond the grid is in its outer cells. */
static inline int32_t find_cell(const geo_areas *s, geo_xy p, uint8_t *fine)
{
    const double x_step = (p.x - s->x0) * s->fine_per_unit, y_step = (p.y - s->y0) * s->fine_per_unit;
    *fine = 0;
    if (!(x_step == x_step && y_step == y_step))
        return -1;
    const int32_t column = geo_clamp_step(x_step, s->columns_n), row = geo_clamp_step(y_step, s->rows_n);
    *fine = (uint8_t)((row & 7) << 3 | (column & 7));
    return (row >> 3) * (s->columns_n >> 3) + (column >> 3);
}

void geo_areas_locate(const geo_areas *s, const double *x, const double *y, size_t n, int32_t *found, uint8_t *hits)
{
    group g;
    for (size_t from = 0; from < n; from += GROUP) {
        const size_t group_n = n - from < GROUP ? n - from : GROUP;
        for (size_t i = 0; i < group_n; i++) {
            g.p[i] = (geo_xy){geo_flush_tiny(x[from + i]), geo_flush_tiny(y[from + i])};
            g.cell[i] = find_cell(s, g.p[i], &g.fine[i]);
            if (g.cell[i] >= 0)
                __builtin_prefetch(&s->cell[g.cell[i]]);
        }
        locate_group(s, &g, group_n);
        for (size_t i = 0; i < group_n; i++) {
            found[from + i] = g.best[i];
            if (hits)
                hits[from + i] = g.hits[i];
        }
    }
}

/* Put an area where its rank says among the n that there are, as far as there is room. */
static void insert_by_rank(const geo_areas *s, int32_t found, int32_t *into, size_t n, size_t room)
{
    if (room == 0)
        return;
    size_t k = n < room ? n : room - 1;
    if (n >= room && s->rank[into[k]] < s->rank[found])
        return;
    for (; k > 0 && s->rank[into[k - 1]] > s->rank[found]; k--)
        into[k] = into[k - 1];
    into[k] = found;
}

size_t geo_areas_locate_all(const geo_areas *s, double x, double y, int32_t *area_of, size_t room)
{
    const geo_xy p = {geo_flush_tiny(x), geo_flush_tiny(y)};
    uint8_t fine;
    const int32_t place = find_cell(s, p, &fine);
    int32_t held = place < 0 ? NOTHING : s->cell[place];
    if (held >= GEO_FINE && held != NOTHING)
        held = s->cell[s->cells_n + (size_t)(held - GEO_FINE) * 64 + fine];
    if (held == NOTHING)
        return 0;
    if (held >= 0) {
        insert_by_rank(s, held, area_of, 0, room);
        return 1;
    }
    const uint32_t *list = s->candidates + (uint32_t)~held;
    size_t n = 0;
    for (uint32_t k = 1; k <= list[0]; k++) {
        const int32_t candidate = (int32_t)(list[k] >> 1);
        if (list[k] & 1 || geo_area_holds(s, (const area *)s->areas.items + candidate, p))
            insert_by_rank(s, candidate, area_of, n++, room);
    }
    return n;
}
