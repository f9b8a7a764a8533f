/* The PROJ adapter. A PJ belongs to one thread at a time; each thread that comes takes one from a shelf, or makes a copy. */
#include "geo/crs.h"

#include <math.h>
#include <proj.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct worker {
    struct worker *next;
    PJ_CONTEXT *context;
    PJ *pj;
} worker;

struct geo_transform {
    pthread_mutex_t lock;
    worker *shelf;
    char *from, *to;
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

static void free_worker(worker *w)
{
    if (!w)
        return;
    proj_destroy(w->pj);
    if (w->context)
        proj_context_destroy(w->context);
    free(w);
}

static geo_status new_worker(const char *from, const char *to, worker **out, geo_err *err)
{
    worker *w = calloc(1, sizeof *w);
    if (!w || !(w->context = new_context())) {
        free_worker(w);
        return geo_err_nomem(err);
    }
    geo_status st = GEO_OK;
    const char *const both[] = {from, to};
    for (int i = 0; i < 2 && st == GEO_OK; i++) {
        PJ *p = create_crs(w->context, both[i]);
        if (!p)
            st = no_system(both[i], err);
        proj_destroy(p);
    }
    PJ *given = st == GEO_OK ? proj_create_crs_to_crs(w->context, from, to, NULL) : NULL;
    if (given) {
        w->pj = proj_normalize_for_visualization(w->context, given); /* x is easting or longitude */
        proj_destroy(given);
    }
    if (st == GEO_OK && !w->pj)
        st = geo_err_set(err, GEO_ECRS, "there is no way from '%.80s' to '%.80s'", from, to);
    if (st < 0) {
        free_worker(w);
        return st;
    }
    *out = w;
    return GEO_OK;
}

geo_status geo_transform_new(const char *from, const char *to, geo_transform **out, geo_err *err)
{
    geo_transform *t = calloc(1, sizeof *t);
    if (!t)
        return geo_err_nomem(err);
    pthread_mutex_init(&t->lock, NULL);
    t->accuracy_m = -1;
    t->from = malloc(strlen(from) + 1);
    t->to = malloc(strlen(to) + 1);
    geo_status st = t->from && t->to ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK) {
        memcpy(t->from, from, strlen(from) + 1);
        memcpy(t->to, to, strlen(to) + 1);
        st = new_worker(from, to, &t->shelf, err);
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
    free(t->from);
    free(t->to);
    free(t);
}

/* PROJ picks an operation point by point; the last one stands for its batch, and the least accurate for all, whatever their order. */
static void note_operation(geo_transform *t, worker *w)
{
    PJ *last = proj_trans_get_last_used_operation(w->pj);
    if (!last)
        return;
    const PJ_PROJ_INFO info = proj_pj_info(last);
    const char *name = info.description ? info.description : "";
    const double worse = (info.accuracy < 0 ? INFINITY : info.accuracy) - (t->accuracy_m < 0 ? INFINITY : t->accuracy_m);
    if (!t->used[0] || worse > 0 || (!(worse < 0) && strcmp(name, t->used) < 0)) {
        snprintf(t->used, sizeof t->used, "%s", name);
        t->accuracy_m = info.accuracy;
    }
    proj_destroy(last);
}

geo_status geo_transform_points(geo_transform *t, double *x, double *y, size_t n, geo_err *err)
{
    pthread_mutex_lock(&t->lock);
    worker *w = t->shelf;
    if (w)
        t->shelf = w->next;
    pthread_mutex_unlock(&t->lock);
    geo_status st = w ? GEO_OK : new_worker(t->from, t->to, &w, err);
    if (st < 0)
        return st;
    proj_trans_generic(w->pj, PJ_FWD, x, sizeof *x, n, y, sizeof *y, n, NULL, 0, 0, NULL, 0, 0);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]) || !isfinite(y[i]))
            x[i] = y[i] = NAN;
    pthread_mutex_lock(&t->lock);
    if (n)
        note_operation(t, w);
    w->next = t->shelf;
    t->shelf = w;
    pthread_mutex_unlock(&t->lock);
    return GEO_OK;
}

void geo_transform_used(geo_transform *t, char *text, size_t room, double *accuracy_m)
{
    pthread_mutex_lock(&t->lock);
    snprintf(text, room, "%s", t->used);
    *accuracy_m = t->accuracy_m;
    pthread_mutex_unlock(&t->lock);
}
