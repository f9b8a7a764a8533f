/* Parallel loops over OpenMP. */
#include "geo/parallel.h"

#ifdef _OPENMP
#include <omp.h>
#endif

int geo_threads_default(void)
{
#ifdef _OPENMP
    const int n = omp_get_num_procs();
    return n > 0 ? n : 1;
#else
    return 1;
#endif
}

void geo_parallel_for(size_t n, size_t grain, int threads, void (*fn)(void *ctx, size_t lo, size_t hi), void *ctx)
{
    if (grain == 0)
        grain = 1;
    const size_t ranges_n = n / grain + (n % grain != 0);
    if (threads < 1)
        threads = 1;
    if ((size_t)threads > ranges_n)
        threads = ranges_n ? (int)ranges_n : 1;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t i = 0; i < ranges_n; i++) {
        const size_t lo = i * grain;
        fn(ctx, lo, n - lo < grain ? n : lo + grain);
    }
}

void geo_parallel_run(int threads, void (*fn)(void *ctx, int thread), void *ctx)
{
    if (threads < 1)
        threads = 1;
#pragma omp parallel for schedule(static, 1) num_threads(threads)
    for (int i = 0; i < threads; i++)
        fn(ctx, i);
}
