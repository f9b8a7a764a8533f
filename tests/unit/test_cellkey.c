/*
 * Cell keys and tables of perturbations. Expected values: the handbook is the Handbook on Statistical Disclosure Control, chapter 5.4; ONS
 * is the documentation of its cell-key-perturbation, whose 10-5 table is made here from its definition; ptable is the introduction to that
 * package of R; the rest are closed forms, brute force and properties.
 */
#include "unit.h"

#include "geo/cellkey.h"
#include "geo/init.h"
#include "geo/number.h"

static geo_err err;

static geo_status read_table(const char *text, geo_ptable **table)
{
    geo_reader *reader = NULL;
    CHECK_OK(geo_reader_open(unit_text("ptable.csv", text), &(geo_reader_options){0}, &reader, &err), &err);
    const geo_status st = geo_ptable_read(reader, table, &err);
    geo_reader_close(reader);
    return st;
}

static int64_t perturbed(const geo_ptable *table, int64_t count, uint64_t key)
{
    int64_t out;
    CHECK_OK(geo_ptable_perturb(table, &count, &key, 1, true, &out, 1, &err), &err);
    return out;
}

/* The key that is this fraction of 2^64. */
static uint64_t fraction(double of)
{
    return (uint64_t)(of * 0x1p64);
}

/* ---- record keys ---- */

/* The test vector of the SipHash paper, appendix A: key 00 .. 0f, message 00 .. 0e. */
static void record_key_is_siphash(void **state)
{
    (void)state;
    uint8_t secret[GEO_SECRET_BYTES];
    char message[15];
    for (int i = 0; i < GEO_SECRET_BYTES; i++)
        secret[i] = (uint8_t)i;
    for (int i = 0; i < 15; i++)
        message[i] = (char)i;
    assert_true(geo_record_key(secret, message, sizeof message) == UINT64_C(0xa129ca6149be45e5));
    assert_true(geo_record_key(secret, "1", 1) != geo_record_key(secret, "01", 2));
    secret[0] ^= 1;
    assert_true(geo_record_key(secret, message, sizeof message) != UINT64_C(0xa129ca6149be45e5));
}

/* ---- integer form ---- */

/* Rows of every pcv from `first` to 750, `keys_n` a pcv; the text is the caller's to free. */
static char *integer_table(int first, int keys_n, int (*add)(int pcv, int ckey))
{
    char *text = malloc((size_t)751 * (size_t)keys_n * 20 + 20), *s = text;
    assert_non_null(text);
    s += sprintf(s, "pcv,ckey,pvalue\n");
    for (int pcv = first; pcv <= 750; pcv++)
        for (int k = 0; k < keys_n; k++)
            s += sprintf(s, "%d,%d,%d\n", pcv, k, add(pcv, k));
    return text;
}

/* The 10-5 rule: to the nearest 5, and what is below 10 to 0. */
static int ten_five(int pcv, int ckey)
{
    (void)ckey;
    return (pcv < 10 ? 0 : (pcv + 2) / 5 * 5) - pcv;
}

static void ten_five_rule(void **state)
{
    (void)state;
    /* ONS: 1..9 suppressed (here 0), 10..12 -> 10, 13, 14 -> 15, 17 -> 15, 18 -> 20, 749, 752 -> 750, 753 -> 755; README: (10, 173) -> 10,
       (7, 180) suppressed, (14, 66) -> 15, (11, 190) -> 10. */
    static const int64_t CASES[][3] = {{1, 0, 0},    {9, 255, 0},   {10, 1, 10},    {12, 2, 10},     {13, 3, 15},    {17, 4, 15},
                                       {18, 5, 20},  {749, 6, 750}, {752, 77, 750}, {753, 100, 755}, {10, 173, 10},  {7, 180, 0},
                                       {14, 66, 15}, {11, 190, 10}, {0, 3, 0},      {1001, 9, 1000}, {1003, 9, 1005}};
    char *text = integer_table(1, 256, ten_five);
    geo_ptable *table = NULL;
    CHECK_OK(read_table(text, &table), &err);
    for (size_t k = 0; k < COUNT_OF(CASES); k++) {
        int64_t out;
        const uint64_t key = (uint64_t)CASES[k][1] + (k % 2 ? UINT64_C(123) << 8 : 0); /* modulo 256 */
        CHECK_OK(geo_ptable_perturb(table, &CASES[k][0], &key, 1, false, &out, 1, &err), &err);
        CHECK(out == CASES[k][2], "%" PRId64 " became %" PRId64, CASES[k][0], out);
    }
    size_t n;
    assert_null(geo_ptable_rows(table, 1, &n));
    geo_ptable_free(table);
    free(text);
}

