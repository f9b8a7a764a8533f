/*
 * Figures of areas, carried to other areas: what they are carried by becomes a relation of sources to targets, the records are added up by
 * source, and what each source has is divided among its targets.
 */
#include "figures.h"

#include "../table/column.h"

#include <stdlib.h>
#include <string.h>

geo_status geo_figures_load(join *j, geo_err *err)
{
    if (!(j->figures = calloc(1, sizeof *j->figures)))
        return geo_err_nomem(err);
    return j->o->figures->areal ? GEO_OK : geo_via_load(j, err);
}

void geo_figures_free(figures *f, size_t measures_n)
{
    if (!f)
        return;
    geo_areal_free(f->areal, measures_n);
    geo_relation_free(f->relation);
    geo_lattice_free(f->lattice);
    geo_table_free(f->kept);
    free(f->kept_row);
    free(f->differs);
    free(f->elsewhere_n);
    free(f);
}

/* ---- fields ---- */

/* Fields that go along as they are: those named; with pairs of areas, if none is named, all. */
static geo_status plan_kept(join *j, geo_err *err)
{
    figures *f = j->figures;
    const geo_schema *records = geo_reader_schema(j->reader);
    const char *const *keep = j->o->keep;
    f->keep_at = geo_arena_array(&j->arena, records->fields_n + 1, sizeof *f->keep_at);
    if (!f->keep_at)
        return geo_err_nomem(err);
    for (size_t i = 0; i < records->fields_n; i++) {
        bool wanted =
            !keep && geo_figures_are_pairs(j) && records->fields[i].type != GEO_GEOMETRY && !geo_names_class(records->fields[i].name);
        for (const char *const *k = keep; k && *k; k++)
            wanted |= geo_schema_find(records, *k) == (ptrdiff_t)i;
        if (wanted && records->fields[i].type == GEO_GEOMETRY)
            return geo_err_set(err, GEO_EARG, "field '%s' is a geometry, which other areas cannot keep", records->fields[i].name);
        if (wanted)
            f->keep_at[f->keep_n++] = i;
    }
    return f->keep_n ? geo_table_new(records, f->keep_at, f->keep_n, &f->kept, err) : GEO_OK;
}

geo_status geo_figures_room(figures *f, geo_err *err)
{
    f->kept_row = malloc((f->sources_n + 1) * sizeof *f->kept_row);
    f->differs = calloc(f->sources_n + 1, f->keep_n ? f->keep_n : 1);
    if (!f->kept_row || !f->differs)
        return geo_err_nomem(err);
    for (size_t i = 0; i < f->sources_n; i++)
        f->kept_row[i] = NOT_SEEN;
    return GEO_OK;
}

/* A field to be summed that is called A_missing beside a field A counts what of A was missing before: it goes into the new A_missing. */
static void find_missing(const join *j)
{
    for (size_t i = 0; i < j->tally->measures_n; i++)
        for (size_t k = 0; k < j->tally->measures_n; k++) {
            const char *field = j->tally->measures[i].field, *other = j->tally->measures[k].field;
            const size_t n = strlen(field);
            if (strncmp(other, field, n) == 0 && strcmp(other + n, "_missing") == 0) {
                j->tally->measures[i].missing = &j->tally->measures[k];
                j->tally->measures[k].sum = false;
            }
        }
}

/* What fields are, by their names and by where they stand. */
static geo_status check_measures(const join *j, geo_err *err)
{
    for (size_t i = 0; i < j->tally->measures_n; i++) {
        const measure *m = &j->tally->measures[i];
        if (m->sum && m->mean)
            return geo_err_set(err, GEO_EARG, "field '%s' stands in --sum and in --mean: either it adds up or it does not", m->field);
        const geo_status st = geo_figures_check_name(geo_measure_name(m), m->sum, err);
        if (st < 0)
            return st;
    }
    return GEO_OK;
}

bool geo_figures_are_pairs(const join *j)
{
    return j->o->figures && j->o->figures->areal && !j->o->sums && !j->o->means;
}

geo_status geo_figures_run(join *j, geo_err *err)
{
    const bool by_ground = j->o->figures->areal;
    if (j->o->out_crs && (!by_ground || geo_figures_are_pairs(j) || geo_join_to_csv(j))) /* told before the work, not after */
        return geo_join_plan_move(j, NULL, err);
    if (!(j->tally = calloc(1, sizeof *j->tally)))
        return geo_err_nomem(err);
    geo_status st = geo_tally_start(j, j->tally, j->o->denominator, err);
    if (st == GEO_OK)
        st = check_measures(j, err);
    if (st == GEO_OK)
        st = plan_kept(j, err);
    if (st < 0)
        return st;
    find_missing(j);
    st = by_ground ? geo_areal_run(j, err) : geo_via_run(j, err);
    return st < 0 ? st : geo_figures_are_pairs(j) ? geo_figures_write_pairs(j, err) : geo_figures_write(j, err);
}
