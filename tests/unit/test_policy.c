/* The policy language: what is read, what is answered, what is refused and where, and every rule as a sentence. */
#include "unit.h"

#include "geo/init.h"
#include "geo/policy.h"

#include <limits.h>

static const char COUNCIL[] = "policy \"Anytown Council\" version 3\n"
                              "approved-by \"A. Officer, SIRO\" on 2026-01-14\n"
                              "review 2027-01-14\n"
                              "dataset imd*.csv class open source \"MHCLG\" licence \"OGL-UK-3.0\"\n"
                              "unlabelled treat-as special\n"
                              "class open     areas any\n"
                              "class official areas lsoa ward threshold 2  round 5\n"
                              "class personal areas lsoa ward oa21cd threshold 10 round 5 zeros publish points mask homogeneity publish\n"
                              "class special  areas msoa p-percent 12.5 dominance 2 85 mark \"[x]\" method round round 3\n"
                              "class special to partner-nhs areas msoa threshold 8 round 5 method suppress points release\n"
                              "class special to press refuse\n"
                              "grid squares 500m 1km 2km   # each a multiple of the one before\n"
                              "heatmap bandwidth 3 classes 5 count 10\n"
                              "mask snap k 8\n"
                              "percent from counts\n"
                              "mean from counts\n"
                              "release reviewers 2\n"
                              "compare nothing\n";

static geo_policy *parse(const char *text)
{
    geo_policy *p = NULL;
    geo_err err = {.msg = "accepted"};
    CHECK(geo_policy_parse("p", text, strlen(text), &p, &err) == GEO_OK, "'%s': %s", text, err.msg);
    return p;
}

/* ---- what is read ---- */

static void about(void **state)
{
    (void)state;
    geo_policy *p = parse(COUNCIL);
    const geo_policy_about *a = geo_policy_get_about(p);
    assert_string_equal(a->name, "Anytown Council");
    assert_string_equal(a->approved_by, "A. Officer, SIRO");
    assert_int_equal(a->version, 3);
    assert_int_equal(a->approved, 20467); /* days by Python's datetime */
    assert_int_equal(a->review, 20832);
    geo_policy_free(p);
    p = parse("class open areas any\n");
    a = geo_policy_get_about(p);
    assert_string_equal(a->digest, "517a93639203307648639b17e2a4d8a8f9b9251690cd64efe755e9b034eac90b"); /* b2sum -l 256 */
    assert_true(strcmp(a->name, "") == 0 && strcmp(a->approved_by, "") == 0 && a->version == 0);
    assert_true(a->approved == INT32_MIN && a->review == INT32_MIN);
    geo_policy_free(p);
}

static void terms(void **state)
{
    (void)state;
    geo_policy *p = parse(COUNCIL);
    const geo_policy_terms *t = geo_policy_get_terms(p);
    assert_int_equal(t->ladder_n, 3);
    assert_true(t->ladder_m[0] == 500 && t->ladder_m[1] == 1000 && t->ladder_m[2] == 2000);
    assert_true(t->heat_bandwidth == 3 && t->heat_classes == 5 && t->heat_count == 10);
    assert_true(t->mask_k == 8 && t->mask_snap && !t->percent_of_rounded && !t->mean_of_protected);
    assert_true(t->reviewers == 2 && !t->compare_all && t->unlabelled == GEO_CLASS_SPECIAL);
    geo_policy_free(p);
    for (int i = 0; i < 2; i++) { /* saying what holds anyway changes nothing */
        p = parse(i ? "mask donut k 20\npercent from rounded\nmean from protected\nrelease reviewers 0\ncompare all-releases\n"
                      "unlabelled treat-as personal\n"
                    : "");
        t = geo_policy_get_terms(p);
        assert_true(t->ladder_n == 0 && t->heat_classes == 0 && t->mask_k == 20 && !t->mask_snap && t->percent_of_rounded);
        assert_true(t->mean_of_protected && t->reviewers == 0 && t->compare_all && t->unlabelled == GEO_CLASS_PERSONAL);
        geo_policy_free(p);
    }
}

static bool same_levels(const char *const *a, const char *const *b)
{
    if (!a || !b)
        return a == b;
    size_t i = 0;
    while (a[i] && b[i] && strcmp(a[i], b[i]) == 0)
        i++;
    return !a[i] && !b[i];
}

static bool same_rules(const geo_rules *a, const geo_rules *b)
{
    return a->class_ == b->class_ && strcmp(a->audience, b->audience) == 0 && a->refused == b->refused && same_levels(a->areas, b->areas)
           && a->threshold == b->threshold && a->protect_zeros == b->protect_zeros && a->round == b->round && a->p_percent == b->p_percent
           && a->dominance_n == b->dominance_n && a->dominance_k == b->dominance_k && a->homogeneity == b->homogeneity
           && a->method == b->method && a->points == b->points && strcmp(a->mark, b->mark) == 0;
}

