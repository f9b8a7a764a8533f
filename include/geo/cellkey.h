/**
 * @file cellkey.h
 * The cell key method: noise that is the same whenever the same people are counted.
 *
 * Every record has a key, a number of 64 bits that follows from its stable id and a secret: a record that comes or goes changes no other's.
 * The key of a cell is the sum of its records' keys, modulo 2^64, so cells with the same records get the same noise in any table. What
 * noise that is stands in a table of perturbations (a p-table), which is a file of the user's.
 *
 * Source: Fraser and Wooton (2005), A proposed method for confidentialising tabular output to protect against differencing, UNECE/Eurostat
 * work session on statistical data confidentiality; Handbook on Statistical Disclosure Control, chapter 5.4, for the real form;
 * ONS, cell key perturbation (10-5 rule), for the integer form.
 */
#ifndef GEO_CELLKEY_H
#define GEO_CELLKEY_H

#include "geo/reader.h"

GEO_BEGIN

#define GEO_SECRET_BYTES 32

/** Key of the record with this id: the first 8 bytes, least first, of the BLAKE2b keyed with the secret. */
GEO_API uint64_t geo_record_key(const uint8_t secret[GEO_SECRET_BYTES], const char *id, size_t n);

typedef struct geo_ptable geo_ptable;

/**
 * Read a table of perturbations.
 *
 * In the integer form it has the columns pcv, ckey and pvalue: a cell of n people whose key is k (modulo one more than the largest ckey, a
 * power of two) becomes n + pvalue of the row (pcv(n), k), pcv(n) being n up to 750 and then (n - 1) mod 250 + 501. In the real form it
 * has i, v, lb and ub (and others, passed over): of the rows of i, or of the largest i there is, the one with lb < k <= ub, k being the key
 * as a fraction of 2^64; v is what is added.
 *
 * @return GEO_EFORMAT for a table with rows missing, twice, overlapping or with gaps, or that could make a count negative; a line is named.
 */
GEO_CHECKED geo_status geo_ptable_read(geo_reader *reader, geo_ptable **out, geo_err *err);
GEO_API void geo_ptable_free(geo_ptable *table);

/**
 * Perturb n counts.
 *
 * @param key    sums of the record keys.
 * @param zeros  perturb cells without people too, as far as the table has rows for 0; their keys are the caller's. Else 0 stays 0.
 * @param out    may be count.
 * @return GEO_EFORMAT when the table has no row for a cell: nothing in out can be used. GEO_EARG for negative counts.
 */
GEO_CHECKED geo_status geo_ptable_perturb(const geo_ptable *table, const int64_t *count, const uint64_t *key, size_t n, bool zeros,
                                          int64_t *out, int threads, geo_err *err);

/**
 * Make a table of the real form: for each count i from 0 to the first with all of its room, the distribution of most entropy with mean 0,
 * variance at most `variance`, at most `most` away, and no result from 1 to `never`.
 *
 * @return GEO_EARG when there is none for some i, which the message names.
 * Source: Giessing (2016), Computational issues in the design of transition probabilities and disclosure risk estimation for additive
 * noise, Privacy in Statistical Databases, LNCS 9867.
 */
GEO_CHECKED geo_status geo_ptable_make(int most, double variance, int never, geo_ptable **out, geo_err *err);

/** Rows of a table for count i, for writing it down: *n values with their probabilities, lent. NULL for an i that it has not. */
typedef struct geo_ptable_row {
    int add;     /**< what is added */
    double from; /**< keys above this fraction ... */
    double to;   /**< ... up to this one */
} geo_ptable_row;
GEO_API const geo_ptable_row *geo_ptable_rows(const geo_ptable *table, int64_t i, size_t *n);

GEO_END
#endif
