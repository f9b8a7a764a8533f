/*
 * The land: a coast, seeds at distances that follow how densely people live, and from their cells the output areas and all above them.
 *
 * An output area (OA) is one cell, but for two that are there because joins must cope with them: one has a second part, an island, and
 * one has a hole, which is an OA of its own. Wards are grown from the OAs without a look at LSOAs, so they cut across them.
 */
#include "borough.h"

#include "must.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Metres from the origin, which lies far out in the North Sea. */
static const grid_xy ORIGIN_M = {634000, 425000};
static const grid_xy FRAME_LOW_M = {-2000, -2000}, FRAME_HIGH_M = {14000, 12000};
static const grid_xy QUAY_M = {8200, 5050};
static const grid_xy TOWNS_M[TOWNS_N] = {{6900, 5100}, {3300, 7400}, {3900, 2400}};
static const grid_xy VILLAGE_M = {2150, 4900}; /* the enclave */
static const grid_xy ISLAND_M[] = {{11350, 8800}, {11680, 8850}, {11420, 9110}, {11760, 9150}};
static const grid_xy OUTLINE_M[] = {
    {6000, 200},   {7600, 350},   {9000, 900},  {10200, 1700}, {11100, 2800}, {11600, 3900}, {11500, 4550}, {10400, 4700},
    {9300, 4650},  {8500, 4800},  {8250, 5050}, {8550, 5350},  {9400, 5300},  {10500, 5400}, {11650, 5350}, {11700, 6300},
    {11200, 7300}, {10200, 8200}, {9000, 9000}, {7500, 9600},  {6000, 9800},  {4400, 9600},  {3000, 9000},  {1700, 8100},
    {800, 6900},   {300, 5500},   {350, 4200},  {900, 2900},   {1900, 1700},  {3200, 800},   {4600, 300},   {6000, 200},
};

enum { DARTS = 200000, ISLAND_N = sizeof ISLAND_M / sizeof *ISLAND_M, OUTLINE_N = sizeof OUTLINE_M / sizeof *OUTLINE_M, ROUND_VILLAGE = 6 };

static const double RURAL_SPACING_M = 563, SEA_SPACING_M = 320, ISLAND_SPACING_M = 300, VILLAGE_SPACING_M = 330;

/* A seed and how far it keeps others away. */
typedef struct spaced {
    grid_xy at;
    double spacing_m;
    bool is_sea;
} spaced;

/* An area on its way to its number: by group, then from north to south. */
typedef struct placed {
    uint32_t group, index;
    grid_xy centre;
} placed;

grid_xy borough_at(grid_xy m)
{
    return (grid_xy){(ORIGIN_M.x + m.x) * UNITS_PER_M, (ORIGIN_M.y + m.y) * UNITS_PER_M};
}

grid_xy borough_quay(void)
{
    return borough_at(QUAY_M);
}

grid_xy borough_town(int i)
{
    return borough_at(TOWNS_M[i]);
}

double borough_distance_m(grid_xy a, grid_xy b)
{
    const double dx = (double)(a.x - b.x) / UNITS_PER_M, dy = (double)(a.y - b.y) / UNITS_PER_M;
    return sqrt(dx * dx + dy * dy);
}

double borough_nearness(grid_xy a, grid_xy b, double scale_m)
{
    const double d = borough_distance_m(a, b) / scale_m;
    return 1 / (1 + d * d);
}

area_code borough_code(enum area_kind kind, uint32_t index)
{
    area_code code;
    snprintf(code.text, sizeof code.text, "X%02d%06u", (int)kind, (unsigned)((index + 1) % 1000000));
    return code;
}

/* Distance between seeds: short in the towns, and never long at sea, so that coast and inlet keep their shape. */
static double spacing_m(grid_xy p, bool is_sea)
{
    static const struct {
        double weight, scale_m;
    } TOWNS[TOWNS_N] = {{24, 1500}, {20, 800}, {16, 750}};
    double density = 1;
    for (int i = 0; i < TOWNS_N; i++) {
        const double near = borough_nearness(p, borough_town(i), TOWNS[i].scale_m);
        density += TOWNS[i].weight * near * near;
    }
    const double spacing = RURAL_SPACING_M / sqrt(density);
    return is_sea && spacing > SEA_SPACING_M ? SEA_SPACING_M : spacing;
}

