/* The GDAL adapter: start-up, names, messages, well-known text. */
#include "with_gdal.h"

#include "../table/shapes.h"
#include "geo/init.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>
#include <ogr_api.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

geo_status geo_init(geo_err *err)
{
    if (sodium_init() < 0)
        return geo_err_set(err, GEO_EIO, "cannot start libsodium");
    CPLSetErrorHandler(CPLQuietErrorHandler);
    CPLSetConfigOption("OGR_GEOJSON_MAX_OBJ_SIZE", "0");        /* one large area is no reason to stop */
    CPLSetConfigOption("CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO"); /* reading leaves nothing behind */
    GDALAllRegister();
    GDALDriverH web = GDALGetDriverByName("HTTP"); /* nothing is fetched for a file that happens to look like an address */
    if (web)
        GDALDeregisterDriver(web);
    return GEO_OK;
}

bool geo_gdal_name(const char *name, char *out, size_t room)
{
    const size_t n = strlen(name);
    const char *prefix = "";
    if (strncmp(name, "/vsi", 4) != 0 && n > 3 && strcasecmp(name + n - 3, ".gz") == 0)
        prefix = "/vsigzip/";
    else if (strncmp(name, "/vsi", 4) != 0 && n > 4 && strcasecmp(name + n - 4, ".zip") == 0)
        prefix = "/vsizip/";
    return (size_t)snprintf(out, room, "%s%s", prefix, name) < room;
}

const char *geo_gdal_said(char room[GEO_GDAL_SAID])
{
    const char *text = CPLGetLastErrorMsg();
    if (!text || !*text)
        return "GDAL does not say why";
    size_t n = 0;
    for (; n < GEO_GDAL_SAID - 1 && text[n]; n++)
        room[n] = text[n] == '\n' || text[n] == '\r' ? ' ' : text[n];
    room[n] = '\0';
    return room;
}

geo_status geo_shapes_add_wkt(geo_shapes *s, const char *wkt, size_t n)
{
    char *copy = CPLMalloc(n + 1);
    memcpy(copy, wkt, n);
    copy[n] = '\0';
    char *rest = copy;
    OGRGeometryH g = NULL;
    geo_status st = GEO_EGEOM;
    if (OGR_G_CreateFromWkt(&rest, NULL, &g) == OGRERR_NONE && g && rest[strspn(rest, " \t\r\n")] == '\0') {
        const int size = OGR_G_WkbSize(g);
        unsigned char *wkb = CPLMalloc((size_t)size + 1);
        if (OGR_G_ExportToIsoWkb(g, wkbNDR, wkb) == OGRERR_NONE)
            st = geo_shapes_add_wkb(s, wkb, (size_t)size);
        CPLFree(wkb);
    }
    if (g)
        OGR_G_DestroyGeometry(g);
    CPLFree(copy);
    return st;
}
