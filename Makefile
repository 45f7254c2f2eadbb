# libleak: build/libleak.so (preload/), build/leak (analyzer/), and their tests. `make help` lists it.
#
#   make demo    installs what is missing, builds, records a real program, prints its report
#   make test    installs what is missing, builds, runs every test, ends with their count
#
# Knobs: DEBUG=1 (assertions, -Og), SAN=address|undefined|thread (analyzer and unit tests), FAULTS=1
# (libleak.so whose own requests for memory fail as LEAK_FAULT says, see preload/faults.h), COVERAGE=1
# (the analyzer, the unit tests and the replays count their lines, see tests/coverage), OLD_LIBC=1
# (the recorder does without _dl_find_object, as before glibc 2.35), WERROR=1, V=1 (show commands),
# PREFIX, DESTDIR, CROSS=aarch64-linux-gnu (that machine's compiler). A knob that changes objects has
# its own build directory: build/debug, build/san-address, build/aarch64, …

CC := $(if $(CROSS),$(CROSS)-gcc,$(if $(filter default,$(origin CC)),gcc,$(CC)))
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

B := build$(if $(CROSS),/$(firstword $(subst -, ,$(CROSS))))$(if $(DEBUG),/debug)$(if $(OLD_LIBC),/old-libc)$(if $(SAN),/san-$(SAN))$(if $(FAULTS),/faults)$(if $(COVERAGE),/coverage)
Q := $(if $(V),,@)
say = @$(if $(V),true,printf '  %-5s %s\n' $(1) $(2))
quiet_make = $(MAKE) --no-print-directory -j$(JOBS)

# The recorder knows these; preload/*_$(MACHINE).c is for one of them alone.
MACHINES := x86_64 aarch64
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
FOREIGN := $(foreach machine,$(filter-out $(MACHINE),$(MACHINES)),preload/%_$(machine).c)

WARNINGS := -Wall -Wextra -Wshadow=local -Wstrict-prototypes $(if $(WERROR),-Werror)
# Not where it was built: the same sources give the same bytes. gdb finds them when it runs here.
CFLAGS_COMMON := -std=gnu11 -g $(if $(COVERAGE),,-ffile-prefix-map=$(CURDIR)=.) $(WARNINGS) -I. -MMD -MP $(if $(DEBUG),-Og -DLEAK_DEBUG,-O2)

# The guest: no libc surprises, no vector registers (nor inline functions of libc's headers that want
# them), no lazy TLS, frames that unwind.
CFLAGS_PRELOAD := $(CFLAGS_COMMON) $(if $(FAULTS),-DLEAK_FAULTS) -D_GNU_SOURCE -fPIC \
	-fvisibility=hidden -ftls-model=initial-exec \
	-fno-stack-protector -fno-strict-aliasing -fno-math-errno -fno-exceptions \
	-fasynchronous-unwind-tables -fdata-sections -U_FORTIFY_SOURCE -D__NO_INLINE__ \
	-mgeneral-regs-only $(if $(filter aarch64,$(MACHINE)),-mno-outline-atomics) \
	$(if $(OLD_LIBC),-DLEAK_NO_DL_FIND_OBJECT)
EXPORTS := $(firstword $(wildcard preload/exports_$(MACHINE).map) preload/exports.map)
LDFLAGS_PRELOAD := -shared -Wl,-z,now,-z,relro,-z,nodelete,-z,defs -Wl,--exclude-libs,ALL \
	-Wl,--sort-section=name -Wl,--version-script=$(EXPORTS) -Wl,--as-needed -Wl,-Bsymbolic \
	-Wl,-soname,libleak.so
# -ldl: part of libc since glibc 2.34, and then not needed.

CFLAGS_SAN := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer) $(if $(COVERAGE),--coverage -O0)
CFLAGS_ANALYZER := $(CFLAGS_COMMON) $(CFLAGS_SAN) -DLEAK_LIBDIR='"$(LIBDIR)"'
LIBS_ANALYZER := -ldw -lelf -liberty -ljansson -lprotobuf-c -lz

# The libraries of the other machine: tests/aarch64/root puts them there.
ROOT := $(if $(CROSS),$(B)/root)
CFLAGS_ROOT := $(if $(ROOT),-isystem $(ROOT)/usr/include)
LDFLAGS_ROOT := $(if $(ROOT),$(foreach at,usr/lib lib,-L$(ROOT)/$(at)/$(MACHINE)-linux-gnu \
	-Wl,-rpath-link,$(ROOT)/$(at)/$(MACHINE)-linux-gnu))

