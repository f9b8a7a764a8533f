/* Moving the geometry of the output to --out-crs. */
#include "join.h"

#include <math.h>
#include <string.h>

geo_status geo_join_plan_move(join *j, geo_field *f, geo_err *err)
{
    if (!f)
        return geo_err_set(err, GEO_EARG, "--out-crs: the output has no coordinates");
    if (!f->crs)
        return geo_err_set(err, GEO_ECRS,
                           "the coordinates of the records do not say what they are: add --crs (EPSG:27700 for National Grid)");
    const char *from = f->crs;
    f->crs = j->o->out_crs;
    f->made = false; /* the moved coordinates are not in the table yet */
    return geo_transform_new(from, j->o->out_crs, &j->o->moving, &j->out_transform, err);
}

/* Mark the shapes that have a vertex that could not be moved; points are marked by the vertex itself. */
static bool mark_unmoved(const geo_geometries *g, geo_geometries *moved, size_t rows_n, geo_arena *arena, bool *unmoved)
{
    uint8_t *kind = g->kind ? geo_arena_alloc(arena, rows_n + 1) : NULL;
    if (g->kind && !kind)
        return false;
    for (size_t r = 0; r < rows_n; r++) {
        const int64_t from = g->kind ? g->vertex_at[g->ring_at[g->part_at[r]]] : (int64_t)r;
        const int64_t to = g->kind ? g->vertex_at[g->ring_at[g->part_at[r + 1]]] : (int64_t)r + 1;
        unmoved[r] = false;
        for (int64_t v = from; v < to; v++)
            unmoved[r] |= isnan(moved->x[v]) && isfinite(g->x[v]);
        if (kind)
            kind[r] = unmoved[r] ? GEO_BAD_GEOMETRY : g->kind[r];
    }
    moved->kind = kind;
    return true;
}

geo_status geo_join_move(geo_transform *t, geo_column *c, size_t rows_n, geo_arena *arena, bool *unmoved, geo_err *err)
{
    const geo_geometries *g = c->geometries;
    const size_t n = g->kind ? (size_t)g->vertex_at[g->ring_at[g->part_at[rows_n]]] : rows_n;
    geo_geometries *moved = geo_arena_alloc(arena, sizeof *moved);
    double *x = geo_arena_array(arena, n + 1, sizeof *x), *y = geo_arena_array(arena, n + 1, sizeof *y);
    if (!moved || !x || !y)
        return geo_err_nomem(err);
    if (n) {
        memcpy(x, g->x, n * sizeof *x);
        memcpy(y, g->y, n * sizeof *y);
    }
    *moved = *g;
    moved->x = x;
    moved->y = y;
    c->geometries = moved;
    const geo_status st = geo_transform_points(t, x, y, n, err);
    return st == GEO_OK && !mark_unmoved(g, moved, rows_n, arena, unmoved) ? geo_err_nomem(err) : st;
}

geo_status geo_join_move_records(const join *j, geo_parcel *p, geo_err *err)
{
    const size_t n = p->in->rows_n;
    bool *unmoved = geo_arena_alloc(p->arena, n + 1);
    if (!unmoved)
        return geo_err_nomem(err);
    const geo_status st = geo_join_move(j->out_transform, (geo_column *)p->out.columns + j->out_geometry, n, p->arena, unmoved, err);
    for (size_t r = 0; st == GEO_OK && r < n; r++)
        if (unmoved[r])
            geo_faults_add(p->faults, GEO_FAULT_UNMOVED, p->in->line ? p->in->line[r] : (int64_t)r);
    return st;
}

/* Of all that moved coordinates the least accurate; and whether that is for want of shifts. */
void geo_join_tell_moving(const join *j)
{
    geo_join_report *report = j->report;
    bool lacking = false;
    for (size_t i = 0; i <= j->o->steps_n; i++) {
        geo_transform *t = i < j->o->steps_n ? j->steps[i].transform : j->out_transform;
        char used[sizeof report->moved_by] = "";
        double accuracy_m = 0;
        if (t)
            geo_transform_used(t, used, sizeof used, &accuracy_m);
        if (!used[0])
            continue;
        lacking |= geo_transform_lacks_shifts(t);
        if (report->moved_by[0] && accuracy_m >= 0 && (report->moved_accuracy_m < 0 || accuracy_m <= report->moved_accuracy_m))
            continue;
        memcpy(report->moved_by, used, sizeof used);
        report->moved_accuracy_m = accuracy_m;
    }
    if (lacking)
        geo_watch_note(j->o->watch,
                       "without the OSTN15 shifts (ostn15.grid) coordinates moved between WGS 84 and National Grid are 2 m off, "
                       "here and there 5 m");
}
