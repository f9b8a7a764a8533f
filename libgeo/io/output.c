/*
 * Files that appear whole or not at all. The bytes go to a file without a name (O_TMPFILE), which the kernel drops if the process dies;
 * it is linked under its name when complete. Where the file system has no such files, a hidden one beside the target takes their place.
 *
 * What goes to standard output, a device or a pipe cannot be taken back. So a release, which may be refused at its last row, waits in an
 * unlinked temporary file until it is complete; what is in there has passed the gate and is open.
 */
#define _GNU_SOURCE /* O_TMPFILE, renameat2 */
#include "pass.h"
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_NAMES 1000 /* hidden names tried, should others have taken them */
#define COPY_BYTES 65536
#define SPELL_MS 200
#define SELF_ROOM 40

struct geo_output {
    int fd;
    bool direct; /* standard output, a device, a pipe: nothing to commit */
    bool waits;  /* a write may wait for a reader */
    bool force;
    FILE *held; /* a release on its way to a direct output */
    char *name;
    char *temporary; /* hidden file, if O_TMPFILE does not work here */
    const geo_watch *watch;
    const struct geo_pass *pass; /* of a release that was made safe: seals it before it goes */
};

/* The descriptor that a name stands for, which is open already: "-", /dev/stdout, /dev/fd/3 and the like; -1 for any other name. */
static int descriptor_of(const char *name)
{
    static const char *const NUMBERED[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(name, "-") == 0 || strcmp(name, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(name, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof NUMBERED / sizeof *NUMBERED; i++) {
        const size_t n = strlen(NUMBERED[i]), digits_n = strlen(name) > n ? strspn(name + n, "0123456789") : 0;
        if (strncmp(name, NUMBERED[i], n) == 0 && digits_n > 0 && digits_n < 9 && !name[n + digits_n])
            return atoi(name + n);
    }
    return -1;
}

bool geo_output_is_direct(const char *name)
{
    struct stat about;
    return descriptor_of(name) >= 0 || (stat(name, &about) == 0 && !S_ISREG(about.st_mode));
}

char *geo_output_place(const char *name)
{
    struct stat about;
    return lstat(name, &about) == 0 && S_ISLNK(about.st_mode) ? realpath(name, NULL) : strdup(name);
}

geo_status geo_writer_check(const char *name, bool force, geo_err *err)
{
    struct stat about;
    if (geo_postgis_is(name))
        return geo_postgis_check(name, force, err);
    if (descriptor_of(name) >= 0 || lstat(name, &about) != 0)
        return GEO_OK;
    if (stat(name, &about) != 0)
        return geo_err_set(err, GEO_EARG, "cannot write '%s': it is a link to nothing: remove it, or name the file itself",
                           geo_name_shown(name));
    if (S_ISDIR(about.st_mode))
        return geo_err_set(err, GEO_EARG,
                           "cannot write '%s': it is a directory, and none is ever replaced: remove it, or choose another name",
                           geo_name_shown(name));
    if (S_ISREG(about.st_mode) && !force)
        return geo_err_set(err, GEO_EARG, "'%s' exists: add --force to replace it", geo_name_shown(name));
    return GEO_OK;
}

char *geo_directory_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    if (!slash)
        return strdup(".");
    return slash == name ? strdup("/") : strndup(name, (size_t)(slash - name));
}

char *geo_hidden_name(const char *name)
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
    const size_t room = strlen(name) + 16;
    char *hidden = malloc(room);
    if (hidden) /* without the extension: GDAL would take a directory .x.zip.* for an archive */
        snprintf(hidden, room, "%.*s.%.*s.XXXXXX", (int)(base - name), name, (int)strcspn(base, "."), base);
    return hidden;
}

/* Another hidden name at each turn: that of a template, with its six X filled in. */
static void vary(char *hidden, unsigned turn)
{
    snprintf(hidden + strlen(hidden) - 6, 7, "%06u", ((unsigned)getpid() * MOST_NAMES + turn) % 1000000);
}

/* A name for an open file, which may have no other. */
static const char *self_name(int fd, char room[SELF_ROOM])
{
    snprintf(room, SELF_ROOM, "/proc/self/fd/%d", fd);
    return room;
}

bool geo_mode_keep(const char *file, const char *replaced)
{
    struct stat old, now;
    if (stat(replaced, &old) != 0 || !S_ISREG(old.st_mode))
        return true;
    mode_t mode = old.st_mode & 0777;
    if (stat(file, &now) != 0)
        return false;
    const bool same = now.st_uid == old.st_uid && now.st_gid == old.st_gid;
    if (!same && chown(file, old.st_uid, old.st_gid) != 0 && now.st_gid != old.st_gid && chown(file, (uid_t)-1, old.st_gid) != 0)
        mode &= ~(mode_t)S_IRWXG; /* what was one group's to read is not another's */
    return (now.st_mode & 0777) == mode || chmod(file, mode) == 0;
}

