/* What the files of the policy share: a policy in memory, and a line of its text while it is read. */
#ifndef GEO_POLICY_POLICY_H
#define GEO_POLICY_POLICY_H

#include "../core/vec.h"
#include "geo/arena.h"
#include "geo/policy.h"

#define POLICY_MOST_SQUARES 32

/* Kinds of rules, in the order in which they are explained where no line speaks. */
typedef enum policy_kind {
    POLICY_NAME,
    POLICY_APPROVED,
    POLICY_REVIEW,
    POLICY_DATASET,
    POLICY_UNLABELLED,
    POLICY_CLASS,
    POLICY_GRID,
    POLICY_HEATMAP,
    POLICY_MASK,
    POLICY_PERCENT,
    POLICY_MEAN,
    POLICY_RELEASE,
    POLICY_COMPARE,
    POLICY_KINDS
} policy_kind;

typedef struct dataset_rule {
    const char *glob;
    geo_label label;
} dataset_rule;

/* A rule, where it stands. */
typedef struct policy_rule {
    policy_kind kind;
    int line;
    size_t at; /* which of the datasets or classes it is */
} policy_rule;

struct geo_policy {
    geo_arena arena;
    geo_policy_about about;
    geo_policy_terms terms;
    geo_vec rules;             /* policy_rule, in the order of their lines */
    geo_vec datasets;          /* dataset_rule */
    geo_vec classes;           /* geo_rules */
    geo_rules silent[4];       /* what holds for each class when no rule speaks of it */
    int line_of[POLICY_KINDS]; /* the first of the kind; 0: none */
};

/* ---- words: policy_words.c ---- */

#define POLICY_LONGEST_WORD 255
#define POLICY_LONGEST_NAME 63 /* of an audience, of a level of areas */

typedef struct policy_line {
    const char *name; /* of the policy, for messages */
    const char *start, *p, *end;
    int number;
    const char *rule, *rule_at; /* its first word, once it is known, and where that stands */
    geo_policy *policy;
} policy_line;

typedef struct policy_word {
    const char *text; /* in the policy's arena; NULL: the line is at its end */
    const char *at;   /* where it starts */
    bool quoted;
} policy_word;

/* A part of a rule: a word, and what reads the values after it. */
typedef struct policy_part {
    const char *name;
    geo_status (*read)(policy_line *l, void *into, geo_err *err);
} policy_part;

/* GEO_EFORMAT, with the line and the column of what is wrong. */
geo_status geo_policy_wrong(const policy_line *l, const char *at, geo_err *err, const char *fmt, ...) GEO_PRINTF(4, 5);

/* Is all of the line text, and nothing that makes it look other than it is read? */
geo_status geo_policy_check_text(const policy_line *l, geo_err *err);

geo_status geo_policy_word(policy_line *l, policy_word *word, geo_err *err);

/* Each reads one word and names what it should be: "the threshold must be a whole number from 0 to 1000000". */
geo_status geo_policy_take_text(policy_line *l, const char *what, size_t longest, const char **text, geo_err *err);
geo_status geo_policy_take_whole(policy_line *l, const char *what, int least, int most, int *value, geo_err *err);
geo_status geo_policy_take_number(policy_line *l, const char *what, int least, int most, double *value, geo_err *err);
geo_status geo_policy_take_date(policy_line *l, const char *what, int32_t *days, const char **at, geo_err *err);
geo_status geo_policy_take_choice(policy_line *l, const char *what, const char *const *choices, int *which, geo_err *err);

/*
 * Read parts until the end of the line, each once at most, in any order. The list of parts ends with a NULL name; seen[i] says where part i
 * stands, NULL: it does not.
 */
geo_status geo_policy_take_parts(policy_line *l, const policy_part *parts, void *into, const char *seen[], geo_err *err);

/* As take_parts, and all of them must be there. */
geo_status geo_policy_take_all_parts(policy_line *l, const policy_part *parts, void *into, geo_err *err);

/* Which of the NULL-ended names the word is, or -1. */
int geo_policy_find(const char *word, const char *const *names);

/* The name nearest to a word in spelling, `most` letters from it at most; NULL: none. */
const char *geo_policy_near(const char *word, const char *const *names, unsigned most);

/* "a, b or c" of NULL-ended names, cut where there is no more room. */
void geo_policy_list(char *s, size_t room, const char *const *names);

/* A name of letters, digits, '-' and '_' that starts with a letter and is not too long. */
bool geo_policy_is_name(const char *word);

/* ---- rules: policy_rules.c, policy_class.c ---- */

/* Read a line. */
geo_status geo_policy_read_line(policy_line *l, geo_err *err);

extern const char *const GEO_POLICY_CLASSES[]; /* NULL-ended */

geo_status geo_policy_read_class(policy_line *l, geo_err *err);

/* What holds for a class and an audience before any rule speaks. */
geo_rules geo_policy_rules_start(geo_class c);

#endif
