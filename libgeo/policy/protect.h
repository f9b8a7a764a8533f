/* What protecting, auditing and releasing a cube share; inside the library only. */
#ifndef GEO_POLICY_PROTECT_H
#define GEO_POLICY_PROTECT_H

#include "rules.h"

/* Cells on their way out. */
typedef struct protection {
    geo_cube *c;
    const geo_rules *rules;
    const geo_sdc_protection *how;
    geo_sdc_protected *report;
    uint8_t *breaks; /* rules that each cell breaks */
    double *need;    /* how far an attacker must be kept from each amount; NULL: there are none */
    uint8_t *cell;   /* geo_cell: what is shown, hidden, not there */
    int64_t *count;  /* as they go out */
    geo_equations equations;
} protection;

/* protect.c: read and judge; make safe; give back what was taken */
geo_status geo_protection_begin(protection *p, const geo_sdc_table *table, const char *audience, const geo_sdc_protection *how,
                                geo_sdc_protected *report, geo_err *err);
geo_status geo_protect_cube(protection *p, geo_err *err);
void geo_protection_end(protection *p);

/*
 * Totals of all areas are known from elsewhere, whether the table has them or not: a single hidden area would follow from one. Take them as
 * shown, and let them go again; was[k] of stride[0]: was not there.
 */
void geo_protect_take_totals(protection *p, bool *was);
void geo_protect_leave_totals(protection *p, const bool *was);

/* protect_widen.c: hide more until what follows for each unsafe cell is as wide as the rules want; options as it was suppressed with. */
geo_status geo_protect_widen(protection *p, const geo_suppress_options *options, geo_err *err);

/* coarsen.c: choose of each area the level at which it passes; cells of other levels become GEO_CELL_UNSEEN. */
geo_status geo_coarsen(protection *p, geo_err *err);

/* protect_write.c: the cells as a table */
geo_status geo_cube_write(const protection *p, const char *output, const geo_writer_options *writing, geo_err *err);

#endif
