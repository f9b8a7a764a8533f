/* Building geometry columns, from well-known binary (OGC 06-103r4, section 8) and from parts. */
#include "shapes.h"

#include <math.h>
#include <string.h>

#define DEPTH 2 /* multi geometries hold plain ones, and that is all */

static bool push_offset(geo_vec *v, size_t offset)
{
    if (!geo_vec_reserve(v, 1, sizeof(int64_t)))
        return false;
    ((int64_t *)v->items)[v->n++] = (int64_t)offset;
    return true;
}

/* The offset arrays start with a 0; made on first use so that a zeroed builder is ready. */
static bool start(geo_shapes *s)
{
    if (s->part_at.n)
        return !s->failed;
    s->points_only = true;
    s->failed = !push_offset(&s->part_at, 0) || !push_offset(&s->ring_at, 0) || !push_offset(&s->vertex_at, 0);
    return !s->failed;
}

static bool end_ring(geo_shapes *s)
{
    return push_offset(&s->vertex_at, s->x.n);
}

bool geo_shapes_end_part(geo_shapes *s)
{
    return push_offset(&s->ring_at, s->vertex_at.n - 1);
}

static bool end_row(geo_shapes *s, geo_geometry_kind kind)
{
    if (!geo_vec_reserve(&s->kind, 1, 1) || !push_offset(&s->part_at, s->ring_at.n - 1))
        return false;
    ((uint8_t *)s->kind.items)[s->kind.n++] = (uint8_t)kind;
    s->points_only &= kind == GEO_POINT || kind == GEO_NO_GEOMETRY || kind == GEO_BAD_GEOMETRY;
    return true;
}

static double double_at(bool big_endian, const void *p)
{
    uint64_t bits;
    memcpy(&bits, p, 8);
    if (big_endian == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__))
        bits = __builtin_bswap64(bits);
    double v;
    memcpy(&v, &bits, 8);
    return v;
}

geo_status geo_shapes_add_none(geo_shapes *s)
{
    return start(s) && end_row(s, GEO_NO_GEOMETRY) ? GEO_OK : GEO_ENOMEM;
}

geo_status geo_shapes_add_bad(geo_shapes *s)
{
    return start(s) && end_row(s, GEO_BAD_GEOMETRY) ? GEO_OK : GEO_ENOMEM;
}

geo_shapes_mark geo_shapes_here(geo_shapes *s)
{
    return start(s) ? (geo_shapes_mark){s->ring_at.n, s->vertex_at.n, s->x.n} : (geo_shapes_mark){0};
}

static void go_back(geo_shapes *s, geo_shapes_mark m)
{
    s->ring_at.n = m.parts_n;
    s->vertex_at.n = m.rings_n;
    s->x.n = s->y.n = m.vertices_n;
}

/* May a column of shapes of one kind hold this one? Layers of lines or polygons hold multi ones too, as in every shapefile. */
static bool belongs(geo_geometry_kind only, uint32_t kind)
{
    if (only == GEO_NO_GEOMETRY || kind == (uint32_t)only)
        return true;
    return only != GEO_POINT && (kind + 3 == (uint32_t)only || kind == (uint32_t)only + 3);
}

geo_status geo_shapes_end_row(geo_shapes *s, geo_shapes_mark from, uint32_t kind, geo_status st)
{
    if (s->failed)
        return GEO_ENOMEM;
    if (st == GEO_OK && s->x.n == from.vertices_n) { /* EMPTY of any kind */
        go_back(s, from);
        return geo_shapes_add_none(s);
    }
    if (st == GEO_OK && !belongs(s->only, kind))
        st = GEO_EGEOM;
    if (st == GEO_OK && !end_row(s, (geo_geometry_kind)kind))
        st = GEO_ENOMEM;
    if (st < 0)
        go_back(s, from);
    return st;
}

/* A ring has at least three corners and is closed. */
static geo_status check_ring(const geo_shapes *s, size_t from)
{
    const size_t last = s->x.n - 1;
    const double *x = s->x.items, *y = s->y.items;
    return s->x.n - from < 4 || x[from] != x[last] || y[from] != y[last] ? GEO_EGEOM : GEO_OK;
}

