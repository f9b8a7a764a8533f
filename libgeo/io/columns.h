/* What the makers of columns have in common, whatever the format. */
#ifndef GEO_IO_COLUMNS_H
#define GEO_IO_COLUMNS_H

#include "../table/shapes.h"
#include "source.h"

/* Is it what table.h promises of text: UTF-8 without a NUL? */
bool geo_is_text(const char *s, size_t n);

/* Validity of so many rows, all of which have a value; NULL when memory is out. */
uint8_t *geo_validity_make(geo_arena *arena, size_t rows_n);

/* Row r of a piece has no value in a column; fault: it had one that is none of the column's type. */
void geo_leave_out(geo_piece *piece, uint8_t *valid, size_t r, bool fault);

/*
 * A row has been added to shapes, or st says why not: what is wrong with it is a fault of the line (relative to the piece), and what could
 * not be read has a row all the same.
 */
geo_status geo_shape_judge(geo_piece *piece, int64_t line, geo_shapes *shapes, geo_status st);

/* The class of each row from its own column, if class_at is one; a word that is none counts as the most sensitive. */
bool geo_classes_make(geo_piece *piece, ptrdiff_t class_at, const geo_label *label, geo_class raise);

#endif
