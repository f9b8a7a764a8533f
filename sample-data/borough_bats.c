/*
 * Bat records drawn from the likelihood surface, and planning applications, some of them near roosts.
 *
 * Records in the field and of passing bats are anywhere on land, roosts at buildings; within that, a cell is drawn in proportion to the
 * surface, and nothing else has a say. What is published is the middle of a square of the map's grid, the larger the vaguer the record.
 */
#include "borough.h"

#include "must.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROOSTS_N = 160, DISTINCT_ROOSTS_N = 120, FIELD_N = 220, KIND_ROOST = 0, KIND_FIELD = 1, KIND_PASSING = 2, FIRST_YEAR = 2016 };
enum { TRIGGER_M = 200, NEAR_ROOST_M = 50, SPECIES_N = 5, KINDS_N = 9, DECISIONS_N = 4, FINE_M = 10, DAY_OF_2023 = 2922, DAYS_N = 1096 };

static const char *const BAT_KINDS[] = {"roost", "field", "passing"};
static const struct {
    const char *name;
    double share; /* running */
} SPECIES[SPECIES_N] = {
    {"Common pipistrelle", 0.46}, {"Soprano pipistrelle", 0.70}, {"Brown long-eared bat", 0.86}, {"Daubenton's bat", 0.94}, {"Serotine", 1},
};

static const struct {
    const char *name, *suffix;
    uint32_t n;
    bool touches_roof;
} WORKS[KINDS_N] = {
    {"extension", "HOU", 150, false}, {"loft", "HOU", 110, true},           {"change of use", "FUL", 80, false},
    {"roof", "HOU", 70, true},        {"new dwelling", "FUL", 60, false},   {"trees", "TRE", 60, false},
    {"demolition", "DEM", 45, true},  {"barn conversion", "FUL", 40, true}, {"lighting", "ADV", 25, false},
};
enum { BARNS = 7 };
static const struct {
    const char *name;
    double share; /* running */
} DECISIONS[DECISIONS_N] = {{"granted", 0.80}, {"refused", 0.91}, {"withdrawn", 0.96}, {"pending", 1}};

/* A day of May to September, when bats are about. */
static int64_t draw_summer_day(geo_random *r)
{
    const int64_t year = draw_between(r, FIRST_YEAR, 2025), leap_days = (year - 2013) / 4;
    return 365 * (year - 2015) + leap_days + (year % 4 == 0) + draw_between(r, 120, 272);
}

static void blur(bat_record *bat, int64_t precision_m)
{
    const int64_t side = precision_m * UNITS_PER_M;
    bat->at = (grid_xy){bat->at.x / side * side + side / 2, bat->at.y / side * side + side / 2};
    bat->precision_m = precision_m;
}

static uint32_t draw_species(geo_random *r)
{
    const double u = geo_random_uniform(r);
    uint32_t s = 0;
    while (u >= SPECIES[s].share)
        s++;
    return s;
}

static grid_xy draw_in_cell(const double *running, geo_random *r)
{
    grid_xy p = borough_cell_middle(draw_weighted(r, running, GRID_N));
    const int64_t half = CELL_M * UNITS_PER_M / 2;
    p.x += draw_between(r, -half, half - 1);
    p.y += draw_between(r, 1 - half, half);
    return p;
}

/* One of the addresses in the cell. */
static grid_xy draw_building(const borough *b, int64_t cell, uint32_t buildings_n, geo_random *r)
{
    uint64_t skip = geo_random_below(r, buildings_n);
    size_t a = 0;
    while (borough_cell(b->addresses[a].at) != cell || skip-- > 0)
        a++;
    return b->addresses[a].at;
}

static void draw_roosts(borough *b, geo_random *r)
{
    uint32_t *buildings = must_alloc(GRID_N, sizeof *buildings);
    double *running = must_alloc(GRID_N, sizeof *running), sum = 0;
    for (size_t a = 0; a < b->addresses_n; a++)
        buildings[borough_cell(b->addresses[a].at)]++;
    for (int64_t c = 0; c < GRID_N; c++)
        running[c] = sum += buildings[c] ? b->weight[c] : 0;
    for (uint32_t i = 0; i < ROOSTS_N; i++) {
        if (i >= DISTINCT_ROOSTS_N) { /* seen again another year */
            b->bats[i] = b->bats[geo_random_below(r, DISTINCT_ROOSTS_N)];
            b->bats[i].days = draw_summer_day(r);
            continue;
        }
        const uint32_t cell = draw_weighted(r, running, GRID_N);
        b->bats[i] = (bat_record){draw_building(b, cell, buildings[cell], r), draw_species(r), KIND_ROOST, draw_summer_day(r), 0};
        blur(&b->bats[i], geo_random_uniform(r) < 0.75 ? FINE_M : 100);
    }
    free(running);
    free(buildings);
}

