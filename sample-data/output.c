/* Buffer -> hash of the content -> zlib -> hash of the file -> disk. See output.h. */
#include "output.h"

#include "must.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { BUFFER = 1 << 16, HASH = 32, HEX = 2 * HASH + 1, GZIP = 15 + 16, UNKNOWN_SYSTEM = 255, LONGEST_NUMBER = 24 };

typedef struct checksum {
    char *name;
    char hex[HEX];
} checksum;

struct out_folder {
    char *path;
    checksum *sums;
    size_t sums_n, sums_room;
};

struct out_file {
    out_folder *folder; /* NULL: a plain file */
    char *name, *path;
    const char *safety;
    FILE *fp;
    bool packed;
    z_stream z;
    gz_header header;
    crypto_generichash_state content, file;
    size_t n;
    char buffer[BUFFER];
    unsigned char pressed[BUFFER];
};

static char *copy_text(const char *s)
{
    const size_t size = strlen(s) + 1;
    return memcpy(must_alloc(size, 1), s, size);
}

char *out_path(const char *folder, const char *name)
{
    const size_t size = strlen(folder) + strlen(name) + 2;
    char *path = must_alloc(size, 1);
    snprintf(path, size, "%s/%s", folder, name);
    return path;
}

void out_make_folder(const char *path)
{
    struct stat info;
    if (mkdir(path, 0777) != 0 && (errno != EEXIST || stat(path, &info) != 0 || !S_ISDIR(info.st_mode)))
        die("cannot make folder '%s': %s", path, strerror(errno == EEXIST ? ENOTDIR : errno));
}

static void finish_hash(crypto_generichash_state *state, char hex[HEX])
{
    unsigned char hash[HASH];
    crypto_generichash_final(state, hash, sizeof hash);
    sodium_bin2hex(hex, HEX, hash, sizeof hash);
}

static void to_disk(out_file *f, const void *bytes, size_t n)
{
    if (fwrite(bytes, 1, n, f->fp) != n)
        die("cannot write '%s': %s", f->path, strerror(errno));
    if (f->folder)
        crypto_generichash_update(&f->file, bytes, n);
}

static void pack(out_file *f, int flush)
{
    f->z.next_in = (unsigned char *)f->buffer;
    f->z.avail_in = (uInt)f->n;
    do {
        f->z.next_out = f->pressed;
        f->z.avail_out = BUFFER;
        if (deflate(&f->z, flush) == Z_STREAM_ERROR)
            die("cannot pack '%s'", f->path);
        to_disk(f, f->pressed, BUFFER - f->z.avail_out);
    } while (f->z.avail_out == 0);
}

static void flush_buffer(out_file *f, int flush)
{
    if (f->folder)
        crypto_generichash_update(&f->content, (unsigned char *)f->buffer, f->n);
    if (f->packed)
        pack(f, flush);
    else
        to_disk(f, f->buffer, f->n);
    f->n = 0;
}

