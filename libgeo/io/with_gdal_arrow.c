/*
 * Reading a layer as Arrow record batches (OGR_L_GetArrowStream). fetch() takes one record batch; decode() points columns at its buffers
 * where the layouts agree and unpacks the geometries.
 */
#include "columns.h"
#include "with_gdal.h"
#include "with_gdal_read.h"

#include <cpl_error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINT_BATCH "65536"
#define SHAPE_BATCH "128" /* areas carry their vertices with them; small batches stay in the cache */

static void drop(void *state, geo_piece *piece)
{
    (void)state;
    struct ArrowArray *array = piece->foreign;
    if (array && array->release)
        array->release(array);
    free(array);
    piece->foreign = NULL;
}

static geo_status fetch(void *state, geo_piece *piece, geo_err *err)
{
    geo_gdal_in *in = state;
    drop(state, piece);
    if (geo_watch_stopped(in->watch))
        return geo_err_set(err, GEO_ESTOP, "interrupted");
    struct ArrowArray *array = piece->foreign = calloc(1, sizeof *array);
    if (!array)
        return geo_err_nomem(err);
    do {
        if (array->release)
            array->release(array);
        CPLErrorReset();
        const int failed = in->stream.get_next(&in->stream, array);
        if (failed || CPLGetLastErrorType() >= CE_Failure)
            return geo_err_set(err, GEO_EFORMAT, "cannot read '%s' beyond feature %lld: %s", in->name, (long long)in->rows_n,
                               geo_gdal_hint());
    } while (array->release && array->length == 0);
    if (!array->release)
        return geo_gdal_ended(in, err);
    in->rows_n += array->length;
    for (size_t i = 0; i < in->schema.fields_n; i++)
        if (in->place[i] == GEO_GDAL_SHAPE)
            in->null_shapes_n += array->children[in->child[i]]->null_count;
    geo_watch_progress(in->watch, in->name, in->rows_n, in->expected_n > 0 ? in->expected_n : 0);
    return GEO_OK;
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
        case 'i': ((int64_t *)values)[r] = ((const int32_t *)from)[i]; break;
        case 's': ((int64_t *)values)[r] = ((const int16_t *)from)[i]; break;
        case 'c': ((int64_t *)values)[r] = ((const int8_t *)from)[i]; break;
        default: ((double *)values)[r] = ((const float *)from)[i]; break;
        }
    }
    out->values = values;
    return values != NULL;
}

static geo_status geometry_column(const struct ArrowArray *a, const char *format, geo_geometry_kind kind, geo_piece *piece, geo_column *out)
{
    geo_shapes shapes = {.only = kind};
    const uint8_t *valid = out->valid;
    geo_status st = GEO_OK;
    for (int64_t r = 0; st == GEO_OK && r < a->length; r++) {
        size_t n = 0;
        const bool there = !valid || (valid[r / 8] >> r % 8 & 1);
        const char *wkb = there ? bytes_of(a, format, r, &n) : NULL;
        st = n ? geo_shapes_add_wkb(&shapes, wkb, n) : geo_shapes_add_none(&shapes);
        st = geo_shape_judge(piece, r, &shapes, st);
    }
    if (st == GEO_OK && !geo_shapes_column(&shapes, &piece->arena, out))
        st = GEO_ENOMEM;
    geo_shapes_clear(&shapes);
    return st;
}

static geo_status decode(const void *state, geo_piece *piece, geo_err *err)
{
    const geo_gdal_in *in = state;
    const struct ArrowArray *array = piece->foreign;
    geo_column *columns = geo_gdal_start_batch(in, piece, (size_t)array->length);
    bool ok = columns != NULL;
    for (size_t i = 0; ok && i < in->schema.fields_n; i++) {
        const geo_type type = in->fields[i].type;
        if (in->place[i] == GEO_GDAL_UNREAD)
            continue;
        const struct ArrowArray *a = array->children[in->child[i]];
        const char *format = in->format[i];
        const uint8_t *valid = validity(a, &piece->arena, &ok);
        columns[i].valid = valid;
        if (type == GEO_GEOMETRY)
            ok = ok && geometry_column(a, format, in->fields[i].kind, piece, &columns[i]) == GEO_OK;
        else if (type == GEO_TEXT)
            ok = ok && text_column(a, format, &piece->arena, &columns[i]);
        else
            ok = ok && number_column(a, format, type, &piece->arena, &columns[i]);
    }
    return ok && geo_gdal_end_batch(in, piece, columns) ? GEO_OK : geo_err_nomem(err);
}

