/*
 * Images (analyzer/image_*.c, live_*.c, load_*.c): the first byte chooses options, the next two an
 * address that is asked for, the rest is an image in the language of fuzz_layout.h. What comes out
 * is a model whose numbers point at what is there, whose sites sum up to what the process has.
 */
#include "fuzz.h"
#include "fuzz_file.h"
#include "fuzz_layout.h"

#include "analyzer/load_image.h"
#include "analyzer/merge_sites.h"
#include "analyzer/model.h"

#include <string.h>

static void check_site(const struct model *model, const struct site *site)
{
	size_t steps = 0;

	PROMISE(site->frame < model->frame_count);
	PROMISE(site->class < CLASS_COUNT && site->kind < KIND_COUNT);
	for (uint32_t at = site->frame; at; at = model->frames[at].parent) {
		PROMISE(model->frames[at].module < model->module_count);
		PROMISE(model->frames[at].parent < model->frame_count);
		PROMISE(++steps <= model->frame_count);
	}
	for (size_t i = 0; i < site->loss_count; i++)
		PROMISE(site->losses[i].site < model->site_count);
}

static void check(const struct model *model, bool all)
{
	uint64_t blocks = 0, bytes = 0;

	for (size_t i = 0; i < model->process_count; i++) {
		blocks -= model->processes[i].live.blocks;
		bytes -= model->processes[i].live.bytes;
	}

	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		check_site(model, site);
		if (site->kind == KIND_HEAP) {
			blocks += site->live.blocks;
			bytes += site->live.bytes;
		}
	}
	PROMISE(!all || (blocks == 0 && bytes == 0));
	for (size_t i = 0; i < model->path_count; i++) {
		const struct path *path = &model->paths[i];
		PROMISE(path->site == SIZE_MAX || path->site < model->site_count);
		PROMISE(path->frame < model->frame_count && path->root.frame < model->frame_count);
		PROMISE(path->root.module < model->module_count);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);
	unsigned flags = (unsigned)input_number(&input, 1);
	uint64_t address = input_number(&input, 2) << 5;
	struct asked asked = {0};
	struct load_options options = {.no_threads = flags & 1,
		.intervals = flags & 2,
		.no_classes = flags & 4,
		.paths = flags & 8,
		.path_of = flags & 16 ? address : 0,
		.ret_asked = flags & 16 ? &asked : NULL,
		.older_ns = flags & 32 ? address << 20 : 0};
	struct error error = {""};
	struct model model;
	const uint8_t *image = layout_image(&input, &size);

	model_init(&model);
	fuzz_file_set(image, size);
	int result = load_image(&model, FUZZ_FILE, &options, &error);
	PROMISE(result == 0 || (result == -1 && error.text[0]));
	PROMISE((result == 0) == (model.process_count == 1));
	if (result == 0) {
		if (flags & 64) /* the same process once more, or refused as a snapshot */
			PROMISE(load_image(&model, FUZZ_FILE, &options, &error) >= 0);
		check(&model, options.older_ns == 0);
		merge_sites(&model);
		check(&model, options.older_ns == 0);
	}
	model_free(&model);
	return 0;
}
