/*
 * Which hidden cells are linear combinations of the cells given as one number?
 *
 * Those are the cells that are 0 in every vector that the equations of the hidden cells alone send to 0. Elimination finds the cells on
 * which the others depend; these get random numbers, the others follow. A cell that can be anything but 0 then is so, but for a chance of
 * one in 2^60: the arithmetic is modulo a prime near 2^61, so nothing is rounded.
 */
#include "attack.h"

#include "../core/vec.h"
#include "../core/wide.h"
#include "geo/random.h"

#define PRIME (((uint64_t)1 << 61) - 1)
#define PIVOTS_PER_LOOK 64

static uint64_t times(uint64_t a, uint64_t b)
{
    const geo_u128 product = (geo_u128)a * b;
    const uint64_t sum = (uint64_t)(product & PRIME) + (uint64_t)(product >> 61);
    return sum >= PRIME ? sum - PRIME : sum;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    const uint64_t sum = a + b;
    return sum >= PRIME ? sum - PRIME : sum;
}

static uint64_t negative(uint64_t a)
{
    return a ? PRIME - a : 0;
}

/* By Fermat: a^(p - 2). */
static uint64_t inverse(uint64_t a)
{
    if (a == 1 || a == PRIME - 1)
        return a;
    uint64_t power = 1;
    for (uint64_t e = PRIME - 2; e; e >>= 1, a = times(a, a))
        if (e & 1)
            power = times(power, a);
    return power;
}

typedef struct entry {
    uint32_t cell;
    uint64_t factor;
} entry;

typedef struct pivot {
    uint32_t row, cell;
} pivot;

typedef struct candidate {
    uint32_t rows_n, cell;
} candidate;

typedef struct matrix {
    size_t rows_n, cells_n;
    geo_vec *rows;    /* entry, in rising order of their cells */
    geo_vec *columns; /* uint32_t: the rows of a cell, and some that it has left */
    uint32_t *count;  /* rows of a cell that are still to be eliminated */
    uint8_t *gone;    /* rows that were chosen */
    geo_vec alone;    /* uint32_t: rows of one entry, or that were so */
    geo_vec heap;     /* candidate: cells by how many rows they were in */
    geo_vec order;    /* pivot */
    geo_vec merged;   /* entry: scratch */
} matrix;

static void matrix_clear(matrix *m)
{
    for (size_t r = 0; m->rows && r < m->rows_n; r++)
        geo_vec_clear(&m->rows[r]);
    for (size_t c = 0; m->columns && c < m->cells_n; c++)
        geo_vec_clear(&m->columns[c]);
    free(m->rows);
    free(m->columns);
    free(m->count);
    free(m->gone);
    geo_vec_clear(&m->alone);
    geo_vec_clear(&m->heap);
    geo_vec_clear(&m->order);
    geo_vec_clear(&m->merged);
}

/* ---- the cell in the fewest rows: a heap in which a cell may stand more than once, the last time with what is true ---- */

static bool before(candidate a, candidate b)
{
    return a.rows_n != b.rows_n ? a.rows_n < b.rows_n : a.cell < b.cell;
}

static bool heap_push(geo_vec *heap, candidate v)
{
    if (!geo_vec_append(heap, &v, 1, sizeof v))
        return false;
    candidate *h = heap->items;
    size_t i = heap->n - 1;
    for (; i && before(v, h[(i - 1) / 2]); i = (i - 1) / 2)
        h[i] = h[(i - 1) / 2];
    h[i] = v;
    return true;
}

static candidate heap_pop(geo_vec *heap)
{
    candidate *h = heap->items;
    const candidate top = h[0], last = h[--heap->n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < heap->n; i = child) {
        child += child + 1 < heap->n && before(h[child + 1], h[child]);
        if (!before(h[child], last))
            break;
        h[i] = h[child];
    }
    h[i] = last;
    return top;
}

/* ---- rows ---- */

