/* The state of a CSV reader, shared by its opener and its two steps. */
#ifndef GEO_IO_CSV_H
#define GEO_IO_CSV_H

#include "chunks.h"
#include "filter.h"

typedef struct geo_csv {
    geo_chunks chunks;
    geo_encoding encoding;
    bool noted; /* that the encoding looks wrong */
    geo_arena arena;
    size_t fields_n;   /* in the file */
    geo_field *fields; /* fields_n, then the made geometry if any */
    geo_schema schema;
    int32_t *slot;   /* field to position among the decoded ones, or -1 */
    size_t *decoded; /* decoded fields, in order of the file */
    size_t decoded_n;
    bool *held;                    /* the caller asked for this column */
    ptrdiff_t x, y, wkt, class_at; /* fields, or -1 */
    geo_filter *filter;            /* NULL: every record */
    geo_label label;
    geo_class raise;
} geo_csv;

/* How many bytes of text, which starts at a row, make whole rows. */
size_t geo_csv_whole_rows(const char *text, size_t n);

#define GEO_CSV_QUOTED 0x80000000u

/* A field of a row: text from at, less the bit GEO_CSV_QUOTED, which says that "" inside stands for ". */
typedef struct geo_csv_span {
    uint32_t at, len;
} geo_csv_span;

/* The rows of a piece: where they and their decoded fields are. */
typedef struct geo_csv_rows {
    size_t n;
    uint32_t *at, *len, *line;
    geo_csv_span *spans; /* decoded_n a row */
    uint32_t lines_n;
} geo_csv_rows;

/*
 * The columns that were asked for, and the class of each row, in the piece's arena. False when memory is out; or, with piece->bad_line set,
 * when a value does not fit the type that was settled.
 */
bool geo_csv_make_columns(const geo_csv *c, const geo_csv_rows *rows, geo_piece *piece, geo_column *columns);

/* The two steps of the driver (source.h). */
geo_status geo_csv_fetch(void *state, geo_piece *piece, geo_err *err);
geo_status geo_csv_decode(const void *state, geo_piece *piece, geo_err *err);

#endif
