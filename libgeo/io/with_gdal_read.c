/*
 * Reading through GDAL: every vector format by name, as Arrow record batches (OGR_L_GetArrowStream). fetch() takes one record batch;
 * decode() points columns at its buffers where the layouts agree and unpacks the geometries.
 */
#include "../table/shapes.h"
#include "source.h"
#include "with_gdal.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <errno.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_recordbatch.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define POINT_BATCH "65536"
#define SHAPE_BATCH "512" /* areas carry their vertices with them; small batches stay in the cache */

typedef struct source {
    GDALDatasetH dataset;
    OGRLayerH layer;
    struct ArrowArrayStream stream;
    bool streaming;
    geo_arena arena;
    geo_schema schema;
    geo_field *fields;
    int64_t *child;    /* child of the record batch that holds each field; -1: not read */
    char (*format)[8]; /* its Arrow format */
    ptrdiff_t class_at;
    int64_t rows_n, expected_n; /* expected_n < 0: unknown */
    geo_vec booleans; /* char *: names of fields that are boolean */
    geo_label label;
    geo_class raise;
    const geo_watch *watch;
    char name[256];
} source;

/* ---- fetching and decoding ---- */

static void drop(void *state, geo_piece *piece)
{
    (void)state;
    struct ArrowArray *array = piece->foreign;
    if (!array)
        return;
    if (array->release)
        array->release(array);
    free(array);
    piece->foreign = NULL;
}

static geo_status fetch(void *state, geo_piece *piece, geo_err *err)
{
    source *s = state;
    drop(state, piece);
    if (geo_watch_stopped(s->watch))
        return geo_err_set(err, GEO_ESTOP, "interrupted");
    struct ArrowArray *array = calloc(1, sizeof *array);
    if (!array)
        return geo_err_nomem(err);
    piece->foreign = array;
    do {
        if (array->release)
            array->release(array);
        CPLErrorReset();
        const int failed = s->stream.get_next(&s->stream, array);
        if (failed || CPLGetLastErrorType() >= CE_Failure)
            return geo_err_set(err, GEO_EFORMAT, "cannot read '%s' beyond feature %lld: %s", s->name, (long long)s->rows_n,
                               geo_gdal_said((char[GEO_GDAL_SAID]){0}));
    } while (array->release && array->length == 0);
    if (array->release) {
        s->rows_n += array->length;
        geo_watch_progress(s->watch, s->name, s->rows_n, s->expected_n > 0 ? s->expected_n : 0);
        return GEO_OK;
    }
    if (s->expected_n >= 0 && s->rows_n < s->expected_n)
        return geo_err_set(err, GEO_EFORMAT, "'%s' is damaged or cut short: it ends after %lld of %lld features", s->name,
                           (long long)s->rows_n, (long long)s->expected_n);
    return GEO_DONE;
}

static const uint8_t *validity(const struct ArrowArray *a, geo_arena *arena, bool *ok)
{
    const uint8_t *bits = a->buffers[0];
    if (!bits || a->null_count == 0)
        return NULL;
    if (a->offset == 0)
        return bits;
    uint8_t *moved = geo_arena_alloc(arena, (size_t)a->length / 8 + 1);
    *ok &= moved != NULL;
    for (int64_t r = 0; moved && r < a->length; r++) {
        const int64_t from = r + a->offset;
        moved[r / 8] = (uint8_t)((r % 8 ? moved[r / 8] : 0) | (bits[from / 8] >> from % 8 & 1) << r % 8);
    }
    return moved;
}

/* Start and end of binary or text value r, with 32- or 64-bit offsets. */
static const char *bytes_of(const struct ArrowArray *a, const char *format, int64_t r, size_t *n)
{
    const int64_t i = r + a->offset;
    int64_t from, to;
    if (format[0] == 'U' || format[0] == 'Z') {
        from = ((const int64_t *)a->buffers[1])[i];
        to = ((const int64_t *)a->buffers[1])[i + 1];
    } else {
        from = ((const int32_t *)a->buffers[1])[i];
        to = ((const int32_t *)a->buffers[1])[i + 1];
    }
    *n = (size_t)(to - from);
    return (const char *)a->buffers[2] + from;
}

