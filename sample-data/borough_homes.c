/*
 * Postcodes and addresses: a postcode is one side-to-side street of about twenty addresses within one output area.
 *
 * No address stands on a border, so that users put on border vertices later are the only points there.
 */
#include "borough.h"

#include "must.h"

#include <stdio.h>
#include <string.h>

enum { ADDRESSES_LEAST = 44, ADDRESSES_MOST = 56, PER_POSTCODE = 21, TRIES_NEARBY = 40 };
static const double HOUSE_WIDTH_M = 11, STREET_HALF_WIDTH_M = 9, JITTER_M = 2, NEARBY_M = 90;
static const double TERMINATED_PER_OA = 0.12; /* of some 2.4 postcodes: one in twenty */

static const char INWARD[] = "ABDEFGHJLNPQRSTUWXYZ"; /* not C I K M O V */
enum { INWARD_N = sizeof INWARD - 1, UNITS_N = INWARD_N * INWARD_N };

static const char *const STREETS[] = {
    "Sprat",   "Bobbin", "Tallow",   "Larkspur", "Gannet", "Cordage", "Thimble", "Marram", "Oakum",   "Pilchard", "Juniper",
    "Bellows", "Curlew", "Drover",   "Hawser",   "Teasel", "Windle",  "Cobbler", "Linnet", "Capstan", "Gorse",    "Ferryman",
    "Sickle",  "Anvil",  "Whimbrel", "Barley",   "Skep",   "Rudder",  "Fennel",  "Plover", "Cooper",  "Samphire",
};
static const char *const KINDS[] = {"Street", "Road", "Lane", "Close", "Avenue", "Terrace", "Row", "Way"};
enum { STREETS_N = sizeof STREETS / sizeof *STREETS, KINDS_N = sizeof KINDS / sizeof *KINDS };

/* Where the next postcode's text comes from: a sector has 400 units, of which some are left out. */
typedef struct sector {
    unsigned district, digit, unit;
} sector;

const char *borough_street(uint32_t street)
{
    return STREETS[street / KINDS_N % STREETS_N];
}

const char *borough_street_kind(uint32_t street)
{
    return KINDS[street % KINDS_N];
}

uint64_t borough_uprn(size_t home)
{
    return UINT64_C(999000000001) + home; /* twelve digits beginning 999: none is in use */
}

void borough_draw_postcode(const char area[3], char text[9], geo_random *r)
{
    const unsigned district = (unsigned)draw_between(r, 1, 5), digit = (unsigned)draw_between(r, 0, 9);
    const unsigned unit = (unsigned)geo_random_below(r, UNITS_N);
    snprintf(text, 9, "%.2s%u %u%c%c", area, district % 10, digit % 10, INWARD[unit / INWARD_N], INWARD[unit % INWARD_N]);
}

static bool strictly_inside(const borough *b, uint32_t area, grid_xy p)
{
    return shapes_hold(&b->oa_shapes, area, p) && !shapes_touch(&b->oa_shapes, area, p);
}

/* Anywhere in the OA; an OA is a good part of its box, so a few draws do. */
static grid_xy draw_inside(const borough *b, uint32_t area, geo_random *r)
{
    const shapes *s = &b->oa_shapes;
    const shape_ring *first = &s->rings[s->area_rings[area]], *end = s->rings + s->area_rings[area + 1];
    grid_xy low = s->xy[first->first], high = low;
    for (const shape_ring *ring = first; ring < end; ring++)
        for (size_t i = ring->first; i < ring->first + ring->n; i++) {
            low.x = s->xy[i].x < low.x ? s->xy[i].x : low.x;
            low.y = s->xy[i].y < low.y ? s->xy[i].y : low.y;
            high.x = s->xy[i].x > high.x ? s->xy[i].x : high.x;
            high.y = s->xy[i].y > high.y ? s->xy[i].y : high.y;
        }
    grid_xy p;
    do {
        p.x = draw_between(r, low.x, high.x);
        p.y = draw_between(r, low.y, high.y);
    } while (!strictly_inside(b, area, p));
    return p;
}

static grid_xy shifted(grid_xy p, double dx_m, double dy_m)
{
    return (grid_xy){p.x + nearest(dx_m * UNITS_PER_M), p.y + nearest(dy_m * UNITS_PER_M)};
}

