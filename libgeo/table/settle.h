/* Which type does a column of text settle to? Inside the library only. */
#ifndef GEO_TABLE_SETTLE_H
#define GEO_TABLE_SETTLE_H

#include "geo/table.h"

/* What the values seen so far have in common; zero it to start. */
typedef struct geo_settling {
    unsigned never;    /* bits 1 << GEO_INT, GEO_DOUBLE, GEO_DATE: types that some value does not fit */
    bool seen;         /* any value at all */
    bool padded;       /* a number that ends in a zero behind its point */
    bool mixed;        /* numbers of decimals differ */
    size_t decimals_n; /* of the last number */
} geo_settling;

void geo_settling_add(geo_settling *s, const char *text, size_t n);

/*
 * The narrowest type that every value fits: whole numbers without leading zeros, decimals, dates; else text.
 *
 * "1.10" is a decimal in a column of money, where all have two digits behind the point, and a code in one that has "1.1" too: two texts
 * never become the same number. key: nor may a value print otherwise than it came, so decimals stay text.
 */
geo_type geo_settling_type(const geo_settling *s, bool key);

#endif
