/* geosdc audit: what an attacker can work out of published tables. */
#include "commands.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ALSO 16

static struct {
    table_settings s;
    geo_sdc_also also[MOST_ALSO];
    size_t also_n;
} a;

/* FILE[,FIELD=VARIABLE...][,count=FIELD][,rounded=BASE] */
static bool add_also(void *value, const char *text, char *problem, size_t room)
{
    (void)value;
    if (a.also_n == MOST_ALSO) {
        snprintf(problem, room, "%d further tables at most", MOST_ALSO);
        return false;
    }
    const char *const *words = tool_words(text, NULL);
    if (!words) {
        snprintf(problem, room, "name a file, and what its fields are: totals.csv,name=library,count=users,rounded=10");
        return false;
    }
    geo_sdc_also *also = &a.also[a.also_n++];
    const char **fields = calloc(strlen(text) + 1, sizeof *fields);
    if (!fields)
        abort();
    *also = (geo_sdc_also){.file = words[0], .fields = fields};
    for (size_t i = 1, n = 0; words[i]; i++) {
        if (strncmp(words[i], "count=", 6) == 0)
            also->count = words[i] + 6;
        else if (strncmp(words[i], "rounded=", 8) == 0) {
            also->rounded = atoi(words[i] + 8);
            if (also->rounded < 2 || also->rounded > 1000) {
                snprintf(problem, room, "rounded= takes a base from 2 to 1000");
                return false;
            }
        } else if (strchr(words[i], '='))
            fields[n++] = words[i];
        else {
            snprintf(problem, room, "after the file come FIELD=VARIABLE, count=FIELD and rounded=BASE");
            return false;
        }
    }
    return true;
}

static const char *const SYNOPSIS[] = {
    "[--area FIELD] [--by A,B] --count FIELD [--mark MARK=LOW..HIGH] [--rounded BASE] [--also FILE,...] [TABLE]", NULL};
static const tool_opt OPTIONS[] = {
    TABLE_OPTIONS(&a.s),
    OPT_GROUP("What is published"),
    OPT_CALL(0, "mark", &a.s, "MARK[=LOW..HIGH]", table_add_mark,
             "what stands for a hidden count, and what that is at least and at most; the default is [c]; can be given more than once"),
    OPT_CALL(0, "also", &a, "FILE[,FIELD=VARIABLE][,count=FIELD][,rounded=BASE]", add_also,
             "a further published table, of totals for example; can be given more than once"),
    TABLE_AUDIENCE(&a.s),
    TOOL_INPUT(&a.s.common),
    TOOL_PLACE(&a.s.common),
    TOOL_OUTPUT(&a.s.common),
    TOOL_RUNNING(&a.s.common),
    OPT_END,
};
static const tool_example EXAMPLES[] = {
    {"bounds of every hidden count of a published table, given its totals published elsewhere",
     "geosdc audit --area lsoa_code --by library --count members --mark '*=1..4' --also "
     "libraries.csv,name=library,count=members,rounded=10 "
     "library_members.csv"},
    {NULL, NULL},
};
const tool GEOSDC_AUDIT = {"geosdc audit", "what an attacker can work out of published tables", SYNOPSIS, OPTIONS, EXAMPLES};

static int answer(const geo_sdc_audited *r)
{
    const bool safe = !r->exact_n && !r->narrow_n;
    if (safe && !a.s.common.verbose)
        return TOOL_OK;
    if (!r->hidden_n)
        tool_say(&GEOSDC_AUDIT, "none of %zu cells is hidden: there is nothing to work out", r->cells_n);
    else
        tool_say(&GEOSDC_AUDIT, "%s: of %zu hidden cells %zu follow exactly, and %zu to less than %g", safe ? "safe" : "unsafe",
                 r->hidden_n, r->exact_n, r->narrow_n, r->width);
    if (a.s.common.verbose)
        tool_say(&GEOSDC_AUDIT, "%zu parts hang together, with %zu hidden cells at most", r->parts_n, r->largest_n);
    return safe ? TOOL_OK : TOOL_REFUSED;
}

int geosdc_audit(int argc, char **argv)
{
    const char *file = "-";
    size_t files_n;
    tool_parse(&GEOSDC_AUDIT, argc, argv, &file, 1, &files_n);
    if (!a.s.table.counts)
        tool_usage(&GEOSDC_AUDIT, "name the field of counts with --count");
    for (size_t i = 0; i < a.also_n; i++)
        if (!a.also[i].count)
            a.also[i].count = a.s.table.counts[0];
    const geo_watch *watch = tool_start(&GEOSDC_AUDIT, &a.s.common);
    geo_policy *policy = NULL;
    geo_sdc_audited report;
    geo_writer_options writing = {.watch = watch};
    geo_err err;
    tool_writing(&a.s.common, &writing);
    geo_status st = table_begin(&GEOSDC_AUDIT, &a.s, file, watch, &policy, &err);
    if (st == GEO_OK)
        st =
            geo_sdc_audit(&a.s.table, a.also, a.also_n, a.s.audience, a.s.common.output ? a.s.common.output : "-", &writing, &report, &err);
    geo_policy_free(policy);
    if (st < 0)
        return tool_failed(&GEOSDC_AUDIT, st, &err);
    const int faults = tool_tell_faults(&GEOSDC_AUDIT, &a.s.common, &report.faults, report.unit);
    const int status = answer(&report);
    return status ? status : faults;
}
