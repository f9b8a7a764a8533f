/*
 * A peer: the join as one writes it over GEOS. Areas through OGR, an STR tree of envelopes, prepared geometries, a loop over the points
 * with contains; CSV read and written by hand, so that GEOS is what is measured.
 *
 * usage: geos_loop AREAS.gpkg KEY POINTS.csv > OUT.csv        (POINTS.csv: id,x,y)
 */
#include <gdal.h>
#include <geos_c.h>
#include <ogr_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct place {
    const GEOSPreparedGeometry *prepared;
    char *key;
} place;

typedef struct query {
    GEOSContextHandle_t geos;
    const GEOSGeometry *point;
    const char *key;
} query;

static void visit(void *item, void *ctx)
{
    const place *p = item;
    query *q = ctx;
    if (!q->key && GEOSPreparedContains_r(q->geos, p->prepared, q->point) == 1)
        q->key = p->key;
}

static void fail(const char *what)
{
    fprintf(stderr, "geos_loop: %s\n", what);
    exit(1);
}

static GEOSSTRtree *read_areas(GEOSContextHandle_t geos, const char *file, const char *field)
{
    GDALAllRegister();
    GDALDatasetH d = GDALOpenEx(file, GDAL_OF_VECTOR, NULL, NULL, NULL);
    if (!d)
        fail("cannot open the areas");
    OGRLayerH layer = GDALDatasetGetLayer(d, 0);
    const int at = OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer), field);
    GEOSSTRtree *tree = GEOSSTRtree_create_r(geos, 10);
    GEOSWKBReader *reader = GEOSWKBReader_create_r(geos);
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(layer)); OGR_F_Destroy(f)) {
        OGRGeometryH g = OGR_F_GetGeometryRef(f);
        const size_t n = (size_t)OGR_G_WkbSize(g);
        unsigned char *wkb = malloc(n);
        OGR_G_ExportToWkb(g, wkbNDR, wkb);
        GEOSGeometry *geometry = GEOSWKBReader_read_r(geos, reader, wkb, n);
        free(wkb);
        place *p = malloc(sizeof *p);
        p->prepared = GEOSPrepare_r(geos, geometry);
        p->key = strdup(OGR_F_GetFieldAsString(f, at));
        GEOSSTRtree_insert_r(geos, tree, geometry, p);
    }
    GEOSWKBReader_destroy_r(geos, reader);
    GDALClose(d);
    return tree;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        fail("usage: geos_loop AREAS KEY POINTS.csv");
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSSTRtree *tree = read_areas(geos, argv[1], argv[2]);
    FILE *in = fopen(argv[3], "r");
    if (!in)
        fail("cannot open the points");
    static char in_room[1 << 20], out_room[1 << 20], line[4096];
    setvbuf(in, in_room, _IOFBF, sizeof in_room);
    setvbuf(stdout, out_room, _IOFBF, sizeof out_room);
    if (!fgets(line, sizeof line, in))
        fail("no header");
    puts("id,code");
    while (fgets(line, sizeof line, in)) {
        char *comma = strchr(line, ','), *rest = comma + 1;
        const double x = strtod(rest, &rest), y = strtod(rest + 1, &rest);
        GEOSGeometry *point = GEOSGeom_createPointFromXY_r(geos, x, y);
        query q = {geos, point, NULL};
        GEOSSTRtree_query_r(geos, tree, point, visit, &q);
        GEOSGeom_destroy_r(geos, point);
        *comma = '\0';
        fputs(line, stdout);
        putchar(',');
        if (q.key)
            fputs(q.key, stdout);
        putchar('\n');
    }
    fclose(in);
    return fflush(stdout) != 0;
}
