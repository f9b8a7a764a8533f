/**
 * @file lookup.h
 * Joining by key: a table in memory, found by one of its fields.
 */
#ifndef GEO_LOOKUP_H
#define GEO_LOOKUP_H

#include "geo/gss.h"
#include "geo/pool.h"
#include "geo/postcode.h"
#include "geo/reader.h"
#include "geo/uprn.h"

GEO_BEGIN

/**
 * How keys are compared. Those of a lookup are UPRNs when the field's name says so; postcodes or GSS codes when nearly all of its first keys
 * are; UPRNs when all of them may be and most are as long as UPRNs are, 11 or 12 digits; else text.
 */
typedef enum geo_key_kind {
    GEO_KEY_TEXT,     /**< letter by letter, blanks around it aside */
    GEO_KEY_POSTCODE, /**< as geo_postcode_normalise; else as geo_postcode_sector_normalise; what is neither, as text */
    GEO_KEY_UPRN,     /**< as geo_uprn_normalise; what a spreadsheet has rounded is no key; anything else, as text */
    GEO_KEY_GSS       /**< as geo_gss_normalise; what is no code, as text */
} geo_key_kind;

/** The longest form that is not a part of the key itself, and its NUL. */
#define GEO_KEY_ROOM GEO_UPRN_ROOM

/**
 * The form in which a key is compared.
 *
 * @param room  the caller's storage; used when the form is not a part of s itself.
 * @return the form, *len characters of it, in s or in room.
 */
GEO_API const char *geo_key_normalise(geo_key_kind kind, const char *s, size_t n, char room[GEO_KEY_ROOM], size_t *len);

typedef struct geo_lookup geo_lookup;

/**
 * Read a table of keys and values.
 *
 * @param reader   positioned at its start; read to its end.
 * @param key      field of keys.
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

/** How its keys are compared. */
GEO_API geo_key_kind geo_lookup_kind(const geo_lookup *lookup);

/** Its keys as they are compared; a key's number is its row. Lent. */
GEO_API const geo_pool *geo_lookup_keys(const geo_lookup *lookup);

/**
 * Row of each of rows_n keys of a column (compared as geo_column_print has them), or -1: empty or no key, -2: unknown. Safe from several
 * threads at once.
 */
GEO_CHECKED geo_status geo_lookup_find(const geo_lookup *lookup, const geo_column *keys, size_t rows_n, geo_arena *arena, int32_t *row,
                                       geo_err *err);

/** What geo_lookup_retry has done, or why it could not; several at once. */
#define GEO_KEY_MENDED 1u  /**< the postcode found is the one that geo_postcode_mend makes */
#define GEO_KEY_SECTOR 2u  /**< the row found is that of the postcode's sector */
#define GEO_KEY_ROUNDED 4u /**< a UPRN that a spreadsheet has rounded: never looked up */

/**
 * A second try for a key that geo_lookup_find has not found.
 *
 * @param or_sector  take the row of the postcode's sector ("M32 0") when that of the postcode is not there.
 * @param how  [out] of the above; 0: as it stands.
 * @return the row; -1 for what is empty or means "none" (geo_gss_is_none); -2 unknown. Safe from several threads at once.
 */
GEO_API int32_t geo_lookup_retry(const geo_lookup *lookup, const geo_column *keys, size_t row, bool or_sector, unsigned *how);

GEO_END
#endif
