/*
 * Describes a check: when and why it was made, what it cost and what it could not look at. Called
 * by load_image.c when the blocks have their classes. Numbers that are not known get "?".
 */
#include "load_check.h"

#include "memory.h"
#include "preload/reach.h"

const char *load_check_trigger(uint32_t trigger)
{
	static const char *const names[] = {
		[CHECK_AT_END] = "end",
		[CHECK_ON_REQUEST] = "request",
		[CHECK_ON_SIGNAL] = "signal",
		[CHECK_BY_PROGRAM] = "program",
		[CHECK_AT_LIMIT] = "limit",
		[CHECK_OF_CORE] = "core",
	};

	return trigger < sizeof(names) / sizeof(names[0]) && names[trigger] ? names[trigger] : "?";
}

const char *load_check_failure(uint32_t failure)
{
	static const char *const reasons[] = {
		[CHECK_NO_MEMORY] = "there was not enough memory for it",
		[CHECK_NO_MAPS] = "/proc/self/maps could not be read",
		[CHECK_NO_STOP] = "the threads could not be stopped (or found: is /proc there?)",
		[CHECK_COPY_DIED] = "the copy of the process that was scanned was killed",
		[CHECK_SWITCHED_OFF] = "it was started with classes=0",
		[CHECK_IN_SANDBOX] = "the program had entered a sandbox, which may kill for it: "
				     "a core taken before it ends (gcore PID) tells",
		[CHECK_BAD_CORE] = "the core is damaged",
		[CHECK_OTHER_MOMENT] = "the recorder's tables are not in the core, and those in "
				       "the image file may be of a later moment",
	};

	return failure < sizeof(reasons) / sizeof(reasons[0]) && reasons[failure]
		       ? reasons[failure]
		       : "the reason is not known";
}

struct word {
	uint32_t bit;
	const char *name;
};

/* The names of the bits that are set, NULL behind the last. */
static void name_bits(
	const char *ret[CHECK_WORDS], const struct word *words, size_t count, uint32_t bits)
{
	size_t found = 0;

	for (size_t i = 0; i < count && found + 1 < CHECK_WORDS; i++)
		if (bits & words[i].bit)
			ret[found++] = words[i].name;
	ret[found] = NULL;
}

static void read_words(struct check *to, const struct image_check *from)
{
	static const struct word roots[] = {
		{CHECK_WITHOUT_GLOBALS, "globals"},
		{CHECK_WITHOUT_STACKS, "stacks"},
		{CHECK_WITHOUT_REGISTERS, "registers"},
		{CHECK_WITHOUT_TLS, "tls"},
	};
	static const struct word heuristics[] = {
		{REACH_STDSTRING, "stdstring"},
		{REACH_LENGTH64, "length64"},
		{REACH_NEWARRAY, "newarray"},
		{REACH_MULTIPLEINHERITANCE, "multipleinheritance"},
		{REACH_ALIGNED, "aligned"},
		{REACH_TAGS, "tags"},
	};

	name_bits(to->left_out, roots, sizeof(roots) / sizeof(roots[0]), from->left_out);
	name_bits(to->heuristics, heuristics, sizeof(heuristics) / sizeof(heuristics[0]),
		from->heuristics);
}

static uint64_t rest(uint64_t from, uint64_t to)
{
	return to > from ? to - from : 0;
}

void load_check(struct process *process, const struct image_checks *checks,
	const struct moments *moments, const struct amount *newer)
{
	const struct image_check *done = checks->done, *last = NULL;

	if (checks->count == 0)
		return;
	last = &checks->rows[checks->count - 1];
	struct check *check = process->check = memory_zero(1, sizeof(*check));
	if (last->state == CHECK_FAILED)
		check->failure = load_check_failure(last->failure);
	else if (last->state == CHECK_RUNNING)
		check->failure = process->state == STATE_RUNNING && !process->snapshot_realtime_ns
					 ? "it is still under way"
					 : "it did not come to its end";
	else if (last != done)
		check->failure = "its results are missing in the image";
	if (!done)
		return;
	check->done = true;
	check->trigger = load_check_trigger(done->trigger);
	check->of_core = done->trigger == CHECK_OF_CORE;
	check->unsure = check->of_core && checks->unsure;
	check->after_ns = rest(moments->start_ns, done->monotonic_ns);
	check->age_ns = rest(done->monotonic_ns, moments->end_ns);
	check->pause_ns = done->pause_ns;
	check->scan_ns = done->scan_ns;
	check->root_bytes = done->root_bytes;
	check->block_bytes = done->block_bytes;
	check->unreadable_bytes = done->unreadable_bytes;
	check->scan_memory_bytes = done->scan_memory_bytes;
	check->threads = done->threads;
	check->unmet_threads = done->unmet_threads;
	check->newer = *newer;
	check->unnamed =
		(struct amount){.bytes = done->unnamed_bytes, .blocks = done->unnamed_blocks};
	check->with_paths = done->with_paths != 0;
	check->cut_paths = done->cut_paths;
	read_words(check, done);
}
