/* Protecting a table: coarsen, suppress, round, perturb. */
#include "protect.h"

#include "geo/cellkey.h"
#include "geo/rounding.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIDPOINT_BASE 6
#define ROUNDING_SEED "additive rounding"

/* ---- hiding ---- */

void geo_protect_take_totals(protection *p, bool *was)
{
    const geo_cube *c = p->c;
    const cube_variable *v = &c->v[0];
    const size_t run = c->stride[0], all = (v->nodes_n - 1) * run;
    memset(was, 0, run * sizeof *was);
    for (size_t k = 0; k < run; k++) {
        bool any = false;
        for (size_t node = 0; node + 1 < v->nodes_n && !any; node++)
            any = p->cell[node * run + k] != GEO_CELL_UNSEEN;
        if (any && p->cell[all + k] == GEO_CELL_UNSEEN && c->count[all + k] != CUBE_HIDDEN) {
            was[k] = true;
            p->cell[all + k] = GEO_CELL_SHOWN;
        }
    }
}

void geo_protect_leave_totals(protection *p, const bool *was)
{
    const size_t run = p->c->stride[0], all = (p->c->v[0].nodes_n - 1) * run;
    for (size_t k = 0; k < run; k++)
        if (was[k])
            p->cell[all + k] = GEO_CELL_UNSEEN;
}

static geo_status relate(protection *p, geo_err *err)
{
    geo_cube *c = p->c;
    bool *shown = geo_arena_array(&c->arena, c->patterns_n, sizeof *shown);
    if (!shown)
        return geo_err_nomem(err);
    memset(shown, 0, c->patterns_n * sizeof *shown);
    for (size_t k = 0; k < c->cells_n; k++)
        if (p->cell[k] != GEO_CELL_UNSEEN)
            shown[geo_cube_pattern(c, k)] = true;
    return geo_cube_equations(c, shown, true, &p->equations, err);
}

/* Once more for the amounts, whose intervals have widths of their own; what is hidden stays so. */
static geo_status suppress_amounts(protection *p, geo_err *err)
{
    geo_cube *c = p->c;
    double *low = malloc(c->cells_n * sizeof *low), *high = malloc(c->cells_n * sizeof *high);
    geo_status st = low && high ? GEO_OK : geo_err_nomem(err);
    for (size_t k = 0; st == GEO_OK && k < c->cells_n; k++) {
        low[k] = fmax(0, c->value[k] - p->need[k]);
        high[k] = c->value[k] + p->need[k];
    }
    const geo_suppress_options o = {.value = c->value, .low = low, .high = high, .threads = c->o->threads, .watch = c->o->watch};
    geo_suppress_report report;
    if (st == GEO_OK)
        st = geo_suppress(&p->equations, &o, p->cell, &report, err);
    p->report->exposed_n += st == GEO_OK ? report.exposed_n : 0;
    free(low);
    free(high);
    return st;
}

/* What the attacker's interval must hold at least: about the count, as much room as there is below the threshold. */
static void demand(const protection *p, double *low, double *high)
{
    const double width = geo_rules_width(p->rules);
    for (size_t k = 0; k < p->c->cells_n; k++) {
        low[k] = fmax(0, (double)p->c->count[k] - floor(width / 2));
        high[k] = low[k] + width;
    }
}

