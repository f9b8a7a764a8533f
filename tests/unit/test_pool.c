/* The string pool against a list searched from the front, and the arena. */
#include "unit.h"

#include "geo/arena.h"
#include "geo/pool.h"

typedef struct text {
    char bytes[40];
    size_t n;
} text;

/* Few lengths and few letters, NUL among them, so that repeats are common and lengths matter. */
static text random_text(geo_random *r)
{
    static const char LETTERS[] = {'a', 'b', '\0', '\xFF', ' '};
    text t = {.n = geo_random_below(r, 8)};
    if (geo_random_below(r, 4) == 0)
        t.n += 7 + geo_random_below(r, 20);
    const bool varied = t.n < 8 || geo_random_below(r, 2);
    for (size_t i = 0; i < t.n; i++)
        t.bytes[i] = varied || i + 1 == t.n ? LETTERS[geo_random_below(r, sizeof LETTERS)] : 'x';
    return t;
}

static void pool_is_a_map(void **state)
{
    (void)state;
    geo_random r = unit_random("pool");
    const size_t most = unit_tries(6000);
    text *known = calloc(most, sizeof *known);
    size_t known_n = 0;
    geo_pool *pool = geo_pool_new();
    assert_non_null(pool);
    for (size_t i = 0; i < most; i++) {
        const text t = random_text(&r);
        int32_t expected = GEO_POOL_NONE, id;
        for (size_t k = 0; k < known_n && expected < 0; k++)
            if (known[k].n == t.n && memcmp(known[k].bytes, t.bytes, t.n) == 0)
                expected = (int32_t)k;
        assert_int_equal(geo_pool_find(pool, t.bytes, t.n), expected);
        int is_new = -1;
        assert_int_equal(geo_pool_add(pool, t.bytes, t.n, &id, i % 2 ? &is_new : NULL, NULL), GEO_OK);
        if (expected < 0) {
            expected = (int32_t)known_n;
            known[known_n++] = t;
            assert_true(is_new != 0);
        } else {
            assert_true(is_new != 1);
        }
        assert_int_equal(id, expected);
        assert_int_equal(geo_pool_count(pool), known_n);
    }
    for (size_t k = 0; k < known_n; k++) {
        size_t n;
        const char *s = geo_pool_text(pool, (int32_t)k, &n);
        assert_int_equal(n, known[k].n);
        assert_memory_equal(s, known[k].bytes, n);
    }
    geo_pool_free(pool);
    free(known);
}

static void find_many_is_find(void **state)
{
    (void)state;
    geo_random r = unit_random("find_many");
    geo_pool *pool = geo_pool_new();
    int32_t id;
    for (int i = 0; i < 3000; i++) {
        const text t = random_text(&r);
        assert_int_equal(geo_pool_add(pool, t.bytes, t.n, &id, NULL, NULL), GEO_OK);
    }
    for (size_t rows_n = 0; rows_n < 70; rows_n++) {
        int64_t offsets[71] = {3};
        char bytes[71 * 40];
        int32_t ids[70];
        for (size_t k = 0; k < rows_n; k++) {
            const text t = random_text(&r);
            memcpy(bytes + offsets[k], t.bytes, t.n);
            offsets[k + 1] = offsets[k] + (int64_t)t.n;
        }
        geo_pool_find_many(pool, offsets, bytes, rows_n, ids);
        for (size_t k = 0; k < rows_n; k++)
            assert_int_equal(ids[k], geo_pool_find(pool, bytes + offsets[k], (size_t)(offsets[k + 1] - offsets[k])));
    }
    geo_pool_free(pool);
}

/* Numbers as keys: number i must come back as i, through every doubling. */
static void growth_keeps_numbers(void **state)
{
    (void)state;
    geo_pool *pool = geo_pool_new();
    const int all = (int)unit_tries(200000);
    char s[16];
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < all; i++) {
            int32_t id;
            int is_new;
            assert_int_equal(geo_pool_add(pool, s, (size_t)sprintf(s, "%d", i), &id, &is_new, NULL), GEO_OK);
            assert_int_equal(id, i);
            assert_int_equal(is_new, pass == 0);
        }
    assert_int_equal(geo_pool_find(pool, "x", 1), GEO_POOL_NONE);
    geo_pool_free(pool);
    geo_pool_free(NULL);
}

