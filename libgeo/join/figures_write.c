/* The table of areas that figures have been carried to, and what is told of the way. */
#include "figures.h"

#include <stdio.h>
#include <string.h>

/* The sheet, and the target that each of its rows shows. */
typedef struct page {
    sheet sheet;
    const int32_t *target;
} page;

/* A column of texts, by row; NULL: empty. */
static geo_status add_texts(page *p, const char *name, const char *const *texts, const size_t *lengths, geo_err *err)
{
    const size_t rows_n = p->sheet.rows_n;
    size_t bytes_n = 0;
    for (size_t r = 0; r < rows_n; r++)
        bytes_n += lengths[r];
    int64_t *offsets = geo_arena_array(&p->sheet.j->arena, rows_n + 1, sizeof *offsets);
    char *bytes = geo_arena_alloc(&p->sheet.j->arena, bytes_n + 1);
    uint8_t *valid = geo_arena_alloc(&p->sheet.j->arena, rows_n / 8 + 1);
    if (!offsets || !bytes || !valid)
        return geo_err_nomem(err);
    memset(valid, 0, rows_n / 8 + 1);
    offsets[0] = 0;
    for (size_t r = 0; r < rows_n; r++) {
        if (lengths[r])
            memcpy(bytes + offsets[r], texts[r], lengths[r]);
        offsets[r + 1] = offsets[r] + (int64_t)lengths[r];
        valid[r / 8] |= (uint8_t)((lengths[r] > 0) << r % 8);
    }
    return geo_sheet_add(&p->sheet, name, (geo_column){.type = GEO_TEXT, .held = true, .values = bytes, .offsets = offsets, .valid = valid},
                         err);
}

/* The areas' own columns: key, fields, and the shape when it was kept. */
static geo_status add_area_columns(page *p, geo_err *err)
{
    const step *areas = &p->sheet.j->steps[0];
    const size_t targets_n = p->sheet.j->figures->targets_n;
    int32_t *index = geo_arena_array(&p->sheet.j->arena, p->sheet.rows_n + 1, sizeof *index);
    if (!index)
        return geo_err_nomem(err);
    for (size_t r = 0; r < p->sheet.rows_n; r++)
        index[r] = (size_t)p->target[r] < targets_n ? p->target[r] : -1;
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < geo_table_schema(areas->table)->fields_n; i++)
        st = geo_sheet_field(&p->sheet, areas, i, index, err);
    return st < 0 || !p->sheet.j->o->out_crs ? st : geo_sheet_move(&p->sheet, targets_n, err);
}

static geo_status add_codes(page *p, geo_err *err)
{
    join *j = p->sheet.j;
    const figures *f = j->figures;
    if (f->areal)
        return add_area_columns(p, err);
    const geo_pool *codes = geo_keys_pool(geo_lattice_areas(f->lattice, f->to));
    const char **texts = geo_arena_array(&j->arena, p->sheet.rows_n + 1, sizeof *texts);
    size_t *lengths = geo_arena_array(&j->arena, p->sheet.rows_n + 1, sizeof *lengths);
    if (!texts || !lengths)
        return geo_err_nomem(err);
    for (size_t r = 0; r < p->sheet.rows_n; r++) {
        lengths[r] = 0;
        if ((size_t)p->target[r] < f->targets_n)
            texts[r] = geo_pool_text(codes, p->target[r], &lengths[r]);
    }
    const char *new_name = strchr(j->o->figures->to, ':');
    return add_texts(p, new_name ? new_name + 1 : f->to_name, texts, lengths, err);
}

static geo_status add_kept(page *p, geo_err *err)
{
    join *j = p->sheet.j;
    const figures *f = j->figures;
    geo_status st = GEO_OK;
    for (size_t k = 0; st == GEO_OK && k < f->keep_n; k++) {
        int32_t *row;
        st = geo_carry_kept(j, k, &row, err);
        int32_t *index = geo_arena_array(&j->arena, p->sheet.rows_n + 1, sizeof *index);
        if (!index)
            return geo_err_nomem(err);
        for (size_t r = 0; st == GEO_OK && r < p->sheet.rows_n; r++)
            index[r] = row[p->target[r]];
        geo_column c = geo_table_columns(f->kept)[k];
        c.index = index;
        if (st == GEO_OK)
            st = geo_sheet_add(&p->sheet, geo_table_schema(f->kept)->fields[k].name, c, err);
    }
    return st;
}

