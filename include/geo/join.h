/**
 * @file join.h
 * Records to areas: the whole of geojoin as one call.
 *
 * Records stream through; each passes the steps in order. A step finds the record's area (point in polygon) or its row in a lookup (by
 * key) and attaches fields; a lookup may be keyed by a field that an earlier step attached. Records come out with the new fields, or are
 * counted and summed by the area of the last step.
 */
#ifndef GEO_JOIN_H
#define GEO_JOIN_H

#include "geo/areas.h"
#include "geo/crs.h"
#include "geo/lookup.h"
#include "geo/policy.h"
#include "geo/reader.h"
#include "geo/writer.h"

GEO_BEGIN

/** One step. Zero it, then set what is needed. */
typedef struct geo_join_step {
    bool by_place; /**< true: areas; false: a lookup */
    const char *file, *layer;
    const char *crs;  /**< areas: overrides what the file says */
    bool every;       /**< areas: a record that is in several comes out once for each; else once, by rank or by most of its ground */
    double nearest_m; /**< areas: a point in none is taken to the nearest one within so many metres; 0: it stays in none */
    const char *key;  /**< areas: the field that names an area, NULL: the first; lookup: its key field */
    const char *on;   /**< lookup: the record's field, or one attached earlier, that holds the key */
    bool or_sector;   /**< lookup of postcodes: take the row of the sector ("M32 0") where that of the postcode is not there */
    const char *const *fields; /**< NULL-ended, "FIELD" or "FIELD:NEW_NAME" to attach; areas: besides the key; lookup, NULL: all others */
} geo_join_step;

/**
 * Figures of areas on their way to other areas: records that are areas themselves, with counts and rates, not things with a place.
 *
 * They go through lookups (from, to, via), as geo/lattice.h has it, or by the ground that areas have in common (areal; the one step then
 * is the areas to go to, and the records are polygons). `sums` of the options are fields that add up (counts, totals): what an area has
 * is divided among its parts by their shares, and nothing is lost or made. `means` are fields that do not (rates, averages): an area made
 * of several has their mean, weighed by the denominator. `keep` are fields that come out where all that an area is made of has the same.
 */
typedef struct geo_join_figures {
    const char *from;         /**< field of the records with the codes of their areas, "FIELD" or "FIELD=LEVEL" */
    const char *to;           /**< level to go to, "LEVEL" or "LEVEL:NEW_NAME" */
    const geo_join_step *via; /**< lookups: file and layer of each */
    size_t via_n;
    const char *weights; /**< their column of what each row weighs; "rows": each the same; NULL: no area may lie in several */
    bool best_fit;       /**< the lookups put each area whole where it fits best */
    bool areal;          /**< by ground in common */
    bool inside;         /**< areal: what has ground in some area is all theirs; else what lies outside is nobody's */
} geo_join_figures;

typedef enum geo_unmatched { GEO_UNMATCHED_KEEP, GEO_UNMATCHED_DROP, GEO_UNMATCHED_ONLY } geo_unmatched;

/** What to do. Zero it, then set what is needed. */
typedef struct geo_join_options {
    const geo_join_step *steps;
    size_t steps_n;
    const char *records;        /**< name of the records, "-": standard input */
    geo_reader_options reading; /**< of the records, and the encoding of all CSV; the geometry and column members are set by the join */
    const char *output;         /**< name of the output, "-": standard output */
    geo_writer_options writing;
    const char *const *keep;      /**< NULL-ended fields of the records to write, NULL: all; in formats with geometry it goes along */
    geo_transform_options moving; /**< between systems of coordinates */
    const char *out_crs;          /**< move the geometry of the output here; NULL: leave it */
    geo_unmatched unmatched;
    bool count;              /**< areas come out, not records */
    const char *count_name;  /**< NULL: "count" */
    const char *const *sums; /**< NULL-ended number fields of the records, "FIELD" or "FIELD:NEW_NAME" of the column they become */
    const char *const *means;
    const char *denominator; /**< counting: field of the areas; figures: field of the records, by which means are weighed; may be NULL */
    double rate_per;         /**< with a denominator: also a rate of each count and sum for so many of it; 0: none */
    const char *by;          /**< cross-tabulate by the values of this field of the records */
    bool all_areas;          /**< also those without records */
    bool cache;              /**< keep the index of areas in a file beside them, AREAS.geoidx, and take it from there the next time */
    const geo_join_figures *figures; /**< may be NULL */
    const geo_policy *policy;        /**< may be NULL */
    geo_class raise;                 /**< every input counts as at least this */
    int threads;
    const geo_watch *watch;
} geo_join_options;

/** What happened. */
typedef struct geo_join_report {
    int64_t records_n, matched_n, written_n;
    geo_faults faults;       /**< of the records, by line */
    int64_t lost_n;          /**< values of areas and lookups that could not be read and are left out */
    const char *unit;        /**< "line" or "feature" */
    char hint[256];          /**< when no record has found a place, or most keys are unknown: what may be wrong; else empty */
    char moved_by[256];      /**< the operation that moved coordinates, of several the least accurate; else empty */
    double moved_accuracy_m; /**< its accuracy, negative: unknown */
} geo_join_report;

/**
 * Do it. The output is complete on GEO_OK, and not there at all otherwise (except what has gone through a pipe).
 *
 * @return GEO_EREFUSED when the gate refuses; else as the reader, the writer and the steps. A record without a match is no error: see
 *         report->faults.
 *
 * Memory: the areas and lookups, and about three pieces of the records a thread; never the records, except for figures: by ground all their
 * polygons, and of each area what is carried of it.
 */
GEO_CHECKED geo_status geo_join_run(const geo_join_options *options, geo_join_report *report, geo_err *err);

GEO_END
#endif
