/**
 * @file writer.h
 * Writing tables, behind the gate.
 *
 * Every output of libgeo is made here. A working output carries each record's class in its last column, sdc_class (or where the input had
 * that column); a release has no such column and may hold only open records: anything else is refused with GEO_EREFUSED and nothing leaves.
 * For that a release to standard output, a pipe or a device waits in an unlinked temporary file, as large as itself, for its last row.
 * Files and tables of databases appear whole under their names when geo_writer_finish has succeeded, or not at all. A file that replaces
 * another has its mode, and its owner and group where we may; links are followed; /dev/stdout, /dev/fd/N and the like, which are open
 * already, are written to as they are.
 */
#ifndef GEO_WRITER_H
#define GEO_WRITER_H

#include "geo/reader.h"

GEO_BEGIN

/** How to write. Zero it, then set what is needed. */
typedef struct geo_writer_options {
    const char *format;          /**< "csv", "fgb" or the short name of a GDAL driver; NULL: by the extension of the name, csv for "-" */
    const char *layer;           /**< name of the layer; NULL: the file's name without its extension */
    bool force;                  /**< replace an existing file or table */
    bool release;                /**< leave sdc_class out; only open records pass */
    const struct geo_pass *pass; /**< set by geo_sdc_release, which nobody else can; NULL */
    size_t text_fields_n;        /**< the first so many fields of the schema are in geo_batch.text, and go out as they came in (CSV) */
    const geo_watch *watch;      /**< may be NULL */
} geo_writer_options;

typedef struct geo_writer geo_writer;

/** What a file of this name and format (as in geo_writer_options) will be. */
GEO_API geo_format geo_writer_format(const char *name, const char *format);

/** True when it will be packed CSV, whose bytes depend on how the records are cut into batches. */
GEO_API bool geo_writer_is_packed(const char *name, const char *format);

/**
 * GEO_EARG when a file or table of this name must not be written: it exists, without force, or it is a directory or a view. For asking
 * early. GEO_EIO when a database cannot be reached.
 */
GEO_CHECKED geo_status geo_writer_check(const char *name, bool force, geo_err *err);

/**
 * Start an output: "-" (CSV on standard output), a file, in CSV or any vector format that GDAL writes, or a table of PostGIS.
 * CSV in a file whose name ends in .gz is packed, each batch by whoever encodes it, and the bytes do not depend on the number of threads.
 *
 * The table is named in the connection: "PG:dbname=gis tables=ward_users", or tables=schema.ward_users. It is written in one transaction,
 * with the names of the fields as they are, geometry in column geom (indexed, with an EPSG code) and a row number in ogc_fid (unless
 * there is a whole number of that name), both with underscores behind them where a field has the name. With force it takes the place of an
 * existing table at the end of the transaction, whose grants and comments go, with a note; one with row-level security is not replaced.
 *
 * A GeoJSON sequence is given the features' other members (geo_batch.members) back, unless it is a release.
 *
 * The schema is copied. Geometry goes into CSV as two coordinate columns if the field's kind is GEO_POINT, else as well-known text; not
 * at all if it was made of columns that are there already.
 *
 * @return GEO_EARG for a file that exists (without force), or a format that cannot be written; GEO_EIO.
 */
GEO_CHECKED geo_status geo_writer_open(const char *name, const geo_schema *schema, const geo_writer_options *options, geo_writer **out,
                                       geo_err *err);

/** Turn a batch into bytes, after the gate has looked at every record. On any thread; put the bytes in order. */
GEO_CHECKED geo_status geo_writer_encode(const geo_writer *writer, const geo_batch *batch, geo_bytes *out, geo_err *err);

/** Write an encoded batch. GEO_EPIPE when the reader at the other end of a pipe has gone. */
GEO_CHECKED geo_status geo_writer_put(geo_writer *writer, const geo_batch *batch, const geo_bytes *bytes, geo_err *err);

/** Complete the output and give it its name; GEO_ESTOP when the caller has asked to stop, for then the input may have ended early. */
GEO_CHECKED geo_status geo_writer_finish(geo_writer *writer, geo_err *err);

/** Free the writer. Without a successful geo_writer_finish nothing of a file stays. */
GEO_API void geo_writer_close(geo_writer *writer);

GEO_END
#endif
