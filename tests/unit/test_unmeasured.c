/* What was executed and left no image: logs and processes made by hand, pids that are used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/unmeasured.h"

static struct model model;
static struct unmeasured_list list;
static char directory[] = "/tmp/leak-unmeasured-XXXXXX";
static char path[64];
static FILE *file;

static int start(void **state)
{
	(void)state;
	model_init(&model);
	list = (struct unmeasured_list){0};
	file = fopen(path, "w");
	return file ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	unmeasured_free(&list);
	model_free(&model);
	return 0;
}

/* A record of the log; "" takes the one before back. */
static void executed(int pid, uint64_t at, const char *program)
{
	fprintf(file, "%d %llu%c%s%c%s%c", pid, (unsigned long long)at, 0, directory, 0, program, 0);
}

/* An image. */
static struct process *recorded(int pid, uint64_t at, const char *exe, enum process_state state)
{
	struct process *process = model_add_process(&model);

	process->pid = pid;
	process->start_realtime_ns = at;
	process->exe = exe;
	process->state = state;
	return process;
}

/* Programs that are not measured, by name, in the order of time: "a b ". */
static void expect(const char *programs)
{
	const struct unmeasured_command command = {.pid = 1, .since_ns = 100, .file = "/bin/sh"};
	char found[1024] = "";

	if (file) {
		assert_int_equal(fclose(file), 0);
		file = NULL;
		recorded(1, 101, "/bin/sh", STATE_CLEAN);
	}
	assert_true(unmeasured_find(&list, &command, path, &model));
	for (size_t i = 0; i < list.count; i++) {
		assert_non_null(list.items[i].reason);
		strncat(found, strrchr(list.items[i].program, '/') ? strrchr(list.items[i].program, '/') + 1
								   : list.items[i].program,
			sizeof(found) - strlen(found) - 2);
		strcat(found, " ");
	}
	assert_string_equal(found, programs);
}

static void nothing_is_missing(void **state)
{
	(void)state;
	executed(2, 200, "./one");
	recorded(2, 201, "/x/one", STATE_CLEAN);
	expect("");
}

static void no_image_is_missing(void **state)
{
	(void)state;
	executed(3, 300, "./later");
	executed(2, 200, "./one");
	executed(2, 210, "two");
	recorded(2, 201, "/x/one", STATE_EXEC);
	expect("two later ");
	assert_int_equal(list.items[0].pid, 2);
}

/* A program that executes another at once has its own image only. */
static void the_image_of_who_executes_is_not_that_of_what_is_executed(void **state)
{
	(void)state;
	executed(2, 200, "./one");
	recorded(2, 201, "/x/one", STATE_EXEC);
	executed(2, 202, "./two");
	expect("two ");
}

static void no_room_is_a_reason_for_what_could_have_been_measured(void **state)
{
	(void)state;
	for (int no_room = 0; no_room < 2; no_room++) {
		const struct unmeasured_command command = {
			.pid = 9, .since_ns = 100, .file = "./one", .no_room = no_room};
		unmeasured_find(&list, &command, "/nonexistent/log", &model);
		assert_int_equal(list.count, 1);
		assert_int_equal(strstr(list.items[0].reason, "no room") != NULL, no_room);
		unmeasured_free(&list);
	}
}

static void failures_are_taken_back(void **state)
{
	(void)state;
	executed(2, 200, "./one");
	recorded(2, 201, "/x/one", STATE_EXEC);
	executed(2, 210, "/bin/cat"); /* is there, and could not be executed */
	executed(2, 211, "");
	executed(3, 212, "./three");
	executed(2, 213, "/nowhere/two");
	executed(2, 214, "");
	executed(2, 220, "./two");
	recorded(2, 221, "/x/two", STATE_CLEAN);
	executed(5, 230, ""); /* of nothing */
	expect("three ");
}

static void a_pid_is_used_again(void **state)
{
	(void)state;
	executed(2, 200, "./one");
	executed(2, 300, "./two");
	recorded(2, 301, "/x/two", STATE_CLEAN);
	executed(3, 310, "./three"); /* then a child that was forked only has the number */
	recorded(3, 400, "/x/four", STATE_CLEAN)->forked = true;
	expect("one three ");
}

/* A static one that executes what is recorded. */
static void a_wrapper_that_cannot_be_recorded(void **state)
{
	char *wrapper, *link;
	static const unsigned char header[64] = {0x7f, 'E', 'L', 'F', 2, 1, 1, [18] = 62};

	(void)state;
	assert_true(asprintf(&wrapper, "%s/wrapper", directory) > 0);
	assert_true(asprintf(&link, "%s/link", directory) > 0);
	FILE *out = fopen(wrapper, "w");
	assert_int_equal(fwrite(header, 1, sizeof(header), out), sizeof(header));
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(wrapper, 0755), 0);
	assert_int_equal(symlink(wrapper, link), 0);
	executed(2, 200, "./wrapper");
	recorded(2, 205, "/x/one", STATE_CLEAN);
	executed(3, 200, "./link"); /* by another name, and it was recorded by whatever means */
	recorded(3, 205, wrapper, STATE_CLEAN);
	executed(4, 200, "/bin/sh"); /* which has other names, too */
	recorded(4, 205, "/bin/dash", STATE_CLEAN);
	expect("wrapper ");
	unlink(wrapper);
	unlink(link);
	free(wrapper);
	free(link);
}

static void a_torn_log_is_read_as_far_as_it_goes(void **state)
{
	(void)state;
	executed(2, 200, "./one");
	fputs("3 300", file);
	expect("one ");
	unmeasured_free(&list);
	for (const char *const *bytes = (const char *const[]){"x", "\n\n\n", "-1 -1", " ", "99999999999999999999 1", NULL};
		*bytes; bytes++) {
		file = fopen(path, "w");
		for (int i = 0; i < 3; i++)
			fwrite(*bytes, 1, strlen(*bytes) + 1, file);
		fclose(file);
		file = NULL;
		const struct unmeasured_command command = {.pid = 1, .since_ns = 100, .file = "/bin/sh"};
		assert_true(unmeasured_find(&list, &command, path, &model));
		unmeasured_free(&list);
	}
}

static void a_missing_log_is_told(void **state)
{
	(void)state;
	const struct unmeasured_command command = {.pid = 9, .since_ns = 100, .file = "./static"};
	fclose(file);
	file = NULL;
	assert_false(unmeasured_find(&list, &command, "/nonexistent/log", &model));
	assert_int_equal(list.count, 1); /* the command itself */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_missing),
		TEST(no_image_is_missing),
		TEST(the_image_of_who_executes_is_not_that_of_what_is_executed),
		TEST(no_room_is_a_reason_for_what_could_have_been_measured),
		TEST(failures_are_taken_back),
		TEST(a_pid_is_used_again),
		TEST(a_wrapper_that_cannot_be_recorded),
		TEST(a_torn_log_is_read_as_far_as_it_goes),
		TEST(a_missing_log_is_told),
	};

	if (mkdtemp(directory) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/log", directory);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	rmdir(directory);
	return failed;
}
