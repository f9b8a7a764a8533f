/* The ledger: what is put in comes out, and whatever has been changed since is found. Kills and failures: test_ledger_kill.c. */
#include "ledger.h"

#include "geo/init.h"
#include "geo/sidecar.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <spatialite.h>
#include <sys/wait.h>
#include <time.h>

static volatile sig_atomic_t stop;

/* Who hears that somebody else has the ledger stops waiting. */
static void stop_at(void *ctx, const char *text)
{
    (void)ctx;
    stop = strstr(text, "waiting for another process") != NULL;
}

/* ---- what comes out ---- */

static unsigned mode_of(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? about.st_mode & 0777u : 0;
}

static void entries_come_back(void **state)
{
    (void)state;
    geo_err err;
    geo_ledger *l;
    geo_ledger_entry e;
    int64_t id;
    const char *folder = unit_path("back");
    assert_int_equal(geo_ledger_open(folder, false, NULL, &l, &err), GEO_EIO); /* to read it, none is made */
    assert_int_not_equal(access(folder, F_OK), 0);
    umask(0);
    CHECK_OK(geo_ledger_open(folder, true, NULL, &l, &err), &err);
    umask(022);
    assert_int_equal(geo_ledger_count(l), 0);
    for (int64_t k = 1; k <= 20; k++)
        CHECK_OK(append_entry(l, &err), &err);
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(geo_ledger_count(l), 20);
        for (int64_t k = 20; k >= 1; k--) {
            CHECK_OK(geo_ledger_get(l, k, &e, &err), &err);
            CHECK(is_entry(&e, k), "entry %" PRId64, k);
        }
        assert_int_equal(geo_ledger_get(l, 0, &e, &err), GEO_EARG);
        assert_int_equal(geo_ledger_get(l, 21, &e, &err), GEO_EARG);
        geo_ledger_close(l);
        CHECK_OK(geo_ledger_open(folder, false, NULL, &l, &err), &err);
    }
    CHECK_OK(geo_ledger_find(l, NULL, entry_of(7).digest, &id, &err), &err);
    assert_int_equal(id, 7);
    CHECK_OK(geo_ledger_find(l, "label", entry_of(7).digest, &id, &err), &err);
    assert_int_equal(id, 0);
    e = entry_of(1);
    assert_int_equal(geo_ledger_append(l, &e, &id, &err), GEO_EARG); /* opened to be read */
    geo_ledger_close(l);
    assert_int_equal(mode_of(folder), 0700);
    assert_int_equal(mode_of(in_folder(folder, "ledger.db")), 0444);
    assert_int_equal(mode_of(in_folder(folder, "restricted.db")), 0600);
    assert_int_equal(mode_of(in_folder(folder, "head")), 0600);
    assert_int_equal(folder_files(folder, true), 4); /* and the lock, nothing else */
}

/* What the owner has given to a group stays the group's; what a careless copy has given to everybody does not. */
static void modes_are_kept(void **state)
{
    (void)state;
    geo_err err;
    geo_ledger *l;
    const char *folder = ledger_of("modes", 1);
    assert_int_equal(chmod(in_folder(folder, "restricted.db"), 0664), 0);
    assert_int_equal(chmod(in_folder(folder, "ledger.db"), 0640), 0);
    CHECK_OK(geo_ledger_open(folder, true, NULL, &l, &err), &err);
    CHECK_OK(append_entry(l, &err), &err);
    geo_ledger_close(l);
    assert_int_equal(mode_of(in_folder(folder, "restricted.db")), 0660);
    assert_int_equal(mode_of(in_folder(folder, "ledger.db")), 0640);
    folder_files(folder, true);
}

