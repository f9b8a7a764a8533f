/* What the targets of readers share: a stream in memory as standard input, and everything that comes of it. */
#ifndef GEO_TESTS_FUZZ_ROWS_H
#define GEO_TESTS_FUZZ_ROWS_H

#include "geo/reader.h"
#include "stream.h"

#include <math.h>

typedef struct outcome {
    geo_status st;
    int64_t rows_n;
    uint64_t hash;
} outcome;

static inline uint64_t mix_geometry(uint64_t h, const geo_geometries *g, size_t r)
{
    if (!g->kind) {
        REQUIRE((isfinite(g->x[r]) && isfinite(g->y[r])) || (isnan(g->x[r]) && isnan(g->y[r])) || (isinf(g->x[r]) && isinf(g->y[r])));
        return isnan(g->x[r]) ? mix(h, "-", 1) : mix(mix(h, &g->x[r], 8), &g->y[r], 8);
    }
    const int64_t from = g->vertex_at[g->ring_at[g->part_at[r]]], to = g->vertex_at[g->ring_at[g->part_at[r + 1]]];
    REQUIRE(from <= to);
    h = mix(h, &g->kind[r], 1);
    for (int64_t v = from; v < to; v++) {
        REQUIRE(isfinite(g->x[v]) && isfinite(g->y[v]));
        h = mix(mix(h, &g->x[v], 8), &g->y[v], 8);
    }
    return h;
}

static inline uint64_t mix_row(uint64_t h, const geo_batch *b, size_t r)
{
    const uint8_t class_ = (uint8_t)geo_batch_class(b, r);
    REQUIRE(class_ <= GEO_CLASS_SPECIAL);
    h = mix(h, &class_, 1);
    if (b->members && b->members_len[r]) {
        const char *object = b->members + b->members_at[r];
        REQUIRE(b->members_len[r] > 2 && object[0] == '{' && object[b->members_len[r] - 1] == '}');
        h = mix(h, object, b->members_len[r]);
    }
    for (size_t i = 0; i < b->schema->fields_n; i++) {
        const geo_column *c = &b->columns[i];
        char room[GEO_VALUE_ROOM];
        size_t n;
        if (!c->held)
            continue;
        if (c->type == GEO_GEOMETRY) {
            h = mix_geometry(h, c->geometries, r);
            continue;
        }
        const char *s = geo_column_print(c, r, room, &n);
        REQUIRE(s || n == 0);
        h = mix(h, s ? s : "", n);
    }
    return h;
}

static inline outcome read_all(int fd, const geo_reader_options *options, geo_format format)
{
    outcome o = {.hash = 14695981039346656037u};
    geo_reader *reader = NULL;
    const geo_batch *batch;
    geo_err err;
    REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
    o.st = geo_reader_open("-", options, &reader, &err);
    REQUIRE(o.st == GEO_OK ? reader != NULL : o.st < 0 && !reader && err.msg[0]);
    if (o.st < 0)
        return o;
    REQUIRE(geo_reader_format(reader) == format);
    while ((o.st = geo_reader_next(reader, &batch, &err)) == GEO_OK) {
        for (size_t r = 0; r < batch->rows_n; r++)
            o.hash = mix_row(o.hash, batch, r);
        o.rows_n += (int64_t)batch->rows_n;
    }
    REQUIRE(o.st == GEO_DONE || o.st < 0);
    geo_reader_close(reader);
    return o;
}

/* Read what is in the file in memory whole and in chunks of some bytes: the same must come out, or the same kind of error. */
static inline void read_twice(int fd, uint8_t what, uint8_t chunk, geo_format format)
{
    static const char *const SOME[] = {"a", NULL};
    geo_reader_options options = {.try_geometry = what & 1,
                                  .columns = what >> 1 & 1 ? SOME : NULL,
                                  .where = what >> 2 & 1 ? "a = '1'" : NULL,
                                  .raise = what >> 3 & 1,
                                  .label = {.class_ = (geo_class)(what >> 4 & 3)},
                                  .members = what >> 7 ? GEO_MEMBERS_KEPT_MOVED : GEO_MEMBERS_LEFT_OUT};
    const outcome whole = read_all(fd, &options, format);
    options.chunk_bytes = 1 + chunk;
    const outcome pieces = read_all(fd, &options, format);
    REQUIRE(whole.st == pieces.st);
    REQUIRE(whole.st != GEO_DONE || (whole.rows_n == pieces.rows_n && whole.hash == pieces.hash));
}

#endif
