/* The metadata of a FlatGeobuf header, which is JSON. */
#include "fgb.h"
#include "geo/init.h"

#include <jansson.h>
#include <string.h>

char *geo_fgb_about_text(const geo_fgb_about *about)
{
    json_t *all = json_pack("{s:{s:s,s:b,s:b,s:b}}", "libgeo", "version", geo_version(), "marks_last", about->marks_last, "geometry",
                            about->geometry, "geometry_of_columns", about->of_columns);
    char *text = all ? json_dumps(all, JSON_COMPACT) : NULL;
    json_decref(all);
    return text;
}

void geo_fgb_about_parse(const char *text, geo_fgb_about *about)
{
    json_t *all = text ? json_loads(text, 0, NULL) : NULL;
    const json_t *own = json_object_get(all, "libgeo");
    const json_t *word = json_object_get(own, GEO_CLASS_COLUMN);
    *about = (geo_fgb_about){.marks_last = json_is_true(json_object_get(own, "marks_last")),
                             .geometry = !json_is_false(json_object_get(own, "geometry")),
                             .of_columns = json_is_true(json_object_get(own, "geometry_of_columns"))};
    if (text && !all && strstr(text, GEO_CLASS_COLUMN)) /* there was one, and it is damaged */
        about->class_ = GEO_CLASS_SPECIAL;
    if (word && (!json_is_string(word) || !geo_class_parse(json_string_value(word), json_string_length(word), &about->class_)))
        about->class_ = GEO_CLASS_SPECIAL;
    json_decref(all);
}