static int pcv_itself(int pcv, int ckey)
{
    return pcv * 8 + ckey;
}

/* Each pcv and ckey adds a number of its own, so that the row is seen. ONS: 750 -> 750, 751 -> 501, 1000 -> 750, 1001, 100001 -> 501. */
static void rows_of_large_counts(void **state)
{
    (void)state;
    static const int64_t CASES[][2] = {{1, 1}, {750, 750}, {751, 501}, {1000, 750}, {1001, 501}, {100001, 501}};
    char *text = integer_table(0, 8, pcv_itself);
    geo_ptable *table = NULL;
    CHECK_OK(read_table(text, &table), &err);
    for (size_t k = 0; k < COUNT_OF(CASES); k++)
        for (uint64_t key = 0; key < 16; key++)
            assert_int_equal(perturbed(table, CASES[k][0], key) - CASES[k][0], CASES[k][1] * 8 + (int64_t)key % 8);
    for (int64_t n = 1; n < 5000; n++) /* the definition */
        assert_int_equal(perturbed(table, n, 0) - n, 8 * (n <= 750 ? n : (n - 1) % 250 + 501));
    assert_int_equal(perturbed(table, 0, 5), 5); /* zeros, when they are wanted */
    const int64_t zero = 0;
    const uint64_t key = 5;
    int64_t out = 9;
    CHECK_OK(geo_ptable_perturb(table, &zero, &key, 1, false, &out, 1, &err), &err);
    assert_int_equal(out, 0);
    geo_ptable_free(table);
    free(text);
}

/* ---- real form ---- */

static const char HANDBOOK[] = "i,j,p,v,lb,ub\n0,0,1,0,0,1\n1,0,.5,-1,0,.5\n1,2,.5,1,.5,1\n2,2,.8,0,0,.8\n2,3,.2,1,.8,1\n"
                               "3,2,.3,-1,0,.3\n3,3,.4,0,.3,.7\n3,4,.3,1,.7,1\n";

static void handbook_table(void **state)
{
    (void)state;
    geo_ptable *table = NULL;
    CHECK_OK(read_table(HANDBOOK, &table), &err);
    /* Keys .9, .3 and .6 add up to .8 (and 1): 3 becomes 4. */
    assert_int_equal(perturbed(table, 3, fraction(.9) + fraction(.3) + fraction(.6)), 4);
    static const struct {
        int64_t count;
        double key;
        int64_t out;
    } CASES[] = {{0, .7, 0}, {1, .2, 0}, {1, .5, 0}, {1, .6, 2}, {2, .79, 2},
                 {2, .9, 3}, {3, .1, 2}, {3, .5, 3}, {4, .1, 3}, {1000, .8, 1001}};
    for (size_t k = 0; k < COUNT_OF(CASES); k++)
        CHECK(perturbed(table, CASES[k].count, fraction(CASES[k].key)) == CASES[k].out, "%" PRId64 ", %g", CASES[k].count, CASES[k].key);
    assert_int_equal(perturbed(table, 3, 0), 2); /* the ends of the keys have a row too */
    assert_int_equal(perturbed(table, 3, UINT64_MAX), 4);
    size_t n;
    const geo_ptable_row *rows = geo_ptable_rows(table, 3, &n);
    assert_int_equal(n, 3);
    assert_true(rows[1].add == 0 && rows[1].from == .3 && rows[1].to == .7);
    assert_null(geo_ptable_rows(table, 4, &n));
    assert_null(geo_ptable_rows(table, -1, &n));
    geo_ptable_free(table);
    geo_ptable_free(NULL);
}

