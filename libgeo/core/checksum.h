/* A checksum against damage, inside the library only: it finds what happens by accident, not what somebody does on purpose. */
#ifndef GEO_CORE_CHECKSUM_H
#define GEO_CORE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Of n bytes, on machines of one byte order. A change within eight bytes that start at a multiple of eight always changes it, any other
 * change but for one in 2^64; several GiB a second.
 */
uint64_t geo_checksum(const void *data, size_t n);

/* The same kind of number for a long stretch, a piece of which each thread takes at a time; not the same number. */
uint64_t geo_checksum_parallel(const void *data, size_t n, int threads);

#endif
