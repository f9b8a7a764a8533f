/* Stores: see store.h. */
#define _GNU_SOURCE /* S_ISVTX */
#include "store.h"

#include "../core/checksum.h"
#include "sink.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAGIC "geostore"
#define VERSION 1
#define ORDER UINT32_C(0x01020304)
#define ALIGNED 64

typedef struct store_header {
    char magic[8];
    uint32_t order, version;
    uint64_t bytes, parts_n;
    uint64_t source_bytes, source_number;
    int64_t data_s, data_ns, status_s, status_ns;
    char digest[64]; /* hexadecimal */
    uint64_t directory_sum, sum;
} store_header;

typedef struct entry {
    uint64_t at, n, sum;
} entry;

struct geo_store {
    void *map;
    size_t map_n;
    geo_store_part *parts;
    size_t parts_n;
    char digest[65];
    geo_store_source seen; /* what the source is now */
    bool moved;
};

static uint64_t header_sum(const store_header *h)
{
    return geo_checksum(h, offsetof(store_header, sum));
}

/* ---- the source ---- */

/* Is a time GEO_STORE_REST_S before another, or more? */
static bool is_before(int64_t s, int64_t ns, const struct timespec *now)
{
    const int64_t then_s = (int64_t)now->tv_sec - GEO_STORE_REST_S;
    return s < then_s || (s == then_s && ns <= now->tv_nsec);
}

geo_status geo_store_look(const char *file, geo_store_source *source, geo_err *err)
{
    struct timespec now;
    struct stat about;
    const int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* opening asks a file server what is true now */
    const bool known = fd >= 0 && fstat(fd, &about) == 0 && clock_gettime(CLOCK_REALTIME, &now) == 0;
    const int reason = errno;
    if (fd >= 0)
        close(fd);
    if (!known)
        return geo_err_set(err, GEO_EIO, "cannot open '%s': %s", geo_name_shown(file), strerror(reason));
    *source = (geo_store_source){.bytes = (uint64_t)about.st_size,
                                 .number = about.st_ino,
                                 .data_s = about.st_mtim.tv_sec,
                                 .data_ns = about.st_mtim.tv_nsec,
                                 .status_s = about.st_ctim.tv_sec,
                                 .status_ns = about.st_ctim.tv_nsec};
    source->at_rest = is_before(source->data_s, source->data_ns, &now) && is_before(source->status_s, source->status_ns, &now);
    return GEO_OK;
}

static bool same_source(const geo_store_source *a, const geo_store_source *b)
{
    return a->bytes == b->bytes && a->number == b->number && a->data_s == b->data_s && a->data_ns == b->data_ns
           && a->status_s == b->status_s && a->status_ns == b->status_ns;
}

/* ---- opening ---- */

static geo_status skip(geo_err *err, const char *why)
{
    return geo_err_set(err, GEO_SKIP, "%s", why);
}

/*
 * Could whoever wrote the store as well have changed the file itself? The caller, its owner and root could; so could anyone who may put a
 * file into the folder, unless that is one where nobody may take away what is another's, such as /tmp.
 */
static bool is_trusted(const char *name, const char *file, const struct stat *store)
{
    struct stat source, folder;
    char *directory = geo_directory_of(name);
    const bool known = directory && stat(file, &source) == 0 && stat(directory, &folder) == 0;
    free(directory);
    if (!known || (store->st_mode & ~source.st_mode & (S_IWGRP | S_IWOTH)))
        return false;
    return store->st_uid == geteuid() || store->st_uid == 0 || store->st_uid == source.st_uid || !(folder.st_mode & S_ISVTX);
}

/* Map a store. An empty reason: there is none. */
static geo_status map_store(const char *name, const char *file, geo_store *s, geo_err *err)
{
    struct stat about;
    const int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a pipe of that name must not be waited for */
    if (fd < 0)
        return skip(err, errno == ENOENT ? "" : strerror(errno));
    const char *why = NULL;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        why = "it is no file";
    else if (!is_trusted(name, file, &about))
        why = "somebody else could have written it";
    else if (about.st_size < (off_t)sizeof(store_header))
        why = "it is cut short";
    void *map = why ? MAP_FAILED : mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (!why && map == MAP_FAILED)
        why = strerror(errno);
    close(fd);
    if (why)
        return skip(err, why);
    s->map = map;
    s->map_n = (size_t)about.st_size;
    return GEO_OK;
}

static uint64_t aligned(uint64_t n)
{
    return (n + ALIGNED - 1) / ALIGNED * ALIGNED;
}

