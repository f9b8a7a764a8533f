/* The header of a FlatGeobuf file. */
#include "fgb_write.h"

#include "flat_out.h"
#include "geo/number.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static uint8_t column_type(geo_type type)
{
    switch (type) {
    case GEO_INT: return FGB_LONG;
    case GEO_DOUBLE: return FGB_DOUBLE;
    case GEO_BOOL: return FGB_BOOL;
    case GEO_DATE: return FGB_DATETIME;
    default: return FGB_STRING;
    }
}

static void put_column(geo_flat_out *o, size_t field, const char *name, geo_type type)
{
    const uint8_t size[FGB_COLUMN_SLOTS] = {[FGB_COLUMN_NAME] = 4, [FGB_COLUMN_TYPE] = 1, [FGB_COLUMN_METADATA] = type == GEO_DATE ? 4 : 0};
    const geo_flat_made made = geo_flat_make(o, size, FGB_COLUMN_SLOTS);
    geo_flat_point(o, field, made.at);
    geo_flat_text(o, made.field[FGB_COLUMN_NAME], name);
    if (!o->bad)
        *geo_flat_place(o, made.field[FGB_COLUMN_TYPE]) = (char)column_type(type);
    if (type == GEO_DATE)
        geo_flat_text(o, made.field[FGB_COLUMN_METADATA], GEO_FGB_DATE);
}

/* As authority and number where it has them: longitude and latitude are EPSG's 4326 to every reader, which takes x for the longitude. */
static void put_crs(geo_flat_out *o, size_t field, const char *crs)
{
    const char *name = strcasecmp(crs, "OGC:CRS84") == 0 ? "EPSG:4326" : crs, *colon = strchr(name, ':');
    char org[32] = "";
    int64_t code = 0;
    const bool known = colon && (size_t)(colon - name) < sizeof org && geo_number_parse_int(colon + 1, strlen(colon + 1), &code) && code > 0
                       && code < INT32_MAX;
    if (known)
        memcpy(org, name, (size_t)(colon - name));
    const uint8_t size[FGB_CRS_SLOTS] = {[FGB_CRS_ORG] = known ? 4 : 0, [FGB_CRS_CODE] = known ? 4 : 0, [FGB_CRS_WKT] = known ? 0 : 4};
    const geo_flat_made made = geo_flat_make(o, size, FGB_CRS_SLOTS);
    geo_flat_point(o, field, made.at);
    if (!known) {
        geo_flat_text(o, made.field[FGB_CRS_WKT], name);
        return;
    }
    geo_flat_text(o, made.field[FGB_CRS_ORG], org);
    if (!o->bad)
        geo_flat_put_u32(geo_flat_place(o, made.field[FGB_CRS_CODE]), (uint32_t)code);
}

geo_status geo_fgb_make_header(geo_fgb_out *w, bool marks_last, geo_err *err)
{
    geo_bytes *out = &w->header;
    const geo_fgb_about all = {marks_last, w->geometry >= 0, w->geometry >= 0 && w->schema.fields[w->geometry].made, ""};
    char *about = geo_fgb_about_text(&all);
    out->n = 0;
    if (!about || !geo_bytes_reserve(out, 8)) {
        free(about);
        return geo_err_nomem(err);
    }
    memcpy(out->data, GEO_FGB_MAGIC "\1", 8);
    out->n = 8;
    const char *crs = w->geometry >= 0 ? w->schema.fields[w->geometry].crs : NULL;
    size_t columns_n = 0;
    for (size_t i = 0; i < w->schema.fields_n; i++)
        columns_n += w->column[i] >= 0;
    const bool own_class = w->class_column >= 0 && w->class_at < 0;
    geo_flat_out o = {out, 8, false};
    (void)geo_flat_room(&o, 8, 1, 0);
    const uint8_t size[FGB_HEADER_SLOTS] = {[FGB_NAME] = 4,      [FGB_KIND] = 1,          [FGB_COLUMNS] = 4, [FGB_COUNT] = 8,
                                            [FGB_NODE_SIZE] = 2, [FGB_CRS] = crs ? 4 : 0, [FGB_METADATA] = 4};
    const geo_flat_made made = geo_flat_make(&o, size, FGB_HEADER_SLOTS);
    geo_flat_point(&o, 4, made.at);
    if (!o.bad)
        *geo_flat_place(&o, made.field[FGB_KIND]) = (char)w->kind;
    geo_flat_text(&o, made.field[FGB_NAME], w->layer);
    const size_t list = geo_flat_list(&o, made.field[FGB_COLUMNS], columns_n + own_class, 4);
    for (size_t i = 0; i < w->schema.fields_n; i++)
        if (w->column[i] >= 0)
            put_column(&o, list + 4 + 4 * (size_t)w->column[i], w->schema.fields[i].name,
                       (ptrdiff_t)i == w->class_at ? GEO_TEXT : w->schema.fields[i].type);
    if (own_class)
        put_column(&o, list + 4 + 4 * columns_n, GEO_CLASS_COLUMN, GEO_TEXT);
    if (crs)
        put_crs(&o, made.field[FGB_CRS], crs);
    geo_flat_text(&o, made.field[FGB_METADATA], about);
    free(about);
    (void)geo_flat_room(&o, 0, 8, 0);
    if (!o.bad)
        geo_flat_put_u32(geo_flat_place(&o, 0), (uint32_t)(out->n - 12));
    return o.bad ? geo_err_nomem(err) : GEO_OK;
}
