/* Which cells of the grid an area touches or covers, inside geometry only. */
#ifndef GEO_GEOMETRY_AREAS_COVER_H
#define GEO_GEOMETRY_AREAS_COVER_H

#include "areas.h"

/* Coarse cells first .. last of one row, all covered whole by the area. */
typedef struct run {
    int32_t first, last;
    uint32_t area;
} run;

/* One area in one coarse cell that its edges touch: a bit for each fine cell, row by row from the south-west. */
typedef struct patch {
    uint64_t touched, whole;
    int32_t place; /* of the coarse cell; once that is divided, of its slot */
    uint32_t area;
} patch;

/* The runs and patches of some areas. */
typedef struct cover {
    geo_vec runs, patches;
} cover;

/* Memory that covering one area after another uses again. */
typedef struct cover_room {
    uint64_t *mask; /* fine cells that edges may touch, of each coarse cell of the area's box */
    size_t n;
} cover_room;

/* Append the cover of area number i; fine: tell fine cells apart, else every touched coarse cell counts as touched all over. */
bool geo_cover_area(const geo_areas *s, uint32_t i, bool fine, cover_room *room, cover *out);

/* Find out which of the untouched fine cells of a patch the area covers. */
void geo_settle_patch(const geo_areas *s, patch *p);

#endif
