/* The steps of a join: binding them to the records, and finding the row of each record in them. */
#include "join.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool geo_join_attaches(const join *j, size_t before, const char *name, size_t *step_at, size_t *field_at)
{
    for (int any_case = 0; any_case < 2; any_case++) /* as geo_schema_find: by the exact name, else in any letter case */
        for (size_t k = 0; k < before; k++)
            for (size_t f = 0; f < j->steps[k].fields_n; f++)
                if ((any_case ? strcasecmp : strcmp)(j->steps[k].names[f], name) == 0) {
                    *step_at = k;
                    *field_at = f;
                    return true;
                }
    return false;
}

geo_status geo_join_find_keys(const geo_keys *keys, bool or_sector, const geo_column *column, size_t rows_n, geo_arena *arena, int32_t *row,
                              uint8_t *how, geo_err *err)
{
    const geo_status st = geo_keys_find(keys, column, rows_n, arena, row, err);
    memset(how, 0, rows_n);
    for (size_t r = 0; st == GEO_OK && r < rows_n; r++)
        if (row[r] < 0) {
            unsigned done;
            row[r] = geo_keys_retry(keys, column, r, or_sector, &done);
            how[r] = (uint8_t)done;
        }
    return st;
}

/* A key that an earlier step attaches takes few values: look each up once, here, and records only follow the chain. */
static geo_status bind_to_step(const join *j, step *s, bool or_sector, geo_err *err)
{
    const geo_table *table = j->steps[s->from_step].table;
    const size_t rows_n = geo_table_rows(table);
    geo_arena arena = {0};
    s->row_of = malloc((rows_n + 1) * sizeof *s->row_of);
    s->how_of = malloc(rows_n + 1);
    const geo_status st = s->row_of && s->how_of
                              ? geo_join_find_keys(geo_lookup_keys(s->lookup), or_sector, &geo_table_columns(table)[s->from_field], rows_n,
                                                   &arena, s->row_of, s->how_of, err)
                              : geo_err_nomem(err);
    geo_arena_clear(&arena);
    return st;
}

geo_status geo_join_bind_step(join *j, size_t i, geo_err *err)
{
    step *s = &j->steps[i];
    const geo_schema *records = geo_reader_schema(j->reader);
    if (!s->by_place) {
        const char *on = j->o->steps[i].on;
        const bool attached = geo_join_attaches(j, i, on, &s->from_step, &s->from_field);
        if (attached && geo_schema_find(records, on) >= 0)
            return geo_err_set(err, GEO_EARG,
                               "field '%s' is in the records and attached as well: attach it under a new name, as FIELD:NEW_NAME", on);
        if (attached)
            return bind_to_step(j, s, j->o->steps[i].or_sector, err);
        size_t at;
        const geo_status st = geo_schema_pick(records, on, &at, err);
        if (st < 0)
            return st;
        s->key_field = (ptrdiff_t)at;
        return records->fields[s->key_field].type != GEO_GEOMETRY
                   ? GEO_OK
                   : geo_err_set(err, GEO_EARG, "field '%s' of the records is a geometry, so it cannot be a key", on);
    }
    s->geometry = geo_schema_geometry(records);
    const char *crs = records->fields[s->geometry].crs;
    if (!crs)
        return geo_err_set(err, GEO_ECRS,
                           "the coordinates of the records do not say what they are: add --crs (EPSG:27700 for National Grid)");
    bool same;
    const geo_status st = geo_crs_same(crs, s->areas_crs, &same, err);
    return st < 0 || same ? st : geo_transform_new(crs, s->areas_crs, &j->o->moving, &s->transform, err);
}

/* ---- finding ---- */

/* Count a fault of a record, once however many steps find it. */
void geo_join_tell(geo_parcel *parcel, found *f, geo_fault kind, size_t r)
{
    if (!(f->told[r] >> kind & 1))
        geo_faults_add(parcel->faults, kind, parcel->in->line ? parcel->in->line[r] : (int64_t)r);
    f->told[r] |= 1u << kind;
}

/* How a key was found, or why not. */
void geo_join_tell_key(geo_parcel *parcel, found *f, int32_t row, unsigned how, size_t r)
{
    if (how & GEO_KEY_MENDED)
        geo_join_tell(parcel, f, GEO_FAULT_MENDED_KEY, r);
    if (how & GEO_KEY_SECTOR)
        geo_join_tell(parcel, f, GEO_FAULT_SECTOR_KEY, r);
    if (row == -1 || row == -2)
        geo_join_tell(parcel, f, how & GEO_KEY_ROUNDED ? GEO_FAULT_ROUNDED_KEY : row == -1 ? GEO_FAULT_NO_KEY : GEO_FAULT_UNKNOWN_KEY, r);
}

geo_status geo_join_find(join *j, size_t i, geo_parcel *parcel, found *f, geo_err *err)
{
    step *s = &j->steps[i];
    const geo_batch *b = parcel->in;
    int32_t *row = f->row[i] = geo_arena_array(parcel->arena, b->rows_n + 1, sizeof *row);
    if (!row)
        return geo_err_nomem(err);
    if (s->by_place)
        return geo_join_place(j, i, parcel, f, err);
    uint8_t *how = geo_arena_alloc(parcel->arena, b->rows_n + 1);
    if (!how)
        return geo_err_nomem(err);
    if (s->row_of) {
        const int32_t *earlier = f->row[s->from_step];
        for (size_t r = 0; r < b->rows_n; r++) {
            row[r] = earlier[r] < 0 ? -3 : s->row_of[earlier[r]]; /* -3: the earlier step has told the fault already */
            how[r] = earlier[r] < 0 ? 0 : s->how_of[earlier[r]];
        }
    } else {
        const geo_status st = geo_join_find_keys(geo_lookup_keys(s->lookup), j->o->steps[i].or_sector, &b->columns[s->key_field], b->rows_n,
                                                 parcel->arena, row, how, err);
        if (st < 0)
            return st;
    }
    for (size_t r = 0; r < b->rows_n; r++)
        if (row[r] < 0 || how[r])
            geo_join_tell_key(parcel, f, row[r], how[r], r);
    return GEO_OK;
}
