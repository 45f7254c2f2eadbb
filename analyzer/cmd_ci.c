/*
 * `leak ci -- CMD`: runs a test suite with every process under the recorder, waits for all of them,
 * and gates what they left, once. The suite's own failure comes first: its status is passed on.
 */
#define _GNU_SOURCE
#include "cmd_gate.h"

#include "clock.h"
#include "cmd_outputs.h"
#include "cmd_start.h"
#include "command.h"
#include "memory.h"
#include "run_image.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_NAME "executed.XXXXXX"
#define WAIT_DEFAULT_NS 10000000000u
#define WAIT_STEP_MS 20
#define IMAGE_ROOM (1u << 20) /* with less, images may have failed for want of it */

struct ci {
	const struct settings *settings;
	char *directory; /* of the images */
	bool temporary;  /* it goes away in the end */
	int held;        /* the directory, locked for this run; -1: none is */
	char *log;
	char *mark; /* in LEAK_OPTIONS of the processes of the run */
	char *library;
	char **command;
	pid_t pid;
	uint64_t since_ns;
	uint64_t first_ns; /* the same of the first iteration */
	int ended;         /* how the command did, as waitpid gives it */
	int status;        /* the same as a shell has it */
	bool stopped;      /* by a signal to us: what there is, is not all */
	bool outlived;     /* some processes are still there after the wait */
};

static int refuse(const char *subject, const char *reason)
{
	command_complain(subject, reason);
	return EXIT_NOT_MEASURED;
}

/* ---- where the images go ---- */

static bool has_images(const char *directory)
{
	struct image_list list;
	struct error error;
	const char *subject;
	bool has = image_list_fill(&list, &directory, 1, &subject, &error) == 0;

	image_list_free(&list);
	return has;
}

/* Processes of the run may have other working directories. */
static void set_directory(struct ci *ci, const char *path)
{
	char *whole = realpath(path, NULL);

	free(ci->directory);
	ci->directory = whole ? whole : memory_copy(path);
}

/* No two runs at once in a directory. The lock is on the directory itself: it leaves nothing
 * behind, and ends with us. Where the file system has no locks, nobody is kept out. */
