/*
 * The size of what two areas share. With the signs of `outline`, a point is in both when the product of the two sums is 1, and that product
 * is the sum over pairs of edges, one of each area, that lie east of the point. So
 *
 *     size = sum over edges e, f of sign(e) sign(f) x integral over y of min(x of e, x of f)
 *
 * counted from any line in the west, and only edges that share heights meet. Everything is reckoned in the box that the boxes of both areas
 * share, from its south-west corner: an edge east of the box counts like the box's side, one west of it for nothing.
 *
 * Coinciding edges need no care: min is continuous, so it does not matter which of two edges is the lesser where they all but agree. What does
 * matter is that the signs add up at every height, and so heights are never rounded twice in different ways: a vertex has the same height
 * in both its edges, and a cut the same on both its sides.
 */
#include "overlap.h"

#include <string.h>

#define STRIPES_WORTH 4 /* a box as high as this part of an area or less: its stripes are searched, not all edges */
#define PIECES_PER_BIN 2
#define MOST_BINS 65536
#define PIECES_PER_LOOK 1024       /* between two looks at the watch */
#define ROUNDING (8 * DBL_EPSILON) /* of one product: positions on two edges, their difference, a mean, heights */

/* Part of an edge within the box; from the south-west corner of the box. */
typedef struct piece {
    double low, high; /* low < high */
    double x, slope;  /* at low; of x by y */
    double sign;
} piece;

/* A height above which the sum of the signs of edges east of the box is greater by `sign`. */
typedef struct crossing {
    double y, sign;
} crossing;

/* Edges of one area being cut to the box. */
typedef struct window {
    double west, south, east, north;
    double width, height;
    geo_vec *pieces, *crossings;
    bool loose;   /* the edges are no rings: nothing cancels where one ends */
    double start; /* sum of the signs of edges east of the box's south-east corner */
    bool ok;
} window;

void geo_overlap_room_clear(overlap_room *room)
{
    geo_vec_clear(&room->pieces[0]);
    geo_vec_clear(&room->pieces[1]);
    geo_vec_clear(&room->crossings);
    geo_vec_clear(&room->bin_at);
    geo_vec_clear(&room->bin);
}

/* ---- what an area has in the box ---- */

static void push_piece(window *w, piece p)
{
    if (!(p.low < p.high) || !w->ok)
        return;
    w->ok = geo_vec_reserve(w->pieces, 1, sizeof p);
    if (w->ok)
        ((piece *)w->pieces->items)[w->pieces->n++] = p;
}

static void push_crossing(window *w, double y, double sign)
{
    w->ok = w->ok && geo_vec_reserve(w->crossings, 1, sizeof(crossing));
    if (w->ok)
        ((crossing *)w->crossings->items)[w->crossings->n++] = (crossing){y, sign};
}

static double between(double low, double high, double v)
{
    return geo_min(geo_max(v, low), high);
}

/*
 * The low and the high end of an edge that are east of the box. In a ring the sum of signs there changes only where it passes the box's side,
 * since each edge goes on from where another ended.
 */
static void start_east(window *w, geo_xy low, double sign)
{
    if (low.y <= w->south)
        w->start += sign;
    else if (w->loose)
        push_crossing(w, low.y - w->south, sign);
}

static void end_east(window *w, geo_xy high, double sign)
{
    if (w->loose && high.y < w->north)
        push_crossing(w, high.y - w->south, -sign);
}

/* An edge from p north to q that may have a part in the box, low .. high of its height within it. */
static void cut_edge(window *w, geo_xy p, geo_xy q, double low, double high, double sign)
{
    const double slope = (q.x - p.x) / (q.y - p.y);
    const double x_low = p.y < low ? p.x - w->west + (low - p.y) * slope : p.x - w->west;
    const double x_high = q.y > high ? p.x - w->west + (high - p.y) * slope : q.x - w->west;
    const double bottom = low - w->south, top = high - w->south;
    const bool low_east = x_low >= w->width, high_east = x_high >= w->width;
    if (low_east)
        start_east(w, p, sign);
    if (high_east)
        end_east(w, q, sign);
    if ((low_east && high_east) || (x_low <= 0 && x_high <= 0))
        return;
    const double y_per_x = x_low == x_high ? 0 : (top - bottom) / (x_high - x_low);
    const double at_east = between(bottom, top, bottom + (w->width - x_low) * y_per_x),
                 at_west = between(bottom, top, bottom - x_low * y_per_x);
    piece in = {bottom, top, x_low, slope, sign};
    if (low_east || x_low < 0)
        in = (piece){low_east ? at_east : at_west, top, low_east ? w->width : 0, slope, sign};
    if (high_east || x_high < 0)
        in.high = high_east ? at_east : at_west;
    if (low_east != high_east)
        push_crossing(w, at_east, high_east ? sign : -sign);
    push_piece(w, in);
}

