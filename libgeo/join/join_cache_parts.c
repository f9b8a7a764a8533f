/*
 * The parts of a cache: those of the index (geo_areas_save), then
 *
 *     facts     cache_facts
 *     names     texts, each with its NUL: the reference system, the first field of the layer, then for each field its type and name
 *     notes     what was told while the areas were read: texts with their NUL, the name of the file in them replaced by a mark
 *     ranks     of the areas, by the first of the fields
 *     fields    for each its validity, values and offsets, as in geo_column; the first is the key that the areas were read with
 *
 * As with the index, nothing is believed that leads out of a part.
 */
#include "join_cache.h"

#include "../io/columns.h"
#include "../table/column.h"

#include <stdlib.h>
#include <string.h>

static size_t width_of(geo_type type)
{
    return type == GEO_INT || type == GEO_DOUBLE ? 8 : type == GEO_DATE ? 4 : 1;
}

/* ---- saving ---- */

static bool put(geo_vec *v, const void *bytes, size_t n)
{
    return geo_vec_append(v, bytes, n, 1);
}

static bool put_text(geo_vec *v, const char *text)
{
    return put(v, text, strlen(text) + 1);
}

/* The notes with a mark in place of the file's name. */
static bool put_notes(geo_vec *v, const geo_vec *notes, const char *file)
{
    bool ok = true;
    for (size_t at = 0, n; ok && at < notes->n; at += n) {
        const char *text = (const char *)notes->items + at, *name = strstr(text, file);
        n = strlen(text) + 1;
        if (!name)
            ok = put_text(v, text);
        else
            ok = put(v, text, (size_t)(name - text)) && put(v, &(char){CACHE_MARK}, 1) && put_text(v, name + strlen(file));
    }
    return ok;
}

static bool put_names(geo_vec *v, const cache *c, const step *s)
{
    const geo_schema *schema = geo_table_schema(s->area_table);
    bool ok = put_text(v, s->areas_crs) && put_text(v, c->first);
    for (size_t i = 0; ok && i < schema->fields_n; i++)
        ok = put(v, &(uint8_t){(uint8_t)schema->fields[i].type}, 1) && put_text(v, schema->fields[i].name);
    return ok;
}

/* All parts, on memory of the step, *fixed and two vectors. */
static geo_store_part *make_parts(const cache *c, const step *s, geo_areas_fixed *fixed, const geo_vec *names, const geo_vec *notes)
{
    const size_t rows_n = c->facts.rows_n, fields_n = s->fields_n;
    geo_store_part *parts = calloc(FIELDS + PARTS_A_FIELD * fields_n, sizeof *parts);
    if (!parts)
        return NULL;
    geo_areas_save(s->areas, fixed, parts);
    parts[FACTS] = (geo_store_part){&c->facts, sizeof c->facts};
    parts[NAMES] = (geo_store_part){names->items, names->n};
    parts[NOTES] = (geo_store_part){notes->items, notes->n};
    parts[RANKS] = (geo_store_part){geo_areas_rank(s->areas), rows_n * sizeof(int32_t)};
    for (size_t i = 0; i < fields_n; i++) {
        const geo_column *column = &geo_table_columns(s->area_table)[i];
        geo_store_part *p = &parts[FIELDS + PARTS_A_FIELD * i];
        const bool text = column->type == GEO_TEXT;
        if (column->valid)
            p[0] = (geo_store_part){column->valid, (rows_n + 7) / 8};
        p[1] = (geo_store_part){column->values, text ? (size_t)column->offsets[rows_n] : rows_n * width_of(column->type)};
        if (text)
            p[2] = (geo_store_part){column->offsets, (rows_n + 1) * sizeof *column->offsets};
    }
    return parts;
}

geo_status geo_join_cache_save(const join *j, const geo_join_step *o, const step *s, const cache *c, geo_err *err)
{
    geo_areas_fixed fixed;
    geo_vec names = {0}, notes = {0};
    geo_store_part *parts = NULL;
    geo_status st = GEO_OK;
    if (!put_names(&names, c, s) || !put_notes(&notes, &c->notes, geo_name_shown(o->file))
        || !(parts = make_parts(c, s, &fixed, &names, &notes)))
        st = geo_err_nomem(err);
    if (st == GEO_OK)
        st = geo_store_write(c->name, o->file, &c->before, c->purpose, parts, FIELDS + PARTS_A_FIELD * s->fields_n, j->o->threads,
                             j->o->watch, err);
    free(parts);
    geo_vec_clear(&names);
    geo_vec_clear(&notes);
    return st;
}

