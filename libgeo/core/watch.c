/* Telling the caller how far the work is. */
#include "geo/watch.h"

#include <stdarg.h>
#include <stdio.h>

bool geo_watch_stopped(const geo_watch *w)
{
    return w && w->stop && *w->stop;
}

void geo_watch_progress(const geo_watch *w, const char *what, int64_t done, int64_t total)
{
    if (w && w->progress)
        w->progress(w->ctx, what, done, total);
}

static void tell(void (*to)(void *ctx, const char *text), void *ctx, const char *fmt, va_list ap)
{
    char text[1024];
    vsnprintf(text, sizeof text, fmt, ap);
    to(ctx, text);
}

void geo_watch_note(const geo_watch *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (w && w->note)
        tell(w->note, w->ctx, fmt, ap);
    va_end(ap);
}

void geo_watch_detail(const geo_watch *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (w && w->detail)
        tell(w->detail, w->ctx, fmt, ap);
    va_end(ap);
}
