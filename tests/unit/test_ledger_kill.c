/*
 * The ledger under kills, failures, stopped machines and company. The linker wraps the calls by which a sealed folder changes: each of them,
 * one after another, is the one at which the process is killed, at which the call fails, or at which the machine stops.
 *
 * A machine that stops loses what has not been synced. The model: a file that was written and not synced is cut somewhere; of the
 * names that were made, changed and removed since the folder was last synced, any may be as they were before. POSIX promises no more.
 */
#include "ledger.h"

#include "geo/init.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { NOTHING, KILL, FAIL, STOP };

#define BASE_N 4 /* then there are maps for all entries that follow, and SpatiaLite need not be called for each try */

static int action = NOTHING;
static long at; /* calls until it happens */
static int failure = ENOSPC;
static geo_random chance;

int __real_openat(int folder, const char *name, int flags, ...);
int __wrap_openat(int folder, const char *name, int flags, ...);
ssize_t __real_write(int fd, const void *data, size_t n);
ssize_t __wrap_write(int fd, const void *data, size_t n);
int __wrap_fsync(int fd);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __real_unlinkat(int folder, const char *name, int flags);
int __wrap_unlinkat(int folder, const char *name, int flags);

/* ---- the stopping machine ---- */

#define MOST_OPS 64

static struct {
    char from[NAME_MAX + 1], to[NAME_MAX + 1]; /* from is empty for a file that was made, to for one that was removed */
    int folder;
    bool kept; /* what was replaced or removed is kept in the side folder, under the number of the change */
} ops[MOST_OPS];
static size_t ops_n;
static struct {
    int fd, second; /* another descriptor of the same file */
} unsynced[MOST_OPS];
static size_t unsynced_n;
static int side = -1;

static const char *side_name(size_t op)
{
    static char name[24];
    snprintf(name, sizeof name, "%zu", op);
    return name;
}

static void note_change(int folder, const char *from, const char *to, const char *lost)
{
    if (action != STOP)
        return;
    assert(ops_n < MOST_OPS);
    snprintf(ops[ops_n].from, sizeof ops[0].from, "%s", from);
    snprintf(ops[ops_n].to, sizeof ops[0].to, "%s", to);
    ops[ops_n].folder = folder;
    __real_unlinkat(side, side_name(ops_n), 0); /* the wrapped one would count */
    ops[ops_n].kept = lost && linkat(folder, lost, side, side_name(ops_n), 0) == 0;
    ops_n++;
}

/* Lose some of what was not synced. */
static void lose(void)
{
    for (size_t i = ops_n; i-- > 0;) {
        if (geo_random_below(&chance, 2))
            continue;
        /* a name that has been used again since, and keeps that, is not given back */
        if (*ops[i].from && *ops[i].to && faccessat(ops[i].folder, ops[i].from, F_OK, 0) != 0)
            renameat(ops[i].folder, ops[i].to, ops[i].folder, ops[i].from);
        else if (*ops[i].to)
            unlinkat(ops[i].folder, ops[i].to, 0);
        if (ops[i].kept)
            linkat(side, side_name(i), ops[i].folder, *ops[i].to ? ops[i].to : ops[i].from, 0);
    }
    for (size_t i = 0; i < unsynced_n; i++) {
        struct stat about;
        if (fstat(unsynced[i].second, &about) == 0)
            assert(ftruncate(unsynced[i].second, (off_t)geo_random_below(&chance, (uint64_t)about.st_size + 1)) == 0);
    }
}

/* Is it the turn of this call? It then fails, or never comes back. */
static bool turn(void)
{
    if (action == NOTHING || --at != 0)
        return false;
    if (action == FAIL) {
        errno = failure;
        return true;
    }
    if (action == STOP) {
        action = NOTHING; /* the changes of `lose` are nobody's */
        lose();
    }
    raise(SIGKILL);
    return true;
}

int __wrap_openat(int folder, const char *name, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & O_CREAT ? (mode_t)va_arg(rest, unsigned) : 0;
    va_end(rest);
    if (turn())
        return -1;
    const int fd = __real_openat(folder, name, flags, mode);
    if (action == STOP && fd >= 0 && (flags & O_EXCL)) {
        note_change(folder, "", name, NULL);
        assert(unsynced_n < MOST_OPS);
        unsynced[unsynced_n].fd = fd;
        unsynced[unsynced_n++].second = fcntl(fd, F_DUPFD_CLOEXEC, 100);
    }
    return fd;
}

