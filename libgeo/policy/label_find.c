/* The label of an input: its own, or what the policy says of it. */
#include "policy.h"

#include "geo/sidecar.h"

#include <fnmatch.h>
#include <string.h>

geo_status geo_label_find(const char *file, const geo_policy *policy, geo_label *label, const geo_watch *watch, geo_err *err)
{
    *label = (geo_label){.class_ = policy ? policy->terms.unlabelled : GEO_CLASS_PERSONAL};
    if (strcmp(file, "-") == 0)
        return GEO_OK;
    const geo_status st = geo_sidecar_read(file, label, watch, err);
    if (st < 0 || label->known)
        return st;
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
    for (size_t i = 0; policy && i < policy->datasets.n; i++) {
        const dataset_rule *rule = (const dataset_rule *)policy->datasets.items + i;
        if (fnmatch(rule->glob, base, 0) == 0) {
            *label = rule->label;
            break;
        }
    }
    if (st == GEO_SKIP) /* a label that no longer holds may have been stricter than the rule */
        label->class_ = geo_class_join(label->class_, GEO_CLASS_PERSONAL);
    return GEO_OK;
}