/* Is a part in its place behind the one that ends at `end`, with nothing but zeros between them? */
static bool is_in_place(const geo_store *s, uint64_t end, const entry *e)
{
    bool ok = e->at == aligned(end) && e->at <= s->map_n && e->n <= s->map_n - e->at;
    for (uint64_t i = end; ok && i < e->at; i++)
        ok = ((const char *)s->map)[i] == '\0';
    return ok;
}

/* Header and directory: is every byte where it should be? */
static geo_status find_parts(geo_store *s, geo_err *err)
{
    const store_header *h = s->map;
    if (memcmp(h->magic, MAGIC, sizeof h->magic) != 0 || h->order != ORDER || h->version != VERSION)
        return skip(err, "it is of another version, or of another kind of machine");
    if (h->sum != header_sum(h))
        return skip(err, "it is damaged");
    if (h->bytes != s->map_n || h->parts_n == 0 || h->parts_n > GEO_STORE_MOST_PARTS
        || s->map_n < sizeof *h + (size_t)h->parts_n * sizeof(entry))
        return skip(err, "it is cut short");
    const entry *directory = (const entry *)(h + 1);
    if (h->directory_sum != geo_checksum(directory, (size_t)h->parts_n * sizeof *directory))
        return skip(err, "it is damaged");
    s->parts_n = (size_t)h->parts_n;
    s->parts = calloc(s->parts_n, sizeof *s->parts);
    if (!s->parts)
        return geo_err_nomem(err);
    uint64_t end = sizeof *h + h->parts_n * sizeof *directory;
    for (size_t i = 0; i < s->parts_n; i++) {
        const entry *e = &directory[i];
        if (!is_in_place(s, end, e))
            return skip(err, "it is damaged");
        s->parts[i] = (geo_store_part){(const char *)s->map + e->at, (size_t)e->n};
        end = e->at + e->n;
    }
    if (end != s->map_n)
        return skip(err, "it is damaged");
    memcpy(s->digest, h->digest, sizeof h->digest);
    return GEO_OK;
}

static geo_status check_parts(const geo_store *s, int threads, geo_err *err)
{
    const entry *directory = (const entry *)((const store_header *)s->map + 1);
    for (size_t i = 0; i < s->parts_n; i++)
        if (directory[i].sum != geo_checksum_parallel(s->parts[i].data, s->parts[i].n, threads))
            return skip(err, "it is damaged");
    return GEO_OK;
}

/* By the quick look, else by the digest. */
static geo_status check_source(geo_store *s, const char *file, const geo_watch *watch, geo_err *err)
{
    const store_header *h = s->map;
    const geo_store_source then = {.bytes = h->source_bytes,
                                   .number = h->source_number,
                                   .data_s = h->data_s,
                                   .data_ns = h->data_ns,
                                   .status_s = h->status_s,
                                   .status_ns = h->status_ns};
    char digest[65];
    if (geo_store_look(file, &s->seen, err) < 0)
        return GEO_SKIP;
    if (same_source(&s->seen, &then))
        return GEO_OK;
    if (s->seen.bytes != then.bytes)
        return skip(err, "the file has changed");
    const geo_status st = geo_digest_file(file, digest, watch, err);
    if (st < 0)
        return st == GEO_EIO ? GEO_SKIP : st;
    if (memcmp(digest, s->digest, sizeof digest) != 0)
        return skip(err, "the file has changed");
    s->moved = true;
    return GEO_OK;
}

geo_status geo_store_open(const char *name, const char *file, const char *purpose, int threads, const geo_watch *watch, geo_store **out,
                          geo_err *err)
{
    geo_store *s = calloc(1, sizeof *s);
    if (!s)
        return geo_err_nomem(err);
    geo_status st = map_store(name, file, s, err);
    if (st == GEO_OK)
        st = find_parts(s, err);
    if (st == GEO_OK && (s->parts[0].n != strlen(purpose) || memcmp(s->parts[0].data, purpose, s->parts[0].n) != 0))
        st = skip(err, "it was made for something else, or by another version");
    if (st == GEO_OK)
        st = check_source(s, file, watch, err);
    if (st == GEO_OK)
        st = check_parts(s, threads, err);
    if (st != GEO_OK) {
        geo_store_close(s);
        return st;
    }
    *out = s;
    return GEO_OK;
}

const geo_store_part *geo_store_parts(const geo_store *s, size_t *n)
{
    *n = s->parts_n - 1;
    return s->parts + 1;
}

