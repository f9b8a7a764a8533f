/**
 * @file table.h
 * Tables in memory: a schema and a stream of columnar batches.
 *
 * A column is one typed array with a validity bitmap, laid out as in the Arrow C data interface; a geometry column is offsets over flat
 * x and y arrays. Everything in a batch is lent: it lives until the next call on whoever gave it.
 */
#ifndef GEO_TABLE_H
#define GEO_TABLE_H

#include "geo/arena.h"
#include "geo/label.h"
#include "geo/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

GEO_BEGIN

typedef enum geo_type {
    GEO_TEXT,    /**< UTF-8; values: char bytes, with int64_t offsets (Arrow large_utf8) */
    GEO_INT,     /**< int64_t */
    GEO_DOUBLE,  /**< double */
    GEO_BOOL,    /**< uint8_t, 0 or 1 */
    GEO_DATE,    /**< int32_t days since 1970-01-01 (Arrow date32) */
    GEO_GEOMETRY /**< geo_geometries */
} geo_type;

typedef enum geo_geometry_kind {
    GEO_NO_GEOMETRY = 0,
    GEO_POINT = 1,
    GEO_LINESTRING = 2,
    GEO_POLYGON = 3,
    GEO_MULTIPOINT = 4,
    GEO_MULTILINESTRING = 5,
    GEO_MULTIPOLYGON = 6,
    GEO_BAD_GEOMETRY = 255 /**< there was one, and it could not be read; otherwise as if there were none */
} geo_geometry_kind;       /**< numbered as in OGC well-known binary */

typedef struct geo_field {
    const char *name;
    geo_type type;
    const char *crs;        /**< geometry only: "AUTHORITY:CODE" or WKT; NULL when unknown */
    geo_geometry_kind kind; /**< geometry only: the kind of all rows, single or multi unless points; GEO_NO_GEOMETRY: unknown or mixed */
    bool made;              /**< geometry only: made of other columns of the row (coordinates, WKT), which stay in the table themselves */
} geo_field;

typedef struct geo_schema {
    size_t fields_n;
    const geo_field *fields;
} geo_schema;

/**
 * Geometries of n rows, three levels deep: row r holds parts part_at[r] .. part_at[r + 1], part p holds rings (or one line, or one point)
 * ring_at[p] .. ring_at[p + 1], and ring k holds vertices vertex_at[k] .. vertex_at[k + 1] of x and y. Rings are closed: the last vertex
 * repeats the first. x is easting or longitude, y northing or latitude.
 *
 * Points only: kind and the three offset arrays are NULL, and row r is the point (x[r], y[r]); NaN where there is none, infinite where
 * what stood there could not be read (and was counted as GEO_FAULT_GEOMETRY).
 */
typedef struct geo_geometries {
    const uint8_t *kind; /**< geo_geometry_kind of each row */
    const int64_t *part_at, *ring_at, *vertex_at;
    const double *x, *y;
} geo_geometries;

/** One column of a batch. */
typedef struct geo_column {
    geo_type type;
    bool held;              /**< false: the caller did not ask for it; only the row's own text (geo_batch.text) has it */
    const uint8_t *valid;   /**< bit r % 8 of byte r / 8 is 1 where row r has a value; NULL: every row has */
    const void *values;     /**< by type; for text the bytes */
    const int64_t *offsets; /**< text only: value v is bytes offsets[v] .. offsets[v + 1] */
    const geo_geometries *geometries;
    const int32_t *index; /**< dictionary column: row r has value index[r], negative: none; NULL: row r has value r */
} geo_column;

/** Rows that travel together. */
typedef struct geo_batch {
    size_t rows_n;
    const geo_schema *schema;
    const geo_column *columns; /**< schema->fields_n of them */
    const uint8_t *row_class;  /**< geo_class of each row; NULL: class_ for all */
    geo_class class_;
    const char *text; /**< rows as they came, without line ends (CSV): row r is row_len[r] bytes from text[row_at[r]]; or NULL */
    const uint32_t *row_at, *row_len;
    const uint32_t *class_at, *class_len; /**< where in its text each row carries its class; NULL: nowhere */
    const char *members; /**< what else features of GeoJSON have: of row r a JSON object of members_len[r] bytes, 0: nothing; or NULL */
    const uint32_t *members_at, *members_len;
    const uint32_t *line; /**< line of each row in its file, counted from first_line; NULL: row numbers from first_line */
    int64_t first_line;   /**< known only where batches come in order: in geo_reader_next and in a sink's put */
} geo_batch;