/* Edges along a line from west to east have no ground west of them, but may take their ring past the box's side. */
static void pass_level(window *w, geo_xy p, geo_xy q, double sign)
{
    const bool from_east = p.x - w->west >= w->width, to_east = q.x - w->west >= w->width;
    if (from_east != to_east && p.y > w->south && p.y < w->north)
        push_crossing(w, p.y - w->south, to_east ? sign : -sign);
}

static inline void add_edge(window *w, geo_xy p, geo_xy q, double sign)
{
    if (p.y == q.y) {
        pass_level(w, p, q, sign);
        return;
    }
    if (p.y > q.y) {
        const geo_xy t = p;
        p = q;
        q = t;
        sign = -sign;
    }
    const double low = geo_max(p.y, w->south), high = geo_min(q.y, w->north);
    if (!(low < high) || (p.x <= w->west && q.x <= w->west))
        return;
    if (p.x < w->east || q.x < w->east) {
        cut_edge(w, p, q, low, high, sign);
        return;
    }
    start_east(w, p, sign);
    end_east(w, q, sign);
}

static double sign_of(const outline *o, uint32_t ring)
{
    return o->ring_sign ? o->ring_sign[ring] : 1;
}

static void add_all(window *w, const outline *o)
{
    const geo_xy *v = o->s->vertices.items;
    for (uint32_t ring = o->a->first_ring; ring < o->a->first_ring + o->a->rings_n; ring++) {
        const uint32_t from = ((const uint32_t *)o->s->ring_start.items)[ring], to = geo_ring_end(o->s, o->a, ring);
        const double sign = sign_of(o, ring);
        for (uint32_t e = from; e + 1 < to; e++)
            add_edge(w, v[e], v[e + 1], sign);
    }
}

/* Each edge once: in the first of the stripes that it is in. */
static void add_stripes(window *w, const outline *o, uint32_t first, uint32_t last)
{
    const geo_xy *v = o->s->vertices.items;
    for (uint32_t k = first; k <= last; k++)
        for (uint32_t i = o->s->stripe_at[o->a->first_stripe + k]; i < o->s->stripe_at[o->a->first_stripe + k + 1]; i++) {
            const uint32_t e = o->s->edge[i];
            const geo_xy p = v[e], q = v[e + 1];
            if (p.x <= w->west && q.x <= w->west)
                continue;
            const uint32_t own = geo_area_stripe(o->a, geo_min(p.y, q.y));
            if (k == (own > first ? own : first))
                add_edge(w, p, q, o->ring_sign ? sign_of(o, geo_ring_of(o->s, o->a, e)) : 1);
        }
}

static int by_height(const void *a, const void *b)
{
    const crossing *p = a, *q = b;
    return (p->y > q->y) - (p->y < q->y);
}

/* Edges beyond the east side count like that side, which is the same for all: where their signs do not cancel, it is one piece. */
static void add_side(window *w)
{
    crossing *c = w->crossings->items;
    const size_t n = w->crossings->n;
    if (n > 1)
        qsort(c, n, sizeof *c, by_height);
    double sum = w->start, low = 0;
    for (size_t i = 0; i <= n; i++) {
        const double high = i < n ? c[i].y : w->height;
        if (sum != 0)
            push_piece(w, (piece){low, high, w->width, 0, sum});
        low = high;
        sum += i < n ? c[i].sign : 0;
    }
}

static bool collect(window *w, const outline *o, geo_vec *pieces, geo_vec *crossings)
{
    pieces->n = crossings->n = 0;
    w->pieces = pieces;
    w->crossings = crossings;
    w->loose = !o->ring_sign;
    w->start = 0;
    w->ok = true;
    const uint32_t first = geo_area_stripe(o->a, w->south), last = geo_area_stripe(o->a, w->north);
    if ((last - first + 1) * STRIPES_WORTH <= o->a->stripes_n)
        add_stripes(w, o, first, last);
    else
        add_all(w, o);
    add_side(w);
    return w->ok;
}

/* ---- pairs of pieces ---- */

/* Pieces of the second area by height: bin k holds those that pass through it, bin[bin_at[k] .. bin_at[k + 1]). */
typedef struct bins {
    uint32_t n;
    double per_y;
    const uint32_t *at, *item;
} bins;

static inline uint32_t bin_of(const bins *b, double y)
{
    const double k = y * b->per_y;
    return k >= b->n - 1 ? b->n - 1 : (uint32_t)k;
}

