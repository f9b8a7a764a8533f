/* What the files of the GDAL adapter share. */
#ifndef GEO_IO_WITH_GDAL_H
#define GEO_IO_WITH_GDAL_H

#include "geo/status.h"

#include <stdbool.h>
#include <stddef.h>

/* The name GDAL opens: FILE.gz and FILE.zip through its virtual file systems. False when it does not fit. */
bool geo_gdal_name(const char *name, char *out, size_t room);

#define GEO_GDAL_SAID 300

/* GDAL's last message on one line, in the caller's storage; a stock phrase where it said nothing. */
const char *geo_gdal_said(char room[GEO_GDAL_SAID]);

#endif
