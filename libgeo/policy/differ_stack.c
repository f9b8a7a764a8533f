/*
 * All releases together: every published cell is the sum of the classes that it is made of, and what follows for a class, or for a hidden cell,
 * is what the attacker finds (geo/attack.h). Told is only what the proposed release adds, and what no subtraction of two patterns has told.
 */
#include "stack.h"

#include "geo/attack.h"
#include "geo/pool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LOOSE 500 /* totals known within bounds: programmes take long over them */
#define MOST_NAMED 6
#define NEARLY 1e-7 /* of a number, as a share: it is a whole one */

/* ---- the attack ---- */

/* Cells 0 .. classes_n of the equations are the classes, those after them the published cells of several. */
typedef struct attacking {
    size_t cells_n;
    double *low, *high;
    uint8_t *wanted;
    geo_equations equations;
} attacking;

/* A total of several classes that is known within bounds: what programmes take long over. */
static bool is_loose(const stacking *s, size_t i)
{
    const size_t *at = s->class_at.items;
    return at[i + 1] - at[i] > 1 && !geo_stack_is_exact(s, 1, i) && isfinite(geo_stack_bound(&s->high[1], i));
}

/* How many, those of the proposed release apart. */
static size_t loose_n(const stacking *s)
{
    size_t n = 0;
    for (size_t i = s->proposed_n; i < geo_stack_n(s); i++)
        n += is_loose(s, i);
    return n;
}

/* Is cell i an equation? Of loose ones the first *skip_n, the oldest, are none. */
static bool is_needed(const stacking *s, size_t i, size_t *skip_n)
{
    const size_t *at = s->class_at.items;
    if (*skip_n && i >= s->proposed_n && is_loose(s, i)) {
        --*skip_n;
        return false;
    }
    return at[i + 1] - at[i] > 1 && !s->idle[i];
}

/* Classes that are in some cell; classes that are published themselves have its bounds. */
static geo_status set_up(stacking *s, attacking *a, geo_err *err)
{
    const size_t *at = s->class_at.items, n = geo_stack_n(s);
    const uint32_t *class_ = s->classes.items;
    a->cells_n = s->classes_n + n;
    a->low = geo_arena_array(s->arena, a->cells_n + 1, sizeof *a->low);
    a->high = geo_arena_array(s->arena, a->cells_n + 1, sizeof *a->high);
    a->wanted = geo_arena_alloc(s->arena, a->cells_n + 1);
    size_t *eq_at = geo_arena_array(s->arena, n + 1, sizeof *eq_at);
    uint32_t *cells = geo_arena_array(s->arena, s->classes.n + n + 1, sizeof *cells);
    if (!a->low || !a->high || !a->wanted || !eq_at || !cells || a->cells_n >= UINT32_MAX)
        return geo_err_nomem(err);
    size_t used = 0, equations_n = 0, skip_n = loose_n(s) > MOST_LOOSE ? loose_n(s) - MOST_LOOSE : 0;
    memset(a->wanted, 0, a->cells_n);
    if (skip_n)
        geo_watch_note(s->d->watch, "%zu rounded totals of the oldest releases are left out where all are looked at together", skip_n);
    for (size_t i = 0; i < n; i++) {
        if (is_needed(s, i, &skip_n)) {
            eq_at[equations_n++] = used;
            cells[used++] = (uint32_t)(s->classes_n + i);
            memcpy(cells + used, class_ + at[i], (at[i + 1] - at[i]) * sizeof *cells);
            used += at[i + 1] - at[i];
        }
        for (size_t k = at[i]; k < at[i + 1]; k++)
            a->wanted[class_[k]] = 1;
    }
    eq_at[equations_n] = used;
    a->equations = (geo_equations){a->cells_n, equations_n, eq_at, cells};
    return GEO_OK;
}

/* What is known before the attack: by all, or by the earlier ones alone. */
static void set_bounds(const stacking *s, attacking *a, int all)
{
    const size_t *at = s->class_at.items;
    const uint32_t *class_ = s->classes.items;
    for (size_t i = 0; i < a->cells_n; i++) {
        a->low[i] = 0;
        a->high[i] = INFINITY;
    }
    for (size_t i = 0; i < geo_stack_n(s); i++) {
        const size_t to = at[i + 1] - at[i] > 1 ? s->classes_n + i : class_[at[i]];
        a->low[to] = ((const double *)s->low[all].items)[i];
        a->high[to] = ((const double *)s->high[all].items)[i];
    }
}

