/*
 * Writing FlatBuffers front to back: a table first, then what its offsets point to. A vtable stands before each table. Places are counted
 * from `base`, where the buffer starts in the bytes; room is made by the caller's geo_bytes, and a flat_out that could not have it is bad.
 */
#ifndef GEO_IO_FLAT_OUT_H
#define GEO_IO_FLAT_OUT_H

#include "text.h"

#include <stdint.h>
#include <string.h>

#define GEO_FLAT_SLOTS 16

typedef struct geo_flat_out {
    geo_bytes *bytes;
    size_t base;
    bool bad;
} geo_flat_out;

/* Where the fields of a table are; 0: not there. */
typedef struct geo_flat_made {
    size_t at, field[GEO_FLAT_SLOTS];
} geo_flat_made;

static inline void geo_flat_put_u16(char *p, uint16_t v)
{
    p[0] = (char)v;
    p[1] = (char)(v >> 8);
}

static inline void geo_flat_put_u32(char *p, uint32_t v)
{
    geo_flat_put_u16(p, (uint16_t)v);
    geo_flat_put_u16(p + 2, (uint16_t)(v >> 16));
}

static inline void geo_flat_put_double(char *p, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    geo_flat_put_u32(p, (uint32_t)bits);
    geo_flat_put_u32(p + 4, (uint32_t)(bits >> 32));
}

/* n zero bytes more, behind so many that the first is at a multiple of `align` less `before`; their place, or 0 when memory is out. */
static inline size_t geo_flat_room(geo_flat_out *o, size_t n, size_t align, size_t before)
{
    const size_t at = o->bytes->n - o->base, pad = (align - (at + before) % align) % align;
    if (o->bad || n > UINT32_MAX / 2 || at > UINT32_MAX / 4 || !geo_bytes_room(o->bytes, n + pad)) {
        o->bad = true;
        return 0;
    }
    memset(o->bytes->data + o->bytes->n, 0, n + pad);
    o->bytes->n += n + pad;
    return at + pad;
}

static inline char *geo_flat_place(const geo_flat_out *o, size_t at)
{
    return o->bytes->data + o->base + at;
}

/* A table with a field of size[i] bytes in slot i, 0: none; fields are aligned to their size. */
static inline geo_flat_made geo_flat_make(geo_flat_out *o, const uint8_t *size, size_t slots_n)
{
    geo_flat_made made = {0};
    uint16_t offset[GEO_FLAT_SLOTS] = {0};
    size_t n = 4;
    for (size_t width = 8; width; width /= 2) /* large ones first: no gaps but one */
        for (size_t i = 0; i < slots_n; i++) {
            if (size[i] != width)
                continue;
            n = (n + width - 1) / width * width;
            offset[i] = (uint16_t)n;
            n += width;
        }
    const size_t vtable_n = 4 + 2 * slots_n, vtable = geo_flat_room(o, vtable_n + n, 8, vtable_n);
    if (o->bad)
        return made;
    made.at = vtable + vtable_n;
    char *p = geo_flat_place(o, vtable);
    geo_flat_put_u16(p, (uint16_t)vtable_n);
    geo_flat_put_u16(p + 2, (uint16_t)n);
    geo_flat_put_u32(p + vtable_n, (uint32_t)vtable_n);
    for (size_t i = 0; i < slots_n; i++) {
        geo_flat_put_u16(p + 4 + 2 * i, offset[i]);
        made.field[i] = offset[i] ? made.at + offset[i] : 0;
    }
    return made;
}

/* Let the offset at `field` point to `to`, which stands behind it. */
static inline void geo_flat_point(const geo_flat_out *o, size_t field, size_t to)
{
    if (!o->bad)
        geo_flat_put_u32(geo_flat_place(o, field), (uint32_t)(to - field));
}

/* A vector of n items of `size` bytes, to be filled in; its first item is 4 bytes behind its place. */
static inline size_t geo_flat_list(geo_flat_out *o, size_t field, size_t n, size_t size)
{
    if (n > UINT32_MAX / 4 / size)
        o->bad = true;
    const size_t at = geo_flat_room(o, 4 + n * size, size < 4 ? 4 : size, 4);
    if (!o->bad) {
        geo_flat_put_u32(geo_flat_place(o, at), (uint32_t)n);
        geo_flat_point(o, field, at);
    }
    return at;
}

/* A text, with the NUL that stands behind every text. */
static inline void geo_flat_text(geo_flat_out *o, size_t field, const char *s)
{
    const size_t n = strlen(s), at = geo_flat_list(o, field, n, 1);
    (void)geo_flat_room(o, 1, 1, 0);
    if (!o->bad && n)
        memcpy(geo_flat_place(o, at) + 4, s, n);
}

#endif
