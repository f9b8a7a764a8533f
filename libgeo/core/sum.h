/* Sums that lose nothing worth telling, inside the library only. */
#ifndef GEO_CORE_SUM_H
#define GEO_CORE_SUM_H

#include <math.h>

/*
 * As if its terms were added with twice the digits; zero it to start.
 * Source: Neumaier (1974), Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, ZAMM 54:39-51.
 */
typedef struct geo_sum {
    double total, carry;
} geo_sum;

static inline void geo_sum_add(geo_sum *s, double v)
{
    const double sum = s->total + v;
    s->carry += fabs(s->total) >= fabs(v) ? (s->total - sum) + v : (v - sum) + s->total;
    s->total = sum;
}

static inline double geo_sum_value(const geo_sum *s)
{
    return s->total + s->carry;
}

#endif
