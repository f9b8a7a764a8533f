/* The files, row by row. Coordinates have one decimal, the grid's own, so text and number are the same thing. */
#include "borough.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const WARD_NAMES[WARDS_N] = {
    "Beacon Down", "Tern Sands",    "Lantern Hill", "Abbot's Reach",   "Marl Pits", "Quay, North", "Ropewalk",
    "Old Mill",    "Three Crosses", "Withy Bed",    "Fisher & Wherry", "Copperas",  "Market",      "Quay, South",
    "Hollow Oak",  "Kilnfield",     "Pennywhistle", "Drovers' Gate",   "Saltmarsh", "Eel Pie",
};

static const char *const IMD_COLUMNS =
    "lsoa_code,imd_score,imd_rank,imd_decile,income_score,employment_score,education_score,health_score,crime_score,housing_score,"
    "environment_score\n";

area_name borough_msoa_name(uint32_t index)
{
    area_name name;
    snprintf(name.text, sizeof name.text, "Exemplar %03u", (unsigned)(index + 1));
    return name;
}

area_name borough_lsoa_name(const borough *b, uint32_t index)
{
    area_name name;
    snprintf(name.text, sizeof name.text, "Exemplar %03u%c", (unsigned)(b->lsoas[index].msoa + 1), 'A' + (char)b->lsoas[index].letter);
    return name;
}

const char *borough_ward_name(const borough *b, uint32_t ward)
{
    return ward == b->harbour_ward ? "Harbour" : WARD_NAMES[ward];
}

/* Three, or two where fewer people live. */
int borough_councillors(const borough *b, uint32_t ward)
{
    int64_t here = 0, all = 0;
    for (uint32_t i = 0; i < b->oas_n; i++) {
        all += b->oas[i].population;
        here += b->oas[i].ward == ward ? b->oas[i].population : 0;
    }
    return here * WARDS_N * 20 < all * 19 ? 2 : 3;
}

void borough_put_point(out_file *f, grid_xy p, char between)
{
    out_fixed(f, p.x, 1);
    out_char(f, between);
    out_fixed(f, p.y, 1);
}

static void put_vertices(out_file *f, const grid_xy *ring, size_t n)
{
    out_char(f, '[');
    for (size_t i = 0; i < n; i++) {
        out_text(f, i ? ",[" : "[");
        borough_put_point(f, ring[i], ',');
        out_char(f, ']');
    }
    out_char(f, ']');
}

/* A shell begins a polygon, the holes behind it go on with it. One part is a Polygon, more a MultiPolygon. */
void borough_put_polygon(out_file *f, const shapes *s, uint32_t area)
{
    const size_t first = s->area_rings[area], end = s->area_rings[area + 1];
    size_t parts_n = 0;
    for (size_t i = first; i < end; i++)
        parts_n += !s->rings[i].is_hole;
    out_printf(f, "},\"geometry\":{\"type\":\"%s\",\"coordinates\":%s", parts_n > 1 ? "MultiPolygon" : "Polygon", parts_n > 1 ? "[" : "");
    for (size_t i = first; i < end; i++) {
        out_text(f, i == first ? "[" : s->rings[i].is_hole ? "," : "],[");
        put_vertices(f, s->xy + s->rings[i].first, s->rings[i].n);
    }
    out_text(f, parts_n > 1 ? "]]}}" : "]}}");
}

void borough_put_line(out_file *f, const grid_xy *xy, size_t n)
{
    out_text(f, "},\"geometry\":{\"type\":\"LineString\",\"coordinates\":");
    put_vertices(f, xy, n);
    out_text(f, "}}");
}

void borough_put_place(out_file *f, grid_xy p)
{
    out_text(f, "},\"geometry\":{\"type\":\"Point\",\"coordinates\":[");
    borough_put_point(f, p, ',');
    out_text(f, "]}}");
}

out_file *borough_layer_open(out_folder *folder, const char *name)
{
    char file_name[40];
    snprintf(file_name, sizeof file_name, "%s.geojson.gz", name);
    out_file *f = out_open(folder, file_name, "open");
    out_printf(f,
               "{\"type\":\"FeatureCollection\",\"name\":\"%s\","
               "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"urn:ogc:def:crs:EPSG::27700\"}},\"features\":[\n",
               name);
    return f;
}

void borough_feature_begin(out_file *f, size_t index)
{
    out_text(f, index ? ",\n{\"type\":\"Feature\",\"properties\":{" : "{\"type\":\"Feature\",\"properties\":{");
}

void borough_layer_close(out_file *f)
{
    out_text(f, "\n]}\n");
    out_close(f);
}

