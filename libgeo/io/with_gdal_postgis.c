/*
 * Writing a table to PostGIS. Everything happens in one transaction, so that nobody sees half a table and the server takes all of it back
 * when this process fails or dies. A table that replaces another is written under a hidden name and takes the place of the old one at the
 * end: others read the old one as long as that, and so may the join itself.
 */
#define _GNU_SOURCE /* strdup, strndup */
#include "geo/reader.h"
#include "sink.h"
#include "with_gdal.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <ogr_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define LONGEST_LOCK "60s" /* for whoever reads the old table; ourselves among them, so waiting for ever would be for ever */
#define LONGEST_NAME 63    /* bytes; PostgreSQL cuts the rest */
#define DRIVER "PostgreSQL"

struct geo_postgis {
    char *connection;     /* without tables= */
    char *schema, *table; /* schema NULL at first: the current one */
    char hidden[40];      /* name of the table until the end; empty: its own */
    bool loses;           /* more was set on the old table than its rows, and goes with it */
    const geo_watch *watch;
};

bool geo_postgis_is(const char *name)
{
    return strncasecmp(name, "PG:", 3) == 0;
}

/* ---- the connection: NAME=VALUE NAME='VALUE' ..., as libpq reads it ---- */

/* Past a value, which is copied without quotes and backslashes into out (if not NULL, as large as the value at least). */
static const char *take_value(const char *s, char *out)
{
    const bool quoted = *s == '\'';
    size_t n = 0;
    s += quoted;
    while (*s && (quoted ? *s != '\'' : !strchr(" \t\n\r", *s))) {
        if (*s == '\\' && s[1])
            s++;
        if (out)
            out[n++] = *s;
        s++;
    }
    if (out)
        out[n] = '\0';
    return quoted && *s ? s + 1 : s;
}

/* Take tables= out of the connection; its value goes to tables, empty when there is none. */
static void split_connection(char *connection, char *tables)
{
    const char *s = connection + 3;
    *tables = '\0';
    for (;;) {
        s += strspn(s, " \t\n\r");
        const char *start = s, *name = s;
        const size_t n = strcspn(s, "= \t\n\r");
        s += n;
        s += strspn(s, " \t\n\r");
        if (n == 0 || *s != '=')
            return;
        s++;
        s += strspn(s, " \t\n\r");
        const bool wanted = n == 6 && strncasecmp(name, "tables", 6) == 0;
        s = take_value(s, wanted ? tables : NULL);
        if (wanted) {
            memmove(connection + (start - connection), s, strlen(s) + 1);
            return;
        }
    }
}

/* "schema.table" or "table". */
static bool split_name(const char *tables, char **schema, char **table)
{
    const char *dot = strchr(tables, '.');
    const char *name = dot ? dot + 1 : tables;
    if (!*name || dot == tables || strpbrk(tables, ",()") || strchr(name, '.'))
        return false;
    *schema = dot ? strndup(tables, (size_t)(dot - tables)) : NULL;
    *table = strdup(name);
    return true;
}

static geo_status parse(const char *name, geo_postgis *p, geo_err *err)
{
    char *tables = malloc(strlen(name) + 1);
    p->connection = strdup(name);
    if (!tables || !p->connection) {
        free(tables);
        return geo_err_nomem(err);
    }
    split_connection(p->connection, tables);
    const bool named = split_name(tables, &p->schema, &p->table), whole = !strchr(tables, '.') || p->schema;
    free(tables);
    if (!named)
        return geo_err_set(err, GEO_EARG,
                           "which table of the PostGIS database? add tables=NAME or tables=SCHEMA.NAME to the connection: one name, "
                           "without commas or brackets");
    if (!p->table || !whole)
        return geo_err_nomem(err);
    if (strlen(p->table) > LONGEST_NAME)
        return geo_err_set(err, GEO_EARG, "the name of table '%s' is longer than %d bytes: PostgreSQL would cut it", p->table,
                           LONGEST_NAME);
    return GEO_OK;
}

