/*
 * Finds functions that an optimising compiler left out of a stack. Called by symbolize.c. A
 * function whose last act is a call, as in `return make(size);`, jumps to what it calls, so its
 * frame is gone when a stack is walked, and with it the name that was there at -O0.
 *
 * The debug information of optimised code tells of each call what it calls. When that is not the
 * function that the next frame is of, it was called and left; and what was called from there is
 * looked for among its own last calls. Only what is certain is taken: the function that the call
 * names, and then the one way of last calls that leads to the next frame, or, where that is not
 * found, the last call of functions that have one only. What is called through a pointer is not
 * known, nor are the last calls of functions in other modules.
 */
#include "symbol_tails.h"

#include "demangle.h"
#include "memory.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#define TAILS_MAX 8     /* functions on a way */
#define STEPS_MAX 20000 /* entries looked at for one call: hostile DWARF ends */
#define NESTING_MAX 64u

struct way {
	Dwarf_Die functions[TAILS_MAX]; /* outermost first */
	size_t count;
};

struct search {
	struct tail_source *source;
	const char *reached;
	char *reached_bare;
	struct way now, found;
	unsigned found_count; /* different ways; 2: at least */
	unsigned steps;
};

/* The last calls of one function. */
struct last_calls {
	struct way to; /* the way to the first of them, beginning behind the function */
	unsigned different;
	bool unknown; /* some are through pointers */
};

static bool is_call(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_call_site || tag == DW_TAG_GNU_call_site;
}

static bool is_last_call(Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	bool flag = false;

	return (dwarf_attr(die, DW_AT_call_tail_call, &attribute) != NULL ||
		       dwarf_attr(die, DW_AT_GNU_tail_call, &attribute) != NULL) &&
	       dwarf_formflag(&attribute, &flag) == 0 && flag;
}

static bool returns_to(Dwarf_Die *die, uint64_t address)
{
	Dwarf_Attribute attribute;
	Dwarf_Addr value;

	return (dwarf_attr(die, DW_AT_call_return_pc, &attribute) != NULL ||
		       (dwarf_tag(die) == DW_TAG_GNU_call_site &&
			       dwarf_attr(die, DW_AT_low_pc, &attribute) != NULL)) &&
	       dwarf_formaddr(&attribute, &value) == 0 && value == address;
}

static bool called_function(Dwarf_Die *call, Dwarf_Die *ret)
{
	Dwarf_Attribute attribute;

	return (dwarf_attr(call, DW_AT_call_origin, &attribute) != NULL ||
		       dwarf_attr(call, DW_AT_abstract_origin, &attribute) != NULL) &&
	       dwarf_formref_die(&attribute, ret) != NULL;
}

/* Blocks and inlined calls, whose calls are the function's. */
static bool has_parts(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block ||
	       tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
}

/* The call below `parent` that returns to `address`. */
static bool find_call(
	Dwarf_Die *parent, uint64_t address, unsigned depth, unsigned *steps, Dwarf_Die *ret)
{
	Dwarf_Die die;

	if (depth > NESTING_MAX || dwarf_child(parent, &die) != 0)
		return false;
	do {
		if (++*steps > STEPS_MAX)
			return false;
		if (is_call(&die) && returns_to(&die, address)) {
			*ret = die;
			return true;
		}
		if (has_parts(&die) && dwarf_haspc(&die, address - 1) != 0 &&
			find_call(&die, address, depth + 1, steps, ret))
			return true;
	} while (dwarf_siblingof(&die, &die) == 0);
	return false;
}

/* Several entries of one function: what is inlined, declared, or cloned has its own. */
static Dwarf_Off identity(Dwarf_Die *die)
{
	Dwarf_Die at = *die, next;
	Dwarf_Attribute attribute;

	for (unsigned i = 0; i < 4; i++) {
		if (dwarf_attr(&at, DW_AT_abstract_origin, &attribute) == NULL &&
			dwarf_attr(&at, DW_AT_specification, &attribute) == NULL)
			break;
		if (dwarf_formref_die(&attribute, &next) == NULL)
			break;
		at = next;
	}
	return dwarf_dieoffset(&at);
}

static bool same_function(Dwarf_Die *one, Dwarf_Die *other)
{
	return identity(one) == identity(other);
}

static bool is_reached(const struct search *search, Dwarf_Die *die)
{
	const char *name = symbol_dwarf_name(die);

	if (name == NULL)
		return false;
	if (strcmp(name, search->reached) == 0)
		return true;
	/* The kinds of a constructor have several names. */
	char *bare = demangle_bare(name, name);
	bool same = strcmp(bare, search->reached_bare) == 0;
	free(bare);
	return same;
}

static bool has_code(Dwarf_Die *die)
{
	Dwarf_Addr base, start, end;

	return dwarf_ranges(die, 0, &base, &start, &end) > 0;
}

/* The entry of the function's code, which may be in another unit. */
static bool find_code(struct search *search, Dwarf_Die *die, Dwarf_Die *ret)
{
	const char *name = symbol_dwarf_name(die);
	uint64_t address;

	search->steps += 100; /* the symbol table is long */
	if (has_code(die)) {
		*ret = *die;
		return true;
	}
	return name != NULL &&
	       symbol_elf_address(search->source->elf, search->source->module, name, &address) &&
	       symbol_dwarf_function(
		       search->source->dwarf, search->source->module, &address, ret) &&
	       symbol_dwarf_name(ret) != NULL && strcmp(symbol_dwarf_name(ret), name) == 0;
}

