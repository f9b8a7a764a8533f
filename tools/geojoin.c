/* geojoin: records to areas. Options in, one library call, the exit status out. */
#include "geo/join.h"
#include "common/tool.h"
#include "geo/parallel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_STEPS 32

typedef struct settings {
    tool_common common;
    geo_join_step steps[MOST_STEPS];
    geo_join_options o;
    const char *count;
    int unmatched;
} settings;

/* FILE or FILE:LAYER starts a step; a file whose own name has a colon is found first. */
static bool add_step(settings *s, bool by_place, const char *text, char *problem, size_t room)
{
    if (s->o.steps_n == MOST_STEPS) {
        snprintf(problem, room, "at most %d of --areas and --lookup together", MOST_STEPS);
        return false;
    }
    geo_join_step *step = &s->steps[s->o.steps_n++];
    *step = (geo_join_step){.by_place = by_place, .file = text};
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text || strchr(colon, '/') || geo_name_shown(text) != text || access(text, F_OK) == 0)
        return true;
    step->file = strndup(text, (size_t)(colon - text));
    step->layer = colon + 1;
    return step->file != NULL;
}

static bool add_areas(void *value, const char *text, char *problem, size_t room)
{
    return add_step(value, true, text, problem, room);
}

static bool add_lookup(void *value, const char *text, char *problem, size_t room)
{
    return add_step(value, false, text, problem, room);
}

/* The step that an option belongs to: the last one, of the right kind. */
static geo_join_step *current(settings *s, bool by_place, char *problem, size_t room)
{
    if (s->o.steps_n && s->steps[s->o.steps_n - 1].by_place == by_place)
        return &s->steps[s->o.steps_n - 1];
    snprintf(problem, room, "belongs to the %s before it, and there is none", by_place ? "--areas" : "--lookup");
    return NULL;
}

/* One of the step's texts, which can be set once. */
static bool set_once(const char **to, const char *text, char *problem, size_t room)
{
    if (*to)
        snprintf(problem, room, "is given twice for one step");
    else
        *to = text;
    return *to == text;
}

/* Names of fields to attach: "A,B:NEW". */
static bool set_names(geo_join_step *step, const char *text, char *problem, size_t room)
{
    if (!step)
        return false;
    if (step->fields) {
        snprintf(problem, room, "is given twice for one step: name the fields together, separated by commas");
        return false;
    }
    step->fields = tool_words(text, NULL);
    bool ok = step->fields != NULL;
    for (size_t i = 0; ok && step->fields[i]; i++)
        ok = step->fields[i][0] != ':' && step->fields[i][strlen(step->fields[i]) - 1] != ':';
    if (!ok)
        snprintf(problem, room, "takes names separated by commas, each FIELD or FIELD:NEW");
    return ok;
}

static bool set_area_key(void *value, const char *text, char *problem, size_t room)
{
    geo_join_step *step = current(value, true, problem, room);
    if (*text != '\0' && *text != ':' && text[strlen(text) - 1] != ':')
        return step && set_once(&step->key, text, problem, room);
    snprintf(problem, room, "takes FIELD or FIELD:NEW");
    return false;
}

static bool set_area_fields(void *value, const char *text, char *problem, size_t room)
{
    return set_names(current(value, true, problem, room), text, problem, room);
}

static bool set_area_crs(void *value, const char *text, char *problem, size_t room)
{
    geo_join_step *step = current(value, true, problem, room);
    return step && set_once(&step->crs, text, problem, room);
}

static bool set_on(void *value, const char *text, char *problem, size_t room)
{
    geo_join_step *step = current(value, false, problem, room);
    if (!step)
        return false;
    const char *equals = strchr(text, '=');
    char *on = strndup(text, equals ? (size_t)(equals - text) : strlen(text));
    if (!on)
        abort();
    step->key = equals ? equals + 1 : NULL;
    return set_once(&step->on, on, problem, room);
}

static bool set_fields(void *value, const char *text, char *problem, size_t room)
{
    return set_names(current(value, false, problem, room), text, problem, room);
}

static bool set_or_sector(void *value, const char *text, char *problem, size_t room)
{
    geo_join_step *step = current(value, false, problem, room);
    (void)text; /* it takes none */
    return step && (step->or_sector = true);
}

static const char *const UNMATCHED[] = {"keep", "drop", "only", NULL};

static const char *const SYNOPSIS[] = {
    "--areas FILE[:LAYER] [--area-key FIELD] [--area-fields A,B] [RECORDS]",
    "--lookup FILE --on FIELD[=FIELD] [--or-sector] [--fields A,B] [RECORDS]",
    "... --count[=NAME] [--sum A,B] [--mean A,B] [--by FIELD] [--all-areas] [RECORDS]",
    NULL,
};

static const tool_example EXAMPLES[] = {
    {"the output area and LSOA of every service user",
     "geojoin --areas oa.gpkg --area-key oa_code --area-fields lsoa_code users.csv > users_oa.csv"},
    {"by postcode, then the Index of Multiple Deprivation of what was found",
     "geojoin --lookup postcodes.csv --on postcode --fields lsoa_code --lookup imd.csv --on lsoa_code --fields imd_decile users.csv"},
    {"users and their spending a ward, wards without users too, as a map layer",
     "geojoin --areas wards.gpkg --area-key ward_code --count=users --sum spend --all-areas -o wards_users.gpkg users.csv"},
    {"users of one service, counted by deprivation decile",
     "geojoin --where \"service = 'library'\" --lookup imd.csv --on lsoa_code --fields imd_decile --count users_oa.csv"},
    {NULL, NULL},
};

