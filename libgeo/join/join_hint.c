/*
 * Why nothing matched, or little: when not one record has found a place, the three usual mistakes, tried on the first few records; when most
 * keys are unknown, whether they are of another sort than those of the lookup.
 */
#include "join.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void sample_places(join *j, const geo_batch *b)
{
    const ptrdiff_t at = geo_schema_geometry(b->schema);
    const geo_geometries *g = at >= 0 && b->columns[at].held ? b->columns[at].geometries : NULL;
    for (size_t r = 0; g && !g->kind && r < b->rows_n && j->sample_n < SAMPLE; r++)
        if (isfinite(g->x[r]) && isfinite(g->y[r])) {
            j->sample_x[j->sample_n] = g->x[r];
            j->sample_y[j->sample_n++] = g->y[r];
        }
}

/* How many of the sampled places would be in an area if they were read so? */
static size_t would_hit(const join *j, const step *s, const char *crs, bool swapped)
{
    double x[SAMPLE], y[SAMPLE];
    int32_t row[SAMPLE];
    bool same = true;
    geo_transform *t = NULL;
    memcpy(x, swapped ? j->sample_y : j->sample_x, sizeof x);
    memcpy(y, swapped ? j->sample_x : j->sample_y, sizeof y);
    if (geo_crs_same(crs, s->areas_crs, &same, NULL) < 0 || (!same && geo_transform_new(crs, s->areas_crs, &j->o->moving, &t, NULL) < 0))
        return 0;
    const bool moved = !t || geo_transform_points(t, x, y, j->sample_n, NULL) == GEO_OK;
    geo_transform_free(t);
    size_t hits_n = 0;
    if (moved)
        geo_areas_locate(s->areas, x, y, j->sample_n, row, NULL);
    for (size_t i = 0; moved && i < j->sample_n; i++)
        hits_n += row[i] >= 0;
    return hits_n;
}

static void hint_of_places(join *j)
{
    const geo_schema *records = geo_reader_schema(j->reader);
    const ptrdiff_t at = geo_schema_geometry(records);
    const char *crs = at >= 0 ? records->fields[at].crs : NULL;
    const step *s = NULL;
    for (size_t i = 0; i < j->o->steps_n && !s; i++)
        s = j->steps[i].by_place ? &j->steps[i] : NULL;
    if (!s || !crs || j->sample_n == 0 || j->report->matched_n > 0 || j->report->faults.n[GEO_FAULT_OUTSIDE] == 0)
        return;
    char *hint = j->report->hint;
    const size_t room = sizeof j->report->hint;
    if (would_hit(j, s, crs, true) * 2 > j->sample_n)
        snprintf(hint, room, "with x and y exchanged the records would be in the areas: are the two columns swapped (--x, --y)?");
    else if (would_hit(j, s, "OGC:CRS84", false) * 2 > j->sample_n)
        snprintf(hint, room, "read as longitude and latitude the records would be in the areas: say --crs OGC:CRS84");
    else if (would_hit(j, s, "OGC:CRS84", true) * 2 > j->sample_n)
        snprintf(hint, room,
                 "read as latitude and longitude the records would be in the areas: say --crs OGC:CRS84 and exchange --x and --y");
    else if (would_hit(j, s, "EPSG:27700", false) * 2 > j->sample_n)
        snprintf(hint, room, "read as National Grid the records would be in the areas: say --crs EPSG:27700");
}

/* ---- keys ---- */

/* Sorts of keys: 0 nothing in particular, then these two, then GSS codes by letter and entity. */
enum { POSTCODES = 1, UPRNS, CODES };
static const char NATIONS[] = "EJKLMNSW";
static_assert(CODES + (sizeof NATIONS - 1) * 100 <= SORTS_N, "room for every entity of every nation");

