/*
 * geo_areas_overlaps on two files, and where the time goes: reading both, building their indices, measuring; in seconds of wall time.
 *
 * usage: overlaps FIRST.gpkg SECOND.gpkg THREADS > OUT.csv        (first,second,size: numbers of rows, from 0)
 */
#include "bench.h"
#include "geo/init.h"
#include "geo/overlap.h"
#include "geo/parallel.h"
#include "geo/reader.h"

typedef struct gathering {
    geo_areas *areas;
    size_t geometry;
} gathering;

static geo_status work(void *ctx, geo_parcel *p, geo_err *err)
{
    (void)ctx, (void)p, (void)err;
    return GEO_OK;
}

static geo_status add(void *ctx, const geo_parcel *p, geo_err *err)
{
    const gathering *g = ctx;
    return geo_areas_add(g->areas, &p->in->columns[g->geometry], p->in->rows_n, err);
}

static geo_areas *read_areas(const char *file, int threads)
{
    geo_err err;
    geo_reader *in;
    const geo_reader_options o = {.want_geometry = true, .columns = (const char *const[]){NULL}};
    must(geo_reader_open(file, &o, &in, &err), &err);
    gathering g = {geo_areas_new(), (size_t)geo_schema_geometry(geo_reader_schema(in))};
    const geo_flow flow = {work, add, &g};
    must(geo_flow_run(in, &flow, threads, NULL, &err), &err);
    geo_reader_close(in);
    return g.areas;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    geo_err err;
    const int threads = atoi(argv[3]) > 0 ? atoi(argv[3]) : geo_threads_default();
    must(geo_init(&err), &err);
    const double start = now();
    geo_areas *first = read_areas(argv[1], threads), *second = read_areas(argv[2], threads);
    const double read = now();
    must(geo_areas_build(first, NULL, 0, threads, NULL, &err), &err);
    must(geo_areas_build(second, NULL, 0, threads, NULL, &err), &err);
    const double built = now();
    geo_overlap *pairs;
    size_t n;
    must(geo_areas_overlaps(first, second, threads, NULL, &pairs, &n, &err), &err);
    const double measured = now();
    puts("first,second,size");
    for (size_t i = 0; i < n; i++)
        printf("%d,%d,%.17g\n", pairs[i].first, pairs[i].second, pairs[i].size);
    fprintf(stderr, "%.3f %.3f %.3f\n", read - start, built - read, measured - built);
    free(pairs);
    geo_areas_free(first);
    geo_areas_free(second);
    return fflush(stdout) != 0;
}
