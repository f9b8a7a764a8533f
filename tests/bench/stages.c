/*
 * Where geojoin's time goes: reading the areas, building the index, reading the points, locating them, writing; each alone, in seconds of
 * wall time on all processors.
 *
 * usage: stages AREAS.gpkg KEY POINTS.csv HOW_MANY
 */
#include "bench.h"
#include "geo/areas.h"
#include "geo/init.h"
#include "geo/parallel.h"
#include "geo/reader.h"
#include "geo/writer.h"

#include <string.h>

typedef struct run {
    geo_areas *areas;
    geo_writer *writer;
    bool locate, write;
    size_t geometry;
} run;

static geo_status work(void *ctx, geo_parcel *p, geo_err *err)
{
    const run *r = ctx;
    if (r->locate) {
        const geo_geometries *g = p->in->columns[r->geometry].geometries;
        int32_t *area = geo_arena_array(p->arena, p->in->rows_n + 1, sizeof *area);
        if (!area)
            return geo_err_nomem(err);
        geo_areas_locate(r->areas, g->x, g->y, p->in->rows_n, area, NULL);
    }
    return r->write ? geo_writer_encode(r->writer, p->in, p->bytes, err) : GEO_OK;
}

static geo_status put(void *ctx, const geo_parcel *p, geo_err *err)
{
    const run *r = ctx;
    return r->write ? geo_writer_put(r->writer, p->in, p->bytes, err) : GEO_OK;
}

static geo_status add(void *ctx, const geo_parcel *p, geo_err *err)
{
    const run *r = ctx;
    return geo_areas_add(r->areas, &p->in->columns[r->geometry], p->in->rows_n, err);
}

static double pass_over_points(const char *file, run *r)
{
    geo_err err;
    geo_reader *in;
    const double start = now();
    const geo_reader_options o = {.want_geometry = true, .crs = "EPSG:27700", .columns = (const char *const[]){NULL}};
    must(geo_reader_open(file, &o, &in, &err), &err);
    r->geometry = (size_t)geo_schema_geometry(geo_reader_schema(in));
    if (r->write) {
        const geo_writer_options w = {.text_fields_n = r->geometry};
        must(geo_writer_open("/dev/null", geo_reader_schema(in), &w, &r->writer, &err), &err);
    }
    const geo_flow flow = {work, put, r};
    must(geo_flow_run(in, &flow, geo_threads_default(), NULL, &err), &err);
    geo_reader_close(in);
    geo_writer_close(r->writer);
    return now() - start;
}

int main(int argc, char **argv)
{
    geo_err err;
    if (argc != 5)
        return 2;
    must(geo_init(&err), &err);
    run r = {.areas = geo_areas_new()};
    geo_reader *in;
    double start = now();
    const geo_reader_options o = {.want_geometry = true, .columns = (const char *const[]){argv[2], NULL}};
    must(geo_reader_open(argv[1], &o, &in, &err), &err);
    r.geometry = (size_t)geo_schema_geometry(geo_reader_schema(in));
    const geo_flow adding = {work, add, &r};
    must(geo_flow_run(in, &adding, geo_threads_default(), NULL, &err), &err);
    geo_reader_close(in);
    const double read_areas = now() - start;
    start = now();
    must(geo_areas_build(r.areas, NULL, atoll(argv[4]), geo_threads_default(), NULL, &err), &err);
    const double build = now() - start;
    const double read = pass_over_points(argv[3], &r);
    r.locate = true;
    const double read_locate = pass_over_points(argv[3], &r);
    r.locate = false;
    r.write = true;
    const double read_write = pass_over_points(argv[3], &r);
    const double locate = read_locate - read, write = read_write - read, all = read_areas + build + read + locate + write;
    printf("  read areas %.2f s (%.0f %%), build index %.2f (%.0f %%), read points %.2f (%.0f %%), locate %.2f (%.0f %%), write %.2f (%.0f "
           "%%)\n",
           read_areas, 100 * read_areas / all, build, 100 * build / all, read, 100 * read / all, locate, 100 * locate / all, write,
           100 * write / all);
    geo_areas_free(r.areas);
    return 0;
}
