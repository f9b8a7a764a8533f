/* Options of geojoin that stand for several things at once: the steps, each with the options that follow it, and lookups on the way. */
#include "steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* FILE or FILE:LAYER; a file whose own name has a colon is found first. */
static bool set_file(geo_join_step *step, bool by_place, const char *text)
{
    *step = (geo_join_step){.by_place = by_place, .file = text};
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text || strchr(colon, '/') || geo_name_shown(text) != text || access(text, F_OK) == 0)
        return true;
    step->file = strndup(text, (size_t)(colon - text));
    step->layer = colon + 1;
    return step->file != NULL;
}

static bool add_step(settings *s, bool by_place, const char *text, char *problem, size_t room)
{
    if (s->o.steps_n < MOST_STEPS)
        return set_file(&s->steps[s->o.steps_n++], by_place, text);
    snprintf(problem, room, "at most %d of --areas and --lookup together", MOST_STEPS);
    return false;
}

bool add_areas(void *value, const char *text, char *problem, size_t room)
{
    return add_step(value, true, text, problem, room);
}

bool add_lookup(void *value, const char *text, char *problem, size_t room)
{
    return add_step(value, false, text, problem, room);
}

/* The step that an option belongs to: the last one, of the right kind. */
static geo_join_step *current(settings *s, bool by_place, char *problem, size_t room)
{
    if (s->o.steps_n && s->steps[s->o.steps_n - 1].by_place == by_place)
        return &s->steps[s->o.steps_n - 1];
    snprintf(problem, room, "belongs to the %s before it, and there is none", by_place ? "--areas" : "--lookup");
    return NULL;
}

/* One of the step's texts, which can be set once. */
static bool set_once(const char **to, const char *text, char *problem, size_t room)
{
    if (*to)
        snprintf(problem, room, "is given twice for one step");
    else
        *to = text;
    return *to == text;
}

/* Names of fields to attach: "A,B:NEW". */
static bool set_names(geo_join_step *step, const char *text, char *problem, size_t room)
{
    if (!step)
        return false;
    if (step->fields) {
        snprintf(problem, room, "is given twice for one step: name the fields together, separated by commas");
        return false;
    }
    step->fields = tool_words(text, NULL);
    bool ok = step->fields != NULL;
    for (size_t i = 0; ok && step->fields[i]; i++)
        ok = step->fields[i][0] != ':' && step->fields[i][strlen(step->fields[i]) - 1] != ':';
    if (!ok)
        snprintf(problem, room, "takes names separated by commas, each FIELD or FIELD:NEW");
    return ok;
}

bool set_area_key(void *value, const char *text, char *problem, size_t room)
{
    geo_join_step *step = current(value, true, problem, room);
    if (*text != '\0' && *text != ':' && text[strlen(text) - 1] != ':')
        return step && set_once(&step->key, text, problem, room);
    snprintf(problem, room, "takes FIELD or FIELD:NEW");
    return false;
}

bool set_area_fields(void *value, const char *text, char *problem, size_t room)
{
    return set_names(current(value, true, problem, room), text, problem, room);
}

bool set_area_crs(void *value, const char *text, char *problem, size_t room)
{
    geo_join_step *step = current(value, true, problem, room);
    return step && set_once(&step->crs, text, problem, room);
}

bool set_every(void *value, const char *text, char *problem, size_t room)
{
    geo_join_step *step = current(value, true, problem, room);
    (void)text; /* it takes none */
    return step && (step->every = true);
}

/* A number above zero, all of the text. */
static bool read_positive(const char *text, double most, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && *value > 0 && *value <= most;
}

bool set_nearest(void *value, const char *text, char *problem, size_t room)
{
    geo_join_step *step = current(value, true, problem, room);
    if (!step || read_positive(text, 1e6, &step->nearest_m))
        return step != NULL;
    snprintf(problem, room, "takes metres, above 0 and at most a million");
    return false;
}

bool set_on(void *value, const char *text, char *problem, size_t room)
{
    geo_join_step *step = current(value, false, problem, room);
    if (!step)
        return false;
    const char *equals = strchr(text, '=');
    char *on = strndup(text, equals ? (size_t)(equals - text) : strlen(text));
    if (!on)
        abort();
    step->key = equals ? equals + 1 : NULL;
    return set_once(&step->on, on, problem, room);
}

bool set_fields(void *value, const char *text, char *problem, size_t room)
{
    return set_names(current(value, false, problem, room), text, problem, room);
}

bool set_or_sector(void *value, const char *text, char *problem, size_t room)
{
    geo_join_step *step = current(value, false, problem, room);
    (void)text; /* it takes none */
    return step && (step->or_sector = true);
}

bool add_via(void *value, const char *text, char *problem, size_t room)
{
    settings *s = value;
    if (s->figures.via_n < MOST_STEPS)
        return set_file(&s->via[s->figures.via_n++], false, text);
    snprintf(problem, room, "at most %d of --via", MOST_STEPS);
    return false;
}

bool set_rate(void *value, const char *text, char *problem, size_t room)
{
    settings *s = value;
    if (read_positive(text, 1e12, &s->o.rate_per))
        return true;
    snprintf(problem, room, "takes a number above 0, such as 1000");
    return false;
}
