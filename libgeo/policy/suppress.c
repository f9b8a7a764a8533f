/*
 * Secondary suppression: searches for cells to publish, each with more to protect than the last, and a repair of what is narrow after that.
 *
 * What must not follow besides unsafe cells is written as cells of our own: sums of parts of an equation. The zeros of an equation are such
 * a sum when one of them is unsafe, since who learns that they are 0 together knows each. So are the cells of its single contributors, the
 * hidden parts of one that leave an unsafe part too little room, and sums of zeros that a search left known to be 0.
 */
#include "suppress_near.h"

#include "../core/sum.h"

#include <math.h>

/* Cells, equations, and cells of equations: places are 32 bit. */
#define LARGEST ((size_t)1 << 30)

/* Searches; what is left to do after them is done without another. */
#define ROUNDS 20

/* Share of a total by which sums of magnitudes may miss it. */
#define SLACK 1e-9

#define EXACT 0x1p53

typedef struct ranked {
    double worth;
    uint32_t cell;
} ranked;

typedef struct plan {
    const geo_equations *tables;
    const geo_suppress_options *options;
    uint8_t *cell;      /* as given; what comes out at the end */
    uint8_t *now;       /* as the last search left it */
    uint8_t *why;       /* fate, by cell */
    geo_vec at, parts;  /* size_t, uint32_t: the equations of the tables, and those of our sums */
    geo_vec role;       /* uint8_t: of cells and sums */
    ranked *candidates; /* most worth publishing first */
    size_t candidates_n;
    geo_cell_index index; /* of the tables */
} plan;

static geo_status wrong_sum(const geo_equations *e, size_t i, const geo_suppress_options *o, geo_err *err)
{
    geo_sum sum = {0};
    for (size_t k = e->at[i] + 1; k < e->at[i + 1]; k++)
        geo_sum_add(&sum, o->value[e->cells[k]]);
    const double total = o->value[e->cells[e->at[i]]], parts = geo_sum_value(&sum);
    const double slack = o->whole && fmax(total, parts) < EXACT ? 0 : SLACK * fmax(total, parts);
    if (fabs(total - parts) > slack)
        return geo_err_set(err, GEO_EARG, "cannot suppress: the parts of equation %zu do not add up", i);
    return GEO_OK;
}

static geo_status check_cells(size_t n, const geo_suppress_options *o, const uint8_t *cell, geo_err *err)
{
    if (!o->value)
        return geo_err_set(err, GEO_EARG, "cannot suppress: no values");
    for (size_t c = 0; c < n; c++) {
        if (cell[c] > GEO_CELL_UNSEEN)
            return geo_err_set(err, GEO_EARG, "cannot suppress: cell %zu is of no known kind", c);
        if (!(o->value[c] >= 0 && o->value[c] < INFINITY) || (o->whole && o->value[c] != floor(o->value[c])))
            return geo_err_set(err, GEO_EARG, "cannot suppress: cell %zu holds no %s of 0 or more", c,
                               o->whole ? "whole number" : "number");
        if (o->worth && isnan(o->worth[c]))
            return geo_err_set(err, GEO_EARG, "cannot suppress: cell %zu is not worth a number", c);
        if (cell[c] == GEO_CELL_UNSAFE && ((o->low && isnan(o->low[c])) || (o->high && !isfinite(o->high[c]))))
            return geo_err_set(err, GEO_EARG, "cannot suppress: the interval asked for cell %zu is none", c);
    }
    return GEO_OK;
}

