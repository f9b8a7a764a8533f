/* Which ledger, and the secret that it keeps. */
#ifndef TOOLS_GEOSDC_SECRET_H
#define TOOLS_GEOSDC_SECRET_H

#include "geo/status.h"
#include "geo/watch.h"

#include <stdint.h>

/* The folder of the ledger: as named, else $GEO_LEDGER, else libgeo/ledger among the user's data. Lives as long as the process. */
const char *ledger_folder(const char *named);

/* Who does it, for the ledger: as named, else whom the process belongs to; NULL when nobody knows. */
const char *ledger_author(const char *named);

/* The secret for cell keys and random rounding, made the first time. */
geo_status secret_get(const char *ledger, const geo_watch *watch, uint8_t secret[32], geo_err *err);
void secret_wipe(uint8_t secret[32]);

#endif
