/*
 * From seeds to arcs.
 *
 * GEOS triangulates (Delaunay); all else is done here, because the triangles name seeds, which are exact, while a library's Voronoi
 * vertices carry its rounding and its order. Two seeds joined by a triangle side are neighbours: their arc runs between the nodes of the
 * triangles on either side. An arc stays inside the kite that its two nodes make with its two seeds, where no other arc has business;
 * that keeps rings simple whatever the random numbers say.
 */
#include "partition.h"

#include "must.h"

#include <geos_c.h>
#include <math.h>
#include <stdlib.h>

static const double FIRST_BEND = 0.16;       /* standard deviation of the first displacement, in arc lengths */
static const double BEND_DECAY = 0.55;       /* each halving displaces by this much less */
static const double KITE_SHARE = 0.6;        /* how far into its kite an arc may go; below 1, so that arcs of one node part at once */
static const double FAR_AWAY = 1073741824.0; /* 2^30 units: beyond any coordinate, within exact arithmetic */

/* Corners are seeds, counter-clockwise, the smallest first. */
typedef struct triangle {
    uint32_t corner[3];
} triangle;

/* A triangle's side, named by its ends in ascending order; `ahead`: walking from the lower to the higher end has the triangle at left. */
typedef struct side {
    uint32_t low, high, triangle;
    bool ahead;
} side;

typedef struct named_seed {
    grid_xy at;
    uint32_t index;
} named_seed;

static int by_place(const void *a, const void *b)
{
    const named_seed *p = a, *q = b;
    if (p->at.x != q->at.x)
        return p->at.x < q->at.x ? -1 : 1;
    return (p->at.y > q->at.y) - (p->at.y < q->at.y);
}

static int by_corners(const void *a, const void *b)
{
    const triangle *p = a, *q = b;
    for (int i = 0; i < 3; i++)
        if (p->corner[i] != q->corner[i])
            return p->corner[i] < q->corner[i] ? -1 : 1;
    return 0;
}

static int by_ends(const void *a, const void *b)
{
    const side *p = a, *q = b;
    if (p->low != q->low)
        return p->low < q->low ? -1 : 1;
    if (p->high != q->high)
        return p->high < q->high ? -1 : 1;
    return p->ahead - q->ahead;
}

