/* Places halved: built by selection at each level; searched depth first, nearer half first where that helps. */
#include "halving.h"

#include "geo/random.h"

#include <math.h>

#define LEAF_MOST (2 * GEO_HALVING_LEAST - 1) /* larger ranges are halved */

typedef struct group_range {
    geo_half all; /* its envelope; lo .. hi - 1 of `grouped` */
    int32_t group;
} group_range;

typedef struct numbered {
    int32_t group;
    uint32_t number;
} numbered;

typedef struct builder {
    geo_halving *t;
    geo_xy *place;           /* in the order of the tree, as far as it is known */
    uint32_t placed_n;       /* so many are there */
    const double *x, *y;     /* as they came */
    const numbered *grouped; /* by group; NULL: all are one, as they came */
    group_range *range;
    geo_random random;
} builder;

/* ---- cutting ---- */

/* Along x, then y, or the other way about: only places that coincide are equal. */
static bool before(geo_xy a, geo_xy b, bool along_y)
{
    if (along_y)
        return a.y != b.y ? a.y < b.y : a.x < b.x;
    return a.x != b.x ? a.x < b.x : a.y < b.y;
}

static void swap(geo_xy *a, geo_xy *b)
{
    const geo_xy c = *a;
    *a = *b;
    *b = c;
}

/*
 * Order lo .. hi - 1 so far that the place that sorting would put to `middle` is there, with all that coincide with it beside it, *from ..
 * *to - 1, all lesser ones before and all greater ones after.
 */
static void select_middle(geo_xy *p, size_t lo, size_t hi, size_t middle, bool along_y, geo_random *random, size_t *from, size_t *to)
{
    for (;;) {
        const geo_xy pivot = p[lo + geo_random_below(random, hi - lo)];
        size_t less = lo, next = lo, greater = hi;
        while (next < greater)
            if (before(p[next], pivot, along_y))
                swap(&p[less++], &p[next++]);
            else if (before(pivot, p[next], along_y))
                swap(&p[next], &p[--greater]);
            else
                next++;
        if (middle < less)
            hi = less;
        else if (middle >= greater)
            lo = greater;
        else {
            *from = less;
            *to = greater;
            return;
        }
    }
}

/* Where to cut lo .. hi - 1 so that places that coincide stay together, as near to the middle as can be; hi when all coincide. */
static size_t cut(geo_xy *p, size_t lo, size_t hi, bool along_y, geo_random *random)
{
    const size_t middle = lo + (hi - lo) / 2;
    size_t from, to;
    select_middle(p, lo, hi, middle, along_y, random, &from, &to);
    if (from == lo)
        return to;
    return to == hi || middle - from <= to - middle ? from : to;
}

static void sort_leaf(geo_xy *p, size_t lo, size_t hi)
{
    for (size_t i = lo + 1; i < hi; i++)
        for (size_t j = i; j > lo && before(p[j], p[j - 1], false); j--)
            swap(&p[j], &p[j - 1]);
}

/* An envelope around nothing, and what grows it. */
static geo_half around_nothing(void)
{
    return (geo_half){.x_min = INFINITY, .x_max = -INFINITY, .y_min = INFINITY, .y_max = -INFINITY};
}

static void stretch(geo_half *h, double x_min, double x_max, double y_min, double y_max)
{
    h->x_min = x_min < h->x_min ? x_min : h->x_min;
    h->x_max = x_max > h->x_max ? x_max : h->x_max;
    h->y_min = y_min < h->y_min ? y_min : h->y_min;
    h->y_max = y_max > h->y_max ? y_max : h->y_max;
}

static bool taller(const geo_half *h)
{
    return h->y_max - h->y_min > h->x_max - h->x_min;
}

/* ---- building ---- */

/* The tree of places lo .. hi - 1, at the end of the nodes; false when memory is out. */
static bool halve(builder *b, size_t lo, size_t hi, int depth)
{
    geo_half h = around_nothing();
    h.lo = (uint32_t)lo;
    h.hi = (uint32_t)hi;
    for (size_t i = lo; i < hi; i++)
        stretch(&h, b->place[i].x, b->place[i].x, b->place[i].y, b->place[i].y);
    const size_t at = b->t->nodes.n;
    if (!geo_vec_append(&b->t->nodes, &h, 1, sizeof h))
        return false;
    const bool may = hi - lo > LEAF_MOST && depth < GEO_HALVING_DEPTH;
    const size_t middle = may ? cut(b->place, lo, hi, taller(&h), &b->random) : hi;
    if (middle == hi) {
        sort_leaf(b->place, lo, hi);
        return true;
    }
    if (!halve(b, lo, middle, depth + 1))
        return false;
    ((geo_half *)b->t->nodes.items)[at].upper = (uint32_t)b->t->nodes.n;
    return halve(b, middle, hi, depth + 1);
}

