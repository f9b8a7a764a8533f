/* Statuses and error texts. The text is cut on a character boundary, so that a terminal never sees half of one. */
#include "geo/status.h"

#include <stdio.h>
#include <string.h>

/* A text that did not fit was cut at a byte; take off what is left of a character that lost its end. */
static void cut_to_character(char *s)
{
    const size_t n = strlen(s);
    size_t start = n;
    while (start > 0 && ((unsigned char)s[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0 || !((unsigned char)s[start - 1] & 0x80))
        return;
    const unsigned char lead = (unsigned char)s[start - 1];
    const size_t whole = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (n - (start - 1) < whole)
        s[start - 1] = '\0';
}

geo_status geo_err_set(geo_err *err, geo_status code, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        const int n = vsnprintf(err->msg, sizeof err->msg, fmt, ap);
        va_end(ap);
        if (n >= (int)sizeof err->msg)
            cut_to_character(err->msg);
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
        if (snprintf(err->msg + n, sizeof err->msg - n, ": %s", old) >= (int)(sizeof err->msg - n))
            cut_to_character(err->msg);
        err->code = code;
    }
    return code;
}

geo_status geo_err_nomem(geo_err *err)
{
    return geo_err_set(err, GEO_ENOMEM, "out of memory");
}
