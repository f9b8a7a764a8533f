/*
 * Opening CSV: the header line, which columns are wanted and which hold coordinates, and for files the type of each column.
 */
#include "csv.h"

#include "../core/vec.h"
#include "../table/column.h"
#include "../table/settle.h"
#include "csv_scan.h"
#include "geo/crs.h"
#include "geo/number.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void csv_close(void *state)
{
    geo_csv *c = state;
    if (!c)
        return;
    geo_chunks_close(&c->chunks);
    geo_filter_free(c->filter);
    geo_arena_clear(&c->arena);
    free(c);
}

static void csv_abandon(void *state)
{
    geo_input_abandon(((geo_csv *)state)->chunks.in);
}

static const geo_driver DRIVER = {geo_csv_fetch, geo_csv_decode, NULL, csv_abandon, csv_close};

/* One field name that starts at text[*at]; *at moves behind it. NULL with a status when it cannot be. */
static geo_status take_name(geo_csv *c, const char *text, size_t n, size_t *at, const char **out, geo_err *err)
{
    const bool quoted = *at < n && text[*at] == '"';
    const size_t start = *at + quoted;
    size_t end = start;
    if (quoted) {
        end = geo_csv_closing_quote(text, start, n);
        if (end == n)
            return geo_err_set(err, GEO_EFORMAT, "a quoted name in the header of '%s' is never closed: a quote is missing", c->chunks.name);
        *at = end + 1;
        if (*at < n && text[*at] == '\r' && (*at + 1 == n || text[*at + 1] == '\n'))
            ++*at;
        if (*at < n && text[*at] != ',' && text[*at] != '\n')
            return geo_err_set(err, GEO_EFORMAT, "the header of '%s' has text after a closing quote", c->chunks.name);
    } else {
        while (end < n && text[end] != ',' && text[end] != '\n')
            end++;
        *at = end;
        if (end > start && text[end - 1] == '\r' && (end == n || text[end] == '\n'))
            end--;
    }
    geo_bytes wide = {0};
    const bool foreign = c->encoding == GEO_WINDOWS_1252;
    const bool converted = !foreign || geo_windows_1252(&wide, text + start, end - start);
    char *name = !converted ? NULL
                 : foreign  ? geo_arena_text(&c->arena, wide.data, wide.n)
                            : geo_arena_text(&c->arena, text + start, end - start);
    geo_bytes_clear(&wide);
    if (!name)
        return geo_err_nomem(err);
    if (quoted)
        name[geo_csv_unquote(name, name, strlen(name))] = '\0';
    if (geo_utf8_check(name, strlen(name)) != strlen(name))
        return geo_err_set(err, GEO_EFORMAT,
                           "the header of '%s' is not UTF-8; if it came from Windows or Excel, say --encoding windows-1252",
                           c->chunks.name);
    *out = name;
    return GEO_OK;
}

/* The names of a header line; *at is where the first row starts. */
static geo_status split_header(geo_csv *c, const char *text, size_t n, size_t *at, geo_err *err)
{
    geo_vec fields = {0};
    geo_status st = GEO_OK;
    for (bool ended = false; st == GEO_OK && !ended;) {
        const char *name = NULL;
        st = take_name(c, text, n, at, &name, err);
        if (st == GEO_OK && !geo_vec_reserve(&fields, 1, sizeof(geo_field)))
            st = geo_err_nomem(err);
        if (st == GEO_OK)
            ((geo_field *)fields.items)[fields.n++] = (geo_field){.name = name, .type = GEO_TEXT};
        ended = *at >= n || text[*at] == '\n';
        *at += *at < n;
    }
    c->fields = st == GEO_OK ? geo_arena_array(&c->arena, fields.n + 1, sizeof *c->fields) : NULL; /* and one for a made geometry */
    if (st == GEO_OK && !c->fields)
        st = geo_err_nomem(err);
    if (st == GEO_OK) {
        memcpy(c->fields, fields.items, fields.n * sizeof *c->fields);
        c->fields_n = fields.n;
    }
    geo_vec_clear(&fields);
    return st;
}

