/* What the files of the join share. */
#ifndef GEO_JOIN_JOIN_H
#define GEO_JOIN_JOIN_H

#include "../core/vec.h"
#include "../io/store.h"
#include "geo/crs.h"
#include "geo/join.h"
#include "geo/near.h"

#define SAMPLE 256   /* places, and keys of a step, looked at when nothing matches */
#define SORTS_N 1024 /* of keys: see join_hint.c */

typedef struct vintage vintage;
typedef struct cache cache; /* see join_cache.c */

/* One step, loaded and ready. */
typedef struct step {
    bool by_place;
    geo_label label; /* of its file, once it has been looked for: */
    bool label_sought;
    geo_class class_;
    bool labelled;            /* somebody has said which class it is, not only the default */
    cache *cache;             /* while areas are read for it: then all of their fields are, whichever are asked for */
    geo_store *store;         /* that the areas live on; NULL: on memory of their own */
    geo_areas *areas;         /* by place */
    geo_table *area_table;    /* key, fields, geometry if wanted */
    geo_transform *transform; /* records' coordinates to the areas'; NULL: the same */
    geo_transform *level;     /* figures: the areas' degrees to a plane where sizes are those of the ground; NULL: they are in a plane */
    ptrdiff_t geometry;       /* of the records */
    const char *areas_crs;
    bool every, in_degrees; /* take every area that a record is in; the areas' plane is in degrees */
    double nearest_m;
    geo_near *near;      /* for records in no area; NULL: they stay there */
    geo_lookup *lookup;  /* by key */
    ptrdiff_t key_field; /* of the records, or -1: */
    int32_t *row_of;     /* row of an earlier step to row here */
    uint8_t *how_of;     /* and how it was found, GEO_KEY_MENDED and its like */
    size_t from_step, from_field;
    uint16_t unknown[SORTS_N]; /* of the first unknown keys, how many of each sort */
    size_t unknown_n;
    vintage *vintage;       /* of lookups by codes of areas: which codes the records have */
    const geo_table *table; /* of either kind */
    size_t fields_n;        /* attached: the first fields_n columns of the table */
    const char **names;     /* under these names */
} step;

/* A further area that a record is in. */
typedef struct geo_extra {
    int32_t row, area;
} geo_extra;

/*
 * What work() finds out about a parcel. Where a record is in several areas it becomes several rows, and `pick` says which record a row is
 * of; without such records rows are records, and pick is NULL.
 */
typedef struct found {
    int32_t **row;         /* for each step: the row of each record, negative: none */
    geo_vec *extra;        /* geo_extra, for each step, by record */
    size_t wide_n;         /* rows */
    int32_t *pick, **wide; /* record of each row, and for each step what it has found */
    uint32_t *told;        /* of each record, a bit for each kind of fault that is told already */
    bool *matched;         /* is each row, in every step */
    int32_t *group;        /* tally: that of each row, negative: none */
    double **number;       /* tally: values of each summed field; NaN: none */
    size_t matched_n;
} found;

typedef struct tally tally;
typedef struct figures figures;

typedef struct join {
    const geo_join_options *o;
    geo_reader *reader;
    geo_writer *writer;
    const char *format; /* of the output, NULL: by its name */
    geo_arena arena;
    step *steps;
    geo_class steps_class;   /* of all steps together */
    geo_class label_class;   /* of records that carry none of their own */
    geo_class records_class; /* highest seen */
    geo_field *fields;       /* of the output */
    geo_schema schema;
    size_t *kept, kept_n; /* fields of the records that go out, which come first in it */
    geo_transform *out_transform;
    ptrdiff_t out_geometry;
    tally *tally;
    figures *figures;
    geo_faults faults; /* of the records, found by the join */
    geo_join_report *report;
    double sample_x[SAMPLE], sample_y[SAMPLE]; /* the first places, to find out what is wrong when nothing matches */
    size_t sample_n;
} join;

/* join_load.c: open what is joined to, with its label in s; and tell what of its rows and classes was no good */
geo_status geo_join_open_side(join *j, const geo_join_step *o, step *s, geo_reader_options *reading, geo_reader **out, geo_err *err);
void geo_join_note_rows(const join *j, const geo_join_step *o, const geo_reader *reader);
geo_status geo_join_load_step(join *j, size_t i, geo_err *err);
void geo_join_clear_step(step *s);

/* Parts of loading areas. GEO_SKIP when they are read for a cache, and it could not hold what is asked for. */
geo_status geo_join_read_areas(join *j, const geo_join_step *o, step *s, geo_err *err);
geo_status geo_join_find_label(const join *j, const geo_join_step *o, step *s, geo_err *err);
/* Fields and names of a step: the areas' key first, then the wanted ones. `all` are those to take when none were named. */
geo_status geo_join_plan_fields(join *j, const geo_join_step *o, step *s, const geo_schema *all, const char *key, const char ***fields,
                                geo_err *err);
/* What a step looks for besides the area that a point is in. */
geo_status geo_join_prepare_finding(const geo_join_step *o, step *s, geo_err *err);

