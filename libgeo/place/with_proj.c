/*
 * The PROJ adapter. A PJ belongs to one thread at a time; each thread that comes takes one from a shelf, or makes a copy.
 *
 * Between ETRS89 (WGS 84 is taken for it, as PROJ and the Ordnance Survey do) and the National Grid points go by OSTN15 on our own path:
 * Debian's PROJ has no grid for it and is 2 m off; a grid in degrees, the only kind that PROJ takes, is off by millimetres, and takes
 * twice to ten times as long.
 */
#include "geo/crs.h"

#include "ostn15.h"

#include <math.h>
#include <proj.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLOCK 1024 /* points that go by OSTN15 at a time */

typedef enum way { BY_PROJ, TO_GRID, FROM_GRID } way;

typedef struct worker {
    struct worker *next;
    PJ_CONTEXT *context;
    PJ *whole;         /* from one system to the other */
    PJ *enter, *leave; /* from one to where OSTN15 starts, and from where it ends to the other, unless they are the same */
} worker;

struct geo_transform {
    pthread_mutex_t lock;
    worker *shelf;
    char *from, *to;
    way way;
    const char *enter, *leave; /* the systems between OSTN15 and the legs before and after it; NULL: there is none */
    bool etrs89, require_grid;
    ostn15 *shifts; /* NULL: PROJ alone */
    char used[256];
    double accuracy_m;
};

static PJ_CONTEXT *new_context(void)
{
    PJ_CONTEXT *c = proj_context_create();
    if (c) {
        proj_context_set_enable_network(c, 0);
        proj_log_level(c, PJ_LOG_NONE);
    }
    return c;
}

static geo_status no_system(const char *text, geo_err *err)
{
    return geo_err_set(err, GEO_ECRS,
                       "'%.80s' is no coordinate reference system (EPSG:27700 is National Grid, OGC:CRS84 longitude and latitude)", text);
}

static PJ *create_crs(PJ_CONTEXT *c, const char *text)
{
    /* PROJ would take any word for part of a name and find something: "WGS" is WGS 72 to it */
    if (!strchr(text, ':') && !strchr(text, '[') && strncmp(text, "+proj", 5) != 0)
        return NULL;
    char whole[1024]; /* PROJ takes a bare "+proj=" for an operation */
    const bool bare = strncmp(text, "+proj", 5) == 0 && !strstr(text, "type=crs");
    if (bare && (size_t)snprintf(whole, sizeof whole, "%s +type=crs", text) >= sizeof whole)
        return NULL;
    PJ *p = proj_create(c, bare ? whole : text);
    if (p && !proj_is_crs(p)) {
        proj_destroy(p);
        p = NULL;
    }
    return p;
}

/* Is a system bound to WGS 84 by a shift of datum that is none, as +towgs84=0,0,0 says? */
static bool is_bound_by_nothing(PJ_CONTEXT *c, PJ *bound)
{
    double shift[7] = {0};
    PJ *operation = proj_crs_get_coordoperation(c, bound);
    bool nothing = operation && proj_coordoperation_get_towgs84_values(c, operation, shift, 7, 0);
    for (size_t i = 0; i < 7; i++)
        nothing &= shift[i] == 0;
    proj_destroy(operation);
    return nothing;
}

/* The horizontal part, without a shift of datum that the text itself brings: a new PJ. *wgs84 becomes true where that shift is none. */
static PJ *horizontal(PJ_CONTEXT *c, PJ *p, bool *wgs84)
{
    PJ *part = p ? proj_clone(c, p) : NULL;
    for (PJ *whole; (whole = part) != NULL; proj_destroy(whole)) {
        const PJ_TYPE type = proj_get_type(whole);
        if (type != PJ_TYPE_COMPOUND_CRS && type != PJ_TYPE_BOUND_CRS)
            break;
        *wgs84 |= type == PJ_TYPE_BOUND_CRS && is_bound_by_nothing(c, whole);
        part = type == PJ_TYPE_BOUND_CRS ? proj_get_source_crs(c, whole) : proj_crs_get_sub_crs(c, whole, 0);
    }
    return part;
}

