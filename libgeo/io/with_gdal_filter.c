/*
 * Filters over rows, judged by GDAL itself so that they mean the same in every format: a layer in memory has the fields that the
 * filter names, each row is laid into it as its one feature, and the layer is asked whether it passes. A layer is nobody's but the call's
 * that made it, since GDAL's layers belong to one thread.
 */
#define _GNU_SOURCE /* strcasestr */
#include "filter.h"
#include "with_gdal.h"

#include <cpl_error.h>
#include <gdal.h>
#include <ogr_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct geo_filter {
    const char *where, *table;
    size_t fields_n; /* of the table */
    bool all_text;   /* they are, as in CSV */
    bool *looks_at;
    const char **name; /* in the layer */
    OGRFieldType *type;
    geo_arena arena;
};

typedef struct judge {
    GDALDatasetH dataset;
    OGRLayerH layer;
} judge;

/* Fields that every layer has beside its own. In a CSV file they mean nothing, and are not to shadow fields of those names. */
static const char *const SPECIAL[] = {"FID", "OGR_GEOMETRY", "OGR_STYLE", "OGR_GEOM_WKT", "OGR_GEOM_AREA"};
#define SPECIAL_N (sizeof SPECIAL / sizeof *SPECIAL)

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c > 127;
}

/* Where a field of this name stands in the filter, from a place on; NULL: nowhere. Bare or in double quotes; in single quotes stands text. */
static const char *find_field(const char *where, const char *from, const char *name)
{
    const size_t n = strlen(name);
    char quote = '\0', before = '\0';
    for (const char *p = where; *p; before = *p++) {
        if (quote && *p == '\\' && p[1] == quote)
            p++;
        else if (*p == quote)
            quote = '\0';
        else if (!quote && (*p == '\'' || *p == '"'))
            quote = *p;
        else if (p < from || quote == '\'' || strncasecmp(p, name, n) != 0)
            continue;
        else if (quote ? before == '"' && p[n] == '"' : !is_word(before) && !is_word(p[n]))
            return p;
    }
    return NULL;
}