/* join_areas.c: keys of areas are codes, and messages name them; not where somebody has said that the table is about people */
bool geo_join_may_name(const step *s);
/* Rank areas by the bytes of their keys, so that their order in the file does not matter; refuse keys that are missing or repeated. */
geo_status geo_join_rank_areas(const step *s, const char *file, const char *field, size_t n, int32_t *rank, geo_err *err);
/* Name the areas that need a look. */
void geo_join_note_areas(const join *j, const char *file, const step *s);

/* join_cache.c: areas from their cache, or read and kept there; *done is false when they are to be read as without. */
geo_status geo_join_load_cached(join *j, const geo_join_step *o, step *s, bool *done, geo_err *err);
/* What reading for a cache does otherwise: how, of which fields (the name of the key goes to *key), and what of it is known in the end. */
void geo_join_cache_reading(step *s, geo_reader_options *reading);
geo_status geo_join_cache_plan(join *j, const geo_join_step *o, const step *s, const geo_schema *schema, const char **key, geo_err *err);
geo_status geo_join_cache_read(const join *j, const geo_join_step *o, step *s, const geo_reader *reader, geo_err *err);

/* join.c */
bool geo_join_to_csv(const join *j);

/* join_find.c */
geo_status geo_join_bind_step(join *j, size_t i, geo_err *err); /* to the records, once their fields are known */
geo_status geo_join_find(join *j, size_t i, geo_parcel *parcel, found *f, geo_err *err);
/* Does a step before this one attach such a field, and which? */
bool geo_join_attaches(const join *j, size_t before, const char *name, size_t *step_at, size_t *field_at);

/* Look keys up, with a second try for those that are not there as they stand; how[r] says what it took. */
geo_status geo_join_find_keys(const geo_keys *keys, bool or_sector, const geo_column *column, size_t rows_n, geo_arena *arena, int32_t *row,
                              uint8_t *how, geo_err *err);

/* Count a fault of a record, once however many steps find it; of its key: how it was found, or why not. */
void geo_join_tell(geo_parcel *parcel, found *f, geo_fault kind, size_t r);
void geo_join_tell_key(geo_parcel *parcel, found *f, int32_t row, unsigned how, size_t r);

/* join_place.c */
geo_status geo_join_place(join *j, size_t i, geo_parcel *parcel, found *f, geo_err *err);

/* join_every.c: from records to rows */
geo_status geo_join_widen(const join *j, geo_parcel *p, found *f, geo_err *err);

/* join_hint.c: why might nothing have matched? Look at the first places and unknown keys, in the order of the file; think at the end. */
void geo_join_sample(join *j, const geo_parcel *p, const found *f);
void geo_join_hint(join *j);

/* join_vintage.c: are the codes of a lookup's areas of another year than the records'? Note the codes of a parcel; tell at the end. */
void geo_vintage_note(join *j, size_t i, const geo_parcel *p, const found *f);
void geo_vintage_tell(join *j);
void geo_vintage_free(vintage *v);

/* figures.c: figures of areas carried to other areas */
const char *geo_figures_key(join *j); /* the field of their codes; NULL when memory is out */
geo_status geo_figures_load(join *j, geo_err *err);
geo_status geo_figures_run(join *j, geo_err *err);
bool geo_figures_are_pairs(const join *j); /* no figures, but what they would be carried by */
void geo_figures_free(figures *f, size_t measures_n);

/* tally.c: adding up by group; tally_areas.c: by the areas of the last step */
geo_status geo_tally_new(join *j, geo_err *err);
geo_status geo_tally_group(const join *j, geo_parcel *parcel, found *f, geo_err *err);
geo_status geo_tally_numbers(const join *j, geo_parcel *parcel, found *f, geo_err *err);
geo_status geo_tally_add(join *j, const geo_parcel *parcel, const found *f, geo_err *err);
geo_status geo_tally_write(join *j, geo_err *err);
void geo_tally_free(tally *t);
size_t geo_tally_measures(const tally *t); /* how many fields it adds up; t may be NULL */

/* join.c: count a parcel's records, and see what class they are */
void geo_join_note_records(join *j, const geo_parcel *p, size_t matched_n);

/* join.c: the highest class of all records read, or of their file when there are none, and of what they were joined to */
geo_class geo_join_class(const join *j);

/*
 * join_move.c: moving the output's geometry to --out-crs: prepare for a field of the output (NULL: there is none), and move one column;
 * unmoved: which of its rows have no place there. Then the records of a parcel, and at the end tell by which way.
 */
geo_status geo_join_plan_move(join *j, geo_field *f, geo_err *err);
geo_status geo_join_move(geo_transform *t, geo_column *c, size_t rows_n, geo_arena *arena, bool *unmoved, geo_err *err);
geo_status geo_join_move_records(const join *j, geo_parcel *p, geo_err *err);
void geo_join_tell_moving(const join *j);

/* "FIELD:NEW" split: the field, and the name to give it. NULL when memory is out. */
char *geo_join_field_name(geo_arena *arena, const char *spec, const char **new_name);

#endif
