/*
 * geo_areas_locate against the rule of geo/areas.h, applied to every edge of every area in exact arithmetic.
 *
 *     property_areas [POINTS [SEED]]
 *
 * The worlds are partitions (warped grids with enclaves, holes and areas of many parts), some with spikes, some with areas laid over them.
 * All coordinates are whole multiples of 2^-28 below 2^25, at most 53 bits, so that 128-bit integers decide without rounding; a power of two
 * then scales them, which changes no answer. The library looks east from a point; here the ray goes north.
 */
#include "../../libgeo/geometry/areas_save.h"
#include "geo/areas.h"
#include "geo/random.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_A_WORLD 500
#define GRID 11
#define MOST_VERTICES 20000
#define MOST_RINGS 1000
#define MOST_AREAS 400
#define UNIT 0x1p-28

__extension__ typedef __int128 wide;

typedef struct place {
    int64_t x, y; /* units */
} place;

typedef struct world {
    place v[MOST_VERTICES];
    int v_n;
    int ring_at[MOST_RINGS + 1]; /* rings are closed */
    int ring_area[MOST_RINGS];
    int rings_n;
    int areas_n;
    int rank[MOST_AREAS];
    double scale;
    bool partition;                  /* no overlaps, no empty holes */
    place outline[4 * GRID * 4 + 1]; /* of the whole */
    int outline_n;
} world;

static geo_random rnd;

static int64_t below(int64_t n)
{
    return (int64_t)geo_random_below(&rnd, (uint64_t)n);
}

/* ---- the oracle ---- */

static int orient(place a, place b, place p)
{
    const wide d = (wide)(a.x - p.x) * (b.y - p.y) - (wide)(a.y - p.y) * (b.x - p.x);
    return d > 0 ? 1 : d < 0 ? -1 : 0;
}

/* Does the edge pass above (p.x + e, p.y + d), where e is a hair and d a far smaller one? */
static bool passes_north(place a, place b, place p)
{
    if ((a.x > p.x) == (b.x > p.x))
        return false;
    if (a.x > b.x) {
        const place t = a;
        a = b;
        b = t;
    }
    if (a.y < p.y && b.y < p.y)
        return false;
    if (a.y > p.y && b.y > p.y)
        return true;
    const int side = orient(a, b, p);
    return side != 0 ? side < 0 : b.y > a.y; /* on the edge: the step east goes below a rising one; north of it on any other */
}

static bool on_edge(place a, place b, place p)
{
    if ((a.x < p.x && b.x < p.x) || (a.x > p.x && b.x > p.x) || (a.y < p.y && b.y < p.y) || (a.y > p.y && b.y > p.y))
        return false;
    return orient(a, b, p) == 0;
}

static int oracle(const world *w, place p, int *hits)
{
    static bool inside[MOST_AREAS], border[MOST_AREAS];
    memset(inside, 0, sizeof inside);
    memset(border, 0, sizeof border);
    for (int ring = 0; ring < w->rings_n; ring++) {
        bool in = false, on = false;
        for (int i = w->ring_at[ring]; i + 1 < w->ring_at[ring + 1]; i++) {
            in ^= passes_north(w->v[i], w->v[i + 1], p);
            on |= on_edge(w->v[i], w->v[i + 1], p);
        }
        inside[w->ring_area[ring]] ^= in;
        border[w->ring_area[ring]] |= on;
    }
    int best = GEO_NO_AREA;
    *hits = 0;
    for (int i = 0; i < w->areas_n; i++)
        if (inside[i]) {
            ++*hits;
            best = best < 0 || w->rank[i] < w->rank[best] ? i : best;
        }
    for (int i = 0; i < w->areas_n && *hits == 0; i++)
        if (border[i])
            best = best < 0 || w->rank[i] < w->rank[best] ? i : best;
    return best;
}

static bool within_outline(const world *w, place p)
{
    bool in = false;
    for (int i = 0; i + 1 < w->outline_n; i++)
        in ^= passes_north(w->outline[i], w->outline[i + 1], p);
    return in;
}

