/* Building geometry columns, and well-known binary in and out; inside the library only. */
#ifndef GEO_TABLE_SHAPES_H
#define GEO_TABLE_SHAPES_H

#include "../core/vec.h"
#include "geo/table.h"

/* A geometry column under construction; zero it to start. */
typedef struct geo_shapes {
    geo_vec kind, part_at, ring_at, vertex_at, x, y;
    bool failed;            /* memory was out at the start: every row is then told so */
    bool points_only;       /* as long as true, the column can be handed out as plain points */
    bool flattened;         /* what was added had Z or M; for the caller to set back */
    geo_geometry_kind only; /* set beforehand: others count as malformed, but single shapes among multi ones and the other way round */
} geo_shapes;

geo_status geo_shapes_add_none(geo_shapes *s);

/* Where a builder stands, to go back to. */
typedef struct geo_shapes_mark {
    size_t parts_n, rings_n, vertices_n;
} geo_shapes_mark;

/*
 * A row from its parts: remember where it starts; add rings (a line and a point are one, too), n pairs of little-endian doubles, and end a
 * part behind its last one; end the row. Rings of polygons must be closed. GEO_EGEOM for what cannot be, handed on to geo_shapes_end_row:
 * then nothing was added. A row without vertices is one without geometry.
 */
geo_shapes_mark geo_shapes_here(geo_shapes *s);
geo_status geo_shapes_add_ring(geo_shapes *s, const char *xy, size_t n, bool closed);
bool geo_shapes_end_part(geo_shapes *s);
geo_status geo_shapes_end_row(geo_shapes *s, geo_shapes_mark from, uint32_t kind, geo_status st);

/* A row whose geometry could not be read. */
geo_status geo_shapes_add_bad(geo_shapes *s);

/*
 * Add the geometry of n bytes of well-known binary (OGC, ISO or extended; either byte order). Z and M are read past, which s->flattened
 * tells: every shape here is flat. GEO_EGEOM for bytes that are cut or malformed, coordinates that are not finite, curves, collections,
 * another kind than s->only: then nothing was added.
 */
geo_status geo_shapes_add_wkb(geo_shapes *s, const void *wkb, size_t n);

/* The same from well-known text (in io/with_gdal.c, which has the parser). */
geo_status geo_shapes_add_wkt(geo_shapes *s, const char *wkt, size_t n);

/* The column, copied into an arena; false when memory is out. */
bool geo_shapes_column(geo_shapes *s, geo_arena *arena, geo_column *out);

void geo_shapes_clear(geo_shapes *s);

/* Little-endian well-known binary of row r, appended to *out (geo_vec of bytes); nothing for no geometry. */
bool geo_geometries_wkb(const geo_geometries *g, size_t r, geo_vec *out);

/* The same as well-known text, its numbers as geo_number_print has them. */
bool geo_geometries_wkt(const geo_geometries *g, size_t r, geo_vec *out);

#endif
