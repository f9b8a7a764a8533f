/*
 * OSTN15, the definitive transformation between ETRS89 and the National Grid: shifts at the nodes of a 1 km grid of ETRS89 eastings and
 * northings (on the National Grid's projection, but of GRS 80), bilinear between them.
 */
#ifndef PLACE_OSTN15_H
#define PLACE_OSTN15_H

#include "geo/status.h"
#include "tmerc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The file, which tools/setup/ostn15.c makes. All numbers are little-endian: 16 bytes OSTN15_MAGIC; the least shift east and the least shift
 * north, int32, mm; for each node, west to east in rows from south to north, its shift east and north above the least, uint16, mm; last the
 * BLAKE2b digest of all before.
 */
#define OSTN15_NAME "ostn15.grid"
#define OSTN15_MAGIC "libgeo OSTN15 1\n"
#define OSTN15_COLUMNS 701
#define OSTN15_ROWS 1251
#define OSTN15_NODES ((size_t)OSTN15_COLUMNS * OSTN15_ROWS)
#define OSTN15_HEADER_BYTES 24
#define OSTN15_DIGEST_BYTES 32
#define OSTN15_BYTES (OSTN15_HEADER_BYTES + 4 * OSTN15_NODES + OSTN15_DIGEST_BYTES)

typedef struct ostn15 ostn15;

/*
 * Load from a folder; NULL: beside the library, then where it is installed. No file is GEO_OK and *out NULL; one that cannot be read, has
 * another size, or a digest that does not agree is an error that names it.
 */
geo_status geo_ostn15_open(const char *folder, ostn15 **out, geo_err *err);
void geo_ostn15_free(ostn15 *o);

/*
 * Move n points in place, from longitude and latitude (degrees, ETRS89; 359 is 1 W) to the National Grid (metres), and back. rest[i] becomes
 * whether point i is outside the area of the shifts or not finite; it is left as it is. Returns how many there are. Safe from several threads.
 */
size_t geo_ostn15_to_grid(const ostn15 *o, double *x, double *y, size_t n, bool *rest);
size_t geo_ostn15_from_grid(const ostn15 *o, double *x, double *y, size_t n, bool *rest);

#endif
