/* Layers of areas and what the library says of them, for the properties of geo/overlap.h. */
#ifndef GEO_TESTS_LAYERS_H
#define GEO_TESTS_LAYERS_H

#include "geo/overlap.h"
#include "geo/random.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_VERTICES 4096
#define MOST_RINGS 256
#define MOST_AREAS 64
#define RIGHT 1e-9 /* of the smaller area */

static geo_random rnd;

static int below(int n)
{
    return (int)geo_random_below(&rnd, (uint64_t)n);
}

/* ---- layers ---- */

/* Rings, closed, each a polygon or, when `hole`, one in the ring before. */
typedef struct layer {
    double x[MOST_VERTICES], y[MOST_VERTICES];
    int v_n;
    int ring_at[MOST_RINGS + 1], ring_area[MOST_RINGS];
    bool hole[MOST_RINGS];
    int rings_n, areas_n;
} layer;

static void start_ring(layer *l, int area, bool hole)
{
    if (l->rings_n == MOST_RINGS)
        abort();
    l->ring_area[l->rings_n] = area;
    l->hole[l->rings_n] = hole;
    l->ring_at[l->rings_n] = l->v_n;
}

static void add_vertex(layer *l, geo_xy p)
{
    if (l->v_n == MOST_VERTICES)
        abort();
    l->x[l->v_n] = p.x;
    l->y[l->v_n++] = p.y;
}

static void end_ring(layer *l)
{
    const int first = l->ring_at[l->rings_n];
    add_vertex(l, (geo_xy){l->x[first], l->y[first]});
    l->ring_at[++l->rings_n] = l->v_n;
}

static geo_areas *build(const layer *l)
{
    static int64_t vertex_at[MOST_RINGS + 1], ring_at[MOST_RINGS + 1], part_at[MOST_AREAS + 1];
    static uint8_t kind[MOST_AREAS];
    static double x[MOST_VERTICES], y[MOST_VERTICES];
    int64_t v = 0, k = 0, parts = 0;
    for (int a = 0; a < l->areas_n; a++) {
        part_at[a] = parts;
        kind[a] = GEO_MULTIPOLYGON;
        for (int r = 0; r < l->rings_n; r++) {
            if (l->ring_area[r] != a)
                continue;
            if (!l->hole[r])
                ring_at[parts++] = k;
            vertex_at[k++] = v;
            for (int i = l->ring_at[r]; i < l->ring_at[r + 1]; i++, v++) {
                x[v] = l->x[i];
                y[v] = l->y[i];
            }
        }
    }
    part_at[l->areas_n] = parts;
    ring_at[parts] = k;
    vertex_at[k] = v;
    const geo_geometries g = {kind, part_at, ring_at, vertex_at, x, y};
    const geo_column column = {.type = GEO_GEOMETRY, .held = true, .geometries = &g};
    geo_err err;
    geo_areas *areas = geo_areas_new();
    if (!areas || geo_areas_add(areas, &column, (size_t)l->areas_n, &err) < 0 || geo_areas_build(areas, NULL, 0, 1, NULL, &err) < 0)
        abort();
    return areas;
}

/* ---- what both say, in tables ---- */

typedef struct answer {
    double size[2][MOST_AREAS], shared[MOST_AREAS][MOST_AREAS];
} answer;

static bool ask(const layer *first, const layer *second, answer *out)
{
    geo_err err;
    geo_areas *a = build(first), *b = build(second);
    geo_overlap *pairs[2];
    size_t n[2];
    memset(out, 0, sizeof *out);
    for (int k = 0; k < 2; k++)
        if (geo_areas_overlaps(a, b, k + 1, NULL, &pairs[k], &n[k], &err) < 0)
            abort();
    if (geo_areas_sizes(a, 1, NULL, out->size[0], &err) < 0 || geo_areas_sizes(b, 2, NULL, out->size[1], &err) < 0)
        abort();
    bool fine = n[0] == n[1] && memcmp(pairs[0], pairs[1], n[0] * sizeof *pairs[0]) == 0;
    if (!fine)
        fprintf(stderr, "two threads give other bytes than one\n");
    for (size_t i = 0; i < n[0]; i++) {
        const geo_overlap *p = &pairs[0][i];
        out->shared[p->first][p->second] = p->size;
        if (!(p->size > 0) || (i > 0 && (p->first < p[-1].first || (p->first == p[-1].first && p->second <= p[-1].second)))) {
            fprintf(stderr, "pair %zu is out of order or of no size\n", i);
            fine = false;
        }
    }
    free(pairs[0]);
    free(pairs[1]);
    geo_areas_free(a);
    geo_areas_free(b);
    return fine;
}

static double smaller(const answer *a, int i, int j)
{
    return fmin(a->size[0][i], a->size[1][j]);
}

/* Largest difference of what is shared, beyond `slack`, as a share of the smaller area; says which. */
static bool agree(const char *what, const answer *got, const answer *expected, int first_n, int second_n, double slack, double *worst)
{
    for (int i = 0; i < first_n; i++)
        for (int j = 0; j < second_n; j++) {
            const double d = fabs(got->shared[i][j] - expected->shared[i][j]), all = smaller(expected, i, j);
            if (!(d <= RIGHT * all + slack)) {
                fprintf(stderr, "%s: areas %d and %d share %.17g, not %.17g (sizes %.17g, %.17g)\n", what, i, j, got->shared[i][j],
                        expected->shared[i][j], expected->size[0][i], expected->size[1][j]);
                return false;
            }
            if (d > slack)
                *worst = fmax(*worst, (d - slack) / all);
        }
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < (side ? second_n : first_n); i++)
            if (!(fabs(got->size[side][i] - expected->size[side][i]) <= RIGHT * expected->size[side][i] + slack)) {
                fprintf(stderr, "%s: area %d of layer %d has size %.17g, not %.17g\n", what, i, side, got->size[side][i],
                        expected->size[side][i]);
                return false;
            }
    return true;
}

#endif
