#!/bin/bash
# A program that loads the recorder by dlopen, or is linked with it behind libc, has a malloc already that is not
# ours: all of leak.h and every hook that it asks for by name works, nothing is recorded, and no image is made.
# pitfall: P60
. "$(dirname "$0")/../lib.sh"
need gcc

cat >p.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "preload/leak.h"

#define ASK(name) __typeof__(name) *ask_##name = dlsym(library, #name)

static void *load(const char *path, const char *how)
{
	if (strcmp(how, "namespace") == 0)
		return dlmopen(LM_ID_NEWLM, path, RTLD_NOW);
	if (strcmp(how, "linked") == 0)
		return dlopen(path, RTLD_NOW | RTLD_NOLOAD);
	return dlopen(path, RTLD_NOW | (strcmp(how, "global") == 0 ? RTLD_GLOBAL : 0) |
				    (strcmp(how, "deep") == 0 ? RTLD_DEEPBIND : 0));
}

int main(int argc, char **argv)
{
	void *library = load(argv[1], argv[2]), *block, *mapping;
	int status;

	if (!library || argc != 3)
		return 1;
	ASK(leak_mark); ASK(leak_snapshot); ASK(leak_check_since); ASK(leak_disable); ASK(leak_enable);
	ASK(leak_ignore); ASK(leak_name_thread); ASK(leak_pool_alloc); ASK(leak_pool_free);
	ASK(malloc); ASK(calloc); ASK(realloc); ASK(free); ASK(mmap); ASK(munmap); ASK(fork); ASK(_exit);
	errno = 77;
	if (ask_leak_mark("a") || ask_leak_snapshot("b") || ask_leak_check_since(1, NULL) != -1)
		return 2;
	ask_leak_disable();
	ask_leak_enable();
	ask_leak_name_thread("painter");
	ask_leak_pool_alloc(&status, sizeof(status));
	ask_leak_pool_free(&status);
	if (errno != 77)
		return 3;
	block = ask_realloc(ask_malloc(100), 100000);
	ask_leak_ignore(block);
	ask_free(block);
	ask_free(ask_calloc(10, 10));
	if (strcmp(argv[2], "namespace") != 0) {
		free(ask_malloc(10)); /* the same allocator */
		ask_free(malloc(10));
	}
	mapping = ask_mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapping == MAP_FAILED || ask_munmap(mapping, 4096))
		return 4;
	if (ask_fork() == 0)
		ask__exit(3);
	if (wait(&status) < 0 || WEXITSTATUS(status) != 3)
		return 5;
	return dlclose(library) ? 6 : 7;
}
END
gcc -g -O0 -I"$root" -o p p.c -ldl || fail 'cannot compile'
gcc -g -O0 -I"$root" -o linked p.c -ldl -Wl,--no-as-needed -lc "$lib" -Wl,-rpath,"$build" || fail 'cannot link'

run=(env "LEAK_OPTIONS=output=$work/images/leak.%p.leak" timeout 20)
for how in local global deep namespace; do
	"${run[@]}" ./p "$lib" $how >out 2>err
	expect_eq "status, $how" 7 $?
	expect_eq "output, $how" '' "$(cat out err)"
done
"${run[@]}" ./linked "$lib" linked >out 2>err
expect_eq 'status, linked behind libc' 7 $?
expect_eq images '' "$(images)"