static void close_arrow(void *state)
{
    geo_gdal_in *in = state;
    in->stream.release(&in->stream);
    geo_gdal_close(in);
}

/* Is this the Arrow format of a type? */
static bool format_fits(const char *format, geo_type type)
{
    switch (type) {
    case GEO_INT: return format[0] && !format[1] && strchr("csil", format[0]);
    case GEO_DOUBLE: return format[0] && !format[1] && strchr("fg", format[0]);
    case GEO_TEXT: return format[0] && !format[1] && strchr("uU", format[0]);
    case GEO_DATE: return strcmp(format, "tdD") == 0;
    case GEO_GEOMETRY: return format[0] && !format[1] && strchr("zZ", format[0]);
    case GEO_BOOL: break;
    }
    return false;
}

/* Find the child of the record batches that holds each field. */
static geo_status find_children(geo_gdal_in *in, const struct ArrowSchema *arrow, geo_err *err)
{
    in->child = geo_arena_array(&in->arena, in->schema.fields_n + 1, sizeof *in->child);
    in->format = geo_arena_array(&in->arena, in->schema.fields_n + 1, sizeof *in->format);
    if (!in->child || !in->format)
        return geo_err_nomem(err);
    for (size_t i = 0; i < in->schema.fields_n; i++) {
        if (in->place[i] == GEO_GDAL_UNREAD)
            continue;
        int64_t c = 0;
        while (
            c < arrow->n_children
            && (strcmp(arrow->children[c]->name, in->fields[i].name) != 0 || !format_fits(arrow->children[c]->format, in->fields[i].type)))
            c++;
        if (c == arrow->n_children)
            return geo_err_set(err, GEO_EFORMAT, "cannot read field '%s' of '%s'", in->fields[i].name, in->name);
        in->child[i] = c;
        snprintf(in->format[i], sizeof in->format[i], "%s", arrow->children[c]->format);
    }
    return GEO_OK;
}

geo_status geo_gdal_start_arrow(geo_gdal_in *in, geo_reader *r, geo_err *err)
{
    static const geo_driver DRIVER = {fetch, decode, drop, NULL, close_arrow};
    const OGRwkbGeometryType kind = wkbFlatten(OGR_L_GetGeomType(in->layer));
    const char *const options[] = {
        in->fid ? "INCLUDE_FID=YES" : "INCLUDE_FID=NO",
        kind == wkbPoint || kind == wkbNone ? "MAX_FEATURES_IN_BATCH=" POINT_BATCH : "MAX_FEATURES_IN_BATCH=" SHAPE_BATCH, NULL};
    struct ArrowSchema arrow;
    CPLErrorReset();
    if (!OGR_L_GetArrowStream(in->layer, &in->stream, (char **)options))
        return geo_err_set(err, GEO_EFORMAT, "cannot read '%s': %s", in->name, geo_gdal_hint());
    geo_status st = GEO_OK;
    if (in->stream.get_schema(&in->stream, &arrow) != 0) {
        st = geo_err_set(err, GEO_EFORMAT, "cannot read '%s': %s", in->name, geo_gdal_hint());
    } else {
        st = find_children(in, &arrow, err);
        arrow.release(&arrow);
    }
    if (st < 0) {
        in->stream.release(&in->stream);
        return st;
    }
    r->driver = &DRIVER;
    r->state = in;
    return GEO_OK;
}
