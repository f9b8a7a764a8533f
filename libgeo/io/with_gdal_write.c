/* Writing through GDAL: any vector format with a file, by way of the hidden directory of folder.c, and tables of PostGIS. */
#include "../core/vec.h"
#include "../table/column.h"
#include "../table/shapes.h"
#include "sink.h"
#include "text.h"
#include "with_gdal.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <limits.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ROWS_A_TRANSACTION 65536
#define ROW_NUMBER "ogc_fid" /* GDAL's name for the key of a table; it makes one always */
#define LONGEST_COLUMN 63    /* bytes of a name in PostgreSQL */
#define LONGEST_DBF_TEXT 254 /* bytes; fields of a shapefile grow up to it */

typedef struct gdal_out {
    GDALDriverH driver;
    GDALDatasetH dataset;
    OGRLayerH layer;
    geo_schema schema;
    const geo_field *fields;
    geo_gdal_field *made;
    int class_field;
    ptrdiff_t class_at, geometry;
    bool in_transaction, can_open, needs_geometry;
    size_t rows_n;
    char *name;
    geo_folder *folder;             /* files, or */
    geo_postgis *table;             /* a table of a database: */
    char *geometry_name, *row_name; /* of the columns that a database makes, which no field has */
    geo_vec wkb, text;
    const struct geo_pass *pass;
    const geo_watch *watch;
    geo_arena arena;
} gdal_out;

static OGRFieldType ogr_type(geo_type type, OGRFieldSubType *sub)
{
    *sub = OFSTNone;
    switch (type) {
    case GEO_INT: return OFTInteger64;
    case GEO_DOUBLE: return OFTReal;
    case GEO_BOOL: *sub = OFSTBoolean; return OFTInteger;
    case GEO_DATE: return OFTDate;
    default: return OFTString;
    }
}

static int add_field(gdal_out *w, const char *name, geo_type type)
{
    OGRFieldSubType sub;
    const OGRFieldType t = ogr_type(type, &sub);
    OGRFieldDefnH defn = OGR_Fld_Create(name, t);
    OGR_Fld_SetSubType(defn, sub);
    OGRErr failed = OGR_L_CreateField(w->layer, defn, TRUE);
    if (failed != OGRERR_NONE && t == OFTInteger64) { /* MapInfo has none, and GDAL 3.6 no way around it */
        OGR_Fld_SetType(defn, OFTReal);
        failed = OGR_L_CreateField(w->layer, defn, TRUE);
    }
    OGR_Fld_Destroy(defn);
    return failed == OGRERR_NONE ? OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(w->layer)) - 1 : -1;
}

static OGRwkbGeometryType layer_type(const geo_field *f)
{
    if (!f)
        return wkbNone;
    return f->kind == GEO_POLYGON      ? wkbMultiPolygon
           : f->kind == GEO_LINESTRING ? wkbMultiLineString
                                       : (OGRwkbGeometryType)f->kind; /* 0 is wkbUnknown: any */
}

static geo_status make_crs(const gdal_out *w, const geo_field *g, OGRSpatialReferenceH *srs, geo_err *err)
{
    *srs = NULL;
    if (!g || !g->crs)
        return GEO_OK;
    /* PostGIS knows the codes of EPSG alone, and has longitude first in all of them */
    const char *crs = w->table && strcasecmp(g->crs, "OGC:CRS84") == 0 ? "EPSG:4326" : g->crs;
    *srs = OSRNewSpatialReference(NULL);
    if (OSRSetFromUserInput(*srs, crs) != OGRERR_NONE) {
        OSRDestroySpatialReference(*srs);
        return geo_err_set(err, GEO_ECRS, "'%s' is no coordinate reference system", g->crs);
    }
    OSRSetAxisMappingStrategy(*srs, OAMS_TRADITIONAL_GIS_ORDER);
    return GEO_OK;
}

