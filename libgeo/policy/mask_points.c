/* Points of a file, masked. */
#include "../core/vec.h"
#include "../table/column.h"
#include "geo/cellkey.h"
#include "geo/mask.h"
#include "geo/pool.h"
#include "geo/sdc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GRID_CRS "EPSG:27700"
#define MOST_M 2000.0
#define INNER 0.5 /* of a ring: nobody stays near where he is */
#define LEAST_M 25.0
#define TRIES 10

/* Points of one file: their places on National Grid, NaN for none, and what else of the records is kept. */
typedef struct places {
    geo_vec x, y;     /* double */
    geo_vec group;    /* int32_t, where there are groups */
    geo_vec key;      /* uint64_t, where there are ids */
    geo_table *table; /* fields that go out */
    geo_class class_;
    geo_faults faults;
    const char *unit;
    int64_t rows_n;
} places;

static void clear(places *p)
{
    geo_vec_clear(&p->x);
    geo_vec_clear(&p->y);
    geo_vec_clear(&p->group);
    geo_vec_clear(&p->key);
    geo_table_free(p->table);
}

/* Places of a batch, moved. */
static geo_status add_places(places *p, const geo_batch *b, size_t at, geo_transform *t, geo_err *err)
{
    const geo_geometries *g = b->columns[at].geometries;
    if (!geo_vec_reserve(&p->x, b->rows_n, sizeof(double)) || !geo_vec_reserve(&p->y, b->rows_n, sizeof(double)))
        return geo_err_nomem(err);
    double *x = (double *)p->x.items + p->x.n, *y = (double *)p->y.items + p->y.n;
    for (size_t r = 0; r < b->rows_n; r++) {
        const bool point = !g->kind || (g->kind[r] == GEO_POINT && g->part_at[r] < g->part_at[r + 1]);
        const size_t v = !g->kind ? r : point ? (size_t)g->vertex_at[g->ring_at[g->part_at[r]]] : 0;
        x[r] = point && isfinite(g->x[v]) ? g->x[v] : NAN;
        y[r] = point && isfinite(g->y[v]) ? g->y[v] : NAN;
    }
    p->x.n += b->rows_n;
    p->y.n += b->rows_n;
    return t ? geo_transform_points(t, x, y, b->rows_n, err) : GEO_OK;
}

static geo_status add_groups(places *p, const geo_batch *b, size_t at, geo_pool *groups, geo_err *err)
{
    if (!geo_vec_reserve(&p->group, b->rows_n, sizeof(int32_t)))
        return geo_err_nomem(err);
    for (size_t r = 0; r < b->rows_n; r++) {
        char room[GEO_VALUE_ROOM];
        size_t n;
        int32_t id = -1;
        const char *s = geo_column_print(&b->columns[at], r, room, &n);
        const geo_status st = n ? geo_pool_add(groups, s, n, &id, NULL, err) : GEO_OK;
        if (st < 0)
            return st;
        ((int32_t *)p->group.items)[p->group.n++] = id;
    }
    return GEO_OK;
}

static geo_status add_keys(places *p, const geo_batch *b, size_t at, const uint8_t *secret, geo_err *err)
{
    if (!geo_vec_reserve(&p->key, b->rows_n, sizeof(uint64_t)))
        return geo_err_nomem(err);
    for (size_t r = 0; r < b->rows_n; r++) {
        char room[GEO_VALUE_ROOM];
        size_t n;
        const char *s = geo_column_print(&b->columns[at], r, room, &n);
        ((uint64_t *)p->key.items)[p->key.n++] = geo_record_key(secret, s ? s : "", n);
    }
    return GEO_OK;
}

/* Where in a file what is needed stands. */
typedef struct bound {
    size_t place, group, id, *keep, keep_n;
    geo_transform *transform;
} bound;

static geo_status bind(const geo_sdc_points *o, bool records, const geo_schema *schema, bound *at, geo_err *err)
{
    bool same = true;
    at->place = (size_t)geo_schema_geometry(schema);
    geo_status st = geo_crs_same(schema->fields[at->place].crs, GRID_CRS, &same, err);
    if (st == GEO_OK && !same)
        st = geo_transform_new(schema->fields[at->place].crs, GRID_CRS, &o->moving, &at->transform, err);
    if (st == GEO_OK && o->group)
        st = geo_schema_pick(schema, o->group, &at->group, err);
    if (st == GEO_OK && records && o->id)
        st = geo_schema_pick(schema, o->id, &at->id, err);
    while (records && o->fields && o->fields[at->keep_n])
        at->keep_n++;
    if (st == GEO_OK && !(at->keep = calloc(at->keep_n + 1, sizeof *at->keep)))
        st = geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < at->keep_n; i++) {
        st = geo_names_class(o->fields[i]) ? geo_err_set(err, GEO_EARG, "the column of classes goes by itself")
                                           : geo_schema_pick(schema, o->fields[i], &at->keep[i], err);
        if (st == GEO_OK && schema->fields[at->keep[i]].type == GEO_GEOMETRY)
            st = geo_err_set(err, GEO_EARG, "a field that goes out must not be the place of the record");
    }
    return st;
}

