/*
 * Policies: parse, ask everything, have it explained, free; an error says where. Adding a comment line in front changes nothing but the line
 * numbers.
 */
#include "fuzz.h"
#include "geo/policy.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

/* What is said: its length, a sum over it that tells changes, and which lines were spoken of. */
typedef struct story {
    uint64_t sum;
    size_t sentences_n, silent_n;
    int line, shift; /* of the latest; the sum is over lines less the shift */
} story;

static void hear(void *ctx, int line, const char *sentence)
{
    story *s = ctx;
    const size_t n = strlen(sentence);
    REQUIRE(n > 1 && sentence[n - 1] == '.');
    REQUIRE(line == 0 || (line >= s->line && s->silent_n == 0)); /* lines in their order, then what holds where none speaks */
    s->line = line;
    s->sentences_n++;
    s->silent_n += line == 0;
    for (size_t i = 0; i < n; i++)
        s->sum = (s->sum ^ (unsigned char)sentence[i]) * UINT64_C(0x100000001B3);
    s->sum = (s->sum ^ (uint64_t)(line ? line - s->shift : 0)) * UINT64_C(0x100000001B3);
}

static void ask_labels(const geo_policy *policy, const geo_policy *same)
{
    static const char *const NAMES[] = {"no/such/imd.csv", "no/such/a", "-", "no/such/people.gpkg"};
    const geo_class unlabelled = geo_policy_get_terms(policy)->unlabelled;
    REQUIRE(unlabelled == GEO_CLASS_PERSONAL || unlabelled == GEO_CLASS_SPECIAL);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        geo_label a, b;
        geo_err err;
        REQUIRE(geo_label_find(NAMES[i], policy, &a, NULL, &err) == GEO_OK && geo_label_find(NAMES[i], same, &b, NULL, &err) == GEO_OK);
        REQUIRE(a.class_ == b.class_ && a.known == b.known && a.class_ <= GEO_CLASS_SPECIAL);
        REQUIRE(a.known || a.class_ == unlabelled);
        REQUIRE(strcmp(NAMES[i], "-") || !a.known);
    }
}

static void ask_rules(const geo_policy *policy, const geo_policy *same)
{
    static const char *const AUDIENCES[] = {NULL, "public", "press", "partner-nhs", "nobody"};
    for (int c = GEO_CLASS_OPEN; c <= GEO_CLASS_SPECIAL; c++)
        for (size_t i = 0; i < sizeof AUDIENCES / sizeof *AUDIENCES; i++) {
            const geo_rules *r = geo_policy_rules(policy, (geo_class)c, AUDIENCES[i]);
            const geo_rules *s = geo_policy_rules(same, (geo_class)c, AUDIENCES[i]);
            REQUIRE(r && r->class_ == (geo_class)c && r->line >= 0 && s->line == (r->line ? r->line + 1 : 0));
            REQUIRE(r->line || r->refused == (c != GEO_CLASS_OPEN));
            REQUIRE(r->threshold >= 0 && r->threshold <= 1000000 && r->round >= 0 && r->round <= 1000);
            REQUIRE(r->p_percent >= 0 && r->p_percent <= 100 && r->dominance_k >= 0 && r->dominance_k <= 100);
            REQUIRE(r->mark[0] && r->audience[0] && geo_policy_has_audience(policy, r->audience));
            REQUIRE(r->threshold == s->threshold && r->refused == s->refused && strcmp(r->mark, s->mark) == 0);
        }
    const geo_policy_terms *t = geo_policy_get_terms(policy);
    for (size_t i = 0; i < t->ladder_n; i++)
        REQUIRE(t->ladder_m[i] > 0 && (i == 0 || (t->ladder_m[i] > t->ladder_m[i - 1] && t->ladder_m[i] % t->ladder_m[i - 1] == 0)));
    REQUIRE(t->mask_k >= 2 && t->reviewers >= 0 && t->reviewers <= 9);
}

static void ask_review(const geo_policy *policy)
{
    const geo_policy_about *about = geo_policy_get_about(policy);
    char text[100] = "";
    const bool due = about->review != INT32_MIN;
    REQUIRE(!geo_policy_is_overdue(policy, due ? about->review : INT32_MAX, text, sizeof text) && !text[0]);
    REQUIRE(!due || (geo_policy_is_overdue(policy, about->review + 1, text, sizeof text) && text[0]));
    REQUIRE(!due || about->approved < about->review);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const size_t mark_n = n >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* which stands before any line */
    char *text = fuzz_copy(data, n), *longer = malloc(n + 2);
    REQUIRE(longer);
    memcpy(longer, text, mark_n);
    memcpy(longer + mark_n, "#\n", 2);
    memcpy(longer + mark_n + 2, text + mark_n, n - mark_n);
    geo_policy *policy = NULL, *same = NULL;
    geo_err err = {GEO_OK, ""};
    const geo_status st = geo_policy_parse("p", text, n, &policy, &err), again = geo_policy_parse("p", longer, n + 2, &same, NULL);
    free(text);
    free(longer);
    REQUIRE(st == again);
    REQUIRE(st == GEO_OK ? policy && same : st == GEO_EFORMAT && !policy && strstr(err.msg, "line"));
    if (st == GEO_OK) {
        story one = {.shift = 0}, other = {.shift = 1};
        geo_policy_explain(policy, hear, &one);
        geo_policy_explain(same, hear, &other);
        REQUIRE(one.sum == other.sum && one.sentences_n == other.sentences_n && one.silent_n > 0);
        ask_labels(policy, same);
        ask_rules(policy, same);
        ask_review(policy);
    }
    geo_policy_free(policy);
    geo_policy_free(same);
    return 0;
}
