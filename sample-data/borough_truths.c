/*
 * What any correct use of the files must find. Counted from what was planted, not from the files, so that a test is a real comparison.
 */
#include "borough.h"

#include "must.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

void borough_truth(out_file *f, const char *name, int64_t value)
{
    out_printf(f, "%s,%" PRId64 "\n", name, value);
}

void borough_truth_text(out_file *f, const char *name, const char *value)
{
    out_printf(f, "%s,", name);
    out_csv(f, value);
    out_char(f, '\n');
}

void borough_truth_fixed(out_file *f, const char *name, int64_t value, int decimals_n)
{
    out_printf(f, "%s,", name);
    out_fixed(f, value, decimals_n);
    out_char(f, '\n');
}

static int64_t members_rows(const borough *b, int64_t lowest, int64_t highest, int64_t *members_n)
{
    int64_t rows = 0;
    *members_n = 0;
    for (size_t i = 0; i < (size_t)b->lsoas_n * LIBRARIES_N; i++)
        if (b->members[i] >= lowest && b->members[i] <= highest) {
            *members_n += b->members[i];
            rows++;
        }
    return rows;
}

static void put_rows(out_file *f, const borough *b)
{
    int64_t members_n;
    borough_truth(f, "rows_oa", b->oas_n);
    borough_truth(f, "rows_lsoa", b->lsoas_n);
    borough_truth(f, "rows_msoa", b->msoas_n);
    borough_truth(f, "rows_ward", WARDS_N);
    borough_truth(f, "rows_borough", 1);
    borough_truth(f, "rows_lookup_oa", b->oas_n);
    borough_truth(f, "rows_imd", b->lsoas_n);
    borough_truth(f, "rows_census_oa", b->oas_n);
    borough_truth(f, "rows_postcodes", (int64_t)b->postcodes_n);
    borough_truth(f, "rows_addresses", (int64_t)b->addresses_n);
    borough_truth(f, "rows_service_users", USERS_N);
    borough_truth(f, "rows_libraries", LIBRARIES_N);
    borough_truth(f, "rows_gps", SURGERIES_N);
    borough_truth(f, "rows_library_members", members_rows(b, 1, INT64_MAX, &members_n));
    borough_truth(f, "rows_truth_user_oa", USERS_N);
}

static void put_areas(out_file *f, const borough *b)
{
    uint32_t cut_n = 0;
    for (uint32_t i = 0, first = 0; i < b->lsoas_n; first += b->lsoas[i++].oas_n) {
        bool cut = false;
        for (uint32_t k = 1; k < b->lsoas[i].oas_n; k++)
            cut |= b->oas[first + k].ward != b->oas[first].ward;
        cut_n += cut;
    }
    borough_truth(f, "lsoas_cut_by_wards", cut_n);
    borough_truth_text(f, "enclave_oa", borough_code(AREA_OA, b->enclave).text);
    borough_truth_text(f, "oa_round_enclave", borough_code(AREA_OA, b->round_enclave).text);
    borough_truth_text(f, "oa_with_island", borough_code(AREA_OA, b->with_island).text);
    borough_truth_fixed(f, "borough_area_m2", shapes_area2(&b->whole_shapes, 0) * 5, 3); /* twice the area, in units of 0.005 m2 */
}

/* Pearson's correlation over OAs of a count per `of` with the score of the OA's LSOA, in thousandths. */
static int64_t correlation(const borough *b, bool of_cars)
{
    double n = b->oas_n, sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
    for (uint32_t i = 0; i < b->oas_n; i++) {
        const oa *o = &b->oas[i];
        const double x = of_cars ? (double)o->no_car / (double)o->households : (double)o->unemployed / (double)o->age_16_64;
        const double y = (double)b->lsoas[o->lsoa].score / 1000;
        sx += x;
        sy += y;
        sxx += x * x;
        syy += y * y;
        sxy += x * y;
    }
    return nearest(1000 * (n * sxy - sx * sy) / (sqrt(n * sxx - sx * sx) * sqrt(n * syy - sy * sy)));
}

static void put_people(out_file *f, const borough *b)
{
    int64_t population = 0, households = 0, live = 0, residential = 0;
    for (uint32_t i = 0; i < b->oas_n; i++) {
        population += b->oas[i].population;
        households += b->oas[i].households;
    }
    for (size_t i = 0; i < b->postcodes_n; i++)
        live += b->postcodes[i].terminated == 0;
    for (size_t i = 0; i < b->addresses_n; i++)
        residential += !b->addresses[i].is_commercial;
    borough_truth(f, "population_total", population);
    borough_truth(f, "households_total", households);
    borough_truth(f, "addresses_residential", residential);
    borough_truth(f, "postcodes_live", live);
    borough_truth(f, "postcodes_terminated", (int64_t)b->postcodes_n - live);
    borough_truth_fixed(f, "correlation_no_car_imd", correlation(b, true), 3);
    borough_truth_fixed(f, "correlation_unemployed_imd", correlation(b, false), 3);
}

