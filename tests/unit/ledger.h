/* What the tests of the ledger share: ledgers in folders of the test's own, with entries that numbers give. */
#ifndef GEO_TESTS_LEDGER_H
#define GEO_TESTS_LEDGER_H

#include "unit.h"

#include "geo/ledger.h"

#include <sys/stat.h>

static const char *const LEDGER_FILES[] = {"ledger.db", "restricted.db", "head"};

static inline const char *in_folder(const char *folder, const char *name)
{
    static char path[8][600];
    static unsigned turn;
    char *p = path[turn++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

/* Files of a folder; removed with it when asked to. */
static inline int folder_files(const char *folder, bool away)
{
    int n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            n++;
            if (away)
                unlink(in_folder(folder, e->d_name));
        }
    if (d)
        closedir(d);
    if (away)
        rmdir(folder);
    return n;
}

/* Entry k: every third a label without an extent, some with cells. Lent until the next call. */
static inline geo_ledger_entry entry_of(int64_t k)
{
    static char statement[200], restricted[200], digest[65];
    static unsigned char cells[5000];
    static double extent[4];
    snprintf(statement, sizeof statement, "{\"title\": \"release %" PRId64 "\", \"areas\": [\"l\xC3\xB6ss\", null, 1.5]}", k);
    snprintf(restricted, sizeof restricted, "{\"reviewer\": \"Quillfeather %" PRId64 "\", \"unsafe\": %" PRId64 "}", k, k % 7);
    snprintf(digest, sizeof digest, "%064" PRIx64, (uint64_t)k * 1000003);
    for (size_t i = 0; i < sizeof cells; i++)
        cells[i] = (unsigned char)(k * 31 + (int64_t)i * 7);
    const double from[4] = {530000.125 + (double)k, 180000, 531000.5 + (double)k, 181000.1};
    const double degrees[4] = {-2.5, 53.25, -2.25, 53.5 + 0.001 * (double)k};
    memcpy(extent, k % 5 == 4 ? degrees : from, sizeof extent);
    const bool label = k % 3 == 0;
    return (geo_ledger_entry){
        .kind = label ? "label" : "release",
        .time = "2024-02-29T23:59:59Z",
        .statement = statement,
        .restricted = restricted,
        .cells = k % 2 ? cells : NULL,
        .cells_n = k % 2 ? sizeof cells : 0,
        .digest = digest,
        .extent = label ? NULL : extent,
        .extent_srid = label        ? 0
                       : k % 5 == 4 ? 4326
                                    : 27700,
    };
}

static inline geo_status append_entry(geo_ledger *l, geo_err *err)
{
    int64_t id;
    const geo_ledger_entry e = entry_of(geo_ledger_count(l) + 1);
    return geo_ledger_append(l, &e, &id, err);
}

/* A ledger of n entries in a new folder of the test's directory. */
static inline const char *ledger_of(const char *name, int64_t n)
{
    geo_ledger *l;
    geo_err err;
    const char *folder = unit_path(name);
    CHECK_OK(geo_ledger_open(folder, true, NULL, &l, &err), &err);
    while (geo_ledger_count(l) < n)
        CHECK_OK(append_entry(l, &err), &err);
    geo_ledger_close(l);
    return folder;
}

/* Is the entry what entry_of says? */
static inline bool is_entry(const geo_ledger_entry *e, int64_t k)
{
    const geo_ledger_entry w = entry_of(k);
    return e->id == k && strcmp(e->kind, w.kind) == 0 && strcmp(e->time, w.time) == 0 && strcmp(e->statement, w.statement) == 0
           && strcmp(e->restricted, w.restricted) == 0 && e->cells_n == w.cells_n
           && (w.cells_n == 0 || memcmp(e->cells, w.cells, w.cells_n) == 0) && strcmp(e->digest, w.digest) == 0
           && (w.extent ? e->extent && memcmp(e->extent, w.extent, 4 * sizeof(double)) == 0 : !e->extent) && e->extent_srid == w.extent_srid
           && strlen(e->hash) == 64;
}

#endif
