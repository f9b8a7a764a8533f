/**
 * @file cellkey.h
 * The cell key method: noise that is the same whenever the same people are counted.
 *
 * Every record has a key, a number of 64 bits that follows from its stable id and a secret: a record that comes or goes changes no other's.
 * The key of a cell is the sum of its records' keys, modulo 2^64, so cells with the same records get the same noise in any table. What
 * noise that is stands in a table of perturbations (a p-table), which is a file of the user's, or made here.
 *
 * Means and rates of protected counts are made from what was published, a sum over the count with its noise: beside an exact mean the noise
 * can be worked out.
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

/**
 * Key of the record with this id, n bytes: SipHash-2-4 under the first 16 bytes of the secret.
 *
 * What is needed is a function that nobody can tell from a random one without the secret, and 64 bits of it: that is what SipHash was made
 * for. BLAKE2b would do as well, and takes twenty times as long. Ids are compared as they are spelt.
 * Source: Aumasson and Bernstein (2012), SipHash: a fast short-input PRF, INDOCRYPT, LNCS 7668.
 */
GEO_API uint64_t geo_record_key(const uint8_t secret[GEO_SECRET_BYTES], const char *id, size_t n);

typedef struct geo_ptable geo_ptable;

/**
 * Read a table of perturbations.
 *
 * In the integer form it has the columns pcv, ckey and pvalue: a cell of n people whose key is k (modulo one more than the largest ckey, a
 * power of two up to 4096) becomes n + pvalue of the row (pcv(n), k), pcv(n) being n up to 750 and then (n - 1) mod 250 + 501. There are
 * rows for every pcv from 1, or from 0, to 750.
 *
 * In the real form it has i, v, lb and ub (as R's ptable has them also p_int_lb and p_int_ub; other columns are passed over): of the rows of
 * i, or of the largest i there is, the one with lb < k <= ub, k being the key as a fraction of 2^64; v is what is added. There are rows for
 * every i from 1, or from 0, to the largest.
 *
 * @return GEO_EFORMAT for a table with rows missing, twice, overlapping or with gaps, or that could make a count negative; a line is named
 *         where there is one.
 */
GEO_CHECKED geo_status geo_ptable_read(geo_reader *reader, geo_ptable **out, geo_err *err);
GEO_API void geo_ptable_free(geo_ptable *table);

/**
 * Perturb n counts.
 *
 * @param key    sums of the record keys.
 * @param zeros  perturb cells without people too; their keys are the caller's, who makes them of the cells' names. Else 0 stays 0.
 * @param out    may be count.
 * @return GEO_EFORMAT when the table has no row for a cell (for 0: all others have one); GEO_EARG for counts that are negative or above
 *         2^52. Nothing is written then.
 */
GEO_CHECKED geo_status geo_ptable_perturb(const geo_ptable *table, const int64_t *count, const uint64_t *key, size_t n, bool zeros,
                                          int64_t *out, int threads, geo_err *err);

/**
 * Make a table of the real form: for each count i from 0 to the first with all of its room, the distribution of most entropy with mean 0,
 * variance at most `variance`, at most `most` away, and no result from 1 to `never`.
 *
 * With all of its room the variance is `variance`; of smaller counts it is less where a larger one would say more about the count. 0 stays
 * 0: what cannot go below has no noise without bias.
 *
 * @param most   1 to 100.
 * @param never  0 to most.
 * @return GEO_EARG when there is none for some i, which the message names, or when noise of at most `most` cannot vary as much.
 * Source: Giessing (2016), Computational issues in the design of transition probabilities and disclosure risk estimation for additive
 * noise, Privacy in Statistical Databases, LNCS 9867.
 */
GEO_CHECKED geo_status geo_ptable_make(int most, double variance, int never, geo_ptable **out, geo_err *err);

/** One way that a count may go. */
typedef struct geo_ptable_row {
    int add;     /**< what is added */
    double from; /**< keys above this fraction ... */
    double to;   /**< ... up to this one */
} geo_ptable_row;

/** The *n rows for count i of a table of the real form, for writing it down; lent. NULL for an i that it has not, and in the integer form. */
GEO_API const geo_ptable_row *geo_ptable_rows(const geo_ptable *table, int64_t i, size_t *n);

GEO_END
#endif
