/* When not one record has found a place: the three usual mistakes, tried on the first few records. */
#include "join.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How many of the sampled places would be in an area if they were read so? */
static size_t would_hit(const join *j, const step *s, const char *crs, bool swapped)
{
    double x[SAMPLE], y[SAMPLE];
    int32_t row[SAMPLE];
    bool same = true;
    geo_transform *t = NULL;
    memcpy(x, swapped ? j->sample_y : j->sample_x, sizeof x);
    memcpy(y, swapped ? j->sample_x : j->sample_y, sizeof y);
    if (geo_crs_same(crs, s->areas_crs, &same, NULL) < 0 || (!same && geo_transform_new(crs, s->areas_crs, &j->o->moving, &t, NULL) < 0))
        return 0;
    const bool moved = !t || geo_transform_points(t, x, y, j->sample_n, NULL) == GEO_OK;
    geo_transform_free(t);
    size_t hits_n = 0;
    if (moved)
        geo_areas_locate(s->areas, x, y, j->sample_n, row, NULL);
    for (size_t i = 0; moved && i < j->sample_n; i++)
        hits_n += row[i] >= 0;
    return hits_n;
}

void geo_join_hint(join *j)
{
    const geo_schema *records = geo_reader_schema(j->reader);
    const ptrdiff_t at = geo_schema_geometry(records);
    const char *crs = at >= 0 ? records->fields[at].crs : NULL;
    const step *s = NULL;
    for (size_t i = 0; i < j->o->steps_n && !s; i++)
        s = j->steps[i].by_place ? &j->steps[i] : NULL;
    if (!s || !crs || j->sample_n == 0 || j->report->matched_n > 0 || j->report->faults.n[GEO_FAULT_OUTSIDE] == 0)
        return;
    char *hint = j->report->hint;
    const size_t room = sizeof j->report->hint;
    if (would_hit(j, s, crs, true) * 2 > j->sample_n)
        snprintf(hint, room, "with x and y exchanged the records would be in the areas: are the two columns swapped (--x, --y)?");
    else if (would_hit(j, s, "OGC:CRS84", false) * 2 > j->sample_n)
        snprintf(hint, room, "read as longitude and latitude the records would be in the areas: say --crs OGC:CRS84");
    else if (would_hit(j, s, "OGC:CRS84", true) * 2 > j->sample_n)
        snprintf(hint, room,
                 "read as latitude and longitude the records would be in the areas: say --crs OGC:CRS84 and exchange --x and --y");
    else if (would_hit(j, s, "EPSG:27700", false) * 2 > j->sample_n)
        snprintf(hint, room, "read as National Grid the records would be in the areas: say --crs EPSG:27700");
}
