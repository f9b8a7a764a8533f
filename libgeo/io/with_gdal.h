/* What the files of the GDAL adapter share. */
#ifndef GEO_IO_WITH_GDAL_H
#define GEO_IO_WITH_GDAL_H

#include "../core/vec.h"
#include "geo/table.h"
#include "geo/watch.h"

#include <gdal.h>
#include <ogr_api.h>
#include <stdbool.h>
#include <stddef.h>

/* The name GDAL opens: FILE.gz and FILE.zip through its virtual file systems. False when it does not fit. */
bool geo_gdal_name(const char *name, char *out, size_t room);

#define GEO_GDAL_SAID 300

/*
 * GDAL's last message on one line, in the caller's storage, without passwords; a stock phrase where it said nothing. Only for what fails
 * before a record is touched: opening, creating.
 */
const char *geo_gdal_said(char room[GEO_GDAL_SAID]);

/*
 * What GDAL's last message is about, in words of our own, for everything after that: drivers and servers quote values and whole records, in
 * shapes and languages that nobody can list.
 */
const char *geo_gdal_hint(void);

/* The drivers that files are opened with, NULL-ended: formats that hold their data themselves. */
const char *const *geo_gdal_file_drivers(void);

bool geo_gdal_driver_is(GDALDriverH driver, const char *name);

/* The driver for a name and a format (NULL: by the extension), or GEO_EARG. */
geo_status geo_gdal_choose_driver(const char *name, const char *format, GDALDriverH *driver, geo_err *err);

/* As geo_folder_new wants them; NULL when there are none. */
const char *const *geo_gdal_belongings(GDALDriverH driver, const char *name);

/* A field as the format has it, which may be less than what is put into it. */
typedef struct geo_gdal_field {
    int at;           /* position in the layer, -1: not written */
    const char *name; /* asked for */
    OGRFieldType type;
    int width, precision; /* text: bytes; numbers: characters, of which behind the point; 0: as needed */
    size_t cut_n;         /* rows of which not all went in */
} geo_gdal_field;

/* Put the value of row r into its field of a feature; one that does not go in whole is counted. The room is used again and again. */
geo_status geo_gdal_set_value(OGRFeatureH f, geo_gdal_field *made, const geo_column *c, size_t r, geo_vec *room, geo_err *err);

/*
 * A table that is written to PostGIS, in one transaction. The caller creates the data set, begins, creates the layer and puts the rows;
 * finish ends the transaction, and whoever closes the data set without it rolls back.
 */
typedef struct geo_postgis geo_postgis;
geo_status geo_postgis_new(const char *name, bool force, bool shapes, const geo_watch *watch, geo_postgis **out, geo_err *err);
const char *geo_postgis_connection(const geo_postgis *p);
const char *geo_postgis_layer(const geo_postgis *p); /* what to call the layer */
/* How to create it, with these names for the geometry and the row number; CSLDestroy it. */
char **geo_postgis_options(const geo_postgis *p, const char *geometry, const char *row);
geo_status geo_postgis_begin(GDALDatasetH d, geo_err *err);
/* Look whether all rows arrived; index the geometry (may be NULL), drop the row number unless it stays, put the table in its place, commit. */
geo_status geo_postgis_finish(const geo_postgis *p, GDALDatasetH d, OGRLayerH layer, size_t rows_n, const char *geometry, const char *row,
                              bool row_stays, geo_err *err);
void geo_postgis_free(geo_postgis *p);

/* Have a layer give numbers that may have more digits than we hold as text, for the driver goes by the types of the layer's fields. */
geo_status geo_postgis_keep_digits(GDALDatasetH d, OGRLayerH layer, geo_err *err);

#endif
