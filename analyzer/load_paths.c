/*
 * Reads the paths of a check, see load_paths.h. Called by load_image.c. Numbers in the rows are
 * checked here.
 */
#include "load_paths.h"

#include "live_each.h"
#include "memory.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 64u

_Static_assert((int)KEPT_BY_OTHER == (int)ROOT_OTHER && (int)KEPT_BY_DATA == (int)ROOT_DATA &&
		       (int)KEPT_BY_STACK == (int)ROOT_STACK && (int)KEPT_BY_TLS == (int)ROOT_TLS &&
		       (int)KEPT_BY_REGISTER == (int)ROOT_REGISTER &&
		       (int)KEPT_BY_MAPPING == (int)ROOT_MAPPING &&
		       (int)KEPT_BY_NAMED == (int)ROOT_NAMED &&
		       (int)KEPT_BY_REQUEST == (int)ROOT_IGNORED &&
		       (int)KEPT_BY_DTV == (int)ROOT_DTV && (int)KEPT_BY_HEAP == (int)ROOT_HEAP &&
		       (int)KEPT_BY_SHARED == (int)ROOT_SHARED &&
		       (int)KEPT_BY_NOTHING == (int)ROOT_NONE,
	"the image has the model's kinds of roots");

struct reading {
	struct model *model;
	const struct process *process;
	const struct path_names *names;
	bool open; /* a PATH_BLOCK row has come, and its PATH_ROOT row has not */
	struct path path;
	struct path_step steps[STEPS_MAX]; /* from the block to the root */
};

static const enum site_class class_of[BLOCK_CLASS_COUNT] = {
	[BLOCK_UNCLASSED] = CLASS_UNKNOWN,
	[BLOCK_REACHABLE] = CLASS_REACHABLE,
	[BLOCK_POSSIBLE] = CLASS_POSSIBLE,
	[BLOCK_INDIRECT] = CLASS_INDIRECT,
	[BLOCK_DEFINITE] = CLASS_DEFINITE,
};

/* DWARF's numbers (System V ABI, AMD64 supplement, figure 3.36; ELF for the Arm 64-bit
 * architecture). */
static const char *register_name(uint32_t machine, uint64_t number)
{
	static const char *const x86_64[] = {"rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp",
		"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip"};
	static const char *const aarch64[] = {"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8",
		"x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20",
		"x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x29", "x30", "sp"};

	if (machine == EM_X86_64 && number < sizeof(x86_64) / sizeof(x86_64[0]))
		return x86_64[number];
	if (machine == EM_AARCH64 && number < sizeof(aarch64) / sizeof(aarch64[0]))
		return aarch64[number];
	return NULL;
}

/* The caller of the allocator at a site. */
static uint32_t frame_of_site(const struct path_names *names, uint32_t site)
{
	if (image_tables_family(names->tables, site) == FAMILY_NONE)
		return 0;
	return names->frame(names->context, names->tables->nodes[site].parent);
}

static void read_block(struct reading *reading, const struct image_path *row)
{
	reading->open = row->detail < BLOCK_CLASS_COUNT;
	if (!reading->open)
		return;
	reading->path = (struct path){.pid = reading->process->pid,
		.site = SIZE_MAX,
		.class = class_of[row->detail],
		.address = row->address,
		.size = row->size,
		.into = row->into,
		.frame = frame_of_site(reading->names, row->site)};
	if (!reading->names->site(
		    reading->names->context, row->site, reading->path.class, &reading->path.site))
		reading->path.site = SIZE_MAX;
}

static void read_step(struct reading *reading, const struct image_path *row)
{
	if (reading->path.step_count == STEPS_MAX) {
		reading->open = false;
		return;
	}
	reading->steps[reading->path.step_count++] = (struct path_step){
		.left_out = row->kind == PATH_LEFT_OUT,
		.count = row->count,
		.address = row->address,
		.size = row->size,
		.offset = row->offset,
		.into = row->into,
		.several_offsets = row->flags & PATH_SEVERAL_OFFSETS,
		.several_sizes = row->flags & PATH_SEVERAL_SIZES,
		.frame = row->kind == PATH_STEP ? frame_of_site(reading->names, row->site) : 0};
}

static const char *thread_name(const struct process *process, int tid)
{
	for (size_t i = 0; i < process->thread_count; i++)
		if (process->threads[i].tid == tid && process->threads[i].name[0])
			return process->threads[i].name;
	return NULL;
}

