/*
 * Which cells can be published, from the most to the least worth publishing.
 *
 * The frame (unsafe cells, and those that somebody knows) comes first in the order of free cells. So a candidate that does not follow from
 * the frame and the candidates before it can be published at once: no unsafe cell could follow from it that did not before. Any other is,
 * given what has been published so far, a combination of frame cells. It may be published unless it is a multiple of an unsafe one; then
 * one variable is put in terms of the others everywhere.
 *
 * Whether combinations are multiples of each other is asked of prints: their values at three random points. Multiples always have prints
 * that are multiples, so nothing is overlooked; others do by chance once in 2^60, and then hide a cell more.
 */
#include "suppress.h"

#include "geo/random.h"

#define NONE GEO_HIDDEN_NONE

typedef struct print {
    uint64_t at[3];
} print;

typedef struct combination {
    geo_terms terms;
    print print;
} combination;

typedef struct search {
    const uint8_t *role; /* by cell */
    const geo_relations *relations;
    geo_hidden *hidden;
    geo_vec prints;     /* print, by row */
    geo_vec roles;      /* uint8_t, by row */
    geo_vec *column;    /* by variable, uint32_t: the rows that hold it, and some that no longer do */
    uint32_t *column_n; /* by variable: how many do */
    print *point;       /* by variable */
    uint64_t *sum;      /* by variable: of the combination that is being made; 0 between */
    geo_vec touched;    /* uint32_t: variables with a sum */
    combination now, rest;
    geo_terms_work work;
    bool any_known;
} search;

static geo_terms *row(const search *s, uint32_t i)
{
    return (geo_terms *)s->hidden->rows.items + i;
}

static print *print_of(const search *s, uint32_t i)
{
    return (print *)s->prints.items + i;
}

static uint8_t role_of(const search *s, uint32_t i)
{
    return ((const uint8_t *)s->roles.items)[i];
}

static bool is_zero(const print *p)
{
    return !p->at[0] && !p->at[1] && !p->at[2];
}

static void print_add(print *to, uint64_t factor, const print *p)
{
    for (int i = 0; i < 3; i++)
        to->at[i] = geo_mod_add(to->at[i], geo_mod_times(factor, p->at[i]));
}

static uint64_t minor(const print *p, const print *q, int i, int k)
{
    return geo_mod_add(geo_mod_times(p->at[i], q->at[k]), geo_mod_minus(geo_mod_times(p->at[k], q->at[i])));
}

static bool multiples(const print *p, const print *q)
{
    return minor(p, q, 0, 1) == 0;
}

/* Lie three in a plane? */
static bool coplanar(const print *p, const print *q, const print *r)
{
    return geo_mod_add(geo_mod_add(geo_mod_times(p->at[0], minor(q, r, 1, 2)), geo_mod_times(p->at[1], minor(q, r, 2, 0))),
                       geo_mod_times(p->at[2], minor(q, r, 0, 1)))
           == 0;
}

static int by_variable(const void *pa, const void *pb)
{
    const uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    return (a > b) - (a < b);
}

/* s->sum += factor * terms */
static bool sum_add(search *s, uint64_t factor, const geo_terms *terms)
{
    if (!geo_vec_reserve(&s->touched, terms->n, sizeof(uint32_t)))
        return false;
    for (uint32_t i = 0; i < terms->n; i++) {
        const uint32_t v = terms->at[i].of;
        /* listed twice when it is cancelled and comes back, which does no harm */
        if (s->sum[v] == 0)
            ((uint32_t *)s->touched.items)[s->touched.n++] = v;
        s->sum[v] = geo_mod_add(s->sum[v], geo_mod_times(factor, terms->at[i].factor));
    }
    return true;
}

/* The sum in order into terms; all zero again after that. */
static bool sum_take(search *s, geo_terms *terms)
{
    uint32_t *v = s->touched.items;
    geo_vec *out = &s->work.sum;
    out->n = 0;
    const bool ok = geo_vec_reserve(out, s->touched.n, sizeof(geo_term));
    if (s->touched.n > 1)
        qsort(v, s->touched.n, sizeof *v, by_variable);
    for (size_t i = 0; i < s->touched.n; i++) {
        if (ok && s->sum[v[i]])
            ((geo_term *)out->items)[out->n++] = (geo_term){s->sum[v[i]], v[i]};
        s->sum[v[i]] = 0;
    }
    s->touched.n = 0;
    return ok && geo_terms_set(terms, out->items, out->n);
}

