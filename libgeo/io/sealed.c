/*
 * Sealed folders: see sealed.h. Everything goes by the descriptor of the folder, so that a change of the working directory, or of the
 * folder's own name, leads nowhere else.
 */
#define _GNU_SOURCE /* O_DIRECTORY, O_NOFOLLOW, flock */
#include "sealed.h"

#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LARGEST_FILE ((size_t)1 << 30)
#define LARGEST_HEAD 1024
#define LONGEST_NAME 32
#define MOST_TURNS 100 /* of reading while others write */
#define SPELL_MS 20
#define NOTE_AFTER_MS 1000
#define NEW ".new"
#define HEAD "head"

struct geo_sealed {
    char *name;
    int folder, lock; /* lock: -1 for readers */
    const geo_sealed_file *files;
    size_t files_n;
    bool left[GEO_SEALED_MOST]; /* files that still stand in NAME.new */
    geo_bytes head;             /* as it was read or written last; empty when there was none */
};

void geo_bytes_wipe(geo_bytes *b)
{
    if (b->data)
        sodium_memzero(b->data, b->n);
    geo_bytes_clear(b);
}

static geo_status failed(const char *what, const char *name, geo_err *err)
{
    return geo_err_set(err, GEO_EIO, "cannot %s '%s': %s", what, name, strerror(errno));
}

static const char *new_name(const char *name, char room[LONGEST_NAME])
{
    snprintf(room, LONGEST_NAME, "%s" NEW, name);
    return room;
}

static void digest_of(const geo_bytes *b, char hex[65])
{
    unsigned char digest[32];
    crypto_generichash(digest, sizeof digest, (const unsigned char *)b->data, b->n, NULL, 0);
    sodium_bin2hex(hex, 65, digest, sizeof digest);
}

/* ---- reading ---- */

/* All of an open file; a NUL behind it. */
static geo_status read_open(int fd, const char *name, geo_bytes *out, geo_err *err)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return failed("read", name, err);
    if (!S_ISREG(about.st_mode))
        return geo_err_set(err, GEO_EFORMAT, "'%s' is no file", name);
    if (about.st_size > (off_t)LARGEST_FILE)
        return geo_err_set(err, GEO_EFORMAT, "'%s' is larger than 1 GiB", name);
    if (!geo_bytes_reserve(out, (size_t)about.st_size + 1))
        return geo_err_nomem(err);
    while (out->n < (size_t)about.st_size) {
        const ssize_t n = read(fd, out->data + out->n, (size_t)about.st_size - out->n);
        if (n < 0 && errno != EINTR)
            return failed("read", name, err);
        if (n == 0)
            break;
        out->n += n > 0 ? (size_t)n : 0;
    }
    out->data[out->n] = '\0';
    return GEO_OK;
}

/* All of a file; GEO_DONE when it is not there. */
static geo_status read_file(int folder, const char *name, geo_bytes *out, geo_err *err)
{
    *out = (geo_bytes){0};
    const int fd = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW); /* a pipe of that name must not be waited for */
    if (fd < 0)
        return errno == ENOENT ? GEO_DONE : failed("open", name, err);
    const geo_status st = read_open(fd, name, out, err);
    close(fd);
    if (st < 0)
        geo_bytes_wipe(out);
    return st;
}

/* The owner's line, and where the lines of the files start; NULL for what is no head. */
static const char *owners_line(const geo_bytes *head, char line[GEO_SEALED_LINE])
{
    const char *end = head->n > 2 && memcmp(head->data, "# ", 2) == 0 ? memchr(head->data, '\n', head->n) : NULL;
    const size_t n = end ? (size_t)(end - head->data) - 2 : 0;
    if (!end || n >= GEO_SEALED_LINE)
        return NULL;
    memcpy(line, head->data + 2, n);
    line[n] = '\0';
    return end + 1;
}

/* What a head says for given digests: to be written, and to be compared byte for byte. */
static void print_head(const geo_sealed *s, const char *line, char (*digests)[65], char head[LARGEST_HEAD])
{
    int n = snprintf(head, LARGEST_HEAD, "# %s\n", line);
    for (size_t i = 0; i < s->files_n; i++)
        n += snprintf(head + n, LARGEST_HEAD - (size_t)n, "%s  %s\n", digests[i], s->files[i].name);
}

