/*
 * The join as a flow: a parcel of records passes every step on whatever thread has it, is given its new columns and its class, and is
 * encoded there; writing and counting happen in the order of the file.
 */
#include "join.h"

#include "../table/column.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ---- the work on one parcel ---- */

/* The highest class of a record and of everything it was joined to. */
static geo_status set_classes(const join *j, geo_parcel *p, geo_err *err)
{
    geo_batch *out = &p->out;
    out->class_ = geo_class_join(out->class_, j->steps_class);
    if (!out->row_class)
        return GEO_OK;
    uint8_t *row_class = geo_arena_alloc(p->arena, out->rows_n + 1);
    if (!row_class)
        return geo_err_nomem(err);
    for (size_t r = 0; r < out->rows_n; r++)
        row_class[r] = (uint8_t)geo_class_join((geo_class)out->row_class[r], j->steps_class);
    out->row_class = row_class;
    return GEO_OK;
}

/* Input columns, then those of the steps as dictionary columns: the row found is the index. */
static geo_status set_columns(const join *j, geo_parcel *p, const found *f, geo_err *err)
{
    geo_column *columns = geo_arena_array(p->arena, j->schema.fields_n + 1, sizeof *columns);
    if (!columns)
        return geo_err_nomem(err);
    size_t n = 0;
    while (n < j->kept_n) {
        columns[n] = p->in->columns[j->kept[n]];
        columns[n++].index = f->pick; /* readers give plain columns */
    }
    for (size_t i = 0; i < j->o->steps_n; i++) {
        const geo_column *from = geo_table_columns(j->steps[i].table);
        for (size_t k = 0; k < j->steps[i].fields_n; k++) {
            columns[n] = from[k];
            columns[n++].index = f->wide[i];
        }
    }
    p->out.columns = columns;
    p->out.schema = &j->schema;
    return GEO_OK;
}

/* Make a batch of rows pick[0 .. n) of its texts and classes; its columns are another matter. */
static geo_status pick_texts(geo_batch *b, const int32_t *pick, size_t n, geo_arena *arena, geo_err *err)
{
    const uint32_t **const arrays[] = {&b->row_at, &b->row_len, &b->line, &b->class_at, &b->class_len, &b->members_at, &b->members_len};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) {
        if (!*arrays[k])
            continue;
        uint32_t *picked = geo_arena_array(arena, n + 1, sizeof *picked);
        if (!picked)
            return geo_err_nomem(err);
        for (size_t i = 0; i < n; i++)
            picked[i] = (*arrays[k])[pick[i]];
        *arrays[k] = picked;
    }
    if (b->row_class) {
        uint8_t *picked = geo_arena_alloc(arena, n + 1);
        if (!picked)
            return geo_err_nomem(err);
        for (size_t i = 0; i < n; i++)
            picked[i] = b->row_class[pick[i]];
        b->row_class = picked;
    }
    b->rows_n = n;
    return GEO_OK;
}

/* Keep the rows of which keep[r] is true: texts by their places, columns by an index. */
static geo_status select_rows(geo_parcel *p, const bool *keep, geo_err *err)
{
    geo_batch *b = &p->out;
    int32_t *pick = geo_arena_array(p->arena, b->rows_n + 1, sizeof *pick);
    if (!pick)
        return geo_err_nomem(err);
    size_t n = 0;
    for (size_t r = 0; r < b->rows_n; r++)
        if (keep[r])
            pick[n++] = (int32_t)r;
    const geo_status st = pick_texts(b, pick, n, p->arena, err);
    geo_column *columns = (geo_column *)b->columns;
    for (size_t c = 0; st == GEO_OK && c < b->schema->fields_n; c++) {
        int32_t *index = pick;
        if (columns[c].index) {
            index = geo_arena_array(p->arena, n + 1, sizeof *index);
            if (!index)
                return geo_err_nomem(err);
            for (size_t i = 0; i < n; i++)
                index[i] = columns[c].index[pick[i]];
        }
        columns[c].index = index;
    }
    return st;
}

