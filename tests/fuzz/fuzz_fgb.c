/*
 * The FlatGeobuf reader, from standard input (a file in memory) to close. The first byte chooses what is read, the second the size of the
 * chunks; the magic number is given, what is behind it is of interest.
 */
#define _GNU_SOURCE /* memfd_create */
#include "../../libgeo/io/fgb.h"
#include "rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2)
        return 0;
    const int fd = standard_input();
    REQUIRE(pwrite(fd, GEO_FGB_MAGIC "\1", 8, 0) == 8 && pwrite(fd, data + 2, n - 2, 8) == (ssize_t)(n - 2));
    read_twice(fd, data[0], data[1], GEO_FORMAT_FGB);
    return 0;
}
