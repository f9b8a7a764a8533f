/* How a tool lives: start-up, signals, progress, telling faults and errors, and the exit status. */
#include "geo/init.h"
#include "geo/parallel.h"
#include "tool.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stop_signal;

static struct {
    const tool *tool;
    bool quiet, terminal, drawn;
    double start, next; /* when to draw again */
} life;

static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU}; /* those that can be heard: half files are taken away */

static void on_signal(int number)
{
    stop_signal = number;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void clear_progress(void)
{
    if (life.drawn)
        fputs("\r\033[K", stderr);
    life.drawn = false;
}

static void draw_progress(void *ctx, const char *what, int64_t done, int64_t total)
{
    (void)ctx;
    const double now = seconds();
    if (!life.terminal || life.quiet || now < life.next)
        return;
    life.next = now + 0.2;
    char shown[41];
    snprintf(shown, sizeof shown, "%s", what);
    tool_clean(shown);
    if (total > 0)
        fprintf(stderr, "\r\033[K%s: %s %3d %%", life.tool->name, shown, (int)(100 * (double)done / (double)total));
    else
        fprintf(stderr, "\r\033[K%s: %s %.0f s", life.tool->name, shown, now - life.start);
    life.drawn = true;
}

static void tell_note(void *ctx, const char *text)
{
    (void)ctx;
    clear_progress();
    if (!life.quiet)
        tool_say(life.tool, "%s", text);
}

static bool writes_file(const tool_common *c)
{
    return c->output && strcmp(c->output, "-") != 0 && strncmp(c->output, "/dev/", 5) != 0;
}

const geo_watch *tool_start(const tool *t, const tool_common *c)
{
    static geo_watch watch;
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none); /* a core file would hold records */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* as a full disk: the write fails, and half files are taken away */
    struct sigaction on = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}; /* a second Ctrl-C ends at once */
    sigemptyset(&on.sa_mask);
    for (size_t i = 0; i < sizeof ENDING / sizeof *ENDING; i++) {
        struct sigaction before;
        if (sigaction(ENDING[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) /* nohup stays nohup */
            sigaction(ENDING[i], &on, NULL);
    }
    life.tool = t;
    life.quiet = c->quiet;
    life.terminal = isatty(STDERR_FILENO) && (!isatty(STDOUT_FILENO) || writes_file(c)); /* not between the records */
    life.start = seconds();
    life.next = life.start + 0.5;
    watch = (geo_watch){.stop = &stop_signal, .progress = draw_progress, .note = tell_note, .detail = c->verbose ? tell_note : NULL};
    geo_err err;
    if (geo_init(&err) < 0) {
        tool_say(t, "%s", err.msg);
        exit(TOOL_FAILED);
    }
    return &watch;
}

void tool_reading(const tool_common *c, geo_reader_options *o)
{
    o->layer = c->layer;
    o->where = c->where;
    o->crs = c->crs;
    o->x = c->x;
    o->y = c->y;
    o->geometry_field = c->geometry_field;
    o->encoding = (geo_encoding)c->encoding;
}

void tool_moving(const tool_common *c, geo_transform_options *o)
{
    o->data_dir = getenv("GEO_DATA_DIR");
    o->require_grid = c->require_grid;
}

void tool_writing(const tool_common *c, geo_writer_options *o)
{
    o->format = c->format;
    o->force = c->force;
    o->release = c->release;
}

static void end_by(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

int tool_failed(const tool *t, geo_status st, const geo_err *err)
{
    clear_progress();
    if (st == GEO_EPIPE)
        end_by(SIGPIPE);
    if (st == GEO_ESTOP && stop_signal)
        end_by(stop_signal);
    tool_say(t, "%s", err->msg);
    return st == GEO_EARG ? TOOL_USAGE : st == GEO_EREFUSED ? TOOL_REFUSED : TOOL_FAILED;
}

int tool_tell_faults(const tool *t, const tool_common *c, const geo_faults *f, const char *unit)
{
    static const struct {
        geo_fault kind;
        bool skipped; /* the record is not what the user asked for: exit status 3 */
        const char *one, *many;
    } TELL[] = {
        {GEO_FAULT_RAGGED, true, "record has another number of fields than the header and is left out",
         "records have another number of fields than the header and are left out"},
        {GEO_FAULT_QUOTE, true, "record has text after a closing quote and is left out",
         "records have text after a closing quote and are left out"},
        {GEO_FAULT_CLASS, true, "record has an sdc_class that is none and counts as special",
         "records have an sdc_class that is none and count as special"},
        {GEO_FAULT_GEOMETRY, true, "record has coordinates that cannot be read", "records have coordinates that cannot be read"},
        {GEO_FAULT_FLATTENED, false, "record has heights or measures, which are left out",
         "records have heights or measures, which are left out"},
        {GEO_FAULT_VALUE, true, "value cannot be read as its column's type and is left out",
         "values cannot be read as their columns' types and are left out"},
        {GEO_FAULT_PLACELESS, true, "record has no coordinates", "records have no coordinates"},
        {GEO_FAULT_NOT_POINT, true, "record is no point or polygon", "records are no points or polygons"},
        {GEO_FAULT_NOT_AREA, true, "record is no polygon", "records are no polygons"},
        {GEO_FAULT_OUTSIDE, true, "record is in none of the areas", "records are in none of the areas"},
        {GEO_FAULT_NO_KEY, true, "record has no key", "records have no key"},
        {GEO_FAULT_UNKNOWN_KEY, true, "record has a key that the lookup does not have", "records have a key that the lookup does not have"},
        {GEO_FAULT_ROUNDED_KEY, true, "record has a UPRN that a spreadsheet has rounded, as 1.00012E+11, and is not matched",
         "records have UPRNs that a spreadsheet has rounded, as 1.00012E+11, and are not matched"},
        {GEO_FAULT_MENDED_KEY, false, "postcode was mended (O for 0, I for 1)", "postcodes were mended (O for 0, I for 1)"},
        {GEO_FAULT_SECTOR_KEY, false, "record has a postcode that the lookup does not have and was matched by its sector",
         "records have postcodes that the lookup does not have and were matched by their sectors"},
        {GEO_FAULT_OVERLAP, false, "record is in more than one area; it went to the one whose key sorts first",
         "records are in more than one area; they went to the one whose key sorts first"},
        {GEO_FAULT_STRADDLES, false, "polygon lies in more than one area; it went where most of it is",
         "polygons lie in more than one area; they went where most of each is"},
        {GEO_FAULT_NEAREST, false, "record is in none of the areas and went to the nearest",
         "records are in none of the areas and went to the nearest"},
        {GEO_FAULT_UNMOVED, true, "record has coordinates that cannot be moved to --out-crs and are left out",
         "records have coordinates that cannot be moved to --out-crs and are left out"},
        {GEO_FAULT_NUMBER, true, "value to be summed is not a number and is left out of the sums",
         "values to be summed are not numbers and are left out of the sums"},
        {GEO_FAULT_SUPPRESSED, false, "value to be summed is suppressed and is left out of the sums",
         "values to be summed are suppressed and are left out of the sums"},
        {GEO_FAULT_MISSING, false, "value to be summed is empty and is left out of the sums",
         "values to be summed are empty and are left out of the sums"},
    };
    int status = TOOL_OK;
    clear_progress();
    for (size_t i = 0; i < sizeof TELL / sizeof *TELL; i++) {
        const int64_t n = f->n[TELL[i].kind];
        char lines[200];
        if (n == 0)
            continue;
        if (TELL[i].skipped)
            status = TOOL_SKIPPED;
        geo_faults_lines(f, TELL[i].kind, unit, lines, sizeof lines);
        if (!c->quiet)
            tool_say(t, "%" PRId64 " %s: %s", n, n == 1 ? TELL[i].one : TELL[i].many, lines);
    }
    return status;
}

void tool_tell_moved(const tool *t, const char *by, double accuracy_m)
{
    if (*by && accuracy_m >= 0)
        tool_say(t, "coordinates moved by %s, accurate to %g m", by, accuracy_m);
    else if (*by)
        tool_say(t, "coordinates moved by %s, accuracy unknown", by);
}
