/* Areas once they are there: the order of their keys, and what has to be said about them. */
#include "join.h"

#include "../table/column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TANGLES_NAMED 5

bool geo_join_may_name(const step *s)
{
    return !s->labelled || s->class_ <= GEO_CLASS_OFFICIAL;
}

typedef struct ranked {
    const char *text;
    size_t n;
    int32_t area;
} ranked;

static int by_text(const void *a, const void *b)
{
    const ranked *p = a, *q = b;
    const int c = geo_text_order(p->text, p->n, q->text, q->n);
    return c ? c : p->area < q->area ? -1 : p->area > q->area;
}

static geo_status repeated_key(const step *s, const char *file, const char *field, const ranked *a, const ranked *b, geo_err *err)
{
    char which[80] = "one key";
    if (geo_join_may_name(s))
        snprintf(which, sizeof which, "'%.*s'", (int)(a->n < 60 ? a->n : 60), a->text);
    return geo_err_set(err, GEO_EFORMAT,
                       "%s stands twice in field '%s' of '%s' (areas %d and %d): name a field of unique codes with --area-key, or dissolve "
                       "the areas first",
                       which, field, file, a->area + 1, b->area + 1);
}

geo_status geo_join_rank_areas(const step *s, const char *file, const char *field, size_t n, int32_t *rank, geo_err *err)
{
    const geo_column *key = &geo_table_columns(s->area_table)[0];
    ranked *all = calloc(n + 1, sizeof *all);
    geo_arena arena = {0};
    geo_status st = all ? GEO_OK : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < n; i++) {
        char room[GEO_VALUE_ROOM];
        const char *text = geo_column_print(key, i, room, &all[i].n);
        all[i].area = (int32_t)i;
        if (all[i].n == 0)
            st = geo_err_set(err, GEO_EFORMAT, "area %zu of '%s' has no '%s': name the field of its codes with --area-key", i + 1, file,
                             field);
        else if (!(all[i].text = text == room ? geo_arena_text(&arena, text, all[i].n) : text))
            st = geo_err_nomem(err);
    }
    if (st == GEO_OK)
        qsort(all, n, sizeof *all, by_text);
    for (size_t i = 0; st == GEO_OK && i < n; i++) {
        rank[all[i].area] = (int32_t)i;
        if (i && geo_text_order(all[i - 1].text, all[i - 1].n, all[i].text, all[i].n) == 0)
            st = repeated_key(s, file, field, &all[i - 1], &all[i], err);
    }
    geo_arena_clear(&arena);
    free(all);
    return st;
}

/* An area for a message: its key, or its number in the file. */
static void put_area(const step *s, size_t i, char *text, size_t room)
{
    char value[GEO_VALUE_ROOM];
    size_t n;
    const char *key = geo_column_print(&geo_table_columns(s->area_table)[0], i, value, &n);
    if (geo_join_may_name(s))
        snprintf(text, room, "%.*s", (int)(n < 50 ? n : 50), key);
    else
        snprintf(text, room, "number %zu", i + 1);
}

void geo_join_note_areas(const join *j, const char *file, const step *s)
{
    char names[2][300] = {"", ""}, one[64], other[64];
    size_t n[2] = {0, 0}, used[2] = {0, 0}, a, b;
    for (size_t i = 0; i < geo_areas_count(s->areas); i++) {
        const int kind = geo_areas_is_empty(s->areas, i) ? 0 : geo_areas_is_tangled(s->areas, i) ? 1 : -1;
        if (kind < 0 || ++n[kind] > TANGLES_NAMED)
            continue;
        put_area(s, i, one, sizeof one);
        used[kind] += (size_t)snprintf(names[kind] + used[kind], sizeof names[kind] - used[kind], "%s%s", n[kind] > 1 ? ", " : "", one);
    }
    static const char *const WHAT[2] = {"without a polygon, so nothing can be in them",
                                        "with rings that cross, touch or hold each other where they must not, read even-odd"};
    for (int kind = 0; kind < 2; kind++)
        if (n[kind])
            geo_watch_note(j->o->watch, "'%s' has %zu of %zu areas %s: %s%s", file, n[kind], geo_areas_count(s->areas), WHAT[kind],
                           names[kind], n[kind] > TANGLES_NAMED ? " ..." : "");
    if (s->every || !geo_areas_overlap(s->areas, &a, &b))
        return;
    put_area(s, a, one, sizeof one);
    put_area(s, b, other, sizeof other);
    geo_watch_note(j->o->watch, "areas of '%s' overlap, %s and %s for two: %s", file, one, other,
                   j->o->figures ? "ground in several counts in each, and may be taken for ground that is in none"
                                 : "what is in several goes to the one whose key sorts first");
}
