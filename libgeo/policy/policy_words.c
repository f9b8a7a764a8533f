/* Words of a line of a policy, and what they should be. */
#include "policy.h"

#include "../core/spelling.h"
#include "../io/text.h"
#include "geo/number.h"
#include "geo/table.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Columns count characters, not bytes. */
static int column_of(const policy_line *l, const char *at)
{
    int n = 1;
    for (const char *p = l->start; p < at; p++)
        n += ((unsigned char)*p & 0xC0) != 0x80;
    return n;
}

geo_status geo_policy_wrong(const policy_line *l, const char *at, geo_err *err, const char *fmt, ...)
{
    char what[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return geo_err_set(err, GEO_EFORMAT, "policy '%s' line %d column %d: %s", l->name, l->number, column_of(l, at), what);
}

/*
 * Characters that show a line as something else than what is read: control characters, among them carriage returns that end no line; line
 * and paragraph separators; marks that turn the direction of writing.
 */
static bool is_deceptive(const char *p, const char *end)
{
    const unsigned char a = (unsigned char)p[0], b = end - p > 1 ? (unsigned char)p[1] : 0, c = end - p > 2 ? (unsigned char)p[2] : 0;
    if (a == '\r')
        return p + 1 != end;
    return (a < 0x20 && a != '\t') || a == 0x7F || (a == 0xC2 && b < 0xA0) || (a == 0xE2 && b == 0x80 && c >= 0xA8 && c <= 0xAE)
           || (a == 0xE2 && b == 0x81 && c >= 0xA6 && c <= 0xA9);
}

geo_status geo_policy_check_text(const policy_line *l, geo_err *err)
{
    const size_t n = (size_t)(l->end - l->start), good = geo_utf8_check(l->start, n);
    if (good < n)
        return geo_policy_wrong(l, l->start + good, err, "this is no UTF-8 text");
    for (const char *p = l->start; p < l->end; p++)
        if (is_deceptive(p, l->end))
            return geo_policy_wrong(l, p, err, "a control character, which would show the line as something else than it is; take it out");
    return GEO_OK;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Blanks and quotation marks as word processors make them. */
static geo_status check_plain(const policy_line *l, const char *from, geo_err *err)
{
    for (const char *p = from; p + 2 < l->p; p++)
        if (p[0] == '\xE2' && p[1] == '\x80' && (p[2] == '\x9C' || p[2] == '\x9D' || p[2] == '\x9E'))
            return geo_policy_wrong(l, p, err, "a curly quotation mark; write straight ones (\")");
    for (const char *p = from; p + 1 < l->p; p++)
        if (p[0] == '\xC2' && p[1] == '\xA0')
            return geo_policy_wrong(l, p, err, "a no-break space; write a plain one");
    return GEO_OK;
}

geo_status geo_policy_word(policy_line *l, policy_word *word, geo_err *err)
{
    while (l->p < l->end && is_blank(*l->p))
        l->p++;
    *word = (policy_word){.at = l->p};
    if (l->p == l->end || *l->p == '#')
        return GEO_OK;
    const char *from = l->p, *to;
    word->quoted = *from == '"';
    if (word->quoted) {
        from++;
        to = memchr(from, '"', (size_t)(l->end - from));
        if (!to)
            return geo_policy_wrong(l, word->at, err, "a closing quote is missing");
        l->p = to + 1;
        if (l->p < l->end && !is_blank(*l->p) && *l->p != '#')
            return geo_policy_wrong(l, l->p, err, "a blank is missing after the closing quote");
    } else {
        while (l->p < l->end && !is_blank(*l->p) && *l->p != '#')
            l->p++;
        to = l->p;
        const geo_status st = check_plain(l, from, err);
        if (st < 0)
            return st;
    }
    if (to - from > POLICY_LONGEST_WORD)
        return geo_policy_wrong(l, word->at, err, "this is longer than %d bytes", POLICY_LONGEST_WORD);
    word->text = geo_arena_text(&l->policy->arena, from, (size_t)(to - from));
    return word->text ? GEO_OK : geo_err_nomem(err);
}

int geo_policy_find(const char *word, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (strcasecmp(names[i], word) == 0)
            return i;
    return -1;
}

const char *geo_policy_near(const char *word, const char *const *names, unsigned most)
{
    const char *nearest = NULL;
    unsigned least = most + 1;
    for (size_t i = 0; names[i]; i++) {
        const unsigned d = geo_edit_distance(word, names[i]);
        if (d < least && d < strlen(names[i])) {
            least = d;
            nearest = names[i];
        }
    }
    return nearest;
}

void geo_policy_list(char *s, size_t room, const char *const *names)
{
    size_t n = 0;
    s[0] = '\0';
    for (size_t i = 0; names[i] && n < room; i++)
        n += (size_t)snprintf(s + n, room - n, "%s%s", i == 0 ? "" : names[i + 1] ? ", " : " or ", names[i]);
}

bool geo_policy_is_name(const char *word)
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    const size_t n = strlen(word);
    return n > 0 && n <= POLICY_LONGEST_NAME && strspn(word, LETTERS) == n && !strchr("0123456789-_", word[0]);
}

geo_status geo_policy_take_text(policy_line *l, const char *what, size_t longest, const char **text, geo_err *err)
{
    policy_word w;
    const geo_status st = geo_policy_word(l, &w, err);
    if (st < 0)
        return st;
    if (!w.text || w.text[strspn(w.text, " \t")] == '\0' || strlen(w.text) > longest)
        return geo_policy_wrong(l, w.at, err, "%s must be a text of 1 to %zu bytes, in quotes if it has blanks", what, longest);
    *text = w.text;
    return GEO_OK;
}

geo_status geo_policy_take_whole(policy_line *l, const char *what, int least, int most, int *value, geo_err *err)
{
    policy_word w;
    int64_t n;
    const geo_status st = geo_policy_word(l, &w, err);
    if (st < 0)
        return st;
    if (!w.text || !geo_number_parse_int(w.text, strlen(w.text), &n) || n < least || n > most)
        return geo_policy_wrong(l, w.at, err, "%s must be a whole number from %d to %d", what, least, most);
    *value = (int)n;
    return GEO_OK;
}

geo_status geo_policy_take_number(policy_line *l, const char *what, int least, int most, double *value, geo_err *err)
{
    policy_word w;
    double x;
    const geo_status st = geo_policy_word(l, &w, err);
    if (st < 0)
        return st;
    if (!w.text || !geo_number_parse(w.text, strlen(w.text), &x) || x < least || x > most)
        return geo_policy_wrong(l, w.at, err, "%s must be a number from %d to %d", what, least, most);
    *value = x;
    return GEO_OK;
}

geo_status geo_policy_take_date(policy_line *l, const char *what, int32_t *days, const char **at, geo_err *err)
{
    policy_word w;
    const geo_status st = geo_policy_word(l, &w, err);
    if (st < 0)
        return st;
    *at = w.at;
    if (!w.text || !geo_date_parse(w.text, strlen(w.text), days))
        return geo_policy_wrong(l, w.at, err, "%s must be a day of the calendar, written as 2026-01-31", what);
    return GEO_OK;
}

geo_status geo_policy_take_choice(policy_line *l, const char *what, const char *const *choices, int *which, geo_err *err)
{
    policy_word w;
    char all[120];
    const geo_status st = geo_policy_word(l, &w, err);
    if (st < 0)
        return st;
    *which = w.text ? geo_policy_find(w.text, choices) : -1;
    if (*which >= 0)
        return GEO_OK;
    geo_policy_list(all, sizeof all, choices);
    const char *near = w.text ? geo_policy_near(w.text, choices, 2) : NULL;
    return geo_policy_wrong(l, w.at, err, "%s must be %s%s%s%s", what, all, near ? " (is it '" : "", near ? near : "", near ? "'?)" : "");
}

/* The word that should have been the name of a part. */
static geo_status no_such_part(const policy_line *l, const policy_word *w, const policy_part *parts, geo_err *err)
{
    const char *names[20];
    char all[250];
    size_t n = 0;
    for (; parts[n].name && n < 19; n++)
        names[n] = parts[n].name;
    names[n] = NULL;
    const char *near = geo_policy_near(w->text, names, 2);
    if (n == 0)
        return geo_policy_wrong(l, w->at, err, "nothing more may stand here; texts of several words stand in quotes");
    if (near)
        return geo_policy_wrong(l, w->at, err, "'%s' has no such part (is it '%s'?)", l->rule, near);
    geo_policy_list(all, sizeof all, names);
    return geo_policy_wrong(l, w->at, err, "here may stand %s, as part of '%s'; texts of several words stand in quotes", all, l->rule);
}

geo_status geo_policy_take_parts(policy_line *l, const policy_part *parts, void *into, const char *seen[], geo_err *err)
{
    policy_word w;
    geo_status st;
    for (size_t i = 0; parts[i].name; i++)
        seen[i] = NULL;
    while ((st = geo_policy_word(l, &w, err)) == GEO_OK && w.text) {
        size_t i = 0;
        while (parts[i].name && (w.quoted || strcasecmp(parts[i].name, w.text) != 0))
            i++;
        if (!parts[i].name)
            return no_such_part(l, &w, parts, err);
        if (seen[i])
            return geo_policy_wrong(l, w.at, err, "'%s' stands twice in the line", parts[i].name);
        seen[i] = w.at;
        if (parts[i].read && (st = parts[i].read(l, into, err)) < 0)
            return st;
    }
    return st;
}

geo_status geo_policy_take_all_parts(policy_line *l, const policy_part *parts, void *into, geo_err *err)
{
    const char *seen[20];
    const geo_status st = geo_policy_take_parts(l, parts, into, seen, err);
    for (size_t i = 0; st == GEO_OK && parts[i].name; i++)
        if (!seen[i])
            return geo_policy_wrong(l, l->p, err, "'%s' needs '%s' too", l->rule, parts[i].name);
    return st;
}
