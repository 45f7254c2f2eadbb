/* Shows progress on a terminal's stderr. Called by the loaders and symbolize through cmd_model. */
#include "progress.h"

#include "clock.h"

#include <stdio.h>
#include <unistd.h>

void progress_start(struct progress *progress, bool quiet)
{
	*progress = (struct progress){.enabled = !quiet && isatty(STDERR_FILENO)};
	progress->start_ns = clock_monotonic_ns();
}

void progress_step(struct progress *progress, const char *what, uint64_t done, uint64_t total)
{
	if (progress == NULL || !progress->enabled)
		return;
	uint64_t now = clock_monotonic_ns();
	if (now - progress->start_ns < 1000000000u || now - progress->last_ns < 200000000u)
		return;
	progress->last_ns = now;
	progress->shown = true;
	fprintf(stderr, "\rleak: %s: %3.0f %%\033[K", what,
		total ? 100.0 * (double)done / (double)total : 0.0);
	fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
