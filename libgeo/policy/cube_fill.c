/* From the rows of a table to its cells. */
#include "cube_rows.h"

#include <stdlib.h>
#include <string.h>

#define MOST_CELLS ((size_t)1 << 31)

/* Fields of counts as a variable: a category each, and sums where the caller says so; nothing is all of them together. */
static geo_status count_variable(cube_rows *r, cube_variable *v, geo_err *err)
{
    geo_cube *c = r->c;
    const geo_sdc_table *o = c->o;
    const uint32_t n = (uint32_t)r->counts_n;
    size_t sums_n = 0;
    while (o->sums && o->sums[sums_n])
        sums_n++;
    v->levels[0] = (cube_level){"", 0, n};
    v->levels_n = 1;
    v->nodes_n = n;
    v->nests[0][0] = true;
    v->level_of = geo_arena_alloc(&c->arena, n);
    v->text = geo_arena_array(&c->arena, n, sizeof *v->text);
    v->up[0] = geo_arena_array(&c->arena, n, sizeof **v->up);
    v->whole = geo_arena_array(&c->arena, sums_n + 1, sizeof *v->whole);
    v->part_at = geo_arena_array(&c->arena, sums_n + 1, sizeof *v->part_at);
    v->parts = geo_arena_array(&c->arena, sums_n * n + 1, sizeof *v->parts);
    if (!v->level_of || !v->text || !v->up[0] || !v->whole || !v->part_at || !v->parts)
        return geo_err_nomem(err);
    for (uint32_t k = 0; k < n; k++) {
        v->text[k] = o->counts[k];
        v->up[0][k] = k;
    }
    memset(v->level_of, 0, n);
    size_t parts_n = 0;
    v->part_at[0] = 0;
    for (size_t s = 0; s < sums_n; s++) {
        const char *p = o->sums[s];
        for (char mark = '='; mark; p += *p != '\0') {
            const size_t len = strcspn(p, "=+");
            uint32_t k = 0;
            while (k < n && (strlen(v->text[k]) != len || memcmp(v->text[k], p, len) != 0))
                k++;
            const bool first = p == o->sums[s];
            if (k == n || (first && p[len] != '=') || (!first && p[len] == '='))
                return geo_err_set(err, GEO_EARG, "'%s' is no sum of fields of counts, such as all=women+men", o->sums[s]);
            if (first)
                v->whole[v->sums_n++] = k;
            else if (parts_n < sums_n * n)
                v->parts[parts_n++] = k;
            p += len;
            mark = *p;
        }
        v->part_at[s + 1] = parts_n;
    }
    return GEO_OK;
}

static geo_status make_nodes(cube_rows *r, uint32_t **node, geo_err *err)
{
    geo_cube *c = r->c;
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < r->fields_n; i++) {
        cube_variable *v = &c->v[i];
        const geo_pool *pool = v->areas && !cube_is_grid(c, i) ? geo_keys_pool(r->keys) : r->pool[i];
        node[i] = geo_arena_array(&c->arena, geo_pool_count(pool) + 1, sizeof **node);
        st = !node[i]             ? geo_err_nomem(err)
             : cube_is_grid(c, i) ? geo_cube_grid(c, v, pool, node[i], err)
             : v->areas           ? geo_cube_areas(c, v, r->keys, r->blank[i], node[i], err)
                                  : geo_cube_categories(c, v, pool, r->blank[i], node[i], err);
        if (st == GEO_OK)
            st = geo_cube_relate(c, v, err);
    }
    if (st == GEO_OK && c->variables_n > r->fields_n)
        st = count_variable(r, &c->v[r->fields_n], err);
    if (st < 0)
        return st;
    c->cells_n = c->patterns_n = 1;
    for (size_t i = c->variables_n; i-- > 0;) {
        c->stride[i] = c->cells_n;
        if (c->v[i].nodes_n > MOST_CELLS / c->cells_n || c->v[i].levels_n > CUBE_PATTERNS / c->patterns_n)
            return geo_err_set(err, GEO_ENOMEM, "the table would have more than 2,147,483,648 cells: name fewer categories");
        c->cells_n *= c->v[i].nodes_n;
        c->patterns_n *= c->v[i].levels_n;
    }
    return GEO_OK;
}

static geo_status no_area(const cube_rows *r, size_t row, size_t unknown_n, geo_err *err)
{
    const geo_cube *c = r->c;
    return geo_err_set(
        err, GEO_EFORMAT,
        "'%s' %s %lld: the area in field '%s' is not in the lookups, nor are those of %zu more rows: are they of another year?",
        geo_name_shown(c->o->file), c->unit, (long long)((uint32_t *)r->lines.items)[row], c->v[0].field, unknown_n - 1);
}

/* The cell of a row, without the counts' own variable; whether it has no area where lookups know all of them, or one that they do not have. */
static size_t cell_of(const cube_rows *r, uint32_t *const *node, size_t row, bool *blank, bool *unknown)
{
    const geo_cube *c = r->c;
    size_t cell = 0;
    *blank = *unknown = false;
    for (size_t i = 0; i < r->fields_n; i++) {
        const int32_t id = ((int32_t *)r->ids[i].items)[row];
        const uint32_t n = id >= 0 ? node[i][id] : 0; /* a blank category is the first */
        *blank = *blank || (id < 0 && c->v[i].areas && (c->o->lookups_n || c->o->grid_n));
        *unknown = *unknown || (id >= 0 && n == CUBE_NOWHERE);
        cell += (id >= 0 && n == CUBE_NOWHERE ? 0 : n) * c->stride[i];
    }
    return cell;
}