static void tables_that_are_not_whole(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *message;
    } CASES[] = {
        {"other fields", "pcv,key,pvalue\n1,0,0\n", "a table of perturbations has the fields pcv, ckey and pvalue, or i, v, lb and ub"},
        {"nothing", "i,v,lb,ub\n", "a table of perturbations without rows"},
        {"no row for 2", "i,v,lb,ub\n1,0,0,1\n3,0,0,1\n", "line 3: there are no rows for the i before it"},
        {"begins at 2", "i,v,lb,ub\n2,0,0,1\n", "line 2: there are no rows for the i before it"},
        {"a gap", "i,v,lb,ub\n1,0,0,.4\n1,1,.5,1\n", "line 3: it leaves a gap to the row before it in this i"},
        {"a gap at the start", "i,v,lb,ub\n1,0,.1,1\n", "line 2: it leaves a gap to the row before it in this i"},
        {"a gap at the end", "i,v,lb,ub\n1,0,0,.5\n1,1,.5,.9\n2,0,0,1\n", "line 3: the rows of this i end before 1"},
        {"overlap", "i,v,lb,ub\n1,0,0,.6\n1,1,.5,1\n", "line 3: it overlaps the row before it in this i"},
        {"twice", "i,v,lb,ub\n1,0,0,1\n1,0,0,1\n", "line 3: it overlaps the row before it in this i"},
        {"negative", "i,v,lb,ub\n1,-2,0,1\n", "line 2: it would make a count negative"},
        {"backwards", "i,v,lb,ub\n1,0,1,0\n", "line 2: it ends before it begins"},
        {"a half", "i,v,lb,ub\n1,.5,0,1\n", "line 2: 'v' is no whole number"},
        {"empty", "i,v,lb,ub\n1,0,,1\n", "line 2: 'lb' is no number"},
        {"above 1", "i,v,lb,ub\n1,0,0,2\n", "line 2: 'ub' is not from 0 to 1"},
        {"nan", "i,v,lb,ub\n1,0,nan,1\n", "line 2: 'lb' is no number"},
        {"a short row", "i,v,lb,ub\n1,0,0,1\n1,0\n", "rows that cannot be read: line 3"},
        {"ckeys", "pcv,ckey,pvalue\n1,0,0\n1,1,0\n1,2,0\n", "the largest ckey is not one less than a power of two"},
        {"no ckey 1", "pcv,ckey,pvalue\n1,0,0\n1,2,0\n1,3,0\n", "there is no row for pcv 1 and ckey 1"},
        {"same again", "pcv,ckey,pvalue\n1,0,0\n1,1,0\n1,1,0\n", "line 4: the same pcv and ckey again"},
        {"ends early", "pcv,ckey,pvalue\n1,0,0\n2,0,0\n", "there is no row for pcv 3 and ckey 0"},
        {"beyond 750", "pcv,ckey,pvalue\n751,0,0\n", "line 2: 'pcv' is not from 0 to 750"},
        {"below 0", "pcv,ckey,pvalue\n5,0,-6\n", "line 2: it would make a count negative"},
    };
    for (size_t k = 0; k < COUNT_OF(CASES); k++) {
        geo_ptable *table = NULL;
        CHECK(read_table(CASES[k].text, &table) == GEO_EFORMAT, "%s", CASES[k].name);
        CHECK(!table && strcmp(err.msg, CASES[k].message) == 0, "%s: %s", CASES[k].name, err.msg);
    }
    /* A whole table, and any one row left out, or put in twice. */
    char *text = integer_table(1, 2, ten_five), *less = malloc(strlen(text) + 20);
    assert_non_null(less);
    geo_random r = unit_random("rows left out");
    geo_ptable *table = NULL;
    for (int n = 0; n < 20; n++) {
        const char *row = strchr(text, '\n') + 1;
        for (uint64_t skip = geo_random_below(&r, 1500); skip-- > 0;)
            row = strchr(row, '\n') + 1;
        const char *next = strchr(row, '\n') + 1;
        sprintf(less, "%.*s%s", (int)(row - text), text, next);
        assert_int_equal(read_table(less, &table), GEO_EFORMAT);
        sprintf(less, "%.*s%s", (int)(next - text), text, row);
        assert_int_equal(read_table(less, &table), GEO_EFORMAT);
    }
    CHECK_OK(read_table(text, &table), &err);
    geo_ptable_free(table);
    free(less);
    free(text);
}

