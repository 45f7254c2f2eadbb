/* The hooks of what begins, replaces and ends a process. */
#include <errno.h>
#include <linux/seccomp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/exec_log.h"
#include "preload/hook.h"
#include "preload/image.h"
#include "preload/init.h"
#include "preload/real.h"
#include "preload/sandbox.h"
#include "preload/threads.h"

/* ---- the end of the program ---- */

static __attribute__((noreturn)) void leave(void (*how)(int), int status)
{
	if (how)
		how(status);
	for (;;)
		sys_call1(SYS_exit_group, status);
}

/* `how` is looked up by then, unless it is too early for that. */
static __attribute__((noreturn)) void end(void (**how)(int), int status)
{
	enum way way = enter_quietly();

	if (way == RECORD)
		init_end(IMAGE_CLEAN, status & 0xff);
	leave(way == EARLY ? NULL : *how, status);
}

EXPORT __attribute__((noreturn)) void _exit(int status)
{
	end(&real._exit, status);
}

EXPORT __attribute__((noreturn)) void _Exit(int status)
{
	end(&real._Exit, status);
}

EXPORT __attribute__((noreturn)) void quick_exit(int status)
{
	enum way way = enter_quietly();

	/* Its handlers still run: ours is the last of them. */
	init_quick_status(status & 0xff);
	leave(way == EARLY ? NULL : real.quick_exit, status);
}

/* ---- fork ---- */

/* A child starts its own recording at its first event (hot.h), which may be in fork itself, in a
 * handler of pthread_atfork. But it may have been forked by a signal handler that interrupted an
 * event of ours, and return into it: there must be memory then, and not the parent's image. */
static void disown(const struct image_place *parents)
{
	init_forked();
	image_stand_in(parents, hot.state != HOT_COLD);
}

/* After a fork that may be recorded, in both. */
static void has_forked(pid_t child, const struct image_place *parents)
{
	if (child == 0)
		disown(parents);
	else if (child > 0 && sandbox_may_kill())
		image_count_lost(LOST_SANDBOXED_CHILDREN, 1);
}

static pid_t fork_child(void)
{
	enum way way = enter_quietly();
	struct image_place ours = image_place();
	pid_t child = way == EARLY ? (pid_t)sys_fork() : real.fork();

	if (way == RECORD)
		has_forked(child, &ours);
	return child;
}

EXPORT pid_t fork(void)
{
	return fork_child();
}

EXPORT pid_t _Fork(void)
{
	enum way way = enter_quietly();
	struct image_place ours = image_place();
	pid_t child = way == EARLY || !real._Fork ? (pid_t)sys_fork() : real._Fork();

	if (way == RECORD)
		has_forked(child, &ours);
	return child;
}

#define NULL_DEVICE 0x103u /* 1:3 (devices.txt of Linux), as st_rdev has it */

/* Standard input, output and error become /dev/null; what is not the device by that name is none.
 */
static int leave_terminal(void)
{
	/* Not sys_open, which has it closed by exec: it may be one of the three. */
	long fd = sys_call4(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR, 0), failure = fd;
	struct stat st;

	if (!sys_failed(fd))
		failure = sys_fstat((int)fd, &st);
	if (!sys_failed(failure) && !(S_ISCHR(st.st_mode) && st.st_rdev == NULL_DEVICE))
		failure = -ENODEV;
	for (int standard = 0; !sys_failed(failure) && standard < 3; standard++)
		sys_call3(SYS_dup3, fd, standard, 0);
	if (!sys_failed(fd) && (sys_failed(failure) || fd > 2))
		sys_close((int)fd);
	return hook_result_of(failure) == MAP_FAILED ? -1 : 0;
}

/* libc's own ends the parent where no hook sees it. As daemon(3) has it. */
EXPORT int daemon(int stays_in_directory, int keeps_standard)
{
	pid_t child = fork_child();

	if (child < 0)
		return -1;
	if (child > 0)
		end(&real._exit, 0);
	if (hook_result_of(sys_call0(SYS_setsid)) == MAP_FAILED)
		return -1;
	if (!stays_in_directory)
		sys_call1(SYS_chdir, "/");
	return keeps_standard ? 0 : leave_terminal();
}