static void draw_others(borough *b, geo_random *r)
{
    double *running = must_alloc(GRID_N, sizeof *running), sum = 0;
    for (int64_t c = 0; c < GRID_N; c++)
        running[c] = sum += b->weight[c];
    for (uint32_t i = ROOSTS_N; i < BATS_N; i++) {
        const uint32_t kind = i < ROOSTS_N + FIELD_N ? KIND_FIELD : KIND_PASSING;
        b->bats[i] = (bat_record){draw_in_cell(running, r), draw_species(r), kind, draw_summer_day(r), 0};
        const double u = geo_random_uniform(r);
        blur(&b->bats[i], u < 0.6 ? FINE_M : u < 0.85 ? 100 : 1000);
    }
    free(running);
}

static int by_day(const void *a, const void *b)
{
    const bat_record *p = a, *q = b;
    if (p->days != q->days)
        return p->days < q->days ? -1 : 1;
    if (p->at.x != q->at.x)
        return p->at.x < q->at.x ? -1 : 1;
    if (p->at.y != q->at.y)
        return p->at.y < q->at.y ? -1 : 1;
    return p->kind != q->kind ? (p->kind > q->kind) - (p->kind < q->kind) : (p->species > q->species) - (p->species < q->species);
}

static int by_application_day(const void *a, const void *b)
{
    const application *p = a, *q = b;
    if (p->days != q->days)
        return p->days < q->days ? -1 : 1;
    if (p->kind != q->kind)
        return p->kind < q->kind ? -1 : 1;
    return p->at.x != q->at.x ? (p->at.x > q->at.x) - (p->at.x < q->at.x) : (p->at.y > q->at.y) - (p->at.y < q->at.y);
}

/* Barns are out of town; all else is at any address. */
static void draw_applications(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_PLANNING);
    double *barns = must_alloc(b->addresses_n, sizeof *barns), sum = 0;
    for (size_t a = 0; a < b->addresses_n; a++) {
        double town = 0;
        for (int i = 0; i < TOWNS_N; i++)
            town += borough_nearness(b->addresses[a].at, borough_town(i), 900);
        barns[a] = sum += town < 0.2 ? 1 : 0;
    }
    b->applications = must_alloc(APPLICATIONS_N, sizeof *b->applications);
    uint32_t n = 0;
    for (uint32_t kind = 0; kind < KINDS_N; kind++)
        for (uint32_t i = 0; i < WORKS[kind].n; i++) {
            application *p = &b->applications[n++];
            const uint32_t all = (uint32_t)b->addresses_n;
            p->at = b->addresses[kind == BARNS ? draw_weighted(&r, barns, all) : geo_random_below(&r, all)].at;
            p->kind = kind;
            p->days = DAY_OF_2023 + draw_between(&r, 0, DAYS_N - 1);
            const double u = geo_random_uniform(&r);
            while (u >= DECISIONS[p->decision].share)
                p->decision++;
        }
    qsort(b->applications, APPLICATIONS_N, sizeof *b->applications, by_application_day);
    free(barns);
}

void borough_make_bats(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_BATS);
    b->bats = must_alloc(BATS_N, sizeof *b->bats);
    draw_roosts(b, &r);
    draw_others(b, &r);
    qsort(b->bats, BATS_N, sizeof *b->bats, by_day);
    draw_applications(b);
}

/* The place of a roost is sensitive, that of a passing bat is not: the class stands in every row. */
static void write_records(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "bat_records.csv.gz", "special");
    out_text(f, "record_id,species,date,easting,northing,precision_m,kind,sdc_class\n");
    for (uint32_t i = 0; i < BATS_N; i++) {
        const bat_record *bat = &b->bats[i];
        out_printf(f, "B%04u,%s,", (unsigned)i + 1, SPECIES[bat->species].name);
        borough_put_date(f, bat->days);
        out_char(f, ',');
        borough_put_point(f, bat->at, ',');
        out_printf(f, ",%" PRId64 ",%s,%s\n", bat->precision_m, BAT_KINDS[bat->kind], bat->kind == KIND_ROOST ? "special" : "official");
    }
    out_close(f);
}