static bool text_column(const struct ArrowArray *a, const char *format, geo_arena *arena, geo_column *out)
{
    int64_t *offsets = geo_arena_array(arena, (size_t)a->length + 1, sizeof *offsets);
    if (!offsets)
        return false;
    for (int64_t r = 0; r <= a->length; r++)
        offsets[r] = format[0] == 'U' ? ((const int64_t *)a->buffers[1])[r + a->offset] : ((const int32_t *)a->buffers[1])[r + a->offset];
    out->offsets = offsets;
    out->values = a->buffers[2];
    return true;
}

/* Arrow times become text: they are read by people and carried along, never computed with. */
static bool time_column(const struct ArrowArray *a, const char *format, geo_arena *arena, geo_column *out)
{
    enum { ROOM = 24 };
    int64_t *offsets = geo_arena_array(arena, (size_t)a->length + 1, sizeof *offsets);
    char *text = geo_arena_array(arena, (size_t)a->length + 1, ROOM);
    if (!offsets || !text)
        return false;
    int64_t at = 0;
    offsets[0] = 0;
    for (int64_t r = 0; r < a->length; r++) {
        const int64_t i = r + a->offset;
        const int64_t ms = format[1] == 's' ? ((const int64_t *)a->buffers[1])[i] : ((const int32_t *)a->buffers[1])[i];
        int64_t day = ms / 86400000, rest = ms % 86400000;
        if (rest < 0) {
            rest += 86400000;
            day--;
        }
        int year, month, date;
        geo_date_civil((int32_t)day, &year, &month, &date);
        const int h = (int)(rest / 3600000), m = (int)(rest / 60000 % 60), sec = (int)(rest / 1000 % 60);
        const int n = format[1] == 's' ? snprintf(text + at, ROOM, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, date, h, m, sec)
                                       : snprintf(text + at, ROOM, "%02d:%02d:%02d", h, m, sec);
        at += n > 0 && n < ROOM ? n : 0;
        offsets[r + 1] = at;
    }
    out->offsets = offsets;
    out->values = text;
    return true;
}

static bool number_column(const struct ArrowArray *a, const char *format, geo_type type, geo_arena *arena, geo_column *out)
{
    const char f = format[0];
    const void *from = a->buffers[1];
    if (f == 'l' || f == 'g') {
        out->values = (const char *)from + 8 * a->offset;
        return true;
    }
    if (type == GEO_DATE) {
        out->values = (const char *)from + 4 * a->offset;
        return true;
    }
    void *values = geo_arena_array(arena, (size_t)a->length + 1, 8);
    for (int64_t r = 0; values && r < a->length; r++) {
        const int64_t i = r + a->offset;
        switch (f) {
        case 'i':
            if (type == GEO_BOOL)
                ((uint8_t *)values)[r] = ((const int32_t *)from)[i] != 0;
            else
                ((int64_t *)values)[r] = ((const int32_t *)from)[i];
            break;
        case 's': ((int64_t *)values)[r] = ((const int16_t *)from)[i]; break;
        case 'c': ((int64_t *)values)[r] = ((const int8_t *)from)[i]; break;
        case 'f': ((double *)values)[r] = ((const float *)from)[i]; break;
        default: ((uint8_t *)values)[r] = ((const uint8_t *)from)[i / 8] >> i % 8 & 1; break;
        }
    }
    out->values = values;
    return values != NULL;
}

static geo_status geometry_column(const struct ArrowArray *a, const char *format, const uint8_t *valid, geo_piece *piece, geo_column *out)
{
    geo_shapes shapes = {0};
    geo_status st = GEO_OK;
    for (int64_t r = 0; st == GEO_OK && r < a->length; r++) {
        size_t n = 0;
        const bool there = !valid || (valid[r / 8] >> r % 8 & 1);
        const char *wkb = there ? bytes_of(a, format, r, &n) : NULL;
        st = n ? geo_shapes_add_wkb(&shapes, wkb, n) : geo_shapes_add_none(&shapes);
        if (st == GEO_EGEOM) {
            geo_faults_add(&piece->faults, GEO_FAULT_GEOMETRY, r);
            st = geo_shapes_add_bad(&shapes);
        }
    }
    if (st == GEO_OK && !geo_shapes_column(&shapes, &piece->arena, out))
        st = GEO_ENOMEM;
    geo_shapes_clear(&shapes);
    return st;
}

