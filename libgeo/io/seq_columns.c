/* Making columns of the properties and geometries of GeoJSON features. */
#include "seq_read.h"

#include "columns.h"
#include "flat_out.h"
#include "geo/number.h"

#include <math.h>
#include <string.h>

typedef struct making {
    const geo_seq *s;
    geo_piece *piece;
    const geo_seq_span *spans;
    size_t rows_n;
} making;

static geo_json_value value_of(const making *m, size_t r, size_t field)
{
    const geo_seq_span *span = &m->spans[r * m->s->decoded_n + (size_t)m->s->slot[field]];
    return (geo_json_value){m->piece->raw.data + span->at, span->len, (geo_json_kind)span->kind, span->plain};
}

/* Text; of anything else the JSON as it stands. A class that is no text, or none that can be read, must not look as if it were not given. */
static bool make_text(const making *m, size_t field, uint8_t *valid, geo_column *out)
{
    const bool class_ = (ptrdiff_t)field == m->s->class_at;
    size_t bytes = 0;
    for (size_t r = 0; r < m->rows_n; r++)
        bytes += value_of(m, r, field).n + 1;
    char *values = geo_arena_alloc(&m->piece->arena, bytes);
    int64_t *offsets = geo_arena_array(&m->piece->arena, m->rows_n + 1, sizeof *offsets);
    if (!values || !offsets)
        return false;
    size_t at = 0;
    offsets[0] = 0;
    for (size_t r = 0; r < m->rows_n; r++) {
        const geo_json_value v = value_of(m, r, field);
        size_t n = v.n;
        const bool there = v.kind != GEO_JSON_NULL, string = v.kind == GEO_JSON_STRING;
        bool good = there && (string || !class_);
        if (good && string)
            good = geo_json_text(&v, values + at, &n) && !memchr(values + at, '\0', n);
        else if (good)
            memcpy(values + at, v.at, n);
        if (!good && class_ && there) {
            values[at] = '?';
            n = 1;
        } else if (!good) {
            geo_leave_out(m->piece, valid, r, there);
            n = 0;
        }
        at += n;
        offsets[r + 1] = (int64_t)at;
    }
    out->values = values;
    out->offsets = offsets;
    return true;
}

/* A number into a place of a column; false when it is none, or none that the column holds. */
static bool take_number(const geo_json_value *v, geo_type type, void *values, size_t r)
{
    int64_t whole = 0;
    double real = 0;
    if (type == GEO_BOOL) {
        ((uint8_t *)values)[r] = v->kind == GEO_JSON_TRUE;
        return v->kind == GEO_JSON_TRUE || v->kind == GEO_JSON_FALSE;
    }
    if (v->kind != GEO_JSON_NUMBER)
        return false;
    const bool is_whole = v->plain && geo_number_parse_int(v->at, v->n, &whole);
    if (type == GEO_INT) {
        ((int64_t *)values)[r] = whole;
        return is_whole;
    }
    const bool good = geo_number_parse(v->at, v->n, &real);
    ((double *)values)[r] = good ? real : 0;
    return good && (!v->plain || (is_whole && real >= -0x1p63 && real < 0x1p63 && (int64_t)real == whole)); /* not a rounded one */
}

static bool make_values(const making *m, size_t field, geo_column *out)
{
    uint8_t *valid = geo_validity_make(&m->piece->arena, m->rows_n);
    if (!valid)
        return false;
    out->valid = valid;
    if (out->type == GEO_TEXT)
        return make_text(m, field, valid, out);
    void *values = geo_arena_array(&m->piece->arena, m->rows_n + 1, 8);
    if (!values)
        return false;
    memset(values, 0, (m->rows_n + 1) * 8);
    for (size_t r = 0; r < m->rows_n; r++) {
        const geo_json_value v = value_of(m, r, field);
        if (v.kind == GEO_JSON_NULL || !take_number(&v, out->type, values, r))
            geo_leave_out(m->piece, valid, r, v.kind != GEO_JSON_NULL);
    }
    out->values = values;
    return true;
}

/* ---- geometries ---- */

/* A geometry on its way into shapes; room: for the ordinates of a line. */
typedef struct taking {
    geo_shapes *shapes;
    geo_vec *room;
    geo_status st;
} taking;

static const char *no_geometry(taking *t, geo_status st)
{
    t->st = t->st < 0 ? t->st : st;
    return NULL;
}

/* Past a position, of which x and y are appended to room; NULL for what is none. */
static const char *take_position(taking *t, const char *p)
{
    geo_json_walk walk = {p, false};
    geo_json_value v;
    size_t n = 0;
    if (!geo_vec_reserve(t->room, 16, 1))
        return no_geometry(t, GEO_ENOMEM);
    for (; geo_json_next(&walk, NULL); n++) {
        double ordinate;
        walk.p = geo_json_pass(walk.p, &v);
        if (!walk.p || v.kind != GEO_JSON_NUMBER || (n < 2 && !geo_number_parse(v.at, v.n, &ordinate)))
            return no_geometry(t, GEO_EGEOM);
        if (n < 2)
            geo_flat_put_double((char *)t->room->items + t->room->n + 8 * n, ordinate);
    }
    t->room->n += 16;
    t->shapes->flattened |= n > 2;
    return n >= 2 && walk.p ? walk.p : no_geometry(t, GEO_EGEOM);
}