static void counts_without_a_row(void **state)
{
    (void)state;
    geo_ptable *table = NULL;
    CHECK_OK(read_table("i,v,p_int_lb,p_int_ub\n1,1,0,1\n", &table), &err); /* as ptable calls them */
    const uint64_t key[3] = {0};
    int64_t out[3] = {7, 7, 7};
    assert_int_equal(geo_ptable_perturb(table, (const int64_t[]){1, 0, 2}, key, 3, true, out, 1, &err), GEO_EFORMAT);
    assert_string_equal(err.msg, "the table of perturbations has no row for cells without people");
    assert_int_equal(geo_ptable_perturb(table, (const int64_t[]){1, 0, -1}, key, 3, false, out, 1, &err), GEO_EARG);
    assert_string_equal(err.msg, "count of cell 2 is negative or above 2^52");
    assert_int_equal(geo_ptable_perturb(table, (const int64_t[]){INT64_MAX}, key, 1, false, out, 1, &err), GEO_EARG);
    assert_true(out[0] == 7 && out[1] == 7 && out[2] == 7);
    CHECK_OK(geo_ptable_perturb(table, (const int64_t[]){1, 0, 2}, key, 3, false, out, 1, &err), &err);
    assert_true(out[0] == 2 && out[1] == 0 && out[2] == 3);
    CHECK_OK(geo_ptable_perturb(table, NULL, NULL, 0, false, NULL, 1, &err), &err);
    geo_ptable_free(table);
}

/* ---- making ---- */

static double probability(const geo_ptable *table, int64_t i, int add)
{
    size_t n;
    const geo_ptable_row *rows = geo_ptable_rows(table, i, &n);
    assert_non_null(rows);
    for (size_t k = 0; k < n; k++)
        if (rows[k].add == add)
            return rows[k].to - rows[k].from;
    return 0;
}

static double entropy_of(double p)
{
    return p > 0 ? -p * log(p) : 0;
}

static void published_tables(void **state)
{
    (void)state;
    geo_ptable *table = NULL;
    /* ptable, D = 2, V = 1: row of 2 in 4 digits, .0638 at 0 and 4, .383 stay; what is left goes to 1 and 3 alike. */
    CHECK_OK(geo_ptable_make(2, 1, 0, &table, &err), &err);
    assert_true(fabs(probability(table, 2, -2) - .0638) < 6e-5);
    assert_true(fabs(probability(table, 2, 2) - .0638) < 6e-5);
    assert_true(fabs(probability(table, 2, 0) - .383) < 6e-4);
    assert_true(fabs(probability(table, 2, 1) - probability(table, 2, -1)) < 1e-9);
    assert_true(probability(table, 0, 0) == 1);
    size_t n;
    assert_null(geo_ptable_rows(table, 3, &n));
    geo_ptable_free(table);
    /* Handbook: without ones, a 1 becomes 0 or 2 at .5 each; no other way has so small a variance as 1. */
    CHECK_OK(geo_ptable_make(2, 1, 1, &table, &err), &err);
    assert_true(fabs(probability(table, 1, -1) - .5) < 1e-9 && fabs(probability(table, 1, 1) - .5) < 1e-9);
    geo_ptable_free(table);
    assert_int_equal(geo_ptable_make(2, .9, 1, &table, &err), GEO_EARG);
    assert_string_equal(err.msg, "there is no noise of mean 0 and so small a variance for a count of 1");
}