/* Is it a file of lines that end in carriage returns alone? Text behind one outside of quotes, and not one line feed. */
static bool is_macintosh(const char *text, size_t n)
{
    bool quoted = false;
    if (memchr(text, '\n', n))
        return false;
    for (size_t i = 0; i + 1 < n; i++) {
        quoted ^= text[i] == '"';
        if (text[i] == '\r' && !quoted)
            return true;
    }
    return false;
}

/* Files that are something else than they seem, before they are taken apart. */
static geo_status check_start(const geo_csv *c, const char *text, size_t n, geo_err *err)
{
    const bool has_nul = memchr(text, '\0', n) != NULL;
    const bool marked = n >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0);
    if (marked && (has_nul || c->encoding != GEO_WINDOWS_1252)) /* where it could be two letters */
        return geo_err_set(err, GEO_EFORMAT, "'%s' is UTF-16: convert it to UTF-8, for instance with iconv -f UTF-16 -t UTF-8",
                           c->chunks.name);
    if (has_nul)
        return geo_err_set(err, GEO_EFORMAT, "'%s' is not text: a CSV file starts with a header line", c->chunks.name);
    if (is_macintosh(text, n))
        return geo_err_set(err, GEO_EFORMAT,
                           "the lines of '%s' end in carriage returns alone, as on old Macintoshes: convert them, for instance with "
                           "tr '\\r' '\\n'",
                           c->chunks.name);
    return GEO_OK;
}

/* Text that is good UTF-8, and more than ASCII, hardly ever is Windows-1252: its letters would come out as two or three wrong ones. */
static void note_encoding(geo_csv *c, const char *text, size_t n)
{
    bool ascii = true;
    for (size_t i = 0; i < n && ascii; i++)
        ascii = (unsigned char)text[i] < 0x80;
    if (c->noted || ascii || c->encoding != GEO_WINDOWS_1252 || geo_utf8_check(text, n) != n)
        return;
    c->noted = true;
    geo_watch_note(c->chunks.watch,
                   "'%s' is read as Windows-1252 and looks like UTF-8: if letters with accents come out wrong, convert the others "
                   "to UTF-8 and leave --encoding out",
                   c->chunks.name);
}

/* Read the header; what follows it in memory is carried over to the first piece. */
static geo_status read_header(geo_csv *c, int64_t *lines_n, geo_err *err)
{
    geo_bytes text = {0};
    size_t at = 0;
    geo_status st = geo_chunks_next(&c->chunks, &text, c->chunks.bytes, err);
    if (st == GEO_OK && text.n == 0)
        st = geo_err_set(err, GEO_EFORMAT, "'%s' is empty: not even a header line", c->chunks.name);
    if (st == GEO_OK)
        st = check_start(c, text.data, text.n, err);
    if (st == GEO_OK)
        note_encoding(c, text.data, text.n);
    if (st == GEO_OK)
        st = split_header(c, text.data, text.n, &at, err);
    if (st == GEO_OK && !geo_bytes_reserve(&text, c->chunks.carry.n))
        st = geo_err_nomem(err);
    if (st == GEO_OK) {
        *lines_n = (int64_t)geo_csv_count_feeds(text.data, at);
        if (c->chunks.carry.n)
            memcpy(text.data + text.n, c->chunks.carry.data, c->chunks.carry.n);
        text.n += c->chunks.carry.n - at;
        memmove(text.data, text.data + at, text.n);
        geo_bytes_clear(&c->chunks.carry);
        c->chunks.carry = text;
        text = (geo_bytes){0};
    }
    geo_bytes_clear(&text);
    return st;
}

static ptrdiff_t file_field(const geo_csv *c, const char *name)
{
    const geo_schema own = {c->fields_n, c->fields};
    return geo_schema_find(&own, name);
}

