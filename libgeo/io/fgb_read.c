/* FlatGeobuf, streaming: fetch() counts the features of a chunk, decode() finds their values and has columns made of them. */
#include "fgb_read.h"

#include "flat.h"
#include "geo/number.h"

#include <math.h>
#include <string.h>

static const char *const CUT = "'%s' is damaged or cut short beyond feature %lld";

/* ---- fetching ---- */

/* Is the feature marked as the last one? */
static bool is_last(const char *at, size_t n)
{
    geo_flat b = {at, n, false};
    const geo_flat_table t = geo_flat_root(&b);
    return geo_flat_byte(&b, &t, FGB_LAST, 0) == 1;
}

static geo_status ended(const geo_fgb *f, geo_err *err)
{
    if (f->expected_n && f->rows_n != f->expected_n)
        return geo_err_set(err, GEO_EFORMAT, "'%s' is damaged or cut short: it has %lld of %lld features", f->chunks.name,
                           (long long)f->rows_n, (long long)f->expected_n);
    if (f->marks_last && !f->last_seen)
        return geo_err_set(err, GEO_EFORMAT, CUT, f->chunks.name, (long long)f->rows_n);
    return GEO_DONE;
}

geo_status geo_fgb_fetch(void *state, geo_piece *piece, geo_err *err)
{
    geo_fgb *f = state;
    const geo_status st = geo_chunks_fetch(&f->chunks, piece, err);
    if (st != GEO_OK)
        return st < 0 ? st : ended(f, err);
    const char *raw = piece->raw.data;
    size_t at = 0, n = 0;
    for (; piece->raw.n - at >= 4 && (n = geo_flat_u32(raw + at)) >= 8 && n <= piece->raw.n - at - 4; at += 4 + n) {
        if (f->last_seen) /* and yet it goes on */
            break;
        f->last_seen = f->marks_last && is_last(raw + at + 4, n);
        piece->lines_n++;
    }
    f->rows_n += piece->lines_n;
    return at == piece->raw.n ? GEO_OK : geo_err_set(err, GEO_EFORMAT, CUT, f->chunks.name, (long long)f->rows_n);
}

/* ---- finding values ---- */

size_t geo_fgb_width(uint8_t type)
{
    static const uint8_t WIDTH[FGB_TYPES] = {1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 0, 0, 0, 0};
    return type < FGB_TYPES ? WIDTH[type] : 0;
}

/* The values of one feature, behind their columns' numbers. Places are those in the chunk. */
static bool find_values(const geo_fgb *f, const char *raw, const char *values, size_t n, geo_fgb_span *spans)
{
    static const char NO_DAY[] = "0000-00-00T"; /* with which GDAL writes times of day */
    size_t at = 0;
    while (at < n) {
        if (n - at < 2)
            return false;
        const size_t column = geo_flat_u16(values + at);
        at += 2;
        if (column >= f->columns_n)
            return false;
        size_t width = geo_fgb_width(f->type[column]);
        if (width == 0) {
            if (n - at < 4)
                return false;
            width = geo_flat_u32(values + at);
            at += 4;
        }
        if (width > n - at)
            return false;
        if (f->slot[column] >= 0 && spans[f->slot[column]].at)
            return false; /* which of two counts, nobody knows */
        const bool time =
            f->type[column] == FGB_DATETIME && width > sizeof NO_DAY - 1 && memcmp(values + at, NO_DAY, sizeof NO_DAY - 1) == 0;
        const size_t skipped = time ? sizeof NO_DAY - 1 : 0;
        if (f->slot[column] >= 0)
            spans[f->slot[column]] = (geo_fgb_span){(uint32_t)(values + at + skipped - raw), (uint32_t)(width - skipped)};
        at += width;
    }
    return true;
}

static bool find_features(const geo_fgb *f, const geo_piece *piece, uint32_t *feature_at, geo_fgb_span *spans)
{
    const char *raw = piece->raw.data;
    size_t at = 0;
    memset(spans, 0, (size_t)piece->lines_n * f->decoded_n * sizeof *spans);
    for (int64_t r = 0; r < piece->lines_n; r++) {
        const size_t n = geo_flat_u32(raw + at);
        geo_flat b = {raw + at + 4, n, false};
        const geo_flat_table t = geo_flat_root(&b);
        size_t values_n, own_columns_n;
        const char *values = geo_flat_vector(&b, &t, FGB_PROPERTIES, 1, &values_n);
        (void)geo_flat_vector(&b, &t, FGB_FEATURE_COLUMNS, 4, &own_columns_n);
        feature_at[r] = (uint32_t)at;
        at += 4 + n;
        if (b.bad || own_columns_n || !find_values(f, raw, values, values_n, spans + (size_t)r * f->decoded_n))
            return false;
    }
    return true;
}

