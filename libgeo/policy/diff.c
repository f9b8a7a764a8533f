/* Comparing a table with earlier releases: files, and what the ledger keeps. */
#include "differ.h"

#include "../core/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- earlier releases that are files ---- */

/* The name that a field of the table has in the file: as the caller says, else its own; NULL: the file does not have it. */
static const char *name_there(const geo_sdc_earlier *e, const geo_schema *schema, const char *field, size_t n, geo_arena *arena)
{
    for (const char *const *f = e->fields; f && *f; f++) {
        const char *equals = strchr(*f, '=');
        if (equals && strlen(equals + 1) == n && strncasecmp(equals + 1, field, n) == 0)
            return geo_arena_text(arena, *f, (size_t)(equals - *f));
    }
    const char *name = geo_arena_text(arena, field, n);
    return name && geo_schema_find(schema, name) >= 0 ? name : NULL;
}

/* The categories that the file has: of those it lacks it tells all together. by: room; of[i]: what by[i] is called in the table. */
static geo_status find_categories(const geo_sdc_table *table, const geo_sdc_earlier *e, const geo_schema *schema, geo_arena *arena,
                                  const char **by, const char **of, geo_err *err)
{
    size_t n = 0;
    for (const char *const *t = table->by; t && *t; t++) {
        geo_vec joint = {0};
        bool has = true, good = true;
        for (const char *s = *t; has && good;) {
            const size_t len = strcspn(s, "+");
            const char *name = name_there(e, schema, s, len, arena);
            has = name != NULL;
            good =
                !has || (geo_vec_append(&joint, joint.n ? "+" : "", joint.n ? 1 : 0, 1) && geo_vec_append(&joint, name, strlen(name), 1));
            if (!s[len])
                break;
            s += len + 1;
        }
        if (has && good) {
            of[n] = *t;
            good = (by[n++] = geo_arena_text(arena, joint.items, joint.n)) != NULL;
        }
        geo_vec_clear(&joint);
        if (!good)
            return geo_err_nomem(err);
    }
    by[n] = of[n] = NULL;
    return GEO_OK;
}

/* The table's options as they are for the file. */
static geo_status adapt(const geo_sdc_table *table, const geo_sdc_earlier *e, const geo_schema *schema, geo_arena *arena,
                        geo_sdc_table *out, const char ***of, geo_err *err)
{
    size_t by_n = 0;
    while (table->by && table->by[by_n])
        by_n++;
    const char **by = geo_arena_array(arena, by_n + 1, sizeof *by);
    *of = geo_arena_array(arena, by_n + 1, sizeof **of);
    const char **counts = geo_arena_array(arena, 2, sizeof *counts);
    if (!by || !*of || !counts)
        return geo_err_nomem(err);
    *out = *table;
    out->file = e->file;
    out->reading.layer = e->layer;
    out->rounded = e->rounded;
    out->tables = NULL;
    out->margins = false;
    out->area = NULL;
    if (table->area) {
        const size_t n = strcspn(table->area, "=");
        const char *there = name_there(e, schema, table->area, n, arena);
        /* a level that was named holds for a field of the same name only: other fields are of other levels */
        if (there && strlen(there) == n && strncasecmp(there, table->area, n) == 0)
            there = table->area;
        out->area = there;
    }
    const geo_status st = find_categories(table, e, schema, arena, by, *of, err);
    out->by = by;
    if (e->count) {
        counts[0] = e->count;
        counts[1] = NULL;
        out->counts = counts;
        out->sums = NULL;
    }
    if (st == GEO_OK && !out->area && !by[0])
        return geo_err_set(err, GEO_EARG, "it has no field of the table: say FIELD=VARIABLE");
    return st;
}

/* Call the variables as the table does. */
static bool rename_variables(geo_publication *p, const geo_sdc_table *table, const geo_sdc_table *there, const char *const *of)
{
    for (size_t i = 0; i < p->variables_n; i++) {
        publication_variable *v = &p->v[i];
        if (!*v->field)
            continue;
        const size_t before = there->area ? 1 : 0;
        const char *name = i < before ? table->area : of[i - before];
        if (!(v->field = geo_arena_text(&p->arena, name, i < before ? strcspn(name, "=") : strlen(name))))
            return false;
    }
    return true;
}