/* A bare word that is no field: a number, a word of the language, a type behind AS. */
static bool is_language(const char *where, const char *at, size_t n)
{
    static const char *const WORDS[] = {"AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "ILIKE", "ESCAPE", "BETWEEN", "CAST", "AS"};
    const char *before = at;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (strlen(WORDS[i]) == n && strncasecmp(at, WORDS[i], n) == 0)
            return true;
    while (before > where && before[-1] == ' ')
        before--;
    const bool behind_as = before - where >= 2 && strncasecmp(before - 2, "AS", 2) == 0 && (before - where == 2 || !is_word(before[-3]));
    return behind_as || (*at >= '0' && *at <= '9');
}

/* GDAL takes the first of several fields that a name may mean. */
static geo_status check_name(geo_filter *f, const geo_schema *schema, const char *name, geo_err *err)
{
    geo_status st = GEO_OK;
    for (const char *p = f->where; st == GEO_OK && *name && (p = find_field(f->where, p, name)); p++) {
        if ((p == f->where || p[-1] != '"') && is_language(f->where, p, strlen(name)))
            continue;
        const char *said = geo_arena_text(&f->arena, p, strlen(name));
        st = said ? geo_schema_pick(schema, said, &(size_t){0}, err) : geo_err_nomem(err);
    }
    return st < 0 ? geo_err_wrap(err, st, "--where: '%s' does not understand the filter", f->table) : GEO_OK;
}

static void judge_clear(judge *j)
{
    if (j->dataset)
        GDALClose(j->dataset);
    *j = (judge){0};
}

static OGRFieldType layer_type(geo_type type, bool time)
{
    switch (type) {
    case GEO_INT: return OFTInteger64;
    case GEO_DOUBLE: return OFTReal;
    case GEO_BOOL: return OFTInteger;
    case GEO_DATE: return OFTDate;
    default: return time ? OFTDateTime : OFTString;
    }
}

/* A layer with the filter's fields; false when GDAL does not take the filter, and has said why. */
static bool judge_init(const geo_filter *f, judge *j)
{
    GDALDriverH memory = GDALGetDriverByName("Memory");
    *j = (judge){0};
    CPLErrorReset();
    if (!memory)
        memory = GDALGetDriverByName("MEM"); /* since GDAL 3.11 */
    j->dataset = memory ? GDALCreate(memory, "", 0, 0, 0, GDT_Unknown, NULL) : NULL;
    j->layer = j->dataset ? GDALDatasetCreateLayer(j->dataset, "records", NULL, wkbNone, NULL) : NULL;
    bool ok = j->layer != NULL;
    for (size_t i = 0; ok && i < f->fields_n; i++) {
        if (!f->looks_at[i])
            continue;
        OGRFieldDefnH field = OGR_Fld_Create(f->name[i], f->type[i]);
        ok = OGR_L_CreateField(j->layer, field, TRUE) == OGRERR_NONE;
        OGR_Fld_Destroy(field);
    }
    ok = ok && OGR_L_SetAttributeFilter(j->layer, f->where) == OGRERR_NONE;
    if (!ok)
        judge_clear(j);
    return ok;
}

static bool is_taken(const geo_filter *f)
{
    judge j;
    const bool taken = judge_init(f, &j);
    judge_clear(&j);
    return taken;
}

/* Say what is wrong with a filter that is not taken; GDAL's message is about the filter alone, for the layer is empty. */
static geo_status not_taken(geo_filter *f, const geo_schema *schema, geo_err *err)
{
    char room[GEO_GDAL_SAID];
    const char *said = geo_gdal_said(room), *end = strstr(said, "\" not recognised as an available field");
    if (end && *said == '"') {
        const char *name = geo_arena_text(&f->arena, said + 1, (size_t)(end - said - 1));
        if (!name)
            return geo_err_nomem(err);
        return geo_err_wrap(err, geo_schema_missing(schema, name, err), "--where: '%s' does not understand the filter", f->table);
    }
    return geo_err_set(err, GEO_EARG, "--where: '%s' does not understand the filter: %s%s", f->table, said,
                       f->all_text && strstr(said, "Type mismatch")
                           ? " Every field of a CSV file is text: compare numbers with CAST(FIELD AS FLOAT) > 100"
                           : "");
}

/* The name of a field in the layer: in the spelling of a special field where it has its name, for GDAL prefers the exact spelling. */
static const char *layer_name(const geo_schema *schema, size_t field)
{
    for (size_t i = 0; i < SPECIAL_N; i++)
        if (geo_schema_find(schema, SPECIAL[i]) == (ptrdiff_t)field)
            return SPECIAL[i];
    return schema->fields[field].name;
}

static geo_status check(geo_filter *f, const geo_schema *schema, const bool *times, geo_err *err)
{
    f->all_text = true;
    for (size_t i = 0; i < SPECIAL_N; i++)
        if (find_field(f->where, f->where, SPECIAL[i]) && geo_schema_find(schema, SPECIAL[i]) < 0)
            return geo_err_wrap(err, geo_schema_missing(schema, SPECIAL[i], err), "--where: '%s' does not understand the filter", f->table);
    for (size_t i = 0; i < f->fields_n; i++) {
        const geo_status st = check_name(f, schema, schema->fields[i].name, err);
        if (st < 0)
            return st;
        f->name[i] = layer_name(schema, i);
        f->type[i] = layer_type(schema->fields[i].type, times && times[i]);
        f->all_text &= schema->fields[i].type == GEO_TEXT;
        f->looks_at[i] = schema->fields[i].name[0] && strcasestr(f->where, schema->fields[i].name);
    }
    if (is_taken(f))
        return GEO_OK;
    for (size_t i = 0; i < f->fields_n; i++) { /* a name may be written in another way, with its quotes escaped */
        const char *name = schema->fields[i].name;
        f->looks_at[i] = *name != '\0';
        const geo_status st = strchr(name, '"') ? geo_schema_pick(schema, name, &(size_t){0}, err) : GEO_OK;
        if (st < 0)
            return st;
    }
    return is_taken(f) ? GEO_OK : not_taken(f, schema, err);
}

geo_status geo_filter_new(const char *where, const char *table, const geo_schema *schema, const bool *times, geo_filter **out, geo_err *err)
{
    geo_filter *f = calloc(1, sizeof *f);
    if (!f)
        return geo_err_nomem(err);
    f->where = geo_arena_text(&f->arena, where, strlen(where));
    f->table = geo_arena_text(&f->arena, table, strlen(table));
    f->fields_n = schema->fields_n;
    f->looks_at = geo_arena_array(&f->arena, f->fields_n + 1, sizeof *f->looks_at);
    f->name = geo_arena_array(&f->arena, f->fields_n + 1, sizeof *f->name);
    f->type = geo_arena_array(&f->arena, f->fields_n + 1, sizeof *f->type);
    const bool ok = f->where && f->table && f->looks_at && f->name && f->type;
    const geo_status st = ok ? check(f, schema, times, err) : geo_err_nomem(err);
    if (st < 0) {
        geo_filter_free(f);
        return st;
    }
    *out = f;
    return GEO_OK;
}

bool geo_filter_looks_at(const geo_filter *f, size_t field)
{
    return f->looks_at[field];
}

/* Lay a row into the layer as feature 0; false when memory is out. */
static bool lay_row(const geo_filter *f, OGRFeatureH feature, size_t row, const geo_filter_values *values, geo_bytes *text)
{
    int at = 0;
    for (size_t i = 0; i < f->fields_n; i++) {
        if (!f->looks_at[i])
            continue;
        bool null = false;
        text->n = 0;
        if (!values->value(values->ctx, row, i, text, &null) || !geo_bytes_reserve(text, 1))
            return false;
        text->data[text->n] = '\0';
        if (null)
            OGR_F_SetFieldNull(feature, at++);
        else
            OGR_F_SetFieldString(feature, at++, text->data);
    }
    return true;
}

static geo_status judge_rows(const geo_filter *f, const judge *j, size_t rows_n, const geo_filter_values *values, bool *passes,
                             geo_err *err)
{
    geo_bytes text = {0};
    geo_status st = GEO_OK;
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(j->layer));
    CPLErrorReset();
    for (size_t r = 0; st == GEO_OK && r < rows_n; r++) {
        OGR_F_SetFID(feature, 0);
        if (!lay_row(f, feature, r, values, &text)) {
            st = geo_err_nomem(err);
            break;
        }
        const OGRErr failed = r == 0 ? OGR_L_CreateFeature(j->layer, feature) : OGR_L_SetFeature(j->layer, feature);
        const bool laid = failed == OGRERR_NONE; /* in the place of the row before */
        OGR_L_ResetReading(j->layer);
        OGRFeatureH passed = laid ? OGR_L_GetNextFeature(j->layer) : NULL;
        passes[r] = passed != NULL;
        OGR_F_Destroy(passed);
        if (strstr(CPLGetLastErrorMsg(), "Failed to parse date ''")) /* so GDAL says of no date, which does not pass */
            CPLErrorReset();
        if (!laid || CPLGetLastErrorType() >= CE_Failure) /* what GDAL says now may hold a value of the row */
            st = geo_err_set(err, GEO_EARG, "--where: the filter cannot be worked out for every record of '%s'", f->table);
    }
    OGR_F_Destroy(feature);
    geo_bytes_clear(&text);
    return st;
}

geo_status geo_filter_rows(const geo_filter *f, size_t rows_n, const geo_filter_values *values, bool *passes, geo_err *err)
{
    judge j;
    if (!judge_init(f, &j))
        return geo_err_set(err, GEO_ENOMEM, "--where: GDAL cannot make a layer in memory");
    const geo_status st = judge_rows(f, &j, rows_n, values, passes, err);
    judge_clear(&j);
    return st;
}

void geo_filter_free(geo_filter *f)
{
    if (!f)
        return;
    geo_arena_clear(&f->arena);
    free(f);
}