PRELOAD_SRC := $(filter-out $(FOREIGN) $(if $(FAULTS),,preload/faults.c),$(wildcard preload/*.c preload/*.S))
PRELOAD_OBJ := $(sort $(patsubst %,$(B)/%.o,$(basename $(PRELOAD_SRC))))
# The scan for lost blocks is in both programs, and where it begins.
REACH := reach reach_map reach_words reach_mark reach_follow reach_stack reach_shapes reach_cliques \
	reach_paths reach_pairs reach_read reach_memory
SHARED := $(REACH) roots glibc path_list path_steps root_place
# Made by protoc-c, the same for every build.
GENERATED := build/generated/pprof.pb-c
ANALYZER_OBJ := $(sort $(patsubst %.c,$(B)/%.o,$(wildcard analyzer/*.c))) $(SHARED:%=$(B)/analyzer/preload/%.o) \
	$(GENERATED:%=$(B)/analyzer/%.o)
UNIT_BIN := $(patsubst tests/%.c,$(B)/%,$(wildcard tests/unit/test_*.c))
HARNESS_BIN := $(patsubst tests/torture/parts/%.c,$(B)/torture/%,$(wildcard tests/torture/parts/*_harness.c))
PAGES := preload/libleak.7 analyzer/leak.1
SOURCES := $(wildcard preload/*.[ch] analyzer/*.[ch])
SCRIPTS := .ci/run tests/run tests/case tests/abi tests/layers tests/pitfalls tests/demo tests/deps tests/lint \
	tests/readme tests/coverage analyzer/page/assemble tests/lib.sh tests/aarch64/env tests/aarch64/root tests/fuzz/run examples/ci/pre-commit \
	$(wildcard tests/*/*.sh tests/bench/run tests/matrix/run tests/compat/run tests/compat/sources)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all demo test test-aarch64 check torture soak coverage examples bench matrix compat format lint layers abi install uninstall clean help deps unit replay fuzz

all: $(B)/libleak.so $(B)/leak $(B)/leak-valgrind

$(B)/libleak.so: $(PRELOAD_OBJ) $(EXPORTS) Makefile
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS_PRELOAD) -o $@ $(PRELOAD_OBJ) -ldl

$(B)/leak: $(ANALYZER_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_SAN) $(LDFLAGS) -o $@ $(ANALYZER_OBJ) $(LIBS_ANALYZER)

# The same program, which looks at its name.
$(B)/leak-valgrind: | $(B)/leak
	$(Q)ln -sf leak $@

# The page of the HTML report is in the program.
$(B)/page.html: $(shell find analyzer/page -type f)
	@mkdir -p $(@D)
	$(Q)analyzer/page/assemble >$@

PAGE_OBJ := $(patsubst %,$(B)/%/render_page.o,analyzer unit/obj/analyzer fuzz/obj/analyzer fuzz/san/obj/analyzer)
$(PAGE_OBJ): $(B)/page.html
$(PAGE_OBJ): DEFINES := -DLEAK_PAGE='"$(B)/page.html"'

# Hooks are the frames where every walk starts.
$(patsubst %.c,$(B)/%.o,$(wildcard preload/hooks_*.c)): CFLAGS_PRELOAD += -fno-builtin
$(patsubst %.c,$(B)/%.o,$(filter-out preload/hooks_free.c,$(wildcard preload/hooks_*.c))): \
	CFLAGS_PRELOAD += -fno-omit-frame-pointer -fno-optimize-sibling-calls

# The scan looks at many words at a time. It is never called on an event's way.
$(B)/preload/reach_words.o: CFLAGS_PRELOAD := $(filter-out -mgeneral-regs-only,$(CFLAGS_PRELOAD))

$(B)/preload/%.o: preload/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_PRELOAD) $(CFLAGS) -c -o $@ $<

$(B)/preload/%.o: preload/%.S
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_PRELOAD) $(CFLAGS) -c -o $@ $<

$(B)/analyzer/%.o: analyzer/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ANALYZER) $(DEFINES) $(CFLAGS) -c -o $@ $<

$(B)/analyzer/preload/%.o: preload/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ANALYZER) $(CFLAGS) -c -o $@ $<

