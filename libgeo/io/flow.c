/*
 * A flow on several threads. Every thread does the same: take a free stand, fetch the next piece onto it (under one lock), decode it and
 * work on it, and lay it down finished. Whoever lays down the piece whose turn it is puts it, and all finished ones that follow. There are
 * two stands a thread, so that nobody waits for a slower neighbour, and memory is that of the pieces on them.
 */
#include "geo/parallel.h"
#include "source.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct stand {
    geo_piece piece;
    geo_arena arena;
    geo_bytes bytes;
    geo_faults faults;
    geo_parcel parcel;
    geo_err err;
    geo_status st; /* of fetching, decoding and working */
    bool taken, finished;
} stand;

typedef struct flow_run {
    geo_reader *reader;
    const geo_flow *flow;
    geo_faults *faults;
    pthread_mutex_t fetching;
    int64_t fetched_n;
    bool ended;           /* nothing more to fetch; under `fetching` */
    pthread_mutex_t lock; /* for all below */
    pthread_cond_t changed;
    stand *stands;
    size_t stands_n;
    stand **laid;  /* piece number n, taken or finished, is at laid[n % stands_n] */
    int64_t turn;  /* number of the piece to be put next */
    bool putting;  /* somebody is at it */
    geo_status st; /* first failure, in order */
    geo_err err;
} flow_run;

static stand *take_stand(flow_run *run)
{
    stand *free_one = NULL;
    pthread_mutex_lock(&run->lock);
    for (;;) {
        for (size_t i = 0; i < run->stands_n && !free_one; i++)
            if (!run->stands[i].taken)
                free_one = &run->stands[i];
        if (free_one)
            break;
        pthread_cond_wait(&run->changed, &run->lock);
    }
    free_one->taken = true;
    free_one->finished = false;
    pthread_mutex_unlock(&run->lock);
    return free_one;
}

static void free_stand(flow_run *run, stand *s)
{
    pthread_mutex_lock(&run->lock);
    s->taken = false;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
}

/* The lock may be with a thread that waits for a silent pipe: it is told to give up. */
static void end_fetching(flow_run *run)
{
    if (run->reader->driver->abandon)
        run->reader->driver->abandon(run->reader->state);
    pthread_mutex_lock(&run->fetching);
    run->ended = true;
    pthread_mutex_unlock(&run->fetching);
}

/* False when there is nothing more to fetch; a failure is a piece like any other, so that it is told in its turn. */
static bool fetch(flow_run *run, stand *s)
{
    pthread_mutex_lock(&run->fetching);
    s->st = GEO_DONE;
    if (!run->ended) {
        geo_piece_reset(&s->piece);
        s->st = run->reader->driver->fetch(run->reader->state, &s->piece, &s->err);
        run->ended = s->st != GEO_OK;
    }
    if (s->st != GEO_DONE) {
        pthread_mutex_lock(&run->lock);
        run->laid[run->fetched_n++ % (int64_t)run->stands_n] = s;
        pthread_mutex_unlock(&run->lock);
    }
    pthread_mutex_unlock(&run->fetching);
    return s->st != GEO_DONE;
}

static void decode_and_work(flow_run *run, stand *s)
{
    geo_arena_reset(&s->arena);
    s->bytes.n = 0;
    memset(&s->faults, 0, sizeof s->faults);
    s->parcel = (geo_parcel){.in = &s->piece.batch, .arena = &s->arena, .bytes = &s->bytes, .faults = &s->faults};
    if (s->st == GEO_OK)
        s->st = run->reader->driver->decode(run->reader->state, &s->piece, &s->err);
    if (s->st == GEO_OK && s->piece.batch.rows_n) {
        s->parcel.out = s->piece.batch;
        s->st = run->flow->work(run->flow->ctx, &s->parcel, &s->err);
    }
}

/* In order, one at a time: number the lines, hand on the result; or keep the failure and stop the others. */
static void put_piece(flow_run *run, stand *s)
{
    if (run->st < 0)
        return;
    geo_status st = s->st < 0 ? geo_reader_decode_failed(run->reader, &s->piece, s->st, &s->err) : GEO_OK;
    if (st == GEO_OK) {
        const int64_t first_line = run->reader->next_line;
        geo_reader_settle(run->reader, &s->piece);
        s->parcel.out.first_line = first_line;
        if (run->faults)
            geo_faults_merge(run->faults, &s->faults, first_line);
        if (s->piece.batch.rows_n)
            st = run->flow->put(run->flow->ctx, &s->parcel, &s->err);
    }
    if (st < 0) {
        run->st = st;
        run->err = s->err;
        end_fetching(run);
    }
}

/* Lay down a finished piece; put it and those after it if it is its turn and nobody else is putting. */
static void lay_down(flow_run *run, stand *s)
{
    pthread_mutex_lock(&run->lock);
    s->finished = true;
    while (!run->putting) {
        stand *next = run->laid[run->turn % (int64_t)run->stands_n];
        if (!next || !next->finished)
            break;
        run->laid[run->turn % (int64_t)run->stands_n] = NULL;
        run->putting = true;
        pthread_mutex_unlock(&run->lock);
        put_piece(run, next);
        pthread_mutex_lock(&run->lock);
        run->putting = false;
        run->turn++;
        next->taken = false;
        pthread_cond_broadcast(&run->changed);
    }
    pthread_mutex_unlock(&run->lock);
}

static void flow_thread(void *ctx, int thread)
{
    (void)thread;
    flow_run *run = ctx;
    for (;;) {
        stand *s = take_stand(run);
        if (!fetch(run, s)) {
            free_stand(run, s);
            return;
        }
        decode_and_work(run, s);
        lay_down(run, s);
    }
}

geo_status geo_flow_run(geo_reader *reader, const geo_flow *flow, int threads, geo_faults *faults, geo_err *err)
{
    const size_t stands_n = threads > 1 ? 2 * (size_t)threads : 1;
    flow_run run = {.reader = reader,
                    .flow = flow,
                    .faults = faults,
                    .fetching = PTHREAD_MUTEX_INITIALIZER,
                    .lock = PTHREAD_MUTEX_INITIALIZER,
                    .changed = PTHREAD_COND_INITIALIZER,
                    .stands = calloc(stands_n, sizeof *run.stands),
                    .stands_n = stands_n,
                    .laid = calloc(stands_n, sizeof(stand *))};
    if (run.stands && run.laid)
        geo_parallel_run(threads, flow_thread, &run);
    else
        run.st = geo_err_nomem(&run.err);
    for (size_t i = 0; run.stands && i < stands_n; i++) {
        geo_piece_clear(reader, &run.stands[i].piece);
        geo_arena_clear(&run.stands[i].arena);
        geo_bytes_clear(&run.stands[i].bytes);
    }
    free(run.stands);
    free(run.laid);
    if (run.st == GEO_OK)
        geo_reader_tell_left_out(reader);
    if (run.st < 0 && err)
        *err = run.err;
    return run.st;
}
