#!/bin/bash
# ThreadSanitizer and MemorySanitizer end a program in which something is mapped where they expect nothing, as our
# image: in such programs nothing is recorded, and they run as without us.
# pitfall: P61
. "$(dirname "$0")/../lib.sh"

cat >p.c <<'END'
#include <pthread.h>
#include <stdlib.h>
static void *allocate(void *argument)
{
	free(malloc(100));
	return argument;
}
int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, allocate, NULL);
	pthread_join(thread, NULL);
	return malloc(10) ? 7 : 8;
}
END
tried=0
for what in 'gcc thread' 'clang thread' 'clang memory'; do
	type "${what% *}" >/dev/null 2>&1 || continue
	"${what% *}" -g -fsanitize="${what#* }" -o p p.c -lpthread 2>/dev/null || continue
	# Not everywhere has the address space that it wants.
	./p >out 2>err
	[ $? = 7 ] || continue
	tried=$((tried + 1))
	preloaded timeout 20 ./p >out 2>err
	expect_eq "$what: status" 7 $?
	expect_eq "$what: output" '' "$(cat out err)"
	expect_eq "$what: images" '' "$(find "$work/images" -name 'leak.p.*')"
	"$leak" run ./p >out 2>err
	expect_eq "$what: status of leak run" 7 $?
	grep -q 'is built with a sanitizer' err || fail "leak run: $(cat err)"
done
[ $tried -gt 0 ] || skip 'no libraries of sanitizers here'
