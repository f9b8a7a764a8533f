/*
 * The LSOAs of an earlier census: most are the present ones, and the others became them in each way that the Office for National
 * Statistics names: U unchanged, S split, M merged, X neither. Figures exist on them that nobody has on the present ones, and what those
 * are on the present ones is known, because both are unions of the same OAs.
 *
 * A case takes `new_n` neighbouring LSOAs, and what they cover together was `old_n` LSOAs before.
 */
#include "borough.h"

#include "must.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NEW = 3, ATTEMPTS = 1000, GIVEN_UP_FROM = 200, MICROS = 1000000 };

static const struct {
    char change;
    uint32_t new_n, old_n, cases_n;
} PLAN[] = {{'S', 3, 1, 1}, {'S', 2, 1, 5}, {'X', 3, 2, 1}, {'X', 2, 2, 2}, {'M', 1, 3, 1}, {'M', 1, 2, 4}};
enum { PLAN_N = sizeof PLAN / sizeof *PLAN };

/* A place where old and new differ: the new LSOAs, and the OAs in them. */
typedef struct change_case {
    uint32_t lsoas[MOST_NEW], lsoas_n;
    uint32_t *oas, *group_of, oas_n;
} change_case;

/* Neighbouring LSOAs that no earlier case has taken; false: none beside the first. */
static bool draw_lsoas(const borough *b, const unsigned char *adjacent, const bool *taken, uint32_t n, change_case *c, geo_random *r)
{
    c->lsoas_n = 0;
    for (int tries = 0; c->lsoas_n < n; tries++) {
        const uint32_t candidate = (uint32_t)geo_random_below(r, b->lsoas_n);
        bool fits = !taken[candidate], beside = c->lsoas_n == 0;
        for (uint32_t i = 0; i < c->lsoas_n; i++) {
            fits &= c->lsoas[i] != candidate;
            beside |= adjacent[(size_t)c->lsoas[i] * b->lsoas_n + candidate] != 0;
        }
        if (fits && beside)
            c->lsoas[c->lsoas_n++] = candidate;
        if (tries == ATTEMPTS)
            return false;
    }
    return true;
}

static void collect_oas(const borough *b, change_case *c)
{
    c->oas_n = 0;
    for (uint32_t i = 0; i < b->oas_n; i++)
        for (uint32_t k = 0; k < c->lsoas_n; k++)
            if (b->oas[i].lsoa == c->lsoas[k])
                c->oas[c->oas_n++] = i;
}

/* Do the pairs (old, new) that have an OA in common hold together? Else it is two simpler cases side by side. */
static bool is_one_case(const borough *b, const change_case *c, uint32_t old_n)
{
    uint32_t label[2 * MOST_NEW];
    for (uint32_t i = 0; i < 2 * MOST_NEW; i++)
        label[i] = i;
    for (uint32_t round = 0; round < 2 * MOST_NEW; round++)
        for (uint32_t i = 0; i < c->oas_n; i++) {
            uint32_t k = 0;
            while (c->lsoas[k] != b->oas[c->oas[i]].lsoa)
                k++;
            uint32_t *new_label = &label[k], *old_label = &label[MOST_NEW + c->group_of[i]];
            *new_label = *old_label = *new_label < *old_label ? *new_label : *old_label;
        }
    for (uint32_t k = 0; k < c->lsoas_n; k++)
        if (label[k] != 0)
            return false;
    for (uint32_t g = 0; g < old_n; g++)
        if (label[MOST_NEW + g] != 0)
            return false;
    return true;
}

static void draw_case(const borough *b, const unsigned char *adjacent_lsoas, const unsigned char *adjacent_oas, const bool *taken, int plan,
                      change_case *c, geo_random *r)
{
    for (int tries = 0; tries < ATTEMPTS; tries++) {
        if (!draw_lsoas(b, adjacent_lsoas, taken, PLAN[plan].new_n, c, r))
            continue;
        collect_oas(b, c);
        if (c->oas_n < 2 * PLAN[plan].old_n)
            continue;
        borough_region_share_some(b, adjacent_oas, c->oas, c->oas_n, PLAN[plan].old_n, 1, c->oas_n, r, c->group_of);
        if (is_one_case(b, c, PLAN[plan].old_n))
            return;
    }
    die("no place for a change of LSOAs");
}

