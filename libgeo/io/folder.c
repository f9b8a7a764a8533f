/*
 * Files that another library writes. They are made in a hidden directory beside their places and moved out when all are complete, so that
 * nobody ever sees half a GeoPackage. Several files cannot be moved in one step: whatever a move replaces is kept in the hidden directory
 * until the last one is done, and a move that fails puts everything back. The file that bears the name of the output comes last.
 *
 * Files that belong to an output (the .prj and .qix of a shapefile, the -wal of a GeoPackage) would be read together with it, so those of
 * an output that was here before must not stay: with force they go, as GDAL itself deletes them with a shapefile; without, they count as
 * the output itself, which is not replaced. Styles, metadata and labels (.qml, .shp.xml, .sdc) are somebody's own writing and stay.
 */
#define _GNU_SOURCE /* mkdtemp, nftw */
#include "../core/vec.h"
#include "pass.h"
#include "sink.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct geo_folder {
    char *name, *directory, *inside; /* the output; the hidden directory, empty until it is there; the output in it */
    const char *const *belongings;
    bool force;
};

/* One file and its place. */
typedef struct move {
    char *from; /* in the hidden directory; NULL: something left over, which only goes */
    char *to;
    char *old; /* where what is replaced is kept */
    bool kept, done;
} move;

static const char *base_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

/* Two texts as one, in malloc'd memory; the first may be cut. */
static char *joined(const char *a, size_t an, const char *between, const char *b)
{
    const size_t room = an + strlen(between) + strlen(b) + 1;
    char *text = malloc(room);
    if (text)
        snprintf(text, room, "%.*s%s%s", (int)an, a, between, b);
    return text;
}

/* The name of a belonging: ".prj" takes the place of the extension, "-wal" is added. */
static char *belonging_name(const char *name, const char *belonging)
{
    const char *dot = strrchr(base_of(name), '.');
    return joined(name, *belonging == '.' && dot ? (size_t)(dot - name) : strlen(name), "", belonging);
}

/* ---- moving out ---- */

static geo_status add_move(geo_vec *moves, char *from, char *to, char *old, geo_err *err)
{
    if (!to || !old || !geo_vec_reserve(moves, 1, sizeof(move))) {
        free(from);
        free(to);
        free(old);
        return geo_err_nomem(err);
    }
    ((move *)moves->items)[moves->n++] = (move){.from = from, .to = to, .old = old};
    return GEO_OK;
}

static void clear_moves(geo_vec *moves)
{
    move *all = moves->items;
    for (size_t i = 0; i < moves->n; i++) {
        free(all[i].from);
        free(all[i].to);
        free(all[i].old);
    }
    geo_vec_clear(moves);
}

static geo_status add_leftovers(const geo_folder *f, geo_vec *moves, geo_err *err)
{
    struct stat about;
    geo_status st = GEO_OK;
    for (const char *const *b = f->belongings; st == GEO_OK && b && *b; b++) {
        char *to = belonging_name(f->name, *b), *inside = belonging_name(f->inside, *b);
        if (!to || !inside)
            st = geo_err_nomem(err);
        if (st == GEO_OK && lstat(inside, &about) != 0 && lstat(to, &about) == 0) {
            st = add_move(moves, NULL, to, joined(f->directory, strlen(f->directory), "/~", base_of(to)), err);
            to = NULL;
        }
        free(to);
        free(inside);
    }
    return st;
}