static geo_status pick(const geo_csv *c, const char *name, ptrdiff_t *at, geo_err *err)
{
    const geo_schema own = {c->fields_n, c->fields};
    size_t found;
    const geo_status st = geo_schema_pick(&own, name, &found, err);
    if (st < 0)
        return geo_err_wrap(err, st, "'%s'", c->chunks.name);
    *at = (ptrdiff_t)found;
    return GEO_OK;
}

/* Columns whose names say what they hold. */
static const struct {
    const char *x, *y, *crs;
} COORDINATES[] = {
    {"easting", "northing", "EPSG:27700"},
    {"eastings", "northings", "EPSG:27700"},
    {"lon", "lat", "OGC:CRS84"},
    {"longitude", "latitude", "OGC:CRS84"},
    {"lng", "lat", "OGC:CRS84"},
    {"long", "lat", "OGC:CRS84"},
    {"x", "y", NULL},
    {"x_coordinate", "y_coordinate", NULL},
};

/* How well do columns of a known system suit coordinates that are said to be in crs? 2: the same, 1: perhaps, by their units. */
static int suits(const char *known, const char *crs)
{
    bool same = false, a = false, b = false;
    if (!crs || !known)
        return 1;
    if (geo_crs_same(known, crs, &same, NULL) < 0 || same) /* a word that is no system is told elsewhere */
        return 2;
    return geo_crs_is_degrees(known, &a, NULL) == GEO_OK && geo_crs_is_degrees(crs, &b, NULL) == GEO_OK && a == b;
}

/*
 * The first pair of columns whose names say what they hold; where there are several, the one that suits --crs best. A single pair is taken
 * whatever --crs says: the user knows better than the names. Returns what the pair is in; NULL for none, or when the names do not say.
 */
static const char *find_pair(geo_csv *c, const char *crs)
{
    const char *known = NULL;
    const ptrdiff_t given_x = c->x, given_y = c->y;
    int best = -1;
    for (size_t i = 0; i < sizeof COORDINATES / sizeof *COORDINATES && best < 2; i++) {
        const ptrdiff_t x = file_field(c, COORDINATES[i].x), y = file_field(c, COORDINATES[i].y);
        if (x < 0 || y < 0 || (given_x >= 0 && (x != given_x || y != given_y)))
            continue;
        const int fit = suits(COORDINATES[i].crs, crs);
        if (fit <= best)
            continue;
        best = fit;
        c->x = x;
        c->y = y;
        known = COORDINATES[i].crs;
    }
    return known;
}

/* The fields that the caller names. */
static geo_status find_named(geo_csv *c, const geo_reader_options *o, geo_err *err)
{
    if (o->geometry_field)
        return pick(c, o->geometry_field, &c->wkt, err);
    if (!o->x && !o->y)
        return GEO_OK;
    if (!o->x || !o->y)
        return geo_err_set(err, GEO_EARG, "--x and --y go together: one of them is missing");
    const geo_status st = pick(c, o->x, &c->x, err);
    return st < 0 ? st : pick(c, o->y, &c->y, err);
}

/* The fields that are named by themselves. */
static geo_status find_usual(geo_csv *c, const char **crs, const geo_reader_options *o, geo_err *err)
{
    *crs = c->wkt < 0 ? find_pair(c, o->crs) : NULL;
    for (const char *const *n = (const char *const[]){"wkt", "geometry", "geom", NULL}; c->x < 0 && c->wkt < 0 && *n; n++)
        c->wkt = file_field(c, *n);
    geo_status st = GEO_OK; /* one that stands there twice is no find */
    if (c->x >= 0 && (st = pick(c, c->fields[c->x].name, &c->x, err)) == GEO_OK)
        st = pick(c, c->fields[c->y].name, &c->y, err);
    return st == GEO_OK && c->wkt >= 0 ? pick(c, c->fields[c->wkt].name, &c->wkt, err) : st;
}