static bool is_geographic(const PJ *p)
{
    const PJ_TYPE type = p ? proj_get_type(p) : PJ_TYPE_UNKNOWN;
    return type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS;
}

static bool equivalent(PJ_CONTEXT *c, const PJ *p, const PJ *q)
{
    return p && q && proj_is_equivalent_to_with_ctx(c, p, q, PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS);
}

/* Does it name its datum? Of one that does not, a shift to another tells more than its name. */
static bool names_datum(PJ_CONTEXT *c, const PJ *p)
{
    PJ *datum = p ? proj_crs_get_datum_forced(c, p) : NULL;
    const char *name = datum ? proj_get_name(datum) : NULL;
    const bool names = name && strncasecmp(name, "unknown", strlen("unknown")) != 0;
    proj_destroy(datum);
    return names;
}

geo_status geo_crs_describe(const char *crs, char authority[32], char code[32], char **wkt, geo_err *err)
{
    PJ_CONTEXT *c = new_context();
    PJ *p = c ? create_crs(c, crs) : NULL;
    const char *name = p ? proj_get_id_auth_name(p, 0) : NULL, *number = p ? proj_get_id_code(p, 0) : NULL;
    const char *text = p ? proj_as_wkt(c, p, PJ_WKT2_2019, (const char *const[]){"MULTILINE=NO", NULL}) : NULL;
    const bool known = name && number && strlen(name) < 32 && strlen(number) < 32;
    snprintf(authority, 32, "%s", known ? name : "");
    snprintf(code, 32, "%s", known ? number : "");
    *wkt = text ? strdup(text) : NULL;
    const geo_status st = !c ? geo_err_nomem(err) : !p ? no_system(crs, err) : *wkt || known ? GEO_OK : geo_err_nomem(err);
    if (p)
        proj_destroy(p);
    if (c)
        proj_context_destroy(c);
    return st;
}

/* But for heights, and a shift of datum that says nothing of a datum with a name. */
static bool same_on_the_ground(PJ_CONTEXT *c, PJ *p, PJ *q)
{
    bool any = false;
    PJ *a = horizontal(c, p, &any), *b = horizontal(c, q, &any);
    const bool same = equivalent(c, a, b) && names_datum(c, a);
    proj_destroy(a);
    proj_destroy(b);
    return same;
}

geo_status geo_crs_same(const char *a, const char *b, bool *same, geo_err *err)
{
    if (strcmp(a, b) == 0) {
        *same = true;
        return GEO_OK;
    }
    PJ_CONTEXT *c = new_context();
    if (!c)
        return geo_err_nomem(err);
    PJ *p = create_crs(c, a), *q = create_crs(c, b);
    geo_status st = GEO_OK;
    if (!p || !q)
        st = no_system(p ? b : a, err);
    else
        *same = equivalent(c, p, q) || same_on_the_ground(c, p, q);
    proj_destroy(p);
    proj_destroy(q);
    proj_context_destroy(c);
    return st;
}

geo_status geo_crs_is_degrees(const char *crs, bool *degrees, geo_err *err)
{
    PJ_CONTEXT *c = new_context();
    if (!c)
        return geo_err_nomem(err);
    bool any = false;
    PJ *p = create_crs(c, crs), *plain = horizontal(c, p, &any);
    const geo_status st = p ? GEO_OK : no_system(crs, err);
    if (p)
        *degrees = is_geographic(plain);
    proj_destroy(p);
    proj_destroy(plain);
    proj_context_destroy(c);
    return st;
}

/* ---- which systems OSTN15 is for ---- */

static bool same_as(PJ_CONTEXT *c, const PJ *p, const char *text)
{
    PJ *known = p ? proj_create(c, text) : NULL;
    const bool same = equivalent(c, p, known);
    proj_destroy(known);
    return same;
}

