/**
 * @file gss.h
 * Codes of areas as the Government Statistical Service writes them: E02001253.
 *
 * A letter for the nation, two digits for the kind of area (the entity, E02), six for the area. The letters are those of the Register of
 * Geographic Codes: E, N, S and W for the nations, J and K for what lies in several of them, L and M for the Channel Islands and the Isle
 * of Man.
 *
 * A code does not tell its year. Output areas and LSOAs of 2011 and of 2021 share one range of numbers, and an area that stayed as it was
 * kept its code; which year a table is of, only its publisher says.
 */
#ifndef GEO_GSS_H
#define GEO_GSS_H

#include "geo/status.h"

#include <stdbool.h>
#include <stddef.h>

GEO_BEGIN

/** A code and its NUL. */
#define GEO_GSS_ROOM 10

typedef struct geo_gss {
    char nation; /**< capital letter */
    int entity;  /**< 0 to 99 */
    int number;  /**< 0 to 999999 */
} geo_gss;

/**
 * The form to compare codes in: a capital letter and eight digits, no blanks ("e02 001 253" becomes "E02001253").
 *
 * @param s,n  the text; NUL not needed. Letters and digits are those of ASCII; full-width ones are not taken for them.
 * @return 9; 0, out untouched, for what is no code. Whether there is such an area is a matter for a lookup.
 */
GEO_API size_t geo_gss_normalise(const char *s, size_t n, char out[GEO_GSS_ROOM]);

/** The parts of a code in any of its forms; false, out untouched, for what is none and for codes that mean "no area". */
GEO_API bool geo_gss_parse(const char *s, size_t n, geo_gss *out);

/**
 * Does the text stand where a code should and mean that there is no such area? 999999999, and any letter before 99999999, as in the ONS
 * Postcode Directory: L99999999 in the Channel Islands, M99999999 on the Isle of Man, W99999999 for the English region of a Welsh postcode.
 */
GEO_API bool geo_gss_is_none(const char *s, size_t n);

/**
 * What codes of an entity are codes of, to put before the word "code": "MSOA", "ward", "Scottish data zone". NULL for an entity that the
 * table does not have.
 *
 * The table covers areas of the censuses (output areas, small areas, LSOA, MSOA, data zones and their kin, workplace zones), of
 * administration (parishes, wards, county divisions, districts, counties, combined authorities, regions, countries), of elections to the
 * parliaments, of health in Great Britain, of police in England and Wales, National Parks, and travel to work areas. Entities that
 * are no longer used are in it where files with them are about (N06).
 *
 * Source: ONS, Register of Geographic Codes; for Northern Ireland also the ONS Postcode Directory, in which small areas of 2011 are N00,
 * data zones of 2021 N20 and super data zones N21.
 */
GEO_API const char *geo_gss_entity_name(char nation, int entity);

GEO_END
#endif
