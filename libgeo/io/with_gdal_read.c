/*
 * Opening through GDAL: every vector format by name. The fields are those of the layer's definition; how they are read is chosen by what
 * they hold (with_gdal_read.h).
 */
#include "../table/column.h"
#include "columns.h"
#include "text.h"
#include "with_gdal.h"
#include "with_gdal_read.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <errno.h>
#include <math.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* ---- for both ways of reading ---- */

void geo_gdal_close(geo_gdal_in *in)
{
    if (in->dataset)
        GDALClose(in->dataset);
    geo_vec_clear(&in->misfits);
    geo_arena_clear(&in->arena);
    free(in);
}

/* Rows that a shapefile marks as deleted, which it counts and does not give. */
static int64_t count_deleted(const geo_gdal_in *in)
{
    int64_t n = 0;
    const bool shapefile = geo_gdal_driver_is(GDALGetDatasetDriver(in->dataset), "ESRI Shapefile");
    for (int64_t id = 0; shapefile && id < in->expected_n; id++) {
        CPLErrorReset();
        OGRFeatureH f = OGR_L_GetFeature(in->layer, id);
        n += !f && strstr(CPLGetLastErrorMsg(), "marked deleted");
        OGR_F_Destroy(f);
    }
    return n;
}

geo_status geo_gdal_ended(const geo_gdal_in *in, geo_err *err)
{
    if (in->rows_n < in->expected_n && in->rows_n + count_deleted(in) < in->expected_n)
        return geo_err_set(err, GEO_EFORMAT, "'%s' is damaged or cut short: it ends after %lld of %lld features", in->name,
                           (long long)in->rows_n, (long long)in->expected_n);
    const geo_status st = geo_gdal_check_nulls(in, err);
    return st < 0 ? st : GEO_DONE;
}

geo_column *geo_gdal_start_batch(const geo_gdal_in *in, geo_piece *piece, size_t rows_n)
{
    geo_column *columns = geo_arena_array(&piece->arena, in->schema.fields_n + 1, sizeof *columns);
    for (size_t i = 0; columns && i < in->schema.fields_n; i++)
        columns[i] = (geo_column){.type = in->fields[i].type, .held = in->place[i] != GEO_GDAL_UNREAD};
    piece->batch = (geo_batch){.rows_n = rows_n, .schema = &in->schema, .columns = columns, .class_ = in->label.class_};
    piece->lines_n = (int64_t)rows_n;
    return columns;
}

/* The validity of a column as memory of our own: what is there may be GDAL's. NULL when memory is out. */
static uint8_t *own_validity(geo_piece *piece, const geo_column *c)
{
    const size_t n = (piece->batch.rows_n + 7) / 8;
    uint8_t *valid = geo_arena_alloc(&piece->arena, n + 1);
    if (valid && c->valid)
        memcpy(valid, c->valid, n);
    else if (valid)
        memset(valid, 0xFF, n);
    return valid;
}

static bool is_value(const geo_gdal_in *in, const geo_column *c, size_t r)
{
    switch (c->type) {
    case GEO_TEXT: {
        size_t n;
        const char *s = geo_column_text(c, r, &n);
        return geo_is_text(s, n);
    }
    case GEO_DOUBLE: return geo_column_place(c, r) < 0 || !isinf(((const double *)c->values)[r]);
    case GEO_INT: {
        const int64_t v = in->clamps ? ((const int64_t *)c->values)[r] : 0;
        return (v != INT64_MIN && v != INT64_MAX) || geo_column_place(c, r) < 0;
    }
    default: return true;
    }
}

/* Leave out what is no value, row by row so that the faults are in order. A class of that kind was counted as none already. */
static bool check_values(const geo_gdal_in *in, geo_piece *piece, geo_column *columns)
{
    const size_t fields_n = in->schema.fields_n;
    uint8_t **own = geo_arena_array(&piece->arena, fields_n + 1, sizeof *own);
    for (size_t i = 0; own && i < fields_n; i++)
        own[i] = NULL;
    for (size_t r = 0; own && r < piece->batch.rows_n; r++) {
        for (size_t i = 0; i < fields_n; i++) {
            if (!columns[i].held || is_value(in, &columns[i], r))
                continue;
            if (!own[i] && !(own[i] = own_validity(piece, &columns[i])))
                return false;
            own[i][r / 8] &= (uint8_t) ~(1u << r % 8);
            columns[i].valid = own[i];
            if ((ptrdiff_t)i != in->class_at)
                geo_faults_add(&piece->faults, GEO_FAULT_VALUE, (int64_t)r);
        }
    }
    return own != NULL;
}

