/* geosdc ledger and geosdc verify: what was released, and whether a file is exactly that. */
#include "geo/ledger.h"

#include "commands.h"
#include "geo/number.h"
#include "geo/sidecar.h"
#include "secret.h"

#include <inttypes.h>
#include <string.h>

static tool_common common;
static const char *folder, *expected;
static bool restricted;

static const char *const LEDGER_SYNOPSIS[] = {"list", "show NUMBER [--restricted]", "verify [--head HASH]", NULL};
static const tool_opt LEDGER_OPTIONS[] = {
    OPT_GROUP("Ledger"),
    OPT_TEXT(0, "ledger", &folder, "FOLDER", "which ledger; the default is $GEO_LEDGER, else among the user's data"),
    OPT_FLAG(0, "restricted", &restricted, "show: also what must stay inside"),
    OPT_TEXT(0, "head", &expected, "HASH", "verify: the hash of the last entry, as it was noted elsewhere"),
    OPT_GROUP("Running"),
    TOOL_SPEECH(&common),
    OPT_END,
};
static const tool_example LEDGER_EXAMPLES[] = {
    {"what was labelled and released, an entry a line", "geosdc ledger list"},
    {"check every byte of the ledger", "geosdc ledger verify"},
    {NULL, NULL},
};
const tool GEOSDC_LEDGER = {"geosdc ledger", "list, show and verify what was labelled and released", LEDGER_SYNOPSIS, LEDGER_OPTIONS,
                            LEDGER_EXAMPLES};

static const char *const VERIFY_SYNOPSIS[] = {"FILE", NULL};
static const tool_opt VERIFY_OPTIONS[] = {
    OPT_GROUP("Ledger"),
    OPT_TEXT(0, "ledger", &folder, "FOLDER", "which ledger; the default is $GEO_LEDGER, else among the user's data"),
    OPT_GROUP("Running"),
    TOOL_SPEECH(&common),
    OPT_END,
};
static const tool_example VERIFY_EXAMPLES[] = {
    {"is this file exactly what was released, when, and by which policy?", "geosdc verify public.csv"},
    {NULL, NULL},
};
const tool GEOSDC_VERIFY = {"geosdc verify", "is a file exactly what was released, when, by which policy", VERIFY_SYNOPSIS, VERIFY_OPTIONS,
                            VERIFY_EXAMPLES};

static geo_status show(geo_ledger *ledger, int64_t id, bool all, geo_err *err)
{
    geo_ledger_entry e;
    const geo_status st = geo_ledger_get(ledger, id, &e, err);
    if (st < 0)
        return st;
    tool_print("%" PRId64 "  %s  %s  %s", e.id, e.time, e.kind, e.statement);
    if (all)
        tool_print("hash %s%s%s", e.hash, e.digest ? "  file " : "", e.digest ? e.digest : "");
    if (all && restricted && e.restricted)
        tool_print("%s", e.restricted);
    return GEO_OK;
}

static geo_status list(geo_err *err)
{
    geo_ledger *ledger = NULL;
    geo_status st = geo_ledger_open(ledger_folder(folder), false, NULL, &ledger, err);
    for (int64_t id = 1; st == GEO_OK && id <= geo_ledger_count(ledger); id++)
        st = show(ledger, id, false, err);
    geo_ledger_close(ledger);
    return st;
}

static geo_status show_one(int64_t id, geo_err *err)
{
    geo_ledger *ledger = NULL;
    geo_status st = geo_ledger_open(ledger_folder(folder), false, NULL, &ledger, err);
    if (st == GEO_OK)
        st = show(ledger, id, true, err);
    geo_ledger_close(ledger);
    return st;
}

static geo_status verify(geo_err *err)
{
    char head[65];
    int64_t n;
    const geo_status st = geo_ledger_verify(ledger_folder(folder), false, head, &n, err);
    if (st < 0)
        return st;
    if (expected && strcmp(expected, head) != 0)
        return geo_err_set(err, GEO_EFORMAT, "the ledger is whole, but its last entry is not the one that was noted: it was written anew");
    tool_print("%" PRId64 " entries, every byte as it was written; head %s", n, head);
    return GEO_OK;
}

int geosdc_ledger(int argc, char **argv)
{
    const char *operands[2] = {"", NULL};
    size_t n;
    int64_t id = 0;
    tool_parse(&GEOSDC_LEDGER, argc, argv, operands, 2, &n);
    const bool asks_list = strcmp(operands[0], "list") == 0, asks_show = strcmp(operands[0], "show") == 0;
    if (!asks_list && !asks_show && strcmp(operands[0], "verify") != 0)
        tool_usage(&GEOSDC_LEDGER, "say what to do: list, show or verify");
    if (asks_show ? !operands[1] || !geo_number_parse_int(operands[1], strlen(operands[1]), &id) : operands[1] != NULL)
        tool_usage(&GEOSDC_LEDGER, asks_show ? "say which entry, by its number" : "'%s' takes no operand", operands[0]);
    tool_start(&GEOSDC_LEDGER, &common);
    geo_err err;
    const geo_status st = asks_list ? list(&err) : asks_show ? show_one(id, &err) : verify(&err);
    return st < 0 ? tool_failed(&GEOSDC_LEDGER, st, &err) : tool_printed(&GEOSDC_LEDGER);
}

/* What the ledger says of a file; *found is false when it was never released. */
static geo_status look_up(const char *file, bool *found, const geo_watch *watch, geo_err *err)
{
    char hex[65];
    int64_t id = 0;
    geo_ledger *ledger = NULL;
    geo_status st = geo_digest_file(file, hex, watch, err);
    if (st == GEO_OK)
        st = geo_ledger_open(ledger_folder(folder), false, watch, &ledger, err);
    if (st == GEO_OK)
        st = geo_ledger_find(ledger, "release", hex, &id, err);
    *found = id > 0;
    if (st == GEO_OK && *found)
        st = show(ledger, id, false, err);
    geo_ledger_close(ledger);
    return st;
}

int geosdc_verify(int argc, char **argv)
{
    const char *file = NULL;
    size_t n;
    bool found = false;
    tool_parse(&GEOSDC_VERIFY, argc, argv, &file, 1, &n);
    if (!file)
        tool_usage(&GEOSDC_VERIFY, "name the file");
    const geo_watch *watch = tool_start(&GEOSDC_VERIFY, &common);
    geo_err err;
    const geo_status st = look_up(file, &found, watch, &err);
    if (st < 0)
        return tool_failed(&GEOSDC_VERIFY, st, &err);
    if (found)
        return tool_printed(&GEOSDC_VERIFY);
    tool_say(&GEOSDC_VERIFY, "no release is exactly this file: it was never released, or has changed since");
    return TOOL_FAILED;
}