/* Named in the MSOA of their first OA, by letters from P on, which no present LSOA has. */
static void name_given_up(const borough *b, old_lsoa *o, uint32_t msoa)
{
    char letter = 'P';
    for (const old_lsoa *other = b->old_lsoas; other < o; other++)
        if (other->change != 'U' && strncmp(other->name.text, borough_msoa_name(msoa).text, 12) == 0)
            letter++;
    snprintf(o->name.text, sizeof o->name.text, "%.12s%c", borough_msoa_name(msoa).text, letter);
}

static void add_case(borough *b, char change, const change_case *c, uint32_t old_n, uint32_t *given_up_n)
{
    for (uint32_t g = 0; g < old_n; g++) {
        old_lsoa *o = &b->old_lsoas[b->old_lsoas_n];
        *o = (old_lsoa){.lsoa = NO_AREA, .number = (*given_up_n)++, .change = change};
        uint32_t first = NO_AREA;
        for (uint32_t i = 0; i < c->oas_n; i++)
            if (c->group_of[i] == g) {
                b->old_lsoa_of_oa[c->oas[i]] = b->old_lsoas_n;
                first = first == NO_AREA ? c->oas[i] : first;
            }
        name_given_up(b, o, b->oas[first].msoa);
        b->old_lsoas_n++;
    }
}

static void draw_changes(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_VINTAGE);
    uint32_t *lsoa_of_oa = must_alloc(b->oas_n, sizeof *lsoa_of_oa), given_up_n = 0;
    for (uint32_t i = 0; i < b->oas_n; i++)
        lsoa_of_oa[i] = b->oas[i].lsoa;
    unsigned char *adjacent_lsoas = borough_adjacency(b, lsoa_of_oa, b->lsoas_n), *adjacent_oas = borough_adjacency(b, NULL, b->oas_n);
    bool *taken = must_alloc(b->lsoas_n, sizeof *taken);
    change_case c = {.oas = must_alloc(b->oas_n, sizeof *c.oas), .group_of = must_alloc(b->oas_n, sizeof *c.group_of)};
    for (int p = 0; p < PLAN_N; p++)
        for (uint32_t i = 0; i < PLAN[p].cases_n; i++) {
            draw_case(b, adjacent_lsoas, adjacent_oas, taken, p, &c, &r);
            for (uint32_t k = 0; k < c.lsoas_n; k++)
                taken[c.lsoas[k]] = true;
            add_case(b, PLAN[p].change, &c, PLAN[p].old_n, &given_up_n);
        }
    for (uint32_t l = 0; l < b->lsoas_n; l++) {
        if (taken[l])
            continue;
        for (uint32_t i = 0; i < b->oas_n; i++)
            if (b->oas[i].lsoa == l)
                b->old_lsoa_of_oa[i] = b->old_lsoas_n;
        b->old_lsoas[b->old_lsoas_n++] = (old_lsoa){.lsoa = l, .name = borough_lsoa_name(b, l), .change = 'U'};
    }
    free(c.oas);
    free(c.group_of);
    free(taken);
    free(adjacent_oas);
    free(adjacent_lsoas);
    free(lsoa_of_oa);
}

/* The same census as today's, counted on the old boundaries, so carrying it over must give the present counts back; claimants and the
   score are known on the old ones alone. */
static void draw_figures(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_OLD_FIGURES);
    double *deprivation = must_alloc(b->old_lsoas_n, sizeof *deprivation);
    for (uint32_t i = 0; i < b->oas_n; i++) {
        old_lsoa *o = &b->old_lsoas[b->old_lsoa_of_oa[i]];
        o->population += b->oas[i].population;
        o->households += b->oas[i].households;
        deprivation[b->old_lsoa_of_oa[i]] += b->oas[i].deprivation * (double)b->oas[i].population;
    }
    for (uint32_t i = 0; i < b->old_lsoas_n; i++) {
        old_lsoa *o = &b->old_lsoas[i];
        const double d = deprivation[i] / (double)o->population, noisy = d + 0.03 * draw_normal(&r);
        o->score = nearest(2500 + 68000 * (noisy > 0 ? noisy : 0) * d);
        for (uint32_t k = 0; k < i; k++) /* no two alike */
            if (b->old_lsoas[k].score == o->score) {
                o->score++;
                k = UINT32_MAX;
            }
        o->claimants = nearest((double)o->population * (0.015 + 0.11 * d) * (0.9 + 0.2 * geo_random_uniform(&r)));
    }
    for (uint32_t i = 0; i < b->old_lsoas_n; i++) {
        b->old_lsoas[i].rank = 1;
        for (uint32_t k = 0; k < b->old_lsoas_n; k++)
            b->old_lsoas[i].rank += b->old_lsoas[k].score > b->old_lsoas[i].score;
    }
    free(deprivation);
}

