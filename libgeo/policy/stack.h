/* Published cells of several releases over the classes that they are made of; inside the library only. */
#ifndef GEO_POLICY_STACK_H
#define GEO_POLICY_STACK_H

#include "differ.h"

typedef struct stacking {
    const differ *d;
    geo_arena *arena; /* for what is found */
    differ_world w;
    const geo_publication **pub; /* the proposed one first */
    size_t *number, pubs_n;      /* as in differ_found */
    size_t stride[DIFFER_VARIABLES], classes_n;
    uint32_t **part_at[DIFFER_VARIABLES], **part[DIFFER_VARIABLES]; /* [variable][publication]: classes of each node */
    geo_pool *cells;                                                /* cells by the classes that they are made of */
    geo_vec class_at, classes;                                      /* size_t, uint32_t: of each of them */
    geo_vec low[2], high[2];                                        /* double: of each; [0] by the earlier ones alone, [1] by all */
    bool *idle;                                                     /* of each: it follows from others */
    size_t proposed_n;                                              /* the first of them are of the proposed release */
    bool contradicts;
} stacking;

/* stack_cells.c: gather the cells. GEO_SKIP: there would be too many classes. */
geo_status geo_stack_begin(stacking *s, geo_err *err);
void geo_stack_end(stacking *s);

/* Is a cell all together by the variables that the proposed release does not have? Others are not looked at. */
bool geo_stack_has(const stacking *s, size_t p, size_t cell);

/* stack_idle.c: mark the exact cells that follow from others, the earlier releases' first; *news: the proposed one says something new. */
geo_status geo_stack_idle(stacking *s, bool *news, geo_err *err);

/* Published cells. */
static inline size_t geo_stack_n(const stacking *s)
{
    return s->class_at.n - 1;
}

static inline double geo_stack_bound(const geo_vec *v, size_t i)
{
    return ((const double *)v->items)[i];
}

/* Known exactly, by all releases, or (all 0) by the earlier ones alone? */
static inline bool geo_stack_is_exact(const stacking *s, int all, size_t i)
{
    return geo_stack_bound(&s->low[all], i) == geo_stack_bound(&s->high[all], i);
}

#endif
