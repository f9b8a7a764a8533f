/* What an attacker knows of the cells of a cube; inside the library only. */
#ifndef GEO_POLICY_AUDIT_H
#define GEO_POLICY_AUDIT_H

#include "cube.h"

typedef struct geo_audit {
    geo_cube *c;
    double *low, *high; /* of each cell */
    uint8_t *hidden;    /* cells whose bounds are wanted */
    bool *shown;        /* of each pattern: somebody publishes cells of it */
    geo_equations equations;
} geo_audit;

/* Nothing is known but that counts are not negative. */
geo_status geo_audit_begin(geo_audit *a, geo_cube *c, geo_err *err);
void geo_audit_end(geo_audit *a);

/* A cell is published as this count, which may be so far from the truth. False: this contradicts what is known of it. */
bool geo_audit_tell(geo_audit *a, size_t cell, int64_t count, int64_t off);

/* What the table that the cube was read from tells: its counts, rounded as its options say, and its marks. */
geo_status geo_audit_tell_table(geo_audit *a, geo_err *err);

/* Take a further table in. */
geo_status geo_audit_also(geo_audit *a, const geo_sdc_also *also, geo_err *err);

/* Find the bounds; what is narrower than `width` counts as narrow. */
geo_status geo_audit_run(geo_audit *a, double width, geo_sdc_audited *report, geo_err *err);

#endif
