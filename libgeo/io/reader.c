/* The reader that callers see, in front of the drivers; and the flow that runs one on several threads. */
#include "geo/reader.h"

#include "geo/parallel.h"
#include "source.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static bool ends_with(const char *s, const char *end)
{
    const size_t n = strlen(s), k = strlen(end);
    return n >= k && strcasecmp(s + n - k, end) == 0;
}

/* Pipes carry CSV; so do files that say so by their names. */
bool geo_reader_is_text(const char *name)
{
    struct stat about;
    if (strcmp(name, "-") == 0 || ends_with(name, ".csv") || ends_with(name, ".csv.gz"))
        return true;
    return stat(name, &about) == 0 && (S_ISFIFO(about.st_mode) || S_ISCHR(about.st_mode));
}

geo_status geo_reader_open(const char *name, const geo_reader_options *options, geo_reader **out, geo_err *err)
{
    geo_reader *r = calloc(1, sizeof *r);
    if (!r)
        return geo_err_nomem(err);
    r->watch = options->watch;
    r->piece.bad_line = -1;
    const bool csv = geo_reader_is_text(name);
    geo_status st;
    if (csv && (options->where || options->layer))
        st = geo_err_set(err, GEO_EARG, "%s does not work on CSV ('%s'): filter it with a tool of its own, or convert it to a GeoPackage",
                         options->where ? "--where" : "--layer", name);
    else
        st = csv ? geo_csv_open(name, options, r, err) : geo_gdal_open(name, options, r, err);
    if (st < 0) {
        free(r);
        return st;
    }
    strncat(r->name, strcmp(name, "-") == 0 ? "standard input" : name, sizeof r->name - 1);
    *out = r;
    return GEO_OK;
}

static void clear_piece(geo_reader *r, geo_piece *piece)
{
    if (r->driver->drop)
        r->driver->drop(r->state, piece);
    geo_bytes_clear(&piece->raw);
    geo_arena_clear(&piece->arena);
}

void geo_reader_close(geo_reader *r)
{
    if (!r)
        return;
    clear_piece(r, &r->piece);
    r->driver->close(r->state);
    free(r);
}

const geo_schema *geo_reader_schema(const geo_reader *r)
{
    return &r->schema;
}

bool geo_reader_has_text(const geo_reader *r)
{
    return r->has_text;
}

const char *geo_reader_unit(const geo_reader *r)
{
    return r->unit;
}

const geo_faults *geo_reader_faults(const geo_reader *r)
{
    return &r->faults;
}

int64_t geo_reader_rows(const geo_reader *r)
{
    return r->rows_n;
}

void geo_reader_settle(geo_reader *r, geo_piece *piece)
{
    geo_faults_merge(&r->faults, &piece->faults, r->next_line);
    piece->batch.first_line = r->next_line;
    r->next_line += piece->lines_n;
    r->rows_n += (int64_t)piece->batch.rows_n;
}

static void reset_piece(geo_piece *piece)
{
    geo_arena_reset(&piece->arena);
    memset(&piece->faults, 0, sizeof piece->faults);
    piece->lines_n = 0;
    piece->bad_line = -1;
    piece->batch = (geo_batch){0};
}

/* Say on which line decoding failed. */
static geo_status decode_failed(const geo_reader *r, const geo_piece *piece, geo_status st, geo_err *err)
{
    return piece->bad_line < 0 ? st : geo_err_wrap(err, st, "%s %lld", r->unit, (long long)(r->next_line + piece->bad_line));
}

geo_status geo_reader_next(geo_reader *r, const geo_batch **batch, geo_err *err)
{
    geo_piece *piece = &r->piece;
    do {
        reset_piece(piece);
        geo_status st = r->driver->fetch(r->state, piece, err);
        if (st != GEO_OK)
            return st;
        st = r->driver->decode(r->state, piece, err);
        if (st < 0)
            return decode_failed(r, piece, st, err);
        geo_reader_settle(r, piece);
    } while (piece->batch.rows_n == 0);
    *batch = &piece->batch;
    return GEO_OK;
}

/* ---- flows ---- */

/*
 * Every thread does the same: take the next piece (under one lock), decode and work on it, wait until all earlier pieces are put, put it.
 * Pieces are of equal size, so the waiting is short; there is no queue, and memory is that of one piece a thread.
 */
