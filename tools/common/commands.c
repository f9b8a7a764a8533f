/* Tools of several commands: which one is meant, and help that lists them. */
#include "geo/init.h"
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The word of a command: "geosdc check" -> "check". */
static const char *word_of(const tool_command *c)
{
    return strrchr(c->tool->name, ' ') + 1;
}

static void print_help(const char *name, const char *summary, const tool_command *commands)
{
    printf("%s - %s\n\nusage: %s COMMAND [OPTION]... [FILE]...\n\nCommands\n", name, summary, name);
    for (const tool_command *c = commands; c->tool; c++)
        printf("  %-10s %s\n", word_of(c), c->tool->summary);
    printf("\nHelp\n  -h, --help                print this help; %s COMMAND --help prints that of a command\n", name);
    printf("      --version             print the version\n      --json-usage          print the commands as JSON, for programs\n");
    printf("      --completion          print a completion script for bash\n\nExit status\n");
    printf("  0 done; 1 failed; 2 wrong usage; 3 done, but records were left out or not matched; 4 refused by the policy\n");
    printf("\nExamples\n");
    for (const tool_command *c = commands; c->tool; c++)
        if (c->tool->examples->what)
            printf("  # %s\n  %s\n", c->tool->examples->what, c->tool->examples->command);
}

static void print_json(const char *name, const char *summary, const tool_command *commands)
{
    printf("{\n  \"name\": \"%s\",\n  \"summary\": \"%s\",\n  \"commands\": [", name, summary);
    for (const tool_command *c = commands; c->tool; c++)
        printf("%s\"%s\"", c == commands ? "" : ", ", word_of(c));
    printf("]\n}\n");
}

static void print_completion(const char *name, const tool_command *commands)
{
    for (const tool_command *c = commands; c->tool; c++)
        tool_print_completion_function(c->tool);
    printf("_%s() {\n  case $COMP_CWORD:${COMP_WORDS[1]} in\n    1:*) mapfile -t COMPREPLY < <(compgen -W \"", name);
    for (const tool_command *c = commands; c->tool; c++)
        printf("%s ", word_of(c));
    printf("--help --version\" -- \"${COMP_WORDS[1]}\");;\n");
    for (const tool_command *c = commands; c->tool; c++)
        printf("    *:%s) _%s_%s;;\n", word_of(c), name, word_of(c));
    printf("  esac\n}\ncomplete -o filenames -F _%s %s\n", name, name);
}

int tool_commands(const char *name, const char *summary, const tool_command *commands, int argc, char **argv)
{
    static const char *const SYNOPSIS[] = {"COMMAND [OPTION]... [FILE]...", NULL};
    static const tool_opt NONE[] = {OPT_END};
    const tool whole = {.name = name, .summary = summary, .synopsis = SYNOPSIS, .opts = NONE};
    const char *word = argc > 1 ? argv[1] : "";
    for (const tool_command *c = commands; c->tool; c++)
        if (strcmp(word, word_of(c)) == 0)
            return c->run(argc - 1, argv + 1);
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        print_help(name, summary, commands);
    else if (strcmp(word, "--version") == 0)
        printf("%s (libgeo) %s\n", name, geo_version());
    else if (strcmp(word, "--json-usage") == 0)
        print_json(name, summary, commands);
    else if (strcmp(word, "--completion") == 0)
        print_completion(name, commands);
    else if (*word)
        tool_usage(&whole, "there is no command '%s'", word);
    else
        tool_usage(&whole, "say which command");
    return tool_printed(&whole);
}
