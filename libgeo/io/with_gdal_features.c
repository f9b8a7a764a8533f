/* Reading a layer feature by feature: fetch() takes a few thousand, decode() makes columns of them. */
#include "columns.h"
#include "with_gdal.h"
#include "with_gdal_read.h"

#include <cpl_error.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define FEATURES_AT_ONCE 4096

/* What fetch() leaves for decode(). */
typedef struct few {
    size_t n;
    OGRFeatureH f[FEATURES_AT_ONCE];
    bool damaged[FEATURES_AT_ONCE]; /* the geometry cannot be read */
} few;

static void drop(void *state, geo_piece *piece)
{
    (void)state;
    few *all = piece->foreign;
    for (size_t i = 0; all && i < all->n; i++)
        OGR_F_Destroy(all->f[i]);
    free(all);
    piece->foreign = NULL;
}

static bool reads_shapes(const geo_gdal_in *in)
{
    const size_t n = in->schema.fields_n;
    return n && in->place[n - 1] == GEO_GDAL_SHAPE; /* it is the last field */
}

static geo_status fetch(void *state, geo_piece *piece, geo_err *err)
{
    geo_gdal_in *in = state;
    drop(state, piece);
    few *all = piece->foreign = malloc(sizeof *all);
    if (!all)
        return geo_err_nomem(err);
    all->n = 0;
    CPLErrorReset();
    while (all->n < FEATURES_AT_ONCE) {
        if (geo_watch_stopped(in->watch))
            return geo_err_set(err, GEO_ESTOP, "interrupted");
        OGRFeatureH f = geo_gdal_next_feature(in, &piece->faults, (int64_t)all->n, &all->damaged[all->n]);
        if (!f)
            break;
        in->null_shapes_n += reads_shapes(in) && !all->damaged[all->n] && !OGR_F_GetGeomFieldRef(f, in->shape);
        all->f[all->n++] = f;
    }
    if (CPLGetLastErrorType() >= CE_Failure)
        return geo_err_set(err, GEO_EFORMAT, "cannot read '%s' beyond feature %lld: %s", in->name,
                           (long long)(in->rows_n + (int64_t)all->n), geo_gdal_hint());
    in->rows_n += (int64_t)all->n;
    geo_watch_progress(in->watch, in->name, in->rows_n, in->expected_n > 0 ? in->expected_n : 0);
    return all->n ? GEO_OK : geo_gdal_ended(in, err);
}

/* ---- columns ---- */

/* A text value, in the feature or in room. */
static const char *text_of(const geo_gdal_in *in, OGRFeatureH f, int field, char room[GEO_TIME_ROOM], size_t *n)
{
    if (in->type[field] == OFTDateTime || in->type[field] == OFTTime)
        return geo_gdal_time(in, f, field, room, n);
    const char *s = OGR_F_GetFieldAsString(f, field);
    *n = strlen(s);
    return s;
}

static bool text_column(const geo_gdal_in *in, const few *all, int field, geo_arena *arena, geo_column *out)
{
    char room[GEO_TIME_ROOM];
    int64_t *offsets = geo_arena_array(arena, all->n + 1, sizeof *offsets);
    char *text = NULL;
    for (int copying = 0; offsets && copying < 2; copying++) { /* first how much there is */
        int64_t at = offsets[0] = 0;
        for (size_t r = 0; r < all->n; r++) {
            size_t n = 0;
            const char *s = OGR_F_IsFieldSetAndNotNull(all->f[r], field) ? text_of(in, all->f[r], field, room, &n) : NULL;
            if (copying && n)
                memcpy(text + at, s, n);
            offsets[r + 1] = at += (int64_t)n;
        }
        if (!copying && !(text = geo_arena_alloc(arena, (size_t)at)))
            return false;
    }
    out->offsets = offsets;
    out->values = text;
    return text != NULL;
}

