/*
 * areas.gpkg: the areas as a table that any GIS opens. Geometries go in as well-known binary, which is far faster than vertex by vertex.
 */
#include "workload.h"

#include "must.h"
#include "output.h"

#include <cpl_conv.h>
#include <gdal.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AREAS_PER_DISTRICT = 110 };
static const int64_t ENCLAVE_PERCENT = 15; /* the length of an enclave in that of its host */

/* Well-known binary in the making; the machine's own byte order, which the format lets one state. */
typedef struct wkb {
    unsigned char *bytes;
    size_t n, room;
} wkb;

static void put_bytes(wkb *g, const void *bytes, size_t n)
{
    g->bytes = must_grow(g->bytes, &g->room, g->n + n, 1);
    memcpy(g->bytes + g->n, bytes, n);
    g->n += n;
}

static void put_u32(wkb *g, uint32_t v)
{
    put_bytes(g, &v, sizeof v);
}

static void put_head(wkb *g, uint32_t type, uint32_t count)
{
    const uint16_t one = 1;
    put_bytes(g, &one, 1); /* its first byte is 1 on a little-endian machine, else 0: just what WKB wants */
    put_u32(g, type);
    put_u32(g, count);
}

static void put_vertex(wkb *g, grid_xy p)
{
    const double xy[2] = {(double)p.x / MM_PER_M, (double)p.y / MM_PER_M};
    put_bytes(g, xy, sizeof xy);
}

static void put_ring(wkb *g, const grid_xy *ring, size_t n)
{
    put_u32(g, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        put_vertex(g, ring[i]);
}

/* The outline of an enclave: its host's, drawn together towards the host's seed. An arc comes at most 0.6 of the way to the seed, and
   bulges at most as far outwards, so the enclave stays well inside. Returns the number of vertices, doubles dropped. */
static size_t shrink(const grid_xy *ring, size_t n, grid_xy seed, grid_xy *out)
{
    size_t out_n = 0;
    for (size_t i = 0; i < n; i++) {
        const int64_t dx = ring[i].x - seed.x, dy = ring[i].y - seed.y;
        const grid_xy p = {seed.x + dx * ENCLAVE_PERCENT / 100, seed.y + dy * ENCLAVE_PERCENT / 100};
        if (out_n == 0 || out[out_n - 1].x != p.x || out[out_n - 1].y != p.y)
            out[out_n++] = p;
    }
    return out_n;
}

static void reverse(grid_xy *ring, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        const grid_xy kept = ring[i];
        ring[i] = ring[n - 1 - i];
        ring[n - 1 - i] = kept;
    }
}

/* The multipolygon of an area that is not an enclave; `hole` goes into its first part, which is the only one of a host. */
static void put_area(wkb *g, const shapes *s, uint32_t area, const grid_xy *hole, size_t hole_n)
{
    const size_t first = s->area_rings[area], end = s->area_rings[area + 1];
    uint32_t parts_n = 0;
    for (size_t i = first; i < end; i++)
        parts_n += !s->rings[i].is_hole;
    g->n = 0;
    put_head(g, wkbMultiPolygon, parts_n);
    for (size_t i = first, next; i < end; i = next) {
        for (next = i + 1; next < end && s->rings[next].is_hole; next++)
            ;
        put_head(g, wkbPolygon, (uint32_t)(next - i) + (i == first && hole_n > 0));
        for (size_t k = i; k < next; k++)
            put_ring(g, s->xy + s->rings[k].first, s->rings[k].n);
        if (i == first && hole_n > 0)
            put_ring(g, hole, hole_n);
    }
}

static void put_enclave(wkb *g, const grid_xy *ring, size_t n)
{
    g->n = 0;
    put_head(g, wkbMultiPolygon, 1);
    put_head(g, wkbPolygon, 1);
    put_ring(g, ring, n);
}

/* An area's score, and the tenth of all areas that it puts it in: 1 has the highest scores. */
typedef struct figure {
    double score;
    uint32_t index;
    int decile;
} figure;

static int by_score_down(const void *a, const void *b)
{
    const figure *p = a, *q = b;
    if (p->score > q->score || p->score < q->score)
        return p->score > q->score ? -1 : 1;
    return (p->index > q->index) - (p->index < q->index);
}

static int by_index(const void *a, const void *b)
{
    const figure *p = a, *q = b;
    return (p->index > q->index) - (p->index < q->index);
}

static figure *draw_figures(const workload *w)
{
    geo_random r;
    geo_random_init(&r, w->seed, STREAM_SCORES);
    figure *figures = must_alloc(w->areas_n, sizeof *figures);
    for (uint32_t i = 0; i < w->areas_n; i++) {
        const double u = geo_random_uniform(&r), v = geo_random_uniform(&r);
        figures[i] = (figure){(double)nearest(1000 * (1 + 90 * u * v)) / 1000, i, 0};
    }
    qsort(figures, w->areas_n, sizeof *figures, by_score_down);
    for (uint32_t i = 0; i < w->areas_n; i++)
        figures[i].decile = 1 + (int)((uint64_t)i * 10 / w->areas_n);
    qsort(figures, w->areas_n, sizeof *figures, by_index);
    return figures;
}