/* What a cell is, given what has been published, into *to. The terms are only made when they are not all zero. */
static bool combine(search *s, uint32_t cell, combination *to)
{
    const geo_relations *r = s->relations;
    const geo_hidden *h = s->hidden;
    const uint32_t place = r->place_of[cell];
    to->print = (print){{0}};
    to->terms.n = 0;
    const geo_terms alone = {.at = &(geo_term){1, place}, .n = 1}; /* of the frame: it has a row */
    const bool framed = place >= r->frame && h->row_of[cell] != NONE;
    const geo_terms *as = framed ? &alone : &r->as[place];
    const uint32_t first = framed ? 0 : 1;
    for (uint32_t i = first; i < as->n; i++) {
        const uint32_t other = r->cell_of[as->at[i].of];
        if (h->row_of[other] != NONE)
            print_add(&to->print, geo_mod_times(as->at[i].factor, h->factor_of[other]), print_of(s, h->row_of[other]));
    }
    if (is_zero(&to->print))
        return true;
    bool ok = true;
    for (uint32_t i = first; ok && i < as->n; i++) {
        const uint32_t other = r->cell_of[as->at[i].of];
        if (h->row_of[other] != NONE)
            ok = sum_add(s, geo_mod_times(as->at[i].factor, h->factor_of[other]), row(s, h->row_of[other]));
    }
    return sum_take(s, &to->terms) && ok;
}

/* A row of its own for a cell. */
static bool add_row(search *s, uint32_t cell, const combination *c, uint8_t role)
{
    geo_hidden *h = s->hidden;
    const uint32_t i = (uint32_t)h->rows.n;
    const geo_terms empty = {0};
    if (!geo_vec_append(&h->rows, &empty, 1, sizeof empty) || !geo_terms_set(row(s, i), c->terms.at, c->terms.n)
        || !geo_vec_append(&s->prints, &c->print, 1, sizeof c->print) || !geo_vec_append(&s->roles, &role, 1, 1))
        return false;
    for (uint32_t k = 0; k < c->terms.n; k++) {
        const uint32_t v = c->terms.at[k].of;
        if (!geo_vec_append(&s->column[v], &i, 1, sizeof i))
            return false;
        s->column_n[v]++;
    }
    h->row_of[cell] = i;
    h->factor_of[cell] = 1;
    return true;
}

/* Rows of the frame; those that others determine after the others. */
static bool make_frame(search *s)
{
    const geo_relations *r = s->relations;
    for (uint32_t place = r->n; place-- > r->frame;) {
        const uint32_t cell = r->cell_of[place], v = place - r->frame;
        bool ok;
        if (r->bound[place]) {
            ok = combine(s, cell, &s->now);
        } else {
            ok = geo_terms_set(&s->now.terms, &(geo_term){1, v}, 1);
            s->now.print = s->point[v];
        }
        if (!ok || !add_row(s, cell, &s->now, s->role[cell]))
            return false;
        s->any_known |= (s->role[cell] & ROLE_KNOWN) != 0;
    }
    return true;
}

/* The variable of a combination that the fewest rows hold. */
static uint32_t rarest(const search *s, const geo_terms *terms)
{
    uint32_t best = terms->at[0].of;
    for (uint32_t k = 1; k < terms->n; k++)
        if (s->column_n[terms->at[k].of] < s->column_n[best])
            best = terms->at[k].of;
    return best;
}

/* An unsafe row that is a multiple of a combination, or NONE. v is a variable of it. */
static uint32_t unsafe_multiple(const search *s, const combination *c, uint32_t v)
{
    const uint32_t *in = s->column[v].items;
    uint32_t found = NONE;
    for (size_t k = 0; k < s->column[v].n; k++)
        if ((role_of(s, in[k]) & ROLE_UNSAFE) && !is_zero(print_of(s, in[k])) && multiples(&c->print, print_of(s, in[k]))
            && (found == NONE || !(role_of(s, in[k]) & (ROLE_FOR_SINGLE | ROLE_FOR_WIDTH))))
            found = in[k];
    return found;
}

