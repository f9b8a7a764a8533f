/* A growing array of plain items, inside the library only. Doubling; sizes are checked. */
#ifndef GEO_CORE_VEC_H
#define GEO_CORE_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct geo_vec {
    void *items;
    size_t n, room;
} geo_vec;

/* Room for `more` items of `size` bytes beyond the n there are; false when memory is out. */
static inline bool geo_vec_reserve(geo_vec *v, size_t more, size_t size)
{
    if (v->items && v->room - v->n >= more)
        return true;
    if (more > SIZE_MAX / 2 / size - v->n)
        return false;
    size_t room = v->room ? v->room * 2 : 16;
    if (room < v->n + more)
        room = v->n + more;
    void *items = realloc(v->items, room * size);
    if (!items)
        return false;
    v->items = items;
    v->room = room;
    return true;
}

/* Copy n items to the end; false when memory is out. items may be NULL when n is 0. */
static inline bool geo_vec_append(geo_vec *v, const void *items, size_t n, size_t size)
{
    if (!geo_vec_reserve(v, n, size))
        return false;
    if (n)
        memcpy((char *)v->items + v->n * size, items, n * size);
    v->n += n;
    return true;
}

static inline void geo_vec_clear(geo_vec *v)
{
    free(v->items);
    *v = (geo_vec){0};
}

#endif
