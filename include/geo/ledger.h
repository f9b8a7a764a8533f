/**
 * @file ledger.h
 * The ledger: what was labelled and released, when, by whom, under which policy; append-only, each entry chained to the one before.
 *
 * It is a folder with three files: ledger.db, the public statements (SQLite; extents of releases as SpatiaLite layers map_SRID);
 * restricted.db, what must stay inside: zones, categories and values that later releases are compared with, counts of unsafe cells,
 * reasons, names, the secrets; and head, which seals both: `b2sum -c head` checks the bytes. The folder is made for its owner alone, and
 * restricted.db and head are readable by him alone; who gives the folder, and the two files, to a group keeps that, but others never get
 * them. ledger.db is not writable, since a look at it with a GIS could change it; give away copies of it.
 *
 * An entry's hash is the BLAKE2b-256 (RFC 7693) of nine lines, the last one without a line feed at its end: the hash before it (64 zeros
 * for the first), id, kind, time, digest, extent, srid, restricted, statement, as in the columns of the table entries. The column
 * restricted is the BLAKE2b-256 of the entry's restricted part and 32 random bytes that stay with that. So the public part can be checked by
 * somebody who has nothing else, and tells him nothing of the other.
 *
 * What is promised:
 * - Every entry that geo_ledger_append has acknowledged is on the disk, as far as fsync(2) puts it there, and stays.
 * - A process that is killed, or a machine that stops, at any moment leaves the ledger as it was or with its entry whole. What was left
 *   half done (NAME.new, in the same folder and with the same mode) is never read as if it were the ledger, and goes with the next opening
 *   to append. No journal or temporary file is made anywhere else.
 * - An append that fails (a full disk, say) leaves the ledger as it was; only where the error says that the change was made, it was.
 * - Several processes may append: who has the ledger open for that has it alone until it closes it, so what it has read of earlier
 *   releases is still all there is when it appends, and the others wait. Readers wait for nobody, and see the ledger as it was when they
 *   opened it. The lock is flock(2) on the file lock. Where it holds on one machine only (some network file systems), an appender that
 *   finds the ledger changed since it opened it gives up; two that write in the very same moment are not kept apart.
 * - Every changed byte of the three files is found, and an entry that was changed, removed, moved or put in by somebody who has made a new
 *   seal as well.
 *
 * What is not: who may write to the folder can write the ledger anew from some entry on, or put back an older copy of the whole folder. Only
 * a hash that was kept elsewhere tells (geo_ledger_verify). Restricted parts are not encrypted. Secrets are wiped from the memory that
 * libgeo holds them in; copies in the caches of SQLite are not, until they are used again.
 *
 * A ledger is kept in memory as long as it is open, and written as a whole with each entry: a file of it may have 1 GiB. One thread at
 * a time may use a geo_ledger.
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
 * What is there is verified first, as geo_ledger_verify does: a damaged ledger is never appended to. To append waits until no other process
 * has it open for that (nor another geo_ledger of this process, which would be for ever); watch->note hears of it after a second.
 *
 * @return GEO_EIO when there is none, or one that cannot be read; GEO_EFORMAT for one that is damaged, saying what and where; GEO_ESTOP.
 */
GEO_CHECKED geo_status geo_ledger_open(const char *folder, bool append, const geo_watch *watch, geo_ledger **out, geo_err *err);
GEO_API void geo_ledger_close(geo_ledger *ledger);

/** One entry. Texts are UTF-8; lent by the ledger until its next call, or by the caller. Nothing in it is encrypted. */
typedef struct geo_ledger_entry {
    int64_t id;             /**< 1, 2, 3 ...; given by the ledger */
    const char *kind;       /**< "label", "release" or "secret" */
    const char *time;       /**< UTC, as in 2024-02-29T23:59:59Z; given by the ledger when NULL */
    const char *statement;  /**< JSON object of up to 1 MiB: what anybody may know */
    const char *restricted; /**< JSON object of up to 64 MiB: what must stay inside; NULL: {} */
    const void *cells;      /**< restricted too: what later releases are compared with, as the caller lays it out */
    size_t cells_n;         /**< bytes of cells, up to 256 MiB; cells is NULL for none */
    const char *digest;     /**< of the file, 64 hexadecimal digits; NULL: none */
    const double *extent;   /**< west, south, east, north of what was released, in extent_srid; NULL: none */
    int extent_srid;        /**< EPSG code */
    const char *hash;       /**< of the chain up to this entry; given by the ledger */
} geo_ledger_entry;

/**
 * Append an entry, a label or a release; it is on disk when this returns. The id goes to *id.
 *
 * @return GEO_EARG for an entry that cannot be, saying what; GEO_ECRS for an EPSG code that PROJ does not know; GEO_EIO; GEO_ENOMEM, also
 *         past 1 GiB.
 */
GEO_CHECKED geo_status geo_ledger_append(geo_ledger *ledger, const geo_ledger_entry *entry, int64_t *id, geo_err *err);

GEO_API int64_t geo_ledger_count(const geo_ledger *ledger);

/** Entry by its id, or GEO_EARG. */
GEO_CHECKED geo_status geo_ledger_get(geo_ledger *ledger, int64_t id, geo_ledger_entry *entry, geo_err *err);

/** The latest entry of a kind (NULL: any) whose file has this digest; *id is 0 when there is none. */
GEO_CHECKED geo_status geo_ledger_find(geo_ledger *ledger, const char *kind, const char *digest, int64_t *id, geo_err *err);

/**
 * Check every byte: the seal of the files, the chain of entries, the form of each, the maps.
 *
 * @param folder  the ledger; with public_only also a copy of ledger.db itself.
 * @param public_only  take ledger.db alone, as somebody has it who was given only that: entries and maps are checked, but not whether
 *              there were more, nor what else may be in the file.
 * @param head  [out] hash of the last entry, to be compared with one noted elsewhere: who may write to the folder can write it anew from some
 *              entry on, and only a hash kept elsewhere tells.
 * @return GEO_EFORMAT, with what is wrong first.
 */
GEO_CHECKED geo_status geo_ledger_verify(const char *folder, bool public_only, char head[65], int64_t *entries_n, geo_err *err);

/**
 * The secret of a name, made at random the first time and then kept for ever. Its commitment, the BLAKE2b-256 of the secret, is a public
 * entry, and so is its name: letters, digits and -_.: in it, 64 of them at most. The caller wipes it after use (sodium_memzero).
 *
 * @return GEO_EARG when it is not there and the ledger was opened to be read, or for another name; else as geo_ledger_append.
 */
GEO_CHECKED geo_status geo_ledger_secret(geo_ledger *ledger, const char *name, uint8_t secret[32], geo_err *err);

GEO_END
#endif
