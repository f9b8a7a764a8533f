/*
 * geo_areas_overlaps against GEOS, on coverages.
 *
 *     property_overlap [EFFORT [SEED]]
 *
 * The coverages are warped grids with enclaves and areas of many parts; the second one is one of its own, or the first one with other groups
 * of cells, with vertices left out, or with vertices moved by next to nothing. GEOS says what each pair shares. The library gets the areas as
 * GEOS has united them, and again cell by cell, with borders inside the areas that only the even-odd rule removes.
 */
#include "layers.h"

#include <geos_c.h>

#define EFFORT_A_WORLD 1000
#define GRID 6

static GEOSContextHandle_t geos;

static double within(double reach)
{
    return (2 * geo_random_uniform(&rnd) - 1) * reach;
}

typedef struct side_line {
    geo_xy between[3];
    int n;
} side_line;

typedef struct cells {
    int columns, rows;
    geo_xy node[GRID + 1][GRID + 1];
    side_line across[GRID + 1][GRID], up[GRID][GRID + 1];
    geo_xy star[GRID][GRID][12]; /* in the middle of a cell */
    int star_n[GRID][GRID];      /* 0: there is none */
} cells;

static geo_xy moved(geo_xy p, double reach)
{
    return reach > 0 ? (geo_xy){p.x + within(reach), p.y + within(reach)} : p;
}

static side_line draw_side(geo_xy a, geo_xy b, double reach)
{
    side_line s = {.n = below(4)};
    for (int i = 0; i < s.n; i++) {
        const double t = (i + 1) / 4.0;
        s.between[i] = moved((geo_xy){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t}, reach);
    }
    return s;
}

static void draw_cells(cells *c, geo_xy origin, double spacing, bool straight)
{
    *c = (cells){.columns = 1 + below(GRID), .rows = 1 + below(GRID)};
    const double play = straight ? 0 : spacing / 8, side_play = straight ? 0 : spacing / 32;
    for (int j = 0; j <= c->rows; j++)
        for (int i = 0; i <= c->columns; i++)
            c->node[j][i] = moved((geo_xy){origin.x + i * spacing, origin.y + j * spacing}, below(3) ? play : 0);
    for (int j = 0; j <= c->rows; j++)
        for (int i = 0; i <= c->columns; i++) {
            if (i < c->columns)
                c->across[j][i] = draw_side(c->node[j][i], c->node[j][i + 1], side_play);
            if (j < c->rows)
                c->up[j][i] = draw_side(c->node[j][i], c->node[j + 1][i], side_play);
            if (i < c->columns && j < c->rows && below(4) == 0) {
                c->star_n[j][i] = 6 + below(7);
                for (int k = 0; k < c->star_n[j][i]; k++) {
                    const double r = spacing * (0.2 + 0.1 * geo_random_uniform(&rnd)), angle = 6.283185307179586 * k / c->star_n[j][i];
                    c->star[j][i][k] =
                        (geo_xy){origin.x + (i + 0.5) * spacing + r * cos(angle), origin.y + (j + 0.5) * spacing + r * sin(angle)};
                }
            }
        }
}

/* Vertices between nodes left out, as generalising does, or all vertices moved a little. */
static void change_cells(cells *c, bool leave_out, double reach)
{
    for (int j = 0; j <= c->rows; j++)
        for (int i = 0; i <= c->columns; i++) {
            c->node[j][i] = moved(c->node[j][i], reach);
            side_line *lines[2] = {i < c->columns ? &c->across[j][i] : NULL, j < c->rows ? &c->up[j][i] : NULL};
            for (int k = 0; k < 2; k++) {
                int kept = 0;
                for (int v = 0; lines[k] && v < lines[k]->n; v++)
                    if (!leave_out || below(2))
                        lines[k]->between[kept++] = moved(lines[k]->between[v], reach);
                if (lines[k])
                    lines[k]->n = kept;
            }
        }
}

static void add_line(layer *l, const side_line *s, bool forward)
{
    for (int i = 0; i < s->n; i++)
        add_vertex(l, s->between[forward ? i : s->n - 1 - i]);
}