typedef struct flow_run {
    geo_reader *reader;
    const geo_flow *flow;
    geo_faults *faults;
    pthread_mutex_t fetching, putting;
    pthread_cond_t turn_changed;
    int64_t fetched_n, turn; /* pieces taken; the piece whose turn it is to be put */
    bool ended;              /* nothing more to fetch */
    geo_status st;           /* first failure, in order */
    geo_err err;
} flow_run;

typedef struct stand {
    geo_piece piece;
    geo_arena arena;
    geo_bytes bytes;
    geo_faults faults;
    geo_err err;
} stand;

static geo_status take_piece(flow_run *run, stand *s, int64_t *number)
{
    pthread_mutex_lock(&run->fetching);
    geo_status st = GEO_DONE;
    if (!run->ended) {
        reset_piece(&s->piece);
        st = run->reader->driver->fetch(run->reader->state, &s->piece, &s->err);
        *number = run->fetched_n;
        if (st == GEO_OK)
            run->fetched_n++;
        else
            run->ended = true;
    }
    pthread_mutex_unlock(&run->fetching);
    return st;
}

static void wait_for_turn(flow_run *run, int64_t number)
{
    pthread_mutex_lock(&run->putting);
    while (run->turn != number)
        pthread_cond_wait(&run->turn_changed, &run->putting);
}

static void end_turn(flow_run *run)
{
    run->turn++;
    pthread_cond_broadcast(&run->turn_changed);
    pthread_mutex_unlock(&run->putting);
}

/* Under the putting lock: number the lines, hand on the result; or note the failure and stop the others. */
static void put_piece(flow_run *run, stand *s, geo_parcel *parcel, geo_status st)
{
    if (run->st < 0)
        return;
    if (st < 0)
        st = decode_failed(run->reader, &s->piece, st, &s->err);
    if (st == GEO_OK) {
        const int64_t first_line = run->reader->next_line;
        geo_reader_settle(run->reader, &s->piece);
        parcel->out.first_line = first_line;
        if (run->faults)
            geo_faults_merge(run->faults, &s->faults, first_line);
        if (parcel->in->rows_n)
            st = run->flow->put(run->flow->ctx, parcel, &s->err);
    }
    if (st < 0) {
        run->st = st;
        run->err = s->err;
        pthread_mutex_lock(&run->fetching);
        run->ended = true;
        pthread_mutex_unlock(&run->fetching);
    }
}

static void flow_thread(void *ctx, int thread)
{
    (void)thread;
    flow_run *run = ctx;
    stand *s = calloc(1, sizeof *s);
    if (!s) {
        pthread_mutex_lock(&run->putting);
        if (run->st == GEO_OK)
            run->st = geo_err_nomem(&run->err);
        pthread_mutex_unlock(&run->putting);
        pthread_mutex_lock(&run->fetching);
        run->ended = true;
        pthread_mutex_unlock(&run->fetching);
        return;
    }
    for (;;) {
        int64_t number = 0;
        geo_status st = take_piece(run, s, &number);
        if (st == GEO_DONE)
            break;
        const bool fetched = st == GEO_OK;
        geo_arena_reset(&s->arena);
        s->bytes.n = 0;
        memset(&s->faults, 0, sizeof s->faults);
        geo_parcel parcel = {.in = &s->piece.batch, .arena = &s->arena, .bytes = &s->bytes, .faults = &s->faults};
        if (st == GEO_OK)
            st = run->reader->driver->decode(run->reader->state, &s->piece, &s->err);
        if (st == GEO_OK && s->piece.batch.rows_n) {
            parcel.out = s->piece.batch;
            st = run->flow->work(run->flow->ctx, &parcel, &s->err);
        }
        wait_for_turn(run, number);
        put_piece(run, s, &parcel, st);
        end_turn(run);
        if (!fetched)
            break;
    }
    clear_piece(run->reader, &s->piece);
    geo_arena_clear(&s->arena);
    geo_bytes_clear(&s->bytes);
    free(s);
}

geo_status geo_flow_run(geo_reader *reader, const geo_flow *flow, int threads, geo_faults *faults, geo_err *err)
{
    flow_run run = {.reader = reader,
                    .flow = flow,
                    .faults = faults,
                    .fetching = PTHREAD_MUTEX_INITIALIZER,
                    .putting = PTHREAD_MUTEX_INITIALIZER,
                    .turn_changed = PTHREAD_COND_INITIALIZER};
    geo_parallel_run(threads, flow_thread, &run);
    if (run.st < 0 && err)
        *err = run.err;
    return run.st;
}
