/* GeoJSON text sequences, streaming: fetch() cuts the input behind whole records, decode() finds the members of each. */
#include "seq_read.h"

#include "text.h"

#include <string.h>

#define RECORD_SEPARATOR '\x1E'

geo_status geo_seq_fetch(void *state, geo_piece *piece, geo_err *err)
{
    return geo_chunks_fetch(&((geo_seq *)state)->chunks, piece, err);
}

/* ---- features ---- */

static geo_status no_feature(const geo_seq *s, const char *what, geo_err *err)
{
    return geo_err_set(err, GEO_EFORMAT, "'%s' %s", s->chunks.name, what);
}

/* Is it the name of the column of classes, in any letter case? */
static bool is_class(const geo_json_value *name)
{
    char room[64];
    size_t n;
    return name->n < sizeof room && geo_json_text(name, room, &n) && n == strlen(GEO_CLASS_COLUMN)
           && strncasecmp(room, GEO_CLASS_COLUMN, n) == 0;
}

/* A member with its name goes behind those that the feature has already, on one line; from: where the feature's object starts. */
static void add_other(geo_seq_others *others, size_t from, const char *member, size_t n)
{
    char *to = others->text + others->n;
    *to++ = others->n == from ? '{' : ',';
    memcpy(to, member, n);
    for (char *p = to; p < to + n; p++) /* strings have no line ends */
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    others->n += 1 + n;
}

static const char *const NO_JSON = "has a record that is no JSON: it is damaged or cut short";

