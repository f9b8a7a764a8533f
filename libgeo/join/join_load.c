/* The steps of a join: loading areas and lookups. */
#include "join.h"

#include "../table/column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define MOST_EAST 540.0 /* degrees that may still be some: a turn and a half */
#define MOST_NORTH 91.0

char *geo_join_field_name(geo_arena *arena, const char *spec, const char **new_name)
{
    const char *colon = strrchr(spec, ':');
    char *field = geo_arena_text(arena, spec, colon ? (size_t)(colon - spec) : strlen(spec));
    *new_name = colon ? colon + 1 : field;
    return field;
}

void geo_join_clear_step(step *s)
{
    geo_near_free(s->near);
    geo_areas_free(s->areas);
    geo_store_close(s->store);
    geo_table_free(s->area_table);
    geo_transform_free(s->transform);
    geo_transform_free(s->level);
    geo_lookup_free(s->lookup);
    free(s->row_of);
    free(s->how_of);
    geo_vintage_free(s->vintage);
}

/* Size of a file; -30 for what has none, so that it stays negative whatever it is divided by. */
static int64_t file_bytes(const char *name)
{
    struct stat about;
    return stat(name, &about) == 0 && S_ISREG(about.st_mode) ? about.st_size : -30;
}

/* Rows to come, by the size of their file: an address with coordinates, or a postcode and its codes, is some 30 bytes of CSV. Compressed or
 * piped: unknown. */
static int64_t expected_rows(const char *name)
{
    const size_t n = strlen(name);
    return n > 3 && strcmp(name + n - 3, ".gz") == 0 ? -1 : file_bytes(name) / 30;
}

geo_status geo_join_plan_fields(join *j, const geo_join_step *o, step *s, const geo_schema *all, const char *key, const char ***fields,
                                geo_err *err)
{
    size_t wanted_n = 0;
    while (!s->cache && o->fields && o->fields[wanted_n])
        wanted_n++;
    const bool take_all = s->cache || (!o->by_place && !o->fields);
    const size_t most = 2 + (take_all ? all->fields_n : wanted_n);
    const char **from = geo_arena_array(&j->arena, most, sizeof *from);
    s->names = geo_arena_array(&j->arena, most, sizeof *s->names);
    if (!from || !s->names)
        return geo_err_nomem(err);
    size_t n = 0;
    if (o->by_place) {
        const char *new_name;
        from[n] = geo_join_field_name(&j->arena, key, &new_name);
        s->names[n++] = new_name;
    }
    for (size_t i = 0; take_all && i < all->fields_n; i++) {
        const char *name = all->fields[i].name;
        if (all->fields[i].type != GEO_GEOMETRY && strcmp(name, key) != 0 && (s->cache || strcasecmp(name, GEO_CLASS_COLUMN) != 0))
            s->names[n] = from[n] = geo_arena_text(&j->arena, name, strlen(name)), n++;
    }
    for (size_t i = 0; i < wanted_n; i++, n++)
        from[n] = geo_join_field_name(&j->arena, o->fields[i], &s->names[n]);
    for (size_t i = 0; i < n; i++)
        if (!from[i] || !s->names[i])
            return geo_err_nomem(err);
    from[n] = NULL;
    s->fields_n = n;
    *fields = from;
    return GEO_OK;
}

geo_status geo_join_find_label(const join *j, const geo_join_step *o, step *s, geo_err *err)
{
    const geo_status st = s->label_sought ? GEO_OK : geo_label_find(o->file, j->o->policy, &s->label, j->o->watch, err);
    s->label_sought = true;
    /* a policy that makes all unlabelled files special has said so of this one, too */
    s->labelled = s->label.known || s->label.class_ > GEO_CLASS_PERSONAL || j->o->raise > GEO_CLASS_OFFICIAL;
    return st;
}

geo_status geo_join_open_side(join *j, const geo_join_step *o, step *s, geo_reader_options *reading, geo_reader **out, geo_err *err)
{
    const geo_status st = geo_join_find_label(j, o, s, err);
    if (st < 0)
        return st;
    reading->label = s->label;
    reading->layer = o->layer;
    reading->crs = o->crs;
    reading->encoding = j->o->reading.encoding;
    reading->steady = true; /* the first batch of a lookup says what its keys are */
    reading->watch = j->o->watch;
    reading->raise = j->o->raise;
    s->class_ = GEO_CLASS_OPEN; /* its rows raise it */
    if (s->cache)
        geo_join_cache_reading(s, reading);
    return geo_reader_open(o->file, reading, out, err);
}

