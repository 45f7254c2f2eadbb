/*
 * `leak show IMAGE`: what an image holds, section by section, for those who doubt a report or work
 * on the format. Names are not resolved. Damaged parts are left out, as the loader does.
 */
#include "command.h"

#include "image_checks.h"
#include "image_list.h"
#include "image_open.h"
#include "image_tables.h"
#include "live_blocks.h"
#include "load_check.h"
#include "memory.h"
#include "model.h"
#include "process_state.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void show_text(const char *name, const char *text)
{
	char *escaped = text_escape(text);

	printf("  %-22s %s\n", name, escaped);
	free(escaped);
}

/* Seconds from the start of the recording to a moment of its clock. */
static double since_start(const struct image_header *header, uint64_t monotonic_ns)
{
	return (double)(int64_t)(monotonic_ns - header->start_monotonic_ns) / 1e9;
}

static void show_times(const struct image_header *header)
{
	time_t start = (time_t)(header->start_realtime_ns / 1000000000u);
	struct tm parts;
	char text[64] = "?";

	if (localtime_r(&start, &parts))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z", &parts);
	printf("  %-22s %s (%" PRIu64 ".%09" PRIu64 ")\n", "start", text,
		header->start_realtime_ns / 1000000000u, header->start_realtime_ns % 1000000000u);
	if (header->snapshot_realtime_ns)
		printf("  %-22s %.3f s after the start\n", "snapshot",
			since_start(header, header->end_monotonic_ns));
	else if (header->end_monotonic_ns)
		printf("  %-22s %.3f s after the start\n", "end",
			since_start(header, header->end_monotonic_ns));
	else if (header->seen_monotonic_ns)
		printf("  %-22s not known; last seen %.3f s after the start\n", "end",
			since_start(header, header->seen_monotonic_ns));
	else
		printf("  %-22s not known\n", "end");
}

static void show_header(const struct image_file *image)
{
	const struct image_header *header = &image->header;

	printf("header\n");
	printf("  %-22s %u, machine %u, page %u, %s\n", "version", header->version, header->machine,
		header->page_size,
		header->backing == IMAGE_BACKING_ANONYMOUS
			? "written out at the end (no file could be made)"
			: "recorded in this file");
	printf("  %-22s %d, parent %d%s\n", "pid", header->pid, header->ppid,
		header->forked ? ", forked from a recorded process" : "");
	printf("  %-22s %s (%u), exit status %d, signal %d, fault address 0x%" PRIx64 "\n", "state",
		model_state_names[process_state_of(image)], header->state, header->exit_status,
		header->signal, header->fault_address);
	show_text("exe", image->exe);
	show_text("cwd", image->cwd);
	for (uint32_t at = 0; at < header->args_bytes;) {
		show_text(at ? "" : "args", header->args + at);
		at += (uint32_t)strlen(header->args + at) + 1;
	}
	if (header->args_cut)
		show_text("", "(and more that did not fit)");
	show_text("options", image->options);
	if (header->snapshot_label[0])
		show_text("label", header->snapshot_label);
	show_times(header);
	printf("  %-22s %" PRIu64 ", %" PRIu64 " opened, %" PRIu64 " at most, %" PRIu64
	       " readable here\n",
		"bytes", header->used_bytes, header->opened_bytes, header->limit_bytes,
		image->readable_bytes);
	if (header->memory_from)
		printf("  %-22s from %" PRIu64 " on: the file could not grow\n", "in memory only",
			header->memory_from);
	printf("  %-22s %" PRId64 ", peak %" PRId64 "\n", "live bytes flushed",
		header->live_bytes_flushed, header->peak_bytes_flushed);
	printf("  %-22s %u, clock shift %u, marks %" PRIu64 "\n", "granule shift",
		header->granule_shift, header->clock_shift, header->moment_bias);
}

