/**
 * @file lattice.h
 * Geographies and how they fit together.
 *
 * A level is one geography of one year: output areas of 2021, wards of 2024. Levels are known by the columns of lookups that hold their
 * codes (oa21cd, wd24cd); each row of a lookup says that the areas it names have ground in common. Lookups of any shape do: a row an output
 * area with all that it lies in, a row a pair of areas, the changes from one census to the next. From them follows how any level relates
 * to any other, through several lookups if need be: output areas nest in LSOAs, LSOAs fit wards at best, and LSOAs of 2011 were split and
 * merged into those of 2021.
 */
#ifndef GEO_LATTICE_H
#define GEO_LATTICE_H

#include "geo/keys.h"
#include "geo/reader.h"

GEO_BEGIN

/** How the areas of one level lie in those of another. The worst of all of them; the numbers order them. */
typedef enum geo_fit {
    GEO_FIT_NESTS,  /**< each in one */
    GEO_FIT_BEST,   /**< each goes whole to the one it fits best, though it may lie in several */
    GEO_FIT_SHARES, /**< some lie in several, in known shares */
    GEO_FIT_UNKNOWN /**< some lie in several, and the lookup does not say how much of them */
} geo_fit;

/** What became of an area between two years of the same geography. */
typedef enum geo_change {
    GEO_CHANGE_NONE,   /**< one became one: it is as it was, under the same code or a new one */
    GEO_CHANGE_MERGED, /**< several became one */
    GEO_CHANGE_SPLIT,  /**< one became several */
    GEO_CHANGE_COMPLEX /**< several became several: not comparable */
} geo_change;

typedef struct geo_lattice geo_lattice;

#define GEO_LATTICE_MOST 64 /**< levels */

/** No levels yet; NULL when memory is out. */
GEO_API geo_lattice *geo_lattice_new(void);
GEO_API void geo_lattice_free(geo_lattice *lattice);

/** What a lookup is. Zero it, then set what is needed. */
typedef struct geo_lattice_lookup {
    const char *const *levels; /**< NULL-ended names of the columns that hold codes */
    const char *weights;       /**< column of what each row weighs (people, addresses, square metres); NULL: it does not say */
    bool rows_weigh;           /**< each row weighs the same, as in a list of addresses */
    bool best_fit;             /**< areas lie in more than one of another level, and each stands with the one it fits best */
} geo_lattice_lookup;

/**
 * Read a lookup.
 *
 * @param reader  positioned at its start, its columns of levels and weights decoded; read to its end.
 *
 * Codes are compared as geo_keys_guess finds; empty ones, and those that mean "none" (geo_gss_is_none), are in no area. Of rows that name
 * the same areas the weights are added. O(rows), 4 bytes a row and level, and 8 for weights.
 *
 * @return GEO_EARG: no such column; GEO_EFORMAT: a weight that is missing, negative or no finite number (the row is named).
 */
GEO_CHECKED geo_status geo_lattice_read(geo_lattice *lattice, geo_reader *reader, const geo_lattice_lookup *about, int threads,
                                        geo_err *err);

/** Number of a level by the name of its column, in any letter case; negative: there is none. */
GEO_API ptrdiff_t geo_lattice_level(const geo_lattice *lattice, const char *name);

/** How many there are, and the name of one. */
GEO_API size_t geo_lattice_levels(const geo_lattice *lattice);
GEO_API const char *geo_lattice_name(const geo_lattice *lattice, size_t level);

/** The areas of a level: their codes, whose numbers are the areas' numbers. Lent. */
GEO_API const geo_keys *geo_lattice_areas(const geo_lattice *lattice, size_t level);

/** The highest class of all rows read. */
GEO_API geo_class geo_lattice_class(const geo_lattice *lattice);

/** A part of an area: in area `area` of the other level, or in none of them (negative). */
typedef struct geo_share {
    int32_t area;
    double share; /**< of the whole, above 0 and at most 1, the shares of an area adding up to 1; NaN: not known */
} geo_share;

/** How two levels relate. */
typedef struct geo_relation geo_relation;

/**
 * The levels gone through from one to another, both ends included: by as few lookups as can be, and of ways as short through the level with
 * most areas. Levels whose codes are GSS codes, postcodes or UPRNs come before those of other text, and these before those of numbers:
 * columns that several lookups happen to have, as OBJECTID and population, are gone through only where no other way leads.
 *
 * @param way  [out] their numbers.
 * @return how many; 0: no way leads, or the two are one.
 */
GEO_API size_t geo_lattice_way(const geo_lattice *lattice, size_t from, size_t to, size_t way[GEO_LATTICE_MOST]);

/**
 * Find out. The way is that of geo_lattice_way; shares are multiplied along it.
 *
 * @return GEO_EARG: no lookup, nor a chain of them, leads from one to the other. O(rows log rows) of the lookups on the way.
 */
GEO_CHECKED geo_status geo_lattice_relate(const geo_lattice *lattice, size_t from, size_t to, geo_relation **out, geo_err *err);

/**
 * A relation known from elsewhere, such as ground in common.
 *
 * @param shares  n parts, those of area i of the first level being shares[part_at[i] .. part_at[i + 1]); copied.
 */
GEO_CHECKED geo_status geo_relation_new(size_t from_n, size_t to_n, const size_t *part_at, const geo_share *shares, geo_fit fit,
                                        geo_relation **out, geo_err *err);
GEO_API void geo_relation_free(geo_relation *relation);

GEO_API geo_fit geo_relation_fit(const geo_relation *relation);

/** Parts of area i of the first level, in the order of the other's areas; none: the lookups have no word of it. Lent. */
GEO_API const geo_share *geo_relation_parts(const geo_relation *relation, size_t i, size_t *n);

/** Does some lookup on the way only say which area fits best? */
GEO_API bool geo_relation_is_best_fit(const geo_relation *relation);

/** Areas of the first level of which the shares are not known. */
GEO_API size_t geo_relation_unknown(const geo_relation *relation);

/**
 * Are the two levels the same geography in different years? So it is when they have codes in common, and not each of them has a kind of area
 * (by GSS codes) that the other lacks.
 */
GEO_API bool geo_relation_is_change(const geo_relation *relation);

/** What happened to area i of the first level; to become area i of the other. By all areas that hang together with it. */
GEO_API geo_change geo_relation_change_of(const geo_relation *relation, size_t i);
GEO_API geo_change geo_relation_change_to(const geo_relation *relation, size_t i);

GEO_END
#endif
