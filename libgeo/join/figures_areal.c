/*
 * Figures carried by ground in common. The records are polygons, each a source of its own; all are gathered first, with their numbers, since
 * what is whose is known when the last is there. A field that does not add up is weighed by ground where nothing else is named.
 */
#include "figures.h"

#include "../table/column.h"

#include <stdlib.h>
#include <string.h>

#define EDGE_DUST 1e-9 /* of a source's size: less ground than that outside all targets is rounding, not ground */

struct areal {
    geo_areas *sources;
    ptrdiff_t geometry; /* of the records */
    geo_vec *numbers;   /* double, of each measure by source */
    geo_vec lines;      /* int64_t */
    double *size;       /* of each source */
    geo_overlap *overlaps;
    size_t overlaps_n;
};

/* What work finds out about a parcel. */
typedef struct shapes {
    found found;
    geo_column geometry; /* in the plane of the targets */
} shapes;

void geo_areal_free(areal *a, size_t measures_n)
{
    if (!a)
        return;
    geo_areas_free(a->sources);
    for (size_t i = 0; a->numbers && i < measures_n; i++)
        geo_vec_clear(&a->numbers[i]);
    free(a->numbers);
    geo_vec_clear(&a->lines);
    free(a->size);
    free(a->overlaps);
    free(a);
}

static void tell_shape(geo_parcel *p, const geo_geometries *g, size_t r, bool unmoved)
{
    const bool none = g->kind ? g->kind[r] == GEO_NO_GEOMETRY : g->x[r] != g->x[r];
    const bool bad = g->kind && g->kind[r] == GEO_BAD_GEOMETRY; /* told by the reader */
    if (!bad && !geo_is_polygon(g, r))
        geo_faults_add(p->faults, none ? GEO_FAULT_PLACELESS : GEO_FAULT_NOT_AREA, p->in->line ? p->in->line[r] : (int64_t)r);
    else if (unmoved)
        geo_faults_add(p->faults, GEO_FAULT_UNMOVED, p->in->line ? p->in->line[r] : (int64_t)r);
}

static geo_status work(void *ctx, geo_parcel *p, geo_err *err)
{
    join *j = ctx;
    const areal *a = j->figures->areal;
    shapes *s = p->extra = geo_arena_alloc(p->arena, sizeof *s);
    bool *unmoved = geo_arena_array(p->arena, p->in->rows_n + 1, sizeof *unmoved);
    if (!s || !unmoved)
        return geo_err_nomem(err);
    *s = (shapes){.geometry = p->in->columns[a->geometry]};
    memset(unmoved, 0, p->in->rows_n);
    const geo_geometries *g = s->geometry.geometries;
    geo_status st = GEO_OK;
    if (j->steps[0].transform)
        st = geo_join_move(j->steps[0].transform, &s->geometry, p->in->rows_n, p->arena, unmoved, err);
    for (size_t r = 0; st == GEO_OK && r < p->in->rows_n; r++)
        tell_shape(p, g, r, unmoved[r]);
    return st < 0 ? st : geo_tally_numbers(j, p, &s->found, err);
}

static geo_status add(void *ctx, const geo_parcel *p, geo_err *err)
{
    join *j = ctx;
    figures *f = j->figures;
    areal *a = f->areal;
    const shapes *s = p->extra;
    const size_t n = p->in->rows_n;
    geo_join_note_records(j, p, 0); /* which ones have ground in common is seen at the end */
    bool ok = true;
    for (size_t i = 0; i < j->tally->measures_n; i++)
        ok &= geo_vec_append(&a->numbers[i], s->found.number[i], n, sizeof(double));
    for (size_t r = 0; ok && r < n; r++)
        ok = geo_vec_append(&a->lines, &(int64_t){geo_batch_line(p->in, r)}, 1, sizeof(int64_t));
    geo_status st = ok ? geo_areas_add(a->sources, &s->geometry, n, err) : geo_err_nomem(err);
    if (st == GEO_OK && f->keep_n)
        st = geo_table_append(f->kept, p->in, err);
    return st;
}

/* ---- shares ---- */

/* What is told of how sources lie: how many of them do so. */
typedef struct lie {
    size_t twice_n, little_n; /* have ground in targets that overlap; with `inside`, have less than half of it in any */
} lie;

/* The parts of source i, whose overlaps are these; what is in none of the targets comes last. */
static size_t share_out(const figures *f, bool inside, size_t i, const geo_overlap *overlaps, size_t n, geo_share *parts, lie *l)
{
    const double size = f->areal->size[i];
    double all = 0;
    for (size_t k = 0; k < n; k++)
        all += overlaps[k].size;
    l->twice_n += all > size * (1 + EDGE_DUST);
    l->little_n += inside && all < size / 2;
    const bool rest = !inside && all < size * (1 - EDGE_DUST) && all > 0;
    const double whole = rest ? size : all;
    for (size_t k = 0; k < n; k++)
        parts[k] = (geo_share){overlaps[k].second, overlaps[k].size / whole};
    if (rest)
        parts[n] = (geo_share){-1, (size - all) / size};
    return n + rest;
}