static geo_status find_coordinates(geo_csv *c, const geo_reader_options *o, geo_err *err)
{
    c->x = c->y = c->wkt = -1;
    if (!o->want_geometry && !o->try_geometry)
        return GEO_OK;
    const char *crs = NULL;
    geo_status st = find_named(c, o, err);
    if (st == GEO_OK)
        st = find_usual(c, &crs, o, err);
    if (st < 0)
        return st;
    if (c->x < 0 && c->wkt < 0) {
        if (o->try_geometry)
            return GEO_OK;
        const geo_schema own = {c->fields_n, c->fields};
        const char *hint = geo_schema_split_hint(&own);
        return geo_err_set(err, GEO_EARG, "'%s' has no columns named easting and northing, or lon and lat: %s", c->chunks.name,
                           hint ? hint : "name its coordinates with --x and --y, or its WKT with --geometry-field");
    }
    if (o->crs)
        crs = o->crs;
    if (!crs && o->try_geometry && !o->want_geometry) {
        c->x = c->y = c->wkt = -1; /* coordinates in who knows what are ordinary columns */
        return GEO_OK;
    }
    if (!crs)
        return geo_err_set(err, GEO_ECRS,
                           "the coordinates of '%s' do not say what they are: add --crs, or --areas-crs for areas (EPSG:27700 for National "
                           "Grid, OGC:CRS84 for longitude and latitude)",
                           c->chunks.name);
    crs = geo_arena_text(&c->arena, crs, strlen(crs));
    if (!crs)
        return geo_err_nomem(err);
    c->fields[c->fields_n] =
        (geo_field){.name = "geometry", .type = GEO_GEOMETRY, .crs = crs, .made = true, .kind = c->wkt >= 0 ? GEO_NO_GEOMETRY : GEO_POINT};
    c->schema.fields_n = c->fields_n + 1;
    return GEO_OK;
}

static geo_status choose_columns(geo_csv *c, const geo_reader_options *o, geo_err *err)
{
    const geo_schema own = {c->fields_n, c->fields};
    c->schema = own;
    geo_status st = GEO_OK;
    for (const char *const *n = o->columns; st == GEO_OK && n && *n; n++)
        st = pick(c, *n, &(ptrdiff_t){0}, err);
    if (st == GEO_OK)
        st = geo_schema_check_class(&own, c->chunks.name, err);
    if (st == GEO_OK)
        st = find_coordinates(c, o, err);
    if (st == GEO_OK && o->where && *o->where)
        st = geo_filter_new(o->where, c->chunks.name, &own, NULL, &c->filter, err);
    if (st < 0)
        return st;
    c->schema.fields = c->fields;
    c->class_at = file_field(c, GEO_CLASS_COLUMN);
    c->slot = geo_arena_array(&c->arena, c->fields_n + 1, sizeof *c->slot);
    c->decoded = geo_arena_array(&c->arena, c->fields_n + 1, sizeof *c->decoded);
    c->held = geo_arena_array(&c->arena, c->fields_n + 1, sizeof *c->held);
    if (!c->slot || !c->decoded || !c->held)
        return geo_err_nomem(err);
    for (size_t i = 0; i < c->fields_n; i++) {
        const ptrdiff_t f = (ptrdiff_t)i;
        c->held[i] = geo_reader_asked_for(o, c->fields[i].name);
        const bool needed =
            c->held[i] || f == c->x || f == c->y || f == c->wkt || f == c->class_at || (c->filter && geo_filter_looks_at(c->filter, i));
        c->slot[i] = needed ? (int32_t)c->decoded_n : -1;
        if (needed)
            c->decoded[c->decoded_n++] = i;
    }
    return GEO_OK;
}

static bool is_key(const geo_reader_options *o, const char *name)
{
    for (const char *const *k = o->keys; k && *k; k++)
        if (strcasecmp(*k, name) == 0)
            return true;
    return false;
}