static int64_t cross(grid_xy o, grid_xy a, grid_xy b)
{
    return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

static named_seed *seeds_by_place(const grid_xy *seeds, uint32_t seeds_n)
{
    named_seed *named = must_alloc(seeds_n, sizeof *named);
    for (uint32_t i = 0; i < seeds_n; i++)
        named[i] = (named_seed){seeds[i], i};
    qsort(named, seeds_n, sizeof *named, by_place);
    for (uint32_t i = 1; i < seeds_n; i++)
        if (by_place(&named[i - 1], &named[i]) == 0)
            die("two seeds in one place");
    return named;
}

/* GEOS answers NULL or 0 when it runs out of memory; it has no other reason here. */
static GEOSGeometry *triangulate(GEOSContextHandle_t geos, const grid_xy *seeds, uint32_t seeds_n)
{
    double *flat = must_alloc(seeds_n, 2 * sizeof *flat);
    for (uint32_t i = 0; i < seeds_n; i++) {
        flat[2 * i] = (double)seeds[i].x;
        flat[2 * i + 1] = (double)seeds[i].y;
    }
    GEOSCoordSequence *sequence = GEOSCoordSeq_copyFromBuffer_r(geos, flat, seeds_n, 0, 0);
    GEOSGeometry *line = sequence ? GEOSGeom_createLineString_r(geos, sequence) : NULL; /* any geometry with these vertices will do */
    GEOSGeometry *triangles = line ? GEOSDelaunayTriangulation_r(geos, line, 0, 0) : NULL;
    if (!triangles)
        die("cannot triangulate the seeds");
    GEOSGeom_destroy_r(geos, line);
    free(flat);
    return triangles;
}

static triangle read_triangle(GEOSContextHandle_t geos, const GEOSGeometry *polygon, const named_seed *named, uint32_t seeds_n)
{
    const GEOSCoordSequence *ring = GEOSGeom_getCoordSeq_r(geos, GEOSGetExteriorRing_r(geos, polygon));
    named_seed corner[3];
    for (unsigned i = 0; i < 3; i++) {
        double x, y;
        if (!ring || !GEOSCoordSeq_getXY_r(geos, ring, i, &x, &y))
            die("cannot read a triangle");
        const named_seed key = {{nearest(x), nearest(y)}, 0}, *found = bsearch(&key, named, seeds_n, sizeof *named, by_place);
        if (!found)
            die("a triangle's corner is no seed");
        corner[i] = *found;
    }
    int first = 0;
    for (int i = 1; i < 3; i++)
        if (corner[i].index < corner[first].index)
            first = i;
    const bool ccw = cross(corner[0].at, corner[1].at, corner[2].at) > 0;
    return (triangle){{corner[first].index, corner[(first + (ccw ? 1 : 2)) % 3].index, corner[(first + (ccw ? 2 : 1)) % 3].index}};
}

/* The Delaunay triangles in an order of our own. */
static triangle *delaunay(const grid_xy *seeds, uint32_t seeds_n, uint32_t *triangles_n)
{
    GEOSContextHandle_t geos = GEOS_init_r();
    if (!geos)
        die("out of memory");
    named_seed *named = seeds_by_place(seeds, seeds_n);
    GEOSGeometry *found = triangulate(geos, seeds, seeds_n);
    const int n = GEOSGetNumGeometries_r(geos, found);
    if (n < 1)
        die("the seeds make no triangles");
    triangle *triangles = must_alloc((size_t)n, sizeof *triangles);
    for (int i = 0; i < n; i++)
        triangles[i] = read_triangle(geos, GEOSGetGeometryN_r(geos, found, i), named, seeds_n);
    qsort(triangles, (size_t)n, sizeof *triangles, by_corners);
    GEOSGeom_destroy_r(geos, found);
    GEOS_finish_r(geos);
    free(named);
    *triangles_n = (uint32_t)n;
    return triangles;
}

static side *sides_by_ends(const triangle *triangles, uint32_t triangles_n)
{
    side *sides = must_alloc(triangles_n, 3 * sizeof *sides);
    for (uint32_t t = 0; t < triangles_n; t++)
        for (int i = 0; i < 3; i++) {
            const uint32_t a = triangles[t].corner[i], b = triangles[t].corner[(i + 1) % 3];
            sides[3 * (size_t)t + (size_t)i] = a < b ? (side){a, b, t, true} : (side){b, a, t, false};
        }
    qsort(sides, 3 * (size_t)triangles_n, sizeof *sides, by_ends);
    return sides;
}

static grid_xy middle(const triangle *t, const grid_xy *seeds)
{
    const grid_xy a = seeds[t->corner[0]], b = seeds[t->corner[1]], c = seeds[t->corner[2]];
    return (grid_xy){(a.x + b.x + c.x + 1) / 3, (a.y + b.y + c.y + 1) / 3};
}

/* Centre of the circle through the three corners. Slivers at the rim have it out of sight; no cell ends there, so their middle will do. */
static grid_xy circumcentre(const triangle *t, const grid_xy *seeds)
{
    const grid_xy o = seeds[t->corner[0]];
    const double bx = (double)(seeds[t->corner[1]].x - o.x), by = (double)(seeds[t->corner[1]].y - o.y);
    const double cx = (double)(seeds[t->corner[2]].x - o.x), cy = (double)(seeds[t->corner[2]].y - o.y);
    const double b2 = bx * bx + by * by, c2 = cx * cx + cy * cy, d = 2 * (bx * cy - by * cx);
    const double x = (cy * b2 - by * c2) / d, y = (bx * c2 - cx * b2) / d;
    if (!(x > -FAR_AWAY && x < FAR_AWAY && y > -FAR_AWAY && y < FAR_AWAY))
        return middle(t, seeds);
    return (grid_xy){o.x + nearest(x), o.y + nearest(y)};
}

/* Midpoint displacement (Fournier, Fussell and Carpenter 1982) of height[i .. j], whose ends stay. */
static void displace(double *height, int i, int j, double deviation, geo_random *r)
{
    if (j - i < 2)
        return;
    const int mid = (i + j) / 2;
    const double t = (double)(mid - i) / (double)(j - i);
    height[mid] = height[i] + t * (height[j] - height[i]) + deviation * draw_normal(r);
    displace(height, i, mid, BEND_DECAY * deviation, r);
    displace(height, mid, j, BEND_DECAY * deviation, r);
}

/* Height, in lengths of a-b, of the triangle (a, b, seed) above the point at t of a-b; 0 when the seed is not on the expected side. */
static double headroom(grid_xy a, grid_xy b, grid_xy seed, double side_sign, double t)
{
    const double dx = (double)(b.x - a.x), dy = (double)(b.y - a.y), square = dx * dx + dy * dy;
    const double foot = ((double)(seed.x - a.x) * dx + (double)(seed.y - a.y) * dy) / square;
    const double peak = side_sign * (double)cross(a, b, seed) / square;
    if (peak <= 0)
        return 0;
    double room = FAR_AWAY;
    if (foot > 0 && peak * t / foot < room)
        room = peak * t / foot;
    if (foot < 1 && peak * (1 - t) / (1 - foot) < room)
        room = peak * (1 - t) / (1 - foot);
    return room;
}

static int bends_of(double length, const partition_style *style, geo_random *r)
{
    const double u = geo_random_uniform(r);
    const int wanted = style->bends_min + (int)((style->bends_max - style->bends_min + 1) * u * u);
    const double most = length / style->step - 1;
    return most < 1 ? 0 : most < wanted ? (int)most : wanted;
}

static void put_vertex(partition *p, partition_arc *arc, grid_xy v)
{
    if (arc->n && p->xy[p->xy_n - 1].x == v.x && p->xy[p->xy_n - 1].y == v.y)
        return;
    p->xy = must_grow(p->xy, &p->xy_room, p->xy_n + 1, sizeof *p->xy);
    p->xy[p->xy_n++] = v;
    arc->n++;
}

/* The arc's vertices: a, the bends, b. */
static void draw_arc(partition *p, partition_arc *arc, grid_xy a, grid_xy b, grid_xy left, grid_xy right, const partition_style *style,
                     geo_random *r)
{
    const double dx = (double)(b.x - a.x), dy = (double)(b.y - a.y), length = sqrt(dx * dx + dy * dy);
    const int n = bends_of(length, style, r);
    double height[PARTITION_BENDS + 2] = {0};
    displace(height, 0, n + 1, FIRST_BEND, r);
    put_vertex(p, arc, a);
    for (int i = 1; i <= n; i++) {
        const double t = (double)i / (n + 1), way = height[i] < 0 ? -1 : 1;
        const double most = KITE_SHARE * headroom(a, b, way > 0 ? left : right, way, t);
        const double h = way * height[i] > most ? way * most : height[i];
        put_vertex(p, arc, (grid_xy){a.x + nearest(t * dx - h * dy), a.y + nearest(t * dy + h * dx)});
    }
    put_vertex(p, arc, b);
}

void partition_build(partition *p, const grid_xy *seeds, uint32_t cells_n, uint32_t seeds_n, const partition_style *style, geo_random *r)
{
    *p = (partition){0};
    uint32_t triangles_n;
    triangle *triangles = delaunay(seeds, seeds_n, &triangles_n);
    side *sides = sides_by_ends(triangles, triangles_n);
    grid_xy *nodes = must_alloc(triangles_n, sizeof *nodes);
    for (uint32_t t = 0; t < triangles_n; t++)
        nodes[t] = style->node == NODE_MIDDLE ? middle(&triangles[t], seeds) : circumcentre(&triangles[t], seeds);
    size_t arcs_room = 0;
    for (size_t i = 0; i < 3 * (size_t)triangles_n; i++) {
        const side *back = &sides[i], *ahead = &sides[i + 1];
        if (back->low >= cells_n) /* the lower end is land whenever one of the two is */
            continue;
        if (i + 1 == 3 * (size_t)triangles_n || ahead->low != back->low || ahead->high != back->high || back->ahead || !ahead->ahead)
            die("a cell reaches the rim: too little sea");
        i++;
        p->arcs = must_grow(p->arcs, &arcs_room, p->arcs_n + 1, sizeof *p->arcs);
        partition_arc *arc = &p->arcs[p->arcs_n++];
        *arc = (partition_arc){back->low, back->high < cells_n ? back->high : NO_AREA, back->triangle, ahead->triangle, p->xy_n, 0};
        draw_arc(p, arc, nodes[arc->from], nodes[arc->to], seeds[back->low], seeds[back->high], style, r);
    }
    free(nodes);
    free(sides);
    free(triangles);
}

void partition_clear(partition *p)
{
    free(p->xy);
    free(p->arcs);
    *p = (partition){0};
}
