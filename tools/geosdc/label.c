/* geosdc label: say how sensitive files are, beside them and in the ledger. */
#include "commands.h"
#include "geo/sdc.h"
#include "geo/sidecar.h"
#include "secret.h"

#include <stdio.h>
#include <string.h>

#define MOST_FILES 4096

static tool_common common;
static struct {
    const char *class_, *source, *licence, *ledger, *author;
} o;

static const char *const SYNOPSIS[] = {"--class CLASS [--source TEXT] [--licence TEXT] FILE...", NULL};
static const tool_opt OPTIONS[] = {
    OPT_GROUP("Label"),
    OPT_TEXT(0, "class", &o.class_, "CLASS", "how sensitive: open, official, personal or special"),
    OPT_TEXT(0, "source", &o.source, "TEXT", "who published it"),
    OPT_TEXT(0, "licence", &o.licence, "TEXT", "under which licence: OGL-UK-3.0"),
    OPT_TEXT(0, "author", &o.author, "NAME", "who says so, for the ledger; the default is the user"),
    OPT_TEXT(0, "ledger", &o.ledger, "FOLDER", "where labels are written down; the default is $GEO_LEDGER, else among the user's data"),
    OPT_FLAG(0, "force", &common.force, "also where the file has a label that is more sensitive"),
    OPT_GROUP("Running"),
    TOOL_SPEECH(&common),
    OPT_END,
};
static const tool_example EXAMPLES[] = {
    {"say that a file is published under an open licence", "geosdc label --class open --source MHCLG --licence OGL-UK-3.0 imd.csv"},
    {NULL, NULL},
};
const tool GEOSDC_LABEL = {"geosdc label", "say how sensitive files are, beside them and in the ledger", SYNOPSIS, OPTIONS, EXAMPLES};

/* A file, labelled and written down. */
static geo_status label_one(geo_ledger *ledger, const char *file, const geo_label *label, const geo_watch *watch, geo_err *err)
{
    char hex[65];
    int64_t id;
    geo_status st = geo_sidecar_write(file, label, common.force, watch, err);
    if (st == GEO_OK)
        st = geo_digest_file(file, hex, watch, err);
    return st == GEO_OK ? geo_sdc_record_label(ledger, file, hex, label, o.author, &id, err) : st;
}

int geosdc_label(int argc, char **argv)
{
    static const char *files[MOST_FILES];
    size_t files_n;
    geo_label label = {.known = true};
    tool_parse(&GEOSDC_LABEL, argc, argv, files, MOST_FILES, &files_n);
    if (!o.class_ || !geo_class_parse(o.class_, strlen(o.class_), &label.class_))
        tool_usage(&GEOSDC_LABEL, "say with --class how sensitive: open, official, personal or special");
    if (!files_n)
        tool_usage(&GEOSDC_LABEL, "name the files");
    if ((o.source && strlen(o.source) >= sizeof label.source) || (o.licence && strlen(o.licence) >= sizeof label.licence))
        tool_usage(&GEOSDC_LABEL, "--source and --licence are shorter than %zu and %zu bytes", sizeof label.source, sizeof label.licence);
    o.author = ledger_author(o.author);
    snprintf(label.source, sizeof label.source, "%s", o.source ? o.source : "");
    snprintf(label.licence, sizeof label.licence, "%s", o.licence ? o.licence : "");
    const geo_watch *watch = tool_start(&GEOSDC_LABEL, &common);
    geo_ledger *ledger = NULL;
    geo_err err;
    geo_status st = geo_ledger_open(ledger_folder(o.ledger), true, watch, &ledger, &err);
    for (size_t i = 0; st == GEO_OK && i < files_n; i++)
        st = label_one(ledger, files[i], &label, watch, &err);
    geo_ledger_close(ledger);
    return st < 0 ? tool_failed(&GEOSDC_LABEL, st, &err) : TOOL_OK;
}