/* ---- what confines a process ---- */

/* Seccomp's strict mode is a thread's, and a filter is the process's, or soon will be. Who has no
 * privileges sets PR_SET_NO_NEW_PRIVS before a filter, and libseccomp does for everybody; the
 * filter itself is then often set by a raw system call, which nobody sees. */
static void note_sandbox(bool strict, bool had_entered, bool enters)
{
	if (strict)
		thread_confine(enters);
	else if (!had_entered)
		sandbox_note(enters);
}

EXPORT int prctl(int option, ...)
{
	const bool confines = option == PR_SET_SECCOMP || option == PR_SET_NO_NEW_PRIVS;
	/* A forked child begins its recording before it may not open anything. */
	enum way way = confines ? enter() : enter_quietly();
	const bool noted = confines && init_is_here(), had_entered = sandbox_entered();
	unsigned long value[4];
	bool strict;
	va_list rest;
	int ret;

	/* Also arguments that the caller did not give, as libc's own function. */
	va_start(rest, option);
	for (unsigned i = 0; i < 4; i++)
		value[i] = va_arg(rest, unsigned long);
	va_end(rest);
	if (way == EARLY) {
		long raw = arch_syscall6(SYS_prctl, option, (long)value[0], (long)value[1],
			(long)value[2], (long)value[3], 0);

		return hook_result_of(raw) == MAP_FAILED ? -1 : (int)raw;
	}
	strict = option == PR_SET_SECCOMP && value[0] == SECCOMP_MODE_STRICT;
	/* Before the call: a signal's handler may come right after it. */
	if (noted)
		note_sandbox(strict, had_entered, true);
	ret = real.prctl(option, value[0], value[1], value[2], value[3]);
	if (noted && ret != 0)
		note_sandbox(strict, had_entered, false);
	return ret;
}

/* ---- exec: the image ends here, unless it fails ---- */

#define EXEC(note, call)                                                                           \
	do {                                                                                       \
		enum way way = enter_quietly();                                                    \
		int ret;                                                                           \
                                                                                                   \
		if (way == EARLY) {                                                                \
			errno = ENOSYS;                                                            \
			return -1;                                                                 \
		}                                                                                  \
		note;                                                                              \
		if (way == RECORD)                                                                 \
			init_end(IMAGE_EXEC, 0);                                                   \
		ret = call;                                                                        \
		exec_log_failed();                                                                 \
		if (way == RECORD)                                                                 \
			init_end_revoked();                                                        \
		return ret;                                                                        \
	} while (0)

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	EXEC(exec_log_note(path, false), real.execve(path, argv, envp));
}

EXPORT int execv(const char *path, char *const argv[])
{
	EXEC(exec_log_note(path, false), real.execv(path, argv));
}

EXPORT int execvp(const char *file, char *const argv[])
{
	EXEC(exec_log_note(file, true), real.execvp(file, argv));
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	EXEC(exec_log_note(file, true),
		real.execvpe ? real.execvpe(file, argv, envp) : real.execve(file, argv, envp));
}

EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	EXEC(exec_log_note_at(fd, ""), real.fexecve(fd, argv, envp));
}

EXPORT int execveat(int fd, const char *path, char *const argv[], char *const envp[], int flags)
{
	EXEC(exec_log_note_at(fd, path),
		real.execveat ? real.execveat(fd, path, argv, envp, flags)
			      : (hook_result_of(arch_syscall6(SYS_execveat, fd, (long)path,
					 (long)argv, (long)envp, flags, 0)),
					-1));
}

/* The list forms gather their arguments on the stack, as libc's do, and call the vector form. */
static size_t count_arguments(va_list rest)
{
	size_t n = 1;

	while (va_arg(rest, const char *))
		n++;
	return n;
}

