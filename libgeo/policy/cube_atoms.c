/* Areas finer than those of a table: what its areas are made of, so that they can be compared with others that do not nest in them. */
#include "cube.h"

#include "geo/lattice.h"

#include <string.h>

static size_t areas_of(const geo_lattice *lattice, size_t level)
{
    return geo_pool_count(geo_keys_pool(geo_lattice_areas(lattice, level)));
}

/* The level with most areas, more than `own` has, each of which lies whole in one of these; its relation to `own`, or NULL. */
static geo_status find_finest(const geo_lattice *lattice, size_t own, size_t *finest, geo_relation **out, geo_err *err)
{
    *out = NULL;
    for (size_t l = 0; l < geo_lattice_levels(lattice); l++) {
        geo_relation *r = NULL;
        if (l == own || areas_of(lattice, l) <= areas_of(lattice, *out ? *finest : own))
            continue;
        const geo_status st = geo_lattice_relate(lattice, l, own, &r, err);
        if (st < 0 && st != GEO_EARG) /* that: no way leads */
            return st;
        if (st == GEO_OK && geo_relation_fit(r) <= GEO_FIT_BEST) {
            geo_relation_free(*out);
            *out = r;
            *finest = l;
        } else
            geo_relation_free(r);
    }
    return GEO_OK;
}

geo_status geo_cube_atoms(geo_cube *c, cube_variable *v, const geo_lattice *lattice, size_t own, const uint32_t *number, geo_err *err)
{
    size_t finest = own, n;
    geo_relation *to = NULL;
    const geo_status st = find_finest(lattice, own, &finest, &to, err);
    if (st < 0 || !to) {
        geo_relation_free(to);
        return st;
    }
    const geo_pool *pool = geo_keys_pool(geo_lattice_areas(lattice, finest));
    const size_t most = geo_pool_count(pool) + v->levels[0].n + 1;
    v->atom = geo_arena_array(&c->arena, most, sizeof *v->atom);
    v->atom_in = geo_arena_array(&c->arena, most, sizeof *v->atom_in);
    bool *made = geo_arena_array(&c->arena, (size_t)v->levels[0].n + 1, sizeof *made);
    bool good = v->atom && v->atom_in && made;
    if (good)
        memset(made, 0, v->levels[0].n * sizeof *made);
    for (size_t i = 0; good && i < geo_pool_count(pool); i++) {
        const geo_share *parts = geo_relation_parts(to, i, &n);
        const uint32_t in = n && parts[0].area >= 0 ? number[parts[0].area] : CUBE_NOWHERE;
        if (in == CUBE_NOWHERE)
            continue;
        const char *s = geo_pool_text(pool, (int32_t)i, &n);
        good = (v->atom[v->atoms_n] = geo_arena_text(&c->arena, s, n)) != NULL;
        v->atom_in[v->atoms_n++] = in;
        made[in] = true;
    }
    for (uint32_t i = 0; good && i < v->levels[0].n; i++)
        if (!made[i]) { /* of which the lookups know no part: it is one */
            v->atom[v->atoms_n] = v->text[i];
            v->atom_in[v->atoms_n++] = i;
        }
    geo_relation_free(to);
    return good ? GEO_OK : geo_err_nomem(err);
}
