/*
 * `leak top PID|IMAGE`: how the call sites of a running process grow, as a screen on a terminal, as
 * tables one after another elsewhere. One model is kept from refresh to refresh, so that only what
 * is new needs names. The image is read, and nothing else: the process is neither stopped nor
 * touched.
 */
#define _GNU_SOURCE
#include "command.h"

#include "clock.h"
#include "cmd_model.h"
#include "cmd_next.h"
#include "follow.h"
#include "growth.h"
#include "memory.h"
#include "screen.h"
#include "symbolize.h"
#include "text.h"
#include "top_table.h"
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_INTERVAL "2s"
#define DEFAULT_INTERVAL_NS 2000000000u
#define LEAST_INTERVAL_NS 100000000u
#define TOP_IN_FILES 20
#define LEAST_WIDTH 20

struct top {
	const struct settings *settings;
	struct follow follow;
	enum follow_state state;
	struct model model;
	struct symbolizer *symbolizer;
	struct growth growth;
	struct top_table table;
	bool screen; /* the alternate screen of a terminal is in use */
	uint64_t due_ns;
};

/* The room that there is now. In a file: COLUMNS, else as wide as it gets. */
static void measure(struct top *top)
{
	const char *columns = getenv("COLUMNS");
	int width = columns ? atoi(columns) : 0, height = 0;

	if (isatty(STDOUT_FILENO))
		screen_size(&height, &width);
	top->table.width = width > 0 && width < LEAST_WIDTH ? LEAST_WIDTH : width > 0 ? width : 0;
	top->table.height = top->screen ? height : 0;
	top->table.keys = top->screen && !top->settings->quiet;
	top->table.top = top->settings->top != UINT64_MAX ? top->settings->top
			 : top->screen                    ? SIZE_MAX
							  : TOP_IN_FILES;
}

static void rank(struct top *top)
{
	struct growth_options options = {.filters = top->settings->filters.texts,
		.filter_count = top->settings->filters.count,
		.shown = top_table_rows(&top->table),
		.names = !top->settings->no_symbolize};

	growth_rank(&top->growth, &top->model, top->symbolizer, top->table.sort, &options);
}

/* Reads the process as it stands. */
static void refresh(struct top *top, struct progress *progress)
{
	top->state = follow_load(&top->follow, &top->model, progress);
	if (top->state == FOLLOW_GONE)
		return;
	follow_memory(&top->follow, &top->table.memory);
	top->table.pid = top->follow.pid ? top->follow.pid : top->table.pid;
	growth_add(&top->growth, &top->model, top->follow.load_ns);
}

static void write_plain(struct top *top)
{
	measure(top);
	rank(top);
	top_table_write(&top->table, stdout);
	fflush(stdout);
}

static void draw(struct top *top)
{
	char *text = NULL;
	size_t size = 0;

	measure(top);
	rank(top);
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return;
	top_table_write(&top->table, out);
	if (fclose(out) == 0)
		screen_draw(text);
	free(text);
}

static void show(struct top *top)
{
	if (top->screen) {
		draw(top);
		return;
	}
	if (top->growth.loads > 1)
		putchar('\n');
	write_plain(top);
}

/* Returns false to quit. */
static bool on_key(struct top *top, int key)
{
	switch (key) {
	case 'q':
	case 'Q':
		return false;
	case 's':
		top->table.sort = (top->table.sort + 1) % GROWTH_SORT_COUNT;
		break;
	case 'p':
	case ' ':
		top->table.paused = !top->table.paused;
		break;
	case 'h':
	case '?':
		top->table.help = !top->table.help;
		break;
	default:
		return true;
	}
	draw(top);
	return true;
}

/* Until the next refresh is due, or the process has ended. Returns false to quit. */
static bool wait(struct top *top)
{
	for (;;) {
		bool paused = top->table.paused;
		int event = screen_wait(
			paused ? UINT64_MAX : top->due_ns, paused ? -1 : top->follow.pid_fd);
		if (event == SCREEN_TIMEOUT || event == SCREEN_READY)
			return true;
		if (event == SCREEN_REDRAW && top->screen)
			draw(top);
		else if (event >= 0 && !on_key(top, event))
			return false;
	}
}

/* When the refresh after this one is due: in step, unless that has been missed. */
static void set_due(struct top *top)
{
	uint64_t now = clock_monotonic_ns(), interval = top->settings->interval.ns;

	top->due_ns += interval;
	if (top->due_ns <= now)
		top->due_ns = now + interval;
}