/* Rows whose class cannot be read make the whole table special: that is no secret. */
static void note_classes(const join *j, const geo_join_step *o, const geo_reader *reader)
{
    const int64_t n = geo_reader_faults(reader)->n[GEO_FAULT_CLASS];
    if (n)
        geo_watch_note(j->o->watch, "%lld row%s of '%s' ha%s an sdc_class that is none, so the table counts as special", (long long)n,
                       n == 1 ? "" : "s", geo_name_shown(o->file), n == 1 ? "s" : "ve");
}

/* Rows that the reader left out since they do not fit the header. */
static int64_t unfit_rows(const geo_reader *reader)
{
    const geo_faults *faults = geo_reader_faults(reader);
    return faults->n[GEO_FAULT_RAGGED] + faults->n[GEO_FAULT_QUOTE];
}

/* Values that the reader left out, of areas or a lookup: what is attached lacks them. */
static void note_values(const join *j, const geo_join_step *o, const geo_reader *reader)
{
    const int64_t n = geo_reader_faults(reader)->n[GEO_FAULT_VALUE];
    j->report->lost_n += n;
    if (n)
        geo_watch_note(j->o->watch, "%lld value%s of '%s' cannot be read as %s and %s left out", (long long)n, n == 1 ? "" : "s",
                       geo_name_shown(o->file), n == 1 ? "its column's type" : "their columns' types", n == 1 ? "is" : "are");
}

/* The shapes of areas go out with counts and figures; else nobody misses their heights. */
static void note_heights(const join *j, const geo_join_step *o, const geo_reader *reader)
{
    const int64_t n = geo_reader_faults(reader)->n[GEO_FAULT_FLATTENED];
    if (n && (j->o->count || j->o->figures) && !geo_join_to_csv(j))
        geo_watch_note(j->o->watch, "%lld area%s of '%s' ha%s heights or measures, which are left out", (long long)n, n == 1 ? "" : "s",
                       geo_name_shown(o->file), n == 1 ? "s" : "ve");
}

typedef struct loading {
    step *s;
    size_t geometry;
} loading;

static geo_status pass(void *ctx, geo_parcel *parcel, geo_err *err)
{
    (void)ctx, (void)parcel, (void)err; /* decoding is the work */
    return GEO_OK;
}

/* Move shapes from degrees to where their sizes are those of the ground. */
static geo_status level(const step *s, geo_column *shapes, const geo_parcel *parcel, geo_err *err)
{
    bool *unmoved = geo_arena_array(parcel->arena, parcel->in->rows_n + 1, sizeof *unmoved);
    const geo_status st = unmoved ? geo_join_move(s->level, shapes, parcel->in->rows_n, parcel->arena, unmoved, err) : geo_err_nomem(err);
    for (size_t r = 0; st == GEO_OK && r < parcel->in->rows_n; r++)
        if (unmoved[r])
            return geo_err_set(err, GEO_ECRS, "the areas have coordinates that are no degrees, which their reference system says they are");
    return st;
}

static geo_status add_areas(void *ctx, const geo_parcel *parcel, geo_err *err)
{
    const loading *l = ctx;
    geo_status st = geo_table_append(l->s->area_table, parcel->in, err);
    if (st < 0)
        return st;
    for (size_t r = 0; r < parcel->in->rows_n; r++)
        l->s->class_ = geo_class_join(l->s->class_, geo_batch_class(parcel->in, r));
    geo_column shapes = parcel->in->columns[l->geometry];
    if (l->s->level && (st = level(l->s, &shapes, parcel, err)) < 0)
        return st;
    return geo_areas_add(l->s->areas, &shapes, parcel->in->rows_n, err);
}

/* Find the fields of a plan in an opened file. */
static geo_status place_fields(const step *s, const char *file, const geo_schema *schema, const char **fields, size_t *keep, geo_err *err)
{
    for (size_t i = 0; i < s->fields_n; i++) {
        const geo_status st = geo_schema_pick(schema, fields[i], &keep[i], err);
        if (st < 0)
            return geo_err_wrap(err, st, "'%s'", file);
    }
    return GEO_OK;
}

