#define _GNU_SOURCE
#include "libraries.h"
#include "blocks.h"
#include "contents.h"

#include <dlfcn.h>
#include <pthread.h>

static _Atomic uint32_t workers_done;
static pthread_t loader;

static void *load_and_unload(void *unused)
{
	uint64_t random = told->seed * 77 + 1;
	char name[] = "./libplugin0.so";

	for (uint32_t i = 0; i < told->plugins && !atomic_load(&workers_done); i++) {
		struct model_block *block =
			&told->plugin_blocks[next_random(&random) % MODEL_PLUGIN_BLOCKS];
		void *(*make)(size_t), *library;
		void (*give_back)(void *);

		name[sizeof("./libplugin") - 1] = (char)('0' + i % 4);
		library = dlopen(name, i & 4 ? RTLD_NOW : RTLD_LAZY);
		if (!library)
			wrong("dlopen: %s", dlerror());
		*(void **)&make = dlsym(library, "plugin_make");
		*(void **)&give_back = dlsym(library, "plugin_free");
		if (block->address) {
			block_check(block);
			give_back((void *)block->address);
			block->address = 0;
		} else {
			*block = (struct model_block){.size = 1 + next_random(&random) % 2000,
				.fill = next_random(&random),
				.caller = (uintptr_t)make};
			block->address = (uintptr_t)make(block->size);
			contents_fill(block);
		}
		dlclose(library);
		atomic_fetch_add(&told->plugin_rounds, 1);
	}
	return unused;
}

void libraries_start(void)
{
	if (told->plugins && pthread_create(&loader, NULL, load_and_unload, NULL))
		wrong("no thread");
}

void libraries_end(void)
{
	atomic_store(&workers_done, 1);
	if (told->plugins)
		pthread_join(loader, NULL);
}
