/**
 * @file reader.h
 * Reading tables: one interface for CSV in a pipe and for everything GDAL opens by name.
 *
 * Rows come in batches, in the order of the file; memory does not grow with the input. A row that cannot be used is counted and its line
 * kept (geo_reader_faults), never dropped in silence.
 */
#ifndef GEO_READER_H
#define GEO_READER_H

#include "geo/faults.h"
#include "geo/table.h"
#include "geo/watch.h"

#include <stdbool.h>

GEO_BEGIN

typedef enum geo_encoding {
    GEO_UTF8,        /**< checked: anything else is an error that names the line */
    GEO_WINDOWS_1252 /**< turned into UTF-8 while reading (CSV only) */
} geo_encoding;

/** What becomes of members of GeoJSON features beside type, geometry, properties and crs. */
typedef enum geo_members {
    GEO_MEMBERS_UNREAD,    /**< nobody misses them */
    GEO_MEMBERS_LEFT_OUT,  /**< a note at the end says which, and of how many features */
    GEO_MEMBERS_KEPT,      /**< in geo_batch.members */
    GEO_MEMBERS_KEPT_MOVED /**< the same but for "bbox", which is wrong where the geometry moves: left out */
} geo_members;

/**
 * What to read and how. Zero it, then set what is needed.
 *
 * Rows that `where` keeps out are neither faults nor counted. In CSV every field is text to it, so numbers take CAST(FIELD AS FLOAT), and
 * an empty field without quotes has no value. A CSV pipe that is silent for a while gives the rows that have come, so that nobody waits
 * for records that are there; unless `steady` asks for batches that depend on the input alone.
 */
typedef struct geo_reader_options {
    const char *layer;          /**< layer by name; NULL: the only one (GDAL formats) */
    const char *where;          /**< attribute filter in OGR SQL */
    const char *crs;            /**< says what the coordinates are in; overrides the file's */
    const char *x, *y;          /**< CSV: columns of easting and northing, or longitude and latitude; NULL: found by name */
    const char *geometry_field; /**< CSV: column of WKT; GDAL formats: which geometry column */
    const char *const *columns; /**< NULL-ended names of those to decode, NULL: all; the rest stay as text (CSV) or are not read */
    bool text_passes;           /**< rows of text go out as they came; of formats without, all columns and the geometry are decoded */
    bool want_geometry;         /**< make a geometry column; an error when there is nothing to make it of */
    bool try_geometry;          /**< the same, but a table without coordinates is fine */
    bool settle_types;          /**< CSV files: read once beforehand and give numeric columns their type; pipes stay text */
    const char *const *keys;    /**< NULL-ended names of columns that must then print back as they came; may be NULL */
    geo_members members;        /**< of features of GeoJSON sequences */
    geo_encoding encoding;      /**< of CSV */
    geo_label label;            /**< class of records that carry none of their own */
    geo_class raise;            /**< every record counts as at least this, whatever class it carries */
    size_t chunk_bytes;         /**< size of a piece of CSV, at most 256 MiB; 0: the default, 768 KiB */
    bool steady;                /**< cut batches by the input alone */
    const geo_watch *watch;     /**< may be NULL */
} geo_reader_options;

typedef struct geo_reader geo_reader;

/** The name of an input or output as messages may show it: a connection to a database may hold a password, and becomes a few words. */
GEO_API const char *geo_name_shown(const char *name);

/** Formats that go through pipes, told apart by their first bytes; everything else is GDAL's. */
typedef enum geo_format { GEO_FORMAT_CSV, GEO_FORMAT_FGB, GEO_FORMAT_SEQ, GEO_FORMAT_GDAL } geo_format;

/**
 * Open a table as far as its format: "-" (standard input), FILE.csv, FILE.fgb, FILE.geojsonl, each with .gz behind it, or any name that GDAL
 * knows, "PG:..." and FILE.gz included. A stream is read up to its first bytes; nothing is asked of GDAL yet.
 */
GEO_CHECKED geo_status geo_reader_look(const char *name, const geo_watch *watch, geo_reader **out, geo_err *err);

