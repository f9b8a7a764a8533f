/* Categories that are bands of whole numbers, as "20-39", "under 25", "75+"; inside the library only. */
#ifndef GEO_POLICY_BANDS_H
#define GEO_POLICY_BANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BAND_END INT64_MAX /* beyond every number: the end of "75+" */

/* From first up to, without, end. */
typedef struct geo_band {
    int64_t first, end;
} geo_band;

/*
 * Read a text as a band; false: it is none. Words about age ("aged", "years", "old") are passed over: "Aged 4 years and under" is 0 to 4.
 * Letter case does not matter; a dash may be a hyphen, an en dash or "to".
 */
bool geo_band_parse(const char *s, size_t n, geo_band *out);

#endif
