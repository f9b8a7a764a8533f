/**
 * @file lookup.h
 * Joining by key: a table in memory, found by one of its fields.
 */
#ifndef GEO_LOOKUP_H
#define GEO_LOOKUP_H

#include "geo/keys.h"
#include "geo/reader.h"

GEO_BEGIN

typedef struct geo_lookup geo_lookup;

/**
 * Read a table of keys and values.
 *
 * @param reader   positioned at its start; read to its end.
 * @param key      field of keys, which are compared as geo_keys_guess finds.
 * @param fields,fields_n  fields to keep, in this order.
 * @param rows_n  how many rows to expect, roughly; negative: unknown.
 *
 * Of rows with the same key the first counts; geo_lookup_repeated tells how many others there were. Rows without a key are passed over.
 * Memory: the keys and the kept values, packed, and 16 to 24 bytes a row. O(rows).
 */
GEO_CHECKED geo_status geo_lookup_new(geo_reader *reader, const char *key, const char *const *fields, size_t fields_n, int64_t rows_n,
                                      int threads, geo_lookup **out, geo_err *err);
GEO_API void geo_lookup_free(geo_lookup *lookup);

/** The kept fields; rows are numbered in the order of their keys' first appearance. Lent. */
GEO_API const geo_table *geo_lookup_table(const geo_lookup *lookup);

/** Turn columns of plain numbers into numbers, for outputs that have types. */
GEO_CHECKED geo_status geo_lookup_settle(geo_lookup *lookup, geo_err *err);

/** The highest class of its rows. */
GEO_API geo_class geo_lookup_class(const geo_lookup *lookup);

/** Rows that repeat an earlier key with other values. */
GEO_API int64_t geo_lookup_repeated(const geo_lookup *lookup);

/** Rows passed over since a spreadsheet has rounded their UPRN. */
GEO_API int64_t geo_lookup_rounded(const geo_lookup *lookup);

/** Its keys; a key's number is its row. Lent. */
GEO_API const geo_keys *geo_lookup_keys(const geo_lookup *lookup);

GEO_END
#endif
