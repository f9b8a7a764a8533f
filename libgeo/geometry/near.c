/* Nearest areas: those whose boxes come within reach, from the packed tree; of each the edges in the stripes beside the point. */
#include "geo/near.h"

#include "areas.h"
#include "boxes.h"

#include <string.h>

struct geo_near {
    const geo_areas *areas;
    geo_boxes boxes;
};

geo_status geo_near_new(const geo_areas *areas, geo_near **out, geo_err *err)
{
    const size_t n = areas->areas.n;
    geo_near *near = calloc(1, sizeof *near);
    geo_box *box = calloc(n + 1, sizeof *box);
    geo_status st = near && box ? GEO_OK : geo_err_nomem(err);
    for (size_t i = 0; st == GEO_OK && i < n; i++) {
        const area *a = (const area *)areas->areas.items + i;
        box[i] = (geo_box){a->x_min, a->x_max, a->y_min, a->y_max};
    }
    if (st == GEO_OK)
        st = geo_boxes_build(&near->boxes, box, n, err);
    free(box);
    if (st < 0) {
        free(near);
        return st;
    }
    near->areas = areas;
    *out = near;
    return GEO_OK;
}

void geo_near_free(geo_near *near)
{
    if (!near)
        return;
    geo_boxes_clear(&near->boxes);
    free(near);
}

/* Squared distance from the origin to the segment ab. */
static double to_segment(geo_xy a, geo_xy b)
{
    const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    double t = length > 0 ? -(a.x * dx + a.y * dy) / length : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    const double x = a.x + t * dx, y = a.y + t * dy;
    return x * x + y * y;
}

geo_status geo_near_find(const geo_near *near, double x, double y, double x_m, double y_m, double within_m, int32_t *found,
                         double *distance_m, geo_err *err)
{
    const geo_areas *s = near->areas;
    const double reach_x = within_m / x_m, reach_y = within_m / y_m;
    const double slack_x = (fabs(x) + reach_x) * 1e-12, slack_y = (fabs(y) + reach_y) * 1e-12; /* boxes that only touch count */
    const geo_box around = {x - reach_x - slack_x, x + reach_x + slack_x, y - reach_y - slack_y, y + reach_y + slack_y};
    geo_vec numbers = {0};
    double best = within_m * within_m;
    *found = GEO_NO_AREA;
    if (!geo_boxes_find(&near->boxes, &around, &numbers)) {
        geo_vec_clear(&numbers);
        return geo_err_nomem(err);
    }
    for (size_t k = 0; k < numbers.n; k++) {
        const uint32_t i = ((const uint32_t *)numbers.items)[k];
        const area *a = (const area *)s->areas.items + i;
        const uint32_t first = a->first_stripe + geo_area_stripe(a, around.y_min),
                       last = a->first_stripe + geo_area_stripe(a, around.y_max);
        double nearest = INFINITY;
        for (uint32_t e = s->stripe_at[first]; e < s->stripe_at[last + 1]; e++) {
            const geo_xy *v = (const geo_xy *)s->vertices.items + s->edge[e];
            const double d = to_segment((geo_xy){(v[0].x - x) * x_m, (v[0].y - y) * y_m}, (geo_xy){(v[1].x - x) * x_m, (v[1].y - y) * y_m});
            nearest = geo_min(nearest, d);
        }
        if (nearest < best || (nearest == best && (*found == GEO_NO_AREA || s->rank[i] < s->rank[*found]))) {
            best = nearest;
            *found = (int32_t)i;
        }
    }
    geo_vec_clear(&numbers);
    if (distance_m && *found != GEO_NO_AREA)
        *distance_m = sqrt(best);
    return GEO_OK;
}

void geo_metres_in_degree(double latitude_deg, double *lon_m, double *lat_m)
{
    const double a = 6378137.0, f = 1 / 298.257223563, e2 = f * (2 - f), degree = 3.14159265358979323846 / 180;
    const double sine = sin(latitude_deg * degree), w = 1 - e2 * sine * sine;
    *lat_m = a * (1 - e2) / (w * sqrt(w)) * degree;
    *lon_m = a * cos(latitude_deg * degree) / sqrt(w) * degree;
}