/*
 * A count of 1 with steps -1 .. 2: mean 0, variance V and sum 1 leave one number free, d, the chance of +2; the rest is V / 2 - d, 1 - V + 3d
 * and V / 2 - 3d. The most entropy by trying 100,000 d, and V up to the variance where none is left to gain.
 */
static void most_entropy(void **state)
{
    (void)state;
    static const double VARIANCES[] = {.1, .5, .9, 1, 1.05, 2};
    for (size_t v = 0; v < COUNT_OF(VARIANCES); v++) {
        double best = -1, best_d = 0, best_v = 0;
        for (double V = VARIANCES[v] > 1.05 ? 1.05 : VARIANCES[v]; V <= VARIANCES[v]; V += .005)
            for (int i = 0; i <= 100000; i++) {
                const double d = i / 200000.0, p[4] = {V / 2 - d, 1 - V + 3 * d, V / 2 - 3 * d, d};
                if (p[0] < 0 || p[1] < 0 || p[2] < 0)
                    continue;
                const double entropy = entropy_of(p[0]) + entropy_of(p[1]) + entropy_of(p[2]) + entropy_of(p[3]);
                if (entropy > best)
                    best = entropy, best_d = d, best_v = V;
            }
        geo_ptable *table = NULL;
        CHECK_OK(geo_ptable_make(2, VARIANCES[v], 0, &table, &err), &err);
        double entropy = 0;
        for (int add = -1; add <= 2; add++)
            entropy += entropy_of(probability(table, 1, add));
        CHECK(entropy >= best - 1e-9, "V %g: entropy %.9f, by trying %.9f", VARIANCES[v], entropy, best);
        CHECK(fabs(probability(table, 1, 2) - best_d) < 1e-3, "V %g: %g, by trying %g at %g", VARIANCES[v], probability(table, 1, 2),
              best_d, best_v);
        geo_ptable_free(table);
    }
}

/* For every count: whole, without bias, of the variance that was asked for (or less, where there is not the room), nothing forbidden. */
static void made_tables(void **state)
{
    (void)state;
    static const double SHARES[] = {1e-6, .01, .2, .5, .9, 1};
    int made_n = 0;
    for (int most = 1; most <= 100; most = most < 12 ? most + 1 : most * 2)
        for (int never = 0; never <= most && never < 8; never++)
            for (size_t s = 0; s < COUNT_OF(SHARES); s++) {
                const double variance = SHARES[s] * most * (most + 1) / 3.0;
                geo_ptable *table = NULL;
                const geo_status st = geo_ptable_make(most, variance, never, &table, &err);
                const int last = never ? most + never + 1 : most;
                /* A count up to `never` goes to 0, or to never + 1 and beyond: at least i (never + 1 - i), most of all in the middle. */
                const int middle = (never + 1) / 2, least = middle * (never + 1 - middle);
                if (never == 0 || (variance > least && never < most))
                    CHECK(st == GEO_OK, "most %d, variance %g, never %d: %s", most, variance, never, err.msg);
                else if (variance < least - 1e-3)
                    assert_int_equal(st, GEO_EARG);
                if (st < 0)
                    continue;
                made_n++;
                for (int i = 0; i <= last; i++) {
                    double end = 0, mean = 0, square = 0;
                    size_t n;
                    const geo_ptable_row *rows = geo_ptable_rows(table, i, &n);
                    for (size_t k = 0; k < n; k++) {
                        const double p = rows[k].to - rows[k].from;
                        assert_true(rows[k].from == end && p > 0 && abs(rows[k].add) <= most);
                        assert_true(i + rows[k].add == 0 || i + rows[k].add > never);
                        mean += p * rows[k].add;
                        square += p * rows[k].add * rows[k].add;
                        end = rows[k].to;
                    }
                    assert_true(end == 1);
                    CHECK(fabs(mean) < 1e-9, "most %d, variance %g, never %d, count %d: mean %g", most, variance, never, i, mean);
                    CHECK(square < variance + 1e-9 * most, "most %d, never %d, count %d: %.12g of %.12g", most, never, i, square, variance);
                    CHECK(i == 0 || square > 0, "count %d has no noise", i);
                    CHECK(i < last || fabs(square - variance) < 1e-9 * most, "most %d, never %d: %.12g of %.12g", most, never, square,
                          variance);
                }
                geo_ptable_free(table);
            }
    assert_true(made_n > 200);
    geo_ptable *table = NULL;
    assert_int_equal(geo_ptable_make(0, 1, 0, &table, &err), GEO_EARG);
    assert_int_equal(geo_ptable_make(101, 1, 0, &table, &err), GEO_EARG);
    assert_int_equal(geo_ptable_make(5, 1, 6, &table, &err), GEO_EARG);
    assert_int_equal(geo_ptable_make(5, 1, -1, &table, &err), GEO_EARG);
    assert_int_equal(geo_ptable_make(5, 0, 0, &table, &err), GEO_EARG);
    assert_int_equal(geo_ptable_make(5, NAN, 0, &table, &err), GEO_EARG);
    assert_int_equal(geo_ptable_make(5, 10.01, 0, &table, &err), GEO_EARG);
    assert_string_equal(err.msg, "noise of at most 5 has a variance above 0 and up to 10");
    assert_null(table);
}