static bool parse_head(const geo_sealed *s, const geo_bytes *head, char line[GEO_SEALED_LINE], char (*digests)[65])
{
    char again[LARGEST_HEAD];
    const char *p = owners_line(head, line);
    for (size_t i = 0; p && i < s->files_n; i++) {
        const char *end = strchr(p, '\n');
        if (!end || end - p < 64 || strspn(p, "0123456789abcdef") != 64)
            return false;
        memcpy(digests[i], p, 64);
        digests[i][64] = '\0';
        p = end + 1;
    }
    if (!p)
        return false;
    print_head(s, line, digests, again);
    return strlen(again) == head->n && memcmp(again, head->data, head->n) == 0;
}

/*
 * The file that has the digest, under its name or as NAME.new. The name is tried again in the end: what was in NAME.new may have got it
 * between the first look and the second.
 */
static geo_status find_file(geo_sealed *s, size_t i, const char *digest, geo_bytes *out, geo_err *err)
{
    char room[LONGEST_NAME], hex[65];
    const char *name = s->files[i].name, *const names[] = {name, new_name(name, room), name};
    bool there = false;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const geo_status st = read_file(s->folder, names[k], out, err);
        if (st < 0)
            return st;
        if (st == GEO_DONE)
            continue;
        digest_of(out, hex);
        if (strcmp(hex, digest) == 0) {
            s->left[i] = k == 1;
            return GEO_OK;
        }
        there |= k != 1;
        geo_bytes_wipe(out);
    }
    return geo_err_set(err, GEO_EFORMAT, "'%s' %s", name, there ? "is not what '" HEAD "' says it is" : "is missing");
}

/* Is any of the files there? Without a head none can be: it comes first. */
static bool has_files(const geo_sealed *s)
{
    struct stat about;
    bool any = false;
    for (size_t i = 0; i < s->files_n; i++)
        any |= fstatat(s->folder, s->files[i].name, &about, AT_SYMLINK_NOFOLLOW) == 0;
    return any;
}

/* Is head another than it was? Then it is the new one; st: as reading it went, GEO_OK or GEO_DONE. */
static bool renew_head(geo_sealed *s, geo_status *st)
{
    geo_bytes now;
    const geo_status read = read_file(s->folder, HEAD, &now, NULL);
    const bool changed = read >= 0 && (read != *st || now.n != s->head.n || (now.n && memcmp(now.data, s->head.data, now.n) != 0));
    if (changed) {
        geo_bytes_clear(&s->head);
        s->head = now;
        *st = read;
    } else {
        geo_bytes_clear(&now);
    }
    return changed;
}

static geo_status read_sealed(geo_sealed *s, geo_bytes *contents, char line[GEO_SEALED_LINE], geo_err *err)
{
    char digests[GEO_SEALED_MOST][65];
    if (!parse_head(s, &s->head, line, digests))
        return geo_err_set(err, GEO_EFORMAT, "'" HEAD "' is not as it was written");
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < s->files_n; i++)
        st = find_file(s, i, digests[i], &contents[i], err);
    for (size_t i = 0; st < 0 && i < s->files_n; i++)
        geo_bytes_wipe(&contents[i]);
    return st;
}

static geo_status tidy_up(geo_sealed *s, geo_err *err);

geo_status geo_sealed_read(geo_sealed *s, geo_bytes *contents, char line[GEO_SEALED_LINE], geo_err *err)
{
    memset(contents, 0, s->files_n * sizeof *contents);
    geo_bytes_clear(&s->head);
    geo_status st = read_file(s->folder, HEAD, &s->head, err);
    for (int turn = 0; st >= 0; turn++) {
        bool changed = false;
        const geo_status now = st == GEO_OK   ? read_sealed(s, contents, line, err)
                               : has_files(s) ? geo_err_set(err, GEO_EFORMAT, "'" HEAD "' is missing")
                                              : GEO_DONE;
        if (now == GEO_EFORMAT && turn < MOST_TURNS) /* damage, or has somebody changed the folder meanwhile? */
            changed = renew_head(s, &st);
        if (!changed) {
            st = now;
            break;
        }
    }
    if (st < 0 || s->lock < 0)
        return st;
    const geo_status tidied = tidy_up(s, err);
    for (size_t i = 0; tidied < 0 && i < s->files_n; i++)
        geo_bytes_wipe(&contents[i]);
    return tidied < 0 ? tidied : st;
}

