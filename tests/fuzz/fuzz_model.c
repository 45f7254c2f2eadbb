/* The model that harnesses try entries on, see fuzz_model.h. */
#include "fuzz_model.h"

static struct location locations[][2] = {
	{{.function = "grow", .symbol = "grow", .file = "src/table.c", .directory = "/home/me", .line = 31}},
	{{.function = "add", .symbol = NULL, .file = "src/table.h", .line = 7, .inlined = true},
		{.function = "fill", .symbol = "fill.constprop.0", .file = "src/table.c", .line = 80}},
	{{.function = "main", .symbol = "main", .file = "src/main.c", .line = 12}},
	{{.function = "ns::Cache<int>::put(int const&)", .symbol = "_ZN2ns5CacheIiE3putERKi",
		.file = "cache.hh", .line = 90}},
	{{.function = "g_strdup", .symbol = "g_strdup"}},
	{{.function = NULL}},
};

static const struct symbol symbols[] = {
	{1, locations[0]}, {2, locations[1]}, {1, locations[2]}, {1, locations[3]}, {1, locations[4]},
	{1, locations[5]}};

static uint32_t frame(struct model *model, uint32_t parent, uint32_t module, size_t which)
{
	uint32_t number = model_frame(model, parent, module, 100 * (which + 1) + parent, 0);

	model->frames[number].symbol = &symbols[which];
	return number;
}

static void site(struct model *model, enum site_class class, const char *allocator, uint32_t at)
{
	struct site *site = model_site(model, KIND_HEAP, class, model_string(model, allocator), at);
	struct amount live = {.bytes = 100 * at + 7, .blocks = at + 1};

	site->allocator = site->allocator_symbol;
	model_site_add_live(site, 0, &live);
	model_site_add_pid(site, 1);
	model->processes[0].classes[class].bytes += live.bytes;
	model->processes[0].classes[class].blocks += live.blocks;
}

void fuzz_model_make(struct model *model)
{
	static const uint8_t id[20] = {1, 2, 3};

	model_init(model);
	struct process *process = model_add_process(model);
	process->pid = 1;
	uint32_t app = model_module(model, "/home/me/app", id, sizeof(id), true, 0);
	uint32_t library = model_module(model, "/usr/lib/x86_64-linux-gnu/libglib-2.0.so.0", NULL, 0, false, 0);
	uint32_t top = frame(model, 0, app, 2);
	uint32_t fill = frame(model, top, app, 1);
	uint32_t grow = frame(model, fill, app, 0);
	uint32_t put = frame(model, frame(model, grow, app, 3), app, 3);
	uint32_t duplicate = frame(model, put, library, 4);
	uint32_t nobody = frame(model, frame(model, 0, 0, 5), library, 5);

	site(model, CLASS_DEFINITE, "malloc", grow);
	site(model, CLASS_INDIRECT, "_Znwm", put);
	site(model, CLASS_POSSIBLE, "calloc", duplicate);
	site(model, CLASS_REACHABLE, "realloc", fill);
	site(model, CLASS_UNKNOWN, "malloc", nobody);
	model_add_loss(model, 0, 1, &model->sites[1].live);
	model_settle_losses(model);
}

struct amount fuzz_model_total(const struct model *model)
{
	struct amount total = {0};

	for (size_t i = 0; i < model->process_count; i++)
		for (size_t class = 0; class < CLASS_COUNT; class++) {
			total.bytes += model->processes[i].classes[class].bytes;
			total.blocks += model->processes[i].classes[class].blocks;
		}
	return total;
}
