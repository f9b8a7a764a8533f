/*
 * Covariates of a habitat model and the surface that bat records are drawn from.
 *
 * Woods and ponds are discs, rivers are broken lines, buildings are the addresses, and light comes from buildings. The surface is
 * exp(sum of coefficient x value), with the values as they are written, so whoever has the rasters and the coefficients has the surface.
 */
#include "borough.h"

#include "must.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WOODS_N = 70, PONDS_N = 14, RIVERS_N = 3, RIVER_PIECES = 24, BUILT_REACH = 2, LIGHT_REACH = 7, HEDGES_CELLS = 20, MOST = 10000 };
enum covariate { DISTANCE_WOOD, DISTANCE_WATER, TREE_COVER, BUILT_COVER, NIGHT_LIGHT };
static const double WIGGLE_M = 420, HOME_HALF = 40; /* so many addresses within reach are half built over */

static const struct {
    const char *name, *what;
    int64_t coefficient; /* ten-thousandths */
} COVARIATES[COVARIATES_N] = {
    [DISTANCE_WOOD] = {"distance_wood", "metres to the nearest wood, 0 inside", -30},
    [DISTANCE_WATER] = {"distance_water", "metres to the nearest river or pond, 0 inside", -15},
    [TREE_COVER] = {"tree_cover", "percent under trees", 200},
    [BUILT_COVER] = {"built_cover", "percent built over", -150},
    [NIGHT_LIGHT] = {"night_light", "light at night, 0 dark to 100", -250},
};

/* Metres from the corner of the frame: from the hills to the inlet or the sea. */
static const grid_xy RIVERS_M[RIVERS_N][2] = {{{3900, 8900}, {8250, 5050}}, {{2300, 3300}, {8250, 5050}}, {{6600, 1500}, {10300, 4700}}};

typedef struct disc {
    grid_xy at;
    double radius_m;
} disc;

/* What the distances are to. */
typedef struct features {
    disc woods[WOODS_N], ponds[PONDS_N];
    grid_xy rivers[RIVERS_N][RIVER_PIECES + 1];
} features;

/* The exponential by the first terms of its series and ten squarings: + * / only, so the same on any machine; good to 1e-11 for |x| < 30. */
static double exponential(double x)
{
    const double y = x / 1024;
    double e = 1 + y * (1 + y / 2 * (1 + y / 3 * (1 + y / 4 * (1 + y / 5))));
    for (int i = 0; i < 10; i++)
        e *= e;
    return e;
}

static double clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

/* On land, and the farther from the towns the likelier. */
static disc draw_disc(const borough *b, int64_t least_m, int64_t most_m, geo_random *r)
{
    for (;;) {
        grid_xy at = {GRID_WEST_M + draw_between(r, 0, (int64_t)GRID_COLUMNS * CELL_M), 0};
        at.y = GRID_SOUTH_M + draw_between(r, 0, (int64_t)GRID_ROWS * CELL_M);
        at = borough_at(at);
        double town = 0;
        for (int i = 0; i < TOWNS_N; i++)
            town += borough_nearness(at, borough_town(i), 1100);
        const double luck = geo_random_uniform(r), radius_m = (double)draw_between(r, least_m, most_m);
        if (luck > 1.6 * town && shapes_hold(&b->whole_shapes, 0, at))
            return (disc){at, radius_m};
    }
}

static features *draw_features(const borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_HABITAT);
    features *all = must_alloc(1, sizeof *all);
    for (int i = 0; i < WOODS_N; i++)
        all->woods[i] = draw_disc(b, 60, 260, &r);
    for (int i = 0; i < PONDS_N; i++)
        all->ponds[i] = draw_disc(b, 15, 60, &r);
    for (int i = 0; i < RIVERS_N; i++) {
        const grid_xy from = borough_at(RIVERS_M[i][0]), to = borough_at(RIVERS_M[i][1]);
        const double length_m = borough_distance_m(from, to), dx = (double)(to.x - from.x), dy = (double)(to.y - from.y);
        double bend = 0;
        for (int k = 0; k <= RIVER_PIECES; k++) {
            const double t = (double)k / RIVER_PIECES, h = 4 * t * (1 - t) * WIGGLE_M / length_m * bend;
            all->rivers[i][k] = (grid_xy){from.x + nearest(t * dx - h * dy), from.y + nearest(t * dy + h * dx)};
            bend = 0.75 * bend + 0.6 * draw_normal(&r);
        }
    }
    return all;
}

