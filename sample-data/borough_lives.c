/*
 * Schools, households under the benefit cap, and houses in multiple occupation (HMO): three small lists, each with a pattern of its own.
 *
 * Pupils are the children of the OAs for which the school is the nearest of its phase. The cap falls where deprivation is. HMOs crowd
 * round the college, fewer round the quay, and some are anywhere.
 */
#include "borough.h"

#include "must.h"

#include <inttypes.h>
#include <stdlib.h>

enum { PRIMARIES_N = 13, SECONDARIES_N = 4, SPECIAL = PRIMARIES_N + SECONDARIES_N, COLLEGE = SPECIAL + 1 };
enum { FIRST_URN = 990001, NEAR_M = 800, COLLEGE_M = 500, CROWD_M = 100, CROWD_PERCENT = 10 };

static const char *const SCHOOL_NAMES[SCHOOLS_N] = {
    "Marl Pits Primary School",
    "Millrace Primary School",
    "Saltmarsh Infant and Junior School",
    "Quayside Primary School",
    "Lantern Hill Primary School",
    "Ropewalk Primary School",
    "Withy Bed Primary School",
    "Three Crosses Primary School",
    "Hollow Oak Primary School",
    "Tern Sands Primary School",
    "Copperas Primary School, Eel Pie",
    "Drovers' Gate Primary School",
    "Pennywhistle Primary School",
    "Exemplar High School",
    "Beacon Down Academy",
    "The Kilnfield School",
    "Abbot's Reach School",
    "The Sundial School",
    "Exemplar College",
};

static const char *phase_of(uint32_t school)
{
    return school < PRIMARIES_N ? "Primary" : school < SPECIAL ? "Secondary" : school == SPECIAL ? "Special" : "16 plus";
}

static grid_xy place_of(const borough *b, uint32_t school)
{
    return b->postcodes[b->schools[school].postcode].at;
}

static uint32_t nearest_school(const borough *b, grid_xy p, uint32_t first, uint32_t end)
{
    uint32_t best = first;
    for (uint32_t i = first + 1; i < end; i++)
        if (borough_distance_m(place_of(b, i), p) < borough_distance_m(place_of(b, best), p))
            best = i;
    return best;
}

/* In the middle of n groups of about as many OAs each. */
static void place_among(borough *b, uint32_t first, uint32_t n, geo_random *r)
{
    unsigned char *adjacent = borough_adjacency(b, NULL, b->oas_n);
    uint32_t *oas = must_alloc(b->oas_n, sizeof *oas), *group_of = must_alloc(b->oas_n, sizeof *group_of);
    for (uint32_t i = 0; i < b->oas_n; i++)
        oas[i] = i;
    borough_region_share_some(b, adjacent, oas, b->oas_n, n, b->oas_n / n / 2, 2 * b->oas_n / n, r, group_of);
    for (uint32_t g = 0; g < n; g++) {
        grid_xy sum = {0, 0};
        int64_t members_n = 0;
        for (uint32_t i = 0; i < b->oas_n; i++)
            if (group_of[i] == g) {
                sum.x += b->oas[i].centre.x;
                sum.y += b->oas[i].centre.y;
                members_n++;
            }
        b->schools[first + g].postcode = borough_nearest_postcode(b, (grid_xy){sum.x / members_n, sum.y / members_n});
    }
    free(group_of);
    free(oas);
    free(adjacent);
}

static void make_schools(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_SCHOOLS);
    place_among(b, 0, PRIMARIES_N, &r);
    place_among(b, PRIMARIES_N, SECONDARIES_N, &r);
    b->schools[SPECIAL].postcode = borough_nearest_postcode(b, borough_town(2));
    b->schools[COLLEGE].postcode = borough_nearest_postcode(b, borough_town(0));
    int64_t children = 0;
    for (uint32_t i = 0; i < b->oas_n; i++) {
        const oa *o = &b->oas[i];
        b->schools[nearest_school(b, o->centre, 0, PRIMARIES_N)].figure += o->age_0_15 * 7 / 16;
        b->schools[nearest_school(b, o->centre, PRIMARIES_N, SPECIAL)].figure += o->age_0_15 * 5 / 16;
        children += o->age_0_15;
    }
    b->schools[SPECIAL].figure = children / 90;
    b->schools[COLLEGE].figure = children / 12;
    for (uint32_t i = 0; i < SCHOOLS_N; i++)
        b->schools[i].name = SCHOOL_NAMES[i];
}

static double deprivation_of(const borough *b, uint32_t home)
{
    return b->oas[borough_oa_of_home(b, home)].deprivation;
}

