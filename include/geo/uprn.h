/**
 * @file uprn.h
 * Unique Property Reference Numbers: 1 to 12 digits, often padded with zeros to 12.
 */
#ifndef GEO_UPRN_H
#define GEO_UPRN_H

#include "geo/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

GEO_BEGIN

/** Longest UPRN without leading zeros and its NUL. */
#define GEO_UPRN_ROOM 13

/**
 * The form to compare UPRNs in: digits, no leading zeros, no blanks ("0010 0023 3369" becomes "100233369"). Two UPRNs are the same number
 * where these are the same text.
 *
 * @param s,n  the text; NUL not needed.
 * @return length of out, 1 to 12; 0, out untouched, for what is no UPRN.
 */
GEO_API size_t geo_uprn_normalise(const char *s, size_t n, char out[GEO_UPRN_ROOM]);

/**
 * Is it a number as a spreadsheet shows long ones, 1.00012E+11? Its last digits are lost, so it stands for a million properties and must not
 * be compared with anything.
 */
GEO_API bool geo_uprn_is_rounded(const char *s, size_t n);

/** The number itself. GEO_EFORMAT, with *out untouched, for what is none; the message names a spreadsheet's short form. */
GEO_CHECKED geo_status geo_uprn_parse(const char *s, size_t n, int64_t *out, geo_err *err);

GEO_END
#endif