geo_status geo_shapes_add_ring(geo_shapes *s, const char *xy, size_t n, bool closed)
{
    const size_t from = s->x.n;
    if (!geo_vec_reserve(&s->x, n, 8) || !geo_vec_reserve(&s->y, n, 8))
        return GEO_ENOMEM;
    double *x = (double *)s->x.items + from, *y = (double *)s->y.items + from;
    bool finite = true;
    for (size_t i = 0; i < n; i++) {
        x[i] = double_at(false, xy + 16 * i);
        y[i] = double_at(false, xy + 16 * i + 8);
        finite &= isfinite(x[i]) && isfinite(y[i]);
    }
    s->x.n += n;
    s->y.n += n;
    const geo_status st = !finite ? GEO_EGEOM : closed ? check_ring(s, from) : GEO_OK;
    return st < 0 ? st : end_ring(s) ? GEO_OK : GEO_ENOMEM;
}

typedef struct cursor {
    const unsigned char *p;
    size_t n;
    bool big_endian;
    int ordinates_n;
} cursor;

static bool take_u32(cursor *c, uint32_t *v)
{
    if (c->n < 4)
        return false;
    const unsigned char *p = c->p;
    *v = c->big_endian ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
                       : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
    c->p += 4;
    c->n -= 4;
    return true;
}

/* Byte order, then type: OGC 1..7, ISO + 1000 Z, 2000 M, 3000 ZM; extended forms carry flags in the high bits and maybe an SRID. */
static bool take_header(cursor *c, uint32_t *type)
{
    if (c->n < 1 || c->p[0] > 1)
        return false;
    c->big_endian = c->p[0] == 0;
    c->p++;
    c->n--;
    if (!take_u32(c, type))
        return false;
    const uint32_t flags = *type >> 28;
    uint32_t srid, plain = *type & 0x0FFFFFFF;
    if ((flags & 2) && !take_u32(c, &srid))
        return false;
    c->ordinates_n = 2 + ((flags & 8) != 0) + ((flags & 4) != 0);
    if (plain >= 1000 && plain < 4000) {
        c->ordinates_n = plain >= 3000 ? 4 : 3;
        plain %= 1000;
    }
    *type = plain;
    return true;
}

static geo_status take_vertices(geo_shapes *s, cursor *c, uint32_t n)
{
    const size_t width = (size_t)c->ordinates_n * 8;
    if (n > c->n / width)
        return GEO_EGEOM;
    if (!geo_vec_reserve(&s->x, n, 8) || !geo_vec_reserve(&s->y, n, 8))
        return GEO_ENOMEM;
    double *x = (double *)s->x.items + s->x.n, *y = (double *)s->y.items + s->y.n;
    bool finite = true;
    for (uint32_t i = 0; i < n; i++, c->p += width) {
        x[i] = double_at(c->big_endian, c->p);
        y[i] = double_at(c->big_endian, c->p + 8);
        finite &= isfinite(x[i]) && isfinite(y[i]);
    }
    c->n -= n * width;
    s->x.n += n;
    s->y.n += n;
    s->flattened |= n && c->ordinates_n > 2;
    return finite ? GEO_OK : GEO_EGEOM;
}

/* "POINT EMPTY" is a point of NaN. */
static bool is_empty_point(const cursor *c)
{
    return c->n >= 16 && isnan(double_at(c->big_endian, c->p)) && isnan(double_at(c->big_endian, c->p + 8));
}

static geo_status take_point(geo_shapes *s, cursor *c)
{
    const size_t width = (size_t)c->ordinates_n * 8;
    if (is_empty_point(c) && c->n >= width) {
        c->p += width;
        c->n -= width;
        return GEO_OK;
    }
    const geo_status st = take_vertices(s, c, 1);
    return st < 0 ? st : end_ring(s) && geo_shapes_end_part(s) ? GEO_OK : GEO_ENOMEM;
}

static geo_status take_line(geo_shapes *s, cursor *c)
{
    uint32_t n;
    if (!take_u32(c, &n))
        return GEO_EGEOM;
    const geo_status st = take_vertices(s, c, n);
    return st < 0 ? st : end_ring(s) ? GEO_OK : GEO_ENOMEM;
}

