/* The version, from the Makefile. */
#include "geo/init.h"

const char *geo_version(void)
{
    return GEO_VERSION;
}