static void put_properties(out_file *f, const borough *b, enum area_kind kind, uint32_t i)
{
    const area_code code = borough_code(kind, i), whole = borough_code(AREA_BOROUGH, 0);
    if (kind == AREA_OA) {
        const oa *o = &b->oas[i];
        out_printf(f, "\"oa_code\":\"%s\",\"lsoa_code\":\"%s\",\"msoa_code\":\"%s\",", code.text, borough_code(AREA_LSOA, o->lsoa).text,
                   borough_code(AREA_MSOA, o->msoa).text);
        out_printf(f, "\"ward_code\":\"%s\",\"borough_code\":\"%s\"", borough_code(AREA_WARD, o->ward).text, whole.text);
    } else if (kind == AREA_LSOA) {
        out_printf(f, "\"lsoa_code\":\"%s\",\"lsoa_name\":\"%s\",\"msoa_code\":\"%s\"", code.text, borough_lsoa_name(b, i).text,
                   borough_code(AREA_MSOA, b->lsoas[i].msoa).text);
    } else if (kind == AREA_MSOA) {
        out_printf(f, "\"msoa_code\":\"%s\",\"msoa_name\":\"%s\"", code.text, borough_msoa_name(i).text);
    } else if (kind == AREA_WARD) { /* no name holds what JSON would have escaped */
        out_printf(f, "\"ward_code\":\"%s\",\"ward_name\":\"%s\",\"councillors\":%d", code.text, borough_ward_name(b, i),
                   borough_councillors(b, i));
    } else {
        out_printf(f, "\"borough_code\":\"%s\",\"borough_name\":\"Exemplar Borough\"", code.text);
    }
}

static void write_level(const borough *b, out_folder *folder, const char *name, enum area_kind kind, const shapes *s)
{
    out_file *f = borough_layer_open(folder, name);
    for (uint32_t i = 0; i < s->areas_n; i++) {
        borough_feature_begin(f, i);
        put_properties(f, b, kind, i);
        borough_put_polygon(f, s, i);
    }
    borough_layer_close(f);
}

void borough_write_areas(const borough *b, out_folder *folder)
{
    write_level(b, folder, "oa", AREA_OA, &b->oa_shapes);
    write_level(b, folder, "lsoa", AREA_LSOA, &b->lsoa_shapes);
    write_level(b, folder, "msoa", AREA_MSOA, &b->msoa_shapes);
    write_level(b, folder, "ward", AREA_WARD, &b->ward_shapes);
    write_level(b, folder, "borough", AREA_BOROUGH, &b->whole_shapes);
}

static void write_lookup(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "lookup_oa.csv.gz", "open");
    out_text(f, "oa_code,lsoa_code,lsoa_name,msoa_code,msoa_name,ward_code,ward_name,borough_code\n");
    for (uint32_t i = 0; i < b->oas_n; i++) {
        const oa *o = &b->oas[i];
        out_printf(f, "%s,%s,%s,%s,%s,%s,", borough_code(AREA_OA, i).text, borough_code(AREA_LSOA, o->lsoa).text,
                   borough_lsoa_name(b, o->lsoa).text, borough_code(AREA_MSOA, o->msoa).text, borough_msoa_name(o->msoa).text,
                   borough_code(AREA_WARD, o->ward).text);
        out_csv(f, borough_ward_name(b, o->ward));
        out_printf(f, ",%s\n", borough_code(AREA_BOROUGH, 0).text);
    }
    out_close(f);
}

static void write_deprivation(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "imd.csv.gz", "open");
    out_text(f, IMD_COLUMNS);
    for (uint32_t i = 0; i < b->lsoas_n; i++) {
        const lsoa *l = &b->lsoas[i];
        out_printf(f, "%s,", borough_code(AREA_LSOA, i).text);
        out_fixed(f, l->score, 3);
        out_printf(f, ",%u,%u", (unsigned)l->rank, (unsigned)l->decile);
        for (int d = 0; d < DOMAINS_N; d++) {
            out_char(f, ',');
            out_fixed(f, l->domain[d], 3);
        }
        out_char(f, '\n');
    }
    out_close(f);
}

static void write_census(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "census_oa.csv.gz", "open");
    out_text(f, "oa_code,population,households,age_0_15,age_16_64,age_65_plus,no_car_households,social_rented,unemployed,long_term_ill,"
                "one_person_households\n");
    for (uint32_t i = 0; i < b->oas_n; i++) {
        const oa *o = &b->oas[i];
        const int64_t counts[] = {o->population, o->households,    o->age_0_15,   o->age_16_64,     o->age_65_plus,
                                  o->no_car,     o->social_rented, o->unemployed, o->long_term_ill, o->one_person};
        out_text(f, borough_code(AREA_OA, i).text);
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
            out_printf(f, ",%" PRId64, counts[k]);
        out_char(f, '\n');
    }
    out_close(f);
}

