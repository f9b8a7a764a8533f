/* The rules of a policy, one reader each. */
#include "policy.h"

#include "geo/number.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LARGEST_COUNT 1000000
#define LARGEST_SQUARE_M 1000000

/* ---- what the policy is ---- */

static geo_status read_version(policy_line *l, void *into, geo_err *err)
{
    return geo_policy_take_whole(l, "the version", 1, LARGEST_COUNT, &((geo_policy *)into)->about.version, err);
}

static geo_status read_name(policy_line *l, geo_err *err)
{
    static const policy_part PARTS[] = {{"version", read_version}, {NULL, NULL}};
    const char *seen[1];
    const geo_status st = geo_policy_take_text(l, "the name of the policy", POLICY_LONGEST_WORD, &l->policy->about.name, err);
    return st < 0 ? st : geo_policy_take_parts(l, PARTS, l->policy, seen, err);
}

/* Approval and review, once both are known. */
static geo_status check_dates(const policy_line *l, const char *at, policy_kind other, geo_err *err)
{
    const geo_policy_about *about = &l->policy->about;
    if (about->approved != INT32_MIN && about->review != INT32_MIN && about->review <= about->approved)
        return geo_policy_wrong(l, at, err, "the review must come after the approval: see line %d", l->policy->line_of[other]);
    return GEO_OK;
}

static geo_status read_on(policy_line *l, void *into, geo_err *err)
{
    const char *at;
    const geo_status st = geo_policy_take_date(l, "the day of approval", &((geo_policy *)into)->about.approved, &at, err);
    return st < 0 ? st : check_dates(l, at, POLICY_REVIEW, err);
}

static geo_status read_approved(policy_line *l, geo_err *err)
{
    static const policy_part PARTS[] = {{"on", read_on}, {NULL, NULL}};
    const char *seen[1];
    const geo_status st = geo_policy_take_text(l, "who approved", POLICY_LONGEST_WORD, &l->policy->about.approved_by, err);
    return st < 0 ? st : geo_policy_take_parts(l, PARTS, l->policy, seen, err);
}

static geo_status read_nothing_more(policy_line *l, geo_err *err)
{
    static const policy_part NONE[] = {{NULL, NULL}};
    return geo_policy_take_parts(l, NONE, NULL, NULL, err);
}

static geo_status read_review(policy_line *l, geo_err *err)
{
    const char *at;
    geo_status st = geo_policy_take_date(l, "the day of review", &l->policy->about.review, &at, err);
    if (st == GEO_OK)
        st = check_dates(l, at, POLICY_APPROVED, err);
    return st < 0 ? st : read_nothing_more(l, err);
}

/* ---- which class a file has ---- */

static geo_status read_class_of(policy_line *l, void *into, geo_err *err)
{
    geo_label *label = into;
    int which = 0;
    const geo_status st = geo_policy_take_choice(l, "the class", GEO_POLICY_CLASSES, &which, err);
    label->class_ = (geo_class)which;
    label->known = true;
    return st;
}

static geo_status read_source(policy_line *l, void *into, geo_err *err)
{
    geo_label *label = into;
    const char *text = "";
    const geo_status st = geo_policy_take_text(l, "the source", sizeof label->source - 1, &text, err);
    snprintf(label->source, sizeof label->source, "%s", text);
    return st;
}

static geo_status read_licence(policy_line *l, void *into, geo_err *err)
{
    geo_label *label = into;
    const char *text = "";
    const geo_status st = geo_policy_take_text(l, "the licence", sizeof label->licence - 1, &text, err);
    snprintf(label->licence, sizeof label->licence, "%s", text);
    return st;
}

static geo_status read_dataset(policy_line *l, geo_err *err)
{
    static const policy_part PARTS[] = {{"class", read_class_of}, {"source", read_source}, {"licence", read_licence}, {NULL, NULL}};
    const char *seen[3];
    dataset_rule rule = {.label = {.class_ = GEO_CLASS_PERSONAL}};
    geo_status st = geo_policy_take_text(l, "the name of a file, or a pattern such as imd*.csv,", POLICY_LONGEST_WORD, &rule.glob, err);
    if (st == GEO_OK)
        st = geo_policy_take_parts(l, PARTS, &rule.label, seen, err);
    if (st < 0)
        return st;
    if (!rule.label.known)
        return geo_policy_wrong(l, l->p, err, "'dataset' says no class");
    return geo_vec_append(&l->policy->datasets, &rule, 1, sizeof rule) ? GEO_OK : geo_err_nomem(err);
}

static geo_status read_treat_as(policy_line *l, void *into, geo_err *err)
{
    int which = 0;
    const geo_status st = geo_policy_take_choice(l, "what is unlabelled", (const char *const[]){"personal", "special", NULL}, &which, err);
    ((geo_policy *)into)->terms.unlabelled = which == 1 ? GEO_CLASS_SPECIAL : GEO_CLASS_PERSONAL;
    return st;
}

