/*
 * Gives the inputs in files and directories to a harness, once each, in the place of libFuzzer:
 * replay_TARGET FILE|DIRECTORY…. Says on stdout how many there were, and on stderr the name of each
 * before it is tried: where one ends the program, that is the last.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t tried;

static void try_file(const char *path)
{
	struct stat status;
	FILE *file = fopen(path, "rb");

	if (file == NULL || fstat(fileno(file), &status) < 0) {
		perror(path);
		exit(2);
	}
	size_t size = (size_t)status.st_size;
	uint8_t *data = malloc(size ? size : 1);
	if (data == NULL || fread(data, 1, size, file) != size) {
		perror(path);
		exit(2);
	}
	fclose(file);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(data, size);
	tried++;
	free(data);
}

static int compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void try_directory(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, compare);

	if (count < 0) {
		perror(path);
		exit(2);
	}
	for (int i = 0; i < count; i++) {
		char name[4096];
		snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			try_file(name);
		free(entries[i]);
	}
	free(entries);
}

int main(int count, char **arguments)
{
	struct stat status;

	for (int i = 1; i < count; i++) {
		if (stat(arguments[i], &status) == 0 && S_ISDIR(status.st_mode))
			try_directory(arguments[i]);
		else
			try_file(arguments[i]);
	}
	printf("%zu inputs\n", tried);
	return tried == 0;
}