/* How to create the layer. */
static char **layer_options(const gdal_out *w)
{
    if (w->table)
        return geo_postgis_options(w->table, w->geometry_name, w->row_name);
    if (geo_gdal_driver_is(w->driver, "FlatGeobuf")) /* its spatial index would drop rows without geometry and change their order */
        return CSLSetNameValue(NULL, "SPATIAL_INDEX", "NO");
    if (geo_gdal_driver_is(w->driver, "ESRI Shapefile"))
        return CSLSetNameValue(NULL, "ENCODING", "UTF-8");
    if (!geo_gdal_driver_is(w->driver, "GPKG") && !geo_gdal_driver_is(w->driver, "SQLite"))
        return NULL;
    return CSLSetNameValue(CSLSetNameValue(NULL, "FID", w->row_name), "GEOMETRY_NAME", w->geometry_name);
}

/* Formats that know one system only: GDAL moves coordinates there, by a way of its own choice. */
static void note_moving(const gdal_out *w, const geo_field *g)
{
    const bool wgs84_only = geo_gdal_driver_is(w->driver, "GeoJSONSeq") || geo_gdal_driver_is(w->driver, "KML")
                            || geo_gdal_driver_is(w->driver, "LIBKML") || geo_gdal_driver_is(w->driver, "GPX");
    if (wgs84_only && g && g->crs && strcasecmp(g->crs, "OGC:CRS84") != 0 && strcasecmp(g->crs, "EPSG:4326") != 0)
        geo_watch_note(w->watch,
                       "'%s' is of a format that is always in longitude and latitude, and GDAL moves the coordinates there: say "
                       "--out-crs OGC:CRS84 to have -v tell how, and how accurately",
                       w->name);
}

static geo_status create_layer(gdal_out *w, const geo_writer_options *o, geo_err *err)
{
    const geo_field *g = w->geometry >= 0 ? &w->fields[w->geometry] : NULL;
    OGRSpatialReferenceH srs;
    geo_status st = make_crs(w, g, &srs, err);
    if (st < 0)
        return st;
    note_moving(w, g);
    char layer[256];
    geo_layer_name(w->name, w->table ? geo_postgis_layer(w->table) : o->layer, layer, sizeof layer);
    CPLErrorReset();
    const char *place = w->table ? geo_postgis_connection(w->table) : geo_folder_inside(w->folder);
    /* beside the empty table of its geometries GDAL does not find the others */
    const char *const plain[] = {!g && geo_gdal_driver_is(w->driver, "SQLite") ? "METADATA=NO" : NULL, NULL};
    w->dataset = GDALCreate(w->driver, place, 0, 0, 0, GDT_Unknown, (char **)plain);
    if (w->dataset && w->table) {
        st = geo_postgis_begin(w->dataset, err);
        w->in_transaction = st == GEO_OK;
    }
    char **options = layer_options(w);
    if (w->dataset && st == GEO_OK)
        w->layer = GDALDatasetCreateLayer(w->dataset, layer, srs, layer_type(g), options);
    CSLDestroy(options);
    if (srs)
        OSRRelease(srs);
    if (st == GEO_OK && !w->layer)
        st = geo_err_set(err, GEO_EIO, "cannot create '%s': %s", w->name, geo_gdal_said((char[GEO_GDAL_SAID]){0}));
    return st;
}

/* What the format made of field i. */
static void look_at_field(gdal_out *w, size_t i)
{
    geo_gdal_field *made = &w->made[i];
    OGRFieldDefnH defn = OGR_FD_GetFieldDefn(OGR_L_GetLayerDefn(w->layer), made->at);
    made->type = OGR_Fld_GetType(defn);
    made->width = OGR_Fld_GetWidth(defn);
    made->precision = OGR_Fld_GetPrecision(defn);
    if (geo_gdal_driver_is(w->driver, "ESRI Shapefile") && made->type == OFTString)
        made->width = LONGEST_DBF_TEXT;
    if (geo_gdal_driver_is(w->driver, "OpenFileGDB") && made->type == OFTInteger64)
        made->type = OFTReal; /* it says so only when the file is opened again */
    const char *name = OGR_Fld_GetNameRef(defn);
    if (strcmp(name, w->fields[i].name) != 0)
        geo_watch_note(w->watch, "'%s' cannot hold the name of field '%s': it is called '%s' there", w->name, w->fields[i].name, name);
}

