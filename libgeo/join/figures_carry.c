/*
 * Dividing what sources have among targets. Of a sum every part but the last is rounded, and the last is what is left: so parts add up to the
 * whole, and columns to what came in, to the last digit that a double holds.
 */
#include "figures.h"

#include "../table/column.h"

#include <string.h>

/* The parts of source i; what the lookups have no word of, and records without a source (the last), are in no target. */
static const geo_share *parts_of(const figures *f, size_t i, size_t *n)
{
    static const geo_share NOWHERE = {-1, 1};
    const geo_share *parts = NULL;
    *n = 0;
    if (i < f->sources_n)
        parts = geo_relation_parts(f->relation, i, n);
    if (*n)
        return parts;
    *n = 1;
    return &NOWHERE;
}

static size_t target(const figures *f, const geo_share *part)
{
    return part->area < 0 ? f->targets_n : (size_t)part->area;
}

static geo_status new_carried(join *j, carried *out, geo_err *err)
{
    const size_t n = j->figures->targets_n + 1;
    out->value = geo_arena_array(&j->arena, n, sizeof *out->value);
    out->there = geo_arena_array(&j->arena, n, sizeof *out->there);
    out->missing_n = geo_arena_array(&j->arena, n, sizeof *out->missing_n);
    if (!out->value || !out->there || !out->missing_n)
        return geo_err_nomem(err);
    memset(out->missing_n, 0, n * sizeof *out->missing_n);
    memset(out->there, 0, n * sizeof *out->there);
    return GEO_OK;
}

/* Values of a source that are not known, here or where the figures come from. */
static int64_t missing_in(const measure *m, size_t i)
{
    const double before = m->missing ? geo_sum_value(&m->missing->total[i]) : 0;
    return m->missing_n[i] + (before > 0 && before < 1e15 ? (int64_t)before : 0);
}

static void divide(const figures *f, const geo_share *parts, size_t n, const geo_sum *whole, geo_sum *sums)
{
    geo_sum rest = *whole;
    for (size_t k = 0; k + 1 < n; k++) {
        const double part = geo_sum_value(whole) * parts[k].share;
        geo_sum_add(&sums[target(f, &parts[k])], part);
        geo_sum_add(&rest, -part);
    }
    geo_sum *last = &sums[target(f, &parts[n - 1])];
    geo_sum_add(last, rest.total);
    geo_sum_add(last, rest.carry);
}

geo_status geo_carry_sum(join *j, const measure *m, carried *out, geo_err *err)
{
    const figures *f = j->figures;
    geo_sum *sums = geo_arena_array(&j->arena, f->targets_n + 1, sizeof *sums);
    int64_t *used_n = geo_arena_array(&j->arena, f->targets_n + 1, sizeof *used_n), unknown_n = 0;
    geo_status st = sums && used_n ? new_carried(j, out, err) : geo_err_nomem(err);
    if (st < 0)
        return st;
    memset(sums, 0, (f->targets_n + 1) * sizeof *sums);
    memset(used_n, 0, (f->targets_n + 1) * sizeof *used_n);
    for (size_t i = 0; i <= f->sources_n; i++) {
        size_t n;
        const geo_share *parts = parts_of(f, i, &n);
        const bool any = geo_sum_value(&m->total[i]) != 0;
        unknown_n += any && isnan(parts[0].share);
        if (any)
            divide(f, parts, n, &m->total[i], sums);
        for (size_t k = 0; k < n; k++) {
            used_n[target(f, &parts[k])] += m->used_n[i];
            out->missing_n[target(f, &parts[k])] += missing_in(m, i);
        }
    }
    if (unknown_n)
        return geo_err_set(
            err, GEO_EFORMAT,
            "%lld areas of '%s' lie in several of '%s', and nothing says how much of '%s' is where: name the lookup's column of "
            "weights with --weights, or carry the field with --mean or --keep",
            (long long)unknown_n, f->from_name, f->to_name, m->field);
    for (size_t t = 0; t <= f->targets_n; t++) {
        out->value[t] = geo_sum_value(&sums[t]);
        out->there[t] = used_n[t] > 0 || out->missing_n[t] == 0; /* as in counts: a sum of what is not known is empty */
        if (!isfinite(out->value[t]))
            return geo_err_set(err, GEO_EFORMAT, "the sum of field '%s' has gone beyond the largest number there is", m->field);
    }
    return GEO_OK;
}

/* ---- means ---- */

/* The mean of source i, were it alone: NaN where it has several records, and nothing weighs anything. */
static double mean_of(const measure *m, size_t i)
{
    const double weight = m->weight ? geo_sum_value(&m->weight[i]) : 0;
    return m->used_n[i] == 1 ? geo_sum_value(&m->total[i]) : weight > 0 ? geo_sum_value(&m->weighted[i]) / weight : NAN;
}

