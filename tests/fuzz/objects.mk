# What is fuzzed, and what each harness is linked with:
#   fuzz_targets := NAME …                                 tests/fuzz/fuzz_NAME.c
#   objects_fuzz_NAME := preload/FILE analyzer/FILE …      no suffix
#   libs_fuzz_NAME := -lFOO
#   file_fuzz_NAME := yes                                  its only file is that of fuzz_file.c
#   length_fuzz_NAME := BYTES                              of an input, at most
# The lists that these are made of are those of tests/unit/objects.mk.

fuzz_targets := suppress baseline options command_line names cfi maps elf image core symbols symbol_message

suppressing := $(addprefix analyzer/,suppress suppress_text suppress_lsan suppress_valgrind suppress_stack \
	suppress_apply suppress_built_in)

objects_fuzz_suppress := $(model) analyzer/demangle $(suppressing) tests/fuzz/fuzz_model
libs_fuzz_suppress := -liberty
length_fuzz_suppress := 600

objects_fuzz_baseline := $(objects_test_baseline) tests/fuzz/fuzz_model
libs_fuzz_baseline := $(libs_test_baseline)
file_fuzz_baseline := yes
length_fuzz_baseline := 700

objects_fuzz_options := $(storage)
length_fuzz_options := 400

objects_fuzz_command_line := analyzer/options analyzer/cmd_valgrind_options \
	$(objects_test_render_ci)
libs_fuzz_command_line := $(libs_test_render_ci)
length_fuzz_command_line := 200

objects_fuzz_names := $(model) analyzer/demangle analyzer/fingerprint analyzer/frame_names \
	analyzer/suppress_write analyzer/verdict $(suppressing)
libs_fuzz_names := -liberty
length_fuzz_names := 200

objects_fuzz_cfi := preload/cfi preload/cfi_row preload/cfi_step preload/step_$(MACHINE)
length_fuzz_cfi := 300

objects_fuzz_maps := preload/check_memory $(storage) preload/directory
length_fuzz_maps := 600

objects_fuzz_elf := $(storage)
length_fuzz_elf := 400

objects_fuzz_image := $(objects_test_classes) tests/fuzz/fuzz_layout
libs_fuzz_image := $(libs_test_classes)
file_fuzz_image := yes
length_fuzz_image := 2200

symbolizing := $(addprefix analyzer/,symbol_resolve symbol_message symbol_file symbol_dwarf symbol_elf symbol_tails symbol_data demangle)
objects_fuzz_symbols := $(model) $(symbolizing)
libs_fuzz_symbols := -ldw -lelf -liberty
length_fuzz_symbols := 6000

objects_fuzz_core := $(objects_test_classes) tests/fuzz/fuzz_layout \
	$(filter-out $(objects_test_classes) analyzer/core_threads analyzer/core_unwind, \
	$(patsubst %.c,%,$(wildcard analyzer/core_*.c)) analyzer/load_core)
libs_fuzz_core := -lelf
file_fuzz_core := yes
length_fuzz_core := 1800

objects_fuzz_symbol_message := $(model) analyzer/symbol_message
length_fuzz_symbol_message := 400
