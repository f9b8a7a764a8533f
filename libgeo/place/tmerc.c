/*
 * Transverse Mercator by Redfearn's series, as cut by the Ordnance Survey (A guide to coordinate systems in Great Britain, annex C, whose
 * symbols are kept: I to VI there, VII to XI back).
 *
 * Krueger's series, which PROJ has, are exact to a nanometre, and wrong here: OSTN15 is defined with the Survey's, and 6 degrees from the
 * central meridian the two are 1 mm apart. The Survey's series for the way back are no exact inverse: at St Kilda they miss by 5 mm. So theirs
 * is only where the way back starts; what the way there makes of it then improves it.
 */
#include "tmerc.h"

#include <math.h>

#define DEG (3.14159265358979323846 / 180)

/* GRS 80, and EPSG:27700's parameters of projection. */
#define GRS80_A_M 6378137.0
#define GRS80_F (1 / 298.257222101)
#define LON0_RAD (-2 * DEG)
#define LAT0_RAD (49 * DEG)
#define EAST0_M 400000.0
#define NORTH0_M (-100000.0)
#define SCALE0 0.9996012717

#define INVERSE_STEPS 2 /* each leaves less than a hundredth of what was missing, at first some metres; 0.0002 mm in the end */

/* The sum of c[j - 1] sin 2 j phi, of the sine and cosine of phi. */
static double sines(const double c[3], double s, double k)
{
    const double s2 = 2 * s * k, k2 = 1 - 2 * s * s;
    return s2 * (c[0] + 2 * k2 * c[1] + (3 - 4 * s2 * s2) * c[2]);
}

/* The sine and cosine of an angle, from those of the angle that is d less; d is below 0.005, so what is left out is below 1e-16. */
static void turn(double d, double *s, double *k)
{
    const double d2 = d * d, sin_d = d * (1 - d2 / 6 * (1 - d2 / 20)), versine_d = d2 / 2 * (1 - d2 / 12), s0 = *s;
    *s += *k * sin_d - s0 * versine_d;
    *k -= s0 * sin_d + *k * versine_d;
}

void geo_tmerc_init_british(tmerc *t)
{
    const double f = GRS80_F, n = f / (2 - f), n2 = n * n, n3 = n2 * n, b_m = GRS80_A_M * (1 - f);
    const double c0 = 1 + n + 5 * n2 / 4 + 5 * n3 / 4;
    *t = (tmerc){
        .e2 = f * (2 - f),
        .radius_m = SCALE0 * GRS80_A_M,
        .arc_m = SCALE0 * b_m * c0,
        /* sin(phi - phi0) cos(phi + phi0) is half of sin 2 phi - sin 2 phi0, and so on */
        .arc = {-(3 * n + 3 * n2 + 21 * n3 / 8) / (2 * c0), (15 * n2 / 8 + 15 * n3 / 8) / (2 * c0), -35 * n3 / (48 * c0)},
        .foot = {3 * n / 2 - 27 * n3 / 32, 21 * n2 / 16, 151 * n3 / 96},
    };
    t->north0_m = NORTH0_M - t->arc_m * (LAT0_RAD + sines(t->arc, sin(LAT0_RAD), cos(LAT0_RAD)));
}

static void forward(const tmerc *t, double phi, double s, double k, double lambda, double *east_m, double *north_m)
{
    const double w = 1 - t->e2 * s * s, nu = t->radius_m / sqrt(w), ratio = w / (1 - t->e2), eta2 = ratio - 1; /* ratio: nu / rho */
    const double t1 = s / k, t2 = t1 * t1, p = lambda * k, p2 = p * p;
    const double iv = 1, v = (ratio - t2) / 6, vi = (5 + t2 * (t2 - 18) + eta2 * (14 - 58 * t2)) / 120;
    const double ii = 1.0 / 2, iii = (5 - t2 + 9 * eta2) / 24, iiia = (61 + t2 * (t2 - 58)) / 720;
    *east_m = EAST0_M + nu * p * (iv + p2 * (v + p2 * vi));
    *north_m = t->north0_m + t->arc_m * (phi + sines(t->arc, s, k)) + nu * t1 * p2 * (ii + p2 * (iii + p2 * iiia));
}

void geo_tmerc_forward(const tmerc *t, double lon_deg, double lat_deg, double *east_m, double *north_m)
{
    const double phi = lat_deg * DEG;
    forward(t, phi, sin(phi), cos(phi), lon_deg * DEG - LON0_RAD, east_m, north_m);
}

void geo_tmerc_inverse(const tmerc *t, double east_m, double north_m, double *lon_deg, double *lat_deg)
{
    const double mu = (north_m - t->north0_m) / t->arc_m;
    double s = sin(mu), k = cos(mu), d = sines(t->foot, s, k), phi = mu + d;
    turn(d, &s, &k);
    const double w = 1 - t->e2 * s * s, nu = t->radius_m / sqrt(w), ratio = w / (1 - t->e2), t1 = s / k, t2 = t1 * t1;
    const double q = (east_m - EAST0_M) / nu, q2 = q * q, vii = 1.0 / 2, viii = (5 + 3 * t2) / 24, xi = (ratio + 2 * t2) / 6;
    double lambda = q / k * (1 - q2 * xi);
    d = -ratio * t1 * q2 * (vii - q2 * viii);
    for (int i = 0; i < INVERSE_STEPS; i++) {
        double e, n;
        phi += d;
        turn(d, &s, &k);
        forward(t, phi, s, k, lambda, &e, &n);
        /* what is missing, from the grid's north to the meridian's, which gamma is apart, and from the grid's scale to that of the globe */
        const double gamma = lambda * s, cos_gamma = 1 - gamma * gamma / 2, scale = nu * (1 + q2 / 2);
        const double de = (east_m - e) / scale, dn = (north_m - n) / scale;
        d = (dn * cos_gamma - de * gamma) * ratio;
        lambda += (de * cos_gamma + dn * gamma) / k;
    }
    *lat_deg = (phi + d) / DEG;
    *lon_deg = (lambda + LON0_RAD) / DEG;
}