/* Half a write may be done. */
ssize_t __wrap_write(int fd, const void *data, size_t n)
{
    if (action != NOTHING && at == 1 && n > 1 && __real_write(fd, data, n / 2) < 0)
        return -1;
    return turn() ? -1 : __real_write(fd, data, n);
}

int __wrap_fsync(int fd)
{
    struct stat about;
    if (turn())
        return -1;
    if (action == STOP && fstat(fd, &about) == 0 && S_ISDIR(about.st_mode))
        ops_n = 0;
    for (size_t i = 0; action == STOP && i < unsynced_n; i++)
        if (unsynced[i].fd == fd) {
            __real_close(unsynced[i].second);
            unsynced[i] = unsynced[--unsynced_n];
            break;
        }
    return fstat(fd, &about); /* no machine stops in earnest */
}

int __wrap_close(int fd)
{
    if (turn()) {
        __real_close(fd);
        errno = failure;
        return -1;
    }
    return __real_close(fd);
}

int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    if (turn())
        return -1;
    note_change(from_folder, from, to, to);
    return __real_renameat(from_folder, from, to_folder, to);
}

int __wrap_unlinkat(int folder, const char *name, int flags)
{
    if (turn())
        return -1;
    if (action == STOP && faccessat(folder, name, F_OK, 0) == 0)
        note_change(folder, name, "", name);
    return __real_unlinkat(folder, name, flags);
}

/* ---- memory ---- */

static long allocations; /* until one fails; 0: none does */

static bool runs_out(void)
{
    return allocations > 0 && --allocations == 0;
}

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n)
{
    return runs_out() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return runs_out() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return runs_out() ? NULL : __real_realloc(p, n);
}

/* ---- what must hold afterwards ---- */

/* From one call to the next that something happens at. */
static long step(void)
{
    return getenv("GEO_TEST_SLOW") ? 9 : 1;
}

static void copy_ledger(const char *from, const char *to)
{
    folder_files(to, true);
    if (mkdir(to, 0700) != 0)
        abort();
    for (size_t i = 0; i < COUNT_OF(LEDGER_FILES); i++) {
        size_t n = 0;
        char *bytes = unit_read(in_folder(from, LEDGER_FILES[i]), &n);
        FILE *f = bytes ? fopen(in_folder(to, LEDGER_FILES[i]), "wb") : NULL;
        if (f && (fwrite(bytes, 1, n, f) != n || fclose(f) != 0))
            abort();
        free(bytes);
    }
}

/* Open, two appends, each acknowledged by a byte; to be killed on the way. False when it came to its end. */
static bool run_killed(const char *folder, int how, long call, int *acknowledged)
{
    int told[2], status;
    if (pipe(told) != 0)
        abort();
    const pid_t child = fork();
    if (child == 0) {
        geo_ledger *l;
        action = how;
        at = call;
        if (geo_ledger_open(folder, true, NULL, &l, NULL) != GEO_OK)
            _exit(1);
        for (int i = 0; i < 2; i++)
            if (append_entry(l, NULL) != GEO_OK || __real_write(told[1], "x", 1) != 1)
                _exit(1);
        geo_ledger_close(l);
        _exit(0);
    }
    close(told[1]);
    char byte;
    *acknowledged = 0;
    while (read(told[0], &byte, 1) == 1)
        ++*acknowledged;
    close(told[0]);
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0, "call %ld: status %d", call, status);
    return WIFSIGNALED(status);
}

/* It verifies, has at least and at most so many entries, and takes another; returns how many there were. */
static int64_t goes_on(const char *folder, int64_t least, int64_t most, const char *what, long call)
{
    char head[65];
    int64_t n = 0;
    geo_err err;
    geo_ledger *l;
    geo_ledger_entry e;
    geo_status st = geo_ledger_verify(folder, false, head, &n, &err);
    const bool none = least == 0 && st == GEO_EIO && strstr(err.msg, "there is no ledger");
    CHECK(none || st == GEO_OK, "%s, call %ld: %s", what, call, err.msg);
    CHECK(n >= least && n <= most, "%s, call %ld: %" PRId64 " entries", what, call, n);
    CHECK_OK(geo_ledger_open(folder, true, NULL, &l, &err), &err);
    assert_int_equal(folder_files(folder, false), 4); /* nothing half done is left */
    assert_int_equal(geo_ledger_count(l), n);
    CHECK_OK(append_entry(l, &err), &err);
    for (int64_t k = 1; k <= n + 1; k++) {
        CHECK_OK(geo_ledger_get(l, k, &e, &err), &err);
        CHECK(is_entry(&e, k), "%s, call %ld: entry %" PRId64, what, call, k);
    }
    geo_ledger_close(l);
    return n;
}

