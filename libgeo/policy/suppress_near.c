/*
 * Linear programming in neighbourhoods. All hidden cells of a county hang together, and a programme over them takes minutes; but what
 * decides how far a cell can move lies around it. Each neighbourhood becomes a small system of its own, and all are solved at once.
 */
#include "suppress_near.h"

#include "geo/attack.h"

#include <math.h>

#define NONE UINT32_MAX

bool geo_cell_index_make(geo_cell_index *index, const geo_equations *e)
{
    const size_t terms_n = e->n ? e->at[e->n] : 0;
    index->at = calloc(e->cells_n + 2, sizeof *index->at);
    index->of = malloc((terms_n + 1) * sizeof *index->of);
    if (!index->at || !index->of)
        return false;
    size_t *end = index->at + 1; /* of each cell; goes down to its start as the equations are filled in */
    for (size_t k = 0; k < terms_n; k++)
        end[e->cells[k]]++;
    for (size_t c = 1; c < e->cells_n; c++)
        end[c] += end[c - 1];
    for (size_t i = e->n; i-- > 0;)
        for (size_t k = e->at[i]; k < e->at[i + 1]; k++)
            index->of[--end[e->cells[k]]] = (uint32_t)i;
    memmove(index->at, end, e->cells_n * sizeof *end);
    index->at[e->cells_n] = terms_n;
    return true;
}

void geo_cell_index_clear(geo_cell_index *index)
{
    free(index->at);
    free(index->of);
    *index = (geo_cell_index){0};
}

typedef struct local_cell {
    double low, high;
    uint32_t is; /* cell of the tables that is asked for, or NONE */
} local_cell;

typedef struct system_of {
    const geo_near *near;
    const geo_equations *e;
    const double *value;
    const uint8_t *wanted;
    uint32_t round;               /* number of the neighbourhood, from 1 */
    uint32_t *cell_round, *local; /* by cell: the last neighbourhood it was in, and its number there */
    uint32_t *equation_round, *variable_round;
    uint8_t *asked;           /* by cell: in the inner half of a neighbourhood */
    geo_vec line;             /* uint32_t: the neighbourhood, from the middle outwards */
    geo_vec at, parts, cells; /* size_t, uint32_t, local_cell: the systems */
} system_of;

static bool is_in(const system_of *s, uint32_t c)
{
    return s->cell_round[c] == s->round;
}

static bool add_cell(system_of *s, double low, double high, uint32_t is, uint32_t *number)
{
    *number = (uint32_t)s->cells.n;
    return s->cells.n < NONE && geo_vec_append(&s->cells, &(local_cell){low, high, is}, 1, sizeof(local_cell));
}

static bool take_in(system_of *s, uint32_t c)
{
    if (is_in(s, c))
        return true;
    s->cell_round[c] = s->round;
    return add_cell(s, 0, INFINITY, NONE, &s->local[c]) && geo_vec_append(&s->line, &c, 1, sizeof c);
}

/* The cells that change together with one. */
static bool take_in_around(system_of *s, uint32_t c, uint32_t largest, bool *all)
{
    const geo_hidden *h = s->near->hidden;
    const geo_changes *x = s->near->changes;
    const geo_terms *row = (const geo_terms *)h->rows.items + h->row_of[c];
    for (uint32_t k = 0; k < row->n; k++) {
        const uint32_t v = row->at[k].of;
        if (s->variable_round[v] == s->round)
            continue;
        if (s->line.n + (x->at[v + 1] - x->at[v]) > largest) {
            *all = false;
            continue;
        }
        s->variable_round[v] = s->round;
        for (size_t j = x->at[v]; j < x->at[v + 1]; j++)
            if (!take_in(s, x->changes[j].cell))
                return false;
    }
    return true;
}

/*
 * Does what hangs together with a cell matter? Where no width is demanded a cell stands in the way only when it is at 0: then what moves it
 * up may help, and without all that moves any zero in the way nothing can be said for certain.
 */
static bool matters(const system_of *s, uint32_t c, uint32_t from)
{
    const geo_suppress_options *o = s->near->options;
    return o->low || o->high || c == from || s->value[c] == 0;
}

/* A neighbourhood, the nearest cells first. */
static bool gather(system_of *s, uint32_t from, uint32_t largest, bool *all)
{
    s->round++;
    s->line.n = 0;
    *all = true;
    bool ok = take_in(s, from);
    for (size_t at = 0; ok && at < s->line.n; at++) {
        const uint32_t c = ((const uint32_t *)s->line.items)[at];
        if (matters(s, c, from))
            ok = take_in_around(s, c, largest, all);
    }
    return ok;
}

static bool add_part(system_of *s, uint32_t number)
{
    return geo_vec_append(&s->parts, &number, 1, sizeof number);
}

static bool add_known(system_of *s, double v)
{
    uint32_t number;
    return add_cell(s, fmax(0, v), fmax(0, v), NONE, &number) && add_part(s, number);
}

