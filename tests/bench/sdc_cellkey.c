/*
 * Cell keys of a country: keys of records, and cells perturbed by a table of either form, on one thread and on all.
 *
 * usage: sdc_cellkey RECORDS CELLS
 */
#define _GNU_SOURCE /* mkstemps */
#include "bench.h"
#include "geo/cellkey.h"
#include "geo/init.h"
#include "geo/parallel.h"
#include "geo/random.h"

#include <math.h>

#define RECORDS_A_PART 65536

static const uint8_t SECRET[GEO_SECRET_BYTES] = "a secret for the benchmark alone";

/* Keys of records whose ids are ten digits; the digits are written here too. */
static void make_keys(void *ctx, size_t lo, size_t hi)
{
    uint64_t *key = ctx;
    char id[10];
    for (size_t k = lo; k < hi; k++) {
        size_t rest = k;
        for (int i = 9; i >= 0; i--, rest /= 10)
            id[i] = (char)('0' + rest % 10);
        key[k] = geo_record_key(SECRET, id, sizeof id);
    }
}

/* The 10-5 rule with 256 keys, from a file of 192,000 rows. */
static geo_ptable *ten_five(void)
{
    char name[] = "/tmp/geo-bench-XXXXXX.csv";
    const int fd = mkstemps(name, 4);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f)
        exit(1);
    fputs("pcv,ckey,pvalue\n", f);
    for (int pcv = 1; pcv <= 750; pcv++)
        for (int k = 0; k < 256; k++)
            fprintf(f, "%d,%d,%d\n", pcv, k, (pcv < 10 ? 0 : (pcv + 2) / 5 * 5) - pcv);
    fclose(f);
    geo_err err;
    geo_reader *reader;
    geo_ptable *table;
    const double start = now();
    must(geo_reader_open(name, &(geo_reader_options){0}, &reader, &err), &err);
    must(geo_ptable_read(reader, &table, &err), &err);
    geo_reader_close(reader);
    printf("  cell keys: table of 192000 rows read in %.2f s\n", now() - start);
    remove(name);
    return table;
}

int main(int argc, char **argv)
{
    geo_err err;
    if (argc != 3)
        return 2;
    must(geo_init(&err), &err);
    const size_t records_n = (size_t)atoll(argv[1]), cells_n = (size_t)atoll(argv[2]);
    uint64_t *key = malloc((records_n > cells_n ? records_n : cells_n) * sizeof *key + 1);
    int64_t *count = malloc(cells_n * sizeof *count + 1), *out = malloc(cells_n * sizeof *out + 1);
    if (!key || !count || !out)
        return 1;
    const int all = geo_threads_default();
    for (int threads = 1; threads <= all; threads += all > 1 ? all - 1 : 1) {
        const double start = now();
        geo_parallel_for(records_n, RECORDS_A_PART, threads, make_keys, key);
        printf("  cell keys: %zu records, %d threads: %.2f s\n", records_n, threads, now() - start);
    }
    geo_random r;
    geo_random_init(&r, 1, 0);
    for (size_t k = 0; k < cells_n; k++) {
        count[k] = (int64_t)(log(1 - geo_random_uniform(&r)) / log(6 / 7.0));
        key[k] = geo_random_next(&r);
    }
    geo_ptable *tables[2] = {ten_five(), NULL};
    must(geo_ptable_make(5, 3, 0, &tables[1], &err), &err);
    for (int form = 0; form < 2; form++) {
        for (int threads = 1; threads <= all; threads += all > 1 ? all - 1 : 1) {
            const double start = now();
            must(geo_ptable_perturb(tables[form], count, key, cells_n, false, out, threads, &err), &err);
            printf("  cell keys: %zu cells, %s form, %d threads: %.2f s\n", cells_n, form ? "real" : "integer", threads, now() - start);
        }
        geo_ptable_free(tables[form]);
    }
    free(key);
    free(count);
    free(out);
    return 0;
}