/* Which rows are matched in every step, and how many records have such a row. */
static geo_status count_matches(const join *j, geo_parcel *p, found *f, geo_err *err)
{
    if (!(f->matched = geo_arena_alloc(p->arena, f->wide_n + 1)))
        return geo_err_nomem(err);
    int32_t last = -1;
    for (size_t w = 0; w < f->wide_n; w++) {
        f->matched[w] = true;
        for (size_t i = 0; i < j->o->steps_n; i++)
            f->matched[w] &= f->wide[i][w] >= 0;
        const int32_t record = f->pick ? f->pick[w] : (int32_t)w;
        f->matched_n += f->matched[w] && record != last;
        last = f->matched[w] ? record : last;
    }
    return GEO_OK;
}

static geo_status find_all(join *j, geo_parcel *p, found *f, geo_err *err)
{
    const size_t n = p->in->rows_n, steps_n = j->o->steps_n;
    f->row = geo_arena_array(p->arena, steps_n + 1, sizeof *f->row);
    f->extra = geo_arena_array(p->arena, steps_n + 1, sizeof *f->extra);
    f->told = geo_arena_array(p->arena, n + 1, sizeof *f->told);
    if (!f->row || !f->extra || !f->told)
        return geo_err_nomem(err);
    memset(f->told, 0, n * sizeof *f->told);
    memset(f->extra, 0, steps_n * sizeof *f->extra);
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < steps_n; i++)
        st = geo_join_find(j, i, p, f, err);
    if (st == GEO_OK)
        st = geo_join_widen(j, p, f, err);
    for (size_t i = 0; i < steps_n; i++)
        geo_vec_clear(&f->extra[i]);
    return st < 0 ? st : count_matches(j, p, f, err);
}

static geo_status work(void *ctx, geo_parcel *p, geo_err *err)
{
    join *j = ctx;
    found *f = p->extra = geo_arena_alloc(p->arena, sizeof *f);
    if (!f)
        return geo_err_nomem(err);
    *f = (found){0};
    geo_status st = find_all(j, p, f, err);
    if (st == GEO_OK && f->pick && !j->tally)
        st = pick_texts(&p->out, f->pick, f->wide_n, p->arena, err);
    if (st < 0 || (st = set_classes(j, p, err)) < 0)
        return st;
    if (j->tally)
        return (st = geo_tally_group(j, p, f, err)) < 0 ? st : geo_tally_numbers(j, p, f, err);
    st = set_columns(j, p, f, err);
    if (st == GEO_OK && j->out_transform)
        st = geo_join_move_records(j, p, err);
    if (st < 0)
        return st;
    if (j->o->unmatched != GEO_UNMATCHED_KEEP) {
        bool *keep = f->matched;
        for (size_t r = 0; j->o->unmatched == GEO_UNMATCHED_ONLY && r < f->wide_n; r++)
            keep[r] = !keep[r];
        if ((st = select_rows(p, keep, err)) < 0)
            return st;
    }
    return geo_writer_encode(j->writer, &p->out, p->bytes, err);
}

geo_class geo_join_class(const join *j)
{
    return geo_class_join(j->report->records_n ? j->records_class : j->label_class, j->steps_class);
}

void geo_join_note_records(join *j, const geo_parcel *p, size_t matched_n)
{
    for (size_t r = 0; r < (p->in->row_class ? p->in->rows_n : 1); r++)
        j->records_class = geo_class_join(j->records_class, geo_batch_class(p->in, r));
    j->report->records_n += (int64_t)p->in->rows_n;
    j->report->matched_n += (int64_t)matched_n;
}

static geo_status put(void *ctx, const geo_parcel *p, geo_err *err)
{
    join *j = ctx;
    const found *f = p->extra;
    geo_join_note_records(j, p, f->matched_n);
    geo_join_sample(j, p, f);
    if (j->tally)
        return geo_tally_add(j, p, f, err);
    j->report->written_n += (int64_t)p->out.rows_n;
    return p->out.rows_n ? geo_writer_put(j->writer, &p->out, p->bytes, err) : GEO_OK;
}

/* The gate judges an output without rows too: names of columns can say things. */
static geo_status judge_no_rows(const join *j, geo_err *err)
{
    geo_bytes bytes = {0};
    const geo_batch none = {.schema = &j->schema, .class_ = geo_join_class(j)};
    const geo_status st = geo_writer_encode(j->writer, &none, &bytes, err);
    geo_bytes_clear(&bytes);
    return st;
}