/* Read the whole file once and give each column the narrowest type that every value fits. */
static geo_status settle_types(geo_csv *c, const geo_reader_options *o, int64_t first_line, geo_err *err)
{
    geo_settling *settling = geo_arena_array(&c->arena, c->fields_n + 1, sizeof *settling);
    if (!settling)
        return geo_err_nomem(err);
    memset(settling, 0, (c->fields_n + 1) * sizeof *settling);
    geo_piece piece = {.bad_line = -1};
    geo_status st;
    while ((st = geo_csv_fetch(c, &piece, err)) == GEO_OK && (st = geo_csv_decode(c, &piece, err)) == GEO_OK) {
        for (size_t i = 0; i < c->fields_n; i++)
            for (size_t r = 0; c->held[i] && r < piece.batch.rows_n; r++) {
                size_t n;
                const char *s = geo_column_text(&piece.batch.columns[i], r, &n);
                if (n)
                    geo_settling_add(&settling[i], s, n);
            }
        geo_arena_reset(&piece.arena);
        first_line += piece.lines_n;
    }
    if (st < 0 && piece.bad_line >= 0)
        st = geo_err_wrap(err, st, "line %lld", (long long)(first_line + piece.bad_line));
    geo_arena_clear(&piece.arena);
    geo_bytes_clear(&piece.raw);
    if (st < 0)
        return st;
    for (size_t i = 0; i < c->fields_n; i++)
        if (c->held[i] && (ptrdiff_t)i != c->class_at)
            c->fields[i].type = geo_settling_type(&settling[i], is_key(o, c->fields[i].name));
    return GEO_OK;
}

/* Do the fields of the header have the names that they had the first time? */
static bool same_names(const geo_csv *c, const geo_field *before, size_t before_n)
{
    bool same = c->fields_n == before_n;
    for (size_t i = 0; same && i < before_n; i++)
        same = strcmp(c->fields[i].name, before[i].name) == 0;
    return same;
}

/* Back to the first row after the header. */
static geo_status rewind_rows(geo_csv *c, geo_err *err)
{
    if (!geo_chunks_rewind(&c->chunks))
        return geo_err_set(err, GEO_EIO, "cannot read '%s' a second time", c->chunks.name);
    geo_field *fields = c->fields;
    const size_t fields_n = c->fields_n;
    int64_t ignored;
    const geo_status st = read_header(c, &ignored, err);
    if (st == GEO_OK && !same_names(c, fields, fields_n))
        return geo_err_set(err, GEO_EFORMAT, "'%s' changed while it was read", c->chunks.name);
    c->fields = fields;
    return st;
}

geo_status geo_csv_open(geo_chunks *chunks, const geo_reader_options *o, geo_reader *r, geo_err *err)
{
    geo_csv *c = calloc(1, sizeof *c);
    if (!c) {
        geo_chunks_close(chunks);
        return geo_err_nomem(err);
    }
    c->chunks = *chunks;
    c->chunks.whole = geo_csv_whole_rows;
    c->chunks.too_long = "is a closing quote missing?";
    c->encoding = o->encoding;
    c->label = o->label;
    c->label.class_ = geo_class_join(o->label.class_, o->raise);
    c->raise = o->raise;
    int64_t header_lines = 0;
    geo_status st = read_header(c, &header_lines, err);
    if (st == GEO_OK)
        st = choose_columns(c, o, err);
    if (st == GEO_OK && o->settle_types && geo_input_size(c->chunks.in) > 0) {
        st = settle_types(c, o, header_lines + 1, err);
        if (st == GEO_OK)
            st = rewind_rows(c, err);
    }
    if (st < 0) {
        csv_close(c);
        return st;
    }
    r->driver = &DRIVER;
    r->state = c;
    r->schema = c->schema;
    r->has_text = true;
    r->unit = "line";
    r->next_line = header_lines + 1;
    return GEO_OK;
}