static geo_status check(const geo_equations *e, const geo_suppress_options *o, const uint8_t *cell, geo_err *err)
{
    if (e->cells_n > LARGEST || e->n > LARGEST || (e->n && e->at[e->n] > LARGEST))
        return geo_err_set(err, GEO_EARG, "cannot suppress: too many cells");
    geo_status st = check_cells(e->cells_n, o, cell, err);
    uint32_t *last = calloc(e->cells_n + 1, sizeof *last); /* the last equation a cell was met in, and one */
    if (st == GEO_OK && !last)
        st = geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < e->n; i++) {
        if (e->at[i + 1] < e->at[i] + 2)
            st = geo_err_set(err, GEO_EARG, "cannot suppress: equation %zu has no parts", i);
        for (size_t k = e->at[i]; st == GEO_OK && k < e->at[i + 1]; k++) {
            if (e->cells[k] >= e->cells_n)
                st = geo_err_set(err, GEO_EARG, "cannot suppress: equation %zu has a cell that is not there", i);
            else if (last[e->cells[k]] == i + 1)
                st = geo_err_set(err, GEO_EARG, "cannot suppress: equation %zu has a cell twice", i);
            else
                last[e->cells[k]] = (uint32_t)i + 1;
        }
        if (st == GEO_OK)
            st = wrong_sum(e, i, o, err);
    }
    free(last);
    return st;
}

/* ---- what must not follow ---- */

static uint8_t *roles(const plan *p)
{
    return p->role.items;
}

/* Start a sum: its parts are added with add_part, and end_sum protects it. */
static bool start_sum(plan *p)
{
    const uint32_t self = (uint32_t)p->role.n;
    return p->role.n < 2 * LARGEST && geo_vec_append(&p->parts, &self, 1, sizeof self);
}

static bool end_sum(plan *p, uint8_t reason)
{
    const uint8_t role = ROLE_UNSAFE | reason;
    return p->parts.n < 2 * LARGEST && geo_vec_append(&p->at, &p->parts.n, 1, sizeof p->parts.n) && geo_vec_append(&p->role, &role, 1, 1);
}

typedef bool part_test(const plan *p, uint32_t cell);

/* The parts of an equation that are wanted, together. */
static bool protect_sum(plan *p, size_t equation, part_test *wanted, uint8_t reason)
{
    const geo_equations *e = p->tables;
    if (!start_sum(p))
        return false;
    for (size_t k = e->at[equation] + 1; k < e->at[equation + 1]; k++)
        if (wanted(p, e->cells[k]) && !geo_vec_append(&p->parts, &e->cells[k], 1, sizeof *e->cells))
            return false;
    return end_sum(p, reason);
}

static bool is_zero(const plan *p, uint32_t cell)
{
    return p->options->value[cell] == 0;
}

static bool is_single(const plan *p, uint32_t cell)
{
    return p->options->single && p->options->single[cell];
}

static bool is_hidden_or_zero(const plan *p, uint32_t cell)
{
    return p->now[cell] != GEO_CELL_SHOWN || is_zero(p, cell);
}

/* Parts of an equation that are wanted: how many, and whether one of them is unsafe. */
static size_t count(const plan *p, size_t equation, part_test *wanted, bool *any_unsafe)
{
    const geo_equations *e = p->tables;
    size_t n = 0;
    *any_unsafe = false;
    for (size_t k = e->at[equation] + 1; k < e->at[equation + 1]; k++) {
        const bool counts = wanted(p, e->cells[k]);
        n += counts;
        *any_unsafe |= counts && p->cell[e->cells[k]] == GEO_CELL_UNSAFE;
    }
    return n;
}

static bool protect_groups(plan *p)
{
    for (size_t i = 0; i < p->tables->n; i++) {
        bool unsafe;
        if (count(p, i, is_zero, &unsafe) > 1 && unsafe && !protect_sum(p, i, is_zero, ROLE_FOR_WIDTH))
            return false;
        if (count(p, i, is_single, &unsafe) > 1 && unsafe && !protect_sum(p, i, is_single, ROLE_FOR_SINGLE))
            return false;
    }
    return true;
}

static bool take_tables(plan *p)
{
    const geo_equations *e = p->tables;
    const size_t none = 0;
    if (!(e->n
              ? geo_vec_append(&p->at, e->at, e->n + 1, sizeof *e->at) && geo_vec_append(&p->parts, e->cells, e->at[e->n], sizeof *e->cells)
              : geo_vec_append(&p->at, &none, 1, sizeof none)))
        return false;
    for (size_t c = 0; c < e->cells_n; c++) {
        uint8_t role = p->cell[c] == GEO_CELL_UNSAFE ? ROLE_UNSAFE : p->cell[c] == GEO_CELL_SHOWN ? ROLE_CANDIDATE : ROLE_HIDDEN;
        if (is_single(p, (uint32_t)c))
            role |= ROLE_KNOWN;
        if (!geo_vec_append(&p->role, &role, 1, 1))
            return false;
    }
    return true;
}

