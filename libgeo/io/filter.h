/* Attribute filters (OGR SQL) over rows of the formats that GDAL does not read itself. */
#ifndef GEO_IO_FILTER_H
#define GEO_IO_FILTER_H

#include "geo/reader.h"

typedef struct geo_filter geo_filter;

/* Where the values of rows come from. */
typedef struct geo_filter_values {
    /* Append a field's value as text, booleans as 0 or 1; false when memory is out. *null: it has no value. */
    bool (*value)(const void *ctx, size_t row, size_t field, geo_bytes *out, bool *null);
    const void *ctx;
} geo_filter_values;

/*
 * Check a filter against the fields of a table, whose names must outlive it; in CSV all are text. times says which texts are
 * date-times (NULL: none). GEO_EARG says what is wrong with it.
 */
geo_status geo_filter_new(const char *where, const char *table, const geo_schema *schema, const bool *times, geo_filter **out,
                          geo_err *err);

/* Does the filter look at field i of the schema? Perhaps at more than it must. */
bool geo_filter_looks_at(const geo_filter *filter, size_t field);

/* Which of n rows pass? On any thread, several at once. */
geo_status geo_filter_rows(const geo_filter *filter, size_t rows_n, const geo_filter_values *values, bool *passes, geo_err *err);

void geo_filter_free(geo_filter *filter);

#endif
