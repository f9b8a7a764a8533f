/* GSS codes and UPRNs: a normal form is its own normal form, whatever the case and the blanks; the parts make the code again. */
#include "fuzz.h"
#include "geo/gss.h"
#include "geo/uprn.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

/* The text with a blank behind each character, in small letters. */
static size_t loosen(const char *s, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] - 'A' + 'a') : s[i];
        out[2 * i + 1] = i % 2 ? ' ' : '\t';
    }
    return 2 * n;
}

static void try_gss(const char *text, size_t n)
{
    char code[GEO_GSS_ROOM] = "?", again[GEO_GSS_ROOM], loose[2 * GEO_GSS_ROOM], made[40];
    geo_gss gss = {'?', -1, -1};
    const size_t k = geo_gss_normalise(text, n, code);
    const bool none = geo_gss_is_none(text, n), parsed = geo_gss_parse(text, n, &gss);
    REQUIRE(parsed == (k > 0 && !none));
    REQUIRE(parsed || gss.nation == '?');
    if (k == 0) {
        REQUIRE(strcmp(code, "?") == 0);
        return;
    }
    REQUIRE(k == 9 && strlen(code) == 9 && geo_gss_is_none(code, k) == none);
    REQUIRE(geo_gss_normalise(loose, loosen(code, k, loose), again) == 9 && strcmp(code, again) == 0);
    if (parsed) {
        snprintf(made, sizeof made, "%c%02d%06d", gss.nation, gss.entity, gss.number);
        REQUIRE(strcmp(made, code) == 0);
        const char *name = geo_gss_entity_name(gss.nation, gss.entity);
        REQUIRE(!name || *name);
    }
}

static void try_uprn(const char *text, size_t n)
{
    char bare[GEO_UPRN_ROOM] = "?", again[GEO_UPRN_ROOM], loose[2 * GEO_UPRN_ROOM], made[40];
    int64_t value = -1;
    geo_err err = {GEO_OK, ""};
    const size_t k = geo_uprn_normalise(text, n, bare);
    REQUIRE(geo_uprn_parse(text, n, &value, &err) == (k ? GEO_OK : GEO_EFORMAT));
    if (k == 0) {
        REQUIRE(strcmp(bare, "?") == 0 && value == -1 && err.msg[0]);
        REQUIRE(!geo_uprn_is_rounded(text, n) || strstr(err.msg, "spreadsheet"));
        return;
    }
    REQUIRE(!geo_uprn_is_rounded(text, n) && strlen(bare) == k && k < GEO_UPRN_ROOM);
    snprintf(made, sizeof made, "%lld", (long long)value);
    REQUIRE(strcmp(made, bare) == 0);
    REQUIRE(geo_uprn_normalise(loose, loosen(bare, k, loose), again) == k && strcmp(bare, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *text = fuzz_copy(data, n);
    try_gss(text, n);
    try_uprn(text, n);
    free(text);
    return 0;
}
