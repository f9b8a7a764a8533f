/* Grid references: what is taken lies on its grid, prints, and reads back the same; what is refused says why and changes nothing. */
#include "fuzz.h"
#include "geo/gridref.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

static void out_and_back(const geo_gridref *r, double easting, double northing)
{
    char text[GEO_GRIDREF_ROOM] = "?";
    geo_gridref again;
    const size_t n = geo_gridref_print(r->grid, easting, northing, r->size_m, text);
    REQUIRE(n > 0 && n < GEO_GRIDREF_ROOM && strlen(text) == n);
    REQUIRE(geo_gridref_parse(text, n, &again, NULL) == GEO_OK);
    REQUIRE(again.grid == r->grid && again.easting == r->easting && again.northing == r->northing && again.size_m == r->size_m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *text = fuzz_copy(data, n);
    geo_gridref r = {GEO_GRID_BRITAIN, -1, -1, -1};
    geo_err err = {GEO_OK, ""};
    const geo_status st = geo_gridref_parse(text, n, &r, &err);
    free(text);
    if (st == GEO_OK) {
        const int32_t east = r.grid == GEO_GRID_BRITAIN ? 700000 : 500000, north = r.grid == GEO_GRID_BRITAIN ? 1300000 : 500000;
        REQUIRE(r.size_m >= 1 && r.size_m <= 100000 && r.easting % r.size_m == 0 && r.northing % r.size_m == 0);
        REQUIRE(r.easting >= 0 && r.northing >= 0 && r.easting + r.size_m <= east && r.northing + r.size_m <= north);
        out_and_back(&r, r.easting, r.northing);
        out_and_back(&r, r.easting + r.size_m - 1e-6, r.northing + r.size_m - 1e-6);
    } else {
        REQUIRE(st == GEO_EFORMAT && r.size_m == -1 && err.msg[0]);
    }
    double place[2];
    char out[GEO_GRIDREF_ROOM] = "?";
    if (n >= sizeof place) {
        memcpy(place, data, sizeof place);
        const size_t k = geo_gridref_print(n % 2 ? GEO_GRID_BRITAIN : GEO_GRID_IRELAND, place[0], place[1], 1, out);
        REQUIRE(k ? strlen(out) == k : strcmp(out, "?") == 0);
    }
    return 0;
}
