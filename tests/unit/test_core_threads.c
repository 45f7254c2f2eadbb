/*
 * Reading the stacks of a core from the child that unwinds them: what came before it crashed, sent
 * nonsense or too much is kept, and every thread has at least the place where it was.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/core_threads.h"
#include "analyzer/core_unwind.h"

static void (*unwind)(int out); /* what the child does instead */

void core_unwind(const struct core_file *core, const struct core_modules *modules,
	const struct symbol_search *search, size_t frames_max, int out)
{
	(void)core;
	(void)modules;
	(void)search;
	(void)frames_max;
	unwind(out);
}

static void send(int out, uint32_t thread, uint32_t flags, uint64_t address)
{
	const struct unwind_record record = {.thread = thread, .flags = flags, .address = address};

	if (write(out, &record, sizeof(record)) != sizeof(record))
		_exit(1);
}

/* Three threads at 0x1010, 0x2010, 0x3010; a module from 0x1000 to 0x3000, moved by 0x800. */
struct fixture {
	struct core_thread threads[3];
	struct core_module module;
	struct core_file core;
	struct core_modules modules;
	struct core_facts facts;
	struct model model;
};

static void read_threads(struct fixture *fixture, void (*child)(int out))
{
	static const struct symbol_search search;

	memset(fixture, 0, sizeof(*fixture));
	for (int i = 0; i < 3; i++)
		fixture->threads[i] = (struct core_thread){
			.tid = 10 + i, .ip = 0x1010u + 0x1000u * (unsigned)i, .sp = 8};
	fixture->module = (struct core_module){
		.path = "/bin/program (deleted)", .start = 0x1000, .end = 0x3000, .bias = 0x800};
	fixture->core = (struct core_file){
		.fd = -1, .threads = fixture->threads, .thread_count = 3, .signal = SIGSEGV};
	fixture->modules = (struct core_modules){.all = &fixture->module, .count = 1};
	model_init(&fixture->model);
	unwind = child;
	core_threads_read(&fixture->facts, &fixture->model, &fixture->core, &fixture->modules,
		&search, 0);
}

static void release(struct fixture *fixture)
{
	free(fixture->facts.threads);
	model_free(&fixture->model);
}

/* The frames of a thread: "offset:module:flags …", innermost first. */
static const char *stack(const struct fixture *fixture, size_t thread)
{
	static char text[400];
	const struct model *model = &fixture->model;
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t number = fixture->facts.threads[thread].frame; number && used < 300;
		number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%lx:%s:%x",
			used ? " " : "", (unsigned long)frame->offset,
			model->modules[frame->module].name, frame->flags);
	}
	return text;
}

static void all_fine(int out)
{
	send(out, 0, UNWIND_EXACT, 0x1010);
	send(out, 0, 0, 0x3000); /* the call is the module's last instruction */
	send(out, 0, UNWIND_END, 0);
	send(out, 1, UNWIND_EXACT, 0x2010);
	send(out, 1, UNWIND_PARTIAL, 0);
	send(out, 2, UNWIND_EXACT, 0x3010);
	send(out, 2, 0, 0x1020);
	send(out, 2, UNWIND_CUT, 0);
}

static void test_fine(void **state)
{
	struct fixture fixture;

	(void)state;
	read_threads(&fixture, all_fine);
	assert_null(fixture.facts.stacks_trouble);
	assert_int_equal(fixture.facts.thread_count, 3);
	assert_string_equal(stack(&fixture, 0), "810:program:1 2800:program:0");
	assert_string_equal(stack(&fixture, 1), "1810:program:5");
	assert_string_equal(stack(&fixture, 2), "3010::1 820:program:2");
	assert_int_equal(fixture.facts.threads[0].signal, SIGSEGV);
	assert_int_equal(fixture.facts.threads[1].signal, 0);
	assert_int_equal(fixture.facts.threads[2].tid, 12);
	release(&fixture);
}

static void crash_early(int out)
{
	send(out, 0, UNWIND_EXACT, 0x1010);
	send(out, 0, UNWIND_END, 0);
	send(out, 1, UNWIND_EXACT, 0x2010);
	send(out, 1, 0, 0x1020);
	raise(SIGKILL);
}

static void test_crash(void **state)
{
	struct fixture fixture;

	(void)state;
	read_threads(&fixture, crash_early);
	assert_string_equal(fixture.facts.stacks_trouble, "the unwinder did not survive it");
	assert_string_equal(stack(&fixture, 0), "810:program:1");
	assert_string_equal(stack(&fixture, 1), "1810:program:1 820:program:4");
	assert_string_equal(stack(&fixture, 2), "3010::5");
	release(&fixture);
}

static void nothing(int out)
{
	(void)out;
}

static void half_a_record(int out)
{
	if (write(out, "half", 4) != 4)
		_exit(1);
}

static void wrong_thread(int out)
{
	send(out, 0, UNWIND_EXACT, 0x1010);
	send(out, 0, UNWIND_END, 0);
	send(out, 7, UNWIND_EXACT, 0x1010);
}

static void more_threads(int out)
{
	for (uint32_t i = 0; i < 5; i++)
		send(out, i, UNWIND_END, 0);
}

static void without_end(int out)
{
	for (;;)
		send(out, 0, 0, 0x1020);
}

static void test_nonsense(void **state)
{
	static void (*const children[])(int) = {
		nothing, half_a_record, wrong_thread, more_threads, without_end};

	(void)state;
	for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++) {
		struct fixture fixture;
		read_threads(&fixture, children[i]);
		assert_non_null(fixture.facts.stacks_trouble);
		assert_int_equal(fixture.facts.thread_count, 3);
		if (children[i] != more_threads)
			assert_string_equal(stack(&fixture, 2), "3010::5");
		release(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
