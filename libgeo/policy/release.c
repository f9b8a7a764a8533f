/* Releasing a table: made safe or found to be, attacked, compared, written, recorded, labelled. */
#include "release.h"

#include "../io/pass.h"
#include "../io/source.h"
#include "geo/sidecar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- who ---- */

static geo_status check_people(const release *r, geo_err *err)
{
    const geo_policy_terms *terms = geo_policy_get_terms(r->table->policy);
    const char *const *names = r->o->reviewers;
    size_t n = 0;
    if (!r->o->author || !*r->o->author)
        return geo_err_set(err, GEO_EARG, "say who releases");
    for (size_t i = 0; names && names[i]; i++) {
        bool new_ = *names[i] != '\0';
        if (strcasecmp(names[i], r->o->author) == 0)
            return geo_err_set(err, GEO_EREFUSED, "refused: who releases cannot be the reviewer too");
        for (size_t k = 0; k < i; k++)
            new_ = new_ && strcasecmp(names[i], names[k]) != 0;
        n += new_;
    }
    if (n < (size_t)terms->reviewers)
        return geo_err_set(err, GEO_EREFUSED, "refused: the policy asks for %d reviewer%s, and there %s %zu", terms->reviewers,
                           terms->reviewers == 1 ? "" : "s", n == 1 ? "is" : "are", n);
    return GEO_OK;
}

/* ---- what ---- */

static void count_before(release *r)
{
    const geo_cube *c = r->p.c;
    geo_rules_mark(c, r->p.rules, r->p.breaks);
    for (size_t k = 0; k < c->cells_n; k++) {
        const uint8_t b = c->cell[k] == GEO_CELL_SHOWN ? r->p.breaks[k] : 0;
        r->before.cells_n += c->cell[k] == GEO_CELL_SHOWN;
        r->before.unsafe_n += b != 0;
        r->before.below_n += (b & BREAKS_BELOW) != 0;
        r->before.zeros_n += (b & BREAKS_ZERO) != 0;
        r->before.same_n += (b & BREAKS_SAME) != 0;
    }
}

/* Does any cell of the table come hidden? Then it was protected before, and nobody here can do it again. */
static bool came_hidden(const geo_cube *c)
{
    bool any = false;
    for (size_t k = 0; k < c->cells_n && !any; k++)
        any = c->cell[k] == GEO_CELL_SHOWN && c->count[k] == CUBE_HIDDEN;
    return any;
}

/* A table that was protected before: nothing in it may break a rule. */
static geo_status verify(release *r, geo_err *err)
{
    protection *p = &r->p;
    const geo_cube *c = p->c;
    size_t broken_n = 0, unrounded_n = 0;
    if (!geo_rules_allow(c, c->shown, p->rules))
        return geo_err_set(err, GEO_EREFUSED, "refused: its areas are finer than the policy allows");
    for (size_t k = 0; k < c->cells_n; k++) {
        if (c->cell[k] != GEO_CELL_SHOWN)
            continue;
        const bool hidden = c->count[k] == CUBE_HIDDEN;
        p->cell[k] = hidden ? GEO_CELL_SECONDARY : GEO_CELL_SHOWN;
        broken_n += !hidden && p->breaks[k];
        unrounded_n += !hidden && p->rules->round && c->count[k] % p->rules->round;
        p->report->secondary_n += hidden;
        p->report->cells_n++;
    }
    p->report->base = r->table->rounded > p->rules->round ? r->table->rounded : p->rules->round;
    r->report->verified = true;
    if (broken_n)
        return geo_err_set(err, GEO_EREFUSED,
                           "refused: %zu of %zu cells break a rule, though others are hidden already: protect all counts anew", broken_n,
                           p->report->cells_n);
    if (unrounded_n)
        return geo_err_set(err, GEO_EREFUSED, "refused: %zu of %zu counts are not rounded as the policy asks", unrounded_n,
                           p->report->cells_n);
    return GEO_OK;
}

/* ---- the attack ---- */

int64_t geo_release_off(const release *r)
{
    const int base = r->p.report->base;
    return !base                                                                                                        ? 0
           : r->report->verified || r->p.how->rounding == GEO_ROUND_NEAREST || r->p.how->rounding == GEO_ROUND_MIDPOINT ? base / 2
                                                                                                                        : base - 1;
}

static geo_status attack_cells(release *r, geo_audit *a, geo_err *err)
{
    const protection *p = &r->p;
    for (size_t k = 0; k < p->c->cells_n; k++) {
        if (p->cell[k] == GEO_CELL_SHOWN)
            geo_audit_tell(a, k, p->count[k], geo_release_off(r));
        else if (p->cell[k] != GEO_CELL_UNSEEN) {
            a->hidden[k] = 1;
            a->shown[geo_cube_pattern(p->c, k)] = true;
        }
    }
    return geo_audit_run(a, geo_rules_width(p->rules), &r->report->audited, err);
}