/* A figure, its rate if there is to be one, and how much of it was missing. */
static geo_status add_figure(page *p, const measure *m, const carried *c, const carried *below, geo_err *err)
{
    join *j = p->sheet.j;
    const size_t rows_n = p->sheet.rows_n;
    double *values = geo_arena_array(&j->arena, rows_n + 1, sizeof *values), *rates = geo_arena_array(&j->arena, rows_n + 1, sizeof *rates);
    bool *there = geo_arena_array(&j->arena, rows_n + 1, sizeof *there), *rated = geo_arena_array(&j->arena, rows_n + 1, sizeof *rated);
    int64_t *missing_n = geo_arena_array(&j->arena, rows_n + 1, sizeof *missing_n);
    const char *name = geo_measure_name(m);
    const char *missing = geo_sheet_name(&p->sheet, name, "missing", 7), *rate = geo_sheet_name(&p->sheet, name, "rate", 4);
    if (!values || !rates || !there || !rated || !missing_n || !missing || !rate)
        return geo_err_nomem(err);
    for (size_t r = 0; r < rows_n; r++) {
        const size_t t = (size_t)p->target[r];
        there[r] = c->there[t];
        values[r] = there[r] ? c->value[t] : 0;
        missing_n[r] = c->missing_n[t];
        rated[r] = below && there[r] && below->there[t] && below->missing_n[t] == 0 && below->value[t] > 0;
        rates[r] = rated[r] ? j->o->rate_per * values[r] / below->value[t] : 0;
    }
    geo_status st = geo_sheet_numbers(&p->sheet, name, values, there, err);
    if (st == GEO_OK)
        st = geo_sheet_counts(&p->sheet, missing, missing_n, err);
    return st < 0 || !below ? st : geo_sheet_numbers(&p->sheet, rate, rates, rated, err);
}

static geo_status add_figures(page *p, geo_err *err)
{
    join *j = p->sheet.j;
    const tally *t = j->tally;
    carried below = {0};
    geo_status st = GEO_OK;
    if (t->denominator >= 0)
        st = geo_carry_sum(j, &t->measures[t->denominator], &below, err);
    for (size_t i = 0; st == GEO_OK && i < t->measures_n; i++) {
        const measure *m = &t->measures[i];
        const bool denominator = (ptrdiff_t)i == t->denominator, rated = j->o->rate_per > 0 && m->sum && !denominator;
        carried c = below;
        if (!m->sum && !m->mean)
            continue; /* what counts what is missing */
        if (!denominator || m->mean)
            st = m->mean ? geo_carry_mean(j, m, &c, err) : geo_carry_sum(j, m, &c, err);
        if (st == GEO_OK)
            st = add_figure(p, m, &c, rated ? &below : NULL, err);
    }
    return st;
}

/* How each target came by its figures, in one word. */
static geo_status add_how(page *p, geo_err *err)
{
    static const char *const CHANGES[] = {"unchanged", "merged", "split", "complex"};
    join *j = p->sheet.j;
    const figures *f = j->figures;
    const char **how = geo_arena_array(&j->arena, f->targets_n + 1, sizeof *how);
    const char **texts = geo_arena_array(&j->arena, p->sheet.rows_n + 1, sizeof *texts);
    size_t *lengths = geo_arena_array(&j->arena, p->sheet.rows_n + 1, sizeof *lengths);
    if (!how || !texts || !lengths)
        return geo_err_nomem(err);
    const bool is_change = geo_relation_is_change(f->relation);
    for (size_t t = 0; t <= f->targets_n; t++)
        how[t] = t == f->targets_n || is_change ? "" : geo_relation_is_best_fit(f->relation) ? "best_fit" : "exact";
    for (size_t i = 0; i < f->sources_n; i++) {
        size_t n;
        const geo_share *parts = geo_relation_parts(f->relation, i, &n);
        for (size_t k = 0; k < n; k++)
            if (parts[k].area >= 0 && is_change)
                how[parts[k].area] = CHANGES[geo_relation_change_to(f->relation, (size_t)parts[k].area)];
            else if (parts[k].area >= 0 && n > 1 && j->tally->count[i])
                how[parts[k].area] = "shared";
    }
    for (size_t r = 0; r < p->sheet.rows_n; r++) {
        texts[r] = how[p->target[r]];
        lengths[r] = strlen(texts[r]);
    }
    return add_texts(p, "carried", texts, lengths, err);
}