static void latest_of_a_file(void **state)
{
    (void)state;
    geo_err err;
    geo_ledger *l;
    int64_t id;
    static const char DIGEST[] = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";
    const char *folder = ledger_of("latest", 0);
    CHECK_OK(geo_ledger_open(folder, true, NULL, &l, &err), &err);
    for (int i = 0; i < 4; i++) {
        const geo_ledger_entry e = {.kind = i % 2 ? "label" : "release", .statement = "{}", .digest = DIGEST};
        CHECK_OK(geo_ledger_append(l, &e, &id, &err), &err);
    }
    CHECK_OK(geo_ledger_find(l, "release", DIGEST, &id, &err), &err);
    assert_int_equal(id, 3);
    CHECK_OK(geo_ledger_find(l, NULL, DIGEST, &id, &err), &err);
    assert_int_equal(id, 4);
    geo_ledger_entry e;
    CHECK_OK(geo_ledger_get(l, 4, &e, &err), &err);
    assert_string_equal(e.restricted, "{}");
    assert_true(strlen(e.time) == 20 && strncmp(e.time, "20", 2) == 0 && !e.cells && !e.extent);
    geo_ledger_close(l);
    folder_files(folder, true);
}

static void wrong_entries(void **state)
{
    (void)state;
    static const double NAN_[4] = {NAN, 0, 1, 1}, FAR[4] = {0, 0, INFINITY, 1}, TURNED[4] = {2, 0, 1, 1}, GOOD[4] = {0, 0, 1, 1};
    static const char D[] = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";
    static const struct {
        geo_ledger_entry e;
        const char *why;
    } CASES[] = {
        {{.kind = "gossip", .statement = "{}"}, "kind"},
        {{.kind = "", .statement = "{}"}, "kind"},
        {{.kind = "secret", .statement = "{}"}, "secrets"},
        {{.kind = "label", .statement = ""}, "statement"},
        {{.kind = "label", .statement = "[]"}, "statement"},
        {{.kind = "label", .statement = "{} {}"}, "statement"},
        {{.kind = "label", .statement = "{\"a\": 1"}, "statement"},
        {{.kind = "label", .statement = "{\"a\": \"\xFF\"}"}, "statement"},
        {{.kind = "label", .statement = "{}", .restricted = "1"}, "restricted"},
        {{.kind = "label", .statement = "{}", .time = ""}, "time"},
        {{.kind = "label", .statement = "{}", .time = "2024-02-29T24:00:00Z"}, "time"},
        {{.kind = "label", .statement = "{}", .time = "2024-02-29 23:00:00Z"}, "time"},
        {{.kind = "label", .statement = "{}", .time = "2024-13-01T23:00:00Z"}, "time"},
        {{.kind = "label", .statement = "{}", .time = "2024-02-29T23:00:00Z\n"}, "time"},
        {{.kind = "label", .statement = "{}", .digest = "ABCD"}, "digest"},
        {{.kind = "release", .statement = "{}", .digest = D, .extent = NAN_, .extent_srid = 27700}, "extent"},
        {{.kind = "release", .statement = "{}", .digest = D, .extent = FAR, .extent_srid = 27700}, "extent"},
        {{.kind = "release", .statement = "{}", .digest = D, .extent = TURNED, .extent_srid = 27700}, "extent"},
        {{.kind = "release", .statement = "{}", .digest = D, .extent = GOOD, .extent_srid = 0}, "extent"},
        {{.kind = "release", .statement = "{}", .digest = D, .extent = GOOD, .extent_srid = -27700}, "extent"},
        {{.kind = "release", .statement = "{}", .digest = D, .extent = GOOD, .extent_srid = 10000000}, "extent"},
        {{.kind = "release", .statement = "{}", .digest = D, .extent = GOOD, .extent_srid = 2}, "EPSG:2"},
    };
    geo_err err;
    geo_ledger *l;
    int64_t id = 77;
    const char *folder = ledger_of("wrong", 2);
    CHECK_OK(geo_ledger_open(folder, true, NULL, &l, &err), &err);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const geo_status st = geo_ledger_append(l, &CASES[i].e, &id, &err);
        CHECK(st == (strchr(CASES[i].why, ':') ? GEO_ECRS : GEO_EARG) && strstr(err.msg, CASES[i].why), "case %zu: %s", i, err.msg);
        CHECK(id == 77 && geo_ledger_count(l) == 2, "case %zu", i);
    }
    CHECK_OK(append_entry(l, &err), &err); /* and it goes on */
    geo_ledger_close(l);
    char head[65];
    CHECK_OK(geo_ledger_verify(folder, false, head, &id, &err), &err);
    assert_int_equal(id, 3);
    folder_files(folder, true);
}

