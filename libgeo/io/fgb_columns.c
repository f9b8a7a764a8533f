/* Making columns of the values and geometries that were found in a chunk of FlatGeobuf. */
#include "fgb_read.h"

#include "columns.h"
#include "flat.h"
#include "geo/number.h"

#include <math.h>
#include <string.h>

typedef struct making {
    const geo_fgb *f;
    geo_piece *piece;
    const uint32_t *feature_at;
    const geo_fgb_span *spans;
    size_t rows_n;
} making;

/* ---- values ---- */

int64_t geo_fgb_int(uint8_t type, const char *p)
{
    switch (type) {
    case FGB_BYTE: return (int8_t)*p;
    case FGB_UBYTE: return (uint8_t)*p;
    case FGB_BOOL: return *p != 0;
    case FGB_SHORT: return (int16_t)geo_flat_u16(p);
    case FGB_USHORT: return geo_flat_u16(p);
    case FGB_INT: return (int32_t)geo_flat_u32(p);
    case FGB_UINT: return geo_flat_u32(p);
    default: return (int64_t)geo_flat_u64(p);
    }
}

double geo_fgb_double(uint8_t type, const char *p)
{
    if (type == FGB_DOUBLE)
        return geo_flat_double(p);
    const uint32_t bits = geo_flat_u32(p);
    float v;
    memcpy(&v, &bits, sizeof v);
    return (double)v;
}

static const geo_fgb_span *span_of(const making *m, size_t r, int32_t column)
{
    return &m->spans[r * m->f->decoded_n + (size_t)m->f->slot[column]];
}

static bool make_text(const making *m, int32_t column, bool class_, uint8_t *valid, geo_column *out)
{
    const char *raw = m->piece->raw.data;
    size_t bytes = 0;
    for (size_t r = 0; r < m->rows_n; r++)
        bytes += span_of(m, r, column)->len + 1;
    char *values = geo_arena_alloc(&m->piece->arena, bytes);
    int64_t *offsets = geo_arena_array(&m->piece->arena, m->rows_n + 1, sizeof *offsets);
    if (!values || !offsets)
        return false;
    size_t at = 0;
    offsets[0] = 0;
    for (size_t r = 0; r < m->rows_n; r++) {
        const geo_fgb_span *s = span_of(m, r, column);
        if (s->at && geo_is_text(raw + s->at, s->len)) {
            memcpy(values + at, raw + s->at, s->len);
            at += s->len;
        } else if (s->at && class_) { /* a word that is none: it counts as special */
            values[at++] = '?';
        } else {
            geo_leave_out(m->piece, valid, r, s->at != 0);
        }
        offsets[r + 1] = (int64_t)at;
    }
    out->values = values;
    out->offsets = offsets;
    return true;
}

static bool make_numbers(const making *m, int32_t column, geo_type type, uint8_t *valid, geo_column *out)
{
    const uint8_t stored = m->f->type[column];
    const char *raw = m->piece->raw.data;
    void *values = geo_arena_array(&m->piece->arena, m->rows_n + 1, 8);
    for (size_t r = 0; values && r < m->rows_n; r++) {
        const geo_fgb_span *s = span_of(m, r, column);
        const char *p = raw + s->at;
        bool there = s->at != 0, good = true;
        if (type == GEO_DOUBLE) {
            const double v = there ? geo_fgb_double(stored, p) : 0;
            there = there && !isnan(v);
            good = !isinf(v);
            ((double *)values)[r] = there && good ? v : 0;
        } else if (type == GEO_DATE) {
            good = there && geo_date_parse(p, s->len, (int32_t *)values + r);
        } else {
            const int64_t v = there ? geo_fgb_int(stored, p) : 0;
            good = stored != FGB_ULONG || v >= 0;
            if (type == GEO_BOOL)
                ((uint8_t *)values)[r] = v != 0;
            else
                ((int64_t *)values)[r] = v;
        }
        if (!there || !good)
            geo_leave_out(m->piece, valid, r, there);
    }
    out->values = values;
    return values != NULL;
}

static bool make_values(const making *m, size_t field, geo_column *out)
{
    const int32_t column = m->f->column_of[field];
    const geo_type type = m->f->fields[field].type;
    uint8_t *valid = geo_validity_make(&m->piece->arena, m->rows_n);
    if (!valid)
        return false;
    out->valid = valid;
    return type == GEO_TEXT ? make_text(m, column, (ptrdiff_t)field == m->f->class_at, valid, out)
                            : make_numbers(m, column, type, valid, out);
}

/* ---- geometries ---- */

static geo_flat_table geometry_of(const making *m, size_t r, geo_flat *b)
{
    const char *at = m->piece->raw.data + m->feature_at[r];
    *b = (geo_flat){at + 4, geo_flat_u32(at), false};
    const geo_flat_table feature = geo_flat_root(b);
    return geo_flat_inner(b, &feature, FGB_GEOMETRY);
}

/* Has it Z, M or times beside x and y? */
static bool has_more(geo_flat *b, const geo_flat_table *g)
{
    bool more = false;
    for (unsigned slot = FGB_Z; slot <= FGB_TM; slot++)
        more |= geo_flat_field(b, g, slot, 4) != 0;
    return more;
}

static geo_status add_simple(geo_shapes *s, const char *xy, size_t n, bool closed)
{
    const geo_status st = geo_shapes_add_ring(s, xy, n, closed);
    return st < 0 ? st : geo_shapes_end_part(s) ? GEO_OK : GEO_ENOMEM;
}