static bool row_classes(const source *s, geo_piece *piece)
{
    const geo_column *c = &piece->batch.columns[s->class_at];
    uint8_t *row_class = geo_arena_alloc(&piece->arena, piece->batch.rows_n + 1);
    for (size_t r = 0; row_class && r < piece->batch.rows_n; r++) {
        size_t n;
        const char *word = geo_column_text(c, r, &n);
        geo_class k = s->label.class_;
        if (c->type != GEO_TEXT || (n && !geo_class_parse(word, n, &k))) {
            k = GEO_CLASS_SPECIAL;
            geo_faults_add(&piece->faults, GEO_FAULT_CLASS, (int64_t)r);
        }
        row_class[r] = (uint8_t)geo_class_join(k, s->raise);
    }
    piece->batch.row_class = row_class;
    return row_class != NULL;
}

static geo_status decode(const void *state, geo_piece *piece, geo_err *err)
{
    const source *s = state;
    const struct ArrowArray *array = piece->foreign;
    geo_column *columns = geo_arena_array(&piece->arena, s->schema.fields_n + 1, sizeof *columns);
    if (!columns)
        return geo_err_nomem(err);
    piece->batch = (geo_batch){.rows_n = (size_t)array->length, .schema = &s->schema, .columns = columns, .class_ = s->label.class_};
    piece->lines_n = array->length;
    for (size_t i = 0; i < s->schema.fields_n; i++) {
        const geo_type type = s->fields[i].type;
        columns[i] = (geo_column){.type = type, .held = s->child[i] >= 0};
        if (s->child[i] < 0)
            continue;
        const struct ArrowArray *a = array->children[s->child[i]];
        const char *format = s->format[i];
        bool ok = true;
        const uint8_t *valid = validity(a, &piece->arena, &ok);
        columns[i].valid = valid;
        if (type == GEO_GEOMETRY)
            ok = ok && geometry_column(a, format, valid, piece, &columns[i]) == GEO_OK;
        else if (type == GEO_TEXT && format[0] == 't')
            ok = ok && time_column(a, format, &piece->arena, &columns[i]);
        else if (type == GEO_TEXT)
            ok = ok && text_column(a, format, &piece->arena, &columns[i]);
        else
            ok = ok && number_column(a, format, type, &piece->arena, &columns[i]);
        if (!ok)
            return geo_err_nomem(err);
    }
    return s->class_at >= 0 && !row_classes(s, piece) ? geo_err_nomem(err) : GEO_OK;
}

static void gdal_close(void *state)
{
    source *s = state;
    if (!s)
        return;
    if (s->streaming)
        s->stream.release(&s->stream);
    if (s->dataset)
        GDALClose(s->dataset);
    geo_vec_clear(&s->booleans);
    geo_arena_clear(&s->arena);
    free(s);
}

static const geo_driver DRIVER = {fetch, decode, drop, gdal_close};

/* ---- opening ---- */

static geo_status open_dataset(source *s, const char *name, geo_err *err)
{
    char path[4096];
    struct stat about;
    if (!geo_gdal_name(name, path, sizeof path))
        return geo_err_set(err, GEO_EARG, "the name of a file is longer than %zu characters", sizeof path);
    const bool plain_file = strncmp(name, "/vsi", 4) != 0 && !strstr(name, ":");
    if (plain_file && stat(name, &about) != 0)
        return geo_err_set(err, GEO_EIO, "cannot open '%s': %s", name, strerror(errno));
    const size_t n = strlen(path);
    const bool gml = n > 4 && strcasecmp(path + n - 4, ".gml") == 0;
    const char *const options[] = {gml ? "WRITE_GFS=NO" : NULL, NULL}; /* reading leaves nothing behind */
    CPLErrorReset();
    s->dataset = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, NULL, options, NULL);
    if (s->dataset)
        return GEO_OK;
    if (plain_file && S_ISDIR(about.st_mode))
        return geo_err_set(err, GEO_EIO, "'%s' is a directory, not a table", name);
    if (plain_file && about.st_size == 0)
        return geo_err_set(err, GEO_EFORMAT, "'%s' is empty", name);
    return geo_err_set(err, GEO_EFORMAT, "cannot open '%s' as a table: %s", name,
                       CPLGetLastErrorType() >= CE_Failure ? geo_gdal_said((char[GEO_GDAL_SAID]){0})
                                                           : "no format that GDAL knows fits it (CSV files end in .csv)");
}