static bool same_way(const struct way *one, const struct way *other)
{
	if (one->count != other->count)
		return false;
	for (size_t i = 0; i < one->count; i++) {
		Dwarf_Die a = one->functions[i], b = other->functions[i];
		if (!same_function(&a, &b))
			return false;
	}
	return true;
}

static void take_way(struct search *search)
{
	if (search->found_count && same_way(&search->found, &search->now))
		return;
	if (search->found_count++ == 0)
		search->found = search->now;
}

static void follow(struct search *search, Dwarf_Die *function);

/* The last calls below `parent`, a part of a function's code. */
static void follow_parts(struct search *search, Dwarf_Die *parent, unsigned depth)
{
	Dwarf_Die die, called;

	if (depth > NESTING_MAX || dwarf_child(parent, &die) != 0)
		return;
	do {
		if (++search->steps > STEPS_MAX || search->found_count > 1)
			return;
		if (is_call(&die) && is_last_call(&die) && called_function(&die, &called)) {
			if (is_reached(search, &called))
				take_way(search);
			else
				follow(search, &called);
		} else if (has_parts(&die)) {
			bool inlined = dwarf_tag(&die) == DW_TAG_inlined_subroutine;
			if (inlined && search->now.count == TAILS_MAX)
				continue;
			if (inlined)
				search->now.functions[search->now.count++] = die;
			follow_parts(search, &die, depth + 1);
			search->now.count -= inlined;
		}
	} while (dwarf_siblingof(&die, &die) == 0);
}

/* Looks for ways from a function, by last calls, to the one that was reached. */
static void follow(struct search *search, Dwarf_Die *function)
{
	Dwarf_Die code;

	if (search->now.count == TAILS_MAX)
		return;
	for (size_t i = 0; i < search->now.count; i++)
		if (same_function(&search->now.functions[i], function))
			return;
	search->now.functions[search->now.count++] = *function;
	if (find_code(search, function, &code))
		follow_parts(search, &code, 0);
	search->now.count--;
}

static void collect_last_calls(struct search *search, struct last_calls *calls, struct way *way,
	Dwarf_Die *parent, unsigned depth)
{
	Dwarf_Die die, called;

	if (depth > NESTING_MAX || dwarf_child(parent, &die) != 0)
		return;
	do {
		if (++search->steps > STEPS_MAX) {
			calls->unknown = true;
			return;
		}
		bool inlined = dwarf_tag(&die) == DW_TAG_inlined_subroutine;
		if (is_call(&die) && is_last_call(&die)) {
			if (!called_function(&die, &called) || way->count == TAILS_MAX) {
				calls->unknown = true;
				continue;
			}
			way->functions[way->count++] = called;
			if (calls->different == 0 || !same_way(&calls->to, way))
				calls->different++;
			calls->to = *way;
			way->count--;
		} else if (has_parts(&die)) {
			if (inlined && way->count < TAILS_MAX)
				way->functions[way->count++] = die;
			else
				inlined = false;
			collect_last_calls(search, calls, way, &die, depth + 1);
			way->count -= inlined;
		}
	} while (dwarf_siblingof(&die, &die) == 0);
}

/* No way leads to the function that was reached: goes as far as there is only one. */
static void go_on(struct search *search, struct way *way)
{
	Dwarf_Die code;

	while (way->count < TAILS_MAX) {
		struct last_calls calls = {0};
		struct way start = {0};
		if (!find_code(search, &way->functions[way->count - 1], &code))
			return;
		collect_last_calls(search, &calls, &start, &code, 0);
		if (calls.unknown || calls.different != 1)
			return;
		for (size_t i = 0; i < calls.to.count && way->count < TAILS_MAX; i++)
			way->functions[way->count++] = calls.to.functions[i];
	}
}

static size_t write_way(struct model *model, const struct way *way, struct location **ret)
{
	struct location *locations = memory_zero(way->count, sizeof(*locations));

	for (size_t i = 0; i < way->count; i++) {
		Dwarf_Die die = way->functions[way->count - 1 - i];
		symbol_dwarf_describe(model, &locations[i], &die);
	}
	*ret = locations;
	return way->count;
}

size_t symbol_tails_find(struct tail_source *source, struct model *model, uint64_t address,
	const char *reached, struct location **ret)
{
	struct search search = {.source = source, .reached = reached};
	uint64_t own = address - 1;
	Dwarf_Die function, call, called;
	size_t count = 0;

	if (!symbol_dwarf_function(source->dwarf, source->module, &own, &function))
		return 0;
	if (!find_call(&function, own + 1, 0, &search.steps, &call) || is_last_call(&call) ||
		!called_function(&call, &called))
		return 0;
	search.reached_bare = demangle_bare(reached, reached);
	if (!is_reached(&search, &called)) {
		struct way way = {.functions = {called}, .count = 1};
		search.steps = 0;
		follow(&search, &called);
		if (search.found_count == 1 && search.steps <= STEPS_MAX)
			way = search.found;
		else if (search.found_count == 0)
			go_on(&search, &way);
		count = write_way(model, &way, ret);
	}
	free(search.reached_bare);
	return count;
}