/* Rings, or the lines of several: `ends` says behind which vertex each ends; all is one where there are none. */
static geo_status add_rings(geo_shapes *s, geo_flat *b, const geo_flat_table *g, bool polygon)
{
    size_t ordinates_n, ends_n;
    const char *xy = geo_flat_vector(b, g, FGB_XY, 8, &ordinates_n), *ends = geo_flat_vector(b, g, FGB_ENDS, 4, &ends_n);
    const size_t n = ordinates_n / 2;
    size_t from = 0;
    geo_status st = ordinates_n % 2 ? GEO_EGEOM : GEO_OK;
    if (n == 0)
        return st;
    for (size_t i = 0; st == GEO_OK && i < (ends_n ? ends_n : 1); i++) {
        const size_t to = ends_n ? geo_flat_u32(ends + 4 * i) : n;
        if (to < from || to > n)
            return GEO_EGEOM;
        if (to > from || polygon)
            st = polygon ? geo_shapes_add_ring(s, xy + 16 * from, to - from, true) : add_simple(s, xy + 16 * from, to - from, false);
        from = to;
    }
    if (st == GEO_OK && from != n)
        st = GEO_EGEOM;
    return st < 0 || !polygon ? st : geo_shapes_end_part(s) ? GEO_OK : GEO_ENOMEM;
}

static geo_status add_parts(geo_shapes *s, geo_flat *b, const geo_flat_table *g)
{
    size_t n;
    const char *parts = geo_flat_vector(b, g, FGB_PARTS, 4, &n);
    const size_t before = s->x.n;
    geo_status st = GEO_OK;
    if (n == 0)
        return add_rings(s, b, g, true); /* a single polygon among multi ones */
    for (size_t i = 0; st == GEO_OK && i < n; i++) {
        if (s->x.n - before > b->n / 16) /* parts that share their vertices: few bytes could be very many */
            return GEO_EGEOM;
        const geo_flat_table part = geo_flat_item(b, parts, i);
        st = add_rings(s, b, &part, true);
        s->flattened |= has_more(b, &part);
    }
    return st;
}

static geo_status add_shape(const making *m, geo_shapes *s, size_t r)
{
    geo_flat b;
    const geo_flat_table g = geometry_of(m, r, &b);
    if (!g.at)
        return b.bad ? GEO_EGEOM : geo_shapes_add_none(s);
    const uint8_t kind = m->f->kind ? m->f->kind : geo_flat_byte(&b, &g, FGB_GEOMETRY_KIND, 0);
    const geo_shapes_mark from = geo_shapes_here(s);
    size_t n;
    const char *xy = geo_flat_vector(&b, &g, FGB_XY, 8, &n);
    geo_status st = GEO_EGEOM;
    switch (kind) {
    case GEO_POINT:
        st = n == 2 && !(isnan(geo_flat_double(xy)) && isnan(geo_flat_double(xy + 8))) ? add_simple(s, xy, 1, false)
             : n == 2 || n == 0                                                        ? GEO_OK
                                                                                       : GEO_EGEOM;
        break;
    case GEO_LINESTRING: st = n % 2 ? GEO_EGEOM : n ? add_simple(s, xy, n / 2, false) : GEO_OK; break;
    case GEO_POLYGON: st = add_rings(s, &b, &g, true); break;
    case GEO_MULTIPOINT:
        st = n % 2 ? GEO_EGEOM : GEO_OK;
        for (size_t i = 0; st == GEO_OK && i < n / 2; i++)
            st = add_simple(s, xy + 16 * i, 1, false);
        break;
    case GEO_MULTILINESTRING: st = add_rings(s, &b, &g, false); break;
    case GEO_MULTIPOLYGON: st = add_parts(s, &b, &g); break;
    default: break;
    }
    s->flattened = s->x.n > from.vertices_n && (s->flattened || has_more(&b, &g));
    return geo_shapes_end_row(s, from, kind, b.bad && st == GEO_OK ? GEO_EGEOM : st);
}

static bool make_shapes(const making *m, geo_column *out)
{
    geo_shapes shapes = {0};
    geo_status st = GEO_OK;
    for (size_t r = 0; st == GEO_OK && r < m->rows_n; r++) {
        st = add_shape(m, &shapes, r);
        st = geo_shape_judge(m->piece, m->piece->batch.line ? m->piece->batch.line[r] : (int64_t)r, &shapes, st);
    }
    const bool ok = st == GEO_OK && geo_shapes_column(&shapes, &m->piece->arena, out);
    geo_shapes_clear(&shapes);
    return ok;
}

bool geo_fgb_make_columns(const geo_fgb *f, geo_piece *piece, const uint32_t *feature_at, const geo_fgb_span *spans, size_t rows_n,
                          geo_column *columns)
{
    const making m = {f, piece, feature_at, spans, rows_n};
    bool ok = true;
    for (size_t i = 0; ok && i < f->schema.fields_n; i++) {
        columns[i] = (geo_column){.type = f->fields[i].type, .held = f->held[i]};
        if (f->held[i])
            ok = f->column_of[i] < 0 ? make_shapes(&m, &columns[i]) : make_values(&m, i, &columns[i]);
    }
    return ok && geo_classes_make(piece, f->class_at, &f->label, f->raise);
}
