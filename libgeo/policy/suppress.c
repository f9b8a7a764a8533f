/*
 * Secondary suppression: searches for cells to publish, each with more to protect than the last, until no interval is too narrow.
 *
 * What must not follow besides unsafe cells is written as cells of our own: sums of parts of an equation. The zeros of an equation are such
 * a sum when one of them is unsafe (who learns that they are 0 together knows each), and so are its single contributors' cells; where an
 * interval is found to be narrow, the hidden parts of the equations that hold the cell are.
 */
#include "suppress_near.h"

#include "../core/sum.h"

#include <math.h>

#define LARGEST ((size_t)1 << 30) /* cells, equations, and cells of equations: places are 32 bit */
#define FRESH_ROUNDS 4          /* searches from the start; after so many, what was hidden stays so, and each hides more: there is an end */
#define WORTH_OF_WHOLE_SUM 1e-9 /* share of a total by which sums of magnitudes may miss it */
#define EXACT 9007199254740992.0 /* 2^53 */

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
    uint8_t *narrow;      /* by cell */
} plan;

static geo_status wrong_sum(const geo_equations *e, size_t i, const geo_suppress_options *o, geo_err *err)
{
    geo_sum sum = {0};
    for (size_t k = e->at[i] + 1; k < e->at[i + 1]; k++)
        geo_sum_add(&sum, o->value[e->cells[k]]);
    const double total = o->value[e->cells[e->at[i]]], parts = geo_sum_value(&sum);
    const double slack = o->whole && fmax(total, parts) < EXACT ? 0 : WORTH_OF_WHOLE_SUM * fmax(total, parts);
    if (fabs(total - parts) > slack)
        return geo_err_set(err, GEO_EARG, "cannot suppress: the parts of equation %zu do not add up", i);
    return GEO_OK;
}