/* The same but for the datum. */
static bool like(PJ_CONTEXT *c, const PJ *p, const char *text)
{
    static PJ *(*const PARTS[])(PJ_CONTEXT *, const PJ *) = {proj_get_ellipsoid, proj_crs_get_coordoperation,
                                                             proj_crs_get_coordinate_system};
    PJ *known = proj_create(c, text);
    bool alike = p && known;
    for (size_t i = 0; alike && i < sizeof PARTS / sizeof *PARTS; i++) {
        PJ *a = PARTS[i](c, p), *b = PARTS[i](c, known);
        alike = equivalent(c, a, b);
        proj_destroy(a);
        proj_destroy(b);
    }
    proj_destroy(known);
    return alike;
}

/* Definitions of older programs do not name the datum, have a shift of it or none, and some round the scale. */
static bool is_national_grid(PJ_CONTEXT *c, const PJ *p)
{
    static const char ROUNDED[] = "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.999601272 +x_0=400000 +y_0=-100000 +ellps=airy +type=crs";
    return same_as(c, p, "EPSG:27700") || (!names_datum(c, p) && (like(c, p, "EPSG:27700") || like(c, p, ROUNDED)));
}

typedef enum datum { OTHER, OSGB36, ETRS89, WGS84 } datum;

/* *plain: its coordinates are those of National Grid, or longitude and latitude. */
static datum datum_of(PJ_CONTEXT *c, PJ *crs, bool *plain)
{
    bool wgs84 = false;
    PJ *p = horizontal(c, crs, &wgs84), *base = p ? proj_crs_get_geodetic_crs(c, p) : NULL, *degrees = horizontal(c, base, &wgs84);
    datum found = OTHER;
    if ((*plain = is_national_grid(c, p)) || same_as(c, degrees, "EPSG:4277"))
        found = OSGB36;
    else if (same_as(c, degrees, "EPSG:4258") || same_as(c, degrees, "EPSG:4937"))
        found = ETRS89;
    else if (same_as(c, degrees, "EPSG:4326") || same_as(c, degrees, "EPSG:4979"))
        found = WGS84;
    if (found == ETRS89 || found == WGS84)
        *plain = is_geographic(p);
    else if (found == OTHER && wgs84)
        found = WGS84;
    proj_destroy(p);
    proj_destroy(base);
    proj_destroy(degrees);
    return found;
}

static void find_way(PJ_CONTEXT *c, PJ *from, PJ *to, geo_transform *t)
{
    bool from_plain, to_plain;
    const datum a = datum_of(c, from, &from_plain), b = datum_of(c, to, &to_plain), modern = a == OSGB36 ? b : a;
    if (a == OTHER || b == OTHER || (a == OSGB36) == (b == OSGB36))
        return;
    t->way = a == OSGB36 ? FROM_GRID : TO_GRID;
    t->etrs89 = modern == ETRS89;
    const char *degrees = t->etrs89 ? "EPSG:4258" : "OGC:CRS84";
    t->enter = from_plain ? NULL : a == OSGB36 ? "EPSG:27700" : degrees;
    t->leave = to_plain ? NULL : b == OSGB36 ? "EPSG:27700" : degrees;
}

/* ---- a transformation ---- */

static void free_worker(worker *w)
{
    if (!w)
        return;
    proj_destroy(w->whole);
    proj_destroy(w->enter);
    proj_destroy(w->leave);
    if (w->context)
        proj_context_destroy(w->context);
    free(w);
}

static geo_status new_worker(worker **out, geo_err *err)
{
    worker *w = calloc(1, sizeof *w);
    if (!w || !(w->context = new_context())) {
        free_worker(w);
        return geo_err_nomem(err);
    }
    *out = w;
    return GEO_OK;
}

/* Fill *out, once. */
static geo_status need(worker *w, const char *from, const char *to, PJ **out, geo_err *err)
{
    if (*out)
        return GEO_OK;
    PJ *given = proj_create_crs_to_crs(w->context, from, to, NULL);
    if (given) {
        *out = proj_normalize_for_visualization(w->context, given); /* x is easting or longitude */
        proj_destroy(given);
    }
    return *out ? GEO_OK : geo_err_set(err, GEO_ECRS, "there is no way from '%.80s' to '%.80s'", from, to);
}

