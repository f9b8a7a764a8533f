/* Cutting a stream of bytes into chunks of whole records. */
#include "chunks.h"

#include <stdlib.h>
#include <string.h>

#define READ_BYTES ((size_t)1 << 12) /* least worth a call */
#define FIELDS_FREE 48               /* fields of a record whose places take no more memory than the shortest record */

geo_status geo_chunks_open(const char *name, const geo_watch *watch, geo_chunks *c, geo_err *err)
{
    *c = (geo_chunks){.watch = watch};
    strncat(c->name, strcmp(name, "-") ? geo_name_shown(name) : "standard input", sizeof c->name - 1);
    return geo_input_open(name, watch, &c->in, err);
}

void geo_chunks_close(geo_chunks *c)
{
    geo_input_close(c->in);
    geo_bytes_clear(&c->carry);
    c->in = NULL;
}

/* A byte-order mark at the start of the stream says nothing that is not known. */
static void skip_mark(geo_chunks *c, geo_bytes *raw)
{
    if (c->started || (raw->n < 3 && !c->at_end))
        return;
    if (raw->n >= 3 && memcmp(raw->data, "\xEF\xBB\xBF", 3) == 0)
        memmove(raw->data, raw->data + 3, raw->n -= 3);
    c->started = true;
}

static geo_status read_more(geo_chunks *c, geo_bytes *raw, size_t most, geo_err *err)
{
    size_t got;
    const geo_status st = geo_input_read(c->in, raw->data + raw->n, most - raw->n, &got, err);
    if (st < 0)
        return st;
    raw->n += got;
    c->at_end = got == 0;
    skip_mark(c, raw);
    return GEO_OK;
}

geo_status geo_chunks_look(geo_chunks *c, size_t n, geo_err *err)
{
    geo_status st = GEO_OK;
    if (c->carry.n < n && !geo_bytes_reserve(&c->carry, n - c->carry.n))
        return geo_err_nomem(err);
    while (st == GEO_OK && c->carry.n < n && !c->at_end)
        st = read_more(c, &c->carry, n, err); /* not more: where chunks end must not depend on it */
    return st;
}

char geo_chunks_first(const geo_chunks *c)
{
    size_t at = 0;
    while (at < c->carry.n && c->carry.data[at] && strchr(" \t\r\n", c->carry.data[at]))
        at++;
    return at < c->carry.n ? c->carry.data[at] : '\0';
}

size_t geo_chunk_bytes(size_t bytes, size_t fields_n)
{
    const size_t most = fields_n > FIELDS_FREE ? bytes / fields_n * FIELDS_FREE : bytes;
    return most < READ_BYTES ? READ_BYTES : most;
}

void geo_chunks_drop(geo_chunks *c, size_t n)
{
    memmove(c->carry.data, c->carry.data + n, c->carry.n -= n);
}

/* Read until raw holds `most` bytes, the stream ends, or it is silent and there is a record to go on with. */
static geo_status fill(geo_chunks *c, geo_bytes *raw, size_t most, geo_err *err)
{
    geo_status st = GEO_OK;
    if (!geo_bytes_reserve(raw, most - raw->n + GEO_CHUNK_PADDING))
        return geo_err_nomem(err);
    while (st == GEO_OK && !c->at_end && raw->n < most) {
        if (!c->steady && c->started && raw->n && geo_input_is_silent(c->in) && c->whole(raw->data, raw->n))
            break;
        st = read_more(c, raw, most, err);
    }
    return st;
}

geo_status geo_chunks_next(geo_chunks *c, geo_bytes *raw, size_t least, geo_err *err)
{
    const size_t step = least < READ_BYTES ? READ_BYTES : least;
    raw->n = 0;
    if (!geo_bytes_reserve(raw, c->carry.n + step + GEO_CHUNK_PADDING))
        return geo_err_nomem(err);
    if (c->carry.n)
        memcpy(raw->data, c->carry.data, c->carry.n);
    raw->n = c->carry.n;
    c->carry.n = 0;
    for (size_t most = raw->n > step ? step : raw->n + step;; most *= 2) {
        const geo_status st = raw->n < most ? fill(c, raw, most, err) : GEO_OK;
        if (st < 0)
            return st;
        const size_t seen = raw->n < most ? raw->n : most, n = c->at_end && seen == raw->n ? raw->n : c->whole(raw->data, seen);
        if (n > 0 || raw->n == 0) {
            const size_t rest = raw->n - n;
            if (!geo_bytes_reserve(&c->carry, rest))
                return geo_err_nomem(err);
            memcpy(c->carry.data, raw->data + n, rest);
            c->carry.n = rest;
            raw->n = n;
            memset(raw->data + n, 0, GEO_CHUNK_PADDING);
            return GEO_OK;
        }
        if (most > GEO_CHUNK_MOST)
            return geo_err_set(err, GEO_EFORMAT, "a record of '%s' is longer than 256 MiB: %s", c->name, c->too_long);
    }
}

bool geo_chunks_return(geo_chunks *c, geo_bytes *raw)
{
    if (!geo_bytes_reserve(raw, c->carry.n))
        return false;
    if (c->carry.n)
        memcpy(raw->data + raw->n, c->carry.data, c->carry.n);
    raw->n += c->carry.n;
    geo_bytes_clear(&c->carry);
    c->carry = *raw;
    *raw = (geo_bytes){0};
    return true;
}

bool geo_chunks_rewind(geo_chunks *c)
{
    c->carry.n = 0;
    c->at_end = c->started = false;
    return geo_input_rewind(c->in);
}

geo_status geo_chunks_fetch(geo_chunks *c, geo_piece *piece, geo_err *err)
{
    const geo_status st = geo_chunks_next(c, &piece->raw, c->bytes, err);
    if (st < 0)
        return st;
    geo_watch_progress(c->watch, c->name, geo_input_at(c->in), geo_input_size(c->in));
    return piece->raw.n ? GEO_OK : GEO_DONE;
}
