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

#define BLOCK 1024 /* points that go by OSTN15 at a time */

typedef enum way { BY_PROJ, TO_GRID, FROM_GRID } way;

typedef struct worker {
    struct worker *next;
    PJ_CONTEXT *context;
    PJ *whole; /* from one system to the other */
    PJ *leg;   /* between longitude and latitude and the system that is not National Grid, unless they are the same */
} worker;

struct geo_transform {
    pthread_mutex_t lock;
    worker *shelf;
    char *from, *to;
    way way;
    bool has_leg, etrs89, require_grid;
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
        *same = proj_is_equivalent_to_with_ctx(c, p, q, PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS) != 0;
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
    PJ *p = create_crs(c, crs);
    const geo_status st = p ? GEO_OK : no_system(crs, err);
    if (p) {
        const PJ_TYPE type = proj_get_type(p);
        *degrees = type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS;
    }
    proj_destroy(p);
    proj_context_destroy(c);
    return st;
}

/* ---- which systems OSTN15 is for ---- */

/* The horizontal part, without a shift of datum that the text itself brings: a new PJ. */
static PJ *horizontal(PJ_CONTEXT *c, PJ *p)
{
    PJ *part = p ? proj_clone(c, p) : NULL;
    for (PJ *whole; (whole = part) != NULL; proj_destroy(whole)) {
        const PJ_TYPE type = proj_get_type(whole);
        if (type == PJ_TYPE_COMPOUND_CRS)
            part = proj_crs_get_sub_crs(c, whole, 0);
        else if (type == PJ_TYPE_BOUND_CRS)
            part = proj_get_source_crs(c, whole);
        else
            break;
    }
    return part;
}

static bool same_as(PJ_CONTEXT *c, PJ *p, const char *code)
{
    PJ *known = p ? proj_create(c, code) : NULL;
    const bool same = known && proj_is_equivalent_to_with_ctx(c, p, known, PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS) != 0;
    proj_destroy(known);
    return same;
}

/* Is p of ETRS89, or of WGS 84? has_leg: it is a projection on it. */
static bool is_modern(PJ_CONTEXT *c, PJ *p, bool *has_leg, bool *etrs89)
{
    PJ *base = p ? proj_crs_get_geodetic_crs(c, p) : NULL, *plain = horizontal(c, base);
    const PJ_TYPE type = p ? proj_get_type(p) : PJ_TYPE_UNKNOWN;
    *has_leg = type != PJ_TYPE_GEOGRAPHIC_2D_CRS && type != PJ_TYPE_GEOGRAPHIC_3D_CRS;
    *etrs89 = same_as(c, plain, "EPSG:4258") || same_as(c, plain, "EPSG:4937");
    const bool modern = *etrs89 || same_as(c, plain, "EPSG:4326") || same_as(c, plain, "EPSG:4979");
    proj_destroy(base);
    proj_destroy(plain);
    return modern;
}

static void find_way(PJ_CONTEXT *c, PJ *from, PJ *to, geo_transform *t)
{
    PJ *p = horizontal(c, from), *q = horizontal(c, to);
    if (same_as(c, q, "EPSG:27700") && is_modern(c, p, &t->has_leg, &t->etrs89))
        t->way = TO_GRID;
    else if (same_as(c, p, "EPSG:27700") && is_modern(c, q, &t->has_leg, &t->etrs89))
        t->way = FROM_GRID;
    proj_destroy(p);
    proj_destroy(q);
}

/* ---- a transformation ---- */

static void free_worker(worker *w)
{
    if (!w)
        return;
    proj_destroy(w->whole);
    proj_destroy(w->leg);
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

static geo_status need_leg(const geo_transform *t, worker *w, geo_err *err)
{
    const char *degrees = t->etrs89 ? "EPSG:4258" : "OGC:CRS84";
    if (!t->has_leg)
        return GEO_OK;
    return t->way == TO_GRID ? need(w, t->from, degrees, &w->leg, err) : need(w, degrees, t->to, &w->leg, err);
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
    if (st == GEO_OK && t->way != BY_PROJ && !t->shifts && o && o->require_grid)
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
    if (t->has_leg && t->way == TO_GRID)
        run(w->leg, to_x, to_y, n);
    const size_t outside_n = (t->way == TO_GRID ? geo_ostn15_to_grid : geo_ostn15_from_grid)(t->shifts, to_x, to_y, n, rest);
    if (t->has_leg && t->way == FROM_GRID)
        run(w->leg, to_x, to_y, n);
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
        st = need_leg(t, w, err);
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