static int by_cell(const void *a, const void *b)
{
    const uint32_t x = ((const entry *)a)->cell, y = ((const entry *)b)->cell;
    return (x > y) - (x < y);
}

/* Its entry for a cell, or NULL. */
static const entry *row_find(const geo_vec *row, uint32_t cell)
{
    const entry key = {.cell = cell};
    return row->n ? bsearch(&key, row->items, row->n, sizeof key, by_cell) : NULL;
}

static bool row_is_alone(matrix *m, uint32_t r)
{
    return m->rows[r].n != 1 || geo_vec_append(&m->alone, &r, 1, sizeof r);
}

static bool matrix_init(matrix *m, const geo_attack_work *w)
{
    const geo_equations *s = w->equations;
    m->rows_n = s->n;
    m->cells_n = s->cells_n;
    m->rows = calloc(s->n + 1, sizeof *m->rows);
    m->columns = calloc(s->cells_n + 1, sizeof *m->columns);
    m->count = calloc(s->cells_n + 1, sizeof *m->count);
    m->gone = calloc(s->n + 1, 1);
    bool ok = m->rows && m->columns && m->count && m->gone;
    for (uint32_t e = 0; ok && e < s->n; e++) {
        for (size_t i = s->at[e]; ok && i < s->at[e + 1]; i++) {
            const uint32_t c = s->cells[i];
            if (!(w->state[c] & GEO_ATTACK_HIDDEN))
                continue;
            const entry v = {c, i == s->at[e] ? PRIME - 1 : 1};
            ok = geo_vec_append(&m->rows[e], &v, 1, sizeof v) && geo_vec_append(&m->columns[c], &e, 1, sizeof e);
            m->count[c]++;
        }
        if (m->rows[e].n)
            qsort(m->rows[e].items, m->rows[e].n, sizeof(entry), by_cell);
        ok = ok && row_is_alone(m, e);
    }
    for (uint32_t c = 0; ok && c < s->cells_n; c++)
        ok = m->count[c] == 0 || heap_push(&m->heap, (candidate){m->count[c], c});
    return ok;
}

/* ---- elimination ---- */

/* A cell has left a row, or a row has been chosen. */
static bool leave(matrix *m, uint32_t cell)
{
    return --m->count[cell] == 0 || heap_push(&m->heap, (candidate){m->count[cell], cell});
}

/* Row r less `factor` times row p. */
static bool subtract(matrix *m, uint32_t r, const geo_vec *p, uint64_t factor)
{
    const entry *a = m->rows[r].items, *a_end = a + m->rows[r].n, *b = p->items, *b_end = b + p->n;
    const uint64_t f = negative(factor);
    m->merged.n = 0;
    if (!geo_vec_reserve(&m->merged, m->rows[r].n + p->n, sizeof *a))
        return false;
    entry *out = m->merged.items;
    size_t n = 0;
    while (a < a_end || b < b_end) {
        if (b == b_end || (a < a_end && a->cell < b->cell)) {
            out[n++] = *a++;
        } else if (a == a_end || b->cell < a->cell) {
            out[n++] = (entry){b->cell, times(f, b->factor)};
            m->count[b->cell]++;
            if (!geo_vec_append(&m->columns[b->cell], &r, 1, sizeof r))
                return false;
            b++;
        } else {
            const uint64_t v = plus(a->factor, times(f, b->factor));
            if (v)
                out[n++] = (entry){a->cell, v};
            else if (!leave(m, a->cell))
                return false;
            a++;
            b++;
        }
    }
    m->rows[r].n = 0;
    return geo_vec_append(&m->rows[r], out, n, sizeof *out) && row_is_alone(m, r);
}

