/* Which cells of a cube break which rule; inside the library only. */
#ifndef GEO_POLICY_RULES_H
#define GEO_POLICY_RULES_H

#include "cube.h"

/* Rules that a cell can break, a bit each. */
enum { BREAKS_BELOW = 1, BREAKS_ZERO = 2, BREAKS_SAME = 4, BREAKS_DOMINATED = 8 };

/* breaks[cell]: the rules that it would break were it shown, whether it is or not. Hidden cells break none. */
void geo_rules_mark(const geo_cube *c, const geo_rules *rules, uint8_t *breaks);

/*
 * rules_dominated.c: of the amounts of a cube, which cells tell too much of a contributor; they break BREAKS_DOMINATED. need[cell]: how far from
 * the amount an attacker must be kept, 0 where no rule is broken. Nothing is done where the cube has no amounts, or the rules no such rule.
 */
geo_status geo_rules_mark_dominated(const geo_cube *c, const geo_rules *rules, uint8_t *breaks, double *need, geo_err *err);

/* May areas of this level be shown? `all together` may. */
bool geo_rules_allow_level(const cube_variable *v, size_t level, const geo_rules *rules);

/* May every pattern that is shown be, as far as its areas go? */
bool geo_rules_allow(const geo_cube *c, const bool *shown, const geo_rules *rules);

/* How wide an interval must stay open about a hidden count: as much as there is room below the threshold. */
double geo_rules_width(const geo_rules *rules);

#endif
