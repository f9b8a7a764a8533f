# Unit tests: one program for each tests/unit/test_*.c, with cmocka, linked with the static library so that internal functions are in reach.
# make SAN=1 check-unit looks for leaks as well; make VALGRIND=1 check-unit runs every program under valgrind.

CHECKS += check-unit

UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
UNIT_LIBS := -lcmocka -lgmp
UNIT_RUN := $(if $(VALGRIND),valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --suppressions=tests/unit/valgrind.supp)
UNIT_ENV := LC_ALL=C.UTF-8 GEO_DATA_DIR=$(BUILD)/share/libgeo $(if $(SAN),ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS=suppressions=tests/unit/lsan.supp:print_suppressions=0) \
	$(if $(VALGRIND),GEO_TEST_SLOW=1)

$(BUILD)/tests/unit/test_%.o: GEO_CPPFLAGS += -Ilibgeo
$(BUILD)/tests/unit/test_nomem $(BUILD)/tests/unit/test_snap: UNIT_LDFLAGS := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$(BUILD)/tests/unit/test_output: UNIT_LDFLAGS := -Wl,--wrap=rename,--wrap=renameat2,--wrap=link,--wrap=open,--wrap=close
$(BUILD)/tests/unit/test_ledger_kill: UNIT_LDFLAGS := -Wl,--wrap=openat,--wrap=write,--wrap=fsync,--wrap=close,--wrap=renameat,--wrap=unlinkat,--wrap=malloc,--wrap=calloc,--wrap=realloc

$(UNIT_TESTS): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/lib/libgeo.a
	@mkdir -p $(@D)
	$(if $(V),,@echo "  ld $@")
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) $(OPENMP) $(UNIT_LDFLAGS) -o $@ $^ $(LDFLAGS) $(LIBS) $(UNIT_LIBS)

# Every public header alone, as C and (where there is such a compiler) as C++.
UNIT_HEADERS := $(HEADERS:include/%.h=$(BUILD)/tests/unit/headers/%.ok)
$(BUILD)/tests/unit/headers/%.ok: include/%.h $(HEADERS)
	@mkdir -p $(@D)
	@$(CC) -std=c11 $(WARNINGS) -Werror -Iinclude -fsyntax-only -x c $<
	@if command -v $(CXX) >/dev/null; then $(CXX) -std=c++11 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c++ $<; \
	else echo "skipped: $< as C++ (no $(CXX))"; fi
	@touch $@

.PHONY: check-unit
check-unit: $(UNIT_TESTS) $(UNIT_HEADERS) $(GRID)
	@failed=; for t in $(UNIT_TESTS); do \
		if $(UNIT_ENV) $(UNIT_RUN) $$t > $$t.log 2>&1; then sed -n 's/^\(skipped: .*\)/  \1/p' $$t.log; \
		else cat $$t.log; failed="$$failed $${t##*/}"; fi; done; \
	if [ -n "$$failed" ]; then echo "check-unit: failed:$$failed" >&2; exit 1; fi; \
	echo "check-unit: $(words $(UNIT_TESTS)) programs and $(words $(UNIT_HEADERS)) headers passed"

.SECONDARY: $(UNIT_TESTS:%=%.o)
-include $(UNIT_TESTS:%=%.d)