/* Put the rows into their cells. */
static geo_status fill(cube_rows *r, uint32_t *const *node, geo_err *err)
{
    geo_cube *c = r->c;
    size_t unknown_n = 0, first_unknown = 0;
    for (size_t row = 0; row < r->lines.n; row++) {
        bool blank, unknown;
        const size_t cell = cell_of(r, node, row, &blank, &unknown);
        if (unknown && unknown_n++ == 0)
            first_unknown = row;
        if (blank)
            geo_faults_add(&c->faults, c->o->grid_n ? GEO_FAULT_PLACELESS : GEO_FAULT_NO_KEY, ((uint32_t *)r->lines.items)[row]);
        if (c->part)
            c->part[row].cell = blank || unknown ? CUBE_NOWHERE : (uint32_t)cell;
        if (blank || unknown)
            continue;
        if (c->records) {
            c->count[cell]++;
            if (c->key)
                c->key[cell] += ((uint64_t *)r->record_keys.items)[row];
            if (c->value)
                c->value[cell] += c->part[row].amount;
            continue;
        }
        for (size_t k = 0; k < r->counts_n; k++) {
            if (c->cell[cell + k] != GEO_CELL_UNSEEN)
                return geo_err_set(err, GEO_EFORMAT, "'%s' %s %lld: this cell stands in an earlier row already", geo_name_shown(c->o->file),
                                   c->unit, (long long)((uint32_t *)r->lines.items)[row]);
            c->cell[cell + k] = GEO_CELL_SHOWN;
            c->count[cell + k] = ((int64_t *)r->counts.items)[row * r->counts_n + k];
        }
    }
    return unknown_n ? no_area(r, first_unknown, unknown_n, err) : GEO_OK;
}

/*
 * Cells that the table could have and has not are 0: those of areas that are in it, in the patterns that it has. (A table that was coarsened
 * has rows of some areas only; of the others it says nothing.)
 */
static geo_status fill_absent(cube_rows *r, geo_err *err)
{
    geo_cube *c = r->c;
    const cube_variable *areas = r->fields_n && c->v[0].areas ? &c->v[0] : NULL;
    const size_t nodes_n = areas ? areas->nodes_n : 1, block = c->cells_n / nodes_n;
    bool *there = geo_arena_array(&c->arena, nodes_n, sizeof *there), several = false;
    c->shown = geo_arena_array(&c->arena, c->patterns_n, sizeof *c->shown);
    if (!there || !c->shown)
        return geo_err_nomem(err);
    memset(there, 0, nodes_n * sizeof *there);
    memset(c->shown, 0, c->patterns_n * sizeof *c->shown);
    for (size_t k = 0; k < c->cells_n; k++)
        if (c->cell[k] == GEO_CELL_SHOWN) {
            there[k / block] = true;
            c->shown[geo_cube_pattern(c, k)] = true;
        }
    for (uint32_t a = 0; areas && a + 1 < areas->nodes_n; a++)
        several = several || (there[a] && a >= areas->levels[0].n);
    for (uint32_t a = 0; areas && !several && a < areas->levels[0].n; a++)
        there[a] = true;
    for (size_t k = 0; k < c->cells_n; k++)
        if (c->cell[k] == GEO_CELL_UNSEEN && there[k / block] && c->shown[geo_cube_pattern(c, k)]) {
            c->cell[k] = GEO_CELL_SHOWN;
            c->count[k] = 0;
        }
    return GEO_OK;
}

static geo_status wrong_sum(const geo_cube *c, size_t cell, geo_err *err)
{
    char name[200];
    geo_cube_pattern_name(c, geo_cube_pattern(c, cell), name, sizeof name);
    return geo_err_set(err, GEO_EFORMAT, "'%s': the totals of %s do not add up (--rounded BASE says that counts were rounded)",
                       geo_name_shown(c->o->file), name);
}

geo_status geo_cube_fill(cube_rows *r, geo_err *err)
{
    geo_cube *c = r->c;
    uint32_t *node[CUBE_VARIABLES] = {0};
    geo_status st = make_nodes(r, node, err);
    if (st < 0)
        return st;
    c->records = !c->o->counts;
    c->count = malloc(c->cells_n * sizeof *c->count);
    c->cell = malloc(c->cells_n);
    c->key = r->secret ? calloc(c->cells_n, sizeof *c->key) : NULL;
    c->value = r->value_at >= 0 ? calloc(c->cells_n, sizeof *c->value) : NULL;
    if (!c->count || !c->cell || (r->secret && !c->key) || (r->value_at >= 0 && !c->value))
        return geo_err_nomem(err);
    c->part = r->parts.items;
    r->parts = (geo_vec){0};
    for (size_t k = 0; k < c->cells_n; k++) {
        c->count[k] = c->records && geo_cube_pattern(c, k) == 0 ? 0 : CUBE_HIDDEN;
        c->cell[k] = GEO_CELL_UNSEEN;
    }
    st = fill(r, node, err);
    if (st == GEO_OK && c->records) {
        c->shown = geo_arena_array(&c->arena, c->patterns_n, sizeof *c->shown);
        if (!c->shown)
            return geo_err_nomem(err);
        memset(c->shown, 0, c->patterns_n * sizeof *c->shown);
        for (size_t k = 0; k < c->cells_n; k++)
            if (geo_cube_pattern(c, k) == 0)
                c->cell[k] = GEO_CELL_SHOWN;
        c->shown[0] = true;
    } else if (st == GEO_OK)
        st = fill_absent(r, err);
    size_t wrong;
    if (st == GEO_OK && !c->o->rounded && !geo_cube_add_up(c, &wrong))
        st = wrong_sum(c, wrong, err);
    return st == GEO_OK ? geo_cube_tables(c, err) : st;
}
