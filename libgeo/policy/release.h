/* What the files of a release share; inside the library only. */
#ifndef GEO_POLICY_RELEASE_H
#define GEO_POLICY_RELEASE_H

#include "audit.h"
#include "protect.h"

typedef struct release {
    const geo_sdc_table *table;
    const geo_sdc_release_options *o;
    const char *output;
    protection p;
    geo_sdc_released *report;
    geo_sdc_finding before; /* what was unsafe before anything was done */
    geo_ledger *ledger;
} release;

/* release_record.c: append to the ledger what is known of a release whose bytes are in `file`; its id and digest go to the report. */
geo_status geo_release_record(release *r, const char *file, geo_err *err);
/* What was recorded has not come out after all. */
geo_status geo_release_withdraw(release *r, geo_err *err);

#endif
