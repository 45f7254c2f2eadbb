/* The parts of the JSON report that come from a core. Called by render_json.c. */
#include "render_json_core.h"

#include "render_json.h"

static json_t *thread_json(const struct model *model, const struct last_thread *thread)
{
	json_t *json = json_object();
	bool cut = false;

	json_object_set_new(json, "tid", json_integer(thread->tid));
	json_object_set_new(json, "name", string(thread->name));
	json_object_set_new(
		json, "signal", thread->signal ? json_integer(thread->signal) : json_null());
	json_object_set_new(json, "frames", render_json_frames(model, thread->frame, &cut));
	json_object_set_new(json, "stack_complete", json_boolean(!cut && thread->frame));
	return json;
}

static json_t *map_json(const struct map_row *row, enum map_kind kind)
{
	json_t *json = json_object();

	json_object_set_new(json, "kind", json_string(map_kind_names[kind]));
	json_object_set_new(json, "bytes", number(row->mapped.bytes));
	json_object_set_new(json, "mappings", number(row->mapped.blocks));
	json_object_set_new(json, "core_bytes", number(row->held_bytes));
	json_object_set_new(json, "missing_bytes", number(row->kept_bytes - row->held_bytes));
	return json;
}

static json_t *arena_json(const struct arena *arena)
{
	json_t *json = json_object();

	json_object_set_new(json, "main", json_boolean(arena->is_main));
	json_object_set_new(json, "address", number(arena->address));
	json_object_set_new(json, "heaps", number(arena->heaps));
	json_object_set_new(json, "bytes", number(arena->bytes));
	json_object_set_new(json, "used", amount(&arena->used, "blocks"));
	json_object_set_new(json, "cached", amount(&arena->cached, "blocks"));
	json_object_set_new(json, "fast", amount(&arena->fast, "blocks"));
	json_object_set_new(json, "free", amount(&arena->free, "blocks"));
	json_object_set_new(json, "top_bytes", number(arena->top_bytes));
	json_object_set_new(json, "foreign_bytes", number(arena->foreign_bytes));
	json_object_set_new(json, "unknown_bytes", number(arena->unknown_bytes));
	json_object_set_new(json, "corrupt", json_boolean(arena->corrupt));
	json_object_set_new(json, "trouble", string(arena->trouble));
	json_object_set_new(
		json, "trouble_address", arena->trouble ? number(arena->trouble_at) : json_null());
	return json;
}

static json_t *heap_json(const struct core_facts *facts)
{
	json_t *json = json_object(), *arenas = json_array();

	for (size_t i = 0; i < facts->arena_count; i++)
		json_array_append_new(arenas, arena_json(&facts->arenas[i]));
	json_object_set_new(json, "arenas", arenas);
	json_object_set_new(json, "large", amount(&facts->large_blocks, "blocks"));
	json_object_set_new(json, "large_expected",
		facts->large_known ? number(facts->large_count) : json_null());
	json_object_set_new(json, "caches", number(facts->caches));
	json_object_set_new(json, "fast_known", json_boolean(facts->fast_known));
	json_object_set_new(json, "trouble", string(facts->heap_trouble));
	return json;
}

static json_t *core_json(const struct core_facts *facts)
{
	json_t *json = json_object();

	json_object_set_new(json, "signal_code", json_integer(facts->signal_code));
	json_object_set_new(json, "fault_place", string(facts->fault_place));
	json_object_set_new(json, "core_bytes", number(facts->held_bytes));
	json_object_set_new(json, "missing_bytes", number(facts->kept_bytes - facts->held_bytes));
	json_object_set_new(json, "stacks_trouble", string(facts->stacks_trouble));
	return json;
}

void render_json_core(json_t *json, const struct model *model, const struct process *process)
{
	const struct core_facts *facts = process->core_facts;

	/* What only a recording knows is not 0 without one. */
	static const char *const recorded[] = {"image", "run_seconds", "totals", "live", "classes",
		"check", "regions", "not_recorded", "self", "failed_allocs"};

	json_object_set_new(json, "recorded", json_boolean(!process->unrecorded));
	for (size_t i = 0; process->unrecorded && i < sizeof(recorded) / sizeof(recorded[0]); i++)
		json_object_set_new(json, recorded[i], json_null());
	if (facts == NULL) {
		json_object_set_new(json, "core_file", json_null());
		json_object_set_new(json, "threads_at_end", json_null());
		json_object_set_new(json, "memory_map", json_null());
		json_object_set_new(json, "heap", json_null());
		return;
	}
	json_t *threads = json_array(), *map = json_array();
	for (size_t i = 0; i < facts->thread_count; i++)
		json_array_append_new(threads, thread_json(model, &facts->threads[i]));
	for (size_t kind = 0; kind < MAP_KIND_COUNT; kind++)
		json_array_append_new(map, map_json(&facts->map[kind], (enum map_kind)kind));
	json_object_set_new(json, "core_file", core_json(facts));
	json_object_set_new(json, "threads_at_end", threads);
	json_object_set_new(json, "memory_map", map);
	json_object_set_new(json, "heap", heap_json(facts));
}