/* ---- talking to the server ---- */

/* Before a record is touched, and after. */
static geo_status cannot_start(const geo_postgis *p, geo_err *err)
{
    return geo_err_set(err, GEO_EIO, "cannot write table '%s' of the PostGIS database: %s", p->table,
                       geo_gdal_said((char[GEO_GDAL_SAID]){0}));
}

static geo_status failed(const geo_postgis *p, geo_err *err)
{
    return geo_err_set(err, GEO_EIO, "cannot write table '%s' of the PostGIS database: %s", p->table, geo_gdal_hint());
}

/* A text in quotes of the kind that doubles itself: "a name", 'a text'. */
static char *quoted(const char *text, char quote)
{
    char *out = CPLMalloc(2 * strlen(text) + 3), *end = out;
    *end++ = quote;
    for (; *text; text++) {
        if (*text == quote)
            *end++ = quote;
        *end++ = *text;
    }
    *end++ = quote;
    *end = '\0';
    return out;
}

/* A command; each %s is a name, which is quoted. At most three. */
static bool command(GDALDatasetH d, const char *format, const char *a, const char *b, const char *c)
{
    char *names[] = {quoted(a, '"'), quoted(b, '"'), quoted(c, '"')};
    char *sql = CPLStrdup(CPLSPrintf(format, names[0], names[1], names[2]));
    CPLErrorReset();
    GDALDatasetReleaseResultSet(d, GDALDatasetExecuteSQL(d, sql, NULL, NULL));
    CPLFree(sql);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CPLFree(names[i]);
    return CPLGetLastErrorType() < CE_Failure;
}

/* The first field of the only row, in malloc'd memory; NULL and true when there is no row or no value. */
static bool ask(GDALDatasetH d, const char *sql, char **answer)
{
    *answer = NULL;
    CPLErrorReset();
    OGRLayerH rows = GDALDatasetExecuteSQL(d, sql, NULL, NULL);
    OGRFeatureH f = rows ? OGR_L_GetNextFeature(rows) : NULL;
    const bool there = f && OGR_F_IsFieldSetAndNotNull(f, 0);
    if (there)
        *answer = strdup(OGR_F_GetFieldAsString(f, 0));
    OGR_F_Destroy(f);
    if (rows)
        GDALDatasetReleaseResultSet(d, rows);
    return CPLGetLastErrorType() < CE_Failure && (!there || *answer);
}

/* Columns of numeric that may have more digits than a double or 64 bits hold: the names, each on its line. */
static bool find_long_numbers(GDALDatasetH d, OGRLayerH layer, char **names)
{
    char *name = CPLStrdup(OGR_L_GetName(layer)); /* TABLE or SCHEMA.TABLE, which may go on with (GEOMETRY) */
    name[strcspn(name, "(")] = '\0';
    char *table = quoted(name, '\'');
    const bool ok =
        ask(d,
            CPLSPrintf("SELECT string_agg(a.attname, E'\\n') FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c "
                       "ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                       "WHERE (n.nspname || '.' || c.relname = %s OR (c.relname = %s AND pg_catalog.pg_table_is_visible(c.oid))) "
                       "AND a.atttypid = 'pg_catalog.numeric'::pg_catalog.regtype "
                       "AND (a.atttypmod < 0 OR ((a.atttypmod - 4) >> 16) > "        /* of which the upper half is the number of digits */
                       "CASE (a.atttypmod - 4) & 65535 WHEN 0 THEN 18 ELSE 15 END)", /* whole numbers of 18 fit 64 bits */
                       table, table),
            names);
    CPLFree(table);
    CPLFree(name);
    return ok;
}

