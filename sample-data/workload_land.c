/*
 * Areas: some 400 towns whose sizes follow Zipf's law and a rural scatter, in the outline of no country in particular.
 *
 * One area in 200 has two parts, one in 500 lies in a hole of another: a join that forgets either gives wrong answers that are easily seen.
 */
#include "workload.h"

#include "must.h"

#include <math.h>
#include <stdlib.h>

enum { TOWNS_N = 400, SEA_N = 6000, PART_OFFSET = 7, KIND_STEP = 11, STRIP_M = 10000 };
enum { ONE_IN_TWO_PARTS = 200, ONE_ENCLAVE_IN = 500 };
static const double RURAL_SHARE = 0.17, TOWN_LEAST_M = 1000, TOWN_MOST_M = 9600;

static const grid_xy FRAME_LOW_KM = {60, 10}, FRAME_HIGH_KM = {700, 720};
static const grid_xy OUTLINE_KM[] = {
    {120, 60},  {190, 50},  {235, 82},  {310, 70},  {365, 95},  {440, 78},  {515, 90},  {590, 120}, {655, 130},
    {640, 185}, {600, 215}, {650, 250}, {660, 320}, {610, 360}, {555, 350}, {560, 410}, {525, 470}, {480, 520},
    {470, 590}, {420, 650}, {360, 660}, {345, 600}, {300, 570}, {325, 500}, {290, 450}, {330, 400}, {300, 345},
    {255, 320}, {310, 270}, {270, 225}, {340, 200}, {300, 160}, {215, 150}, {160, 115}, {120, 60},
};
enum { OUTLINE_N = sizeof OUTLINE_KM / sizeof *OUTLINE_KM };

typedef struct town {
    grid_xy at;
    double reach_m;
} town;

grid_xy workload_draw_place(geo_random *r)
{
    grid_xy p;
    p.x = draw_between(r, FRAME_LOW_KM.x * 1000 * MM_PER_M, FRAME_HIGH_KM.x * 1000 * MM_PER_M);
    p.y = draw_between(r, FRAME_LOW_KM.y * 1000 * MM_PER_M, FRAME_HIGH_KM.y * 1000 * MM_PER_M);
    return p;
}

/* The outline is in whole kilometres; the test is made in metres, where a kilometre point is on the line once in a very long time. */
bool workload_is_land(grid_xy p)
{
    static const int64_t KM = 1000;
    grid_xy outline_m[OUTLINE_N];
    for (int i = 0; i < OUTLINE_N; i++)
        outline_m[i] = (grid_xy){OUTLINE_KM[i].x * KM, OUTLINE_KM[i].y * KM};
    return ring_holds(outline_m, OUTLINE_N, (grid_xy){p.x / MM_PER_M, p.y / MM_PER_M});
}

static grid_xy draw_on(bool land, geo_random *r)
{
    grid_xy p;
    do
        p = workload_draw_place(r);
    while (workload_is_land(p) != land);
    return p;
}

/* The town of rank k has 1/k of the largest one's people, on an area that grows with their number. */
static double *found_towns(town *towns, geo_random *r)
{
    double *running = must_alloc(TOWNS_N, sizeof *running), sum = 0;
    for (int i = 0; i < TOWNS_N; i++) {
        towns[i].at = draw_on(true, r);
        towns[i].reach_m = TOWN_LEAST_M + TOWN_MOST_M / sqrt(i + 1);
        running[i] = sum += 1.0 / (i + 1);
    }
    return running;
}

/* Density falls from the middle of a town as (1 + (d / reach)^2)^-2, with no end in sight: suburbs, then villages. */
static grid_xy draw_in_town(const town *t, geo_random *r)
{
    double dx, dy;
    draw_direction(r, &dx, &dy);
    const double m = t->reach_m * sqrt(1 / (1 - geo_random_uniform(r)) - 1) * MM_PER_M;
    return (grid_xy){t->at.x + nearest(m * dx), t->at.y + nearest(m * dy)};
}

