/*
 * From arcs to areas, and exact answers about them.
 *
 * Three cells meet in every node, so the border of a set of cells passes a node at most once: the next arc of a ring is never in doubt,
 * and rings of one area cannot touch. Walking with the area at the left makes shells counter-clockwise and holes clockwise by itself.
 */
#include "partition.h"

#include "must.h"

#include <stdlib.h>

/* One side of an arc that borders an area, directed so that the area is at its left. */
typedef struct use {
    uint32_t area, from, to;
    size_t arc;
    bool reversed, done;
} use;

/* A ring on its way to its place: order is (shell, hole or not, as found). */
typedef struct found_ring {
    shape_ring ring;
    int64_t area2;
    uint32_t index, shell;
    int64_t shell_area2;
} found_ring;

static int by_area_and_start(const void *a, const void *b)
{
    const use *p = a, *q = b;
    if (p->area != q->area)
        return p->area < q->area ? -1 : 1;
    return (p->from > q->from) - (p->from < q->from);
}

static int by_shell(const void *a, const void *b)
{
    const found_ring *p = a, *q = b;
    if (p->shell_area2 != q->shell_area2)
        return p->shell_area2 > q->shell_area2 ? -1 : 1;
    if (p->shell != q->shell)
        return p->shell < q->shell ? -1 : 1;
    if (p->ring.is_hole != q->ring.is_hole)
        return p->ring.is_hole - q->ring.is_hole;
    return (p->index > q->index) - (p->index < q->index);
}

int64_t ring_area2(const grid_xy *ring, size_t n)
{
    int64_t sum = 0; /* about the first vertex, so that the products stay small */
    for (size_t i = 1; i < n; i++)
        sum += (ring[i - 1].x - ring[0].x) * (ring[i].y - ring[0].y) - (ring[i].x - ring[0].x) * (ring[i - 1].y - ring[0].y);
    return sum;
}

/* Counts crossings of the ray that leaves the point eastwards. Half-open edges and the strict test are what moving the point by a hair
   east and a smaller hair north comes to: an end at the ray's height lies below it, and an edge through the point lies behind it. */
bool ring_holds(const grid_xy *ring, size_t n, grid_xy p)
{
    bool inside = false;
    for (size_t i = 1; i < n; i++) {
        const grid_xy a = ring[i - 1], b = ring[i];
        if ((a.y > p.y) == (b.y > p.y))
            continue;
        const int64_t turn = (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x); /* > 0: the point is left of a -> b */
        inside ^= b.y > a.y ? turn > 0 : turn < 0;
    }
    return inside;
}

static bool edge_touches(grid_xy a, grid_xy b, grid_xy p)
{
    if ((p.x < a.x && p.x < b.x) || (p.x > a.x && p.x > b.x) || (p.y < a.y && p.y < b.y) || (p.y > a.y && p.y > b.y))
        return false;
    return (b.x - a.x) * (p.y - a.y) == (b.y - a.y) * (p.x - a.x);
}

static use *collect_uses(const partition *p, const uint32_t *area_of, size_t *uses_n)
{
    use *uses = must_alloc(p->arcs_n, 2 * sizeof *uses);
    *uses_n = 0;
    for (size_t i = 0; i < p->arcs_n; i++) {
        const partition_arc *arc = &p->arcs[i];
        const uint32_t left = area_of[arc->left], right = arc->right == NO_AREA ? NO_AREA : area_of[arc->right];
        if (left == right)
            continue;
        if (left != NO_AREA)
            uses[(*uses_n)++] = (use){left, arc->from, arc->to, i, false, false};
        if (right != NO_AREA)
            uses[(*uses_n)++] = (use){right, arc->to, arc->from, i, true, false};
    }
    qsort(uses, *uses_n, sizeof *uses, by_area_and_start);
    return uses;
}

static void put_vertex(shapes *s, size_t first, grid_xy v)
{
    if (s->xy_n > first && s->xy[s->xy_n - 1].x == v.x && s->xy[s->xy_n - 1].y == v.y)
        return;
    s->xy = must_grow(s->xy, &s->xy_room, s->xy_n + 1, sizeof *s->xy);
    s->xy[s->xy_n++] = v;
}

