/* Findings in words: which cells, by the names of their areas and categories, and what would avoid it. Never a count. */
#include "differ.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MOST_NAMED 6 /* cells of a side */

typedef struct saying {
    char *room;
    size_t n, used;
} saying;

/* As long as there is room; what is too long ends in "...". */
static void say(saying *s, const char *fmt, ...) GEO_PRINTF(2, 3);
static void say(saying *s, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(s->room + s->used, s->n - s->used, fmt, args);
    va_end(args);
    s->used += n > 0 ? (size_t)n : 0;
    if (s->used < s->n)
        return;
    s->used = s->n - 1;
    size_t cut = s->n - 4;
    while (cut && ((unsigned char)s->room[cut] & 0xC0) == 0x80) /* not within a character */
        cut--;
    memcpy(s->room + cut, "...", 4);
}

static const geo_publication *publication(const differ *d, size_t i)
{
    return i ? d->earlier[i - 1] : d->proposed;
}

static bool is_all(const publication_variable *v, uint32_t node)
{
    const publication_level *l = &v->levels[geo_publication_level(v, node)];
    return *v->field && !*l->name;
}

/* "E05000001 20-39" */
static void say_cell(saying *s, const geo_publication *p, uint32_t cell)
{
    bool any = false;
    for (size_t i = 0; i < p->variables_n; i++) {
        const uint32_t node = p->node[cell * p->variables_n + i];
        if (is_all(&p->v[i], node))
            continue;
        say(s, "%s%s", any ? " " : "", *p->v[i].text[node] ? p->v[i].text[node] : "(blank)");
        any = true;
    }
    if (!any)
        say(s, "all together");
}

static void say_cells(saying *s, const geo_publication *p, const uint32_t *cell, size_t n, const char *between)
{
    const size_t named = n <= MOST_NAMED ? n : MOST_NAMED - 1;
    for (size_t i = 0; i < named; i++) {
        say(s, "%s", i ? between : "");
        say_cell(s, p, cell[i]);
    }
    if (named < n)
        say(s, "%s%zu more", between, n - named);
}

/* "wd24cd by age" */
static void say_pattern(saying *s, const geo_publication *p, uint32_t cell)
{
    bool any = false;
    for (size_t i = 0; i < p->variables_n; i++) {
        const publication_variable *v = &p->v[i];
        const uint32_t node = p->node[cell * p->variables_n + i];
        if (is_all(v, node) || !*v->field)
            continue;
        say(s, "%s%s", any ? " by " : "", v->levels[geo_publication_level(v, node)].name);
        any = true;
    }
    if (!any)
        say(s, "all together");
}

/* The level of areas of a cell; NULL: it has none, or they are all together. */
static const char *area_level(const geo_publication *p, uint32_t cell)
{
    for (size_t i = 0; i < p->variables_n; i++)
        if (p->v[i].areas && !is_all(&p->v[i], p->node[cell * p->variables_n + i]))
            return p->v[i].levels[geo_publication_level(&p->v[i], p->node[cell * p->variables_n + i])].name;
    return NULL;
}

/* Of a remainder: do without one of the proposed cells, or divide as the other table does. */
static void advise(const differ *d, const differ_found *f, saying *s)
{
    const int mine = f->pub[0] == 0 ? 0 : 1;
    const uint32_t cell = mine == 0 ? f->plus[f->plus_n - 1] : f->minus[0], other = mine == 0 ? f->minus[0] : f->plus[0];
    const char *here = area_level(d->proposed, cell), *there = area_level(publication(d, f->pub[!mine]), other);
    say(s, "hide ");
    say_cell(s, d->proposed, cell);
    if (here && there && strcmp(here, there) != 0)
        say(s, f->pub[!mine] ? ", or publish by %s too" : ", or publish by %s alone", there);
    else
        say(s, ", or use the same categories");
}

void geo_differ_say(const differ *d, const differ_found *f, geo_sdc_difference *out)
{
    saying tables = {out->tables, sizeof out->tables, 0}, where = {out->where, sizeof out->where, 0},
           advice = {out->advice, sizeof out->advice, 0};
    const size_t other = f->pub[0] ? f->pub[0] : f->pub[1];
    *out = (geo_sdc_difference){.kind = f->kind, .with = "", .cells_n = f->cells_n, .empty = f->zero};
    if (f->kind == GEO_SDC_STACKED) {
        say(&tables, "all together");
        say(&where, "%s", f->where);
        say(&advice, "use coarser areas or categories, or hide more cells");
        return;
    }
    out->release = publication(d, other)->id;
    out->with = other ? publication(d, other)->name : "";
    say_pattern(&tables, publication(d, f->pub[0]), f->plus[0]);
    if (f->kind == GEO_SDC_CHANGE) {
        say_cells(&where, d->proposed, f->plus, f->plus_n, ", ");
        say(&advice, "hide these cells, or round the counts");
        return;
    }
    say(&tables, " - ");
    say_pattern(&tables, publication(d, f->pub[1]), f->minus[0]);
    say_cells(&where, publication(d, f->pub[0]), f->plus, f->plus_n, " + ");
    say(&where, " - ");
    say_cells(&where, publication(d, f->pub[1]), f->minus, f->minus_n, " - ");
    advise(d, f, &advice);
}
