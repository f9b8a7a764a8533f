/* The header of a FlatGeobuf file. */
#include "fgb_write.h"

#include "flat_out.h"
#include "geo/crs.h"
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

/* How a system is said: longitude and latitude are EPSG's 4326 to every reader, which takes x for the longitude. */
typedef struct said {
    char authority[32], code[32], *wkt;
    int64_t number; /* the code as such, 0: it is none */
} said;

static geo_status say_crs(const char *crs, said *s, geo_err *err)
{
    const geo_status st = geo_crs_describe(strcasecmp(crs, "OGC:CRS84") == 0 ? "EPSG:4326" : crs, s->authority, s->code, &s->wkt, err);
    const bool whole = geo_number_parse_int(s->code, strlen(s->code), &s->number);
    s->number = whole && s->number > 0 && s->number <= INT32_MAX ? s->number : 0;
    return st;
}

static void put_crs(geo_flat_out *o, size_t field, const said *s)
{
    const bool known = s->authority[0], word = known && !s->number;
    const uint8_t size[FGB_CRS_SLOTS] = {[FGB_CRS_ORG] = known ? 4 : 0,
                                         [FGB_CRS_CODE] = known && !word ? 4 : 0,
                                         [FGB_CRS_WKT] = s->wkt ? 4 : 0,
                                         [FGB_CRS_CODE_STRING] = word ? 4 : 0};
    const geo_flat_made made = geo_flat_make(o, size, FGB_CRS_SLOTS);
    geo_flat_point(o, field, made.at);
    if (known)
        geo_flat_text(o, made.field[FGB_CRS_ORG], s->authority);
    if (known && !word && !o->bad)
        geo_flat_put_u32(geo_flat_place(o, made.field[FGB_CRS_CODE]), (uint32_t)s->number);
    if (word)
        geo_flat_text(o, made.field[FGB_CRS_CODE_STRING], s->code);
    if (s->wkt)
        geo_flat_text(o, made.field[FGB_CRS_WKT], s->wkt);
}

static geo_status make_header(geo_fgb_out *w, bool marks_last, const said *system, geo_err *err)
{
    geo_bytes *out = &w->header;
    const geo_fgb_about all = {marks_last, w->geometry >= 0, w->geometry >= 0 && w->schema.fields[w->geometry].made, GEO_CLASS_OPEN};
    char *about = geo_fgb_about_text(&all);
    out->n = 0;
    if (!about || !geo_bytes_reserve(out, 8)) {
        free(about);
        return geo_err_nomem(err);
    }
    memcpy(out->data, GEO_FGB_MAGIC "\1", 8);
    out->n = 8;
    size_t columns_n = 0;
    for (size_t i = 0; i < w->schema.fields_n; i++)
        columns_n += w->column[i] >= 0;
    const bool own_class = w->class_column >= 0 && w->class_at < 0;
    geo_flat_out o = {out, 8, false};
    (void)geo_flat_room(&o, 8, 1, 0);
    const uint8_t size[FGB_HEADER_SLOTS] = {
        [FGB_NAME] = 4,    [FGB_KIND] = 1, [FGB_COLUMNS] = 4, [FGB_COUNT] = 8, [FGB_NODE_SIZE] = 2, [FGB_CRS] = system ? 4 : 0,
        [FGB_METADATA] = 4};
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
    if (system)
        put_crs(&o, made.field[FGB_CRS], system);
    geo_flat_text(&o, made.field[FGB_METADATA], about);
    free(about);
    (void)geo_flat_room(&o, 0, 8, 0);
    if (!o.bad)
        geo_flat_put_u32(geo_flat_place(&o, 0), (uint32_t)(out->n - 12));
    return o.bad ? geo_err_nomem(err) : GEO_OK;
}

geo_status geo_fgb_make_header(geo_fgb_out *w, bool marks_last, geo_err *err)
{
    const char *crs = w->geometry >= 0 ? w->schema.fields[w->geometry].crs : NULL;
    said system = {.wkt = NULL};
    geo_status st = crs ? say_crs(crs, &system, err) : GEO_OK;
    if (st == GEO_OK)
        st = make_header(w, marks_last, crs ? &system : NULL, err);
    free(system.wkt);
    return st;
}