/* Written down and read again it is the same table. */
static void there_and_back(void **state)
{
    (void)state;
    geo_ptable *made = NULL, *read = NULL;
    CHECK_OK(geo_ptable_make(5, 3, 2, &made, &err), &err);
    char text[20000], from[GEO_NUMBER_ROOM], to[GEO_NUMBER_ROOM], *s = text;
    s += sprintf(s, "i,v,lb,ub\n");
    for (int64_t i = 8; i >= 0; i--) { /* rows may come in any order */
        size_t n;
        const geo_ptable_row *rows = geo_ptable_rows(made, i, &n);
        for (size_t k = 0; k < n; k++) {
            geo_number_print(rows[k].from, from);
            geo_number_print(rows[k].to, to);
            s += sprintf(s, "%d,%d,%s,%s\n", (int)i, rows[k].add, from, to);
        }
    }
    CHECK_OK(read_table(text, &read), &err);
    for (int64_t i = 0; i <= 9; i++) {
        size_t n, m;
        const geo_ptable_row *a = geo_ptable_rows(made, i, &n), *b = geo_ptable_rows(read, i, &m);
        assert_true(n == m && !a == !b);
        for (size_t k = 0; k < n; k++)
            assert_true(a[k].add == b[k].add && a[k].from == b[k].from && a[k].to == b[k].to);
    }
    geo_ptable_free(made);
    geo_ptable_free(read);
}

/* ---- what the method promises ---- */

#define PEOPLE 4000
#define ROWS 12
#define COLUMNS 9
#define CELLS ((ROWS + 1) * (COLUMNS + 1))

static const uint8_t SECRET[GEO_SECRET_BYTES] = "a secret for the tests of cells";

/* A table with its margins of the first n people, person by person: ids "p0", "p1" ..., which go where `where` says. */
static void count_people(const size_t *where, size_t n, size_t without, int64_t *count, uint64_t *key)
{
    memset(count, 0, CELLS * sizeof *count);
    memset(key, 0, CELLS * sizeof *key);
    for (size_t p = 0; p < n; p++) {
        char id[24];
        if (p == without)
            continue;
        const uint64_t k = geo_record_key(SECRET, id, (size_t)sprintf(id, "p%zu", p));
        const size_t rows[2] = {where[p] / COLUMNS, ROWS}, columns[2] = {where[p] % COLUMNS, COLUMNS};
        for (int x = 0; x < 4; x++) {
            const size_t c = rows[x / 2] * (COLUMNS + 1) + columns[x % 2];
            count[c]++;
            key[c] += k;
        }
    }
}

