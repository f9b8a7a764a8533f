/* What the ways of masking share: the addresses and, of each place, a stream of numbers that nobody can guess. Inside the library only. */
#ifndef GEO_POLICY_MASK_H
#define GEO_POLICY_MASK_H

#include "../geometry/halving.h"
#include "geo/mask.h"

struct geo_addresses {
    geo_halving places;
    bool grouped;
};

/* How many of n masked points have no place. */
size_t geo_mask_refused(const double *masked_x, size_t n);

/* Key and state of the stream cipher ChaCha20, whose output are the numbers. */
typedef struct geo_secret_stream {
    uint8_t key[32];
    uint8_t bytes[64]; /* the block in use, of which used_n bytes have been */
    uint64_t blocks_n;
    size_t used_n;
} geo_secret_stream;

/* Start the stream of a message: its key is the BLAKE2b of the message, keyed with the secret. */
void geo_secret_stream_init(geo_secret_stream *s, const uint8_t secret[GEO_SECRET_BYTES], const void *message, size_t n);

/* Uniform in [0, 1), a multiple of 2^-53; the same on any machine. */
double geo_secret_stream_uniform(geo_secret_stream *s);

#endif