geo_status geo_sealed_peek(const char *path, const char *name, geo_bytes *content, geo_err *err)
{
    *content = (geo_bytes){0};
    struct stat about;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0) {
        const geo_status st = failed("open", geo_name_shown(path), err);
        if (fd >= 0)
            close(fd);
        return st;
    }
    geo_status st = S_ISDIR(about.st_mode) ? read_file(fd, name, content, err) : read_open(fd, geo_name_shown(path), content, err);
    close(fd);
    if (st == GEO_DONE)
        st = geo_err_set(err, GEO_EIO, "there is no '%s'", name);
    if (st < 0)
        geo_bytes_wipe(content);
    return st;
}

/* ---- writing ---- */

/* Some file systems know no such thing for folders, and say that the argument is wrong. */
static geo_status sync_folder(const geo_sealed *s, geo_err *err)
{
    return fsync(s->folder) == 0 || errno == EINVAL ? GEO_OK : failed("sync", geo_name_shown(s->name), err);
}

/* Those of NAME.new that head has not taken, and head.new, are nothing. */
static void remove_new(const geo_sealed *s)
{
    char room[LONGEST_NAME];
    for (size_t i = 0; i < s->files_n; i++)
        if (!s->left[i])
            unlinkat(s->folder, new_name(s->files[i].name, room), 0);
    unlinkat(s->folder, HEAD NEW, 0);
}

/* Give the files that stand in NAME.new their names. Synced before the next change makes another NAME.new. */
static geo_status tidy_up(geo_sealed *s, geo_err *err)
{
    char room[LONGEST_NAME];
    bool any = false;
    for (size_t i = 0; i < s->files_n; i++) {
        if (s->left[i] && renameat(s->folder, new_name(s->files[i].name, room), s->folder, s->files[i].name) != 0)
            return failed("rename", room, err);
        any |= s->left[i];
        s->left[i] = false;
    }
    remove_new(s);
    return any ? sync_folder(s, err) : GEO_OK;
}

/* The mode of the file that will be replaced, but for others when it is not for others. */
static bool set_mode(const geo_sealed *s, int fd, const geo_sealed_file *file)
{
    char self[LONGEST_NAME], old[LONGEST_NAME * 3];
    struct stat about;
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    snprintf(old, sizeof old, "/proc/self/fd/%d/%s", s->folder, file->name);
    if (!geo_mode_keep(self, old) || fstat(fd, &about) != 0)
        return false;
    const mode_t allowed = file->mode & S_IRWXO ? 0777 : 0777 & ~S_IRWXO;
    return (about.st_mode & 0777 & ~allowed) == 0 || fchmod(fd, about.st_mode & allowed) == 0;
}

static bool write_all(int fd, const char *data, size_t n)
{
    while (n) {
        const ssize_t done = write(fd, data, n);
        if (done < 0 && errno != EINTR)
            return false;
        data += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

static geo_status write_new(const geo_sealed *s, const geo_sealed_file *file, const char *data, size_t n, geo_err *err)
{
    char room[LONGEST_NAME];
    const char *name = new_name(file->name, room);
    const int fd = openat(s->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)file->mode);
    if (fd < 0)
        return failed("write", name, err);
    bool good = set_mode(s, fd, file) && write_all(fd, data, n) && fsync(fd) == 0;
    const int reason = errno;
    if (close(fd) != 0 && good && errno != EINTR) /* some file systems tell of a full disk only here */
        return failed("write", name, err);
    errno = reason;
    return good ? GEO_OK : failed("write", name, err);
}

/* Every NAME.new and head.new, synced. */
static geo_status write_all_new(const geo_sealed *s, const geo_bytes *contents, const geo_bytes *head, geo_err *err)
{
    static const geo_sealed_file HEAD_FILE = {HEAD, 0600};
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < s->files_n; i++)
        st = contents[i].n > LARGEST_FILE ? geo_err_set(err, GEO_ENOMEM, "'%s' would be larger than 1 GiB", s->files[i].name)
                                          : write_new(s, &s->files[i], contents[i].data, contents[i].n, err);
    if (st == GEO_OK)
        st = write_new(s, &HEAD_FILE, head->data, head->n, err);
    return st == GEO_OK ? sync_folder(s, err) : st;
}

