/* Policies: parse, ask, free; an error says where. Adding a comment line in front changes nothing but the line number. */
#include "fuzz.h"
#include "geo/policy.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const NAMES[] = {"no/such/imd.csv", "no/such/a", "-", "no/such/people.gpkg"};
    char *text = fuzz_copy(data, n), *longer = malloc(n + 3);
    REQUIRE(longer);
    memcpy(longer, "#\n", 2);
    memcpy(longer + 2, text, n);
    geo_policy *policy = NULL, *same = NULL;
    geo_err err = {GEO_OK, ""};
    const geo_status st = geo_policy_parse("p", text, n, &policy, &err), again = geo_policy_parse("p", longer, n + 2, &same, NULL);
    free(text);
    free(longer);
    REQUIRE(st == again);
    REQUIRE(st == GEO_OK ? policy && same : st == GEO_EFORMAT && !policy && strstr(err.msg, "line"));
    for (size_t i = 0; st == GEO_OK && i < sizeof NAMES / sizeof *NAMES; i++) {
        geo_label a, b;
        REQUIRE(geo_label_find(NAMES[i], policy, &a, NULL, &err) == GEO_OK && geo_label_find(NAMES[i], same, &b, NULL, &err) == GEO_OK);
        REQUIRE(a.class_ == b.class_ && a.known == b.known && a.class_ <= GEO_CLASS_SPECIAL);
        REQUIRE(a.known || a.class_ == GEO_CLASS_PERSONAL);
        REQUIRE(strcmp(NAMES[i], "-") || !a.known);
    }
    geo_policy_free(policy);
    geo_policy_free(same);
    return 0;
}