static geo_status read_unlabelled(policy_line *l, geo_err *err)
{
    static const policy_part PARTS[] = {{"treat-as", read_treat_as}, {NULL, NULL}};
    return geo_policy_take_all_parts(l, PARTS, l->policy, err);
}

/* ---- grids, heat maps, points ---- */

/* A size such as 500m or 2km, in metres; 0: it is none. */
static int square_size(const char *text)
{
    const size_t n = strlen(text),
                 unit_n = n >= 2 && strcasecmp(text + n - 2, "km") == 0 ? 2 : n >= 1 && strcasecmp(text + n - 1, "m") == 0;
    int64_t size = 0;
    if (unit_n == 0 || !geo_number_parse_int(text, n - unit_n, &size) || size < 1 || size > LARGEST_SQUARE_M / (unit_n == 2 ? 1000 : 1))
        return 0;
    return (int)size * (unit_n == 2 ? 1000 : 1);
}

static geo_status read_squares(policy_line *l, void *into, geo_err *err)
{
    geo_policy_terms *terms = into;
    int *size = geo_arena_array(&l->policy->arena, POLICY_MOST_SQUARES, sizeof *size);
    size_t n = 0;
    policy_word w;
    geo_status st = size ? GEO_OK : geo_err_nomem(err);
    while (st == GEO_OK && (st = geo_policy_word(l, &w, err)) == GEO_OK && (w.text || n == 0)) {
        const int m = w.text ? square_size(w.text) : 0;
        if (m == 0)
            return geo_policy_wrong(l, w.at, err, "the size of a square must be written as 500m or 2km, from 1m to %dkm",
                                    LARGEST_SQUARE_M / 1000);
        if (n && (m <= size[n - 1] || m % size[n - 1] != 0))
            return geo_policy_wrong(l, w.at, err, "each square must be larger than the one before, and a multiple of it");
        if (n == POLICY_MOST_SQUARES)
            return geo_policy_wrong(l, w.at, err, "these are more than %d squares", POLICY_MOST_SQUARES);
        size[n++] = m;
    }
    terms->ladder_m = size;
    terms->ladder_n = n;
    return st;
}

static geo_status read_grid(policy_line *l, geo_err *err)
{
    static const policy_part PARTS[] = {{"squares", read_squares}, {NULL, NULL}};
    return geo_policy_take_all_parts(l, PARTS, &l->policy->terms, err);
}

static geo_status read_bandwidth(policy_line *l, void *into, geo_err *err)
{
    return geo_policy_take_number(l, "the bandwidth, in cells,", 1, 1000, &((geo_policy_terms *)into)->heat_bandwidth, err);
}

static geo_status read_classes(policy_line *l, void *into, geo_err *err)
{
    return geo_policy_take_whole(l, "the number of classes", 2, 20, &((geo_policy_terms *)into)->heat_classes, err);
}

static geo_status read_count(policy_line *l, void *into, geo_err *err)
{
    int n = 0;
    const geo_status st = geo_policy_take_whole(l, "the least count", 1, LARGEST_COUNT, &n, err);
    ((geo_policy_terms *)into)->heat_count = n;
    return st;
}

static geo_status read_heatmap(policy_line *l, geo_err *err)
{
    static const policy_part PARTS[] = {{"bandwidth", read_bandwidth}, {"classes", read_classes}, {"count", read_count}, {NULL, NULL}};
    return geo_policy_take_all_parts(l, PARTS, &l->policy->terms, err);
}

static geo_status read_k(policy_line *l, void *into, geo_err *err)
{
    return geo_policy_take_whole(l, "the number of addresses", 2, LARGEST_COUNT, &((geo_policy_terms *)into)->mask_k, err);
}

static geo_status read_mask(policy_line *l, geo_err *err)
{
    static const policy_part PARTS[] = {{"k", read_k}, {NULL, NULL}};
    int which = 0;
    const geo_status st = geo_policy_take_choice(l, "the way of masking", (const char *const[]){"donut", "snap", NULL}, &which, err);
    l->policy->terms.mask_snap = which == 1;
    return st < 0 ? st : geo_policy_take_all_parts(l, PARTS, &l->policy->terms, err);
}

/* ---- percentages, means, releases ---- */

static geo_status read_percent_from(policy_line *l, void *into, geo_err *err)
{
    int which = 0;
    const geo_status st =
        geo_policy_take_choice(l, "what percentages are made of", (const char *const[]){"counts", "rounded", NULL}, &which, err);
    ((geo_policy_terms *)into)->percent_of_rounded = which == 1;
    return st;
}

