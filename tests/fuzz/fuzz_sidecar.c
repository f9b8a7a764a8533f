/* Sidecar labels: what is taken is complete; what is refused leaves nothing behind but a message. */
#include "fuzz.h"
#include "geo/sidecar.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *text = fuzz_copy(data, n), hex[65] = "?";
    geo_label label = {.class_ = GEO_CLASS_SPECIAL, .known = false};
    geo_err err = {GEO_OK, ""};
    const geo_status st = geo_sidecar_parse(text, n, &label, hex, &err);
    free(text);
    if (st == GEO_OK) {
        REQUIRE(label.known && label.class_ <= GEO_CLASS_SPECIAL);
        REQUIRE(strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64);
        REQUIRE(memchr(label.source, 0, sizeof label.source) && memchr(label.licence, 0, sizeof label.licence));
    } else {
        REQUIRE(st == GEO_EFORMAT && err.msg[0] && strcmp(hex, "?") == 0 && !label.known && label.class_ == GEO_CLASS_SPECIAL);
    }
    return 0;
}
