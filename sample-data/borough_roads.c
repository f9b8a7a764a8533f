/*
 * Roads: main ones between the middles of neighbouring cells, then a street to every postcode.
 *
 * Main roads are some of the Delaunay edges: the shortest that hold everything together (Kruskal 1956), and of those whose circle holds no
 * third middle (Gabriel and Sokal 1969) a part. Each bends within its own two cells, so main roads meet at their ends only. A street
 * starts at the nearest point of any road there is, which becomes a junction: the way to the nearest point crosses nothing. So no two roads
 * cross without a node, the island has a network of its own, and no postcode in use is farther than NEAR_M from a road.
 */
#include "borough.h"

#include "must.h"

#include <math.h>
#include <stdlib.h>

enum { LOOPS_N = 8, DUALS_N = 6, LOOP_VERTICES = 7 };
static const double KEEP_SHARE = 0.55, BEND = 0.12, NEAR_M = 12, LOOP_RADIUS_M = 16, LOOP_SHARE = 0.02;

/* No road in use has a number that begins with 0. */
static const road_kind TRUNK = {"A0101", "A Road", "A Road", true, true}, PRIMARY = {"A0102", "A Road", "A Road", true, false},
                       SECOND = {"B0103", "B Road", "B Road", false, false},
                       NUMBERLESS = {NULL, "Classified Unnumbered", "Minor Road", false, false},
                       MINOR = {NULL, "Unclassified", "Minor Road", false, false},
                       LOCAL = {NULL, "Unclassified", "Local Road", false, false},
                       ACCESS = {NULL, "Not Classified", "Restricted Local Access Road", false, false};

/* A pair of neighbouring cells. */
typedef struct edge {
    uint32_t a, b;
    double length_m;
} edge;

/* The point of a road that is nearest to some place: on the segment before vertex `after` of the link. */
typedef struct foot {
    size_t link, after;
    grid_xy at;
    double distance_m;
} foot;

static int by_length(const void *p, const void *q)
{
    const edge *a = p, *b = q;
    if (a->length_m != b->length_m)
        return a->length_m < b->length_m ? -1 : 1;
    return a->a != b->a ? (a->a > b->a) - (a->a < b->a) : (a->b > b->b) - (a->b < b->b);
}

static uint32_t new_node(road_network *roads, grid_xy at)
{
    roads->nodes = must_grow(roads->nodes, &roads->nodes_room, roads->nodes_n + 1, sizeof *roads->nodes);
    roads->nodes[roads->nodes_n] = (road_node){.at = at};
    return (uint32_t)roads->nodes_n++;
}

static void put_xy(road_network *roads, grid_xy at)
{
    roads->xy = must_grow(roads->xy, &roads->xy_room, roads->xy_n + 1, sizeof *roads->xy);
    roads->xy[roads->xy_n++] = at;
}

/* A link without vertices; they follow by put_xy, and close_link. */
static road_link *new_link(road_network *roads, uint32_t from, uint32_t to, const road_kind *kind, uint32_t street)
{
    roads->links = must_grow(roads->links, &roads->links_room, roads->links_n + 1, sizeof *roads->links);
    roads->links[roads->links_n] =
        (road_link){.from = from, .to = to, .first = roads->xy_n, .kind = kind, .form = "Single Carriageway", .street = street};
    return &roads->links[roads->links_n++];
}

static void close_link(const road_network *roads, road_link *link)
{
    link->n = roads->xy_n - link->first;
}

