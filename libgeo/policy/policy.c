/* A policy from its text, and what it answers. */
#include "policy.h"

#include "geo/reader.h"
#include "geo/sidecar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LARGEST_POLICY ((size_t)1 << 20)

/* What holds where no rule speaks. */
static void start(geo_policy *policy)
{
    policy->about = (geo_policy_about){.name = "", .approved_by = "", .approved = INT32_MIN, .review = INT32_MIN};
    policy->terms = (geo_policy_terms){
        .mask_k = 20, .percent_of_rounded = true, .mean_of_protected = true, .compare_all = true, .unlabelled = GEO_CLASS_PERSONAL};
    for (int c = 0; c < 4; c++) {
        policy->silent[c] = geo_policy_rules_start((geo_class)c);
        policy->silent[c].refused = c != GEO_CLASS_OPEN;
    }
}

static geo_status read_lines(geo_policy *policy, const char *name, const char *text, const char *end, geo_err *err)
{
    geo_status st = GEO_OK;
    int number = 0;
    for (const char *p = text; st == GEO_OK && p < end;) {
        const char *feed = memchr(p, '\n', (size_t)(end - p)), *stop = feed ? feed : end;
        policy_line l = {.name = name, .start = p, .p = p, .end = stop, .number = ++number, .policy = policy};
        st = geo_policy_read_line(&l, err);
        p = feed ? feed + 1 : end;
    }
    return st;
}

geo_status geo_policy_parse(const char *name, const char *text, size_t n, geo_policy **out, geo_err *err)
{
    if (n > LARGEST_POLICY)
        return geo_err_set(err, GEO_EFORMAT, "policy '%s' is larger than 1 MiB", name);
    geo_policy *policy = calloc(1, sizeof *policy);
    if (!policy)
        return geo_err_nomem(err);
    start(policy);
    geo_digest_bytes(text, n, policy->about.digest);
    const size_t mark_n = n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* a byte-order mark says nothing that is not known */
    const geo_status st = read_lines(policy, name, text + mark_n, text + n, err);
    if (st < 0)
        geo_policy_free(policy);
    else
        *out = policy;
    return st;
}

geo_status geo_policy_read(const char *file, geo_policy **out, geo_err *err)
{
    FILE *f = fopen(file, "re");
    if (!f)
        return geo_err_set(err, GEO_EIO, "cannot open policy '%s': %s", geo_name_shown(file), strerror(errno));
    char *text = malloc(LARGEST_POLICY + 1);
    const size_t n = text ? fread(text, 1, LARGEST_POLICY + 1, f) : 0;
    const bool failed = ferror(f) != 0;
    fclose(f);
    geo_status st;
    if (!text)
        st = geo_err_nomem(err);
    else if (failed)
        st = geo_err_set(err, GEO_EIO, "cannot read policy '%s'", geo_name_shown(file));
    else
        st = geo_policy_parse(geo_name_shown(file), text, n, out, err);
    free(text);
    return st;
}

void geo_policy_free(geo_policy *policy)
{
    if (!policy)
        return;
    geo_vec_clear(&policy->rules);
    geo_vec_clear(&policy->datasets);
    geo_vec_clear(&policy->classes);
    geo_arena_clear(&policy->arena);
    free(policy);
}

const geo_policy_about *geo_policy_get_about(const geo_policy *policy)
{
    return &policy->about;
}

const geo_policy_terms *geo_policy_get_terms(const geo_policy *policy)
{
    return &policy->terms;
}

const geo_rules *geo_policy_rules(const geo_policy *policy, geo_class c, const char *audience)
{
    const geo_rules *all = policy->classes.items, *found = &policy->silent[c];
    for (size_t i = 0; i < policy->classes.n; i++) {
        if (all[i].class_ != c)
            continue;
        if (audience && strcasecmp(all[i].audience, audience) == 0)
            return &all[i];
        if (strcmp(all[i].audience, "public") == 0)
            found = &all[i];
    }
    return found;
}

bool geo_policy_is_mark(const geo_policy *policy, const char *s, size_t n)
{
    const geo_rules *all = policy->classes.items;
    for (size_t i = 0; i < policy->classes.n; i++)
        if (strlen(all[i].mark) == n && memcmp(all[i].mark, s, n) == 0)
            return true;
    return false;
}

bool geo_policy_has_audience(const geo_policy *policy, const char *audience)
{
    const geo_rules *all = policy->classes.items;
    bool found = !audience || strcasecmp(audience, "public") == 0;
    for (size_t i = 0; !found && i < policy->classes.n; i++)
        found = strcasecmp(all[i].audience, audience) == 0;
    return found;
}
