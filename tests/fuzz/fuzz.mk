# Harnesses with libFuzzer (`make fuzz`), and with replay.c for the inputs that are kept (`make
# test`). What a harness is linked with is in objects.mk. The product's objects become one first, in
# which the calls are renamed that fuzz_file.c answers.
include tests/fuzz/objects.mk

FUZZ_CC ?= clang
fuzz_flags := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
fuzz_renames := $(foreach function,open close stat fstat fcntl pread lseek fopen opendir readdir closedir, \
	--redefine-sym $(function)=fuzz_$(function))
# Which files are not the system's is said here, too.
fuzz_lists := tests/fuzz/fuzz.mk tests/fuzz/objects.mk
# The objects of a harness, under a directory: $(call fuzz_objects,DIRECTORY)
fuzz_objects = $$(addsuffix .o,$$(addprefix $(1)/,$$(objects_fuzz_$$*)))
fuzz_own = $(1)/tests/fuzz/fuzz_%.o $(1)/tests/fuzz/fuzz.o $(1)/tests/fuzz/fuzz_file.o

FUZZ_BIN := $(fuzz_targets:%=$(B)/fuzz/fuzz_%)
REPLAY_BIN := $(fuzz_targets:%=$(B)/fuzz/replay_%) $(fuzz_targets:%=$(B)/fuzz/san/replay_%)

# These compare every word that is scanned with some bound, or every byte of an input with the
# language that the harness reads: no hint what input to try next, and half of a core's time.
$(addprefix $(B)/fuzz/obj/,preload/reach%.o preload/glibc.o preload/roots.o analyzer/core_view.o \
	analyzer/core_words.o analyzer/core_malloc_state.o analyzer/core_roots.o analyzer/core_maps.o \
	tests/fuzz/fuzz.o tests/fuzz/fuzz_file.o tests/fuzz/fuzz_core.o tests/fuzz/fuzz_layout.o): \
	fuzz_untraced := -fno-sanitize-coverage=trace-cmp

$(B)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(filter-out $(WARNINGS),$(CFLAGS_COMMON)) -D_GNU_SOURCE= -ftls-model=initial-exec \
		-fsanitize=fuzzer-no-link $(fuzz_flags) $(fuzz_untraced) $(DEFINES) -c -o $@ $<

$(B)/fuzz/san/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_COMMON) -D_GNU_SOURCE= -ftls-model=initial-exec $(fuzz_flags) $(DEFINES) -c -o $@ $<

define fuzz_join
	@mkdir -p $(@D)
	$(Q)$(LD) -r -o $@ $(filter %.o,$^)
	$(Q)$(if $(file_fuzz_$*),objcopy $(fuzz_renames) $@)
endef

$(B)/fuzz/obj/product_%.o: $(call fuzz_objects,$(B)/fuzz/obj) $(fuzz_lists)
	$(fuzz_join)

$(B)/fuzz/san/obj/product_%.o: $(call fuzz_objects,$(B)/fuzz/san/obj) $(fuzz_lists)
	$(fuzz_join)

$(B)/unit/obj/product_%.o: $(call fuzz_objects,$(B)/unit/obj) $(fuzz_lists)
	$(fuzz_join)

$(B)/fuzz/fuzz_%: $(B)/fuzz/obj/product_%.o $(call fuzz_own,$(B)/fuzz/obj)
	$(call say,LINK,$@)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer $(fuzz_flags) -o $@ $^ $(libs_fuzz_$*) -lpthread

$(B)/fuzz/replay_%: $(B)/unit/obj/product_%.o $(call fuzz_own,$(B)/unit/obj) $(B)/unit/obj/tests/fuzz/replay.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_SAN) -o $@ $^ $(libs_fuzz_$*) -lpthread

$(B)/fuzz/san/replay_%: $(B)/fuzz/san/obj/product_%.o $(call fuzz_own,$(B)/fuzz/san/obj) \
		$(B)/fuzz/san/obj/tests/fuzz/replay.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(fuzz_flags) -o $@ $^ $(libs_fuzz_$*) -lpthread

.PRECIOUS: $(B)/fuzz/obj/%.o $(B)/fuzz/san/obj/%.o $(B)/fuzz/obj/product_%.o $(B)/fuzz/san/obj/product_%.o \
	$(B)/unit/obj/product_%.o

-include $(shell find $(B)/fuzz -name '*.d' 2>/dev/null)
