// A daemon closes every descriptor and opens files of its own: they stay as it wrote them.
// pitfall: P16
// flags: -lpthread
// expect: state=clean live.blocks=1025
#define _GNU_SOURCE
#include "parts/cold_sites.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *volatile last;

int main(void)
{
	int files[20];
	char name[32], content[64];

	last = cold_malloc(0, 10);
	closefrom(3);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "data%d", i);
		files[i] = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
		if (files[i] != 3 + i || write(files[i], name, sizeof name) != sizeof name)
			return 1;
	}
	for (unsigned place = 0; place < COLD_SITES; place++)
		last = cold_malloc_deep(place % 64, place, 10);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "data%d", i);
		if (pread(files[i], content, sizeof content, 0) != sizeof name || strcmp(content, name))
			return 2;
		unlink(name);
	}
	return 0;
}
