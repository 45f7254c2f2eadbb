/*
 * Opens what --log-file, --log-fd, --log-socket and their XML kin name. Called by cmd_valgrind.c. A
 * log is written in place, also where it cannot be complete: what reads it wants what there is.
 */
#define _GNU_SOURCE
#include "cmd_valgrind_sink.h"

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_PORT "1500" /* valgrind's */

/* A variable's value in place of %q{NAME} at `at`. Returns what follows it, NULL: it is wrong. */
static const char *write_variable(FILE *out, const char *at)
{
	const char *end = strchr(at, '}');

	if (strncmp(at, "%q{", 3) != 0 || end == NULL)
		return NULL;
	char *name = strndup(at + 3, (size_t)(end - at - 3));
	const char *value = name ? getenv(name) : NULL;
	fputs(value ? value : "", out);
	free(name);
	return end + 1;
}

/* The file's name for a process, for the caller to free; NULL with a sentence. */
static char *expand(const char *pattern, int pid, struct error *error)
{
	char *name = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&name, &size);
	const char *at = pattern;

	if (out == NULL) {
		error_set(error, "%s", strerror(errno));
		return NULL;
	}
	while (at && *at) {
		if (*at != '%') {
			putc(*at++, out);
		} else if (at[1] == 'p' || at[1] == 'n' || at[1] == '%') {
			if (at[1] == '%')
				putc('%', out);
			else
				fprintf(out, "%d", at[1] == 'p' ? pid : 0);
			at += 2;
		} else {
			at = write_variable(out, at);
		}
	}
	bool complete = fclose(out) == 0 && at != NULL;
	if (complete)
		return name;
	error_set(error, "'%s': after %% there may be p, n, q{NAME} or %%", pattern);
	free(name);
	return NULL;
}

static int connect_to(const char *address, struct error *error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	const char *colon = strrchr(address, ':');
	char *host = colon ? strndup(address, (size_t)(colon - address)) : memory_copy(address);
	int fd = -1, failure;

	failure = getaddrinfo(host, colon ? colon + 1 : DEFAULT_PORT, &hints, &found);
	for (struct addrinfo *at = failure ? NULL : found; at && fd < 0; at = at->ai_next) {
		fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
		if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) < 0) {
			close(fd);
			fd = -1;
		}
	}
	if (fd < 0)
		error_set(error, "cannot connect to %s: %s", address,
			failure ? gai_strerror(failure) : strerror(errno));
	if (found)
		freeaddrinfo(found);
	free(host);
	return fd;
}

static FILE *open_stream(const struct valgrind_output *output, struct error *error)
{
	int fd = output->socket ? connect_to(output->socket, error)
				: fcntl(output->fd, F_DUPFD_CLOEXEC, 3);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (out == NULL && !(output->socket && fd < 0))
		error_set(error, "descriptor %d: %s", output->fd, strerror(errno));
	return out;
}

FILE *valgrind_sink_open(struct valgrind_sink *sink, int pid, struct error *error)
{
	if (sink->output.file == NULL) {
		if (sink->out == NULL)
			sink->out = open_stream(&sink->output, error);
		return sink->out;
	}
	char *name = expand(sink->output.file, pid, error);
	if (name == NULL)
		return NULL;
	if (sink->out && strcmp(name, sink->name) == 0) {
		free(name);
		return sink->out;
	}
	valgrind_sink_close(sink);
	sink->name = name;
	sink->out = fopen(name, "we");
	if (sink->out == NULL)
		error_set(error, "%s; check the path and its permissions", strerror(errno));
	return sink->out;
}

bool valgrind_sink_is_new(const struct valgrind_sink *sink, int pid)
{
	struct error error;

	if (sink->out == NULL || sink->output.file == NULL)
		return sink->out == NULL;
	char *name = expand(sink->output.file, pid, &error);
	bool is_new = name == NULL || strcmp(name, sink->name) != 0;
	free(name);
	return is_new;
}

void valgrind_sink_close(struct valgrind_sink *sink)
{
	if (sink->out)
		fclose(sink->out);
	free(sink->name);
	sink->out = NULL;
	sink->name = NULL;
}
