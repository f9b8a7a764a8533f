/* FlatGeobuf (flatgeobuf.org, version 3) without an index, as it goes through pipes: what its reader and its writer share. */
#ifndef GEO_IO_FGB_H
#define GEO_IO_FGB_H

#include "chunks.h"
#include "filter.h"

#define GEO_FGB_MAGIC "fgb\3fgb"
#define GEO_FGB_MAGIC_N 7 /* the byte behind it is the patch level */

/* Slots of the tables of header.fbs and feature.fbs. */
enum {
    FGB_NAME,
    FGB_ENVELOPE,
    FGB_KIND,
    FGB_HAS_Z,
    FGB_HAS_M,
    FGB_HAS_T,
    FGB_HAS_TM,
    FGB_COLUMNS,
    FGB_COUNT,
    FGB_NODE_SIZE,
    FGB_CRS,
    FGB_TITLE,
    FGB_DESCRIPTION,
    FGB_METADATA,
    FGB_HEADER_SLOTS
};
enum { FGB_COLUMN_NAME, FGB_COLUMN_TYPE, FGB_COLUMN_METADATA = 10, FGB_COLUMN_SLOTS };
enum { FGB_CRS_ORG, FGB_CRS_CODE, FGB_CRS_NAME, FGB_CRS_DESCRIPTION, FGB_CRS_WKT, FGB_CRS_CODE_STRING, FGB_CRS_SLOTS };
enum { FGB_GEOMETRY, FGB_PROPERTIES, FGB_FEATURE_COLUMNS, FGB_LAST, FGB_FEATURE_SLOTS };
enum { FGB_ENDS, FGB_XY, FGB_Z, FGB_TM = 5, FGB_GEOMETRY_KIND, FGB_PARTS, FGB_GEOMETRY_SLOTS };

/* Types of columns. */
enum {
    FGB_BYTE,
    FGB_UBYTE,
    FGB_BOOL,
    FGB_SHORT,
    FGB_USHORT,
    FGB_INT,
    FGB_UINT,
    FGB_LONG,
    FGB_ULONG,
    FGB_FLOAT,
    FGB_DOUBLE,
    FGB_STRING,
    FGB_JSON,
    FGB_DATETIME,
    FGB_BINARY,
    FGB_TYPES
};

/*
 * What the format has no place for stands as JSON in its metadata, which others pass over: in that of a column, that its date-times are
 * dates; in that of the header, that the table has no geometry or one
 * that was made of its columns, and that the last feature is marked as such in slot FGB_LAST. So a file that
 * was cut between two features is known for what it is.
 */
#define GEO_FGB_DATE "{\"type\":\"date\"}"

typedef struct geo_fgb_about {
    bool marks_last, geometry, of_columns;
    geo_class class_; /* of records that lack the column, at least; open: nothing is said */
} geo_fgb_about;

/* The metadata of a header, in malloc'd memory; NULL when memory is out. */
char *geo_fgb_about_text(const geo_fgb_about *about);

/* What the metadata of a header says (NULL: there is none); anything else in there is nobody's business here. */
void geo_fgb_about_parse(const char *text, geo_fgb_about *about);

#endif