static geo_status create_fields(gdal_out *w, bool release, geo_err *err)
{
    w->class_field = -1;
    for (size_t i = 0; i < w->schema.fields_n; i++) {
        const bool is_class = (ptrdiff_t)i == w->class_at;
        w->made[i].at = -1;
        if (w->fields[i].type == GEO_GEOMETRY || (is_class && release))
            continue;
        w->made[i].at = add_field(w, w->made[i].name, is_class ? GEO_TEXT : w->fields[i].type); /* the class goes out as a word */
        if (w->made[i].at < 0)
            return geo_err_set(err, GEO_EIO, "cannot create field '%s' in '%s': %s", w->fields[i].name, w->name,
                               geo_gdal_said((char[GEO_GDAL_SAID]){0}));
        look_at_field(w, i);
        if (is_class)
            w->class_field = w->made[i].at;
    }
    if (!release && w->class_field < 0 && (w->class_field = add_field(w, GEO_CLASS_COLUMN, GEO_TEXT)) < 0)
        return geo_err_set(err, GEO_EIO, "cannot create field '" GEO_CLASS_COLUMN "' in '%s': %s", w->name,
                           geo_gdal_said((char[GEO_GDAL_SAID]){0}));
    return GEO_OK;
}

static geo_status encode(const void *state, const geo_batch *b, geo_bytes *out, geo_err *err)
{
    (void)state, (void)b, (void)out, (void)err; /* GDAL writes features one by one, in order */
    return GEO_OK;
}

/* ---- rows ---- */

/* Layers of polygons and lines hold multi ones, and take single ones as multi ones of one part. */
static OGRGeometryH as_layer_wants(OGRGeometryH g, OGRwkbGeometryType type)
{
    switch (type) {
    case wkbMultiPoint: return OGR_G_ForceToMultiPoint(g);
    case wkbMultiLineString: return OGR_G_ForceToMultiLineString(g);
    case wkbMultiPolygon: return OGR_G_ForceToMultiPolygon(g);
    default: return g;
    }
}

static geo_status set_geometry(gdal_out *w, OGRFeatureH f, const geo_column *c, size_t r, geo_err *err)
{
    w->wkb.n = 0;
    if (geo_column_is_null(c, r))
        return GEO_OK;
    if (!geo_geometries_wkb(c->geometries, c->index ? (size_t)c->index[r] : r, &w->wkb))
        return geo_err_nomem(err);
    if (w->wkb.n == 0)
        return GEO_OK;
    OGRGeometryH g = NULL;
    if (w->wkb.n > INT_MAX || OGR_G_CreateFromWkb(w->wkb.items, NULL, &g, (int)w->wkb.n) != OGRERR_NONE)
        return geo_err_set(err, GEO_EGEOM, "cannot write '%s': GDAL does not take the geometry of row %zu", w->name, w->rows_n);
    OGR_F_SetGeometryDirectly(f, as_layer_wants(g, layer_type(&w->fields[w->geometry])));
    return GEO_OK;
}

static geo_status gdal_failed(const gdal_out *w, geo_err *err)
{
    return geo_err_set(err, GEO_EIO, "cannot write '%s': %s", w->name, geo_gdal_hint());
}

/* One transaction for many rows, where the format has transactions: for speed alone. */
static geo_status next_transaction(gdal_out *w, geo_err *err)
{
    if (w->table) /* one for all rows, and not for speed */
        return GEO_OK;
    CPLErrorReset();
    if (w->in_transaction && GDALDatasetCommitTransaction(w->dataset) != OGRERR_NONE)
        return gdal_failed(w, err);
    w->in_transaction =
        GDALDatasetTestCapability(w->dataset, ODsCTransactions) && GDALDatasetStartTransaction(w->dataset, FALSE) == OGRERR_NONE;
    return GEO_OK;
}

