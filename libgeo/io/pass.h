/*
 * Leave to release records that are not open, inside the library only: geo_sdc_release() alone makes one, once it has made them safe.
 */
#ifndef GEO_IO_PASS_H
#define GEO_IO_PASS_H

#include "geo/label.h"
#include "geo/status.h"

struct geo_pass {
    geo_class class_; /* the highest that may leave */
    /* Called with the whole output before anybody can see it, under a name by which it can be read. Less than 0: it goes no further. */
    geo_status (*seal)(void *ctx, const char *file, geo_err *err);
    void *ctx;
};

#endif
