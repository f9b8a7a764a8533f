/* Cutting a stream of bytes into chunks of whole records: what the readers of CSV, FlatGeobuf and GeoJSON sequences have in common. */
#ifndef GEO_IO_CHUNKS_H
#define GEO_IO_CHUNKS_H

#include "source.h"

#define GEO_CHUNK_BYTES ((size_t)3 << 18)
#define GEO_CHUNK_MOST ((size_t)1 << 28) /* places in a chunk have 31 bits, and Windows-1252 may grow threefold */
#define GEO_CHUNK_PADDING 64             /* zeros behind the bytes of a chunk, for those who look ahead */

typedef struct geo_chunks {
    geo_input *in;
    size_t (*whole)(const char *bytes, size_t n); /* how many of them make whole records; set once the format is known */
    const char *too_long;                         /* what is wrong with a record beyond GEO_CHUNK_MOST */
    bool steady;                                  /* do not cut a chunk short where a pipe is silent */
    size_t bytes;                                 /* of a chunk, about */
    geo_bytes carry;                              /* read, and not handed out yet */
    bool started, at_end;                         /* past a byte-order mark; past the last byte */
    const geo_watch *watch;
    char name[256]; /* for messages */
} geo_chunks;

geo_status geo_chunks_open(const char *name, const geo_watch *watch, geo_chunks *c, geo_err *err);
void geo_chunks_close(geo_chunks *c);

/* Read until there are n bytes in c->carry, or the stream has ended; a byte-order mark at its start is dropped. */
geo_status geo_chunks_look(geo_chunks *c, size_t n, geo_err *err);

/* The first of the bytes that have been looked at that is no blank, 0: there is none. */
char geo_chunks_first(const geo_chunks *c);

/* How large chunks may be where each record has so many decoded fields: their places in a chunk take memory too. */
size_t geo_chunk_bytes(size_t bytes, size_t fields_n);

/* Pass over the first n bytes of c->carry. */
void geo_chunks_drop(geo_chunks *c, size_t n);

/*
 * The next whole records into raw, at least about `least` bytes of them; none at the end of the stream, where what is left comes out as it
 * is. A pipe that is silent for a spell gives what has come, unless c->steady. Else where a chunk ends depends on the input and on `least`
 * alone, never on the buffer or on who reads: packed output is cut where the chunks are.
 */
geo_status geo_chunks_next(geo_chunks *c, geo_bytes *raw, size_t least, geo_err *err);

/* Put back what geo_chunks_next has given, which is taken over. */
bool geo_chunks_return(geo_chunks *c, geo_bytes *raw);

/* Back to the start of the stream; false: a pipe. */
bool geo_chunks_rewind(geo_chunks *c);

/* Openers of streams, as those of source.h; the chunks become theirs, and are closed when they fail. */
geo_status geo_csv_open(geo_chunks *chunks, const geo_reader_options *o, geo_reader *r, geo_err *err);
geo_status geo_seq_open(geo_chunks *chunks, const geo_reader_options *o, geo_reader *r, geo_err *err);
geo_status geo_fgb_open(geo_chunks *chunks, const geo_reader_options *o, geo_reader *r, geo_err *err);

/* Fetch as a driver does (source.h): the next chunk into piece->raw, GEO_DONE at the end. */
geo_status geo_chunks_fetch(geo_chunks *c, geo_piece *piece, geo_err *err);

#endif
