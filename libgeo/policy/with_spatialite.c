/* SQLite and SpatiaLite: see with_spatialite.h. Errors of SQLite become ours in `told`. */
#include "with_spatialite.h"

#include <sqlite3.h>

#include <sodium.h>
#include <spatialite.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Their texts are what SQLite keeps of a table, so that another table of the name, or a view, is told from it. */
static const char *const TABLES[GEO_LEDGER_FILES] = {
    "CREATE TABLE entries (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, time TEXT NOT NULL, digest TEXT NOT NULL, extent TEXT NOT NULL, "
    "srid INTEGER NOT NULL, restricted TEXT NOT NULL, statement TEXT NOT NULL, hash TEXT NOT NULL)",
    "CREATE TABLE restricted (id INTEGER PRIMARY KEY, salt BLOB NOT NULL, restricted TEXT NOT NULL, cells BLOB NOT NULL)",
};
static const char *const NAMES[GEO_LEDGER_FILES] = {"entries", "restricted"};

struct geo_ledger_base {
    sqlite3 *db[GEO_LEDGER_FILES];
    void *spatialite; /* of the public one; NULL until it is needed */
    sqlite3_stmt *row, *part, *map;
    int64_t map_srid; /* what `map` looks at */
};

static geo_status told(int code, geo_err *err)
{
    if ((code & 0xFF) == SQLITE_NOMEM)
        return geo_err_nomem(err);
    if ((code & 0xFF) == SQLITE_FULL || (code & 0xFF) == SQLITE_TOOBIG)
        return geo_err_set(err, GEO_ENOMEM, "a database of the ledger would be larger than SQLite keeps in memory");
    return geo_err_set(err, GEO_EFORMAT, "its database is damaged (SQLite: %s)", sqlite3_errstr(code));
}

static geo_status run(sqlite3 *db, const char *sql, geo_err *err)
{
    const int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? GEO_OK : told(code, err);
}

static geo_status prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, geo_err *err)
{
    const int code = sqlite3_prepare_v2(db, sql, -1, out, NULL);
    return code == SQLITE_OK ? GEO_OK : told(code, err);
}

/* The one number that a question gives; -1 for no row, or no number. */
static geo_status ask(sqlite3 *db, const char *sql, const char *text, int64_t *n, geo_err *err)
{
    sqlite3_stmt *s;
    geo_status st = prepare(db, sql, &s, err);
    if (st < 0)
        return st;
    int code = text ? sqlite3_bind_text(s, 1, text, -1, SQLITE_STATIC) : SQLITE_OK;
    if (code == SQLITE_OK)
        code = sqlite3_step(s);
    *n = code == SQLITE_ROW && sqlite3_column_type(s, 0) == SQLITE_INTEGER ? sqlite3_column_int64(s, 0) : -1;
    sqlite3_finalize(s);
    return code == SQLITE_ROW || code == SQLITE_DONE ? GEO_OK : told(code, err);
}

/* ---- opening ---- */

/*
 * A database in memory, of these bytes. What they say may be hostile: no trigger, view or function of theirs is called, and nothing is
 * attached. Pages are zeroed before they are used again.
 */
