/**
 * @file sdc.h
 * Statistical disclosure control: the whole of geosdc, a call a command.
 *
 * All of them read a table of counts: by area, by any number of categories. Areas may be known at several levels (output areas, LSOAs,
 * MSOAs, wards), by lookups; categories have a total.
 */
#ifndef GEO_SDC_H
#define GEO_SDC_H

#include "geo/attack.h"
#include "geo/crs.h"
#include "geo/ledger.h"
#include "geo/policy.h"
#include "geo/reader.h"
#include "geo/suppress.h"
#include "geo/writer.h"

GEO_BEGIN

/** A file and the layer in it, NULL: the only one. */
typedef struct geo_sdc_file {
    const char *file, *layer;
} geo_sdc_file;

/**
 * How a file is a table of counts. Zero it, then set what is needed.
 *
 * A row is a record, which counts once; or a cell (or several, in columns of their own) with its count. A table of cells may hold totals:
 * rows whose area is of a coarser level, and rows with `total` for a category; they must add up.
 */
typedef struct geo_sdc_table {
    const char *file;             /**< "-": standard input */
    geo_reader_options reading;   /**< columns are set by the call */
    const char *area;             /**< "FIELD" of the codes of areas, or "FIELD=LEVEL" of the lookups; NULL: none */
    const int *grid_m;            /**< records with coordinates: areas are squares of these sizes, each a multiple of the one before */
    size_t grid_n;                /**< 0: none */
    geo_transform_options moving; /**< of coordinates to National Grid */
    const char *const *by;        /**< NULL-ended fields of categories, "A+B": two together are one; NULL: none */
    const char *const *counts;    /**< NULL-ended fields of counts; NULL: each row is a record */
    const char *const *sums;      /**< NULL-ended, "TOTAL=A+B": a field of counts is the sum of others */
    const char *value;            /**< records: field of an amount that is added up (spend, floor space), for rules on contributors */
    const char *contributor;      /**< records: field that names who contributes; NULL: each record is another */
    const char *id;               /**< records: field of a stable id, for cell keys */
    const geo_sdc_file *lookups;  /**< of areas, as geo/lattice.h has them */
    size_t lookups_n;
    const char *const *levels; /**< NULL-ended columns of the lookups to climb by, finest first; NULL: all that fit */
    bool best_fit;             /**< the lookups put each area whole where it fits best */
    const char *total;         /**< what stands for all categories, or all areas, together; NULL: "Total" */
    const char *tables;        /**< what is shown: "age*lsoa + sex:ward"; NULL: the rows that there are */
    bool margins;              /**< and all of their totals */
    const char *const *marks;  /**< NULL-ended: a hidden count, "MARK" or "MARK=LOW..HIGH"; NULL: [c] */
    int rounded;               /**< counts were rounded to this base; 0: they were not */
    const geo_policy *policy;  /**< may be NULL: then no label is known of files without a sidecar */
    geo_class raise;           /**< every input counts as at least this */
    int threads;
    const geo_watch *watch;
} geo_sdc_table;

/** What is wrong with the cells of some tables: counts, never values. A cell can break several rules. */
typedef struct geo_sdc_finding {
    char tables[256]; /**< "lsoa21cd by age_band" */
    size_t cells_n;
    size_t unsafe_n;    /**< cells that break a rule */
    size_t below_n;     /**< counts from 1 to the threshold less one */
    size_t zeros_n;     /**< zeros, where they are protected */
    size_t same_n;      /**< of a group all, or all but one, have this answer */
    size_t dominated_n; /**< one or few contributors make up too much of it */
    bool too_fine;      /**< its areas are finer than the rules allow */
} geo_sdc_finding;

typedef struct geo_sdc_checked {
    geo_sdc_finding asked;  /**< the tables as they are */
    geo_sdc_finding finest; /**< of all coarser ones that pass the one with most cells; cells_n 0: none passes */
    geo_class class_;       /**< of the table */
    int64_t rows_n;
    size_t hidden_n; /**< cells that are hidden already, which break no rule */
    geo_faults faults;
    const char *unit;
} geo_sdc_checked;

