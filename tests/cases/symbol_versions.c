// A program that was linked with an old glibc gets the old versions of posix_spawn, which gives a file without
// `#!` to the shell, and of quick_exit, which runs destructors of thread-local objects; a new one the new.
// pitfall: P54
// expect: processes=1 state=clean live.blocks=1 live.bytes=100
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
extern void *__dso_handle;
extern int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *dso);
static void *volatile last;

typedef int spawning(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
	char *const *, char *const *);
#ifdef __x86_64__
spawning old_spawn, old_spawnp;
void old_quick_exit(int);
__asm__(".symver old_spawn, posix_spawn@GLIBC_2.2.5\n.symver old_spawnp, posix_spawnp@GLIBC_2.2.5\n"
	".symver old_quick_exit, quick_exit@GLIBC_2.10");
#endif

static void run(const char *name, spawning *how)
{
	char *arguments[] = {"./script", NULL};
	pid_t child;
	int status = 0, failure = how(&child, "./script", NULL, NULL, arguments, environ);

	if (failure == 0)
		waitpid(child, &status, 0);
	printf("%s: %s, status %d\n", name, strerror(failure), WEXITSTATUS(status));
}

static void destructor(void *name)
{
	printf("%s runs destructors\n", (char *)name);
	fflush(stdout);
}

static void leave(const char *name, void (*how)(int))
{
	int status;

	fflush(stdout);
	if (fork() == 0) {
		__cxa_thread_atexit_impl(destructor, (void *)name, &__dso_handle);
		how(6);
	}
	wait(&status);
	printf("%s: status %d\n", name, WEXITSTATUS(status));
}

int main(void)
{
	int file = open("script", O_WRONLY | O_CREAT | O_TRUNC, 0700);

	setvbuf(stdout, NULL, _IONBF, 0);
	if (write(file, "exit 5\n", 7) != 7 || close(file))
		return 1;
	run("posix_spawn", posix_spawn);
	run("posix_spawnp", posix_spawnp);
	leave("quick_exit", quick_exit);
#ifdef __x86_64__
	run("old posix_spawn", old_spawn);
	run("old posix_spawnp", old_spawnp);
	leave("old quick_exit", old_quick_exit);
#endif
	last = malloc(100);
	return 0;
}
