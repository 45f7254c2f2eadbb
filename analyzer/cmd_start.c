/*
 * Starts a command with libleak.so preloaded and waits for it. Called by cmd_run.c,
 * cmd_valgrind.c and cmd_ci.c, which decide what the recorder is told and what becomes of the
 * images.
 */
#define _GNU_SOURCE
#include "cmd_start.h"

#include "command.h"
#include "run_features.h"
#include "run_image.h"
#include "run_target.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXEC_NOT_FOUND 127
#define EXEC_FAILED 126

static volatile sig_atomic_t child_pid, last_signal;

/* What a terminal sends to all of its foreground, so that the command has it already. */
static bool is_of_terminal(int signal)
{
	return signal == SIGINT || signal == SIGQUIT || signal == SIGWINCH;
}

static bool asks_to_end(int signal)
{
	return signal == SIGTERM || signal == SIGHUP || signal == SIGINT || signal == SIGQUIT;
}

static void forward(int signal, siginfo_t *info, void *unused)
{
	const bool sent_by_process = info->si_code <= 0;
	int kept = errno;

	(void)unused;
	if (asks_to_end(signal))
		last_signal = signal;
	if (child_pid > 0 && (sent_by_process || !is_of_terminal(signal)))
		kill((pid_t)child_pid, signal);
	errno = kept;
}

/* Puts the library first in LD_PRELOAD, keeping what was there. */
static void set_preload(const char *library)
{
	const char *old = getenv("LD_PRELOAD");
	size_t length = strlen(library);
	char *value;

	if (old && strncmp(old, library, length) == 0 &&
		(old[length] == ':' || old[length] == '\0'))
		return; /* by the start before */
	if (asprintf(&value, "%s%s%s", library, old && old[0] ? ":" : "", old ? old : "") < 0)
		return;
	setenv("LD_PRELOAD", value, 1);
	free(value);
}

/* Starts the command, with the mask of signals that it is to have. Returns its pid, or -1 with
 * errno of fork or exec. */
static pid_t start(char *const *arguments, const sigset_t *mask)
{
	int channel[2], failure = 0;

	if (pipe2(channel, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, mask, NULL);
		execvp(arguments[0], arguments);
		failure = errno;
		ssize_t written = write(channel[1], &failure, sizeof(failure));
		_exit(written == sizeof(failure) ? EXEC_NOT_FOUND : EXEC_FAILED);
	}
	close(channel[1]);
	if (pid > 0) {
		ssize_t got;
		do
			got = read(channel[0], &failure, sizeof(failure));
		while (got < 0 && errno == EINTR);
		if (got == sizeof(failure)) {
			while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
				;
			pid = -1;
		}
	}
	close(channel[0]);
	if (failure)
		errno = failure;
	return pid;
}

/* As a shell does: what the terminal sends reaches the command itself, what is sent to us goes on
 * to it. Called after the start, so that the command keeps the signals' former meaning. */
static void set_signals(pid_t pid)
{
	static const int signals[] = {
		SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH};
	struct sigaction action = {.sa_sigaction = forward, .sa_flags = SA_RESTART | SA_SIGINFO};

	child_pid = pid;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

int cmd_start_wait_all(pid_t pid, void (*bury)(void *context, pid_t pid, int status), void *context)
{
	siginfo_t ended = {0};
	int status = 0;

	while (ended.si_pid != pid) {
		if (waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		if (ended.si_pid == pid)
			child_pid = 0; /* as long as nobody else can have this number */
		if (waitpid(ended.si_pid, &status, 0) == ended.si_pid)
			bury(context, ended.si_pid, status);
	}
	child_pid = 0;
	return status;
}

int cmd_start_signal(void)
{
	int signal = last_signal;

	last_signal = 0;
	return signal;
}

int cmd_start_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 0;
	return status;
}

static void complain_library(void)
{
	const char *given = getenv("LEAK_LIBRARY");
	struct error error;

	if (given == NULL || given[0] == '\0') {
		command_complain("libleak.so", "not found; set LEAK_LIBRARY to where it is");
		return;
	}
	error_set(&error, "LEAK_LIBRARY=%s: %s; set it to where libleak.so is", given,
		strerror(errno));
	command_complain("", error.text);
}

char *cmd_start_library(void)
{
	char *library = run_target_library();

	if (library == NULL) {
		complain_library();
	} else if (strpbrk(library, ": ")) {
		command_complain(library, "LD_PRELOAD cannot take a path with a space or a colon; "
					  "set LEAK_LIBRARY to a copy elsewhere");
		free(library);
		library = NULL;
	}
	return library;
}

pid_t cmd_start(
	char *const *arguments, const char *library, uint64_t *ret_since_ns, int *ret_status)
{
	struct timespec now;
	sigset_t ours, old;

	/* One that comes before we can pass it on waits. */
	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGHUP);
	sigprocmask(SIG_BLOCK, &ours, &old);
	set_preload(library);
	clock_gettime(CLOCK_REALTIME_COARSE, &now); /* never ahead of the recorder's */
	*ret_since_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	pid_t pid = start(arguments, &old);
	if (pid < 0) {
		*ret_status = errno == ENOENT ? EXEC_NOT_FOUND : EXEC_FAILED;
		command_complain(arguments[0], strerror(errno));
	} else {
		set_signals(pid);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

bool cmd_start_unrecorded(const char *command, const char *library, const char *pattern)
{
	char *file = run_target_find(command);
	const char *obstacle = file ? run_features_obstacle(file) : NULL;
	const char *broken = run_target_library_obstacle(library);
	bool certain = obstacle != NULL || run_image_is_certain(pattern);
	struct error error;

	if (obstacle)
		command_complain(command, obstacle);
	else if (certain && broken)
		error_set(&error, "nothing was recorded: %s %s; set LEAK_LIBRARY to a libleak.so",
			library, broken);
	else if (certain)
		error_set(&error,
			"nothing was recorded of %s: no image appeared, so it seems that the "
			"loader did not load %s (another C library, or not a libleak.so?); see "
			"what it says with LD_DEBUG=libs LD_PRELOAD=%s %s",
			command, library, library, command);
	if (certain && !obstacle)
		command_complain("", error.text);
	free(file);
	return certain;
}
