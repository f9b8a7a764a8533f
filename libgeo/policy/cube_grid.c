/*
 * Squares of a metric grid as areas: the square of every point, and the ladder of larger squares that each lies in. Squares are named by their
 * size and their south-west corner: 1kmE394N128, in kilometres; 500mE394500N128000, in metres.
 */
#include "cube.h"

#include "geo/crs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FARTHEST_M 1e9 /* from the origin */
#define MOST_SQUARES (1u << 26)

/* A square by its column and row. */
typedef struct square {
    int32_t x, y;
} square;

static int by_place(const void *a, const void *b)
{
    const square *p = a, *q = b;
    return p->x != q->x ? (p->x < q->x ? -1 : 1) : p->y != q->y ? (p->y < q->y ? -1 : 1) : 0;
}

size_t geo_grid_print(int size_m, int32_t x, int32_t y, char room[GEO_GRID_ROOM])
{
    const int64_t east = (int64_t)x * size_m, north = (int64_t)y * size_m;
    if (size_m % 1000 == 0)
        return (size_t)snprintf(room, GEO_GRID_ROOM, "%dkmE%lldN%lld", size_m / 1000, (long long)(east / 1000), (long long)(north / 1000));
    return (size_t)snprintf(room, GEO_GRID_ROOM, "%dmE%lldN%lld", size_m, (long long)east, (long long)north);
}

static bool parse(const char *s, int size_m, square *out)
{
    long long size, east, north;
    const bool km = size_m % 1000 == 0;
    if (sscanf(s, km ? "%lldkmE%lldN%lld" : "%lldmE%lldN%lld", &size, &east, &north) != 3)
        return false;
    const int64_t unit = km ? 1000 : 1;
    *out = (square){(int32_t)(east * unit / size_m), (int32_t)(north * unit / size_m)};
    return true;
}

bool geo_grid_corner(const char *name, int size_m, double *x, double *y)
{
    square s;
    if (!parse(name, size_m, &s))
        return false;
    *x = (double)s.x * size_m;
    *y = (double)s.y * size_m;
    return true;
}

geo_status geo_grid_texts(const geo_column *points, size_t n, int size_m, geo_transform *t, geo_arena *arena, geo_key_texts *out,
                          geo_err *err)
{
    const geo_geometries *g = points->geometries;
    double *x = geo_arena_array(arena, n + 1, sizeof *x), *y = geo_arena_array(arena, n + 1, sizeof *y);
    out->offsets = geo_arena_array(arena, n + 1, sizeof *out->offsets);
    out->bytes = geo_arena_array(arena, n, GEO_GRID_ROOM);
    if (!x || !y || !out->offsets || !out->bytes)
        return geo_err_nomem(err);
    for (size_t r = 0; r < n; r++) { /* points alone, or among other shapes */
        const bool there = !g->kind || (g->kind[r] == GEO_POINT && g->part_at[r] < g->part_at[r + 1]);
        const size_t at = !g->kind ? r : there ? (size_t)g->vertex_at[g->ring_at[g->part_at[r]]] : 0;
        x[r] = there ? g->x[at] : NAN;
        y[r] = there ? g->y[at] : NAN;
    }
    const geo_status st = t ? geo_transform_points(t, x, y, n, err) : GEO_OK;
    int64_t at = 0;
    for (size_t r = 0; st == GEO_OK && r < n; r++) {
        out->offsets[r] = at;
        if (fabs(x[r]) < FARTHEST_M && fabs(y[r]) < FARTHEST_M)
            at += (int64_t)geo_grid_print(size_m, (int32_t)floor(x[r] / size_m), (int32_t)floor(y[r] / size_m), out->bytes + at);
    }
    out->offsets[n] = at;
    return st;
}

/* The different squares of a size that those given lie in: sorted in place, *n becomes how many. */
static void distinct(square *s, size_t *n)
{
    qsort(s, *n, sizeof *s, by_place);
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (!kept || by_place(&s[i], &s[kept - 1]) != 0)
            s[kept++] = s[i];
    *n = kept;
}

static square within(square s, int times)
{
    return (square){(int32_t)floor((double)s.x / times), (int32_t)floor((double)s.y / times)};
}

/* All squares of a size in the caps, in order. */
static square *all_in(const square *caps, size_t caps_n, int times, size_t *n, geo_err *err)
{
    *n = caps_n * (size_t)times * (size_t)times;
    if (*n > MOST_SQUARES) {
        geo_err_set(err, GEO_ENOMEM, "the points are in more than %u squares: start with larger ones", MOST_SQUARES);
        return NULL;
    }
    square *s = malloc((*n + 1) * sizeof *s);
    if (!s) {
        geo_err_nomem(err);
        return NULL;
    }
    size_t at = 0;
    for (size_t c = 0; c < caps_n; c++)
        for (int i = 0; i < times; i++)
            for (int k = 0; k < times; k++)
                s[at++] = (square){caps[c].x * times + i, caps[c].y * times + k};
    qsort(s, *n, sizeof *s, by_place);
    return s;
}

