/*
 * Tables of perturbations, from standard input (a CSV file in memory): of the real form, or the end of one of the integer form whose first
 * rows are made here. What is read covers every key of every count, makes no count negative, and does not depend on the chunks.
 */
#define _GNU_SOURCE /* memfd_create */
#include "stream.h"

#include "geo/cellkey.h"

#define ROWS_MADE 747

static void check_rows(const geo_ptable *table)
{
    size_t n;
    const geo_ptable_row *rows;
    int64_t i = geo_ptable_rows(table, 0, &n) ? 0 : 1;
    for (; (rows = geo_ptable_rows(table, i, &n)); i++) {
        REQUIRE(n > 0 && rows[0].from == 0 && rows[n - 1].to == 1);
        for (size_t k = 0; k < n; k++)
            REQUIRE(rows[k].to > rows[k].from && i + rows[k].add >= 0 && (k == 0 || rows[k].from == rows[k - 1].to));
    }
}

static geo_status read_table(int fd, size_t chunk_bytes, uint64_t *hash)
{
    geo_reader *reader = NULL;
    geo_ptable *table = NULL;
    geo_err err;
    REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
    geo_status st = geo_reader_open("-", &(geo_reader_options){.chunk_bytes = chunk_bytes}, &reader, &err);
    if (st == GEO_OK)
        st = geo_ptable_read(reader, &table, &err);
    REQUIRE((st == GEO_OK) == (table != NULL) && (st == GEO_OK || err.msg[0]));
    geo_reader_close(reader);
    if (st < 0)
        return st;
    check_rows(table);
    for (int64_t count = 0; count < 1100; count += count < 12 || count > 740 ? 1 : 91) {
        const uint64_t key = (uint64_t)count * UINT64_C(0x9E3779B97F4A7C15);
        int64_t out;
        st = geo_ptable_perturb(table, &count, &key, 1, true, &out, 1, &err);
        REQUIRE(st == GEO_OK ? out >= 0 : st == GEO_EFORMAT && count == 0);
        *hash = mix(*hash, st == GEO_OK ? &out : &count, sizeof out);
    }
    geo_ptable_free(table);
    return GEO_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2)
        return 0;
    char head[ROWS_MADE * 10 + 40];
    int head_n = sprintf(head, "%s", data[0] & 1 ? "pcv,ckey,pvalue\n" : "i,v,lb,ub\n");
    for (int pcv = 1; data[0] & 1 && pcv <= ROWS_MADE; pcv++)
        head_n += sprintf(head + head_n, "%d,0,1\n", pcv);
    const int fd = standard_input();
    REQUIRE(pwrite(fd, head, (size_t)head_n, 0) == head_n);
    REQUIRE(pwrite(fd, data + 2, n - 2, head_n) == (ssize_t)(n - 2));
    uint64_t whole = 0, pieces = 0;
    const geo_status st = read_table(fd, 0, &whole);
    REQUIRE(read_table(fd, 1 + data[1], &pieces) == st && whole == pieces);
    return 0;
}