static bool fits(const spaced *seeds, uint32_t n, spaced candidate)
{
    for (uint32_t i = 0; i < n; i++) {
        const double dx = (double)(seeds[i].at.x - candidate.at.x), dy = (double)(seeds[i].at.y - candidate.at.y);
        const double least = (seeds[i].spacing_m + candidate.spacing_m) / 2 * UNITS_PER_M;
        if (dx * dx + dy * dy < least * least)
            return false;
    }
    return true;
}

/* The village in the middle of six cells that will be one OA, then the island. */
static uint32_t put_fixed_seeds(spaced *seeds)
{
    static const double ROUND[ROUND_VILLAGE][2] = {{1, 0}, {0.5, 0.866}, {-0.5, 0.866}, {-1, 0}, {-0.5, -0.866}, {0.5, -0.866}};
    uint32_t n = 0;
    seeds[n++] = (spaced){borough_at(VILLAGE_M), VILLAGE_SPACING_M, false};
    for (int i = 0; i < ROUND_VILLAGE; i++) {
        const grid_xy m = {VILLAGE_M.x + nearest(VILLAGE_SPACING_M * ROUND[i][0]), VILLAGE_M.y + nearest(VILLAGE_SPACING_M * ROUND[i][1])};
        seeds[n++] = (spaced){borough_at(m), VILLAGE_SPACING_M, false};
    }
    for (int i = 0; i < ISLAND_N; i++)
        seeds[n++] = (spaced){borough_at(ISLAND_M[i]), ISLAND_SPACING_M, false};
    return n;
}

/* Darts thrown at random; one that comes too near to an earlier one is lost. Thrown until hardly any finds room. */
static uint32_t throw_seeds(spaced *seeds, geo_random *r)
{
    uint32_t n = put_fixed_seeds(seeds);
    const grid_xy low = borough_at(FRAME_LOW_M), high = borough_at(FRAME_HIGH_M), origin = borough_at((grid_xy){0, 0});
    for (int i = 0; i < DARTS; i++) {
        spaced dart = {{draw_between(r, low.x, high.x), 0}, 0, false};
        dart.at.y = draw_between(r, low.y, high.y);
        const grid_xy m = {(dart.at.x - origin.x) / UNITS_PER_M, (dart.at.y - origin.y) / UNITS_PER_M};
        dart.is_sea = !ring_holds(OUTLINE_M, OUTLINE_N, m);
        dart.spacing_m = spacing_m(dart.at, dart.is_sea);
        if (fits(seeds, n, dart))
            seeds[n++] = dart;
    }
    return n;
}

/* Cells of the land first, as partition_build wants them; fixed seeds keep their places at the front. */
static grid_xy *make_cells(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_LAND);
    spaced *seeds = must_alloc(DARTS + 1 + ROUND_VILLAGE + ISLAND_N, sizeof *seeds);
    const uint32_t n = throw_seeds(seeds, &r);
    grid_xy *at = must_alloc(n, sizeof *at);
    for (uint32_t i = 0; i < n; i++)
        if (!seeds[i].is_sea)
            at[b->cells_n++] = seeds[i].at;
    for (uint32_t i = 0, k = b->cells_n; i < n; i++)
        if (seeds[i].is_sea)
            at[k++] = seeds[i].at;
    free(seeds);
    geo_random_init(&r, b->seed, STREAM_BORDERS);
    const partition_style style = {NODE_MIDDLE, 5, 32, 9.0 * UNITS_PER_M};
    partition_build(&b->partition, at, b->cells_n, n, &style, &r);
    return at;
}

/* First numbers of the OAs: 0 the enclave, 1 the one round it, then cell by cell; the island goes to the nearest OA of the mainland. */
static grid_xy *first_oas(borough *b, const grid_xy *seeds)
{
    enum { FIRST_ISLAND = 1 + ROUND_VILLAGE, FIRST_FREE = FIRST_ISLAND + ISLAND_N };
    b->oa_of_cell = must_alloc(b->cells_n, sizeof *b->oa_of_cell);
    grid_xy *centre = must_alloc(b->cells_n, sizeof *centre);
    uint32_t nearest_cell = FIRST_FREE;
    for (uint32_t c = 0; c < b->cells_n; c++) {
        if (c > 1 && c < FIRST_FREE) {
            b->oa_of_cell[c] = 1;
            continue;
        }
        b->oa_of_cell[c] = b->oas_n;
        centre[b->oas_n++] = seeds[c];
        if (c > FIRST_FREE
            && borough_distance_m(seeds[c], seeds[FIRST_ISLAND]) < borough_distance_m(seeds[nearest_cell], seeds[FIRST_ISLAND]))
            nearest_cell = c;
    }
    for (uint32_t c = FIRST_ISLAND; c < FIRST_FREE; c++)
        b->oa_of_cell[c] = b->oa_of_cell[nearest_cell];
    b->round_enclave = 1;
    b->with_island = b->oa_of_cell[nearest_cell];
    return centre;
}