/* ---- a search ---- */

static int most_worth_first(const void *pa, const void *pb)
{
    const ranked *a = pa, *b = pb;
    return a->worth != b->worth ? (a->worth < b->worth) - (a->worth > b->worth) : (a->cell > b->cell) - (a->cell < b->cell);
}

/* What a cell is worth publishing to the caller. */
static double worth_of(const plan *p, uint32_t cell)
{
    return p->options->worth ? p->options->worth[cell] : p->options->value[cell] + 1;
}

/* Has an equation one hidden cell alone, an unsafe one? It needs another. */
static bool is_in_need(const plan *p, size_t equation)
{
    const geo_equations *e = p->tables;
    size_t hidden_n = 0, unsafe_n = 0;
    for (size_t k = e->at[equation]; k < e->at[equation + 1]; k++) {
        hidden_n += p->cell[e->cells[k]] != GEO_CELL_SHOWN;
        unsafe_n += p->cell[e->cells[k]] == GEO_CELL_UNSAFE;
    }
    return hidden_n == 1 && unsafe_n == 1;
}

/*
 * One hidden cell can serve several equations in need, so each of them halves what it is worth publishing. On counts of small areas by age
 * and sex that hides an eighth fewer cells than their worth alone, and fewer people with them.
 */
static bool rank_candidates(plan *p)
{
    const size_t n = p->tables->cells_n;
    p->candidates = malloc((n + 1) * sizeof *p->candidates);
    uint8_t *in_need = malloc(p->tables->n + 1);
    if (!p->candidates || !in_need) {
        free(in_need);
        return false;
    }
    for (size_t i = 0; i < p->tables->n; i++)
        in_need[i] = is_in_need(p, i);
    for (uint32_t c = 0; c < n; c++)
        if (p->cell[c] == GEO_CELL_SHOWN) {
            double worth = worth_of(p, c);
            for (size_t k = p->index.at[c]; k < p->index.at[c + 1]; k++)
                if (in_need[p->index.of[k]] && worth > 0)
                    worth /= 2;
            p->candidates[p->candidates_n++] = (ranked){worth, c};
        }
    free(in_need);
    qsort(p->candidates, p->candidates_n, sizeof *p->candidates, most_worth_first);
    return true;
}

/*
 * The order in which cells are solved for: candidates, from the least worth publishing; then the frame, our sums first and after them the
 * largest cells, so that totals are put in terms of their parts. *frame: where it starts.
 */
static bool put_in_order(const plan *p, uint32_t *order, uint32_t *frame)
{
    const size_t tables_n = p->tables->cells_n, n = p->role.n;
    const uint8_t *role = roles(p);
    ranked *framed = malloc((n + 1) * sizeof *framed);
    if (!framed)
        return false;
    uint32_t at = 0, framed_n = 0;
    for (size_t i = p->candidates_n; i-- > 0;)
        if (role[p->candidates[i].cell] == ROLE_CANDIDATE)
            order[at++] = p->candidates[i].cell;
    *frame = at;
    for (uint32_t c = 0; c < n; c++)
        if (role[c] & ROLE_FRAMED)
            framed[framed_n++] = (ranked){c < tables_n ? p->options->value[c] : INFINITY, c};
    qsort(framed, framed_n, sizeof *framed, most_worth_first);
    for (uint32_t i = 0; i < framed_n; i++)
        order[at++] = framed[i].cell;
    free(framed);
    return true;
}

