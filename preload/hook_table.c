/* Which hook an address is in. */
#include <stddef.h>

#include "preload/hook_table.h"
#include "preload/image_format.h"

/* The hooks' code, whatever their types. */
#define HOOK(symbol, type, parameters, family, kind)                                               \
	extern const char hook_##symbol[] __asm__(#symbol) __attribute__((visibility("default")));
#include "preload/hooks.def"
#undef HOOK

static const struct {
	const void *start;
	uint8_t family;
} hook_rows[] = {
#define HOOK(symbol, type, parameters, family, kind) {hook_##symbol, FAMILY_##family},
#include "preload/hooks.def"
#undef HOOK
};

extern const char __start_leak_hooks[] __attribute__((visibility("hidden")));
extern const char __stop_leak_hooks[] __attribute__((visibility("hidden")));

unsigned hook_family_at(uintptr_t pc)
{
	uintptr_t best = 0;
	unsigned family = 0;

	if (pc < (uintptr_t)__start_leak_hooks || pc >= (uintptr_t)__stop_leak_hooks)
		return 0;
	for (size_t i = 0; i < sizeof(hook_rows) / sizeof(hook_rows[0]); i++) {
		uintptr_t start = (uintptr_t)hook_rows[i].start;

		if (start <= pc && start >= best) {
			best = start;
			family = hook_rows[i].family;
		}
	}
	return family;
}
