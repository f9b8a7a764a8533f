/* The state of a FlatGeobuf reader, shared by its opener and its two steps. */
#ifndef GEO_IO_FGB_READ_H
#define GEO_IO_FGB_READ_H

#include "fgb.h"

typedef struct geo_fgb {
    geo_chunks chunks;
    geo_arena arena;
    geo_schema schema; /* columns that a table can carry, then the geometry if there is one */
    geo_field *fields;
    size_t columns_n;   /* in the file */
    uint8_t *type;      /* of each */
    int32_t *slot;      /* of each: position among the decoded ones, or -1 */
    int32_t *column_of; /* of each field of the schema: its column, -1 for the geometry */
    size_t decoded_n;
    bool *held;   /* of each field: the caller wants it */
    uint8_t kind; /* of geometries, as the header numbers them; 0: mixed */
    ptrdiff_t class_at;
    geo_filter *filter;
    geo_label label;
    geo_class raise;
    int64_t rows_n, expected_n; /* expected_n 0: unknown */
    bool marks_last, last_seen;
} geo_fgb;

/* Where the value of a decoded column of a feature is: at == 0: nowhere. */
typedef struct geo_fgb_span {
    uint32_t at, len;
} geo_fgb_span;

/* Bytes of a value of a type, without the length in front of text; 0: has such a length. */
size_t geo_fgb_width(uint8_t type);

/* A value as a number, by the type of its column. */
int64_t geo_fgb_int(uint8_t type, const char *p);
double geo_fgb_double(uint8_t type, const char *p);

/* The columns of rows_n features, whose geometries and values are at these places; false when memory is out. */
bool geo_fgb_make_columns(const geo_fgb *f, geo_piece *piece, const uint32_t *feature_at, const geo_fgb_span *spans, size_t rows_n,
                          geo_column *columns);

/* The two steps of the driver (source.h). */
geo_status geo_fgb_fetch(void *state, geo_piece *piece, geo_err *err);
geo_status geo_fgb_decode(const void *state, geo_piece *piece, geo_err *err);

#endif