/* From the first byte on. */
static bool keep_mode(const geo_output *o)
{
    char self[SELF_ROOM];
    return geo_mode_keep(self_name(o->fd, self), o->name);
}

static int open_nameless(geo_output *o)
{
    char *directory = geo_directory_of(o->name);
    if (!directory)
        return -1;
    int fd = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    const int reason = errno;
    free(directory);
    if (fd >= 0 || (reason != EOPNOTSUPP && reason != EISDIR && reason != EINVAL)) {
        errno = reason;
        return fd;
    }
    o->temporary = geo_hidden_name(o->name);
    /* not mkstemp: its files are private, and the way back goes by the umask, which belongs to all threads */
    for (unsigned i = 0; o->temporary && i < MOST_NAMES; i++) {
        vary(o->temporary, i);
        fd = open(o->temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            break;
    }
    if (fd < 0) {
        free(o->temporary);
        o->temporary = NULL;
    }
    return fd;
}

/* An existing device or pipe; a named pipe waits for its reader, and the caller may not want to. */
static int open_direct(const char *name, const geo_watch *watch)
{
    int fd;
    do
        fd = open(name, O_WRONLY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR && !geo_watch_stopped(watch));
    return fd;
}

geo_status geo_output_open(const char *name, const geo_writer_options *options, geo_output **out, geo_err *err)
{
    const int given = descriptor_of(name);
    const geo_status st = geo_writer_check(name, options->force, err);
    if (st < 0)
        return st;
    geo_output *o = calloc(1, sizeof *o);
    if (!o || !(o->name = strcmp(name, "-") == 0 ? strdup("standard output") : given >= 0 ? strdup(name) : geo_output_place(name))) {
        free(o);
        return geo_err_nomem(err);
    }
    struct stat about;
    o->force = options->force;
    o->watch = options->watch;
    o->pass = options->pass;
    o->direct = geo_output_is_direct(name);
    o->fd = given >= 0 ? fcntl(given, F_DUPFD_CLOEXEC, 3) : o->direct ? open_direct(name, o->watch) : open_nameless(o);
    if (o->fd < 0 || (o->direct && options->release && !(o->held = tmpfile()))) {
        const geo_status failed = o->fd < 0 && errno == EINTR
                                      ? geo_err_set(err, GEO_ESTOP, "interrupted")
                                      : geo_err_set(err, GEO_EIO, "cannot %s '%s': %s", o->fd < 0 ? "write" : "make a temporary file for",
                                                    o->name, strerror(errno));
        geo_output_close(o);
        return failed;
    }
    if (!o->direct && o->force && !keep_mode(o)) {
        const geo_status failed = geo_err_set(err, GEO_EIO, "cannot give '%s' its mode: %s", geo_name_shown(o->name), strerror(errno));
        geo_output_close(o);
        return failed;
    }
    o->waits = fstat(o->fd, &about) == 0 && !S_ISREG(about.st_mode);
    *out = o;
    return GEO_OK;
}

geo_status geo_output_open_beside(const char *name, const char *like, const geo_watch *watch, geo_output **out, geo_err *err)
{
    geo_output *o = calloc(1, sizeof *o);
    if (!o || !(o->name = strdup(name))) {
        free(o);
        return geo_err_nomem(err);
    }
    char self[SELF_ROOM];
    o->force = true;
    o->watch = watch;
    o->fd = open_nameless(o);
    if (o->fd < 0 || !geo_mode_keep(self_name(o->fd, self), like)) {
        const geo_status failed = geo_err_set(err, GEO_EIO, "cannot write '%s': %s", geo_name_shown(name), strerror(errno));
        geo_output_close(o);
        return failed;
    }
    *out = o;
    return GEO_OK;
}

/*
 * write(2), with an ear for the caller: a pipe or terminal that takes nothing is waited for in short spells, and then takes PIPE_BUF bytes
 * without waiting. A larger write would wait for its last byte, on a thread that perhaps no signal reaches. 0: nothing yet.
 */
static ssize_t write_some(const geo_output *o, int fd, const char *data, size_t n)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    const bool waits = o->waits && fd == o->fd;
    if (waits && poll(&ready, 1, SPELL_MS) <= 0)
        return 0;
    const ssize_t done = write(fd, data, waits && n > PIPE_BUF ? PIPE_BUF : n);
    return done < 0 && (errno == EINTR || errno == EAGAIN) ? 0 : done;
}

