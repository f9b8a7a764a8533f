/* Reference systems in their many spellings: which are the same, which are in degrees, and which OSTN15 is for. */
#include "unit.h"

#include "geo/crs.h"

#define NATIONAL(scale, rest) "+proj=tmerc +lat_0=49 +lon_0=-2 +k=" scale " +x_0=400000 +y_0=-100000 " rest
#define SHIFT "446.448,-125.157,542.06,0.15,0.247,0.842,-20.489" /* EPSG:1314 */
#define OSGB(name, shift)                                                                                                                  \
    "GEOGCS[\"" name "\",DATUM[\"OSGB_1936\",SPHEROID[\"Airy 1830\",6377563.396,299.3249646]" shift                                        \
    "],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]]"
#define NATIONAL_WKT(scale, shift)                                                                                                         \
    "PROJCS[\"British_National_Grid\"," OSGB("GCS_OSGB_1936",                                                                              \
                                             shift) ",PROJECTION[\"Transverse_Mercator\"],"                                                \
                                                    "PARAMETER[\"latitude_of_origin\",49],"                                                \
                                                    "PARAMETER[\"central_meridian\",-2],PARAMETER[\"scale_factor\"," scale                 \
                                                    "],PARAMETER[\"false_easting\",400000],"                                               \
                                                    "PARAMETER[\"false_northing\",-100000],UNIT[\"metre\",1]]"
#define WGS84_WKT(shift)                                                                                                                   \
    "GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563]" shift                                                \
    "],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]]"

/* National Grid as programs write it. */
static const char *const GRIDS[] = {
    "EPSG:27700",
    "EPSG:7405",
    "EPSG:27700+5701",
    "urn:ogc:def:crs:EPSG::27700",
    NATIONAL_WKT("0.9996012717", ""),
    NATIONAL_WKT("0.9996012717", ",TOWGS84[" SHIFT "]"),
    NATIONAL_WKT("0.999601272", ""),
    NATIONAL("0.9996012717", "+datum=OSGB36 +units=m +no_defs"),
    NATIONAL("0.999601272", "+datum=OSGB36 +units=m +no_defs"),
    NATIONAL("0.9996012717", "+ellps=airy +towgs84=" SHIFT " +units=m +no_defs"),
    NATIONAL("0.999601272", "+ellps=airy +towgs84=375,-111,431 +units=m +no_defs"),
    NATIONAL("0.9996012717", "+ellps=airy +units=m +no_defs"),
    NATIONAL("0.9996012717", "+ellps=airy +nadgrids=OSTN15_NTv2_OSGBtoETRS.gsb +units=m +no_defs"),
};

/* Longitude and latitude of today. */
static const char *const DEGREES[] = {
    "OGC:CRS84",
    "EPSG:4326",
    "EPSG:4258",
    "EPSG:4979",
    "EPSG:4937",
    "EPSG:9518", /* with heights above a geoid */
    "EPSG:4258+5701",
    WGS84_WKT(""),
    WGS84_WKT(",TOWGS84[0,0,0,0,0,0,0]"),
    "+proj=longlat +datum=WGS84 +no_defs",
    "+proj=longlat +ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +no_defs",
    "+proj=longlat +ellps=GRS80 +towgs84=0,0,0",
};

/* Of other datums, or of none that is said: never by OSTN15. */
static const char *const OTHERS[] = {
    "EPSG:29903",
    "EPSG:29902",
    "EPSG:2157",
    "EPSG:4230",
    "EPSG:23030",
    "EPSG:4171",
    "EPSG:4269",
    "+proj=longlat +ellps=GRS80 +no_defs",
    "+proj=longlat +ellps=bessel +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7",
    "+proj=longlat +datum=WGS84 +pm=paris",
    NATIONAL("0.9996012717", "+ellps=GRS80 +units=m"),
    "+proj=tmerc +lat_0=53.5 +lon_0=-8 +k=1.000035 +x_0=200000 +y_0=250000 +ellps=airy +units=m",
};

