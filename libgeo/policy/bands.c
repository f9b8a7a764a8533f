/*
 * Bands: the text is cut into signs, each a letter of a short word ("N-N", "<N", "N+"), and the word is looked up.
 *
 *   N number   - to   < below   > above   l at most   g at least   + and more   & and, or   u under, less   o over, more   t than   p up
 */
#include "bands.h"

#include <string.h>
#include <strings.h>

#define MOST_SIGNS 8
#define MOST_DIGITS 15

typedef struct signs {
    char word[MOST_SIGNS + 1];
    size_t n;
    int64_t number[2];
    size_t numbers_n;
} signs;

/* A word and its sign; ' ' is passed over. */
static const struct {
    const char *word;
    char sign;
} WORDS[] = {
    {"to", '-'},    {"under", 'u'}, {"below", 'u'}, {"less", 'u'}, {"younger", 'u'}, {"over", 'o'}, {"above", 'o'}, {"more", 'o'},
    {"older", 'o'}, {"and", '&'},   {"or", '&'},    {"than", 't'}, {"up", 'p'},      {"age", ' '},  {"aged", ' '},  {"ages", ' '},
    {"year", ' '},  {"years", ' '}, {"yr", ' '},    {"yrs", ' '},  {"old", ' '},     {"from", ' '},
};

/* Signs that are no words; the longer of two that begin alike first. */
static const struct {
    const char *text;
    char sign;
} MARKS[] = {
    {"<=", 'l'},
    {">=", 'g'},
    {"\xe2\x89\xa4", 'l'},
    {"\xe2\x89\xa5", 'g'},
    {"\xe2\x80\x93", '-'},
    {"\xe2\x80\x94", '-'},
    {"<", '<'},
    {">", '>'},
    {"-", '-'},
    {"+", '+'},
    {" ", ' '},
    {"\t", ' '},
};

/* What the words mean. A is the first number, B the second. */
enum meaning { NO_BAND, JUST_A, A_TO_B, BELOW_A, UP_TO_A, FROM_A, ABOVE_A };
static const struct {
    const char *word;
    enum meaning meaning;
} BANDS[] = {
    {"N", JUST_A},    {"N-N", A_TO_B}, {"<N", BELOW_A}, {"uN", BELOW_A}, {"utN", BELOW_A}, {"lN", UP_TO_A}, {"N&u", UP_TO_A},
    {"p-N", UP_TO_A}, {"N+", FROM_A},  {"N&o", FROM_A}, {"gN", FROM_A},  {">N", ABOVE_A},  {"oN", ABOVE_A}, {"otN", ABOVE_A},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool add_sign(signs *g, char sign)
{
    if (sign == ' ')
        return true;
    if (g->n == MOST_SIGNS)
        return false;
    g->word[g->n++] = sign;
    g->word[g->n] = '\0';
    return true;
}

/* Take a number off the front; false: it is too long, or one too many. */
static bool take_number(const char **s, const char *end, signs *g)
{
    int64_t v = 0;
    size_t digits_n = 0;
    for (; *s < end && is_digit(**s); (*s)++) {
        v = v * 10 + (**s - '0');
        if (++digits_n > MOST_DIGITS)
            return false;
    }
    if (g->numbers_n == 2)
        return false;
    g->number[g->numbers_n++] = v;
    return add_sign(g, 'N');
}

static bool take_word(const char **s, const char *end, signs *g)
{
    const char *from = *s;
    while (*s < end && is_letter(**s))
        (*s)++;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (strlen(WORDS[i].word) == (size_t)(*s - from) && strncasecmp(WORDS[i].word, from, (size_t)(*s - from)) == 0)
            return add_sign(g, WORDS[i].sign);
    return false;
}

static bool take_mark(const char **s, const char *end, signs *g)
{
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++) {
        const size_t n = strlen(MARKS[i].text);
        if ((size_t)(end - *s) >= n && memcmp(*s, MARKS[i].text, n) == 0) {
            *s += n;
            return add_sign(g, MARKS[i].sign);
        }
    }
    return false;
}

bool geo_band_parse(const char *s, size_t n, geo_band *out)
{
    signs g = {.n = 0};
    for (const char *end = s + n; s < end;)
        if (!(is_digit(*s) ? take_number(&s, end, &g) : is_letter(*s) ? take_word(&s, end, &g) : take_mark(&s, end, &g)))
            return false;
    enum meaning meaning = NO_BAND;
    for (size_t i = 0; i < sizeof BANDS / sizeof *BANDS; i++)
        if (strcmp(BANDS[i].word, g.word) == 0)
            meaning = BANDS[i].meaning;
    const int64_t a = g.number[0], b = g.number[1];
    switch (meaning) {
    case JUST_A: *out = (geo_band){a, a + 1}; break;
    case A_TO_B: *out = (geo_band){a, b + 1}; break;
    case BELOW_A: *out = (geo_band){0, a}; break;
    case UP_TO_A: *out = (geo_band){0, a + 1}; break;
    case FROM_A: *out = (geo_band){a, BAND_END}; break;
    case ABOVE_A: *out = (geo_band){a + 1, BAND_END}; break;
    default: return false;
    }
    return out->first < out->end;
}