/* Numbered from 1 in each year. */
static void write_applications(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "planning_applications.csv.gz", "open");
    out_text(f, "reference,received,easting,northing,work,decision\n");
    unsigned number = 0;
    int64_t year = 0;
    for (uint32_t i = 0; i < APPLICATIONS_N; i++) {
        const application *p = &b->applications[i];
        const int64_t since = p->days - DAY_OF_2023, this_year = 23 + (since >= 365) + (since >= 365 + 366);
        number = this_year == year ? number + 1 : 1;
        year = this_year;
        out_printf(f, "EX/%" PRId64 "/%05u/%s,", year, number, WORKS[p->kind].suffix);
        borough_put_date(f, p->days);
        out_char(f, ',');
        borough_put_point(f, p->at, ',');
        out_printf(f, ",%s,%s\n", WORKS[p->kind].name, DECISIONS[p->decision].name);
    }
    out_close(f);
}

void borough_write_bats(const borough *b, out_folder *folder)
{
    write_records(b, folder);
    write_applications(b, folder);
}

/* How often the surface is higher at a record that is not vague and no roost than at a cell of land (ties: half), in thousandths. */
static int64_t area_under_curve(const borough *b, int64_t *records_n)
{
    int64_t *below = must_alloc((size_t)INT16_MAX + 2, sizeof *below), land_n = 0;
    double sum = 0;
    *records_n = 0;
    for (int64_t c = 0; c < GRID_N; c++)
        if (b->likelihood[c] != NO_DATA) {
            below[b->likelihood[c] + 1]++;
            land_n++;
        }
    for (int v = 1; v <= INT16_MAX; v++)
        below[v] += below[v - 1];
    for (uint32_t i = 0; i < BATS_N; i++) {
        if (b->bats[i].kind == KIND_ROOST || b->bats[i].precision_m > FINE_M)
            continue;
        const int v = b->likelihood[borough_cell(b->bats[i].at)];
        if (v == NO_DATA)
            continue;
        sum += (double)(below[v] + below[v + 1]) / 2;
        (*records_n)++;
    }
    free(below);
    return nearest(1000 * sum / (double)land_n / (double)*records_n);
}

/* Roosts that were not seen before, by place and species. */
static int64_t different_roosts(const borough *b)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < BATS_N; i++) {
        bool is_new = b->bats[i].kind == KIND_ROOST;
        for (uint32_t k = 0; k < i; k++) {
            const bat_record *p = &b->bats[i], *q = &b->bats[k];
            is_new &= q->kind != KIND_ROOST || q->species != p->species || q->at.x != p->at.x || q->at.y != p->at.y;
        }
        n += is_new;
    }
    return n;
}

static bool near_roost(const borough *b, grid_xy at)
{
    for (uint32_t i = 0; i < BATS_N; i++) {
        const int64_t dx = b->bats[i].at.x - at.x, dy = b->bats[i].at.y - at.y, limit = NEAR_ROOST_M * UNITS_PER_M;
        if (b->bats[i].kind == KIND_ROOST && b->bats[i].precision_m == FINE_M && dx * dx + dy * dy <= limit * limit)
            return true;
    }
    return false;
}

/* Work on a roof within TRIGGER_M of wood or water, by the rasters' cell. */
static bool is_triggered(const borough *b, const application *p)
{
    const int64_t cell = borough_cell(p->at);
    const int16_t wood_m = b->covariate[0][cell], water_m = b->covariate[1][cell];
    return WORKS[p->kind].touches_roof && ((wood_m >= 0 && wood_m <= TRIGGER_M) || (water_m >= 0 && water_m <= TRIGGER_M));
}

void borough_truths_bats(const borough *b, out_file *f)
{
    int64_t records_n, triggered = 0, near = 0, vague[3] = {0};
    const int64_t auc = area_under_curve(b, &records_n);
    for (uint32_t i = 0; i < BATS_N; i++)
        vague[b->bats[i].precision_m == FINE_M ? 0 : b->bats[i].precision_m == 100 ? 1 : 2]++;
    for (uint32_t i = 0; i < APPLICATIONS_N; i++) {
        triggered += is_triggered(b, &b->applications[i]);
        near += near_roost(b, b->applications[i].at);
    }
    borough_truth(f, "rows_bat_records", BATS_N);
    borough_truth(f, "bat_roost_records", ROOSTS_N);
    borough_truth(f, "bat_roosts", different_roosts(b));
    borough_truth(f, "bat_records_to_10_m", vague[0]);
    borough_truth(f, "bat_records_to_100_m", vague[1]);
    borough_truth(f, "bat_records_to_1000_m", vague[2]);
    borough_truth(f, "bat_records_for_auc", records_n);
    borough_truth_fixed(f, "bat_auc_of_likelihood", auc, 3);
    borough_truth(f, "rows_planning_applications", APPLICATIONS_N);
    borough_truth(f, "applications_roof_near_wood_or_water", triggered);
    borough_truth(f, "applications_within_50_m_of_a_roost", near);
}