/* Classes of an equation cell. */
static const uint32_t *classes_at(const stacking *s, size_t cell, const uint32_t *itself, size_t *n)
{
    const size_t *at = s->class_at.items;
    if (cell < s->classes_n) {
        *n = 1;
        return itself;
    }
    *n = at[cell - s->classes_n + 1] - at[cell - s->classes_n];
    return (const uint32_t *)s->classes.items + at[cell - s->classes_n];
}

/* Wanted: what nobody publishes, of classes and of hidden cells. */
static void choose_wanted(const stacking *s, attacking *a)
{
    for (size_t i = 0; i < a->cells_n; i++)
        a->wanted[i] = (i >= s->classes_n || a->wanted[i]) && !isfinite(a->high[i]);
}

/*
 * By real numbers, of which whole ones are taken: programmes in whole numbers, over all releases at once, would take hours to say more in rare
 * cases.
 */
static geo_status attack(const stacking *s, attacking *a, geo_err *err)
{
    geo_attack_report found;
    const geo_attack_options o = {
        .enough = (double)s->d->rules->threshold, .wanted = a->wanted, .threads = s->d->threads, .watch = s->d->watch};
    const geo_status st = geo_attack(&a->equations, &o, a->low, a->high, NULL, &found, err);
    for (size_t i = 0; st == GEO_OK && i < a->cells_n; i++) {
        a->low[i] = ceil(a->low[i] - NEARLY * fmax(1, a->low[i]));
        a->high[i] = floor(a->high[i] + NEARLY * fmax(1, a->high[i]));
    }
    return st;
}

/* ---- what is news ---- */

/* Is the class in one of the cells of a publication? */
static bool is_in(const stacking *s, uint32_t class_, size_t p, const uint32_t *cell, size_t n)
{
    const geo_publication *pub = s->pub[p];
    for (size_t k = 0; k < n; k++) {
        bool in = geo_stack_has(s, p, cell[k]);
        for (size_t v = 0; in && v < s->w.variables_n; v++) {
            const ptrdiff_t own = s->w.v[v].own[p];
            const uint32_t c = class_ / (uint32_t)s->stride[v] % s->w.v[v].classes_n;
            const uint32_t node = own < 0 ? 0 : pub->node[cell[k] * pub->variables_n + (size_t)own];
            const size_t l = own < 0 ? 0 : geo_publication_level(&pub->v[own], node);
            in = s->w.v[v].in[p][l][c] == node;
        }
        if (in)
            return true;
    }
    return false;
}

static ptrdiff_t position(const stacking *s, size_t number)
{
    for (size_t p = 0; p < s->pubs_n; p++)
        if (s->number[p] == number)
            return (ptrdiff_t)p;
    return -1;
}

/* Does a remainder of two patterns hold all of these classes? Then it has been told. */
static bool is_told(const stacking *s, const geo_vec *pairwise, const uint32_t *class_, size_t n)
{
    for (size_t i = 0; i < pairwise->n; i++) {
        const differ_found *f = (const differ_found *)pairwise->items + i;
        const ptrdiff_t plus = position(s, f->pub[0]), minus = position(s, f->pub[1]);
        bool in = f->kind == GEO_SDC_REMAINDER && plus >= 0 && minus >= 0;
        for (size_t k = 0; in && k < n; k++)
            in = is_in(s, class_[k], (size_t)plus, f->plus, f->plus_n) && !is_in(s, class_[k], (size_t)minus, f->minus, f->minus_n);
        if (in)
            return true;
    }
    return false;
}

static size_t say_class(const stacking *s, uint32_t class_, char *room, size_t n)
{
    size_t used = 0;
    for (size_t v = 0; v < s->w.variables_n && used < n; v++) {
        const uint32_t c = class_ / (uint32_t)s->stride[v] % s->w.v[v].classes_n;
        if (s->w.v[v].classes_n == 1)
            continue;
        used += (size_t)snprintf(room + used, n - used, "%s%s", used ? " " : "", s->w.v[v].name[c]);
        if (s->w.v[v].atoms_n[c] > 1 && used < n)
            used += (size_t)snprintf(room + used, n - used, " and %u with it", (unsigned)s->w.v[v].atoms_n[c] - 1);
    }
    return used < n ? used : n - 1;
}