static geo_status choose_layer(source *s, const char *layer, geo_err *err)
{
    const int n = GDALDatasetGetLayerCount(s->dataset);
    char names[300] = "";
    size_t k = 0;
    for (int i = 0; i < n && k < 200; i++)
        k += (size_t)snprintf(names + k, sizeof names - k, "%s%.60s", i ? ", " : "", OGR_L_GetName(GDALDatasetGetLayer(s->dataset, i)));
    if (n == 0)
        return geo_err_set(err, GEO_EFORMAT, "'%s' has no layers", s->name);
    if (!layer && n > 1)
        return geo_err_set(err, GEO_EARG, "'%s' has %d layers, name one (FILE:LAYER, --layer, or tables=NAME in a PG: connection): %s",
                           s->name, n, names);
    s->layer = layer ? GDALDatasetGetLayerByName(s->dataset, layer) : GDALDatasetGetLayer(s->dataset, 0);
    return s->layer ? GEO_OK : geo_err_set(err, GEO_EARG, "'%s' has no layer '%s'; there are: %s", s->name, layer, names);
}

/* "EPSG:27700", OGC:CRS84 for WGS 84 longitude and latitude, else WKT; NULL when the layer has none. */
static const char *crs_text(source *s, OGRSpatialReferenceH srs)
{
    if (!srs)
        return NULL;
    const char *authority = OSRGetAuthorityName(srs, NULL), *code = OSRGetAuthorityCode(srs, NULL);
    char text[64];
    if (authority && code && snprintf(text, sizeof text, "%s:%s", authority, code) < (int)sizeof text)
        return geo_arena_text(&s->arena, strcmp(text, "EPSG:4326") ? text : "OGC:CRS84",
                              strlen(strcmp(text, "EPSG:4326") ? text : "OGC:CRS84"));
    char *wkt = NULL;
    const char *const options[] = {"FORMAT=WKT2_2019", NULL};
    const char *out = NULL;
    if (OSRExportToWktEx(srs, &wkt, options) == OGRERR_NONE && wkt && *wkt)
        out = geo_arena_text(&s->arena, wkt, strlen(wkt));
    CPLFree(wkt);
    return out;
}

/* Our type for an Arrow format; false for what a table cannot carry (lists, blobs). */
static bool type_of(const char *format, geo_type *type)
{
    switch (format[0]) {
    case 'b': *type = GEO_BOOL; return format[1] == '\0';
    case 'c':
    case 's':
    case 'i':
    case 'l': *type = GEO_INT; return format[1] == '\0';
    case 'f':
    case 'g': *type = GEO_DOUBLE; return format[1] == '\0';
    case 'u':
    case 'U': *type = GEO_TEXT; return true;
    case 't':
        if (strcmp(format, "tdD") == 0) {
            *type = GEO_DATE;
            return true;
        }
        *type = GEO_TEXT;
        return strncmp(format, "tsm", 3) == 0 || strcmp(format, "ttm") == 0;
    default: return false;
    }
}

static geo_geometry_kind kind_of(OGRwkbGeometryType type)
{
    const OGRwkbGeometryType flat = wkbFlatten(type);
    return flat >= wkbPoint && flat <= wkbMultiPolygon ? (geo_geometry_kind)flat : GEO_NO_GEOMETRY;
}

/*
 * GDAL before 3.8.3 fills boolean columns of record batches wrongly. Taken for integers they are right; read_fields finds them by their
 * names and makes them boolean again.
 */
