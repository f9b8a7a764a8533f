/* The option parser: long and short options, values checked for type, range and trailing characters. */
#include "geo/init.h"
#include "geo/number.h"
#include "tool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_LINE 2048 /* bytes of a message, which is cut */

const char *const TOOL_ENCODINGS[] = {"utf-8", "windows-1252", NULL};
const char *const TOOL_CLASSES[] = {"open", "official", "personal", "special", NULL};

void tool_clean(char *text)
{
    char *to = text;
    for (const char *s = text; *s; s++) {
        const unsigned char c = (unsigned char)*s, next = (unsigned char)s[1];
        const bool two = c == 0xC2 && next >= 0x80 && next < 0xA0; /* U+0080 to U+009F */
        *to++ = two || c < 0x20 || c == 0x7F ? '?' : *s;
        s += two;
    }
    *to = '\0';
}

static void say(const tool *t, const char *fmt, va_list ap)
{
    char text[LONGEST_LINE];
    vsnprintf(text, sizeof text, fmt, ap);
    tool_clean(text);
    fprintf(stderr, "%s: %s\n", t->name, text);
}

void tool_say(const tool *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(t, fmt, ap);
    va_end(ap);
}

void tool_print(const char *fmt, ...)
{
    char text[LONGEST_LINE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tool_clean(text);
    puts(text);
}

void tool_print_text(const char *text)
{
    fputs(text, stdout);
}

int tool_printed(const tool *t)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return TOOL_OK;
    geo_err err;
    return tool_failed(t, errno == EPIPE ? GEO_EPIPE : GEO_EIO, (geo_err_set(&err, GEO_EIO, "cannot write standard output"), &err));
}

void tool_usage(const tool *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(t, fmt, ap);
    va_end(ap);
    tool_print_synopsis(t, true);
    exit(TOOL_USAGE);
}

static const tool_opt *find_long(const tool *t, const char *name, size_t n)
{
    for (const tool_opt *o = t->opts; o->kind != TOOL_END; o++)
        if (o->kind != TOOL_GROUP && strlen(o->name) == n && memcmp(o->name, name, n) == 0)
            return o;
    return NULL;
}

static const tool_opt *find_short(const tool *t, char letter)
{
    for (const tool_opt *o = t->opts; o->kind != TOOL_END; o++)
        if (o->kind != TOOL_GROUP && o->letter == letter)
            return o;
    return NULL;
}

const char *const *tool_words(const char *text, const char *const *before)
{
    char *copy = strdup(text);
    size_t n = 0, most = 2;
    while (before && before[n])
        n++;
    for (const char *p = text; *p; p++)
        most += *p == ',';
    const char **words = calloc(n + most, sizeof *words);
    if (!copy || !words)
        abort();
    for (size_t i = 0; i < n; i++)
        words[i] = before[i];
    for (char *p = copy;;) {
        char *comma = strchr(p, ',');
        if (comma)
            *comma = '\0';
        if (!*p)
            return NULL;
        words[n++] = p;
        if (!comma)
            return (const char *const *)words;
        p = comma + 1;
    }
}

static void set_choice(const tool *t, const tool_opt *o, const char *text)
{
    for (int i = 0; o->choices[i]; i++)
        if (strcmp(o->choices[i], text) == 0) {
            *(int *)o->value = i;
            return;
        }
    char list[200] = "";
    for (int i = 0; o->choices[i]; i++) {
        strncat(list, i ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, o->choices[i], sizeof list - strlen(list) - 1);
    }
    tool_usage(t, "--%s must be one of: %s", o->name, list);
}

