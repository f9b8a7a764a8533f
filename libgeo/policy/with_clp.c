/*
 * Linear programmes by Clp.
 *
 * Models on different threads share nothing. Clp is C++: where it runs out of memory the process ends, which a C caller cannot prevent.
 */
#include "with_clp.h"

#include <coin/Clp_C_Interface.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct geo_lp {
    Clp_Simplex *model;
    double *low, *high;   /* as Clp wants them: its infinity is DBL_MAX */
    unsigned char *basis; /* a status of each column, then of each row */
    int columns_n, rows_n;
};

/* Clp's statuses. */
enum { IN_BASIS = 1, AT_HIGH = 2, AT_LOW = 3 };

static void clamp(const geo_lp *lp, const double *low, const double *high)
{
    for (int c = 0; c < lp->columns_n; c++) {
        lp->low[c] = fmax(low[c], -DBL_MAX);
        lp->high[c] = fmin(high[c], DBL_MAX);
    }
}

geo_lp *geo_lp_new(int columns_n, int rows_n, const int *start, const int *row, const double *factor, const double *low, const double *high,
                   const double *sum)
{
    geo_lp *lp = calloc(1, sizeof *lp);
    if (!lp)
        return NULL;
    lp->columns_n = columns_n;
    lp->rows_n = rows_n;
    lp->low = malloc(((size_t)columns_n + 1) * sizeof *lp->low);
    lp->high = malloc(((size_t)columns_n + 1) * sizeof *lp->high);
    lp->basis = malloc((size_t)columns_n + (size_t)rows_n + 1);
    if (lp->low && lp->high && lp->basis)
        lp->model = Clp_newModel();
    if (!lp->model) {
        geo_lp_free(lp);
        return NULL;
    }
    clamp(lp, low, high);
    Clp_setLogLevel(lp->model, 0);
    Clp_loadProblem(lp->model, columns_n, rows_n, start, row, factor, lp->low, lp->high, NULL, sum, sum);
    Clp_scaling(lp->model, 0); /* factors are 1 and -1 */
    return lp;
}

void geo_lp_free(geo_lp *lp)
{
    if (!lp)
        return;
    if (lp->model)
        Clp_deleteModel(lp->model);
    free(lp->low);
    free(lp->high);
    free(lp->basis);
    free(lp);
}

void geo_lp_set_bounds(geo_lp *lp, const double *low, const double *high)
{
    clamp(lp, low, high);
    Clp_chgColumnLower(lp->model, lp->low);
    Clp_chgColumnUpper(lp->model, lp->high);
}

geo_lp_end geo_lp_solve(geo_lp *lp, const double *cost, bool moved)
{
    Clp_chgObjCoefficients(lp->model, cost);
    if (moved)
        Clp_dual(lp->model, 0);
    else
        Clp_primal(lp->model, 0);
    switch (Clp_status(lp->model)) {
    case 0: return GEO_LP_BEST;
    case 1: return GEO_LP_NONE;
    case 2: return GEO_LP_ENDLESS;
    default: return GEO_LP_LOST;
    }
}

void geo_lp_keep(geo_lp *lp)
{
    memcpy(lp->basis, Clp_statusArray(lp->model), (size_t)lp->columns_n + (size_t)lp->rows_n);
}

void geo_lp_return(geo_lp *lp)
{
    Clp_copyinStatus(lp->model, lp->basis);
}

void geo_lp_restart(geo_lp *lp)
{
    for (int c = 0; c < lp->columns_n; c++)
        Clp_setColumnStatus(lp->model, c, lp->low[c] > -DBL_MAX ? AT_LOW : lp->high[c] < DBL_MAX ? AT_HIGH : 0);
    for (int r = 0; r < lp->rows_n; r++)
        Clp_setRowStatus(lp->model, r, IN_BASIS);
}

const double *geo_lp_point(geo_lp *lp)
{
    return Clp_primalColumnSolution(lp->model);
}

const double *geo_lp_prices(geo_lp *lp)
{
    return Clp_dualRowSolution(lp->model);
}

bool geo_lp_proof(geo_lp *lp, double *prices)
{
    double *ray = Clp_infeasibilityRay(lp->model);
    if (!ray)
        return false;
    memcpy(prices, ray, (size_t)lp->rows_n * sizeof *prices);
    Clp_freeRay(lp->model, ray);
    return true;
}
