/* geosdc diff: what somebody learns who subtracts a table and earlier releases from each other. */
#include "commands.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_EARLIER 256

static struct {
    table_settings s;
    geo_sdc_earlier earlier[MOST_EARLIER];
    geo_sdc_comparison with;
} d;

/* FILE[,FIELD=VARIABLE...][,count=FIELD][,rounded=BASE] */
static bool add_earlier(void *value, const char *text, char *problem, size_t room)
{
    (void)value;
    if (d.with.earlier_n == MOST_EARLIER) {
        snprintf(problem, room, "%d earlier releases at most; a ledger may hold more", MOST_EARLIER);
        return false;
    }
    const char *const *words = tool_words(text, NULL);
    if (!words) {
        snprintf(problem, room, "name a file, and what its fields are: wards.csv,ward_code=lsoa_code,count=users,rounded=10");
        return false;
    }
    geo_sdc_earlier *e = &d.earlier[d.with.earlier_n++];
    const char **fields = calloc(strlen(text) + 1, sizeof *fields);
    if (!fields)
        abort();
    *e = (geo_sdc_earlier){.file = words[0], .fields = fields};
    d.with.earlier = d.earlier;
    for (size_t i = 1, n = 0; words[i]; i++) {
        if (strncmp(words[i], "count=", 6) == 0)
            e->count = words[i] + 6;
        else if (strncmp(words[i], "layer=", 6) == 0)
            e->layer = words[i] + 6;
        else if (strncmp(words[i], "rounded=", 8) == 0) {
            e->rounded = atoi(words[i] + 8);
            if (e->rounded < 2 || e->rounded > 1000) {
                snprintf(problem, room, "rounded= takes a base from 2 to 1000");
                return false;
            }
        } else if (strchr(words[i], '='))
            fields[n++] = words[i];
        else {
            snprintf(problem, room, "after the file come FIELD=VARIABLE, count=FIELD, layer=NAME and rounded=BASE");
            return false;
        }
    }
    return true;
}

static const char *const SYNOPSIS[] = {
    "[--area FIELD] [--by A,B] [--count FIELD] [--lookup FILE] [--with FILE,...] [--ledger FOLDER] [TABLE]", NULL};
static const tool_opt OPTIONS[] = {
    TABLE_OPTIONS(&d.s),
    OPT_GROUP("What is compared"),
    OPT_CALL('w', "with", &d, "FILE[,FIELD=VARIABLE][,count=FIELD][,rounded=BASE]", add_earlier,
             "an earlier release; fields that have another name there are called as in the table, and fields that it lacks are taken all "
             "together; can be given more than once"),
    OPT_TEXT(0, "ledger", &d.with.ledger, "FOLDER", "compare with every release of the same population in the ledger"),
    OPT_TEXT(0, "population", &d.with.population, "NAME", "what is counted, as the releases in the ledger call it"),
    OPT_CALL(0, "mark", &d.s, "MARK[=LOW..HIGH]", table_add_mark,
             "what stands for a hidden count, and what that is at least and at most; the default is [c]; can be given more than once"),
    OPT_CALL(0, "rounded", &d.s, "BASE", table_set_rounded, "the counts of the table were rounded to this base"),
    TABLE_AUDIENCE(&d.s),
    TOOL_INPUT(&d.s.common),
    TOOL_RUNNING(&d.s.common),
    OPT_END,
};
static const tool_example EXAMPLES[] = {
    {"does a table by wards, beside one by LSOAs that is out already, single out a few people? Both are made of output areas",
     "geosdc diff --area ward_code --by age_band --count users --lookup lookup.csv --levels oa_code --with table.csv,lsoa_code=ward_code "
     "wards.csv"},
    {"the same with all that was ever released of them",
     "geosdc diff --area ward_code --by age_band --count users --lookup lookup.csv --levels oa_code --ledger ledger --population users "
     "wards.csv"},
    {NULL, NULL},
};
const tool GEOSDC_DIFF = {"geosdc diff", "what subtracting a table and earlier releases from each other tells", SYNOPSIS, OPTIONS,
                          EXAMPLES};

