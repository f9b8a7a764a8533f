/*
 * Grid references. Letters number the squares of a 5 by 5 grid from the north-west, I left out; the National Grid has two levels of them,
 * and its false origin lies two squares of 500 km east and one north of the first level's south-west corner: in S.
 */
#include "geo/gridref.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SQUARE_M 100000
#define TETRAD_M 2000
#define MOST_DIGITS 10

static const char LETTERS[] = "ABCDEFGHJKLMNOPQRSTUVWXYZ"; /* of squares, row by row from the north */
static const char DINTY[] = "ABCDEFGHIJKLMNPQRSTUVWXYZ";   /* of tetrads, column by column from the south */

/* Squares of 100 km from the false origin. */
typedef struct square {
    int east, north;
} square;

static square extent(geo_grid grid)
{
    return grid == GEO_GRID_BRITAIN ? (square){7, 13} : (square){5, 5};
}

static bool letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- reading ---- */

/* A text apart: letters, digits in groups divided by blanks, a letter of a tetrad. Capitals. */
typedef struct parts {
    char letters[3];
    size_t letters_n;
    char digits[MOST_DIGITS];
    size_t digits_n;
    size_t first_n; /* digits before the blank between the halves; 0: there is none */
    char tetrad;
} parts;

static const char SHAPE[] = "a grid reference must be one or two letters and up to 10 digits, or two digits and the letter of a tetrad";

static const char *take_apart(const char *s, size_t n, parts *p)
{
    bool gap = false;
    *p = (parts){.letters = ""};
    for (size_t i = 0; i < n; i++) {
        const char c = s[i] >= 'a' && s[i] <= 'z' ? (char)(s[i] - 'a' + 'A') : s[i];
        if (c == ' ' || c == '\t') {
            gap = true;
            continue;
        }
        if (p->tetrad)
            return SHAPE;
        if (digit(c)) {
            if (p->letters_n == 0 || p->digits_n == MOST_DIGITS)
                return SHAPE;
            if (gap && p->digits_n && p->first_n)
                return "the digits of a grid reference must be in one piece, or in two";
            if (gap && p->digits_n)
                p->first_n = p->digits_n;
            p->digits[p->digits_n++] = c;
        } else if (letter(c) && p->digits_n == 0 && p->letters_n < 2 && !(gap && p->letters_n)) {
            p->letters[p->letters_n++] = c;
        } else if (letter(c) && p->digits_n) {
            p->tetrad = c;
        } else {
            return SHAPE;
        }
        gap = false;
    }
    if (p->letters_n == 0 || (p->tetrad && p->digits_n != 2))
        return SHAPE;
    if (p->digits_n % 2)
        return "a grid reference must have as many digits for the northing as for the easting, and has an odd number of them";
    return p->first_n && p->first_n * 2 != p->digits_n ? "the halves of a grid reference must have as many digits" : NULL;
}

static bool find_square(const parts *p, square *out)
{
    const char *first = strchr(LETTERS, p->letters[0]), *second = p->letters_n == 2 ? strchr(LETTERS, p->letters[1]) : first;
    if (!first || !second)
        return false;
    const int a = (int)(first - LETTERS), b = (int)(second - LETTERS);
    *out = (square){b % 5, 4 - b / 5};
    if (p->letters_n == 2) {
        out->east += (a % 5 - 2) * 5;
        out->north += (3 - a / 5) * 5;
    }
    const square all = extent(p->letters_n == 2 ? GEO_GRID_BRITAIN : GEO_GRID_IRELAND);
    return out->east >= 0 && out->north >= 0 && out->east < all.east && out->north < all.north;
}

geo_status geo_gridref_parse(const char *s, size_t n, geo_gridref *out, geo_err *err)
{
    parts p;
    square at;
    const char *wrong = take_apart(s, n, &p);
    if (wrong)
        return geo_err_set(err, GEO_EFORMAT, "%s", wrong);
    if (!find_square(&p, &at))
        return geo_err_set(err, GEO_EFORMAT, "the letters of a grid reference are none of the %s",
                           p.letters_n == 2 ? "National Grid" : "Irish Grid");
    geo_gridref r = {p.letters_n == 2 ? GEO_GRID_BRITAIN : GEO_GRID_IRELAND, at.east * SQUARE_M, at.north * SQUARE_M, SQUARE_M};
    for (size_t i = 0; i < p.digits_n / 2; i++) {
        r.size_m /= 10;
        r.easting += (p.digits[i] - '0') * r.size_m;
        r.northing += (p.digits[p.digits_n / 2 + i] - '0') * r.size_m;
    }
    if (p.tetrad) {
        const char *t = strchr(DINTY, p.tetrad);
        if (!t)
            return geo_err_set(err, GEO_EFORMAT, "there is no tetrad O");
        r.size_m = TETRAD_M;
        r.easting += (int32_t)(t - DINTY) / 5 * TETRAD_M;
        r.northing += (int32_t)(t - DINTY) % 5 * TETRAD_M;
    }
    *out = r;
    return GEO_OK;
}

/* ---- writing ---- */

size_t geo_gridref_print(geo_grid grid, double easting, double northing, int32_t size_m, char out[GEO_GRIDREF_ROOM])
{
    static const int32_t SIZES[] = {100000, 10000, 1000, 100, 10, 1};
    const square all = extent(grid);
    int digits_n = 0; /* of each half */
    while (digits_n < 6 && SIZES[digits_n] != size_m)
        digits_n++;
    if (size_m == TETRAD_M)
        digits_n = 1;
    if (digits_n == 6 || !(easting >= 0 && northing >= 0 && easting < all.east * SQUARE_M && northing < all.north * SQUARE_M))
        return 0;
    const int32_t e = (int32_t)easting, n = (int32_t)northing, within_e = e % SQUARE_M, within_n = n % SQUARE_M;
    const int east = e / SQUARE_M, north = n / SQUARE_M;
    char letters[3] = {LETTERS[(4 - north % 5) * 5 + east % 5], '\0', '\0'};
    if (grid == GEO_GRID_BRITAIN) {
        letters[1] = letters[0];
        letters[0] = LETTERS[(3 - north / 5) * 5 + east / 5 + 2];
    }
    if (digits_n == 0)
        return (size_t)snprintf(out, GEO_GRIDREF_ROOM, "%s", letters);
    if (size_m == TETRAD_M) {
        const char tetrad = DINTY[within_e % 10000 / TETRAD_M * 5 + within_n % 10000 / TETRAD_M];
        return (size_t)snprintf(out, GEO_GRIDREF_ROOM, "%s%d%d%c", letters, within_e / 10000, within_n / 10000, tetrad);
    }
    return (size_t)snprintf(out, GEO_GRIDREF_ROOM, "%s %0*d %0*d", letters, digits_n, within_e / size_m, digits_n, within_n / size_m);
}