/* Figures go by the size of ground: degrees are moved to a cylinder on which areas are true, EPSG:6933, and so will the records be. */
static geo_status plan_level(join *j, step *s, geo_err *err)
{
    bool degrees = false;
    const geo_status st = geo_crs_is_degrees(s->areas_crs, &degrees, err);
    if (st < 0 || !degrees)
        return st;
    const char *from = s->areas_crs;
    s->areas_crs = "EPSG:6933";
    return geo_transform_new(from, s->areas_crs, &j->o->moving, &s->level, err);
}

/* Start the table and the areas of an opened file. */
static geo_status prepare_areas(join *j, const geo_join_step *o, step *s, const geo_schema *schema, const char ***fields, geo_err *err)
{
    const ptrdiff_t geometry = geo_schema_geometry(schema);
    const char *key = o->key ? o->key : schema->fields_n && schema->fields[0].type != GEO_GEOMETRY ? schema->fields[0].name : NULL;
    if (!key)
        return geo_err_set(err, GEO_EARG, "'%s' has no fields: areas need one that names them", geo_name_shown(o->file));
    const char *crs = schema->fields[geometry].crs;
    if (!crs)
        return geo_err_set(err, GEO_ECRS,
                           "the areas of '%s' do not say what their coordinates are: add --areas-crs (EPSG:27700 for National Grid)",
                           geo_name_shown(o->file));
    geo_status st = s->cache ? geo_join_cache_plan(j, o, s, schema, &key, err) : GEO_OK;
    if (st == GEO_OK)
        st = geo_join_plan_fields(j, o, s, schema, key, fields, err);
    if (st != GEO_OK)
        return st;
    size_t *keep = geo_arena_array(&j->arena, s->fields_n + 1, sizeof *keep), keep_n = s->fields_n;
    s->areas = geo_areas_new();
    if (s->areas && file_bytes(o->file) > 0)
        geo_areas_reserve(s->areas, (size_t)file_bytes(o->file) / sizeof(geo_xy)); /* binary formats are little more than their vertices */
    s->areas_crs = geo_arena_text(&j->arena, crs, strlen(crs));
    if (!keep || !s->areas || !s->areas_crs)
        return geo_err_nomem(err);
    st = place_fields(s, geo_name_shown(o->file), schema, *fields, keep, err);
    if (st == GEO_OK && j->o->figures)
        st = plan_level(j, s, err);
    if (st < 0)
        return st;
    if ((j->o->count || j->o->figures) && !geo_join_to_csv(j))
        keep[keep_n++] = (size_t)geometry; /* a map of the counts needs the shapes */
    return geo_table_new(schema, keep, keep_n, &s->area_table, err);
}

/* Areas that cannot be where they say: no polygon at all, or metres under a system of degrees, as GeoJSON without "crs" often is. */
static geo_status check_extent(const step *s, const char *file, geo_err *err)
{
    geo_xy low, high;
    bool degrees = false;
    if (!geo_areas_box(s->areas, &low, &high))
        return geo_err_set(err, GEO_EFORMAT, "'%s' has no polygons, so nothing can be in its areas", file);
    const geo_status st = geo_crs_is_degrees(s->areas_crs, &degrees, err);
    if (st < 0 || !degrees || (low.x >= -MOST_EAST && high.x <= MOST_EAST && low.y >= -MOST_NORTH && high.y <= MOST_NORTH))
        return st;
    return geo_err_set(err, GEO_ECRS,
                       "the coordinates of '%s' are no degrees, which its reference system says they are: say --areas-crs (EPSG:27700 for "
                       "National Grid)",
                       file);
}

geo_status geo_join_prepare_finding(const geo_join_step *o, step *s, geo_err *err)
{
    s->nearest_m = o->nearest_m;
    if (o->nearest_m <= 0)
        return GEO_OK;
    const geo_status st = geo_crs_is_degrees(s->areas_crs, &s->in_degrees, err);
    return st < 0 ? st : geo_near_new(s->areas, &s->near, err);
}

