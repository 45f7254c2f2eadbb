/*
 * The image in core files, see core_filter.h. The kernel leaves shared mappings of files that have
 * a name out of a core, unless bit 3 of /proc/PID/coredump_filter is set (core(5)). The setting
 * passes to children, also through exec, so only the first process of a family writes. With it
 * other shared files that the program maps are in its cores, too. An anonymous image is in them
 * anyway.
 */
#include "preload/core_filter.h"
#include "preload/sys.h"
#include "preload/text.h"

#define FILE_BACKED_SHARED 0x8u

static bool read_filter(int fd, uint64_t *ret)
{
	char hex[16];
	long n = sys_read(fd, hex, sizeof(hex));
	uint64_t value = 0;
	long digits = 0;

	for (; digits < n && hex[digits] != '\n'; digits++) {
		char c = hex[digits];

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	*ret = value;
	return digits > 0;
}

void core_filter_start(void)
{
	long fd = sys_open("/proc/self/coredump_filter", O_RDWR, 0);
	uint64_t filter;

	if (sys_failed(fd))
		return;
	if (read_filter((int)fd, &filter) && !(filter & FILE_BACKED_SHARED)) {
		TEXT(t, 24);

		text_add_number(&t, filter | FILE_BACKED_SHARED);
		sys_write((int)fd, t.bytes, t.used);
	}
	sys_close((int)fd);
}
