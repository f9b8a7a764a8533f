/*
 * A postcode lookup of national length, and keys to look up in it, typed as people type them.
 *
 * A number stands for each postcode of the numbering scheme below, in the order of the texts' parts; which of them are in use is drawn by
 * selection sampling (Knuth, TAOCP 2, 3.4.2, algorithm S), which gives them in order.
 */
#include "workload.h"

#include "must.h"
#include "output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Postcode areas that do not exist: 19 letters behind an E, districts 1 to 99, sectors 0 to 9, 20 x 20 units. */
static const char AREA_SECOND[] = "ABDEFGKLMOPQRSTUVWY"; /* E alone, EC, EH, EN and EX are in use; I, J, Z do not stand here */
static const char INWARD[] = "ABDEFGHJLNPQRSTUWXYZ";     /* not C I K M O V */
enum { AREAS = sizeof AREA_SECOND - 1, DISTRICTS = 99, SECTORS = 10, LETTERS = sizeof INWARD - 1, UNITS = LETTERS * LETTERS };
enum { POSTCODES = AREAS * DISTRICTS * SECTORS * UNITS, OAS_PER_AREA = 5 };

typedef enum form { FORM_PCDS, FORM_UNSPACED, FORM_LOWER, FORM_FIXED, FORM_UNKNOWN } form;

typedef struct postcode_text {
    char text[10];
} postcode_text;

/* "EB1 2CD". The fixed form has seven characters: its blank is left out after a district of two digits. */
static postcode_text print_postcode(uint32_t number, form style)
{
    const unsigned unit = number % UNITS, sector = number / UNITS % SECTORS, district = number / UNITS / SECTORS % DISTRICTS + 1;
    const bool blank = style == FORM_FIXED ? district < 10 : style != FORM_UNSPACED;
    postcode_text t;
    snprintf(t.text, sizeof t.text, "E%c%u%s%u%c%c", AREA_SECOND[number / UNITS / SECTORS / DISTRICTS % AREAS], district, blank ? " " : "",
             sector, INWARD[unit / LETTERS], INWARD[unit % LETTERS]);
    for (char *c = t.text; style == FORM_LOWER && *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + ('a' - 'A')) : *c;
    return t;
}

static uint32_t *draw_postcodes(uint64_t seed, uint32_t n)
{
    geo_random r;
    geo_random_init(&r, seed, STREAM_LOOKUP);
    uint32_t *in_use = must_alloc(n, sizeof *in_use), chosen_n = 0;
    for (uint32_t number = 0; chosen_n < n; number++)
        if (geo_random_below(&r, POSTCODES - number) < n - chosen_n)
            in_use[chosen_n++] = number;
    return in_use;
}

/* Postcodes in order are shared out among the areas in order, and within an area among its OAs. */
static void write_lookup(const workload *w, const char *outdir, const uint32_t *in_use, uint32_t n)
{
    out_file *f = out_open_plain(outdir, "lookup.csv");
    out_text(f, "postcode,oa_code,area_code\n");
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t oa = (uint32_t)((uint64_t)i * w->areas_n * OAS_PER_AREA / n);
        out_printf(f, "%s,X00%06u,X01%06u\n", print_postcode(in_use[i], FORM_PCDS).text, (unsigned)(oa + 1),
                   (unsigned)(oa / OAS_PER_AREA + 1));
    }
    out_close(f);
}

static bool contains(const uint32_t *in_use, uint32_t n, uint32_t number)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        if (in_use[mid] < number)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n && in_use[low] == number;
}

static uint32_t draw_unknown(const uint32_t *in_use, uint32_t n, geo_random *r)
{
    uint32_t number;
    do
        number = (uint32_t)geo_random_below(r, POSTCODES);
    while (contains(in_use, n, number));
    return number;
}

/* Out of a hundred: 60 as they should be, 20 without the blank, 10 in lower case, 5 in the fixed form, 5 that do not exist. */
static form draw_form(geo_random *r)
{
    const uint64_t u = geo_random_below(r, 100);
    return u < 60 ? FORM_PCDS : u < 80 ? FORM_UNSPACED : u < 90 ? FORM_LOWER : u < 95 ? FORM_FIXED : FORM_UNKNOWN;
}

static void write_keys(const workload *w, const char *outdir, const uint32_t *in_use, uint32_t n, uint64_t keys_n)
{
    geo_random r;
    geo_random_init(&r, w->seed, STREAM_KEYS);
    out_file *f = out_open_plain(outdir, "postcodes.csv");
    out_text(f, "id,postcode\n");
    for (uint64_t i = 0; i < keys_n; i++) {
        const form style = draw_form(&r);
        const uint32_t number = style == FORM_UNKNOWN ? draw_unknown(in_use, n, &r) : in_use[geo_random_below(&r, n)];
        out_int(f, (int64_t)i + 1);
        out_char(f, ',');
        out_text(f, print_postcode(number, style).text);
        out_char(f, '\n');
    }
    out_close(f);
}

void workload_write_keys(const workload *w, const char *outdir, uint64_t lookup_n, uint64_t keys_n)
{
    uint32_t *in_use = draw_postcodes(w->seed, (uint32_t)lookup_n);
    write_lookup(w, outdir, in_use, (uint32_t)lookup_n);
    write_keys(w, outdir, in_use, (uint32_t)lookup_n, keys_n);
    free(in_use);
}
