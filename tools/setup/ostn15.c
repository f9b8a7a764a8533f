/*
 * Make the OSTN15 grid of libgeo/place/ostn15.h from the two files of Debian's libgeo-coordinates-osgb-perl: ostn15 FOLDER OUTPUT.
 *
 * Each of them holds the shifts of one direction above the least, which its name ends in: uint16, little-endian, mm, in rows from the
 * south-west corner. They are what the package's own transformation reads; whether they are OSTN15 the tests tell, by points of the
 * Ordnance Survey.
 */
#include "place/ostn15.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void fail(const char *what, const char *name)
{
    fprintf(stderr, "ostn15: %s '%s'%s%s\n", what, name, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

/* Read the file of the folder whose name starts with `start`, into `to` and every fourth byte pair on; returns the least shift. */
static int32_t take(const char *folder, const char *start, unsigned char *to)
{
    char name[4096] = "";
    DIR *d = opendir(folder);
    if (!d)
        fail("cannot open", folder);
    long least = 0;
    for (struct dirent *f; !*name && (f = readdir(d));)
        if (strncmp(f->d_name, start, strlen(start)) == 0) {
            char *end;
            least = strtol(f->d_name + strlen(start), &end, 10);
            if (*end == '\0' && end != f->d_name + strlen(start))
                snprintf(name, sizeof name, "%s/%s", folder, f->d_name);
        }
    closedir(d);
    errno = 0;
    if (!*name)
        fail("no shifts in", folder);
    FILE *in = fopen(name, "rb");
    if (!in)
        fail("cannot open", name);
    for (size_t i = 0; i < OSTN15_NODES; i++)
        if (fread(to + 4 * i, 1, 2, in) != 2)
            fail("too short:", name);
    if (getc(in) != EOF)
        fail("too long:", name);
    fclose(in);
    return (int32_t)least;
}

static void put32(unsigned char *to, int32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)((uint32_t)value >> 8 * i);
}

int main(int argc, char **argv)
{
    unsigned char *bytes = malloc(OSTN15_BYTES);
    if (argc != 3 || !bytes)
        return 2;
    memcpy(bytes, OSTN15_MAGIC, sizeof OSTN15_MAGIC - 1);
    unsigned char *nodes = bytes + OSTN15_HEADER_BYTES, *digest = bytes + OSTN15_BYTES - OSTN15_DIGEST_BYTES;
    put32(bytes + 16, take(argv[1], "ostn_east_shift_", nodes));
    put32(bytes + 20, take(argv[1], "ostn_north_shift_", nodes + 2));
    crypto_generichash(digest, OSTN15_DIGEST_BYTES, bytes, (unsigned long long)(digest - bytes), NULL, 0);
    FILE *out = fopen(argv[2], "wb");
    if (!out || fwrite(bytes, 1, OSTN15_BYTES, out) != OSTN15_BYTES || fclose(out) != 0)
        fail("cannot write", argv[2]);
    free(bytes);
    return 0;
}
