/* The attacker's steps, inside the library: narrow intervals, find what follows in any case, bound what is left by programmes. */
#ifndef GEO_POLICY_ATTACK_H
#define GEO_POLICY_ATTACK_H

#include "geo/attack.h"

#include <float.h>
#include <math.h>

/* What is known of a cell. */
enum {
    GEO_ATTACK_HIDDEN = 1,  /* not given as one number */
    GEO_ATTACK_SETTLED = 2, /* its bounds meet */
    GEO_ATTACK_SPANNED = 4, /* a linear combination of the cells given as one number */
    GEO_ATTACK_RELAXED = 8  /* nobody showed that its bounds cannot be narrower */
};

typedef struct geo_attack_work {
    const geo_equations *equations;
    const geo_attack_options *options;
    size_t *at;         /* cell c is in the equations of[at[c] .. at[c + 1]) */
    uint32_t *of;       /* in rising order */
    double *low, *high; /* never narrower than the truth */
    uint8_t *state;
} geo_attack_work;

/* Cells and equations that hang together: part p has cells[cell_at[p] .. cell_at[p + 1]), equations likewise, both in rising order. */
typedef struct geo_attack_parts {
    size_t n;
    size_t *cell_at, *equation_at;
    uint32_t *cells, *equations;
} geo_attack_parts;

/*
 * Whole numbers up to this are exact as doubles. Otherwise an equation is taken to hold but for the rounding of its terms, and each step's
 * bounds are made wider by so much.
 */
#define GEO_ATTACK_EXACT 0x1p53
#define GEO_ATTACK_ROUNDING (16 * DBL_EPSILON)
/* Sums of published numbers that differ by less than this share of their terms do not contradict each other. */
#define GEO_ATTACK_NOISE 1e-9

/* How far from the truth a sum of terms may be whose magnitudes sum to this. */
static inline double geo_attack_slack(bool whole, double magnitude)
{
    return whole && magnitude <= GEO_ATTACK_EXACT ? 0 : magnitude * GEO_ATTACK_ROUNDING;
}

/* Parts that hang together through cells with `wanted` set and `unwanted` not set in their state. */
geo_status geo_attack_split(const geo_attack_work *w, uint8_t wanted, uint8_t unwanted, geo_attack_parts *parts, geo_err *err);
void geo_attack_parts_clear(geo_attack_parts *parts);

/*
 * Narrow the intervals, equation by equation, until no equation by itself narrows any. *converged: it came to that; else they are only
 * narrower. GEO_EFORMAT when an equation cannot hold.
 */
geo_status geo_attack_narrow(geo_attack_work *w, bool *converged, geo_err *err);

/* Mark the hidden cells that are linear combinations of the others. */
geo_status geo_attack_span(geo_attack_work *w, geo_err *err);

/* Bounds of one part's cells by programmes; converged: narrowing came to its end. GEO_EFORMAT when nothing fits. */
geo_status geo_attack_part(geo_attack_work *w, const geo_attack_parts *parts, size_t which, bool converged);

#endif