/* ---- telling ---- */

/* "1,610 unchanged, 40 merged ..." of the sources that have figures. */
static void note_changes(const join *j)
{
    static const char *const WORDS[] = {"unchanged", "merged", "split", "changed beyond comparison"};
    const figures *f = j->figures;
    long long n[4] = {0};
    char text[160] = "";
    size_t used = 0;
    for (size_t i = 0; i < f->sources_n; i++) {
        size_t parts_n;
        const geo_share *parts = geo_relation_parts(f->relation, i, &parts_n);
        if (parts_n && parts[parts_n - 1].area >= 0) /* else it has become nothing */
            n[geo_relation_change_of(f->relation, i)] += j->tally->count[i] > 0;
    }
    for (int k = 0; k < 4; k++)
        if (n[k])
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld %s", used ? ", " : "", n[k], WORDS[k]);
    if (n[1] + n[2] + n[3])
        geo_watch_note(j->o->watch, "from '%s' to '%s': %s", f->from_name, f->to_name, text);
}

/* Sources with several records, which may be wanted (parts to be added up) or not (the same figures for all, for men and for women). */
static void note_sources(const join *j)
{
    const figures *f = j->figures;
    if (f->areal)
        return;
    long long several_n = 0, nowhere_n = 0;
    for (size_t i = 0; i < f->sources_n; i++) {
        size_t n;
        const geo_share *parts = geo_relation_parts(f->relation, i, &n);
        several_n += j->tally->count[i] > 1;
        bool nowhere = n == 0;
        for (size_t k = 0; k < n; k++)
            nowhere |= parts[k].area < 0;
        nowhere_n += j->tally->count[i] > 0 && nowhere;
    }
    for (size_t k = 0; k < geo_lattice_levels(f->lattice); k++)
        if (f->elsewhere_n[k])
            geo_watch_note(j->o->watch, "'%.60s' has %lld of the codes that '%s' lacks: are the figures of that level?",
                           geo_lattice_name(f->lattice, k), (long long)f->elsewhere_n[k], f->from_name);
    if (several_n)
        geo_watch_note(j->o->watch, "%lld area%s of '%s' ha%s more than one record: their figures are added up", several_n,
                       several_n == 1 ? "" : "s", f->from_name, several_n == 1 ? "s" : "ve");
    if (nowhere_n)
        geo_watch_note(j->o->watch, "%lld area%s of '%s' lie%s, whole or in part, in none of '%s': what is theirs stands in the last row",
                       nowhere_n, nowhere_n == 1 ? "" : "s", f->from_name, nowhere_n == 1 ? "s" : "", f->to_name);
}

geo_status geo_figures_write(join *j, geo_err *err)
{
    page p = {{0}, NULL};
    int64_t *sources_n = NULL;
    const size_t area_fields_n = j->figures->areal ? geo_table_schema(j->steps[0].table)->fields_n : 1;
    geo_status st = geo_sheet_start(&p.sheet, j, 3 + area_fields_n + j->figures->keep_n + 3 * j->tally->measures_n, err);
    if (st == GEO_OK)
        st = geo_carry_sources(j, &sources_n, err);
    if (st == GEO_OK)
        st = geo_sheet_choose(&p.sheet, sources_n, j->figures->targets_n, &p.target, err);
    if (st == GEO_OK)
        st = add_codes(&p, err);
    if (st == GEO_OK)
        st = add_kept(&p, err);
    if (st == GEO_OK)
        st = add_figures(&p, err);
    if (st == GEO_OK)
        st = add_how(&p, err);
    if (st < 0)
        return st;
    note_changes(j);
    note_sources(j);
    return geo_sheet_write(&p.sheet, err);
}
