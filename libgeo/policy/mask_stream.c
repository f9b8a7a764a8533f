/* Numbers from a secret: BLAKE2b and ChaCha20 by libsodium. geo_random is not for this: its state can be found from what it gives. */
#include "mask.h"

#include <sodium.h>
#include <string.h>

void geo_secret_stream_init(geo_secret_stream *s, const uint8_t secret[GEO_SECRET_BYTES], const void *message, size_t n)
{
    *s = (geo_secret_stream){.used_n = sizeof s->bytes};
    crypto_generichash(s->key, sizeof s->key, message, n, secret, GEO_SECRET_BYTES);
}

double geo_secret_stream_uniform(geo_secret_stream *s)
{
    static const uint8_t NONCE[crypto_stream_chacha20_NONCEBYTES] = {0}; /* a key is used for one stream only */
    if (s->used_n == sizeof s->bytes) {
        memset(s->bytes, 0, sizeof s->bytes);
        crypto_stream_chacha20_xor_ic(s->bytes, s->bytes, sizeof s->bytes, NONCE, s->blocks_n++, s->key);
        s->used_n = 0;
    }
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits |= (uint64_t)s->bytes[s->used_n++] << 8 * i;
    return (double)(bits >> 11) * 0x1p-53;
}
