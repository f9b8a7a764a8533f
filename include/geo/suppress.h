/**
 * @file suppress.h
 * Secondary suppression: which further cells must be hidden, so that nobody can work out the unsafe ones from the rest.
 *
 * Cells are published one after another, from the most to the least worth publishing, each unless an unsafe cell would then follow from
 * what is published (is a linear combination of it). That is decided exactly, by Gaussian elimination over a prime field: a cell that
 * follows over the rationals is always found, unless the prime, 2^61 - 1, divides a denominator.
 * One hidden cell can protect several: what a cell is worth is halved for each equation in it that has one hidden cell only, an unsafe one.
 *
 * After that intervals are made wide enough, since nothing is below 0: a hidden part of a total that is 0 is 0. For every unsafe cell there
 * is then proof, by a table that looks the same to whoever sees what is published, that its interval reaches as far as it must.
 *
 * Sources: Langsrud (2024), Secondary Cell Suppression by Gaussian Elimination, Privacy in Statistical Databases, LNCS 14915,
 * doi:10.1007/978-3-031-69651-0_6; Fischetti and Salazar (2001), Solving the Cell Suppression Problem on Tabular Data with Linear
 * Constraints, Management Science 47(7):1008-1027, for the intervals.
 */
#ifndef GEO_SUPPRESS_H
#define GEO_SUPPRESS_H

#include "geo/equations.h"
#include "geo/watch.h"

#include <stdbool.h>

GEO_BEGIN

/** What becomes of a cell. */
typedef enum geo_cell {
    GEO_CELL_SHOWN = 0,     /**< published; before: may be */
    GEO_CELL_UNSAFE = 1,    /**< a rule forbids it */
    GEO_CELL_SECONDARY = 2, /**< hidden to protect another */
    GEO_CELL_UNSEEN = 3     /**< no cell of the tables: never published, whatever it holds, and needs no protection */
} geo_cell;

/** Zero it, then set what is needed. */
typedef struct geo_suppress_options {
    const double *value; /**< of every cell, 0 or more, fitting the equations: counts, or sums of magnitudes */
    /**
     * How much each is worth publishing; NULL: its value, and one. Of equals the one with the lower number is published. INFINITY: it is
     * published whatever its interval says, though not where an unsafe cell would follow.
     */
    const double *worth;
    /**
     * Cells that one contributor makes up, who knows what they hold; NULL: none. No unsafe cell follows for somebody who knows any one of
     * them besides what is published, wherever it stands. The cells of single contributors that are parts of one equation do not follow as
     * a sum either, where one of them is unsafe: who knows that they are single would know them all.
     */
    const uint8_t *single;
    /**
     * The interval that follows for an unsafe cell must reach down to low (or 0) and up to high at least; both NULL: it must be more than
     * one number. Of whole numbers, as linear programming says it, rounded inwards.
     */
    const double *low, *high;
    bool whole; /**< cells hold whole numbers */
    int threads;
    const geo_watch *watch; /**< may be NULL */
} geo_suppress_options;

typedef struct geo_suppress_report {
    size_t unsafe_n, secondary_n; /**< cells hidden: by a rule, to protect others */
    size_t single_n, narrow_n;    /**< of secondary_n: because of contributors who know a cell, and because an interval was too narrow */
    size_t exposed_n;             /**< unsafe cells that no suppression can protect as is asked: nothing is left to hide that helps */
} geo_suppress_report;

/**
 * Hide what must be hidden.
 *
 * @param cell  cells_n geo_cell. In: SHOWN, UNSAFE or UNSEEN, also SECONDARY for what is to be hidden in any case. Out: some of SHOWN have
 *              become SECONDARY.
 * @return GEO_OK, also with exposed_n > 0; GEO_EARG when values are negative, not finite, not whole where they should be, or do not add up;
 *         GEO_ENOMEM; GEO_ESTOP.
 *
 * The same cells with any number of threads. What is hidden stays hidden when its result is given again. Time depends on how the equations
 * hang together: about linear in the cells for areas of a few levels by categories, cubic in the hidden cells at worst.
 */
GEO_CHECKED geo_status geo_suppress(const geo_equations *equations, const geo_suppress_options *options, uint8_t *cell,
                                    geo_suppress_report *report, geo_err *err);

GEO_END
#endif
