/*
 * The equations solved for one cell after another, in a given order.
 *
 * Each step takes the shortest equation that still holds the cell and puts it into the others. An equation waits in the list of its first
 * cell, so nothing is looked for; and since all cells before have been put in already, all equations that hold a cell have it first.
 */
#include "suppress.h"

#define NONE UINT32_MAX

typedef struct solving {
    geo_relations *r;
    geo_vec rows;   /* geo_terms */
    uint32_t *next; /* by row: the next that waits for the same cell */
    uint32_t *head; /* by place: the rows that wait for it */
    geo_terms_work work;
} solving;

static int by_place(const void *pa, const void *pb)
{
    const uint32_t a = ((const geo_term *)pa)->of, b = ((const geo_term *)pb)->of;
    return (a > b) - (a < b);
}

static void wait_for_first(solving *s, uint32_t row)
{
    const geo_terms *t = (const geo_terms *)s->rows.items + row;
    if (t->n == 0)
        return;
    s->next[row] = s->head[t->at[0].of];
    s->head[t->at[0].of] = row;
}

/* -first + the sum of the others = 0, in the order of solving. */
static bool take_equations(solving *s, const geo_equations *e)
{
    geo_vec terms = {0};
    bool ok = geo_vec_reserve(&s->rows, e->n + 1, sizeof(geo_terms));
    for (size_t i = 0; ok && i < e->n; i++) {
        terms.n = 0;
        ok = geo_vec_reserve(&terms, e->at[i + 1] - e->at[i], sizeof(geo_term));
        if (!ok)
            break;
        geo_term *t = terms.items;
        for (size_t k = e->at[i]; k < e->at[i + 1]; k++)
            t[terms.n++] = (geo_term){k == e->at[i] ? GEO_PRIME - 1 : 1, s->r->place_of[e->cells[k]]};
        qsort(t, terms.n, sizeof *t, by_place);
        geo_terms *row = (geo_terms *)s->rows.items + s->rows.n;
        *row = (geo_terms){0};
        s->rows.n++;
        ok = geo_terms_set(row, t, terms.n);
        wait_for_first(s, (uint32_t)i);
    }
    geo_vec_clear(&terms);
    return ok;
}

/* The shortest of the rows that wait for a cell; of equals the one with the lowest number. */
static uint32_t shortest(const solving *s, uint32_t place)
{
    const geo_terms *rows = s->rows.items;
    uint32_t best = s->head[place];
    for (uint32_t i = s->next[best]; i != NONE; i = s->next[i])
        if (rows[i].n < rows[best].n || (rows[i].n == rows[best].n && i < best))
            best = i;
    return best;
}

static bool solve_for(solving *s, uint32_t place)
{
    if (s->head[place] == NONE)
        return true;
    geo_terms *rows = s->rows.items;
    const uint32_t chosen = shortest(s, place);
    geo_terms *as = &rows[chosen];
    const uint64_t scale = geo_mod_minus(geo_mod_inverse(as->at[0].factor));
    for (uint32_t k = 0; scale != 1 && k < as->n; k++)
        as->at[k].factor = geo_mod_times(as->at[k].factor, scale);
    for (uint32_t i = s->head[place], next; i != NONE; i = next) {
        next = s->next[i];
        if (i == chosen)
            continue;
        if (!geo_terms_add(&rows[i], rows[i].at[0].factor, as, &s->work))
            return false;
        wait_for_first(s, i);
    }
    s->r->bound[place] = 1;
    s->r->as[place] = *as;
    *as = (geo_terms){0};
    return true;
}

geo_status geo_relations_find(const geo_equations *equations, uint32_t *order, uint32_t frame, const geo_watch *watch, geo_relations *r,
                              geo_err *err)
{
    const size_t n = equations->cells_n;
    *r = (geo_relations){.n = (uint32_t)n, .frame = frame, .cell_of = order};
    solving s = {.r = r};
    geo_status st = GEO_ENOMEM;
    r->place_of = malloc((n + 1) * sizeof *r->place_of);
    r->bound = calloc(n + 1, 1);
    r->as = calloc(n + 1, sizeof *r->as);
    s.next = malloc((equations->n + 1) * sizeof *s.next);
    s.head = malloc((n + 1) * sizeof *s.head);
    if (!r->place_of || !r->bound || !r->as || !s.next || !s.head)
        goto done;
    for (size_t i = 0; i < n; i++) {
        r->place_of[order[i]] = (uint32_t)i;
        s.head[i] = NONE;
    }
    if (!take_equations(&s, equations))
        goto done;
    for (uint32_t i = 0; i < n; i++) {
        if (i % 256 == 0 && geo_watch_stopped(watch)) {
            st = GEO_ESTOP;
            goto done;
        }
        if (!solve_for(&s, i))
            goto done;
    }
    st = GEO_OK;
done:
    for (size_t i = 0; i < s.rows.n; i++)
        geo_terms_free((geo_terms *)s.rows.items + i);
    geo_vec_clear(&s.rows);
    geo_terms_work_clear(&s.work);
    free(s.head);
    free(s.next);
    return st == GEO_ENOMEM ? geo_err_nomem(err) : st == GEO_ESTOP ? geo_err_set(err, st, "interrupted") : st;
}

void geo_relations_clear(geo_relations *r)
{
    for (size_t i = 0; r->as && i < r->n; i++)
        geo_terms_free(&r->as[i]);
    free(r->as);
    free(r->bound);
    free(r->place_of);
    free(r->cell_of);
    *r = (geo_relations){0};
}
