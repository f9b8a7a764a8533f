/* Checking a table, and finding the finest change that would pass. */
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DROPPED 6 /* variables, whose subsets are tried */

typedef struct checking {
    geo_cube *c;
    const geo_rules *rules;
    geo_sdc_finding *of; /* of each pattern, were it shown */
    bool *shown;         /* room for patterns */
    void (*each)(void *ctx, const geo_sdc_finding *finding);
    void *ctx;
    geo_sdc_checked *report;
} checking;

/* Of every pattern; only the cells that the table has, or all. */
static void count_patterns(checking *k, const uint8_t *breaks, bool only_shown)
{
    const geo_cube *c = k->c;
    memset(k->of, 0, c->patterns_n * sizeof *k->of);
    for (size_t cell = 0; cell < c->cells_n; cell++) {
        if (only_shown && c->cell[cell] != GEO_CELL_SHOWN)
            continue;
        geo_sdc_finding *f = &k->of[geo_cube_pattern(c, cell)];
        f->cells_n++;
        f->unsafe_n += breaks[cell] != 0;
        f->below_n += (breaks[cell] & BREAKS_BELOW) != 0;
        f->zeros_n += (breaks[cell] & BREAKS_ZERO) != 0;
        f->same_n += (breaks[cell] & BREAKS_SAME) != 0;
        f->dominated_n += (breaks[cell] & BREAKS_DOMINATED) != 0;
    }
}

/* What the patterns in k->shown come to. */
static geo_sdc_finding judge(const checking *k)
{
    const geo_cube *c = k->c;
    geo_sdc_finding f = {.too_fine = !geo_rules_allow(c, k->shown, k->rules)};
    size_t first = c->patterns_n;
    for (size_t p = 0; p < c->patterns_n; p++) {
        const geo_sdc_finding *of = &k->of[p];
        if (!k->shown[p])
            continue;
        first = first == c->patterns_n ? p : first;
        f.cells_n += of->cells_n;
        f.unsafe_n += of->unsafe_n;
        f.below_n += of->below_n;
        f.zeros_n += of->zeros_n;
        f.same_n += of->same_n;
        f.dominated_n += of->dominated_n;
    }
    geo_cube_pattern_name(c, first, f.tables, sizeof f.tables); /* the finest comes first */
    return f;
}

/* The tables as shown, with areas climbed to `level` and the variables of `dropped` (a bit each) left out. */
static void change(checking *k, ptrdiff_t areas, size_t to, unsigned dropped)
{
    const geo_cube *c = k->c;
    size_t level[CUBE_VARIABLES];
    memset(k->shown, 0, c->patterns_n * sizeof *k->shown);
    for (size_t p = 0; p < c->patterns_n; p++) {
        if (!c->shown[p])
            continue;
        geo_cube_levels(c, p, level);
        if (areas >= 0 && !c->v[areas].nests[to][level[areas]])
            level[areas] = to;
        size_t q = 0;
        for (size_t i = 0; i < c->variables_n; i++) {
            const bool out = i < 32 && (dropped >> i & 1);
            q = q * c->v[i].levels_n + (out ? c->v[i].levels_n - 1 : level[i]);
        }
        k->shown[q] = true;
    }
}

static void try(checking *k, ptrdiff_t areas, size_t to, unsigned dropped, bool tell)
{
    change(k, areas, to, dropped);
    const geo_sdc_finding f = judge(k);
    if (tell && k->each)
        k->each(k->ctx, &f);
    if (!f.too_fine && !f.unsafe_n && f.cells_n > k->report->finest.cells_n)
        k->report->finest = f;
}

/* Everything coarser: each level of areas with each set of categories left out. Told are single changes. */
static void try_all(checking *k)
{
    const geo_cube *c = k->c;
    ptrdiff_t areas = -1;
    unsigned droppable = 0;
    size_t droppable_n = 0;
    for (size_t i = 0; i < c->variables_n; i++) {
        if (c->v[i].areas)
            areas = (ptrdiff_t)i;
        else if (c->v[i].field && c->v[i].levels_n > 1 && droppable_n++ < MOST_DROPPED)
            droppable |= 1u << i;
    }
    const size_t levels_n = areas < 0 ? 1 : c->v[areas].levels_n;
    for (size_t l = 0; l < levels_n; l++)
        for (unsigned dropped = droppable;; dropped = (dropped - 1) & droppable) {
            const bool one = (dropped & (dropped - 1)) == 0;
            if (l || dropped)
                try(k, areas, l, dropped, (l > 0) + (dropped != 0) == 1 && one);
            if (!dropped)
                break;
        }
}

geo_status geo_sdc_check(const geo_sdc_table *table, const char *audience, void (*each)(void *ctx, const geo_sdc_finding *finding),
                         void *ctx, geo_sdc_checked *report, geo_err *err)
{
    *report = (geo_sdc_checked){.unit = ""};
    geo_cube *c = NULL;
    geo_status st = geo_cube_read(table, NULL, &c, err);
    if (st < 0)
        return st;
    checking k = {.c = c, .each = each, .ctx = ctx, .report = report};
    k.rules = geo_policy_rules(table->policy, c->class_, audience);
    k.of = calloc(c->patterns_n, sizeof *k.of);
    k.shown = malloc(c->patterns_n * sizeof *k.shown);
    uint8_t *breaks = malloc(c->cells_n);
    double *need = calloc(c->cells_n, sizeof *need);
    if (k.of && k.shown && breaks && need) {
        geo_rules_mark(c, k.rules, breaks);
        st = geo_rules_mark_dominated(c, k.rules, breaks, need, err);
        for (size_t i = 0; i < c->cells_n; i++) {
            const bool seen = c->cell[i] == GEO_CELL_SHOWN;
            report->hidden_n += seen && c->count[i] == CUBE_HIDDEN;
        }
        count_patterns(&k, breaks, true);
        memcpy(k.shown, c->shown, c->patterns_n * sizeof *k.shown);
        report->asked = judge(&k);
        if (each)
            each(ctx, &report->asked);
        if (!report->asked.unsafe_n && !report->asked.too_fine)
            report->finest = report->asked;
        count_patterns(&k, breaks, false);
        try_all(&k);
        report->class_ = c->class_;
        report->rows_n = c->rows_n;
        report->faults = c->faults;
        report->unit = c->unit;
    } else
        st = geo_err_nomem(err);
    free(breaks);
    free(need);
    free(k.of);
    free(k.shown);
    geo_cube_free(c);
    return st;
}
