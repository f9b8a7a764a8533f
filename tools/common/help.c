/* What the option table says, in the forms that people and programs read: --help, mdoc, JSON, bash. */
#include "tool.h"

#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 28
#define HELP_WIDTH 96

static const tool_opt ASKING[] = {
    OPT_GROUP("Help"),
    OPT_FLAG('h', "help", NULL, "print this help"),
    OPT_FLAG(0, "version", NULL, "print the version"),
    OPT_FLAG(0, "json-usage", NULL, "print the options as JSON, for programs"),
    OPT_FLAG(0, "completion", NULL, "print a completion script for bash"),
    OPT_END,
};

/* Calls fn for every option, the asking ones last. */
static void each(const tool *t, void (*fn)(const tool_opt *, void *), void *ctx)
{
    for (const tool_opt *o = t->opts; o->kind != TOOL_END; o++)
        fn(o, ctx);
    for (const tool_opt *o = ASKING; o->kind != TOOL_END; o++)
        fn(o, ctx);
}

static void join_choices(const tool_opt *o, char *out, size_t room)
{
    *out = '\0';
    for (int i = 0; o->choices && o->choices[i]; i++) {
        strncat(out, i ? "|" : "", room - strlen(out) - 1);
        strncat(out, o->choices[i], room - strlen(out) - 1);
    }
}

static const char *argument_of(const tool_opt *o, char *room, size_t n)
{
    if (o->kind != TOOL_CHOICE)
        return o->argument;
    join_choices(o, room, n);
    return room;
}

void tool_print_synopsis(const tool *t, bool to_stderr)
{
    FILE *f = to_stderr ? stderr : stdout;
    for (int i = 0; t->synopsis[i]; i++)
        fprintf(f, "%s %s %s\n", i ? "      " : "usage:", t->name, t->synopsis[i]);
    if (to_stderr)
        fprintf(f, "       %s --help tells more\n", t->name);
}

