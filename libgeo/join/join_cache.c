/*
 * Areas from a cache: the index and all fields of a layer in a store (io/store.h) beside its file, so that a call need neither read the
 * file nor build the index. Whatever is wrong with a cache, or hinders one, the areas are read as without: a cache saves time or nothing.
 *
 * It is called FILE.geoidx; or, when a layer or a reference system was named, has some digits of these before the extension. It
 * serves any key and any fields that the file has.
 *
 * Areas of which somebody has said that they are about people get no cache: it would be a copy that nobody watches over. (Those that
 * nobody has labelled may have one, as messages may name their keys.) So do those in which values could not be read, since which of them
 * are told depends on the fields that are asked for.
 */
#include "join_cache.h"

#include "../core/checksum.h"
#include "../io/source.h"
#include "../table/column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXTENSION ".geoidx"

static void clear_cache(cache *c)
{
    free(c->name);
    free(c->purpose);
    geo_vec_clear(&c->notes);
}

/* ---- what it is called, and what for ---- */

static bool name_cache(cache *c, const geo_join_step *o)
{
    const char *layer = o->layer ? o->layer : "", *crs = o->crs ? o->crs : "";
    const size_t room = strlen(o->file) + 32, purpose_room = strlen(layer) + strlen(crs) + 200;
    c->name = malloc(room);
    c->purpose = malloc(purpose_room);
    if (!c->name || !c->purpose)
        return false;
    const int n = snprintf(c->purpose, purpose_room, "layer %s\ncrs %s\n", layer, crs);
    if (*layer || *crs)
        snprintf(c->name, room, "%s.%08x" EXTENSION, o->file, (unsigned)(geo_checksum(c->purpose, (size_t)n) >> 32));
    else
        snprintf(c->name, room, "%s" EXTENSION, o->file);
    snprintf(c->purpose + n, purpose_room - (size_t)n, "areas of libgeo " GEO_VERSION ", form %d\n", CACHE_FORM);
    return true;
}

static void refuse(const join *j, const geo_join_step *o, const char *why)
{
    geo_watch_note(j->o->watch, "areas '%s' get no cache: %s", geo_name_shown(o->file), why);
}

/* There may be one from before they were labelled. */
static void refuse_people(const join *j, const geo_join_step *o, const cache *c)
{
    char why[400] = "they are about people";
    if (access(c->name, F_OK) == 0)
        snprintf(why, sizeof why, "they are about people; remove '%.300s', which is from before they were labelled so", c->name);
    refuse(j, o, why);
}

/* The class of all areas: what they say themselves, the label where they say nothing, and what everything counts as at least. */
static void settle_class(const join *j, step *s, const cache_facts *f)
{
    s->class_ = geo_class_join((geo_class)f->class_, j->o->raise);
    if (f->takes_label)
        s->class_ = geo_class_join(s->class_, s->label.class_);
    s->labelled |= f->has_class != 0;
}

/* ---- reading for a cache ---- */

/* Keep a note. */
static void hear(void *ctx, const char *text)
{
    cache *c = ctx;
    c->notes_lost |= !geo_vec_append(&c->notes, text, strlen(text) + 1, 1);
}

static void pass_on(void *ctx, const char *what, int64_t done, int64_t total)
{
    const cache *c = ctx;
    geo_watch_progress(c->j->o->watch, what, done, total);
}

void geo_join_cache_reading(step *s, geo_reader_options *reading)
{
    reading->label.class_ = GEO_CLASS_OPEN; /* the classes that the file itself gives; labels change without it */
    reading->raise = GEO_CLASS_OPEN;
    reading->watch = &s->cache->listening;
}

/* The position of a field by its specification, FIELD or FIELD:NEW; -1 when there is none, or not one alone, or memory is out. */
static ptrdiff_t find_field(join *j, const geo_schema *schema, const char *spec)
{
    const char *new_name;
    const char *field = geo_join_field_name(&j->arena, spec, &new_name);
    size_t at;
    return field && geo_schema_pick(schema, field, &at, NULL) == GEO_OK ? (ptrdiff_t)at : -1;
}

