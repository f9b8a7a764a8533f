/*
 * Postcodes: a normal form is its own normal form, in capitals or not, with blanks anywhere; its sector is one; what is mended was none and
 * becomes one.
 */
#include "fuzz.h"
#include "geo/postcode.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

static void try_mending(const char *text, size_t n)
{
    char out[GEO_POSTCODE_ROOM] = "?", again[GEO_POSTCODE_ROOM];
    const size_t k = geo_postcode_mend(text, n, out);
    if (k == 0) {
        REQUIRE(strcmp(out, "?") == 0);
        return;
    }
    REQUIRE(geo_postcode_normalise(text, n, again) == 0);
    REQUIRE(strlen(out) == k && geo_postcode_normalise(out, k, again) == k && strcmp(out, again) == 0);
}

static void try_sector(const char *text, size_t n)
{
    char out[GEO_POSTCODE_ROOM] = "?", again[GEO_POSTCODE_ROOM];
    const size_t k = geo_postcode_sector_normalise(text, n, out);
    REQUIRE(k == 0 ? strcmp(out, "?") == 0 : strlen(out) == k && geo_postcode_normalise(text, n, again) == 0);
    if (k)
        REQUIRE(geo_postcode_sector_normalise(out, k, again) == k && strcmp(out, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *text = fuzz_copy(data, n), out[GEO_POSTCODE_ROOM] = "?", again[GEO_POSTCODE_ROOM], print[GEO_POSTCODE_PRINT_ROOM];
    const size_t k = geo_postcode_normalise(text, n, out);
    try_mending(text, n);
    try_sector(text, n);
    free(text);
    if (k == 0) {
        REQUIRE(strcmp(out, "?") == 0);
        return 0;
    }
    REQUIRE(k >= 5 && k <= 7 && strlen(out) == k);
    for (size_t i = 0; i < k; i++)
        REQUIRE((out[i] >= 'A' && out[i] <= 'Z') || (out[i] >= '0' && out[i] <= '9'));
    REQUIRE(geo_postcode_print(out, k, print) == k + 1 && strlen(print) == k + 1 && print[k - 3] == ' ');
    REQUIRE(geo_postcode_normalise(print, k + 1, again) == k && strcmp(out, again) == 0);
    REQUIRE(geo_postcode_sector(out, k, again) == k - 1);
    try_sector(again, k - 1);
    char loose[2 * GEO_POSTCODE_ROOM];
    size_t at = 0;
    for (size_t i = 0; i < k; i++) {
        loose[at++] = out[i] >= 'A' && out[i] <= 'Z' ? (char)(out[i] - 'A' + 'a') : out[i];
        loose[at++] = ' ';
    }
    REQUIRE(geo_postcode_normalise(loose, at, again) == k && strcmp(out, again) == 0);
    return 0;
}