static geo_status add_files(const geo_folder *f, geo_vec *moves, geo_err *err)
{
    DIR *dir = opendir(f->directory);
    if (!dir)
        return geo_err_set(err, GEO_EIO, "cannot write '%s': %s", geo_name_shown(f->name), strerror(errno));
    const char *base = base_of(f->name);
    const size_t before = moves->n;
    geo_status st = GEO_OK;
    for (struct dirent *e; st == GEO_OK && (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        char *from = joined(f->directory, strlen(f->directory), "/", e->d_name);
        st = from ? add_move(moves, from, joined(f->name, (size_t)(base - f->name), "", e->d_name),
                             joined(f->directory, strlen(f->directory), "/~", e->d_name), err)
                  : geo_err_nomem(err);
    }
    closedir(dir);
    if (st == GEO_OK && moves->n == before)
        st = geo_err_set(err, GEO_EIO, "cannot write '%s': GDAL made no file", geo_name_shown(f->name));
    move *all = moves->items;
    for (size_t i = before; i < moves->n; i++)
        if (strcmp(all[i].to, f->name) == 0) {
            const move last = all[i];
            all[i] = all[moves->n - 1];
            all[moves->n - 1] = last;
            break;
        }
    return st;
}

static geo_status check_place(const geo_folder *f, const char *to, geo_err *err)
{
    struct stat about;
    if (lstat(to, &about) != 0)
        return GEO_OK;
    if (!f->force)
        return geo_err_set(err, GEO_EARG, "'%s' or a file that belongs to it exists: add --force to replace it", geo_name_shown(f->name));
    if (!S_ISREG(about.st_mode) && !S_ISLNK(about.st_mode))
        return geo_err_set(err, GEO_EARG, "cannot write '%s': something that is no file has the name of a file that belongs to it",
                           geo_name_shown(f->name));
    return GEO_OK;
}

/* A second name for what stands at the place, so that it can come back; where the file system has none, it moves. */
static bool keep_old(move *m)
{
    struct stat about;
    if (lstat(m->to, &about) != 0)
        return true;
    m->kept = (m->from && link(m->to, m->old) == 0) || rename(m->to, m->old) == 0;
    return m->kept;
}

static bool move_one(const geo_folder *f, move *m)
{
    struct stat about; /* a file that is new beside an old output is as much of it as the others */
    if (f->force && m->from && !geo_mode_keep(m->from, lstat(m->to, &about) == 0 ? m->to : f->name))
        return false;
    if (f->force && !keep_old(m))
        return false;
    m->done = !m->from || (f->force ? rename(m->from, m->to) : geo_rename_new(m->from, m->to)) == 0;
    return m->done;
}

static void undo(move *m)
{
    if (m->kept)
        (void)rename(m->old, m->to);
    else if (m->done && m->from)
        (void)rename(m->to, m->from);
}

/* A release is one file, or its digest would not tell whether it is still what was released. */
static geo_status seal(const geo_folder *f, const geo_vec *moves, const struct geo_pass *pass, geo_err *err)
{
    if (moves->n != 1)
        return geo_err_set(err, GEO_EARG, "cannot release '%s': a release is one file, and this format makes several: write .gpkg or .csv",
                           geo_name_shown(f->name));
    return pass->seal(pass->ctx, f->inside, err);
}

geo_status geo_folder_commit(geo_folder *f, const struct geo_pass *pass, geo_err *err)
{
    geo_vec moves = {0};
    geo_status st = add_leftovers(f, &moves, err);
    if (st == GEO_OK)
        st = add_files(f, &moves, err);
    move *all = moves.items;
    for (size_t i = 0; st == GEO_OK && i < moves.n; i++)
        st = check_place(f, all[i].to, err);
    if (st == GEO_OK && pass)
        st = seal(f, &moves, pass, err);
    for (size_t i = 0; st == GEO_OK && i < moves.n; i++)
        if (!move_one(f, &all[i])) {
            st = geo_err_set(err, GEO_EIO, "cannot write '%s': %s", geo_name_shown(f->name), strerror(errno));
            for (size_t k = i + 1; k-- > 0;)
                undo(&all[k]);
        }
    clear_moves(&moves);
    return st;
}

/* ---- the hidden directory ---- */

static geo_status check_belongings(const geo_folder *f, geo_err *err)
{
    geo_status st = GEO_OK;
    for (const char *const *b = f->belongings; st == GEO_OK && b && *b; b++) {
        char *to = belonging_name(f->name, *b);
        st = to ? check_place(f, to, err) : geo_err_nomem(err);
        free(to);
    }
    return st;
}

geo_status geo_folder_new(const char *name, const char *const *belongings, bool force, geo_folder **out, geo_err *err)
{
    geo_folder *f = calloc(1, sizeof *f);
    if (!f)
        return geo_err_nomem(err);
    f->belongings = belongings;
    f->force = force;
    f->name = geo_output_place(name);
    f->directory = f->name ? geo_hidden_name(f->name) : NULL;
    geo_status st = f->name && f->directory ? check_belongings(f, err) : geo_err_nomem(err);
    bool made = false;
    if (st == GEO_OK && !(made = mkdtemp(f->directory) != NULL))
        st = geo_err_set(err, GEO_EIO, "cannot write '%s': %s", geo_name_shown(name), strerror(errno));
    if (made && !(f->inside = joined(f->directory, strlen(f->directory), "/", base_of(f->name))))
        st = geo_err_nomem(err);
    if (!made && f->directory)
        f->directory[0] = '\0'; /* nothing to discard */
    if (st < 0) {
        geo_folder_close(f);
        return st;
    }
    *out = f;
    return GEO_OK;
}

const char *geo_folder_inside(const geo_folder *f)
{
    return f->inside;
}

static int discard(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about, (void)kind, (void)at;
    (void)remove(path); /* whatever stays, the others need not */
    return 0;
}

void geo_folder_close(geo_folder *f)
{
    if (!f)
        return;
    if (f->directory && *f->directory)
        (void)nftw(f->directory, discard, 16, FTW_DEPTH | FTW_PHYS);
    free(f->name);
    free(f->directory);
    free(f->inside);
    free(f);
}
