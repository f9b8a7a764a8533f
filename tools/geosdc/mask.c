/* geosdc mask: points moved so that each could be any of many addresses. */
#include "commands.h"
#include "geo/parallel.h"
#include "geo/sdc.h"
#include "secret.h"
#include "table.h"

#include <inttypes.h>

static geo_sdc_points o;
static tool_common common;
static struct {
    int way, k, most_m;
    const char *ledger;
} how;

static const char *const WAYS[] = {"policy", "donut", "snap", NULL};
static const char *const SYNOPSIS[] = {"--addresses FILE [--way donut|snap] [--k N] [--fields A,B] [POINTS]", NULL};
static const tool_opt OPTIONS[] = {
    OPT_GROUP("Mask"),
    OPT_TEXT(0, "addresses", &o.addresses, "FILE", "all addresses, with coordinates: what a point could stand for"),
    OPT_CHOICE(0, "way", &how.way, WAYS,
               "as the policy says; at random into a ring around the true place; to the middle of a catchment of addresses"),
    OPT_WHOLE(0, "k", &how.k, "N", 3, 1000, "each point could be any of N addresses; the default is the policy's"),
    OPT_WHOLE(0, "most", &how.most_m, "METRES", 1, 100000, "donut: no point is moved farther, rather left out; the default is 2000"),
    OPT_TEXT(0, "group", &o.group, "FIELD", "snap: field of both files, such as lsoa_code, whose areas no catchment crosses"),
    OPT_WORDS(0, "fields", &o.fields, "A,B", "fields of the points that go out; without it none do"),
    OPT_TEXT(0, "id", &o.id, "FIELD", "donut: field of a stable id, so that records of one place do not coincide"),
    OPT_TEXT(0, "ledger", &how.ledger, "FOLDER", "ledger that keeps the secret of the rings; else $GEO_LEDGER"),
    TOOL_INPUT(&common),
    TOOL_PLACE(&common),
    TOOL_OUTPUT(&common),
    TOOL_RUNNING(&common),
    OPT_END,
};
static const tool_example EXAMPLES[] = {
    {"service users as points, each of which could be any of 20 addresses",
     "geosdc mask --addresses addresses.csv --fields service -o masked.gpkg users.csv"},
    {NULL, NULL},
};
const tool GEOSDC_MASK = {"geosdc mask", "move points so that each could be any of many addresses", SYNOPSIS, OPTIONS, EXAMPLES};

int geosdc_mask(int argc, char **argv)
{
    size_t files_n;
    o.file = "-";
    tool_parse(&GEOSDC_MASK, argc, argv, &o.file, 1, &files_n);
    if (!o.addresses)
        tool_usage(&GEOSDC_MASK, "name the file of all addresses with --addresses");
    const geo_watch *watch = tool_start(&GEOSDC_MASK, &common);
    geo_policy *policy = NULL;
    geo_sdc_masked report;
    geo_writer_options writing = {.watch = watch};
    uint8_t secret[32] = {0};
    geo_err err;
    geo_status st = table_policy(&GEOSDC_MASK, &common, &policy, &err);
    if (st == GEO_OK) {
        const geo_policy_terms *terms = geo_policy_get_terms(policy);
        o.snap = how.way ? how.way == 2 : terms->mask_snap;
        o.k = how.k ? (size_t)how.k : (size_t)terms->mask_k;
        o.most_m = how.most_m;
        o.policy = policy;
        o.raise = (geo_class)common.class_;
        o.threads = common.threads ? common.threads : geo_threads_default();
        o.watch = watch;
        tool_reading(&common, &o.reading);
        tool_moving(&common, &o.moving);
        tool_writing(&common, &writing);
    }
    if (st == GEO_OK && !o.snap) {
        st = secret_get(how.ledger, watch, secret, &err);
        o.secret = secret;
    }
    if (st == GEO_OK)
        st = geo_sdc_mask(&o, common.output ? common.output : "-", &writing, &report, &err);
    secret_wipe(secret);
    geo_policy_free(policy);
    if (st < 0)
        return tool_failed(&GEOSDC_MASK, st, &err);
    const int status = tool_tell_faults(&GEOSDC_MASK, &common, &report.faults, report.unit);
    if (report.refused_n && !common.quiet)
        tool_say(&GEOSDC_MASK, "%" PRId64 " of %" PRId64 " points are left out: they have no place, or could not stand for %zu addresses",
                 report.refused_n, report.rows_n, report.k);
    return report.refused_n ? TOOL_SKIPPED : status;
}
