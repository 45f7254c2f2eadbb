/*
 * A library whose constructor starts a thread that calls every function of preload/hooks.def once, and
 * waits for it. A row without a call here does not compile. What libc has not got is not called.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>
#define mremap mremap_of_the_header /* which has `...` for the last argument */
#include <sys/mman.h>
#undef mremap

/* Those of later versions of libc, of earlier ones, of no header for C, and of the recorder alone. */
#pragma weak cfree
#pragma weak free_sized
#pragma weak free_aligned_sized
#pragma weak __lsan_disable
#pragma weak __lsan_enable
#pragma weak __lsan_ignore_object
#pragma weak __lsan_register_root_region
#pragma weak __lsan_unregister_root_region
#pragma weak __lsan_do_leak_check
#pragma weak __lsan_do_recoverable_leak_check
#pragma GCC diagnostic ignored "-Wbuiltin-declaration-mismatch"
#define HOOK(name, type, parameters, family, kind) extern type name parameters;
#include "preload/hooks.def"
#undef HOOK

extern char **environ;
static char *const arguments[] = {"true", NULL};
static const char true_path[] = "/bin/true";
static const char nothrow;
static int count;

static void *volatile block;

#define RELEASED(name, call)                  \
	static int call_##name(void)          \
	{                                     \
		block = call;                 \
		free(block);                  \
		return block == NULL;         \
	}
#define GIVEN(name, make, call)               \
	static int call_##name(void)          \
	{                                     \
		block = make;                 \
		call;                         \
		return 0;                     \
	}
/* In a child, which it ends. */
#define IN_CHILD(name, call)                  \
	static int call_##name(void)          \
	{                                     \
		int status;                   \
		pid_t child = fork();         \
		if (child == 0) {             \
			call;                 \
			_exit(9);             \
		}                             \
		waitpid(child, &status, 0);   \
		return status;                \
	}
#define WEAK(name, call)                      \
	static int call_##name(void)          \
	{                                     \
		if (name) {                   \
			call;                 \
		}                             \
		return 0;                     \
	}

RELEASED(malloc, malloc(10))
RELEASED(calloc, calloc(10, 10))
RELEASED(realloc, realloc(malloc(10), 100))
RELEASED(reallocarray, reallocarray(malloc(10), 10, 10))
RELEASED(memalign, memalign(64, 10))
RELEASED(aligned_alloc, aligned_alloc(64, 64))
RELEASED(valloc, valloc(10))
RELEASED(pvalloc, pvalloc(10))
GIVEN(free, malloc(10), free(block))

static int call_posix_memalign(void)
{
	void *made;
	int status = posix_memalign(&made, 64, 10);

	free(made);
	return status;
}

static int call_malloc_usable_size(void)
{
	block = malloc(10);
	size_t size = malloc_usable_size(block);
	free(block);
	return size < 10;
}

WEAK(cfree, cfree(malloc(10)))
WEAK(free_sized, free_sized(malloc(10), 10))
WEAK(free_aligned_sized, free_aligned_sized(aligned_alloc(64, 64), 64, 64))

GIVEN(_Znwm, _Znwm(10), _ZdlPv(block))
GIVEN(_ZnwmRKSt9nothrow_t, _ZnwmRKSt9nothrow_t(10, &nothrow), _ZdlPv(block))
GIVEN(_ZnwmSt11align_val_t, _ZnwmSt11align_val_t(10, 64), _ZdlPvSt11align_val_t(block, 64))
GIVEN(_ZnwmSt11align_val_tRKSt9nothrow_t, _ZnwmSt11align_val_tRKSt9nothrow_t(10, 64, &nothrow),
	_ZdlPvSt11align_val_t(block, 64))
GIVEN(_Znam, _Znam(10), _ZdaPv(block))
GIVEN(_ZnamRKSt9nothrow_t, _ZnamRKSt9nothrow_t(10, &nothrow), _ZdaPv(block))
GIVEN(_ZnamSt11align_val_t, _ZnamSt11align_val_t(10, 64), _ZdaPvSt11align_val_t(block, 64))
GIVEN(_ZnamSt11align_val_tRKSt9nothrow_t, _ZnamSt11align_val_tRKSt9nothrow_t(10, 64, &nothrow),
	_ZdaPvSt11align_val_t(block, 64))
GIVEN(_ZdlPv, _Znwm(10), _ZdlPv(block))
GIVEN(_ZdlPvm, _Znwm(10), _ZdlPvm(block, 10))
GIVEN(_ZdlPvRKSt9nothrow_t, _Znwm(10), _ZdlPvRKSt9nothrow_t(block, &nothrow))
GIVEN(_ZdlPvSt11align_val_t, _ZnwmSt11align_val_t(10, 64), _ZdlPvSt11align_val_t(block, 64))
GIVEN(_ZdlPvmSt11align_val_t, _ZnwmSt11align_val_t(10, 64), _ZdlPvmSt11align_val_t(block, 10, 64))
GIVEN(_ZdlPvSt11align_val_tRKSt9nothrow_t, _ZnwmSt11align_val_t(10, 64),
	_ZdlPvSt11align_val_tRKSt9nothrow_t(block, 64, &nothrow))