/* ---- loading ---- */

/* The next text of a part, or NULL. */
static const char *next_text(const geo_store_part *p, size_t *at)
{
    const char *text = (const char *)p->data + *at;
    const char *end = *at < p->n ? memchr(text, '\0', p->n - *at) : NULL;
    if (!end || !geo_is_text(text, (size_t)(end - text)))
        return NULL;
    *at += (size_t)(end - text) + 1;
    return text;
}

static geo_status broken(geo_err *err)
{
    return geo_err_set(err, GEO_SKIP, "it is damaged");
}

static bool take_names(const geo_store_part *p, kept *k, size_t fields_n)
{
    size_t at = 0;
    k->crs = next_text(p, &at);
    k->first = k->crs ? next_text(p, &at) : NULL;
    bool ok = k->first != NULL;
    for (size_t i = 0; ok && i < fields_n; i++) {
        ok = at < p->n;
        const unsigned type = ok ? ((const uint8_t *)p->data)[at++] : GEO_GEOMETRY;
        const char *name = type < GEO_GEOMETRY ? next_text(p, &at) : NULL;
        ok = name != NULL;
        if (ok)
            k->fields[i] = (geo_field){.name = name, .type = (geo_type)type};
    }
    return ok && at == p->n;
}

/* Texts one behind the other that are texts. */
static bool are_texts(const geo_column *c, size_t rows_n, size_t bytes_n)
{
    bool ok = c->offsets[0] == 0 && c->offsets[rows_n] >= 0 && (uint64_t)c->offsets[rows_n] == bytes_n;
    for (size_t r = 0; ok && r < rows_n; r++)
        ok = c->offsets[r] <= c->offsets[r + 1] && (uint64_t)c->offsets[r + 1] <= bytes_n;
    return ok && geo_is_text(c->values, bytes_n);
}

static bool take_column(const geo_store_part *p, geo_type type, size_t rows_n, geo_column *c)
{
    *c = (geo_column){.type = type, .held = true, .valid = p[0].n ? p[0].data : NULL, .values = p[1].data, .offsets = p[2].data};
    if (p[0].n && p[0].n != (rows_n + 7) / 8)
        return false;
    if (type != GEO_TEXT)
        return p[1].n == rows_n * width_of(type);
    return p[2].n == (rows_n + 1) * sizeof *c->offsets && are_texts(c, rows_n, p[1].n);
}

geo_status geo_join_cache_take(join *j, const geo_store_part *p, size_t parts_n, kept *k, geo_err *err)
{
    cache_facts *f = &k->facts;
    if (parts_n < FIELDS || p[FACTS].n != sizeof *f)
        return broken(err);
    memcpy(f, p[FACTS].data, sizeof *f);
    if (f->rows_n == 0 || f->rows_n > INT32_MAX / 2 || f->fields_n == 0 || f->fields_n > GEO_STORE_MOST_PARTS
        || parts_n != FIELDS + PARTS_A_FIELD * (size_t)f->fields_n || f->class_ > GEO_CLASS_SPECIAL)
        return broken(err);
    k->fields = geo_arena_array(&j->arena, (size_t)f->fields_n, sizeof *k->fields);
    k->columns = geo_arena_array(&j->arena, (size_t)f->fields_n, sizeof *k->columns);
    if (!k->fields || !k->columns)
        return geo_err_nomem(err);
    k->schema = (geo_schema){(size_t)f->fields_n, k->fields};
    k->notes = &p[NOTES];
    k->ranks = &p[RANKS];
    bool ok = take_names(&p[NAMES], k, (size_t)f->fields_n) && p[RANKS].n == f->rows_n * sizeof(int32_t);
    ok = ok && (p[NOTES].n == 0 || ((const char *)p[NOTES].data)[p[NOTES].n - 1] == '\0');
    for (size_t i = 0; ok && i < f->fields_n; i++)
        ok = take_column(&p[FIELDS + PARTS_A_FIELD * i], k->fields[i].type, (size_t)f->rows_n, &k->columns[i]);
    return ok ? GEO_OK : broken(err);
}
