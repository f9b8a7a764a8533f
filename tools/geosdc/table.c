/* Options of a table of counts, and the policy that goes with them. */
#include "table.h"

#include "geo/number.h"
#include "geo/parallel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

bool table_add_lookup(void *settings, const char *text, char *problem, size_t room)
{
    table_settings *s = settings;
    struct stat about;
    if (s->table.lookups_n == TABLE_LOOKUPS) {
        snprintf(problem, room, "%d lookups at most", TABLE_LOOKUPS);
        return false;
    }
    geo_sdc_file *f = &s->lookups[s->table.lookups_n++];
    s->table.lookups = s->lookups;
    const char *colon = strrchr(text, ':');
    *f = (geo_sdc_file){text, NULL};
    if (colon && stat(text, &about) != 0 && strncmp(text, "PG:", 3) != 0) {
        char *file = strdup(text);
        if (!file)
            abort();
        file[colon - text] = '\0';
        *f = (geo_sdc_file){file, colon + 1};
    }
    return true;
}

/* A text behind those there are. */
static const char *const *append(const char *const *words, const char *text)
{
    size_t n = 0;
    while (words && words[n])
        n++;
    const char **all = calloc(n + 2, sizeof *all);
    if (!all)
        abort();
    for (size_t i = 0; i < n; i++)
        all[i] = words[i];
    all[n] = text;
    return all;
}

bool table_add_sum(void *settings, const char *text, char *problem, size_t room)
{
    table_settings *s = settings;
    if (!strchr(text, '=')) {
        snprintf(problem, room, "say what is the sum of what: all=women+men");
        return false;
    }
    s->table.sums = append(s->table.sums, text);
    return true;
}

bool table_add_mark(void *settings, const char *text, char *problem, size_t room)
{
    table_settings *s = settings;
    if (!*text || *text == '=') {
        snprintf(problem, room, "say what stands for a hidden count, and perhaps what it is at least and at most: *=1..4");
        return false;
    }
    s->table.marks = append(s->table.marks, text);
    return true;
}

bool table_set_grid(void *settings, const char *text, char *problem, size_t room)
{
    table_settings *s = settings;
    const char *const *words = tool_words(text, NULL);
    s->grid_of_policy = strcmp(text, "policy") == 0;
    s->table.grid_n = 0;
    s->table.grid_m = s->grid_m;
    for (size_t i = 0; words && words[i] && !s->grid_of_policy; i++) {
        const size_t n = strlen(words[i]), digits = strspn(words[i], "0123456789");
        const bool km = strcmp(words[i] + digits, "km") == 0;
        int64_t size = 0;
        if (i == TABLE_SIZES || !geo_number_parse_int(words[i], digits, &size) || size < 1 || size > 1000000
            || (!km && strcmp(words[i] + digits, "m") != 0)
            || (i && (size * (km ? 1000 : 1) <= s->grid_m[i - 1] || size * (km ? 1000 : 1) % s->grid_m[i - 1] != 0)) || n == digits) {
            snprintf(problem, room, "sizes are such as 500m,1km,2km: each a multiple of the one before");
            return false;
        }
        s->grid_m[s->table.grid_n++] = (int)size * (km ? 1000 : 1);
    }
    return words != NULL;
}

bool table_set_rounded(void *settings, const char *text, char *problem, size_t room)
{
    table_settings *s = settings;
    int64_t base;
    if (!geo_number_parse_int(text, strlen(text), &base) || base < 2 || base > 1000) {
        snprintf(problem, room, "the base is a whole number from 2 to 1000");
        return false;
    }
    s->table.rounded = (int)base;
    return true;
}

geo_status table_policy(const tool *t, const tool_common *common, geo_policy **policy, geo_err *err)
{
    const char *text = geo_policy_default();
    const geo_status st = common->policy_file ? geo_policy_read(common->policy_file, policy, err)
                                              : geo_policy_parse("the built-in policy", text, strlen(text), policy, err);
    char warning[256];
    if (st == GEO_OK && !common->quiet && geo_policy_is_overdue(*policy, (int32_t)(time(NULL) / 86400), warning, sizeof warning))
        tool_say(t, "%s", warning);
    return st;
}

geo_status table_begin(const tool *t, table_settings *s, const char *file, const geo_watch *watch, geo_policy **policy, geo_err *err)
{
    const geo_status st = table_policy(t, &s->common, policy, err);
    if (st < 0)
        return st;
    if (s->audience && !geo_policy_has_audience(*policy, s->audience)) {
        geo_policy_free(*policy);
        *policy = NULL;
        return geo_err_set(err, GEO_EARG, "no rule of the policy is for '%s'", s->audience);
    }
    const geo_policy_terms *terms = geo_policy_get_terms(*policy);
    if (s->grid_of_policy && !terms->ladder_n) {
        geo_policy_free(*policy);
        *policy = NULL;
        return geo_err_set(err, GEO_EARG, "the policy has no grid: say which with --grid");
    }
    if (s->grid_of_policy) {
        s->table.grid_m = terms->ladder_m;
        s->table.grid_n = terms->ladder_n;
    }
    tool_moving(&s->common, &s->table.moving);
    s->table.file = file;
    s->table.policy = *policy;
    s->table.raise = (geo_class)s->common.class_;
    s->table.threads = s->common.threads ? s->common.threads : geo_threads_default();
    s->table.watch = watch;
    tool_reading(&s->common, &s->table.reading);
    return GEO_OK;
}
