# Benchmarks: peers and geojoin in one run, as ratios. Nothing here is part of `make check`.

BENCH := $(BUILD)/bench
BENCH_POINTS ?= 1000000,5000000

$(BENCH)/%: tests/bench/%.c $(wildcard tests/bench/*.h) $(BUILD)/lib/libgeo.a
	@mkdir -p $(@D)
	$(CC_SAY)
	$(Q)$(CC) $(GEO_CFLAGS) $(CFLAGS) $(GEO_CPPFLAGS) -o $@ $< $(BUILD)/lib/libgeo.a $(LDFLAGS) $(LIBS) -lgeos_c

# The workload takes a minute to make and is kept.
$(BENCH)/data/.made-$(BENCH_POINTS): $(SAMPLE)/.obj/workload
	@mkdir -p $(@D)
	$< $(BENCH)/data --points $(BENCH_POINTS)
	@touch $@

# A second layer over the same ground, of larger areas.
$(BENCH)/data/second/.made: $(SAMPLE)/.obj/workload
	@mkdir -p $(@D)
	$< $(@D) --areas 7000 --seed 7 --points 1 --keys 0 --lookup-rows 1
	@touch $@

.PHONY: bench bench-geojoin bench-overlap bench-sdc
bench: bench-geojoin bench-overlap bench-sdc
bench-geojoin: all $(BENCH)/geos_loop $(BENCH)/stages $(BENCH)/data/.made-$(BENCH_POINTS)
	@tests/bench/bench-geojoin $(BUILD)/bin $(BENCH) $(BENCH_POINTS)
bench-overlap: all $(BENCH)/overlaps $(BENCH)/geos_overlap $(BENCH)/data/.made-$(BENCH_POINTS) $(BENCH)/data/second/.made
	@tests/bench/bench-overlap $(BUILD)/bin $(BENCH) $(BENCH)/data/areas.gpkg $(BENCH)/data/second/areas.gpkg

# Masking points: a million addresses.
.PHONY: bench-mask
bench-mask: $(BENCH)/sdc_mask
	@$<

bench-sdc: all $(patsubst tests/bench/%.c,$(BENCH)/%,$(wildcard tests/bench/sdc_*.c)) $(BENCH)/attacks
	@tests/bench/bench-sdc $(BUILD)/bin $(BENCH)
# Differencing: 200 earlier releases of as many areas as the largest district has, in zones of all sizes.
.PHONY: bench-diff
$(BENCH)/sdc_diff: GEO_CPPFLAGS += -Ilibgeo
bench-diff: $(BENCH)/sdc_diff
	@for zones in 25 50 100 200; do $< 200 26 27 $$zones; done