GEO_API geo_format geo_reader_format(const geo_reader *reader);

/** Class of records that carry none of their own, also where there are no records; known once the table has begun. */
GEO_API geo_class geo_reader_class(const geo_reader *reader);

/**
 * Go on to the first row of a table that has been looked at, once.
 *
 * Nothing is written anywhere, nothing is fetched from a network unless the name says so: files that are but directions to data elsewhere
 * (GDAL's virtual formats, descriptions of services) are refused. GDAL must have been set up by geo_init().
 *
 * @return GEO_EIO, GEO_EFORMAT (not a table, truncated, binary), GEO_EARG (no such layer or column; near names are given), GEO_ECRS.
 */
GEO_CHECKED geo_status geo_reader_begin(geo_reader *reader, const geo_reader_options *options, geo_err *err);

/** Both at once. */
GEO_CHECKED geo_status geo_reader_open(const char *name, const geo_reader_options *options, geo_reader **out, geo_err *err);
GEO_API void geo_reader_close(geo_reader *reader);

/**
 * Fields in the order of the file, and last the geometry. Lent until close.
 *
 * Date-times are text, ISO 8601 with the zone that the file has; so are columns of PostGIS of type numeric without a limit, or of more than
 * 15 digits, which a double would round (18 if they are whole). Lists and bytes are left out, with a note. Feature ids are a field, the
 * first, when their column is asked for by name, and always in PostGIS, where they are a table's key.
 */
GEO_API const geo_schema *geo_reader_schema(const geo_reader *reader);

/** True when batches carry the rows' own text (CSV). */
GEO_API bool geo_reader_has_text(const geo_reader *reader);

/** "line" for text, "feature" for the rest: what geo_reader_faults counts. */
GEO_API const char *geo_reader_unit(const geo_reader *reader);

/** The next batch, lent until the next call; GEO_DONE after the last. Batches are never empty. */
GEO_CHECKED geo_status geo_reader_next(geo_reader *reader, const geo_batch **batch, geo_err *err);

/** Faults found so far. */
GEO_API const geo_faults *geo_reader_faults(const geo_reader *reader);

/** Rows handed out so far. */
GEO_API int64_t geo_reader_rows(const geo_reader *reader);

/** Bytes of encoded output under construction. */
typedef struct geo_bytes {
    char *data;
    size_t n, room;
} geo_bytes;

/** Make room for `more` bytes after the n there are; false when memory is out. */
GEO_API bool geo_bytes_reserve(geo_bytes *b, size_t more);
GEO_API void geo_bytes_clear(geo_bytes *b);

/** One piece of work on its way from reader to sink. */
typedef struct geo_parcel {
    const geo_batch *in; /**< what was read */
    geo_batch out;       /**< what work() made of it; starts as a copy of *in */
    geo_arena *arena;    /**< for the columns of out; reset for the next parcel */
    geo_bytes *bytes;    /**< for encoded output; empty */
    geo_faults *faults;  /**< faults that work() finds, by geo_batch.line or row (relative to the parcel) */
    void *extra;         /**< whatever work() hands to put(), from the arena */
} geo_parcel;

/** The two steps of a flow. */
typedef struct geo_flow {
    /** On any thread, several at once, in any order. */
    geo_status (*work)(void *ctx, geo_parcel *parcel, geo_err *err);
    /** One at a time, in the order of the file; out.first_line is known. */
    geo_status (*put)(void *ctx, const geo_parcel *parcel, geo_err *err);
    void *ctx;
} geo_flow;

/**
 * Read a whole table through a flow on several threads: the fast way to do what a loop over geo_reader_next does.
 *
 * Decoding and work() run in parallel, put() in order, so the result does not depend on the number of threads. Faults of work() are merged
 * into *faults (which may be NULL) in order. Memory: two pieces of the input a thread, with what becomes of them.
 */
GEO_CHECKED geo_status geo_flow_run(geo_reader *reader, const geo_flow *flow, int threads, geo_faults *faults, geo_err *err);

GEO_END
#endif