/* Check and rank the keys, and build the index. */
static geo_status index_areas(join *j, const geo_join_step *o, step *s, const char *key, geo_err *err)
{
    const size_t n = geo_areas_count(s->areas);
    if (n == 0)
        return geo_err_set(err, GEO_EFORMAT, "'%s' has no areas", geo_name_shown(o->file));
    int32_t *rank = malloc(n * sizeof *rank);
    if (!rank)
        return geo_err_nomem(err);
    s->every = o->every;
    geo_status st = check_extent(s, geo_name_shown(o->file), err);
    if (st == GEO_OK)
        st = geo_join_rank_areas(s, geo_name_shown(o->file), key, n, rank, err);
    if (st == GEO_OK)
        st = geo_areas_build(s->areas, rank, s->cache ? -1 : expected_rows(j->o->records), j->o->threads, j->o->watch, err);
    if (st == GEO_OK)
        geo_join_note_areas(j, geo_name_shown(o->file), s);
    if (st == GEO_OK)
        st = geo_join_prepare_finding(o, s, err);
    free(rank);
    return st;
}

geo_status geo_join_read_areas(join *j, const geo_join_step *o, step *s, geo_err *err)
{
    geo_reader *reader = NULL;
    const char **fields = NULL;
    geo_schema none = {0, NULL};
    geo_status st = GEO_OK;
    if (o->key && !s->cache) /* else which field it is shows only in the file, and all are read */
        st = geo_join_plan_fields(j, o, s, &none, o->key, &fields, err);
    geo_reader_options reading = {.columns = (const char *const *)fields, .want_geometry = true};
    if (st == GEO_OK)
        st = geo_join_open_side(j, o, s, &reading, &reader, err);
    if (st < 0)
        return st;
    s->labelled |= geo_schema_find(geo_reader_schema(reader), GEO_CLASS_COLUMN) >= 0;
    st = prepare_areas(j, o, s, geo_reader_schema(reader), &fields, err);
    loading l = {s, (size_t)geo_schema_geometry(geo_reader_schema(reader))};
    const geo_flow flow = {pass, add_areas, &l};
    if (st == GEO_OK)
        st = geo_flow_run(reader, &flow, j->o->threads, NULL, err);
    const int64_t unfit_n = unfit_rows(reader);
    if (st == GEO_OK && s->cache)
        st = geo_join_cache_read(j, o, s, reader, err);
    if (st == GEO_OK)
        note_classes(j, o, reader);
    if (st == GEO_OK && unfit_n) /* an area that is left out is a hole in every answer */
        st =
            geo_err_set(err, GEO_EFORMAT, "%lld rows of the areas '%s' do not fit its header", (long long)unfit_n, geo_name_shown(o->file));
    if (st == GEO_OK) {
        note_values(j, o, reader);
        note_heights(j, o, reader);
    }
    geo_reader_close(reader);
    if (st == GEO_OK)
        st = index_areas(j, o, s, fields[0], err);
    s->table = s->area_table;
    return st;
}

void geo_join_note_rows(const join *j, const geo_join_step *o, const geo_reader *reader)
{
    const int64_t unfit_n = unfit_rows(reader);
    note_values(j, o, reader);
    note_classes(j, o, reader);
    if (unfit_n)
        geo_watch_note(j->o->watch, "%lld row%s of lookup '%s' do%s not fit its header and %s left out", (long long)unfit_n,
                       unfit_n == 1 ? "" : "s", geo_name_shown(o->file), unfit_n == 1 ? "es" : "", unfit_n == 1 ? "is" : "are");
}

static void note_keys(const join *j, const geo_join_step *o, const geo_lookup *lookup)
{
    const int64_t repeated_n = geo_lookup_repeated(lookup), rounded_n = geo_lookup_rounded(lookup);
    if (rounded_n)
        geo_watch_note(j->o->watch, "%lld row%s of lookup '%s' ha%s a UPRN that a spreadsheet has rounded, as 1.00012E+11, and %s left out",
                       (long long)rounded_n, rounded_n == 1 ? "" : "s", geo_name_shown(o->file), rounded_n == 1 ? "s" : "ve",
                       rounded_n == 1 ? "is" : "are");
    if (repeated_n)
        geo_watch_note(j->o->watch, "%lld row%s of lookup '%s' repeat%s an earlier key with other values: the first row of a key counts",
                       (long long)repeated_n, repeated_n == 1 ? "" : "s", geo_name_shown(o->file), repeated_n == 1 ? "s" : "");
}