/* Past an array of positions, as one ring or line. */
static const char *take_line(taking *t, const char *p, bool closed)
{
    geo_json_walk walk = {p, false};
    t->room->n = 0;
    while (t->st == GEO_OK && geo_json_next(&walk, NULL))
        walk.p = take_position(t, walk.p);
    if (!walk.p)
        return no_geometry(t, GEO_EGEOM);
    if (t->st == GEO_OK && t->room->n)
        t->st = geo_shapes_add_ring(t->shapes, t->room->items, t->room->n / 16, closed);
    return walk.p;
}

/* Past the coordinates of a part. */
static const char *take_part(taking *t, const char *p, geo_geometry_kind kind)
{
    const size_t before = t->shapes->x.n;
    geo_json_walk walk = {p, false};
    if (kind == GEO_POINT) {
        t->room->n = 0;
        if (*p == '[' && geo_json_space(p + 1)[0] == ']') { /* nowhere */
            (void)geo_json_next(&walk, NULL);
            return walk.p;
        }
        p = take_position(t, p);
        t->st = p ? geo_shapes_add_ring(t->shapes, t->room->items, 1, false) : t->st;
    } else if (kind == GEO_LINESTRING) {
        p = take_line(t, p, false);
    } else {
        while (t->st == GEO_OK && geo_json_next(&walk, NULL))
            walk.p = take_line(t, walk.p, true);
        p = walk.p;
    }
    if (!p)
        return no_geometry(t, GEO_EGEOM);
    if (t->st == GEO_OK && t->shapes->x.n > before && !geo_shapes_end_part(t->shapes))
        return no_geometry(t, GEO_ENOMEM);
    return p;
}

static geo_geometry_kind kind_of(const geo_json_value *type)
{
    static const char *const NAMES[] = {"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"};
    for (int i = 0; i < 6; i++)
        if (type->kind == GEO_JSON_STRING && geo_json_is(type, NAMES[i]))
            return (geo_geometry_kind)(GEO_POINT + i);
    return GEO_NO_GEOMETRY;
}

static geo_status add_shape(const making *m, geo_shapes *shapes, const geo_json_value *geometry, geo_vec *room)
{
    if (!geometry->at || geometry->kind == GEO_JSON_NULL)
        return geo_shapes_add_none(shapes);
    geo_json_walk walk = {geometry->at, false};
    geo_json_value name, type = {0}, coordinates = {0}, other = {0};
    const geo_shapes_mark from = geo_shapes_here(shapes);
    bool twice = false;
    while (geometry->kind == GEO_JSON_OBJECT && geo_json_next(&walk, &name)) {
        geo_json_value *into = geo_json_is(&name, "type") ? &type : geo_json_is(&name, "coordinates") ? &coordinates : &other;
        twice |= into != &other && into->at;
        walk.p = geo_json_pass(walk.p, into); /* it has been passed before */
        if (into == &other && m->s->members != GEO_MEMBERS_UNREAD)
            geo_seq_leave_out(m->piece, "geometry.", &name);
    }
    const geo_geometry_kind kind = kind_of(&type);
    taking t = {shapes, room, kind && !twice && coordinates.kind == GEO_JSON_ARRAY ? GEO_OK : GEO_EGEOM};
    geo_json_walk parts = {coordinates.at, false};
    if (t.st == GEO_OK && kind < GEO_MULTIPOINT)
        (void)take_part(&t, coordinates.at, kind);
    else if (t.st == GEO_OK)
        while (t.st == GEO_OK && geo_json_next(&parts, NULL))
            parts.p = take_part(&t, parts.p, (geo_geometry_kind)(kind - 3));
    return geo_shapes_end_row(shapes, from, kind, t.st);
}

static bool make_shapes(const making *m, const geo_json_value *geometry, geo_geometry_kind only, geo_column *out)
{
    geo_shapes shapes = {.only = only};
    geo_vec room = {0};
    geo_status st = GEO_OK;
    for (size_t r = 0; st == GEO_OK && r < m->rows_n; r++) {
        st = add_shape(m, &shapes, &geometry[r], &room);
        st = geo_shape_judge(m->piece, m->piece->batch.line[r], &shapes, st);
    }
    const bool ok = st == GEO_OK && geo_shapes_column(&shapes, &m->piece->arena, out);
    geo_vec_clear(&room);
    geo_shapes_clear(&shapes);
    return ok;
}

bool geo_seq_make_columns(const geo_seq *s, geo_piece *piece, const geo_json_value *geometry, const geo_seq_span *spans, size_t rows_n,
                          geo_column *columns)
{
    const making m = {s, piece, spans, rows_n};
    bool ok = true;
    for (size_t i = 0; ok && i < s->schema.fields_n; i++) {
        columns[i] = (geo_column){.type = s->fields[i].type, .held = s->held[i]};
        if (s->held[i])
            ok = s->fields[i].type == GEO_GEOMETRY ? make_shapes(&m, geometry, s->fields[i].kind, &columns[i])
                                                   : make_values(&m, i, &columns[i]);
    }
    return ok && geo_classes_make(piece, s->class_at, &s->label, s->raise);
}
