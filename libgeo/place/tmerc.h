/* The National Grid's projection, by the formulas of the Ordnance Survey that OSTN15 is defined with. */
#ifndef PLACE_TMERC_H
#define PLACE_TMERC_H

typedef struct tmerc {
    double e2;            /* the ellipsoid's squared eccentricity */
    double radius_m;      /* its semi-major axis, scaled */
    double north0_m;      /* northing of the equator at the central meridian */
    double arc_m, arc[3]; /* the meridian's length from the equator: arc_m (phi + sum of arc[j - 1] sin 2 j phi) */
    double foot[3];       /* the way back */
} tmerc;

/* On the ellipsoid GRS 80, that of ETRS89. */
void geo_tmerc_init_british(tmerc *t);

/* Longitude and latitude in degrees. Meant for Great Britain and the seas around it, within 10 degrees of the central meridian. */
void geo_tmerc_forward(const tmerc *t, double lon_deg, double lat_deg, double *east_m, double *north_m);

/* What geo_tmerc_forward moves here, to 0.001 mm. */
void geo_tmerc_inverse(const tmerc *t, double east_m, double north_m, double *lon_deg, double *lat_deg);

#endif
