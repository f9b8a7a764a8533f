/* What the two files of the cache share. */
#ifndef GEO_JOIN_JOIN_CACHE_H
#define GEO_JOIN_JOIN_CACHE_H

#include "../geometry/areas_save.h"
#include "join.h"

#define CACHE_FORM 1    /* of the parts */
#define CACHE_MARK '\1' /* stands for the name of the file in notes that are kept */

/* The parts of the store: first those of the index. */
enum { FACTS = GEO_AREAS_PARTS, NAMES, NOTES, RANKS, FIELDS, PARTS_A_FIELD = 3 };

typedef struct cache_facts {
    uint64_t rows_n, fields_n;
    uint32_t class_;      /* highest that a row carries itself, or the file for all */
    uint32_t takes_label; /* some rows carry none */
    uint32_t has_class;   /* there is a column of them */
    uint32_t unused;
} cache_facts;

/* A cache on its way. */
struct cache {
    const join *j;
    char *name, *purpose;
    geo_store_source before;
    geo_watch listening;   /* to what reading tells */
    geo_vec notes;         /* that: texts, each with its NUL */
    bool notes_lost, read; /* what was to be read is read, and has been told */
    const char *first;     /* field of the layer */
    cache_facts facts;
};

/* What lies in a store besides the index: lent by it, its arrays by the arena of the join. */
typedef struct kept {
    cache_facts facts;
    const char *crs, *first;
    const geo_store_part *notes, *ranks;
    geo_field *fields;
    geo_column *columns;
    geo_schema schema;
} kept;

/* join_cache_parts.c: write the areas of a step, which have all fields; GEO_SKIP and the like as geo_store_write. */
geo_status geo_join_cache_save(const join *j, const geo_join_step *o, const step *s, const cache *c, geo_err *err);

/* Look at the parts of a store. GEO_SKIP when any of them is not what it should be. */
geo_status geo_join_cache_take(join *j, const geo_store_part *parts, size_t parts_n, kept *k, geo_err *err);

#endif
