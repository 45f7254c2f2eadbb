/*
 * Keeps the model's tables: strings, modules, frames and sites, each stored once. Called by the
 * loaders and by symbolize on one thread. Modules, frames and sites are never removed.
 */
#include "model.h"

#include "memory.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

const char *const model_kind_names[KIND_COUNT] = {"heap", "mmap", "brk", "shm", "dlopen"};
const char *const model_class_names[CLASS_COUNT] = {
	"definite", "indirect", "possible", "reachable", "unknown", "suppressed"};
const char *const model_class_words[CLASS_COUNT] = {"definitely lost", "indirectly lost",
	"possibly lost", "still reachable", "not classified", "suppressed"};
const char *const model_baseline_names[] = {
	[BASELINE_NONE] = NULL,
	[BASELINE_NEW] = "new",
	[BASELINE_KNOWN] = "known",
	[BASELINE_GROWN] = "grown",
};

const char *const model_state_names[] = {"clean", "exec", "running", "killed", "crashed"};

const char *const map_kind_names[MAP_KIND_COUNT] = {"executable", "library_code", "library_data",
	"main_heap", "thread_arena", "large_block", "main_stack", "thread_stack", "anonymous",
	"generated_code", "file", "shared_memory", "reserved", "kernel", "recorder"};
const char *const map_kind_words[MAP_KIND_COUNT] = {"the executable", "libraries: code",
	"libraries: data", "heap (brk)", "heaps of threads' arenas", "large malloc blocks",
	"main stack", "thread stacks", "anonymous memory", "generated code", "mapped files",
	"shared memory", "reserved, not usable", "the kernel's (vdso)", "libleak's own tables"};

const char *const model_root_names[ROOT_KIND_COUNT] = {"other", "variable", "stack", "thread_local",
	"register", "mapping", "named_root", "ignored", "libc_dtv", "heap", "shared_memory",
	"nothing"};

struct string_entry {
	UT_hash_handle hh;
	char text[];
};

struct module_entry {
	UT_hash_handle hh;
	uint32_t number;
	char key[]; /* build-id, then path */
};

struct site_key {
	const char *allocator_symbol; /* of model_string, so the pointer is the identity */
	uint32_t frame;
	uint16_t kind, class;
};

struct site_entry {
	UT_hash_handle hh;
	struct site_key key;
	size_t index;
};

/* Frames are many: their index is an open table of numbers, four bytes each. */
struct model_index {
	struct string_entry *strings;
	struct module_entry *modules;
	struct site_entry *sites;
	uint32_t *frames;
	size_t frame_slots; /* a power of two */
};

void model_init(struct model *model)
{
	*model = (struct model){.index = memory_zero(1, sizeof(struct model_index))};
	model->modules = memory_grow(NULL, &model->module_capacity, 1, sizeof(*model->modules));
	model->modules[0] = (struct module){.path = "", .name = ""};
	model->module_count = 1;
	model->frames = memory_grow(NULL, &model->frame_capacity, 1, sizeof(*model->frames));
	model->frames[0] = (struct frame){0};
	model->frame_count = 1;
	model->index->frame_slots = 1024;
	model->index->frames = memory_zero(model->index->frame_slots, sizeof(uint32_t));
}

#define FREE_TABLE(type, table)                                                                    \
	do {                                                                                       \
		struct type *entry, *next;                                                         \
		HASH_ITER(hh, table, entry, next)                                                  \
		{                                                                                  \
			HASH_DEL(table, entry);                                                    \
			free(entry);                                                               \
		}                                                                                  \
	} while (0)

static void free_core_facts(struct core_facts *facts)
{
	for (size_t i = 0; facts && i < facts->thread_count; i++)
		free(facts->threads[i].stack_pointers);
	if (facts) {
		free(facts->threads);
		free(facts->arenas);
	}
	free(facts);
}

static void free_processes(struct model *model)
{
	for (size_t i = 0; i < model->process_count; i++) {
		free(model->processes[i].args);
		free(model->processes[i].lost);
		free(model->processes[i].threads);
		free(model->processes[i].brinks);
		free(model->processes[i].check);
		free_core_facts(model->processes[i].core_facts);
	}
	model->process_count = 0;
}