static geo_status write_all(const geo_output *o, int fd, const char *data, size_t n, geo_err *err)
{
    while (n) {
        if (geo_watch_stopped(o->watch))
            return geo_err_set(err, GEO_ESTOP, "interrupted");
        const ssize_t done = write_some(o, fd, data, n);
        if (done < 0 && errno == EPIPE)
            return geo_err_set(err, GEO_EPIPE, "nobody reads the output any more");
        if (done < 0)
            return geo_err_set(err, GEO_EIO, "cannot write '%s': %s",
                               fd == o->fd ? geo_name_shown(o->name) : "temporary file of the release", strerror(errno));
        data += done;
        n -= (size_t)done;
    }
    return GEO_OK;
}

geo_status geo_output_write(geo_output *o, const char *data, size_t n, geo_err *err)
{
    return write_all(o, o->held ? fileno(o->held) : o->fd, data, n, err);
}

/* The whole release to where it was going. */
static geo_status let_go(const geo_output *o, geo_err *err)
{
    const int from = fileno(o->held);
    char *piece = malloc(COPY_BYTES);
    geo_status st = piece ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK && lseek(from, 0, SEEK_SET) != 0)
        st = geo_err_set(err, GEO_EIO, "cannot read the temporary file of the release: %s", strerror(errno));
    for (ssize_t n = 1; st == GEO_OK && n > 0;) {
        n = read(from, piece, COPY_BYTES);
        if (geo_watch_stopped(o->watch))
            st = geo_err_set(err, GEO_ESTOP, "interrupted");
        else if (n < 0 && errno == EINTR)
            n = 1;
        else if (n < 0)
            st = geo_err_set(err, GEO_EIO, "cannot read the temporary file of the release: %s", strerror(errno));
        else
            st = write_all(o, o->fd, piece, (size_t)n, err);
    }
    free(piece);
    return st;
}

int geo_rename_new(const char *from, const char *to)
{
    struct stat about;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (link(from, to) == 0) /* network file systems */
        return unlink(from);
    if (errno == EEXIST)
        return -1;
    if (lstat(to, &about) == 0) { /* no links either, or a directory: between this look and the next line others could come */
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

/* Give the nameless file its name; over an existing one only by way of a hidden name, since a link cannot replace. */
static int link_nameless(const geo_output *o)
{
    char self[SELF_ROOM];
    self_name(o->fd, self);
    if (linkat(AT_FDCWD, self, AT_FDCWD, o->name, AT_SYMLINK_FOLLOW) == 0)
        return 0;
    if (errno != EEXIST || !o->force)
        return -1;
    char *hidden = geo_hidden_name(o->name);
    if (!hidden)
        return -1;
    int failed = -1;
    for (unsigned i = 0; i < MOST_NAMES && failed; i++) {
        vary(hidden, i);
        failed = linkat(AT_FDCWD, self, AT_FDCWD, hidden, AT_SYMLINK_FOLLOW);
        if (failed && errno != EEXIST)
            break;
    }
    if (!failed && (failed = rename(hidden, o->name)) != 0) {
        const int reason = errno;
        unlink(hidden);
        errno = reason;
    }
    free(hidden);
    return failed;
}

/*
 * Some file systems write behind and tell of a full disk or quota only when a file is closed. Any descriptor of it will do, so a second
 * one is closed while the first can still be linked.
 */
static int close_second(int fd)
{
    for (;;) {
        const int second = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (second < 0)
            return -1;
        if (close(second) == 0)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

static int close_first(geo_output *o)
{
    const int fd = o->fd;
    o->fd = -1;
    return close(fd) == 0 || errno == EINTR ? 0 : -1;
}

/* The name comes after the last close that can tell of something, as far as the kind of file lets it. */
static int commit(geo_output *o)
{
    if (o->direct)
        return close_first(o);
    if (close_second(o->fd) != 0)
        return -1;
    if (!o->temporary) {
        if (link_nameless(o) != 0)
            return -1;
        if (close_first(o) == 0)
            return 0;
        const int reason = errno;
        unlink(o->name);
        errno = reason;
        return -1;
    }
    if (close_first(o) != 0 || (o->force ? rename(o->temporary, o->name) : geo_rename_new(o->temporary, o->name)) != 0)
        return -1;
    free(o->temporary);
    o->temporary = NULL;
    return 0;
}

geo_status geo_output_commit(geo_output *o, geo_err *err)
{
    char self[SELF_ROOM];
    geo_status st = o->pass ? o->pass->seal(o->pass->ctx, self_name(o->held ? fileno(o->held) : o->fd, self), err) : GEO_OK;
    if (st == GEO_OK && o->held)
        st = let_go(o, err);
    if (st < 0)
        return st;
    return commit(o) == 0 ? GEO_OK : geo_err_set(err, GEO_EIO, "cannot write '%s': %s", geo_name_shown(o->name), strerror(errno));
}

void geo_output_close(geo_output *o)
{
    if (!o)
        return;
    if (o->temporary)
        unlink(o->temporary);
    if (o->held)
        fclose(o->held);
    if (o->fd >= 0)
        close(o->fd);
    free(o->temporary);
    free(o->name);
    free(o);
}
