/* The cells of a publication by the levels of their nodes. */
#include "differ.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool geo_cell_is_shown(const geo_publication *p, uint32_t cell)
{
    return isfinite(p->high[cell]);
}

/* Number of the pattern of a cell among those there could be. */
static size_t pattern_at(const geo_publication *p, size_t cell)
{
    size_t at = 0;
    for (size_t i = 0; i < p->variables_n; i++)
        at = at * p->v[i].levels_n + geo_publication_level(&p->v[i], p->node[cell * p->variables_n + i]);
    return at;
}

static geo_status lay_out(const geo_publication *p, differ_pattern *pattern, size_t at, geo_err *err)
{
    pattern->room = 1;
    for (size_t i = p->variables_n; i-- > 0;) {
        const size_t l = pattern->level[i] = at % p->v[i].levels_n;
        at /= p->v[i].levels_n;
        pattern->stride[i] = pattern->room;
        if (p->v[i].levels[l].n && pattern->room > UINT64_MAX / 2 / p->v[i].levels[l].n)
            return geo_err_set(err, GEO_ENOMEM, "a table of more than 2^63 cells");
        pattern->room *= p->v[i].levels[l].n;
    }
    return GEO_OK;
}

/* Give each cell to its pattern, in order; start[at]: where the next one of pattern `at` goes. */
static void deal(differ_patterns *out, size_t *start, const size_t *number)
{
    const geo_publication *p = out->pub;
    for (size_t k = 0; k < p->cells_n; k++) {
        const size_t at = pattern_at(p, k), to = start[at]++;
        differ_pattern *pattern = &out->pattern[number[at]];
        uint64_t key = 0;
        for (size_t i = 0; i < p->variables_n; i++)
            key += (p->node[k * p->variables_n + i] - p->v[i].levels[pattern->level[i]].first) * pattern->stride[i];
        out->cell[to] = (uint32_t)k;
        out->key[to] = key;
        pattern->hidden_n += !geo_cell_is_shown(p, (uint32_t)k);
    }
}

geo_status geo_patterns_of(const geo_publication *p, differ_patterns *out, geo_err *err)
{
    size_t room = 1;
    *out = (differ_patterns){.pub = p};
    for (size_t i = 0; i < p->variables_n; i++) {
        if (p->v[i].levels_n > CUBE_PATTERNS / room)
            return geo_err_set(err, GEO_ENOMEM, "a table of more than %d patterns", CUBE_PATTERNS);
        room *= p->v[i].levels_n;
    }
    if (p->cells_n >= UINT32_MAX)
        return geo_err_set(err, GEO_ENOMEM, "a table of more than 4,294,967,294 cells");
    size_t *start = calloc(room + 1, sizeof *start), *number = malloc((room + 1) * sizeof *number);
    out->pattern = calloc(room, sizeof *out->pattern);
    out->cell = malloc((p->cells_n + 1) * sizeof *out->cell);
    out->key = malloc((p->cells_n + 1) * sizeof *out->key);
    geo_status st = start && number && out->pattern && out->cell && out->key ? GEO_OK : geo_err_nomem(err);
    for (size_t k = 0; st == GEO_OK && k < p->cells_n; k++)
        start[pattern_at(p, k)]++;
    size_t from = 0;
    for (size_t at = 0; st == GEO_OK && at < room; at++) {
        const size_t n = start[at];
        start[at] = from;
        if (!n)
            continue;
        number[at] = out->n;
        out->pattern[out->n] = (differ_pattern){.from = from, .n = n};
        st = lay_out(p, &out->pattern[out->n++], at, err);
        from += n;
    }
    if (st == GEO_OK)
        deal(out, start, number);
    free(start);
    free(number);
    return st;
}

void geo_patterns_clear(differ_patterns *p)
{
    free(p->pattern);
    free(p->cell);
    free(p->key);
    *p = (differ_patterns){.n = 0};
}

uint32_t geo_patterns_find(const differ_patterns *p, const differ_pattern *pattern, uint64_t key)
{
    if (pattern->n == pattern->room) /* none is missing */
        return p->cell[pattern->from + key];
    size_t from = pattern->from, to = from + pattern->n;
    while (from < to) {
        const size_t mid = from + (to - from) / 2;
        if (p->key[mid] == key)
            return p->cell[mid];
        if (p->key[mid] < key)
            from = mid + 1;
        else
            to = mid;
    }
    return DIFFER_NOWHERE;
}
