/* geojoin: records to areas. Options in, one library call, the exit status out. */
#include "geo/parallel.h"
#include "geojoin/steps.h"

#include <inttypes.h>
#include <string.h>

static const char *const UNMATCHED[] = {"keep", "drop", "only", NULL};

static const char *const SYNOPSIS[] = {
    "--areas FILE[:LAYER] [--area-key FIELD] [--area-fields A,B] [RECORDS]",
    "--lookup FILE --on FIELD[=FIELD] [--or-sector] [--fields A,B] [RECORDS]",
    "... --count[=NAME] [--sum A,B] [--mean A,B] [--by FIELD] [--rate PER --denominator FIELD] [--all-areas] [RECORDS]",
    "--from FIELD[=LEVEL] --to LEVEL --via FILE [--weights FIELD] [--sum A,B] [--mean A,B] [--keep A,B] [FIGURES]",
    "--areal[=inside] --areas FILE[:LAYER] [--area-key FIELD] [--sum A,B] [--mean A,B] [--keep A,B] [FIGURES]",
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
    {"population of output areas added up to wards, which they fit at best",
     "geojoin --from oa_code --to ward_code --via lookup.csv --best-fit --sum population census.csv > wards.csv"},
    {"users a thousand residents in each ward",
     "geojoin --lookup wards.csv --on ward_code --fields ward_code,population --count=users --denominator population --rate 1000 "
     "users_wards.csv"},
    {NULL, NULL},
};

static void check_figures(const tool *t, const settings *s)
{
    const bool areal = s->areal != NULL;
    if (areal && *s->areal && strcmp(s->areal, "inside") != 0)
        tool_usage(t, "--areal takes nothing or 'inside'");
    if (areal ? s->figures.from || s->figures.to || s->figures.via_n : !s->figures.from || !s->figures.to || !s->figures.via_n)
        tool_usage(t, "figures go to other areas by --from, --to and --via, all three, or by --areal and --areas");
    if (areal ? s->o.steps_n != 1 || !s->steps[0].by_place : s->o.steps_n > 0)
        tool_usage(t, areal ? "--areal goes with one --areas: where the figures go to"
                            : "--from, --to and --via go without --areas and --lookup");
    if (areal && (s->figures.weights || s->figures.best_fit))
        tool_usage(t, "--weights and --best-fit go with --via");
    if (s->count || s->o.by)
        tool_usage(t, "--count and --by are about records, and figures are of areas");
    if (areal && !s->o.sums && !s->o.means && (s->o.denominator || s->o.all_areas))
        tool_usage(t, "--areal with --rate, --denominator or --all-areas needs figures: --sum or --mean");
    if (!areal && !s->o.sums && !s->o.means && !s->o.keep)
        tool_usage(t, "say which figures: --sum for what adds up, --mean for what does not, --keep for what stays as it is");
}

static void check_counting(const tool *t, const settings *s)
{
    if (s->o.steps_n == 0)
        tool_usage(t, "say what to join to: --areas FILE or --lookup FILE");
    if (s->count && s->o.keep)
        tool_usage(t, "--keep is about records, and --count writes areas");
    if (!s->count && (s->o.sums || s->o.means || s->o.by || s->o.all_areas || s->o.denominator))
        tool_usage(t, "--sum, --mean, --by, --rate and --all-areas go with --count");
    if (s->o.denominator && !(s->o.rate_per > 0))
        tool_usage(t, "--denominator goes with --rate: for how many of it");
}

