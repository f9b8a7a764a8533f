# Fuzzing. `make check` replays tests/corpus/NAME; `make fuzz-smoke` looks for more, FUZZ_SECONDS each: with clang's engine where it is
# installed, else by mutation under gcc's sanitizers (FUZZ_SEED repeats a run).

FUZZ_SECONDS ?= 20
FUZZ_CC ?= clang
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_ENGINE := $(shell echo 'int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n > 9; }' | \
	$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -x c - -o /dev/null 2>/dev/null && echo libfuzzer)
FUZZ_CHECKS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FUZZ_BIN := $(FUZZ_NAMES:%=$(BUILD)/fuzz/fuzz_%)
# The parser of the options ends the process; its target catches that.
FUZZ_WRAP_options := -Wl,--wrap=exit

CHECKS += check-fuzz

# ---- replay ----

$(BUILD)/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/driver.o $(COMMON_OBJ) $(BUILD)/lib/libgeo.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANITIZE) $(OPENMP) $(FUZZ_WRAP_$*) -o $@ $(filter %.o,$^) $(BUILD)/lib/libgeo.a $(LDFLAGS) $(LIBS)
.SECONDARY: $(FUZZ_NAMES:%=$(BUILD)/tests/fuzz/fuzz_%.o) $(BUILD)/tests/fuzz/driver.o
-include $(FUZZ_NAMES:%=$(BUILD)/tests/fuzz/fuzz_%.d) $(BUILD)/tests/fuzz/driver.d

.PHONY: check-fuzz
check-fuzz: $(FUZZ_BIN)
	@failed=0; for t in $(FUZZ_NAMES); do for f in tests/corpus/$$t/*; do \
		ASAN_OPTIONS=detect_leaks=0 timeout 60 $(BUILD)/fuzz/fuzz_$$t "$$f" || { echo "FAILED fuzz: $$t: $$f"; failed=$$((failed + 1)); }; \
	done; done; \
	echo "fuzz: $$(ls tests/corpus/*/* | wc -l) inputs replayed, $$failed failed"; [ $$failed = 0 ]

# ---- search ----

ifeq ($(FUZZ_ENGINE),libfuzzer)

FUZZ_BUILD := $(BUILD)/fuzz/$(FUZZ_CC)
FUZZ_OBJ := $(patsubst %.c,$(FUZZ_BUILD)/%.o,$(LIB_SRC) $(wildcard tools/common/*.c))
$(FUZZ_BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(FUZZ_CC) $(filter-out -fopenmp,$(GEO_CFLAGS)) -O1 -g $(FUZZ_CHECKS) -fsanitize=fuzzer-no-link $(GEO_CPPFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<
$(FUZZ_BUILD)/libgeo/place/ostn15.o: GEO_CPPFLAGS += -DGEO_DATADIR='"$(datadir)/libgeo"'
$(FUZZ_BUILD)/fuzz_%: $(FUZZ_BUILD)/tests/fuzz/fuzz_%.o $(FUZZ_OBJ)
	$(FUZZ_CC) $(FUZZ_CHECKS) -fsanitize=fuzzer $(FUZZ_WRAP_$*) -o $@ $^ $(LDFLAGS) $(LIBS)
.SECONDARY: $(FUZZ_NAMES:%=$(FUZZ_BUILD)/tests/fuzz/fuzz_%.o)
.SECONDARY: $(FUZZ_OBJ)
-include $(FUZZ_OBJ:.o=.d)

# New inputs go to $(BUILD)/fuzz/found/NAME; what fails is left in $(BUILD)/fuzz as crash-* and belongs into tests/corpus, with the fix.
.PHONY: fuzz-smoke
fuzz-smoke: $(FUZZ_NAMES:%=$(FUZZ_BUILD)/fuzz_%)
	@failed=0; for t in $(FUZZ_NAMES); do mkdir -p $(BUILD)/fuzz/found/$$t; \
		: the words of an option live as long as the process; leaks=1; [ $$t != options ] || leaks=0; \
		ASAN_OPTIONS=detect_leaks=$$leaks $(FUZZ_BUILD)/fuzz_$$t -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
			$(if $(FUZZ_SEED),-seed=$(FUZZ_SEED)) -artifact_prefix=$(BUILD)/fuzz/$$t- $(BUILD)/fuzz/found/$$t tests/corpus/$$t > $(BUILD)/fuzz/$$t.log 2>&1 \
			|| { echo "FAILED fuzz-smoke: $$t"; grep -vE '^#|^INFO|^stat::' $(BUILD)/fuzz/$$t.log | head -40; failed=1; }; \
		echo "fuzz-smoke: $$t: $$(sed -n 's/^stat::number_of_executed_units: *//p' $(BUILD)/fuzz/$$t.log) runs, $$(sed -n 's/^INFO: Seed: /seed /p' $(BUILD)/fuzz/$$t.log)"; \
	done; [ $$failed = 0 ]

else

.PHONY: fuzz-smoke
fuzz-smoke:
	@echo "skipped: fuzz-smoke: $(FUZZ_CC) has no libFuzzer; mutating the corpus under $(CC)'s sanitizers instead"
	@$(MAKE) --no-print-directory SAN=1 fuzz-mutate

endif

# The plain driver's mutations, in whatever build this is.
.PHONY: fuzz-mutate
fuzz-mutate: $(FUZZ_BIN)
	@failed=0; for t in $(FUZZ_NAMES); do \
		ASAN_OPTIONS=detect_leaks=0 $(BUILD)/fuzz/fuzz_$$t -m $(FUZZ_SECONDS) tests/corpus/$$t/* || { echo "FAILED fuzz-mutate: $$t"; failed=1; }; \
	done; [ $$failed = 0 ]
