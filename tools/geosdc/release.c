/* geosdc release: the one way out for a table about people. */
#include "commands.h"
#include "secret.h"
#include "table.h"

#include <inttypes.h>

static table_settings s;
static geo_sdc_release_options o;
static struct {
    const char *ptable, *ledger, *mean;
    const char *const *percents;
    bool uniform;
} how;

static const char *const SYNOPSIS[] = {
    "--to AUDIENCE -o FILE --population TEXT [--area FIELD] [--by A,B] [--count FIELD] [--lookup FILE] [--reviewer NAME]... [TABLE]", NULL};
static const tool_opt OPTIONS[] = {
    TABLE_OPTIONS(&s),
    OPT_GROUP("Release"),
    TABLE_AUDIENCE(&s),
    OPT_TEXT(0, "population", &o.population, "TEXT", "what is counted; it is compared with earlier releases of the same"),
    OPT_TEXT(0, "author", &o.author, "NAME", "who releases; the default is the user"),
    OPT_WORDS(0, "reviewer", &o.reviewers, "NAME", "who has looked at it, not the author; can be given more than once"),
    OPT_TEXT(0, "purpose", &o.purpose, "TEXT", "what it is for; stays in the restricted part of the ledger"),
    OPT_TEXT(0, "recipient", &o.recipient, "TEXT", "who receives it; stays in the restricted part of the ledger"),
    OPT_TEXT(0, "source", &o.source, "TEXT", "who publishes it, for its label"),
    OPT_TEXT(0, "licence", &o.licence, "TEXT", "under which licence, for its label: OGL-UK-3.0"),
    OPT_TEXT(0, "ledger", &how.ledger, "FOLDER", "where releases are written down; the default is $GEO_LEDGER, else among the user's data"),
    OPT_FLAG(0, "uniform", &how.uniform, "where areas are merged: all to the same level, not only those that need it"),
    OPT_TEXT(0, "id", &s.table.id, "FIELD", "where the policy perturbs by cell keys: field of the records with a stable id"),
    OPT_WORDS(0, "percent", &how.percents, "NEW=A/B",
              "a column: one field of counts in per cent of another, of the counts as they go out; can be given more than once"),
    OPT_TEXT(0, "mean", &how.mean, "NEW", "a column: the amount of --value over the count as it goes out"),
    OPT_TEXT(0, "ptable", &how.ptable, "FILE", "and its table of perturbations"),
    OPT_CALL(0, "mark", &s, "MARK", table_add_mark, "what stands for a count that is hidden already; the default is [c]"),
    TOOL_INPUT(&s.common),
    TOOL_PLACE(&s.common),
    TOOL_OUTPUT(&s.common),
    TOOL_RUNNING(&s.common),
    OPT_END,
};
static const tool_example EXAMPLES[] = {
    {"release users by area, as fine as the policy allows", "geosdc release --to public --population 'service users' --reviewer 'A. "
                                                            "Colleague' --area oa_code --lookup lookup.csv -o public.csv users_oa.csv"},
    {NULL, NULL},
};
const tool GEOSDC_RELEASE = {"geosdc release", "make a table safe, attack it, compare it, write it and write it down", SYNOPSIS, OPTIONS,
                             EXAMPLES};

static void tell(const geo_sdc_released *r)
{
    if (!s.common.verbose)
        return;
    tool_say(&GEOSDC_RELEASE, "released as number %" PRId64 ": %zu cells, of which %zu hidden; compared with %zu earlier releases%s", r->id,
             r->made.cells_n, r->made.unsafe_n + r->made.secondary_n, r->compared_n, r->verified ? "; it was safe as it came" : "");
    if (r->made.merged_n)
        tool_say(&GEOSDC_RELEASE, "%zu areas were merged into coarser ones", r->made.merged_n);
}

int geosdc_release(int argc, char **argv)
{
    const char *file = "-";
    size_t files_n;
    tool_parse(&GEOSDC_RELEASE, argc, argv, &file, 1, &files_n);
    o.author = ledger_author(o.author);
    if (!s.audience)
        tool_usage(&GEOSDC_RELEASE, "say whom it is for: --to public");
    if (!o.population)
        tool_usage(&GEOSDC_RELEASE, "say what is counted with --population: releases of the same are compared");
    const geo_watch *watch = tool_start(&GEOSDC_RELEASE, &s.common);
    geo_policy *policy = NULL;
    geo_sdc_released report;
    geo_writer_options writing = {.watch = watch};
    uint8_t secret[32] = {0};
    geo_sdc_protection protection = {
        .by_policy = true, .uniform = how.uniform, .ptable = how.ptable, .percents = how.percents, .mean = how.mean};
    geo_err err;
    tool_writing(&s.common, &writing);
    o.audience = s.audience;
    o.ledger = ledger_folder(how.ledger);
    geo_status st = table_begin(&GEOSDC_RELEASE, &s, file, watch, &policy, &err);
    if (st == GEO_OK && how.ptable) {
        st = secret_get(how.ledger, watch, secret, &err);
        protection.secret = secret;
    }
    if (st == GEO_OK)
        st = geo_sdc_release(&s.table, &o, &protection, s.common.output ? s.common.output : "-", &writing, &report, &err);
    secret_wipe(secret);
    geo_policy_free(policy);
    if (st < 0)
        return tool_failed(&GEOSDC_RELEASE, st, &err);
    const int status = tool_tell_faults(&GEOSDC_RELEASE, &s.common, &report.made.faults, report.made.unit);
    tell(&report);
    return status;
}
