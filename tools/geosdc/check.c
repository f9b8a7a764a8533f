/* geosdc check: does a table keep the policy's rules, and what is the finest change that would? */
#include "commands.h"
#include "table.h"

#include <stdio.h>

static table_settings s;

static const char *const SYNOPSIS[] = {"--area FIELD [--by A,B] [--count FIELD] [--lookup FILE] [--to AUDIENCE] [TABLE]", NULL};
static const tool_opt OPTIONS[] = {
    TABLE_OPTIONS(&s),
    OPT_GROUP("Rules"),
    TABLE_AUDIENCE(&s),
    OPT_CALL(0, "mark", &s, "MARK", table_add_mark, "what stands for a hidden count; the default is [c], and what the policy says"),
    TOOL_INPUT(&s.common),
    TOOL_PLACE(&s.common),
    TOOL_RUNNING(&s.common),
    OPT_END,
};
static const tool_example EXAMPLES[] = {
    {"may users by output area be shown, and if not, what may?", "geosdc check --area oa_code --lookup lookup.csv users_oa.csv"},
    {"the same for a table of counts by LSOA and age", "geosdc check --area lsoa_code --by age_band --count users table.csv"},
    {NULL, NULL},
};
const tool GEOSDC_CHECK = {"geosdc check", "which cells of a table break which rule, and what would pass", SYNOPSIS, OPTIONS, EXAMPLES};

static void tell(void *ctx, const geo_sdc_finding *f)
{
    bool *begun = ctx;
    if (!*begun)
        tool_print("tables,cells,unsafe,below_threshold,zeros,all_the_same,dominated,too_fine");
    *begun = true;
    tool_print("\"%s\",%zu,%zu,%zu,%zu,%zu,%zu,%s", f->tables, f->cells_n, f->unsafe_n, f->below_n, f->zeros_n, f->same_n, f->dominated_n,
               f->too_fine ? "yes" : "no");
}

static int answer(const geo_sdc_checked *r)
{
    const geo_sdc_finding *f = &r->asked;
    if (r->hidden_n && !s.common.quiet)
        tool_say(&GEOSDC_CHECK, "%zu cells are hidden already; whether they can be worked out, geosdc audit tells", r->hidden_n);
    if (!f->unsafe_n && !f->too_fine) {
        if (s.common.verbose)
            tool_say(&GEOSDC_CHECK, "safe: none of %zu cells breaks a rule for %s records", f->cells_n, geo_class_name(r->class_));
        return TOOL_OK;
    }
    char finest[400] = "nothing coarser passes either";
    if (r->finest.cells_n)
        snprintf(finest, sizeof finest, "the finest that passes: %s, %zu cells", r->finest.tables, r->finest.cells_n);
    tool_say(&GEOSDC_CHECK, "unsafe: %s has %zu unsafe of %zu cells%s; %s", f->tables, f->unsafe_n, f->cells_n,
             f->too_fine ? ", and its areas are finer than the policy allows" : "", finest);
    return TOOL_REFUSED;
}

int geosdc_check(int argc, char **argv)
{
    const char *file = "-";
    size_t files_n;
    tool_parse(&GEOSDC_CHECK, argc, argv, &file, 1, &files_n);
    const geo_watch *watch = tool_start(&GEOSDC_CHECK, &s.common);
    geo_policy *policy = NULL;
    geo_sdc_checked report;
    geo_err err;
    geo_status st = table_begin(&GEOSDC_CHECK, &s, file, watch, &policy, &err);
    bool begun = false;
    if (st == GEO_OK)
        st = geo_sdc_check(&s.table, s.audience, tell, &begun, &report, &err);
    geo_policy_free(policy);
    if (st < 0)
        return tool_failed(&GEOSDC_CHECK, st, &err);
    const int printed = tool_printed(&GEOSDC_CHECK);
    const int faults = tool_tell_faults(&GEOSDC_CHECK, &s.common, &report.faults, report.unit);
    const int status = answer(&report);
    return printed ? printed : status ? status : faults;
}
