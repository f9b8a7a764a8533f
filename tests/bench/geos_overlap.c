/*
 * A peer: overlaps of two sets of areas as one writes them over GEOS. Areas through OGR, an STR tree of the envelopes of the second set with
 * prepared geometries, a loop over the first: a pair that the prepared one contains has the size of the first, else the size of the
 * intersection.
 *
 * usage: geos_overlap FIRST.gpkg SECOND.gpkg > OUT.csv        (first,second,size: numbers of rows, from 0)
 */
#include "bench.h"

#include <gdal.h>
#include <geos_c.h>
#include <ogr_api.h>

typedef struct place {
    GEOSGeometry *geometry;
    const GEOSPreparedGeometry *prepared;
    size_t number;
} place;

typedef struct layer {
    place *places;
    size_t n;
} layer;

typedef struct found {
    const place **places;
    size_t n, room;
} found;

static void fail(const char *what)
{
    fprintf(stderr, "geos_overlap: %s\n", what);
    exit(1);
}

static layer read_areas(GEOSContextHandle_t geos, const char *file)
{
    GDALDatasetH d = GDALOpenEx(file, GDAL_OF_VECTOR, NULL, NULL, NULL);
    if (!d)
        fail("cannot open the areas");
    OGRLayerH in = GDALDatasetGetLayer(d, 0);
    layer out = {malloc((size_t)OGR_L_GetFeatureCount(in, TRUE) * sizeof(place)), 0};
    GEOSWKBReader *reader = GEOSWKBReader_create_r(geos);
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(in)); OGR_F_Destroy(f)) {
        OGRGeometryH g = OGR_F_GetGeometryRef(f);
        const size_t n = (size_t)OGR_G_WkbSize(g);
        unsigned char *wkb = malloc(n);
        OGR_G_ExportToWkb(g, wkbNDR, wkb);
        out.places[out.n] = (place){.geometry = GEOSWKBReader_read_r(geos, reader, wkb, n), .number = out.n};
        out.n++;
        free(wkb);
    }
    GEOSWKBReader_destroy_r(geos, reader);
    GDALClose(d);
    return out;
}

static void visit(void *item, void *ctx)
{
    found *f = ctx;
    if (f->n == f->room) {
        f->room = f->room ? f->room * 2 : 64;
        f->places = realloc(f->places, f->room * sizeof *f->places);
    }
    f->places[f->n++] = item;
}

static int by_number(const void *a, const void *b)
{
    const place *const *p = a, *const *q = b;
    return ((*p)->number > (*q)->number) - ((*p)->number < (*q)->number);
}

static double shared(GEOSContextHandle_t geos, const place *first, const place *second)
{
    double size = 0;
    if (GEOSPreparedContains_r(geos, second->prepared, first->geometry) == 1) {
        GEOSArea_r(geos, first->geometry, &size);
    } else if (GEOSPreparedIntersects_r(geos, second->prepared, first->geometry) == 1) {
        GEOSGeometry *both = GEOSIntersection_r(geos, first->geometry, second->geometry);
        if (both)
            GEOSArea_r(geos, both, &size);
        GEOSGeom_destroy_r(geos, both);
    }
    return size;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        fail("usage: geos_overlap FIRST SECOND");
    const double start = now();
    GDALAllRegister();
    GEOSContextHandle_t geos = GEOS_init_r();
    layer first = read_areas(geos, argv[1]), second = read_areas(geos, argv[2]);
    const double read = now();
    GEOSSTRtree *tree = GEOSSTRtree_create_r(geos, 10);
    for (size_t k = 0; k < second.n; k++) {
        second.places[k].prepared = GEOSPrepare_r(geos, second.places[k].geometry);
        GEOSSTRtree_insert_r(geos, tree, second.places[k].geometry, &second.places[k]);
    }
    found f = {0};
    puts("first,second,size");
    for (size_t i = 0; i < first.n; i++) {
        f.n = 0;
        GEOSSTRtree_query_r(geos, tree, first.places[i].geometry, visit, &f);
        if (f.n > 1)
            qsort(f.places, f.n, sizeof *f.places, by_number);
        for (size_t k = 0; k < f.n; k++) {
            const double size = shared(geos, &first.places[i], f.places[k]);
            if (size > 0)
                printf("%zu,%zu,%.17g\n", i, f.places[k]->number, size);
        }
    }
    fprintf(stderr, "%.3f %.3f\n", read - start, now() - read);
    return fflush(stdout) != 0;
}