GIVEN(_ZdaPv, _Znam(10), _ZdaPv(block))
GIVEN(_ZdaPvm, _Znam(10), _ZdaPvm(block, 10))
GIVEN(_ZdaPvRKSt9nothrow_t, _Znam(10), _ZdaPvRKSt9nothrow_t(block, &nothrow))
GIVEN(_ZdaPvSt11align_val_t, _ZnamSt11align_val_t(10, 64), _ZdaPvSt11align_val_t(block, 64))
GIVEN(_ZdaPvmSt11align_val_t, _ZnamSt11align_val_t(10, 64), _ZdaPvmSt11align_val_t(block, 10, 64))
GIVEN(_ZdaPvSt11align_val_tRKSt9nothrow_t, _ZnamSt11align_val_t(10, 64),
	_ZdaPvSt11align_val_tRKSt9nothrow_t(block, 64, &nothrow))

static void *map_page(void)
{
	return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int call_mmap(void)
{
	return munmap(map_page(), 4096);
}

static int call_mmap64(void)
{
	return munmap(mmap64(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
}

static int call_munmap(void)
{
	return munmap(map_page(), 4096);
}

static int call_mremap(void)
{
	return munmap(mremap(map_page(), 4096, 8192, MREMAP_MAYMOVE, NULL), 8192);
}

static int call_sbrk(void)
{
	return sbrk(0) == (void *)-1;
}

static int call_brk(void)
{
	return brk(sbrk(0));
}

static int call_prctl(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

static void *attached;

static int call_shmat(void)
{
	int segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

	attached = shmat(segment, NULL, 0);
	return shmctl(segment, IPC_RMID, NULL) || attached == (void *)-1;
}

static int call_shmdt(void)
{
	return shmdt(attached);
}

IN_CHILD(fork, _exit(0))
IN_CHILD(daemon, _exit(daemon(1, 1)))
IN_CHILD(_exit, _exit(0))
IN_CHILD(_Exit, _Exit(0))
IN_CHILD(quick_exit, quick_exit(0))
IN_CHILD(execve, execve(true_path, arguments, environ))
IN_CHILD(execv, execv(true_path, arguments))
IN_CHILD(execvp, execvp("true", arguments))
IN_CHILD(execvpe, execvpe("true", arguments, environ))
IN_CHILD(execl, execl(true_path, "true", (char *)NULL))
IN_CHILD(execlp, execlp("true", "true", (char *)NULL))
IN_CHILD(execle, execle(true_path, "true", (char *)NULL, environ))
IN_CHILD(fexecve, fexecve(open(true_path, O_RDONLY | O_CLOEXEC), arguments, environ))
IN_CHILD(execveat, execveat(AT_FDCWD, true_path, arguments, environ, 0))

static int call__Fork(void)
{
	int status;
	pid_t child = _Fork();

	if (child == 0)
		_exit(0);
	waitpid(child, &status, 0);
	return status;
}

static int call_posix_spawn(void)
{
	pid_t child;
	int status;

	if (posix_spawn(&child, true_path, NULL, NULL, arguments, environ))
		return 1;
	waitpid(child, &status, 0);
	return status;
}

static int call_posix_spawnp(void)
{
	pid_t child;
	int status;

	if (posix_spawnp(&child, "true", NULL, NULL, arguments, environ))
		return 1;
	waitpid(child, &status, 0);
	return status;
}

WEAK(__lsan_disable, __lsan_disable())
WEAK(__lsan_enable, __lsan_enable())
WEAK(__lsan_ignore_object, __lsan_ignore_object(NULL))
WEAK(__lsan_register_root_region, __lsan_register_root_region(arguments, sizeof arguments))
WEAK(__lsan_unregister_root_region, __lsan_unregister_root_region(arguments, sizeof arguments))
WEAK(__lsan_do_leak_check, __lsan_do_leak_check())
WEAK(__lsan_do_recoverable_leak_check, return __lsan_do_recoverable_leak_check())

static const struct {
	const char *name;
	int (*call)(void);
} calls[] = {
#define HOOK(name, type, parameters, family, kind) {#name, call_##name},
#include "preload/hooks.def"
#undef HOOK
};

static void *call_all(void *unused)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		if (calls[i].call())
			fprintf(stderr, "%s fails, errno %d\n", calls[i].name, errno);
		count++;
	}
	return unused;
}

static __attribute__((constructor)) void constructor(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, call_all, NULL);
	pthread_join(thread, NULL);
	attached = malloc(77);
}

int calls_count(void)
{
	return count;
}