static bool has_sectors(const geo_lookup *lookup)
{
    const geo_pool *keys = geo_keys_pool(geo_lookup_keys(lookup));
    bool any = false;
    for (size_t i = 0; !any && i < geo_pool_count(keys); i++) {
        char sector[GEO_POSTCODE_ROOM];
        size_t n;
        const char *key = geo_pool_text(keys, (int32_t)i, &n);
        any = geo_postcode_sector_normalise(key, n, sector) > 0;
    }
    return any;
}

/* --or-sector for what has no sectors would say nothing and do nothing. */
static geo_status check_sectors(const geo_join_step *o, const geo_lookup *lookup, geo_err *err)
{
    const geo_keys *keys = geo_lookup_keys(lookup);
    if (!o->or_sector || geo_pool_count(geo_keys_pool(keys)) == 0 || (geo_keys_kind(keys) == GEO_KEY_POSTCODE && has_sectors(lookup)))
        return GEO_OK;
    return geo_err_set(err, GEO_EARG, "--or-sector: the keys of lookup '%s' have no sectors of postcodes, such as 'M32 0', among them",
                       geo_name_shown(o->file));
}

static geo_status load_lookup(join *j, const geo_join_step *o, step *s, geo_err *err)
{
    geo_reader *reader = NULL;
    const char **fields = NULL, *key = o->key ? o->key : o->on, **columns = NULL;
    geo_schema none = {0, NULL};
    geo_status st = GEO_OK;
    if (o->fields) { /* else all are read */
        st = geo_join_plan_fields(j, o, s, &none, key, &fields, err);
        columns = st == GEO_OK ? geo_arena_array(&j->arena, s->fields_n + 2, sizeof *columns) : NULL;
        if (st == GEO_OK && !columns)
            st = geo_err_nomem(err);
        if (st == GEO_OK) {
            columns[0] = key;
            memcpy(columns + 1, fields, (s->fields_n + 1) * sizeof *columns);
        }
    }
    geo_reader_options reading = {.columns = (const char *const *)columns};
    if (st == GEO_OK)
        st = geo_join_open_side(j, o, s, &reading, &reader, err);
    if (st < 0)
        return st;
    const geo_schema *schema = geo_reader_schema(reader);
    size_t at;
    if ((st = geo_schema_pick(schema, key, &at, err)) < 0)
        geo_err_wrap(err, st, "lookup '%s' (--on RECORD_FIELD=LOOKUP_FIELD)", geo_name_shown(o->file));
    if (st == GEO_OK && !o->fields)
        st = geo_join_plan_fields(j, o, s, schema, schema->fields[at].name, &fields, err);
    if (st == GEO_OK && s->fields_n == 0)
        st = geo_err_set(err, GEO_EARG, "lookup '%s' has no field besides its key: nothing to attach", geo_name_shown(o->file));
    if (st == GEO_OK)
        st = geo_lookup_new(reader, key, (const char *const *)fields, s->fields_n, expected_rows(o->file), j->o->threads, &s->lookup, err);
    if (st == GEO_OK) {
        s->class_ = geo_table_rows(geo_lookup_table(s->lookup)) ? geo_lookup_class(s->lookup) : geo_reader_class(reader);
        geo_join_note_rows(j, o, reader);
        note_keys(j, o, s->lookup);
    }
    geo_reader_close(reader);
    if (st == GEO_OK)
        st = check_sectors(o, s->lookup, err);
    if (st == GEO_OK)
        s->table = geo_lookup_table(s->lookup);
    return st;
}

geo_status geo_join_load_step(join *j, size_t i, geo_err *err)
{
    step *s = &j->steps[i];
    s->by_place = j->o->steps[i].by_place;
    s->key_field = -1;
    bool done = false;
    if (s->by_place && j->o->cache) {
        const geo_status st = geo_join_load_cached(j, &j->o->steps[i], s, &done, err);
        if (st < 0 || done)
            return st;
    }
    return s->by_place ? geo_join_read_areas(j, &j->o->steps[i], s, err) : load_lookup(j, &j->o->steps[i], s, err);
}
