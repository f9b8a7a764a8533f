/*
 * Differencing: what somebody learns who subtracts published tables from each other; inside the library only.
 *
 * Two patterns of cells (LSOAs by age; wards by age) are two divisions of the same people. Where they overlap without nesting, some cells of
 * the one less those of the other that lie wholly inside leave a remainder: its count follows by subtraction, and may be small although
 * every cell is large. Every union of cells can be tried, not only single ones: see differ_cut.c. Where a union of the one is the same people
 * as a union of the other, and the counts differ, the data have changed between the two, and the difference says how many came or left.
 * What no two patterns tell follows perhaps from all of them together: see differ_stack.c.
 *
 * What is used are the cells as they are published, with the interval in which a reader knows each to be: no true count is needed. A remainder
 * (or a change) leaks when it is known exactly and is below the threshold (0 too where zeros are protected), or when it is known to be below
 * the threshold and within an interval narrower than the rules want for a hidden cell (or, where they ask for rounding, narrower than a
 * rounded count leaves it: that much anybody may know of a small cell). Exact counts are tried completely: there is no remainder of two patterns
 * that leaks without being found. Of rounded ones that with the least upper bound is looked at for each class, and where the data have
 * changed between two releases remainders are looked for in what agrees best with both.
 */
#ifndef GEO_POLICY_DIFFER_H
#define GEO_POLICY_DIFFER_H

#include "publication.h"

#define DIFFER_VARIABLES (2 * CUBE_VARIABLES)
#define DIFFER_NOWHERE CUBE_NOWHERE

/* ---- differ_world.c: several publications over the same classes ---- */

/* Classes: the largest groups of atoms that no node of any publication cuts. */
typedef struct differ_variable {
    const char *field;
    uint32_t classes_n;
    const char **name;            /* of each class: of its first atom */
    uint32_t *atoms_n;            /* of each class */
    ptrdiff_t *own;               /* of each publication: its variable; negative: it has none, and a single node (0) of all classes */
    uint32_t *(*in)[CUBE_LEVELS]; /* in[publication][level][class]: the node, or DIFFER_NOWHERE */
} differ_variable;

typedef struct differ_world {
    geo_arena arena;
    const geo_publication *const *pub;
    size_t pubs_n, variables_n;
    differ_variable v[DIFFER_VARIABLES];
} differ_world;

/* Variables are those of all publications, or with `first_only` those of the first. */
geo_status geo_world_begin(differ_world *w, const geo_publication *const *pub, size_t pubs_n, bool first_only, geo_err *err);
void geo_world_end(differ_world *w);

/* world_areas.c, world_categories.c: what the atoms of a variable come to. The class-to-be of an atom, of which it may have several. */
typedef struct differ_pieces {
    uint32_t n;          /* pieces in all */
    geo_vec name;        /* const char * of each, in the world's arena or lent by a publication */
    geo_vec *piece, *at; /* of each publication: pieces (uint32_t) of atom a are piece[at[a] .. at[a + 1]) */
} differ_pieces;

geo_status geo_world_areas(differ_world *w, const publication_variable *const *own, differ_pieces *out, geo_err *err);
geo_status geo_world_categories(differ_world *w, const publication_variable *const *own, differ_pieces *out, geo_err *err);

/* ---- differ_patterns.c ---- */

/* Cells of a publication whose nodes are of the same levels. */
typedef struct differ_pattern {
    size_t level[CUBE_VARIABLES];
    uint64_t stride[CUBE_VARIABLES], room; /* key of a cell: sum of (node - first of its level) * stride, below room */
    size_t from, n;                        /* its cells: differ_patterns.cell[from .. from + n), by ascending key */
    size_t hidden_n;
} differ_pattern;

typedef struct differ_patterns {
    const geo_publication *pub;
    size_t n;
    differ_pattern *pattern;
    uint32_t *cell;
    uint64_t *key; /* of each of `cell` */
} differ_patterns;

geo_status geo_patterns_of(const geo_publication *p, differ_patterns *out, geo_err *err);
void geo_patterns_clear(differ_patterns *p);

/* The cell of a pattern with a key, DIFFER_NOWHERE: there is none. */
uint32_t geo_patterns_find(const differ_patterns *p, const differ_pattern *pattern, uint64_t key);
bool geo_cell_is_shown(const geo_publication *p, uint32_t cell);

/* ---- differ_graph.c: two patterns of the two publications of a world ---- */

/* The cells of one pattern that are shown. */
typedef struct differ_side {
    size_t n;
    uint32_t *cell; /* of the publication */
    int64_t *low, *high;
    uint8_t *open;       /* a part of it lies in no cell that the other side shows */
    uint32_t *at, *edge; /* edges of cell i: edge[at[i] .. at[i + 1]) */
} differ_side;

