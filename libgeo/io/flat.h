/*
 * Looking into a FlatBuffer (flatbuffers.dev, "Internals") that nobody vouches for: every place is checked before it is read. A look that
 * would leave the buffer gives nothing and marks the buffer bad; who looks asks once, at the end.
 */
#ifndef GEO_IO_FLAT_H
#define GEO_IO_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct geo_flat {
    const char *data;
    size_t n;
    bool bad;
} geo_flat;

/* A table: its place, its vtable and how long both are; at == 0: none. */
typedef struct geo_flat_table {
    size_t at, vtable;
    uint16_t vtable_n, table_n;
} geo_flat_table;

static inline uint16_t geo_flat_u16(const char *p)
{
    return (uint16_t)((unsigned char)p[0] | (unsigned char)p[1] << 8);
}

static inline uint32_t geo_flat_u32(const char *p)
{
    return geo_flat_u16(p) | (uint32_t)geo_flat_u16(p + 2) << 16;
}

static inline uint64_t geo_flat_u64(const char *p)
{
    return geo_flat_u32(p) | (uint64_t)geo_flat_u32(p + 4) << 32;
}

static inline double geo_flat_double(const char *p)
{
    const uint64_t bits = geo_flat_u64(p);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline bool geo_flat_holds(geo_flat *b, size_t at, size_t n)
{
    const bool ok = at <= b->n && n <= b->n - at;
    b->bad |= !ok;
    return ok;
}

static inline geo_flat_table geo_flat_table_at(geo_flat *b, size_t at)
{
    geo_flat_table t = {0};
    if (!geo_flat_holds(b, at, 4))
        return t;
    const int64_t vtable = (int64_t)at - (int32_t)geo_flat_u32(b->data + at);
    if (vtable < 0 || !geo_flat_holds(b, (size_t)vtable, 4)) {
        b->bad = true;
        return t;
    }
    t.vtable = (size_t)vtable;
    t.vtable_n = geo_flat_u16(b->data + vtable);
    t.table_n = geo_flat_u16(b->data + vtable + 2);
    if (t.vtable_n >= 4 && t.table_n >= 4 && geo_flat_holds(b, t.vtable, t.vtable_n) && geo_flat_holds(b, at, t.table_n))
        t.at = at;
    b->bad |= t.at == 0;
    return t;
}

static inline geo_flat_table geo_flat_root(geo_flat *b)
{
    return geo_flat_holds(b, 0, 4) ? geo_flat_table_at(b, geo_flat_u32(b->data)) : (geo_flat_table){0};
}

/* Place of a field of `size` bytes in its table, or 0 when it is not there. */
static inline size_t geo_flat_field(geo_flat *b, const geo_flat_table *t, unsigned slot, size_t size)
{
    const size_t entry = 4 + 2 * (size_t)slot;
    if (t->at == 0 || entry + 2 > t->vtable_n)
        return 0;
    const size_t offset = geo_flat_u16(b->data + t->vtable + entry);
    if (offset == 0)
        return 0;
    if (offset < 4 || offset + size > t->table_n) {
        b->bad = true;
        return 0;
    }
    return t->at + offset;
}

static inline uint8_t geo_flat_byte(geo_flat *b, const geo_flat_table *t, unsigned slot, uint8_t none)
{
    const size_t at = geo_flat_field(b, t, slot, 1);
    return at ? (uint8_t)b->data[at] : none;
}

/* Where a field that is an offset points to; 0: not there. */
static inline size_t geo_flat_follow(geo_flat *b, const geo_flat_table *t, unsigned slot)
{
    const size_t at = geo_flat_field(b, t, slot, 4);
    if (!at)
        return 0;
    const size_t to = at + geo_flat_u32(b->data + at);
    return to > at && geo_flat_holds(b, to, 4) ? to : (b->bad = true, (size_t)0);
}

static inline geo_flat_table geo_flat_inner(geo_flat *b, const geo_flat_table *t, unsigned slot)
{
    const size_t at = geo_flat_follow(b, t, slot);
    return at ? geo_flat_table_at(b, at) : (geo_flat_table){0};
}

/* First of *n items of `size` bytes; NULL with *n = 0 when there is no such vector. */
static inline const char *geo_flat_vector(geo_flat *b, const geo_flat_table *t, unsigned slot, size_t size, size_t *n)
{
    const size_t at = geo_flat_follow(b, t, slot);
    *n = 0;
    if (!at)
        return NULL;
    const size_t count = geo_flat_u32(b->data + at);
    if (count > (b->n - at - 4) / size) {
        b->bad = true;
        return NULL;
    }
    *n = count;
    return b->data + at + 4;
}

/* Item i of a vector of tables whose first item is at `first`. */
static inline geo_flat_table geo_flat_item(geo_flat *b, const char *first, size_t i)
{
    const size_t at = (size_t)(first - b->data) + 4 * i;
    return geo_flat_table_at(b, at + geo_flat_u32(b->data + at));
}

#endif
