/* geosdc protect: make a table safe, by the method that is named or by the policy's. */
#include "commands.h"
#include "secret.h"
#include "table.h"

static table_settings s;
static struct {
    int method, rounding, base;
    bool uniform;
    const char *ptable, *ledger, *mean;
    const char *const *percents;
} how;

static const char *const METHODS[] = {"policy", "coarsen", "suppress", "round", "cell-key", NULL};
static const char *const ROUNDINGS[] = {"nearest", "random", "additive", "midpoint", NULL};
static const char *const SYNOPSIS[] = {"--area FIELD [--by A,B] [--count FIELD] [--lookup FILE] [--method METHOD] [--round BASE] [TABLE]",
                                       NULL};
static const tool_opt OPTIONS[] = {
    TABLE_OPTIONS(&s),
    OPT_GROUP("Protection"),
    TABLE_AUDIENCE(&s),
    OPT_CHOICE(0, "method", &how.method, METHODS,
               "how: as the policy says; merge areas until all pass; hide cells; round only; perturb by cell keys"),
    OPT_FLAG(0, "uniform", &how.uniform, "coarsen: all areas to the same level, not only those that need it"),
    OPT_WHOLE(0, "round", &how.base, "BASE", 2, 1000, "round what is shown to this base; with --method policy the policy's"),
    OPT_CHOICE(0, "rounding", &how.rounding, ROUNDINGS,
               "to the nearest multiple; up or down at random; so that totals stay sums; to the middle of each band"),
    OPT_TEXT(0, "id", &s.table.id, "FIELD", "cell-key: field of the records with a stable id"),
    OPT_WORDS(0, "percent", &how.percents, "NEW=A/B",
              "a column: one field of counts in per cent of another, of the counts as they go out; can be given more than once"),
    OPT_TEXT(0, "mean", &how.mean, "NEW", "a column: the amount of --value over the count as it goes out"),
    OPT_TEXT(0, "ptable", &how.ptable, "FILE", "cell-key: table of perturbations"),
    OPT_TEXT(0, "ledger", &how.ledger, "FOLDER", "ledger that keeps the secret of cell keys and random rounding; else $GEO_LEDGER"),
    TOOL_INPUT(&s.common),
    TOOL_PLACE(&s.common),
    TOOL_OUTPUT(&s.common),
    TOOL_RUNNING(&s.common),
    OPT_END,
};
static const tool_example EXAMPLES[] = {
    {"merge output areas until no count is too small", "geosdc protect --area oa_code --lookup lookup.csv users_oa.csv > safe.csv"},
    {"hide what is too small in a table with totals",
     "geosdc protect --method suppress --area oa_code --by age_band --margins users_oa.csv"},
    {NULL, NULL},
};
const tool GEOSDC_PROTECT = {"geosdc protect", "make a table safe: coarsen, suppress, round, perturb", SYNOPSIS, OPTIONS, EXAMPLES};

static void tell(const geo_sdc_protected *r)
{
    static const char *const DONE[] = {"coarsened", "suppressed", "rounded", "perturbed"};
    if (!s.common.verbose)
        return;
    tool_say(&GEOSDC_PROTECT, "%s: %zu cells, %zu hidden by a rule, %zu to protect others%s", DONE[r->method], r->cells_n, r->unsafe_n,
             r->secondary_n, r->base ? ", and rounded" : "");
    if (r->merged_n)
        tool_say(&GEOSDC_PROTECT, "%zu areas were merged into coarser ones", r->merged_n);
}

int geosdc_protect(int argc, char **argv)
{
    const char *file = "-";
    size_t files_n;
    tool_parse(&GEOSDC_PROTECT, argc, argv, &file, 1, &files_n);
    const geo_watch *watch = tool_start(&GEOSDC_PROTECT, &s.common);
    geo_policy *policy = NULL;
    geo_sdc_protected report;
    geo_writer_options writing = {.watch = watch};
    uint8_t secret[32];
    geo_sdc_protection protection = {.by_policy = how.method == 0,
                                     .method = (geo_method)(how.method ? how.method - 1 : 0),
                                     .base = how.base,
                                     .rounding = (geo_sdc_rounding)how.rounding,
                                     .uniform = how.uniform,
                                     .ptable = how.ptable,
                                     .percents = how.percents,
                                     .mean = how.mean};
    geo_err err;
    tool_writing(&s.common, &writing);
    geo_status st = table_begin(&GEOSDC_PROTECT, &s, file, watch, &policy, &err);
    if (st == GEO_OK
        && (protection.method == GEO_METHOD_CELLKEY || protection.rounding == GEO_ROUND_RANDOM
            || protection.rounding == GEO_ROUND_ADDITIVE)) {
        st = secret_get(how.ledger, watch, secret, &err);
        protection.secret = secret;
    }
    if (st == GEO_OK)
        st = geo_sdc_protect(&s.table, s.audience, &protection, s.common.output ? s.common.output : "-", &writing, &report, &err);
    secret_wipe(secret);
    geo_policy_free(policy);
    if (st < 0)
        return tool_failed(&GEOSDC_PROTECT, st, &err);
    const int status = tool_tell_faults(&GEOSDC_PROTECT, &s.common, &report.faults, report.unit);
    tell(&report);
    return status;
}