static size_t sort_of(const char *s, size_t n)
{
    char room[GEO_KEY_ROOM];
    geo_gss gss;
    if (geo_gss_parse(s, n, &gss))
        return CODES + (size_t)(strchr(NATIONS, gss.nation) - NATIONS) * 100 + (size_t)gss.entity;
    if (geo_postcode_normalise(s, n, room))
        return POSTCODES;
    return geo_uprn_normalise(s, n, room) >= 11 ? UPRNS : 0; /* shorter ones may be any number */
}

/* "LSOA codes (E01)" */
static void put_sort(size_t sort, char *text, size_t room)
{
    if (sort < CODES) {
        snprintf(text, room, "%s", sort == POSTCODES ? "postcodes" : "UPRNs");
        return;
    }
    const char nation = NATIONS[(sort - CODES) / 100];
    const int entity = (int)((sort - CODES) % 100);
    const char *name = geo_gss_entity_name(nation, entity);
    snprintf(text, room, "%s%scodes (%c%02d)", name ? name : "", name ? " " : "", nation, entity);
}

/* Unknown keys of a step, until there are enough of them. */
static void sample_keys(join *j, size_t i, const geo_parcel *p, const found *f)
{
    step *s = &j->steps[i];
    const geo_column *keys = s->row_of ? &geo_table_columns(j->steps[s->from_step].table)[s->from_field] : &p->in->columns[s->key_field];
    for (size_t r = 0; r < p->in->rows_n && s->unknown_n < SAMPLE; r++) {
        if (f->row[i][r] != -2)
            continue;
        char value[GEO_VALUE_ROOM];
        size_t n;
        const char *key = geo_column_print(keys, s->row_of ? (size_t)f->row[s->from_step][r] : r, value, &n);
        s->unknown[sort_of(key, n)]++;
        s->unknown_n++;
    }
}

void geo_join_sample(join *j, const geo_parcel *p, const found *f)
{
    sample_places(j, p->in);
    for (size_t i = 0; i < j->o->steps_n; i++) {
        if (j->steps[i].by_place)
            continue;
        if (p->faults->n[GEO_FAULT_UNKNOWN_KEY])
            sample_keys(j, i, p, f);
        if (geo_keys_kind(geo_lookup_keys(j->steps[i].lookup)) == GEO_KEY_GSS)
            geo_vintage_note(j, i, p, f);
    }
}

static size_t commonest(const uint32_t *n)
{
    size_t most = 0;
    for (size_t i = 0; i < SORTS_N; i++)
        most = n[i] > n[most] ? i : most;
    return most;
}

/* When most of the unknown keys are of one sort, and the lookup has keys, but none of that sort. */
static bool hint_of_keys(join *j, size_t i)
{
    const step *s = &j->steps[i];
    uint32_t unknown[SORTS_N], known[SORTS_N] = {0};
    for (size_t k = 0; k < SORTS_N; k++)
        unknown[k] = s->unknown[k];
    const size_t ours = commonest(unknown);
    if (ours == 0 || unknown[ours] * 2 <= s->unknown_n)
        return false;
    const geo_pool *keys = geo_keys_pool(geo_lookup_keys(s->lookup));
    for (size_t k = 0; k < geo_pool_count(keys) && known[ours] == 0; k++) {
        size_t n;
        const char *key = geo_pool_text(keys, (int32_t)k, &n);
        known[sort_of(key, n)]++;
    }
    const size_t theirs = commonest(known);
    if (theirs == 0 || known[ours])
        return false;
    char have[80], need[80];
    put_sort(ours, have, sizeof have);
    put_sort(theirs, need, sizeof need);
    snprintf(j->report->hint, sizeof j->report->hint, "field '%.60s' has %s, and the lookup has %s", j->o->steps[i].on, have, need);
    return true;
}

void geo_join_hint(join *j)
{
    hint_of_places(j);
    for (size_t i = 0; !j->report->hint[0] && j->report->matched_n * 2 < j->report->records_n && i < j->o->steps_n; i++)
        if (j->steps[i].lookup && j->steps[i].unknown_n && hint_of_keys(j, i))
            return;
    geo_vintage_tell(j);
}
