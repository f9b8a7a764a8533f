/* What geojoin is told on its command line, and the calls that put options there. */
#ifndef TOOLS_GEOJOIN_STEPS_H
#define TOOLS_GEOJOIN_STEPS_H

#include "common/tool.h"
#include "geo/join.h"

#define MOST_STEPS 32

typedef struct settings {
    tool_common common;
    geo_join_step steps[MOST_STEPS], via[MOST_STEPS];
    geo_join_options o;
    geo_join_figures figures;
    const char *count, *areal;
    int unmatched;
} settings;

/* value is the settings; false with the problem in words. --areas, --lookup and --via begin a step, the others belong to the last. */
bool add_areas(void *value, const char *text, char *problem, size_t room);
bool add_lookup(void *value, const char *text, char *problem, size_t room);
bool set_area_key(void *value, const char *text, char *problem, size_t room);
bool set_area_fields(void *value, const char *text, char *problem, size_t room);
bool set_area_crs(void *value, const char *text, char *problem, size_t room);
bool set_every(void *value, const char *text, char *problem, size_t room);
bool set_nearest(void *value, const char *text, char *problem, size_t room);
bool set_on(void *value, const char *text, char *problem, size_t room);
bool set_fields(void *value, const char *text, char *problem, size_t room);
bool set_or_sector(void *value, const char *text, char *problem, size_t room);
bool add_via(void *value, const char *text, char *problem, size_t room);
bool set_rate(void *value, const char *text, char *problem, size_t room);

#endif
