/*
 * The ledger. Its two databases are read into memory, checked, and written as a whole with each entry, by way of the sealed folder
 * (io/sealed.h): what SQLite holds on disk is never changed in place. A ledger of some hundred releases has some tens of megabytes.
 *
 * The seal in `head` finds every changed byte. The chain of entries finds what somebody has changed who knows how to write a seal, and is
 * all that the public part has.
 */
#include "geo/ledger.h"

#include "../core/vec.h"
#include "../io/sealed.h"
#include "geo/reader.h"
#include "ledger_form.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const geo_sealed_file FILES[GEO_LEDGER_FILES] = {
    [GEO_LEDGER_PUBLIC] = {"ledger.db", 0444}, /* so that no GIS changes it by looking at it */
    [GEO_LEDGER_RESTRICTED] = {"restricted.db", 0600},
};

struct geo_ledger {
    char *name;
    geo_sealed *folder;
    geo_ledger_base *base; /* NULL when an append has failed and nothing could be read again */
    int64_t n;
    char head[65];
    bool append;
    double extent[4]; /* lent by geo_ledger_get */
};

/* ---- checking ---- */

/* How many entries have an extent in a system. */
typedef struct mapped {
    int64_t srid, n;
} mapped;

static bool note_map(geo_vec *maps, int64_t srid)
{
    for (size_t i = 0; i < maps->n; i++) {
        mapped *m = (mapped *)maps->items + i;
        if (m->srid == srid) {
            m->n++;
            return true;
        }
    }
    const mapped first = {srid, 1};
    return geo_vec_append(maps, &first, 1, sizeof first);
}

static geo_status check_map(geo_ledger_base *base, const geo_ledger_row *row, const double extent[4], geo_err *err)
{
    unsigned char wanted[GEO_LEDGER_MAP_BYTES];
    const void *map;
    size_t n;
    const geo_status st = geo_ledger_base_map(base, row->srid, row->id, &map, &n, err);
    if (st < 0)
        return st;
    geo_ledger_map(extent, row->srid, wanted);
    if (st == GEO_DONE || n != sizeof wanted || memcmp(map, wanted, n) != 0)
        return geo_err_set(err, GEO_EFORMAT, "the map shows another extent");
    return GEO_OK;
}

static geo_status check_part(geo_ledger_base *base, const geo_ledger_row *row, geo_err *err)
{
    geo_ledger_part part;
    char seal[65];
    geo_status st = geo_ledger_base_part(base, row->id, &part, err);
    if (st != GEO_OK)
        return st < 0 ? st : geo_err_set(err, GEO_EFORMAT, "its restricted part is missing");
    const char *why = geo_ledger_part_wrong(&part);
    geo_ledger_seal(&part, seal);
    if (!why && strcmp(seal, row->seal) != 0)
        why = "its restricted part is another than the one it was made with";
    if (!why && strcmp(row->kind, "secret") == 0 && !geo_ledger_is_secret(row, &part))
        why = "its secret is not what its commitment says";
    return why ? geo_err_set(err, GEO_EFORMAT, "%s", why) : GEO_OK;
}

/* One entry; head is the hash before it, and becomes its own. */
static geo_status check_entry(geo_ledger_base *base, int64_t id, bool public_only, geo_vec *maps, char head[65], geo_err *err)
{
    geo_ledger_row row;
    double extent[4];
    char hash[65];
    geo_status st = geo_ledger_base_row(base, id, &row, err);
    if (st != GEO_OK)
        return st < 0 ? st : geo_err_set(err, GEO_EFORMAT, "it is missing, and there are later ones");
    const char *why = geo_ledger_row_wrong(&row, extent);
    if (why)
        return geo_err_set(err, GEO_EFORMAT, "%s", why);
    geo_ledger_chain(head, &row, hash);
    if (strcmp(hash, row.hash) != 0)
        return geo_err_set(err, GEO_EFORMAT, "its hash does not follow from what it says and the hash before it");
    if (!public_only)
        st = check_part(base, &row, err);
    if (st == GEO_OK && row.srid)
        st = note_map(maps, row.srid) ? check_map(base, &row, extent, err) : geo_err_nomem(err);
    memcpy(head, hash, sizeof hash);
    return st;
}