static int by_group(const void *a, const void *b)
{
    const numbered *p = a, *q = b;
    return (p->group > q->group) - (p->group < q->group);
}

static int by_x(const void *a, const void *b)
{
    const group_range *p = a, *q = b;
    const double x = p->all.x_min + p->all.x_max, other_x = q->all.x_min + q->all.x_max;
    return x != other_x ? (x > other_x) - (x < other_x) : (p->group > q->group) - (p->group < q->group);
}

static int by_y(const void *a, const void *b)
{
    const group_range *p = a, *q = b;
    const double y = p->all.y_min + p->all.y_max, other_y = q->all.y_min + q->all.y_max;
    return y != other_y ? (y > other_y) - (y < other_y) : (p->group > q->group) - (p->group < q->group);
}

static int by_group_node(const void *a, const void *b)
{
    const geo_half_group *p = a, *q = b;
    return (p->group > q->group) - (p->group < q->group);
}

/* The groups lo .. hi - 1, halved until one is left, whose places then come into the order of the tree. */
static bool halve_groups(builder *b, size_t lo, size_t hi, int depth)
{
    const uint32_t first = b->placed_n;
    if (hi - lo == 1) {
        const group_range *range = &b->range[lo];
        for (uint32_t i = range->all.lo; i < range->all.hi; i++) {
            const uint32_t k = b->grouped ? b->grouped[i].number : i;
            b->place[b->placed_n++] = (geo_xy){b->x[k] + 0.0, b->y[k] + 0.0}; /* -0 is 0 */
        }
        b->t->groups[lo] = (geo_half_group){range->group, (uint32_t)b->t->nodes.n};
        return halve(b, first, b->placed_n, depth);
    }
    const size_t at = b->t->nodes.n, middle = lo + (hi - lo) / 2;
    geo_half h = around_nothing();
    for (size_t g = lo; g < hi; g++)
        stretch(&h, b->range[g].all.x_min, b->range[g].all.x_max, b->range[g].all.y_min, b->range[g].all.y_max);
    qsort(b->range + lo, hi - lo, sizeof *b->range, taller(&h) ? by_y : by_x);
    if (!geo_vec_append(&b->t->nodes, &h, 1, sizeof h) || !halve_groups(b, lo, middle, depth + 1))
        return false;
    h.upper = (uint32_t)b->t->nodes.n;
    if (!halve_groups(b, middle, hi, depth + 1))
        return false;
    h.lo = first;
    h.hi = b->placed_n;
    ((geo_half *)b->t->nodes.items)[at] = h;
    return true;
}

/* Which places are whose; false when memory is out. */
static bool find_groups(builder *b, numbered *grouped, const int32_t *group, size_t n)
{
    for (size_t i = 0; group && i < n; i++)
        grouped[i] = (numbered){group[i], (uint32_t)i};
    if (group)
        qsort(grouped, n, sizeof *grouped, by_group);
    size_t groups_n = 1;
    for (size_t i = 1; group && i < n; i++)
        groups_n += grouped[i].group != grouped[i - 1].group;
    b->range = calloc(groups_n, sizeof *b->range);
    b->t->groups = calloc(groups_n, sizeof *b->t->groups);
    if (!b->range || !b->t->groups)
        return false;
    if (!group)
        b->range[b->t->groups_n++].all.hi = (uint32_t)n;
    for (uint32_t i = 0; group && i < n; i++) {
        const uint32_t k = grouped[i].number;
        if (i == 0 || grouped[i].group != grouped[i - 1].group) {
            b->range[b->t->groups_n] = (group_range){around_nothing(), grouped[i].group};
            b->range[b->t->groups_n++].all.lo = i;
        }
        geo_half *all = &b->range[b->t->groups_n - 1].all;
        stretch(all, b->x[k], b->x[k], b->y[k], b->y[k]);
        all->hi = i + 1;
    }
    return true;
}

geo_status geo_halving_build(geo_halving *t, const double *x, const double *y, const int32_t *group, size_t n, geo_err *err)
{
    *t = (geo_halving){0};
    for (size_t i = 0; i < n; i++)
        if (!(fabs(x[i]) <= GEO_HALVING_FARTHEST && fabs(y[i]) <= GEO_HALVING_FARTHEST))
            return geo_err_set(err, GEO_EARG, "place %zu has no coordinates that could be metres in a plane", i + 1);
    if (n > UINT32_MAX / 4)
        return geo_err_set(err, GEO_ENOMEM, "more places than a tree can hold");
    numbered *grouped = group ? malloc((n + 1) * sizeof *grouped) : NULL;
    builder b = {.t = t, .place = malloc((n + 1) * sizeof *b.place), .x = x, .y = y, .grouped = grouped};
    geo_random_init(&b.random, 1, 0); /* of pivots, of which the tree does not depend */
    t->x = malloc((n + 1) * sizeof *t->x);
    t->y = malloc((n + 1) * sizeof *t->y);
    bool ok = b.place && t->x && t->y && (grouped || !group);
    if (ok && n > 0)
        ok = find_groups(&b, grouped, group, n) && halve_groups(&b, 0, t->groups_n, 0);
    if (ok && n > 0)
        qsort(t->groups, t->groups_n, sizeof *t->groups, by_group_node);
    for (size_t i = 0; ok && i < n; i++) {
        t->x[i] = b.place[i].x;
        t->y[i] = b.place[i].y;
    }
    t->n = n;
    free(grouped);
    free(b.range);
    free(b.place);
    if (ok)
        return GEO_OK;
    geo_halving_clear(t);
    return geo_err_nomem(err);
}

