/*
 * The file systems that write a page to a new place each time, see file_system.h. Called at
 * start-up, on the image's new file.
 *
 * On btrfs a file can be exempt from it. But then, too, a store through a mapping of it is a SIGBUS
 * on a full disk before Linux 6.17, and later waits for a transaction, page by page, which was
 * measured to take seconds. An overlay does not tell what it lies on, but passes the request for
 * the exemption on: only btrfs grants it.
 *
 * Not handled: file systems that share storage when a file is copied (XFS), and somebody copies a
 * live image so.
 */
#include <linux/fs.h>
#include <sys/vfs.h>

#include "preload/file_system.h"
#include "preload/sys.h"

#define BCACHEFS 0xca451a4e
#define BTRFS 0x9123683e
#define NILFS 0x3434
#define OVERLAY 0x794c7630
#define UBIFS 0x24051905

static bool is_exemptible(int fd)
{
	int flags = 0;

	if (sys_failed(sys_call3(SYS_ioctl, fd, FS_IOC_GETFLAGS, &flags)))
		return false;
	flags |= FS_NOCOW_FL;
	return !sys_failed(sys_call3(SYS_ioctl, fd, FS_IOC_SETFLAGS, &flags));
}

bool file_system_keeps_storage(int fd)
{
	struct statfs system;

	if (sys_failed(sys_call2(SYS_fstatfs, fd, &system)))
		return true;
	switch ((unsigned long)system.f_type & 0xffffffff) {
	case BCACHEFS:
	case BTRFS:
	case NILFS:
	case UBIFS:
		return false;
	case OVERLAY:
		return !is_exemptible(fd);
	}
	return true;
}