static geo_status suppress(protection *p, geo_err *err)
{
    geo_cube *c = p->c;
    double *value = malloc(c->cells_n * sizeof *value), *low = malloc(c->cells_n * sizeof *low), *high = malloc(c->cells_n * sizeof *high);
    uint8_t *single = malloc(c->cells_n);
    geo_status st = value && low && high && single ? relate(p, err) : geo_err_nomem(err);
    for (size_t k = 0; st == GEO_OK && k < c->cells_n; k++) {
        value[k] = c->count[k] == CUBE_HIDDEN ? 0 : (double)c->count[k];
        single[k] = c->count[k] == 1;
    }
    if (st == GEO_OK)
        demand(p, low, high);
    geo_suppress_options o = {
        .value = value, .single = single, .low = low, .high = high, .whole = true, .threads = c->o->threads, .watch = c->o->watch};
    geo_suppress_report report = {0};
    if (st == GEO_OK)
        st = geo_suppress(&p->equations, &o, p->cell, &report, err);
    p->report->exposed_n = report.exposed_n;
    if (st == GEO_OK && c->value)
        st = suppress_amounts(p, err);
    o.low = o.high = NULL; /* what is still to come is about single cells */
    if (st == GEO_OK)
        st = geo_protect_widen(p, &o, err);
    free(value);
    free(low);
    free(high);
    free(single);
    return st;
}

/* Hide what breaks a rule, and what would give it away. */
static geo_status hide(protection *p, geo_err *err)
{
    geo_cube *c = p->c;
    size_t unsafe_n = 0;
    for (size_t k = 0; k < c->cells_n; k++)
        if (p->cell[k] == GEO_CELL_SHOWN && p->breaks[k]) {
            p->cell[k] = GEO_CELL_UNSAFE;
            unsafe_n++;
        }
    if (!unsafe_n)
        return GEO_OK;
    const bool areas = c->v[0].areas;
    bool *was = geo_arena_array(&c->arena, areas ? c->stride[0] : 1, sizeof *was);
    if (!was)
        return geo_err_nomem(err);
    if (areas)
        geo_protect_take_totals(p, was);
    const geo_status st = suppress(p, err);
    if (areas)
        geo_protect_leave_totals(p, was);
    return st;
}

/* ---- changing ---- */

/* A number for each cell that stays the same as long as its nodes are called what they are: of a keyed hash of their names. */
static uint64_t draw_of(const protection *p, size_t cell, char *room, size_t size)
{
    const geo_cube *c = p->c;
    uint32_t node[CUBE_VARIABLES];
    size_t n = 0;
    geo_cube_nodes(c, cell, node);
    for (size_t i = 0; i < c->variables_n && n < size; i++)
        n += (size_t)snprintf(room + n, size - n, "%s%c", c->v[i].text[node[i]], '\x1F');
    return geo_record_key(p->how->secret, room, n < size ? n : size);
}

static geo_status round_all(protection *p, int base, geo_err *err)
{
    geo_cube *c = p->c;
    char room[4096];
    if ((p->how->rounding == GEO_ROUND_RANDOM || p->how->rounding == GEO_ROUND_ADDITIVE) && !p->how->secret)
        return geo_err_set(err, GEO_EARG, "rounding at random, and so that totals stay sums, needs the secret of a ledger");
    if (p->how->rounding == GEO_ROUND_ADDITIVE) {
        uint8_t *shown = geo_arena_alloc(&c->arena, c->cells_n);
        geo_status st = shown ? relate(p, err) : geo_err_nomem(err);
        for (size_t k = 0; st == GEO_OK && k < c->cells_n; k++)
            shown[k] = p->cell[k] != GEO_CELL_UNSEEN;
        const geo_round_options o = {.base = base,
                                     .shown = shown,
                                     .seed = geo_record_key(p->how->secret, ROUNDING_SEED, strlen(ROUNDING_SEED)),
                                     .watch = c->o->watch};
        geo_round_report report;
        return st == GEO_OK ? geo_round_additive(&p->equations, &o, p->count, &report, err) : st;
    }
    for (size_t k = 0; k < c->cells_n; k++) {
        if (p->cell[k] != GEO_CELL_SHOWN)
            continue;
        p->count[k] = p->how->rounding == GEO_ROUND_MIDPOINT ? geo_round_midpoint(p->count[k], base)
                      : p->how->rounding == GEO_ROUND_RANDOM ? geo_round_random(p->count[k], base, draw_of(p, k, room, sizeof room))
                                                             : geo_round_nearest(p->count[k], base);
    }
    return GEO_OK;
}

