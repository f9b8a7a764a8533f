/* Allocation, giving up, and draws: see must.h. */
#include "must.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *program_name = "sample-data";

static void complain(const char *fmt, va_list args)
{
    fprintf(stderr, "%s: ", program_name);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
}

_Noreturn void die(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain(fmt, args);
    va_end(args);
    exit(1);
}

_Noreturn void die_usage(const char *synopsis, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain(fmt, args);
    va_end(args);
    fprintf(stderr, "usage: %s\n", synopsis);
    exit(2);
}

_Noreturn void print_usage(const char *synopsis)
{
    printf("usage: %s\n", synopsis);
    exit(0);
}

void *must_alloc(size_t n, size_t item_size)
{
    void *p = calloc(n ? n : 1, item_size ? item_size : 1); /* calloc checks the product */
    if (!p)
        die("out of memory");
    return p;
}

void *must_grow(void *old, size_t *room, size_t need, size_t item_size)
{
    if (need <= *room)
        return old;
    size_t size = *room ? *room : 64;
    while (size < need) {
        if (size > SIZE_MAX / 2 / item_size)
            die("out of memory");
        size *= 2;
    }
    void *p = realloc(old, size * item_size);
    if (!p)
        die("out of memory");
    *room = size;
    return p;
}

uint64_t must_number(const char *synopsis, const char *option, const char *text, uint64_t lowest, uint64_t highest)
{
    uint64_t v = 0;
    bool good = *text != '\0';
    for (const char *c = text; good && *c; c++) {
        const uint64_t digit = (uint64_t)(*c - '0'); /* beyond 9 for anything else */
        good = digit <= 9 && v <= (UINT64_MAX - digit) / 10;
        v = v * 10 + digit;
    }
    if (!good || v < lowest || v > highest)
        die_usage(synopsis, "%s wants a whole number from %" PRIu64 " to %" PRIu64 ", not '%s'", option, lowest, highest, text);
    return v;
}

double draw_normal(geo_random *r)
{
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += geo_random_uniform(r);
    return sum - 6;
}

int64_t draw_between(geo_random *r, int64_t lowest, int64_t highest)
{
    return lowest + (int64_t)geo_random_below(r, (uint64_t)(highest - lowest) + 1);
}

void draw_shuffle(geo_random *r, uint32_t *order, uint32_t n)
{
    for (uint32_t i = n; i > 1; i--) {
        const uint32_t j = (uint32_t)geo_random_below(r, i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

void draw_direction(geo_random *r, double *dx, double *dy)
{
    double x, y, square;
    do {
        x = 2 * geo_random_uniform(r) - 1;
        y = 2 * geo_random_uniform(r) - 1;
        square = x * x + y * y;
    } while (square > 1 || square < 0.01);
    const double length = sqrt(square);
    *dx = x / length;
    *dy = y / length;
}

uint32_t draw_weighted(geo_random *r, const double *running, uint32_t n)
{
    const double u = geo_random_uniform(r) * running[n - 1];
    uint32_t low = 0, high = n - 1;
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        if (running[mid] > u)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

int64_t nearest(double v)
{
    return v < 0 ? -(int64_t)(0.5 - v) : (int64_t)(v + 0.5);
}