/* The members of a feature, of which those that matter here must not come twice. Its end; or NULL, and what is wrong. */
static const char *find_members(const char *p, geo_seq_feature *f, geo_json_value *type, geo_seq_others *others, const char **wrong)
{
    geo_json_walk walk = {p, false};
    geo_json_value name, other;
    const size_t from = others ? others->n : 0;
    *wrong = NO_JSON;
    while (geo_json_next(&walk, &name)) {
        geo_json_value *into = geo_json_is(&name, "type")         ? type
                               : geo_json_is(&name, "geometry")   ? &f->geometry
                               : geo_json_is(&name, "properties") ? &f->properties
                               : geo_json_is(&name, "crs")        ? &f->crs
                                                                  : &other;
        const bool twice = into != &other && into->at, class_ = into == &other && is_class(&name);
        if (twice || class_)
            *wrong =
                twice ? "has a feature with two members of one name" : "has a feature with an sdc_class that is none of its properties";
        walk.p = twice || class_ ? NULL : geo_json_pass(walk.p, into);
        if (!walk.p)
            return NULL;
        if (others && into == &other)
            add_other(others, from, name.at - 1, (size_t)(walk.p - name.at) + 1);
    }
    if (others && others->n > from)
        others->text[others->n++] = '}';
    return walk.p;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Past the blanks behind a feature; NULL when there is something else than the next separator: rows are counted by these. */
static const char *pass_end(const geo_seq *s, const char *p, const char *end)
{
    while (p < end && is_blank(*p) && (s->marked || *p != '\n'))
        p++;
    return p == end || *p == (s->marked ? RECORD_SEPARATOR : '\n') ? p : NULL;
}

geo_status geo_seq_record(const geo_seq *s, const char *text, size_t n, size_t *at, geo_seq_feature *feature, geo_seq_others *others,
                          geo_err *err)
{
    while (*at < n && (text[*at] == RECORD_SEPARATOR || is_blank(text[*at])))
        ++*at;
    if (*at >= n)
        return GEO_DONE;
    geo_json_value type = {0};
    *feature = (geo_seq_feature){0};
    const char *wrong, *end = find_members(text + *at, feature, &type, others, &wrong);
    if (type.kind == GEO_JSON_STRING && geo_json_is(&type, "FeatureCollection"))
        return no_feature(s,
                          "is one feature collection, which cannot go through a pipe: give it as a file, or one feature a line, for "
                          "instance with jq -c '.features[]'",
                          err);
    if (!end)
        return no_feature(s, wrong, err);
    if (!s->marked && memchr(text + *at, '\n', (size_t)(end - text) - *at))
        return no_feature(s, "has a feature that goes over several lines: put each on one, for instance with jq -c .", err);
    end = pass_end(s, end, text + n);
    if (!end)
        return no_feature(s,
                          s->marked ? "has something else than a record separator behind a feature"
                                    : "has something else behind a feature on its line",
                          err);
    *at = (size_t)(end - text);
    if (type.kind != GEO_JSON_STRING || !geo_json_is(&type, "Feature"))
        return no_feature(s, "has a record that is no GeoJSON feature", err);
    if (feature->properties.at && feature->properties.kind != GEO_JSON_OBJECT && feature->properties.kind != GEO_JSON_NULL)
        return no_feature(s, "has a feature whose properties are no object", err);
    return GEO_OK;
}

const char *geo_seq_name(const geo_json_value *name, char room[GEO_SEQ_NAME], size_t *n)
{
    *n = name->n;
    if (name->n > GEO_SEQ_NAME)
        return NULL;
    return name->plain ? name->at : geo_json_text(name, room, n) ? room : NULL;
}

ptrdiff_t geo_seq_property(const geo_seq *s, const geo_json_value *name, size_t guess)
{
    char room[GEO_SEQ_NAME];
    size_t n, guess_n;
    const char *text = geo_seq_name(name, room, &n);
    if (!text)
        return -1;
    if (guess < s->properties_n) {
        const char *likely = geo_pool_text(s->names, (int32_t)guess, &guess_n);
        if (guess_n == n && memcmp(likely, text, n) == 0)
            return (ptrdiff_t)guess;
    }
    return geo_pool_find(s->names, text, n);
}

/* The values of a feature's properties; one that no feature had before is a fault, and a class that is no field is an error. */
static geo_status find_values(const geo_seq *s, const char *text, const geo_json_value *properties, uint32_t row, geo_faults *faults,
                              geo_seq_span *spans, geo_err *err)
{
    geo_json_walk walk = {properties->at, false};
    geo_json_value name, value;
    size_t guess = 0;
    memset(spans, 0, s->decoded_n * sizeof *spans);
    if (!properties->at || properties->kind == GEO_JSON_NULL)
        return GEO_OK;
    while (geo_json_next(&walk, &name)) {
        walk.p = geo_json_pass(walk.p, &value); /* it has been passed before */
        const ptrdiff_t i = geo_seq_property(s, &name, guess);
        guess = (size_t)i + 1;
        if (i < 0 && is_class(&name))
            return no_feature(s, "has an sdc_class that its first features lack: give it as a file", err);
        if (i < 0 && value.kind != GEO_JSON_NULL)
            geo_faults_add(faults, GEO_FAULT_VALUE, row);
        if (i < 0 || s->slot[i] < 0)
            continue;
        geo_seq_span *span = &spans[s->slot[i]];
        if (span->at)
            return no_feature(s, "has a feature with two properties of one name", err);
        *span = (geo_seq_span){(uint32_t)(value.at - text), (uint32_t)value.n, (uint8_t)value.kind, value.plain};
    }
    return GEO_OK;
}

/* The features' own reference system must stay what it was at the first. */
static bool same_crs(const geo_seq *s, const geo_json_value *crs)
{
    return crs->at ? s->crs && crs->n == s->crs_n && memcmp(crs->at, s->crs, crs->n) == 0 : !s->crs;
}

/* ---- filtering ---- */

typedef struct filtering {
    const geo_seq *s;
    const char *text;
    const geo_seq_span *spans;
} filtering;

static bool filter_value(const void *ctx, size_t row, size_t field, geo_bytes *out, bool *null)
{
    const filtering *w = ctx;
    const geo_seq_span *span = &w->spans[row * w->s->decoded_n + (size_t)w->s->slot[field]];
    const geo_json_value v = {w->text + span->at, span->len, (geo_json_kind)span->kind, span->plain};
    size_t n = v.n;
    *null = v.kind == GEO_JSON_NULL;
    if (*null)
        return true;
    if (!geo_bytes_reserve(out, v.n + 1))
        return false;
    if (v.kind == GEO_JSON_STRING) {
        *null = !geo_json_text(&v, out->data + out->n, &n);
    } else if (v.kind == GEO_JSON_TRUE || v.kind == GEO_JSON_FALSE) {
        out->data[out->n] = v.kind == GEO_JSON_TRUE ? '1' : '0';
        n = 1;
    } else {
        memcpy(out->data + out->n, v.at, n);
    }
    out->n += n;
    return true;
}

/* The rows of a piece. */
typedef struct rows {
    size_t n;
    uint32_t *line, *others_at, *others_len;
    geo_seq_others others;
    geo_json_value *geometry;
    geo_seq_span *spans;
} rows;

static geo_status filter_rows(const geo_seq *s, geo_piece *piece, rows *all, geo_err *err)
{
    const size_t n = all->n;
    bool *passes = geo_arena_alloc(&piece->arena, n + 1);
    if (!passes)
        return geo_err_nomem(err);
    const filtering w = {s, piece->raw.data, all->spans};
    const geo_status st = geo_filter_rows(s->filter, n, &(geo_filter_values){filter_value, &w}, passes, err);
    if (st < 0)
        return st;
    all->n = 0;
    for (size_t r = 0; r < n; r++) {
        if (!passes[r])
            continue;
        const size_t to = all->n++;
        all->line[to] = all->line[r];
        all->others_at[to] = all->others_at[r];
        all->others_len[to] = all->others_len[r];
        all->geometry[to] = all->geometry[r];
        memmove(&all->spans[to * s->decoded_n], &all->spans[r * s->decoded_n], s->decoded_n * sizeof *all->spans);
    }
    return GEO_OK;
}

/* ---- decoding ---- */

static size_t count_features(const geo_seq *s, const char *text, size_t n)
{
    size_t count = 1;
    for (const char *p = text; p < text + n && (p = memchr(p, s->marked ? RECORD_SEPARATOR : '\n', (size_t)(text + n - p))); p++)
        count++;
    return count;
}

static geo_status find_rows(const geo_seq *s, geo_piece *piece, rows *all, geo_err *err)
{
    const char *text = piece->raw.data;
    size_t at = 0;
    for (;; all->n++) {
        geo_seq_feature f;
        piece->bad_line = (int64_t)all->n;
        all->others_at[all->n] = (uint32_t)all->others.n;
        geo_status st = geo_seq_record(s, text, piece->raw.n, &at, &f, all->others.text ? &all->others : NULL, err);
        if (st == GEO_DONE)
            break;
        all->others_len[all->n] = (uint32_t)all->others.n - all->others_at[all->n];
        if (st == GEO_OK && !same_crs(s, &f.crs))
            st = geo_err_set(err, GEO_ECRS, "'%s' has features in another reference system than its first", s->chunks.name);
        if (st == GEO_OK)
            st = find_values(s, text, &f.properties, (uint32_t)all->n, &piece->faults, all->spans + all->n * s->decoded_n, err);
        if (st < 0)
            return st;
        all->geometry[all->n] = f.geometry;
        all->line[all->n] = (uint32_t)all->n;
    }
    piece->bad_line = -1;
    piece->lines_n = (int64_t)all->n;
    return GEO_OK;
}

geo_status geo_seq_decode(const void *state, geo_piece *piece, geo_err *err)
{
    const geo_seq *s = state;
    geo_arena *arena = &piece->arena;
    if (geo_utf8_check(piece->raw.data, piece->raw.n) != piece->raw.n)
        return no_feature(s, "is not UTF-8", err);
    const size_t most = count_features(s, piece->raw.data, piece->raw.n) + 1;
    const bool others = s->members != GEO_MEMBERS_UNREAD;
    rows all = {.line = geo_arena_array(arena, most, sizeof *all.line),
                .others_at = geo_arena_array(arena, most, sizeof *all.others_at),
                .others_len = geo_arena_array(arena, most, sizeof *all.others_len),
                .others.text = others ? geo_arena_alloc(arena, piece->raw.n + 1) : NULL,
                .geometry = geo_arena_array(arena, most, sizeof *all.geometry),
                .spans = geo_arena_array(arena, most * (s->decoded_n + 1), sizeof *all.spans)};
    geo_column *columns = geo_arena_array(arena, s->schema.fields_n + 1, sizeof *columns);
    if (!all.line || !all.others_at || !all.others_len || (others && !all.others.text) || !all.geometry || !all.spans || !columns)
        return geo_err_nomem(err);
    geo_status st = find_rows(s, piece, &all, err);
    if (st == GEO_OK && s->filter)
        st = filter_rows(s, piece, &all, err);
    if (st < 0)
        return st;
    piece->batch = (geo_batch){.rows_n = all.n, .schema = &s->schema, .columns = columns, .class_ = s->label.class_, .line = all.line};
    if (others)
        geo_seq_judge_members(s, piece, &all.others, all.others_at, all.others_len);
    return geo_seq_make_columns(s, piece, all.geometry, all.spans, all.n, columns) ? GEO_OK : geo_err_nomem(err);
}
