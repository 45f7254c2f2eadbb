/*
 * Follows a process through its image. Called by cmd_top.c. A pid may become another process's, and
 * an image's file may get another name or none while it is followed: so the file stays open. What
 * is read is only the image: the process is neither stopped nor touched.
 */
#define _GNU_SOURCE
#include "follow.h"

#include "clock.h"
#include "image_open.h"
#include "load_image.h"
#include "memory.h"
#include "open_process.h"
#include "process_state.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define GOODBYE_NS 100000000 /* in which `leak run` writes how its command ended */

/* The descriptor of the image's file, -1 for an image in memory or in a core. A file is one piece
 * from its beginning; what a full disk kept out of it follows. */
static int file_of(const struct image_file *image)
{
	const struct image_piece *first = image->source.pieces;

	if (image->origin == ORIGIN_CORE || image->source.count == 0 || first->at != 0)
		return -1;
	return fcntl(first->fd, F_DUPFD_CLOEXEC, 0);
}

int follow_start(struct follow *follow, const char *name, struct error *error)
{
	struct image_file image;

	*follow = (struct follow){.name = name, .file_fd = -1, .pid_fd = -1};
	if (image_open(&image, name, NULL, error) < 0) {
		image_close(&image);
		return -1;
	}
	follow->by_pid = image.origin == ORIGIN_PROCESS;
	follow->image = memory_copy(image.path);
	follow->own_pid = image.header.pid;
	follow->start_realtime_ns = image.header.start_realtime_ns;
	follow->file_fd = file_of(&image);
	snprintf(follow->file_path, sizeof(follow->file_path), "/proc/self/fd/%d", follow->file_fd);
	if (process_state_of(&image) == STATE_RUNNING && !image.header.snapshot_realtime_ns) {
		follow->pid = follow->by_pid ? open_process_pid(name) : image.header.pid;
		follow->pid_fd = (int)syscall(SYS_pidfd_open, follow->pid, 0);
	}
	image_close(&image);
	return 0;
}

static bool is_ours(const struct follow *follow, const struct model *model)
{
	const struct process *process = &model->processes[0];

	return process->pid == follow->own_pid &&
	       process->start_realtime_ns == follow->start_realtime_ns;
}

static bool load(
	struct follow *follow, struct model *model, const char *name, struct progress *progress)
{
	struct load_options options = {
		.progress = progress, .no_threads = true, .no_classes = true, .idle_sites = true};
	struct error error;

	model_begin_again(model);
	follow->load_ns = clock_monotonic_ns();
	if (load_image(model, name, &options, &error) == 0 && is_ours(follow, model))
		return true;
	model_begin_again(model);
	return false;
}

static bool is_running(const struct model *model)
{
	const struct process *process = &model->processes[0];

	return process->state == STATE_RUNNING && !process->snapshot_realtime_ns;
}

/* The file, also after the process ended; a core by its name. */
static bool load_file(struct follow *follow, struct model *model, struct progress *progress)
{
	if (follow->file_fd >= 0)
		return load(follow, model, follow->file_path, progress);
	return !follow->by_pid && load(follow, model, follow->name, progress);
}

static enum follow_state ended(struct follow *follow)
{
	follow->pid = 0;
	return FOLLOW_ENDED;
}

enum follow_state follow_load(struct follow *follow, struct model *model, struct progress *progress)
{
	if (follow->by_pid && follow->pid && load(follow, model, follow->name, progress))
		return is_running(model) ? FOLLOW_RUNNING : ended(follow);
	if (!load_file(follow, model, progress)) {
		follow->pid = 0;
		return FOLLOW_GONE;
	}
	if (is_running(model))
		return FOLLOW_RUNNING;
	if (follow->pid && model->processes[0].state == STATE_KILLED &&
		model->processes[0].signal == 0) {
		nanosleep(&(struct timespec){.tv_nsec = GOODBYE_NS}, NULL);
		if (!load_file(follow, model, NULL)) {
			follow->pid = 0;
			return FOLLOW_GONE;
		}
	}
	return ended(follow);
}

void follow_memory(const struct follow *follow, struct follow_memory *ret)
{
	char path[64], line[256];
	uint64_t value;

	*ret = (struct follow_memory){0};
	snprintf(path, sizeof(path), "/proc/%d/status", follow->pid);
	FILE *file = follow->pid ? fopen(path, "re") : NULL;
	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "VmRSS: %" SCNu64, &value) == 1)
			ret->resident = value * 1024;
		else if (sscanf(line, "RssAnon: %" SCNu64, &value) == 1)
			ret->anonymous = value * 1024;
		else if (sscanf(line, "VmSwap: %" SCNu64, &value) == 1)
			ret->swapped = value * 1024;
	}
	fclose(file);
}

void follow_end(struct follow *follow)
{
	if (follow->file_fd >= 0)
		close(follow->file_fd);
	if (follow->pid_fd >= 0)
		close(follow->pid_fd);
	free(follow->image);
}