static bool number_column(const geo_gdal_in *in, const few *all, int field, geo_type type, geo_arena *arena, geo_column *out)
{
    void *values = geo_arena_array(arena, all->n + 1, 8);
    if (values)
        memset(values, 0, (all->n + 1) * 8);
    for (size_t r = 0; values && r < all->n; r++) {
        OGRFeatureH f = all->f[r];
        const bool there = field == GEO_GDAL_FID || OGR_F_IsFieldSetAndNotNull(f, field);
        if (type == GEO_BOOL)
            ((uint8_t *)values)[r] = there && OGR_F_GetFieldAsInteger(f, field) != 0;
        else if (type == GEO_DATE)
            (void)(there && geo_gdal_date(in, f, field, (int32_t *)values + r)); /* one that is none is null by now */
        else if (type == GEO_DOUBLE)
            ((double *)values)[r] = there ? OGR_F_GetFieldAsDouble(f, field) : 0;
        else
            ((int64_t *)values)[r] = !there ? 0 : field == GEO_GDAL_FID ? OGR_F_GetFID(f) : OGR_F_GetFieldAsInteger64(f, field);
    }
    out->values = values;
    return values != NULL;
}

static bool find_nulls(const few *all, int field, geo_arena *arena, geo_column *out)
{
    uint8_t *valid = geo_arena_alloc(arena, all->n / 8 + 1);
    if (!valid)
        return false;
    memset(valid, 0, all->n / 8 + 1);
    for (size_t r = 0; r < all->n; r++)
        valid[r / 8] |= (uint8_t)((field == GEO_GDAL_FID || OGR_F_IsFieldSetAndNotNull(all->f[r], field)) << r % 8);
    out->valid = valid;
    return true;
}

static geo_status add_shape(geo_shapes *shapes, OGRGeometryH g)
{
    if (!g)
        return geo_shapes_add_none(shapes);
    const int size = OGR_G_WkbSize(g);
    unsigned char *wkb = malloc((size_t)size + 1);
    geo_status st = wkb ? GEO_EGEOM : GEO_ENOMEM;
    if (wkb && OGR_G_ExportToIsoWkb(g, wkbNDR, wkb) == OGRERR_NONE)
        st = geo_shapes_add_wkb(shapes, wkb, (size_t)size);
    free(wkb);
    return st;
}

static bool shape_column(const geo_gdal_in *in, const few *all, geo_geometry_kind kind, geo_piece *piece, geo_column *out)
{
    geo_shapes shapes = {.only = kind};
    geo_status st = GEO_OK;
    for (size_t r = 0; st == GEO_OK && r < all->n; r++) {
        st = all->damaged[r] ? GEO_EGEOM : add_shape(&shapes, OGR_F_GetGeomFieldRef(all->f[r], in->shape));
        st = geo_shape_judge(piece, (int64_t)r, &shapes, st);
    }
    const bool ok = st == GEO_OK && geo_shapes_column(&shapes, &piece->arena, out);
    geo_shapes_clear(&shapes);
    return ok;
}

static geo_status decode(const void *state, geo_piece *piece, geo_err *err)
{
    const geo_gdal_in *in = state;
    const few *all = piece->foreign;
    geo_column *columns = geo_gdal_start_batch(in, piece, all->n);
    bool ok = columns != NULL;
    for (size_t i = 0; ok && i < in->schema.fields_n; i++) {
        const int field = in->place[i];
        const geo_type type = in->fields[i].type;
        if (field == GEO_GDAL_UNREAD)
            continue;
        if (type == GEO_GEOMETRY)
            ok = shape_column(in, all, in->fields[i].kind, piece, &columns[i]);
        else
            ok = find_nulls(all, field, &piece->arena, &columns[i])
                 && (type == GEO_TEXT ? text_column(in, all, field, &piece->arena, &columns[i])
                                      : number_column(in, all, field, type, &piece->arena, &columns[i]));
    }
    return ok && geo_gdal_end_batch(in, piece, columns) ? GEO_OK : geo_err_nomem(err);
}

static void close_features(void *state)
{
    geo_gdal_close(state);
}

void geo_gdal_start_features(geo_gdal_in *in, geo_reader *r)
{
    static const geo_driver DRIVER = {fetch, decode, drop, NULL, close_features};
    OGR_L_ResetReading(in->layer);
    r->driver = &DRIVER;
    r->state = in;
}
