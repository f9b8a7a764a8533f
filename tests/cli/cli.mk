# Command-line tests: the cases in tests/cli/*.t, the conformance of every tool, the gate, caches, a PostGIS of its own and real data where they
# are at hand.
# `make golden` rewrites the golden files; review decides.

CHECKS += check-cli

.PHONY: check-cli check-install check-borough check-cases check-conformance check-gate check-cache check-disclosure check-postgis check-real golden
check-cli: check-install check-cases check-conformance check-gate check-cache check-disclosure check-postgis check-real check-borough

# Under sanitizers their runtime would have to be linked in by whoever links: not what is installed.
check-install: all
	@$(if $(SAN),echo "skipped: install: under sanitizers",BUILD=$(BUILD) tests/cli/install)

check-cases: all
	@BUILD=$(BUILD) SAN=$(SAN) tests/cli/run

check-conformance: all
	@BUILD=$(BUILD) tests/cli/conformance $(TOOLS)

check-gate: all
	@BUILD=$(BUILD) tests/cli/gate

check-cache: all
	@BUILD=$(BUILD) tests/cli/cache

check-disclosure: all
	@BUILD=$(BUILD) tests/cli/disclosure

check-postgis: all
	@BUILD=$(BUILD) tests/cli/postgis

check-borough: all sample-data
	@BUILD=$(BUILD) SAN=$(SAN) GEO_INCLUDE=$(CURDIR)/include tests/cli/borough

check-real: all
	@BUILD=$(BUILD) tests/cli/real

golden: all
	@BUILD=$(BUILD) tests/cli/run -g
