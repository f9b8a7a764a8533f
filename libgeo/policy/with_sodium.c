/* Keyed hashes, by libsodium. */
#include "geo/cellkey.h"

#include <sodium.h>

_Static_assert(crypto_shorthash_siphash24_KEYBYTES <= GEO_SECRET_BYTES, "the secret is long enough");

uint64_t geo_record_key(const uint8_t secret[GEO_SECRET_BYTES], const char *id, size_t n)
{
    uint8_t bytes[crypto_shorthash_siphash24_BYTES];
    crypto_shorthash_siphash24(bytes, (const unsigned char *)id, n, secret);
    uint64_t key = 0;
    for (int i = 7; i >= 0; i--)
        key = key << 8 | bytes[i];
    return key;
}
