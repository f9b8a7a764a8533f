/*
 * Values that are not what their column says. SQLite keeps any value in any column, and GDAL reads "n/a" in a column of numbers as 0 and a
 * date that is none as 1970-01-01, in silence: so GeoPackages are asked beforehand, in one query over the columns that are read. Other
 * drivers warn about such values while they read. A geometry without a sound header becomes none in record batches, in silence too.
 */
#include "with_gdal.h"
#include "with_gdal_read.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The condition, of a column, that a value is none of its type; NULL: any value is good. */
static const char *condition(const geo_gdal_in *in, size_t i, bool dates)
{
    OGRFieldDefnH field = in->place[i] >= 0 ? OGR_FD_GetFieldDefn(OGR_L_GetLayerDefn(in->layer), in->place[i]) : NULL;
    if (!field)
        return NULL;
    switch (OGR_Fld_GetType(field)) {
    case OFTInteger: return "(%s IS NOT NULL AND (typeof(%s) <> 'integer' OR %s NOT BETWEEN -2147483648 AND 2147483647))";
    case OFTInteger64: return "typeof(%s) NOT IN ('integer', 'null')";
    case OFTReal: return "typeof(%s) NOT IN ('real', 'integer', 'null')";
    case OFTDateTime: return dates ? "(%s IS NOT NULL AND (typeof(%s) <> 'text' OR julianday(%s) IS NULL))" : NULL;
    case OFTDate: return dates ? "date(%s, '+0 days') IS NOT %s" : NULL; /* only dates of the calendar come out as they went in */
    default: return NULL;
    }
}

static void put(geo_vec *sql, bool *ok, const char *text, size_t n)
{
    if (!(*ok = *ok && geo_vec_reserve(sql, n + 1, 1)))
        return;
    memcpy((char *)sql->items + sql->n, text, n);
    sql->n += n;
    ((char *)sql->items)[sql->n] = '\0';
}

static void put_name(geo_vec *sql, bool *ok, const char *name)
{
    put(sql, ok, "\"", 1);
    for (; *name; name++)
        put(sql, ok, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
    put(sql, ok, "\"", 1);
}

/* A condition with the name of the column in its places. */
static void put_condition(geo_vec *sql, bool *ok, const char *text, const char *column)
{
    for (const char *gap; (gap = strstr(text, "%s")); text = gap + 2) {
        put(sql, ok, text, (size_t)(gap - text));
        put_name(sql, ok, column);
    }
    put(sql, ok, text, strlen(text));
}

/* All conditions, with something between them; returns how many. */
static size_t put_conditions(const geo_gdal_in *in, bool dates, const char *between, geo_vec *sql, bool *ok)
{
    size_t n = 0;
    for (size_t i = 0; i < in->schema.fields_n; i++) {
        const char *text = condition(in, i, dates);
        if (!text)
            continue;
        put(sql, ok, between, n ? strlen(between) : 0);
        put_condition(sql, ok, text, in->fields[i].name);
        n++;
    }
    return n;
}

/* "SELECT fid, CONDITION, ... FROM table WHERE CONDITION OR ... ORDER BY 1"; false when memory is out, empty when there is nothing to ask. */
static bool make_query(const geo_gdal_in *in, bool dates, geo_vec *sql)
{
    static const char SELECT[] = "SELECT CAST(", AS[] = " AS INTEGER), ", FROM[] = " FROM ", WHERE[] = " WHERE ", END[] = " ORDER BY 1";
    const char *fid = OGR_L_GetFIDColumn(in->layer);
    bool ok = true;
    put(sql, &ok, SELECT, strlen(SELECT));
    if (fid && *fid)
        put_name(sql, &ok, fid);
    else
        put(sql, &ok, "rowid", strlen("rowid"));
    put(sql, &ok, AS, strlen(AS));
    const size_t n = put_conditions(in, dates, ", ", sql, &ok);
    put(sql, &ok, FROM, strlen(FROM));
    put_name(sql, &ok, OGR_L_GetName(in->layer));
    put(sql, &ok, WHERE, strlen(WHERE));
    put_conditions(in, dates, " OR ", sql, &ok);
    put(sql, &ok, END, strlen(END));
    if (n == 0)
        sql->n = 0;
    return ok;
}

static bool add(geo_vec *all, int64_t fid, int place)
{
    if (!geo_vec_reserve(all, 1, sizeof(geo_gdal_misfit)))
        return false;
    ((geo_gdal_misfit *)all->items)[all->n++] = (geo_gdal_misfit){fid, place};
    return true;
}

/* The misfits of a row of the answer: its conditions stand in the order of the fields. */
static bool take_row(const geo_gdal_in *in, bool dates, OGRFeatureH f, geo_vec *all)
{
    int answer = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < in->schema.fields_n; i++)
        if (condition(in, i, dates) && OGR_F_GetFieldAsInteger(f, ++answer))
            ok = add(all, OGR_F_GetFieldAsInteger64(f, 0), in->place[i]);
    return ok;
}

