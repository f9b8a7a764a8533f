/*
 * A release as somebody outside sees it, to be compared with others; inside the library only.
 *
 * A variable has atoms (the finest areas known, or the categories) and nodes in levels, as in a cube: a node of a level is a set of atoms, and
 * no two nodes of a level share one. A cell is a node of each variable, with the least and the most that a reader knows it to hold.
 */
#ifndef GEO_POLICY_PUBLICATION_H
#define GEO_POLICY_PUBLICATION_H

#include "cube.h"

#define PUBLICATION_NOWHERE CUBE_NOWHERE
#define PUBLICATION_MOST 9007199254740992.0 /* 2^53: no count is larger */

typedef struct publication_level {
    const char *name;  /* "": all together */
    uint32_t first, n; /* its nodes */
    uint32_t *in;      /* of each atom the node that it lies in, PUBLICATION_NOWHERE: in none */
} publication_level;

typedef struct publication_variable {
    const char *field; /* "": the fields of counts are its categories */
    bool areas;
    uint32_t atoms_n, nodes_n;
    const char **atom, **text; /* of each atom, of each node */
    size_t levels_n;
    publication_level levels[CUBE_LEVELS];
} publication_variable;

typedef struct geo_publication {
    geo_arena arena;
    int64_t id;             /* of the release; 0: not released yet, or not known. Not a part of its bytes */
    const char *name;       /* what to call it: its time, its file; "". Not a part of its bytes */
    const char *population; /* what is counted; two of different populations have nothing to do with each other */
    const char *count;      /* the one field of counts; "": records, or several fields */
    size_t variables_n;
    publication_variable v[CUBE_VARIABLES];
    size_t cells_n;
    uint32_t *node;     /* variables_n of each cell; cells in ascending order of them */
    double *low, *high; /* whole numbers; equal: known; high infinite: not known how much, which is how a hidden cell looks */
} geo_publication;

/*
 * The cells of a cube as they go out: those whose state is not GEO_CELL_UNSEEN, with what a reader knows of each: low and high as an audit
 * begins with them.
 */
geo_status geo_publication_of_cube(const geo_cube *c, const uint8_t *cell, const double *low, const double *high, const char *population,
                                   geo_publication **out, geo_err *err);

/* A published table, with its marks, and rounded as `table` says. *c, which may be NULL, is the cube that it was read into. */
geo_status geo_publication_read(const geo_sdc_table *table, const char *population, geo_publication **out, geo_cube **c, geo_err *err);
void geo_publication_free(geo_publication *p);

/* The bytes (JSON) that the ledger keeps; malloc'd, the caller's. */
geo_status geo_publication_print(const geo_publication *p, char **bytes, size_t *n, geo_err *err);

/* Back from bytes, which nobody vouches for: GEO_EFORMAT for all that print would not have made. */
geo_status geo_publication_parse(const void *bytes, size_t n, geo_publication **out, geo_err *err);

/* Make id and name known; the name is copied. */
geo_status geo_publication_call(geo_publication *p, int64_t id, const char *name, geo_err *err);

/* The variable of a field, in any letter case; NULL: it has none. */
const publication_variable *geo_publication_variable(const geo_publication *p, const char *field);

/* The level that a node is of. */
size_t geo_publication_level(const publication_variable *v, uint32_t node);

#endif