static bool by_ostn15(const char *from, const char *to)
{
    const geo_transform_options nowhere = {.data_dir = "/nowhere"};
    geo_transform *t = NULL;
    geo_err err;
    CHECK_OK(geo_transform_new(from, to, &nowhere, &t, &err), &err);
    const bool lacks = geo_transform_lacks_shifts(t);
    geo_transform_free(t);
    return lacks;
}

static void what_ostn15_is_for(void **state)
{
    (void)state;
    static const char *const MORE[] = {"EPSG:3857",
                                       "EPSG:32630",
                                       "EPSG:25830",
                                       "EPSG:3035",
                                       "+proj=utm +zone=30 +datum=WGS84 +units=km",
                                       "+proj=utm +zone=30 +ellps=GRS80 +towgs84=0,0,0"};
    static const char *const OLD[] = {"EPSG:4277", OSGB("OSGB 1936", ""), OSGB("OSGB 1936", ",TOWGS84[" SHIFT "]"),
                                      NATIONAL("0.9996012717", "+datum=OSGB36 +units=km")};
    for (size_t i = 0; i < COUNT_OF(GRIDS); i++)
        CHECK(by_ostn15("OGC:CRS84", GRIDS[i]) && by_ostn15(GRIDS[i], "EPSG:25830"), "%s", GRIDS[i]);
    for (size_t i = 0; i < COUNT_OF(DEGREES); i++)
        CHECK(by_ostn15("EPSG:27700", DEGREES[i]) && by_ostn15(DEGREES[i], "EPSG:4277"), "%s", DEGREES[i]);
    for (size_t i = 0; i < COUNT_OF(MORE); i++)
        CHECK(by_ostn15("EPSG:27700", MORE[i]) && by_ostn15(MORE[i], "EPSG:7405"), "%s", MORE[i]);
    for (size_t i = 0; i < COUNT_OF(OLD); i++) {
        CHECK(by_ostn15("EPSG:4326", OLD[i]) && by_ostn15(OLD[i], "EPSG:3857"), "%s", OLD[i]);
        CHECK(!by_ostn15("EPSG:27700", OLD[i]) && !by_ostn15(OLD[i], "EPSG:27700"), "%s", OLD[i]);
    }
    for (size_t i = 0; i < COUNT_OF(OTHERS); i++)
        CHECK(!by_ostn15("EPSG:27700", OTHERS[i]) && !by_ostn15(OTHERS[i], "EPSG:27700") && !by_ostn15("EPSG:4326", OTHERS[i]), "%s",
              OTHERS[i]);
    assert_false(by_ostn15("EPSG:4326", "EPSG:4258"));
    assert_false(by_ostn15("EPSG:27700", "EPSG:7405"));
}

