/* The parts of geo/overlap.h, inside geometry only. */
#ifndef GEO_GEOMETRY_OVERLAP_H
#define GEO_GEOMETRY_OVERLAP_H

#include "../core/sum.h"
#include "areas.h"
#include "boxes.h"
#include "geo/overlap.h"

/*
 * An area as edges with signs that add up: on any line from west to east, those of the edges east of a point sum to 1 inside the area and to
 * 0 outside. An edge that runs north has the sign of its ring, one that runs south the opposite.
 */
typedef struct outline {
    const geo_areas *s;
    const area *a;
    const int8_t *ring_sign; /* of the rings of s; NULL: all are +1 */
} outline;

/* Memory that measuring one pair after another uses again. */
typedef struct overlap_room {
    geo_vec pieces[2]; /* of both areas in the box that they share */
    geo_vec crossings;
    geo_vec bin_at, bin; /* uint32_t: pieces of the second by their height above the box's south side */
} overlap_room;

void geo_overlap_room_clear(overlap_room *room);

/* Size of what two areas have in common, and a bound of its error, both in square units. GEO_ENOMEM, GEO_ESTOP. */
geo_status geo_overlap_measure(const outline *first, const outline *second, const geo_watch *watch, overlap_room *room, double *size,
                               double *error);

/*
 * Edges that stand for a tangled area under the even-odd rule: cut where they cross, each piece with its own sign. Appends pairs of geo_xy
 * to `cut`: from a place to one north of it for +1, to one south of it for -1.
 */
geo_status geo_area_untangle(const geo_areas *s, const area *a, const geo_watch *watch, geo_vec *cut, geo_err *err);

/* A set of areas made ready: outlines and sizes. */
typedef struct overlap_side {
    const geo_areas *s;
    geo_areas *cut;    /* what stands for the tangled areas; NULL: there are none */
    uint32_t *cut_at;  /* place of each area of s in there, UINT32_MAX: none; NULL with cut */
    int8_t *ring_sign; /* of s */
    double *size;
} overlap_side;

/* On failure, too, there is a side to close. */
geo_status geo_overlap_side_open(overlap_side *side, const geo_areas *s, int threads, const geo_watch *watch, geo_err *err);
void geo_overlap_side_close(overlap_side *side);
outline geo_overlap_outline(const overlap_side *side, size_t i);

#endif
