/* OSTN15: loading the shifts, looking them up, and the transformation both ways. Source: Ordnance Survey, A guide to coordinate systems in
 * Great Britain, and the OSTN15 developer pack, for the algorithm. */
#define _GNU_SOURCE /* dladdr */
#include "ostn15.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CELL_M 1000.0
#define WIDTH_M ((OSTN15_COLUMNS - 1) * CELL_M)
#define HEIGHT_M ((OSTN15_ROWS - 1) * CELL_M)

/* A box of longitudes and latitudes around the grid, within the reach of the projection's series. */
#define WEST_DEG (-12.0)
#define EAST_DEG 8.0
#define SOUTH_DEG 48.0
#define NORTH_DEG 63.0

/* The way back: shifts change by less than 0.03 % of a distance, so a step as short as CLOSE_M leaves less than 0.001 mm to go. */
#define FURTHEST_M 1000.0 /* beyond the edges of the grid: no shift is so large */
#define STEPS_MOST 12
#define CLOSE_M 1e-3

struct ostn15 {
    tmerc projection;
    double east_m, north_m; /* the least shifts */
    uint16_t nodes[OSTN15_NODES][2];
};

static uint32_t little32(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Between the four nodes around a point, which must be in the grid; its edges belong to it. */
static void shift_at(const ostn15 *o, double e, double n, double *east_m, double *north_m)
{
    const size_t column = e < WIDTH_M ? (size_t)(e / CELL_M) : OSTN15_COLUMNS - 2;
    const size_t row = n < HEIGHT_M ? (size_t)(n / CELL_M) : OSTN15_ROWS - 2;
    const double t = e / CELL_M - (double)column, u = n / CELL_M - (double)row;
    const uint16_t(*low)[2] = o->nodes + row * OSTN15_COLUMNS + column, (*high)[2] = low + OSTN15_COLUMNS;
    const double a = (1 - t) * (1 - u), b = t * (1 - u), c = (1 - t) * u, d = t * u;
    *east_m = o->east_m + 1e-3 * (a * low[0][0] + b * low[1][0] + c * high[0][0] + d * high[1][0]);
    *north_m = o->north_m + 1e-3 * (a * low[0][1] + b * low[1][1] + c * high[0][1] + d * high[1][1]);
}

/* fmin() and fmax() are calls, which this is not. */
static double within(double a, double high)
{
    return a < 0 ? 0 : a > high ? high : a;
}

static bool in_grid(double e, double n)
{
    return e >= 0 && e <= WIDTH_M && n >= 0 && n <= HEIGHT_M;
}

static bool to_grid(const ostn15 *o, double *x, double *y)
{
    const double lon = *x > 180 ? *x - 360 : *x;
    if (!(lon > WEST_DEG && lon<EAST_DEG && * y> SOUTH_DEG && *y < NORTH_DEG)) /* NaN too */
        return false;
    double e, n, se, sn;
    geo_tmerc_forward(&o->projection, lon, *y, &e, &n);
    if (!in_grid(e, n))
        return false;
    shift_at(o, e, n, &se, &sn);
    *x = e + se;
    *y = n + sn;
    return true;
}

/* Find the place that is moved here; steps that lead out of the grid go on with the shift of its edge, so that one may lead back in. */
static bool from_grid(const ostn15 *o, double *x, double *y)
{
    if (!(*x > -FURTHEST_M && *x<WIDTH_M + FURTHEST_M && * y> - FURTHEST_M && *y < HEIGHT_M + FURTHEST_M))
        return false;
    double e = *x, n = *y;
    for (int i = 0; i < STEPS_MOST; i++) {
        const double e0 = e, n0 = n;
        double se, sn;
        shift_at(o, within(e, WIDTH_M), within(n, HEIGHT_M), &se, &sn);
        e = *x - se;
        n = *y - sn;
        if (fabs(e - e0) < CLOSE_M && fabs(n - n0) < CLOSE_M)
            break;
    }
    if (!in_grid(e, n))
        return false;
    geo_tmerc_inverse(&o->projection, e, n, x, y);
    return true;
}

size_t geo_ostn15_to_grid(const ostn15 *o, double *x, double *y, size_t n, bool *rest)
{
    size_t rest_n = 0;
    for (size_t i = 0; i < n; i++)
        rest_n += rest[i] = !to_grid(o, x + i, y + i);
    return rest_n;
}

size_t geo_ostn15_from_grid(const ostn15 *o, double *x, double *y, size_t n, bool *rest)
{
    size_t rest_n = 0;
    for (size_t i = 0; i < n; i++)
        rest_n += rest[i] = !from_grid(o, x + i, y + i);
    return rest_n;
}

/* ---- loading ---- */

/* GEO_DONE when there is no such file. */
static geo_status read_all(const char *file, unsigned char *bytes, geo_err *err)
{
    const int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? GEO_DONE : geo_err_set(err, GEO_EIO, "cannot open '%s': %s", file, strerror(errno));
    size_t n = 0; /* one byte more is asked for than there should be */
    for (ssize_t got = 1; got > 0 && n <= OSTN15_BYTES; n += got > 0 ? (size_t)got : 0)
        if ((got = read(fd, bytes + n, OSTN15_BYTES + 1 - n)) < 0) {
            const geo_status st = geo_err_set(err, GEO_EIO, "cannot read '%s': %s", file, strerror(errno));
            close(fd);
            return st;
        }
    close(fd);
    unsigned char digest[OSTN15_DIGEST_BYTES];
    const size_t body = OSTN15_BYTES - sizeof digest;
    const bool good = n == OSTN15_BYTES && memcmp(bytes, OSTN15_MAGIC, sizeof OSTN15_MAGIC - 1) == 0
                      && crypto_generichash(digest, sizeof digest, bytes, body, NULL, 0) == 0
                      && memcmp(digest, bytes + body, sizeof digest) == 0;
    return good ? GEO_OK : geo_err_set(err, GEO_EFORMAT, "'%s' is damaged or no OSTN15 grid of this version: install it again", file);
}

static void decode(const unsigned char *bytes, ostn15 *o)
{
    geo_tmerc_init_british(&o->projection);
    o->east_m = 1e-3 * (int32_t)little32(bytes + 16);
    o->north_m = 1e-3 * (int32_t)little32(bytes + 20);
    const unsigned char *p = bytes + OSTN15_HEADER_BYTES;
    for (size_t i = 0; i < OSTN15_NODES; i++, p += 4) {
        o->nodes[i][0] = (uint16_t)(p[0] | p[1] << 8);
        o->nodes[i][1] = (uint16_t)(p[2] | p[3] << 8);
    }
}

/* As a tool finds its library: in the folder beside that of the library, which is the program when that holds the library. */
static bool folder_beside(char *folder, size_t room)
{
    static const char here; /* in the library */
    Dl_info info;
    if (!dladdr(&here, &info) || !info.dli_fname)
        return false;
    const char *slash = strrchr(info.dli_fname, '/');
    return slash && (size_t)snprintf(folder, room, "%.*s/../share/libgeo", (int)(slash - info.dli_fname), info.dli_fname) < room;
}

geo_status geo_ostn15_open(const char *folder, ostn15 **out, geo_err *err)
{
    char beside[PATH_MAX], file[PATH_MAX + sizeof OSTN15_NAME];
    const char *const places[] = {folder ? folder : folder_beside(beside, sizeof beside) ? beside : NULL, folder ? NULL : GEO_DATADIR};
    unsigned char *bytes = malloc(OSTN15_BYTES + 1);
    ostn15 *o = malloc(sizeof *o);
    geo_status st = bytes && o ? GEO_DONE : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_DONE && i < sizeof places / sizeof *places; i++)
        if (places[i] && (size_t)snprintf(file, sizeof file, "%s/" OSTN15_NAME, places[i]) < sizeof file)
            st = read_all(file, bytes, err);
    if (st == GEO_OK)
        decode(bytes, o);
    else
        geo_ostn15_free(o);
    free(bytes);
    if (st >= 0)
        *out = st == GEO_OK ? o : NULL;
    return st == GEO_DONE ? GEO_OK : st;
}

void geo_ostn15_free(ostn15 *o)
{
    free(o);
}
