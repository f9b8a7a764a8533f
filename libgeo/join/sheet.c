/* A table that is put together column by column and written at the end: what counts and figures come out as. */
#include "tally.h"

#include "../table/column.h"

#include <string.h>

geo_status geo_sheet_start(sheet *s, join *j, size_t most, geo_err *err)
{
    *s = (sheet){.j = j,
                 .fields = geo_arena_array(&j->arena, most + 1, sizeof(geo_field)),
                 .columns = geo_arena_array(&j->arena, most + 1, sizeof(geo_column))};
    return s->fields && s->columns ? GEO_OK : geo_err_nomem(err);
}

geo_status geo_sheet_choose(sheet *s, const int64_t *n, size_t groups_n, const int32_t **group, geo_err *err)
{
    const geo_join_options *o = s->j->o;
    int32_t *chosen = geo_arena_array(&s->j->arena, groups_n + 2, sizeof *chosen);
    if (!chosen)
        return geo_err_nomem(err);
    for (size_t g = 0; g < groups_n; g++)
        if (o->unmatched != GEO_UNMATCHED_ONLY && (o->all_areas || n[g]))
            chosen[s->rows_n++] = (int32_t)g;
    if (o->unmatched != GEO_UNMATCHED_DROP && n[groups_n])
        chosen[s->rows_n++] = (int32_t)groups_n;
    *group = chosen;
    return GEO_OK;
}

geo_status geo_sheet_add(sheet *s, const char *name, geo_column column, geo_err *err)
{
    const geo_schema so_far = {s->n, s->fields};
    if (!name)
        return geo_err_nomem(err);
    if (geo_names_class(name))
        return geo_err_set(err, GEO_EARG, "'" GEO_CLASS_COLUMN "' is the column of classes: call the other one something else");
    const ptrdiff_t same = geo_schema_find(&so_far, name);
    const bool csv = geo_join_to_csv(s->j);
    if (same >= 0 && strcmp(so_far.fields[same].name, name) == 0)
        return geo_err_set(err, GEO_EARG, "two columns would have the same name: name %s as FIELD:NEW_NAME",
                           s->j->o->figures ? "one of them anew," : "the count with --count=NAME, or attach fields");
    if (same >= 0 && !csv)
        return geo_err_set(err, GEO_EARG,
                           "two columns would have names that differ only in capital letters, which few formats can hold: write .csv, or "
                           "attach fields as FIELD:NEW_NAME");
    s->fields[s->n] = (geo_field){.name = name, .type = column.type};
    s->columns[s->n++] = column;
    return GEO_OK;
}

geo_status geo_sheet_counts(sheet *s, const char *name, const int64_t *values, geo_err *err)
{
    return geo_sheet_add(s, name, (geo_column){.type = GEO_INT, .held = true, .values = values}, err);
}

geo_status geo_sheet_numbers(sheet *s, const char *name, const double *values, const bool *there, geo_err *err)
{
    uint8_t *valid = geo_arena_alloc(&s->j->arena, s->rows_n / 8 + 1);
    if (!valid)
        return geo_err_nomem(err);
    memset(valid, 0, s->rows_n / 8 + 1);
    for (size_t r = 0; r < s->rows_n; r++)
        valid[r / 8] |= (uint8_t)(there[r] << r % 8);
    return geo_sheet_add(s, name, (geo_column){.type = GEO_DOUBLE, .held = true, .values = values, .valid = valid}, err);
}

const char *geo_sheet_name(sheet *s, const char *a, const char *b, size_t bn)
{
    const size_t an = strlen(a);
    char *name = geo_arena_alloc(&s->j->arena, an + bn + 2);
    if (name) {
        memcpy(name, a, an);
        name[an] = '_';
        memcpy(name + an + 1, b, bn);
        name[an + 1 + bn] = '\0';
    }
    return name;
}

geo_status geo_sheet_field(sheet *s, const step *of, size_t field, int32_t *index, geo_err *err)
{
    const geo_field *f = &geo_table_schema(of->table)->fields[field];
    geo_column c = geo_table_columns(of->table)[field];
    c.index = index;
    const geo_status st = geo_sheet_add(s, field < of->fields_n ? of->names[field] : f->name, c, err);
    if (st == GEO_OK && f->type == GEO_GEOMETRY) {
        s->fields[s->n - 1].crs = f->crs;
        s->fields[s->n - 1].kind = GEO_POLYGON;
    }
    return st;
}

geo_status geo_sheet_move(sheet *s, size_t rows_n, geo_err *err)
{
    const geo_schema so_far = {s->n, s->fields};
    const ptrdiff_t at = geo_schema_geometry(&so_far);
    bool *unmoved = geo_arena_alloc(&s->j->arena, rows_n + 1);
    geo_status st = unmoved ? geo_join_plan_move(s->j, at < 0 ? NULL : &s->fields[at], err) : geo_err_nomem(err);
    if (st == GEO_OK)
        st = geo_join_move(s->j->out_transform, &s->columns[at], rows_n, &s->j->arena, unmoved, err);
    for (size_t r = 0; st == GEO_OK && r < rows_n; r++)
        if (unmoved[r])
            st = geo_err_set(err, GEO_EGEOM, "area %zu has vertices that cannot be moved to --out-crs", r + 1);
    return st;
}

geo_status geo_sheet_write(sheet *s, geo_err *err)
{
    join *j = s->j;
    const geo_schema schema = {s->n, s->fields};
    geo_writer_options writing = j->o->writing;
    writing.watch = j->o->watch;
    writing.format = j->format;
    writing.text_fields_n = 0;
    geo_status st = geo_writer_open(j->o->output, &schema, &writing, &j->writer, err);
    if (st < 0)
        return st;
    geo_batch batch = {.rows_n = s->rows_n, .schema = &schema, .columns = s->columns, .class_ = geo_join_class(j)};
    geo_bytes bytes = {0};
    st = geo_writer_encode(j->writer, &batch, &bytes, err);
    if (st == GEO_OK && s->rows_n)
        st = geo_writer_put(j->writer, &batch, &bytes, err);
    geo_bytes_clear(&bytes);
    j->report->written_n = (int64_t)s->rows_n;
    return st;
}
