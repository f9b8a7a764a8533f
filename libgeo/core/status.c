/* Statuses and error texts. The text is cut on a character boundary, so that a terminal never sees half of one. */
#include "geo/status.h"

#include <stdio.h>
#include <string.h>

static void cut_to_character(char *s, size_t room)
{
    size_t n = strlen(s);
    if (n + 1 < room)
        return; /* nothing was lost */
    while (n > 0 && ((unsigned char)s[n - 1] & 0xC0) == 0x80)
        n--;
    if (n > 0 && ((unsigned char)s[n - 1] & 0x80))
        n--;
    s[n] = '\0';
}

geo_status geo_err_set(geo_err *err, geo_status code, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(err->msg, sizeof err->msg, fmt, ap);
        va_end(ap);
        cut_to_character(err->msg, sizeof err->msg);
        err->code = code;
    }
    return code;
}

geo_status geo_err_wrap(geo_err *err, geo_status code, const char *fmt, ...)
{
    if (err) {
        char old[sizeof err->msg];
        memcpy(old, err->msg, sizeof old);
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(err->msg, sizeof err->msg, fmt, ap);
        va_end(ap);
        size_t n = strlen(err->msg);
        snprintf(err->msg + n, sizeof err->msg - n, ": %s", old);
        cut_to_character(err->msg, sizeof err->msg);
        err->code = code;
    }
    return code;
}

geo_status geo_err_nomem(geo_err *err)
{
    return geo_err_set(err, GEO_ENOMEM, "out of memory");
}