geo_status geo_postgis_keep_digits(GDALDatasetH d, OGRLayerH layer, geo_err *err)
{
    char *names, *ignored;
    const bool iso = ask(d, "SELECT set_config('datestyle', 'iso', false)",
                         &ignored); /* dates and times are read as the text that the server makes of them */
    if (!iso || !find_long_numbers(d, layer, &names))
        return geo_err_set(err, GEO_EIO, "cannot read 'the PostGIS database': %s", geo_gdal_hint());
    char **list = CSLTokenizeString2(names ? names : "", "\n", 0);
    for (int i = 0; i < CSLCount(list); i++) {
        const int at = OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer), list[i]);
        OGRFieldDefnH field = at < 0 ? NULL : OGR_FD_GetFieldDefn(OGR_L_GetLayerDefn(layer), at);
        if (field)
            OGR_Fld_SetType(field, OFTString);
    }
    CSLDestroy(list);
    free(names);
    return GEO_OK;
}

/* What kind of thing has a name in the schema already: a letter of pg_class.relkind, or 0. */
static bool find_kind(GDALDatasetH d, const geo_postgis *p, const char *name, char *kind)
{
    char *schema = quoted(p->schema, '\''), *table = quoted(name, '\''), *answer;
    const bool ok = ask(d,
                        CPLSPrintf("SELECT c.relkind::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
                                   "ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s",
                                   schema, table),
                        &answer);
    *kind = '\0';
    if (answer)
        *kind = *answer;
    free(answer);
    CPLFree(schema);
    CPLFree(table);
    return ok;
}

/* Is a condition true of the table that is to be replaced, c in pg_class? */
static bool holds(GDALDatasetH d, const geo_postgis *p, const char *condition, bool *yes)
{
    char *schema = quoted(p->schema, '\''), *table = quoted(p->table, '\''), *answer;
    const bool ok = ask(d,
                        CPLSPrintf("SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                                   "WHERE n.nspname = %s AND c.relname = %s AND (%s)",
                                   schema, table, condition),
                        &answer);
    *yes = answer != NULL;
    free(answer);
    CPLFree(schema);
    CPLFree(table);
    return ok;
}

/* What a table has besides its rows goes when it is replaced: who may see which rows must not, all else is told. */
static geo_status look_at_old(GDALDatasetH d, geo_postgis *p, geo_err *err)
{
    static const char ROWS[] = "c.relrowsecurity OR EXISTS (SELECT 1 FROM pg_catalog.pg_policy y WHERE y.polrelid = c.oid)";
    /* clang-format off */
    static const char SET[] =
        "c.relowner <> (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = current_user) OR c.reloptions IS NOT NULL "
        "OR EXISTS (SELECT 1 FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid) "
        "OR EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid) "
        "OR EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype NOT IN ('p', 'n')) "
        "OR EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND (a.attacl IS NOT NULL OR "
            "(a.attnotnull AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND "
            "a.attnum = ANY (i.indkey))))) "
        "OR EXISTS (SELECT 1 FROM pg_catalog.pg_attrdef d WHERE d.adrelid = c.oid AND "
            "pg_catalog.pg_get_expr(d.adbin, d.adrelid) NOT LIKE 'nextval(%') "
        "OR EXISTS (SELECT 1 FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid "
            "JOIN pg_catalog.pg_am m ON m.oid = x.relam WHERE i.indrelid = c.oid AND NOT i.indisprimary "
            "AND (m.amname <> 'gist' OR i.indnatts <> 1)) "
        "OR EXISTS (SELECT 1 FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = c.oid) "
        "OR EXISTS (SELECT 1 FROM pg_catalog.pg_publication_rel p WHERE p.prrelid = c.oid) "
        "OR EXISTS (SELECT 1 FROM pg_catalog.aclexplode(c.relacl) a WHERE a.grantee <> c.relowner) "
        "OR EXISTS (SELECT 1 FROM pg_catalog.pg_description t WHERE t.objoid = c.oid "
            "AND t.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass)";
    /* clang-format on */
    bool secured;
    if (!holds(d, p, ROWS, &secured) || !holds(d, p, SET, &p->loses))
        return failed(p, err);
    if (secured)
        return geo_err_set(err, GEO_EARG,
                           "table '%s' of the PostGIS database has row-level security, which a new one would not have: it is not replaced. "
                           "Write another table, and put the rows into this one with SQL",
                           p->table);
    return GEO_OK;
}

