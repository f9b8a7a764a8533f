/* The reader that callers see, in front of the drivers. */
#define _GNU_SOURCE /* strcasestr */
#include "geo/reader.h"

#include "chunks.h"
#include "fgb.h"
#include "text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* Is there a password in it? NAME=VALUE as databases take it, with blanks around the sign or without. */
static bool has_password(const char *text)
{
    static const char *const NAMES[] = {"password", "passwd", "pwd"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        for (const char *at = strcasestr(text, NAMES[i]); at; at = strcasestr(at, NAMES[i])) {
            at += strlen(NAMES[i]);
            if (at[strspn(at, " \t\r\n")] == '=')
                return true;
        }
    const char *address = strstr(text, "://");
    return address && strchr(address, '@');
}

const char *geo_name_shown(const char *name)
{
    static const char *const DATABASES[] = {"PG:", "PGB:", "postgresql:", "postgres:"};
    for (size_t i = 0; i < sizeof DATABASES / sizeof *DATABASES; i++)
        if (strncasecmp(name, DATABASES[i], strlen(DATABASES[i])) == 0)
            return "the PostGIS database";
    return has_password(name) ? "the database" : name;
}

bool geo_name_is_stream(const char *name)
{
    struct stat about;
    if (geo_name_is_database(name)) /* whatever the name of its table ends in */
        return false;
    if (strcmp(name, "-") == 0 || geo_name_ends(name, ".csv") || geo_name_ends(name, ".csv.gz"))
        return true;
    return stat(name, &about) == 0 && (S_ISFIFO(about.st_mode) || S_ISCHR(about.st_mode));
}

bool geo_reader_asked_for(const geo_reader_options *o, const char *name)
{
    if (!o->columns || strcasecmp(name, GEO_CLASS_COLUMN) == 0)
        return true;
    for (const char *const *n = o->columns; *n; n++)
        if (strcasecmp(*n, name) == 0)
            return true;
    return false;
}

/* Packed or not. */
static bool is_sequence(const char *name)
{
    char plain[PATH_MAX];
    const size_t n = strlen(name);
    if (!geo_name_ends(name, ".gz") || n >= sizeof plain)
        return geo_name_is_sequence(name);
    snprintf(plain, sizeof plain, "%.*s", (int)(n - strlen(".gz")), name);
    return geo_name_is_sequence(plain);
}

/* Look at the first bytes of a stream, and of any file that may be one. */
static geo_status look(geo_reader *r, const char *name, geo_err *err)
{
    struct stat about;
    const bool stream = geo_name_is_stream(name);
    r->format = stream ? GEO_FORMAT_CSV : GEO_FORMAT_GDAL;
    if (!stream && (geo_name_is_database(name) || stat(name, &about) != 0 || !S_ISREG(about.st_mode)))
        return GEO_OK;
    r->chunks = calloc(1, sizeof *r->chunks);
    if (!r->chunks)
        return geo_err_nomem(err);
    geo_status st = geo_chunks_open(name, r->watch, r->chunks, err);
    if (st == GEO_OK)
        st = geo_chunks_look(r->chunks, GEO_FGB_MAGIC_N, err);
    if (st < 0)
        return st;
    const char *head = r->chunks->carry.data;
    const size_t n = r->chunks->carry.n;
    const char first = geo_chunks_first(r->chunks);
    if (n == GEO_FGB_MAGIC_N && memcmp(head, GEO_FGB_MAGIC, n) == 0)
        r->format = GEO_FORMAT_FGB;
    else if (first == '\x1E' || (first == '{' && (stream || is_sequence(name))))
        r->format = GEO_FORMAT_SEQ;
    return GEO_OK;
}

geo_status geo_reader_look(const char *name, const geo_watch *watch, geo_reader **out, geo_err *err)
{
    geo_reader *r = calloc(1, sizeof *r);
    if (!r || !(r->file = strdup(name))) {
        free(r);
        return geo_err_nomem(err);
    }
    r->watch = watch;
    r->piece.bad_line = -1;
    strncat(r->name, strcmp(name, "-") == 0 ? "standard input" : geo_name_shown(name), sizeof r->name - 1);
    const geo_status st = look(r, name, err);
    if (st < 0) {
        geo_reader_close(r);
        return st;
    }
    *out = r;
    return GEO_OK;
}

geo_format geo_reader_format(const geo_reader *r)
{
    return r->format;
}

geo_class geo_reader_class(const geo_reader *r)
{
    return r->class_;
}

/* The stream becomes the opener's. */
static geo_status begin_stream(geo_reader *r, const geo_reader_options *o, geo_err *err)
{
    geo_chunks chunks = *r->chunks;
    free(r->chunks);
    r->chunks = NULL;
    chunks.steady = o->steady;
    chunks.bytes = !o->chunk_bytes ? GEO_CHUNK_BYTES : o->chunk_bytes < GEO_CHUNK_MOST ? o->chunk_bytes : GEO_CHUNK_MOST;
    return r->format == GEO_FORMAT_CSV   ? geo_csv_open(&chunks, o, r, err)
           : r->format == GEO_FORMAT_FGB ? geo_fgb_open(&chunks, o, r, err)
                                         : geo_seq_open(&chunks, o, r, err);
}

geo_status geo_reader_begin(geo_reader *r, const geo_reader_options *options, geo_err *err)
{
    geo_reader_options o = *options;
    r->class_ = geo_class_join(o.label.class_, o.raise); /* what the file itself says may raise it */
    if (r->format == GEO_FORMAT_CSV && o.layer)
        return geo_err_set(err, GEO_EARG, "--layer does not work on CSV ('%s'): a CSV file is one table, leave the option out", r->name);
    if (r->format != GEO_FORMAT_CSV && (o.x || o.y))
        return geo_err_set(
            err, GEO_EARG,
            "--x and --y name columns of CSV, and '%s' is none: leave them out if it has shapes, else convert it (ogr2ogr -f CSV)",
            r->name);
    if (r->format != GEO_FORMAT_CSV && o.text_passes) {
        o.columns = NULL;
        o.try_geometry = true;
    }
    return r->format == GEO_FORMAT_GDAL ? geo_gdal_open(r->file, &o, r, err) : begin_stream(r, &o, err);
}

geo_status geo_reader_open(const char *name, const geo_reader_options *options, geo_reader **out, geo_err *err)
{
    geo_reader *r = NULL;
    geo_status st = geo_reader_look(name, options->watch, &r, err);
    if (st == GEO_OK && (st = geo_reader_begin(r, options, err)) < 0)
        geo_reader_close(r);
    if (st == GEO_OK)
        *out = r;
    return st;
}

void geo_piece_clear(geo_reader *r, geo_piece *piece)
{
    if (r->driver->drop)
        r->driver->drop(r->state, piece);
    geo_bytes_clear(&piece->raw);
    geo_arena_clear(&piece->arena);
}

void geo_reader_close(geo_reader *r)
{
    if (!r)
        return;
    if (r->driver) {
        geo_piece_clear(r, &r->piece);
        r->driver->close(r->state);
    }
    if (r->chunks)
        geo_chunks_close(r->chunks);
    free(r->chunks);
    free(r->file);
    free(r);
}

const geo_schema *geo_reader_schema(const geo_reader *r)
{
    return &r->schema;
}

bool geo_reader_has_text(const geo_reader *r)
{
    return r->has_text;
}

const char *geo_reader_unit(const geo_reader *r)
{
    return r->unit;
}

const geo_faults *geo_reader_faults(const geo_reader *r)
{
    return &r->faults;
}

int64_t geo_reader_rows(const geo_reader *r)
{
    return r->rows_n;
}

void geo_left_out_add(geo_left_out *l, const char *name, size_t n, int64_t features_n)
{
    size_t i = 0;
    if (n > sizeof l->name[0])
        for (n = sizeof l->name[0]; n && ((unsigned char)name[n] & 0xC0) == 0x80;)
            n--;
    while (i < l->names_n && (l->name_n[i] != n || memcmp(l->name[i], name, n) != 0))
        i++;
    l->more |= i == GEO_LEFT_OUT_NAMES;
    if (i == GEO_LEFT_OUT_NAMES)
        return;
    if (i == l->names_n) {
        memcpy(l->name[i], name, n);
        l->name_n[i] = n;
        l->features_n[l->names_n++] = 0;
    }
    l->features_n[i] += features_n;
}

void geo_reader_tell_left_out(const geo_reader *r)
{
    const geo_left_out *l = &r->left_out;
    char text[GEO_LEFT_OUT_NAMES * (sizeof l->name[0] + 40)];
    size_t n = 0;
    for (size_t i = 0; i < l->names_n; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s'%.*s' of %lld", i ? ", " : "", (int)l->name_n[i], l->name[i],
                              (long long)l->features_n[i]);
    if (n)
        geo_watch_note(r->watch, "members of features are left out: %s%s", text, l->more ? ", and others" : "");
}

void geo_reader_settle(geo_reader *r, geo_piece *piece)
{
    geo_faults_merge(&r->faults, &piece->faults, r->next_line);
    for (size_t i = 0; i < piece->left_out.names_n; i++)
        geo_left_out_add(&r->left_out, piece->left_out.name[i], piece->left_out.name_n[i], piece->left_out.features_n[i]);
    r->left_out.more |= piece->left_out.more;
    piece->batch.first_line = r->next_line;
    r->next_line += piece->lines_n;
    r->rows_n += (int64_t)piece->batch.rows_n;
}

void geo_piece_reset(geo_piece *piece)
{
    geo_arena_reset(&piece->arena);
    memset(&piece->faults, 0, sizeof piece->faults);
    piece->left_out = (geo_left_out){0};
    piece->lines_n = 0;
    piece->bad_line = -1;
    piece->batch = (geo_batch){0};
}

geo_status geo_reader_decode_failed(const geo_reader *r, const geo_piece *piece, geo_status st, geo_err *err)
{
    return piece->bad_line < 0 ? st : geo_err_wrap(err, st, "%s %lld", r->unit, (long long)(r->next_line + piece->bad_line));
}

geo_status geo_reader_next(geo_reader *r, const geo_batch **batch, geo_err *err)
{
    geo_piece *piece = &r->piece;
    do {
        geo_piece_reset(piece);
        geo_status st = r->driver->fetch(r->state, piece, err);
        if (st == GEO_DONE)
            geo_reader_tell_left_out(r);
        if (st != GEO_OK)
            return st;
        st = r->driver->decode(r->state, piece, err);
        if (st < 0)
            return geo_reader_decode_failed(r, piece, st, err);
        geo_reader_settle(r, piece);
    } while (piece->batch.rows_n == 0);
    *batch = &piece->batch;
    return GEO_OK;
}
