/* A proposed publication and earlier ones: every two patterns of the proposed and one of them, then all of them together. */
#include "differ.h"

#include "geo/parallel.h"
#include "rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool geo_differ_leaks(const geo_rules *rules, double low, double high)
{
    const double k = (double)rules->threshold;
    double width = geo_rules_width(rules);
    if (rules->round > 1)
        width = fmin(width, rules->round - 1);
    low = fmax(low, 0);
    if (low > high) /* the tables contradict each other: this tells nothing */
        return false;
    if (low == high)
        return low == 0 ? rules->protect_zeros : low < k;
    return high < k && high - low < width;
}

/* What two publications tell. */
typedef struct comparing {
    const differ *d;
    size_t pub; /* as in differ_found */
    geo_arena arena;
    geo_vec found; /* differ_found */
    bool contradicts, unrelated;
    geo_status st;
    geo_err err;
    const differ_graph *g; /* at hand, and the side that is added */
    int plus;
} comparing;

static bool is_itself(const comparing *c)
{
    return c->pub == 0;
}

/* Numbers of cells of a publication, for numbers in a side of the graph. */
static uint32_t *cells_of(comparing *c, int side, const uint32_t *in_side, size_t n)
{
    uint32_t *cell = geo_arena_array(&c->arena, n + 1, sizeof *cell);
    for (size_t i = 0; cell && i < n; i++)
        cell[i] = c->g->side[side].cell[in_side[i]];
    return cell;
}

static geo_status add_found(comparing *c, const differ_found *f, geo_err *err)
{
    const bool good = f->plus && f->minus && geo_vec_append(&c->found, f, 1, sizeof *f);
    return good ? GEO_OK : geo_err_nomem(err);
}

static geo_status take_cut(void *ctx, const differ_cut *cut, geo_err *err)
{
    comparing *c = ctx;
    if (!geo_differ_leaks(c->d->rules, (double)cut->low, (double)cut->high))
        return GEO_OK;
    differ_found f = {.kind = GEO_SDC_REMAINDER, .plus_n = cut->plus_n, .minus_n = cut->minus_n, .zero = cut->high == 0};
    f.pub[0] = c->plus == 0 ? 0 : c->pub;
    f.pub[1] = c->plus == 0 ? c->pub : 0;
    f.plus = cells_of(c, c->plus, cut->plus, cut->plus_n);
    f.minus = cells_of(c, !c->plus, cut->minus, cut->minus_n);
    f.cells_n = cut->plus_n + cut->minus_n;
    return add_found(c, &f, err);
}

/* ---- changes ---- */

typedef struct group {
    int64_t low, high; /* of the first side's cells less the second's */
    bool open, exact;
} group;

static uint32_t root_of(uint32_t *up, uint32_t i)
{
    while (up[i] != i)
        i = up[i] = up[up[i]];
    return i;
}

/* Cells that hang together and lie in nothing else are the same people on both sides. cell[i], group[i]: of all cells, first side first. */
static void group_cells(const differ_graph *g, uint32_t *up, group *groups)
{
    const uint32_t n0 = (uint32_t)g->side[0].n, n = n0 + (uint32_t)g->side[1].n;
    for (uint32_t i = 0; i < n; i++) {
        up[i] = i;
        groups[i] = (group){.exact = true};
    }
    for (size_t e = 0; e < g->edges_n; e++)
        up[root_of(up, g->end[0][e])] = root_of(up, n0 + g->end[1][e]);
    for (uint32_t i = 0; i < n; i++) {
        const int s = i >= n0;
        const uint32_t k = s ? i - n0 : i;
        const differ_side *side = &g->side[s];
        group *to = &groups[root_of(up, i)];
        to->open = to->open || side->open[k] || side->at[k + 1] == side->at[k];
        to->exact = to->exact && side->low[k] == side->high[k];
        to->low += s ? -side->high[k] : side->low[k];
        to->high += s ? -side->low[k] : side->high[k];
    }
}

