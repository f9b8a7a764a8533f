/* Geometries to well-known binary and well-known text (OGC 06-103r4, sections 7 and 8). */
#include "shapes.h"

#include "geo/number.h"

#include <math.h>
#include <string.h>

static bool put(geo_vec *out, const void *bytes, size_t n)
{
    return geo_vec_append(out, bytes, n, 1);
}

static bool put_u32(geo_vec *out, size_t v)
{
    const unsigned char bytes[4] = {(unsigned char)v, (unsigned char)(v >> 8), (unsigned char)(v >> 16), (unsigned char)(v >> 24)};
    return put(out, bytes, 4);
}

static bool put_double(geo_vec *out, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, 8);
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(bits >> 8 * i);
    return put(out, bytes, 8);
}

static bool put_header(geo_vec *out, geo_geometry_kind kind)
{
    return put(out, "\1", 1) && put_u32(out, (size_t)kind);
}

static bool put_vertices(const geo_geometries *g, int64_t ring, geo_vec *out)
{
    bool ok = true;
    for (int64_t v = g->vertex_at[ring]; ok && v < g->vertex_at[ring + 1]; v++)
        ok = put_double(out, g->x[v]) && put_double(out, g->y[v]);
    return ok;
}

static bool put_line(const geo_geometries *g, int64_t ring, geo_vec *out)
{
    return put_u32(out, (size_t)(g->vertex_at[ring + 1] - g->vertex_at[ring])) && put_vertices(g, ring, out);
}

static bool put_part(const geo_geometries *g, int64_t part, geo_geometry_kind kind, geo_vec *out)
{
    const int64_t from = g->ring_at[part], to = g->ring_at[part + 1];
    if (!put_header(out, kind))
        return false;
    if (kind == GEO_POINT)
        return put_vertices(g, from, out);
    if (kind == GEO_LINESTRING)
        return put_line(g, from, out);
    bool ok = put_u32(out, (size_t)(to - from));
    for (int64_t ring = from; ok && ring < to; ring++)
        ok = put_line(g, ring, out);
    return ok;
}

bool geo_geometries_wkb(const geo_geometries *g, size_t r, geo_vec *out)
{
    if (!g->kind)
        return !(isfinite(g->x[r]) && isfinite(g->y[r]))
               || (put_header(out, GEO_POINT) && put_double(out, g->x[r]) && put_double(out, g->y[r]));
    const geo_geometry_kind kind = (geo_geometry_kind)g->kind[r];
    if (kind == GEO_NO_GEOMETRY || kind == GEO_BAD_GEOMETRY)
        return true;
    if (kind <= GEO_POLYGON)
        return put_part(g, g->part_at[r], kind, out);
    bool ok = put_header(out, kind) && put_u32(out, (size_t)(g->part_at[r + 1] - g->part_at[r]));
    for (int64_t p = g->part_at[r]; ok && p < g->part_at[r + 1]; p++)
        ok = put_part(g, p, (geo_geometry_kind)(kind - 3), out);
    return ok;
}

/* ---- well-known text ---- */

static bool put_string(geo_vec *out, const char *s)
{
    return put(out, s, strlen(s));
}

/* "x y, x y": the vertices of a ring, without brackets. */
static bool put_wkt_vertices(const geo_geometries *g, int64_t ring, geo_vec *out)
{
    bool ok = true;
    for (int64_t v = g->vertex_at[ring]; ok && v < g->vertex_at[ring + 1]; v++) {
        char x[GEO_NUMBER_ROOM], y[GEO_NUMBER_ROOM];
        const size_t xn = geo_number_print(g->x[v], x), yn = geo_number_print(g->y[v], y);
        ok = (v == g->vertex_at[ring] || put_string(out, ", ")) && put(out, x, xn) && put(out, " ", 1) && put(out, y, yn);
    }
    return ok;
}

/* One part in brackets: a point or line of one ring, a polygon of as many as it has. */
static bool put_wkt_part(const geo_geometries *g, int64_t part, bool polygon, geo_vec *out)
{
    bool ok = put(out, "(", 1);
    for (int64_t ring = g->ring_at[part]; ok && ring < g->ring_at[part + 1]; ring++)
        ok = (ring == g->ring_at[part] || put_string(out, ", ")) && (!polygon || put(out, "(", 1)) && put_wkt_vertices(g, ring, out)
             && (!polygon || put(out, ")", 1));
    return ok && put(out, ")", 1);
}

bool geo_geometries_wkt(const geo_geometries *g, size_t r, geo_vec *out)
{
    static const char *const NAMES[] = {"", "POINT ", "LINESTRING ", "POLYGON ", "MULTIPOINT ", "MULTILINESTRING ", "MULTIPOLYGON "};
    if (!g->kind) {
        const int64_t ends[2] = {0, 1};
        const geo_geometries one = {.vertex_at = ends, .ring_at = ends, .x = g->x + r, .y = g->y + r};
        return !(isfinite(g->x[r]) && isfinite(g->y[r])) || (put_string(out, NAMES[GEO_POINT]) && put_wkt_part(&one, 0, false, out));
    }
    const geo_geometry_kind kind = (geo_geometry_kind)g->kind[r];
    if (kind == GEO_NO_GEOMETRY || kind == GEO_BAD_GEOMETRY)
        return true;
    const bool multi = kind >= GEO_MULTIPOINT, polygon = kind == GEO_POLYGON || kind == GEO_MULTIPOLYGON;
    bool ok = put_string(out, NAMES[kind]) && (!multi || put(out, "(", 1));
    for (int64_t p = g->part_at[r]; ok && p < g->part_at[r + 1]; p++)
        ok = (p == g->part_at[r] || put_string(out, ", ")) && put_wkt_part(g, p, polygon, out);
    return ok && (!multi || put(out, ")", 1));
}
