// The program has the descriptors and threads it had without the recorder.
// pitfall: P16 P18
// expect: state=clean
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void list(const char *path, int names)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(dir))) {
		if (names && entry->d_name[0] != '.')
			printf("%s\n", entry->d_name);
		count++;
	}
	printf("%s: %d\n", path, count);
	closedir(dir);
}

int main(void)
{
	list("/proc/self/fd", 1);
	list("/proc/self/task", 0);
	return 0;
}