static double cap_weight(const borough *b, uint32_t home)
{
    return 0.02 + deprivation_of(b, home) * deprivation_of(b, home);
}

static double hmo_weight(const borough *b, uint32_t home)
{
    const grid_xy at = b->addresses[home].at;
    const double college = borough_nearness(at, place_of(b, COLLEGE), 250), quay = borough_nearness(at, borough_quay(), 200);
    return 0.002 + 2 * college * college * college + 0.5 * quay * quay * (0.5 + deprivation_of(b, home));
}

/* Different homes, in the order of their UPRNs. */
static uint32_t *draw_homes(const borough *b, uint32_t n, double (*weight)(const borough *, uint32_t), enum borough_stream stream)
{
    geo_random r;
    geo_random_init(&r, b->seed, stream);
    double *running = must_alloc(b->addresses_n, sizeof *running), sum = 0;
    bool *drawn = must_alloc(b->addresses_n, sizeof *drawn);
    for (uint32_t a = 0; a < b->addresses_n; a++) {
        if (!b->addresses[a].is_commercial)
            sum += weight(b, a);
        running[a] = sum;
    }
    for (uint32_t i = 0; i < n;) {
        const uint32_t home = draw_weighted(&r, running, (uint32_t)b->addresses_n);
        i += !drawn[home];
        drawn[home] = true;
    }
    uint32_t *homes = must_alloc(n, sizeof *homes), k = 0;
    for (uint32_t a = 0; a < b->addresses_n; a++)
        if (drawn[a])
            homes[k++] = a;
    free(drawn);
    free(running);
    return homes;
}

void borough_make_lives(borough *b)
{
    make_schools(b);
    b->capped = draw_homes(b, CAPPED_N, cap_weight, STREAM_CAP);
    b->hmos = draw_homes(b, HMOS_N, hmo_weight, STREAM_HMOS);
}

static void write_schools(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "schools.csv.gz", "open");
    out_text(f, "urn,name,phase,pupils,easting,northing,postcode\n");
    for (uint32_t i = 0; i < SCHOOLS_N; i++) {
        out_printf(f, "%u,", FIRST_URN + (unsigned)i);
        out_csv(f, b->schools[i].name);
        out_printf(f, ",%s,%" PRId64 ",", phase_of(i), b->schools[i].figure);
        borough_put_point(f, place_of(b, i), ',');
        out_printf(f, ",%s\n", b->postcodes[b->schools[i].postcode].text);
    }
    out_close(f);
}

/* In an order that is not that of the addresses; the loss grows with the children. Drawn for the file, and again for the truths about it. */
typedef struct capped_household {
    uint32_t home;
    int64_t children, loss_pence;
} capped_household;

static capped_household *draw_capped(const borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_CAP_FIGURES);
    capped_household *list = must_alloc(CAPPED_N, sizeof *list);
    uint32_t order[CAPPED_N];
    for (uint32_t i = 0; i < CAPPED_N; i++)
        order[i] = i;
    draw_shuffle(&r, order, CAPPED_N);
    for (uint32_t i = 0; i < CAPPED_N; i++) {
        const double u = geo_random_uniform(&r);
        const int64_t children = u < 0.14 ? 0 : u < 0.22 ? 1 : u < 0.42 ? 2 : u < 0.72 ? 3 : u < 0.90 ? 4 : u < 0.97 ? 5 : 6;
        list[i] = (capped_household){b->capped[order[i]], children, draw_between(&r, 150, 3500 + 1700 * children)};
    }
    return list;
}

static void write_capped(const borough *b, out_folder *folder)
{
    capped_household *list = draw_capped(b);
    out_file *f = out_open(folder, "benefit_cap.csv.gz", "special");
    out_text(f, "household_id,uprn,children,weekly_loss\n");
    for (uint32_t i = 0; i < CAPPED_N; i++) {
        out_printf(f, "H%04u,%" PRIu64 ",%" PRId64 ",", (unsigned)i + 1, borough_uprn(list[i].home), list[i].children);
        out_fixed(f, list[i].loss_pence, 2);
        out_char(f, '\n');
    }
    out_close(f);
    free(list);
}

static void write_hmos(const borough *b, out_folder *folder)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_HMO_FIGURES);
    out_file *f = out_open(folder, "hmos.csv.gz", "official");
    out_text(f, "licence,uprn,storeys,occupants\n");
    for (uint32_t i = 0; i < HMOS_N; i++) {
        const int64_t storeys = draw_between(&r, 2, 4), occupants = draw_between(&r, 3, 2 + 2 * storeys);
        out_printf(f, "HMO/%04u,%" PRIu64 ",%" PRId64 ",%" PRId64 "\n", (unsigned)i + 1, borough_uprn(b->hmos[i]), storeys, occupants);
    }
    out_close(f);
}

