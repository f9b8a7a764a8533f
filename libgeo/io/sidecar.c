/* Sidecar labels: JSON by jansson, digests by libsodium. */
#define _GNU_SOURCE /* realpath */
#include "geo/sidecar.h"

#include "geo/reader.h"
#include "sink.h"
#include "source.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST_SIDECAR 65536
#define DIGEST_BYTES 32
#define READ_BYTES (1 << 20)

geo_status geo_digest_file(const char *file, char hex[65], const geo_watch *watch, geo_err *err)
{
    const int fd = open(file, O_RDONLY | O_CLOEXEC);
    unsigned char *buf = malloc(READ_BYTES), digest[DIGEST_BYTES];
    geo_status st = fd < 0 ? geo_err_set(err, GEO_EIO, "cannot open '%s': %s", geo_name_shown(file), strerror(errno))
                    : buf  ? GEO_OK
                           : geo_err_nomem(err);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    for (ssize_t n = 1; st == GEO_OK && n > 0;) {
        n = read(fd, buf, READ_BYTES);
        if (geo_watch_stopped(watch))
            st = geo_err_set(err, GEO_ESTOP, "interrupted");
        else if (n < 0 && errno == EINTR)
            n = 1;
        else if (n < 0)
            st = geo_err_set(err, GEO_EIO, "cannot read '%s': %s", geo_name_shown(file), strerror(errno));
        else
            crypto_generichash_update(&state, buf, (unsigned long long)n);
    }
    crypto_generichash_final(&state, digest, sizeof digest);
    sodium_bin2hex(hex, 65, digest, sizeof digest);
    free(buf);
    if (fd >= 0)
        close(fd);
    return st;
}

void geo_digest_bytes(const void *bytes, size_t n, char hex[65])
{
    unsigned char digest[DIGEST_BYTES];
    crypto_generichash(digest, sizeof digest, bytes, (unsigned long long)n, NULL, 0);
    sodium_bin2hex(hex, 65, digest, sizeof digest);
}

/* Copy a text member; false when it is no text or too long. An absent optional member is empty. */
static bool take_text(const json_t *object, const char *key, char *out, size_t room)
{
    const json_t *v = json_object_get(object, key);
    if (!v) {
        *out = '\0';
        return true;
    }
    if (!json_is_string(v) || json_string_length(v) >= room)
        return false;
    memcpy(out, json_string_value(v), json_string_length(v) + 1);
    return true;
}

geo_status geo_sidecar_parse(const char *text, size_t n, geo_label *label, char hex[65], geo_err *err)
{
    static const char *const MEMBERS[] = {"sdc", "class", "source", "licence", "blake2b"};
    json_error_t where;
    json_t *o = n <= LARGEST_SIDECAR ? json_loadb(text, n, JSON_REJECT_DUPLICATES, &where) : NULL;
    geo_label found = {.class_ = GEO_CLASS_PERSONAL, .known = true};
    char class_[16] = "", digest[65] = "";
    geo_status st = GEO_OK;
    const char *key;
    json_t *value;
    if (!o)
        st = n <= LARGEST_SIDECAR ? geo_err_set(err, GEO_EFORMAT, "not JSON (line %d)", where.line)
                                  : geo_err_set(err, GEO_EFORMAT, "too large");
    else if (!json_is_object(o) || json_integer_value(json_object_get(o, "sdc")) != 1)
        st = geo_err_set(err, GEO_EFORMAT, "not a label of version 1 (\"sdc\": 1)");
    json_object_foreach (o, key, value) {
        bool known = false;
        for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++)
            known |= strcmp(key, MEMBERS[i]) == 0;
        if (!known && st == GEO_OK)
            st = geo_err_set(err, GEO_EFORMAT, "it has a member that labels do not have");
    }
    if (st == GEO_OK && (!take_text(o, "class", class_, sizeof class_) || !geo_class_parse(class_, strlen(class_), &found.class_)))
        st = geo_err_set(err, GEO_EFORMAT, "\"class\" must be open, official, personal or special");
    if (st == GEO_OK
        && (!take_text(o, "source", found.source, sizeof found.source) || !take_text(o, "licence", found.licence, sizeof found.licence)))
        st = geo_err_set(err, GEO_EFORMAT, "\"source\" or \"licence\" is no text, or too long");
    if (st == GEO_OK && (!take_text(o, "blake2b", digest, sizeof digest) || strspn(digest, "0123456789abcdef") != 64))
        st = geo_err_set(err, GEO_EFORMAT, "\"blake2b\" must be 64 hexadecimal digits");
    json_decref(o);
    if (st == GEO_OK) {
        *label = found;
        memcpy(hex, digest, sizeof digest);
    }
    return st;
}

