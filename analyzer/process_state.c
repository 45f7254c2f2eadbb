/*
 * Tells a running process from a killed one. Called by load_image.c and `leak show`. A process in
 * another pid namespace is not found by its pid and counts as killed.
 */
#include "process_state.h"

#include <stdio.h>
#include <string.h>

/* The machine's boot id as 16 bytes, false when it is not known. */
static bool read_boot_id(uint8_t id[16])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	size_t count = 0;
	int high = -1, c;

	if (file == NULL)
		return false;
	while (count < 16 && (c = getc(file)) != EOF) {
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
						   : -1;
		if (digit < 0)
			continue;
		if (high >= 0)
			id[count++] = (uint8_t)(high << 4 | digit);
		high = high >= 0 ? -1 : digit;
	}
	fclose(file);
	return count == 16;
}

/* Field 22 of /proc/PID/stat, or 0; also 0 for a zombie. */
static uint64_t read_starttime(int pid)
{
	char path[64], line[1024];
	unsigned long long start = 0;
	char state = '?';

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return 0;
	size_t size = fread(line, 1, sizeof(line) - 1, file);
	fclose(file);
	line[size] = '\0';
	char *after_name = strrchr(line, ')');
	if (after_name == NULL || sscanf(after_name + 1,
					  " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
					  "%*s %*s %*s %*s %*s %*s %*s %llu",
					  &state, &start) != 2)
		return 0;
	return state == 'Z' || state == 'X' ? 0 : start;
}

enum process_state process_state_of(const struct image_file *image)
{
	const struct image_header *header = &image->header;
	uint8_t boot_id[16] = {0};
	static const uint8_t none[16];
	uint64_t starttime;

	switch (header->state) {
	case IMAGE_CLEAN:
		return STATE_CLEAN;
	case IMAGE_EXEC:
		return STATE_EXEC;
	case IMAGE_CRASHED:
		return STATE_CRASHED;
	default:
		break;
	}
	if (image->origin != ORIGIN_FILE) /* also a core by gcore, whose process lived then */
		return STATE_RUNNING;
	starttime = header->pid > 0 ? read_starttime(header->pid) : 0;
	if (starttime == 0)
		return STATE_KILLED;
	if (header->process_starttime && header->process_starttime != starttime)
		return STATE_KILLED;
	if (memcmp(header->boot_id, none, 16) != 0 && read_boot_id(boot_id) &&
		memcmp(header->boot_id, boot_id, 16) != 0)
		return STATE_KILLED;
	return STATE_RUNNING;
}