static geo_status fill(gdal_out *w, OGRFeatureH f, const geo_batch *b, size_t r, geo_err *err)
{
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < w->schema.fields_n; i++)
        if (w->made[i].at >= 0 && w->made[i].at != w->class_field)
            st = geo_gdal_set_value(f, &w->made[i], &b->columns[i], r, &w->text, err);
    if (w->class_field >= 0)
        OGR_F_SetFieldString(f, w->class_field, geo_class_name(geo_batch_class(b, r)));
    return st == GEO_OK && w->geometry >= 0 ? set_geometry(w, f, &b->columns[w->geometry], r, err) : st;
}

static geo_status put_row(gdal_out *w, const geo_batch *b, size_t r, geo_err *err)
{
    if (geo_watch_stopped(w->watch))
        return geo_err_set(err, GEO_ESTOP, "interrupted");
    if (w->needs_geometry && w->geometry >= 0 && geo_column_is_null(&b->columns[w->geometry], r))
        return geo_err_set(err, GEO_EARG, "'%s': GDAL's FlatGeobuf loses rows without coordinates, and there are some: write .gpkg or .csv",
                           w->name);
    geo_status st = w->rows_n++ % ROWS_A_TRANSACTION == 0 ? next_transaction(w, err) : GEO_OK;
    if (st < 0)
        return st;
    OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(w->layer));
    st = fill(w, f, b, r, err);
    CPLErrorReset();
    if (st == GEO_OK && OGR_L_CreateFeature(w->layer, f) != OGRERR_NONE)
        st = gdal_failed(w, err);
    OGR_F_Destroy(f);
    return st;
}

static geo_status put(void *state, const geo_batch *b, const geo_bytes *bytes, geo_err *err)
{
    (void)bytes;
    geo_status st = GEO_OK;
    for (size_t r = 0; st == GEO_OK && r < b->rows_n; r++)
        st = put_row(state, b, r, err);
    return st;
}

/* ---- the end ---- */

/* Some drivers do not notice a full disk: open what was written and count. */
static geo_status count_again(const gdal_out *w, geo_err *err)
{
    if (!w->can_open)
        return GEO_OK;
    GDALDatasetH d = GDALOpenEx(geo_folder_inside(w->folder), GDAL_OF_VECTOR | GDAL_OF_READONLY, NULL, NULL, NULL);
    const GIntBig n = d ? OGR_L_GetFeatureCount(GDALDatasetGetLayer(d, 0), TRUE) : -1;
    if (d)
        GDALClose(d);
    if (n == (GIntBig)w->rows_n || (n < 0 && w->rows_n == 0))
        return GEO_OK;
    return geo_err_set(err, GEO_EIO, "cannot write '%s': only %lld of %zu rows arrived; is the disk full?", w->name,
                       (long long)(n < 0 ? 0 : n), w->rows_n);
}

/* Nothing is lost in silence. */
static void tell_cuts(const gdal_out *w)
{
    for (size_t i = 0; i < w->schema.fields_n; i++) {
        const geo_gdal_field *made = &w->made[i];
        char what[64] = "large or very small numbers are not what they were";
        if (made->type == OFTString)
            snprintf(what, sizeof what, "text longer than %d bytes is cut", made->width);
        if (made->cut_n)
            geo_watch_note(w->watch, "'%s' cannot hold all of field '%s': %s in %zu row%s; a .gpkg can", w->name, w->fields[i].name, what,
                           made->cut_n, made->cut_n == 1 ? "" : "s");
    }
}

