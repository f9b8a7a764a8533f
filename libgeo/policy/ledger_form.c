/* Forms, hashes and maps of entries: see ledger_form.h. */
#include "ledger_form.h"

#include "../io/json.h"
#include "../io/text.h"
#include "geo/number.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define LARGEST_STATEMENT ((size_t)1 << 20)
#define LARGEST_RESTRICTED ((size_t)1 << 26)
#define LARGEST_CELLS ((size_t)1 << 28)
#define LARGEST_SRID 999999
#define LONGEST_SECRET_NAME 64
#define SECRET_FORM "{\"secret\": \"%s\", \"commitment\": \"%s\"}"
#define HEX "0123456789abcdef"

const char GEO_LEDGER_START[65] = "0000000000000000000000000000000000000000000000000000000000000000";

/* ---- forms ---- */

static bool is_digest(const char *s)
{
    return strlen(s) == 64 && strspn(s, HEX) == 64;
}

static bool is_object(const char *s)
{
    const size_t n = strlen(s);
    geo_json_value value;
    const char *end = geo_json_pass(geo_json_space(s), &value);
    return end && value.kind == GEO_JSON_OBJECT && geo_json_space(end) == s + n && geo_utf8_check(s, n) == n;
}

/* 2024-02-29T23:59:59Z, to the second. */
static bool is_time(const char *s)
{
    static const char FORM[] = "0000-00-00T00:00:00Z";
    static const struct {
        int at, least, most;
    } PARTS[] = {{5, 1, 12}, {8, 1, 31}, {11, 0, 23}, {14, 0, 59}, {17, 0, 60}};
    if (strlen(s) != sizeof FORM - 1)
        return false;
    for (size_t i = 0; i < sizeof FORM - 1; i++)
        if (FORM[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != FORM[i])
            return false;
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        const int value = (s[PARTS[i].at] - '0') * 10 + s[PARTS[i].at + 1] - '0';
        if (value < PARTS[i].least || value > PARTS[i].most)
            return false;
    }
    return true;
}

void geo_ledger_extent_print(const double extent[4], char text[GEO_LEDGER_EXTENT_ROOM])
{
    char number[GEO_NUMBER_ROOM];
    size_t n = 0;
    text[0] = '\0';
    if (!(extent[0] <= extent[2] && extent[1] <= extent[3]))
        return;
    for (int i = 0; i < 4; i++) {
        if (geo_number_print(extent[i], number) == 0) {
            text[0] = '\0';
            return;
        }
        n += (size_t)snprintf(text + n, GEO_LEDGER_EXTENT_ROOM - n, "%s%s", i ? " " : "", number);
    }
}

/* One way to write an extent only: what is printed again must be the same. */
static bool parse_extent(const char *text, double extent[4])
{
    char again[GEO_LEDGER_EXTENT_ROOM];
    const char *p = text;
    for (int i = 0; i < 4; i++) {
        const size_t n = strcspn(p, " ");
        if (!geo_number_parse(p, n, &extent[i]))
            return false;
        p += n + (p[n] == ' ');
    }
    geo_ledger_extent_print(extent, again);
    return *text && strcmp(text, again) == 0;
}

static bool is_kind(const char *kind)
{
    return strcmp(kind, "label") == 0 || strcmp(kind, "release") == 0 || strcmp(kind, "secret") == 0;
}

const char *geo_ledger_row_wrong(const geo_ledger_row *row, double extent[4])
{
    if (!is_kind(row->kind))
        return "its kind is none of label, release and secret";
    if (!is_time(row->time))
        return "its time is not as in 2024-02-29T23:59:59Z";
    if (*row->digest && !is_digest(row->digest))
        return "the digest of its file is not 64 hexadecimal digits";
    if (row->srid ? row->srid < 0 || row->srid > LARGEST_SRID || !parse_extent(row->extent, extent) : *row->extent != '\0')
        return "its extent is not west, south, east and north in a reference system";
    if (!is_digest(row->seal) || !is_digest(row->hash))
        return "one of its hashes is not 64 hexadecimal digits";
    if (strlen(row->statement) > LARGEST_STATEMENT || !is_object(row->statement))
        return "its statement is not a JSON object of up to 1 MiB";
    return NULL;
}

const char *geo_ledger_part_wrong(const geo_ledger_part *part)
{
    if (part->salt_n != GEO_LEDGER_SALT)
        return "the salt of its restricted part is not 32 bytes";
    if (strlen(part->restricted) > LARGEST_RESTRICTED || !is_object(part->restricted))
        return "its restricted part is not a JSON object of up to 64 MiB";
    return part->cells_n > LARGEST_CELLS ? "its cells are larger than 256 MiB" : NULL;
}

/* ---- hashes ---- */

