# Benchmarks: peers and geojoin in one run, as ratios. Nothing here is part of `make check`.

BENCH := $(BUILD)/bench
BENCH_POINTS ?= 1000000,5000000

$(BENCH)/%: tests/bench/%.c $(BUILD)/lib/libgeo.a
	@mkdir -p $(@D)
	$(CC_SAY)
	$(Q)$(CC) $(GEO_CFLAGS) $(CFLAGS) $(GEO_CPPFLAGS) -o $@ $< $(BUILD)/lib/libgeo.a $(LDFLAGS) $(LIBS) -lgeos_c

# The workload takes a minute to make and is kept.
$(BENCH)/data/.made-$(BENCH_POINTS): $(SAMPLE)/.obj/workload
	@mkdir -p $(@D)
	$< $(BENCH)/data --points $(BENCH_POINTS)
	@touch $@

.PHONY: bench bench-geojoin
bench: bench-geojoin
bench-geojoin: all $(BENCH)/geos_loop $(BENCH)/stages $(BENCH)/data/.made-$(BENCH_POINTS)
	@tests/bench/bench-geojoin $(BUILD)/bin $(BENCH) $(BENCH_POINTS)
