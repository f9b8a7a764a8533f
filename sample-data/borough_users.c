/*
 * Service users: 20,000 rows as a council's own list would have them, with the faults that such lists have, each planted in a known
 * number of rows and never two in one row. An area that should show hardly anybody gets exactly three.
 */
#include "borough.h"

#include "must.h"

#include <stdlib.h>
#include <string.h>

enum { BANDS_N = 6, DAYS_N = 4018 /* 2015 to 2025 */, NODE_USERS = 5 };
static const uint64_t UPRN_ELSEWHERE = UINT64_C(999900000001);

static const char *const BANDS[BANDS_N] = {"0-15", "16-24", "25-44", "45-64", "65-74", "75+"};

static const struct {
    const char *name;
    uint32_t users_n;
    double band[BANDS_N]; /* running shares */
    int64_t visits_most, pence_most;
} SERVICES[SERVICES_N] = {
    [ADULT_CARE] = {"adult_care", 4000, {0, 0.05, 0.16, 0.34, 0.55, 1}, 80, 900000},
    [LIBRARY] = {"library", 7000, {0.25, 0.38, 0.60, 0.77, 0.90, 1}, 60, 1500},
    [HOUSING] = {"housing", 4000, {0, 0.17, 0.58, 0.86, 0.94, 1}, 12, 60000},
    [LEISURE] = {"leisure", 3000, {0.12, 0.30, 0.66, 0.88, 0.96, 1}, 150, 45000},
    [YOUTH] = {"youth", 2000, {0.78, 1, 1, 1, 1, 1}, 40, 2500},
};

static const struct {
    planted kind;
    const char *name;
    uint32_t users_n;
} PLAN[] = {
    {PLANTED_SPARSE_LSOA, "sparse_lsoa", 3},
    {PLANTED_NO_COORDINATES, "no_coordinates", 60},
    {PLANTED_OUTSIDE, "outside", 40},
    {PLANTED_LETTER_O, "letter_o", 25},
    {PLANTED_TYPING, "typing", 200},
    {PLANTED_NO_SUCH_POSTCODE, "no_such_postcode", 12},
    {PLANTED_BORDER_VERTEX, "border_vertex", 30},
    {PLANTED_QUOTED_NOTE, "quoted_note", 5},
    {PLANTED_NEWLINE_NOTE, "newline_note", 1},
    {PLANTED_FOREIGN_NOTE, "foreign_note", 8},
};
enum { PLAN_N = sizeof PLAN / sizeof *PLAN };

static const char *const QUOTED_NOTES[] = {"Prefers mornings, not Fridays", "Says \"ring twice\" at the door", "Ramp, rail and step fitted",
                                           "Known as \"Bo\", large print", "Key with Neil, flat 2"};
static const char *const NEWLINE_NOTE = "Telephone first\nLeave a card if out";
static const char *const FOREIGN_NOTES[] = {"Siân collects for her", "Zoë from the choir", "café group", "speaks Español",
                                            "Łukasz interprets",     "Übung on Tuesdays",  "née Fennel", "for Ngọc’s class"};

/* Who may be drawn for a service: running sums over all addresses. */
typedef struct lots {
    double *running[SERVICES_N];
} lots;

const char *borough_service_name(service s)
{
    return SERVICES[s].name;
}

const char *borough_planted_name(planted p)
{
    for (int i = 0; i < PLAN_N; i++)
        if (PLAN[i].kind == p)
            return PLAN[i].name;
    return "";
}

uint32_t borough_oa_of_home(const borough *b, uint32_t home)
{
    return b->postcodes[b->addresses[home].postcode].oa;
}

static bool in_sparse_lsoa(const borough *b, uint32_t area)
{
    return b->oas[area].lsoa == b->sparse_lsoa;
}

static double nearness_to_library(const borough *b, grid_xy p)
{
    double best = 0;
    for (uint32_t k = 0; k < LIBRARIES_N; k++) {
        const double near = borough_nearness(p, b->postcodes[b->libraries[k].postcode].at, 600);
        best = near > best ? near : best;
    }
    return best;
}

/* What is planted about demand: care and housing follow deprivation, library use the distance, leisure the lack of deprivation. */
static double weight_of(const borough *b, service s, uint32_t home)
{
    const uint32_t area = borough_oa_of_home(b, home);
    const double d = b->oas[area].deprivation;
    if (b->addresses[home].is_commercial || in_sparse_lsoa(b, area))
        return 0;
    switch (s) {
    case ADULT_CARE: return 0.25 + 2.5 * d * d;
    case LIBRARY: return 0.10 + 2.0 * nearness_to_library(b, b->addresses[home].at);
    case HOUSING: return 0.08 + 4.0 * d * d;
    case LEISURE: return 1.2 - d;
    default: return 0.4 + 0.6 * d;
    }
}