/* Cells that have something in common: an edge. end[s][e]: its cell of side s. */
typedef struct differ_graph {
    geo_arena arena;
    differ_side side[2];
    size_t edges_n;
    uint32_t *end[2];
} differ_graph;

/* How the nodes of a level of the first publication lie to those of a level of the second; nodes counted from the first of their level. */
typedef struct differ_relation {
    bool known;
    uint32_t n[2];     /* nodes */
    uint32_t *at, *to; /* node i of the first has something in common with to[at[i] .. at[i + 1]) */
    uint32_t *many;    /* with how many of the first each of the second has */
    uint8_t *part[2];  /* a part of a node lies in none of the other level */
    bool nests[2];     /* every node of the one lies in a single one of the other */
} differ_relation;

typedef struct differ_pair {
    geo_arena arena;
    const differ_world *w; /* of two publications, or of one twice */
    const differ_patterns *patterns[2];
    differ_relation *relation; /* [variable][level of the first][level of the second] */
} differ_pair;

geo_status geo_pair_begin(differ_pair *p, const differ_world *w, const differ_patterns *a, const differ_patterns *b, geo_err *err);
void geo_pair_end(differ_pair *p);

/* Nothing that these two tell is not told by two others: one of them can be had coarser, with nothing hidden, to fit the other. */
geo_status geo_pair_is_idle(differ_pair *p, const differ_pattern *a, const differ_pattern *b, bool *idle, geo_err *err);
geo_status geo_pair_graph(differ_pair *p, const differ_pattern *a, const differ_pattern *b, differ_graph *g, geo_err *err);
void geo_graph_end(differ_graph *g);

/* ---- differ_cut.c ---- */

/* A remainder: the cells `plus` of one side less the cells `minus` of the other, all of which lie inside. */
typedef struct differ_cut {
    const uint32_t *plus, *minus; /* of the graph's sides */
    size_t plus_n, minus_n;
    int64_t low, high; /* what follows for its count; a low below 0 says no more than 0 */
} differ_cut;

/*
 * Every smallest remainder of cells of side `plus` less cells of the other whose count is known to be below `limit`: for each class (a cell of
 * each side that have something in common; a cell and what the other side does not show) the one with the least upper bound that the class
 * is in. Remainders that are published cells themselves are no news and left out. *agrees: the two sides do not contradict each other.
 */
geo_status geo_graph_cuts(const differ_graph *g, int plus, int64_t limit,
                          geo_status (*each)(void *ctx, const differ_cut *cut, geo_err *err), void *ctx, bool *agrees, geo_err *err);

/* ---- differ_stack.c, differ.c ---- */

/* What was found: cells (of publications, by number) that are added and subtracted. */
typedef struct differ_found {
    geo_sdc_difference_kind kind;
    size_t pub[2]; /* which publications plus and minus are of: 0 is the proposed one, i + 1 is earlier[i] */
    uint32_t *plus, *minus;
    size_t plus_n, minus_n;
    size_t cells_n;    /* as told */
    const char *where; /* NULL: plus and minus say it */
    bool zero;
} differ_found;

typedef struct differ {
    const geo_publication *proposed, *const *earlier;
    size_t earlier_n;
    const geo_rules *rules;
    int threads;
    const geo_watch *watch;
} differ;

/* Does somebody who knows a count to lie there know too much? */
bool geo_differ_leaks(const geo_rules *rules, double low, double high);

/* The findings of all releases together; skip[i]: earlier release i contradicts the proposed one. In `arena`, found.n of them. */
geo_status geo_differ_stack(const differ *d, const bool *skip, const geo_vec *pairwise, geo_arena *arena, geo_vec *found, geo_err *err);

/*
 * Compare a proposed publication with earlier ones, of which those of another population are passed over.
 *
 * each: told of every finding, in the order of the earlier ones; may be NULL.
 */
geo_status geo_differ(const differ *d, void (*each)(void *ctx, const geo_sdc_difference *difference), void *ctx, geo_sdc_differed *report,
                      geo_err *err);

/*
 * diff.c: append to `earlier` (geo_publication *, the caller's to free) every release of the ledger; *others_n: and how many there are of which
 * it keeps no cells. One that was withdrawn before anybody saw it counts all the same: nobody can be sure.
 */
geo_status geo_differ_ledger(geo_ledger *ledger, geo_vec *earlier, size_t *others_n, geo_err *err);

/* differ_say.c: where and advice of a finding. */
void geo_differ_say(const differ *d, const differ_found *f, geo_sdc_difference *out);

#endif
