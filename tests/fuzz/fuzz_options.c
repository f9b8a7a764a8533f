/*
 * The option parser: arguments, one a line. It ends the process for --help and for wrong usage, so exit() is caught (the linker wraps it)
 * and must come with a status of its own; what it lets through is in range.
 */
#include "fuzz.h"
#include "common/tool.h"

#include <setjmp.h>

static jmp_buf back;
static int status;
static bool parsing; /* the engine ends the process by exit(), too */

_Noreturn void __real_exit(int code);
_Noreturn void __wrap_exit(int code);
_Noreturn void __wrap_exit(int code)
{
    if (!parsing)
        __real_exit(code);
    status = code;
    longjmp(back, 1);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    FILE *nowhere = fopen("/dev/null", "w");
    if (nowhere)
        stdout = nowhere; /* help has thousands of lines a second */
    return 0;
}

static bool take(void *value, const char *text, char *problem, size_t room)
{
    snprintf(problem, room, "no");
    *(const char **)value = text;
    return *text != 'x';
}

static int parse(int argc, char **argv)
{
    static struct {
        tool_common common;
        const char *text, *maybe, *called, *lone;
        const char *const *words;
        int whole, choice;
        bool flag;
    } s;
    static const char *const CHOICES[] = {"keep", "drop", NULL}, *const SYNOPSIS[] = {"[FILE]", NULL};
    static const tool_example EXAMPLES[] = {{NULL, NULL}};
    memset(&s, 0, sizeof s);
    const tool_opt opts[] = {
        OPT_GROUP("Group"),
        OPT_FLAG('f', "flag", &s.flag, "a flag"),
        OPT_TEXT('t', "text", &s.text, "TEXT", "a text"),
        OPT_MAYBE('m', "maybe", &s.maybe, "TEXT", "perhaps a text"),
        OPT_WHOLE('n', "whole", &s.whole, "N", -5, 5, "a whole number"),
        OPT_WORDS('w', "words", &s.words, "A,B", "words"),
        OPT_CHOICE('c', "choice", &s.choice, CHOICES, "one of them"),
        OPT_CALL('k', "call", &s.called, "TEXT", take, "a call"),
        OPT_CALL('l', "lone", &s.lone, NULL, take, "a call without a value"),
        TOOL_COMMON(&s.common),
        OPT_END,
    };
    const tool t = {"fuzz", "nothing", SYNOPSIS, opts, EXAMPLES};
    const char *operands[2] = {NULL, NULL};
    size_t operands_n = 9;
    tool_parse(&t, argc, argv, operands, 2, &operands_n);
    REQUIRE(operands_n <= 2);
    REQUIRE(!s.lone || !*s.lone);
    for (size_t i = 0; i < operands_n; i++)
        REQUIRE(operands[i]);
    REQUIRE(s.whole >= -5 && s.whole <= 5 && s.choice >= 0 && s.choice <= 1);
    REQUIRE(s.common.threads >= 0 && s.common.threads <= 1024 && s.common.class_ >= 0 && s.common.class_ <= 3);
    REQUIRE(s.common.encoding == 0 || s.common.encoding == 1);
    for (const char *const *w = s.words; w && *w; w++)
        REQUIRE(**w && !strchr(*w, ','));
    return TOOL_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { MOST = 40 };
    static char *text; /* options point into it for as long as the process lives */
    char *argv[MOST + 2] = {"fuzz"};
    int argc = 1;
    free(text);
    text = malloc(n + 1);
    REQUIRE(text);
    memcpy(text, data, n);
    text[n] = '\0';
    for (char *p = text; p && argc <= MOST;) {
        char *feed = strchr(p, '\n');
        if (feed)
            *feed++ = '\0';
        argv[argc++] = p;
        p = feed;
    }
    FILE *const shown = stderr;
    stderr = stdout; /* a REQUIRE in parse() is seen by its abort */
    status = -1;
    parsing = true;
    if (setjmp(back) == 0)
        status = parse(argc, argv);
    parsing = false;
    stderr = shown;
    REQUIRE(status == TOOL_OK || status == TOOL_FAILED || status == TOOL_USAGE);
    return 0;
}