static lots prepare_lots(const borough *b)
{
    lots l;
    for (int s = 0; s < SERVICES_N; s++) {
        double sum = 0;
        l.running[s] = must_alloc(b->addresses_n, sizeof *l.running[s]);
        for (uint32_t a = 0; a < b->addresses_n; a++)
            l.running[s][a] = sum += weight_of(b, (service)s, a);
    }
    return l;
}

/* The user lives at the address: everything about place follows. */
static void settle(const borough *b, user *u, uint32_t home)
{
    u->uprn = borough_uprn(home);
    u->at = b->addresses[home].at;
    u->oa = borough_oa_of_home(b, home);
    memcpy(u->postcode, b->postcodes[b->addresses[home].postcode].text, sizeof u->postcode);
}

static void draw_habits(user *u, geo_random *r)
{
    const double age = geo_random_uniform(r), often = geo_random_uniform(r), much = geo_random_uniform(r);
    int band = 0;
    while (age >= SERVICES[u->service].band[band])
        band++;
    u->age_band = BANDS[band];
    u->visits = 1 + (int64_t)((double)SERVICES[u->service].visits_most * often * often);
    u->spend_pence = (int64_t)((double)SERVICES[u->service].pence_most * much * much * much);
    u->registered_days = draw_between(r, 0, DAYS_N - 1);
    u->note = "";
}

static void draw_users(borough *b, const lots *l)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_USERS);
    uint32_t *order = must_alloc(USERS_N, sizeof *order), n = 0;
    for (uint32_t i = 0; i < USERS_N; i++)
        order[i] = i;
    draw_shuffle(&r, order, USERS_N);
    for (int s = 0; s < SERVICES_N; s++)
        for (uint32_t i = 0; i < SERVICES[s].users_n; i++)
            b->users[order[n++]].service = (service)s;
    for (uint32_t i = 0; i < USERS_N; i++) {
        settle(b, &b->users[i], draw_weighted(&r, l->running[b->users[i].service], (uint32_t)b->addresses_n));
        draw_habits(&b->users[i], &r);
    }
    free(order);
}

static void plant_sparse(const borough *b, user *u, geo_random *r)
{
    uint32_t a;
    do
        a = (uint32_t)geo_random_below(r, b->addresses_n);
    while (b->addresses[a].is_commercial || !in_sparse_lsoa(b, borough_oa_of_home(b, a)));
    settle(b, u, a);
}

/* Somewhere in the box round the borough, yet out of it, with an address that is not the council's. */
static void plant_outside(const borough *b, user *u, uint32_t i, geo_random *r)
{
    const shapes *whole = &b->whole_shapes;
    grid_xy low = whole->xy[0], high = low;
    for (size_t k = 0; k < whole->xy_n; k++) {
        low.x = whole->xy[k].x < low.x ? whole->xy[k].x : low.x;
        low.y = whole->xy[k].y < low.y ? whole->xy[k].y : low.y;
        high.x = whole->xy[k].x > high.x ? whole->xy[k].x : high.x;
        high.y = whole->xy[k].y > high.y ? whole->xy[k].y : high.y;
    }
    do {
        u->at.x = draw_between(r, low.x, high.x);
        u->at.y = draw_between(r, low.y, high.y);
    } while (shapes_hold(whole, 0, u->at) || shapes_touch(whole, 0, u->at));
    u->oa = NO_AREA;
    u->uprn = UPRN_ELSEWHERE + i;
    borough_draw_postcode("EZ", u->postcode, r);
}

static void to_lower(char *s)
{
    for (; *s; s++)
        *s = *s >= 'A' && *s <= 'Z' ? (char)(*s + ('a' - 'A')) : *s;
}

static void drop_blank(char *s)
{
    char *to = s;
    for (; *s; s++)
        if (*s != ' ')
            *to++ = *s;
    *to = '\0';
}

/* Only the digit after the blank can be 0. Fifteen with nothing else amiss, five in lower case as well, five without the blank. */
static void plant_letter_o(const borough *b, user *u, uint32_t i, const lots *l, geo_random *r)
{
    while (!strchr(u->postcode, '0'))
        settle(b, u, draw_weighted(r, l->running[u->service], (uint32_t)b->addresses_n));
    *strchr(u->postcode, '0') = 'O';
    if (i >= 15 && i < 20)
        to_lower(u->postcode);
    if (i >= 20)
        drop_blank(u->postcode);
}

/* A hundred in lower case, sixty without the blank, forty with both. */
static void plant_typing(user *u, uint32_t i)
{
    if (i < 100 || i >= 160)
        to_lower(u->postcode);
    if (i >= 100)
        drop_blank(u->postcode);
}