/* ---- setting up ---- */

/* Fields of the records that hold keys; names has room for steps_n + 2. Returns how many. */
static size_t key_names(join *j, const char **names)
{
    size_t n = 0;
    for (size_t i = 0; i < j->o->steps_n; i++)
        if (!j->o->steps[i].by_place && !geo_join_attaches(j, i, j->o->steps[i].on, &(size_t){0}, &(size_t){0}))
            names[n++] = j->o->steps[i].on;
    if (j->o->figures && !j->o->figures->areal)
        names[n++] = geo_figures_key(j);
    names[n] = NULL;
    return n;
}

/* Fields of the records that must be decoded: keys, sums, the cross-tabulated one, those to keep; and the keys alone. */
static geo_status wanted_columns(join *j, const char *const **wanted, const char *const **keys, geo_err *err)
{
    const geo_join_options *o = j->o;
    const char *const *const lists[] = {o->sums, o->means, o->keep};
    size_t most = o->steps_n + 4;
    for (size_t k = 0; k < 3; k++)
        for (const char *const *s = lists[k]; s && *s; s++)
            most++;
    const char **names = geo_arena_array(&j->arena, most, sizeof *names);
    const char **key = geo_arena_array(&j->arena, o->steps_n + 2, sizeof *key);
    if (!names || !key)
        return geo_err_nomem(err);
    size_t n = key_names(j, names);
    (void)key_names(j, key);
    for (size_t k = 0; k < 3; k++)
        for (const char *const *s = lists[k]; s && *s; s++)
            names[n++] = k < 2 ? geo_join_field_name(&j->arena, *s, &(const char *){NULL}) : *s;
    if (o->by)
        names[n++] = o->by;
    if (o->figures && o->denominator)
        names[n++] = o->denominator;
    for (size_t i = 0; i < n; i++)
        if (!names[i])
            return geo_err_nomem(err);
    names[n] = NULL;
    *wanted = (const char *const *)names;
    *keys = (const char *const *)key;
    return GEO_OK;
}

static bool any_step_by_place(const join *j)
{
    bool any = false;
    for (size_t i = 0; i < j->o->steps_n; i++)
        any |= j->o->steps[i].by_place;
    return any;
}

bool geo_join_to_csv(const join *j)
{
    return geo_writer_format(j->o->output, j->format) == GEO_FORMAT_CSV;
}

/* Other members of GeoJSON features go where there is a place for them, unless fields are chosen, or the output is a release. */
static geo_members members_of(const geo_join_options *o, const char *format)
{
    if (o->keep || o->writing.release || geo_writer_format(o->output, format) != GEO_FORMAT_SEQ)
        return GEO_MEMBERS_LEFT_OUT;
    return o->out_crs ? GEO_MEMBERS_KEPT_MOVED : GEO_MEMBERS_KEPT;
}

/* Only the columns the join itself looks at are decoded when the rest goes out as it came in: CSV to CSV, or nothing but counts. */
static geo_status open_records(join *j, geo_err *err)
{
    const geo_join_options *o = j->o;
    geo_reader_options reading = o->reading;
    const char *const *wanted = NULL;
    geo_status st = wanted_columns(j, &wanted, &reading.keys, err);
    if (st < 0)
        return st;
    const bool place = any_step_by_place(j);
    reading.want_geometry = place;
    reading.steady = geo_writer_is_packed(o->output, j->format);
    reading.watch = o->watch;
    st = geo_label_find(o->records, o->policy, &reading.label, o->watch, err);
    if (st < 0)
        return st;
    reading.raise = o->raise;
    const bool csv = geo_join_to_csv(j), summed = o->count || o->figures;
    reading.columns = (summed && (!geo_figures_are_pairs(j) || o->keep)) || (!summed && (o->keep || csv)) ? wanted : NULL;
    reading.text_passes = csv && !summed && !o->keep;
    reading.try_geometry = !summed && (o->out_crs || !csv);
    reading.settle_types = !summed && !csv;
    reading.members = summed ? GEO_MEMBERS_UNREAD : members_of(o, j->format);
    st = geo_reader_begin(j->reader, &reading, err);
    j->label_class = geo_reader_class(j->reader);
    return st;
}

