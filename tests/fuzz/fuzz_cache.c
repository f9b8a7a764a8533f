/*
 * The cache of an index of areas. Stores as they come, from the first byte; and the parts of a good store with some changes, as a store has
 * them whose checksums somebody has put right: whatever passes the checks is searched and printed, and must be read within its bounds.
 *
 * An even first byte: the rest is a store. Odd: the rest are changes of twelve bytes each: which part, how, where, eight bytes of value.
 */
#define _GNU_SOURCE /* memfd_create */
#include "../../libgeo/join/join_cache.h"
#include "fuzz.h"
#include "geo/near.h"
#include "geo/overlap.h"

#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIELDS_N 3
#define PARTS_N (FIELDS + PARTS_A_FIELD * FIELDS_N)
#define ACROSS 2
#define AREAS_N (ACROSS * ACROSS + 1)
#define POINTS_N 1600

static struct {
    unsigned char bytes[1 << 17];
    size_t n;
} good[PARTS_N];
static int source;
static char source_name[64];

static void set_part(int i, const void *bytes, size_t n)
{
    REQUIRE(n <= sizeof good[i].bytes);
    if (n)
        memcpy(good[i].bytes, bytes, n);
    good[i].n = n;
}

/* Squares side by side, and a large one over some of them: lists, cells of one area, and fine cells. */
static geo_areas *make_areas(void)
{
    static double x[AREAS_N * 5], y[AREAS_N * 5];
    static int64_t part_at[AREAS_N + 1], ring_at[AREAS_N + 1], vertex_at[AREAS_N + 1];
    static uint8_t kind[AREAS_N];
    static const int right[5] = {0, 1, 1, 0, 0}, up[5] = {0, 0, 1, 1, 0};
    for (int i = 0; i < AREAS_N; i++) {
        const bool over = i == AREAS_N - 1;
        const double size = over ? 12 : 10, west = over ? 3 : i % ACROSS * 10, south = over ? 3 : i / ACROSS * 10;
        kind[i] = GEO_POLYGON;
        part_at[i + 1] = ring_at[i + 1] = i + 1;
        vertex_at[i + 1] = 5 * (i + 1);
        for (int k = 0; k < 5; k++) {
            x[5 * i + k] = west + right[k] * size;
            y[5 * i + k] = south + up[k] * size;
        }
    }
    const geo_geometries g = {kind, part_at, ring_at, vertex_at, x, y};
    const geo_column c = {.type = GEO_GEOMETRY, .held = true, .geometries = &g};
    geo_areas *areas = geo_areas_new();
    REQUIRE(areas && geo_areas_add(areas, &c, AREAS_N, NULL) == GEO_OK);
    REQUIRE(geo_areas_build(areas, NULL, -1, 1, NULL, NULL) == GEO_OK);
    return areas;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    geo_store_part parts[GEO_AREAS_PARTS];
    geo_areas_fixed fixed;
    geo_areas *areas = make_areas();
    geo_areas_save(areas, &fixed, parts);
    for (int i = 0; i < GEO_AREAS_PARTS; i++)
        set_part(i, parts[i].data, parts[i].n);
    const cache_facts facts = {.rows_n = AREAS_N, .fields_n = FIELDS_N, .class_ = GEO_CLASS_OPEN, .takes_label = 1};
    static const char names[] = "EPSG:27700\0code\0\0code\0\2share\0\4day", notes[] = "the shapes of '\1' have heights";
    set_part(FACTS, &facts, sizeof facts);
    set_part(NAMES, names, sizeof names);
    set_part(NOTES, notes, sizeof notes);
    set_part(RANKS, geo_areas_rank(areas), AREAS_N * sizeof(int32_t));
    int64_t offsets[AREAS_N + 1];
    char text[AREAS_N * 2];
    double shares[AREAS_N];
    int32_t days[AREAS_N];
    for (int i = 0; i <= AREAS_N; i++)
        offsets[i] = 2 * i;
    for (int i = 0; i < AREAS_N; i++) {
        text[2 * i] = (char)('A' + i % 26);
        text[2 * i + 1] = (char)('0' + i / 26);
        shares[i] = i / 8.0;
        days[i] = 19000 + i;
    }
    set_part(FIELDS + 1, text, sizeof text);
    set_part(FIELDS + 2, offsets, sizeof offsets);
    set_part(FIELDS + 3, "\x1F", (AREAS_N + 7) / 8); /* all there */
    set_part(FIELDS + 4, shares, sizeof shares);
    set_part(FIELDS + 7, days, sizeof days);
    geo_areas_free(areas);
    source = memfd_create("areas", 0);
    REQUIRE(source >= 0 && write(source, "areas", 5) == 5);
    snprintf(source_name, sizeof source_name, "/proc/self/fd/%d", source);
    return 0;
}

