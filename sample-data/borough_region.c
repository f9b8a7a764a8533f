/*
 * Connected groups of about equal size.
 *
 * Start: centres drawn at random are moved to the middle of what is nearest to them, again and again (Lloyd 1982), where "nearest" is
 * along the neighbourhood graph, so that every group is connected. Then units go from larger groups to smaller neighbouring ones as long
 * as the one they leave stays connected; each move lowers the sum of squared sizes, so it ends.
 */
#include "borough.h"

#include "must.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 100, MOVES_OF_CENTRES = 12 };

typedef struct sharing {
    uint32_t n, k;
    const unsigned char *adjacent;
    const grid_xy *centre;
    uint32_t *group_of, *heart; /* group of a unit; unit in the middle of a group */
    uint32_t *size, *queue;
    double *distance;
    unsigned char *seen;
} sharing;

static bool neighbours(const sharing *s, uint32_t a, uint32_t b)
{
    return s->adjacent[(size_t)a * s->n + b] != 0;
}

/* Dijkstra from all hearts at once; n is some hundred, so a plain search for the next unit is good enough. */
static void flood(sharing *s)
{
    for (uint32_t u = 0; u < s->n; u++) {
        s->distance[u] = HUGE_VAL;
        s->seen[u] = 0;
    }
    for (uint32_t g = 0; g < s->k; g++) {
        s->distance[s->heart[g]] = 0;
        s->group_of[s->heart[g]] = g;
    }
    for (uint32_t round = 0; round < s->n; round++) {
        uint32_t u = s->n;
        for (uint32_t v = 0; v < s->n; v++)
            if (!s->seen[v] && (u == s->n || s->distance[v] < s->distance[u]))
                u = v;
        s->seen[u] = 1;
        for (uint32_t v = 0; v < s->n; v++) {
            const double d = neighbours(s, u, v) ? s->distance[u] + borough_distance_m(s->centre[u], s->centre[v]) : HUGE_VAL;
            if (!s->seen[v] && d < s->distance[v]) {
                s->distance[v] = d;
                s->group_of[v] = s->group_of[u];
            }
        }
    }
}

static grid_xy mean_centre(const sharing *s, uint32_t group)
{
    grid_xy sum = {0, 0};
    int64_t n = 0;
    for (uint32_t u = 0; u < s->n; u++)
        if (s->group_of[u] == group) {
            sum.x += s->centre[u].x;
            sum.y += s->centre[u].y;
            n++;
        }
    return n ? (grid_xy){sum.x / n, sum.y / n} : sum;
}

/* Every heart to the unit nearest to the middle of its group. */
static void move_hearts(sharing *s)
{
    for (uint32_t g = 0; g < s->k; g++) {
        const grid_xy mean = mean_centre(s, g);
        for (uint32_t u = 0; u < s->n; u++)
            if (s->group_of[u] == g && borough_distance_m(s->centre[u], mean) < borough_distance_m(s->centre[s->heart[g]], mean))
                s->heart[g] = u;
    }
}

static void draw_hearts(sharing *s, geo_random *r)
{
    for (uint32_t u = 0; u < s->n; u++)
        s->queue[u] = u;
    draw_shuffle(r, s->queue, s->n);
    memcpy(s->heart, s->queue, s->k * sizeof *s->heart);
}

/* Would the group of unit `without` hold together without it? */
static bool spares(sharing *s, uint32_t without)
{
    const uint32_t group = s->group_of[without];
    uint32_t reached = 0, waiting = 0;
    memset(s->seen, 0, s->n);
    for (uint32_t u = 0; u < s->n && waiting == 0; u++)
        if (u != without && s->group_of[u] == group) {
            s->queue[waiting++] = u;
            s->seen[u] = 1;
        }
    while (reached < waiting) {
        const uint32_t u = s->queue[reached++];
        for (uint32_t v = 0; v < s->n; v++)
            if (!s->seen[v] && v != without && s->group_of[v] == group && neighbours(s, u, v)) {
                s->queue[waiting++] = v;
                s->seen[v] = 1;
            }
    }
    return reached > 0 && reached + 1 == s->size[group];
}

/* The smallest neighbouring group that would still be no larger than the one u leaves; of equals the one whose heart is nearest. */
static uint32_t better_group(const sharing *s, uint32_t u)
{
    uint32_t best = s->group_of[u];
    for (uint32_t v = 0; v < s->n; v++) {
        const uint32_t g = s->group_of[v];
        if (!neighbours(s, u, v) || s->size[g] + 1 >= s->size[s->group_of[u]])
            continue;
        if (best == s->group_of[u] || s->size[g] < s->size[best]
            || (s->size[g] == s->size[best]
                && borough_distance_m(s->centre[u], s->centre[s->heart[g]]) < borough_distance_m(s->centre[u], s->centre[s->heart[best]])))
            best = g;
    }
    return best;
}

static void balance(sharing *s)
{
    memset(s->size, 0, s->k * sizeof *s->size);
    for (uint32_t u = 0; u < s->n; u++)
        s->size[s->group_of[u]]++;
    for (bool moved = true; moved;) {
        moved = false;
        for (uint32_t u = 0; u < s->n; u++) {
            const uint32_t g = better_group(s, u);
            if (g == s->group_of[u] || !spares(s, u))
                continue;
            s->size[s->group_of[u]]--;
            s->size[g]++;
            s->group_of[u] = g;
            moved = true;
        }
    }
}

static bool within(const sharing *s, uint32_t lowest, uint32_t highest)
{
    for (uint32_t g = 0; g < s->k; g++)
        if (s->size[g] < lowest || s->size[g] > highest)
            return false;
    return true;
}

void borough_region_share(uint32_t n, const unsigned char *adjacent, const grid_xy *centre, uint32_t k, uint32_t lowest, uint32_t highest,
                          geo_random *r, uint32_t *group_of)
{
    sharing s = {n,
                 k,
                 adjacent,
                 centre,
                 group_of,
                 .heart = must_alloc(k, sizeof *s.heart),
                 .size = must_alloc(k, sizeof *s.size),
                 .queue = must_alloc(n, sizeof *s.queue),
                 .distance = must_alloc(n, sizeof *s.distance),
                 .seen = must_alloc(n, 1)};
    bool good = false;
    for (int attempt = 0; attempt < ATTEMPTS && !good; attempt++) {
        draw_hearts(&s, r);
        flood(&s);
        for (int i = 0; i < MOVES_OF_CENTRES; i++) {
            move_hearts(&s);
            flood(&s);
        }
        balance(&s);
        good = within(&s, lowest, highest);
    }
    if (!good)
        die("cannot share %u units among %u groups", (unsigned)n, (unsigned)k);
    free(s.heart);
    free(s.size);
    free(s.queue);
    free(s.distance);
    free(s.seen);
}

void borough_region_share_some(const borough *b, const unsigned char *adjacent, const uint32_t *oas, uint32_t n, uint32_t k,
                               uint32_t lowest, uint32_t highest, geo_random *r, uint32_t *group_of)
{
    unsigned char *among = must_alloc(n, n);
    grid_xy *centre = must_alloc(n, sizeof *centre);
    for (uint32_t i = 0; i < n; i++) {
        centre[i] = b->oas[oas[i]].centre;
        for (uint32_t j = 0; j < n; j++)
            among[(size_t)i * n + j] = adjacent[(size_t)oas[i] * b->oas_n + oas[j]];
    }
    borough_region_share(n, among, centre, k, lowest, highest, r, group_of);
    free(centre);
    free(among);
}
