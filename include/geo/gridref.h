/**
 * @file gridref.h
 * Grid references of Ordnance Survey: letters for a square of 100 km, then digits for a smaller one within it.
 *
 * Two letters are of the National Grid of Great Britain, one letter is of the Irish Grid; the two are different reference systems.
 */
#ifndef GEO_GRIDREF_H
#define GEO_GRIDREF_H

#include "geo/status.h"

#include <stddef.h>
#include <stdint.h>

GEO_BEGIN

typedef enum geo_grid {
    GEO_GRID_BRITAIN, /**< EPSG:27700: 700 km by 1300 km */
    GEO_GRID_IRELAND  /**< Irish Grid, EPSG:29903 (TM75): 500 km by 500 km */
} geo_grid;

/** A square. */
typedef struct geo_gridref {
    geo_grid grid;
    int32_t easting, northing; /**< of its south-west corner, metres */
    int32_t size_m;            /**< of its sides: 100000, 10000, 2000 (a tetrad), 1000, 100, 10 or 1 */
} geo_gridref;

/** Longest reference as geo_gridref_print writes it, "TG 51409 13177", and its NUL. */
#define GEO_GRIDREF_ROOM 15

/**
 * Read a grid reference: one or two letters and 0, 2, 4, 6, 8 or 10 digits, the first half of them eastings, or a tetrad, two digits and a
 * letter (SP21J; A in the south-west, then northwards, without O). Small letters will do, and blanks: around it, after the letters,
 * between the halves and before the letter of a tetrad.
 *
 * @return GEO_EFORMAT, with *out untouched, for anything else: an odd number of digits, halves of different length, letters outside the
 *         grid. The message says which of them, and shows nothing of the text.
 *
 * A reference stands for its whole square, not for a point: to place a record take the middle, and keep the size.
 *
 * Source: Ordnance Survey, A guide to coordinate systems in Great Britain, section 7; for tetrads, Biological Records Centre (DINTY).
 */
GEO_CHECKED geo_status geo_gridref_parse(const char *s, size_t n, geo_gridref *out, geo_err *err);

/**
 * The square of size_m that a place is in: "TG 51409 13177", "TG 51 13", "TG"; a tetrad as "TG51B".
 *
 * @param size_m  one of those of geo_gridref.
 * @return length of out; 0, out untouched, for a place off the grid or no number, and for another size.
 *
 * A place on a border is in the square east and north of it: references are cut off, never rounded.
 */
GEO_API size_t geo_gridref_print(geo_grid grid, double easting, double northing, int32_t size_m, char out[GEO_GRIDREF_ROOM]);

GEO_END
#endif