bool geo_gdal_end_batch(const geo_gdal_in *in, geo_piece *piece, geo_column *columns)
{
    return geo_classes_make(piece, in->class_at, &in->label, in->raise)
           && check_values(in, piece, columns); /* a class that is left out must not count as not given */
}

/* ---- the dataset and its layer ---- */

#define NOWHERE "socks5://127.0.0.1:0" /* a proxy that cannot be reached: nothing gets past it, nor to this machine's own ports */

/*
 * A file is opened by what reads files, and nothing on a network is followed from inside it: only a name can ask for that. Nothing is left
 * behind, whatever GML is called.
 */
static GDALDatasetH open_file(const char *path, bool local)
{
    const char *const options[] = {"WRITE_GFS=NO", "DOWNLOAD_SCHEMA=NO", NULL};
    CPLSetThreadLocalConfigOption("CPL_VSIL_CURL_ALLOWED_FILENAME", local ? "none" : NULL);
    CPLSetThreadLocalConfigOption("GDAL_HTTP_PROXY", local ? NOWHERE : NULL); /* addresses of reference systems in GeoJSON */
    GDALDatasetH d = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, geo_gdal_file_drivers(), options, NULL);
    CPLSetThreadLocalConfigOption("CPL_VSIL_CURL_ALLOWED_FILENAME", NULL);
    CPLSetThreadLocalConfigOption("GDAL_HTTP_PROXY", NULL);
    return d;
}

static geo_status open_dataset(geo_gdal_in *in, const char *name, geo_err *err)
{
    char path[4096];
    struct stat about;
    if (!geo_gdal_name(name, path, sizeof path))
        return geo_err_set(err, GEO_EARG, "the name of a file is longer than %zu characters", sizeof path);
    const bool file = !in->database && stat(name, &about) == 0, virtual = !file && strncmp(name, "/vsi", 4) == 0;
    if (!file && !virtual && !in->database && !strstr(name, ":"))
        return geo_err_set(err, GEO_EIO, "cannot open '%s': %s", in->name, strerror(errno));
    CPLErrorReset();
    in->dataset = file || virtual ? open_file(path, file) : GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, NULL, NULL, NULL);
    if (in->dataset)
        return GEO_OK;
    if (file && S_ISDIR(about.st_mode))
        return geo_err_set(err, GEO_EIO, "'%s' is a directory, not a table", in->name);
    if (file && about.st_size == 0)
        return geo_err_set(err, GEO_EFORMAT, "'%s' is empty", in->name);
    return geo_err_set(err, GEO_EFORMAT, "cannot open '%s' as a table: %s", in->name,
                       CPLGetLastErrorType() >= CE_Failure ? geo_gdal_said((char[GEO_GDAL_SAID]){0})
                       : in->database                      ? "no format that GDAL knows fits it (connections to PostGIS start with PG:)"
                                                           : "no format that is read from files fits it (CSV files end in .csv)");
}

static geo_status choose_layer(geo_gdal_in *in, const char *layer, geo_err *err)
{
    const int n = GDALDatasetGetLayerCount(in->dataset);
    char names[300] = "";
    size_t k = 0;
    for (int i = 0; i < n && k < 200; i++)
        k += (size_t)snprintf(names + k, sizeof names - k, "%s%.60s", i ? ", " : "", OGR_L_GetName(GDALDatasetGetLayer(in->dataset, i)));
    if (n == 0)
        return geo_err_set(err, GEO_EFORMAT, "'%s' has no layers", in->name);
    /* SQLite's own table of row numbers is a layer too, in files without geometry */
    const bool one = n == 1 || (n == 2 && strcmp(OGR_L_GetName(GDALDatasetGetLayer(in->dataset, 1)), "sqlite_sequence") == 0);
    if (!layer && !one)
        return geo_err_set(err, GEO_EARG, "'%s' has %d layers, name one (FILE:LAYER, --layer, or tables=NAME in a PG: connection): %s",
                           in->name, n, names);
    in->layer = layer ? GDALDatasetGetLayerByName(in->dataset, layer) : GDALDatasetGetLayer(in->dataset, 0);
    if (!in->layer)
        return geo_err_set(err, GEO_EARG, "'%s' has no layer '%s'; there are: %s", in->name, layer, names);
    /* GDAL opens tables of a database without a look at them: one that is not there has no fields */
    if (!in->database || OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(in->layer)) > 0)
        return GEO_OK;
    CPLErrorReset();
    if (OGR_L_GetFeatureCount(in->layer, TRUE) <= 0 && CPLGetLastErrorType() >= CE_Failure)
        return geo_err_set(err, GEO_EIO, "cannot read '%s': %s", in->name, geo_gdal_hint());
    return GEO_OK;
}

