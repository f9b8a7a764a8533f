/* Parts of the equations that hang together. */
#include "attack.h"

#include <stdlib.h>

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* Lists from `count` items whose list is list_of(item): at[list] .. at[list + 1], in the order of the items. */
static void fill_lists(size_t lists_n, const uint32_t *list_of, size_t items_n, size_t *at, uint32_t *items)
{
    for (size_t i = 0; i < items_n; i++)
        if (list_of[i] != UINT32_MAX)
            at[list_of[i] + 1]++;
    for (size_t l = 0; l < lists_n; l++)
        at[l + 1] += at[l];
    for (size_t i = 0; i < items_n; i++)
        if (list_of[i] != UINT32_MAX)
            items[at[list_of[i]]++] = (uint32_t)i;
    for (size_t l = lists_n; l > 0; l--)
        at[l] = at[l - 1];
    at[0] = 0;
}

void geo_attack_parts_clear(geo_attack_parts *parts)
{
    free(parts->cell_at);
    free(parts->equation_at);
    free(parts->cells);
    free(parts->equations);
    *parts = (geo_attack_parts){0};
}

geo_status geo_attack_split(const geo_attack_work *w, uint8_t wanted, uint8_t unwanted, geo_attack_parts *parts, geo_err *err)
{
    const geo_equations *s = w->equations;
    const uint8_t mask = wanted | unwanted;
    uint32_t *parent = malloc((s->cells_n + 1) * sizeof *parent), *part_of = malloc((s->cells_n + 1) * sizeof *part_of);
    uint32_t *equation_part = malloc((s->n + 1) * sizeof *equation_part);
    geo_attack_parts p = {.cells = malloc((s->cells_n + 1) * sizeof *p.cells), .equations = malloc((s->n + 1) * sizeof *p.equations)};
    bool ok = parent && part_of && equation_part && p.cells && p.equations;
    for (size_t c = 0; ok && c < s->cells_n; c++)
        parent[c] = (uint32_t)c;
    for (size_t e = 0; ok && e < s->n; e++) {
        uint32_t first = UINT32_MAX;
        for (size_t i = s->at[e]; i < s->at[e + 1]; i++) {
            const uint32_t c = s->cells[i];
            if ((w->state[c] & mask) != wanted)
                continue;
            if (first == UINT32_MAX)
                first = c;
            /* the lower number is the root, so that parts are numbered by their first cells */
            const uint32_t a = root_of(parent, first), b = root_of(parent, c);
            parent[a > b ? a : b] = a > b ? b : a;
        }
        equation_part[e] = first;
    }
    for (size_t c = 0; ok && c < s->cells_n; c++) {
        const bool in = (w->state[c] & mask) == wanted;
        const uint32_t root = in ? root_of(parent, (uint32_t)c) : 0;
        part_of[c] = !in ? UINT32_MAX : root == c ? (uint32_t)p.n++ : part_of[root];
    }
    for (size_t e = 0; ok && e < s->n; e++)
        equation_part[e] = equation_part[e] == UINT32_MAX ? UINT32_MAX : part_of[equation_part[e]];
    p.cell_at = calloc(p.n + 1, sizeof *p.cell_at);
    p.equation_at = calloc(p.n + 1, sizeof *p.equation_at);
    ok = ok && p.cell_at && p.equation_at;
    if (ok) {
        fill_lists(p.n, part_of, s->cells_n, p.cell_at, p.cells);
        fill_lists(p.n, equation_part, s->n, p.equation_at, p.equations);
        *parts = p;
    } else {
        geo_attack_parts_clear(&p);
    }
    free(parent);
    free(part_of);
    free(equation_part);
    return ok ? GEO_OK : geo_err_nomem(err);
}