static bool fill_bins(bins *b, const geo_vec *pieces, double height, overlap_room *room)
{
    const piece *p = pieces->items;
    const size_t n = pieces->n / PIECES_PER_BIN + 1;
    b->n = n < MOST_BINS ? (uint32_t)n : MOST_BINS;
    b->per_y = b->n / height;
    if (!geo_vec_reserve(&room->bin_at, b->n + 1, sizeof(uint32_t)))
        return false;
    uint32_t *at = room->bin_at.items;
    memset(at, 0, (b->n + 1) * sizeof *at);
    size_t sum = 0;
    for (size_t i = 0; i < pieces->n; i++)
        for (uint32_t k = bin_of(b, p[i].low), last = bin_of(b, p[i].high); k <= last; k++, sum++)
            at[k]++;
    if (sum > UINT32_MAX || !geo_vec_reserve(&room->bin, sum + 1, sizeof(uint32_t)))
        return false;
    uint32_t *item = room->bin.items;
    for (uint32_t k = 0, end = 0; k <= b->n; k++)
        at[k] = end += at[k];
    for (size_t i = pieces->n; i-- > 0;)
        for (uint32_t k = bin_of(b, p[i].low), last = bin_of(b, p[i].high); k <= last; k++)
            item[--at[k]] = (uint32_t)i;
    b->at = at;
    b->item = item;
    return true;
}

/* Twice the mean of min(x of e, x of f) between two heights that both have. */
static inline double twice_west(const piece *e, const piece *f, double low, double high)
{
    const double e_low = e->x + (low - e->low) * e->slope, e_high = e->x + (high - e->low) * e->slope;
    const double f_low = f->x + (low - f->low) * f->slope, f_high = f->x + (high - f->low) * f->slope;
    const double d_low = e_low - f_low, d_high = e_high - f_high;
    if (d_low >= 0 && d_high >= 0)
        return f_low + f_high;
    if (d_low <= 0 && d_high <= 0)
        return e_low + e_high;
    const double west = geo_min(d_low, d_high), east = geo_max(d_low, d_high); /* they cross: e is the lesser for a part of the way */
    return f_low + f_high + west * (west / (west - east));
}

/* False when the caller wants to stop. */
static bool sum_pairs(const geo_vec *first, const geo_vec *second, const bins *b, const geo_watch *watch, double *size, double *heights)
{
    const piece *e = first->items, *f = second->items;
    geo_sum all = {0, 0};
    *heights = 0;
    for (size_t i = 0; i < first->n; i++) {
        const uint32_t from = bin_of(b, e[i].low), to = bin_of(b, e[i].high);
        double own = 0;
        for (uint32_t k = from; k <= to; k++)
            for (uint32_t j = b->at[k]; j < b->at[k + 1]; j++) {
                const piece *other = &f[b->item[j]];
                const double low = geo_max(e[i].low, other->low), high = geo_min(e[i].high, other->high);
                if (!(low < high) || bin_of(b, low) != k) /* a pair of tall ones is met once */
                    continue;
                own += other->sign * (high - low) * twice_west(&e[i], other, low, high);
                *heights += high - low;
            }
        geo_sum_add(&all, e[i].sign * own);
        if (i % PIECES_PER_LOOK == PIECES_PER_LOOK - 1 && geo_watch_stopped(watch))
            return false;
    }
    *size = geo_sum_value(&all) / 2;
    return true;
}

geo_status geo_overlap_measure(const outline *first, const outline *second, const geo_watch *watch, overlap_room *room, double *size,
                               double *error)
{
    const area *a = first->a, *b = second->a;
    window w = {.west = geo_max(a->x_min, b->x_min),
                .south = geo_max(a->y_min, b->y_min),
                .east = geo_min(a->x_max, b->x_max),
                .north = geo_min(a->y_max, b->y_max)};
    bins by_y;
    *size = *error = 0;
    w.width = w.east - w.west;
    w.height = w.north - w.south;
    if (!(w.width > 0 && w.height > 0))
        return GEO_OK;
    if (!collect(&w, first, &room->pieces[0], &room->crossings))
        return GEO_ENOMEM;
    if (room->pieces[0].n == 0)
        return GEO_OK;
    if (!collect(&w, second, &room->pieces[1], &room->crossings) || !fill_bins(&by_y, &room->pieces[1], w.height, room))
        return GEO_ENOMEM;
    double heights;
    if (!sum_pairs(&room->pieces[0], &room->pieces[1], &by_y, watch, size, &heights))
        return GEO_ESTOP;
    *error = ROUNDING * w.width * heights;
    return GEO_OK;
}
