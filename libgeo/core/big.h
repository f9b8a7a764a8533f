/*
 * Memory for large arrays that are read at random, inside the library only: on huge pages where the kernel gives them, which saves a
 * table walk at nearly every access. Freed with free().
 */
#ifndef GEO_CORE_BIG_H
#define GEO_CORE_BIG_H

#include <stddef.h>

/* n bytes, contents undefined; NULL when memory is out. */
void *geo_big_alloc(size_t n);

/* n bytes of zero. */
void *geo_big_zeroed(size_t n);

#endif
