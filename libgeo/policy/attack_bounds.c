/*
 * Bounds of the cells of one part by programmes.
 *
 * First many cells at once are made as small, and as large, as they can be: what reaches the bound that narrowing had found is settled.
 * Then one programme for each bound that is left, from the solution of the last one. Where whole numbers are wanted and the solver's are
 * not, a search by branches goes on until the bound is proved, or too many programmes have been solved.
 */
#include "attack_part.h"

/* Programmes in the search for one bound in whole numbers. */
#define PROGRAMMES_EACH 400
/* Cells are moved all together again while this share of the open bounds is settled by it. */
#define WORTH_AGAIN 16

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

/* Out of the branches until one has a second way; false: none has. */
static bool go_back(geo_part *p)
{
    while (p->branches.n) {
        branch *b = (branch *)p->branches.items + p->branches.n - 1;
        p->low[b->cell] = b->low;
        p->high[b->cell] = b->high;
        if (!b->second) {
            p->low[b->cell] = b->other_low;
            p->high[b->cell] = b->other_high;
            b->second = true;
            return true;
        }
        p->branches.n--;
    }
    return false;
}

static void leave_branches(geo_part *p)
{
    if (!p->branches.n)
        return;
    for (; p->branches.n; p->branches.n--) {
        const branch *b = (const branch *)p->branches.items + p->branches.n - 1;
        p->low[b->cell] = b->low;
        p->high[b->cell] = b->high;
    }
    geo_lp_set_bounds(p->lp, p->low, p->high);
}

/* Split at the cell furthest from a whole number, the nearer side first; false: memory. *split: there was one. */
static bool go_on(geo_part *p, const double *point, bool *split)
{
    size_t at = 0;
    double furthest = 1e-7; /* the solver's tolerance */
    for (size_t i = 0; i < p->cells_n; i++) {
        const double away = fabs(point[i] - rint(point[i]));
        if (away > furthest) {
            furthest = away;
            at = i;
        }
    }
    *split = furthest > 1e-7;
    if (!*split)
        return true;
    const double below = floor(point[at]);
    const bool down = point[at] - below < 0.5;
    branch b = {.cell = (uint32_t)at, .low = p->low[at], .high = p->high[at], .other_low = p->low[at], .other_high = p->high[at]};
    *(down ? &p->high[at] : &b.other_high) = below;
    *(down ? &b.other_low : &p->low[at]) = below + 1;
    return geo_vec_append(&p->branches, &b, 1, sizeof b);
}

static double cost_of_point(const geo_part *p)
{
    double cost = 0;
    for (size_t i = 0; i < p->cells_n; i++)
        cost += p->cost[i] != 0 ? p->cost[i] * p->point[i] : 0;
    return cost;
}

/* What one programme says of where the search is. */
typedef enum verdict { DEAD, ALIVE, UNKNOWN } verdict;

static verdict judge(geo_part *p, geo_lp_end end, bool whole, double *least)
{
    *least = -INFINITY;
    if (end == GEO_LP_NONE)
        return geo_part_is_empty(p) ? DEAD : UNKNOWN;
    if (end != GEO_LP_BEST)
        return UNKNOWN;
    *least = geo_part_least_cost(p, p->cost, geo_lp_prices(p->lp));
    if (whole)
        *least = ceil(*least);
    return ALIVE;
}

/* The least of p->cost; best: a cost that some point is known to have. any: the first point will do. */
static outcome search(geo_part *p, double best, bool any, double *least)
{
    const bool whole = p->w->options->whole;
    outcome result = GAVE_UP;
    *least = -INFINITY;
    for (int n = 0; n < PROGRAMMES_EACH; n++) {
        if (geo_watch_stopped(p->w->options->watch)) {
            result = STOPPED;
            break;
        }
        if (n > 0)
            geo_lp_set_bounds(p->lp, p->low, p->high);
        const geo_lp_end end = geo_lp_solve(p->lp, p->cost, n > 0 || !p->solved);
        p->solved = true;
        double bound;
        verdict v = judge(p, end, whole, &bound);
        if (n == 0) {
            *least = bound;
            if (end == GEO_LP_ENDLESS)
                return ENDLESS;
        }
        if (v == UNKNOWN)
            break;
        if (v == ALIVE && bound < best) {
            const double *point = geo_lp_point(p->lp);
            const bool fits = geo_part_note_point(p, point);
            if (fits && any) {
                result = FOUND;
                break;
            }
            if (fits && whole)
                best = fmin(best, cost_of_point(p));
            bool split = false;
            if (!whole || (fits && bound < best)) { /* the programme's answer, to its tolerance, is all there is */
                result = whole ? GAVE_UP : FOUND;
                break;
            }
            if (!fits && !go_on(p, point, &split)) {
                result = NO_MEMORY;
                break;
            }
            if (split)
                continue;
            if (!fits)
                break;
        }
        if (!go_back(p)) {
            result = isinf(best) ? NOTHING : FOUND;
            *least = best;
            break;
        }
    }
    leave_branches(p);
    return result;
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
static bool is_tree(const geo_part *p)
{
    return (size_t)p->start[p->cells_n] == p->cells_n + p->rows_n - 1;
}

geo_status geo_attack_part(geo_attack_work *w, const geo_attack_parts *parts, size_t which, bool converged)
{
    geo_part p;
    geo_status st = geo_part_init(&p, w, parts, which) ? GEO_OK : GEO_ENOMEM;
    if (st == GEO_OK && p.open_low_n && !(converged && is_tree(&p))) {
        p.lp = geo_lp_new((int)p.cells_n, (int)p.rows_n, p.start, p.row, p.factor, p.low, p.high, p.sum);
        st = p.lp ? find_many(&p, GEO_PART_LOW) : GEO_ENOMEM;
        if (st == GEO_OK)
            st = find_many(&p, GEO_PART_HIGH);
        for (size_t i = 0; st == GEO_OK && i < p.cells_n; i++) {
            if (p.open[i] & GEO_PART_LOW)
                st = find_one(&p, i, GEO_PART_LOW);
            if (st == GEO_OK && (p.open[i] & GEO_PART_HIGH))
                st = find_one(&p, i, GEO_PART_HIGH);
        }
    }
    geo_part_clear(&p);
    return st;
}