void geo_halving_clear(geo_halving *t)
{
    free(t->x);
    free(t->y);
    free(t->groups);
    geo_vec_clear(&t->nodes);
    *t = (geo_halving){0};
}

/* ---- looking ---- */

static bool somewhere(const geo_halving *t, double x, double y)
{
    return t->n > 0 && fabs(x) <= GEO_HALVING_FARTHEST && fabs(y) <= GEO_HALVING_FARTHEST;
}

size_t geo_halving_within(const geo_halving *t, double x, double y, double distance2, size_t enough)
{
    geo_half_waiting w = {.n = somewhere(t, x, y)};
    w.node[0] = 0;
    size_t found = 0;
    while (w.n > 0 && found < enough) {
        const uint32_t at = w.node[--w.n];
        const geo_half *h = geo_half_at(t, at);
        if (geo_half_nearest(h, x, y) > distance2)
            continue;
        if (geo_half_farthest(h, x, y) <= distance2)
            found += h->hi - h->lo;
        else if (geo_half_is_large(h)) {
            w.node[w.n++] = h->upper;
            w.node[w.n++] = at + 1;
        } else
            for (uint32_t i = h->lo; i < h->hi; i++)
                found += geo_halving_distance2(t, i, x, y) <= distance2;
    }
    return found;
}

/* The half of a node that is nearer comes next, the other one waits. */
static void nearer_first(const geo_halving *t, geo_half_waiting *w, uint32_t at, double x, double y)
{
    const uint32_t lower = at + 1, upper = geo_half_at(t, at)->upper;
    const bool up = geo_half_nearest(geo_half_at(t, upper), x, y) < geo_half_nearest(geo_half_at(t, lower), x, y);
    w->node[w->n++] = up ? lower : upper;
    w->node[w->n++] = up ? upper : lower;
}

/* Into a heap whose greatest is on top, in place of that one. */
static void replace_greatest(double *heap, size_t n, double v)
{
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        child += child + 1 < n && heap[child + 1] > heap[child];
        if (heap[child] <= v)
            break;
        heap[i] = heap[child];
    }
    heap[i] = v;
}

double geo_halving_reach(const geo_halving *t, double x, double y, size_t k)
{
    double heap[GEO_HALVING_MOST_K];
    if (k == 0 || k > t->n || k > GEO_HALVING_MOST_K)
        return k == 0 ? 0 : INFINITY;
    for (size_t i = 0; i < k; i++)
        heap[i] = INFINITY;
    geo_half_waiting w = {.n = somewhere(t, x, y)};
    w.node[0] = 0;
    while (w.n > 0) {
        const uint32_t at = w.node[--w.n];
        const geo_half *h = geo_half_at(t, at);
        if (geo_half_nearest(h, x, y) >= heap[0])
            continue;
        if (geo_half_is_large(h))
            nearer_first(t, &w, at, x, y);
        else
            for (uint32_t i = h->lo; i < h->hi; i++) {
                const double d = geo_halving_distance2(t, i, x, y);
                if (d < heap[0])
                    replace_greatest(heap, k, d);
            }
    }
    return heap[0];
}

uint32_t geo_halving_nearest(const geo_halving *t, uint32_t node, double x, double y)
{
    geo_half_waiting w = {.n = somewhere(t, x, y)};
    w.node[0] = node;
    uint32_t best = GEO_HALVING_NONE;
    double least = INFINITY;
    while (w.n > 0) {
        const uint32_t at = w.node[--w.n];
        const geo_half *h = geo_half_at(t, at);
        if (geo_half_nearest(h, x, y) > least)
            continue;
        if (geo_half_is_large(h))
            nearer_first(t, &w, at, x, y);
        else
            for (uint32_t i = h->lo; i < h->hi; i++) {
                const double d = geo_halving_distance2(t, i, x, y);
                if (d < least || (d == least && before((geo_xy){t->x[i], t->y[i]}, (geo_xy){t->x[best], t->y[best]}, false))) {
                    least = d;
                    best = i;
                }
            }
    }
    return best;
}
