/*
 * geo_areas_overlaps under the even-odd rule against a decomposition into strips in long double.
 *
 *     property_scribbles [EFFORT [SEED]]
 *
 * Scribbles are rings that cross themselves and each other, on a coarse grid where most things coincide, or anywhere.
 */
#include "layers.h"

#define EFFORT_A_WORLD 50
#define SCRIBBLE_EDGES 24

typedef struct edge {
    long double x0, y0, x1, y1; /* y0 < y1 */
    bool second;
} edge;

typedef struct mark {
    long double x, low, high;
    bool second;
} mark;

static int by_x(const void *a, const void *b)
{
    const mark *p = a, *q = b;
    return (p->x > q->x) - (p->x < q->x);
}

static int by_y(const void *a, const void *b)
{
    const long double *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

static long double at(const edge *e, long double y)
{
    return e->x0 + (y - e->y0) * ((e->x1 - e->x0) / (e->y1 - e->y0));
}

/*
 * Areas 0 of two layers under the even-odd rule: cut the plane at every vertex and every crossing of any two edges into strips, in which edges
 * lie side by side; between two of them the ground is inside or outside, by counting.
 */
static void strips(const layer *first, const layer *second, answer *out)
{
    static edge e[2 * SCRIBBLE_EDGES];
    static long double y[4 * SCRIBBLE_EDGES + 4 * SCRIBBLE_EDGES * SCRIBBLE_EDGES];
    const layer *in[2] = {first, second};
    int n = 0, y_n = 0;
    for (int side = 0; side < 2; side++)
        for (int r = 0; r < in[side]->rings_n; r++)
            for (int i = in[side]->ring_at[r]; i + 1 < in[side]->ring_at[r + 1]; i++) {
                const double *px = in[side]->x + i, *py = in[side]->y + i;
                const int low = py[0] > py[1];
                if (py[0] != py[1])
                    e[n++] = (edge){px[low], py[low], px[!low], py[!low], side};
            }
    for (int i = 0; i < n; i++) {
        y[y_n++] = e[i].y0;
        y[y_n++] = e[i].y1;
        for (int j = 0; j < i; j++) {
            const long double low = fmaxl(e[i].y0, e[j].y0), high = fminl(e[i].y1, e[j].y1);
            const long double a = at(&e[i], low) - at(&e[j], low), b = at(&e[i], high) - at(&e[j], high);
            if (low < high && ((a < 0 && b > 0) || (a > 0 && b < 0)))
                y[y_n++] = low + (high - low) * (a / (a - b));
        }
    }
    qsort(y, (size_t)y_n, sizeof *y, by_y);
    long double sizes[2] = {0, 0}, shared = 0;
    for (int k = 0; k + 1 < y_n; k++) {
        mark m[2 * SCRIBBLE_EDGES];
        const long double middle = (y[k] + y[k + 1]) / 2, height = y[k + 1] - y[k];
        int m_n = 0;
        bool inside[2] = {false, false};
        for (int i = 0; i < n && height > 0; i++)
            if (e[i].y0 < middle && middle < e[i].y1)
                m[m_n++] = (mark){at(&e[i], middle), 0, 0, e[i].second};
        qsort(m, (size_t)m_n, sizeof *m, by_x);
        for (int i = 0; i + 1 < m_n; i++) {
            inside[m[i].second] ^= true;
            const long double ground = (m[i + 1].x - m[i].x) * height;
            sizes[0] += inside[0] ? ground : 0;
            sizes[1] += inside[1] ? ground : 0;
            shared += inside[0] && inside[1] ? ground : 0;
        }
    }
    out->size[0][0] = (double)sizes[0];
    out->size[1][0] = (double)sizes[1];
    out->shared[0][0] = (double)shared;
}

static void scribble(layer *l, geo_xy origin, double spacing, int coarse)
{
    *l = (layer){.areas_n = 1};
    for (int rings = 1 + below(3), left = SCRIBBLE_EDGES; rings > 0 && left > 0; rings--) {
        const int n = 1 + below(left < 10 ? left : 10);
        start_ring(l, 0, l->rings_n > 0 && below(2));
        for (int i = 0; i < n; i++)
            add_vertex(l, (geo_xy){origin.x + spacing * (coarse ? below(coarse) : 4 * geo_random_uniform(&rnd)),
                                   origin.y + spacing * (coarse ? below(coarse) : 4 * geo_random_uniform(&rnd))});
        end_ring(l);
        left -= n;
    }
}

static bool check_scribbles(double *worst)
{
    static layer first, second;
    static answer expected, got;
    const double spacing = below(2) ? 1 : 0.3;
    const geo_xy origin = {below(2) ? 529000 : 0, below(2) ? -0.1 : 181000};
    const int coarse = below(3) ? 3 + below(4) : 0;
    scribble(&first, origin, spacing, coarse);
    scribble(&second, origin, spacing, below(4) ? coarse : 0);
    strips(&first, &second, &expected);
    /* Where scribbles cross is rounded to coordinates. */
    return ask(&first, &second, &got) && agree("scribbles", &got, &expected, 1, 1, 64 * DBL_EPSILON * 529000, worst);
}

int main(int argc, char **argv)
{
    const uint64_t effort = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000, seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    const uint64_t worlds_n = effort / EFFORT_A_WORLD + 1;
    double worst = 0;
    for (uint64_t k = 0; k < worlds_n; k++) {
        geo_random_init(&rnd, seed, k + 1);
        if (!check_scribbles(&worst)) {
            fprintf(stderr, "property_scribbles: seed %" PRIu64 ", world %" PRIu64 "\n", seed, k);
            return 1;
        }
    }
    printf("property_scribbles: %" PRIu64 " worlds, seed %" PRIu64 ", largest difference %.2g of the smaller area\n", worlds_n, seed,
           worst);
    return 0;
}
