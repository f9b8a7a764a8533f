/**
 * @file policy.h
 * The disclosure policy: what may leave, as an information-governance officer writes it down and signs it.
 *
 * A policy is a text file, one rule a line, '#' starts a comment; geo-policy(5) tells the language. A rule that is not known is an error,
 * never passed over: a rule that is not kept must not look as if it were. Where no rule speaks, the strictest holds.
 */
#ifndef GEO_POLICY_H
#define GEO_POLICY_H

#include "geo/label.h"
#include "geo/watch.h"

#include <stdint.h>

GEO_BEGIN

/** How counts are made safe when the caller does not say. Rounding, where the rules have a base, is done after any of them. */
typedef enum geo_method {
    GEO_METHOD_COARSEN,  /**< merge areas until all pass; what never does is suppressed */
    GEO_METHOD_SUPPRESS, /**< hide cells */
    GEO_METHOD_ROUND,    /**< round, so that sums still hold */
    GEO_METHOD_CELLKEY   /**< perturb by cell keys */
} geo_method;

typedef enum geo_points {
    GEO_POINTS_REFUSE,
    GEO_POINTS_MASK,   /**< masked points may leave */
    GEO_POINTS_RELEASE /**< points may leave as they are */
} geo_points;

/** What is asked of records of one class for one audience. Texts are lent by the policy. */
typedef struct geo_rules {
    geo_class class_;
    const char *audience;
    int line;                 /**< of the policy's text; 0: no rule says so, and these are what holds where none does */
    bool refused;             /**< nothing of this class goes to this audience */
    const char *const *areas; /**< names of the finest levels ("lsoa", "ward"), NULL-ended, perhaps none; NULL: any area will do */
    int64_t threshold;        /**< counts from 1 to one less are unsafe; 0 or 1: none are */
    bool protect_zeros;       /**< 0 is unsafe too */
    int round;                /**< base; 0: counts need no rounding */
    double p_percent;         /**< a contributor must not be known to within p % by the second largest; 0: no rule */
    int dominance_n;          /**< the n largest contributors ... */
    double dominance_k;       /**< ... must not make up more than k %; 0: no rule */
    bool homogeneity;         /**< a group in which all have the same answer is unsafe */
    geo_method method;
    geo_points points;
    const char *mark; /**< what stands for a hidden cell, "[c]" */
} geo_rules;

/** Grids, heat maps, masking, percentages, release. */
typedef struct geo_policy_terms {
    const int *ladder_m; /**< sizes of grid squares, ascending, each a multiple of the one before; ladder_n of them, 0: no grid may leave */
    size_t ladder_n;     /**< the last is the cap: what is unsafe there is suppressed */
    double heat_bandwidth;   /**< least, in cells */
    int heat_classes;        /**< at most so many, never the surface itself; 0: no heat map may leave */
    int64_t heat_count;      /**< least count in a cell that is shown */
    int mask_k;              /**< addresses a masked point could stand for */
    bool mask_snap;          /**< snap to catchments; else donut */
    bool percent_of_rounded; /**< percentages are made of the counts as released; else of those before rounding */
    bool mean_of_protected;  /**< means have the released count below the line */
    int reviewers;           /**< who must have looked at a release, the author not among them */
    bool compare_all;        /**< with every earlier release */
    geo_class unlabelled;    /**< of what has no label: personal or special */
} geo_policy_terms;

typedef struct geo_policy_about {
    const char *name, *approved_by; /**< "" when not said */
    int version;                    /**< 0: not said */
    int32_t approved, review;       /**< days since 1970-01-01; INT32_MIN: not said */
    char digest[65];                /**< BLAKE2b-256 of its text */
} geo_policy_about;

typedef struct geo_policy geo_policy;

/** Parse the text of a policy, UTF-8, 1 MiB at most; name is for messages. GEO_EFORMAT says line and column, and what may stand there. */
GEO_CHECKED geo_status geo_policy_parse(const char *name, const char *text, size_t n, geo_policy **out, geo_err *err);

/** Read a policy file. */
GEO_CHECKED geo_status geo_policy_read(const char *file, geo_policy **out, geo_err *err);
GEO_API void geo_policy_free(geo_policy *policy);

/** Text of the policy that holds where there is none: safe, and read like any other. */
GEO_API const char *geo_policy_default(void);

GEO_API const geo_policy_about *geo_policy_get_about(const geo_policy *policy);
GEO_API const geo_policy_terms *geo_policy_get_terms(const geo_policy *policy);

/**
 * The rules for a class and an audience: those of `class CLASS to AUDIENCE`, else those of the class for the public; where there are none
 * either, the strictest: refused, unless the class is open. NULL as audience: the public. Letter case makes no difference.
 */
GEO_API const geo_rules *geo_policy_rules(const geo_policy *policy, geo_class c, const char *audience);

/** Is this text, n bytes, what stands for a hidden cell by some rule of the policy? */
GEO_API bool geo_policy_is_mark(const geo_policy *policy, const char *s, size_t n);

/** Is this an audience that some rule of the policy names? "public" always is. */
GEO_API bool geo_policy_has_audience(const geo_policy *policy, const char *audience);

/** True, with a text to warn with, when the policy should have been reviewed before `today` (days since 1970-01-01). */
GEO_API bool geo_policy_is_overdue(const geo_policy *policy, int32_t today, char *text, size_t room);

/** Say each rule as a sentence, one call of `say` a sentence, with the number of its line; 0 for what holds where no rule speaks. */
GEO_API void geo_policy_explain(const geo_policy *policy, void (*say)(void *ctx, int line, const char *sentence), void *ctx);

/**
 * The label of an input: its sidecar's if it holds; else what the policy (may be NULL) says of its name; else personal, or as the policy
 * says of what is unlabelled, with label->known false. Beside a sidecar that does not hold, what the policy says counts as personal at
 * least. Standard input has no name and so no label.
 */
GEO_CHECKED geo_status geo_label_find(const char *file, const geo_policy *policy, geo_label *label, const geo_watch *watch, geo_err *err);

GEO_END
#endif
