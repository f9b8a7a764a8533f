/* Tables of perturbations, inside the library only. */
#ifndef GEO_POLICY_PTABLE_H
#define GEO_POLICY_PTABLE_H

#include "geo/cellkey.h"

#define GEO_PTABLE_LAST_PCV 750 /* above it every 250 counts share the rows of the last 250 */
#define GEO_PTABLE_PCV_PERIOD 250
#define GEO_PTABLE_MOST_KEYS 4096 /* of the integer form */

struct geo_ptable {
    int64_t first, last; /* counts, or pcv, that it has rows for */
    /* integer form: key k of count i adds add[(i - first) * keys_n + k]; NULL in the real form */
    int16_t *add;
    uint64_t keys_n; /* a power of two */
    /* real form: count i has rows[row_at[i - first]] to rows[row_at[i - first + 1]], which cover 0 to 1 in order */
    size_t *row_at;
    geo_ptable_row *rows;
};

#endif
