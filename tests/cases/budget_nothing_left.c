// Signal handlers and masks, timers, threads, limits, descriptors, handlers registered for fork and the like are what they
// are without the recorder: at the start, after events in threads, in a child.
// flags: -rdynamic -lpthread
// expect: processes=2 state=clean
// expect: site function=work line=126 bytes=300 blocks=3
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static int atfork_handlers, keys, threads;

/* The program's own definitions come before libc's, so every library's calls come here. */
int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *dso)
{
	(void)prepare, (void)parent, (void)child, (void)dso;
	atfork_handlers++;
	return 0;
}

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
	int (*next)(pthread_key_t *, void (*)(void *));

	*(void **)&next = dlsym(RTLD_NEXT, "pthread_key_create");
	keys++;
	return next(key, destructor);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
	int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	*(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
	threads++;
	return next(thread, attributes, start, argument);
}

/* A thread that was joined is in the kernel's list for a moment longer. */
static void wait_for_threads(void)
{
	struct stat task;

	for (int i = 0; i < 1000 && stat("/proc/self/task", &task) == 0 && task.st_nlink > 3; i++)
		usleep(1000);
}

static void print_status(void)
{
	static const char *const wanted[] = {
		"Sig", "Shd", "Threads", "Umask", "NoNewPrivs", "Seccomp:", "CoreDumping", "VmLck", "Speculation"};
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];

	while (fgets(line, sizeof(line), status)) {
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0 && strncmp(line, "SigQ", 4) != 0)
				fputs(line, stdout);
	}
	fclose(status);
}

static void print_timers(void)
{
	FILE *timers = fopen("/proc/self/timers", "r");
	struct itimerval timer;
	int c;

	while (timers && (c = getc(timers)) != EOF)
		putchar(c);
	if (timers)
		fclose(timers);
	for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
		getitimer(which, &timer);
		printf("timer %d: %ld\n", which, (long)(timer.it_value.tv_sec + timer.it_value.tv_usec));
	}
}

static void look(const char *where)
{
	stack_t stack;
	char name[32] = "";

	printf("-- %s\n", where);
	wait_for_threads();
	print_status();
	print_timers();
	for (int number = 1; number < NSIG; number++) {
		struct sigaction action;

		if (sigaction(number, NULL, &action) == 0 && (action.sa_handler != SIG_DFL || action.sa_flags))
			printf("signal %d has a handler or flags %x\n", number, action.sa_flags);
	}
	sigaltstack(NULL, &stack);
	printf("alternate stack: %d %zu\n", stack.ss_flags, stack.ss_size);
	for (int which = 0; which < RLIM_NLIMITS; which++) {
		struct rlimit limit;

		getrlimit(which, &limit);
		printf("limit %d: %lx %lx\n", which, (long)limit.rlim_cur, (long)limit.rlim_max);
	}
	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("descriptor %d\n", fd);
	prctl(PR_GET_NAME, name);
	printf("name %s, dumpable %d, keeps capabilities %d\n", name,
		prctl(PR_GET_DUMPABLE), prctl(PR_GET_KEEPCAPS));
	printf("registered: %d for fork, %d keys, %d threads\n", atfork_handlers, keys,
		threads);
}

static void *volatile last;

static void *work(void *unused)
{
	last = malloc(100);
	for (int i = 0; i < 1000; i++)
		free(malloc(i));
	return unused;
}

int main(void)
{
	pthread_t thread;

	look("start");
	for (int i = 0; i < 3; i++) {
		pthread_create(&thread, NULL, work, NULL);
		pthread_join(thread, NULL);
	}
	look("after events");
	fflush(stdout);
	if (fork() == 0) {
		free(malloc(10));
		look("child");
		return 0;
	}
	wait(NULL);
	look("after fork");
	return 0;
}