/* ---- worlds ---- */

static void start_ring(world *w, int area)
{
    if (w->rings_n == MOST_RINGS)
        abort();
    w->ring_area[w->rings_n] = area;
}

static void add_vertex(world *w, place p)
{
    if (w->v_n == MOST_VERTICES)
        abort();
    w->v[w->v_n++] = p;
}

static void end_ring(world *w)
{
    add_vertex(w, w->v[w->ring_at[w->rings_n]]);
    w->ring_at[++w->rings_n] = w->v_n;
}

/* A side of the grid, shared by the cells on both sides: up to three vertices between its ends. */
typedef struct side {
    place between[3];
    int n;
} side;

static side make_side(place a, place b, int64_t play)
{
    side s = {.n = below(3) == 0 ? (int)below(4) : 0};
    for (int i = 0; i < s.n; i++) {
        s.between[i].x = a.x + (b.x - a.x) / 4 * (i + 1) + (play ? below(2 * play + 1) - play : 0);
        s.between[i].y = a.y + (b.y - a.y) / 4 * (i + 1) + (play ? below(2 * play + 1) - play : 0);
    }
    return s;
}

static int walk(place *out, const side *s, bool forward)
{
    for (int i = 0; i < s->n; i++)
        out[i] = s->between[forward ? i : s->n - 1 - i];
    return s->n;
}

/* A star around a centre in two areas: a hole of one (backwards), a shell of the other, or of none. */
static void add_enclave(world *w, place centre, int64_t radius, int around, int inside)
{
    place star[12];
    const int n = 6 + (int)below(7);
    for (int i = 0; i < n; i++) {
        const double r = (double)radius * (0.7 + 0.3 * geo_random_uniform(&rnd)), angle = 6.283185307179586 * i / n;
        star[i] = (place){centre.x + llrint(r * cos(angle)), centre.y + llrint(r * sin(angle))};
    }
    start_ring(w, around);
    for (int i = n; i-- > 0;)
        add_vertex(w, star[i]);
    end_ring(w);
    if (inside < 0)
        return;
    const int from = (int)below(n);
    start_ring(w, inside);
    for (int i = 0; i < n; i++)
        add_vertex(w, star[(i + from) % n]);
    end_ring(w);
}

static void add_overlay(world *w, place origin, int64_t extent)
{
    const int n = 3 + (int)below(8); /* from four on mostly crossing itself */
    start_ring(w, w->areas_n);
    for (int i = 0; i < n; i++)
        add_vertex(w, below(3) ? (place){origin.x + below(extent), origin.y + below(extent)} : w->v[below(w->v_n)]);
    end_ring(w);
    w->areas_n++;
}

/* A triangle a long way off, or one that reaches from there to the others. */
static void add_far(world *w, int64_t spacing)
{
    const int64_t out = INT64_C(1) << 52;
    const place at = {below(2) ? out : below(2) ? -out : 0, below(2) ? out : below(2) ? -out : spacing};
    const bool reaches = below(4) == 0;
    start_ring(w, w->areas_n++);
    add_vertex(w, at);
    add_vertex(w, (place){at.x + (at.x < 0 ? 1 : -1) * below(spacing), at.y});
    add_vertex(w, reaches ? w->v[below(w->v_n)] : (place){at.x, at.y + (at.y < 0 ? 1 : -1) * below(spacing)});
    end_ring(w);
    if (reaches)
        w->partition = false;
}

