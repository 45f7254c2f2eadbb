// A thread that brings pages of the program's memory holds still at the end: nothing waits for it, and what it has
// brought keeps blocks.
// expect: state=clean exit_status=0 not_recorded.failed_checks=0
// expect: site top=main class=reachable bytes=33 blocks=1
// expect: site top=main class=definite bytes=44 blocks=1
// flags: -D_GNU_SOURCE -lpthread
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, MAPPED = 4 << 20, PAGED = 1 << 20 };

static int faults;

static void *bring_pages(void *nothing)
{
	static char page[PAGE] __attribute__((aligned(PAGE)));
	struct uffd_msg message;

	for (;;) {
		struct pollfd wait = {.fd = faults, .events = POLLIN};

		poll(&wait, 1, -1);
		if (read(faults, &message, sizeof(message)) <= 0)
			continue;
		struct uffdio_copy copy = {.dst = message.arg.pagefault.address & ~(unsigned long)(PAGE - 1),
			.src = (unsigned long)page,
			.len = PAGE};
		ioctl(faults, UFFDIO_COPY, &copy);
	}
	return nothing;
}

int main(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register paged = {.mode = UFFDIO_REGISTER_MODE_MISSING};
	pthread_t thread;
	char *memory;

	faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	memory = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	paged.range.start = (unsigned long)memory;
	paged.range.len = PAGED;
	/* A kernel may do without, and then there is nothing to wait for. */
	if (faults >= 0 && (ioctl(faults, UFFDIO_API, &api) || ioctl(faults, UFFDIO_REGISTER, &paged)))
		return 2;
	if (faults >= 0)
		pthread_create(&thread, NULL, bring_pages, NULL);
	((void **)memory)[1] = malloc(33);
	*(void *volatile *)(memory + PAGED) = malloc(44);
	*(void *volatile *)(memory + PAGED) = NULL;
	return 0;
}
