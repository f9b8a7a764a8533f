/*
 * Files as the generators write them: buffered, numbers without the C library's locale, packed, hashed and labelled in one pass.
 *
 * Two kinds. A labelled file belongs to a folder, has a sidecar NAME.sdc that states its class, and a line in the folder's CHECKSUMS,
 * which covers the content before packing: other versions of zlib pack to other bytes. A plain file is only written, as fast as it goes.
 */
#ifndef SAMPLE_OUTPUT_H
#define SAMPLE_OUTPUT_H

#include "geo/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct out_folder out_folder;
typedef struct out_file out_file;

/* Opens a folder of labelled files, made if it is missing (its parent must be there). */
out_folder *out_folder_open(const char *path);

/* Writes CHECKSUMS, in the order of names. */
void out_folder_close(out_folder *folder);

/* A labelled file, packed when the name ends in .gz. safety is open, official, personal or special. */
out_file *out_open(out_folder *folder, const char *name, const char *safety);

/* A plain file FOLDER/NAME. */
out_file *out_open_plain(const char *folder, const char *name);

/* Every byte is on its way when this returns; a failed write ends the program here or earlier. */
void out_close(out_file *f);

/* "FOLDER/NAME"; the caller frees. */
char *out_path(const char *folder, const char *name);

/* Makes the folder unless it is there. */
void out_make_folder(const char *path);

void out_char(out_file *f, char c);
void out_text(out_file *f, const char *s);
void out_bytes(out_file *f, const void *bytes, size_t n);

/* Text and whole numbers only (%s, %d, PRI...): floating-point conversions would follow the locale. At most 1,000 bytes. */
void out_printf(out_file *f, const char *fmt, ...) GEO_PRINTF(2, 3);

/* A CSV field, quoted when it holds a comma, a quote or a line end (RFC 4180). */
void out_csv(out_file *f, const char *s);

/* A whole number. */
void out_int(out_file *f, int64_t value);

/* value / 10^decimals_n with all its decimals: out_fixed(f, 125, 1) is 12.5. */
void out_fixed(out_file *f, int64_t value, int decimals_n);

/* The same without zeros at the end: 12500 with 3 decimals is 12.5. */
void out_short(out_file *f, int64_t value, int decimals_n);

#endif