static bool is_of(size_t cell, size_t where)
{
    const size_t row = cell / (COLUMNS + 1), column = cell % (COLUMNS + 1);
    return (row == ROWS || row == where / COLUMNS) && (column == COLUMNS || column == where % COLUMNS);
}

/* One who comes or goes changes the noise of the cells that hold him, and no other; and does change it. */
static void noise_of_others_stays(void **state)
{
    (void)state;
    geo_random r = unit_random("one more");
    geo_ptable *table = NULL;
    CHECK_OK(geo_ptable_make(5, 3, 2, &table, &err), &err);
    size_t where[PEOPLE], moved_n = 0;
    for (size_t p = 0; p < PEOPLE; p++)
        where[p] = geo_random_below(&r, ROWS * COLUMNS);
    int64_t count[CELLS], more[CELLS], out[CELLS], out_more[CELLS];
    uint64_t key[CELLS], key_more[CELLS];
    for (size_t n = 0; n < unit_tries(60); n++) {
        const size_t people = 1 + geo_random_below(&r, PEOPLE), who = geo_random_below(&r, people);
        count_people(where, people, people, more, key_more);
        count_people(where, people, who, count, key); /* he was never there, the ids after his are as they were */
        CHECK_OK(geo_ptable_perturb(table, count, key, CELLS, false, out, 1, &err), &err);
        CHECK_OK(geo_ptable_perturb(table, more, key_more, CELLS, false, out_more, 1 + (int)n % 2, &err), &err);
        for (size_t c = 0; c < CELLS; c++) {
            if (!is_of(c, where[who]))
                assert_int_equal(out[c], out_more[c]);
            else
                moved_n += out_more[c] - more[c] != out[c] - count[c];
        }
    }
    assert_true(moved_n > 0);
    geo_ptable_free(table);
}

/* The same people, asked for a thousand times, grouped in other ways and counted in another order: the same answer, so nothing averages out. */
static void repeating_tells_nothing(void **state)
{
    (void)state;
    geo_random r = unit_random("repeating");
    geo_ptable *table = NULL;
    CHECK_OK(geo_ptable_make(5, 3, 2, &table, &err), &err);
    int64_t first = -1;
    for (int n = 0; n < 1000; n++) {
        size_t order[37];
        for (size_t k = 0; k < COUNT_OF(order); k++)
            order[k] = k;
        uint64_t groups[3] = {0};
        int64_t counts[3] = {0};
        for (size_t k = COUNT_OF(order); k-- > 0;) {
            const size_t pick = geo_random_below(&r, k + 1), group = geo_random_below(&r, 3);
            char id[24];
            groups[group] += geo_record_key(SECRET, id, (size_t)sprintf(id, "p%zu", order[pick]));
            counts[group]++;
            order[pick] = order[k];
        }
        const int64_t out = perturbed(table, counts[0] + counts[1] + counts[2], groups[0] + groups[1] + groups[2]);
        first = n ? first : out;
        assert_int_equal(out, first);
    }
    geo_ptable_free(table);
}

/* Noise of many cells: its mean and variance are those of the table, within six standard deviations. */
static void noise_is_the_tables(void **state)
{
    (void)state;
    geo_ptable *table = NULL;
    CHECK_OK(geo_ptable_make(5, 3, 0, &table, &err), &err);
    const int n = 40000;
    double sum = 0, squares = 0, fourth = 0;
    for (int add = -5; add <= 5; add++)
        fourth += pow(add, 4) * probability(table, 5, add);
    for (int k = 0; k < n; k++) {
        char id[24];
        const double noise = (double)perturbed(table, 12, geo_record_key(SECRET, id, (size_t)sprintf(id, "%d", k))) - 12;
        sum += noise;
        squares += noise * noise;
    }
    assert_true(fabs(sum / n) < 6 * sqrt(3.0 / n));
    assert_true(fabs(squares / n - 3) < 6 * sqrt((fourth - 9) / n));
    geo_ptable_free(table);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    geo_random r = unit_random("threads");
    const size_t n = 300000;
    int64_t *count = malloc(n * sizeof *count), *one = malloc(n * sizeof *one);
    uint64_t *key = malloc(n * sizeof *key);
    assert_true(count && one && key);
    for (size_t k = 0; k < n; k++) {
        count[k] = (int64_t)geo_random_below(&r, 2000);
        key[k] = geo_random_next(&r);
    }
    geo_ptable *table = NULL;
    CHECK_OK(geo_ptable_make(5, 3, 0, &table, &err), &err);
    CHECK_OK(geo_ptable_perturb(table, count, key, n, true, one, 1, &err), &err);
    CHECK_OK(geo_ptable_perturb(table, count, key, n, true, count, 3, &err), &err); /* in place */
    assert_memory_equal(count, one, n * sizeof *one);
    geo_ptable_free(table);
    free(count);
    free(one);
    free(key);
}