static geo_status tell(stacking *s, const attacking *a, size_t leaks_n, geo_vec *found, geo_err *err)
{
    char where[512] = "";
    size_t used = 0, named = 0;
    for (size_t i = 0; i < a->cells_n && named < MOST_NAMED; i++) {
        if (!a->wanted[i])
            continue;
        size_t n;
        const uint32_t itself = (uint32_t)i, *class_ = classes_at(s, i, &itself, &n);
        used += (size_t)snprintf(where + used, sizeof where - used, "%s", named++ ? ", " : "");
        if (used < sizeof where)
            used += say_class(s, class_[0], where + used, sizeof where - used);
        if (n > 1 && used < sizeof where)
            used += (size_t)snprintf(where + used, sizeof where - used, " and %zu more in the same cell", n - 1);
        if (used >= sizeof where)
            break;
    }
    if (used < sizeof where && leaks_n > named)
        snprintf(where + used, sizeof where - used, ", %zu more", leaks_n - named);
    const differ_found f = {.kind = GEO_SDC_STACKED, .cells_n = leaks_n, .where = geo_arena_text(s->arena, where, strlen(where))};
    return f.where && geo_vec_append(found, &f, 1, sizeof f) ? GEO_OK : geo_err_nomem(err);
}

/* Leave in `wanted` what leaks; how many. */
static size_t keep_leaks(const stacking *s, attacking *a)
{
    size_t n = 0;
    for (size_t i = 0; i < a->cells_n; i++)
        n += a->wanted[i] = a->wanted[i] && geo_differ_leaks(s->d->rules, a->low[i], a->high[i]);
    return n;
}

static geo_status find(stacking *s, const geo_vec *pairwise, geo_vec *found, geo_err *err)
{
    attacking a;
    bool news = false;
    geo_status st = geo_stack_idle(s, &news, err);
    if (st < 0 || !news)
        return st;
    st = set_up(s, &a, err);
    if (st < 0)
        return st;
    set_bounds(s, &a, 1);
    choose_wanted(s, &a);
    st = attack(s, &a, err);
    size_t leaks_n = st == GEO_OK ? keep_leaks(s, &a) : 0;
    if (st < 0 || !leaks_n)
        return st;
    set_bounds(s, &a, 0); /* what leaks without the proposed release is not its fault */
    st = attack(s, &a, err);
    leaks_n = 0;
    for (size_t i = 0; st == GEO_OK && i < a.cells_n; i++) {
        size_t n;
        const uint32_t itself = (uint32_t)i, *class_ = a.wanted[i] ? classes_at(s, i, &itself, &n) : NULL;
        a.wanted[i] = class_ && !geo_differ_leaks(s->d->rules, a.low[i], a.high[i]) && !is_told(s, pairwise, class_, n);
        leaks_n += a.wanted[i];
    }
    return st == GEO_OK && leaks_n ? tell(s, &a, leaks_n, found, err) : st;
}

/* The proposed one with earlier[number[1] - 1] and so on. When they contradict each other, each half with it. */
static geo_status stack(const differ *d, size_t *number, size_t n, const geo_vec *pairwise, geo_arena *arena, geo_vec *found, geo_err *err)
{
    stacking s = {.d = d, .arena = arena, .number = number, .pubs_n = n};
    s.pub = malloc(n * sizeof *s.pub);
    geo_status st = s.pub ? GEO_OK : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < n; i++)
        s.pub[i] = number[i] ? d->earlier[number[i] - 1] : d->proposed;
    if (st == GEO_OK)
        st = geo_stack_begin(&s, err);
    if (st == GEO_OK)
        st = s.contradicts ? GEO_EFORMAT : find(&s, pairwise, found, err);
    geo_stack_end(&s);
    free(s.pub);
    if (st == GEO_SKIP) {
        geo_watch_note(d->watch, "the releases have too many groups in common to be looked at all together");
        return GEO_OK;
    }
    if (st != GEO_EFORMAT)
        return st;
    if (n <= 2) /* of another date, or damaged: what it tells by itself has been told */
        return GEO_OK;
    const size_t half = 1 + n / 2;
    st = stack(d, number, half, pairwise, arena, found, err);
    if (st < 0)
        return st;
    size_t *rest = geo_arena_array(arena, n, sizeof *rest);
    if (!rest)
        return geo_err_nomem(err);
    rest[0] = number[0];
    memcpy(rest + 1, number + half, (n - half) * sizeof *rest);
    return n > half ? stack(d, rest, n - half + 1, pairwise, arena, found, err) : GEO_OK;
}

geo_status geo_differ_stack(const differ *d, const bool *skip, const geo_vec *pairwise, geo_arena *arena, geo_vec *found, geo_err *err)
{
    size_t *number = geo_arena_array(arena, d->earlier_n + 1, sizeof *number), n = 1;
    if (!number)
        return geo_err_nomem(err);
    number[0] = 0;
    for (size_t i = 0; i < d->earlier_n; i++)
        if (!skip[i])
            number[n++] = i + 1;
    return n > 1 ? stack(d, number, n, pairwise, arena, found, err) : GEO_OK;
}