static void show_chunks(const struct image_file *image)
{
	printf("chunks (%zu)\n", image->chunk_count);
	for (size_t i = 0; i < image->chunk_count; i++) {
		const struct chunk_header *chunk = &image->chunks[i];
		const char *name = image_chunk_name(chunk->type);
		printf("  at %-12" PRIu64 " %10" PRIu64 " bytes  %-8s owner %u, first %" PRIu64
		       ", rows %" PRIu64 "\n",
			chunk->offset, chunk->size, name ? name : "?", chunk->owner, chunk->first,
			chunk->rows);
	}
}

static void show_modules(const struct image_tables *tables)
{
	printf("modules\n");
	for (size_t i = 1; i < tables->module_count; i++) {
		const struct image_module *module = &tables->modules[i];
		if (module->state == MODULE_FREE)
			continue;
		char *path = text_escape(image_module_path(tables, i));
		printf("  %3u %012" PRIx64 "-%012" PRIx64 " bias %" PRIx64 " %s moment %" PRIu64
		       " build-id ",
			module->number, module->start, module->end, module->bias,
			module->state == MODULE_UNLOADED ? "unloaded" : "loaded",
			module->load_moment);
		for (uint32_t b = 0; b < module->build_id_size; b++)
			printf("%02x", module->build_id[b]);
		printf("%s  %s\n", module->build_id_size ? "" : "none", path);
		free(path);
	}
}

static void show_threads(const struct image_tables *tables)
{
	printf("threads\n");
	for (size_t i = 0; i < tables->thread_count; i++) {
		const struct image_thread *thread = &tables->threads[i];
		if (thread->state == 0)
			continue;
		char *name = text_escape(thread->name);
		printf("  slot %zu tid %d (%u so far) '%s': %" PRIu64 " allocs of %" PRIu64
		       " bytes, %" PRIu64 " frees of %" PRIu64 " bytes, live %+" PRId64
		       ", peak %+" PRId64 " since the last flush\n",
			i, thread->tid, thread->threads, name, thread->allocs, thread->alloc_bytes,
			thread->frees, thread->free_bytes, thread->live_delta, thread->peak_delta);
		free(name);
	}
}

static void show_epochs(const struct image_header *header, const struct image_tables *tables)
{
	static const char *const kinds[] = {"?", "start", "mark", "snapshot", "signal", "interval",
		"end", "limit", "failed", "check"};

	printf("epochs\n");
	for (size_t i = 0; i < tables->epoch_count; i++) {
		const struct image_epoch *epoch = &tables->epochs[i];
		char whole[EPOCH_LABEL_MAX], *label;

		image_epoch_label(epoch, whole);
		label = text_escape(whole);
		printf("  %3u %-8s %s%s%sat %.3f s: %" PRId64 " bytes in %" PRId64
		       " %s live; so far %" PRIu64 " allocs of %" PRIu64 " bytes, %" PRIu64
		       " frees of %" PRIu64 " bytes; moment %" PRIu64 ", bias %" PRIu64 "\n",
			epoch->number, epoch->kind <= EPOCH_CHECK ? kinds[epoch->kind] : "?",
			label[0] ? "'" : "", label, label[0] ? "' " : "",
			since_start(header, epoch->monotonic_ns),
			(int64_t)(epoch->alloc_bytes - epoch->free_bytes),
			(int64_t)(epoch->allocs - epoch->frees),
			text_plural(epoch->allocs - epoch->frees, "block", "blocks"), epoch->allocs,
			epoch->alloc_bytes, epoch->frees, epoch->free_bytes, epoch->moment,
			epoch->bias);
		free(label);
	}
}

