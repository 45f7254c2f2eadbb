/*
 * Makes C++ names readable. Called for what people read; JSON keeps names as they are. Works on the
 * text, so an exotic spelling simply stays long.
 */
#include "text.h"

#include <stdbool.h>
#include <string.h>

#define ELLIPSIS "…"
#define TURNS_MAX 100 /* parts that are left out of one name: hostile ones end */

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

/* Past "operator", and what follows it that is a bracket elsewhere; NULL: it is not there. */
static char *skip_operator(char *at)
{
	size_t length = strlen("operator");

	if (strncmp(at, "operator", length) != 0)
		return NULL;
	at += length;
	if (strncmp(at, "()", 2) == 0 || strncmp(at, "[]", 2) == 0)
		return at + 2;
	return at + strspn(at, "<>=-");
}

/* Past the bracket at `at` and what is in it; NULL: it is never closed. */
static char *skip_group(char *at)
{
	int depth = 0;

	for (char *start = at; *at; at++) {
		if (strchr("<({", *at))
			depth++;
		else if (strchr(">)}", *at) && !(*at == '>' && at > start && at[-1] == '-') &&
			 --depth == 0)
			return at + 1;
	}
	return NULL;
}

/* The next bracket at or after `at` that is in no other, and its end; NULL: there is none. */
static char *next_group(char *at, char **ret_end)
{
	while (*at) {
		char *behind = skip_operator(at);
		if (behind) {
			at = behind;
			continue;
		}
		if (strchr("<({", *at))
			return (*ret_end = skip_group(at)) ? at : NULL;
		at++;
	}
	return NULL;
}

/* Is there something between the brackets that can be left out? "(anonymous namespace)" and lambdas
 * are names. */
static bool is_foldable(const char *group, const char *end)
{
	size_t inner = (size_t)(end - group) - 2;

	return *group != '{' && inner >= strlen(ELLIPSIS) &&
	       strncmp(group + 1, ELLIPSIS, strlen(ELLIPSIS)) != 0 &&
	       strncmp(group, "(anonymous namespace)", (size_t)(end - group)) != 0;
}

/* Leaves out the last parameters there are, or else the longest template arguments. Returns whether
 * there were any. */
static bool fold_group(char *name)
{
	char *chosen = NULL, *chosen_end = NULL, *end;

	for (char *group = next_group(name, &end); group; group = next_group(end, &end)) {
		bool parameters = *group == '(';
		if (is_foldable(group, end) &&
			(chosen == NULL || parameters ||
				(*chosen != '(' && end - group > chosen_end - chosen))) {
			chosen = group;
			chosen_end = end;
		}
	}
	if (chosen == NULL)
		return false;
	memcpy(chosen + 1, ELLIPSIS, strlen(ELLIPSIS));
	memmove(chosen + 1 + strlen(ELLIPSIS), chosen_end - 1, strlen(chosen_end - 1) + 1);
	return true;
}

/* Leaves out the outermost scope. Returns whether there was one. */
static bool drop_scope(char *name)
{
	for (char *at = name, *end; *at;) {
		char *behind = skip_operator(at);
		if (behind && *behind == ' ') /* the name of a type is a part of the function's */
			return false;
		if (behind) {
			at = behind;
			continue;
		}
		if (strchr("<({", *at)) {
			if ((end = skip_group(at)) == NULL)
				return false;
			at = end;
			continue;
		}
		if (strncmp(at, "::", 2) == 0 && (size_t)(at + 2 - name) > strlen(ELLIPSIS)) {
			memcpy(name, ELLIPSIS, strlen(ELLIPSIS));
			memmove(name + strlen(ELLIPSIS), at + 2, strlen(at + 2) + 1);
			return true;
		}
		at++;
	}
	return false;
}

void text_shorten_function(char *name, size_t columns)
{
	for (int turns = 0; turns < TURNS_MAX && text_columns(name) > columns; turns++)
		if (!fold_group(name) && !drop_scope(name))
			return;
}
