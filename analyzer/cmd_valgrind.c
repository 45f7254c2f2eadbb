/*
 * `leak-valgrind`: the same program by another name, which takes valgrind's command line, runs the
 * command under the recorder, and writes memcheck's log or XML of what it leaked. For what calls
 * valgrind and reads what it says: CTest, Meson, make check, IDEs. Images are made in a directory
 * of their own and removed. A child that the command starts by exec is looked at only with
 * --trace-children=yes, as valgrind has it; one that it forks, too.
 */
#define _GNU_SOURCE
#include "command.h"

#include "cmd_model.h"
#include "cmd_start.h"
#include "cmd_suppressions.h"
#include "cmd_valgrind_freeres.h"
#include "cmd_valgrind_line.h"
#include "cmd_valgrind_options.h"
#include "cmd_valgrind_sink.h"
#include "cut_stacks.h"
#include "memory.h"
#include "render.h"
#include "run_image.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAMES_OF_LIBC 32 /* from an allocator to the function that the program called, at most */

#define VALGRIND_VERSION "valgrind-3.19.0-leak"

struct run {
	struct valgrind_settings *valgrind;
	char *directory, *pattern; /* of the images */
	char *library;
	pid_t pid;
	int status; /* of waitpid */
	struct valgrind_sink log, xml;
	size_t errors, reports;
	bool failed; /* something could not be written */
};

static void complain_ignored(const struct valgrind_settings *settings)
{
	char *list = memory_copy("ignored, for they mean nothing here:");

	for (size_t i = 0; i < settings->ignored.count; i++) {
		char *longer = memory_join(list, " ", settings->ignored.texts[i]);
		free(list);
		list = longer;
	}
	if (settings->ignored.count && !settings->render.quiet)
		command_complain("", list);
	free(list);
}

/* What the recorder is told, after what the user told it. A stack needs few more frames than are
 * written: those that tell for whom libc allocated. */
static void set_recorder(const struct run *run)
{
	const char *old = getenv("LEAK_OPTIONS");
	unsigned callers = run->valgrind->render.callers;
	char *value;

	if (asprintf(&value, "%s%soutput=\"%s\":file=1:keep=always:classes=1:summary=0:depth=%u",
		    old ? old : "", old && old[0] ? ":" : "", run->pattern,
		    callers > FRAMES_OF_LIBC ? callers - 1 : FRAMES_OF_LIBC) < 0)
		return;
	setenv("LEAK_OPTIONS", value, 1);
	free(value);
}

static bool make_directory(struct run *run)
{
	const char *base = getenv("TMPDIR");

	run->directory =
		memory_join(base && base[0] == '/' && !strpbrk(base, "%\"") ? base : "/tmp", "/",
			"leak-valgrind.XXXXXX");
	if (mkdtemp(run->directory) == NULL) {
		command_complain(run->directory, strerror(errno));
		return false;
	}
	run->pattern = memory_join(run->directory, "/", "%p.leak");
	return true;
}

static int is_image(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && strcmp(dot, ".leak") == 0;
}

