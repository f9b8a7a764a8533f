/* Cells as rows of a table: a column for each variable, then what the caller adds; inside the library only. */
#ifndef GEO_POLICY_CUBE_SHEET_H
#define GEO_POLICY_CUBE_SHEET_H

#include "cube.h"

#define SHEET_ROWS 65536 /* at a time */

typedef struct cube_sheet {
    geo_cube *c;
    geo_field *fields;
    geo_column *columns;
    size_t fields_n;                   /* so far */
    size_t places_n, level_at;         /* variables that are columns, and the column of levels of areas, or SIZE_MAX */
    int32_t *node[CUBE_VARIABLES + 1]; /* of each row */
    size_t shapes_at;                  /* column of the squares of a grid, or SIZE_MAX */
    size_t *cell, rows_n;              /* rows waiting to be written */
} cube_sheet;

/* Columns of the first places_n variables, as dictionaries, and of the level of areas where there are several; room for more_n others. */
geo_status geo_rows_begin(cube_sheet *s, geo_cube *c, size_t places_n, size_t more_n, geo_err *err);

/* One more column: its number goes to *at, and its values to s->columns[*at] before rows are put. */
void geo_rows_field(cube_sheet *s, const char *name, geo_type type, size_t *at);

/* Where areas are squares of a grid: their shapes, as the last column. */
void geo_rows_squares(cube_sheet *s);

/* One more row: the place of a cell. True when SHEET_ROWS wait, and must be put. */
bool geo_rows_add(cube_sheet *s, size_t cell);

/* Write the rows that wait, whose other columns the caller has filled, and start again. */
geo_status geo_rows_put(cube_sheet *s, geo_writer *w, geo_class class_, geo_err *err);

#endif