static bool hide_booleans(source *s)
{
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(s->layer);
    for (int i = 0; i < OGR_FD_GetFieldCount(defn); i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(defn, i);
        if (OGR_Fld_GetSubType(field) != OFSTBoolean)
            continue;
        if (!geo_vec_reserve(&s->booleans, 1, sizeof(char *)))
            return false;
        const char *name = OGR_Fld_GetNameRef(field);
        char *copy = geo_arena_text(&s->arena, name, strlen(name));
        if (!copy)
            return false;
        ((char **)s->booleans.items)[s->booleans.n++] = copy;
        OGR_Fld_SetSubType(field, OFSTNone);
    }
    return true;
}

static bool is_boolean(const source *s, const char *name)
{
    for (size_t i = 0; i < s->booleans.n; i++)
        if (strcmp(((char *const *)s->booleans.items)[i], name) == 0)
            return true;
    return false;
}

/* The fields of the layer, from the schema of its Arrow stream. */
static geo_status read_fields(source *s, const geo_reader_options *o, const struct ArrowSchema *arrow, const char *geometry,
                              const char *crs, geo_err *err)
{
    const size_t most = (size_t)arrow->n_children + 1;
    s->fields = geo_arena_array(&s->arena, most, sizeof *s->fields);
    s->child = geo_arena_array(&s->arena, most, sizeof *s->child);
    s->format = geo_arena_array(&s->arena, most, sizeof *s->format);
    if (!s->fields || !s->child || !s->format)
        return geo_err_nomem(err);
    size_t n = 0;
    ptrdiff_t geometry_child = -1;
    for (int64_t i = 0; i < arrow->n_children; i++) {
        const struct ArrowSchema *child = arrow->children[i];
        geo_type type;
        if ((child->format[0] == 'z' || child->format[0] == 'Z') && strcmp(child->name, geometry) == 0) {
            geometry_child = i;
            continue;
        }
        if (!type_of(child->format, &type)) {
            geo_watch_note(s->watch, "field '%s' of '%s' holds lists or bytes, which a table cannot carry: left out", child->name, s->name);
            continue;
        }
        s->fields[n] = (geo_field){.name = geo_arena_text(&s->arena, child->name, strlen(child->name)), .type = type};
        if (!s->fields[n].name)
            return geo_err_nomem(err);
        if (is_boolean(s, child->name) && child->format[0] == 'i')
            s->fields[n] = (geo_field){.name = s->fields[n].name, .type = GEO_BOOL};
        s->child[n] = geo_reader_asked_for(o, child->name) ? i : -1;
        snprintf(s->format[n++], sizeof *s->format, "%s", child->format);
    }
    if (geometry_child >= 0) {
        s->fields[n] = (geo_field){.name = geo_arena_text(&s->arena, geometry, strlen(geometry)), .type = GEO_GEOMETRY, .crs = crs};
        s->fields[n].kind = kind_of(OGR_L_GetGeomType(s->layer));
        s->child[n] = o->want_geometry || o->try_geometry ? geometry_child : -1;
        snprintf(s->format[n++], sizeof *s->format, "%s", arrow->children[geometry_child]->format);
    } else if (o->want_geometry) {
        return geo_err_set(err, GEO_EARG, "'%s' has no geometry", s->name);
    }
    s->schema = (geo_schema){n, s->fields};
    s->class_at = geo_schema_find(&s->schema, GEO_CLASS_COLUMN);
    return geo_schema_check_class(&s->schema, s->name, err);
}

/* Tell the driver which attributes nobody will look at. */
static void ignore_fields(source *s, const geo_reader_options *o)
{
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(s->layer);
    char **ignored = NULL;
    const int n = OGR_FD_GetFieldCount(defn);
    for (int i = 0; i < n && !o->where; i++) { /* a filter looks at fields of its own */
        const char *name = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(defn, i));
        const bool last_left = i == n - 1 && CSLCount(ignored) == n - 1; /* GDAL 3.6 loses the geometry when all are ignored */
        if (!geo_reader_asked_for(o, name) && !last_left)
            ignored = CSLAddString(ignored, name);
    }
    if (ignored)
        OGR_L_SetIgnoredFields(s->layer, (const char **)ignored);
    CSLDestroy(ignored);
}

