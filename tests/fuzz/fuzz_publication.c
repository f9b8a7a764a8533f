/* Publications of earlier releases: parsed, printed (the same again), compared with themselves and, where it fits, with the next part. */
#include "../../libgeo/policy/differ.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

static geo_publication *parse(const uint8_t *data, size_t n)
{
    geo_publication *p = NULL;
    geo_err err = {GEO_OK, ""};
    char *copy = fuzz_copy(data, n);
    const geo_status st = geo_publication_parse(copy, n, &p, &err);
    free(copy);
    REQUIRE(st == GEO_OK ? p != NULL : !p && (st == GEO_EFORMAT || st == GEO_ENOMEM) && *err.msg);
    return p;
}

static void check_print(const geo_publication *p)
{
    char *bytes, *again;
    size_t n, m;
    REQUIRE(geo_publication_print(p, &bytes, &n, NULL) == GEO_OK);
    geo_publication *q = parse((const uint8_t *)bytes, n);
    REQUIRE(q && geo_publication_print(q, &again, &m, NULL) == GEO_OK);
    REQUIRE(n == m && memcmp(bytes, again, n) == 0);
    geo_publication_free(q);
    free(bytes);
    free(again);
}

static void compare(const geo_publication *a, const geo_publication *b)
{
    static const geo_rules RULES = {.audience = "public", .threshold = 10, .protect_zeros = true};
    const geo_publication *const earlier[] = {b};
    const differ d = {.proposed = a, .earlier = earlier, .earlier_n = 1, .rules = &RULES, .threads = 1};
    geo_sdc_differed report = {.unit = ""};
    geo_err err = {GEO_OK, ""};
    const geo_status st = geo_differ(&d, NULL, NULL, &report, &err);
    REQUIRE(st == GEO_OK || *err.msg);
}

/* Two texts, parted by a line feed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const uint8_t *part = n ? memchr(data, '\n', n) : NULL;
    const size_t first_n = part ? (size_t)(part - data) : n;
    geo_publication *a = parse(data, first_n), *b = part ? parse(part + 1, n - first_n - 1) : NULL;
    if (a) {
        check_print(a);
        compare(a, a);
    }
    if (a && b) {
        compare(a, b);
        compare(b, a);
    }
    geo_publication_free(a);
    geo_publication_free(b);
    return 0;
}
