/*
 * The grid of the rasters, and GeoTIFF without a library, so that every byte is ours: TIFF 6.0, little-endian, 16-bit signed, not packed,
 * one strip, with the tags of GeoTIFF 1.0 (a projected system, pixel is area, EPSG:27700) and the ASCII tag that GDAL reads nodata from.
 */
#include "borough.h"

#include "must.h"

#include <stdlib.h>
#include <string.h>

enum { BRITISH_NATIONAL_GRID = 27700, BYTES_PER_VALUE = 2, ENTRIES_N = 15, HEADER_BYTES = 8, ENTRY_BYTES = 12 };
enum tiff_type { TIFF_ASCII = 2, TIFF_SHORT = 3, TIFF_LONG = 4, TIFF_DOUBLE = 12 };

static grid_xy corner(void)
{
    return borough_at((grid_xy){GRID_WEST_M, GRID_SOUTH_M + (int64_t)GRID_ROWS * CELL_M});
}

int64_t borough_cell(grid_xy p)
{
    const grid_xy from = corner();
    const int64_t east = p.x - from.x, south = from.y - p.y, cell = CELL_M * UNITS_PER_M;
    if (east < 0 || south < 0 || east >= GRID_COLUMNS * cell || south >= GRID_ROWS * cell)
        die("a point beyond the rasters");
    return south / cell * GRID_COLUMNS + east / cell;
}

grid_xy borough_cell_middle(int64_t cell)
{
    const grid_xy from = corner();
    return (grid_xy){from.x + (2 * (cell % GRID_COLUMNS) + 1) * CELL_M * UNITS_PER_M / 2,
                     from.y - (2 * (cell / GRID_COLUMNS) + 1) * CELL_M * UNITS_PER_M / 2};
}

static void put_le(out_file *f, uint64_t v, int bytes_n)
{
    for (int i = 0; i < bytes_n; i++)
        out_char(f, (char)(unsigned char)(v >> 8 * i));
}

static void put_double(out_file *f, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    put_le(f, bits, 8);
}

static void put_entry(out_file *f, unsigned tag, enum tiff_type type, size_t n, size_t value_or_offset)
{
    put_le(f, tag, 2);
    put_le(f, type, 2);
    put_le(f, n, 4);
    put_le(f, value_or_offset, 4);
}

/* Behind the entries stand the values that are too long for them: numbers, keys, two texts, then the pixels. */
void borough_write_raster(out_folder *folder, const char *name, const char *safety, const char *what, const int16_t *values)
{
    static const char NO_DATA_TEXT[] = "-32768";
    static const uint16_t KEYS[] = {1,    1, 0, 3, /* three keys: a projected system, pixel is area, which system */
                                    1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, BRITISH_NATIONAL_GRID};
    const double numbers[] = {CELL_M, CELL_M, 0, 0, 0, 0, (double)corner().x / UNITS_PER_M, (double)corner().y / UNITS_PER_M, 0};
    enum { KEYS_N = sizeof KEYS / sizeof *KEYS, SCALE_AT = HEADER_BYTES + 2 + ENTRIES_N * ENTRY_BYTES + 4, TIEPOINT_AT = SCALE_AT + 24 };
    enum { KEYS_AT = TIEPOINT_AT + 48, NO_DATA_AT = KEYS_AT + sizeof KEYS, WHAT_AT = NO_DATA_AT + sizeof NO_DATA_TEXT + 1 };
    const size_t what_n = strlen(what) + 1, pixels_at = WHAT_AT + what_n + what_n % 2;
    out_file *f = out_open(folder, name, safety);
    out_text(f, "II*");
    out_char(f, '\0');
    put_le(f, HEADER_BYTES, 4);
    put_le(f, ENTRIES_N, 2);
    put_entry(f, 256, TIFF_LONG, 1, GRID_COLUMNS);
    put_entry(f, 257, TIFF_LONG, 1, GRID_ROWS);
    put_entry(f, 258, TIFF_SHORT, 1, 8 * BYTES_PER_VALUE);
    put_entry(f, 259, TIFF_SHORT, 1, 1); /* not packed */
    put_entry(f, 262, TIFF_SHORT, 1, 1); /* dark to light */
    put_entry(f, 270, TIFF_ASCII, what_n, WHAT_AT);
    put_entry(f, 273, TIFF_LONG, 1, pixels_at);
    put_entry(f, 277, TIFF_SHORT, 1, 1); /* bands */
    put_entry(f, 278, TIFF_LONG, 1, GRID_ROWS);
    put_entry(f, 279, TIFF_LONG, 1, (size_t)GRID_N * BYTES_PER_VALUE);
    put_entry(f, 339, TIFF_SHORT, 1, 2);              /* signed */
    put_entry(f, 33550, TIFF_DOUBLE, 3, SCALE_AT);    /* size of a cell */
    put_entry(f, 33922, TIFF_DOUBLE, 6, TIEPOINT_AT); /* corner of cell (0, 0), and where it lies */
    put_entry(f, 34735, TIFF_SHORT, KEYS_N, KEYS_AT);
    put_entry(f, 42113, TIFF_ASCII, sizeof NO_DATA_TEXT, NO_DATA_AT);
    put_le(f, 0, 4); /* no further image */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        put_double(f, numbers[i]);
    for (size_t i = 0; i < KEYS_N; i++)
        put_le(f, KEYS[i], 2);
    out_bytes(f, NO_DATA_TEXT, sizeof NO_DATA_TEXT);
    out_char(f, '\0'); /* offsets are even */
    out_bytes(f, what, what_n);
    if (what_n % 2)
        out_char(f, '\0');
    for (size_t i = 0; i < GRID_N; i++)
        put_le(f, (uint16_t)values[i], BYTES_PER_VALUE);
    out_close(f);
}