/* ---- other engines ---- */

/* The text of the first row of a question; "" for none. */
static const char *ask_file(const char *file, const char *sql, bool with_spatialite)
{
    static char answer[4000];
    sqlite3 *db;
    sqlite3_stmt *s;
    void *spatial = with_spatialite ? spatialite_alloc_connection() : NULL;
    assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (spatial)
        spatialite_init_ex(db, spatial, 0);
    CHECK(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    snprintf(answer, sizeof answer, "%s", sqlite3_step(s) == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : "");
    sqlite3_finalize(s);
    sqlite3_close(db);
    if (spatial)
        spatialite_cleanup_ex(spatial);
    return answer;
}

/* Seal and chain are as documented: coreutils' b2sum says the same. */
static void hashes_by_b2sum(void **state)
{
    (void)state;
    if (system("b2sum --version > /dev/null 2>&1") != 0) {
        print_message("skipped: hashes of the ledger by b2sum (no b2sum)\n");
        return;
    }
    char command[700], chain[65] = "0000000000000000000000000000000000000000000000000000000000000000";
    const char *folder = ledger_of("b2sum", 4);
    snprintf(command, sizeof command, "cd '%s' && b2sum --check --quiet --strict head", folder);
    assert_int_equal(system(command), 0);
    for (int id = 1; id <= 4; id++) {
        char sql[400];
        snprintf(sql, sizeof sql,
                 "SELECT '%s\n' || id || '\n' || kind || '\n' || time || '\n' || digest || '\n' || extent || '\n' || srid || '\n' || "
                 "restricted || '\n' || statement FROM entries WHERE id = %d",
                 chain, id);
        const char *text = unit_text("chain", ask_file(in_folder(folder, "ledger.db"), sql, false));
        snprintf(command, sizeof command, "b2sum --length=256 < '%s'", text);
        FILE *f = popen(command, "r");
        assert_true(f && fread(chain, 1, 64, f) == 64);
        pclose(f);
        snprintf(sql, sizeof sql, "SELECT hash FROM entries WHERE id = %d", id);
        assert_string_equal(chain, ask_file(in_folder(folder, "ledger.db"), sql, false));
    }
    char head[65];
    int64_t n;
    geo_err err;
    CHECK_OK(geo_ledger_verify(folder, false, head, &n, &err), &err);
    assert_string_equal(head, chain);
    folder_files(folder, true);
}

/* What a GIS sees: SpatiaLite's own functions, and GDAL, read the maps. */
static void maps_in_a_gis(void **state)
{
    (void)state;
    const char *folder = ledger_of("maps", 8), *file = in_folder(folder, "ledger.db");
    assert_string_equal(ask_file(file, "SELECT ST_AsText(extent) FROM map_27700 WHERE id = 2", true),
                        "POLYGON((530002.125 180000, 531002.5 180000, 531002.5 181000.1, 530002.125 181000.1, 530002.125 180000))");
    assert_string_equal(ask_file(file, "SELECT count(*) || min(ST_SRID(extent)) || max(ST_SRID(extent)) FROM map_4326", true), "143264326");
    assert_string_equal(ask_file(file, "SELECT min(ST_IsValid(extent)) || count(*) FROM map_27700", true), "15");
    assert_string_equal(ask_file(file, "SELECT CheckSpatialMetaData()", true), "3"); /* SpatiaLite of today */
    assert_string_equal(ask_file(file, "SELECT count(*) FROM geometry_columns", true), "2");
    /* somewhere near Manchester, by way of the definition that the ledger holds */
    assert_string_equal(ask_file(file,
                                 "SELECT ST_X(p) BETWEEN -0.2 AND -0.1 AND ST_Y(p) BETWEEN 51.4 AND 51.6 FROM (SELECT "
                                 "ST_Transform(ST_Centroid(extent), 4326) p FROM map_27700 LIMIT 1)",
                                 true),
                        "1"); /* National Grid 530500 180500 is by the Thames in London */
    GDALDatasetH set = GDALOpenEx(file, GDAL_OF_VECTOR | GDAL_OF_READONLY, NULL, NULL, NULL);
    assert_non_null(set);
    OGRLayerH layer = GDALDatasetGetLayerByName(set, "map_27700");
    assert_non_null(layer);
    OGREnvelope box;
    assert_int_equal(OGR_L_GetFeatureCount(layer, 1), 5);
    assert_int_equal(OGR_L_GetExtent(layer, &box, 1), OGRERR_NONE);
    assert_true(box.MinX == 530001.125 && box.MaxX == 531008.5 && box.MinY == 180000 && box.MaxY == 181000.1);
    OGRSpatialReferenceH grid = OSRNewSpatialReference(NULL);
    assert_int_equal(OSRImportFromEPSG(grid, 27700), OGRERR_NONE);
    assert_true(OSRIsSame(grid, OGR_L_GetSpatialRef(layer)));
    OSRDestroySpatialReference(grid);
    GDALClose(set);
    folder_files(folder, true);
}

/* ---- what is found ---- */

static geo_status verify(const char *folder, geo_err *err)
{
    char head[65];
    int64_t n;
    return geo_ledger_verify(folder, false, head, &n, err);
}

/* A file as it was, over what is there. */
static void put_file(const char *path, const char *bytes, size_t n)
{
    unlink(path);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
        abort();
}

static void every_byte_is_sealed(void **state)
{
    (void)state;
    geo_random r = unit_random("single bytes");
    geo_err err;
    geo_ledger *l;
    uint8_t secret[32];
    const char *folder = ledger_of("bytes", 49);
    CHECK_OK(geo_ledger_open(folder, true, NULL, &l, &err), &err);
    CHECK_OK(geo_ledger_secret(l, "noise", secret, &err), &err);
    geo_ledger_close(l);
    char *bytes[COUNT_OF(LEDGER_FILES)];
    size_t n[COUNT_OF(LEDGER_FILES)], found = 0;
    for (size_t i = 0; i < COUNT_OF(LEDGER_FILES); i++)
        assert_non_null(bytes[i] = unit_read(in_folder(folder, LEDGER_FILES[i]), &n[i]));
    const size_t tries = unit_tries(1000);
    for (size_t k = 0; k < tries; k++) {
        const size_t i = (size_t)geo_random_below(&r, COUNT_OF(LEDGER_FILES)), at = (size_t)geo_random_below(&r, n[i]);
        const char old = bytes[i][at];
        bytes[i][at] = (char)(old ^ (char)(1 + geo_random_below(&r, 255)));
        put_file(in_folder(folder, LEDGER_FILES[i]), bytes[i], n[i]);
        const geo_status st = verify(folder, &err);
        CHECK(st == GEO_EFORMAT && strstr(err.msg, i == 2 ? "head" : LEDGER_FILES[i]), "%s, byte %zu: %s", LEDGER_FILES[i], at, err.msg);
        found += st == GEO_EFORMAT;
        bytes[i][at] = old;
        put_file(in_folder(folder, LEDGER_FILES[i]), bytes[i], n[i]);
    }
    CHECK_OK(verify(folder, &err), &err);
    print_message("%zu changed bytes, %zu found\n", tries, found);
    for (size_t k = 0; k < unit_tries(100); k++) { /* cut, or with something behind */
        const size_t i = (size_t)geo_random_below(&r, COUNT_OF(LEDGER_FILES)), cut = (size_t)geo_random_below(&r, n[i]);
        put_file(in_folder(folder, LEDGER_FILES[i]), bytes[i], k % 4 ? cut : n[i] + 1);
        CHECK(verify(folder, &err) == GEO_EFORMAT, "%s cut to %zu", LEDGER_FILES[i], cut);
        put_file(in_folder(folder, LEDGER_FILES[i]), bytes[i], n[i]);
    }
    for (size_t i = 0; i < COUNT_OF(LEDGER_FILES); i++) { /* gone; and damage is not appended to */
        unlink(in_folder(folder, LEDGER_FILES[i]));
        CHECK(verify(folder, &err) == GEO_EFORMAT && strstr(err.msg, "missing"), "%s gone: %s", LEDGER_FILES[i], err.msg);
        assert_int_equal(geo_ledger_open(folder, true, NULL, &l, &err), GEO_EFORMAT);
        assert_int_equal(folder_files(folder, false), 3);
        put_file(in_folder(folder, LEDGER_FILES[i]), bytes[i], n[i]);
        free(bytes[i]);
    }
    CHECK_OK(verify(folder, &err), &err);
    folder_files(folder, true);
}

/* A new seal over what the files are now, as somebody makes it who knows how. NULL: with the line that is there. */
static void seal_again(const char *folder, const char *line)
{
    char text[600], hex[2][65];
    geo_err err;
    char *old = unit_read(in_folder(folder, "head"), NULL);
    for (int i = 0; i < 2; i++)
        CHECK_OK(geo_digest_file(in_folder(folder, LEDGER_FILES[i]), hex[i], NULL, &err), &err);
    const int n = snprintf(text, sizeof text, "%.*s\n%s  ledger.db\n%s  restricted.db\n", (int)strcspn(line ? line : old, "\n"),
                           line ? line : old, hex[0], hex[1]);
    put_file(in_folder(folder, "head"), text, (size_t)n);
    free(old);
}

static void change_by_sql(const char *file, const char *sql)
{
    sqlite3 *db;
    char *why = NULL;
    void *spatial = spatialite_alloc_connection();
    chmod(file, 0600);
    assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    spatialite_init_ex(db, spatial, 0);
    CHECK(sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK, "%s: %s", sql, why);
    sqlite3_close(db);
    spatialite_cleanup_ex(spatial);
}

/* SQL by somebody who then makes a new seal. In public: what whoever has ledger.db alone is told. */
static void changes_under_a_new_seal(void **state)
{
    (void)state;
    static const struct {
        int file;
        const char *sql, *told, *in_public;
    } CASES[] = {
        {0, "UPDATE entries SET statement = '{}' WHERE id = 3", "entry 3: its hash does not follow", "entry 3: its hash"},
        {0, "UPDATE entries SET kind = 'release' WHERE id = 3", "entry 3: its hash does not follow", "entry 3: its hash"},
        {0, "UPDATE entries SET time = '2024-03-01T23:59:59Z' WHERE id = 5", "entry 5: its hash does not follow", "entry 5: its hash"},
        {0, "UPDATE entries SET digest = '' WHERE id = 5", "entry 5: its hash does not follow", "entry 5: its hash"},
        {0, "UPDATE entries SET extent = '1 2 3 4' WHERE id = 5", "entry 5: its hash does not follow", "entry 5: its hash"},
        {0, "UPDATE entries SET srid = 4326 WHERE id = 5", "entry 5: its hash does not follow", "entry 5: its hash"},
        {0, "UPDATE entries SET hash = replace(hash, 'a', 'b') WHERE id = 8", "entry 8: its hash", "entry 8: its hash"},
        {0, "UPDATE entries SET hash = upper(hash) WHERE id = 8", "entry 8", "entry 8"},
        {0, "UPDATE entries SET statement = x'7b7d' WHERE id = 4", "entry 4: its row in 'entries' has a value of the wrong type",
         "entry 4"},
        {0, "UPDATE entries SET statement = '{}' || char(0) WHERE id = 4", "entry 4", "entry 4"},
        {0, "UPDATE entries SET srid = 1.5 WHERE id = 4", "entry 4", "entry 4"},
        {0, "UPDATE entries SET id = -5 WHERE id = 5", "entry 5: it is missing", "entry 5: it is missing"},
        {0, "DELETE FROM entries WHERE id = 4", "entry 4: it is missing", "entry 4: it is missing"},
        {0, "DELETE FROM entries WHERE id = 4; UPDATE entries SET id = id - 1 WHERE id > 4", "entry 4: its hash", "entry 4: its hash"},
        {0, "UPDATE entries SET id = 99 WHERE id = 1; UPDATE entries SET id = 1 WHERE id = 2; UPDATE entries SET id = 2 WHERE id = 99",
         "entry 1: its hash", "entry 1: its hash"},
        {0, "DELETE FROM entries WHERE id = 9", "restricted parts of entries that are missing", NULL},
        {0, "UPDATE map_27700 SET extent = BuildMbr(0, 0, 1, 1, 27700) WHERE id = 2", "entry 2: the map", "entry 2: the map"},
        {0, "UPDATE map_27700 SET time = '' WHERE id = 2", "entry 2: the map", "entry 2: the map"},
        {0, "DELETE FROM map_27700 WHERE id = 2", "entry 2: the map", "entry 2: the map"},
        {0, "INSERT INTO map_27700 VALUES (99, 'release', '', NULL)", "map of EPSG:27700", "map of EPSG:27700"},
        {0, "DROP TABLE map_4326", "entry 4", "entry 4"},
        {0, "ALTER TABLE entries ADD COLUMN more TEXT", "no table 'entries'", "no table 'entries'"},
        {0, "ALTER TABLE entries RENAME TO e; CREATE VIEW entries AS SELECT * FROM e", "no table 'entries'", "no table 'entries'"},
        {1, "UPDATE restricted SET restricted = '{}' WHERE id = 6", "entry 6: its restricted part is another", NULL},
        {1, "UPDATE restricted SET cells = x'00' WHERE id = 6", "entry 6: its restricted part is another", NULL},
        {1, "UPDATE restricted SET cells = zeroblob(5000) WHERE id = 7", "entry 7: its restricted part is another", NULL},
        {1, "UPDATE restricted SET salt = zeroblob(32) WHERE id = 6", "entry 6: its restricted part is another", NULL},
        {1, "UPDATE restricted SET salt = x'' WHERE id = 6", "entry 6: the salt", NULL},
        {1, "UPDATE restricted SET restricted = x'7b7d' WHERE id = 6", "entry 6", NULL},
        {1, "DELETE FROM restricted WHERE id = 2", "entry 2: its restricted part is missing", NULL},
        {1, "INSERT INTO restricted VALUES (99, x'00', '{}', x'')", "restricted parts of entries that are missing", NULL},
        {1, "DROP TABLE restricted", "no table 'restricted'", NULL},
    };
    const char *folder = ledger_of("sql", 9);
    char *bytes[2], head[65];
    size_t n[2];
    int64_t count;
    geo_err err;
    for (int i = 0; i < 2; i++)
        assert_non_null(bytes[i] = unit_read(in_folder(folder, LEDGER_FILES[i]), &n[i]));
    for (size_t k = 0; k < COUNT_OF(CASES); k++) {
        change_by_sql(in_folder(folder, LEDGER_FILES[CASES[k].file]), CASES[k].sql);
        seal_again(folder, NULL);
        geo_status st = verify(folder, &err);
        CHECK(st == GEO_EFORMAT && strstr(err.msg, CASES[k].told), "%s: %s", CASES[k].sql, err.msg);
        st = geo_ledger_verify(folder, true, head, &count, &err);
        CHECK(CASES[k].in_public ? st == GEO_EFORMAT && strstr(err.msg, CASES[k].in_public) : st == GEO_OK, "%s: %s", CASES[k].sql,
              err.msg);
        for (int i = 0; i < 2; i++)
            put_file(in_folder(folder, LEDGER_FILES[i]), bytes[i], n[i]);
    }
    seal_again(folder, NULL);
    CHECK_OK(verify(folder, &err), &err);
    /* the last entry taken from everywhere: only the count and hash of the chain in head tell, or ones kept elsewhere */
    change_by_sql(in_folder(folder, "ledger.db"), "DELETE FROM entries WHERE id = 9");
    change_by_sql(in_folder(folder, "restricted.db"), "DELETE FROM restricted WHERE id = 9");
    seal_again(folder, NULL);
    assert_true(verify(folder, &err) == GEO_EFORMAT && strstr(err.msg, "ends elsewhere"));
    CHECK_OK(geo_ledger_verify(in_folder(folder, "ledger.db"), true, head, &count, &err), &err); /* the file alone, by its name */
    assert_int_equal(count, 8);
    free(bytes[0]);
    free(bytes[1]);
    folder_files(folder, true);
}

static void files_of_another_ledger(void **state)
{
    (void)state;
    char one[320], other[320];
    strcpy(one, ledger_of("one", 5));
    strcpy(other, ledger_of("other", 5)); /* the same entries: their salts differ */
    geo_err err;
    for (int i = 0; i < 3; i++) {
        size_t n = 0, mine_n = 0;
        char *theirs = unit_read(in_folder(other, LEDGER_FILES[i]), &n), *mine = unit_read(in_folder(one, LEDGER_FILES[i]), &mine_n);
        put_file(in_folder(one, LEDGER_FILES[i]), theirs, n);
        assert_int_equal(verify(one, &err), GEO_EFORMAT);
        seal_again(one, NULL);
        CHECK(i == 2 || verify(one, &err) == GEO_EFORMAT, "%s", LEDGER_FILES[i]);
        put_file(in_folder(one, LEDGER_FILES[i]), mine, mine_n);
        seal_again(one, i == 2 ? mine : NULL);
        CHECK_OK(verify(one, &err), &err);
        free(theirs);
        free(mine);
    }
    folder_files(one, true);
    folder_files(other, true);
}

/* ---- secrets ---- */

static bool holds(const char *path, const void *what, size_t n)
{
    size_t size = 0;
    char *bytes = unit_read(path, &size);
    bool found = false;
    for (size_t i = 0; !found && i + n <= size; i++)
        found = memcmp(bytes + i, what, n) == 0;
    free(bytes);
    return found;
}

static void secrets(void **state)
{
    (void)state;
    uint8_t first[32], again[32], other[32];
    char hex[65], statement[300];
    geo_err err;
    geo_ledger *l;
    geo_ledger_entry e;
    const char *folder = ledger_of("secrets", 3);
    CHECK_OK(geo_ledger_open(folder, false, NULL, &l, &err), &err);
    assert_int_equal(geo_ledger_secret(l, "noise", first, &err), GEO_EARG);
    geo_ledger_close(l);
    CHECK_OK(geo_ledger_open(folder, true, NULL, &l, &err), &err);
    CHECK_OK(geo_ledger_secret(l, "noise", first, &err), &err);
    CHECK_OK(geo_ledger_secret(l, "noise", again, &err), &err);
    assert_memory_equal(first, again, 32);
    CHECK_OK(geo_ledger_secret(l, "noise-2024", other, &err), &err);
    assert_memory_not_equal(first, other, 32);
    assert_int_equal(geo_ledger_count(l), 5);
    assert_int_equal(geo_ledger_secret(l, "", again, &err), GEO_EARG);
    assert_int_equal(geo_ledger_secret(l, "a\"b", again, &err), GEO_EARG);
    CHECK_OK(geo_ledger_get(l, 4, &e, &err), &err);
    CHECK_OK(geo_digest_file(unit_write("secret", first, 32), hex, NULL, &err), &err);
    snprintf(statement, sizeof statement, "{\"secret\": \"noise\", \"commitment\": \"%s\"}", hex);
    assert_string_equal(e.statement, statement);
    geo_ledger_close(l);
    CHECK_OK(geo_ledger_open(folder, false, NULL, &l, &err), &err);
    CHECK_OK(geo_ledger_secret(l, "noise", again, &err), &err);
    assert_memory_equal(first, again, 32);
    geo_ledger_close(l);
    /* what must stay inside does */
    assert_true(holds(in_folder(folder, "restricted.db"), first, 32) && holds(in_folder(folder, "restricted.db"), "Quillfeather", 12));
    assert_false(holds(in_folder(folder, "ledger.db"), first, 32) || holds(in_folder(folder, "ledger.db"), "Quillfeather", 12));
    assert_false(holds(in_folder(folder, "ledger.db"), (const char *)entry_of(1).cells + 100, 32));
    unlink(unit_path("secret"));
    folder_files(folder, true);
}

/* ---- who has it ---- */

static void a_locked_ledger(void **state)
{
    (void)state;
    const geo_watch watch = {.stop = &stop, .note = stop_at};
    geo_err err;
    geo_ledger *l, *reader;
    const char *folder = ledger_of("locked", 2);
    int go[2];
    char byte = 0;
    assert_int_equal(pipe(go), 0);
    const pid_t child = fork(); /* before the parent has it open: a lock is shared with children */
    if (child == 0) {
        geo_ledger *second;
        alarm(20);
        const bool told = read(go[0], &byte, 1) == 1;
        _exit(told && geo_ledger_open(folder, true, NULL, &second, NULL) == GEO_OK && geo_ledger_count(second) == 3 ? 0 : 1);
    }
    CHECK_OK(geo_ledger_open(folder, true, NULL, &l, &err), &err);
    CHECK_OK(geo_ledger_open(folder, false, NULL, &reader, &err), &err); /* who reads waits for nobody */
    CHECK_OK(append_entry(l, &err), &err);
    assert_int_equal(geo_ledger_count(reader), 2);
    geo_ledger_close(reader);
    assert_int_equal(write(go[1], &byte, 1), 1);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0); /* it waits */
    geo_ledger *third;
    assert_int_equal(geo_ledger_open(folder, true, &watch, &third, &err), GEO_ESTOP);
    geo_ledger_close(l);
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(go[0]);
    close(go[1]);
    folder_files(folder, true);
}

