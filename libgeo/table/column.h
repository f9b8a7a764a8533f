/* Looking into a column without a call; inside the library only. */
#ifndef GEO_TABLE_COLUMN_H
#define GEO_TABLE_COLUMN_H

#include "geo/table.h"

#include <string.h>

/* Which value row r has: its place in the column's arrays, or -1 for none. */
static inline ptrdiff_t geo_column_place(const geo_column *c, size_t r)
{
    const ptrdiff_t v = c->index ? c->index[r] : (ptrdiff_t)r;
    return v >= 0 && c->valid && !(c->valid[v >> 3] >> (v & 7) & 1) ? -1 : v;
}

/* Is row r of a geometry column a polygon, of one part or several? */
static inline bool geo_is_polygon(const geo_geometries *g, size_t r)
{
    return g->kind && (g->kind[r] == GEO_POLYGON || g->kind[r] == GEO_MULTIPOLYGON);
}

/* Do two cells hold the same value, or none both? */
bool geo_column_same(const geo_column *a, size_t ra, const geo_column *b, size_t rb);

/* The order of two texts by their bytes, shorter first. */
static inline int geo_text_order(const char *a, size_t an, const char *b, size_t bn)
{
    const int c = memcmp(a, b, an < bn ? an : bn);
    return c ? c : an < bn ? -1 : an > bn;
}

/* Is it the name of the column of classes, letter case and marks that nobody sees aside? */
bool geo_names_class(const char *name);

/* A copy of a schema and all its texts in an arena; false when memory is out. */
bool geo_schema_copy(geo_arena *arena, const geo_schema *from, geo_schema *to);

/*
 * What is wrong with a table of text that was not split where it should be, by its names, and what to do: one name with semicolons or tabs
 * in it, or a carriage return in a name. NULL when nothing looks wrong. For failures only: such names are legal.
 */
const char *geo_schema_split_hint(const geo_schema *schema);

#endif