/* No time and no operating system in the header, so that the file tells nothing of when and where it was made. */
static void start_packing(out_file *f)
{
    f->header = (gz_header){.os = UNKNOWN_SYSTEM};
    if (deflateInit2(&f->z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK
        || deflateSetHeader(&f->z, &f->header) != Z_OK)
        die("out of memory");
}

static out_file *open_file(const char *folder, const char *name)
{
    out_file *f = must_alloc(1, sizeof *f);
    f->name = copy_text(name);
    f->path = out_path(folder, name);
    f->fp = fopen(f->path, "wb");
    if (!f->fp)
        die("cannot open '%s': %s", f->path, strerror(errno));
    return f;
}

static void close_file(out_file *f)
{
    if (fclose(f->fp) != 0)
        die("cannot write '%s': %s", f->path, strerror(errno));
    free(f->name);
    free(f->path);
    free(f);
}

out_file *out_open_plain(const char *folder, const char *name)
{
    return open_file(folder, name);
}

out_file *out_open(out_folder *folder, const char *name, const char *safety)
{
    out_file *f = open_file(folder->path, name);
    const size_t length = strlen(name);
    f->folder = folder;
    f->safety = safety;
    f->packed = length > 3 && strcmp(name + length - 3, ".gz") == 0;
    crypto_generichash_init(&f->content, NULL, 0, HASH);
    crypto_generichash_init(&f->file, NULL, 0, HASH);
    if (f->packed)
        start_packing(f);
    return f;
}

static void write_sidecar(const out_file *f, const char *hex)
{
    const size_t size = strlen(f->name) + sizeof ".sdc";
    char *name = must_alloc(size, 1);
    snprintf(name, size, "%s.sdc", f->name);
    out_file *sidecar = out_open_plain(f->folder->path, name);
    out_printf(sidecar,
               "{\n"
               "  \"sdc\": 1,\n"
               "  \"class\": \"%s\",\n"
               "  \"source\": \"Exemplar Borough, synthetic\",\n"
               "  \"licence\": \"CC0-1.0\",\n"
               "  \"blake2b\": \"%s\"\n"
               "}\n",
               f->safety, hex);
    out_close(sidecar);
    free(name);
}

static void note_checksum(out_file *f)
{
    out_folder *folder = f->folder;
    folder->sums = must_grow(folder->sums, &folder->sums_room, folder->sums_n + 1, sizeof *folder->sums);
    checksum *sum = &folder->sums[folder->sums_n++];
    sum->name = copy_text(f->name);
    if (f->packed)
        sum->name[strlen(sum->name) - 3] = '\0'; /* the name that unpacking gives */
    finish_hash(&f->content, sum->hex);
}

void out_close(out_file *f)
{
    flush_buffer(f, Z_FINISH);
    if (f->packed)
        deflateEnd(&f->z);
    if (f->folder) {
        char hex[HEX];
        finish_hash(&f->file, hex);
        write_sidecar(f, hex);
        note_checksum(f);
    }
    close_file(f);
}

out_folder *out_folder_open(const char *path)
{
    if (sodium_init() < 0)
        die("cannot start libsodium");
    out_make_folder(path);
    out_folder *folder = must_alloc(1, sizeof *folder);
    folder->path = copy_text(path);
    return folder;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const checksum *)a)->name, ((const checksum *)b)->name);
}

void out_folder_close(out_folder *folder)
{
    qsort(folder->sums, folder->sums_n, sizeof *folder->sums, by_name);
    out_file *f = out_open_plain(folder->path, "CHECKSUMS");
    for (size_t i = 0; i < folder->sums_n; i++) {
        out_printf(f, "%s  %s\n", folder->sums[i].hex, folder->sums[i].name);
        free(folder->sums[i].name);
    }
    out_close(f);
    free(folder->sums);
    free(folder->path);
    free(folder);
}

/* Room for n more bytes in the buffer. */
static char *make_room(out_file *f, size_t n)
{
    if (BUFFER - f->n < n)
        flush_buffer(f, Z_NO_FLUSH);
    return f->buffer + f->n;
}

void out_char(out_file *f, char c)
{
    *make_room(f, 1) = c;
    f->n++;
}

void out_bytes(out_file *f, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out_char(f, ((const char *)bytes)[i]);
}

void out_text(out_file *f, const char *s)
{
    for (; *s; s++)
        out_char(f, *s);
}

void out_printf(out_file *f, const char *fmt, ...)
{
    char text[1001];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        die("a line too long for '%s'", f->path);
    out_text(f, text);
}

void out_csv(out_file *f, const char *s)
{
    if (!strpbrk(s, ",\"\r\n")) {
        out_text(f, s);
        return;
    }
    out_char(f, '"');
    for (; *s; s++) {
        if (*s == '"')
            out_char(f, '"');
        out_char(f, *s);
    }
    out_char(f, '"');
}

/* The digits of value with at least decimals_n + 1 of them and a point before the last decimals_n. */
static void put_digits(out_file *f, int64_t value, int decimals_n)
{
    char digits[LONGEST_NUMBER], *end = digits + sizeof digits, *s = end;
    uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int n = 0;
    do {
        if (n == decimals_n && n > 0)
            *--s = '.';
        *--s = (char)('0' + v % 10);
        v /= 10;
        n++;
    } while (v || n <= decimals_n);
    if (value < 0)
        *--s = '-';
    memcpy(make_room(f, LONGEST_NUMBER), s, (size_t)(end - s));
    f->n += (size_t)(end - s);
}

void out_int(out_file *f, int64_t value)
{
    put_digits(f, value, 0);
}

void out_fixed(out_file *f, int64_t value, int decimals_n)
{
    put_digits(f, value, decimals_n);
}

void out_short(out_file *f, int64_t value, int decimals_n)
{
    while (decimals_n && value % 10 == 0) {
        value /= 10;
        decimals_n--;
    }
    put_digits(f, value, decimals_n);
}