static geo_status check(const geo_equations *e, const geo_suppress_options *o, const uint8_t *cell, geo_err *err)
{
    if (!o->value)
        return geo_err_set(err, GEO_EARG, "cannot suppress: no values");
    if (e->cells_n > LARGEST || e->n > LARGEST || (e->n && e->at[e->n] > LARGEST))
        return geo_err_set(err, GEO_EARG, "cannot suppress: too many cells");
    for (size_t c = 0; c < e->cells_n; c++) {
        if (cell[c] > GEO_CELL_UNSEEN)
            return geo_err_set(err, GEO_EARG, "cannot suppress: cell %zu is of no known kind", c);
        if (!(o->value[c] >= 0 && o->value[c] < INFINITY) || (o->whole && o->value[c] != floor(o->value[c])))
            return geo_err_set(err, GEO_EARG, "cannot suppress: cell %zu holds no %s of 0 or more", c,
                               o->whole ? "whole number" : "number");
        if (o->worth && isnan(o->worth[c]))
            return geo_err_set(err, GEO_EARG, "cannot suppress: cell %zu is not worth a number", c);
    }
    for (size_t i = 0; i < e->n; i++) {
        if (e->at[i + 1] < e->at[i] + 2)
            return geo_err_set(err, GEO_EARG, "cannot suppress: equation %zu has no parts", i);
        for (size_t k = e->at[i]; k < e->at[i + 1]; k++)
            if (e->cells[k] >= e->cells_n)
                return geo_err_set(err, GEO_EARG, "cannot suppress: equation %zu has a cell that is not there", i);
        const geo_status st = wrong_sum(e, i, o, err);
        if (st < 0)
            return st;
    }
    return GEO_OK;
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

/* The parts of an equation that are wanted, together. */
static bool protect_sum(plan *p, size_t equation, bool (*wanted)(const plan *p, uint32_t cell), uint8_t reason)
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
static size_t count(const plan *p, size_t equation, bool (*wanted)(const plan *p, uint32_t cell), bool *any_unsafe)
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

/* The hidden parts of the equations with a shown total that hold a narrow cell; *asked: there was such an equation. */
static bool protect_neighbours(plan *p, uint8_t *done, uint32_t cell, bool *asked)
{
    const geo_equations *e = p->tables;
    for (size_t k = p->index.at[cell]; k < p->index.at[cell + 1]; k++) {
        const uint32_t i = p->index.of[k], total = e->cells[e->at[i]];
        if (total == cell || p->now[total] != GEO_CELL_SHOWN)
            continue;
        *asked = true;
        if (!done[i] && !protect_sum(p, i, is_hidden_or_zero, ROLE_FOR_WIDTH))
            return false;
        done[i] = 1;
    }
    return true;
}

/*
 * The published cell nearest to a narrow one, through equations and hidden cells; of several the one least worth publishing. seen: by cell,
 * all 0, and so again afterwards. NONE when there is none.
 */
static bool nearest_shown(const plan *p, uint8_t *seen, geo_vec *line, uint32_t from, uint32_t *nearest)
{
    const geo_equations *e = p->tables;
    line->n = 0;
    *nearest = GEO_HIDDEN_NONE;
    seen[from] = 1;
    bool ok = geo_vec_append(line, &from, 1, sizeof from);
    for (size_t at = 0, level_end = 1; ok && at < line->n; at++) {
        if (at == level_end) {
            if (*nearest != GEO_HIDDEN_NONE)
                break;
            level_end = line->n;
        }
        const uint32_t c = ((const uint32_t *)line->items)[at];
        for (size_t k = p->index.at[c]; ok && k < p->index.at[c + 1]; k++)
            for (size_t j = e->at[p->index.of[k]]; ok && j < e->at[p->index.of[k] + 1]; j++) {
                const uint32_t other = e->cells[j];
                if (seen[other])
                    continue;
                if (p->now[other] == GEO_CELL_SHOWN) {
                    if (*nearest == GEO_HIDDEN_NONE || worth_of(p, other) < worth_of(p, *nearest))
                        *nearest = other;
                } else {
                    seen[other] = 1;
                    ok = geo_vec_append(line, &other, 1, sizeof other);
                }
            }
    }
    for (size_t i = 0; i < line->n; i++)
        seen[((const uint32_t *)line->items)[i]] = 0;
    return ok;
}

/* Sums of narrow zeros that follow. */
static bool protect_zero_sums(plan *p, const geo_hidden *h, bool *any)
{
    geo_vec zeros = {0}, sums = {0};
    size_t sums_n = 0;
    bool ok = true;
    for (uint32_t c = 0; ok && c < p->tables->cells_n; c++)
        if (p->narrow[c] && is_zero(p, c))
            ok = geo_vec_append(&zeros, &c, 1, sizeof c);
    ok = ok && geo_suppress_zero_sums(h, zeros.items, (uint32_t)zeros.n, &sums, &sums_n);
    const uint32_t *cells = sums.items;
    for (size_t i = 0; ok && i < sums.n; i++) {
        ok = start_sum(p);
        for (; ok && cells[i] != GEO_HIDDEN_NONE; i++)
            ok = geo_vec_append(&p->parts, &cells[i], 1, sizeof *cells);
        ok = ok && end_sum(p, ROLE_FOR_WIDTH);
    }
    *any = sums_n > 0;
    geo_vec_clear(&sums);
    geo_vec_clear(&zeros);
    return ok;
}

/*
 * More to protect for the sake of narrow cells: the hidden parts of their equations, or, when that went on for `late` rounds (not 0), more
 * and more of the cells around them. helpless_n += cells with nothing left to hide.
 */
static bool protect_more(plan *p, int late, bool *any, size_t *helpless_n)
{
    uint8_t *done = calloc(p->tables->n + 1, 1), *seen = calloc(p->tables->cells_n + 1, 1);
    geo_vec line = {0};
    bool ok = done && seen;
    *any = false;
    for (uint32_t c = 0; ok && c < p->tables->cells_n; c++) {
        bool asked = false;
        if (!p->narrow[c])
            continue;
        if (!late)
            ok = protect_neighbours(p, done, c, &asked);
        for (int k = 0; ok && !asked && k <= late; k++) {
            uint32_t near;
            ok = nearest_shown(p, seen, &line, c, &near);
            if (near == GEO_HIDDEN_NONE) {
                *helpless_n += k == 0;
                break;
            }
            p->now[near] = GEO_CELL_SECONDARY;
            roles(p)[near] = (roles(p)[near] & ROLE_KNOWN) | ROLE_UNSAFE | ROLE_FOR_WIDTH;
            *any = true;
        }
        *any |= asked;
    }
    geo_vec_clear(&line);
    free(seen);
    free(done);
    return ok;
}

/* ---- rounds ---- */

/* What the last search hid stays hidden, whatever for. */
static void keep_hidden(plan *p)
{
    for (size_t i = 0; i < p->candidates_n; i++) {
        const uint32_t c = p->candidates[i].cell;
        if ((roles(p)[c] & ROLE_CANDIDATE) && p->now[c] != GEO_CELL_SHOWN)
            roles(p)[c] = (roles(p)[c] & ROLE_KNOWN) | ROLE_HIDDEN;
    }
}

/* Unsafe cells that the equations alone determine: hiding more is no help. */
static size_t pass_over_lost(plan *p, const geo_hidden *h)
{
    size_t n = 0;
    for (size_t c = 0; c < p->tables->cells_n; c++)
        if (p->cell[c] == GEO_CELL_UNSAFE && ((const geo_terms *)h->rows.items)[h->row_of[c]].n == 0) {
            p->narrow[c] = 0;
            n++;
        }
    return n;
}

static geo_status rounds(plan *p, geo_suppress_report *report, geo_err *err)
{
    const size_t n = p->tables->cells_n;
    bool more = true;
    for (int round = 0; more; round++) {
        if (round >= FRESH_ROUNDS)
            keep_hidden(p);
        geo_hidden hidden = {0};
        for (size_t c = 0; c < n; c++)
            if (p->cell[c] == GEO_CELL_SHOWN)
                p->now[c] = GEO_CELL_SECONDARY; /* unless the search shows it */
        geo_status st = search(p, &hidden, err);
        if (st == GEO_OK)
            st = geo_suppress_narrow(p->tables, &p->index, p->options, p->now, &hidden, p->narrow, &more, err);
        if (st == GEO_OK)
            report->exposed_n = pass_over_lost(p, &hidden);
        bool zeros = false;
        if (st == GEO_OK && more && round < FRESH_ROUNDS && !protect_zero_sums(p, &hidden, &zeros))
            st = geo_err_nomem(err);
        if (st == GEO_OK && more && !zeros
            && !protect_more(p, round < FRESH_ROUNDS ? 0 : round + 1 - FRESH_ROUNDS, &more, &report->exposed_n))
            st = geo_err_nomem(err);
        geo_hidden_clear(&hidden);
        if (st < 0)
            return st;
    }
    return GEO_OK;
}

static void tell(const plan *p, geo_suppress_report *report)
{
    for (size_t c = 0; c < p->tables->cells_n; c++) {
        report->unsafe_n += p->cell[c] == GEO_CELL_UNSAFE;
        report->secondary_n += p->now[c] == GEO_CELL_SECONDARY;
        if (p->cell[c] != GEO_CELL_SHOWN || p->now[c] != GEO_CELL_SECONDARY)
            continue;
        report->single_n += p->why[c] == FATE_HIDDEN_SINGLE;
        report->narrow_n += p->why[c] == FATE_HIDDEN_WIDTH || (roles(p)[c] & ROLE_FOR_WIDTH);
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
    p.narrow = calloc(n + 1, 1);
    st = GEO_ENOMEM;
    if (p.now && p.why && p.narrow) {
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
    free(p.narrow);
    free(p.why);
    free(p.now);
    return st;
}