/* May one who knows the one row not learn the other? */
static bool are_rivals(const search *s, uint32_t a, uint32_t b)
{
    const uint8_t ra = role_of(s, a), rb = role_of(s, b);
    if (a == b || ((ra | rb) & (ROLE_FOR_SINGLE | ROLE_FOR_WIDTH)))
        return false;
    return ((ra & ROLE_KNOWN) && (rb & ROLE_UNSAFE)) || ((rb & ROLE_KNOWN) && (ra & ROLE_UNSAFE));
}

/*
 * Is a combination one of two rows, an unsafe one and one that somebody knows? One of the two holds the variable v. If the other does not,
 * then what is left when v is cancelled is a multiple of the other.
 */
static bool gives_to_knower(search *s, const combination *c, uint32_t v, bool *gives)
{
    const uint32_t *in = s->column[v].items;
    const size_t in_n = s->column[v].n;
    const uint64_t of_c = geo_terms_factor(&c->terms, v);
    *gives = false;
    for (size_t i = 0; i < in_n; i++) {
        const uint64_t of_x = geo_terms_factor(row(s, in[i]), v);
        if (!of_x || !(role_of(s, in[i]) & (ROLE_UNSAFE | ROLE_KNOWN)))
            continue;
        for (size_t k = i + 1; k < in_n; k++)
            if (are_rivals(s, in[i], in[k]) && coplanar(&c->print, print_of(s, in[i]), print_of(s, in[k]))
                && !multiples(print_of(s, in[i]), print_of(s, in[k])) && geo_terms_factor(row(s, in[k]), v)) {
                *gives = true;
                return true;
            }
        const uint64_t factor = geo_mod_minus(geo_mod_times(of_c, geo_mod_inverse(of_x)));
        s->rest.print = c->print;
        print_add(&s->rest.print, factor, print_of(s, in[i]));
        if (!geo_terms_set(&s->rest.terms, c->terms.at, c->terms.n) || !geo_terms_add(&s->rest.terms, factor, row(s, in[i]), &s->work))
            return false;
        if (s->rest.terms.n == 0)
            continue;
        const uint32_t w = rarest(s, &s->rest.terms);
        const uint32_t *others = s->column[w].items;
        for (size_t k = 0; k < s->column[w].n; k++)
            if (are_rivals(s, in[i], others[k]) && !is_zero(print_of(s, others[k])) && multiples(&s->rest.print, print_of(s, others[k]))) {
                *gives = true;
                return true;
            }
    }
    return true;
}

/* A combination becomes known: put the variable v in terms of the others. */
static bool publish(search *s, const combination *c, uint32_t v)
{
    const uint64_t per = geo_mod_minus(geo_mod_inverse(geo_terms_factor(&c->terms, v)));
    geo_vec in = s->column[v];
    s->column[v] = (geo_vec){0};
    bool ok = true;
    for (size_t i = 0; ok && i < in.n; i++) {
        const uint32_t at = ((const uint32_t *)in.items)[i];
        const uint64_t factor = geo_mod_times(per, geo_terms_factor(row(s, at), v));
        if (factor == 0)
            continue;
        ok = geo_terms_add(row(s, at), factor, &c->terms, &s->work);
        print_add(print_of(s, at), factor, &c->print);
        const uint32_t *fresh = s->work.fresh.items, *gone = s->work.gone.items;
        for (size_t k = 0; ok && k < s->work.fresh.n; k++) {
            ok = geo_vec_append(&s->column[fresh[k]], &at, 1, sizeof at);
            s->column_n[fresh[k]]++;
        }
        for (size_t k = 0; ok && k < s->work.gone.n; k++)
            s->column_n[gone[k]]--;
    }
    geo_vec_clear(&in);
    return ok;
}

static bool decide(search *s, uint32_t cell, uint8_t *fate)
{
    geo_hidden *h = s->hidden;
    const bool framed = h->row_of[cell] != NONE;
    combination *c = &s->now;
    *fate = FATE_SHOWN;
    if (!combine(s, cell, c))
        return false;
    if (c->terms.n) {
        const uint32_t v = rarest(s, &c->terms);
        const uint32_t reveals = unsafe_multiple(s, c, v);
        if (reveals != NONE) {
            const uint8_t role = role_of(s, reveals);
            *fate = role & ROLE_FOR_SINGLE ? FATE_HIDDEN_SINGLE : role & ROLE_FOR_WIDTH ? FATE_HIDDEN_WIDTH : FATE_HIDDEN;
            if (!framed) {
                h->row_of[cell] = reveals;
                h->factor_of[cell] = geo_mod_times(c->print.at[0], geo_mod_inverse(print_of(s, reveals)->at[0]));
            }
            return true;
        }
        bool gives = false;
        if (s->any_known && !gives_to_knower(s, c, v, &gives))
            return false;
        if (gives) {
            *fate = FATE_HIDDEN_SINGLE;
            return framed || add_row(s, cell, c, 0);
        }
        if (!publish(s, c, v))
            return false;
    }
    h->row_of[cell] = NONE;
    return true;
}

