/*
 * Paths below the root of the sources, see render_root.h. Called by render_site.c. What a compiler
 * notes is the path that the sources had for it, which may lead through a symbolic link: the root
 * has none.
 */
#define _GNU_SOURCE
#include "render_root.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

bool render_root_strip(char *path, const char *root)
{
	size_t length = strlen(root);

	while (length && root[length - 1] == '/')
		length--;
	if (strncmp(path, root, length) != 0 || path[length] != '/' || path[length + 1] == '\0')
		return false;
	memmove(path, path + length + 1, strlen(path + length + 1) + 1);
	return true;
}

/* The length of what both begin with, when they are the same but for that; else 0. */
static size_t without_tail(const char *whole, const char *other, size_t other_length)
{
	size_t length = strlen(whole), tail = strlen(other) - other_length;

	return length > tail && strcmp(whole + length - tail, other + other_length) == 0
		       ? length - tail
		       : 0;
}

/* The root as $PWD spells it, for the caller to free; NULL: it does not. A $PWD of another
 * directory is not taken. */
static char *spelled_by_shell(const char *root)
{
	const char *pwd = getenv("PWD");
	char *here = realpath(".", NULL),
	     *there = pwd && pwd[0] == '/' ? realpath(pwd, NULL) : NULL, *spelled = NULL;
	size_t length = strlen(root);

	if (here && there && strcmp(here, there) == 0 && strncmp(here, root, length) == 0 &&
		(here[length] == '/' || here[length] == '\0')) {
		size_t kept = without_tail(pwd, here, length);
		spelled = memory_copy(pwd);
		spelled[kept] = '\0';
		char *real = kept ? realpath(spelled, NULL) : NULL;
		if (real == NULL || strcmp(real, root) != 0) {
			free(spelled);
			spelled = NULL;
		}
		free(real);
	}
	free(here);
	free(there);
	return spelled;
}

bool render_root_strip_linked(char **path, const char *root)
{
	char *spelled = spelled_by_shell(root), *real;
	bool below = spelled && render_root_strip(*path, spelled);

	free(spelled);
	if (below || (real = realpath(*path, NULL)) == NULL)
		return below;
	below = render_root_strip(real, root);
	free(below ? *path : real);
	if (below)
		*path = real;
	return below;
}
