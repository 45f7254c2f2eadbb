/*
 * Makes C++ names readable. Called by text_stack.c for terminals; JSON keeps names as they are.
 * Works on the text, so an exotic spelling simply stays long.
 */
#include "text.h"

#include <string.h>

static void replace_all(char *name, const char *from, const char *to)
{
	size_t from_length = strlen(from), to_length = strlen(to); /* to is never longer */

	for (char *at = name; (at = strstr(at, from)) != NULL; at += to_length) {
		memcpy(at, to, to_length);
		memmove(at + to_length, at + from_length, strlen(at + from_length) + 1);
	}
}

/* The '>' that closes the '<' at `open`, NULL when there is none. */
static char *closing(char *open)
{
	int depth = 0;

	for (char *at = open; *at; at++) {
		if (*at == '<')
			depth++;
		else if (*at == '>' && at[-1] != '-' && --depth == 0)
			return at;
	}
	return NULL;
}

/* Removes every template argument that begins with `start`, such as ", std::allocator<". */
static void drop_arguments(char *name, const char *start)
{
	char *at = name;

	while ((at = strstr(at, start)) != NULL) {
		char *end = closing(at + strlen(start) - 1);
		if (end == NULL)
			return;
		end++;
		while (*end == ' ' && end[1] == '>')
			end++;
		memmove(at, end, strlen(end) + 1);
	}
}

void text_simplify_cxx(char *name)
{
	if (strstr(name, "std::") == NULL)
		return;
	replace_all(name, "std::__cxx11::", "std::");
	replace_all(name, "std::basic_string<char, std::char_traits<char>, std::allocator<char> >",
		"std::string");
	drop_arguments(name, ", std::allocator<");
	drop_arguments(name, ", std::char_traits<");
	drop_arguments(name, ", std::default_delete<");
	drop_arguments(name, ", std::less<");
	drop_arguments(name, ", std::hash<");
	drop_arguments(name, ", std::equal_to<");
	replace_all(name, " >", ">");
}
