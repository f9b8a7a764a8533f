/*
 * Which areas records are in by their place. A point is in the area that geo/areas.h says, or near the nearest; a polygon is where most of it
 * is; with `every`, each is in all areas that it has a share of.
 */
#include "join.h"

#include "../table/column.h"
#include "geo/overlap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The places of a parcel. */
typedef struct places {
    const double *x, *y; /* NAN: none; INFINITY: no good, or no point */
    uint8_t *hits;       /* areas that hold the point */
    bool shapes;         /* some are polygons: */
    geo_overlap *overlaps;
    size_t overlaps_n;
} places;

/* The points of a geometry column: as they are, or of shapes those that are points. */
static geo_status take_points(const geo_geometries *g, geo_parcel *parcel, found *f, places *at, geo_err *err)
{
    const size_t n = parcel->in->rows_n;
    at->x = g->x;
    at->y = g->y;
    if (!g->kind)
        return GEO_OK;
    double *x = geo_arena_array(parcel->arena, n + 1, sizeof *x), *y = geo_arena_array(parcel->arena, n + 1, sizeof *y);
    if (!x || !y)
        return geo_err_nomem(err);
    for (size_t r = 0; r < n; r++) {
        const bool single = g->kind[r] == GEO_POINT || (g->kind[r] == GEO_MULTIPOINT && g->part_at[r + 1] - g->part_at[r] == 1);
        at->shapes |= geo_is_polygon(g, r);
        x[r] = y[r] = g->kind[r] == GEO_NO_GEOMETRY ? NAN : INFINITY;
        if (single) {
            const int64_t v = g->vertex_at[g->ring_at[g->part_at[r]]];
            x[r] = g->x[v];
            y[r] = g->y[v];
        } else if (g->kind[r] != GEO_NO_GEOMETRY && g->kind[r] != GEO_BAD_GEOMETRY && !geo_is_polygon(g, r))
            geo_join_tell(parcel, f, GEO_FAULT_NOT_POINT, r);
    }
    at->x = x;
    at->y = y;
    return GEO_OK;
}

/* Move the points to the areas' system. What is somewhere, and has no place there, is outside. */
static geo_status move_points(const step *s, geo_parcel *parcel, found *f, places *at, geo_err *err)
{
    const size_t n = parcel->in->rows_n;
    double *x = geo_arena_array(parcel->arena, n + 1, sizeof *x), *y = geo_arena_array(parcel->arena, n + 1, sizeof *y);
    if (!x || !y)
        return geo_err_nomem(err);
    memcpy(x, at->x, n * sizeof *x);
    memcpy(y, at->y, n * sizeof *y);
    const geo_status st = geo_transform_points(s->transform, x, y, n, err);
    for (size_t r = 0; st == GEO_OK && r < n; r++) {
        if (isfinite(x[r]) && isfinite(y[r]))
            continue;
        const bool placed = isfinite(at->x[r]) && isfinite(at->y[r]);
        if (placed)
            geo_join_tell(parcel, f, GEO_FAULT_OUTSIDE, r);
        x[r] = placed ? INFINITY : at->x[r];
        y[r] = placed ? INFINITY : at->y[r];
    }
    at->x = x;
    at->y = y;
    return st;
}

/* The ground that polygons of the parcel share with the areas. */
static geo_status overlay(const step *s, geo_parcel *parcel, places *at, geo_err *err)
{
    geo_column shapes = parcel->in->columns[s->geometry];
    bool *unmoved = geo_arena_array(parcel->arena, parcel->in->rows_n + 1, sizeof *unmoved);
    geo_areas *own = geo_areas_new();
    geo_status st = unmoved && own ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK && s->transform)
        st = geo_join_move(s->transform, &shapes, parcel->in->rows_n, parcel->arena, unmoved, err);
    if (st == GEO_OK)
        st = geo_areas_add(own, &shapes, parcel->in->rows_n, err);
    if (st == GEO_OK)
        st = geo_areas_build(own, NULL, 0, 1, NULL, err);
    if (st == GEO_OK)
        st = geo_areas_overlaps(own, s->areas, 1, NULL, &at->overlaps, &at->overlaps_n, err);
    geo_areas_free(own);
    return st;
}

/* ---- one record ---- */

static bool add_extra(found *f, size_t i, size_t r, int32_t area)
{
    geo_vec *extra = &f->extra[i];
    if (!geo_vec_reserve(extra, 1, sizeof(geo_extra)))
        return false;
    ((geo_extra *)extra->items)[extra->n++] = (geo_extra){(int32_t)r, area};
    return true;
}