/* ---- filtering ---- */

typedef struct filtering {
    const geo_fgb *f;
    const char *raw;
    const geo_fgb_span *spans;
} filtering;

/* The value of a field for the filter, as text. */
static bool filter_value(const void *ctx, size_t row, size_t field, geo_bytes *out, bool *null)
{
    const filtering *w = ctx;
    const int32_t column = w->f->column_of[field];
    const geo_fgb_span *s = &w->spans[row * w->f->decoded_n + (size_t)w->f->slot[column]];
    char room[GEO_NUMBER_ROOM];
    const char *text = w->raw + s->at;
    size_t n = s->len;
    *null = s->at == 0;
    if (*null)
        return true;
    if (geo_fgb_width(w->f->type[column])) {
        const geo_type type = w->f->fields[field].type;
        /* what is left out of the table has no value here either */
        *null = type == GEO_DOUBLE ? !isfinite(geo_fgb_double(w->f->type[column], text))
                                   : w->f->type[column] == FGB_ULONG && geo_fgb_int(FGB_ULONG, text) < 0;
        n = type == GEO_DOUBLE ? geo_number_print(geo_fgb_double(w->f->type[column], text), room)
                               : geo_number_print_int(geo_fgb_int(w->f->type[column], text), room);
        text = room;
    }
    if (!geo_bytes_reserve(out, n))
        return false;
    memcpy(out->data + out->n, text, n);
    out->n += n;
    return true;
}

/* Take out the features that the filter does not let pass; line numbers say which are left. */
static geo_status filter_rows(const geo_fgb *f, geo_piece *piece, uint32_t *feature_at, geo_fgb_span *spans, uint32_t *line, size_t *rows_n,
                              geo_err *err)
{
    const size_t n = *rows_n;
    bool *passes = geo_arena_alloc(&piece->arena, n + 1);
    if (!passes)
        return geo_err_nomem(err);
    const filtering w = {f, piece->raw.data, spans};
    const geo_status st = geo_filter_rows(f->filter, n, &(geo_filter_values){filter_value, &w}, passes, err);
    if (st < 0)
        return st;
    *rows_n = 0;
    for (size_t r = 0; r < n; r++) {
        if (!passes[r])
            continue;
        const size_t to = (*rows_n)++;
        feature_at[to] = feature_at[r];
        line[to] = line[r];
        memmove(&spans[to * f->decoded_n], &spans[r * f->decoded_n], f->decoded_n * sizeof *spans);
    }
    return GEO_OK;
}

/* ---- decoding ---- */

geo_status geo_fgb_decode(const void *state, geo_piece *piece, geo_err *err)
{
    const geo_fgb *f = state;
    geo_arena *arena = &piece->arena;
    size_t rows_n = (size_t)piece->lines_n;
    uint32_t *feature_at = geo_arena_array(arena, rows_n + 1, sizeof *feature_at), *line = NULL;
    geo_fgb_span *spans = geo_arena_array(arena, (rows_n + 1) * (f->decoded_n + 1), sizeof *spans);
    geo_column *columns = geo_arena_array(arena, f->schema.fields_n + 1, sizeof *columns);
    if (!feature_at || !spans || !columns)
        return geo_err_nomem(err);
    if (!find_features(f, piece, feature_at, spans))
        return geo_err_set(err, GEO_EFORMAT, "'%s' is damaged, or has features with fields of their own or a field twice", f->chunks.name);
    if (f->filter) {
        line = geo_arena_array(arena, rows_n + 1, sizeof *line);
        for (size_t r = 0; line && r < rows_n; r++)
            line[r] = (uint32_t)r;
        const geo_status st = line ? filter_rows(f, piece, feature_at, spans, line, &rows_n, err) : geo_err_nomem(err);
        if (st < 0)
            return st;
    }
    piece->batch = (geo_batch){.rows_n = rows_n, .schema = &f->schema, .columns = columns, .class_ = f->label.class_, .line = line};
    return geo_fgb_make_columns(f, piece, feature_at, spans, rows_n, columns) ? GEO_OK : geo_err_nomem(err);
}
