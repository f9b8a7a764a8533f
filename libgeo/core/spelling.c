/* Levenshtein (1966), a row at a time. */
#include "spelling.h"

#include <string.h>
#include <strings.h>

unsigned geo_edit_distance(const char *a, const char *b)
{
    unsigned row[64];
    const size_t an = strnlen(a, 63), bn = strnlen(b, 63);
    for (size_t j = 0; j <= bn; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= an; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= bn; j++) {
            const unsigned change = diagonal + (strncasecmp(a + i - 1, b + j - 1, 1) != 0);
            const unsigned gap = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = change < gap ? change : gap;
        }
    }
    return row[bn];
}
