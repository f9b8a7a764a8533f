/*
 * Figures carried by lookups: these become a relation of two levels (geo/lattice.h), and the records are added up by the area they are of,
 * in one pass.
 */
#include "figures.h"

#include "../table/column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* ---- lookups ---- */

/* "A=B" or "A:B" split: A in the arena; *b is what is behind the mark, A itself without one. NULL when memory is out. */
static const char *split(join *j, const char *text, char mark, const char **b)
{
    const char *at = strchr(text, mark);
    const char *a = geo_arena_text(&j->arena, text, at ? (size_t)(at - text) : strlen(text));
    *b = at ? at + 1 : a;
    return a;
}

const char *geo_figures_key(join *j)
{
    const char *level;
    return split(j, j->o->figures->from, '=', &level);
}

static bool names_has(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcasecmp(*names, name) == 0)
            return true;
    return false;
}

/* What a lookup is read for: NULL-ended columns of levels, and whether it has that of weights. */
typedef struct plan {
    const char *const *fields; /* all that it has; NULL: not looked at */
    const char **levels;
    bool weighed;
} plan;

/* Names of all fields of a lookup but the geometry, NULL-ended. */
static geo_status fields_of(join *j, const geo_join_step *via, const char *const **out, geo_err *err)
{
    step side = {0};
    geo_reader *reader = NULL;
    struct stat about;
    if (stat(via->file, &about) == 0 && S_ISFIFO(about.st_mode))
        return geo_err_set(err, GEO_EARG, "'%s' is a pipe, and of several lookups each is looked at before it is read: write it to a file",
                           geo_name_shown(via->file));
    geo_status st = geo_join_open_side(j, via, &side, &(geo_reader_options){0}, &reader, err);
    if (st < 0)
        return st;
    const geo_schema *schema = geo_reader_schema(reader);
    const char **names = geo_arena_array(&j->arena, schema->fields_n + 1, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; names && i < schema->fields_n; i++)
        if (schema->fields[i].type != GEO_GEOMETRY && !geo_names_class(schema->fields[i].name)) {
            const size_t len = strlen(schema->fields[i].name);
            if (!(names[n++] = geo_arena_text(&j->arena, schema->fields[i].name, len)))
                names = NULL;
        }
    if (names)
        names[n] = NULL;
    *out = (const char *const *)names;
    geo_reader_close(reader);
    return names ? GEO_OK : geo_err_nomem(err);
}

static bool rows_weigh(const geo_join_figures *o)
{
    return o->weights && strcmp(o->weights, "rows") == 0;
}

/* The column of weights; NULL: there is none. */
static const char *weights_of(const geo_join_figures *o)
{
    return rows_weigh(o) ? NULL : o->weights;
}

/* Does any lookup but number `but` have a field of this name? */
static bool in_another(const plan *plans, size_t plans_n, size_t but, const char *name)
{
    bool any = false;
    for (size_t k = 0; k < plans_n; k++)
        any |= k != but && names_has(plans[k].fields, name);
    return any;
}

/* Of one lookup: where to come from and go to. It is not opened twice: it may be a pipe. */
static geo_status plan_one(join *j, const char *from, const char *to, plan *p, geo_err *err)
{
    if (!(p->levels = geo_arena_array(&j->arena, 3, sizeof *p->levels)))
        return geo_err_nomem(err);
    p->levels[0] = from;
    p->levels[1] = to;
    p->levels[2] = NULL;
    p->weighed = weights_of(j->o->figures) != NULL;
    return GEO_OK;
}

/* Of several: where to come from and go to, and what one has in common with another. Those that have the column of weights are weighed by it. */
static geo_status plan_levels(join *j, const char *from, const char *to, const plan *plans, size_t i, plan *p, geo_err *err)
{
    const geo_join_figures *o = j->o->figures;
    const char *weights = weights_of(o);
    size_t most = 1, n = 0;
    for (const char *const *f = p->fields; *f; f++)
        most++;
    if (!(p->levels = geo_arena_array(&j->arena, most, sizeof *p->levels)))
        return geo_err_nomem(err);
    p->levels[0] = NULL;
    for (const char *const *f = p->fields; *f; f++) {
        const bool weighs = weights && strcasecmp(*f, weights) == 0;
        const bool links = strcasecmp(*f, from) == 0 || strcasecmp(*f, to) == 0 || in_another(plans, o->via_n, i, *f);
        p->weighed |= weighs;
        if (links && !weighs && !names_has((const char *const *)p->levels, *f)) {
            p->levels[n++] = *f;
            p->levels[n] = NULL;
        }
    }
    return n > 1 ? GEO_OK
                 : geo_err_set(err, GEO_EARG, "lookup '%s' has no two columns on the way from '%s' to '%s'", geo_name_shown(o->via[i].file),
                               from, to);
}