static void search(const geo_areas *areas)
{
    static double x[POINTS_N], y[POINTS_N];
    static int32_t area_of[POINTS_N];
    static uint8_t hits[POINTS_N];
    for (int i = 0; i < POINTS_N; i++) {
        x[i] = i % 40 * 0.625 - 2.5;
        y[i] = i / 40 * 0.625 - 2.5;
    }
    x[0] = NAN;
    y[1] = INFINITY;
    x[2] = -1e300;
    y[3] = 1e-300;
    geo_areas_locate(areas, x, y, POINTS_N, area_of, hits);
    for (int i = 0; i < POINTS_N; i++)
        REQUIRE(area_of[i] >= GEO_NO_AREA && area_of[i] < (int32_t)geo_areas_count(areas));
    for (int i = 0; i < POINTS_N; i += 7) {
        int32_t all[3];
        (void)geo_areas_locate_all(areas, x[i], y[i], all, 3);
    }
    geo_near *near = NULL;
    double distance_m;
    REQUIRE(geo_near_new(areas, &near, NULL) == GEO_OK);
    for (int i = 0; i < POINTS_N; i += 97)
        REQUIRE(!isfinite(x[i]) || !isfinite(y[i]) || geo_near_find(near, x[i], y[i], 1, 1, 5, &area_of[0], &distance_m, NULL) == GEO_OK);
    geo_near_free(near);
    size_t a = 0, b = 0;
    geo_xy low, high;
    (void)geo_areas_box(areas, &low, &high);
    REQUIRE(!geo_areas_overlap(areas, &a, &b) || (a < geo_areas_count(areas) && b < geo_areas_count(areas)));
    for (size_t i = 0; i < geo_areas_count(areas); i++)
        (void)(geo_areas_is_empty(areas, i) || geo_areas_is_tangled(areas, i));
    geo_overlap *pairs = NULL;
    size_t pairs_n = 0;
    REQUIRE(geo_areas_overlaps(areas, areas, 1, NULL, &pairs, &pairs_n, NULL) == GEO_OK);
    free(pairs);
}

static void print(const kept *k)
{
    for (size_t i = 0; i < k->schema.fields_n; i++)
        for (size_t r = 0; r < k->facts.rows_n; r++) {
            char room[GEO_VALUE_ROOM];
            size_t n;
            const char *text = geo_column_print(&k->columns[i], r, room, &n);
            for (size_t c = 0; c < n; c++)
                REQUIRE(text[c] != '\0');
        }
    REQUIRE(strlen(k->crs) + strlen(k->first) < sizeof good[0].bytes);
    for (size_t at = 0; at < k->notes->n; at += strlen((const char *)k->notes->data + at) + 1)
        ;
}

/* All that the join does with the parts of a store. */
static void use(const geo_store_part *parts, size_t parts_n)
{
    geo_areas *areas = NULL;
    join j = {.arena = {NULL, 0}};
    kept k = {.first = NULL};
    geo_err err = {GEO_OK, ""};
    if (parts_n > GEO_AREAS_PARTS && geo_areas_load(parts, 1, &areas, &err) == GEO_OK) {
        int32_t *ranks = calloc(geo_areas_count(areas), sizeof *ranks);
        REQUIRE(ranks);
        geo_areas_take_rank(areas, ranks);
        search(areas);
    }
    geo_areas_free(areas);
    const geo_status st = geo_join_cache_take(&j, parts, parts_n, &k, &err);
    REQUIRE(st == GEO_OK || (st == GEO_SKIP && err.msg[0]));
    if (st == GEO_OK)
        print(&k);
    geo_arena_clear(&j.arena);
}

static void take_store(const uint8_t *data, size_t n)
{
    char name[64];
    const int fd = memfd_create("store", 0);
    REQUIRE(fd >= 0 && write(fd, data, n) == (ssize_t)n);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    geo_store *store = NULL;
    geo_err err = {GEO_OK, ""};
    const geo_status st = geo_store_open(name, source_name, "a purpose", 1, NULL, &store, &err);
    REQUIRE(st == GEO_OK || (st == GEO_SKIP && err.msg[0]));
    if (st == GEO_OK) {
        size_t parts_n;
        const geo_store_part *parts = geo_store_parts(store, &parts_n);
        use(parts, parts_n);
    }
    geo_store_close(store);
    close(fd);
}

/* How: 0 a byte, 1 four, 2 eight, 3 cut there, 4 four added to. */
static void change(const uint8_t *data, char *bytes[PARTS_N], geo_store_part *parts)
{
    const size_t part = data[0] % PARTS_N, how = data[1] % 5, width = how == 0 ? 1 : how == 2 ? 8 : 4;
    const size_t at = ((size_t)data[2] | (size_t)data[3] << 8) * width;
    uint32_t was;
    if (how == 3) {
        parts[part].n = at < parts[part].n ? at : parts[part].n;
    } else if (at + width <= parts[part].n) {
        memcpy(&was, bytes[part] + at, width < 4 ? width : 4);
        if (how == 4) {
            uint32_t more;
            memcpy(&more, data + 4, sizeof more);
            was += more;
            memcpy(bytes[part] + at, &was, sizeof was);
        } else {
            memcpy(bytes[part] + at, data + 4, width);
        }
    }
}

static void take_parts(const uint8_t *data, size_t n)
{
    char *bytes[PARTS_N], *exact[PARTS_N];
    geo_store_part parts[PARTS_N];
    for (int i = 0; i < PARTS_N; i++) {
        bytes[i] = fuzz_copy(good[i].bytes, good[i].n);
        parts[i] = (geo_store_part){bytes[i], good[i].n};
    }
    for (; n >= 12; data += 12, n -= 12)
        change(data, bytes, parts);
    for (int i = 0; i < PARTS_N; i++) { /* cut parts end where their memory ends */
        exact[i] = fuzz_copy((const uint8_t *)bytes[i], parts[i].n);
        parts[i].data = exact[i];
        free(bytes[i]);
    }
    use(parts, PARTS_N);
    for (int i = 0; i < PARTS_N; i++)
        free(exact[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n && data[0] % 2)
        take_parts(data + 1, n - 1);
    else if (n)
        take_store(data + 1, n - 1);
    return 0;
}
