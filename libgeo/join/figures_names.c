/* What the name of a field says about its figures: which can be added up, which averaged, and which only be worked out from the records. */
#include "figures.h"

#include <string.h>
#include <strings.h>

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_letter(char c)
{
    return is_small(c) || (c >= 'A' && c <= 'Z');
}

/* Is `word` one of the words of a name? They end where letters end, and where a capital follows a small letter. */
static bool has_word(const char *name, const char *word)
{
    for (const char *s = name, *end; *s; s = end) {
        end = s + 1;
        if (!is_letter(*s))
            continue;
        while (is_letter(*end) && !(is_small(end[-1]) && !is_small(*end)))
            end++;
        if ((size_t)(end - s) == strlen(word) && strncasecmp(s, word, (size_t)(end - s)) == 0)
            return true;
    }
    return false;
}

static const char *first_word(const char *name, const char *const *words)
{
    for (; *words; words++)
        if (has_word(name, *words))
            return *words;
    return NULL;
}

geo_status geo_figures_check_name(const char *name, bool sum, geo_err *err)
{
    static const char *const NEVER[] = {"median", "quartile", "quintile", "decile", "percentile", NULL};
    static const char *const NO_SUM[] = {"mean",  "average", "avg",   "rate",  "pct",     "percent", "percentage", "proportion",
                                         "ratio", "share",   "score", "index", "density", "rank",    NULL};
    const char *word = first_word(name, NEVER);
    if (word && strcmp(word, "median") == 0)
        return geo_err_set(err, GEO_EARG,
                           "'%s' is a median, by its name: that of an area cannot be worked out from those of its parts, only from the "
                           "records; for another meaning name the column anew, as FIELD:NEW_NAME",
                           name);
    if (word)
        return geo_err_set(err, GEO_EARG,
                           "'%s' is a %s, by its name: a place in an order can be neither added up nor averaged, only kept (--keep) or "
                           "worked out anew; for another meaning name the column anew, as FIELD:NEW_NAME",
                           name, word);
    word = sum ? first_word(name, NO_SUM) : NULL;
    if (word)
        return geo_err_set(
            err, GEO_EARG,
            "'%s' does not add up, by its name (%s): carry it with --mean and the --denominator it is a rate of, or carry both "
            "its parts with --sum; for another meaning name the column anew, as FIELD:NEW_NAME",
            name, word);
    return GEO_OK;
}