/* From node to node by way of three bends; side 0: to either side at random, 1 or -1: to this one. */
static void add_bent(road_network *roads, uint32_t from, uint32_t to, const road_kind *kind, double side, geo_random *r)
{
    const grid_xy a = roads->nodes[from].at, b = roads->nodes[to].at;
    const double dx = (double)(b.x - a.x), dy = (double)(b.y - a.y);
    const uint32_t street = kind == &TRUNK ? NO_STREET : (uint32_t)geo_random_below(r, 256);
    road_link *link = new_link(roads, from, to, kind, street);
    put_xy(roads, a);
    for (int i = 1; i < 4; i++) {
        const double t = i / 4.0, u = side != 0 ? side : 2 * geo_random_uniform(r) - 1;
        const double h = BEND * u * (t < 0.5 ? t : 1 - t);
        put_xy(roads, (grid_xy){a.x + nearest(t * dx - h * dy), a.y + nearest(t * dy + h * dx)});
    }
    put_xy(roads, b);
    close_link(roads, link);
}

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static bool circle_is_empty(const borough *b, const edge *e)
{
    const grid_xy p = b->cell_seeds[e->a], q = b->cell_seeds[e->b];
    for (uint32_t c = 0; c < b->cells_n; c++) {
        const grid_xy s = b->cell_seeds[c];
        if (c != e->a && c != e->b && (p.x - s.x) * (q.x - s.x) + (p.y - s.y) * (q.y - s.y) < 0) /* sees the edge at an obtuse angle */
            return false;
    }
    return true;
}

/* The edges that are to be main roads, in the order of their length. The caller frees. */
static edge *choose_edges(const borough *b, size_t *chosen_n, geo_random *r)
{
    edge *edges = must_alloc(b->partition.arcs_n, sizeof *edges);
    uint32_t *parent = must_alloc(b->cells_n, sizeof *parent);
    size_t n = 0;
    for (size_t i = 0; i < b->partition.arcs_n; i++) {
        const partition_arc *arc = &b->partition.arcs[i];
        if (arc->right != NO_AREA)
            edges[n++] = (edge){arc->left, arc->right, borough_distance_m(b->cell_seeds[arc->left], b->cell_seeds[arc->right])};
    }
    qsort(edges, n, sizeof *edges, by_length);
    for (uint32_t c = 0; c < b->cells_n; c++)
        parent[c] = c;
    *chosen_n = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t left = root_of(parent, edges[i].a), right = root_of(parent, edges[i].b);
        const bool kept = geo_random_uniform(r) < KEEP_SHARE;
        parent[left] = right;
        if (left != right || (kept && circle_is_empty(b, &edges[i])))
            edges[(*chosen_n)++] = edges[i];
    }
    free(parent);
    return edges;
}

static uint32_t nearest_node(const road_network *roads, grid_xy p)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < roads->nodes_n; i++)
        if (borough_distance_m(roads->nodes[i].at, p) < borough_distance_m(roads->nodes[best].at, p))
            best = i;
    return best;
}

/* The kind of every edge on the shortest way between two nodes that has none yet (Dijkstra 1959). */
static void mark_way(const borough *b, const edge *edges, size_t n, const road_kind **kind, uint32_t from, uint32_t to, const road_kind *as)
{
    double *distance = must_alloc(b->cells_n, sizeof *distance);
    size_t *by = must_alloc(b->cells_n, sizeof *by);
    bool *done = must_alloc(b->cells_n, sizeof *done);
    for (uint32_t c = 0; c < b->cells_n; c++)
        distance[c] = c == from ? 0 : HUGE_VAL;
    for (uint32_t u = from; u != to;) {
        done[u] = true;
        for (size_t e = 0; e < n; e++) {
            const uint32_t v = edges[e].a == u ? edges[e].b : edges[e].b == u ? edges[e].a : u;
            if (!done[v] && distance[u] + edges[e].length_m < distance[v]) {
                distance[v] = distance[u] + edges[e].length_m;
                by[v] = e;
            }
        }
        u = NO_AREA;
        for (uint32_t c = 0; c < b->cells_n; c++)
            if (!done[c] && distance[c] < HUGE_VAL && (u == NO_AREA || distance[c] < distance[u]))
                u = c;
        if (u == NO_AREA)
            die("no way between two towns");
    }
    for (uint32_t u = to; u != from; u = edges[by[u]].a == u ? edges[by[u]].b : edges[by[u]].a)
        if (!kind[by[u]])
            kind[by[u]] = as;
    free(done);
    free(by);
    free(distance);
}