/* The number that is the answer to a question, or -1. */
static int64_t ask_number(const geo_gdal_in *in, const char *sql)
{
    OGRLayerH rows = GDALDatasetExecuteSQL(in->dataset, sql, NULL, NULL);
    OGRFeatureH f = rows ? OGR_L_GetNextFeature(rows) : NULL;
    const int64_t n = f ? OGR_F_GetFieldAsInteger64(f, 0) : -1;
    OGR_F_Destroy(f);
    if (rows)
        GDALDatasetReleaseResultSet(in->dataset, rows);
    return n;
}

/*
 * Virtual tables of SQLite may read any file there is. Those that index the file itself are good: the only "using" in their definition
 * names the module, so that no table or argument can look like one.
 */
static geo_status check_virtual(const geo_gdal_in *in, geo_err *err)
{
    static const char SQL[] = "SELECT COUNT(*) FROM sqlite_master WHERE sql LIKE 'CREATE_VIRTUAL_TABLE%' AND NOT "
                              "(length(sql) - length(replace(lower(sql), 'using', '')) = 5 AND (lower(sql) LIKE '%using rtree%' OR "
                              "lower(sql) LIKE '%using fts%' OR lower(sql) LIKE '%using virtualspatialindex%' OR "
                              "lower(sql) LIKE '%using virtualelementary%' OR lower(sql) LIKE '%using virtualknn%'))";
    return ask_number(in, SQL) == 0
               ? GEO_OK
               : geo_err_set(err, GEO_EFORMAT,
                             "'%s' holds virtual tables, which may read other files: copy what you need into a plain GeoPackage (ogr2ogr)",
                             in->name);
}

geo_status geo_gdal_find_misfits(geo_gdal_in *in, geo_err *err)
{
    const bool dates = geo_gdal_driver_is(GDALGetDatasetDriver(in->dataset), "GPKG");
    if (!dates && !geo_gdal_driver_is(GDALGetDatasetDriver(in->dataset), "SQLite"))
        return GEO_OK;
    const geo_status st = check_virtual(in, err);
    if (st < 0)
        return st;
    geo_vec sql = {0};
    bool ok = make_query(in, dates, &sql);
    CPLErrorReset();
    OGRLayerH rows = ok && sql.n ? GDALDatasetExecuteSQL(in->dataset, sql.items, NULL, NULL) : NULL;
    bool numbered = true;
    for (OGRFeatureH f; ok && rows && (f = OGR_L_GetNextFeature(rows)); OGR_F_Destroy(f)) {
        numbered = numbered && OGR_F_IsFieldSetAndNotNull(f, 0);
        ok = take_row(in, dates, f, &in->misfits);
    }
    /* a table without row numbers, or too wide for one question, is read as it is */
    const char *said = CPLGetLastErrorMsg();
    const bool failed = CPLGetLastErrorType() >= CE_Failure && !strstr(said, "no such column: rowid") && !strstr(said, "Expression tree")
                        && !strstr(said, "too many");
    if (rows)
        GDALDatasetReleaseResultSet(in->dataset, rows);
    CPLErrorReset();
    geo_vec_clear(&sql);
    if (ok && !failed && !numbered)
        return geo_err_set(err, GEO_EFORMAT, "'%s' has values that cannot be read as their columns' types, in a view without row numbers",
                           in->name);
    return failed ? geo_err_set(err, GEO_EFORMAT, "cannot read '%s': %s", in->name, geo_gdal_hint()) : ok ? GEO_OK : geo_err_nomem(err);
}

