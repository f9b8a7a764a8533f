/* Counting faulty rows. */
#include "geo/faults.h"

#include <inttypes.h>
#include <stdio.h>

void geo_faults_add(geo_faults *f, geo_fault kind, int64_t line)
{
    int64_t *lines = f->line[kind];
    int64_t at = f->n[kind] < GEO_FAULT_LINES ? f->n[kind] : GEO_FAULT_LINES;
    for (; at > 0 && lines[at - 1] > line; at--) /* steps find theirs one after another */
        if (at < GEO_FAULT_LINES)
            lines[at] = lines[at - 1];
    if (at < GEO_FAULT_LINES)
        lines[at] = line;
    f->n[kind]++;
}

void geo_faults_merge(geo_faults *into, const geo_faults *part, int64_t first_line)
{
    for (int k = 0; k < GEO_FAULTS_N; k++) {
        for (int64_t i = 0; i < part->n[k] && i < GEO_FAULT_LINES; i++)
            if (into->n[k] + i < GEO_FAULT_LINES)
                into->line[k][into->n[k] + i] = part->line[k][i] + first_line;
        into->n[k] += part->n[k];
    }
}

size_t geo_faults_lines(const geo_faults *f, geo_fault kind, const char *unit, char *text, size_t room)
{
    const int64_t all = f->n[kind], shown = all < GEO_FAULT_LINES ? all : GEO_FAULT_LINES;
    size_t n = (size_t)snprintf(text, room, "%s%s ", unit, all == 1 ? "" : "s");
    for (int64_t i = 0; i < shown && n < room; i++) {
        const char *joint = i == 0 ? "" : i == all - 1 ? " and " : ", ";
        n += (size_t)snprintf(text + n, room - n, "%s%" PRId64, joint, f->line[kind][i]);
    }
    if (all > shown && n < room)
        n += (size_t)snprintf(text + n, room - n, " and %" PRId64 " more", all - shown);
    return n < room ? n : room - 1;
}