/* Numbers that need not be secret: whoever knew them could only make us hide more. */
static void draw_points(search *s)
{
    geo_random r;
    geo_random_init(&r, 0x67656F, 1);
    for (uint32_t v = 0; v < s->hidden->variables_n; v++)
        for (int i = 0; i < 3; i++)
            s->point[v].at[i] = 1 + geo_random_below(&r, GEO_PRIME - 1);
}

static geo_status run(search *s, const uint32_t *candidates, size_t candidates_n, const geo_watch *watch, uint8_t *fate, geo_err *err)
{
    draw_points(s);
    if (!make_frame(s))
        return geo_err_nomem(err);
    for (size_t i = 0; i < candidates_n; i++) {
        if (i % 256 == 0) {
            if (geo_watch_stopped(watch))
                return geo_err_set(err, GEO_ESTOP, "interrupted");
            geo_watch_progress(watch, "cells", (int64_t)i, (int64_t)candidates_n);
        }
        if (!decide(s, candidates[i], &fate[candidates[i]]))
            return geo_err_nomem(err);
    }
    return GEO_OK;
}

static geo_status set_up(search *s, size_t cells_n, geo_err *err)
{
    geo_hidden *h = s->hidden;
    const size_t n = h->variables_n + (size_t)1;
    h->row_of = malloc((cells_n + 1) * sizeof *h->row_of);
    h->factor_of = malloc((cells_n + 1) * sizeof *h->factor_of);
    s->column = calloc(n, sizeof *s->column);
    s->column_n = calloc(n, sizeof *s->column_n);
    s->point = malloc(n * sizeof *s->point);
    s->sum = calloc(n, sizeof *s->sum);
    if (!h->row_of || !h->factor_of || !s->column || !s->column_n || !s->point || !s->sum)
        return geo_err_nomem(err);
    for (size_t i = 0; i < cells_n; i++)
        h->row_of[i] = NONE;
    return GEO_OK;
}

static void tear_down(search *s)
{
    for (uint32_t v = 0; s->column && v < s->hidden->variables_n; v++)
        geo_vec_clear(&s->column[v]);
    free(s->column);
    free(s->column_n);
    free(s->point);
    free(s->sum);
    geo_vec_clear(&s->prints);
    geo_vec_clear(&s->roles);
    geo_vec_clear(&s->touched);
    geo_terms_free(&s->now.terms);
    geo_terms_free(&s->rest.terms);
    geo_terms_work_clear(&s->work);
}

geo_status geo_suppress_search(const geo_equations *equations, uint32_t *order, uint32_t frame, const uint8_t *role,
                               const uint32_t *candidates, size_t candidates_n, const geo_watch *watch, uint8_t *fate, geo_hidden *hidden,
                               geo_err *err)
{
    geo_relations relations;
    search s = {.role = role, .relations = &relations, .hidden = hidden};
    *hidden = (geo_hidden){.variables_n = (uint32_t)equations->cells_n - frame};
    geo_status st = geo_relations_find(equations, order, frame, watch, &relations, err);
    if (st == GEO_OK)
        st = set_up(&s, equations->cells_n, err);
    if (st == GEO_OK)
        st = run(&s, candidates, candidates_n, watch, fate, err);
    tear_down(&s);
    geo_relations_clear(&relations);
    return st;
}

void geo_hidden_clear(geo_hidden *hidden)
{
    for (size_t i = 0; i < hidden->rows.n; i++)
        geo_terms_free((geo_terms *)hidden->rows.items + i);
    geo_vec_clear(&hidden->rows);
    free(hidden->row_of);
    free(hidden->factor_of);
    *hidden = (geo_hidden){0};
}