static void check(const tool *t, const settings *s, bool figures)
{
    (figures ? check_figures : check_counting)(t, s);
    for (size_t i = 0; i < s->o.steps_n; i++) {
        if (!s->steps[i].by_place && !s->steps[i].on)
            tool_usage(t, "--lookup needs --on: the field that holds the key");
        if (strcmp(s->steps[i].file, "-") == 0)
            tool_usage(t, "only the records can come from standard input: name a file for --areas and --lookup");
    }
    for (size_t i = 0; i < s->figures.via_n; i++)
        if (strcmp(s->via[i].file, "-") == 0)
            tool_usage(t, "only the figures can come from standard input: name a file for --via");
    if (s->o.rate_per > 0 && !s->o.denominator)
        tool_usage(t, "--rate needs --denominator: the field that it is a rate of");
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
        OPT_CALL(0, "nearest", &s, "METRES", set_nearest,
                 "a point in none of the areas goes to the nearest one within METRES; such records are counted and told"),
        OPT_CALL(0, "every", &s, NULL, set_every,
                 "a record that is in several areas comes out, and counts, once for each; else a point goes to the area whose key sorts "
                 "first, and "
                 "a polygon where most of it is"),
        OPT_CALL(0, "areas-crs", &s, "CRS", set_area_crs, "the areas' coordinates are in CRS, whatever the file says"),
        OPT_FLAG(0, "cache", &s.o.cache, "keep the index of the areas in FILE.geoidx beside them, and take it from there the next time"),
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
        OPT_WORDS(0, "sum", &s.o.sums, "A,B",
                  "sum these fields too, as A_sum (FIELD:NEW renames); A_missing counts what was empty, suppressed or no number"),
        OPT_WORDS(0, "mean", &s.o.means, "A,B", "average these fields, as A_mean"),
        OPT_TEXT(0, "by", &s.o.by, "FIELD", "count each value of FIELD in a column of its own"),
        OPT_CALL(0, "rate", &s, "PER", set_rate, "counts and sums for every PER of the denominator as well, as A_rate"),
        OPT_TEXT(0, "denominator", &s.o.denominator, "FIELD",
                 "what rates are of: a field attached from the areas; with figures, a field of theirs, which weighs --mean, too"),
        OPT_FLAG(0, "all-areas", &s.o.all_areas, "areas without records too, counted 0"),
        OPT_GROUP("Figures: what is known of areas, carried to other areas"),
        OPT_TEXT(0, "from", &s.figures.from, "FIELD[=LEVEL]",
                 "field of the figures with the codes of their areas, and the lookup's column of these, if it has another name"),
        OPT_TEXT(0, "to", &s.figures.to, "LEVEL", "column of the lookup with the codes of the areas to go to (LEVEL:NEW renames)"),
        OPT_CALL(0, "via", &s, "FILE[:LAYER]", add_via,
                 "lookup between the two; can be given more than once, for levels that several lookups link"),
        OPT_TEXT(0, "weights", &s.figures.weights, "FIELD",
                 "the lookup's column of what each of its rows weighs, for areas that lie in several; 'rows': each the same"),
        OPT_FLAG(0, "best-fit", &s.figures.best_fit, "the lookup puts each area whole where it fits best: say so of the figures"),
        OPT_MAYBE(
            0, "areal", &s.areal, "inside",
            "carry the figures of polygons to the --areas by the ground they have in common; inside: ground outside all areas counts for "
            "nothing"),
        TOOL_COMMON(&s.common),
        OPT_END,
    };
    const tool t = {"geojoin", "join records to areas: by place, by postcode, by any key; count and sum them", SYNOPSIS, opts, EXAMPLES};
    const char *records = "-";
    size_t operands_n;
    tool_parse(&t, argc, argv, &records, 1, &operands_n);
    const bool figures = s.areal || s.figures.from || s.figures.to || s.figures.via_n || s.figures.weights || s.figures.best_fit;
    check(&t, &s, figures);
    const geo_watch *watch = tool_start(&t, &s.common);

    geo_join_options *o = &s.o;
    o->steps = s.steps;
    s.figures.via = s.via;
    s.figures.areal = s.areal != NULL;
    s.figures.inside = s.areal && *s.areal;
    o->figures = figures ? &s.figures : NULL;
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