static OGRLayerH create_layer(GDALDatasetH dataset)
{
    static const struct {
        const char *name;
        OGRFieldType type;
    } FIELDS[] = {
        {"area_code", OFTString}, {"area_name", OFTString}, {"district_code", OFTString},
        {"score", OFTReal},       {"decile", OFTInteger},   {"population", OFTInteger},
    };
    OGRSpatialReferenceH grid = OSRNewSpatialReference(NULL);
    if (!grid || OSRImportFromEPSG(grid, 27700) != OGRERR_NONE)
        die("cannot look up EPSG:27700: %s", CPLGetLastErrorMsg());
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, "areas", grid, wkbMultiPolygon, NULL);
    if (!layer)
        die("cannot make the layer 'areas': %s", CPLGetLastErrorMsg());
    OSRRelease(grid);
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
        OGRFieldDefnH field = OGR_Fld_Create(FIELDS[i].name, FIELDS[i].type);
        if (!field || OGR_L_CreateField(layer, field, 1) != OGRERR_NONE)
            die("cannot make the field '%s': %s", FIELDS[i].name, CPLGetLastErrorMsg());
        OGR_Fld_Destroy(field);
    }
    return layer;
}

static void write_area(const workload *w, OGRLayerH layer, uint32_t area, const figure *f, const wkb *g)
{
    char code[16], name[32], district[16];
    snprintf(code, sizeof code, "X01%06u", (unsigned)area + 1);
    snprintf(name, sizeof name, "District %03u %03u", (unsigned)(area / AREAS_PER_DISTRICT + 1), (unsigned)(area % AREAS_PER_DISTRICT + 1));
    snprintf(district, sizeof district, "X08%06u", (unsigned)(area / AREAS_PER_DISTRICT + 1));
    OGRGeometryH geometry = NULL;
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    if (!feature || OGR_G_CreateFromWkb(g->bytes, NULL, &geometry, (int)g->n) != OGRERR_NONE)
        die("cannot make the feature '%s': %s", code, CPLGetLastErrorMsg());
    OGR_F_SetGeometryDirectly(feature, geometry);
    OGR_F_SetFieldString(feature, 0, code);
    OGR_F_SetFieldString(feature, 1, name);
    OGR_F_SetFieldString(feature, 2, district);
    OGR_F_SetFieldDouble(feature, 3, f->score);
    OGR_F_SetFieldInteger(feature, 4, f->decile);
    OGR_F_SetFieldInteger(feature, 5, (int)w->population[area]);
    if (OGR_L_CreateFeature(layer, feature) != OGRERR_NONE)
        die("cannot write the feature '%s': %s", code, CPLGetLastErrorMsg());
    OGR_F_Destroy(feature);
}

/* Hosts with their holes in place, and the enclaves behind all others. */
static void write_all(const workload *w, OGRLayerH layer)
{
    const shapes *s = &w->shapes;
    figure *figures = draw_figures(w);
    uint32_t *enclave_of = must_alloc(s->areas_n, sizeof *enclave_of); /* 1 + the number of its enclave; 0: no host */
    for (uint32_t e = 0; e < w->enclaves_n; e++)
        enclave_of[w->area_of_cell[w->enclave_host[e]]] = e + 1;
    grid_xy **enclaves = must_alloc(w->enclaves_n, sizeof *enclaves);
    size_t *enclaves_xy_n = must_alloc(w->enclaves_n, sizeof *enclaves_xy_n);
    wkb g = {0};
    for (uint32_t area = 0; area < s->areas_n; area++) {
        grid_xy *hole = NULL;
        size_t hole_n = 0;
        if (enclave_of[area]) {
            const uint32_t e = enclave_of[area] - 1;
            const shape_ring *shell = &s->rings[s->area_rings[area]];
            hole = enclaves[e] = must_alloc(shell->n, sizeof *hole);
            hole_n = enclaves_xy_n[e] = shrink(s->xy + shell->first, shell->n, w->seeds[w->enclave_host[e]], hole);
            reverse(hole, hole_n);
        }
        put_area(&g, s, area, hole, hole_n);
        write_area(w, layer, area, &figures[area], &g);
    }
    for (uint32_t e = 0; e < w->enclaves_n; e++) {
        reverse(enclaves[e], enclaves_xy_n[e]);
        put_enclave(&g, enclaves[e], enclaves_xy_n[e]);
        write_area(w, layer, s->areas_n + e, &figures[s->areas_n + e], &g);
        free(enclaves[e]);
    }
    free(g.bytes);
    free(enclaves_xy_n);
    free(enclaves);
    free(enclave_of);
    free(figures);
}

void workload_write_areas(const workload *w, const char *outdir)
{
    GDALAllRegister();
    CPLSetErrorHandler(CPLQuietErrorHandler); /* messages come in ours */
    CPLSetConfigOption("OGR_SQLITE_SYNCHRONOUS", "OFF");
    CPLSetConfigOption("OGR_CURRENT_DATE", "2025-01-01T00:00:00.000Z"); /* or the file would hold the time it was made */
    char *path = out_path(outdir, "areas.gpkg");
    remove(path);
    GDALDriverH driver = GDALGetDriverByName("GPKG");
    GDALDatasetH dataset = driver ? GDALCreate(driver, path, 0, 0, 0, GDT_Unknown, NULL) : NULL;
    if (!dataset)
        die("cannot make '%s': %s", path, CPLGetLastErrorMsg());
    OGRLayerH layer = create_layer(dataset);
    if (GDALDatasetStartTransaction(dataset, 0) != OGRERR_NONE)
        die("cannot write '%s': %s", path, CPLGetLastErrorMsg());
    write_all(w, layer);
    if (GDALDatasetCommitTransaction(dataset) != OGRERR_NONE)
        die("cannot write '%s': %s", path, CPLGetLastErrorMsg());
    CPLErrorReset();
    GDALClose(dataset); /* tells its troubles only through the error state */
    if (CPLGetLastErrorType() >= CE_Failure)
        die("cannot write '%s': %s", path, CPLGetLastErrorMsg());
    free(path);
}
