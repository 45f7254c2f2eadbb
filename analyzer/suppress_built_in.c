/*
 * The suppressions that are there without being asked for: blocks that runtimes keep by design.
 * `leak suppress list` prints this text as it stands, and --no-default-suppressions does without.
 * They are for reports without classes, where such blocks stand among what was not freed; a check
 * knows better, and what it found to be lost is no design.
 */
#include "suppress.h"

#include "error.h"

#include <string.h>

const char suppress_built_in[] =
	"# Blocks that runtimes keep by design. These entries are built in; "
	"--no-default-suppressions\n"
	"# does without them. They hide only blocks that have no class, as no check looked for "
	"lost ones.\n"
	"\n"
	"# reason: a thread's variables, which the loader frees with the thread (as LeakSanitizer "
	"has it)\n"
	"leak:*tls_get_addr*\n"
	"\n"
	"# reason: libstdc++ keeps memory for exceptions that are thrown when there is no memory\n"
	"leak:^(anonymous namespace)::pool::pool\n"
	"\n"
	"# reason: libc's name services, read once\n"
	"leak:^__nss_module_allocate$\n"
	"# reason: libc's character sets, read once\n"
	"leak:^__gconv_read_conf$\n"
	"# reason: libc's time zone, read once\n"
	"leak:^tzset_internal$\n"
	"# reason: libc's list of functions to call at exit\n"
	"leak:^__new_exitfn$\n"
	"\n"
	"# reason: GLib's own words on a thread, freed with it\n"
	"leak:^g_thread_self$\n";

void suppress_add_built_in(struct suppressions *set)
{
	size_t first = set->count;
	struct error error;

	suppress_parse(set, "built-in", suppress_built_in, strlen(suppress_built_in), &error);
	for (size_t i = first; i < set->count; i++) {
		set->items[i].built_in = true;
		set->items[i].kinds = CLASS_BIT(CLASS_UNKNOWN);
	}
}