#define LEVELS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void classes(void **state)
{
    (void)state;
    const struct {
        const char *audience;
        int line;
        geo_rules rules;
    } CASES[] = {
        {NULL, 6, {.class_ = GEO_CLASS_OPEN, .audience = "public", .points = GEO_POINTS_RELEASE, .mark = "[c]"}},
        {"public",
         7,
         {.class_ = GEO_CLASS_OFFICIAL,
          .audience = "public",
          .areas = LEVELS("lsoa", "ward"),
          .threshold = 2,
          .protect_zeros = true,
          .round = 5,
          .homogeneity = true,
          .mark = "[c]"}},
        {"PUBLIC",
         8,
         {.class_ = GEO_CLASS_PERSONAL,
          .audience = "public",
          .areas = LEVELS("lsoa", "ward", "oa21cd"),
          .threshold = 10,
          .round = 5,
          .points = GEO_POINTS_MASK,
          .mark = "[c]"}},
        {"nobody-we-know",
         9,
         {.class_ = GEO_CLASS_SPECIAL,
          .audience = "public",
          .areas = LEVELS("msoa"),
          .threshold = 10,
          .protect_zeros = true,
          .round = 3,
          .p_percent = 12.5,
          .dominance_n = 2,
          .dominance_k = 85,
          .homogeneity = true,
          .method = GEO_METHOD_ROUND,
          .mark = "[x]"}},
        {"Partner-NHS", /* nothing comes over from the public's rule: neither its p nor its mark */
         10,
         {.class_ = GEO_CLASS_SPECIAL,
          .audience = "partner-nhs",
          .areas = LEVELS("msoa"),
          .threshold = 8,
          .protect_zeros = true,
          .round = 5,
          .homogeneity = true,
          .method = GEO_METHOD_SUPPRESS,
          .points = GEO_POINTS_RELEASE,
          .mark = "[c]"}},
        {"press",
         8,
         {.class_ = GEO_CLASS_PERSONAL,
          .audience = "public",
          .areas = LEVELS("lsoa", "ward", "oa21cd"),
          .threshold = 10,
          .round = 5,
          .points = GEO_POINTS_MASK,
          .mark = "[c]"}},
    };
    geo_policy *p = parse(COUNCIL);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const geo_rules *r = geo_policy_rules(p, CASES[i].rules.class_, CASES[i].audience);
        CHECK(r->line == CASES[i].line && same_rules(r, &CASES[i].rules), "case %zu: line %d", i, r->line);
    }
    assert_true(geo_policy_rules(p, GEO_CLASS_SPECIAL, "press")->refused);
    assert_int_equal(geo_policy_rules(p, GEO_CLASS_SPECIAL, "press")->line, 11);
    assert_true(geo_policy_has_audience(p, NULL) && geo_policy_has_audience(p, "Public") && geo_policy_has_audience(p, "PRESS"));
    assert_true(geo_policy_has_audience(p, "partner-nhs") && !geo_policy_has_audience(p, "partner") && !geo_policy_has_audience(p, ""));
    geo_policy_free(p);
}

/* What no rule allows is refused, unless it is open. */
static void silence(void **state)
{
    (void)state;
    geo_policy *p = parse("class personal to partner areas lsoa\nclass official to press areas any");
    for (int c = GEO_CLASS_OPEN; c <= GEO_CLASS_SPECIAL; c++) {
        const geo_rules *r = geo_policy_rules(p, (geo_class)c, NULL);
        assert_true(r->line == 0 && r->refused == (c != GEO_CLASS_OPEN) && r->class_ == (geo_class)c);
        assert_ptr_equal(geo_policy_rules(p, (geo_class)c, "elsewhere"), r);
    }
    const geo_rules *open = geo_policy_rules(p, GEO_CLASS_OPEN, NULL);
    assert_true(!open->areas && open->threshold == 0 && !open->protect_zeros && !open->homogeneity && open->points == GEO_POINTS_RELEASE);
    assert_true(!geo_policy_rules(p, GEO_CLASS_PERSONAL, "partner")->refused);
    assert_true(geo_policy_rules(p, GEO_CLASS_OFFICIAL, "partner")->refused);
    geo_policy_free(p);
}

/* ---- what is refused, and where ---- */

