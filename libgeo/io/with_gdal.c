/* The GDAL adapter: start-up, names, messages, well-known text. */
#define _GNU_SOURCE /* strcasestr */
#include "with_gdal.h"

#include "../table/shapes.h"
#include "geo/init.h"
#include "geo/reader.h"

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
    /* libpq quotes the piece of a connection that it does not understand, which may be a piece of a password; others quote all of it */
    if (strstr(text, "connection info string") || strstr(text, "connection option") || strstr(text, "URI"))
        return "the connection is malformed: it takes NAME=VALUE, with single quotes around values that have blanks";
    if (geo_name_shown(text) != text)
        return "GDAL cannot use the connection, and its message is not shown since it repeats it";
    const char *error = strstr(text, "ERROR:"); /* of a database, behind the command that failed; further lines repeat that again */
    const bool database = error != NULL;
    if (database)
        text = error;
    size_t n = 0;
    for (; n < GEO_GDAL_SAID - 1 && text[n]; n++) {
        const bool line_end = text[n] == '\n' || text[n] == '\r';
        if (database && line_end)
            break;
        room[n] = line_end ? ' ' : text[n];
    }
    while (n && room[n - 1] == ' ')
        n--;
    room[n] = '\0';
    return room;
}

const char *geo_gdal_hint(void)
{
    static const struct {
        const char *in_text, *hint;
    } KNOWN[] = {
        {"other objects depend on it", "other objects of the database depend on the table that is there"},
        {"conflicts with a system column", "a field has the name of a system column of PostgreSQL"},
        {"lock timeout", "others hold the table that is there"},
        {"permission denied", "permission denied"},
        {"does not exist", "it has no such schema, table, column or function"},
        {"no such column", "there is no such column"},
        {"syntax error", "it is malformed"},
        {"closed the connection", "the server has closed the connection"},
        {"UTF-8", "text is no UTF-8"},
        {"byte sequence", "text is no UTF-8"},
        {"is full", "the disk is full"},
        {"No space left", "the disk is full"},
        {"disk I/O error", "the disk has failed"},
        {"read(", "it is damaged or cut short"},
        {"malformed", "it is damaged"},
    };
    const char *text = CPLGetLastErrorMsg();
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (strcasestr(text, KNOWN[i].in_text))
            return KNOWN[i].hint;
    return *text ? "GDAL's message is not shown, since it may quote a record" : "GDAL does not say why";
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
