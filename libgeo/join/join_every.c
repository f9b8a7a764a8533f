/*
 * Records that are in several areas, once for each: rows of the output that share a record. Steps that go by what an earlier step found
 * follow along.
 */
#include "join.h"

#include <string.h>

/* Multiply the rows by the further areas of step i: f->pick and f->wide as they are, made longer. */
static bool multiply(const join *j, geo_parcel *p, found *f, size_t i)
{
    const geo_extra *extra = f->extra[i].items;
    const size_t extra_n = f->extra[i].n, records_n = p->in->rows_n;
    size_t *from = geo_arena_array(p->arena, records_n + 2, sizeof *from); /* where each record's begin */
    if (!from)
        return false;
    for (size_t r = 0, k = 0; r <= records_n; r++) {
        while (k < extra_n && (size_t)extra[k].row < r)
            k++;
        from[r] = k;
    }
    from[records_n] = extra_n;
    size_t n = f->wide_n;
    for (size_t w = 0; w < f->wide_n; w++)
        n += from[f->pick[w] + 1] - from[f->pick[w]];
    int32_t *pick = n <= INT32_MAX ? geo_arena_array(p->arena, n + 1, sizeof *pick) : NULL;
    int32_t **wide = geo_arena_array(p->arena, j->o->steps_n + 1, sizeof *wide);
    bool ok = pick && wide;
    for (size_t k = 0; ok && k < j->o->steps_n; k++)
        ok = (wide[k] = geo_arena_array(p->arena, n + 1, sizeof **wide)) != NULL;
    if (!ok)
        return false;
    size_t at = 0;
    for (size_t w = 0; w < f->wide_n; w++) {
        const size_t r = (size_t)f->pick[w], times = 1 + from[r + 1] - from[r];
        for (size_t t = 0; t < times; t++, at++) {
            pick[at] = (int32_t)r;
            for (size_t k = 0; k < j->o->steps_n; k++)
                wide[k][at] = k == i && t ? extra[from[r] + t - 1].area : f->wide[k][w];
        }
    }
    f->pick = pick;
    f->wide = wide;
    f->wide_n = n;
    return true;
}

/* What steps find that go by an earlier step's field. */
static void follow(const join *j, geo_parcel *p, found *f)
{
    for (size_t k = 0; k < j->o->steps_n; k++) {
        const step *s = &j->steps[k];
        for (size_t w = 0; s->row_of && w < f->wide_n; w++) {
            const int32_t earlier = f->wide[s->from_step][w], row = earlier < 0 ? -3 : s->row_of[earlier];
            if (earlier >= 0 && row != f->wide[k][w])
                geo_join_tell_key(p, f, row, s->how_of[earlier], (size_t)f->pick[w]);
            f->wide[k][w] = row;
        }
    }
}

geo_status geo_join_widen(const join *j, geo_parcel *p, found *f, geo_err *err)
{
    const size_t n = p->in->rows_n;
    f->wide = f->row;
    f->wide_n = n;
    size_t extra_n = 0;
    for (size_t i = 0; i < j->o->steps_n; i++)
        extra_n += f->extra[i].n;
    if (extra_n == 0)
        return GEO_OK;
    if (!(f->pick = geo_arena_array(p->arena, n + 1, sizeof *f->pick)))
        return geo_err_nomem(err);
    for (size_t r = 0; r < n; r++)
        f->pick[r] = (int32_t)r;
    for (size_t i = 0; i < j->o->steps_n; i++)
        if (f->extra[i].n && !multiply(j, p, f, i))
            return geo_err_nomem(err);
    follow(j, p, f);
    return GEO_OK;
}
