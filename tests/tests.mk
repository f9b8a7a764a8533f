# What `make check` runs. Each kind of test brings its own rules.

include $(wildcard tests/*/*.mk)

.PHONY: check lint
check: deps
	@$(MAKE) --no-print-directory check-all

# Every kind of test adds its target to CHECKS.
.PHONY: check-all
check-all: $(CHECKS)
	@echo "check: all passed"