static void wrap(const char *text)
{
    size_t column = HELP_COLUMN;
    while (*text) {
        const size_t n = strcspn(text, " ");
        if (column + n > HELP_WIDTH && column > HELP_COLUMN) {
            printf("\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        }
        printf("%.*s", (int)n, text);
        column += n;
        text += n;
        if (*text == ' ') {
            text++;
            if (*text && column + 1 + strcspn(text, " ") <= HELP_WIDTH)
                putchar(' '), column++;
            else if (*text)
                printf("\n%*s", HELP_COLUMN, ""), column = HELP_COLUMN;
        }
    }
    putchar('\n');
}

static void help_option(const tool_opt *o, void *ctx)
{
    (void)ctx;
    if (o->kind == TOOL_GROUP) {
        printf("\n%s\n", o->name);
        return;
    }
    char left[128], choices[96];
    const char *argument = argument_of(o, choices, sizeof choices);
    int n = o->letter ? snprintf(left, sizeof left, "  -%c, --%s", o->letter, o->name) : snprintf(left, sizeof left, "      --%s", o->name);
    if (argument)
        n += snprintf(left + n, sizeof left - (size_t)n, o->kind == TOOL_MAYBE ? "[=%s]" : " %s", argument);
    if (n + 2 > HELP_COLUMN)
        printf("%s\n%*s", left, HELP_COLUMN, "");
    else
        printf("%-*s", HELP_COLUMN, left);
    wrap(o->help);
}

void tool_print_help(const tool *t)
{
    printf("%s - %s\n\n", t->name, t->summary);
    tool_print_synopsis(t, false);
    each(t, help_option, NULL);
    printf("\nExit status\n  0 done; 1 failed; 2 wrong usage; 3 done, but records were left out or not matched; 4 refused by the policy\n");
    printf("\nExamples\n");
    for (const tool_example *e = t->examples; e->what; e++)
        printf("  # %s\n  %s\n", e->what, e->command);
}

/* ---- mdoc ---- */

/* A backslash or a leading dot would be a request. */
static void mdoc_text(const char *s)
{
    if (*s == '.' || *s == '\'')
        fputs("\\&", stdout);
    for (; *s; s++)
        if (*s == '\\')
            fputs("\\e", stdout);
        else if (*s == '-' && s[1] == '-')
            fputs("\\-", stdout);
        else if (*s == '.' && s[1] == ' ')
            puts("."), s++; /* new sentence, new line */
        else
            putchar(*s);
}

static void man_option(const tool_opt *o, void *ctx)
{
    bool *in_list = ctx;
    if (o->kind == TOOL_GROUP) {
        if (*in_list)
            puts(".El");
        printf(".Ss %s\n.Bl -tag -width Ds\n", o->name);
        *in_list = true;
        return;
    }
    char choices[96];
    const char *argument = argument_of(o, choices, sizeof choices);
    printf(".It ");
    if (o->letter)
        printf("Fl %c , ", o->letter);
    printf("Fl \\-%s", o->name);
    if (argument && o->kind == TOOL_MAYBE)
        printf(" Ns Op = Ns Ar %s", argument);
    else if (argument)
        printf(" Ar %s", argument);
    putchar('\n');
    char sentence[512];
    snprintf(sentence, sizeof sentence, "%s", o->help);
    if (sentence[0] >= 'a' && sentence[0] <= 'z' && strncmp(sentence, "sdc_", 4) != 0)
        sentence[0] = (char)(sentence[0] - 'a' + 'A');
    mdoc_text(sentence);
    puts(".");
}

void tool_print_man(const tool *t)
{
    bool in_list = false;
    each(t, man_option, &in_list);
    if (in_list)
        puts(".El");
}

/* ---- JSON ---- */

static void json_text(const char *s)
{
    putchar('"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            putchar('\\');
        putchar(*s);
    }
    putchar('"');
}

static void json_option(const tool_opt *o, void *ctx)
{
    bool *first = ctx;
    static const char *const KINDS[] = {"", "", "flag", "text", "optional text", "integer", "list", "choice", "text"};
    if (o->kind == TOOL_GROUP)
        return;
    printf("%s\n    {\"name\": \"--%s\", ", *first ? "" : ",", o->name);
    *first = false;
    if (o->letter)
        printf("\"letter\": \"-%c\", ", o->letter);
    printf("\"type\": \"%s\", ", o->kind == TOOL_CALL && !o->argument ? "flag" : KINDS[o->kind]);
    if (o->argument)
        printf("\"argument\": \"%s\", ", o->argument);
    if (o->kind == TOOL_WHOLE)
        printf("\"minimum\": %d, \"maximum\": %d, ", o->low, o->high);
    if (o->kind == TOOL_CHOICE) {
        printf("\"choices\": [");
        for (int i = 0; o->choices[i]; i++)
            printf("%s\"%s\"", i ? ", " : "", o->choices[i]);
        printf("], ");
    }
    printf("\"help\": ");
    json_text(o->help);
    putchar('}');
}

void tool_print_json(const tool *t)
{
    bool first = true;
    printf("{\n  \"name\": \"%s\",\n  \"summary\": ", t->name);
    json_text(t->summary);
    printf(",\n  \"options\": [");
    each(t, json_option, &first);
    printf("\n  ],\n  \"exit_status\": {\"0\": \"done\", \"1\": \"failed\", \"2\": \"wrong usage\", \"3\": \"done, but records were left "
           "out or not "
           "matched\", \"4\": \"refused by the policy\"}\n}\n");
}

/* ---- bash ---- */

static void completion_name(const tool_opt *o, void *ctx)
{
    (void)ctx;
    if (o->kind != TOOL_GROUP)
        printf(" --%s", o->name);
}

static void completion_choices(const tool_opt *o, void *ctx)
{
    (void)ctx;
    if (o->kind != TOOL_CHOICE)
        return;
    printf("    --%s) mapfile -t COMPREPLY < <(compgen -W \"", o->name);
    for (int i = 0; o->choices[i]; i++)
        printf("%s%s", i ? " " : "", o->choices[i]);
    printf("\" -- \"$word\"); return;;\n");
}

/* bash takes --name=word for three words. A line that compgen prints is one answer, blanks and all. */
void tool_print_completion_function(const tool *t)
{
    printf("_");
    for (const char *p = t->name; *p; p++)
        putchar(*p == ' ' ? '_' : *p);
    printf("() {\n  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n");
    printf(
        "  if [ \"$word\" = = ]; then word=; elif [ \"$before\" = = ]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi\n  case $before in\n");
    each(t, completion_choices, NULL);
    printf("  esac\n  case $word in\n    -*) mapfile -t COMPREPLY < <(compgen -W \"");
    each(t, completion_name, NULL);
    printf("\" -- \"$word\");;\n    *) mapfile -t COMPREPLY < <(compgen -f -- \"$word\");;\n  esac\n}\n");
}

void tool_print_completion(const tool *t)
{
    tool_print_completion_function(t);
    if (!strchr(t->name, ' ')) /* of a tool of several commands the tool itself does it */
        printf("complete -o filenames -F _%s %s\n", t->name, t->name);
}