static void make_main_roads(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_ROADS);
    road_network *roads = &b->roads;
    size_t n;
    edge *edges = choose_edges(b, &n, &r);
    for (uint32_t c = 0; c < b->cells_n; c++)
        new_node(roads, b->cell_seeds[c]);
    for (int i = 0; i < TOWNS_N; i++)
        roads->town[i] = nearest_node(roads, borough_town(i));
    roads->quay = nearest_node(roads, borough_quay());
    const road_kind **kind = must_alloc(n, sizeof *kind);
    mark_way(b, edges, n, kind, roads->town[1], roads->town[0], &TRUNK);
    mark_way(b, edges, n, kind, roads->town[0], roads->quay, &TRUNK);
    mark_way(b, edges, n, kind, roads->town[2], roads->town[0], &PRIMARY);
    mark_way(b, edges, n, kind, roads->town[2], roads->town[1], &SECOND);
    int duals_n = 0;
    for (size_t i = n; i-- > 0;) { /* long ones first, so that dual carriageways are out of town */
        const bool is_dual = kind[i] == &TRUNK && duals_n < DUALS_N;
        if (!kind[i])
            kind[i] = geo_random_uniform(&r) < 0.3 ? &NUMBERLESS : &MINOR;
        add_bent(roads, edges[i].a, edges[i].b, kind[i], is_dual ? 1 : 0, &r);
        if (!is_dual)
            continue;
        add_bent(roads, edges[i].b, edges[i].a, kind[i], 1, &r); /* the other way round, so on the other side */
        roads->links[roads->links_n - 1].form = roads->links[roads->links_n - 2].form = "Dual Carriageway";
        duals_n++;
    }
    free(kind);
    free(edges);
}

/* Nearest point of the segment a-b, on the grid. */
static grid_xy nearest_of_segment(grid_xy a, grid_xy b, grid_xy p)
{
    const double dx = (double)(b.x - a.x), dy = (double)(b.y - a.y), square = dx * dx + dy * dy;
    double t = square > 0 ? ((double)(p.x - a.x) * dx + (double)(p.y - a.y) * dy) / square : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return (grid_xy){a.x + nearest(t * dx), a.y + nearest(t * dy)};
}

/* Of all links but `except`. */
static foot nearest_foot(const road_network *roads, grid_xy p, size_t except)
{
    foot best = {.distance_m = HUGE_VAL};
    for (size_t l = 0; l < roads->links_n; l++) {
        const grid_xy *v = roads->xy + roads->links[l].first;
        for (size_t i = 1; i < roads->links[l].n && l != except; i++) {
            const grid_xy at = nearest_of_segment(v[i - 1], v[i], p);
            const double m = borough_distance_m(at, p);
            if (m < best.distance_m)
                best = (foot){l, i, at, m};
        }
    }
    return best;
}

static bool same_place(grid_xy a, grid_xy b)
{
    return a.x == b.x && a.y == b.y;
}

/* The node at the foot: an end of its link, or a new one that splits it. */
static uint32_t node_at(road_network *roads, const foot *f)
{
    const road_link old = roads->links[f->link];
    const size_t last = old.first + old.n - 1;
    if (same_place(f->at, roads->xy[old.first]))
        return old.from;
    if (same_place(f->at, roads->xy[last]))
        return old.to;
    const uint32_t node = new_node(roads, f->at);
    const size_t after = old.first + f->after + same_place(f->at, roads->xy[old.first + f->after]);
    road_link *rest = new_link(roads, node, old.to, old.kind, old.street);
    rest->form = old.form;
    put_xy(roads, f->at);
    for (size_t i = after; i <= last; i++)
        put_xy(roads, roads->xy[i]);
    close_link(roads, rest);
    road_link *begin = &roads->links[f->link];
    begin->to = node;
    begin->first = roads->xy_n;
    for (size_t i = old.first; i < old.first + f->after; i++)
        put_xy(roads, roads->xy[i]);
    if (!same_place(roads->xy[roads->xy_n - 1], f->at))
        put_xy(roads, f->at);
    close_link(roads, begin);
    return node;
}

