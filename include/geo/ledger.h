/**
 * @file ledger.h
 * The ledger: what was labelled and released, when, by whom, under which policy; append-only, each entry chained to the one before.
 *
 * It is a folder with three files: ledger.db, the public statements (SQLite; extents of releases as SpatiaLite geometry); restricted.db, what
 * must stay inside: zones, categories and values that later releases are compared with, counts of unsafe cells, reasons, names, the secrets;
 * and head, which seals both. An entry's hash is the BLAKE2b-256 of the hash before it, its public statement and the digest of its restricted
 * part, so the public part can be checked by somebody who has nothing else. restricted.db and head are readable by their owner alone.
 *
 * Several processes may append; they take turns. A process that is killed leaves the ledger as it was, or with its entry whole.
 */
#ifndef GEO_LEDGER_H
#define GEO_LEDGER_H

#include "geo/watch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

GEO_BEGIN

typedef struct geo_ledger geo_ledger;

/**
 * Open the ledger in a folder, to read it, or to append to it (made if it is not there).
 *
 * What is there is verified first, as geo_ledger_verify does: a damaged ledger is never appended to.
 *
 * @return GEO_EIO; GEO_EFORMAT for one that is damaged, saying what and where.
 */
GEO_CHECKED geo_status geo_ledger_open(const char *folder, bool append, const geo_watch *watch, geo_ledger **out, geo_err *err);
GEO_API void geo_ledger_close(geo_ledger *ledger);

/** One entry. Texts are UTF-8; lent by the ledger until its next call, or by the caller. */
typedef struct geo_ledger_entry {
    int64_t id;             /**< 1, 2, 3 ...; given by the ledger */
    const char *kind;       /**< "label", "release" or "secret" */
    const char *time;       /**< ISO 8601, UTC; given by the ledger when NULL */
    const char *statement;  /**< JSON object: what anybody may know */
    const char *restricted; /**< JSON object: what must stay inside; NULL when the restricted part was not read */
    const void *cells;      /**< restricted too: what later releases are compared with, as the caller lays it out; cells_n bytes */
    size_t cells_n;
    const char *digest;   /**< of the file, 64 hexadecimal digits; NULL: none */
    const double *extent; /**< west, south, east, north of what was released, in extent_crs; NULL: none */
    int extent_srid;      /**< EPSG code */
    const char *hash;     /**< of the chain up to this entry; given by the ledger */
} geo_ledger_entry;

/** Append an entry; it is on disk when this returns. The id goes to *id. */
GEO_CHECKED geo_status geo_ledger_append(geo_ledger *ledger, const geo_ledger_entry *entry, int64_t *id, geo_err *err);

GEO_API int64_t geo_ledger_count(const geo_ledger *ledger);

/** Entry by its id, or GEO_EARG. */
GEO_CHECKED geo_status geo_ledger_get(geo_ledger *ledger, int64_t id, geo_ledger_entry *entry, geo_err *err);

/** The latest entry of a kind (NULL: any) whose file has this digest; *id is 0 when there is none. */
GEO_CHECKED geo_status geo_ledger_find(geo_ledger *ledger, const char *kind, const char *digest, int64_t *id, geo_err *err);

/**
 * Check every byte: the seal of the files, the chain of entries, the form of each.
 *
 * @param public_only  take ledger.db alone, as somebody has it who was given only that: the chain is checked.
 * @param head  [out] hash of the last entry, to be compared with one noted elsewhere: who may write to the folder can write it anew from some
 *              entry on, and only a hash kept elsewhere tells.
 * @return GEO_EFORMAT, with what is wrong first.
 */
GEO_CHECKED geo_status geo_ledger_verify(const char *folder, bool public_only, char head[65], int64_t *entries_n, geo_err *err);

/**
 * The secret of a name, made at random the first time and then kept for ever. Its commitment, the BLAKE2b-256 of the secret, is a public
 * entry.
 */
GEO_CHECKED geo_status geo_ledger_secret(geo_ledger *ledger, const char *name, uint8_t secret[32], geo_err *err);

GEO_END
#endif