static geo_status start_stream(source *s, const geo_reader_options *o, geo_err *err)
{
    const char *geometry = OGR_L_GetGeometryColumn(s->layer);
    if (!geometry || !*geometry)
        geometry = "wkb_geometry";
    const bool points = wkbFlatten(OGR_L_GetGeomType(s->layer)) == wkbPoint || OGR_L_GetGeomType(s->layer) == wkbNone;
    const char *const options[] = {"INCLUDE_FID=NO", points ? "MAX_FEATURES_IN_BATCH=" POINT_BATCH : "MAX_FEATURES_IN_BATCH=" SHAPE_BATCH,
                                   NULL};
    if (o->columns) {
        for (const char *const *name = o->columns; *name; name++) { /* before the driver forgets them: a good message needs all names */
            OGRFeatureDefnH defn = OGR_L_GetLayerDefn(s->layer);
            const int n = OGR_FD_GetFieldCount(defn);
            geo_field *all = geo_arena_array(&s->arena, (size_t)n + 1, sizeof *all);
            if (!all)
                return geo_err_nomem(err);
            for (int i = 0; i < n; i++)
                all[i] = (geo_field){.name = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(defn, i))};
            const geo_schema names = {(size_t)n, all};
            if (geo_schema_find(&names, *name) < 0)
                return geo_err_wrap(err, geo_schema_missing(&names, *name, err), "'%s'", s->name);
        }
        ignore_fields(s, o);
    }
    if (o->where) { /* some drivers look at the filter only when they read */
        CPLErrorReset();
        const bool taken = OGR_L_SetAttributeFilter(s->layer, o->where) == OGRERR_NONE;
        OGRFeatureH f = taken ? OGR_L_GetNextFeature(s->layer) : NULL;
        OGR_F_Destroy(f);
        OGR_L_ResetReading(s->layer);
        if (!taken || (!f && CPLGetLastErrorType() >= CE_Failure))
            return geo_err_set(err, GEO_EARG, "--where: '%s' does not understand the filter: %s", s->name,
                               geo_gdal_said((char[GEO_GDAL_SAID]){0}));
    }
    s->expected_n = o->where ? -1 : OGR_L_GetFeatureCount(s->layer, FALSE);
    if (!hide_booleans(s))
        return geo_err_nomem(err);
    struct ArrowSchema arrow;
    if (!OGR_L_GetArrowStream(s->layer, &s->stream, (char **)options))
        return geo_err_set(err, GEO_EFORMAT, "cannot read '%s': %s", s->name, geo_gdal_said((char[GEO_GDAL_SAID]){0}));
    s->streaming = true;
    if (s->stream.get_schema(&s->stream, &arrow) != 0)
        return geo_err_set(err, GEO_EFORMAT, "cannot read '%s': %s", s->name, geo_gdal_said((char[GEO_GDAL_SAID]){0}));
    const char *crs = o->crs ? geo_arena_text(&s->arena, o->crs, strlen(o->crs)) : crs_text(s, OGR_L_GetSpatialRef(s->layer));
    const geo_status st = read_fields(s, o, &arrow, geometry, crs, err);
    arrow.release(&arrow);
    return st;
}

geo_status geo_gdal_open(const char *name, const geo_reader_options *o, geo_reader *r, geo_err *err)
{
    source *s = calloc(1, sizeof *s);
    if (!s)
        return geo_err_nomem(err);
    strncat(s->name, strncasecmp(name, "PG:", 3) ? name : "the PostGIS database",
            sizeof s->name - 1); /* a connection may hold a password */
    s->label = o->label;
    s->label.class_ = geo_class_join(o->label.class_, o->raise);
    s->raise = o->raise;
    s->watch = o->watch;
    geo_status st = open_dataset(s, name, err);
    if (st == GEO_OK)
        st = choose_layer(s, o->layer, err);
    if (st == GEO_OK)
        st = start_stream(s, o, err);
    if (st < 0) {
        gdal_close(s);
        return st;
    }
    r->driver = &DRIVER;
    r->state = s;
    r->schema = s->schema;
    r->has_text = false;
    r->unit = "feature";
    r->next_line = 1;
    return GEO_OK;
}
