# What `make check` runs. Each kind of test brings its own rules and adds its target to CHECKS.

include $(wildcard tests/*/*.mk)
CHECKS += check-lint

.PHONY: check check-all lint check-lint
check: deps
	@$(MAKE) --no-print-directory check-all

check-all: $(CHECKS)
	@echo "check: all passed"

lint: all
	@LINT_FLAGS='$(WARNINGS) $(filter-out -DGEO_VERSION%,$(GEO_CPPFLAGS)) -DGEO_VERSION=__FILE__ -DGEO_DATADIR=__FILE__' tests/lint $(BUILD)
check-lint: lint

.PHONY: format
format:
	clang-format -i libgeo/*/*.[ch] include/geo/*.h tools/*.c tools/*/*.[ch] sample-data/*.[ch] tests/*/*.[ch]