/* The cells of the first side whose people have changed by a few; a group counts once. */
static geo_status find_changes(comparing *c, geo_err *err)
{
    const differ_graph *g = c->g;
    const size_t n = g->side[0].n + g->side[1].n;
    uint32_t *up = malloc((n + 1) * sizeof *up), *changed = malloc((n + 1) * sizeof *changed);
    group *groups = malloc((n + 1) * sizeof *groups);
    size_t changed_n = 0, groups_n = 0;
    geo_status st = up && changed && groups ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK)
        group_cells(g, up, groups);
    for (uint32_t i = 0; st == GEO_OK && i < n; i++) {
        const group *in = &groups[root_of(up, i)];
        if (in->open)
            continue;
        c->contradicts = c->contradicts || in->low > 0 || in->high < 0;
        if (!in->exact || in->low == 0 || llabs(in->low) >= c->d->rules->threshold)
            continue;
        groups_n += up[i] == i;
        if (i < g->side[0].n)
            changed[changed_n++] = i;
    }
    if (st == GEO_OK && groups_n) {
        const differ_found f = {.kind = GEO_SDC_CHANGE,
                                .pub = {0, c->pub},
                                .plus = cells_of(c, 0, changed, changed_n),
                                .plus_n = changed_n,
                                .minus = cells_of(c, 1, changed, 0),
                                .cells_n = groups_n};
        st = add_found(c, &f, err);
    }
    free(up);
    free(changed);
    free(groups);
    return st;
}

/* ---- two publications ---- */

static geo_status compare_patterns(comparing *c, differ_pair *p, const differ_pattern *a, const differ_pattern *b, geo_err *err)
{
    bool idle, agrees = true;
    differ_graph g = {.edges_n = 0};
    geo_status st = geo_pair_is_idle(p, a, b, &idle, err);
    if (st < 0 || idle)
        return st;
    const int64_t limit = c->d->rules->threshold > 1 ? c->d->rules->threshold : 1;
    st = geo_pair_graph(p, a, b, &g, err);
    c->g = &g;
    if (st == GEO_OK && !is_itself(c))
        st = find_changes(c, err);
    for (c->plus = 0; st == GEO_OK && c->plus < 2; c->plus++) {
        st = geo_graph_cuts(&g, c->plus, limit, take_cut, c, &agrees, err);
        c->contradicts = c->contradicts || !agrees;
    }
    geo_graph_end(&g);
    return st;
}

/* Both go by areas, and no area of the one has anything in common with one of the other. */
static bool is_unrelated(const differ_world *w)
{
    for (size_t v = 0; w->pubs_n == 2 && v < w->variables_n; v++) {
        const differ_variable *x = &w->v[v];
        if (x->own[0] < 0 || x->own[1] < 0 || !w->pub[0]->v[x->own[0]].areas)
            continue;
        bool related = false;
        for (uint32_t c = 0; c < x->classes_n && !related; c++) {
            related = true;
            for (size_t p = 0; p < 2; p++) {
                const publication_variable *own = &w->pub[p]->v[x->own[p]];
                bool in = false;
                for (size_t l = 0; l < own->levels_n; l++)
                    in = in || (*own->levels[l].name && x->in[p][l][c] != DIFFER_NOWHERE);
                related = related && in;
            }
        }
        if (!related)
            return true;
    }
    return false;
}

