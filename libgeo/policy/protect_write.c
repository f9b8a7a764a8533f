/* A protected cube as a table: a row for each cell, or for each place of cells that stand side by side. */
#include "protect.h"

#include "geo/number.h"

#include <string.h>

#define ROWS 65536
#define LEVEL_COLUMN "area_level"

/* The table on its way out: columns of nodes as dictionaries, then counts. */
typedef struct sheet {
    const protection *p;
    geo_field fields[CUBE_VARIABLES + 2];
    geo_column *columns;
    size_t fields_n, places_n, counts_n, level_at;
    int32_t *node[CUBE_VARIABLES + 1];
    bool text; /* counts, since some are hidden */
} sheet;

/* A dictionary of n texts. */
static geo_status dictionary(geo_arena *arena, const char *const *text, size_t n, geo_column *out, geo_err *err)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += strlen(text[i]);
    int64_t *offsets = geo_arena_array(arena, n + 1, sizeof *offsets);
    char *bytes = geo_arena_alloc(arena, total);
    if (!offsets || !bytes)
        return geo_err_nomem(err);
    int64_t at = 0;
    for (size_t i = 0; i < n; i++) {
        offsets[i] = at;
        memcpy(bytes + at, text[i], strlen(text[i]));
        at += (int64_t)strlen(text[i]);
    }
    offsets[n] = at;
    *out = (geo_column){.type = GEO_TEXT, .held = true, .values = bytes, .offsets = offsets};
    return GEO_OK;
}

static geo_status add_dictionary(sheet *s, const char *name, const char *const *text, size_t n, geo_err *err)
{
    geo_arena *arena = &s->p->c->arena;
    s->fields[s->fields_n] = (geo_field){.name = name, .type = GEO_TEXT};
    if (!(s->node[s->fields_n] = geo_arena_array(arena, ROWS, sizeof **s->node)))
        return geo_err_nomem(err);
    const geo_status st = dictionary(arena, text, n, &s->columns[s->fields_n], err);
    s->columns[s->fields_n].index = s->node[s->fields_n];
    s->fields_n++;
    return st;
}

static geo_status add_levels(sheet *s, const cube_variable *v, geo_err *err)
{
    const char *names[CUBE_LEVELS];
    for (size_t l = 0; l < v->levels_n; l++)
        names[l] = l + 1 < v->levels_n ? v->levels[l].name : v->text[v->nodes_n - 1];
    return add_dictionary(s, LEVEL_COLUMN, names, v->levels_n, err);
}

/* Columns: the variables, the level of the area where there are several, the counts. */
static geo_status plan(sheet *s, geo_err *err)
{
    geo_cube *c = s->p->c;
    const geo_sdc_table *o = c->o;
    geo_status st = GEO_OK;
    while (o->counts && o->counts[s->counts_n])
        s->counts_n++;
    s->counts_n += !s->counts_n;
    if (!(s->columns = geo_arena_array(&c->arena, CUBE_VARIABLES + 2 + s->counts_n, sizeof *s->columns)))
        return geo_err_nomem(err);
    s->places_n = c->variables_n - (s->counts_n > 1);
    for (size_t i = 0; st == GEO_OK && i < s->places_n; i++)
        st = add_dictionary(s, c->v[i].field, c->v[i].text, c->v[i].nodes_n, err);
    s->level_at = s->fields_n;
    if (st == GEO_OK && c->v[0].areas && c->v[0].levels_n > 2)
        st = add_levels(s, &c->v[0], err);
    for (size_t k = 0; k < c->cells_n && !s->text; k++)
        s->text = s->p->cell[k] == GEO_CELL_UNSAFE || s->p->cell[k] == GEO_CELL_SECONDARY;
    return st;
}

