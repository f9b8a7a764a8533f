/*
 * A layer that is being read: shared by its opener and the two ways of reading. Record batches (with_gdal_arrow.c) are several times
 * faster; features (with_gdal_features.c) are right for the fields that batches get wrong: GDAL 3.6 drops the zone of date-times there,
 * and fills columns of booleans wrongly.
 */
#ifndef GEO_IO_WITH_GDAL_READ_H
#define GEO_IO_WITH_GDAL_READ_H

#include "../core/vec.h"
#include "source.h"

#include <gdal.h>
#include <ogr_api.h>
#include <ogr_recordbatch.h>

/* Where a field of the schema stands in the layer's definition, if it is none of its attributes. */
enum { GEO_GDAL_UNREAD = -1, GEO_GDAL_FID = -2, GEO_GDAL_SHAPE = -3 };

/* A value that is not what its column says: the feature and the place of the field, as above. */
typedef struct geo_gdal_misfit {
    int64_t fid;
    int place;
} geo_gdal_misfit;

typedef struct geo_gdal_in {
    GDALDatasetH dataset;
    bool database;
    OGRLayerH layer;
    geo_arena arena;
    geo_schema schema;
    geo_field *fields;
    int *place;         /* of each field: position in the layer's definition, or one of the above */
    OGRFieldType *type; /* of each attribute of the layer, before geo_gdal_keep_times */
    int shape;          /* which geometry field of the layer, or -1 */
    const char *fid;    /* name of the column of feature ids when it is a field of the table, else NULL */
    ptrdiff_t class_at;
    int64_t rows_n, expected_n; /* expected_n < 0: unknown */
    struct ArrowArrayStream stream;
    int64_t null_shapes_n; /* records without a shape, so far */
    const char *where;     /* the filter, or NULL */
    bool clamps;           /* whole numbers beyond 64 bits come as the last that fit */
    geo_vec misfits;       /* of geo_gdal_misfit, by fid: known beforehand */
    int64_t *child;        /* child of the record batch that holds each field */
    char (*format)[8];     /* its Arrow format */
    geo_label label;
    geo_class raise;
    const geo_watch *watch;
    char name[256];
} geo_gdal_in;

/* Start the stream of record batches; call when the fields are known. Sets the reader's driver. */
geo_status geo_gdal_start_arrow(geo_gdal_in *in, geo_reader *r, geo_err *err);

/* The same for features. */
void geo_gdal_start_features(geo_gdal_in *in, geo_reader *r);

/* Is it a GeoPackage, a SpatiaLite database, or another file of SQLite? */
bool geo_gdal_is_sqlite(GDALDatasetH dataset);

#define GEO_TIME_ROOM 64

/* Remember the types of the attributes; false when memory is out. */
bool geo_gdal_find_types(geo_gdal_in *in);

/* For reading by features: let databases give dates and times as the text that they keep or print. */
void geo_gdal_keep_times(const geo_gdal_in *in);

/* The date in a field that has a value; false when it is none of the calendar. */
bool geo_gdal_date(const geo_gdal_in *in, OGRFeatureH f, int field, int32_t *days);

/* The time or date-time in a field that has a value, as text, in the feature or in room; ISO 8601 unless a database has something else. */
const char *geo_gdal_time(const geo_gdal_in *in, OGRFeatureH f, int field, char room[GEO_TIME_ROOM], size_t *n);

/* Look through a layer of SQLite for misfits that reading does not tell; in text too, which record batches do tell. */
geo_status geo_gdal_find_misfits(geo_gdal_in *in, bool text, geo_err *err);

/* At the end of a layer of SQLite: GEO_EFORMAT when shapes came as none that are not. */
geo_status geo_gdal_check_nulls(const geo_gdal_in *in, geo_err *err);

/* The next feature without its misfits, which are counted as those of row; damaged when its geometry cannot be read. */
OGRFeatureH geo_gdal_next_feature(geo_gdal_in *in, geo_faults *faults, int64_t row, bool *damaged);

void geo_gdal_close(geo_gdal_in *in);

/* GEO_EFORMAT when the layer has ended before its stated count. */
geo_status geo_gdal_ended(const geo_gdal_in *in, geo_err *err);

/* An empty batch of rows_n rows with its columns; NULL when memory is out. */
geo_column *geo_gdal_start_batch(const geo_gdal_in *in, geo_piece *piece, size_t rows_n);

/*
 * When the columns are there: the class of each row from its own column, where a word that is none counts as the most sensitive; and text
 * that is no UTF-8 or holds a NUL is left out.
 */
bool geo_gdal_end_batch(const geo_gdal_in *in, geo_piece *piece, geo_column *columns);

#endif
