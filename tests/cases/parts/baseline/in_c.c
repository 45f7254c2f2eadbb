/* The leaks in C. */
#define _GNU_SOURCE
#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
	int kind, length;
	char name[20];
};

#define NOINLINE __attribute__((noinline))

static void in_a_static_function(void)
{
	drop(malloc(24));
	if (IS_NEW(4))
		drop(malloc(9004));
}

static inline void *helper(size_t size)
{
	return malloc(size);
}

static void by_an_inlined_helper(void)
{
	drop(helper(25));
}

static void recursive(int depth)
{
	if (depth == 0)
		drop(malloc(26));
	else
		recursive(depth - 1);
	drop(NULL);
}

static void odd(int depth);

static void even(int depth)
{
	if (depth == 0)
		drop(malloc(27));
	else
		odd(depth - 1);
	drop(NULL);
}

static void odd(int depth)
{
	if (depth == 0)
		drop(malloc(28));
	else
		even(depth - 1);
	drop(NULL);
}

NOINLINE static void by_a_tail_call(int count)
{
	for (int i = 0; i < count; i++)
		drop(make_directly(29));
}

static void by_two_tail_calls(int count)
{
	for (int i = 0; i < count; i++)
		drop(make_by_two(30));
}

/* It ends with a call itself. */
NOINLINE static void *pass_on(size_t size)
{
	return make_counted(size + 1);
}

static void by_a_vanishing_middle(void)
{
	drop(pass_on(31));
}

NOINLINE static void with_a_constant(int size, int factor)
{
	drop(malloc((size_t)(size * factor)));
	drop(NULL);
}

NOINLINE static void with_one_field(const struct request *request)
{
	void *block = malloc((size_t)request->length);
	drop(block);
	drop(NULL);
}

static void in_part(const struct request *request)
{
	if (request->kind == 0)
		return;
	char *copy = malloc(sizeof(*request));
	for (int i = 0; i < request->length; i++)
		copy[i % 20] = request->name[(i * 7) % 20];
	drop(copy);
	drop(NULL);
}

NOINLINE static void through_a_pointer(int size)
{
	drop(malloc((size_t)size));
	drop(NULL);
}

static void (*volatile table[])(int) = {through_a_pointer};

static void *(*volatile maker)(size_t) = make_directly;

NOINLINE static void *make_indirectly(size_t size)
{
	return maker(size);
}

static void by_an_indirect_tail_call(void)
{
	drop(make_indirectly(37));
}

static void by_strdup(const char *text)
{
	drop(strdup(text));
	if (IS_NEW(10)) {
		char *long_text = memset(malloc(9010), 'x', 9009);
		drop(long_text);
	}
}

static void by_asprintf(int number)
{
	char *text;

	if (asprintf(&text, "number %d of many and then some", number) > 0)
		drop(text);
}

static void by_calloc(void)
{
	drop(calloc(5, 8));
	if (IS_NEW(3))
		drop(malloc(9003));
}

static void by_malloc_and_memset(void)
{
	drop(memset(malloc(410), 0, 410));
}

static void by_realloc_of_nothing(void)
{
	drop(realloc(NULL, 42));
}

static void by_realloc(void)
{
	char *block = malloc(10);
	drop(block);
	drop(realloc(block, 4300));
}

__attribute__((cold)) static void failing(int number)
{
	char *message = malloc(44);
	snprintf(message, 44, "it failed at %d", number);
	drop(message);
}

static void sometimes(int number)
{
	if (__builtin_expect(number == 3, 0))
		failing(number);
	drop(NULL);
}

static void called_back(int value)
{
	drop(malloc((size_t)value));
	drop(NULL);
}

#ifdef NEW_LEAKS
static void new_function(void)
{
	drop(malloc(9001));
}

NOINLINE static void new_caller(void)
{
	drop(NULL);
	with_a_constant(9005 / 5, 5);
	drop(NULL);
}
#endif

void lose_in_c(int count)
{
	struct request request = {.kind = count, .length = 33, .name = "somebody"};

	in_a_static_function();
	by_an_inlined_helper();
	recursive(count);
	even(count * 2);
	odd(count * 2);
	by_a_tail_call(count);
	by_two_tail_calls(count);
	by_a_vanishing_middle();
	with_a_constant(count, 16);
	with_a_constant(count + 1, 16);
	with_one_field(&request);
	in_part(&request);
	table[0](36);
	by_an_indirect_tail_call();
	by_strdup(request.name);
	by_asprintf(count);
	by_calloc();
	by_malloc_and_memset();
	by_realloc_of_nothing();
	by_realloc();
	sometimes(count);
	library_lose(count);
	library_call_back(called_back, 71);
#ifdef NEW_LEAKS
	if (is_new(1))
		new_function();
	if (is_new(2))
		drop(make_counted(9002)); /* as by_a_vanishing_middle, without the middle */
	if (is_new(5))
		new_caller();
#endif
}