/* Follow the border from one use until it closes. */
static shape_ring walk(shapes *s, const partition *p, use *uses, size_t uses_n, use *start)
{
    const size_t first = s->xy_n;
    for (use *u = start; !u->done;) {
        u->done = true;
        const partition_arc *arc = &p->arcs[u->arc];
        for (size_t k = 0; k < arc->n; k++)
            put_vertex(s, first, p->xy[arc->first + (u->reversed ? arc->n - 1 - k : k)]);
        const use key = {.area = u->area, .from = u->to};
        u = bsearch(&key, uses, uses_n, sizeof *uses, by_area_and_start);
        if (!u)
            die("a border does not close");
    }
    put_vertex(s, first, s->xy[first]); /* closed, also where the last arc has no length */
    return (shape_ring){first, s->xy_n - first, false};
}

/* Every hole goes to the smallest shell round it: there may be an island in a hole, with a hole of its own. */
static void assign_holes(const shapes *s, found_ring *found, size_t n)
{
    for (size_t h = 0; h < n; h++) {
        const found_ring *best = found[h].ring.is_hole ? NULL : &found[h];
        for (size_t i = 0; i < n && found[h].ring.is_hole; i++)
            if (!found[i].ring.is_hole && (!best || found[i].area2 < best->area2)
                && ring_holds(s->xy + found[i].ring.first, found[i].ring.n, s->xy[found[h].ring.first]))
                best = &found[i];
        if (!best)
            die("a hole without a shell");
        found[h].shell = best->index;
        found[h].shell_area2 = best->area2;
    }
}

void shapes_merge(shapes *s, const partition *p, const uint32_t *area_of, uint32_t areas_n)
{
    *s = (shapes){.areas_n = areas_n, .area_rings = must_alloc((size_t)areas_n + 1, sizeof *s->area_rings)};
    size_t uses_n, found_room = 0;
    use *uses = collect_uses(p, area_of, &uses_n);
    found_ring *found = NULL;
    for (size_t i = 0; i < uses_n;) {
        const uint32_t area = uses[i].area;
        uint32_t found_n = 0;
        for (; i < uses_n && uses[i].area == area; i++) {
            if (uses[i].done)
                continue;
            found = must_grow(found, &found_room, found_n + 1, sizeof *found);
            shape_ring ring = walk(s, p, uses, uses_n, &uses[i]);
            const int64_t area2 = ring_area2(s->xy + ring.first, ring.n);
            ring.is_hole = area2 < 0;
            found[found_n] = (found_ring){ring, area2, found_n, 0, 0};
            found_n++;
        }
        assign_holes(s, found, found_n);
        qsort(found, found_n, sizeof *found, by_shell);
        s->rings = must_grow(s->rings, &s->rings_room, s->rings_n + found_n, sizeof *s->rings);
        for (uint32_t k = 0; k < found_n; k++)
            s->rings[s->rings_n++] = found[k].ring;
        s->area_rings[area + 1] = s->rings_n;
    }
    for (uint32_t a = 0; a < areas_n; a++) /* an area without cells has no rings */
        if (s->area_rings[a + 1] < s->area_rings[a])
            s->area_rings[a + 1] = s->area_rings[a];
    free(found);
    free(uses);
}

void shapes_clear(shapes *s)
{
    free(s->xy);
    free(s->rings);
    free(s->area_rings);
    *s = (shapes){0};
}

int64_t shapes_area2(const shapes *s, uint32_t area)
{
    int64_t sum = 0;
    for (size_t i = s->area_rings[area]; i < s->area_rings[area + 1]; i++)
        sum += ring_area2(s->xy + s->rings[i].first, s->rings[i].n);
    return sum;
}

bool shapes_hold(const shapes *s, uint32_t area, grid_xy p)
{
    bool inside = false;
    for (size_t i = s->area_rings[area]; i < s->area_rings[area + 1]; i++)
        inside ^= ring_holds(s->xy + s->rings[i].first, s->rings[i].n, p);
    return inside;
}

uint32_t shapes_locate(const shapes *s, grid_xy p)
{
    for (uint32_t area = 0; area < s->areas_n; area++)
        if (shapes_hold(s, area, p))
            return area;
    return NO_AREA;
}

bool shapes_touch(const shapes *s, uint32_t area, grid_xy p)
{
    for (size_t i = s->area_rings[area]; i < s->area_rings[area + 1]; i++) {
        const grid_xy *ring = s->xy + s->rings[i].first;
        for (size_t k = 1; k < s->rings[i].n; k++)
            if (edge_touches(ring[k - 1], ring[k], p))
                return true;
    }
    return false;
}
