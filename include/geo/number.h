/**
 * @file number.h
 * Numbers in text: exact both ways, always with a decimal point, whatever the process's locale.
 */
#ifndef GEO_NUMBER_H
#define GEO_NUMBER_H

#include "geo/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

GEO_BEGIN

/** Longest text geo_number_print makes, with its NUL. */
#define GEO_NUMBER_ROOM 32

/**
 * The double nearest to the decimal number that is the whole of s[0..n), blanks around it allowed.
 *
 * @return false, *value untouched, for anything else: empty text, a trailing character, thousands commas, hexadecimal, nan, infinity, or a
 *         number too large for a double. Correctly rounded; O(n).
 */
GEO_API bool geo_number_parse(const char *s, size_t n, double *value);

/** As geo_number_parse for whole numbers that fit int64_t: digits with an optional sign, nothing else. */
GEO_API bool geo_number_parse_int(const char *s, size_t n, int64_t *value);

/**
 * Write the shortest decimal that reads back as the same double; nan and infinities give an empty text.
 *
 * Fixed notation for magnitudes in [1e-5, 1e17), scientific beyond. -0 is written as 0.
 * @return the length, below GEO_NUMBER_ROOM; s has a final NUL.
 */
GEO_API size_t geo_number_print(double value, char s[GEO_NUMBER_ROOM]);

/** Write a whole number; returns the length, s has a final NUL. */
GEO_API size_t geo_number_print_int(int64_t value, char s[GEO_NUMBER_ROOM]);

/**
 * Is the text a number, written plainly? Digits, perhaps a minus sign, perhaps a decimal point with digits on both sides; no plus sign,
 * blanks, exponent, leading zero ("007") or "-0"; whole numbers that fit int64_t, others of 15 digits at most. A whole number then prints
 * back as the same text, another as the same but for zeros at its end.
 *
 * @param whole  [out] set when true is returned: there is no decimal point.
 */
GEO_API bool geo_number_is_plain(const char *s, size_t n, bool *whole);

GEO_END
#endif