static void make_world(world *w)
{
    static const int64_t SPACING[] = {INT64_C(1) << 28, INT64_C(3) << 40, (INT64_C(1) << 48) + 12345677, 1024, INT64_C(1) << 31};
    static const int SCALE[] = {0, 0, 0, -8, -100, -270, 100, 300};
    place g[GRID + 1][GRID + 1];
    side across[GRID + 1][GRID], up[GRID][GRID + 1];
    const bool far = below(8) == 0; /* many areas, and one or two a long way off */
    const int columns = far ? GRID : 1 + (int)below(GRID), rows = far ? GRID : 1 + (int)below(GRID);
    const int64_t spacing = SPACING[below(5)];
    const int64_t play = below(2) ? spacing / 8 : 0, side_play = below(2) ? spacing / 32 : 0;
    const int64_t base = !far && below(2) ? INT64_C(1) << 52 : -spacing * below(GRID); /* all numbers of one binade; or about the origin */
    const place origin = {base + (play ? below(spacing) : 0), base + (play ? below(spacing) : 0)};
    w->v_n = w->rings_n = w->outline_n = 0;
    w->ring_at[0] = 0;
    w->scale = ldexp(UNIT, SCALE[below(8)]);
    w->partition = true;
    for (int j = 0; j <= rows; j++)
        for (int i = 0; i <= columns; i++) {
            const bool still = play == 0 || below(3) == 0;
            g[j][i] = (place){origin.x + i * spacing + (still ? 0 : below(2 * play + 1) - play),
                              origin.y + j * spacing + (still ? 0 : below(2 * play + 1) - play)};
        }
    for (int j = 0; j <= rows; j++)
        for (int i = 0; i <= columns; i++) {
            if (i < columns)
                across[j][i] = make_side(g[j][i], g[j][i + 1], side_play);
            if (j < rows)
                up[j][i] = make_side(g[j][i], g[j + 1][i], side_play);
        }
    w->areas_n = far ? columns * rows : 1 + (int)below(columns * rows);
    const int cells_areas_n = w->areas_n;
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < columns; i++) {
            place ring[16];
            int n = 0;
            ring[n++] = g[j][i];
            n += walk(ring + n, &across[j][i], true);
            ring[n++] = g[j][i + 1];
            n += walk(ring + n, &up[j][i + 1], true);
            ring[n++] = g[j + 1][i + 1];
            n += walk(ring + n, &across[j + 1][i], false);
            ring[n++] = g[j + 1][i];
            n += walk(ring + n, &up[j][i], false);
            const int area = (int)below(cells_areas_n), from = (int)below(n);
            const bool clockwise = below(2) == 0;
            start_ring(w, area);
            for (int k = 0; k < n; k++)
                add_vertex(w, ring[(clockwise ? 2 * n - 1 - k + from : k + from) % n]);
            if (below(60) == 0) { /* a spike: out and back */
                const place tip = w->v[w->v_n - 1];
                add_vertex(w, (place){tip.x + below(2 * spacing) - spacing, tip.y + below(2 * spacing) - spacing});
                add_vertex(w, tip);
            }
            end_ring(w);
            if (below(4) == 0 && spacing >= 1024) {
                const place centre = {origin.x + i * spacing + spacing / 2, origin.y + j * spacing + spacing / 2};
                const int kind = (int)below(4);
                const int inside = kind == 0 ? w->areas_n++ : kind == 1 ? (int)below(cells_areas_n) : kind == 2 ? w->areas_n++ : -1;
                add_enclave(w, centre, spacing * 3 / 10, area, inside);
                if (inside < 0)
                    w->partition = false;
                else if (kind == 2)
                    add_enclave(w, centre, spacing / 10, inside, area);
            }
        }
    for (int i = 0; i < columns; i++) {
        w->outline[w->outline_n++] = g[0][i];
        w->outline_n += walk(w->outline + w->outline_n, &across[0][i], true);
    }
    for (int j = 0; j < rows; j++) {
        w->outline[w->outline_n++] = g[j][columns];
        w->outline_n += walk(w->outline + w->outline_n, &up[j][columns], true);
    }
    for (int i = columns; i > 0; i--) {
        w->outline[w->outline_n++] = g[rows][i];
        w->outline_n += walk(w->outline + w->outline_n, &across[rows][i - 1], false);
    }
    for (int j = rows; j > 0; j--) {
        w->outline[w->outline_n++] = g[j][0];
        w->outline_n += walk(w->outline + w->outline_n, &up[j - 1][0], false);
    }
    w->outline[w->outline_n++] = g[0][0];
    for (int k = far ? 1 + (int)below(2) : 0; k-- > 0;)
        add_far(w, spacing);
    if (below(4) == 0) {
        w->partition = false;
        for (int k = (int)below(6); k >= 0; k--)
            add_overlay(w, origin, spacing * (1 + below(columns)));
    }
    for (int i = 0; i < w->areas_n; i++)
        w->rank[i] = i;
    for (int i = w->areas_n; i-- > 1;) {
        const int k = (int)below(i + 1), t = w->rank[i];
        w->rank[i] = w->rank[k];
        w->rank[k] = t;
    }
}

