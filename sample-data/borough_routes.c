/* Ways along the roads, by the plainest algorithm there is, and the files of the network in the columns of OS Open Roads. */
#include "borough.h"

#include "must.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUTES_N = 24, NAMED_N = 5, SHORT_WALK_M = 800, LONG_WALK_M = 1600 };

/* Dijkstra (1959) with a plain search for the next node; HUGE_VAL: cannot be reached. By drawn length, or by the column in whole metres. */
static double *distances_from(const road_network *roads, uint32_t from, bool by_column)
{
    double *distance = must_alloc(roads->nodes_n, sizeof *distance);
    bool *done = must_alloc(roads->nodes_n, sizeof *done);
    uint32_t *first = must_alloc(roads->nodes_n + 1, sizeof *first), *ends = must_alloc(2 * roads->links_n, sizeof *ends), sum = 0;
    for (uint32_t i = 0; i < roads->nodes_n; i++) {
        first[i] = sum += roads->nodes[i].ends_n; /* filled downwards */
        distance[i] = i == from ? 0 : HUGE_VAL;
    }
    first[roads->nodes_n] = sum;
    for (uint32_t l = 0; l < roads->links_n; l++) {
        ends[--first[roads->links[l].from]] = l;
        ends[--first[roads->links[l].to]] = l;
    }
    for (uint32_t u = from; u != NO_AREA;) {
        done[u] = true;
        for (uint32_t e = first[u]; e < first[u + 1]; e++) {
            const road_link *link = &roads->links[ends[e]];
            const uint32_t v = link->from == u ? link->to : link->from;
            const double d = distance[u] + (by_column ? (double)nearest(link->length_m) : link->length_m);
            if (d < distance[v])
                distance[v] = d;
        }
        u = NO_AREA;
        for (uint32_t i = 0; i < roads->nodes_n; i++)
            if (!done[i] && distance[i] < HUGE_VAL && (u == NO_AREA || distance[i] < distance[u]))
                u = i;
    }
    free(ends);
    free(first);
    free(done);
    return distance;
}

static void put_quoted(out_file *f, const char *name, const char *value)
{
    out_printf(f, value ? "\"%s\":\"%s\"," : "\"%s\":null,", name, value);
}

static const char *truth_word(bool v)
{
    return v ? "true" : "false";
}

static void write_links(const road_network *roads, out_folder *folder)
{
    out_file *f = borough_layer_open(folder, "road_link");
    for (size_t i = 0; i < roads->links_n; i++) {
        const road_link *l = &roads->links[i];
        char name[40];
        snprintf(name, sizeof name, "%s %s", borough_street(l->street), borough_street_kind(l->street));
        borough_feature_begin(f, i);
        out_printf(f, "\"id\":\"XL%06zu\",\"fictitious\":false,", i + 1);
        put_quoted(f, "road_classification", l->kind->classification);
        put_quoted(f, "road_function", l->kind->function);
        put_quoted(f, "form_of_way", l->form);
        put_quoted(f, "road_classification_number", l->kind->number);
        put_quoted(f, "name_1", l->street == NO_STREET ? NULL : name);
        out_text(f, "\"name_1_lang\":null,\"name_2\":null,\"name_2_lang\":null,\"road_structure\":null,");
        out_printf(f, "\"length\":%" PRId64 ",\"length_uom\":\"m\",\"loop\":%s,", nearest(l->length_m), truth_word(l->from == l->to));
        out_printf(f, "\"primary_route\":%s,\"trunk_road\":%s,", truth_word(l->kind->is_primary), truth_word(l->kind->is_trunk));
        out_printf(f, "\"start_node\":\"XN%06u\",\"end_node\":\"XN%06u\",", (unsigned)l->from + 1, (unsigned)l->to + 1);
        out_text(f, "\"road_number_toid\":null,\"road_name_toid\":null");
        borough_put_line(f, roads->xy + l->first, l->n);
    }
    borough_layer_close(f);
}

static void write_nodes(const road_network *roads, out_folder *folder)
{
    out_file *f = borough_layer_open(folder, "road_node");
    for (size_t i = 0; i < roads->nodes_n; i++) {
        const uint32_t n = roads->nodes[i].ends_n;
        borough_feature_begin(f, i);
        out_printf(f, "\"id\":\"XN%06zu\",\"form_of_road_node\":\"%s\"", i + 1, n == 1 ? "road end" : n == 2 ? "pseudo node" : "junction");
        borough_put_place(f, roads->nodes[i].at);
    }
    borough_layer_close(f);
}

/* Empty where there is no way. */
static void put_metres(out_file *f, double m, int decimals_n)
{
    out_char(f, ',');
    if (m < HUGE_VAL)
        out_fixed(f, nearest(m * (decimals_n ? 1000 : 1)), decimals_n);
}

