/* geosdc policy: check a policy, say it in sentences, show the one that is built in. */
#include "commands.h"
#include "geo/policy.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static tool_common common;

static const char *const SYNOPSIS[] = {"lint FILE", "explain [FILE]", "show", NULL};
static const tool_opt OPTIONS[] = {OPT_GROUP("Running"), TOOL_SPEECH(&common), OPT_END};
static const tool_example EXAMPLES[] = {
    {"say what a policy means, rule by rule", "geosdc policy explain council.policy"},
    {"start a policy of one's own from the one that is built in", "geosdc policy show > council.policy"},
    {NULL, NULL},
};
const tool GEOSDC_POLICY = {"geosdc policy", "check a policy, say it in sentences, show the built-in one", SYNOPSIS, OPTIONS, EXAMPLES};

static void say(void *ctx, int line, const char *sentence)
{
    (void)ctx;
    if (line)
        tool_print("line %d: %s", line, sentence);
    else
        tool_print("%s", sentence);
}

static geo_status read_policy(const char *file, geo_policy **out, geo_err *err)
{
    const char *text = geo_policy_default();
    return file ? geo_policy_read(file, out, err) : geo_policy_parse("the built-in policy", text, strlen(text), out, err);
}

int geosdc_policy(int argc, char **argv)
{
    const char *operands[2] = {NULL, NULL};
    size_t n;
    tool_parse(&GEOSDC_POLICY, argc, argv, operands, 2, &n);
    const char *what = operands[0] ? operands[0] : "", *file = operands[1];
    const bool lint = strcmp(what, "lint") == 0, explain = strcmp(what, "explain") == 0, show = strcmp(what, "show") == 0;
    if (!lint && !explain && !show)
        tool_usage(&GEOSDC_POLICY, "say what to do: lint, explain or show");
    if ((lint && !file) || (show && file))
        tool_usage(&GEOSDC_POLICY, lint ? "name the file of the policy" : "show takes no file: it shows the built-in policy");
    tool_start(&GEOSDC_POLICY, &common);
    if (show) {
        tool_print_text(geo_policy_default());
        return tool_printed(&GEOSDC_POLICY);
    }
    geo_policy *policy = NULL;
    geo_err err;
    char warning[256];
    const geo_status st = read_policy(file, &policy, &err);
    if (st < 0)
        return tool_failed(&GEOSDC_POLICY, st, &err);
    if (geo_policy_is_overdue(policy, (int32_t)(time(NULL) / 86400), warning, sizeof warning) && !common.quiet)
        tool_say(&GEOSDC_POLICY, "%s", warning);
    if (explain)
        geo_policy_explain(policy, say, NULL);
    geo_policy_free(policy);
    return tool_printed(&GEOSDC_POLICY);
}
