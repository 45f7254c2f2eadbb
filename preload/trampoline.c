/* Looking for a page of code that is no file's and has a trampoline in it, see trampoline.h. */
#include "preload/trampoline.h"
#include "preload/process.h"
#include "preload/sys.h"
#include "preload/text.h"

uintptr_t trampoline;

#define LINE_BYTES 128 /* what matters of a line comes first */

/* "start-end rwxp offset device inode path": of one page, readable code, without an inode. */
static bool is_page_of_code(const char *line, uint64_t *ret_start)
{
	static const char none[] = " r-xp 00000000 00:00 0";
	uint64_t end;

	line = text_read_hex(line, ret_start);
	if (*line != '-')
		return false;
	line = text_read_hex(line + 1, &end);
	return end - *ret_start <= ARCH_PAGE_MAX &&
	       __builtin_memcmp(line, none, sizeof(none) - 1) == 0;
}

static void look_into(const char *line)
{
	uint64_t start;

	if (!is_page_of_code(line, &start))
		return;
	for (uintptr_t at = start; at < start + process_page() && !trampoline; at += 4) {
		if (arch_is_sigreturn(at))
			trampoline = at;
	}
}

void trampoline_find(void)
{
	char buffer[512], line[LINE_BYTES] = "";
	size_t length = 0;
	long fd, n;

	if (!ARCH_KERNEL_HAS_TRAMPOLINE || process.vdso)
		return;
	fd = sys_open("/proc/self/maps", O_RDONLY, 0);
	if (sys_failed(fd))
		return;
	while ((n = sys_read((int)fd, buffer, sizeof(buffer))) > 0) {
		for (long i = 0; i < n; i++) {
			if (buffer[i] != '\n') {
				if (length < LINE_BYTES - 1)
					line[length++] = buffer[i];
				continue;
			}
			look_into(line);
			__builtin_memset(line, 0, sizeof(line));
			length = 0;
		}
	}
	sys_close((int)fd);
}
