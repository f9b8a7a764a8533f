/**
 * @file keys.h
 * Keys: postcodes, UPRNs, codes of areas and any other text by which tables are joined, in the form in which they are compared.
 */
#ifndef GEO_KEYS_H
#define GEO_KEYS_H

#include "geo/gss.h"
#include "geo/pool.h"
#include "geo/postcode.h"
#include "geo/table.h"
#include "geo/uprn.h"

GEO_BEGIN

/** How keys are compared. */
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

/** A set of keys of one kind: every distinct one once, numbered from 0 in the order of arrival. */
typedef struct geo_keys geo_keys;

/** No keys; NULL when memory is out. */
GEO_API geo_keys *geo_keys_new(void);
GEO_API void geo_keys_free(geo_keys *keys);

/**
 * Decide the kind, before the first key is added, by the field's name and its first values: UPRNs when the name says so; postcodes or GSS
 * codes when nearly all of the values are; UPRNs when all of them may be and most are as long as UPRNs are, 11 or 12 digits; else text.
 */
GEO_API void geo_keys_guess(geo_keys *keys, const char *field, const geo_column *first, size_t rows_n);

GEO_API geo_key_kind geo_keys_kind(const geo_keys *keys);

/** The keys as they are compared, by number. Lent. */
GEO_API const geo_pool *geo_keys_pool(const geo_keys *keys);

/** Make room for n keys in all, when it is known roughly; failure does not matter. */
GEO_API void geo_keys_reserve(geo_keys *keys, size_t n);

/** The keys of a column in the form in which they are compared: key r is bytes[offsets[r] .. offsets[r + 1]). */
typedef struct geo_key_texts {
    int64_t *offsets;
    char *bytes;
} geo_key_texts;

/** Normalise rows_n keys of a column (as geo_column_print has them) into the arena. Safe from several threads at once. */
GEO_CHECKED geo_status geo_keys_normalise(const geo_keys *keys, const geo_column *column, size_t rows_n, geo_arena *arena,
                                          geo_key_texts *out, geo_err *err);

/** Numbers of normalised keys, of which the new ones are added, as geo_pool_add_many; GEO_POOL_NONE for an empty one. */
GEO_CHECKED geo_status geo_keys_add(geo_keys *keys, const geo_key_texts *texts, size_t rows_n, int32_t *ids, geo_err *err);

/** Number of each of rows_n keys of a column, or -1: empty or no key, -2: unknown. Safe from several threads at once. */
GEO_CHECKED geo_status geo_keys_find(const geo_keys *keys, const geo_column *column, size_t rows_n, geo_arena *arena, int32_t *ids,
                                     geo_err *err);

/** What geo_keys_retry has done, or why it could not; several at once. */
#define GEO_KEY_MENDED 1u  /**< the postcode found is the one that geo_postcode_mend makes */
#define GEO_KEY_SECTOR 2u  /**< what was found is the postcode's sector */
#define GEO_KEY_ROUNDED 4u /**< a UPRN that a spreadsheet has rounded: never looked up */

/**
 * A second try for a key that geo_keys_find has not found.
 *
 * @param or_sector  take the postcode's sector ("M32 0") when the postcode is not there.
 * @param how  [out] of the above; 0: as it stands.
 * @return the number; -1 for what is empty or means "none" (geo_gss_is_none); -2 unknown. Safe from several threads at once.
 */
GEO_API int32_t geo_keys_retry(const geo_keys *keys, const geo_column *column, size_t row, bool or_sector, unsigned *how);

GEO_END
#endif
