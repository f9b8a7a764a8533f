/* What the targets share that read from standard input: a file in memory in its place, libgeo set up, a hash of what came. */
#ifndef GEO_TESTS_FUZZ_STREAM_H
#define GEO_TESTS_FUZZ_STREAM_H

#include "fuzz.h"
#include "geo/init.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    geo_err err;
    REQUIRE(geo_init(&err) == GEO_OK);
    return 0;
}

static inline uint64_t mix(uint64_t h, const void *p, size_t n)
{
    const unsigned char *b = p;
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * UINT64_C(1099511628211);
    return (h ^ n) * UINT64_C(1099511628211);
}

/* A file in memory that is standard input. */
static inline int standard_input(void)
{
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("fuzz", 0);
        REQUIRE(fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    }
    REQUIRE(ftruncate(fd, 0) == 0);
    return fd;
}

#endif