/* The counts that are shown, with their keys, side by side and back. */
static geo_status perturb_shown(protection *p, const geo_ptable *table, geo_err *err)
{
    geo_cube *c = p->c;
    int64_t *count = malloc((c->cells_n + 1) * sizeof *count);
    uint64_t *key = malloc((c->cells_n + 1) * sizeof *key);
    size_t n = 0;
    for (size_t k = 0; count && key && k < c->cells_n; k++)
        if (p->cell[k] == GEO_CELL_SHOWN) {
            count[n] = p->count[k];
            key[n++] = c->key[k];
        }
    const geo_status st = count && key ? geo_ptable_perturb(table, count, key, n, false, count, c->o->threads, err) : geo_err_nomem(err);
    n = 0;
    for (size_t k = 0; st == GEO_OK && k < c->cells_n; k++)
        if (p->cell[k] == GEO_CELL_SHOWN)
            p->count[k] = count[n++];
    free(count);
    free(key);
    return st;
}

static geo_status perturb(protection *p, geo_err *err)
{
    geo_cube *c = p->c;
    geo_reader *reader = NULL;
    geo_ptable *table = NULL;
    if (!p->how->ptable || !c->key)
        return geo_err_set(err, GEO_EARG, "cell keys need records with ids, and a table of perturbations: --id FIELD, --ptable FILE");
    const geo_reader_options reading = {.steady = true, .watch = c->o->watch};
    geo_status st = geo_reader_open(p->how->ptable, &reading, &reader, err);
    if (st == GEO_OK)
        st = geo_ptable_read(reader, &table, err);
    if (st == GEO_OK)
        st = perturb_shown(p, table, err);
    geo_ptable_free(table);
    geo_reader_close(reader);
    for (size_t k = 0; st == GEO_OK && k < c->cells_n; k++)
        if (p->cell[k] == GEO_CELL_SHOWN
            && ((p->count[k] > 0 && p->count[k] < p->rules->threshold) || (!p->count[k] && p->rules->protect_zeros)))
            p->cell[k] = GEO_CELL_UNSAFE; /* noise hides which it was: nothing else has to go */
    return st;
}

/* ---- the whole ---- */

/* Is every area that is left one that the rules let go? */
static geo_status check_levels(const protection *p, geo_err *err)
{
    geo_cube *c = p->c;
    bool *shown = geo_arena_array(&c->arena, c->patterns_n, sizeof *shown);
    if (!shown)
        return geo_err_nomem(err);
    memset(shown, 0, c->patterns_n * sizeof *shown);
    for (size_t k = 0; k < c->cells_n; k++)
        if (p->cell[k] != GEO_CELL_UNSEEN)
            shown[geo_cube_pattern(c, k)] = true;
    return geo_rules_allow(c, shown, p->rules)
               ? GEO_OK
               : geo_err_set(
                   err, GEO_EREFUSED,
                   "refused: the areas are finer than the policy allows: show a coarser level of the lookups with --tables (geosdc "
                   "check says which pass)");
}

