/*
 * Values that are not what their column says. SQLite keeps any value in any column, and GDAL reads "n/a" in a column of numbers as 0, a
 * date that is none as another, and text as far as its first NUL, in silence: so files of SQLite are asked beforehand, in one
 * query over the columns that are read. Other drivers warn about such values while they read. A geometry without a sound header becomes
 * none, in silence too.
 */
#include "with_gdal.h"
#include "with_gdal_read.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASKED_AT_ONCE 100 /* columns: SQLite bounds the depth of a condition and the width of an answer */

/* The condition, of a column, that a value is none of its type; NULL: any value is good. Batches give text as it is, features cut it. */
static const char *condition(const geo_gdal_in *in, size_t i, bool text)
{
    OGRFieldDefnH field = in->place[i] >= 0 ? OGR_FD_GetFieldDefn(OGR_L_GetLayerDefn(in->layer), in->place[i]) : NULL;
    if (!field)
        return NULL;
    switch (OGR_Fld_GetType(field)) {
    case OFTInteger:
        return OGR_Fld_GetSubType(field) == OFSTBoolean
                   ? "(%s IS NOT NULL AND (typeof(%s) <> 'integer' OR %s NOT IN (0, 1)))"
                   : "(%s IS NOT NULL AND (typeof(%s) <> 'integer' OR %s NOT BETWEEN -2147483648 AND 2147483647))";
    case OFTInteger64: return "typeof(%s) NOT IN ('integer', 'null')";
    case OFTReal: return "(typeof(%s) NOT IN ('real', 'integer', 'null') OR (typeof(%s) = 'integer' AND CAST(%s AS REAL) <> %s))";
    case OFTDate: return "date(%s, '+0 days') IS NOT %s"; /* of batches; only dates of the calendar come out as they went in */
    case OFTString: return text ? "(typeof(%s) = 'blob' OR instr(%s, char(0)))" : NULL;
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

/* A text in quotes of the kind that doubles itself. */
static void put_quoted(geo_vec *sql, bool *ok, const char *text, char quote)
{
    put(sql, ok, &quote, 1);
    for (; *text; text++) {
        put(sql, ok, text, 1);
        if (*text == quote)
            put(sql, ok, text, 1);
    }
    put(sql, ok, &quote, 1);
}

/* A column of the table, which is called m: a name alone that is none would be taken for a text. */
static void put_name(geo_vec *sql, bool *ok, const char *name)
{
    put(sql, ok, "m.", 2);
    put_quoted(sql, ok, name, '"');
}

static void put_table(const geo_gdal_in *in, geo_vec *sql, bool *ok)
{
    static const char FROM[] = " FROM ", M[] = " m WHERE ";
    put(sql, ok, FROM, strlen(FROM));
    put_quoted(sql, ok, OGR_L_GetName(in->layer), '"');
    put(sql, ok, M, strlen(M));
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

/* What is asked: which of some columns hold misfits, row by row. */
typedef struct question {
    const geo_gdal_in *in;
    size_t from, to; /* fields */
    bool text;       /* of columns of text too */
    bool numbered;   /* the table has row numbers */
} question;

/* The conditions of its columns, with something between them; returns how many. */
static size_t put_conditions(const question *q, const char *between, geo_vec *sql, bool *ok)
{
    size_t n = 0;
    for (size_t i = q->from; i < q->to; i++) {
        const char *text = condition(q->in, i, q->text);
        if (!text)
            continue;
        put(sql, ok, between, n ? strlen(between) : 0);
        put_condition(sql, ok, text, q->in->fields[i].name);
        n++;
    }
    return n;
}

/* "SELECT fid, CONDITION, ... FROM table WHERE CONDITION OR ..."; false when memory is out, empty when there is nothing to ask. */
static bool make_query(const question *q, geo_vec *sql)
{
    static const char SELECT[] = "SELECT CAST(", AS[] = " AS INTEGER), ";
    const char *fid = OGR_L_GetFIDColumn(q->in->layer);
    bool ok = true;
    put(sql, &ok, SELECT, strlen(SELECT));
    if (!q->numbered)
        put(sql, &ok, "NULL", strlen("NULL"));
    else if (fid && *fid)
        put_name(sql, &ok, fid);
    else
        put_name(sql, &ok, "rowid");
    put(sql, &ok, AS, strlen(AS));
    const size_t n = put_conditions(q, ", ", sql, &ok);
    put_table(q->in, sql, &ok);
    put_conditions(q, " OR ", sql, &ok);
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
static bool take_row(const question *q, OGRFeatureH f, geo_vec *all)
{
    int answer = 0;
    bool ok = true;
    for (size_t i = q->from; ok && i < q->to; i++)
        if (condition(q->in, i, q->text) && OGR_F_GetFieldAsInteger(f, ++answer))
            ok = add(all, OGR_F_GetFieldAsInteger64(f, 0), q->in->place[i]);
    return ok;
}

/* Ask, and keep the misfits; GEO_DONE when the table turns out to have no row numbers. */
static geo_status ask(const question *q, geo_vec *all, geo_err *err)
{
    geo_vec sql = {0};
    bool ok = make_query(q, &sql), known = true;
    CPLErrorReset();
    OGRLayerH rows = ok && sql.n ? GDALDatasetExecuteSQL(q->in->dataset, sql.items, NULL, NULL) : NULL;
    for (OGRFeatureH f; ok && rows && (f = OGR_L_GetNextFeature(rows)); OGR_F_Destroy(f)) {
        known = known && OGR_F_IsFieldSetAndNotNull(f, 0);
        ok = take_row(q, f, all);
    }
    const bool failed = CPLGetLastErrorType() >= CE_Failure, keyless = failed && strstr(CPLGetLastErrorMsg(), "no such column: m.rowid");
    if (rows)
        GDALDatasetReleaseResultSet(q->in->dataset, rows);
    geo_vec_clear(&sql);
    if (!ok)
        return geo_err_nomem(err);
    if (keyless && q->numbered)
        return GEO_DONE;
    if (failed)
        return geo_err_set(err, GEO_EFORMAT, "cannot read '%s': %s", q->in->name, geo_gdal_hint());
    return known ? GEO_OK
                 : geo_err_set(err, GEO_EFORMAT,
                               "'%s' has values that cannot be read as their columns' types, in a table or view without row numbers",
                               q->in->name);
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

/* Are its rows numbered, each with its own number? Not those of a view, nor where a column of another kind is called rowid. */
static bool has_row_numbers(const geo_gdal_in *in, bool *ok)
{
    static const char VIEWS[] = "SELECT (SELECT COUNT(*) FROM sqlite_master WHERE type = 'view' AND name = ";
    static const char COLUMNS[] = ") + (SELECT COUNT(*) FROM pragma_table_info(", CALLED[] = ") WHERE lower(name) = 'rowid' AND pk = 0)";
    geo_vec sql = {0};
    put(&sql, ok, VIEWS, strlen(VIEWS));
    put_quoted(&sql, ok, OGR_L_GetName(in->layer), '\'');
    put(&sql, ok, COLUMNS, strlen(COLUMNS));
    put_quoted(&sql, ok, OGR_L_GetName(in->layer), '\'');
    put(&sql, ok, CALLED, strlen(CALLED));
    const bool numbered = *ok && ask_number(in, sql.items) == 0;
    geo_vec_clear(&sql);
    return numbered;
}

static int by_place(const void *a, const void *b)
{
    const geo_gdal_misfit *p = a, *q = b;
    return p->fid != q->fid ? (p->fid < q->fid ? -1 : 1) : (p->place > q->place) - (p->place < q->place);
}

geo_status geo_gdal_find_misfits(geo_gdal_in *in, bool text, geo_err *err)
{
    if (!geo_gdal_is_sqlite(in->dataset))
        return GEO_OK;
    bool ok = true;
    question q = {.in = in, .text = text, .numbered = has_row_numbers(in, &ok)};
    geo_status st = ok ? check_virtual(in, err) : geo_err_nomem(err);
    in->misfits.n = 0;
    for (; st == GEO_OK && q.to < in->schema.fields_n; q.from = q.to) {
        q.to = in->schema.fields_n - q.from > ASKED_AT_ONCE ? q.from + ASKED_AT_ONCE : in->schema.fields_n;
        st = ask(&q, &in->misfits, err);
        if (st == GEO_DONE) {
            q.numbered = false;
            st = ask(&q, &in->misfits, err);
        }
    }
    CPLErrorReset();
    if (in->misfits.n)
        qsort(in->misfits.items, in->misfits.n, sizeof(geo_gdal_misfit), by_place);
    return st;
}

/* How many rows have no shape, of those that the filter lets pass or of all; -1 when that cannot be told. */
static int64_t count_shapeless(const geo_gdal_in *in, bool filtered, bool *ok)
{
    static const char SELECT[] = "SELECT COUNT(*)", NONE[] = " IS NULL OR length(", EMPTY[] = ") = 0)", AND[] = " AND (", END[] = "\n)";
    const char *shape = OGR_GFld_GetNameRef(OGR_FD_GetGeomFieldDefn(OGR_L_GetLayerDefn(in->layer), in->shape));
    geo_vec sql = {0};
    put(&sql, ok, SELECT, strlen(SELECT));
    put_table(in, &sql, ok);
    put(&sql, ok, "(", 1);
    put_name(&sql, ok, shape);
    put(&sql, ok, NONE, strlen(NONE));
    put_name(&sql, ok, shape);
    put(&sql, ok, EMPTY, strlen(EMPTY));
    if (filtered) {
        put(&sql, ok, AND, strlen(AND));
        put(&sql, ok, in->where, strlen(in->where));
        put(&sql, ok, END, strlen(END));
    }
    const int64_t n = *ok ? ask_number(in, sql.items) : -1;
    geo_vec_clear(&sql);
    CPLErrorReset();
    return n;
}

/* Reading the blobs beforehand would cost as much as reading them: nulls are counted on the way, and compared. */
geo_status geo_gdal_check_nulls(const geo_gdal_in *in, geo_err *err)
{
    bool ok = true;
    if (in->null_shapes_n == 0 || !geo_gdal_is_sqlite(in->dataset))
        return GEO_OK;
    const int64_t passing_n = in->where ? count_shapeless(in, true, &ok) : -1;
    const int64_t nulls_n = passing_n >= 0 ? passing_n : count_shapeless(in, false, &ok); /* a filter may be more than a condition */
    if (!ok)
        return geo_err_nomem(err);
    if (nulls_n < 0)
        return geo_err_set(err, GEO_EFORMAT, "cannot tell whether '%s' has damaged shapes", in->name);
    return in->null_shapes_n <= nulls_n ? GEO_OK
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

/* Take a value out; a class must not look as if it were not given: it becomes a word that is none. */
static void take_out(const geo_gdal_in *in, OGRFeatureH f, int i, geo_faults *faults, int64_t row)
{
    if (in->class_at >= 0 && in->place[in->class_at] == i) {
        OGR_F_SetFieldString(f, i, "?");
        return;
    }
    OGR_F_SetFieldNull(f, i);
    geo_faults_add(faults, GEO_FAULT_VALUE, row);
}

static bool is_no_date(const geo_gdal_in *in, OGRFeatureH f, int i)
{
    return in->type[i] == OFTDate && OGR_F_IsFieldSetAndNotNull(f, i) && !geo_gdal_date(in, f, i, &(int32_t){0});
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
    for (int i = 0; f && i < n; i++)
        if (h.unfit[i] || is_no_date(in, f, i))
            take_out(in, f, i, faults, row);
    CPLFree(h.unfit);
    *damaged = f && strstr(CPLGetLastErrorMsg(), "Unable to read geometry");
    if (*damaged)
        CPLErrorReset();
    return f;
}