/* The change. */
static geo_status take_head(geo_sealed *s, geo_err *err)
{
    if (renameat(s->folder, HEAD NEW, s->folder, HEAD) != 0)
        return failed("rename", HEAD NEW, err);
    for (size_t i = 0; i < s->files_n; i++)
        s->left[i] = true;
    return GEO_OK;
}

geo_status geo_sealed_write(geo_sealed *s, const geo_bytes *contents, const char *line, geo_err *err)
{
    char digests[GEO_SEALED_MOST][65];
    geo_bytes head = {0};
    geo_status st = s->head.n ? GEO_OK : GEO_DONE;
    if (renew_head(s, &st)) /* the lock was removed, or holds on one machine only, or an older copy was put here */
        return geo_err_set(err, GEO_EIO, "somebody else has changed it meanwhile");
    if (!geo_bytes_reserve(&head, LARGEST_HEAD))
        return geo_err_nomem(err);
    for (size_t i = 0; i < s->files_n; i++)
        digest_of(&contents[i], digests[i]);
    print_head(s, line, digests, head.data);
    head.n = strlen(head.data);
    if ((st = tidy_up(s, err)) == GEO_OK && (st = write_all_new(s, contents, &head, err)) == GEO_OK)
        st = take_head(s, err);
    if (st < 0) {
        geo_bytes_clear(&head);
        remove_new(s);
        return st;
    }
    geo_bytes_clear(&s->head);
    s->head = head;
    if ((st = sync_folder(s, err)) == GEO_OK)
        st = tidy_up(s, err);
    return st < 0 ? geo_err_wrap(err, st, "the change was made, but may not last") : GEO_OK;
}

/* ---- opening ---- */

/* The folder itself lasts when the one above has been synced. */
static void sync_above(const char *folder)
{
    char *name = strdup(folder);
    for (size_t n = name ? strlen(name) : 0; n > 1 && name[n - 1] == '/';)
        name[--n] = '\0';
    char *above = name ? geo_directory_of(name) : NULL;
    const int fd = above ? open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(above);
    free(name);
}

/* Wait until nobody else changes the folder. */
static geo_status take_lock(geo_sealed *s, const geo_watch *watch, geo_err *err)
{
    const struct timespec spell = {.tv_nsec = SPELL_MS * 1000000L};
    s->lock = openat(s->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->lock < 0)
        return failed("open", "lock", err);
    for (int waited_ms = 0; flock(s->lock, LOCK_EX | LOCK_NB) != 0; waited_ms += SPELL_MS) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return failed("lock", "lock", err);
        if (waited_ms == NOTE_AFTER_MS)
            geo_watch_note(watch, "waiting for another process, which has '%s' open to change it", geo_name_shown(s->name));
        if (geo_watch_stopped(watch))
            return geo_err_set(err, GEO_ESTOP, "interrupted while another process has it open to change it");
        nanosleep(&spell, NULL);
    }
    return GEO_OK;
}

geo_status geo_sealed_open(const char *folder, const geo_sealed_file *files, size_t files_n, bool change, const geo_watch *watch,
                           geo_sealed **out, geo_err *err)
{
    geo_sealed *s = calloc(1, sizeof *s);
    if (!s || !(s->name = strdup(folder))) {
        free(s);
        return geo_err_nomem(err);
    }
    s->files = files;
    s->files_n = files_n;
    s->lock = -1;
    geo_status st = GEO_OK;
    if (change && mkdir(folder, 0700) == 0)
        sync_above(folder);
    if ((s->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        st = failed(change && errno == ENOENT ? "make folder" : "open folder", geo_name_shown(folder), err);
    if (st == GEO_OK && change)
        st = take_lock(s, watch, err);
    if (st < 0) {
        geo_sealed_close(s);
        return st;
    }
    *out = s;
    return GEO_OK;
}

void geo_sealed_close(geo_sealed *s)
{
    if (!s)
        return;
    if (s->lock >= 0)
        close(s->lock);
    if (s->folder >= 0)
        close(s->folder);
    geo_bytes_clear(&s->head);
    free(s->name);
    free(s);
}
