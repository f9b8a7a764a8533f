/**
 * @file attack.h
 * The attacker: what follows from published tables for every cell that they hide.
 *
 * He knows the equations, and of each cell an interval in which it lies: one number for a cell that is published as it is, its rounding's
 * for one that is rounded, 0 to infinity for one of which nothing is said. Sharp bounds on all others follow by linear programming, for
 * whole numbers by integer programming where a part of the equations that hangs together is small.
 *
 * Source: Fischetti and Salazar (2001), Management Science 47(7):1008-1027, section 2, for the attacker's programmes.
 */
#ifndef GEO_ATTACK_H
#define GEO_ATTACK_H

#include "geo/equations.h"
#include "geo/watch.h"

#include <stdbool.h>

GEO_BEGIN

/** Zero it, then set what is needed. */
typedef struct geo_attack_options {
    bool whole;            /**< cells hold whole numbers */
    const uint8_t *wanted; /**< bounds of these cells only (non-zero); NULL: of all. The others' are narrowed in passing, or stay */
    int threads;
    const geo_watch *watch; /**< may be NULL */
} geo_attack_options;

typedef struct geo_attack_report {
    size_t hidden_n;  /**< wanted cells that were not given as one number */
    size_t spanned_n; /**< of them: a linear combination of the cells given as one number, so recovered exactly whatever they hold */
    size_t exact_n;   /**< of them: bounds that meet, spanned_n among them */
    size_t relaxed_n; /**< of them: whole numbers, but bounded by linear programming alone (the part was large): never too wide by luck */
    size_t parts_n;   /**< parts of the equations that hang together through hidden cells */
    size_t largest_n; /**< hidden cells of the largest */
} geo_attack_report;

/**
 * Find the bounds.
 *
 * @param low,high  of every cell. In: what the attacker knows beforehand, low <= high, high may be infinite. Out, for the wanted ones: the
 *                  least and the most that fit everything; never narrower than the truth, however the arithmetic ended.
 * @param spanned   [out] cells_n; non-zero for cells counted in spanned_n. May be NULL.
 * @return GEO_EFORMAT when nothing fits: the tables contradict themselves (report->parts_n tells how many parts there are, the message
 *         names the first equation of one that cannot hold, by number). GEO_EARG, GEO_ENOMEM, GEO_ESTOP.
 *
 * Two programmes a hidden cell at most; a solution that reaches a bound settles every cell that it happens to settle.
 */
GEO_CHECKED geo_status geo_attack(const geo_equations *equations, const geo_attack_options *options, double *low, double *high,
                                  uint8_t *spanned, geo_attack_report *report, geo_err *err);

GEO_END
#endif
