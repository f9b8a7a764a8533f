/* Adding up by group, and the table that comes of it: what the files that count and carry figures share. */
#ifndef GEO_JOIN_TALLY_H
#define GEO_JOIN_TALLY_H

#include "../core/sum.h"
#include "join.h"

/* One summed or averaged field; arrays by group, the last group being that of records without one. */
typedef struct measure {
    const char *field, *sum_name, *mean_name; /* names of columns: NULL: made of the field's */
    size_t at;                                /* in the records */
    bool sum, mean;                           /* which of them comes out */
    geo_sum *total;
    int64_t *used_n, *missing_n;
    const struct measure *missing; /* figures: the field that counts what was missing of it before; NULL: none */
    geo_sum *weighted, *weight;    /* means with a denominator: of value times denominator, and of that */
} measure;

/* What its column is called where it keeps its field's name. */
static inline const char *geo_measure_name(const measure *m)
{
    return m->sum_name ? m->sum_name : m->mean_name ? m->mean_name : m->field;
}

struct tally {
    size_t groups_n;   /* and one more for records without */
    int32_t *group_of; /* row of the step to group, negative: none; NULL: the same */
    int32_t *row_of;   /* group to a row of the step that shows it */
    int64_t *count;
    measure *measures;
    size_t measures_n;
    ptrdiff_t denominator; /* the measure by which means are weighed; negative: none */
    ptrdiff_t by_at;
    geo_pool *categories;
    geo_vec by_counts; /* int64_t, categories x (groups_n + 1), category after category */
};

/* Find the fields to be summed; `denominator` is one of the records, or NULL. Then make room for groups; weighed: means have weights. */
geo_status geo_tally_start(join *j, tally *t, const char *denominator, geo_err *err);
geo_status geo_tally_room(tally *t, size_t groups_n, bool weighed, geo_err *err);

/* Add one record to group g: row r of the numbers of all measures. */
void geo_tally_row(tally *t, size_t g, double *const *number, size_t r, double denominator);

/* The output while it is put together: columns of rows_n rows. */
typedef struct sheet {
    join *j;
    geo_field *fields;
    geo_column *columns;
    size_t n;
    size_t rows_n;
} sheet;

geo_status geo_sheet_start(sheet *s, join *j, size_t most_columns, geo_err *err);
geo_status geo_sheet_add(sheet *s, const char *name, geo_column column, geo_err *err);

/*
 * Its rows: the groups that come out, in their order, n[g] being how many each has of what is counted; and last, as group groups_n, what is in
 * none. group: [out] that of each row.
 */
geo_status geo_sheet_choose(sheet *s, const int64_t *n, size_t groups_n, const int32_t **group, geo_err *err);

/* Columns of numbers; there[r] false: no value. The arrays are in the join's arena. */
geo_status geo_sheet_counts(sheet *s, const char *name, const int64_t *values, geo_err *err);
geo_status geo_sheet_numbers(sheet *s, const char *name, const double *values, const bool *there, geo_err *err);

/* "a_b", in the join's arena. */
const char *geo_sheet_name(sheet *s, const char *a, const char *b, size_t bn);

/* A field of a step's table under a name: row r of the sheet shows row index[r] of the table, negative: nothing. */
geo_status geo_sheet_field(sheet *s, const step *of, size_t field, int32_t *index, geo_err *err);

/* Move the shapes to --out-crs, all of the rows_n there are in their column, or none. */
geo_status geo_sheet_move(sheet *s, size_t rows_n, geo_err *err);

geo_status geo_sheet_write(sheet *s, geo_err *err);

#endif
