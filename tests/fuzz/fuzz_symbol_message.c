/*
 * What comes from the child that reads symbols (analyzer/symbol_message.c), which a hostile file may
 * have taken over: the input is an answer, and a question. What is taken for one makes the same message
 * again.
 */
#include "fuzz.h"

#include "analyzer/symbol_message.h"

#include <stdlib.h>
#include <string.h>

static void compare(const struct symbol_message *one, const struct symbol_message *other)
{
	PROMISE(one->size == other->size && memcmp(one->bytes, other->bytes, one->size) == 0);
	free(other->bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);
	struct symbol_message again = {0}, message = {0};
	struct symbol_question question;
	struct symbol_answer answer;
	struct model model;

	message.bytes = (char *)input_rest(&input, &message.size);
	if (symbol_message_question(&message, &question)) {
		symbol_message_put_question(&again, &question);
		compare(&message, &again);
	}
	model_init(&model);
	if (symbol_message_answer(&message, &model, &answer)) {
		again = (struct symbol_message){0};
		symbol_message_put_answer(&again, &answer);
		compare(&message, &again);
		free(answer.locations);
	}
	model_free(&model);
	free(message.bytes);
	return 0;
}