static geo_status compare(comparing *c, geo_err *err)
{
    const geo_publication *const both[2] = {c->d->proposed, is_itself(c) ? NULL : c->d->earlier[c->pub - 1]};
    differ_world w;
    differ_patterns patterns[2] = {{.n = 0}};
    differ_pair pair = {.w = NULL};
    geo_status st = geo_world_begin(&w, both, is_itself(c) ? 1 : 2, false, err);
    if (st == GEO_OK) {
        c->unrelated = is_unrelated(&w);
        st = geo_patterns_of(both[0], &patterns[0], err);
    }
    if (st == GEO_OK && !is_itself(c))
        st = geo_patterns_of(both[1], &patterns[1], err);
    const differ_patterns *to = is_itself(c) ? &patterns[0] : &patterns[1];
    if (st == GEO_OK)
        st = geo_pair_begin(&pair, &w, &patterns[0], to, err);
    for (size_t a = 0; st == GEO_OK && a < patterns[0].n; a++)
        for (size_t b = is_itself(c) ? a + 1 : 0; st == GEO_OK && b < to->n; b++)
            st = geo_watch_stopped(c->d->watch) ? geo_err_set(err, GEO_ESTOP, "interrupted")
                                                : compare_patterns(c, &pair, &patterns[0].pattern[a], &to->pattern[b], err);
    geo_pair_end(&pair);
    geo_patterns_clear(&patterns[0]);
    geo_patterns_clear(&patterns[1]);
    geo_world_end(&w);
    return st;
}

static void compare_some(void *ctx, size_t lo, size_t hi)
{
    comparing *all = ctx;
    for (size_t i = lo; i < hi; i++)
        if (all[i].d)
            all[i].st = compare(&all[i], &all[i].err);
}

/* ---- all of them ---- */

static void tell(const differ *d, const geo_vec *found, void (*each)(void *ctx, const geo_sdc_difference *difference), void *ctx,
                 geo_sdc_differed *report)
{
    for (size_t i = 0; i < found->n; i++) {
        const differ_found *f = (const differ_found *)found->items + i;
        geo_sdc_difference out;
        report->changes_n += f->kind == GEO_SDC_CHANGE;
        report->remainders_n += f->kind == GEO_SDC_REMAINDER;
        report->stacked_n += f->kind == GEO_SDC_STACKED;
        if (!each)
            continue;
        geo_differ_say(d, f, &out);
        each(ctx, &out);
    }
}

/* Nothing of the proposed one is unsafe by itself: what rules with no threshold and no zeros to protect come to. */
static bool anything_goes(const geo_rules *rules)
{
    return rules->threshold <= 1 && !rules->protect_zeros;
}

geo_status geo_differ(const differ *d, void (*each)(void *ctx, const geo_sdc_difference *difference), void *ctx, geo_sdc_differed *report,
                      geo_err *err)
{
    const size_t n = d->earlier_n + 1;
    comparing *all = calloc(n, sizeof *all);
    bool *skip = calloc(n, sizeof *skip);
    geo_vec pairwise = {0}, stacked = {0};
    geo_arena arena = {0};
    geo_status st = all && skip ? GEO_OK : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < n; i++) {
        const bool same = i == 0 || strcasecmp(d->earlier[i - 1]->population, d->proposed->population) == 0;
        all[i] = (comparing){.d = same && !anything_goes(d->rules) ? d : NULL, .pub = i};
        report->compared_n += i && same;
        report->others_n += !same;
        if (i)
            skip[i - 1] = !same;
    }
    if (st == GEO_OK)
        geo_parallel_for(n, 1, d->threads, compare_some, all);
    for (size_t i = 0; st == GEO_OK && i < n; i++) {
        if (all[i].st < 0) {
            *(err ? err : &(geo_err){GEO_OK, ""}) = all[i].err;
            st = all[i].st;
        } else if (!geo_vec_append(&pairwise, all[i].found.items, all[i].found.n, sizeof(differ_found)))
            st = geo_err_nomem(err);
        report->unrelated_n += all[i].unrelated;
        if (i)
            skip[i - 1] = skip[i - 1] || all[i].contradicts;
    }
    if (st == GEO_OK && !anything_goes(d->rules))
        st = geo_differ_stack(d, skip, &pairwise, &arena, &stacked, err);
    if (st == GEO_OK) {
        tell(d, &pairwise, each, ctx, report);
        tell(d, &stacked, each, ctx, report);
    }
    for (size_t i = 0; all && i < n; i++) {
        geo_vec_clear(&all[i].found);
        geo_arena_clear(&all[i].arena);
    }
    geo_vec_clear(&pairwise);
    geo_vec_clear(&stacked);
    geo_arena_clear(&arena);
    free(all);
    free(skip);
    return st;
}