/* Nothing on the maps, or in the restricted part, that no entry speaks of. */
static geo_status check_counts(geo_ledger_base *base, int64_t n, bool public_only, const geo_vec *maps, geo_err *err)
{
    int64_t others = n;
    geo_status st = public_only ? GEO_OK : geo_ledger_base_count(base, GEO_LEDGER_RESTRICTED, 0, &others, err);
    if (st == GEO_OK && others != n)
        return geo_err_set(err, GEO_EFORMAT, "it has restricted parts of entries that are missing");
    for (size_t i = 0; st == GEO_OK && i < maps->n; i++) {
        const mapped *m = (const mapped *)maps->items + i;
        st = geo_ledger_base_count(base, GEO_LEDGER_PUBLIC, m->srid, &others, err);
        if (st == GEO_OK && others != m->n)
            st = geo_err_set(err, GEO_EFORMAT, "the map of EPSG:%" PRId64 " shows more than the entries do", m->srid);
    }
    return st;
}

static geo_status check_base(geo_ledger_base *base, bool public_only, const geo_watch *watch, int64_t *n, char head[65], geo_err *err)
{
    geo_vec maps = {0};
    memcpy(head, GEO_LEDGER_START, 65);
    geo_status st = geo_ledger_base_count(base, GEO_LEDGER_PUBLIC, 0, n, err);
    for (int64_t id = 1; st == GEO_OK && id <= *n; id++) {
        if (geo_watch_stopped(watch))
            st = geo_err_set(err, GEO_ESTOP, "interrupted");
        else if ((st = check_entry(base, id, public_only, &maps, head, err)) < 0)
            geo_err_wrap(err, st, "entry %" PRId64, id);
    }
    if (st == GEO_OK)
        st = check_counts(base, *n, public_only, &maps, err);
    geo_vec_clear(&maps);
    return st;
}

/* ---- opening ---- */

static void print_line(int64_t n, const char *head, char line[GEO_SEALED_LINE])
{
    snprintf(line, GEO_SEALED_LINE, "geo-ledger 1, %" PRId64 " entries, chain %s", n, head);
}

/* An empty ledger, on disk. */
static geo_status make(geo_ledger *l, geo_err *err)
{
    char line[GEO_SEALED_LINE];
    geo_bytes files[GEO_LEDGER_FILES];
    geo_status st = geo_ledger_base_new(&l->base, err);
    for (int i = 0; st == GEO_OK && i < GEO_LEDGER_FILES; i++)
        st = geo_ledger_base_bytes(l->base, i, &files[i], err);
    print_line(0, GEO_LEDGER_START, line);
    memcpy(l->head, GEO_LEDGER_START, sizeof l->head);
    return st == GEO_OK ? geo_sealed_write(l->folder, files, line, err) : st;
}

/* What is on disk, checked. */
static geo_status load(geo_ledger *l, const geo_watch *watch, geo_err *err)
{
    char line[GEO_SEALED_LINE], wanted[GEO_SEALED_LINE];
    geo_bytes files[GEO_LEDGER_FILES];
    geo_status st = geo_sealed_read(l->folder, files, line, err);
    if (st == GEO_DONE)
        return l->append ? make(l, err) : geo_err_set(err, GEO_EIO, "there is no ledger in the folder");
    if (st < 0)
        return st;
    st = geo_ledger_base_load(files, GEO_LEDGER_FILES, &l->base, err);
    for (int i = 0; i < GEO_LEDGER_FILES; i++)
        geo_bytes_wipe(&files[i]);
    if (st == GEO_OK)
        st = check_base(l->base, false, watch, &l->n, l->head, err);
    print_line(l->n, l->head, wanted);
    if (st == GEO_OK && strcmp(line, wanted) != 0)
        st = geo_err_set(err, GEO_EFORMAT, "it ends elsewhere than 'head' says");
    return st;
}

/* Which ledger an error is about, and whether it is damaged. */
static geo_status told(const char *folder, geo_status st, geo_err *err)
{
    return geo_err_wrap(err, st, "ledger '%s'%s", geo_name_shown(folder), st == GEO_EFORMAT ? " is damaged" : "");
}

geo_status geo_ledger_open(const char *folder, bool append, const geo_watch *watch, geo_ledger **out, geo_err *err)
{
    geo_ledger *l = calloc(1, sizeof *l);
    if (!l || !(l->name = strdup(folder))) {
        free(l);
        return geo_err_nomem(err);
    }
    l->append = append;
    geo_status st = geo_sealed_open(folder, FILES, GEO_LEDGER_FILES, append, watch, &l->folder, err);
    if (st == GEO_OK)
        st = load(l, watch, err);
    if (st < 0) {
        geo_ledger_close(l);
        return told(folder, st, err);
    }
    *out = l;
    return GEO_OK;
}

void geo_ledger_close(geo_ledger *l)
{
    if (!l)
        return;
    geo_ledger_base_close(l->base);
    geo_sealed_close(l->folder);
    free(l->name);
    free(l);
}