static void pool_of_nothing(void **state)
{
    (void)state;
    geo_pool *pool = geo_pool_new();
    int32_t id = 7;
    assert_int_equal(geo_pool_count(pool), 0);
    assert_int_equal(geo_pool_find(pool, "", 0), GEO_POOL_NONE);
    geo_pool_find_many(pool, (const int64_t[]){0}, "", 0, &id);
    assert_int_equal(id, 7);
    assert_int_equal(geo_pool_add(pool, "", 0, &id, NULL, NULL), GEO_OK);
    assert_int_equal(id, 0);
    assert_int_equal(geo_pool_find(pool, "", 0), 0);
    geo_pool_free(pool);
}

static void arena_gives_separate_aligned_memory(void **state)
{
    (void)state;
    geo_random r = unit_random("arena");
    geo_arena a = {0};
    for (int pass = 0; pass < 3; pass++) {
        struct {
            unsigned char *p;
            size_t n;
        } got[300];
        for (size_t i = 0; i < COUNT_OF(got); i++) {
            got[i].n = geo_random_below(&r, i % 10 ? 200 : 20000);
            got[i].p = geo_arena_alloc(&a, got[i].n);
            assert_non_null(got[i].p);
            assert_int_equal((uintptr_t)got[i].p % _Alignof(max_align_t), 0);
            memset(got[i].p, (int)(i & 0xFF), got[i].n);
        }
        for (size_t i = 0; i < COUNT_OF(got); i++) /* nothing has written over anything */
            for (size_t k = 0; k < got[i].n; k++)
                assert_int_equal(got[i].p[k], i & 0xFF);
        geo_arena_reset(&a);
    }
    geo_arena_clear(&a);
    assert_null(a.head);
    geo_arena_clear(&a);
    assert_string_equal(geo_arena_text(&a, "abcdef", 3), "abc");
    assert_string_equal(geo_arena_text(&a, NULL, 0), "");
    geo_arena_clear(&a);
}

static void arena_refuses_what_cannot_be(void **state)
{
    (void)state;
    geo_arena a = {0};
    assert_null(geo_arena_alloc(&a, ((size_t)1 << 46) + 1)); /* the header's ceiling */
    assert_null(geo_arena_alloc(&a, SIZE_MAX));
    assert_null(geo_arena_array(&a, SIZE_MAX / 2, 3));
    assert_null(geo_arena_array(&a, (size_t)1 << 33, (size_t)1 << 33));
    assert_null(geo_arena_text(&a, "", SIZE_MAX));
    assert_non_null(geo_arena_alloc(&a, 0));
    assert_non_null(geo_arena_array(&a, 0, SIZE_MAX));
    assert_non_null(geo_arena_array(&a, SIZE_MAX, 0));
    geo_arena_clear(&a);
}

/* The promise of geo_arena_reset: the largest block stays, so a second round of the same size needs no other. */
static void arena_reset_keeps_the_largest_block(void **state)
{
    (void)state;
    geo_arena a = {0};
    for (int i = 0; i < 1000; i++)
        (void)geo_arena_alloc(&a, 100);
    geo_arena_reset(&a);
    const void *head = a.head;
    for (int i = 0; i < 500; i++)
        (void)geo_arena_alloc(&a, 100);
    assert_ptr_equal(a.head, head);
    geo_arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_is_a_map),
        cmocka_unit_test(find_many_is_find),
        cmocka_unit_test(growth_keeps_numbers),
        cmocka_unit_test(pool_of_nothing),
        cmocka_unit_test(arena_gives_separate_aligned_memory),
        cmocka_unit_test(arena_refuses_what_cannot_be),
        cmocka_unit_test(arena_reset_keeps_the_largest_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