/* A polygon goes where most of it is: of these overlaps the largest, and with `every` to the others as well. */
static geo_status settle_shape(const step *s, geo_parcel *parcel, found *f, size_t i, size_t r, const geo_overlap *overlaps, size_t n,
                               geo_err *err)
{
    size_t most = 0;
    for (size_t k = 1; k < n; k++)
        most = overlaps[k].size > overlaps[most].size ? k : most;
    f->row[i][r] = n ? overlaps[most].second : -1;
    if (n == 0)
        geo_join_tell(parcel, f, GEO_FAULT_OUTSIDE, r);
    else if (n > 1 && !s->every)
        geo_join_tell(parcel, f, GEO_FAULT_STRADDLES, r);
    for (size_t k = 0; s->every && k < n; k++)
        if (k != most && !add_extra(f, i, r, overlaps[k].second))
            return geo_err_nomem(err);
    return GEO_OK;
}

/* The other areas that a point is in. */
static geo_status add_others(const step *s, geo_parcel *parcel, found *f, size_t i, size_t r, const places *at, geo_err *err)
{
    const size_t n = geo_areas_locate_all(s->areas, at->x[r], at->y[r], NULL, 0);
    int32_t *all = geo_arena_array(parcel->arena, n + 1, sizeof *all);
    if (!all)
        return geo_err_nomem(err);
    (void)geo_areas_locate_all(s->areas, at->x[r], at->y[r], all, n);
    for (size_t k = 1; k < n; k++) /* the first is the one of least rank, which it has already */
        if (!add_extra(f, i, r, all[k]))
            return geo_err_nomem(err);
    return GEO_OK;
}

static geo_status find_nearest(const step *s, geo_parcel *parcel, found *f, size_t i, size_t r, const places *at, geo_err *err)
{
    double x_m = 1, y_m = 1;
    if (s->in_degrees)
        geo_metres_in_degree(at->y[r], &x_m, &y_m);
    const geo_status st = geo_near_find(s->near, at->x[r], at->y[r], x_m, y_m, s->nearest_m, &f->row[i][r], NULL, err);
    if (st == GEO_OK)
        geo_join_tell(parcel, f, f->row[i][r] >= 0 ? GEO_FAULT_NEAREST : GEO_FAULT_OUTSIDE, r);
    return st;
}

static geo_status settle_point(const step *s, geo_parcel *parcel, found *f, size_t i, size_t r, const places *at, geo_err *err)
{
    const bool inside = f->row[i][r] >= 0, finite = isfinite(at->x[r]) && isfinite(at->y[r]);
    if (inside && at->hits[r] > 1 && s->every)
        return add_others(s, parcel, f, i, r, at, err);
    if (inside && at->hits[r] > 1)
        geo_join_tell(parcel, f, GEO_FAULT_OVERLAP, r);
    else if (!inside && finite && s->near)
        return find_nearest(s, parcel, f, i, r, at, err);
    else if (!inside && finite)
        geo_join_tell(parcel, f, GEO_FAULT_OUTSIDE, r);
    else if (!inside && !isinf(at->x[r]) && !isinf(at->y[r]))
        geo_join_tell(parcel, f, GEO_FAULT_PLACELESS, r);
    return GEO_OK;
}

geo_status geo_join_place(join *j, size_t i, geo_parcel *parcel, found *f, geo_err *err)
{
    const step *s = &j->steps[i];
    const size_t n = parcel->in->rows_n;
    const geo_geometries *g = parcel->in->columns[s->geometry].geometries;
    places at = {.hits = geo_arena_alloc(parcel->arena, n + 1)};
    geo_status st = at.hits ? take_points(g, parcel, f, &at, err) : geo_err_nomem(err);
    if (st == GEO_OK && s->transform)
        st = move_points(s, parcel, f, &at, err);
    if (st == GEO_OK)
        geo_areas_locate(s->areas, at.x, at.y, n, f->row[i], at.hits);
    if (st == GEO_OK && at.shapes)
        st = overlay(s, parcel, &at, err);
    size_t k = 0;
    for (size_t r = 0; st == GEO_OK && r < n; r++) {
        const size_t first = k;
        while (k < at.overlaps_n && (size_t)at.overlaps[k].first == r)
            k++;
        if (geo_is_polygon(g, r))
            st = settle_shape(s, parcel, f, i, r, at.overlaps + first, k - first, err);
        else if (f->row[i][r] < 0 || at.hits[r] > 1)
            st = settle_point(s, parcel, f, i, r, &at, err);
    }
    free(at.overlaps);
    return st;
}
