/* Large arrays on huge pages. */
#define _GNU_SOURCE /* madvise */
#include "big.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)1 << 21)

void *geo_big_alloc(size_t n)
{
    if (n < 2 * HUGE_PAGE || n > SIZE_MAX / 2)
        return malloc(n ? n : 1);
    const size_t whole = (n + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *p = aligned_alloc(HUGE_PAGE, whole);
#ifdef MADV_HUGEPAGE
    if (p)
        (void)madvise(p, whole, MADV_HUGEPAGE); /* a wish: small pages do as well */
#endif
    return p;
}

void *geo_big_zeroed(size_t n)
{
    void *p = geo_big_alloc(n);
    return p ? memset(p, 0, n) : NULL;
}
