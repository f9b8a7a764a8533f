/*
 * The frame of every tool: one option table behind the parser, --help, --json-usage, the manual page and bash completion; messages,
 * progress, signals and exit statuses the same everywhere.
 */
#ifndef TOOLS_COMMON_TOOL_H
#define TOOLS_COMMON_TOOL_H

#include "geo/crs.h"
#include "geo/label.h"
#include "geo/policy.h"
#include "geo/reader.h"
#include "geo/status.h"
#include "geo/watch.h"
#include "geo/writer.h"

#include <stdbool.h>
#include <stddef.h>

/* Exit statuses. */
enum { TOOL_OK = 0, TOOL_FAILED = 1, TOOL_USAGE = 2, TOOL_SKIPPED = 3, TOOL_REFUSED = 4 };

typedef enum tool_kind {
    TOOL_END,
    TOOL_GROUP,  /* a heading in --help */
    TOOL_FLAG,   /* bool */
    TOOL_TEXT,   /* const char * */
    TOOL_MAYBE,  /* --name or --name=TEXT: const char *, "" without a text */
    TOOL_WHOLE,  /* int, in [low, high] */
    TOOL_WORDS,  /* NULL-ended const char *const *, from a comma-separated list; given again, it grows */
    TOOL_CHOICE, /* int: position in the words of `choices` */
    TOOL_CALL    /* call(): where the order of options matters; takes no value when it has no argument */
} tool_kind;

typedef struct tool_opt {
    tool_kind kind;
    char letter; /* 0: none */
    const char *name;
    void *value;
    const char *argument; /* what stands for it in the help */
    const char *help;
    const char *const *choices;
    int low, high;
    bool (*call)(void *value, const char *text, char *problem, size_t room); /* false: problem says why */
} tool_opt;

#define OPT_GROUP(title)                                                                                                                   \
    {                                                                                                                                      \
        TOOL_GROUP, 0, title, NULL, NULL, NULL, NULL, 0, 0, NULL                                                                           \
    }
#define OPT_FLAG(letter, name, value, help)                                                                                                \
    {                                                                                                                                      \
        TOOL_FLAG, letter, name, value, NULL, help, NULL, 0, 0, NULL                                                                       \
    }
#define OPT_TEXT(letter, name, value, argument, help)                                                                                      \
    {                                                                                                                                      \
        TOOL_TEXT, letter, name, value, argument, help, NULL, 0, 0, NULL                                                                   \
    }
#define OPT_MAYBE(letter, name, value, argument, help)                                                                                     \
    {                                                                                                                                      \
        TOOL_MAYBE, letter, name, value, argument, help, NULL, 0, 0, NULL                                                                  \
    }
#define OPT_WHOLE(letter, name, value, argument, low, high, help)                                                                          \
    {                                                                                                                                      \
        TOOL_WHOLE, letter, name, value, argument, help, NULL, low, high, NULL                                                             \
    }
#define OPT_WORDS(letter, name, value, argument, help)                                                                                     \
    {                                                                                                                                      \
        TOOL_WORDS, letter, name, value, argument, help, NULL, 0, 0, NULL                                                                  \
    }
#define OPT_CHOICE(letter, name, value, choices, help)                                                                                     \
    {                                                                                                                                      \
        TOOL_CHOICE, letter, name, value, NULL, help, choices, 0, 0, NULL                                                                  \
    }
#define OPT_CALL(letter, name, value, argument, call, help)                                                                                \
    {                                                                                                                                      \
        TOOL_CALL, letter, name, value, argument, help, NULL, 0, 0, call                                                                   \
    }
#define OPT_END                                                                                                                            \
    {                                                                                                                                      \
        TOOL_END, 0, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL                                                                              \
    }

typedef struct tool_example {
    const char *what, *command;
} tool_example;

typedef struct tool {
    const char *name;
    const char *summary;         /* one line, for --help and the manual's NAME */
    const char *const *synopsis; /* NULL-ended, without the name */
    const tool_opt *opts;
    const tool_example *examples; /* ended by {NULL, NULL} */
} tool;

/* What every tool understands. Zero it; its options stand in the table through TOOL_COMMON. */
typedef struct tool_common {
    const char *output, *format, *layer, *where, *crs, *out_crs, *x, *y, *geometry_field, *policy_file;
    int encoding, class_, threads;
    bool require_grid, release, force, quiet, verbose;
} tool_common;

extern const char *const TOOL_ENCODINGS[], *const TOOL_CLASSES[];

#define TOOL_INPUT(c)                                                                                                                      \
    OPT_GROUP("Input"), OPT_TEXT(0, "layer", &(c)->layer, "NAME", "layer of the records, in formats that have layers"),                    \
        OPT_TEXT(0, "where", &(c)->where, "SQL", "take only records for which SQL is true; in CSV numbers take CAST(FIELD AS FLOAT)"),     \
        OPT_CHOICE(0, "encoding", &(c)->encoding, TOOL_ENCODINGS, "how CSV of every input is encoded; output is always utf-8"),            \
        OPT_CHOICE(0, "class", &(c)->class_, TOOL_CLASSES, "treat every input as at least this sensitive"),                                \
        OPT_TEXT(0, "policy", &(c)->policy_file, "FILE", "disclosure policy, see geo-policy(5)")
