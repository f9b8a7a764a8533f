/* Whole tables, made of appended batches. */
#include "geo/table.h"

#include "../core/vec.h"
#include "column.h"
#include "geo/number.h"
#include "settle.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct kept {
    size_t from; /* position in the schema of the batches */
    geo_vec valid, values, offsets;
    geo_vec kind, part_at, ring_at, vertex_at, x, y; /* geometry */
    bool any_null;
} kept;

struct geo_table {
    size_t rows_n, fields_n;
    kept *kept;
    geo_field *fields;
    geo_column *columns;
    geo_geometries *geometries;
    geo_schema schema;
    geo_arena names;
};

static size_t width_of(geo_type t)
{
    switch (t) {
    case GEO_INT:
    case GEO_DOUBLE: return 8;
    case GEO_DATE: return 4;
    default: return 1;
    }
}

static bool push_offset(geo_vec *v, int64_t offset)
{
    return geo_vec_append(v, &offset, 1, sizeof offset);
}

geo_status geo_table_new(const geo_schema *schema, const size_t *keep, size_t keep_n, geo_table **out, geo_err *err)
{
    geo_table *t = calloc(1, sizeof *t);
    if (!t)
        return geo_err_nomem(err);
    t->fields_n = keep_n;
    t->kept = calloc(keep_n + 1, sizeof *t->kept);
    t->fields = calloc(keep_n + 1, sizeof *t->fields);
    t->columns = calloc(keep_n + 1, sizeof *t->columns);
    t->geometries = calloc(keep_n + 1, sizeof *t->geometries);
    bool ok = t->kept && t->fields && t->columns && t->geometries;
    for (size_t i = 0; ok && i < keep_n; i++) {
        const geo_field *f = &schema->fields[keep[i]];
        t->kept[i].from = keep[i];
        t->fields[i] = *f;
        t->fields[i].name = geo_arena_text(&t->names, f->name, strlen(f->name));
        if (f->crs)
            t->fields[i].crs = geo_arena_text(&t->names, f->crs, strlen(f->crs));
        ok = t->fields[i].name && (!f->crs || t->fields[i].crs) && push_offset(&t->kept[i].offsets, 0);
        if (ok && f->type == GEO_GEOMETRY)
            ok = push_offset(&t->kept[i].part_at, 0) && push_offset(&t->kept[i].ring_at, 0) && push_offset(&t->kept[i].vertex_at, 0);
    }
    if (!ok) {
        geo_table_free(t);
        return geo_err_nomem(err);
    }
    t->schema = (geo_schema){keep_n, t->fields};
    *out = t;
    return GEO_OK;
}

void geo_table_free(geo_table *t)
{
    if (!t)
        return;
    for (size_t i = 0; t->kept && i < t->fields_n; i++) {
        kept *k = &t->kept[i];
        geo_vec *const all[] = {&k->valid, &k->values, &k->offsets, &k->kind, &k->part_at, &k->ring_at, &k->vertex_at, &k->x, &k->y};
        for (size_t j = 0; j < sizeof all / sizeof *all; j++)
            geo_vec_clear(all[j]);
    }
    free(t->kept);
    free(t->fields);
    free(t->columns);
    free(t->geometries);
    geo_arena_clear(&t->names);
    free(t);
}

static bool append_valid(kept *k, size_t row, bool is_valid)
{
    if (row % 8 == 0) {
        const uint8_t none = 0;
        if (!geo_vec_append(&k->valid, &none, 1, 1))
            return false;
    }
    ((uint8_t *)k->valid.items)[row / 8] |= (uint8_t)(is_valid << row % 8);
    k->any_null |= !is_valid;
    return true;
}

static bool append_geometry(kept *k, const geo_geometries *g, ptrdiff_t r)
{
    const bool points = !g->kind;
    const uint8_t kind = r < 0    ? GEO_NO_GEOMETRY
                         : points ? (isfinite(g->x[r]) && isfinite(g->y[r]) ? GEO_POINT : GEO_NO_GEOMETRY)
                                  : g->kind[r];
    if (!geo_vec_append(&k->kind, &kind, 1, 1))
        return false;
    if (kind == GEO_POINT && points) {
        if (!geo_vec_append(&k->x, &g->x[r], 1, 8) || !geo_vec_append(&k->y, &g->y[r], 1, 8) || !push_offset(&k->vertex_at, (int64_t)k->x.n)
            || !push_offset(&k->ring_at, (int64_t)k->vertex_at.n - 1))
            return false;
    } else if (kind != GEO_NO_GEOMETRY && kind != GEO_BAD_GEOMETRY) {
        for (int64_t p = g->part_at[r]; p < g->part_at[r + 1]; p++) {
            for (int64_t q = g->ring_at[p]; q < g->ring_at[p + 1]; q++) {
                const int64_t from = g->vertex_at[q];
                const size_t n = (size_t)(g->vertex_at[q + 1] - from);
                if (!geo_vec_reserve(&k->x, n, 8) || !geo_vec_reserve(&k->y, n, 8))
                    return false;
                memcpy((double *)k->x.items + k->x.n, g->x + from, n * 8);
                memcpy((double *)k->y.items + k->y.n, g->y + from, n * 8);
                k->x.n += n;
                k->y.n += n;
                if (!push_offset(&k->vertex_at, (int64_t)k->x.n))
                    return false;
            }
            if (!push_offset(&k->ring_at, (int64_t)k->vertex_at.n - 1))
                return false;
        }
    }
    return push_offset(&k->part_at, (int64_t)k->ring_at.n - 1);
}

