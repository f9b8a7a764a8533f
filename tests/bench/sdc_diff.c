/*
 * Comparing a table with earlier releases: random zonings of a lattice of areas, all of the same people, each released once.
 *
 * usage: sdc_diff RELEASES WIDTH HEIGHT ZONES [BASE [SEED]]   (BASE: counts are rounded to it)
 */
#include "bench.h"
#include "geo/init.h"
#include "geo/parallel.h"
#include "geo/random.h"
#include "policy/differ.h"

#include <math.h>
#include <string.h>

typedef struct field {
    uint32_t width, height, zones_n, base;
    double *people;
    geo_random r;
} field;

static const char *name_of(geo_publication *p, char letter, unsigned i)
{
    char room[32];
    snprintf(room, sizeof room, "%c%05u", letter, i);
    return geo_arena_text(&p->arena, room, strlen(room));
}

/* Each atom goes to the nearest of some random places: zones hang together, and no two zonings nest. */
static void draw_zones(field *f, uint32_t *zone)
{
    uint32_t *x = malloc(f->zones_n * sizeof *x), *y = malloc(f->zones_n * sizeof *y);
    for (uint32_t z = 0; z < f->zones_n; z++) {
        x[z] = (uint32_t)geo_random_below(&f->r, f->width);
        y[z] = (uint32_t)geo_random_below(&f->r, f->height);
    }
    for (uint32_t a = 0; a < f->width * f->height; a++) {
        int64_t best = INT64_MAX;
        for (uint32_t z = 0; z < f->zones_n; z++) {
            const int64_t dx = (int64_t)x[z] - a % f->width, dy = (int64_t)y[z] - a / f->width, d = dx * dx + dy * dy;
            if (d < best) {
                best = d;
                zone[a] = z;
            }
        }
    }
    free(x);
    free(y);
}

static geo_publication *release(field *f, int64_t id)
{
    const uint32_t atoms_n = f->width * f->height;
    geo_publication *p = calloc(1, sizeof *p);
    publication_variable *v = &p->v[0];
    *p = (geo_publication){.id = id, .name = "", .population = "", .count = "", .variables_n = 1};
    *v = (publication_variable){.field = "zone", .areas = true, .atoms_n = atoms_n, .nodes_n = f->zones_n, .levels_n = 1};
    v->atom = geo_arena_array(&p->arena, atoms_n, sizeof *v->atom);
    v->text = geo_arena_array(&p->arena, f->zones_n, sizeof *v->text);
    v->levels[0] = (publication_level){"zone", 0, f->zones_n, geo_arena_array(&p->arena, atoms_n, sizeof(uint32_t))};
    p->node = geo_arena_array(&p->arena, f->zones_n, sizeof *p->node);
    p->low = geo_arena_array(&p->arena, f->zones_n, sizeof *p->low);
    p->high = geo_arena_array(&p->arena, f->zones_n, sizeof *p->high);
    draw_zones(f, v->levels[0].in);
    memset(p->low, 0, f->zones_n * sizeof *p->low);
    for (uint32_t a = 0; a < atoms_n; a++) {
        v->atom[a] = name_of(p, 'a', a);
        p->low[v->levels[0].in[a]] += f->people[a];
    }
    for (uint32_t z = 0; z < f->zones_n; z++) {
        v->text[z] = name_of(p, 'z', z);
        p->node[z] = z;
        p->high[z] = p->low[z];
        if (f->base > 1) { /* to the nearest, and known to within the half */
            const double shown = floor(p->low[z] / f->base + 0.5) * f->base;
            p->low[z] = fmax(shown - f->base / 2, 0);
            p->high[z] = shown + f->base / 2;
        }
    }
    p->cells_n = f->zones_n;
    return p;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: sdc_diff RELEASES WIDTH HEIGHT ZONES [BASE [SEED]]\n");
        return 2;
    }
    geo_err err;
    must(geo_init(&err), &err);
    const size_t n = strtoul(argv[1], NULL, 10);
    field f = {.width = (uint32_t)strtoul(argv[2], NULL, 10),
               .height = (uint32_t)strtoul(argv[3], NULL, 10),

               .zones_n = (uint32_t)strtoul(argv[4], NULL, 10),
               .base = argc > 5 ? (uint32_t)strtoul(argv[5], NULL, 10) : 0};
    geo_random_init(&f.r, argc > 6 ? strtoull(argv[6], NULL, 10) : 1, 0);
    f.people = malloc((size_t)f.width * f.height * sizeof *f.people);
    for (size_t a = 0; a < (size_t)f.width * f.height; a++)
        f.people[a] = (double)geo_random_below(&f.r, 60);
    geo_publication **p = malloc((n + 1) * sizeof *p);
    for (size_t i = 0; i <= n; i++)
        p[i] = release(&f, (int64_t)i);
    static const geo_rules RULES = {.audience = "public", .threshold = 10};
    const differ d = {.proposed = p[0],
                      .earlier = (const geo_publication *const *)p + 1,
                      .earlier_n = n,
                      .rules = &RULES,
                      .threads = geo_threads_default()};
    geo_sdc_differed report = {.unit = ""};
    const double start = now();
    must(geo_differ(&d, NULL, NULL, &report, &err), &err);
    printf("%zu earlier releases of %u areas in %u zones: %.2f s, %zu subtractions, %zu times by all together\n", n, f.width * f.height,
           f.zones_n, now() - start, report.remainders_n, report.stacked_n);
    for (size_t i = 0; i <= n; i++)
        geo_publication_free(p[i]);
    free(p);
    free(f.people);
    return 0;
}
