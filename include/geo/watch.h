/**
 * @file watch.h
 * What a long call tells its caller while it works, and how the caller stops it.
 */
#ifndef GEO_WATCH_H
#define GEO_WATCH_H

#include "geo/status.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

GEO_BEGIN

/** All members may be NULL. Kept by the caller for as long as the call runs. */
typedef struct geo_watch {
    const volatile sig_atomic_t *stop; /**< set to non-zero (in a signal handler, say) to make calls return GEO_ESTOP soon */
    /** Now and then, from one thread at a time; total 0: unknown. */
    void (*progress)(void *ctx, const char *what, int64_t done, int64_t total);
    /** One line the user should read; never holds a value out of a record. */
    void (*note)(void *ctx, const char *text);
    void *ctx;
    /** As note, for users who want to know how it was done. */
    void (*detail)(void *ctx, const char *text);
} geo_watch;

/** True when the caller has asked to stop; w may be NULL. */
GEO_API bool geo_watch_stopped(const geo_watch *w);

/** Tell progress, if anybody listens. */
GEO_API void geo_watch_progress(const geo_watch *w, const char *what, int64_t done, int64_t total);

/** Tell one line, if anybody listens. */
GEO_API void geo_watch_note(const geo_watch *w, const char *fmt, ...) GEO_PRINTF(2, 3);

/** Tell one line of detail, if anybody listens. */
GEO_API void geo_watch_detail(const geo_watch *w, const char *fmt, ...) GEO_PRINTF(2, 3);

GEO_END
#endif
