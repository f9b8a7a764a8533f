/* Bytes in: a file or standard input, through zlib, which passes plain bytes straight on and unpacks gzip by its magic number. */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

struct geo_input {
    gzFile file;
    int fd;
    int64_t size;
    const geo_watch *watch;
    char name[256];
};

geo_status geo_input_open(const char *name, const geo_watch *watch, geo_input **out, geo_err *err)
{
    const bool standard = strcmp(name, "-") == 0;
    const int fd = standard ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return geo_err_set(err, GEO_EIO, "cannot open '%s': %s", name, strerror(errno));
    struct stat about;
    geo_status st = GEO_OK;
    geo_input *in = NULL;
    if (fstat(fd, &about) != 0)
        st = geo_err_set(err, GEO_EIO, "cannot open '%s': %s", name, strerror(errno));
    else if (S_ISDIR(about.st_mode))
        st = geo_err_set(err, GEO_EIO, "'%s' is a directory, not a table", name);
    else if (!(in = calloc(1, sizeof *in)) || !(in->file = gzdopen(fd, "rb")))
        st = geo_err_nomem(err);
    if (st < 0) {
        free(in);
        close(fd);
        return st;
    }
    gzbuffer(in->file, 1 << 16);
    in->fd = fd;
    in->watch = watch;
    in->size = S_ISREG(about.st_mode) ? about.st_size : 0;
    strncat(in->name, standard ? "standard input" : name, sizeof in->name - 1);
    *out = in;
    return GEO_OK;
}

geo_status geo_input_read(geo_input *in, char *buf, size_t n, size_t *got, geo_err *err)
{
    if (geo_watch_stopped(in->watch))
        return geo_err_set(err, GEO_ESTOP, "interrupted");
    errno = 0;
    const int r = gzread(in->file, buf, n > INT_MAX ? INT_MAX : (unsigned)n);
    int code = Z_OK;
    if (r < (int)n)
        gzerror(in->file, &code); /* a cut gzip file gives what there is, and this */
    if (r >= 0 && (code == Z_OK || code == Z_STREAM_END)) {
        *got = (size_t)r;
        return GEO_OK;
    }
    if (geo_watch_stopped(in->watch))
        return geo_err_set(err, GEO_ESTOP, "interrupted");
    if (code == Z_ERRNO)
        return geo_err_set(err, GEO_EIO, "cannot read '%s': %s", in->name, strerror(errno));
    return geo_err_set(err, GEO_EFORMAT, "'%s' is a damaged or cut gzip file", in->name);
}

bool geo_input_rewind(geo_input *in)
{
    return in->size > 0 && gzrewind(in->file) == 0;
}

int64_t geo_input_size(const geo_input *in)
{
    return in->size;
}

int64_t geo_input_at(const geo_input *in)
{
    return in->size ? gzoffset(in->file) : 0;
}

void geo_input_close(geo_input *in)
{
    if (!in)
        return;
    gzclose(in->file);
    free(in);
}
