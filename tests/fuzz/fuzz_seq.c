/*
 * The reader of GeoJSON sequences, from standard input (a file in memory) to close. The first byte chooses what is read, the second the size
 * of the chunks; the first character of the text is given: a brace, or a record separator.
 */
#define _GNU_SOURCE /* memfd_create */
#include "rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2)
        return 0;
    const int fd = standard_input();
    REQUIRE(pwrite(fd, data[0] & 64 ? "\x1E" : "{", 1, 0) == 1 && pwrite(fd, data + 2, n - 2, 1) == (ssize_t)(n - 2));
    read_twice(fd, data[0], data[1], GEO_FORMAT_SEQ);
    return 0;
}
