/**
 * @file label.h
 * Sensitivity classes. They form a chain; what is made of several things takes the highest.
 */
#ifndef GEO_LABEL_H
#define GEO_LABEL_H

#include "geo/status.h"

#include <stdbool.h>
#include <stddef.h>

GEO_BEGIN

/** Least to most sensitive; the numbers order them. */
typedef enum geo_class {
    GEO_CLASS_OPEN = 0,     /**< published under an open licence */
    GEO_CLASS_OFFICIAL = 1, /**< for work, not about identifiable people */
    GEO_CLASS_PERSONAL = 2, /**< about identifiable people: what anything unlabelled is taken to be */
    GEO_CLASS_SPECIAL = 3   /**< special-category personal data: health, ethnicity, children's social care ... */
} geo_class;

/** Name of the column in which every working table carries the class of each record. */
#define GEO_CLASS_COLUMN "sdc_class"

/** "open", "official", "personal" or "special". */
GEO_API const char *geo_class_name(geo_class c);

/** Class of a name, in any letter case, or false. */
GEO_API bool geo_class_parse(const char *s, size_t n, geo_class *c);

/** The more sensitive of two. */
GEO_API geo_class geo_class_join(geo_class a, geo_class b);

/** Sensitivity of a whole input: what is known of it before its first record is read. */
typedef struct geo_label {
    geo_class class_;  /**< of every record that has no class of its own */
    char source[256];  /**< who published it; may be empty */
    char licence[128]; /**< e.g. "OGL-UK-3.0"; may be empty */
    bool known;        /**< false: nothing says so, and class_ is the default */
} geo_label;

GEO_END
#endif