/**
 * Check a table against the rules of a policy for an audience.
 *
 * @param each  told of the tables as they are, and of every coarser level of areas and every category left out; may be NULL.
 * @return GEO_OK, whether safe or not: see report->asked.
 */
GEO_CHECKED geo_status geo_sdc_check(const geo_sdc_table *table, const char *audience,
                                     void (*each)(void *ctx, const geo_sdc_finding *finding), void *ctx, geo_sdc_checked *report,
                                     geo_err *err);

typedef enum geo_sdc_rounding { GEO_ROUND_NEAREST, GEO_ROUND_RANDOM, GEO_ROUND_ADDITIVE, GEO_ROUND_MIDPOINT } geo_sdc_rounding;

/** How to protect a table. Zero it (GEO_METHOD_COARSEN is 0), then set what is needed. */
typedef struct geo_sdc_protection {
    bool by_policy; /**< the method and base are those of the rules for the audience */
    geo_method method;
    int base; /**< of rounding, 0: none */
    geo_sdc_rounding rounding;
    bool uniform;          /**< coarsen: all areas to one level */
    const char *ptable;    /**< cell keys: file of perturbations */
    const uint8_t *secret; /**< GEO_SECRET_BYTES of the ledger: for cell keys and random rounding */
    /**
     * NULL-ended, "NEW=A/B": one field of counts in per cent of another, to a decimal, of the counts as they go out (or, where the policy says
     * so, before they are rounded); empty where one of them is hidden or B is 0. NULL: none.
     */
    const char *const *percents;
    const char
        *mean; /**< with an amount: a column of this name, the amount over the count as it goes out (or as it is, by policy); NULL: none */
} geo_sdc_protection;

typedef struct geo_sdc_protected {
    geo_class class_;
    const char *mark;
    size_t cells_n;     /**< of the tables that came out */
    size_t unsafe_n;    /**< hidden by a rule */
    size_t secondary_n; /**< hidden to protect others */
    size_t exposed_n;   /**< hidden, and yet they follow from what is shown */
    size_t merged_n;    /**< areas that were merged into coarser ones */
    geo_method method;  /**< what was done */
    int base;
    int64_t rows_n, written_n;
    geo_faults faults;
    const char *unit;
} geo_sdc_protected;

/**
 * Protect a table and write it as a working file: one row a cell (fields of counts side by side), in the order of codes and categories.
 *
 * @return GEO_EREFUSED when no method can make it safe; nothing is written then.
 */
GEO_CHECKED geo_status geo_sdc_protect(const geo_sdc_table *table, const char *audience, const geo_sdc_protection *how, const char *output,
                                       const geo_writer_options *writing, geo_sdc_protected *report, geo_err *err);

/** A further published table that speaks of the same cells. */
typedef struct geo_sdc_also {
    const char *file, *layer;
    const char *const *fields; /**< NULL-ended "FIELD=VARIABLE": what its fields are called in the first table; others by their own names */
    const char *count;         /**< its field of counts */
    int rounded;               /**< they were rounded to this base; 0: they were not */
} geo_sdc_also;

/** What follows for one hidden cell. */
typedef struct geo_sdc_audited {
    geo_class class_;
    size_t cells_n;            /**< that the tables tell or hide */
    size_t hidden_n;           /**< hidden by a mark */
    size_t exact_n;            /**< of them: follow exactly */
    size_t narrow_n;           /**< of them, besides: the interval is narrower than the rule wants */
    double width;              /**< that the rule wants */
    size_t parts_n, largest_n; /**< parts of the equations that hang together, hidden cells of the largest */
    int64_t rows_n, written_n;
    geo_faults faults;
    const char *unit;
} geo_sdc_audited;

