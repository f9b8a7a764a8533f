/* Writing through GDAL: any vector format with a file. GDAL writes into the hidden directory of folder.c. */
#include "../core/vec.h"
#include "../table/column.h"
#include "../table/shapes.h"
#include "sink.h"
#include "with_gdal.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define ROWS_A_TRANSACTION 65536

typedef struct gdal_out {
    GDALDatasetH dataset;
    OGRLayerH layer;
    geo_schema schema;
    const geo_field *fields;
    int *ogr_field; /* position in the layer, -1: not written */
    int class_field;
    ptrdiff_t class_at, geometry;
    bool in_transaction, can_open, needs_geometry;
    size_t rows_n;
    char *name;
    geo_folder *folder;
    geo_vec wkb;
    const geo_watch *watch;
    geo_arena arena;
} gdal_out;

/* Databases, memory and programs are no files. */
static bool writes_files(GDALDriverH d)
{
    const char *through_files = GDALGetMetadataItem(d, GDAL_DCAP_VIRTUALIO, NULL);
    return GDALGetMetadataItem(d, GDAL_DCAP_VECTOR, NULL) && GDALGetMetadataItem(d, GDAL_DCAP_CREATE, NULL)
           && ((through_files && strcasecmp(through_files, "YES") == 0)
               || (GDALGetMetadataItem(d, GDAL_DMD_EXTENSIONS, NULL) && !GDALGetMetadataItem(d, GDAL_DMD_CONNECTION_PREFIX, NULL)));
}

/* What a reader takes along with a file of this format, besides what this GDAL writes. */
static const char *const *belongings_of(GDALDriverH driver, const char *name)
{
    static const char *const SHAPE[] = {".shp", ".shx", ".dbf", ".sbn", ".sbx", ".prj", ".idm", ".ind", ".qix", ".cpg", ".qpj", NULL};
    static const char *const SQLITE[] = {"-wal", "-shm", "-journal", NULL}; /* an old log would be played into the new file */
    const char *is = GDALGetDriverShortName(driver);
    const size_t n = strlen(name);
    if (strcmp(is, "ESRI Shapefile") == 0)
        return n > 4 && strcasecmp(name + n - 4, ".shp") == 0 ? SHAPE : NULL;
    return strcmp(is, "GPKG") == 0 || strcmp(is, "SQLite") == 0 || strcmp(is, "MBTiles") == 0 ? SQLITE : NULL;
}

/* The driver that writes a format by its short name, or files with this extension. */
static GDALDriverH find_driver(const char *name, const char *format)
{
    const char *dot = strrchr(name, '.'), *slash = strrchr(name, '/');
    if (!format && (!dot || (slash && dot < slash)))
        return NULL;
    for (int i = 0; i < GDALGetDriverCount(); i++) {
        GDALDriverH d = GDALGetDriver(i);
        if (!writes_files(d))
            continue;
        if (format) {
            if (strcasecmp(GDALGetDriverShortName(d), format) == 0)
                return d;
            continue;
        }
        const char *extensions = GDALGetMetadataItem(d, GDAL_DMD_EXTENSIONS, NULL);
        char **list = extensions ? CSLTokenizeString2(extensions, " ", 0) : NULL;
        const bool fits = CSLFindString(list, dot + 1) >= 0;
        CSLDestroy(list);
        if (fits)
            return d;
    }
    return NULL;
}

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
    const OGRErr failed = OGR_L_CreateField(w->layer, defn, TRUE);
    OGR_Fld_Destroy(defn);
    return failed == OGRERR_NONE ? OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(w->layer)) - 1 : -1;
}

static OGRwkbGeometryType layer_type(const geo_field *f)
{
    if (!f)
        return wkbNone;
    return f->kind == GEO_POLYGON ? wkbMultiPolygon : (OGRwkbGeometryType)f->kind; /* 0 is wkbUnknown: any */
}

static geo_status create_layer(gdal_out *w, GDALDriverH driver, const geo_writer_options *o, geo_err *err)
{
    const geo_field *g = w->geometry >= 0 ? &w->fields[w->geometry] : NULL;
    OGRSpatialReferenceH srs = NULL;
    if (g && g->crs) {
        srs = OSRNewSpatialReference(NULL);
        if (OSRSetFromUserInput(srs, g->crs) != OGRERR_NONE) {
            OSRDestroySpatialReference(srs);
            return geo_err_set(err, GEO_ECRS, "'%s' is no coordinate reference system", g->crs);
        }
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    }
    const char *slash = strrchr(w->name, '/'), *base = slash ? slash + 1 : w->name, *dot = strchr(base, '.');
    char layer[256];
    snprintf(layer, sizeof layer, "%.*s",
             o->layer            ? (int)strlen(o->layer)
             : dot && dot > base ? (int)(dot - base)
                                 : (int)strlen(base),
             o->layer ? o->layer : base);
    CPLErrorReset();
    w->dataset = GDALCreate(driver, geo_folder_inside(w->folder), 0, 0, 0, GDT_Unknown, NULL);
    /* FlatGeobuf's spatial index would drop rows without geometry and change their order */
    const bool flatgeobuf = strcmp(GDALGetDriverShortName(driver), "FlatGeobuf") == 0,
               shape = strcmp(GDALGetDriverShortName(driver), "ESRI Shapefile") == 0;
    const char *const plain[] = {flatgeobuf ? "SPATIAL_INDEX=NO" : shape ? "ENCODING=UTF-8" : NULL, NULL};
    if (w->dataset)
        w->layer = GDALDatasetCreateLayer(w->dataset, layer, srs, layer_type(g), (char **)plain);
    if (srs)
        OSRRelease(srs);
    return w->layer ? GEO_OK : geo_err_set(err, GEO_EIO, "cannot create '%s': %s", w->name, geo_gdal_said((char[GEO_GDAL_SAID]){0}));
}