/* Which fields of the records go out. */
static geo_status plan_kept(join *j, const geo_schema *in, geo_err *err)
{
    const char *const *keep = j->o->keep;
    j->kept = geo_arena_array(&j->arena, in->fields_n + 1, sizeof *j->kept);
    if (!j->kept)
        return geo_err_nomem(err);
    for (size_t i = 0; i < in->fields_n; i++) {
        bool wanted = !keep || (in->fields[i].type == GEO_GEOMETRY && (!geo_join_to_csv(j) || j->o->out_crs));
        for (const char *const *k = keep; k && *k; k++)
            wanted |= geo_schema_find(in, *k) == (ptrdiff_t)i;
        if (wanted)
            j->kept[j->kept_n++] = i;
    }
    return GEO_OK;
}

/* Input fields, then the attached ones, whose names must be new. */
static geo_status plan_output(join *j, geo_err *err)
{
    const geo_schema *in = geo_reader_schema(j->reader);
    size_t most = in->fields_n;
    for (size_t i = 0; i < j->o->steps_n; i++)
        most += j->steps[i].fields_n;
    j->fields = geo_arena_array(&j->arena, most + 1, sizeof *j->fields);
    if (!j->fields)
        return geo_err_nomem(err);
    const geo_status st = plan_kept(j, in, err);
    if (st < 0)
        return st;
    for (size_t i = 0; i < j->kept_n; i++) {
        j->fields[i] = in->fields[j->kept[i]];
        j->fields[i].made &= !j->o->keep; /* its columns may have stayed behind */
    }
    j->schema = (geo_schema){j->kept_n, j->fields};
    for (size_t i = 0; i < j->o->steps_n; i++)
        for (size_t k = 0; k < j->steps[i].fields_n; k++) {
            const char *name = j->steps[i].names[k];
            if (geo_names_class(name))
                return geo_err_set(err, GEO_EARG, "'" GEO_CLASS_COLUMN "' is the column of classes: attach the field under another name");
            if (geo_schema_find(&j->schema, name) >= 0)
                return geo_err_set(err, GEO_EARG, "there is a field '%s' already: attach it under a new name, as FIELD:NEW_NAME", name);
            j->fields[j->schema.fields_n] = geo_table_schema(j->steps[i].table)->fields[k];
            j->fields[j->schema.fields_n++].name = name;
        }
    j->out_geometry = geo_schema_geometry(&j->schema);
    return !j->o->out_crs ? GEO_OK : geo_join_plan_move(j, j->out_geometry < 0 ? NULL : &j->fields[j->out_geometry], err);
}

/* Does the geometry of the records go out as such, not only as the columns that it was made of? */
static bool writes_shapes(const join *j)
{
    return !j->o->count && !j->o->figures && j->out_geometry >= 0 && !(geo_join_to_csv(j) && j->fields[j->out_geometry].made);
}

static geo_status open_writer(join *j, geo_err *err)
{
    geo_writer_options writing = j->o->writing;
    writing.watch = j->o->watch;
    writing.format = j->format;
    writing.text_fields_n = 0;
    if (geo_reader_has_text(j->reader) && geo_join_to_csv(j) && !j->o->keep) {
        const geo_schema *in = geo_reader_schema(j->reader);
        writing.text_fields_n = in->fields_n - (in->fields_n && in->fields[in->fields_n - 1].made);
    }
    return geo_writer_open(j->o->output, &j->schema, &writing, &j->writer, err);
}

/* What goes into a pipe goes in the format that came in, if nothing else is said. */
static geo_status look_at_records(join *j, geo_err *err)
{
    const geo_status st = geo_reader_look(j->o->records, j->o->watch, &j->reader, err);
    if (st == GEO_OK && !j->format && (strcmp(j->o->output, "-") == 0 || strcmp(j->o->output, "/dev/stdout") == 0))
        j->format = isatty(STDOUT_FILENO)                            ? NULL
                    : geo_reader_format(j->reader) == GEO_FORMAT_FGB ? "fgb"
                    : geo_reader_format(j->reader) == GEO_FORMAT_SEQ ? "geojsonl"
                                                                     : NULL;
    return st;
}

