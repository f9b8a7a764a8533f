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
    char *cells; /* what later releases are compared with */
    size_t cells_n;
} release;

/* How far a count that is shown may be from the truth. */
int64_t geo_release_off(const release *r);

/* release_compare.c: GEO_EREFUSED when earlier releases and this one tell together what each hides. Makes r->cells. */
geo_status geo_release_compare(release *r, geo_err *err);

/* release_record.c: append to the ledger what is known of a release whose bytes are in `file`; its id and digest go to the report. */
geo_status geo_release_record(release *r, const char *file, geo_err *err);
/* What was recorded has not come out after all. */
geo_status geo_release_withdraw(release *r, geo_err *err);

#endif