void geo_store_close(geo_store *s)
{
    if (!s)
        return;
    if (s->map)
        munmap(s->map, s->map_n);
    free(s->parts);
    free(s);
}

/* ---- writing ---- */

/* Each part behind zeros up to where it starts. */
static geo_status put_parts(geo_output *out, const store_header *h, const entry *directory, const geo_store_part *parts, geo_err *err)
{
    static const char ZEROS[ALIGNED];
    uint64_t at = sizeof *h + h->parts_n * sizeof *directory;
    geo_status st = geo_output_write(out, (const char *)h, sizeof *h, err);
    if (st == GEO_OK)
        st = geo_output_write(out, (const char *)directory, (size_t)h->parts_n * sizeof *directory, err);
    for (size_t i = 0; st == GEO_OK && i < h->parts_n; i++) {
        st = geo_output_write(out, ZEROS, (size_t)(directory[i].at - at), err);
        if (st == GEO_OK)
            st = geo_output_write(out, parts[i].data, parts[i].n, err);
        at = directory[i].at + directory[i].n;
    }
    return st;
}

/* All parts, the purpose too, in their places behind the header, which is completed; then out with them. */
static geo_status put_store(const char *name, const char *file, store_header *h, const geo_store_part *parts, int threads,
                            const geo_watch *watch, geo_err *err)
{
    entry *directory = calloc((size_t)h->parts_n, sizeof *directory);
    if (!directory)
        return geo_err_nomem(err);
    h->bytes = sizeof *h + h->parts_n * sizeof *directory;
    for (size_t i = 0; i < h->parts_n; i++) {
        directory[i] = (entry){aligned(h->bytes), parts[i].n, geo_checksum_parallel(parts[i].data, parts[i].n, threads)};
        h->bytes = directory[i].at + parts[i].n;
    }
    h->directory_sum = geo_checksum(directory, (size_t)h->parts_n * sizeof *directory);
    h->sum = header_sum(h);
    geo_output *out = NULL;
    geo_status st = geo_output_open_beside(name, file, watch, &out, err);
    if (st == GEO_OK)
        st = put_parts(out, h, directory, parts, err);
    if (st == GEO_OK)
        st = geo_output_commit(out, err);
    geo_output_close(out);
    free(directory);
    return st;
}

/* digest: NULL when it is not known. parts: the purpose too. */
static geo_status write_store(const char *name, const char *file, const geo_store_source *before, const char *digest,
                              const geo_store_part *parts, size_t parts_n, int threads, const geo_watch *watch, geo_err *err)
{
    char own_digest[65];
    geo_store_source now;
    if (!before->at_rest)
        return skip(err, "the file has changed in the last few seconds");
    if (parts_n > GEO_STORE_MOST_PARTS)
        return skip(err, "the file has too many fields");
    geo_status st = digest ? GEO_OK : geo_digest_file(file, own_digest, watch, err);
    if (st == GEO_OK)
        st = geo_store_look(file, &now, err);
    if (st < 0)
        return st;
    if (!same_source(before, &now))
        return skip(err, "the file has changed meanwhile");
    store_header h = {.magic = MAGIC,
                      .order = ORDER,
                      .version = VERSION,
                      .parts_n = parts_n,
                      .source_bytes = now.bytes,
                      .source_number = now.number,
                      .data_s = now.data_s,
                      .data_ns = now.data_ns,
                      .status_s = now.status_s,
                      .status_ns = now.status_ns};
    memcpy(h.digest, digest ? digest : own_digest, sizeof h.digest);
    return put_store(name, file, &h, parts, threads, watch, err);
}

geo_status geo_store_write(const char *name, const char *file, const geo_store_source *before, const char *purpose,
                           const geo_store_part *parts, size_t parts_n, int threads, const geo_watch *watch, geo_err *err)
{
    geo_store_part *all = calloc(parts_n + 1, sizeof *all);
    if (!all)
        return geo_err_nomem(err);
    all[0] = (geo_store_part){purpose, strlen(purpose)};
    for (size_t i = 0; i < parts_n; i++)
        all[i + 1] = parts[i];
    const geo_status st = write_store(name, file, before, NULL, all, parts_n + 1, threads, watch, err);
    free(all);
    return st;
}

bool geo_store_is_moved(const geo_store *s)
{
    return s->moved;
}

geo_status geo_store_renew(const geo_store *s, const char *name, const char *file, int threads, const geo_watch *watch, geo_err *err)
{
    return write_store(name, file, &s->seen, s->digest, s->parts, s->parts_n, threads, watch, err);
}