/* A place where mistakes live: on vertices, on edges, a unit beside, level with a vertex; or anywhere. */
static place make_point(const world *w)
{
    const int ring = (int)below(w->rings_n), first = w->ring_at[ring], n = w->ring_at[ring + 1] - first;
    const int i = first + (int)below(n - 1);
    const place a = w->v[i], b = w->v[i + 1], other = w->v[below(w->v_n)];
    place p = a;
    switch (below(7)) {
    case 0: break;
    case 1: /* the middle; exactly, where it can be */ p = (place){a.x + (b.x - a.x) / 2, a.y + (b.y - a.y) / 2}; break;
    case 2: { /* some part of the way: on the edge when it divides, else within a unit of it */
        const int64_t parts = below(2) ? 4 : 16, k = below(parts + 1);
        p = (place){a.x + (b.x - a.x) / parts * k, a.y + (b.y - a.y) / parts * k};
        break;
    }
    case 3: p = (place){a.x, other.y}; break;
    case 4: p = (place){other.x, a.y}; break;
    case 5: p = (place){a.x + (other.x - a.x) / 2, a.y + (other.y - a.y) / 3}; break;
    case 6: { /* anywhere in the outline's box, and a little beyond */
        const place c = w->v[below(w->v_n)], d = w->v[below(w->v_n)];
        const double s = geo_random_uniform(&rnd) * 1.2 - 0.1, t = geo_random_uniform(&rnd) * 1.2 - 0.1;
        p = (place){c.x + llrint((double)(d.x - c.x) * s), c.y + llrint((double)(d.y - c.y) * t)};
        break;
    }
    }
    if (below(2)) {
        p.x += below(3) - 1;
        p.y += below(3) - 1;
    }
    return p;
}

/* ---- the library ---- */

static geo_areas *build(const world *w, const int *order, int threads)
{
    static double x[MOST_VERTICES], y[MOST_VERTICES];
    static int64_t vertex_at[MOST_RINGS + 1], ring_at[MOST_RINGS + 1], part_at[MOST_AREAS + 1];
    static uint8_t kind[MOST_AREAS];
    static int32_t rank[MOST_AREAS];
    int64_t v = 0, k = 0, parts = 0;
    for (int a = 0; a < w->areas_n; a++) {
        part_at[a] = parts;
        kind[a] = GEO_MULTIPOLYGON;
        rank[a] = w->rank[order[a]];
        for (int ring = 0; ring < w->rings_n; ring++) {
            if (w->ring_area[ring] != order[a])
                continue;
            ring_at[parts++] = k;
            vertex_at[k++] = v;
            for (int i = w->ring_at[ring]; i < w->ring_at[ring + 1]; i++, v++) {
                x[v] = (double)w->v[i].x * w->scale;
                y[v] = (double)w->v[i].y * w->scale;
            }
        }
    }
    part_at[w->areas_n] = parts;
    ring_at[parts] = k;
    vertex_at[k] = v;
    const geo_geometries g = {kind, part_at, ring_at, vertex_at, x, y};
    const geo_column column = {.type = GEO_GEOMETRY, .held = true, .geometries = &g};
    geo_err err;
    geo_areas *areas = geo_areas_new();
    if (!areas || geo_areas_add(areas, &column, (size_t)w->areas_n, &err) < 0
        || geo_areas_build(areas, rank, below(2) ? -1 : (int64_t)1 << below(40), threads, NULL, &err) < 0)
        abort();
    return areas;
}

