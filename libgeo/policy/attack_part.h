/* One part of the equations as a linear programme, and what may be believed of the solver's answers. */
#ifndef GEO_POLICY_ATTACK_PART_H
#define GEO_POLICY_ATTACK_PART_H

#include "attack.h"
#include "with_clp.h"

#include "../core/vec.h"
#include "geo/arena.h"

/* Bounds that are not known to be sharp. */
enum { GEO_PART_LOW = 1, GEO_PART_HIGH = 2 };

typedef struct geo_part {
    geo_arena arena; /* all its arrays */
    geo_attack_work *w;
    const uint32_t *cells, *equations;
    size_t cells_n, rows_n;
    int *start, *row; /* as geo_lp_new wants them */
    double *factor;
    double *sum, *blur; /* what the cells of a row sum to, within blur */
    double *low, *high; /* where the search is: within w's bounds as they were at the start */
    uint8_t *open;      /* wanted bounds that are still to be found */
    size_t open_low_n, open_high_n;
    double *seen_low, *seen_high; /* the least and the most of each cell in all points that fit */
    double *cost, *point, *prices;
    double *known;              /* the last whole point that fitted */
    double *was_low, *was_high; /* room for bounds to come back to */
    geo_vec branches;
    geo_lp *lp;
    bool solved, kept, branched; /* the programme was solved before; its basis kept; its bounds are those of a branch */
} geo_part;

/* false: memory. */
bool geo_part_init(geo_part *p, geo_attack_work *w, const geo_attack_parts *parts, size_t which);
void geo_part_clear(geo_part *p);

/*
 * No point within the bounds costs less than this, whatever the solver thinks: it follows from any prices by itself, and theirs only make
 * it sharp. -INFINITY when they prove nothing.
 */
double geo_part_least_cost(const geo_part *p, const double *cost, const double *prices);

/* No point fits within the bounds, as the solver says: is it so? */
bool geo_part_is_empty(geo_part *p);

/* The solver's point into p->point, whole numbers rounded; false when it does not fit, or is not whole. What it reaches is settled. */
bool geo_part_note_point(geo_part *p, const double *point);

/* A bound of a cell of the part is found: no more need be done for it. */
void geo_part_close(geo_part *p, size_t i, uint8_t side);

#endif