/* The first few between places with a name, the last to the island, all others at random. */
static void write_routes(const borough *b, out_folder *folder)
{
    const road_network *roads = &b->roads;
    const uint32_t named[NAMED_N][2] = {{roads->town[0], roads->town[1]},
                                        {roads->town[0], roads->town[2]},
                                        {roads->town[1], roads->quay},
                                        {roads->village, roads->town[0]},
                                        {roads->town[0], roads->island}};
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_ROUTES);
    out_file *f = out_open(folder, "truth_routes.csv.gz", "official");
    out_text(f, "start_node,end_node,geometry_m,length\n");
    for (int i = 0; i < ROUTES_N; i++) {
        const uint32_t from = i < NAMED_N ? named[i][0] : (uint32_t)geo_random_below(&r, roads->nodes_n);
        const uint32_t to = i < NAMED_N ? named[i][1] : (uint32_t)geo_random_below(&r, roads->nodes_n);
        double *drawn = distances_from(roads, from, false), *column = distances_from(roads, from, true);
        out_printf(f, "XN%06u,XN%06u", (unsigned)from + 1, (unsigned)to + 1);
        put_metres(f, drawn[to], 3);
        put_metres(f, column[to], 0);
        out_char(f, '\n');
        free(drawn);
        free(column);
    }
    out_close(f);
}

void borough_write_roads(const borough *b, out_folder *folder)
{
    write_links(&b->roads, folder);
    write_nodes(&b->roads, folder);
    write_routes(b, folder);
}

/* Pairs of nodes with more than one link between them. */
static int64_t parallel_pairs(const road_network *roads)
{
    int64_t n = 0;
    for (size_t i = 0; i < roads->links_n; i++) {
        const road_link *l = &roads->links[i];
        int64_t others_before = 0, others = 0;
        for (size_t k = 0; k < roads->links_n; k++) {
            const road_link *o = &roads->links[k];
            const bool same = l->from != l->to && ((o->from == l->from && o->to == l->to) || (o->from == l->to && o->to == l->from));
            others += same && k != i;
            others_before += same && k < i;
        }
        n += others > 0 && others_before == 0;
    }
    return n;
}

void borough_truths_roads(const borough *b, out_file *f)
{
    const road_network *roads = &b->roads;
    int64_t islanders = 0, island_links = 0, loops = 0, column_m = 0, near = 0, far = 0, ends = 0, trunk_m = 0;
    double drawn_m = 0, farthest_m = 0;
    double *from_quay = distances_from(roads, roads->quay, false);
    for (size_t i = 0; i < roads->nodes_n; i++) {
        islanders += roads->nodes[i].component;
        ends += roads->nodes[i].ends_n == 1;
        near += from_quay[i] <= SHORT_WALK_M;
        far += from_quay[i] <= LONG_WALK_M;
        farthest_m = from_quay[i] < HUGE_VAL && from_quay[i] > farthest_m ? from_quay[i] : farthest_m;
    }
    for (size_t i = 0; i < roads->links_n; i++) {
        const road_link *l = &roads->links[i];
        island_links += roads->nodes[l->from].component;
        loops += l->from == l->to;
        drawn_m += l->length_m;
        column_m += nearest(l->length_m);
        trunk_m += l->kind->is_trunk ? nearest(l->length_m) : 0;
    }
    char node[12];
    snprintf(node, sizeof node, "XN%06u", (unsigned)(roads->quay + 1) % 1000000);
    borough_truth(f, "rows_road_link", (int64_t)roads->links_n);
    borough_truth(f, "rows_road_node", (int64_t)roads->nodes_n);
    borough_truth(f, "rows_truth_routes", ROUTES_N);
    borough_truth(f, "road_components", islanders > 0 ? 2 : 1);
    borough_truth(f, "road_nodes_on_island", islanders);
    borough_truth(f, "road_links_on_island", island_links);
    borough_truth(f, "road_ends", ends);
    borough_truth(f, "road_loops", loops);
    borough_truth(f, "road_parallel_pairs", parallel_pairs(roads));
    borough_truth_fixed(f, "road_geometry_m", nearest(drawn_m * 1000), 3);
    borough_truth(f, "road_length_total", column_m);
    borough_truth(f, "road_length_trunk", trunk_m);
    borough_truth_text(f, "road_node_quay", node);
    borough_truth(f, "road_nodes_within_800_m_of_quay", near);
    borough_truth(f, "road_nodes_within_1600_m_of_quay", far);
    borough_truth_fixed(f, "road_farthest_from_quay_m", nearest(farthest_m * 1000), 3);
    free(from_quay);
}
