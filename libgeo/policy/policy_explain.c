/* A policy in sentences: what each line says, and then what holds where none does, so that nothing is left unsaid. */
#include "policy.h"

#include "geo/number.h"
#include "geo/table.h"

#include <stdio.h>
#include <string.h>

/* Longest: 64 names of levels. */
#define LONGEST_SENTENCE 8192

typedef struct teller {
    const geo_policy *policy;
    void (*say)(void *ctx, int line, const char *sentence);
    void *ctx;
    int line;
} teller;

static void say(const teller *t, const char *fmt, ...) GEO_PRINTF(2, 3);
static void say(const teller *t, const char *fmt, ...)
{
    char sentence[LONGEST_SENTENCE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, ap);
    va_end(ap);
    t->say(t->ctx, t->line, sentence);
}

typedef struct day {
    char text[32];
} day;

/* "14 January 2027" */
static day day_of(int32_t days)
{
    static const char *const MONTHS[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    int y, m, d;
    geo_date_civil(days, &y, &m, &d);
    day made;
    snprintf(made.text, sizeof made.text, "%d %s %d", d, MONTHS[m - 1], y);
    return made;
}

/* ---- what the policy is ---- */

static void say_name(const teller *t)
{
    const geo_policy_about *about = &t->policy->about;
    if (!about->name[0])
        say(t, "The policy has no name.");
    else if (about->version)
        say(t, "This is the policy \"%s\", version %d.", about->name, about->version);
    else
        say(t, "This is the policy \"%s\", without a version.", about->name);
}

static void say_approved(const teller *t)
{
    const geo_policy_about *about = &t->policy->about;
    if (!about->approved_by[0])
        say(t, "Nobody is said to have approved it.");
    else if (about->approved != INT32_MIN)
        say(t, "It was approved by \"%s\" on %s.", about->approved_by, day_of(about->approved).text);
    else
        say(t, "It was approved by \"%s\", on a day that is not said.", about->approved_by);
}

static void say_review(const teller *t)
{
    const geo_policy_about *about = &t->policy->about;
    if (about->review == INT32_MIN)
        say(t, "No day is set for its review, so nothing warns when it grows old.");
    else
        say(t, "It is to be reviewed by %s; from the day after, a warning says that it was not.", day_of(about->review).text);
}

/* ---- which class a file has ---- */

static void say_dataset(const teller *t, const dataset_rule *rule)
{
    const geo_label *label = &rule->label;
    say(t, "Files whose names fit \"%s\" hold %s records%s%s%s%s.", rule->glob, geo_class_name(label->class_),
        label->source[0] ? ", from " : "", label->source, label->licence[0] ? ", under the licence " : "", label->licence);
}

static void say_labels(const teller *t)
{
    say(t,
        "The class that a record carries counts for it; else that of the label beside its file, while the file is as it was labelled; else "
        "that of the first line here that fits the file's name.");
}

static void say_unlabelled(const teller *t)
{
    say(t, "Records that carry no class, from a file with neither a label nor a line here, or from standard input, count as %s.",
        geo_class_name(t->policy->terms.unlabelled));
}

/* ---- classes ---- */

static const char *whom(const geo_rules *r)
{
    return strcmp(r->audience, "public") == 0 ? "the public" : r->audience;
}

static void say_areas(const teller *t, const geo_rules *r)
{
    char levels[5000];
    if (r->areas && !*r->areas) {
        say(t, "Counts of %s records go to %s for all areas together, and for no single ones.", geo_class_name(r->class_), whom(r));
    } else if (r->areas) {
        geo_policy_list(levels, sizeof levels, r->areas);
        say(t, "Counts of %s records go to %s for areas of %s, or areas made of these, and no finer ones.", geo_class_name(r->class_),
            whom(r), levels);
    } else {
        say(t, "Counts of %s records go to %s for areas of any size.", geo_class_name(r->class_), whom(r));
    }
}

/* Says what is unsafe; false: nothing is. */
static bool say_unsafe(const teller *t, const geo_rules *r)
{
    char count[60] = "", p[200] = "", dominance[200] = "", number[GEO_NUMBER_ROOM];
    const int64_t least = r->protect_zeros ? 0 : 1, most = r->threshold > 1 ? r->threshold - 1 : 0;
    if (most > least)
        snprintf(count, sizeof count, "; a count from %d to %lld", (int)least, (long long)most);
    else if (most == least)
        snprintf(count, sizeof count, "; a count of %d", (int)least);
    if (r->p_percent > 0) {
        geo_number_print(r->p_percent, number);
        snprintf(p, sizeof p, "; a sum of which the second largest contributor could tell the largest one's part to within %s %%", number);
    }
    geo_number_print(r->dominance_k, number);
    if (r->dominance_n == 1)
        snprintf(dominance, sizeof dominance, "; a sum of which the largest contributor makes up more than %s %%", number);
    else if (r->dominance_n)
        snprintf(dominance, sizeof dominance, "; a sum of which the %d largest contributors make up more than %s %%", r->dominance_n,
                 number);
    char all[600];
    snprintf(all, sizeof all, "%s%s%s%s", count, r->homogeneity ? "; a group in which all have the same answer" : "", p, dominance);
    if (all[0])
        say(t, "Unsafe are: %s.", all + 2);
    else
        say(t, "No count and no sum is unsafe.");
    return all[0] != '\0';
}

static void say_method(const teller *t, const geo_rules *r)
{
    static const char *const WAYS[] = {
        [GEO_METHOD_COARSEN] = "areas are merged until nothing is unsafe, and what stays so is hidden",
        [GEO_METHOD_SUPPRESS] = "what is unsafe is hidden",
        [GEO_METHOD_ROUND] = "counts are rounded so that sums still hold",
        [GEO_METHOD_CELLKEY] = "counts are changed at random, in the same way whenever the same records are counted",
    };
    const bool hides = r->method == GEO_METHOD_COARSEN || r->method == GEO_METHOD_SUPPRESS;
    say(t, "Where no other method is asked for, %s%s.", WAYS[r->method],
        hides ? ", with as many other cells as keep it from being worked out" : "");
    say(t, "A hidden cell shows \"%s\".", r->mark);
}

static void say_points(const teller *t, const geo_rules *r)
{
    const char *class_ = geo_class_name(r->class_);
    if (r->points == GEO_POINTS_REFUSE)
        say(t, "No points of %s records go to %s.", class_, whom(r));
    else if (r->points == GEO_POINTS_MASK)
        say(t, "Points of %s records go to %s masked, and not as they are.", class_, whom(r));
    else
        say(t, "Points of %s records go to %s as they are.", class_, whom(r));
}

static void say_rules(const teller *t, const geo_rules *r)
{
    if (r->refused) {
        say(t, "Nothing made of %s records goes to %s.", geo_class_name(r->class_), whom(r));
        return;
    }
    say_areas(t, r);
    if (say_unsafe(t, r))
        say_method(t, r);
    if (r->round > 1)
        say(t, "Counts that are shown are rounded to multiples of %d.", r->round);
    else
        say(t, "Counts that are shown are not rounded.");
    say_points(t, r);
}

/* Classes that have no line for the public, and audiences that have none for a class. */
static void say_silent(const teller *t)
{
    for (int c = GEO_CLASS_OPEN; c <= GEO_CLASS_SPECIAL; c++) {
        const geo_rules *r = geo_policy_rules(t->policy, (geo_class)c, NULL);
        if (r->line == 0)
            say_rules(t, r);
    }
    say(t, "Whoever has no line of their own for a class gets of it what the public gets.");
}

/* ---- grids, heat maps, points ---- */

static void say_grid(const teller *t)
{
    const geo_policy_terms *terms = &t->policy->terms;
    const size_t n = terms->ladder_n;
    char size[POLICY_MOST_SQUARES][16], coarser[POLICY_MOST_SQUARES * 20];
    const char *names[POLICY_MOST_SQUARES + 1] = {NULL};
    for (size_t i = 0; i < n; i++) {
        const int m = terms->ladder_m[i], km = m % 1000 == 0;
        snprintf(size[i], sizeof size[i], "%d %s", km ? m / 1000 : m, km ? "km" : "m");
        names[i] = size[i];
    }
    if (n == 0) {
        say(t, "No counts go out by grid squares.");
        return;
    }
    geo_policy_list(coarser, sizeof coarser, names + 1);
    if (n == 1)
        say(t, "Counts by grid squares go out for squares of %s; what is unsafe in these is hidden.", names[0]);
    else
        say(t,
            "Counts by grid squares go out for squares of %s, merged into squares of %s where they are unsafe; what is unsafe in squares "
            "of "
            "%s is hidden.",
            names[0], coarser, names[n - 1]);
}

static void say_heatmap(const teller *t)
{
    const geo_policy_terms *terms = &t->policy->terms;
    char bandwidth[GEO_NUMBER_ROOM];
    geo_number_print(terms->heat_bandwidth, bandwidth);
    if (terms->heat_classes == 0)
        say(t, "No heat maps go out.");
    else
        say(t,
            "Heat maps go out in %d classes at most and never as the surface itself, smoothed with a bandwidth of %s cells at least; cells "
            "with a count below %lld stay blank.",
            terms->heat_classes, bandwidth, (long long)terms->heat_count);
}

static void say_mask(const teller *t)
{
    const geo_policy_terms *terms = &t->policy->terms;
    say(t,
        "Points that go out masked are moved %s, so that each could be any of at least %d addresses; one for which that cannot be done "
        "does "
        "not go out.",
        terms->mask_snap ? "to the middle of a catchment of addresses" : "at random into a ring around where they are", terms->mask_k);
}

/* ---- percentages, means, releases ---- */

static void say_percent(const teller *t)
{
    say(t, t->policy->terms.percent_of_rounded
               ? "Percentages are made of the counts as they go out."
               : "Percentages are made of the counts before rounding, and can tell more than the rounded ones do.");
}

static void say_mean(const teller *t)
{
    say(t, t->policy->terms.mean_of_protected
               ? "Means are sums divided by the count as it goes out."
               : "Means are sums divided by the count before it was protected, and can give that count away.");
}

static void say_release(const teller *t)
{
    const int n = t->policy->terms.reviewers;
    if (n == 0)
        say(t, "A release needs no reviewer.");
    else
        say(t, "A release goes out when %d reviewer%s looked at it; its author is none of them.", n, n == 1 ? " has" : "s have");
}

static void say_compare(const teller *t)
{
    say(t, t->policy->terms.compare_all
               ? "A release is compared with all earlier ones, for what follows from them together."
               : "A release is compared with no earlier ones: what follows from several together is not looked for.");
}

/* ---- all of it ---- */

static void say_rule(const teller *t, policy_kind kind, size_t at)
{
    switch (kind) {
    case POLICY_NAME: say_name(t); break;
    case POLICY_APPROVED: say_approved(t); break;
    case POLICY_REVIEW: say_review(t); break;
    case POLICY_DATASET: say_dataset(t, (const dataset_rule *)t->policy->datasets.items + at); break;
    case POLICY_UNLABELLED: say_unlabelled(t); break;
    case POLICY_CLASS: say_rules(t, (const geo_rules *)t->policy->classes.items + at); break;
    case POLICY_GRID: say_grid(t); break;
    case POLICY_HEATMAP: say_heatmap(t); break;
    case POLICY_MASK: say_mask(t); break;
    case POLICY_PERCENT: say_percent(t); break;
    case POLICY_MEAN: say_mean(t); break;
    case POLICY_RELEASE: say_release(t); break;
    case POLICY_COMPARE: say_compare(t); break;
    case POLICY_KINDS: break;
    }
}

void geo_policy_explain(const geo_policy *policy, void (*to)(void *ctx, int line, const char *sentence), void *ctx)
{
    teller t = {.policy = policy, .say = to, .ctx = ctx};
    const policy_rule *rules = policy->rules.items;
    for (size_t i = 0; i < policy->rules.n; i++) {
        t.line = rules[i].line;
        say_rule(&t, rules[i].kind, rules[i].at);
    }
    t.line = 0;
    for (int kind = 0; kind < POLICY_KINDS; kind++) {
        if (kind == POLICY_DATASET)
            say_labels(&t);
        else if (kind == POLICY_CLASS)
            say_silent(&t);
        else if (!policy->line_of[kind])
            say_rule(&t, (policy_kind)kind, 0);
    }
}

bool geo_policy_is_overdue(const geo_policy *policy, int32_t today, char *text, size_t room)
{
    const geo_policy_about *about = &policy->about;
    if (about->review == INT32_MIN || today <= about->review)
        return false;
    const day due = day_of(about->review);
    if (about->name[0])
        snprintf(text, room, "policy '%s' was to be reviewed by %s", about->name, due.text);
    else
        snprintf(text, room, "the policy was to be reviewed by %s", due.text);
    return true;
}
