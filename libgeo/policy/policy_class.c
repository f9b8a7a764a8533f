/* The rules for a class of records and an audience: "class special to press refuse". */
#include "policy.h"

#include "geo/number.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MOST_CLASSES 1000
#define MOST_LEVELS 64 /* as a lattice has */
#define LARGEST_THRESHOLD 1000000
#define LARGEST_BASE 1000 /* as geo_round_nearest takes */
#define LONGEST_MARK 15

const char *const GEO_POLICY_CLASSES[] = {"open", "official", "personal", "special", NULL};

/* Words of this rule. None of them can name a level of areas or an audience: `areas lsoa treshold 10` must not look as if it were kept. */
static const char *const RESERVED[] = {"to",        "areas",  "threshold", "round",  "zeros",   "homogeneity", "p-percent",
                                       "dominance", "method", "mark",      "points", "refuse",  "protect",     "publish",
                                       "release",   "mask",   "suppress",  "any",    "coarsen", "cell-key",    NULL};

/* Whoever forgets the word shows no areas: all together is all that goes. */
static const char *const NO_AREAS[] = {NULL};

geo_rules geo_policy_rules_start(geo_class c)
{
    const bool open = c == GEO_CLASS_OPEN;
    return (geo_rules){
        .class_ = c,
        .audience = "public",
        .areas = open ? NULL : NO_AREAS,
        .threshold = open ? 0 : 10,
        .protect_zeros = !open,
        .homogeneity = !open,
        .method = GEO_METHOD_COARSEN,
        .points = open ? GEO_POINTS_RELEASE : GEO_POINTS_REFUSE,
        .mark = "[c]",
    };
}

static geo_status read_to(policy_line *l, void *into, geo_err *err)
{
    geo_rules *r = into;
    policy_word w;
    const geo_status st = geo_policy_word(l, &w, err);
    if (st < 0)
        return st;
    if (!w.text || !geo_policy_is_name(w.text) || geo_policy_find(w.text, RESERVED) >= 0)
        return geo_policy_wrong(l, w.at, err, "an audience must be a name of letters, digits, - and _, such as partner-nhs");
    r->audience = strcasecmp(w.text, "public") == 0 ? "public" : w.text;
    return GEO_OK;
}

/* One level after another, up to a word that names another part. Whatever is nearly such a word is a slip. */
static geo_status read_levels(policy_line *l, const char **levels, size_t *n, geo_err *err)
{
    const char *before = l->p;
    policy_word w;
    geo_status st;
    while ((st = geo_policy_word(l, &w, err)) == GEO_OK && w.text && geo_policy_find(w.text, RESERVED) < 0) {
        const size_t long_n = strlen(w.text);
        const char *near = geo_policy_near(w.text, RESERVED, long_n < 4 ? 0 : long_n < 8 ? 1 : 2);
        if (near)
            return geo_policy_wrong(l, w.at, err, "this is no level of areas, being nearly a word of the rule (is it '%s'?)", near);
        if (!geo_policy_is_name(w.text))
            return geo_policy_wrong(l, w.at, err, "here may stand another level of areas, such as lsoa, or the next part of the rule");
        if (geo_policy_find(w.text, (const char *const *)levels) >= 0)
            return geo_policy_wrong(l, w.at, err, "this level stands twice");
        if (*n == MOST_LEVELS)
            return geo_policy_wrong(l, w.at, err, "these are more than %d levels", MOST_LEVELS);
        levels[(*n)++] = w.text;
        levels[*n] = NULL;
        before = l->p;
    }
    if (st == GEO_OK && w.text && *n == 0)
        return geo_policy_wrong(l, w.at, err, "after 'areas' must stand the finest levels, such as lsoa ward, or 'any'");
    l->p = before;
    return st;
}

static geo_status read_areas(policy_line *l, void *into, geo_err *err)
{
    geo_rules *r = into;
    const char *levels[MOST_LEVELS + 1] = {NULL};
    size_t n = 0;
    const char *before = l->p;
    policy_word w;
    geo_status st = geo_policy_word(l, &w, err);
    if (st < 0)
        return st;
    if (!w.text)
        return geo_policy_wrong(l, w.at, err, "after 'areas' must stand the finest levels, such as lsoa ward, or 'any'");
    r->areas = NULL;
    if (strcasecmp(w.text, "any") == 0)
        return GEO_OK;
    l->p = before;
    if ((st = read_levels(l, levels, &n, err)) < 0)
        return st;
    const char **areas = geo_arena_array(&l->policy->arena, n + 1, sizeof *areas);
    if (!areas)
        return geo_err_nomem(err);
    memcpy(areas, levels, (n + 1) * sizeof *areas);
    r->areas = areas;
    return GEO_OK;
}

static geo_status read_threshold(policy_line *l, void *into, geo_err *err)
{
    int n = 0;
    const geo_status st = geo_policy_take_whole(l, "the threshold", 0, LARGEST_THRESHOLD, &n, err);
    ((geo_rules *)into)->threshold = n;
    return st;
}

static geo_status read_round(policy_line *l, void *into, geo_err *err)
{
    return geo_policy_take_whole(l, "the base of rounding", 0, LARGEST_BASE, &((geo_rules *)into)->round, err);
}

static geo_status read_protection(policy_line *l, const char *what, bool *protect, geo_err *err)
{
    int which = 0;
    const geo_status st = geo_policy_take_choice(l, what, (const char *const[]){"publish", "protect", NULL}, &which, err);
    *protect = which == 1;
    return st;
}

static geo_status read_zeros(policy_line *l, void *into, geo_err *err)
{
    return read_protection(l, "what becomes of zeros", &((geo_rules *)into)->protect_zeros, err);
}

