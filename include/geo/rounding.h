/**
 * @file rounding.h
 * Rounding counts: each for itself, at random, or so that the rounded ones still add up.
 */
#ifndef GEO_ROUNDING_H
#define GEO_ROUNDING_H

#include "geo/equations.h"
#include "geo/random.h"
#include "geo/watch.h"

#include <stdbool.h>

GEO_BEGIN

#define GEO_ROUND_LARGEST ((int64_t)1 << 52) /**< counts go up to here */

/** To the nearest multiple of base (1 to 1000), half of it up. count is 0 or more, as in all functions here. */
GEO_API int64_t geo_round_nearest(int64_t count, int base);

/**
 * Up with probability r / base, where r is what is left over, else down: without bias. The draw is a number from 0 to 2^64 - 1; the same
 * for the same cell, or repeating it would average it away.
 */
GEO_API int64_t geo_round_random(int64_t count, int base, uint64_t draw);

/** The middle of the band of `base` that a count lies in: 0 stays 0, and with base 6: 1..6 become 3, 7..12 become 9. base is even. */
GEO_API int64_t geo_round_midpoint(int64_t count, int base);

typedef enum geo_round_which {
    GEO_ROUND_ALL,  /**< every cell becomes a multiple of the base */
    GEO_ROUND_SMALL /**< only inner cells below the base change, as far as they must so that no shown cell is 1 .. base - 1 */
} geo_round_which;

/** Zero it, then set what is needed. */
typedef struct geo_round_options {
    int base; /**< 2 to 1000 */
    geo_round_which which;
    const uint8_t *shown;   /**< cells that are published, which should change little and must keep the promise; NULL: all */
    uint64_t seed;          /**< of the search. A secret: whoever has it can try which counts come out as the published ones */
    const geo_watch *watch; /**< may be NULL */
} geo_round_options;

typedef struct geo_round_report {
    size_t changed_n; /**< shown cells that changed */
    int64_t largest;  /**< largest change of a shown cell */
    double mean;      /**< mean absolute change of the shown cells */
    double utility;   /**< 1 - sqrt(sum over shown cells of (sqrt(before) - sqrt(after))^2 / 2 / sum of before): 1 when nothing changed */
} geo_round_report;

/**
 * Round so that every equation still holds.
 *
 * Cells that are no sum of others (the first of no equation) go to one of the two multiples around them, and sums follow. Which way each
 * goes is searched for: the squared changes of all shown cells together become as small as can be found. Multiples, zeros among them, stay.
 * In GEO_ROUND_SMALL cells that are not shown stay as they are as long as no shown sum of them is 1 .. base - 1.
 *
 * @param count   of every cell, fitting the equations. Out: rounded; as it was when the call fails.
 * @return GEO_EARG when counts are negative, too large or do not add up, when equations go round in a circle, and when an equation between
 *         tables that have no inner cells in common (people by age, the same people by area, never both) cannot be made to hold; GEO_ENOMEM;
 *         GEO_ESTOP.
 *
 * One thread; about 2 seconds for a million cells.
 * Source: Langsrud and Heldal (2018), An Algorithm for Small Count Rounding of Tabular Data, Privacy in Statistical Databases, for which
 * small counts; Salazar (2006), Controlled rounding and cell perturbation, Mathematical Programming 105:583-603, for the problem;
 * Kirkpatrick, Gelatt and Vecchi (1983), Optimization by Simulated Annealing, Science 220:671-680, for the search; Shlomo, Antal and Elliot
 * (2015), Journal of Official Statistics 31(2):305-324, for the utility.
 */
GEO_CHECKED geo_status geo_round_additive(const geo_equations *equations, const geo_round_options *options, int64_t *count,
                                          geo_round_report *report, geo_err *err);

GEO_END
#endif
