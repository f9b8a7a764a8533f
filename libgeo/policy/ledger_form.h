/* What entries of a ledger look like, what their hashes cover, and how their extents are drawn. */
#ifndef GEO_POLICY_LEDGER_FORM_H
#define GEO_POLICY_LEDGER_FORM_H

#include "with_spatialite.h"

#define GEO_LEDGER_SALT 32
#define GEO_LEDGER_SECRET 32
#define GEO_LEDGER_TIME_ROOM 21
#define GEO_LEDGER_EXTENT_ROOM 132 /* four numbers and blanks */
#define GEO_LEDGER_MAP_BYTES 132   /* a polygon of five points, as SpatiaLite keeps it */
#define GEO_LEDGER_STATEMENT_ROOM 256

/* The hash that the first entry follows. */
extern const char GEO_LEDGER_START[65];

/* What is wrong with a row, or a part; NULL when nothing is. Where it has an extent, west, south, east and north of it. */
const char *geo_ledger_row_wrong(const geo_ledger_row *row, double extent[4]);
const char *geo_ledger_part_wrong(const geo_ledger_part *part);

/* The text of an extent, "" for one that is none: not finite, or the wrong way round. */
void geo_ledger_extent_print(const double extent[4], char text[GEO_LEDGER_EXTENT_ROOM]);

/*
 * BLAKE2b-256 of the hash before and the row's columns but the hash, in their order, each followed by a line feed but the last, the
 * statement. No column but that can have a line feed in it.
 */
void geo_ledger_chain(const char before[65], const geo_ledger_row *row, char hash[65]);

/*
 * BLAKE2b-256 of the salt, the length of the JSON text as 8 bytes (least first), the text, and the cells. The salt is random and stays with
 * the restricted part: without it, a digest that is public would tell whoever can guess a short text that he has guessed it.
 */
void geo_ledger_seal(const geo_ledger_part *part, char seal[65]);

/* A rectangle as SpatiaLite keeps it. */
void geo_ledger_map(const double extent[4], int64_t srid, unsigned char map[GEO_LEDGER_MAP_BYTES]);

/* Letters, digits and -_.: up to 64 of them. */
bool geo_ledger_is_secret_name(const char *name);

/* The public statement of a secret. */
void geo_ledger_secret_state(const char *name, const unsigned char secret[GEO_LEDGER_SECRET], char text[GEO_LEDGER_STATEMENT_ROOM]);

/* Does an entry of the kind "secret" say so of the cells that it has? */
bool geo_ledger_is_secret(const geo_ledger_row *row, const geo_ledger_part *part);

/* Is it the statement of the secret of this name? */
bool geo_ledger_is_secret_of(const geo_ledger_row *row, const char *name);

#endif