static void add(crypto_generichash_state *state, const void *data, size_t n)
{
    crypto_generichash_update(state, data, n);
}

static void add_line(crypto_generichash_state *state, const char *text)
{
    add(state, text, strlen(text));
    add(state, "\n", 1);
}

static void finish(crypto_generichash_state *state, char hex[65])
{
    unsigned char digest[32];
    crypto_generichash_final(state, digest, sizeof digest);
    sodium_bin2hex(hex, 65, digest, sizeof digest);
    sodium_memzero(state, sizeof *state);
}

void geo_ledger_chain(const char before[65], const geo_ledger_row *row, char hash[65])
{
    crypto_generichash_state state;
    char id[GEO_NUMBER_ROOM], srid[GEO_NUMBER_ROOM];
    geo_number_print_int(row->id, id);
    geo_number_print_int(row->srid, srid);
    const char *const lines[] = {before, id, row->kind, row->time, row->digest, row->extent, srid, row->seal};
    crypto_generichash_init(&state, NULL, 0, 32);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        add_line(&state, lines[i]);
    add(&state, row->statement, strlen(row->statement));
    finish(&state, hash);
}

void geo_ledger_seal(const geo_ledger_part *part, char seal[65])
{
    crypto_generichash_state state;
    const uint64_t n = strlen(part->restricted);
    unsigned char length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)(n >> 8 * i);
    crypto_generichash_init(&state, NULL, 0, 32);
    add(&state, part->salt, part->salt_n);
    add(&state, length, sizeof length);
    add(&state, part->restricted, n);
    add(&state, part->cells, part->cells_n);
    finish(&state, seal);
}

/* ---- maps ---- */

/* The n bytes of a number, least first. */
static unsigned char *put(unsigned char *p, uint64_t value, int n)
{
    for (int i = 0; i < n; i++)
        *p++ = (unsigned char)(value >> 8 * i);
    return p;
}

static unsigned char *put_number(unsigned char *p, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return put(p, bits, 8);
}

void geo_ledger_map(const double extent[4], int64_t srid, unsigned char map[GEO_LEDGER_MAP_BYTES])
{
    static const int CORNERS[5][2] = {{0, 1}, {2, 1}, {2, 3}, {0, 3}, {0, 1}}; /* counter-clockwise */
    unsigned char *p = put(map, 0x0100, 2);                                    /* a geometry; least byte first */
    p = put(p, (uint64_t)srid, 4);
    for (int i = 0; i < 4; i++)
        p = put_number(p, extent[i]);
    p = put(p, 0x7C, 1); /* the rectangle around it ends */
    p = put(p, 3, 4);    /* polygon */
    p = put(p, 1, 4);    /* rings */
    p = put(p, 5, 4);    /* points */
    for (int i = 0; i < 5; i++)
        p = put_number(put_number(p, extent[CORNERS[i][0]]), extent[CORNERS[i][1]]);
    put(p, 0xFE, 1);
}

/* ---- secrets ---- */

bool geo_ledger_is_secret_name(const char *name)
{
    static const char GOOD[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";
    const size_t n = strlen(name);
    return n > 0 && n <= LONGEST_SECRET_NAME && strspn(name, GOOD) == n;
}

void geo_ledger_secret_state(const char *name, const unsigned char secret[GEO_LEDGER_SECRET], char text[GEO_LEDGER_STATEMENT_ROOM])
{
    unsigned char commitment[32];
    char hex[65];
    crypto_generichash(commitment, sizeof commitment, secret, GEO_LEDGER_SECRET, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, commitment, sizeof commitment);
    snprintf(text, GEO_LEDGER_STATEMENT_ROOM, SECRET_FORM, name, hex);
}

/* The name in the statement of a secret; false when it is none. */
static bool secret_name(const geo_ledger_row *row, char name[LONGEST_SECRET_NAME + 1])
{
    return strcmp(row->kind, "secret") == 0 && sscanf(row->statement, "{\"secret\": \"%64[^\"]\"", name) == 1
           && geo_ledger_is_secret_name(name);
}

bool geo_ledger_is_secret(const geo_ledger_row *row, const geo_ledger_part *part)
{
    char name[LONGEST_SECRET_NAME + 1], text[GEO_LEDGER_STATEMENT_ROOM];
    if (part->cells_n != GEO_LEDGER_SECRET || !secret_name(row, name))
        return false;
    geo_ledger_secret_state(name, part->cells, text);
    return strcmp(text, row->statement) == 0;
}

bool geo_ledger_is_secret_of(const geo_ledger_row *row, const char *wanted)
{
    char name[LONGEST_SECRET_NAME + 1];
    return secret_name(row, name) && strcmp(name, wanted) == 0;
}
