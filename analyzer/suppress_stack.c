/*
 * Lays a site's stack out for the two matchers. Called by suppress_apply.c for one site after
 * another. The model's stacks begin at the allocator's caller; those that entries are written for
 * begin in the allocator.
 */
#include "suppress_stack.h"

#include "demangle.h"
#include "memory.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

void suppress_stack_init(struct suppress_stack *stack, const struct model *model)
{
	*stack = (struct suppress_stack){.module_count = model->module_count,
		.real_modules = memory_zero(model->module_count, sizeof(char *)),
		.real_known = memory_zero(model->module_count, sizeof(bool))};
}

static void drop_frames(struct suppress_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		free(stack->frames[i].path);
	stack->count = 0;
	free(stack->allocator);
	stack->allocator = NULL;
}

void suppress_stack_free(struct suppress_stack *stack)
{
	drop_frames(stack);
	for (size_t i = 0; i < stack->module_count; i++)
		free(stack->real_modules[i]);
	free(stack->real_modules);
	free(stack->real_known);
	free(stack->frames);
}

/* The loader is given libz.so.1, and the kernel (so valgrind, so LeakSanitizer) knows the file that
 * it leads to. The recorder knows the first; so the second is only found where the file is. */
static const char *real_module(
	struct suppress_stack *stack, const struct model *model, uint32_t number)
{
	const char *path = model->modules[number].path;
	char room[PATH_MAX];

	if (!stack->real_known[number]) {
		stack->real_known[number] = true;
		if (path[0] == '/' && realpath(path, room) && strcmp(path, room) != 0)
			stack->real_modules[number] = memory_copy(room);
	}
	return stack->real_modules[number];
}

static char *source_path(const struct location *location)
{
	if (location->file == NULL)
		return NULL;
	if (location->file[0] == '/' || location->directory == NULL)
		return memory_copy(location->file);
	return memory_join(location->directory, "/", location->file);
}

static struct suppress_frame *add(struct suppress_stack *stack)
{
	stack->frames = memory_grow(
		stack->frames, &stack->capacity, stack->count + 1, sizeof(*stack->frames));
	stack->frames[stack->count] = (struct suppress_frame){0};
	return &stack->frames[stack->count++];
}

static void add_frame(
	struct suppress_stack *stack, const struct model *model, const struct frame *frame)
{
	static const struct location unknown;
	size_t count = frame->symbol ? frame->symbol->count : 1;

	for (size_t i = 0; i < count; i++) {
		const struct location *location =
			frame->symbol ? &frame->symbol->locations[i] : &unknown;
		struct suppress_frame *to = add(stack);
		to->function = location->function;
		to->symbol = location->symbol;
		to->valgrind = location->valgrind;
		to->path = source_path(location);
		to->line = location->line;
		to->inlined = location->inlined;
		if (frame->module == 0)
			continue;
		to->module = model->modules[frame->module].path;
		to->real_module = real_module(stack, model, frame->module);
		to->system = !model->modules[frame->module].own;
	}
}

void suppress_stack_fill_allocator(struct suppress_stack *stack, const char *symbol)
{
	drop_frames(stack);
	stack->allocator = demangle(symbol);
	struct suppress_frame *first = add(stack);
	first->function = stack->allocator;
	first->symbol = symbol;
	first->allocator = true;
}

void suppress_stack_fill_frame(
	struct suppress_stack *stack, const struct model *model, uint32_t number)
{
	drop_frames(stack);
	add_frame(stack, model, &model->frames[number]);
}

void suppress_stack_fill(
	struct suppress_stack *stack, const struct model *model, const struct site *site)
{
	suppress_stack_fill_allocator(stack, site->allocator_symbol);
	for (uint32_t number = site->frame; number; number = model->frames[number].parent)
		add_frame(stack, model, &model->frames[number]);
}

const char *suppress_plain_name(const char *symbol)
{
	if (strncmp(symbol, "__GI_", 5) == 0)
		symbol += 5;
	if (strncmp(symbol, "_Z", 2) == 0 || strncmp(symbol, "_R", 2) == 0)
		return symbol;
	return symbol + strspn(symbol, "_");
}
