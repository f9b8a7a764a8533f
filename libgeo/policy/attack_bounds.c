/*
 * Bounds of the cells of one part by programmes.
 *
 * First many cells at once are made as small, and as large, as they can be: what reaches the bound that narrowing had found is settled.
 * Then one programme for each bound that is left, from the solution of the last one. Where whole numbers are wanted and the solver's are
 * not, a search by branches goes on until the bound is proved, or too many programmes have been solved: first near a whole point that is
 * known (Danna, Rothberg and Le Pape (2005), Exploring relaxation induced neighborhoods to improve MIP solutions, Mathematical Programming
 * 102:71-90), then everywhere.
 */
#include "attack_part.h"

/*
 * Programmes in the search for one bound in whole numbers: near a point that is known, then so many, and more in small parts, by the third
 * number over their cells. Odd sums of even numbers take the most, for nothing but trying them all shows that they cannot be.
 */
#define PROGRAMMES_NEAR 50
#define PROGRAMMES_LEAST 400
#define PROGRAMMES_OF_CELLS 1000000
/* Cells are moved all together again while this share of the open bounds is settled by it. */
#define WORTH_AGAIN 16
/* Nearer to a whole number than this is the solver's tolerance. */
#define FRACTION 1e-7

typedef enum outcome {
    FOUND,   /* *least is the least cost */
    NOTHING, /* no point fits */
    ENDLESS, /* the cost has no least */
    GAVE_UP, /* *least is below it */
    STOPPED,
    NO_MEMORY
} outcome;

typedef struct branch {
    uint32_t cell;
    bool second;
    double low, high;             /* its bounds before */
    double other_low, other_high; /* its bounds on the second way */
} branch;

/* Out of the branches until one has a second way, and into that; false: none has. */
static bool go_back(geo_part *p)
{
    for (; p->branches.n; p->branches.n--) {
        branch *b = (branch *)p->branches.items + p->branches.n - 1;
        p->low[b->cell] = b->second ? b->low : b->other_low;
        p->high[b->cell] = b->second ? b->high : b->other_high;
        if (!b->second)
            return b->second = true;
    }
    return false;
}

/* Out of all branches. */
static void leave(geo_part *p)
{
    for (; p->branches.n; p->branches.n--) {
        const branch *b = (const branch *)p->branches.items + p->branches.n - 1;
        p->low[b->cell] = b->low;
        p->high[b->cell] = b->high;
    }
    if (!p->branched)
        return;
    geo_lp_set_bounds(p->lp, p->low, p->high);
    geo_lp_return(p->lp);
    p->branched = false;
}

/*
 * Split at the cell furthest from a whole number, the nearer side first. Of equals at the last one, for tables are most often numbered with
 * totals after their parts, and a total decides more. NOTHING: all are whole.
 */
static outcome split(geo_part *p, const double *point)
{
    size_t at = 0;
    double furthest = 0;
    for (size_t i = 0; i < p->cells_n; i++) {
        const double away = fabs(point[i] - rint(point[i]));
        if (away > furthest - FRACTION) {
            furthest = away;
            at = i;
        }
    }
    if (furthest <= FRACTION)
        return NOTHING;
    const double below = floor(point[at]);
    const bool down = point[at] - below < 0.5;
    branch b = {(uint32_t)at, false, p->low[at], p->high[at], p->low[at], p->high[at]};
    if (!geo_vec_reserve(&p->branches, 1, sizeof b))
        return NO_MEMORY;
    *(down ? &p->high[at] : &b.other_high) = below;
    *(down ? &b.other_low : &p->low[at]) = below + 1;
    return geo_vec_append(&p->branches, &b, 1, sizeof b) ? FOUND : NO_MEMORY;
}

/* ---- one programme ---- */

typedef enum verdict { DEAD, ALIVE, UNKNOWN, NO_END } verdict;

/* Solve for p->cost; *least: no point within the bounds costs less. */
static verdict solve(geo_part *p, bool moved, double *least)
{
    *least = -INFINITY;
    geo_lp_end end = geo_lp_solve(p->lp, p->cost, moved);
    if (end == GEO_LP_LOST || (end == GEO_LP_NONE && !geo_part_is_empty(p))) { /* from the start it may do better */
        geo_lp_restart(p->lp);
        end = geo_lp_solve(p->lp, p->cost, true);
    }
    if (end == GEO_LP_NONE)
        return geo_part_is_empty(p) ? DEAD : UNKNOWN;
    if (end != GEO_LP_BEST)
        return end == GEO_LP_ENDLESS ? NO_END : UNKNOWN;
    *least = geo_part_least_cost(p, p->cost, geo_lp_prices(p->lp));
    if (p->w->options->whole)
        *least = ceil(*least);
    return ALIVE;
}

