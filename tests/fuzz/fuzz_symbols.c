/*
 * Symbol tables and debug information (analyzer/symbol_*.c, through libdw), as the child of
 * symbol_worker.c reads them: the first bytes are eight addresses of code, of 2 bytes each, and one of
 * data; the rest is the ELF file. It lies in memory, as libdw opens it itself. Every answer is the same
 * when it has been a message.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include "analyzer/model.h"
#include "analyzer/symbol_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ADDRESSES 8

static int file = -1;
static char path[64];

static void put_file(const uint8_t *bytes, size_t size)
{
	if (file < 0) {
		file = memfd_create("fuzz", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	}
	if (ftruncate(file, (off_t)size) < 0 || pwrite(file, bytes, size, 0) != (ssize_t)size)
		abort();
}

static bool same_text(const char *one, const char *other)
{
	return one == other || (one && other && strcmp(one, other) == 0);
}

static void send(struct model *model, const struct symbol_answer *answer)
{
	struct symbol_message message = {0};
	struct symbol_answer received;

	symbol_message_put_answer(&message, answer);
	PROMISE(symbol_message_answer(&message, model, &received));
	PROMISE(received.count == answer->count && received.offset == answer->offset);
	PROMISE(received.state == answer->state && same_text(received.variable, answer->variable) &&
		same_text(received.section, answer->section));
	for (size_t i = 0; i < answer->count; i++) {
		const struct location *one = &answer->locations[i], *other = &received.locations[i];
		PROMISE(one->line == other->line && one->inlined == other->inlined &&
			same_text(one->function, other->function) && same_text(one->symbol, other->symbol) &&
			same_text(one->valgrind, other->valgrind) &&
			same_text(one->file, other->file) && same_text(one->directory, other->directory));
	}
	free(received.locations);
	free(message.bytes);
}

static void ask(struct symbol_resolver *resolver, struct model *model, struct symbol_question question)
{
	struct symbol_answer answer;

	symbol_resolve(resolver, &question, &answer);
	send(model, &answer);
	free(answer.locations);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct symbol_search search = {.linker_names = size & 1};
	struct input input = input_of(data, size);
	uint64_t code[ADDRESSES], variable;
	struct model model;

	model_init(&model);
	for (size_t i = 0; i < ADDRESSES; i++)
		code[i] = input_number(&input, 2);
	variable = input_number(&input, 2);
	const uint8_t *bytes = input_bytes(&input, SIZE_MAX, &size);
	put_file(bytes, size);
	uint32_t module = model_module(&model, path, NULL, 0, true, 0);
	struct symbol_resolver *resolver = symbol_resolver_new(&model, &search);
	for (size_t i = 0; i < ADDRESSES; i++) {
		ask(resolver, &model, (struct symbol_question){SYMBOL_OF_CODE, module, code[i] - 1, NULL});
		ask(resolver, &model,
			(struct symbol_question){SYMBOL_OF_TAILS, module, code[i], i & 1 ? "malloc" : "leaf"});
	}
	ask(resolver, &model, (struct symbol_question){SYMBOL_OF_DATA, module, variable, NULL});
	ask(resolver, &model, (struct symbol_question){SYMBOL_OF_TLS, module, variable, NULL});
	symbol_resolver_free(resolver);
	model_free(&model);
	return 0;
}