static void killed_at_each_call(void **state)
{
    (void)state;
    char base[320], folder[320];
    strcpy(base, ledger_of("base", BASE_N));
    strcpy(folder, unit_path("killed"));
    for (int64_t from = 0; from <= BASE_N; from += BASE_N) {
        bool killed = true;
        long call = 1;
        for (int64_t seen = from; killed; call += step()) {
            int acknowledged;
            copy_ledger(from ? base : "/nowhere", folder);
            killed = run_killed(folder, KILL, call, &acknowledged);
            const int64_t n = goes_on(folder, from + acknowledged, from + 2, "killed", call);
            assert_true(n >= seen); /* an entry that a later kill leaves is never lost by an earlier one */
            seen = n;
        }
        print_message("from %" PRId64 " entries: killed at each call up to %ld\n", from, call - 1 - step());
        assert_true(call > 40);
    }
    folder_files(base, true);
    folder_files(folder, true);
}

static void machine_stops_at_each_call(void **state)
{
    (void)state;
    geo_random r = unit_random("stopping machine");
    char base[320], folder[320], aside[320];
    strcpy(base, ledger_of("base", BASE_N));
    strcpy(folder, unit_path("stopped"));
    strcpy(aside, unit_path("side"));
    if (mkdir(aside, 0700) != 0 || (side = open(aside, O_RDONLY | O_DIRECTORY)) < 0)
        abort();
    size_t stops = 0;
    for (int64_t from = 0; from <= BASE_N; from += BASE_N) {
        bool stopped = true;
        for (long call = 1; stopped; call += from ? step() : 3 * step()) /* a new ledger takes its time */
            for (size_t k = 0; k < unit_tries(from ? 3 : 1); k++) {
                int acknowledged;
                geo_random_init(&chance, geo_random_next(&r), 0);
                copy_ledger(from ? base : "/nowhere", folder);
                stopped = run_killed(folder, STOP, call, &acknowledged);
                goes_on(folder, from + acknowledged, from + 2, "stopped", call);
                stops += stopped;
            }
    }
    print_message("%zu machines stopped\n", stops);
    close(side);
    folder_files(aside, true);
    folder_files(base, true);
    folder_files(folder, true);
}

/* Each call fails: an error, and the ledger as it was; or it was a call that does not matter. */
static void each_call_fails(void **state)
{
    (void)state;
    static const int FAILURES[] = {ENOSPC, EIO};
    char base[320], folder[320];
    strcpy(base, ledger_of("base", BASE_N));
    strcpy(folder, unit_path("failing"));
    for (size_t f = 0; f < COUNT_OF(FAILURES); f++) {
        failure = FAILURES[f];
        bool reached = true;
        long call = 1;
        for (; reached; call += step()) {
            geo_err err = {0};
            geo_ledger *l = NULL;
            copy_ledger(base, folder);
            action = FAIL;
            at = call;
            geo_status st = geo_ledger_open(folder, true, NULL, &l, &err);
            if (st == GEO_OK)
                st = append_entry(l, &err);
            reached = at <= 0;
            action = NOTHING;
            const bool made = st == GEO_OK || strstr(err.msg, "the change was made");
            CHECK(st == GEO_OK || (st == GEO_EIO && strstr(err.msg, "ledger '")), "call %ld: %s", call, err.msg);
            if (l) { /* it knows how far it has come, or that it does not */
                geo_ledger_entry e;
                geo_err later;
                st = geo_ledger_get(l, 1, &e, &later);
                CHECK(st == GEO_OK ? geo_ledger_count(l) == BASE_N + made : st == GEO_EIO, "call %ld: %s", call, later.msg);
            }
            geo_ledger_close(l);
            goes_on(folder, BASE_N + made, BASE_N + made, err.msg, call);
        }
        assert_true(call > 30);
    }
    folder_files(base, true);
    folder_files(folder, true);
}

/* libgeo's memory, that is: SQLite has its own way. */
static void memory_runs_out(void **state)
{
    (void)state;
    char base[320], folder[320];
    strcpy(base, ledger_of("base", BASE_N));
    strcpy(folder, unit_path("memory"));
    bool reached = true;
    long n = 1;
    for (; reached; n++) {
        geo_err err = {0};
        geo_ledger *l = NULL;
        char head[65];
        int64_t count, before;
        copy_ledger(base, folder);
        allocations = n;
        geo_status st = geo_ledger_open(folder, true, NULL, &l, &err);
        if (st == GEO_OK)
            st = append_entry(l, &err);
        reached = allocations == 0;
        allocations = 0;
        before = st == GEO_OK ? BASE_N + 1 : BASE_N;
        CHECK(st == GEO_OK || (st == GEO_ENOMEM && err.msg[0]), "allocation %ld: %s", n, err.msg);
        geo_ledger_close(l);
        CHECK_OK(geo_ledger_verify(folder, false, head, &count, &err), &err);
        CHECK(count == before, "allocation %ld: %" PRId64 " entries", n, count);
    }
    assert_true(n > 10);
    folder_files(base, true);
    folder_files(folder, true);
}