geo_status geo_join_cache_plan(join *j, const geo_join_step *o, const step *s, const geo_schema *schema, const char **key, geo_err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < schema->fields_n; i++) /* all alike are taken once */
        ok = geo_schema_pick(schema, schema->fields[i].name, &(size_t){0}, NULL) == GEO_OK;
    const ptrdiff_t at = ok ? find_field(j, schema, *key) : -1;
    for (size_t i = 0; at >= 0 && ok && o->fields && o->fields[i]; i++)
        ok = find_field(j, schema, o->fields[i]) >= 0;
    if (at < 0 || !ok || strchr(schema->fields[at].name, ':')) /* as, perhaps, the column of feature ids */
        return geo_err_set(err, GEO_SKIP, "not a field that a cache has");
    *key = schema->fields[at].name;
    s->cache->first = geo_arena_text(&j->arena, schema->fields[0].name, strlen(schema->fields[0].name));
    return s->cache->first ? GEO_OK : geo_err_nomem(err);
}

/*
 * Tell notes, in which there may be a mark for the name of the file. Without a cache all fields are read when no key is named, and only then
 * is there a note for one that cannot be.
 */
static void tell_notes(const join *j, const geo_join_step *o, const char *notes, size_t n)
{
    for (size_t at = 0; at < n; at += strlen(notes + at) + 1) {
        const char *text = notes + at, *mark = strchr(text, CACHE_MARK);
        if (o->key && strncmp(text, "field ", strlen("field ")) == 0)
            continue;
        if (mark)
            geo_watch_note(j->o->watch, "%.*s%s%s", (int)(mark - text), text, geo_name_shown(o->file), mark + 1);
        else
            geo_watch_note(j->o->watch, "%s", text);
    }
}

geo_status geo_join_cache_read(const join *j, const geo_join_step *o, step *s, const geo_reader *reader, geo_err *err)
{
    cache_facts *f = &s->cache->facts;
    const geo_faults *faults = geo_reader_faults(reader);
    if (faults->n[GEO_FAULT_VALUE] || faults->n[GEO_FAULT_CLASS] || s->cache->notes_lost)
        return geo_err_set(err, GEO_SKIP, "some of their values cannot be read");
    const ptrdiff_t class_at = geo_schema_find(geo_table_schema(s->area_table), GEO_CLASS_COLUMN);
    *f = (cache_facts){.rows_n = geo_table_rows(s->area_table),
                       .fields_n = s->fields_n,
                       .class_ = (uint32_t)s->class_,
                       .takes_label = class_at < 0,
                       .has_class = class_at >= 0};
    for (size_t r = 0; class_at >= 0 && r < f->rows_n; r++) {
        size_t n;
        (void)geo_column_text(&geo_table_columns(s->area_table)[class_at], r, &n);
        f->takes_label |= n == 0;
    }
    settle_class(j, s, f);
    tell_notes(j, o, s->cache->notes.items, s->cache->notes.n);
    s->cache->read = true;
    return GEO_OK;
}

/* ---- from all fields to those that are asked for ---- */

/* Make the table of the step of columns that have all fields; GEO_SKIP when one is asked for that they lack. */
static geo_status choose_fields(join *j, const geo_join_step *o, step *s, const char *first, const geo_batch *all, size_t *key_at,
                                geo_err *err)
{
    const char **fields = NULL;
    const geo_schema none = {0, NULL};
    geo_status st = geo_join_plan_fields(j, o, s, &none, o->key ? o->key : first, &fields, err);
    size_t *keep = st == GEO_OK ? geo_arena_array(&j->arena, s->fields_n + 1, sizeof *keep) : NULL;
    if (st == GEO_OK && !keep)
        st = geo_err_nomem(err);
    if (st == GEO_OK && !o->key && strchr(first, ':'))
        st = GEO_SKIP;
    for (size_t i = 0; st == GEO_OK && i < s->fields_n; i++)
        if (geo_schema_pick(all->schema, fields[i], &keep[i], NULL) < 0)
            st = geo_err_set(err, GEO_SKIP, "it lacks a field");
    geo_table *table = NULL;
    if (st == GEO_OK)
        st = geo_table_new(all->schema, keep, s->fields_n, &table, err);
    if (st == GEO_OK)
        st = geo_table_append(table, all, err);
    if (st != GEO_OK) {
        geo_table_free(table);
        return st;
    }
    *key_at = keep[0];
    geo_table_free(s->area_table);
    s->table = s->area_table = table;
    return GEO_OK;
}