/* Without the lock, which somebody has removed: what others have added is not overwritten. */
static void changed_in_spite_of_the_lock(void **state)
{
    (void)state;
    geo_err err;
    geo_ledger *l, *second;
    char head[65];
    int64_t n;
    const char *folder = ledger_of("no lock", 2);
    CHECK_OK(geo_ledger_open(folder, true, NULL, &l, &err), &err);
    unlink(in_folder(folder, "lock"));
    CHECK_OK(geo_ledger_open(folder, true, NULL, &second, &err), &err);
    CHECK_OK(append_entry(second, &err), &err);
    CHECK_OK(append_entry(second, &err), &err);
    geo_ledger_close(second);
    assert_true(append_entry(l, &err) == GEO_EIO && strstr(err.msg, "somebody else"));
    assert_int_equal(geo_ledger_count(l), 4); /* what is there now */
    CHECK_OK(append_entry(l, &err), &err);
    geo_ledger_close(l);
    CHECK_OK(geo_ledger_verify(folder, false, head, &n, &err), &err);
    assert_int_equal(n, 5);
    folder_files(folder, true);
}

static void unreadable(void **state)
{
    (void)state;
    geo_err err;
    geo_ledger *l;
    const char *folder = ledger_of("unreadable", 1);
    assert_int_equal(geo_ledger_open(unit_path("no/such"), true, NULL, &l, &err), GEO_EIO);
    assert_int_equal(geo_ledger_open(unit_text("file", "x"), true, NULL, &l, &err), GEO_EIO);
    char head[65];
    int64_t n;
    assert_int_equal(geo_ledger_verify(unit_path("file"), true, head, &n, &err), GEO_EFORMAT);
    assert_int_equal(geo_ledger_verify(unit_path("none"), true, head, &n, &err), GEO_EIO);
    unlink(unit_path("file"));
    const pid_t child = fork();
    if (child == 0) { /* as nobody, who may look into the folder, and no further */
        if (geteuid() == 0 && (chmod(unit_place, 0755) != 0 || chmod(folder, 0755) != 0 || setuid(65534) != 0))
            _exit(9);
        if (geteuid() != 65534 && chmod(in_folder(folder, "restricted.db"), 0) != 0)
            _exit(9);
        const bool told = geo_ledger_open(folder, false, NULL, &l, &err) == GEO_EIO && strstr(err.msg, "Permission denied");
        _exit(told && geo_ledger_open(folder, true, NULL, &l, &err) == GEO_EIO ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    folder_files(folder, true);
}

static int start(void **state)
{
    (void)state;
    return geo_init(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_come_back),
        cmocka_unit_test(modes_are_kept),
        cmocka_unit_test(latest_of_a_file),
        cmocka_unit_test(wrong_entries),
        cmocka_unit_test(hashes_by_b2sum),
        cmocka_unit_test(maps_in_a_gis),
        cmocka_unit_test(every_byte_is_sealed),
        cmocka_unit_test(changes_under_a_new_seal),
        cmocka_unit_test(files_of_another_ledger),
        cmocka_unit_test(secrets),
        cmocka_unit_test(a_locked_ledger),
        cmocka_unit_test(changed_in_spite_of_the_lock),
        cmocka_unit_test(unreadable),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
