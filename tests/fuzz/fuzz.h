/* What the fuzz targets share: a requirement that ends the process, so that every engine sees it. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define REQUIRE(condition)                                                                                                                 \
    do {                                                                                                                                   \
        if (!(condition)) {                                                                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                                                 \
            abort();                                                                                                                       \
        }                                                                                                                                  \
    } while (0)

/* A copy of exactly n bytes, so that the address checks see a read past the end; never NULL. */
static inline char *fuzz_copy(const uint8_t *data, size_t n)
{
    char *copy = malloc(n ? n : 1);
    REQUIRE(copy);
    if (n)
        memcpy(copy, data, n);
    return copy;
}

#endif