static geo_status relate(join *j, geo_err *err)
{
    figures *f = j->figures;
    const areal *a = f->areal;
    size_t *part_at = calloc(f->sources_n + 1, sizeof *part_at), k = 0;
    lie l = {0, 0};
    geo_share *parts = calloc(a->overlaps_n + f->sources_n + 1, sizeof *parts);
    for (size_t i = 0; part_at && parts && i < f->sources_n; i++) {
        const size_t first = k;
        while (k < a->overlaps_n && (size_t)a->overlaps[k].first == i)
            k++;
        part_at[i + 1] = part_at[i];
        if (k > first)
            part_at[i + 1] += share_out(f, j->o->figures->inside, i, a->overlaps + first, k - first, parts + part_at[i], &l);
        j->report->matched_n += k > first;
        if (k == first && !geo_areas_is_empty(a->sources, i))
            geo_faults_add(&j->faults, GEO_FAULT_OUTSIDE, ((const int64_t *)a->lines.items)[i]);
    }
    if (l.twice_n)
        geo_watch_note(j->o->watch, "%zu record%s %s ground in several areas that overlap each other: it is divided among these", l.twice_n,
                       l.twice_n == 1 ? "" : "s", l.twice_n == 1 ? "has" : "have");
    if (l.little_n)
        geo_watch_note(j->o->watch, "%zu record%s ha%s less than half of %s ground in the areas, and --areal=inside puts all of %s there",
                       l.little_n, l.little_n == 1 ? "" : "s", l.little_n == 1 ? "s" : "ve", l.little_n == 1 ? "its" : "their",
                       l.little_n == 1 ? "it" : "them");
    const geo_status st = part_at && parts ? geo_relation_new(f->sources_n, f->targets_n, part_at, parts, GEO_FIT_SHARES, &f->relation, err)
                                           : geo_err_nomem(err);
    free(part_at);
    free(parts);
    return st;
}

/* Sizes and overlaps of all, the relation that they make, and the figures of each source. */
static geo_status measure_ground(join *j, geo_err *err)
{
    figures *f = j->figures;
    areal *a = f->areal;
    const geo_join_options *o = j->o;
    f->sources_n = geo_areas_count(a->sources);
    f->targets_n = geo_areas_count(j->steps[0].areas);
    a->size = malloc((f->sources_n + 1) * sizeof *a->size);
    geo_status st = a->size ? geo_areas_build(a->sources, NULL, 0, o->threads, o->watch, err) : geo_err_nomem(err);
    if (st == GEO_OK)
        st = geo_areas_sizes(a->sources, o->threads, o->watch, a->size, err);
    if (st == GEO_OK)
        st = geo_areas_overlaps(a->sources, j->steps[0].areas, o->threads, o->watch, &a->overlaps, &a->overlaps_n, err);
    return st < 0 ? st : relate(j, err);
}

static geo_status fill_tally(join *j, geo_err *err)
{
    figures *f = j->figures;
    tally *t = j->tally;
    double **number = geo_arena_array(&j->arena, t->measures_n + 1, sizeof *number);
    const geo_status st = number ? geo_tally_room(t, f->sources_n, true, err) : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < t->measures_n; i++)
        number[i] = f->areal->numbers[i].items;
    for (size_t r = 0; st == GEO_OK && r < f->sources_n; r++) {
        geo_tally_row(t, r, number, r, t->denominator < 0 ? f->areal->size[r] : number[t->denominator][r]);
        f->kept_row[r] = (int32_t)r;
    }
    return st;
}

geo_status geo_areal_run(join *j, geo_err *err)
{
    figures *f = j->figures;
    areal *a = f->areal = calloc(1, sizeof *a);
    if (!a || !(a->sources = geo_areas_new()) || !(a->numbers = calloc(j->tally->measures_n + 1, sizeof *a->numbers)))
        return geo_err_nomem(err);
    a->geometry = geo_schema_geometry(geo_reader_schema(j->reader));
    const geo_flow flow = {work, add, j};
    geo_status st = geo_flow_run(j->reader, &flow, j->o->threads, &j->faults, err);
    if (st == GEO_OK)
        st = measure_ground(j, err);
    if (st == GEO_OK)
        st = geo_figures_room(f, err);
    return st < 0 ? st : fill_tally(j, err);
}

double geo_areal_size(const areal *a, size_t source)
{
    return a->size[source];
}

const geo_overlap *geo_areal_overlaps(const areal *a)
{
    return a->overlaps;
}
