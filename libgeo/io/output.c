/*
 * Files that appear whole or not at all. The bytes go to a file without a name (O_TMPFILE), which the kernel drops if the process dies;
 * it is linked under its name when complete. Where the file system has no such files, a hidden one beside the target takes their place.
 */
#define _GNU_SOURCE /* O_TMPFILE */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct geo_output {
    int fd;
    bool direct; /* standard output, a device, a pipe: nothing to commit */
    bool force;
    char *name;
    char *temporary; /* hidden file, if O_TMPFILE does not work here */
};

geo_status geo_writer_check(const char *name, bool force, geo_err *err)
{
    struct stat about;
    if (strcmp(name, "-") == 0 || stat(name, &about) != 0)
        return GEO_OK;
    if (S_ISDIR(about.st_mode))
        return geo_err_set(err, GEO_EARG, "cannot write '%s': it is a directory, and none is ever replaced: remove it, or choose another name", name);
    if (S_ISREG(about.st_mode) && !force)
        return geo_err_set(err, GEO_EARG, "'%s' exists: add --force to replace it", name);
    return GEO_OK;
}

/* The directory of a file name, in malloc'd memory. */
static char *directory_of(const char *name)
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

static int open_nameless(geo_output *o)
{
    char *directory = directory_of(o->name);
    if (!directory)
        return -1;
    const int fd = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    const int reason = errno;
    free(directory);
    if (fd >= 0 || (reason != EOPNOTSUPP && reason != EISDIR && reason != EINVAL)) {
        errno = reason;
        return fd;
    }
    o->temporary = geo_hidden_name(o->name);
    if (!o->temporary)
        return -1;
    const int hidden = mkostemp(o->temporary, O_CLOEXEC);
    if (hidden < 0) {
        free(o->temporary);
        o->temporary = NULL;
        return -1;
    }
    const mode_t mask = umask(0);
    umask(mask);
    (void)fchmod(hidden, 0666 & ~mask);
    return hidden;
}

geo_status geo_output_open(const char *name, bool force, geo_output **out, geo_err *err)
{
    const bool standard = strcmp(name, "-") == 0;
    const geo_status st = geo_writer_check(name, force, err);
    if (st < 0)
        return st;
    geo_output *o = calloc(1, sizeof *o);
    if (!o || !(o->name = strdup(standard ? "standard output" : name))) {
        free(o);
        return geo_err_nomem(err);
    }
    struct stat about;
    o->force = force;
    o->direct = standard || (stat(name, &about) == 0 && !S_ISREG(about.st_mode));
    o->fd = standard ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : o->direct ? open(name, O_WRONLY | O_CLOEXEC) : open_nameless(o);
    if (o->fd < 0) {
        const geo_status failed = geo_err_set(err, GEO_EIO, "cannot write '%s': %s", o->name, strerror(errno));
        free(o->name);
        free(o);
        return failed;
    }
    *out = o;
    return GEO_OK;
}

geo_status geo_output_write(geo_output *o, const char *data, size_t n, geo_err *err)
{
    while (n) {
        const ssize_t done = write(o->fd, data, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && errno == EPIPE)
            return geo_err_set(err, GEO_EPIPE, "nobody reads the output any more");
        if (done < 0)
            return geo_err_set(err, GEO_EIO, "cannot write '%s': %s", o->name, strerror(errno));
        data += done;
        n -= (size_t)done;
    }
    return GEO_OK;
}

/* Give the nameless file its name; over an existing one only by way of a hidden name, since a link cannot replace. */
static int link_nameless(const geo_output *o)
{
    char self[40];
    snprintf(self, sizeof self, "/proc/self/fd/%d", o->fd);
    if (linkat(AT_FDCWD, self, AT_FDCWD, o->name, AT_SYMLINK_FOLLOW) == 0)
        return 0;
    if (errno != EEXIST || !o->force)
        return -1;
    char *hidden = geo_hidden_name(o->name);
    if (!hidden)
        return -1;
    int failed = -1;
    const size_t n = strlen(hidden);
    for (unsigned i = 0; i < 1000 && failed; i++) {
        snprintf(hidden + n - 6, 7, "%06u", (unsigned)getpid() % 1000 * 1000 + i);
        failed = linkat(AT_FDCWD, self, AT_FDCWD, hidden, AT_SYMLINK_FOLLOW);
        if (failed && errno != EEXIST)
            break;
    }
    if (!failed && (failed = rename(hidden, o->name)) != 0)
        unlink(hidden);
    free(hidden);
    return failed;
}

geo_status geo_output_commit(geo_output *o, geo_err *err)
{
    if (o->direct) {
        const int fd = o->fd;
        o->fd = -1;
        if (close(fd) != 0 && errno != EINTR) /* some file systems tell of a full disk only now */
            return geo_err_set(err, GEO_EIO, "cannot write '%s': %s", o->name, strerror(errno));
        return GEO_OK;
    }
    int failed;
    if (!o->temporary)
        failed = link_nameless(o);
    else if (o->force)
        failed = rename(o->temporary, o->name);
    else if ((failed = link(o->temporary, o->name)) == 0)
        unlink(o->temporary);
    if (failed)
        return geo_err_set(err, GEO_EIO, "cannot write '%s': %s", o->name, strerror(errno));
    free(o->temporary);
    o->temporary = NULL;
    return GEO_OK;
}

void geo_output_close(geo_output *o)
{
    if (!o)
        return;
    if (o->temporary)
        unlink(o->temporary);
    if (o->fd >= 0)
        close(o->fd);
    free(o->temporary);
    free(o->name);
    free(o);
}
