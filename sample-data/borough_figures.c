/*
 * Figures about areas. All follow one planted quantity, deprivation, which is highest round the quay, falls smoothly with distance, and
 * differs a little between neighbours; so correlations, ranks and clusters have answers that are known beforehand.
 */
#include "borough.h"

#include "must.h"

#include <stdlib.h>

static const char *const LIBRARY_NAMES[LIBRARIES_N] = {
    "Exemplar Central Library", "Market Street Library", "Millrace Library",
    "Saltmarsh Library",        "Lantern Hill Library",  "Ropewalk Library",
    "Tern Sands Library",       "Withy Bed Library",     "The Skep (community library)",
};
static const char *const SURGERY_NAMES[SURGERIES_N] = {
    "Quayside Surgery",       "Old Custom House Practice", "Marram Medical Centre", "Bellows Lane Surgery",
    "Drs Plover & Teasel",    "Lantern Hill Surgery",      "The Sundial Practice",  "Cooper's Yard Surgery",
    "Samphire Health Centre", "Hawser Road Practice",      "Linnet Close Surgery",  "Windle Surgery",
    "Beacon Down Practice",   "Curlew Medical Centre",
};

/* Domains as base + slope * deprivation + noise, in thousandths, and their part in the whole (a share, over the span of the domain). */
static const struct {
    double base, slope, noise, share;
} DOMAINS[DOMAINS_N] = {
    {20, 400, 18, 0.225},        /* income: share of people */
    {15, 300, 14, 0.225},        /* employment: share of people of working age */
    {2000, 70000, 6000, 0.135},  /* education: score */
    {-2000, 4200, 350, 0.135},   /* health: standard deviations */
    {-1600, 3000, 450, 0.093},   /* crime: standard deviations */
    {12000, 18000, 5000, 0.093}, /* housing and services: score */
    {10000, 35000, 7000, 0.093}, /* surroundings: score */
};
enum { DOMAIN_HEALTH = 3, DOMAIN_CRIME = 4, CANDIDATES = 12 };

static double clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

static void draw_deprivation(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_DEPRIVATION);
    double *local = must_alloc(b->lsoas_n, sizeof *local);
    for (uint32_t i = 0; i < b->lsoas_n; i++)
        local[i] = 0.04 * draw_normal(&r);
    for (uint32_t i = 0; i < b->oas_n; i++) {
        oa *o = &b->oas[i];
        const double smooth = 0.04 + 0.66 * borough_nearness(o->centre, borough_quay(), 1900)
                              + 0.15 * borough_nearness(o->centre, borough_town(0), 1000)
                              + 0.35 * borough_nearness(o->centre, borough_town(1), 450);
        o->deprivation = clamp(smooth + local[o->lsoa] + 0.025 * draw_normal(&r), 0.02, 0.98);
        b->lsoas[o->lsoa].deprivation += o->deprivation / b->lsoas[o->lsoa].oas_n;
    }
    free(local);
}

/* A weighted sum of the domains, each over its span; squared, so that few areas score high, as in the published indices. */
static int64_t whole_score(const lsoa *l)
{
    double sum = 0;
    for (int d = 0; d < DOMAINS_N; d++)
        sum += DOMAINS[d].share * clamp(((double)l->domain[d] - DOMAINS[d].base) / DOMAINS[d].slope, 0, 1);
    return nearest(2000 + 72000 * sum * sum);
}

static void draw_domains(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_DOMAINS);
    for (uint32_t i = 0; i < b->lsoas_n; i++) {
        lsoa *l = &b->lsoas[i];
        for (int d = 0; d < DOMAINS_N; d++) {
            const double v = DOMAINS[d].base + DOMAINS[d].slope * l->deprivation + DOMAINS[d].noise * draw_normal(&r);
            l->domain[d] = nearest(d == DOMAIN_HEALTH || d == DOMAIN_CRIME || v > 4 ? v : 4); /* the two have no zero; the others have */
        }
        l->score = whole_score(l);
    }
}

typedef struct ranked {
    int64_t score;
    uint32_t index;
} ranked;

static int by_score_down(const void *a, const void *b)
{
    const ranked *p = a, *q = b;
    if (p->score != q->score)
        return p->score > q->score ? -1 : 1;
    return (p->index > q->index) - (p->index < q->index);
}

/* Rank 1 is the most deprived; no two scores are alike, so the ranks are the scores' order and nothing else. */
static void rank_lsoas(borough *b)
{
    const uint32_t n = b->lsoas_n;
    ranked *order = must_alloc(n, sizeof *order);
    for (uint32_t i = 0; i < n; i++)
        order[i] = (ranked){b->lsoas[i].score, i};
    qsort(order, n, sizeof *order, by_score_down);
    for (uint32_t i = 0; i < n; i++) {
        if (i && order[i].score >= order[i - 1].score)
            order[i].score = order[i - 1].score - 1;
        lsoa *l = &b->lsoas[order[i].index];
        l->score = order[i].score;
        l->rank = i + 1;
        l->decile = (10 * l->rank + n - 1) / n;
    }
    /* The best off will have hardly any users; not the enclave's, since its border has a part of its own to play. */
    b->sparse_lsoa = order[order[n - 1].index == b->oas[b->enclave].lsoa ? n - 2 : n - 1].index;
    free(order);
}

/* A count out of n at about the given rate. */
static int64_t share_of(int64_t n, double rate, double noise, geo_random *r)
{
    return nearest((double)n * clamp(rate + noise * draw_normal(r), 0, 1));
}

