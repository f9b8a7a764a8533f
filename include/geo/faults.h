/**
 * @file faults.h
 * What was wrong with some rows: counted by kind, the first lines kept, never a value.
 */
#ifndef GEO_FAULTS_H
#define GEO_FAULTS_H

#include "geo/status.h"

#include <stddef.h>
#include <stdint.h>

GEO_BEGIN

/** Kinds of fault. Those up to GEO_FAULT_CLASS are found while reading, the rest by a join. */
typedef enum geo_fault {
    GEO_FAULT_RAGGED,      /**< another number of fields than the header: the row is left out */
    GEO_FAULT_QUOTE,       /**< text after a closing quote: the row is left out */
    GEO_FAULT_GEOMETRY,    /**< coordinates or geometry that cannot be read: the row is kept without a place */
    GEO_FAULT_FLATTENED,   /**< a geometry with heights or measures (Z, M), which no table here carries: it is kept without them */
    GEO_FAULT_VALUE,       /**< a value that cannot be what its column holds, or text that is no UTF-8: the row is kept without it */
    GEO_FAULT_CLASS,       /**< an sdc_class that is none: the row counts as special */
    GEO_FAULT_PLACELESS,   /**< no coordinates, no geometry */
    GEO_FAULT_NOT_POINT,   /**< a line or several points where one is needed */
    GEO_FAULT_NOT_AREA,    /**< a point or line where a polygon is needed */
    GEO_FAULT_OUTSIDE,     /**< in none of the areas */
    GEO_FAULT_NO_KEY,      /**< empty key */
    GEO_FAULT_UNKNOWN_KEY, /**< a key that the lookup does not have */
    GEO_FAULT_ROUNDED_KEY, /**< a UPRN that a spreadsheet has rounded, so that nobody knows which it was */
    GEO_FAULT_MENDED_KEY,  /**< found by the postcode that was meant, O for 0 or I for 1 */
    GEO_FAULT_SECTOR_KEY,  /**< found by the sector of its postcode, not the postcode */
    GEO_FAULT_OVERLAP,     /**< in more than one area */
    GEO_FAULT_STRADDLES,   /**< a polygon that lies in more than one area */
    GEO_FAULT_NEAREST,     /**< in none of the areas, but near one */
    GEO_FAULT_UNMOVED,     /**< coordinates that have no place in the output's reference system: left out */
    GEO_FAULT_NUMBER,      /**< a value to be summed is not a number */
    GEO_FAULT_SUPPRESSED,  /**< a value to be summed is a suppression marker */
    GEO_FAULT_MISSING,     /**< a value to be summed is empty */
    GEO_FAULTS_N
} geo_fault;

#define GEO_FAULT_LINES 5

/** Zero it to start. */
typedef struct geo_faults {
    int64_t n[GEO_FAULTS_N];
    int64_t line[GEO_FAULTS_N][GEO_FAULT_LINES]; /**< of the first ones, in order */
} geo_faults;

/** Count one fault on a line; of those seen the first lines are kept, whatever order they come in. */
GEO_API void geo_faults_add(geo_faults *f, geo_fault kind, int64_t line);

/** Add the faults of a later part of the same input, whose lines are counted from first_line. */
GEO_API void geo_faults_merge(geo_faults *into, const geo_faults *part, int64_t first_line);

/** "lines 3, 17, 18, 40, 41 and 12 more" into text; returns its length. */
GEO_API size_t geo_faults_lines(const geo_faults *f, geo_fault kind, const char *unit, char *text, size_t room);

GEO_END
#endif
