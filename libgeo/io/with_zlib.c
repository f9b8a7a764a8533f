/*
 * Bytes in: a file or standard input, unpacked when it starts with gzip's magic number. A pipe is waited for in short spells, so that a
 * request to stop is heard on whatever thread reads. Bytes out: packed, a member at a time, on any thread.
 */
#include "sink.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define PACKED_BYTES ((size_t)1 << 16)
#define MOST_BYTES ((size_t)1 << 30) /* zlib counts in 32 bits */
#define SPELL_MS 200

struct geo_input {
    int fd;
    bool regular, packed, member_ended;
    int64_t start, size, taken; /* bytes on disk: before the input (somebody has read a part of standard input), of it, and read so far */
    z_stream z;
    unsigned char head[PACKED_BYTES]; /* what has been read and not yet handed out */
    size_t head_at, head_n;
    const geo_watch *watch;
    atomic_bool abandoned; /* by another thread */
    char name[256];
};

/* read(2), with an ear for the caller. */
static geo_status read_some(geo_input *in, void *buf, size_t n, size_t *got, geo_err *err)
{
    for (;;) {
        if (geo_watch_stopped(in->watch))
            return geo_err_set(err, GEO_ESTOP, "interrupted");
        if (atomic_load(&in->abandoned))
            return geo_err_set(err, GEO_ESTOP, "nobody wants the rest of '%s'", in->name);
        struct pollfd ready = {.fd = in->fd, .events = POLLIN};
        const int n_ready = in->regular ? 1 : poll(&ready, 1, SPELL_MS);
        if (n_ready == 0 || (n_ready < 0 && errno == EINTR))
            continue;
        const ssize_t r = read(in->fd, buf, n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return geo_err_set(err, GEO_EIO, "cannot read '%s': %s", in->name, strerror(errno));
        if (r == 0 && geo_watch_stopped(in->watch)) /* Ctrl-C ends the whole pipeline: the writer is dead, not done */
            return geo_err_set(err, GEO_ESTOP, "interrupted");
        in->taken += r;
        *got = (size_t)r;
        return GEO_OK;
    }
}

/* Enough of the start to tell what it is. */
static geo_status look(geo_input *in, geo_err *err)
{
    size_t got = 1;
    while (in->head_n < 2 && got) {
        const geo_status st = read_some(in, in->head + in->head_n, PACKED_BYTES - in->head_n, &got, err);
        if (st < 0)
            return st;
        in->head_n += got;
    }
    in->packed = in->head_n >= 2 && in->head[0] == 0x1F && in->head[1] == 0x8B;
    in->member_ended = false;
    if (in->packed && inflateInit2(&in->z, 16 + MAX_WBITS) != Z_OK)
        return geo_err_nomem(err);
    return GEO_OK;
}

/* Without waiting for the other end of a named pipe: read_some() does that, with an ear for the caller. */
static int open_at_once(const char *name)
{
    const int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC), flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
    if (flags >= 0)
        (void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    return fd;
}

geo_status geo_input_open(const char *name, const geo_watch *watch, geo_input **out, geo_err *err)
{
    const bool standard = strcmp(name, "-") == 0;
    geo_input *in = calloc(1, sizeof *in);
    if (!in)
        return geo_err_nomem(err);
    in->fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open_at_once(name);
    in->watch = watch;
    strncat(in->name, standard ? "standard input" : geo_name_shown(name), sizeof in->name - 1);
    struct stat about;
    geo_status st = GEO_OK;
    if (in->fd < 0 || fstat(in->fd, &about) != 0)
        st = geo_err_set(err, GEO_EIO, "cannot open '%s': %s", in->name, strerror(errno));
    else if (S_ISDIR(about.st_mode))
        st = geo_err_set(err, GEO_EIO, "'%s' is a directory, not a table", in->name);
    if (st == GEO_OK) {
        in->regular = S_ISREG(about.st_mode);
        in->start = in->regular ? lseek(in->fd, 0, SEEK_CUR) : 0;
        in->size = in->regular && about.st_size > in->start ? about.st_size - in->start : 0;
        st = look(in, err);
    }
    if (st < 0) {
        geo_input_close(in);
        return st;
    }
    *out = in;
    return GEO_OK;
}

static geo_status unpack(geo_input *in, char *buf, size_t n, size_t *got, geo_err *err)
{
    if (n > MOST_BYTES)
        n = MOST_BYTES;
    in->z.next_out = (unsigned char *)buf;
    in->z.avail_out = (uInt)n;
    while (in->z.avail_out == n) {
        if (in->head_at == in->head_n) {
            in->head_at = 0;
            const geo_status st = read_some(in, in->head, PACKED_BYTES, &in->head_n, err);
            if (st < 0)
                return st;
            if (in->head_n == 0 && in->member_ended)
                break;
            if (in->head_n == 0)
                return geo_err_set(err, GEO_EFORMAT, "'%s' is a gzip file that was cut short", in->name);
        }
        if (in->member_ended) { /* another member follows, as in files put together with cat */
            in->member_ended = false;
            inflateReset(&in->z);
        }
        in->z.next_in = in->head + in->head_at;
        in->z.avail_in = (uInt)(in->head_n - in->head_at);
        const int r = inflate(&in->z, Z_NO_FLUSH);
        in->head_at = in->head_n - in->z.avail_in;
        if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
            return geo_err_set(err, GEO_EFORMAT, "'%s' is a damaged gzip file", in->name);
        in->member_ended = r == Z_STREAM_END;
    }
    *got = n - in->z.avail_out;
    return GEO_OK;
}

geo_status geo_input_read(geo_input *in, char *buf, size_t n, size_t *got, geo_err *err)
{
    if (in->packed)
        return unpack(in, buf, n, got, err);
    if (in->head_at == in->head_n)
        return read_some(in, buf, n, got, err);
    *got = in->head_n - in->head_at < n ? in->head_n - in->head_at : n;
    memcpy(buf, in->head + in->head_at, *got);
    in->head_at += *got;
    return GEO_OK;
}

bool geo_input_is_silent(const geo_input *in)
{
    struct pollfd ready = {.fd = in->fd, .events = POLLIN};
    return !in->regular && in->head_at == in->head_n && poll(&ready, 1, SPELL_MS) == 0;
}

void geo_input_abandon(geo_input *in)
{
    atomic_store(&in->abandoned, true);
}

bool geo_input_rewind(geo_input *in)
{
    if (!in->regular || lseek(in->fd, in->start, SEEK_SET) != in->start)
        return false;
    if (in->packed)
        inflateEnd(&in->z);
    memset(&in->z, 0, sizeof in->z);
    in->head_at = in->head_n = 0;
    in->taken = 0;
    return look(in, NULL) == GEO_OK;
}

int64_t geo_input_size(const geo_input *in)
{
    return in->size;
}

int64_t geo_input_at(const geo_input *in)
{
    return in->size ? in->taken : 0;
}

void geo_input_close(geo_input *in)
{
    if (!in)
        return;
    if (in->packed)
        inflateEnd(&in->z);
    if (in->fd >= 0)
        close(in->fd);
    free(in);
}

/* ---- packing ---- */

/* Pack what z.next_in holds; to the end of the member when flush is Z_FINISH. */
static bool pack(z_stream *z, int flush, geo_bytes *out)
{
    do {
        if (!geo_bytes_reserve(out, PACKED_BYTES))
            return false;
        const size_t room = out->room - out->n < MOST_BYTES ? out->room - out->n : MOST_BYTES;
        z->next_out = (unsigned char *)out->data + out->n;
        z->avail_out = (uInt)room;
        deflate(z, flush);
        out->n += room - z->avail_out;
    } while (z->avail_out == 0);
    return true;
}

/* zlib writes neither name nor time into the member, so the same bytes in are the same bytes out. */
geo_status geo_gzip(const char *data, size_t n, geo_bytes *out, geo_err *err)
{
    z_stream z = {0};
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return geo_err_nomem(err);
    bool ok = true;
    do {
        const size_t some = n < MOST_BYTES ? n : MOST_BYTES;
        z.next_in = (unsigned char *)data;
        z.avail_in = (uInt)some;
        data += some;
        n -= some;
        ok = pack(&z, n ? Z_NO_FLUSH : Z_FINISH, out);
    } while (ok && n);
    deflateEnd(&z);
    return ok ? GEO_OK : geo_err_nomem(err);
}
