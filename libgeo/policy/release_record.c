/*
 * What the ledger keeps of a release: a public statement, which names no threshold, no key and nothing of where the data lie; and what stays
 * inside: people, inputs, what was unsafe, what was found.
 */
#include "release.h"

#include "geo/init.h"
#include "geo/sidecar.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *text(const char *s)
{
    json_t *t = json_string(s ? s : "");
    return t ? t : json_string("(no UTF-8)");
}

static void put(json_t *o, const char *key, json_t *value)
{
    json_object_set_new(o, key, value);
}

/* The levels and fields of every pattern that came out. */
static json_t *tables_of(const release *r)
{
    const geo_cube *c = r->p.c;
    bool *seen = calloc(c->patterns_n, sizeof *seen);
    json_t *tables = json_array();
    for (size_t k = 0; seen && k < c->cells_n; k++)
        if (r->p.cell[k] != GEO_CELL_UNSEEN)
            seen[geo_cube_pattern(c, k)] = true;
    for (size_t p = 0; seen && p < c->patterns_n; p++) {
        char name[256];
        geo_cube_pattern_name(c, p, name, sizeof name);
        if (seen[p])
            json_array_append_new(tables, text(name));
    }
    free(seen);
    return tables;
}

static json_t *statement_of(const release *r)
{
    static const char *const METHODS[] = {"coarsened", "suppressed", "rounded", "perturbed"};
    const geo_policy_about *about = geo_policy_get_about(r->table->policy);
    const geo_sdc_released *report = r->report;
    json_t *o = json_object(), *policy = json_object();
    put(policy, "name", text(about->name));
    put(policy, "version", json_integer(about->version));
    put(policy, "blake2b", text(about->digest));
    put(o, "audience", text(r->p.rules->audience));
    put(o, "population", text(r->o->population));
    put(o, "policy", policy);
    put(o, "libgeo", text(geo_version()));
    put(o, "tables", tables_of(r));
    put(o, "rows", json_integer(report->made.written_n));
    put(o, "cells", json_integer((json_int_t)report->made.cells_n));
    put(o, "cells_hidden", json_integer((json_int_t)(report->made.unsafe_n + report->made.secondary_n)));
    put(o, "method", text(report->verified ? "as it came" : METHODS[report->made.method]));
    put(o, "rounded_to", json_integer(report->made.base));
    put(o, "licence", text(r->o->licence));
    return o;
}

static void add_input(json_t *inputs, const char *what, const char *file, const geo_watch *watch)
{
    char hex[65];
    geo_err ignored;
    json_t *o = json_object();
    put(o, "what", text(what));
    put(o, "name", text(geo_name_shown(file)));
    if (strcmp(file, "-") != 0 && geo_digest_file(file, hex, watch, &ignored) == GEO_OK)
        put(o, "blake2b", text(hex));
    json_array_append_new(inputs, o);
}

static json_t *restricted_of(const release *r)
{
    const geo_sdc_released *report = r->report;
    json_t *o = json_object(), *reviewers = json_array(), *inputs = json_array(), *unsafe = json_object();
    for (const char *const *name = r->o->reviewers; name && *name; name++)
        json_array_append_new(reviewers, text(*name));
    add_input(inputs, "table", r->table->file, r->table->watch);
    for (size_t i = 0; i < r->table->lookups_n; i++)
        add_input(inputs, "lookup", r->table->lookups[i].file, r->table->watch);
    put(unsafe, "cells", json_integer((json_int_t)r->before.unsafe_n));
    put(unsafe, "below_threshold", json_integer((json_int_t)r->before.below_n));
    put(unsafe, "zeros", json_integer((json_int_t)r->before.zeros_n));
    put(unsafe, "all_the_same", json_integer((json_int_t)r->before.same_n));
    put(o, "author", text(r->o->author));
    put(o, "reviewers", reviewers);
    put(o, "purpose", text(r->o->purpose));
    put(o, "recipient", text(r->o->recipient));
    put(o, "output", text(geo_name_shown(r->output)));
    put(o, "class", text(geo_class_name(report->made.class_)));
    put(o, "rows_read", json_integer(report->made.rows_n));
    put(o, "inputs", inputs);
    put(o, "unsafe_before", unsafe);
    put(o, "hidden_by_rule", json_integer((json_int_t)report->made.unsafe_n));
    put(o, "hidden_to_protect", json_integer((json_int_t)report->made.secondary_n));
    put(o, "audited", json_integer((json_int_t)report->audited.hidden_n));
    put(o, "exact", json_integer((json_int_t)report->audited.exact_n));
    put(o, "narrow", json_integer((json_int_t)report->audited.narrow_n));
    put(o, "compared_with", json_integer((json_int_t)report->compared_n));
    return o;
}

static geo_status append(geo_ledger *ledger, const char *kind, json_t *statement, json_t *restricted, const char *digest, const release *of,
                         int64_t *id, geo_err *err)
{
    char *public_text = json_dumps(statement, JSON_COMPACT | JSON_SORT_KEYS),
         *inside = json_dumps(restricted, JSON_COMPACT | JSON_SORT_KEYS);
    const geo_ledger_entry entry = {.kind = kind,
                                    .statement = public_text,
                                    .restricted = inside,
                                    .digest = digest,
                                    .cells = of ? of->cells : NULL,
                                    .cells_n = of ? of->cells_n : 0};
    const geo_status st = public_text && inside ? geo_ledger_append(ledger, &entry, id, err) : geo_err_nomem(err);
    free(public_text);
    free(inside);
    json_decref(statement);
    json_decref(restricted);
    return st;
}

geo_status geo_release_record(release *r, const char *file, geo_err *err)
{
    const geo_status st = geo_digest_file(file, r->report->digest, r->table->watch, err);
    return st < 0 ? st : append(r->ledger, "release", statement_of(r), restricted_of(r), r->report->digest, r, &r->report->id, err);
}

geo_status geo_release_withdraw(release *r, geo_err *err)
{
    json_t *statement = json_object(), *restricted = json_object();
    put(statement, "release", json_integer(r->report->id));
    put(restricted, "reason", text("the output could not be written"));
    int64_t id;
    return append(r->ledger, "withdrawal", statement, restricted, NULL, NULL, &id, err);
}

geo_status geo_sdc_record_label(geo_ledger *ledger, const char *file, const char *digest, const geo_label *label, const char *author,
                                int64_t *id, geo_err *err)
{
    json_t *statement = json_object(), *restricted = json_object();
    put(statement, "class", text(geo_class_name(label->class_)));
    put(statement, "source", text(label->source));
    put(statement, "licence", text(label->licence));
    put(restricted, "file", text(geo_name_shown(file)));
    put(restricted, "author", text(author));
    return append(ledger, "label", statement, restricted, digest, NULL, id, err);
}