/** Position of a field by its exact name, else by the name in another letter case, else -1. */
GEO_API ptrdiff_t geo_schema_find(const geo_schema *schema, const char *name);

/** As geo_schema_find for a name that somebody has given: GEO_EARG as geo_schema_missing, or when it fits several fields alike. */
GEO_CHECKED geo_status geo_schema_pick(const geo_schema *schema, const char *name, size_t *at, geo_err *err);

/** Position of the (first) geometry field, or -1. */
GEO_API ptrdiff_t geo_schema_geometry(const geo_schema *schema);

/**
 * GEO_EARG with a text that names the fields nearest in spelling: "no field 'lsao_code' (is it 'lsoa_code'?)"; or says how the table is to
 * be converted when its names show that it was not split where it should be.
 */
GEO_API geo_status geo_schema_missing(const geo_schema *schema, const char *name, geo_err *err);

/** GEO_EFORMAT when more than one field is called sdc_class, in whatever letter case: which one would count? */
GEO_API geo_status geo_schema_check_class(const geo_schema *schema, const char *table, geo_err *err);

/** True when row r of a column has no value. */
GEO_API bool geo_column_is_null(const geo_column *column, size_t r);

/** Text of row r, not NUL-terminated; NULL with *n = 0 when it has none, or the column is no text. */
GEO_API const char *geo_column_text(const geo_column *column, size_t r, size_t *n);

/** Number of row r of a numeric column, or of a text column whose text is a number; false when it has none. */
GEO_API bool geo_column_number(const geo_column *column, size_t r, double *value);

/** Longest text that geo_column_print makes, with its NUL. */
#define GEO_VALUE_ROOM 40

/**
 * The value of row r as text, the way CSV has it: the text itself, a whole number, the shortest decimal that reads back, true or false,
 * YYYY-MM-DD.
 *
 * @param room  the caller's storage; used when the value is no text.
 * @return *n characters, in the column or in room, not NUL-terminated; NULL with *n = 0 for no value and for geometries.
 */
GEO_API const char *geo_column_print(const geo_column *column, size_t r, char room[GEO_VALUE_ROOM], size_t *n);

/** Class of row r. */
GEO_API geo_class geo_batch_class(const geo_batch *batch, size_t r);

/** Line (or row) number of row r in its file. */
GEO_API int64_t geo_batch_line(const geo_batch *batch, size_t r);

/**
 * A whole table in memory: batches appended one after another.
 *
 * Memory is that of the columns named at the start, packed; 2^31 - 1 rows at most.
 */
typedef struct geo_table geo_table;

/** Keep the fields at positions keep[0 .. keep_n) of schema, in that order. */
GEO_CHECKED geo_status geo_table_new(const geo_schema *schema, const size_t *keep, size_t keep_n, geo_table **out, geo_err *err);
GEO_API void geo_table_free(geo_table *table);

/** Append every row of a batch of that schema. */
GEO_CHECKED geo_status geo_table_append(geo_table *table, const geo_batch *batch, geo_err *err);

/** Append rows rows[0 .. rows_n) of a batch as readers give them, whose columns have no index of their own. */
GEO_CHECKED geo_status geo_table_append_rows(geo_table *table, const geo_batch *batch, const int32_t *rows, size_t rows_n, geo_err *err);

GEO_API size_t geo_table_rows(const geo_table *table);

/** Schema of the kept fields, lent. */
GEO_API const geo_schema *geo_table_schema(const geo_table *table);

/** Turn every text column whose every value is a plain number without a leading zero, or a date, into one of GEO_INT, GEO_DOUBLE, GEO_DATE. */
GEO_CHECKED geo_status geo_table_settle(geo_table *table, geo_err *err);

/** The columns, lent until the next call that changes the table. */
GEO_API const geo_column *geo_table_columns(const geo_table *table);

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back. */
GEO_API int32_t geo_date_days(int year, int month, int day);
GEO_API void geo_date_civil(int32_t days, int *year, int *month, int *day);

/** Read YYYY-MM-DD, a date that is in the calendar. */
GEO_API bool geo_date_parse(const char *s, size_t n, int32_t *days);

GEO_END
#endif
