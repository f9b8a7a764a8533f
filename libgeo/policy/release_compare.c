/* Comparing a release with all earlier ones of the same population, before it is written. */
#include "differ.h"
#include "release.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a reader knows of each cell, as an audit begins: the count within its rounding, nothing of a hidden one, or of one with noise. */
static void readers_view(const release *r, double *low, double *high)
{
    const protection *p = &r->p;
    const bool noisy = p->report->method == GEO_METHOD_CELLKEY && !r->report->verified;
    const int64_t off = geo_release_off(r);
    for (size_t k = 0; k < p->c->cells_n; k++) {
        const bool known = p->cell[k] == GEO_CELL_SHOWN && !noisy;
        low[k] = known && p->count[k] > off ? (double)(p->count[k] - off) : 0;
        high[k] = known ? (double)(p->count[k] + off) : INFINITY;
    }
}

typedef struct findings {
    size_t n;
    geo_sdc_difference first;
    char with[64];
} findings;

static void note(void *ctx, const geo_sdc_difference *difference)
{
    findings *f = ctx;
    if (f->n++ == 0) {
        f->first = *difference;
        snprintf(f->with, sizeof f->with, "%s", difference->with);
    }
}

static geo_status refuse(const findings *f, geo_err *err)
{
    char with[64] = "itself";
    if (f->first.release)
        snprintf(with, sizeof with, "release %lld", (long long)f->first.release);
    else if (f->first.kind == GEO_SDC_STACKED)
        snprintf(with, sizeof with, "earlier releases together");
    return geo_err_set(err, GEO_EREFUSED,
                       "refused: compared with %s it tells what both hide (%s)%s%s; %zu such finding%s in all: geosdc diff lists them",
                       with, f->first.where, *f->first.advice ? ": " : "", f->first.advice, f->n, f->n == 1 ? "" : "s");
}

static geo_status compare(release *r, const geo_publication *proposed, geo_err *err)
{
    geo_vec earlier = {0};
    size_t others_n = 0;
    findings found = {0};
    geo_sdc_differed report = {.unit = ""};
    geo_status st = geo_differ_ledger(r->ledger, &earlier, &others_n, err);
    const differ d = {.proposed = proposed,
                      .earlier = earlier.items,
                      .earlier_n = earlier.n,
                      .rules = r->p.rules,
                      .threads = r->table->threads,
                      .watch = r->table->watch};
    if (st == GEO_OK)
        st = geo_differ(&d, note, &found, &report, err);
    r->report->compared_n = report.compared_n;
    if (st == GEO_OK && found.n)
        st = refuse(&found, err);
    else if (st == GEO_OK && report.unrelated_n)
        st = geo_err_set(
            err, GEO_EREFUSED,
            "refused: nobody can tell how the areas of %zu earlier release%s lie to these: name with --lookup what leads from the one "
            "to the other",
            report.unrelated_n, report.unrelated_n == 1 ? "" : "s");
    for (size_t i = 0; i < earlier.n; i++)
        geo_publication_free(((geo_publication **)earlier.items)[i]);
    geo_vec_clear(&earlier);
    return st;
}

geo_status geo_release_compare(release *r, geo_err *err)
{
    const geo_cube *c = r->p.c;
    const geo_policy_terms *terms = geo_policy_get_terms(r->table->policy);
    double *low = malloc(c->cells_n * sizeof *low), *high = malloc(c->cells_n * sizeof *high);
    geo_publication *proposed = NULL;
    geo_status st = low && high ? GEO_OK : geo_err_nomem(err);
    if (st == GEO_OK) {
        readers_view(r, low, high);
        st = geo_publication_of_cube(c, r->p.cell, low, high, r->o->population ? r->o->population : "", &proposed, err);
    }
    if (st == GEO_OK && terms->compare_all && r->p.rules->class_ > GEO_CLASS_OPEN)
        st = compare(r, proposed, err);
    if (st == GEO_OK)
        st = geo_publication_print(proposed, &r->cells, &r->cells_n, err);
    geo_publication_free(proposed);
    free(low);
    free(high);
    return st;
}