static geo_status read_percent(policy_line *l, geo_err *err)
{
    static const policy_part PARTS[] = {{"from", read_percent_from}, {NULL, NULL}};
    return geo_policy_take_all_parts(l, PARTS, &l->policy->terms, err);
}

static geo_status read_mean_from(policy_line *l, void *into, geo_err *err)
{
    int which = 0;
    const geo_status st =
        geo_policy_take_choice(l, "what means are made of", (const char *const[]){"counts", "protected", NULL}, &which, err);
    ((geo_policy_terms *)into)->mean_of_protected = which == 1;
    return st;
}

static geo_status read_mean(policy_line *l, geo_err *err)
{
    static const policy_part PARTS[] = {{"from", read_mean_from}, {NULL, NULL}};
    return geo_policy_take_all_parts(l, PARTS, &l->policy->terms, err);
}

static geo_status read_reviewers(policy_line *l, void *into, geo_err *err)
{
    return geo_policy_take_whole(l, "the number of reviewers", 0, 9, &((geo_policy_terms *)into)->reviewers, err);
}

static geo_status read_release(policy_line *l, geo_err *err)
{
    static const policy_part PARTS[] = {{"reviewers", read_reviewers}, {NULL, NULL}};
    return geo_policy_take_all_parts(l, PARTS, &l->policy->terms, err);
}

static geo_status read_compare(policy_line *l, geo_err *err)
{
    int which = 0;
    const geo_status st =
        geo_policy_take_choice(l, "what a release is compared with", (const char *const[]){"nothing", "all-releases", NULL}, &which, err);
    l->policy->terms.compare_all = which == 1;
    return st < 0 ? st : read_nothing_more(l, err);
}

/* ---- the table ---- */

static geo_status (*const READ[POLICY_KINDS])(policy_line *l, geo_err *err) = {
    [POLICY_NAME] = read_name,
    [POLICY_APPROVED] = read_approved,
    [POLICY_REVIEW] = read_review,
    [POLICY_DATASET] = read_dataset,
    [POLICY_UNLABELLED] = read_unlabelled,
    [POLICY_CLASS] = geo_policy_read_class,
    [POLICY_GRID] = read_grid,
    [POLICY_HEATMAP] = read_heatmap,
    [POLICY_MASK] = read_mask,
    [POLICY_PERCENT] = read_percent,
    [POLICY_MEAN] = read_mean,
    [POLICY_RELEASE] = read_release,
    [POLICY_COMPARE] = read_compare,
};

static const char *const NAMES[POLICY_KINDS + 1] = {
    [POLICY_NAME] = "policy",
    [POLICY_APPROVED] = "approved-by",
    [POLICY_REVIEW] = "review",
    [POLICY_DATASET] = "dataset",
    [POLICY_UNLABELLED] = "unlabelled",
    [POLICY_CLASS] = "class",
    [POLICY_GRID] = "grid",
    [POLICY_HEATMAP] = "heatmap",
    [POLICY_MASK] = "mask",
    [POLICY_PERCENT] = "percent",
    [POLICY_MEAN] = "mean",
    [POLICY_RELEASE] = "release",
    [POLICY_COMPARE] = "compare",
};

static geo_status no_such_rule(const policy_line *l, const policy_word *w, geo_err *err)
{
    char all[200];
    const char *near = geo_policy_near(w->text, NAMES, 3);
    geo_policy_list(all, sizeof all, NAMES);
    if (near)
        return geo_policy_wrong(l, w->at, err, "there is no such rule (is it '%s'?)", near);
    return geo_policy_wrong(l, w->at, err, "there is no such rule; a line starts with %s", all);
}

geo_status geo_policy_read_line(policy_line *l, geo_err *err)
{
    policy_word w;
    geo_status st = geo_policy_check_text(l, err);
    if (st == GEO_OK)
        st = geo_policy_word(l, &w, err);
    if (st < 0 || !w.text)
        return st;
    const int kind = w.quoted ? -1 : geo_policy_find(w.text, NAMES);
    if (kind < 0)
        return no_such_rule(l, &w, err);
    geo_policy *policy = l->policy;
    if (policy->line_of[kind] && kind != POLICY_DATASET && kind != POLICY_CLASS)
        return geo_policy_wrong(l, w.at, err, "'%s' stands in line %d already", NAMES[kind], policy->line_of[kind]);
    l->rule = NAMES[kind];
    l->rule_at = w.at;
    const policy_rule rule = {(policy_kind)kind, l->number, kind == POLICY_DATASET ? policy->datasets.n : policy->classes.n};
    if ((st = READ[kind](l, err)) < 0)
        return st;
    if (!policy->line_of[kind])
        policy->line_of[kind] = l->number;
    return geo_vec_append(&policy->rules, &rule, 1, sizeof rule) ? GEO_OK : geo_err_nomem(err);
}