/* Means of several areas, weighed by nothing, would be a mean of means. */
static geo_status refuse_mean(const measure *m, int64_t several_n, geo_err *err)
{
    return geo_err_set(
        err, GEO_EFORMAT,
        "%lld areas are made of several that have a '%s', and the mean of means is no mean: name with --denominator the field "
        "that it is a rate or an average of (or keep the field where all agree, with --keep)",
        (long long)several_n, m->field);
}

geo_status geo_carry_mean(join *j, const measure *m, carried *out, geo_err *err)
{
    const figures *f = j->figures;
    geo_sum *sums = geo_arena_array(&j->arena, f->targets_n + 1, sizeof *sums);
    geo_sum *weights = geo_arena_array(&j->arena, f->targets_n + 1, sizeof *weights);
    int64_t *used_n = geo_arena_array(&j->arena, f->targets_n + 1, sizeof *used_n), several_n = 0;
    geo_status st = sums && weights && used_n ? new_carried(j, out, err) : geo_err_nomem(err);
    if (st < 0)
        return st;
    memset(sums, 0, (f->targets_n + 1) * sizeof *sums);
    memset(weights, 0, (f->targets_n + 1) * sizeof *weights);
    memset(used_n, 0, (f->targets_n + 1) * sizeof *used_n);
    for (size_t i = 0; i <= f->sources_n; i++) {
        size_t n;
        const geo_share *parts = parts_of(f, i, &n);
        const double mean = mean_of(m, i);
        for (size_t k = 0; k < n; k++) {
            const size_t t = target(f, &parts[k]);
            out->missing_n[t] += missing_in(m, i);
            if (m->used_n[i] == 0)
                continue;
            out->value[t] = mean; /* which it stays if there is no other */
            used_n[t] += m->weight ? 1 : m->used_n[i];
            if (m->weight) {
                geo_sum_add(&sums[t], geo_sum_value(&m->weighted[i]) * parts[k].share);
                geo_sum_add(&weights[t], geo_sum_value(&m->weight[i]) * parts[k].share);
            }
        }
    }
    for (size_t t = 0; t <= f->targets_n; t++) {
        several_n += t < f->targets_n && used_n[t] > 1;
        if (used_n[t] > 1)
            out->value[t] = m->weight ? geo_sum_value(&sums[t]) / geo_sum_value(&weights[t]) : NAN;
        out->there[t] = used_n[t] > 0 && isfinite(out->value[t]); /* not where shares are unknown, or nothing weighs anything */
    }
    return several_n && !m->weight ? refuse_mean(m, several_n, err) : GEO_OK;
}

/* ---- the rest ---- */

geo_status geo_carry_kept(join *j, size_t field, int32_t **out, geo_err *err)
{
    const figures *f = j->figures;
    const geo_column *c = &geo_table_columns(f->kept)[field];
    int32_t *row = *out = geo_arena_array(&j->arena, f->targets_n + 1, sizeof *row);
    if (!row)
        return geo_err_nomem(err);
    for (size_t t = 0; t <= f->targets_n; t++)
        row[t] = NOT_SEEN;
    for (size_t i = 0; i < f->sources_n; i++) {
        size_t n;
        const geo_share *parts = parts_of(f, i, &n);
        const int32_t own = f->kept_row[i] >= 0 && f->differs[i * f->keep_n + field] ? DIFFERS : f->kept_row[i];
        for (size_t k = 0; k < n && own != NOT_SEEN; k++) {
            int32_t *at = &row[target(f, &parts[k])];
            if (*at == NOT_SEEN)
                *at = own;
            else if (*at >= 0 && (own < 0 || !geo_column_same(c, (size_t)*at, c, (size_t)own)))
                *at = DIFFERS;
        }
    }
    row[f->targets_n] = DIFFERS; /* what is nowhere is no area */
    return GEO_OK;
}

geo_status geo_carry_sources(join *j, int64_t **out, geo_err *err)
{
    const figures *f = j->figures;
    int64_t *sources_n = *out = geo_arena_array(&j->arena, f->targets_n + 1, sizeof *sources_n);
    if (!sources_n)
        return geo_err_nomem(err);
    memset(sources_n, 0, (f->targets_n + 1) * sizeof *sources_n);
    for (size_t i = 0; i <= f->sources_n; i++) {
        size_t n;
        const geo_share *parts = parts_of(f, i, &n);
        for (size_t k = 0; k < n && j->tally->count[i]; k++)
            sources_n[target(f, &parts[k])]++;
    }
    return GEO_OK;
}