/* Old LSOAs stand in the order of their codes: the present ones' first, then those given up. */
static void order_by_code(borough *b)
{
    uint32_t *new_place = must_alloc(b->old_lsoas_n, sizeof *new_place), n = 0;
    old_lsoa *ordered = must_alloc(b->old_lsoas_n, sizeof *ordered);
    for (int given_up = 0; given_up < 2; given_up++)
        for (uint32_t i = 0; i < b->old_lsoas_n; i++)
            if ((b->old_lsoas[i].change != 'U') == given_up) {
                new_place[i] = n;
                ordered[n++] = b->old_lsoas[i];
            }
    for (uint32_t i = 0; i < b->oas_n; i++)
        b->old_lsoa_of_oa[i] = new_place[b->old_lsoa_of_oa[i]];
    free(b->old_lsoas);
    free(new_place);
    b->old_lsoas = ordered;
}

void borough_make_vintage(borough *b)
{
    b->old_lsoas = must_alloc(b->oas_n, sizeof *b->old_lsoas);
    b->old_lsoa_of_oa = must_alloc(b->oas_n, sizeof *b->old_lsoa_of_oa);
    draw_changes(b);
    order_by_code(b);
    draw_figures(b);
    borough_merge_oas(b, &b->old_lsoa_shapes, b->old_lsoa_of_oa, b->old_lsoas_n);
}

static area_code old_code(const borough *b, uint32_t i)
{
    const old_lsoa *o = &b->old_lsoas[i];
    return borough_code(AREA_LSOA, o->change == 'U' ? o->lsoa : GIVEN_UP_FROM + o->number);
}

/* People in both the old and the new LSOA; pairs without an OA in common have none. */
static int64_t *shared_people(const borough *b)
{
    int64_t *people = must_alloc((size_t)b->old_lsoas_n * b->lsoas_n, sizeof *people);
    for (uint32_t i = 0; i < b->oas_n; i++)
        people[(size_t)b->old_lsoa_of_oa[i] * b->lsoas_n + b->oas[i].lsoa] += b->oas[i].population;
    return people;
}

static void write_lookups(const borough *b, out_folder *folder)
{
    int64_t *people = shared_people(b);
    out_file *f = out_open(folder, "lookup_lsoa11_lsoa21.csv.gz", "open");
    out_text(f, "LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD22CD,LAD22NM\n");
    for (uint32_t i = 0; i < b->old_lsoas_n; i++)
        for (uint32_t l = 0; l < b->lsoas_n; l++)
            if (people[(size_t)i * b->lsoas_n + l])
                out_printf(f, "%s,%s,%s,%s,%c,%s,Exemplar Borough\n", old_code(b, i).text, b->old_lsoas[i].name.text,
                           borough_code(AREA_LSOA, l).text, borough_lsoa_name(b, l).text, b->old_lsoas[i].change,
                           borough_code(AREA_BOROUGH, 0).text);
    out_close(f);
    f = out_open(folder, "lookup_oa_lsoa11.csv.gz", "open");
    out_text(f, "oa_code,lsoa11_code\n");
    for (uint32_t i = 0; i < b->oas_n; i++)
        out_printf(f, "%s,%s\n", borough_code(AREA_OA, i).text, old_code(b, b->old_lsoa_of_oa[i]).text);
    out_close(f);
    free(people);
}

static void write_old_figures(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "imd_lsoa11.csv.gz", "open");
    out_text(f, "lsoa11_code,imd_score,imd_rank,imd_decile\n");
    for (uint32_t i = 0; i < b->old_lsoas_n; i++) {
        const old_lsoa *o = &b->old_lsoas[i];
        out_printf(f, "%s,", old_code(b, i).text);
        out_fixed(f, o->score, 3);
        out_printf(f, ",%u,%u\n", (unsigned)o->rank, (unsigned)((10 * o->rank + b->old_lsoas_n - 1) / b->old_lsoas_n));
    }
    out_close(f);
    f = out_open(folder, "population_lsoa11.csv.gz", "open");
    out_text(f, "lsoa11_code,population,households,claimants\n");
    for (uint32_t i = 0; i < b->old_lsoas_n; i++)
        out_printf(f, "%s,%" PRId64 ",%" PRId64 ",%" PRId64 "\n", old_code(b, i).text, b->old_lsoas[i].population,
                   b->old_lsoas[i].households, b->old_lsoas[i].claimants);
    out_close(f);
}

