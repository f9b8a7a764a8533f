/* Looking into columns and batches; dates. */
#include "column.h"

#include "geo/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool geo_column_is_null(const geo_column *c, size_t r)
{
    const ptrdiff_t v = geo_column_place(c, r);
    if (v < 0 || c->type != GEO_GEOMETRY)
        return v < 0;
    const geo_geometries *g = c->geometries;
    return g->kind ? g->kind[v] == GEO_NO_GEOMETRY || g->kind[v] == GEO_BAD_GEOMETRY : !(isfinite(g->x[v]) && isfinite(g->y[v]));
}

const char *geo_column_text(const geo_column *c, size_t r, size_t *n)
{
    const ptrdiff_t v = c->type == GEO_TEXT ? geo_column_place(c, r) : -1;
    if (v < 0) {
        *n = 0;
        return NULL;
    }
    *n = (size_t)(c->offsets[v + 1] - c->offsets[v]);
    return (const char *)c->values + c->offsets[v];
}

bool geo_column_number(const geo_column *c, size_t r, double *value)
{
    const ptrdiff_t v = geo_column_place(c, r);
    if (v < 0)
        return false;
    switch (c->type) {
    case GEO_TEXT: return geo_number_parse((const char *)c->values + c->offsets[v], (size_t)(c->offsets[v + 1] - c->offsets[v]), value);
    case GEO_INT: *value = (double)((const int64_t *)c->values)[v]; return true;
    case GEO_DOUBLE: *value = ((const double *)c->values)[v]; return isfinite(*value);
    case GEO_BOOL: *value = ((const uint8_t *)c->values)[v]; return true;
    case GEO_DATE:
    case GEO_GEOMETRY: break;
    }
    return false;
}

const char *geo_column_print(const geo_column *c, size_t r, char room[GEO_VALUE_ROOM], size_t *n)
{
    const ptrdiff_t v = geo_column_place(c, r);
    int year, month, day;
    *n = 0;
    if (v < 0)
        return NULL;
    switch (c->type) {
    case GEO_TEXT: return geo_column_text(c, r, n);
    case GEO_INT: *n = geo_number_print_int(((const int64_t *)c->values)[v], room); return room;
    case GEO_DOUBLE: *n = geo_number_print(((const double *)c->values)[v], room); return room;
    case GEO_BOOL: *n = (size_t)snprintf(room, GEO_VALUE_ROOM, "%s", ((const uint8_t *)c->values)[v] ? "true" : "false"); return room;
    case GEO_DATE:
        geo_date_civil(((const int32_t *)c->values)[v], &year, &month, &day);
        *n = (size_t)snprintf(room, GEO_VALUE_ROOM, "%04d-%02d-%02d", year, month, day);
        return room;
    case GEO_GEOMETRY: break;
    }
    return NULL;
}

bool geo_column_same(const geo_column *a, size_t ra, const geo_column *b, size_t rb)
{
    if (geo_column_is_null(a, ra) || geo_column_is_null(b, rb))
        return geo_column_is_null(a, ra) == geo_column_is_null(b, rb);
    char room_a[GEO_VALUE_ROOM], room_b[GEO_VALUE_ROOM];
    size_t n, m;
    const char *s = geo_column_print(a, ra, room_a, &n), *t = geo_column_print(b, rb, room_b, &m);
    return n == m && (n == 0 || memcmp(s, t, n) == 0);
}

geo_class geo_batch_class(const geo_batch *b, size_t r)
{
    return b->row_class ? (geo_class)b->row_class[r] : b->class_;
}

int64_t geo_batch_line(const geo_batch *b, size_t r)
{
    return b->first_line + (b->line ? (int64_t)b->line[r] : (int64_t)r);
}

/* ---- dates ---- */

/* Howard Hinnant's day count: an era is 400 years, years start in March. */
int32_t geo_date_days(int year, int month, int day)
{
    const int64_t y = year - (month <= 2);
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t yoe = y - era * 400;
    const int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return (int32_t)(era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468);
}

void geo_date_civil(int32_t days, int *year, int *month, int *day)
{
    const int64_t z = (int64_t)days + 719468;
    const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t doe = z - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

bool geo_date_parse(const char *s, size_t n, int32_t *days)
{
    if (n != 10 || s[4] != '-' || s[7] != '-')
        return false;
    int part[3] = {0};
    static const int from[3] = {0, 5, 8}, to[3] = {4, 7, 10};
    for (int i = 0; i < 3; i++)
        for (int k = from[i]; k < to[i]; k++) {
            if (s[k] < '0' || s[k] > '9')
                return false;
            part[i] = part[i] * 10 + (s[k] - '0');
        }
    if (part[1] < 1 || part[1] > 12 || part[2] < 1)
        return false;
    const int32_t d = geo_date_days(part[0], part[1], part[2]);
    int y, mo, da;
    geo_date_civil(d, &y, &mo, &da);
    if (y != part[0] || mo != part[1] || da != part[2])
        return false;
    *days = d;
    return true;
}
