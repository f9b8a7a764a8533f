/*
 * workload OUTDIR [options]: writes a join benchmark's areas, points, lookup and keys into OUTDIR.
 *
 * README.md says what the files hold. Not part of the sample borough: nothing here is planted, it is only large.
 */
#include "workload.h"

#include "must.h"
#include "output.h"

#include <stdio.h>
#include <string.h>

static const char *const SYNOPSIS = "workload OUTDIR [--areas N] [--points N,N,...] [--seed N] [--sorted] [--lookup-rows N] [--keys N]";

enum { POINT_FILES_MOST = 16, AREAS_LEAST = 100, AREAS_MOST = 199999 /* times 5 OAs: six digits */, LOOKUP_MOST = 5000000 };
static const uint64_t POINTS_MOST = 999000000; /* so that all UPRNs begin with 999 */

typedef struct settings {
    const char *outdir;
    uint64_t seed, areas_n, lookup_n, keys_n;
    uint64_t points_n[POINT_FILES_MOST];
    int point_files_n;
    bool sorted;
} settings;

static void parse_points(settings *s, const char *list)
{
    s->point_files_n = 0;
    for (const char *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
        char number[24];
        const size_t n = strcspn(p, ",");
        if (n >= sizeof number || s->point_files_n == POINT_FILES_MOST)
            die_usage(SYNOPSIS, "cannot use '%s' as numbers of points", list);
        snprintf(number, sizeof number, "%.*s", (int)n, p);
        s->points_n[s->point_files_n++] = must_number(SYNOPSIS, "--points", number, 1, POINTS_MOST);
    }
}

static void parse(settings *s, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *option = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
        bool takes_value = true;
        if (strcmp(option, "--help") == 0)
            print_usage(SYNOPSIS);
        else if (strcmp(option, "--areas") == 0)
            s->areas_n = must_number(SYNOPSIS, option, value, AREAS_LEAST, AREAS_MOST);
        else if (strcmp(option, "--points") == 0)
            parse_points(s, value);
        else if (strcmp(option, "--seed") == 0)
            s->seed = must_number(SYNOPSIS, option, value, 0, UINT64_MAX);
        else if (strcmp(option, "--lookup-rows") == 0)
            s->lookup_n = must_number(SYNOPSIS, option, value, 1, LOOKUP_MOST);
        else if (strcmp(option, "--keys") == 0)
            s->keys_n = must_number(SYNOPSIS, option, value, 0, POINTS_MOST);
        else {
            takes_value = false;
            if (strcmp(option, "--sorted") == 0)
                s->sorted = true;
            else if (*option != '-' && *option != '\0' && !s->outdir)
                s->outdir = option;
            else
                die_usage(SYNOPSIS, "cannot use '%s'", option);
        }
        i += takes_value;
    }
    if (!s->outdir)
        die_usage(SYNOPSIS, "no folder to write to");
}

int main(int argc, char **argv)
{
    program_name = "workload";
    settings s = {.seed = 1, .areas_n = 34000, .lookup_n = 2600000, .keys_n = 1000000, .points_n = {1000000, 5000000}, .point_files_n = 2};
    parse(&s, argc, argv);
    out_make_folder(s.outdir);
    workload w = {.seed = s.seed, .areas_n = (uint32_t)s.areas_n};
    workload_make_areas(&w);
    workload_write_areas(&w, s.outdir);
    for (int i = 0; i < s.point_files_n; i++)
        workload_write_points(&w, s.outdir, s.points_n[i], s.sorted);
    workload_write_keys(&w, s.outdir, s.lookup_n, s.keys_n);
    workload_clear(&w);
    return 0;
}