/* ---- from outside ---- */

static void killed_at_random(void **state)
{
    (void)state;
    geo_random r = unit_random("kills");
    char folder[320];
    strcpy(folder, ledger_of("random", 0));
    int64_t n = 0, acknowledged_n = 0;
    for (size_t round = 0; round < unit_tries(100); round++) {
        int told[2];
        if (pipe(told) != 0)
            abort();
        const pid_t child = fork();
        if (child == 0) {
            geo_ledger *l;
            if (geo_ledger_open(folder, true, NULL, &l, NULL) != GEO_OK)
                _exit(1);
            while (append_entry(l, NULL) == GEO_OK && __real_write(told[1], "x", 1) == 1)
                ;
            _exit(1);
        }
        close(told[1]);
        char byte;
        int64_t here = round % 4 && read(told[0], &byte, 1) == 1; /* while it opens it too, but mostly while it appends */
        nanosleep(&(struct timespec){.tv_nsec = 1000L * (long)geo_random_below(&r, 20000)}, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(told[0], &byte, 1) == 1)
            here++;
        close(told[0]);
        acknowledged_n += here;
        n = goes_on(folder, n + here, n + here + 1, "killed", (long)round) + 1;
    }
    print_message("%" PRId64 " entries acknowledged before the kills, %" PRId64 " in the end\n", acknowledged_n, n);
    folder_files(folder, true);
}

static void in_company(void **state)
{
    (void)state;
    enum { WRITERS = 3, EACH = 8 };
    char folder[320], head[65];
    strcpy(folder, ledger_of("company", 0));
    pid_t child[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        if ((child[i] = fork()) == 0) {
            alarm(60);
            for (int k = 0; k < EACH; k++) {
                geo_ledger *l;
                if (geo_ledger_open(folder, true, NULL, &l, NULL) != GEO_OK || append_entry(l, NULL) != GEO_OK)
                    _exit(1);
                geo_ledger_close(l);
            }
            _exit(0);
        }
    int64_t n = 0, seen = 0;
    int done = 0, reads = 0;
    while (done < WRITERS) { /* whoever reads meanwhile sees a whole ledger, and never an older one than before */
        geo_err err;
        CHECK_OK(geo_ledger_verify(folder, false, head, &n, &err), &err);
        assert_true(n >= seen);
        seen = n;
        reads++;
        for (int i = 0, status; i < WRITERS; i++)
            if (child[i] && waitpid(child[i], &status, WNOHANG) == child[i]) {
                assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
                child[i] = 0;
                done++;
            }
    }
    print_message("%d readings while %d processes added\n", reads, WRITERS);
    assert_int_equal(goes_on(folder, WRITERS * EACH, WRITERS * EACH, "company", 0), WRITERS * EACH);
    folder_files(folder, true);
}

/* No room for another entry: files may not grow beyond what they have. */
static void full_disk(void **state)
{
    (void)state;
    char folder[320];
    struct stat about;
    strcpy(folder, ledger_of("full", 3));
    assert_int_equal(stat(in_folder(folder, "ledger.db"), &about), 0);
    const pid_t child = fork();
    if (child == 0) {
        const struct rlimit limit = {(rlim_t)about.st_size / 2, (rlim_t)about.st_size / 2};
        geo_ledger *l;
        geo_err err;
        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || geo_ledger_open(folder, true, NULL, &l, &err) != GEO_OK)
            _exit(1);
        if (append_entry(l, &err) != GEO_EIO || !strstr(err.msg, "cannot write 'ledger.db.new'"))
            _exit(2);
        _exit(geo_ledger_count(l) == 3 && folder_files(folder, false) == 4 ? 0 : 3);
    }
    int status;
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", status);
    goes_on(folder, 3, 3, "full disk", 0);
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
        cmocka_unit_test(killed_at_each_call), cmocka_unit_test(machine_stops_at_each_call), cmocka_unit_test(each_call_fails),
        cmocka_unit_test(memory_runs_out),     cmocka_unit_test(killed_at_random),           cmocka_unit_test(in_company),
        cmocka_unit_test(full_disk),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