/* Whatever speaks against writing, before a record is read. */
static geo_status look(GDALDatasetH d, geo_postgis *p, bool force, bool shapes, geo_err *err)
{
    char kind, *postgis;
    if (!p->schema && !ask(d, "SELECT current_schema()", &p->schema))
        return cannot_start(p, err);
    if (!p->schema)
        return geo_err_set(err, GEO_EARG, "the PostGIS database has no current schema: name the table as tables=SCHEMA.NAME");
    if (!ask(d, "SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'postgis'", &postgis))
        return cannot_start(p, err);
    free(postgis);
    if (shapes && !postgis)
        return geo_err_set(err, GEO_EARG, "the database has no PostGIS, so it cannot hold geometry: create extension postgis");
    if (!find_kind(d, p, p->table, &kind))
        return cannot_start(p, err);
    if (kind && !force)
        return geo_err_set(err, GEO_EARG, "table '%s' of the PostGIS database exists: add --force to replace it", p->table);
    if (kind && kind != 'r')
        return geo_err_set(err, GEO_EARG,
                           "'%s' of the PostGIS database is a view, or something else that is no plain table: it is not replaced",
                           p->table);
    geo_status st = kind ? look_at_old(d, p, err) : GEO_OK;
    if (st == GEO_OK && kind)
        snprintf(p->hidden, sizeof p->hidden, "libgeo_new_%lld_%lx", (long long)getpid(), (unsigned long)(uintptr_t)p & 0xffffffff);
    return st;
}

geo_status geo_postgis_new(const char *name, bool force, bool shapes, const geo_watch *watch, geo_postgis **out, geo_err *err)
{
    geo_postgis *p = calloc(1, sizeof *p);
    if (!p)
        return geo_err_nomem(err);
    p->watch = watch;
    geo_status st = parse(name, p, err);
    if (st == GEO_OK) {
        CPLErrorReset();
        GDALDatasetH d = GDALOpenEx(p->connection, GDAL_OF_VECTOR | GDAL_OF_READONLY, (const char *const[]){DRIVER, NULL}, NULL, NULL);
        st = d ? look(d, p, force, shapes, err) : cannot_start(p, err);
        if (d)
            GDALClose(d);
    }
    if (st < 0) {
        geo_postgis_free(p);
        return st;
    }
    *out = p;
    return GEO_OK;
}

geo_status geo_postgis_check(const char *name, bool force, geo_err *err)
{
    geo_postgis *p;
    const geo_status st = geo_postgis_new(name, force, false, NULL, &p, err);
    if (st == GEO_OK)
        geo_postgis_free(p);
    return st;
}

void geo_postgis_free(geo_postgis *p)
{
    if (!p)
        return;
    free(p->connection);
    free(p->schema);
    free(p->table);
    free(p);
}

const char *geo_postgis_connection(const geo_postgis *p)
{
    return p->connection;
}

const char *geo_postgis_layer(const geo_postgis *p)
{
    return p->hidden[0] ? p->hidden : p->table;
}

/* Rows go by COPY, which is GDAL's way with tables that it has just made. */
char **geo_postgis_options(const geo_postgis *p, const char *geometry, const char *row)
{
    char **options = CSLSetNameValue(NULL, "SCHEMA", p->schema);
    options = CSLSetNameValue(options, "EXTRACT_SCHEMA_FROM_LAYER_NAME", "NO");
    options = CSLSetNameValue(options, "LAUNDER", "NO");
    options = CSLSetNameValue(options, "GEOMETRY_NAME", geometry);
    options = CSLSetNameValue(options, "SPATIAL_INDEX", "NONE"); /* it is made at the end, in one go */
    return CSLSetNameValue(options, "FID", row);
}

