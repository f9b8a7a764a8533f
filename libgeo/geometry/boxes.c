/* The packed tree of boxes: sort-tile-recursive at the bottom, plain runs of sixteen above. */
#include "boxes.h"

#include <math.h>
#include <string.h>

#define FANOUT 16

typedef struct keyed {
    double x, y; /* twice the middle */
    uint32_t number;
} keyed;

static int by_x(const void *a, const void *b)
{
    const keyed *p = a, *q = b;
    return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->number > q->number) - (p->number < q->number);
}

static int by_y(const void *a, const void *b)
{
    const keyed *p = a, *q = b;
    return p->y != q->y ? (p->y > q->y) - (p->y < q->y) : (p->number > q->number) - (p->number < q->number);
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

/* Upright slices of equal numbers, each sorted from south to north: about as many slices as nodes in a slice. */
static void tile(keyed *item, size_t n)
{
    qsort(item, n, sizeof *item, by_x);
    const size_t slice = (size_t)ceil(sqrt((double)n / FANOUT)) * FANOUT;
    for (size_t from = 0; from < n; from += slice)
        qsort(item + from, n - from < slice ? n - from : slice, sizeof *item, by_y);
}

static void stretch(geo_box *b, const geo_box *more)
{
    b->x_min = more->x_min < b->x_min ? more->x_min : b->x_min;
    b->x_max = more->x_max > b->x_max ? more->x_max : b->x_max;
    b->y_min = more->y_min < b->y_min ? more->y_min : b->y_min;
    b->y_max = more->y_max > b->y_max ? more->y_max : b->y_max;
}

static size_t level_size(const geo_boxes *t, int level)
{
    return t->level_at[level + 1] - t->level_at[level];
}

/* Where each level starts in t->box; the last has one box. */
static void lay_levels(geo_boxes *t, size_t n)
{
    t->level_at[0] = 0;
    t->level_at[1] = n;
    t->levels_n = 1;
    for (size_t k = n; k > 1; t->levels_n++) {
        k = (k + FANOUT - 1) / FANOUT;
        t->level_at[t->levels_n + 1] = t->level_at[t->levels_n] + k;
    }
}

static void fill_levels(geo_boxes *t)
{
    for (int level = 1; level < t->levels_n; level++) {
        const geo_box *below = t->box + t->level_at[level - 1];
        const size_t below_n = level_size(t, level - 1);
        for (size_t k = 0; k < level_size(t, level); k++) {
            geo_box *b = t->box + t->level_at[level] + k;
            *b = below[k * FANOUT];
            for (size_t i = k * FANOUT + 1; i < (k + 1) * FANOUT && i < below_n; i++)
                stretch(b, &below[i]);
        }
    }
}

geo_status geo_boxes_build(geo_boxes *t, const geo_box *box, size_t n, geo_err *err)
{
    *t = (geo_boxes){0};
    if (n > UINT32_MAX)
        return geo_err_set(err, GEO_ENOMEM, "more boxes than a tree can hold");
    keyed *item = malloc((n + 1) * sizeof *item);
    t->box = malloc((n + n / (FANOUT - 1) + GEO_BOXES_LEVELS) * sizeof *t->box);
    t->number = malloc((n + 1) * sizeof *t->number);
    if (!item || !t->box || !t->number) {
        free(item);
        geo_boxes_clear(t);
        return geo_err_nomem(err);
    }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (box[i].x_min <= box[i].x_max)
            item[kept++] = (keyed){box[i].x_min + box[i].x_max, box[i].y_min + box[i].y_max, (uint32_t)i};
    tile(item, kept);
    for (size_t i = 0; i < kept; i++) {
        t->number[i] = item[i].number;
        t->box[i] = box[item[i].number];
    }
    free(item);
    lay_levels(t, kept);
    fill_levels(t);
    return GEO_OK;
}

void geo_boxes_clear(geo_boxes *t)
{
    free(t->box);
    free(t->number);
    *t = (geo_boxes){0};
}

static bool meet(const geo_box *a, const geo_box *b)
{
    return a->x_min < b->x_max && b->x_min < a->x_max && a->y_min < b->y_max && b->y_min < a->y_max;
}

/* Boxes from .. to - 1 of a level. */
static bool search(const geo_boxes *t, int level, size_t from, size_t to, const geo_box *q, geo_vec *found)
{
    const geo_box *box = t->box + t->level_at[level];
    const size_t n = level_size(t, level);
    bool ok = true;
    for (size_t k = from; k < to && k < n && ok; k++) {
        if (!meet(&box[k], q))
            continue;
        if (level > 0)
            ok = search(t, level - 1, k * FANOUT, (k + 1) * FANOUT, q, found);
        else if ((ok = geo_vec_reserve(found, 1, sizeof(uint32_t))))
            ((uint32_t *)found->items)[found->n++] = t->number[k];
    }
    return ok;
}

bool geo_boxes_find(const geo_boxes *t, const geo_box *q, geo_vec *found)
{
    const size_t before = found->n;
    if (!search(t, t->levels_n - 1, 0, 1, q, found))
        return false;
    if (found->n > before + 1)
        qsort((uint32_t *)found->items + before, found->n - before, sizeof(uint32_t), by_number);
    return true;
}