static geo_status plan_lookups(join *j, const char *from, const char *to, plan **out, geo_err *err)
{
    const geo_join_figures *o = j->o->figures;
    const char *const ends[] = {from, to, weights_of(o)};
    plan *plans = *out = geo_arena_array(&j->arena, o->via_n + 1, sizeof *plans);
    if (!plans)
        return geo_err_nomem(err);
    memset(plans, 0, (o->via_n + 1) * sizeof *plans);
    for (size_t k = 0; ends[2] && k < 2; k++)
        if (strcasecmp(ends[k], ends[2]) == 0)
            return geo_err_set(err, GEO_EARG, "'%s' is the column of weights, and cannot be one of codes too", ends[k]);
    if (o->via_n == 1)
        return plan_one(j, from, to, plans, err);
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < o->via_n; i++)
        st = fields_of(j, &o->via[i], &plans[i].fields, err);
    for (size_t k = 0; st == GEO_OK && k < 3 && ends[k]; k++)
        if (!in_another(plans, o->via_n, o->via_n, ends[k]))
            st = geo_err_set(err, GEO_EARG, "no lookup has a column '%s'", ends[k]);
    for (size_t i = 0; st == GEO_OK && i < o->via_n; i++)
        st = plan_levels(j, from, to, plans, i, &plans[i], err);
    return st;
}

static geo_status read_lookup(join *j, const geo_join_step *via, const plan *p, geo_err *err)
{
    const geo_join_figures *o = j->o->figures;
    step side = {0};
    geo_reader *reader = NULL;
    size_t n = 0;
    while (p->levels[n])
        n++;
    const char **columns = geo_arena_array(&j->arena, n + 2, sizeof *columns);
    if (!columns)
        return geo_err_nomem(err);
    memcpy(columns, p->levels, n * sizeof *columns);
    columns[n] = p->weighed ? weights_of(o) : NULL;
    columns[n + 1] = NULL;
    geo_reader_options reading = {.columns = columns};
    geo_status st = geo_join_open_side(j, via, &side, &reading, &reader, err);
    const geo_lattice_lookup about = {(const char *const *)p->levels, columns[n], rows_weigh(o), o->best_fit};
    if (st == GEO_OK) {
        st = geo_lattice_read(j->figures->lattice, reader, &about, j->o->threads, err);
        if (st < 0)
            geo_err_wrap(err, st, "lookup '%s'", geo_name_shown(via->file));
        else
            geo_join_note_rows(j, via, reader);
    }
    geo_reader_close(reader);
    return st;
}

/* By which columns figures go, where lookups have more in common than the way needs. */
static void note_way(const join *j)
{
    const figures *f = j->figures;
    size_t way[GEO_LATTICE_MOST], used = 0;
    const size_t n = geo_lattice_way(f->lattice, f->from, f->to, way);
    char text[400] = "";
    for (size_t i = 1; i + 1 < n && used < sizeof text - 80; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s'%.60s'", i > 1 ? ", " : "", geo_lattice_name(f->lattice, way[i]));
    if (used && geo_lattice_levels(f->lattice) > n)
        geo_watch_note(j->o->watch, "figures go from '%s' to '%s' by %s, which the lookups have in common", f->from_name, f->to_name, text);
}

geo_status geo_via_load(join *j, geo_err *err)
{
    const geo_join_figures *o = j->o->figures;
    figures *f = j->figures;
    const char *from, *new_name;
    plan *plans = NULL;
    if (!(f->lattice = geo_lattice_new()) || !split(j, o->from, '=', &from))
        return geo_err_nomem(err);
    const char *to = split(j, o->to, ':', &new_name);
    geo_status st = to ? plan_lookups(j, from, to, &plans, err) : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < o->via_n; i++)
        st = read_lookup(j, &o->via[i], &plans[i], err);
    if (st < 0)
        return st;
    f->from = (size_t)geo_lattice_level(f->lattice, from); /* some lookup has had them both */
    f->to = (size_t)geo_lattice_level(f->lattice, to);
    st = geo_lattice_relate(f->lattice, f->from, f->to, &f->relation, err);
    if (st < 0)
        return st;
    f->sources_n = geo_pool_count(geo_keys_pool(geo_lattice_areas(f->lattice, f->from)));
    f->targets_n = geo_pool_count(geo_keys_pool(geo_lattice_areas(f->lattice, f->to)));
    f->from_name = geo_lattice_name(f->lattice, f->from);
    f->to_name = geo_lattice_name(f->lattice, f->to);
    j->steps_class = geo_class_join(j->steps_class, geo_lattice_class(f->lattice));
    note_way(j);
    if (geo_relation_is_best_fit(f->relation))
        geo_watch_note(j->o->watch, "areas of '%s' are put whole into the one of '%s' that they fit best: figures are estimates",
                       f->from_name, f->to_name);
    return GEO_OK;
}

/* ---- records ---- */