unsigned char *borough_adjacency(const borough *b, const uint32_t *area_of_oa, uint32_t n)
{
    unsigned char *adjacent = must_alloc(n, n);
    for (size_t i = 0; i < b->partition.arcs_n; i++) {
        const partition_arc *arc = &b->partition.arcs[i];
        if (arc->right == NO_AREA)
            continue;
        uint32_t left = b->oa_of_cell[arc->left], right = b->oa_of_cell[arc->right];
        if (area_of_oa) {
            left = area_of_oa[left];
            right = area_of_oa[right];
        }
        if (left != right)
            adjacent[(size_t)left * n + right] = adjacent[(size_t)right * n + left] = 1;
    }
    return adjacent;
}

static grid_xy *mean_centres(const grid_xy *centre, const uint32_t *group_of, uint32_t n, uint32_t groups_n)
{
    grid_xy *mean = must_alloc(groups_n, sizeof *mean);
    int64_t *members_n = must_alloc(groups_n, sizeof *members_n);
    for (uint32_t i = 0; i < n; i++) {
        mean[group_of[i]].x += centre[i].x;
        mean[group_of[i]].y += centre[i].y;
        members_n[group_of[i]]++;
    }
    for (uint32_t g = 0; g < groups_n; g++) {
        mean[g].x /= members_n[g];
        mean[g].y /= members_n[g];
    }
    free(members_n);
    return mean;
}

static int by_group_and_place(const void *a, const void *b)
{
    const placed *p = a, *q = b;
    if (p->group != q->group)
        return p->group < q->group ? -1 : 1;
    if (p->centre.y != q->centre.y)
        return p->centre.y > q->centre.y ? -1 : 1;
    if (p->centre.x != q->centre.x)
        return p->centre.x < q->centre.x ? -1 : 1;
    return (p->index > q->index) - (p->index < q->index);
}

/* New numbers 0 .. n - 1: by group (which may be NULL), then from north to south. */
static uint32_t *number_by_place(const grid_xy *centre, const uint32_t *group_of, uint32_t n)
{
    placed *order = must_alloc(n, sizeof *order);
    uint32_t *number = must_alloc(n, sizeof *number);
    for (uint32_t i = 0; i < n; i++)
        order[i] = (placed){group_of ? group_of[i] : 0, i, centre[i]};
    qsort(order, n, sizeof *order, by_group_and_place);
    for (uint32_t i = 0; i < n; i++)
        number[order[i].index] = i;
    free(order);
    return number;
}

static uint32_t *share(const borough *b, const grid_xy *centre, uint32_t n, const uint32_t *above, uint32_t k, uint32_t lowest,
                       uint32_t highest, enum borough_stream stream)
{
    geo_random r;
    geo_random_init(&r, b->seed, stream);
    unsigned char *adjacent = borough_adjacency(b, above, n);
    uint32_t *group_of = must_alloc(n, sizeof *group_of);
    borough_region_share(n, adjacent, centre, k, lowest, highest, &r, group_of);
    free(adjacent);
    return group_of;
}

/* The groups of one level: number of each unit below, north to south within `above` (which may be NULL), and centres in that order. */
typedef struct level {
    uint32_t *of, *above;
    grid_xy *centre;
} level;

static level number_level(const grid_xy *unit_centre, uint32_t *group_of, uint32_t units_n, uint32_t n, const uint32_t *above)
{
    grid_xy *mean = mean_centres(unit_centre, group_of, units_n, n);
    uint32_t *number = number_by_place(mean, above, n);
    level l = {group_of, must_alloc(n, sizeof *l.above), must_alloc(n, sizeof *l.centre)};
    for (uint32_t i = 0; i < units_n; i++)
        group_of[i] = number[group_of[i]];
    for (uint32_t g = 0; g < n; g++) {
        l.above[number[g]] = above ? above[g] : 0;
        l.centre[number[g]] = mean[g];
    }
    free(mean);
    free(number);
    return l;
}

static void level_clear(level *l)
{
    free(l->of);
    free(l->above);
    free(l->centre);
}

static void fill_lsoas(borough *b, const level *lsoas)
{
    b->lsoas = must_alloc(b->lsoas_n, sizeof *b->lsoas);
    for (uint32_t i = 0; i < b->lsoas_n; i++) {
        lsoa *l = &b->lsoas[i];
        l->msoa = lsoas->above[i];
        l->centre = lsoas->centre[i];
        l->letter = i && l[-1].msoa == l->msoa ? l[-1].letter + 1 : 0;
    }
}