static geo_status search(plan *p, geo_hidden *hidden, geo_err *err)
{
    const geo_equations all = {.cells_n = p->role.n, .n = p->at.n - 1, .at = p->at.items, .cells = p->parts.items};
    uint32_t *order = malloc((all.cells_n + 1) * sizeof *order), frame = 0;
    uint32_t *candidates = malloc((p->candidates_n + 1) * sizeof *candidates);
    if (!order || !candidates || !put_in_order(p, order, &frame)) {
        free(order);
        free(candidates);
        return geo_err_nomem(err);
    }
    size_t n = 0;
    for (size_t i = 0; i < p->candidates_n; i++)
        if (roles(p)[p->candidates[i].cell] & ROLE_CANDIDATE)
            candidates[n++] = p->candidates[i].cell;
    memset(p->why, 0, p->tables->cells_n);
    const geo_status st = geo_suppress_search(&all, order, frame, roles(p), candidates, n, p->options->watch, p->why, hidden, err);
    free(candidates);
    if (st < 0)
        return st;
    for (size_t i = 0; i < p->candidates_n; i++) {
        const uint32_t c = p->candidates[i].cell;
        p->now[c] = p->why[c] == FATE_SHOWN ? GEO_CELL_SHOWN : GEO_CELL_SECONDARY;
    }
    return GEO_OK;
}

/* ---- intervals that are too narrow ---- */

/*
 * By how much the hidden parts of an equation with a shown total are too small together: an unsafe one cannot reach as high as it must, since
 * it can only take from the others. 0: they are not.
 */
static double lacks(const plan *p, size_t equation)
{
    const geo_equations *e = p->tables;
    const geo_suppress_options *o = p->options;
    if (!o->high || p->now[e->cells[e->at[equation]]] != GEO_CELL_SHOWN)
        return 0;
    double hidden = 0, most = 0;
    for (size_t k = e->at[equation] + 1; k < e->at[equation + 1]; k++) {
        const uint32_t c = e->cells[k];
        hidden += p->now[c] != GEO_CELL_SHOWN ? o->value[c] : 0;
        most = p->now[c] == GEO_CELL_UNSAFE ? fmax(most, o->high[c]) : most;
    }
    return fmax(0, most - hidden);
}

static bool protect_lacking(plan *p, bool *any)
{
    *any = false;
    for (size_t i = 0; i < p->tables->n; i++) {
        if (lacks(p, i) <= SLACK * p->options->value[p->tables->cells[p->tables->at[i]]])
            continue;
        *any = true;
        if (!protect_sum(p, i, is_hidden_or_zero, ROLE_FOR_WIDTH))
            return false;
    }
    return true;
}

/* Zeros that are known to be 0 by sums of them that follow: *any, then the sums are to be protected. */
static bool protect_zero_sums(plan *p, const geo_hidden *h, const uint8_t *fixed, bool *any)
{
    geo_vec zeros = {0}, sums = {0};
    bool ok = true;
    for (uint32_t c = 0; ok && c < p->tables->cells_n; c++)
        if (fixed[c] && is_zero(p, c))
            ok = geo_vec_append(&zeros, &c, 1, sizeof c);
    ok = ok && geo_suppress_zero_sums(h, zeros.items, (uint32_t)zeros.n, &sums);
    const uint32_t *cells = sums.items;
    for (size_t i = 0; ok && i < sums.n; i++) {
        ok = start_sum(p);
        for (; ok && cells[i] != GEO_HIDDEN_NONE; i++)
            ok = geo_vec_append(&p->parts, &cells[i], 1, sizeof *cells);
        ok = ok && end_sum(p, ROLE_FOR_WIDTH);
    }
    *any = sums.n > 0;
    geo_vec_clear(&sums);
    geo_vec_clear(&zeros);
    return ok;
}

/* ---- rounds ---- */

/* Unsafe cells that the equations alone determine: hiding more is no help. */
static size_t pass_over_lost(const plan *p, const geo_hidden *h, uint8_t *narrow)
{
    size_t n = 0;
    for (size_t c = 0; c < p->tables->cells_n; c++)
        if (p->cell[c] == GEO_CELL_UNSAFE && ((const geo_terms *)h->rows.items)[h->row_of[c]].n == 0) {
            narrow[c] = 0;
            n++;
        }
    return n;
}

