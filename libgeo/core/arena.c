/* Bump allocation in blocks that double in size. */
#include "geo/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)1 << 12)
#define LARGEST_REQUEST ((size_t)1 << 46)

struct geo_arena_block {
    struct geo_arena_block *next;
    size_t size_n;
    alignas(max_align_t) char bytes[];
};

static size_t aligned(size_t n)
{
    const size_t a = alignof(max_align_t);
    return (n + a - 1) / a * a;
}

void *geo_arena_alloc(geo_arena *a, size_t n)
{
    if (n > LARGEST_REQUEST)
        return NULL;
    n = aligned(n ? n : 1);
    if (!a->head || a->head->size_n - a->used_n < n) {
        size_t size = a->head ? a->head->size_n * 2 : FIRST_BLOCK;
        while (size < n)
            size *= 2;
        struct geo_arena_block *block = malloc(sizeof *block + size);
        if (!block)
            return NULL;
        block->size_n = size;
        block->next = a->head;
        a->head = block;
        a->used_n = 0;
    }
    void *p = a->head->bytes + a->used_n;
    a->used_n += n;
    return p;
}

void *geo_arena_array(geo_arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return geo_arena_alloc(a, count * size);
}

char *geo_arena_text(geo_arena *a, const char *s, size_t n)
{
    char *p = n < LARGEST_REQUEST ? geo_arena_alloc(a, n + 1) : NULL;
    if (!p)
        return NULL;
    if (n)
        memcpy(p, s, n);
    p[n] = '\0';
    return p;
}

void geo_arena_reset(geo_arena *a)
{
    if (!a->head)
        return;
    struct geo_arena_block *old = a->head->next; /* the newest block is the largest */
    a->head->next = NULL;
    a->used_n = 0;
    while (old) {
        struct geo_arena_block *next = old->next;
        free(old);
        old = next;
    }
}

void geo_arena_clear(geo_arena *a)
{
    geo_arena_reset(a);
    free(a->head);
    a->head = NULL;
    a->used_n = 0;
}