static void plant_no_such_postcode(const borough *b, user *u, geo_random *r)
{
    bool exists;
    do {
        borough_draw_postcode("EB", u->postcode, r);
        exists = false;
        for (size_t i = 0; i < b->postcodes_n && !exists; i++)
            exists = strcmp(b->postcodes[i].text, u->postcode) == 0;
    } while (exists);
}

static bool borders(const borough *b, const partition_arc *arc, uint32_t area)
{
    return b->oa_of_cell[arc->left] == area || (arc->right != NO_AREA && b->oa_of_cell[arc->right] == area);
}

static bool is_new_place(const borough *b, const user *u, grid_xy at)
{
    for (uint32_t i = 0; i < USERS_N; i++)
        if (&b->users[i] != u && b->users[i].at.x == at.x && b->users[i].at.y == at.y)
            return false;
    return true;
}

/* A vertex between two OAs that may be used, or one in which three areas meet when `node`. */
static bool try_vertex(const borough *b, const partition_arc *arc, bool node, geo_random *r, grid_xy *at)
{
    if (arc->right == NO_AREA || b->oa_of_cell[arc->left] == b->oa_of_cell[arc->right] || arc->n < 3)
        return false;
    *at = b->partition.xy[arc->first + (node ? 0 : (size_t)draw_between(r, 1, (int64_t)arc->n - 2))];
    const uint32_t area = shapes_locate(&b->oa_shapes, *at);
    return area != NO_AREA && !in_sparse_lsoa(b, area);
}

static uint32_t nearest_home(const borough *b, uint32_t area, grid_xy at)
{
    const oa *o = &b->oas[area];
    uint32_t best = o->first_address;
    for (uint32_t a = best; a < o->first_address + o->addresses_n; a++) {
        const bool nearer = borough_distance_m(b->addresses[a].at, at) < borough_distance_m(b->addresses[best].at, at);
        if (!b->addresses[a].is_commercial && (nearer || b->addresses[best].is_commercial))
            best = a;
    }
    return best;
}

/* The first on the enclave's border, the last few where areas meet; by address the user lives in the OA that owns the point. */
static void plant_border_vertex(const borough *b, user *u, uint32_t i, uint32_t n, geo_random *r)
{
    grid_xy at;
    const partition_arc *arc;
    do
        arc = &b->partition.arcs[geo_random_below(r, b->partition.arcs_n)];
    while ((i == 0 && !borders(b, arc, b->enclave)) || !try_vertex(b, arc, i + NODE_USERS >= n, r, &at) || !is_new_place(b, u, at));
    const uint32_t area = shapes_locate(&b->oa_shapes, at);
    settle(b, u, nearest_home(b, area, at));
    u->at = at;
}

static void plant(const borough *b, user *u, planted kind, uint32_t i, uint32_t n, const lots *l, geo_random *r)
{
    u->planted = kind;
    switch (kind) {
    case PLANTED_SPARSE_LSOA: plant_sparse(b, u, r); break;
    case PLANTED_NO_COORDINATES: u->oa = NO_AREA; break;
    case PLANTED_OUTSIDE: plant_outside(b, u, i, r); break;
    case PLANTED_LETTER_O: plant_letter_o(b, u, i, l, r); break;
    case PLANTED_TYPING: plant_typing(u, i); break;
    case PLANTED_NO_SUCH_POSTCODE: plant_no_such_postcode(b, u, r); break;
    case PLANTED_BORDER_VERTEX: plant_border_vertex(b, u, i, n, r); break;
    case PLANTED_QUOTED_NOTE: u->note = QUOTED_NOTES[i]; break;
    case PLANTED_NEWLINE_NOTE: u->note = NEWLINE_NOTE; break;
    case PLANTED_FOREIGN_NOTE: u->note = FOREIGN_NOTES[i]; break;
    default: break;
    }
}

void borough_make_users(borough *b)
{
    b->users = must_alloc(USERS_N, sizeof *b->users);
    lots l = prepare_lots(b);
    draw_users(b, &l);
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_FAULTS);
    uint32_t *order = must_alloc(USERS_N, sizeof *order), next = 0;
    for (uint32_t i = 0; i < USERS_N; i++)
        order[i] = i;
    draw_shuffle(&r, order, USERS_N);
    for (int k = 0; k < PLAN_N; k++)
        for (uint32_t i = 0; i < PLAN[k].users_n; i++)
            plant(b, &b->users[order[next++]], PLAN[k].kind, i, PLAN[k].users_n, &l, &r);
    free(order);
    for (int s = 0; s < SERVICES_N; s++)
        free(l.running[s]);
}
