/*
 * Runs the model program (model/main.c) under the recorder and compares the image that it leaves with
 * its shadow model: every block by address, size and call path; every mapped page, and how pages are
 * joined to regions; the images of its forked children; what was not recorded. Nothing may be there
 * besides, and nothing may be missing. Called by the model_*.sh tests:
 *
 *	model_harness PRELOAD MODEL KNOB=NUMBER…
 *
 * PRELOAD is LD_PRELOAD's value, beginning with the recorder; a knob is a field of struct
 * model_log, or limit_as=, limit_data= (bytes), sample= (seconds between samples of the recorder's
 * own memory). The image is left as model.leak. Prints blocks and bytes of each call site as `site
 * NAME BLOCKS BYTES`, the samples as `own …`, and a line that begins with `counted:`.
 */
#include "tests/torture/parts/model_picture.h"
#include "tests/torture/parts/model_run.h"
#include "tests/torture/parts/model_samples.h"
#include "tests/torture/parts/model_verify.h"
#include "tests/torture/parts/model_verify_children.h"
#include "tests/torture/parts/model_verify_pages.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t limit_as, limit_data, sample_seconds;
static bool flat; /* from the middle of the run on the recorder's memory must not grow */

/* ---- knobs ---- */

static const struct {
	const char *name;
	size_t offset;
} knobs[] = {
#define KNOB(name)                                                                                 \
	{                                                                                          \
#name, offsetof(struct model_log, name)                                            \
	}
	KNOB(workers),
	KNOB(lives),
	KNOB(steps),
	KNOB(seconds),
	KNOB(signals),
	KNOB(safe),
	KNOB(other),
	KNOB(forks),
	KNOB(plugins),
	KNOB(limited),
	KNOB(large),
	KNOB(pages),
	KNOB(depth),
	KNOB(pause_at),
#undef KNOB
};

static void set_knob(const char *argument)
{
	const char *equals = strchr(argument, '=');
	size_t length = equals ? (size_t)(equals - argument) : 0;
	uint64_t value = equals ? strtoull(equals + 1, NULL, 10) : 0;

	for (size_t i = 0; length && i < sizeof(knobs) / sizeof(knobs[0]); i++) {
		if (strlen(knobs[i].name) != length || strncmp(knobs[i].name, argument, length))
			continue;
		*(uint32_t *)((char *)told + knobs[i].offset) = (uint32_t)value;
		return;
	}
	if (length && strncmp(argument, "seed=", 5) == 0)
		told->seed = value;
	else if (length && strncmp(argument, "limit_as=", 9) == 0)
		limit_as = value;
	else if (length && strncmp(argument, "limit_data=", 11) == 0)
		limit_data = value;
	else if (length && strncmp(argument, "flat=", 5) == 0)
		flat = value != 0;
	else if (length && strncmp(argument, "faulty=", 7) == 0)
		faulty = value != 0;
	else if (length && strncmp(argument, "sample=", 7) == 0)
		sample_seconds = value;
	else
		fail("no such knob: %s", argument);
}

/* ---- the run ---- */

static void start(const char *preload, char *program, char *log)
{
	const struct rlimit space = {limit_as, limit_as}, data = {limit_data, limit_data};
	char *arguments[] = {program, log, NULL};

	fflush(stdout);
	model_pid = fork();
	if (model_pid < 0)
		fail("fork: %s", strerror(errno));
	if (model_pid)
		return;
	if ((limit_as && setrlimit(RLIMIT_AS, &space)) ||
		(limit_data && setrlimit(RLIMIT_DATA, &data)))
		_exit(95);
	setenv("LD_PRELOAD", preload, 1);
	setenv("LEAK_OPTIONS", "output=" IMAGE ".%p", 1);
	execv(program, arguments);
	_exit(94);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Waits for the model's end. */
static void watch(void)
{
	double started = seconds_now(), next = started + (double)sample_seconds;
	int status;

	while (waitpid(model_pid, &status, WNOHANG) == 0) {
		if (sample_seconds && seconds_now() >= next) {
			next += (double)sample_seconds;
			samples_take((uint64_t)(seconds_now() - started));
		}
		if (atomic_load(&told->paused) > atomic_load(&told->go)) {
			samples_take((uint64_t)(seconds_now() - started));
			atomic_store(&told->go, atomic_load(&told->paused));
		}
		usleep(10000);
	}
	if (told->wrong[0])
		fail("the program itself: %s", told->wrong);
	if (!WIFEXITED(status) || WEXITSTATUS(status) || !atomic_load(&told->done))
		fail("the program ended with status %#x", (unsigned)status);
}

int main(int argc, char **argv)
{
	static char log[] = "model.log";
	struct picture picture;
	struct model_compared compared;
	uint64_t pages = 0, children;
	char name[IMAGE_NAME];
	int fd;

	if (argc < 3)
		fail("usage: model_harness PRELOAD MODEL KNOB=NUMBER…");
	fd = open(log, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*told)) < 0)
		fail("%s: %s", log, strerror(errno));
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (told == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	told->seed = 1;
	told->workers = 1;
	told->steps = 10000;
	told->depth = MODEL_DEPTH_MAX;
	told->large = 2;
	told->pages = 100;
	for (int i = 3; i < argc; i++)
		set_knob(argv[i]);
	if (told->lives < told->workers)
		told->lives = told->workers;
	may_drop = limit_as != 0 || limit_data != 0 || faulty;

	start(argv[1], argv[2], log);
	watch();
	image_name(name, model_pid, 0);
	if (faulty && access(name, F_OK) != 0) {
		printf("counted: no image\n");
		return 0;
	}
	picture_open(&picture, name);
	if (faulty && picture.image.header.lost[LOST_NOT_STARTED]) {
		printf("counted: not_started\n");
		unlink(name);
		return 0;
	}
	if (flat)
		samples_check_flat(&picture.tables);
	if (told->pause_at)
		samples_check_paused(&picture.tables);
	model_verify(&picture, &compared);
	/* Where the recorder had no room for a mapping event, it and the image differ from then on. */
	if (!picture.image.header.lost[LOST_DROPPED_REGIONS])
		pages = model_verify_pages(&picture);
	children = model_verify_children();
	for (int i = 0; i <= MODEL_SITES; i++)
		if (compared.site_blocks[i])
			printf("site %s %" PRIu64 " %" PRIu64 "\n",
				i < MODEL_SITES ? picture_names[i] : "plugin_make",
				compared.site_blocks[i], compared.site_bytes[i]);
	printf("counted: seed %" PRIu64 ": %" PRIu64 " operations by %u threads, %" PRIu64
	       " allocations; %u signals handled, %u plugin rounds, %" PRIu64 " children; %" PRIu64
	       " blocks and %" PRIu64 " pages compared, %" PRIu64 " dropped and counted; %" PRIu64
	       " allocations failed, %" PRIu64 " refused\n",
		told->seed, atomic_load(&told->events), atomic_load(&told->threads), picture.allocs,
		atomic_load(&told->handled), atomic_load(&told->plugin_rounds), children,
		compared.blocks, pages, compared.missing, atomic_load(&told->failed),
		atomic_load(&told->refused));
	picture_close(&picture);
	if (rename(name, IMAGE) < 0)
		fail("rename: %s", strerror(errno));
	return 0;
}