/* Reading the blobs beforehand would cost as much as reading them: nulls are counted on the way, and compared. */
geo_status geo_gdal_check_nulls(const geo_gdal_in *in, geo_err *err)
{
    geo_vec sql = {0};
    bool ok = true;
    static const char SELECT[] = "SELECT COUNT(*) FROM ", WHERE[] = " WHERE ", NONE[] = " IS NULL";
    put(&sql, &ok, SELECT, strlen(SELECT));
    put_name(&sql, &ok, OGR_L_GetName(in->layer));
    put(&sql, &ok, WHERE, strlen(WHERE));
    put_name(&sql, &ok, OGR_L_GetGeometryColumn(in->layer));
    put(&sql, &ok, NONE, strlen(NONE));
    const int64_t nulls_n = ok ? ask_number(in, sql.items) : -1;
    geo_vec_clear(&sql);
    if (!ok)
        return geo_err_nomem(err);
    return nulls_n == in->null_shapes_n ? GEO_OK
                                        : geo_err_set(err, GEO_EFORMAT, "'%s' is damaged: %lld of its shapes cannot be read", in->name,
                                                      (long long)(in->null_shapes_n - nulls_n));
}

static int by_fid(const void *key, const void *item)
{
    const int64_t a = *(const int64_t *)key, b = ((const geo_gdal_misfit *)item)->fid;
    return (a > b) - (a < b);
}

static void mark_misfits(const geo_gdal_in *in, OGRFeatureH f, bool *unfit)
{
    const int64_t fid = OGR_F_GetFID(f);
    const geo_gdal_misfit *all = in->misfits.items, *m = in->misfits.n ? bsearch(&fid, all, in->misfits.n, sizeof *all, by_fid) : NULL;
    while (m && m > all && m[-1].fid == fid)
        m--;
    for (; m && m < all + in->misfits.n && m->fid == fid; m++)
        unfit[m->place] = true;
}

/* What GDAL said while it read one feature. */
typedef struct heard {
    const geo_gdal_in *in;
    bool *unfit; /* of each field of the layer */
} heard;

static void CPL_STDCALL hear(CPLErr kind, CPLErrorNum number, const char *text)
{
    (void)number;
    const heard *h = CPLGetErrorHandlerUserData();
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(h->in->layer);
    for (int i = 0; kind == CE_Warning && i < OGR_FD_GetFieldCount(defn); i++) {
        const char *name = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(defn, i));
        h->unfit[i] |= strstr(text, CPLSPrintf(".%s parsed incompletely", name)) || strstr(text, CPLSPrintf("in column %s: ", name));
    }
}

OGRFeatureH geo_gdal_next_feature(geo_gdal_in *in, geo_faults *faults, int64_t row, bool *damaged)
{
    const int n = OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(in->layer));
    heard h = {in, CPLCalloc((size_t)n + 1, sizeof *h.unfit)};
    CPLPushErrorHandlerEx(hear, &h);
    OGRFeatureH f = OGR_L_GetNextFeature(in->layer);
    CPLPopErrorHandler();
    if (f)
        mark_misfits(in, f, h.unfit);
    for (int i = 0; f && i < n; i++) {
        if (!h.unfit[i])
            continue;
        OGR_F_SetFieldNull(f, i);
        geo_faults_add(faults, GEO_FAULT_VALUE, row);
    }
    CPLFree(h.unfit);
    *damaged = f && strstr(CPLGetLastErrorMsg(), "Unable to read geometry");
    if (*damaged)
        CPLErrorReset();
    return f;
}
