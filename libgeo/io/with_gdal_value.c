/* Values into features, with an eye on what does not go in whole. */
#include "with_gdal.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DIGITS_KEPT 1e-9 /* relative: a number printed with fewer correct digits than nine has lost something */

/* A shapefile's field of integers that outgrows its width comes back as one of doubles. */
static bool int_fits(const geo_gdal_field *made, int64_t v)
{
    char text[24];
    if (made->type == OFTInteger)
        return v >= INT32_MIN && v <= INT32_MAX;
    if (made->type == OFTInteger64 && made->width > 0)
        return snprintf(text, sizeof text, "%lld", (long long)v) <= made->width;
    return made->type != OFTReal || (v >= -(INT64_C(1) << 53) && v <= INT64_C(1) << 53);
}

/* Formats with a width print numbers with a fixed point, so that large ones lose their ends and small ones become zero. */
static bool double_fits(const geo_gdal_field *made, double v)
{
    if (made->type != OFTReal || made->width <= 0 || made->precision <= 0 || !isfinite(v))
        return true;
    char text[512]; /* 309 digits before the point at most */
    CPLsnprintf(text, sizeof text, "%.*f", made->precision, v);
    if (made->width < (int)sizeof text)
        text[made->width] = '\0';
    return fabs(CPLAtof(text) - v) <= DIGITS_KEPT * fabs(v);
}

static geo_status set_text(OGRFeatureH f, geo_gdal_field *made, const char *s, size_t n, geo_vec *room, geo_err *err)
{
    room->n = 0;
    if (!geo_vec_reserve(room, n + 1, 1))
        return geo_err_nomem(err);
    memcpy(room->items, s, n);
    ((char *)room->items)[n] = '\0';
    OGR_F_SetFieldString(f, made->at, room->items);
    made->cut_n += made->type == OFTString && made->width > 0 && n > (size_t)made->width;
    return GEO_OK;
}

geo_status geo_gdal_set_value(OGRFeatureH f, geo_gdal_field *made, const geo_column *c, size_t r, geo_vec *room, geo_err *err)
{
    if (!c->held || geo_column_is_null(c, r)) {
        OGR_F_SetFieldNull(f, made->at);
        return GEO_OK;
    }
    const size_t v = c->index ? (size_t)c->index[r] : r;
    int year, month, day;
    size_t n;
    switch (c->type) {
    case GEO_INT: {
        const int64_t i = ((const int64_t *)c->values)[v];
        OGR_F_SetFieldInteger64(f, made->at, i);
        made->cut_n += !int_fits(made, i);
        return GEO_OK;
    }
    case GEO_DOUBLE: {
        const double d = ((const double *)c->values)[v];
        OGR_F_SetFieldDouble(f, made->at, d);
        made->cut_n += !double_fits(made, d);
        return GEO_OK;
    }
    case GEO_BOOL: OGR_F_SetFieldInteger(f, made->at, ((const uint8_t *)c->values)[v]); return GEO_OK;
    case GEO_DATE:
        geo_date_civil(((const int32_t *)c->values)[v], &year, &month, &day);
        OGR_F_SetFieldDateTime(f, made->at, year, month, day, 0, 0, 0, 0);
        return GEO_OK;
    default: break;
    }
    const char *s = geo_column_text(c, r, &n);
    return set_text(f, made, s, n, room, err);
}