/* OAs in the order of LSOA and place, each with all areas above it. */
static void fill_oas(borough *b, const grid_xy *centre, const uint32_t *lsoa_of, const uint32_t *ward_of)
{
    uint32_t *number = number_by_place(centre, lsoa_of, b->oas_n);
    b->oas = must_alloc(b->oas_n, sizeof *b->oas);
    for (uint32_t i = 0; i < b->oas_n; i++) {
        lsoa *l = &b->lsoas[lsoa_of[i]];
        b->oas[number[i]] = (oa){.lsoa = lsoa_of[i], .msoa = l->msoa, .ward = ward_of[i], .centre = centre[i]};
        l->oas_n++;
    }
    for (uint32_t c = 0; c < b->cells_n; c++)
        b->oa_of_cell[c] = number[b->oa_of_cell[c]];
    b->enclave = number[b->enclave];
    b->round_enclave = number[b->round_enclave];
    b->with_island = number[b->with_island];
    free(number);
}

static uint32_t nearest_to_quay(const grid_xy *centre, uint32_t n)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < n; i++)
        if (borough_distance_m(centre[i], borough_quay()) < borough_distance_m(centre[best], borough_quay()))
            best = i;
    return best;
}

/* Groups first, in any numbering; then numbers from the top down, since those of a level follow the level above. */
static void make_areas(borough *b, const grid_xy *centre)
{
    b->lsoas_n = b->oas_n * 10 / 48;
    b->msoas_n = b->lsoas_n / 5;
    uint32_t *lsoa_of = share(b, centre, b->oas_n, NULL, b->lsoas_n, 2, 6, STREAM_LSOAS);
    uint32_t *ward_of = share(b, centre, b->oas_n, NULL, WARDS_N, 20, 42, STREAM_WARDS);
    grid_xy *lsoa_centre = mean_centres(centre, lsoa_of, b->oas_n, b->lsoas_n);
    uint32_t *msoa_of = share(b, lsoa_centre, b->lsoas_n, lsoa_of, b->msoas_n, 3, 8, STREAM_MSOAS);
    level msoas = number_level(lsoa_centre, msoa_of, b->lsoas_n, b->msoas_n, NULL);
    level lsoas = number_level(centre, lsoa_of, b->oas_n, b->lsoas_n, msoas.of);
    level wards = number_level(centre, ward_of, b->oas_n, WARDS_N, NULL);
    fill_lsoas(b, &lsoas);
    fill_oas(b, centre, lsoas.of, wards.of);
    b->harbour_ward = nearest_to_quay(wards.centre, WARDS_N);
    level_clear(&msoas);
    level_clear(&lsoas);
    level_clear(&wards);
    free(lsoa_centre);
}

void borough_merge_oas(const borough *b, shapes *s, const uint32_t *area_of_oa, uint32_t n)
{
    uint32_t *area_of = must_alloc(b->cells_n, sizeof *area_of);
    for (uint32_t c = 0; c < b->cells_n; c++)
        area_of[c] = area_of_oa[b->oa_of_cell[c]];
    shapes_merge(s, &b->partition, area_of, n);
    free(area_of);
}

static void merge_level(const borough *b, shapes *s, enum area_kind kind, uint32_t n)
{
    uint32_t *area_of = must_alloc(b->oas_n, sizeof *area_of);
    for (uint32_t i = 0; i < b->oas_n; i++) {
        const oa *o = &b->oas[i];
        area_of[i] = kind == AREA_OA ? i : kind == AREA_LSOA ? o->lsoa : kind == AREA_MSOA ? o->msoa : kind == AREA_WARD ? o->ward : 0;
    }
    borough_merge_oas(b, s, area_of, n);
    free(area_of);
}

void borough_make_land(borough *b)
{
    b->cell_seeds = make_cells(b);
    grid_xy *centre = first_oas(b, b->cell_seeds);
    make_areas(b, centre);
    free(centre);
    merge_level(b, &b->oa_shapes, AREA_OA, b->oas_n);
    merge_level(b, &b->lsoa_shapes, AREA_LSOA, b->lsoas_n);
    merge_level(b, &b->msoa_shapes, AREA_MSOA, b->msoas_n);
    merge_level(b, &b->ward_shapes, AREA_WARD, WARDS_N);
    merge_level(b, &b->whole_shapes, AREA_BOROUGH, 1);
}