static geo_status repair(plan *p, const geo_near *near, geo_widths *w, geo_suppress_report *report, geo_err *err)
{
    const size_t n = p->tables->cells_n;
    double *worth = malloc((n + 1) * sizeof *worth);
    if (!worth)
        return geo_err_nomem(err);
    for (uint32_t c = 0; c < n; c++)
        worth[c] = worth_of(p, c);
    geo_near from = *near;
    from.value = w->walk.now;
    const geo_status st = geo_suppress_repair(&from, worth, w->narrow, w->walk.low, w->walk.high, p->now, &report->exposed_n, err);
    for (size_t c = 0; st == GEO_OK && c < n; c++)
        if (p->now[c] == GEO_CELL_SECONDARY && p->why[c] == FATE_SHOWN)
            p->why[c] = FATE_HIDDEN_WIDTH;
    free(worth);
    return st;
}

/* One search and what it leaves to be done. *again: there is more to protect, and another search to be made. */
static geo_status round_of(plan *p, bool last, bool *again, geo_suppress_report *report, geo_err *err)
{
    geo_hidden hidden = {0};
    geo_widths widths = {0};
    const geo_near near = {.equations = p->tables, .index = &p->index, .options = p->options, .cell = p->now, .hidden = &hidden};
    *again = false;
    geo_status st = search(p, &hidden, err);
    if (st == GEO_OK && !last && !protect_lacking(p, again))
        st = geo_err_nomem(err);
    if (st == GEO_OK && !*again)
        st = geo_widths_look(&widths, &near, err);
    if (st == GEO_OK && !*again) {
        report->exposed_n = pass_over_lost(p, &hidden, widths.narrow);
        if (widths.any_fixed && !last && !protect_zero_sums(p, &hidden, widths.fixed, again))
            st = geo_err_nomem(err);
    }
    if (st == GEO_OK && !*again && widths.any_narrow)
        st = repair(p, &near, &widths, report, err);
    geo_widths_clear(&widths);
    geo_hidden_clear(&hidden);
    return st;
}

static geo_status rounds(plan *p, geo_suppress_report *report, geo_err *err)
{
    bool again = true;
    geo_status st = GEO_OK;
    for (int i = 1; st == GEO_OK && again; i++)
        st = round_of(p, i == ROUNDS, &again, report, err);
    return st;
}

static void tell(const plan *p, geo_suppress_report *report)
{
    for (size_t c = 0; c < p->tables->cells_n; c++) {
        report->unsafe_n += p->cell[c] == GEO_CELL_UNSAFE;
        report->secondary_n += p->now[c] == GEO_CELL_SECONDARY;
        if (p->cell[c] != GEO_CELL_SHOWN || p->now[c] != GEO_CELL_SECONDARY)
            continue;
        report->single_n += p->why[c] == FATE_HIDDEN_SINGLE;
        report->narrow_n += p->why[c] == FATE_HIDDEN_WIDTH;
    }
}

geo_status geo_suppress(const geo_equations *equations, const geo_suppress_options *options, uint8_t *cell, geo_suppress_report *report,
                        geo_err *err)
{
    *report = (geo_suppress_report){0};
    geo_status st = check(equations, options, cell, err);
    if (st < 0)
        return st;
    const size_t n = equations->cells_n;
    plan p = {.tables = equations, .options = options, .cell = cell};
    p.now = malloc(n + 1);
    p.why = calloc(n + 1, 1);
    st = GEO_ENOMEM;
    if (p.now && p.why) {
        memcpy(p.now, cell, n);
        if (take_tables(&p) && protect_groups(&p) && geo_cell_index_make(&p.index, equations) && rank_candidates(&p))
            st = rounds(&p, report, err);
        else
            st = geo_err_nomem(err);
    } else {
        st = geo_err_nomem(err);
    }
    if (st == GEO_OK) {
        tell(&p, report);
        memcpy(cell, p.now, n);
    }
    geo_vec_clear(&p.at);
    geo_vec_clear(&p.parts);
    geo_vec_clear(&p.role);
    free(p.candidates);
    geo_cell_index_clear(&p.index);
    free(p.why);
    free(p.now);
    return st;
}