/* ---- search ---- */

static double cost_of_point(const geo_part *p)
{
    double cost = 0;
    for (size_t i = 0; i < p->cells_n; i++)
        cost += p->cost[i] != 0 ? p->cost[i] * p->point[i] : 0;
    return cost;
}

/*
 * From the programme's solution, which costs *least or more, to the least cost in whole numbers, by most_n programmes; the rest as
 * search().
 */
static outcome search_branches(geo_part *p, double best, bool any, size_t most_n, double *least)
{
    double bound = *least;
    verdict v = ALIVE;
    for (size_t n = 0; n < most_n; n++) {
        if (geo_watch_stopped(p->w->options->watch))
            return STOPPED;
        if (n > 0) {
            p->branched = true;
            geo_lp_set_bounds(p->lp, p->low, p->high);
            v = solve(p, true, &bound);
        }
        if (v != DEAD && v != ALIVE)
            return GAVE_UP;
        outcome next = NOTHING;
        if (v == ALIVE && bound < best) {
            if (!geo_part_note_point(p, geo_lp_point(p->lp))) {
                next = split(p, geo_lp_point(p->lp));
                if (next == NOTHING)
                    return GAVE_UP;
            } else if (any) {
                return FOUND;
            } else {
                best = fmin(best, cost_of_point(p));
                if (bound < best) /* its prices do not prove it the best */
                    return GAVE_UP;
            }
        }
        if (next == NO_MEMORY)
            return NO_MEMORY;
        if (next == NOTHING && !go_back(p)) {
            *least = best;
            return isinf(best) ? NOTHING : FOUND;
        }
    }
    return GAVE_UP;
}

/*
 * The same with the cells held that are the same in the programme's solution and in the last whole point: beside that a point as good as
 * the solution is most often found in a few steps.
 */
static outcome search_near(geo_part *p, double best, bool any, double *least)
{
    const size_t bytes = p->cells_n * sizeof *p->low;
    const double *point = geo_lp_point(p->lp);
    memcpy(p->was_low, p->low, bytes);
    memcpy(p->was_high, p->high, bytes);
    for (size_t i = 0; i < p->cells_n; i++)
        if (fabs(point[i] - p->known[i]) <= FRACTION)
            p->low[i] = p->high[i] = p->known[i];
    const outcome o = search_branches(p, best, any, PROGRAMMES_NEAR, least);
    p->branches.n = 0;
    memcpy(p->low, p->was_low, bytes);
    memcpy(p->high, p->was_high, bytes);
    leave(p);
    return o;
}

/* The least of p->cost; best: what some point is known to cost. any: the first point will do. */
static outcome search(geo_part *p, double best, bool any, double *least)
{
    if (geo_watch_stopped(p->w->options->watch))
        return STOPPED;
    const verdict v = solve(p, !p->solved, least);
    p->solved = true;
    if (v != ALIVE)
        return v == DEAD ? NOTHING : v == NO_END ? ENDLESS : GAVE_UP;
    const bool knows = p->seen_low[0] <= p->seen_high[0], fits = geo_part_note_point(p, geo_lp_point(p->lp));
    if (!p->w->options->whole)
        return FOUND;
    if (fits || !p->kept) /* from whole points the next solutions are whole more often */
        geo_lp_keep(p->lp);
    p->kept = true;
    outcome o;
    if (!fits && knows && *least < best) {
        double near = *least;
        o = search_near(p, best, any, &near);
        if (o == STOPPED || o == NO_MEMORY || (o == FOUND && (any || near == *least)))
            return o;
        best = o == FOUND ? near : best;
        double again;
        if (solve(p, false, &again) != ALIVE)
            return GAVE_UP;
    }
    o = search_branches(p, best, any, PROGRAMMES_LEAST + PROGRAMMES_OF_CELLS / p->cells_n, least);
    leave(p);
    return o;
}

static geo_status failed(outcome o)
{
    return o == NOTHING ? GEO_EFORMAT : o == STOPPED ? GEO_ESTOP : o == NO_MEMORY ? GEO_ENOMEM : GEO_OK;
}