/* House i of n along a street through `middle`, odd numbers on one side; where the street leaves the OA, somewhere near instead. */
static grid_xy place_house(const borough *b, uint32_t area, grid_xy middle, const double way[2], uint32_t i, uint32_t n, geo_random *r)
{
    const double along = ((double)(i / 2) - (double)(n / 4)) * HOUSE_WIDTH_M + JITTER_M * (geo_random_uniform(r) - 0.5);
    const double across = (i % 2 ? STREET_HALF_WIDTH_M : -STREET_HALF_WIDTH_M) + JITTER_M * (geo_random_uniform(r) - 0.5);
    grid_xy p = shifted(middle, along * way[0] - across * way[1], along * way[1] + across * way[0]);
    for (int tries = 0; !strictly_inside(b, area, p); tries++) {
        if (tries == TRIES_NEARBY)
            return draw_inside(b, area, r);
        const double east_m = NEARBY_M * (2 * geo_random_uniform(r) - 1), north_m = NEARBY_M * (2 * geo_random_uniform(r) - 1);
        p = shifted(middle, east_m, north_m);
    }
    return p;
}

/* Each MSOA has two sectors of its own, one for the first LSOAs in it, so that postcodes ascend with the areas. */
static void enter_sector(sector *s, const lsoa *l)
{
    const unsigned district = 1 + l->msoa / 5, digit = l->msoa % 5 * 2 + (l->letter >= 3);
    if (district != s->district || digit != s->digit)
        *s = (sector){district, digit, 0};
}

static void next_text(sector *s, char text[9], geo_random *r)
{
    s->unit += (unsigned)draw_between(r, 1, 7);
    if (s->unit >= UNITS_N)
        die("no postcodes left in sector EB%u %u", s->district, s->digit);
    snprintf(text, 9, "EB%u %u%c%c", s->district % 10, s->digit % 10, INWARD[s->unit / INWARD_N], INWARD[s->unit % INWARD_N]);
}

static postcode *new_postcode(borough *b, sector *s, uint32_t area, geo_random *r)
{
    b->postcodes = must_grow(b->postcodes, &b->postcodes_room, b->postcodes_n + 1, sizeof *b->postcodes);
    postcode *p = &b->postcodes[b->postcodes_n++];
    *p = (postcode){.oa = area, .first_address = (uint32_t)b->addresses_n};
    next_text(s, p->text, r);
    p->street = (uint32_t)geo_random_below(r, STREETS_N * KINDS_N);
    p->introduced = (int)draw_between(r, 1980 * 12, 2015 * 12 + 11);
    return p;
}

static void fill_postcode(borough *b, postcode *p, uint32_t n, double shops, geo_random *r)
{
    const grid_xy middle = draw_inside(b, p->oa, r);
    double way[2];
    draw_direction(r, &way[0], &way[1]);
    b->addresses = must_grow(b->addresses, &b->addresses_room, b->addresses_n + n, sizeof *b->addresses);
    for (uint32_t i = 0; i < n; i++) {
        address *a = &b->addresses[b->addresses_n++];
        a->at = place_house(b, p->oa, middle, way, i, n, r);
        a->postcode = (uint32_t)(p - b->postcodes);
        a->number = i + 1;
        a->is_commercial = geo_random_uniform(r) < shops;
    }
    p->addresses_n = n;
    p->at = b->addresses[p->first_address + n / 2].at;
}

/* A postcode that was given up: its point is an address that has another one now. */
static void add_terminated(borough *b, sector *s, uint32_t area, geo_random *r)
{
    postcode *p = new_postcode(b, s, area, r);
    p->terminated = (int)draw_between(r, p->introduced + 12, 2024 * 12 + 11);
    p->at = b->addresses[b->oas[area].first_address + geo_random_below(r, b->oas[area].addresses_n)].at;
}

void borough_make_homes(borough *b)
{
    geo_random r;
    geo_random_init(&r, b->seed, STREAM_HOMES);
    sector s = {0, 0, 0};
    for (uint32_t area = 0; area < b->oas_n; area++) {
        oa *o = &b->oas[area];
        enter_sector(&s, &b->lsoas[o->lsoa]);
        o->first_address = (uint32_t)b->addresses_n;
        o->addresses_n = (uint32_t)draw_between(&r, ADDRESSES_LEAST, ADDRESSES_MOST);
        const double shops = 0.03 + 0.3 * borough_nearness(o->centre, borough_town(0), 350);
        const uint32_t streets_n = (o->addresses_n + PER_POSTCODE / 2) / PER_POSTCODE;
        for (uint32_t i = 0; i < streets_n; i++) {
            const uint32_t homes_n = o->addresses_n * (i + 1) / streets_n - o->addresses_n * i / streets_n;
            fill_postcode(b, new_postcode(b, &s, area, &r), homes_n, shops, &r);
        }
        if (geo_random_uniform(&r) < TERMINATED_PER_OA)
            add_terminated(b, &s, area, &r);
    }
}
