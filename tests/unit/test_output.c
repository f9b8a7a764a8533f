/*
 * Files that appear whole or not at all, when the system refuses in the middle: the linker wraps the calls that move files, so that the
 * nth one fails, for every n. Closing, too, and file systems without nameless files, flags of rename or links.
 */
#define _GNU_SOURCE /* O_TMPFILE */
#include "unit.h"

#include "io/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

int __real_rename(const char *from, const char *to);
int __real_renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags);
int __real_link(const char *from, const char *to);
int __real_open(const char *path, int flags, ...);
int __real_close(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags);
int __wrap_link(const char *from, const char *to);
int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);

static geo_err err;
static int closes_n, failing_close;
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

int __wrap_open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? (mode_t)va_arg(rest, int) : 0;
    va_end(rest);
    if (plain && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return __real_open(path, flags, mode);
}

int __wrap_close(int fd)
{
    const int failed = __real_close(fd);
    if (++closes_n != failing_close)
        return failed;
    errno = EDQUOT;
    return -1;
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
    st = geo_folder_commit(f, NULL, &err);
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
        assert_int_equal(geo_folder_commit(f, NULL, &err), GEO_EARG);
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
            CHECK_OK(geo_folder_commit(f, NULL, &err), &err);
        geo_folder_close(f);
        assert_int_equal(unit_files(), finish);
    }
    assert_int_equal(rmdir(unit_path("x.gdb/table")), 0);
    assert_int_equal(rmdir(unit_path("x.gdb")), 0);
    geo_folder *f;
    CHECK_OK(geo_folder_new(unit_path("x.a"), NULL, false, &f, &err), &err);
    assert_int_equal(geo_folder_commit(f, NULL, &err), GEO_EIO); /* no file was made */
    geo_folder_close(f);
    geo_folder_close(NULL);
}

static geo_status write_one(const char *name, bool force)
{
    geo_output *o;
    closes_n = calls_n = 0;
    geo_status st = geo_output_open(name, &(geo_writer_options){.force = force}, &o, &err);
    if (st < 0)
        return st;
    st = geo_output_write(o, "new", 3, &err);
    if (st == GEO_OK)
        st = geo_output_commit(o, &err);
    geo_output_close(o);
    return st;
}

/* A disk that tells only at the end that it is full: no file under the name, no hidden one; what was there stays, if anything can do that. */
static void closing_is_looked_at(void **state)
{
    (void)state;
    char name[320];
    strcpy(name, unit_path("one.csv"));
    for (int p = 0; p < 2; p++)
        for (int force = 0; force < 2; force++)
            for (failing_close = 1;; failing_close++) {
                plain = p;
                unit_empty();
                if (force)
                    unit_text("one.csv", "old");
                const geo_status st = write_one(name, force);
                if (closes_n < failing_close) {
                    CHECK_OK(st, &err);
                    assert_int_equal(unit_files(), 1);
                    check_file("one.csv", "new");
                    break;
                }
                assert_int_equal(st, GEO_EIO);
                CHECK(strstr(err.msg, strerror(EDQUOT)), "%s", err.msg);
                const bool linked =
                    !plain && failing_close == 2; /* the descriptor itself, after another of the same file was closed well */
                assert_int_equal(unit_files(), force && !linked);
                if (force && !linked)
                    check_file("one.csv", "old");
            }
    failing_close = 0;
    plain = false;
}

static void naming_can_fail(void **state)
{
    (void)state;
    char name[320];
    strcpy(name, unit_path("one.csv"));
    for (int p = 0; p < 2; p++) {
        plain = p;
        unit_empty();
        failing = 1;
        unit_text("one.csv", "old");
        assert_int_equal(write_one(name, true), GEO_EIO);
        check_file("one.csv", "old");
        assert_int_equal(unit_files(), 1);
        failing = 0;
        geo_output *o; /* a file that comes while the output is written is not replaced without force */
        unit_empty();
        CHECK_OK(geo_output_open(name, &(geo_writer_options){0}, &o, &err), &err);
        unit_text("one.csv", "old");
        assert_int_equal(geo_output_commit(o, &err), GEO_EIO);
        geo_output_close(o);
        check_file("one.csv", "old");
        assert_int_equal(unit_files(), 1);
    }
    plain = false;
}

/* Files are as the umask wants them, and nobody else ever sees another umask. */
static void modes(void **state)
{
    (void)state;
    const mode_t before = umask(027);
    for (int p = 0; p < 2; p++) {
        struct stat about;
        plain = p;
        unit_empty();
        CHECK_OK(write_one(unit_path("one.csv"), false), &err);
        assert_int_equal(stat(unit_path("one.csv"), &about), 0);
        assert_int_equal(about.st_mode & 0777, 0640);
    }
    plain = false;
    umask(before);
}

/* A release to a pipe: nothing arrives before the end, and then all of it. */
static void releases_wait(void **state)
{
    (void)state;
    enum { ROW_N = 20000, ROWS = 100 };
    char name[320], row[ROW_N];
    unit_empty();
    strcpy(name, unit_path("pipe"));
    assert_int_equal(mkfifo(name, 0600), 0);
    memset(row, 'x', sizeof row);
    for (int finish = 0; finish < 2; finish++) {
        const int reader = __real_open(name, O_RDONLY | O_NONBLOCK);
        geo_output *o;
        CHECK_OK(geo_output_open(name, &(geo_writer_options){.release = true}, &o, &err), &err);
        for (int i = 0; i < (finish ? 1 : ROWS); i++) /* more than a pipe holds */
            CHECK_OK(geo_output_write(o, row, sizeof row, &err), &err);
        char got[ROW_N + 1];
        assert_true(read(reader, got, sizeof got) <= 0);
        if (finish)
            CHECK_OK(geo_output_commit(o, &err), &err);
        geo_output_close(o);
        assert_int_equal(read(reader, got, sizeof got), finish ? ROW_N : 0);
        __real_close(reader);
    }
    assert_int_equal(unit_files(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_files_move_together),
        cmocka_unit_test(places_are_looked_at_again),
        cmocka_unit_test(folders_in_folders),
        cmocka_unit_test(closing_is_looked_at),
        cmocka_unit_test(naming_can_fail),
        cmocka_unit_test(modes),
        cmocka_unit_test(releases_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
