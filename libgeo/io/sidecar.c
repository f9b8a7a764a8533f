/* Sidecar labels: JSON by jansson, digests by libsodium. */
#include "geo/sidecar.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define LARGEST_SIDECAR 65536
#define DIGEST_BYTES 32
#define READ_BYTES (1 << 20)

geo_status geo_digest_file(const char *file, char hex[65], const geo_watch *watch, geo_err *err)
{
    const int fd = open(file, O_RDONLY | O_CLOEXEC);
    unsigned char *buf = malloc(READ_BYTES), digest[DIGEST_BYTES];
    geo_status st = fd < 0 ? geo_err_set(err, GEO_EIO, "cannot open '%s': %s", file, strerror(errno)) : buf ? GEO_OK : geo_err_nomem(err);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    for (ssize_t n = 1; st == GEO_OK && n > 0;) {
        n = read(fd, buf, READ_BYTES);
        if (geo_watch_stopped(watch))
            st = geo_err_set(err, GEO_ESTOP, "interrupted");
        else if (n < 0)
            st = geo_err_set(err, GEO_EIO, "cannot read '%s': %s", file, strerror(errno));
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

/* Why a digest of this file alone says nothing about the table: it is several files. NULL when it is one. */
static const char *several_files(const char *file)
{
    char wal[4096];
    const char *dot = strrchr(file, '.');
    if (dot
        && (strcasecmp(dot, ".shp") == 0 || strcasecmp(dot, ".vrt") == 0 || strcasecmp(dot, ".tab") == 0 || strcasecmp(dot, ".mif") == 0))
        return "the table is several files, and it speaks of one: label a GeoPackage, or a zip of them";
    if ((size_t)snprintf(wal, sizeof wal, "%s-wal", file) < sizeof wal && access(wal, F_OK) == 0)
        return "changes to the file are waiting in its -wal file: close what has it open";
    return NULL;
}

geo_status geo_sidecar_read(const char *file, geo_label *label, const geo_watch *watch, geo_err *err)
{
    char name[4096], hex[65], actual[65];
    if ((size_t)snprintf(name, sizeof name, "%s.sdc", file) >= sizeof name)
        return GEO_OK;
    FILE *f = fopen(name, "re");
    if (!f)
        return GEO_OK;
    char *text = malloc(LARGEST_SIDECAR + 2);
    const size_t n = text ? fread(text, 1, LARGEST_SIDECAR + 1, f) : 0;
    fclose(f);
    if (!text)
        return geo_err_nomem(err);
    geo_label found;
    geo_err why;
    geo_status st = geo_sidecar_parse(text, n, &found, hex, &why);
    free(text);
    if (st < 0) {
        geo_watch_note(watch, "label '%s' is ignored: %s", name, why.msg);
        return GEO_OK;
    }
    if (several_files(file)) {
        geo_watch_note(watch, "label '%s' is ignored: %s", name, several_files(file));
        return GEO_OK;
    }
    st = geo_digest_file(file, actual, watch, err);
    if (st < 0)
        return st;
    if (strcmp(hex, actual) != 0)
        geo_watch_note(watch, "label '%s' is ignored: the file has changed since it was labelled", name);
    else
        *label = found;
    return GEO_OK;
}