static void free_paths(struct model *model)
{
	for (size_t i = 0; i < model->path_count; i++)
		free(model->paths[i].steps);
	free(model->paths);
	model->paths = NULL;
	model->path_count = model->path_capacity = 0;
}

void model_begin_again(struct model *model)
{
	free_processes(model);
	free_paths(model);
	for (size_t i = 0; i < model->site_count; i++) {
		struct site *site = &model->sites[i];
		free(site->pids);
		free(site->shares);
		free(site->intervals);
		free(site->threads);
		free(site->losses);
		*site = (struct site){.kind = site->kind,
			.class = site->class,
			.allocator = site->allocator,
			.allocator_symbol = site->allocator_symbol,
			.frame = site->frame,
			.stack = site->stack,
			.size_min = UINT64_MAX,
			.newest_ns = UINT64_MAX};
	}
	free(model->rows);
	model->rows = NULL;
	model->row_count = 0;
	free(model->used);
	model->used = NULL;
	model->used_count = 0;
}

void model_free(struct model *model)
{
	free_processes(model);
	free_paths(model);
	for (size_t i = 0; i < model->site_count; i++) {
		free(model->sites[i].pids);
		free(model->sites[i].shares);
		free(model->sites[i].intervals);
		free(model->sites[i].threads);
		free(model->sites[i].losses);
	}
	for (size_t i = 0; i < model->module_count; i++)
		free(model->modules[i].segments);
	FREE_TABLE(string_entry, model->index->strings);
	FREE_TABLE(module_entry, model->index->modules);
	FREE_TABLE(site_entry, model->index->sites);
	free(model->index->frames);
	free(model->index);
	free(model->processes);
	free(model->modules);
	free(model->frames);
	free(model->sites);
	for (size_t i = 0; i < model->unseen_count; i++) {
		free(model->unseen[i].program);
		free(model->unseen[i].reason);
	}
	free(model->unseen);
	free(model->rows);
	free(model->used);
}

const char *model_string(struct model *model, const char *text)
{
	struct string_entry *entry;
	size_t length = strlen(text);

	HASH_FIND(hh, model->index->strings, text, length, entry);
	if (entry == NULL) {
		entry = memory_zero(1, sizeof(*entry) + length + 1);
		memcpy(entry->text, text, length);
		HASH_ADD(hh, model->index->strings, text, length, entry);
	}
	return entry->text;
}

void model_add_path(struct model *model, const struct path *path)
{
	model->paths = memory_grow(
		model->paths, &model->path_capacity, model->path_count + 1, sizeof(*model->paths));
	model->paths[model->path_count++] = *path;
}

struct process *model_add_process(struct model *model)
{
	model->processes = memory_grow(model->processes, &model->process_capacity,
		model->process_count + 1, sizeof(*model->processes));
	struct process *process = &model->processes[model->process_count++];
	*process = (struct process){.id = model->process_count - 1,
		.exe = "",
		.image = "",
		.options = "",
		.cwd = "",
		.snapshot_label = ""};
	return process;
}

