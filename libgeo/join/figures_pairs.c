/* Ground in common as a table: a row for each pair of a source and a target, and for what is left of a source outside them all. */
#include "figures.h"

#include <string.h>

/* Which parts come out, by row: the source and the part. */
typedef struct pairs {
    sheet sheet;
    int32_t *source, *target; /* target: negative for none */
    double *share, *size;     /* of what the source has, and in square units */
} pairs;

static bool is_wanted(const geo_join_options *o, bool none)
{
    return o->unmatched == GEO_UNMATCHED_KEEP || (o->unmatched == GEO_UNMATCHED_DROP) != none;
}

static geo_status gather(pairs *p, geo_err *err)
{
    const join *j = p->sheet.j;
    const figures *f = j->figures;
    size_t most = 1;
    for (size_t i = 0; i < f->sources_n; i++) {
        size_t n;
        (void)geo_relation_parts(f->relation, i, &n);
        most += n + (n == 0);
    }
    p->source = geo_arena_array(&p->sheet.j->arena, most, sizeof *p->source);
    p->target = geo_arena_array(&p->sheet.j->arena, most, sizeof *p->target);
    p->share = geo_arena_array(&p->sheet.j->arena, most, sizeof *p->share);
    p->size = geo_arena_array(&p->sheet.j->arena, most, sizeof *p->size);
    if (!p->source || !p->target || !p->share || !p->size)
        return geo_err_nomem(err);
    const geo_overlap *overlap = geo_areal_overlaps(f->areal); /* one for each part that is in an area */
    for (size_t i = 0; i < f->sources_n; i++) {
        static const geo_share NOWHERE = {-1, 1};
        size_t n;
        const geo_share *parts = geo_relation_parts(f->relation, i, &n);
        if (n == 0) {
            parts = &NOWHERE;
            n = 1;
        }
        for (size_t k = 0; k < n; k++) {
            const bool none = parts[k].area < 0;
            const double size = none ? geo_areal_size(f->areal, i) * parts[k].share : (overlap++)->size;
            if (!is_wanted(j->o, none))
                continue;
            p->source[p->sheet.rows_n] = (int32_t)i;
            p->target[p->sheet.rows_n] = parts[k].area;
            p->size[p->sheet.rows_n] = size;
            p->share[p->sheet.rows_n++] = parts[k].share;
        }
    }
    return GEO_OK;
}

static geo_status add_ground(pairs *p, geo_err *err)
{
    bool *there = geo_arena_array(&p->sheet.j->arena, p->sheet.rows_n + 1, sizeof *there);
    if (!there)
        return geo_err_nomem(err);
    memset(there, true, p->sheet.rows_n);
    const geo_status st = geo_sheet_numbers(&p->sheet, "overlap_m2", p->size, there, err);
    return st < 0 ? st : geo_sheet_numbers(&p->sheet, "share", p->share, there, err);
}

geo_status geo_figures_write_pairs(join *j, geo_err *err)
{
    const figures *f = j->figures;
    const step *areas = &j->steps[0];
    pairs p = {{0}, NULL, NULL, NULL, NULL};
    geo_status st = geo_sheet_start(&p.sheet, j, f->keep_n + areas->fields_n + 3, err);
    if (st == GEO_OK)
        st = gather(&p, err);
    for (size_t k = 0; st == GEO_OK && k < f->keep_n; k++) {
        geo_column c = geo_table_columns(f->kept)[k];
        c.index = p.source;
        st = geo_sheet_add(&p.sheet, geo_table_schema(f->kept)->fields[k].name, c, err);
    }
    for (size_t k = 0; st == GEO_OK && k < areas->fields_n; k++)
        st = geo_sheet_field(&p.sheet, areas, k, p.target, err);
    if (st == GEO_OK)
        st = add_ground(&p, err);
    return st < 0 ? st : geo_sheet_write(&p.sheet, err);
}