static geo_status take_polygon(geo_shapes *s, cursor *c)
{
    uint32_t rings_n;
    if (!take_u32(c, &rings_n))
        return GEO_EGEOM;
    for (uint32_t i = 0; i < rings_n; i++) {
        const size_t from = s->x.n;
        const geo_status st = take_line(s, c);
        if (st < 0)
            return st;
        if (check_ring(s, from) < 0)
            return GEO_EGEOM;
    }
    return geo_shapes_end_part(s) ? GEO_OK : GEO_ENOMEM;
}

static geo_status take_shape(geo_shapes *s, cursor *c, int depth, uint32_t only, uint32_t *kind)
{
    uint32_t type;
    if (depth > DEPTH || !take_header(c, &type) || (only && type != only))
        return GEO_EGEOM;
    *kind = type;
    geo_status st = GEO_EGEOM;
    if (type == GEO_POINT)
        return take_point(s, c);
    if (type == GEO_LINESTRING) {
        st = take_line(s, c);
        return st < 0 ? st : geo_shapes_end_part(s) ? GEO_OK : GEO_ENOMEM;
    }
    if (type == GEO_POLYGON)
        return take_polygon(s, c);
    uint32_t parts_n, inner;
    if (type < GEO_MULTIPOINT || type > GEO_MULTIPOLYGON || !take_u32(c, &parts_n))
        return GEO_EGEOM;
    for (uint32_t i = 0; i < parts_n; i++) {
        const geo_shapes_mark before = geo_shapes_here(s);
        if ((st = take_shape(s, c, depth + 1, type - 3, &inner)) < 0)
            return st;
        if (s->x.n == before.vertices_n) /* an empty part is nothing, and well-known text that has one is read by nobody */
            go_back(s, before);
    }
    return GEO_OK;
}

geo_status geo_shapes_add_wkb(geo_shapes *s, const void *wkb, size_t n)
{
    if (!start(s))
        return GEO_ENOMEM;
    const geo_shapes_mark from = geo_shapes_here(s);
    cursor c = {wkb, n, false, 2};
    uint32_t kind = 0;
    const geo_status st = take_shape(s, &c, 1, 0, &kind);
    return geo_shapes_end_row(s, from, kind, st);
}

static void *copy(geo_arena *arena, const geo_vec *v, size_t size)
{
    void *p = geo_arena_array(arena, v->n + 1, size);
    if (p && v->n)
        memcpy(p, v->items, v->n * size);
    return p;
}

/* One x and y a row, NAN where there is no point. */
static bool plain_points(const geo_shapes *s, geo_arena *arena, geo_geometries *g)
{
    double *x = geo_arena_array(arena, s->kind.n + 1, 8), *y = geo_arena_array(arena, s->kind.n + 1, 8);
    if (!x || !y)
        return false;
    const uint8_t *kind = s->kind.items;
    size_t v = 0;
    for (size_t r = 0; r < s->kind.n; r++) {
        const bool there = kind[r] == GEO_POINT;
        const double none = kind[r] == GEO_BAD_GEOMETRY ? INFINITY : NAN;
        x[r] = there ? ((const double *)s->x.items)[v] : none;
        y[r] = there ? ((const double *)s->y.items)[v] : none;
        v += there;
    }
    *g = (geo_geometries){.x = x, .y = y};
    return true;
}

bool geo_shapes_column(geo_shapes *s, geo_arena *arena, geo_column *out)
{
    geo_geometries *g = geo_arena_alloc(arena, sizeof *g);
    if (!g || !start(s))
        return false;
    if (s->points_only) {
        if (!plain_points(s, arena, g))
            return false;
    } else {
        *g = (geo_geometries){copy(arena, &s->kind, 1),      copy(arena, &s->part_at, 8), copy(arena, &s->ring_at, 8),
                              copy(arena, &s->vertex_at, 8), copy(arena, &s->x, 8),       copy(arena, &s->y, 8)};
        if (!g->kind || !g->part_at || !g->ring_at || !g->vertex_at || !g->x || !g->y)
            return false;
    }
    *out = (geo_column){.type = GEO_GEOMETRY, .held = true, .geometries = g};
    return true;
}

void geo_shapes_clear(geo_shapes *s)
{
    geo_vec_clear(&s->kind);
    geo_vec_clear(&s->part_at);
    geo_vec_clear(&s->ring_at);
    geo_vec_clear(&s->vertex_at);
    geo_vec_clear(&s->x);
    geo_vec_clear(&s->y);
}