/* What became of writing a cache; only an interrupt is more than a note. */
static geo_status tell_saved(const join *j, const geo_join_step *o, const cache *c, geo_status st, const geo_err *wrong)
{
    const char *file = geo_name_shown(o->file);
    if (st == GEO_OK)
        geo_watch_detail(j->o->watch, "the index of '%s' is kept in '%s'", file, c->name);
    else if (st == GEO_SKIP)
        geo_watch_detail(j->o->watch, "the index of '%s' is not kept this time: %s", file, wrong->msg);
    else if (st != GEO_ESTOP)
        geo_watch_note(j->o->watch, "the index of '%s' cannot be kept: %s", file, wrong->msg);
    return st == GEO_ESTOP ? st : GEO_OK;
}

/* Read all of the areas and keep them. */
static geo_status make(join *j, const geo_join_step *o, step *s, cache *c, bool *done, geo_err *err)
{
    c->listening = (geo_watch){.stop = j->o->watch ? j->o->watch->stop : NULL, .progress = pass_on, .note = hear, .ctx = c};
    s->cache = c;
    geo_status st = geo_join_read_areas(j, o, s, err);
    s->cache = NULL;
    const geo_batch all = {.rows_n = s->area_table ? geo_table_rows(s->area_table) : 0,
                           .schema = s->area_table ? geo_table_schema(s->area_table) : NULL,
                           .columns = s->area_table ? geo_table_columns(s->area_table) : NULL};
    if (st == GEO_OK) {
        geo_err wrong = {.msg = ""};
        if (geo_join_may_name(s))
            st = tell_saved(j, o, c, geo_join_cache_save(j, o, s, c, &wrong), &wrong);
        else
            refuse_people(j, o, c);
        if (st == GEO_OK)
            st = choose_fields(j, o, s, c->first, &all, &(size_t){0}, err);
    }
    *done = st == GEO_OK;
    if (*done || st == GEO_ESTOP || (c->read && st < 0))
        return st;
    geo_near_free(s->near);
    geo_areas_free(s->areas); /* whatever it was, reading them as without a cache will tell it, or not run into it */
    geo_table_free(s->area_table);
    s->near = NULL;
    s->areas = NULL;
    s->area_table = NULL;
    s->table = NULL;
    return GEO_OK;
}

/* ---- loading ---- */

/* The ranks as they were kept, or by another key. */
static geo_status rank(const geo_join_step *o, step *s, const kept *k, bool same_key, const char *key, geo_err *err)
{
    const size_t n = geo_areas_count(s->areas);
    int32_t *ranks = malloc(n * sizeof *ranks);
    if (!ranks)
        return geo_err_nomem(err);
    if (same_key)
        memcpy(ranks, k->ranks->data, n * sizeof *ranks);
    const geo_status st = same_key ? GEO_OK : geo_join_rank_areas(s, geo_name_shown(o->file), key, n, ranks, err);
    geo_areas_take_rank(s->areas, ranks); /* in any case freed with them */
    return st;
}

/* The areas of an open store; GEO_SKIP when it cannot give what is asked for. */
static geo_status take(join *j, const geo_join_step *o, step *s, geo_err *err)
{
    size_t parts_n, key_at = 0;
    const geo_store_part *parts = geo_store_parts(s->store, &parts_n);
    kept k = {.first = NULL};
    geo_status st = geo_join_cache_take(j, parts, parts_n, &k, err);
    if (st != GEO_OK)
        return st;
    st = geo_areas_load(parts, j->o->threads, &s->areas, err);
    if (st == GEO_EFORMAT || (st == GEO_OK && geo_areas_count(s->areas) != k.facts.rows_n))
        st = geo_err_set(err, GEO_SKIP, "it is damaged");
    if (st == GEO_OK)
        st = choose_fields(j, o, s, k.first, &(geo_batch){.rows_n = k.facts.rows_n, .schema = &k.schema, .columns = k.columns}, &key_at,
                           err);
    if (st != GEO_OK)
        return st;
    const char *new_name, *key = geo_join_field_name(&j->arena, o->key ? o->key : k.first, &new_name);
    s->areas_crs = geo_arena_text(&j->arena, k.crs, strlen(k.crs));
    if (!key || !s->areas_crs)
        return geo_err_nomem(err);
    settle_class(j, s, &k.facts);
    st = rank(o, s, &k, key_at == 0, key, err);
    if (st < 0)
        return st;
    tell_notes(j, o, k.notes->data, k.notes->n);
    s->every = o->every;
    geo_join_note_areas(j, geo_name_shown(o->file), s);
    return geo_join_prepare_finding(o, s, err);
}

