/*
 * Electors: those of every OA now and five years on, the polling districts that councils count them by, and the wards under review.
 *
 * A polling district is a connected group of OAs of one ward, so wards are unions of districts as they are of OAs. Growth is small but for
 * three places where houses are to be built, so wards that are fair now will not be, and the other way round.
 */
#include "borough.h"

#include "must.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OAS_PER_DISTRICT = 6, TOLERANCE_PERCENT = 10, FAR_OFF_PERCENT = 30 };

/* Where houses are to be built: metres from the corner of the frame; electors multiplied there, half as far beyond at `scale_m`. */
static const struct {
    grid_xy at_m;
    double growth, scale_m;
} SITES[] = {{{5300, 6700}, 2.0, 420}, {{9900, 6900}, 1.0, 520}, {{7700, 4100}, 0.8, 350}};
enum { SITES_N = sizeof SITES / sizeof *SITES };

/* One date's count for each ward. */
typedef struct ward_count {
    int64_t electors[WARDS_N], total, councillors;
} ward_count;

/* Groups of the ward's OAs, lettered in the order of their first OA. */
static void share_ward(borough *b, uint32_t ward, const unsigned char *adjacent, geo_random *r)
{
    uint32_t *oas = must_alloc(b->oas_n, sizeof *oas), *group_of = must_alloc(b->oas_n, sizeof *group_of), n = 0;
    for (uint32_t i = 0; i < b->oas_n; i++)
        if (b->oas[i].ward == ward)
            oas[n++] = i;
    const uint32_t k = (n + OAS_PER_DISTRICT / 2) / OAS_PER_DISTRICT;
    borough_region_share_some(b, adjacent, oas, n, k, 3, 12, r, group_of);
    uint32_t *number = must_alloc(k, sizeof *number), numbered = 0;
    for (uint32_t g = 0; g < k; g++)
        number[g] = NO_AREA;
    for (uint32_t i = 0; i < n; i++) {
        if (number[group_of[i]] == NO_AREA) {
            number[group_of[i]] = b->districts_n + numbered;
            b->districts[b->districts_n + numbered] = (polling){ward, numbered, 0, 0};
            numbered++;
        }
        b->district_of_oa[oas[i]] = number[group_of[i]];
    }
    b->districts_n += numbered;
    free(number);
    free(group_of);
    free(oas);
}

static void count_electors(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_ELECTORS);
    for (uint32_t i = 0; i < b->oas_n; i++) {
        const oa *o = &b->oas[i];
        polling *d = &b->districts[b->district_of_oa[i]];
        const double rate = 0.95 - 0.16 * o->deprivation + 0.02 * draw_normal(&r);
        const int64_t now = nearest((double)o->age_16_64 * (rate > 1 ? 1 : rate) + (double)o->age_65_plus * 0.97);
        double growth = 1.012 + 0.008 * draw_normal(&r);
        for (int s = 0; s < SITES_N; s++) {
            const double near = borough_nearness(o->centre, borough_at(SITES[s].at_m), SITES[s].scale_m);
            growth += SITES[s].growth * near * near;
        }
        d->electors += now;
        d->forecast += nearest((double)now * growth);
    }
}

void borough_make_electors(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_DISTRICTS);
    unsigned char *adjacent = borough_adjacency(b, NULL, b->oas_n);
    b->districts = must_alloc(b->oas_n, sizeof *b->districts);
    b->district_of_oa = must_alloc(b->oas_n, sizeof *b->district_of_oa);
    for (uint32_t w = 0; w < WARDS_N; w++)
        share_ward(b, w, adjacent, &r);
    free(adjacent);
    borough_merge_oas(b, &b->district_shapes, b->district_of_oa, b->districts_n);
    count_electors(b);
}

static ward_count count_wards(const borough *b, bool forecast)
{
    ward_count c = {{0}, 0, 0};
    for (uint32_t i = 0; i < b->districts_n; i++) {
        const int64_t n = forecast ? b->districts[i].forecast : b->districts[i].electors;
        c.electors[b->districts[i].ward] += n;
        c.total += n;
    }
    for (uint32_t w = 0; w < WARDS_N; w++)
        c.councillors += borough_councillors(b, w);
    return c;
}