static geo_status attack(release *r, geo_err *err)
{
    protection *p = &r->p;
    geo_cube *c = p->c;
    if (p->report->method == GEO_METHOD_CELLKEY && !r->report->verified)
        return GEO_OK; /* no cell shows a true count */
    bool *was = geo_arena_array(&c->arena, c->stride[0], sizeof *was);
    geo_audit a = {0};
    geo_status st = was ? geo_audit_begin(&a, c, err) : geo_err_nomem(err);
    if (st == GEO_OK && c->v[0].areas) {
        geo_protect_take_totals(p, was);
        for (size_t k = 0; k < c->stride[0]; k++) /* known from elsewhere as they are */
            if (was[k])
                geo_audit_tell(&a, (c->v[0].nodes_n - 1) * c->stride[0] + k, c->count[(c->v[0].nodes_n - 1) * c->stride[0] + k], 0);
    }
    if (st == GEO_OK)
        st = attack_cells(r, &a, err);
    if (st == GEO_OK && c->v[0].areas)
        geo_protect_leave_totals(p, was);
    geo_audit_end(&a);
    if (st == GEO_OK && (r->report->audited.exact_n || r->report->audited.narrow_n))
        return geo_err_set(err, GEO_EREFUSED, "refused: of %zu hidden cells %zu can be worked out exactly, and %zu too closely",
                           r->report->audited.hidden_n, r->report->audited.exact_n, r->report->audited.narrow_n);
    return st;
}

/* ---- out ---- */

static geo_status seal(void *ctx, const char *file, geo_err *err)
{
    return geo_release_record(ctx, file, err);
}

static geo_status write(release *r, const geo_writer_options *writing, geo_err *err)
{
    const struct geo_pass pass = {.class_ = r->p.report->class_, .seal = seal, .ctx = r};
    geo_writer_options options = *writing;
    geo_err ignored;
    options.release = true;
    options.pass = &pass;
    const geo_status st = geo_cube_write(&r->p, r->output, &options, err);
    if (st < 0 && r->report->id && geo_release_withdraw(r, &ignored) < 0)
        return geo_err_wrap(err, st, "release %lld is in the ledger but was not written", (long long)r->report->id);
    return st;
}

/* What was released to the public is open from now on; what went to others is what it was. Without a label it counts as personal. */
static void label(const release *r)
{
    const char *const name = r->output;
    if (strcmp(name, "-") == 0 || strncmp(name, "/dev/", 5) == 0)
        return;
    const bool to_all = !r->o->audience || strcmp(r->o->audience, "public") == 0;
    geo_label l = {.class_ = to_all ? GEO_CLASS_OPEN : r->p.report->class_, .known = true};
    geo_err err;
    snprintf(l.source, sizeof l.source, "%s", r->o->source ? r->o->source : "");
    snprintf(l.licence, sizeof l.licence, "%s", r->o->licence ? r->o->licence : "");
    if (geo_sidecar_write(name, &l, true, r->table->watch, &err) < 0)
        geo_watch_note(r->table->watch, "the release has no label, so it counts as personal here: %s", err.msg);
}

geo_status geo_sdc_release(const geo_sdc_table *table, const geo_sdc_release_options *options, const geo_sdc_protection *how,
                           const char *output, const geo_writer_options *writing, geo_sdc_released *report, geo_err *err)
{
    *report = (geo_sdc_released){.made = {.unit = ""}, .audited = {.unit = ""}};
    release r = {.table = table, .o = options, .output = output, .report = report};
    geo_status st = check_people(&r, err);
    if (st == GEO_OK && geo_gdal_is_raster(table->file)) /* a surface can be turned back into the points that it was made of */
        st = geo_err_set(err, GEO_EREFUSED, "refused: '%s' is a raster, and there are no rules yet by which one could be released",
                         geo_name_shown(table->file));
    if (st == GEO_OK)
        st = geo_writer_check(output, writing->force, err);
    if (st == GEO_OK)
        st = geo_ledger_open(options->ledger, true, table->watch, &r.ledger, err);
    if (st == GEO_OK)
        st = geo_protection_begin(&r.p, table, options->audience, how, &report->made, err);
    if (st == GEO_OK) {
        count_before(&r);
        st = came_hidden(r.p.c) ? verify(&r, err) : geo_protect_cube(&r.p, err);
    }
    if (st == GEO_OK)
        st = attack(&r, err);
    if (st == GEO_OK)
        st = geo_release_compare(&r, err);
    if (st == GEO_OK)
        st = write(&r, writing, err);
    if (st == GEO_OK)
        label(&r);
    geo_protection_end(&r.p);
    geo_ledger_close(r.ledger);
    free(r.cells);
    return st;
}
