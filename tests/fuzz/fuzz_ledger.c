/*
 * The public part of a ledger, as somebody gets it who checks it alone: a good one, with changes, one a line.
 *
 *     b OFFSET VALUE         a byte of the database
 *     s COLUMN ID TEXT       a value of a row of entries; x: its bytes in hexadecimal, for a blob; n: a number
 *     m ID HEX               the shape of a row of the map
 *     f KIND|TIME|DIGEST|EXTENT|SRID|STATEMENT
 *                            no change, but an entry whose form is checked
 *
 * What verifies must be what was there, or the start of it. No SpatiaLite is needed, and the database holds no more than two tables, so
 * that there are many runs a second.
 */
#define _GNU_SOURCE /* memfd_create */
#include "../../libgeo/policy/ledger_form.h"
#include "fuzz.h"
#include "geo/ledger.h"

#include <sqlite3.h>

#include <sys/mman.h>
#include <unistd.h>

#define ENTRIES_N 4
#define MOST_CHANGES 16

static unsigned char *good;
static size_t good_n;
static char hashes[ENTRIES_N + 1][65]; /* the last one after k entries */
static int file;
static char file_name[64];

static void must(sqlite3 *db, const char *sql)
{
    REQUIRE(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static sqlite3 *open_copy(const void *data, size_t n)
{
    sqlite3 *db;
    unsigned char *copy = sqlite3_malloc64(n);
    REQUIRE(copy && sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
    memcpy(copy, data, n);
    REQUIRE(sqlite3_deserialize(db, "main", copy, (sqlite3_int64)n, (sqlite3_int64)n,
                                SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE)
            == SQLITE_OK);
    return db;
}

/* A copy of what a database is now. */
static unsigned char *bytes_of(sqlite3 *db, size_t *n)
{
    sqlite3_int64 size;
    unsigned char *bytes = sqlite3_serialize(db, "main", &size, 0);
    REQUIRE(bytes);
    *n = (size_t)size;
    return bytes;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    static const double EXTENT[4] = {530000, 180000, 531000.5, 181000};
    geo_ledger_base *base;
    geo_bytes bytes;
    unsigned char map[GEO_LEDGER_MAP_BYTES];
    REQUIRE(geo_ledger_base_new(&base, NULL) == GEO_OK);
    strcpy(hashes[0], GEO_LEDGER_START);
    geo_ledger_map(EXTENT, 27700, map);
    for (int k = 1; k <= ENTRIES_N; k++) {
        const bool placed = k % 2;
        geo_ledger_row row = {k,
                              placed ? "release" : "label",
                              "2024-02-29T23:59:59Z",
                              "",
                              placed ? "530000 180000 531000.5 181000" : "",
                              placed ? 27700 : 0,
                              GEO_LEDGER_START,
                              "{\"a\": [1, \"b\"]}",
                              hashes[k]};
        const geo_ledger_part part = {(const unsigned char *)"", 0, "{}", NULL, 0};
        geo_ledger_chain(hashes[k - 1], &row, hashes[k]);
        REQUIRE(geo_ledger_base_add(base, &row, &part, map, placed ? sizeof map : 0, NULL) == GEO_OK);
    }
    REQUIRE(geo_ledger_base_bytes(base, GEO_LEDGER_PUBLIC, &bytes, NULL) == GEO_OK);
    sqlite3 *db = open_copy(bytes.data, bytes.n);
    geo_ledger_base_close(base);
    must(db, "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE tbl_name NOT IN ('entries', 'map_27700')");
    bytes.data = (char *)bytes_of(db, &bytes.n);
    sqlite3_close(db);
    db = open_copy(bytes.data, bytes.n); /* which knows of the rest no more */
    sqlite3_free(bytes.data);
    must(db, "VACUUM");
    good = bytes_of(db, &good_n);
    sqlite3_close(db);
    REQUIRE((file = memfd_create("ledger", 0)) >= 0);
    snprintf(file_name, sizeof file_name, "/proc/self/fd/%d", file);
    return 0;
}

/* The next word of a line, cut off; "" at its end. */
static char *next_word(char **line)
{
    char *word = *line, *end = word + strcspn(word, " ");
    *line = end + (*end != '\0');
    *end = '\0';
    return word;
}

static size_t from_hex(char *text)
{
    size_t n = 0;
    for (unsigned value; sscanf(text + 2 * n, "%2x", &value) == 1 && strlen(text + 2 * n) >= 2; n++)
        text[n] = (char)value;
    return n;
}

static void set_value(sqlite3 **db, const char *table, const char *column, char how, long id, char *value)
{
    static const char *const COLUMNS[] = {"id", "kind", "time", "digest", "extent", "srid", "restricted", "statement", "hash", NULL};
    char sql[100];
    sqlite3_stmt *s;
    bool known = false;
    for (const char *const *c = COLUMNS; *c; c++)
        known |= strcmp(*c, column) == 0;
    if (!known)
        return;
    if (!*db)
        *db = open_copy(good, good_n);
    snprintf(sql, sizeof sql, "UPDATE OR IGNORE %s SET %s = ?1 WHERE id = ?2", table, column);
    REQUIRE(sqlite3_prepare_v2(*db, sql, -1, &s, NULL) == SQLITE_OK);
    if (how == 'n')
        sqlite3_bind_int64(s, 1, atol(value));
    else if (how == 's')
        sqlite3_bind_text(s, 1, value, -1, SQLITE_TRANSIENT);
    else
        sqlite3_bind_blob64(s, 1, value, from_hex(value), SQLITE_TRANSIENT);
    sqlite3_bind_int64(s, 2, id);
    sqlite3_step(s); /* a text where a number must be is refused */
    sqlite3_finalize(s);
}

static void check_form(char *line)
{
    const char *fields[6] = {"", "", "", "", "", ""};
    double extent[4];
    char again[GEO_LEDGER_EXTENT_ROOM], hash[65];
    for (int i = 0; i < 6 && line; i++) {
        fields[i] = line;
        if ((line = i < 5 ? strchr(line, '|') : NULL))
            *line++ = '\0';
    }
    geo_ledger_row row = {1, fields[0], fields[1], fields[2], fields[3], atol(fields[4]), GEO_LEDGER_START, fields[5], hash};
    geo_ledger_chain(GEO_LEDGER_START, &row, hash);
    geo_ledger_is_secret_of(&row, "noise");
    if (geo_ledger_row_wrong(&row, extent))
        return;
    REQUIRE(strlen(row.time) == 20 && !strchr(row.kind, '\n') && (row.srid != 0) == (*row.extent != '\0'));
    if (row.srid) {
        geo_ledger_extent_print(extent, again);
        REQUIRE(strcmp(again, row.extent) == 0 && extent[0] <= extent[2] && extent[1] <= extent[3]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *text = malloc(n + 1);
    struct {
        size_t at;
        unsigned char value;
    } bytes[MOST_CHANGES];
    size_t bytes_n = 0, size = 0;
    sqlite3 *db = NULL;
    REQUIRE(text);
    memcpy(text, data, n);
    text[n] = '\0';
    int changes = 0;
    bool looked = false;
    for (char *line = text, *end; *line && changes < MOST_CHANGES; line = end, changes++) {
        end = line + strcspn(line, "\n");
        end += *end == '\n' ? (*end = '\0', 1) : 0;
        const char *how = next_word(&line);
        looked |= *how != 'f';
        if (*how == 'f') {
            check_form(line);
        } else if (*how == 'b') {
            bytes[bytes_n].at = (size_t)atol(next_word(&line));
            bytes[bytes_n++].value = (unsigned char)atol(line);
        } else if (*how == 'm') {
            const long id = atol(next_word(&line));
            char sql[200];
            if (!db)
                db = open_copy(good, good_n);
            snprintf(sql, sizeof sql, "UPDATE map_27700 SET extent = x'%.*s' WHERE id = %ld",
                     (int)(strspn(line, "0123456789abcdefABCDEF") / 2 * 2 % 100), line, id);
            sqlite3_exec(db, sql, NULL, NULL, NULL);
        } else if (*how && strchr("sxn", *how)) {
            const char *column = next_word(&line);
            const long id = atol(next_word(&line));
            set_value(&db, "entries", column, *how, id, line);
        }
    }
    free(text);
    if (!looked)
        return 0;
    unsigned char *now = db ? bytes_of(db, &size) : memcpy(malloc(good_n), good, size = good_n);
    for (size_t i = 0; i < bytes_n; i++)
        if (bytes[i].at < size)
            now[bytes[i].at] = bytes[i].value;
    REQUIRE(ftruncate(file, 0) == 0 && pwrite(file, now, size, 0) == (ssize_t)size);
    if (db) {
        sqlite3_free(now);
        sqlite3_close(db);
    } else {
        free(now);
    }
    char head[65] = "?";
    int64_t entries_n = -1;
    geo_err err = {GEO_OK, ""};
    const geo_status st = geo_ledger_verify(file_name, true, head, &entries_n, &err);
    if (st == GEO_OK)
        REQUIRE(entries_n >= 0 && entries_n <= ENTRIES_N && strcmp(head, hashes[entries_n]) == 0);
    else
        REQUIRE((st == GEO_EFORMAT || st == GEO_ENOMEM) && err.msg[0] && strcmp(head, "?") == 0 && entries_n == -1);
    return 0;
}
