/*
 * Making narrow intervals wide: which further cells to hide, so that a table exists in which the cell is as far from the truth as it must
 * be and nothing that stays published has changed. The cheapest such table is a linear programme: hidden cells move for nothing, published
 * ones for what they are worth, and those that moved are hidden. The table is its own proof, and stays one whatever else is hidden.
 *
 * It is looked for around the cell first, in more and more of the tables while there is none.
 * Source: Fischetti and Salazar (2001), Management Science 47(7):1008-1027, section 4, for the programme.
 */
#include "suppress_near.h"

#include "with_clp.h"

#include <math.h>

#define FIRST_CELLS 500 /* of a neighbourhood; when there is no table in it, so many times as many */
#define MORE_CELLS 8
#define LONG_EQUATION 64 /* of longer ones only hidden cells are taken in, and so many of others */
#define MOVED 1e-6       /* of the distance to go: less is rounding */
#define LEAST_COST 1e-4  /* of the dearest cell's: nothing that is published moves for nothing */

typedef struct repair {
    const geo_near *near;
    const geo_equations *e;
    const double *worth;
    uint8_t *cell;
    double *low, *high; /* as far as is proved, by cell */
    uint32_t round;
    uint32_t *cell_round;                          /* by cell: the last neighbourhood it was in */
    uint32_t *equation_round, *local_row;          /* by equation */
    double *zero;                                  /* by row */
    geo_vec line;                                  /* uint32_t: the neighbourhood */
    geo_vec equations;                             /* uint32_t: of its cells */
    geo_vec start, row, factor, least, most, cost; /* int, int, double...: the programme, by column */
} repair;

/* Where a cell has to get. */
typedef struct aim {
    uint32_t cell;
    double distance; /* from near->value; below 0: downwards */
} aim;

static bool is_in(const repair *r, uint32_t c)
{
    return r->cell_round[c] == r->round;
}

static bool may_move(const repair *r, uint32_t c)
{
    return r->cell[c] != GEO_CELL_SHOWN || r->worth[c] < INFINITY;
}

static bool take_in(repair *r, uint32_t c)
{
    if (is_in(r, c) || !may_move(r, c))
        return true;
    r->cell_round[c] = r->round;
    return geo_vec_append(&r->line, &c, 1, sizeof c);
}

/* Cells through equations, the nearest first, and all equations that they stand in. *all: there are no more. */
static bool gather(repair *r, uint32_t from, size_t largest, bool *all)
{
    const geo_equations *e = r->e;
    r->round++;
    r->line.n = r->equations.n = 0;
    *all = true;
    bool ok = take_in(r, from);
    for (size_t at = 0; ok && at < r->line.n; at++) {
        const uint32_t c = ((const uint32_t *)r->line.items)[at];
        for (size_t k = r->near->index->at[c]; ok && k < r->near->index->at[c + 1]; k++) {
            const uint32_t i = r->near->index->of[k];
            if (r->equation_round[i] == r->round)
                continue;
            r->equation_round[i] = r->round;
            ok = geo_vec_append(&r->equations, &i, 1, sizeof i);
            size_t others_n = 0;
            for (size_t j = e->at[i]; ok && j < e->at[i + 1]; j++) {
                const uint32_t other = e->cells[j];
                const bool fits = r->line.n < largest && (r->cell[other] != GEO_CELL_SHOWN || others_n++ < LONG_EQUATION);
                ok = !fits || take_in(r, other);
                *all &= is_in(r, other) || !may_move(r, other);
            }
        }
    }
    return ok;
}

/* One way for a cell to move: up (sign 1) or down, by at most `most` in units of the distance to go. */
static bool add_column(repair *r, uint32_t c, int sign, double least, double most, double cost)
{
    const int start = (int)r->row.n;
    bool ok = geo_vec_append(&r->start, &start, 1, sizeof start) && geo_vec_append(&r->least, &least, 1, sizeof least)
              && geo_vec_append(&r->most, &most, 1, sizeof most) && geo_vec_append(&r->cost, &cost, 1, sizeof cost);
    for (size_t k = r->near->index->at[c]; ok && k < r->near->index->at[c + 1]; k++) {
        const uint32_t i = r->near->index->of[k];
        const int row = (int)r->local_row[i];
        const double factor = r->e->cells[r->e->at[i]] == c ? -sign : sign;
        ok = geo_vec_append(&r->row, &row, 1, sizeof row) && geo_vec_append(&r->factor, &factor, 1, sizeof factor);
    }
    return ok;
}

/* Columns: hidden cells one each, others one up and one down. In each equation what changes must cancel. */
static bool make_programme(repair *r, const aim *a)
{
    const uint32_t *line = r->line.items;
    const double unit = fabs(a->distance);
    double dearest = 0;
    r->start.n = r->row.n = r->factor.n = r->least.n = r->most.n = r->cost.n = 0;
    for (size_t i = 0; i < r->equations.n; i++)
        r->local_row[((const uint32_t *)r->equations.items)[i]] = (uint32_t)i;
    for (size_t i = 0; i < r->line.n; i++)
        if (r->cell[line[i]] == GEO_CELL_SHOWN)
            dearest = fmax(dearest, r->worth[line[i]]);
    bool ok = true;
    for (size_t i = 0; ok && i < r->line.n; i++) {
        const uint32_t c = line[i];
        const double down = r->near->value[c] / unit;
        if (c == a->cell) {
            ok = add_column(r, c, 1, a->distance > 0 ? 1 : -down, a->distance > 0 ? INFINITY : -1, 0);
        } else if (r->cell[c] != GEO_CELL_SHOWN) {
            ok = add_column(r, c, 1, -down, INFINITY, 0);
        } else {
            const double cost = dearest > 0 ? fmax(LEAST_COST, sqrt(r->worth[c] / dearest)) : 1;
            ok = add_column(r, c, 1, 0, INFINITY, cost) && add_column(r, c, -1, 0, down, cost);
        }
    }
    const int end = (int)r->row.n;
    return ok && geo_vec_append(&r->start, &end, 1, sizeof end);
}