/* Take the areas from their cache, if it is good. */
static geo_status take_cache(join *j, const geo_join_step *o, step *s, const cache *c, bool *done, geo_err *err)
{
    const char *file = geo_name_shown(o->file);
    geo_err wrong = {.msg = ""};
    geo_status st = geo_store_open(c->name, o->file, c->purpose, j->o->threads, j->o->watch, &s->store, &wrong);
    if (st == GEO_OK)
        st = take(j, o, s, &wrong);
    *done = st == GEO_OK;
    if (*done)
        geo_watch_detail(j->o->watch, "the index of '%s' is taken from '%s'", file, c->name);
    else if (st == GEO_SKIP && wrong.msg[0])
        geo_watch_detail(j->o->watch, "'%s' is not used: %s", c->name, wrong.msg);
    if (*done && geo_store_is_moved(s->store))
        return tell_saved(j, o, c, geo_store_renew(s->store, c->name, o->file, j->o->threads, j->o->watch, &wrong), &wrong);
    if (st != GEO_OK) {
        geo_near_free(s->near);
        geo_areas_free(s->areas);
        geo_store_close(s->store);
        s->near = NULL;
        s->areas = NULL;
        s->store = NULL;
    }
    if (st < 0 && err)
        *err = wrong;
    return st < 0 ? st : GEO_OK;
}

/* Could there be a cache of such a file at all? A note tells why not. */
static geo_status suits(const join *j, const geo_join_step *o, step *s, const cache *c, bool *suited, geo_err *err)
{
    static const char *const WHY[] = {
        [GEO_FILE_NONE] = "they are no file",
        [GEO_FILE_PART] = "they may be more than this one file; a GeoPackage, FlatGeobuf or GeoJSON is one, so is a zip of all",
        [GEO_FILE_LOGGED] = "changes to the file are waiting in its -wal or -journal file: close what has it open",
    };
    struct stat about;
    geo_file_kind kind;
    *suited = false;
    if (stat(o->file, &about) != 0 && geo_name_shown(o->file) == o->file)
        return GEO_OK; /* whoever opens it tells */
    if (j->o->figures || (j->o->count && !geo_join_to_csv(j))) {
        geo_watch_detail(j->o->watch, "areas '%s' are read without their cache, which lacks their shapes", geo_name_shown(o->file));
        return GEO_OK;
    }
    geo_status st = geo_file_look(o->file, &kind, j->o->watch, err);
    if (st == GEO_OK && kind == GEO_FILE_WHOLE)
        st = geo_join_find_label(j, o, s, err);
    if (st < 0)
        return st;
    s->class_ = geo_class_join(s->label.class_, j->o->raise);
    if (kind != GEO_FILE_WHOLE)
        refuse(j, o, WHY[kind]);
    else if (!geo_join_may_name(s))
        refuse_people(j, o, c);
    else
        *suited = true;
    return GEO_OK;
}

geo_status geo_join_load_cached(join *j, const geo_join_step *o, step *s, bool *done, geo_err *err)
{
    cache c = {.j = j};
    bool suited = false;
    *done = false;
    geo_status st = name_cache(&c, o) ? suits(j, o, s, &c, &suited, err) : geo_err_nomem(err);
    if (st == GEO_OK && suited)
        st = take_cache(j, o, s, &c, done, err);
    if (st == GEO_OK && suited && !*done && (st = geo_store_look(o->file, &c.before, err)) == GEO_OK)
        st = make(j, o, s, &c, done, err);
    clear_cache(&c);
    return st;
}
