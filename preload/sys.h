/*
 * The system calls that the recorder makes, without libc: no errno, no cancellation point, nothing
 * interposed. Every function returns the kernel's value, -errno on failure.
 */
#ifndef LEAK_SYS_H
#define LEAK_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/resource.h>
#include <time.h>

#include "preload/arch.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define SLOW __attribute__((noinline, cold))
/* For large arrays that are touched in few places: away from the variables that every process
 * touches, which then share pages. (The linker sorts sections by name.) */
#define SPARSE __attribute__((section(".bss.zz_sparse")))
#define HOT static inline __attribute__((always_inline))

#define sys_call0(n) arch_syscall6(n, 0, 0, 0, 0, 0, 0)
#define sys_call1(n, a) arch_syscall6(n, (long)(a), 0, 0, 0, 0, 0)
#define sys_call2(n, a, b) arch_syscall6(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define sys_call3(n, a, b, c) arch_syscall6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define sys_call4(n, a, b, c, d) arch_syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

static inline bool sys_failed(long ret)
{
	return (unsigned long)ret >= (unsigned long)-4095;
}

static inline long sys_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	return arch_syscall6(SYS_mmap, (long)at, (long)size, prot, flags, fd, offset);
}

static inline long sys_munmap(void *at, size_t size)
{
	return sys_call2(SYS_munmap, at, size);
}

static inline long sys_mprotect(void *at, size_t size, int prot)
{
	return sys_call3(SYS_mprotect, at, size, prot);
}

static inline long sys_madvise(void *at, size_t size, int advice)
{
	return sys_call3(SYS_madvise, at, size, advice);
}

static inline long sys_close(int fd)
{
	return sys_call1(SYS_close, fd);
}

/* A new descriptor above the standard three: the program, or another thread of it, may be about to
 * open those. Closed by the caller before the event ends. */
static inline long sys_open(const char *path, int flags, int mode)
{
	long fd = sys_call4(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode), moved;

	if (sys_failed(fd) || fd > 2)
		return fd;
	moved = sys_call3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3);
	sys_close((int)fd);
	return moved;
}

static inline long sys_read(int fd, void *to, size_t size)
{
	return sys_call3(SYS_read, fd, to, size);
}

static inline long sys_write(int fd, const void *from, size_t size)
{
	return sys_call3(SYS_write, fd, from, size);
}

static inline long sys_ftruncate(int fd, uint64_t size)
{
	return sys_call2(SYS_ftruncate, fd, size);
}

static inline long sys_fstat(int fd, struct stat *ret)
{
	return sys_call2(SYS_fstat, fd, ret);
}

static inline long sys_mkdir(const char *path, int mode)
{
	return sys_call3(SYS_mkdirat, AT_FDCWD, path, mode);
}

static inline long sys_unlink(const char *path)
{
	return sys_call3(SYS_unlinkat, AT_FDCWD, path, 0);
}

static inline long sys_readlink(const char *path, char *ret, size_t size)
{
	return sys_call4(SYS_readlinkat, AT_FDCWD, path, ret, size);
}

static inline long sys_getcwd(char *ret, size_t size)
{
	return sys_call2(SYS_getcwd, ret, size);
}

static inline int sys_getpid(void)
{
	return (int)sys_call0(SYS_getpid);
}

static inline int sys_getppid(void)
{
	return (int)sys_call0(SYS_getppid);
}

static inline int sys_gettid(void)
{
	return (int)sys_call0(SYS_gettid);
}

/* Not every machine has a call that only forks. */
static inline long sys_fork(void)
{
	return arch_syscall6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
}

/* Anonymous, zeroed, private memory; NULL when there is none. */
static inline void *sys_memory(size_t size)
{
	long at = sys_mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return sys_failed(at) ? NULL : (void *)at;
}

/* Has this thread's signals wait, but for those that a system call or an access of its own causes:
 * a sandbox may answer the one, and of the others there are none here. For work that a handler must
 * not interrupt, because it may need the same, or never return. Returns the mask before. */
static inline uint64_t sys_hold_signals(void)
{
	const uint64_t caused = 1ull << (SIGSYS - 1) | 1ull << (SIGSEGV - 1) |
				1ull << (SIGBUS - 1) | 1ull << (SIGILL - 1) | 1ull << (SIGFPE - 1) |
				1ull << (SIGTRAP - 1);
	uint64_t mask = ~caused, before = 0;

	sys_call4(SYS_rt_sigprocmask, SIG_BLOCK, &mask, &before, sizeof(mask));
	return before;
}

static inline void sys_release_signals(uint64_t before)
{
	sys_call4(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));
}

/* Can memory be read? The kernel takes a look: it reads the signal set before it refuses the rest.
 */
static inline bool sys_readable(const void *at)
{
	return sys_call4(SYS_rt_sigprocmask, -1, at, NULL, 8) != -EFAULT;
}

/* Is the program's stderr a terminal that takes a line now? One that is stopped (Ctrl-S), or that
 * nobody reads, would have us wait, perhaps for ever; where `stty tostop` is set, who is in the
 * background is stopped for it. */
static inline bool sys_terminal_takes_line(void)
{
	/* The kernel's struct termios is smaller. Its flags are not all ones; they stay so where a
	 * filter answers in its place. */
	uint32_t termios[16] = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
	struct pollfd stderr_poll = {.fd = 2, .events = POLLOUT};
	struct timespec now = {0, 0};
	int foreground = 0;

	if (sys_failed(sys_call3(SYS_ioctl, 2, 0x5401 /* TCGETS */, termios)) ||
		termios[0] == UINT32_MAX)
		return false;
	/* It fails for a terminal of other sessions, which stops nobody. */
	if (termios[3] & 0x100 /* TOSTOP */ &&
		!sys_failed(sys_call3(SYS_ioctl, 2, 0x540f /* TIOCGPGRP */, &foreground)) &&
		sys_call1(SYS_getpgid, 0) != foreground)
		return false;
	return sys_call4(SYS_ppoll, &stderr_poll, 1, &now, NULL) == 1 &&
	       stderr_poll.revents == POLLOUT;
}

/* A resource limit's soft value, UINT64_MAX when unlimited or unknown. */
static inline uint64_t sys_limit(int resource)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

	if (sys_failed(sys_call4(SYS_prlimit64, 0, resource, NULL, &limit)))
		return UINT64_MAX;
	return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

#endif
