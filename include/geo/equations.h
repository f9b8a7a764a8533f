/**
 * @file equations.h
 * What a reader of published tables knows of how their cells add up.
 *
 * A cell is one number: people of one area, one age, one sex. Equations say that a cell is the sum of others: an MSOA of its LSOAs, all ages
 * of each age. They hold between cells that are published, those that are hidden and those that nobody ever shows, whatever the shape of
 * the tables: hierarchies, several tables at once, geographies that do not nest. Suppression, the attacker's audit and additive rounding
 * all work on them.
 */
#ifndef GEO_EQUATIONS_H
#define GEO_EQUATIONS_H

#include "geo/status.h"

#include <stddef.h>
#include <stdint.h>

GEO_BEGIN

/** n equations between cells 0 .. cells_n: the first cell of each is the sum of those after it, of which there is at least one. */
typedef struct geo_equations {
    size_t cells_n, n;
    const size_t *at;      /**< n + 1: equation e is cells[at[e] .. at[e + 1]) */
    const uint32_t *cells; /**< none twice in an equation */
} geo_equations;

GEO_END
#endif