static geo_status finish_table(gdal_out *w, geo_err *err)
{
    /* A table that was written here, read and written again has its numbers already. Text of that name would be read as a number. */
    const ptrdiff_t numbers = geo_schema_find(&w->schema, ROW_NUMBER);
    const bool row_stays = numbers < 0 || w->fields[numbers].type != GEO_INT;
    const char *geometry = w->geometry >= 0 ? w->geometry_name : NULL;
    const geo_status st = geo_postgis_finish(w->table, w->dataset, w->layer, w->rows_n, geometry, w->row_name, row_stays, err);
    w->in_transaction = st < 0;
    return st;
}

static geo_status finish_files(gdal_out *w, geo_err *err)
{
    CPLErrorReset();
    if (w->in_transaction && GDALDatasetCommitTransaction(w->dataset) != OGRERR_NONE)
        return gdal_failed(w, err);
    w->in_transaction = false;
    GDALClose(w->dataset);
    w->dataset = NULL;
    if (CPLGetLastErrorType() >= CE_Failure)
        return gdal_failed(w, err);
    const geo_status st = count_again(w, err);
    if (st == GEO_OK && geo_watch_stopped(w->watch)) /* closing builds the spatial index, which takes its time */
        return geo_err_set(err, GEO_ESTOP, "interrupted");
    return st < 0 ? st : geo_folder_commit(w->folder, w->pass, err);
}

static geo_status finish(void *state, geo_err *err)
{
    gdal_out *w = state;
    const geo_status st = w->table ? finish_table(w, err) : finish_files(w, err);
    if (st == GEO_OK)
        tell_cuts(w);
    return st;
}

static void gdal_out_close(void *state)
{
    gdal_out *w = state;
    if (!w)
        return;
    if (w->in_transaction)
        GDALDatasetRollbackTransaction(w->dataset);
    if (w->dataset && w->folder && w->layer && GDALDatasetTestCapability(w->dataset, ODsCDeleteLayer))
        GDALDatasetDeleteLayer(w->dataset, 0); /* else closing would still build the spatial index of what is thrown away */
    if (w->dataset)
        GDALClose(w->dataset);
    geo_folder_close(w->folder);
    geo_postgis_free(w->table);
    geo_vec_clear(&w->wkb);
    geo_vec_clear(&w->text);
    geo_arena_clear(&w->arena);
    free(w->name);
    free(w);
}

static const geo_sink SINK = {encode, put, finish, gdal_out_close};

/* The wanted name, with as many underscores behind it as it takes to be nobody's. */
static char *free_name(gdal_out *w, const char *wanted)
{
    char *name = geo_arena_alloc(&w->arena, strlen(wanted) + w->schema.fields_n + 1);
    if (!name)
        return NULL;
    strcpy(name, wanted);
    for (bool taken = true; taken;) {
        taken = false;
        for (size_t i = 0; i < w->schema.fields_n; i++)
            taken |= w->fields[i].type != GEO_GEOMETRY && strcasecmp(w->fields[i].name, name) == 0;
        if (taken)
            strcat(name, "_");
    }
    return name;
}

static geo_status copy_schema(gdal_out *w, const geo_schema *schema, geo_err *err)
{
    w->made = geo_arena_array(&w->arena, schema->fields_n + 1, sizeof *w->made);
    if (!w->made || !geo_schema_copy(&w->arena, schema, &w->schema))
        return geo_err_nomem(err);
    w->fields = w->schema.fields;
    for (size_t i = 0; i < schema->fields_n; i++)
        w->made[i] = (geo_gdal_field){.name = w->fields[i].name};
    w->class_at = geo_schema_find(&w->schema, GEO_CLASS_COLUMN);
    w->geometry = geo_schema_geometry(&w->schema);
    w->geometry_name = free_name(w, "geom");
    w->row_name = free_name(w, geo_gdal_driver_is(w->driver, "GPKG") ? "fid" : ROW_NUMBER);
    return w->geometry_name && w->row_name ? GEO_OK : geo_err_nomem(err);
}