static int hold_directory(struct ci *ci, const char *wanted)
{
	ci->held = open(wanted, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ci->held < 0 && errno == ENOTDIR) {
		command_complain(wanted, "is not a directory; --images needs one, or a new name");
		return EXIT_USAGE;
	}
	if (ci->held < 0)
		return refuse(wanted, strerror(errno));
	if (flock(ci->held, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		command_complain(wanted, "another leak ci is making its images there; wait for it, "
					 "or name another directory");
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

/* What is there from another run must not be judged as this one's. */
static int use_directory(struct ci *ci, const char *wanted)
{
	int status;

	if (mkdir(wanted, 0777) < 0 && errno != EEXIST)
		return refuse(wanted, strerror(errno));
	if ((status = hold_directory(ci, wanted)) != EXIT_OK)
		return status;
	if (has_images(wanted)) {
		command_complain(wanted, "has images already, which would be judged as this run's; "
					 "remove them, or name another directory");
		return EXIT_USAGE;
	}
	set_directory(ci, wanted);
	return EXIT_OK;
}

static int make_temporary(struct ci *ci)
{
	const char *parent = getenv("TMPDIR");
	char *path = memory_join(parent && parent[0] ? parent : "/tmp", "/", "leak-ci.XXXXXX");
	int status = EXIT_OK;

	if (mkdtemp(path) == NULL) {
		status = refuse(path, strerror(errno));
	} else {
		ci->temporary = true;
		set_directory(ci, path);
		/* Tests may run as other users. */
		if (chmod(ci->directory, 01777) < 0)
			status = refuse(ci->directory, strerror(errno));
	}
	free(path);
	return status;
}

static int make_directory(struct ci *ci)
{
	const char *wanted = ci->settings->images;
	int status = wanted ? use_directory(ci, wanted) : make_temporary(ci);

	if (status != EXIT_OK)
		return status;
	ci->log = memory_join(ci->directory, "/", LOG_NAME);
	int fd = mkostemp(ci->log, O_CLOEXEC);
	if (fd < 0) {
		status = refuse(ci->log, strerror(errno));
		free(ci->log);
		ci->log = NULL;
		return status;
	}
	int changed = fchmod(fd, 0666);
	close(fd);
	return changed < 0 ? refuse(ci->log, strerror(errno)) : EXIT_OK;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status, (void)kind, (void)place;
	return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

/* Images that could not be made in the directory, and do not go away with it. */
static void remove_fallen_back(const struct ci *ci)
{
	struct run_image_list list = {0};

	run_image_find_fallen_back(&list, ci->mark, 0, ci->first_ns);
	for (size_t i = 0; i < list.count; i++)
		unlink(list.paths[i]);
	run_image_list_free(&list);
}

static void remove_directory(const struct ci *ci)
{
	if (ci->temporary && ci->first_ns)
		remove_fallen_back(ci);
	if (ci->log && !ci->temporary)
		unlink(ci->log);
	if (ci->temporary && nftw(ci->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS) < 0)
		command_complain(ci->directory, strerror(errno));
}

/* A path with each % doubled, as output= wants it. */
static char *escape_percent(const char *path)
{
	char *escaped = memory_zero(2 * strlen(path) + 1, 1), *to = escaped;

	for (; *path; path++) {
		*to++ = *path;
		if (*path == '%')
			*to++ = '%';
	}
	return escaped;
}

/* What comes later in LEAK_OPTIONS counts: ours is last. It is also first, since an image has only
 * the beginning of long ones, and is known by it. */
static int set_options(struct ci *ci)
{
	const char *old = getenv("LEAK_OPTIONS");
	char *value, *directory;

	if (strpbrk(ci->directory, "\"\n"))
		return refuse(ci->directory,
			"the recorder cannot take a quote or a newline in a "
			"path; name another directory with --images or TMPDIR");
	directory = escape_percent(ci->directory);
	ci->mark = memory_join("output=\"", directory, "/%e.%p.leak\"");
	int length = asprintf(&value, "%s:%s%s%s:exec_log=\"%s\":file=1:keep=always%s", ci->mark,
		old ? old : "", old && old[0] ? ":" : "", ci->mark, ci->log,
		old && strstr(old, "summary=") ? "" : ":summary=0");
	free(directory);
	if (length < 0)
		return refuse("", strerror(errno));
	setenv("LEAK_OPTIONS", value, 1);
	free(value);
	return EXIT_OK;
}

/* ---- the run ---- */

/* An image does not know of a signal, nor of a bare system call: see run_image.h. */
static void finish_image(void *context, pid_t pid, int status)
{
	const struct ci *ci = context;
	char *image = run_image_find_in(ci->directory, (int)pid);
	struct run_image_list others = {0};

	if (image)
		run_image_finish(image, status);
	else
		run_image_find_fallen_back(&others, ci->mark, (int)pid, ci->first_ns);
	for (size_t i = 0; i < others.count; i++)
		run_image_finish(others.paths[i], status);
	run_image_list_free(&others);
	free(image);
}

/* Processes whose parents are gone are our children (PR_SET_CHILD_SUBREAPER). Their images are
 * complete when they have ended. */
static void wait_for_rest(struct ci *ci)
{
	uint64_t patience = ci->settings->wait.text ? ci->settings->wait.ns : WAIT_DEFAULT_NS;
	uint64_t until = clock_monotonic_ns() + patience;
	int status;
	pid_t ended;

	while ((ended = waitpid(-1, &status, WNOHANG)) >= 0 || errno == EINTR) {
		if (ended > 0) {
			finish_image(ci, ended, status);
			continue;
		}
		if (clock_monotonic_ns() >= until) {
			ci->outlived = true;
			return;
		}
		poll(NULL, 0, WAIT_STEP_MS);
		int signal = cmd_start_signal();
		if (signal) {
			ci->stopped = true;
			ci->status = ci->status ? ci->status : 128 + signal;
			return;
		}
	}
}

static int shell_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run_once(struct ci *ci)
{
	int status = EXIT_NOT_MEASURED;

	ci->pid = cmd_start(ci->command, ci->library, &ci->since_ns, &status);
	if (ci->pid < 0)
		return status;
	ci->first_ns = ci->first_ns ? ci->first_ns : ci->since_ns;
	ci->ended = cmd_start_wait_all(ci->pid, finish_image, ci);
	ci->status = shell_status(ci->ended);
	/* A command that takes a signal and is content has decided what it is worth. */
	ci->stopped = cmd_start_signal() && ci->status;
	if (!ci->stopped)
		wait_for_rest(ci);
	return EXIT_OK;
}

/* As often as --iterations says, as long as it goes well. */
static int run(struct ci *ci)
{
	uint64_t times = ci->settings->iterations == UINT64_MAX ? 1 : ci->settings->iterations;
	int status = EXIT_OK;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (uint64_t i = 0; i < times && status == EXIT_OK && ci->status == 0; i++)
		status = run_once(ci);
	return status;
}

/* ---- the judgement ---- */

/* In bytes, for this user; UINT64_MAX: its file system does not say. */
static uint64_t room_in(const char *directory)
{
	struct statvfs status;

	if (statvfs(directory, &status) < 0 || status.f_blocks == 0)
		return UINT64_MAX;
	return (uint64_t)(geteuid() ? status.f_bavail : status.f_bfree) * status.f_frsize;
}

static void find_unmeasured(const struct ci *ci, struct cmd_gate *gate, const struct model *model)
{
	uint64_t room = room_in(ci->directory);
	const struct unmeasured_command command = {.pid = ci->pid,
		.since_ns = ci->since_ns,
		.file = ci->command[0],
		.no_room = room < IMAGE_ROOM};

	if (!unmeasured_find(&gate->missing, &command, ci->log, model)) {
		command_complain(
			ci->log, "cannot be read: programs that were not measured are not known");
		gate->incomplete = true;
	}
	if (room == 0) {
		command_complain(ci->directory,
			"is full: programs that were not measured may not all be known; set "
			"TMPDIR or --images to where there is room");
		gate->incomplete = true;
	}
	if (ci->outlived) {
		command_complain("", "some processes of the run are still there; what they hold is "
				     "not judged (--wait=TIME)");
		gate->incomplete = true;
	}
}

/* Where there are images of the run. For the caller to free, the texts not. */
static struct text_list operands_of(const struct ci *ci, const struct run_image_list *fallen_back)
{
	struct text_list list = {.texts = memory_zero(fallen_back->count + 1, sizeof(*list.texts))};

	if (has_images(ci->directory))
		list.texts[list.count++] = ci->directory;
	for (size_t i = 0; i < fallen_back->count; i++)
		list.texts[list.count++] = fallen_back->paths[i];
	return list;
}

static int judge(struct ci *ci, struct cmd_gate *gate)
{
	struct settings settings = *ci->settings; /* its texts stay the first's */
	struct run_image_list fallen_back = {0};
	struct cmd_model loaded = {0};
	int status = EXIT_OK;

	run_image_find_fallen_back(&fallen_back, ci->mark, 0, ci->first_ns);
	settings.operands = operands_of(ci, &fallen_back);
	if (settings.operands.count)
		status = cmd_model_load(&loaded, &settings);
	else
		cmd_model_load_none(&loaded, &settings);
	if (status == EXIT_OK)
		status = cmd_outputs_check(&settings, &loaded.list);
	if (status == EXIT_OK) {
		gate->command_status = ci->ended;
		find_unmeasured(ci, gate, &loaded.model);
		status = cmd_gate_judge(gate, &loaded, "leak ci", stderr);
	}
	cmd_model_free(&loaded);
	free(settings.operands.texts);
	run_image_list_free(&fallen_back);
	return status;
}

/* What a long run should not end with. */
static int check_files(const struct settings *settings)
{
	const struct image_list none = {0};
	int status = cmd_outputs_check(settings, &none);

	if (status == EXIT_OK)
		status = cmd_model_check_search(settings);
	return status == EXIT_OK ? cmd_outputs_can_be_made(settings) : status;
}

static int check_usage(const struct settings *settings)
{
	if (settings->operands.count)
		return EXIT_OK;
	command_complain("", "ci needs a command: leak ci -- CMD [ARGS]");
	return EXIT_USAGE;
}

int cmd_ci(struct settings *settings)
{
	struct ci ci = {.settings = settings, .held = -1};
	struct cmd_gate gate;
	int status = cmd_gate_begin(&gate, settings);

	ci.command = memory_zero(settings->operands.count + 1, sizeof(*ci.command));
	for (size_t i = 0; i < settings->operands.count; i++)
		ci.command[i] = (char *)settings->operands.texts[i];
	if (status == EXIT_OK)
		status = check_usage(settings);
	if (status == EXIT_OK)
		status = check_files(settings);
	if (status == EXIT_OK && (ci.library = cmd_start_library()) == NULL)
		status = EXIT_NOT_MEASURED;
	if (status == EXIT_OK)
		status = make_directory(&ci);
	if (status == EXIT_OK)
		status = set_options(&ci);
	if (status == EXIT_OK)
		status = run(&ci);
	if (status == EXIT_OK) {
		if (ci.stopped)
			command_complain("", "stopped by a signal: nothing was judged");
		else
			status = judge(&ci, &gate);
		if (ci.status)
			status = ci.status;
	}
	if (ci.directory)
		remove_directory(&ci);
	if (ci.held >= 0)
		close(ci.held);
	free(ci.command);
	free(ci.directory);
	free(ci.library);
	free(ci.log);
	free(ci.mark);
	cmd_gate_free(&gate);
	return status;
}
