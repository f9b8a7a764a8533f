/* The rules of a policy file, and the label of an input. */
#include "geo/policy.h"

#include "../core/vec.h"
#include "geo/arena.h"
#include "geo/reader.h"
#include "geo/sidecar.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#define LARGEST_POLICY ((size_t)1 << 20)

typedef struct dataset_rule {
    const char *glob;
    geo_label label;
} dataset_rule;

struct geo_policy {
    geo_arena arena;
    geo_vec datasets; /* dataset_rule */
};

typedef struct line {
    const char *name, *start, *p, *end;
    int number;
    geo_policy *policy;
} line;

static geo_status wrong(const line *l, const char *at, geo_err *err, const char *what)
{
    return geo_err_set(err, GEO_EFORMAT, "policy '%s' line %d column %d: %s", l->name, l->number, (int)(at - l->start) + 1, what);
}

/* The next word or quoted text of the line, in the policy's arena; NULL at the end of the line. *at is where it starts. */
static geo_status next_word(line *l, const char **word, const char **at, geo_err *err)
{
    while (l->p < l->end && (*l->p == ' ' || *l->p == '\t' || *l->p == '\r'))
        l->p++;
    *at = l->p;
    *word = NULL;
    if (l->p == l->end || *l->p == '#')
        return GEO_OK;
    const char *from = l->p;
    if (*l->p == '"') {
        from = ++l->p;
        while (l->p < l->end && *l->p != '"')
            l->p++;
        if (l->p == l->end)
            return wrong(l, *at, err, "a closing quote is missing");
        *word = geo_arena_text(&l->policy->arena, from, (size_t)(l->p++ - from));
    } else {
        while (l->p < l->end && *l->p != ' ' && *l->p != '\t' && *l->p != '\r' && *l->p != '#')
            l->p++;
        *word = geo_arena_text(&l->policy->arena, from, (size_t)(l->p - from));
    }
    return *word ? GEO_OK : geo_err_nomem(err);
}

static geo_status parse_dataset(line *l, geo_err *err)
{
    dataset_rule rule = {.label = {.class_ = GEO_CLASS_PERSONAL}};
    const char *word, *value, *at, *value_at;
    geo_status st = next_word(l, &rule.glob, &at, err);
    if (st == GEO_OK && !rule.glob)
        return wrong(l, at, err, "'dataset' needs the name of a file, or a pattern such as imd*.csv");
    while (st == GEO_OK && (st = next_word(l, &word, &at, err)) == GEO_OK && word) {
        if ((st = next_word(l, &value, &value_at, err)) < 0)
            break;
        const size_t n = value ? strlen(value) : 0;
        if ((strcmp(word, "class") == 0 && rule.label.known) || (strcmp(word, "source") == 0 && rule.label.source[0])
            || (strcmp(word, "licence") == 0 && rule.label.licence[0]))
            return wrong(l, at, err, "this stands twice in the rule");
        if (!value)
            return wrong(l, value_at, err, "a value is missing at the end of the line");
        if (strcmp(word, "class") == 0 && geo_class_parse(value, n, &rule.label.class_))
            rule.label.known = true;
        else if (strcmp(word, "class") == 0)
            return wrong(l, value_at, err, "the class must be open, official, personal or special");
        else if (strcmp(word, "source") == 0 && n < sizeof rule.label.source)
            memcpy(rule.label.source, value, n + 1);
        else if (strcmp(word, "licence") == 0 && n < sizeof rule.label.licence)
            memcpy(rule.label.licence, value, n + 1);
        else
            return wrong(l, at, err, "after 'dataset NAME' come class, source and licence, each with a (not too long) value");
    }
    if (st < 0)
        return st;
    if (!rule.label.known)
        return wrong(l, l->p, err, "'dataset' says no class");
    if (!geo_vec_reserve(&l->policy->datasets, 1, sizeof rule))
        return geo_err_nomem(err);
    ((dataset_rule *)l->policy->datasets.items)[l->policy->datasets.n++] = rule;
    return GEO_OK;
}

static geo_status parse_line(line *l, geo_err *err)
{
    const char *word, *at;
    const geo_status st = next_word(l, &word, &at, err);
    if (st < 0 || !word)
        return st;
    if (strcmp(word, "dataset") == 0)
        return parse_dataset(l, err);
    return wrong(l, at, err, "this version knows no such rule; it knows 'dataset'");
}

geo_status geo_policy_parse(const char *name, const char *text, size_t n, geo_policy **out, geo_err *err)
{
    geo_policy *policy = calloc(1, sizeof *policy);
    if (!policy)
        return geo_err_nomem(err);
    geo_status st = GEO_OK;
    const char *end = text + n;
    int number = 0;
    for (const char *p = text; st == GEO_OK && p < end;) {
        const char *feed = memchr(p, '\n', (size_t)(end - p)), *stop = feed ? feed : end;
        line l = {name, p, p, stop, ++number, policy};
        st = parse_line(&l, err);
        p = stop + 1;
    }
    if (st < 0) {
        geo_policy_free(policy);
        return st;
    }
    *out = policy;
    return GEO_OK;
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
    else if (failed || n > LARGEST_POLICY)
        st = geo_err_set(err, GEO_EIO, failed ? "cannot read policy '%s'" : "policy '%s' is larger than 1 MiB", geo_name_shown(file));
    else
        st = geo_policy_parse(file, text, n, out, err);
    free(text);
    return st;
}

void geo_policy_free(geo_policy *policy)
{
    if (!policy)
        return;
    geo_vec_clear(&policy->datasets);
    geo_arena_clear(&policy->arena);
    free(policy);
}

geo_status geo_label_find(const char *file, const geo_policy *policy, geo_label *label, const geo_watch *watch, geo_err *err)
{
    *label = (geo_label){.class_ = GEO_CLASS_PERSONAL};
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