static geo_status read_earlier(const geo_sdc_table *table, const geo_sdc_comparison *with, const geo_sdc_earlier *e, geo_publication **out,
                               geo_class *class_, geo_err *err)
{
    geo_reader_options reading = {.layer = e->layer, .encoding = table->reading.encoding, .raise = table->raise, .watch = table->watch};
    geo_reader *reader = NULL;
    geo_arena arena = {0};
    geo_sdc_table there;
    const char **of = NULL;
    geo_cube *c = NULL;
    geo_status st = geo_label_find(e->file, table->policy, &reading.label, table->watch, err);
    if (st == GEO_OK)
        st = geo_reader_open(e->file, &reading, &reader, err);
    if (st == GEO_OK)
        st = adapt(table, e, geo_reader_schema(reader), &arena, &there, &of, err);
    geo_reader_close(reader);
    if (st < 0)
        geo_err_wrap(err, st, "'%s'", geo_name_shown(e->file));
    else
        st = geo_publication_read(&there, with->population, out, &c, err);
    if (st == GEO_OK) {
        *class_ = geo_class_join(*class_, c->class_);
        st = rename_variables(*out, table, &there, of) ? geo_publication_call(*out, 0, geo_name_shown(e->file), err) : geo_err_nomem(err);
    }
    geo_cube_free(c);
    geo_arena_clear(&arena);
    return st;
}

/* ---- earlier releases in the ledger ---- */

geo_status geo_differ_ledger(geo_ledger *ledger, geo_vec *earlier, size_t *others_n, geo_err *err)
{
    geo_status st = GEO_OK;
    for (int64_t id = 1; st == GEO_OK && id <= geo_ledger_count(ledger); id++) {
        geo_ledger_entry entry;
        geo_publication *p = NULL;
        st = geo_ledger_get(ledger, id, &entry, err);
        if (st < 0 || strcmp(entry.kind, "release") != 0)
            continue;
        if (!entry.cells) {
            ++*others_n;
            continue;
        }
        st = geo_publication_parse(entry.cells, entry.cells_n, &p, err);
        if (st < 0)
            return geo_err_wrap(err, st, "release %lld", (long long)id);
        st = geo_publication_call(p, id, entry.time ? entry.time : "", err);
        if (st == GEO_OK && !geo_vec_append(earlier, &p, 1, sizeof p))
            st = geo_err_nomem(err);
        if (st < 0)
            geo_publication_free(p);
    }
    return st;
}

static geo_status read_ledger(const char *folder, const geo_watch *watch, geo_vec *earlier, size_t *others_n, geo_err *err)
{
    geo_ledger *ledger = NULL;
    geo_status st = geo_ledger_open(folder, false, watch, &ledger, err);
    if (st == GEO_OK)
        st = geo_differ_ledger(ledger, earlier, others_n, err);
    geo_ledger_close(ledger);
    return st;
}

/* ---- all ---- */

geo_status geo_sdc_diff(const geo_sdc_table *table, const geo_sdc_comparison *with,
                        void (*each)(void *ctx, const geo_sdc_difference *difference), void *ctx, geo_sdc_differed *report, geo_err *err)
{
    *report = (geo_sdc_differed){.unit = ""};
    geo_publication *proposed = NULL;
    geo_cube *c = NULL;
    geo_vec earlier = {0};
    geo_status st = geo_publication_read(table, with->population, &proposed, &c, err);
    if (st == GEO_OK) {
        report->class_ = c->class_;
        report->rows_n = c->rows_n;
        report->faults = c->faults;
        report->unit = c->unit;
    }
    for (size_t i = 0; st == GEO_OK && i < with->earlier_n; i++) {
        geo_publication *p = NULL;
        st = read_earlier(table, with, &with->earlier[i], &p, &report->class_, err);
        if (st == GEO_OK && !geo_vec_append(&earlier, &p, 1, sizeof p))
            st = geo_err_nomem(err);
        if (st < 0)
            geo_publication_free(p);
    }
    if (st == GEO_OK && with->ledger)
        st = read_ledger(with->ledger, table->watch, &earlier, &report->others_n, err);
    if (st == GEO_OK) {
        const differ d = {.proposed = proposed,
                          .earlier = earlier.items,
                          .earlier_n = earlier.n,
                          .rules = geo_policy_rules(table->policy, report->class_, with->audience),
                          .threads = table->threads,
                          .watch = table->watch};
        st = geo_differ(&d, each, ctx, report, err);
    }
    for (size_t i = 0; i < earlier.n; i++)
        geo_publication_free(((geo_publication **)earlier.items)[i]);
    geo_vec_clear(&earlier);
    geo_publication_free(proposed);
    geo_cube_free(c);
    return st;
}
