/*
 * Attacks on masked points, by somebody who has all addresses and knows the method and its settings, but not the secret.
 *
 *     property_mask [DRAWS [SEED]]
 *
 * Worlds are towns and villages of some dozens of addresses. Every address is masked under many secrets, each point with one try; of each masked
 * place that is not refused the attacker names one address:
 *   likeliest: of those that may have it, one whose ring is smallest;
 *   nearest:   to the masked place;
 *   kth:       the k-th nearest, which a rule that looks at the distance to the true place alone gives away;
 *   inward:    of those that may have it, the one nearest.
 * None may be right more often than once in k, in each world and over all, but for chance: five standard deviations.
 */
#include "geo/mask.h"
#include "geo/random.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 150
#define SECRETS 100
#define DEVIATIONS 5

enum { LIKELIEST, NEAREST, KTH, INWARD, ATTACKS };
static const char *const ATTACK[ATTACKS] = {"likeliest", "nearest", "kth", "inward"};

static geo_random rnd;

typedef struct world {
    double x[MOST], y[MOST], outer[MOST];
    size_t n;
    geo_donut donut;
} world;

static void draw_world(world *w)
{
    w->n = 60 + geo_random_below(&rnd, MOST - 60);
    w->donut = (geo_donut){2 + geo_random_below(&rnd, 5), 0.7 * geo_random_uniform(&rnd), 5, 3000, 1};
    const size_t towns = 1 + geo_random_below(&rnd, 5);
    double town_x[5], town_y[5], size[5];
    for (size_t t = 0; t < towns; t++) {
        town_x[t] = 2000 * geo_random_uniform(&rnd);
        town_y[t] = 2000 * geo_random_uniform(&rnd);
        size[t] = 20 + 400 * geo_random_uniform(&rnd);
    }
    for (size_t i = 0; i < w->n; i++) {
        const size_t t = geo_random_below(&rnd, towns);
        const bool rural = geo_random_below(&rnd, 4) == 0;
        w->x[i] = rural ? 2000 * geo_random_uniform(&rnd) : town_x[t] + size[t] * (geo_random_uniform(&rnd) - 0.5);
        w->y[i] = rural ? 2000 * geo_random_uniform(&rnd) : town_y[t] + size[t] * (geo_random_uniform(&rnd) - 0.5);
    }
}

static double distance2(const world *w, size_t i, double x, double y)
{
    return (w->x[i] - x) * (w->x[i] - x) + (w->y[i] - y) * (w->y[i] - y);
}

static int ascending(const void *a, const void *b)
{
    const double *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

/* Square of the distance of the k-th nearest. */
static double reach2(const world *w, double x, double y, size_t k)
{
    double d[MOST];
    for (size_t i = 0; i < w->n; i++)
        d[i] = distance2(w, i, x, y);
    qsort(d, w->n, sizeof *d, ascending);
    return k <= w->n ? d[k - 1] : (double)INFINITY;
}

/* The attacker finds the radii as the header says. */
static void find_rings(world *w)
{
    const double inner = w->donut.inner;
    for (size_t i = 0; i < w->n; i++) {
        const double holds = sqrt(reach2(w, w->x[i], w->y[i], (size_t)ceil(3 * (double)w->donut.k / (1 - inner * inner))));
        double r = w->donut.most_m;
        for (double power = 4; power <= 2048; power *= 2)
            for (int quarter = 7; quarter >= 4; quarter--)
                if (quarter * power / 4 >= fmax(holds, w->donut.least_m))
                    r = fmin(r, quarter * power / 4);
        w->outer[i] = r;
    }
}

/* Which address each attack names. */
static void attack(const world *w, double x, double y, size_t named[ATTACKS])
{
    const double kth = reach2(w, x, y, w->donut.k), inner = w->donut.inner;
    for (int a = 0; a < ATTACKS; a++)
        named[a] = SIZE_MAX;
    for (size_t i = 0; i < w->n; i++) {
        const double d2 = distance2(w, i, x, y), area = w->outer[i] * w->outer[i];
        if (named[NEAREST] == SIZE_MAX || d2 < distance2(w, named[NEAREST], x, y))
            named[NEAREST] = i;
        if (d2 == kth)
            named[KTH] = i;
        if (d2 < kth || d2 > area || d2 < inner * inner * area)
            continue;
        if (named[LIKELIEST] == SIZE_MAX || w->outer[i] < w->outer[named[LIKELIEST]])
            named[LIKELIEST] = i;
        if (named[INWARD] == SIZE_MAX || d2 < distance2(w, named[INWARD], x, y))
            named[INWARD] = i;
    }
}

typedef struct score {
    double places_n, chance, right[ATTACKS]; /* chance: places, each over its k */
} score;

static int judge(const score *s, const char *where, int number)
{
    int failed = 0;
    for (int a = 0; a < ATTACKS; a++)
        if (s->right[a] > s->chance + DEVIATIONS * sqrt(s->chance) + DEVIATIONS) {
            printf("property_mask: %s %d: '%s' was right %.0f times of %.0f, not %.1f\n", where, number, ATTACK[a], s->right[a],
                   s->places_n, s->chance);
            failed++;
        }
    return failed;
}

static void must(geo_status st, const geo_err *err)
{
    if (st < 0) {
        printf("property_mask: %s\n", err->msg);
        exit(1);
    }
}

static score attack_world(const world *w)
{
    geo_err err;
    geo_addresses *addresses;
    geo_rings *rings;
    must(geo_addresses_new(w->x, w->y, NULL, w->n, &addresses, &err), &err);
    must(geo_rings_new(addresses, &w->donut, 2, &rings, &err), &err);
    score s = {0};
    for (int secret_n = 0; secret_n < SECRETS; secret_n++) {
        uint8_t secret[GEO_SECRET_BYTES];
        double to_x[MOST], to_y[MOST];
        size_t refused_n;
        for (size_t b = 0; b < sizeof secret; b++)
            secret[b] = (uint8_t)geo_random_next(&rnd);
        geo_mask_donut(rings, secret, NULL, w->x, w->y, w->n, 2, to_x, to_y, &refused_n);
        for (size_t i = 0; i < w->n; i++) {
            size_t named[ATTACKS];
            if (isnan(to_x[i]))
                continue;
            attack(w, to_x[i], to_y[i], named);
            for (int a = 0; a < ATTACKS; a++)
                s.right[a] += named[a] == i;
            s.places_n++;
            s.chance += 1 / (double)w->donut.k;
        }
    }
    geo_rings_free(rings);
    geo_addresses_free(addresses);
    return s;
}

int main(int argc, char **argv)
{
    const double draws = argc > 1 ? strtod(argv[1], NULL) : 1e6;
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20240607;
    geo_random_init(&rnd, seed, 0);
    static world w;
    score all = {0};
    int failed = 0, worlds = 0;
    for (double drawn = 0; drawn < draws; worlds++) {
        draw_world(&w);
        find_rings(&w);
        const score s = attack_world(&w);
        failed += judge(&s, "world", worlds);
        all.places_n += s.places_n;
        all.chance += s.chance;
        for (int a = 0; a < ATTACKS; a++)
            all.right[a] += s.right[a];
        drawn += (double)(w.n * SECRETS);
    }
    failed += judge(&all, "all of", worlds);
    printf("property_mask: seed %" PRIu64 ": %d worlds, %.0f places, right by chance %.4f;", seed, worlds, all.places_n,
           all.chance / all.places_n);
    for (int a = 0; a < ATTACKS; a++)
        printf(" %s %.4f", ATTACK[a], all.right[a] / all.places_n);
    printf(", %d failed\n", failed);
    return failed > 0;
}