static geo_status put(const sheet *s, geo_writer *w, const geo_schema *schema, const size_t *cell, size_t rows_n, geo_err *err)
{
    const protection *p = s->p;
    geo_arena arena = {0};
    const size_t mark_n = strlen(p->report->mark), longest = mark_n > GEO_NUMBER_ROOM ? mark_n : GEO_NUMBER_ROOM;
    geo_status st = GEO_OK;
    for (size_t k = 0; st == GEO_OK && k < s->counts_n; k++) {
        geo_column *column = &s->columns[s->fields_n + k];
        int64_t *values = geo_arena_array(&arena, rows_n + 1, sizeof *values);
        uint8_t *valid = geo_arena_alloc(&arena, rows_n / 8 + 1);
        char *bytes = s->text ? geo_arena_array(&arena, rows_n, longest) : NULL;
        if (!values || !valid || (s->text && !bytes)) {
            st = geo_err_nomem(err);
            break;
        }
        memset(valid, 0, rows_n / 8 + 1);
        size_t at = 0;
        for (size_t r = 0; r < rows_n; r++) {
            const uint8_t state = p->cell[cell[r] + k];
            const bool hidden = state == GEO_CELL_UNSAFE || state == GEO_CELL_SECONDARY;
            valid[r / 8] |= (uint8_t)((state != GEO_CELL_UNSEEN) << r % 8);
            if (!s->text) {
                values[r] = p->count[cell[r] + k];
                continue;
            }
            values[r] = (int64_t)at;
            if (hidden)
                memcpy(bytes + at, p->report->mark, mark_n);
            char room[GEO_NUMBER_ROOM];
            const size_t n = hidden ? mark_n : geo_number_print_int(p->count[cell[r] + k], room);
            if (!hidden)
                memcpy(bytes + at, room, n);
            at += n;
        }
        values[rows_n] = (int64_t)at;
        *column = s->text ? (geo_column){.type = GEO_TEXT, .held = true, .values = bytes, .offsets = values, .valid = valid}
                          : (geo_column){.type = GEO_INT, .held = true, .values = values, .valid = valid};
    }
    const geo_batch batch = {.rows_n = rows_n, .schema = schema, .columns = s->columns, .class_ = p->report->class_};
    geo_bytes bytes = {0};
    if (st == GEO_OK)
        st = geo_writer_encode(w, &batch, &bytes, err);
    if (st == GEO_OK && rows_n)
        st = geo_writer_put(w, &batch, &bytes, err);
    geo_bytes_clear(&bytes);
    geo_arena_clear(&arena);
    p->report->written_n += (int64_t)rows_n;
    return st;
}

/* All rows: the places at which any cell is shown or hidden. */
static geo_status put_all(const sheet *s, geo_writer *w, const geo_schema *schema, geo_err *err)
{
    geo_cube *c = s->p->c;
    const size_t step = s->counts_n;
    size_t *cell = geo_arena_array(&c->arena, ROWS, sizeof *cell), n = 0;
    if (!cell)
        return geo_err_nomem(err);
    geo_status st = GEO_OK;
    for (size_t k = 0; st == GEO_OK && k < c->cells_n; k += step) {
        bool any = false;
        for (size_t i = 0; i < step; i++)
            any = any || s->p->cell[k + i] != GEO_CELL_UNSEEN;
        if (!any)
            continue;
        uint32_t node[CUBE_VARIABLES];
        geo_cube_nodes(c, k, node);
        for (size_t i = 0; i < s->places_n; i++)
            s->node[i][n] = (int32_t)node[i];
        if (s->level_at < s->fields_n)
            s->node[s->level_at][n] = (int32_t)c->v[0].level_of[node[0]];
        cell[n++] = k;
        if (n == ROWS) {
            st = put(s, w, schema, cell, n, err);
            n = 0;
        }
    }
    return st == GEO_OK ? put(s, w, schema, cell, n, err) : st;
}

geo_status geo_cube_write(const protection *p, const char *output, const geo_writer_options *writing, geo_err *err)
{
    sheet s = {.p = p};
    geo_status st = plan(&s, err);
    if (st < 0)
        return st;
    const geo_sdc_table *o = p->c->o;
    geo_field *fields = geo_arena_array(&p->c->arena, s.fields_n + s.counts_n, sizeof *fields);
    if (!fields)
        return geo_err_nomem(err);
    memcpy(fields, s.fields, s.fields_n * sizeof *fields);
    for (size_t k = 0; k < s.counts_n; k++)
        fields[s.fields_n + k] = (geo_field){.name = o->counts ? o->counts[k] : "count", .type = s.text ? GEO_TEXT : GEO_INT};
    const geo_schema schema = {s.fields_n + s.counts_n, fields};
    geo_writer *w = NULL;
    st = geo_writer_open(output, &schema, writing, &w, err);
    if (st == GEO_OK)
        st = put_all(&s, w, &schema, err);
    if (st == GEO_OK)
        st = geo_writer_finish(w, err);
    geo_writer_close(w);
    return st;
}