static geo_status take(const geo_sdc_points *o, bool records, geo_reader *reader, const bound *at, geo_pool *groups, places *p,
                       geo_err *err)
{
    const geo_batch *b;
    geo_status st = records ? geo_table_new(geo_reader_schema(reader), at->keep, at->keep_n, &p->table, err) : GEO_OK;
    while (st == GEO_OK && (st = geo_reader_next(reader, &b, err)) == GEO_OK) {
        for (size_t r = 0; r < b->rows_n; r++)
            p->class_ = geo_class_join(p->class_, geo_batch_class(b, r));
        st = add_places(p, b, at->place, at->transform, err);
        if (st == GEO_OK && o->group)
            st = add_groups(p, b, at->group, groups, err);
        if (st == GEO_OK && records && o->id)
            st = add_keys(p, b, at->id, o->secret, err);
        if (st == GEO_OK && records)
            st = geo_table_append(p->table, b, err);
    }
    p->faults = *geo_reader_faults(reader);
    p->unit = geo_reader_unit(reader);
    p->rows_n = geo_reader_rows(reader);
    return st == GEO_DONE ? GEO_OK : st;
}

static geo_status read_places(const geo_sdc_points *o, bool records, geo_pool *groups, places *p, geo_err *err)
{
    const char *file = records ? o->file : o->addresses;
    geo_reader_options reading = {.layer = o->addresses_layer, .encoding = o->reading.encoding};
    if (records)
        reading = o->reading;
    reading.raise = o->raise;
    reading.watch = o->watch;
    reading.want_geometry = true;
    p->class_ = o->raise;
    geo_reader *reader = NULL;
    bound at = {0};
    geo_status st = geo_label_find(file, o->policy, &reading.label, o->watch, err);
    if (st == GEO_OK)
        st = geo_reader_open(file, &reading, &reader, err);
    if (st < 0)
        return st;
    st = bind(o, records, geo_reader_schema(reader), &at, err);
    if (st == GEO_OK)
        st = take(o, records, reader, &at, groups, p, err);
    free(at.keep);
    geo_transform_free(at.transform);
    geo_reader_close(reader);
    return st < 0 ? geo_err_wrap(err, st, "'%s'", geo_name_shown(file)) : GEO_OK;
}

/* ---- masking ---- */

/* Addresses without a place are none. */
static geo_status index_addresses(const geo_sdc_points *o, places *a, geo_addresses **out, geo_err *err)
{
    double *x = a->x.items, *y = a->y.items;
    int32_t *group = o->group ? a->group.items : NULL;
    size_t n = 0;
    for (size_t i = 0; i < a->x.n; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i]))
            continue;
        x[n] = x[i];
        y[n] = y[i];
        if (group)
            group[n] = group[i];
        n++;
    }
    a->x.n = n;
    return geo_addresses_new(x, y, group, n, out, err);
}

static geo_status mask(const geo_sdc_points *o, const geo_addresses *addresses, const places *p, double *x, double *y,
                       geo_sdc_masked *report, geo_err *err)
{
    size_t refused_n = 0;
    geo_status st;
    if (report->snapped) {
        geo_catchments *catchments = NULL;
        st = geo_catchments_new(addresses, report->k, &catchments, err);
        if (st == GEO_OK)
            st = geo_mask_snap(catchments, p->x.items, p->y.items, o->group ? p->group.items : NULL, p->x.n, o->threads, x, y, NULL,
                               &refused_n, err);
        geo_catchments_free(catchments);
    } else {
        const geo_donut donut = {
            .k = report->k, .inner = INNER, .least_m = LEAST_M, .most_m = o->most_m > 0 ? o->most_m : MOST_M, .tries = TRIES};
        geo_rings *rings = NULL;
        st = geo_rings_new(addresses, &donut, o->threads, &rings, err);
        if (st == GEO_OK)
            geo_mask_donut(rings, o->secret, o->id ? p->key.items : NULL, p->x.items, p->y.items, p->x.n, o->threads, x, y, &refused_n);
        geo_rings_free(rings);
    }
    report->refused_n = (int64_t)refused_n;
    return st;
}

/* ---- out ---- */

typedef struct spot {
    double x, y;
    int32_t row;
} spot;

static int by_place(const void *a, const void *b)
{
    const spot *p = a, *q = b;
    return p->x != q->x ? (p->x < q->x ? -1 : 1) : p->y != q->y ? (p->y < q->y ? -1 : 1) : p->row - q->row;
}