static double nearest_disc_m(const disc *discs, int n, grid_xy p)
{
    double least = HUGE_VAL;
    for (int i = 0; i < n; i++) {
        const double m = borough_distance_m(discs[i].at, p) - discs[i].radius_m;
        least = m < least ? m : least;
    }
    return least > 0 ? least : 0;
}

static double segment_m(grid_xy a, grid_xy b, grid_xy p)
{
    const double dx = (double)(b.x - a.x), dy = (double)(b.y - a.y), px = (double)(p.x - a.x), py = (double)(p.y - a.y);
    const double t = clamp((px * dx + py * dy) / (dx * dx + dy * dy), 0, 1), ex = px - t * dx, ey = py - t * dy;
    return sqrt(ex * ex + ey * ey) / UNITS_PER_M;
}

static double nearest_water_m(const features *all, grid_xy p)
{
    double least = nearest_disc_m(all->ponds, PONDS_N, p);
    for (int i = 0; i < RIVERS_N; i++)
        for (int k = 1; k <= RIVER_PIECES; k++) {
            const double m = segment_m(all->rivers[i][k - 1], all->rivers[i][k], p);
            least = m < least ? m : least;
        }
    return least;
}

/* Which cells have their middle in the borough: along a row, each edge that crosses it turns all cells east of it over. */
static bool *land_cells(const borough *b)
{
    bool *land = must_alloc(GRID_N, sizeof *land);
    const shapes *s = &b->whole_shapes;
    for (size_t ring = s->area_rings[0]; ring < s->area_rings[1]; ring++)
        for (size_t i = s->rings[ring].first + 1; i < s->rings[ring].first + s->rings[ring].n; i++) {
            const grid_xy p = s->xy[i - 1], q = s->xy[i];
            for (int64_t row = 0; row < GRID_ROWS; row++) {
                const grid_xy west = borough_cell_middle(row * GRID_COLUMNS);
                if ((p.y > west.y) == (q.y > west.y))
                    continue;
                const double x = (double)p.x + (double)(q.x - p.x) * (double)(west.y - p.y) / (double)(q.y - p.y);
                for (int64_t c = 0; c < GRID_COLUMNS; c++)
                    land[row * GRID_COLUMNS + c] ^= x < (double)(west.x + c * CELL_M * UNITS_PER_M);
            }
        }
    return land;
}

/* The mean over the square of cells within reach; beyond the grid there is nothing. */
static double mean_round(const int16_t *values, int64_t cell, int64_t reach)
{
    const int64_t row = cell / GRID_COLUMNS, column = cell % GRID_COLUMNS;
    int64_t sum = 0;
    for (int64_t y = row - reach; y <= row + reach; y++)
        for (int64_t x = column - reach; x <= column + reach; x++)
            if (y >= 0 && y < GRID_ROWS && x >= 0 && x < GRID_COLUMNS && values[y * GRID_COLUMNS + x] > 0)
                sum += values[y * GRID_COLUMNS + x];
    return (double)sum / (double)((2 * reach + 1) * (2 * reach + 1));
}

static void fill_built_and_light(borough *b, const bool *land, geo_random *r)
{
    int16_t *homes = must_alloc(GRID_N, sizeof *homes), *built = b->covariate[BUILT_COVER], *light = b->covariate[NIGHT_LIGHT];
    for (size_t a = 0; a < b->addresses_n; a++)
        homes[borough_cell(b->addresses[a].at)]++;
    for (int64_t c = 0; c < GRID_N; c++) {
        const double n = (2 * BUILT_REACH + 1) * (2 * BUILT_REACH + 1) * mean_round(homes, c, BUILT_REACH);
        built[c] = land[c] ? (int16_t)nearest(100 * n / (n + HOME_HALF)) : NO_DATA;
    }
    for (int64_t c = 0; c < GRID_N; c++) {
        if (!land[c]) {
            light[c] = NO_DATA;
            continue;
        }
        const grid_xy p = borough_cell_middle(c);
        const double glow = 22 * borough_nearness(p, borough_town(0), 1000) + 12 * borough_nearness(p, borough_quay(), 600);
        light[c] = (int16_t)nearest(clamp(1.1 * mean_round(built, c, LIGHT_REACH) + glow + 2 * draw_normal(r), 0, 100));
    }
    free(homes);
}