/* A count wants to know what it is for before it loads areas; else their loading is time in which the first records may come. */
static geo_status load(join *j, geo_err *err)
{
    geo_status st = j->o->count || j->o->figures ? look_at_records(j, err) : GEO_OK;
    for (size_t i = 0; st == GEO_OK && i < j->o->steps_n; i++) {
        st = geo_join_load_step(j, i, err);
        j->steps_class = geo_class_join(j->steps_class, j->steps[i].class_);
    }
    if (st == GEO_OK && !j->reader)
        st = look_at_records(j, err);
    if (st == GEO_OK && j->o->figures)
        st = geo_figures_load(j, err);
    if (st == GEO_OK)
        st = open_records(j, err);
    for (size_t i = 0; st == GEO_OK && i < j->o->steps_n; i++)
        st = geo_join_bind_step(j, i, err);
    return st;
}

/* For outputs that have types; not before keys are bound and groups made, which go by the text. */
static geo_status settle_lookups(join *j, geo_err *err)
{
    geo_status st = GEO_OK;
    for (size_t i = 0; st == GEO_OK && !geo_join_to_csv(j) && i < j->o->steps_n; i++)
        if (j->steps[i].lookup)
            st = geo_lookup_settle(j->steps[i].lookup, err);
    return st;
}

static void clear(join *j)
{
    geo_reader_close(j->reader);
    geo_writer_close(j->writer);
    geo_figures_free(j->figures, geo_tally_measures(j->tally));
    geo_tally_free(j->tally);
    geo_transform_free(j->out_transform);
    for (size_t i = 0; j->steps && i < j->o->steps_n; i++)
        geo_join_clear_step(&j->steps[i]);
    free(j->steps);
    geo_arena_clear(&j->arena);
    free(j);
}

static geo_status run_flow(join *j, geo_err *err)
{
    const geo_flow flow = {work, put, j};
    return geo_flow_run(j->reader, &flow, j->o->threads, &j->faults, err);
}

static geo_status run_count(join *j, geo_err *err)
{
    geo_status st = geo_tally_new(j, err);
    if (st == GEO_OK)
        st = settle_lookups(j, err);
    if (st == GEO_OK)
        st = run_flow(j, err);
    return st < 0 ? st : geo_tally_write(j, err);
}

static geo_status run_join(join *j, geo_err *err)
{
    geo_status st = settle_lookups(j, err);
    if (st == GEO_OK)
        st = plan_output(j, err);
    if (st == GEO_OK)
        st = open_writer(j, err);
    if (st == GEO_OK)
        st = run_flow(j, err);
    return st < 0 || j->report->written_n ? st : judge_no_rows(j, err);
}

geo_status geo_join_run(const geo_join_options *options, geo_join_report *report, geo_err *err)
{
    memset(report, 0, sizeof *report);
    report->moved_accuracy_m = -1;
    join *j = calloc(1, sizeof *j);
    if (!j || !(j->steps = calloc(options->steps_n + 1, sizeof *j->steps))) {
        free(j);
        return geo_err_nomem(err);
    }
    j->o = options;
    j->report = report;
    geo_status st = geo_writer_check(options->output, options->writing.force, err);
    j->format = options->writing.format;
    if (st == GEO_OK)
        st = load(j, err);
    if (st == GEO_OK)
        st = options->figures ? geo_figures_run(j, err) : options->count ? run_count(j, err) : run_join(j, err);
    if (st == GEO_OK)
        st = geo_writer_finish(j->writer, err);
    if (j->reader && geo_reader_unit(j->reader)) {
        report->faults = *geo_reader_faults(j->reader);
        geo_faults_merge(&report->faults, &j->faults, 0);
        if (st == GEO_OK && !writes_shapes(j)) /* then nothing of them is lost */
            report->faults.n[GEO_FAULT_FLATTENED] = 0;
        report->unit = geo_reader_unit(j->reader);
    }
    if (st == GEO_OK) {
        geo_join_tell_moving(j);
        geo_join_hint(j);
    }
    clear(j);
    return st;
}
