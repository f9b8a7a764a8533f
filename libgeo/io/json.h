/*
 * Reading JSON (RFC 8259) where it stands: a place moves over the text, and what it passes has been checked. The text must be followed by a
 * byte that no JSON goes on with, such as the zeros behind a chunk. No recursion: hostile depth costs nothing.
 */
#ifndef GEO_IO_JSON_H
#define GEO_IO_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum geo_json_kind {
    GEO_JSON_NULL,
    GEO_JSON_FALSE,
    GEO_JSON_TRUE,
    GEO_JSON_NUMBER,
    GEO_JSON_STRING,
    GEO_JSON_ARRAY,
    GEO_JSON_OBJECT
} geo_json_kind;

/* A value as it stands in the text: a string without its quotes. */
typedef struct geo_json_value {
    const char *at;
    size_t n;
    geo_json_kind kind;
    bool plain; /* a string without escapes; a number without point and exponent */
} geo_json_value;

static inline const char *geo_json_space(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
        p++;
    return p;
}

/* Past the value at p, or NULL when there is none, or one that is nested more than 64 deep. */
const char *geo_json_pass(const char *p, geo_json_value *value);

/*
 * Walking through an array or object, to start at its bracket: geo_json_next moves to its next item or value, of which the caller then says
 * where it ends, by walk.p; false at the end, behind which walk.p then is, or with walk.p == NULL for what is no JSON.
 */
typedef struct geo_json_walk {
    const char *p;
    bool begun;
} geo_json_walk;

/* name: of the member of an object; NULL for arrays. */
bool geo_json_next(geo_json_walk *walk, geo_json_value *name);

/* The characters of a string value as UTF-8, at most value->n of them; false for half a surrogate pair. */
bool geo_json_text(const geo_json_value *value, char *out, size_t *n);

/* Is it this text, whatever the escapes? */
bool geo_json_is(const geo_json_value *value, const char *text);

#endif