static int is_any(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void remove_directory(struct run *run)
{
	struct dirent **entries;
	int count = scandir(run->directory, &entries, is_any, alphasort);

	for (int i = 0; i < count; i++) {
		char *path = memory_join(run->directory, "/", entries[i]->d_name);
		unlink(path);
		free(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	rmdir(run->directory);
}

static void count_errors(struct run *run, const struct model *model)
{
	size_t count;
	const struct site **records = valgrind_records(model, &count);

	for (size_t i = 0; i < count; i++)
		run->errors += valgrind_is_error(records[i], &run->valgrind->render);
	free(records);
}

static void write_to(
	struct run *run, struct valgrind_sink *sink, const char *format, const struct model *model)
{
	struct render_options options = {.group = "site", .valgrind = &run->valgrind->render};
	struct error error;
	FILE *out = valgrind_sink_open(sink, model->processes[0].pid, &error);

	if (out == NULL) {
		command_complain(sink->name ? sink->name : "", error.text);
		run->failed = true;
		return;
	}
	render_find(format)->render(model, &options, out);
	if (fflush(out) != 0) {
		command_complain(sink->name ? sink->name : "", strerror(errno));
		run->failed = true;
	}
}

/* One process. With XML, its log is there and empty, as valgrind's nearly is. */
static void report(struct run *run, const struct model *model)
{
	struct error error;

	count_errors(run, model);
	if (!run->valgrind->wants_xml) {
		write_to(run, &run->log, "memcheck", model);
	} else if (run->log.output.file &&
		   valgrind_sink_open(&run->log, model->processes[0].pid, &error) == NULL) {
		command_complain(run->log.output.file, error.text);
		run->failed = true;
	}
	if (run->valgrind->wants_xml && run->reports &&
		!valgrind_sink_is_new(&run->xml, model->processes[0].pid))
		command_complain("", "a second process would write into the same XML; put %p into "
				     "the name given to --xml-file");
	else if (run->valgrind->wants_xml)
		write_to(run, &run->xml, "valgrind-xml", model);
	run->reports++;
}

/* The command as it was started; of its blocks nothing is known. */
static void report_nothing(struct run *run)
{
	struct model model;

	model_init(&model);
	struct process *process = model_add_process(&model);
	process->pid = (int)run->pid;
	process->ppid = (int)getpid();
	process->exe = model_string(&model, run->valgrind->command[0]);
	process->args = run->valgrind->command;
	process->unrecorded = true;
	report(run, &model);
	process->args = NULL; /* not the model's */
	model_free(&model);
}

/* Sites that differ only further out than is written are one loss record, as in valgrind; but which
 * of them libc frees at the end is seen there. */
static void leave_written_frames(const struct run *run, struct cmd_model *loaded)
{
	struct model *model = &loaded->model;

	for (size_t i = 0; loaded->symbolizer && i < model->site_count; i++)
		symbolize_site(loaded->symbolizer, &model->sites[i]);
	if (!run->valgrind->keeps_libc)
		valgrind_freeres(model);
	cut_stacks(model, run->valgrind->render.callers - 1);
}

/*
 * Reports on one image. Of a program that was replaced by another (exec) valgrind says nothing, and
 * so it is here; what it had not freed then the kernel has. Returns whether it reported.
 */
static bool report_image(struct run *run, const char *path)
{
	struct settings settings;
	struct cmd_model loaded;
	bool reported = false;

	options_init(&settings);
	settings.quiet = true;
	settings.operands = (struct text_list){.texts = &path, .count = 1};
	settings.suppressions = run->valgrind->suppressions;
	int status = run->valgrind->render.suppressions
			     ? cmd_model_load_named(&loaded, &settings, true)
			     : cmd_model_load(&loaded, &settings);
	if (status == EXIT_OK && loaded.model.processes[0].state != STATE_EXEC) {
		struct cmd_view view = {
			.group = "site", .kinds = CLASSES_ALL, .top = SIZE_MAX, .all_sites = true};
		leave_written_frames(run, &loaded);
		cmd_model_refine(&loaded, &view);
		report(run, &loaded.model);
		reported = true;
	}
	cmd_model_free(&loaded);
	settings.operands = (struct text_list){0};
	settings.suppressions = (struct text_list){0};
	options_free(&settings);
	return reported;
}

/* Every other image, by the number of the process. */
static void report_children(struct run *run, const char *first)
{
	struct dirent **entries;
	int count = scandir(run->directory, &entries, is_image, versionsort);

	for (int i = 0; i < count; i++) {
		char *path = memory_join(run->directory, "/", entries[i]->d_name);
		if (first == NULL || strcmp(path, first) != 0)
			report_image(run, path);
		free(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

/* The image that the command began with: after an exec there are more of the same process. */
static char *first_image(const struct run *run, uint64_t since_ns)
{
	char name[32];

	snprintf(name, sizeof(name), "%d.leak", (int)run->pid);
	char *path = memory_join(run->directory, "/", name);
	if (access(path, R_OK) == 0)
		return path;
	free(path);
	return run_image_find(run->pattern, (int)run->pid, since_ns);
}

static int report_all(struct run *run, uint64_t since_ns)
{
	char *first = first_image(run, since_ns);
	int result = EXIT_OK;

	if (first)
		run_image_finish(first, run->status);
	if (first == NULL || !report_image(run, first))
		report_nothing(run);
	if (run->valgrind->trace_children)
		report_children(run, first);
	if (first == NULL &&
		cmd_start_unrecorded(run->valgrind->command[0], run->library, run->pattern))
		result = EXIT_NOT_MEASURED;
	free(first);
	return run->failed ? EXIT_NOT_MEASURED : result;
}

/* As the command did, so that who started us sees it as it was. */
static int end_by_signal(int signal)
{
	struct rlimit none = {0};
	struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t set;

	setrlimit(RLIMIT_CORE, &none); /* the command has dumped its own */
	sigaction(signal, &usual, NULL);
	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	kill(getpid(), signal);
	return 128 + signal;
}

static int run_command(struct run *run)
{
	uint64_t since_ns;
	int result = EXIT_NOT_MEASURED;

	set_recorder(run);
	run->pid = cmd_start(run->valgrind->command, run->library, &since_ns, &result);
	if (run->pid < 0)
		return result;
	run->status = cmd_start_wait(run->pid);
	result = report_all(run, since_ns);
	valgrind_sink_close(&run->log);
	valgrind_sink_close(&run->xml);
	if (WIFSIGNALED(run->status)) {
		remove_directory(run);
		return end_by_signal(WTERMSIG(run->status));
	}
	if (run->errors && run->valgrind->error_exitcode)
		return run->valgrind->error_exitcode;
	return WEXITSTATUS(run->status) ? WEXITSTATUS(run->status) : result;
}

/* Before the program runs for nothing. */
static bool can_read_suppressions(const struct valgrind_settings *valgrind)
{
	const struct settings settings = {.suppressions = valgrind->suppressions};

	return cmd_suppressions_check(&settings) == 0;
}

static int run_in_directory(struct valgrind_settings *settings)
{
	struct run run = {.valgrind = settings,
		.log = {.output = settings->log},
		.xml = {.output = settings->xml}};
	int result = EXIT_NOT_MEASURED;

	complain_ignored(settings);
	if (!can_read_suppressions(settings))
		return EXIT_NOT_MEASURED;
	run.library = cmd_start_library();
	if (run.library && make_directory(&run)) {
		result = run_command(&run);
		remove_directory(&run);
	}
	free(run.library);
	free(run.directory);
	free(run.pattern);
	return result;
}

static int help(void)
{
	puts("usage: leak-valgrind [OPTIONS OF VALGRIND] PROGRAM [ARGUMENTS]\n"
	     "       runs PROGRAM natively and reports its leaks as valgrind's memcheck does;\n"
	     "       what it takes is in leak(1)");
	return EXIT_OK;
}

/* All arguments, also those that nobody typed. */
static int run_line(char **arguments)
{
	struct valgrind_settings settings;
	struct error error;
	int result = EXIT_USAGE;

	if (valgrind_settings_parse(&settings, arguments + 1, &error) < 0) {
		command_complain("", error.text);
	} else if (settings.version) {
		puts(VALGRIND_VERSION);
		result = EXIT_OK;
	} else if (settings.help) {
		result = help();
	} else if (settings.command[0] == NULL) {
		command_complain("", "no program specified; see leak-valgrind --help");
	} else {
		size_t own = (size_t)(settings.command - arguments);
		const char **line = memory_zero(own + 1, sizeof(*line));
		for (size_t i = 0; i < own; i++)
			line[i] = arguments[i];
		settings.render.arguments = line;
		result = run_in_directory(&settings);
		free(line);
	}
	valgrind_settings_free(&settings);
	return result;
}

int cmd_valgrind(char **arguments)
{
	struct valgrind_line line;
	struct error error;
	int result = EXIT_USAGE;

	if (valgrind_line_read(&line, arguments, &error) < 0)
		command_complain("", error.text);
	else
		result = run_line(line.arguments);
	valgrind_line_free(&line);
	return result;
}