$(GENERATED).c: analyzer/pprof.proto
	$(call say,PROTO,$<)
	@mkdir -p $(@D)
	$(Q)protoc-c --c_out=$(@D) --proto_path=$(<D) $<

$(GENERATED).h: $(GENERATED).c ;

$(B)/analyzer/$(GENERATED).o: $(GENERATED).c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ANALYZER) $(CFLAGS) -c -o $@ $<

# Whoever includes it, in every kind of build.
$(foreach kind,analyzer unit/obj/analyzer fuzz/obj/analyzer fuzz/san/obj/analyzer,$(B)/$(kind)/render_pprof.o $(B)/$(kind)/render_pprof_places.o) \
	$(B)/unit/test_render_profiles: | $(GENERATED).h

# Unit tests: one row each names the objects of the product that the test is linked with.
# Those are compiled again here, as ordinary code, so that a sanitizer can see them; some define
# _GNU_SOURCE themselves, as nothing.
include tests/unit/objects.mk

$(B)/unit/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_COMMON) $(CFLAGS_ROOT) -D_GNU_SOURCE= $(CFLAGS_SAN) -ftls-model=initial-exec $(DEFINES) -c -o $@ $<

.PRECIOUS: $(B)/unit/obj/%.o

.SECONDEXPANSION:
$(B)/unit/test_%: tests/unit/test_%.c $$(addsuffix .o,$$(addprefix $(B)/unit/obj/,$$(objects_test_$$*)))
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_COMMON) $(CFLAGS_ROOT) -D_GNU_SOURCE $(CFLAGS_SAN) -o $@ $(filter %.c %.o,$^) \
		$(LDFLAGS_ROOT) -lcmocka -lpthread $(libs_test_$*)

$(B)/torture/%: tests/torture/parts/%.c $$(addsuffix .o,$$(addprefix $(B)/unit/obj/,$$(objects_$$*)))
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_COMMON) $(CFLAGS_ROOT) -D_GNU_SOURCE $(CFLAGS_SAN) -o $@ $(filter %.c %.o,$^)

include tests/fuzz/fuzz.mk

unit: $(UNIT_BIN) $(HARNESS_BIN)

replay: $(REPLAY_BIN)

# Ten million inputs for each target, or: make fuzz FUZZ='image core' RUNS=100000
fuzz:
	@tests/deps build test
	@$(quiet_make) $(FUZZ_BIN)
	@B=$(B) RUNS=$(RUNS) tests/fuzz/run $(FUZZ)

deps:
	@tests/deps build demo test lint

demo:
	@tests/deps build demo
	@$(quiet_make) all
	@B=$(B) tests/demo

test:
	@tests/deps build demo test
	@$(quiet_make) all unit replay
	@B=$(B) tests/run -j $(JOBS) unit abi layers pitfalls cases classes examples fuzz compat oracle verify torture