/* "EPSG:27700", OGC:CRS84 for WGS 84 longitude and latitude, else WKT; NULL when the layer has none. */
static const char *crs_text(geo_gdal_in *in, OGRSpatialReferenceH srs)
{
    if (!srs)
        return NULL;
    const char *authority = OSRGetAuthorityName(srs, NULL), *code = OSRGetAuthorityCode(srs, NULL);
    char text[64];
    if (authority && code && snprintf(text, sizeof text, "%s:%s", authority, code) < (int)sizeof text) {
        const bool lon_lat =
            strcmp(text, "EPSG:4326") == 0 || strcmp(text, "EPSG:4979") == 0; /* the latter with heights, which are left out */
        const char *name = lon_lat ? "OGC:CRS84" : text;
        return geo_arena_text(&in->arena, name, strlen(name));
    }
    char *wkt = NULL;
    const char *const options[] = {"FORMAT=WKT2_2019", NULL};
    const char *out = NULL;
    if (OSRExportToWktEx(srs, &wkt, options) == OGRERR_NONE && wkt && *wkt)
        out = geo_arena_text(&in->arena, wkt, strlen(wkt));
    CPLFree(wkt);
    return out;
}

static geo_geometry_kind kind_of(OGRwkbGeometryType type)
{
    const OGRwkbGeometryType flat = wkbFlatten(type);
    return flat >= wkbPoint && flat <= wkbMultiPolygon ? (geo_geometry_kind)flat : GEO_NO_GEOMETRY;
}

/* ---- the fields ---- */

/* Our type for a field; false for what a table cannot carry (lists, bytes). */
static bool type_of(OGRFieldDefnH field, geo_type *type)
{
    switch (OGR_Fld_GetType(field)) {
    case OFTInteger: *type = OGR_Fld_GetSubType(field) == OFSTBoolean ? GEO_BOOL : GEO_INT; return true;
    case OFTInteger64: *type = GEO_INT; return true;
    case OFTReal: *type = GEO_DOUBLE; return true;
    case OFTDate: *type = GEO_DATE; return true;
    case OFTTime: /* times are read by people and carried along, never computed with */
    case OFTDateTime:
    case OFTString: *type = GEO_TEXT; return true;
    default: return false;
    }
}

/* Is there a column of feature ids that nobody would find again elsewhere? A database's key always, any other when it is asked for by name. */
static void choose_fid(geo_gdal_in *in, const geo_reader_options *o)
{
    const char *fid = OGR_L_GetFIDColumn(in->layer);
    if (fid && *fid && OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(in->layer), fid) < 0 && (in->database || o->columns)
        && geo_reader_asked_for(o, fid))
        in->fid = fid;
}

static geo_status add_field(geo_gdal_in *in, const char *name, geo_type type, int place, geo_err *err)
{
    const char *copy = geo_arena_text(&in->arena, name, strlen(name));
    if (!copy)
        return geo_err_nomem(err);
    in->place[in->schema.fields_n] = place;
    in->fields[in->schema.fields_n++] = (geo_field){.name = copy, .type = type};
    return GEO_OK;
}

static geo_status add_attributes(geo_gdal_in *in, const geo_reader_options *o, geo_err *err)
{
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(in->layer);
    geo_status st = in->fid ? add_field(in, in->fid, GEO_INT, GEO_GDAL_FID, err) : GEO_OK;
    for (int i = 0; st == GEO_OK && i < OGR_FD_GetFieldCount(defn); i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(defn, i);
        const char *name = OGR_Fld_GetNameRef(field);
        geo_type type;
        if (type_of(field, &type))
            st = add_field(in, name, type, geo_reader_asked_for(o, name) ? i : GEO_GDAL_UNREAD, err);
        else if (strcasecmp(name, GEO_CLASS_COLUMN) == 0)
            return geo_err_set(err, GEO_EFORMAT, "field '%s' of '%s' holds lists or bytes, so the class of its records is not known", name,
                               in->name);
        else if (geo_reader_asked_for(o, name))
            geo_watch_note(in->watch, "field '%s' of '%s' holds lists or bytes, which a table cannot carry: left out", name, in->name);
    }
    return st;
}

