/*
 * What both generators lean on: allocation that cannot return NULL, one way to give up, and draws made of nothing but uniforms.
 *
 * A generator has one job and no caller to report to, so it stops where it fails: one line on stderr, status 1.
 */
#ifndef SAMPLE_MUST_H
#define SAMPLE_MUST_H

#include "geo/random.h"

#include <stddef.h>
#include <stdint.h>

/* Set by main before anything else: the name in front of every message. */
extern const char *program_name;

/* "program: message" on stderr, then exit with the status. */
_Noreturn void die(const char *fmt, ...) GEO_PRINTF(1, 2);
_Noreturn void die_usage(const char *synopsis, const char *fmt, ...) GEO_PRINTF(2, 3);

/* The synopsis on stdout, as for --help; exit with status 0. */
_Noreturn void print_usage(const char *synopsis);

/* Zeroed room for n items; at least one byte, so that never NULL. */
void *must_alloc(size_t n, size_t item_size);

/* Room for at least need items, doubling; *room is the number of items there was and is place for. */
void *must_grow(void *old, size_t *room, size_t need, size_t item_size);

/* The whole number that is all of text, or die_usage. */
uint64_t must_number(const char *synopsis, const char *option, const char *text, uint64_t lowest, uint64_t highest);

/* Near enough to a standard normal, and the same on every machine, as log and cos are not: twelve uniforms less six. */
double draw_normal(geo_random *r);

/* A whole number in [lowest, highest]. */
int64_t draw_between(geo_random *r, int64_t lowest, int64_t highest);

/* Put the n indices in order[] into random order. */
void draw_shuffle(geo_random *r, uint32_t *order, uint32_t n);

/* A direction: unit length, every way as likely. */
void draw_direction(geo_random *r, double *dx, double *dy);

/* Index i with running[i - 1] <= u * total < running[i]; running sums of n weights, not all zero. */
uint32_t draw_weighted(geo_random *r, const double *running, uint32_t n);

/* The nearest whole number, halves away from zero, without the C library's rounding mode. */
int64_t nearest(double v);

#endif