/**
 * Audit published tables as an attacker would: write the bounds of every hidden cell (columns: its place, hidden_cells, low, high, exact), and,
 * total by total, those of the sum of what is hidden under it (hidden_cells of them).
 *
 * A count is known as it stands, or within half of the base that it was rounded to; a hidden one is 0 or more, or within what its mark says.
 *
 * @param also,also_n  further tables, as totals published elsewhere.
 * @return GEO_EFORMAT when the tables contradict each other.
 */
GEO_CHECKED geo_status geo_sdc_audit(const geo_sdc_table *table, const geo_sdc_also *also, size_t also_n, const char *audience,
                                     const char *output, const geo_writer_options *writing, geo_sdc_audited *report, geo_err *err);

typedef enum geo_sdc_difference_kind {
    GEO_SDC_CHANGE,    /**< the same people at two dates: the difference tells how many came or left */
    GEO_SDC_REMAINDER, /**< some cells less others that lie inside them leave a few people */
    GEO_SDC_STACKED    /**< a few people follow from several releases together */
} geo_sdc_difference_kind;

/** What somebody learns who subtracts published tables from each other. Names of areas and categories, never a count. */
typedef struct geo_sdc_difference {
    geo_sdc_difference_kind kind;
    int64_t release;  /**< the earlier one, by its id; 0: it has none, or it is the table itself, or several */
    const char *with; /**< what to call it; "": the table itself, or several. Lent */
    char tables[256]; /**< "wd24cd by age - msoa21cd by age" */
    size_t cells_n;   /**< CHANGE: that changed by a few; REMAINDER: that are added and subtracted; STACKED: groups that follow */
    bool empty;       /**< REMAINDER: nobody is left, where that is protected too */
    char where[512];  /**< "E05000001 + E05000002 - E02000001" */
    char advice[256]; /**< the smallest change that would avoid it */
} geo_sdc_difference;

typedef struct geo_sdc_differed {
    geo_class class_;
    size_t compared_n;                         /**< earlier releases that count the same people */
    size_t unrelated_n;                        /**< of them: nobody knows how their areas lie to those of the table */
    size_t others_n;                           /**< that count others, or of which the ledger keeps no cells: passed over */
    size_t changes_n, remainders_n, stacked_n; /**< findings */
    int64_t rows_n;
    geo_faults faults;
    const char *unit;
} geo_sdc_differed;

/** An earlier release: a file. */
typedef struct geo_sdc_earlier {
    const char *file, *layer;
    const char *const *fields; /**< NULL-ended "FIELD=VARIABLE": what its fields are called in the table; others by their own names */
    const char *count;         /**< its field of counts; NULL: those of the table */
    int rounded;               /**< they were rounded to this base; 0: they were not */
} geo_sdc_earlier;

/** What a table is compared with. */
typedef struct geo_sdc_comparison {
    const char *audience;   /**< whose rules count; NULL: the public's */
    const char *population; /**< what is counted; releases in the ledger that count something else are passed over; NULL: "" */
    const char *ledger;     /**< folder; NULL: none */
    const geo_sdc_earlier *earlier;
    size_t earlier_n;
} geo_sdc_comparison;

/**
 * Compare a table, as it would be released, with earlier releases of the same people: each with the table by differences of every union of
 * cells, and all of them together.
 *
 * A remainder or a change leaks when what is published tells it exactly and it is below the threshold (0 too, where zeros are protected), or
 * tells that it is below the threshold and within an interval narrower than the rules leave for a hidden or a rounded count. Areas that do
 * not nest are compared by what the lookups say that they are made of; bands of numbers ("20-39", "under 25", "75+") by the numbers.
 *
 * @param each  told of every finding; may be NULL.
 * @return GEO_OK, whether there are findings or not: see report.
 */
GEO_CHECKED geo_status geo_sdc_diff(const geo_sdc_table *table, const geo_sdc_comparison *with,
                                    void (*each)(void *ctx, const geo_sdc_difference *difference), void *ctx, geo_sdc_differed *report,
                                    geo_err *err);

