/*
 * geo_attack on generated tables: bounds of every hidden cell.
 *
 * usage: attacks AREAS SEED THREADS [real]
 */
#include "bench.h"
#include "hierarchy.h"

#include "geo/attack.h"

#include <string.h>

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    hierarchy h;
    hierarchy_make(&h, strtoul(argv[1], NULL, 10), strtoull(argv[2], NULL, 10));
    const size_t n = h.equations.cells_n;
    double *low = malloc(n * sizeof *low), *high = malloc(n * sizeof *high);
    if (!low || !high)
        abort();
    hierarchy_known(&h, low, high);
    const geo_attack_options o = {.whole = argc == 4, .threads = (int)strtol(argv[3], NULL, 10)};
    geo_attack_report report;
    geo_err err;
    const double start = now();
    must(geo_attack(&h.equations, &o, low, high, NULL, &report, &err), &err);
    const double took_s = now() - start;
    size_t wrong_n = 0;
    for (size_t c = 0; c < n; c++)
        wrong_n += !(low[c] <= h.count[c] && h.count[c] <= high[c]);
    printf("%zu cells, %zu hidden in %zu parts (largest %zu): %zu follow, %zu exact, %zu relaxed, %zu bounds without the truth; %.2f s\n",
           n, report.hidden_n, report.parts_n, report.largest_n, report.spanned_n, report.exact_n, report.relaxed_n, wrong_n, took_s);
    free(low);
    free(high);
    hierarchy_free(&h);
    return wrong_n != 0;
}
