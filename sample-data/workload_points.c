/*
 * Points as addresses lie: as many to an area as its people, 0.3 % in the sea, and 0.01 % exactly on a vertex of an area's border.
 *
 * Every point is drawn for itself and written at once, so memory does not grow with their number. A cell is the triangles of its seed with
 * its borders, taken straight; a triangle is drawn by the alias method (Walker 1977, in the version of Vose 1991) in constant time.
 */
#include "workload.h"

#include "must.h"
#include "output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const double SEA_SHARE = 0.003, VERTEX_SHARE = 0.0001;
static const uint64_t FIRST_UPRN = UINT64_C(999000000001); /* twelve digits beginning 999: none is in use */
enum { CM = 10 };                                          /* a centimetre in units: addresses are given to the centimetre */

typedef struct triangle {
    uint32_t cell;
    size_t arc;
    grid_xy a, b;
    double weight;
} triangle;

/* The lot for triangle i: itself below the threshold, else the other one. */
typedef struct alias {
    double threshold;
    uint32_t other;
} alias;

static double area2(const workload *w, const triangle *t)
{
    const grid_xy s = w->seeds[t->cell];
    const double cross = (double)(t->a.x - s.x) * (double)(t->b.y - s.y) - (double)(t->a.y - s.y) * (double)(t->b.x - s.x);
    return cross < 0 ? -cross : cross;
}

static int by_cell(const void *a, const void *b)
{
    const triangle *p = a, *q = b;
    if (p->cell != q->cell)
        return p->cell < q->cell ? -1 : 1;
    return (p->arc > q->arc) - (p->arc < q->arc);
}

/* All triangles, in the order of cells, weighing what share of its area's people live there. */
static triangle *make_triangles(const workload *w, uint32_t *triangles_n)
{
    const partition *p = &w->partition;
    triangle *triangles = must_alloc(p->arcs_n, 2 * sizeof *triangles);
    double *size = must_alloc(w->areas_n, sizeof *size);
    uint32_t n = 0;
    for (size_t i = 0; i < p->arcs_n; i++) {
        const partition_arc *arc = &p->arcs[i];
        const grid_xy a = p->xy[arc->first], b = p->xy[arc->first + arc->n - 1];
        triangles[n++] = (triangle){arc->left, i, a, b, 0};
        if (arc->right != NO_AREA)
            triangles[n++] = (triangle){arc->right, i, a, b, 0};
    }
    qsort(triangles, n, sizeof *triangles, by_cell);
    for (uint32_t i = 0; i < n; i++)
        size[w->area_of_cell[triangles[i].cell]] += triangles[i].weight = area2(w, &triangles[i]);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t area = w->area_of_cell[triangles[i].cell];
        triangles[i].weight *= (double)w->population[area] / size[area];
    }
    free(size);
    *triangles_n = n;
    return triangles;
}

static alias *make_alias(const triangle *triangles, uint32_t n)
{
    alias *lots = must_alloc(n, sizeof *lots);
    uint32_t *small = must_alloc(n, sizeof *small), *large = must_alloc(n, sizeof *large), small_n = 0, large_n = 0;
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += triangles[i].weight;
    for (uint32_t i = 0; i < n; i++) {
        lots[i] = (alias){triangles[i].weight * n / sum, i};
        if (lots[i].threshold < 1)
            small[small_n++] = i;
        else
            large[large_n++] = i;
    }
    while (small_n && large_n) {
        const uint32_t s = small[--small_n], l = large[large_n - 1];
        lots[s].other = l;
        lots[l].threshold -= 1 - lots[s].threshold;
        if (lots[l].threshold < 1) {
            large_n--;
            small[small_n++] = l;
        }
    }
    free(small);
    free(large);
    return lots; /* what is left over is 1 but for rounding, and its other is itself */
}

static const triangle *draw_triangle(const triangle *triangles, const alias *lots, uint32_t n, geo_random *r)
{
    const uint32_t i = (uint32_t)geo_random_below(r, n);
    return &triangles[geo_random_uniform(r) < lots[i].threshold ? i : lots[i].other];
}

static grid_xy draw_in(const workload *w, const triangle *t, geo_random *r)
{
    const grid_xy s = w->seeds[t->cell];
    double u = geo_random_uniform(r), v = geo_random_uniform(r);
    if (u + v > 1) {
        u = 1 - u;
        v = 1 - v;
    }
    const double x = u * (double)(t->a.x - s.x) + v * (double)(t->b.x - s.x), y = u * (double)(t->a.y - s.y) + v * (double)(t->b.y - s.y);
    return (grid_xy){nearest(((double)s.x + x) / CM) * CM, nearest(((double)s.y + y) / CM) * CM};
}

static grid_xy draw_at_sea(geo_random *r)
{
    grid_xy p;
    do
        p = workload_draw_place(r);
    while (workload_is_land(p));
    return (grid_xy){p.x / CM * CM, p.y / CM * CM};
}

static grid_xy draw_vertex(const partition *p, geo_random *r)
{
    return p->xy[geo_random_below(r, p->xy_n)];
}

/* In the order of cells: the triangle under the i-th of n equal steps through the weights. Address lists by postcode look like this. */
typedef struct march {
    uint32_t triangle;
    double passed, sum;
} march;

static const triangle *next_triangle(march *m, const triangle *triangles, uint32_t triangles_n, uint64_t i, uint64_t n)
{
    const double here = m->sum * ((double)i + 0.5) / (double)n;
    while (m->triangle + 1 < triangles_n && m->passed + triangles[m->triangle].weight < here)
        m->passed += triangles[m->triangle++].weight;
    return &triangles[m->triangle];
}

void workload_write_points(const workload *w, const char *outdir, uint64_t points_n, bool sorted)
{
    char name[48];
    snprintf(name, sizeof name, "points%" PRIu64 ".csv", points_n);
    geo_random r;
    geo_random_init(&r, w->seed, STREAM_POINTS + points_n); /* fewer points are not the first of many */
    uint32_t n;
    triangle *triangles = make_triangles(w, &n);
    alias *lots = make_alias(triangles, n);
    march m = {0, 0, 0};
    for (uint32_t i = 0; i < n; i++)
        m.sum += triangles[i].weight;
    out_file *f = out_open_plain(outdir, name);
    out_text(f, "uprn,x,y\n");
    for (uint64_t i = 0; i < points_n; i++) {
        const triangle *t = sorted ? next_triangle(&m, triangles, n, i, points_n) : draw_triangle(triangles, lots, n, &r);
        const double kind = geo_random_uniform(&r);
        const grid_xy p = kind < SEA_SHARE                  ? draw_at_sea(&r)
                          : kind < SEA_SHARE + VERTEX_SHARE ? draw_vertex(&w->partition, &r)
                                                            : draw_in(w, t, &r);
        out_int(f, (int64_t)(FIRST_UPRN + i));
        out_char(f, ',');
        out_short(f, p.x, 3);
        out_char(f, ',');
        out_short(f, p.y, 3);
        out_char(f, '\n');
    }
    out_close(f);
    free(lots);
    free(triangles);
}