/* A turning circle at the end of a street, from its last node to itself, where there is room. */
static bool add_loop(road_network *roads, size_t street, const road_kind *kind)
{
    static const double ROUND[LOOP_VERTICES][2] = {{-1, 0}, {-0.5, 0.866}, {0.5, 0.866}, {1, 0}, {0.5, -0.866}, {-0.5, -0.866}, {-1, 0}};
    const road_link *link = &roads->links[street];
    const uint32_t end = link->to;
    const grid_xy a = roads->xy[link->first], p = roads->nodes[end].at;
    const double length_m = borough_distance_m(a, p), radius = LOOP_RADIUS_M * UNITS_PER_M;
    const double ux = (double)(p.x - a.x) / UNITS_PER_M / length_m, uy = (double)(p.y - a.y) / UNITS_PER_M / length_m;
    const grid_xy centre = {p.x + nearest(radius * ux), p.y + nearest(radius * uy)};
    if (nearest_foot(roads, centre, street).distance_m < 2 * LOOP_RADIUS_M || length_m < LOOP_RADIUS_M)
        return false;
    road_link *loop = new_link(roads, end, end, kind, link->street);
    for (int i = 0; i < LOOP_VERTICES; i++) {
        const double x = radius * ROUND[i][0], y = radius * ROUND[i][1];
        put_xy(roads,
               i == 0 || i == LOOP_VERTICES - 1 ? p : (grid_xy){centre.x + nearest(x * ux - y * uy), centre.y + nearest(x * uy + y * ux)});
    }
    close_link(roads, loop);
    return true;
}

static void make_streets(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_STREETS);
    int loops_n = 0;
    for (size_t i = 0; i < b->postcodes_n; i++) {
        const postcode *p = &b->postcodes[i];
        const double luck = geo_random_uniform(&r);
        const foot f = nearest_foot(&b->roads, p->at, SIZE_MAX);
        if (p->terminated || f.distance_m < NEAR_M)
            continue;
        const road_kind *kind = luck < 0.15 ? &ACCESS : &LOCAL;
        const uint32_t from = node_at(&b->roads, &f), to = new_node(&b->roads, p->at);
        road_link *street = new_link(&b->roads, from, to, kind, p->street);
        put_xy(&b->roads, b->roads.nodes[from].at);
        put_xy(&b->roads, p->at);
        close_link(&b->roads, street);
        if (loops_n < LOOPS_N && geo_random_uniform(&r) < LOOP_SHARE)
            loops_n += add_loop(&b->roads, b->roads.links_n - 1, kind);
    }
}

static void measure(road_network *roads)
{
    for (size_t l = 0; l < roads->links_n; l++) {
        road_link *link = &roads->links[l];
        for (size_t i = 1; i < link->n; i++)
            link->length_m += borough_distance_m(roads->xy[link->first + i - 1], roads->xy[link->first + i]);
        roads->nodes[link->from].ends_n++;
        roads->nodes[link->to].ends_n++;
    }
}

/* 0 for the nodes that hold together with the main town, 1 for all others. */
static void find_components(road_network *roads)
{
    uint32_t *parent = must_alloc(roads->nodes_n, sizeof *parent);
    for (uint32_t i = 0; i < roads->nodes_n; i++)
        parent[i] = i;
    for (size_t l = 0; l < roads->links_n; l++)
        parent[root_of(parent, roads->links[l].from)] = root_of(parent, roads->links[l].to);
    for (uint32_t i = 0; i < roads->nodes_n; i++) {
        roads->nodes[i].component = root_of(parent, i) != root_of(parent, roads->town[0]);
        if (roads->nodes[i].component)
            roads->island = i;
    }
    free(parent);
}

void borough_make_roads(borough *b)
{
    make_main_roads(b);
    make_streets(b);
    measure(&b->roads);
    find_components(&b->roads);
    b->roads.village = nearest_node(&b->roads, b->oas[b->enclave].centre);
}
