/* The gate: the one place that decides whether records may leave, and the one door to an output. */
#include "pass.h"
#include "sink.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

geo_status geo_gate_check(const geo_gate *gate, const geo_batch *b, geo_err *err)
{
    if (!gate->release)
        return GEO_OK;
    const geo_class most = gate->pass ? gate->pass->class_ : GEO_CLASS_OPEN;
    /* what has one class is judged by it even without rows: names of columns can say things too */
    const size_t judged_n = b->row_class ? b->rows_n : 1;
    for (size_t r = 0; r < judged_n; r++) {
        const geo_class c = geo_batch_class(b, r);
        if (c > most)
            return geo_err_set(
                err, GEO_EREFUSED,
                "refused: a release may hold open records only, and there are %s ones; nothing was written. geosdc check says how fine a "
                "table of them may be, and geosdc release writes it; leave out --release for a working file",
                geo_class_name(c));
    }
    return GEO_OK;
}

/* Words for --format, and ends of names, of the formats that are not GDAL's to write. */
static const struct {
    const char *word;
    geo_format format;
} WORDS[] = {{"csv", GEO_FORMAT_CSV},
             {"fgb", GEO_FORMAT_FGB},
             {"FlatGeobuf", GEO_FORMAT_FGB},
             {"geojsonl", GEO_FORMAT_SEQ},
             {"GeoJSONSeq", GEO_FORMAT_SEQ}},
  ENDS[] = {{".csv", GEO_FORMAT_CSV}, {".csv.gz", GEO_FORMAT_CSV}, {".fgb", GEO_FORMAT_FGB}};

geo_format geo_writer_format(const char *name, const char *format)
{
    for (size_t i = 0; format && i < sizeof WORDS / sizeof *WORDS; i++)
        if (strcasecmp(format, WORDS[i].word) == 0)
            return WORDS[i].format;
    if (format || geo_name_is_database(name)) /* whatever the name of its table ends in */
        return GEO_FORMAT_GDAL;
    /* devices and open descriptors have no extension to tell by; files in memory do */
    const bool device = (strncmp(name, "/dev/", 5) == 0 && strncmp(name, "/dev/shm/", 9) != 0) || strncmp(name, "/proc/self/fd/", 14) == 0;
    if (strcmp(name, "-") == 0 || device)
        return GEO_FORMAT_CSV;
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++)
        if (geo_name_ends(name, ENDS[i].word))
            return ENDS[i].format;
    return geo_name_is_sequence(name) ? GEO_FORMAT_SEQ : GEO_FORMAT_GDAL;
}

bool geo_writer_is_packed(const char *name, const char *format)
{
    return geo_writer_format(name, format) == GEO_FORMAT_CSV && geo_name_ends(name, ".gz");
}

void geo_layer_name(const char *file, const char *wanted, char *out, size_t room)
{
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file, *dot = strrchr(base, '.');
    if (wanted)
        snprintf(out, room, "%s", wanted);
    else
        snprintf(out, room, "%.*s", dot && dot > base ? (int)(dot - base) : (int)strlen(base), base);
}

geo_status geo_writer_open(const char *name, const geo_schema *schema, const geo_writer_options *options, geo_writer **out, geo_err *err)
{
    geo_writer *w = calloc(1, sizeof *w);
    if (!w)
        return geo_err_nomem(err);
    w->gate = (geo_gate){.release = options->release, .pass = options->pass};
    w->watch = options->watch;
    geo_status st = GEO_EARG;
    switch (geo_writer_format(name, options->format)) {
    case GEO_FORMAT_CSV: st = geo_csv_create(name, schema, options, w, err); break;
    case GEO_FORMAT_FGB: st = geo_fgb_create(name, schema, options, w, err); break;
    case GEO_FORMAT_SEQ: st = geo_seq_create(name, schema, options, w, err); break;
    case GEO_FORMAT_GDAL: st = geo_gdal_create(name, schema, options, w, err); break;
    }
    if (st < 0) {
        free(w);
        return st;
    }
    *out = w;
    return GEO_OK;
}

geo_status geo_writer_encode(const geo_writer *w, const geo_batch *batch, geo_bytes *out, geo_err *err)
{
    const geo_status st = geo_gate_check(&w->gate, batch, err);
    return st < 0 ? st : w->sink->encode(w->state, batch, out, err);
}

geo_status geo_writer_put(geo_writer *w, const geo_batch *batch, const geo_bytes *bytes, geo_err *err)
{
    const geo_status st = geo_gate_check(&w->gate, batch, err); /* again: a caller may skip geo_writer_encode */
    return st < 0 ? st : w->sink->put(w->state, batch, bytes, err);
}

geo_status geo_writer_finish(geo_writer *w, geo_err *err)
{
    /* the end of an input may be the end of a writer that the same signal reached first: then what came is not all */
    if (geo_watch_stopped(w->watch))
        return geo_err_set(err, GEO_ESTOP, "interrupted");
    return w->sink->finish(w->state, err);
}

void geo_writer_close(geo_writer *w)
{
    if (!w)
        return;
    w->sink->close(w->state);
    free(w);
}