static geo_status need_whole(const geo_transform *t, worker *w, geo_err *err)
{
    return need(w, t->from, t->to, &w->whole, err);
}

static geo_status need_legs(const geo_transform *t, worker *w, geo_err *err)
{
    const geo_status st = t->enter ? need(w, t->from, t->enter, &w->enter, err) : GEO_OK;
    return st == GEO_OK && t->leave ? need(w, t->leave, t->to, &w->leave, err) : st;
}

static geo_status prepare(geo_transform *t, const geo_transform_options *o, geo_err *err)
{
    geo_status st = new_worker(&t->shelf, err);
    if (st < 0)
        return st;
    PJ_CONTEXT *c = t->shelf->context;
    PJ *p = create_crs(c, t->from), *q = create_crs(c, t->to);
    if (!p || !q)
        st = no_system(p ? t->to : t->from, err);
    else
        find_way(c, p, q, t);
    proj_destroy(p);
    proj_destroy(q);
    if (st == GEO_OK && t->way != BY_PROJ)
        st = geo_ostn15_open(o ? o->data_dir : NULL, &t->shifts, err);
    if (st == GEO_OK && geo_transform_lacks_shifts(t) && t->require_grid)
        st =
            geo_err_set(err, GEO_ECRS,
                        "there are no OSTN15 shifts (" OSTN15_NAME ") here, so coordinates would be moved between WGS 84 and National Grid "
                        "with errors of metres: install Debian's libgeo-coordinates-osgb-perl and build again");
    if (st < 0 || t->shifts) /* with shifts, PROJ's own way is made when a point needs it */
        return st;
    return need_whole(t, t->shelf, err);
}

geo_status geo_transform_new(const char *from, const char *to, const geo_transform_options *options, geo_transform **out, geo_err *err)
{
    geo_transform *t = calloc(1, sizeof *t);
    if (!t)
        return geo_err_nomem(err);
    pthread_mutex_init(&t->lock, NULL);
    t->accuracy_m = -1;
    t->require_grid = options && options->require_grid;
    t->from = malloc(strlen(from) + 1);
    t->to = malloc(strlen(to) + 1);
    geo_status st = t->from && t->to ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK) {
        memcpy(t->from, from, strlen(from) + 1);
        memcpy(t->to, to, strlen(to) + 1);
        st = prepare(t, options, err);
    }
    if (st < 0) {
        geo_transform_free(t);
        return st;
    }
    *out = t;
    return GEO_OK;
}

void geo_transform_free(geo_transform *t)
{
    if (!t)
        return;
    while (t->shelf) {
        worker *next = t->shelf->next;
        free_worker(t->shelf);
        t->shelf = next;
    }
    pthread_mutex_destroy(&t->lock);
    geo_ostn15_free(t->shifts);
    free(t->from);
    free(t->to);
    free(t);
}

bool geo_transform_lacks_shifts(const geo_transform *t)
{
    return t->way != BY_PROJ && !t->shifts;
}

/* The least accurate stands for all, whatever their order. */
static void note(geo_transform *t, const char *name, double accuracy_m)
{
    pthread_mutex_lock(&t->lock);
    const double worse = (accuracy_m < 0 ? INFINITY : accuracy_m) - (t->accuracy_m < 0 ? INFINITY : t->accuracy_m);
    if (!t->used[0] || worse > 0 || (!(worse < 0) && strcmp(name, t->used) < 0)) {
        snprintf(t->used, sizeof t->used, "%s", name);
        t->accuracy_m = accuracy_m;
    }
    pthread_mutex_unlock(&t->lock);
}

static void run(PJ *pj, double *x, double *y, size_t n)
{
    proj_trans_generic(pj, PJ_FWD, x, sizeof *x, n, y, sizeof *y, n, NULL, 0, 0, NULL, 0, 0);
}