/* Each cell into one of areas_n areas, by chance; a star is a hole in its cell and an area, or part of one. */
static void make_layer(layer *l, const cells *c, int areas_n)
{
    l->v_n = l->rings_n = 0;
    l->areas_n = areas_n;
    for (int j = 0; j < c->rows; j++)
        for (int i = 0; i < c->columns; i++) {
            const int area = areas_n == c->rows * c->columns ? j * c->columns + i : below(areas_n), n = c->star_n[j][i];
            start_ring(l, area, false);
            add_vertex(l, c->node[j][i]);
            add_line(l, &c->across[j][i], true);
            add_vertex(l, c->node[j][i + 1]);
            add_line(l, &c->up[j][i + 1], true);
            add_vertex(l, c->node[j + 1][i + 1]);
            add_line(l, &c->across[j + 1][i], false);
            add_vertex(l, c->node[j + 1][i]);
            add_line(l, &c->up[j][i], false);
            end_ring(l);
            if (n == 0)
                continue;
            start_ring(l, area, true);
            for (int k = n; k-- > 0;)
                add_vertex(l, c->star[j][i][k]);
            end_ring(l);
            start_ring(l, below(areas_n), false);
            for (int k = 0; k < n; k++)
                add_vertex(l, c->star[j][i][k]);
            end_ring(l);
        }
}

static GEOSGeometry *geos_ring(const layer *l, int r)
{
    const int n = l->ring_at[r + 1] - l->ring_at[r];
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(geos, (unsigned)n, 2);
    for (int i = 0; i < n; i++)
        GEOSCoordSeq_setXY_r(geos, s, (unsigned)i, l->x[l->ring_at[r] + i], l->y[l->ring_at[r] + i]);
    return GEOSGeom_createLinearRing_r(geos, s);
}

/* Area number a, its cells united; valid. */
static GEOSGeometry *geos_area(const layer *l, int a)
{
    GEOSGeometry *parts[MOST_RINGS];
    unsigned n = 0;
    for (int r = 0; r < l->rings_n; r++) {
        if (l->ring_area[r] != a || l->hole[r])
            continue;
        GEOSGeometry *hole = r + 1 < l->rings_n && l->hole[r + 1] ? geos_ring(l, r + 1) : NULL;
        parts[n++] = GEOSGeom_createPolygon_r(geos, geos_ring(l, r), &hole, hole != NULL);
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_MULTIPOLYGON, parts, n), *one = GEOSUnaryUnion_r(geos, all);
    if (!one || GEOSisValid_r(geos, one) != 1)
        abort();
    GEOSGeom_destroy_r(geos, all);
    return one;
}

static void take_ring(layer *l, int a, bool hole, const GEOSGeometry *ring)
{
    const GEOSCoordSequence *s = GEOSGeom_getCoordSeq_r(geos, ring);
    unsigned n;
    geo_xy p;
    GEOSCoordSeq_getSize_r(geos, s, &n);
    start_ring(l, a, hole);
    for (unsigned i = 0; i + 1 < n; i++) {
        GEOSCoordSeq_getXY_r(geos, s, i, &p.x, &p.y);
        add_vertex(l, p);
    }
    end_ring(l);
}

static void take_area(layer *l, int a, const GEOSGeometry *g)
{
    for (int k = 0; k < GEOSGetNumGeometries_r(geos, g); k++) {
        const GEOSGeometry *p = GEOSGetGeometryN_r(geos, g, k);
        if (GEOSisEmpty_r(geos, p))
            continue;
        take_ring(l, a, false, GEOSGetExteriorRing_r(geos, p));
        for (int h = 0; h < GEOSGetNumInteriorRings_r(geos, p); h++)
            take_ring(l, a, true, GEOSGetInteriorRingN_r(geos, p, h));
    }
}

/* What GEOS says of two layers, and their areas as it has united them. */
static void ask_geos(const layer *first, const layer *second, answer *out, layer *first_united, layer *second_united)
{
    const layer *in[2] = {first, second};
    layer *united[2] = {first_united, second_united};
    static GEOSGeometry *g[2][MOST_AREAS];
    for (int side = 0; side < 2; side++) {
        united[side]->v_n = united[side]->rings_n = 0;
        united[side]->areas_n = in[side]->areas_n;
        for (int a = 0; a < in[side]->areas_n; a++) {
            g[side][a] = geos_area(in[side], a);
            GEOSArea_r(geos, g[side][a], &out->size[side][a]);
            take_area(united[side], a, g[side][a]);
        }
    }
    for (int i = 0; i < first->areas_n; i++)
        for (int j = 0; j < second->areas_n; j++) {
            GEOSGeometry *both = GEOSIntersection_r(geos, g[0][i], g[1][j]);
            if (!both)
                abort();
            GEOSArea_r(geos, both, &out->shared[i][j]);
            GEOSGeom_destroy_r(geos, both);
        }
    for (int side = 0; side < 2; side++)
        for (int a = 0; a < in[side]->areas_n; a++)
            GEOSGeom_destroy_r(geos, g[side][a]);
}

