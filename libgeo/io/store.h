/*
 * Stores: what was made of a file, kept beside it so that it need not be made again. Inside the library only.
 *
 * A store is parts, arrays of bytes, behind a header that says from which bytes of which file, by what and for what they were made:
 *
 *     header      store_header: magic number, byte order, version, lengths, what the source was, checksums of both the directory and itself
 *     directory   for each part where it starts, a multiple of 64 bytes from the start of the store, how many bytes it has, a checksum
 *     parts       in that order, zeros between them; the first is the text that says what the store is for
 *
 * Numbers are those of the machine: a store that another kind of machine, or another version, has written is not taken.
 *
 * A store is good for its source as long as size, time of change (data and status, in nanoseconds) and number of the file are the same, or
 * else when the BLAKE2b-256 digest of the file is (geo_digest_file): a copy, or a file that was only touched. It is made only of a source
 * that has not changed for GEO_STORE_REST_S: then every later change in place gives the file another time, however coarse the clock of
 * its file system (2 s at worst, FAT). Git calls the others racily clean.
 *
 * A store is not believed: its header, its directory the zeros and the checksums of all parts are looked at first, and whoever takes parts checks
 * every number that leads anywhere. Checksums find damage, not intent, so a store is taken only from those who could as well have
 * changed its source. It is read where it lies (mmap) and is replaced by another file under its name, never written to, so that who has it
 * open keeps what he has; who truncates one by hand ends the processes that read it (SIGBUS).
 */
#ifndef GEO_IO_STORE_H
#define GEO_IO_STORE_H

#include "geo/sidecar.h"

#include <stdint.h>

#define GEO_STORE_REST_S 2
#define GEO_STORE_MOST_PARTS 4096

typedef struct geo_store_part {
    const void *data; /* may be NULL when n is 0 */
    size_t n;
} geo_store_part;

/* A file as a look at it finds it. */
typedef struct geo_store_source {
    uint64_t bytes, number;
    int64_t data_s, data_ns, status_s, status_ns; /* times of the last change */
    bool at_rest;                                 /* for GEO_STORE_REST_S at least */
} geo_store_source;

geo_status geo_store_look(const char *file, geo_store_source *source, geo_err *err);

typedef struct geo_store geo_store;

/*
 * Open the store `name` of a file, made for this purpose.
 *
 * @return GEO_SKIP when there is none that is good, with err->msg saying why, empty when there is none at all; GEO_ENOMEM, GEO_ESTOP.
 */
geo_status geo_store_open(const char *name, const char *file, const char *purpose, int threads, const geo_watch *watch, geo_store **out,
                          geo_err *err);

/* Its parts but the first, lent. */
const geo_store_part *geo_store_parts(const geo_store *store, size_t *n);

void geo_store_close(geo_store *store);

/*
 * Write one, over whatever has its name, with the mode of the file it was made of; whole or not at all.
 *
 * @param before  the file as it was before the first byte of it was read.
 * @return GEO_SKIP when the file has changed meanwhile, or not long enough before, with err->msg saying so; GEO_EIO when it cannot be
 *         written; GEO_ESTOP, GEO_ENOMEM.
 */
geo_status geo_store_write(const char *name, const char *file, const geo_store_source *before, const char *purpose,
                           const geo_store_part *parts, size_t parts_n, int threads, const geo_watch *watch, geo_err *err);

/*
 * Was it found good by the digest alone, since the file is not the one that the store was made of? Then it is found sooner when it is
 * written again; as above.
 */
bool geo_store_is_moved(const geo_store *store);
geo_status geo_store_renew(const geo_store *store, const char *name, const char *file, int threads, const geo_watch *watch, geo_err *err);

#endif