/** A release: to whom, by whom, and what is written down of it. Zero it, then set what is needed; texts may be NULL. */
typedef struct geo_sdc_release_options {
    const char *audience;         /**< as the policy calls it; NULL: the public */
    const char *ledger;           /**< folder */
    const char *author;           /**< who releases; needed */
    const char *const *reviewers; /**< NULL-ended: who has looked at it */
    const char *purpose, *recipient;
    const char *population;       /**< what is counted ("library members"): it is compared with earlier releases of the same */
    const char *source, *licence; /**< for the label of what comes out */
} geo_sdc_release_options;

typedef struct geo_sdc_released {
    geo_sdc_protected made;  /**< how it was made safe */
    geo_sdc_audited audited; /**< what follows of what is hidden */
    bool verified;           /**< it was safe already, and went out as it came */
    size_t compared_n;       /**< earlier releases that it was compared with */
    int64_t id;              /**< in the ledger */
    char digest[65];
} geo_sdc_released;

/**
 * Release a table: make it safe by the policy, or see that it is already (a table with hidden counts is taken as it is); attack it; compare it
 * with earlier releases; write it without the column of classes; write it down in the ledger; label it.
 *
 * What leaves are the fields that the table goes by and its counts, in the order of codes and categories: nothing else of the input.
 * The output is there when this returns GEO_OK, and its entry in the ledger is; else there is no output.
 *
 * @return GEO_EREFUSED, saying which rule and how many cells.
 */
GEO_CHECKED geo_status geo_sdc_release(const geo_sdc_table *table, const geo_sdc_release_options *options, const geo_sdc_protection *how,
                                       const char *output, const geo_writer_options *writing, geo_sdc_released *report, geo_err *err);

/** Write down in a ledger that a file was labelled. author may be NULL. */
GEO_CHECKED geo_status geo_sdc_record_label(geo_ledger *ledger, const char *file, const char *digest, const geo_label *label,
                                            const char *author, int64_t *id, geo_err *err);

/** Points to be masked. Zero it, then set what is needed. */
typedef struct geo_sdc_points {
    const char *file;           /**< records with coordinates; "-": standard input */
    geo_reader_options reading; /**< columns are set by the call */
    const char *addresses;      /**< file of all addresses, with coordinates: what a point could stand for */
    const char *addresses_layer;
    const char *group;         /**< field of both, as lsoa_code: no catchment crosses its areas; NULL: none. For snapping */
    const char *const *fields; /**< NULL-ended fields of the records that go out; NULL: none */
    const char *id;            /**< field of a stable id: records of one place then have places of their own; NULL: they coincide */
    bool by_policy;            /**< the way and k are those of the policy */
    bool snap;                 /**< to the middle of catchments; else into a ring */
    size_t k;
    double most_m;                /**< donut: no point is moved farther; 0: 2,000 m */
    const uint8_t *secret;        /**< GEO_SECRET_BYTES of the ledger: for rings */
    geo_transform_options moving; /**< of coordinates to National Grid */
    const geo_policy *policy;
    geo_class raise;
    int threads;
    const geo_watch *watch;
} geo_sdc_points;

typedef struct geo_sdc_masked {
    geo_class class_;
    int64_t rows_n, masked_n, refused_n; /**< read; written; left out, since they could not stand for k addresses */
    int64_t addresses_n;
    size_t k;
    bool snapped;
    geo_faults faults;
    const char *unit;
} geo_sdc_masked;

/**
 * Mask points and write them, as a working file that keeps its class: their places on National Grid to the metre, and the named fields; in the
 * order of their places.
 *
 * @return GEO_EFORMAT for fewer than k addresses, or a file without coordinates. Memory: the addresses, the points and their fields.
 */
GEO_CHECKED geo_status geo_sdc_mask(const geo_sdc_points *points, const char *output, const geo_writer_options *writing,
                                    geo_sdc_masked *report, geo_err *err);

GEO_END
#endif