enum ending { ENDING_QUIT, ENDING_COUNT, ENDING_PROCESS };

static enum ending run(struct top *top)
{
	uint64_t count = 1;

	top->due_ns = clock_monotonic_ns();
	for (;;) {
		show(top);
		set_due(top);
		if (count++ >= top->settings->count)
			return ENDING_COUNT;
		if (!wait(top))
			return ENDING_QUIT;
		refresh(top, NULL);
		if (top->state != FOLLOW_RUNNING)
			return ENDING_PROCESS;
	}
}

/* Why there will be no other table. */
static void say_end(const struct top *top)
{
	const struct process *process = top->model.processes;
	char *next = NULL, state[120];

	if (top->state == FOLLOW_GONE) {
		puts("\nthe process has ended, and with it its tables, which were in its memory");
		return;
	}
	if (process->snapshot_realtime_ns) {
		puts("\nthis is a snapshot: it does not change");
	} else {
		verdict_state(process, state, sizeof(state));
		printf("\nthe process %s\n", state);
	}
	const char *image = top->follow.by_pid ? top->follow.image : top->follow.name;
	if (!top->settings->quiet && access(image, R_OK) == 0)
		next = cmd_next_report(image);
	if (next)
		printf("next: %s\n", next);
	free(next);
}

/* Where the screen is gone, the last table stays. */
static void conclude(struct top *top, enum ending ending)
{
	bool again = top->screen || ending == ENDING_PROCESS;

	if (top->screen)
		screen_close();
	top->screen = top->table.help = top->table.paused = false;
	if (ending == ENDING_QUIT)
		return;
	if (again && top->state != FOLLOW_GONE)
		show(top);
	if (ending == ENDING_PROCESS)
		say_end(top);
}

static void watch(struct top *top)
{
	const char *term = getenv("TERM");
	enum ending ending = ENDING_PROCESS;
	struct progress progress;

	progress_start(&progress, top->settings->quiet);
	refresh(top, &progress);
	progress_end(&progress);
	if (top->state == FOLLOW_RUNNING) {
		top->screen = isatty(STDOUT_FILENO) && !(term && strcmp(term, "dumb") == 0);
		if (top->screen)
			screen_open();
		ending = run(top);
	}
	conclude(top, ending);
}

static int usage(const char *reason)
{
	command_complain("", reason);
	return EXIT_USAGE;
}

static int check_settings(struct settings *settings)
{
	if (settings->operands.count != 1)
		return usage("top needs one process or image: leak top PID");
	if (settings->interval.text == NULL) {
		settings->interval.text = memory_copy(DEFAULT_INTERVAL);
		settings->interval.ns = DEFAULT_INTERVAL_NS;
	}
	if (settings->interval.ns < LEAST_INTERVAL_NS)
		return usage("--interval needs a time of at least 100ms");
	if (settings->count == 0)
		return usage("--count needs a number above 0");
	return EXIT_OK;
}

static enum growth_sort sort_of(const char *name)
{
	enum growth_sort sort = 0;

	while (sort + 1 < GROWTH_SORT_COUNT && strcmp(growth_sort_names[sort], name) != 0)
		sort++;
	return sort;
}

int cmd_top(struct settings *settings)
{
	struct symbol_search search;
	struct top top = {.settings = settings};
	struct error error;
	int status = check_settings(settings);

	if (status == EXIT_OK)
		status = cmd_model_check_search(settings);
	if (status != EXIT_OK)
		return status;
	if (settings->debuginfod && settings->debuginfod[0])
		setenv("DEBUGINFOD_URLS", settings->debuginfod, 1);
	if (follow_start(&top.follow, settings->operands.texts[0], &error) < 0) {
		command_complain(settings->operands.texts[0], error.text);
		follow_end(&top.follow);
		return EXIT_NOT_MEASURED;
	}
	model_init(&top.model);
	growth_init(&top.growth);
	cmd_model_search(&search, settings);
	top.symbolizer = symbolizer_new(&top.model, &search);
	top.table = (struct top_table){.model = &top.model,
		.growth = &top.growth,
		.sort = sort_of(settings->sort),
		.interval = settings->interval.text,
		.color = command_color(settings, STDOUT_FILENO)};
	watch(&top);
	symbolizer_free(top.symbolizer);
	cmd_model_search_free(&search);
	growth_free(&top.growth);
	model_free(&top.model);
	follow_end(&top.follow);
	return EXIT_OK;
}