#define GATHER(argv, first, rest)                                                                  \
	va_start(rest, first);                                                                     \
	size_t argument_count = count_arguments(rest);                                             \
	va_end(rest);                                                                              \
	const char *argv[argument_count + 1];                                                      \
	va_start(rest, first);                                                                     \
	argv[0] = first;                                                                           \
	for (size_t i = 1; i <= argument_count; i++)                                               \
	argv[i] = va_arg(rest, const char *)

EXPORT int execl(const char *path, const char *first, ...)
{
	va_list rest;

	GATHER(argv, first, rest);
	va_end(rest);
	EXEC(exec_log_note(path, false), real.execv(path, (char *const *)argv));
}

EXPORT int execlp(const char *file, const char *first, ...)
{
	va_list rest;

	GATHER(argv, first, rest);
	va_end(rest);
	EXEC(exec_log_note(file, true), real.execvp(file, (char *const *)argv));
}

EXPORT int execle(const char *path, const char *first, ...)
{
	va_list rest;

	GATHER(argv, first, rest);
	char *const *envp = va_arg(rest, char *const *);

	va_end(rest);
	EXEC(exec_log_note(path, false), real.execve(path, (char *const *)argv, envp));
}

/* ---- spawn: the child is libc's own, and may be far when its parent goes on ---- */

static int spawn(int (*how)(pid_t *, const char *, const posix_spawn_file_actions_t *,
			 const posix_spawnattr_t *, char *const *, char *const *),
	bool search, pid_t *ret, const char *file, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	uint64_t before_ns = exec_log_moment();
	pid_t pid = 0;
	int failure = how(&pid, file, actions, attributes, argv, envp);

	if (failure == 0)
		exec_log_spawned(pid, before_ns, file, search);
	if (failure == 0 && ret)
		*ret = pid;
	return failure;
}

EXPORT int posix_spawn(pid_t *ret, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	if (enter_quietly() == EARLY)
		return ENOSYS;
	return spawn(real.posix_spawn, false, ret, path, actions, attributes, argv, envp);
}

EXPORT int posix_spawnp(pid_t *ret, const char *file, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	if (enter_quietly() == EARLY)
		return ENOSYS;
	return spawn(real.posix_spawnp, true, ret, file, actions, attributes, argv, envp);
}

/*
 * ---- old versions ----
 *
 * The loader takes a function without a version for all versions of it, so a program that was
 * linked with an earlier glibc would get the new one: posix_spawn before 2.15 has the shell run
 * what is no program, quick_exit before 2.24 runs destructors of thread-local objects. These three
 * are all of the hooked functions that have two versions (exports_*.map, tests/abi).
 */
#define OLD_VERSION(function, symbol, version)                                                     \
	__asm__(".symver " #function ", " #symbol "@" version)

#ifdef ARCH_OLD_POSIX_SPAWN
OLD_VERSION(old_posix_spawn, posix_spawn, ARCH_OLD_POSIX_SPAWN);
OLD_VERSION(old_posix_spawnp, posix_spawnp, ARCH_OLD_POSIX_SPAWN);

EXPORT int old_posix_spawn(pid_t *ret, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	if (enter_quietly() == EARLY)
		return ENOSYS;
	return spawn(real_old.posix_spawn, false, ret, path, actions, attributes, argv, envp);
}

EXPORT int old_posix_spawnp(pid_t *ret, const char *file, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	if (enter_quietly() == EARLY)
		return ENOSYS;
	return spawn(real_old.posix_spawnp, true, ret, file, actions, attributes, argv, envp);
}
#endif

#ifdef ARCH_OLD_QUICK_EXIT
OLD_VERSION(old_quick_exit, quick_exit, ARCH_OLD_QUICK_EXIT);

EXPORT __attribute__((noreturn)) void old_quick_exit(int status)
{
	enum way way = enter_quietly();

	init_quick_status(status & 0xff);
	leave(way == EARLY ? NULL : real_old.quick_exit, status);
}
#endif