/* By PROJ, which picks an operation point by point; the last one stands for its batch. */
static geo_status move_by_proj(geo_transform *t, worker *w, double *x, double *y, size_t n, geo_err *err)
{
    const geo_status st = n ? need_whole(t, w, err) : GEO_OK;
    if (st < 0 || !n)
        return st;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]) || !isfinite(y[i])) /* else an infinite northing of Web Mercator would become the pole */
            x[i] = y[i] = HUGE_VAL;
    run(w->whole, x, y, n);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]) || !isfinite(y[i]))
            x[i] = y[i] = NAN;
    PJ *last = proj_trans_get_last_used_operation(w->whole);
    if (last) {
        const PJ_PROJ_INFO info = proj_pj_info(last);
        note(t, info.description ? info.description : "", info.accuracy);
    }
    proj_destroy(last);
    return GEO_OK;
}

/* By OSTN15: at most BLOCK points. Those outside its area go by PROJ, or nowhere where the grid is required. */
static geo_status move_by_shifts(geo_transform *t, worker *w, double *x, double *y, size_t n, geo_err *err)
{
    double to_x[BLOCK], to_y[BLOCK];
    bool rest[BLOCK];
    size_t rest_n = 0;
    memcpy(to_x, x, n * sizeof *x);
    memcpy(to_y, y, n * sizeof *y);
    if (t->enter)
        run(w->enter, to_x, to_y, n);
    const size_t outside_n = (t->way == TO_GRID ? geo_ostn15_to_grid : geo_ostn15_from_grid)(t->shifts, to_x, to_y, n, rest);
    if (t->leave)
        run(w->leave, to_x, to_y, n);
    if (outside_n < n) /* accuracies: EPSG:7709 and EPSG:7710, since WGS 84 is ETRS89 to a metre only */
        note(t, t->etrs89 ? "OSTN15" : "OSTN15 (WGS 84 taken as ETRS89)", t->etrs89 ? 0.03 : 1.0);
    size_t at[BLOCK];
    double rest_x[BLOCK], rest_y[BLOCK];
    for (size_t i = 0; i < n; i++)
        if (rest[i] && !t->require_grid && isfinite(x[i]) && isfinite(y[i])) {
            rest_x[rest_n] = x[i];
            rest_y[rest_n] = y[i];
            at[rest_n++] = i;
        } else if (rest[i] || !isfinite(to_x[i]) || !isfinite(to_y[i])) {
            x[i] = y[i] = NAN;
        } else {
            x[i] = to_x[i];
            y[i] = to_y[i];
        }
    const geo_status st = move_by_proj(t, w, rest_x, rest_y, rest_n, err);
    for (size_t k = 0; k < rest_n; k++) {
        x[at[k]] = rest_x[k];
        y[at[k]] = rest_y[k];
    }
    return st;
}

geo_status geo_transform_points(geo_transform *t, double *x, double *y, size_t n, geo_err *err)
{
    pthread_mutex_lock(&t->lock);
    worker *w = t->shelf;
    if (w)
        t->shelf = w->next;
    pthread_mutex_unlock(&t->lock);
    geo_status st = w ? GEO_OK : new_worker(&w, err);
    if (st < 0)
        return st;
    if (!t->shifts)
        st = move_by_proj(t, w, x, y, n, err);
    else
        st = need_legs(t, w, err);
    for (size_t i = 0; t->shifts && st == GEO_OK && i < n; i += BLOCK)
        st = move_by_shifts(t, w, x + i, y + i, n - i < BLOCK ? n - i : BLOCK, err);
    pthread_mutex_lock(&t->lock);
    w->next = t->shelf;
    t->shelf = w;
    pthread_mutex_unlock(&t->lock);
    return st;
}

void geo_transform_used(geo_transform *t, char *text, size_t room, double *accuracy_m)
{
    pthread_mutex_lock(&t->lock);
    snprintf(text, room, "%s", t->used);
    *accuracy_m = t->accuracy_m;
    pthread_mutex_unlock(&t->lock);
}