# The recorder and the unit tests of AArch64, built by a cross compiler and run in an emulator.
AARCH64_TESTS := $(foreach group,cases verify,$(wildcard tests/$(group)/*.c tests/$(group)/*.cc))

test-aarch64:
	@tests/deps build aarch64
	@tests/aarch64/root build/aarch64/root
	@$(quiet_make) all
	@$(quiet_make) CROSS=aarch64-linux-gnu build/aarch64/libleak.so unit
	@B=build/aarch64 tests/run -j $(JOBS) -t 400 unit abi $(AARCH64_TESTS)
	@echo 'the same with pages of 64 KiB'
	@B=build/aarch64 QEMU_PAGESIZE=65536 tests/run -j $(JOBS) -t 400 unit $(wildcard tests/cases/*.c tests/cases/*.cc)

check: all unit
	@B=$(B) tests/run -j $(JOBS) unit abi layers pitfalls cases

# The tests of tests/torture at length: each run against the shadow model goes on for SECONDS, from SEED if
# it is given, and each test may take TIMES as long as usual. The soak is a target of its own.
torture soak: export LEAK_TORTURE_SEED := $(SEED)
torture: all unit
	@B=$(B) LEAK_TORTURE_SECONDS=$(or $(SECONDS),60) LEAK_TEST_TIMES=$(or $(TIMES),20) \
		tests/run -j $(JOBS) torture

soak: all unit
	@B=$(B) LEAK_SOAK_SECONDS=$(or $(SECONDS),3600) LEAK_TEST_TIMES=100 tests/run -v tests/torture/soak.sh

# Another part of the tests: make coverage TESTS=unit
coverage:
	@tests/deps build test
	@$(quiet_make) COVERAGE=1 all unit replay
	@B=build/coverage tests/coverage $(or $(TESTS),unit fuzz cases)

examples: all
	@B=$(B) tests/run -j $(JOBS) examples

bench: all
	@B=$(B) tests/bench/run $(BENCH)

matrix: all
	@B=$(B) tests/matrix/run $(MATRIX)

# Sources are those of programs whose own tests are run; where they cannot be fetched these are skipped.
compat:
	@tests/deps build demo test compat
	@tests/compat/sources || true
	@$(quiet_make) all
	@B=$(B) tests/compat/run $(COMPAT)

abi: all
	@B=$(B) tests/abi

layers:
	@tests/layers

lint: $(GENERATED).h
	@tests/lint $(SCRIPTS)

format:
	clang-format -i $(filter-out preload/image_format.h,$(SOURCES))

# Where a page goes.
page_place = $(MANDIR)/man$(patsubst .%,%,$(suffix $(1)))/$(notdir $(1))

install: all
	install -D -m 755 $(B)/libleak.so '$(DESTDIR)$(LIBDIR)/libleak.so'
	install -D -m 755 $(B)/leak '$(DESTDIR)$(BINDIR)/leak'
	ln -sf leak '$(DESTDIR)$(BINDIR)/leak-valgrind'
	install -D -m 644 preload/leak.h '$(DESTDIR)$(INCLUDEDIR)/leak.h'
	$(foreach page,$(PAGES),install -D -m 644 $(page) '$(DESTDIR)$(call page_place,$(page))' &&) true

uninstall:
	rm -f '$(DESTDIR)$(LIBDIR)/libleak.so' '$(DESTDIR)$(BINDIR)/leak' '$(DESTDIR)$(BINDIR)/leak-valgrind' \
		'$(DESTDIR)$(INCLUDEDIR)/leak.h' $(foreach page,$(PAGES),'$(DESTDIR)$(call page_place,$(page))')

clean:
	rm -rf build

help:
	@echo 'make           build/libleak.so and build/leak'
	@echo 'make demo      install what is missing, build, record a real program, print its report'
	@echo 'make test      install what is missing, build, run every test, print their count'
	@echo 'make test-aarch64  cross-compile for AArch64, run unit tests and cases in qemu-user'
	@echo 'make check     the quick part: unit tests, cases, abi, layers, pitfalls'
	@echo "make fuzz      give hostile input to every reader; a part: make fuzz FUZZ='image core' RUNS=100000"
	@echo 'make torture   tests/torture at length: SECONDS=60 for each run, SEED=N, TIMES=20 the time allowed'
	@echo 'make soak      one run of an hour (SECONDS=3600): the memory of the recorder stays flat'
	@echo 'make coverage  which lines unit tests, fuzz replay and cases run, by file; not of the recorder in a program'
	@echo 'make examples  run every example against the report in its header'
	@echo "make bench     measure all; a part of it: make bench BENCH='--rounds 1 micro'"
	@echo "make matrix    what preloaded recorders do to correct programs; MATRIX='-k fork null libleak': a part"
	@echo 'make compat    install and run real, big programs, bare and recorded; LONG=1: under load for minutes; a part:'
	@echo "               make compat COMPAT='java postgres'"
	@echo 'make lint      cppcheck, clang-format, clang-tidy, shellcheck'
	@echo 'make layers    prove who includes whom'
	@echo 'make abi       prove what libleak.so exports, imports and costs in TLS'
	@echo 'make format    clang-format in place'
	@echo 'make install   to DESTDIR and PREFIX ($(PREFIX)); make uninstall removes that again'
	@echo 'make deps      install the packages that building and testing need (apt)'
	@echo 'make clean     remove build/'
	@echo 'Knobs: DEBUG=1  SAN=address|undefined|thread  FAULTS=1  COVERAGE=1  OLD_LIBC=1  WERROR=1  V=1  JOBS=N  CROSS=aarch64-linux-gnu'

-include $(PRELOAD_OBJ:.o=.d) $(ANALYZER_OBJ:.o=.d) $(UNIT_BIN:=.d) $(HARNESS_BIN:=.d) \
	$(wildcard $(B)/unit/obj/*/*.d $(B)/unit/obj/tests/*/*.d $(B)/unit/obj/tests/*/parts/*.d)