/* Take row p for the cell, and the cell out of the other rows. */
static bool eliminate(matrix *m, uint32_t p, uint32_t cell)
{
    const pivot chosen = {p, cell};
    m->gone[p] = 1;
    geo_vec *row = &m->rows[p];
    entry *v = row->items;
    const uint64_t scale = inverse(row_find(row, cell)->factor);
    for (size_t i = 0; i < row->n; i++) {
        v[i].factor = times(v[i].factor, scale);
        if (!leave(m, v[i].cell))
            return false;
    }
    for (size_t i = 0; i < m->columns[cell].n; i++) {
        const uint32_t r = ((const uint32_t *)m->columns[cell].items)[i];
        const entry *own = m->gone[r] ? NULL : row_find(&m->rows[r], cell);
        if (own && !subtract(m, r, row, own->factor))
            return false;
    }
    geo_vec_clear(&m->columns[cell]);
    return geo_vec_append(&m->order, &chosen, 1, sizeof chosen);
}

/* The next row and cell; a row of one entry first, for it changes nothing else, then the cell in the fewest rows. false: none left. */
static bool choose(matrix *m, uint32_t *row, uint32_t *cell)
{
    while (m->alone.n) {
        const uint32_t r = ((const uint32_t *)m->alone.items)[--m->alone.n];
        if (m->gone[r] || m->rows[r].n != 1)
            continue;
        *row = r;
        *cell = ((const entry *)m->rows[r].items)->cell;
        return true;
    }
    while (m->heap.n) {
        const candidate c = heap_pop(&m->heap);
        if (m->count[c.cell] == 0 || m->count[c.cell] < c.rows_n)
            continue; /* it stands there again with what is true */
        if (m->count[c.cell] > c.rows_n) {
            (void)heap_push(&m->heap, (candidate){m->count[c.cell], c.cell}); /* into the room of the one taken */
            continue;
        }
        size_t shortest = SIZE_MAX;
        for (size_t i = 0; i < m->columns[c.cell].n; i++) {
            const uint32_t r = ((const uint32_t *)m->columns[c.cell].items)[i];
            if (m->gone[r] || m->rows[r].n >= shortest || !row_find(&m->rows[r], c.cell))
                continue;
            shortest = m->rows[r].n;
            *row = r;
        }
        *cell = c.cell;
        return true;
    }
    return false;
}

/* A vector that every row sends to 0, random where it can be. */
static void fill_vector(const matrix *m, uint64_t *x)
{
    geo_random random;
    geo_random_init(&random, PRIME, 0);
    for (size_t c = 0; c < m->cells_n; c++)
        x[c] = 1 + geo_random_below(&random, PRIME - 1);
    for (size_t i = m->order.n; i-- > 0;) {
        const pivot p = ((const pivot *)m->order.items)[i];
        const entry *v = m->rows[p.row].items;
        uint64_t sum = 0;
        for (size_t k = 0; k < m->rows[p.row].n; k++)
            if (v[k].cell != p.cell)
                sum = plus(sum, times(v[k].factor, x[v[k].cell]));
        x[p.cell] = negative(sum);
    }
}

geo_status geo_attack_span(geo_attack_work *w, geo_err *err)
{
    const size_t n = w->equations->cells_n;
    matrix m = {0};
    uint64_t *x = malloc((n + 1) * sizeof *x);
    bool ok = x && matrix_init(&m, w), stopped = false;
    uint32_t row = 0, cell = 0;
    for (size_t pivots_n = 1; ok && !stopped && choose(&m, &row, &cell); pivots_n++) {
        ok = eliminate(&m, row, cell);
        stopped = pivots_n % PIVOTS_PER_LOOK == 0 && geo_watch_stopped(w->options->watch);
    }
    if (ok && !stopped) {
        fill_vector(&m, x);
        for (size_t c = 0; c < n; c++)
            if ((w->state[c] & GEO_ATTACK_HIDDEN) && x[c] == 0)
                w->state[c] |= GEO_ATTACK_SPANNED;
    }
    matrix_clear(&m);
    free(x);
    return stopped ? geo_err_set(err, GEO_ESTOP, "interrupted") : ok ? GEO_OK : geo_err_nomem(err);
}
