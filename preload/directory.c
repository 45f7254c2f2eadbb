/* Looking through a directory, see directory.h. */
#include "preload/directory.h"
#include "preload/sys.h"

/* What SYS_getdents64 gives. */
struct linux_dirent64 {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

bool directory_each(
	const char *path, bool (*visit)(void *context, int fd, const char *name), void *context)
{
	uint64_t entries[512];
	long fd = sys_open(path, O_RDONLY | O_DIRECTORY, 0), n;
	bool more = true;

	if (sys_failed(fd))
		return false;
	while (more && (n = sys_call3(SYS_getdents64, fd, entries, sizeof(entries))) > 0) {
		for (long at = 0; more && at < n;) {
			const struct linux_dirent64 *entry =
				(const void *)((const char *)entries + at);

			more = visit(context, (int)fd, entry->name);
			at += entry->reclen;
		}
	}
	sys_close((int)fd);
	return !more || n == 0;
}
