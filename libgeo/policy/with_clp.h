/* Linear programmes: one model, many costs. */
#ifndef GEO_POLICY_WITH_CLP_H
#define GEO_POLICY_WITH_CLP_H

#include <stdbool.h>

typedef struct geo_lp geo_lp;

typedef enum geo_lp_end {
    GEO_LP_BEST,    /* a point of least cost */
    GEO_LP_NONE,    /* no point fits */
    GEO_LP_ENDLESS, /* the cost has no least */
    GEO_LP_LOST     /* the solver gave up */
} geo_lp_end;

/* Column c stands in the rows row[start[c] .. start[c + 1]) with the factors beside them; bounds may be infinite; row r sums to sum[r]. */
geo_lp *geo_lp_new(int columns_n, int rows_n, const int *start, const int *row, const double *factor, const double *low, const double *high,
                   const double *sum);
void geo_lp_free(geo_lp *lp);

void geo_lp_set_bounds(geo_lp *lp, const double *low, const double *high);

/* Go on from where the last call ended. `moved`: the bounds were changed since, not the cost. What it says may be wrong by rounding. */
geo_lp_end geo_lp_solve(geo_lp *lp, const double *cost, bool moved);

/*
 * The basis of the last call, and to go on from it again: after bounds were changed and changed back, a solver that goes on from elsewhere
 * may find nothing.
 */
void geo_lp_keep(geo_lp *lp);
void geo_lp_return(geo_lp *lp);

/* Go on from nothing. */
void geo_lp_restart(geo_lp *lp);

/* Values of the columns; prices of the rows (least cost = prices x sums + what the bounds add). Lent until the next call. */
const double *geo_lp_point(geo_lp *lp);
const double *geo_lp_prices(geo_lp *lp);

/* After GEO_LP_NONE: factors of the rows whose weighted sum contradicts the bounds, or their opposites; false: not known. */
bool geo_lp_proof(geo_lp *lp, double *prices);

#endif