static geo_status read_homogeneity(policy_line *l, void *into, geo_err *err)
{
    return read_protection(l, "what becomes of groups that are all alike", &((geo_rules *)into)->homogeneity, err);
}

static geo_status read_p_percent(policy_line *l, void *into, geo_err *err)
{
    return geo_policy_take_number(l, "the p of p-percent", 0, 100, &((geo_rules *)into)->p_percent, err);
}

static geo_status read_dominance(policy_line *l, void *into, geo_err *err)
{
    geo_rules *r = into;
    const geo_status st = geo_policy_take_whole(l, "the number of the largest contributors", 1, 100, &r->dominance_n, err);
    return st < 0 ? st : geo_policy_take_number(l, "the per cent that they may make up", 1, 100, &r->dominance_k, err);
}

static geo_status read_method(policy_line *l, void *into, geo_err *err)
{
    static const char *const METHODS[] = {[GEO_METHOD_COARSEN] = "coarsen",
                                          [GEO_METHOD_SUPPRESS] = "suppress",
                                          [GEO_METHOD_ROUND] = "round",
                                          [GEO_METHOD_CELLKEY] = "cell-key",
                                          NULL};
    int which = 0;
    const geo_status st = geo_policy_take_choice(l, "the method", METHODS, &which, err);
    ((geo_rules *)into)->method = (geo_method)which;
    return st;
}

static geo_status read_points(policy_line *l, void *into, geo_err *err)
{
    static const char *const POINTS[] = {
        [GEO_POINTS_REFUSE] = "refuse", [GEO_POINTS_MASK] = "mask", [GEO_POINTS_RELEASE] = "release", NULL};
    int which = 0;
    const geo_status st = geo_policy_take_choice(l, "what becomes of points", POINTS, &which, err);
    ((geo_rules *)into)->points = (geo_points)which;
    return st;
}

/* A mark that is a number would be taken for a count. */
static geo_status read_mark(policy_line *l, void *into, geo_err *err)
{
    geo_rules *r = into;
    const char *before = l->p;
    policy_word w;
    double number;
    geo_status st = geo_policy_word(l, &w, err);
    if (st == GEO_OK && w.text && geo_number_parse(w.text, strlen(w.text), &number))
        return geo_policy_wrong(l, w.at, err, "the mark of a hidden cell must not be a number, which would be taken for its count");
    l->p = before;
    if (st == GEO_OK)
        st = geo_policy_take_text(l, "the mark of a hidden cell", LONGEST_MARK, &r->mark, err);
    return st;
}

enum { TO, AREAS, THRESHOLD, ROUND, ZEROS, HOMOGENEITY, P_PERCENT, DOMINANCE, METHOD, MARK, POINTS, REFUSE, PARTS };
static const policy_part PART[PARTS + 1] = {
    [TO] = {"to", read_to},
    [AREAS] = {"areas", read_areas},
    [THRESHOLD] = {"threshold", read_threshold},
    [ROUND] = {"round", read_round},
    [ZEROS] = {"zeros", read_zeros},
    [HOMOGENEITY] = {"homogeneity", read_homogeneity},
    [P_PERCENT] = {"p-percent", read_p_percent},
    [DOMINANCE] = {"dominance", read_dominance},
    [METHOD] = {"method", read_method},
    [MARK] = {"mark", read_mark},
    [POINTS] = {"points", read_points},
    [REFUSE] = {"refuse", NULL},
};

/* Do the parts of a rule go together? */
static geo_status check(const policy_line *l, const geo_rules *r, const char *const seen[], geo_err *err)
{
    size_t others_n = 0;
    for (size_t i = AREAS; i < REFUSE; i++)
        others_n += seen[i] != NULL;
    if (seen[REFUSE] && others_n)
        return geo_policy_wrong(l, seen[REFUSE], err, "'refuse' lets nothing go, so nothing but 'to' can stand with it");
    if (!seen[REFUSE] && others_n == 0)
        return geo_policy_wrong(l, l->p, err, "the rule says nothing: add what may go, such as 'areas lsoa', or 'refuse'");
    if (r->method == GEO_METHOD_ROUND && r->round < 2)
        return geo_policy_wrong(l, seen[METHOD], err, "the method is to round, and no base is given: add 'round 5', say");
    return GEO_OK;
}

static const geo_rules *find_same(const geo_policy *policy, const geo_rules *r)
{
    const geo_rules *all = policy->classes.items;
    for (size_t i = 0; i < policy->classes.n; i++)
        if (all[i].class_ == r->class_ && strcasecmp(all[i].audience, r->audience) == 0)
            return &all[i];
    return NULL;
}

geo_status geo_policy_read_class(policy_line *l, geo_err *err)
{
    int c = 0;
    const char *seen[PARTS];
    geo_status st = geo_policy_take_choice(l, "the class", GEO_POLICY_CLASSES, &c, err);
    geo_rules r = geo_policy_rules_start((geo_class)c);
    r.line = l->number;
    if (st == GEO_OK)
        st = geo_policy_take_parts(l, PART, &r, seen, err);
    if (st == GEO_OK)
        st = check(l, &r, seen, err);
    if (st < 0)
        return st;
    r.refused = seen[REFUSE] != NULL;
    const geo_rules *same = find_same(l->policy, &r);
    if (same)
        return geo_policy_wrong(l, l->rule_at, err, "line %d has a rule for this class and audience already", same->line);
    if (l->policy->classes.n == MOST_CLASSES)
        return geo_policy_wrong(l, l->rule_at, err, "there are more than %d 'class' rules", MOST_CLASSES);
    return geo_vec_append(&l->policy->classes, &r, 1, sizeof r) ? GEO_OK : geo_err_nomem(err);
}
