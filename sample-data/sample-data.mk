# The synthetic borough and the benchmark workload, made on this machine.

SAMPLE := $(BUILD)/sample-data
MAKER_OBJ := $(patsubst %,$(BUILD)/sample-data/.obj/%.o,partition merge output must) $(BUILD)/libgeo/core/random.o
BOROUGH_OBJ := $(patsubst sample-data/%.c,$(BUILD)/sample-data/.obj/%.o,$(wildcard sample-data/borough*.c))
WORKLOAD_OBJ := $(patsubst sample-data/%.c,$(BUILD)/sample-data/.obj/%.o,$(wildcard sample-data/workload*.c))
MAKER_LIBS := $(shell pkg-config --libs gdal libsodium zlib 2>/dev/null) -lgeos_c -lm

$(SAMPLE)/.obj/%.o: sample-data/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC_SAY)
	$(Q)$(CC) $(GEO_CFLAGS) $(CFLAGS) $(SANITIZE) $(GEO_CPPFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

$(SAMPLE)/.obj/borough: $(BOROUGH_OBJ) $(MAKER_OBJ)
	$(CC_SAY)
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ $(LDFLAGS) $(MAKER_LIBS)
$(SAMPLE)/.obj/workload: $(WORKLOAD_OBJ) $(MAKER_OBJ)
	$(CC_SAY)
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ $(LDFLAGS) $(MAKER_LIBS)

$(SAMPLE)/CHECKSUMS: $(SAMPLE)/.obj/borough
	$< $(SAMPLE)

.PHONY: sample-data check-sample-data
sample-data: $(SAMPLE)/CHECKSUMS

# The same bytes on any machine: what was made is what was made when the truths were written down.
check-sample-data: $(SAMPLE)/CHECKSUMS
	cmp $(SAMPLE)/CHECKSUMS sample-data/CHECKSUMS
CHECKS += check-sample-data

-include $(BOROUGH_OBJ:.o=.d) $(WORKLOAD_OBJ:.o=.d) $(MAKER_OBJ:.o=.d)

.PHONY: demo
demo:
	@$(MAKE) --no-print-directory deps DEBIAN='$(DEBIAN_BUILD)'
	@$(MAKE) --no-print-directory all sample-data
	@sample-data/demo.sh $(BUILD)/bin $(SAMPLE) $(BUILD)/demo