static int by_strip(const void *a, const void *b)
{
    const grid_xy *p = a, *q = b;
    const int64_t strip_p = p->y / (STRIP_M * MM_PER_M), strip_q = q->y / (STRIP_M * MM_PER_M);
    if (strip_p != strip_q)
        return strip_p < strip_q ? -1 : 1;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

/* Land in strips from south to north and west to east, so that codes run roughly with place, as codes do; then the sea. */
static void draw_seeds(workload *w)
{
    geo_random r;
    geo_random_init(&r, w->seed, STREAM_SEEDS);
    town *towns = must_alloc(TOWNS_N, sizeof *towns);
    double *running = found_towns(towns, &r);
    w->seeds = must_alloc((size_t)w->cells_n + SEA_N, sizeof *w->seeds);
    for (uint32_t i = 0; i < w->cells_n;) {
        const bool rural = geo_random_uniform(&r) < RURAL_SHARE;
        const grid_xy p = rural ? draw_on(true, &r) : draw_in_town(&towns[draw_weighted(&r, running, TOWNS_N)], &r);
        if (workload_is_land(p))
            w->seeds[i++] = p;
    }
    qsort(w->seeds, w->cells_n, sizeof *w->seeds, by_strip);
    for (uint32_t i = 0; i < SEA_N; i++)
        w->seeds[w->cells_n + i] = draw_on(false, &r);
    free(running);
    free(towns);
}

/* Every eleventh cell, unless it borders the one seven places on, which would make one part of the two. */
static uint32_t find_slots(const workload *w, uint32_t *slot)
{
    unsigned char *borders = must_alloc(w->cells_n, 1);
    for (size_t i = 0; i < w->partition.arcs_n; i++) {
        const partition_arc *arc = &w->partition.arcs[i];
        if (arc->right == arc->left + PART_OFFSET)
            borders[arc->left] = 1;
    }
    uint32_t n = 0;
    for (uint32_t c = 0; c + PART_OFFSET < w->cells_n; c += KIND_STEP)
        if (!borders[c])
            slot[n++] = c;
    free(borders);
    return n;
}

/* Of these cells, drawn without repetition, some take in the one seven places on, others get an enclave. */
static void draw_kinds(workload *w, uint32_t two_parts_n)
{
    geo_random r;
    geo_random_init(&r, w->seed, STREAM_KINDS);
    uint32_t *slot = must_alloc(w->cells_n / KIND_STEP + 1, sizeof *slot);
    const uint32_t slots_n = find_slots(w, slot);
    if (slots_n < two_parts_n + w->enclaves_n)
        die("too few cells lie apart");
    unsigned char *swallowed = must_alloc(w->cells_n, 1);
    draw_shuffle(&r, slot, slots_n);
    for (uint32_t i = 0; i < two_parts_n; i++)
        swallowed[slot[i] + PART_OFFSET] = 1;
    w->enclave_host = must_alloc(w->enclaves_n, sizeof *w->enclave_host);
    for (uint32_t i = 0; i < w->enclaves_n; i++)
        w->enclave_host[i] = slot[two_parts_n + i];
    w->area_of_cell = must_alloc(w->cells_n, sizeof *w->area_of_cell);
    for (uint32_t c = 0, area = 0; c < w->cells_n; c++)
        w->area_of_cell[c] = swallowed[c] ? w->area_of_cell[c - PART_OFFSET] : area++;
    free(swallowed);
    free(slot);
}

/* Nearly equal, with a longer tail above: a product of uniforms. */
static void draw_population(workload *w)
{
    geo_random r;
    geo_random_init(&r, w->seed, STREAM_POPULATION);
    w->population = must_alloc(w->areas_n, sizeof *w->population);
    for (uint32_t i = 0; i < w->areas_n; i++) {
        double people = 1600;
        for (int k = 0; k < 4; k++)
            people *= 0.79 + 0.42 * geo_random_uniform(&r);
        w->population[i] = nearest(people);
    }
}

void workload_make_areas(workload *w)
{
    const uint32_t two_parts_n = w->areas_n / ONE_IN_TWO_PARTS;
    w->enclaves_n = w->areas_n / ONE_ENCLAVE_IN;
    w->cells_n = w->areas_n + two_parts_n - w->enclaves_n;
    draw_seeds(w);
    geo_random r;
    geo_random_init(&r, w->seed, STREAM_BORDERS);
    const partition_style style = {NODE_VORONOI, 5, 58, 1.0 * MM_PER_M};
    partition_build(&w->partition, w->seeds, w->cells_n, w->cells_n + SEA_N, &style, &r);
    draw_kinds(w, two_parts_n);
    draw_population(w);
    shapes_merge(&w->shapes, &w->partition, w->area_of_cell, w->areas_n - w->enclaves_n);
}

void workload_clear(workload *w)
{
    partition_clear(&w->partition);
    shapes_clear(&w->shapes);
    free(w->enclave_host);
    free(w->area_of_cell);
    free(w->seeds);
    free(w->population);
    *w = (workload){0};
}