void borough_write_electors(const borough *b, out_folder *folder)
{
    out_file *f = borough_layer_open(folder, "polling_district");
    for (uint32_t i = 0; i < b->districts_n; i++) {
        const polling *d = &b->districts[i];
        borough_feature_begin(f, i);
        out_printf(f, "\"district_code\":\"X%c%c\",\"ward_code\":\"%s\",\"electors_2025\":%" PRId64 ",\"electors_2030\":%" PRId64,
                   'A' + (char)d->ward, 'A' + (char)d->letter, borough_code(AREA_WARD, d->ward).text, d->electors, d->forecast);
        borough_put_polygon(f, &b->district_shapes, i);
    }
    borough_layer_close(f);
    f = out_open(folder, "ward_electors.csv.gz", "open");
    out_text(f, "ward_code,ward_name,councillors,electors_2025,electors_2030\n");
    const ward_count now = count_wards(b, false), then = count_wards(b, true);
    for (uint32_t w = 0; w < WARDS_N; w++) {
        out_printf(f, "%s,", borough_code(AREA_WARD, w).text);
        out_csv(f, borough_ward_name(b, w));
        out_printf(f, ",%d,%" PRId64 ",%" PRId64 "\n", borough_councillors(b, w), now.electors[w], then.electors[w]);
    }
    out_close(f);
    f = out_open(folder, "lookup_oa_district.csv.gz", "open");
    out_text(f, "oa_code,district_code\n");
    for (uint32_t i = 0; i < b->oas_n; i++) {
        const polling *d = &b->districts[b->district_of_oa[i]];
        out_printf(f, "%s,X%c%c\n", borough_code(AREA_OA, i).text, 'A' + (char)d->ward, 'A' + (char)d->letter);
    }
    out_close(f);
}

/* 100 ((E / c) / (T / C) - 1) beyond p, in whole numbers: E electors and c councillors of the ward, T and C of the borough. */
static int beyond(const borough *b, const ward_count *c, uint32_t ward, int64_t percent)
{
    const int64_t fair = c->total * borough_councillors(b, ward), off = c->electors[ward] * c->councillors - fair;
    return 100 * off > percent * fair ? 1 : 100 * off < -percent * fair ? -1 : 0;
}

static void put_date_truths(const borough *b, out_file *f, bool forecast)
{
    const ward_count c = count_wards(b, forecast);
    const int year = forecast ? 2030 : 2025;
    char name[48], over[WARDS_N * sizeof(area_code)] = "", under[sizeof over] = "";
    int over_n = 0, under_n = 0, far_n = 0;
    for (uint32_t w = 0; w < WARDS_N; w++) {
        const int side = beyond(b, &c, w, TOLERANCE_PERCENT);
        char *list = side > 0 ? over : under;
        if (side)
            snprintf(list + strlen(list), sizeof over - strlen(list), "%s%s", *list ? " " : "", borough_code(AREA_WARD, w).text);
        over_n += side > 0;
        under_n += side < 0;
        far_n += beyond(b, &c, w, FAR_OFF_PERCENT) != 0;
    }
    snprintf(name, sizeof name, "electors_total_%d", year);
    borough_truth(f, name, c.total);
    snprintf(name, sizeof name, "electors_per_councillor_%d", year);
    borough_truth_fixed(f, name, (2 * c.total * 1000 + c.councillors) / (2 * c.councillors), 3);
    snprintf(name, sizeof name, "wards_over_10_percent_%d_n", year);
    borough_truth(f, name, over_n);
    snprintf(name, sizeof name, "wards_over_10_percent_%d", year);
    borough_truth_text(f, name, over);
    snprintf(name, sizeof name, "wards_under_10_percent_%d_n", year);
    borough_truth(f, name, under_n);
    snprintf(name, sizeof name, "wards_under_10_percent_%d", year);
    borough_truth_text(f, name, under);
    snprintf(name, sizeof name, "wards_beyond_30_percent_%d_n", year);
    borough_truth(f, name, far_n);
    snprintf(name, sizeof name, "review_due_%d", year); /* more than 30 % of the wards beyond 10 %, or any beyond 30 % */
    borough_truth_text(f, name, 100 * (over_n + under_n) > 30 * WARDS_N || far_n ? "yes" : "no");
}

void borough_truths_electors(const borough *b, out_file *f)
{
    borough_truth(f, "rows_polling_district", b->districts_n);
    borough_truth(f, "rows_ward_electors", WARDS_N);
    borough_truth(f, "rows_lookup_oa_district", b->oas_n);
    borough_truth(f, "councillors_total", count_wards(b, false).councillors);
    put_date_truths(b, f, false);
    put_date_truths(b, f, true);
}
