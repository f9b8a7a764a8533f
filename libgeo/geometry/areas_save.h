/* A finished index of areas to and from the parts of a store, inside the library only. */
#ifndef GEO_GEOMETRY_AREAS_SAVE_H
#define GEO_GEOMETRY_AREAS_SAVE_H

#include "../io/store.h"
#include "geo/areas.h"

enum { GEO_AREAS_PARTS = 10 };

/* The numbers of an index, which are the first of its parts. */
typedef struct geo_areas_fixed {
    double x0, y0, fine_per_unit, fine_size, pad;
    int32_t columns_n, rows_n;
    uint64_t cells_n;
    uint32_t overlap_a, overlap_b, overlaps, unused;
} geo_areas_fixed;

/* The parts of an index that is built, lent by it and *fixed. */
void geo_areas_save(const geo_areas *s, geo_areas_fixed *fixed, geo_store_part parts[GEO_AREAS_PARTS]);

/*
 * An index that lives on such parts, which must outlive it. It has no ranks yet. GEO_EFORMAT when they are no index: whatever the parts
 * hold, nothing that is done with it leaves them. O(their size).
 */
geo_status geo_areas_load(const geo_store_part parts[GEO_AREAS_PARTS], int threads, geo_areas **out, geo_err *err);

/* The rank of each area, which goes by a key and is kept apart: lent; and to be set, in malloc'd memory that becomes the index's. */
const int32_t *geo_areas_rank(const geo_areas *s);
void geo_areas_take_rank(geo_areas *s, int32_t *rank);

#endif
