/*
 * What stands behind a geo_reader: one driver a format. fetch() takes the next raw piece of the input, in order, on one thread at a time;
 * decode() turns a piece into a batch, on any thread. All that decode() needs beyond the piece is read-only in the driver's state.
 */
#ifndef GEO_IO_SOURCE_H
#define GEO_IO_SOURCE_H

#include "geo/reader.h"

/* Names of what features had and what comes out of the reader has not: the first few, and of how many features each. */
#define GEO_LEFT_OUT_NAMES 5
typedef struct geo_left_out {
    size_t names_n, name_n[GEO_LEFT_OUT_NAMES];
    bool more;
    char name[GEO_LEFT_OUT_NAMES][44];
    int64_t features_n[GEO_LEFT_OUT_NAMES];
} geo_left_out;

typedef struct geo_piece {
    geo_bytes raw;   /* text formats: whole rows */
    void *foreign;   /* others: whatever fetch() left for decode(), freed by the driver's drop() */
    geo_arena arena; /* the decoded columns */
    geo_batch batch;
    int64_t lines_n;   /* how far this piece moves the line count */
    geo_faults faults; /* lines relative to the piece */
    geo_left_out left_out;
    int64_t bad_line; /* of the error that decode() returned, relative; negative: none */
} geo_piece;

typedef struct geo_driver {
    geo_status (*fetch)(void *state, geo_piece *piece, geo_err *err); /* GEO_DONE at the end */
    geo_status (*decode)(const void *state, geo_piece *piece, geo_err *err);
    void (*drop)(void *state, geo_piece *piece); /* release piece->foreign; may be NULL */
    void (*abandon)(void *state);                /* nobody wants more: a fetch that waits on another thread fails soon; may be NULL */
    void (*close)(void *state);
} geo_driver;

struct geo_reader {
    const geo_driver *driver; /* NULL: not begun */
    void *state;
    char *file;
    geo_format format;
    geo_class class_;          /* of records without one of their own */
    struct geo_chunks *chunks; /* of a stream, until it is begun */
    geo_schema schema;
    bool has_text;
    const char *unit;
    int64_t next_line, rows_n;
    geo_faults faults;
    geo_left_out left_out;
    const geo_watch *watch;
    char name[256];  /* for messages */
    geo_piece piece; /* of geo_reader_next */
};

/* Does the caller want this column decoded? The class of a record is always read. */
bool geo_reader_asked_for(const geo_reader_options *o, const char *name);

/* Is it read as a stream, whatever is in it: a pipe, a file of CSV by its name? */
bool geo_name_is_stream(const char *name);

/*
 * Do the bytes of one file say all of a table? What GDAL reads besides a file depends on the format (a .dbf brings the shapes of a .shp, a
 * VRT anything), so only formats that are known to be one file count as whole.
 */
typedef enum geo_file_kind {
    GEO_FILE_WHOLE,
    GEO_FILE_NONE,  /* no file: a connection, a pipe, a mistake */
    GEO_FILE_PART,  /* there may be more */
    GEO_FILE_LOGGED /* changes wait in a log of SQLite's beside it */
} geo_file_kind;
geo_status geo_file_look(const char *file, geo_file_kind *kind, const geo_watch *watch, geo_err *err);

/* Is it a raster file, by its first bytes? False for what can be both, such as GeoPackage. */
bool geo_gdal_is_raster(const char *name);

/* Openers: each fills driver, state, schema, has_text, unit and next_line. */
geo_status geo_gdal_open(const char *name, const geo_reader_options *o, geo_reader *r, geo_err *err);

/* Called in order for each decoded piece: numbers its lines, gathers its faults. */
void geo_reader_settle(geo_reader *r, geo_piece *piece);

/* Count a name of so many features; it is shortened to whole characters. */
void geo_left_out_add(geo_left_out *l, const char *name, size_t n, int64_t features_n);

/* At the end: a note of all that was left out. */
void geo_reader_tell_left_out(const geo_reader *r);

/* Say on which line decoding failed; called in order. */
geo_status geo_reader_decode_failed(const geo_reader *r, const geo_piece *piece, geo_status st, geo_err *err);

/* Make a piece ready for the next fetch; free what it holds. */
void geo_piece_reset(geo_piece *piece);
void geo_piece_clear(geo_reader *r, geo_piece *piece);

/* Bytes from a file or standard input, unpacked if gzipped. */
typedef struct geo_input geo_input;
geo_status geo_input_open(const char *name, const geo_watch *watch, geo_input **out, geo_err *err);
/* Up to n bytes; *got = 0 only at the end. */
geo_status geo_input_read(geo_input *in, char *buf, size_t n, size_t *got, geo_err *err);
/* Is it a pipe in which nothing has come for a spell? */
bool geo_input_is_silent(const geo_input *in);
/* Make a geo_input_read that waits on another thread fail within a spell, and all later ones. */
void geo_input_abandon(geo_input *in);
bool geo_input_rewind(geo_input *in);        /* to where it stood when it was opened; false: a pipe */
int64_t geo_input_size(const geo_input *in); /* on disk; 0: unknown */
int64_t geo_input_at(const geo_input *in);   /* bytes taken from the disk so far */
void geo_input_close(geo_input *in);

#endif