static geo_status choose_shape(geo_gdal_in *in, const char *name, geo_err *err)
{
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(in->layer);
    const int n = OGR_FD_GetGeomFieldCount(defn);
    in->shape = name ? OGR_FD_GetGeomFieldIndex(defn, name) : n - 1 < 0 ? -1 : 0;
    if (!name || in->shape >= 0)
        return GEO_OK;
    char names[300] = "";
    size_t k = 0;
    for (int i = 0; i < n && k < 200; i++)
        k += (size_t)snprintf(names + k, sizeof names - k, "%s%.60s", i ? ", " : "", OGR_GFld_GetNameRef(OGR_FD_GetGeomFieldDefn(defn, i)));
    return geo_err_set(err, GEO_EARG, "'%s' has no geometry '%s'; there are: %s", in->name, name,
                       n && *names ? names : "one without a name");
}

static geo_status add_geometry(geo_gdal_in *in, const geo_reader_options *o, geo_err *err)
{
    geo_status st = choose_shape(in, o->geometry_field, err);
    if (st < 0)
        return st;
    if (in->shape < 0)
        return o->want_geometry
                   ? geo_err_set(err, GEO_EARG,
                                 "'%s' has no shapes, and columns of coordinates are found in CSV alone: convert it (ogr2ogr -f CSV)",
                                 in->name)
                   : GEO_OK;
    OGRGeomFieldDefnH field = OGR_FD_GetGeomFieldDefn(OGR_L_GetLayerDefn(in->layer), in->shape);
    const char *name = OGR_GFld_GetNameRef(field);
    const bool wanted = o->want_geometry || o->try_geometry;
    const OGRwkbGeometryType type = OGR_GFld_GetType(field);
    st = add_field(in, name && *name ? name : "wkb_geometry", GEO_GEOMETRY, wanted ? GEO_GDAL_SHAPE : GEO_GDAL_UNREAD, err);
    if (st < 0)
        return st;
    geo_field *f = &in->fields[in->schema.fields_n - 1];
    f->crs = o->crs ? geo_arena_text(&in->arena, o->crs, strlen(o->crs)) : crs_text(in, OGR_GFld_GetSpatialRef(field));
    f->kind = kind_of(type);
    return GEO_OK;
}

static geo_status read_fields(geo_gdal_in *in, const geo_reader_options *o, geo_err *err)
{
    const size_t most = (size_t)OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(in->layer)) + 3;
    in->fields = geo_arena_array(&in->arena, most, sizeof *in->fields);
    in->place = geo_arena_array(&in->arena, most, sizeof *in->place);
    if (!in->fields || !in->place)
        return geo_err_nomem(err);
    in->schema.fields = in->fields;
    choose_fid(in, o);
    geo_status st = add_attributes(in, o, err);
    for (const char *const *name = o->columns; st == GEO_OK && name && *name; name++)
        if ((st = geo_schema_pick(&in->schema, *name, &(size_t){0}, err)) < 0)
            geo_err_wrap(err, st, "'%s'", in->name);
    if (st == GEO_OK)
        st = add_geometry(in, o, err);
    in->class_at = geo_schema_find(&in->schema, GEO_CLASS_COLUMN);
    return st < 0 ? st : geo_schema_check_class(&in->schema, in->name, err);
}

/* ---- what to read of it ---- */

/* Tell the driver which attributes nobody will look at. */
static void ignore_fields(geo_gdal_in *in, const geo_reader_options *o)
{
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(in->layer);
    char **ignored = NULL;
    const int n = OGR_FD_GetFieldCount(defn);
    for (int i = 0; i < n && !o->where; i++) { /* a filter looks at fields of its own */
        const char *name = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(defn, i));
        const bool last_left = i == n - 1 && CSLCount(ignored) == n - 1; /* GDAL 3.6 loses the geometry when all are ignored */
        if (!geo_reader_asked_for(o, name) && !last_left)
            ignored = CSLAddString(ignored, name);
    }
    if (ignored)
        OGR_L_SetIgnoredFields(in->layer, (const char **)ignored);
    CSLDestroy(ignored);
}

static geo_status set_filter(geo_gdal_in *in, const char *where, geo_err *err)
{
    if (!where)
        return GEO_OK;
    CPLErrorReset();
    const bool taken = OGR_L_SetAttributeFilter(in->layer, where) == OGRERR_NONE;
    OGRFeatureH f = taken ? OGR_L_GetNextFeature(in->layer) : NULL; /* some drivers look at the filter only when they read */
    OGR_F_Destroy(f);
    OGR_L_ResetReading(in->layer);
    if (!taken || (!f && CPLGetLastErrorType() >= CE_Failure))
        return geo_err_set(err, GEO_EARG, "--where: '%s' does not understand the filter: %s", in->name,
                           taken ? geo_gdal_hint() : geo_gdal_said((char[GEO_GDAL_SAID]){0}));
    return GEO_OK;
}

