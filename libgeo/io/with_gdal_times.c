/*
 * Dates and times through GDAL. Databases keep them as text, or print them, and GDAL's reading of that loses what it does not understand
 * (the end of time, a year before our era, a zone of odd minutes) in silence: so they are read as the text they are.
 */
#include "with_gdal.h"
#include "with_gdal_read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool geo_gdal_find_types(geo_gdal_in *in)
{
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(in->layer);
    const int n = OGR_FD_GetFieldCount(defn);
    in->type = geo_arena_array(&in->arena, (size_t)n + 1, sizeof *in->type);
    for (int i = 0; in->type && i < n; i++)
        in->type[i] = OGR_Fld_GetType(OGR_FD_GetFieldDefn(defn, i));
    return in->type != NULL;
}

void geo_gdal_keep_times(const geo_gdal_in *in)
{
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(in->layer);
    if (!geo_gdal_is_sqlite(in->dataset) && !geo_gdal_driver_is(GDALGetDatasetDriver(in->dataset), "PostgreSQL"))
        return;
    for (int i = 0; i < OGR_FD_GetFieldCount(defn); i++)
        if (in->type[i] == OFTDate || in->type[i] == OFTTime || in->type[i] == OFTDateTime)
            OGR_Fld_SetType(OGR_FD_GetFieldDefn(defn, i), OFTString);
}

static bool is_kept(const geo_gdal_in *in, int field)
{
    return in->type[field] != OFTString && OGR_Fld_GetType(OGR_FD_GetFieldDefn(OGR_L_GetLayerDefn(in->layer), field)) == OFTString;
}

/* ---- dates ---- */

bool geo_gdal_date(const geo_gdal_in *in, OGRFeatureH f, int field, int32_t *days)
{
    int year, month, day, hour, minute, zone, y, m, d;
    float second;
    if (is_kept(in, field)) {
        const char *s = OGR_F_GetFieldAsString(f, field);
        return geo_date_parse(s, strlen(s), days);
    }
    if (!OGR_F_GetFieldAsDateTimeEx(f, field, &year, &month, &day, &hour, &minute, &second, &zone))
        return false;
    *days = geo_date_days(year, month, day);
    geo_date_civil(*days, &y, &m, &d);
    return y == year && m == month && d == day; /* one that the calendar does not have is another */
}

/* ---- times ---- */

/* Past a pattern of digits (0) and characters that stand for themselves, or NULL. */
static const char *past(const char *s, const char *pattern)
{
    for (; *pattern; pattern++, s++)
        if (*pattern == '0' ? *s < '0' || *s > '9' : *s != *pattern)
            return NULL;
    return s;
}

/* "+01:00" of +01, +0100 and +01:00, Z of Z and of nothing away; empty for no zone; NULL for what is none. */
static const char *zone_of(const char *s, char zone[8])
{
    const char *hours = *s == '+' || *s == '-' ? past(s + 1, "00") : NULL;
    if (!*s || strcmp(s, "Z") == 0)
        return s;
    if (!hours || !(!*hours || (past(hours, "00") && strlen(hours) == 2) || (past(hours, ":00") && strlen(hours) == 3)))
        return NULL;
    snprintf(zone, 8, "%.3s:%.2s", s, *hours ? hours + (*hours == ':') : "00");
    return strcmp(zone + 1, "00:00") == 0 ? "Z" : zone;
}

/*
 * A time as a database has it in the form of ISO 8601: T between date and time, seconds, no fraction of zeros, a zone of hours and minutes.
 * False for what has another form already, and stays as it is.
 */
static bool tidy(const char *s, bool with_date, char room[GEO_TIME_ROOM], size_t *n)
{
    char day[16] = "", zone_room[8];
    if (with_date) {
        if (!past(s, "0000-00-00 ") && !past(s, "0000-00-00T") && !past(s, "0000/00/00 "))
            return false;
        snprintf(day, sizeof day, "%.4s-%.2s-%.2sT", s, s + 5, s + 8);
        s += 11;
    }
    const char *minutes = past(s, "00:00"), *seconds = minutes ? past(minutes, ":00") : NULL, *end = seconds ? seconds : minutes;
    if (!minutes)
        return false;
    const size_t fraction_n = seconds && *seconds == '.' ? 1 + strspn(seconds + 1, "0123456789") : 0;
    const bool zeros = fraction_n && strspn(seconds + 1, "0") == fraction_n - 1;
    const char *zone = zone_of(end + fraction_n, zone_room);
    if (!zone || fraction_n == 1 || fraction_n > 12)
        return false;
    *n = (size_t)snprintf(room, GEO_TIME_ROOM, "%s%.5s%.3s%.*s%s", day, s, seconds ? minutes : ":00", zeros ? 0 : (int)fraction_n,
                          seconds ? seconds : "", zone);
    return true;
}

/* ISO 8601, with the fraction and the zone that the value has. */
static size_t print(OGRFeatureH f, int field, bool with_date, char room[GEO_TIME_ROOM])
{
    int year, month, day, hour, minute, zone;
    float second;
    if (!OGR_F_GetFieldAsDateTimeEx(f, field, &year, &month, &day, &hour, &minute, &second, &zone))
        return 0;
    const int most = second >= 60 ? 60999 : 59999, rounded = (int)lroundf(second * 1000),
              ms = rounded > most ? most : rounded; /* 60: leap */
    int n = with_date ? snprintf(room, GEO_TIME_ROOM, "%04d-%02d-%02dT", year, month, day) : 0;
    n += snprintf(room + n, GEO_TIME_ROOM - (size_t)n, "%02d:%02d:%02d", hour, minute, ms / 1000);
    if (ms % 1000)
        n += snprintf(room + n, GEO_TIME_ROOM - (size_t)n, ".%03d", ms % 1000);
    const int away = (zone - 100) * 15; /* minutes east of Greenwich; 0 and 1 say that nobody knows */
    if (zone == 100)
        n += snprintf(room + n, GEO_TIME_ROOM - (size_t)n, "Z");
    else if (zone > 1)
        n += snprintf(room + n, GEO_TIME_ROOM - (size_t)n, "%c%02d:%02d", away < 0 ? '-' : '+', abs(away) / 60, abs(away) % 60);
    return (size_t)n;
}

const char *geo_gdal_time(const geo_gdal_in *in, OGRFeatureH f, int field, char room[GEO_TIME_ROOM], size_t *n)
{
    const bool with_date = in->type[field] == OFTDateTime;
    if (!is_kept(in, field)) {
        *n = print(f, field, with_date, room);
        return room;
    }
    const char *s = OGR_F_GetFieldAsString(f, field);
    if (tidy(s, with_date, room, n))
        return room;
    *n = strlen(s);
    return s;
}