/* Move all cells of which this bound is open towards it, as long as that settles many. */
static geo_status find_many(geo_part *p, uint8_t side)
{
    const size_t *open_n = side == GEO_PART_LOW ? &p->open_low_n : &p->open_high_n;
    const double *bounds = side == GEO_PART_LOW ? p->low : p->high;
    size_t before;
    do {
        before = *open_n;
        for (size_t i = 0; i < p->cells_n; i++)
            p->cost[i] = !(p->open[i] & side) || isinf(bounds[i]) ? 0 : side == GEO_PART_LOW ? 1 : -1;
        double least;
        const geo_status st = failed(search(p, INFINITY, true, &least));
        if (st != GEO_OK)
            return st;
    } while (*open_n && before - *open_n > before / WORTH_AGAIN);
    return GEO_OK;
}

static geo_status find_one(geo_part *p, size_t i, uint8_t side)
{
    geo_attack_work *w = p->w;
    const uint32_t c = p->cells[i];
    const double sign = side == GEO_PART_LOW ? 1 : -1, seen = side == GEO_PART_LOW ? p->seen_low[i] : -p->seen_high[i];
    memset(p->cost, 0, p->cells_n * sizeof *p->cost);
    p->cost[i] = sign;
    double least;
    const outcome o = search(p, w->options->whole ? seen : INFINITY, false, &least);
    const geo_status st = failed(o);
    if (st != GEO_OK)
        return st;
    if (o == GAVE_UP || (o == ENDLESS && isfinite(side == GEO_PART_LOW ? w->low[c] : w->high[c])))
        w->state[c] |= GEO_ATTACK_RELAXED;
    if (side == GEO_PART_LOW && least > w->low[c])
        w->low[c] = least;
    if (side == GEO_PART_HIGH && -least < w->high[c])
        w->high[c] = -least;
    geo_part_close(p, i, side);
    return GEO_OK;
}

/* Equations that form a tree: narrowing has found sharp bounds already. */
static bool is_tree(const geo_attack_work *w, const geo_attack_parts *parts, size_t which)
{
    size_t terms_n = 0;
    for (size_t i = parts->cell_at[which]; i < parts->cell_at[which + 1]; i++)
        terms_n += w->at[parts->cells[i] + 1] - w->at[parts->cells[i]];
    const size_t cells_n = parts->cell_at[which + 1] - parts->cell_at[which];
    return terms_n == cells_n + (parts->equation_at[which + 1] - parts->equation_at[which]) - 1;
}

/* The most of each first: of the few that cannot hold enough the least too. */
static geo_status find_small(geo_part *p)
{
    static const uint8_t SIDES[] = {GEO_PART_HIGH, GEO_PART_LOW};
    geo_status st = GEO_OK;
    for (size_t s = 0; st == GEO_OK && s < 2; s++) {
        if (s == 0 ? p->open_high_n : p->open_low_n)
            st = find_many(p, SIDES[s]);
        for (size_t i = 0; st == GEO_OK && i < p->cells_n; i++)
            if (p->open[i] & SIDES[s])
                st = find_one(p, i, SIDES[s]);
    }
    return st;
}

static geo_status find_all(geo_part *p)
{
    p->lp = geo_lp_new((int)p->cells_n, (int)p->rows_n, p->start, p->row, p->factor, p->low, p->high, p->sum);
    if (p->lp && p->w->options->enough > 0)
        return find_small(p);
    geo_status st = p->lp ? find_many(p, GEO_PART_LOW) : GEO_ENOMEM;
    if (st == GEO_OK)
        st = find_many(p, GEO_PART_HIGH);
    for (size_t i = 0; st == GEO_OK && i < p->cells_n; i++) {
        if (p->open[i] & GEO_PART_LOW)
            st = find_one(p, i, GEO_PART_LOW);
        if (st == GEO_OK && (p->open[i] & GEO_PART_HIGH))
            st = find_one(p, i, GEO_PART_HIGH);
    }
    return st;
}

geo_status geo_attack_part(geo_attack_work *w, const geo_attack_parts *parts, size_t which, bool converged)
{
    if (converged && is_tree(w, parts, which))
        return GEO_OK;
    geo_part p;
    geo_status st = geo_part_init(&p, w, parts, which) ? GEO_OK : GEO_ENOMEM;
    if (st == GEO_OK && p.open_low_n)
        st = find_all(&p);
    geo_part_clear(&p);
    return st;
}
