/*
 * The image's storage at the end, see storage.h: what is in memory only goes to the file, and the
 * file becomes as small as it can be. Called by image.c, on the thread that ends the process or
 * replaces it, or that crashes. Others may still run, and what they store while it is copied may be
 * missing from the copy.
 *
 * Every write stays below RLIMIT_FSIZE: beyond it there is SIGXFSZ.
 */
#include <errno.h>

#include "preload/storage.h"
#include "preload/options.h"
#include "preload/output.h"
#include "preload/sandbox.h"
#include "preload/sys.h"

#define WRITE_MAX (1ull << 20) /* bytes a call, so that a full disk is noticed where it is full */

static struct image_header *header(void)
{
	return (struct image_header *)storage.base;
}

static uint64_t round_down(uint64_t n)
{
	return n & ~(uint64_t)(IMAGE_PAGE - 1);
}

/* The image's end: what was handed out so far, as readers see it. */
static uint64_t used(void)
{
	return __atomic_load_n(&header()->used_bytes, __ATOMIC_ACQUIRE);
}

bool storage_page_is_empty(const char *page)
{
	const uint64_t *word = (const uint64_t *)page, *end = word + IMAGE_PAGE / sizeof(*word);

	for (; word < end; word += 8) {
		if (word[0] | word[1] | word[2] | word[3] | word[4] | word[5] | word[6] | word[7])
			return false;
	}
	return true;
}

/* Writes [from, end) to the same place in the file, but for pages that a hole says as well when the
 * file is `fresh`. Returns how far it came, in whole pages. */
static uint64_t write_pages(int fd, uint64_t from, uint64_t end, bool fresh)
{
	uint64_t limit = round_down(sys_limit(RLIMIT_FSIZE));

	if (end > limit)
		end = limit;
	while (from < end) {
		uint64_t stop = from;
		long n;

		if (fresh && storage_page_is_empty(storage.base + from)) {
			from += IMAGE_PAGE;
			continue;
		}
		do
			stop += IMAGE_PAGE;
		while (stop < end && stop - from < WRITE_MAX &&
			!(fresh && storage_page_is_empty(storage.base + stop)));
		n = sys_call4(SYS_pwrite64, fd, storage.base + from, stop - from, from);
		if (n == -EINTR)
			continue;
		if (sys_failed(n) || n < IMAGE_PAGE)
			break;
		from += round_down((uint64_t)n);
	}
	return from;
}

/* Makes the file at least this long: the image's last pages may be empty. */
static bool lengthen(int fd, uint64_t length)
{
	struct stat st;

	if (sys_failed(sys_fstat(fd, &st)))
		return false;
	if ((uint64_t)st.st_size >= length)
		return true;
	return length <= sys_limit(RLIMIT_FSIZE) && !sys_failed(sys_ftruncate(fd, length));
}

bool storage_write(int fd, uint64_t from, uint64_t end, bool fresh)
{
	return write_pages(fd, from, end, fresh) >= end && lengthen(fd, end);
}

/* Says how far the file is the image. */
static void note_written(uint64_t reached, uint64_t end)
{
	__atomic_store_n(&header()->memory_from, reached < end ? reached : 0, __ATOMIC_RELEASE);
}

static void save_tail(void)
{
	uint64_t length, end = used(), reached;
	int fd = storage_reopen(&length);

	if (fd < 0)
		return;
	reached = write_pages(fd, storage.memory_from, end, !storage.saved_before);
	if (reached >= end && !lengthen(fd, end))
		reached = storage.memory_from;
	note_written(reached, end);
	storage.saved_before = true;
	sys_close(fd);
}

/* Is a part better than nothing? When there is no place for the whole. */
static bool part_will_do;

/* Writes an image that was in memory only; 0, or -errno. The header comes last: without it nobody
 * takes the file for an image. */
static long write_whole(int fd)
{
	uint64_t end = used(), reached = write_pages(fd, IMAGE_PAGE, end, true);

	if (reached < end && !part_will_do)
		return -ENOSPC;
	note_written(reached, end);
	if (!storage_write(fd, 0, IMAGE_PAGE, true) || !lengthen(fd, reached < end ? reached : end))
		return -ENOSPC;
	storage_remember(fd);
	return 0;
}

static void save_whole(void)
{
	part_will_do = false;
	if (storage_create_file(false, write_whole))
		return;
	part_will_do = true;
	storage_create_file(false, write_whole);
}

void storage_save(void)
{
	if (sandbox_may_kill())
		return; /* nothing is opened there, and the header says what is missing */
	if (!storage.in_file && options.file)
		save_whole();
	else if (storage.memory_from)
		save_tail();
}

/* How long the file is to be: the image, or what is opened for it. */
static uint64_t wanted_length(void)
{
	if (!storage.memory_from)
		return atomic_load(&storage.opened);
	return header()->memory_from ? header()->memory_from : used();
}

void storage_cut(bool last)
{
	uint64_t length, wanted = wanted_length();
	int fd = storage.in_file ? storage_reopen(&length) : -1;

	if (fd < 0)
		return;
	sys_close(fd);
	if (!(last && !header()->memory_from && storage_shrink(used())) && length > wanted)
		storage_set_length(wanted);
}

void storage_revive(void)
{
	uint64_t wanted = sandbox_may_kill() ? 0 : sys_limit(RLIMIT_FSIZE);

	if (!storage.in_file) {
		storage_remove();
		return;
	}
	__atomic_store_n(&header()->memory_from, storage.memory_from, __ATOMIC_RELEASE);
	if (wanted > storage.limit_bytes)
		wanted = storage.limit_bytes;
	/* While it can still be had: the program may lose its way to the file. */
	if (!storage.memory_from && storage.file_bytes < wanted)
		storage_set_length(wanted & ~(uint64_t)(IMAGE_PAGE - 1));
}