/* Carried over by the people of the OAs: a count goes in proportion to them, a score is their mean. */
static void write_carried(const borough *b, out_folder *folder)
{
    int64_t *people = shared_people(b);
    out_file *f = out_open(folder, "truth_lsoa21_carried.csv.gz", "official");
    out_text(f, "lsoa_code,population,claimants,imd_score\n");
    for (uint32_t l = 0; l < b->lsoas_n; l++) {
        int64_t population = 0;
        double claimants = 0, score = 0;
        for (uint32_t i = 0; i < b->old_lsoas_n; i++) {
            const int64_t n = people[(size_t)i * b->lsoas_n + l];
            population += n;
            claimants += (double)(b->old_lsoas[i].claimants * n) / (double)b->old_lsoas[i].population;
            score += (double)(b->old_lsoas[i].score * n);
        }
        out_printf(f, "%s,%" PRId64 ",", borough_code(AREA_LSOA, l).text, population);
        out_fixed(f, nearest(claimants * MICROS), 6);
        out_char(f, ',');
        out_fixed(f, nearest(1000 * score / (double)population), 6);
        out_char(f, '\n');
    }
    out_close(f);
    free(people);
}

void borough_write_vintage(const borough *b, out_folder *folder)
{
    out_file *f = borough_layer_open(folder, "lsoa11");
    for (uint32_t i = 0; i < b->old_lsoas_n; i++) {
        borough_feature_begin(f, i);
        out_printf(f, "\"lsoa11_code\":\"%s\",\"lsoa11_name\":\"%s\"", old_code(b, i).text, b->old_lsoas[i].name.text);
        borough_put_polygon(f, &b->old_lsoa_shapes, i);
    }
    borough_layer_close(f);
    write_lookups(b, folder);
    write_old_figures(b, folder);
    write_carried(b, folder);
}

void borough_truths_vintage(const borough *b, out_file *f)
{
    int64_t *people = shared_people(b), rows_n = 0, claimants = 0;
    for (size_t i = 0; i < (size_t)b->old_lsoas_n * b->lsoas_n; i++)
        rows_n += people[i] > 0;
    borough_truth(f, "rows_lsoa11", b->old_lsoas_n);
    borough_truth(f, "rows_imd_lsoa11", b->old_lsoas_n);
    borough_truth(f, "rows_population_lsoa11", b->old_lsoas_n);
    borough_truth(f, "rows_lookup_lsoa11_lsoa21", rows_n);
    borough_truth(f, "rows_lookup_oa_lsoa11", b->oas_n);
    borough_truth(f, "rows_truth_lsoa21_carried", b->lsoas_n);
    for (const char *change = "USMX"; *change; change++) {
        int64_t old_n = 0, new_n = 0, pairs_n = 0;
        for (uint32_t l = 0; l < b->lsoas_n; l++) {
            bool any = false;
            for (uint32_t i = 0; i < b->old_lsoas_n; i++)
                if (b->old_lsoas[i].change == *change && people[(size_t)i * b->lsoas_n + l]) {
                    any = true;
                    pairs_n++;
                }
            new_n += any;
        }
        for (uint32_t i = 0; i < b->old_lsoas_n; i++)
            old_n += b->old_lsoas[i].change == *change;
        char name[32];
        snprintf(name, sizeof name, "lsoa11_change_%c_old", *change);
        borough_truth(f, name, old_n);
        snprintf(name, sizeof name, "lsoa11_change_%c_new", *change);
        borough_truth(f, name, new_n);
        snprintf(name, sizeof name, "lsoa11_change_%c_pairs", *change);
        borough_truth(f, name, pairs_n);
    }
    for (uint32_t i = 0; i < b->old_lsoas_n; i++)
        claimants += b->old_lsoas[i].claimants;
    borough_truth(f, "claimants_total", claimants);
    free(people);
}
