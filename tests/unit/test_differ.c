/*
 * Differencing between releases. Expected values: the worked examples of the ESSnet guidelines on geospatial statistics and of the Handbook on
 * SDC, every union of small worlds by brute force, true counts of the people that a world was made of.
 */
#include "ledger.h"

#include "geo/init.h"
#include "policy/bands.h"
#include "policy/differ.h"

static geo_err err;
static const geo_rules TEN = {.audience = "public", .threshold = 10},
                       TEN_AND_ZERO = {.audience = "public", .threshold = 10, .protect_zeros = true};

/* ---- publications by hand ---- */

static const char *name_of(geo_publication *p, const char *form, unsigned i)
{
    char room[32];
    snprintf(room, sizeof room, form, i);
    return geo_arena_text(&p->arena, room, strlen(room));
}

/* Zones of atoms: one level of areas, one cell a zone. A zone whose high is infinite is hidden. */
static geo_publication *make_zones(const char *level, uint32_t atoms_n, const uint32_t *zone, uint32_t zones_n, const double *low,
                                   const double *high)
{
    geo_publication *p = calloc(1, sizeof *p);
    publication_variable *v = &p->v[0];
    *p = (geo_publication){.name = "", .population = "people", .count = "", .variables_n = 1, .cells_n = zones_n};
    *v = (publication_variable){.field = "area", .areas = true, .atoms_n = atoms_n, .nodes_n = zones_n, .levels_n = 1};
    v->levels[0] = (publication_level){.name = level, .n = zones_n};
    v->atom = geo_arena_array(&p->arena, atoms_n, sizeof *v->atom);
    v->text = geo_arena_array(&p->arena, zones_n, sizeof *v->text);
    v->levels[0].in = geo_arena_array(&p->arena, atoms_n, sizeof(uint32_t));
    p->node = geo_arena_array(&p->arena, zones_n, sizeof *p->node);
    p->low = geo_arena_array(&p->arena, zones_n, sizeof *p->low);
    p->high = geo_arena_array(&p->arena, zones_n, sizeof *p->high);
    for (uint32_t a = 0; a < atoms_n; a++) {
        v->atom[a] = name_of(p, "atom%u", a);
        v->levels[0].in[a] = zone[a];
    }
    for (uint32_t z = 0; z < zones_n; z++) {
        char form[32];
        snprintf(form, sizeof form, "%s%%u", level);
        v->text[z] = name_of(p, form, z);
        p->node[z] = z;
        p->low[z] = low[z];
        p->high[z] = high[z];
    }
    return p;
}

/* As their atoms count. */
static geo_publication *count_zones(const char *level, uint32_t atoms_n, const uint32_t *zone, uint32_t zones_n, const double *people)
{
    double *count = calloc(zones_n, sizeof *count);
    for (uint32_t a = 0; a < atoms_n; a++)
        if (zone[a] < zones_n)
            count[zone[a]] += people[a];
    geo_publication *p = make_zones(level, atoms_n, zone, zones_n, count, count);
    free(count);
    return p;
}

typedef struct heard {
    size_t n;
    geo_sdc_difference d[400];
} heard;

static void hear(void *ctx, const geo_sdc_difference *d)
{
    heard *h = ctx;
    if (h->n < COUNT_OF(h->d))
        h->d[h->n] = *d;
    h->n++;
}

static heard heard_all; /* large */

static heard *compare(const geo_publication *proposed, const geo_publication *const *earlier, size_t n, const geo_rules *rules)
{
    geo_sdc_differed report = {.unit = ""};
    const differ d = {.proposed = proposed, .earlier = earlier, .earlier_n = n, .rules = rules, .threads = 2};
    heard_all.n = 0;
    CHECK_OK(geo_differ(&d, hear, &heard_all, &report, &err), &err);
    CHECK(report.changes_n + report.remainders_n + report.stacked_n == heard_all.n, "all findings are told");
    return &heard_all;
}

static heard *compare_two(const geo_publication *proposed, const geo_publication *earlier, const geo_rules *rules)
{
    return compare(proposed, &earlier, 1, rules);
}

/* ---- bands ---- */

static void bands(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t first, end; /* end 0: no band */
    } CASES[] = {
        {"20-39", 20, 40},
        {"20 to 39", 20, 40},
        {"20\xe2\x80\x93"
         "39",
         20, 40},
        {"Aged 20 to 24 years", 20, 25},
        {" 5 - 9 ", 5, 10},
        {"<20", 0, 20},
        {"under 25", 0, 25},
        {"Under 1", 0, 1},
        {"less than 18", 0, 18},
        {"16 and under", 0, 17},
        {"0-15", 0, 16},
        {"Aged 4 years and under", 0, 5},
        {"up to 15", 0, 16},
        {"\xe2\x89\xa4 15", 0, 16},
        {"<=15", 0, 16},
        {"75+", 75, BAND_END},
        {"65 and over", 65, BAND_END},
        {"65 or more", 65, BAND_END},
        {">= 65", 65, BAND_END},
        {">65", 66, BAND_END},
        {"over 65", 66, BAND_END},
        {"Aged 85 years and over", 85, BAND_END},
        {"7", 7, 8},
        {"", 0, 0},
        {"39-20", 0, 0},
        {"male", 0, 0},
        {"20-39 m", 0, 0},
        {"10-15%", 0, 0},
        {"1-2-3", 0, 0},
        {"-5", 0, 0},
        {"under 0", 0, 0},
        {"<20+", 0, 0},
        {"Total", 0, 0},
        {"1234567890123456", 0, 0},
        {"2.5", 0, 0},
        {"+", 0, 0},
        {"years", 0, 0},
        {"20 to 39 to 40 to 50 to 60 to 70 to 80", 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_band b = {0, 0};
        const bool is = geo_band_parse(CASES[i].text, strlen(CASES[i].text), &b);
        CHECK(is == (CASES[i].end != 0), "'%s'", CASES[i].text);
        CHECK(!is || (b.first == CASES[i].first && b.end == CASES[i].end), "'%s'", CASES[i].text);
    }
}

