/*
 * Runs a fuzz target without a fuzzing engine.
 *
 *     fuzz_NAME FILE ...              replay the files
 *     fuzz_NAME -m SECONDS FILE ...   and then mutate them for so long; the seed is printed, FUZZ_SEED sets it
 */
#include "fuzz.h"

#include <time.h>

#define LONGEST 4096
#define MOST_FILES 1000

typedef struct input {
    uint8_t *data;
    size_t n;
} input;

static uint64_t state;

/* xorshift64*: the same numbers everywhere. */
static uint64_t next_random(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * UINT64_C(2685821657736338717);
}

static size_t below(size_t n)
{
    return n ? (size_t)(next_random() % n) : 0;
}

static input read_file(const char *name)
{
    FILE *f = fopen(name, "rb");
    input in = {malloc(LONGEST * 2), 0};
    if (!f || !in.data) {
        fprintf(stderr, "cannot read '%s'\n", name);
        exit(1);
    }
    in.n = fread(in.data, 1, LONGEST, f);
    fclose(f);
    return in;
}

/* One to four changes: a bit, a byte that means something, a piece moved, cut or repeated, a piece of another input. */
static size_t mutate(const input *from, const input *other, uint8_t *out)
{
    static const char MEANS[] = "\",\n\r .-+eE0019aZ#={}[]:\\/\0\1\xff\xc3\xe2\x80";
    size_t n = from->n;
    memcpy(out, from->data, n);
    for (size_t changes = 1 + below(4); changes; changes--) {
        const size_t at = below(n + 1), len = below(n - at + 1), to = below(n + 1);
        switch (below(6)) {
        case 0:
            if (at < n)
                out[at] ^= (uint8_t)(1u << below(8));
            break;
        case 1:
            if (at < n)
                out[at] = (uint8_t)MEANS[below(sizeof MEANS - 1)];
            break;
        case 2:
            if (n < LONGEST) {
                memmove(out + at + 1, out + at, n - at);
                out[at] = (uint8_t)MEANS[below(sizeof MEANS - 1)];
                n++;
            }
            break;
        case 3:
            memmove(out + at, out + at + len, n - at - len);
            n -= len;
            break;
        case 4: {
            const size_t k = len < n - to ? len : n - to;
            memmove(out + to, out + at, k);
            break;
        }
        default: {
            const size_t start = below(other->n + 1), k = below((other->n - start < LONGEST - n ? other->n - start : LONGEST - n) + 1);
            memmove(out + at + k, out + at, n - at);
            memcpy(out + at, other->data + start, k);
            n += k;
        }
        }
    }
    return n;
}

int main(int argc, char **argv)
{
    int first = 1;
    double seconds = 0;
    if (argc > 2 && strcmp(argv[1], "-m") == 0) {
        seconds = atof(argv[2]);
        first = 3;
    }
    static input inputs[MOST_FILES];
    size_t inputs_n = 0;
    for (int i = first; i < argc && inputs_n < MOST_FILES; i++)
        inputs[inputs_n++] = read_file(argv[i]);
    if (inputs_n == 0) {
        fprintf(stderr, "no input: name the files of tests/corpus\n");
        return 1;
    }
    LLVMFuzzerInitialize(&argc, &argv);
    for (size_t i = 0; i < inputs_n; i++)
        LLVMFuzzerTestOneInput(inputs[i].data, inputs[i].n);
    if (seconds > 0) {
        const char *seed = getenv("FUZZ_SEED");
        state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
        printf("%s: seed %llu\n", argv[0], (unsigned long long)state);
        fflush(stdout);
        state |= UINT64_C(1) << 63;
        static uint8_t out[LONGEST * 4];
        const time_t end = time(NULL) + (time_t)seconds;
        for (unsigned long long runs = 0; runs % 64 || time(NULL) < end; runs++)
            LLVMFuzzerTestOneInput(out, mutate(&inputs[below(inputs_n)], &inputs[below(inputs_n)], out));
    }
    for (size_t i = 0; i < inputs_n; i++)
        free(inputs[i].data);
    return 0;
}