static void put_month(out_file *f, int month)
{
    if (month)
        out_printf(f, ",%04d-%02d", month / 12, month % 12 + 1);
    else
        out_char(f, ',');
}

static void write_postcodes(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "postcodes.csv.gz", "open");
    out_text(f, "postcode,easting,northing,oa_code,introduced,terminated\n");
    for (size_t i = 0; i < b->postcodes_n; i++) {
        const postcode *p = &b->postcodes[i];
        out_printf(f, "%s,", p->text);
        borough_put_point(f, p->at, ',');
        out_printf(f, ",%s", borough_code(AREA_OA, p->oa).text);
        put_month(f, p->introduced);
        put_month(f, p->terminated);
        out_char(f, '\n');
    }
    out_close(f);
}

static void write_addresses(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "addresses.csv.gz", "official");
    out_text(f, "uprn,address,postcode,easting,northing,oa_code,class\n");
    for (size_t i = 0; i < b->addresses_n; i++) {
        const address *a = &b->addresses[i];
        const postcode *p = &b->postcodes[a->postcode];
        out_printf(f, "%" PRIu64 ",%u %s %s,%s,", borough_uprn(i), (unsigned)a->number, borough_street(p->street),
                   borough_street_kind(p->street), p->text);
        borough_put_point(f, a->at, ',');
        out_printf(f, ",%s,%s\n", borough_code(AREA_OA, p->oa).text, a->is_commercial ? "commercial" : "residential");
    }
    out_close(f);
}

static void write_facilities(const borough *b, out_folder *folder, const char *name, const char *figure, const facility *list, uint32_t n)
{
    out_file *f = out_open(folder, name, "open");
    out_printf(f, "name,postcode,easting,northing,%s\n", figure);
    for (uint32_t i = 0; i < n; i++) {
        const postcode *p = &b->postcodes[list[i].postcode];
        out_csv(f, list[i].name);
        out_printf(f, ",%s,", p->text);
        borough_put_point(f, p->at, ',');
        out_printf(f, ",%" PRId64 "\n", list[i].figure);
    }
    out_close(f);
}

/* As published: no row without members, and a star for fewer than five. */
static void write_members(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "library_members.csv.gz", "official");
    out_text(f, "lsoa_code,library,members\n");
    for (uint32_t i = 0; i < b->lsoas_n; i++)
        for (uint32_t k = 0; k < LIBRARIES_N; k++) {
            const int64_t members_n = b->members[(size_t)i * LIBRARIES_N + k];
            if (members_n == 0)
                continue;
            out_printf(f, "%s,", borough_code(AREA_LSOA, i).text);
            out_csv(f, b->libraries[k].name);
            if (members_n < 5)
                out_text(f, ",*\n");
            else
                out_printf(f, ",%" PRId64 "\n", members_n);
        }
    out_close(f);
}

/* The date so many days after 2015-01-01. */
void borough_put_date(out_file *f, int64_t days)
{
    static const int MONTHS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 2015, month = 0;
    for (; days >= 365 + (year % 4 == 0); year++)
        days -= 365 + (year % 4 == 0);
    for (; days >= MONTHS[month] + (month == 1 && year % 4 == 0); month++)
        days -= MONTHS[month] + (month == 1 && year % 4 == 0);
    out_printf(f, "%04d-%02d-%02d", year, month + 1, (int)days + 1);
}

static void write_users(const borough *b, out_folder *folder)
{
    out_file *f = out_open(folder, "service_users.csv.gz", "personal");
    out_text(f, "user_id,uprn,postcode,easting,northing,service,age_band,visits,registered,spend,note\n");
    for (uint32_t i = 0; i < USERS_N; i++) {
        const user *u = &b->users[i];
        out_printf(f, "U%05u,%" PRIu64 ",%s,", (unsigned)i + 1, u->uprn, u->postcode);
        if (u->planted == PLANTED_NO_COORDINATES)
            out_char(f, ',');
        else
            borough_put_point(f, u->at, ',');
        out_printf(f, ",%s,%s,%" PRId64 ",", borough_service_name(u->service), u->age_band, u->visits);
        borough_put_date(f, u->registered_days);
        out_char(f, ',');
        out_fixed(f, u->spend_pence, 2);
        out_char(f, ',');
        out_csv(f, u->note);
        out_char(f, '\n');
    }
    out_close(f);
}

void borough_write_tables(const borough *b, out_folder *folder)
{
    write_lookup(b, folder);
    write_deprivation(b, folder);
    write_census(b, folder);
    write_postcodes(b, folder);
    write_addresses(b, folder);
    write_facilities(b, folder, "libraries.csv.gz", "opened", b->libraries, LIBRARIES_N);
    write_facilities(b, folder, "gps.csv.gz", "list_size", b->surgeries, SURGERIES_N);
    write_members(b, folder);
    write_users(b, folder);
}
