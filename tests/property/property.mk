# Properties that take many random cases. `make check` runs a small number of them; `make exactness` ten million points.

CHECKS += check-property
PROPERTIES := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/property/property_*.c))
EXACTNESS_POINTS ?= 10000000

$(BUILD)/tests/property/property_overlap: PROPERTY_LIBS := -lgeos_c

$(PROPERTIES): $(BUILD)/tests/property/%: $(BUILD)/tests/property/%.o $(BUILD)/lib/libgeo.a
	@mkdir -p $(@D)
	$(if $(V),,@echo "  ld $@")
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) $(OPENMP) -o $@ $^ $(LDFLAGS) $(LIBS) -lgmp $(PROPERTY_LIBS)

.PHONY: check-property exactness
check-property: $(PROPERTIES) $(GRID)
	@export GEO_DATA_DIR=$(BUILD)/share/libgeo; for p in $(PROPERTIES); do $$p $(if $(SAN),50000,200000) || exit 1; done

exactness: $(BUILD)/tests/property/property_areas
	$< $(EXACTNESS_POINTS)

.SECONDARY: $(PROPERTIES:%=%.o)
-include $(PROPERTIES:%=%.d)
