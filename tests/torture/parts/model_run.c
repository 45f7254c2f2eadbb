#include "tests/torture/parts/model_run.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct model_log *told;
pid_t model_pid;
bool faulty;
bool may_drop;

void fail(const char *format, ...)
{
	va_list arguments;

	if (model_pid > 0)
		kill(model_pid, SIGKILL);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	exit(1);
}

void image_name(char ret[IMAGE_NAME], pid_t pid, unsigned before)
{
	if (before)
		snprintf(ret, IMAGE_NAME, IMAGE ".%u.%d", before, (int)pid);
	else
		snprintf(ret, IMAGE_NAME, IMAGE ".%d", (int)pid);
	if (faulty && access(ret, F_OK) != 0)
		snprintf(ret, IMAGE_NAME, "/tmp/leak.model.%d.leak", (int)pid);
}