static geo_status open_bytes(const char *data, size_t n, sqlite3 **out, geo_err *err)
{
    static const int OFF[] = {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_TRUSTED_SCHEMA};
    int code = sqlite3_open_v2(":memory:", out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, NULL);
    for (size_t i = 0; code == SQLITE_OK && i < sizeof OFF / sizeof *OFF; i++)
        code = sqlite3_db_config(*out, OFF[i], 0, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(*out, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (code != SQLITE_OK)
        return told(code, err);
    sqlite3_limit(*out, SQLITE_LIMIT_ATTACHED, 0);
    unsigned char *copy = sqlite3_malloc64(n ? n : 1);
    if (!copy)
        return geo_err_nomem(err);
    if (n)
        memcpy(copy, data, n);
    code = sqlite3_deserialize(*out, "main", copy, (sqlite3_int64)n, (sqlite3_int64)n,
                               SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE); /* which frees it, failed or not */
    return code == SQLITE_OK ? run(*out, "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY", err) : told(code, err);
}

static geo_status check_table(sqlite3 *db, const char *name, const char *text, geo_err *err)
{
    char sql[200];
    int64_t same;
    snprintf(sql, sizeof sql, "SELECT count(*) = 1 AND min(sql) = ?1 FROM sqlite_schema WHERE name = '%s' COLLATE NOCASE", name);
    const geo_status st = ask(db, sql, text, &same, err);
    if (st == GEO_OK && same != 1)
        return geo_err_set(err, GEO_EFORMAT, "it has no table '%s' as this version makes it", name);
    return st;
}

static geo_status prepare_all(geo_ledger_base *b, geo_err *err)
{
    geo_status st =
        prepare(b->db[GEO_LEDGER_PUBLIC], "SELECT kind, time, digest, extent, restricted, statement, hash, srid FROM entries WHERE id = ?1",
                &b->row, err);
    if (st == GEO_OK && b->db[GEO_LEDGER_RESTRICTED])
        st = prepare(b->db[GEO_LEDGER_RESTRICTED], "SELECT salt, restricted, cells FROM restricted WHERE id = ?1", &b->part, err);
    return st;
}

/* n files; with fresh, databases without anything get their tables. */
static geo_status open_all(const geo_bytes *files, size_t n, bool fresh, geo_ledger_base **out, geo_err *err)
{
    geo_ledger_base *b = calloc(1, sizeof *b);
    if (!b)
        return geo_err_nomem(err);
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < n; i++) {
        st = open_bytes(files[i].data, files[i].n, &b->db[i], err);
        if (st == GEO_OK)
            st = fresh ? run(b->db[i], TABLES[i], err) : check_table(b->db[i], NAMES[i], TABLES[i], err);
    }
    if (st == GEO_OK)
        st = prepare_all(b, err);
    if (st < 0) {
        geo_ledger_base_close(b);
        return st;
    }
    *out = b;
    return GEO_OK;
}

geo_status geo_ledger_base_load(const geo_bytes *files, size_t n, geo_ledger_base **out, geo_err *err)
{
    return open_all(files, n, false, out, err);
}

void geo_ledger_base_close(geo_ledger_base *b)
{
    if (!b)
        return;
    sqlite3_finalize(b->row);
    sqlite3_finalize(b->part);
    sqlite3_finalize(b->map);
    geo_bytes secret = {0};
    if (b->db[GEO_LEDGER_RESTRICTED] && geo_ledger_base_bytes(b, GEO_LEDGER_RESTRICTED, &secret, NULL) == GEO_OK)
        sodium_memzero(secret.data, secret.n);
    for (size_t i = 0; i < GEO_LEDGER_FILES; i++)
        sqlite3_close(b->db[i]);
    if (b->spatialite)
        spatialite_cleanup_ex(b->spatialite);
    free(b);
}

/* ---- reading ---- */

/* Text of a column, NULL when it is none or has a NUL inside. */
static const char *text_of(sqlite3_stmt *s, int column)
{
    if (sqlite3_column_type(s, column) != SQLITE_TEXT)
        return NULL;
    const char *text = (const char *)sqlite3_column_text(s, column);
    return text && strlen(text) == (size_t)sqlite3_column_bytes(s, column) ? text : NULL;
}

/* A blob is NULL when it is empty, so the type tells. */
static bool blob_of(sqlite3_stmt *s, int column, const void **data, size_t *n)
{
    *data = sqlite3_column_blob(s, column);
    *n = (size_t)sqlite3_column_bytes(s, column);
    return sqlite3_column_type(s, column) == SQLITE_BLOB;
}

static geo_status find(sqlite3_stmt *s, int64_t id, geo_err *err)
{
    sqlite3_reset(s);
    int code = sqlite3_bind_int64(s, 1, id);
    if (code == SQLITE_OK)
        code = sqlite3_step(s);
    return code == SQLITE_ROW ? GEO_OK : code == SQLITE_DONE ? GEO_DONE : told(code, err);
}

static geo_status wrong_type(const char *table, geo_err *err)
{
    return geo_err_set(err, GEO_EFORMAT, "its row in '%s' has a value of the wrong type", table);
}

geo_status geo_ledger_base_row(geo_ledger_base *b, int64_t id, geo_ledger_row *row, geo_err *err)
{
    const geo_status st = find(b->row, id, err);
    if (st != GEO_OK)
        return st;
    const char *texts[7];
    bool good = sqlite3_column_type(b->row, 7) == SQLITE_INTEGER;
    for (int i = 0; i < 7; i++)
        good &= (texts[i] = text_of(b->row, i)) != NULL;
    if (!good)
        return wrong_type("entries", err);
    *row = (geo_ledger_row){
        id, texts[0], texts[1], texts[2], texts[3], sqlite3_column_int64(b->row, 7), texts[4], texts[5], texts[6],
    };
    return GEO_OK;
}

geo_status geo_ledger_base_part(geo_ledger_base *b, int64_t id, geo_ledger_part *part, geo_err *err)
{
    const geo_status st = find(b->part, id, err);
    if (st != GEO_OK)
        return st;
    const void *salt;
    if (!blob_of(b->part, 0, &salt, &part->salt_n) || !(part->restricted = text_of(b->part, 1))
        || !blob_of(b->part, 2, &part->cells, &part->cells_n))
        return wrong_type("restricted", err);
    part->salt = salt;
    return GEO_OK;
}

/* Is this system's map there? As it is made: SpatiaLite adds the column. */
static geo_status check_map(geo_ledger_base *b, int64_t srid, geo_err *err)
{
    char name[40], text[200];
    snprintf(name, sizeof name, "map_%lld", (long long)srid);
    snprintf(text, sizeof text, "CREATE TABLE %s (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, time TEXT NOT NULL, \"extent\" POLYGON)",
             name);
    return check_table(b->db[GEO_LEDGER_PUBLIC], name, text, err);
}

geo_status geo_ledger_base_map(geo_ledger_base *b, int64_t srid, int64_t id, const void **map, size_t *n, geo_err *err)
{
    char sql[200];
    geo_status st = GEO_OK;
    if (!b->map || b->map_srid != srid) {
        sqlite3_finalize(b->map);
        b->map = NULL;
        snprintf(sql, sizeof sql, "SELECT m.extent FROM map_%lld m JOIN entries e USING (id, kind, time) WHERE m.id = ?1", (long long)srid);
        if ((st = check_map(b, srid, err)) == GEO_OK)
            st = prepare(b->db[GEO_LEDGER_PUBLIC], sql, &b->map, err);
        b->map_srid = srid;
    }
    if (st == GEO_OK && (st = find(b->map, id, err)) == GEO_OK && !blob_of(b->map, 0, map, n))
        st = wrong_type("map", err);
    return st;
}

geo_status geo_ledger_base_count(geo_ledger_base *b, int file, int64_t srid, int64_t *n, geo_err *err)
{
    char sql[100];
    if (srid)
        snprintf(sql, sizeof sql, "SELECT count(*) FROM map_%lld", (long long)srid);
    else
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", NAMES[file]);
    return ask(b->db[file], sql, NULL, n, err);
}

geo_status geo_ledger_base_bytes(geo_ledger_base *b, int file, geo_bytes *bytes, geo_err *err)
{
    sqlite3_int64 n = 0;
    unsigned char *data = sqlite3_serialize(b->db[file], "main", &n, SQLITE_SERIALIZE_NOCOPY);
    if (!data)
        return geo_err_nomem(err);
    *bytes = (geo_bytes){(char *)data, (size_t)n, 0};
    return GEO_OK;
}

/* ---- adding ---- */

static geo_status need_spatialite(geo_ledger_base *b, geo_err *err)
{
    if (b->spatialite)
        return GEO_OK;
    if (!(b->spatialite = spatialite_alloc_connection()))
        return geo_err_nomem(err);
    spatialite_init_ex(b->db[GEO_LEDGER_PUBLIC], b->spatialite, 0);
    return GEO_OK;
}

/* 'NONE': without the thousands of systems that nobody has asked for. */
geo_status geo_ledger_base_new(geo_ledger_base **out, geo_err *err)
{
    static const geo_bytes EMPTY[GEO_LEDGER_FILES];
    geo_ledger_base *b;
    int64_t made = 0;
    geo_status st = open_all(EMPTY, GEO_LEDGER_FILES, true, &b, err);
    if (st < 0)
        return st;
    if ((st = need_spatialite(b, err)) == GEO_OK)
        st = ask(b->db[GEO_LEDGER_PUBLIC], "SELECT InitSpatialMetaData(1, 'NONE')", NULL, &made, err);
    if (st == GEO_OK && made != 1)
        st = geo_err_set(err, GEO_EIO, "SpatiaLite cannot make its tables");
    if (st < 0)
        geo_ledger_base_close(b);
    else
        *out = b;
    return st;
}

/*
 * A system as PROJ defines it, and a layer of polygons in it. Not by SpatiaLite's own list of systems: what that does not have it tells
 * on standard error.
 */
static geo_status make_map(geo_ledger_base *b, int64_t srid, geo_err *err)
{
    sqlite3 *db = b->db[GEO_LEDGER_PUBLIC];
    const long long n = (long long)srid;
    char sql[400];
    int64_t known = 0, made = 0;
    geo_status st = need_spatialite(b, err);
    snprintf(sql, sizeof sql, "SELECT PROJ_AsProjString('EPSG', %lld) IS NOT NULL AND PROJ_AsWKT('EPSG', %lld) IS NOT NULL", n, n);
    if (st == GEO_OK)
        st = ask(db, sql, NULL, &known, err);
    if (st == GEO_OK && known != 1)
        return geo_err_set(err, GEO_ECRS, "there is no reference system EPSG:%lld", n);
    snprintf(
        sql, sizeof sql,
        "INSERT INTO spatial_ref_sys VALUES (%lld, 'epsg', %lld, 'EPSG:%lld', PROJ_AsProjString('EPSG', %lld), PROJ_AsWKT('EPSG', %lld));"
        "CREATE TABLE map_%lld (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, time TEXT NOT NULL)",
        n, n, n, n, n, n);
    if (st == GEO_OK)
        st = run(db, sql, err);
    snprintf(sql, sizeof sql, "SELECT AddGeometryColumn('map_%lld', 'extent', %lld, 'POLYGON', 'XY')", n, n);
    if (st == GEO_OK)
        st = ask(db, sql, NULL, &made, err);
    return st == GEO_OK && made != 1 ? geo_err_set(err, GEO_EIO, "SpatiaLite cannot make a map for EPSG:%lld", n) : st;
}

/* Values to put into a row, one after another. */
typedef struct insertion {
    sqlite3_stmt *s;
    int code, at;
} insertion;

static insertion begin(sqlite3 *db, const char *sql)
{
    insertion in = {NULL, SQLITE_OK, 0};
    in.code = sqlite3_prepare_v2(db, sql, -1, &in.s, NULL);
    return in;
}

static void put_int(insertion *in, int64_t value)
{
    if (in->code == SQLITE_OK)
        in->code = sqlite3_bind_int64(in->s, ++in->at, value);
}

static void put_text(insertion *in, const char *text)
{
    if (in->code == SQLITE_OK)
        in->code = sqlite3_bind_text64(in->s, ++in->at, text, strlen(text), SQLITE_STATIC, SQLITE_UTF8);
}

static void put_blob(insertion *in, const void *data, size_t n)
{
    if (in->code == SQLITE_OK)
        in->code = sqlite3_bind_blob64(in->s, ++in->at, n ? data : "", n, SQLITE_STATIC);
}

static geo_status end(insertion *in, geo_err *err)
{
    if (in->code == SQLITE_OK && (in->code = sqlite3_step(in->s)) == SQLITE_DONE)
        in->code = SQLITE_OK;
    sqlite3_finalize(in->s);
    return in->code == SQLITE_OK ? GEO_OK : told(in->code, err);
}

static geo_status add_row(geo_ledger_base *b, const geo_ledger_row *row, geo_err *err)
{
    insertion in = begin(b->db[GEO_LEDGER_PUBLIC], "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    put_int(&in, row->id);
    put_text(&in, row->kind);
    put_text(&in, row->time);
    put_text(&in, row->digest);
    put_text(&in, row->extent);
    put_int(&in, row->srid);
    put_text(&in, row->seal);
    put_text(&in, row->statement);
    put_text(&in, row->hash);
    return end(&in, err);
}

static geo_status add_part(geo_ledger_base *b, int64_t id, const geo_ledger_part *part, geo_err *err)
{
    insertion in = begin(b->db[GEO_LEDGER_RESTRICTED], "INSERT INTO restricted VALUES (?, ?, ?, ?)");
    put_int(&in, id);
    put_blob(&in, part->salt, part->salt_n);
    put_text(&in, part->restricted);
    put_blob(&in, part->cells, part->cells_n);
    return end(&in, err);
}

static geo_status add_map(geo_ledger_base *b, const geo_ledger_row *row, const void *map, size_t n, geo_err *err)
{
    char sql[100];
    int64_t there;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM sqlite_schema WHERE name = 'map_%lld'", (long long)row->srid);
    geo_status st = ask(b->db[GEO_LEDGER_PUBLIC], sql, NULL, &there, err);
    if (st == GEO_OK && there == 0)
        st = make_map(b, row->srid, err);
    if (st < 0)
        return st;
    snprintf(sql, sizeof sql, "INSERT INTO map_%lld VALUES (?, ?, ?, ?)", (long long)row->srid);
    insertion in = begin(b->db[GEO_LEDGER_PUBLIC], sql);
    put_int(&in, row->id);
    put_text(&in, row->kind);
    put_text(&in, row->time);
    put_blob(&in, map, n);
    return end(&in, err);
}

geo_status geo_ledger_base_add(geo_ledger_base *b, const geo_ledger_row *row, const geo_ledger_part *part, const void *map, size_t map_n,
                               geo_err *err)
{
    sqlite3_reset(b->row);
    sqlite3_reset(b->part);
    sqlite3_reset(b->map);
    geo_status st = add_row(b, row, err);
    if (st == GEO_OK)
        st = add_part(b, row->id, part, err);
    if (st == GEO_OK && map_n)
        st = add_map(b, row, map, map_n, err);
    return st;
}