/* Does the content, unpacked, start as that of a format whose tables are in one file? */
static bool is_one_file(const char *head, size_t n)
{
    static const struct {
        const char *start;
        size_t at, n;
    } FORMATS[] = {{"GPKG", 68, 4}, {"GP10", 68, 4}, {"GP11", 68, 4}, {"fgb\3fgb", 0, 7}, {"PK\3\4", 0, 4}};
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (n >= FORMATS[i].at + FORMATS[i].n && memcmp(head + FORMATS[i].at, FORMATS[i].start, FORMATS[i].n) == 0)
            return true;
    size_t at = n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < n && head[at] && strchr(" \t\r\n\x1E", head[at]))
        at++;
    return at < n && head[at] == '{'; /* GeoJSON, also as a text sequence */
}

/* The first bytes of a file, unpacked. */
static geo_status read_head(const char *file, char *head, size_t room, size_t *n, const geo_watch *watch, geo_err *err)
{
    geo_input *in;
    geo_status st = geo_input_open(file, watch, &in, err);
    if (st < 0)
        return st;
    size_t got = 1;
    for (*n = 0; st == GEO_OK && got && *n < room; *n += st == GEO_OK ? got : 0)
        st = geo_input_read(in, head + *n, room - *n, &got, err);
    geo_input_close(in);
    return st;
}

/* SQLite keeps its log beside the file itself, wherever a link to it stands. */
static bool has_log(const char *name)
{
    char log[PATH_MAX], file[PATH_MAX];
    bool found = realpath(name, file) == NULL; /* who knows */
    for (const char *const *end = (const char *const[]){"-wal", "-journal", NULL}; *end; end++)
        found |= (size_t)snprintf(log, sizeof log, "%s%s", file, *end) >= sizeof log || access(log, F_OK) == 0;
    return found;
}

geo_status geo_file_look(const char *file, geo_file_kind *kind, const geo_watch *watch, geo_err *err)
{
    struct stat about;
    char head[128];
    size_t n = 0;
    if (stat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        *kind = GEO_FILE_NONE;
        return GEO_OK;
    }
    *kind = GEO_FILE_WHOLE;
    if (geo_name_is_stream(file)) /* CSV is read by its name, whatever is in it, and without GDAL */
        return GEO_OK;
    const geo_status st = read_head(file, head, sizeof head, &n, watch, err);
    if (st == GEO_OK)
        *kind = !is_one_file(head, n) ? GEO_FILE_PART : has_log(file) ? GEO_FILE_LOGGED : GEO_FILE_WHOLE;
    return st;
}

/* Why a digest of this file says nothing about the table; *why is NULL when it says all. */
static geo_status check_alone(const char *file, const char **why, const geo_watch *watch, geo_err *err)
{
    static const char *const WHY[] = {
        [GEO_FILE_NONE] = "what it labels is no file",
        [GEO_FILE_PART] =
            "the table may be more than the one file it speaks of: label a CSV, GeoPackage, FlatGeobuf or GeoJSON, or a zip of the files",
        [GEO_FILE_LOGGED] = "changes to the file are waiting in its -wal or -journal file: close what has it open",
    };
    geo_file_kind kind;
    const geo_status st = geo_file_look(file, &kind, watch, err);
    if (st == GEO_OK && kind != GEO_FILE_WHOLE)
        *why = WHY[kind];
    return st;
}

/*
 * The text of a sidecar, cut one byte beyond the largest; *text stays NULL when there is none. Whatever else keeps it from being read is
 * an error: a label that nobody has seen may be the strictest.
 */
static geo_status load(const char *name, char **text, size_t *n, geo_err *err)
{
    FILE *f = fopen(name, "re");
    if (!f && (errno == ENOENT || errno == ENOTDIR))
        return GEO_OK;
    if (!f)
        return geo_err_set(err, GEO_EIO, "cannot open label '%s': %s", geo_name_shown(name), strerror(errno));
    geo_status st = (*text = malloc(LARGEST_SIDECAR + 1)) ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK)
        *n = fread(*text, 1, LARGEST_SIDECAR + 1, f);
    if (st == GEO_OK && ferror(f))
        st = geo_err_set(err, GEO_EIO, "cannot read label '%s': %s", geo_name_shown(name), strerror(errno));
    fclose(f);
    return st;
}

static geo_status name_of(const char *file, char name[PATH_MAX], geo_err *err)
{
    if (snprintf(name, PATH_MAX, "%s.sdc", file) >= PATH_MAX)
        return geo_err_set(err, GEO_EIO, "the name of a label, FILE.sdc, is longer than %d bytes", PATH_MAX);
    return GEO_OK;
}