static void set(const tool *t, const tool_opt *o, const char *text)
{
    int64_t whole;
    char problem[256] = "";
    switch (o->kind) {
    case TOOL_FLAG: *(bool *)o->value = true; break;
    case TOOL_TEXT:
    case TOOL_MAYBE: *(const char **)o->value = text; break;
    case TOOL_WORDS:
        if (!(*(const char *const **)o->value = tool_words(text, *(const char *const **)o->value)))
            tool_usage(t, "--%s takes names separated by commas", o->name);
        break;
    case TOOL_CHOICE: set_choice(t, o, text); break;
    case TOOL_WHOLE:
        if (!geo_number_parse_int(text, strlen(text), &whole) || whole < o->low || whole > o->high)
            tool_usage(t, "--%s takes a whole number from %d to %d", o->name, o->low, o->high);
        *(int *)o->value = (int)whole;
        break;
    case TOOL_CALL:
        if (!o->call(o->value, text, problem, sizeof problem))
            tool_usage(t, "--%s: %s", o->name, problem);
        break;
    case TOOL_END:
    case TOOL_GROUP: break;
    }
}

static void print_and_exit(const tool *t, void (*print)(const tool *))
{
    print(t);
    exit(tool_printed(t));
}

static void print_version(const tool *t)
{
    printf("%s (libgeo) %s\n", t->name, geo_version());
}

/* The options that print something and end. */
static void parse_asking(const tool *t, const char *arg)
{
    static const struct {
        const char *name;
        void (*print)(const tool *);
    } ASKING[] = {{"--help", tool_print_help},    {"-h", tool_print_help},           {"--version", print_version},
                  {"--help-man", tool_print_man}, {"--json-usage", tool_print_json}, {"--completion", tool_print_completion}};
    for (size_t i = 0; i < sizeof ASKING / sizeof *ASKING; i++)
        if (strcmp(arg, ASKING[i].name) == 0)
            print_and_exit(t, ASKING[i].print);
}

static bool takes_no_value(const tool_opt *o)
{
    return o->kind == TOOL_FLAG || (o->kind == TOOL_CALL && !o->argument);
}

/* Returns how many arguments it used: 1, or 2 with a value of its own. */
static int parse_long(const tool *t, const char *arg, const char *next)
{
    const char *equals = strchr(arg, '='), *name = arg + 2;
    const tool_opt *o = find_long(t, name, equals ? (size_t)(equals - name) : strlen(name));
    if (!o)
        tool_usage(t, "there is no option %.*s", equals ? (int)(equals - arg) : (int)strlen(arg), arg);
    if (takes_no_value(o) || o->kind == TOOL_MAYBE) {
        if (equals && takes_no_value(o))
            tool_usage(t, "--%s takes no value", o->name);
        set(t, o, equals ? equals + 1 : "");
        return 1;
    }
    if (!equals && !next)
        tool_usage(t, "--%s needs a value: %s", o->name, o->argument ? o->argument : "one of its words");
    set(t, o, equals ? equals + 1 : next);
    return equals ? 1 : 2;
}

static int parse_short(const tool *t, const char *arg, const char *next)
{
    for (const char *p = arg + 1; *p; p++) {
        const tool_opt *o = find_short(t, *p);
        if (!o)
            tool_usage(t, "there is no option -%c", *p);
        if (takes_no_value(o) || o->kind == TOOL_MAYBE) {
            set(t, o, "");
            continue;
        }
        if (!p[1] && !next)
            tool_usage(t, "-%c needs a value: %s", *p, o->argument ? o->argument : "one of its words");
        set(t, o, p[1] ? p + 1 : next);
        return p[1] ? 1 : 2;
    }
    return 1;
}

void tool_parse(const tool *t, int argc, char **argv, const char **operands, size_t most, size_t *operands_n)
{
    *operands_n = 0;
    bool options_end = false;
    for (int i = 1; i < argc;) {
        const char *arg = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (options_end || arg[0] != '-' || arg[1] == '\0') {
            if (*operands_n == most)
                tool_usage(t, "one operand too many: '%s'", geo_name_shown(arg));
            operands[(*operands_n)++] = arg;
            i++;
        } else if (strcmp(arg, "--") == 0) {
            options_end = true;
            i++;
        } else {
            parse_asking(t, arg);
            i += arg[1] == '-' ? parse_long(t, arg, next) : parse_short(t, arg, next);
        }
    }
}
