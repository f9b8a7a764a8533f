/* What the commands of geosdc that read a table of counts have in common. */
#ifndef TOOLS_GEOSDC_TABLE_H
#define TOOLS_GEOSDC_TABLE_H

#include "common/tool.h"
#include "geo/sdc.h"

#define TABLE_LOOKUPS 16
#define TABLE_SIZES 12

/* Static in every command: its options point into it. */
typedef struct table_settings {
    geo_sdc_table table;
    geo_sdc_file lookups[TABLE_LOOKUPS];
    const char *audience;
    int grid_m[TABLE_SIZES];
    bool grid_of_policy;
    tool_common common;
} table_settings;

bool table_add_lookup(void *settings, const char *text, char *problem, size_t room);
bool table_set_rounded(void *settings, const char *text, char *problem, size_t room);
bool table_add_sum(void *settings, const char *text, char *problem, size_t room);
bool table_set_grid(void *settings, const char *text, char *problem, size_t room);
bool table_add_mark(void *settings, const char *text, char *problem, size_t room);

#define TABLE_OPTIONS(s)                                                                                                                   \
    OPT_GROUP("Table: what is counted, and by what"),                                                                                      \
        OPT_TEXT('a', "area", &(s)->table.area, "FIELD[=LEVEL]",                                                                           \
                 "field of the codes of areas, and the lookups' column of these, if it has another name"),                                 \
        OPT_CALL(0, "grid", s, "SIZES", table_set_grid,                                                                                    \
                 "records with coordinates: areas are squares of a grid, 1km,2km,4km; 'policy': those of the policy"),                     \
        OPT_WORDS('b', "by", &(s)->table.by, "A,B", "fields of categories: age band, service, sex; A+B: both together are one"),           \
        OPT_WORDS('c', "count", &(s)->table.counts, "A,B", "fields of counts; without them each row is a record, and counts once"),        \
        OPT_TEXT(0, "value", &(s)->table.value, "FIELD", "records: field of an amount to add up as well (spend, floor space)"),            \
        OPT_TEXT(0, "contributor", &(s)->table.contributor, "FIELD",                                                                       \
                 "whose amount it is, for rules on dominance; without it each record is another's"),                                       \
        OPT_CALL(0, "sum", s, "TOTAL=A+B", table_add_sum, "one field of counts is the sum of others; can be given more than once"),        \
        OPT_TEXT(0, "total", &(s)->table.total, "WORD", "what stands for all categories, or all areas, together; the default is Total"),   \
        OPT_TEXT('t', "tables", &(s)->table.tables, "A*B+C:D",                                                                             \
                 "which tables are shown: A*B with all totals, C:D without; the default is the rows that there are"),                      \
        OPT_FLAG('m', "margins", &(s)->table.margins, "show all totals of the tables too"),                                                \
        OPT_CALL(0, "rounded", s, "BASE", table_set_rounded, "the counts were rounded to this base, so totals need not add up"),           \
        OPT_GROUP("Areas: how they fit together"),                                                                                         \
        OPT_CALL('l', "lookup", s, "FILE[:LAYER]", table_add_lookup,                                                                       \
                 "what areas lie in: a column of codes for each level; can be given more than once"),                                      \
        OPT_WORDS(0, "levels", &(s)->table.levels, "A,B",                                                                                  \
                  "columns of the lookups to climb by; the default is all whose name ends in cd or code"),                                 \
        OPT_FLAG(0, "best-fit", &(s)->table.best_fit, "the lookups put each area whole where it fits best")
#define TABLE_AUDIENCE(s)                                                                                                                  \
    OPT_TEXT(0, "to", &(s)->audience, "AUDIENCE", "whom it is for, as the policy calls them; the default is the public")

/* Read the policy, the built-in one without --policy, and warn when it should have been reviewed. */
geo_status table_policy(const tool *t, const tool_common *common, geo_policy **policy, geo_err *err);

/*
 * Read the policy (the built-in one without --policy), warn when it should have been reviewed, and make the table ready. On GEO_OK the
 * policy is the caller's to free.
 */
geo_status table_begin(const tool *t, table_settings *s, const char *file, const geo_watch *watch, geo_policy **policy, geo_err *err);

#endif
