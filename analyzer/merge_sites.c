/*
 * Merges sites by what their frames say instead of by address. Called by cmd_model.c when every
 * site has its symbols. Frames without a name stay apart by their offset.
 */
#include "merge_sites.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* One line of a stack as a reader sees it. Texts are the model's, so pointers identify them. */
struct face {
	const char *function, *file;
	uint64_t place; /* line, or the offset where there is no function */
	uint32_t module, inlined;
};

struct group {
	UT_hash_handle hh;
	size_t site;
	char key[];
};

char *merge_sites_key(const struct model *model, const struct site *site, size_t *ret_size)
{
	size_t count = 1, capacity = 0;
	struct face *faces = memory_grow(NULL, &capacity, 16, sizeof(*faces));

	memset(faces, 0, sizeof(*faces));
	faces[0].function = site->allocator_symbol;
	faces[0].place = (uint64_t)site->kind << 8 | site->class;
	for (uint32_t number = site->frame; number; number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		for (size_t i = 0; frame->symbol && i < frame->symbol->count; i++) {
			const struct location *location = &frame->symbol->locations[i];
			faces = memory_grow(faces, &capacity, count + 1, sizeof(*faces));
			memset(&faces[count], 0, sizeof(*faces));
			faces[count].function = location->function;
			faces[count].file = location->file;
			faces[count].module = frame->module;
			faces[count].inlined = location->inlined;
			faces[count].place = location->line;
			if (location->function == NULL || location->file == NULL)
				faces[count].place = frame->offset;
			count++;
		}
	}
	*ret_size = count * sizeof(*faces);
	return (char *)faces;
}

/* Merges `from` into another site, and releases what it has. */
static void add_site(struct model *model, size_t index, struct site *from)
{
	struct site *to = &model->sites[index];

	to->total_allocs += from->total_allocs;
	to->total_bytes += from->total_bytes;
	to->counted.blocks += from->counted.blocks;
	to->counted.bytes += from->counted.bytes;
	if (from->oldest_ns > to->oldest_ns)
		to->oldest_ns = from->oldest_ns;
	if (from->newest_ns < to->newest_ns)
		to->newest_ns = from->newest_ns;
	if (from->median_blocks > to->median_blocks) {
		to->median_ns = from->median_ns;
		to->median_blocks = from->median_blocks;
	}
	if (from->size_min < to->size_min)
		to->size_min = from->size_min;
	if (from->size_max > to->size_max)
		to->size_max = from->size_max;
	for (size_t i = 0; i < from->share_count; i++)
		model_site_add_live(to, from->shares[i].process, &from->shares[i].live);
	for (size_t i = 0; i < from->interval_count; i++)
		model_site_add_interval(to, from->intervals[i].title, &from->intervals[i].live);
	for (size_t i = 0; i < from->pid_count; i++)
		model_site_add_pid(to, from->pids[i]);
	for (size_t i = 0; i < from->thread_count; i++)
		model_site_add_thread(to, from->threads[i]);
	for (size_t i = 0; i < from->loss_count; i++)
		model_add_loss(model, index, from->losses[i].site, &from->losses[i].lost);
	free(from->pids);
	free(from->shares);
	free(from->intervals);
	free(from->threads);
	free(from->losses);
}

/* `moved`: where each site is now. */
static void renumber(struct model *model, const size_t *moved)
{
	for (size_t i = 0; i < model->path_count; i++)
		if (model->paths[i].site != SIZE_MAX)
			model->paths[i].site = moved[model->paths[i].site];
	for (size_t i = 0; i < model->site_count; i++)
		for (size_t l = 0; l < model->sites[i].loss_count; l++)
			model->sites[i].losses[l].site = moved[model->sites[i].losses[l].site];
	model_settle_losses(model);
}

static void free_groups(struct group *groups)
{
	struct group *group, *next;

	HASH_ITER(hh, groups, group, next)
	{
		HASH_DEL(groups, group);
		free(group);
	}
}

/* The first of them with this key, which is `site` if there was none. */
static size_t first_with(struct group **groups, const char *key, size_t size, size_t site)
{
	struct group *group;

	HASH_FIND(hh, *groups, key, size, group);
	if (group == NULL) {
		group = memory_zero(1, sizeof(*group) + size);
		memcpy(group->key, key, size);
		group->site = site;
		HASH_ADD(hh, *groups, key, size, group);
	}
	return group->site;
}

/* What is left of sites that were merged may begin at another address in each class. */
static void find_common_stacks(struct model *model)
{
	struct group *groups = NULL;

	for (size_t i = 0; i < model->site_count; i++) {
		size_t size;
		char *key = merge_sites_key(model, &model->sites[i], &size);
		((struct face *)key)->place |= 0xff; /* any class */
		model->sites[i].stack = model->sites[first_with(&groups, key, size, i)].stack;
		free(key);
	}
	free_groups(groups);
}

void merge_sites(struct model *model)
{
	struct group *groups = NULL;
	size_t kept = 0, *moved = memory_zero(model->site_count, sizeof(*moved));

	for (size_t i = 0; i < model->site_count; i++) {
		struct site *site = &model->sites[i];
		size_t size;
		char *key = merge_sites_key(model, site, &size);
		moved[i] = first_with(&groups, key, size, kept);
		if (moved[i] < kept)
			add_site(model, moved[i], site);
		else
			model->sites[kept++] = *site;
		free(key);
	}
	model->site_count = kept;
	renumber(model, moved);
	free(moved);
	free_groups(groups);
	find_common_stacks(model);
}
