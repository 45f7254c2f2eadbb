/* Questions and answers of symbol_resolve.h as bytes. What reads them believes nothing. */
#ifndef LEAK_SYMBOL_MESSAGE_H
#define LEAK_SYMBOL_MESSAGE_H

#include "symbol_resolve.h"

#include <stdbool.h>

struct symbol_message {
	char *bytes;
	size_t size, capacity;
};

/* In the place of what the message had. Its memory is used again, and the caller's to free. */
void symbol_message_put_question(
	struct symbol_message *message, const struct symbol_question *question);
void symbol_message_put_answer(struct symbol_message *message, const struct symbol_answer *answer);

/* The texts are the message's. False when the message is none. */
bool symbol_message_question(
	const struct symbol_message *message, struct symbol_question *ret_question);

/* The texts are the model's; ret_answer->locations is for the caller to free. When the message is
 * none: false, and nothing is to be freed. */
bool symbol_message_answer(const struct symbol_message *message, struct model *model,
	struct symbol_answer *ret_answer);

#endif
