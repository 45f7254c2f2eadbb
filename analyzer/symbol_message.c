/*
 * Puts questions and answers into bytes and back, see symbol_message.h. Called by symbol_worker.c
 * on both sides of a pipe. Numbers are as this machine has them: both sides are one program. A text
 * is its size with the NUL, and its bytes; size 0 stands for NULL.
 */
#include "symbol_message.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- writing ---- */

static void put(struct symbol_message *message, const void *bytes, size_t size)
{
	message->bytes = memory_grow(message->bytes, &message->capacity, message->size + size, 1);
	memcpy(message->bytes + message->size, bytes, size);
	message->size += size;
}

static void put_number(struct symbol_message *message, uint64_t number)
{
	put(message, &number, sizeof(number));
}

static void put_text(struct symbol_message *message, const char *text)
{
	size_t size = text ? strlen(text) + 1 : 0;

	put_number(message, size);
	if (size)
		put(message, text, size);
}

void symbol_message_put_question(
	struct symbol_message *message, const struct symbol_question *question)
{
	message->size = 0;
	put_number(message, question->kind);
	put_number(message, question->module);
	put_number(message, question->address);
	put_text(message, question->reached);
}

void symbol_message_put_answer(struct symbol_message *message, const struct symbol_answer *answer)
{
	message->size = 0;
	put_number(message, answer->state);
	put_number(message, answer->offset);
	put_text(message, answer->variable);
	put_text(message, answer->section);
	put_number(message, answer->count);
	for (size_t i = 0; i < answer->count; i++) {
		const struct location *location = &answer->locations[i];
		put_number(message, location->line);
		put_number(message, location->offset);
		put_number(message, location->inlined);
		put_text(message, location->function);
		put_text(message, location->symbol);
		put_text(message, location->valgrind);
		put_text(message, location->file);
		put_text(message, location->directory);
	}
}

/* ---- reading ---- */

#define LOCATION_LEAST (8 * sizeof(uint64_t)) /* bytes */

struct reading {
	const char *at, *end;
	struct model *model; /* that texts go to; NULL: they stay in the message */
	bool bad;
};

static struct reading read_message(const struct symbol_message *message, struct model *model)
{
	return (struct reading){
		.at = message->bytes, .end = message->bytes + message->size, .model = model};
}

static uint64_t take_number(struct reading *reading)
{
	uint64_t number = 0;

	if ((size_t)(reading->end - reading->at) < sizeof(number)) {
		reading->bad = true;
		return 0;
	}
	memcpy(&number, reading->at, sizeof(number));
	reading->at += sizeof(number);
	return number;
}

/* A number that is at most `most`. */
static uint64_t take_at_most(struct reading *reading, uint64_t most)
{
	uint64_t number = take_number(reading);

	reading->bad = reading->bad || number > most;
	return reading->bad ? 0 : number;
}

static const char *take_text(struct reading *reading)
{
	uint64_t size = take_number(reading);
	const char *text = reading->at;

	if (reading->bad || size == 0)
		return NULL;
	if (size > (size_t)(reading->end - text) || memchr(text, '\0', size) != text + size - 1) {
		reading->bad = true;
		return NULL;
	}
	reading->at += size;
	return reading->model ? model_string(reading->model, text) : text;
}

static bool is_whole(const struct reading *reading)
{
	return !reading->bad && reading->at == reading->end;
}

bool symbol_message_question(
	const struct symbol_message *message, struct symbol_question *ret_question)
{
	struct reading reading = read_message(message, NULL);

	ret_question->kind = (enum symbol_question_kind)take_at_most(&reading, SYMBOL_OF_TLS);
	ret_question->module = (uint32_t)take_at_most(&reading, UINT32_MAX);
	ret_question->address = take_number(&reading);
	ret_question->reached = take_text(&reading);
	return is_whole(&reading) &&
	       (ret_question->kind != SYMBOL_OF_TAILS || ret_question->reached);
}

static void take_location(struct reading *reading, struct location *ret)
{
	ret->line = (uint32_t)take_at_most(reading, UINT32_MAX);
	ret->offset = take_number(reading);
	ret->inlined = take_at_most(reading, 1);
	ret->function = take_text(reading);
	ret->symbol = take_text(reading);
	ret->valgrind = take_text(reading);
	ret->file = take_text(reading);
	ret->directory = take_text(reading);
}

bool symbol_message_answer(
	const struct symbol_message *message, struct model *model, struct symbol_answer *ret_answer)
{
	struct reading reading = read_message(message, model);
	struct symbol_answer *answer = ret_answer;

	*answer = (struct symbol_answer){0};
	answer->state = (enum symbols_state)take_at_most(&reading, SYMBOLS_UNSURE);
	answer->offset = take_number(&reading);
	answer->variable = take_text(&reading);
	answer->section = take_text(&reading);
	answer->count =
		take_at_most(&reading, (uint64_t)(reading.end - reading.at) / LOCATION_LEAST);
	if (answer->count)
		answer->locations = memory_zero(answer->count, sizeof(*answer->locations));
	for (size_t i = 0; i < answer->count && !reading.bad; i++)
		take_location(&reading, &answer->locations[i]);
	if (is_whole(&reading))
		return true;
	free(answer->locations);
	*answer = (struct symbol_answer){0};
	return false;
}