static void check(const tool *t, const settings *s)
{
    if (s->o.steps_n == 0)
        tool_usage(t, "say what to join to: --areas FILE or --lookup FILE");
    for (size_t i = 0; i < s->o.steps_n; i++) {
        if (!s->steps[i].by_place && !s->steps[i].on)
            tool_usage(t, "--lookup needs --on: the field that holds the key");
        if (strcmp(s->steps[i].file, "-") == 0)
            tool_usage(t, "only the records can come from standard input: name a file for --areas and --lookup");
    }
    if (s->count && s->o.keep)
        tool_usage(t, "--keep is about records, and --count writes areas");
    if (!s->count && (s->o.sums || s->o.means || s->o.by || s->o.all_areas))
        tool_usage(t, "--sum, --mean, --by and --all-areas go with --count");
    if (s->o.all_areas && s->unmatched == GEO_UNMATCHED_ONLY)
        tool_usage(t, "--all-areas and --unmatched only cannot both be: one asks for areas, the other for none");
}

static void tell_all(const tool *t, const settings *s, const geo_join_report *r)
{
    if (r->hint[0] && !s->common.quiet)
        tool_say(t, "%s matched: %s", r->matched_n ? "little" : "nothing", r->hint);
    if (!s->common.verbose)
        return;
    tool_say(t, "%" PRId64 " records read, %" PRId64 " matched, %" PRId64 " rows written", r->records_n, r->matched_n, r->written_n);
    tool_tell_moved(t, r->moved_by, r->moved_accuracy_m);
}

int main(int argc, char **argv)
{
    static settings s;
    const tool_opt opts[] = {
        OPT_GROUP("Areas: which one is the record in?"),
        OPT_CALL('a', "areas", &s, "FILE[:LAYER]", add_areas,
                 "polygons to look records up in by their coordinates; can be given more than once"),
        OPT_CALL('k', "area-key", &s, "FIELD", set_area_key,
                 "field of the areas that names them, and the column it becomes (FIELD:NEW renames); the default is the first field"),
        OPT_CALL(0, "area-fields", &s, "A,B", set_area_fields, "further fields of the areas to attach (FIELD:NEW renames)"),
        OPT_CALL(0, "areas-crs", &s, "CRS", set_area_crs, "the areas' coordinates are in CRS, whatever the file says"),
        OPT_GROUP("Lookups: what does the table say of the record's key?"),
        OPT_CALL('l', "lookup", &s, "FILE[:LAYER]", add_lookup,
                 "table to look records up in by a key; can be given more than once, before or after --areas"),
        OPT_CALL(0, "on", &s, "FIELD[=FIELD]", set_on,
                 "the record's field that holds the key (or a field attached before) and the lookup's, if it has another name; postcodes, "
                 "UPRNs and GSS codes are matched in any of their forms"),
        OPT_CALL(0, "or-sector", &s, NULL, set_or_sector,
                 "where the lookup lacks a postcode but has its sector (M32 0), take that row; such records are counted and told"),
        OPT_CALL(0, "fields", &s, "A,B", set_fields, "fields of the lookup to attach (FIELD:NEW renames); the default is all but the key"),
        OPT_CHOICE(0, "unmatched", &s.unmatched, UNMATCHED,
                   "records that match nothing: keep them with empty fields, drop them, or only them"),
        OPT_WORDS(0, "keep", &s.o.keep, "A,B", "write only these fields of the records, besides what is attached"),
        OPT_GROUP("Counting: areas come out instead of records"),
        OPT_MAYBE('c', "count", &s.count, "NAME",
                  "count the records of each area of the last --areas or --lookup, in a column called NAME or count; those without an area "
                  "come last, under an empty key"),
        OPT_WORDS(0, "sum", &s.o.sums, "A,B", "sum these fields too, as A_sum; A_missing counts what was empty, suppressed or no number"),
        OPT_WORDS(0, "mean", &s.o.means, "A,B", "average these fields, as A_mean"),
        OPT_TEXT(0, "by", &s.o.by, "FIELD", "count each value of FIELD in a column of its own"),
        OPT_FLAG(0, "all-areas", &s.o.all_areas, "areas without records too, counted 0"),
        TOOL_COMMON(&s.common),
        OPT_END,
    };
    const tool t = {"geojoin", "join records to areas: by place, by postcode, by any key; count and sum them", SYNOPSIS, opts, EXAMPLES};
    const char *records = "-";
    size_t operands_n;
    tool_parse(&t, argc, argv, &records, 1, &operands_n);
    check(&t, &s);
    const geo_watch *watch = tool_start(&t, &s.common);

    geo_join_options *o = &s.o;
    o->steps = s.steps;
    o->records = records;
    o->output = s.common.output ? s.common.output : "-";
    o->out_crs = s.common.out_crs;
    o->unmatched = (geo_unmatched)s.unmatched;
    o->count = s.count != NULL;
    o->count_name = s.count && *s.count ? s.count : NULL;
    o->raise = (geo_class)s.common.class_;
    o->threads = s.common.threads ? s.common.threads : geo_threads_default();
    o->watch = watch;
    tool_reading(&s.common, &o->reading);
    tool_moving(&s.common, &o->moving);
    tool_writing(&s.common, &o->writing);
    geo_err err;
    geo_policy *policy = NULL;
    geo_join_report report;
    geo_status st = s.common.policy_file ? geo_policy_read(s.common.policy_file, &policy, &err) : GEO_OK;
    o->policy = policy;
    if (st == GEO_OK)
        st = geo_join_run(o, &report, &err);
    geo_policy_free(policy);
    if (st < 0)
        return tool_failed(&t, st, &err);
    const int status = tool_tell_faults(&t, &s.common, &report.faults, report.unit);
    tell_all(&t, &s, &report);
    return status == TOOL_OK && report.lost_n ? TOOL_SKIPPED : status;
}