/* PostgreSQL cuts long names, and would not say so: cut here, they are told like those of a shapefile. */
static geo_status cut_names(gdal_out *w, geo_err *err)
{
    for (size_t i = 0; i < w->schema.fields_n; i++) {
        const char *name = w->fields[i].name;
        size_t n = strlen(name);
        if (n <= LONGEST_COLUMN)
            continue;
        for (n = LONGEST_COLUMN; n && ((unsigned char)name[n] & 0xC0) == 0x80;) /* not in the middle of a character */
            n--;
        char *cut = geo_arena_text(&w->arena, name, n);
        if (!cut)
            return geo_err_nomem(err);
        w->made[i].name = cut;
    }
    return GEO_OK;
}

/* GDAL takes tables without geometry for some formats, and marks in names for KML, and then there is nothing to read, or nothing of the name. */
static geo_status check_format(const gdal_out *w, const char *name, geo_err *err)
{
    for (size_t i = 0; strstr(GDALGetDriverShortName(w->driver), "KML") && i < w->schema.fields_n; i++)
        if (strpbrk(w->fields[i].name, "&<>\""))
            return geo_err_set(err, GEO_EARG, "cannot write '%s': KML has no names with &, <, > or \", as that of field '%s'", w->name,
                               w->fields[i].name);
    const bool shp = geo_gdal_driver_is(w->driver, "ESRI Shapefile") && !geo_name_ends(name, ".dbf") && !geo_name_ends(name, ".shz");
    if (w->geometry < 0 && (w->needs_geometry || shp))
        return geo_err_set(err, GEO_EARG, "cannot write '%s': there are no coordinates or shapes, and the format is for them: write %s",
                           w->name, shp ? ".dbf, .gpkg or .csv" : ".gpkg or .csv");
    return GEO_OK;
}

static geo_status open_table(gdal_out *w, const char *name, const geo_writer_options *o, geo_err *err)
{
    if (o->pass)
        return geo_err_set(err, GEO_EARG, "a release goes into a file, whose bytes can be checked later, not into a database");
    const geo_status st = cut_names(w, err);
    return st < 0 ? st : geo_postgis_new(name, o->force, w->geometry >= 0, o->watch, &w->table, err);
}

static geo_status open_files(gdal_out *w, const char *name, const geo_writer_options *o, geo_err *err)
{
    const geo_status st = geo_writer_check(name, o->force, err);
    if (st < 0)
        return st;
    if (geo_output_is_direct(name))
        return geo_err_set(err, GEO_EARG, "cannot write '%s': this format needs a file, not a pipe or device", geo_name_shown(name));
    return geo_folder_new(name, geo_gdal_belongings(w->driver, name), o->force, &w->folder, err);
}

geo_status geo_gdal_create(const char *name, const geo_schema *schema, const geo_writer_options *o, geo_writer *writer, geo_err *err)
{
    GDALDriverH driver;
    geo_status st = geo_gdal_choose_driver(name, o->format, &driver, err);
    if (st < 0)
        return st;
    gdal_out *w = calloc(1, sizeof *w);
    if (!w || !(w->name = strdup(geo_name_shown(name)))) {
        free(w);
        return geo_err_nomem(err);
    }
    w->driver = driver;
    w->watch = o->watch;
    w->pass = o->pass;
    w->needs_geometry = geo_gdal_driver_is(driver, "FlatGeobuf");
    w->can_open = GDALGetMetadataItem(driver, GDAL_DCAP_OPEN, NULL) != NULL;
    st = copy_schema(w, schema, err);
    if (st == GEO_OK)
        st = check_format(w, name, err);
    if (st == GEO_OK)
        st = geo_postgis_is(name) ? open_table(w, name, o, err) : open_files(w, name, o, err);
    if (st == GEO_OK)
        st = create_layer(w, o, err);
    if (st == GEO_OK)
        st = create_fields(w, o->release, err);
    if (st < 0) {
        gdal_out_close(w);
        return st;
    }
    writer->sink = &SINK;
    writer->state = w;
    return GEO_OK;
}
