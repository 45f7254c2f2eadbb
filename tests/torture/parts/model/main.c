/*
 * Random operations of the whole allocating family, in many threads, against a shadow model:
 *
 *	model LOG
 *
 * LOG is a struct model_log whose knobs are set. Workers allocate, reallocate and free through
 * random call paths, hand blocks to each other through a lock-free ring, and map, overlay, remap and
 * unmap pages. Signal handlers allocate, too; children are forked, libraries come and go, threads
 * end and others take their place, as the knobs say. Every block has contents that are checked. What
 * is left at the end stands in the log, and must be in the image (model_harness.c).
 *
 * A handler may allocate while it interrupts anything only with an allocator made for that
 * (safe_malloc.c, `safe` is set). With others it does so unless its thread is in the allocator.
 *
 * Where `other` is set, the allocator is not like glibc's: blocks of at most 8 bytes are aligned to
 * 8, all have an odd size (jemalloc does not align empty ones, mimalloc not all whose size is a
 * power of two), there may be no pvalloc, who gives back by alignment must know which was asked for,
 * and what is refused need not set errno.
 */
#define _GNU_SOURCE
#include "blocks.h"
#include "libraries.h"
#include "pages.h"
#include "ring.h"
#include "signals.h"
#include "sites.h"
#include "threads.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static void tell_functions(void)
{
	extern char __stop_model_code[];

	sites_tell();
	blocks_tell();
	pages_tell();
	threads_tell();
	told->functions_end = (uintptr_t)__stop_model_code;
}

static void check_contents(void)
{
	for (uint32_t i = 0; i < MODEL_BLOCKS; i++)
		block_check(&told->blocks[i]);
	for (uint32_t i = 0; i < MODEL_WORKERS; i++)
		for (uint32_t n = 0; n < MODEL_HANDLER_EACH; n++)
			block_check(&told->handler_blocks[i][n]);
	for (uint32_t i = 0; i < MODEL_PLUGIN_BLOCKS; i++)
		block_check(&told->plugin_blocks[i]);
	pages_check_all();
}

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;

	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || told == MAP_FAILED || told->workers == 0 || told->workers > MODEL_WORKERS)
		return 96;
	close(fd);
	tell_functions();
	ring_start();
	threads_prepare();
	signals_block();
	if (told->signals)
		signals_start();
	libraries_start();
	threads_run();
	libraries_end();
	check_contents();
	atomic_store(&told->done, 1);
	return 0;
}
