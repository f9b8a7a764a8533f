/**
 * @file postcode.h
 * United Kingdom postcodes.
 */
#ifndef GEO_POSTCODE_H
#define GEO_POSTCODE_H

#include "geo/status.h"

#include <stdbool.h>
#include <stddef.h>

GEO_BEGIN

/** Longest postcode without blanks and its NUL; with one blank and its NUL. */
#define GEO_POSTCODE_ROOM 8
#define GEO_POSTCODE_PRINT_ROOM 9

/**
 * The form to compare postcodes in: capital letters, no blanks ("sw1a 1aa" and the 7-character "SW1A1AA" become "SW1A1AA").
 *
 * Takes every form in use: A9, A99, AA9, AA99, A9A, AA9A before the inward 9AA, with any blanks in any place, and GIR 0AA. Positions are
 * checked against the letters in use there; whether such a postcode exists is a matter for a lookup.
 *
 * @param s,n  the text; NUL not needed.
 * @return length of out, 5 to 7; 0, out untouched, for what is no postcode.
 *
 * Source: BS 7666-2:2006 and the ONS Postcode Directory user guide (forms PCD7, PCD8, PCDS).
 */
GEO_API size_t geo_postcode_normalise(const char *s, size_t n, char out[GEO_POSTCODE_ROOM]);

/**
 * The postcode that was meant where O stands for 0, I for 1, or the other way round: "SO15 OAA" becomes "SO150AA", "0X1 1AA" "OX11AA".
 *
 * Letter places get letters and digit places digits, wherever they stand; nothing else is changed.
 *
 * @return length of out, 5 to 7; 0, out untouched, for what is a postcode as it stands, for what can be mended to several ("OO1" may be OO1
 *         or O01), and for what cannot be mended. A caller says when it has used one: it is a guess.
 */
GEO_API size_t geo_postcode_mend(const char *s, size_t n, char out[GEO_POSTCODE_ROOM]);

/** The sector of a normalised postcode of n characters, "M320AA" to "M32 0"; returns the length, 4 to 6. */
GEO_API size_t geo_postcode_sector(const char *normalised, size_t n, char out[GEO_POSTCODE_ROOM]);

/**
 * The form to compare sectors in, that of geo_postcode_sector ("ab10  1" becomes "AB10 1"). The last digit must stand apart: M11 is a
 * district.
 *
 * @return length of out, 4 to 6; 0, out untouched, for what is no sector.
 */
GEO_API size_t geo_postcode_sector_normalise(const char *s, size_t n, char out[GEO_POSTCODE_ROOM]);

/** Write a normalised postcode of n characters with one blank before its inward part (PCDS); returns the length. */
GEO_API size_t geo_postcode_print(const char *normalised, size_t n, char out[GEO_POSTCODE_PRINT_ROOM]);

GEO_END
#endif