static void draw_census(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_CENSUS);
    for (uint32_t i = 0; i < b->oas_n; i++) {
        oa *o = &b->oas[i];
        const double d = o->deprivation, rural = 1 - borough_nearness(o->centre, borough_town(0), 2500);
        for (uint32_t a = 0; a < o->addresses_n; a++)
            o->households += !b->addresses[o->first_address + a].is_commercial;
        o->population = o->households + share_of(o->households * 3, 0.44 + 0.05 * d, 0.02, &r);
        o->age_0_15 = share_of(o->population, 0.15 + 0.09 * d, 0.015, &r);
        o->age_65_plus = share_of(o->population, 0.13 + 0.15 * rural - 0.06 * d, 0.015, &r);
        o->age_16_64 = o->population - o->age_0_15 - o->age_65_plus;
        o->no_car = share_of(o->households, 0.06 + 0.60 * d, 0.03, &r);
        o->social_rented = share_of(o->households, 0.04 + 0.50 * d, 0.06, &r);
        o->unemployed = share_of(o->age_16_64, 0.01 + 0.15 * d, 0.008, &r);
        o->long_term_ill = share_of(o->population, 0.10 + 0.14 * d + 0.04 * rural, 0.015, &r);
        o->one_person = share_of(o->households, 0.26 + 0.10 * d, 0.04, &r);
    }
}

static bool is_taken(const facility *f, uint32_t n, uint32_t code)
{
    for (uint32_t i = 0; i < n; i++)
        if (f[i].postcode == code)
            return true;
    return false;
}

static bool is_live(const borough *b, uint32_t code)
{
    return b->postcodes[code].terminated == 0;
}

uint32_t borough_nearest_postcode(const borough *b, grid_xy p)
{
    uint32_t best = 0;
    for (uint32_t i = 0; i < b->postcodes_n; i++)
        if (is_live(b, i)
            && (!is_live(b, best) || borough_distance_m(b->postcodes[i].at, p) < borough_distance_m(b->postcodes[best].at, p)))
            best = i;
    return best;
}

/* Of a dozen postcodes at random the one farthest from what is there: spread out, yet where people live. */
static uint32_t best_candidate(const borough *b, const facility *f, uint32_t n, geo_random *r)
{
    uint32_t best = 0;
    double best_m = -1;
    for (int i = 0; i < CANDIDATES || best_m < 0; i++) {
        const uint32_t candidate = (uint32_t)geo_random_below(r, b->postcodes_n);
        if (!is_live(b, candidate) || is_taken(f, n, candidate))
            continue;
        double least_m = 1e9;
        for (uint32_t k = 0; k < n; k++) {
            const double m = borough_distance_m(b->postcodes[candidate].at, b->postcodes[f[k].postcode].at);
            least_m = m < least_m ? m : least_m;
        }
        if (least_m > best_m) {
            best_m = least_m;
            best = candidate;
        }
    }
    return best;
}

/* The first ones in the middles of the towns. */
static void place_facilities(const borough *b, facility *f, uint32_t n, uint32_t in_towns_n, const char *const *names,
                             enum borough_stream stream)
{
    geo_random r;
    geo_random_init(&r, b->seed, stream);
    for (uint32_t i = 0; i < n; i++) {
        f[i].name = names[i];
        f[i].postcode = i < in_towns_n ? borough_nearest_postcode(b, borough_town((int)i)) : best_candidate(b, f, i, &r);
        f[i].figure = draw_between(&r, 1894, 2011);
    }
}

/* Everybody is with the nearest surgery, and one in fifty has moved away and is still on the list. */
static void count_patients(borough *b)
{
    for (uint32_t i = 0; i < SURGERIES_N; i++)
        b->surgeries[i].figure = 0;
    for (uint32_t i = 0; i < b->oas_n; i++) {
        uint32_t best = 0;
        for (uint32_t k = 1; k < SURGERIES_N; k++)
            if (borough_distance_m(b->oas[i].centre, b->postcodes[b->surgeries[k].postcode].at)
                < borough_distance_m(b->oas[i].centre, b->postcodes[b->surgeries[best].postcode].at))
                best = k;
        b->surgeries[best].figure += b->oas[i].population;
    }
    for (uint32_t i = 0; i < SURGERIES_N; i++)
        b->surgeries[i].figure += b->surgeries[i].figure / 50;
}

/* One in six is a member, mostly of a library near by; farther ones give the small counts that a publisher must star. */
static void draw_members(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_MEMBERS);
    int64_t *population = must_alloc(b->lsoas_n, sizeof *population);
    for (uint32_t i = 0; i < b->oas_n; i++)
        population[b->oas[i].lsoa] += b->oas[i].population;
    b->members = must_alloc((size_t)b->lsoas_n * LIBRARIES_N, sizeof *b->members);
    for (uint32_t i = 0; i < b->lsoas_n; i++) {
        double pull[LIBRARIES_N], sum = 0;
        for (uint32_t k = 0; k < LIBRARIES_N; k++) {
            const double near = borough_nearness(b->lsoas[i].centre, b->postcodes[b->libraries[k].postcode].at, 700);
            sum += pull[k] = near * near;
        }
        for (uint32_t k = 0; k < LIBRARIES_N; k++) {
            const double expected = (double)population[i] / 6 * pull[k] / sum;
            b->members[(size_t)i * LIBRARIES_N + k] = nearest(expected * (0.7 + 0.6 * geo_random_uniform(&r)));
        }
    }
    free(population);
}

void borough_make_figures(borough *b)
{
    draw_deprivation(b);
    draw_domains(b);
    rank_lsoas(b);
    draw_census(b);
    place_facilities(b, b->libraries, LIBRARIES_N, TOWNS_N, LIBRARY_NAMES, STREAM_LIBRARIES);
    place_facilities(b, b->surgeries, SURGERIES_N, 0, SURGERY_NAMES, STREAM_SURGERIES);
    count_patients(b);
    draw_members(b);
}
