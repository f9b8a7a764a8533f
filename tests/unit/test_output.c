/*
 * Files that appear whole or not at all, when the system refuses in the middle: the linker wraps the calls that move files, so that the
 * nth one fails, for every n.
 */
#include "unit.h"

#include "io/sink.h"

#include <errno.h>
#include <sys/stat.h>

int __real_rename(const char *from, const char *to);
int __real_renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags);
int __real_link(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags);
int __wrap_link(const char *from, const char *to);

static geo_err err;
static int calls_n, failing; /* the call that fails, with EACCES; 0: none */
static bool plain;           /* a file system without links and flags */

static bool fails(void)
{
    errno = EACCES;
    return ++calls_n == failing;
}

int __wrap_rename(const char *from, const char *to)
{
    return fails() ? -1 : __real_rename(from, to);
}

int __wrap_renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
    if (plain) {
        errno = EINVAL;
        return -1;
    }
    return fails() ? -1 : __real_renameat2(from_at, from, to_at, to, flags);
}

int __wrap_link(const char *from, const char *to)
{
    if (plain) {
        errno = EPERM;
        return -1;
    }
    return fails() ? -1 : __real_link(from, to);
}

static const char *const BELONGINGS[] = {".a", ".b", ".gone", "-log", NULL};

static void write_inside(const geo_folder *f, const char *extension, const char *text)
{
    char path[400];
    snprintf(path, sizeof path, "%.*s%s", (int)strlen(geo_folder_inside(f)) - 2, geo_folder_inside(f), extension);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static geo_status make_three(bool force)
{
    geo_folder *f;
    char name[320];
    strcpy(name, unit_path("x.a"));
    calls_n = 0;
    geo_status st = geo_folder_new(name, BELONGINGS, force, &f, &err);
    if (st < 0)
        return st;
    write_inside(f, ".a", "new a");
    write_inside(f, ".b", "new b");
    write_inside(f, ".c", "new c");
    st = geo_folder_commit(f, &err);
    geo_folder_close(f);
    return st;
}

/* NULL: no such file. */
static void check_file(const char *name, const char *expected)
{
    char *got = unit_read(unit_path(name), NULL);
    CHECK((!got && !expected) || (got && expected && strcmp(got, expected) == 0), "%s, call %d: '%s', not '%s'", name, failing,
          got ? got : "(none)", expected ? expected : "(none)");
    free(got);
}

static void check_old(void)
{
    check_file("x.a", "old a");
    check_file("x.b", NULL);
    check_file("x.c", "old c");
    check_file("x.gone", "old gone");
    check_file("x.a-log", "old log");
    check_file("x.sdc", "label");
    assert_int_equal(unit_files(), 5);
}

static void several_files_move_together(void **state)
{
    (void)state;
    for (int p = 0; p < 2; p++) {
        plain = p;
        for (failing = 1;; failing++) { /* nothing was there: nothing is there */
            unit_path("");
            unit_empty();
            const geo_status st = make_three(false);
            if (calls_n < failing) {
                CHECK_OK(st, &err);
                break;
            }
            assert_int_equal(st, GEO_EIO);
            assert_int_equal(unit_files(), 0);
        }
        check_file("x.a", "new a");
        check_file("x.b", "new b");
        check_file("x.c", "new c");
        assert_int_equal(unit_files(), 3);
        for (failing = 1;; failing++) { /* what was there is there again */
            unit_empty();
            unit_text("x.a", "old a");
            unit_text("x.c", "old c");
            unit_text("x.gone", "old gone");
            unit_text("x.a-log", "old log");
            unit_text("x.sdc", "label");
            assert_int_equal(make_three(false), GEO_EARG);
            check_old();
            const geo_status st = make_three(true);
            if (st == GEO_OK && calls_n < failing)
                break;
            if (st == GEO_OK) /* a link that fails is made good by a move */
                continue;
            assert_int_equal(st, GEO_EIO);
            check_old();
        }
        assert_true(failing > 5);
        check_file("x.a", "new a");
        check_file("x.b", "new b");
        check_file("x.c", "new c");
        check_file("x.sdc", "label");
        assert_int_equal(unit_files(), 4);
    }
    failing = 0;
    plain = false;
}

/* A file that comes while the output is written is not replaced; a directory never is. */
static void places_are_looked_at_again(void **state)
{
    (void)state;
    for (int force = 0; force < 2; force++) {
        geo_folder *f;
        unit_empty();
        CHECK_OK(geo_folder_new(unit_path("x.a"), NULL, force, &f, &err), &err);
        write_inside(f, ".a", "new a");
        write_inside(f, ".b", "new b");
        if (force)
            assert_int_equal(mkdir(unit_path("x.b"), 0777), 0);
        else
            unit_text("x.b", "somebody's");
        assert_int_equal(geo_folder_commit(f, &err), GEO_EARG);
        geo_folder_close(f);
        assert_int_equal(unit_files(), 1);
        rmdir(unit_path("x.b"));
    }
}

/* Directories in the hidden directory, too, are moved as one, or go. */
static void folders_in_folders(void **state)
{
    (void)state;
    for (int finish = 0; finish < 2; finish++) {
        geo_folder *f;
        char path[400];
        unit_empty();
        CHECK_OK(geo_folder_new(unit_path("x.gdb"), NULL, false, &f, &err), &err);
        assert_int_equal(mkdir(geo_folder_inside(f), 0777), 0);
        snprintf(path, sizeof path, "%s/table", geo_folder_inside(f));
        assert_int_equal(mkdir(path, 0777), 0);
        if (finish)
            CHECK_OK(geo_folder_commit(f, &err), &err);
        geo_folder_close(f);
        assert_int_equal(unit_files(), finish);
    }
    assert_int_equal(rmdir(unit_path("x.gdb/table")), 0);
    assert_int_equal(rmdir(unit_path("x.gdb")), 0);
    geo_folder *f;
    CHECK_OK(geo_folder_new(unit_path("x.a"), NULL, false, &f, &err), &err);
    assert_int_equal(geo_folder_commit(f, &err), GEO_EIO); /* no file was made */
    geo_folder_close(f);
    geo_folder_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_files_move_together),
        cmocka_unit_test(places_are_looked_at_again),
        cmocka_unit_test(folders_in_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
