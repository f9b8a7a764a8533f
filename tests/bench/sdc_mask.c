/*
 * Masking points: how long the index of addresses, rings, draws, catchments and snaps take, in seconds of wall time, and how many points are refused.
 *
 * usage: sdc_mask [ADDRESSES [THREADS]] < PLACES        (an x and a y in metres on each line; without any, towns and villages are drawn)
 *
 * Points are the addresses, again and again; the draws are of 100,000 of them, the snaps of a million.
 */
#include "bench.h"
#include "geo/init.h"
#include "geo/mask.h"
#include "geo/parallel.h"
#include "geo/random.h"

#include <math.h>
#include <stdint.h>
#include <unistd.h>

#define DRAWS 100000
#define SNAPS 1000000
#define TOWNS 200

typedef struct places {
    double *x, *y;
    size_t n;
} places;

static places new_places(size_t n)
{
    const places p = {malloc((n + 1) * sizeof *p.x), malloc((n + 1) * sizeof *p.y), n};
    if (!p.x || !p.y)
        exit(1);
    return p;
}

/* Three of four in towns, dense in their middle, of very different size; the others anywhere in a county of 50 km. */
static places draw_places(size_t n)
{
    geo_random r;
    geo_random_init(&r, 1, 0);
    places p = new_places(n);
    for (size_t i = 0; i < n; i++) {
        const double u = geo_random_uniform(&r);
        geo_random town;
        geo_random_init(&town, 2, (uint64_t)(u * u * TOWNS));
        const double x = geo_random_uniform(&town), y = geo_random_uniform(&town), size = 3000 * geo_random_uniform(&town);
        const double angle = 6.283185307179586 * geo_random_uniform(&r), far = size * geo_random_uniform(&r);
        const bool rural = geo_random_below(&r, 4) == 0;
        p.x[i] = floor(400000 + (rural ? 50000 * geo_random_uniform(&r) : 50000 * x + far * cos(angle)));
        p.y[i] = floor(200000 + (rural ? 50000 * geo_random_uniform(&r) : 50000 * y + far * sin(angle)));
    }
    return p;
}

static places read_places(size_t most)
{
    places p = new_places(most);
    p.n = 0;
    while (p.n < most && scanf("%lf %lf", &p.x[p.n], &p.y[p.n]) == 2)
        p.n++;
    return p;
}

static places repeat(const places *p, size_t n)
{
    places q = new_places(n);
    for (size_t i = 0; i < n; i++) {
        q.x[i] = p->x[i * 7919 % p->n];
        q.y[i] = p->y[i * 7919 % p->n];
    }
    return q;
}

static void bench_donut(const geo_addresses *addresses, const places *points, size_t k, double inner, double most_m, int tries, int threads)
{
    static const uint8_t SECRET[GEO_SECRET_BYTES] = "the secret of this benchmark";
    geo_err err;
    geo_rings *rings;
    places to = new_places(points->n);
    size_t refused_n, moved_n = 0;
    const double start = now();
    must(geo_rings_new(addresses, &(geo_donut){k, inner, 10, most_m, tries}, threads, &rings, &err), &err);
    const double made = now();
    geo_mask_donut(rings, SECRET, NULL, points->x, points->y, points->n, threads, to.x, to.y, &refused_n);
    const double drawn = now();
    double moved = 0;
    for (size_t i = 0; i < points->n; i++)
        if (!isnan(to.x[i])) {
            moved += hypot(to.x[i] - points->x[i], to.y[i] - points->y[i]);
            moved_n++;
        }
    printf("donut k %-3zu inner %.1f most %4.0f m tries %2d: rings %.3f  %zu draws %.3f  refused %6.2f %%  mean move %.0f m\n", k, inner,
           most_m, tries, made - start, points->n, drawn - made, 100.0 * (double)refused_n / (double)points->n, moved / (double)moved_n);
    geo_rings_free(rings);
    free(to.x);
    free(to.y);
}

static void bench_snap(const geo_addresses *addresses, const places *points, size_t k, int threads)
{
    geo_err err;
    geo_catchments *catchments;
    places to = new_places(points->n);
    size_t refused_n;
    const double start = now();
    must(geo_catchments_new(addresses, k, &catchments, &err), &err);
    const double made = now();
    must(geo_mask_snap(catchments, points->x, points->y, NULL, points->n, threads, to.x, to.y, NULL, &refused_n, &err), &err);
    const double snapped = now();
    size_t near_n = 0;
    double moved = 0;
    for (size_t i = 0; i < points->n; i++)
        if (!isnan(to.x[i]))
            moved += hypot(to.x[i] - points->x[i], to.y[i] - points->y[i]);
    for (size_t i = 0; i < geo_catchments_count(catchments); i++) {
        double x, y;
        size_t n;
        geo_catchments_get(catchments, i, &x, &y, &n);
        near_n += geo_addresses_within(addresses, x, y, 0.999) > 0;
    }
    printf("snap  k %-3zu: %zu catchments %.3f  %zu snaps %.3f  refused %.2f %%  mean move %.0f m  %zu middles within 1 m of an address\n",
           k, geo_catchments_count(catchments), made - start, points->n, snapped - made, 100.0 * (double)refused_n / (double)points->n,
           moved / (double)(points->n - refused_n), near_n);
    geo_catchments_free(catchments);
    free(to.x);
    free(to.y);
}

int main(int argc, char **argv)
{
    const size_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    const int threads = argc > 2 && atoi(argv[2]) > 0 ? atoi(argv[2]) : geo_threads_default();
    geo_err err;
    must(geo_init(&err), &err);
    const places p = isatty(STDIN_FILENO) || argc < 2 ? draw_places(n) : read_places(n);
    if (p.n == 0)
        return 1;
    const places draws = repeat(&p, DRAWS), snaps = repeat(&p, SNAPS);
    geo_addresses *addresses;
    const double start = now();
    must(geo_addresses_new(p.x, p.y, NULL, p.n, &addresses, &err), &err);
    printf("%zu addresses, %d threads: index %.3f\n", p.n, threads, now() - start);
    static const size_t K[] = {8, 20, 50};
    for (int i = 0; i < 3; i++)
        for (int most = 0; most < 2; most++)
            bench_donut(addresses, &draws, K[i], 0.5, most ? 2000 : 500, 10, threads);
    for (int i = 0; i < 3; i++)
        bench_snap(addresses, &snaps, K[i], threads);
    geo_addresses_free(addresses);
    free(p.x);
    free(p.y);
    free(draws.x);
    free(draws.y);
    free(snaps.x);
    free(snaps.y);
    return 0;
}