static void put_members(out_file *f, const borough *b)
{
    int64_t visible, hidden;
    members_rows(b, 5, INT64_MAX, &visible);
    borough_truth(f, "library_members_visible", visible);
    borough_truth(f, "library_members_starred_cells", members_rows(b, 1, 4, &hidden));
    borough_truth(f, "library_members_hidden", hidden);
}

static int64_t planted_n(const borough *b, planted kind)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < USERS_N; i++)
        n += b->users[i].planted == kind;
    return n;
}

static void put_users(out_file *f, const borough *b)
{
    for (int s = 0; s < SERVICES_N; s++) {
        int64_t n = 0;
        for (uint32_t i = 0; i < USERS_N; i++)
            n += b->users[i].service == (service)s;
        out_printf(f, "users_%s,%" PRId64 "\n", borough_service_name((service)s), n);
    }
    for (int p = PLANTED_NOTHING + 1; p < PLANTED_KINDS_N; p++)
        out_printf(f, "users_planted_%s,%" PRId64 "\n", borough_planted_name((planted)p), planted_n(b, (planted)p));
    const int64_t known = USERS_N - planted_n(b, PLANTED_OUTSIDE) - planted_n(b, PLANTED_NO_SUCH_POSTCODE);
    const int64_t tidy = known - planted_n(b, PLANTED_LETTER_O);
    borough_truth(f, "users_with_coordinates", USERS_N - planted_n(b, PLANTED_NO_COORDINATES));
    borough_truth(f, "users_matched_by_point", USERS_N - planted_n(b, PLANTED_NO_COORDINATES) - planted_n(b, PLANTED_OUTSIDE));
    borough_truth(f, "users_matched_by_uprn", USERS_N - planted_n(b, PLANTED_OUTSIDE));
    borough_truth(f, "users_matched_by_postcode_as_typed", tidy - planted_n(b, PLANTED_TYPING));
    borough_truth(f, "users_matched_by_postcode_tidied", tidy);
    borough_truth(f, "users_matched_by_postcode_repaired", known);
}

/* Users by the area of their point: those without one, or outside, are in none. */
static void put_user_areas(out_file *f, const borough *b)
{
    int64_t *by_lsoa = must_alloc(b->lsoas_n, sizeof *by_lsoa), by_ward[WARDS_N] = {0}, most_deprived = 0;
    for (uint32_t i = 0; i < USERS_N; i++) {
        if (b->users[i].oa == NO_AREA)
            continue;
        const oa *o = &b->oas[b->users[i].oa];
        by_lsoa[o->lsoa]++;
        by_ward[o->ward]++;
        most_deprived += b->lsoas[o->lsoa].decile == 1;
    }
    uint32_t least = 0, most = 0;
    for (uint32_t i = 1; i < b->lsoas_n; i++)
        least = by_lsoa[i] < by_lsoa[least] ? i : least;
    for (uint32_t w = 1; w < WARDS_N; w++)
        most = by_ward[w] > by_ward[most] ? w : most;
    borough_truth(f, "users_in_most_deprived_decile", most_deprived);
    borough_truth_text(f, "ward_with_most_users", borough_code(AREA_WARD, most).text);
    borough_truth_text(f, "ward_with_most_users_name", borough_ward_name(b, most));
    borough_truth(f, "ward_with_most_users_n", by_ward[most]);
    borough_truth_text(f, "lsoa_with_fewest_users", borough_code(AREA_LSOA, least).text);
    borough_truth(f, "lsoa_with_fewest_users_n", by_lsoa[least]);
    free(by_lsoa);
}

static void write_user_areas(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "truth_user_oa.csv.gz", "personal");
    out_text(f, "user_id,oa_code,planted\n");
    for (uint32_t i = 0; i < USERS_N; i++) {
        const user *u = &b->users[i];
        out_printf(f, "U%05u,%s,%s\n", (unsigned)i + 1, u->oa == NO_AREA ? "" : borough_code(AREA_OA, u->oa).text,
                   borough_planted_name(u->planted));
    }
    out_close(f);
}

void borough_write_truths(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "truths.csv", "official");
    out_text(f, "name,value\n");
    put_rows(f, b);
    put_areas(f, b);
    put_people(f, b);
    put_members(f, b);
    put_users(f, b);
    put_user_areas(f, b);
    borough_truths_electors(b, f);
    borough_truths_vintage(b, f);
    borough_truths_roads(b, f);
    borough_truths_lives(b, f);
    borough_truths_habitat(b, f);
    borough_truths_bats(b, f);
    out_close(f);
    write_user_areas(b, folder);
}