static void show_nodes(const struct image_tables *tables)
{
	size_t frames = 0, sites = 0, truncated = 0, partial = 0;

	for (size_t i = 1; i < tables->node_count; i++) {
		if (tables->nodes[i].ip == 0)
			continue;
		if (image_tables_family(tables, (uint32_t)i) != FAMILY_NONE)
			sites++;
		else
			frames++;
		truncated += (tables->nodes[i].flags & NODE_TRUNCATED) != 0;
		partial += (tables->nodes[i].flags & NODE_PARTIAL) != 0;
	}
	printf("nodes\n  %zu frames, %zu sites, %zu stacks truncated, %zu partial\n", frames, sites,
		truncated, partial);
}

struct showing {
	const struct image_tables *tables;
	uint32_t slot;
};

static void show_site(void *context, uint64_t index, const void *row)
{
	const struct showing *showing = context;
	struct image_site site;

	(void)index;
	memcpy(&site, row, sizeof(site));
	if (site.site)
		printf("  slot %u site %u %s: %" PRIu64 " allocs of %" PRIu64 " bytes\n",
			showing->slot, site.site,
			image_family_symbol(image_tables_family(showing->tables, site.site)),
			site.allocs, site.bytes);
}

static void show_region(void *context, uint64_t index, const void *row)
{
	static const char *const kinds[] = {"?", "mmap", "brk", "shm", "allocator"};
	struct image_region region;

	(void)context, (void)index;
	memcpy(&region, row, sizeof(region));
	if (region.state != REGION_FREE)
		printf("  %012" PRIx64 "-%012" PRIx64 " %s site %u prot %x flags %x moment %" PRIu64
		       "\n",
			region.start, region.end,
			region.state <= REGION_ALLOCATOR ? kinds[region.state] : "?", region.site,
			region.prot, region.flags, region.moment);
}

static void show_check(const struct image_header *header, const struct image_check *check)
{
	static const char *const classes[BLOCK_CLASS_COUNT] = {
		"unknown", "reachable", "possible", "indirect", "definite"};
	static const char *const states[] = {"?", "running", "done", "failed"};

	printf("  %3u %s (%s) at %.3f s, moment %" PRIu64 ", left out %x, heuristics %x",
		check->number, states[check->state], load_check_trigger(check->trigger),
		since_start(header, check->monotonic_ns), check->moment, check->left_out,
		check->heuristics);
	if (check->state == CHECK_FAILED)
		printf(": %s", load_check_failure(check->failure));
	printf("\n      %u threads stopped, %u not met, pause %.3f ms, scan %.3f ms, %" PRIu64
	       " bytes of roots, %" PRIu64 " of blocks, %" PRIu64 " unreadable, %" PRIu64
	       " for the scan\n     ",
		check->threads, check->unmet_threads, (double)check->pause_ns / 1e6,
		(double)check->scan_ns / 1e6, check->root_bytes, check->block_bytes,
		check->unreadable_bytes, check->scan_memory_bytes);
	for (size_t i = 0; i < BLOCK_CLASS_COUNT; i++)
		printf(" %s %" PRIu64 " bytes in %" PRIu64 ";", classes[i], check->classes[i].bytes,
			check->classes[i].blocks);
	printf(" unnamed %" PRIu64 " bytes in %" PRIu64 "\n", check->unnamed_bytes,
		check->unnamed_blocks);
	if (check->with_paths)
		printf("      %" PRIu64 " paths, %" PRIu64 " cut\n", check->paths,
			check->cut_paths);
}

static void show_indirect(void *context, uint64_t index, const void *row)
{
	struct image_indirect indirect;

	(void)context, (void)index;
	memcpy(&indirect, row, sizeof(indirect));
	if (indirect.site)
		printf("  site %u loses %" PRIu64 " bytes in %" PRIu64 " blocks of site %u\n",
			indirect.leader_site, indirect.bytes, indirect.blocks, indirect.site);
}

