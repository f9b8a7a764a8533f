/* Secondary suppression, inside the library only: its steps and what they hand on. */
#ifndef GEO_POLICY_SUPPRESS_H
#define GEO_POLICY_SUPPRESS_H

#include "geo/suppress.h"
#include "suppress_rows.h"

#include "geo/random.h"

/* What a cell is in the search for cells to publish. */
enum {
    ROLE_CANDIDATE = 1,   /* may be published */
    ROLE_UNSAFE = 2,      /* must not follow from what is published */
    ROLE_KNOWN = 4,       /* somebody knows it besides what is published, and must not learn from it about an unsafe cell */
    ROLE_HIDDEN = 8,      /* not published in any case */
    ROLE_FOR_SINGLE = 16, /* UNSAFE only for the sake of what contributors know, */
    ROLE_FOR_WIDTH = 32,  /* or of intervals: those who know a cell may work it out */
    ROLE_FRAMED = ROLE_UNSAFE | ROLE_KNOWN | ROLE_HIDDEN
};

/* What the search decides. */
enum {
    FATE_SHOWN = 1,
    FATE_HIDDEN,        /* it would give away an unsafe cell */
    FATE_HIDDEN_SINGLE, /* or give one away to somebody who knows another */
    FATE_HIDDEN_WIDTH   /* or make an interval too narrow */
};

/*
 * The equations solved. Cells stand in an order, from those that are solved for first: candidates, from the least to the most worth
 * publishing; then the frame, which are the cells that are UNSAFE, KNOWN or HIDDEN. A cell that an equation determines is a
 * combination of cells behind it in that order; the others are free.
 */
typedef struct geo_relations {
    uint32_t n, frame;  /* cells; the place of the first of the frame */
    uint32_t *cell_of;  /* by place in the order */
    uint32_t *place_of; /* by cell */
    uint8_t *bound;     /* by place: determined by those behind */
    geo_terms *as;      /* by place, of bound cells: 0 = -itself + the terms after the first */
} geo_relations;

/* order[0 .. cells_n): the cells in the order above, which is taken over. relations must be cleared, also after failure. */
geo_status geo_relations_find(const geo_equations *equations, uint32_t *order, uint32_t frame, const geo_watch *watch,
                              geo_relations *relations, geo_err *err);
void geo_relations_clear(geo_relations *relations);

/*
 * What hidden cells still are, once everything published is known: combinations of variables, so that setting one of them to 1 and the
 * others to 0 is a change of all hidden cells that no published cell sees.
 */
typedef struct geo_hidden {
    geo_vec rows;         /* geo_terms: combinations */
    uint32_t *row_of;     /* by cell; GEO_HIDDEN_NONE: published, follows from what is, or not looked at */
    uint64_t *factor_of;  /* by cell: so many times that row */
    uint32_t variables_n; /* some of them are in no row any more */
} geo_hidden;
#define GEO_HIDDEN_NONE UINT32_MAX

/*
 * One search. order: as for geo_relations_find, and taken over. role: of every cell. candidates: in order of what they are worth, most
 * first. fate: [out] by cell, for candidates. hidden must be cleared, also after failure.
 */
geo_status geo_suppress_search(const geo_equations *equations, uint32_t *order, uint32_t frame, const uint8_t *role,
                               const uint32_t *candidates, size_t candidates_n, const geo_watch *watch, uint8_t *fate, geo_hidden *hidden,
                               geo_err *err);
void geo_hidden_clear(geo_hidden *hidden);

/* An interval is wide enough for what the caller demands of a cell. */
static inline bool geo_suppress_is_wide(const geo_suppress_options *o, size_t cell, double low, double high)
{
    return (o->low || o->high) ? (!o->low || low <= o->low[cell]) && (!o->high || high >= o->high[cell]) : low < high;
}

/*
 * Sums of some of n hidden zeros that follow from what is published: sums (uint32_t) gets the cells of each, and GEO_HIDDEN_NONE after them.
 */
bool geo_suppress_zero_sums(const geo_hidden *hidden, const uint32_t *cells, uint32_t n, geo_vec *sums);

/* The same by variable: what one more of it changes. */
typedef struct geo_change {
    uint32_t cell;
    int32_t by; /* 0: no small whole number */
} geo_change;

typedef struct geo_changes {
    size_t *at; /* of variable v: changes[at[v] .. at[v + 1]) */
    geo_change *changes;
} geo_changes;

bool geo_changes_make(geo_changes *changes, const geo_hidden *hidden, size_t cells_n);
void geo_changes_clear(geo_changes *changes);

/* Tables that look the same as the true one to whoever sees what is published; by cell. */
typedef struct geo_walk {
    double *now;        /* the last of them; the true one to start */
    double *sum;        /* of sum_n of them */
    double *low, *high; /* the least and the most in any: what follows for the cell reaches at least so far */
    double sum_n;
    geo_random random;
} geo_walk;

/* Walk on through such tables, until all intervals are wide; at most so many steps along each variable. */
void geo_suppress_walk(geo_walk *walk, const geo_suppress_options *options, const uint8_t *cell, size_t cells_n, const geo_changes *changes,
                       size_t variables_n, int rounds_n);

#endif
