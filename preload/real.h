/*
 * The functions that our hooks stand in front of: the next definition after ours in the loader's
 * order, so that other allocators and other preloaded libraries get what is theirs.
 */
#ifndef LEAK_REAL_H
#define LEAK_REAL_H

#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct real {
#define HOOK(symbol, type, parameters, family, kind) type(*symbol) parameters;
#include "preload/hooks.def"
#undef HOOK
};

/* Of those that the program had by an old version. */
struct real_old {
	int (*posix_spawn)(pid_t *, const char *, const posix_spawn_file_actions_t *,
		const posix_spawnattr_t *, char *const *, char *const *);
	int (*posix_spawnp)(pid_t *, const char *, const posix_spawn_file_actions_t *,
		const posix_spawnattr_t *, char *const *, char *const *);
	void (*quick_exit)(int);
};

extern struct real real __attribute__((visibility("hidden")));
extern struct real_old real_old __attribute__((visibility("hidden")));

/* Finds all of them at once, without the loader's help. Start-up, once. */
void real_resolve(void);

/* Looks for the C++ functions again: the program loaded a C++ library after its start. */
void real_resolve_cxx(void);

/* The code at these addresses is gone: C++ functions there must be looked for again. */
void real_forget(uintptr_t start, uintptr_t end);

/* Whether we were loaded behind the program's own malloc, by dlopen or as a library that is linked
 * behind libc: no event of the program's comes to us. */
bool real_is_late(void);

/* Whether a sanitizer is here that knows by its address what memory is for: a mapping of ours in
 * the middle of it, or a thread that it cannot account for, is the program's end. */
bool real_is_confined(void);

/* Whether an object in front of us defines malloc: it is called instead of ours. */
bool real_hidden(void);

/* How many namespaces the loader has made besides the program's. */
unsigned real_namespaces(void);

/* log2 of a granule in which at most one block begins (glibc: 32 bytes), or may share it (others).
 */
unsigned real_granule_shift(void);

#endif