/* The masked ones in the order of their new places, so that nothing tells where in the file each stood. */
static geo_status write(const places *p, const double *x, const double *y, const char *output, const geo_writer_options *writing,
                        geo_sdc_masked *report, geo_err *err)
{
    geo_arena arena = {0};
    const size_t n = p->x.n;
    const geo_schema *kept = geo_table_schema(p->table);
    spot *spots = geo_arena_array(&arena, n + 1, sizeof *spots);
    int32_t *index = geo_arena_array(&arena, n + 1, sizeof *index);
    double *out_x = geo_arena_array(&arena, n + 1, sizeof *out_x), *out_y = geo_arena_array(&arena, n + 1, sizeof *out_y);
    geo_field *fields = geo_arena_array(&arena, kept->fields_n + 1, sizeof *fields);
    geo_column *columns = geo_arena_array(&arena, kept->fields_n + 1, sizeof *columns);
    geo_status st = spots && index && out_x && out_y && fields && columns ? GEO_OK : geo_err_nomem(err);
    size_t rows_n = 0;
    for (size_t i = 0; st == GEO_OK && i < n; i++)
        if (isfinite(x[i]) && isfinite(y[i]))
            spots[rows_n++] = (spot){round(x[i]), round(y[i]), (int32_t)i};
    if (st == GEO_OK)
        qsort(spots, rows_n, sizeof *spots, by_place);
    for (size_t i = 0; st == GEO_OK && i < rows_n; i++) {
        index[i] = spots[i].row;
        out_x[i] = spots[i].x;
        out_y[i] = spots[i].y;
    }
    const geo_geometries points = {.x = out_x, .y = out_y};
    for (size_t i = 0; st == GEO_OK && i < kept->fields_n; i++) {
        fields[i] = kept->fields[i];
        columns[i] = geo_table_columns(p->table)[i];
        columns[i].index = index;
    }
    if (st == GEO_OK) {
        fields[kept->fields_n] = (geo_field){.name = "geometry", .type = GEO_GEOMETRY, .crs = GRID_CRS, .kind = GEO_POINT};
        columns[kept->fields_n] = (geo_column){.type = GEO_GEOMETRY, .held = true, .geometries = &points};
    }
    const geo_schema schema = {kept->fields_n + 1, fields};
    const geo_batch batch = {.rows_n = rows_n, .schema = &schema, .columns = columns, .class_ = report->class_};
    geo_writer *w = NULL;
    geo_bytes bytes = {0};
    if (st == GEO_OK)
        st = geo_writer_open(output, &schema, writing, &w, err);
    if (st == GEO_OK)
        st = geo_writer_encode(w, &batch, &bytes, err);
    if (st == GEO_OK && rows_n)
        st = geo_writer_put(w, &batch, &bytes, err);
    if (st == GEO_OK)
        st = geo_writer_finish(w, err);
    report->masked_n = (int64_t)rows_n;
    geo_bytes_clear(&bytes);
    geo_writer_close(w);
    geo_arena_clear(&arena);
    return st;
}

geo_status geo_sdc_mask(const geo_sdc_points *o, const char *output, const geo_writer_options *writing, geo_sdc_masked *report,
                        geo_err *err)
{
    const geo_policy_terms *terms = o->policy ? geo_policy_get_terms(o->policy) : NULL;
    *report = (geo_sdc_masked){.unit = "",
                               .k = o->by_policy && terms ? (size_t)terms->mask_k : o->k,
                               .snapped = o->by_policy && terms ? terms->mask_snap : o->snap};
    if (!report->snapped && !o->secret)
        return geo_err_set(err, GEO_EARG, "moving points at random needs the secret of a ledger");
    places addresses = {0}, points = {0};
    geo_addresses *index = NULL;
    geo_pool *groups = geo_pool_new();
    geo_status st = groups ? read_places(o, false, groups, &addresses, err) : geo_err_nomem(err);
    if (st == GEO_OK)
        st = read_places(o, true, groups, &points, err);
    if (st == GEO_OK)
        st = index_addresses(o, &addresses, &index, err);
    report->addresses_n = (int64_t)addresses.x.n;
    if (st == GEO_OK && addresses.x.n < report->k)
        st = geo_err_set(err, GEO_EFORMAT, "'%s' has %zu addresses, and each point must stand for %zu", geo_name_shown(o->addresses),
                         addresses.x.n, report->k);
    double *x = malloc((points.x.n + 1) * sizeof *x), *y = malloc((points.x.n + 1) * sizeof *y);
    if (st == GEO_OK && (!x || !y))
        st = geo_err_nomem(err);
    report->class_ = geo_class_join(points.class_, o->raise);
    report->rows_n = points.rows_n;
    report->faults = points.faults;
    report->unit = points.unit ? points.unit : "";
    if (st == GEO_OK)
        st = mask(o, index, &points, x, y, report, err);
    if (st == GEO_OK)
        st = write(&points, x, y, output, writing, report, err);
    free(x);
    free(y);
    geo_addresses_free(index);
    geo_pool_free(groups);
    clear(&addresses);
    clear(&points);
    return st;
}
