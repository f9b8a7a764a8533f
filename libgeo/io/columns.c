/* Columns of any format. */
#include "columns.h"

#include "text.h"

bool geo_is_text(const char *s, size_t n)
{
    return n == 0 || (geo_utf8_check(s, n) == n && !memchr(s, '\0', n));
}

static int64_t line_of(const geo_piece *piece, size_t r)
{
    return piece->batch.line ? piece->batch.line[r] : (int64_t)r;
}

uint8_t *geo_validity_make(geo_arena *arena, size_t rows_n)
{
    uint8_t *valid = geo_arena_alloc(arena, rows_n / 8 + 1);
    if (valid)
        memset(valid, 0xFF, rows_n / 8 + 1);
    return valid;
}

void geo_leave_out(geo_piece *piece, uint8_t *valid, size_t r, bool fault)
{
    valid[r / 8] &= (uint8_t) ~(1u << r % 8);
    if (fault)
        geo_faults_add(&piece->faults, GEO_FAULT_VALUE, line_of(piece, r));
}

geo_status geo_shape_judge(geo_piece *piece, int64_t line, geo_shapes *shapes, geo_status st)
{
    if (st == GEO_EGEOM) {
        geo_faults_add(&piece->faults, GEO_FAULT_GEOMETRY, line);
        st = geo_shapes_add_bad(shapes);
    } else if (shapes->flattened) {
        geo_faults_add(&piece->faults, GEO_FAULT_FLATTENED, line);
    }
    shapes->flattened = false;
    return st;
}

bool geo_classes_make(geo_piece *piece, ptrdiff_t class_at, const geo_label *label, geo_class raise)
{
    if (class_at < 0)
        return true;
    const geo_column *c = &piece->batch.columns[class_at];
    uint8_t *row_class = geo_arena_alloc(&piece->arena, piece->batch.rows_n + 1);
    for (size_t r = 0; row_class && r < piece->batch.rows_n; r++) {
        size_t n;
        const char *word = geo_column_text(c, r, &n);
        geo_class k = label->class_;
        if (c->type != GEO_TEXT || (n && !geo_class_parse(word, n, &k))) {
            k = GEO_CLASS_SPECIAL;
            geo_faults_add(&piece->faults, GEO_FAULT_CLASS, line_of(piece, r));
        }
        row_class[r] = (uint8_t)geo_class_join(k, raise);
    }
    piece->batch.row_class = row_class;
    return row_class != NULL;
}