/* ---- worked examples ---- */

/* Guidelines, chapter 12: A = 100 and B = 200 over tiles 15, 40, 26, 16 and 58, 60, 30, 25, and one of 30 that both share: A has 3 of it. */
static void shared_tile(void **state)
{
    (void)state;
    static const double PEOPLE[] = {15, 40, 26, 16, 58, 60, 30, 25, 3, 27};
    static const uint32_t TILE[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 8}, ZONE[] = {0, 0, 0, 0, 1, 1, 1, 1, 0, 1};
    geo_publication *tiles = count_zones("t", 10, TILE, 9, PEOPLE), *zones = count_zones("z", 10, ZONE, 2, PEOPLE);
    geo_rules rules = TEN;
    heard *h = compare_two(tiles, zones, &rules);
    assert_int_equal(h->n, 2); /* the same 3 people, once from A and once from B */
    assert_string_equal(h->d[0].where, "t4 + t5 + t6 + t7 + t8 - z1");
    assert_string_equal(h->d[1].where, "z0 - t0 - t1 - t2 - t3");
    assert_string_equal(h->d[1].tables, "z - t");
    assert_int_equal(h->d[1].cells_n, 5);
    rules.threshold = 27; /* "fewer than" */
    assert_int_equal(compare_two(tiles, zones, &rules)->n, 2);
    rules.threshold = 28; /* A: 3 and 27; B: 27 and 3 */
    assert_int_equal(compare_two(tiles, zones, &rules)->n, 4);
    rules.threshold = 3;
    assert_int_equal(compare_two(tiles, zones, &rules)->n, 0);
    geo_publication_free(tiles);
    geo_publication_free(zones);
}

/*
 * The same chapter's six zones: F from outside 603 - 600 = 3, A, B, C and D together from inside 900 - 897 = 3. The page gives the sums; the
 * tiles here keep them, and each pair of neighbours shares a tile in such numbers that no smaller union tells anything.
 */
static void six_zones(void **state)
{
    (void)state;
    enum { A, B, C, D, E, F };
    static const double PEOPLE[] = {140, 60,  50,  140, 80, 70, 120, 50, 50, 137, /* 897 in tiles of A, B, C, D alone */
                                    3,   100, 500, 300};
    static const uint32_t ZONE[] = {A, A, B, B, B, C, C, C, D, D, D, F, F, E}, TILE[] = {0, 1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8, 9};
    geo_publication *tiles = count_zones("t", 14, TILE, 10, PEOPLE), *zones = count_zones("z", 14, ZONE, 6, PEOPLE);
    heard *h = compare_two(zones, tiles, &TEN);
    assert_int_equal(zones->low[0] + zones->low[1] + zones->low[2] + zones->low[3], 900);
    assert_int_equal(zones->low[F], 600);
    assert_int_equal(tiles->low[7] + tiles->low[8], 603);
    assert_int_equal(h->n, 2);
    assert_string_equal(h->d[0].where, "z0 + z1 + z2 + z3 - t0 - t1 - t2 - t3 - t4 - 2 more");
    assert_string_equal(h->d[1].where, "t7 + t8 - z5");
    geo_publication_free(tiles);
    geo_publication_free(zones);
}

/* The Handbook's tables that are subtracted: 52 - 50 = 2, 55 - 54 = 1, 130 - 128 = 2. */
static void two_dates(void **state)
{
    (void)state;
    static const uint32_t ZONE[] = {0, 1, 2, 3, 4, 5};
    static const double BEFORE[] = {50, 54, 128, 77, 60, 40}, AFTER[] = {52, 55, 130, 77, 70, 31};
    geo_publication *before = count_zones("z", 6, ZONE, 6, BEFORE), *after = count_zones("z", 6, ZONE, 6, AFTER);
    heard *h = compare_two(after, before, &TEN);
    assert_int_equal(h->n, 1);
    assert_int_equal(h->d[0].kind, GEO_SDC_CHANGE);
    assert_int_equal(h->d[0].cells_n, 4); /* 60 to 70 are ten, 77 to 77 nobody; 40 to 31 are nine */
    assert_string_equal(h->d[0].where, "z0, z1, z2, z5");
    before->high[0] = 51; /* known only so far */
    assert_int_equal(compare_two(after, before, &TEN)->d[0].cells_n, 3);
    before->high[0] = INFINITY;
    assert_int_equal(compare_two(after, before, &TEN)->d[0].cells_n, 3);
    geo_publication_free(before);
    geo_publication_free(after);
}