/* Nothing but each area with itself, and that whole. */
static bool is_diagonal(const answer *a, int n)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (a->shared[i][j] != (i == j ? a->size[0][i] : 0)) {
                fprintf(stderr, "a coverage with itself: areas %d and %d share %.17g of %.17g\n", i, j, a->shared[i][j], a->size[0][i]);
                return false;
            }
    return true;
}

/* The parts of each area that lie in each area of a partition of its ground add up to it. */
static bool adds_up(const answer *a, int first_n, int second_n)
{
    for (int i = 0; i < first_n; i++) {
        double sum = 0;
        for (int j = 0; j < second_n; j++)
            sum += a->shared[i][j];
        if (!(fabs(sum - a->size[0][i]) <= RIGHT * a->size[0][i])) {
            fprintf(stderr, "parts of area %d in a partition add up to %.17g, not %.17g\n", i, sum, a->size[0][i]);
            return false;
        }
    }
    return true;
}

static bool check_coverages(double *worst)
{
    static cells own, other;
    static layer first, second, first_united, second_united;
    static answer expected, got;
    static const double SPACING[] = {1, 512, 100.3, 0.013, 25000};
    const double spacing = SPACING[below(5)];
    const bool far = below(2) && spacing > 0.1, straight = below(3) == 0;
    const geo_xy origin = {far ? 529000 : spacing == 0.013 ? -2.31 : 0, far ? 181000 : spacing == 0.013 ? 53.4 : 0};
    draw_cells(&own, origin, spacing, straight);
    const int cells_n = own.columns * own.rows, kind = below(5);
    make_layer(&first, &own, below(2) ? cells_n : 1 + below(cells_n));
    other = own;
    if (kind == 0)
        draw_cells(&other, (geo_xy){origin.x - spacing / 2, origin.y}, straight ? spacing * 0.75 : spacing * 0.9, straight);
    else if (kind > 1)
        change_cells(&other, kind == 2, kind < 4 ? 0 : spacing * pow(10, -3 - below(12)));
    make_layer(&second, &other, 1 + below(other.columns * other.rows));
    ask_geos(&first, &second, &expected, &first_united, &second_united);
    /* GEOS rounds the places where borders cross to coordinates: on each side of a box that is a hair's breadth of ground. */
    const double reach = spacing * GRID, slack = 8 * DBL_EPSILON * fmax(fabs(origin.x), reach) * reach;
    if (!ask(&first_united, &second_united, &got) || !agree("united", &got, &expected, first.areas_n, second.areas_n, slack, worst))
        return false;
    if ((kind == 1 || kind == 3) && !adds_up(&got, first.areas_n, second.areas_n))
        return false;
    if (!ask(&first, &second, &got) || !agree("cell by cell", &got, &expected, first.areas_n, second.areas_n, slack, worst))
        return false;
    return ask(&first_united, &first_united, &got) && is_diagonal(&got, first.areas_n);
}

int main(int argc, char **argv)
{
    const uint64_t effort = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000, seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    const uint64_t worlds_n = effort / EFFORT_A_WORLD + 1;
    double worst = 0;
    geos = GEOS_init_r();
    for (uint64_t k = 0; k < worlds_n; k++) {
        geo_random_init(&rnd, seed, k + 1);
        if (!check_coverages(&worst)) {
            fprintf(stderr, "property_overlap: seed %" PRIu64 ", world %" PRIu64 "\n", seed, k);
            return 1;
        }
    }
    GEOS_finish_r(geos);
    printf("property_overlap: %" PRIu64 " worlds, seed %" PRIu64 ", largest difference %.2g of the smaller area\n", worlds_n, seed, worst);
    return 0;
}
