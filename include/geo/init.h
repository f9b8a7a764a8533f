/**
 * @file init.h
 * Setting up the libraries underneath, once a process.
 */
#ifndef GEO_INIT_H
#define GEO_INIT_H

#include "geo/status.h"

GEO_BEGIN

/**
 * Register GDAL's drivers, silence its own messages (they come back in geo_err) and start libsodium. Call it once, before any other
 * thread runs; calling it again does nothing. It is the only function of libgeo that touches process-wide state.
 */
GEO_CHECKED geo_status geo_init(geo_err *err);

/** The version of the library, "MAJOR.MINOR.PATCH". */
GEO_API const char *geo_version(void);

GEO_END
#endif