static geo_status find(void *ctx, geo_parcel *p, geo_err *err)
{
    join *j = ctx;
    const size_t n = p->in->rows_n;
    const geo_keys *keys = geo_lattice_areas(j->figures->lattice, j->figures->from);
    found *f = p->extra = geo_arena_alloc(p->arena, sizeof *f);
    uint8_t *how = geo_arena_alloc(p->arena, n + 1);
    if (!f || !how)
        return geo_err_nomem(err);
    *f = (found){.group = geo_arena_array(p->arena, n + 1, sizeof *f->group),
                 .told = geo_arena_array(p->arena, n + 1, sizeof *f->told),
                 .wide_n = n};
    if (!f->group || !f->told)
        return geo_err_nomem(err);
    memset(f->told, 0, n * sizeof *f->told);
    const geo_status st = geo_join_find_keys(keys, false, &p->in->columns[j->figures->code_at], n, p->arena, f->group, how, err);
    for (size_t r = 0; st == GEO_OK && r < n; r++) {
        if (f->group[r] < 0 || how[r])
            geo_join_tell_key(p, f, f->group[r], how[r], r);
        f->matched_n += f->group[r] >= 0;
    }
    return st < 0 ? st : geo_tally_numbers(j, p, f, err);
}

/* Keep the first values of each source, and see where later ones differ. */
static geo_status keep_values(figures *f, const geo_parcel *p, const int32_t *source, geo_err *err)
{
    const geo_batch *in = p->in;
    int32_t *fresh = geo_arena_array(p->arena, in->rows_n + 1, sizeof *fresh);
    if (!fresh)
        return geo_err_nomem(err);
    const geo_column *kept = geo_table_columns(f->kept);
    const size_t before_n = geo_table_rows(f->kept);
    size_t fresh_n = 0;
    for (size_t r = 0; r < in->rows_n; r++) {
        if (source[r] < 0)
            continue;
        const size_t i = (size_t)source[r];
        if (f->kept_row[i] == NOT_SEEN) {
            f->kept_row[i] = (int32_t)(before_n + fresh_n);
            fresh[fresh_n++] = (int32_t)r;
            continue;
        }
        const size_t row = (size_t)f->kept_row[i];
        for (size_t k = 0; k < f->keep_n; k++) {
            const geo_column *c = &in->columns[f->keep_at[k]];
            f->differs[i * f->keep_n + k] |=
                row < before_n ? !geo_column_same(&kept[k], row, c, r) : !geo_column_same(c, (size_t)fresh[row - before_n], c, r);
        }
    }
    return geo_table_append_rows(f->kept, in, fresh, fresh_n, err);
}

/* Codes that the level lacks may be of another one that the lookups have. */
static void try_other_levels(figures *f, const geo_parcel *p, const int32_t *source)
{
    for (size_t r = 0; r < p->in->rows_n; r++) {
        char value[GEO_VALUE_ROOM], room[GEO_KEY_ROOM];
        size_t n, len;
        const char *code = source[r] == -2 ? geo_column_print(&p->in->columns[f->code_at], r, value, &n) : NULL;
        for (size_t k = 0; code && k < geo_lattice_levels(f->lattice); k++) {
            const geo_keys *keys = geo_lattice_areas(f->lattice, k);
            const char *form = geo_key_normalise(geo_keys_kind(keys), code, n, room, &len);
            f->elsewhere_n[k] += geo_pool_find(geo_keys_pool(keys), form, len) >= 0;
        }
    }
}

static geo_status add(void *ctx, const geo_parcel *p, geo_err *err)
{
    join *j = ctx;
    const found *f = p->extra;
    geo_join_note_records(j, p, f->matched_n);
    if (p->faults->n[GEO_FAULT_UNKNOWN_KEY])
        try_other_levels(j->figures, p, f->group);
    const geo_status st = geo_tally_add(j, p, f, err);
    return st < 0 || !j->figures->keep_n ? st : keep_values(j->figures, p, f->group, err);
}

geo_status geo_via_run(join *j, geo_err *err)
{
    figures *f = j->figures;
    size_t at = 0;
    const char *key = geo_figures_key(j);
    geo_status st = key ? geo_schema_pick(geo_reader_schema(j->reader), key, &at, err) : geo_err_nomem(err);
    f->code_at = (ptrdiff_t)at;
    f->elsewhere_n = calloc(geo_lattice_levels(f->lattice) + 1, sizeof *f->elsewhere_n);
    if (st == GEO_OK)
        st = f->elsewhere_n ? geo_figures_room(f, err) : geo_err_nomem(err);
    if (st == GEO_OK)
        st = geo_tally_room(j->tally, f->sources_n, j->o->denominator != NULL, err);
    const geo_flow flow = {find, add, j};
    return st < 0 ? st : geo_flow_run(j->reader, &flow, j->o->threads, &j->faults, err);
}
