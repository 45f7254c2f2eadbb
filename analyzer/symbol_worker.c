/*
 * Keeps a child process that reads symbols, see symbol_worker.h. Called by symbolize.c. The child
 * is a copy of this process, so it knows the model as it was; one that is asked about a module that
 * came later is replaced. It ends with this process, or when its end of the socket is closed.
 *
 * What a child may do is limited: a minute of processor time for each question (how long it waits,
 * for a disk or for debuginfod, does not count), no core file, and when memory runs out the kernel
 * ends it first. Where no child can be started the files are read in this process.
 */
#define _GNU_SOURCE
#include "symbol_worker.h"

#include "memory.h"
#include "symbol_message.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS_MAX 60
#define ANSWER_MAX ((uint64_t)64 << 20) /* bytes: beyond this it is no answer */

struct symbol_worker {
	struct model *model;
	const struct symbol_search *search;
	struct symbol_resolver *resolver; /* in this process; NULL: not needed so far */
	struct symbol_message message;
	pid_t child; /* 0: none is running */
	int socket;
	size_t module_count; /* that the child knows */
};

struct symbol_worker *symbol_worker_new(struct model *model, const struct symbol_search *search)
{
	struct symbol_worker *worker = memory_zero(1, sizeof(*worker));

	worker->model = model;
	worker->search = search;
	return worker;
}

/* ---- both sides ---- */

static bool send_all(int to, const void *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t sent = send(to, (const char *)bytes + done, size - done, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		done += (size_t)sent;
	}
	return true;
}

static bool receive_all(int from, void *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = read(from, (char *)bytes + done, size - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

static bool send_message(int to, const struct symbol_message *message)
{
	uint64_t size = message->size;

	return send_all(to, &size, sizeof(size)) && send_all(to, message->bytes, message->size);
}

static bool receive_message(int from, struct symbol_message *message)
{
	uint64_t size;

	if (!receive_all(from, &size, sizeof(size)) || size > ANSWER_MAX)
		return false;
	message->bytes = memory_grow(message->bytes, &message->capacity, size, 1);
	message->size = size;
	return receive_all(from, message->bytes, size);
}

/* ---- the child ---- */

static void limit(int resource, rlim_t most)
{
	struct rlimit now;

	if (getrlimit(resource, &now) == 0) {
		now.rlim_cur = most < now.rlim_max ? most : now.rlim_max;
		setrlimit(resource, &now);
	}
}

/* A minute from now; what the user's own limit leaves, if that is less. */
static void limit_time(rlim_t own)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) < 0)
		return;
	rlim_t most = (rlim_t)used.ru_utime.tv_sec + (rlim_t)used.ru_stime.tv_sec + 2 + SECONDS_MAX;
	limit(RLIMIT_CPU, most < own ? most : own);
}

/* The first that the kernel ends when memory runs out. */
static void offer_itself(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1000", 4) < 0) {
		/* Then it is chosen by its size, as any other. */
	}
	close(fd);
}

_Noreturn static void serve(struct symbol_worker *worker, int socket)
{
	struct symbol_resolver *resolver = symbol_resolver_new(worker->model, worker->search);
	struct symbol_message message = {0};
	struct symbol_question question;
	struct symbol_answer answer;
	struct rlimit time = {.rlim_cur = RLIM_INFINITY};

	getrlimit(RLIMIT_CPU, &time);
	while (receive_message(socket, &message) && symbol_message_question(&message, &question)) {
		limit_time(time.rlim_cur);
		symbol_resolve(resolver, &question, &answer);
		symbol_message_put_answer(&message, &answer);
		free(answer.locations);
		if (!send_message(socket, &message))
			break;
	}
	_exit(0);
}

_Noreturn static void run_child(struct symbol_worker *worker, int socket, pid_t parent)
{
	static const int ordinary[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGXCPU, SIGTERM};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	/* What the terminal sends to all of us is for the parent to decide upon. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++)
		signal(ordinary[i], SIG_DFL);
	limit(RLIMIT_CORE, 0);
	offer_itself();
	serve(worker, socket);
}

/* ---- the parent ---- */

/* Ends the child, and says how it ended. */
static int end_child(struct symbol_worker *worker)
{
	int status = 0;

	if (worker->child == 0)
		return 0;
	close(worker->socket);
	kill(worker->child, SIGKILL);
	while (waitpid(worker->child, &status, 0) < 0 && errno == EINTR)
		;
	worker->child = 0;
	return status;
}

static bool start_child(struct symbol_worker *worker)
{
	pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	fflush(NULL); /* nothing is to be printed twice */
	pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		run_child(worker, ends[1], parent);
	}
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return false;
	}
	worker->child = child;
	worker->socket = ends[0];
	worker->module_count = worker->model->module_count;
	return true;
}

/* The child has closed its end, or said what is no answer. */
static void give_up(struct symbol_worker *worker, struct module *module)
{
	char text[200];
	int status;
	pid_t ended = 0;

	/* It is about to end by itself, if it does: its end was closed by that. */
	for (int tries = 0; tries < 100 && ended == 0; tries++) {
		ended = waitpid(worker->child, &status, WNOHANG);
		if (ended == 0)
			usleep(1000);
	}
	if (ended == worker->child) {
		worker->child = 0;
		close(worker->socket);
	} else {
		status = end_child(worker);
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		snprintf(text, sizeof(text), "libdw came to no end");
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "libdw was ended by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		snprintf(text, sizeof(text), "libdw did not survive it");
	module->symbols = SYMBOLS_BROKEN;
	module->trouble = model_string(worker->model, text);
}

static bool is_ready(struct symbol_worker *worker, uint32_t module)
{
	if (worker->child && module >= worker->module_count)
		end_child(worker);
	return worker->child || start_child(worker);
}

static void ask_here(struct symbol_worker *worker, const struct symbol_question *question,
	struct symbol_answer *ret)
{
	if (worker->resolver == NULL)
		worker->resolver = symbol_resolver_new(worker->model, worker->search);
	symbol_resolve(worker->resolver, question, ret);
}

void symbol_worker_ask(struct symbol_worker *worker, const struct symbol_question *question,
	struct symbol_answer *ret)
{
	struct module *module = &worker->model->modules[question->module];

	*ret = (struct symbol_answer){0};
	if (module->symbols == SYMBOLS_BROKEN)
		return;
	if (worker->resolver || !is_ready(worker, question->module)) {
		ask_here(worker, question, ret);
		return;
	}
	symbol_message_put_question(&worker->message, question);
	if (!send_message(worker->socket, &worker->message) ||
		!receive_message(worker->socket, &worker->message) ||
		!symbol_message_answer(&worker->message, worker->model, ret)) {
		give_up(worker, module);
		return;
	}
	/* A child that took over does not know what the one before it found. */
	if (ret->state != SYMBOLS_NONE || module->symbols != SYMBOLS_FOUND)
		module->symbols = ret->state;
}

void symbol_worker_free(struct symbol_worker *worker)
{
	end_child(worker);
	if (worker->resolver)
		symbol_resolver_free(worker->resolver);
	free(worker->message.bytes);
	free(worker);
}