static bool append_text_column(kept *k, const geo_column *c, size_t rows_n)
{
    if (!geo_vec_reserve(&k->offsets, rows_n, sizeof(int64_t)))
        return false;
    for (size_t r = 0; r < rows_n; r++) {
        size_t n;
        const char *s = geo_column_text(c, r, &n);
        if (!geo_vec_append(&k->values, s, n, 1))
            return false;
        ((int64_t *)k->offsets.items)[k->offsets.n++] = (int64_t)k->values.n;
    }
    return true;
}

static bool append_column(kept *k, const geo_column *c, size_t first_row, size_t rows_n)
{
    static const char zero[8] = {0};
    const size_t width = width_of(c->type);
    bool ok = true;
    for (size_t r = 0; ok && r < rows_n; r++)
        ok = append_valid(k, first_row + r, geo_column_place(c, r) >= 0);
    if (c->type == GEO_TEXT)
        return ok && append_text_column(k, c, rows_n);
    for (size_t r = 0; ok && r < rows_n; r++) {
        const ptrdiff_t v = geo_column_place(c, r);
        ok = c->type == GEO_GEOMETRY ? append_geometry(k, c->geometries, v)
                                     : geo_vec_append(&k->values, v < 0 ? zero : (const char *)c->values + (size_t)v * width, 1, width);
    }
    return ok;
}

geo_status geo_table_append_rows(geo_table *t, const geo_batch *b, const int32_t *rows, size_t rows_n, geo_err *err)
{
    if (rows_n > (size_t)INT32_MAX - t->rows_n)
        return geo_err_set(err, GEO_ENOMEM, "more rows than a table in memory can hold");
    for (size_t i = 0; i < t->fields_n; i++) {
        geo_column c = b->columns[t->kept[i].from];
        c.index = rows ? rows : c.index;
        if (!append_column(&t->kept[i], &c, t->rows_n, rows_n))
            return geo_err_nomem(err);
    }
    t->rows_n += rows_n;
    return GEO_OK;
}

geo_status geo_table_append(geo_table *t, const geo_batch *b, geo_err *err)
{
    return geo_table_append_rows(t, b, NULL, b->rows_n, err);
}

size_t geo_table_rows(const geo_table *t)
{
    return t->rows_n;
}

const geo_schema *geo_table_schema(const geo_table *t)
{
    return &t->schema;
}

const geo_column *geo_table_columns(const geo_table *t)
{
    for (size_t i = 0; i < t->fields_n; i++) {
        const kept *k = &t->kept[i];
        t->geometries[i] = (geo_geometries){k->kind.items, k->part_at.items, k->ring_at.items, k->vertex_at.items, k->x.items, k->y.items};
        t->columns[i] = (geo_column){.type = t->fields[i].type,
                                     .held = true,
                                     .valid = k->any_null ? k->valid.items : NULL,
                                     .values = k->values.items,
                                     .offsets = k->offsets.items,
                                     .geometries = &t->geometries[i]};
    }
    return t->columns;
}

static geo_type settled_type(const geo_column *c, size_t rows_n)
{
    geo_settling settling = {0};
    for (size_t r = 0; r < rows_n; r++) {
        size_t n;
        const char *s = geo_column_text(c, r, &n);
        if (n)
            geo_settling_add(&settling, s, n);
    }
    return geo_settling_type(&settling, false);
}

static bool convert(kept *k, const geo_column *c, geo_type type, size_t rows_n)
{
    geo_vec values = {0};
    const size_t width = width_of(type);
    if (!geo_vec_reserve(&values, rows_n + 1, width))
        return false;
    for (size_t r = 0; r < rows_n; r++) {
        size_t n;
        const char *s = geo_column_text(c, r, &n);
        memset((char *)values.items + r * width, 0, width);
        if (n == 0) {
            ((uint8_t *)k->valid.items)[r / 8] &= (uint8_t) ~(1u << r % 8);
            k->any_null = true;
        } else if (type == GEO_INT) {
            (void)geo_number_parse_int(s, n, (int64_t *)values.items + r);
        } else if (type == GEO_DOUBLE) {
            (void)geo_number_parse(s, n, (double *)values.items + r);
        } else {
            (void)geo_date_parse(s, n, (int32_t *)values.items + r);
        }
    }
    values.n = rows_n;
    geo_vec_clear(&k->values);
    k->values = values;
    return true;
}

geo_status geo_table_settle(geo_table *t, geo_err *err)
{
    const geo_column *columns = geo_table_columns(t);
    for (size_t i = 0; i < t->fields_n; i++) {
        const geo_type type = columns[i].type == GEO_TEXT ? settled_type(&columns[i], t->rows_n) : GEO_TEXT;
        if (type == GEO_TEXT)
            continue;
        if (!convert(&t->kept[i], &columns[i], type, t->rows_n))
            return geo_err_nomem(err);
        t->fields[i].type = type;
    }
    return GEO_OK;
}