/* The table found: what moved is hidden, and what is reached is reached. */
static void take_table(repair *r, const aim *a, const double *point)
{
    const uint32_t *line = r->line.items;
    const double unit = fabs(a->distance);
    const bool whole = r->near->options->whole;
    for (size_t i = 0; i < r->line.n; i++) {
        const uint32_t c = line[i];
        double by = *point++;
        if (r->cell[c] == GEO_CELL_SHOWN) {
            by -= *point++;
            if (fabs(by) <= MOVED)
                continue;
            r->cell[c] = GEO_CELL_SECONDARY;
        }
        const double v = fmax(0, r->near->value[c] + by * unit), slack = MOVED * fmax(unit, 1);
        r->low[c] = fmin(r->low[c], whole ? ceil(v - slack) : v);
        r->high[c] = fmax(r->high[c], whole ? floor(v + slack) : v);
    }
}

/* *found: the cell can get where it must, now that more are hidden. */
static geo_status reach(repair *r, const aim *a, bool *found, geo_err *err)
{
    *found = false;
    bool all = false;
    for (size_t largest = FIRST_CELLS; !*found && !all; largest *= MORE_CELLS) {
        if (geo_watch_stopped(r->near->options->watch))
            return geo_err_set(err, GEO_ESTOP, "interrupted");
        if (!gather(r, a->cell, largest, &all) || !make_programme(r, a))
            return geo_err_nomem(err);
        geo_lp *lp = geo_lp_new((int)r->cost.n, (int)r->equations.n, r->start.items, r->row.items, r->factor.items, r->least.items,
                                r->most.items, r->zero);
        if (!lp)
            return geo_err_nomem(err);
        if (geo_lp_solve(lp, r->cost.items, true) == GEO_LP_BEST) {
            take_table(r, a, geo_lp_point(lp));
            *found = true;
        }
        geo_lp_free(lp);
    }
    return GEO_OK;
}

/*
 * How far a cell must get, upwards or downwards, that it does not yet. Where no width is demanded, two numbers make an interval, and of those
 * that are not whole any two.
 */
static double to_go(const repair *r, uint32_t c, int sign)
{
    const geo_suppress_options *o = r->near->options;
    const double from = r->near->value[c], truth = o->value[c];
    if (!o->low && !o->high) {
        const double step = o->whole ? 1 : truth > 0 ? truth / 100 : 1;
        return sign > 0 ? truth + step - from : truth >= step ? truth - step - from : 0;
    }
    if (sign > 0)
        return o->high && r->high[c] < o->high[c] ? o->high[c] - from : 0;
    return o->low && r->low[c] > o->low[c] ? fmax(0, o->low[c]) - from : 0;
}

static geo_status widen(repair *r, uint32_t c, bool *wide, geo_err *err)
{
    const bool demanded = r->near->options->low || r->near->options->high;
    *wide = true;
    for (int sign = 1; sign >= -1; sign -= 2) {
        const aim a = {c, to_go(r, c, sign)};
        if (!(a.distance * sign > 0))
            continue;
        bool found;
        const geo_status st = reach(r, &a, &found, err);
        if (st < 0)
            return st;
        if (found && !demanded)
            return GEO_OK;
        *wide &= found;
    }
    return GEO_OK;
}

geo_status geo_suppress_repair(const geo_near *near, const double *worth, const uint8_t *narrow, double *low, double *high, uint8_t *cell,
                               size_t *helpless_n, geo_err *err)
{
    const size_t n = near->equations->cells_n;
    repair r = {.near = near, .e = near->equations, .worth = worth, .cell = cell, .low = low, .high = high};
    r.cell_round = calloc(n + 1, sizeof *r.cell_round);
    r.local_row = malloc((near->equations->n + 1) * sizeof *r.local_row);
    r.equation_round = calloc(near->equations->n + 1, sizeof *r.equation_round);
    r.zero = calloc(near->equations->n + 1, sizeof *r.zero);
    geo_status st = r.cell_round && r.local_row && r.equation_round && r.zero ? GEO_OK : geo_err_nomem(err);
    for (uint32_t c = 0; st == GEO_OK && c < n; c++) {
        if (!narrow[c] || geo_suppress_is_wide(near->options, c, low[c], high[c]))
            continue;
        bool wide;
        st = widen(&r, c, &wide, err);
        *helpless_n += st == GEO_OK && !wide;
    }
    geo_vec *const vecs[] = {&r.line, &r.equations, &r.start, &r.row, &r.factor, &r.least, &r.most, &r.cost};
    for (size_t i = 0; i < sizeof vecs / sizeof *vecs; i++)
        geo_vec_clear(vecs[i]);
    free(r.zero);
    free(r.equation_round);
    free(r.local_row);
    free(r.cell_round);
    return st;
}