/* What is in the module and what behind it of an image_node's ip; false without a module. */
static bool read_ip(
	const struct reading *reading, uint64_t ip, uint32_t *ret_module, uint64_t *bias)
{
	const struct path_names *names = reading->names;
	uint64_t number = ip >> IP_MODULE_SHIFT;

	if (number == 0 || number >= names->tables->module_count || !names->model_modules[number])
		return false;
	*ret_module = names->model_modules[number];
	*bias = names->tables->modules[number].bias;
	return true;
}

static void read_root(struct reading *reading, const struct image_path *row)
{
	struct path_root *root = &reading->path.root;
	uint64_t bias = 0;
	uint32_t module = 0;
	bool known = read_ip(reading, row->ip, &module, &bias);

	*root = (struct path_root){
		.kind = row->detail < ROOT_KIND_COUNT ? (enum root_kind)row->detail : KEPT_BY_OTHER,
		.address = row->address,
		.tid = row->tid,
		.thread = row->tid ? thread_name(reading->process, row->tid) : NULL};
	if (root->kind == KEPT_BY_REGISTER) {
		root->register_name = register_name(reading->names->machine, row->count);
	} else if (root->kind == KEPT_BY_MAPPING) {
		root->frame = frame_of_site(reading->names, row->site);
		root->offset = row->offset;
	} else if (root->kind == KEPT_BY_STACK && row->ip) {
		root->frame = model_frame(reading->model, 0, module, (row->ip & IP_MASK) - bias,
			row->flags & PATH_EXACT ? FRAME_EXACT : 0);
	} else if ((root->kind == KEPT_BY_DATA || root->kind == KEPT_BY_TLS) && known) {
		root->module = module;
		root->offset = (row->ip & IP_MASK) - (root->kind == KEPT_BY_DATA ? bias : 0);
	}
}

static void end_path(struct reading *reading)
{
	struct path *path = &reading->path;

	path->steps = memory_zero(path->step_count, sizeof(*path->steps));
	for (size_t i = 0; i < path->step_count; i++)
		path->steps[path->step_count - 1 - i] = reading->steps[i];
	model_add_path(reading->model, path);
	reading->open = false;
}

static void read_row(void *context, uint64_t index, const void *data)
{
	struct reading *reading = context;
	struct image_path row;

	(void)index;
	memcpy(&row, data, sizeof(row));
	if (row.kind == PATH_BLOCK)
		read_block(reading, &row);
	else if (!reading->open)
		return;
	else if (row.kind == PATH_STEP || row.kind == PATH_LEFT_OUT)
		read_step(reading, &row);
	else if (row.kind == PATH_ROOT) {
		read_root(reading, &row);
		end_path(reading);
	} else
		reading->open = false;
}

void load_paths(struct model *model, const struct process *process,
	const struct image_checks *checks, const struct path_names *names)
{
	struct reading reading = {.model = model, .process = process, .names = names};

	image_checks_paths(checks, read_row, &reading);
}

/* ---- the block at an address ---- */

struct looking {
	uint64_t address;
	bool found;
	struct image_block block;
};

static void look(void *context, uint32_t space, const struct image_block *blocks, size_t count)
{
	struct looking *looking = context;

	(void)space;
	for (size_t i = 0; i < count; i++) {
		uint64_t size = blocks[i].size == BLOCK_SIZE_UNKNOWN ? 0 : blocks[i].size;
		if (looking->address - blocks[i].address >= (size ? size : 1) ||
			(looking->found && looking->block.size <= size))
			continue;
		looking->found = true;
		looking->block = blocks[i];
		looking->block.size = size;
	}
}

void load_paths_asked(struct asked *ret, const struct image_file *image, uint64_t address,
	const struct path_names *names)
{
	struct looking looking = {.address = address};

	live_each(image, NULL, look, &looking);
	if (!looking.found)
		return;
	*ret = (struct asked){.found = true,
		.address = looking.block.address,
		.size = looking.block.size,
		.site = SIZE_MAX};
	for (size_t class = 0; class < CLASS_COUNT; class ++)
		if (names->site(names->context, looking.block.site, (enum site_class) class,
			    &ret->site))
			return;
	ret->site = SIZE_MAX;
}