/* What is live at each site, by class, and the checks that tell the classes. */
static void show_live(const struct image_file *image, const struct image_tables *tables)
{
	struct image_checks checks;
	struct live_blocks live;

	image_checks_read(&checks, image, true);
	const struct live_wish wish = {.tables = tables, .checks = &checks, .newest = INT64_MAX};
	live_blocks_read(&live, image, &wish, NULL);
	printf("live\n");
	for (size_t i = 0; i < live.site_count; i++)
		if (live.sites[i].blocks)
			printf("  site %u %s %s: %" PRIu64 " bytes in %" PRIu64 " blocks\n",
				live.sites[i].site,
				image_family_symbol(
					image_tables_family(tables, live.sites[i].site)),
				model_class_names[live.sites[i].class], live.sites[i].bytes,
				live.sites[i].blocks);
	printf("checks\n");
	for (size_t i = 0; i < checks.count; i++)
		show_check(&image->header, &checks.rows[i]);
	image_checks_indirect(&checks, show_indirect, NULL);
	live_blocks_free(&live);
	image_checks_free(&checks);
}

static void show_rows(const struct image_file *image, const struct image_tables *tables,
	const char *title, uint32_t type, size_t row_size,
	void (*show)(void *context, uint64_t index, const void *row))
{
	struct showing showing = {.tables = tables};

	printf("%s\n", title);
	for (size_t i = 0; i < image->chunk_count; i++) {
		if (image->chunks[i].type != type)
			continue;
		showing.slot = image->chunks[i].owner;
		image_each_row(image, &image->chunks[i], row_size, show, &showing);
	}
}

static void show_lost(const struct image_header *header)
{
	static const struct lost_row lost[] = {
#define X(id, name, text) {name, text, NULL, 0},
		IMAGE_LOST_TABLE(X)
#undef X
	};

	printf("not recorded\n");
	for (size_t i = 0; i < LOST_COUNT; i++)
		printf("  %-22s %" PRIu64 " %s\n", lost[i].name, header->lost[i], lost[i].text);
}

static int show_image(const char *path)
{
	struct image_file image;
	struct image_tables tables;
	struct error error;

	if (image_open(&image, path, NULL, &error) < 0) {
		command_complain(path, error.text);
		image_close(&image);
		return EXIT_NOT_MEASURED;
	}
	image_tables_read(&tables, &image);
	show_text("image", path);
	bool truncated = image.readable_bytes < image.wanted_bytes;
	if (truncated)
		printf("  truncated: %" PRIu64 " of %" PRIu64 " bytes are there\n",
			image.readable_bytes, image.wanted_bytes);
	show_header(&image);
	show_modules(&tables);
	show_threads(&tables);
	show_epochs(&image.header, &tables);
	show_chunks(&image);
	show_nodes(&tables);
	show_rows(&image, &tables, "sites", CHUNK_SITES, sizeof(struct image_site), show_site);
	show_live(&image, &tables);
	show_rows(&image, &tables, "regions", CHUNK_REGIONS, sizeof(struct image_region),
		show_region);
	show_lost(&image.header);
	image_tables_free(&tables);
	image_close(&image);
	if (truncated)
		command_complain(path,
			"the image is truncated: what is shown is incomplete; copy it "
			"again, or record again");
	return truncated ? EXIT_NOT_MEASURED : EXIT_OK;
}

int cmd_show(struct settings *settings)
{
	struct image_list list;
	struct error error;
	const char *subject;
	int status = EXIT_OK;

	if (settings->who_points)
		return cmd_who_points(settings);
	if (settings->json || settings->top != UINT64_MAX) {
		command_complain("",
			"--json and --top are for `leak show --who-points`; `leak report "
			"--json` is for machines");
		return EXIT_USAGE;
	}
	if (image_list_fill(&list, settings->operands.texts, settings->operands.count, &subject,
		    &error) < 0) {
		command_complain(subject, error.text);
		status = EXIT_NOT_MEASURED;
	}
	for (size_t i = 0; i < list.count; i++)
		if (show_image(list.items[i].path) != EXIT_OK)
			status = EXIT_NOT_MEASURED;
	image_list_free(&list);
	return status;
}