#define TOOL_PLACE(c)                                                                                                                      \
    OPT_TEXT(0, "crs", &(c)->crs, "CRS", "the records' coordinates are in CRS, whatever the file says; EPSG:27700 is National Grid"),      \
        OPT_FLAG(0, "require-grid", &(c)->require_grid,                                                                                    \
                 "never move coordinates between WGS 84 and National Grid without the OSTN15 shifts"),                                     \
        OPT_TEXT('x', "x", &(c)->x, "FIELD", "CSV: field of eastings or longitudes (found by name when it is easting, lon or longitude)"), \
        OPT_TEXT('y', "y", &(c)->y, "FIELD", "CSV: field of northings or latitudes"),                                                      \
        OPT_TEXT(0, "geometry-field", &(c)->geometry_field, "FIELD",                                                                       \
                 "CSV: field of well-known text; elsewhere which geometry, if there are several")
#define TOOL_OUTPUT(c)                                                                                                                     \
    OPT_GROUP("Output"),                                                                                                                   \
        OPT_TEXT('o', "output", &(c)->output, "FILE", "write FILE instead of standard output; its extension chooses the format"),          \
        OPT_TEXT(0, "format", &(c)->format, "NAME",                                                                                        \
                 "format of the output: csv, fgb, geojsonl, or the short name of a GDAL format such as GPKG"),                             \
        OPT_FLAG(0, "force", &(c)->force, "replace an output file that exists")
#define TOOL_SPEECH(c)                                                                                                                     \
    OPT_FLAG('q', "quiet", &(c)->quiet, "no notes and no progress; errors are still told"),                                                \
        OPT_FLAG('v', "verbose", &(c)->verbose, "say what was done, on how many records")
#define TOOL_RUNNING(c)                                                                                                                    \
    OPT_GROUP("Running"),                                                                                                                  \
        OPT_WHOLE('j', "threads", &(c)->threads, "N", 1, 1024, "use N threads; the default is one a processor. The result is the same"),   \
        TOOL_SPEECH(c)
#define TOOL_COMMON(c)                                                                                                                     \
    TOOL_INPUT(c), TOOL_PLACE(c), TOOL_OUTPUT(c), OPT_TEXT(0, "out-crs", &(c)->out_crs, "CRS", "move the output's coordinates to CRS"),    \
        OPT_FLAG(0, "release", &(c)->release, "write a release: no sdc_class column, and only open records pass the gate"),                \
        TOOL_RUNNING(c)

/* A tool of several commands, "geosdc check": each is a tool of its own, whose name is both words. */
typedef struct tool_command {
    const tool *tool;
    int (*run)(int argc, char **argv);
} tool_command;

/* Run the command that argv names, or help to find it. commands end in {NULL, NULL}. */
int tool_commands(const char *name, const char *summary, const tool_command *commands, int argc, char **argv);

/*
 * Parse argv into the table's values; operands are moved to the front of *operands. --help, --version, --json-usage, --help-man and
 * --completion print and exit with status 0; wrong usage prints one line and the synopsis and exits with status 2.
 */
void tool_parse(const tool *t, int argc, char **argv, const char **operands, size_t most, size_t *operands_n);

/* Split at commas into words that live as long as the process, after those `before` (may be NULL); NULL when one of them is empty. */
const char *const *tool_words(const char *text, const char *const *before);

/* One line on standard output, for commands whose answer is text and not a table. */
void tool_print(const char *fmt, ...) GEO_PRINTF(1, 2);

/* Text of several lines on standard output, as it is. */
void tool_print_text(const char *text);

/* Make sure that all of it was written: the exit status, TOOL_OK or what tool_failed says. */
int tool_printed(const tool *t);

/* One line on standard error, after the tool's name. */
void tool_say(const tool *t, const char *fmt, ...) GEO_PRINTF(2, 3);

/* Put '?' in place of control characters, which could change a terminal or feign a line: names of files may have them. */
void tool_clean(char *text);

/* Wrong usage found after parsing: says it with the synopsis and exits with status 2. */
_Noreturn void tool_usage(const tool *t, const char *fmt, ...) GEO_PRINTF(2, 3);

/* Set up the process: signals, no core files, libgeo. Returns what long calls tell progress to. Exits with status 1 when it cannot. */
const geo_watch *tool_start(const tool *t, const tool_common *c);

/* Reading, moving and writing as the common options say. GEO_DATA_DIR of the environment is the folder of libgeo's data, if it is set. */
void tool_reading(const tool_common *c, geo_reader_options *o);
void tool_moving(const tool_common *c, geo_transform_options *o);
void tool_writing(const tool_common *c, geo_writer_options *o);

/* Tell the error and return the exit status for it; a broken pipe or an interrupt ends the process as the signal would. */
int tool_failed(const tool *t, geo_status st, const geo_err *err);

/* Tell what was wrong with some records; returns TOOL_SKIPPED when any was left out or not matched, else TOOL_OK. */
int tool_tell_faults(const tool *t, const tool_common *c, const geo_faults *f, const char *unit);

/* Tell by which operation coordinates were moved ("": none were) and how accurate it is (negative: unknown). */
void tool_tell_moved(const tool *t, const char *by, double accuracy_m);

/* tools/common/help.c */
void tool_print_help(const tool *t);
void tool_print_synopsis(const tool *t, bool to_stderr);
void tool_print_man(const tool *t);
void tool_print_json(const tool *t);
void tool_print_completion(const tool *t);
void tool_print_completion_function(const tool *t);

#endif