static geo_status create_fields(gdal_out *w, bool release, const geo_watch *watch, geo_err *err)
{
    w->class_field = -1;
    for (size_t i = 0; i < w->schema.fields_n; i++) {
        const bool is_class = (ptrdiff_t)i == w->class_at;
        w->ogr_field[i] = -1;
        if (w->fields[i].type == GEO_GEOMETRY || (is_class && release))
            continue;
        w->ogr_field[i] = add_field(w, w->fields[i].name, w->fields[i].type);
        if (w->ogr_field[i] < 0)
            return geo_err_set(err, GEO_EIO, "cannot create field '%s' in '%s': %s", w->fields[i].name, w->name,
                               geo_gdal_said((char[GEO_GDAL_SAID]){0}));
        const char *made = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(OGR_L_GetLayerDefn(w->layer), w->ogr_field[i]));
        if (strcmp(made, w->fields[i].name) != 0)
            geo_watch_note(watch, "'%s' cannot hold the name of field '%s': it is called '%s' there", w->name, w->fields[i].name, made);
        if (is_class)
            w->class_field = w->ogr_field[i];
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

static void set_value(OGRFeatureH f, int at, const geo_column *c, size_t r, geo_vec *text)
{
    if (!c->held || geo_column_is_null(c, r)) {
        OGR_F_SetFieldNull(f, at);
        return;
    }
    const size_t v = c->index ? (size_t)c->index[r] : r;
    int year, month, day;
    size_t n;
    const char *s;
    switch (c->type) {
    case GEO_INT: OGR_F_SetFieldInteger64(f, at, ((const int64_t *)c->values)[v]); break;
    case GEO_DOUBLE: OGR_F_SetFieldDouble(f, at, ((const double *)c->values)[v]); break;
    case GEO_BOOL: OGR_F_SetFieldInteger(f, at, ((const uint8_t *)c->values)[v]); break;
    case GEO_DATE:
        geo_date_civil(((const int32_t *)c->values)[v], &year, &month, &day);
        OGR_F_SetFieldDateTime(f, at, year, month, day, 0, 0, 0, 0);
        break;
    default:
        s = geo_column_text(c, r, &n);
        text->n = 0;
        if (geo_vec_reserve(text, n + 1, 1)) {
            memcpy(text->items, s, n);
            ((char *)text->items)[n] = '\0';
            OGR_F_SetFieldString(f, at, text->items);
        }
    }
}

/* A layer of multipolygons takes single polygons as multipolygons of one. */
static void set_geometry(gdal_out *w, OGRFeatureH f, const geo_column *c, size_t r)
{
    w->wkb.n = 0;
    if (geo_column_is_null(c, r) || !geo_geometries_wkb(c->geometries, c->index ? (size_t)c->index[r] : r, &w->wkb))
        return;
    OGRGeometryH g = NULL;
    if (OGR_G_CreateFromWkb(w->wkb.items, NULL, &g, (int)w->wkb.n) != OGRERR_NONE)
        return;
    if (w->fields[w->geometry].kind == GEO_POLYGON)
        g = OGR_G_ForceToMultiPolygon(g);
    OGR_F_SetGeometryDirectly(f, g);
}

static geo_status put(void *state, const geo_batch *b, const geo_bytes *bytes, geo_err *err)
{
    (void)bytes;
    gdal_out *w = state;
    geo_vec text = {0};
    geo_status st = GEO_OK;
    for (size_t r = 0; st == GEO_OK && r < b->rows_n; r++) {
        if (geo_watch_stopped(w->watch)) {
            st = geo_err_set(err, GEO_ESTOP, "interrupted");
            break;
        }
        if (w->needs_geometry && w->geometry >= 0 && geo_column_is_null(&b->columns[w->geometry], r)) {
            st = geo_err_set(err, GEO_EARG,
                             "'%s': GDAL's FlatGeobuf loses rows without coordinates, and there are some: write .gpkg or .csv", w->name);
            break;
        }
        if (w->rows_n++ % ROWS_A_TRANSACTION == 0) {
            if (w->in_transaction)
                GDALDatasetCommitTransaction(w->dataset);
            w->in_transaction =
                GDALDatasetTestCapability(w->dataset, ODsCTransactions) && GDALDatasetStartTransaction(w->dataset, FALSE) == OGRERR_NONE;
        }
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(w->layer));
        for (size_t i = 0; i < w->schema.fields_n; i++)
            if (w->ogr_field[i] >= 0 && w->ogr_field[i] != w->class_field)
                set_value(f, w->ogr_field[i], &b->columns[i], r, &text);
        if (w->class_field >= 0)
            OGR_F_SetFieldString(f, w->class_field, geo_class_name(geo_batch_class(b, r)));
        if (w->geometry >= 0)
            set_geometry(w, f, &b->columns[w->geometry], r);
        CPLErrorReset();
        if (OGR_L_CreateFeature(w->layer, f) != OGRERR_NONE)
            st = geo_err_set(err, GEO_EIO, "cannot write '%s': %s", w->name, geo_gdal_said((char[GEO_GDAL_SAID]){0}));
        OGR_F_Destroy(f);
    }
    geo_vec_clear(&text);
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

static geo_status finish(void *state, geo_err *err)
{
    gdal_out *w = state;
    CPLErrorReset();
    if (w->in_transaction && GDALDatasetCommitTransaction(w->dataset) != OGRERR_NONE)
        return geo_err_set(err, GEO_EIO, "cannot write '%s': %s", w->name, geo_gdal_said((char[GEO_GDAL_SAID]){0}));
    w->in_transaction = false;
    GDALClose(w->dataset);
    w->dataset = NULL;
    if (CPLGetLastErrorType() >= CE_Failure)
        return geo_err_set(err, GEO_EIO, "cannot write '%s': %s", w->name, geo_gdal_said((char[GEO_GDAL_SAID]){0}));
    const geo_status st = count_again(w, err);
    return st < 0 ? st : geo_folder_commit(w->folder, err);
}

static void gdal_out_close(void *state)
{
    gdal_out *w = state;
    if (!w)
        return;
    if (w->in_transaction)
        GDALDatasetRollbackTransaction(w->dataset);
    if (w->dataset)
        GDALClose(w->dataset);
    geo_folder_close(w->folder);
    geo_vec_clear(&w->wkb);
    geo_arena_clear(&w->arena);
    free(w->name);
    free(w);
}

static const geo_sink SINK = {encode, put, finish, gdal_out_close};

static geo_status copy_schema(gdal_out *w, const geo_schema *schema, geo_err *err)
{
    w->ogr_field = geo_arena_array(&w->arena, schema->fields_n + 1, sizeof *w->ogr_field);
    if (!w->ogr_field || !geo_schema_copy(&w->arena, schema, &w->schema))
        return geo_err_nomem(err);
    w->fields = w->schema.fields;
    w->class_at = geo_schema_find(&w->schema, GEO_CLASS_COLUMN);
    w->geometry = geo_schema_geometry(&w->schema);
    return GEO_OK;
}

geo_status geo_gdal_create(const char *name, const geo_schema *schema, const geo_writer_options *o, geo_writer *writer, geo_err *err)
{
    GDALDriverH driver = find_driver(name, o->format);
    if (!driver)
        return geo_err_set(err, GEO_EARG,
                           "no format that can be written is called '%s': use .csv, .gpkg, .fgb, .geojson or .shp, or --format",
                           o->format ? o->format : name);
    if (strcmp(name, "-") == 0)
        return geo_err_set(err, GEO_EARG, "format '%s' cannot go through a pipe: name a file with -o", o->format ? o->format : "?");
    geo_status st = geo_writer_check(name, o->force, err);
    struct stat about;
    if (st == GEO_OK && stat(name, &about) == 0 && !S_ISREG(about.st_mode))
        st = geo_err_set(err, GEO_EARG, "cannot write '%s': this format needs a file, not a pipe or device", name);
    if (st < 0)
        return st;
    gdal_out *w = calloc(1, sizeof *w);
    if (!w || !(w->name = strdup(name))) {
        free(w);
        return geo_err_nomem(err);
    }
    w->watch = o->watch;
    w->needs_geometry = strcmp(GDALGetDriverShortName(driver), "FlatGeobuf") == 0;
    w->can_open = GDALGetMetadataItem(driver, GDAL_DCAP_OPEN, NULL) != NULL;
    st = copy_schema(w, schema, err);
    if (st == GEO_OK)
        st = geo_folder_new(name, belongings_of(driver, name), o->force, &w->folder, err);
    if (st == GEO_OK)
        st = create_layer(w, driver, o, err);
    if (st == GEO_OK)
        st = create_fields(w, o->release, o->watch, err);
    if (st < 0) {
        gdal_out_close(w);
        return st;
    }
    writer->sink = &SINK;
    writer->state = w;
    return GEO_OK;
}
