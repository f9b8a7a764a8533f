/* GeoJSON text sequences (RFC 8142 and 7946), one feature a record: the state of a reader, shared by its opener and its two steps. */
#ifndef GEO_IO_SEQ_READ_H
#define GEO_IO_SEQ_READ_H

#include "chunks.h"
#include "filter.h"
#include "../table/shapes.h"
#include "geo/pool.h"
#include "json.h"

typedef struct geo_seq {
    geo_chunks chunks;
    bool marked; /* records start with a record separator; else each is a line */
    geo_arena arena;
    geo_schema schema; /* properties, then the geometry */
    geo_field *fields;
    size_t properties_n, decoded_n;
    geo_pool *names;     /* of properties, by their numbers */
    geo_members members; /* what becomes of the features' other ones */
    int32_t *slot;       /* of each: position among the decoded ones, or -1 */
    bool *held;          /* of each field: the caller wants it */
    bool shapes;         /* the geometry is wanted */
    const char *crs;     /* the text of the features' own "crs" member, NULL: they have none */
    size_t crs_n;
    ptrdiff_t class_at;
    geo_filter *filter;
    geo_label label;
    geo_class raise;
} geo_seq;

/* Where the value of a property of a feature is; kind GEO_JSON_NULL: nowhere. */
typedef struct geo_seq_span {
    uint32_t at, len;
    uint8_t kind, plain;
} geo_seq_span;

/* One feature: its members as they stand; at == NULL: it has none of the kind. */
typedef struct geo_seq_feature {
    geo_json_value geometry, properties, crs;
} geo_seq_feature;

/* Other members of features, each feature's in an object; room for as many bytes as the features have. */
typedef struct geo_seq_others {
    char *text;
    size_t n;
} geo_seq_others;

/*
 * The record that starts at *at, which moves behind it; GEO_DONE when only blanks are left. GEO_EFORMAT with what it is instead: no JSON, or
 * none that is a feature. others: where to put the feature's other members; NULL: nowhere.
 */
geo_status geo_seq_record(const geo_seq *s, const char *text, size_t n, size_t *at, geo_seq_feature *feature, geo_seq_others *others,
                          geo_err *err);

/* Longest name of a property, in bytes of JSON. */
#define GEO_SEQ_NAME 4096

/* The characters of a name in the text, or in room; NULL: it is no text, or too long. */
const char *geo_seq_name(const geo_json_value *name, char room[GEO_SEQ_NAME], size_t *n);

/* Which property has this name? `guess` is tried first. -1: none. */
ptrdiff_t geo_seq_property(const geo_seq *s, const geo_json_value *name, size_t guess);

/* seq_members.c: a member is left out of a feature: its name, shortened, behind a prefix. */
void geo_seq_leave_out(geo_piece *piece, const char *prefix, const geo_json_value *name);

/* Other members of rows_n features, as they were found: left out, or kept in the batch; at, len: of each row. */
void geo_seq_judge_members(const geo_seq *s, geo_piece *piece, const geo_seq_others *others, const uint32_t *at, uint32_t *len);

/* The columns of rows_n features; false when memory is out. */
bool geo_seq_make_columns(const geo_seq *s, geo_piece *piece, const geo_json_value *geometry, const geo_seq_span *spans, size_t rows_n,
                          geo_column *columns);

/* The two steps of the driver (source.h). */
geo_status geo_seq_fetch(void *state, geo_piece *piece, geo_err *err);
geo_status geo_seq_decode(const void *state, geo_piece *piece, geo_err *err);

#endif
