/* Asking a process to check itself, see ask_check.h. Called by `leak snap`. */
#define _GNU_SOURCE
#include "ask_check.h"

#include "image_open.h"
#include "memory.h"
#include "process_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define STEP_MS 10
#define LOOK_AT_PROCESS 20 /* steps between looks whether it still runs */
#define BEGIN_STEPS 200    /* a picture of many blocks takes a while before the row is there */

/* The latest check that was asked for in this way, 0: none yet, and where its row is. */
struct latest {
	uint32_t number;
	uint64_t offset;
	const struct chunk_header *chunk; /* for look_at_row */
};

static void look_at_row(void *context, uint64_t index, const void *data)
{
	struct latest *latest = context;
	const struct image_check *row = data;

	if (row->trigger != CHECK_ON_REQUEST || row->number <= latest->number)
		return;
	latest->number = row->number;
	latest->offset = latest->chunk->offset + latest->chunk->data + index * sizeof(*row);
}

static struct latest find_latest(const struct image_file *image)
{
	struct latest latest = {0};

	for (size_t i = 0; i < image->chunk_count; i++) {
		latest.chunk = &image->chunks[i];
		if (latest.chunk->type == CHUNK_CHECKS)
			image_each_row(image, latest.chunk, sizeof(struct image_check), look_at_row,
				&latest);
	}
	return latest;
}

/* The image's file, for writing; -1 when there is none, or it is not ours to write. */
static int open_to_write(const struct image_file *image)
{
	char path[64];

	if (image->source.count == 0 || image->source.pieces[0].offset != 0 ||
		image->source.pieces[0].at != 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", image->source.pieces[0].fd);
	return open(path, O_RDWR | O_CLOEXEC);
}

static bool read_word(int fd, size_t offset, uint32_t *ret)
{
	return pread(fd, ret, sizeof(*ret), (off_t)offset) == sizeof(*ret);
}

static void wait_a_moment(void)
{
	const struct timespec moment = {.tv_nsec = STEP_MS * 1000000};

	nanosleep(&moment, NULL);
}

/* Asks; several may do so at once. The number of the request, 0 when it cannot be written. */
static uint32_t request(int fd)
{
	const off_t at = offsetof(struct image_header, check_wanted);
	uint32_t wanted = 0;
	bool asked;

	flock(fd, LOCK_EX);
	asked = read_word(fd, (size_t)at, &wanted);
	wanted += wanted == UINT32_MAX ? 2 : 1;
	asked = asked && pwrite(fd, &wanted, sizeof(wanted), at) == sizeof(wanted);
	flock(fd, LOCK_UN);
	return asked ? wanted : 0;
}

/* A process that does not go on hears nothing. */
static int refuse_stopped(int pid, struct error *error)
{
	switch (pid ? process_state_letter(pid) : '\0') {
	case 'T':
		return error_set(error,
			"it is stopped, so it could not be asked which blocks are lost: kill -CONT "
			"%d, and snap it again",
			pid);
	case 't':
		return error_set(error,
			"a debugger holds it, so it could not be asked which blocks are lost; let "
			"it go on, and snap it again");
	default:
		return 0;
	}
}

/* Until the process has taken note of this request or a later one. */
static int await_hearing(
	int fd, int pid, uint32_t wanted, unsigned patience_ms, struct error *error)
{
	uint32_t heard = 0;

	for (unsigned waited = 0; waited <= patience_ms; waited += STEP_MS) {
		if (!read_word(fd, offsetof(struct image_header, check_heard), &heard))
			break;
		if ((int32_t)(heard - wanted) >= 0)
			return 0;
		if (waited % (LOOK_AT_PROCESS * STEP_MS) == 0 && refuse_stopped(pid, error) < 0)
			return -1;
		wait_a_moment();
	}
	return error_set(error,
		"it has allocated nothing for %u ms, so it could not be asked which blocks are "
		"lost; start it with LEAK_OPTIONS=signal=USR2, and kill -USR2 asks it at any time",
		patience_ms);
}

static const char *why(uint32_t failure)
{
	switch (failure) {
	case CHECK_NO_MEMORY:
		return "there is not enough memory for it";
	case CHECK_NO_MAPS:
		return "/proc/self/maps cannot be read there";
	case CHECK_NO_STOP:
		return "its threads could not be stopped (or found: is /proc there?)";
	case CHECK_COPY_DIED:
		return "the copy of the process that was scanned was killed";
	case CHECK_SWITCHED_OFF:
		return "it was started with classes=0";
	case CHECK_IN_SANDBOX:
		return "it has entered a sandbox, which may kill for it; take a core (gcore), of "
		       "which `leak report` tells";
	default:
		return "the reason is not known";
	}
}

/* Until the row at `offset` says that the check is over. */
static int await_row(const struct image_file *image, uint64_t offset, struct error *error)
{
	struct image_check row;

	for (unsigned n = 1;; n++) {
		if (image_read(image, offset, &row, sizeof(row)) != sizeof(row))
			return error_set(error, "the row of the check is gone from the image");
		if (row.state == CHECK_DONE)
			return 0;
		if (row.state == CHECK_FAILED)
			return error_set(error, "which blocks are lost could not be found out: %s",
				why(row.failure));
		if (n % LOOK_AT_PROCESS == 0 && process_state_of(image) != STATE_RUNNING)
			return error_set(error, "the process ended before it had found out which "
						"blocks are lost");
		wait_a_moment();
	}
}

/* Until the check after number `before` is over. It has begun, or will at once. */
static int await_end(const char *name, uint32_t before, struct error *error)
{
	for (unsigned n = 0; n < BEGIN_STEPS; n++) {
		struct image_file image;
		struct latest latest = {0};
		int result = image_open(&image, name, NULL, error);

		if (result == 0)
			latest = find_latest(&image);
		if (result == 0 && latest.number > before) {
			result = await_row(&image, latest.offset, error);
			image_close(&image);
			return result;
		}
		image_close(&image);
		if (result < 0)
			return -1;
		wait_a_moment();
	}
	return error_set(error, "another check is under way there; try again when it is over");
}

int ask_check(const char *name, unsigned patience_ms, struct error *error)
{
	struct image_file image;
	uint32_t wanted, before = 0;
	int fd = -1, pid = 0, result = image_open(&image, name, NULL, error);

	if (result == 0) {
		pid = process_state_pid(&image);
		result = refuse_stopped(pid, error);
	}
	if (result == 0) {
		before = find_latest(&image).number;
		fd = open_to_write(&image);
	}
	image_close(&image);
	if (result < 0)
		return -1;
	if (fd < 0)
		result = error_set(error,
			"its image cannot be written to, so it could not be asked which blocks are "
			"lost; be its user or root, and see that the image is a file");
	else if ((wanted = request(fd)) == 0)
		result = error_set(error, "its image cannot be written to: %s", strerror(errno));
	else
		result = await_hearing(fd, pid, wanted, patience_ms, error);
	if (fd >= 0)
		close(fd);
	return result == 0 ? await_end(name, before, error) : -1;
}