/* Drivers whose features have values of the right types by nature, or were looked through; others may warn, feature by feature. */
static bool is_typed(GDALDriverH driver)
{
    static const char *const TYPED[] = {"GPKG", "FlatGeobuf", "ESRI Shapefile", "GeoJSON", "GeoJSONSeq", "PostgreSQL"};
    for (size_t i = 0; i < sizeof TYPED / sizeof *TYPED; i++)
        if (geo_gdal_driver_is(driver, TYPED[i]))
            return true;
    return false;
}

bool geo_gdal_is_sqlite(GDALDatasetH dataset)
{
    GDALDriverH driver = GDALGetDatasetDriver(dataset);
    return geo_gdal_driver_is(driver, "GPKG") || geo_gdal_driver_is(driver, "SQLite");
}

#define MOST_BATCHED 100 /* fields: GeoPackage's batches pass them all to one function of SQLite, which takes 127 */

/* Does the layer hold only what record batches carry whole? */
static bool fits_arrow(const geo_gdal_in *in, bool filtered)
{
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(in->layer);
    GDALDriverH driver = GDALGetDatasetDriver(in->dataset);
    if (!is_typed(driver))
        return false;
    /* GeoPackage has record batches of its own; those that GDAL 3.6 makes of features put days before 1970 one day late */
    const bool own = geo_gdal_driver_is(driver, "GPKG");
    if (own && OGR_FD_GetFieldCount(defn) > MOST_BATCHED)
        return false;
    if (own && filtered && in->shape >= 0) /* nulls are compared with those of the whole table */
        return false;
    for (int i = 0; i < OGR_FD_GetFieldCount(defn); i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(defn, i);
        const OGRFieldType type = OGR_Fld_GetType(field);
        const bool plain = type == OFTInteger || type == OFTInteger64 || type == OFTReal || type == OFTString || (type == OFTDate && own);
        /* batches of a GeoPackage cut numbers to the width that its columns claim */
        const bool narrow = own && (OGR_Fld_GetSubType(field) == OFSTInt16 || OGR_Fld_GetSubType(field) == OFSTFloat32);
        if (!OGR_Fld_IsIgnored(field) && (!plain || narrow || OGR_Fld_GetSubType(field) == OFSTBoolean))
            return false;
    }
    return true;
}

geo_status geo_gdal_open(const char *name, const geo_reader_options *o, geo_reader *r, geo_err *err)
{
    geo_gdal_in *in = calloc(1, sizeof *in);
    if (!in)
        return geo_err_nomem(err);
    strncat(in->name, geo_name_shown(name), sizeof in->name - 1);
    in->database = geo_name_is_database(name);
    in->label = o->label;
    in->label.class_ = geo_class_join(o->label.class_, o->raise);
    in->raise = o->raise;
    in->watch = o->watch;
    in->where = o->where ? geo_arena_text(&in->arena, o->where, strlen(o->where)) : NULL;
    geo_status st = o->where && !in->where ? geo_err_nomem(err) : open_dataset(in, name, err);
    if (st == GEO_OK)
        st = choose_layer(in, o->layer, err);
    in->clamps = st == GEO_OK && strstr(GDALGetDriverShortName(GDALGetDatasetDriver(in->dataset)), "JSON");
    if (st == GEO_OK && geo_gdal_driver_is(GDALGetDatasetDriver(in->dataset), "PostgreSQL"))
        st = geo_postgis_keep_digits(in->dataset, in->layer, err);
    if (st == GEO_OK)
        st = geo_gdal_find_types(in) ? read_fields(in, o, err) : geo_err_nomem(err);
    if (st == GEO_OK && o->columns)
        ignore_fields(in, o);
    bool batches = st == GEO_OK && fits_arrow(in, o->where != NULL);
    if (st == GEO_OK && batches && (st = geo_gdal_find_misfits(in, false, err)) == GEO_OK)
        batches = in->misfits.n == 0;
    if (st == GEO_OK && !batches) {
        geo_gdal_keep_times(in);
        st = geo_gdal_find_misfits(in, true, err);
    }
    if (st == GEO_OK)
        st = set_filter(in, o->where, err);
    if (st == GEO_OK) {
        /* a table of a database may gain and lose rows between the count and the end */
        in->expected_n = o->where || in->database ? -1 : OGR_L_GetFeatureCount(in->layer, FALSE);
        if (batches)
            st = geo_gdal_start_arrow(in, r, err);
        else
            geo_gdal_start_features(in, r);
    }
    if (st < 0) {
        geo_gdal_close(in);
        return st;
    }
    r->schema = in->schema;
    r->has_text = false;
    r->unit = "feature";
    r->next_line = 1;
    return GEO_OK;
}
