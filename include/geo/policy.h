/**
 * @file policy.h
 * The disclosure policy: for now, which class a data set has.
 *
 * A policy is a text file, one rule a line, '#' starts a comment. The rules understood so far:
 *
 *     dataset GLOB class open|official|personal|special [source "TEXT"] [licence "TEXT"]
 *
 * GLOB is matched against the name of a file without its directories, the first rule that fits wins. Any other rule is an error, never
 * passed over: a rule that is not kept must not look as if it were.
 */
#ifndef GEO_POLICY_H
#define GEO_POLICY_H

#include "geo/label.h"
#include "geo/watch.h"

GEO_BEGIN

typedef struct geo_policy geo_policy;

/** Parse the text of a policy; name is for messages, which say line and column. */
GEO_CHECKED geo_status geo_policy_parse(const char *name, const char *text, size_t n, geo_policy **out, geo_err *err);

/** Read a policy file, 1 MiB at most. */
GEO_CHECKED geo_status geo_policy_read(const char *file, geo_policy **out, geo_err *err);
GEO_API void geo_policy_free(geo_policy *policy);

/**
 * The label of an input: its sidecar's if it holds; else what the policy (may be NULL) says of its name; else personal, with
 * label->known false. Beside a sidecar that does not hold, what the policy says counts as personal at least. Standard input has no name and
 * so no label.
 */
GEO_CHECKED geo_status geo_label_find(const char *file, const geo_policy *policy, geo_label *label, const geo_watch *watch, geo_err *err);

GEO_END
#endif
