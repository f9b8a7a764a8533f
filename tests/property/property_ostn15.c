/*
 * Between WGS 84 and the National Grid against Perl's Geo::Coordinates::OSGB, whose data the grid is made from and whose code is its own:
 *
 *     property_ostn15 [POINTS [SEED]]
 *
 * There the two agree to its rounding, to the millimetre. Back it uses the Ordnance Survey's cut series, which are no exact inverse of the
 * way there: near the central meridian to 0.1 mm, millimetres in the far west. So back it is compared within NEAR_DEG. Skipped without
 * Perl's module or without the grid.
 */
#include "geo/crs.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_MOST 20000 /* Perl is slow */
#define THERE_M 0.000501
#define BACK_M 0.0008
#define NEAR_DEG 3.5
#define M_A_DEGREE 111320.0
#define DEG (3.14159265358979323846 / 180)

static const char SCRIPT[] = "perl -MGeo::Coordinates::OSGB=ll_to_grid,grid_to_ll -e '"
                             "srand(%" PRIu64 "); my %%s = (shape => \"ETRS89\");"
                             "for (1 .. %d) {"
                             " my ($x, $y) = (-7.9 + rand(9.8), 50 + rand(10.8));"
                             " my ($e, $n) = ll_to_grid($y, $x, {%%s}); my ($b, $a) = grid_to_ll($e, $n, {%%s});"
                             " printf \"%%.17g %%.17g %%s %%s %%.17g %%.17g\\n\", $x, $y, $e, $n, $a, $b;"
                             "}' 2>/dev/null";

static geo_transform *between(const char *from, const char *to)
{
    const geo_transform_options o = {.data_dir = getenv("GEO_DATA_DIR"), .require_grid = true};
    geo_transform *t = NULL;
    return geo_transform_new(from, to, &o, &t, NULL) == GEO_OK ? t : NULL;
}

int main(int argc, char **argv)
{
    const int asked = argc > 1 ? atoi(argv[1]) : POINTS_MOST, points = asked < POINTS_MOST ? asked : POINTS_MOST;
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20240607;
    geo_transform *there = between("EPSG:4258", "EPSG:27700"), *back = between("EPSG:27700", "EPSG:4258");
    char command[sizeof SCRIPT + 64];
    snprintf(command, sizeof command, SCRIPT, seed, points);
    FILE *perl = there && back ? popen(command, "r") : NULL;
    double lon, lat, e, n, lon_back, lat_back, worst_there_m = 0, worst_back_m = 0;
    int checked = 0;
    while (perl && fscanf(perl, "%lf %lf %lf %lf %lf %lf", &lon, &lat, &e, &n, &lon_back, &lat_back) == 6) {
        double x = lon, y = lat, a = e, b = n;
        if (geo_transform_points(there, &x, &y, 1, NULL) < 0 || geo_transform_points(back, &a, &b, 1, NULL) < 0)
            return 1;
        if (isnan(x) && lon < -7) /* south-west of the grid */
            continue;
        const double there_m = fmax(fabs(x - e), fabs(y - n)), back_m = hypot((a - lon_back) * cos(lat * DEG), b - lat_back) * M_A_DEGREE;
        const bool near = fabs(lon + 2) < NEAR_DEG;
        if (!(there_m <= THERE_M) || (near && !(back_m <= BACK_M))) {
            printf("FAILED property_ostn15, seed %" PRIu64 ": %.12f %.12f: off by %.6f m there, %.6f m back\n", seed, lon, lat, there_m,
                   back_m);
            return 1;
        }
        worst_there_m = fmax(worst_there_m, there_m);
        if (near)
            worst_back_m = fmax(worst_back_m, back_m);
        checked++;
    }
    if (perl)
        pclose(perl);
    geo_transform_free(there);
    geo_transform_free(back);
    if (checked == 0)
        puts("  skipped: property_ostn15: no OSTN15 grid, or no Geo::Coordinates::OSGB");
    else
        printf("property_ostn15: %d points agree with Geo::Coordinates::OSGB, to %.2f mm there and %.2f mm back, seed %" PRIu64 "\n",
               checked, 1e3 * worst_there_m, 1e3 * worst_back_m, seed);
    return 0;
}