/* OSTN15's point TP09 (Ordnance Survey, developer pack) in each spelling; the round scale makes 0.2 mm. */
static void spellings_move_alike(void **state)
{
    (void)state;
    const double lon = -0.11992557180, lat = 51.48936564950, east = 530624.974, north = 178388.464;
    const geo_transform_options o = {.data_dir = getenv("GEO_DATA_DIR"), .require_grid = true};
    geo_transform *t = NULL;
    geo_err err = {0};
    double x, y;
    if (geo_transform_new("OGC:CRS84", "EPSG:27700", &o, &t, &err) < 0)
        skip();
    geo_transform_free(t);
    for (size_t i = 0; i < COUNT_OF(GRIDS); i++) {
        CHECK_OK(geo_transform_new("EPSG:4326", GRIDS[i], &o, &t, &err), &err);
        x = lon, y = lat;
        CHECK_OK(geo_transform_points(t, &x, &y, 1, &err), &err);
        CHECK(hypot(x - east, y - north) < 1e-3, "%s: %.4f %.4f", GRIDS[i], x, y);
        geo_transform_free(t);
    }
    for (size_t i = 0; i < COUNT_OF(DEGREES); i++) {
        CHECK_OK(geo_transform_new("EPSG:27700", DEGREES[i], &o, &t, &err), &err);
        x = east, y = north;
        CHECK_OK(geo_transform_points(t, &x, &y, 1, &err), &err);
        CHECK(hypot(x - lon, y - lat) < 1e-8, "%s: %.10f %.10f", DEGREES[i], x, y);
        geo_transform_free(t);
    }
    /* By the old longitudes and latitudes, which are another form of National Grid: there and back by way of them. */
    static const char *const WAY[] = {"EPSG:4258", "EPSG:4277", "EPSG:27700", "EPSG:4277", "EPSG:4258"};
    x = lon, y = lat;
    for (size_t i = 0; i + 1 < COUNT_OF(WAY); i++) {
        CHECK_OK(geo_transform_new(WAY[i], WAY[i + 1], &o, &t, &err), &err);
        CHECK_OK(geo_transform_points(t, &x, &y, 1, &err), &err);
        geo_transform_free(t);
        CHECK(i != 1 || hypot(x - east, y - north) < 1e-3, "%.4f %.4f", x, y);
    }
    CHECK(hypot(x - lon, y - lat) < 1e-10, "%.12f %.12f", x, y);
}

static void in_degrees(void **state)
{
    (void)state;
    bool degrees;
    geo_err err;
    for (size_t i = 0; i < COUNT_OF(DEGREES); i++) {
        CHECK_OK(geo_crs_is_degrees(DEGREES[i], &degrees, &err), &err);
        CHECK(degrees, "%s", DEGREES[i]);
    }
    for (size_t i = 0; i < COUNT_OF(GRIDS); i++) {
        CHECK_OK(geo_crs_is_degrees(GRIDS[i], &degrees, &err), &err);
        CHECK(!degrees, "%s", GRIDS[i]);
    }
    assert_int_equal(geo_crs_is_degrees("EPSG:4978", &degrees, &err), GEO_OK); /* metres from the middle of the Earth */
    assert_false(degrees);
    assert_int_equal(geo_crs_is_degrees("WGS", &degrees, &err), GEO_ECRS);
}

static void the_same(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } CASES[] = {
        {"EPSG:4326", "OGC:CRS84", true},
        {"EPSG:27700", "EPSG:7405", true},
        {"EPSG:27700", NATIONAL_WKT("0.9996012717", ",TOWGS84[" SHIFT "]"), true},
        {NATIONAL_WKT("0.9996012717", ",TOWGS84[375,-111,431]"), NATIONAL_WKT("0.9996012717", ",TOWGS84[" SHIFT "]"), true},
        {"OGC:CRS84", WGS84_WKT(",TOWGS84[0,0,0,0,0,0,0]"), true},
        {"EPSG:4326", "EPSG:9518", true},
        {"EPSG:27700", "EPSG:4277", false},
        {"EPSG:4326", "EPSG:4258", false},
        {"EPSG:4326", "EPSG:4978", false},
        {"+proj=longlat +ellps=bessel +towgs84=598,73,418", "+proj=longlat +ellps=bessel +towgs84=577,90,463", false},
        {"+proj=longlat +ellps=bessel +towgs84=598,73,418", "+proj=longlat +ellps=bessel", false},
        {"+proj=longlat +ellps=bessel +towgs84=598,73,418", "+proj=longlat +ellps=bessel +towgs84=598,73,418 +no_defs", true},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        bool same;
        geo_err err;
        CHECK_OK(geo_crs_same(CASES[i].a, CASES[i].b, &same, &err), &err);
        CHECK(same == CASES[i].same, "%s and %s", CASES[i].a, CASES[i].b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ostn15_is_for),
        cmocka_unit_test(spellings_move_alike),
        cmocka_unit_test(in_degrees),
        cmocka_unit_test(the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