/* Does the label that stands beside a file hold? GEO_SKIP, and a note says why, when it does not. */
static geo_status judge(const char *file, const char *name, const char *text, size_t n, geo_label *label, const geo_watch *watch,
                        geo_err *err)
{
    char hex[65], actual[65];
    geo_label found;
    geo_err wrong = {0};
    const char *why = geo_sidecar_parse(text, n, &found, hex, &wrong) < 0 ? wrong.msg : NULL;
    geo_status st = why ? GEO_OK : check_alone(file, &why, watch, err);
    if (st == GEO_OK && !why && (st = geo_digest_file(file, actual, watch, err)) == GEO_OK)
        why = strcmp(hex, actual) == 0 ? NULL : "the file has changed since it was labelled";
    if (st < 0)
        return st;
    if (!why) {
        *label = found;
        return GEO_OK;
    }
    geo_watch_note(watch, "label '%s' is ignored, and the file counts as personal at least: %s", geo_name_shown(name), why);
    return GEO_SKIP;
}

geo_status geo_sidecar_read(const char *file, geo_label *label, const geo_watch *watch, geo_err *err)
{
    char name[PATH_MAX], *text = NULL;
    size_t n = 0;
    struct stat about;
    /* no file has this name: it is a connection, or a mistake that whoever opens it tells */
    if (stat(file, &about) != 0 && (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG))
        return GEO_OK;
    geo_status st = name_of(file, name, err);
    if (st == GEO_OK)
        st = load(name, &text, &n, err);
    if (st == GEO_OK && text)
        st = judge(file, name, text, n, label, watch, err);
    free(text);
    return st;
}

/* ---- writing ---- */

/* Text that a reader of the label can see all of. */
static bool is_text(const char *s, size_t room)
{
    const size_t n = strnlen(s, room);
    bool good = n < room && geo_utf8_check(s, n) == n;
    for (size_t i = 0; i < n; i++)
        good &= (unsigned char)s[i] >= ' ' && s[i] != 0x7F;
    return good;
}

/* Is the class at least that of the label that is there? What that said counts, whether or not it holds. */
static geo_status check_lowering(const char *name, geo_class class_, geo_err *err)
{
    char *text = NULL, hex[65];
    size_t n = 0;
    geo_label found;
    geo_status st = load(name, &text, &n, err);
    if (st == GEO_OK && text) {
        if (geo_sidecar_parse(text, n, &found, hex, NULL) < 0)
            st = geo_err_set(err, GEO_EARG,
                             "the label that is there cannot be understood, and may have said any class: add --force to replace it");
        else if (class_ < found.class_)
            st = geo_err_set(err, GEO_EARG, "the label that is there says %s: add --force to lower it to %s", geo_class_name(found.class_),
                             geo_class_name(class_));
    }
    free(text);
    return st;
}

/* The text of a sidecar, to be freed; NULL when memory is out. */
static char *print(const geo_label *label, const char *hex)
{
    json_t *o = json_pack("{s:i, s:s, s:s, s:s, s:s}", "sdc", 1, "class", geo_class_name(label->class_), "source", label->source, "licence",
                          label->licence, "blake2b", hex);
    char *text = o ? json_dumps(o, JSON_PRESERVE_ORDER) : NULL;
    json_decref(o);
    return text;
}

static geo_status put(const char *name, const char *file, const char *text, const geo_watch *watch, geo_err *err)
{
    geo_output *out;
    geo_status st = geo_output_open_beside(name, file, watch, &out, err);
    if (st < 0)
        return st;
    st = geo_output_write(out, text, strlen(text), err);
    if (st == GEO_OK)
        st = geo_output_write(out, "\n", 1, err);
    if (st == GEO_OK)
        st = geo_output_commit(out, err);
    geo_output_close(out);
    return st;
}

static geo_status write_label(const char *file, const geo_label *label, bool force, const geo_watch *watch, geo_err *err)
{
    char name[PATH_MAX], hex[65];
    const char *why = NULL;
    if ((unsigned)label->class_ > GEO_CLASS_SPECIAL)
        return geo_err_set(err, GEO_EARG, "there is no such class");
    if (!is_text(label->source, sizeof label->source))
        why = "its source must be UTF-8 text without control characters, and of 255 bytes at most";
    else if (!is_text(label->licence, sizeof label->licence))
        why = "its licence must be UTF-8 text without control characters, and of 127 bytes at most";
    geo_status st = why ? GEO_OK : check_alone(file, &why, watch, err);
    if (st == GEO_OK && why)
        return geo_err_set(err, GEO_EARG, "%s", why);
    if (st == GEO_OK)
        st = name_of(file, name, err);
    if (st == GEO_OK && !force)
        st = check_lowering(name, label->class_, err);
    if (st == GEO_OK)
        st = geo_digest_file(file, hex, watch, err);
    if (st < 0)
        return st;
    char *text = print(label, hex);
    st = text ? put(name, file, text, watch, err) : geo_err_nomem(err);
    free(text);
    return st;
}

geo_status geo_sidecar_write(const char *file, const geo_label *label, bool force, const geo_watch *watch, geo_err *err)
{
    const geo_status st = write_label(file, label, force, watch, err);
    return st < 0 ? geo_err_wrap(err, st, "cannot label '%s'", geo_name_shown(file)) : GEO_OK;
}
