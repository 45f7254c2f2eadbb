/* Reads parts of files, see read_at.h. Called for images and cores. */
#include "read_at.h"

#include <errno.h>
#include <unistd.h>

size_t read_at(int fd, void *buffer, size_t size, uint64_t at)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(fd, (char *)buffer + done, size - done, (off_t)(at + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}