/* An equation of the neighbourhood's, with what is known or keeps its value in one cell. */
static bool add_equation(system_of *s, uint32_t i)
{
    const geo_equations *e = s->e;
    const uint32_t total = e->cells[e->at[i]];
    double known = 0;
    for (size_t k = e->at[i] + 1; k < e->at[i + 1]; k++)
        known += is_in(s, e->cells[k]) ? 0 : s->value[e->cells[k]];
    if (!(is_in(s, total) ? add_part(s, s->local[total]) && add_known(s, known) : add_known(s, s->value[total] - known)))
        return false;
    for (size_t k = e->at[i] + 1; k < e->at[i + 1]; k++)
        if (is_in(s, e->cells[k]) && !add_part(s, s->local[e->cells[k]]))
            return false;
    return geo_vec_append(&s->at, &s->parts.n, 1, sizeof s->parts.n);
}

static bool add_neighbourhood(system_of *s, uint32_t from, uint32_t largest, uint8_t *complete)
{
    bool all;
    if (!gather(s, from, largest, &all))
        return false;
    const uint32_t *line = s->line.items;
    for (size_t at = 0; at < s->line.n; at++) {
        for (size_t k = s->near->index->at[line[at]]; k < s->near->index->at[line[at] + 1]; k++) {
            const uint32_t i = s->near->index->of[k];
            if (s->equation_round[i] == s->round)
                continue;
            s->equation_round[i] = s->round;
            if (!add_equation(s, i))
                return false;
        }
        const uint32_t c = line[at];
        if (s->wanted[c] && !s->asked[c] && matters(s, c, from) && (all || at <= s->line.n / 2)) {
            s->asked[c] = 1;
            ((local_cell *)s->cells.items)[s->local[c]].is = c;
            complete[c] = all;
        }
    }
    return true;
}

static bool make_systems(system_of *s, uint32_t largest, uint8_t *complete)
{
    const size_t none = 0;
    s->cell_round = calloc(s->e->cells_n + 1, sizeof *s->cell_round);
    s->local = malloc((s->e->cells_n + 1) * sizeof *s->local);
    s->equation_round = calloc(s->e->n + 1, sizeof *s->equation_round);
    s->variable_round = calloc((size_t)s->near->hidden->variables_n + 1, sizeof *s->variable_round);
    s->asked = calloc(s->e->cells_n + 1, 1);
    bool ok =
        s->cell_round && s->local && s->equation_round && s->variable_round && s->asked && geo_vec_append(&s->at, &none, 1, sizeof none);
    for (uint32_t c = 0; ok && c < s->e->cells_n; c++)
        if (s->wanted[c] && !s->asked[c])
            ok = add_neighbourhood(s, c, largest, complete);
    return ok;
}

static geo_status solve(system_of *s, double *low, double *high, uint8_t *complete, geo_err *err)
{
    const size_t n = s->cells.n;
    const local_cell *cells = s->cells.items;
    double *l = malloc((n + 1) * sizeof *l), *h = malloc((n + 1) * sizeof *h);
    uint8_t *wanted = calloc(n + 1, 1);
    geo_status st = l && h && wanted ? GEO_OK : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < n; i++) {
        l[i] = cells[i].low;
        h[i] = cells[i].high;
        wanted[i] = cells[i].is != NONE;
    }
    if (st == GEO_OK) {
        const geo_equations all = {.cells_n = n, .n = s->at.n - 1, .at = s->at.items, .cells = s->parts.items};
        const geo_suppress_options *options = s->near->options;
        const geo_attack_options ask = {.whole = s->near->whole, .wanted = wanted, .threads = options->threads, .watch = options->watch};
        geo_attack_report report;
        st = geo_attack(&all, &ask, l, h, NULL, &report, err);
    }
    const bool fits = st != GEO_EFORMAT; /* sums that are rounded may fit less well than the programmes want: then nothing is found */
    st = fits ? st : GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < n; i++) {
        const uint32_t c = cells[i].is;
        if (c == NONE)
            continue;
        complete[c] &= fits;
        low[c] = fits ? fmin(low[c], l[i]) : low[c];
        high[c] = fits ? fmax(high[c], h[i]) : high[c];
    }
    free(wanted);
    free(h);
    free(l);
    return st;
}

geo_status geo_suppress_bounds_near(const geo_near *near, const uint8_t *wanted, uint32_t largest, double *low, double *high,
                                    uint8_t *complete, geo_err *err)
{
    system_of s = {.near = near, .e = near->equations, .value = near->value, .wanted = wanted};
    const geo_status st = make_systems(&s, largest, complete) ? solve(&s, low, high, complete, err) : geo_err_nomem(err);
    geo_vec_clear(&s.cells);
    geo_vec_clear(&s.parts);
    geo_vec_clear(&s.at);
    geo_vec_clear(&s.line);
    free(s.asked);
    free(s.variable_round);
    free(s.equation_round);
    free(s.local);
    free(s.cell_round);
    return st;
}