/* One cell of the answer, in quotes where CSV wants them. */
static void print_text(const char *text, const char *end)
{
    if (!text[strcspn(text, ",\"\r\n")]) {
        tool_print_text(text);
        tool_print_text(end);
        return;
    }
    tool_print_text("\"");
    for (const char *s = text; *s; s++)
        tool_print_text((const char[]){*s, *s == '"' ? '"' : '\0', '\0'});
    tool_print_text("\"");
    tool_print_text(end);
}

static void print_finding(void *ctx, const geo_sdc_difference *f)
{
    static const char *const KINDS[] = {"change", "remainder", "stacked"};
    char release[32] = "";
    bool *any = ctx;
    if (!*any)
        tool_print("kind,release,tables,cells,where,advice");
    *any = true;
    if (f->release)
        snprintf(release, sizeof release, "%lld", (long long)f->release);
    print_text(f->empty ? "empty" : KINDS[f->kind], ",");
    print_text(f->release ? release : f->with, ",");
    print_text(f->tables, ",");
    snprintf(release, sizeof release, "%zu", f->cells_n);
    print_text(release, ",");
    print_text(f->where, ",");
    print_text(f->advice, "\n");
}

static int answer(const geo_sdc_differed *r)
{
    const size_t found_n = r->changes_n + r->remainders_n + r->stacked_n;
    if (r->unrelated_n)
        tool_say(
            &GEOSDC_DIFF,
            "the areas of %zu earlier release%s have nothing to do with those of the table, as far as is known: --lookup says what areas "
            "are made of, and --levels names its finest column",
            r->unrelated_n, r->unrelated_n == 1 ? "" : "s");
    if (!found_n && d.s.common.quiet)
        return TOOL_OK;
    if (!found_n)
        tool_say(&GEOSDC_DIFF, "safe: nothing follows from the table and %zu earlier release%s", r->compared_n,
                 r->compared_n == 1 ? "" : "s");
    else
        tool_say(
            &GEOSDC_DIFF,
            "unsafe: with %zu earlier release%s the table tells of a few people by %zu subtraction%s, %zu change%s and %zu time%s by all "
            "together",
            r->compared_n, r->compared_n == 1 ? "" : "s", r->remainders_n, r->remainders_n == 1 ? "" : "s", r->changes_n,
            r->changes_n == 1 ? "" : "s", r->stacked_n, r->stacked_n == 1 ? "" : "s");
    if (r->others_n)
        tool_say(&GEOSDC_DIFF, "%zu release%s of the ledger count%s something else, or keep%s no cells, and %s passed over", r->others_n,
                 r->others_n == 1 ? "" : "s", r->others_n == 1 ? "s" : "", r->others_n == 1 ? "s" : "", r->others_n == 1 ? "was" : "were");
    return found_n ? TOOL_REFUSED : TOOL_OK;
}

int geosdc_diff(int argc, char **argv)
{
    const char *file = "-";
    size_t files_n;
    tool_parse(&GEOSDC_DIFF, argc, argv, &file, 1, &files_n);
    if (!d.with.earlier_n && !d.with.ledger)
        tool_usage(&GEOSDC_DIFF, "name earlier releases: --with FILE, --ledger FOLDER");
    const geo_watch *watch = tool_start(&GEOSDC_DIFF, &d.s.common);
    geo_policy *policy = NULL;
    geo_sdc_differed report;
    geo_err err;
    bool any = false;
    geo_status st = table_begin(&GEOSDC_DIFF, &d.s, file, watch, &policy, &err);
    d.with.audience = d.s.audience;
    if (st == GEO_OK)
        st = geo_sdc_diff(&d.s.table, &d.with, print_finding, &any, &report, &err);
    geo_policy_free(policy);
    if (st < 0)
        return tool_failed(&GEOSDC_DIFF, st, &err);
    const int printed = tool_printed(&GEOSDC_DIFF);
    const int faults = tool_tell_faults(&GEOSDC_DIFF, &d.s.common, &report.faults, report.unit);
    const int status = answer(&report);
    return printed ? printed : status ? status : faults;
}
