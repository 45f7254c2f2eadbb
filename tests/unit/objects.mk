# Which product objects each unit test is linked with, and its extra libraries:
#   objects_test_NAME := preload/FILE analyzer/FILE …      (tests/unit/test_NAME.c, no suffix)
#   libs_test_NAME := -lFOO

# The image and what it stands on.
storage := preload/arena preload/own preload/pieces preload/image preload/storage preload/storage_end preload/storage_shrink preload/sandbox preload/output preload/options preload/process preload/clock preload/hot \
	preload/elf preload/text preload/file_system

objects_test_live := $(storage) preload/live
objects_test_stacks := $(storage) preload/stacks
objects_test_regions := $(storage) preload/regions
objects_test_options := $(storage)
objects_test_reach := $(REACH:%=preload/%) tests/unit/parts/reach_world
objects_test_reach_random := $(objects_test_reach) tests/unit/parts/reach_plain
objects_test_paths := $(REACH:%=preload/%) preload/path_list preload/path_steps
objects_test_roots := $(SHARED:%=preload/%)

# The programs that the torture tests are made with (tests/torture/parts), linked likewise.
reading := analyzer/image_file analyzer/image_source analyzer/read_at analyzer/image_tables analyzer/live_each \
	analyzer/memory analyzer/error analyzer/progress

objects_kill_harness := $(reading) tests/torture/parts/kill_verify
objects_family_harness := $(reading) tests/torture/parts/kill_verify
objects_model_harness := $(reading) $(addprefix tests/torture/parts/,kill_verify model_run model_samples model_picture model_verify \
	model_verify_pages model_verify_children)
objects_test_core_threads := analyzer/core_threads analyzer/core_modules analyzer/core_file analyzer/read_at analyzer/model \
	analyzer/memory analyzer/text analyzer/error
libs_test_core_threads := -lelf

# The analyzer's model.
model := analyzer/model analyzer/valgrind_names analyzer/memory analyzer/error analyzer/text analyzer/text_cxx analyzer/text_function analyzer/focus

objects_test_names := analyzer/text analyzer/text_cxx analyzer/memory
objects_test_growth := $(model) analyzer/growth analyzer/aggregate analyzer/merge_sites analyzer/symbolize \
	analyzer/symbol_file analyzer/symbol_dwarf analyzer/symbol_elf analyzer/symbol_tails analyzer/symbol_data analyzer/demangle \
	analyzer/symbol_resolve analyzer/symbol_message analyzer/symbol_worker
libs_test_growth := -ldw -lelf -liberty

objects_test_baseline := $(model) analyzer/baseline analyzer/baseline_file analyzer/fingerprint analyzer/frame_names \
	analyzer/demangle
libs_test_baseline := -ljansson -liberty

objects_test_gate := $(model) analyzer/gate
objects_test_unmeasured := $(model) analyzer/unmeasured analyzer/run_target analyzer/run_features
libs_test_unmeasured := -lelf

# The check of a core.
checking := analyzer/core_check analyzer/core_paths analyzer/core_tls analyzer/core_roots analyzer/core_view analyzer/core_bytes analyzer/core_maps analyzer/core_map analyzer/core_modules \
	analyzer/live_sorted analyzer/pool $(SHARED:%=preload/%)

# All that load_image.c stands on.
loading := $(model) $(filter-out $(model),$(reading)) analyzer/load_image analyzer/load_process analyzer/load_check analyzer/load_paths analyzer/image_checks \
	analyzer/image_open analyzer/live_blocks analyzer/intervals analyzer/moments analyzer/process_state analyzer/open_core analyzer/open_process \
	analyzer/core_file $(checking)

objects_test_classes := $(loading) analyzer/merge_sites
libs_test_classes := -lelf

objects_test_core_view := $(reading) analyzer/core_file analyzer/text analyzer/core_view analyzer/core_bytes analyzer/core_maps \
	analyzer/core_modules analyzer/live_sorted analyzer/pool
libs_test_core_view := -lelf

objects_test_text_stack := $(model) analyzer/text_stack

# Everything that writes a report.
objects_test_render_ci := $(model) $(patsubst %.c,%,$(wildcard analyzer/render*.c)) analyzer/text_stack analyzer/verdict analyzer/diff \
	$(GENERATED)
libs_test_render_ci := -ljansson -lprotobuf-c -lz
objects_test_render_profiles := $(objects_test_render_ci) analyzer/merge_sites
libs_test_render_profiles := $(libs_test_render_ci)
objects_test_suppress := $(model) analyzer/demangle $(addprefix analyzer/,suppress suppress_text suppress_lsan suppress_valgrind suppress_stack \
	suppress_apply suppress_built_in)
libs_test_suppress := -liberty
