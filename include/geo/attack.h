/**
 * @file attack.h
 * The attacker: what follows from published tables for every cell that they hide.
 *
 * He knows the equations, and of each cell an interval in which it lies: one number for a cell that is published as it is, its rounding's
 * for one that is rounded, 0 to infinity for one of which nothing is said. Sharp bounds on all others follow by linear programming, and for
 * whole numbers by a search with branches on top of it.
 *
 * Sources: Fischetti and Salazar (2001), Solving the Cell Suppression Problem on Tabular Data with Linear Constraints, Management Science
 * 47(7):1008-1027, section 2, for the attacker's programmes; Gleixner, Berthold, Mueller and Weltge (2017), Three enhancements for
 * optimization-based bound tightening, J. Global Optimization 67:731-757, for settling many cells by one.
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
    double enough; /**< of a cell that may hold so much nothing more need be known: its bounds stay as wide as they are then; 0: no such */
    int threads;
    const geo_watch *watch; /**< may be NULL */
} geo_attack_options;

typedef struct geo_attack_report {
    size_t hidden_n;  /**< wanted cells that were not given as one number */
    size_t spanned_n; /**< of them: a linear combination of the cells given as one number, so recovered exactly whatever they hold */
    size_t exact_n;   /**< of them: bounds that meet, spanned_n among them; of numbers that are not whole, as far as rounding lets them */
    size_t relaxed_n; /**< of them: bounds that may be wider than need be: the search in whole numbers was given up, or the solver did */
    size_t parts_n;   /**< parts of the equations that hang together through hidden cells, wanted or not */
    size_t largest_n; /**< hidden cells of the largest */
} geo_attack_report;

/**
 * Find the bounds.
 *
 * @param low,high  of every cell. In: what the attacker knows beforehand, low <= high, either may be infinite, others within 2^53. Out, for
 *                  the wanted ones: the least and the most that fit everything, or wider; never narrower than the truth, however the
 *                  arithmetic ended. Numbers that are not whole are taken to add up but for rounding, and bounds on them reach past the
 *                  truth by as much. Untouched on failure.
 * @param spanned   [out] cells_n; non-zero for cells counted in spanned_n. May be NULL.
 * @return GEO_OK; GEO_EFORMAT when nothing fits: the tables contradict themselves. The message names an equation that cannot hold with
 *         those that hang together with it, by number. Looked for only as far as wanted cells need it. GEO_EARG; GEO_ENOMEM; GEO_ESTOP.
 *
 * No bound is taken from the solver on trust: each is worked out again from its prices in numbers that are not rounded, and a solution in
 * whole numbers is put into the equations. That a cell is spanned is decided by elimination modulo a prime: one that is so is always
 * found, one that is not is taken for it with a chance below one in 2^60. The same bounds with any number of threads.
 *
 * Two programmes a hidden cell at most, and far fewer as a rule, since a solution settles every cell that is at its bound in it; in whole
 * numbers more where solutions come in fractions.
 */
GEO_CHECKED geo_status geo_attack(const geo_equations *equations, const geo_attack_options *options, double *low, double *high,
                                  uint8_t *spanned, geo_attack_report *report, geo_err *err);

GEO_END
#endif