static void errors_say_where_and_what(void **state)
{
    (void)state;
    static const struct {
        const char *text, *where, *what;
    } CASES[] = {
        {"class personal areas lsoa\n\nclass special\tthreshold -1", "line 3 column 25",
         "the threshold must be a whole number from 0 to 1000000"},
        {"class personal threshold 10.5", "line 1 column 26", "whole number"},
        {"class personal threshold 1,000", "line 1 column 26", "whole number"},
        {"class personal threshold 99999999999999999999", "line 1 column 26", "whole number"},
        {"class personal threshold", "line 1 column 25", "whole number"},
        {"class personal threshhold 10", "line 1 column 16", "'class' has no such part (is it 'threshold'?)"},
        {"class personal areas lsoa treshold 10", "line 1 column 27", "is it 'threshold'?"},
        {"class personal areas lsoa method coarse", "line 1 column 34", "is it 'coarsen'?"},
        {"class personal areas lsoa mthd coarsen", "line 1 column 32", "here may stand to, areas"},
        {"class personal areas lsoa xyz 10", "line 1 column 31", "another level of areas"},
        {"class personal areas lsoa LSOA", "line 1 column 27", "stands twice"},
        {"class personal areas any lsoa", "line 1 column 26", "here may stand to, areas, threshold, round"},
        {"class personal areas", "line 1 column 21", "after 'areas' must stand"},
        {"class personal areas threshold 10", "line 1 column 22", "after 'areas' must stand"},
        {"class personal areas 2021", "line 1 column 22", "level"},
        {"class personal areas l\xC3\xA9vel 9", "line 1 column 22", "level"},
        {"class \xC3\xA9 areas any", "line 1 column 7", "the class must be open, official, personal or special"},
        {"# \xC3\xA9\nmask \xC3\xA9\xC3\xA9 k 2", "line 2 column 6", "must be donut or snap"},
        {"policy \"\xC3\xA9\xC3\xA9\" k 2", "line 1 column 13", "version"}, /* characters, not bytes */
        {"class persnal areas any", "line 1 column 7", "is it 'personal'?"},
        {"class", "line 1 column 6", "the class must be"},
        {"class personal", "line 1 column 15", "the rule says nothing"},
        {"class personal to press", "line 1 column 24", "the rule says nothing"},
        {"class personal to", "line 1 column 18", "an audience must be a name"},
        {"class personal to refuse", "line 1 column 19", "an audience must be a name"},
        {"class personal to 9th refuse", "line 1 column 19", "an audience must be a name"},
        {"class personal areas lsoa refuse", "line 1 column 27", "'refuse' lets nothing go"},
        {"class personal refuse threshold 5", "line 1 column 16", "'refuse' lets nothing go"},
        {"class personal areas lsoa threshold 5 threshold 5", "line 1 column 39", "'threshold' stands twice in the line"},
        {"class personal areas any\n class PERSONAL to public refuse", "line 2 column 2",
         "line 1 has a rule for this class and audience already"},
        {"class open to a refuse\nclass personal to a refuse\n\nclass open to A areas any", "line 4 column 1", "line 1 has a rule"},
        {"class personal method round", "line 1 column 16", "no base is given"},
        {"class personal method round round 1", "line 1 column 16", "no base is given"},
        {"class personal method celkey", "line 1 column 23", "coarsen, suppress, round or cell-key (is it 'cell-key'?)"},
        {"class personal zeros hide", "line 1 column 22", "what becomes of zeros must be publish or protect"},
        {"class personal points maybe", "line 1 column 23", "refuse, mask or release"},
        {"class personal dominance 2", "line 1 column 27", "the per cent that they may make up must be a number from 1 to 100"},
        {"class personal p-percent ten", "line 1 column 26", "the p of p-percent must be a number from 0 to 100"},
        {"class personal mark \"0\"", "line 1 column 21", "must not be a number"},
        {"class personal mark -1.5e3", "line 1 column 21", "must not be a number"},
        {"class personal mark \"\"", "line 1 column 21", "a text of 1 to 15 bytes"},
        {"class personal mark \"  \"", "line 1 column 21", "a text of 1 to 15 bytes"},
        {"class personal mark \"0123456789abcdef\"", "line 1 column 21", "a text of 1 to 15 bytes"},
        {"grid", "line 1 column 5", "'grid' needs 'squares' too"},
        {"grid squares", "line 1 column 13", "500m or 2km"},
        {"grid squares 1 2 km", "line 1 column 14", "500m or 2km"},
        {"grid squares 1km 500m", "line 1 column 18", "larger than the one before"},
        {"grid squares 1km 1000m", "line 1 column 18", "larger than the one before"},
        {"grid squares 2km 3km", "line 1 column 18", "a multiple of it"},
        {"grid squares 0m", "line 1 column 14", "from 1m to 1000km"},
        {"grid squares 4294967297m", "line 1 column 14", "from 1m to 1000km"},
        {"grid squares 1.5km", "line 1 column 14", "500m or 2km"},
        {"grid squares km", "line 1 column 14", "500m or 2km"},
        {"heatmap bandwidth 3 count 10", "line 1 column 29", "'heatmap' needs 'classes' too"},
        {"heatmap bandwidth nan classes 5 count 10", "line 1 column 19", "a number from 1 to 1000"},
        {"mask donut", "line 1 column 11", "'mask' needs 'k' too"},
        {"mask donut k 20 20", "line 1 column 17", "here may stand k"},
        {"mask donut k 20 \"k\" 20", "line 1 column 17", "has no such part"}, /* words of the language are not quoted */
        {"percent from counted", "line 1 column 14", "counts or rounded (is it 'counts'?)"},
        {"mean rounded", "line 1 column 6", "here may stand from"},
        {"release reviewers two", "line 1 column 19", "the number of reviewers must be a whole number from 0 to 9"},
        {"release", "line 1 column 8", "'release' needs 'reviewers' too"},
        {"compare everything", "line 1 column 9", "nothing or all-releases"},
        {"compare nothing else", "line 1 column 17", "nothing more may stand here"},
        {"unlabelled treat-as open", "line 1 column 21", "what is unlabelled must be personal or special"},
        {"unlabelled treat-as official", "line 1 column 21", "what is unlabelled must be personal or special"},
        {"unlabelled", "line 1 column 11", "'unlabelled' needs 'treat-as' too"},
        {"policy", "line 1 column 7", "the name of the policy must be a text"},
        {"policy Anytown Council", "line 1 column 16", "texts of several words stand in quotes"},
        {"policy Anytown version 0", "line 1 column 24", "the version must be a whole number from 1 to 1000000"},
        {"policy a\nreview 2027-01-14\n policy b", "line 3 column 2", "'policy' stands in line 1 already"},
        {"compare nothing\n#\ncompare nothing", "line 3 column 1", "'compare' stands in line 1 already"},
        {"approved-by SIRO on 2026-02-29", "line 1 column 21", "the day of approval must be a day of the calendar, written as 2026-01-31"},
        {"approved-by SIRO on 14/01/2026", "line 1 column 21", "written as"},
        {"review 2026-13-01", "line 1 column 8", "the day of review must be a day of the calendar"},
        {"review", "line 1 column 7", "the day of review"},
        {"review 2026-01-14 or so", "line 1 column 19", "nothing more may stand here"},
        {"review 2026-01-14\napproved-by SIRO on 2026-01-14", "line 2 column 21", "the review must come after the approval: see line 1"},
        {"approved-by SIRO on 2026-01-14\n\nreview 2026-01-13", "line 3 column 8", "the review must come after the approval: see line 1"},
        {"relase reviewers 1", "line 1 column 1", "there is no such rule (is it 'release'?)"},
        {"Approved_by SIRO", "line 1 column 1", "is it 'approved-by'?"},
        {"secrecy total", "line 1 column 1",
         "a line starts with policy, approved-by, review, dataset, unlabelled, class, grid, heatmap, mask, "
         "percent, mean, release or compare"},
        {"\"policy\" a", "line 1 column 1", "is it 'policy'?"},
        {"policy \"a\"version 1", "line 1 column 11", "a blank is missing after the closing quote"},
        {"policy \"a", "line 1 column 8", "a closing quote is missing"},
        {"policy \xE2\x80\x9C"
         "a\xE2\x80\x9D",
         "line 1 column 8", "curly"},
        {"class\xC2\xA0personal refuse", "line 1 column 6", "no-break space"},
        {"# all well \xE2\x80\xA8"
         "class personal refuse",
         "line 1 column 12", "control character"},
        {"# all \xE2\x80\xAEwell", "line 1 column 7", "control character"},
        {"# all well \xC2\x85", "line 1 column 12", "control character"},
        {"# one line\rclass personal refuse", "line 1 column 11", "control character"}, /* of old Macintoshes: not one comment */
        {"policy \x01", "line 1 column 8", "control character"},
        {"# caf\xE9", "line 1 column 6", "no UTF-8"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_policy *p = NULL;
        geo_err err = {.msg = "accepted"};
        char where[60];
        snprintf(where, sizeof where, "policy 'rules' %s: ", CASES[i].where);
        const geo_status st = geo_policy_parse("rules", CASES[i].text, strlen(CASES[i].text), &p, &err);
        CHECK(st == GEO_EFORMAT && strstr(err.msg, where) == err.msg && strstr(err.msg, CASES[i].what) && !p, "'%s': %s", CASES[i].text,
              err.msg);
    }
    geo_policy *p = NULL;
    geo_err err;
    assert_int_equal(geo_policy_parse("p", "# \0 class\n", 10, &p, &err), GEO_EFORMAT); /* a NUL hides nothing */
    assert_non_null(strstr(err.msg, "column 3"));
    char *large = calloc(1, ((size_t)1 << 20) + 1);
    memset(large, '\n', ((size_t)1 << 20) + 1);
    assert_int_equal(geo_policy_parse("p", large, ((size_t)1 << 20) + 1, &p, &err), GEO_EFORMAT);
    free(large);
    assert_null(p);
}

/* A value at either end of its range is taken as it is; one beyond is refused, never moved to the end. */
static void ranges(void **state)
{
    (void)state;
    static const struct {
        const char *form;
        double least, most, step;
    } CASES[] = {
        {"class special threshold %g", 0, 1000000, 1},
        {"class special round %g", 0, 1000, 1},
        {"class special p-percent %g", 0, 100, 0.5},
        {"class special dominance %g 85", 1, 100, 1},
        {"class special dominance 2 %g", 1, 100, 0.5},
        {"heatmap bandwidth %g classes 5 count 10", 1, 1000, 0.5},
        {"heatmap bandwidth 3 classes %g count 10", 2, 20, 1},
        {"heatmap bandwidth 3 classes 5 count %g", 1, 1000000, 1},
        {"mask snap k %g", 2, 1000000, 1},
        {"release reviewers %g", 0, 9, 1},
        {"policy p version %g", 1, 1000000, 1},
        {"grid squares %gkm", 1, 1000, 1},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        for (int k = 0; k < 4; k++) {
            const double value = k == 0   ? CASES[i].least - CASES[i].step
                                 : k == 1 ? CASES[i].least
                                 : k == 2 ? CASES[i].most
                                          : CASES[i].most + CASES[i].step;
            char form[80], text[120];
            const char *at = strstr(CASES[i].form, "%g");
            snprintf(form, sizeof form, "%.*s%%.7g%s", (int)(at - CASES[i].form), CASES[i].form, at + 2);
            snprintf(text, sizeof text, form, value);
            geo_policy *p = NULL;
            geo_err err = {.msg = ""};
            const geo_status st = geo_policy_parse("p", text, strlen(text), &p, &err);
            CHECK(st == (k == 1 || k == 2 ? GEO_OK : GEO_EFORMAT), "'%s': %s", text, err.msg);
            if (p && i == 0)
                assert_int_equal(geo_policy_rules(p, GEO_CLASS_SPECIAL, NULL)->threshold, value);
            if (p && i == 4)
                assert_true(geo_policy_rules(p, GEO_CLASS_SPECIAL, NULL)->dominance_k == value);
            geo_policy_free(p);
        }
}

/* ---- how it is written ---- */

static void writing(void **state)
{
    (void)state;
    static const char *const SAME[] = {
        "class personal areas lsoa ward threshold 7 points mask",
        "\xEF\xBB\xBF"
        "class personal areas lsoa ward threshold 7 points mask", /* as Windows' Notepad saves it */
        "class personal areas lsoa ward threshold 7 points mask\r\n",
        "# so\n\n \t class \tpersonal areas lsoa ward threshold 7 points mask# and so on",
        "CLASS Personal POINTS Mask threshold 7 Areas lsoa ward",
        "class personal to Public threshold \"7\" points \"mask\" areas lsoa ward",
    };
    geo_policy *first = parse(SAME[0]);
    for (size_t i = 0; i < COUNT_OF(SAME); i++) {
        geo_policy *p = parse(SAME[i]);
        CHECK(same_rules(geo_policy_rules(p, GEO_CLASS_PERSONAL, NULL), geo_policy_rules(first, GEO_CLASS_PERSONAL, NULL)), "'%s'",
              SAME[i]);
        geo_policy_free(p);
    }
    geo_policy_free(first);
}

/* Where a line stands makes no difference; files are looked up in another test, where it does. */
static void order_does_not_matter(void **state)
{
    (void)state;
    geo_random r = unit_random("order");
    geo_policy *expected = parse(COUNCIL);
    const geo_policy_terms *et = geo_policy_get_terms(expected);
    for (size_t tries = unit_tries(500); tries; tries--) {
        const char *lines[40];
        size_t n = 0, used = 0;
        for (const char *p = COUNCIL; *p; p = strchr(p, '\n') + 1)
            lines[n++] = p;
        char text[sizeof COUNCIL];
        while (n) {
            const size_t i = (size_t)geo_random_below(&r, n), long_n = (size_t)(strchr(lines[i], '\n') + 1 - lines[i]);
            memcpy(text + used, lines[i], long_n);
            used += long_n;
            lines[i] = lines[--n];
        }
        text[used] = '\0';
        geo_policy *p = parse(text);
        for (int c = GEO_CLASS_OPEN; c <= GEO_CLASS_SPECIAL; c++)
            for (const char *const *a = LEVELS("public", "press", "partner-nhs", "others"); *a; a++)
                CHECK(same_rules(geo_policy_rules(p, (geo_class)c, *a), geo_policy_rules(expected, (geo_class)c, *a)), "%s", text);
        const geo_policy_terms *t = geo_policy_get_terms(p);
        assert_true(t->ladder_n == et->ladder_n && t->mask_k == et->mask_k && t->heat_count == et->heat_count);
        assert_int_equal(geo_policy_get_about(p)->review, geo_policy_get_about(expected)->review);
        geo_policy_free(p);
    }
    geo_policy_free(expected);
}

/* ---- what it says ---- */

static void overdue(void **state)
{
    (void)state;
    char text[200] = "kept";
    geo_policy *p = parse(COUNCIL);
    assert_false(geo_policy_is_overdue(p, 20831, text, sizeof text)); /* the day before, and the day itself */
    assert_false(geo_policy_is_overdue(p, 20832, text, sizeof text));
    assert_string_equal(text, "kept");
    assert_true(geo_policy_is_overdue(p, 20833, text, sizeof text));
    assert_string_equal(text, "policy 'Anytown Council' was to be reviewed by 14 January 2027");
    assert_true(geo_policy_is_overdue(p, INT32_MAX, text, 10)); /* cut to its room */
    assert_string_equal(text, "policy 'A");
    geo_policy_free(p);
    p = parse("review 2024-02-29");
    assert_true(geo_policy_is_overdue(p, 19783, text, sizeof text));
    assert_string_equal(text, "the policy was to be reviewed by 29 February 2024");
    assert_false(geo_policy_is_overdue(p, 19782, text, sizeof text));
    geo_policy_free(p);
    p = parse("");
    assert_false(geo_policy_is_overdue(p, INT32_MAX, text, sizeof text));
    geo_policy_free(p);
}

static void collect(void *ctx, int line, const char *sentence)
{
    char *all = ctx;
    const size_t n = strlen(all);
    snprintf(all + n, 20000 - n, "%d: %s\n", line, sentence);
}

static void check_sentences(const char *policy, const char *expected)
{
    static char all[20000];
    all[0] = '\0';
    geo_policy *p = parse(policy);
    geo_policy_explain(p, collect, all);
    geo_policy_free(p);
    if (strcmp(all, expected) != 0)
        print_error("%s", all);
    assert_string_equal(all, expected);
}

static void sentences(void **state)
{
    (void)state;
    check_sentences(
        COUNCIL,
        "1: This is the policy \"Anytown Council\", version 3.\n"
        "2: It was approved by \"A. Officer, SIRO\" on 14 January 2026.\n"
        "3: It is to be reviewed by 14 January 2027; from the day after, a warning says that it was not.\n"
        "4: Files whose names fit \"imd*.csv\" hold open records, from MHCLG, under the licence OGL-UK-3.0.\n"
        "5: Records that carry no class, from a file with neither a label nor a line here, or from standard input, count as special.\n"
        "6: Counts of open records go to the public for areas of any size.\n"
        "6: No count and no sum is unsafe.\n"
        "6: Counts that are shown are not rounded.\n"
        "6: Points of open records go to the public as they are.\n"
        "7: Counts of official records go to the public for areas of lsoa or ward, or areas made of these, and no finer ones.\n"
        "7: Unsafe are: a count from 0 to 1; a group in which all have the same answer.\n"
        "7: Where no other method is asked for, areas are merged until nothing is unsafe, and what stays so is hidden, with as many other "
        "cells as keep it from being worked out.\n"
        "7: A hidden cell shows \"[c]\".\n"
        "7: Counts that are shown are rounded to multiples of 5.\n"
        "7: No points of official records go to the public.\n"
        "8: Counts of personal records go to the public for areas of lsoa, ward or oa21cd, or areas made of these, and no finer ones.\n"
        "8: Unsafe are: a count from 1 to 9.\n"
        "8: Where no other method is asked for, areas are merged until nothing is unsafe, and what stays so is hidden, with as many other "
        "cells as keep it from being worked out.\n"
        "8: A hidden cell shows \"[c]\".\n"
        "8: Counts that are shown are rounded to multiples of 5.\n"
        "8: Points of personal records go to the public masked, and not as they are.\n"
        "9: Counts of special records go to the public for areas of msoa, or areas made of these, and no finer ones.\n"
        "9: Unsafe are: a count from 0 to 9; a group in which all have the same answer; a sum of which the second largest contributor "
        "could tell the largest one's part to within 12.5 %; a sum of which the 2 largest contributors make up more than 85 %.\n"
        "9: Where no other method is asked for, counts are rounded so that sums still hold.\n"
        "9: A hidden cell shows \"[x]\".\n"
        "9: Counts that are shown are rounded to multiples of 3.\n"
        "9: No points of special records go to the public.\n"
        "10: Counts of special records go to partner-nhs for areas of msoa, or areas made of these, and no finer ones.\n"
        "10: Unsafe are: a count from 0 to 7; a group in which all have the same answer.\n"
        "10: Where no other method is asked for, what is unsafe is hidden, with as many other cells as keep it from being worked out.\n"
        "10: A hidden cell shows \"[c]\".\n"
        "10: Counts that are shown are rounded to multiples of 5.\n"
        "10: Points of special records go to partner-nhs as they are.\n"
        "11: Nothing made of special records goes to press.\n"
        "12: Counts by grid squares go out for squares of 500 m, merged into squares of 1 km or 2 km where they are unsafe; what is unsafe "
        "in squares of 2 km is hidden.\n"
        "13: Heat maps go out in 5 classes at most and never as the surface itself, smoothed with a bandwidth of 3 cells at least; cells "
        "with a count below 10 stay blank.\n"
        "14: Points that go out masked are moved to the middle of a catchment of addresses, so that each could be any of at least 8 "
        "addresses; one for which that cannot be done does not go out.\n"
        "15: Percentages are made of the counts before rounding, and can tell more than the rounded ones do.\n"
        "16: Means are sums divided by the count before it was protected, and can give that count away.\n"
        "17: A release goes out when 2 reviewers have looked at it; its author is none of them.\n"
        "18: A release is compared with no earlier ones: what follows from several together is not looked for.\n"
        "0: The class that a record carries counts for it; else that of the label beside its file, while the file is as it was labelled; "
        "else that of the first line here that fits the file's name.\n"
        "0: Whoever has no line of their own for a class gets of it what the public gets.\n");
    check_sentences(
        "", "0: The policy has no name.\n"
            "0: Nobody is said to have approved it.\n"
            "0: No day is set for its review, so nothing warns when it grows old.\n"
            "0: The class that a record carries counts for it; else that of the label beside its file, while the file is as it was "
            "labelled; else that of the first line here that fits the file's name.\n"
            "0: Records that carry no class, from a file with neither a label nor a line here, or from standard input, count as personal.\n"
            "0: Counts of open records go to the public for areas of any size.\n"
            "0: No count and no sum is unsafe.\n"
            "0: Counts that are shown are not rounded.\n"
            "0: Points of open records go to the public as they are.\n"
            "0: Nothing made of official records goes to the public.\n"
            "0: Nothing made of personal records goes to the public.\n"
            "0: Nothing made of special records goes to the public.\n"
            "0: Whoever has no line of their own for a class gets of it what the public gets.\n"
            "0: No counts go out by grid squares.\n"
            "0: No heat maps go out.\n"
            "0: Points that go out masked are moved at random into a ring around where they are, so that each could be any of at least 20 "
            "addresses; one for which that cannot be done does not go out.\n"
            "0: Percentages are made of the counts as they go out.\n"
            "0: Means are sums divided by the count as it goes out.\n"
            "0: A release needs no reviewer.\n"
            "0: A release is compared with all earlier ones, for what follows from them together.\n");
}

/* One sentence a case, of those that the council's policy lacks. */
static void other_sentences(void **state)
{
    (void)state;
    static const struct {
        const char *policy, *sentence;
    } CASES[] = {
        {"policy a", "1: This is the policy \"a\", without a version.\n"},
        {"approved-by a", "1: It was approved by \"a\", on a day that is not said.\n"},
        {"dataset a class special", "1: Files whose names fit \"a\" hold special records.\n"},
        {"dataset a class open licence b", "hold open records, under the licence b.\n"},
        {"class personal areas any threshold 0", "1: Unsafe are: a count of 0; a group in which all have the same answer.\n"},
        {"class personal areas any threshold 2 zeros publish homogeneity publish", "1: Unsafe are: a count of 1.\n"},
        {"class personal threshold 0 zeros publish homogeneity publish", "1: No count and no sum is unsafe.\n"},
        {"class personal threshold 1 zeros publish homogeneity publish dominance 1 90",
         "1: Unsafe are: a sum of which the largest contributor makes up more than 90 %.\n"},
        {"class personal method cell-key",
         "1: Where no other method is asked for, counts are changed at random, in the same way whenever the same records are counted.\n"},
        {"class personal to public round 1", "1: Counts that are shown are not rounded.\n"},
        {"grid squares 250m", "1: Counts by grid squares go out for squares of 250 m; what is unsafe in these is hidden.\n"},
        {"grid squares 250m 500m",
         "for squares of 250 m, merged into squares of 500 m where they are unsafe; what is unsafe in squares of 500 m"},
        {"heatmap bandwidth 2.5 classes 4 count 1", "with a bandwidth of 2.5 cells at least; cells with a count below 1 stay blank.\n"},
        {"release reviewers 1", "1: A release goes out when 1 reviewer has looked at it; its author is none of them.\n"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        static char all[20000];
        all[0] = '\0';
        geo_policy *p = parse(CASES[i].policy);
        geo_policy_explain(p, collect, all);
        geo_policy_free(p);
        CHECK(strstr(all, CASES[i].sentence), "'%s':\n%s", CASES[i].policy, all);
    }
}

/* ---- the built-in one ---- */

static void built_in(void **state)
{
    (void)state;
    geo_policy *p = parse(geo_policy_default());
    const geo_rules *personal = geo_policy_rules(p, GEO_CLASS_PERSONAL, NULL), *special = geo_policy_rules(p, GEO_CLASS_SPECIAL, NULL);
    const geo_rules *official = geo_policy_rules(p, GEO_CLASS_OFFICIAL, NULL);
    assert_true(official->threshold == 5 && official->round == 5 && same_levels(official->areas, LEVELS("lsoa", "ward")));
    assert_true(personal->threshold == 10 && personal->round == 5 && same_levels(personal->areas, LEVELS("lsoa", "ward")));
    assert_true(special->threshold == 10 && special->round == 5 && special->p_percent == 10 && same_levels(special->areas, LEVELS("msoa")));
    for (int c = GEO_CLASS_OFFICIAL; c <= GEO_CLASS_SPECIAL; c++) {
        const geo_rules *r = geo_policy_rules(p, (geo_class)c, NULL);
        assert_true(r->line && !r->refused && r->protect_zeros && r->homogeneity && r->points == GEO_POINTS_REFUSE);
    }
    const geo_policy_terms *t = geo_policy_get_terms(p);
    assert_true(t->ladder_n > 0 && t->heat_bandwidth >= 3 && t->heat_classes <= 5 && t->heat_count >= 10 && t->mask_k >= 8);
    assert_true(t->percent_of_rounded && t->mean_of_protected && t->compare_all && t->unlabelled == GEO_CLASS_PERSONAL);
    assert_int_equal(geo_policy_get_about(p)->review, INT32_MIN);
    geo_policy_free(p);
}

/* The lines that its comments offer are right as well. */
static void built_in_comments(void **state)
{
    (void)state;
    char *text = strdup(geo_policy_default());
    int offered = 0;
    for (char *at = text; (at = strstr(at, "#     ")); at++) {
        char line[200];
        snprintf(line, sizeof line, "%.*s\n", (int)strcspn(at + 6, "\n"), at + 6);
        geo_policy_free(parse(line));
        offered++;
    }
    assert_true(offered >= 6);
    free(text);
}

/* ---- what is unlabelled ---- */

static void unlabelled(void **state)
{
    (void)state;
    geo_err err;
    geo_label label;
    geo_policy *special = parse("unlabelled treat-as special\ndataset a.csv class open\n"), *silent = parse("dataset a.csv class open\n");
    const struct {
        const char *file;
        const geo_policy *policy;
        geo_class class_;
        bool known;
    } CASES[] = {
        {"-", special, GEO_CLASS_SPECIAL, false},     {"-", silent, GEO_CLASS_PERSONAL, false},
        {"-", NULL, GEO_CLASS_PERSONAL, false},       {"b.csv", special, GEO_CLASS_SPECIAL, false},
        {"b.csv", silent, GEO_CLASS_PERSONAL, false}, {"b.csv", NULL, GEO_CLASS_PERSONAL, false},
        {"a.csv", special, GEO_CLASS_OPEN, true},     {"a.csv", silent, GEO_CLASS_OPEN, true},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CHECK_OK(geo_label_find(CASES[i].file, CASES[i].policy, &label, NULL, &err), &err);
        CHECK(label.class_ == CASES[i].class_ && label.known == CASES[i].known, "case %zu: class %d", i, label.class_);
    }
    char file[320]; /* labelled once, and changed since: special as well, if no line fits */
    strcpy(file, unit_text("c.csv", "x"));
    unit_text("c.csv.sdc", "{}");
    CHECK_OK(geo_label_find(file, special, &label, NULL, &err), &err);
    assert_int_equal(label.class_, GEO_CLASS_SPECIAL);
    geo_policy_free(special);
    geo_policy_free(silent);
}

static int start(void **state)
{
    (void)state;
    geo_err err;
    return geo_init(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(about),
        cmocka_unit_test(terms),
        cmocka_unit_test(classes),
        cmocka_unit_test(silence),
        cmocka_unit_test(errors_say_where_and_what),
        cmocka_unit_test(ranges),
        cmocka_unit_test(writing),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(overdue),
        cmocka_unit_test(sentences),
        cmocka_unit_test(other_sentences),
        cmocka_unit_test(built_in),
        cmocka_unit_test(built_in_comments),
        cmocka_unit_test(unlabelled),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