geo_status geo_postgis_begin(GDALDatasetH d, geo_err *err)
{
    CPLErrorReset();
    return GDALDatasetStartTransaction(d, FALSE) == OGRERR_NONE
               ? GEO_OK
               : geo_err_set(err, GEO_EIO, "cannot write to the PostGIS database: %s", geo_gdal_said((char[GEO_GDAL_SAID]){0}));
}

/* Keys, sequences and indexes are called after their table; where the name is taken or too long they stay as they are. */
static bool rename_part(const geo_postgis *p, GDALDatasetH d, const char *suffix)
{
    char from[2 * LONGEST_NAME + 64], to[2 * LONGEST_NAME + 64], from_kind, to_kind;
    const int from_n = snprintf(from, sizeof from, "%s_%s", p->hidden, suffix), to_n = snprintf(to, sizeof to, "%s_%s", p->table, suffix);
    if (from_n > LONGEST_NAME || to_n > LONGEST_NAME)
        return true;
    if (!find_kind(d, p, from, &from_kind) || !find_kind(d, p, to, &to_kind))
        return false;
    return !from_kind || to_kind || command(d, "ALTER TABLE %s.%s RENAME TO %s", p->schema, from, to);
}

/* The new table in place of the old one. Without CASCADE: views that others have made on it are not ours to drop. */
static bool replace(const geo_postgis *p, GDALDatasetH d, const char *geometry, const char *row)
{
    char kind, sequence[LONGEST_NAME + 8], index[LONGEST_NAME + 8];
    snprintf(sequence, sizeof sequence, "%.*s_seq", LONGEST_NAME, row);
    snprintf(index, sizeof index, "%.*s_idx", LONGEST_NAME, geometry ? geometry : "");
    return command(d, "SET LOCAL lock_timeout = '" LONGEST_LOCK "'", "", "", "") && find_kind(d, p, p->table, &kind)
           && (!kind || command(d, "DROP TABLE %s.%s", p->schema, p->table, ""))
           && command(d, "ALTER TABLE %s.%s RENAME TO %s", p->schema, p->hidden, p->table) && rename_part(p, d, "pkey")
           && rename_part(p, d, sequence) && (!geometry || rename_part(p, d, index));
}

geo_status geo_postgis_finish(const geo_postgis *p, GDALDatasetH d, OGRLayerH layer, size_t rows_n, const char *geometry, const char *row,
                              bool row_stays, geo_err *err)
{
    CPLErrorReset();
    if (OGR_L_SyncToDisk(layer) != OGRERR_NONE || CPLGetLastErrorType() >= CE_Failure)
        return failed(p, err);
    if (OGR_L_GetFeatureCount(layer, TRUE) != (GIntBig)rows_n) /* also when the server has given up the transaction */
        return geo_err_set(err, GEO_EIO, "cannot write table '%s' of the PostGIS database: not all of %zu rows arrived", p->table, rows_n);
    if (geometry && !command(d, "CREATE INDEX ON %s.%s USING gist (%s)", p->schema, geo_postgis_layer(p), geometry))
        return failed(p, err);
    if (!row_stays && !command(d, "ALTER TABLE %s.%s DROP COLUMN %s", p->schema, geo_postgis_layer(p), row))
        return failed(p, err);
    if (p->hidden[0] && !replace(p, d, geometry, row))
        return failed(p, err);
    CPLErrorReset();
    if (GDALDatasetCommitTransaction(d) != OGRERR_NONE || CPLGetLastErrorType() >= CE_Failure)
        return failed(p, err);
    if (p->loses)
        geo_watch_note(
            p->watch,
            "table '%s' of the PostGIS database has been replaced, and what was set on the old one is gone: grants, comments, indexes, "
            "triggers, constraints or defaults",
            p->table);
    return GEO_OK;
}