static geo_status add_level(geo_cube *c, cube_variable *v, int size_m, const square *s, size_t n, geo_err *err)
{
    char room[GEO_GRID_ROOM];
    const size_t len =
        (size_t)snprintf(room, sizeof room, size_m % 1000 ? "grid_%dm" : "grid_%dkm", size_m % 1000 ? size_m : size_m / 1000);
    const char *name = geo_arena_text(&c->arena, room, len);
    v->grid_m[v->levels_n] = size_m;
    v->levels[v->levels_n++] = (cube_level){name, v->nodes_n, (uint32_t)n};
    for (size_t i = 0; name && i < n; i++)
        if (!(v->text[v->nodes_n++] = geo_arena_text(&c->arena, room, geo_grid_print(size_m, s[i].x, s[i].y, room))))
            return geo_err_nomem(err);
    return name ? GEO_OK : geo_err_nomem(err);
}

/* What each finest square lies in. */
static geo_status add_ups(geo_cube *c, cube_variable *v, size_t level, const square *finest, size_t finest_n, const square *s, size_t n,
                          int times, geo_err *err)
{
    uint32_t *up = v->up[level] = geo_arena_array(&c->arena, finest_n + 1, sizeof *up);
    if (!up)
        return geo_err_nomem(err);
    for (size_t i = 0; i < finest_n; i++) {
        const square in = within(finest[i], times);
        const square *at = bsearch(&in, s, n, sizeof *s, by_place);
        up[i] = at ? v->levels[level].first + (uint32_t)(at - s) : CUBE_NOWHERE;
    }
    return GEO_OK;
}

/* The squares that are in play: all that lie in a largest one with a point in it. */
static geo_status lay_out(geo_cube *c, cube_variable *v, const square *caps, size_t caps_n, square **finest, size_t *finest_n, geo_err *err)
{
    const int *size = c->o->grid_m;
    const size_t sizes_n = c->o->grid_n;
    geo_status st = GEO_OK;
    for (size_t l = 0; st == GEO_OK && l < sizes_n; l++) {
        size_t n;
        square *s = all_in(caps, caps_n, size[sizes_n - 1] / size[l], &n, err);
        if (!s)
            return err ? err->code : GEO_ENOMEM;
        if (l == 0) {
            const char **text = geo_arena_array(&c->arena, n * 2 + caps_n * 2 + 2, sizeof *text); /* a ladder at least doubles */
            v->text = text;
            st = text ? GEO_OK : geo_err_nomem(err);
        }
        if (st == GEO_OK)
            st = add_level(c, v, size[l], s, n, err);
        if (st == GEO_OK)
            st = add_ups(c, v, l, l ? *finest : s, l ? *finest_n : n, s, n, size[l] / size[0], err);
        if (l == 0) {
            *finest = s;
            *finest_n = n;
        } else
            free(s);
    }
    return st;
}

geo_status geo_cube_grid(geo_cube *c, cube_variable *v, const geo_pool *pool, uint32_t *node, geo_err *err)
{
    const int *size = c->o->grid_m;
    const geo_policy_terms *terms = c->o->policy ? geo_policy_get_terms(c->o->policy) : NULL;
    v->least_m = terms && terms->ladder_n ? terms->ladder_m[0] : 0;
    const size_t n = geo_pool_count(pool), sizes_n = c->o->grid_n;
    square *of = geo_arena_array(&c->arena, n + 1, sizeof *of), *caps = malloc((n + 1) * sizeof *caps), *finest = NULL;
    size_t caps_n = n, finest_n = 0;
    geo_status st = of && caps ? GEO_OK : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < n; i++) {
        char room[GEO_GRID_ROOM];
        size_t len;
        const char *s = geo_pool_text(pool, (int32_t)i, &len);
        snprintf(room, sizeof room, "%.*s", (int)len, s);
        if (!parse(room, size[0], &of[i]))
            st = geo_err_set(err, GEO_EFORMAT, "a square has no name of a square");
        else
            caps[i] = within(of[i], size[sizes_n - 1] / size[0]);
    }
    if (st == GEO_OK) {
        distinct(caps, &caps_n);
        st = lay_out(c, v, caps, caps_n, &finest, &finest_n, err);
    }
    for (size_t i = 0; st == GEO_OK && i < n; i++)
        node[i] = (uint32_t)((square *)bsearch(&of[i], finest, finest_n, sizeof *finest, by_place) - finest);
    free(caps);
    free(finest);
    return st == GEO_OK ? geo_cube_close_levels(c, v, err) : st;
}
