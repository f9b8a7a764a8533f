/* What stands behind a geo_writer: one driver a format, and the files they write to. */
#ifndef GEO_IO_SINK_H
#define GEO_IO_SINK_H

#include "geo/writer.h"

/* What the gate lets through and how records carry their class. */
typedef struct geo_gate {
    bool release;
    const struct geo_pass *pass; /* NULL: only open records leave */
} geo_gate;

/* GEO_EREFUSED when a record of the batch may not leave by this output. */
geo_status geo_gate_check(const geo_gate *gate, const geo_batch *batch, geo_err *err);

typedef struct geo_sink {
    geo_status (*encode)(const void *state, const geo_batch *batch, geo_bytes *out, geo_err *err);
    geo_status (*put)(void *state, const geo_batch *batch, const geo_bytes *bytes, geo_err *err);
    geo_status (*finish)(void *state, geo_err *err);
    void (*close)(void *state);
} geo_sink;

struct geo_writer {
    const geo_sink *sink;
    void *state;
    geo_gate gate;
    const geo_watch *watch;
};

geo_status geo_csv_create(const char *name, const geo_schema *schema, const geo_writer_options *o, geo_writer *w, geo_err *err);
geo_status geo_fgb_create(const char *name, const geo_schema *schema, const geo_writer_options *o, geo_writer *w, geo_err *err);
geo_status geo_seq_create(const char *name, const geo_schema *schema, const geo_writer_options *o, geo_writer *w, geo_err *err);
geo_status geo_gdal_create(const char *name, const geo_schema *schema, const geo_writer_options *o, geo_writer *w, geo_err *err);

/* What to call a layer: as asked for, or by the name of the file without its extension. */
void geo_layer_name(const char *file, const char *wanted, char *out, size_t room);

/*
 * Bytes out: standard output, a device or pipe, or a file that has no name until it is complete. Of a release no byte leaves before
 * geo_output_commit, wherever it goes.
 */
typedef struct geo_output geo_output;

/* Does it go where bytes cannot be taken back? So does what is open already, be it a file: that is nobody's to replace. */
bool geo_output_is_direct(const char *name);

/* The file behind links, in malloc'd memory: they are followed, never replaced. NULL when memory is out. */
char *geo_output_place(const char *name);

geo_status geo_output_open(const char *name, const geo_writer_options *options, geo_output **out, geo_err *err);
/* For what is kept beside a file: it takes the place of whatever has the name, links are not followed, and the mode is that of `like`. */
geo_status geo_output_open_beside(const char *name, const char *like, const geo_watch *watch, geo_output **out, geo_err *err);
geo_status geo_output_write(geo_output *o, const char *data, size_t n, geo_err *err);
geo_status geo_output_commit(geo_output *o, geo_err *err);
void geo_output_close(geo_output *o);

/* Append n bytes as one gzip member: members one after another are a gzip file. */
geo_status geo_gzip(const char *data, size_t n, geo_bytes *out, geo_err *err);

/*
 * Files that another library writes: made in a hidden directory, moved out when complete. belongings (NULL-terminated, may be NULL, lent)
 * are what else belongs to the output: ".prj" in place of its extension, "-wal" behind its name.
 */
typedef struct geo_folder geo_folder;
geo_status geo_folder_new(const char *name, const char *const *belongings, bool force, geo_folder **out, geo_err *err);
const char *geo_folder_inside(const geo_folder *f); /* the name under which to write */
geo_status geo_folder_commit(geo_folder *f, const struct geo_pass *pass, geo_err *err);
void geo_folder_close(geo_folder *f);

/* Is this the name of a table of PostGIS (PG:...)? GEO_EARG when it must not be written, or cannot be. */
bool geo_postgis_is(const char *name);
geo_status geo_postgis_check(const char *name, bool force, geo_err *err);

/* The directory of a file name, in malloc'd memory; NULL when memory is out. */
char *geo_directory_of(const char *name);

/* A template as of mkdtemp: a hidden name beside the file, in malloc'd memory; NULL when memory is out. */
char *geo_hidden_name(const char *name);

/* Give a new file the mode of the one it will replace, if there is one, and its owner and group where we may. False: errno says why. */
bool geo_mode_keep(const char *file, const char *replaced);

/* As rename, but -1 with EEXIST where something has that name. */
int geo_rename_new(const char *from, const char *to);

#endif
