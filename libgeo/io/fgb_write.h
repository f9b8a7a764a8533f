/* The state of a FlatGeobuf writer, shared with the maker of its header. */
#ifndef GEO_IO_FGB_WRITE_H
#define GEO_IO_FGB_WRITE_H

#include "fgb.h"
#include "sink.h"

typedef struct geo_fgb_out {
    geo_output *file;
    geo_bytes header; /* until the first batch has passed the gate */
    geo_bytes last;   /* the feature that waits */
    geo_schema schema;
    geo_arena arena;
    ptrdiff_t class_at, geometry; /* fields, or -1 */
    uint8_t kind;                 /* of the geometries, by the header */
    bool release;
    int32_t *column; /* of each field: its number in the file, -1: not written */
    int32_t class_column;
    char layer[256];
} geo_fgb_out;

/* The header of a table that has rows, whose last one is marked, or of one that has none. */
geo_status geo_fgb_make_header(geo_fgb_out *w, bool marks_last, geo_err *err);

#endif
