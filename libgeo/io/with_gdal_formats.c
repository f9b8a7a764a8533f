/* The formats that GDAL reads from files, and those that it writes: which driver, and which files belong together. */
#include "geo/reader.h"
#include "sink.h"
#include "source.h"
#include "text.h"
#include "with_gdal.h"

#include <cpl_string.h>
#include <string.h>
#include <strings.h>

bool geo_gdal_driver_is(GDALDriverH driver, const char *name)
{
    return strcmp(GDALGetDriverShortName(driver), name) == 0;
}

/*
 * What may open a file. Not here are services, databases and virtual formats, whose files are but directions to data elsewhere, maybe on a
 * network; GMLAS, which fetches schemas; and NAS and VFK, which write files of their own next to what they read.
 */
const char *const *geo_gdal_file_drivers(void)
{
    static const char *const FILES[] = {
        "AVCBin",     "AVCE00",       "Arrow",      "CAD",        "CSV",     "DGN",      "DXF",        "EDIGEO",      "ESRI Shapefile",
        "ESRIJSON",   "FlatGeobuf",   "GML",        "GPKG",       "GPX",     "GeoJSON",  "GeoJSONSeq", "GeoRSS",      "netCDF",
        "Geoconcept", "Idrisi",       "Interlis 1", "Interlis 2", "JML",     "KML",      "LIBKML",     "LVBAG",       "MBTiles",
        "MVT",        "MapInfo File", "MapML",      "ODS",        "OGR_GMT", "OGR_SDTS", "OSM",        "OpenFileGDB", "Parquet",
        "S57",        "SQLite",       "SVG",        "SXF",        "Selafin", "TIGER",    "TopoJSON",   "UK .NTF",     "VDV",
        "WAsP",       "XLS",          "XLSX",       NULL};
    return FILES;
}

bool geo_gdal_is_raster(const char *name)
{
    const GDALDriverH d = GDALIdentifyDriverEx(name, GDAL_OF_RASTER, NULL, NULL);
    return d && !GDALGetMetadataItem(d, GDAL_DCAP_VECTOR, NULL);
}

/* Databases, memory and programs are no files. */
static bool writes_files(GDALDriverH d)
{
    const char *through_files = GDALGetMetadataItem(d, GDAL_DCAP_VIRTUALIO, NULL);
    return GDALGetMetadataItem(d, GDAL_DCAP_VECTOR, NULL) && GDALGetMetadataItem(d, GDAL_DCAP_CREATE, NULL)
           && ((through_files && strcasecmp(through_files, "YES") == 0)
               || (GDALGetMetadataItem(d, GDAL_DMD_EXTENSIONS, NULL) && !GDALGetMetadataItem(d, GDAL_DMD_CONNECTION_PREFIX, NULL)));
}

/* What a reader takes along with a file of this format, besides what this GDAL writes. */
const char *const *geo_gdal_belongings(GDALDriverH driver, const char *name)
{
    static const char *const SHAPE[] = {".shp", ".shx", ".dbf", ".sbn", ".sbx", ".prj", ".idm", ".ind", ".qix", ".cpg", ".qpj", NULL};
    static const char *const SQLITE[] = {"-wal", "-shm", "-journal", NULL}; /* an old log would be played into the new file */
    static const char *const TAB[] = {".tab", ".dat", ".map", ".id", ".ind", NULL}, *const MIF[] = {".mif", ".mid", NULL};
    static const char *const GML[] = {".xsd", ".gfs", NULL};
    static const struct {
        const char *driver, *extension; /* NULL: any */
        const char *const *belongings;
    } ALL[] = {
        {"ESRI Shapefile", ".shp", SHAPE}, {"ESRI Shapefile", ".dbf", SHAPE}, /* the shapes of an old one would be joined to the new rows */
        {"MapInfo File", ".tab", TAB},     {"MapInfo File", ".mif", MIF},     {"GML", ".gml", GML}, {"GPKG", NULL, SQLITE},
        {"SQLite", NULL, SQLITE},          {"MBTiles", NULL, SQLITE}};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++)
        if (geo_gdal_driver_is(driver, ALL[i].driver) && (!ALL[i].extension || (dot && strcasecmp(dot, ALL[i].extension) == 0)))
            return ALL[i].belongings;
    return NULL;
}

/* The driver that writes a format by its short name, or files with this extension. */
static GDALDriverH find_driver(const char *name, const char *format)
{
    const char *dot = strrchr(name, '.'), *slash = strrchr(name, '/');
    if (!format && (!dot || (slash && dot < slash)))
        return NULL;
    for (int i = 0; i < GDALGetDriverCount(); i++) {
        GDALDriverH d = GDALGetDriver(i);
        if (!writes_files(d) || (!format && strcasecmp(dot, ".kml") == 0 && geo_gdal_driver_is(d, "LIBKML") && GDALGetDriverByName("KML")))
            continue; /* LIBKML takes time by the square of the rows */
        if (format) {
            if (strcasecmp(GDALGetDriverShortName(d), format) == 0)
                return d;
            continue;
        }
        const char *extensions = GDALGetMetadataItem(d, GDAL_DMD_EXTENSIONS, NULL);
        char **list = extensions ? CSLTokenizeString2(extensions, " ", 0) : NULL;
        const bool fits = CSLFindString(list, dot + 1) >= 0;
        CSLDestroy(list);
        if (fits)
            return d;
    }
    return NULL;
}

/* The driver for a name and a format, or why there is none. */
geo_status geo_gdal_choose_driver(const char *name, const char *format, GDALDriverH *driver, geo_err *err)
{
    *driver = NULL;
    if (geo_postgis_is(name)) {
        if (format && strcasecmp(format, "PostgreSQL") != 0)
            return geo_err_set(err, GEO_EARG, "a table of the PostGIS database is no file: leave out --format, or name a file with -o");
        *driver = GDALGetDriverByName("PostgreSQL");
        return *driver ? GEO_OK : geo_err_set(err, GEO_EARG, "this GDAL cannot write to PostGIS");
    }
    if (geo_name_is_database(name))
        return geo_err_set(err, GEO_EARG,
                           "'%s' cannot be written: tables of PostGIS have names that start with PG:, as PG:dbname=gis tables=a",
                           geo_name_shown(name));
    *driver = find_driver(name, format);
    if (!*driver)
        return geo_err_set(err, GEO_EARG,
                           "no format that can be written is called '%s': use .csv, .gpkg, .fgb, .geojson or .shp, or --format",
                           format ? format : name);
    if (strcmp(name, "-") == 0)
        return geo_err_set(err, GEO_EARG, "format '%s' cannot go through a pipe: name a file with -o", format ? format : "?");
    return GEO_OK;
}
