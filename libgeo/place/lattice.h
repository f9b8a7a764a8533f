/* What lattice.c and relation.c share. */
#ifndef GEO_PLACE_LATTICE_H
#define GEO_PLACE_LATTICE_H

#include "geo/lattice.h"

/* One row of a lookup as two of its levels have it: an area and what it lies in, negative: nothing. */
typedef struct geo_pair {
    int32_t from, to;
    double weight;
} geo_pair;

/* The relation that n pairs say, from areas 0 .. from_n to areas 0 .. to_n. Sorts the pairs. */
geo_status geo_relation_of_pairs(geo_pair *pairs, size_t n, size_t from_n, size_t to_n, bool weighted, bool best_fit, geo_relation **out,
                                 geo_err *err);

/* First one, then the other. */
geo_status geo_relation_chain(const geo_relation *first, const geo_relation *then, geo_relation **out, geo_err *err);

/* Call it a change of the same geography, and find out what changed. */
geo_status geo_relation_find_changes(geo_relation *relation, geo_err *err);

#endif