void borough_write_lives(const borough *b, out_folder *folder)
{
    write_schools(b, folder);
    write_capped(b, folder);
    write_hmos(b, folder);
}

static bool within(grid_xy a, grid_xy b, int64_t metres)
{
    const int64_t dx = a.x - b.x, dy = a.y - b.y, limit = metres * UNITS_PER_M;
    return dx * dx + dy * dy <= limit * limit;
}

static void put_schools(const borough *b, out_file *f)
{
    int64_t homes_near = 0, pupils = 0;
    for (uint32_t i = 0; i < SCHOOLS_N; i++)
        pupils += b->schools[i].figure;
    for (uint32_t a = 0; a < b->addresses_n; a++) {
        bool near = false;
        for (uint32_t i = 0; i < PRIMARIES_N && !b->addresses[a].is_commercial; i++)
            near |= within(b->addresses[a].at, place_of(b, i), NEAR_M);
        homes_near += near;
    }
    borough_truth(f, "rows_schools", SCHOOLS_N);
    borough_truth(f, "schools_primary", PRIMARIES_N);
    borough_truth(f, "schools_secondary", SECONDARIES_N);
    borough_truth(f, "pupils_total", pupils);
    borough_truth(f, "homes_within_800_m_of_a_primary", homes_near);
}

static void put_capped(const borough *b, out_file *f)
{
    capped_household *list = draw_capped(b);
    int64_t *by_lsoa = must_alloc(b->lsoas_n, sizeof *by_lsoa), loss = 0, large = 0, few_n = 0, deprived = 0;
    for (uint32_t i = 0; i < CAPPED_N; i++) {
        const uint32_t l = b->oas[borough_oa_of_home(b, list[i].home)].lsoa;
        loss += list[i].loss_pence;
        large += list[i].children >= 3;
        by_lsoa[l]++;
        deprived += b->lsoas[l].decile <= 2;
    }
    for (uint32_t l = 0; l < b->lsoas_n; l++)
        few_n += by_lsoa[l] > 0 && by_lsoa[l] < 5;
    borough_truth(f, "rows_benefit_cap", CAPPED_N);
    borough_truth_fixed(f, "benefit_cap_weekly_loss", loss, 2);
    borough_truth(f, "benefit_cap_three_children_or_more", large);
    borough_truth(f, "benefit_cap_in_two_most_deprived_deciles", deprived);
    borough_truth(f, "benefit_cap_lsoas_with_1_to_4", few_n);
    free(by_lsoa);
    free(list);
}

/* HMOs round which, within CROWD_M and themselves among them, more than one home in ten is an HMO: a rule that councils refuse more by. */
static int64_t crowded_hmos(const borough *b)
{
    int64_t crowded = 0;
    for (uint32_t i = 0; i < HMOS_N; i++) {
        const grid_xy at = b->addresses[b->hmos[i]].at;
        int64_t homes = 0, hmos = 0;
        for (uint32_t a = 0; a < b->addresses_n; a++)
            homes += !b->addresses[a].is_commercial && within(at, b->addresses[a].at, CROWD_M);
        for (uint32_t k = 0; k < HMOS_N; k++)
            hmos += within(at, b->addresses[b->hmos[k]].at, CROWD_M);
        crowded += 100 * hmos > CROWD_PERCENT * homes;
    }
    return crowded;
}

static void put_hmos(const borough *b, out_file *f)
{
    int64_t *by_lsoa = must_alloc(b->lsoas_n, sizeof *by_lsoa), near = 0;
    uint32_t most = 0;
    for (uint32_t i = 0; i < HMOS_N; i++) {
        near += within(b->addresses[b->hmos[i]].at, place_of(b, COLLEGE), COLLEGE_M);
        by_lsoa[b->oas[borough_oa_of_home(b, b->hmos[i])].lsoa]++;
    }
    for (uint32_t l = 1; l < b->lsoas_n; l++)
        most = by_lsoa[l] > by_lsoa[most] ? l : most;
    borough_truth(f, "rows_hmos", HMOS_N);
    borough_truth(f, "hmos_within_500_m_of_college", near);
    borough_truth(f, "hmos_in_a_crowd", crowded_hmos(b));
    borough_truth_text(f, "lsoa_with_most_hmos", borough_code(AREA_LSOA, most).text);
    borough_truth(f, "lsoa_with_most_hmos_n", by_lsoa[most]);
    free(by_lsoa);
}

void borough_truths_lives(const borough *b, out_file *f)
{
    put_schools(b, f);
    put_capped(b, f);
    put_hmos(b, f);
}