/* The same index as it comes out of a store; `from` must outlive it. */
static geo_areas *keep(const geo_areas *from, geo_areas_fixed *fixed, geo_store_part *parts, int threads)
{
    geo_err err;
    geo_areas *areas = NULL;
    const size_t n = geo_areas_count(from);
    int32_t *rank = malloc(n * sizeof *rank);
    geo_areas_save(from, fixed, parts);
    if (!rank || geo_areas_load(parts, threads, &areas, &err) < 0)
        abort();
    memcpy(rank, geo_areas_rank(from), n * sizeof *rank);
    geo_areas_take_rank(areas, rank);
    size_t a, b, c, d;
    if (geo_areas_count(areas) != n || geo_areas_overlap(from, &a, &b) != geo_areas_overlap(areas, &c, &d) || a != c || b != d)
        abort();
    for (size_t i = 0; i < n; i++)
        if (geo_areas_is_empty(from, i) != geo_areas_is_empty(areas, i) || geo_areas_is_tangled(from, i) != geo_areas_is_tangled(areas, i))
            abort();
    return areas;
}

static bool check_world(const world *w, uint64_t number)
{
    double x[POINTS_A_WORLD], y[POINTS_A_WORLD];
    place p[POINTS_A_WORLD];
    int32_t found[2][POINTS_A_WORLD];
    uint8_t hits[2][POINTS_A_WORLD];
    int order[2][MOST_AREAS];
    for (int i = 0; i < POINTS_A_WORLD; i++) {
        p[i] = make_point(w);
        x[i] = (double)p[i].x * w->scale;
        y[i] = (double)p[i].y * w->scale;
    }
    for (int i = 0; i < w->areas_n; i++)
        order[0][i] = order[1][i] = i;
    for (int i = w->areas_n; i-- > 1;) {
        const int k = (int)below(i + 1), t = order[1][i];
        order[1][i] = order[1][k];
        order[1][k] = t;
    }
    for (int k = 0; k < 2; k++) {
        geo_areas *areas = build(w, order[k], k + 1);
        geo_areas_fixed fixed;
        geo_store_part parts[GEO_AREAS_PARTS];
        geo_areas *kept = k ? keep(areas, &fixed, parts, k + 1) : NULL; /* one of the two by way of its parts */
        geo_areas_locate(kept ? kept : areas, x, y, POINTS_A_WORLD, found[k], hits[k]);
        geo_areas_free(kept);
        geo_areas_free(areas);
    }
    for (int i = 0; i < POINTS_A_WORLD; i++) {
        int expected_hits;
        const int expected = oracle(w, p[i], &expected_hits);
        for (int k = 0; k < 2; k++) {
            const int got = found[k][i] < 0 ? GEO_NO_AREA : order[k][found[k][i]];
            if (got == expected && hits[k][i] == expected_hits)
                continue;
            fprintf(stderr, "world %" PRIu64 " point %d (%a, %a): area %d with %d hits, the rule says %d with %d%s\n", number, i, x[i],
                    y[i], got, hits[k][i], expected, expected_hits, k ? " (areas shuffled)" : "");
            return false;
        }
        if (w->partition && within_outline(w, p[i]) != (expected_hits == 1)) {
            fprintf(stderr, "world %" PRIu64 " point %d (%a, %a): %d areas hold a point of a partition\n", number, i, x[i], y[i],
                    expected_hits);
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    static world w;
    const uint64_t points_n = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000, seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    const uint64_t worlds_n = (points_n + POINTS_A_WORLD - 1) / POINTS_A_WORLD;
    for (uint64_t k = 0; k < worlds_n; k++) {
        geo_random_init(&rnd, seed, k);
        make_world(&w);
        if (!check_world(&w, k)) {
            fprintf(stderr, "property_areas: seed %" PRIu64 "\n", seed);
            return 1;
        }
    }
    printf("property_areas: %" PRIu64 " points in %" PRIu64 " worlds, seed %" PRIu64 "\n", worlds_n * POINTS_A_WORLD, worlds_n, seed);
    return 0;
}