static bool is_system_path(const char *path)
{
	static const char *const prefixes[] = {"/lib/", "/usr/lib/", "/lib64/", "/usr/lib64/",
		"/lib32/", "/usr/lib32/", "/usr/libexec/", "[", "linux-vdso", "linux-gate"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return path[0] == '\0';
}

uint32_t model_module(struct model *model, const char *path, const uint8_t *build_id,
	unsigned build_id_size, bool executable, uint64_t run_start_realtime_ns)
{
	struct module_entry *entry, *found;

	if (build_id_size > sizeof(((struct module *)0)->build_id))
		build_id_size = 0;
	size_t key_size = build_id_size + strlen(path);
	entry = memory_zero(1, sizeof(*entry) + key_size + 1);
	if (build_id_size)
		memcpy(entry->key, build_id, build_id_size);
	memcpy(entry->key + build_id_size, path, strlen(path));
	HASH_FIND(hh, model->index->modules, entry->key, key_size, found);
	if (found != NULL) {
		free(entry);
		if (executable)
			model->modules[found->number].own =
				model->modules[found->number].is_executable = true;
		return found->number;
	}

	model->modules = memory_grow(model->modules, &model->module_capacity,
		model->module_count + 1, sizeof(*model->modules));
	struct module *module = &model->modules[model->module_count];
	*module = (struct module){.path = model_string(model, path)};
	module->name = text_basename(module->path);
	if (build_id_size)
		memcpy(module->build_id, build_id, build_id_size);
	module->build_id_size = build_id_size;
	module->run_start_realtime_ns = run_start_realtime_ns;
	module->is_executable = executable;
	module->own = executable || !is_system_path(path);
	entry->number = (uint32_t)model->module_count++;
	HASH_ADD(hh, model->index->modules, key, key_size, entry);
	return entry->number;
}

void model_module_reaches(struct model *model, uint32_t module, uint64_t end)
{
	if (end > model->modules[module].end)
		model->modules[module].end = end;
}

static uint64_t frame_hash(const struct frame *frame)
{
	uint64_t hash = frame->offset * 0x9e3779b97f4a7c15ull;
	hash ^= ((uint64_t)frame->parent << 32 | frame->module) + (hash >> 29);
	hash *= 0xbf58476d1ce4e5b9ull;
	hash ^= (hash >> 32) + frame->flags;
	return hash * 0x94d049bb133111ebull >> 20;
}

static void double_frame_slots(struct model *model)
{
	size_t slots = model->index->frame_slots * 2;

	free(model->index->frames);
	model->index->frames = memory_zero(slots, sizeof(uint32_t));
	model->index->frame_slots = slots;
	for (size_t i = 1; i < model->frame_count; i++) {
		size_t slot = frame_hash(&model->frames[i]) & (slots - 1);
		while (model->index->frames[slot])
			slot = (slot + 1) & (slots - 1);
		model->index->frames[slot] = (uint32_t)i;
	}
}

uint32_t model_frame(
	struct model *model, uint32_t parent, uint32_t module, uint64_t offset, uint32_t flags)
{
	struct frame wanted = {
		.parent = parent, .module = module, .offset = offset, .flags = flags};
	struct model_index *index = model->index;

	if (model->frame_count * 2 > index->frame_slots)
		double_frame_slots(model);
	size_t slot = frame_hash(&wanted) & (index->frame_slots - 1);
	for (; index->frames[slot]; slot = (slot + 1) & (index->frame_slots - 1)) {
		const struct frame *frame = &model->frames[index->frames[slot]];
		if (frame->parent == parent && frame->module == module && frame->offset == offset &&
			frame->flags == flags)
			return index->frames[slot];
	}
	model->frames = memory_grow(model->frames, &model->frame_capacity, model->frame_count + 1,
		sizeof(*model->frames));
	model->frames[model->frame_count] = wanted;
	index->frames[slot] = (uint32_t)model->frame_count;
	return (uint32_t)model->frame_count++;
}

/* "operator new" for _Znwm and its kin; C names are plain already. */
static const char *plain_allocator(const char *symbol)
{
	if (strncmp(symbol, "_Znwm", 5) == 0)
		return "operator new";
	if (strncmp(symbol, "_Znam", 5) == 0)
		return "operator new[]";
	return symbol;
}

struct site *model_site(struct model *model, enum site_kind kind, enum site_class class,
	const char *allocator_symbol, uint32_t frame)
{
	struct site_key key;
	struct site_entry *entry;

	memset(&key, 0, sizeof(key));
	key.allocator_symbol = model_string(model, allocator_symbol);
	key.frame = frame;
	key.kind = (uint16_t)kind;
	key.class = (uint16_t) class;
	HASH_FIND(hh, model->index->sites, &key, sizeof(key), entry);
	if (entry != NULL)
		return &model->sites[entry->index];

	model->sites = memory_grow(
		model->sites, &model->site_capacity, model->site_count + 1, sizeof(*model->sites));
	entry = memory_zero(1, sizeof(*entry));
	entry->key = key;
	entry->index = model->site_count++;
	HASH_ADD(hh, model->index->sites, key, sizeof(key), entry);
	struct site *site = &model->sites[entry->index];
	*site = (struct site){.kind = kind,
		.class = class,
		.frame = frame,
		.stack = frame,
		.size_min = UINT64_MAX,
		.newest_ns = UINT64_MAX,
		.allocator_symbol = key.allocator_symbol};
	site->allocator = model_string(model, plain_allocator(allocator_symbol));
	return site;
}

bool model_is_classified(const struct model *model)
{
	for (size_t i = 0; i < model->process_count; i++)
		if (model->processes[i].check && model->processes[i].check->done)
			return true;
	return false;
}

void model_add_loss(struct model *model, size_t leader, size_t site, const struct amount *lost)
{
	struct site *to = &model->sites[leader];

	to->losses = memory_grow(
		to->losses, &to->loss_capacity, to->loss_count + 1, sizeof(*to->losses));
	to->losses[to->loss_count++] = (struct loss){.site = site, .lost = *lost};
}

static int compare_loss_sites(const void *a, const void *b)
{
	const struct loss *one = a, *other = b;

	return one->site < other->site ? -1 : one->site > other->site;
}

static int compare_losses(const void *a, const void *b)
{
	const struct loss *one = a, *other = b;

	if (one->lost.bytes != other->lost.bytes)
		return one->lost.bytes > other->lost.bytes ? -1 : 1;
	return compare_loss_sites(a, b);
}

static void settle_losses(struct site *site)
{
	struct loss *losses = site->losses;
	size_t kept = 0;

	site->indirect = (struct amount){0};
	if (site->loss_count == 0)
		return;
	qsort(losses, site->loss_count, sizeof(*losses), compare_loss_sites);
	for (size_t i = 0; i < site->loss_count; i++) {
		struct amount lost = losses[i].lost;
		site->indirect.bytes += lost.bytes;
		site->indirect.blocks += lost.blocks;
		if (kept && losses[kept - 1].site == losses[i].site) {
			losses[kept - 1].lost.bytes += lost.bytes;
			losses[kept - 1].lost.blocks += lost.blocks;
		} else {
			losses[kept++] = losses[i];
		}
	}
	site->loss_count = kept;
	qsort(losses, kept, sizeof(*losses), compare_losses);
}

void model_settle_losses(struct model *model)
{
	for (size_t i = 0; i < model->site_count; i++)
		settle_losses(&model->sites[i]);
}

void model_site_add_live(struct site *site, size_t process, const struct amount *live)
{
	size_t at = site->share_count;

	site->live.bytes += live->bytes;
	site->live.blocks += live->blocks;
	/* Processes are loaded one after another: it is the last one's, unless sites are merged. */
	while (at && site->shares[at - 1].process != process)
		at--;
	if (at) {
		site->shares[at - 1].live.bytes += live->bytes;
		site->shares[at - 1].live.blocks += live->blocks;
		return;
	}
	site->shares = memory_grow(
		site->shares, &site->share_capacity, site->share_count + 1, sizeof(*site->shares));
	site->shares[site->share_count++] = (struct share){process, *live};
}

void model_site_add_interval(struct site *site, const char *title, const struct amount *live)
{
	size_t at = site->interval_count;

	while (at && site->intervals[at - 1].title != title)
		at--;
	if (at) {
		site->intervals[at - 1].live.bytes += live->bytes;
		site->intervals[at - 1].live.blocks += live->blocks;
		return;
	}
	site->intervals = memory_grow(site->intervals, &site->interval_capacity,
		site->interval_count + 1, sizeof(*site->intervals));
	site->intervals[site->interval_count++] = (struct interval){title, *live};
}

void model_site_add_pid(struct site *site, int pid)
{
	for (size_t i = 0; i < site->pid_count; i++)
		if (site->pids[i] == pid)
			return;
	site->pids = memory_resize(site->pids, site->pid_count + 1, sizeof(*site->pids));
	site->pids[site->pid_count++] = pid;
}

bool model_site_is_of(const struct site *site, const struct process *process)
{
	for (size_t i = 0; i < site->share_count; i++)
		if (site->shares[i].process == process->id)
			return site->shares[i].live.blocks != 0;
	for (size_t i = 0; i < site->pid_count && site->share_count == 0; i++)
		if (site->pids[i] == process->pid)
			return true;
	return false;
}

void model_site_add_thread(struct site *site, const char *name)
{
	for (size_t i = 0; i < site->thread_count; i++)
		if (strcmp(site->threads[i], name) == 0)
			return;
	site->threads =
		memory_resize(site->threads, site->thread_count + 1, sizeof(*site->threads));
	size_t at = site->thread_count++;
	for (; at > 0 && strcmp(site->threads[at - 1], name) > 0; at--)
		site->threads[at] = site->threads[at - 1];
	site->threads[at] = name;
}
