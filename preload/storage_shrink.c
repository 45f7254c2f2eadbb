/*
 * Makes the image's file as small as what is live in it, at a clean end. Called by image.c on the
 * thread that ends the process.
 *
 * A page of the live index whose blocks were all freed is all zeros, which a hole says as well. So
 * what is not zero is copied to a new file, which takes the old one's name. Holes could be punched
 * in the old one instead, but the kernel may write all of a hole out before it makes it, a store
 * into it by a late handler is a SIGBUS when the disk is full by then, and every hole costs as much
 * as ten pages that are copied.
 *
 * Our mapping stays that of the old file, which is gone with the process: so this is only for one
 * that has no other thread. What a late handler stores is not in the file.
 */
#include "preload/storage.h"
#include "preload/output.h"
#include "preload/sys.h"
#include "preload/text.h"

/* A smaller image stays as it is: there is little to gain for a dozen system calls. */
#define SHRINK_LEAST (512u << 10)

/* No more than a quarter of its pages may be copied: so it costs a fraction of what it cost to make
 * them. */
#define FULL_SHARE 4
#define PAGES_ASKED 512

#define PART_SUFFIX ".part"

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

/* No other thread: /proc/self/task has a link for each, and two of its own. Where /proc is not
 * there, nobody knows. */
static bool is_alone(void)
{
	struct stat st;

	return !sys_failed(sys_call4(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &st, 0)) &&
	       st.st_nlink == 3;
}

/* Is most of the image empty? Some pages, spread over all of it, tell. It is not worth it when a
 * part of the image is not in memory: to read that would take longer than all the rest. */
static bool is_worth_it(uint64_t used)
{
	uint64_t pages = used / IMAGE_PAGE, step = pages / PAGES_ASKED + 1, full = 0;
	uint8_t *resident = sys_memory(pages);
	bool all;

	if (!resident)
		return false;
	all = !sys_failed(sys_call3(SYS_mincore, storage.base, used, resident));
	for (uint64_t i = 0; i < pages && all; i++)
		all = resident[i] & 1;
	sys_munmap(resident, pages);
	for (uint64_t i = 0; i < pages && all; i += step)
		full += !storage_page_is_empty(storage.base + i * IMAGE_PAGE);
	return all && full <= pages / step / FULL_SHARE;
}

/* Gives the new file the old one's name. */
static bool take_name(const char *part, const char *path)
{
	/* Some file systems write a file out that replaces another one, but not one that changes
	 * places with it. */
	if (!sys_failed(arch_syscall6(SYS_renameat2, AT_FDCWD, (long)part, AT_FDCWD, (long)path,
		    RENAME_EXCHANGE, 0))) {
		sys_unlink(part);
		return true;
	}
	return !sys_failed(sys_call4(SYS_renameat, AT_FDCWD, part, AT_FDCWD, path));
}

/* Copies the image to a file beside it, which takes its place. */
static bool copy(uint64_t used)
{
	TEXT_STATIC(part, OUTPUT_PATH_MAX);
	long fd;
	bool ok;

	text_add(&part, storage_path());
	text_add(&part, PART_SUFFIX);
	if (part.cut)
		return false;
	fd = sys_open(part.bytes, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (sys_failed(fd))
		return false;
	ok = storage_write((int)fd, 0, used, true) && take_name(part.bytes, storage_path());
	if (ok)
		storage_remember((int)fd);
	else
		sys_unlink(part.bytes);
	sys_close((int)fd);
	return ok;
}

bool storage_shrink(uint64_t used)
{
	return used >= SHRINK_LEAST && is_alone() && is_worth_it(used) && copy(used);
}