/* Tables of files: read as geosdc reads them. */
static geo_publication *read_table(const char *name, const char *text, const geo_sdc_table *like)
{
    geo_publication *p = NULL;
    geo_sdc_table t = *like;
    t.file = unit_text(name, text);
    t.raise = GEO_CLASS_OPEN;
    CHECK_OK(geo_publication_read(&t, "people", &p, NULL, &err), &err);
    return p;
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The Handbook: "<20: 6, 20-39: 9" against "<25: 7, 25-39: 8" tells of one man between 20 and 24. */
static void overlapping_bands(void **state)
{
    (void)state;
    const geo_sdc_table like = {.by = WORDS("age"), .counts = WORDS("n")};
    geo_rules five = TEN;
    five.threshold = 5;
    geo_publication *a = read_table("a.csv", "age,n\n<20,6\n20-39,9\n", &like),
                    *b = read_table("b.csv", "age,n\n<25,7\n25 to 39,8\n", &like);
    heard *h = compare_two(b, a, &five);
    assert_int_equal(h->n, 2);
    assert_string_equal(h->d[0].where, "<25 - <20");
    assert_string_equal(h->d[1].where, "20-39 - 25 to 39");
    assert_string_equal(h->d[0].tables, "age - age");
    geo_publication *same = read_table("c.csv", "age,n\nunder 20,6\n20 to 39,9\n", &like);
    assert_int_equal(compare_two(same, a, &five)->n, 0);
    /* other words have nothing in common */
    geo_publication *words = read_table("d.csv", "age,n\nyoung,7\nold,8\n", &like);
    assert_int_equal(compare_two(words, a, &five)->n, 0);
    geo_publication_free(a);
    geo_publication_free(b);
    geo_publication_free(same);
    geo_publication_free(words);
}

/* Wards and MSOAs that overlap in p2, by age: 3 of p2 are under 20. By hand: p1 has 30 and 90 people, p2 3 and 54, p3 32 and 94. */
static void bands_by_areas(void **state)
{
    (void)state;
    const geo_sdc_file file = {.file = unit_text("l.csv", "pcd,wcd,mcd\np1,w1,m1\np2,w1,m2\np3,w2,m2\n")};
    geo_sdc_table like = {.area = "wcd", .by = WORDS("age"), .counts = WORDS("n"), .lookups = &file, .lookups_n = 1};
    geo_publication *a = read_table("a.csv", "wcd,age,n\nw1,<20,33\nw1,20+,144\nw2,<20,32\nw2,20+,94\n", &like);
    like.area = "mcd";
    geo_publication *b = read_table("b.csv", "mcd,age,n\nm1,under 20,30\nm1,20 and over,90\nm2,under 20,35\nm2,20 and over,148\n", &like);
    assert_int_equal(a->v[0].atoms_n, 3); /* what the lookup knows wards to be made of */
    b->v[0].field = "wcd";                /* one variable under two names: what geosdc diff has FIELD=VARIABLE for */
    heard *h = compare_two(a, b, &TEN);
    assert_int_equal(h->n, 2);
    assert_string_equal(h->d[0].where, "w1 <20 - m1 under 20");
    assert_string_equal(h->d[1].where, "m2 under 20 - w2 <20");
    assert_string_equal(h->d[0].tables, "wcd by age - mcd by age");
    assert_string_equal(h->d[0].advice, "hide w1 <20, or publish by mcd too");
    geo_publication_free(a);
    geo_publication_free(b);
}

/* No two of three zonings tell anything, all three do: a = (ab + ac - bc) / 2. */
static void stacked(void **state)
{
    (void)state;
    static const double PEOPLE[] = {3, 20, 30, 40};
    static const uint32_t Z[3][4] = {{0, 0, 1, 1}, {1, 0, 0, 1}, {0, 1, 0, 1}};
    geo_publication *p[3];
    for (size_t i = 0; i < 3; i++)
        p[i] = count_zones((const char *const[]){"x", "y", "z"}[i], 4, Z[i], 2, PEOPLE);
    const geo_publication *const earlier[] = {p[1], p[2]};
    assert_int_equal(compare_two(p[0], p[1], &TEN)->n, 0);
    assert_int_equal(compare_two(p[0], p[2], &TEN)->n, 0);
    heard *h = compare(p[0], earlier, 2, &TEN);
    assert_int_equal(h->n, 1);
    assert_int_equal(h->d[0].kind, GEO_SDC_STACKED);
    assert_int_equal(h->d[0].cells_n, 1);
    assert_string_equal(h->d[0].where, "atom0");
    for (size_t i = 0; i < 3; i++)
        geo_publication_free(p[i]);
}

/* ---- all unions, the plain way ---- */

enum { MOST_ATOMS = 24, MOST_ZONES = 10 };

typedef struct small_world {
    uint32_t atoms_n, zones_n[2], zone[2][MOST_ATOMS];
    double people[MOST_ATOMS], low[2][MOST_ZONES], high[2][MOST_ZONES];
} small_world;

static void make_world(small_world *w, geo_random *r)
{
    w->atoms_n = 1 + (uint32_t)geo_random_below(r, MOST_ATOMS);
    const uint64_t most = 2 + geo_random_below(r, 12), rounded = geo_random_below(r, 3) ? 0 : 1 + geo_random_below(r, 2),
                   hidden = geo_random_below(r, 2) ? 0 : 8, outside = geo_random_below(r, 2) ? 0 : 12;
    memset(w->low, 0, sizeof w->low);
    for (int s = 0; s < 2; s++) {
        w->zones_n[s] = 1 + (uint32_t)geo_random_below(r, MOST_ZONES);
        for (uint32_t a = 0; a < w->atoms_n; a++) /* neighbours mostly, so that unions hang together */
            w->zone[s][a] = outside && geo_random_below(r, outside) == 0 ? PUBLICATION_NOWHERE
                            : geo_random_below(r, 4)
                                ? (uint32_t)((a * w->zones_n[s] + geo_random_below(r, w->atoms_n)) / w->atoms_n) % w->zones_n[s]
                                : (uint32_t)geo_random_below(r, w->zones_n[s]);
    }
    for (uint32_t a = 0; a < w->atoms_n; a++)
        w->people[a] = (double)geo_random_below(r, most);
    for (int s = 0; s < 2; s++) {
        for (uint32_t a = 0; a < w->atoms_n; a++)
            if (w->zone[s][a] != PUBLICATION_NOWHERE)
                w->low[s][w->zone[s][a]] += w->people[a];
        for (uint32_t z = 0; z < w->zones_n[s]; z++) {
            const double off = rounded ? (double)geo_random_below(r, rounded + 1) : 0;
            w->high[s][z] = hidden && geo_random_below(r, hidden) == 0 ? INFINITY : w->low[s][z] + (rounded ? (double)rounded : 0) - off;
            w->low[s][z] = isinf(w->high[s][z]) ? 0 : fmax(w->low[s][z] - off, 0);
        }
    }
}

/* Pairs that have an atom in common; and zones that have one of which the other side shows nothing. */
typedef struct truth {
    bool common[MOST_ZONES][MOST_ZONES], open[2][MOST_ZONES], shown[2][MOST_ZONES], any[2][MOST_ZONES];
} truth;

static void find_truth(const small_world *w, truth *t)
{
    memset(t, 0, sizeof *t);
    for (int s = 0; s < 2; s++)
        for (uint32_t z = 0; z < w->zones_n[s]; z++)
            t->shown[s][z] = isfinite(w->high[s][z]);
    for (uint32_t a = 0; a < w->atoms_n; a++)
        for (int s = 0; s < 2; s++) {
            const uint32_t z = w->zone[s][a], other = w->zone[!s][a];
            if (z == PUBLICATION_NOWHERE)
                continue;
            t->any[s][z] = true;
            if (other == PUBLICATION_NOWHERE || !t->shown[!s][other])
                t->open[s][z] = true;
            else if (s == 0)
                t->common[z][other] = true;
        }
    for (int s = 0; s < 2; s++)
        for (uint32_t z = 0; z < w->zones_n[s]; z++)
            t->open[s][z] = t->open[s][z] || !t->any[s][z]; /* of which nobody knows where it is */
}

static bool in_common(const truth *t, int plus, uint32_t x, uint32_t y)
{
    return plus == 0 ? t->common[x][y] : t->common[y][x];
}

/* The least upper bound of a remainder that has the class (x0, y0) in it; y0 = zones_n: what the other side does not show. */
static double least(const small_world *w, const truth *t, int plus, uint32_t x0, uint32_t y0)
{
    double best = INFINITY;
    for (uint32_t set = 0; set < 1u << w->zones_n[plus]; set++) {
        if (!(set >> x0 & 1))
            continue;
        double total = 0;
        for (uint32_t x = 0; x < w->zones_n[plus]; x++)
            total += set >> x & 1 ? w->high[plus][x] : 0; /* hidden: infinite */
        for (uint32_t y = 0; y < w->zones_n[!plus]; y++) {
            bool inside = t->shown[!plus][y] && !t->open[!plus][y] && y != y0;
            for (uint32_t x = 0; inside && x < w->zones_n[plus]; x++)
                inside = !in_common(t, plus, x, y) || (set >> x & 1);
            total -= inside ? w->low[!plus][y] : 0;
        }
        best = fmin(best, total);
    }
    return best;
}

typedef struct cuts {
    const small_world *w;
    const differ_graph *g;
    const truth *t;
    int plus;
    size_t n;
    struct {
        double high;
        bool plus[MOST_ZONES], minus[MOST_ZONES];
    } cut[400];
} cuts;

/* A cut is what it says it is. */
static geo_status check_cut(void *ctx, const differ_cut *cut, geo_err *e)
{
    (void)e;
    cuts *c = ctx;
    double high = 0, low = 0;
    assert_true(c->n < COUNT_OF(c->cut) && cut->plus_n && cut->minus_n);
    memset(&c->cut[c->n], 0, sizeof c->cut[0]);
    for (size_t i = 0; i < cut->plus_n; i++) {
        const uint32_t x = c->g->side[c->plus].cell[cut->plus[i]];
        c->cut[c->n].plus[x] = true;
        high += c->w->high[c->plus][x];
        low += c->w->low[c->plus][x];
    }
    for (size_t i = 0; i < cut->minus_n; i++) {
        const uint32_t y = c->g->side[!c->plus].cell[cut->minus[i]];
        c->cut[c->n].minus[y] = true;
        high -= c->w->low[!c->plus][y];
        low -= c->w->high[!c->plus][y];
        assert_false(c->t->open[!c->plus][y]);
        for (uint32_t x = 0; x < c->w->zones_n[c->plus]; x++)
            assert_true(!in_common(c->t, c->plus, x, y) || c->cut[c->n].plus[x]);
    }
    assert_true(high == (double)cut->high && low == (double)cut->low);
    c->cut[c->n++].high = high;
    return GEO_OK;
}

static void every_union(void **state)
{
    (void)state;
    geo_random r = unit_random("every_union");
    size_t classes_n = 0, below_n = 0;
    for (size_t i = 0; i < unit_tries(4000); i++) {
        small_world w;
        truth t;
        make_world(&w, &r);
        find_truth(&w, &t);
        geo_publication *p[2];
        differ_patterns patterns[2];
        differ_world world;
        differ_pair pair;
        differ_graph g;
        for (int s = 0; s < 2; s++) {
            p[s] = make_zones(s ? "b" : "a", w.atoms_n, w.zone[s], w.zones_n[s], w.low[s], w.high[s]);
            CHECK_OK(geo_patterns_of(p[s], &patterns[s], &err), &err);
        }
        CHECK_OK(geo_world_begin(&world, (const geo_publication *const *)p, 2, false, &err), &err);
        CHECK_OK(geo_pair_begin(&pair, &world, &patterns[0], &patterns[1], &err), &err);
        CHECK_OK(geo_pair_graph(&pair, &patterns[0].pattern[0], &patterns[1].pattern[0], &g, &err), &err);
        const int64_t limit = 1 + (int64_t)geo_random_below(&r, 20);
        for (int plus = 0; plus < 2; plus++) {
            static cuts c;
            bool agrees = false;
            c = (cuts){.w = &w, .g = &g, .t = &t, .plus = plus};
            CHECK_OK(geo_graph_cuts(&g, plus, limit, check_cut, &c, &agrees, &err), &err);
            CHECK(agrees, "world %zu: both sides count the same people", i);
            for (uint32_t x = 0; x < w.zones_n[plus]; x++)
                for (uint32_t y = 0; t.shown[plus][x] && y <= w.zones_n[!plus]; y++) {
                    const bool other = y < w.zones_n[!plus];
                    uint32_t touch_x = 0, touch_y = 0;
                    for (uint32_t k = 0; k < w.zones_n[!plus]; k++)
                        touch_x += t.shown[!plus][k] && in_common(&t, plus, x, k);
                    for (uint32_t k = 0; other && k < w.zones_n[plus]; k++)
                        touch_y += t.shown[plus][k] && in_common(&t, plus, k, y);
                    /* classes that are published cells themselves, or known to hold nobody, are no news */
                    if (other ? !in_common(&t, plus, x, y) || !t.shown[!plus][y] || t.open[!plus][y] || touch_y == 1
                                    || (touch_x == 1 && !t.open[plus][x]) || w.high[!plus][y] == 0
                              : !t.open[plus][x])
                        continue;
                    const double best = least(&w, &t, plus, x, other ? y : MOST_ZONES);
                    classes_n++;
                    for (size_t k = 0; k < c.n; k++)
                        CHECK(!c.cut[k].plus[x] || (other && c.cut[k].minus[y]) || c.cut[k].high >= best, "world %zu: below the least", i);
                    if (best >= (double)limit || best >= w.high[plus][x]) /* the second: x alone does as well */
                        continue;
                    bool found = false;
                    for (size_t k = 0; k < c.n; k++)
                        found = found || (c.cut[k].plus[x] && !(other && c.cut[k].minus[y]) && c.cut[k].high == best);
                    CHECK(found, "world %zu, side %d: x %u, y %u: no cut of %g below %lld", i, plus, x, y, best, (long long)limit);
                    below_n++;
                }
        }
        geo_graph_end(&g);
        geo_pair_end(&pair);
        geo_world_end(&world);
        for (int s = 0; s < 2; s++) {
            geo_patterns_clear(&patterns[s]);
            geo_publication_free(p[s]);
        }
    }
    print_message("%zu classes, %zu of them in a small remainder\n", classes_n, below_n);
    assert_true(below_n > 100);
}

/* Is atom c a combination of rows of zones? By elimination over the few numbers that there are. */
static bool follows(const uint32_t zone[][6], size_t zonings_n, uint32_t c)
{
    double row[18][7];
    size_t rows_n = 0, rank = 0;
    for (size_t i = 0; i < zonings_n; i++)
        for (uint32_t z = 0; z < 4; z++, rows_n++)
            for (uint32_t a = 0; a < 6; a++)
                row[rows_n][a] = zone[i][a] == z;
    for (uint32_t col = 0; col < 6; col++) { /* atom c last, so that what is left of it alone shows */
        const uint32_t a = col < 5 ? (col < c ? col : col + 1) : c;
        size_t pivot = rank;
        while (pivot < rows_n && fabs(row[pivot][a]) < 1e-9)
            pivot++;
        if (pivot == rows_n)
            continue;
        for (size_t k = 0; k < 6; k++) {
            const double t = row[pivot][k];
            row[pivot][k] = row[rank][k];
            row[rank][k] = t;
        }
        if (a == c)
            return true; /* a row with nothing but c */
        for (size_t r = rank + 1; r < rows_n; r++) {
            const double f = row[r][a] / row[rank][a];
            for (size_t k = 0; k < 6; k++)
                row[r][k] -= f * row[rank][k];
        }
        rank++;
    }
    return false;
}

/* Whatever follows from three zonings, by linear algebra alone, and not from the two earlier ones, is told if it is few people. */
static void stacks_by_algebra(void **state)
{
    (void)state;
    geo_random r = unit_random("stacks_by_algebra");
    size_t leaks_n = 0, stacked_n = 0;
    for (size_t i = 0; i < unit_tries(3000); i++) {
        uint32_t zone[3][6];
        double people[6];
        geo_publication *p[3];
        for (size_t a = 0; a < 6; a++)
            people[a] = geo_random_below(&r, 4) ? 10 + (double)geo_random_below(&r, 90) : 1 + (double)geo_random_below(&r, 9);
        for (size_t k = 0; k < 3; k++) {
            const uint64_t zones_n = 2 + geo_random_below(&r, 3);
            for (size_t a = 0; a < 6; a++)
                zone[k][a] = (uint32_t)geo_random_below(&r, zones_n);
            p[k] = count_zones((const char *const[]){"x", "y", "z"}[k], 6, (const uint32_t *)zone[k], 4, people);
        }
        /* the proposed is the last of the rows, and the first of the publications */
        const geo_publication *const earlier[] = {p[0], p[1]};
        const heard *h = compare(p[2], earlier, 2, &TEN);
        bool leak = false;
        for (uint32_t c = 0; c < 6; c++) {
            uint32_t alone = 0;
            for (size_t k = 0; k < 3; k++) {
                uint32_t with = 0;
                for (size_t a = 0; a < 6; a++)
                    with += zone[k][a] == zone[k][c];
                alone += with == 1;
            }
            leak = leak
                   || (!alone && people[c] < 10 && follows((const uint32_t(*)[6])zone, 3, c) && !follows((const uint32_t(*)[6])zone, 2, c));
        }
        CHECK(!leak || h->n, "world %zu: something follows and is not told", i);
        leaks_n += leak;
        for (size_t k = 0; k < h->n; k++)
            if (h->d[k].kind == GEO_SDC_STACKED) {
                stacked_n++;
                for (const char *s = h->d[k].where; (s = strstr(s, "atom")); s += 4) /* nobody is named who is many */
                    CHECK(people[s[4] - '0'] < 10, "world %zu: %s", i, h->d[k].where);
            }
        for (size_t k = 0; k < 3; k++)
            geo_publication_free(p[k]);
    }
    print_message("%zu worlds of which something follows, %zu by all together\n", leaks_n, stacked_n);
    assert_true(leaks_n > unit_tries(3000) / 60 && stacked_n > unit_tries(3000) / 300);
}

/* ---- rules ---- */

static void what_leaks(void **state)
{
    (void)state;
    const geo_rules rounded = {.threshold = 10, .round = 5};
    static const struct {
        double low, high;
        bool plain, zeros, rounded;
    } CASES[] = {
        {1, 1, true, true, true},     {9, 9, true, true, true},      {10, 10, false, false, false},
        {0, 0, false, true, false},   {-3, 0, false, true, false},   {-3, -1, false, false, false}, /* below 0: a contradiction */
        {1, 8, true, true, false},    {1, 9, false, false, false},                                  /* eight wide: as a hidden count */
        {8, 12, false, false, false}, {-4, 4, true, true, false},                                   /* four wide: as a rounded count */
        {-4, 3, true, true, true},    {50, 52, false, false, false},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CHECK(geo_differ_leaks(&TEN, CASES[i].low, CASES[i].high) == CASES[i].plain, "case %zu", i);
        CHECK(geo_differ_leaks(&TEN_AND_ZERO, CASES[i].low, CASES[i].high) == CASES[i].zeros, "case %zu, zeros", i);
        CHECK(geo_differ_leaks(&rounded, CASES[i].low, CASES[i].high) == CASES[i].rounded, "case %zu, rounded", i);
    }
}

/* An area where nobody lives; a hidden zone with its total and all its neighbours shown; another population. */
static void zeros_and_hidden(void **state)
{
    (void)state;
    static const double PEOPLE[] = {40, 0, 50, 4, 60};
    static const uint32_t A[] = {0, 0, 1, 1, 1}, B[] = {0, 1, 1, 1, 1}, ALL[] = {0, 1, 2, 3, 4};
    geo_publication *a = count_zones("a", 5, A, 2, PEOPLE), *b = count_zones("b", 5, B, 2, PEOPLE),
                    *all = count_zones("c", 5, ALL, 5, PEOPLE);
    assert_int_equal(compare_two(a, b, &TEN)->n, 0);
    heard *h = compare_two(a, b, &TEN_AND_ZERO);
    assert_int_equal(h->n, 2);
    assert_true(h->d[0].empty);
    assert_string_equal(h->d[0].where, "a0 - b0");
    all->low[3] = 0;
    all->high[3] = INFINITY;
    h = compare_two(all, a, &TEN);
    assert_int_equal(h->n, 1);
    assert_string_equal(h->d[0].where, "a1 - c2 - c4");
    all->high[4] = INFINITY; /* a second one hidden protects it: 64 together */
    all->low[4] = 0;
    assert_int_equal(compare_two(all, a, &TEN)->n, 0);
    b->population = "dogs";
    geo_sdc_differed report = {.unit = ""};
    const geo_publication *const earlier[] = {b};
    const differ d = {.proposed = a, .earlier = earlier, .earlier_n = 1, .rules = &TEN_AND_ZERO, .threads = 1};
    CHECK_OK(geo_differ(&d, NULL, NULL, &report, &err), &err);
    assert_int_equal(report.remainders_n + report.compared_n, 0);
    assert_int_equal(report.others_n, 1);
    geo_publication_free(a);
    geo_publication_free(b);
    geo_publication_free(all);
}

/* One table has output areas for atoms, the other LSOAs: each LSOA is what the first knows it to be made of. By hand: 4 live in o3. */
static void atoms_of_atoms(void **state)
{
    (void)state;
    const geo_sdc_file fine = {.file = unit_text("fine.csv", "oacd,lcd,wcd\no1,l1,w1\no2,l1,w1\no3,l2,w1\no4,l2,w2\n")},
                       coarse = {.file = unit_text("coarse.csv", "lcd,dcd\nl1,d1\nl2,d1\n")};
    geo_sdc_table like = {.area = "wcd", .counts = WORDS("n"), .lookups = &fine, .lookups_n = 1};
    geo_publication *wards = read_table("w.csv", "wcd,n\nw1,54\nw2,60\n", &like), *lsoas = NULL;
    like.area = "lcd";
    like.lookups = &coarse;
    lsoas = read_table("l.csv", "lcd,n\nl1,50\nl2,64\n", &like);
    assert_string_equal(lsoas->v[0].atom[0], "l1");
    lsoas->v[0].field = "wcd";
    assert_int_equal(compare_two(wards, lsoas, &TEN)->n, 0); /* wards know of output areas, and nothing of LSOAs */
    like.lookups = &fine;
    geo_publication *known = read_table("l.csv", "lcd,n\nl1,50\nl2,64\n", &like);
    known->v[0].field = "wcd";
    assert_int_equal(known->v[0].atoms_n, 4);
    heard *h = compare_two(wards, known, &TEN);
    assert_int_equal(h->n, 2);
    assert_string_equal(h->d[0].where, "w1 - l1");
    /* the atom l2 of one that knows no better is what the other knows it to be */
    assert_int_equal(compare_two(known, lsoas, &TEN)->n, 0);
    lsoas->low[1] = lsoas->high[1] = 66;
    h = compare_two(known, lsoas, &TEN);
    assert_int_equal(h->n, 1);
    assert_int_equal(h->d[0].kind, GEO_SDC_CHANGE);
    assert_string_equal(h->d[0].where, "l2");
    geo_publication_free(wards);
    geo_publication_free(lsoas);
    geo_publication_free(known);
}

/* Fields of counts: the one of the same name is compared, and a sum with its parts. By hand: 25 - 20 = 5 men. */
static void fields_of_counts(void **state)
{
    (void)state;
    const geo_sdc_table one = {.by = WORDS("lib"), .counts = WORDS("women")},
                        several = {.by = WORDS("lib"), .counts = WORDS("all", "women", "men"), .sums = WORDS("all=women+men")};
    geo_publication *a = read_table("a.csv", "lib,all,women,men\nx,25,20,[c]\ny,70,30,40\n", &several),
                    *b = read_table("b.csv", "lib,women\nx,18\ny,30\n", &one),
                    *c = read_table("c.csv", "lib,loans\nx,19\ny,30\n", &(geo_sdc_table){.by = WORDS("lib"), .counts = WORDS("loans")});
    heard *h = compare_two(a, b, &TEN);
    assert_int_equal(h->n, 3);
    assert_string_equal(h->d[0].where, "x all - x women"); /* of the table by itself */
    assert_int_equal(h->d[0].kind, GEO_SDC_REMAINDER);
    assert_string_equal(h->d[0].with, "");
    assert_int_equal(h->d[1].kind, GEO_SDC_CHANGE);
    assert_string_equal(h->d[1].where, "x women");
    assert_string_equal(h->d[2].where, "x all - x"); /* 7: the men and the two who came */
    assert_int_equal(compare_two(a, c, &TEN)->n, 1); /* loans are no women */
    geo_publication_free(a);
    geo_publication_free(b);
    geo_publication_free(c);
}

/* ---- bytes ---- */

static void there_and_back(void **state)
{
    (void)state;
    const geo_sdc_file file = {.file = unit_text("l.csv", "pcd,wcd,mcd\np1,w1,m1\np2,w1,m2\np3,w2,m2\n")};
    const geo_sdc_table like = {
        .area = "wcd", .by = WORDS("age"), .counts = WORDS("all", "f"), .lookups = &file, .lookups_n = 1, .rounded = 5};
    geo_publication *p = read_table(
                        "a.csv", "wcd,age,all,f\nw1,<20,60,[c]\nw1,20+,140,70\nw2,<20,30,10\nw2,\"\"\"old\"\", \xc3\xa9\",95,0\n", &like),
                    *q = NULL;
    char *bytes, *again;
    size_t n, m;
    CHECK_OK(geo_publication_print(p, &bytes, &n, &err), &err);
    CHECK_OK(geo_publication_parse(bytes, n, &q, &err), &err);
    CHECK_OK(geo_publication_print(q, &again, &m, &err), &err);
    assert_true(n == m && memcmp(bytes, again, n) == 0);
    assert_int_equal(q->cells_n, p->cells_n);
    assert_int_equal(compare_two(p, q, &TEN_AND_ZERO)->n, compare_two(p, p, &TEN_AND_ZERO)->n);
    geo_publication_free(q);
    for (size_t cut = 0; cut < n; cut++) { /* what is cut short is none */
        q = NULL;
        assert_int_equal(geo_publication_parse(bytes, cut, &q, &err), GEO_EFORMAT);
        assert_null(q);
    }
    static const char *const BAD[] = {
        "{}",
        "[]",
        "{\"publication\":2}",
        "{\"publication\":1,\"population\":\"\",\"count\":\"\",\"variables\":[],\"nodes\":[],\"low\":[],\"high\":[]}",
#define VARIABLE(in)                                                                                                                       \
    "{\"publication\":1,\"population\":\"\",\"count\":\"\",\"variables\":[{\"field\":\"a\",\"areas\":true,\"atoms\":[\"x\"],\"levels\":[{" \
    "\"name\":\"a\",\"texts\":[\"x\"],\"in\":[" in "]}]}],"
        VARIABLE("1") "\"nodes\":[0],\"low\":[1],\"high\":[1]}", /* in a node that is not there */
        VARIABLE("0,0") "\"nodes\":[0],\"low\":[1],\"high\":[1]}",
        VARIABLE("0") "\"nodes\":[1],\"low\":[1],\"high\":[1]}",
        VARIABLE("0") "\"nodes\":[0],\"low\":[2],\"high\":[1]}",
        VARIABLE("0") "\"nodes\":[0],\"low\":[-1],\"high\":[1]}",
        VARIABLE("0") "\"nodes\":[0],\"low\":[null],\"high\":[1]}",
        VARIABLE("0") "\"nodes\":[0],\"low\":[0.5],\"high\":[1]}",
        VARIABLE("0") "\"nodes\":[0,0],\"low\":[1,1],\"high\":[1,1]}", /* a cell twice */
        VARIABLE("0") "\"nodes\":[0],\"low\":[1,1],\"high\":[1,1]}",
    };
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        CHECK(geo_publication_parse(BAD[i], strlen(BAD[i]), &q, &err) == GEO_EFORMAT, "%s", BAD[i]);
    static const char GOOD[] = VARIABLE("0") "\"nodes\":[0],\"low\":[1],\"high\":[null]}";
    CHECK_OK(geo_publication_parse(GOOD, strlen(GOOD), &q, &err), &err);
    geo_publication_free(q);
    geo_publication_free(p);
    free(bytes);
    free(again);
}

/* ---- the ledger ---- */

/* A table against what the ledger keeps: a release of the same population, one of another, one without cells, and a label. */
static void from_the_ledger(void **state)
{
    (void)state;
    const geo_sdc_table like = {.by = WORDS("lib"), .counts = WORDS("n")};
    const char *folder = unit_path("ledger");
    geo_publication *p = read_table("a.csv", "lib,n\nx,100\ny,200\n", &like);
    geo_ledger *ledger = NULL;
    char *bytes, *others;
    size_t n, m;
    int64_t id;
    CHECK_OK(geo_publication_print(p, &bytes, &n, &err), &err);
    p->population = "dogs";
    CHECK_OK(geo_publication_print(p, &others, &m, &err), &err);
    CHECK_OK(geo_ledger_open(folder, true, NULL, &ledger, &err), &err);
    const geo_ledger_entry entries[] = {
        {.kind = "label", .statement = "{}"},
        {.kind = "release", .statement = "{}", .cells = others, .cells_n = m},
        {.kind = "release", .statement = "{}"},
        {.kind = "release", .statement = "{}", .time = "2024-02-29T23:59:59Z", .cells = bytes, .cells_n = n},
    };
    for (size_t i = 0; i < COUNT_OF(entries); i++)
        CHECK_OK(geo_ledger_append(ledger, &entries[i], &id, &err), &err);
    geo_ledger_close(ledger);
    geo_policy *policy = NULL;
    static const char POLICY[] = "policy \"p\" version 1\napproved-by \"S\" on 2026-01-14\nreview 2999-01-01\n"
                                 "class personal areas any threshold 10 zeros publish homogeneity publish\n";
    CHECK_OK(geo_policy_parse("p", POLICY, strlen(POLICY), &policy, &err), &err);
    geo_sdc_table table = like;
    table.file = unit_text("b.csv", "lib,n\nx,103\ny,220\n");
    table.policy = policy;
    const geo_sdc_comparison with = {.population = "People", .ledger = folder};
    geo_sdc_differed report;
    heard_all.n = 0;
    CHECK_OK(geo_sdc_diff(&table, &with, hear, &heard_all, &report, &err), &err);
    assert_int_equal(report.compared_n, 1);
    assert_int_equal(report.others_n, 2);
    assert_int_equal(report.changes_n, 1);
    assert_int_equal(heard_all.n, 1);
    assert_int_equal(heard_all.d[0].release, 4);
    assert_string_equal(heard_all.d[0].where, "x");
    geo_policy_free(policy);
    geo_publication_free(p);
    free(bytes);
    free(others);
    folder_files(folder, true);
}

/* ---- planted leaks ---- */

/*
 * Two releases of a thousand places. Each place has zones of the one division over zones of the other, and at least ten people in every piece,
 * so that no remainder of its can be small; but in fifty places one piece has one to nine, or a few came between the releases.
 */
enum { PLACES = 1050, PLANTED = 50, PIECES = 6 };

static void planted(void **state)
{
    (void)state;
    geo_random r = unit_random("planted");
    /* pieces in a chain: a0 = 0 1, a1 = 2 3, a2 = 4 5; b0 = 0, b1 = 1 2, b2 = 3 4, b3 = 5: every piece follows by a union of up to three */
    static const uint32_t A[PIECES] = {0, 0, 1, 1, 2, 2}, B[PIECES] = {0, 1, 1, 2, 2, 3};
    static double people[2][PLACES * PIECES];
    static uint32_t zone[2][PLACES * PIECES];
    static bool leaks[PLACES], changed[PLACES], told[PLACES];
    memset(leaks, 0, sizeof leaks);
    memset(told, 0, sizeof told);
    memset(changed, 0, sizeof changed);
    for (size_t n = 0; n < PLANTED;) {
        bool *at = &leaks[geo_random_below(&r, PLACES)];
        n += !*at;
        *at = true;
    }
    size_t kinds[3] = {0};
    for (uint32_t p = 0; p < PLACES; p++) {
        const uint64_t kind = geo_random_below(&r, 3), piece = geo_random_below(&r, PIECES);
        for (uint32_t k = 0; k < PIECES; k++) {
            people[0][p * PIECES + k] = people[1][p * PIECES + k] = 10 + (double)geo_random_below(&r, 200);
            zone[0][p * PIECES + k] = p * 3 + A[k];
            zone[1][p * PIECES + k] = p * 4 + B[k];
        }
        if (!leaks[p])
            continue;
        kinds[kind]++;
        changed[p] = kind == 1;
        if (kind == 0) /* one that a zone has alone would be published: the middle ones */
            people[0][p * PIECES + 1 + piece % 4] = people[1][p * PIECES + 1 + piece % 4] = 1 + (double)geo_random_below(&r, 9);
        else if (kind == 1) /* a few came or left */
            people[1][p * PIECES + piece] += (geo_random_below(&r, 2) ? 1 : -1) * (1 + (double)geo_random_below(&r, 9));
        else /* a0 reaches one piece into b1 alone, and what is left of b1 is small */
            people[0][p * PIECES + 2] = people[1][p * PIECES + 2] = 1 + (double)geo_random_below(&r, 9);
    }
    geo_publication *a = count_zones("a", PLACES * PIECES, zone[0], PLACES * 3, people[0]),
                    *b = count_zones("b", PLACES * PIECES, zone[1], PLACES * 4, people[1]);
    heard *h = compare_two(a, b, &TEN);
    assert_true(h->n <= COUNT_OF(h->d));
    size_t found_n = 0, false_n = 0;
    for (size_t i = 0; i < h->n; i++) {
        if (h->d[i].kind == GEO_SDC_CHANGE) { /* one finding, which names the first of them */
            found_n += h->d[i].cells_n;
            continue;
        }
        for (const char *s = h->d[i].where; (s = strpbrk(s, "ab")); s++)
            if (s[1] >= '0' && s[1] <= '9')
                told[strtoul(s + 1, NULL, 10) / (*s == 'a' ? 3 : 4)] = true;
    }
    for (size_t p = 0; p < PLACES; p++) {
        found_n += leaks[p] && !changed[p] && told[p];
        false_n += !leaks[p] && told[p];
    }
    print_message("planted %zu pieces, %zu changes, %zu more pieces: found %zu, false alarms %zu of %d\n", kinds[0], kinds[1], kinds[2],
                  found_n, false_n, PLACES - PLANTED);
    assert_int_equal(found_n, PLANTED);
    assert_true(false_n <= (PLACES - PLANTED) / 100);
    geo_publication_free(a);
    geo_publication_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands),
        cmocka_unit_test(shared_tile),
        cmocka_unit_test(six_zones),
        cmocka_unit_test(two_dates),
        cmocka_unit_test(overlapping_bands),
        cmocka_unit_test(bands_by_areas),
        cmocka_unit_test(stacked),
        cmocka_unit_test(stacks_by_algebra),
        cmocka_unit_test(every_union),
        cmocka_unit_test(what_leaks),
        cmocka_unit_test(zeros_and_hidden),
        cmocka_unit_test(atoms_of_atoms),
        cmocka_unit_test(fields_of_counts),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(from_the_ledger),
        cmocka_unit_test(planted),
    };
    return geo_init(&err) == GEO_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
