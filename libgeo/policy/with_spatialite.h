/*
 * The two databases of a ledger, in memory: SQLite gets and gives their bytes, and touches no file, so nothing of them is left in journals
 * or temporary files. SpatiaLite is called when a map is made; rows are read and added without it, and no trigger of the databases runs.
 *
 *     ledger.db      entries: the public part of each entry; map_SRID: what a GIS shows of those that have an extent in this system
 *     restricted.db  restricted: the other part
 */
#ifndef GEO_POLICY_WITH_SPATIALITE_H
#define GEO_POLICY_WITH_SPATIALITE_H

#include "geo/reader.h"

typedef struct geo_ledger_base geo_ledger_base;

enum { GEO_LEDGER_PUBLIC, GEO_LEDGER_RESTRICTED, GEO_LEDGER_FILES };

/* A row of entries; texts are never NULL, and empty for what there is not. */
typedef struct geo_ledger_row {
    int64_t id;
    const char *kind, *time, *digest;
    const char *extent; /* four numbers, with blanks between */
    int64_t srid;       /* 0: none */
    const char *seal;   /* digest of the restricted part */
    const char *statement, *hash;
} geo_ledger_row;

/* A row of restricted. */
typedef struct geo_ledger_part {
    const unsigned char *salt;
    size_t salt_n;
    const char *restricted;
    const void *cells; /* NULL when cells_n is 0 */
    size_t cells_n;
} geo_ledger_part;

/* Two databases without entries. */
geo_status geo_ledger_base_new(geo_ledger_base **out, geo_err *err);

/* Databases from their bytes, of which a copy is made. n files: without the last, there is no restricted part. GEO_EFORMAT. */
geo_status geo_ledger_base_load(const geo_bytes *files, size_t n, geo_ledger_base **out, geo_err *err);
void geo_ledger_base_close(geo_ledger_base *base);

/*
 * Rows by their id, lent until the same is called again or an entry added: GEO_DONE when there is none, GEO_EFORMAT for values of the wrong
 * type. `map` is a geometry in SpatiaLite's form.
 */
geo_status geo_ledger_base_row(geo_ledger_base *base, int64_t id, geo_ledger_row *row, geo_err *err);
geo_status geo_ledger_base_part(geo_ledger_base *base, int64_t id, geo_ledger_part *part, geo_err *err);
geo_status geo_ledger_base_map(geo_ledger_base *base, int64_t srid, int64_t id, const void **map, size_t *n, geo_err *err);

/* How many rows there are in a file, or (srid not 0) on a map. */
geo_status geo_ledger_base_count(geo_ledger_base *base, int file, int64_t srid, int64_t *n, geo_err *err);

/*
 * Add an entry to both. When that fails they are of no more use. map_n is 0 for one without extent. GEO_ECRS for an EPSG code that PROJ does
 * not know.
 */
geo_status geo_ledger_base_add(geo_ledger_base *base, const geo_ledger_row *row, const geo_ledger_part *part, const void *map, size_t map_n,
                               geo_err *err);

/* The bytes of a file, lent until an entry is added. */
geo_status geo_ledger_base_bytes(geo_ledger_base *base, int file, geo_bytes *bytes, geo_err *err);

#endif