/*
 * Handbook, chapter 5.4: two groups and their total are 8, 12, 20; with noise of at most 2 they are published as 9, 14, 19. Whoever publishes
 * the exact means of something whole beside them, 11.25, 7.9167 and 9.25, publishes the counts: 8 and 12 alone fit, as trying all shows.
 * Means of the protected counts, the sums over 9, 14 and 19, leave every pair that the noise allows.
 */
static int counts_that_fit(const int64_t *published, const double *mean, bool of_published, int64_t pair[2])
{
    int fit_n = 0;
    for (int64_t a = published[0] - 2; a <= published[0] + 2; a++)
        for (int64_t b = published[1] - 2; b <= published[1] + 2; b++) {
            const int64_t counts[3] = {a, b, a + b};
            double sum[3];
            bool fits = llabs(a + b - published[2]) <= 2;
            for (int k = 0; k < 3; k++) { /* the sum is whole, as far as a mean of four decimals tells */
                const double over = (double)(of_published ? published[k] : counts[k]);
                sum[k] = round(mean[k] * over);
                fits = fits && fabs(sum[k] / over - mean[k]) <= .00005;
            }
            if (fits && sum[0] + sum[1] == sum[2]) {
                fit_n++;
                pair[0] = a, pair[1] = b;
            }
        }
    return fit_n;
}

static void exact_means_give_counts_away(void **state)
{
    (void)state;
    static const int64_t COUNTS[] = {8, 12, 20}, PUBLISHED[] = {9, 14, 19}, SUMS[] = {90, 95, 185};
    double exact[3], protected[3];
    int possible_n = 0; /* pairs that the noise alone allows, counted the plain way */
    for (int a = 7; a <= 11; a++)
        for (int b = 12; b <= 16; b++)
            possible_n += a + b >= 17 && a + b <= 21;
    for (int k = 0; k < 3; k++) {
        exact[k] = round((double)SUMS[k] / (double)COUNTS[k] * 1e4) / 1e4;
        protected[k] = round((double)SUMS[k] / (double)PUBLISHED[k] * 1e4) / 1e4;
    }
    assert_true(exact[0] == 11.25 && exact[1] == 7.9167 && exact[2] == 9.25); /* the handbook's */
    int64_t pair[2] = {0};
    assert_int_equal(counts_that_fit(PUBLISHED, exact, false, pair), 1);
    assert_true(pair[0] == COUNTS[0] && pair[1] == COUNTS[1]);
    assert_true(possible_n > 5);
    assert_int_equal(counts_that_fit(PUBLISHED, protected, true, pair), possible_n);
}

int main(void)
{
    if (geo_init(&err) < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_key_is_siphash),
        cmocka_unit_test(ten_five_rule),
        cmocka_unit_test(rows_of_large_counts),
        cmocka_unit_test(handbook_table),
        cmocka_unit_test(tables_that_are_not_whole),
        cmocka_unit_test(counts_without_a_row),
        cmocka_unit_test(published_tables),
        cmocka_unit_test(most_entropy),
        cmocka_unit_test(made_tables),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(noise_of_others_stays),
        cmocka_unit_test(repeating_tells_nothing),
        cmocka_unit_test(noise_is_the_tables),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(exact_means_give_counts_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
