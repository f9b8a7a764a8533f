/**
 * @file status.h
 * Statuses and the error that tells their story.
 *
 * Every call that can fail returns a geo_status and takes a geo_err last. A negative status means stop; the text in geo_err was
 * made where the cause is known, and callers add only what they alone know (file, layer, row). Reporting never allocates.
 */
#ifndef GEO_STATUS_H
#define GEO_STATUS_H

#include <stdarg.h>

#ifdef __cplusplus
#define GEO_BEGIN extern "C" {
#define GEO_END }
#else
#define GEO_BEGIN
#define GEO_END
#endif

#if defined(__GNUC__)
#define GEO_API __attribute__((visibility("default")))
#define GEO_CHECKED GEO_API __attribute__((warn_unused_result))
#define GEO_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define GEO_API
#define GEO_CHECKED
#define GEO_PRINTF(fmt, first)
#endif

GEO_BEGIN

typedef enum geo_status {
    GEO_OK = 0,
    GEO_DONE = 1,      /**< the stream is at its end */
    GEO_SKIP = 2,      /**< what was looked at cannot be used, and why has been noted; go on without it */
    GEO_EARG = -1,     /**< an argument or option that cannot be */
    GEO_EIO = -2,      /**< the operating system said no: missing file, full disk, broken pipe */
    GEO_EFORMAT = -3,  /**< the input is not what its format says */
    GEO_ECRS = -4,     /**< coordinate reference system missing, unknown or unfit */
    GEO_EGEOM = -5,    /**< a geometry that cannot be used */
    GEO_ENOMEM = -6,   /**< out of memory, or past a stated ceiling */
    GEO_EREFUSED = -7, /**< the disclosure policy refuses */
    GEO_ESTOP = -8,    /**< the caller asked to stop (geo_watch) */
    GEO_EPIPE = -9     /**< nobody reads the output any more */
} geo_status;

/** Room for an error's story; the caller's storage, usually on the stack. */
typedef struct geo_err {
    geo_status code;
    char msg[512];
} geo_err;

/**
 * Store a status and its text: lower case, what failed first, the subject in quotes, no full stop, and never a value out of a record.
 *
 * @param err  may be NULL: then only the code is passed on.
 * @return code, so that `return geo_err_set(err, GEO_EIO, ...)` reads as one step.
 */
GEO_API geo_status geo_err_set(geo_err *err, geo_status code, const char *fmt, ...) GEO_PRINTF(3, 4);

/** Put "<text>: " before the message that is there; returns code. Long stories are cut at the end, never in the middle of a character. */
GEO_API geo_status geo_err_wrap(geo_err *err, geo_status code, const char *fmt, ...) GEO_PRINTF(3, 4);

/** GEO_ENOMEM with its usual text. */
GEO_API geo_status geo_err_nomem(geo_err *err);

GEO_END
#endif
