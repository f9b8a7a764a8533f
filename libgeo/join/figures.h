/* What the files share that carry figures from areas to areas. */
#ifndef GEO_JOIN_FIGURES_H
#define GEO_JOIN_FIGURES_H

#include "geo/lattice.h"
#include "geo/overlap.h"
#include "tally.h"

typedef struct areal areal;

/* The areas that figures come from are `sources`, those they go to `targets`. */
struct figures {
    size_t sources_n, targets_n;
    geo_relation *relation;
    size_t *keep_at, keep_n; /* fields that go along as they are */
    geo_table *kept;         /* their values, a row a source */
    int32_t *kept_row;       /* of each source: a row of it, or NOT_SEEN */
    bool *differs;           /* sources_n x keep_n: its records have several values of a field */
    geo_lattice *lattice;    /* by lookups: */
    size_t from, to;         /* levels */
    const char *from_name, *to_name;
    ptrdiff_t code_at;    /* of the records */
    int64_t *elsewhere_n; /* by level: records whose code is not of `from`, but of it */
    areal *areal;         /* by ground */
};

enum { NOT_SEEN = -1, DIFFERS = -2 };

/* What a measure comes to in each target, and last in none of them. */
typedef struct carried {
    double *value;
    bool *there;
    int64_t *missing_n;
} carried;

/* figures.c: room for what is kept of each source, once their number is known */
geo_status geo_figures_room(figures *f, geo_err *err);

/* figures_via.c */
geo_status geo_via_load(join *j, geo_err *err);
geo_status geo_via_run(join *j, geo_err *err);

/* figures_areal.c */
geo_status geo_areal_run(join *j, geo_err *err);
double geo_areal_size(const areal *a, size_t source);
const geo_overlap *geo_areal_overlaps(const areal *a); /* of all sources, in order */
void geo_areal_free(areal *a, size_t measures_n);

/* figures_carry.c: divide what the sources have among the targets. */
geo_status geo_carry_sum(join *j, const measure *m, carried *out, geo_err *err);
geo_status geo_carry_mean(join *j, const measure *m, carried *out, geo_err *err);

/* Row of the kept values that each target shows, negative: its sources differ. */
geo_status geo_carry_kept(join *j, size_t field, int32_t **out, geo_err *err);

/* How many sources each target has; last: how many are in none, at least in part. */
geo_status geo_carry_sources(join *j, int64_t **out, geo_err *err);

/* figures_write.c, figures_pairs.c */
geo_status geo_figures_write(join *j, geo_err *err);
geo_status geo_figures_write_pairs(join *j, geo_err *err);

/* figures_names.c: GEO_EARG for a field that its name says cannot be added up (sum), or carried at all. */
geo_status geo_figures_check_name(const char *name, bool sum, geo_err *err);

#endif
