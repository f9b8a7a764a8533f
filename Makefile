# libgeo and its tools. `make` builds into build/bin and build/lib; `make demo` and `make check` set up what they need by themselves.

VERSION := 0.1.0
SOVERSION := 0
BUILD ?= build
prefix ?= /usr/local
bindir ?= $(prefix)/bin
libdir ?= $(prefix)/lib
includedir ?= $(prefix)/include
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
completiondir ?= $(datadir)/bash-completion/completions

CFLAGS ?= -O3 -g
PKGS := gdal proj geos sqlite3 spatialite libsodium jansson zlib clp
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
OPENMP := $(shell echo 'int main(void){return 0;}' | $(CC) -fopenmp -x c - -o /dev/null 2>/dev/null && echo -fopenmp)
GEO_CFLAGS := -std=c11 $(WARNINGS) -fPIC -fvisibility=hidden -fno-semantic-interposition -ffp-contract=off $(OPENMP)
GEO_CPPFLAGS := -D_POSIX_C_SOURCE=200809L -DGEO_VERSION='"$(VERSION)"' -Iinclude -Itools \
	$(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm -lpthread

# make SAN=1: address and undefined-behaviour checks in everything.
ifdef SAN
BUILD := build/san
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif

LIB_SRC := $(wildcard libgeo/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o)
COMMON_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tools/common/*.c))
TOOLS := $(patsubst tools/%.c,%,$(wildcard tools/*.c))
TOOL_BIN := $(TOOLS:%=$(BUILD)/bin/%)
HEADERS := $(wildcard include/geo/*.h)
MAN := $(patsubst man/%.in,$(BUILD)/man/%,$(wildcard man/*.in))

# The shifts of OSTN15, from Debian's package of them, which `make deps` installs.
OSTN15_DATA ?= /usr/share/perl5/auto/share/dist/Geo-Coordinates-OSGB
GRID := $(if $(wildcard $(OSTN15_DATA)/ostn_east_shift_*),$(BUILD)/share/libgeo/ostn15.grid)

.PHONY: all no-grid
all: $(TOOL_BIN) $(BUILD)/lib/libgeo.so $(BUILD)/lib/libgeo.a $(BUILD)/lib/pkgconfig/geo.pc $(MAN) $(or $(GRID),no-grid)

no-grid:
	@echo '  no OSTN15 shifts: coordinates move between WGS 84 and National Grid with errors of metres (make deps installs them)'

# ---- building ----

# make V=1 shows whole commands.
Q := $(if $(V),,@)
CC_SAY = $(if $(V),,@echo '  cc $@')

FLAGS := $(CC) $(GEO_CFLAGS) $(CFLAGS) $(GEO_CPPFLAGS) $(CPPFLAGS) $(SANITIZE) $(LDFLAGS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS))' > $@
.PHONY: FORCE

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC_SAY)
	$(Q)$(CC) $(GEO_CFLAGS) $(CFLAGS) $(SANITIZE) $(GEO_CPPFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/lib/libgeo.a: $(LIB_OBJ)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/lib/libgeo.so: $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC_SAY)
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) $(OPENMP) -shared -Wl,-soname,libgeo.so.$(SOVERSION) -Wl,-z,defs -Wl,-Bsymbolic-functions -o $@.$(SOVERSION) $^ $(LDFLAGS) $(LIBS)
	@ln -sf libgeo.so.$(SOVERSION) $@

# A tool's own folder, beside its file.
$(foreach t,$(TOOLS),$(eval $(BUILD)/bin/$t: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tools/$t/*.c))))

# The place where it is installed is where the library looks for its data when they are not beside it.
$(BUILD)/libgeo/place/ostn15.o: GEO_CPPFLAGS += -DGEO_DATADIR='"$(datadir)/libgeo"'
$(BUILD)/libgeo/place/ostn15.o: $(BUILD)/paths

# The tools use the library next door, built or installed, without LD_LIBRARY_PATH.
$(BUILD)/bin/%: $(BUILD)/tools/%.o $(COMMON_OBJ) $(BUILD)/lib/libgeo.so $(BUILD)/paths
	@mkdir -p $(@D)
	$(CC_SAY)
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) $(OPENMP) -o $@ $(filter %.o,$^) -L$(BUILD)/lib -lgeo '-Wl,-rpath,$$ORIGIN/../lib:$(libdir)' $(LDFLAGS)

# As with the flags: made again when the paths change.
PATHS := $(prefix) $(libdir) $(includedir) $(datadir) $(VERSION)
$(BUILD)/paths: FORCE
	@mkdir -p $(@D)
	@echo '$(PATHS)' | cmp -s - $@ || echo '$(PATHS)' > $@

$(BUILD)/lib/pkgconfig/geo.pc: libgeo/geo.pc.in $(BUILD)/paths
	@mkdir -p $(@D)
	@sed -e 's|@prefix@|$(prefix)|' -e 's|@libdir@|$(libdir)|' -e 's|@includedir@|$(includedir)|' -e 's|@version@|$(VERSION)|' \
		-e 's|@openmp@|$(OPENMP)|' $< > $@

# tools/setup: programs that make runs.
$(BUILD)/tools/setup/%.o: GEO_CPPFLAGS += -Ilibgeo
$(BUILD)/tools/setup/ostn15: $(BUILD)/tools/setup/ostn15.o
	$(CC_SAY)
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) -o $@ $< $(LDFLAGS) $(LIBS)

$(BUILD)/share/libgeo/ostn15.grid: $(BUILD)/tools/setup/ostn15 $(wildcard $(OSTN15_DATA)/ostn_*)
	@mkdir -p $(@D)
	$(Q)$< $(OSTN15_DATA) $@.new && mv $@.new $@

# Manual pages: @OPTIONS@ is what the program itself says.
$(BUILD)/man/%: man/%.in man/options.awk $(TOOL_BIN)
	@mkdir -p $(@D)
	@awk -v tool=$(BUILD)/bin/$(basename $*) -v version=$(VERSION) -f man/options.awk $< > $@

# kept: the pattern rules above make them on the way to the tools
.SECONDARY: $(TOOLS:%=$(BUILD)/tools/%.o) $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(TOOLS:%=tools/%/*.c))) $(COMMON_OBJ)

-include $(LIB_OBJ:.o=.d) $(COMMON_OBJ:.o=.d) $(TOOLS:%=$(BUILD)/tools/%.d) $(patsubst %.c,$(BUILD)/%.d,$(wildcard $(TOOLS:%=tools/%/*.c))) $(BUILD)/tools/setup/ostn15.d

include sample-data/sample-data.mk
include tests/tests.mk

# ---- setting up ----

DEBIAN_BUILD := gcc make pkg-config libc6-dev libgdal-dev libproj-dev proj-data libgeos-dev libsqlite3-dev libsodium-dev libjansson-dev zlib1g-dev libspatialite-dev coinor-libclp-dev \
	libgeo-coordinates-osgb-perl
DEBIAN := $(DEBIAN_BUILD) g++ libcmocka-dev libgmp-dev gdal-bin mandoc sqlite3 valgrind jq util-linux zip
.PHONY: deps
deps:
	@missing=$$(for p in $(DEBIAN); do dpkg-query -W -f='$${Status}\n' $$p 2>/dev/null | grep -q '^install ok installed' || echo $$p; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo "make deps: needs a Debian system; install by hand: $(DEBIAN)" >&2; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then as=; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as=sudo; \
	else echo "make deps: not root and no sudo; run: apt-get install" $$missing >&2; exit 1; fi; \
	echo "make deps: installing" $$missing; \
	$$as apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$as apt-get install -y -qq --no-install-recommends $$missing >/dev/null

# ---- installing ----

.PHONY: install uninstall
install: all
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(libdir)/pkgconfig $(DESTDIR)$(includedir)/geo $(DESTDIR)$(completiondir)
	install -m 755 $(TOOL_BIN) $(DESTDIR)$(bindir)
	install -m 644 $(BUILD)/lib/libgeo.so.$(SOVERSION) $(BUILD)/lib/libgeo.a $(DESTDIR)$(libdir)
	ln -sf libgeo.so.$(SOVERSION) $(DESTDIR)$(libdir)/libgeo.so
	install -m 644 $(HEADERS) $(DESTDIR)$(includedir)/geo
	install -m 644 $(BUILD)/lib/pkgconfig/geo.pc $(DESTDIR)$(libdir)/pkgconfig
	for m in $(MAN); do s=$${m##*.}; install -d $(DESTDIR)$(mandir)/man$$s; install -m 644 $$m $(DESTDIR)$(mandir)/man$$s; done
	$(if $(GRID),install -d $(DESTDIR)$(datadir)/libgeo && install -m 644 $(GRID) $(DESTDIR)$(datadir)/libgeo)
	for t in $(TOOLS); do $(BUILD)/bin/$$t --completion > $(DESTDIR)$(completiondir)/$$t; done

uninstall:
	rm -f $(TOOLS:%=$(DESTDIR)$(bindir)/%) $(TOOLS:%=$(DESTDIR)$(completiondir)/%)
	rm -f $(DESTDIR)$(libdir)/libgeo.so $(DESTDIR)$(libdir)/libgeo.so.$(SOVERSION) $(DESTDIR)$(libdir)/libgeo.a $(DESTDIR)$(libdir)/pkgconfig/geo.pc
	rm -f $(HEADERS:include/geo/%=$(DESTDIR)$(includedir)/geo/%)
	rm -f $(DESTDIR)$(datadir)/libgeo/ostn15.grid
	-rmdir $(DESTDIR)$(includedir)/geo $(DESTDIR)$(datadir)/libgeo
	for m in $(notdir $(MAN)); do rm -f $(DESTDIR)$(mandir)/man$${m##*.}/$$m; done

.PHONY: clean
clean:
	rm -rf build
