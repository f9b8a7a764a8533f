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

void geo_watch_note(const geo_watch *w, const char *fmt, ...)
{
    if (!w || !w->note)
        return;
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    w->note(w->ctx, text);
}