/* Trees: most in woods, some at their edge, hedges here and there, less where it is built over. */
static void fill_trees(borough *b, const bool *land, geo_random *r)
{
    enum { HEDGE_COLUMNS = GRID_COLUMNS / HEDGES_CELLS, HEDGES_N = HEDGE_COLUMNS * (GRID_ROWS / HEDGES_CELLS) };
    double hedges[HEDGES_N];
    for (int i = 0; i < HEDGES_N; i++)
        hedges[i] = 16 * geo_random_uniform(r);
    for (int64_t c = 0; c < GRID_N; c++) {
        const double luck = draw_normal(r), m = (double)b->covariate[DISTANCE_WOOD][c] / 60;
        const double hedge = hedges[c / GRID_COLUMNS / HEDGES_CELLS * HEDGE_COLUMNS + c % GRID_COLUMNS / HEDGES_CELLS];
        const double open = (28 / (1 + m * m) + hedge) * (1 - (double)b->covariate[BUILT_COVER][c] / 130);
        const double cover = m > 0 ? open + 3 * luck : 84 + 6 * luck;
        b->covariate[TREE_COVER][c] = land[c] ? (int16_t)nearest(clamp(cover, 0, 100)) : NO_DATA;
    }
}

static void fill_likelihood(borough *b, const bool *land)
{
    double most = 0;
    for (int64_t c = 0; c < GRID_N; c++) {
        double sum = 0;
        for (int k = 0; k < COVARIATES_N && land[c]; k++)
            sum += (double)(COVARIATES[k].coefficient * b->covariate[k][c]) / 10000;
        b->weight[c] = land[c] ? exponential(sum) : 0;
        most = b->weight[c] > most ? b->weight[c] : most;
    }
    for (int64_t c = 0; c < GRID_N; c++)
        b->likelihood[c] = land[c] ? (int16_t)nearest(MOST * b->weight[c] / most) : NO_DATA;
}

void borough_make_habitat(borough *b)
{
    features *all = draw_features(b);
    bool *land = land_cells(b);
    for (int k = 0; k < COVARIATES_N; k++)
        b->covariate[k] = must_alloc(GRID_N, sizeof *b->covariate[k]);
    b->likelihood = must_alloc(GRID_N, sizeof *b->likelihood);
    b->weight = must_alloc(GRID_N, sizeof *b->weight);
    for (int64_t c = 0; c < GRID_N; c++) {
        const grid_xy p = borough_cell_middle(c);
        b->covariate[DISTANCE_WOOD][c] = land[c] ? (int16_t)nearest(nearest_disc_m(all->woods, WOODS_N, p)) : NO_DATA;
        b->covariate[DISTANCE_WATER][c] = land[c] ? (int16_t)nearest(nearest_water_m(all, p)) : NO_DATA;
    }
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_COVER);
    fill_built_and_light(b, land, &r);
    fill_trees(b, land, &r);
    fill_likelihood(b, land);
    free(land);
    free(all);
}

void borough_write_habitat(const borough *b, out_folder *folder)
{
    char name[40];
    for (int k = 0; k < COVARIATES_N; k++) {
        snprintf(name, sizeof name, "habitat_%s.tif", COVARIATES[k].name);
        borough_write_raster(folder, name, "open", COVARIATES[k].what, b->covariate[k]);
    }
    borough_write_raster(folder, "truth_bat_likelihood.tif", "official", "likelihood of bat records, 10000 where it is highest",
                         b->likelihood);
}

void borough_truths_habitat(const borough *b, out_file *f)
{
    int64_t land_n = 0;
    char name[48];
    for (int64_t c = 0; c < GRID_N; c++)
        land_n += b->likelihood[c] != NO_DATA;
    borough_truth(f, "habitat_cells", GRID_N);
    borough_truth(f, "habitat_cells_on_land", land_n);
    for (int k = 0; k < COVARIATES_N; k++) {
        snprintf(name, sizeof name, "bat_coefficient_%s", COVARIATES[k].name);
        borough_truth_fixed(f, name, COVARIATES[k].coefficient, 4);
    }
}
