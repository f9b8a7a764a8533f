/*
 * A folder of files that change together: all of them or none of them, whatever kills the process or stops the machine. Inside the library
 * only.
 *
 *     head     a line of the owner's, behind "# "; then for each file its BLAKE2b-256 and its name, as b2sum prints and checks them
 *     NAME     the files
 *     lock     empty: whoever changes the folder holds it
 *     *.new    a change under way
 *
 * A change writes every NAME.new and head.new, syncs them and the folder, and then renames head.new to head: this one step is the change.
 * What follows only tidies up: each NAME.new gets its name. So head says at any moment what the files are, and each of them stands under
 * its name or, until it is tidied up, in NAME.new. Whoever reads takes the one that has the digest. Nothing else is ever taken: a file
 * with neither is damage. The next change first ends the one before, and removes what was never finished.
 *
 * Readers need no lock and may be many: whatever has the digests of one head belongs together. They start again when the head has changed
 * under them.
 */
#ifndef GEO_IO_SEALED_H
#define GEO_IO_SEALED_H

#include "geo/reader.h"

#define GEO_SEALED_MOST 4
#define GEO_SEALED_LINE 160

/* A file of the folder. Where others may not read it by its mode, they never may, whatever mode somebody has given it. */
typedef struct geo_sealed_file {
    const char *name;
    unsigned mode; /* when it is made; what takes its place has the mode that it has then */
} geo_sealed_file;

typedef struct geo_sealed geo_sealed;

/*
 * Open a folder, to read it, or to change it: then it is made if it is not there, for its owner alone, and nobody else changes it until it
 * is closed. Who has to wait says so, and stops when asked to.
 *
 * @param files  files_n of them, kept by the caller.
 */
geo_status geo_sealed_open(const char *folder, const geo_sealed_file *files, size_t files_n, bool change, const geo_watch *watch,
                           geo_sealed **out, geo_err *err);
void geo_sealed_close(geo_sealed *s);

/*
 * The files as they were sealed, and the owner's line.
 *
 * @param contents  [out] one for each file, to be given back with geo_bytes_wipe.
 * @return GEO_DONE when nothing was ever put there; GEO_EFORMAT for damage.
 */
geo_status geo_sealed_read(geo_sealed *s, geo_bytes *contents, char line[GEO_SEALED_LINE], geo_err *err);

/*
 * Put all files there. On failure everything is as it was, unless the error says otherwise. The folder has been read before, which tells
 * what is left to be tidied up; should it have been changed since, in spite of the lock, nothing is put there.
 */
geo_status geo_sealed_write(geo_sealed *s, const geo_bytes *contents, const char *line, geo_err *err);

/* One file alone, unsealed: `path` itself, or the file of this name in the folder `path`. */
geo_status geo_sealed_peek(const char *path, const char *name, geo_bytes *content, geo_err *err);

/* Overwrite and free. */
void geo_bytes_wipe(geo_bytes *b);

#endif
