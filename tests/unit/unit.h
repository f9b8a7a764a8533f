/*
 * What unit tests share: cmocka in the order it wants its headers, files in a directory of the test's own, seeds.
 */
#ifndef GEO_TESTS_UNIT_H
#define GEO_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "geo/random.h"
#include "geo/status.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

/* Fail with the case's name in front. */
#define CHECK(condition, ...)                                                                                                              \
    do {                                                                                                                                   \
        if (!(condition)) {                                                                                                                \
            print_error(__VA_ARGS__);                                                                                                      \
            print_error("\n");                                                                                                             \
            fail_msg("%s", #condition);                                                                                                    \
        }                                                                                                                                  \
    } while (0)

#define CHECK_OK(call, err) CHECK((call) == GEO_OK, "%s: %s", #call, (err)->msg)

/* Under valgrind everything takes thirty times as long: properties then try fewer cases. */
static inline size_t unit_tries(size_t n)
{
    return getenv("GEO_TEST_SLOW") ? n / 50 + 1 : n;
}

/* A generator whose seed is printed; GEO_TEST_SEED repeats a failure. */
static inline geo_random unit_random(const char *what)
{
    const char *given = getenv("GEO_TEST_SEED");
    const uint64_t seed = given ? strtoull(given, NULL, 10) : 20240607;
    geo_random r;
    geo_random_init(&r, seed, 0);
    print_message("%s: GEO_TEST_SEED=%" PRIu64 "\n", what, seed);
    return r;
}

static char unit_place[64]; /* the directory of this program's files; empty until it is needed */

static inline void unit_empty(void)
{
    DIR *d = opendir(unit_place);
    char path[600];
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", unit_place, e->d_name);
        unlink(path);
    }
    if (d)
        closedir(d);
}

static inline void unit_remove(void)
{
    unit_empty();
    rmdir(unit_place);
}

/* Path of a file in the test's own directory; eight may be in use at the same time. */
static inline const char *unit_path(const char *name)
{
    static char path[8][320];
    static unsigned turn;
    if (!unit_place[0]) {
        strcpy(unit_place, "/tmp/geo-unit-XXXXXX");
        if (!mkdtemp(unit_place))
            abort();
        atexit(unit_remove);
    }
    char *p = path[turn++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", unit_place, name);
    return p;
}

/* Write a file there; returns its path. */
static inline const char *unit_write(const char *name, const void *bytes, size_t n)
{
    const char *path = unit_path(name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
        abort();
    return path;
}

static inline const char *unit_text(const char *name, const char *text)
{
    return unit_write(name, text, strlen(text));
}

/* A whole file, NUL added, malloc'd; NULL when it is not there. */
static inline char *unit_read(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *all = malloc((size_t)1 << 24);
    if (!all)
        abort();
    const size_t got = fread(all, 1, ((size_t)1 << 24) - 1, f);
    fclose(f);
    all[got] = '\0';
    if (n)
        *n = got;
    return all;
}

/* How many entries the directory has, hidden ones too. */
static inline int unit_files(void)
{
    int n = 0;
    DIR *d = opendir(unit_place);
    for (struct dirent *e; d && (e = readdir(d));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    if (d)
        closedir(d);
    return n;
}

#endif
