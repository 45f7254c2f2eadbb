/*
 * Suppression files of both formats (analyzer/suppress*.c): the input is the file. Whatever it
 * says, no byte of the model is lost: it moves from one class to another.
 */
#include "fuzz.h"
#include "fuzz_model.h"

#include "analyzer/suppress.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);
	struct suppressions set;
	struct model model;
	struct error error = {""};
	uint8_t *text = input_rest(&input, &size);

	suppress_init(&set);
	int result = suppress_parse(&set, "file", (const char *)text, size, &error);
	PROMISE(result == 0 || (result == -1 && error.text[0]));
	if (result == 0 && set.count) {
		fuzz_model_make(&model);
		struct amount before = fuzz_model_total(&model);
		suppress_measure(&set, &model);
		suppress_apply(&set, &model);
		struct amount after = fuzz_model_total(&model);
		PROMISE(before.bytes == after.bytes && before.blocks == after.blocks);
		suppression_is_expired(&set.items[0]);
		model_free(&model);
	}
	suppress_free(&set);
	free(text);
	return 0;
}
