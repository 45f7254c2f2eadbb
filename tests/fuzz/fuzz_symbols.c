/*
 * Symbol tables and debug information (analyzer/symbol_*.c, symbolize.c, through libdw): the first
 * bytes are eight addresses of code, of 2 bytes each, and two of data; the rest is the ELF file. It
 * lies in memory, as libdw opens it itself. Every frame gets a symbol with a location.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include "analyzer/model.h"
#include "analyzer/symbolize.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAMES 8

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct symbol_search search = {.linker_names = size & 1};
	struct input input = input_of(data, size);
	struct path_root root = {.kind = KEPT_BY_DATA};
	struct model model;
	uint32_t frame = 0;

	model_init(&model);
	uint64_t addresses[FRAMES];
	for (size_t i = 0; i < FRAMES; i++)
		addresses[i] = input_number(&input, 2);
	root.offset = input_number(&input, 2);
	const uint8_t *bytes = input_bytes(&input, SIZE_MAX, &size);
	put_file(bytes, size);
	root.module = model_module(&model, path, NULL, 0, true, 0);
	for (size_t i = 0; i < FRAMES; i++)
		frame = model_frame(&model, frame, root.module, addresses[i], i & 1 ? FRAME_EXACT : 0);
	struct site *site =
		model_site(&model, KIND_HEAP, CLASS_DEFINITE, model_string(&model, "malloc"), frame);

	struct symbolizer *symbolizer = symbolizer_new(&model, &search);
	symbolize_site(symbolizer, site);
	for (uint32_t at = model.sites[0].frame; at; at = model.frames[at].parent)
		PROMISE(model.frames[at].symbol && model.frames[at].symbol->count > 0);
	symbolize_variable(symbolizer, &root);
	root.kind = KEPT_BY_TLS;
	symbolize_variable(symbolizer, &root);
	symbolizer_free(symbolizer);
	model_free(&model);
	return 0;
}