geo_status geo_protect_cube(protection *p, geo_err *err)
{
    geo_cube *c = p->c;
    geo_sdc_protected *report = p->report;
    report->method = p->how->by_policy ? p->rules->method : p->how->method;
    report->base = p->how->base ? p->how->base : p->how->by_policy ? p->rules->round : 0;
    for (size_t k = 0; k < c->cells_n; k++)
        if (p->cell[k] == GEO_CELL_SHOWN && c->count[k] == CUBE_HIDDEN)
            return geo_err_set(err, GEO_EFORMAT, "'%s' has hidden counts, and what is hidden cannot be protected: start from all counts",
                               geo_name_shown(c->o->file));
    geo_rules_mark(c, p->rules, p->breaks);
    geo_status st = geo_rules_mark_dominated(c, p->rules, p->breaks, p->need, err);
    if (st == GEO_OK && report->method == GEO_METHOD_COARSEN && c->v[0].areas)
        st = geo_coarsen(p, err);
    if (st == GEO_OK && report->method <= GEO_METHOD_SUPPRESS)
        st = hide(p, err);
    else if (st == GEO_OK && report->method == GEO_METHOD_CELLKEY)
        st = perturb(p, err);
    else if (st == GEO_OK && !report->base)
        report->base = p->how->rounding == GEO_ROUND_MIDPOINT ? MIDPOINT_BASE : 5;
    if (st == GEO_OK && p->how->by_policy)
        st = check_levels(p, err);
    if (st == GEO_OK && report->exposed_n)
        return geo_err_set(
            err, GEO_EREFUSED,
            "refused: %zu hidden cells would follow from what is shown, and there is nothing left to hide: leave out totals or "
            "categories",
            report->exposed_n);
    if (st == GEO_OK && report->base && report->method != GEO_METHOD_CELLKEY)
        st = round_all(p, report->base, err);
    for (size_t k = 0; st == GEO_OK && k < c->cells_n; k++) {
        report->cells_n += p->cell[k] != GEO_CELL_UNSEEN;
        report->unsafe_n += p->cell[k] == GEO_CELL_UNSAFE;
        report->secondary_n += p->cell[k] == GEO_CELL_SECONDARY;
    }
    return st;
}

geo_status geo_protection_begin(protection *p, const geo_sdc_table *table, const char *audience, const geo_sdc_protection *how,
                                geo_sdc_protected *report, geo_err *err)
{
    *report = (geo_sdc_protected){.unit = "", .mark = "[c]"};
    *p = (protection){.how = how, .report = report};
    const bool keyed = how->ptable || (how->method == GEO_METHOD_CELLKEY && !how->by_policy);
    if (keyed && !how->secret)
        return geo_err_set(err, GEO_EARG, "cell keys need the secret of a ledger");
    geo_status st = geo_cube_read(table, keyed ? how->secret : NULL, &p->c, err);
    if (st < 0)
        return st;
    geo_cube *c = p->c;
    report->class_ = c->class_;
    report->rows_n = c->rows_n;
    report->faults = c->faults;
    report->unit = c->unit;
    p->rules = geo_policy_rules(table->policy, c->class_, audience);
    report->mark = p->rules->mark;
    if (p->rules->refused)
        return geo_err_set(err, GEO_EREFUSED, "refused: the policy lets nothing that is %s go to '%s'", geo_class_name(c->class_),
                           audience ? audience : "public");
    p->breaks = geo_arena_alloc(&c->arena, c->cells_n);
    p->cell = geo_arena_alloc(&c->arena, c->cells_n);
    p->count = geo_arena_array(&c->arena, c->cells_n, sizeof *p->count);
    p->need = c->value ? geo_arena_array(&c->arena, c->cells_n, sizeof *p->need) : NULL;
    if (!p->breaks || !p->cell || !p->count || (c->value && !p->need))
        return geo_err_nomem(err);
    for (size_t k = 0; p->need && k < c->cells_n; k++)
        p->need[k] = 0;
    memcpy(p->cell, c->cell, c->cells_n);
    memcpy(p->count, c->count, c->cells_n * sizeof *p->count);
    return GEO_OK;
}

void geo_protection_end(protection *p)
{
    geo_cube_free(p->c);
}

geo_status geo_sdc_protect(const geo_sdc_table *table, const char *audience, const geo_sdc_protection *how, const char *output,
                           const geo_writer_options *writing, geo_sdc_protected *report, geo_err *err)
{
    protection p;
    geo_status st = geo_protection_begin(&p, table, audience, how, report, err);
    if (st == GEO_OK)
        st = geo_protect_cube(&p, err);
    if (st == GEO_OK)
        st = geo_cube_write(&p, output, writing, err);
    geo_protection_end(&p);
    return st;
}