geo_status geo_ledger_verify(const char *folder, bool public_only, char head[65], int64_t *entries_n, geo_err *err)
{
    geo_ledger *l;
    geo_bytes file;
    geo_ledger_base *base = NULL;
    int64_t n = 0;
    char last[65];
    geo_status st;
    if (!public_only) {
        if ((st = geo_ledger_open(folder, false, NULL, &l, err)) < 0)
            return st;
        n = l->n;
        memcpy(last, l->head, sizeof last);
        geo_ledger_close(l);
    } else {
        st = geo_sealed_peek(folder, FILES[GEO_LEDGER_PUBLIC].name, &file, err);
        if (st == GEO_OK)
            st = geo_ledger_base_load(&file, 1, &base, err);
        if (st == GEO_OK)
            st = check_base(base, true, NULL, &n, last, err);
        geo_ledger_base_close(base);
        geo_bytes_wipe(&file);
        if (st < 0)
            return told(folder, st, err);
    }
    *entries_n = n;
    memcpy(head, last, sizeof last);
    return GEO_OK;
}

/* ---- appending ---- */

static void now(char text[GEO_LEDGER_TIME_ROOM])
{
    struct tm parts;
    const time_t t = time(NULL);
    text[0] = '\0';
    if (gmtime_r(&t, &parts))
        strftime(text, GEO_LEDGER_TIME_ROOM, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

/* Onto the disk. When that fails, what is in memory is read again, for it is ahead of what is there. */
static geo_status add(geo_ledger *l, const geo_ledger_row *row, const geo_ledger_part *part, const double extent[4], geo_err *err)
{
    unsigned char map[GEO_LEDGER_MAP_BYTES];
    char line[GEO_SEALED_LINE];
    geo_bytes files[GEO_LEDGER_FILES];
    if (row->srid)
        geo_ledger_map(extent, row->srid, map);
    geo_status st = geo_ledger_base_add(l->base, row, part, map, row->srid ? sizeof map : 0, err);
    for (int i = 0; st == GEO_OK && i < GEO_LEDGER_FILES; i++)
        st = geo_ledger_base_bytes(l->base, i, &files[i], err);
    print_line(row->id, row->hash, line);
    if (st == GEO_OK)
        st = geo_sealed_write(l->folder, files, line, err);
    if (st == GEO_OK) {
        l->n = row->id;
        memcpy(l->head, row->hash, sizeof l->head);
        return GEO_OK;
    }
    geo_ledger_base_close(l->base);
    l->base = NULL;
    if (load(l, NULL, NULL) < 0) {
        geo_ledger_base_close(l->base);
        l->base = NULL;
    }
    return st;
}

static geo_status usable(const geo_ledger *l, bool append, geo_err *err)
{
    if (!l->base)
        return geo_err_set(err, GEO_EIO, "an entry could not be added, and what is on the disk not be read again");
    return append && !l->append ? geo_err_set(err, GEO_EARG, "it was opened to be read") : GEO_OK;
}

/* Give an entry its hashes, and add it. */
static geo_status append(geo_ledger *l, geo_ledger_row *row, geo_ledger_part *part, geo_err *err)
{
    unsigned char salt[GEO_LEDGER_SALT];
    char seal[65], hash[65];
    double extent[4];
    randombytes_buf(salt, sizeof salt);
    part->salt = salt;
    part->salt_n = sizeof salt;
    geo_ledger_seal(part, seal);
    row->id = l->n + 1;
    row->seal = seal;
    geo_ledger_chain(l->head, row, hash);
    row->hash = hash;
    const char *why = geo_ledger_row_wrong(row, extent);
    if (!why)
        why = geo_ledger_part_wrong(part);
    const geo_status st = why ? geo_err_set(err, GEO_EARG, "not added: %s", why) : add(l, row, part, extent, err);
    sodium_memzero(salt, sizeof salt);
    return st;
}

geo_status geo_ledger_append(geo_ledger *l, const geo_ledger_entry *e, int64_t *id, geo_err *err)
{
    char time_room[GEO_LEDGER_TIME_ROOM], extent[GEO_LEDGER_EXTENT_ROOM] = "";
    geo_status st = usable(l, true, err);
    if (st == GEO_OK && strcmp(e->kind, "secret") == 0)
        st = geo_err_set(err, GEO_EARG, "not added: secrets are made by the ledger");
    if (st < 0)
        return told(l->name, st, err);
    now(time_room);
    if (e->extent)
        geo_ledger_extent_print(e->extent, extent);
    geo_ledger_row row = {
        .kind = e->kind,
        .time = e->time ? e->time : time_room,
        .digest = e->digest ? e->digest : "",
        .extent = extent,
        .srid = e->extent ? (e->extent_srid > 0 ? e->extent_srid : -1) : 0, /* -1: wrong, and told as such */
        .statement = e->statement,
    };
    geo_ledger_part part = {.restricted = e->restricted ? e->restricted : "{}", .cells = e->cells, .cells_n = e->cells_n};
    if ((st = append(l, &row, &part, err)) < 0)
        return told(l->name, st, err);
    *id = row.id;
    return GEO_OK;
}

/* ---- looking ---- */

int64_t geo_ledger_count(const geo_ledger *l)
{
    return l->n;
}

/* Row of an entry that is there. */
static geo_status row_of(geo_ledger *l, int64_t id, geo_ledger_row *row, geo_err *err)
{
    const geo_status st = usable(l, false, err);
    if (st < 0)
        return st;
    if (id < 1 || id > l->n)
        return geo_err_set(err, GEO_EARG, "there is no entry %" PRId64, id);
    return geo_ledger_base_row(l->base, id, row, err);
}

geo_status geo_ledger_get(geo_ledger *l, int64_t id, geo_ledger_entry *entry, geo_err *err)
{
    geo_ledger_row row;
    geo_ledger_part part;
    geo_status st = row_of(l, id, &row, err);
    if (st == GEO_OK)
        st = geo_ledger_base_part(l->base, id, &part, err);
    if (st < 0)
        return told(l->name, st, err);
    if (geo_ledger_row_wrong(&row, l->extent)) /* gives the extent; that it is right has been checked */
        return told(l->name, geo_err_set(err, GEO_EFORMAT, "entry %" PRId64, id), err);
    *entry = (geo_ledger_entry){
        .id = id,
        .kind = row.kind,
        .time = row.time,
        .statement = row.statement,
        .restricted = part.restricted,
        .cells = part.cells,
        .cells_n = part.cells_n,
        .digest = *row.digest ? row.digest : NULL,
        .extent = row.srid ? l->extent : NULL,
        .extent_srid = (int)row.srid,
        .hash = row.hash,
    };
    return GEO_OK;
}

geo_status geo_ledger_find(geo_ledger *l, const char *kind, const char *digest, int64_t *id, geo_err *err)
{
    geo_ledger_row row;
    int64_t found = l->n;
    geo_status st = usable(l, false, err);
    for (; st == GEO_OK && found > 0; found--) {
        if ((st = row_of(l, found, &row, err)) == GEO_OK && strcmp(row.digest, digest) == 0 && (!kind || strcmp(row.kind, kind) == 0))
            break;
    }
    if (st < 0)
        return told(l->name, st, err);
    *id = found;
    return GEO_OK;
}

/* ---- secrets ---- */

static geo_status make_secret(geo_ledger *l, const char *name, uint8_t secret[GEO_LEDGER_SECRET], geo_err *err)
{
    char time_room[GEO_LEDGER_TIME_ROOM], statement[GEO_LEDGER_STATEMENT_ROOM];
    uint8_t fresh[GEO_LEDGER_SECRET];
    if (!l->append)
        return geo_err_set(err, GEO_EARG, "there is no secret of this name, and it was opened to be read");
    randombytes_buf(fresh, sizeof fresh);
    now(time_room);
    geo_ledger_secret_state(name, fresh, statement);
    geo_ledger_row row = {.kind = "secret", .time = time_room, .digest = "", .extent = "", .statement = statement};
    geo_ledger_part part = {.restricted = "{}", .cells = fresh, .cells_n = sizeof fresh};
    const geo_status st = append(l, &row, &part, err);
    if (st == GEO_OK)
        memcpy(secret, fresh, sizeof fresh);
    sodium_memzero(fresh, sizeof fresh);
    return st;
}

geo_status geo_ledger_secret(geo_ledger *l, const char *name, uint8_t secret[32], geo_err *err)
{
    geo_ledger_row row;
    geo_ledger_part part;
    geo_status st = usable(l, false, err);
    if (st == GEO_OK && !geo_ledger_is_secret_name(name))
        st = geo_err_set(err, GEO_EARG, "the name of a secret has letters, digits and -_.: in it, and 64 of them at most");
    for (int64_t id = 1; st == GEO_OK && id <= l->n; id++) {
        if ((st = row_of(l, id, &row, err)) < 0 || !geo_ledger_is_secret_of(&row, name))
            continue;
        if ((st = geo_ledger_base_part(l->base, id, &part, err)) < 0)
            break;
        memcpy(secret, part.cells, GEO_LEDGER_SECRET);
        return GEO_OK;
    }
    if (st == GEO_OK)
        st = make_secret(l, name, secret, err);
    return st < 0 ? told(l->name, st, err) : GEO_OK;
}
